//! Tags of groups.

use std::collections::BTreeMap;

use super::errors::{invalid, limit, no_group};
use super::page::paginate;
use super::{Call, Outcome};
use crate::practice::services::ApiError;
use crate::practice::wire::query::View;
use crate::practice::wire::xml::Element;
use crate::practice::world::scaling::GroupTag;

/// How many tags a group may have.
const MOST_TAGS: usize = 50;

/// A tag as AWS tells it.
pub(super) fn element(group: &str, key: &str, tag: &GroupTag) -> Element {
    Element::new("member")
        .leaf("ResourceId", group)
        .leaf("ResourceType", "auto-scaling-group")
        .leaf("Key", key)
        .leaf("Value", &tag.value)
        .leaf("PropagateAtLaunch", tag.propagate)
}

fn read(view: &View<'_>) -> Result<(String, GroupTag), ApiError> {
    let key = view.required("Key")?;
    let value = view.text("Value").unwrap_or_default();
    if key.chars().count() > 128 || value.chars().count() > 256 {
        return Err(invalid("Tag keys have at most 128 characters, values at most 256."));
    }
    if key.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("aws:")) {
        return Err(invalid("Tags beginning with aws: are reserved for system use."));
    }
    let kind = view.text("ResourceType").unwrap_or("auto-scaling-group");
    if kind != "auto-scaling-group" {
        return Err(invalid(format!(
            "The resource type {kind} is not valid. The only supported value is auto-scaling-group."
        )));
    }
    let propagate = view.bool("PropagateAtLaunch")?.unwrap_or(false);
    Ok((key.to_owned(), GroupTag { value: value.to_owned(), propagate }))
}

/// Tags of CreateAutoScalingGroup.
pub(super) fn of_new_group(call: &Call<'_>, name: &str) -> Result<BTreeMap<String, GroupTag>, ApiError> {
    let mut tags = BTreeMap::new();
    for view in call.params.structs("Tags") {
        if view.text("ResourceId").is_some_and(|id| id != name) {
            return Err(invalid("The ResourceId of a tag must be the name of the group that is created."));
        }
        let (key, tag) = read(&view)?;
        if tags.insert(key.clone(), tag).is_some() {
            return Err(invalid(format!("Duplicate tag keys found. Key: {key}")));
        }
    }
    if tags.len() > MOST_TAGS {
        return Err(limit("You've reached your limit of tags for this Auto Scaling group."));
    }
    Ok(tags)
}

fn group_of(call: &Call<'_>, view: &View<'_>) -> Result<String, ApiError> {
    let name = view.required("ResourceId")?;
    if call.region.scaling.groups.contains_key(name) { Ok(name.to_owned()) } else { Err(no_group(name)) }
}

/// CreateOrUpdateTags
pub(super) fn put(call: &mut Call<'_>) -> Outcome {
    let params = call.params;
    for view in params.structs("Tags") {
        let group = group_of(call, &view)?;
        let (key, tag) = read(&view)?;
        call.region.tag_group(&group, &key, tag);
        if call.region.scaling.groups.get(&group).is_some_and(|group| group.tags.len() > MOST_TAGS) {
            return Err(limit("You've reached your limit of tags for this Auto Scaling group."));
        }
    }
    Ok(None)
}

/// DeleteTags
pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    let params = call.params;
    for view in params.structs("Tags") {
        let group = group_of(call, &view)?;
        let (key, _) = read(&view)?;
        if let Some(group) = call.region.scaling.groups.get_mut(&group) {
            group.tags.remove(&key);
        }
    }
    Ok(None)
}

/// DescribeTags
pub(super) fn describe(call: &mut Call<'_>) -> Outcome {
    let call = &*call;
    let _ = call.params.bool("IncludeManagedResources")?;
    let mut filters = Vec::new();
    for filter in call.params.structs("Filters") {
        let name = filter.required("Name")?;
        if !["auto-scaling-group", "key", "value", "propagate-at-launch"].contains(&name) {
            return Err(invalid(format!(
                "Filter type {name} is not correct. Allowed Filter types are: auto-scaling-group key value propagate-at-launch"
            )));
        }
        filters.push((name, filter.list("Values")));
    }
    let groups = call.region.scaling.groups.values();
    let chosen = groups
        .flat_map(|group| group.tags.iter().map(move |(key, tag)| (group.name.as_str(), key, tag)))
        .filter(|(group, key, tag)| {
            filters.iter().all(|(name, values)| match *name {
                "auto-scaling-group" => values.contains(group),
                "key" => values.contains(&key.as_str()),
                "value" => values.contains(&tag.value.as_str()),
                _ => values.contains(&if tag.propagate { "true" } else { "false" }),
            })
        })
        .map(|(group, key, tag)| (format!("{group}\n{key}"), (group, key, tag)))
        .collect();
    let page = paginate(call, chosen, 50)?;
    Ok(Some(
        page.answer(call.result(), "Tags", |(group, key, tag): (&str, &String, &GroupTag)| element(group, key, tag)),
    ))
}
