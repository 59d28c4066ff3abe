//! Where a group starts an instance, and which one it ends.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

const HOUR_MS: i64 = 3_600_000;

/// How a group picks what it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Termination {
    /// The oldest launch template, then the closest to its next billing hour, then any.
    Default,
    /// The one that was started first.
    OldestInstance,
    /// The one that was started last.
    NewestInstance,
    /// Those of the oldest launch template or version.
    OldestLaunchTemplate,
    /// Those with a launch configuration; without any it says nothing.
    OldestLaunchConfiguration,
    /// The one whose next full hour comes first.
    ClosestToNextInstanceHour,
    /// By the allocation strategy of a mixed group; without one it says nothing.
    AllocationStrategy,
}

impl Termination {
    /// All of them, in AWS's order.
    pub const ALL: [Self; 7] = [
        Self::AllocationStrategy,
        Self::ClosestToNextInstanceHour,
        Self::Default,
        Self::NewestInstance,
        Self::OldestInstance,
        Self::OldestLaunchConfiguration,
        Self::OldestLaunchTemplate,
    ];

    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Default => "Default",
            Self::OldestInstance => "OldestInstance",
            Self::NewestInstance => "NewestInstance",
            Self::OldestLaunchTemplate => "OldestLaunchTemplate",
            Self::OldestLaunchConfiguration => "OldestLaunchConfiguration",
            Self::ClosestToNextInstanceHour => "ClosestToNextInstanceHour",
            Self::AllocationStrategy => "AllocationStrategy",
        }
    }

    /// The one that AWS calls so.
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// An instance that might be ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate<'a> {
    /// Its id.
    pub id: &'a str,
    /// Its availability zone.
    pub zone: &'a str,
    /// When it was started, ms.
    pub launched: i64,
    /// The smaller, the older its launch template.
    pub template: u64,
    /// Protected from scale-in: counts in its zone, is not chosen.
    pub protected: bool,
}

/// The instance to end: of the zones with most instances, by the policies in order, then by `draw`.
pub fn to_end<'a>(candidates: &[Candidate<'a>], policies: &[Termination], now: i64, draw: u64) -> Option<&'a str> {
    let mut zones: BTreeMap<&str, (usize, bool)> = BTreeMap::new();
    for one in candidates {
        let zone = zones.entry(one.zone).or_default();
        zone.0 += 1;
        zone.1 |= !one.protected;
    }
    let most = zones.values().filter(|(_, free)| *free).map(|(count, _)| *count).max()?;
    let mut left: Vec<&Candidate<'a>> = candidates
        .iter()
        .filter(|one| !one.protected && zones.get(one.zone).is_some_and(|(count, _)| *count == most))
        .collect();
    for policy in policies {
        match policy {
            Termination::Default => {
                keep_smallest(&mut left, |one| one.template);
                keep_smallest(&mut left, |one| to_next_hour(one.launched, now));
            }
            Termination::OldestInstance => keep_smallest(&mut left, |one| one.launched),
            Termination::NewestInstance => keep_smallest(&mut left, |one| -one.launched),
            Termination::OldestLaunchTemplate => keep_smallest(&mut left, |one| one.template),
            Termination::ClosestToNextInstanceHour => keep_smallest(&mut left, |one| to_next_hour(one.launched, now)),
            Termination::OldestLaunchConfiguration | Termination::AllocationStrategy => {}
        }
    }
    let index = draw.checked_rem(u64::try_from(left.len()).ok()?)?;
    left.get(usize::try_from(index).ok()?).map(|one| one.id)
}

fn keep_smallest<T: Ord>(left: &mut Vec<&Candidate<'_>>, key: impl Fn(&Candidate<'_>) -> T) {
    if let Some(smallest) = left.iter().map(|one| key(one)).min() {
        left.retain(|one| key(one) == smallest);
    }
}

fn to_next_hour(launched: i64, now: i64) -> i64 {
    HOUR_MS - (now - launched).rem_euclid(HOUR_MS)
}

/// A place for instances, and how many are there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place<'a> {
    /// The subnet.
    pub subnet: &'a str,
    /// Its availability zone.
    pub zone: &'a str,
    /// How many of the group's instances are in the subnet.
    pub count: usize,
}

fn by_zone<'a>(places: &[Place<'a>]) -> BTreeMap<&'a str, usize> {
    let mut zones = BTreeMap::new();
    for place in places {
        *zones.entry(place.zone).or_default() += place.count;
    }
    zones
}

/// The subnet to start the next instance in: of the zone with fewest; of equals the first that is named.
pub fn to_start<'a>(places: &[Place<'a>]) -> Option<&'a str> {
    let zones = by_zone(places);
    let fewest = places.iter().min_by_key(|place| (zones.get(place.zone).copied(), place.count))?;
    Some(fewest.subnet)
}

/// The zones with most and with fewest instances, when moving one from the first to the second would make them more even.
pub fn uneven<'a>(places: &[Place<'a>]) -> Option<(&'a str, &'a str)> {
    let zones = by_zone(places);
    let (most, high) = zones.iter().max_by_key(|(_, count)| **count)?;
    let (fewest, low) = zones.iter().min_by_key(|(_, count)| **count)?;
    (*high >= low + 2).then_some((*most, *fewest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn one(id: &'static str, zone: &'static str, minutes_old: i64, template: u64) -> Candidate<'static> {
        Candidate { id, zone, launched: -minutes_old * MINUTE, template, protected: false }
    }

    #[test]
    fn zone_first_then_template_then_hour() {
        use Termination::{Default, NewestInstance, OldestInstance};
        let all = [one("a1", "a", 70, 2), one("a2", "a", 30, 2), one("c1", "c", 500, 1)];
        // c1 is older in every way, but a has more.
        assert_eq!(to_end(&all, &[OldestInstance], 0, 0), Some("a1"));
        assert_eq!(to_end(&all, &[NewestInstance], 0, 0), Some("a2"));
        // a1 is 50 minutes from its next hour, a2 30.
        assert_eq!(to_end(&all, &[Default], 0, 0), Some("a2"));
        let even = [one("a1", "a", 70, 2), one("c1", "c", 10, 1)];
        assert_eq!(to_end(&even, &[Default], 0, 0), Some("c1"));
        let twins = [one("a1", "a", 70, 1), one("c1", "c", 70, 1)];
        assert_eq!([0, 1].map(|draw| to_end(&twins, &[Default], 0, draw)), [Some("a1"), Some("c1")]);
    }

    #[test]
    fn protected_ones_stay() {
        let guard = |mut candidate: Candidate<'static>| {
            candidate.protected = true;
            candidate
        };
        let all = [guard(one("a1", "a", 9, 1)), guard(one("a2", "a", 9, 1)), one("c1", "c", 1, 1)];
        assert_eq!(to_end(&all, &[Termination::Default], 0, 5), Some("c1"));
        assert_eq!(to_end(&[guard(one("a1", "a", 9, 1))], &[Termination::Default], 0, 0), None);
        assert_eq!(to_end(&[], &[], 0, 0), None);
    }

    fn place(subnet: &'static str, zone: &'static str, count: usize) -> Place<'static> {
        Place { subnet, zone, count }
    }

    #[test]
    fn starts_where_fewest_are() {
        assert_eq!(to_start(&[place("s1", "a", 1), place("s2", "c", 0)]), Some("s2"));
        assert_eq!(to_start(&[place("s1", "a", 0), place("s2", "c", 0)]), Some("s1"));
        assert_eq!(to_start(&[place("s1", "a", 2), place("s2", "a", 0), place("s3", "c", 1)]), Some("s3"));
        assert_eq!(to_start(&[]), None);
        assert_eq!(uneven(&[place("s1", "a", 2), place("s2", "c", 1)]), None);
        assert_eq!(uneven(&[place("s1", "a", 2), place("s2", "c", 0)]), Some(("a", "c")));
    }
}
