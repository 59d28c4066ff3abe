//! What is there: the ledger with live states, plans and checks on a fresh look, and what it all costs.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::join_all;
use tokio::time::{Duration, Instant};

use crate::cloud;
use crate::course::model::{Condition, Key, Reach, StepKind};
use crate::lab::check::{self, Probes};
use crate::lab::cost::so_far;
use crate::lab::manual::{self, Asked};
use crate::lab::plan::{self, Scene};
use crate::lab::reach;
use crate::lab::report::{Built, CheckReport, Plan, ResourceRow, StepState, Survey};
use crate::lab::web::{self, Visits};
use crate::lab::world::{Health, Mend, World};
use crate::problem::Problem;
use crate::store::Entry;

use super::Inner;

/// For how long a look may serve a run that follows it.
const FRESH_FOR: Duration = Duration::from_secs(5);

/// The last look, for a run that follows at once.
pub(super) struct Seen {
    world: World,
    at: Instant,
    /// The newest entry of the journal then: another process may have changed something since.
    journal: i64,
}

impl Inner {
    pub(super) fn scene<'a>(&'a self, world: &'a World) -> Scene<'a> {
        Scene { course: &self.course, kinds: self.kinds, facts: &self.facts, desired: &self.desired, world }
    }

    fn newest_call(&self) -> i64 {
        self.store.calls(&self.scope, 1).ok().and_then(|calls| calls.first().map(|call| call.number)).unwrap_or(0)
    }

    fn remember_seen(&self, world: &World) {
        let seen = Seen { world: world.clone(), at: Instant::now(), journal: self.newest_call() };
        *super::guard(&self.seen) = Some(seen);
    }

    /// The look that a plan was made on, when it is as good as a new one.
    pub(super) fn fresh(&self) -> Option<World> {
        let seen = super::guard(&self.seen).take()?;
        (seen.at.elapsed() < FRESH_FOR && seen.journal == self.newest_call()).then_some(seen.world)
    }

    pub(super) fn forget_seen(&self) {
        *super::guard(&self.seen) = None;
    }

    pub(super) fn plan_on(&self, world: &World, steps: &[String], open: &BTreeSet<String>) -> Result<Plan, Problem> {
        let ids = self.ledger()?.into_iter().map(|(key, entry)| (key, entry.id)).collect();
        Ok(plan::plan(&self.scene(world), steps, &ids, open))
    }

    pub(super) async fn plan(&self, steps: &[String]) -> Result<Plan, Problem> {
        let world = self.observe_all().await?;
        let open = self.open_manual(&world, steps).await;
        let plan = self.plan_on(&world, steps, &open)?;
        self.remember_seen(&world);
        Ok(plan)
    }

    pub(super) async fn survey(&self) -> Result<Survey, Problem> {
        let world = self.observe_all().await?;
        let mut ledger = self.ledger()?;
        self.note_lost(&ledger, &world)?;
        self.note_prices(&mut ledger, &world)?;
        let rows = self.rows(&ledger, &world);
        let scene = self.scene(&world);
        let is_unlike = |key: &&Key| !ledger.contains_key(*key) && !check::drift(&scene, key).is_empty();
        let unlike = world.found().map(|one| &one.key).filter(is_unlike).cloned().collect();
        let cost_per_hour = rows.iter().map(|row| row.cost_per_hour).sum();
        let now = self.clock.now();
        let entries = self.store.ledger(&self.scope)?;
        let built = |entry: &Entry| Built {
            key: entry.key.clone(),
            step: entry.step.clone(),
            adopted: entry.adopted,
            since: entry.since,
            gone: entry.gone.or(entry.lost),
            cost: cost_of(entry, now),
        };
        let history: Vec<Built> = entries.iter().map(built).collect();
        let cost_so_far = history.iter().map(|one| one.cost).sum();
        let elsewhere = self.store.elsewhere(&self.scope)?;
        Ok(Survey { rows, unlike, cost_per_hour, cost_so_far, history, elsewhere, at: now, world })
    }

    /// Notes what costs something else than when it was last seen: a group that grew, an instance that was stopped.
    fn note_prices(&self, ledger: &mut BTreeMap<Key, Entry>, world: &World) -> Result<(), Problem> {
        let now = self.clock.now();
        for (key, entry) in ledger {
            let Some(price) = world.get(key).and_then(|observed| self.price_live(observed)) else { continue };
            if (price - entry.price).abs() > 1e-9 {
                (entry.spent, entry.priced, entry.price) = (cost_of(entry, now), Some(now), price);
                self.store.reprice(&self.scope, entry)?;
            }
        }
        Ok(())
    }

    /// The ledger's live rows in course order, with what was seen of them.
    pub(super) fn rows(&self, ledger: &BTreeMap<Key, Entry>, world: &World) -> Vec<ResourceRow> {
        let now = self.clock.now();
        let scene = self.scene(world);
        let place = |key: &Key| self.desired.iter().position(|desired| desired.key == *key).unwrap_or(usize::MAX);
        let mut entries: Vec<&Entry> = ledger.values().collect();
        entries.sort_by_key(|entry| place(&entry.key));
        entries
            .into_iter()
            .map(|entry| {
                let observed = world.get(&entry.key);
                ResourceRow {
                    key: entry.key.clone(),
                    id: observed.map_or_else(|| entry.id.clone(), |observed| observed.id.clone()),
                    region: entry.region.clone(),
                    step: entry.step.clone(),
                    state: observed.map_or_else(|| "gone".to_owned(), |observed| observed.state.clone()),
                    health: observed.map(|observed| observed.health),
                    adopted: entry.adopted,
                    differences: check::drift(&scene, &entry.key),
                    cost_per_hour: if observed.is_some() { entry.price } else { 0.0 },
                    cost_so_far: cost_of(entry, now),
                    since: entry.since,
                }
            })
            .collect()
    }

    pub(super) async fn check(&self, steps: &[String]) -> Result<CheckReport, Problem> {
        let world = self.observe_all().await?;
        let scene = self.scene(&world);
        // What only a person can do decides what else can be expected.
        let open = self.open_manual(&world, steps).await;
        let held = manual::held(&scene, &open);
        let mut report = self.judge(&world, steps).await;
        let alone = steps.first().filter(|_| steps.len() == 1).map(String::as_str);
        manual::set_aside(&scene, &mut report, &open, &held, alone);
        self.adopt_checked(steps, &world)?;
        for step in self.course.steps().filter(|step| steps.contains(&step.id) && step.kind != StepKind::Read) {
            let of_step: Vec<_> = report.conditions.iter().filter(|condition| condition.step == step.id).collect();
            let set_aside = held.iter().any(|held| held.step == step.id)
                || (open.contains(&step.id) && alone != Some(step.id.as_str()));
            if of_step.is_empty() || set_aside {
                continue;
            }
            let state = if of_step.iter().all(|condition| condition.ok) {
                StepState::Done
            } else if of_step.iter().all(|condition| condition.ok || condition.pending) {
                StepState::Started
            } else {
                StepState::Failed
            };
            self.store.note(&self.scope, &step.id, state)?;
        }
        Ok(report)
    }

    /// The conditions of some steps on this look, with everything asked that they ask for.
    pub(super) async fn judge(&self, world: &World, steps: &[String]) -> CheckReport {
        let asked = self.ask(steps, world).await;
        let judge = |reach: &Reach| reach::judge(world, &self.facts, reach);
        check::check(&self.scene(world), steps, Probes { reach: &judge, asked: &asked })
    }

    /// The manual steps among these and what they need whose conditions do not hold.
    async fn open_manual(&self, world: &World, steps: &[String]) -> BTreeSet<String> {
        let steps = manual::manual_steps(&self.scene(world), steps);
        if steps.is_empty() {
            return BTreeSet::new();
        }
        manual::open(&self.judge(world, &steps).await, &steps)
    }

    /// Asks what these steps' conditions ask for, all at once.
    async fn ask(&self, steps: &[String], world: &World) -> Asked {
        let scene = self.scene(world);
        let (images, doors) = manual::questions(&scene, steps);
        let doors = doors.into_iter().filter_map(|(key, port)| {
            let url = check::door(world.get(key)?, port)?;
            Some(async move { ((key.clone(), port), self.clients.visit(&url).await) })
        });
        let images = images.into_iter().filter_map(|key| world.get(key)).map(|image| async move {
            (image.key.clone(), cloud::kinds::image::subscription(&self.clients, image, world).await)
        });
        let (visits, doors, images) = tokio::join!(self.visits(steps, world), join_all(doors), join_all(images));
        Asked { visits, doors: doors.into_iter().collect(), subscriptions: images.into_iter().collect() }
    }

    /// Asks for the pages that these steps' conditions name, all at once.
    pub(super) async fn visits(&self, steps: &[String], world: &World) -> Visits {
        let steps = self.course.steps().filter(|step| steps.contains(&step.id));
        let pages = steps.flat_map(|step| &step.checks).filter_map(|check| match &check.condition {
            Condition::Http(page) => Some((page, world.get(&page.balancer)?)),
            _ => None,
        });
        let visits = pages.map(|(page, balancer)| async move {
            (page.clone(), self.clients.visit(&web::address(page, balancer)).await)
        });
        join_all(visits).await.into_iter().collect()
    }

    /// Puts into the ledger what the learner made by hand, as far as it can serve the course.
    fn adopt_checked(&self, steps: &[String], world: &World) -> Result<(), Problem> {
        if self.read_only {
            return Ok(());
        }
        let ledger = self.ledger()?;
        let scene = self.scene(world);
        for desired in self.desired.iter().filter(|desired| steps.contains(&desired.step)) {
            let Some(observed) = world.get(&desired.key) else { continue };
            let lookup = self.kinds.kind(&desired.key.kind).is_none_or(|kind| kind.is_lookup());
            let known = ledger.get(&desired.key).is_some_and(|entry| entry.id == observed.id);
            let dead = matches!(observed.health, Health::Failed | Health::Deleting);
            let other = || check::drift(&scene, &desired.key).iter().any(|difference| difference.mend == Mend::Replace);
            let adopts = self.kinds.kind(&desired.key.kind).is_some_and(|kind| kind.adopts(observed));
            if !lookup && adopts && !known && !dead && !other() {
                self.adopt(observed)?;
            }
        }
        Ok(())
    }

    pub(super) fn progress(&self) -> BTreeMap<String, StepState> {
        let noted = self.store.progress(&self.scope).unwrap_or_default();
        self.course.steps().map(|step| (step.id.clone(), noted.get(&step.id).copied().unwrap_or_default())).collect()
    }
}

fn cost_of(entry: &Entry, now: i64) -> f64 {
    let from = entry.priced.unwrap_or(entry.since);
    entry.spent + so_far(entry.price, from, entry.gone.or(entry.lost).unwrap_or(now))
}
