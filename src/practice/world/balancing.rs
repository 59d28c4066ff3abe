//! Load balancers, target groups, listeners and the health of targets.

use serde::{Deserialize, Serialize};

/// Load balancers, target groups, listeners and the health of targets.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balancing {}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {}

impl super::Region {
    pub(super) fn balancing_due(&mut self, _global: &super::Global, due: Due) {
        match due {}
    }
}

impl super::Region {
    /// Looks again at every target, after something has changed.
    pub(super) fn settle_targets(&mut self, _global: &super::Global) {}
}
