//! Tags: given at creation (TagSpecification) and later.

use std::collections::BTreeMap;

use super::Call;
use super::common::one;
use super::errors::{invalid_value, missing};
use super::page::{Choice, paginate};
use super::{errors, filters::Filters, peering};
use crate::practice::services::ApiError;
use crate::practice::wire::query::View;
use crate::practice::wire::xml::Element;
use crate::practice::world::{Global, Region};

const MOST: usize = 50;

/// The tags of a list of `Tag` structures, checked.
fn read(views: &[View<'_>]) -> Result<BTreeMap<String, String>, ApiError> {
    let mut tags = BTreeMap::new();
    for view in views {
        let key = view.text("Key").unwrap_or_default();
        let value = view.text("Value").unwrap_or_default();
        if key.is_empty() || key.chars().count() > 127 {
            return Err(invalid_value("Tag keys must be between 1 and 127 characters long"));
        }
        if key.starts_with("aws:") {
            return Err(invalid_value(format!("Tag keys starting with 'aws:' are reserved for internal use: {key}")));
        }
        if value.chars().count() > 255 {
            return Err(invalid_value(format!("Tag value exceeds the maximum length of 256 characters: {key}")));
        }
        if tags.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(invalid_value(format!("Duplicate tag key '{key}' specified.")));
        }
    }
    if tags.len() > MOST {
        return Err(too_many());
    }
    Ok(tags)
}

fn too_many() -> ApiError {
    ApiError::new("TagLimitExceeded", "More than 50 tags specified")
}

impl Call<'_> {
    /// The tags that a create request gives to each of the resource types it makes; other types are an error.
    pub(super) fn tag_specifications(
        &self,
        types: &[&'static str],
    ) -> Result<BTreeMap<&'static str, BTreeMap<String, String>>, ApiError> {
        let mut found = BTreeMap::new();
        for specification in self.params.structs("TagSpecification") {
            let asked = specification.text("ResourceType").unwrap_or_default();
            let Some(kind) = types.iter().find(|kind| **kind == asked) else {
                return Err(invalid_value(format!(
                    "'{asked}' is not a valid taggable resource type for this operation."
                )));
            };
            if found.insert(*kind, read(&specification.structs("Tag"))?).is_some() {
                return Err(invalid_value(format!(
                    "The same resource type may not be specified more than once in tag specifications: {asked}"
                )));
            }
        }
        Ok(found)
    }

    /// The tags for the only resource type that a request makes.
    pub(super) fn tags_for(&self, kind: &'static str) -> Result<BTreeMap<String, String>, ApiError> {
        Ok(self.tag_specifications(&[kind])?.remove(kind).unwrap_or_default())
    }

    /// Writes a new resource's tags down.
    pub(super) fn tag(&mut self, id: &str, tags: BTreeMap<String, String>) {
        if !tags.is_empty() {
            self.region.tags.insert(id.to_owned(), tags);
        }
    }
}

/// The `tagSet` of a resource.
pub(super) fn set(region: &Region, id: &str) -> Element {
    let tags = region.tags.get(id).into_iter().flatten();
    Element::new("tagSet").children(tags.map(|(key, value)| Element::item().leaf("key", key).leaf("value", value)))
}

/// The resource type of an id that exists: `vpc`, `natgateway`, ...
fn kind_of(region: &Region, global: &Global, id: &str) -> Option<&'static str> {
    let prefix = id.split_once('-').map(|(prefix, _)| prefix)?;
    let (kind, exists) = match prefix {
        "vpc" => ("vpc", region.vpcs.contains_key(id)),
        "subnet" => ("subnet", region.subnets.contains_key(id)),
        "igw" => ("internet-gateway", region.internet_gateways.contains_key(id)),
        "rtb" => ("route-table", region.route_tables.contains_key(id)),
        "acl" => ("network-acl", region.network_acls.contains_key(id)),
        "eipalloc" => ("elastic-ip", region.addresses.contains_key(id)),
        "nat" => ("natgateway", region.nat_gateways.contains_key(id)),
        "eni" => ("network-interface", region.interfaces.contains_key(id)),
        "sg" => ("security-group", region.security_groups.contains_key(id)),
        "sgr" => (
            "security-group-rule",
            region.security_groups.values().any(|group| group.rules.iter().any(|rule| rule.id == id)),
        ),
        "key" => ("key-pair", region.key_pairs.contains_key(id)),
        "i" => ("instance", region.instances.contains_key(id)),
        "vol" => ("volume", region.volumes.contains_key(id)),
        "ami" => ("image", region.images.own.contains_key(id)),
        "snap" => ("snapshot", region.images.snapshots.contains_key(id)),
        "pcx" => ("vpc-peering-connection", peering::known(region, global, id).is_ok()),
        "eice" => ("instance-connect-endpoint", region.connect_endpoints.contains_key(id)),
        "lt" => ("launch-template", region.templates.by_id.contains_key(id)),
        "dopt" => ("dhcp-options", region.dhcp_options == id),
        _ => return None,
    };
    (exists && !region.is_hidden(id)).then_some(kind)
}

fn not_there(id: &str) -> ApiError {
    let noun = match id.split_once('-').map(|(prefix, _)| prefix) {
        Some("vpc") => &errors::VPC,
        Some("subnet") => &errors::SUBNET,
        Some("igw") => &errors::INTERNET_GATEWAY,
        Some("rtb") => &errors::ROUTE_TABLE,
        Some("acl") => &errors::NETWORK_ACL,
        Some("eipalloc") => &errors::ALLOCATION,
        Some("nat") => &errors::NAT_GATEWAY,
        Some("eni") => &errors::NETWORK_INTERFACE,
        Some("sg") => &errors::SECURITY_GROUP,
        Some("sgr") => &errors::SECURITY_GROUP_RULE,
        Some("key") => &errors::KEY_PAIR,
        Some("i") => &errors::INSTANCE,
        Some("vol") => &errors::VOLUME,
        Some("ami") => &errors::IMAGE,
        Some("snap") => &errors::SNAPSHOT,
        Some("pcx") => &errors::PEERING,
        Some("eice") => &errors::CONNECT_ENDPOINT,
        Some("lt") => &errors::LAUNCH_TEMPLATE,
        _ => return ApiError::new("InvalidID", format!("The ID '{id}' is not valid")),
    };
    noun.not_found(id)
}

/// CreateTags
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let ids = call.params.list("ResourceId");
    let tags = read(&call.params.structs("Tag"))?;
    if ids.is_empty() {
        return Err(missing("resourceIdSet"));
    }
    if tags.is_empty() {
        return Err(missing("tagSet"));
    }
    for id in ids {
        if kind_of(call.region, call.global, id).is_none() {
            return Err(not_there(id));
        }
        let own = call.region.tags.entry(id.to_owned()).or_default();
        own.extend(tags.clone());
        // Tags that AWS gives do not count.
        if own.keys().filter(|key| !key.starts_with("aws:")).count() > MOST {
            return Err(too_many());
        }
    }
    Ok(call.done())
}

/// DeleteTags: a key with a value removes the tag only if it has that value; no tags at all removes all of them.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let ids = call.params.list("ResourceId");
    if ids.is_empty() {
        return Err(missing("resourceIdSet"));
    }
    let asked: Vec<(&str, Option<&str>)> = call
        .params
        .structs("Tag")
        .iter()
        .map(|view| (view.text("Key").unwrap_or_default(), view.text("Value")))
        .collect();
    if let Some((key, _)) = asked.iter().find(|(key, _)| key.starts_with("aws:")) {
        return Err(invalid_value(format!("Tag keys starting with 'aws:' are reserved for internal use: {key}")));
    }
    for id in ids {
        if kind_of(call.region, call.global, id).is_none() {
            return Err(not_there(id));
        }
        let Some(own) = call.region.tags.get_mut(id) else { continue };
        own.retain(|key, value| {
            if key.starts_with("aws:") {
                return true;
            }
            !asked.is_empty() && !asked.iter().any(|(wanted, of)| key == wanted && of.is_none_or(|of| value == of))
        });
        if own.is_empty() {
            call.region.tags.remove(id);
        }
    }
    Ok(call.done())
}

/// DescribeTags
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let filters = Filters::read(call.params, &["key", "resource-id", "resource-type", "value"])?;
    let region: &Region = call.region;
    let mut found = Vec::new();
    for (id, tags) in &region.tags {
        let Some(kind) = kind_of(region, call.global, id) else { continue };
        for (key, value) in tags {
            let one_tag = BTreeMap::from([(key.clone(), value.clone())]);
            let pass = filters.pass(Some(&one_tag), |name| match name {
                "key" => one(key),
                "resource-id" => one(id),
                "resource-type" => one(kind),
                "value" => one(value),
                _ => Vec::new(),
            });
            if pass {
                found.push((format!("{id}-{key}"), (id, kind, key, value)));
            }
        }
    }
    found.sort();
    let choice = Choice { ids: "", noun: &errors::VPC, filters: &[], smallest: 5 };
    let page = paginate(call, &choice, false, found.iter().map(|(place, tag)| (place, *tag)).collect())?;
    let items = page.items.into_iter().map(|(id, kind, key, value)| {
        Element::item().leaf("resourceId", id).leaf("resourceType", kind).leaf("key", key).leaf("value", value)
    });
    Ok(call.answer().list("tagSet", items).leaf_opt("nextToken", page.next))
}
