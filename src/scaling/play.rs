//! One load, answered by each kind of policy: minute by minute, by the same rules as a group on AWS.
//!
//! Promises: the same load and settings give the same answer. What is left out: several zones, health checks, failures.

use super::adjust::{Adjustment, Step, step_for};
use super::alarm::{self, Comparison, Missing, Rule};
use super::target::{Sight, low_threshold};

/// A kind of policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// One alarm, one change, then a cooldown.
    Simple,
    /// The further over the threshold, the more.
    Step,
    /// Keeps the metric at a value.
    Target,
    /// These numbers at these times.
    Scheduled,
    /// Starts before the rush that yesterday had; takes away like target tracking.
    Predictive,
}

impl Way {
    /// All of them, in the order in which they are taught.
    pub const ALL: [Self; 5] = [Self::Simple, Self::Step, Self::Target, Self::Scheduled, Self::Predictive];
}

/// The group that answers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Group {
    /// The smallest capacity.
    pub min: u32,
    /// The largest capacity.
    pub max: u32,
    /// CPU in per cent that target tracking keeps, and above which the alarms of the others go off.
    pub target: f64,
    /// Minutes from the wish for a server until it serves.
    pub start: usize,
    /// Minutes during which a simple policy rests.
    pub cooldown: usize,
}

impl Default for Group {
    fn default() -> Self {
        Self { min: 1, max: 5, target: 70.0, start: 2, cooldown: 5 }
    }
}

/// A minute of a group.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Minute {
    /// The capacity that is wanted.
    pub wanted: u32,
    /// The servers that serve.
    pub serving: u32,
    /// Their average CPU, per cent.
    pub cpu: f64,
    /// Whether there was more load than they could carry.
    pub overloaded: bool,
}

/// The steps of the step policy: one server more from the threshold on, two from 20 per cent above.
const STEPS: [Step; 2] =
    [Step { lower: Some(0.0), upper: Some(20.0), amount: 1 }, Step { lower: Some(20.0), upper: None, amount: 2 }];

/// How many minutes before the rush the predictive policy starts servers, beside the time they take.
const AHEAD: usize = 5;

/// How a group with one policy answers a load, given for each minute in per cent of one server. `known` is what is known
/// beforehand: yesterday's load for the predictive policy; for the scheduled one, when to have how many (minute, capacity).
pub fn play(way: Way, load: &[f64], yesterday: &[f64], schedule: &[(usize, u32)], group: &Group) -> Vec<Minute> {
    let high = rule(Comparison::GreaterThanThreshold, group.target, 3);
    let low = rule(Comparison::LessThanThreshold, low_threshold(group.target), 15);
    let (mut high_state, mut low_state) = (alarm::State::InsufficientData, alarm::State::InsufficientData);
    // When each server serves; the oldest first.
    let mut servers = vec![0_usize; usize::try_from(group.min).unwrap_or(1)];
    let (mut points, mut minutes, mut rests) = (Vec::new(), Vec::with_capacity(load.len()), 0);
    for (now, asked) in load.iter().enumerate() {
        let serving = count(servers.iter().filter(|ready| **ready <= now).count());
        let cpu = (asked / f64::from(serving.max(1))).min(100.0);
        points.push(Some(cpu));
        high_state = alarm::evaluate(&high, &points, high_state).state;
        low_state = alarm::evaluate(&low, &points, low_state).state;
        let capacity = count(servers.len());
        let sight =
            Sight { capacity, warm: serving, metric: cpu, target: group.target, min: group.min, max: group.max };
        let (above, below) = (high_state == alarm::State::Alarm, low_state == alarm::State::Alarm);
        let tracked = if above {
            sight.out()
        } else if below {
            sight.reduced()
        } else {
            None
        };
        let wish = match way {
            Way::Simple if now < rests => None,
            Way::Simple if above => Some(Adjustment::ChangeInCapacity.apply(capacity, 1, None)),
            // Servers on their way count as there already.
            Way::Step if above => step_for(&STEPS, cpu - group.target)
                .map(|step| Adjustment::ChangeInCapacity.apply(serving, step.amount, None).max(capacity)),
            Way::Simple | Way::Step if below && serving == capacity => {
                Some(Adjustment::ChangeInCapacity.apply(capacity, -1, None))
            }
            Way::Simple | Way::Step => None,
            Way::Target => tracked,
            Way::Scheduled => schedule.iter().find(|(at, _)| *at == now).map(|(_, capacity)| *capacity),
            Way::Predictive => {
                let soon = yesterday.iter().skip(now).take(group.start + AHEAD + 1).copied().fold(0.0, f64::max);
                let forecast = Sight { metric: soon, ..sight }.needed(1).clamp(group.min, group.max);
                if forecast > capacity { Some(forecast) } else { tracked.map(|wanted| wanted.max(forecast)) }
            }
        };
        if let Some(wish) = wish {
            let wanted = usize::try_from(wish.clamp(group.min, group.max)).unwrap_or(servers.len());
            if way == Way::Simple && wanted != servers.len() {
                rests = now + group.cooldown;
            }
            // The oldest go first; new ones take their time.
            let gone = servers.len().saturating_sub(wanted);
            servers.drain(..gone);
            servers.resize(wanted, now + group.start);
        }
        minutes.push(Minute {
            wanted: count(servers.len()),
            serving,
            cpu,
            overloaded: *asked > f64::from(serving) * 100.0,
        });
    }
    minutes
}

fn rule(comparison: Comparison, threshold: f64, periods: usize) -> Rule {
    Rule { periods, needed: periods, comparison, threshold, missing: Missing::Missing }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half a server's load, then three servers' for 30 minutes, then half a server's.
    fn rush() -> Vec<f64> {
        let mut load = vec![50.0; 20];
        load.resize(50, 270.0);
        load.resize(120, 50.0);
        load
    }

    fn answer(way: Way) -> Vec<Minute> {
        play(way, &rush(), &rush(), &[(15, 4), (60, 1)], &Group::default())
    }

    fn overloaded(way: Way) -> usize {
        answer(way).iter().filter(|minute| minute.overloaded).count()
    }

    #[test]
    fn target_tracking_answers_after_three_points_and_shrinks_after_fifteen() {
        let minutes = answer(Way::Target);
        let wanted = |at: usize| minutes[at].wanted;
        // The points of minutes 20, 21, 22 are over the target; one full server at 100 of 70 makes two.
        assert_eq!((wanted(21), wanted(22)), (1, 2));
        assert!(minutes.iter().any(|minute| minute.wanted == 4), "2.7 servers' load at 70 % needs four");
        // From minute 50 on the points are low.
        let shrinks = (50..120).find(|at| wanted(*at) < 4).unwrap_or_default();
        assert_eq!(shrinks, 64);
        assert_eq!(wanted(119), 1);
    }

    #[test]
    fn who_knows_the_rush_is_ready_for_it() {
        assert_eq!(overloaded(Way::Scheduled), 0);
        assert_eq!(overloaded(Way::Predictive), 0);
        assert!(overloaded(Way::Step) <= overloaded(Way::Simple));
        assert!(overloaded(Way::Target) > 0);
    }

    #[test]
    fn a_simple_policy_rests_after_each_change() {
        let minutes = answer(Way::Simple);
        let raised: Vec<usize> = (1..50).filter(|at| minutes[*at].wanted > minutes[*at - 1].wanted).collect();
        assert!(raised.len() >= 2);
        assert!(raised.windows(2).all(|pair| pair[1] - pair[0] >= Group::default().cooldown), "{raised:?}");
    }

    #[test]
    fn never_outside_the_bounds() {
        for way in Way::ALL {
            let wild: Vec<f64> = (0..120).map(|at| f64::from(at * 37 % 11) * 100.0).collect();
            let group = Group { min: 2, max: 4, ..Group::default() };
            let minutes = play(way, &wild, &wild, &[(5, 9), (9, 0)], &group);
            assert!(minutes.iter().all(|minute| (2..=4).contains(&minute.wanted)), "{way:?}");
        }
    }
}
