//! The history of alarms, in AWS's words.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::alarm::{Alarm, AlarmSpec};
use super::reason::stamp;

/// What kind of thing happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HistoryKind {
    /// It was made, changed or deleted.
    Configuration,
    /// Its state changed.
    State,
    /// It acted.
    Action,
}

/// Something that happened to an alarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryItem {
    /// The alarm.
    pub alarm: String,
    /// ms.
    pub at: i64,
    /// What kind.
    pub kind: HistoryKind,
    /// `Alarm updated from OK to ALARM`
    pub summary: String,
    /// JSON.
    pub data: String,
}

fn item(alarm: &Alarm, at: i64, kind: HistoryKind, summary: String, data: &Value) -> HistoryItem {
    HistoryItem { alarm: alarm.spec.name.clone(), at, kind, summary, data: data.to_string() }
}

/// It was made (`Create`) or deleted (`Delete`).
pub(super) fn configured(alarm: &Alarm, what: &str, at: i64) -> HistoryItem {
    let name = &alarm.spec.name;
    let (word, member) = if what == "Create" { ("created", "createdAlarm") } else { ("deleted", "deletedAlarm") };
    let data = json!({ "version": "1.0", "type": what, member: described(&alarm.spec, alarm) });
    item(alarm, at, HistoryKind::Configuration, format!("Alarm \"{name}\" {word}"), &data)
}

/// It was changed.
pub(super) fn updated(alarm: &Alarm, before: &AlarmSpec, at: i64) -> HistoryItem {
    let data = json!({
        "version": "1.0",
        "type": "Update",
        "originalUpdatedFields": described(before, alarm),
        "updatedAlarm": described(&alarm.spec, alarm),
    });
    item(alarm, at, HistoryKind::Configuration, format!("Alarm \"{}\" updated", alarm.spec.name), &data)
}

/// Its state changed.
pub(super) fn changed(before: &Alarm, alarm: &Alarm, at: i64) -> HistoryItem {
    let data = json!({ "version": "1.0", "oldState": state(before), "newState": state(alarm) });
    let summary = format!("Alarm updated from {} to {}", before.state.as_str(), alarm.state.as_str());
    item(alarm, at, HistoryKind::State, summary, &data)
}

/// It acted.
pub(super) fn acted(alarm: &Alarm, action: &str, at: i64) -> HistoryItem {
    let data = json!({
        "version": "1.0",
        "actionState": "Succeeded",
        "notificationResource": action,
        "stateUpdateTimestamp": alarm.state_updated,
    });
    item(alarm, at, HistoryKind::Action, format!("Successfully executed action {action}"), &data)
}

fn state(alarm: &Alarm) -> Value {
    let mut out = json!({ "stateValue": alarm.state.as_str(), "stateReason": alarm.reason });
    let data = alarm.reason_data.as_deref().and_then(|data| serde_json::from_str::<Value>(data).ok());
    if let (Some(data), Some(members)) = (data, out.as_object_mut()) {
        members.insert("stateReasonData".into(), data);
    }
    out
}

fn described(spec: &AlarmSpec, alarm: &Alarm) -> Value {
    let dimensions: Vec<Value> =
        spec.metric.dimensions.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    json!({
        "threshold": spec.rule.threshold,
        "namespace": spec.metric.namespace,
        "stateValue": alarm.state.as_str(),
        "dimensions": dimensions,
        "okactions": spec.ok_actions,
        "alarmActions": spec.alarm_actions,
        "insufficientDataActions": spec.insufficient_actions,
        "actionsEnabled": spec.actions_enabled,
        "evaluationPeriods": spec.rule.periods,
        "datapointsToAlarm": spec.rule.needed,
        "metricName": spec.metric.name,
        "statistic": spec.statistic.name(),
        "period": spec.period,
        "comparisonOperator": spec.rule.comparison.as_str(),
        "treatMissingData": spec.rule.missing.as_str(),
        "alarmName": spec.name,
        "alarmArn": alarm.arn,
        "alarmDescription": spec.description,
        "alarmConfigurationUpdatedTimestamp": stamp(alarm.configured),
        "stateUpdatedTimestamp": stamp(alarm.state_updated),
    })
}
