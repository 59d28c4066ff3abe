//! What keeps the processors of instances busy, as it was at every moment: the ground of CPUUtilization.
//!
//! Promises: only facts are kept (when an instance ran, its loads from when till when, its traffic by the minute); how busy the
//! processors were at a moment follows from them, from the type's vCPUs and from its CPU credits. Credits are worked out ahead
//! whenever a fact changes, as a few steps, so that nothing happens by itself and nothing is kept by the minute.

mod credits;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use credits::{Credits, Spent};

use super::watch::{DAY, MINUTE, RETENTION};
use super::{InstanceState, Region, catalogue};

/// How long the first moments of a machine keep one of its processors busy, ms.
const BOOT: i64 = 30_000;

/// The load of every instance, by its id. Kept after an instance's end for as long as its metrics are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Loads {
    traces: BTreeMap<String, Trace>,
    /// When what is too old was last thrown away, ms.
    swept: i64,
}

/// The life of one instance, as its processors saw it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    /// Makes its noise differ from others'.
    salt: u64,
    zone: String,
    vcpus: f64,
    credits: Option<Credits>,
    /// When it ran.
    on: Vec<Span>,
    /// Whether its metrics are by the minute, from when on.
    detailed: Vec<(i64, bool)>,
    loads: Vec<Load>,
    steps: Vec<Step>,
    /// By the minute (ms), only where there was any.
    traffic: BTreeMap<i64, Traffic>,
}

/// A time in which something was so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// ms.
    pub from: i64,
    /// ms; none: still.
    pub until: Option<i64>,
}

impl Span {
    /// How much of `from..until` (ms) it covers.
    pub fn within(&self, from: i64, until: i64) -> i64 {
        (self.until.unwrap_or(i64::MAX).min(until) - self.from.max(from)).max(0)
    }
}

/// Something that keeps processors busy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// What it is called: `lab-stress`, `boot`.
    pub name: String,
    /// How many processors it would use if it could.
    pub cores: f64,
    /// ms.
    pub from: i64,
    /// ms; none: until it is stopped.
    pub until: Option<i64>,
}

impl Load {
    fn runs_at(&self, at: i64) -> bool {
        self.from <= at && self.until.is_none_or(|until| until > at)
    }
}

/// How busy the processors are from a moment on.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Step {
    at: i64,
    /// Processors used.
    cores: f64,
    /// The credits at that moment.
    spent: Spent,
}

/// What an instance did for others in a minute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Traffic {
    /// Processor seconds.
    pub cpu: f64,
    /// Bytes received.
    pub received: u64,
    /// Bytes sent.
    pub sent: u64,
}

impl Region {
    /// Begins a load now. A load of the same name that still runs is ended first. Nothing begins on a machine that does not run.
    pub fn start_load(&mut self, instance: &str, name: &str, cores: f64, until: Option<i64>) {
        let now = self.now;
        let Some(trace) = self.loads.traces.get_mut(instance).filter(|trace| trace.is_on()) else { return };
        trace.end(name, now);
        trace.loads.push(Load { name: name.to_owned(), cores, from: now, until });
        trace.work_out(now);
    }

    /// Ends a load now; `false` when none of this name runs.
    pub fn stop_load(&mut self, instance: &str, name: &str) -> bool {
        let now = self.now;
        let Some(trace) = self.loads.traces.get_mut(instance) else { return false };
        let found = trace.end(name, now);
        if found {
            trace.work_out(now);
        }
        found
    }

    /// The loads that run now on an instance.
    pub fn running_loads(&self, instance: &str) -> impl Iterator<Item = &Load> {
        let now = self.now;
        let loads = self.loads.traces.get(instance).into_iter().flat_map(|trace| &trace.loads);
        loads.filter(move |load| load.runs_at(now))
    }

    /// Counts traffic of an instance now: a request that it answered, a package that it fetched.
    pub fn count_traffic(&mut self, instance: &str, traffic: Traffic) {
        let minute = self.now.div_euclid(MINUTE) * MINUTE;
        let Some(trace) = self.loads.traces.get_mut(instance).filter(|trace| trace.is_on()) else { return };
        let entry = trace.traffic.entry(minute).or_default();
        entry.cpu += traffic.cpu;
        entry.received += traffic.received;
        entry.sent += traffic.sent;
    }

    /// How busy an instance's processors are at this moment, of 1; without the idle noise.
    pub fn busy_now(&self, instance: &str) -> f64 {
        self.trace(instance).map_or(0.0, |trace| trace.step_at(self.now).map_or(0.0, |step| step.cores / trace.vcpus))
    }

    /// The trace of an instance, also of one that is gone.
    pub fn trace(&self, instance: &str) -> Option<&Trace> {
        self.loads.traces.get(instance)
    }

    /// The traces of all instances, by id.
    pub fn traces(&self) -> impl Iterator<Item = (&str, &Trace)> {
        self.loads.traces.iter().map(|(id, trace)| (id.as_str(), trace))
    }

    /// Notes that the state of an instance has changed: from when till when it runs.
    pub(super) fn note_power(&mut self, id: &str) {
        let now = self.now;
        let Some(instance) = self.instances.get(id) else { return };
        let running = instance.state == InstanceState::Running;
        let on = self.loads.traces.get(id).is_some_and(Trace::is_on);
        if running == on {
            return;
        }
        if running {
            let trace = match self.loads.traces.entry(id.to_owned()) {
                std::collections::btree_map::Entry::Occupied(found) => found.into_mut(),
                std::collections::btree_map::Entry::Vacant(free) => free.insert(Trace::new(id, &instance.zone)),
            };
            trace.switch_on(now, &instance.instance_type, instance.unlimited_credits, instance.detailed_monitoring);
            self.sweep_loads();
        } else if let Some(trace) = self.loads.traces.get_mut(id) {
            trace.switch_off(now);
        }
    }

    /// Notes that an instance reboots: what ran on it ends.
    pub(super) fn note_reboot(&mut self, id: &str) {
        let now = self.now;
        if let Some(trace) = self.loads.traces.get_mut(id).filter(|trace| trace.is_on()) {
            trace.end_all(now);
            trace.boot(now);
        }
    }

    /// Notes that detailed monitoring was switched.
    pub fn note_monitoring(&mut self, id: &str) {
        let now = self.now;
        let detailed = self.instances.get(id).is_some_and(|instance| instance.detailed_monitoring);
        if let Some(trace) = self.loads.traces.get_mut(id)
            && trace.detailed_at(now) != detailed
        {
            trace.detailed.push((now, detailed));
        }
    }

    /// Once a day: throws away what no metric shows any more.
    fn sweep_loads(&mut self) {
        if self.now - self.loads.swept < DAY {
            return;
        }
        self.loads.swept = self.now;
        let oldest = self.now - RETENTION;
        self.loads.traces.retain(|_, trace| trace.sweep(oldest));
        self.watch.sweep(oldest);
    }
}

impl Trace {
    fn new(id: &str, zone: &str) -> Self {
        Self {
            salt: super::Random::new(0, id).draw(),
            zone: zone.to_owned(),
            vcpus: 1.0,
            credits: None,
            on: Vec::new(),
            detailed: Vec::new(),
            loads: Vec::new(),
            steps: Vec::new(),
            traffic: BTreeMap::new(),
        }
    }

    fn switch_on(&mut self, now: i64, instance_type: &str, unlimited: bool, detailed: bool) {
        let spent = self.spent_at(now);
        // The type may have been changed while it was stopped.
        self.vcpus = catalogue::instance_type(instance_type).map_or(1.0, |found| f64::from(found.vcpus));
        self.credits = Credits::of(instance_type, unlimited);
        let spent = self.credits.map(|credits| credits.at_start(self.on.is_empty(), spent)).unwrap_or_default();
        self.on.push(Span { from: now, until: None });
        if self.detailed.is_empty() || self.detailed_at(now) != detailed {
            self.detailed.push((now, detailed));
        }
        self.steps.push(Step { at: now, cores: 0.0, spent });
        self.boot(now);
    }

    fn boot(&mut self, now: i64) {
        self.loads.push(Load { name: "boot".into(), cores: 1.0, from: now, until: Some(now + BOOT) });
        self.work_out(now);
    }

    fn switch_off(&mut self, now: i64) {
        self.end_all(now);
        if let Some(span) = self.on.last_mut() {
            span.until = Some(now);
        }
        self.work_out(now);
    }

    fn end_all(&mut self, now: i64) {
        for load in self.loads.iter_mut().filter(|load| load.runs_at(now)) {
            load.until = Some(now);
        }
    }

    fn end(&mut self, name: &str, now: i64) -> bool {
        let mut found = false;
        for load in self.loads.iter_mut().filter(|load| load.name == name && load.runs_at(now)) {
            load.until = Some(now);
            found = true;
        }
        found
    }

    /// Works the steps out again from now on.
    fn work_out(&mut self, now: i64) {
        let mut spent = self.spent_at(now);
        self.steps.retain(|step| step.at < now);
        let on = self.is_on();
        let mut at = now;
        loop {
            let wanted: f64 =
                self.loads.iter().filter(|load| load.runs_at(at)).map(|load| load.cores).sum::<f64>().min(self.vcpus);
            let next_load = self.loads.iter().filter_map(|load| load.until).filter(|until| *until > at).min();
            let (cores, next_credit) = match self.credits.filter(|_| on) {
                Some(credits) => credits.allow(wanted, spent, at),
                None => (wanted, None),
            };
            self.steps.push(Step { at, cores, spent });
            let Some(next) = next_load.into_iter().chain(next_credit).min() else { break };
            if let Some(credits) = self.credits.filter(|_| on) {
                spent = credits.after(spent, cores, next - at);
            }
            at = next;
        }
    }

    /// Drops what is older than a moment; `false` when nothing is left.
    fn sweep(&mut self, oldest: i64) -> bool {
        self.on.retain(|span| span.until.is_none_or(|until| until > oldest));
        self.loads.retain(|load| load.until.is_none_or(|until| until > oldest));
        let first = self.steps.partition_point(|step| step.at <= oldest).saturating_sub(1);
        self.steps.drain(..first);
        let first = self.detailed.partition_point(|(at, _)| *at <= oldest).saturating_sub(1);
        self.detailed.drain(..first);
        self.traffic = self.traffic.split_off(&oldest);
        !self.on.is_empty()
    }

    fn is_on(&self) -> bool {
        self.on.last().is_some_and(|span| span.until.is_none())
    }

    fn step_at(&self, at: i64) -> Option<&Step> {
        self.steps[..self.steps.partition_point(|step| step.at <= at)].last()
    }

    fn spent_at(&self, at: i64) -> Spent {
        let Some(step) = self.step_at(at) else { return Spent::default() };
        match self.credits.filter(|_| self.on_at(at)) {
            Some(credits) => credits.after(step.spent, step.cores, at - step.at),
            None => step.spent,
        }
    }

    fn on_at(&self, at: i64) -> bool {
        self.on.iter().rev().any(|span| span.from <= at && span.until.is_none_or(|until| at <= until))
    }

    /// Has it detailed monitoring at a moment?
    pub fn detailed_at(&self, at: i64) -> bool {
        let known = self.detailed.partition_point(|(from, _)| *from <= at);
        // A moment before the first note is of the slot in which it began.
        self.detailed.get(known.saturating_sub(1)).is_some_and(|(_, detailed)| *detailed)
    }

    /// Its loads, also those that are over.
    pub fn loads(&self) -> &[Load] {
        &self.loads
    }

    /// Its availability zone.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// When it ran.
    pub fn spans(&self) -> &[Span] {
        &self.on
    }

    /// For how long it ran within `from..until`, ms.
    pub fn ran(&self, from: i64, until: i64) -> i64 {
        // The newest spans are asked for most.
        let near = self.on.iter().rev().take_while(|span| span.until.is_none_or(|end| end > from));
        near.map(|span| span.within(from, until)).sum()
    }

    /// The processor seconds used within `from..until` (ms), without the idle noise.
    pub fn cpu_seconds(&self, from: i64, until: i64) -> f64 {
        let first = self.steps.partition_point(|step| step.at <= from).saturating_sub(1);
        let mut total = 0.0;
        for (at, step) in self.steps.iter().enumerate().skip(first) {
            if step.at >= until {
                break;
            }
            let end = self.steps.get(at + 1).map_or(until, |next| next.at.min(until));
            total += step.cores * (end - step.at.max(from)).max(0) as f64 / 1000.0;
        }
        if !self.traffic.is_empty() {
            total += self.traffic.range(from..until).map(|(_, traffic)| traffic.cpu).sum::<f64>();
        }
        total
    }

    /// CPUUtilization over `from..until` (ms, whole minutes) in percent of the time that it ran; none when it did not run.
    pub fn cpu(&self, from: i64, until: i64) -> Option<f64> {
        let ran = self.ran(from, until);
        if ran == 0 {
            return None;
        }
        let busy = (self.cpu_seconds(from, until) / (ran as f64 / 1000.0 * self.vcpus)).min(1.0);
        let minutes = ((until - from) / MINUTE).max(1);
        let idle = (0..minutes).map(|minute| self.noise(from + minute * MINUTE)).sum::<f64>() / minutes as f64;
        Some((100.0 * busy + idle * (1.0 - busy)).min(100.0))
    }

    /// What an idle machine does all the same, percent: 0.2 to 2.
    fn noise(&self, minute: i64) -> f64 {
        0.2 + 1.8 * self.chance(minute, 1).powi(2)
    }

    /// From 0 up to 1, always the same for a minute and purpose.
    fn chance(&self, minute: i64, purpose: u64) -> f64 {
        let mut z = self.salt
            ^ (minute as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)
            ^ purpose.wrapping_mul(0xd6e8_feb8_6659_fd93);
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Bytes received and sent within `from..until` (ms, whole minutes): its traffic, and the little that every machine has.
    pub fn bytes(&self, from: i64, until: i64) -> (f64, f64) {
        let (mut received, mut sent) = (0.0, 0.0);
        for (_, traffic) in self.traffic.range(from..until) {
            received += traffic.received as f64;
            sent += traffic.sent as f64;
        }
        let mut minute = from;
        while minute < until {
            let ran = self.ran(minute, minute + MINUTE) as f64 / MINUTE as f64;
            received += (ran * (900.0 + 1600.0 * self.chance(minute, 2))).round();
            sent += (ran * (700.0 + 1400.0 * self.chance(minute, 3))).round();
            minute += MINUTE;
        }
        (received, sent)
    }

    /// The CPU credits at a moment, when its type has any.
    pub fn credits_at(&self, at: i64) -> Option<Spent> {
        self.credits.map(|_| self.spent_at(at))
    }

    /// The credits used within `from..until` (ms): a credit is one processor for one minute.
    pub fn credits_used(&self, from: i64, until: i64) -> f64 {
        self.cpu_seconds(from, until) / 60.0
    }
}
