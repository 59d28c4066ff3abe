//! PutMetricAlarm.

use serde_json::{Value, json};

use super::{Call, invalid, metric, period, required, statistic, tags};
use crate::practice::services::ApiError;
use crate::practice::wire::members::Members;
use crate::practice::world::watch::AlarmSpec;
use crate::scaling::alarm::{Comparison, Missing, Rule};

/// The most actions of a state.
const MOST_ACTIONS: usize = 5;
/// How far an alarm may look back, seconds: a day, or a week with periods of an hour and more.
const DAY: i64 = 86_400;

/// PutMetricAlarm
pub(super) fn put(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let members = &call.members;
    let spec = spec(members)?;
    let tags = tags::read(members)?;
    let new = !call.region.watch.alarms.contains_key(&spec.name);
    let arn = call.region.put_alarm(spec);
    // Tags are taken only by a new alarm.
    if new && !tags.is_empty() {
        call.region.watch.tags.insert(arn, tags);
    }
    Ok(json!({}))
}

fn needed(members: &Members<'_>, name: &str) -> Result<i64, ApiError> {
    let missing = || {
        let mut member = name.to_owned();
        member[..1].make_ascii_lowercase();
        invalid(format!(
            "1 validation error detected: Value null at '{member}' failed to satisfy constraint: Member must not be null"
        ))
    };
    members.int(name)?.ok_or_else(missing)
}

fn spec(members: &Members<'_>) -> Result<AlarmSpec, ApiError> {
    let name = required(members, "AlarmName")?;
    if members.get("Metrics").is_some() {
        return Err(ApiError::not_simulated("alarms on metric math"));
    }
    let metric = metric(members)?;
    let statistic = match (members.text("Statistic")?, members.text("ExtendedStatistic")?) {
        (Some(name), None) | (None, Some(name)) => statistic(name)?,
        _ => return Err(invalid("Exactly one of Statistic and ExtendedStatistic must be specified.")),
    };
    let period = period(members.int("Period")?)?;
    let periods = needed(members, "EvaluationPeriods")?;
    let given = members.int("DatapointsToAlarm")?;
    let points = given.unwrap_or(periods);
    if periods < 1 || !(1..=periods).contains(&points) {
        return Err(invalid("DatapointsToAlarm must be at least 1 and not more than EvaluationPeriods."));
    }
    let longest = if period >= 3600 { 7 * DAY } else { DAY };
    if periods.saturating_mul(period) > longest {
        return Err(invalid(format!(
            "Metrics cannot be checked across more than {} (EvaluationPeriods * Period must be <= {longest}).",
            if longest == DAY { "a day" } else { "7 days" }
        )));
    }
    let operator = required(members, "ComparisonOperator")?;
    let comparison = Comparison::named(operator).ok_or_else(|| {
        if operator.contains("Upper") || operator.contains("Lower") {
            ApiError::not_simulated("anomaly detection")
        } else {
            invalid(format!("The value {operator} for parameter ComparisonOperator is not supported."))
        }
    })?;
    let threshold = members.number("Threshold")?.ok_or_else(|| {
        invalid("1 validation error detected: Value null at 'threshold' failed to satisfy constraint: Member must not be null")
    })?;
    let missing = match members.text("TreatMissingData")? {
        None => Missing::default(),
        Some(name) => Missing::named(name)
            .ok_or_else(|| invalid(format!("The value {name} for parameter TreatMissingData is not supported.")))?,
    };
    let count = |number: i64| usize::try_from(number).unwrap_or(1);
    Ok(AlarmSpec {
        name: name.to_owned(),
        description: members.text("AlarmDescription")?.map(str::to_owned),
        actions_enabled: members.bool("ActionsEnabled")?.unwrap_or(true),
        ok_actions: actions(members, "OKActions")?,
        alarm_actions: actions(members, "AlarmActions")?,
        insufficient_actions: actions(members, "InsufficientDataActions")?,
        metric,
        statistic,
        period,
        unit: members.text("Unit")?.map(str::to_owned),
        rule: Rule { periods: count(periods), needed: count(points), comparison, threshold, missing },
        needed_given: given.is_some(),
    })
}

/// The ARNs of actions. Scaling policies act; nothing else that AWS knows is simulated.
fn actions(members: &Members<'_>, name: &str) -> Result<Vec<String>, ApiError> {
    let actions = members.texts(name)?;
    if actions.len() > MOST_ACTIONS {
        return Err(invalid(format!("{name} must not have more than {MOST_ACTIONS} members.")));
    }
    for action in &actions {
        if !action.starts_with("arn:") {
            return Err(invalid(format!("Invalid arn syntax: {action}")));
        }
        let service = action.split(':').nth(2).unwrap_or_default();
        if service != "autoscaling" || name != "AlarmActions" {
            return Err(ApiError::not_simulated(format_args!("an alarm action of {service} as one of {name}")));
        }
    }
    Ok(actions.into_iter().map(str::to_owned).collect())
}
