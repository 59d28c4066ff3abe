//! Killed at every call: one of each resource afterwards, none orphaned.

use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};

use awslab::engine::{Hook, Moment};
use awslab::lab::call::Call;
use tokio::sync::Notify;

use super::*;

/// Stops everything at the n-th time that a moment is reached.
struct KillAt {
    at: usize,
    moment: Moment,
    count: AtomicUsize,
    reached: Notify,
}

impl Hook for KillAt {
    fn at<'a>(&'a self, moment: Moment, _call: &'a Call) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>> {
        Box::pin(async move {
            if moment == self.moment && self.count.fetch_add(1, Ordering::SeqCst) + 1 >= self.at {
                self.reached.notify_one();
                std::future::pending::<()>().await;
            }
        })
    }
}

fn kill_at(at: usize, moment: Moment) -> Arc<KillAt> {
    Arc::new(KillAt { at, moment, count: AtomicUsize::new(0), reached: Notify::new() })
}

/// Runs until the kill. `false` when the run ended before.
async fn killed_run(home: &Path, targets: &[&str], at: usize, moment: Moment) -> bool {
    let hook = kill_at(at, moment);
    let engine = open(home).await.with_hook(Arc::clone(&hook) as Arc<dyn Hook>);
    let plan = engine.plan(&steps(&engine, targets)).await.unwrap();
    let wires = wires();
    tokio::select! {
        biased;
        () = hook.reached.notified() => true,
        _ = engine.run(plan, wires.cancel, wires.sink) => false,
    }
}

async fn killed_cleanup(home: &Path, at: usize, moment: Moment) -> bool {
    let hook = kill_at(at, moment);
    let engine = open(home).await.with_hook(Arc::clone(&hook) as Arc<dyn Hook>);
    let teardown = engine.teardown(&[]).await.unwrap();
    let wires = wires();
    tokio::select! {
        biased;
        () = hook.reached.notified() => true,
        _ = engine.cleanup(teardown, wires.cancel, wires.sink) => false,
    }
}

/// Every position for one moment, each from nothing.
async fn every_position(moment: Moment) {
    let mut at = 0;
    loop {
        at += 1;
        let home = tempfile::tempdir().unwrap();
        if !killed_run(home.path(), &["vpc"], at, moment).await {
            break;
        }
        let why = format!("killed at call {at}, {moment:?}");
        let engine = open(home.path()).await;
        let (report, _) = run(&engine, &["vpc"]).await;
        assert!(report.done, "{why}: {report:#?}");
        assert_one_of_each(&engine, &["vpc"], makes(&engine), &why).await;
    }
    // Every call of the chapter was a position.
    assert!(at > 30, "only {at} positions");
}

#[tokio::test(start_paused = true)]
async fn killed_after_any_answer() {
    every_position(Moment::Answered).await;
}

#[tokio::test(start_paused = true)]
async fn killed_before_any_request() {
    every_position(Moment::Intended).await;
}

#[tokio::test(start_paused = true)]
async fn killed_after_any_record() {
    every_position(Moment::Recorded).await;
}

#[tokio::test(start_paused = true)]
async fn killed_again_and_again_in_one_life() {
    let home = tempfile::tempdir().unwrap();
    let mut lives = 0;
    while killed_run(home.path(), &["vpc"], 2, Moment::Answered).await {
        lives += 1;
        assert!(lives < 100, "no progress");
    }
    let engine = open(home.path()).await;
    let (report, _) = run(&engine, &["vpc"]).await;
    assert!(report.done, "{report:#?}");
    assert_one_of_each(&engine, &["vpc"], makes(&engine), "many lives").await;
}

#[tokio::test(start_paused = true)]
async fn a_killed_cleanup_goes_on_until_nothing_is_left() {
    let home = tempfile::tempdir().unwrap();
    run(&open(home.path()).await, &["vpc"]).await;
    let mut lives = 0;
    // At its first answer: of the deletions that are under way at once, as few as can be end with this life.
    while killed_cleanup(home.path(), 1, Moment::Answered).await {
        lives += 1;
        assert!(lives < 100, "no progress");
    }
    assert!(lives > 5, "only {lives} lives");
    let engine = open(home.path()).await;
    let (_, report, _) = clean(&engine, &[]).await;
    assert!(report.left.is_empty(), "{:#?}", report.left);
    assert!(engine.survey().await.unwrap().rows.is_empty());
    let (report, _) = run(&engine, &["vpc"]).await;
    assert!(report.done, "{report:#?}");
}
