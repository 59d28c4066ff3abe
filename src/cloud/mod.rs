//! The only room that names `aws_sdk_*`: clients, resource kinds, errors.
//!
//! Promises: every failure leaves as a [`crate::problem::Problem`]; nothing here changes the cloud but
//! [`Live::send`]. Leaves to others: when to send, how long to wait, what to remember.

pub mod clients;
pub mod errors;
pub mod facts;
pub mod kinds;
pub mod traffic;
pub mod watch;
pub mod web;

use std::future::Future;
use std::pin::Pin;

pub use clients::Clients;

use crate::course::model::{Key, Role};
use crate::lab::call::BoundCall;
use crate::lab::kind::{Kind, Kinds};
use crate::lab::report::Blocker;
use crate::lab::world::{Desired, Observed, Sight, World};
use crate::problem::Problem;

/// A future of the cloud.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What is told of each wanted resource.
pub type Sights<'a> = Task<'a, Result<Vec<(Key, Sight)>, Problem>>;

/// What a call gave.
pub type Answered<'a> = Task<'a, Result<Sent, CallError>>;

/// What is left over.
pub type Swept<'a> = Task<'a, Result<Vec<Observed>, Problem>>;

/// What to look for: a desired resource, and the id the ledger has for it.
#[derive(Debug, Clone)]
pub struct Want {
    /// The resource as the course wants it.
    pub desired: Desired,
    /// The id of the last known one.
    pub recorded: Option<String>,
}

/// The answer to a sent call.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sent {
    /// The new id, when the call gives one (see [`crate::lab::call::Call::gives`]).
    pub id: Option<String>,
    /// Further attributes that later calls may need, by name (`association_id`, `public_ip`).
    pub attrs: Vec<(String, String)>,
}

/// Why a call failed: AWS's code beside what is shown, so that the engine can tell "done already" and "again" apart.
#[derive(Debug, Clone)]
pub struct CallError {
    /// AWS's error code; empty for a transport error.
    pub code: String,
    /// Whether the request may have reached AWS and had its effect (time-out, lost connection).
    pub unknown_outcome: bool,
    /// What is shown.
    pub problem: Problem,
}

/// The kinds with their live halves: what the engine works with.
pub trait Lives: Kinds {
    /// The live half of the kind with this name.
    fn live(&self, name: &str) -> Option<&dyn Live>;
}

/// The live half of a resource kind.
pub trait Live: Kind {
    /// Looks for the wanted resources with as few requests as it can (one Describe for all of them where AWS allows),
    /// in the region of `role`. `world` holds everything of lower rank. Found by recorded id, else by tag `Name`
    /// (with `Project` when several match) or natural key.
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a>;

    /// Sends a call of this kind. One request, no waiting.
    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, token: &'a str) -> Answered<'a>;

    /// Everything of this kind in the region that carries `Project=aws-lab`, whatever its name, or that lives in one of
    /// the given VPCs; for the proof that nothing is left.
    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a>;

    /// Everything of this kind in the region that a learner may have made under another name; `vpcs` are the course's. The
    /// default is what a proof would find.
    fn strays<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        self.sweep(clients, role, vpcs)
    }

    /// What stands between a live resource and its deletion, by looking.
    fn blockers<'a>(&'a self, clients: &'a Clients, observed: &'a Observed) -> Task<'a, Result<Vec<Blocker>, Problem>> {
        let _ = (clients, observed);
        Box::pin(async { Ok(Vec::new()) })
    }
}
