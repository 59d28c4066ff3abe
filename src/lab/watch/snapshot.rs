//! What one refresh of the monitor saw: plain data, as it came, in AWS's own words.
//!
//! A part that was not asked for (or whose request failed: then [`Snapshot::problems`] says why) is `None` or empty; the
//! history keeps what it knew. All times are milliseconds since the Unix epoch, of the cloud's clock.

use serde::{Deserialize, Serialize};

use crate::problem::Problem;

use super::series::SeriesKey;

/// One refresh.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Snapshot {
    /// When it was taken.
    pub at: i64,
    /// The group, when it was found.
    pub group: Option<Group>,
    /// The group was asked for, and there is none of that name.
    pub missing: bool,
    /// The health of the targets of a target group, or of several.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<TargetHealth>,
    /// The scaling policies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<Vec<Policy>>,
    /// The alarms of the policies.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub alarms: Option<Vec<Alarm>>,
    /// The newest scaling activities, newest first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub activities: Option<Vec<Activity>>,
    /// What EC2 says of instances of the group.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub hosts: Vec<Host>,
    /// What the target groups are behind: (target group ARN, load balancer ARN).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub balancers: Vec<(String, String)>,
    /// New points of metrics.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub samples: Vec<Samples>,
    /// Transitions of alarms from their history.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turns: Option<Vec<Turn>>,
    /// The loads that awslab started on instances, running and ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub loads: Option<Vec<Load>>,
    /// The requests that were sent for it.
    pub calls: Vec<CallMade>,
    /// Requests that failed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Trouble>,
}

/// A line of the list of groups.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupLine {
    /// Its name.
    pub name: String,
    /// Smallest, wanted and largest size.
    pub sizes: [u32; 3],
    /// How many instances it has.
    pub instances: usize,
    /// `Delete in progress`, or empty.
    pub status: String,
}

/// An Auto Scaling group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// When it was made.
    pub created: i64,
    /// `Delete in progress`, or empty.
    pub status: String,
    /// `MinSize`.
    pub min: u32,
    /// `DesiredCapacity`.
    pub desired: u32,
    /// `MaxSize`.
    pub max: u32,
    /// The launch template's name with its version (`my-asg-lt $Latest`); empty when it has none.
    pub template: String,
    /// The ARNs of its target groups.
    pub target_groups: Vec<String>,
    /// `EC2` or `ELB`.
    pub health_check: String,
    /// Seconds before a new instance's health counts.
    pub grace: u32,
    /// Processes that are suspended (`Launch`, `AlarmNotification`).
    pub suspended: Vec<String>,
    /// Its instances.
    pub instances: Vec<Member>,
}

/// An instance as its group sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Member {
    /// Its id.
    pub id: String,
    /// Its Availability Zone.
    pub zone: String,
    /// `Pending`, `InService`, `Terminating:Wait`, ...
    pub lifecycle: String,
    /// `Healthy` or `Unhealthy`.
    pub health: String,
    /// The version of the launch template.
    pub version: String,
    /// Its instance type.
    pub kind: String,
    /// Whether it is protected from scale-in.
    pub protected: bool,
}

/// The targets of a target group.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TargetHealth {
    /// The target group's ARN.
    pub group: String,
    /// Its targets.
    pub targets: Vec<Target>,
}

/// A target as the load balancer sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Target {
    /// The instance's id.
    pub id: String,
    /// `initial`, `healthy`, `unhealthy`, `draining`, `unused`.
    pub state: String,
    /// `Target.Timeout`, ... or empty.
    pub reason: String,
    /// AWS's sentence for it, or empty.
    pub description: String,
}

/// What EC2 says of an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Host {
    /// Its id.
    pub id: String,
    /// When it was launched.
    pub launched: i64,
    /// Whether its metrics come each minute (detailed monitoring) or each five.
    pub detailed: bool,
}

/// The sort of a scaling policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum PolicyKind {
    /// Keeps a metric at a value.
    #[default]
    TargetTracking,
    /// Adjusts by how far the alarm is breached.
    Step,
    /// One adjustment, then a cooldown.
    Simple,
    /// By forecast.
    Predictive,
}

/// A scaling policy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// Its name.
    pub name: String,
    /// Its sort.
    pub kind: PolicyKind,
    /// The value to keep, for target tracking.
    pub target: Option<f64>,
    /// The metric it keeps there (`ASGAverageCPUUtilization`), for target tracking.
    pub metric: String,
    /// Whether it never removes instances.
    pub scale_in_off: bool,
    /// Whether it adds (1), removes (-1) or may do either (0), for step and simple scaling.
    pub direction: i8,
    /// Whether it is switched on.
    pub enabled: bool,
    /// The names of its alarms.
    pub alarms: Vec<String>,
}

/// A metric as CloudWatch names it.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(default)]
pub struct MetricName {
    /// `AWS/EC2`.
    pub namespace: String,
    /// `CPUUtilization`.
    pub name: String,
    /// `Average`, `Sum`, `Maximum`, `p95`.
    pub statistic: String,
    /// Its dimensions.
    pub dimensions: Vec<(String, String)>,
}

/// How an alarm compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Comparison {
    /// `>`.
    #[default]
    Greater,
    /// `>=`.
    GreaterOrEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
}

/// The state of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum AlarmState {
    /// Within bounds.
    Ok,
    /// Breached.
    Alarm,
    /// Not enough points.
    #[default]
    InsufficientData,
}

impl AlarmState {
    /// AWS's word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// The state of AWS's word.
    pub fn of(word: &str) -> Self {
        match word {
            "OK" => Self::Ok,
            "ALARM" => Self::Alarm,
            _ => Self::InsufficientData,
        }
    }
}

/// A CloudWatch alarm.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Alarm {
    /// Its name.
    pub name: String,
    /// What it watches; `None` when it is an expression.
    pub metric: Option<MetricName>,
    /// Seconds of one point.
    pub period: u32,
    /// How many points it looks at.
    pub evaluation_periods: u32,
    /// How many of them must breach.
    pub datapoints_to_alarm: u32,
    /// The bound.
    pub threshold: f64,
    /// How it compares.
    pub comparison: Comparison,
    /// `missing`, `notBreaching`, `breaching`, `ignore`.
    pub treat_missing: String,
    /// Its state.
    pub state: AlarmState,
    /// Since when.
    pub since: i64,
    /// AWS's sentence for it.
    pub reason: String,
}

/// A scaling activity.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Activity {
    /// Its id.
    pub id: String,
    /// What is done: `Launching a new EC2 instance: i-..`.
    pub description: String,
    /// Why: `At 2026-..Z a monitor alarm ..`.
    pub cause: String,
    /// `InProgress`, `Successful`, `Failed`, `Cancelled`, ...
    pub status: String,
    /// AWS's sentence when it failed; may be empty.
    pub message: String,
    /// When it began.
    pub start: i64,
    /// When it ended.
    pub end: Option<i64>,
    /// How far it is, in percent.
    pub progress: u8,
}

impl Activity {
    /// Whether it failed.
    pub fn failed(&self) -> bool {
        self.status == "Failed"
    }

    /// Whether it has ended.
    pub fn ended(&self) -> bool {
        matches!(self.status.as_str(), "Successful" | "Failed" | "Cancelled")
    }

    /// The instance that it is about, when it names one.
    pub fn instance(&self) -> Option<&str> {
        self.description.rsplit(' ').next().filter(|word| word.starts_with("i-"))
    }

    /// Whether it adds an instance.
    pub fn launches(&self) -> bool {
        self.description.starts_with("Launching")
    }

    /// Whether it removes one.
    pub fn terminates(&self) -> bool {
        self.description.starts_with("Terminating")
    }
}

/// New points of one series.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Samples {
    /// Which series.
    pub key: SeriesKey,
    /// Seconds of one point, as it was asked for.
    pub period: u32,
    /// The time that was asked for, up to when.
    pub to: i64,
    /// Time (the beginning of the period) and value, in order.
    pub points: Vec<(i64, f64)>,
}

/// A transition of an alarm.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    /// The alarm's name.
    pub alarm: String,
    /// When.
    pub at: i64,
    /// The new state.
    pub state: AlarmState,
}

/// A load that awslab put on an instance.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Load {
    /// The instance's id.
    pub instance: String,
    /// When it was started.
    pub from: i64,
    /// When it ends, or ended.
    pub until: i64,
    /// Whether it still runs.
    pub running: bool,
}

/// A request that was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallMade {
    /// `DescribeAlarms`.
    pub operation: String,
    /// For `GetMetricData`, how many metrics were asked for: it is priced by them.
    #[serde(default)]
    pub metrics: u32,
}

/// A request that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trouble {
    /// `autoscaling:DescribePolicies`: also the IAM action that may be missing.
    pub action: String,
    /// What is shown.
    pub problem: Problem,
}
