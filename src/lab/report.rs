//! What planning, checking and cleaning give back.

use serde::{Deserialize, Serialize};

use crate::course::model::{Drill, Key};
use crate::i18n::Text;
use crate::problem::Problem;

use super::call::Call;
use super::facts::{Backend, usual_peer};
use super::world::{Difference, Health, World};

/// A call with its place in the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedCall {
    /// The call.
    pub call: Call,
    /// Indices of calls that must have succeeded before.
    pub after: Vec<usize>,
    /// Resources that must be ready (not merely exist) before.
    pub ready: Vec<Key>,
}

/// A step that waits for one that only a person can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The step.
    pub step: String,
    /// The manual step.
    pub waits_for: String,
}

/// A drill that a plan holds: after its call the step's conditions are waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedDrill {
    /// The index of its call in [`Plan::calls`].
    pub call: usize,
    /// The step.
    pub step: String,
    /// The group and its policy.
    pub drill: Drill,
}

/// What will be done.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    /// Every step that the plan covers, in course order: the targets and what they need.
    pub steps: Vec<String>,
    /// The calls; indices in `after` point into this list.
    pub calls: Vec<PlannedCall>,
    /// Resources that stand as wanted.
    pub kept: Vec<Key>,
    /// Resources that stand as wanted, but are not in the ledger yet.
    pub adopted: Vec<Key>,
    /// Resources that exist and have not become ready yet: no call, but a wait.
    pub pending: Vec<Key>,
    /// Resources that a step retires and that are still there: gone is what they become.
    pub leaving: Vec<Key>,
    /// Load that is put on a group or taken off it, and what is waited for after that.
    pub drills: Vec<PlannedDrill>,
    /// Differences that no call mends.
    pub conflicts: Vec<Difference>,
    /// Several live resources answer to one name: the key and their ids.
    pub ambiguous: Vec<(Key, Vec<String>)>,
    /// Steps that only a person can do, and nobody has done yet.
    pub manual: Vec<String>,
    /// Steps that are left out because they wait for one of those.
    pub held: Vec<Held>,
    /// What the resources to be made cost, in USD an hour.
    pub cost_per_hour: f64,
}

/// Whether a named condition holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionResult {
    /// The step.
    pub step: String,
    /// The condition's id within the step.
    pub id: String,
    /// Whether it holds.
    pub ok: bool,
    /// Whether it does not hold *yet*: the resource is on its way.
    pub pending: bool,
    /// Whether nobody could look from here, so that nothing is known; `detail` says why. It then counts as `ok`.
    #[serde(default)]
    pub skipped: bool,
    /// What must hold.
    pub title: Text,
    /// When it does not: what is wrong, with names and values, and the mend. When it does: what was seen. May be empty.
    pub detail: Text,
    /// The fields that differ, when that is why.
    pub differences: Vec<Difference>,
}

/// The result of checking some steps.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// All conditions in course order.
    pub conditions: Vec<ConditionResult>,
}

impl CheckReport {
    /// Whether all hold.
    pub fn ok(&self) -> bool {
        self.conditions.iter().all(|condition| condition.ok)
    }
}

/// A resource of the ledger with its live state: a row of the resources screen and of `status`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResourceRow {
    /// Kind, name and role.
    pub key: Key,
    /// AWS's id.
    pub id: String,
    /// Where.
    pub region: String,
    /// The step that declares it.
    pub step: String,
    /// AWS's word for its state; `gone` when it is not there any more.
    pub state: String,
    /// How far it is; `None` when it is gone.
    pub health: Option<Health>,
    /// Whether the learner made it by hand and awslab only adopted it.
    pub adopted: bool,
    /// Differences from what the course wants.
    pub differences: Vec<Difference>,
    /// USD an hour.
    pub cost_per_hour: f64,
    /// USD since it was made.
    pub cost_so_far: f64,
    /// When it was made or adopted: cloud time, milliseconds since the Unix epoch.
    pub since: i64,
}

/// What stands between a resource and its deletion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blocker {
    /// The blocker's kind, as AWS calls it: `network-interface`, `instance`, `security-group-rule`.
    pub kind: String,
    /// Its id.
    pub id: String,
    /// Its name, when it has one.
    pub name: String,
    /// Why it blocks, in a sentence.
    pub why: Text,
    /// Whether it goes by itself (a NAT gateway being deleted) or someone must act.
    pub passes: bool,
}

/// Something that is still there after cleanup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Left {
    /// Kind, name and role.
    pub key: Key,
    /// AWS's id.
    pub id: String,
    /// Where.
    pub region: String,
    /// What holds it.
    pub blocked_by: Vec<Blocker>,
    /// Why its deletion failed, when a call failed.
    pub problem: Option<Problem>,
}

/// One resource of a teardown, with what must be gone before it.
#[derive(Debug, Clone, PartialEq)]
pub struct TeardownItem {
    /// The resource.
    pub row: ResourceRow,
    /// Its calls.
    pub calls: Vec<Call>,
    /// Indices of items that must be gone before.
    pub after: Vec<usize>,
}

/// What cleanup will delete, in an order that can work.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Teardown {
    /// The items; indices in `after` point into this list.
    pub items: Vec<TeardownItem>,
    /// Whether everything of awslab was asked for, so that what the ledger does not know is deleted too.
    pub everything: bool,
    /// What they cost now, in USD an hour.
    pub cost_per_hour: f64,
}

/// The end of a cleanup.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CleanupReport {
    /// What was deleted.
    pub deleted: Vec<Key>,
    /// What remains, after a fresh look. Empty means zero left.
    pub left: Vec<Left>,
    /// When the fresh look was taken: cloud time, milliseconds since the Unix epoch.
    pub verified_at: i64,
    /// The regions that were looked at.
    pub regions: Vec<String>,
}

/// A resource that is or was in the ledger.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Built {
    /// Kind, name and role.
    pub key: Key,
    /// The step that declares it.
    pub step: String,
    /// Whether the learner made it by hand.
    pub adopted: bool,
    /// When it was made or adopted: cloud time, milliseconds since the Unix epoch.
    pub since: i64,
    /// When it was gone; `None` while it stands.
    pub gone: Option<i64>,
    /// What it has cost, in USD.
    pub cost: f64,
}

/// What stands where a session does not look, as far as it was written down: made in the same account with other regions.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Elsewhere {
    /// The home region that it was made with.
    pub home: String,
    /// The peer region that it was made with.
    pub peer: String,
    /// Where it stands: one of these two, or both.
    pub regions: Vec<String>,
    /// How many resources.
    pub count: usize,
    /// USD an hour, all of them.
    pub cost_per_hour: f64,
}

impl Elsewhere {
    /// The command that takes it down.
    pub fn cleanup(&self, backend: &Backend) -> String {
        let cloud = if *backend == Backend::Practice { "" } else { "--aws " };
        let peer =
            if self.peer == usual_peer(&self.home) { String::new() } else { format!("--peer-region {} ", self.peer) };
        format!("awslab {cloud}--region {} {peer}cleanup", self.home)
    }

    /// That it stands, where, what it costs (`cost`, as the reader's room writes money), and how to take it down.
    pub fn text(&self, backend: &Backend, cost: &str) -> Text {
        let (count, regions, cleanup) = (self.count, self.regions.join(", "), self.cleanup(backend));
        let (noun, verb) = if count == 1 { ("resource", "stands") } else { ("resources", "stand") };
        Text::new(
            format!("{regions}에도 리소스 {count}개가 있습니다 ({cost}). 지우려면: {cleanup}"),
            format!("{count} more {noun} {verb} in {regions} ({cost}). To take down: {cleanup}"),
        )
    }
}

/// What is there now: the ledger with the live state of each row.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Survey {
    /// Everything that was looked for.
    pub world: World,
    /// The ledger's rows, in course order, with their live state.
    pub rows: Vec<ResourceRow>,
    /// What is there under a name of the course, is not as the course wants it, and is not in the ledger.
    pub unlike: Vec<Key>,
    /// USD an hour, all rows.
    pub cost_per_hour: f64,
    /// USD so far, all rows, also of deleted ones.
    pub cost_so_far: f64,
    /// Everything that was ever in the ledger, oldest first.
    pub history: Vec<Built>,
    /// What stands where this look does not reach.
    pub elsewhere: Vec<Elsewhere>,
    /// Cloud time, milliseconds since the Unix epoch.
    pub at: i64,
}

/// The end of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RunReport {
    /// Whether everything stands and is ready.
    pub done: bool,
    /// Whether it was cancelled.
    pub cancelled: bool,
    /// What failed.
    pub failed: Vec<(Key, Problem)>,
    /// What was not tried because of a failure.
    pub skipped: Vec<Key>,
    /// Steps that only a person can do.
    pub manual: Vec<String>,
    /// What was made and is on its way for minutes to come: nothing waits for it any more, and it goes on by itself.
    pub under_way: Vec<Key>,
}

/// A step's progress.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepState {
    /// Nothing yet.
    #[default]
    NotStarted,
    /// Begun: some of its resources are in the ledger, or its page was opened.
    Started,
    /// Its checks have passed (a reading step: it was read to the end).
    Done,
    /// Its last check failed.
    Failed,
}

/// How a learner does a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Way {
    /// By hand, while awslab watches.
    pub by_hand: bool,
    /// How many hints were opened.
    pub hints: u8,
}

/// One request that was sent to change the cloud, as the log of API calls shows it. Never holds a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallRecord {
    /// Its number in the log; newer ones are larger.
    pub number: i64,
    /// When it was sent: cloud time, milliseconds since the Unix epoch.
    pub time: i64,
    /// The step.
    pub step: String,
    /// The resource.
    pub key: Key,
    /// The service's IAM prefix: `ec2`.
    pub service: String,
    /// The API operation.
    pub operation: String,
    /// The region it was sent to.
    pub region: String,
    /// The same call for the AWS CLI.
    pub cli: String,
    /// How long the answer took, in real milliseconds; `None` while it is under way or when no answer came.
    pub millis: Option<u64>,
    /// AWS's error code, or what became of it; empty when it succeeded.
    pub error: String,
    /// The id it gave.
    pub id: Option<String>,
}
