//! Auto Scaling groups: what they want, what they have, and what they do about the difference.
//!
//! Promises: a group changes only by requests, by its own events, and by what it sees of its instances when something has stirred
//! ([`super::Region::stir`]). It starts and ends instances as a client of EC2 does, and registers them as a client of Elastic Load Balancing does.
//! Leaves to others: the arithmetic ([`crate::scaling`]), metrics and alarms (`watch`), targets (`balancing`).

mod group;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use group::{
    Activity, ActivityStatus, Control, Counts, DeletionProtection, Group, GroupTag, HealthCheck, Hook, Member, Rule,
    ScalingPolicy, Scheduled, TemplateChoice, Transition, Wait,
};

use super::{Global, Region};

/// Auto Scaling groups, policies and activities.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// By name.
    pub groups: BTreeMap<String, Group>,
    /// What groups have done, the oldest first; also of groups that are gone.
    pub activities: Vec<Activity>,
    /// Which instance was in which group, and when: the ground of the group's CPUUtilization.
    pub spans: Vec<Span>,
}

/// The time that an instance was in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The group's name.
    pub group: String,
    /// `i-...`
    pub instance: String,
    /// ms.
    pub from: i64,
    /// ms; none: it is still in the group.
    pub until: Option<i64>,
}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {
    /// The controller looks at a group.
    Look(String),
}

impl Region {
    pub(super) fn scaling_due(&mut self, _global: &Global, due: Due) {
        match due {
            Due::Look(_) => {}
        }
    }

    /// Looks again at every group, after something has changed.
    pub(super) fn settle_groups(&mut self, _global: &Global) {}

    /// An alarm that has policies of groups among its actions is in ALARM: it has just come there, or another minute has passed.
    pub fn alarm_acts(&mut self, _global: &Global, _alarm: &str) {}

    /// What the metrics of a group tell now.
    pub fn group_counts(&self, group: &str) -> Option<Counts> {
        self.scaling.groups.get(group).map(Group::counts)
    }
}
