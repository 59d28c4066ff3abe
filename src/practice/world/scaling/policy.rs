//! What policies do when their alarms are in ALARM, and scheduled actions when their time has come.

use super::activity::at;
use super::{Due, Group, Rule, ScalingPolicy, Scheduled};
use crate::practice::world::{Event, Global, Region};
use crate::scaling::adjust::{Adjustment, step_for};
use crate::scaling::lifecycle::State;
use crate::scaling::schedule::Cron;
use crate::scaling::target::{Sight, Wish, agree};

/// The time zones of scheduled actions, seconds east of UTC: those that keep no summer time, so that no table of zones is needed.
const ZONES: [(&str, i32); 7] = [
    ("Asia/Seoul", 9 * 3600),
    ("Asia/Tokyo", 9 * 3600),
    ("Etc/GMT", 0),
    ("Etc/UTC", 0),
    ("GMT", 0),
    ("UTC", 0),
    ("Asia/Singapore", 8 * 3600),
];

/// How far a time zone is east of UTC, seconds; none when it is not one of those that are simulated.
pub fn offset_of(zone: Option<&str>) -> Option<i32> {
    let Some(zone) = zone else { return Some(0) };
    ZONES.iter().find(|(name, _)| *name == zone).map(|(_, offset)| *offset)
}

/// Who lets a policy act.
#[derive(Debug, Clone, Copy)]
pub enum Trigger<'a> {
    /// An alarm in ALARM.
    Alarm(&'a str),
    /// A request.
    User,
}

impl ScalingPolicy {
    /// How long a new instance warms up for this policy, ms.
    fn warmup_ms(&self, group: &Group) -> i64 {
        let own = match &self.rule {
            Rule::Simple { .. } => Some(0),
            Rule::Step { warmup, .. } | Rule::Target { warmup, .. } => *warmup,
        };
        own.or(group.warmup).unwrap_or(group.cooldown) * 1000
    }
}

impl Group {
    /// How many instances, of those that it has or is about to have, still warm up at a moment.
    fn warming(&self, warmup_ms: i64, now: i64) -> u32 {
        let warm = self.members.values().filter(|member| {
            member.state == State::InService && member.in_service.is_some_and(|since| since + warmup_ms <= now)
        });
        let warm = u32::try_from(warm.count()).unwrap_or(u32::MAX);
        self.desired.max(self.actual()).saturating_sub(warm)
    }
}

impl Region {
    /// An alarm (its ARN) is in ALARM: it has just come there, or another minute has passed. The policies among its actions act.
    pub fn alarm_acts(&mut self, _global: &Global, alarm: &str) {
        let Some(spec) = self.alarm(alarm).map(|alarm| &alarm.spec) else { return };
        let (alarm, actions) = (&spec.name.clone(), spec.alarm_actions.clone());
        let acting: Vec<(String, String)> = self
            .scaling
            .groups
            .values()
            .filter(|group| !group.deleting && !group.is_suspended("AlarmNotification"))
            .flat_map(|group| group.policies.values().map(move |policy| (group, policy)))
            .filter(|(_, policy)| policy.enabled && actions.contains(&policy.arn))
            .map(|(group, policy)| (group.name.clone(), policy.name.clone()))
            .collect();
        for (group, policy) in acting {
            let Some((_, value, threshold)) = self.alarm_sight(alarm) else { continue };
            if let Some(wanted) = self.wanted(&group, &policy, Some(alarm), value, threshold) {
                self.policy_sets(&group, &policy, wanted, Trigger::Alarm(alarm));
            }
        }
    }

    /// What a policy makes of the metric's value; none: no change.
    fn wanted(&self, group: &str, policy: &str, alarm: Option<&str>, value: f64, threshold: f64) -> Option<u32> {
        let group = self.scaling.groups.get(group)?;
        let policy = group.policies.get(policy)?;
        let between = |count: u32| count.clamp(group.min, group.max.max(group.min));
        match &policy.rule {
            Rule::Simple { kind, amount, magnitude, .. } => {
                let cool = group.control.cooling.is_none() && self.now >= group.control.cooldown_until;
                let wanted = between(kind.apply(group.desired, *amount, *magnitude));
                (cool && wanted != group.desired).then_some(wanted)
            }
            Rule::Step { kind, steps, magnitude, .. } => {
                let step = step_for(steps, value - threshold)?;
                let warming = group.warming(policy.warmup_ms(group), self.now);
                let whole = between(kind.apply(group.desired, step.amount, *magnitude));
                if whole < group.desired {
                    return (warming == 0).then_some(whole);
                }
                // What warms up is already an answer to this alarm.
                let base = match kind {
                    Adjustment::ExactCapacity => group.desired,
                    _ => group.desired.saturating_sub(warming),
                };
                let wanted = between(kind.apply(base, step.amount, *magnitude));
                (wanted > group.desired).then_some(wanted)
            }
            Rule::Target { alarms, .. } => {
                let alarm = alarm?;
                if alarms.first().is_some_and(|high| high == alarm) {
                    return self.target_sight(group, policy, alarm)?.out();
                }
                let tracking = group.policies.values().filter(|other| other.enabled);
                let wishes = tracking.filter_map(|other| match &other.rule {
                    Rule::Target { alarms, only_out: false, .. } => Some((other, alarms.get(1)?)),
                    _ => None,
                });
                agree(wishes.map(|(other, low)| {
                    let fewer = self.alarm_is_on(low).then(|| self.target_sight(group, other, low)).flatten();
                    fewer.and_then(|sight| sight.reduced()).map_or(Wish::Stay, Wish::Fewer)
                }))
            }
        }
    }

    /// What a target tracking policy sees of its group: the newest point of the metric, over the instances that were warm in it.
    fn target_sight(&self, group: &Group, policy: &ScalingPolicy, alarm: &str) -> Option<Sight> {
        let Rule::Target { metric, value: target, .. } = &policy.rule else { return None };
        let (start, value, _) = self.alarm_sight(alarm)?;
        let warmup = policy.warmup_ms(group);
        let warm = group.members.values().filter(|member| {
            member.state == State::InService && member.in_service.is_some_and(|since| since + warmup <= start)
        });
        let (count, average) = if metric == "ASGAverageCPUUtilization" {
            let points: Vec<f64> = warm.filter_map(|member| self.cpu_of(&member.id, start)).collect();
            let count = u32::try_from(points.len()).unwrap_or(u32::MAX);
            (count, points.iter().sum::<f64>() / f64::from(count.max(1)))
        } else {
            (u32::try_from(warm.count()).unwrap_or(u32::MAX), value)
        };
        let capacity = group.desired.max(group.actual());
        Some(Sight { capacity, warm: count, metric: average, target: *target, min: group.min, max: group.max })
    }

    /// A policy changes what its group wants.
    fn policy_sets(&mut self, name: &str, policy: &str, wanted: u32, trigger: Trigger<'_>) {
        let what = match trigger {
            Trigger::Alarm(alarm) => format!("a monitor alarm {alarm} in state ALARM triggered policy {policy}"),
            Trigger::User => format!("a user request executed policy {policy}"),
        };
        let Some(group) = self.scaling.groups.get_mut(name) else { return };
        if let Some(Rule::Simple { cooldown, .. }) = group.policies.get(policy).map(|policy| &policy.rule) {
            let seconds = cooldown.unwrap_or(group.cooldown);
            group.control.cooling = Some(seconds);
            group.control.cooldown_until = self.now + seconds * 1000;
        }
        let alarm = match trigger {
            Trigger::Alarm(alarm) => Some(alarm),
            Trigger::User => None,
        };
        self.set_desired(name, wanted, &what, alarm);
    }

    /// Lets a policy act by request; `honor` leaves a cooldown in peace, and then `false` says that it did.
    pub fn execute_policy(&mut self, name: &str, policy: &str, honor: bool, value: f64, threshold: f64) -> bool {
        let Some(group) = self.scaling.groups.get_mut(name) else { return true };
        if group.control.cooling.is_some() || self.now < group.control.cooldown_until {
            if honor {
                return false;
            }
            (group.control.cooling, group.control.cooldown_until) = (None, self.now);
        }
        if let Some(wanted) = self.wanted(name, policy, None, value, threshold) {
            self.policy_sets(name, policy, wanted, Trigger::User);
        }
        true
    }

    /// Changes what a group wants, and says why: `a user request ..`.
    pub fn set_desired(&mut self, name: &str, wanted: u32, what: &str, alarm: Option<&str>) {
        let now = self.now;
        let Some(group) = self.scaling.groups.get_mut(name) else { return };
        if wanted == group.desired {
            return;
        }
        let sentence = at(now, &format!("{what} changing the desired capacity from {} to {wanted}.", group.desired));
        group.desired = wanted;
        group.because(sentence, alarm);
        self.stir();
    }

    /// Puts a scheduled action's next time into the queue.
    pub fn schedule_action(&mut self, group: &str, name: &str) {
        let Some(action) = self.scaling.groups.get(group).and_then(|group| group.scheduled.get(name)) else { return };
        let (next, turn) = (action.next, action.turn);
        let due = Due::Scheduled { group: group.to_owned(), name: name.to_owned(), turn };
        self.schedule_at(next, Event::Scaling(due));
    }

    pub(super) fn scheduled_due(&mut self, name: &str, action: &str, turn: u32) {
        let now = self.now;
        let Some(group) = self.scaling.groups.get_mut(name) else { return };
        let Some(found) = group.scheduled.get(action).filter(|found| found.turn == turn).cloned() else { return };
        match found.after(now) {
            Some(next) => {
                group.scheduled.insert(action.to_owned(), Scheduled { next, ..found.clone() });
            }
            None => {
                group.scheduled.remove(action);
            }
        }
        if !group.deleting && !group.is_suspended("ScheduledActions") {
            let mut words = vec![format!("the scheduled action {action} executed.")];
            let mut set = |what: &str, old: &mut u32, new: Option<u32>| {
                if let Some(new) = new
                    && *old != new
                {
                    words.push(format!("Setting {what} from {old} to {new}."));
                    *old = new;
                }
            };
            set("min size", &mut group.min, found.min);
            set("max size", &mut group.max, found.max);
            group.max = group.max.max(group.min);
            let wanted = found.desired.unwrap_or(group.desired).clamp(group.min, group.max);
            let before = group.desired;
            set("desired capacity", &mut group.desired, Some(wanted));
            if group.desired != before {
                let sentence = at(now, &words.join(" "));
                group.because(sentence, None);
            }
        }
        self.schedule_action(name, action);
    }
}

impl Scheduled {
    /// When it is due next after a moment, if ever.
    pub fn after(&self, moment: i64) -> Option<i64> {
        let cron = Cron::parse(self.recurrence.as_deref()?)?;
        let next = cron.next(moment, offset_of(self.zone.as_deref())?)?;
        self.end.is_none_or(|end| next <= end).then_some(next)
    }
}

impl Group {
    /// Notes why the desired capacity has changed; whatever the controller waited for is no reason to wait any more.
    pub(super) fn because(&mut self, sentence: String, alarm: Option<&str>) {
        let before = self.control.reason.take().unwrap_or_default();
        self.control.reason = Some(super::activity::join([before, sentence]));
        self.control.alarm = alarm.map(str::to_owned);
        (self.control.look, self.control.retry, self.control.failures) = (None, 0, 0);
        self.control.avoid.clear();
    }
}
