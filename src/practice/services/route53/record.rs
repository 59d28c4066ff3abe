//! Record sets: lists, and changes that are made as a whole or not at all.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::zone::{change_info, no_zone};
use super::{Call, invalid_input};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::wire::xml_in::Node;
use crate::practice::world::dns::{Data, RecordSet, Zone, is_within, normal, sort_key};

/// The types of records that are simulated.
const KINDS: [&str; 9] = ["A", "AAAA", "CAA", "CNAME", "MX", "NS", "SOA", "SRV", "TXT"];

/// The hosted zones of Elastic Load Balancing's application load balancers, by region.
const BALANCER_ZONES: [(&str, &str); 3] = [
    ("ZWKZPGTI48KDX", "ap-northeast-2.elb.amazonaws.com."),
    ("Z14GRHDCWA56QT", "ap-northeast-1.elb.amazonaws.com."),
    ("Z35SXDOTRQ7X7K", "us-east-1.elb.amazonaws.com."),
];

/// Changes of one request, at most.
const MOST_CHANGES: usize = 1000;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Action {
    Create,
    Upsert,
    Delete,
}

struct Wanted {
    action: Action,
    name: String,
    kind: String,
    data: Data,
}

fn item(set: &RecordSet) -> Element {
    let element = Element::new("ResourceRecordSet").leaf("Name", &set.name).leaf("Type", &set.kind);
    match &set.data {
        Data::Values { ttl, values } => {
            let records = values.iter().map(|value| Element::new("ResourceRecord").leaf("Value", value));
            element.leaf("TTL", ttl).list_named("ResourceRecords", records)
        }
        Data::Alias { zone, name, evaluate } => element.child(
            Element::new("AliasTarget")
                .leaf("HostedZoneId", zone)
                .leaf("DNSName", name)
                .leaf("EvaluateTargetHealth", evaluate),
        ),
    }
}

/// ListResourceRecordSets: by labels from the last to the first, then by type.
pub(super) fn list(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let zone = call.zone()?;
    let limit = call.max_items(300)?;
    let (name, kind) = (call.params.text("name"), call.params.text("type"));
    if kind.is_some() && name.is_none() {
        return Err(invalid_input("The input is not valid: a record type needs a record name."));
    }
    let from = name.map(|name| sort_key(&normal(name))).unwrap_or_default();
    let from = (from, kind.unwrap_or_default().to_owned());
    let mut sets = zone.records.range(from..).map(|(_, set)| set);
    let page: Vec<Element> = sets.by_ref().take(limit).map(item).collect();
    let next = sets.next();
    Ok(call
        .answer()
        .list_named("ResourceRecordSets", page)
        .leaf("IsTruncated", next.is_some())
        .leaf_opt("NextRecordName", next.map(|set| &set.name))
        .leaf_opt("NextRecordType", next.map(|set| &set.kind))
        .leaf("MaxItems", limit))
}

/// One change as it came, without regard to what the zone holds.
fn read(change: &Node) -> Result<Wanted, ApiError> {
    let action = match change.text("Action").unwrap_or_default() {
        "CREATE" => Action::Create,
        "UPSERT" => Action::Upsert,
        "DELETE" => Action::Delete,
        other => return Err(invalid_input(format!("Invalid value for Action: {other}"))),
    };
    let set = change.child("ResourceRecordSet").ok_or_else(|| invalid_input("A change has no ResourceRecordSet."))?;
    let name = normal(set.text("Name").unwrap_or_default());
    let kind = set.text("Type").unwrap_or_default().to_owned();
    if !KINDS.contains(&kind.as_str()) {
        return Err(match kind.as_str() {
            "DS" | "HTTPS" | "NAPTR" | "PTR" | "SPF" | "SSHFP" | "SVCB" | "TLSA" => {
                ApiError::not_simulated(format_args!("records of type {kind}"))
            }
            other => invalid_input(format!("Invalid value for Type: {other}")),
        });
    }
    let values: Vec<String> =
        set.list("ResourceRecords", "ResourceRecord").filter_map(|one| one.text("Value")).map(str::to_owned).collect();
    let ttl = set.text("TTL");
    let data = match (set.child("AliasTarget"), ttl, values.is_empty()) {
        (Some(alias), None, true) => Data::Alias {
            zone: alias.text("HostedZoneId").unwrap_or_default().trim_start_matches("/hostedzone/").to_owned(),
            name: normal(alias.text("DNSName").unwrap_or_default()),
            evaluate: alias.text("EvaluateTargetHealth") == Some("true"),
        },
        (None, Some(ttl), false) => {
            let seconds = ttl.parse::<u32>().ok().filter(|ttl| *ttl <= 2_147_483_647);
            let ttl = seconds.ok_or_else(|| invalid_input(format!("Invalid value for TTL: {ttl}")))?;
            Data::Values { ttl, values }
        }
        (alias, ..) => {
            let found = if alias.is_some() { "more than one" } else { "none" };
            let action = change.text("Action").unwrap_or_default();
            return Err(invalid_input(format!(
                "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but \
                 found {found} in Change with [Action={action}, Name={name}, Type={kind}, SetIdentifier=null]"
            )));
        }
    };
    Ok(Wanted { action, name, kind, data })
}

/// What is wrong with a value of a type, in AWS's words.
fn wrong_value(kind: &str, value: &str) -> Option<String> {
    let fatal =
        |what: &str| Some(format!("Invalid Resource Record: 'FATAL problem: {what} encountered with '{value}''"));
    let is_name = |name: &str| !name.is_empty() && name.len() <= 255 && !name.contains([' ', '/', ':']);
    match kind {
        "A" if value.parse::<Ipv4Addr>().is_err() => {
            fatal("ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)")
        }
        "AAAA" if value.parse::<Ipv6Addr>().is_err() => {
            fatal("AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)")
        }
        "TXT" if !(value.len() >= 2 && value.starts_with('"') && value.ends_with('"')) => {
            fatal("InvalidCharacterString (Value should be enclosed in quotation marks)")
        }
        "CNAME" | "NS" if !is_name(value) => fatal("DomainLabelInvalid (Value is not a valid domain name)"),
        "MX" => {
            let parts: Vec<&str> = value.split_whitespace().collect();
            let good = matches!(parts.as_slice(), [priority, host] if priority.parse::<u16>().is_ok() && is_name(host));
            if good { None } else { fatal("MXRRDATANotTwoFields (MX record doesn't have 2 fields)") }
        }
        "SRV" => {
            let parts: Vec<&str> = value.split_whitespace().collect();
            let good = matches!(parts.as_slice(), [a, b, c, host]
                if [a, b, c].iter().all(|part| part.parse::<u16>().is_ok()) && is_name(host));
            if good { None } else { fatal("SRVRRDATANotFourFields (SRV record doesn't have 4 fields)") }
        }
        "CAA" => {
            let parts: Vec<&str> = value.splitn(3, ' ').collect();
            let good = matches!(parts.as_slice(), [flags, tag, text]
                if flags.parse::<u8>().is_ok() && ["issue", "issuewild", "iodef"].contains(tag) && text.starts_with('"'));
            if good { None } else { fatal("CAARRDATAIllegal (CAA record doesn't have 3 fields)") }
        }
        _ => None,
    }
}

/// What is wrong with an alias, in AWS's words.
fn wrong_alias(zone: &Zone, wanted: &Wanted, target: &str, name: &str) -> Option<Result<String, ApiError>> {
    let tried = format!("Tried to create an alias that targets {name}, type {} in zone {target}, ", wanted.kind);
    if target == zone.id {
        let there = zone.records.contains_key(&(sort_key(name), wanted.kind.clone()));
        return if !is_within(name, &zone.name) {
            Some(Ok(format!("{tried}but the alias target name does not lie within the target zone")))
        } else if !there {
            Some(Ok(format!("{tried}but that target was not found")))
        } else {
            None
        };
    }
    let Some((_, suffix)) = BALANCER_ZONES.iter().find(|(id, _)| *id == target) else {
        let known = ["Z2FDTNDATAQYW2", "Z3W03O7B5YMIYP", "ZLA2NUCOLGUUR"].contains(&target);
        return Some(if known {
            Err(ApiError::not_simulated(format_args!("aliases to the hosted zone {target}")))
        } else {
            Ok(format!("{tried}but that target was not found"))
        });
    };
    if !matches!(wanted.kind.as_str(), "A" | "AAAA") {
        return Some(Ok(format!("{tried}but the alias target does not have records of that type")));
    }
    let lies_within = is_within(name, suffix) && name != *suffix;
    (!lies_within).then(|| Ok(format!("{tried}but the alias target name does not lie within the target zone")))
}

/// What forbids a new or changed record set beside the others, in AWS's words.
fn conflict(zone: &Zone, wanted: &Wanted) -> Option<String> {
    let Wanted { name, kind, .. } = wanted;
    let others = || zone.records.values().filter(|set| set.name == *name && set.kind != *kind);
    if kind == "CNAME" && *name == zone.name {
        return Some(format!(
            "RRSet of type CNAME with DNS name {name} is not permitted at apex in zone {}",
            zone.name
        ));
    }
    if kind == "CNAME" && others().next().is_some() {
        return Some(format!(
            "RRSet of type CNAME with DNS name {name} is not permitted as it conflicts with other records with the same DNS name in zone {}",
            zone.name
        ));
    }
    if others().any(|set| set.kind == "CNAME") {
        return Some(format!(
            "RRSet of type {kind} with DNS name {name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already \
             exists in zone {}",
            zone.name
        ));
    }
    if kind == "SOA" && *name != zone.name {
        return Some(format!("RRSet of type SOA with DNS name {name} is only permitted at apex in zone {}", zone.name));
    }
    None
}

/// Makes one change in a zone, or says what is wrong with it.
fn apply(zone: &mut Zone, wanted: &Wanted, now: i64, in_sync: i64) -> Result<Option<String>, ApiError> {
    let Wanted { action, name, kind, data } = wanted;
    let key = (sort_key(name), kind.clone());
    let label = format!("resource record set [name='{name}', type='{kind}']");
    if !is_within(name, &zone.name) {
        return Ok(Some(format!("RRSet with DNS name {name} is not permitted in zone {}", zone.name)));
    }
    let current = zone.records.get(&key);
    if *action == Action::Delete {
        let Some(current) = current else { return Ok(Some(format!("Tried to delete {label} but it was not found"))) };
        if !is_same(&current.data, data) {
            return Ok(Some(format!(
                "Tried to delete {label} but the values provided do not match the current values"
            )));
        }
        if *name == zone.name && kind == "NS" {
            return Ok(Some("A HostedZone must contain at least one NS record for the zone itself.".to_owned()));
        }
        if *name == zone.name && kind == "SOA" {
            return Ok(Some("A HostedZone must contain exactly one SOA record.".to_owned()));
        }
        zone.records.remove(&key);
        return Ok(None);
    }
    if *action == Action::Create && current.is_some() {
        return Ok(Some(format!("Tried to create {label} but it already exists")));
    }
    let wrong = match data {
        Data::Values { values, .. } => {
            let distinct: BTreeSet<&String> = values.iter().collect();
            let twice = (distinct.len() < values.len())
                .then(|| format!("Duplicate Resource Record: '{}'", values.join("', '")));
            let many = (kind == "CNAME" && values.len() > 1)
                .then(|| format!("RRSet of type CNAME with DNS name {name} must contain exactly one resource record"));
            values.iter().find_map(|value| wrong_value(kind, value)).or(twice).or(many)
        }
        Data::Alias { zone: target, name: target_name, .. } => {
            wrong_alias(zone, wanted, target, target_name).transpose()?
        }
    };
    if let Some(wrong) = wrong.or_else(|| conflict(zone, wanted)) {
        return Ok(Some(wrong));
    }
    let before = current.and_then(|set| set.at(now)).cloned();
    let set = RecordSet { name: name.clone(), kind: kind.clone(), data: data.clone(), since: in_sync, before };
    zone.records.insert(key, set);
    Ok(None)
}

/// The same data, in whatever order the values came.
fn is_same(one: &Data, other: &Data) -> bool {
    match (one, other) {
        (Data::Values { ttl, values }, Data::Values { ttl: other_ttl, values: others }) => {
            let sorted = |values: &Vec<String>| values.iter().cloned().collect::<BTreeSet<String>>();
            ttl == other_ttl && sorted(values) == sorted(others)
        }
        _ => one == other,
    }
}

/// ChangeResourceRecordSets
pub(super) fn change(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.zone()?.id.clone();
    let batch = call.body.child("ChangeBatch").ok_or_else(|| invalid_input("The request has no ChangeBatch."))?;
    let comment = batch.text("Comment").map(str::to_owned);
    let wanted: Vec<Wanted> = batch.list("Changes", "Change").map(read).collect::<Result<_, _>>()?;
    if wanted.is_empty() {
        return Err(invalid_input("A ChangeBatch needs at least one change."));
    }
    if wanted.len() > MOST_CHANGES {
        let message = format!("Number of records limit of {MOST_CHANGES} exceeded.");
        return Err(ApiError::new("InvalidChangeBatch", message));
    }
    let change = call.dns.submit(call.now, comment);
    let zone = call.dns.zones.get(&id).ok_or_else(|| no_zone(&id))?;
    let mut changed = zone.clone();
    let mut wrong = Vec::new();
    let mut seen = BTreeSet::new();
    for one in &wanted {
        // Deleting and creating one set in a batch is how its type or its values are exchanged; anything else twice is a mistake.
        let place = (one.name.as_str(), one.kind.as_str(), one.action == Action::Delete);
        if !seen.insert(place) || (one.action == Action::Upsert && seen.contains(&(place.0, place.1, true))) {
            wrong.push(format!(
                "The request contains an invalid set of changes for a resource record set '{} {}'",
                one.kind, one.name
            ));
        } else {
            wrong.extend(apply(&mut changed, one, call.now, change.in_sync)?);
        }
    }
    if !wrong.is_empty() {
        return Err(ApiError::new("InvalidChangeBatch", format!("[{}]", wrong.join(", "))));
    }
    call.dns.zones.insert(id, changed);
    Ok(call.answer().child(change_info(&change, call.now)))
}
