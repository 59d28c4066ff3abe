//! The practice clock: practice time runs `speed` times as fast as real time while somebody is attached.
//!
//! Within a process it follows tokio's [`Instant`], so that tests with paused time drive it; between processes it is handed
//! over as a practice time with the wall-clock time it was true at (`ClockRow`).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tokio::time::Instant;

/// Practice seconds per real second, unless told otherwise.
pub const DEFAULT_SPEED: f64 = 30.0;
/// The slowest and the fastest a clock may go.
pub const SPEED_RANGE: std::ops::RangeInclusive<f64> = 0.01..=1_000_000.0;

/// What the clock shows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClockState {
    /// Practice time, ms since 1970.
    pub now_ms: i64,
    /// Practice seconds per real second, also while paused.
    pub speed: f64,
    /// Whether it stands still on request.
    pub paused: bool,
}

/// The clock as it is stored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct ClockRow {
    /// Practice time, ms since 1970...
    pub practice_ms: i64,
    /// ...at this wall-clock time, ms since 1970.
    pub wall_ms: i64,
    pub speed: f64,
    pub paused: bool,
    /// Counts resets: only a reset may set the time back.
    pub epoch: i64,
}

/// A running clock.
#[derive(Debug, Clone)]
pub(super) struct Clock {
    base_ms: i64,
    base: Instant,
    speed: f64,
    paused: bool,
    epoch: i64,
    /// The latest time shown: time never goes back, whatever clock drives it.
    latest: i64,
    /// The stored clock that this one goes on from.
    source: ClockRow,
}

impl Clock {
    /// Goes on from a stored clock. `resume` when nobody was attached since it was stored: the time between does not count.
    pub fn from_row(row: ClockRow, resume: bool) -> Self {
        let mut clock = Self {
            base_ms: row.practice_ms,
            base: Instant::now(),
            speed: row.speed,
            paused: row.paused,
            epoch: row.epoch,
            latest: row.practice_ms,
            source: row,
        };
        if !resume && !row.paused {
            let elapsed = wall_ms().saturating_sub(row.wall_ms).max(0);
            clock.base_ms =
                row.practice_ms.saturating_add(scaled(Duration::from_millis(elapsed.unsigned_abs()), row.speed));
        }
        clock
    }

    /// Takes over what another process stored, once.
    pub fn take_over(&mut self, row: ClockRow) {
        if row == self.source {
            return;
        }
        let latest = self.now();
        let reset = row.epoch != self.epoch;
        *self = Self::from_row(row, false);
        if !reset {
            self.latest = self.latest.max(latest);
        }
    }

    /// The clock as it is to be stored now.
    pub fn row(&mut self) -> ClockRow {
        ClockRow {
            practice_ms: self.now(),
            wall_ms: wall_ms(),
            speed: self.speed,
            paused: self.paused,
            epoch: self.epoch,
        }
    }

    /// Practice time, ms since 1970.
    pub fn now(&mut self) -> i64 {
        let elapsed = if self.paused { Duration::ZERO } else { Instant::now().saturating_duration_since(self.base) };
        self.latest = self.latest.max(self.base_ms.saturating_add(scaled(elapsed, self.speed)));
        self.latest
    }

    pub fn state(&mut self) -> ClockState {
        ClockState { now_ms: self.now(), speed: self.speed, paused: self.paused }
    }

    pub fn set_speed(&mut self, speed: f64) {
        self.rebase();
        if speed.is_finite() {
            self.speed = speed.clamp(*SPEED_RANGE.start(), *SPEED_RANGE.end());
        }
    }

    pub fn set_paused(&mut self, paused: bool) {
        self.rebase();
        self.paused = paused;
    }

    pub fn advance(&mut self, by: Duration) {
        self.rebase();
        self.base_ms = self.base_ms.saturating_add(scaled(by, 1.0));
    }

    /// Starts again at a time, at the same speed.
    pub fn reset(&mut self, now_ms: i64) {
        (self.base_ms, self.base, self.latest) = (now_ms, Instant::now(), now_ms);
        self.paused = false;
        self.epoch += 1;
    }

    fn rebase(&mut self) {
        self.base_ms = self.now();
        self.base = Instant::now();
    }
}

/// Milliseconds since 1970 on the wall clock.
pub(super) fn wall_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

fn scaled(real: Duration, speed: f64) -> i64 {
    // A float becomes an integer by saturation; half a millisecond does not matter.
    (real.as_secs_f64() * speed * 1000.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(practice_ms: i64, wall_ms: i64) -> ClockRow {
        ClockRow { practice_ms, wall_ms, speed: 30.0, paused: false, epoch: 0 }
    }

    #[tokio::test(start_paused = true)]
    async fn follows_tokio_time_at_its_speed() {
        let mut clock = Clock::from_row(row(1_000, 0), true);
        assert_eq!(clock.now(), 1_000);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(clock.now(), 61_000);
        clock.set_speed(1.0);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(clock.now(), 63_000);
        clock.set_paused(true);
        tokio::time::advance(Duration::from_secs(2)).await;
        assert_eq!(clock.now(), 63_000);
        clock.advance(Duration::from_secs(600));
        assert_eq!(clock.now(), 663_000);
        clock.set_paused(false);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(clock.now(), 664_000);
    }

    #[tokio::test(start_paused = true)]
    async fn runs_on_between_processes_and_stands_while_nobody_is_attached() {
        let stored = row(1_000, wall_ms() - 10_000);
        assert_eq!(Clock::from_row(stored, true).now(), 1_000);
        assert!((300_000..400_000).contains(&(Clock::from_row(stored, false).now() - 1_000)));
        // A wall clock that was set back does not set practice time back.
        assert_eq!(Clock::from_row(row(1_000, wall_ms() + 60_000), false).now(), 1_000);
    }

    #[tokio::test(start_paused = true)]
    async fn only_a_reset_goes_back() {
        let mut clock = Clock::from_row(row(50_000, 0), true);
        let other = row(10_000, wall_ms());
        clock.take_over(other);
        assert_eq!(clock.now(), 50_000);
        tokio::time::advance(Duration::from_secs(2)).await;
        clock.take_over(other);
        assert!(clock.now() >= 70_000, "it goes on from what it took over once");
        clock.take_over(ClockRow { epoch: 1, ..row(10_000, wall_ms()) });
        assert!(clock.now() < 50_000);
    }

    #[tokio::test(start_paused = true)]
    async fn nonsense_speeds_are_not_taken() {
        let mut clock = Clock::from_row(row(0, 0), true);
        clock.set_speed(f64::NAN);
        assert_eq!(clock.state().speed, 30.0);
        clock.set_speed(1e12);
        assert_eq!(clock.state().speed, 1_000_000.0);
    }
}
