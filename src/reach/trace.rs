//! Follows a packet and its reply, hop by hop.

use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use super::hop::{Decision, Direction, Hop, Leg, Near, Pass, Stop, Trace};
use super::network::{AclRule, End, NatGateway, Network, Packet, Peer, PortRange, Protocol, Rule, Subnet, Target};

/// Follows a packet to its destination and, when it arrives, the reply back to the sender.
pub fn trace(network: &Network, packet: &Packet) -> Trace {
    let mut walk = Walk {
        network,
        protocol: packet.protocol,
        port: packet.port,
        leg: Leg::Packet,
        ports: PortRange::one(packet.port),
        from: Ipv4Addr::UNSPECIFIED,
        to: Ipv4Addr::UNSPECIFIED,
        sender: None,
        nat: None,
        hops: Vec::new(),
    };
    let arrived = walk.begin(packet);
    let mut there = std::mem::take(&mut walk.hops);
    let Ok(at) = arrived else { return Trace { packet: there, reply: Vec::new() } };
    walk.turn(&packet.from);
    let answered = walk.answer(&at).is_ok();
    let mut back = walk.hops;
    if answered && let Some(refused) = refusal(network, packet, &at) {
        // The reply is the refusal: the connection ends where the packet got to.
        if let Some(last) = there.last_mut() {
            last.decision = Decision::Stop(refused);
        }
        back.clear();
    }
    Trace { packet: there, reply: back }
}

/// The stop of a packet that arrives at a host on which nothing listens on its port.
fn refusal(network: &Network, packet: &Packet, at: &End) -> Option<Stop> {
    let End::Host(id) = at else { return None };
    let listens = network.hosts.get(id)?.listens.as_ref()?;
    let refuses = packet.protocol == Protocol::Tcp && !listens.contains(&packet.port);
    refuses.then(|| Stop::Refused { host: id.clone(), port: packet.port })
}

/// The walk ended at a stop, which is its last hop.
struct Ended;

/// Where a walk gets to.
type Reached = Result<End, Ended>;

/// A connection that a NAT gateway keeps in mind.
#[derive(Clone)]
struct Tracked {
    gateway: String,
    inner: Ipv4Addr,
}

/// Who puts a packet into a subnet.
#[derive(Clone, Copy)]
enum Emitter<'a> {
    Host(&'a str, Option<Ipv4Addr>),
    Nat(&'a str, &'a NatGateway),
}

struct Walk<'a> {
    network: &'a Network,
    protocol: Protocol,
    port: u16,
    leg: Leg,
    /// The destination ports that the packet may have.
    ports: PortRange,
    from: Ipv4Addr,
    to: Ipv4Addr,
    /// The sending host, while the packet still carries its private address.
    sender: Option<&'a str>,
    nat: Option<Tracked>,
    hops: Vec<Hop>,
}

impl<'a> Walk<'a> {
    fn begin(&mut self, packet: &Packet) -> Reached {
        let network = self.network;
        match &packet.from {
            End::Outside(address) | End::Address(address) => {
                self.from = *address;
                match &packet.to {
                    End::Outside(to) | End::Address(to) => self.to = *to,
                    End::Host(id) => {
                        let Some(host) = network.hosts.get(id) else { return self.no_host(&packet.to) };
                        self.to = host.private_ip;
                        let Some(public) = host.public_ip else {
                            return self.stop(Stop::NoPublicAddress { host: id.clone(), gateway: None });
                        };
                        self.to = public;
                    }
                }
                self.internet()
            }
            End::Host(id) => {
                let Some((id, host)) = network.hosts.get_key_value(id) else { return self.no_host(&packet.from) };
                self.from = host.private_ip;
                match &packet.to {
                    End::Outside(to) | End::Address(to) => self.to = *to,
                    End::Host(other) => match network.hosts.get(other) {
                        Some(other) => self.to = other.private_ip,
                        None => return self.no_host(&packet.to),
                    },
                }
                if host.state != "running" {
                    return self.stop(Stop::HostDown { host: id.clone(), state: host.state.clone() });
                }
                self.leave_host(id)
            }
        }
    }

    /// Makes the packet its own reply.
    fn turn(&mut self, origin: &End) {
        self.leg = Leg::Reply;
        std::mem::swap(&mut self.from, &mut self.to);
        self.sender = None;
        self.ports = match (origin, &self.nat) {
            (End::Host(id), None) => self.network.hosts.get(id).map_or(PortRange::LINUX, |host| host.ephemeral),
            _ => PortRange::ANY_EPHEMERAL,
        };
    }

    fn answer(&mut self, at: &End) -> Reached {
        match at {
            End::Host(id) => match self.network.hosts.get_key_value(id) {
                Some((id, _)) => self.leave_host(id),
                None => self.no_host(at),
            },
            End::Outside(_) | End::Address(_) => self.internet(),
        }
    }

    fn leave_host(&mut self, id: &'a str) -> Reached {
        let network = self.network;
        let Some(host) = network.hosts.get(id) else { return self.no_host(&End::Host(id.to_owned())) };
        self.sender = Some(id);
        self.groups(Direction::Out, id)?;
        self.route(&host.subnet, Emitter::Host(id, host.public_ip))
    }

    /// A host comes last: network ACL (unless the packet stays within the subnet), security group, the host itself.
    fn enter_host(&mut self, id: &'a str, crosses: bool) -> Reached {
        let network = self.network;
        let Some(host) = network.hosts.get(id) else { return self.no_host(&End::Host(id.to_owned())) };
        if crosses {
            self.acl(Direction::In, &host.subnet)?;
        }
        self.groups(Direction::In, id)?;
        if host.state != "running" {
            return self.stop(Stop::HostDown { host: id.to_owned(), state: host.state.clone() });
        }
        self.arrive(End::Host(id.to_owned()))
    }

    /// Out of a subnet: network ACL, route table, and on to the route's target.
    fn route(&mut self, subnet_id: &'a str, emitter: Emitter<'a>) -> Reached {
        let network = self.network;
        let Some(subnet) = network.subnets.get(subnet_id) else {
            return self.stop(Stop::NotFollowed { target: subnet_id.to_owned() });
        };
        if subnet.cidr.contains(&self.to) {
            self.pass(Pass::SameSubnet { subnet: subnet_id.to_owned() });
            return self.deliver(&subnet.vpc, subnet_id);
        }
        self.acl(Direction::Out, subnet_id)?;
        let Choice { table, main, route } = choose(network, subnet, self.to);
        let Some((destination, target, blackhole)) = route else {
            return self.stop(Stop::NoRoute { table, main, subnet: subnet_id.to_owned() });
        };
        let gone = match &target {
            Target::NatGateway(id) => !network.nat_gateways.contains_key(id),
            Target::Peering(id) => !network.peerings.contains_key(id),
            Target::InternetGateway(id) => !network.internet_gateways.contains_key(id),
            Target::Local | Target::Other(_) => false,
        };
        if blackhole || gone {
            return self.stop(Stop::Blackhole { table, destination, target });
        }
        self.pass(Pass::Route { table: table.clone(), main, destination, target: target.clone() });
        match target {
            Target::Local => self.deliver(&subnet.vpc, subnet_id),
            Target::InternetGateway(gateway) => self.out_by_internet_gateway(&subnet.vpc, &gateway, emitter),
            Target::NatGateway(gateway) => self.out_by_nat(subnet_id, table, &gateway, emitter),
            Target::Peering(peering) => self.cross_peering(&subnet.vpc, subnet_id, &peering),
            Target::Other(target) => self.stop(Stop::NotFollowed { target }),
        }
    }

    /// Within a VPC, to whoever has the private address.
    fn deliver(&mut self, vpc: &str, from_subnet: &str) -> Reached {
        let network = self.network;
        let Some((id, host)) = network.host_at(vpc, self.to) else { return self.no_host(&End::Address(self.to)) };
        self.enter_host(id, host.subnet != from_subnet)
    }

    fn out_by_internet_gateway(&mut self, vpc: &str, gateway: &str, emitter: Emitter<'_>) -> Reached {
        if self.network.gateway_of(vpc) != Some(gateway) {
            return self.stop(Stop::NoInternetGateway { vpc: vpc.to_owned(), gateway: Some(gateway.to_owned()) });
        }
        if self.to.is_private() {
            return self.stop(Stop::PrivateAddress);
        }
        let public = match emitter {
            Emitter::Host(host, public) => match public {
                Some(public) => public,
                None => {
                    let gateway = Some(gateway.to_owned());
                    return self.stop(Stop::NoPublicAddress { host: host.to_owned(), gateway });
                }
            },
            Emitter::Nat(id, nat) => match nat.public_ip {
                Some(public) => public,
                None => {
                    return self.stop(Stop::NatNotAvailable { gateway: id.to_owned(), state: nat.state.clone() });
                }
            },
        };
        self.pass(Pass::InternetGateway { gateway: gateway.to_owned(), from: self.from, to: public });
        self.from = public;
        self.sender = None;
        self.internet()
    }

    fn out_by_nat(&mut self, subnet: &str, table: Option<String>, id: &str, emitter: Emitter<'a>) -> Reached {
        let network = self.network;
        let host = match emitter {
            Emitter::Host(host, _) => host,
            Emitter::Nat(gateway, nat) => {
                return self.stop(Stop::NatInPrivateSubnet {
                    gateway: gateway.to_owned(),
                    subnet: nat.subnet.clone(),
                    table,
                });
            }
        };
        if self.leg == Leg::Reply {
            let target = Target::NatGateway(id.to_owned());
            return self.stop(Stop::ReplyElsewhere { host: host.to_owned(), table, target });
        }
        let Some((id, nat)) = network.nat_gateways.get_key_value(id) else {
            return self.stop(Stop::NotFollowed { target: id.to_owned() });
        };
        let address = match nat.private_ip {
            Some(address) if nat.state == "available" => address,
            _ => return self.stop(Stop::NatNotAvailable { gateway: id.clone(), state: nat.state.clone() }),
        };
        if nat.subnet != subnet {
            self.acl(Direction::In, &nat.subnet)?;
        }
        self.nat = Some(Tracked { gateway: id.clone(), inner: self.from });
        self.pass(Pass::Nat { gateway: id.clone(), from: self.from, to: address });
        self.from = address;
        self.sender = None;
        self.route(&nat.subnet, Emitter::Nat(id, nat))
    }

    fn cross_peering(&mut self, vpc: &str, subnet: &str, id: &str) -> Reached {
        let network = self.network;
        let Some(peering) = network.peerings.get(id) else {
            return self.stop(Stop::NotFollowed { target: id.to_owned() });
        };
        if !peering.active {
            return self.stop(Stop::PeeringNotActive { peering: id.to_owned() });
        }
        let [one, two] = &peering.vpcs;
        let other = if one == vpc { two } else { one };
        let leads_there = network.vpcs.get(other).is_some_and(|vpc| vpc.cidrs.iter().any(|c| c.contains(&self.to)));
        if !leads_there {
            return self.stop(Stop::NotTransitive { peering: id.to_owned() });
        }
        if !peering.same_region {
            self.sender = None;
        }
        self.pass(Pass::Peering { peering: id.to_owned() });
        self.deliver(other, subnet)
    }

    /// Between the gateways: whoever has the public address.
    fn internet(&mut self) -> Reached {
        let network = self.network;
        if self.to.is_private() {
            return self.stop(Stop::PrivateAddress);
        }
        if let Some((id, host)) = network.host_at_public(self.to) {
            self.in_by_internet_gateway(&host.subnet, host.private_ip)?;
            return self.enter_host(id, true);
        }
        if let Some((id, nat)) = network.nat_gateways.iter().find(|(_, nat)| nat.public_ip == Some(self.to)) {
            return self.back_by_nat(id, nat);
        }
        self.arrive(End::Outside(self.to))
    }

    fn in_by_internet_gateway(&mut self, subnet: &str, private: Ipv4Addr) -> Result<(), Ended> {
        let vpc = self.network.vpc_of(subnet).unwrap_or_default().to_owned();
        let Some(gateway) = self.network.gateway_of(&vpc) else {
            self.stop(Stop::NoInternetGateway { vpc, gateway: None })?;
            return Err(Ended);
        };
        self.pass(Pass::InternetGateway { gateway: gateway.to_owned(), from: self.to, to: private });
        self.to = private;
        Ok(())
    }

    fn back_by_nat(&mut self, id: &'a str, nat: &'a NatGateway) -> Reached {
        let inner = match &self.nat {
            Some(tracked) if self.leg == Leg::Reply && tracked.gateway == id => tracked.inner,
            _ => return self.stop(Stop::NatRefuses { gateway: id.to_owned() }),
        };
        let Some(address) = nat.private_ip else {
            return self.stop(Stop::NatNotAvailable { gateway: id.to_owned(), state: nat.state.clone() });
        };
        self.in_by_internet_gateway(&nat.subnet, address)?;
        self.acl(Direction::In, &nat.subnet)?;
        self.pass(Pass::Nat { gateway: id.to_owned(), from: address, to: inner });
        self.to = inner;
        self.ports = PortRange::LINUX;
        self.route(&nat.subnet, Emitter::Nat(id, nat))
    }

    fn groups(&mut self, direction: Direction, id: &str) -> Result<(), Ended> {
        let network = self.network;
        let host = id.to_owned();
        if self.leg == Leg::Reply {
            self.pass(Pass::Tracked { direction, host });
            return Ok(());
        }
        let Some(at) = network.hosts.get(id) else {
            self.no_host(&End::Host(host))?;
            return Err(Ended);
        };
        let (address, other) = match direction {
            Direction::In => (self.from, self.sender),
            Direction::Out => {
                let vpc = network.vpc_of(&at.subnet).unwrap_or_default();
                (self.to, network.host_at(vpc, self.to).map(|(id, _)| id))
            }
        };
        let carried = other.and_then(|id| network.hosts.get(id)).map_or(&[][..], |host| &host.groups);
        let mut near = Near::None;
        for group in &at.groups {
            let Some(rules) = network.groups.get(group) else { continue };
            let rules = if direction == Direction::In { &rules.ingress } else { &rules.egress };
            for rule in rules {
                let fits = self.fits(rule);
                let peer = match &rule.peer {
                    Peer::Cidr(cidr) => cidr.contains(&address),
                    Peer::Group(group) => carried.contains(group),
                };
                if fits && peer {
                    self.pass(Pass::Group { direction, host, group: group.clone(), rule: rule.clone() });
                    return Ok(());
                }
                if fits {
                    near = Near::OtherPeer(rule.clone());
                } else if peer && near == Near::None {
                    near = Near::OtherPort(rule.clone());
                }
            }
        }
        let (protocol, port) = (self.protocol, self.port);
        self.stop(Stop::Group { direction, host, groups: at.groups.clone(), protocol, port, near })?;
        Err(Ended)
    }

    fn fits(&self, rule: &Rule) -> bool {
        rule.protocol.is_none_or(|protocol| protocol == self.protocol)
            && (self.protocol == Protocol::Icmp || rule.ports.is_none_or(|ports| ports.covers(self.ports)))
    }

    fn acl(&mut self, direction: Direction, subnet: &str) -> Result<(), Ended> {
        let network = self.network;
        let ports = (self.protocol != Protocol::Icmp).then_some(self.ports);
        let id = network.subnets.get(subnet).and_then(|subnet| subnet.acl.clone());
        let subnet = subnet.to_owned();
        let Some((id, acl)) = id.and_then(|id| network.acls.get(&id).map(|acl| (id, acl))) else {
            self.pass(Pass::Acl { direction, subnet, acl: None, rule: 100, ports });
            return Ok(());
        };
        let (rules, address) = match direction {
            Direction::In => (&acl.ingress, self.from),
            Direction::Out => (&acl.egress, self.to),
        };
        match judge(rules, self.protocol, ports, address) {
            Ok(rule) => {
                self.pass(Pass::Acl { direction, subnet, acl: Some(id), rule, ports });
                Ok(())
            }
            Err(rule) => {
                self.stop(Stop::Acl { direction, subnet, acl: id, rule, ports })?;
                Err(Ended)
            }
        }
    }

    fn pass(&mut self, pass: Pass) {
        self.hops.push(Hop { from: self.from, to: self.to, decision: Decision::Pass(pass) });
    }

    fn stop(&mut self, stop: Stop) -> Reached {
        self.hops.push(Hop { from: self.from, to: self.to, decision: Decision::Stop(stop) });
        Err(Ended)
    }

    fn no_host(&mut self, end: &End) -> Reached {
        self.stop(Stop::NoHost { end: end.clone() })
    }

    fn arrive(&mut self, at: End) -> Reached {
        self.pass(Pass::Arrives { at: at.clone(), seen: self.from });
        Ok(at)
    }
}

struct Choice {
    table: Option<String>,
    main: bool,
    route: Option<(Ipv4Net, Target, bool)>,
}

/// The route with the longest prefix; the VPC's own blocks are `local` in every table.
fn choose(network: &Network, subnet: &Subnet, to: Ipv4Addr) -> Choice {
    let vpc = network.vpcs.get(&subnet.vpc);
    let main = subnet.table.is_none();
    let table = subnet.table.clone().or_else(|| vpc.and_then(|vpc| vpc.main_table.clone()));
    let local = vpc.into_iter().flat_map(|vpc| &vpc.cidrs).map(|cidr| (*cidr, Target::Local, false));
    let listed = table
        .as_ref()
        .and_then(|id| network.tables.get(id))
        .into_iter()
        .flat_map(|table| &table.routes)
        .map(|route| (route.destination, route.target.clone(), route.blackhole));
    let mut best: Option<(Ipv4Net, Target, bool)> = None;
    for route in local.chain(listed).filter(|(destination, ..)| destination.contains(&to)) {
        if best.as_ref().is_none_or(|(known, ..)| route.0.prefix_len() > known.prefix_len()) {
            best = Some(route);
        }
    }
    Choice { table, main, route: best }
}

/// The number of the rule that lets the last of the ports through, or of the rule that denies one (`None`: the last, `*`).
///
/// A reply may go to any port of a range, so a range passes only when every port of it does.
fn judge(
    rules: &[AclRule],
    protocol: Protocol,
    ports: Option<PortRange>,
    address: Ipv4Addr,
) -> Result<u16, Option<u16>> {
    let mut rules: Vec<&AclRule> = rules
        .iter()
        .filter(|rule| rule.protocol.is_none_or(|p| p == protocol) && rule.cidr.contains(&address))
        .collect();
    rules.sort_by_key(|rule| rule.number);
    let mut open: Vec<PortRange> = vec![ports.unwrap_or(PortRange::one(0))];
    for rule in rules {
        let block = match (rule.ports, ports) {
            (Some(block), Some(_)) => block,
            _ => PortRange { from: 0, to: u16::MAX },
        };
        let rest: Vec<PortRange> = open.iter().flat_map(|range| without(*range, block)).collect();
        if rest == open {
            continue;
        }
        if !rule.allow {
            return Err(Some(rule.number));
        }
        if rest.is_empty() {
            return Ok(rule.number);
        }
        open = rest;
    }
    Err(None)
}

/// What is left of a range when a block is taken out of it.
fn without(range: PortRange, block: PortRange) -> Vec<PortRange> {
    if block.to < range.from || range.to < block.from {
        return vec![range];
    }
    let mut rest = Vec::new();
    if range.from < block.from {
        rest.push(PortRange { from: range.from, to: block.from - 1 });
    }
    if block.to < range.to {
        rest.push(PortRange { from: block.to + 1, to: range.to });
    }
    rest
}
