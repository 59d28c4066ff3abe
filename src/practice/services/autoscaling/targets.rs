//! Target groups of a group, also by their newer name of traffic sources.

use super::errors::invalid;
use super::page::paginate;
use super::{Call, Outcome};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::scaling::lifecycle::State;

/// The target groups that a request names, also as TrafficSources; `exist`: they must.
pub(super) fn named(call: &Call<'_>, list: &str, exist: bool) -> Result<Vec<String>, ApiError> {
    let mut found: Vec<String> = call.params.list(list).iter().map(|arn| (*arn).to_owned()).collect();
    for source in call.params.structs("TrafficSources") {
        if source.text("Type").is_some_and(|kind| kind != "elbv2") {
            return Err(ApiError::not_simulated("traffic sources but target groups"));
        }
        found.push(source.required("Identifier")?.to_owned());
    }
    if exist && found.iter().any(|arn| !call.region.has_target_group(arn)) {
        return Err(invalid("Provided Target Groups may not be valid. Please ensure they exist and try again."));
    }
    Ok(found)
}

fn attach_named(call: &mut Call<'_>, list: &str) -> Outcome {
    let group = call.group()?.name.clone();
    let arns = named(call, list, true)?;
    call.region.attach_target_groups(&group, &arns.iter().map(String::as_str).collect::<Vec<_>>());
    Ok(Some(call.result()))
}

fn detach_named(call: &mut Call<'_>, list: &str) -> Outcome {
    let group = call.group()?;
    let name = group.name.clone();
    let arns = named(call, list, false)?;
    if let Some(arn) = arns.iter().find(|arn| !group.target_groups.contains(arn)) {
        return Err(invalid(format!("The target group {arn} is not attached to the Auto Scaling group {name}.")));
    }
    call.region.detach_target_groups(&name, &arns.iter().map(String::as_str).collect::<Vec<_>>());
    Ok(Some(call.result()))
}

/// AttachLoadBalancerTargetGroups
pub(super) fn attach(call: &mut Call<'_>) -> Outcome {
    attach_named(call, "TargetGroupARNs")
}

/// DetachLoadBalancerTargetGroups
pub(super) fn detach(call: &mut Call<'_>) -> Outcome {
    detach_named(call, "TargetGroupARNs")
}

/// AttachTrafficSources
pub(super) fn attach_sources(call: &mut Call<'_>) -> Outcome {
    attach_named(call, "")
}

/// DetachTrafficSources
pub(super) fn detach_sources(call: &mut Call<'_>) -> Outcome {
    detach_named(call, "")
}

/// A target group for a page: its key, and its ARN and state.
type Shown<'r> = (String, (&'r str, &'static str));

/// Each target group with its state: `Adding` until all instances are registered, `Added`, `InService` once one is healthy.
fn states<'r>(call: &'r Call<'_>) -> Result<Vec<Shown<'r>>, ApiError> {
    let group = call.group()?;
    let serving = || group.members.values().filter(|member| member.state == State::InService);
    let state = |arn: &String| {
        let healthy = |id: &str| call.region.target_health(arn, id).is_some_and(|health| health.state == "healthy");
        if serving().any(|member| !member.registered.contains(arn)) {
            "Adding"
        } else if serving().any(|member| healthy(&member.id)) {
            "InService"
        } else {
            "Added"
        }
    };
    Ok(group.target_groups.iter().map(|arn| (arn.clone(), (arn.as_str(), state(arn)))).collect())
}

/// DescribeLoadBalancerTargetGroups
pub(super) fn describe(call: &mut Call<'_>) -> Outcome {
    let call = &*call;
    let page = paginate(call, states(call)?, 100)?;
    let element = |(arn, state): (&str, &str)| {
        Element::new("member").leaf("LoadBalancerTargetGroupARN", arn).leaf("State", state)
    };
    Ok(Some(page.answer(call.result(), "LoadBalancerTargetGroups", element)))
}

/// DescribeTrafficSources
pub(super) fn describe_sources(call: &mut Call<'_>) -> Outcome {
    let call = &*call;
    let kind = call.params.text("TrafficSourceType");
    let mut all = states(call)?;
    all.retain(|_| kind.is_none_or(|kind| kind == "elbv2"));
    let page = paginate(call, all, 50)?;
    let element = |(arn, state): (&str, &str)| {
        Element::new("member")
            .leaf("TrafficSource", arn)
            .leaf("State", state)
            .leaf("Identifier", arn)
            .leaf("Type", "elbv2")
    };
    Ok(Some(page.answer(call.result(), "TrafficSources", element)))
}

/// DescribeLoadBalancers: classic ones cannot be attached here.
pub(super) fn describe_classic(call: &mut Call<'_>) -> Outcome {
    call.group()?;
    let _ = (call.params.int("MaxRecords")?, call.params.text("NextToken"));
    Ok(Some(call.result().members("LoadBalancers", [])))
}
