//! Launch templates and their versions.

use serde::{Deserialize, Serialize};

/// Launch templates and their versions.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Templates {}
