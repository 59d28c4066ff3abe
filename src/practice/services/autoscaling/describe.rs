//! DescribeAutoScalingGroups, DescribeAutoScalingInstances, DescribeScalingActivities.

use super::errors::invalid;
use super::page::paginate;
use super::{Call, Outcome, process, tags, time};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::scaling::{Activity, Group, Member, TemplateChoice};

fn template_element(template: &TemplateChoice) -> Element {
    Element::new("LaunchTemplate")
        .leaf("LaunchTemplateId", &template.id)
        .leaf("LaunchTemplateName", &template.name)
        .leaf_opt("Version", template.version.as_ref())
}

fn health(member: &Member) -> &'static str {
    if member.healthy { "Healthy" } else { "Unhealthy" }
}

fn zone_id(call: &Call<'_>, zone: &str) -> Option<String> {
    call.region.zones().into_iter().find(|one| one.name == zone).map(|one| one.id)
}

fn member_element(call: &Call<'_>, member: &Member) -> Element {
    Element::new("member")
        .leaf("InstanceId", &member.id)
        .leaf("InstanceType", &member.instance_type)
        .leaf("AvailabilityZone", &member.zone)
        .leaf_opt("AvailabilityZoneId", zone_id(call, &member.zone))
        .leaf("LifecycleState", member.state.as_str())
        .leaf("HealthStatus", health(member))
        .child_opt(member.template.as_ref().map(template_element))
        .leaf_opt("ImageId", call.region.instances.get(&member.id).map(|instance| &instance.image))
        .leaf("ProtectedFromScaleIn", member.protected)
}

fn group_element(call: &Call<'_>, group: &Group, with_instances: bool) -> Element {
    let leaf = |value: &String| Element::leaf_of("member", value);
    let mut zones: Vec<String> =
        group.subnets.iter().filter_map(|id| call.region.subnets.get(id)).map(|subnet| subnet.zone.clone()).collect();
    zones.sort();
    zones.dedup();
    let zone_ids: Vec<String> = zones.iter().filter_map(|zone| zone_id(call, zone)).collect();
    let suspended = group
        .suspended
        .iter()
        .map(|(process, reason)| Element::new("member").leaf("ProcessName", process).leaf("SuspensionReason", reason));
    let metrics = group
        .metrics
        .iter()
        .map(|metric| Element::new("member").leaf("Metric", metric).leaf("Granularity", process::GRANULARITY));
    let sources =
        group.target_groups.iter().map(|arn| Element::new("member").leaf("Identifier", arn).leaf("Type", "elbv2"));
    let members = group.members.values().filter(|_| with_instances).map(|member| member_element(call, member));
    Element::new("member")
        .leaf("AutoScalingGroupName", &group.name)
        .leaf("AutoScalingGroupARN", &group.arn)
        .child(template_element(&group.template))
        .leaf("MinSize", group.min)
        .leaf("MaxSize", group.max)
        .leaf("DesiredCapacity", group.desired)
        .leaf("DefaultCooldown", group.cooldown)
        .members("AvailabilityZones", zones.iter().map(leaf))
        .members("AvailabilityZoneIds", zone_ids.iter().map(leaf))
        .members("LoadBalancerNames", [])
        .members("TargetGroupARNs", group.target_groups.iter().map(leaf))
        .leaf("HealthCheckType", group.health_check.as_str())
        .leaf("HealthCheckGracePeriod", group.grace)
        .members("Instances", members)
        .leaf("CreatedTime", time(group.created))
        .members("SuspendedProcesses", suspended)
        .leaf("VPCZoneIdentifier", group.subnets.join(","))
        .members("EnabledMetrics", metrics)
        .leaf_opt("Status", group.deleting.then_some("Delete in progress"))
        .members("Tags", group.tags.iter().map(|(key, tag)| tags::element(&group.name, key, tag)))
        .members("TerminationPolicies", group.termination.iter().map(|one| Element::leaf_of("member", one.as_str())))
        .leaf("NewInstancesProtectedFromScaleIn", group.protect_new)
        .leaf("ServiceLinkedRoleARN", &group.role)
        .leaf("CapacityRebalance", group.capacity_rebalance)
        .leaf_opt("Context", group.context.as_ref())
        .leaf_opt("DefaultInstanceWarmup", group.warmup)
        .members("TrafficSources", sources)
        .leaf("DeletionProtection", group.protection.as_str())
        .child(
            Element::new("AvailabilityZoneDistribution").leaf("CapacityDistributionStrategy", "balanced-best-effort"),
        )
}

/// Whether a group has what a filter asks for.
fn passes(group: &Group, name: &str, values: &[&str]) -> Result<bool, ApiError> {
    Ok(match name.split_once(':').unwrap_or((name, "")) {
        ("tag-key", "") => group.tags.keys().any(|key| values.contains(&key.as_str())),
        ("tag-value", "") => group.tags.values().any(|tag| values.contains(&tag.value.as_str())),
        ("tag", key) if !key.is_empty() => group.tags.get(key).is_some_and(|tag| values.contains(&tag.value.as_str())),
        _ => {
            return Err(invalid(format!(
                "Filter type {name} is not correct. Allowed Filter types are: tag-key, tag-value, tag:<key>"
            )));
        }
    })
}

/// DescribeAutoScalingGroups
pub(super) fn groups(call: &mut Call<'_>) -> Outcome {
    let call = &*call;
    let names = call.params.list("AutoScalingGroupNames");
    let with_instances = call.params.bool("IncludeInstances")?.unwrap_or(true);
    let _ = call.params.bool("IncludeManagedResources")?;
    let mut filters = Vec::new();
    for filter in call.params.structs("Filters") {
        filters.push((filter.required("Name")?, filter.list("Values")));
    }
    let mut chosen = Vec::new();
    for group in call.region.scaling.groups.values() {
        let mut fits = names.is_empty() || names.contains(&group.name.as_str());
        for (name, values) in &filters {
            fits = passes(group, name, values)? && fits;
        }
        if fits {
            chosen.push((group.name.clone(), group));
        }
    }
    let page = paginate(call, chosen, 50)?;
    Ok(Some(page.answer(call.result(), "AutoScalingGroups", |group| group_element(call, group, with_instances))))
}

/// DescribeAutoScalingInstances
pub(super) fn instances(call: &mut Call<'_>) -> Outcome {
    let call = &*call;
    let ids = call.params.list("InstanceIds");
    let _ = call.params.bool("IncludeManagedResources")?;
    let all = call.region.scaling.groups.values();
    let mut chosen: Vec<(String, (&Group, &Member))> = all
        .flat_map(|group| group.members.values().map(move |member| (member.id.clone(), (group, member))))
        .filter(|(id, _)| ids.is_empty() || ids.contains(&id.as_str()))
        .collect();
    chosen.sort_by(|(one, _), (other, _)| one.cmp(other));
    let page = paginate(call, chosen, 50)?;
    let element = |(group, member): (&Group, &Member)| {
        Element::new("member")
            .leaf("InstanceId", &member.id)
            .leaf("InstanceType", &member.instance_type)
            .leaf("AutoScalingGroupName", &group.name)
            .leaf("AvailabilityZone", &member.zone)
            .leaf_opt("AvailabilityZoneId", zone_id(call, &member.zone))
            .leaf("LifecycleState", member.state.as_str())
            // This operation writes it in capitals, DescribeAutoScalingGroups does not.
            .leaf("HealthStatus", health(member).to_uppercase())
            .child_opt(member.template.as_ref().map(template_element))
            .leaf_opt("ImageId", call.region.instances.get(&member.id).map(|instance| &instance.image))
            .leaf("ProtectedFromScaleIn", member.protected)
    };
    Ok(Some(page.answer(call.result(), "AutoScalingInstances", element)))
}

/// An activity as AWS tells it.
pub(super) fn activity_element(name: &str, activity: &Activity, gone: bool) -> Element {
    let seconds = |ms: i64| time(ms - ms.rem_euclid(1000)).replace(".000Z", "Z");
    Element::new(name)
        .leaf("ActivityId", &activity.id)
        .leaf("AutoScalingGroupName", &activity.group)
        .leaf("Description", &activity.description)
        .leaf("Cause", &activity.cause)
        .leaf("StartTime", time(activity.start))
        .leaf_opt("EndTime", activity.end.map(seconds))
        .leaf("StatusCode", activity.status.as_str())
        .leaf_opt("StatusMessage", activity.message.as_ref())
        .leaf("Progress", activity.progress)
        .leaf("Details", &activity.details)
        .leaf_opt("AutoScalingGroupState", gone.then_some("Deleted"))
        .leaf("AutoScalingGroupARN", &activity.group_arn)
}

/// DescribeScalingActivities: the newest first.
pub(super) fn activities(call: &mut Call<'_>) -> Outcome {
    let call = &*call;
    let ids = call.params.list("ActivityIds");
    let name = call.params.text("AutoScalingGroupName");
    let deleted = call.params.bool("IncludeDeletedGroups")?.unwrap_or(false);
    let _ = call.params.bool("IncludeManagedResources")?;
    let scaling = &call.region.scaling;
    let gone =
        |activity: &Activity| scaling.groups.get(&activity.group).is_none_or(|group| group.arn != activity.group_arn);
    if let Some(name) = name
        && !deleted
        && !scaling.groups.contains_key(name)
    {
        return Err(super::errors::no_group(name));
    }
    let chosen = scaling
        .activities
        .iter()
        .rev()
        .filter(|one| name.is_none_or(|name| one.group == name) && (deleted || !gone(one)))
        .filter(|one| ids.is_empty() || ids.contains(&one.id.as_str()))
        .map(|one| (one.id.clone(), one))
        .collect();
    let page = paginate(call, chosen, 100)?;
    Ok(Some(page.answer(call.result(), "Activities", |one| activity_element("member", one, gone(one)))))
}
