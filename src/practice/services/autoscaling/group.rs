//! CreateAutoScalingGroup, UpdateAutoScalingGroup, SetDesiredCapacity.

use std::collections::{BTreeMap, BTreeSet};

use super::errors::{constraint, in_progress, invalid, limit};
use super::{Call, Outcome, hook, tags, targets};
use crate::practice::services::ApiError;
use crate::practice::services::ec2::{TemplateLaunch, check_template_launch, template_named};
use crate::practice::world::scaling::{Control, DeletionProtection, Group, HealthCheck, Sizes, TemplateChoice};
use crate::scaling::choose::Termination;

/// What groups may be asked for, and what is not simulated.
const NOT_SIMULATED: [(&str, &str); 6] = [
    ("LaunchConfigurationName", "launch configurations"),
    ("InstanceId", "groups made from an instance"),
    ("MixedInstancesPolicy", "mixed instances"),
    ("LoadBalancerNames", "classic load balancers"),
    ("PlacementGroup", "placement groups"),
    ("MaxInstanceLifetime", "MaxInstanceLifetime"),
];

fn refuse_unsimulated(call: &Call<'_>) -> Result<(), ApiError> {
    for (name, what) in NOT_SIMULATED {
        if call.params.text(name).is_some_and(|value| !value.is_empty()) || !call.params.sub(name).is_empty() {
            return Err(ApiError::not_simulated(what));
        }
    }
    // Spot instances and weights do not exist here, so these change nothing.
    let _ = call.params.bool("CapacityRebalance")?;
    if call.params.text("DesiredCapacityType").is_some_and(|kind| kind != "units") {
        return Err(ApiError::not_simulated("capacity counted otherwise than in instances"));
    }
    let distribution = call.params.sub("AvailabilityZoneDistribution").text("CapacityDistributionStrategy");
    if distribution.is_some_and(|strategy| strategy != "balanced-best-effort") {
        return Err(ApiError::not_simulated("another distribution over zones than balanced-best-effort"));
    }
    Ok(())
}

fn size(call: &Call<'_>, name: &str) -> Result<Option<u32>, ApiError> {
    let Some(value) = call.params.int(name)? else { return Ok(None) };
    u32::try_from(value)
        .ok()
        .filter(|value| *value <= 10_000)
        .map(Some)
        .ok_or_else(|| invalid(format!("Value {value} for {name} is invalid. It must be between 0 and 10000.")))
}

fn seconds(call: &Call<'_>, name: &str, most: i64) -> Result<Option<i64>, ApiError> {
    let Some(value) = call.params.int(name)? else { return Ok(None) };
    if (0..=most).contains(&value) {
        Ok(Some(value))
    } else {
        Err(invalid(format!("Value {value} for {name} is invalid. It must be between 0 and {most}.")))
    }
}

/// The launch template that a request names.
fn template(call: &Call<'_>) -> Result<Option<TemplateChoice>, ApiError> {
    let view = call.params.sub("LaunchTemplate");
    if view.is_empty() {
        return Ok(None);
    }
    let (id, name) = (view.text("LaunchTemplateId"), view.text("LaunchTemplateName"));
    if id.is_some() == name.is_some() {
        return Err(invalid(
            "Valid requests must contain either launchTemplateId or launchTemplateName, and not both.",
        ));
    }
    let found = template_named(call.region, id, name).map_err(|error| full_template(&error))?;
    let version = view.text("Version").filter(|version| !version.is_empty());
    if let Some(version) = version
        && found.resolve(version).is_none()
    {
        return Err(full_template(&ApiError::new(
            "",
            format!("Could not find the specified version {version} for the launch template with ID {}.", found.id),
        )));
    }
    Ok(Some(TemplateChoice { id: found.id.clone(), name: found.name.clone(), version: version.map(str::to_owned) }))
}

fn full_template(error: &ApiError) -> ApiError {
    invalid(format!("You must use a valid fully-formed launch template. {}", error.message))
}

/// The subnets that a request names, by VPCZoneIdentifier or else the default ones of AvailabilityZones.
fn subnets(call: &Call<'_>) -> Result<Option<Vec<String>>, ApiError> {
    let zones = call.params.list("AvailabilityZones");
    for zone in &zones {
        if !call.region.zones().iter().any(|one| one.name == *zone) {
            return Err(invalid(format!("One or more of the specified Availability Zones is not valid: {zone}")));
        }
    }
    let Some(text) = call.params.text("VPCZoneIdentifier").filter(|text| !text.is_empty()) else {
        if zones.is_empty() {
            return Ok(None);
        }
        let mut found = Vec::new();
        for zone in zones {
            let subnet = call.region.subnets.values().find(|one| one.zone == zone && one.default_for_zone);
            let subnet = subnet.ok_or_else(|| invalid(format!("No default subnet for availability zone: '{zone}'")))?;
            found.push(subnet.id.clone());
        }
        return Ok(Some(found));
    };
    let mut found: Vec<String> = Vec::new();
    let (mut vpcs, mut has) = (BTreeSet::new(), BTreeSet::new());
    for id in text.split(',').map(str::trim).filter(|id| !id.is_empty()) {
        let known = call.region.subnets.get(id).filter(|_| !call.region.is_hidden(id));
        let subnet = known.ok_or_else(|| invalid(format!("The subnet ID '{id}' does not exist")))?;
        vpcs.insert(subnet.vpc.as_str());
        has.insert(subnet.zone.as_str());
        if !found.iter().any(|one| one == id) {
            found.push(id.to_owned());
        }
    }
    if vpcs.len() > 1 {
        return Err(invalid("The subnets that you specified belong to different VPCs."));
    }
    if zones.iter().any(|zone| !has.contains(zone)) || (!zones.is_empty() && zones.len() != has.len()) {
        return Err(invalid("The availability zones of the specified subnets and the Auto Scaling group do not match"));
    }
    Ok(Some(found))
}

/// AWS lets EC2 check, without starting anything, whether the template could start an instance.
fn check_template(call: &mut Call<'_>, template: &TemplateChoice, subnets: &[String]) -> Result<(), ApiError> {
    let Some(subnet) = subnets.first() else { return Ok(()) };
    let tags = BTreeMap::new();
    let launch = TemplateLaunch {
        template: &template.id,
        version: template.version.as_deref().unwrap_or("$Default"),
        subnet,
        tags: &tags,
        client_token: "",
    };
    match check_template_launch(call.region, call.global, &launch) {
        // What is short now may be there when it is needed.
        Err(error) if !SHORTAGES.contains(&error.code.as_str()) => Err(full_template(&error)),
        _ => Ok(()),
    }
}

const SHORTAGES: [&str; 6] = [
    "VcpuLimitExceeded",
    "InsufficientInstanceCapacity",
    "InsufficientFreeAddressesInSubnet",
    "InstanceLimitExceeded",
    "NetworkInterfaceLimitExceeded",
    "Unsupported",
];

fn health_check(call: &Call<'_>) -> Result<Option<HealthCheck>, ApiError> {
    match call.params.text("HealthCheckType") {
        None | Some("") => Ok(None),
        Some(text) => {
            let kinds: Vec<&str> = text.split(',').collect();
            match kinds.as_slice() {
                ["EC2"] => Ok(Some(HealthCheck::Ec2)),
                ["ELB"] | ["EC2", "ELB"] | ["ELB", "EC2"] => Ok(Some(HealthCheck::Elb)),
                _ if kinds.iter().any(|kind| ["VPC_LATTICE", "EBS"].contains(kind)) => {
                    Err(ApiError::not_simulated("health checks of VPC Lattice and of EBS"))
                }
                _ => Err(invalid(format!("Health Check Type: {text} is not a valid health check type."))),
            }
        }
    }
}

fn termination(call: &Call<'_>) -> Result<Option<Vec<Termination>>, ApiError> {
    let words = call.params.list("TerminationPolicies");
    if words.is_empty() {
        return Ok(None);
    }
    let named = |word: &&str| {
        if word.starts_with("arn:") {
            return Err(ApiError::not_simulated("termination policies by Lambda"));
        }
        Termination::named(word).ok_or_else(|| invalid(format!("Invalid termination policy: {word}")))
    };
    words.iter().map(named).collect::<Result<Vec<_>, _>>().map(Some)
}

fn protection(call: &Call<'_>) -> Result<Option<DeletionProtection>, ApiError> {
    match call.params.text("DeletionProtection") {
        None => Ok(None),
        Some("none") => Ok(Some(DeletionProtection::None)),
        Some("prevent-force-deletion") => Ok(Some(DeletionProtection::PreventForce)),
        Some("prevent-all-deletion") => Ok(Some(DeletionProtection::PreventAll)),
        Some(other) => Err(constraint(
            other,
            "deletionProtection",
            "Member must satisfy enum value set: [none, prevent-force-deletion, prevent-all-deletion]",
        )),
    }
}

/// -1 takes the value away again.
fn default_warmup(call: &Call<'_>) -> Result<Option<Option<i64>>, ApiError> {
    match call.params.int("DefaultInstanceWarmup")? {
        None => Ok(None),
        Some(-1) => Ok(Some(None)),
        Some(value) if (0..=100_000).contains(&value) => Ok(Some(Some(value))),
        Some(value) => Err(invalid(format!("Value {value} for DefaultInstanceWarmup is invalid."))),
    }
}

fn check_bounds(min: u32, max: u32) -> Result<(), ApiError> {
    if max < min {
        return Err(invalid(format!("Max bound, {max}, must be greater than or equal to min bound, {min}")));
    }
    Ok(())
}

fn check_desired(desired: u32, min: u32, max: u32) -> Result<(), ApiError> {
    if (min..=max).contains(&desired) {
        return Ok(());
    }
    Err(invalid(format!("Desired capacity:{desired} must be between the specified min size:{min} and max size:{max}")))
}

fn new_name(call: &Call<'_>) -> Result<String, ApiError> {
    let name = call.group_name()?;
    if name.contains(':') || name.chars().count() > 255 || name.chars().any(char::is_control) {
        return Err(constraint(
            &name,
            "autoScalingGroupName",
            "Member must have length less than or equal to 255, and must not contain a colon or control characters",
        ));
    }
    match call.region.scaling.groups.get(&name) {
        Some(found) => {
            let more = if found.deleting { " and is pending delete" } else { "" };
            Err(ApiError::new(
                "AlreadyExists",
                format!(
                    "AutoScalingGroup by this name already exists - A group with the name {name} already exists{more}"
                ),
            ))
        }
        None => Ok(name),
    }
}

/// CreateAutoScalingGroup
pub(super) fn create(call: &mut Call<'_>) -> Outcome {
    let name = new_name(call)?;
    refuse_unsimulated(call)?;
    let (min, max) = match (size(call, "MinSize")?, size(call, "MaxSize")?) {
        (Some(min), Some(max)) => (min, max),
        (None, _) => return Err(invalid("The request must contain the parameter MinSize")),
        (_, None) => return Err(invalid("The request must contain the parameter MaxSize")),
    };
    check_bounds(min, max)?;
    let desired = size(call, "DesiredCapacity")?.unwrap_or(min);
    check_desired(desired, min, max)?;
    let template = template(call)?.ok_or_else(|| {
        invalid("Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.")
    })?;
    let subnets = subnets(call)?
        .filter(|found| !found.is_empty())
        .ok_or_else(|| invalid("At least one Availability Zone or VPC Subnet is required."))?;
    check_template(call, &template, &subnets)?;
    let target_groups = targets::named(call, "TargetGroupARNs", true)?;
    let health_check = health_check(call)?.unwrap_or(HealthCheck::Ec2);
    if call.region.scaling.groups.len() >= call.region.options().limits.scaling_groups {
        return Err(limit("You've reached your limit of Auto Scaling groups for this region."));
    }
    let (region, account) = (call.region.name().to_owned(), call.region.account().to_owned());
    let id = call.region.random().uuid();
    let cooldown = seconds(call, "DefaultCooldown", 86_400)?.unwrap_or(300);
    let usual_role =
        format!("arn:aws:iam::{account}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling");
    let group = Group {
        arn: format!("arn:aws:autoscaling:{region}:{account}:autoScalingGroup:{id}:autoScalingGroupName/{name}"),
        created: call.region.now(),
        template,
        min,
        max,
        desired,
        cooldown,
        warmup: default_warmup(call)?.flatten(),
        subnets,
        target_groups,
        health_check,
        grace: seconds(call, "HealthCheckGracePeriod", 86_400)?.unwrap_or(0),
        termination: termination(call)?.unwrap_or_else(|| vec![Termination::Default]),
        protect_new: call.params.bool("NewInstancesProtectedFromScaleIn")?.unwrap_or(false),
        protection: protection(call)?.unwrap_or(DeletionProtection::None),
        capacity_rebalance: call.params.bool("CapacityRebalance")?.unwrap_or(false),
        context: call.params.text("Context").map(str::to_owned),
        role: call.params.text("ServiceLinkedRoleARN").map_or(usual_role, str::to_owned),
        suspended: BTreeMap::new(),
        metrics: BTreeSet::new(),
        tags: tags::of_new_group(call, &name)?,
        deleting: false,
        members: BTreeMap::new(),
        policies: BTreeMap::new(),
        hooks: hook::of_new_group(call)?,
        scheduled: BTreeMap::new(),
        control: Control::default(),
        name,
    };
    call.region.create_group(group);
    Ok(None)
}

/// UpdateAutoScalingGroup
pub(super) fn update(call: &mut Call<'_>) -> Outcome {
    let name = call.group()?.name.clone();
    refuse_unsimulated(call)?;
    let sizes =
        Sizes { min: size(call, "MinSize")?, max: size(call, "MaxSize")?, desired: size(call, "DesiredCapacity")? };
    let group = call.group()?;
    let (min, max) = (sizes.min.unwrap_or(group.min), sizes.max.unwrap_or(group.max));
    let old_subnets = group.subnets.clone();
    check_bounds(min, max)?;
    if let Some(desired) = sizes.desired {
        check_desired(desired, min, max)?;
    }
    let (template, subnets) = (template(call)?, subnets(call)?);
    if let Some(template) = &template {
        check_template(call, template, subnets.as_ref().unwrap_or(&old_subnets))?;
    }
    let (health, grace) = (health_check(call)?, seconds(call, "HealthCheckGracePeriod", 86_400)?);
    let (cooldown, warmup) = (seconds(call, "DefaultCooldown", 86_400)?, default_warmup(call)?);
    let (termination, protection) = (termination(call)?, protection(call)?);
    let protect_new = call.params.bool("NewInstancesProtectedFromScaleIn")?;
    let rebalance = call.params.bool("CapacityRebalance")?;
    let context = call.params.text("Context").map(str::to_owned);
    let role = call.params.text("ServiceLinkedRoleARN").map(str::to_owned);
    let group = call.group_mut()?;
    let again = template.is_some() || subnets.is_some();
    group.template = template.unwrap_or_else(|| group.template.clone());
    group.subnets = subnets.unwrap_or(old_subnets);
    group.health_check = health.unwrap_or(group.health_check);
    group.grace = grace.unwrap_or(group.grace);
    group.cooldown = cooldown.unwrap_or(group.cooldown);
    group.warmup = warmup.unwrap_or(group.warmup);
    group.protect_new = protect_new.unwrap_or(group.protect_new);
    group.capacity_rebalance = rebalance.unwrap_or(group.capacity_rebalance);
    group.protection = protection.unwrap_or(group.protection);
    if let Some(termination) = termination {
        group.termination = termination;
    }
    if context.is_some() {
        group.context = context;
    }
    if let Some(role) = role {
        group.role = role;
    }
    if again {
        call.region.retry_group(&name);
    }
    call.region.resize_group(&name, sizes);
    Ok(None)
}

/// SetDesiredCapacity
pub(super) fn set_desired(call: &mut Call<'_>) -> Outcome {
    let group = call.group()?;
    let (name, min, max) = (group.name.clone(), group.min, group.max);
    let cooling = group.control.cooling.is_some() || call.region.now() < group.control.cooldown_until;
    let wanted = size(call, "DesiredCapacity")?
        .ok_or_else(|| invalid("The request must contain the parameter DesiredCapacity"))?;
    if wanted > max {
        return Err(invalid(format!(
            "New SetDesiredCapacity value {wanted} is above max value {max} for the AutoScalingGroup."
        )));
    }
    if wanted < min {
        return Err(invalid(format!(
            "New SetDesiredCapacity value {wanted} is below min value {min} for the AutoScalingGroup."
        )));
    }
    if call.params.bool("HonorCooldown")?.unwrap_or(false) && cooling {
        return Err(in_progress(format!("Scaling activities of the group {name} are in progress, or it cools down.")));
    }
    call.region.set_desired(&name, wanted, "a user request explicitly set group desired capacity", None);
    Ok(None)
}
