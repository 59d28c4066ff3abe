//! The simulated state, pure and deterministic.

use serde::{Deserialize, Serialize};

/// Everything there is in the practice cloud.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct World {
    seed: u64,
    account: String,
    now_ms: i64,
}

impl World {
    /// An empty account. The same seed and the same calls at the same times give the same world, byte for byte.
    pub fn new(seed: u64, account: &str, now_ms: i64) -> Self {
        Self { seed, account: account.to_string(), now_ms }
    }

    /// The seed it was made with.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The 12-digit account id.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// The practice time it has been advanced to, in ms since 1970.
    pub fn now(&self) -> i64 {
        self.now_ms
    }

    /// Lets everything happen that is due until then. Time never goes back: an earlier time does nothing.
    pub fn advance(&mut self, to_ms: i64) {
        self.now_ms = self.now_ms.max(to_ms);
    }
}
