//! Phases: what the engine tells about one resource.

use std::sync::Arc;

use crate::course::model::Key;
use crate::lab::phase::{Phase, PhaseKind};
use crate::problem::Problem;

use super::Sink;
use super::clock::{Clock, between};

/// Tells the phases of one resource.
#[derive(Clone)]
pub(super) struct Teller {
    sink: Sink,
    clock: Arc<dyn Clock>,
    key: Key,
    step: String,
    /// Cloud time of the first phase.
    pub(super) started: i64,
    /// What the whole wait usually takes, in milliseconds of cloud time.
    usual: u64,
}

/// What a phase may say beside its kind.
#[derive(Default)]
pub(super) struct Says<'a> {
    pub(super) operation: Option<&'a str>,
    pub(super) id: Option<&'a str>,
    pub(super) state: Option<&'a str>,
    pub(super) detail: Option<String>,
    pub(super) problem: Option<Problem>,
}

impl Teller {
    pub(super) fn new(sink: &Sink, clock: &Arc<dyn Clock>, key: &Key, step: &str, usual: u64) -> Self {
        let started = clock.now();
        Self { sink: sink.clone(), clock: Arc::clone(clock), key: key.clone(), step: step.to_owned(), started, usual }
    }

    pub(super) fn tell(&self, kind: PhaseKind, says: Says<'_>) {
        let time = self.clock.now();
        tracing::info!(
            step = self.step,
            resource = %self.key,
            phase = ?kind,
            operation = says.operation,
            id = says.id,
            state = says.state,
            detail = says.detail,
            problem = says.problem.as_ref().map(|problem| problem.title.en.as_str()),
            "phase"
        );
        let waits = matches!(kind, PhaseKind::Waiting | PhaseKind::Deleting | PhaseKind::Blocked);
        // Nobody may be listening any more; that stops nothing.
        let _ = self.sink.send(Phase {
            time,
            step: self.step.clone(),
            key: self.key.clone(),
            kind,
            operation: says.operation.map(str::to_owned),
            id: says.id.map(str::to_owned),
            state: says.state.map(str::to_owned),
            elapsed: between(self.started, time),
            usual: if waits { self.usual } else { 0 },
            detail: says.detail,
            problem: says.problem,
        });
    }
}
