//! Whole walks through the real event loop, with the practice cloud behind it and paused time: only keys go in, only
//! frames come out.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod learner;
mod quiz;
mod slow;
mod wait;
mod walk;
