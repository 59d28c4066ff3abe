//! Amazon EC2 Auto Scaling: groups, policies, activities, lifecycle hooks, scheduled actions.
//!
//! Promises: every operation checks everything AWS checks before it changes anything that is simulated here, and answers in the shapes of API
//! version 2011-01-01. Launch configurations, mixed instances, warm pools, instance refresh and predictive policies answer that they are not
//! simulated. Leaves to others: what becomes of it in time ([`crate::practice::world::scaling`]), refusing parameters that nobody read
//! ([`super::Incoming::run`]).

mod delete;
mod describe;
mod errors;
mod group;
mod hook;
mod instance;
mod page;
mod policy;
mod process;
mod scheduled;
mod tags;
mod targets;
#[cfg(test)]
mod tests;

use jiff::Timestamp;

use super::xml_answer::answer;
use super::{ApiError, Request};
use crate::practice::wire::query::Params;
use crate::practice::wire::xml::Element;
use crate::practice::world::scaling::Group;
use crate::practice::world::{Global, Region, World};

/// The XML namespace of its answers.
const NAMESPACE: &str = "http://autoscaling.amazonaws.com/doc/2011-01-01/";

/// One request: its parameters and the region it works on.
struct Call<'a> {
    region: &'a mut Region,
    global: &'a Global,
    params: &'a Params,
    operation: &'a str,
}

/// What an operation answers: its result, or nothing when it has none.
type Outcome = Result<Option<Element>, ApiError>;

impl Call<'_> {
    /// The answer's result, still empty.
    fn result(&self) -> Element {
        Element::new(format!("{}Result", self.operation))
    }

    /// The name of the group that the request is about.
    fn group_name(&self) -> Result<String, ApiError> {
        Ok(self.params.required("AutoScalingGroupName")?.to_owned())
    }

    /// The group that the request is about; one that is being deleted can no longer be changed.
    fn group(&self) -> Result<&Group, ApiError> {
        let name = self.group_name()?;
        let found = self.region.scaling.groups.get(&name).ok_or_else(|| errors::no_group(&name))?;
        if found.deleting { Err(errors::pending_delete(&name)) } else { Ok(found) }
    }

    /// The group that the request is about, to change it.
    fn group_mut(&mut self) -> Result<&mut Group, ApiError> {
        let name = self.group()?.name.clone();
        self.region.scaling.groups.get_mut(&name).ok_or_else(|| errors::no_group(&name))
    }
}

/// Answers one of its operations. On an error the world may be half changed.
pub fn handle(world: &mut World, request: &Request<'_>) -> Result<Element, ApiError> {
    let (region, global) = world.parts(request.region);
    let call = &mut Call { region, global, params: request.params, operation: request.operation };
    let result = run(call).map_err(errors::as_validation)?;
    if !request.operation.starts_with("Describe") {
        call.region.changed();
    }
    Ok(answer(request.operation, NAMESPACE, &request.request_id, result))
}

fn run(call: &mut Call<'_>) -> Outcome {
    match call.operation {
        "CreateAutoScalingGroup" => group::create(call),
        "UpdateAutoScalingGroup" => group::update(call),
        "SetDesiredCapacity" => group::set_desired(call),
        "DeleteAutoScalingGroup" => delete::delete(call),
        "DescribeAutoScalingGroups" => describe::groups(call),
        "DescribeAutoScalingInstances" => describe::instances(call),
        "DescribeScalingActivities" => describe::activities(call),
        "TerminateInstanceInAutoScalingGroup" => instance::terminate(call),
        "EnterStandby" => instance::enter_standby(call),
        "ExitStandby" => instance::exit_standby(call),
        "AttachInstances" => instance::attach(call),
        "DetachInstances" => instance::detach(call),
        "SetInstanceHealth" => instance::set_health(call),
        "SetInstanceProtection" => instance::set_protection(call),
        "PutScalingPolicy" => policy::put(call),
        "DeletePolicy" => policy::delete(call),
        "DescribePolicies" => policy::describe(call),
        "ExecutePolicy" => policy::execute(call),
        "PutLifecycleHook" => hook::put(call),
        "DeleteLifecycleHook" => hook::delete(call),
        "DescribeLifecycleHooks" => hook::describe(call),
        "CompleteLifecycleAction" => hook::complete(call),
        "RecordLifecycleActionHeartbeat" => hook::heartbeat(call),
        "PutScheduledUpdateGroupAction" => scheduled::put(call),
        "BatchPutScheduledUpdateGroupAction" => scheduled::put_many(call),
        "DeleteScheduledAction" => scheduled::delete(call),
        "BatchDeleteScheduledAction" => scheduled::delete_many(call),
        "DescribeScheduledActions" => scheduled::describe(call),
        "SuspendProcesses" => process::suspend(call),
        "ResumeProcesses" => process::resume(call),
        "EnableMetricsCollection" => process::enable_metrics(call),
        "DisableMetricsCollection" => process::disable_metrics(call),
        "AttachLoadBalancerTargetGroups" => targets::attach(call),
        "DetachLoadBalancerTargetGroups" => targets::detach(call),
        "DescribeLoadBalancerTargetGroups" => targets::describe(call),
        "AttachTrafficSources" => targets::attach_sources(call),
        "DetachTrafficSources" => targets::detach_sources(call),
        "DescribeTrafficSources" => targets::describe_sources(call),
        "CreateOrUpdateTags" => tags::put(call),
        "DeleteTags" => tags::delete(call),
        "DescribeTags" => tags::describe(call),
        "DescribeAccountLimits" => process::limits(call),
        "DescribeAdjustmentTypes" => process::adjustment_types(call),
        "DescribeLifecycleHookTypes" => process::hook_types(call),
        "DescribeMetricCollectionTypes" => process::metric_types(call),
        "DescribeScalingProcessTypes" => process::process_types(call),
        "DescribeTerminationPolicyTypes" => process::termination_types(call),
        "DescribeLoadBalancers" => targets::describe_classic(call),
        "DescribeNotificationConfigurations" => process::notifications(call),
        other => Err(ApiError::unknown_operation("autoscaling", other)),
    }
}

/// A moment as this service writes it: `2026-11-22T12:00:00.000Z`.
fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(|moment| format!("{moment:.3}")).unwrap_or_default()
}
