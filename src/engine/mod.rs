//! Runs plans against a cloud and remembers what happened.
//!
//! Promises: an intent is in the journal before its call is sent and an outcome after it, so that a kill at any
//! moment neither doubles nor orphans a resource; every wait is its own poll loop with visible phases and a deadline;
//! cleanup ends with a fresh look.
//! Leaves to others: what to call (`lab`), how to call it (`cloud`), how to show it (`runtime`, `commands`).

use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::{mpsc, watch};

use crate::course::model::Course;
use crate::lab::facts::Facts;
use crate::lab::kind::Kinds;
use crate::lab::phase::Phase;
use crate::lab::report::{CallRecord, CheckReport, CleanupReport, Plan, Teardown};
pub use crate::lab::report::{RunReport, StepState, Survey};
use crate::lab::world::Desired;
use crate::problem::Problem;

/// Which cloud a session is for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Target {
    /// The practice cloud, with its clock's speed (`None`: the last one used, at first 30).
    #[default]
    Practice,
    /// AWS, or what `AWS_ENDPOINT_URL` names.
    Aws,
}

/// What a session is opened with: the global options.
#[derive(Debug, Clone, Default)]
pub struct Setup {
    /// Which cloud.
    pub target: Target,
    /// `--profile`.
    pub profile: Option<String>,
    /// `--region`, else `AWS_REGION`, else Seoul.
    pub region: Option<String>,
    /// `--peer-region`, else Tokyo.
    pub peer: Option<String>,
    /// `--speed`: practice seconds per second.
    pub speed: Option<f64>,
    /// `--my-ip`.
    pub my_ip: Option<String>,
    /// `--read-only`: refuse every call that changes the cloud.
    pub read_only: bool,
    /// `AWSLAB_HOME`: all state lives under it.
    pub home: PathBuf,
    /// `--labs DIR`; `None` is the embedded course.
    pub labs: Option<PathBuf>,
}

/// Where phases are told.
pub type Sink = mpsc::UnboundedSender<Phase>;

/// Becomes `true` when the learner wants to stop waiting.
pub type Cancel = watch::Receiver<bool>;

/// A session with one cloud. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    course: Arc<Course>,
    facts: Facts,
    desired: Vec<Desired>,
}

impl Engine {
    /// Opens the state, the clients and the facts of this session; resolves open intents of a killed one.
    pub async fn open(setup: Setup, course: Arc<Course>) -> Result<Self, Problem> {
        let _ = (setup, course);
        Err(Problem::internal("not built yet"))
    }

    /// The course.
    pub fn course(&self) -> &Arc<Course> {
        &self.inner.course
    }

    /// The learner's place in the cloud.
    pub fn facts(&self) -> &Facts {
        &self.inner.facts
    }

    /// The whole course's desired state.
    pub fn desired(&self) -> &[Desired] {
        &self.inner.desired
    }

    /// The resource kinds.
    pub fn kinds(&self) -> &'static dyn Kinds {
        unimplemented!()
    }

    /// Cloud time, milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        0
    }

    /// Looks at everything in the ledger.
    pub async fn survey(&self) -> Result<Survey, Problem> {
        Err(Problem::internal("not built yet"))
    }

    /// What must be called so that these steps (and what they need) stand.
    pub async fn plan(&self, steps: &[String]) -> Result<Plan, Problem> {
        let _ = steps;
        Err(Problem::internal("not built yet"))
    }

    /// Runs a plan.
    pub async fn run(&self, plan: Plan, cancel: Cancel, sink: Sink) -> RunReport {
        let _ = (plan, cancel, sink);
        RunReport::default()
    }

    /// Evaluates the named conditions of these steps; adopts what the learner made by hand (ledger only).
    pub async fn check(&self, steps: &[String]) -> Result<CheckReport, Problem> {
        let _ = steps;
        Err(Problem::internal("not built yet"))
    }

    /// What cleaning up these steps (all, when empty) deletes: their resources and whatever depends on them.
    pub async fn teardown(&self, steps: &[String]) -> Result<Teardown, Problem> {
        let _ = steps;
        Err(Problem::internal("not built yet"))
    }

    /// Deletes, waits, and looks again.
    pub async fn cleanup(&self, teardown: Teardown, cancel: Cancel, sink: Sink) -> Result<CleanupReport, Problem> {
        let _ = (teardown, cancel, sink);
        Err(Problem::internal("not built yet"))
    }

    /// The latest requests that changed the cloud, newest first.
    pub fn calls(&self, limit: usize) -> Result<Vec<CallRecord>, Problem> {
        let _ = limit;
        Ok(Vec::new())
    }

    /// The progress of every step, by step id.
    pub fn progress(&self) -> std::collections::BTreeMap<String, StepState> {
        Default::default()
    }

    /// The practice clock's speed in practice seconds per second (0: paused); `None` when this is not the practice cloud.
    pub fn speed(&self) -> Option<f64> {
        None
    }

    /// Sets the practice clock's speed. Nothing happens elsewhere.
    pub fn set_speed(&self, speed: f64) -> Result<(), Problem> {
        let _ = speed;
        Ok(())
    }

    /// Moves the practice clock on at once. Nothing happens elsewhere.
    pub fn advance(&self, by: std::time::Duration) -> Result<(), Problem> {
        let _ = by;
        Ok(())
    }

    /// A setting of the full screen that is kept between sessions (`language`, `last-step`).
    pub fn setting(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }

    /// Keeps a setting of the full screen.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<(), Problem> {
        let _ = (name, value);
        Ok(())
    }

    /// Notes that a step was opened, read or checked.
    pub fn note_progress(&self, step: &str, state: StepState) -> Result<(), Problem> {
        let _ = (step, state);
        Ok(())
    }
}
