//! The service's errors, and looking up what a request names.

use super::Call;
use crate::practice::services::ApiError;
use crate::practice::world::balancing::{Listener, LoadBalancer, TargetGroup};

/// `ValidationError`
pub(super) fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", message)
}

/// `InvalidConfigurationRequest`
pub(super) fn configuration(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidConfigurationRequest", message)
}

pub(super) fn balancers_not_found(what: &str) -> ApiError {
    ApiError::new("LoadBalancerNotFound", format!("Load balancers '[{what}]' not found"))
}

pub(super) fn groups_not_found() -> ApiError {
    ApiError::new("TargetGroupNotFound", "One or more target groups not found")
}

pub(super) fn listeners_not_found() -> ApiError {
    ApiError::new("ListenerNotFound", "One or more listeners not found")
}

pub(super) fn rules_not_found() -> ApiError {
    ApiError::new("RuleNotFound", "One or more rules not found")
}

impl Call<'_> {
    /// Refuses what is no ARN of this kind of resource: `loadbalancer`, `targetgroup`, `listener`, `listener-rule`.
    fn check_arn(&self, arn: &str, kind: &str) -> Result<(), ApiError> {
        let mut parts = arn.splitn(6, ':');
        let service = parts.nth(2);
        let fits = arn.starts_with("arn:")
            && service == Some("elasticloadbalancing")
            && parts.nth(2).is_some_and(|rest| rest.split('/').next() == Some(kind));
        let what = match kind {
            "loadbalancer" => "load balancer",
            "targetgroup" => "target group",
            "listener" => "listener",
            _ => "rule",
        };
        if fits { Ok(()) } else { Err(invalid(format!("'{arn}' is not a valid {what} ARN"))) }
    }

    /// A load balancer that exists and is not being deleted.
    pub(super) fn balancer(&self, arn: &str) -> Result<&LoadBalancer, ApiError> {
        self.check_arn(arn, "loadbalancer")?;
        let found = self.region.balancing.balancers.get(arn);
        found
            .filter(|one| !one.deleted && !self.region.is_hidden(arn))
            .ok_or_else(|| ApiError::new("LoadBalancerNotFound", format!("Load balancer '{arn}' not found")))
    }

    pub(super) fn group(&self, arn: &str) -> Result<&TargetGroup, ApiError> {
        self.check_arn(arn, "targetgroup")?;
        let found = self.region.balancing.target_groups.get(arn);
        found.filter(|_| !self.region.is_hidden(arn)).ok_or_else(groups_not_found)
    }

    pub(super) fn listener(&self, arn: &str) -> Result<&Listener, ApiError> {
        self.check_arn(arn, "listener")?;
        self.region.balancing.listeners.get(arn).ok_or_else(listeners_not_found)
    }

    /// The listener of a rule, and the rule's priority; none for the default rule.
    pub(super) fn rule(&self, arn: &str) -> Result<(&Listener, Option<u32>), ApiError> {
        self.check_arn(arn, "listener-rule")?;
        let of =
            |listener: &&Listener| listener.default_rule == arn || listener.rules.values().any(|rule| rule.arn == arn);
        let listener = self.region.balancing.listeners.values().find(of).ok_or_else(rules_not_found)?;
        let priority = listener.rules.iter().find(|(_, rule)| rule.arn == arn).map(|(priority, _)| *priority);
        Ok((listener, priority))
    }
}
