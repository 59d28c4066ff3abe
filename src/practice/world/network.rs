//! VPCs and what shapes their traffic: subnets, gateways, route tables, network ACLs.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

/// `pending` (or `associating`), then `available` (or `associated`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// Not usable yet.
    Pending,
    /// Usable.
    Done,
}

/// A VPC.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Vpc {
    pub id: String,
    pub cidr: Ipv4Net,
    /// `vpc-cidr-assoc-...`
    pub cidr_association: String,
    pub state: Progress,
    pub is_default: bool,
    pub dns_support: bool,
    pub dns_hostnames: bool,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Subnet {
    pub id: String,
    pub vpc: String,
    pub cidr: Ipv4Net,
    /// The full name: `ap-northeast-2a`.
    pub zone: String,
    pub zone_id: String,
    pub state: Progress,
    pub default_for_zone: bool,
    pub map_public_ip_on_launch: bool,
}

impl Subnet {
    /// How many addresses the subnet can give: AWS keeps the first four and the last.
    pub fn capacity(&self) -> usize {
        let size = 1_usize << (32 - self.cidr.prefix_len());
        size.saturating_sub(5)
    }

    /// The addresses it can give, in order.
    pub fn assignable(&self) -> impl Iterator<Item = Ipv4Addr> {
        let first = u32::from(self.cidr.network()).saturating_add(4);
        let last = u32::from(self.cidr.broadcast());
        (first..last).map(Ipv4Addr::from)
    }
}

/// An internet gateway.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct InternetGateway {
    pub id: String,
    /// The VPC it is attached to.
    pub vpc: Option<String>,
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Target {
    /// The VPC itself.
    Local,
    /// An internet gateway's id.
    InternetGateway(String),
    /// A NAT gateway's id.
    NatGateway(String),
    /// A network interface's id (also when the route was made with an instance's id).
    NetworkInterface(String),
    /// A peering connection's id.
    Peering(String),
}

/// A route. Whether it is a black hole depends on its target, see [`super::Region::route_is_active`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Route {
    pub destination: Ipv4Net,
    pub target: Target,
}

/// The tie between a route table and a subnet, or a VPC (the main one).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct RouteTableAssociation {
    pub id: String,
    /// None: this is the main table of its VPC.
    pub subnet: Option<String>,
    pub state: Progress,
}

/// A route table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct RouteTable {
    pub id: String,
    pub vpc: String,
    /// The local route first, then in the order of making.
    pub routes: Vec<Route>,
    pub associations: Vec<RouteTableAssociation>,
}

impl RouteTable {
    /// Is it the table of subnets that have none of their own?
    pub fn is_main(&self) -> bool {
        self.associations.iter().any(|association| association.subnet.is_none())
    }
}

/// A network ACL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct NetworkAcl {
    pub id: String,
    pub vpc: String,
    pub is_default: bool,
    /// Sorted by direction (ingress last, as AWS lists egress first) and number.
    pub entries: Vec<AclEntry>,
    pub associations: Vec<AclAssociation>,
}

/// The tie between a network ACL and a subnet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct AclAssociation {
    pub id: String,
    pub subnet: String,
}

/// One numbered rule of a network ACL; 32767 is the final `deny`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct AclEntry {
    pub number: u16,
    pub egress: bool,
    pub allow: bool,
    /// A protocol number, or `-1`.
    pub protocol: String,
    pub cidr: Ipv4Net,
    pub ports: Option<(u16, u16)>,
    /// ICMP type and code.
    pub icmp: Option<(i32, i32)>,
}

impl AclEntry {
    /// The number of the rule that nobody can remove.
    pub const LAST: u16 = 32767;

    /// All traffic, allowed or denied.
    pub fn all(number: u16, egress: bool, allow: bool) -> Self {
        Self { number, egress, allow, protocol: "-1".to_owned(), cidr: Ipv4Net::default(), ports: None, icmp: None }
    }
}
