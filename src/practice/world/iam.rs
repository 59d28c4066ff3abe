//! IAM roles and instance profiles.

use serde::{Deserialize, Serialize};

/// IAM roles and instance profiles.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Iam {}
