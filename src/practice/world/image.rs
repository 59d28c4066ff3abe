//! The account's own images and snapshots.

use serde::{Deserialize, Serialize};

/// The account's own images and snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Images {}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {}

impl super::Region {
    pub(super) fn image_due(&mut self, _global: &super::Global, due: Due) {
        match due {}
    }
}
