//! The whole of chapter 3: run, run again, check, clean up.

use awslab::lab::phase::PhaseKind;
use awslab::lab::report::StepState;
use awslab::lab::world::Health;

use super::*;

#[tokio::test(start_paused = true)]
async fn chapter_three_stands_stays_and_goes() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    let (report, phases) = run(&engine, &["vpc"]).await;
    assert!(report.done, "{report:#?}");
    assert!(phases.iter().any(|p| p.kind == PhaseKind::Waiting && p.key.kind == "nat-gateway" && p.state.is_some()));
    // Every resource that was made was told to be ready, once.
    for desired in engine.desired().iter().filter(|d| d.step.starts_with("vpc.") && d.key.kind != "image") {
        let ready = phases.iter().filter(|p| p.key == desired.key && p.kind == PhaseKind::Ready).count();
        assert_eq!(ready, 1, "{}", desired.key);
    }
    assert_one_of_each(&engine, &["vpc"], makes(&engine), "after the first run").await;
    let progress = engine.progress();
    assert_eq!(progress["vpc.network.nat"], StepState::Done);
    assert_eq!(progress["vpc.bastion.reach"], StepState::Done);
    assert_eq!(progress["vpc.goal.architecture"], StepState::NotStarted);

    // The second run changes nothing, also in a new session.
    drop(engine);
    let engine = open(home.path()).await;
    let (report, phases) = run(&engine, &["vpc"]).await;
    assert!(report.done);
    let other: Vec<_> = phases.iter().filter(|phase| phase.kind != PhaseKind::Kept).collect();
    assert!(other.is_empty(), "{other:#?}");
    let changed: Vec<_> = engine.traffic().into_iter().filter(|call| call.mutates()).collect();
    assert!(changed.is_empty(), "{changed:#?}");

    let survey = engine.survey().await.unwrap();
    assert_eq!(survey.rows.len(), makes(&engine));
    assert!(survey.rows.iter().all(|row| row.health == Some(Health::Ready) && row.differences.is_empty()));
    assert!((survey.cost_per_hour - 0.131).abs() < 0.001, "{}", survey.cost_per_hour);

    let (teardown, cleanup, phases) = clean(&engine, &[]).await;
    assert_eq!(teardown.items.len(), makes(&engine));
    assert!(cleanup.left.is_empty(), "{:#?}", cleanup.left);
    assert_eq!(cleanup.deleted.len(), makes(&engine));
    assert_eq!(cleanup.regions, ["ap-northeast-2", "ap-northeast-1"]);
    assert_eq!(phases.iter().filter(|p| p.kind == PhaseKind::Deleted).count(), makes(&engine));
    assert!(phases.iter().all(|p| p.kind != PhaseKind::Failed), "{phases:#?}");
    let survey = engine.survey().await.unwrap();
    assert!(survey.rows.is_empty());
    // Images and the zone of the domain are looked up, not made.
    let made = |kind: &str| !["image", "hosted-zone"].contains(&kind);
    let left: Vec<_> = survey.world.found().filter(|found| made(&found.key.kind)).collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[tokio::test(start_paused = true)]
async fn cost_is_counted_in_cloud_time_and_stays_after_cleanup() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    run(&engine, &["vpc.network"]).await;
    let before = engine.survey().await.unwrap();
    engine.advance(std::time::Duration::from_secs(3600)).unwrap();
    let after = engine.survey().await.unwrap();
    let grown = after.cost_so_far - before.cost_so_far;
    // A NAT gateway and an address for an hour.
    assert!((grown - 0.064).abs() < 0.001, "{grown}");
    clean(&engine, &[]).await;
    let spent = engine.survey().await.unwrap().cost_so_far;
    assert!(spent >= after.cost_so_far);
    engine.advance(std::time::Duration::from_secs(3600)).unwrap();
    let later = engine.survey().await.unwrap();
    assert!((later.cost_so_far - spent).abs() < 1e-9);
    assert_eq!(later.cost_per_hour, 0.0);
}

#[tokio::test(start_paused = true)]
async fn what_is_forgotten_goes_on_costing() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    run(&engine, &["vpc.network.nat"]).await;
    let an_hour = async || {
        let before = engine.survey().await.unwrap();
        engine.advance(std::time::Duration::from_secs(3600)).unwrap();
        let after = engine.survey().await.unwrap();
        let grown = after.cost_so_far - before.cost_so_far;
        assert!((grown - before.cost_per_hour).abs() < 1e-6, "{grown}");
        grown
    };
    assert!((an_hour().await - 0.064).abs() < 1e-6, "NAT gateway and address");
    clean(&engine, &["vpc.network.gateway"]).await;
    assert!((an_hour().await - 0.005).abs() < 1e-6, "an address that nobody uses");
    clean(&engine, &[]).await;
    // An image costs its snapshot. Deregistered by hand it leaves that behind, which cleanup finds.
    let (report, _) = run(&engine, &["asg-lab.ami.image"]).await;
    assert!(report.done, "{report:#?}");
    let rows = engine.survey().await.unwrap().rows;
    let image = rows.iter().find(|row| row.key.kind == "own-image").unwrap();
    assert!((image.cost_per_hour - 2.0 * 0.05 / 730.0).abs() < 1e-6, "{}", image.cost_per_hour);
    let cloud = engine.practice().unwrap();
    let (status, body) = send(cloud, "ec2", "DeregisterImage", &[("ImageId", &image.id)]);
    assert_eq!(status, 200, "{body}");
    let snapshots = || send(cloud, "ec2", "DescribeSnapshots", &[("Owner.1", "self")]).1;
    assert!(snapshots().contains("<snapshotId>"));
    let (_, report, _) = clean(&engine, &[]).await;
    assert!(report.left.is_empty() && !snapshots().contains("<snapshotId>"), "{report:#?}");
}

#[tokio::test(start_paused = true)]
async fn a_step_pulls_in_what_it_needs_and_a_cleanup_what_depends_on_it() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    let (report, _) = run(&engine, &["vpc.network.nat"]).await;
    assert!(report.done, "{report:#?}");
    let kinds: std::collections::BTreeSet<String> =
        engine.survey().await.unwrap().rows.iter().map(|row| row.key.kind.clone()).collect();
    assert_eq!(
        kinds.iter().map(String::as_str).collect::<Vec<_>>(),
        ["elastic-ip", "internet-gateway", "nat-gateway", "subnet", "vpc"]
    );
    // The gateway cannot go before the NAT gateway's public address; the address itself may stay.
    let (_, report, _) = clean(&engine, &["vpc.network.gateway"]).await;
    assert!(report.left.is_empty(), "{:#?}", report.left);
    let left: Vec<String> = engine.survey().await.unwrap().rows.iter().map(|row| row.key.name.clone()).collect();
    assert!(!left.contains(&"my-igw".to_owned()) && !left.contains(&"my-natgateway".to_owned()), "{left:?}");
    assert!(left.contains(&"my-vpc".to_owned()) && left.contains(&"my-natgateway-eip".to_owned()), "{left:?}");
    // And it can be built again: the next NAT gateway gets another client token.
    let (report, _) = run(&engine, &["vpc.network.nat"]).await;
    assert!(report.done, "{report:#?}");
}

#[tokio::test(start_paused = true)]
async fn cancelling_stops_the_wait_and_not_the_resource() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    let plan = engine.plan(&steps(&engine, &["vpc.network"])).await.unwrap();
    let mut wires = wires();
    let running = engine.run(plan, wires.cancel, wires.sink);
    tokio::pin!(running);
    let report = loop {
        tokio::select! {
            report = &mut running => break report,
            Some(phase) = wires.phases.recv() => {
                if phase.kind == PhaseKind::Waiting && phase.key.kind == "nat-gateway" {
                    wires.stop.send(true).unwrap();
                }
            }
        }
    };
    assert!(report.cancelled && !report.done);
    // A new session goes on waiting; it makes nothing twice.
    let engine = open(home.path()).await;
    let plan = engine.plan(&steps(&engine, &["vpc.network"])).await.unwrap();
    assert!(plan.pending.iter().any(|key| key.kind == "nat-gateway"), "{plan:#?}");
    assert!(plan.calls.iter().all(|planned| planned.call.key.kind != "nat-gateway"));
    let (report, _) = run(&engine, &["vpc.network"]).await;
    assert!(report.done, "{report:#?}");
    assert_one_of_each(&engine, &["vpc.network"], 20, "after a cancelled run").await;
}

#[tokio::test(start_paused = true)]
async fn read_only_refuses_every_change() {
    let home = tempfile::tempdir().unwrap();
    let setup = Setup { home: home.path().to_owned(), read_only: true, ..Setup::default() };
    let engine = Engine::open(setup, course()).await.unwrap();
    let (report, _) = run(&engine, &["vpc.network"]).await;
    assert!(!report.done && report.failed[0].1.title.en.contains("--read-only"));
    assert!(engine.traffic().iter().all(|call| !call.mutates()));
}
