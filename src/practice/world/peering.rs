//! A VPC peering connection.

use serde::{Deserialize, Serialize};

/// A VPC peering connection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Peering {}
