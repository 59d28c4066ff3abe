//! Calls as AWS CLI commands, and a whole plan as a script.
//!
//! Promises: a command is valid for the shell and for the AWS CLI, versions 1 and 2.
use super::call::Call;

/// One call as one command.
pub fn command(call: &Call) -> String {
    format!("aws {} {}", call.service.cli(), call.operation)
}
