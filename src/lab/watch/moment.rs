//! What held at a time: the newest, or the one under the cursor.

use super::filling::{Around, Filling, Sizes, filling};
use super::history::{History, Past, State};
use super::series::{Metric, Series, SeriesKey};
use super::snapshot::{Activity, Alarm, AlarmState, Load, Policy, PolicyKind};

/// An instance at a time.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Its id.
    pub id: &'a str,
    /// What is known of it.
    pub past: &'a Past,
    /// How it was.
    pub state: &'a State,
    /// When it was launched, as far as known.
    pub launched: Option<i64>,
    /// Its CPU, percent.
    pub cpu: Option<f32>,
}

/// What held at a time.
#[derive(Debug, Clone, Copy)]
pub struct Moment<'a> {
    /// The history.
    pub history: &'a History,
    /// The time.
    pub at: i64,
}

impl History {
    /// What held at a time; `None` is now.
    pub fn moment(&self, at: Option<i64>) -> Moment<'_> {
        Moment { history: self, at: at.unwrap_or(self.at) }
    }

    /// The series of an alarm's metric.
    pub fn series_of(&self, alarm: &Alarm) -> Option<&Series> {
        self.series.get(&self.key_of(alarm)?)
    }

    /// The key of an alarm's metric: that of the group's own series when it is one of these.
    pub fn key_of(&self, alarm: &Alarm) -> Option<SeriesKey> {
        let name = alarm.metric.as_ref()?;
        let group = self.group.as_ref()?;
        let balancer = group.target_groups.first().and_then(|arn| self.balancers.get(arn));
        let own = Metric::ALL.into_iter().map(SeriesKey::Group);
        let found = own.into_iter().find(|key| {
            key.name(group, balancer.map(String::as_str)).is_some_and(|own| {
                let same = |(a, b): (&str, &str)| a == b;
                let mut theirs = name.dimensions.clone();
                let mut ours = own.dimensions.clone();
                theirs.sort();
                ours.sort();
                same((&own.namespace, &name.namespace))
                    && same((&own.name, &name.name))
                    && same((&own.statistic, &name.statistic))
                    && ours == theirs
            })
        });
        Some(found.unwrap_or_else(|| SeriesKey::Other(Box::new(name.clone()))))
    }

    /// The policy that an alarm belongs to.
    pub fn policy_of(&self, alarm: &Alarm) -> Option<&Policy> {
        self.policies.iter().find(|policy| policy.alarms.contains(&alarm.name))
    }

    /// The group's sizes at a time.
    pub fn sizes_at(&self, at: i64) -> Sizes {
        let place = self.sizes.partition_point(|(since, _)| *since <= at);
        place.checked_sub(1).and_then(|last| self.sizes.get(last)).map(|(_, sizes)| *sizes).unwrap_or_default()
    }

    /// The state of an alarm at a time.
    pub fn state_at(&self, alarm: &Alarm, at: i64) -> AlarmState {
        if at >= self.at {
            return alarm.state;
        }
        let turn = self.turns.iter().rev().find(|turn| turn.alarm == alarm.name && turn.at <= at);
        turn.map_or(AlarmState::InsufficientData, |turn| turn.state)
    }
}

impl<'a> Moment<'a> {
    /// Whether it is the newest.
    pub const fn is_now(&self) -> bool {
        self.at >= self.history.at
    }

    /// The group's sizes.
    pub fn sizes(&self) -> Sizes {
        self.history.sizes_at(self.at)
    }

    /// How many instances there were: the length of [`Moment::ids`].
    pub fn count(&self) -> usize {
        self.history.members.values().filter(|past| past.at(self.at).is_some()).count()
    }

    /// The instances, in order of their launch. Their CPU is looked up when it is wanted ([`Moment::row`]).
    pub fn ids(&self) -> Vec<&'a str> {
        let mut rows: Vec<(i64, &str)> = self
            .history
            .members
            .iter()
            .filter(|(_, past)| past.at(self.at).is_some())
            .map(|(id, past)| (self.launched(id, past).unwrap_or(i64::MAX), id.as_str()))
            .collect();
        rows.sort_unstable();
        rows.into_iter().map(|(_, id)| id).collect()
    }

    /// One instance.
    pub fn row(&self, id: &str) -> Option<Row<'a>> {
        let (id, past) = self.history.members.get_key_value(id)?;
        let state = past.at(self.at)?;
        let cpu = self.history.series.get(&SeriesKey::Member(id.clone(), Metric::Cpu)).and_then(|s| s.at(self.at));
        Some(Row { id, past, state, launched: self.launched(id, past), cpu })
    }

    fn launched(&self, id: &str, past: &Past) -> Option<i64> {
        self.history.hosts.get(id).map(|host| host.launched).filter(|at| *at > 0).or_else(|| past.first())
    }

    /// How full an alarm was.
    pub fn filling(&self, alarm: &Alarm) -> Filling {
        let history = self.history;
        let policy = history.policy_of(alarm);
        let around = Around {
            policy,
            others: history.policies.iter().any(|other| {
                other.kind == PolicyKind::TargetTracking && policy.is_some_and(|policy| policy.name != other.name)
            }),
            group: history.group.as_ref(),
            sizes: self.sizes(),
        };
        filling(alarm, history.state_at(alarm, self.at), history.series_of(alarm), around, self.at)
    }

    /// Every alarm with how full it was; the one that matters most first.
    pub fn fillings(&self) -> Vec<(&'a Alarm, Filling)> {
        let mut all: Vec<_> = self.history.alarms.iter().map(|alarm| (alarm, self.filling(alarm))).collect();
        all.sort_by_key(|(_, filling)| std::cmp::Reverse(filling.weight));
        all
    }

    /// The loads on instances of the group that ran.
    pub fn loads(&self) -> impl Iterator<Item = &'a Load> {
        let (history, at) = (self.history, self.at);
        history
            .loads
            .iter()
            .filter(move |load| (load.from..load.until).contains(&at) && history.members.contains_key(&load.instance))
    }

    /// The activities that had begun, newest first.
    pub fn activities(&self) -> &'a [Activity] {
        let newer = self.history.activities.partition_point(|activity| activity.start > self.at);
        self.history.activities.get(newer..).unwrap_or_default()
    }

    /// Healthy targets and all targets.
    pub fn healthy(&self) -> [u32; 2] {
        let all = &self.history.healthy;
        let place = all.partition_point(|(since, _)| *since <= self.at);
        place.checked_sub(1).and_then(|last| all.get(last)).map(|(_, counts)| *counts).unwrap_or_default()
    }

    /// USD an hour of the instances that were there, by the prices given (an instance type's hour). Those being removed are
    /// charged until they are gone.
    pub fn cost_per_hour(&self, price: impl Fn(&str) -> Option<f64>) -> f64 {
        let mut known: Vec<(&str, f64)> = Vec::new();
        let mut sum = 0.0;
        for past in self.history.members.values().filter(|past| past.at(self.at).is_some()) {
            let kind = past.kind.as_str();
            let one = match known.iter().find(|(of, _)| *of == kind) {
                Some((_, one)) => *one,
                None => {
                    let one = price(kind).unwrap_or(0.0);
                    known.push((kind, one));
                    one
                }
            };
            sum += one;
        }
        sum
    }
}
