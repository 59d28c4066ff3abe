//! Metrics over time: one value a minute, a hole where there is none.
//!
//! Values are kept densely, four bytes a minute, so that a day of a thousand instances is some megabytes and a look-up
//! takes no search.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::snapshot::{Group, MetricName};

/// One slot.
pub const MINUTE: i64 = 60_000;
/// How much is kept.
pub const KEPT: i64 = 24 * 60 * MINUTE;

/// What the chart can show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// CPU, percent.
    #[default]
    Cpu,
    /// Bytes received and sent, per period.
    NetworkIn,
    /// Bytes sent.
    NetworkOut,
    /// Requests, per period.
    Requests,
    /// Seconds a target took to answer.
    ResponseTime,
    /// Healthy targets.
    HealthyHosts,
}

impl Metric {
    /// All, in the order in which they are picked.
    pub const ALL: [Self; 6] =
        [Self::Cpu, Self::NetworkIn, Self::NetworkOut, Self::Requests, Self::ResponseTime, Self::HealthyHosts];

    /// Whether it is one of the load balancer's, so that instances have none of their own.
    pub const fn of_balancer(self) -> bool {
        matches!(self, Self::Requests | Self::ResponseTime | Self::HealthyHosts)
    }

    /// The next one to pick.
    #[must_use]
    pub fn next(self) -> Self {
        let at = Self::ALL.iter().position(|metric| *metric == self).unwrap_or(0);
        Self::ALL.get((at + 1) % Self::ALL.len()).copied().unwrap_or_default()
    }
}

/// Which series.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SeriesKey {
    /// A metric of the whole group.
    Group(Metric),
    /// A metric of one instance.
    Member(String, Metric),
    /// What an alarm watches, when it is none of the above.
    Other(Box<MetricName>),
}

impl Default for SeriesKey {
    fn default() -> Self {
        Self::Group(Metric::Cpu)
    }
}

impl SeriesKey {
    /// The metric as CloudWatch names it. `balancer` is the load balancer of the group's first target group. `None` when
    /// there is no such metric.
    pub fn name(&self, group: &Group, balancer: Option<&str>) -> Option<MetricName> {
        let of = |namespace: &str, name: &str, statistic: &str, dimensions: &[(&str, &str)]| {
            let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
            Some(MetricName { namespace: namespace.into(), name: name.into(), statistic: statistic.into(), dimensions })
        };
        let ec2 = |metric: Metric, dimension: (&str, &str)| match metric {
            Metric::Cpu => of("AWS/EC2", "CPUUtilization", "Average", &[dimension]),
            Metric::NetworkIn => of("AWS/EC2", "NetworkIn", "Sum", &[dimension]),
            Metric::NetworkOut => of("AWS/EC2", "NetworkOut", "Sum", &[dimension]),
            _ => None,
        };
        match self {
            Self::Other(name) => Some((**name).clone()),
            Self::Member(id, metric) => ec2(*metric, ("InstanceId", id)),
            Self::Group(metric) if !metric.of_balancer() => ec2(*metric, ("AutoScalingGroupName", &group.name)),
            Self::Group(metric) => {
                let targets = group.target_groups.first().and_then(|arn| arn.rsplit(':').next())?;
                let balancer = balancer.and_then(|arn| arn.split_once(":loadbalancer/")).map(|(_, name)| name)?;
                let dimensions = [("TargetGroup", targets), ("LoadBalancer", balancer)];
                match metric {
                    Metric::Requests => of("AWS/ApplicationELB", "RequestCount", "Sum", &dimensions),
                    Metric::ResponseTime => of("AWS/ApplicationELB", "TargetResponseTime", "Average", &dimensions),
                    _ => of("AWS/ApplicationELB", "HealthyHostCount", "Maximum", &dimensions),
                }
            }
        }
    }
}

/// The values of one series.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// The first slot's time.
    start: i64,
    values: Vec<f32>,
    /// Seconds of one point: 60 or 300.
    pub period: u32,
    /// When it was last asked for.
    pub asked: i64,
}

impl Default for Series {
    fn default() -> Self {
        Self { start: 0, values: Vec::new(), period: 60, asked: 0 }
    }
}

impl Series {
    /// Puts a value at its minute.
    pub fn put(&mut self, at: i64, value: f64) {
        let at = at.div_euclid(MINUTE) * MINUTE;
        if self.values.is_empty() {
            self.start = at;
        }
        if at < self.start {
            let more = usize::try_from((self.start - at).min(KEPT) / MINUTE).unwrap_or(0);
            if at + KEPT < self.end() {
                return;
            }
            self.values.splice(0..0, std::iter::repeat_n(f32::NAN, more));
            self.start = at;
        }
        let slot = usize::try_from((at - self.start) / MINUTE).unwrap_or(usize::MAX);
        // A jump of more than what is kept begins anew.
        if slot > usize::try_from(2 * KEPT / MINUTE).unwrap_or(0) {
            self.values.clear();
            self.start = at;
            return self.put(at, value);
        }
        if slot >= self.values.len() {
            self.values.resize(slot + 1, f32::NAN);
        }
        #[expect(clippy::cast_possible_truncation, reason = "a chart needs no more")]
        if let Some(known) = self.values.get_mut(slot) {
            *known = value as f32;
        }
    }

    /// Drops what is older than what is kept. Done seldom: it moves the rest.
    pub fn trim(&mut self, now: i64) {
        let old = usize::try_from((now - KEPT - self.start) / MINUTE).unwrap_or(0).min(self.values.len());
        if old > 60 {
            self.values.drain(..old);
            self.start += i64::try_from(old).unwrap_or(0) * MINUTE;
        }
    }

    /// The time of its first slot, and the end of its last.
    pub const fn start(&self) -> i64 {
        self.start
    }

    /// The end of its last slot.
    pub fn end(&self) -> i64 {
        self.start + i64::try_from(self.values.len()).unwrap_or(0) * MINUTE
    }

    /// The value at a minute.
    pub fn get(&self, at: i64) -> Option<f32> {
        let slot = usize::try_from((at - self.start).div_euclid(MINUTE)).ok()?;
        self.values.get(slot).copied().filter(|value| !value.is_nan())
    }

    /// The newest point at or before a time, as (time, value).
    pub fn before(&self, at: i64) -> Option<(i64, f32)> {
        let last = self.values.len().checked_sub(1)?;
        let slot = usize::try_from((at - self.start).div_euclid(MINUTE)).ok()?.min(last);
        let back = self.values.get(..=slot)?.iter().rposition(|value| !value.is_nan())?;
        Some((self.time(back), *self.values.get(back)?))
    }

    /// The value that holds at a time: that of the point whose period covers it, or one of the two last periods (points
    /// come late).
    pub fn at(&self, at: i64) -> Option<f32> {
        let (time, value) = self.before(at)?;
        (at - time < 4 * i64::from(self.period) * 1000).then_some(value)
    }

    /// The points between two times, in order.
    pub fn points(&self, from: i64, to: i64) -> impl Iterator<Item = (i64, f32)> {
        let slot = |at: i64| usize::try_from((at - self.start).div_euclid(MINUTE).max(0)).unwrap_or(0);
        let first = slot(from).min(self.values.len());
        let last = slot(to + MINUTE - 1).clamp(first, self.values.len());
        let values = self.values.get(first..last).unwrap_or_default();
        values
            .iter()
            .enumerate()
            .filter(|(_, value)| !value.is_nan())
            .map(move |(at, value)| (self.time(first + at), *value))
    }

    fn time(&self, slot: usize) -> i64 {
        self.start + i64::try_from(slot).unwrap_or(0) * MINUTE
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// The lowest and the highest of many series, minute by minute: what is drawn of a group that is too large for a line
/// for each of its instances.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Band {
    /// The lowest values.
    pub low: Series,
    /// The highest values.
    pub high: Series,
}

impl Band {
    /// Takes a value in.
    pub fn put(&mut self, at: i64, value: f32) {
        let value = f64::from(value);
        if self.low.get(at).is_none_or(|known| value < f64::from(known)) {
            self.low.put(at, value);
        }
        if self.high.get(at).is_none_or(|known| value > f64::from(known)) {
            self.high.put(at, value);
        }
    }
}

/// All series of a history.
pub type AllSeries = BTreeMap<SeriesKey, Series>;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp, reason = "tests")]
    use super::*;

    #[test]
    fn holes_stay_holes() {
        let mut series = Series::default();
        series.put(10 * MINUTE + 5, 40.0);
        series.put(12 * MINUTE, 60.0);
        series.put(8 * MINUTE, 20.0);
        let points: Vec<_> = series.points(0, 20 * MINUTE).collect();
        assert_eq!(points, [(8 * MINUTE, 20.0), (10 * MINUTE, 40.0), (12 * MINUTE, 60.0)]);
        assert_eq!(series.get(11 * MINUTE), None);
        assert_eq!(series.before(11 * MINUTE), Some((10 * MINUTE, 40.0)));
        assert_eq!(series.at(15 * MINUTE), Some(60.0));
        assert_eq!(series.at(30 * MINUTE), None);
        assert_eq!(series.before(7 * MINUTE), None);
    }

    #[test]
    fn a_day_is_kept() {
        let mut series = Series::default();
        for minute in 0..3000 {
            series.put(minute * MINUTE, 1.0);
            series.trim(minute * MINUTE);
        }
        let kept = series.points(0, 3000 * MINUTE).count();
        assert!((1440..=1502).contains(&kept), "{kept}");
        series.put(0, 5.0);
        assert_eq!(series.before(0), None);
    }

    #[test]
    fn balancer_metrics_have_both_dimensions() {
        let group = Group {
            name: "my-asg-ec2".into(),
            target_groups: vec![
                "arn:aws:elasticloadbalancing:ap-northeast-2:1:targetgroup/my-asg-ec2-tg/0123456789abcdef".into(),
            ],
            ..Group::default()
        };
        let balancer = "arn:aws:elasticloadbalancing:ap-northeast-2:1:loadbalancer/app/my-asg-alb/0123456789abcdef";
        let name = SeriesKey::Group(Metric::HealthyHosts).name(&group, Some(balancer)).unwrap();
        assert_eq!(
            name.dimensions,
            [
                ("TargetGroup".to_owned(), "targetgroup/my-asg-ec2-tg/0123456789abcdef".to_owned()),
                ("LoadBalancer".to_owned(), "app/my-asg-alb/0123456789abcdef".to_owned()),
            ]
        );
        assert_eq!(SeriesKey::Group(Metric::Requests).name(&group, None), None);
        assert_eq!(SeriesKey::Member("i-1".into(), Metric::Requests).name(&group, Some(balancer)), None);
    }
}
