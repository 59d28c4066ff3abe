//! One region: its zones, everything in it, and the rules that hold between its resources.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};

use super::balancing::Balancing;
use super::certificate::Certificates;
use super::commands::Commands;
use super::connect::ConnectEndpoint;
use super::database::Databases;
use super::event::Event;
use super::host::Hosts;
use super::image::Images;
use super::load::Loads;
use super::options::Options;
use super::random::Random;
use super::scaling::Scaling;
use super::template::Templates;
use super::watch::Watch;
use super::{
    Address, Global, Instance, InternetGateway, KeyPair, NatGateway, NatState, NetworkAcl, NetworkInterface, Route,
    RouteTable, SecurityGroup, Subnet, Target, Volume, Vpc,
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    pub(super) stirred: bool,
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
    pub images: Images,
    pub connect_endpoints: BTreeMap<String, ConnectEndpoint>,
    pub templates: Templates,
    pub balancing: Balancing,
    pub scaling: Scaling,
    pub watch: Watch,
    pub loads: Loads,
    pub hosts: Hosts,
    pub commands: Commands,
    pub databases: Databases,
    pub certificates: Certificates,
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
            stirred: false,
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
            images: Images::default(),
            connect_endpoints: BTreeMap::new(),
            templates: Templates::default(),
            balancing: Balancing::default(),
            scaling: Scaling::default(),
            watch: Watch::default(),
            loads: Loads::default(),
            hosts: Hosts::default(),
            commands: Commands::default(),
            databases: Databases::default(),
            certificates: Certificates::default(),
            tags: BTreeMap::new(),
            tokens: BTreeMap::new(),
            dhcp_options,
        };
        region.make_default_vpc();
        region
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
        self.stirred = true;
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
        let letters = super::catalogue::zone_letters(&self.name);
        let short = short_region(&self.name);
        letters
            .iter()
            .map(|(letter, number)| Zone { name: format!("{}{letter}", self.name), id: format!("{short}-az{number}") })
            .collect()
    }

    /// Has the availability zone failed? Then nothing in it is reached and nothing is launched there.
    pub fn zone_is_down(&self, zone: &str) -> bool {
        self.options.zones_down.contains(zone)
    }

    /// Has AWS room for an instance of a type in a zone?
    pub fn has_capacity(&self, zone: &str, instance_type: &str) -> bool {
        let full = |name: &str| self.options.no_capacity.contains(name);
        !self.zone_is_down(zone) && !full(zone) && !full(&format!("{zone}:{instance_type}"))
    }

    /// GiB of all volumes.
    pub fn volume_gib(&self) -> u32 {
        self.volumes.values().map(|volume| volume.size).sum()
    }

    /// Forgets tags and visibility of what is gone.
    pub fn forget(&mut self, id: &str) {
        self.tags.remove(id);
        self.hidden.remove(id);
    }

    /// Does the route's target exist and take traffic? If not, the route is a black hole.
    pub fn route_is_active(&self, global: &Global, route: &Route) -> bool {
        self.route_is_active_at(global, self.now, route)
    }

    /// As [`Self::route_is_active`], at a moment (ms) until which nothing is due here.
    pub(super) fn route_is_active_at(&self, global: &Global, now: i64, route: &Route) -> bool {
        match &route.target {
            Target::Local => true,
            Target::InternetGateway(id) => self.internet_gateways.get(id).is_some_and(|gateway| gateway.vpc.is_some()),
            Target::NatGateway(id) => self
                .nat_gateways
                .get(id)
                .is_some_and(|nat| matches!(nat.state, NatState::Pending | NatState::Available)),
            Target::Peering(id) => global.peerings.get(id).is_some_and(|peering| peering.is_active(now)),
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
