//! Points of metrics, by the request that is cheaper.

use aws_sdk_cloudwatch::types::{Dimension, Metric, MetricDataQuery, MetricStat, ScanBy, Statistic};
use aws_smithy_types::DateTime;

use crate::lab::watch::look::Ask;
use crate::lab::watch::snapshot::Samples;

use super::read::millis;
use super::{Answer, Clients, ROLE, trouble};

fn dimensions(ask: &Ask) -> Vec<Dimension> {
    ask.name.dimensions.iter().map(|(name, value)| Dimension::builder().name(name).value(value).build()).collect()
}

fn samples(ask: &Ask, mut points: Vec<(i64, f64)>) -> Samples {
    points.sort_by_key(|(at, _)| *at);
    Samples { key: ask.key.clone(), period: ask.period, to: ask.to, points }
}

fn period(ask: &Ask) -> i32 {
    i32::try_from(ask.period).unwrap_or(60)
}

/// One metric with `GetMetricStatistics`.
pub(super) async fn statistics(clients: &Clients, ask: &Ask) -> Answer<Samples> {
    let request = clients
        .cloudwatch(ROLE)
        .get_metric_statistics()
        .namespace(&ask.name.namespace)
        .metric_name(&ask.name.name)
        .set_dimensions(Some(dimensions(ask)))
        .start_time(DateTime::from_millis(ask.from))
        .end_time(DateTime::from_millis(ask.to))
        .period(period(ask));
    let statistic = ask.name.statistic.as_str();
    let plain = Statistic::from(statistic);
    let request = if Statistic::values().contains(&statistic) {
        request.statistics(plain)
    } else {
        request.extended_statistics(statistic)
    };
    let answer = request.send().await.map_err(|error| trouble(clients, "cloudwatch", "GetMetricStatistics", &error))?;
    let points = answer.datapoints().iter().filter_map(|point| {
        let value = match statistic {
            "Average" => point.average(),
            "Sum" => point.sum(),
            "Minimum" => point.minimum(),
            "Maximum" => point.maximum(),
            "SampleCount" => point.sample_count(),
            other => point.extended_statistics().and_then(|values| values.get(other)).copied(),
        };
        Some((millis(point.timestamp()), value?))
    });
    Ok(samples(ask, points.collect()))
}

/// Many metrics with one `GetMetricData`.
pub(super) async fn data(clients: &Clients, asks: &[Ask]) -> Answer<Vec<Samples>> {
    let query = |(at, ask): (usize, &Ask)| {
        let metric = Metric::builder()
            .namespace(&ask.name.namespace)
            .metric_name(&ask.name.name)
            .set_dimensions(Some(dimensions(ask)))
            .build();
        let stat = MetricStat::builder().metric(metric).period(period(ask)).stat(&ask.name.statistic).build();
        MetricDataQuery::builder().id(format!("m{at}")).metric_stat(stat).return_data(true).build()
    };
    let from = asks.iter().map(|ask| ask.from).min().unwrap_or(0);
    let to = asks.iter().map(|ask| ask.to).max().unwrap_or(0);
    let answer = clients
        .cloudwatch(ROLE)
        .get_metric_data()
        .set_metric_data_queries(Some(asks.iter().enumerate().map(query).collect()))
        .start_time(DateTime::from_millis(from))
        .end_time(DateTime::from_millis(to))
        .scan_by(ScanBy::TimestampDescending)
        .send()
        .await
        .map_err(|error| trouble(clients, "cloudwatch", "GetMetricData", &error))?;
    let found = answer.metric_data_results().iter().filter_map(|result| {
        let at: usize = result.id()?.strip_prefix('m')?.parse().ok()?;
        let times = result.timestamps().iter().map(|time| millis(Some(time)));
        Some(samples(asks.get(at)?, times.zip(result.values().iter().copied()).collect()))
    });
    Ok(found.collect())
}
