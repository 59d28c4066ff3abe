//! Amazon CloudWatch: metrics, alarms and their history.

use super::{ApiError, Request};
use crate::practice::world::World;
use serde_json::Value;

/// Answers one of its operations. On an error the world may be half changed.
pub fn handle(_world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    Err(ApiError::unknown_operation("cloudwatch", request.operation))
}
