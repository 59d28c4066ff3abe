//! What is true of this learner's place in the cloud, found once and given to the planner.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::course::model::Role;

/// Home region when nothing else is said.
pub const SEOUL: &str = "ap-northeast-2";
/// Peer region when nothing else is said.
pub const TOKYO: &str = "ap-northeast-1";

/// The peer region when none is said: Tokyo, or Seoul for whoever is at home in Tokyo.
pub fn usual_peer(home: &str) -> &'static str {
    if home == TOKYO { SEOUL } else { TOKYO }
}

/// Where the steps run.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Backend {
    /// The practice cloud inside the program.
    Practice,
    /// AWS itself.
    Aws,
    /// Another endpoint that speaks AWS's protocols (moto server), by its URL.
    Endpoint(String),
}

/// Which cloud, account and regions a run belongs to. Ledger, journal and progress are kept apart by [`Scope::id`].
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Scope {
    /// Where.
    pub backend: Backend,
    /// The 12-digit account.
    pub account: String,
    /// The home region.
    pub home: String,
    /// The peer region.
    pub peer: String,
}

impl Scope {
    /// A stable name for the database: `practice/000000000000/ap-northeast-2`.
    pub fn id(&self) -> String {
        let backend = match &self.backend {
            Backend::Practice => "practice",
            Backend::Aws => "aws",
            Backend::Endpoint(url) => url,
        };
        format!("{backend}/{}/{}/{}", self.account, self.home, self.peer)
    }

    /// The region of a role.
    pub fn region(&self, role: Role) -> &str {
        match role {
            Role::Home => &self.home,
            Role::Peer => &self.peer,
        }
    }
}

/// Facts that turn declarations into desired state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// Which cloud, account and regions.
    pub scope: Scope,
    /// The caller's ARN.
    pub caller: String,
    /// Availability zone names by region, already chosen for the letters `a` and `c`:
    /// `ap-northeast-2 -> [("a", "ap-northeast-2a"), ("c", "ap-northeast-2c")]`.
    pub zones: BTreeMap<String, BTreeMap<String, String>>,
    /// The learner's public IPv4 address, when it is known. Practice: `203.0.113.7`.
    pub my_ip: Option<String>,
    /// The id of this run, for the tag `lab:run`.
    pub run: String,
}
