//! Hosted zones, changes and tags.

use jiff::Timestamp;

use super::{Call, invalid_input};
use crate::practice::services::{Answer, ApiError};
use crate::practice::wire::xml::Element;
use crate::practice::world::dns::{Change, Zone, normal, sort_key};

impl Call<'_> {
    /// The zone that the path names.
    pub(super) fn zone(&self) -> Result<&Zone, ApiError> {
        let id = self.id();
        self.dns.zones.get(id).ok_or_else(|| no_zone(id))
    }
}

pub(super) fn no_zone(id: &str) -> ApiError {
    ApiError::new("NoSuchHostedZone", format!("No hosted zone found with ID: {id}")).status(404)
}

fn item(zone: &Zone) -> Element {
    let config = Element::new("Config").leaf_opt("Comment", zone.comment.as_ref()).leaf("PrivateZone", false);
    Element::new("HostedZone")
        .leaf("Id", format!("/hostedzone/{}", zone.id))
        .leaf("Name", &zone.name)
        .leaf("CallerReference", &zone.reference)
        .child(config)
        .leaf("ResourceRecordSetCount", zone.records.len())
}

fn delegation(zone: &Zone) -> Element {
    let servers = zone.name_servers.iter().map(|server| Element::leaf_of("NameServer", server));
    Element::new("DelegationSet").list_named("NameServers", servers)
}

pub(super) fn change_info(change: &Change, now: i64) -> Element {
    let submitted = Timestamp::from_millisecond(change.submitted).map(|at| format!("{at:.3}")).unwrap_or_default();
    Element::new("ChangeInfo")
        .leaf("Id", format!("/change/{}", change.id))
        .leaf("Status", if now >= change.in_sync { "INSYNC" } else { "PENDING" })
        .leaf("SubmittedAt", submitted)
        .leaf_opt("Comment", change.comment.as_ref())
}

/// Whether a name (with the last dot) can be that of a zone.
fn is_domain(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    name.len() <= 253 && name.split('.').all(label)
}

/// CreateHostedZone: the same name twice makes two zones, of which the domain is delegated to one at most.
pub(super) fn create(call: &mut Call<'_>, limit: usize) -> Result<Answer, ApiError> {
    let body = &call.body;
    let asked = body.text("Name").unwrap_or_default();
    let reference = body.text("CallerReference").unwrap_or_default().to_owned();
    if body.child("VPC").is_some() {
        return Err(ApiError::not_simulated("private hosted zones"));
    }
    let config = body.child("HostedZoneConfig");
    if config.and_then(|config| config.text("PrivateZone")) == Some("true") {
        return Err(ApiError::not_simulated("private hosted zones"));
    }
    let comment = config.and_then(|config| config.text("Comment")).filter(|text| !text.is_empty()).map(str::to_owned);
    if reference.is_empty() || reference.len() > 128 {
        return Err(invalid_input("The CallerReference must have between 1 and 128 characters."));
    }
    let name = normal(asked);
    if asked.is_empty() || !is_domain(&name) {
        return Err(ApiError::new("InvalidDomainName", format!("{asked} is not a valid domain name.")));
    }
    if call.dns.references.contains(&reference) {
        let message = "A hosted zone has already been created with the specified caller reference.";
        return Err(ApiError::new("HostedZoneAlreadyExists", message).status(409));
    }
    if call.dns.zones.len() >= limit {
        let message =
            format!("Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER - Cannot create more than {limit} hosted zones.");
        return Err(ApiError::new("TooManyHostedZones", message));
    }
    let change = call.dns.submit(call.now, None);
    let id = call.dns.make_zone(&name, &reference, change.in_sync);
    if let Some(zone) = call.dns.zones.get_mut(&id) {
        zone.comment = comment;
    }
    let zone = call.dns.zones.get(&id).ok_or_else(|| no_zone(&id))?;
    let body = call.answer().child(item(zone)).child(change_info(&change, call.now)).child(delegation(zone));
    let location = format!("https://route53.amazonaws.com/2013-04-01/hostedzone/{id}");
    Ok(Answer::Created { body, location })
}

/// GetHostedZone
pub(super) fn get(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let zone = call.zone()?;
    Ok(call.answer().child(item(zone)).child(delegation(zone)))
}

/// UpdateHostedZoneComment
pub(super) fn update_comment(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let comment = call.body.text("Comment").filter(|text| !text.is_empty()).map(str::to_owned);
    let id = call.id().to_owned();
    let zone = call.dns.zones.get_mut(&id).ok_or_else(|| no_zone(&id))?;
    zone.comment = comment;
    Ok(call.answer().child(item(call.zone()?)))
}

/// DeleteHostedZone: only its own NS and SOA records may be left in it.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let zone = call.zone()?;
    if zone.records.values().any(|set| set.name != zone.name || !matches!(set.kind.as_str(), "NS" | "SOA")) {
        let message = "The specified hosted zone contains non-required resource record sets and so cannot be deleted.";
        return Err(ApiError::new("HostedZoneNotEmpty", message));
    }
    let id = zone.id.clone();
    call.dns.zones.remove(&id);
    let change = call.dns.submit(call.now, None);
    Ok(call.answer().child(change_info(&change, call.now)))
}

/// ListHostedZones
pub(super) fn list(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let limit = call.max_items(100)?;
    let marker = call.params.text("marker").unwrap_or_default();
    if let Some(other) = call.params.text("hostedzonetype") {
        return Err(ApiError::not_simulated(format_args!("hostedzonetype={other} of ListHostedZones")));
    }
    let mut zones = call.dns.zones.range(marker.to_owned()..).map(|(_, zone)| zone);
    let page: Vec<Element> = zones.by_ref().take(limit).map(item).collect();
    let next = zones.next().map(|zone| &zone.id);
    Ok(call
        .answer()
        .list_named("HostedZones", page)
        .leaf("Marker", marker)
        .leaf("IsTruncated", next.is_some())
        .leaf_opt("NextMarker", next)
        .leaf("MaxItems", limit))
}

/// ListHostedZonesByName
pub(super) fn list_by_name(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let limit = call.max_items(100)?;
    let name = call.params.text("dnsname");
    let from_id = call.params.text("hostedzoneid");
    if from_id.is_some() && name.is_none() {
        return Err(invalid_input("HostedZoneId may only be specified together with DNSName."));
    }
    let from = (name.map(|name| sort_key(&normal(name))).unwrap_or_default(), from_id.unwrap_or_default().to_owned());
    let mut zones: Vec<(String, &Zone)> = call.dns.zones.values().map(|zone| (sort_key(&zone.name), zone)).collect();
    zones.sort_by(|a, b| (&a.0, &a.1.id).cmp(&(&b.0, &b.1.id)));
    let mut zones = zones.into_iter().filter(|(key, zone)| (key, &zone.id) >= (&from.0, &from.1)).map(|(_, zone)| zone);
    let page: Vec<Element> = zones.by_ref().take(limit).map(item).collect();
    let next = zones.next();
    Ok(call
        .answer()
        .list_named("HostedZones", page)
        .leaf_opt("DNSName", name)
        .leaf_opt("HostedZoneId", from_id)
        .leaf("IsTruncated", next.is_some())
        .leaf_opt("NextDNSName", next.map(|zone| &zone.name))
        .leaf_opt("NextHostedZoneId", next.map(|zone| &zone.id))
        .leaf("MaxItems", limit))
}

/// GetHostedZoneCount
pub(super) fn count(call: &mut Call<'_>) -> Element {
    call.answer().leaf("HostedZoneCount", call.dns.zones.len())
}

/// GetChange
pub(super) fn get_change(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.id();
    let found = call.dns.changes.get(id);
    let missing = || {
        let message = format!("Could not find resource with ID: {id}");
        ApiError::new("NoSuchChange", message).status(404)
    };
    Ok(call.answer().child(change_info(found.ok_or_else(missing)?, call.now)))
}

/// The zone whose tags the path names.
fn tagged(call: &Call<'_>) -> Result<String, ApiError> {
    let id = call.path.get(2).copied().unwrap_or_default();
    match call.path.get(1).copied() {
        Some("hostedzone") if call.dns.zones.contains_key(id) => Ok(id.to_owned()),
        Some("hostedzone") => Err(no_zone(id)),
        other => Err(ApiError::not_simulated(format_args!("tags of the resource type {}", other.unwrap_or_default()))),
    }
}

/// ListTagsForResource
pub(super) fn list_tags(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = tagged(call)?;
    let tags = call.dns.zones.get(&id).into_iter().flat_map(|zone| &zone.tags);
    let tags = tags.map(|(key, value)| Element::new("Tag").leaf("Key", key).leaf("Value", value));
    let set = Element::new("ResourceTagSet")
        .leaf("ResourceType", "hostedzone")
        .leaf("ResourceId", &id)
        .list_named("Tags", tags);
    Ok(call.answer().child(set))
}

/// ChangeTagsForResource
pub(super) fn change_tags(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = tagged(call)?;
    let text = |node: &crate::practice::wire::xml_in::Node, name: &str| node.text(name).unwrap_or_default().to_owned();
    let add: Vec<_> = call.body.list("AddTags", "Tag").map(|tag| (text(tag, "Key"), text(tag, "Value"))).collect();
    let remove: Vec<&str> = call.body.list("RemoveTagKeys", "Key").map(|key| key.own_text()).collect();
    if add.is_empty() && remove.is_empty() {
        return Err(invalid_input("AddTags and RemoveTagKeys cannot both be empty."));
    }
    if let Some(zone) = call.dns.zones.get_mut(&id) {
        zone.tags.retain(|key, _| !remove.contains(&key.as_str()));
        zone.tags.extend(add);
        if zone.tags.len() > 50 {
            return Err(invalid_input("A hosted zone can have at most 50 tags."));
        }
    }
    Ok(call.answer())
}
