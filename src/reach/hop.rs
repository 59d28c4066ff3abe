//! What a trace says: hops with their decisions.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::network::{End, PortRange, Protocol, Rule, Target};

/// Which of the two packets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Leg {
    /// The packet.
    Packet,
    /// Its reply.
    Reply,
}

/// Into or out of a host or a subnet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Into it.
    In,
    /// Out of it.
    Out,
}

/// One place on the way, with the addresses that the packet carries when it gets there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// Source address.
    pub from: Ipv4Addr,
    /// Destination address.
    pub to: Ipv4Addr,
    /// What was decided there.
    pub decision: Decision,
}

/// Passed on, or stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It goes on.
    Pass(Pass),
    /// It ends here.
    Stop(Stop),
}

/// Why a packet goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pass {
    /// A rule of a security group lets it through.
    Group {
        /// Into or out of the host.
        direction: Direction,
        /// The host.
        host: String,
        /// The group.
        group: String,
        /// The rule.
        rule: Rule,
    },
    /// It is the reply of a tracked connection: security groups are stateful.
    Tracked {
        /// Into or out of the host.
        direction: Direction,
        /// The host.
        host: String,
    },
    /// A rule of a network ACL lets it through.
    Acl {
        /// Into or out of the subnet.
        direction: Direction,
        /// The subnet.
        subnet: String,
        /// The ACL; `None` is a default one.
        acl: Option<String>,
        /// The rule's number (the last one that was needed for all ports).
        rule: u16,
        /// The destination ports that it was asked for; `None` for ICMP.
        ports: Option<PortRange>,
    },
    /// Both ends are in one subnet: neither ACL nor route table is asked.
    SameSubnet {
        /// The subnet.
        subnet: String,
    },
    /// A route was chosen.
    Route {
        /// The table; `None` is a main table that is not known.
        table: Option<String>,
        /// Whether it is the main table, because the subnet has no association.
        main: bool,
        /// The route's destination.
        destination: Ipv4Net,
        /// Its target.
        target: Target,
    },
    /// An internet gateway exchanges a private and a public address (one for one).
    InternetGateway {
        /// The gateway.
        gateway: String,
        /// Address before.
        from: Ipv4Addr,
        /// Address after.
        to: Ipv4Addr,
    },
    /// A NAT gateway exchanges its own address for that of the sender, or back for a reply.
    Nat {
        /// The gateway.
        gateway: String,
        /// Address before.
        from: Ipv4Addr,
        /// Address after.
        to: Ipv4Addr,
    },
    /// It crosses a peering connection.
    Peering {
        /// The connection.
        peering: String,
    },
    /// It is there.
    Arrives {
        /// Where.
        at: End,
        /// The source address that is seen there.
        seen: Ipv4Addr,
    },
}

/// The rule that came closest to letting a packet in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Near {
    /// This rule has the protocol and the port, but names another other side.
    OtherPeer(Rule),
    /// This rule names the other side, but another protocol or port.
    OtherPort(Rule),
    /// No rule comes close.
    None,
}

/// Why a packet ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stop {
    /// No host has the destination address, or the host is not there.
    NoHost {
        /// What was looked for.
        end: End,
    },
    /// The host does not run.
    HostDown {
        /// The host.
        host: String,
        /// AWS's word for its state.
        state: String,
    },
    /// It gets there and back, and the answer is a refusal: nothing listens on the port.
    Refused {
        /// The host.
        host: String,
        /// The TCP port.
        port: u16,
    },
    /// The host has no public address: nothing from the internet can name it, and an internet gateway cannot translate it.
    NoPublicAddress {
        /// The host.
        host: String,
        /// The internet gateway that the route led to, when the host was the sender.
        gateway: Option<String>,
    },
    /// No rule of its security groups lets it through.
    Group {
        /// Into or out of the host.
        direction: Direction,
        /// The host.
        host: String,
        /// Its groups.
        groups: Vec<String>,
        /// Protocol of the packet.
        protocol: Protocol,
        /// Port of the packet.
        port: u16,
        /// What came closest.
        near: Near,
    },
    /// A network ACL denies it.
    Acl {
        /// Into or out of the subnet.
        direction: Direction,
        /// The subnet.
        subnet: String,
        /// The ACL.
        acl: String,
        /// The denying rule; `None` is the last one, `*`.
        rule: Option<u16>,
        /// The destination ports that were asked for; `None` for ICMP.
        ports: Option<PortRange>,
    },
    /// The subnet's table has no route for it.
    NoRoute {
        /// The table; `None` is a main table that is not known.
        table: Option<String>,
        /// Whether it is the main table, because the subnet has no association.
        main: bool,
        /// The subnet.
        subnet: String,
    },
    /// The route's target is gone.
    Blackhole {
        /// The table.
        table: Option<String>,
        /// The route's destination.
        destination: Ipv4Net,
        /// What it led to.
        target: Target,
    },
    /// The VPC has no attached internet gateway, or the route leads to one that is not attached to it.
    NoInternetGateway {
        /// The VPC.
        vpc: String,
        /// The gateway of the route, when there was one.
        gateway: Option<String>,
    },
    /// The NAT gateway is not available.
    NatNotAvailable {
        /// The gateway.
        gateway: String,
        /// AWS's word for its state.
        state: String,
    },
    /// The NAT gateway's own subnet sends it back to a NAT gateway: it stands in a private subnet.
    NatInPrivateSubnet {
        /// The gateway.
        gateway: String,
        /// Its subnet.
        subnet: String,
        /// The route table of that subnet.
        table: Option<String>,
    },
    /// A NAT gateway lets in replies only, nothing that begins outside.
    NatRefuses {
        /// The gateway.
        gateway: String,
    },
    /// The internet has no way to a private address.
    PrivateAddress,
    /// The peering connection is not active.
    PeeringNotActive {
        /// The connection.
        peering: String,
    },
    /// The peering connection leads only to the addresses of the other VPC.
    NotTransitive {
        /// The connection.
        peering: String,
    },
    /// The reply leaves by another door than the packet came in by, with another address: the sender drops it.
    ReplyElsewhere {
        /// The host that replies.
        host: String,
        /// The route table that sends it there.
        table: Option<String>,
        /// Where to.
        target: Target,
    },
    /// The route leads to something that is not followed here.
    NotFollowed {
        /// Its id.
        target: String,
    },
}

/// The way of a packet and of its reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    /// The packet's way. Never empty.
    pub packet: Vec<Hop>,
    /// The reply's way; empty when the packet did not arrive.
    pub reply: Vec<Hop>,
}

impl Trace {
    /// Whether the packet arrived.
    pub fn arrives(&self) -> bool {
        ends_well(&self.packet)
    }

    /// Whether the packet arrived and its reply came back.
    pub fn answered(&self) -> bool {
        self.arrives() && ends_well(&self.reply)
    }

    /// Whether the sender is told at once that nothing listens on the port. Everything else that stops a packet is silence.
    pub fn refused(&self) -> bool {
        matches!(self.stopped(), Some((_, Stop::Refused { .. })))
    }

    /// The host at which the packet arrived, by its id; none when it did not, or when somebody outside has it.
    pub fn host(&self) -> Option<&str> {
        match &self.packet.last()?.decision {
            Decision::Pass(Pass::Arrives { at: End::Host(id), .. }) => Some(id),
            _ => None,
        }
    }

    /// The address that the destination sees as the sender's.
    pub fn seen_as(&self) -> Option<Ipv4Addr> {
        match self.packet.last()?.decision {
            Decision::Pass(Pass::Arrives { seen, .. }) => Some(seen),
            _ => None,
        }
    }

    /// Where it ends, when it does.
    pub fn stopped(&self) -> Option<(Leg, &Stop)> {
        let stop = |hops: &'_ [Hop]| -> Option<usize> {
            hops.iter().position(|hop| matches!(hop.decision, Decision::Stop(_)))
        };
        let (leg, hop) = match stop(&self.packet) {
            Some(at) => (Leg::Packet, self.packet.get(at)?),
            None => (Leg::Reply, self.reply.get(stop(&self.reply)?)?),
        };
        match &hop.decision {
            Decision::Stop(stop) => Some((leg, stop)),
            Decision::Pass(_) => None,
        }
    }

    /// All hops in order, each with its leg.
    pub fn hops(&self) -> impl Iterator<Item = (Leg, &Hop)> {
        self.packet.iter().map(|hop| (Leg::Packet, hop)).chain(self.reply.iter().map(|hop| (Leg::Reply, hop)))
    }
}

fn ends_well(hops: &[Hop]) -> bool {
    matches!(hops.last(), Some(Hop { decision: Decision::Pass(Pass::Arrives { .. }), .. }))
}
