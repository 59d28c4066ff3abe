//! Hosted zones, their records, and the domains that are registered.
//!
//! Promises: a zone's records answer only if the zone is delegated (its registered domain, or an NS record of a delegated zone above it, names
//! its servers), and only from the moment when the change has reached the servers. Nothing here changes by itself: a change's moment is data.
//! Leaves checks and sentences to `services::route53`, and the names that AWS makes itself to [`super::resolve`].

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::random::Random;

/// The domain that a practice account owns from its first day.
pub const PRACTICE_DOMAIN: &str = "lab.example";

/// How long a change takes to reach all servers, ms.
const PROPAGATION: (i64, u64) = (30_000, 20_000);

/// Hosted zones, their records and the domains that are registered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dns {
    /// By id (`Z0123...`).
    pub zones: BTreeMap<String, Zone>,
    /// By name, without the last dot.
    pub domains: BTreeMap<String, Domain>,
    /// By id (`C0123...`).
    pub changes: BTreeMap<String, Change>,
    /// CallerReferences of zones that were ever made.
    pub references: BTreeSet<String>,
    random: Random,
}

/// A public hosted zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Zone {
    pub id: String,
    /// With the last dot.
    pub name: String,
    pub reference: String,
    pub comment: Option<String>,
    /// Without last dots.
    pub name_servers: Vec<String>,
    /// By [`sort_key`] of the name and type.
    pub records: BTreeMap<(String, String), RecordSet>,
    pub tags: BTreeMap<String, String>,
}

/// A registered domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Domain {
    pub created: i64,
    pub expires: i64,
    pub auto_renew: bool,
    /// Without last dots.
    pub name_servers: Vec<String>,
}

/// A change and when the servers have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Change {
    pub id: String,
    pub submitted: i64,
    /// From when it is INSYNC.
    pub in_sync: i64,
    pub comment: Option<String>,
}

/// What a record set answers with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Data {
    /// Its own values.
    Values {
        /// Seconds.
        ttl: u32,
        /// As they were given.
        values: Vec<String>,
    },
    /// What another name answers.
    Alias {
        /// The target's hosted zone id.
        zone: String,
        /// The target, with the last dot.
        name: String,
        /// EvaluateTargetHealth
        evaluate: bool,
    },
}

/// A record set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSet {
    /// Lower case, with the last dot, `*` as `\052`.
    pub name: String,
    /// `A`
    pub kind: String,
    /// What it says.
    pub data: Data,
    /// From when the servers say so.
    pub since: i64,
    /// What they say until then.
    pub before: Option<Data>,
}

impl RecordSet {
    /// What the servers answer at a moment.
    pub fn at(&self, now: i64) -> Option<&Data> {
        if now >= self.since { Some(&self.data) } else { self.before.as_ref() }
    }
}

/// What a question to the servers of the world gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found<'d> {
    /// Data of this type, or of type CNAME.
    Data {
        /// `A`, or `CNAME`.
        kind: &'d str,
        /// What it says.
        data: &'d Data,
        /// The zone it is in.
        zone: &'d Zone,
    },
    /// The name exists, without data of this type.
    NoData,
    /// The name does not exist, in a zone that is asked for it.
    NoName,
    /// No registered domain of this account, or no zone that is delegated: nobody here can answer.
    NotHere,
}

impl Dns {
    /// A new account's: one registered domain with its zone.
    pub fn new(seed: u64, now: i64) -> Self {
        let mut dns = Self { random: Random::new(seed, "route53"), ..Self::default() };
        let reference = format!("RISWorkflow-RD:{}", dns.random.uuid());
        let id = dns.make_zone(PRACTICE_DOMAIN, &reference, i64::MIN);
        let name_servers = dns.zones.get(&id).map(|zone| zone.name_servers.clone()).unwrap_or_default();
        if let Some(zone) = dns.zones.get_mut(&id) {
            zone.comment = Some("HostedZone created by Route53 Registrar".to_owned());
        }
        let domain = Domain { created: now, expires: now + 365 * 86_400_000, auto_renew: true, name_servers };
        dns.domains.insert(PRACTICE_DOMAIN.to_owned(), domain);
        dns
    }

    /// Makes a zone of a name (with or without the last dot) whose own records answer from `since` on; gives its id.
    pub fn make_zone(&mut self, name: &str, reference: &str, since: i64) -> String {
        let name = normal(name);
        let id = self.new_id('Z');
        let name_servers: Vec<String> = ["com", "net", "org", "co.uk"]
            .into_iter()
            .zip(0_u64..)
            .map(|(ending, index)| {
                let number = 512 * index + self.random.below(512);
                format!("ns-{number}.awsdns-{:02}.{ending}", number % 64)
            })
            .collect();
        let set = |kind: &str, ttl: u32, values: Vec<String>| RecordSet {
            name: name.clone(),
            kind: kind.to_owned(),
            data: Data::Values { ttl, values },
            since,
            before: None,
        };
        let servers = name_servers.iter().map(|server| format!("{server}.")).collect();
        let master = name_servers.get(1).cloned().unwrap_or_default();
        let soa = format!("{master}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400");
        let records = [set("NS", 172_800, servers), set("SOA", 900, vec![soa])];
        let records = records.into_iter().map(|set| ((sort_key(&name), set.kind.clone()), set)).collect();
        let zone = Zone {
            id: id.clone(),
            name: name.clone(),
            reference: reference.to_owned(),
            comment: None,
            name_servers,
            records,
            tags: BTreeMap::new(),
        };
        self.references.insert(reference.to_owned());
        self.zones.insert(id.clone(), zone);
        id
    }

    /// Writes down a change that is made now.
    pub fn submit(&mut self, now: i64, comment: Option<String>) -> Change {
        let id = self.new_id('C');
        let vary = i64::try_from(self.random.below(PROPAGATION.1)).unwrap_or_default();
        let change = Change { id: id.clone(), submitted: now, in_sync: now + PROPAGATION.0 + vary, comment };
        self.changes.insert(id, change.clone());
        change
    }

    /// A prefix and 20 capital letters and digits.
    fn new_id(&mut self, prefix: char) -> String {
        let alphabet = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        let bytes = self.random.bytes();
        let letters = bytes.iter().take(19).filter_map(|byte| alphabet.get(usize::from(*byte) % alphabet.len()));
        std::iter::once(prefix).chain(std::iter::once('0')).chain(letters.map(|byte| char::from(*byte))).collect()
    }

    /// The zone whose servers the world asks for a name at a moment.
    pub fn authority(&self, name: &str, now: i64) -> Option<&Zone> {
        let name = normal(name);
        let is_in = |domain: &str| is_within(&name, &normal(domain));
        let (domain, registered) =
            self.domains.iter().filter(|(domain, _)| is_in(domain)).max_by_key(|(domain, _)| domain.len())?;
        let mut zone = self.served_by(&normal(domain), &registered.name_servers)?;
        loop {
            let below = zone.records.values().filter(|set| {
                set.kind == "NS" && set.name != zone.name && is_within(&name, &set.name) && set.at(now).is_some()
            });
            let Some(delegation) = below.max_by_key(|set| set.name.len()) else { return Some(zone) };
            let Some(Data::Values { values, .. }) = delegation.at(now) else { return None };
            let servers: Vec<String> =
                values.iter().map(|server| normal(server).trim_end_matches('.').to_owned()).collect();
            zone = self.served_by(&delegation.name, &servers)?;
        }
    }

    fn served_by(&self, name: &str, servers: &[String]) -> Option<&Zone> {
        let serves = |zone: &&Zone| zone.name_servers.iter().any(|server| servers.contains(server));
        self.zones.values().filter(|zone| zone.name == name).find(serves)
    }

    /// Asks the servers for a name's data of a type.
    pub fn ask(&self, name: &str, kind: &str, now: i64) -> Found<'_> {
        let name = normal(name);
        let Some(zone) = self.authority(&name, now) else { return Found::NotHere };
        let exists = |name: &str| zone.records.values().any(|set| is_within(&set.name, name) && set.at(now).is_some());
        if exists(&name) {
            return zone.data(&name, kind, now);
        }
        // A wildcard answers for names below the closest name that exists.
        let mut rest = name.as_str();
        while let Some((_, above)) = rest.split_once('.') {
            let wildcard = format!("\\052.{above}");
            if exists(&wildcard) {
                return zone.data(&wildcard, kind, now);
            }
            if exists(above) {
                break;
            }
            rest = above;
        }
        Found::NoName
    }
}

impl Zone {
    /// The zone's own answer for a name that exists.
    pub fn data(&self, name: &str, kind: &str, now: i64) -> Found<'_> {
        for wanted in [kind, "CNAME"] {
            let found = self.records.get(&(sort_key(name), wanted.to_owned()));
            if let Some((set, data)) = found.and_then(|set| Some((set, set.at(now)?))) {
                return Found::Data { kind: &set.kind, data, zone: self };
            }
        }
        Found::NoData
    }
}

/// A name as Route 53 stores it: lower case, with the last dot, `*` as `\052`.
pub fn normal(name: &str) -> String {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    format!("{}.", name.replace('*', "\\052"))
}

/// By what Route 53 sorts names: by labels from the last to the first.
pub fn sort_key(name: &str) -> String {
    let labels: Vec<&str> = name.trim_end_matches('.').rsplit('.').collect();
    labels.join("\u{1}")
}

/// Is a name (with the last dot) a domain itself, or below it?
pub fn is_within(name: &str, domain: &str) -> bool {
    name == domain || name.strip_suffix(domain).is_some_and(|rest| rest.ends_with('.'))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
    use super::*;

    fn put(dns: &mut Dns, zone: &str, name: &str, kind: &str, values: &[&str], since: i64) {
        let data = Data::Values { ttl: 300, values: values.iter().map(|&value| value.to_owned()).collect() };
        let set = RecordSet { name: normal(name), kind: kind.to_owned(), data, since, before: None };
        dns.zones.get_mut(zone).unwrap().records.insert((sort_key(&normal(name)), kind.to_owned()), set);
    }

    fn said(found: &Found<'_>) -> String {
        match found {
            Found::Data { kind, data: Data::Values { values, .. }, .. } => format!("{kind} {}", values.join(" ")),
            other => format!("{other:?}"),
        }
    }

    #[test]
    fn only_the_delegated_zone_answers_and_only_when_in_sync() {
        let mut dns = Dns::new(7, 1000);
        let own = dns.zones.keys().next().unwrap().clone();
        let other = dns.make_zone("lab.example", "r", 0);
        put(&mut dns, &own, "www.lab.example", "A", &["192.0.2.1"], 5000);
        put(&mut dns, &other, "ftp.lab.example", "A", &["192.0.2.2"], 0);
        assert_eq!(dns.ask("www.lab.example.", "A", 4999), Found::NoName);
        assert_eq!(said(&dns.ask("WWW.lab.example", "A", 5000)), "A 192.0.2.1");
        assert_eq!(dns.ask("ftp.lab.example", "A", 5000), Found::NoName);
        assert_eq!(dns.ask("www.lab.example", "AAAA", 5000), Found::NoData);
        assert_eq!(dns.ask("www.other.example", "A", 5000), Found::NotHere);
        dns.domains.get_mut(PRACTICE_DOMAIN).unwrap().name_servers = dns.zones[&other].name_servers.clone();
        assert_eq!(said(&dns.ask("ftp.lab.example", "A", 5000)), "A 192.0.2.2");
        dns.zones.remove(&other);
        assert_eq!(dns.ask("ftp.lab.example", "A", 5000), Found::NotHere);
    }

    #[test]
    fn ns_records_delegate_further() {
        let mut dns = Dns::new(7, 1000);
        let own = dns.zones.keys().next().unwrap().clone();
        let child = dns.make_zone("dev.lab.example", "r", 0);
        put(&mut dns, &child, "api.dev.lab.example", "A", &["192.0.2.3"], 0);
        assert_eq!(dns.ask("api.dev.lab.example", "A", 9), Found::NoName);
        let server = format!("{}.", dns.zones[&child].name_servers[2]);
        put(&mut dns, &own, "dev.lab.example", "NS", &[&server], 0);
        assert_eq!(said(&dns.ask("api.dev.lab.example", "A", 9)), "A 192.0.2.3");
        put(&mut dns, &own, "dev.lab.example", "NS", &["ns.elsewhere.test."], 0);
        assert_eq!(dns.ask("api.dev.lab.example", "A", 9), Found::NotHere);
    }

    #[test]
    fn wildcards_answer_below_the_closest_name() {
        let mut dns = Dns::new(7, 1000);
        let own = dns.zones.keys().next().unwrap().clone();
        put(&mut dns, &own, "*.lab.example", "CNAME", &["lab.example."], 0);
        put(&mut dns, &own, "a.b.lab.example", "A", &["192.0.2.1"], 0);
        assert_eq!(said(&dns.ask("x.y.lab.example", "A", 9)), "CNAME lab.example.");
        assert_eq!(dns.ask("x.b.lab.example", "A", 9), Found::NoName);
        assert_eq!(dns.ask("b.lab.example", "A", 9), Found::NoData);
    }

    #[test]
    fn names_sort_by_labels_from_the_end() {
        let mut names = ["b.example.", "example.", "a.b.example.", "b-c.example.", "a.example."];
        names.sort_by_key(|name| sort_key(name));
        assert_eq!(names, ["example.", "a.example.", "b.example.", "a.b.example.", "b-c.example."]);
    }

    #[test]
    fn ids_have_the_shape_of_aws() {
        let dns = Dns::new(7, 1000);
        let zone = dns.zones.values().next().unwrap();
        assert!(zone.id.len() == 21 && zone.id.starts_with('Z'), "{}", zone.id);
        assert_eq!(zone.name_servers.len(), 4);
        assert!(zone.name_servers[3].ends_with(".co.uk"), "{:?}", zone.name_servers);
    }
}
