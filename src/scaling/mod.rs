//! The rules of Auto Scaling and of alarms, as arithmetic: no time passes here, and nothing is remembered.
//!
//! Promises: pure functions of their arguments, so that the practice cloud, the policy player and the monitor answer alike.
//! Knows nothing of AWS's API and nothing of the other rooms.

pub mod adjust;
pub mod alarm;
pub mod choose;
pub mod lifecycle;
pub mod play;
pub mod schedule;
pub mod target;
