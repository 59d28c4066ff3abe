//! Commands sent to instances by Systems Manager, and their results.

use serde::{Deserialize, Serialize};

/// Commands sent to instances by Systems Manager, and their results.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commands {}
