//! Runs plans against a cloud and remembers what happened.
//!
//! Promises: an intent is in the journal before its call is sent and an outcome after it, so that a kill at any
//! moment neither doubles nor orphans a resource; every wait is its own poll loop with visible phases and a deadline;
//! cleanup ends with a fresh look.
//! Leaves to others: what to call (`lab`), how to call it (`cloud`), how to show it (`runtime`, `commands`).

mod change;
mod cleanup;
mod clock;
mod domain;
mod drill;
mod hand;
mod hook;
mod lock;
mod observe;
mod open;
mod recover;
mod regions;
mod run;
mod send;
mod survey;
mod tell;
pub mod trial;
mod waits;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::{mpsc, watch};

use crate::cloud::{self, Clients, Lives};
use crate::course::model::Course;
use crate::i18n::Text;
use crate::lab::call::Call;
use crate::lab::facts::Facts;
use crate::lab::hand::Hand;
use crate::lab::kind::Kinds;
use crate::lab::phase::Phase;
use crate::lab::quiz::Answers;
use crate::lab::report::{CallRecord, CheckReport, CleanupReport, Elsewhere, Plan, Teardown};
pub use crate::lab::report::{RunReport, StepState, Survey, Way};
use crate::lab::traffic::ApiCall;
use crate::lab::watch::snapshot::GroupLine;
use crate::lab::watch::{Look, Snapshot};
use crate::lab::world::Desired;
use crate::practice;
use crate::problem::{Problem, ProblemKind};
use crate::store::Store;

pub use cleanup::leftover;
pub use clock::{Clock, Wall};
pub use drill::LoadAction;
pub use hook::{Hook, Moment};
pub use open::{storage_problem, terminal};

/// Which cloud a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
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
    /// `--region`; see [`Setup::regions`].
    pub region: Option<String>,
    /// `--peer-region`.
    pub peer: Option<String>,
    /// `--speed`: practice seconds per second.
    pub speed: Option<f64>,
    /// `--my-ip`.
    pub my_ip: Option<String>,
    /// `--domain`: the learner's domain, `none` to do without one; kept for the next time.
    pub domain: Option<String>,
    /// `--read-only`: refuse every call that changes the cloud.
    pub read_only: bool,
    /// `AWSLAB_HOME`: all state lives under it.
    pub home: PathBuf,
    /// `--labs DIR`; `None` is the embedded course.
    pub labs: Option<PathBuf>,
    /// A practice cloud that is open already, instead of the one of `home`.
    pub cloud: Option<practice::Cloud>,
}

/// Where phases are told.
pub type Sink = mpsc::UnboundedSender<Phase>;

/// Becomes `true` when the learner wants to stop waiting.
pub type Cancel = watch::Receiver<bool>;

/// The latest requests of this process, reads too.
type Traffic = Arc<Mutex<VecDeque<ApiCall>>>;

/// How many of them are kept.
const TRAFFIC: usize = 2_000;

/// A session with one cloud. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

/// How long a run waits for what it has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// Until everything is ready.
    ToTheEnd,
    /// Not for what usually takes many minutes, unless something else in the run needs it.
    Short,
}

struct Inner {
    course: Arc<Course>,
    facts: Facts,
    desired: Vec<Desired>,
    domain: domain::Choice,
    kinds: &'static dyn Lives,
    clients: Clients,
    store: Store,
    /// [`crate::lab::facts::Scope::id`].
    scope: String,
    clock: Arc<dyn Clock>,
    home: PathBuf,
    read_only: bool,
    hook: Option<Arc<dyn Hook>>,
    /// The lock of the run that is under way in this process.
    held: Mutex<Weak<lock::Lock>>,
    terminal: Vec<String>,
    seen: Mutex<Option<survey::Seen>>,
    traffic: Traffic,
    practice: Option<practice::Cloud>,
    notes: Vec<Text>,
}

impl Engine {
    /// Opens the state, the clients and the facts of this session; resolves open intents of a killed one.
    pub async fn open(setup: Setup, course: Arc<Course>) -> Result<Self, Problem> {
        let engine = Self { inner: Arc::new(open::open(setup, course).await?) };
        engine.inner.recover().await?;
        Ok(engine)
    }

    /// The same session with a hook that is awaited at every moment of every call: tests stop the engine there.
    /// Only for an engine that has not been cloned yet.
    #[must_use]
    pub fn with_hook(mut self, hook: Arc<dyn Hook>) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.hook = Some(hook);
        }
        self
    }

    /// The course, as it is for this learner: with their domain, or without one.
    pub fn course(&self) -> &Arc<Course> {
        &self.inner.course
    }

    /// The learner's place in the cloud.
    pub fn facts(&self) -> &Facts {
        &self.inner.facts
    }

    /// The learner's domain.
    pub fn domain(&self) -> Option<&str> {
        self.inner.domain.domain.as_deref()
    }

    /// Whether the learner was asked for their domain, or need not be: where everybody has one.
    pub fn domain_asked(&self) -> bool {
        self.inner.domain.asked
    }

    /// Keeps the learner's domain for this cloud and account (`none`: there is none). It counts from the next
    /// [`Engine::open`].
    ///
    /// # Errors
    /// When it is no domain name, or the store refuses.
    pub fn set_domain(&self, name: &str) -> Result<(), Problem> {
        domain::keep(&self.inner.store, &self.inner.scope, name)
    }

    /// The whole course's desired state.
    pub fn desired(&self) -> &[Desired] {
        &self.inner.desired
    }

    /// The resource kinds.
    pub fn kinds(&self) -> &'static dyn Kinds {
        self.inner.kinds
    }

    /// The practice cloud, when the session is with it: its clock can be changed.
    pub fn practice(&self) -> Option<&practice::Cloud> {
        self.inner.practice.as_ref()
    }

    /// What the learner should know once, such as a profile's region that is not used.
    pub fn notes(&self) -> &[Text] {
        &self.inner.notes
    }

    /// What a learner types first in a terminal of their own, so that the AWS CLI talks to this cloud.
    pub fn terminal(&self) -> &[String] {
        &self.inner.terminal
    }

    /// The folder with the private keys of this session's key pairs.
    pub fn keys(&self) -> &std::path::Path {
        self.inner.clients.keys()
    }

    /// The local state.
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    /// Cloud time, milliseconds since the Unix epoch.
    pub fn now(&self) -> i64 {
        self.inner.clock.now()
    }

    /// The practice clock's speed in practice seconds per second (0: paused); `None` when this is not the practice cloud.
    pub fn speed(&self) -> Option<f64> {
        let clock = self.inner.practice.as_ref()?.clock();
        Some(if clock.paused { 0.0 } else { clock.speed })
    }

    /// Sets the practice clock's speed; 0 pauses it. Nothing happens elsewhere.
    pub fn set_speed(&self, speed: f64) -> Result<(), Problem> {
        let Some(cloud) = &self.inner.practice else { return Ok(()) };
        self.inner.may_change()?;
        let changed = if speed > 0.0 { cloud.set_speed(speed).and_then(|()| cloud.resume()) } else { cloud.pause() };
        changed.map_err(|error| storage_problem(&error))
    }

    /// Moves the practice clock on at once. Nothing happens elsewhere.
    pub fn advance(&self, by: std::time::Duration) -> Result<(), Problem> {
        let Some(cloud) = &self.inner.practice else { return Ok(()) };
        self.inner.may_change()?;
        cloud.advance(by).map_err(|error| storage_problem(&error))
    }

    /// A setting of the full screen that is kept between sessions (`language`, `last-step`).
    pub fn setting(&self, name: &str) -> Option<String> {
        self.inner.store.setting(name).ok().flatten()
    }

    /// Keeps a setting of the full screen.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<(), Problem> {
        self.inner.store.set_setting(name, value)
    }

    /// Looks at everything that the course desires and everything in the ledger.
    pub async fn survey(&self) -> Result<Survey, Problem> {
        self.inner.survey().await
    }

    /// What stands in this account where this session does not look, since it was made with other regions.
    pub fn elsewhere(&self) -> Result<Vec<Elsewhere>, Problem> {
        self.inner.store.elsewhere(&self.inner.scope)
    }

    /// What must be called so that these steps (and what they need) stand.
    pub async fn plan(&self, steps: &[String]) -> Result<Plan, Problem> {
        self.inner.plan(steps).await
    }

    /// Runs a plan. One that was made on an old look is made anew first; when it then needs a call that was not in
    /// it, nothing is called and the report says so.
    pub async fn run(&self, plan: Plan, cancel: Cancel, sink: Sink) -> RunReport {
        self.inner.run(plan, cancel, sink, Patience::ToTheEnd).await
    }

    /// The same for somebody who has other things to do: it ends when nothing is left but waits that usually take many
    /// minutes ([`crate::lab::kind::Pace::LONG`]). They go on in the cloud; the report names them, and the next survey tells
    /// how far they are. What needs one of them waits for it in its own run.
    pub async fn run_and_go_on(&self, plan: Plan, cancel: Cancel, sink: Sink) -> RunReport {
        self.inner.run(plan, cancel, sink, Patience::Short).await
    }

    /// Looks at a step that the learner does by hand, and at nothing else; changes nothing, not even the ledger. `thorough`
    /// also searches for what has another name or is in the course's other region.
    pub async fn hand(&self, step: &str, thorough: bool) -> Result<Hand, Problem> {
        self.inner.hand(step, thorough).await
    }

    /// Evaluates the named conditions of these steps; adopts what the learner made by hand (ledger only).
    pub async fn check(&self, steps: &[String]) -> Result<CheckReport, Problem> {
        self.inner.check(steps).await
    }

    /// Accepts the terms of the Marketplace product on the practice cloud; elsewhere only a person can, and nothing happens.
    pub fn subscribe(&self) -> Result<(), Problem> {
        let Some(cloud) = self.practice() else { return Ok(()) };
        self.inner.may_change()?;
        let kept = cloud.look(|world| world.options().clone()).and_then(|mut options| {
            options.marketplace_subscribed = true;
            cloud.edit(|world| {
                world.set_options(options);
                world.settle();
            })
        });
        kept.map_err(|error| storage_problem(&error))
    }

    /// What cleaning up these steps (all, when empty) deletes: their resources and whatever depends on them.
    pub async fn teardown(&self, steps: &[String]) -> Result<Teardown, Problem> {
        self.inner.teardown(steps).await
    }

    /// Deletes, waits, and looks again.
    pub async fn cleanup(&self, teardown: Teardown, cancel: Cancel, sink: Sink) -> Result<CleanupReport, Problem> {
        self.inner.cleanup(teardown, cancel, sink).await
    }

    /// The Auto Scaling groups of the home region.
    pub async fn groups(&self) -> Result<Vec<GroupLine>, Problem> {
        cloud::watch::groups(&self.inner.clients).await
    }

    /// Makes one change that was confirmed, outside any step.
    pub async fn change(&self, call: Call) -> Result<(), Problem> {
        self.inner.change(&call).await
    }

    /// A refresh of the monitor. What could not be read is in [`Snapshot::problems`].
    pub async fn watch(&self, look: &Look) -> Result<Snapshot, Problem> {
        cloud::watch::look(&self.inner.clients, look, self.now()).await
    }

    /// The latest requests that changed the cloud, newest first; from the journal, so of earlier processes too.
    pub fn calls(&self, limit: usize) -> Result<Vec<CallRecord>, Problem> {
        self.inner.store.calls(&self.inner.scope, limit)
    }

    /// The latest requests of this process, reads too, oldest first.
    pub fn traffic(&self) -> Vec<ApiCall> {
        guard(&self.inner.traffic).iter().cloned().collect()
    }

    /// How the questions of the pages were answered.
    pub fn answers(&self) -> Answers {
        self.inner.store.answers().unwrap_or_default()
    }

    /// Notes an answer.
    pub fn note_answer(&self, question: &str, right: bool) -> Result<(), Problem> {
        self.inner.store.note_answer(question, right)
    }

    /// By what options are shuffled.
    pub fn quiz_seed(&self) -> u64 {
        self.inner.store.quiz_seed().unwrap_or(0)
    }

    /// The progress of every step, by step id.
    pub fn progress(&self) -> std::collections::BTreeMap<String, StepState> {
        self.inner.progress()
    }

    /// How the learner does the steps that were opened, by step id.
    pub fn ways(&self) -> std::collections::BTreeMap<String, Way> {
        self.inner.store.ways(&self.inner.scope).unwrap_or_default()
    }

    /// Keeps how the learner does a step.
    pub fn set_way(&self, step: &str, way: Way) -> Result<(), Problem> {
        self.inner.store.set_way(&self.inner.scope, step, way)
    }

    /// Notes that a step was opened, read or checked. Opening a step never takes back what it has reached.
    pub fn note_progress(&self, step: &str, state: StepState) -> Result<(), Problem> {
        let noted = self.inner.progress().get(step).copied().unwrap_or_default();
        if state == StepState::Started && noted != StepState::NotStarted {
            return Ok(());
        }
        self.inner.store.note(&self.inner.scope, step, state)
    }
}

/// A panic elsewhere leaves nothing half-done behind these locks.
fn guard<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Inner {
    /// Whether the cloud may be changed.
    fn may_change(&self) -> Result<(), Problem> {
        if self.read_only { Err(read_only()) } else { Ok(()) }
    }
}

/// What is shown when a change is refused because of `--read-only`.
pub fn read_only() -> Problem {
    Problem::new(
        ProblemKind::Denied,
        "--read-only이므로 아무것도 바꾸지 않았습니다",
        "Nothing was changed, because of --read-only",
    )
    .hint("--read-only 없이 다시 실행해 주세요", "Run again without --read-only")
}

fn no_my_ip() -> Problem {
    Problem::new(ProblemKind::BadInput, "내 퍼블릭 IP 주소를 알 수 없습니다", "Your public IPv4 address is not known")
        .hint("--my-ip 203.0.113.7처럼 직접 알려 주세요", "Give it yourself: --my-ip 203.0.113.7")
}
