//! Target tracking: how many instances keep a metric at its target.
//!
//! The metric is the average over the instances that are warm. Instances that warm up are counted as capacity that is already there, but
//! neither their load nor their number goes into the proportion; while any warms up, nothing is scaled in.

/// The low alarm's threshold as a share of the target, in tenths: AWS documents none, this is what its EC2 Auto Scaling makes.
const LOW_TENTHS: f64 = 7.0;

/// The threshold of the alarm that scales in: 49 for a target of 70.
pub fn low_threshold(target: f64) -> f64 {
    target * LOW_TENTHS / 10.0
}

/// What a group is when a policy looks at it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sight {
    /// Instances that the group has or is already starting.
    pub capacity: u32,
    /// Those of them that are warm: they carry the metric.
    pub warm: u32,
    /// The metric's average over the warm ones.
    pub metric: f64,
    /// What the policy keeps it at.
    pub target: f64,
    /// The smallest capacity allowed.
    pub min: u32,
    /// The largest capacity allowed.
    pub max: u32,
}

impl Sight {
    /// How many instances keep the metric at its target, when now so many carry it.
    pub fn needed(&self, instances: u32) -> u32 {
        let exact = f64::from(instances) * self.metric / self.target;
        // A hair above a whole number is that number: 2 x 35 / 70 is 1, whatever the floats say.
        let whole = (exact - 1e-9).ceil().clamp(0.0, f64::from(u32::MAX));
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to u32")]
        let whole = whole as u32;
        whole
    }

    /// The capacity after the high alarm; none when nothing is to be added.
    pub fn out(&self) -> Option<u32> {
        if self.metric <= self.target || self.warm == 0 {
            return None;
        }
        let wanted = self.needed(self.warm).max(self.warm + 1).min(self.max);
        (wanted > self.capacity).then_some(wanted)
    }

    /// The capacity after the low alarm; none when nothing is to be taken away, or something warms up.
    pub fn reduced(&self) -> Option<u32> {
        if self.warm < self.capacity {
            return None;
        }
        let wanted = self.needed(self.capacity).max(self.min);
        (wanted < self.capacity).then_some(wanted)
    }
}

/// What one policy wants of a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// This many, which is more than there are.
    More(u32),
    /// This many, which is fewer than there are.
    Fewer(u32),
    /// No change, and no fewer.
    Stay,
}

/// What several policies come to: the largest capacity wins, and it becomes smaller only when all agree.
pub fn agree(wishes: impl IntoIterator<Item = Wish>) -> Option<u32> {
    let (mut more, mut fewer, mut stay) = (None, None, false);
    for wish in wishes {
        match wish {
            Wish::More(count) => more = more.max(Some(count)),
            Wish::Fewer(count) => fewer = fewer.max(Some(count)),
            Wish::Stay => stay = true,
        }
    }
    if more.is_some() || stay { more } else { fewer }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sight(capacity: u32, warm: u32, metric: f64) -> Sight {
        Sight { capacity, warm, metric, target: 70.0, min: 1, max: 3 }
    }

    #[test]
    fn low_thresholds_are_those_that_were_seen() {
        for (target, low) in [(70.0, 49.0), (75.0, 52.5), (50.0, 35.0), (40.0, 28.0), (30.0, 21.0)] {
            assert!((low_threshold(target) - low).abs() < f64::EPSILON, "{target}");
        }
    }

    #[test]
    fn out_by_proportion() {
        // (capacity, warm, metric) -> capacity
        let table = [
            (1, 1, 100.0, Some(2)),
            // The first one still carries all the load while the second warms up: there are two already.
            (2, 1, 100.0, None),
            (2, 2, 100.0, Some(3)),
            (2, 2, 50.0, None),
            (1, 1, 70.0, None),
            (1, 1, 70.1, Some(2)),
            (3, 3, 100.0, None),
            (2, 0, 100.0, None),
        ];
        for (capacity, warm, metric, wanted) in table {
            assert_eq!(sight(capacity, warm, metric).out(), wanted, "{capacity} {warm} {metric}");
        }
        assert_eq!(Sight { max: 100, ..sight(10, 10, 95.0) }.out(), Some(14));
        // Two warm up already; the rest needs more still.
        assert_eq!(Sight { max: 100, ..sight(12, 10, 95.0) }.out(), Some(14));
    }

    #[test]
    fn in_by_proportion_and_never_while_one_warms_up() {
        let table = [
            (2, 2, 1.0, Some(1)),
            (2, 2, 50.0, None),
            (2, 2, 35.0, Some(1)),
            (2, 2, 35.1, None),
            (3, 3, 48.0, None),
            (3, 3, 46.0, Some(2)),
            (3, 2, 1.0, None),
            (1, 1, 0.0, None),
        ];
        for (capacity, warm, metric, wanted) in table {
            assert_eq!(sight(capacity, warm, metric).reduced(), wanted, "{capacity} {warm} {metric}");
        }
    }

    #[test]
    fn several_policies() {
        assert_eq!(agree([Wish::More(3), Wish::More(5), Wish::Fewer(1)]), Some(5));
        assert_eq!(agree([Wish::Fewer(1), Wish::Fewer(2)]), Some(2));
        assert_eq!(agree([Wish::Fewer(1), Wish::Stay]), None);
        assert_eq!(agree([Wish::More(4), Wish::Stay]), Some(4));
        assert_eq!(agree([]), None);
    }
}
