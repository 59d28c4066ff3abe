//! The controller of a group: sees what has become of its instances, and brings what it has to what it wants.

use super::activity::{Begin, at, join};
use super::{Activity, ActivityStatus, Due, Group, HealthCheck, Member, MemberStep};
use crate::practice::world::{Duration, Event, Global, InstanceState, Region};
use crate::scaling::choose::{Candidate, Place, to_end, uneven};
use crate::scaling::lifecycle::State;

/// From a difference to what is done about it.
const LOOK: Duration = Duration { typical_ms: 7000, spread_ms: 2000 };
/// From uneven zones to what is done about them.
const LOOK_EVEN: Duration = Duration { typical_ms: 60_000, spread_ms: 20_000 };
/// From an instance's end or stop to EC2's health check saying so.
const DOUBT_EC2: Duration = Duration { typical_ms: 35_000, spread_ms: 15_000 };
/// From an unhealthy target to the group taking notice.
const DOUBT_ELB: Duration = Duration { typical_ms: 20_000, spread_ms: 10_000 };
/// From a person's word to the group taking notice.
const DOUBT_USER: Duration = Duration { typical_ms: 5000, spread_ms: 2000 };
/// From `running` to being ready to come into service.
const ENTER: Duration = Duration { typical_ms: 18_000, spread_ms: 8000 };
/// From the last instance's end to a deleted group being gone.
const FORGET: Duration = Duration { typical_ms: 15_000, spread_ms: 5000 };

/// What the controller would do about a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    /// Start instances.
    Missing,
    /// End instances.
    Over,
    /// Move one to another zone.
    Uneven,
}

/// Why an instance is not well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ill {
    /// EC2: it does not run.
    Ec2,
    /// EC2: it runs, but its status checks fail.
    Checks,
    /// A target group: it does not answer.
    Elb,
    /// A person said so.
    User,
}

impl Ill {
    /// The end of "taken out of service in response to ..".
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Ec2 => "an EC2 health check indicating it has been terminated or stopped.",
            Self::Checks => "an EC2 instance status checks failure.",
            Self::Elb => "an ELB system health check failure.",
            Self::User => "a user health-check.",
        }
    }
}

/// What the controller has found of an instance.
enum Found {
    /// It runs, and can go on into service.
    Runs,
    /// It may not be well.
    Doubtful(Ill),
    /// Its end is complete.
    Gone,
}

/// Where the launches of one look come from.
pub(super) struct Why {
    /// Sentences before the last one.
    pub(super) reason: String,
    /// The alarm.
    pub(super) alarm: Option<String>,
    /// The capacity before.
    pub(super) from: u32,
    /// The capacity wanted.
    pub(super) to: u32,
}

impl Region {
    /// Looks again at every group, after something has changed.
    pub(in crate::practice::world) fn settle_groups(&mut self, _global: &Global) {
        let names: Vec<String> = self.scaling.groups.keys().cloned().collect();
        for name in names {
            self.settle_group(&name);
        }
    }

    fn settle_group(&mut self, name: &str) {
        let Some(group) = self.scaling.groups.get(name) else { return };
        let found: Vec<(String, Found)> = group
            .members
            .values()
            .filter_map(|member| self.find(group, member).map(|found| (member.id.clone(), found)))
            .collect();
        for (id, found) in found {
            let (wait, step) = match found {
                Found::Runs => (ENTER, MemberStep::Enter),
                Found::Doubtful(Ill::Ec2 | Ill::Checks) => (DOUBT_EC2, MemberStep::Doubt),
                Found::Doubtful(Ill::Elb) => (DOUBT_ELB, MemberStep::Doubt),
                Found::Doubtful(Ill::User) => (DOUBT_USER, MemberStep::Doubt),
                Found::Gone => {
                    self.member_gone(name, &id);
                    continue;
                }
            };
            if let Some(member) = self.member_mut(name, &id) {
                match step {
                    MemberStep::Doubt => member.doubted = true,
                    _ => member.due = true,
                }
            }
            self.schedule_member(name, &id, wait, step);
        }
        self.want_look(name);
        self.tell_metrics(name);
    }

    /// What is to be noticed of an instance, if anything.
    fn find(&self, group: &Group, member: &Member) -> Option<Found> {
        let state = self.instances.get(&member.id).map(|instance| instance.state);
        if member.state.is_terminating() {
            let gone = matches!(state, None | Some(InstanceState::Terminated));
            return gone.then_some(Found::Gone);
        }
        if member.state == State::Pending && state == Some(InstanceState::Running) && !member.due {
            return Some(Found::Runs);
        }
        if member.doubted || group.deleting || (group.is_suspended("ReplaceUnhealthy") && !member.healthy) {
            return None;
        }
        self.ill(group, member).map(Found::Doubtful)
    }

    /// Why an instance of a group is not well, if it is not.
    pub(super) fn ill(&self, group: &Group, member: &Member) -> Option<Ill> {
        let state = self.instances.get(&member.id).map(|instance| instance.state);
        let ended = state.is_none_or(InstanceState::is_ending);
        let checked = match member.state {
            State::Standby | State::EnteringStandby => return ended.then_some(Ill::Ec2),
            state => state.counts(),
        };
        if !checked {
            return None;
        }
        if !group.is_suspended("HealthCheck") {
            let runs = matches!(state, Some(InstanceState::Pending | InstanceState::Running));
            if !runs {
                return Some(Ill::Ec2);
            }
            if member.state == State::InService && self.zone_is_down(&member.zone) {
                return Some(Ill::Checks);
            }
            if group.health_check == HealthCheck::Elb
                && member.in_service.is_some_and(|since| self.now >= since + group.grace * 1000)
                && member.registered.iter().any(|target_group| self.target_fails(target_group, &member.id))
            {
                return Some(Ill::Elb);
            }
        }
        (!member.healthy).then_some(Ill::User)
    }

    /// A look at an instance's health: takes it out when it is not well.
    pub(super) fn check_health(&mut self, name: &str, id: &str) {
        let Some(member) = self.member_mut(name, id) else { return };
        member.doubted = false;
        let Some(group) = self.scaling.groups.get(name) else { return };
        let Some(ill) = group.members.get(id).and_then(|member| self.ill(group, member)) else { return };
        let (replace, terminate) = (!group.is_suspended("ReplaceUnhealthy"), !group.is_suspended("Terminate"));
        if let Some(member) = self.member_mut(name, id) {
            member.healthy = false;
        }
        if replace && terminate {
            let cause = at(self.now, &format!("an instance was taken out of service in response to {}", ill.words()));
            if let Some(group) = self.scaling.groups.get_mut(name) {
                group.control.replacements += 1;
            }
            self.end_member(name, id, cause, None);
        }
    }

    /// The places that a group may start instances in, but those that it avoids.
    pub(super) fn places<'a>(&'a self, group: &'a Group) -> Vec<Place<'a>> {
        let subnets =
            group.subnets.iter().filter(|id| group.control.avoid.get(*id).is_none_or(|until| *until <= self.now));
        subnets
            .map(|id| Place {
                subnet: id,
                zone: self.subnets.get(id).map_or("", |subnet| subnet.zone.as_str()),
                count: group.members.values().filter(|one| one.subnet == *id && one.state.counts()).count(),
            })
            .collect()
    }

    fn gap(&self, group: &Group) -> Option<Gap> {
        if group.deleting {
            return None;
        }
        let (actual, launch, end) = (group.actual(), !group.is_suspended("Launch"), !group.is_suspended("Terminate"));
        if actual < group.desired {
            return launch.then_some(Gap::Missing);
        }
        if actual > group.desired + u32::from(group.control.surplus) {
            let free = group.members.values().any(|one| one.state.counts() && !one.protected);
            return (end && (free || group.control.reason.is_some())).then_some(Gap::Over);
        }
        let steady = actual == group.desired && group.members.values().all(|one| one.state == State::InService);
        let may = launch && end && steady && !group.is_suspended("AZRebalance");
        (may && uneven(&self.places(group)).is_some()).then_some(Gap::Uneven)
    }

    /// Sees to it that the controller looks at a group when there is something to do.
    fn want_look(&mut self, name: &str) {
        let Some(group) = self.scaling.groups.get(name) else { return };
        if group.control.look.is_some() {
            return;
        }
        let retry = group.control.retry;
        let wait = match self.gap(group) {
            Some(Gap::Uneven) => LOOK_EVEN,
            Some(Gap::Missing | Gap::Over) => LOOK,
            None if group.deleting && group.members.is_empty() => FORGET,
            None => return,
        };
        let spread = u64::try_from(2 * wait.spread_ms).unwrap_or_default();
        let vary = i64::try_from(self.random.below(spread + 1)).unwrap_or_default() - wait.spread_ms;
        let moment = (self.now + wait.typical_ms + vary).max(retry);
        if let Some(group) = self.scaling.groups.get_mut(name) {
            group.control.look = Some(moment);
        }
        self.schedule_at(moment, Event::Scaling(Due::Look(name.to_owned())));
    }

    /// The controller looks at a group.
    pub(super) fn look(&mut self, global: &Global, name: &str) {
        let now = self.now;
        let Some(group) = self.scaling.groups.get_mut(name) else { return };
        if group.control.look != Some(now) {
            return;
        }
        group.control.look = None;
        group.control.avoid.retain(|_, until| *until > now);
        if group.deleting {
            if group.members.is_empty() {
                self.forget_group(name);
            }
            return;
        }
        let Some(group) = self.scaling.groups.get(name) else { return };
        match self.gap(group) {
            Some(Gap::Missing) => self.start_missing(global, name),
            Some(Gap::Over) => self.end_surplus(name),
            Some(Gap::Uneven) => self.start_for_balance(global, name),
            None => {}
        }
    }

    pub(super) fn why(&mut self, name: &str) -> Option<Why> {
        let group = self.scaling.groups.get_mut(name)?;
        Some(Why {
            from: group.actual(),
            to: group.desired,
            reason: group.control.reason.take().unwrap_or_default(),
            alarm: group.control.alarm.take(),
        })
    }

    fn end_surplus(&mut self, name: &str) {
        let Some(why) = self.why(name) else { return };
        let now = self.now;
        for _ in why.to..why.from {
            let draw = self.random.draw();
            let Some(group) = self.scaling.groups.get(name) else { return };
            let Some(id) = choose_end(group, now, draw) else {
                let activity = self.begin_activity(Begin {
                    group: name,
                    description: "Could not scale to desired capacity because all remaining instances are protected from scale-in.".to_owned(),
                    cause: why.reason.clone(),
                    details: "{}".to_owned(),
                    status: ActivityStatus::InProgress,
                });
                self.end_activity(&activity, ActivityStatus::Cancelled, None);
                return;
            };
            let what = format!(
                "an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from {} to {}.",
                why.from, why.to
            );
            let chosen = format!("instance {id} was selected for termination.");
            let cause = join([why.reason.clone(), at(now, &what), at(now, &chosen)]);
            self.end_member(name, &id, cause, why.alarm.as_deref());
        }
    }

    /// The activities of a group that are not over.
    pub fn open_activities(&self, group: &str) -> impl Iterator<Item = &Activity> {
        let arn = self.scaling.groups.get(group).map(|group| group.arn.as_str()).unwrap_or_default();
        self.scaling.activities.iter().filter(move |one| one.group_arn == arn && !one.status.is_over())
    }
}

/// The instance that a group ends next.
fn choose_end(group: &Group, now: i64, draw: u64) -> Option<String> {
    let candidates: Vec<Candidate<'_>> = group
        .members
        .values()
        .filter(|member| member.state.counts())
        .map(|member| Candidate {
            id: &member.id,
            zone: &member.zone,
            launched: member.launched,
            template: template_age(group, member),
            protected: member.protected,
        })
        .collect();
    to_end(&candidates, &group.termination, now, draw).map(str::to_owned)
}

/// The smaller, the older: none, another template, then by version.
fn template_age(group: &Group, member: &Member) -> u64 {
    let Some(template) = &member.template else { return 0 };
    let number: u64 = template.version.as_deref().and_then(|version| version.parse().ok()).unwrap_or_default();
    let current = if template.id == group.template.id { 1 << 32 } else { 1 };
    current + number
}
