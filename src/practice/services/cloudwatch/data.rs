//! Data points: GetMetricData, GetMetricStatistics, ListMetrics.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::expression::{self, Series};
use super::{
    Call, TOKEN, after, bad_value, cut, dimensions, invalid, metric, moment, period, required, statistic, time,
    with_next,
};
use crate::practice::services::ApiError;
use crate::practice::wire::members::Members;
use crate::practice::world::watch::{DAY, Metric, Statistic};

const MINUTE: i64 = 60_000;
/// The most points of a GetMetricStatistics.
const MOST: i64 = 1440;
/// The most points of a page of GetMetricData.
const MOST_A_PAGE: usize = 100_800;
/// The most queries of a GetMetricData.
const MOST_QUERIES: usize = 500;

/// One of the queries of a GetMetricData.
struct Query {
    id: String,
    label: String,
    shown: bool,
    what: What,
}

enum What {
    Metric { metric: Metric, statistic: Statistic, period: i64, unit: Option<String> },
    Expression(String),
}

/// GetMetricData
pub(super) fn get(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let members = &call.members;
    let (start, end) = (moment(members, "StartTime")?, moment(members, "EndTime")?);
    if start >= end {
        return Err(invalid("The parameter StartTime must be less than the parameter EndTime."));
    }
    let ascending = scan(members)?;
    let options = members.object("LabelOptions");
    // The time zone is that of dynamic labels, which are refused below.
    options.text("Timezone")?;
    options.finish()?;
    let size = match members.int("MaxDatapoints")? {
        Some(size) => usize::try_from(size).ok().filter(|size| (1..=MOST_A_PAGE).contains(size)).ok_or_else(|| {
            invalid(format!("The value {size} for parameter MaxDatapoints is not between 1 and {MOST_A_PAGE}."))
        })?,
        None => MOST_A_PAGE,
    };
    let after = after(members)?;
    let queries = queries(members)?;
    let mut found: BTreeMap<&str, Series> = BTreeMap::new();
    for query in &queries {
        if let What::Metric { metric, statistic, period, unit } = &query.what {
            let points = points(call, metric, *statistic, start, end, *period, unit.as_deref());
            found.insert(&query.id, points);
        }
    }
    let metrics: Vec<&str> =
        queries.iter().filter(|query| !query.is_expression()).map(|query| query.id.as_str()).collect();
    for query in &queries {
        if let What::Expression(text) = &query.what {
            let series = expression::value(text, &metrics, &found)?;
            found.insert(&query.id, series);
        }
    }
    let shown: Vec<(&Query, Series)> = queries
        .iter()
        .filter(|query| query.shown)
        .map(|query| {
            let mut series = found.get(query.id.as_str()).cloned().unwrap_or_default();
            if !ascending {
                series.reverse();
            }
            (query, series)
        })
        .collect();
    Ok(paged(shown, after, size))
}

/// The page that holds points `after..after + size` of all the results one after the other.
fn paged(shown: Vec<(&Query, Series)>, after: usize, size: usize) -> Value {
    let (mut passed, mut results) = (0, Vec::new());
    for (query, series) in &shown {
        let (from, to) =
            (after.clamp(passed, passed + series.len()), (after + size).clamp(passed, passed + series.len()));
        let part = &series[from - passed..to - passed];
        let complete = to == passed + series.len();
        passed += series.len();
        // What earlier pages have told is not told again; what has no points is told at once.
        let told_before = if series.is_empty() { after > 0 } else { from == passed };
        if told_before {
            continue;
        }
        results.push(json!({
            "Id": query.id,
            "Label": query.label,
            "Timestamps": part.iter().map(|(at, _)| time(*at)).collect::<Vec<_>>(),
            "Values": part.iter().map(|(_, value)| *value).collect::<Vec<_>>(),
            "StatusCode": if complete { "Complete" } else { "PartialData" },
        }));
    }
    let next = (passed > after + size).then(|| format!("{TOKEN}{}", after + size));
    with_next(json!({ "MetricDataResults": results, "Messages": [] }), next)
}

impl Query {
    fn is_expression(&self) -> bool {
        matches!(self.what, What::Expression(_))
    }
}

fn queries(members: &Members<'_>) -> Result<Vec<Query>, ApiError> {
    let (mut out, mut ids) = (Vec::new(), BTreeSet::new());
    for query in members.objects("MetricDataQueries")? {
        let id = required(&query, "Id")?;
        let good = id.starts_with(|first: char| first.is_ascii_lowercase())
            && id.chars().all(|one| one.is_ascii_alphanumeric() || one == '_');
        if !good {
            return Err(invalid(format!(
                "The value {id} for parameter MetricDataQueries[].Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$."
            )));
        }
        if !ids.insert(id) {
            return Err(invalid(format!("The values for parameter id in MetricDataQueries are not unique: {id}.")));
        }
        let label = query.text("Label")?;
        if label.is_some_and(|label| label.contains("${")) {
            return Err(ApiError::not_simulated("dynamic labels"));
        }
        let shown = query.bool("ReturnData")?.unwrap_or(true);
        let what = match (query.text("Expression")?, query.get("MetricStat").is_some()) {
            (None, true) => {
                let part = query.object("MetricStat");
                let of = part.object("Metric");
                let metric = metric(&of)?;
                of.finish()?;
                let statistic = statistic(required(&part, "Stat")?)?;
                let period = period(part.int("Period")?)? * 1000;
                let unit = part.text("Unit")?.map(str::to_owned);
                part.finish()?;
                What::Metric { metric, statistic, period, unit }
            }
            // Its period is that of its metrics, which is what the expressions here have anyway.
            (Some(text), false) => What::Expression(text.to_owned()),
            _ => {
                return Err(invalid(
                    "Exactly one of the parameters MetricStat and Expression must be specified in each of MetricDataQueries.",
                ));
            }
        };
        query.finish()?;
        let usual = match &what {
            What::Metric { metric, .. } => metric.name.clone(),
            What::Expression(_) => id.to_owned(),
        };
        out.push(Query { id: id.to_owned(), label: label.map_or(usual, str::to_owned), shown, what });
    }
    if out.is_empty() || out.len() > MOST_QUERIES {
        return Err(invalid(format!("The collection MetricDataQueries must have between 1 and {MOST_QUERIES} items.")));
    }
    Ok(out)
}

/// ScanBy: oldest first?
pub(super) fn scan(members: &Members<'_>) -> Result<bool, ApiError> {
    match members.text("ScanBy")? {
        None | Some("TimestampDescending") => Ok(false),
        Some("TimestampAscending") => Ok(true),
        Some(other) => Err(invalid(format!("The value {other} for parameter ScanBy is not supported."))),
    }
}

fn points(
    call: &Call<'_>,
    metric: &Metric,
    statistic: Statistic,
    start: i64,
    end: i64,
    period: i64,
    unit: Option<&str>,
) -> Series {
    if unit.is_some_and(|unit| unit != metric.unit()) {
        return Series::new();
    }
    let start = start.div_euclid(period) * period;
    let points = call.region.datapoints(metric, start, end, period, statistic.needs_values());
    points.iter().filter_map(|point| Some((point.at, point.set.get(statistic)?))).collect()
}

/// GetMetricStatistics
pub(super) fn statistics(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let members = &call.members;
    let metric = metric(members)?;
    let (start, end) = (moment(members, "StartTime")?, moment(members, "EndTime")?);
    if start >= end {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            "The parameter StartTime must be less than the parameter EndTime.",
        ));
    }
    let period = period(members.int("Period")?)? * 1000;
    let (plain, extended) = (members.texts("Statistics")?, members.texts("ExtendedStatistics")?);
    if plain.is_empty() && extended.is_empty() {
        return Err(ApiError::new("MissingParameter", "The parameter Statistics or ExtendedStatistics is required."));
    }
    let wanted = plain
        .iter()
        .chain(&extended)
        .map(|name| Ok((*name, statistic(name)?)))
        .collect::<Result<Vec<_>, ApiError>>()?;
    if let Some((name, _)) =
        wanted.iter().zip(0..).find(|((_, one), at)| one.needs_values() == (*at < plain.len())).map(|(one, _)| one)
    {
        return Err(bad_value(format!("The value {name} for parameter Statistics is not supported.")));
    }
    // From the minute on in which it starts, in whole periods from there.
    let start = start.div_euclid(MINUTE) * MINUTE;
    let count = (end - start + period - 1) / period;
    if count > MOST {
        return Err(ApiError::new(
            "InvalidParameterCombination",
            format!(
                "You have requested up to {count} datapoints, which exceeds the limit of 1,440. You may reduce the datapoints requested by increasing Period, or decreasing the time range."
            ),
        ));
    }
    let unit = members.text("Unit")?;
    let points = if unit.is_some_and(|unit| unit != metric.unit()) {
        Vec::new()
    } else {
        call.region.datapoints(&metric, start, end, period, !extended.is_empty())
    };
    let points: Vec<Value> = points
        .iter()
        .map(|point| {
            let mut out = Map::new();
            let mut percentiles = Map::new();
            out.insert("Timestamp".into(), time(point.at));
            for (name, statistic) in &wanted {
                let into = if statistic.needs_values() { &mut percentiles } else { &mut out };
                into.insert((*name).to_owned(), point.set.get(*statistic).into());
            }
            if !percentiles.is_empty() {
                out.insert("ExtendedStatistics".into(), percentiles.into());
            }
            out.insert("Unit".into(), metric.unit().into());
            out.into()
        })
        .collect();
    Ok(json!({ "Label": metric.name, "Datapoints": points }))
}

/// ListMetrics
pub(super) fn list(call: &mut Call<'_>) -> Result<Value, ApiError> {
    let members = &call.members;
    let (namespace, name) = (members.text("Namespace")?, members.text("MetricName")?);
    let mut wanted = Vec::new();
    for dimension in members.objects("Dimensions")? {
        wanted.push((required(&dimension, "Name")?, dimension.text("Value")?));
        dimension.finish()?;
    }
    let window = match members.text("RecentlyActive")? {
        None => 14 * DAY,
        Some("PT3H") => 180 * MINUTE,
        Some(_) => return Err(bad_value("Invalid value for parameter RecentlyActive: only PT3H is supported.")),
    };
    if members.bool("IncludeLinkedAccounts")? == Some(true) {
        return Err(ApiError::not_simulated("linked accounts"));
    }
    let after = after(members)?;
    let mut found = call.region.metrics(window);
    found.retain(|metric| {
        namespace.is_none_or(|namespace| metric.namespace == namespace)
            && name.is_none_or(|name| metric.name == name)
            && wanted
                .iter()
                .all(|(name, value)| metric.dimension(name).is_some_and(|has| value.is_none_or(|value| has == value)))
    });
    let (page, next) = cut(found, (500, after));
    let page: Vec<Value> = page
        .iter()
        .map(|metric| json!({ "Namespace": metric.namespace, "MetricName": metric.name, "Dimensions": dimensions(metric) }))
        .collect();
    Ok(with_next(json!({ "Metrics": page }), next))
}
