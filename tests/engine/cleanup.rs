//! What blocks a cleanup is named; what passes is waited for; what nobody knows is found.

use awslab::lab::phase::PhaseKind;
use awslab::practice::faults::Faults;

use super::*;

/// An instance in a subnet that the course knows nothing of.
fn stranger(engine: &Engine, subnet: &str) -> String {
    let image = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64";
    let params =
        [("ImageId", image), ("InstanceType", "t3.micro"), ("MinCount", "1"), ("MaxCount", "1"), ("SubnetId", subnet)];
    let (status, body) = send(cloud(engine), "ec2", "RunInstances", &params);
    assert_eq!(status, 200, "{body}");
    first(&body, "instanceId")
}

#[tokio::test(start_paused = true)]
async fn a_strangers_instance_blocks_and_is_named() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    assert!(run(&engine, &["vpc.network.subnets"]).await.0.done);
    let survey = engine.survey().await.unwrap();
    let subnet = survey.rows.iter().find(|row| row.key.name == "my-private-subnet-app-a").unwrap().id.clone();
    let instance = stranger(&engine, &subnet);
    engine.advance(std::time::Duration::from_secs(120)).unwrap();

    let (_, report, phases) = clean(&engine, &[]).await;
    let left: Vec<&str> = report.left.iter().map(|left| left.key.name.as_str()).collect();
    assert!(left.contains(&"my-private-subnet-app-a") && left.contains(&"my-vpc"), "{left:?}");
    let held = report.left.iter().find(|left| left.key.name == "my-private-subnet-app-a").unwrap();
    let said: String = held.blocked_by.iter().map(|b| format!("{} {} {} ", b.kind, b.id, b.why.en)).collect();
    assert!(said.contains(&instance), "{said}");
    assert!(held.problem.is_some());
    let vpc = report.left.iter().find(|left| left.key.name == "my-vpc").unwrap();
    assert_eq!(vpc.blocked_by[0].name, "my-private-subnet-app-a");
    assert!(phases.iter().any(|p| p.kind == PhaseKind::Skipped && p.key.name == "my-vpc"));
    assert_eq!(awslab::engine::leftover(&report).kind.exit_code(), 3);

    // The stranger goes; the next cleanup finishes.
    let (status, _) = send(cloud(&engine), "ec2", "TerminateInstances", &[("InstanceId.1", &instance)]);
    assert_eq!(status, 200);
    let (_, report, phases) = clean(&engine, &[]).await;
    assert!(report.left.is_empty(), "{:#?}", report.left);
    assert!(
        phases.iter().any(|p| p.kind == PhaseKind::Blocked && p.detail.as_deref().is_some_and(|d| d.contains("eni-"))),
        "{phases:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_carries_our_tag_is_found_though_nobody_knows_it() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    let params = [
        ("CidrBlock", "10.77.0.0/16"),
        ("TagSpecification.1.ResourceType", "vpc"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "forgotten"),
        ("TagSpecification.1.Tag.2.Key", "Project"),
        ("TagSpecification.1.Tag.2.Value", "aws-lab"),
    ];
    let (_, body) = send(cloud(&engine), "ec2", "CreateVpc", &params);
    let id = first(&body, "vpcId");
    engine.advance(std::time::Duration::from_secs(10)).unwrap();
    assert!(run(&engine, &["vpc.network.vpc"]).await.0.done);

    // A part is cleaned: the stray is only reported.
    let (_, report, _) = clean(&engine, &["vpc.network.vpc"]).await;
    let left: Vec<&str> = report.left.iter().map(|left| left.id.as_str()).collect();
    assert_eq!(left, [id.as_str()]);
    // Everything is cleaned: it goes too.
    let (teardown, report, _) = clean(&engine, &[]).await;
    assert_eq!(teardown.items.len(), 1);
    assert!(report.left.is_empty(), "{:#?}", report.left);
}

#[tokio::test(start_paused = true)]
async fn a_cleanup_that_is_stopped_goes_on_later() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    assert!(run(&engine, &["vpc"]).await.0.done);
    let teardown = engine.teardown(&[]).await.unwrap();
    let mut wires = wires();
    let cleaning = engine.cleanup(teardown, wires.cancel, wires.sink);
    tokio::pin!(cleaning);
    let report = loop {
        tokio::select! {
            report = &mut cleaning => break report.unwrap(),
            Some(phase) = wires.phases.recv() => {
                if phase.kind == PhaseKind::Deleting && phase.key.kind == "nat-gateway" {
                    wires.stop.send(true).unwrap();
                }
            }
        }
    };
    assert!(!report.left.is_empty());
    let (_, report, _) = clean(&engine, &[]).await;
    assert!(report.left.is_empty(), "{:#?}", report.left);
}

/// A database's network interface outlives it by a minute or two, and a fast practice clock passes that between a refused
/// deletion and the look for what blocks it: nothing blocks any more, and it is asked again, whatever time it is.
#[tokio::test(start_paused = true)]
async fn a_fast_clock_and_slow_answers_leave_nothing() {
    for latency_ms in [25, 60, 110, 250] {
        let home = tempfile::tempdir().unwrap();
        let engine = open(home.path()).await;
        assert!(run(&engine, &["service.resources.database"]).await.0.done);
        cloud(&engine).set_speed(1_000.0).unwrap();
        cloud(&engine).set_faults(Faults { latency_ms, ..Faults::default() }).unwrap();
        let (_, report, _) = clean(&engine, &[]).await;
        assert!(report.left.is_empty(), "{latency_ms} ms: {:#?}", report.left);
    }
}
