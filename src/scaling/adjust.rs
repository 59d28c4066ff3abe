//! Simple and step policies: how an adjustment changes a capacity.

use serde::{Deserialize, Serialize};

/// What an adjustment's number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Adjustment {
    /// So many more (or fewer).
    ChangeInCapacity,
    /// So many altogether.
    ExactCapacity,
    /// So many per cent more (or fewer).
    PercentChangeInCapacity,
}

impl Adjustment {
    /// All of them, in AWS's order.
    pub const ALL: [Self; 3] = [Self::ChangeInCapacity, Self::ExactCapacity, Self::PercentChangeInCapacity];

    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::ChangeInCapacity => "ChangeInCapacity",
            Self::ExactCapacity => "ExactCapacity",
            Self::PercentChangeInCapacity => "PercentChangeInCapacity",
        }
    }

    /// The one that AWS calls so.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// The capacity after an adjustment, not yet held between a group's bounds. A percentage that gives less than one whole instance gives one;
    /// otherwise it is cut towards zero, and is at least `magnitude`.
    pub fn apply(self, capacity: u32, amount: i64, magnitude: Option<u32>) -> u32 {
        let change = match self {
            Self::ExactCapacity => return u32::try_from(amount.max(0)).unwrap_or(u32::MAX),
            Self::ChangeInCapacity => amount,
            Self::PercentChangeInCapacity => {
                let hundredths = i64::from(capacity).saturating_mul(amount);
                let whole = match hundredths / 100 {
                    0 => hundredths.signum(),
                    whole => whole,
                };
                let least = i64::from(magnitude.unwrap_or(0));
                if whole.abs() < least { least * amount.signum() } else { whole }
            }
        };
        u32::try_from(i64::from(capacity).saturating_add(change).max(0)).unwrap_or(u32::MAX)
    }
}

/// A step of a step policy. Its bounds are distances of the metric from the alarm's threshold; none is no bound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Step {
    /// Where it begins.
    pub lower: Option<f64>,
    /// Where it ends.
    pub upper: Option<f64>,
    /// By how much.
    pub amount: i64,
}

impl Step {
    /// Whether a distance is in it. On the side of the threshold the bound belongs to the step, on the far side it does not.
    fn holds(&self, distance: f64) -> bool {
        let (lower, upper) = (self.lower.unwrap_or(f64::NEG_INFINITY), self.upper.unwrap_or(f64::INFINITY));
        if distance >= 0.0 { lower <= distance && distance < upper } else { lower < distance && distance <= upper }
    }
}

/// The step for a metric at this distance from the threshold.
pub fn step_for(steps: &[Step], distance: f64) -> Option<&Step> {
    steps.iter().find(|step| step.holds(distance))
}

/// What is wrong with steps.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepsFlaw {
    /// There is none.
    None,
    /// A step without bounds on either side, beside others; or one that ends before it begins.
    Bounds,
    /// Two of them overlap.
    Overlap,
    /// There is a gap between two of them.
    Gap,
}

/// Steps must follow one another without gap and without overlap.
pub fn check_steps(steps: &[Step]) -> Result<(), StepsFlaw> {
    if steps.is_empty() {
        return Err(StepsFlaw::None);
    }
    let begin = |step: &Step| step.lower.unwrap_or(f64::NEG_INFINITY);
    let end = |step: &Step| step.upper.unwrap_or(f64::INFINITY);
    let mut sorted: Vec<&Step> = steps.iter().collect();
    sorted.sort_by(|a, b| begin(a).total_cmp(&begin(b)));
    if sorted.iter().any(|step| begin(step) >= end(step) || (step.lower.is_none() && step.upper.is_none())) {
        return Err(StepsFlaw::Bounds);
    }
    for pair in sorted.windows(2) {
        if let [first, second] = pair {
            if begin(second) < end(first) {
                return Err(StepsFlaw::Overlap);
            }
            if begin(second) > end(first) {
                return Err(StepsFlaw::Gap);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adjustments() {
        use Adjustment::{ChangeInCapacity, ExactCapacity, PercentChangeInCapacity};
        let table = [
            (ChangeInCapacity, 3, 2, None, 5),
            (ChangeInCapacity, 3, -5, None, 0),
            (ExactCapacity, 3, 7, None, 7),
            // 12.7 per cent is cut, 0.67 of an instance is one.
            (PercentChangeInCapacity, 10, 25, None, 12),
            (PercentChangeInCapacity, 10, -25, None, 8),
            (PercentChangeInCapacity, 3, 10, None, 4),
            (PercentChangeInCapacity, 3, -10, None, 2),
            (PercentChangeInCapacity, 4, 25, Some(2), 6),
            (PercentChangeInCapacity, 4, -25, Some(2), 2),
            (PercentChangeInCapacity, 0, 50, None, 0),
        ];
        for (kind, capacity, amount, magnitude, wanted) in table {
            assert_eq!(kind.apply(capacity, amount, magnitude), wanted, "{kind:?} {capacity} {amount}");
        }
    }

    fn step(lower: Option<f64>, upper: Option<f64>, amount: i64) -> Step {
        Step { lower, upper, amount }
    }

    #[test]
    fn steps_by_distance() {
        let out = [step(Some(0.0), Some(10.0), 0), step(Some(10.0), Some(20.0), 10), step(Some(20.0), None, 30)];
        let amount = |steps: &[Step], distance| step_for(steps, distance).map(|step| step.amount);
        assert_eq!([0.0, 9.9, 10.0, 20.0, 99.0].map(|at| amount(&out, at)), [0, 0, 10, 30, 30].map(Some));
        assert_eq!(amount(&out, -0.1), None);
        let down = [step(Some(-10.0), Some(0.0), 0), step(Some(-20.0), Some(-10.0), -10), step(None, Some(-20.0), -30)];
        assert_eq!([-0.1, -10.0, -10.1, -20.0].map(|at| amount(&down, at)), [0, -10, -10, -30].map(Some));
        assert_eq!((check_steps(&out), check_steps(&down)), (Ok(()), Ok(())));
    }

    #[test]
    fn wrong_steps() {
        assert_eq!(check_steps(&[]), Err(StepsFlaw::None));
        assert_eq!(check_steps(&[step(None, None, 1)]), Err(StepsFlaw::Bounds));
        assert_eq!(check_steps(&[step(Some(5.0), Some(5.0), 1)]), Err(StepsFlaw::Bounds));
        let with = |lower| [step(Some(0.0), Some(10.0), 1), step(Some(lower), None, 2)];
        assert_eq!(check_steps(&with(9.0)), Err(StepsFlaw::Overlap));
        assert_eq!(check_steps(&with(11.0)), Err(StepsFlaw::Gap));
    }
}
