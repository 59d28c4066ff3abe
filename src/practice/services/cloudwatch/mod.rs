//! Amazon CloudWatch: metrics, alarms and their history.
//!
//! Promises: a metric that does not exist is an empty series, as on AWS. Requests come as CBOR (what today's SDKs send) or as JSON.
//! Leaves to others: what the points are and when alarms change (`world::watch`).

mod alarms;
mod data;
mod expression;
mod history;
mod put;
mod tags;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};

use super::{ApiError, Request};
use crate::practice::wire::members::{MemberError, Members};
use crate::practice::world::watch::{Metric, Statistic};
use crate::practice::world::{Global, Region, World};

/// A call to an operation.
struct Call<'a> {
    region: &'a mut Region,
    global: &'a Global,
    members: Members<'a>,
}

/// Answers one of its operations. On an error the world may be half changed.
pub fn handle(world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    if request.json.is_null() {
        return Err(ApiError::not_simulated("CloudWatch's query protocol (SDKs of 2025 and later send CBOR)"));
    }
    let (region, global) = world.parts(request.region);
    let call = &mut Call { region, global, members: Members::new(request.json) };
    let answer = match request.operation {
        "GetMetricData" => data::get(call),
        "GetMetricStatistics" => data::statistics(call),
        "ListMetrics" => data::list(call),
        "DescribeAlarms" => alarms::describe(call),
        "DescribeAlarmsForMetric" => alarms::describe_for_metric(call),
        "DescribeAlarmHistory" => history::describe(call),
        "PutMetricAlarm" => put::put(call),
        "DeleteAlarms" => alarms::delete(call),
        "SetAlarmState" => alarms::set_state(call),
        "EnableAlarmActions" => alarms::enable_actions(call, true),
        "DisableAlarmActions" => alarms::enable_actions(call, false),
        "TagResource" => tags::tag(call),
        "UntagResource" => tags::untag(call),
        "ListTagsForResource" => tags::list(call),
        other => Err(ApiError::unknown_operation("cloudwatch", other)),
    }?;
    call.members.finish()?;
    if !["Describe", "Get", "List"].iter().any(|prefix| request.operation.starts_with(prefix)) {
        call.region.changed();
    }
    Ok(answer)
}

/// The name of an error's shape: SDKs read it in the body, and the code that AWS has always used in a header.
pub fn shape(code: &str) -> &str {
    match code {
        "InvalidParameterValue" => "InvalidParameterValueException",
        "InvalidParameterCombination" => "InvalidParameterCombinationException",
        "MissingParameter" => "MissingRequiredParameterException",
        "LimitExceeded" => "LimitExceededFault",
        "InvalidFormat" => "InvalidFormatFault",
        other => other,
    }
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationError", message)
}

fn bad_value(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

/// A required member, in CloudWatch's words when it is missing.
fn required<'a>(members: &Members<'a>, name: &str) -> Result<&'a str, ApiError> {
    match members.required(name) {
        Err(MemberError::Missing(path)) => {
            Err(ApiError::new("MissingParameter", format!("The parameter {path} is required.")))
        }
        other => Ok(other?),
    }
}

/// A required moment, ms.
fn moment(members: &Members<'_>, name: &str) -> Result<i64, ApiError> {
    let missing = || ApiError::new("MissingParameter", format!("The parameter {name} is required."));
    optional_moment(members, name)?.ok_or_else(missing)
}

/// A moment, ms; none when it is not given.
fn optional_moment(members: &Members<'_>, name: &str) -> Result<Option<i64>, ApiError> {
    // Seconds with a fraction, on the wire.
    Ok(members.number(name)?.map(|seconds| (seconds * 1000.0).round() as i64))
}

fn time(ms: i64) -> Value {
    json!({ "$time": ms })
}

/// Namespace, MetricName and Dimensions of a request.
fn metric(members: &Members<'_>) -> Result<Metric, ApiError> {
    let (namespace, name) = (required(members, "Namespace")?, required(members, "MetricName")?);
    let mut metric = Metric::new(namespace, name, &[]);
    for dimension in members.objects("Dimensions")? {
        let (name, value) = (required(&dimension, "Name")?, required(&dimension, "Value")?);
        dimension.finish()?;
        if metric.dimensions.insert(name.to_owned(), value.to_owned()).is_some() {
            return Err(bad_value(format!("The parameter Dimensions has the name {name} twice.")));
        }
    }
    Ok(metric)
}

fn dimensions(metric: &Metric) -> Value {
    metric.dimensions.iter().map(|(name, value)| json!({ "Name": name, "Value": value })).collect()
}

fn statistic(name: &str) -> Result<Statistic, ApiError> {
    // What AWS also knows, and is not worked out here.
    let further = ["tm", "wm", "tc", "ts", "PR(", "TM(", "WM(", "TC(", "TS(", "IQM"];
    match Statistic::named(name) {
        Some(found) => Ok(found),
        None if further.iter().any(|start| name.starts_with(start)) => {
            Err(ApiError::not_simulated(format_args!("the statistic {name}")))
        }
        None => Err(bad_value(format!("The value {name} for parameter Stat is not supported."))),
    }
}

/// A number of seconds that is a period.
fn period(seconds: Option<i64>) -> Result<i64, ApiError> {
    match seconds {
        Some(seconds) if seconds > 0 && seconds % 60 == 0 => Ok(seconds),
        Some(1 | 5 | 10 | 20 | 30) => Err(ApiError::not_simulated("metrics of high resolution")),
        Some(_) => Err(bad_value("The parameter Period must be a multiple of 60.")),
        None => Err(ApiError::new("MissingParameter", "The parameter Period is required.")),
    }
}

/// How many of a page, and after how many it begins. The token is a number that only we read.
fn page(members: &Members<'_>, most: usize) -> Result<(usize, usize), ApiError> {
    let size = match members.int("MaxRecords")? {
        Some(size) => usize::try_from(size).ok().filter(|size| (1..=most).contains(size)).ok_or_else(|| {
            invalid(format!(
                "1 validation error detected: Value '{size}' at 'maxRecords' failed to satisfy constraint: Member must have value less than or equal to {most} and greater than or equal to 1"
            ))
        })?,
        None => most.min(50),
    };
    Ok((size, after(members)?))
}

/// After how many the page that a token asks for begins.
fn after(members: &Members<'_>) -> Result<usize, ApiError> {
    let Some(token) = members.text("NextToken")? else { return Ok(0) };
    let number = token.strip_prefix(TOKEN).and_then(|rest| rest.parse().ok());
    number.ok_or_else(|| ApiError::new("InvalidNextToken", "The specified NextToken is invalid."))
}

const TOKEN: &str = "after-";

/// The page of a whole list, and the token of the next one.
fn cut<T>(all: Vec<T>, (size, after): (usize, usize)) -> (Vec<T>, Option<String>) {
    let more = all.len() > after + size;
    let next = more.then(|| format!("{TOKEN}{}", after + size));
    (all.into_iter().skip(after).take(size).collect(), next)
}

/// Puts the token of the next page into an answer.
fn with_next(mut answer: Value, next: Option<String>) -> Value {
    if let (Some(next), Some(members)) = (next, answer.as_object_mut()) {
        members.insert("NextToken".into(), next.into());
    }
    answer
}
