//! The engine with the real course, kinds and SDK on the practice cloud, in paused time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod chapter;
mod cleanup;
mod faults;
mod kill;
mod planning;
mod process;
mod recover;
mod service;
mod story;

use std::path::Path;
use std::sync::Arc;

use awslab::cloud::kinds::registry;
use awslab::course::{self, model::Course};
use awslab::engine::{Engine, Setup, Target};
use awslab::lab::phase::Phase;
use awslab::lab::report::{CleanupReport, RunReport, Teardown};
use awslab::lab::world::Desired;
use awslab::practice::Cloud;
use tokio::sync::{mpsc, watch};

pub use crate::practice::{first, send};

/// The embedded course.
pub fn course() -> Arc<Course> {
    Arc::new(course::load(None, registry()).unwrap())
}

/// The steps of targets, as the command line names them.
pub fn steps(engine: &Engine, targets: &[&str]) -> Vec<String> {
    let named: Vec<String> =
        targets.iter().flat_map(|t| engine.course().target(t).unwrap()).map(|step| step.id.clone()).collect();
    engine.course().steps().map(|step| step.id.clone()).filter(|id| named.contains(id)).collect()
}

/// A session on the practice cloud of this folder, by somebody who has subscribed to what the course launches.
pub async fn open(home: &Path) -> Engine {
    let setup = Setup { target: Target::Practice, home: home.to_owned(), ..Setup::default() };
    let engine = Engine::open(setup, course()).await.unwrap();
    engine.subscribe().unwrap();
    engine
}

/// A channel for phases that is read at the end, and a cancel that never comes.
pub struct Wires {
    pub stop: watch::Sender<bool>,
    pub cancel: watch::Receiver<bool>,
    pub sink: mpsc::UnboundedSender<Phase>,
    pub phases: mpsc::UnboundedReceiver<Phase>,
}

pub fn wires() -> Wires {
    let (stop, cancel) = watch::channel(false);
    let (sink, phases) = mpsc::unbounded_channel();
    Wires { stop, cancel, sink, phases }
}

/// Plans and runs, and gives the report with every phase.
pub async fn run(engine: &Engine, targets: &[&str]) -> (RunReport, Vec<Phase>) {
    let plan = engine.plan(&steps(engine, targets)).await.unwrap();
    let mut wires = wires();
    let report = engine.run(plan, wires.cancel, wires.sink).await;
    (report, drain(&mut wires.phases))
}

/// Cleans up, and gives the report with every phase.
pub async fn clean(engine: &Engine, targets: &[&str]) -> (Teardown, CleanupReport, Vec<Phase>) {
    let teardown = engine.teardown(&steps(engine, targets)).await.unwrap();
    let mut wires = wires();
    let report = engine.cleanup(teardown.clone(), wires.cancel, wires.sink).await.unwrap();
    (teardown, report, drain(&mut wires.phases))
}

pub fn drain(phases: &mut mpsc::UnboundedReceiver<Phase>) -> Vec<Phase> {
    std::iter::from_fn(|| phases.try_recv().ok()).collect()
}

/// The session's practice cloud.
pub fn cloud(engine: &Engine) -> &Cloud {
    engine.practice().unwrap()
}

/// Everything that chapter 3 makes.
pub fn makes(engine: &Engine) -> usize {
    let made = |desired: &&Desired| desired.step.starts_with("vpc.") && desired.key.kind != "image";
    engine.desired().iter().filter(made).count()
}

/// One of each: every condition holds, nothing is ambiguous, and nothing else carries awslab's tag.
pub async fn assert_one_of_each(engine: &Engine, targets: &[&str], count: usize, why: &str) {
    let report = engine.check(&steps(engine, targets)).await.unwrap();
    let failed: Vec<_> =
        report.conditions.iter().filter(|c| !c.ok).map(|c| format!("{}: {}", c.id, c.detail.en)).collect();
    assert!(failed.is_empty(), "{why}: {failed:#?}");
    let teardown = engine.teardown(&[]).await.unwrap();
    let names: Vec<String> = teardown.items.iter().map(|item| item.row.key.to_string()).collect();
    assert_eq!(names.len(), count, "{why}: {names:#?}");
}
