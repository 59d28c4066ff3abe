//! Takes things down: in order, visibly, until they are really gone; then looks again.

use std::collections::{BTreeMap, BTreeSet};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::try_join_all;
use futures_util::stream::FuturesUnordered;
use tokio::time::Instant;

use crate::cloud::Want;
use crate::course::model::{Key, Role};
use crate::i18n::Text;
use crate::lab::call::{BoundCall, Call};
use crate::lab::kind::Pace;
use crate::lab::phase::PhaseKind;
use crate::lab::report::{Blocker, CleanupReport, Left, ResourceRow, Teardown, TeardownItem};
use crate::lab::teardown::{self, Standing};
use crate::lab::world::{Health, Observed, Sight, World};
use crate::problem::{Problem, ProblemKind};

use super::clock::millis;
use super::lock::{self, Lock};
use super::run::{AT_ONCE, GRACE, until};
use super::send::{Context, Unsent, matches_error, stopped};
use super::tell::{Says, Teller};
use super::waits::{Turn, Waits};
use super::{Cancel, Inner, Sink};

/// How often a refused delete is tried again, in cloud time.
const AGAIN: Duration = Duration::from_secs(10);
/// For how long, when what blocks it goes by itself.
const AGAIN_FOR: Duration = Duration::from_secs(600);
/// For how long, when nothing can be found that blocks it.
const UNSEEN_FOR: Duration = Duration::from_secs(120);
/// What a delete says while something uses the resource.
const IN_USE: &[&str] = &[
    "DependencyViolation",
    "InvalidIPAddress.InUse",
    "InvalidGroup.InUse",
    "InvalidNetworkInterface.InUse",
    "InvalidSnapshot.InUse",
    "ResourceInUse",
    "ResourceInUseException",
    "InvalidDBInstanceState",
    "InvalidDBSubnetGroupStateFault",
    "ScalingActivityInProgress",
    "DeleteConflict",
    "IncorrectState",
];
/// How often everything is looked through and what is ours is deleted.
const ROUNDS: usize = 3;

/// Why a resource stays.
struct Stays {
    blocked_by: Vec<Blocker>,
    problem: Option<Problem>,
}

enum Event {
    /// All calls of an item are answered, or it stays.
    Asked(usize, Result<(), Box<Stays>>),
    Looked(Vec<Key>, Result<Vec<(Key, Sight)>, Problem>),
}

type Job<'a> = Pin<Box<dyn Future<Output = Event> + Send + 'a>>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ItemState {
    Waiting,
    Running,
    Gone,
    Stays,
}

impl Inner {
    /// What stands of the ledger, and whatever else carries awslab's tag when everything is asked for.
    pub(super) async fn teardown(&self, steps: &[String]) -> Result<Teardown, Problem> {
        let world = self.observe_all().await?;
        let ledger = self.ledger()?;
        self.note_lost(&ledger, &world)?;
        let mut standing: Vec<Standing> = Vec::new();
        for row in self.rows(&ledger, &world) {
            if let Some(observed) = world.get(&row.key).filter(|observed| !self.is_over(observed)) {
                standing.push(Standing { observed: observed.clone(), row });
            }
        }
        if steps.is_empty() {
            let known: BTreeSet<String> = standing.iter().map(|one| one.observed.id.clone()).collect();
            let strays = self.strays(&known, &vpcs(&standing)).await?;
            let mut taken: BTreeSet<Key> = standing.iter().map(|one| one.row.key.clone()).collect();
            let ours = strays.into_iter().filter(Observed::is_tagged_ours);
            standing.extend(ours.map(|stray| self.as_standing(stray, &mut taken)));
        }
        Ok(teardown::teardown(&self.scene(&world), &standing, steps))
    }

    /// Whether there is nothing to delete: it never came about, and goes by itself.
    fn is_over(&self, observed: &Observed) -> bool {
        self.kinds.kind(&observed.key.kind).is_some_and(|kind| kind.is_over(observed))
    }

    /// A stray beside the ledger's resources. A namesake gets its id into its name, so that both can be told.
    fn as_standing(&self, mut observed: Observed, taken: &mut BTreeSet<Key>) -> Standing {
        if !taken.insert(observed.key.clone()) {
            observed.key.name = format!("{} {}", observed.key.name, observed.id);
            taken.insert(observed.key.clone());
        }
        let row = ResourceRow {
            key: observed.key.clone(),
            id: observed.id.clone(),
            region: observed.region.clone(),
            step: self.desired_one(&observed.key).map(|desired| desired.step.clone()).unwrap_or_default(),
            state: observed.state.clone(),
            health: Some(observed.health),
            adopted: false,
            differences: Vec::new(),
            cost_per_hour: self.price(&observed.key, &observed.region),
            cost_so_far: 0.0,
            since: self.clock.now(),
        };
        Standing { row, observed }
    }

    /// Everything live with awslab's tag, or in one of these VPCs, in both regions, except what is known.
    async fn strays(&self, known: &BTreeSet<String>, vpcs: &[String]) -> Result<Vec<Observed>, Problem> {
        let roles = [Role::Home, Role::Peer];
        let kinds = self.kinds.all();
        let sweeps = kinds
            .iter()
            .filter(|kind| !kind.is_lookup())
            .flat_map(|kind| roles.iter().map(|role| (kind.name(), *role)))
            .filter_map(|(name, role)| Some(self.kinds.live(name)?.sweep(&self.clients, role, vpcs)));
        let found = try_join_all(sweeps).await?;
        Ok(found.into_iter().flatten().filter(|one| !known.contains(&one.id)).collect())
    }

    /// Deletes, waits and looks again. See [`super::Engine::cleanup`].
    pub(super) async fn cleanup(
        &self,
        teardown: Teardown,
        cancel: Cancel,
        sink: Sink,
    ) -> Result<CleanupReport, Problem> {
        if self.read_only && !teardown.items.is_empty() {
            return Err(super::read_only());
        }
        let _lock = Lock::take(&self.home, &self.scope)?.ok_or_else(lock::busy)?;
        self.forget_seen();
        // What vanished without us needs no call, but a line in the ledger.
        let world = self.observe_all().await?;
        for (key, entry) in self.ledger()? {
            if matches!(world.sights.get(&key), Some(Sight::Absent)) && entry.lost.is_some() {
                self.store.leave(&self.scope, &key, self.clock.now())?;
            }
        }
        let mut vpcs: BTreeSet<String> = BTreeSet::new();
        let mut report = CleanupReport::default();
        let everything = teardown.everything;
        let world = Arc::new(world);
        let mut work = teardown;
        for round in 0..ROUNDS {
            vpcs.extend(work.items.iter().filter(|i| i.row.key.kind == "vpc").map(|i| i.row.id.clone()));
            let (deleted, left, cancelled) =
                Demolition::new(self, &work, Arc::clone(&world), cancel.clone(), &sink).go().await;
            report.deleted.extend(deleted);
            report.left = left;
            if cancelled {
                break;
            }
            let vpcs: Vec<String> = vpcs.iter().cloned().collect();
            let strays = self.look_again(&work, &vpcs, &mut report).await?;
            let mut taken = BTreeSet::new();
            let ours: Vec<Standing> = strays
                .into_iter()
                .filter(Observed::is_tagged_ours)
                .map(|stray| self.as_standing(stray, &mut taken))
                .collect();
            if !everything || ours.is_empty() || round + 1 == ROUNDS {
                break;
            }
            work = teardown::teardown(&self.scene(&World::default()), &ours, &[]);
        }
        report.verified_at = self.clock.now();
        report.regions = [&self.facts.scope.home, &self.facts.scope.peer].into_iter().cloned().collect();
        Ok(report)
    }

    /// Notes that a resource is gone.
    fn is_gone(&self, key: &Key, row: &ResourceRow) -> Result<(), Problem> {
        let now = self.clock.now();
        self.store.leave(&self.scope, key, now)?;
        self.store.leave_elsewhere(&self.scope, &row.region, &row.id, now)
    }

    /// The fresh look: what the teardown covered and is still there, and what carries our tag though nobody knows it.
    async fn look_again(
        &self,
        work: &Teardown,
        vpcs: &[String],
        report: &mut CleanupReport,
    ) -> Result<Vec<Observed>, Problem> {
        let ledger = self.ledger()?;
        let world = self.observe_all().await?;
        let mut told: BTreeSet<String> = report.left.iter().map(|left| left.id.clone()).collect();
        let mut leave = |observed: &Observed, problem: Option<Problem>| {
            if told.insert(observed.id.clone()) {
                report.left.push(Left {
                    key: observed.key.clone(),
                    id: observed.id.clone(),
                    region: observed.region.clone(),
                    blocked_by: Vec::new(),
                    problem,
                });
            }
        };
        for item in &work.items {
            let found = world.get(&item.row.key).filter(|found| found.id == item.row.id && !self.is_over(found));
            if let Some(found) = found {
                leave(found, None);
            }
        }
        let known: BTreeSet<String> = ledger.values().map(|entry| entry.id.clone()).collect();
        let covered: BTreeSet<&str> = work.items.iter().map(|item| item.row.id.as_str()).collect();
        let strays = self.strays(&BTreeSet::new(), vpcs).await?;
        let mut unknown = Vec::new();
        for stray in
            strays.into_iter().filter(|stray| stray.health != Health::Deleting || covered.contains(stray.id.as_str()))
        {
            if known.contains(&stray.id) && !covered.contains(stray.id.as_str()) {
                // Part of another target, and meant to stay.
                continue;
            }
            leave(&stray, None);
            unknown.push(stray);
        }
        // What was said to stay and is gone by now does not stay.
        let live: BTreeSet<String> =
            world.found().map(|found| found.id.clone()).chain(unknown.iter().map(|stray| stray.id.clone())).collect();
        let (left, gone): (Vec<_>, Vec<_>) = report.left.drain(..).partition(|left| live.contains(&left.id));
        report.left = left;
        for gone in gone {
            if ledger.get(&gone.key).is_some_and(|entry| entry.id == gone.id) {
                self.store.leave(&self.scope, &gone.key, self.clock.now())?;
                report.deleted.push(gone.key);
            }
        }
        unknown.retain(|stray| !covered.contains(stray.id.as_str()));
        Ok(unknown)
    }
}

fn vpcs(standing: &[Standing]) -> Vec<String> {
    standing.iter().filter(|one| one.row.key.kind == "vpc").map(|one| one.observed.id.clone()).collect()
}

struct Demolition<'a> {
    inner: &'a Inner,
    items: &'a [TeardownItem],
    cancel: Cancel,
    tellers: Vec<Teller>,
    states: Vec<ItemState>,
    at: BTreeMap<Key, usize>,
    /// Ids of what is being deleted: they go by themselves.
    going: Arc<BTreeSet<String>>,
    world: Arc<World>,
    waits: Waits,
    running: usize,
    deleted: Vec<Key>,
    stays: BTreeMap<usize, Stays>,
}

impl<'a> Demolition<'a> {
    fn new(inner: &'a Inner, work: &'a Teardown, world: Arc<World>, cancel: Cancel, sink: &Sink) -> Self {
        let items = work.items.as_slice();
        let tellers = items
            .iter()
            .map(|item| {
                let gone = inner.kinds.kind(&item.row.key.kind).map_or(Duration::ZERO, |kind| kind.pace().gone);
                let usual = u64::try_from(millis(gone)).unwrap_or(0);
                Teller::new(sink, &inner.clock, &item.row.key, &item.row.step, usual)
            })
            .collect();
        Self {
            inner,
            items,
            cancel,
            tellers,
            states: vec![ItemState::Waiting; items.len()],
            at: items.iter().enumerate().map(|(at, item)| (item.row.key.clone(), at)).collect(),
            going: Arc::new(items.iter().map(|item| item.row.id.clone()).collect()),
            world,
            waits: Waits::default(),
            running: 0,
            deleted: Vec::new(),
            stays: BTreeMap::new(),
        }
    }

    async fn go(mut self) -> (Vec<Key>, Vec<Left>, bool) {
        let mut jobs: FuturesUnordered<Job<'a>> = FuturesUnordered::new();
        let mut cancel = self.cancel.clone();
        let mut grace: Option<Instant> = None;
        loop {
            if grace.is_none() {
                self.give_up_what_cannot();
                self.start(&jobs);
                for (kind, role, wants) in self.waits.due() {
                    jobs.push(looking(self.inner, kind, role, wants, Arc::clone(&self.world)));
                }
            }
            if self.running == 0 && self.waits.is_empty() {
                break;
            }
            let wake = self.waits.wake();
            tokio::select! {
                biased;
                () = stopped(&mut cancel), if grace.is_none() => {
                    self.waits.clear();
                    grace = Some(Instant::now() + GRACE);
                }
                Some(event) = jobs.next(), if !jobs.is_empty() => self.take(event),
                () = until(wake), if wake.is_some() => self.waits.tell(),
                () = until(grace), if grace.is_some() => break,
            }
        }
        let left = self
            .items
            .iter()
            .enumerate()
            .filter(|(at, _)| self.states[*at] != ItemState::Gone)
            .map(|(at, item)| {
                let stays = self.stays.remove(&at).unwrap_or(Stays { blocked_by: Vec::new(), problem: None });
                Left {
                    key: item.row.key.clone(),
                    id: item.row.id.clone(),
                    region: item.row.region.clone(),
                    blocked_by: stays.blocked_by,
                    problem: stays.problem,
                }
            })
            .collect();
        (self.deleted, left, grace.is_some())
    }

    fn give_up_what_cannot(&mut self) {
        for at in 0..self.items.len() {
            if self.states[at] != ItemState::Waiting {
                continue;
            }
            let Some(&holder) = self.items[at].after.iter().find(|&&other| self.states[other] == ItemState::Stays)
            else {
                continue;
            };
            let row = &self.items[holder].row;
            let blocker = Blocker {
                kind: row.key.kind.clone(),
                id: row.id.clone(),
                name: row.key.name.clone(),
                why: Text::new("아직 남아 있습니다", "It is still there"),
                passes: false,
            };
            let detail = Some(format!("{} ({})", blocker.name, blocker.id));
            self.tellers[at]
                .tell(PhaseKind::Skipped, Says { id: Some(&self.items[at].row.id), detail, ..Says::default() });
            self.states[at] = ItemState::Stays;
            self.stays.insert(at, Stays { blocked_by: vec![blocker], problem: None });
        }
    }

    fn start(&mut self, jobs: &FuturesUnordered<Job<'a>>) {
        for at in 0..self.items.len() {
            if self.running >= AT_ONCE {
                return;
            }
            let may = self.states[at] == ItemState::Waiting
                && self.items[at].after.iter().all(|&other| self.states[other] == ItemState::Gone);
            if may {
                self.states[at] = ItemState::Running;
                self.running += 1;
                let (inner, item, teller) = (self.inner, &self.items[at], self.tellers[at].clone());
                let (cancel, going, world) = (self.cancel.clone(), Arc::clone(&self.going), Arc::clone(&self.world));
                jobs.push(Box::pin(async move {
                    let deletion = Deletion { teller: &teller, cancel: &cancel, going: &going, world: &world };
                    Event::Asked(at, inner.delete(item, &deletion).await.map_err(Box::new))
                }));
            }
        }
    }

    fn take(&mut self, event: Event) {
        match event {
            Event::Asked(at, Ok(())) => {
                self.running -= 1;
                let row = &self.items[at].row;
                let pace = self.inner.kinds.kind(&row.key.kind).map_or(Pace::INSTANT, |kind| kind.pace());
                let pace = Pace { deadline: pace.deadline.max(AGAIN_FOR), ..pace };
                let want = Want { desired: self.inner.wanted(&row.key, None), recorded: Some(row.id.clone()) };
                self.waits.begin(want, self.tellers[at].clone(), pace, PhaseKind::Deleting, self.inner.clock.now());
            }
            Event::Asked(at, Err(stays)) => {
                self.running -= 1;
                self.stay(at, *stays);
            }
            Event::Looked(keys, Ok(sights)) => {
                for (key, sight) in sights.iter().filter(|(key, _)| keys.contains(key)) {
                    let turn = self.waits.end(self.inner.clock.as_ref(), key, Ok(sight));
                    self.turn(key, turn);
                }
            }
            Event::Looked(keys, Err(problem)) => {
                for key in keys {
                    let turn = self.waits.end(self.inner.clock.as_ref(), &key, Err(&problem));
                    self.turn(&key, turn);
                }
            }
        }
    }

    fn turn(&mut self, key: &Key, turn: Option<Turn>) {
        let Some(&at) = self.at.get(key) else { return };
        match turn {
            Some(Turn::Over(_)) => {
                self.states[at] = ItemState::Gone;
                self.tellers[at].tell(PhaseKind::Deleted, Says { id: Some(&self.items[at].row.id), ..Says::default() });
                if let Err(problem) = self.inner.is_gone(key, &self.items[at].row) {
                    self.stays.insert(at, Stays { blocked_by: Vec::new(), problem: Some(problem) });
                }
                self.deleted.push(key.clone());
            }
            Some(Turn::Failed(problem)) => self.stay(at, Stays { blocked_by: Vec::new(), problem: Some(problem) }),
            Some(Turn::Stay) | None => {}
        }
    }

    fn stay(&mut self, at: usize, stays: Stays) {
        let detail = stays.blocked_by.first().map(|blocker| format!("{} ({})", blocker.name, blocker.id));
        let says = Says { id: Some(&self.items[at].row.id), detail, problem: stays.problem.clone(), ..Says::default() };
        self.tellers[at].tell(PhaseKind::Failed, says);
        self.states[at] = ItemState::Stays;
        self.stays.insert(at, stays);
    }
}

fn looking(inner: &Inner, kind: String, role: Role, wants: Vec<Want>, world: Arc<World>) -> Job<'_> {
    Box::pin(async move {
        let keys = wants.iter().map(|want| want.desired.key.clone()).collect();
        Event::Looked(keys, inner.look(&kind, role, &wants, &world).await)
    })
}

/// What the deletion of one item needs beside it.
struct Deletion<'a> {
    teller: &'a Teller,
    cancel: &'a Cancel,
    /// Ids of what is being deleted: they go by themselves.
    going: &'a BTreeSet<String>,
    world: &'a World,
}

impl Inner {
    /// Sends an item's calls; while something in use blocks one, names it and tries again.
    async fn delete(&self, item: &TeardownItem, deletion: &Deletion<'_>) -> Result<(), Stays> {
        let Deletion { teller, cancel, going, world } = *deletion;
        let stays = |problem: Problem| Stays { blocked_by: Vec::new(), problem: Some(problem) };
        for call in &item.calls {
            let bound = call.bind(&|_| None).map_err(|of| {
                stays(Problem::internal(format!("{} of {} is not known when deleting", of.attr, of.key)))
            })?;
            let began = self.begin();
            let mut tries = 0;
            loop {
                let error = match self.send_delete(&bound, teller, cancel, world).await {
                    Ok(()) => break,
                    Err(Unsent::Cancelled) => return Err(Stays { blocked_by: Vec::new(), problem: None }),
                    Err(Unsent::Failed(error)) => error,
                };
                let in_use = IN_USE.contains(&error.code.as_str()) || matches_error(&call.again_if, &error);
                if !in_use {
                    return Err(stays(error.problem));
                }
                let blockers = self.blockers(item, world).await;
                let passes = blockers.iter().all(|blocker| blocker.passes || going.contains(&blocker.id));
                // The look is younger than the refusal: what blocked may be gone by now, so it is asked again, however
                // much cloud time the two answers took.
                let limit = if blockers.is_empty() { UNSEEN_FOR } else { AGAIN_FOR };
                if !passes || self.is_late(began, tries, limit) {
                    return Err(Stays { blocked_by: blockers, problem: Some(error.problem) });
                }
                let detail = blockers.first().map_or_else(|| error.code.clone(), name_of);
                let says = Says { id: Some(&item.row.id), detail: Some(detail), ..Says::default() };
                teller.tell(PhaseKind::Blocked, says);
                tries += 1;
                if self.pause(AGAIN, cancel).await {
                    return Err(Stays { blocked_by: blockers, problem: None });
                }
            }
        }
        Ok(())
    }

    async fn send_delete(
        &self,
        call: &BoundCall,
        teller: &Teller,
        cancel: &Cancel,
        world: &World,
    ) -> Result<(), Unsent> {
        // The retries of a blocked delete are this module's, which names the blocker.
        let once = BoundCall(Call { again_if: Vec::new(), ..call.0.clone() });
        self.send(&once, &Context { first: false, teller, cancel, world }).await.map(|_| ())
    }

    async fn blockers(&self, item: &TeardownItem, world: &World) -> Vec<Blocker> {
        let key = &item.row.key;
        let Some(live) = self.kinds.live(&key.kind) else { return Vec::new() };
        let Ok(Sight::Found(observed)) = self.look_for(key, Some(&item.row.id), world).await else {
            return Vec::new();
        };
        match live.blockers(&self.clients, &observed).await {
            Ok(blockers) => blockers,
            Err(problem) => {
                tracing::warn!(resource = %key, problem = problem.title.en, "cannot look for blockers");
                Vec::new()
            }
        }
    }
}

fn name_of(blocker: &Blocker) -> String {
    if blocker.name.is_empty() {
        format!("{} {}", blocker.kind, blocker.id)
    } else {
        format!("{} ({})", blocker.name, blocker.id)
    }
}

/// What is shown when something remains.
pub fn leftover(report: &CleanupReport) -> Problem {
    let names: Vec<String> = report.left.iter().map(|left| format!("{} ({})", left.key.name, left.id)).collect();
    let (count, names) = (report.left.len(), names.join(", "));
    Problem::new(ProblemKind::Leftover, format!("{count}개가 남아 있습니다"), format!("{count} left"))
        .because(names.clone(), names)
        .hint("막는 것을 없앤 뒤 cleanup을 다시 실행해 주세요", "Remove what blocks them, then run cleanup again")
}
