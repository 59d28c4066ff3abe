//! AWS Systems Manager: the public parameters that name images, the instances whose agents have registered, and Run Command.
//!
//! Promises: AWS's shapes, codes and states for Run Command with the document AWS-RunShellScript. Leaves to others: what agents and commands
//! do ([`crate::practice::world::host`], [`crate::practice::world::commands`]). Sessions are not simulated: a session speaks over a websocket.

mod command;
mod instance;
mod parameter;
#[cfg(test)]
mod tests;

use serde_json::Value;

use super::{ApiError, Request};
use crate::practice::world::World;

/// Answers an SSM operation. On an error the world may be half changed.
pub fn handle(world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    match request.operation {
        "GetParameter" => parameter::get(request),
        "GetParameters" => parameter::get_some(request),
        "GetParametersByPath" => parameter::get_by_path(request),
        "DescribeInstanceInformation" => instance::describe(world, request),
        "SendCommand" => command::send(world, request),
        "CancelCommand" => command::cancel(world, request),
        "GetCommandInvocation" => command::get(world, request),
        "ListCommands" => command::list(world, request),
        "ListCommandInvocations" => command::list_invocations(world, request),
        other => Err(ApiError::unknown_operation("ssm", other)),
    }
}

/// A page of what has keys in order, and the token of the next: the last key given.
fn page(
    all: Vec<(String, Value)>,
    most: Option<i64>,
    token: Option<&str>,
    least: usize,
    limit: usize,
) -> Result<(Vec<Value>, Option<String>), ApiError> {
    let most = match most {
        None => limit,
        Some(asked) => usize::try_from(asked).ok().filter(|asked| (least..=limit).contains(asked)).ok_or_else(|| {
            ApiError::new(
                "ValidationException",
                format!("1 validation error detected: Value '{asked}' at 'maxResults' failed to satisfy constraint: Member must have value between {least} and {limit}"),
            )
        })?,
    };
    let mut rest = all;
    if let Some(token) = token {
        match rest.iter().position(|(key, _)| key == token) {
            Some(at) => rest.drain(..=at),
            None => return Err(ApiError::new("InvalidNextToken", "The specified token is not valid.")),
        };
    }
    let next = (rest.len() > most).then(|| rest.get(most - 1).map(|(key, _)| key.clone())).flatten();
    rest.truncate(most);
    Ok((rest.into_iter().map(|(_, value)| value).collect(), next))
}
