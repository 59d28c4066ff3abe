//! The observed world as a network.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;

use crate::course::model::Value;
use crate::lab::world::{Health, Observed, World};
use crate::reach::{
    Acl, AclRule, Host, InternetGateway, NatGateway, Network, Peer, Peering, PortRange, Protocol, Route, RouteTable,
    Rule, SecurityGroup, Subnet, Target, Vpc,
};

/// What was observed, as a packet meets it. Resources that are being deleted are left out; a field that cannot be read
/// leaves its part out, so that the way through it is not taken for open.
pub fn network(world: &World) -> Network {
    let mut net = Network::default();
    for observed in world.found().filter(|observed| observed.health != Health::Deleting) {
        add(&mut net, observed);
    }
    place_databases(&mut net, world);
    associate(&mut net, world);
    net
}

fn add(net: &mut Network, observed: &Observed) {
    let id = observed.id.clone();
    let text = |field: &str| observed.text(field).filter(|text| !text.is_empty()).map(str::to_owned);
    let list = |field: &str| observed.fields.get(field).map(Value::items).unwrap_or_default();
    match observed.key.kind.as_str() {
        "vpc" => {
            let cidrs = cidr(observed.text("cidr")).into_iter().collect();
            net.vpcs.insert(id, Vpc { cidrs, main_table: text("main_route_table") });
        }
        "subnet" => {
            let (Some(vpc), Some(cidr)) = (text("vpc"), cidr(observed.text("cidr"))) else { return };
            let acl = observed.fields.get("acl").map(|rules| {
                let name = format!("{id} acl");
                net.acls.insert(name.clone(), acl(rules.items()));
                name
            });
            net.subnets.insert(id, Subnet { vpc, cidr, table: None, acl });
        }
        "internet-gateway" => {
            net.internet_gateways.insert(id, InternetGateway { vpc: text("vpc") });
        }
        "nat-gateway" => {
            let Some(subnet) = text("subnet") else { return };
            let address = |field| observed.text(field).and_then(|ip| ip.parse::<Ipv4Addr>().ok());
            let state = observed.state.clone();
            let (private_ip, public_ip) = (address("private_ip"), address("public_ip"));
            net.nat_gateways.insert(id, NatGateway { subnet, private_ip, public_ip, state });
        }
        "route-table" => {
            let routes = list("routes").iter().filter_map(route).collect();
            net.tables.insert(id, RouteTable { vpc: text("vpc").unwrap_or_default(), routes });
        }
        "vpc-peering-connection" => {
            let (Some(vpc), Some(peer)) = (text("vpc"), text("peer_vpc")) else { return };
            let active = observed.state == "active";
            // The course peers across regions: no rule can name a group of the other side.
            net.peerings.insert(id, Peering { vpcs: [vpc, peer], active, same_region: false });
        }
        "security-group" => {
            let rules = |field: &str| list(field).iter().filter_map(rule).collect();
            net.groups.insert(id, SecurityGroup { ingress: rules("ingress"), egress: rules("egress") });
        }
        "instance" => {
            let address = |field| observed.text(field).and_then(|ip| ip.parse::<Ipv4Addr>().ok());
            let (Some(subnet), Some(private_ip)) = (text("subnet"), address("private_ip")) else { return };
            let groups = list("groups").iter().filter_map(Value::as_text).map(str::to_owned).collect();
            let (public_ip, state) = (address("public_ip"), observed.state.clone());
            // What listens inside an instance is not observed.
            let (listens, ephemeral) = (None, PortRange::LINUX);
            net.hosts.insert(id, Host { subnet, private_ip, public_ip, groups, state, listens, ephemeral });
        }
        // Where RDS has put it is known once it has a network interface.
        "db-instance" => {
            let address = observed.text("private_ip").and_then(|ip| ip.parse::<Ipv4Addr>().ok());
            let (Some(subnet), Some(private_ip)) = (text("subnet"), address) else { return };
            let groups = list("groups").iter().filter_map(Value::as_text).map(str::to_owned).collect();
            let port = observed.fields.get("port").and_then(Value::as_int).and_then(|port| u16::try_from(port).ok());
            let state = if observed.health == Health::Ready { "running" } else { &observed.state };
            let state = state.to_owned();
            let public_ip = observed.text("public_ip").and_then(|ip| ip.parse::<Ipv4Addr>().ok());
            let (listens, ephemeral) = (port.map(|port| [port].into()), PortRange::LINUX);
            net.hosts.insert(id, Host { subnet, private_ip, public_ip, groups, state, listens, ephemeral });
        }
        _ => {}
    }
}

/// A database whose network interface nobody tells of (it is being made, or the endpoint has none) is somewhere in the
/// subnet that its zone and its subnet group leave: any address there meets the same routes and rules.
fn place_databases(net: &mut Network, world: &World) {
    let of_kind =
        |kind: &'static str| world.found().filter(move |one| one.key.kind == kind && one.health != Health::Deleting);
    for database in of_kind("db-instance").filter(|one| one.text("private_ip").is_none()) {
        let group = of_kind("db-subnet-group").find(|group| database.text("subnet_group") == Some(group.id.as_str()));
        let ids = group.and_then(|group| group.fields.get("subnets")).map(Value::items).unwrap_or_default();
        let within = |one: &&Observed| ids.iter().any(|id| id.as_text() == Some(&one.id));
        let in_zone = of_kind("subnet").filter(within).find(|one| one.text("zone") == database.text("zone"));
        let Some(subnet) = in_zone.or_else(|| of_kind("subnet").find(within)) else { continue };
        let Some(address) = cidr(subnet.text("cidr")).and_then(|block| block.hosts().last()) else { continue };
        let mut placed = database.clone();
        placed.fields.insert("subnet".to_owned(), subnet.id.as_str().into());
        placed.fields.insert("private_ip".to_owned(), address.to_string().into());
        add(net, &placed);
    }
}

/// Subnets learn of their tables from the tables' side, where AWS keeps it.
fn associate(net: &mut Network, world: &World) {
    let mut explicit: BTreeMap<String, String> = BTreeMap::new();
    for table in world.found().filter(|o| o.key.kind == "route-table" && o.health != Health::Deleting) {
        for association in table.fields.get("associations").map(Value::items).unwrap_or_default() {
            let subnet = association.member("subnet").and_then(Value::as_text).filter(|id| !id.is_empty());
            if let Some(subnet) = subnet {
                explicit.insert(subnet.to_owned(), table.id.clone());
            }
        }
    }
    for (id, subnet) in &mut net.subnets {
        subnet.table = explicit.remove(id);
    }
}

fn cidr(text: Option<&str>) -> Option<Ipv4Net> {
    text?.parse().ok()
}

fn route(value: &Value) -> Option<Route> {
    let text = |name| value.member(name).and_then(Value::as_text);
    Some(Route {
        destination: cidr(text("destination"))?,
        target: Target::from_id(text("target").unwrap_or_default()),
        blackhole: text("state") == Some("blackhole"),
    })
}

/// `Some(None)` is every protocol; `None` is one that the course has no packets of.
fn protocol(value: &Value) -> Option<Option<Protocol>> {
    let word = value.member("protocol").map(ToString::to_string)?;
    match word.as_str() {
        "all" | "-1" => Some(None),
        _ => Protocol::parse(&word).map(Some),
    }
}

/// Ports of a rule: all of them when there are none or AWS writes -1.
fn ports(value: &Value) -> Option<PortRange> {
    let port = |name| {
        let number = value.member(name).and_then(|v| v.as_int().or_else(|| v.as_text()?.parse().ok()))?;
        u16::try_from(number).ok()
    };
    Some(PortRange { from: port("from")?, to: port("to")? })
}

fn rule(value: &Value) -> Option<Rule> {
    let protocol = protocol(value)?;
    let source = value.member("source").and_then(Value::as_text)?;
    let peer = match source.parse::<Ipv4Net>() {
        Ok(cidr) => Peer::Cidr(cidr),
        // An IPv6 block lets no IPv4 packet through.
        Err(_) if source.contains(':') => return None,
        Err(_) => Peer::Group(source.to_owned()),
    };
    let ports = if matches!(protocol, Some(Protocol::Tcp | Protocol::Udp)) { ports(value) } else { None };
    Some(Rule { protocol, ports, peer })
}

fn acl(rules: &[Value]) -> Acl {
    let mut acl = Acl::default();
    for value in rules {
        let text = |name| value.member(name).and_then(Value::as_text).unwrap_or_default();
        let number = value.member("number").and_then(Value::as_int).and_then(|n| u16::try_from(n).ok());
        // 32767 is the last rule, `*`: deny.
        let (Some(number), Some(protocol), Some(cidr)) = (number, protocol(value), cidr(Some(text("cidr")))) else {
            continue;
        };
        if number == 32_767 {
            continue;
        }
        let ports = if matches!(protocol, Some(Protocol::Tcp | Protocol::Udp)) { ports(value) } else { None };
        let rule = AclRule { number, allow: text("action") == "allow", protocol, ports, cidr };
        if text("direction") == "egress" { acl.egress.push(rule) } else { acl.ingress.push(rule) }
    }
    acl
}
