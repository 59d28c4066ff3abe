//! Alarms, their history, and the metrics they look at.
//!
//! Promises: a metric is a function of facts that were recorded when they changed (what ran when, which instance was of which group,
//! counts of groups, health of targets, requests by the minute), never of points kept by the minute; a point can be seen when AWS
//! would show it, not before; alarms are evaluated each minute while there are any.
//! Leaves to others: who records ([`super::Region::record_group`] and the other `record_` calls), what an alarm's action does
//! (`Region::alarm_acts` of `scaling`), requests and their words (`services::cloudwatch`).

mod alarm;
mod facts;
mod history;
mod metric;
mod reason;
mod series;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use alarm::{Alarm, AlarmSpec, Reading};
pub use facts::{DatabaseFacts, GROUP_METRICS, GroupCounts, Handled, Health, Member};
pub use history::{HistoryItem, HistoryKind};
pub use metric::{Metric, Set, Statistic};
pub use series::{Datapoint, Source};

/// ms.
pub const MINUTE: i64 = 60_000;
/// ms.
pub const DAY: i64 = 24 * 60 * MINUTE;
/// For how long points can be seen, ms. (AWS keeps coarser ones for longer.)
pub const RETENTION: i64 = 15 * DAY;
/// For how long an alarm's history can be seen, ms.
pub const HISTORY: i64 = 30 * DAY;

/// Alarms, their history, and what metrics are made of.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// By name.
    pub alarms: BTreeMap<String, Alarm>,
    /// Oldest first.
    history: Vec<HistoryItem>,
    /// Tags of alarms by ARN.
    pub tags: BTreeMap<String, BTreeMap<String, String>>,
    groups: BTreeMap<String, facts::Group>,
    /// By the dimensions LoadBalancer and TargetGroup.
    targets: BTreeMap<(String, String), facts::Targets>,
    /// By the dimension LoadBalancer.
    balancers: BTreeMap<String, facts::Balancer>,
    databases: BTreeMap<String, facts::Database>,
    /// Bytes through a NAT gateway by the minute.
    nat: BTreeMap<String, BTreeMap<i64, (u64, u64)>>,
    /// Which zones have failed, from when on.
    zones_down: facts::Zones,
}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {
    /// An alarm's minute.
    Evaluate {
        /// Its name.
        alarm: String,
        /// [`Alarm::turn`] of the alarm that is meant.
        turn: u64,
    },
}

impl super::Region {
    pub(super) fn watch_due(&mut self, global: &super::Global, due: Due) {
        match due {
            Due::Evaluate { alarm, turn } => self.evaluate_alarm(global, &alarm, turn),
        }
    }
}
