//! Cloud time: the wall clock on AWS, the practice clock on the practice cloud.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The shortest real time between two looks at the same thing.
const FLOOR: Duration = Duration::from_millis(50);

/// Where cloud time comes from.
pub trait Clock: Send + Sync {
    /// Milliseconds since the Unix epoch.
    fn now(&self) -> i64;
    /// Cloud seconds that pass in one real second.
    fn speed(&self) -> f64;
}

/// The time of this machine.
#[derive(Debug, Clone, Copy)]
pub struct Wall;

impl Clock for Wall {
    fn now(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }

    fn speed(&self) -> f64 {
        1.0
    }
}

/// How long a span of cloud time is in real time, with a floor that spares the machine.
pub(super) fn real(clock: &dyn Clock, cloud: Duration) -> Duration {
    let speed = clock.speed();
    let real = if speed > 0.0 { cloud.div_f64(speed) } else { cloud };
    real.max(FLOOR)
}

/// A duration in whole milliseconds.
pub(super) fn millis(duration: Duration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

/// The milliseconds between two times, never negative.
pub(super) fn between(from: i64, to: i64) -> u64 {
    u64::try_from(to - from).unwrap_or(0)
}
