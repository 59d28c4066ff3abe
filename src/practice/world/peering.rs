//! VPC peering connections, within a region and between two.
//!
//! Promises: a connection never changes by itself. What takes time (the request's way to the other region, provisioning, deletion, expiry) is a
//! moment in it, and its state is read as a function of the time, so that both regions see the same one.

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// One of the two ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Side {
    /// `ap-northeast-1`
    pub region: String,
    /// The VPC's id.
    pub vpc: String,
    /// The VPC's block; none when there is no such VPC.
    pub cidr: Option<Ipv4Net>,
    /// Names of the other side's hosts resolve to private addresses here.
    pub dns: bool,
}

/// What becomes of a connection, in AWS's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the states are AWS's own")]
pub enum PeeringState {
    InitiatingRequest,
    PendingAcceptance,
    Provisioning,
    Active,
    Failed,
    Rejected,
    Expired,
    Deleting,
    Deleted,
}

impl PeeringState {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InitiatingRequest => "initiating-request",
            Self::PendingAcceptance => "pending-acceptance",
            Self::Provisioning => "provisioning",
            Self::Active => "active",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::Expired => "expired",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
        }
    }

    /// Does it tie the two VPCs, now or perhaps later? Then neither can be deleted.
    pub fn is_live(self) -> bool {
        matches!(self, Self::InitiatingRequest | Self::PendingAcceptance | Self::Provisioning | Self::Active)
    }
}

/// A VPC peering connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peering {
    /// `pcx-...`
    pub id: String,
    /// Who asked.
    pub requester: Side,
    /// Who is asked.
    pub accepter: Side,
    /// ms.
    pub created: i64,
    /// When the request has reached the accepter's region (ms).
    pub arrives: i64,
    /// When it was accepted, and when it is active (ms).
    pub accepted: Option<(i64, i64)>,
    /// When it was rejected (ms).
    pub rejected: Option<i64>,
    /// When its deletion began, and when it is deleted (ms).
    pub deleted: Option<(i64, i64)>,
}

impl Peering {
    /// How long a request waits for an answer.
    pub const EXPIRY_MS: i64 = 7 * 24 * 3_600_000;
    /// How long a connection that has come to nothing is still listed.
    const LISTED_MS: i64 = 2 * 3_600_000;

    /// Can the two VPCs not be tied at all?
    pub fn is_impossible(&self) -> bool {
        match (self.requester.cidr, self.accepter.cidr) {
            (Some(one), Some(other)) => one.contains(&other) || other.contains(&one),
            _ => true,
        }
    }

    /// What it is at a moment (ms).
    pub fn state(&self, now: i64) -> PeeringState {
        if let Some((_, gone)) = self.deleted {
            return if now >= gone { PeeringState::Deleted } else { PeeringState::Deleting };
        }
        if self.rejected.is_some() {
            return PeeringState::Rejected;
        }
        if let Some((_, active)) = self.accepted {
            return if now >= active { PeeringState::Active } else { PeeringState::Provisioning };
        }
        if now < self.arrives {
            return PeeringState::InitiatingRequest;
        }
        if self.is_impossible() {
            return PeeringState::Failed;
        }
        if now >= self.expires() { PeeringState::Expired } else { PeeringState::PendingAcceptance }
    }

    /// When the request expires if nobody answers (ms).
    pub fn expires(&self) -> i64 {
        self.created + Self::EXPIRY_MS
    }

    /// Does a region know of it at a moment?
    pub fn is_seen_in(&self, region: &str, now: i64) -> bool {
        let ended = match self.state(now) {
            PeeringState::Failed => Some(self.arrives),
            PeeringState::Rejected => self.rejected,
            PeeringState::Expired => Some(self.expires()),
            PeeringState::Deleted => self.deleted.map(|(_, gone)| gone),
            _ => None,
        };
        let listed = ended.is_none_or(|ended| now < ended + Self::LISTED_MS);
        let known = self.requester.region == region || (self.accepter.region == region && now >= self.arrives);
        listed && known
    }

    /// Has nobody a use for it any more?
    pub fn is_forgotten(&self, now: i64) -> bool {
        !self.is_seen_in(&self.requester.region, now)
    }

    /// Does traffic flow at a moment?
    pub fn is_active(&self, now: i64) -> bool {
        self.state(now) == PeeringState::Active
    }

    /// Is a VPC of a region one of the two?
    pub fn joins(&self, region: &str, vpc: &str) -> bool {
        [&self.requester, &self.accepter].iter().any(|side| side.region == region && side.vpc == vpc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(cidr: &str) -> Peering {
        let side = |region: &str, vpc: &str, cidr: &str| Side {
            region: region.to_owned(),
            vpc: vpc.to_owned(),
            cidr: cidr.parse().ok(),
            dns: false,
        };
        Peering {
            id: "pcx-1".to_owned(),
            requester: side("ap-northeast-1", "vpc-t", cidr),
            accepter: side("ap-northeast-2", "vpc-s", "10.1.0.0/16"),
            created: 0,
            arrives: 4000,
            accepted: None,
            rejected: None,
            deleted: None,
        }
    }

    #[test]
    fn its_state_follows_from_its_moments() {
        let mut one = request("192.168.10.0/24");
        assert_eq!(one.state(3999), PeeringState::InitiatingRequest);
        assert!(one.is_seen_in("ap-northeast-1", 0) && !one.is_seen_in("ap-northeast-2", 3999));
        assert_eq!(one.state(4000), PeeringState::PendingAcceptance);
        assert!(one.is_seen_in("ap-northeast-2", 4000) && !one.is_seen_in("us-east-1", 4000));
        assert_eq!(one.state(Peering::EXPIRY_MS), PeeringState::Expired);
        assert!(one.is_forgotten(Peering::EXPIRY_MS + Peering::LISTED_MS));
        one.accepted = Some((10_000, 13_000));
        assert_eq!((one.state(12_999), one.state(13_000)), (PeeringState::Provisioning, PeeringState::Active));
        assert_eq!(one.state(2 * Peering::EXPIRY_MS), PeeringState::Active);
        one.deleted = Some((20_000, 30_000));
        assert_eq!((one.state(29_999), one.state(30_000)), (PeeringState::Deleting, PeeringState::Deleted));
        assert!(!one.is_forgotten(30_000) && one.is_forgotten(30_000 + Peering::LISTED_MS));
    }

    #[test]
    fn overlapping_blocks_fail() {
        let one = request("10.1.32.0/20");
        assert_eq!((one.state(0), one.state(4000)), (PeeringState::InitiatingRequest, PeeringState::Failed));
        assert!(!one.state(4000).is_live());
    }
}
