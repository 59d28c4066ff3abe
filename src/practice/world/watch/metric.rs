//! Which metric, which statistic, and how samples become one.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A metric: namespace, name and dimensions.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Metric {
    /// `AWS/EC2`
    pub namespace: String,
    /// `CPUUtilization`
    pub name: String,
    /// `InstanceId` and its value; in no order.
    pub dimensions: BTreeMap<String, String>,
}

impl Metric {
    /// A metric.
    pub fn new(namespace: &str, name: &str, dimensions: &[(&str, &str)]) -> Self {
        let dimensions = dimensions.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { namespace: namespace.to_owned(), name: name.to_owned(), dimensions }
    }

    /// A dimension's value.
    pub fn dimension(&self, name: &str) -> Option<&str> {
        self.dimensions.get(name).map(String::as_str)
    }

    /// The unit that AWS gives its points.
    pub fn unit(&self) -> &'static str {
        match self.name.as_str() {
            "CPUUtilization" => "Percent",
            "NetworkIn" | "NetworkOut" | "FreeStorageSpace" => "Bytes",
            name if name.starts_with("Bytes") => "Bytes",
            "TargetResponseTime" => "Seconds",
            name if name.starts_with("Group") => "None",
            _ => "Count",
        }
    }
}

/// A statistic of a metric's samples.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the statistics are AWS's own")]
pub enum Statistic {
    SampleCount,
    Average,
    Sum,
    Minimum,
    Maximum,
    /// `p95`
    Percentile(f64),
}

impl Statistic {
    /// The statistic of this name: `Average`, `p95`, `p99.9`.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "SampleCount" => Self::SampleCount,
            "Average" => Self::Average,
            "Sum" => Self::Sum,
            "Minimum" => Self::Minimum,
            "Maximum" => Self::Maximum,
            _ => {
                let percent: f64 = name.strip_prefix('p')?.parse().ok()?;
                return (0.0..=100.0).contains(&percent).then_some(Self::Percentile(percent));
            }
        })
    }

    /// AWS's word for it.
    pub fn name(self) -> String {
        match self {
            Self::SampleCount => "SampleCount".into(),
            Self::Average => "Average".into(),
            Self::Sum => "Sum".into(),
            Self::Minimum => "Minimum".into(),
            Self::Maximum => "Maximum".into(),
            Self::Percentile(percent) => format!("p{percent}"),
        }
    }

    /// Does it need every value, not only their sums?
    pub fn needs_values(self) -> bool {
        matches!(self, Self::Percentile(_))
    }
}

/// The samples of a period, put together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Set {
    count: f64,
    sum: f64,
    min: f64,
    max: f64,
    /// Every value and how often, when they are [kept](Self::keeping).
    values: Option<Vec<(f64, f64)>>,
}

impl Set {
    /// A set that keeps every value, for percentiles.
    pub fn keeping() -> Self {
        Self { values: Some(Vec::new()), ..Self::default() }
    }

    /// A set for a statistic.
    pub fn of(statistic: Statistic) -> Self {
        if statistic.needs_values() { Self::keeping() } else { Self::default() }
    }

    /// One more sample.
    pub fn add(&mut self, value: f64) {
        self.add_all(1.0, value, value, value);
    }

    /// More samples, of which only these numbers are known.
    pub fn add_all(&mut self, count: f64, sum: f64, min: f64, max: f64) {
        if count <= 0.0 {
            return;
        }
        let first = self.count == 0.0;
        self.min = if first { min } else { self.min.min(min) };
        self.max = if first { max } else { self.max.max(max) };
        self.count += count;
        self.sum += sum;
        if let Some(values) = &mut self.values {
            values.push((sum / count, count));
        }
    }

    /// Are there no samples?
    pub fn is_empty(&self) -> bool {
        self.count == 0.0
    }

    /// A statistic; none without samples.
    pub fn get(&self, statistic: Statistic) -> Option<f64> {
        if self.is_empty() {
            return None;
        }
        Some(match statistic {
            Statistic::SampleCount => self.count,
            Statistic::Average => self.sum / self.count,
            Statistic::Sum => self.sum,
            Statistic::Minimum => self.min,
            Statistic::Maximum => self.max,
            Statistic::Percentile(percent) => self.percentile(percent)?,
        })
    }

    fn percentile(&self, percent: f64) -> Option<f64> {
        let mut values = self.values.clone()?;
        values.sort_by(|a, b| a.0.total_cmp(&b.0));
        let wanted = percent / 100.0 * self.count;
        let mut passed = 0.0;
        for (value, count) in &values {
            passed += count;
            if passed >= wanted {
                return Some(*value);
            }
        }
        values.last().map(|(value, _)| *value)
    }
}
