//! AWS Systems Manager: the public parameters that name the Amazon Linux 2023 images.

use serde_json::{Value, json};

use super::{ApiError, Request};
use crate::practice::world::World;
use crate::practice::world::catalogue::{self, Image};

/// How many names `GetParameters` takes.
const MAX_NAMES: usize = 10;

/// Answers an SSM operation.
pub fn handle(_world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    match request.operation {
        "GetParameter" => {
            only(request, &["Name", "WithDecryption"])?;
            let name = request.json["Name"].as_str().ok_or_else(|| missing("name"))?;
            let parameter = parameter(request.region, name).ok_or_else(|| not_found(name))?;
            Ok(json!({ "Parameter": parameter }))
        }
        "GetParameters" => {
            only(request, &["Names", "WithDecryption"])?;
            let names = request.json["Names"].as_array().ok_or_else(|| missing("names"))?;
            if names.is_empty() || names.len() > MAX_NAMES {
                let message = format!("Value at 'names' failed to satisfy constraint: 1 to {MAX_NAMES} members");
                return Err(ApiError::new("ValidationException", message));
            }
            let (mut found, mut invalid) = (Vec::new(), Vec::new());
            for name in names.iter().filter_map(Value::as_str) {
                match parameter(request.region, name) {
                    Some(parameter) => found.push(parameter),
                    None => invalid.push(name),
                }
            }
            Ok(json!({ "Parameters": found, "InvalidParameters": invalid }))
        }
        other => Err(ApiError::unknown_operation("ssm", other)),
    }
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
        // JSON times of AWS are seconds with a fraction.
        "LastModifiedDate": modified as f64 / 1000.0,
        "ARN": format!("arn:aws:ssm:{region}::parameter{name}"),
        "DataType": "text",
    }))
}

/// Refuses members that are not simulated.
fn only(request: &Request<'_>, known: &[&str]) -> Result<(), ApiError> {
    let members = request.json.as_object().into_iter().flatten();
    match members.map(|(name, _)| name.as_str()).find(|name| !known.contains(name)) {
        Some(name) => Err(ApiError::not_simulated(format_args!("the parameter {name} of {}", request.operation))),
        None => Ok(()),
    }
}

fn missing(what: &str) -> ApiError {
    ApiError::new("ValidationException", format!("1 validation error detected: Value at '{what}' must not be null"))
}

fn not_found(name: &str) -> ApiError {
    ApiError::new("ParameterNotFound", format!("Parameter {name} not found."))
}
