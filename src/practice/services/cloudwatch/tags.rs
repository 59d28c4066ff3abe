//! Tags of alarms.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Call, bad_value, required};
use crate::practice::services::ApiError;
use crate::practice::wire::members::Members;

/// The most tags of an alarm.
const MOST: usize = 50;

/// The tags of a request.
pub(super) fn read(members: &Members<'_>) -> Result<BTreeMap<String, String>, ApiError> {
    let mut tags = BTreeMap::new();
    for tag in members.objects("Tags")? {
        let (key, value) = (required(&tag, "Key")?, tag.text("Value")?.unwrap_or_default());
        tag.finish()?;
        if key.starts_with("aws:") {
            return Err(bad_value("System tags cannot be added or changed: keys that start with aws: are reserved."));
        }
        tags.insert(key.to_owned(), value.to_owned());
    }
    Ok(tags)
}

/// The ARN of a request, when an alarm has it.
fn arn<'a>(call: &Call<'a>) -> Result<&'a str, ApiError> {
    let arn = required(&call.members, "ResourceARN")?;
    if call.region.alarm(arn).is_none() {
        return Err(ApiError::new("ResourceNotFoundException", format!("{arn} does not exist.")).status(404));
    }
    Ok(arn)
}

/// TagResource
pub(super) fn tag(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let (arn, tags) = (arn(call)?, read(&call.members)?);
    let own = call.region.watch.tags.entry(arn.to_owned()).or_default();
    own.extend(tags);
    if own.len() > MOST {
        return Err(bad_value(format!("A resource can have at most {MOST} tags.")));
    }
    Ok(json!({}))
}

/// UntagResource
pub(super) fn untag(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let (arn, keys) = (arn(call)?, call.members.texts("TagKeys")?);
    if let Some(own) = call.region.watch.tags.get_mut(arn) {
        own.retain(|key, _| !keys.contains(&key.as_str()));
    }
    Ok(json!({}))
}

/// ListTagsForResource
pub(super) fn list(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let arn = arn(call)?;
    let tags = call.region.watch.tags.get(arn).into_iter().flatten();
    let tags: Vec<Value> = tags.map(|(key, value)| json!({ "Key": key, "Value": value })).collect();
    Ok(json!({ "Tags": tags }))
}
