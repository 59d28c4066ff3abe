//! The way of a packet: route table, network ACL, security group, public address, NAT, peering; both directions.
//!
//! Promises: a pure answer to "does this packet arrive, does its reply come back, and which rule decided", from a
//! [`Network`] that the caller fills: the practice cloud from its world, the checks from what was observed.
//! Every step of the way is a [`Hop`] with a structured decision, never a sentence: the words are the caller's.
//! Knows nothing of AWS's API and nothing of the other rooms.
//!
//! The order is that of AWS: out of a host the security group, then the subnet's network ACL, then the route table;
//! into a host the network ACL, then the security group. Security groups are stateful (a reply is let through), network
//! ACLs are not (a reply needs the ephemeral ports). Within a subnet neither ACL nor route table is asked.

mod hop;
mod network;
mod trace;

#[cfg(test)]
mod tests;

pub use hop::{Decision, Direction, Hop, Leg, Near, Pass, Stop, Trace};
pub use network::{
    Acl, AclRule, End, Host, InternetGateway, NatGateway, Network, Packet, Peer, Peering, PortRange, Protocol, Route,
    RouteTable, Rule, SecurityGroup, Subnet, Target, Vpc,
};
pub use trace::trace;
