//! Auto Scaling's errors.

use crate::practice::services::ApiError;

/// What this service calls nearly everything that is wrong with a request.
pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", message)
}

pub(super) fn no_group(name: &str) -> ApiError {
    invalid(format!("AutoScalingGroup name not found - AutoScalingGroup '{name}' not found"))
}

pub(super) fn pending_delete(name: &str) -> ApiError {
    ApiError::new(
        "ScalingActivityInProgress",
        format!("AutoScalingGroup '{name}' is being deleted: it cannot be changed."),
    )
}

pub(super) fn no_instance(id: &str) -> ApiError {
    invalid(format!("Instance Id not found - No managed instance found for instance ID: {id}"))
}

pub(super) fn not_of_group(id: &str, group: &str) -> ApiError {
    invalid(format!("The instance {id} is not part of Auto Scaling group {group}."))
}

pub(super) fn limit(message: impl Into<String>) -> ApiError {
    ApiError::new("LimitExceeded", message)
}

pub(super) fn in_use(message: impl Into<String>) -> ApiError {
    ApiError::new("ResourceInUse", message)
}

pub(super) fn in_progress(message: impl Into<String>) -> ApiError {
    ApiError::new("ScalingActivityInProgress", message)
}

/// A value that a parameter may not have.
pub(super) fn constraint(value: &str, member: &str, wanted: &str) -> ApiError {
    invalid(format!(
        "1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: {wanted}"
    ))
}

/// This service calls every unreadable parameter a validation error.
pub(super) fn as_validation(error: ApiError) -> ApiError {
    match error.code.as_str() {
        "MissingParameter" | "InvalidParameterValue" => invalid(error.message),
        _ => error,
    }
}
