//! From facts to data points.

use std::collections::BTreeMap;

use super::super::load::{Span, Trace};
use super::super::{NatGateway, Region};
use super::facts::{self, GROUP_METRICS, step_at};
use super::metric::{Metric, Set, Statistic};
use super::{MINUTE, RETENTION};

/// Points by the minute can be seen this long after their timestamp (the start of the minute), ms.
pub(super) const DELAY: i64 = 90_000;
/// Points of five minutes, likewise.
pub(super) const BASIC_DELAY: i64 = 360_000;
/// Five minutes, ms.
pub(super) const BASIC: i64 = 5 * MINUTE;

/// A period's samples.
#[derive(Debug, Clone, PartialEq)]
pub struct Datapoint {
    /// The start of the period, ms.
    pub at: i64,
    /// Its samples; at least one.
    pub set: Set,
}

/// What a metric of one or more machines tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Machine {
    Cpu,
    NetworkIn,
    NetworkOut,
    CreditBalance,
    CreditUsage,
    SurplusBalance,
    SurplusCharged,
    /// 1 where the zone has failed: nothing else breaks a machine here.
    StatusCheck,
}

/// The metrics of AWS/EC2 that are worked out here.
pub(super) const MACHINE_METRICS: [&str; 10] = [
    "CPUUtilization",
    "NetworkIn",
    "NetworkOut",
    "StatusCheckFailed",
    "StatusCheckFailed_Instance",
    "StatusCheckFailed_System",
    "CPUCreditBalance",
    "CPUCreditUsage",
    "CPUSurplusCreditBalance",
    "CPUSurplusCreditsCharged",
];

impl Machine {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "CPUUtilization" => Self::Cpu,
            "NetworkIn" => Self::NetworkIn,
            "NetworkOut" => Self::NetworkOut,
            "CPUCreditBalance" => Self::CreditBalance,
            "CPUCreditUsage" => Self::CreditUsage,
            "CPUSurplusCreditBalance" => Self::SurplusBalance,
            "CPUSurplusCreditsCharged" => Self::SurplusCharged,
            "StatusCheckFailed" | "StatusCheckFailed_Instance" | "StatusCheckFailed_System" => Self::StatusCheck,
            _ => return None,
        })
    }

    /// The length of the slot that begins at a minute, when one does: 1 or 5 minutes by the instance's monitoring.
    fn slot(self, trace: &Trace, minute: i64) -> Option<i64> {
        let by_minute = match self {
            Self::Cpu | Self::NetworkIn | Self::NetworkOut => trace.detailed_at(minute + MINUTE - 1),
            Self::StatusCheck => true,
            _ => false,
        };
        if by_minute { Some(MINUTE) } else { (minute.rem_euclid(BASIC) == 0).then_some(BASIC) }
    }

    fn value(self, trace: &Trace, zones: &facts::Zones, from: i64, until: i64) -> Option<f64> {
        // Credits are told as they are at the end of the slot.
        let credits = || trace.credits_at(until);
        match self {
            Self::Cpu => trace.cpu(from, until),
            Self::NetworkIn => Some(trace.bytes(from, until).0),
            Self::NetworkOut => Some(trace.bytes(from, until).1),
            Self::CreditBalance => credits().map(|spent| spent.balance),
            Self::CreditUsage => credits().map(|_| trace.credits_used(from, until)),
            Self::SurplusBalance => credits().map(|spent| spent.surplus),
            Self::SurplusCharged => {
                let before = trace.credits_at(from).unwrap_or_default().charged;
                credits().map(|spent| spent.charged - before)
            }
            Self::StatusCheck => {
                let down = step_at(zones, until - 1).is_some_and(|down| down.contains(trace.zone()));
                Some(f64::from(u8::from(down)))
            }
        }
    }
}

/// Where the samples of a metric come from.
#[derive(Debug)]
pub struct Source<'a> {
    kind: Kind<'a>,
}

#[derive(Debug)]
enum Kind<'a> {
    /// Machines, each for a time.
    Machines(Machine, Vec<(&'a Trace, Span)>, &'a facts::Zones),
    Group(&'a facts::Group, &'a str),
    Health(&'a facts::Targets, bool),
    Requests(&'a BTreeMap<i64, facts::Requests>, Count),
    /// Requests of a target group, behind each load balancer, by the number of its targets.
    PerTarget(Vec<&'a facts::Targets>),
    Database(&'a facts::Database, &'a str, u64),
    Nat(Option<&'a BTreeMap<i64, (u64, u64)>>, &'a NatGateway, &'a str),
}

/// What is counted of requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Count {
    All,
    ByTarget(u16),
    /// The whole hundred.
    ByBalancer(u16),
    /// One status.
    ByBalancerOnly(u16),
    Seconds,
    ConnectionErrors,
    Bytes,
}

impl Count {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "RequestCount" => Self::All,
            "TargetResponseTime" => Self::Seconds,
            "TargetConnectionErrorCount" => Self::ConnectionErrors,
            "ProcessedBytes" => Self::Bytes,
            _ => {
                let hundred = |text: &str| text.strip_suffix("XX_Count")?.parse::<u16>().ok();
                if let Some(rest) = name.strip_prefix("HTTPCode_Target_") {
                    Self::ByTarget(hundred(rest)?)
                } else {
                    let rest = name.strip_prefix("HTTPCode_ELB_")?;
                    match hundred(rest) {
                        Some(hundred) => Self::ByBalancer(hundred),
                        None => Self::ByBalancerOnly(rest.strip_suffix("_Count")?.parse().ok()?),
                    }
                }
            }
        })
    }

    fn sample(self, requests: &facts::Requests, set: &mut Set) {
        let count = match self {
            Self::Seconds => {
                let (sum, min, max, count) = requests.seconds;
                set.add_all(count as f64, sum, min, max);
                return;
            }
            Self::All => requests.count,
            Self::ByTarget(hundred) => requests.by_target.get(&hundred).copied().unwrap_or_default(),
            Self::ByBalancer(hundred) => {
                requests.by_balancer.range(hundred * 100..(hundred + 1) * 100).map(|(_, count)| count).sum()
            }
            Self::ByBalancerOnly(status) => requests.by_balancer.get(&status).copied().unwrap_or_default(),
            Self::ConnectionErrors => requests.connection_errors,
            Self::Bytes => requests.bytes,
        };
        // Absent, not 0, when there was none.
        if count > 0 {
            set.add(count as f64);
        }
    }
}

impl<'a> Source<'a> {
    /// Adds the samples whose timestamp is this minute (ms) and which can be seen at `now`.
    pub fn sample(&self, minute: i64, now: i64, set: &mut Set) {
        if minute < now - RETENTION {
            return;
        }
        if let Kind::Machines(machine, machines, zones) = &self.kind {
            for (trace, span) in machines {
                if span.until.is_some_and(|until| until <= minute) {
                    continue;
                }
                let Some(slot) = machine.slot(trace, minute) else { continue };
                let delay = if slot == MINUTE { DELAY } else { BASIC_DELAY };
                let end = minute + slot;
                if minute + delay > now || span.within(minute, end) == 0 || trace.ran(minute, end) == 0 {
                    continue;
                }
                if let Some(value) = machine.value(trace, zones, minute, end) {
                    set.add(value);
                }
            }
            return;
        }
        if minute + DELAY > now {
            return;
        }
        match &self.kind {
            Kind::Machines(..) => {}
            Kind::Group(group, metric) => {
                let collected = step_at(&group.collected, minute).is_some_and(|names| names.contains(*metric));
                let counts = step_at(&group.counts, minute).copied().flatten().filter(|_| collected);
                if let Some(value) = counts.and_then(|counts| counts.get(metric)) {
                    set.add(f64::from(value));
                }
            }
            Kind::Health(targets, healthy) => {
                if let Some(health) = step_at(&targets.health, minute).copied().flatten() {
                    set.add(f64::from(if *healthy { health.healthy } else { health.unhealthy }));
                }
            }
            Kind::Requests(requests, count) => {
                if let Some(requests) = requests.get(&minute) {
                    count.sample(requests, set);
                }
            }
            Kind::PerTarget(all) => {
                for targets in all {
                    let targets_now = step_at(&targets.health, minute).copied().flatten().unwrap_or_default();
                    let count = targets_now.healthy + targets_now.unhealthy;
                    if let Some(requests) = targets.requests.get(&minute).filter(|_| count > 0) {
                        set.add(requests.count as f64 / f64::from(count));
                    }
                }
            }
            Kind::Database(database, metric, salt) => {
                if let Some(facts) = step_at(&database.facts, minute).copied().flatten() {
                    set.add(database_value(&facts, metric, *salt, minute));
                }
            }
            Kind::Nat(minutes, gateway, metric) => {
                let ended = gateway.deleted.is_some_and(|deleted| deleted <= minute);
                if gateway.created > minute || ended || gateway.failure.is_some() {
                    return;
                }
                let (out, back) = minutes.and_then(|all| all.get(&minute)).copied().unwrap_or_default();
                set.add(match *metric {
                    "BytesOutToDestination" | "BytesInFromSource" => out as f64,
                    "BytesInFromDestination" | "BytesOutToSource" => back as f64,
                    // ErrorPortAllocation: its ports never run out here.
                    _ => 0.0,
                });
            }
        }
    }

    /// How long after its timestamp the newest point can be seen, ms, and the length of the slots.
    pub(super) fn rhythm(&self, now: i64) -> (i64, i64) {
        let Kind::Machines(machine, machines, _) = &self.kind else { return (DELAY, MINUTE) };
        let mut near = machines.iter().filter(|(_, span)| span.within(now - BASIC_DELAY, now) > 0);
        let by_minute = match machine {
            Machine::Cpu | Machine::NetworkIn | Machine::NetworkOut => near.any(|(trace, _)| trace.detailed_at(now)),
            Machine::StatusCheck => true,
            _ => false,
        };
        if by_minute { (DELAY, MINUTE) } else { (BASIC_DELAY, BASIC) }
    }

    /// The samples of the period that begins at `at`; `set` is one that is made for the statistics wanted.
    pub fn period(&self, at: i64, period: i64, now: i64, mut set: Set) -> Set {
        let mut minute = at.div_euclid(MINUTE) * MINUTE;
        while minute < at + period {
            self.sample(minute, now, &mut set);
            minute += MINUTE;
        }
        set
    }
}

/// A database's own life: MySQL's own work, and what its connections add.
fn database_value(facts: &facts::DatabaseFacts, metric: &str, salt: u64, minute: i64) -> f64 {
    const GIB: f64 = 1_073_741_824.0;
    match metric {
        "DatabaseConnections" => f64::from(facts.connections),
        // The server's own files take about 2.2 GiB.
        "FreeStorageSpace" => (f64::from(facts.allocated) - 2.2) * GIB,
        _ => {
            let mut random = super::super::Random::new(salt ^ minute as u64, "database");
            3.0 + random.below(1000) as f64 / 500.0 + 0.4 * f64::from(facts.connections)
        }
    }
}

impl Region {
    /// Where the samples of a metric come from; none for one that does not exist.
    pub fn source<'a>(&'a self, metric: &'a Metric) -> Option<Source<'a>> {
        let dimensions: Vec<(&str, &str)> =
            metric.dimensions.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let name = metric.name.as_str();
        let kind = match (metric.namespace.as_str(), dimensions.as_slice()) {
            ("AWS/EC2", [("InstanceId", id)]) => {
                let always = Span { from: i64::MIN, until: None };
                Kind::Machines(Machine::named(name)?, vec![(self.trace(id)?, always)], &self.watch.zones_down)
            }
            ("AWS/EC2", [("AutoScalingGroupName", group)]) => {
                let members = self.members_of(group).iter();
                let traces = members.filter_map(|member| Some((self.trace(&member.instance)?, member.span)));
                // Credits are not told by group.
                let machine =
                    Machine::named(name).filter(|_| !name.starts_with("CPUCredit") && !name.starts_with("CPUSurplus"));
                Kind::Machines(machine?, traces.collect(), &self.watch.zones_down)
            }
            ("AWS/AutoScaling", [("AutoScalingGroupName", group)]) => {
                let known = GROUP_METRICS.into_iter().find(|known| *known == name)?;
                Kind::Group(self.watch.groups.get(*group)?, known)
            }
            ("AWS/ApplicationELB", [("LoadBalancer", balancer)]) => {
                Kind::Requests(&self.watch.balancers.get(*balancer)?.requests, Count::named(name)?)
            }
            ("AWS/ApplicationELB", [("LoadBalancer", balancer), ("TargetGroup", group)]) => {
                let targets = self.watch.targets.get(&((*balancer).to_owned(), (*group).to_owned()))?;
                match name {
                    "HealthyHostCount" => Kind::Health(targets, true),
                    "UnHealthyHostCount" => Kind::Health(targets, false),
                    "RequestCountPerTarget" => Kind::PerTarget(vec![targets]),
                    "ProcessedBytes" => return None,
                    _ if name.starts_with("HTTPCode_ELB") => return None,
                    _ => Kind::Requests(&targets.requests, Count::named(name)?),
                }
            }
            ("AWS/ApplicationELB", [("TargetGroup", group)]) if name == "RequestCountPerTarget" => {
                let all = self.watch.targets.iter().filter(|((_, of), _)| of == group);
                Kind::PerTarget(all.map(|(_, targets)| targets).collect())
            }
            ("AWS/RDS", [("DBInstanceIdentifier", id)]) => {
                let known = DATABASE_METRICS.into_iter().find(|known| *known == name)?;
                Kind::Database(self.watch.databases.get(*id)?, known, super::super::Random::new(0, id).draw())
            }
            ("AWS/NATGateway", [("NatGatewayId", id)]) => {
                let known = NAT_METRICS.into_iter().find(|known| *known == name)?;
                Kind::Nat(self.watch.nat.get(*id), self.nat_gateways.get(*id)?, known)
            }
            _ => return None,
        };
        Some(Source { kind })
    }

    /// A metric's data points that can be seen now, oldest first: periods (ms, whole minutes) from `start` on that begin before
    /// `end`. `keeping`: with every value, for percentiles.
    pub fn datapoints(&self, metric: &Metric, start: i64, end: i64, period: i64, keeping: bool) -> Vec<Datapoint> {
        let Some(source) = self.source(metric) else { return Vec::new() };
        let mut out = Vec::new();
        // Nothing is older than what is kept, and nothing is of the future.
        let skipped = ((self.now - RETENTION - start) / period).max(0);
        let mut at = start + skipped * period;
        while at < end.min(self.now) {
            let set = if keeping { Set::keeping() } else { Set::default() };
            let set = source.period(at, period, self.now, set);
            if !set.is_empty() {
                out.push(Datapoint { at, set });
            }
            at += period;
        }
        out
    }

    /// One statistic of a metric over one period, if it can be seen now.
    pub fn statistic(&self, metric: &Metric, statistic: Statistic, at: i64, period: i64) -> Option<f64> {
        self.source(metric)?.period(at, period, self.now, Set::of(statistic)).get(statistic)
    }

    /// The metrics that have had points within `window` ms before now, in AWS's order of namespaces.
    pub fn metrics(&self, window: i64) -> Vec<Metric> {
        let since = self.now - window.min(RETENTION);
        let mut out = Vec::new();
        let balancing = |name: &str, balancer: &str, group: Option<&str>| {
            let mut metric = Metric::new("AWS/ApplicationELB", name, &[("LoadBalancer", balancer)]);
            metric.dimensions.extend(group.map(|group| ("TargetGroup".to_owned(), group.to_owned())));
            metric
        };
        for (balancer, found) in &self.watch.balancers {
            let recent: Vec<_> = found.requests.range(since..).collect();
            out.extend(request_metrics(&recent, false).into_iter().map(|name| balancing(&name, balancer, None)));
        }
        for ((balancer, group), found) in &self.watch.targets {
            let recent: Vec<_> = found.requests.range(since..).collect();
            let names = request_metrics(&recent, true);
            if !recent.is_empty() {
                out.push(Metric::new("AWS/ApplicationELB", "RequestCountPerTarget", &[("TargetGroup", group)]));
                out.push(balancing("RequestCountPerTarget", balancer, Some(group)));
            }
            out.extend(names.into_iter().map(|name| balancing(&name, balancer, Some(group))));
            if spoke_since(&found.health, since) {
                out.push(balancing("HealthyHostCount", balancer, Some(group)));
                out.push(balancing("UnHealthyHostCount", balancer, Some(group)));
            }
        }
        for (name, group) in &self.watch.groups {
            let dimension = [("AutoScalingGroupName", name.as_str())];
            let collected = |metric: &str| {
                let last = group.collected.iter().rposition(|(_, names)| names.contains(metric));
                // Collected until the next step, or still.
                last.is_some_and(|at| group.collected.get(at + 1).is_none_or(|(end, _)| *end > since))
            };
            let metrics = GROUP_METRICS.into_iter().filter(|metric| collected(metric));
            if spoke_since(&group.counts, since) {
                out.extend(metrics.map(|metric| Metric::new("AWS/AutoScaling", metric, &dimension)));
            }
            let by_group = MACHINE_METRICS.into_iter().filter(|metric| !metric.contains("Credit"));
            out.extend(by_group.map(|metric| Metric::new("AWS/EC2", metric, &dimension)));
        }
        for (id, trace) in self.traces() {
            let burstable = trace.credits_at(self.now).is_some();
            let metrics = MACHINE_METRICS.into_iter().filter(|metric| burstable || !metric.contains("Credit"));
            if trace.spans().iter().any(|span| span.within(since, self.now) > 0) {
                out.extend(metrics.map(|metric| Metric::new("AWS/EC2", metric, &[("InstanceId", id)])));
            }
        }
        for id in self.nat_gateways.keys() {
            out.extend(NAT_METRICS.map(|metric| Metric::new("AWS/NATGateway", metric, &[("NatGatewayId", id)])));
        }
        for (id, database) in &self.watch.databases {
            if spoke_since(&database.facts, since) {
                let dimension = [("DBInstanceIdentifier", id.as_str())];
                out.extend(DATABASE_METRICS.map(|metric| Metric::new("AWS/RDS", metric, &dimension)));
            }
        }
        // Only those of which a point can be seen: a new machine has none yet.
        out.retain(|metric| self.source(metric).is_some_and(|source| source.speaks(since, self.now)));
        out.sort();
        // A target group behind two load balancers is one by itself.
        out.dedup();
        out
    }
}

/// The metrics of AWS/RDS that are worked out here.
const DATABASE_METRICS: [&str; 3] = ["CPUUtilization", "DatabaseConnections", "FreeStorageSpace"];

/// The metrics of AWS/NATGateway that are worked out here.
const NAT_METRICS: [&str; 5] =
    ["BytesInFromDestination", "BytesInFromSource", "BytesOutToDestination", "BytesOutToSource", "ErrorPortAllocation"];

impl Source<'_> {
    /// Can a point since a moment be seen now?
    fn speaks(&self, since: i64, now: i64) -> bool {
        let any = |until: i64, from: i64| {
            let mut minute = until.div_euclid(MINUTE) * MINUTE;
            while minute >= from {
                let mut set = Set::default();
                self.sample(minute, now, &mut set);
                if !set.is_empty() {
                    return true;
                }
                minute -= MINUTE;
            }
            false
        };
        match &self.kind {
            Kind::Machines(_, machines, _) => machines.iter().any(|(trace, span)| {
                let spans = trace.spans().iter().rev();
                let both = spans.map(|on| {
                    (on.from.max(span.from).max(since), on.until.unwrap_or(now).min(span.until.unwrap_or(now)).min(now))
                });
                // The first slots of the time, or the last ones, tell.
                both.filter(|(from, until)| until > from).take(1).any(|(from, until)| {
                    any(until, (until - BASIC_DELAY - BASIC).max(from - BASIC))
                        || any((from + BASIC).min(until), from - BASIC)
                })
            }),
            Kind::Requests(requests, _) => requests.keys().rev().take(5).any(|minute| any(*minute, *minute)),
            Kind::PerTarget(all) => {
                all.iter().any(|targets| targets.requests.keys().rev().take(5).any(|minute| any(*minute, *minute)))
            }
            _ => any(now, (now - 5 * MINUTE).max(since)) || any(now, since),
        }
    }
}

/// Did steps say anything since a moment?
fn spoke_since<T>(steps: &[(i64, Option<T>)], since: i64) -> bool {
    let first = steps.partition_point(|(at, _)| *at <= since).saturating_sub(1);
    steps[first.min(steps.len())..].iter().any(|(_, value)| value.is_some())
}

/// The metrics that requests have made.
fn request_metrics(recent: &[(&i64, &facts::Requests)], of_targets: bool) -> Vec<String> {
    let mut names = std::collections::BTreeSet::new();
    for (_, requests) in recent {
        names.insert("RequestCount".to_owned());
        names.extend(requests.by_target.keys().map(|hundred| format!("HTTPCode_Target_{hundred}XX_Count")));
        if requests.seconds.3 > 0 {
            names.insert("TargetResponseTime".to_owned());
        }
        if requests.connection_errors > 0 {
            names.insert("TargetConnectionErrorCount".to_owned());
        }
        if !of_targets {
            for status in requests.by_balancer.keys() {
                names.insert(format!("HTTPCode_ELB_{}XX_Count", status / 100));
                if *status >= 500 {
                    names.insert(format!("HTTPCode_ELB_{status}_Count"));
                }
            }
            if requests.bytes > 0 {
                names.insert("ProcessedBytes".to_owned());
            }
        }
    }
    names.into_iter().collect()
}
