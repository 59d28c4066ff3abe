//! Whether an alarm goes off: AWS's rule for the newest data points, with its care for missing ones.
//!
//! Promises: [`evaluate`] is a pure function of the rule, the points of the evaluation range (which is slightly longer than the
//! evaluation periods) and the state so far. Real points count first; only where they are too few, missing ones are filled by the
//! alarm's treatment of missing data. [`Evaluation`] tells which points were used and how many of them are breaching, so that a
//! screen can say "2 of 3". Knows no time, no metric and no words.

use serde::{Deserialize, Serialize};

/// How a point is compared with the threshold; it is breaching when the comparison holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the comparisons are AWS's own")]
pub enum Comparison {
    GreaterThanOrEqualToThreshold,
    GreaterThanThreshold,
    LessThanThreshold,
    LessThanOrEqualToThreshold,
}

impl Comparison {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GreaterThanOrEqualToThreshold => "GreaterThanOrEqualToThreshold",
            Self::GreaterThanThreshold => "GreaterThanThreshold",
            Self::LessThanThreshold => "LessThanThreshold",
            Self::LessThanOrEqualToThreshold => "LessThanOrEqualToThreshold",
        }
    }

    /// The comparison of this name.
    pub fn named(name: &str) -> Option<Self> {
        [
            Self::GreaterThanOrEqualToThreshold,
            Self::GreaterThanThreshold,
            Self::LessThanThreshold,
            Self::LessThanOrEqualToThreshold,
        ]
        .into_iter()
        .find(|one| one.as_str() == name)
    }

    /// Does the comparison hold?
    pub fn holds(self, value: f64, threshold: f64) -> bool {
        match self {
            Self::GreaterThanOrEqualToThreshold => value >= threshold,
            Self::GreaterThanThreshold => value > threshold,
            Self::LessThanThreshold => value < threshold,
            Self::LessThanOrEqualToThreshold => value <= threshold,
        }
    }
}

/// What stands in for points that are not there.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Missing {
    /// Nothing: without any point the alarm has insufficient data.
    #[default]
    Missing,
    /// Nothing: without enough points the alarm stays as it is.
    Ignore,
    /// A breaching point.
    Breaching,
    /// A point that is not breaching.
    NotBreaching,
}

impl Missing {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::Ignore => "ignore",
            Self::Breaching => "breaching",
            Self::NotBreaching => "notBreaching",
        }
    }

    /// The treatment of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Missing, Self::Ignore, Self::Breaching, Self::NotBreaching].into_iter().find(|one| one.as_str() == name)
    }
}

/// The state of an alarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum State {
    /// Within the threshold.
    Ok,
    /// Over it.
    Alarm,
    /// Nothing is known.
    InsufficientData,
}

impl State {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Alarm => "ALARM",
            Self::InsufficientData => "INSUFFICIENT_DATA",
        }
    }

    /// The state of this name.
    pub fn named(name: &str) -> Option<Self> {
        [Self::Ok, Self::Alarm, Self::InsufficientData].into_iter().find(|one| one.as_str() == name)
    }
}

/// When an alarm goes off: when `needed` of the newest `periods` points compare with the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// EvaluationPeriods, N.
    pub periods: usize,
    /// DatapointsToAlarm, M: at most N.
    pub needed: usize,
    /// The comparison.
    pub comparison: Comparison,
    /// The threshold, in the metric's unit.
    pub threshold: f64,
    /// TreatMissingData.
    pub missing: Missing,
}

impl Rule {
    /// How many of the newest points are looked at: more than the periods, to find real ones where the newest are missing.
    pub fn range(&self) -> usize {
        self.periods + 2
    }

    /// Is a point of this value breaching?
    pub fn breaches(&self, value: f64) -> bool {
        self.comparison.holds(value, self.threshold)
    }
}

/// What became of an evaluation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evaluation {
    /// The alarm's state from now on.
    pub state: State,
    /// Where the real points are that were used, as indices into the points given, oldest first.
    pub used: Vec<usize>,
    /// How many of them are breaching: the 2 of "2 of 3".
    pub breaching: usize,
    /// How many breaching points it takes: the 3.
    pub needed: usize,
    /// How many points had to be filled because too few were real.
    pub filled: usize,
}

/// Evaluates the newest points, oldest first (`None`: missing); of more than [`Rule::range`] only the newest are looked at.
pub fn evaluate(rule: &Rule, points: &[Option<f64>], state: State) -> Evaluation {
    let first = points.len().saturating_sub(rule.range());
    let real = |at: &usize| points.get(*at).copied().flatten();
    let all: Vec<usize> = (first..points.len()).filter(|at| real(at).is_some()).collect();
    let used = all[all.len().saturating_sub(rule.periods)..].to_vec();
    let breaches = |at: &usize| real(at).is_some_and(|value| rule.breaches(value));
    let breaching = used.iter().filter(|at| breaches(at)).count();
    let filled = rule.periods.saturating_sub(used.len());
    // However few they are: when the oldest point is old enough and nothing since speaks against it, no newer one could.
    let old_enough = used.first().is_some_and(|at| points.len() - at >= rule.needed);
    let held = breaching > 0 && breaching == used.len() && old_enough;
    let next = if filled == 0 {
        if breaching >= rule.needed { State::Alarm } else { State::Ok }
    } else {
        match rule.missing {
            Missing::Breaching if breaching + filled >= rule.needed => State::Alarm,
            Missing::Breaching => State::Ok,
            Missing::NotBreaching if breaching >= rule.needed => State::Alarm,
            Missing::NotBreaching => State::Ok,
            Missing::Missing | Missing::Ignore if breaching >= rule.needed => State::Alarm,
            Missing::Missing | Missing::Ignore if breaching < used.len() => State::Ok,
            Missing::Missing if used.is_empty() => State::InsufficientData,
            Missing::Missing if held => State::Alarm,
            Missing::Missing | Missing::Ignore => state,
        }
    };
    Evaluation { state: next, used, breaching, needed: rule.needed, filled }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(needed: usize, missing: Missing) -> Rule {
        Rule { periods: 3, needed, comparison: Comparison::GreaterThanThreshold, threshold: 70.0, missing }
    }

    /// `0` is not breaching, `X` is, `-` is missing.
    fn points(pattern: &str) -> Vec<Option<f64>> {
        let point = |one| match one {
            "0" => Some(1.0),
            "X" => Some(99.0),
            _ => None,
        };
        pattern.split(' ').map(point).collect()
    }

    /// What each treatment of missing data makes of a pattern: as it was (`=`), `OK`, `ALARM`, `NONE` (insufficient data).
    fn outcomes(needed: usize, pattern: &str) -> [&'static str; 4] {
        [Missing::Missing, Missing::Ignore, Missing::Breaching, Missing::NotBreaching].map(|missing| {
            let of = |state| evaluate(&rule(needed, missing), &points(pattern), state).state;
            match [of(State::Ok), of(State::Alarm), of(State::InsufficientData)] {
                [State::Ok, State::Alarm, State::InsufficientData] => "=",
                [State::Ok, State::Ok, State::Ok] => "OK",
                [State::Alarm, State::Alarm, State::Alarm] => "ALARM",
                [State::InsufficientData, State::InsufficientData, State::InsufficientData] => "NONE",
                _ => "?",
            }
        })
    }

    #[test]
    fn three_of_three_as_in_the_table_of_aws() {
        let table = [
            ("0 - X - X", ["OK", "OK", "OK", "OK"]),
            ("0 - - - -", ["OK", "OK", "OK", "OK"]),
            ("- - - - -", ["NONE", "=", "ALARM", "OK"]),
            ("0 X X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
            ("- - X - -", ["ALARM", "=", "ALARM", "OK"]),
            // Premature: the next point may still speak against it.
            ("- - - - X", ["=", "=", "ALARM", "OK"]),
            ("- - - X -", ["=", "=", "ALARM", "OK"]),
            ("- - - X 0", ["OK", "OK", "OK", "OK"]),
            ("- - X - 0", ["OK", "OK", "OK", "OK"]),
            ("- - X X -", ["ALARM", "=", "ALARM", "OK"]),
            ("0 0 X X X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
            ("X X X X 0", ["OK", "OK", "OK", "OK"]),
        ];
        for (pattern, wanted) in table {
            assert_eq!(outcomes(3, pattern), wanted, "{pattern}");
        }
    }

    #[test]
    fn two_of_three_as_in_the_table_of_aws() {
        let table = [
            ("0 - X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
            ("0 0 X 0 X", ["ALARM", "ALARM", "ALARM", "ALARM"]),
            ("0 - X - -", ["OK", "OK", "ALARM", "OK"]),
            ("- - - - 0", ["OK", "OK", "ALARM", "OK"]),
            ("- - - X -", ["ALARM", "=", "ALARM", "OK"]),
            ("X X 0 0 X", ["OK", "OK", "OK", "OK"]),
        ];
        for (pattern, wanted) in table {
            assert_eq!(outcomes(2, pattern), wanted, "{pattern}");
        }
    }

    #[test]
    fn tells_which_points_fill() {
        let seen = |pattern| {
            let found = evaluate(&rule(3, Missing::Missing), &points(pattern), State::Ok);
            (found.breaching, found.needed, found.filled, found.used)
        };
        assert_eq!(seen("0 0 0 X X"), (2, 3, 0, vec![2, 3, 4]));
        assert_eq!(seen("- 0 X - X"), (2, 3, 0, vec![1, 2, 4]));
        assert_eq!(seen("- - - X X"), (2, 3, 1, vec![3, 4]));
        // More than the range: only the newest are looked at.
        assert_eq!(seen("X X X - - - - -"), (0, 3, 3, vec![]));
    }

    #[test]
    fn comparisons_at_the_threshold() {
        let at = |name| Comparison::named(name).map(|one| [69.0, 70.0, 71.0].map(|value| one.holds(value, 70.0)));
        assert_eq!(at("GreaterThanThreshold"), Some([false, false, true]));
        assert_eq!(at("GreaterThanOrEqualToThreshold"), Some([false, true, true]));
        assert_eq!(at("LessThanThreshold"), Some([true, false, false]));
        assert_eq!(at("LessThanOrEqualToThreshold"), Some([true, true, false]));
        assert_eq!(Comparison::named("GreaterThanUpperThreshold"), None);
    }
}
