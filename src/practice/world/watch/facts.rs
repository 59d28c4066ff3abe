//! What is recorded when it changes, so that metrics can be worked out from it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::super::Region;
use super::super::load::Span;
use super::{MINUTE, RETENTION};

/// The metrics of a group that can be collected here, by AWS's names.
pub const GROUP_METRICS: [&str; 8] = [
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupMaxSize",
    "GroupMinSize",
    "GroupPendingInstances",
    "GroupStandbyInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
];

/// The counts of an Auto Scaling group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the metrics of the same names")]
pub struct GroupCounts {
    pub min: u32,
    pub max: u32,
    pub desired: u32,
    pub in_service: u32,
    pub pending: u32,
    pub standby: u32,
    pub terminating: u32,
    pub total: u32,
}

impl GroupCounts {
    /// The count that a metric shows.
    pub fn get(&self, metric: &str) -> Option<u32> {
        Some(match metric {
            "GroupMinSize" => self.min,
            "GroupMaxSize" => self.max,
            "GroupDesiredCapacity" => self.desired,
            "GroupInServiceInstances" => self.in_service,
            "GroupPendingInstances" => self.pending,
            "GroupStandbyInstances" => self.standby,
            "GroupTerminatingInstances" => self.terminating,
            "GroupTotalInstances" => self.total,
            _ => return None,
        })
    }
}

/// The time of an instance in a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// The instance.
    pub instance: String,
    /// From when till when.
    pub span: Span,
}

/// A group as metrics see it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Group {
    /// By when they joined.
    pub(super) members: Vec<Member>,
    /// Counts from when on; none after its end.
    pub(super) counts: Vec<(i64, Option<GroupCounts>)>,
    /// Which metrics are collected, from when on.
    pub(super) collected: Vec<(i64, BTreeSet<String>)>,
}

/// The health of the targets of a target group.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are the metrics of the same names")]
pub struct Health {
    pub healthy: u32,
    pub unhealthy: u32,
}

/// A target group behind a load balancer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Targets {
    /// From when on; none while it has no targets or is used by no listener.
    pub(super) health: Vec<(i64, Option<Health>)>,
    pub(super) requests: BTreeMap<i64, Requests>,
}

/// A load balancer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Balancer {
    pub(super) requests: BTreeMap<i64, Requests>,
}

/// The requests of a minute.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Requests {
    pub(super) count: u64,
    /// Answers of targets by the hundred of their status.
    pub(super) by_target: BTreeMap<u16, u64>,
    /// Answers of the load balancer itself by their status.
    pub(super) by_balancer: BTreeMap<u16, u64>,
    /// Seconds in all, least, most, of how many.
    pub(super) seconds: (f64, f64, f64, u64),
    pub(super) connection_errors: u64,
    pub(super) bytes: u64,
}

/// A request that a load balancer has handled.
#[derive(Debug, Clone, PartialEq)]
pub struct Handled<'a> {
    /// The dimension: `app/my-asg-alb/50dc6c495c0c9188`.
    pub balancer: &'a str,
    /// The dimension, when it went to one: `targetgroup/my-asg-ec2-tg/943f017f100becff`.
    pub target_group: Option<&'a str>,
    /// The answer's status.
    pub status: u16,
    /// The target answered; else the load balancer did (a redirect, 502, 503, 504).
    pub by_target: bool,
    /// The connection to the target could not be made.
    pub connection_error: bool,
    /// How long the target took.
    pub seconds: f64,
    /// How much went through.
    pub bytes: u64,
}

/// A database as metrics see it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DatabaseFacts {
    /// GiB.
    pub allocated: u32,
    /// Connections held open.
    pub connections: u32,
}

/// A database over time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Database {
    /// From when on; none while it is not there.
    pub(super) facts: Vec<(i64, Option<DatabaseFacts>)>,
}

/// The zones that have failed, from when on.
pub(super) type Zones = Vec<(i64, BTreeSet<String>)>;

/// What a list of steps says of a moment.
pub(super) fn step_at<T>(steps: &[(i64, T)], at: i64) -> Option<&T> {
    steps[..steps.partition_point(|(from, _)| *from <= at)].last().map(|(_, value)| value)
}

/// Adds a step when it says something new, and drops what is too old.
fn add_step<T: PartialEq>(steps: &mut Vec<(i64, T)>, now: i64, value: T) {
    if steps.last().is_some_and(|(_, last)| *last == value) {
        return;
    }
    match steps.last_mut() {
        Some((at, last)) if *at == now => *last = value,
        _ => steps.push((now, value)),
    }
    let first = steps.partition_point(|(at, _)| *at <= now - RETENTION).saturating_sub(1);
    steps.drain(..first);
}

fn add_request(requests: &mut BTreeMap<i64, Requests>, minute: i64, handled: &Handled<'_>) {
    if requests.first_key_value().is_some_and(|(at, _)| *at < minute - RETENTION) {
        *requests = requests.split_off(&(minute - RETENTION));
    }
    let entry = requests.entry(minute).or_default();
    entry.count += 1;
    entry.bytes += handled.bytes;
    entry.connection_errors += u64::from(handled.connection_error);
    if handled.by_target {
        *entry.by_target.entry(handled.status / 100).or_default() += 1;
        let (sum, min, max, count) = entry.seconds;
        let least = if count == 0 { handled.seconds } else { min.min(handled.seconds) };
        entry.seconds = (sum + handled.seconds, least, max.max(handled.seconds), count + 1);
    } else {
        *entry.by_balancer.entry(handled.status).or_default() += 1;
    }
}

/// Has a list of steps said nothing since a moment?
fn is_over<T>(steps: &[(i64, Option<T>)], oldest: i64) -> bool {
    steps.last().is_none_or(|(at, last)| last.is_none() && *at <= oldest)
}

impl super::Watch {
    /// Forgets groups, targets, load balancers and databases of which nothing can be seen any more.
    pub(in crate::practice::world) fn sweep(&mut self, oldest: i64) {
        let told = |requests: &BTreeMap<i64, Requests>| requests.last_key_value().is_some_and(|(at, _)| *at > oldest);
        self.groups.retain(|_, group| {
            group.members.retain(|member| member.span.until.is_none_or(|until| until > oldest));
            !(group.members.is_empty() && is_over(&group.counts, oldest))
        });
        self.targets.retain(|_, targets| told(&targets.requests) || !is_over(&targets.health, oldest));
        self.balancers.retain(|_, balancer| told(&balancer.requests));
        self.databases.retain(|_, database| !is_over(&database.facts, oldest));
        self.nat.retain(|_, minutes| minutes.last_key_value().is_some_and(|(at, _)| *at > oldest));
    }
}

impl Region {
    fn minute(&self) -> i64 {
        self.now.div_euclid(MINUTE) * MINUTE
    }

    /// The counts of a group from now on; none after its end. Cheap when nothing has changed.
    pub fn record_group(&mut self, group: &str, counts: Option<GroupCounts>) {
        let now = self.now;
        match self.watch.groups.get_mut(group) {
            Some(found) => add_step(&mut found.counts, now, counts),
            None if counts.is_some() => {
                let made = self.watch.groups.entry(group.to_owned()).or_default();
                made.counts.push((now, counts));
            }
            None => {}
        }
    }

    /// Which metrics of a group are collected from now on; an unknown name is ignored. See [`GROUP_METRICS`].
    pub fn record_collection<'a>(&mut self, group: &str, metrics: impl IntoIterator<Item = &'a str>) {
        let now = self.now;
        let metrics = metrics.into_iter().filter(|name| GROUP_METRICS.contains(name)).map(str::to_owned).collect();
        add_step(&mut self.watch.groups.entry(group.to_owned()).or_default().collected, now, metrics);
    }

    /// An instance belongs to a group from now on.
    pub fn record_joined(&mut self, group: &str, instance: &str) {
        let now = self.now;
        let members = &mut self.watch.groups.entry(group.to_owned()).or_default().members;
        members.retain(|member| member.span.until.is_none_or(|until| until > now - RETENTION));
        let member = Member { instance: instance.to_owned(), span: Span { from: now, until: None } };
        members.push(member);
    }

    /// An instance no longer belongs to a group (it was terminated or detached).
    pub fn record_left(&mut self, group: &str, instance: &str) {
        let now = self.now;
        let members = self.watch.groups.get_mut(group).map(|found| &mut found.members);
        for member in members.into_iter().flatten() {
            if member.instance == instance && member.span.until.is_none() {
                member.span.until = Some(now);
            }
        }
    }

    /// Which instances were of a group, and when; also those that are gone.
    pub fn members_of(&self, group: &str) -> &[Member] {
        self.watch.groups.get(group).map_or(&[], |found| &found.members)
    }

    /// The health of the targets of a target group (dimensions LoadBalancer and TargetGroup) from now on; none while there is
    /// nothing to say. Cheap when nothing has changed.
    pub fn record_health(&mut self, balancer: &str, target_group: &str, health: Option<Health>) {
        let now = self.now;
        let key = (balancer.to_owned(), target_group.to_owned());
        if health.is_some() || self.watch.targets.contains_key(&key) {
            add_step(&mut self.watch.targets.entry(key).or_default().health, now, health);
        }
    }

    /// What was recorded last, for tests.
    #[cfg(test)]
    pub fn recorded_health(&self, balancer: &str, target_group: &str) -> Option<Health> {
        let targets = self.watch.targets.get(&(balancer.to_owned(), target_group.to_owned()))?;
        step_at(&targets.health, self.now).copied().flatten()
    }

    /// A load balancer has handled a request.
    pub fn record_request(&mut self, handled: &Handled<'_>) {
        let minute = self.minute();
        let balancer = self.watch.balancers.entry(handled.balancer.to_owned()).or_default();
        add_request(&mut balancer.requests, minute, handled);
        if let Some(target_group) = handled.target_group {
            let key = (handled.balancer.to_owned(), target_group.to_owned());
            add_request(&mut self.watch.targets.entry(key).or_default().requests, minute, handled);
        }
    }

    /// A database from now on; none while it is not there. Cheap when nothing has changed.
    pub fn record_database(&mut self, id: &str, facts: Option<DatabaseFacts>) {
        let now = self.now;
        if facts.is_some() || self.watch.databases.contains_key(id) {
            add_step(&mut self.watch.databases.entry(id.to_owned()).or_default().facts, now, facts);
        }
    }

    /// Notes which zones have failed now.
    pub(in crate::practice::world) fn record_zones(&mut self) {
        let (now, down) = (self.now, self.options.zones_down.clone());
        if !(down.is_empty() && self.watch.zones_down.is_empty()) {
            add_step(&mut self.watch.zones_down, now, down);
        }
    }

    /// Bytes have gone through a NAT gateway: out to the destination, and back in from it.
    pub fn record_nat(&mut self, id: &str, out: u64, back: u64) {
        let minute = self.minute();
        let minutes = self.watch.nat.entry(id.to_owned()).or_default();
        if minutes.first_key_value().is_some_and(|(at, _)| *at < minute - RETENTION) {
            *minutes = minutes.split_off(&(minute - RETENTION));
        }
        let entry = minutes.entry(minute).or_default();
        entry.0 += out;
        entry.1 += back;
    }
}
