//! Auto Scaling groups, policies and activities.

use serde::{Deserialize, Serialize};

/// Auto Scaling groups, policies and activities.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scaling {}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {}

impl super::Region {
    pub(super) fn scaling_due(&mut self, _global: &super::Global, due: Due) {
        match due {}
    }
}

impl super::Region {
    /// Looks again at every group, after something has changed.
    pub(super) fn settle_groups(&mut self, _global: &super::Global) {}
}
