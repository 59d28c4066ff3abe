//! How full an alarm is: which of its points breach, and what comes next.
//!
//! An alarm goes to ALARM when enough of its newest points breach its bound. Until then "nothing happens" on AWS; this
//! says why, and what it waits for. Points are counted by [`crate::scaling::alarm`], the rule that the practice cloud
//! follows too, and what comes next is found by asking that rule about the points that would come: so what is said here
//! is what happens. Whether the group then changes is a question of its sizes and its policy.

use crate::i18n::Text;
use crate::scaling::alarm::{self as law, Evaluation, Missing, Rule, State};
use crate::scaling::target::Sight;

use super::series::{MINUTE, Series};
use super::snapshot::{Alarm, AlarmState, Comparison, Group, Policy, PolicyKind};

/// How long after the beginning of its minute a point can be seen, in milliseconds.
const DELAY: i64 = 90_000;
/// Likewise a point of five minutes.
const BASIC_DELAY: i64 = 360_000;

/// Whether an alarm makes the group larger or smaller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Larger.
    Out,
    /// Smaller.
    In,
}

/// The points of an alarm at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filling {
    /// The points it looks at, oldest first: whether each breaches. `None` stands for one that there is not; those come
    /// first, as an alarm looks for older points where the newest are missing.
    pub points: Vec<Option<bool>>,
    /// How many of them breach.
    pub breaching: u32,
    /// How many must.
    pub needed: u32,
    /// How many more points must breach until it goes to ALARM, if every one that comes does. 0: it is about to, or is
    /// there; `None`: points alone do not bring it there.
    pub left: Option<u32>,
    /// The state at that moment.
    pub state: AlarmState,
    /// Which way it pushes.
    pub direction: Direction,
    /// What comes next.
    pub next: Text,
    /// How much it matters now: the greatest of several is shown first.
    pub weight: u8,
}

/// The group's sizes at a moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sizes {
    /// Smallest.
    pub min: u32,
    /// Wanted.
    pub desired: u32,
    /// Largest.
    pub max: u32,
    /// In service.
    pub in_service: u32,
    /// On their way.
    pub pending: u32,
    /// Being removed.
    pub leaving: u32,
}

/// A bound as people write it: `70`, `52.5`.
pub fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// How long after the beginning of its period a point can be seen, in milliseconds; `period` in seconds.
pub const fn delay(period: u32) -> i64 {
    if period < 300 { DELAY } else { BASIC_DELAY }
}

/// When an alarm goes off.
fn rule(alarm: &Alarm) -> Rule {
    let periods = usize::try_from(alarm.evaluation_periods.max(1)).unwrap_or(1);
    let needed = match usize::try_from(alarm.datapoints_to_alarm).unwrap_or(0) {
        0 => periods,
        given => given.min(periods),
    };
    let comparison = match alarm.comparison {
        Comparison::Greater => law::Comparison::GreaterThanThreshold,
        Comparison::GreaterOrEqual => law::Comparison::GreaterThanOrEqualToThreshold,
        Comparison::Less => law::Comparison::LessThanThreshold,
        Comparison::LessOrEqual => law::Comparison::LessThanOrEqualToThreshold,
    };
    let missing = Missing::named(&alarm.treat_missing).unwrap_or_default();
    Rule { periods, needed, comparison, threshold: alarm.threshold, missing }
}

/// Whether a value is beyond an alarm's bound.
pub fn breaches(alarm: &Alarm, value: f64) -> bool {
    rule(alarm).breaches(value)
}

const fn state_of(state: AlarmState) -> State {
    match state {
        AlarmState::Ok => State::Ok,
        AlarmState::Alarm => State::Alarm,
        AlarmState::InsufficientData => State::InsufficientData,
    }
}

/// What an alarm sees at a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    rule: Rule,
    /// The newest periods, oldest first, each with its value if there is one.
    values: Vec<Option<f64>>,
    /// After how many periods a point follows the one before: 1, or 5 where points of five minutes are looked at by the
    /// minute.
    rhythm: usize,
    /// What follows from them.
    evaluation: Evaluation,
}

impl Seen {
    /// What an alarm sees of its metric at a time, and what follows when it is in this state.
    pub fn at(alarm: &Alarm, series: Option<&Series>, state: AlarmState, at: i64) -> Self {
        let rule = rule(alarm);
        let period = i64::from(alarm.period.max(60)) * 1000;
        let slot = series.map_or(MINUTE, |series| i64::from(series.period.max(60)) * 1000);
        // The newest period of which all points begin by a time.
        let whole = |time: i64| (time - period.max(slot) + slot).div_euclid(period);
        let newest_by = |time: i64| {
            let delay = series.map_or(DELAY, |series| delay(series.period));
            whole(time - delay)
        };
        let newest = match series {
            // The newest that is known: what has come since was not asked for yet. It may have come early.
            Some(series) if at >= series.asked => {
                let known = series.before(at).map_or(i64::MIN, |(time, _)| whole(time));
                newest_by(series.asked).max(known)
            }
            _ => newest_by(at),
        };
        let count = i64::try_from(rule.range()).unwrap_or(i64::MAX);
        let statistic = alarm.metric.as_ref().map_or("", |metric| metric.statistic.as_str());
        let value = |back: i64| {
            let from = (newest - back) * period;
            summary(series?.points(from, from + period - 1).filter(|(at, _)| *at < from + period), statistic)
        };
        let values: Vec<Option<f64>> = (0..count).rev().map(value).collect();
        let evaluation = law::evaluate(&rule, &values, state_of(state));
        let rhythm = usize::try_from(slot / period).unwrap_or(1).max(1);
        Self { rule, values, rhythm, evaluation }
    }

    /// How many of the points that count breach.
    pub fn breaching(&self) -> u32 {
        u32::try_from(self.evaluation.breaching).unwrap_or(u32::MAX)
    }

    /// How many must.
    pub fn needed(&self) -> u32 {
        u32::try_from(self.evaluation.needed).unwrap_or(u32::MAX)
    }

    /// The newest value.
    fn newest(&self) -> Option<f64> {
        self.values.iter().rev().copied().flatten().next()
    }

    /// Whether each of the points that count breaches, oldest first, after those that are missing.
    fn points(&self) -> Vec<Option<bool>> {
        let real = |at: &usize| self.values.get(*at).copied().flatten().map(|value| self.rule.breaches(value));
        std::iter::repeat_n(None, self.evaluation.filled).chain(self.evaluation.used.iter().map(real)).collect()
    }

    /// How many more points must breach until the alarm goes off, if every one that comes does.
    fn left(&self) -> Option<u32> {
        let breach = match self.rule.comparison {
            law::Comparison::GreaterThanThreshold | law::Comparison::GreaterThanOrEqualToThreshold => f64::INFINITY,
            law::Comparison::LessThanThreshold | law::Comparison::LessThanOrEqualToThreshold => f64::NEG_INFINITY,
        };
        let (mut values, mut come) = (self.values.clone(), 0);
        let mut since = values.iter().rev().position(Option::is_some).unwrap_or(self.rhythm - 1);
        let mut state = self.evaluation.state;
        // Within so many periods the whole range is filled with points that breach.
        for _ in 0..=(self.rule.range() + 1) * self.rhythm {
            if state == State::Alarm {
                return Some(come);
            }
            since += 1;
            let comes = since >= self.rhythm;
            if comes {
                (since, come) = (0, come + 1);
            }
            values.push(comes.then_some(breach));
            state = law::evaluate(&self.rule, &values, state).state;
        }
        None
    }
}

/// The value of a period from the values of its minutes.
fn summary(points: impl Iterator<Item = (i64, f32)>, statistic: &str) -> Option<f64> {
    let (mut count, mut sum, mut low, mut high) = (0.0, 0.0, f64::INFINITY, f64::NEG_INFINITY);
    for (_, value) in points {
        let value = f64::from(value);
        count += 1.0;
        sum += value;
        low = f64::min(low, value);
        high = f64::max(high, value);
    }
    (count > 0.0).then(|| match statistic {
        "Sum" | "SampleCount" => sum,
        "Maximum" => high,
        "Minimum" => low,
        _ => sum / count,
    })
}

/// Which way an alarm pushes, as far as it and its policy tell.
pub fn direction(alarm: &Alarm, policy: Option<&Policy>) -> Direction {
    let by_policy = policy.filter(|policy| policy.kind != PolicyKind::TargetTracking).map_or(0, |p| p.direction);
    match (by_policy, alarm.comparison) {
        (1.., _) => Direction::Out,
        (..=-1, _) => Direction::In,
        (_, Comparison::Greater | Comparison::GreaterOrEqual) => Direction::Out,
        _ => Direction::In,
    }
}

/// What is around an alarm: its policy, the group, its sizes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Around<'a> {
    /// The policy that it belongs to.
    pub policy: Option<&'a Policy>,
    /// Whether other policies have a say in scaling in.
    pub others: bool,
    /// The group.
    pub group: Option<&'a Group>,
    /// Its sizes.
    pub sizes: Sizes,
}

/// How full an alarm is at a time, and what comes next.
pub fn filling(alarm: &Alarm, state: AlarmState, series: Option<&Series>, around: Around<'_>, at: i64) -> Filling {
    let seen = Seen::at(alarm, series, state, at);
    let direction = direction(alarm, around.policy);
    let left = seen.left();
    let (next, weight) = Case { alarm, state, around, seen: &seen, left, direction }.next();
    let (points, breaching, needed) = (seen.points(), seen.breaching(), seen.needed());
    Filling { points, breaching, needed, left, state, direction, next, weight }
}

struct Case<'a> {
    alarm: &'a Alarm,
    state: AlarmState,
    around: Around<'a>,
    seen: &'a Seen,
    left: Option<u32>,
    direction: Direction,
}

impl Case<'_> {
    fn next(&self) -> (Text, u8) {
        let Around { policy, group, .. } = self.around;
        let suspended = |process: &str| group.is_some_and(|group| group.suspended.iter().any(|p| p == process));
        if policy.is_some_and(|policy| !policy.enabled) {
            return (Text::new("정책이 꺼져 있습니다", "the policy is switched off"), 1);
        }
        if suspended("AlarmNotification") {
            return (
                Text::new(
                    "AlarmNotification이 중지되어 움직이지 않습니다",
                    "AlarmNotification is suspended: nothing follows",
                ),
                5,
            );
        }
        match self.state {
            AlarmState::Alarm => self.in_alarm(),
            _ => self.before(),
        }
    }

    /// What a target tracking policy makes of the newest point, as far as can be told from outside.
    fn sight(&self) -> Option<Sight> {
        let policy = self.around.policy.filter(|policy| policy.kind == PolicyKind::TargetTracking)?;
        let Sizes { min, desired, max, in_service, pending, .. } = self.around.sizes;
        Some(Sight {
            capacity: desired.max(in_service + pending),
            warm: in_service,
            metric: self.seen.newest()?,
            target: policy.target?,
            min,
            max,
        })
    }

    /// Whether the group is on its way to another size.
    const fn moves(&self) -> bool {
        let Sizes { desired, in_service, pending, leaving, .. } = self.around.sizes;
        pending > 0 || leaving > 0 || desired != in_service
    }

    fn in_alarm(&self) -> (Text, u8) {
        let Sizes { min, desired, max, in_service, pending, leaving } = self.around.sizes;
        match self.direction {
            Direction::Out if desired > in_service || pending > 0 => (
                Text::new(
                    format!("확장하는 중입니다: {in_service}대에서 {desired}대로"),
                    format!("scaling out: from {in_service} to {desired}"),
                ),
                9,
            ),
            Direction::Out if desired >= max => (
                Text::new(
                    format!("최대 {max}대라서 더 늘리지 않습니다"),
                    format!("{max} is the maximum: nothing is added"),
                ),
                8,
            ),
            Direction::Out => (
                Text::new(
                    "1분마다 다시 계산해, 목표보다 높으면 늘립니다",
                    "calculates each minute; adds while above target",
                ),
                7,
            ),
            Direction::In if self.around.policy.is_some_and(|policy| policy.scale_in_off) => {
                (Text::new("이 정책은 줄이지 않습니다", "this policy never scales in"), 2)
            }
            Direction::In if leaving > 0 || desired < in_service => {
                (Text::new(format!("축소하는 중입니다: {desired}대로"), format!("scaling in: to {desired}")), 9)
            }
            Direction::In if desired <= min => (
                Text::new(
                    format!("최소 {min}대라서 줄이지 않습니다. 정상입니다"),
                    format!("{min} is the minimum: nothing is removed (normal)"),
                ),
                2,
            ),
            Direction::In if pending > 0 || desired > in_service => {
                (Text::new("새 인스턴스를 기다린 뒤에 줄입니다", "scales in once the new instance is warm"), 7)
            }
            Direction::In => match self.sight() {
                Some(sight) if sight.reduced().is_none() => {
                    let (metric, target) = (number(sight.metric.round()), number(sight.target));
                    (
                        Text::new(
                            format!(
                                "유지: {desired}대 x {metric} / {target}을 올림하면 {}대입니다",
                                sight.needed(desired)
                            ),
                            format!("kept: {desired} x {metric} / {target} still needs {}", sight.needed(desired)),
                        ),
                        6,
                    )
                }
                _ => (
                    Text::new(
                        "곧 줄입니다. 워밍업하는 동안에는 기다립니다",
                        "about to scale in, once nothing warms up",
                    ),
                    7,
                ),
            },
        }
    }

    /// Whether the group will follow once the alarm goes off; `None`: no, it is at its bound already.
    fn follows(&self) -> Option<bool> {
        let Sizes { min, desired, max, .. } = self.around.sizes;
        match self.direction {
            Direction::Out if max > 0 && desired >= max => None,
            Direction::In if desired <= min => None,
            Direction::Out => Some(!self.moves()),
            // A tracking policy removes an instance only when those that stay can carry the load.
            Direction::In => Some(
                !self.moves()
                    && !self.around.others
                    && !self.around.policy.is_some_and(|policy| policy.scale_in_off)
                    && (self.around.policy.is_none_or(|policy| policy.kind != PolicyKind::TargetTracking)
                        || self.sight().is_some_and(|sight| sight.reduced().is_some())),
            ),
        }
    }

    fn before(&self) -> (Text, u8) {
        if self.alarm.metric.is_none() {
            return (Text::new("지표 수식을 보는 경보입니다", "watches a metric expression"), 1);
        }
        if self.seen.values.iter().all(Option::is_none) {
            let basic = self.alarm.period >= 300 || self.seen.rhythm > 1;
            return (
                Text::new(
                    if basic {
                        "아직 점이 없습니다. 첫 점은 5~7분 뒤에 옵니다"
                    } else {
                        "아직 점이 없습니다. 첫 점은 2~3분 뒤에 옵니다"
                    },
                    if basic {
                        "no points yet: the first after 5 to 7 minutes"
                    } else {
                        "no points yet: the first after 2 to 3 minutes"
                    },
                ),
                4,
            );
        }
        let follows = self.follows();
        let weight = match (follows, self.seen.breaching()) {
            (None, _) => 1,
            (Some(_), 0) => 3,
            (Some(_), _) => 6,
        };
        (self.waits(follows), weight)
    }

    /// What the alarm waits for.
    fn waits(&self, follows: Option<bool>) -> Text {
        let bound = number(self.alarm.threshold);
        let over = match self.alarm.comparison {
            Comparison::Greater => Text::new("보다 크면", "above"),
            Comparison::GreaterOrEqual => Text::new(" 이상이면", "at or above"),
            Comparison::Less => Text::new("보다 작으면", "below"),
            Comparison::LessOrEqual => Text::new(" 이하이면", "at or below"),
        };
        let act = match (follows, self.direction) {
            (Some(true), Direction::Out) => Text::new("확장합니다", "scale-out"),
            (Some(true), Direction::In) => Text::new("축소합니다", "scale-in"),
            _ => Text::new("경보가 울립니다", "alarm"),
        };
        let Some(left) = self.left else {
            return Text::new("점만으로는 울리지 않습니다", "points alone do not set it off");
        };
        // Where the group cannot follow, it is said before the alarm goes off.
        if follows.is_none() && left > 0 {
            let Sizes { min, max, .. } = self.around.sizes;
            let bound = match self.direction {
                Direction::Out => Text::new(format!("이미 최대 {max}대"), format!("{max} is the maximum already")),
                Direction::In => Text::new(format!("이미 최소 {min}대"), format!("{min} is the minimum already")),
            };
            let points = if left == 1 { "point" } else { "points" };
            return Text::new(
                format!("점 {left}개면 울리지만 {}입니다", bound.ko),
                format!("alarm in {left} {points}, but {}", bound.en),
            );
        }
        let first = self.seen.breaching() == 0;
        match left {
            0 => Text::new("점이 다 찼습니다. 경보가 곧 울립니다", "all points breach: the alarm goes off shortly"),
            1 => Text::new(
                format!("다음 점{} {bound}{} {}", if first { "이" } else { "도" }, over.ko, act.ko),
                format!("{} when the next point is {} {bound}", act.en, over.en),
            ),
            more if more < self.seen.needed() => Text::new(
                format!("점 {more}개가 더 {bound}{} {}", over.ko, act.ko),
                format!("{} after {more} more points {} {bound}", act.en, over.en),
            ),
            all => Text::new(
                format!("점 {all}개가 이어서 {bound}{} {}", over.ko, act.ko),
                format!("{} after {all} points in a row {} {bound}", act.en, over.en),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::watch::series::MINUTE;
    use crate::lab::watch::snapshot::MetricName;

    fn high() -> Alarm {
        Alarm {
            name: "TargetTracking-my-asg-ec2-AlarmHigh-1".into(),
            metric: Some(MetricName::default()),
            period: 60,
            evaluation_periods: 3,
            datapoints_to_alarm: 3,
            threshold: 70.0,
            state: AlarmState::Ok,
            ..Alarm::default()
        }
    }

    fn low() -> Alarm {
        Alarm {
            evaluation_periods: 15,
            datapoints_to_alarm: 15,
            threshold: 49.0,
            comparison: Comparison::Less,
            ..high()
        }
    }

    fn series(values: &[Option<f64>]) -> Series {
        let mut series = Series::default();
        for (at, value) in (0..).zip(values) {
            if let Some(value) = value {
                series.put(at * MINUTE, *value);
            }
        }
        series
    }

    fn fill(alarm: &Alarm, values: &[Option<f64>], sizes: Sizes) -> Filling {
        let series = series(values);
        filling(alarm, alarm.state, Some(&series), Around { sizes, ..Around::default() }, 60 * MINUTE)
    }

    const ONE_OF_THREE: Sizes = Sizes { min: 1, desired: 1, max: 3, in_service: 1, pending: 0, leaving: 0 };

    #[test]
    fn two_of_three_points_wait_for_the_third() {
        let now = fill(&high(), &[Some(2.0), Some(98.0), Some(99.0)], ONE_OF_THREE);
        assert_eq!((now.breaching, now.needed), (2, 3));
        assert_eq!(now.points, [Some(false), Some(true), Some(true)]);
        assert_eq!(now.next.en, "scale-out when the next point is above 70");
        assert_eq!(now.next.ko, "다음 점도 70보다 크면 확장합니다");
        let none = fill(&high(), &[Some(2.0)], ONE_OF_THREE);
        assert_eq!(none.points, [None, None, Some(false)]);
        assert_eq!(none.next.en, "scale-out after 3 points in a row above 70");
        assert!(now.weight > none.weight);
    }

    #[test]
    fn before_the_first_point_it_says_when_that_comes() {
        let series = Series::default();
        let around = Around { sizes: ONE_OF_THREE, ..Around::default() };
        let now = filling(&high(), AlarmState::InsufficientData, Some(&series), around, 0);
        assert_eq!(now.points, [None; 3]);
        assert!(now.next.en.contains("2 to 3 minutes"));
    }

    #[test]
    fn an_alarm_that_cannot_act_says_so() {
        let mut alarm = high();
        alarm.state = AlarmState::Alarm;
        let full = Sizes { desired: 3, in_service: 3, ..ONE_OF_THREE };
        assert!(fill(&alarm, &[Some(99.0)], full).next.en.contains("3 is the maximum"));
        let going = Sizes { desired: 2, in_service: 1, pending: 1, ..ONE_OF_THREE };
        assert_eq!(fill(&alarm, &[Some(99.0)], going).next.en, "scaling out: from 1 to 2");
        let mut idle = low();
        idle.state = AlarmState::Alarm;
        assert!(fill(&idle, &[Some(1.0); 20], ONE_OF_THREE).next.en.contains("(normal)"));
    }

    #[test]
    fn the_low_alarm_counts_its_fifteen_minutes() {
        let two = Sizes { desired: 2, in_service: 2, ..ONE_OF_THREE };
        let values: Vec<_> = (0..30).map(|at| Some(if at < 19 { 90.0 } else { 1.0 })).collect();
        let now = fill(&low(), &values, two);
        assert_eq!((now.breaching, now.needed), (11, 15));
        assert_eq!(now.next.en, "scale-in after 4 more points below 49");
        let mut holes = values;
        holes[25] = None;
        // An older point stands in for a missing one, as on AWS.
        let holed = fill(&low(), &holes, two);
        assert_eq!((holed.points.len(), holed.breaching, holed.left), (15, 10, Some(5)));
    }

    #[test]
    fn what_comes_next_follows_the_rule_for_missing_data() {
        let left = |alarm: &Alarm, values: &[Option<f64>]| fill(alarm, values, ONE_OF_THREE).left;
        let breaching = |treat: &str| Alarm { treat_missing: treat.into(), ..high() };
        assert_eq!(left(&breaching("missing"), &[None, None, Some(99.0)]), Some(2));
        assert_eq!(left(&breaching("breaching"), &[None, None, Some(99.0)]), Some(0));
        assert_eq!(left(&breaching("notBreaching"), &[None, Some(99.0), Some(99.0)]), Some(1));
        // 2 of 3: the one in between may be anything.
        let two = Alarm { datapoints_to_alarm: 2, ..high() };
        assert_eq!(left(&two, &[Some(1.0), Some(99.0), Some(1.0)]), Some(1));
        assert_eq!(left(&two, &[Some(99.0), Some(1.0), Some(1.0)]), Some(2));
    }

    #[test]
    fn points_of_five_minutes_are_looked_at_by_the_minute() {
        let mut series = Series::default();
        (series.period, series.asked) = (300, 26 * MINUTE);
        series.put(15 * MINUTE, 1.0);
        series.put(20 * MINUTE, 99.0);
        let around = Around { sizes: ONE_OF_THREE, ..Around::default() };
        let now = filling(&high(), AlarmState::Ok, Some(&series), around, 26 * MINUTE);
        // Minutes 16 to 20 are seen: one real point, and it is too new to stand alone. No other is needed.
        assert_eq!((now.points, now.left), (vec![None, None, Some(true)], Some(0)));
        series.put(20 * MINUTE, 1.0);
        let now = filling(&high(), AlarmState::Ok, Some(&series), around, 26 * MINUTE);
        assert_eq!(now.left, Some(1));
    }

    #[test]
    fn a_past_moment_knows_only_what_could_be_seen_then() {
        let mut series = series(&[Some(1.0), Some(98.0), Some(98.0), Some(98.0)]);
        series.asked = 10 * MINUTE;
        let seen = |at| Seen::at(&high(), Some(&series), AlarmState::Ok, at).breaching();
        // The point of minute 1 can be seen at 2:30.
        let counts = [149_000, 150_000, 210_000, 270_000].map(seen);
        assert_eq!(counts, [0, 1, 2, 3]);
    }

    #[test]
    fn scale_in_is_promised_only_when_those_that_stay_can_carry_the_load() {
        let policy = Policy { target: Some(70.0), enabled: true, ..Policy::default() };
        let two = Sizes { desired: 2, in_service: 2, ..ONE_OF_THREE };
        let around = Around { policy: Some(&policy), sizes: two, ..Around::default() };
        let next = |state, value| {
            let series = series(&[Some(value); 14]);
            filling(&low(), state, Some(&series), around, 60 * MINUTE).next.en
        };
        assert_eq!(next(AlarmState::Ok, 1.0), "scale-in when the next point is below 49");
        assert_eq!(next(AlarmState::Ok, 48.0), "alarm when the next point is below 49");
        assert_eq!(next(AlarmState::Alarm, 48.0), "kept: 2 x 48 / 70 still needs 2");
        assert!(next(AlarmState::Alarm, 30.0).starts_with("about to scale in"));
    }
}
