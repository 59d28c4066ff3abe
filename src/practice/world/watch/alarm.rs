//! Alarms: what they look at, and what becomes of them each minute.

use serde::{Deserialize, Serialize};

use super::super::{Event, Global, Random, Region};
use super::history::HistoryKind;
use super::metric::{Metric, Set, Statistic};
use super::{Due, MINUTE, history, reason};
use crate::scaling::alarm::{Evaluation, Rule, State, evaluate};

/// An alarm as it is asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AlarmSpec {
    /// Its name: one of each in a region.
    pub name: String,
    /// AlarmDescription.
    pub description: Option<String>,
    /// ActionsEnabled.
    pub actions_enabled: bool,
    /// ARNs.
    pub ok_actions: Vec<String>,
    /// ARNs: those of scaling policies act ([`Region::alarm_acts`]).
    pub alarm_actions: Vec<String>,
    /// ARNs.
    pub insufficient_actions: Vec<String>,
    /// What it looks at.
    pub metric: Metric,
    /// By which statistic.
    pub statistic: Statistic,
    /// Of how many seconds: a multiple of 60.
    pub period: i64,
    /// Unit, when it was given.
    pub unit: Option<String>,
    /// When it goes off.
    pub rule: Rule,
    /// DatapointsToAlarm was given (it is told back only then).
    pub needed_given: bool,
}

/// An alarm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Alarm {
    pub spec: AlarmSpec,
    pub arn: String,
    /// Differs from that of an earlier alarm of the same name.
    pub turn: u64,
    pub state: State,
    pub reason: String,
    /// JSON.
    pub reason_data: Option<String>,
    pub state_updated: i64,
    pub state_transitioned: i64,
    pub configured: i64,
}

/// What an alarm sees.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The newest periods (start in ms), oldest first, each with its value if there is one.
    pub points: Vec<(i64, Option<f64>)>,
    /// Likewise: how many samples are in each.
    pub samples: Vec<f64>,
    /// What follows from them.
    pub evaluation: Evaluation,
}

impl Reading {
    /// The newest real point: when its period began (ms), and its value.
    pub fn newest(&self) -> Option<(i64, f64)> {
        self.points.iter().rev().find_map(|(at, value)| Some((*at, (*value)?)))
    }

    /// The points that were used, oldest first: when, value, samples.
    pub fn used(&self) -> impl DoubleEndedIterator<Item = (i64, f64, f64)> {
        self.evaluation.used.iter().filter_map(|at| {
            let ((start, value), samples) = (self.points.get(*at)?, self.samples.get(*at)?);
            Some((*start, (*value)?, *samples))
        })
    }
}

impl Alarm {
    /// The ARNs that its present state acts on.
    pub fn actions(&self) -> &[String] {
        match self.state {
            State::Ok => &self.spec.ok_actions,
            State::Alarm => &self.spec.alarm_actions,
            State::InsufficientData => &self.spec.insufficient_actions,
        }
    }
}

impl Region {
    /// The ARN of an alarm of this name.
    pub fn alarm_arn(&self, name: &str) -> String {
        format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", self.name(), self.account())
    }

    /// The alarm with this ARN.
    pub fn alarm(&self, arn: &str) -> Option<&Alarm> {
        self.watch.alarms.values().find(|alarm| alarm.arn == arn)
    }

    /// Makes an alarm, or changes it (its state stays until it is evaluated); answers with its ARN. Evaluated within a minute.
    pub fn put_alarm(&mut self, spec: AlarmSpec) -> String {
        let (now, name, arn) = (self.now, spec.name.clone(), self.alarm_arn(&spec.name));
        if let Some(alarm) = self.watch.alarms.get_mut(&name) {
            let before = std::mem::replace(&mut alarm.spec, spec);
            alarm.configured = now;
            let item = history::updated(alarm, &before, now);
            self.remember(item);
            return arn;
        }
        self.sequence += 1;
        let turn = self.sequence;
        let alarm = Alarm {
            spec,
            arn: arn.clone(),
            turn,
            state: State::InsufficientData,
            reason: "Unchecked: Initial alarm creation".into(),
            reason_data: None,
            state_updated: now,
            state_transitioned: now,
            configured: now,
        };
        let item = history::configured(&alarm, "Create", now);
        self.watch.alarms.insert(name.clone(), alarm);
        self.remember(item);
        // Each alarm has its own second of the minute.
        let second = i64::try_from(Random::new(0, &name).below(60)).unwrap_or_default() * 1000;
        let first = now + 1000 + (second - (now + 1000)).rem_euclid(MINUTE);
        self.schedule_at(first, Event::Watch(Due::Evaluate { alarm: name, turn }));
        arn
    }

    /// Deletes an alarm; `false` when there is none of this name. Its history stays.
    pub fn delete_alarm(&mut self, name: &str) -> bool {
        let Some(alarm) = self.watch.alarms.remove(name) else { return false };
        self.watch.tags.remove(&alarm.arn);
        let item = history::configured(&alarm, "Delete", self.now);
        self.remember(item);
        true
    }

    /// What an alarm sees at this moment.
    pub fn read_alarm(&self, spec: &AlarmSpec) -> Reading {
        let period = spec.period.max(60) * 1000;
        let source = self.source(&spec.metric);
        let (delay, slot) = source.as_ref().map_or((super::series::DELAY, MINUTE), |source| source.rhythm(self.now));
        // The newest period of which all points could be seen by now.
        let newest = (self.now - delay - period.max(slot) + slot).div_euclid(period) * period;
        let range = i64::try_from(spec.rule.range()).unwrap_or(i64::MAX);
        let (mut points, mut samples) = (Vec::new(), Vec::new());
        for back in (0..range).rev() {
            let at = newest - back * period;
            let set = Set::of(spec.statistic);
            let set = source.as_ref().map(|source| source.period(at, period, self.now, set)).unwrap_or_default();
            points.push((at, set.get(spec.statistic)));
            samples.push(set.get(Statistic::SampleCount).unwrap_or_default());
        }
        let values: Vec<Option<f64>> = points.iter().map(|(_, value)| *value).collect();
        let state = self.watch.alarms.get(&spec.name).map_or(State::InsufficientData, |alarm| alarm.state);
        Reading { points, samples, evaluation: evaluate(&spec.rule, &values, state) }
    }

    /// The newest value that an alarm sees: what a policy reckons with.
    pub fn alarm_value(&self, arn: &str) -> Option<f64> {
        let (_, value) = self.read_alarm(&self.alarm(arn)?.spec).newest()?;
        Some(value)
    }

    pub(super) fn evaluate_alarm(&mut self, global: &Global, name: &str, turn: u64) {
        let Some(alarm) = self.watch.alarms.get(name).filter(|alarm| alarm.turn == turn) else { return };
        let reading = self.read_alarm(&alarm.spec);
        let state = reading.evaluation.state;
        if alarm.state != state {
            let (text, data) = reason::of(&alarm.spec, &reading, self.now);
            self.change_alarm(global, name, state, text, Some(data));
        } else if state == State::Alarm && alarm.spec.actions_enabled && !alarm.actions().is_empty() {
            let arn = alarm.arn.clone();
            self.alarm_acts(global, &arn);
        }
        let event = Event::Watch(Due::Evaluate { alarm: name.to_owned(), turn });
        self.schedule_at(self.now + MINUTE, event);
    }

    /// Gives an alarm a state until it is next evaluated (SetAlarmState); `false` when there is none of this name.
    pub fn set_alarm_state(
        &mut self,
        global: &Global,
        name: &str,
        state: State,
        reason: &str,
        data: Option<&str>,
    ) -> bool {
        let known = self.watch.alarms.contains_key(name);
        if known {
            self.change_alarm(global, name, state, reason.to_owned(), data.map(str::to_owned));
        }
        known
    }

    fn change_alarm(&mut self, global: &Global, name: &str, state: State, text: String, data: Option<String>) {
        let now = self.now;
        let Some(alarm) = self.watch.alarms.get_mut(name) else { return };
        let before = alarm.clone();
        (alarm.reason, alarm.reason_data, alarm.state_updated) = (text, data, now);
        if before.state == state {
            return;
        }
        (alarm.state, alarm.state_transitioned) = (state, now);
        let mut items = vec![history::changed(&before, alarm, now)];
        let acts = alarm.spec.actions_enabled && !alarm.actions().is_empty();
        if acts {
            items.extend(alarm.actions().iter().map(|action| history::acted(alarm, action, now)));
        }
        let arn = alarm.arn.clone();
        for item in items {
            self.remember(item);
        }
        if acts && state == State::Alarm {
            self.alarm_acts(global, &arn);
        }
    }

    /// The history of alarms, oldest first.
    pub fn alarm_history(&self) -> impl DoubleEndedIterator<Item = &super::HistoryItem> {
        let oldest = self.now - super::HISTORY;
        self.watch.history.iter().filter(move |item| item.at >= oldest)
    }

    fn remember(&mut self, item: super::HistoryItem) {
        let oldest = self.now - super::HISTORY;
        let first = self.watch.history.partition_point(|old| old.at < oldest);
        self.watch.history.drain(..first);
        self.watch.history.push(item);
    }
}

impl HistoryKind {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Configuration => "ConfigurationUpdate",
            Self::State => "StateUpdate",
            Self::Action => "Action",
        }
    }
}
