//! Elastic Load Balancing v2: application load balancers, target groups of instances, listeners, rules, target health.
//!
//! Promises: every operation checks everything AWS checks before it changes anything that is simulated here, and answers in the shapes of API
//! version 2015-12-01. Load balancers of other types, targets that are no instances and HTTPS towards targets answer that they are not simulated.
//! Leaves to others: what becomes of it in time ([`crate::practice::world::balancing`]), refusing parameters that nobody read
//! ([`super::Incoming::run`]).

mod action;
mod attributes;
mod condition;
mod errors;
mod limits;
mod listener;
mod load_balancer;
mod page;
mod rule;
mod subnets;
mod tags;
mod target;
mod target_group;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use super::xml_answer::answer;
use super::{ApiError, Request};
use crate::practice::wire::query::Params;
use crate::practice::wire::xml::Element;
use crate::practice::world::{Region, World};

/// The XML namespace of its answers.
const NAMESPACE: &str = "http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/";

/// One request: its parameters and the region it works on.
struct Call<'a> {
    region: &'a mut Region,
    params: &'a Params,
    operation: &'a str,
}

impl Call<'_> {
    /// The answer's result, still empty.
    fn result(&self) -> Element {
        Element::new(format!("{}Result", self.operation))
    }

    /// `arn:aws:elasticloadbalancing:ap-northeast-2:100000000001:`
    fn arn_prefix(&self) -> String {
        format!("arn:aws:elasticloadbalancing:{}:{}:", self.region.name(), self.region.account())
    }
}

/// Answers one of its operations. On an error the world may be half changed.
pub fn handle(world: &mut World, request: &Request<'_>) -> Result<Element, ApiError> {
    let call =
        &mut Call { region: world.region_mut(request.region), params: request.params, operation: request.operation };
    let result = run(call).map_err(as_validation)?;
    if !request.operation.starts_with("Describe") {
        call.region.changed();
    }
    Ok(answer(request.operation, NAMESPACE, &request.request_id, Some(result)))
}

fn run(call: &mut Call<'_>) -> Result<Element, ApiError> {
    match call.operation {
        "CreateLoadBalancer" => load_balancer::create(call),
        "DeleteLoadBalancer" => load_balancer::delete(call),
        "DescribeLoadBalancers" => load_balancer::describe(call),
        "SetSubnets" => load_balancer::set_subnets(call),
        "SetSecurityGroups" => load_balancer::set_groups(call),
        "SetIpAddressType" => load_balancer::set_ip_address_type(call),
        "DescribeLoadBalancerAttributes" => attributes::describe_of_balancer(call),
        "ModifyLoadBalancerAttributes" => attributes::modify_of_balancer(call),
        "CreateTargetGroup" => target_group::create(call),
        "ModifyTargetGroup" => target_group::modify(call),
        "DeleteTargetGroup" => target_group::delete(call),
        "DescribeTargetGroups" => target_group::describe(call),
        "DescribeTargetGroupAttributes" => attributes::describe_of_group(call),
        "ModifyTargetGroupAttributes" => attributes::modify_of_group(call),
        "RegisterTargets" => target::register(call),
        "DeregisterTargets" => target::deregister(call),
        "DescribeTargetHealth" => target::describe_health(call),
        "CreateListener" => listener::create(call),
        "ModifyListener" => listener::modify(call),
        "DeleteListener" => listener::delete(call),
        "DescribeListeners" => listener::describe(call),
        "DescribeListenerAttributes" => attributes::describe_of_listener(call),
        "ModifyListenerAttributes" => attributes::modify_of_listener(call),
        "DescribeListenerCertificates" => listener::describe_certificates(call),
        "AddListenerCertificates" => listener::add_certificates(call),
        "RemoveListenerCertificates" => listener::remove_certificates(call),
        "CreateRule" => rule::create(call),
        "ModifyRule" => rule::modify(call),
        "DeleteRule" => rule::delete(call),
        "SetRulePriorities" => rule::set_priorities(call),
        "DescribeRules" => rule::describe(call),
        "AddTags" => tags::add(call),
        "RemoveTags" => tags::remove(call),
        "DescribeTags" => tags::describe(call),
        "DescribeAccountLimits" => limits::describe(call),
        "DescribeSSLPolicies" => limits::describe_policies(call),
        other => Err(ApiError::unknown_operation("elbv2", other)),
    }
}

/// This service calls every unreadable parameter a validation error.
fn as_validation(error: ApiError) -> ApiError {
    match error.code.as_str() {
        "MissingParameter" | "InvalidParameterValue" => errors::invalid(error.message),
        _ => error,
    }
}

/// A moment as this service writes it: `2026-11-22T12:00:00.000Z`.
fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(|moment| format!("{moment:.3}")).unwrap_or_default()
}
