//! What an account has outside its regions: IAM, DNS zones, peering connections.
//!
//! Promises: nothing here changes by itself. What takes time (a record's propagation, a peering's acceptance) is a fact with a
//! moment, read as a function of the time, so that every region sees it as it is at the moment of its event.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::dns::Dns;
use super::iam::Iam;
use super::peering::Peering;

/// Everything that belongs to the account and to no region.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Global {
    /// How often it was changed by a request, see [`super::World::revision`].
    pub(super) revision: u64,
    /// Roles and instance profiles.
    pub iam: Iam,
    /// Hosted zones and registered domains.
    pub dns: Dns,
    /// Peering connections by id: both regions see the same one, at their own times.
    pub peerings: BTreeMap<String, Peering>,
}

impl Global {
    /// How often it was changed.
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Counts a change that a request made.
    pub fn changed(&mut self) {
        self.revision += 1;
    }
}
