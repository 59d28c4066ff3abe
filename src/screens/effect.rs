//! What screens ask the outside to do, and what they are told of it afterwards.

use std::time::Duration;

use crate::i18n::Lang;
use crate::lab::call::Call;
use crate::lab::report::{Plan, StepState, Teardown, Way};
use crate::lab::watch::Look;

pub use super::confirm::Approval;

/// The number of a run or a cleanup. Messages of an older one are dropped.
pub type TaskId = u64;

/// A look at something, without changing the cloud. Latest-wins: of several answers only that to the newest is taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Query {
    /// Everything in the ledger.
    Survey,
    /// The calls of a step.
    Plan(String),
    /// The named conditions of a step.
    Check(String),
    /// Accept the terms of a Marketplace product on the practice cloud, then the named conditions of the step.
    Subscribe(String),
    /// A step that is done by hand; whether also for what has another name or is elsewhere.
    Hand(String, bool),
    /// What cleaning up these steps deletes (all, when empty).
    Teardown(Vec<String>),
    /// The newest calls of the log, at most so many.
    Calls(usize),
    /// The Auto Scaling groups of the home region.
    Groups,
    /// A refresh of the monitor.
    Watch(Box<Look>),
}

impl Query {
    /// What a later look of the same sort replaces.
    #[must_use]
    pub fn topic(&self) -> Self {
        match self {
            Self::Teardown(_) => Self::Teardown(Vec::new()),
            Self::Subscribe(step) => Self::Check(step.clone()),
            Self::Calls(_) => Self::Calls(0),
            Self::Hand(step, _) => Self::Hand(step.clone(), false),
            Self::Watch(_) => Self::Watch(Box::default()),
            other => other.clone(),
        }
    }

    /// This look in place of another of its sort that has not begun: it does what that one would have done.
    #[must_use]
    pub fn after(self, waiting: Self) -> Self {
        match (waiting, self) {
            (subscribe @ Self::Subscribe(_), Self::Check(_)) => subscribe,
            (Self::Hand(step, true), Self::Hand(..)) => Self::Hand(step, true),
            (_, newest) => newest,
        }
    }
}

/// Something to be done outside the pure part, in one place (`runtime::perform`).
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Open the engine (again, after it failed).
    Open,
    /// Look at something; the answer carries the number, which only the app gives.
    Query(u64, Query),
    /// Run a plan. Only the confirm screen can make the approval.
    Run(TaskId, Box<Plan>, Approval),
    /// Delete. Only the confirm screen can make the approval.
    Cleanup(TaskId, Box<Teardown>, Approval),
    /// Send one call outside any step. Only the confirm screen can make the approval.
    Change(Box<Call>, Approval),
    /// Stop waiting for the running task; AWS is not asked to undo anything.
    Cancel(TaskId),
    /// Keep a step's progress.
    Note(String, StepState),
    /// Keep how a question was answered: its id, and whether it was right.
    Answer(String, bool),
    /// Keep how the learner does a step.
    Way(String, Way),
    /// Keep where the learner is.
    LastStep(String),
    /// Keep the learner's domain (`none`: there is none), and open the engine anew with it.
    Domain(String),
    /// Keep the chosen language.
    Language(Lang),
    /// Turn the practice clock.
    Clock(ClockOrder),
    /// Put text on the clipboard.
    Copy(String),
    /// Write a file of this name into the working directory: its content.
    Save(String, String),
    /// Suspend the full screen and run a program in the terminal: its name and arguments.
    Shell(Vec<String>),
    /// Suspend the full screen and open the practice cloud's own shell on an instance: its id.
    PracticeShell(String),
    /// Leave the program.
    Quit,
}

/// What to do with the practice clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum ClockOrder {
    /// Practice seconds per second.
    Speed(f64),
    /// Move it on at once.
    Advance(Duration),
}

/// What has changed in [`super::Ctx`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// The engine is open, or could not be opened.
    Opened,
    /// There is a new survey.
    Survey,
    /// There is a plan for this step, or the reason why there is none.
    Plan(String),
    /// There are check results for this step, or the reason why there are none.
    Check(String),
    /// A step that is done by hand was looked at.
    Hand(String),
    /// There is a teardown, or the reason why there is none.
    Teardown,
    /// The log of calls was read.
    Calls,
    /// The running task told a phase.
    Phase,
    /// The task has ended.
    Ended(TaskId),
    /// The monitor was refreshed, or its groups were listed.
    Watched,
    /// A program that was run in the terminal has ended.
    ShellEnded,
}
