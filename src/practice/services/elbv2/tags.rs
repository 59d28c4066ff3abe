//! Tags of load balancers, target groups, listeners and rules.

use std::collections::BTreeMap;

use super::Call;
use super::errors::{self, invalid};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;

/// A resource has at most so many tags.
const MOST: usize = 50;

impl Call<'_> {
    /// The request's tags, checked.
    pub(super) fn tags(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let mut tags = BTreeMap::new();
        for view in self.params.structs("Tags") {
            let key = view.text("Key").unwrap_or_default();
            let value = view.text("Value").unwrap_or_default();
            if key.is_empty() || key.chars().count() > 128 || value.chars().count() > 256 {
                return Err(invalid(format!("The tag '{key}' is not valid")));
            }
            if key.to_ascii_lowercase().starts_with("aws:") {
                return Err(invalid("aws: prefixed tag key names are not allowed for external use"));
            }
            if tags.insert(key.to_owned(), value.to_owned()).is_some() {
                let message = format!("Tag key was specified more than once: {key}");
                return Err(ApiError::new("DuplicateTagKeys", message));
            }
        }
        if tags.len() > MOST { Err(too_many()) } else { Ok(tags) }
    }

    /// Writes a new resource's tags down.
    pub(super) fn tag(&mut self, arn: &str, tags: BTreeMap<String, String>) {
        if !tags.is_empty() {
            self.region.tags.insert(arn.to_owned(), tags);
        }
    }

    /// The ARNs of the request, all of which exist.
    fn resources(&self) -> Result<Vec<String>, ApiError> {
        let arns = self.params.list("ResourceArns");
        if arns.is_empty() {
            return Err(invalid("A resource ARN must be specified"));
        }
        for arn in &arns {
            match arn.splitn(6, ':').nth(5).and_then(|rest| rest.split('/').next()) {
                Some("loadbalancer") => self.balancer(arn).map(|_| ())?,
                Some("targetgroup") => self.group(arn).map(|_| ())?,
                Some("listener") => self.listener(arn).map(|_| ())?,
                Some("listener-rule") => self.rule(arn).map(|_| ())?,
                _ => return Err(errors::invalid(format!("'{arn}' is not a valid resource ARN"))),
            }
        }
        Ok(arns.into_iter().map(str::to_owned).collect())
    }
}

fn too_many() -> ApiError {
    ApiError::new("TooManyTags", format!("A resource can have at most {MOST} tags"))
}

/// AddTags
pub(super) fn add(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let (arns, tags) = (call.resources()?, call.tags()?);
    if tags.is_empty() {
        return Err(invalid("A tag must be specified"));
    }
    for arn in arns {
        let own = call.region.tags.entry(arn).or_default();
        own.extend(tags.clone());
        if own.len() > MOST {
            return Err(too_many());
        }
    }
    Ok(call.result())
}

/// RemoveTags
pub(super) fn remove(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let keys = call.params.list("TagKeys");
    for arn in call.resources()? {
        let Some(own) = call.region.tags.get_mut(&arn) else { continue };
        own.retain(|key, _| !keys.contains(&key.as_str()));
        if own.is_empty() {
            call.region.tags.remove(&arn);
        }
    }
    Ok(call.result())
}

/// DescribeTags
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arns = call.resources()?;
    if arns.len() > 20 {
        return Err(invalid("At most 20 resources can be described at once"));
    }
    let described = arns.iter().map(|arn| {
        let tags = call.region.tags.get(arn).into_iter().flatten();
        let tags = tags.map(|(key, value)| Element::new("member").leaf("Key", key).leaf("Value", value));
        Element::new("member").leaf("ResourceArn", arn).members("Tags", tags)
    });
    Ok(call.result().members("TagDescriptions", described))
}
