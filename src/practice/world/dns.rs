//! Hosted zones, their records and the domains that are registered.

use serde::{Deserialize, Serialize};

/// Hosted zones, their records and the domains that are registered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dns {}
