//! Security groups and key pairs.

use ipnet::{Ipv4Net, Ipv6Net};
use serde::{Deserialize, Serialize};

/// Whom a rule lets in (or out to).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleSource {
    /// An IPv4 block.
    Ipv4(Ipv4Net),
    /// An IPv6 block.
    Ipv6(Ipv6Net),
    /// Interfaces that carry this security group.
    Group(String),
}

/// One rule of a security group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// `sgr-...`
    pub id: String,
    /// Outbound, or inbound.
    pub egress: bool,
    /// `tcp`, `udp`, `icmp`, `icmpv6`, `-1` or a protocol number.
    pub protocol: String,
    /// First port or ICMP type, `-1` for all; last port or ICMP code. None for protocols without ports.
    pub ports: Option<(i32, i32)>,
    /// Whom it concerns.
    pub source: RuleSource,
    /// The rule's own description.
    pub description: Option<String>,
}

impl Rule {
    /// The same traffic (a group can hold it only once)?
    pub fn same_traffic(&self, other: &Self) -> bool {
        self.egress == other.egress
            && self.protocol == other.protocol
            && self.ports == other.ports
            && self.source == other.source
    }
}

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct SecurityGroup {
    pub id: String,
    pub vpc: String,
    pub name: String,
    pub description: String,
    pub rules: Vec<Rule>,
}

/// A key pair: AWS keeps the public half only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct KeyPair {
    /// `key-...`
    pub id: String,
    pub name: String,
    /// `rsa` or `ed25519`.
    pub kind: String,
    pub fingerprint: String,
    /// The OpenSSH line.
    pub public_key: String,
    pub created: i64,
}
