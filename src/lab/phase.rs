//! What the engine tells while it works: one line for one change of one resource.

use serde::{Deserialize, Serialize};

use crate::course::model::Key;
use crate::problem::Problem;

/// What happened to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PhaseKind {
    /// It stands already as wanted; nothing was called.
    Kept,
    /// It was found, made by the learner or by an interrupted run, and is now in the ledger.
    Adopted,
    /// A call was sent.
    Calling,
    /// The call was answered.
    Called,
    /// It exists and is on its way; `state` is AWS's word.
    Waiting,
    /// It is ready.
    Ready,
    /// A call failed and is tried again.
    Retrying,
    /// It failed; `problem` says why.
    Failed,
    /// It was not tried, because something it needs failed, or only a person can do it.
    Skipped,
    /// Its deletion was asked for.
    Deleting,
    /// It cannot be deleted yet; `detail` names the blocker.
    Blocked,
    /// It is gone.
    Deleted,
}

/// One line of a run or a cleanup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Phase {
    /// Cloud time, in milliseconds since the Unix epoch.
    pub time: i64,
    /// The step.
    pub step: String,
    /// The resource.
    pub key: Key,
    /// What happened.
    pub kind: PhaseKind,
    /// The API operation, for `Calling`, `Called`, `Retrying` and a failed call.
    pub operation: Option<String>,
    /// AWS's id, once known.
    pub id: Option<String>,
    /// AWS's word for the state.
    pub state: Option<String>,
    /// Since this resource's first phase, in milliseconds of cloud time.
    pub elapsed: u64,
    /// What is usual for the whole wait, in milliseconds of cloud time; 0 when nothing is waited for.
    pub usual: u64,
    /// The blocker, the reason for a retry, the reason for a skip.
    pub detail: Option<String>,
    /// Why it failed.
    pub problem: Option<Problem>,
}
