//! Why an alarm changed, in AWS's words.

use jiff::Timestamp;
use serde_json::json;

use super::alarm::{AlarmSpec, Reading};
use crate::scaling::alarm::{Comparison, State};

fn utc(ms: i64, format: &str) -> String {
    Timestamp::from_millisecond(ms).map(|at| at.strftime(format).to_string()).unwrap_or_default()
}

/// `2026-11-22T10:04:33.123+0000`
pub(super) fn stamp(ms: i64) -> String {
    utc(ms, "%Y-%m-%dT%H:%M:%S.%3f+0000")
}

/// A number as Java writes it: 70 is `70.0`.
fn number(value: f64) -> String {
    format!("{value:?}")
}

/// StateReason and StateReasonData of the state that a reading leads to.
pub(super) fn of(spec: &AlarmSpec, reading: &Reading, now: i64) -> (String, String) {
    (text(spec, reading), data(spec, reading, now))
}

fn text(spec: &AlarmSpec, reading: &Reading) -> String {
    let (evaluation, rule) = (&reading.evaluation, &spec.rule);
    if evaluation.state == State::InsufficientData {
        let count = rule.periods;
        let (points, were) = if count == 1 { ("datapoint", "was") } else { ("datapoints", "were") };
        return format!("Insufficient Data: {count} {points} {were} unknown.");
    }
    let threshold = number(rule.threshold);
    let alarm = evaluation.state == State::Alarm;
    if reading.evaluation.used.is_empty() {
        let periods = if rule.periods == 1 { "period" } else { "periods" };
        let word = if alarm { "Breaching" } else { "NonBreaching" };
        let count = evaluation.filled;
        let (points, were) = if count == 1 { ("datapoint", "was") } else { ("datapoints", "were") };
        return format!(
            "Threshold Crossed: no datapoints were received for {} {periods} and {count} missing {points} {were} treated as [{word}].",
            rule.periods
        );
    }
    // Newest first, and only those that speak for the new state.
    let speaking: Vec<String> = reading
        .used()
        .rev()
        .filter(|(_, value, _)| rule.breaches(*value) == alarm)
        .map(|(at, value, _)| format!("{} ({})", number(value), utc(at, "%d/%m/%y %H:%M:%S")))
        .collect();
    let count = speaking.len();
    let list = speaking.join(", ");
    let not = if alarm { "" } else { "not " };
    let were = if count == 1 { "was" } else { "were" };
    let than = match rule.comparison {
        Comparison::GreaterThanOrEqualToThreshold => "greater than or equal to",
        Comparison::GreaterThanThreshold => "greater than",
        Comparison::LessThanThreshold => "less than",
        Comparison::LessThanOrEqualToThreshold => "less than or equal to",
    };
    let (head, tail) = if spec.needed_given {
        // As many as it takes to change: M to go off, and to come back one more than may be missing of them.
        let least = if alarm { rule.needed } else { rule.periods - rule.needed + 1 };
        let points = if least == 1 { "datapoint" } else { "datapoints" };
        let way = if alarm { "OK -> ALARM" } else { "ALARM -> OK" };
        (
            format!("{count} out of the last {} datapoints", evaluation.used.len()),
            format!(" (minimum {least} {points} for {way} transition)"),
        )
    } else {
        (format!("{count} {}", if count == 1 { "datapoint" } else { "datapoints" }), String::new())
    };
    format!("Threshold Crossed: {head} [{list}] {were} {not}{than} the threshold ({threshold}){tail}.")
}

fn data(spec: &AlarmSpec, reading: &Reading, now: i64) -> String {
    let recent: Vec<f64> = reading.used().map(|(_, value, _)| value).collect();
    let evaluated: Vec<_> = reading
        .used()
        .rev()
        .map(|(at, value, samples)| json!({ "timestamp": stamp(at), "sampleCount": samples, "value": value }))
        .collect();
    let mut out = json!({ "version": "1.0", "queryDate": stamp(now) });
    if let Some(members) = out.as_object_mut() {
        if let Some((start, ..)) = reading.used().next() {
            members.insert("startDate".into(), stamp(start).into());
        }
        members.insert("statistic".into(), spec.statistic.name().into());
        members.insert("period".into(), spec.period.into());
        members.insert("recentDatapoints".into(), recent.into());
        members.insert("threshold".into(), spec.rule.threshold.into());
        if !evaluated.is_empty() {
            members.insert("evaluatedDatapoints".into(), evaluated.into());
        }
    }
    out.to_string()
}
