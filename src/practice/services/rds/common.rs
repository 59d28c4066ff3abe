//! What several operations share: errors, names, filters, pages, times.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Call;
use crate::practice::services::{ApiError, pages};
use crate::practice::wire::query::{Params, View};
use crate::practice::wire::xml::Element;

pub(super) fn invalid_value(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

pub(super) fn invalid_combination(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterCombination", message)
}

pub(super) fn network_state(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidVPCNetworkStateFault", message)
}

pub(super) fn no_instance(identifier: &str) -> ApiError {
    ApiError::new("DBInstanceNotFound", format!("DBInstance {identifier} not found.")).status(404)
}

pub(super) fn no_group(name: &str) -> ApiError {
    ApiError::new("DBSubnetGroupNotFoundFault", format!("DB subnet group '{name}' does not exist.")).status(404)
}

pub(super) fn no_snapshot(id: &str) -> ApiError {
    ApiError::new("DBSnapshotNotFound", format!("DBSnapshot {id} not found.")).status(404)
}

/// An answer's moment.
pub(super) fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(|at| format!("{at:.3}")).unwrap_or_default()
}

/// An identifier as RDS stores it: lower case.
pub(super) fn identifier(params: &Params, name: &str) -> Result<String, ApiError> {
    checked_identifier(name, params.required(name)?)
}

/// An identifier as RDS stores it; `name` is the parameter it came in.
pub(super) fn checked_identifier(name: &str, text: &str) -> Result<String, ApiError> {
    let good = text.len() <= 63
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
        && !text.ends_with('-')
        && !text.contains("--");
    if good {
        return Ok(text.to_ascii_lowercase());
    }
    Err(invalid_value(format!(
        "The parameter {name} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters, digits, and \
         hyphens; and must not end with a hyphen or contain two consecutive hyphens."
    )))
}

/// The tags of a request.
pub(super) fn read_tags(params: &Params) -> Result<BTreeMap<String, String>, ApiError> {
    let mut tags = BTreeMap::new();
    for view in params.structs("Tags.Tag").iter().chain(&params.structs("Tags")) {
        let key = view.required("Key")?;
        if key.starts_with("aws:") {
            return Err(invalid_value("Tag keys cannot start with the reserved prefix aws:"));
        }
        tags.insert(key.to_owned(), view.text("Value").unwrap_or_default().to_owned());
    }
    if tags.len() > 50 {
        return Err(invalid_value("Number of tags exceeded the limit of 50"));
    }
    Ok(tags)
}

/// A `TagList`.
pub(super) fn tag_list(tags: &BTreeMap<String, String>) -> Element {
    let tags = tags.iter().map(|(key, value)| Element::new("Tag").leaf("Key", key).leaf("Value", value));
    Element::new("TagList").children(tags)
}

/// A list parameter, under the name that its elements have.
pub(super) fn texts<'p>(params: &'p Params, name: &str, element: &str) -> Vec<&'p str> {
    let named = params.list(&format!("{name}.{element}"));
    if named.is_empty() { params.list(name) } else { named }
}

/// The filters of a request, by name; a name that is not known is refused.
pub(super) fn filters<'p>(params: &'p Params, known: &[&str]) -> Result<Vec<(&'p str, Vec<&'p str>)>, ApiError> {
    let mut found = Vec::new();
    let views: Vec<View<'p>> = params.structs("Filters.Filter").into_iter().chain(params.structs("Filters")).collect();
    for view in views {
        let name = view.required("Name")?;
        if !known.contains(&name) {
            return Err(invalid_value(format!("Unrecognized filter name: {name}")));
        }
        let values = view.list("Values.Value");
        let values = if values.is_empty() { view.list("Values") } else { values };
        if values.is_empty() {
            return Err(invalid_value(format!("The filter {name} must have at least one value.")));
        }
        found.push((name, values));
    }
    Ok(found)
}

/// Cuts a page out of what was found (sorted by the first of each pair), by MaxRecords and Marker.
pub(super) fn page<T>(call: &Call<'_>, all: Vec<(String, T)>) -> Result<(Vec<T>, Option<String>), ApiError> {
    let limit = match call.params.int("MaxRecords")? {
        None => 100,
        Some(asked) => usize::try_from(asked).ok().filter(|asked| (20..=100).contains(asked)).ok_or_else(|| {
            invalid_value(format!("Invalid value {asked} for MaxRecords. Must be between 20 and 100"))
        })?,
    };
    let marker = call.params.text("Marker").filter(|marker| !marker.is_empty());
    let read = |marker| pages::key(marker).ok_or_else(|| invalid_value(format!("Unrecognized marker: {marker}")));
    let after = marker.map(read).transpose()?;
    let rest = all.into_iter().filter(|(id, _)| after.as_ref().is_none_or(|after| id > after));
    let (items, last) = pages::cut(rest, limit);
    Ok((items, last.map(|id| pages::token(&id))))
}

impl Call<'_> {
    /// `<OpResult>`
    pub(super) fn result(&self) -> Element {
        Element::new(format!("{}Result", self.operation))
    }

    /// `arn:aws:rds:ap-northeast-2:123456789012:db:name`
    pub(super) fn arn(&self, kind: &str, name: &str) -> String {
        arn(self.region, kind, name)
    }
}

/// `arn:aws:rds:ap-northeast-2:123456789012:db:name`
pub(super) fn arn(region: &crate::practice::world::Region, kind: &str, name: &str) -> String {
    format!("arn:aws:rds:{}:{}:{kind}:{name}", region.name(), region.account())
}
