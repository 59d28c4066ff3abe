//! Alarms: describe, delete, set a state, switch actions.

use serde_json::{Map, Value, json};

use super::{Call, cut, dimensions, invalid, metric, page, required, time, with_next};
use crate::practice::services::ApiError;
use crate::practice::world::watch::{Alarm, Statistic};
use crate::scaling::alarm::State;

/// The most alarm names of a request.
const MOST_NAMES: usize = 100;

/// An alarm as AWS tells it.
pub(super) fn told(alarm: &Alarm) -> Value {
    let spec = &alarm.spec;
    let mut out = Map::new();
    let mut put = |name: &str, value: Value| {
        out.insert(name.to_owned(), value);
    };
    put("AlarmName", spec.name.clone().into());
    put("AlarmArn", alarm.arn.clone().into());
    if let Some(description) = &spec.description {
        put("AlarmDescription", description.clone().into());
    }
    put("AlarmConfigurationUpdatedTimestamp", time(alarm.configured));
    put("ActionsEnabled", spec.actions_enabled.into());
    put("OKActions", spec.ok_actions.clone().into());
    put("AlarmActions", spec.alarm_actions.clone().into());
    put("InsufficientDataActions", spec.insufficient_actions.clone().into());
    put("StateValue", alarm.state.as_str().into());
    put("StateReason", alarm.reason.clone().into());
    if let Some(data) = &alarm.reason_data {
        put("StateReasonData", data.clone().into());
    }
    put("StateUpdatedTimestamp", time(alarm.state_updated));
    put("StateTransitionedTimestamp", time(alarm.state_transitioned));
    put("MetricName", spec.metric.name.clone().into());
    put("Namespace", spec.metric.namespace.clone().into());
    let member = if spec.statistic.needs_values() { "ExtendedStatistic" } else { "Statistic" };
    put(member, spec.statistic.name().into());
    put("Dimensions", dimensions(&spec.metric));
    put("Period", spec.period.into());
    if let Some(unit) = &spec.unit {
        put("Unit", unit.clone().into());
    }
    put("EvaluationPeriods", spec.rule.periods.into());
    if spec.needed_given {
        put("DatapointsToAlarm", spec.rule.needed.into());
    }
    put("Threshold", spec.rule.threshold.into());
    put("ComparisonOperator", spec.rule.comparison.as_str().into());
    put("TreatMissingData", spec.rule.missing.as_str().into());
    out.into()
}

/// DescribeAlarms
pub(super) fn describe(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let members = &call.members;
    let (names, prefix) = (members.texts("AlarmNames")?, members.text("AlarmNamePrefix")?);
    if !names.is_empty() && prefix.is_some() {
        return Err(invalid("AlarmNames and AlarmNamePrefix cannot be specified together."));
    }
    if names.len() > MOST_NAMES {
        return Err(invalid(format!("AlarmNames must not have more than {MOST_NAMES} members.")));
    }
    let kinds = members.texts("AlarmTypes")?;
    let state = members.text("StateValue")?.map(state).transpose()?;
    let action = members.text("ActionPrefix")?;
    let page = page(members, 100)?;
    // Without AlarmTypes only metric alarms are told; composite ones and those of logs do not exist here.
    let metric_alarms = kinds.is_empty() || kinds.contains(&"MetricAlarm");
    let found: Vec<Value> = call
        .region
        .watch
        .alarms
        .values()
        .filter(|_| metric_alarms)
        .filter(|alarm| names.is_empty() || names.contains(&alarm.spec.name.as_str()))
        .filter(|alarm| prefix.is_none_or(|prefix| alarm.spec.name.starts_with(prefix)))
        .filter(|alarm| state.is_none_or(|state| alarm.state == state))
        .filter(|alarm| {
            let spec = &alarm.spec;
            let mut actions = spec.ok_actions.iter().chain(&spec.alarm_actions).chain(&spec.insufficient_actions);
            action.is_none_or(|prefix| actions.any(|action| action.starts_with(prefix)))
        })
        .map(told)
        .collect();
    let (found, next) = cut(found, page);
    Ok(with_next(json!({ "MetricAlarms": found, "CompositeAlarms": [] }), next))
}

/// DescribeAlarmsForMetric
pub(super) fn describe_for_metric(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let members = &call.members;
    let metric = metric(members)?;
    let named = members.text("Statistic")?.or(members.text("ExtendedStatistic")?);
    let statistic = named.map(super::statistic).transpose()?;
    let (period, unit) = (members.int("Period")?, members.text("Unit")?);
    let found: Vec<Value> = call
        .region
        .watch
        .alarms
        .values()
        .map(|alarm| (alarm, &alarm.spec))
        .filter(|(_, spec)| spec.metric == metric)
        .filter(|(_, spec)| statistic.is_none_or(|statistic: Statistic| spec.statistic == statistic))
        .filter(|(_, spec)| period.is_none_or(|period| spec.period == period))
        .filter(|(_, spec)| unit.is_none_or(|unit| spec.unit.as_deref() == Some(unit)))
        .map(|(alarm, _)| told(alarm))
        .collect();
    Ok(json!({ "MetricAlarms": found }))
}

fn state(name: &str) -> Result<State, ApiError> {
    State::named(name).ok_or_else(|| {
        invalid(format!(
            "1 validation error detected: Value '{name}' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]"
        ))
    })
}

fn names<'a>(call: &Call<'a>) -> Result<Vec<&'a str>, ApiError> {
    let names = call.members.texts("AlarmNames")?;
    if names.len() > MOST_NAMES {
        return Err(invalid(format!("AlarmNames must not have more than {MOST_NAMES} members.")));
    }
    Ok(names)
}

/// DeleteAlarms. Names of no alarm are passed over, as on AWS.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Value, ApiError> {
    for name in names(call)? {
        call.region.delete_alarm(name);
    }
    Ok(json!({}))
}

/// EnableAlarmActions, DisableAlarmActions
pub(super) fn enable_actions(call: &mut Call<'_>, enabled: bool) -> Result<Value, ApiError> {
    for name in names(call)? {
        let Some(alarm) = call.region.watch.alarms.get(name) else { continue };
        if alarm.spec.actions_enabled != enabled {
            let mut spec = alarm.spec.clone();
            spec.actions_enabled = enabled;
            call.region.put_alarm(spec);
        }
    }
    Ok(json!({}))
}

/// SetAlarmState
pub(super) fn set_state(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let members = &call.members;
    let name = required(members, "AlarmName")?;
    let state = state(required(members, "StateValue")?)?;
    let reason = required(members, "StateReason")?;
    let data = members.text("StateReasonData")?;
    if data.is_some_and(|data| serde_json::from_str::<Value>(data).is_err()) {
        return Err(ApiError::new("InvalidFormat", "StateReasonData is not valid JSON."));
    }
    if call.region.set_alarm_state(call.global, name, state, reason, data) {
        Ok(json!({}))
    } else {
        Err(ApiError::new("ResourceNotFound", format!("Alarm {name} does not exist.")).status(404))
    }
}
