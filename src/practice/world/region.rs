//! One region: its zones, everything in it, and the rules that hold between its resources.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::event::Event;
use super::options::{Duration, Options};
use super::random::Random;
use super::{
    AclAssociation, AclEntry, Address, Instance, InternetGateway, KeyPair, NatGateway, NatState, NetworkAcl,
    NetworkInterface, Progress, Route, RouteTable, RouteTableAssociation, Rule, RuleSource, SecurityGroup, Subnet,
    Target, Volume, Vpc,
};

/// An availability zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// `ap-northeast-2a`
    pub name: String,
    /// `apne2-az1`
    pub id: String,
}

/// What a client token was used for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    /// The request's other parameters, to tell a repetition from another request.
    pub request: String,
    /// What it made.
    pub made: Vec<String>,
}

/// A region and everything in it. Maps go by id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the maps hold what their names say")]
pub struct Region {
    name: String,
    account: String,
    pub(super) random: Random,
    pub(super) now: i64,
    pub(super) sequence: u64,
    pub(super) revision: u64,
    pub(super) queue: BTreeMap<(i64, u64), Event>,
    pub(super) hidden: BTreeSet<String>,
    pub(super) options: Options,
    pub vpcs: BTreeMap<String, Vpc>,
    pub subnets: BTreeMap<String, Subnet>,
    pub internet_gateways: BTreeMap<String, InternetGateway>,
    pub route_tables: BTreeMap<String, RouteTable>,
    pub network_acls: BTreeMap<String, NetworkAcl>,
    pub addresses: BTreeMap<String, Address>,
    pub nat_gateways: BTreeMap<String, NatGateway>,
    pub interfaces: BTreeMap<String, NetworkInterface>,
    pub security_groups: BTreeMap<String, SecurityGroup>,
    pub key_pairs: BTreeMap<String, KeyPair>,
    pub instances: BTreeMap<String, Instance>,
    pub volumes: BTreeMap<String, Volume>,
    /// Tags by resource id.
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
    /// Client tokens by operation and token.
    pub tokens: BTreeMap<(String, String), Token>,
    /// The id of the DHCP options every VPC uses.
    pub dhcp_options: String,
}

impl Region {
    /// A region as a new account finds it: with a default VPC.
    pub(super) fn new(seed: u64, account: &str, name: &str, now: i64, options: Options) -> Self {
        let mut random = Random::new(seed, name);
        let dhcp_options = random.id("dopt");
        let mut region = Self {
            name: name.to_owned(),
            account: account.to_owned(),
            random,
            now,
            sequence: 0,
            revision: 0,
            queue: BTreeMap::new(),
            hidden: BTreeSet::new(),
            options,
            vpcs: BTreeMap::new(),
            subnets: BTreeMap::new(),
            internet_gateways: BTreeMap::new(),
            route_tables: BTreeMap::new(),
            network_acls: BTreeMap::new(),
            addresses: BTreeMap::new(),
            nat_gateways: BTreeMap::new(),
            interfaces: BTreeMap::new(),
            security_groups: BTreeMap::new(),
            key_pairs: BTreeMap::new(),
            instances: BTreeMap::new(),
            volumes: BTreeMap::new(),
            tags: BTreeMap::new(),
            tokens: BTreeMap::new(),
            dhcp_options,
        };
        region.make_default_vpc();
        region
    }

    fn make_default_vpc(&mut self) {
        let cidr = net(Ipv4Addr::new(172, 31, 0, 0), 16);
        let vpc = self.make_vpc(cidr);
        if let Some(made) = self.vpcs.get_mut(&vpc) {
            made.is_default = true;
            made.dns_hostnames = true;
            made.state = Progress::Done;
        }
        let gateway = self.id("igw");
        self.internet_gateways.insert(gateway.clone(), InternetGateway { id: gateway.clone(), vpc: Some(vpc.clone()) });
        let everywhere = Ipv4Net::default();
        if let Some(table) = self.route_tables.values_mut().find(|table| table.vpc == vpc) {
            table.routes.push(Route { destination: everywhere, target: Target::InternetGateway(gateway) });
        }
        for (index, zone) in (0_u8..).zip(self.zones()) {
            let cidr = net(Ipv4Addr::new(172, 31, 16 * index, 0), 20);
            let subnet = self.make_subnet(&vpc, cidr, &zone);
            if let Some(made) = self.subnets.get_mut(&subnet) {
                made.default_for_zone = true;
                made.map_public_ip_on_launch = true;
                made.state = Progress::Done;
            }
        }
        // Nobody saw it come up.
        self.queue.clear();
        self.hidden.clear();
    }

    /// `ap-northeast-2`
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The account's 12 digits.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The region's time, milliseconds since the epoch.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Quotas and switches.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// How often the region has changed, see [`super::World::revision`].
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Counts a change that a request made, see [`super::World::revision`].
    pub fn changed(&mut self) {
        self.revision += 1;
    }

    /// The generator of the region's ids and secrets.
    pub fn random(&mut self) -> &mut Random {
        &mut self.random
    }

    /// A new id.
    pub fn id(&mut self, prefix: &str) -> String {
        self.random.id(prefix)
    }

    /// Is the id still unknown to other calls (eventual consistency)?
    pub fn is_hidden(&self, id: &str) -> bool {
        self.hidden.contains(id)
    }

    /// The availability zones an account sees, in order.
    pub fn zones(&self) -> Vec<Zone> {
        let letters: &[(char, u8)] = match self.name.as_str() {
            "ap-northeast-2" => &[('a', 1), ('b', 2), ('c', 3), ('d', 4)],
            "ap-northeast-1" => &[('a', 4), ('c', 1), ('d', 2)],
            _ => &[('a', 1), ('b', 2), ('c', 3)],
        };
        let short = short_region(&self.name);
        letters
            .iter()
            .map(|(letter, number)| Zone { name: format!("{}{letter}", self.name), id: format!("{short}-az{number}") })
            .collect()
    }

    /// Forgets tags and visibility of what is gone.
    pub fn forget(&mut self, id: &str) {
        self.tags.remove(id);
        self.hidden.remove(id);
    }

    /// Makes a VPC with what AWS makes along: main route table, default network ACL, default security group.
    pub fn make_vpc(&mut self, cidr: Ipv4Net) -> String {
        let id = self.id("vpc");
        let cidr_association = self.id("vpc-cidr-assoc");
        let vpc = Vpc {
            id: id.clone(),
            cidr,
            cidr_association,
            state: Progress::Pending,
            is_default: false,
            dns_support: true,
            dns_hostnames: false,
        };
        self.vpcs.insert(id.clone(), vpc);
        let table = self.make_route_table(&id, cidr);
        let association = RouteTableAssociation { id: self.id("rtbassoc"), subnet: None, state: Progress::Done };
        if let Some(table) = self.route_tables.get_mut(&table) {
            table.associations.push(association);
        }
        let acl = self.make_network_acl(&id, true);
        if let Some(acl) = self.network_acls.get_mut(&acl) {
            acl.entries.insert(0, AclEntry::all(100, true, true));
            acl.entries.insert(2, AclEntry::all(100, false, true));
        }
        let group = self.make_security_group(&id, "default", "default VPC security group");
        let rule = Rule {
            id: self.id("sgr"),
            egress: false,
            protocol: "-1".to_owned(),
            ports: None,
            source: RuleSource::Group(group.clone()),
            description: None,
        };
        if let Some(group) = self.security_groups.get_mut(&group) {
            group.rules.insert(0, rule);
        }
        self.hide_for_a_while(&id);
        self.schedule(Duration::NETWORK, Event::VpcAvailable(id.clone()));
        id
    }

    /// Makes a subnet, tied to the VPC's default network ACL.
    pub fn make_subnet(&mut self, vpc: &str, cidr: Ipv4Net, zone: &Zone) -> String {
        let id = self.id("subnet");
        let subnet = Subnet {
            id: id.clone(),
            vpc: vpc.to_owned(),
            cidr,
            zone: zone.name.clone(),
            zone_id: zone.id.clone(),
            state: Progress::Pending,
            default_for_zone: false,
            map_public_ip_on_launch: false,
        };
        self.subnets.insert(id.clone(), subnet);
        let association = AclAssociation { id: self.id("aclassoc"), subnet: id.clone() };
        if let Some(acl) = self.network_acls.values_mut().find(|acl| acl.vpc == vpc && acl.is_default) {
            acl.associations.push(association);
        }
        self.hide_for_a_while(&id);
        self.schedule(Duration::NETWORK, Event::SubnetAvailable(id.clone()));
        id
    }

    /// Makes a route table with its local route.
    pub fn make_route_table(&mut self, vpc: &str, cidr: Ipv4Net) -> String {
        let id = self.id("rtb");
        let table = RouteTable {
            id: id.clone(),
            vpc: vpc.to_owned(),
            routes: vec![Route { destination: cidr, target: Target::Local }],
            associations: Vec::new(),
        };
        self.route_tables.insert(id.clone(), table);
        id
    }

    /// Makes a network ACL that denies everything.
    pub fn make_network_acl(&mut self, vpc: &str, is_default: bool) -> String {
        let id = self.id("acl");
        let entries = vec![AclEntry::all(AclEntry::LAST, true, false), AclEntry::all(AclEntry::LAST, false, false)];
        let acl = NetworkAcl { id: id.clone(), vpc: vpc.to_owned(), is_default, entries, associations: Vec::new() };
        self.network_acls.insert(id.clone(), acl);
        id
    }

    /// Makes a security group that lets everything out and nothing in.
    pub fn make_security_group(&mut self, vpc: &str, name: &str, description: &str) -> String {
        let id = self.id("sg");
        let rule = Rule {
            id: self.id("sgr"),
            egress: true,
            protocol: "-1".to_owned(),
            ports: None,
            source: RuleSource::Ipv4(Ipv4Net::default()),
            description: None,
        };
        let group = SecurityGroup {
            id: id.clone(),
            vpc: vpc.to_owned(),
            name: name.to_owned(),
            description: description.to_owned(),
            rules: vec![rule],
        };
        self.security_groups.insert(id.clone(), group);
        id
    }

    /// Does the route's target exist and take traffic? If not, the route is a black hole.
    pub fn route_is_active(&self, route: &Route) -> bool {
        match &route.target {
            Target::Local => true,
            Target::InternetGateway(id) => self.internet_gateways.get(id).is_some_and(|gateway| gateway.vpc.is_some()),
            Target::NatGateway(id) => self
                .nat_gateways
                .get(id)
                .is_some_and(|nat| matches!(nat.state, NatState::Pending | NatState::Available)),
            Target::NetworkInterface(id) => {
                self.interfaces.get(id).is_some_and(|interface| interface.attachment.is_some())
            }
        }
    }

    /// The internet gateway attached to a VPC.
    pub fn gateway_of(&self, vpc: &str) -> Option<&InternetGateway> {
        self.internet_gateways.values().find(|gateway| gateway.vpc.as_deref() == Some(vpc))
    }

    /// How many addresses a subnet can still give.
    pub fn free_addresses(&self, subnet: &Subnet) -> usize {
        let used = self.interfaces.values().filter(|interface| interface.subnet == subnet.id).count();
        subnet.capacity().saturating_sub(used)
    }

    /// The first free address of a subnet.
    pub fn first_free_address(&self, subnet: &Subnet) -> Option<Ipv4Addr> {
        let used: BTreeSet<Ipv4Addr> = self
            .interfaces
            .values()
            .filter(|interface| interface.subnet == subnet.id)
            .map(|interface| interface.private_ip)
            .collect();
        subnet.assignable().find(|address| !used.contains(address))
    }

    /// A public address that nobody has. All are of 198.18.0.0/15, which no network routes: a learner who tries one from outside reaches nobody.
    pub fn new_public_address(&mut self) -> Ipv4Addr {
        let second = if self.name == "ap-northeast-2" { 18 } else { 19 };
        loop {
            let [high, low, ..] = self.random.draw().to_le_bytes();
            let address = Ipv4Addr::new(198, second, high, low.clamp(1, 254));
            let taken = self.addresses.values().any(|one| one.public_ip == address)
                || self.interfaces.values().any(|one| one.public_ip == Some(address));
            if !taken {
                return address;
            }
        }
    }

    /// A MAC address.
    pub fn new_mac(&mut self) -> String {
        let [a, b, c, d, e, ..] = self.random.draw().to_le_bytes();
        format!("02:{a:02x}:{b:02x}:{c:02x}:{d:02x}:{e:02x}")
    }

    /// The Elastic IP that an interface has.
    pub fn address_of_interface(&self, interface: &str) -> Option<&Address> {
        self.addresses
            .values()
            .find(|address| address.association.as_ref().is_some_and(|association| association.interface == interface))
    }

    /// The public address an interface answers to: its Elastic IP, else the one AWS lent it.
    pub fn public_address(&self, interface: &NetworkInterface) -> Option<Ipv4Addr> {
        self.address_of_interface(&interface.id).map(|address| address.public_ip).or(interface.public_ip)
    }

    /// Removes an interface; its Elastic IP becomes free.
    pub fn remove_interface(&mut self, id: &str) {
        self.interfaces.remove(id);
        self.forget(id);
        for address in self.addresses.values_mut() {
            if address.association.as_ref().is_some_and(|association| association.interface == id) {
                address.association = None;
            }
        }
    }

    /// Lends public addresses to the instance's interfaces that want one.
    pub fn give_public_addresses(&mut self, instance: &str) {
        let interfaces = self.instances.get(instance).map(|found| found.interfaces.clone()).unwrap_or_default();
        for id in interfaces {
            let wants = self.interfaces.get(&id).is_some_and(|one| one.wants_public_ip && one.public_ip.is_none());
            if wants && self.address_of_interface(&id).is_none() {
                let address = self.new_public_address();
                if let Some(interface) = self.interfaces.get_mut(&id) {
                    interface.public_ip = Some(address);
                }
            }
        }
    }

    pub(super) fn take_public_addresses(&mut self, instance: &str) {
        let interfaces = self.instances.get(instance).map(|found| found.interfaces.clone()).unwrap_or_default();
        for id in interfaces {
            if let Some(interface) = self.interfaces.get_mut(&id) {
                interface.public_ip = None;
            }
        }
    }
}

/// `ap-northeast-2` becomes `apne2`, as in the ids of availability zones.
fn short_region(name: &str) -> String {
    let mut out = String::new();
    for (index, part) in name.split('-').enumerate() {
        match (index, part) {
            (0, _) => out.push_str(part),
            (_, "northeast") => out.push_str("ne"),
            (_, "southeast") => out.push_str("se"),
            (_, "northwest") => out.push_str("nw"),
            (_, "southwest") => out.push_str("sw"),
            (_, "central") => out.push('c'),
            (_, other) => out.extend(other.chars().next()),
        }
    }
    out
}

/// A block whose length is known to be right.
fn net(address: Ipv4Addr, length: u8) -> Ipv4Net {
    Ipv4Net::new(address, length).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #[test]
    fn zone_ids_are_those_of_aws() {
        for (region, short) in
            [("ap-northeast-2", "apne2"), ("us-east-1", "use1"), ("eu-central-1", "euc1"), ("ap-southeast-1", "apse1")]
        {
            assert_eq!(super::short_region(region), short);
        }
    }
}
