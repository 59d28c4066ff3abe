//! How often a step that is done by hand is looked at.

use std::time::Duration;

/// On the practice cloud, which costs nothing to ask.
const PRACTICE: Duration = Duration::from_secs(1);
/// Elsewhere, while things happen.
const AWS: Duration = Duration::from_secs(8);
/// Looks without news after which it looks half as often, and a third as often.
const QUIET: u32 = 15;
/// The longest pause, when AWS says that there are too many requests.
const LONGEST: Duration = Duration::from_secs(120);

/// The pause before the next look: short while something happens, longer when nothing does, and twice as long each time
/// that the cloud refuses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pace {
    practice: bool,
    quiet: u32,
    refused: u32,
    looks: u32,
}

impl Pace {
    /// The pace of a cloud.
    pub const fn new(practice: bool) -> Self {
        Self { practice, quiet: 0, refused: 0, looks: 0 }
    }

    /// The pause before the next look.
    pub fn pause(&self) -> Duration {
        let usual = if self.practice { PRACTICE } else { AWS };
        let calm = if self.practice { 1 } else { 1 + (self.quiet / QUIET).min(2) };
        (usual * calm).saturating_mul(1 << self.refused.min(8)).min(LONGEST)
    }

    /// Whether the next look should also search for what has another name or is elsewhere: that costs more requests.
    pub const fn is_thorough(&self) -> bool {
        self.looks.is_multiple_of(if self.practice { 2 } else { 4 })
    }

    /// A look was answered.
    pub const fn looked(&mut self, news: bool) {
        self.quiet = if news { 0 } else { self.quiet.saturating_add(1) };
        self.refused = self.refused.saturating_sub(1);
        self.looks = self.looks.wrapping_add(1);
    }

    /// A look was refused, or could not be made.
    pub const fn refused(&mut self) {
        self.refused = self.refused.saturating_add(1);
    }
}
