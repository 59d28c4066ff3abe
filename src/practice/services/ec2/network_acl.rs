//! Network ACLs.

use super::Call;
use super::common::{cidr, one};
use super::errors::{self, has_dependencies, invalid_value, limit, missing};
use super::page::{Choice, choose};
use super::tags;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{AclAssociation, AclEntry, NetworkAcl, Region};

fn action(entry: &AclEntry) -> &'static str {
    if entry.allow { "allow" } else { "deny" }
}

fn item(region: &Region, acl: &NetworkAcl) -> Element {
    let entries = acl.entries.iter().map(|entry| {
        let ports = entry.ports.map(|(from, to)| Element::new("portRange").leaf("from", from).leaf("to", to));
        let icmp = entry.icmp.map(|(kind, code)| Element::new("icmpTypeCode").leaf("type", kind).leaf("code", code));
        Element::item()
            .leaf("ruleNumber", entry.number)
            .leaf("protocol", &entry.protocol)
            .leaf("ruleAction", action(entry))
            .leaf("egress", entry.egress)
            .leaf("cidrBlock", entry.cidr)
            .child_opt(ports)
            .child_opt(icmp)
    });
    let associations = acl.associations.iter().map(|association| {
        Element::item()
            .leaf("networkAclAssociationId", &association.id)
            .leaf("networkAclId", &acl.id)
            .leaf("subnetId", &association.subnet)
    });
    Element::new("networkAcl")
        .leaf("networkAclId", &acl.id)
        .leaf("vpcId", &acl.vpc)
        .leaf("ownerId", region.account())
        .leaf("default", acl.is_default)
        .list("entrySet", entries)
        .list("associationSet", associations)
        .child(tags::set(region, &acl.id))
}

/// CreateNetworkAcl: it denies everything.
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let vpc = call.params.required("VpcId")?;
    let tags = call.tags_for("network-acl")?;
    call.vpc(vpc)?;
    let id = match call.repeated()?.and_then(|ids| ids.into_iter().next()) {
        Some(id) if call.region.network_acls.contains_key(&id) => id,
        _ => {
            let siblings = call.region.network_acls.values().filter(|acl| acl.vpc == vpc).count();
            if siblings >= call.region.options().limits.network_acls_per_vpc {
                return Err(limit("NetworkAclLimitExceeded", "network ACLs"));
            }
            let id = call.region.make_network_acl(vpc, false);
            call.region.hide_for_a_while(&id);
            call.tag(&id, tags);
            call.remember(vec![id.clone()]);
            id
        }
    };
    let made = call.region.network_acls.get(&id).map(|acl| item(call.region, acl));
    Ok(call.answer().child_opt(made).leaf_opt("clientToken", call.client_token()))
}

/// DeleteNetworkAcl: not the default one, not while a subnet uses it.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("NetworkAclId")?;
    let acl = call.network_acl(id)?;
    if acl.is_default {
        return Err(invalid_value(format!("cannot delete default network ACL {id}")));
    }
    if !acl.associations.is_empty() {
        return Err(has_dependencies("networkAcl", id));
    }
    call.region.network_acls.remove(id);
    call.region.forget(id);
    Ok(call.done())
}

/// The number and direction that name an entry.
fn place(call: &Call<'_>) -> Result<(u16, bool), ApiError> {
    let number = call.params.int("RuleNumber")?.ok_or_else(|| missing("ruleNumber"))?;
    let egress = call.params.bool("Egress")?.ok_or_else(|| missing("egress"))?;
    let number = u16::try_from(number).ok().filter(|number| (1..AclEntry::LAST).contains(number)).ok_or_else(|| {
        invalid_value(format!("Value ({number}) for parameter ruleNumber is invalid. It must be between 1 and 32766."))
    })?;
    Ok((number, egress))
}

fn read_entry(call: &Call<'_>) -> Result<AclEntry, ApiError> {
    let params = call.params;
    let (number, egress) = place(call)?;
    let allow = match params.required("RuleAction")? {
        "allow" => true,
        "deny" => false,
        other => return Err(invalid_value(format!("Value ({other}) for parameter ruleAction is invalid."))),
    };
    let protocol = match params.required("Protocol")? {
        "-1" | "all" => "-1",
        "tcp" => "6",
        "udp" => "17",
        "icmp" => "1",
        number if number.parse::<u8>().is_ok() => number,
        other => return Err(invalid_value(format!("Value ({other}) for parameter protocol is invalid."))),
    };
    let range = params.sub("PortRange");
    let ports = match (range.int("From")?, range.int("To")?) {
        (Some(from), Some(to)) => {
            let port = |value: i64| u16::try_from(value);
            match (port(from), port(to)) {
                (Ok(from), Ok(to)) if from <= to => Some((from, to)),
                _ => return Err(invalid_value(format!("Invalid port range ({from}:{to})"))),
            }
        }
        _ if ["6", "17"].contains(&protocol) => return Err(missing("portRange")),
        _ => None,
    };
    let icmp = params.sub("Icmp");
    let icmp = match (icmp.int("Type")?, icmp.int("Code")?) {
        (Some(kind), Some(code)) => {
            let small = |value: i64| {
                i32::try_from(value).map_err(|_| invalid_value(format!("Invalid ICMP type or code {value}")))
            };
            Some((small(kind)?, small(code)?))
        }
        _ if protocol == "1" => return Err(missing("icmpTypeCode")),
        _ => None,
    };
    let block = cidr(params.text("CidrBlock").ok_or_else(|| missing("cidrBlock"))?, "cidrBlock")?;
    Ok(AclEntry { number, egress, allow, protocol: protocol.to_owned(), cidr: block, ports, icmp })
}

fn no_entry(number: u16) -> ApiError {
    ApiError::new(
        "InvalidNetworkAclEntry.NotFound",
        format!("The network acl entry identified by {number} does not exist"),
    )
}

/// CreateNetworkAclEntry, ReplaceNetworkAclEntry
pub(super) fn put_entry(call: &mut Call<'_>, replace: bool) -> Result<Element, ApiError> {
    let id = call.params.required("NetworkAclId")?;
    let entry = read_entry(call)?;
    let acl = call.network_acl(id)?;
    let there = acl.entries.iter().any(|one| one.number == entry.number && one.egress == entry.egress);
    match (there, replace) {
        (true, false) => {
            return Err(ApiError::new(
                "NetworkAclEntryAlreadyExists",
                format!("The network acl entry identified by {} already exists.", entry.number),
            ));
        }
        (false, true) => return Err(no_entry(entry.number)),
        _ => {}
    }
    let before = acl.entries.iter().filter(|one| one.egress == entry.egress && one.number < AclEntry::LAST).count();
    if !replace && before >= call.region.options().limits.entries_per_acl {
        return Err(limit("NetworkAclEntryLimitExceeded", "network ACL entries"));
    }
    if let Some(acl) = call.region.network_acls.get_mut(id) {
        acl.entries.retain(|one| one.number != entry.number || one.egress != entry.egress);
        acl.entries.push(entry);
        acl.entries.sort_by_key(|one| (!one.egress, one.number));
    }
    Ok(call.done())
}

/// DeleteNetworkAclEntry
pub(super) fn delete_entry(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("NetworkAclId")?;
    let (number, egress) = place(call)?;
    let matching = |one: &AclEntry| one.number == number && one.egress == egress;
    if !call.network_acl(id)?.entries.iter().any(matching) {
        return Err(no_entry(number));
    }
    if let Some(acl) = call.region.network_acls.get_mut(id) {
        acl.entries.retain(|one| !matching(one));
    }
    Ok(call.done())
}

/// ReplaceNetworkAclAssociation: a subnet always has exactly one ACL.
pub(super) fn replace_association(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let association = call.params.required("AssociationId")?;
    let to = call.params.required("NetworkAclId")?;
    let vpc = call.network_acl(to)?.vpc.clone();
    let found = call.region.network_acls.values().find_map(|acl| {
        acl.associations
            .iter()
            .find(|one| one.id == association)
            .map(|one| (acl.id.clone(), acl.vpc.clone(), one.subnet.clone()))
    });
    let (from, of, subnet) = found.ok_or_else(|| errors::ASSOCIATION.not_found(association))?;
    if of != vpc {
        return Err(invalid_value(format!("Network ACL {to} and subnet {subnet} belong to different networks")));
    }
    let id = call.region.id("aclassoc");
    if let Some(acl) = call.region.network_acls.get_mut(&from) {
        acl.associations.retain(|one| one.id != association);
    }
    if let Some(acl) = call.region.network_acls.get_mut(to) {
        acl.associations.push(AclAssociation { id: id.clone(), subnet });
    }
    Ok(call.answer().leaf("newAssociationId", id))
}

const FILTERS: &[&str] = &[
    "association.association-id",
    "association.network-acl-id",
    "association.subnet-id",
    "default",
    "entry.cidr",
    "entry.egress",
    "entry.port-range.from",
    "entry.port-range.to",
    "entry.protocol",
    "entry.rule-action",
    "entry.rule-number",
    "network-acl-id",
    "owner-id",
    "vpc-id",
];

fn fact(region: &Region, acl: &NetworkAcl, name: &str) -> Vec<String> {
    let entries = |value: &dyn Fn(&AclEntry) -> Option<String>| acl.entries.iter().filter_map(value).collect();
    match name {
        "association.association-id" => acl.associations.iter().map(|one| one.id.clone()).collect(),
        "association.network-acl-id" if !acl.associations.is_empty() => one(&acl.id),
        "association.subnet-id" => acl.associations.iter().map(|one| one.subnet.clone()).collect(),
        "default" => one(acl.is_default),
        "entry.cidr" => entries(&|entry| Some(entry.cidr.to_string())),
        "entry.egress" => entries(&|entry| Some(entry.egress.to_string())),
        "entry.port-range.from" => entries(&|entry| entry.ports.map(|(from, _)| from.to_string())),
        "entry.port-range.to" => entries(&|entry| entry.ports.map(|(_, to)| to.to_string())),
        "entry.protocol" => entries(&|entry| Some(entry.protocol.clone())),
        "entry.rule-action" => entries(&|entry| Some(action(entry).to_owned())),
        "entry.rule-number" => entries(&|entry| Some(entry.number.to_string())),
        "network-acl-id" => one(&acl.id),
        "owner-id" => one(region.account()),
        "vpc-id" => one(&acl.vpc),
        _ => Vec::new(),
    }
}

/// DescribeNetworkAcls
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let choice = Choice { ids: "NetworkAclId", noun: &errors::NETWORK_ACL, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.network_acls.iter(), fact)?;
    let items = page.items.iter().map(|acl| item(call.region, acl));
    Ok(call.answer().list("networkAclSet", items).leaf_opt("nextToken", page.next.as_ref()))
}
