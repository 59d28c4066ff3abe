//! Amazon EC2.

use super::{ApiError, Request};
use crate::practice::wire::xml::Element;
use crate::practice::world::World;

/// The XML namespace of EC2's answers.
pub const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

/// Answers an EC2 operation.
pub fn handle(_world: &mut World, request: &Request<'_>) -> Result<Element, ApiError> {
    Err(ApiError::unknown_operation("ec2", request.operation))
}
