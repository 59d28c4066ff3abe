//! Faults on request: what a learner (or a test) wants the practice cloud to do wrong.
//!
//! They are stored with the world, so that they hold for every process, until they are switched off.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::policy::{Policy, Verdict};
use super::services::ApiError;

/// What goes wrong. The default is nothing.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Faults {
    /// Real milliseconds before every answer arrives.
    pub latency_ms: u64,
    /// The share of requests, 0 to 1, that are refused with `RequestLimitExceeded`.
    pub throttle: f64,
    /// The share of requests, 0 to 1, that fail with `InternalError` (HTTP 500) and do nothing.
    pub error: f64,
    /// The share of requests, 0 to 1, that have their effect but whose answer never arrives.
    pub lose: f64,
    /// The actions that are denied: `ec2:CreateVpc`, `ec2:*`; any case.
    pub deny: Vec<String>,
    /// Whether the credentials have expired.
    pub expired: bool,
    /// The IAM policy of the learner; none allows everything.
    pub policy: Option<Policy>,
}

impl Faults {
    /// Whether nothing goes wrong.
    pub fn is_off(&self) -> bool {
        *self == Self::default()
    }

    /// How long an answer takes.
    pub fn latency(&self) -> Duration {
        Duration::from_millis(self.latency_ms)
    }

    /// Whether an action is denied.
    pub fn denies(&self, action: &str) -> bool {
        self.deny.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => action.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start)),
            None => action.eq_ignore_ascii_case(pattern),
        })
    }

    /// What the denied actions and the policy together say of an action.
    fn verdict(&self, action: &str) -> Verdict {
        if self.denies(action) {
            return Verdict::NotAllowed;
        }
        self.policy.as_ref().map_or(Verdict::Allowed, |policy| policy.verdict(action))
    }

    /// What to answer instead of doing the request, if anything. `service` is the signing name, `actions` the IAM actions
    /// it needs, `draw` two random numbers from 0 to 1.
    pub(super) fn refusal(&self, service: &str, user: &str, actions: &[String], draw: [f64; 2]) -> Option<ApiError> {
        if self.expired {
            return Some(match service {
                "ec2" => ApiError::new("RequestExpired", "Request has expired."),
                "acm" | "servicequotas" | "ssm" => {
                    ApiError::new("ExpiredTokenException", "The security token included in the request is expired")
                }
                _ => ApiError::new("ExpiredToken", "The security token included in the request is expired").status(403),
            });
        }
        if draw[0] < self.throttle {
            return Some(match service {
                "ec2" => ApiError::new("RequestLimitExceeded", "Request limit exceeded.").status(503),
                "acm" | "ssm" => ApiError::new("ThrottlingException", "Rate exceeded"),
                "servicequotas" => ApiError::new("TooManyRequestsException", "Rate exceeded"),
                _ => ApiError::new("Throttling", "Rate exceeded"),
            });
        }
        if draw[1] < self.error {
            let message = "An internal error has occurred";
            let code = if service == "ec2" { "InternalError" } else { "InternalFailure" };
            return Some(ApiError::new(code, message).status(500));
        }
        // Everybody may ask who they are, whatever is denied.
        let mut asked = actions.iter().filter(|action| *action != "sts:GetCallerIdentity");
        let (denied, verdict) = asked.find_map(|action| match self.verdict(action) {
            Verdict::Allowed => None,
            verdict => Some((action, verdict)),
        })?;
        let why = match verdict {
            Verdict::Denied => "with an explicit deny in an identity-based policy".to_owned(),
            _ => format!("because no identity-based policy allows the {denied} action"),
        };
        let detail = format!("User: {user} is not authorized to perform: {denied} {why}");
        Some(match service {
            "ec2" => ApiError::new(
                "UnauthorizedOperation",
                format!("You are not authorized to perform this operation. {detail}"),
            )
            .status(403),
            "acm" | "servicequotas" | "ssm" => ApiError::new("AccessDeniedException", detail),
            _ => ApiError::new("AccessDenied", detail).status(403),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn denied_actions_by_name_and_by_star() {
        let faults = Faults { deny: vec!["ec2:CreateVpc".into(), "ssm:*".into()], ..Faults::default() };
        assert!(faults.denies("ec2:createvpc"));
        assert!(!faults.denies("ec2:CreateVpcEndpoint"));
        assert!(faults.denies("ssm:GetParameter"));
        assert!(!faults.denies("ss"));
        let actions = ["ec2:RunInstances".to_string(), "ec2:CreateVpc".to_string()];
        let error = faults.refusal("ec2", "arn:x", &actions, [0.9, 0.9]).unwrap();
        assert_eq!((error.code.as_str(), error.status), ("UnauthorizedOperation", 403));
        assert!(error.message.contains("ec2:CreateVpc"));
        assert_eq!(faults.refusal("ec2", "arn:x", &["ec2:RunInstances".into()], [0.0, 0.0]), None);
    }

    #[test]
    fn a_policy_refuses_in_the_words_of_each_service() {
        let text = r#"{"Statement":[{"Effect":"Allow","Action":"ec2:*"},{"Effect":"Deny","Action":"ec2:DeleteVpc"}]}"#;
        let faults = Faults { policy: Some(Policy::parse(text).unwrap()), ..Faults::default() };
        let refusal = |service: &str, action: &str| faults.refusal(service, "arn:x", &[action.to_owned()], [0.9, 0.9]);
        assert_eq!(refusal("ec2", "ec2:CreateVpc"), None);
        assert_eq!(refusal("sts", "sts:GetCallerIdentity"), None);
        let denied = refusal("ec2", "ec2:DeleteVpc").unwrap();
        assert!(denied.code == "UnauthorizedOperation" && denied.message.contains("explicit deny"), "{denied:?}");
        for (service, action, code) in [
            ("ssm", "ssm:SendCommand", "AccessDeniedException"),
            ("servicequotas", "servicequotas:GetServiceQuota", "AccessDeniedException"),
            ("iam", "iam:CreateRole", "AccessDenied"),
            ("elasticloadbalancing", "elasticloadbalancing:CreateListener", "AccessDenied"),
        ] {
            assert_eq!(refusal(service, action).unwrap().code, code, "{service}");
        }
    }

    #[test]
    fn shares_are_shares() {
        let faults = Faults { throttle: 0.3, error: 0.1, ..Faults::default() };
        let code = |draw| faults.refusal("ec2", "", &[], draw).map(|error| error.code);
        assert_eq!(code([0.29, 0.9]).as_deref(), Some("RequestLimitExceeded"));
        assert_eq!(code([0.3, 0.09]).as_deref(), Some("InternalError"));
        assert_eq!(code([0.3, 0.1]), None);
    }
}
