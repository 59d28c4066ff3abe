//! Target tracking scaling policy of an Auto Scaling group.
//!
//! Found by group and name; its id is its ARN. Every field is mended by putting it anew. Observed beside the declared fields:
//! `alarms`, a list of `{name, side, state, since, threshold, reason}` with `side` `high` or `low` and `since` in
//! milliseconds since the Unix epoch. AWS makes two; an endpoint without any has no physics.

use std::collections::BTreeMap;

use aws_sdk_autoscaling::types::{
    MetricType, PredefinedMetricSpecification, ScalingPolicy as Policy, TargetTrackingConfiguration,
};
use aws_sdk_cloudwatch::types::{ComparisonOperator, MetricAlarm};

use crate::cloud::errors::{self, Asked};
use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::{Key, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::kind::{Env, Kind, differences_of_fields, holder};
use crate::lab::world::{Desired, Difference, Mend, Observed, Sight, World};
use crate::problem::{Problem, ProblemKind};

use super::auto_scaling_group::named;
use super::support::{self, Seen, done, read, send};

/// The metrics that a target may be about.
const METRICS: &[&str] = &["ASGAverageCPUUtilization"];

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("group", FieldType::Ref("auto-scaling-group"), ("Auto Scaling 그룹", "Auto Scaling group")),
    Field::new("metric", FieldType::Word(METRICS), ("지표", "metric")).in_place(),
    Field::new("target", FieldType::Int, ("대상 값", "target value")).in_place(),
    Field::new("warmup", FieldType::Int, ("인스턴스 워밍업(초)", "instance warm-up (s)")).optional().in_place(),
];

/// The kind.
#[derive(Debug)]
pub struct ScalingPolicy;

fn put(desired: &Desired, effect: Effect) -> Call {
    let metric = Arg::map([("PredefinedMetricType", Arg::text(desired.text("metric").unwrap_or_default()))]);
    let configuration = Arg::map([
        ("PredefinedMetricSpecification", metric),
        ("TargetValue", Arg::Int(desired.int("target").unwrap_or_default())),
        ("DisableScaleIn", Arg::Bool(false)),
    ]);
    let mut call = support::call(Service::Autoscaling, "PutScalingPolicy", effect, desired)
        .arg("AutoScalingGroupName", Arg::text(desired.text("group").unwrap_or_default()))
        .arg("PolicyName", Arg::text(&desired.key.name))
        .arg("PolicyType", Arg::text("TargetTrackingScaling"));
    if let Some(warmup) = desired.int("warmup") {
        call = call.arg("EstimatedInstanceWarmup", Arg::Int(warmup));
    }
    call.arg("TargetTrackingConfiguration", configuration)
        .gives("PolicyARN")
        .again_if(&["ResourceContention", "ServiceLinkedRoleFailure"])
}

impl Kind for ScalingPolicy {
    fn name(&self) -> &'static str {
        "scaling-policy"
    }

    fn title(&self) -> Text {
        Text::new("조정 정책", "scaling policy")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, _: &Env<'_>) -> Vec<Call> {
        vec![put(desired, Effect::Create)]
    }

    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let mut out = differences_of_fields(FIELDS, desired, observed, env);
        let mut differs = |field: &str, wanted: &str, found: &str| {
            out.push(Difference {
                key: desired.key.clone(),
                field: field.to_owned(),
                wanted: wanted.to_owned(),
                found: found.to_owned(),
                mend: Mend::InPlace,
            });
        };
        if observed.fields.get("scale_in").and_then(Value::as_bool) == Some(false) {
            differs("scale_in", "true", "false");
        }
        if observed.fields.get("enabled").and_then(Value::as_bool) == Some(false) {
            differs("enabled", "true", "false");
        }
        out
    }

    fn change(&self, desired: &Desired, _: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        if differences.is_empty() { Vec::new() } else { vec![put(desired, Effect::Change)] }
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_by(Service::Autoscaling, "DeletePolicy", observed, step)
                .arg("AutoScalingGroupName", Arg::text(observed.text("group").unwrap_or_default()))
                .arg("PolicyName", Arg::text(observed.text("name").unwrap_or(&observed.key.name)))
                .done_if(&["ValidationError~not found"])
                .again_if(&["ResourceContention", "ScalingActivityInProgress"]),
        ]
    }

    fn goes_with(&self, observed: &Observed, live: &[&Observed]) -> Option<Key> {
        holder(observed, "group", "auto-scaling-group", live)
    }

    fn rank(&self) -> u8 {
        70
    }
}

fn alarm_value(alarm: &MetricAlarm) -> Value {
    let high = matches!(
        alarm.comparison_operator(),
        Some(ComparisonOperator::GreaterThanThreshold | ComparisonOperator::GreaterThanOrEqualToThreshold)
    );
    let since = alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp());
    let text = |text: &str| Value::from(text);
    Value::Map(
        [
            ("name", Some(text(alarm.alarm_name().unwrap_or_default()))),
            ("side", Some(text(if high { "high" } else { "low" }))),
            ("state", alarm.state_value().map(|state| text(state.as_str()))),
            ("since", since.and_then(|at| at.to_millis().ok()).map(Value::from)),
            ("threshold", alarm.threshold().map(|threshold| Value::from(threshold.to_string()))),
            ("reason", alarm.state_reason().map(text)),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect(),
    )
}

fn seen(policy: &Policy, alarms: &[MetricAlarm]) -> Seen {
    let configuration = policy.target_tracking_configuration();
    let metric = configuration.and_then(|one| one.predefined_metric_specification());
    #[expect(clippy::cast_possible_truncation, reason = "a percentage")]
    let target = configuration.and_then(|one| one.target_value()).map(|value| value.round() as i64);
    let own = policy.alarms().iter().filter_map(|alarm| alarm.alarm_name());
    let alarms = own.filter_map(|name| alarms.iter().find(|alarm| alarm.alarm_name() == Some(name)));
    Seen::other(policy.policy_arn(), "exists", BTreeMap::new())
        .with("name", policy.policy_name())
        .with("group", policy.auto_scaling_group_name())
        .with("kind", policy.policy_type())
        .with("metric", metric.and_then(|one| one.predefined_metric_type()).map(|kind| kind.as_str()))
        .with("target", target)
        .with("warmup", policy.estimated_instance_warmup().map(i64::from))
        .with("scale_in", configuration.and_then(|one| one.disable_scale_in()).map(|disabled| !disabled))
        .with("enabled", policy.enabled())
        .with("alarms", Some(Value::List(alarms.map(alarm_value).collect())))
}

/// The policies of a group; nothing when there is no such group.
async fn policies(clients: &Clients, role: Role, group: &str) -> Result<Vec<Policy>, Problem> {
    let request = clients.autoscaling(role).describe_policies().auto_scaling_group_name(group);
    let answer: Result<Vec<Policy>, _> = request.into_paginator().items().send().try_collect().await;
    match answer {
        Ok(policies) => Ok(policies),
        Err(error) => {
            let asked = Asked { service: "autoscaling", operation: "DescribePolicies", region: clients.region(role) };
            let problem = errors::problem(asked, &error);
            // An unknown group is a plain ValidationError.
            if matches!(problem.kind, ProblemKind::NotFound | ProblemKind::BadInput) {
                return Ok(Vec::new());
            }
            Err(problem)
        }
    }
}

async fn alarms(clients: &Clients, role: Role, policies: &[Policy]) -> Result<Vec<MetricAlarm>, Problem> {
    let names: Vec<String> = policies
        .iter()
        .flat_map(|policy| policy.alarms())
        .filter_map(|alarm| alarm.alarm_name().map(str::to_owned))
        .collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let request = clients.cloudwatch(role).describe_alarms().set_alarm_names(Some(names));
    let answer = read!("cloudwatch", clients, role, "DescribeAlarms", request);
    Ok(answer.metric_alarms().to_vec())
}

impl Live for ScalingPolicy {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let mut out = Vec::new();
            for want in wants {
                let key = &want.desired.key;
                let group = want.desired.reference("group", "auto-scaling-group").and_then(|key| world.get(&key));
                let Some(group) = group else {
                    out.push((key.clone(), Sight::Absent));
                    continue;
                };
                let mut found = policies(clients, role, &group.id).await?;
                // moto server keeps the policies of a deleted group.
                if !found.is_empty() && named(clients, role, vec![group.id.clone()]).await?.is_empty() {
                    found.clear();
                }
                found.retain(|policy| policy.policy_name() == Some(&key.name));
                let alarms = alarms(clients, role, &found).await?;
                let sight = match found.first() {
                    Some(policy) => Sight::Found(Box::new(seen(policy, &alarms).taken_for(key, clients.region(role)))),
                    None => Sight::Absent,
                };
                out.push((key.clone(), sight));
            }
            Ok(out)
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let autoscaling = clients.autoscaling(support::role_of(clients, call)?);
            let group = support::text(call, "AutoScalingGroupName")?;
            let name = support::text(call, "PolicyName")?;
            match call.0.operation.as_str() {
                "PutScalingPolicy" => {
                    let request = autoscaling
                        .put_scaling_policy()
                        .auto_scaling_group_name(group)
                        .policy_name(name)
                        .policy_type(support::text(call, "PolicyType")?)
                        .set_estimated_instance_warmup(support::int(call, "EstimatedInstanceWarmup"))
                        .set_target_tracking_configuration(configuration(call));
                    let answer = send!(aws_sdk_autoscaling, call, request);
                    Ok(support::gave(answer.policy_arn()))
                }
                "DeletePolicy" => {
                    let request = autoscaling.delete_policy().auto_scaling_group_name(group).policy_name(name);
                    done!(aws_sdk_autoscaling, call, request)
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    /// It goes with its group.
    fn sweep<'a>(&'a self, _clients: &'a Clients, _role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async { Ok(Vec::new()) })
    }
}

fn configuration(call: &BoundCall) -> Option<TargetTrackingConfiguration> {
    let arg = call.arg("TargetTrackingConfiguration")?;
    let metric = support::member(arg, "PredefinedMetricSpecification")
        .and_then(|metric| support::member_text(metric, "PredefinedMetricType"))?;
    let metric =
        PredefinedMetricSpecification::builder().predefined_metric_type(MetricType::from(metric.as_str())).build();
    Some(
        TargetTrackingConfiguration::builder()
            .predefined_metric_specification(metric)
            .target_value(f64::from(support::member_int(arg, "TargetValue")?))
            .disable_scale_in(false)
            .build(),
    )
}
