//! AWS Systems Manager: the public parameters that name the Amazon Linux 2023 images.

use serde_json::{Value, json};

use super::{ApiError, Request};
use crate::practice::world::World;

/// Answers an SSM operation.
pub fn handle(_world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    match request.operation {
        "GetParameter" => {
            let name = request.json["Name"].as_str().unwrap_or_default();
            Err(ApiError::new("ParameterNotFound", format!("Parameter {name} not found.")))
        }
        "GetParameters" => Ok(json!({ "Parameters": [], "InvalidParameters": request.json["Names"] })),
        other => Err(ApiError::unknown_operation("ssm", other)),
    }
}
