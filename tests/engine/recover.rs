//! What others did meanwhile: adoption, ambiguity, drift, resources that vanished.

use awslab::lab::phase::PhaseKind;
use awslab::lab::world::{Health, Mend};

use super::*;

fn tagged(kind: &str, name: &str) -> Vec<(&'static str, String)> {
    vec![
        ("TagSpecification.1.ResourceType", kind.to_owned()),
        ("TagSpecification.1.Tag.1.Key", "Name".to_owned()),
        ("TagSpecification.1.Tag.1.Value", name.to_owned()),
    ]
}

fn by_hand(engine: &Engine, operation: &str, params: &[(&'static str, String)]) -> String {
    let params: Vec<(&str, &str)> = params.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let (status, body) = send(cloud(engine), "ec2", operation, &params);
    assert_eq!(status, 200, "{operation}: {body}");
    body
}

fn vpc_by_hand(engine: &Engine, cidr: &str) -> String {
    let mut params = tagged("vpc", "my-vpc");
    params.push(("CidrBlock", cidr.to_owned()));
    first(&by_hand(engine, "CreateVpc", &params), "vpcId")
}

#[tokio::test(start_paused = true)]
async fn what_the_learner_made_is_adopted_and_what_differs_in_place_is_mended() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    let id = vpc_by_hand(&engine, "10.1.0.0/16");
    engine.advance(std::time::Duration::from_secs(10)).unwrap();
    let report = engine.check(&steps(&engine, &["vpc.network.vpc"])).await.unwrap();
    assert!(!report.ok(), "DNS hostnames are off");
    let survey = engine.survey().await.unwrap();
    assert_eq!(survey.rows.len(), 1);
    assert_eq!((survey.rows[0].id.as_str(), survey.rows[0].adopted), (id.as_str(), true));
    assert!(survey.rows[0].differences.iter().all(|difference| difference.mend == Mend::InPlace));

    let plan = engine.plan(&steps(&engine, &["vpc.network.vpc"])).await.unwrap();
    let operations: Vec<&str> = plan.calls.iter().map(|planned| planned.call.operation.as_str()).collect();
    assert_eq!(operations, ["ModifyVpcAttribute"]);
    let (report, _) = run(&engine, &["vpc.network.vpc"]).await;
    assert!(report.done);
    assert!(engine.check(&steps(&engine, &["vpc.network.vpc"])).await.unwrap().ok());
    assert!(engine.survey().await.unwrap().rows[0].adopted, "it stays the learner's");
}

#[tokio::test(start_paused = true)]
async fn two_of_a_name_are_a_problem_that_lists_their_ids() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    let ids = [vpc_by_hand(&engine, "10.1.0.0/16"), vpc_by_hand(&engine, "10.1.0.0/16")];
    engine.advance(std::time::Duration::from_secs(10)).unwrap();
    let (report, phases) = run(&engine, &["vpc.network.subnets"]).await;
    assert!(!report.done);
    let problem = &report.failed[0].1;
    assert!(ids.iter().all(|id| problem.detail.en.contains(id)), "{problem}");
    assert_eq!(report.skipped.len(), 6, "{report:#?}");
    assert!(phases.iter().all(|phase| phase.kind != PhaseKind::Calling));
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_changed_in_place_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    let id = vpc_by_hand(&engine, "10.9.0.0/16");
    engine.advance(std::time::Duration::from_secs(10)).unwrap();
    let (report, phases) = run(&engine, &["vpc.network.vpc"]).await;
    assert!(!report.done);
    assert!(report.failed[0].1.detail.en.contains("10.9.0.0/16"), "{}", report.failed[0].1);
    assert!(phases.iter().all(|phase| phase.kind != PhaseKind::Calling));
    // It is the learner's own: not adopted, so cleanup does not touch it.
    assert!(engine.survey().await.unwrap().rows.is_empty());
    let (teardown, ..) = clean(&engine, &[]).await;
    assert!(teardown.items.iter().all(|item| item.row.id != id));
}

#[tokio::test(start_paused = true)]
async fn a_resource_that_was_deleted_by_hand_is_made_again() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    run(&engine, &["vpc.network.gateway", "vpc.network.subnets"]).await;
    engine.advance(std::time::Duration::from_secs(300)).unwrap();
    let survey = engine.survey().await.unwrap();
    let subnet = survey.rows.iter().find(|row| row.key.name == "my-public-subnet-c").unwrap().clone();
    by_hand(&engine, "DeleteSubnet", &[("SubnetId", subnet.id.clone())]);
    let row = engine.survey().await.unwrap().rows.into_iter().find(|row| row.key == subnet.key).unwrap();
    assert_eq!((row.state.as_str(), row.health), ("gone", None));
    let report = engine.check(&steps(&engine, &["vpc.network.subnets"])).await.unwrap();
    let said: String = report.conditions.iter().map(|c| c.detail.en.as_str()).collect();
    assert!(said.contains("my-public-subnet-c"), "{said}");
    let (report, _) = run(&engine, &["vpc.network.subnets"]).await;
    assert!(report.done, "{report:#?}");
    let row = engine.survey().await.unwrap().rows.into_iter().find(|row| row.key == subnet.key).unwrap();
    assert_eq!(row.health, Some(Health::Ready));
    assert_ne!(row.id, subnet.id);
}

#[tokio::test(start_paused = true)]
async fn a_plan_that_no_longer_fits_is_not_run() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    let plan = engine.plan(&steps(&engine, &["vpc.network.vpc"])).await.unwrap();
    // Another process builds it while the learner looks at the confirm screen.
    let other = open(home.path()).await;
    assert!(run(&other, &["vpc.network.vpc"]).await.0.done);
    let wires = wires();
    let report = engine.run(plan, wires.cancel, wires.sink).await;
    assert!(report.done, "{report:#?}");
    assert_one_of_each(&engine, &["vpc.network.vpc"], 1, "two processes").await;
}
