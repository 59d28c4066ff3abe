//! What a name resolves to, seen from a VPC or from outside AWS.
//!
//! Promises: names of instances, DB instances and load balancers give the addresses that AWS gives from there (inside the VPC the private ones);
//! names in delegated zones follow aliases and CNAMEs; the hosts of the internet that the course needs have addresses of
//! 198.51.100.0/24, which stand for "the internet". Leaves to others: whether a packet gets to the address.
//! Not simulated: caches, negative answers that stay, IPv6.

use std::net::Ipv4Addr;

use sha2::{Digest, Sha256};

use super::dns::{Data, Found, Zone, normal};
use super::{Beyond, Global, Region, World};

/// How a question ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There are addresses.
    Found,
    /// The name exists, without addresses.
    NoData,
    /// NXDOMAIN.
    NoName,
    /// The VPC has no resolver (enableDnsSupport is off): the question times out.
    NoResolver,
}

/// One record on the way: `www.lab.example. CNAME lab.example.`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The name asked for, with the last dot.
    pub name: String,
    /// `CNAME` or `A`.
    pub kind: &'static str,
    /// A name with the last dot, or an address.
    pub value: String,
}

/// An answer and the records that gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolution {
    /// How it ended.
    pub outcome: Outcome,
    /// The records, in order. An alias shows as the addresses of its target, as in real DNS.
    pub chain: Vec<Link>,
    /// The addresses; empty unless found.
    pub addresses: Vec<Ipv4Addr>,
}

/// CNAMEs and aliases that are followed before a resolver gives up.
const MOST_LINKS: usize = 9;

/// Hosts of the internet that are there, beside those of AWS.
const HOSTS: [&str; 14] = [
    "amazon.com",
    "aws.amazon.com",
    "cdn.amazonlinux.com",
    "dev.mysql.com",
    "example.com",
    "github.com",
    "google.com",
    "httpbin.org",
    "pypi.org",
    "raw.githubusercontent.com",
    "repo.mysql.com",
    "truststore.pki.rds.amazonaws.com",
    "www.example.com",
    "www.google.com",
];

/// The address of a host of the internet, if there is such a host. `name` is in lower case, without the last dot.
fn internet(name: &str) -> Option<Ipv4Addr> {
    let of_aws = name.ends_with(".amazonaws.com")
        && ![".elb.amazonaws.com", ".rds.amazonaws.com", ".compute.amazonaws.com"]
            .iter()
            .any(|end| name.ends_with(end));
    let [first, ..] = <[u8; 32]>::from(Sha256::digest(name));
    (of_aws || HOSTS.contains(&name)).then(|| Ipv4Addr::new(198, 51, 100, first.clamp(1, 254)))
}

/// Stands an address for a host of the internet?
pub fn is_internet(address: Ipv4Addr) -> bool {
    matches!(address.octets(), [198, 51, 100, _])
}

impl Beyond<'_> {
    /// What a name resolves to from a VPC of a region at the region's moment, with the public names of every region.
    pub fn resolve(&self, region: &Region, vpc: Option<&str>, name: &str) -> Resolution {
        among(self.with(region), (self.global, region.now()), (region.name(), vpc), name)
    }
}

impl Region {
    /// The addresses behind a name that AWS made for a resource of this region: none when there is no such name now.
    fn made_name(&self, vpc: Option<&str>, name: &str) -> Option<Vec<Ipv4Addr>> {
        let name = name.trim_end_matches('.');
        if let Some(private) = name.strip_suffix(&self.internal_suffix()) {
            let address = dashed(private.strip_prefix("ip-")?)?;
            let here = self.interfaces.values().any(|one| Some(one.vpc.as_str()) == vpc && one.private_ip == address);
            return here.then(|| vec![address]);
        }
        if let Some(public) = name.strip_suffix(&self.public_suffix()) {
            let address = dashed(public.strip_prefix("ec2-")?)?;
            let interface = self.interfaces.values().find(|one| self.public_address(one) == Some(address))?;
            let inside = Some(interface.vpc.as_str()) == vpc;
            return Some(vec![if inside { interface.private_ip } else { address }]);
        }
        if name.ends_with(".rds.amazonaws.com") {
            let mut instances = self.databases.instances.values().filter(|database| database.has_endpoint);
            let database = instances.find(|database| self.database_host(&database.identifier) == name)?;
            let interface = self.interfaces.get(&database.interface)?;
            let outside = vpc != Some(database.vpc.as_str());
            let public = self.public_address(interface).filter(|_| outside);
            return Some(vec![public.unwrap_or(interface.private_ip)]);
        }
        self.balancer_addresses(name.strip_prefix("dualstack.").unwrap_or(name))
    }

    fn internal_suffix(&self) -> String {
        match self.name() {
            "us-east-1" => ".ec2.internal".to_owned(),
            name => format!(".{name}.compute.internal"),
        }
    }

    fn public_suffix(&self) -> String {
        match self.name() {
            "us-east-1" => ".compute-1.amazonaws.com".to_owned(),
            name => format!(".{name}.compute.amazonaws.com"),
        }
    }
}

impl World {
    /// What a name resolves to from a VPC of a region, or (`None`) from the learner's own computer.
    pub fn resolve(&self, region: &str, vpc: Option<&str>, name: &str) -> Resolution {
        among(self.regions(), (self.global(), self.now()), (region, vpc), name)
    }
}

/// Asks for a name from a VPC of one of the regions, at a moment (ms).
fn among<'a>(
    regions: impl Iterator<Item = &'a Region> + Clone,
    (global, now): (&Global, i64),
    (region, vpc): (&str, Option<&str>),
    name: &str,
) -> Resolution {
    let own = regions.clone().find(|one| one.name() == region);
    if own.and_then(|own| own.vpcs.get(vpc?)).is_some_and(|vpc| !vpc.dns_support) {
        return Resolution { outcome: Outcome::NoResolver, chain: Vec::new(), addresses: Vec::new() };
    }
    follow(global, now, name, |name| {
        regions.clone().find_map(|one| one.made_name(vpc.filter(|_| one.name() == region), name))
    })
}

/// `10-1-11-5` as an address.
fn dashed(text: &str) -> Option<Ipv4Addr> {
    text.replace('-', ".").parse().ok()
}

/// Follows a name to its addresses; `made` knows the names that AWS makes.
fn follow(global: &Global, now: i64, name: &str, made: impl Fn(&str) -> Option<Vec<Ipv4Addr>>) -> Resolution {
    let mut chain = Vec::new();
    if let Ok(address) = name.parse() {
        return Resolution { outcome: Outcome::Found, chain, addresses: vec![address] };
    }
    let mut current = normal(name);
    for _ in 0..MOST_LINKS {
        let found = one(global, now, &current, &made);
        match found {
            One::Addresses(addresses) => {
                let outcome = if addresses.is_empty() { Outcome::NoName } else { Outcome::Found };
                chain.extend(addresses.iter().map(|address| Link {
                    name: current.clone(),
                    kind: "A",
                    value: address.to_string(),
                }));
                return Resolution { outcome, chain, addresses };
            }
            One::Elsewhere(target) => {
                chain.push(Link { name: current, kind: "CNAME", value: target.clone() });
                current = target;
            }
            One::Nothing(outcome) => return Resolution { outcome, chain, addresses: Vec::new() },
        }
    }
    Resolution { outcome: Outcome::NoName, chain, addresses: Vec::new() }
}

enum One {
    Addresses(Vec<Ipv4Addr>),
    Elsewhere(String),
    Nothing(Outcome),
}

fn one(global: &Global, now: i64, name: &str, made: &impl Fn(&str) -> Option<Vec<Ipv4Addr>>) -> One {
    if let Some(addresses) = made(name) {
        return One::Addresses(addresses);
    }
    match global.dns.ask(name, "A", now) {
        Found::Data { kind, data, zone } => from_data(now, (kind, data, zone), made, 0),
        Found::NoData => One::Nothing(Outcome::NoData),
        Found::NoName => One::Nothing(Outcome::NoName),
        Found::NotHere => internet(name.trim_end_matches('.'))
            .map_or(One::Nothing(Outcome::NoName), |address| One::Addresses(vec![address])),
    }
}

/// What a record set of a zone leads to.
fn from_data(
    now: i64,
    (kind, data, zone): (&str, &Data, &Zone),
    made: &impl Fn(&str) -> Option<Vec<Ipv4Addr>>,
    depth: usize,
) -> One {
    match data {
        Data::Values { values, .. } if kind == "CNAME" => match values.first() {
            Some(target) => One::Elsewhere(normal(target)),
            None => One::Nothing(Outcome::NoData),
        },
        Data::Values { values, .. } => One::Addresses(values.iter().filter_map(|value| value.parse().ok()).collect()),
        // An alias of the same zone asks that zone, also for a name that is not there.
        Data::Alias { zone: target_zone, name, .. } if *target_zone == zone.id => match zone.data(name, "A", now) {
            Found::Data { kind, data, zone } if depth < MOST_LINKS => {
                from_data(now, (kind, data, zone), made, depth + 1)
            }
            _ => One::Nothing(Outcome::NoData),
        },
        Data::Alias { name, .. } => match made(name) {
            Some(addresses) if !addresses.is_empty() => One::Addresses(addresses),
            _ => One::Nothing(Outcome::NoData),
        },
    }
}
