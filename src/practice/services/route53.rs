//! Amazon Route 53: hosted zones and records.

use super::{ApiError, Request};
use crate::practice::wire::xml::Element;
use crate::practice::world::World;

/// The operation that a method and a path (`/2013-04-01/hostedzone/Z1/rrset`) mean.
pub fn operation(_method: &http::Method, _path: &str) -> Option<&'static str> {
    None
}

/// Answers one of its operations. On an error the world may be half changed.
pub fn handle(_world: &mut World, request: &Request<'_>) -> Result<Element, ApiError> {
    Err(ApiError::unknown_operation("route53", request.operation))
}
