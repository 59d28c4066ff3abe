//! Auto Scaling groups: what they want, what they have, and what they do about the difference.
//!
//! Promises: a group changes only by requests, by its own events, and by what it sees of its instances when something has stirred
//! ([`super::Region::stir`]). It starts and ends instances as a client of EC2 does, and registers them as a client of Elastic Load Balancing does.
//! Leaves to others: the arithmetic ([`crate::scaling`]), metrics and alarms (`watch`), targets (`balancing`).

mod activity;
mod control;
mod group;
mod life;
mod outside;
mod policy;
mod request;
mod start;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use group::{
    Activity, ActivityStatus, Control, DeletionProtection, Group, GroupTag, HealthCheck, Hook, Member, Rule,
    ScalingPolicy, Scheduled, TemplateChoice, Transition, Wait,
};

pub use outside::Tracked;
pub use policy::{Trigger, offset_of};
pub use request::Sizes;

use super::{Global, Region};

/// Auto Scaling groups, policies and activities.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Scaling {
    /// By name.
    pub groups: BTreeMap<String, Group>,
    /// What groups have done, the oldest first; also of groups that are gone.
    pub activities: Vec<Activity>,
}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {
    /// The controller looks at a group.
    Look(String),
    /// An instance of a group goes on, if it is still in that turn.
    Member {
        /// The group.
        group: String,
        /// The instance.
        instance: String,
        /// [`Member::turn`] when the event was made.
        turn: u32,
        /// What happens.
        step: MemberStep,
    },
    /// A scheduled action of a group, if it is still that one.
    Scheduled {
        /// The group.
        group: String,
        /// The action.
        name: String,
        /// [`Scheduled::turn`] when the event was made.
        turn: u32,
    },
}

/// What happens to an instance of a group after a while.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberStep {
    /// It runs long enough to go on into service.
    Enter,
    /// Hooks are done with it.
    Proceed,
    /// Its connections are over.
    Drained,
    /// A hook's time may be over.
    HookOver,
    /// The group looks at its health.
    Doubt,
    /// Its grace period is over.
    Grace,
}

impl Region {
    pub(super) fn scaling_due(&mut self, global: &Global, due: Due) {
        match due {
            Due::Look(group) => self.look(global, &group),
            Due::Member { group, instance, turn, step } => self.member_due(&group, &instance, turn, step),
            Due::Scheduled { group, name, turn } => self.scheduled_due(&group, &name, turn),
        }
    }
}
