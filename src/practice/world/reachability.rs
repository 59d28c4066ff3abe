//! Who reaches whom: the world as a network for [`crate::reach`], which follows a packet and its reply through it.
//!
//! Promises: everything that decides about a packet is in the network as it is at this moment: route tables (the main one for subnets without
//! their own), network ACLs, security groups, internet and NAT gateways, peering connections, and as hosts the instances (by instance id: the
//! primary interface) and every other network interface (by its own id: load balancer nodes, databases, second interfaces).
//! Leaves to others: what a machine answers once a request has reached it ([`super::host`]), names ([`super::dns`]).
//!
//! What looks from a region's event across a peering connection into another region asks [`Beyond::way`]; what stays in a region (target
//! health, the way to AWS's endpoints) asks the region alone, which is cheaper.

use std::net::Ipv4Addr;

use super::{
    Beyond, Global, InterfaceKind, NatState, NetworkAcl, NetworkInterface, Region, RouteTable, Rule, RuleSource,
    SecurityGroup, Target, World,
};
use crate::reach;
use crate::reach::{End, Network, Packet, PortRange, Protocol, Trace, trace};

/// An address of the internet that is nobody's (TEST-NET-2): stands for any server that always answers (package mirrors, AWS's own endpoints).
pub const SOMEWHERE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 80);

impl World {
    /// Every region as one network.
    pub fn network(&self) -> Network {
        let mut network = Network::default();
        for region in self.regions() {
            region.add_to(&mut network, self.global(), self.now(), None);
        }
        network
    }

    /// The way of a packet and its reply at this moment, in and between all regions.
    pub fn way(&self, from: End, to: End, protocol: Protocol, port: u16) -> Trace {
        trace(&self.network(), &Packet { from, to, protocol, port })
    }
}

impl Beyond<'_> {
    /// The way of a packet and its reply from somebody in a region, at the region's moment, in and between all regions. Ends are named by
    /// instance id, by interface id, by address, or as somebody outside.
    pub fn way(&self, region: &Region, from: End, to: End, protocol: Protocol, port: u16) -> Trace {
        let mut network = Network::default();
        for one in self.with(region) {
            one.add_to(&mut network, self.global, region.now(), None);
        }
        trace(&network, &Packet { from, to, protocol, port })
    }
}

impl Region {
    /// This region as a network.
    pub fn network(&self, global: &Global) -> Network {
        let mut network = Network::default();
        self.add_to(&mut network, global, self.now(), None);
        network
    }

    /// One VPC of this region as a network.
    pub fn network_of_vpc(&self, global: &Global, vpc: &str) -> Network {
        let mut network = Network::default();
        self.add_to(&mut network, global, self.now(), Some(vpc));
        network
    }

    /// The way of a packet and its reply at this moment, within this region and between it and the internet. Ends are named by instance id,
    /// by interface id, by address, or as somebody outside.
    pub fn way(&self, global: &Global, from: End, to: End, protocol: Protocol, port: u16) -> Trace {
        trace(&self.network(global), &Packet { from, to, protocol, port })
    }

    /// The way from an instance to a server of the internet that always answers: a package mirror (80, 443), an endpoint of AWS (443).
    pub fn way_out(&self, global: &Global, instance: &str, port: u16) -> Trace {
        let vpc = self.instances.get(instance).map(|found| found.vpc.as_str()).unwrap_or_default();
        let (from, to) = (End::Host(instance.to_owned()), End::Outside(SOMEWHERE));
        trace(&self.network_of_vpc(global, vpc), &Packet { from, to, protocol: Protocol::Tcp, port })
    }

    /// Puts this region, or one VPC of it, into a network, as it is at a moment (ms) until which nothing is due in it.
    fn add_to(&self, network: &mut Network, global: &Global, now: i64, only: Option<&str>) {
        let here = |vpc: &str| only.is_none_or(|only| only == vpc);
        for vpc in self.vpcs.values().filter(|vpc| here(&vpc.id)) {
            let vpc_in = reach::Vpc { cidrs: vec![vpc.cidr], main_table: None };
            network.vpcs.insert(vpc.id.clone(), vpc_in);
        }
        for subnet in self.subnets.values().filter(|subnet| here(&subnet.vpc)) {
            let found = reach::Subnet { vpc: subnet.vpc.clone(), cidr: subnet.cidr, table: None, acl: None };
            network.subnets.insert(subnet.id.clone(), found);
        }
        for table in self.route_tables.values().filter(|table| here(&table.vpc)) {
            self.add_table(network, global, now, table);
        }
        for acl in self.network_acls.values().filter(|acl| here(&acl.vpc)) {
            for association in &acl.associations {
                if let Some(subnet) = network.subnets.get_mut(&association.subnet) {
                    subnet.acl = Some(acl.id.clone());
                }
            }
            network.acls.insert(acl.id.clone(), access_list(acl));
        }
        for gateway in self.internet_gateways.values() {
            if gateway.vpc.as_deref().is_none_or(here) {
                let found = reach::InternetGateway { vpc: gateway.vpc.clone() };
                network.internet_gateways.insert(gateway.id.clone(), found);
            }
        }
        for nat in self.nat_gateways.values().filter(|nat| here(&nat.vpc)) {
            // One whose zone has failed takes no packet.
            let failed = nat.state == NatState::Available && self.zone_is_down(&nat.zone);
            let state = if failed { "unreachable" } else { nat.state.as_str() };
            // One that is being deleted has no way through it any more, and its routes are black holes.
            if matches!(nat.state, NatState::Pending | NatState::Available) {
                let found = reach::NatGateway {
                    subnet: nat.subnet.clone(),
                    private_ip: nat.private_ip,
                    public_ip: nat.public_ip,
                    state: state.to_owned(),
                };
                network.nat_gateways.insert(nat.id.clone(), found);
            }
        }
        for peering in global.peerings.values() {
            let (one, other) = (&peering.requester, &peering.accepter);
            let ours = |side: &super::peering::Side| side.region == self.name() && here(&side.vpc);
            if ours(one) || ours(other) {
                let found = reach::Peering {
                    vpcs: [one.vpc.clone(), other.vpc.clone()],
                    active: peering.is_active(now),
                    same_region: one.region == other.region,
                };
                network.peerings.insert(peering.id.clone(), found);
            }
        }
        for group in self.security_groups.values().filter(|group| here(&group.vpc)) {
            network.groups.insert(group.id.clone(), security_group(group));
        }
        for interface in self.interfaces.values().filter(|interface| here(&interface.vpc)) {
            if let Some((id, host)) = self.host_of(interface) {
                network.hosts.insert(id, host);
            }
        }
    }

    fn add_table(&self, network: &mut Network, global: &Global, now: i64, table: &RouteTable) {
        let routes = table.routes.iter().map(|route| reach::Route {
            destination: route.destination,
            target: target(&route.target),
            blackhole: !self.route_is_active_at(global, now, route),
        });
        let found = reach::RouteTable { vpc: table.vpc.clone(), routes: routes.collect() };
        network.tables.insert(table.id.clone(), found);
        for association in &table.associations {
            match &association.subnet {
                Some(id) => {
                    if let Some(subnet) = network.subnets.get_mut(id) {
                        subnet.table = Some(table.id.clone());
                    }
                }
                None => {
                    if let Some(vpc) = network.vpcs.get_mut(&table.vpc) {
                        vpc.main_table = Some(table.id.clone());
                    }
                }
            }
        }
    }

    /// An interface as a host, under the id that ways are asked by. NAT gateways are no hosts.
    fn host_of(&self, interface: &NetworkInterface) -> Option<(String, reach::Host)> {
        let instance = interface.attachment.as_ref().and_then(|attachment| {
            let id = attachment.instance.as_ref()?;
            Some((self.instances.get(id)?, attachment.device_index == 0))
        });
        let mut listens = None;
        let (id, state) = match (interface.kind, instance) {
            (InterfaceKind::NatGateway, _) => return None,
            (InterfaceKind::LoadBalancer, _) => {
                let (state, ports) = self.node_state(&interface.id);
                listens = Some(ports.into_iter().collect());
                (&interface.id, state)
            }
            (InterfaceKind::Database, _) => {
                let database = self.databases.instances.values().find(|one| one.interface == interface.id);
                let state = database.map_or("deleting", |one| one.status.as_str());
                let serves = database.filter(|one| one.status.listens());
                listens = Some(serves.map(|one| one.port).into_iter().collect());
                (&interface.id, if serves.is_some() { "running" } else { state })
            }
            (_, Some((instance, true))) => {
                listens = Some(self.listening(&instance.id));
                (&instance.id, instance.state.as_str())
            }
            (_, Some((instance, false))) => (&interface.id, instance.state.as_str()),
            (InterfaceKind::Interface, None) if interface.attachment.is_none() => (&interface.id, "available"),
            (_, None) => (&interface.id, "running"),
        };
        let state = if state == "running" && self.zone_is_down(&interface.zone) { "unreachable" } else { state };
        let ephemeral = match interface.kind {
            InterfaceKind::LoadBalancer => PortRange::ANY_EPHEMERAL,
            _ => PortRange::LINUX,
        };
        let host = reach::Host {
            subnet: interface.subnet.clone(),
            private_ip: interface.private_ip,
            public_ip: self.public_address(interface),
            groups: interface.groups.clone(),
            state: state.to_owned(),
            listens,
            ephemeral,
        };
        Some((id.clone(), host))
    }
}

fn target(target: &Target) -> reach::Target {
    match target {
        Target::Local => reach::Target::Local,
        Target::InternetGateway(id) => reach::Target::InternetGateway(id.clone()),
        Target::NatGateway(id) => reach::Target::NatGateway(id.clone()),
        Target::Peering(id) => reach::Target::Peering(id.clone()),
        Target::NetworkInterface(id) => reach::Target::Other(id.clone()),
    }
}

/// `Some(None)` is every protocol; `None` is one that no packet here has.
fn protocol(word: &str) -> Option<Option<Protocol>> {
    if word == "-1" { Some(None) } else { Protocol::parse(word).map(Some) }
}

fn access_list(acl: &NetworkAcl) -> reach::Acl {
    let mut found = reach::Acl::default();
    for entry in &acl.entries {
        let Some(protocol) = protocol(&entry.protocol) else { continue };
        let rule = reach::AclRule {
            number: entry.number,
            allow: entry.allow,
            protocol,
            ports: entry.ports.map(|(from, to)| PortRange { from, to }),
            cidr: entry.cidr,
        };
        // The last rule denies what no other allows, which the network does by itself.
        if entry.number != super::AclEntry::LAST {
            if entry.egress { found.egress.push(rule) } else { found.ingress.push(rule) }
        }
    }
    found
}

fn security_group(group: &SecurityGroup) -> reach::SecurityGroup {
    let rules = |egress: bool| group.rules.iter().filter(move |rule| rule.egress == egress).filter_map(rule).collect();
    reach::SecurityGroup { ingress: rules(false), egress: rules(true) }
}

/// A rule as far as it concerns IPv4.
fn rule(rule: &Rule) -> Option<reach::Rule> {
    let protocol = protocol(&rule.protocol)?;
    let peer = match &rule.source {
        RuleSource::Ipv4(cidr) => reach::Peer::Cidr(*cidr),
        RuleSource::Group(id) => reach::Peer::Group(id.clone()),
        RuleSource::Ipv6(_) => return None,
    };
    let ports = match (protocol, rule.ports) {
        (Some(Protocol::Tcp | Protocol::Udp), Some((from, to))) => {
            Some(PortRange { from: u16::try_from(from).ok()?, to: u16::try_from(to).ok()? })
        }
        _ => None,
    };
    Some(reach::Rule { protocol, ports, peer })
}

#[cfg(test)]
mod tests;
