//! What screens read: the model of the whole full screen. Only `app` writes it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

use crate::course::model::{Course, Key, Step};
use crate::i18n::{Lang, Text};
use crate::input::{Action, Keymap};
use crate::lab::cost::Prices;
use crate::lab::facts::{Backend, Facts};
use crate::lab::hand::{Hand, Pace};
use crate::lab::kind::Kinds;
use crate::lab::phase::{Phase, PhaseKind};
use crate::lab::quiz::Answers;
use crate::lab::report::{
    CallRecord, CheckReport, CleanupReport, ConditionResult, Plan, RunReport, StepState, Survey, Teardown, Way,
};
use crate::lab::watch::History;
use crate::lab::watch::snapshot::GroupLine;
use crate::lab::world::{Desired, Health};
use crate::problem::Problem;
use crate::view::Look;
use crate::view::widgets::phases::PhaseRow;

use super::effect::{Query, TaskId};

/// Whether the engine is there.
#[derive(Debug, Clone, PartialEq)]
pub enum Opening {
    /// Being opened.
    Opening,
    /// There.
    Ready,
    /// It could not be opened.
    Failed(Problem),
}

/// The practice clock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Clock {
    /// Practice seconds per second.
    pub speed: f64,
}

/// What a task does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WorkKind {
    /// Builds.
    Run,
    /// Deletes.
    Cleanup,
}

/// A run or a cleanup, under way or ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Work {
    /// Its number.
    pub id: TaskId,
    /// What it does.
    pub kind: WorkKind,
    /// The step from which a run was started; empty for a cleanup.
    pub step: String,
    /// Every step whose resources the run makes; empty for a cleanup.
    pub steps: Vec<String>,
    /// The resources in the order of the plan or of the first phase, each with its newest phase.
    pub lines: Vec<(Key, Option<PhaseRow>)>,
    /// How many calls it makes.
    pub calls: usize,
    /// When it was started: cloud time, milliseconds since the Unix epoch.
    pub since: i64,
    /// Whether the learner asked it to stop.
    pub cancelling: bool,
    /// How a run ended; `None` while it is under way.
    pub run: Option<RunReport>,
    /// How a cleanup ended; `None` while it is under way.
    pub cleanup: Option<Result<CleanupReport, Problem>>,
}

impl Work {
    /// Whether it has ended.
    pub const fn ended(&self) -> bool {
        self.run.is_some() || self.cleanup.is_some()
    }

    /// The newest phase of a resource.
    pub fn phase(&self, key: &Key) -> Option<&Phase> {
        self.lines.iter().find(|(of, _)| of == key).and_then(|(_, row)| row.as_ref()).map(|row| &row.last)
    }

    /// Takes a phase in.
    pub fn take(&mut self, phase: Phase) {
        let at = self.lines.iter().position(|(key, _)| *key == phase.key).unwrap_or_else(|| {
            self.lines.push((phase.key.clone(), None));
            self.lines.len() - 1
        });
        if let Some((_, row)) = self.lines.get_mut(at) {
            let (operation, id) = row.take().map_or((None, None), |row| (row.operation, row.id));
            *row = Some(PhaseRow {
                key: phase.key.clone(),
                operation: phase.operation.clone().or(operation),
                id: phase.id.clone().or(id),
                last: phase,
            });
        }
    }
}

/// What the monitor shows.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Watch {
    /// The groups of the home region.
    pub groups: Option<Result<Vec<GroupLine>, Problem>>,
    /// What was seen of the group that is watched.
    pub history: Option<History>,
    /// Why the newest refresh failed as a whole.
    pub problem: Option<Problem>,
    /// Whether a refresh is under way.
    pub looking: bool,
    /// Whether a recording is shown: nothing is refreshed.
    pub replay: bool,
}

/// A step that is done by hand, as it was watched.
#[derive(Debug, Clone, PartialEq)]
pub struct HandWatch {
    /// What the newest look found.
    pub seen: Option<Hand>,
    /// Why the newest look failed.
    pub problem: Option<Problem>,
    /// Whether a look is under way.
    pub looking: bool,
    /// How often it looks.
    pub pace: Pace,
}

/// The model that all screens read.
pub struct Ctx {
    /// The course.
    pub course: Arc<Course>,
    /// Language, theme and zone.
    pub look: Look,
    /// Which cloud this session is for; known before the engine is open.
    pub backend: Backend,
    /// Whether changes are refused (`--read-only`).
    pub read_only: bool,
    /// Whether the engine is there.
    pub opening: Opening,
    /// Account, regions, address; once the engine is open.
    pub facts: Option<Facts>,
    /// The learner's domain; once the engine is open.
    pub domain: Option<String>,
    /// Whether the learner was asked for it, or need not be.
    pub domain_asked: bool,
    /// The whole course's desired state; once the engine is open.
    pub desired: Vec<Desired>,
    /// The resource kinds.
    pub kinds: &'static dyn Kinds,
    /// Where this cloud's private keys are.
    pub keys: PathBuf,
    /// The newest look at the ledger.
    pub survey: Option<Survey>,
    /// Why the newest look failed.
    pub survey_problem: Option<Problem>,
    /// The progress of the steps that were begun.
    pub progress: BTreeMap<String, StepState>,
    /// How the questions of the pages were answered.
    pub answers: Answers,
    /// By what their options are shuffled.
    pub quiz_seed: u64,
    /// The step where the learner was last.
    pub last_step: Option<String>,
    /// The newest plan of each step that was opened.
    pub plans: BTreeMap<String, Result<Plan, Problem>>,
    /// The newest check of each step.
    pub checks: BTreeMap<String, Result<CheckReport, Problem>>,
    /// How the learner does the steps that were opened.
    pub ways: BTreeMap<String, Way>,
    /// The steps that are done by hand, as they were watched.
    pub hands: BTreeMap<String, HandWatch>,
    /// What a learner types first in a terminal of their own, so that the AWS CLI talks to this cloud.
    pub terminal: Vec<String>,
    /// What a cleanup would delete.
    pub teardown: Option<Result<Teardown, Problem>>,
    /// The log of calls, newest first.
    pub calls: Option<Result<Vec<CallRecord>, Problem>>,
    /// What the monitor shows.
    pub watch: Watch,
    /// The looks that are not answered yet, by their topics.
    pub asking: BTreeSet<Query>,
    /// The newest run or cleanup.
    pub work: Option<Work>,
    /// The number of the next run or cleanup.
    pub next_task: TaskId,
    /// The practice clock; `None` elsewhere.
    pub clock: Option<Clock>,
    /// Cloud time, milliseconds since the Unix epoch; 0 before the engine is open.
    pub now: i64,
    /// Milliseconds since the program's start, for spinners.
    pub frame: u64,
    /// Whether marks and lines are ASCII.
    pub ascii: bool,
    /// The keys.
    pub keymap: Keymap,
    /// The terminal's size: columns, rows.
    pub size: (u16, u16),
    /// The sentence at the bottom.
    pub toast: Option<Text>,
}

impl Ctx {
    /// Whether the steps run on the practice cloud.
    pub const fn is_practice(&self) -> bool {
        matches!(self.backend, Backend::Practice)
    }

    /// The learner's language.
    pub const fn lang(&self) -> Lang {
        self.look.lang
    }

    /// A bilingual text in the learner's language.
    pub fn t<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.look.lang)
    }

    /// One of two inline texts, Korean and English.
    pub const fn say<'a>(&self, ko: &'a str, en: &'a str) -> &'a str {
        match self.look.lang {
            Lang::Ko => ko,
            Lang::En => en,
        }
    }

    /// The key of an action as it is shown: the learner may have changed it.
    pub fn key(&self, action: Action) -> String {
        self.keymap.shown(action).map(|key| key.to_string()).unwrap_or_default()
    }

    /// How far a step is.
    pub fn state(&self, step: &str) -> StepState {
        self.progress.get(step).copied().unwrap_or_default()
    }

    /// How the learner does a step.
    pub fn way(&self, step: &str) -> Way {
        self.ways.get(step).copied().unwrap_or_default()
    }

    /// What the newest look at a step that is done by hand found.
    pub fn hand(&self, step: &str) -> Option<&Hand> {
        self.hands.get(step)?.seen.as_ref()
    }

    /// The run or cleanup that is under way.
    pub fn working(&self) -> Option<&Work> {
        self.work.as_ref().filter(|work| !work.ended())
    }

    /// Whether a run for this step is under way.
    pub fn is_running(&self, step: &str) -> bool {
        self.working().is_some_and(|work| work.kind == WorkKind::Run && work.step == step)
    }

    /// The step of the drill that is being followed.
    pub fn drill(&self) -> Option<&Step> {
        let work = self.working().filter(|work| work.kind == WorkKind::Run)?;
        self.course.step(&work.step).filter(|step| step.drill.is_some())
    }

    /// The conditions of a step as last checked.
    pub fn conditions(&self, step: &str) -> &[ConditionResult] {
        match self.checks.get(step) {
            Some(Ok(report)) => &report.conditions,
            _ => &[],
        }
    }

    /// USD an hour of everything that stands; `None` while it is not known.
    pub fn cost_per_hour(&self) -> Option<f64> {
        self.standing().map(|(_, cost)| cost)
    }

    /// How many resources stand and what they cost in USD an hour: the newest survey, with what a run made and a
    /// cleanup deleted since. `None` before the first survey.
    pub fn standing(&self) -> Option<(usize, f64)> {
        let survey = self.survey.as_ref()?;
        let live = |key: &Key| survey.rows.iter().find(|row| row.key == *key && row.health.is_some());
        let mut count = survey.rows.iter().filter(|row| row.health.is_some()).count();
        let mut cost = survey.cost_per_hour;
        let news = self.work.iter().flat_map(|work| &work.lines).filter_map(|(_, row)| row.as_ref());
        for row in news.filter(|row| row.last.time > survey.at) {
            match (row.last.kind, live(&row.key)) {
                (PhaseKind::Deleted, Some(gone)) => {
                    count = count.saturating_sub(1);
                    cost -= gone.cost_per_hour;
                }
                (PhaseKind::Deleted, None) | (_, Some(_)) => {}
                (_, None) if row.id.is_some() => {
                    count += 1;
                    cost += self.price(&row.key);
                }
                _ => {}
            }
        }
        Some((count, cost.max(0.0)))
    }

    /// Whether a resource usually takes so long to become ready that nobody waits in front of the screen.
    pub fn takes_long(&self, key: &Key) -> bool {
        self.kinds.kind(&key.kind).is_some_and(|kind| kind.pace().is_long())
    }

    /// The first resource that is on its way for many minutes while nothing else is done, with the milliseconds of cloud
    /// time since it was asked for.
    pub fn on_its_way(&self) -> Option<(&Key, &str, u64)> {
        if self.working().is_some() {
            return None;
        }
        let rows = self.survey.as_ref()?.rows.iter();
        let row = rows.filter(|row| row.health == Some(Health::Pending)).find(|row| self.takes_long(&row.key))?;
        Some((&row.key, &row.state, u64::try_from(self.now - row.since).unwrap_or(0)))
    }

    /// Whether everything that a step still lacks is on its way and takes many minutes.
    pub fn only_waits(&self, step: &str) -> bool {
        let conditions = self.conditions(step);
        !conditions.is_empty()
            && conditions.iter().all(|one| one.ok || one.pending)
            && self.survey.as_ref().is_some_and(|survey| {
                let mut waits =
                    survey.rows.iter().filter(|row| row.step == step && row.health == Some(Health::Pending));
                let some = waits.next();
                some.is_some_and(|row| self.takes_long(&row.key)) && waits.all(|row| self.takes_long(&row.key))
            })
    }

    /// What a resource of the course costs, in USD an hour; a lookup costs nothing.
    fn price(&self, key: &Key) -> f64 {
        let Some(desired) = self.desired.iter().find(|desired| desired.key == *key) else { return 0.0 };
        let Some(kind) = self.kinds.kind(&key.kind) else { return 0.0 };
        Prices::bundled().hourly(&kind.price(desired, &self.desired), &desired.region)
    }

    /// The step after this one.
    pub fn step_after(&self, step: &str) -> Option<&Step> {
        self.course.steps().skip_while(|other| other.id != step).nth(1)
    }

    /// The step before this one.
    pub fn step_before(&self, step: &str) -> Option<&Step> {
        self.course.steps().take_while(|other| other.id != step).last()
    }

    /// The step to continue with, of a chapter, section or step, or of the whole course: the last one if it is not done,
    /// else the first that is not done after it, else the first that is not done at all. A step that was named is opened
    /// though it is done.
    pub fn resume_step(&self, target: Option<&str>) -> Option<&Step> {
        let meant = target.map(|target| self.course.target(target).unwrap_or_default());
        let within = |step: &&Step| meant.as_ref().is_none_or(|meant| meant.iter().any(|one| one.id == step.id));
        let open = |step: &&Step| self.state(&step.id) != StepState::Done;
        let steps = || self.course.steps().filter(within);
        let last = self.last_step.as_deref();
        let from_last = steps().skip_while(|step| Some(step.id.as_str()) != last).find(open);
        let named = || meant.as_ref().filter(|meant| meant.len() == 1).and_then(|_| steps().next());
        from_last.or_else(|| steps().find(open)).or_else(named)
    }

    /// What people call a kind.
    pub fn kind_title(&self, kind: &str) -> String {
        self.kinds.kind(kind).map_or_else(|| kind.to_owned(), |known| known.title().get(self.look.lang).to_owned())
    }
}
