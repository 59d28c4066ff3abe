//! AWS STS: who the caller is.

use super::xml_answer::answer;
use super::{ApiError, Request};
use crate::practice::wire::xml::Element;
use crate::practice::world::World;

const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The IAM user everybody is on the practice cloud.
pub const USER: &str = "learner";

/// Its unique id.
pub const USER_ID: &str = "AIDAPRACTICELEARNER00";

/// The ARN of the practice user.
pub fn user_arn(account: &str) -> String {
    format!("arn:aws:iam::{account}:user/{USER}")
}

/// Answers an STS operation.
pub fn handle(world: &mut World, request: &Request<'_>) -> Result<Element, ApiError> {
    match request.operation {
        "GetCallerIdentity" => {
            let result = Element::new("GetCallerIdentityResult")
                .leaf("Arn", user_arn(world.account()))
                .leaf("UserId", USER_ID)
                .leaf("Account", world.account());
            Ok(answer(request.operation, NAMESPACE, &request.request_id, Some(result)))
        }
        other => Err(ApiError::unknown_operation("sts", other)),
    }
}
