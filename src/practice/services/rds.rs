//! Amazon RDS: DB subnet groups and MySQL instances.

use super::{ApiError, Request};
use crate::practice::wire::xml::Element;
use crate::practice::world::World;

/// Answers one of its operations. On an error the world may be half changed.
pub fn handle(_world: &mut World, request: &Request<'_>) -> Result<Element, ApiError> {
    Err(ApiError::unknown_operation("rds", request.operation))
}
