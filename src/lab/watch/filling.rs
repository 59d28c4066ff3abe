//! How full an alarm is: which of its points breach, and what comes next.
//!
//! An alarm goes to ALARM when enough of its newest points breach its bound. Until then "nothing happens" on AWS; this
//! says why, and what it waits for. Whether the group then changes is a question of its sizes and its policy.

use crate::i18n::Text;

use super::series::Series;
use super::snapshot::{Alarm, AlarmState, Comparison, Group, Policy, PolicyKind};

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
    /// The points it looks at, oldest first: whether each breaches, `None` where there is none.
    pub points: Vec<Option<bool>>,
    /// How many of them breach.
    pub breaching: u32,
    /// How many must.
    pub needed: u32,
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

/// Whether a value breaches a bound.
pub fn breaches(comparison: Comparison, value: f64, threshold: f64) -> bool {
    match comparison {
        Comparison::Greater => value > threshold,
        Comparison::GreaterOrEqual => value >= threshold,
        Comparison::Less => value < threshold,
        Comparison::LessOrEqual => value <= threshold,
    }
}

/// A bound as people write it: `70`, `52.5`.
pub fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The alarm's newest points at a time, oldest first. The window ends with the newest point that has come.
pub fn window(alarm: &Alarm, series: Option<&Series>, at: i64) -> Vec<Option<bool>> {
    let period = i64::from(alarm.period.max(60)) * 1000;
    let count = i64::from(alarm.evaluation_periods.max(1));
    let newest = series.and_then(|series| series.before(at)).map(|(time, _)| time.div_euclid(period) * period);
    let Some((series, newest)) = series.zip(newest) else {
        return vec![None; usize::try_from(count).unwrap_or(1)];
    };
    (0..count)
        .rev()
        .map(|back| {
            let from = newest - back * period;
            let to = from + period - 1;
            // Rounded up to whole minutes by the series: a point that begins after the period is not the period's.
            let within = series.points(from, to).filter(|(time, _)| (from..=to).contains(time));
            let values: Vec<f32> = within.map(|(_, value)| value).collect();
            let sum: f32 = values.iter().sum();
            #[expect(clippy::cast_precision_loss, reason = "a handful")]
            let mean = (!values.is_empty()).then(|| f64::from(sum / values.len() as f32));
            mean.map(|value| breaches(alarm.comparison, value, alarm.threshold))
        })
        .collect()
}

/// How many more points must breach until enough of the window do, if every one that comes does.
pub fn left(points: &[Option<bool>], needed: u32) -> u32 {
    let length = points.len();
    let needed = usize::try_from(needed).unwrap_or(length).min(length);
    let more = (0..=length).find(|more| {
        let kept = points.get(*more..).unwrap_or_default();
        kept.iter().filter(|point| **point == Some(true)).count() + more >= needed
    });
    u32::try_from(more.unwrap_or(needed)).unwrap_or(u32::MAX)
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

/// How full an alarm is at a time, and what comes next.
pub fn filling(
    alarm: &Alarm,
    state: AlarmState,
    policy: Option<&Policy>,
    series: Option<&Series>,
    group: Option<&Group>,
    sizes: Sizes,
    at: i64,
) -> Filling {
    let points = window(alarm, series, at);
    let breaching = u32::try_from(points.iter().filter(|point| **point == Some(true)).count()).unwrap_or(0);
    let needed =
        if alarm.datapoints_to_alarm == 0 { alarm.evaluation_periods } else { alarm.datapoints_to_alarm }.max(1);
    let direction = direction(alarm, policy);
    let empty = points.iter().all(Option::is_none);
    let left = left(&points, needed);
    let case = Case { alarm, state, policy, group, sizes, breaching, left, needed, direction, empty };
    let (next, weight) = case.next();
    Filling { points, breaching, needed, state, direction, next, weight }
}

struct Case<'a> {
    alarm: &'a Alarm,
    state: AlarmState,
    policy: Option<&'a Policy>,
    group: Option<&'a Group>,
    sizes: Sizes,
    breaching: u32,
    left: u32,
    needed: u32,
    direction: Direction,
    empty: bool,
}

impl Case<'_> {
    fn next(&self) -> (Text, u8) {
        let suspended = |process: &str| self.group.is_some_and(|group| group.suspended.iter().any(|p| p == process));
        if self.policy.is_some_and(|policy| !policy.enabled) {
            return (Text::new("정책이 꺼져 있습니다", "the policy is switched off"), 1);
        }
        if suspended("AlarmNotification") {
            return (
                Text::new(
                    "AlarmNotification이 중지되어 경보가 울려도 아무 일도 없습니다",
                    "AlarmNotification is suspended: alarms change nothing",
                ),
                5,
            );
        }
        match self.state {
            AlarmState::Alarm => self.in_alarm(),
            _ => self.before(),
        }
    }

    fn in_alarm(&self) -> (Text, u8) {
        let Sizes { min, desired, max, in_service, pending, leaving } = self.sizes;
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
                    format!("경보 상태이지만 최대 {max}대라서 더 늘리지 않습니다"),
                    format!("in ALARM, but {max} is the maximum: nothing is added"),
                ),
                8,
            ),
            Direction::Out => (
                Text::new(
                    "정책이 1분마다 다시 계산합니다. 부하가 목표보다 높으면 더 늘립니다",
                    "the policy calculates again each minute, and adds while the load is above the target",
                ),
                7,
            ),
            Direction::In if self.policy.is_some_and(|policy| policy.scale_in_off) => {
                (Text::new("이 정책은 줄이지 않습니다", "this policy never scales in"), 2)
            }
            Direction::In if leaving > 0 || desired < in_service => {
                (Text::new(format!("축소하는 중입니다: {desired}대로"), format!("scaling in: to {desired}")), 9)
            }
            Direction::In if desired <= min => (
                Text::new(
                    format!("경보 상태이지만 최소 {min}대라서 더 줄이지 않습니다. 정상입니다"),
                    format!("in ALARM, but {min} is the minimum: nothing is removed; this is normal"),
                ),
                2,
            ),
            Direction::In => (
                Text::new(
                    "곧 줄입니다. 새 인스턴스가 워밍업하는 동안에는 줄이지 않습니다",
                    "about to scale in; not while a new instance warms up",
                ),
                7,
            ),
        }
    }

    fn before(&self) -> (Text, u8) {
        let bound = number(self.alarm.threshold);
        if self.alarm.metric.is_none() {
            return (Text::new("지표 수식을 보는 경보입니다", "watches a metric expression"), 1);
        }
        if self.empty {
            let basic = self.alarm.period >= 300;
            return (
                Text::new(
                    if basic {
                        "아직 점이 없습니다. 기본 모니터링의 첫 점은 5~7분 뒤에 옵니다"
                    } else {
                        "아직 점이 없습니다. 첫 점은 2~3분 뒤에 옵니다"
                    },
                    if basic {
                        "no points yet: with basic monitoring the first comes after 5 to 7 minutes"
                    } else {
                        "no points yet: the first comes after 2 to 3 minutes"
                    },
                ),
                4,
            );
        }
        let over = match self.alarm.comparison {
            Comparison::Greater | Comparison::GreaterOrEqual => Text::new("보다 크면", "above"),
            _ => Text::new("보다 작으면", "below"),
        };
        let act = match self.direction {
            Direction::Out => Text::new("확장", "scale-out"),
            Direction::In => Text::new("축소", "scale-in"),
        };
        // Where the group cannot follow, it is said before the alarm goes off.
        let (blocked, nothing) = match self.direction {
            Direction::Out if self.sizes.max > 0 && self.sizes.desired >= self.sizes.max => {
                let max = self.sizes.max;
                (true, Text::new(format!(" (이미 최대 {max}대)"), format!(" (already at the maximum, {max})")))
            }
            Direction::In if self.sizes.desired <= self.sizes.min => {
                let min = self.sizes.min;
                (true, Text::new(format!(" (이미 최소 {min}대)"), format!(" (already at the minimum, {min})")))
            }
            _ => (false, Text::default()),
        };
        let text = match self.left {
            0 => Text::new("점이 다 찼습니다. 경보가 곧 울립니다", "all points breach: the alarm goes off any moment"),
            1 => Text::new(
                format!("다음 점도 {bound}{} {}합니다", over.ko, act.ko),
                format!("{} when the next point is {} {bound}", act.en, over.en),
            ),
            more if more < self.needed => Text::new(
                format!("점 {more}개가 더 {bound}{} {}합니다", over.ko, act.ko),
                format!("{} after {more} more points {} {bound}", act.en, over.en),
            ),
            all => Text::new(
                format!("점 {all}개가 이어서 {bound}{} {}합니다", over.ko, act.ko),
                format!("{} after {all} points in a row {} {bound}", act.en, over.en),
            ),
        };
        let text = Text::new(format!("{}{}", text.ko, nothing.ko), format!("{}{}", text.en, nothing.en));
        let weight = match (blocked, self.breaching) {
            (true, _) => 1,
            (false, 0) => 3,
            (false, _) => 6,
        };
        (text, weight)
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
        filling(alarm, alarm.state, None, Some(&series), None, sizes, 60 * MINUTE)
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
        let now = filling(&high(), AlarmState::InsufficientData, None, Some(&series), None, ONE_OF_THREE, 0);
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
        assert!(fill(&idle, &[Some(1.0); 20], ONE_OF_THREE).next.en.contains("this is normal"));
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
        assert_eq!(left(&[Some(true), Some(false), Some(true)], 3), 2);
        assert_eq!(fill(&low(), &holes, two).points.iter().filter(|point| point.is_none()).count(), 1);
    }
}
