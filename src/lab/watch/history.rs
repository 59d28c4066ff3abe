//! Everything seen of a group so far, merged from snapshots.
//!
//! What AWS itself remembers (points of metrics, activities, the history of alarms) fills the time before the first
//! look; the rest begins with it.

use std::collections::{BTreeMap, BTreeSet};

use crate::problem::ProblemKind;

use super::cause;
use super::filling::Sizes;
use super::series::{AllSeries, Band, KEPT, MINUTE, Metric, Series, SeriesKey};
use super::snapshot::{Activity, Alarm, Group, Host, Load, Policy, Snapshot, Target, Trouble, Turn};

/// How many activities are kept.
const ACTIVITIES: usize = 400;
/// USD for one metric of `GetMetricData`.
const PER_METRIC: f64 = 0.01 / 1000.0;

/// How an instance was at a time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// `InService`, ...
    pub lifecycle: String,
    /// `Healthy` or `Unhealthy`.
    pub health: String,
    /// `healthy`, `initial`, ... of the load balancer; empty when it is no target.
    pub target: String,
    /// Its reason code.
    pub reason: String,
    /// AWS's sentence for it.
    pub description: String,
}

/// An instance, also one that is gone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Past {
    /// Its zone; empty when it was only read of.
    pub zone: String,
    /// The version of the launch template.
    pub version: String,
    /// Its type.
    pub kind: String,
    /// Its states, each with the time it began.
    pub states: Vec<(i64, State)>,
    /// When it was gone.
    pub gone: Option<i64>,
}

impl Past {
    /// Its state at a time.
    pub fn at(&self, at: i64) -> Option<&State> {
        if self.gone.is_some_and(|gone| at >= gone) {
            return None;
        }
        self.states.iter().rev().find(|(since, _)| *since <= at).map(|(_, state)| state)
    }

    /// When it was first there.
    pub fn first(&self) -> Option<i64> {
        self.states.first().map(|(at, _)| *at)
    }
}

/// When slow things were last asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Asked {
    /// The policies.
    pub policies: i64,
    /// The history of the alarms.
    pub turns: i64,
    /// The loads.
    pub loads: i64,
    /// The load balancers behind the target groups.
    pub balancers: i64,
    /// What EC2 says of instances.
    pub hosts: i64,
    /// Which target group's health comes next.
    pub targets: usize,
}

/// What the polling has cost.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Traffic {
    /// Refreshes in all.
    pub looks: u64,
    /// Requests in all.
    pub calls: u64,
    /// Requests of the newest refresh.
    pub newest: usize,
    /// Metrics asked for with `GetMetricData`.
    pub metrics: u64,
    /// How many refreshes in a row were throttled.
    pub throttled: u32,
}

impl Traffic {
    /// USD so far: `GetMetricData` is priced by the metric, the rest is free.
    pub fn cost(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a price needs no more")]
        let metrics = self.metrics as f64;
        metrics * PER_METRIC
    }
}

/// Everything seen of a group so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct History {
    /// The group's name.
    pub name: String,
    /// The time of the first snapshot; 0 before it.
    pub since: i64,
    /// The time of the newest.
    pub at: i64,
    /// The group as last seen.
    pub group: Option<Group>,
    /// Whether it is not there (any more).
    pub missing: bool,
    /// The scaling policies.
    pub policies: Vec<Policy>,
    /// Their alarms.
    pub alarms: Vec<Alarm>,
    /// Activities, newest first.
    pub activities: Vec<Activity>,
    /// Instances, also gone ones.
    pub members: BTreeMap<String, Past>,
    /// What EC2 says of them.
    pub hosts: BTreeMap<String, Host>,
    /// Target group to load balancer.
    pub balancers: BTreeMap<String, String>,
    /// The metrics.
    pub series: AllSeries,
    /// The lowest and highest CPU of all instances.
    pub band: Band,
    /// Transitions of alarms, oldest first.
    pub turns: Vec<Turn>,
    /// Loads that awslab started.
    pub loads: Vec<Load>,
    /// The group's sizes, each with the time they began, oldest first.
    pub sizes: Vec<(i64, Sizes)>,
    /// Healthy targets and all targets, each with the time it began.
    pub healthy: Vec<(i64, [u32; 2])>,
    /// The targets of each target group, as last seen.
    pub targets: BTreeMap<String, Vec<Target>>,
    /// What failed in the newest refresh.
    pub problems: Vec<Trouble>,
    /// Sizes as they were told by polls: min, desired, max.
    told: Vec<(i64, [u32; 3])>,
    /// When slow things were last asked for.
    pub asked: Asked,
    /// What the polling has cost.
    pub traffic: Traffic,
}

impl History {
    /// Nothing yet of a group.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), ..Self::default() }
    }

    /// The history of a recording; the group's name is that of the first snapshot that has one.
    pub fn of(snapshots: &[Snapshot]) -> Self {
        let name = snapshots.iter().find_map(|snapshot| snapshot.group.as_ref()).map_or("", |group| &group.name);
        let mut history = Self::new(name);
        for snapshot in snapshots {
            history.merge(snapshot);
        }
        history
    }

    /// Whether anything was seen.
    pub const fn is_empty(&self) -> bool {
        self.at == 0
    }

    /// Takes a refresh in. One that is older than the newest changes nothing.
    pub fn merge(&mut self, snapshot: &Snapshot) {
        let at = snapshot.at;
        if at < self.at {
            return;
        }
        if self.since == 0 {
            self.since = at;
        }
        self.at = at;
        self.pay(snapshot);
        self.missing = snapshot.missing;
        self.problems.clone_from(&snapshot.problems);
        for host in &snapshot.hosts {
            self.hosts.insert(host.id.clone(), host.clone());
        }
        self.balancers.extend(snapshot.balancers.iter().cloned());
        if let Some(policies) = &snapshot.policies {
            self.policies.clone_from(policies);
        }
        if let Some(loads) = &snapshot.loads {
            self.loads.clone_from(loads);
        }
        self.take_alarms(snapshot);
        self.take_group(snapshot);
        self.take_activities(snapshot);
        self.take_samples(snapshot);
        self.forget(at - KEPT);
        self.recount();
    }

    /// Notes that AWS asked to slow down before anything could be read.
    pub fn slow_down(&mut self) {
        self.traffic.throttled += 1;
    }

    fn pay(&mut self, snapshot: &Snapshot) {
        self.traffic.looks += 1;
        self.traffic.newest = snapshot.calls.len();
        self.traffic.calls += snapshot.calls.len() as u64;
        self.traffic.metrics += snapshot.calls.iter().map(|call| u64::from(call.metrics)).sum::<u64>();
        let slow = snapshot.problems.iter().any(|trouble| trouble.problem.kind == ProblemKind::Throttled);
        self.traffic.throttled = if slow { self.traffic.throttled + 1 } else { 0 };
    }

    fn take_alarms(&mut self, snapshot: &Snapshot) {
        let mut turns = snapshot.turns.clone().unwrap_or_default();
        if let Some(alarms) = &snapshot.alarms {
            turns.extend(alarms.iter().filter(|alarm| alarm.since > 0).map(|alarm| Turn {
                alarm: alarm.name.clone(),
                at: alarm.since,
                state: alarm.state,
            }));
            self.alarms.clone_from(alarms);
        }
        for turn in turns {
            // The history and the alarm itself tell the same transition with times that differ by milliseconds.
            let known = self.turns.iter().any(|known| {
                known.alarm == turn.alarm && known.state == turn.state && (known.at - turn.at).abs() < 2_000
            });
            if !known {
                let place = self.turns.partition_point(|known| known.at <= turn.at);
                self.turns.insert(place, turn);
            }
        }
    }

    fn take_group(&mut self, snapshot: &Snapshot) {
        let at = snapshot.at;
        if snapshot.missing {
            for past in self.members.values_mut() {
                past.gone.get_or_insert(at);
            }
            return;
        }
        let Some(group) = &snapshot.group else { return };
        let sizes = [group.min, group.desired, group.max];
        if self.told.last().is_none_or(|(_, known)| *known != sizes) {
            self.told.push((at, sizes));
        }
        for one in &snapshot.targets {
            self.targets.insert(one.group.clone(), one.targets.clone());
        }
        self.targets.retain(|arn, _| group.target_groups.contains(arn));
        let mut by_id: BTreeMap<&str, &Target> = BTreeMap::new();
        for target in self.targets.values().flatten() {
            let worst = by_id.entry(&target.id).or_insert(target);
            if worst.state == "healthy" {
                *worst = target;
            }
        }
        let present: BTreeSet<&str> = group.instances.iter().map(|member| member.id.as_str()).collect();
        for member in &group.instances {
            let past = self.members.entry(member.id.clone()).or_default();
            past.zone.clone_from(&member.zone);
            past.version.clone_from(&member.version);
            past.kind.clone_from(&member.kind);
            past.gone = None;
            let before = past.states.last().map(|(_, state)| state.clone()).unwrap_or_default();
            // Of several target groups the worst counts.
            let worst = by_id.get(member.id.as_str()).copied();
            let text = |of: fn(&Target) -> &String| worst.map(|target| of(target).clone()).unwrap_or_default();
            let state = State {
                lifecycle: member.lifecycle.clone(),
                health: member.health.clone(),
                target: text(|target| &target.state),
                reason: text(|target| &target.reason),
                description: text(|target| &target.description),
            };
            if past.states.is_empty() || before != state {
                past.states.push((at, state));
            }
        }
        for (id, past) in &mut self.members {
            if past.gone.is_none() && !present.contains(id.as_str()) {
                past.gone = Some(at);
            }
        }
        self.group = Some(group.clone());
    }

    fn take_activities(&mut self, snapshot: &Snapshot) {
        let Some(activities) = &snapshot.activities else { return };
        for activity in activities {
            match self.activities.iter_mut().find(|known| known.id == activity.id) {
                Some(known) => known.clone_from(activity),
                None => self.activities.push(activity.clone()),
            }
        }
        self.activities.sort_by(|a, b| b.start.cmp(&a.start).then_with(|| b.id.cmp(&a.id)));
        self.activities.truncate(ACTIVITIES);
        // Of instances that came or went before the first look, activities tell.
        for activity in activities.iter().rev() {
            let Some(id) = activity.instance() else { continue };
            let state = |word: &str| State { lifecycle: word.into(), health: "Healthy".into(), ..State::default() };
            let known = self.members.get(id).and_then(Past::first);
            let before = known.unwrap_or(self.since);
            if activity.launches() && activity.start < before && !activity.failed() {
                let past = self.members.entry(id.to_owned()).or_default();
                let mut early = vec![(activity.start, state("Pending"))];
                early.extend(activity.end.filter(|end| *end < before).map(|end| (end, state("InService"))));
                past.states.splice(0..0, early);
                past.states.dedup_by(|later, earlier| later.1 == earlier.1);
                // Whether it is still there is for the group to say, or for its end below.
                if known.is_none()
                    && !self.group.iter().flat_map(|group| &group.instances).any(|member| member.id == id)
                {
                    past.gone = Some(self.since);
                }
            }
            if activity.terminates() && activity.start < self.since && activity.status == "Successful" {
                let past = self.members.entry(id.to_owned()).or_default();
                let place = past.states.partition_point(|(at, _)| *at < activity.start);
                if past.states.get(place).is_none_or(|(at, _)| *at != activity.start) {
                    past.states.insert(place, (activity.start, state("Terminating")));
                }
                past.gone = activity.end;
            }
        }
    }

    fn take_samples(&mut self, snapshot: &Snapshot) {
        let mut touched: Option<(i64, i64)> = None;
        for samples in &snapshot.samples {
            let series = self.series.entry(samples.key.clone()).or_default();
            for (at, value) in &samples.points {
                series.put(*at, *value);
            }
            series.period = samples.period.max(60);
            series.asked = snapshot.at;
            series.trim(snapshot.at);
            if let (SeriesKey::Member(_, Metric::Cpu), Some(first), Some(last)) =
                (&samples.key, samples.points.first(), samples.points.last())
            {
                let (from, to) = touched.unwrap_or((first.0, last.0));
                touched = Some((from.min(first.0), to.max(last.0)));
            }
        }
        if let Some((from, to)) = touched {
            self.widen(from, to, snapshot.at);
        }
    }

    /// Makes the band anew between two times.
    fn widen(&mut self, from: i64, to: i64, now: i64) {
        let all: Vec<&Series> = self
            .series
            .iter()
            .filter(|(key, _)| matches!(key, SeriesKey::Member(_, Metric::Cpu)))
            .map(|(_, s)| s)
            .collect();
        let mut at = from.div_euclid(MINUTE) * MINUTE;
        while at <= to {
            let values = all.iter().filter_map(|series| series.get(at));
            let ends = values.fold(None, |ends: Option<(f32, f32)>, value| {
                Some(ends.map_or((value, value), |(low, high)| (low.min(value), high.max(value))))
            });
            if let Some((low, high)) = ends {
                self.band.low.put(at, f64::from(low));
                self.band.high.put(at, f64::from(high));
            }
            at += MINUTE;
        }
        self.band.low.trim(now);
        self.band.high.trim(now);
    }

    /// Drops instances and transitions that nobody can look at any more.
    fn forget(&mut self, before: i64) {
        let old: Vec<String> = self
            .members
            .iter()
            .filter(|(_, past)| past.gone.is_some_and(|gone| gone < before))
            .map(|(id, _)| id.clone())
            .collect();
        for id in old {
            self.members.remove(&id);
            self.hosts.remove(&id);
            self.series.retain(|key, _| !matches!(key, SeriesKey::Member(of, _) if *of == id));
        }
        self.turns.retain(|turn| turn.at >= before);
    }

    /// Counts the sizes and the healthy targets over all time anew.
    fn recount(&mut self) {
        let mut wanted: BTreeMap<i64, [u32; 3]> = BTreeMap::new();
        if let Some((_, [min, _, max])) = self.told.first() {
            // Before the first look only causes tell; they tell the desired capacity alone.
            for change in self.activities.iter().flat_map(|activity| cause::changes(&activity.cause)) {
                if change.at < self.since {
                    wanted.insert(change.at, [*min, change.to, *max]);
                }
            }
        }
        wanted.extend(self.told.iter().copied());
        let mut moves: Vec<(i64, [i32; 5])> = Vec::new();
        for past in self.members.values() {
            let mut was = [0; 5];
            for (at, state) in &past.states {
                let is = counts(state);
                moves.push((*at, difference(is, was)));
                was = is;
            }
            if let Some(gone) = past.gone {
                moves.push((gone, difference([0; 5], was)));
            }
        }
        moves.extend(wanted.keys().map(|at| (*at, [0; 5])));
        moves.sort_by_key(|(at, _)| *at);
        let (mut sum, mut sizes, mut told) = ([0_i32; 5], Sizes::default(), wanted.iter().peekable());
        self.sizes.clear();
        self.healthy.clear();
        for (at, change) in moves {
            for (of, by) in sum.iter_mut().zip(change) {
                *of += by;
            }
            while let Some((_, [min, desired, max])) = told.next_if(|(since, _)| **since <= at) {
                (sizes.min, sizes.desired, sizes.max) = (*min, *desired, *max);
            }
            let [in_service, pending, leaving, healthy, targets] = sum.map(|n| u32::try_from(n).unwrap_or(0));
            (sizes.in_service, sizes.pending, sizes.leaving) = (in_service, pending, leaving);
            note(&mut self.sizes, at, sizes);
            note(&mut self.healthy, at, [healthy, targets]);
        }
    }
}

/// Adds a value that holds from a time on, unless it holds already. Of several at one time the last counts.
fn note<T: PartialEq>(list: &mut Vec<(i64, T)>, at: i64, value: T) {
    if list.last().is_some_and(|(since, _)| *since == at) {
        list.pop();
    }
    if list.last().is_none_or(|(_, known)| *known != value) {
        list.push((at, value));
    }
}

/// In service, on its way, leaving, healthy target, target.
fn counts(state: &State) -> [i32; 5] {
    let lifecycle = state.lifecycle.as_str();
    [
        i32::from(lifecycle == "InService"),
        i32::from(lifecycle.starts_with("Pending")),
        i32::from(lifecycle.starts_with("Terminating") || lifecycle.starts_with("Detaching")),
        i32::from(state.target == "healthy"),
        i32::from(!state.target.is_empty()),
    ]
}

fn difference(to: [i32; 5], from: [i32; 5]) -> [i32; 5] {
    let mut out = to;
    for (of, by) in out.iter_mut().zip(from) {
        *of -= by;
    }
    out
}
