//! Alarms, their history, and the metrics they look at.

use serde::{Deserialize, Serialize};

/// Alarms, their history, and the metrics they look at.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Watch {}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {}

impl super::Region {
    pub(super) fn watch_due(&mut self, _global: &super::Global, due: Due) {
        match due {}
    }
}
