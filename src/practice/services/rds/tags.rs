//! Tags by ARN, of DB instances, snapshots and subnet groups.

use std::collections::BTreeMap;

use super::Call;
use super::common::{invalid_value, no_group, no_instance, no_snapshot, read_tags, tag_list, texts};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;

/// The tags of what an ARN names, to change them.
fn tags_of<'c>(call: &'c mut Call<'_>) -> Result<&'c mut BTreeMap<String, String>, ApiError> {
    let resource = call.params.required("ResourceName")?;
    let prefix = format!("arn:aws:rds:{}:{}:", call.region.name(), call.region.account());
    let wrong = || invalid_value(format!("Invalid resource name: {resource}"));
    let (kind, name) = resource.strip_prefix(&prefix).and_then(|rest| rest.split_once(':')).ok_or_else(wrong)?;
    let databases = &mut call.region.databases;
    match kind {
        "db" => databases.instances.get_mut(name).map(|one| &mut one.tags).ok_or_else(|| no_instance(name)),
        "snapshot" => databases.snapshots.get_mut(name).map(|one| &mut one.tags).ok_or_else(|| no_snapshot(name)),
        "subgrp" if databases.groups.contains_key(name) => Ok(call.region.tags.entry(resource.to_owned()).or_default()),
        "subgrp" => Err(no_group(name)),
        "og" | "pg" | "cluster" | "es" | "ri" => Err(ApiError::not_simulated(format_args!("the resource {resource}"))),
        _ => Err(wrong()),
    }
}

/// AddTagsToResource
pub(super) fn add(call: &mut Call<'_>) -> Result<(), ApiError> {
    let new = read_tags(call.params)?;
    let tags = tags_of(call)?;
    tags.extend(new);
    if tags.len() > 50 {
        return Err(invalid_value("Number of tags exceeded the limit of 50"));
    }
    Ok(())
}

/// RemoveTagsFromResource
pub(super) fn remove(call: &mut Call<'_>) -> Result<(), ApiError> {
    let keys = texts(call.params, "TagKeys", "member");
    let tags = tags_of(call)?;
    tags.retain(|key, _| !keys.contains(&key.as_str()));
    Ok(())
}

/// ListTagsForResource
pub(super) fn list(call: &mut Call<'_>) -> Result<Element, ApiError> {
    super::common::filters(call.params, &[])?;
    let list = tag_list(tags_of(call)?);
    Ok(call.result().child(list))
}
