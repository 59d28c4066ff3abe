//! Runs a plan: independent calls at once, each resource followed until it is ready.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use crate::cloud::{Sent, Want};
use crate::course::model::{Key, Role};
use crate::i18n::Text;
use crate::lab::call::{BoundCall, Of};
use crate::lab::desire::lacks_my_ip;
use crate::lab::kind::{Env, Pace};
use crate::lab::load;
use crate::lab::phase::PhaseKind;
use crate::lab::report::{Plan, RunReport, StepState};
use crate::lab::world::{Difference, Mend, Observed, Sight, World};
use crate::problem::{Problem, ProblemKind};
use crate::store::Entry;

use super::clock::millis;
use super::lock::Lock;
use super::send::{Context, Unsent, stopped};
use super::tell::{Says, Teller};
use super::waits::{Turn, Waits, ambiguous};
use super::{Cancel, Inner, Patience, Sink, drill};

/// How many requests are under way at once.
pub(super) const AT_ONCE: usize = 8;
/// How long requests that are under way are waited for after the learner stopped.
pub(super) const GRACE: Duration = Duration::from_secs(5);

enum Event {
    Sent(usize, Result<Sent, Unsent>),
    /// A drill's conditions hold, or never will.
    Drilled(usize, Result<(), Problem>),
    Looked(Vec<Key>, Result<Vec<(Key, Sight)>, Problem>),
}

type Job<'a> = Pin<Box<dyn Future<Output = Event> + Send + 'a>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CallState {
    Waiting,
    Running,
    Done,
    /// Failed, skipped, or stopped.
    Not,
}

struct Runner<'a> {
    inner: &'a Inner,
    plan: &'a Plan,
    sink: Sink,
    cancel: Cancel,
    patience: Patience,
    world: Arc<World>,
    /// What answers told, before it was looked at.
    told: BTreeMap<Key, Sent>,
    calls: Vec<CallState>,
    tellers: BTreeMap<Key, Teller>,
    ready: BTreeSet<Key>,
    /// Failed or skipped resources.
    bad: BTreeSet<Key>,
    waits: Waits,
    running: usize,
    /// Whether something could not be written down: then nothing more is begun.
    unkept: bool,
    report: RunReport,
}

impl Inner {
    /// Runs a plan. See [`super::Engine::run`].
    pub(super) async fn run(&self, plan: Plan, cancel: Cancel, sink: Sink, patience: Patience) -> RunReport {
        match self.prepare(plan).await {
            Ok((_lock, plan, world)) => {
                let report = Runner::new(self, &plan, world, cancel, sink, patience).go().await;
                self.forget_seen();
                report
            }
            Err(failed) => {
                let (key, problem) = *failed;
                let step = self.desired_one(&key).map(|desired| desired.step.clone()).unwrap_or_default();
                let says = Says { problem: Some(problem.clone()), ..Says::default() };
                Teller::new(&sink, &self.clock, &key, &step, 0).tell(PhaseKind::Failed, says);
                RunReport { failed: vec![(key, problem)], ..RunReport::default() }
            }
        }
    }

    /// Takes the lock and makes sure that the plan still fits: what was planned on an older look is planned anew, and
    /// only fewer calls than were confirmed are accepted.
    async fn prepare(&self, plan: Plan) -> Result<(Arc<Lock>, Plan, World), Box<(Key, Problem)>> {
        let about = plan.calls.first().map(|planned| planned.call.key.clone()).or_else(|| plan.kept.first().cloned());
        let about = about.unwrap_or_else(|| Key::home("", ""));
        let fail = |problem: Problem| Box::new((about.clone(), problem));
        if self.read_only && !plan.calls.is_empty() {
            return Err(fail(super::read_only()));
        }
        let lock = self.lock().map_err(fail)?;
        // A load that is no step's names its instance itself: there is nothing to plan anew.
        if plan.steps.is_empty() && plan.calls.iter().all(|planned| planned.call.key.kind == load::KIND) {
            return Ok((lock, plan, World::default()));
        }
        if let Some(world) = self.fresh() {
            return Ok((lock, plan, world));
        }
        let world = self.observe_all().await.map_err(fail)?;
        let open = plan.manual.iter().cloned().collect();
        let mut now = self.plan_on(&world, &plan.steps, &open).map_err(fail)?;
        (now.manual, now.held) = (plan.manual.clone(), plan.held.clone());
        let confirmed = |key: &Key, operation: &str| {
            plan.calls.iter().any(|planned| planned.call.key == *key && planned.call.operation == operation)
        };
        if let Some(new) = now.calls.iter().find(|new| !confirmed(&new.call.key, &new.call.operation)) {
            let (key, operation) = (new.call.key.clone(), &new.call.operation);
            let problem = Problem::new(
                ProblemKind::Duplicate,
                format!("계획을 본 뒤에 클라우드가 바뀌었습니다: {} {operation} 호출이 더 필요합니다", key.name),
                format!("The cloud has changed since the plan was shown: {} now needs {operation} too", key.name),
            )
            .hint("계획을 다시 보고 확인해 주세요", "Look at the plan again, and confirm it");
            return Err(Box::new((key, problem)));
        }
        Ok((lock, now, world))
    }
}

impl<'a> Runner<'a> {
    fn new(inner: &'a Inner, plan: &'a Plan, world: World, cancel: Cancel, sink: Sink, patience: Patience) -> Self {
        Self {
            inner,
            plan,
            sink,
            cancel,
            patience,
            world: Arc::new(world),
            told: BTreeMap::new(),
            calls: vec![CallState::Waiting; plan.calls.len()],
            tellers: BTreeMap::new(),
            ready: BTreeSet::new(),
            bad: BTreeSet::new(),
            waits: Waits::default(),
            running: 0,
            unkept: false,
            report: RunReport { manual: plan.manual.clone(), ..RunReport::default() },
        }
    }

    async fn go(mut self) -> RunReport {
        self.begin();
        let mut jobs: FuturesUnordered<Job<'a>> = FuturesUnordered::new();
        let mut cancel = self.cancel.clone();
        let mut grace: Option<Instant> = None;
        loop {
            if grace.is_none() {
                self.skip_what_cannot();
                self.start_calls(&jobs);
                self.start_looks(&jobs);
            }
            if self.running == 0 && self.waits.is_empty() {
                break;
            }
            if self.may_go_on() {
                self.report.under_way = self.waits.take();
                break;
            }
            let wake = self.waits.wake();
            tokio::select! {
                biased;
                () = stopped(&mut cancel), if grace.is_none() => {
                    self.report.cancelled = true;
                    self.waits.clear();
                    grace = Some(Instant::now() + GRACE);
                }
                Some(event) = jobs.next(), if !jobs.is_empty() => self.take(event, &jobs),
                () = until(wake), if wake.is_some() => self.waits.tell(),
                () = until(grace), if grace.is_some() => break,
            }
        }
        self.report.done = !self.report.cancelled && self.report.failed.is_empty() && self.report.skipped.is_empty();
        self.report
    }

    /// Whether nothing is left to do but to wait for what takes many minutes, and nobody wants to.
    fn may_go_on(&self) -> bool {
        self.patience == Patience::Short
            && self.running == 0
            && !self.report.cancelled
            && self.calls.iter().all(|call| matches!(call, CallState::Done | CallState::Not))
            && self.waits.are_long()
    }

    /// What needs no call: kept, adopted, ambiguous, in conflict.
    fn begin(&mut self) {
        for step in &self.plan.steps {
            let noted = self.inner.progress().get(step).copied().unwrap_or_default();
            if noted == StepState::NotStarted && self.inner.course.step(step).is_some_and(|s| !s.resources.is_empty()) {
                self.remember(self.inner.store.note(&self.inner.scope, step, StepState::Started));
            }
        }
        for (key, ids) in &self.plan.ambiguous {
            self.fail(key, ambiguous(key, ids));
        }
        for conflict in self.plan.conflicts.iter().filter(|conflict| conflict.mend == Mend::Replace) {
            if !self.bad.contains(&conflict.key) {
                let problem = self.in_conflict(conflict);
                self.fail(&conflict.key, problem);
            }
        }
        for key in &self.plan.adopted {
            let Some(observed) = self.world.get(key).cloned() else { continue };
            let adopted = self.inner.adopt(&observed);
            self.remember(adopted);
            self.tell(
                key,
                PhaseKind::Adopted,
                Says { id: Some(&observed.id), state: Some(&observed.state), ..Says::default() },
            );
        }
        for key in &self.plan.kept {
            let (id, state) = self.world.get(key).map(|o| (o.id.clone(), o.state.clone())).unzip();
            self.tell(key, PhaseKind::Kept, Says { id: id.as_deref(), state: state.as_deref(), ..Says::default() });
        }
        for key in &self.plan.leaving {
            if !self.plan.calls.iter().any(|planned| planned.call.key == *key) {
                self.wait_gone(key);
            }
        }
        for key in &self.plan.pending {
            if !self.plan.calls.iter().any(|planned| planned.call.key == *key) {
                self.wait(key);
            }
        }
        for planned in &self.plan.calls {
            if lacks_my_ip(&planned.call) && !self.bad.contains(&planned.call.key) {
                self.fail(&planned.call.key, super::no_my_ip());
            }
        }
    }

    /// Why a resource that stands, or a lookup that found nothing, cannot serve the course.
    fn in_conflict(&self, conflict: &Difference) -> Problem {
        in_conflict(conflict, self.inner.kinds.kind(&conflict.key.kind).and_then(|kind| kind.absent()))
    }

    /// Calls that need something that failed are skipped, and so is what needs those.
    fn skip_what_cannot(&mut self) {
        if self.unkept {
            self.begin_nothing_more();
        }
        loop {
            let hopeless = (0..self.calls.len()).find_map(|at| {
                if self.calls[at] != CallState::Waiting {
                    return None;
                }
                let planned = &self.plan.calls[at];
                let key = &planned.call.key;
                if self.bad.contains(key) {
                    return Some((at, None));
                }
                let missing = planned
                    .after
                    .iter()
                    .find(|&&other| self.calls[other] == CallState::Not)
                    .map(|&other| self.plan.calls[other].call.key.clone())
                    .or_else(|| planned.ready.iter().find(|key| self.bad.contains(key)).cloned())
                    .or_else(|| self.uses(at).into_iter().find(|key| self.bad.contains(key)));
                missing.map(|missing| (at, Some(missing)))
            });
            let Some((at, missing)) = hopeless else { return };
            self.calls[at] = CallState::Not;
            if let Some(missing) = missing {
                let key = self.plan.calls[at].call.key.clone();
                self.bad.insert(key.clone());
                self.tell(&key, PhaseKind::Skipped, Says { detail: Some(missing.name), ..Says::default() });
                self.report.skipped.push(key);
            }
        }
    }

    /// After a failure of the local state: what was not begun is skipped without a word, since one has been said for all.
    fn begin_nothing_more(&mut self) {
        self.waits.clear();
        for at in 0..self.calls.len() {
            if self.calls[at] == CallState::Waiting {
                self.calls[at] = CallState::Not;
                let key = self.plan.calls[at].call.key.clone();
                if self.bad.insert(key.clone()) {
                    self.report.skipped.push(key);
                }
            }
        }
    }

    /// Every resource that a call's resource needs or that its arguments name.
    fn uses(&self, at: usize) -> Vec<Key> {
        let call = &self.plan.calls[at].call;
        let env = Env { facts: &self.inner.facts, world: &self.world, desired: &self.inner.desired };
        let mut keys: Vec<Key> = call.waits_for().into_iter().map(|of| of.key.clone()).collect();
        if let (Some(kind), Some(desired)) = (self.inner.kinds.kind(&call.key.kind), self.inner.desired_one(&call.key))
        {
            keys.extend(kind.needs(desired, &env).into_iter().map(|need| need.key));
        }
        keys
    }

    fn start_calls(&mut self, jobs: &FuturesUnordered<Job<'a>>) {
        for at in 0..self.calls.len() {
            if self.running >= AT_ONCE {
                return;
            }
            let planned = &self.plan.calls[at];
            let may = self.calls[at] == CallState::Waiting
                && planned.after.iter().all(|&other| self.calls[other] == CallState::Done)
                && planned.ready.iter().all(|key| self.ready.contains(key));
            if !may {
                continue;
            }
            if let Some(problem) = self.without_physics(at) {
                self.calls[at] = CallState::Not;
                let key = planned.call.key.clone();
                self.fail(&key, problem);
                continue;
            }
            match planned.call.bind(&|of| self.known(of)) {
                Ok(call) => {
                    self.calls[at] = CallState::Running;
                    self.running += 1;
                    let first = self.plan.calls[..at].iter().all(|other| other.call.key != planned.call.key);
                    jobs.push(self.sending(at, call, first));
                }
                // What is known before its resource is ready comes with one of the next looks.
                Err(of) if self.waits.holds(&of.key) => {}
                Err(of) => {
                    self.calls[at] = CallState::Not;
                    let key = planned.call.key.clone();
                    self.fail(&key, unknown(&of));
                }
            }
        }
    }

    fn sending(&mut self, at: usize, call: BoundCall, first: bool) -> Job<'a> {
        let inner = self.inner;
        let teller = self.teller(&call.0.key).clone();
        let (cancel, world) = (self.cancel.clone(), Arc::clone(&self.world));
        Box::pin(async move {
            let context = Context { first, teller: &teller, cancel: &cancel, world: &world };
            Event::Sent(at, inner.send(&call, &context).await)
        })
    }

    fn start_looks(&mut self, jobs: &FuturesUnordered<Job<'a>>) {
        for (kind, role, wants) in self.waits.due() {
            jobs.push(looking(self.inner, kind, role, wants, Arc::clone(&self.world)));
        }
    }

    fn known(&self, of: &Of) -> Option<String> {
        // What this run made counts before what was there: the latter may be one that never came about.
        let sent = self.told.get(&of.key);
        if let Some(id) = sent.and_then(|sent| sent.id.as_ref()).filter(|_| of.attr == "id") {
            return Some(id.clone());
        }
        if let Some(value) = self.world.get(&of.key).and_then(|observed| observed.attr(&of.attr)) {
            return Some(value.to_owned());
        }
        let sent = sent?;
        sent.attrs.iter().find(|(name, _)| *name == of.attr).map(|(_, value)| value.clone())
    }

    fn take(&mut self, event: Event, jobs: &FuturesUnordered<Job<'a>>) {
        match event {
            Event::Sent(at, result) => {
                self.running -= 1;
                let key = self.plan.calls[at].call.key.clone();
                match result {
                    Ok(sent) => {
                        self.calls[at] = CallState::Done;
                        let told = self.told.entry(key.clone()).or_default();
                        told.id = sent.id.or(told.id.take());
                        told.attrs.extend(sent.attrs);
                        let over = (0..self.calls.len()).all(|other| {
                            self.plan.calls[other].call.key != key || self.calls[other] == CallState::Done
                        });
                        if key.kind == load::KIND {
                            let noted = self.note_load(at);
                            self.remember(noted);
                            self.begin_drill(at, jobs);
                        } else if over && !self.report.cancelled {
                            if self.plan.leaving.contains(&key) {
                                self.wait_gone(&key);
                            } else {
                                self.wait(&key);
                            }
                        }
                    }
                    Err(Unsent::Cancelled) => self.calls[at] = CallState::Not,
                    Err(Unsent::Failed(error)) => {
                        self.calls[at] = CallState::Not;
                        self.fail(&key, error.problem);
                    }
                }
            }
            Event::Drilled(at, result) => {
                self.running -= 1;
                let key = load::key_of_step(&self.plan.drills[at].step);
                match result {
                    Ok(()) => {
                        self.tell(&key, PhaseKind::Ready, Says::default());
                        self.ready.insert(key);
                    }
                    Err(problem) => self.fail(&key, problem),
                }
            }
            Event::Looked(keys, Ok(sights)) => {
                for (key, sight) in sights.iter().filter(|(key, _)| keys.contains(key)) {
                    // What is on its way can be referred to already: links are looked up by its id.
                    if let Sight::Found(observed) = sight {
                        Arc::make_mut(&mut self.world).put(observed.as_ref().clone());
                    }
                    let turn = self.looked(key, Ok(sight));
                    self.turn(key, turn);
                }
            }
            Event::Looked(keys, Err(problem)) => {
                for key in keys {
                    let turn = self.looked(&key, Err(&problem));
                    self.turn(&key, turn);
                }
            }
        }
    }

    fn turn(&mut self, key: &Key, turn: Option<Turn>) {
        match turn {
            Some(Turn::Over(Some(observed))) => self.stands(*observed),
            Some(Turn::Failed(problem)) => self.fail(key, problem),
            Some(Turn::Over(None)) if self.plan.leaving.contains(key) => {
                let left = self.inner.store.leave(&self.inner.scope, key, self.inner.clock.now());
                self.remember(left);
                self.tell(key, PhaseKind::Deleted, Says::default());
            }
            Some(Turn::Over(None) | Turn::Stay) | None => {}
        }
    }

    fn looked(&mut self, key: &Key, seen: Result<&Sight, &Problem>) -> Option<Turn> {
        let clock = self.inner.clock.as_ref();
        if self.plan.leaving.contains(key) {
            self.waits.end(clock, key, seen)
        } else {
            self.waits.readiness(clock, key, seen)
        }
    }

    fn wait_gone(&mut self, key: &Key) {
        let pace = self.inner.kinds.kind(&key.kind).map_or(Pace::INSTANT, |kind| kind.pace());
        let recorded = self.world.get(key).map(|observed| observed.id.clone());
        let want = Want { desired: self.inner.wanted(key, None), recorded };
        let teller = self.teller(key).clone();
        self.waits.begin(want, teller, pace, PhaseKind::Deleting, self.inner.clock.now());
    }

    /// Why a drill cannot work here: an endpoint that makes no alarms for a policy has no physics.
    fn without_physics(&self, at: usize) -> Option<Problem> {
        let planned = self.plan.drills.iter().find(|drill| drill.call == at)?;
        let policy = self.world.get(&planned.drill.policy)?;
        let alarms = policy.fields.get("alarms").map_or(0, |alarms| alarms.items().len());
        (alarms == 0).then(drill::no_physics)
    }

    /// Notes in the store that a load runs, or that it was taken off.
    fn note_load(&self, at: usize) -> Result<(), Problem> {
        let call = &self.plan.calls[at].call;
        let command = self.told.get(&call.key).and_then(|sent| sent.id.clone());
        let bound = call.bind(&|of| self.known(of)).map_or_else(|_| call.clone(), |bound| bound.0);
        self.inner.note_load(&bound, command)
    }

    /// Follows a drill whose call was answered.
    fn begin_drill(&mut self, at: usize, jobs: &FuturesUnordered<Job<'a>>) {
        let Some(place) = self.plan.drills.iter().position(|drill| drill.call == at) else { return };
        if self.report.cancelled {
            return;
        }
        let planned = &self.plan.drills[place];
        // The load itself is done with its answer; what it does is followed under the drill's own key.
        let sent = self.plan.calls[at].call.key.clone();
        self.tell(&sent, PhaseKind::Ready, Says::default());
        let teller = self.teller(&load::key_of_step(&planned.step)).clone();
        let (inner, world, cancel) = (self.inner, Arc::clone(&self.world), self.cancel.clone());
        self.running += 1;
        jobs.push(Box::pin(
            async move { Event::Drilled(place, inner.follow_drill(planned, world, &teller, cancel).await) },
        ));
    }

    /// A resource is ready.
    fn stands(&mut self, observed: Observed) {
        let key = observed.key.clone();
        if self.plan.calls.iter().any(|planned| planned.call.key == key && planned.call.gives.is_some())
            || self.told.contains_key(&key)
        {
            let entered = self.inner.note_id(&observed);
            self.remember(entered);
        }
        self.tell(
            &key,
            PhaseKind::Ready,
            Says { id: Some(&observed.id), state: Some(&observed.state), ..Says::default() },
        );
        self.ready.insert(key);
    }

    fn wait(&mut self, key: &Key) {
        let pace = self.inner.pace(key);
        let id = self.told.get(key).and_then(|sent| sent.id.clone());
        let recorded = id.or_else(|| self.world.get(key).map(|observed| observed.id.clone()));
        let want = Want { desired: self.inner.wanted(key, None), recorded };
        let teller = self.teller(key).clone();
        self.waits.begin(want, teller, pace, PhaseKind::Waiting, self.inner.clock.now());
    }

    fn fail(&mut self, key: &Key, problem: Problem) {
        self.bad.insert(key.clone());
        // One is told for all that could not be written down.
        if problem.kind == ProblemKind::Store && std::mem::replace(&mut self.unkept, true) {
            self.report.skipped.push(key.clone());
            return;
        }
        self.tell(key, PhaseKind::Failed, Says { problem: Some(problem.clone()), ..Says::default() });
        self.report.failed.push((key.clone(), problem));
    }

    /// A failure of the local state ends the run: what cannot be written down must not be made.
    fn remember(&mut self, result: Result<(), Problem>) {
        if let Err(problem) = result {
            self.fail(&Key::home("", "awslab.db"), problem);
        }
    }

    fn teller(&mut self, key: &Key) -> &Teller {
        self.tellers.entry(key.clone()).or_insert_with(|| {
            let step = self.inner.desired_one(key).map(|desired| desired.step.as_str()).unwrap_or_default();
            let usual = millis(self.inner.pace(key).usual);
            Teller::new(&self.sink, &self.inner.clock, key, step, u64::try_from(usual).unwrap_or(0))
        })
    }

    fn tell(&mut self, key: &Key, kind: PhaseKind, says: Says<'_>) {
        self.teller(key).tell(kind, says);
    }
}

fn looking(inner: &Inner, kind: String, role: Role, wants: Vec<Want>, world: Arc<World>) -> Job<'_> {
    Box::pin(async move {
        let keys = wants.iter().map(|want| want.desired.key.clone()).collect();
        Event::Looked(keys, inner.look(&kind, role, &wants, &world).await)
    })
}

/// Sleeps until then; for ever without one.
pub(super) async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

impl Inner {
    /// Notes what the learner made by hand.
    pub(super) fn adopt(&self, observed: &Observed) -> Result<(), Problem> {
        let step = self.desired_one(&observed.key).map(|desired| desired.step.clone()).unwrap_or_default();
        self.store.enter(
            &self.scope,
            &Entry {
                key: observed.key.clone(),
                id: observed.id.clone(),
                region: observed.region.clone(),
                step,
                run: observed.tags.get("lab:run").cloned().unwrap_or_default(),
                // What carries our tags was made by an earlier awslab whose ledger is lost.
                adopted: !observed.is_tagged_ours(),
                price: self.price(&observed.key, &observed.region),
                since: self.clock.now(),
                spent: 0.0,
                priced: None,
                lost: None,
                gone: None,
            },
        )
    }

    /// Notes the id of something that this run made.
    fn note_id(&self, observed: &Observed) -> Result<(), Problem> {
        let step = self.desired_one(&observed.key).map(|desired| desired.step.clone()).unwrap_or_default();
        self.store.enter(
            &self.scope,
            &Entry {
                key: observed.key.clone(),
                id: observed.id.clone(),
                region: observed.region.clone(),
                step,
                run: self.facts.run.clone(),
                adopted: false,
                price: self.price(&observed.key, &observed.region),
                since: self.clock.now(),
                spent: 0.0,
                priced: None,
                lost: None,
                gone: None,
            },
        )
    }
}

fn in_conflict(conflict: &Difference, absent: Option<Text>) -> Problem {
    let Difference { key, field, wanted, found, .. } = conflict;
    if found.is_empty() {
        let problem = Problem::new(
            ProblemKind::NotFound,
            format!("{}: 찾을 수 없습니다", key.name),
            format!("{} cannot be found", key.name),
        )
        .because(wanted.clone(), wanted.clone());
        return match absent {
            Some(text) => problem.hint(text.ko, text.en),
            None => problem,
        };
    }
    Problem::new(
        ProblemKind::Duplicate,
        format!("{}: 이미 있지만 과정과 다릅니다", key.name),
        format!("{} exists already, but not as the course wants it", key.name),
    )
    .because(format!("{field}: {found} (과정: {wanted})"), format!("{field} is {found}, the course wants {wanted}"))
    .hint(
        "지우고 다시 만들거나(정리 후 실행), 이름을 바꿔 주세요. awslab은 스스로 지우지 않습니다",
        "Delete it and run again (cleanup, then run), or rename it; awslab does not delete it by itself",
    )
}

fn unknown(of: &Of) -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        format!("{}의 {} 값을 알 수 없습니다", of.key.name, of.attr),
        format!("The {} of {} is not known", of.attr, of.key.name),
    )
    .hint("다시 실행하면 다시 찾아봅니다", "Run again: it is looked for anew")
}
