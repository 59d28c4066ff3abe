//! The describes of a refresh, and what they say in the monitor's own types.

use aws_sdk_autoscaling::types as asg;
use aws_sdk_cloudwatch::types as cw;
use aws_smithy_types::DateTime;

use crate::lab::watch::load::{Command, of_commands};
use crate::lab::watch::snapshot::{
    Activity, Alarm, AlarmState, Comparison, Group, GroupLine, Host, Load, Member, MetricName, Policy, PolicyKind,
    Target, TargetHealth, Turn,
};

use super::{Answer, Clients, ROLE, trouble};

fn size(value: Option<i32>) -> u32 {
    u32::try_from(value.unwrap_or(0)).unwrap_or(0)
}

fn text(value: Option<&str>) -> String {
    value.unwrap_or_default().to_owned()
}

pub(super) fn millis(time: Option<&DateTime>) -> i64 {
    time.and_then(|time| time.to_millis().ok()).unwrap_or(0)
}

pub(super) fn group_line(group: &asg::AutoScalingGroup) -> GroupLine {
    GroupLine {
        name: text(group.auto_scaling_group_name()),
        sizes: [size(group.min_size()), size(group.desired_capacity()), size(group.max_size())],
        instances: group.instances().len(),
        status: text(group.status()),
    }
}

pub(super) async fn group(clients: &Clients, name: &str) -> Answer<Option<Group>> {
    let answer = clients
        .autoscaling(ROLE)
        .describe_auto_scaling_groups()
        .auto_scaling_group_names(name)
        .send()
        .await
        .map_err(|error| trouble(clients, "autoscaling", "DescribeAutoScalingGroups", &error))?;
    Ok(answer.auto_scaling_groups().first().map(of_group))
}

fn of_group(group: &asg::AutoScalingGroup) -> Group {
    let template = group
        .launch_template()
        .or_else(|| {
            let policy = group.mixed_instances_policy()?;
            policy.launch_template()?.launch_template_specification()
        })
        .map(|template| {
            let name = template.launch_template_name().or_else(|| template.launch_template_id()).unwrap_or_default();
            format!("{name} {}", template.version().unwrap_or("$Default"))
        });
    Group {
        name: text(group.auto_scaling_group_name()),
        created: millis(group.created_time()),
        status: text(group.status()),
        min: size(group.min_size()),
        desired: size(group.desired_capacity()),
        max: size(group.max_size()),
        template: template.unwrap_or_else(|| text(group.launch_configuration_name())),
        target_groups: group.target_group_arns().to_vec(),
        health_check: text(group.health_check_type()),
        grace: size(group.health_check_grace_period()),
        suspended: group.suspended_processes().iter().map(|process| text(process.process_name())).collect(),
        instances: group.instances().iter().map(member).collect(),
    }
}

fn member(instance: &asg::Instance) -> Member {
    let version = instance.launch_template().and_then(|template| template.version());
    Member {
        id: text(instance.instance_id()),
        zone: text(instance.availability_zone()),
        lifecycle: text(instance.lifecycle_state().map(asg::LifecycleState::as_str)),
        health: text(instance.health_status()),
        version: text(version),
        kind: text(instance.instance_type()),
        protected: instance.protected_from_scale_in().unwrap_or(false),
    }
}

pub(super) async fn activities(clients: &Clients, group: &str) -> Answer<Vec<Activity>> {
    let answer = clients
        .autoscaling(ROLE)
        .describe_scaling_activities()
        .auto_scaling_group_name(group)
        .max_records(100)
        .send()
        .await
        .map_err(|error| trouble(clients, "autoscaling", "DescribeScalingActivities", &error))?;
    let activity = |activity: &asg::Activity| Activity {
        id: text(activity.activity_id()),
        description: text(activity.description()),
        cause: text(activity.cause()),
        status: text(activity.status_code().map(asg::ScalingActivityStatusCode::as_str)),
        message: text(activity.status_message()),
        start: millis(activity.start_time()),
        end: activity.end_time().map(|time| millis(Some(time))),
        progress: u8::try_from(activity.progress().unwrap_or(0)).unwrap_or(0),
    };
    Ok(answer.activities().iter().map(activity).collect())
}

pub(super) async fn policies(clients: &Clients, group: &str) -> Answer<Vec<Policy>> {
    let answer = clients
        .autoscaling(ROLE)
        .describe_policies()
        .auto_scaling_group_name(group)
        .send()
        .await
        .map_err(|error| trouble(clients, "autoscaling", "DescribePolicies", &error))?;
    Ok(answer.scaling_policies().iter().map(policy).collect())
}

fn policy(policy: &asg::ScalingPolicy) -> Policy {
    let kind = match policy.policy_type().unwrap_or_default() {
        "TargetTrackingScaling" => PolicyKind::TargetTracking,
        "StepScaling" => PolicyKind::Step,
        "PredictiveScaling" => PolicyKind::Predictive,
        _ => PolicyKind::Simple,
    };
    let tracking = policy.target_tracking_configuration();
    let metric = tracking.and_then(|tracking| {
        let predefined = tracking.predefined_metric_specification().and_then(|metric| metric.predefined_metric_type());
        let custom = || tracking.customized_metric_specification().and_then(|metric| metric.metric_name());
        predefined.map(asg::MetricType::as_str).or_else(custom)
    });
    let steps = policy.step_adjustments().iter().filter_map(asg::StepAdjustment::scaling_adjustment);
    let signs: Vec<i32> = steps.chain(policy.scaling_adjustment()).map(i32::signum).filter(|sign| *sign != 0).collect();
    // An exact capacity may go either way.
    let exact = policy.adjustment_type() == Some("ExactCapacity");
    let direction = match signs.as_slice() {
        [first, rest @ ..] if !exact && rest.iter().all(|sign| sign == first) => i8::try_from(*first).unwrap_or(0),
        _ => 0,
    };
    Policy {
        name: text(policy.policy_name()),
        kind,
        target: tracking.and_then(asg::TargetTrackingConfiguration::target_value),
        metric: text(metric),
        scale_in_off: tracking.and_then(asg::TargetTrackingConfiguration::disable_scale_in).unwrap_or(false),
        direction,
        enabled: policy.enabled().unwrap_or(true),
        alarms: policy.alarms().iter().map(|alarm| text(alarm.alarm_name())).collect(),
    }
}

pub(super) async fn alarms(clients: &Clients, names: &[String]) -> Answer<Vec<Alarm>> {
    let answer = clients
        .cloudwatch(ROLE)
        .describe_alarms()
        .set_alarm_names(Some(names.to_vec()))
        .max_records(100)
        .send()
        .await
        .map_err(|error| trouble(clients, "cloudwatch", "DescribeAlarms", &error))?;
    Ok(answer.metric_alarms().iter().map(alarm).collect())
}

fn alarm(alarm: &cw::MetricAlarm) -> Alarm {
    let statistic = alarm.statistic().map(cw::Statistic::as_str).or_else(|| alarm.extended_statistic());
    let metric = alarm.metric_name().map(|name| MetricName {
        namespace: text(alarm.namespace()),
        name: name.to_owned(),
        statistic: text(statistic),
        dimensions: alarm.dimensions().iter().map(|one| (text(one.name()), text(one.value()))).collect(),
    });
    let comparison = match alarm.comparison_operator() {
        Some(cw::ComparisonOperator::GreaterThanOrEqualToThreshold) => Comparison::GreaterOrEqual,
        Some(cw::ComparisonOperator::LessThanThreshold) => Comparison::Less,
        Some(cw::ComparisonOperator::LessThanOrEqualToThreshold) => Comparison::LessOrEqual,
        _ => Comparison::Greater,
    };
    let periods = size(alarm.evaluation_periods()).max(1);
    Alarm {
        name: text(alarm.alarm_name()),
        metric,
        period: size(alarm.period()),
        evaluation_periods: periods,
        datapoints_to_alarm: alarm.datapoints_to_alarm().map_or(periods, |points| size(Some(points)).max(1)),
        threshold: alarm.threshold().unwrap_or(0.0),
        comparison,
        treat_missing: alarm.treat_missing_data().unwrap_or("missing").to_owned(),
        state: AlarmState::of(alarm.state_value().map_or("", cw::StateValue::as_str)),
        since: millis(alarm.state_transitioned_timestamp().or_else(|| alarm.state_updated_timestamp())),
        reason: text(alarm.state_reason()),
    }
}

pub(super) async fn turns(clients: &Clients, alarms: &[String]) -> Answer<Vec<Turn>> {
    // The newest of all alarms come first; a page of them reaches far enough back for the group's own.
    let answer = clients
        .cloudwatch(ROLE)
        .describe_alarm_history()
        .history_item_type(cw::HistoryItemType::StateUpdate)
        .max_records(100)
        .send()
        .await
        .map_err(|error| trouble(clients, "cloudwatch", "DescribeAlarmHistory", &error))?;
    let turn = |item: &cw::AlarmHistoryItem| {
        let summary = item.history_summary().unwrap_or_default();
        let state = summary.rsplit(" to ").next().filter(|_| summary.contains(" to "))?;
        Some(Turn {
            alarm: text(item.alarm_name()),
            at: millis(item.timestamp()),
            state: AlarmState::of(state.trim_end_matches('.')),
        })
    };
    let items = answer.alarm_history_items().iter();
    let ours = |item: &&cw::AlarmHistoryItem| alarms.iter().any(|name| item.alarm_name() == Some(name));
    Ok(items.filter(ours).filter_map(turn).collect())
}

pub(super) async fn targets(clients: &Clients, group: &str) -> Answer<TargetHealth> {
    let answer = clients
        .elbv2(ROLE)
        .describe_target_health()
        .target_group_arn(group)
        .send()
        .await
        .map_err(|error| trouble(clients, "elasticloadbalancing", "DescribeTargetHealth", &error))?;
    let targets = answer.target_health_descriptions().iter().map(|one| {
        let health = one.target_health();
        Target {
            id: text(one.target().and_then(|target| target.id())),
            state: text(health.and_then(|health| health.state()).map(|state| state.as_str())),
            reason: text(health.and_then(|health| health.reason()).map(|reason| reason.as_str())),
            description: text(health.and_then(|health| health.description())),
        }
    });
    Ok(TargetHealth { group: group.to_owned(), targets: targets.collect() })
}

pub(super) async fn balancers(clients: &Clients, groups: &[String]) -> Answer<Vec<(String, String)>> {
    let answer = clients
        .elbv2(ROLE)
        .describe_target_groups()
        .set_target_group_arns(Some(groups.to_vec()))
        .send()
        .await
        .map_err(|error| trouble(clients, "elasticloadbalancing", "DescribeTargetGroups", &error))?;
    let pair = |group: &aws_sdk_elasticloadbalancingv2::types::TargetGroup| {
        Some((group.target_group_arn()?.to_owned(), group.load_balancer_arns().first()?.clone()))
    };
    Ok(answer.target_groups().iter().filter_map(pair).collect())
}

pub(super) async fn hosts(clients: &Clients, ids: &[String]) -> Answer<Vec<Host>> {
    // A filter, not the ids themselves: one that is gone must not make the whole request fail.
    let filter = aws_sdk_ec2::types::Filter::builder().name("instance-id").set_values(Some(ids.to_vec())).build();
    let answer = clients
        .ec2(ROLE)
        .describe_instances()
        .filters(filter)
        .send()
        .await
        .map_err(|error| trouble(clients, "ec2", "DescribeInstances", &error))?;
    let host = |instance: &aws_sdk_ec2::types::Instance| Host {
        id: text(instance.instance_id()),
        launched: millis(instance.launch_time()),
        detailed: instance
            .monitoring()
            .and_then(|monitoring| monitoring.state())
            .is_some_and(|state| matches!(state.as_str(), "enabled" | "pending")),
    };
    Ok(answer.reservations().iter().flat_map(|reservation| reservation.instances()).map(host).collect())
}

/// The loads that Run Command has started on instances: commands that run `stress` for a time, until that time or until
/// one that stops it.
pub(super) async fn loads(clients: &Clients, group: &str, now: i64) -> Answer<Vec<Load>> {
    let answer = clients
        .ssm(ROLE)
        .list_commands()
        .max_results(50)
        .send()
        .await
        .map_err(|error| trouble(clients, "ssm", "ListCommands", &error))?;
    let of_group = |target: &aws_sdk_ssm::types::Target| {
        target.key() == Some("tag:aws:autoscaling:groupName") && target.values().iter().any(|name| name == group)
    };
    let mut commands: Vec<Command> = answer
        .commands()
        .iter()
        .map(|command| {
            let script = command.parameters().and_then(|all| all.get("commands")).map(|lines| lines.join("\n"));
            Command {
                at: millis(command.requested_date_time()),
                script: script.unwrap_or_default(),
                instances: command.instance_ids().to_vec(),
                everywhere: command.targets().iter().any(of_group),
            }
        })
        .collect();
    commands.sort_by_key(|command| command.at);
    Ok(of_commands(&commands, now))
}
