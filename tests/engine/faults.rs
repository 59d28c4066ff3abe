//! Throttling, errors, lost answers, denials.

use awslab::lab::phase::PhaseKind;
use awslab::practice::Options;
use awslab::practice::faults::Faults;
use awslab::problem::ProblemKind;

use super::*;

async fn survives(faults: Faults, why: &str) {
    for seed in 1..=6 {
        let why = format!("{why}, seed {seed}");
        let home = tempfile::tempdir().unwrap();
        let options = Options { seed: Some(seed), ..Options::default() };
        drop(Cloud::open(&home.path().join("practice.db"), options).unwrap());
        let engine = open(home.path()).await;
        let plan = engine.plan(&steps(&engine, &["vpc"])).await.unwrap();
        cloud(&engine).set_faults(faults.clone()).unwrap();
        let wires = wires();
        let report = engine.run(plan, wires.cancel, wires.sink).await;
        cloud(&engine).set_faults(Faults::default()).unwrap();
        assert!(report.done, "{why}: {:#?}", report.failed);
        assert_one_of_each(&engine, &["vpc"], makes(&engine), &why).await;
        assert!(engine.store().open_intents(&engine.facts().scope.id()).unwrap().is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn throttling_is_waited_out() {
    survives(Faults { throttle: 0.6, ..Faults::default() }, "throttled").await;
}

#[tokio::test(start_paused = true)]
async fn lost_answers_double_nothing() {
    survives(Faults { lose: 0.3, ..Faults::default() }, "lost").await;
}

#[tokio::test(start_paused = true)]
async fn internal_errors_double_nothing() {
    survives(Faults { error: 0.4, ..Faults::default() }, "errors").await;
}

#[tokio::test(start_paused = true)]
async fn a_denial_stops_its_branch_only_and_the_next_run_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    cloud(&engine).set_faults(Faults { deny: vec!["ec2:CreateNatGateway".into()], ..Faults::default() }).unwrap();
    let (report, phases) = run(&engine, &["vpc.network"]).await;
    assert!(!report.done);
    let failed: Vec<_> = report.failed.iter().map(|(key, problem)| (key.name.as_str(), problem.kind)).collect();
    assert_eq!(failed, [("my-natgateway", ProblemKind::Denied)]);
    let skipped: Vec<_> = report.skipped.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(skipped, ["my-private-route 0.0.0.0/0"]);
    assert!(
        phases.iter().any(|p| p.kind == PhaseKind::Ready && p.key.name == "my-private-route my-private-subnet-db-c")
    );
    cloud(&engine).set_faults(Faults::default()).unwrap();
    let (report, phases) = run(&engine, &["vpc.network"]).await;
    assert!(report.done, "{report:#?}");
    let called: Vec<_> =
        phases.iter().filter(|p| p.kind == PhaseKind::Calling).filter_map(|p| p.operation.as_deref()).collect();
    assert_eq!(called, ["CreateNatGateway", "CreateRoute"]);
}

#[tokio::test(start_paused = true)]
async fn a_cleanup_under_faults_leaves_nothing() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    assert!(run(&engine, &["vpc"]).await.0.done);
    let teardown = engine.teardown(&[]).await.unwrap();
    cloud(&engine).set_faults(Faults { throttle: 0.2, lose: 0.2, ..Faults::default() }).unwrap();
    let wires = wires();
    let first = engine.cleanup(teardown, wires.cancel, wires.sink).await;
    cloud(&engine).set_faults(Faults::default()).unwrap();
    // The fresh look may have failed; what counts is that nothing is forgotten.
    if first.is_ok_and(|report| report.left.is_empty()) {
        assert!(engine.survey().await.unwrap().rows.is_empty());
    }
    let (_, report, _) = clean(&engine, &[]).await;
    assert!(report.left.is_empty(), "{:#?}", report.left);
}

/// Zones are chosen once: what stands in one that fails today is not wanted in another.
#[tokio::test(start_paused = true)]
async fn an_outage_of_a_zone_does_not_move_the_network() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    assert!(run(&engine, &["vpc.network.subnets"]).await.0.done);
    cloud(&engine)
        .edit(|world| {
            let mut options = world.options().clone();
            options.zones_down.insert("ap-northeast-2a".to_owned());
            world.set_options(options);
            world.settle();
        })
        .unwrap();
    drop(engine);
    let engine = open(home.path()).await;
    let plan = engine.plan(&steps(&engine, &["vpc.network.subnets"])).await.unwrap();
    assert!(plan.conflicts.is_empty() && plan.calls.is_empty(), "{:?} {:?}", plan.conflicts, plan.calls);
}
