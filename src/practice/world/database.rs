//! DB subnet groups and DB instances.

use serde::{Deserialize, Serialize};

/// DB subnet groups and DB instances.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Databases {}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {}

impl super::Region {
    pub(super) fn database_due(&mut self, _global: &super::Global, due: Due) {
        match due {}
    }
}
