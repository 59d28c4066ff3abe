//! IAM roles and instance profiles.
//!
//! Promises: a change is known to IAM at once, and to EC2 and the instances some seconds later (propagation), as a function of the time.
//! Leaves to others: requests and their errors ([`crate::practice::services`]).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The managed policy that lets the agent of Systems Manager work.
pub const SSM_CORE: &str = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore";

/// AWS's managed policies that the practice cloud knows, by name.
pub const MANAGED: &[&str] = &[
    "AdministratorAccess",
    "AmazonEC2FullAccess",
    "AmazonEC2ReadOnlyAccess",
    "AmazonS3FullAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSSMFullAccess",
    "AmazonSSMManagedInstanceCore",
    "AmazonSSMPatchAssociation",
    "AmazonSSMReadOnlyAccess",
    "CloudWatchAgentServerPolicy",
    "CloudWatchReadOnlyAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
];

/// Of [`MANAGED`], those that allow an agent to register and to take commands.
const FOR_AGENTS: &[&str] = &["AdministratorAccess", "AmazonSSMManagedInstanceCore", "PowerUserAccess"];

/// How long EC2 takes at least to hear of a change, in ms, and how much longer it may take.
const PROPAGATION: (i64, i64) = (5_000, 6_000);

/// IAM roles and instance profiles, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the maps hold what their names say")]
pub struct Iam {
    pub roles: BTreeMap<String, Role>,
    pub profiles: BTreeMap<String, Profile>,
}

/// A role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Role {
    pub name: String,
    pub id: String,
    pub arn: String,
    pub path: String,
    pub created: i64,
    /// Who may take it: a policy as JSON text.
    pub trust: String,
    pub description: Option<String>,
    /// Seconds.
    pub max_session: i64,
    pub tags: BTreeMap<String, String>,
    /// Attached managed policies by ARN, and since when.
    pub policies: BTreeMap<String, i64>,
}

/// An instance profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Profile {
    pub name: String,
    pub id: String,
    pub arn: String,
    pub path: String,
    pub created: i64,
    pub tags: BTreeMap<String, String>,
    /// The role in it, and since when.
    pub role: Option<(String, i64)>,
}

impl Role {
    /// Does its trust policy let EC2 take it for instances?
    pub fn trusts_ec2(&self) -> bool {
        self.trust.contains("\"ec2.amazonaws.com\"")
    }
}

/// When EC2 hears of what happened at `since` to something with this id.
fn heard(id: &str, since: i64) -> i64 {
    let hash = id.bytes().fold(0_i64, |hash, byte| (hash * 31 + i64::from(byte)) % 1_000_003);
    since + PROPAGATION.0 + hash % PROPAGATION.1
}

impl Iam {
    /// The ARN and id of an instance profile that EC2 has heard of by `now`.
    pub fn profile_for_ec2(&self, name: &str, now: i64) -> Option<(String, String)> {
        let profile = self.profiles.get(name)?;
        (heard(&profile.id, profile.created) <= now).then(|| (profile.arn.clone(), profile.id.clone()))
    }

    /// The role whose credentials an instance with this profile gets by `now`.
    pub fn role_of_instance(&self, profile_arn: &str, now: i64) -> Option<&Role> {
        let profile = self.profiles.values().find(|profile| profile.arn == profile_arn)?;
        let (name, since) = profile.role.as_ref()?;
        let role = self.roles.get(name)?;
        (role.trusts_ec2() && heard(&profile.id, *since) <= now).then_some(role)
    }

    /// May the agent of Systems Manager on an instance with this profile register and take commands by `now`?
    pub fn agent_is_allowed(&self, profile_arn: &str, now: i64) -> bool {
        let Some(role) = self.role_of_instance(profile_arn, now) else { return false };
        role.policies.iter().any(|(arn, since)| {
            let name = arn.rsplit('/').next().unwrap_or_default();
            FOR_AGENTS.contains(&name) && heard(&role.id, *since) <= now
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(trust: &str) -> Role {
        Role {
            name: "r".into(),
            id: "AROA1".into(),
            arn: "arn:r".into(),
            path: "/".into(),
            created: 0,
            trust: trust.into(),
            description: None,
            max_session: 3600,
            tags: BTreeMap::new(),
            policies: BTreeMap::from([(SSM_CORE.to_owned(), 0)]),
        }
    }

    fn iam(trust: &str, with_role: bool) -> Iam {
        let profile = Profile {
            name: "p".into(),
            id: "AIPA1".into(),
            arn: "arn:p".into(),
            path: "/".into(),
            created: 1000,
            tags: BTreeMap::new(),
            role: with_role.then(|| ("r".into(), 2000)),
        };
        Iam { roles: BTreeMap::from([("r".into(), role(trust))]), profiles: BTreeMap::from([("p".into(), profile)]) }
    }

    const EC2: &str = r#"{"Statement":[{"Principal":{"Service":"ec2.amazonaws.com"}}]}"#;

    #[test]
    fn ec2_hears_of_a_profile_some_seconds_later() {
        let iam = iam(EC2, true);
        assert_eq!(iam.profile_for_ec2("p", 1000), None);
        assert_eq!(iam.profile_for_ec2("p", 5_999), None);
        assert!(iam.profile_for_ec2("p", 12_000).is_some());
        assert_eq!(iam.profile_for_ec2("q", 12_000), None);
    }

    #[test]
    fn an_agent_needs_role_trust_policy_and_time() {
        assert!(iam(EC2, true).agent_is_allowed("arn:p", 60_000));
        assert!(!iam(EC2, true).agent_is_allowed("arn:p", 3_000));
        assert!(!iam(EC2, false).agent_is_allowed("arn:p", 60_000));
        assert!(!iam(r#"{"Principal":{"Service":"lambda.amazonaws.com"}}"#, true).agent_is_allowed("arn:p", 60_000));
        let mut without = iam(EC2, true);
        for role in without.roles.values_mut() {
            role.policies = BTreeMap::from([("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess".to_owned(), 0)]);
        }
        assert!(!without.agent_is_allowed("arn:p", 60_000));
    }
}
