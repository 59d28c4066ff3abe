//! Elastic Load Balancing v2: application load balancers, target groups, listeners, rules, target health.

use super::{ApiError, Request};
use crate::practice::wire::xml::Element;
use crate::practice::world::World;

/// Answers one of its operations. On an error the world may be half changed.
pub fn handle(_world: &mut World, request: &Request<'_>) -> Result<Element, ApiError> {
    Err(ApiError::unknown_operation("elbv2", request.operation))
}
