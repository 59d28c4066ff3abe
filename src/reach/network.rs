//! The network as far as a packet can tell.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

/// Everything a packet can meet. All maps are by AWS id; a reference to an id that is not here is treated as gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// VPCs.
    pub vpcs: BTreeMap<String, Vpc>,
    /// Subnets.
    pub subnets: BTreeMap<String, Subnet>,
    /// Route tables.
    pub tables: BTreeMap<String, RouteTable>,
    /// Network ACLs.
    pub acls: BTreeMap<String, Acl>,
    /// Internet gateways.
    pub internet_gateways: BTreeMap<String, InternetGateway>,
    /// NAT gateways.
    pub nat_gateways: BTreeMap<String, NatGateway>,
    /// Peering connections.
    pub peerings: BTreeMap<String, Peering>,
    /// Security groups.
    pub groups: BTreeMap<String, SecurityGroup>,
    /// Hosts: instances, or the network interfaces of anything else that takes part.
    pub hosts: BTreeMap<String, Host>,
}

/// A VPC.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vpc {
    /// Its address blocks.
    pub cidrs: Vec<Ipv4Net>,
    /// The main route table: that of every subnet without its own association.
    pub main_table: Option<String>,
}

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subnet {
    /// Its VPC.
    pub vpc: String,
    /// Its address block.
    pub cidr: Ipv4Net,
    /// The route table it is associated with; `None` is the VPC's main one.
    pub table: Option<String>,
    /// Its network ACL; `None` is a default ACL, which lets everything pass.
    pub acl: Option<String>,
}

/// A route table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RouteTable {
    /// Its VPC.
    pub vpc: String,
    /// Its routes. The `local` ones need not be listed.
    pub routes: Vec<Route>,
}

/// A route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// What it is for.
    pub destination: Ipv4Net,
    /// Where it leads.
    pub target: Target,
    /// Whether its target is gone.
    pub blackhole: bool,
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// Within the VPC.
    Local,
    /// An internet gateway.
    InternetGateway(String),
    /// A NAT gateway.
    NatGateway(String),
    /// A peering connection.
    Peering(String),
    /// Anything that this model does not follow (a transit gateway, a network interface), by its id.
    Other(String),
}

impl Target {
    /// The target of a route by the shape of its id: `local`, `igw-..`, `nat-..`, `pcx-..`.
    pub fn from_id(id: &str) -> Self {
        match id.split_once('-').map(|(prefix, _)| prefix) {
            _ if id == "local" => Self::Local,
            Some("igw") => Self::InternetGateway(id.to_owned()),
            Some("nat") => Self::NatGateway(id.to_owned()),
            Some("pcx") => Self::Peering(id.to_owned()),
            _ => Self::Other(id.to_owned()),
        }
    }

    /// The id, as AWS shows it.
    pub fn id(&self) -> &str {
        match self {
            Self::Local => "local",
            Self::InternetGateway(id) | Self::NatGateway(id) | Self::Peering(id) | Self::Other(id) => id,
        }
    }
}

/// A network ACL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acl {
    /// Its rules in any order; they are asked by number. After the last one everything is denied.
    pub ingress: Vec<AclRule>,
    /// The same for packets that leave the subnet.
    pub egress: Vec<AclRule>,
}

/// A rule of a network ACL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AclRule {
    /// Its number; the lowest that matches decides.
    pub number: u16,
    /// Allow or deny.
    pub allow: bool,
    /// Which protocol; `None` is all.
    pub protocol: Option<Protocol>,
    /// Which destination ports; `None` is all.
    pub ports: Option<PortRange>,
    /// Which other side.
    pub cidr: Ipv4Net,
}

/// An internet gateway.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InternetGateway {
    /// The VPC it is attached to.
    pub vpc: Option<String>,
}

/// A public NAT gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NatGateway {
    /// The subnet it stands in.
    pub subnet: String,
    /// Its address in that subnet; it has none before it is available.
    pub private_ip: Option<Ipv4Addr>,
    /// The elastic IP that the internet sees.
    pub public_ip: Option<Ipv4Addr>,
    /// AWS's word for its state; only `available` passes packets.
    pub state: String,
}

/// A peering connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Peering {
    /// Its two VPCs.
    pub vpcs: [String; 2],
    /// Whether it is active.
    pub active: bool,
    /// Whether both VPCs are in one region: only then may rules name security groups of the other side.
    pub same_region: bool,
}

/// A security group.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SecurityGroup {
    /// What may come in.
    pub ingress: Vec<Rule>,
    /// What may go out.
    pub egress: Vec<Rule>,
}

/// A rule of a security group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Which protocol; `None` is all.
    pub protocol: Option<Protocol>,
    /// Which destination ports; `None` is all.
    pub ports: Option<PortRange>,
    /// Which other side.
    pub peer: Peer,
}

/// The other side of a security group's rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Peer {
    /// An address block.
    Cidr(Ipv4Net),
    /// Everything that carries this security group, by its private address.
    Group(String),
}

/// An instance or a network interface.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// Its subnet.
    pub subnet: String,
    /// Its address in the subnet.
    pub private_ip: Ipv4Addr,
    /// Its public address or elastic IP.
    pub public_ip: Option<Ipv4Addr>,
    /// Its security groups.
    pub groups: Vec<String>,
    /// AWS's word for its state; only `running` answers.
    pub state: String,
    /// The TCP ports on which something listens; `None` is not known, and then every port is taken to answer.
    pub listens: Option<BTreeSet<u16>>,
    /// Where it takes the ports of its own connections from.
    pub ephemeral: PortRange,
}

/// The protocols of the course.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// ICMP (ping). Has no ports.
    Icmp,
}

impl Protocol {
    /// From AWS's words: `tcp`, `udp`, `icmp` or their numbers. `None` is everything else, also `-1` and `all`.
    pub fn parse(word: &str) -> Option<Self> {
        match word {
            "tcp" | "6" => Some(Self::Tcp),
            "udp" | "17" => Some(Self::Udp),
            "icmp" | "1" => Some(Self::Icmp),
            _ => None,
        }
    }

    /// `tcp`, `udp`, `icmp`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Icmp => "icmp",
        }
    }
}

/// Ports, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PortRange {
    /// The first.
    pub from: u16,
    /// The last.
    pub to: u16,
}

impl PortRange {
    /// Where Linux takes the ports of its own connections from.
    pub const LINUX: Self = Self { from: 32_768, to: 60_999 };
    /// Where a NAT gateway, a load balancer or an unknown client takes them from.
    pub const ANY_EPHEMERAL: Self = Self { from: 1_024, to: 65_535 };

    /// One port.
    pub const fn one(port: u16) -> Self {
        Self { from: port, to: port }
    }

    /// Whether the whole of `other` is in it.
    pub const fn covers(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }
}

impl std::fmt::Display for PortRange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.from == self.to { write!(f, "{}", self.from) } else { write!(f, "{}-{}", self.from, self.to) }
    }
}

/// An end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Somebody on the internet.
    Outside(Ipv4Addr),
    /// A host by its id. As a destination: by its private address from within, by its public address from outside.
    Host(String),
    /// Whatever has this address. As an origin it is the same as [`End::Outside`].
    Address(Ipv4Addr),
}

/// The first packet of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Packet {
    /// Who sends it.
    pub from: End,
    /// Whom it is for.
    pub to: End,
    /// Its protocol.
    pub protocol: Protocol,
    /// Its destination port; without meaning for ICMP.
    pub port: u16,
}

impl Network {
    /// The host with this private address in a VPC.
    pub(super) fn host_at(&self, vpc: &str, address: Ipv4Addr) -> Option<(&str, &Host)> {
        self.hosts
            .iter()
            .find(|(_, host)| host.private_ip == address && self.vpc_of(&host.subnet) == Some(vpc))
            .map(|(id, host)| (id.as_str(), host))
    }

    /// The host with this public address.
    pub(super) fn host_at_public(&self, address: Ipv4Addr) -> Option<(&str, &Host)> {
        self.hosts.iter().find(|(_, host)| host.public_ip == Some(address)).map(|(id, host)| (id.as_str(), host))
    }

    /// The VPC of a subnet.
    pub(super) fn vpc_of(&self, subnet: &str) -> Option<&str> {
        self.subnets.get(subnet).map(|subnet| subnet.vpc.as_str())
    }

    /// The internet gateway that is attached to a VPC.
    pub(super) fn gateway_of(&self, vpc: &str) -> Option<&str> {
        self.internet_gateways
            .iter()
            .find(|(_, gateway)| gateway.vpc.as_deref() == Some(vpc))
            .map(|(id, _)| id.as_str())
    }
}
