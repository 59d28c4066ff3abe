//! Certificates and their validation.

use serde::{Deserialize, Serialize};

/// Certificates and their validation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificates {}

impl Certificates {
    /// Whether a certificate is issued, so that a listener can have it.
    pub fn usable(&self, _arn: &str) -> bool {
        false
    }
}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {}

impl super::Region {
    pub(super) fn certificate_due(&mut self, _global: &super::Global, due: Due) {
        match due {}
    }
}
