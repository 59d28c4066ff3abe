//! The public parameters that name the Amazon Linux 2023 images.

use serde_json::{Value, json};

use super::page;
use crate::practice::services::{ApiError, Request};
use crate::practice::wire::members::Members;
use crate::practice::world::catalogue::{self, Image};

/// How many names `GetParameters` takes.
const MAX_NAMES: usize = 10;

/// GetParameter
pub(super) fn get(request: &Request<'_>) -> Result<Value, ApiError> {
    let members = Members::new(request.json);
    let name = members.text("Name")?.ok_or_else(|| missing("name"))?;
    members.bool("WithDecryption")?;
    members.finish()?;
    let parameter = parameter(request.region, name).ok_or_else(|| not_found(name))?;
    Ok(json!({ "Parameter": parameter }))
}

/// GetParameters
pub(super) fn get_some(request: &Request<'_>) -> Result<Value, ApiError> {
    let members = Members::new(request.json);
    members.get("Names").ok_or_else(|| missing("names"))?;
    let names = members.texts("Names")?;
    members.bool("WithDecryption")?;
    members.finish()?;
    if names.is_empty() || names.len() > MAX_NAMES {
        let message = format!("Value at 'names' failed to satisfy constraint: 1 to {MAX_NAMES} members");
        return Err(ApiError::new("ValidationException", message));
    }
    let (mut found, mut invalid) = (Vec::new(), Vec::new());
    for name in names {
        match parameter(request.region, name) {
            Some(parameter) => found.push(parameter),
            None => invalid.push(name),
        }
    }
    Ok(json!({ "Parameters": found, "InvalidParameters": invalid }))
}

/// GetParametersByPath
pub(super) fn get_by_path(request: &Request<'_>) -> Result<Value, ApiError> {
    let members = Members::new(request.json);
    let path = members.required("Path")?;
    let recursive = members.bool("Recursive")?.unwrap_or(false);
    members.bool("WithDecryption")?;
    let (most, token) = (members.int("MaxResults")?, members.text("NextToken")?);
    members.finish()?;
    if !path.starts_with('/') {
        let message = "The parameter path name must begin with a forward slash (/).";
        return Err(ApiError::new("ValidationException", message));
    }
    let start = format!("{}/", path.trim_end_matches('/'));
    let below = |name: &&String| name.strip_prefix(&start).is_some_and(|rest| recursive || !rest.contains('/'));
    let names = catalogue::parameters();
    let found = names.iter().filter(below).filter_map(|name| Some((name.clone(), parameter(request.region, name)?)));
    let (items, next) = page(found.collect(), most, token, 1, 10)?;
    let mut answer = json!({ "Parameters": items });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}

/// The parameter as AWS shows it, if it is one of the public parameters.
fn parameter(region: &str, name: &str) -> Option<Value> {
    let Image { id, created, .. } = catalogue::image_of_parameter(region, name)?;
    let modified = created.parse::<jiff::Timestamp>().map(|at| at.as_millisecond()).unwrap_or_default();
    Some(json!({
        "Name": name,
        "Type": "String",
        "Value": id,
        "Version": 1,
        "LastModifiedDate": { "$time": modified },
        "ARN": format!("arn:aws:ssm:{region}::parameter{name}"),
        "DataType": "text",
    }))
}

fn missing(what: &str) -> ApiError {
    ApiError::new("ValidationException", format!("1 validation error detected: Value at '{what}' must not be null"))
}

fn not_found(name: &str) -> ApiError {
    ApiError::new("ParameterNotFound", format!("Parameter {name} not found."))
}
