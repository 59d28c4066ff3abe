//! Which requests the next refresh makes.
//!
//! Four questions are asked each time: the group, its activities, its alarms, the health of its targets. The two that are
//! left of [`MOST_CALLS`] go to what is due: first what is asked seldom, then metrics, each once in its own period. A metric is
//! asked for with `GetMetricStatistics` (one metric a request, free) as long as the requests of a period suffice for
//! all of them, else all at once with `GetMetricData` (one request, priced by the metric).

use super::filling::delay;
use super::history::History;
use super::series::{MINUTE, Metric, SeriesKey};
use super::snapshot::MetricName;

/// The most requests of one refresh.
pub const MOST_CALLS: usize = 6;
/// The most metrics of one `GetMetricData`.
pub const MOST_METRICS: usize = 500;
/// The most points that it answers.
const MOST_POINTS: i64 = 100_800;
/// The most points of one `GetMetricStatistics`.
const MOST_STATISTICS: i64 = 1_440;
/// Time between two refreshes, in cloud time.
pub const EVERY: i64 = 15_000;
/// The first few refreshes follow one another: each finds what the next one asks for.
const FIRST: u64 = 4;
/// Time between them.
const SOON: i64 = 1_000;
/// How often policies are asked for again.
const POLICIES_EVERY: i64 = 60_000;
/// How often the alarms' history is asked for again.
const TURNS_EVERY: i64 = 10 * MINUTE;
/// How often the loads are asked for again.
const LOADS_EVERY: i64 = 30_000;
/// How often the load balancers are asked for again, while they are not known.
const BALANCERS_EVERY: i64 = MINUTE;
/// How often EC2 is asked about instances that it did not know.
const HOSTS_EVERY: i64 = 30_000;
/// The longest pause between two refreshes when AWS asks to slow down.
const SLOWEST: i64 = 120_000;

/// A series that is asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ask {
    /// Which.
    pub key: SeriesKey,
    /// As CloudWatch names it.
    pub name: MetricName,
    /// Seconds of one point.
    pub period: u32,
    /// From when, aligned to the period.
    pub from: i64,
    /// To when, exclusive.
    pub to: i64,
}

/// The requests of one refresh. Each field that asks for something is one request, each of `statistics` too.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Look {
    /// The group: `DescribeAutoScalingGroups`, and `DescribeScalingActivities`.
    pub group: String,
    /// `DescribePolicies`.
    pub policies: bool,
    /// `DescribeAlarms` of these.
    pub alarms: Vec<String>,
    /// `DescribeTargetHealth` of this target group.
    pub targets: Option<String>,
    /// `DescribeTargetGroups` of these.
    pub balancers: Vec<String>,
    /// `DescribeInstances` of these.
    pub hosts: Vec<String>,
    /// `DescribeAlarmHistory`, of those alarms.
    pub turns: bool,
    /// `ListCommands`: the loads that were started with Run Command.
    pub loads: bool,
    /// `GetMetricStatistics`, one each.
    pub statistics: Vec<Ask>,
    /// `GetMetricData`, one for all.
    pub data: Vec<Ask>,
}

impl Look {
    /// The requests that follow from what is known. `metric` is the one that the chart shows.
    pub fn next(history: &History, now: i64, metric: Metric) -> Self {
        let mut look = Self { group: history.name.clone(), ..Self::default() };
        let asked = &history.asked;
        let due = |last: i64, every: i64| last == 0 || now - last >= every;
        if let Some(group) = &history.group {
            let groups = &group.target_groups;
            look.targets = groups.get(asked.targets % groups.len().max(1)).cloned();
        }
        // A hundred is a page; a group's policies have a few.
        look.alarms = history.policies.iter().flat_map(|policy| policy.alarms.iter().cloned()).take(100).collect();
        look.policies = look.room() && due(asked.policies, POLICIES_EVERY);
        if look.room() && history.group.is_some() {
            // What is new is asked for at once, what EC2 did not know yet from time to time.
            let unknown =
                history.members.iter().filter(|(id, past)| past.gone.is_none() && !history.hosts.contains_key(*id));
            let unknown: Vec<String> = unknown.map(|(id, _)| id.clone()).take(MOST_METRICS).collect();
            if !unknown.is_empty() && due(asked.hosts, HOSTS_EVERY) {
                look.hosts = unknown;
            }
        }
        if look.room() && !look.alarms.is_empty() && due(asked.turns, TURNS_EVERY) {
            look.turns = true;
        }
        if look.room()
            && let Some(group) = &history.group
        {
            let unknown: Vec<_> =
                group.target_groups.iter().filter(|arn| !history.balancers.contains_key(*arn)).cloned().collect();
            if !unknown.is_empty() && due(asked.balancers, BALANCERS_EVERY) {
                look.balancers = unknown;
            }
        }
        look.loads = look.room() && history.group.is_some() && due(asked.loads, LOADS_EVERY);
        look.measure(history, now, metric);
        look
    }

    /// How many requests it is.
    pub fn calls(&self) -> usize {
        // The group and its activities.
        2 + usize::from(self.policies)
            + usize::from(!self.alarms.is_empty())
            + usize::from(self.targets.is_some())
            + usize::from(!self.balancers.is_empty())
            + usize::from(!self.hosts.is_empty())
            + usize::from(self.turns)
            + usize::from(self.loads)
            + self.statistics.len()
            + usize::from(!self.data.is_empty())
    }

    fn room(&self) -> bool {
        self.calls() < MOST_CALLS
    }

    fn measure(&mut self, history: &History, now: i64, metric: Metric) {
        let Some(wanted) = wanted(history, metric) else { return };
        let free = MOST_CALLS - self.calls().min(MOST_CALLS);
        if free == 0 {
            return;
        }
        let all = wanted.len();
        let mut due: Vec<Ask> = wanted.into_iter().filter_map(|(key, name)| ask(history, key, name, now)).collect();
        // Of the eight requests that four refreshes a minute leave, policies and loads take three.
        let per_period = 5;
        if all <= per_period {
            due.truncate(free);
            for one in &mut due {
                let longest = MOST_STATISTICS * i64::from(one.period) * 1000;
                one.from = one.from.max(one.to - longest);
            }
            self.statistics = due;
        } else {
            due.truncate(MOST_METRICS);
            let count = i64::try_from(due.len().max(1)).unwrap_or(1);
            for one in &mut due {
                let longest = (MOST_POINTS / count - 1).max(5) * i64::from(one.period) * 1000;
                one.from = one.from.max(one.to - longest);
            }
            self.data = due;
        }
    }
}

/// The series that are followed: what alarms watch, what the chart shows, and CPU of each instance.
fn wanted(history: &History, metric: Metric) -> Option<Vec<(SeriesKey, MetricName)>> {
    let group = history.group.as_ref()?;
    let balancer = group.target_groups.first().and_then(|arn| history.balancers.get(arn)).map(String::as_str);
    let mut keys = vec![SeriesKey::Group(Metric::Cpu)];
    keys.extend(history.alarms.iter().filter_map(|alarm| history.key_of(alarm)));
    keys.push(SeriesKey::Group(metric));
    let present = || history.members.iter().filter(|(_, past)| past.gone.is_none()).map(|(id, _)| id.clone());
    keys.extend(present().map(|id| SeriesKey::Member(id, Metric::Cpu)));
    if !metric.of_balancer() && metric != Metric::Cpu {
        keys.extend(present().map(|id| SeriesKey::Member(id, metric)));
    }
    let mut out: Vec<(SeriesKey, MetricName)> = Vec::with_capacity(keys.len());
    let mut seen = std::collections::BTreeSet::new();
    for key in keys {
        if let Some(name) = key.name(group, balancer).filter(|_| seen.insert(key.clone())) {
            out.push((key, name));
        }
    }
    Some(out)
}

/// What to ask of a series, when it is due.
fn ask(history: &History, key: SeriesKey, name: MetricName, now: i64) -> Option<Ask> {
    let period = period(history, &key);
    let span = i64::from(period) * 1000;
    let known = history.series.get(&key);
    // Once in its period, and then when the next point can be seen: an alarm looks at it within the minute.
    let slot = |time: i64| (time - delay(period)).div_euclid(span);
    if known.is_some_and(|series| slot(now) <= slot(series.asked)) {
        return None;
    }
    let to = now.div_euclid(span) * span + span;
    // Points come late and the newest is revised, so the last few are asked for again.
    let newest = known.and_then(|series| series.before(now)).map(|(time, _)| time);
    let far = if known.is_none() { history_span(&key) } else { 15 * MINUTE };
    let from = newest.map_or(now - far, |time| time - 3 * span).max(now - history_span(&key));
    Some(Ask { key, name, period, from: from.div_euclid(span) * span, to })
}

/// How far back a series is asked for at first.
const fn history_span(key: &SeriesKey) -> i64 {
    match key {
        SeriesKey::Group(_) | SeriesKey::Other(_) => 24 * 60 * MINUTE - 5 * MINUTE,
        SeriesKey::Member(..) => 3 * 60 * MINUTE,
    }
}

/// The period of a series. EC2's metrics have a minute with detailed monitoring only, else five.
fn period(history: &History, key: &SeriesKey) -> u32 {
    let host = |id: &str| history.hosts.get(id).is_none_or(|host| host.detailed);
    let detailed = match key {
        SeriesKey::Member(id, _) => host(id),
        SeriesKey::Group(metric) if !metric.of_balancer() => {
            let mut present = history.members.iter().filter(|(_, past)| past.gone.is_none()).peekable();
            present.peek().is_none() || present.any(|(id, _)| host(id))
        }
        SeriesKey::Other(name) => {
            return history
                .alarms
                .iter()
                .find(|alarm| alarm.metric.as_ref() == Some(name))
                .map_or(60, |a| a.period.max(60));
        }
        SeriesKey::Group(_) => true,
    };
    if detailed { 60 } else { 300 }
}

/// The time between two refreshes, in cloud milliseconds: longer each time that AWS asks to slow down.
pub fn pause(history: &History) -> i64 {
    if history.traffic.looks < FIRST && history.traffic.throttled == 0 {
        return SOON;
    }
    (EVERY << history.traffic.throttled.min(4)).min(SLOWEST)
}

impl History {
    /// Notes what a look asked for, so that seldom things are not asked again at once. Called with its answer.
    pub fn note(&mut self, look: &Look, now: i64) {
        let asked = &mut self.asked;
        if look.policies {
            asked.policies = now;
        }
        if look.turns {
            asked.turns = now;
        }
        if look.loads {
            asked.loads = now;
        }
        if !look.balancers.is_empty() {
            asked.balancers = now;
        }
        if !look.hosts.is_empty() {
            asked.hosts = now;
        }
        if look.targets.is_some() {
            asked.targets = asked.targets.wrapping_add(1);
        }
    }
}
