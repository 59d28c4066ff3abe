//! The story of 6.8 as the monitor sees it, second by second: hand-made snapshots for pictures and keys.

use awslab::lab::watch::History;
use awslab::lab::watch::look::Look;
use awslab::lab::watch::series::{Metric, SeriesKey};
use awslab::lab::watch::snapshot::{
    Activity, Alarm, AlarmState, CallMade, Comparison, Group, Host, Load, Member, MetricName, Policy, Samples,
    Snapshot, Target, TargetHealth, Turn,
};

use crate::support::stage::NOW;

/// The group's name.
pub const GROUP: &str = "my-asg-ec2";
/// The first instance and the second.
pub const FIRST: &str = "i-0a12b34c56d78e901";
/// The second instance.
pub const SECOND: &str = "i-0c44d55e66f77a802";
const TARGETS: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:targetgroup/my-asg-ec2-tg/0123456789abcdef";
const BALANCER: &str =
    "arn:aws:elasticloadbalancing:ap-northeast-2:000000000000:loadbalancer/app/my-asg-alb/0123456789abcdef";

const S: i64 = 1_000;
/// One minute.
pub const MINUTE: i64 = 60 * S;
/// When the group was made.
pub const START: i64 = NOW / MINUTE * MINUTE;

fn at(minute: i64, second: i64) -> i64 {
    START + minute * MINUTE + second * S
}

fn iso(at: i64) -> String {
    let seconds = at / 1000;
    let (days, day) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since the epoch to a date, after Howard Hinnant.
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let (d, m) = (doy - (153 * mp + 2) / 5 + 1, if mp < 10 { mp + 3 } else { mp - 9 });
    let y = yoe + era * 400 + i64::from(m <= 2);
    format!("{y:04}-{m:02}-{d:02}T{:02}:{:02}:{:02}Z", day / 3600, day / 60 % 60, day % 60)
}

/// CPU of an instance in a minute of the story.
fn cpu(id: &str, minute: i64) -> Option<f64> {
    let wave = f64::from(u8::try_from(minute % 3).unwrap_or(0)) * 0.4;
    match id {
        FIRST if minute < 2 => None,
        FIRST if (11..25).contains(&minute) => Some(98.0 + wave),
        FIRST => Some(1.8 + wave),
        SECOND if (17..43).contains(&minute) => Some(2.2 + wave),
        _ => None,
    }
}

/// The points that CloudWatch shows at a time.
fn points(until: i64, of: impl Fn(i64) -> Option<f64>) -> Vec<(i64, f64)> {
    let minutes = 0..=(until - START) / MINUTE;
    // A point is seen a minute and a half after its minute began.
    let seen = |minute: &i64| at(*minute, 90) <= until;
    minutes.filter(seen).filter_map(|minute| Some((at(minute, 0), of(minute)?))).collect()
}

fn group_cpu(minute: i64) -> Option<f64> {
    let values: Vec<f64> = [FIRST, SECOND].into_iter().filter_map(|id| cpu(id, minute)).collect();
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).unwrap_or(1)))
}

fn alarm(name: &str, now: i64) -> Alarm {
    let high = name == "High";
    let turns = turns(now);
    let full = format!("TargetTracking-{GROUP}-Alarm{name}-0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0");
    let last = turns.iter().rev().find(|turn| turn.alarm == full);
    Alarm {
        name: full,
        metric: Some(MetricName {
            namespace: "AWS/EC2".into(),
            name: "CPUUtilization".into(),
            statistic: "Average".into(),
            dimensions: vec![("AutoScalingGroupName".into(), GROUP.into())],
        }),
        period: 60,
        evaluation_periods: if high { 3 } else { 15 },
        datapoints_to_alarm: if high { 3 } else { 15 },
        threshold: if high { 70.0 } else { 49.0 },
        comparison: if high { Comparison::Greater } else { Comparison::Less },
        treat_missing: "missing".into(),
        state: last.map_or(AlarmState::InsufficientData, |turn| turn.state),
        since: last.map_or(at(2, 0), |turn| turn.at),
        reason: String::new(),
    }
}

fn turns(now: i64) -> Vec<Turn> {
    let turn = |which: &str, when: i64, state: AlarmState| Turn {
        alarm: format!("TargetTracking-{GROUP}-Alarm{which}-0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"),
        at: when,
        state,
    };
    let all = [
        turn("High", at(5, 0), AlarmState::Ok),
        turn("Low", at(7, 40), AlarmState::Ok),
        turn("High", at(14, 45), AlarmState::Alarm),
        turn("High", at(20, 10), AlarmState::Ok),
        turn("Low", at(42, 40), AlarmState::Alarm),
    ];
    all.into_iter().filter(|turn| turn.at <= now).collect()
}

fn activity(id: u32, description: &str, cause: String, start: i64, end: i64, now: i64) -> Activity {
    let ended = now >= end;
    Activity {
        id: format!("0a1b2c3d-0000-4000-8000-{id:012}"),
        description: description.into(),
        cause,
        status: if ended { "Successful" } else { "InProgress" }.into(),
        message: String::new(),
        start,
        end: ended.then_some(end),
        progress: if ended { 100 } else { 50 },
    }
}

fn activities(now: i64) -> Vec<Activity> {
    let alarm = |which: &str, when: i64, from: u32, to: u32| {
        format!(
            "At {} a monitor alarm TargetTracking-{GROUP}-Alarm{which}-0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0 in state ALARM triggered policy my-asg-ec2-cpu70 changing the desired capacity from {from} to {to}.",
            iso(when)
        )
    };
    let mut all = vec![
        activity(
            1,
            &format!("Launching a new EC2 instance: {FIRST}"),
            format!(
                "At {} a user request created an AutoScalingGroup changing the desired capacity from 0 to 1.  At {} an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 1.",
                iso(at(0, 0)),
                iso(at(0, 7))
            ),
            at(0, 9),
            at(1, 0),
            now,
        ),
        activity(
            2,
            &format!("Launching a new EC2 instance: {SECOND}"),
            alarm("High", at(15, 0), 1, 2),
            at(15, 10),
            at(16, 20),
            now,
        ),
        activity(
            3,
            &format!("Terminating EC2 instance: {SECOND}"),
            alarm("Low", at(42, 55), 2, 1),
            at(43, 0),
            at(44, 0),
            now,
        ),
    ];
    all.retain(|one| one.start <= now);
    all.reverse();
    all
}

fn members(now: i64) -> Vec<Member> {
    let member = |id: &str, zone: &str, lifecycle: &str| Member {
        id: id.into(),
        zone: format!("ap-northeast-2{zone}"),
        lifecycle: lifecycle.into(),
        health: "Healthy".into(),
        version: "1".into(),
        kind: "t3.micro".into(),
        protected: false,
    };
    let mut all = Vec::new();
    if now >= at(0, 9) {
        all.push(member(FIRST, "a", if now < at(1, 0) { "Pending" } else { "InService" }));
    }
    if (at(15, 10)..at(44, 0)).contains(&now) {
        let state = match now {
            _ if now < at(16, 20) => "Pending",
            _ if now < at(43, 0) => "InService",
            _ => "Terminating",
        };
        all.push(member(SECOND, "c", state));
    }
    all
}

fn targets(now: i64) -> Vec<Target> {
    let target = |id: &str, state: &str, reason: &str, description: &str| Target {
        id: id.into(),
        state: state.into(),
        reason: reason.into(),
        description: description.into(),
    };
    let initial = |id| target(id, "initial", "Elb.RegistrationInProgress", "Target registration is in progress");
    let mut all = Vec::new();
    if now >= at(1, 0) {
        all.push(if now < at(1, 30) { initial(FIRST) } else { target(FIRST, "healthy", "", "") });
    }
    if (at(16, 20)..at(43, 20)).contains(&now) {
        all.push(match now {
            _ if now < at(16, 50) => initial(SECOND),
            _ if now < at(43, 0) => target(SECOND, "healthy", "", ""),
            _ => target(SECOND, "draining", "Target.DeregistrationInProgress", "Target deregistration is in progress"),
        });
    }
    all
}

/// What a refresh sees so many seconds into the story.
pub fn snapshot(seconds: i64) -> Snapshot {
    let now = START + seconds * S;
    let samples =
        |key: SeriesKey, of: &dyn Fn(i64) -> Option<f64>| Samples { key, period: 60, to: now, points: points(now, of) };
    let policies = (now >= at(2, 0)).then(|| {
        let names = ["High", "Low"].map(|which| alarm(which, now).name);
        Policy {
            name: "my-asg-ec2-cpu70".into(),
            target: Some(70.0),
            metric: "ASGAverageCPUUtilization".into(),
            enabled: true,
            alarms: names.to_vec(),
            ..Policy::default()
        }
    });
    let desired = if (at(15, 0)..at(42, 55)).contains(&now) { 2 } else { 1 };
    Snapshot {
        at: now,
        group: Some(Group {
            name: GROUP.into(),
            created: START,
            min: 1,
            desired,
            max: 3,
            template: "my-asg-lt $Latest".into(),
            target_groups: vec![TARGETS.into()],
            health_check: "EC2".into(),
            grace: 10,
            instances: members(now),
            ..Group::default()
        }),
        targets: vec![TargetHealth { group: TARGETS.into(), targets: targets(now) }],
        alarms: policies.as_ref().map(|_| vec![alarm("High", now), alarm("Low", now)]),
        policies: Some(policies.into_iter().collect()),
        activities: Some(activities(now)),
        hosts: members(now)
            .into_iter()
            .map(|member| Host {
                launched: if member.id == FIRST { at(0, 9) } else { at(15, 10) },
                id: member.id,
                detailed: true,
            })
            .collect(),
        balancers: vec![(TARGETS.into(), BALANCER.into())],
        samples: vec![
            samples(SeriesKey::Group(Metric::Cpu), &group_cpu),
            samples(SeriesKey::Member(FIRST.into(), Metric::Cpu), &|minute| cpu(FIRST, minute)),
            samples(SeriesKey::Member(SECOND.into(), Metric::Cpu), &|minute| cpu(SECOND, minute)),
        ],
        loads: Some(if now < at(11, 0) {
            Vec::new()
        } else {
            vec![Load { instance: FIRST.into(), from: at(11, 0), until: at(25, 0), running: now < at(25, 0) }]
        }),
        calls: ["DescribeAutoScalingGroups", "DescribeScalingActivities", "DescribeAlarms", "DescribeTargetHealth"]
            .map(|operation| CallMade { operation: operation.into(), metrics: 0 })
            .to_vec(),
        ..Snapshot::default()
    }
}

/// Every refresh between two seconds of the story, a quarter of a minute apart, and the last second.
pub fn story(from: i64, to: i64) -> Vec<Snapshot> {
    let mut all: Vec<Snapshot> = (from..to).step_by(15).map(snapshot).collect();
    all.push(snapshot(to));
    all
}

/// The look that the snapshots answer: what was asked is not asked again.
pub fn look() -> Look {
    Look { group: GROUP.into(), policies: true, ..Look::default() }
}

/// How often the crowd is rushed at, in minutes, and for how long.
const RUSH: (i64, i64) = (60, 20);

/// Something like chance, from 0 to 30.
fn noise(number: u32, minute: i64) -> f64 {
    let mixed = ((u64::from(number) + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ minute.unsigned_abs())
        .wrapping_mul(0xbf58_476d_1ce4_e5b9);
    f64::from(u32::try_from((mixed >> 40) % 300).unwrap_or(0)) / 10.0
}

/// The crowd as it is seen at a minute: its alarms, activities, targets; of its points only the newest look tells.
fn gathering(count: u32, minute: i64, newest: bool) -> Snapshot {
    let now = START + minute * MINUTE;
    let id = |number: u32| format!("i-{:017x}", u64::from(number) * 0x1_0000_0001 + 0xabcdef);
    let rushes = (0..=minute).step_by(usize::try_from(RUSH.0).unwrap_or(1));
    // A tenth of the crowd comes with a rush and goes after it.
    let there = if newest || minute % RUSH.0 < RUSH.1 { count } else { count - count / 10 };
    let mut last = snapshot(60);
    last.at = now;
    last.loads = Some(Vec::new());
    let members: Vec<Member> = (0..there)
        .map(|number| Member {
            id: id(number),
            zone: if number % 2 == 0 { "ap-northeast-2a" } else { "ap-northeast-2c" }.into(),
            lifecycle: if number % 97 == 0 { "Pending" } else { "InService" }.into(),
            health: "Healthy".into(),
            version: "3".into(),
            kind: "t3.micro".into(),
            protected: false,
        })
        .collect();
    if let Some(group) = &mut last.group {
        (group.min, group.desired, group.max) = (10, there, count * 2);
        group.instances = members;
    }
    let target = |number: u32| {
        let (state, reason) = match number {
            _ if number.is_multiple_of(97) => ("initial", "Elb.RegistrationInProgress"),
            _ if number % 50 == 1 => ("unhealthy", "Target.Timeout"),
            _ => ("healthy", ""),
        };
        Target { id: id(number), state: state.into(), reason: reason.into(), description: String::new() }
    };
    last.targets = vec![TargetHealth { group: TARGETS.into(), targets: (0..there).map(target).collect() }];
    last.hosts = (0..there)
        .map(|number| Host { id: id(number), launched: START - i64::from(number) * MINUTE, detailed: true })
        .collect();
    let alarms = ["High", "Low"].map(|which| alarm(which, START));
    let [high, low] = alarms.clone().map(|alarm| alarm.name);
    let rushed = rushes.clone().map(|rush| START + rush * MINUTE);
    let turns: Vec<Turn> = rushed
        .clone()
        .flat_map(|rush| {
            let turn = |alarm: &String, minutes: i64, state| {
                let at = rush + minutes * MINUTE + 37 * S;
                Turn { alarm: alarm.clone(), at, state }
            };
            [
                turn(&low, 2, AlarmState::Ok),
                turn(&high, 4, AlarmState::Alarm),
                turn(&high, RUSH.1 + 2, AlarmState::Ok),
                turn(&low, RUSH.1 + 17, AlarmState::Alarm),
            ]
        })
        .filter(|turn| turn.at <= now)
        .collect();
    let state = |mut alarm: Alarm| {
        if let Some(turn) = turns.iter().rev().find(|turn| turn.alarm == alarm.name) {
            (alarm.state, alarm.since) = (turn.state, turn.at);
        }
        alarm
    };
    last.alarms = Some(alarms.map(state).to_vec());
    last.policies = Some(vec![Policy {
        name: "my-asg-ec2-cpu70".into(),
        target: Some(70.0),
        metric: "ASGAverageCPUUtilization".into(),
        enabled: true,
        alarms: vec![high, low],
        ..Policy::default()
    }]);
    last.turns = Some(turns);
    let mut activities: Vec<Activity> = (0u32..)
        .zip(rushed)
        .flat_map(|(rush, from)| (0..4).map(move |one| (rush * 4 + one, from + i64::from(5 + one) * MINUTE)))
        .filter(|(_, start)| *start <= now)
        .map(|(number, start)| {
            let cause = format!(
                "At {} a monitor alarm TargetTracking-{GROUP}-AlarmHigh-0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0 in state ALARM triggered policy my-asg-ec2-cpu70 changing the desired capacity from {} to {count}.",
                iso(start - 20 * S),
                count - count / 10,
            );
            let launched = format!("Launching a new EC2 instance: {}", id(count.saturating_sub(1 + number % 90)));
            activity(number, &launched, cause, start, start + 40 * S, now)
        })
        .collect();
    activities.reverse();
    last.activities = Some(activities);
    last.samples.clear();
    if newest {
        let points = |of: &dyn Fn(i64) -> f64| (0..minute - 2).map(|at| (START + at * MINUTE, of(at))).collect();
        let samples = |key: SeriesKey, points| Samples { key, period: 60, to: now, points };
        let own =
            |number: u32| samples(SeriesKey::Member(id(number), Metric::Cpu), points(&|at| 30.0 + noise(number, at)));
        last.samples = (0..count).map(own).collect();
        // In a rush above the upper bound, else about the lower one.
        let group = |at: i64| if at % RUSH.0 < RUSH.1 { 72.0 } else { 34.0 } + noise(7, at) * 0.9;
        last.samples.push(samples(SeriesKey::Group(Metric::Cpu), points(&group)));
    }
    last
}

/// A group of many instances with so many minutes behind it: a rush every hour that sets its alarms off, launches and
/// departures, the health of its targets, and a point a minute of each instance.
pub fn crowd(count: u32, minutes: i64) -> History {
    let mut history = History::new(GROUP);
    for minute in (0..minutes).step_by(20) {
        history.merge(&gathering(count, minute, false));
    }
    history.merge(&gathering(count, minutes, true));
    history
}
