//! Suspended processes, metrics collection, and the lists of what there is.

use super::errors::invalid;
use super::{Call, Outcome};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::scaling::Transition;
use crate::practice::world::watch::GROUP_METRICS;
use crate::scaling::adjust::Adjustment;
use crate::scaling::choose::Termination;

/// The one granularity of a group's metrics.
pub(super) const GRANULARITY: &str = "1Minute";

/// The processes of a group.
const PROCESSES: [&str; 9] = [
    "AZRebalance",
    "AddToLoadBalancer",
    "AlarmNotification",
    "HealthCheck",
    "InstanceRefresh",
    "Launch",
    "ReplaceUnhealthy",
    "ScheduledActions",
    "Terminate",
];

fn processes(call: &Call<'_>) -> Result<Vec<String>, ApiError> {
    let named = call.params.list("ScalingProcesses");
    if let Some(unknown) = named.iter().find(|name| !PROCESSES.contains(name)) {
        return Err(invalid(format!("{unknown} is not a valid scaling process.")));
    }
    let all = if named.is_empty() { PROCESSES.to_vec() } else { named };
    Ok(all.into_iter().map(str::to_owned).collect())
}

/// SuspendProcesses
pub(super) fn suspend(call: &mut Call<'_>) -> Outcome {
    let processes = processes(call)?;
    let now = call.region.now();
    let moment = super::time(now - now.rem_euclid(1000)).replace(".000Z", "Z");
    let group = call.group_mut()?;
    for process in processes {
        group.suspended.entry(process).or_insert_with(|| format!("User suspended at {moment}"));
    }
    Ok(None)
}

/// ResumeProcesses
pub(super) fn resume(call: &mut Call<'_>) -> Outcome {
    let processes = processes(call)?;
    let group = call.group_mut()?;
    let name = group.name.clone();
    for process in processes {
        group.suspended.remove(&process);
    }
    // Instances that came into service meanwhile were not registered.
    call.region.join_all_targets(&name);
    Ok(None)
}

fn metrics(call: &Call<'_>) -> Result<Vec<String>, ApiError> {
    let named = call.params.list("Metrics");
    if let Some(unknown) = named.iter().find(|name| !GROUP_METRICS.contains(name)) {
        return Err(ApiError::not_simulated(format_args!("the metric {unknown} of Auto Scaling groups")));
    }
    let all = if named.is_empty() { GROUP_METRICS.to_vec() } else { named };
    Ok(all.into_iter().map(str::to_owned).collect())
}

fn collect(call: &mut Call<'_>, on: bool) -> Outcome {
    let metrics = metrics(call)?;
    let group = call.group_mut()?;
    for metric in metrics {
        if on {
            group.metrics.insert(metric);
        } else {
            group.metrics.remove(&metric);
        }
    }
    let (name, all) = (group.name.clone(), group.metrics.clone());
    call.region.record_collection(&name, all.iter().map(String::as_str));
    Ok(None)
}

/// EnableMetricsCollection
pub(super) fn enable_metrics(call: &mut Call<'_>) -> Outcome {
    let granularity = call.params.required("Granularity")?;
    if granularity != GRANULARITY {
        return Err(invalid(format!("The granularity {granularity} is not valid. Valid values are: {GRANULARITY}")));
    }
    collect(call, true)
}

/// DisableMetricsCollection
pub(super) fn disable_metrics(call: &mut Call<'_>) -> Outcome {
    collect(call, false)
}

fn texts<'a>(call: &Call<'_>, list: &str, words: impl IntoIterator<Item = &'a str>) -> Outcome {
    Ok(Some(call.result().members(list, words.into_iter().map(|word| Element::leaf_of("member", word)))))
}

fn structs<'a>(call: &Call<'_>, list: &str, name: &str, words: impl IntoIterator<Item = &'a str>) -> Outcome {
    let elements = words.into_iter().map(|word| Element::new("member").leaf(name, word));
    Ok(Some(call.result().members(list, elements)))
}

/// DescribeAccountLimits
pub(super) fn limits(call: &mut Call<'_>) -> Outcome {
    Ok(Some(
        call.result()
            .leaf("MaxNumberOfAutoScalingGroups", call.region.options().limits.scaling_groups)
            .leaf("MaxNumberOfLaunchConfigurations", 200)
            .leaf("NumberOfAutoScalingGroups", call.region.scaling.groups.len())
            .leaf("NumberOfLaunchConfigurations", 0),
    ))
}

/// DescribeAdjustmentTypes
pub(super) fn adjustment_types(call: &mut Call<'_>) -> Outcome {
    structs(call, "AdjustmentTypes", "AdjustmentType", Adjustment::ALL.map(Adjustment::as_str))
}

/// DescribeLifecycleHookTypes
pub(super) fn hook_types(call: &mut Call<'_>) -> Outcome {
    texts(call, "LifecycleHookTypes", Transition::ALL.map(Transition::as_str))
}

/// DescribeMetricCollectionTypes
pub(super) fn metric_types(call: &mut Call<'_>) -> Outcome {
    let granularities = [Element::new("member").leaf("Granularity", GRANULARITY)];
    let metrics = structs(call, "Metrics", "Metric", GROUP_METRICS)?;
    Ok(metrics.map(|result| result.members("Granularities", granularities)))
}

/// DescribeScalingProcessTypes
pub(super) fn process_types(call: &mut Call<'_>) -> Outcome {
    structs(call, "Processes", "ProcessName", PROCESSES)
}

/// DescribeTerminationPolicyTypes
pub(super) fn termination_types(call: &mut Call<'_>) -> Outcome {
    texts(call, "TerminationPolicyTypes", Termination::ALL.map(Termination::as_str))
}

/// DescribeNotificationConfigurations: there is no SNS here, so there can be none.
pub(super) fn notifications(call: &mut Call<'_>) -> Outcome {
    for list in ["AutoScalingGroupNames", "MaxRecords", "NextToken", "IncludeManagedResources"] {
        call.params.accept(list);
    }
    Ok(Some(call.result().members("NotificationConfigurations", [])))
}
