//! What the app is told.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crate::course::model::Course;
use crate::i18n::{Lang, Text};
use crate::input::Input;
use crate::lab::call::Call;
use crate::lab::facts::Facts;
use crate::lab::hand::Hand;
use crate::lab::phase::Phase;
use crate::lab::quiz::Answers;
use crate::lab::report::{CallRecord, CheckReport, CleanupReport, Plan, RunReport, StepState, Survey, Teardown, Way};
use crate::lab::watch::snapshot::GroupLine;
use crate::lab::watch::{Look, Snapshot};
use crate::lab::world::Desired;
use crate::problem::Problem;
use crate::screens::ctx::Clock;
use crate::screens::effect::TaskId;

/// What an open engine tells first.
#[derive(Debug, Clone)]
pub struct Session {
    /// The course, as it is for this learner.
    pub course: Arc<Course>,
    /// The learner's domain.
    pub domain: Option<String>,
    /// Whether the learner was asked for it, or need not be.
    pub domain_asked: bool,
    /// Account, regions, address.
    pub facts: Facts,
    /// The course's desired state.
    pub desired: Vec<Desired>,
    /// Where this cloud's private keys are.
    pub keys: PathBuf,
    /// What a learner types first in a terminal of their own, so that the AWS CLI talks to this cloud.
    pub terminal: Vec<String>,
    /// What the learner should know at the start (a region that a profile names and that was not used).
    pub notes: Vec<Text>,
    /// Progress so far.
    pub progress: BTreeMap<String, StepState>,
    /// How the questions of the pages were answered.
    pub answers: Answers,
    /// By what their options are shuffled.
    pub quiz_seed: u64,
    /// How the learner does the steps that were opened.
    pub ways: BTreeMap<String, Way>,
    /// The step where the learner was last.
    pub last_step: Option<String>,
    /// The practice clock.
    pub clock: Option<Clock>,
    /// Cloud time, milliseconds since the Unix epoch.
    pub now: i64,
    /// The language of the last session, when it is to be taken.
    pub lang: Option<Lang>,
    /// The learner's zone, in seconds east of UTC.
    pub utc_offset: i32,
}

/// Something that happened. `number` is the one of the effect that was answered: older answers are dropped.
#[derive(Debug)]
pub enum Message {
    /// The learner did something.
    Input(Input),
    /// The engine is open, or could not be opened.
    Opened(Result<Box<Session>, Problem>),
    /// The ledger was looked at.
    Survey(u64, Result<Box<Survey>, Problem>),
    /// The calls of a step.
    Plan(u64, String, Result<Box<Plan>, Problem>),
    /// The conditions of a step.
    Check(u64, String, Result<CheckReport, Problem>),
    /// A step that is done by hand was looked at.
    Hand(u64, String, Result<Box<Hand>, Problem>),
    /// What a cleanup deletes.
    Teardown(u64, Result<Box<Teardown>, Problem>),
    /// The log of calls.
    Calls(u64, Result<Vec<CallRecord>, Problem>),
    /// The Auto Scaling groups.
    Groups(u64, Result<Vec<GroupLine>, Problem>),
    /// The monitor was refreshed: what was asked for, and what was seen.
    Watched(u64, Box<Look>, Result<Box<Snapshot>, Problem>),
    /// A phase of a task.
    Phase(TaskId, Box<Phase>),
    /// A run has ended.
    RunEnded(TaskId, Box<RunReport>),
    /// A cleanup has ended.
    CleanupEnded(TaskId, Result<Box<CleanupReport>, Problem>),
    /// The practice clock was turned.
    Clock(Clock),
    /// A single change was sent: the call, and what came of it.
    Changed(Box<Call>, Result<(), Problem>),
    /// A file was written: what to say of it.
    Saved(Text),
    /// Keeping progress or the like failed.
    Failed(Problem),
    /// A program in the terminal has ended; `Err` says why it could not run.
    ShellEnded(Result<(), Problem>),
    /// Time has passed: cloud time and milliseconds since the start.
    Time(i64, u64),
    /// It is time to look at the cloud again.
    LookAgain,
    /// It is time for the monitor to look again.
    WatchAgain,
    /// SIGTERM or SIGHUP: leave now.
    Terminate,
}
