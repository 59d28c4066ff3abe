//! PutScalingPolicy, DeletePolicy, DescribePolicies, ExecutePolicy.

use super::errors::{in_progress, invalid, limit, no_group};
use super::page::paginate;
use super::{Call, Outcome};
use crate::practice::services::ApiError;
use crate::practice::wire::query::View;
use crate::practice::wire::xml::Element;
use crate::practice::world::scaling::{Rule, ScalingPolicy, Tracked};
use crate::practice::world::watch::{Metric, Statistic};
use crate::scaling::adjust::{Adjustment, Step, StepsFlaw, check_steps};

/// How many policies a group may have.
const MOST_POLICIES: usize = 50;

fn number(view: &View<'_>, name: &str) -> Result<Option<f64>, ApiError> {
    let Some(text) = view.text(name) else { return Ok(None) };
    let value: Option<f64> = text.parse().ok().filter(|value: &f64| value.is_finite());
    value
        .map(Some)
        .ok_or_else(|| invalid(format!("Value ({text}) for parameter {name} is invalid. It must be a number.")))
}

fn positive(view: &View<'_>, name: &str) -> Result<Option<i64>, ApiError> {
    match view.int(name)? {
        Some(value) if value < 0 => Err(invalid(format!("{name} must not be negative, but was {value}."))),
        other => Ok(other),
    }
}

fn adjustment(call: &Call<'_>) -> Result<Adjustment, ApiError> {
    let word = call
        .params
        .text("AdjustmentType")
        .ok_or_else(|| invalid("AdjustmentType is required for this policy type."))?;
    Adjustment::named(word).ok_or_else(|| {
        let known: Vec<&str> = Adjustment::ALL.iter().map(|one| one.as_str()).collect();
        invalid(format!("The adjustment type {word} is not valid. Valid values are: {}", known.join(", ")))
    })
}

fn magnitude(call: &Call<'_>, kind: Adjustment) -> Result<Option<u32>, ApiError> {
    let root = call.params.root();
    let asked = positive(&root, "MinAdjustmentMagnitude")?.or(positive(&root, "MinAdjustmentStep")?);
    if asked.is_some() && kind != Adjustment::PercentChangeInCapacity {
        return Err(invalid("MinAdjustmentMagnitude is only supported for PercentChangeInCapacity."));
    }
    Ok(asked.and_then(|value| u32::try_from(value).ok()))
}

fn steps(call: &Call<'_>) -> Result<Vec<Step>, ApiError> {
    let mut steps = Vec::new();
    for view in call.params.structs("StepAdjustments") {
        let amount = view.int("ScalingAdjustment")?;
        let amount = amount.ok_or_else(|| invalid("ScalingAdjustment is required for each step adjustment."))?;
        let (lower, upper) = (number(&view, "MetricIntervalLowerBound")?, number(&view, "MetricIntervalUpperBound")?);
        steps.push(Step { lower, upper, amount });
    }
    check_steps(&steps).map_err(|flaw| {
        invalid(match flaw {
            StepsFlaw::None => "At least one StepAdjustment must be specified for policy type StepScaling.",
            StepsFlaw::Bounds => "At least one of MetricIntervalLowerBound and MetricIntervalUpperBound must be specified, and the lower must be below the upper.",
            StepsFlaw::Overlap => "StepAdjustment intervals can't overlap.",
            StepsFlaw::Gap => "StepAdjustment intervals can't have gaps between them.",
        })
    })?;
    Ok(steps)
}

/// The metric that a predefined one stands for.
fn predefined(call: &Call<'_>, group: &str, metric: &str, label: Option<&str>) -> Result<Tracked, ApiError> {
    let of_group = [("AutoScalingGroupName", group)];
    let ec2 = |name: &str| Tracked { metric: Metric::new("AWS/EC2", name, &of_group), statistic: Statistic::Average };
    if metric != "ALBRequestCountPerTarget" && label.is_some() {
        return Err(invalid("ResourceLabel can only be specified for ALBRequestCountPerTarget."));
    }
    match metric {
        "ASGAverageCPUUtilization" => Ok(ec2("CPUUtilization")),
        "ASGAverageNetworkIn" => Ok(ec2("NetworkIn")),
        "ASGAverageNetworkOut" => Ok(ec2("NetworkOut")),
        "ALBRequestCountPerTarget" => {
            let label = label.ok_or_else(|| invalid("ResourceLabel is required for ALBRequestCountPerTarget."))?;
            // `app/my-alb/778d41231b141a0f/targetgroup/my-alb-target-group/943f017f100becff`
            let target_group = label.find("/targetgroup/").and_then(|at| label.get(at + 1..)).unwrap_or_default();
            let uses = |arn: &String| arn.ends_with(&format!(":{target_group}"));
            if target_group.is_empty() || !call.group()?.target_groups.iter().any(uses) {
                return Err(invalid(format!(
                    "The resource label {label} does not match a target group of the Auto Scaling group."
                )));
            }
            let dimensions = [("TargetGroup", target_group)];
            let metric = Metric::new("AWS/ApplicationELB", "RequestCountPerTarget", &dimensions);
            Ok(Tracked { metric, statistic: Statistic::Sum })
        }
        "ASGAverageCPUUtilizationHighResolution" => Err(ApiError::not_simulated("high-resolution metrics")),
        other => Err(invalid(format!("Invalid predefined metric type: {other}"))),
    }
}

fn tracking(call: &Call<'_>, group: &str, warmup: Option<i64>) -> Result<(Rule, Tracked), ApiError> {
    let view = call.params.sub("TargetTrackingConfiguration");
    if view.is_empty() {
        return Err(invalid("TargetTrackingConfiguration is required for policy type TargetTrackingScaling."));
    }
    if !view.sub("CustomizedMetricSpecification").is_empty() {
        return Err(ApiError::not_simulated("target tracking of a metric of your own"));
    }
    let value = number(&view, "TargetValue")?.filter(|value| *value > 0.0);
    let value = value.ok_or_else(|| invalid("TargetValue must be specified, and greater than 0."))?;
    let chosen = view.sub("PredefinedMetricSpecification");
    let metric = chosen.required("PredefinedMetricType")?;
    let label = chosen.text("ResourceLabel");
    let tracked = predefined(call, group, metric, label)?;
    let rule = Rule::Target {
        metric: metric.to_owned(),
        label: label.map(str::to_owned),
        value,
        only_out: view.bool("DisableScaleIn")?.unwrap_or(false),
        warmup,
        alarms: Vec::new(),
    };
    Ok((rule, tracked))
}

/// PutScalingPolicy: again with the same name changes the policy.
pub(super) fn put(call: &mut Call<'_>) -> Outcome {
    let group_name = call.group_name()?;
    if !call.region.scaling.groups.contains_key(&group_name) {
        return Err(invalid(format!("Group {group_name} not found")));
    }
    let name = call.params.required("PolicyName")?.to_owned();
    let group = call.group()?;
    let old = group.policies.get(&name).cloned();
    if old.is_none() && group.policies.len() >= MOST_POLICIES {
        return Err(limit("You've reached your limit of scaling policies for this Auto Scaling group."));
    }
    let root = call.params.root();
    let warmup = positive(&root, "EstimatedInstanceWarmup")?;
    let (rule, tracked) = match call.params.text("PolicyType").unwrap_or("SimpleScaling") {
        "SimpleScaling" => {
            let kind = adjustment(call)?;
            let amount = root.int("ScalingAdjustment")?;
            let amount =
                amount.ok_or_else(|| invalid("ScalingAdjustment is required for policy type SimpleScaling."))?;
            let (magnitude, cooldown) = (magnitude(call, kind)?, positive(&root, "Cooldown")?);
            (Rule::Simple { kind, amount, magnitude, cooldown }, None)
        }
        "StepScaling" => {
            let kind = adjustment(call)?;
            let aggregation = call.params.text("MetricAggregationType").unwrap_or("Average");
            if !["Average", "Minimum", "Maximum"].contains(&aggregation) {
                return Err(invalid(format!("MetricAggregationType {aggregation} is not valid.")));
            }
            let (steps, magnitude) = (steps(call)?, magnitude(call, kind)?);
            (Rule::Step { kind, steps, magnitude, warmup, aggregation: aggregation.to_owned() }, None)
        }
        "TargetTrackingScaling" => {
            let (rule, tracked) = tracking(call, &group_name, warmup)?;
            (rule, Some(tracked))
        }
        "PredictiveScaling" => return Err(ApiError::not_simulated("predictive policies")),
        other => {
            return Err(invalid(format!(
                "PolicyType {other} is not valid. Valid policy types are: [SimpleScaling, StepScaling, TargetTrackingScaling, PredictiveScaling]"
            )));
        }
    };
    if let Some(old) = &old
        && old.rule.kind() != rule.kind()
    {
        return Err(invalid("The policy type of an existing policy cannot be changed."));
    }
    let enabled = call.params.bool("Enabled")?.unwrap_or(true);
    let arn = match &old {
        Some(old) => old.arn.clone(),
        None => {
            let id = call.region.random().uuid();
            format!(
                "arn:aws:autoscaling:{}:{}:scalingPolicy:{id}:autoScalingGroupName/{group_name}:policyName/{name}",
                call.region.name(),
                call.region.account()
            )
        }
    };
    let mut policy = ScalingPolicy { name: name.clone(), arn, enabled, rule };
    if let (Rule::Target { alarms, .. }, Some(ScalingPolicy { rule: Rule::Target { alarms: had, .. }, .. })) =
        (&mut policy.rule, &old)
    {
        alarms.clone_from(had);
    }
    if let Some(tracked) = tracked {
        let made = call.region.put_tracking_alarms(&group_name, &policy, &tracked);
        if let Rule::Target { alarms, .. } = &mut policy.rule {
            *alarms = made;
        }
    }
    let result = call.result().leaf("PolicyARN", &policy.arn).child(alarms_element(call, &policy));
    call.group_mut()?.policies.insert(name, policy);
    Ok(Some(result))
}

fn alarms_element(call: &Call<'_>, policy: &ScalingPolicy) -> Element {
    let made: Vec<(String, String)> = match &policy.rule {
        Rule::Target { alarms, .. } => alarms.iter().map(|name| (name.clone(), call.region.alarm_arn(name))).collect(),
        Rule::Simple { .. } | Rule::Step { .. } => {
            let all = call.region.watch.alarms.values();
            let of_policy = all.filter(|alarm| alarm.spec.alarm_actions.contains(&policy.arn));
            of_policy.map(|alarm| (alarm.spec.name.clone(), alarm.arn.clone())).collect()
        }
    };
    Element::new("Alarms").children(
        made.into_iter().map(|(name, arn)| Element::new("member").leaf("AlarmName", name).leaf("AlarmARN", arn)),
    )
}

/// The group and the name of the policy that a request means, by name or by ARN.
fn find(call: &Call<'_>) -> Result<(String, String), ApiError> {
    let policy = call.params.required("PolicyName")?;
    let group = call.params.text("AutoScalingGroupName");
    if let Some(name) = group
        && !call.region.scaling.groups.contains_key(name)
    {
        return Err(no_group(name));
    }
    let mut all = call.region.scaling.groups.values().filter(|one| group.is_none_or(|name| one.name == name));
    let found = all.find_map(|one| {
        let hit = one.policies.values().find(|found| found.arn == policy || (group.is_some() && found.name == policy));
        hit.map(|hit| (one.name.clone(), hit.name.clone()))
    });
    found.ok_or_else(|| match policy.starts_with("arn:") {
        _ if group.is_some() => invalid(format!("No scaling policy was found with the name {policy}.")),
        true => invalid("PolicyARN not found."),
        false => invalid("Group name is required to use a policy name."),
    })
}

/// DeletePolicy: its alarms go too.
pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    let (group, name) = find(call)?;
    let policy = call.region.scaling.groups.get_mut(&group).and_then(|group| group.policies.remove(&name));
    if let Some(policy) = policy {
        call.region.remove_alarms_of(&policy);
    }
    Ok(None)
}

fn rule_element(element: Element, rule: &Rule) -> Element {
    match rule {
        Rule::Simple { kind, amount, magnitude, cooldown } => element
            .leaf("AdjustmentType", kind.as_str())
            .leaf_opt("MinAdjustmentMagnitude", *magnitude)
            .leaf("ScalingAdjustment", amount)
            .leaf_opt("Cooldown", *cooldown)
            .members("StepAdjustments", []),
        Rule::Step { kind, steps, magnitude, warmup, aggregation } => {
            let steps = steps.iter().map(|step| {
                Element::new("member")
                    .leaf_opt("MetricIntervalLowerBound", step.lower.map(decimal))
                    .leaf_opt("MetricIntervalUpperBound", step.upper.map(decimal))
                    .leaf("ScalingAdjustment", step.amount)
            });
            element
                .leaf("AdjustmentType", kind.as_str())
                .leaf_opt("MinAdjustmentMagnitude", *magnitude)
                .members("StepAdjustments", steps)
                .leaf("MetricAggregationType", aggregation)
                .leaf_opt("EstimatedInstanceWarmup", *warmup)
        }
        Rule::Target { metric, label, value, only_out, warmup, .. } => {
            let chosen = Element::new("PredefinedMetricSpecification")
                .leaf("PredefinedMetricType", metric)
                .leaf_opt("ResourceLabel", label.as_ref());
            let tracking = Element::new("TargetTrackingConfiguration")
                .child(chosen)
                .leaf("TargetValue", decimal(*value))
                .leaf("DisableScaleIn", only_out);
            element.members("StepAdjustments", []).leaf_opt("EstimatedInstanceWarmup", *warmup).child(tracking)
        }
    }
}

/// A float as AWS writes it: `70.0`.
fn decimal(value: f64) -> String {
    format!("{value:?}")
}

/// DescribePolicies
pub(super) fn describe(call: &mut Call<'_>) -> Outcome {
    let call = &*call;
    let group = call.params.text("AutoScalingGroupName");
    let (names, kinds) = (call.params.list("PolicyNames"), call.params.list("PolicyTypes"));
    let _ = call.params.bool("IncludeManagedResources")?;
    if let Some(name) = group
        && !call.region.scaling.groups.contains_key(name)
    {
        return Err(no_group(name));
    }
    let groups = call.region.scaling.groups.values().filter(|one| group.is_none_or(|name| one.name == name));
    let chosen = groups
        .flat_map(|group| group.policies.values().map(move |policy| (group, policy)))
        .filter(|(_, one)| names.is_empty() || names.contains(&one.name.as_str()) || names.contains(&one.arn.as_str()))
        .filter(|(_, one)| kinds.is_empty() || kinds.contains(&one.rule.kind()))
        .map(|(group, policy)| (policy.arn.clone(), (group.name.as_str(), policy)))
        .collect();
    let page = paginate(call, chosen, 50)?;
    let element = |(group, policy): (&str, &ScalingPolicy)| {
        let element = Element::new("member")
            .leaf("AutoScalingGroupName", group)
            .leaf("PolicyName", &policy.name)
            .leaf("PolicyARN", &policy.arn)
            .leaf("PolicyType", policy.rule.kind());
        rule_element(element, &policy.rule).child(alarms_element(call, policy)).leaf("Enabled", policy.enabled)
    };
    Ok(Some(page.answer(call.result(), "ScalingPolicies", element)))
}

/// ExecutePolicy
pub(super) fn execute(call: &mut Call<'_>) -> Outcome {
    let (group, name) = find(call)?;
    let root = call.params.root();
    let honor = root.bool("HonorCooldown")?.unwrap_or(false);
    let (value, threshold) = (number(&root, "MetricValue")?, number(&root, "BreachThreshold")?);
    let rule = call.region.scaling.groups.get(&group).and_then(|group| group.policies.get(&name));
    match rule.map(|policy| (&policy.rule, policy.enabled)) {
        Some((_, false)) => return Err(invalid("Cannot execute a disabled policy.")),
        Some((Rule::Target { .. }, _)) => {
            return Err(invalid("ExecutePolicy is not supported for policies of type TargetTrackingScaling."));
        }
        Some((Rule::Step { .. }, _)) if value.is_none() || threshold.is_none() => {
            return Err(invalid("MetricValue and BreachThreshold are required for policies of type StepScaling."));
        }
        Some((Rule::Step { .. }, _)) if root.text("HonorCooldown").is_some() => {
            return Err(invalid("HonorCooldown is not supported for policies of type StepScaling."));
        }
        _ => {}
    }
    if !call.region.execute_policy(&group, &name, honor, value.unwrap_or_default(), threshold.unwrap_or_default()) {
        return Err(in_progress(format!("The group {group} cools down, or a scaling activity is in progress.")));
    }
    Ok(None)
}
