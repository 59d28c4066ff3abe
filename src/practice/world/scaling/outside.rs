//! What groups ask of load balancing and of CloudWatch.

use super::{Rule, ScalingPolicy, activity::quoted};
use crate::practice::world::Region;
use crate::practice::world::watch::{AlarmSpec, Metric, Statistic};
use crate::scaling::alarm::{Comparison, Missing, Rule as AlarmRule, State};
use crate::scaling::target::low_threshold;

/// What a target tracking policy keeps at its target.
#[derive(Debug, Clone, PartialEq)]
pub struct Tracked {
    /// The metric.
    pub metric: Metric,
    /// By which statistic.
    pub statistic: Statistic,
}

impl Region {
    /// Makes an instance in service a member of a target group. A group that is gone has no members; launches tell of it.
    pub(super) fn join_target(&mut self, target_group: &str, instance: &str) -> bool {
        self.register_target(target_group, instance, None).is_ok()
    }

    /// Takes an instance out of a target group; the moment (ms) when its connections are over, if it has to drain.
    pub(super) fn leave_target(&mut self, target_group: &str, instance: &str) -> Option<i64> {
        self.deregister_target(target_group, instance, None)
    }

    pub(super) fn target_fails(&self, target_group: &str, instance: &str) -> bool {
        self.target_health(target_group, instance).is_some_and(|health| health.state == "unhealthy")
    }

    /// The newest point of an alarm's metric: when it begins, its value; and the alarm's threshold.
    pub(super) fn alarm_sight(&self, name: &str) -> Option<(i64, f64, f64)> {
        let spec = &self.watch.alarms.get(name)?.spec;
        let (start, value) = self.read_alarm(spec).newest()?;
        Some((start, value, spec.rule.threshold))
    }

    pub(super) fn alarm_is_on(&self, name: &str) -> bool {
        self.watch.alarms.get(name).is_some_and(|alarm| alarm.state == State::Alarm)
    }

    /// CPUUtilization of an instance in the minute that begins then.
    pub(super) fn cpu_of(&self, instance: &str, start: i64) -> Option<f64> {
        let metric = Metric::new("AWS/EC2", "CPUUtilization", &[("InstanceId", instance)]);
        self.statistic(&metric, Statistic::Average, start, 60_000)
    }

    /// Makes the alarms of a target tracking policy, in place of those that it had; gives their names, the high one first.
    pub fn put_tracking_alarms(&mut self, group: &str, policy: &ScalingPolicy, tracked: &Tracked) -> Vec<String> {
        let Rule::Target { value, only_out, alarms, .. } = &policy.rule else { return Vec::new() };
        let (target, old) = (*value, alarms.clone());
        let mut names = Vec::new();
        for (index, what) in ["AlarmHigh", "AlarmLow"].into_iter().enumerate() {
            let high = index == 0;
            if !high && *only_out {
                break;
            }
            // A policy that is changed keeps its alarms.
            let name = match old.get(index) {
                Some(name) => name.clone(),
                None => format!("TargetTracking-{group}-{what}-{}", self.random.uuid()),
            };
            let periods = if high { 3 } else { 15 };
            let rule = AlarmRule {
                periods,
                needed: periods,
                comparison: if high { Comparison::GreaterThanThreshold } else { Comparison::LessThanThreshold },
                threshold: if high { target } else { low_threshold(target) },
                missing: Missing::Missing,
            };
            self.put_alarm(AlarmSpec {
                name: name.clone(),
                description: Some(format!("DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {}.", policy.arn)),
                actions_enabled: true,
                ok_actions: Vec::new(),
                alarm_actions: vec![policy.arn.clone()],
                insufficient_actions: Vec::new(),
                metric: tracked.metric.clone(),
                statistic: tracked.statistic,
                period: 60,
                unit: None,
                rule,
                needed_given: false,
            });
            names.push(name);
        }
        for gone in old.iter().skip(names.len()) {
            self.delete_alarm(gone);
        }
        names
    }

    /// Deletes the alarms that a policy made.
    pub fn remove_alarms_of(&mut self, policy: &ScalingPolicy) {
        if let Rule::Target { alarms, .. } = &policy.rule {
            for name in alarms.clone() {
                self.delete_alarm(&name);
            }
        }
    }

    /// An alarm as the details of an activity tell of it.
    pub(super) fn invoking_alarm(&self, name: &str) -> Option<String> {
        let alarm = self.watch.alarms.get(name)?;
        let spec = &alarm.spec;
        let dimensions: Vec<String> = spec
            .metric
            .dimensions
            .iter()
            .map(|(name, value)| format!("{{\"name\":{},\"value\":{}}}", quoted(name), quoted(value)))
            .collect();
        Some(format!(
            "{{\"AlarmArn\":{},\"AlarmName\":{},\"AlarmDescription\":{},\"AWSAccountId\":{},\"Region\":{},\"NewStateValue\":\"ALARM\",\"NewStateReason\":{},\"StateChangeTime\":{},\"Trigger\":{{\"MetricName\":{},\"Namespace\":{},\"Dimensions\":[{}],\"Period\":{},\"EvaluationPeriods\":{},\"Threshold\":{}}}}}",
            quoted(&alarm.arn),
            quoted(&spec.name),
            quoted(spec.description.as_deref().unwrap_or_default()),
            quoted(self.account()),
            quoted(self.name()),
            quoted(&alarm.reason),
            alarm.state_updated,
            quoted(&spec.metric.name),
            quoted(&spec.metric.namespace),
            dimensions.join(","),
            spec.period,
            spec.rule.periods,
            spec.rule.threshold,
        ))
    }

    /// Tells a group's metrics what it has now, or that it is gone.
    pub(super) fn tell_metrics(&mut self, name: &str) {
        let counts = self.scaling.groups.get(name).map(super::Group::counts);
        self.record_group(name, counts);
    }
}
