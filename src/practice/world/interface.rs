//! What has an address: network interfaces, Elastic IPs, NAT gateways.

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

/// What a network interface serves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InterfaceKind {
    /// An instance's, or nobody's.
    Interface,
    /// A NAT gateway's.
    NatGateway,
    /// A load balancer's, one in each of its subnets.
    LoadBalancer,
    /// A DB instance's.
    Database,
    /// An EC2 Instance Connect Endpoint's.
    ConnectEndpoint,
}

/// The tie between an interface and its instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct InterfaceAttachment {
    /// `eni-attach-...`
    pub id: String,
    /// None: a service holds it.
    pub instance: Option<String>,
    pub device_index: u32,
    pub attached_at: i64,
    pub delete_on_termination: bool,
}

/// A network interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct NetworkInterface {
    pub id: String,
    pub kind: InterfaceKind,
    pub vpc: String,
    pub subnet: String,
    pub zone: String,
    pub description: String,
    pub private_ip: Ipv4Addr,
    pub mac: String,
    /// Ids of security groups.
    pub groups: Vec<String>,
    pub source_dest_check: bool,
    pub attachment: Option<InterfaceAttachment>,
    /// Gets a public address while its instance runs and it has no Elastic IP.
    pub wants_public_ip: bool,
    /// The public address that AWS gave for the time being (not an Elastic IP).
    pub public_ip: Option<Ipv4Addr>,
}

/// The tie between an Elastic IP and an interface.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Association {
    /// `eipassoc-...`
    pub id: String,
    pub interface: String,
    pub private_ip: Ipv4Addr,
}

/// An Elastic IP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Address {
    /// `eipalloc-...`
    pub id: String,
    pub public_ip: Ipv4Addr,
    pub association: Option<Association>,
}

/// The state of a NAT gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the states are AWS's own")]
pub enum NatState {
    Pending,
    Available,
    Failed,
    Deleting,
    Deleted,
}

impl NatState {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Failed => "failed",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
        }
    }
}

/// A NAT gateway (zonal).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct NatGateway {
    pub id: String,
    pub vpc: String,
    pub subnet: String,
    pub zone: String,
    pub state: NatState,
    /// A private one has no Elastic IP.
    pub public: bool,
    /// The Elastic IP's allocation id.
    pub allocation: Option<String>,
    pub association: Option<String>,
    pub interface: Option<String>,
    pub private_ip: Option<Ipv4Addr>,
    pub public_ip: Option<Ipv4Addr>,
    pub created: i64,
    pub deleted: Option<i64>,
    /// FailureCode and FailureMessage, known already while it is pending (the world knows that it will fail).
    pub failure: Option<(String, String)>,
}

impl NatGateway {
    /// Does it still exist (pending, available or deleting)?
    pub fn is_live(&self) -> bool {
        matches!(self.state, NatState::Pending | NatState::Available | NatState::Deleting)
    }
}
