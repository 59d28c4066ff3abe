//! Launches that fail, and what comes of them.

use super::*;
use crate::practice::world::Options;

fn failures(bench: &Bench) -> Vec<&Activity> {
    bench.activities().into_iter().filter(|one| one.status.as_str() == "Failed").collect()
}

fn options(bench: &mut Bench, change: impl FnOnce(&mut Options)) {
    let mut options = bench.world.options().clone();
    change(&mut options);
    bench.world.set_options(options);
}

#[test]
fn a_quota_fails_later_each_time_and_heals() {
    let mut bench = Bench::grown("3");
    options(&mut bench, |options| options.limits.vcpus = 2);
    bench.on("SetDesiredCapacity", &[("DesiredCapacity", "2")]);
    bench.seconds(1200);
    let failed = failures(&bench);
    let starts: Vec<i64> = failed.iter().rev().map(|one| one.start).collect();
    let waits: Vec<i64> = starts.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert_eq!(waits, [30_000, 60_000, 120_000, 240_000, 480_000]);
    let message = failed[0].message.clone().unwrap();
    assert!(
        message.starts_with("You have requested more vCPU capacity than your current vCPU limit of 2 allows"),
        "{message}"
    );
    assert!(message.ends_with(" Launching EC2 instance failed."), "{message}");
    assert_eq!(failed[0].description, format!("Launching a new EC2 instance.  Status Reason: {message}"));
    assert_eq!(bench.serving().len(), 1);
    options(&mut bench, |options| options.limits.vcpus = 32);
    bench.on("SetDesiredCapacity", &[("DesiredCapacity", "3")]);
    bench.until(200, |bench| bench.serving().len() == 3);
}

#[test]
fn a_deleted_key_and_a_deleted_security_group_fail_by_name() {
    let mut bench = Bench::new();
    bench.ec2("CreateKeyPair", &[("KeyName", "my-ec2-keypair")]);
    bench.template(&[("LaunchTemplateData.KeyName", "my-ec2-keypair")]);
    bench.create("1", &[]);
    bench.ec2("DeleteKeyPair", &[("KeyName", "my-ec2-keypair")]);
    bench.seconds(60);
    assert_eq!(
        failures(&bench)[0].message.as_deref(),
        Some("The key pair 'my-ec2-keypair' does not exist. Launching EC2 instance failed.")
    );

    let mut bench = Bench::new();
    let vpc = bench.region().vpcs.keys().next().unwrap().clone();
    let answer =
        bench.ec2("CreateSecurityGroup", &[("GroupName", "gone"), ("GroupDescription", "gone"), ("VpcId", &vpc)]);
    let id = leaf(&answer, "groupId").to_owned();
    bench.template(&[("LaunchTemplateData.SecurityGroupId.1", &id)]);
    bench.create("1", &[]);
    bench.ec2("DeleteSecurityGroup", &[("GroupId", &id)]);
    bench.seconds(60);
    let message = failures(&bench)[0].message.clone().unwrap();
    assert!(message.contains(&id) && message.ends_with("does not exist. Launching EC2 instance failed."), "{message}");
}

#[test]
fn a_zone_without_capacity_gives_way_to_the_other() {
    let mut bench = Bench::new();
    bench.template(&[]);
    options(&mut bench, |options| options.zones_down = ["ap-northeast-2a".to_owned()].into_iter().collect());
    bench.create("3", &[("DesiredCapacity", "2")]);
    bench.until(200, |bench| bench.serving().len() == 2);
    assert!(bench.members().iter().all(|one| one.zone == "ap-northeast-2c"));
    assert!(failures(&bench)[0].message.as_ref().unwrap().ends_with("Launching EC2 instance failed."));
    options(&mut bench, |options| options.zones_down.clear());
    // Once the zone is trusted again, the two are spread.
    bench.until(1800, |bench| {
        let zones: Vec<&str> = bench.members().iter().map(|one| one.zone.as_str()).collect();
        zones.len() == 2 && zones[0] != zones[1] && bench.serving().len() == 2
    });
}

#[test]
fn instances_of_a_failed_zone_are_replaced_in_the_other() {
    let mut bench = Bench::grown("3");
    let zone = bench.members()[0].zone.clone();
    options(&mut bench, |options| options.zones_down = [zone.clone()].into_iter().collect());
    bench.until(300, |bench| bench.members().iter().any(|one| one.zone != zone && one.state == State::InService));
    assert!(
        bench
            .activities()
            .iter()
            .any(|one| one.cause.ends_with("in response to an EC2 instance status checks failure."))
    );
}

#[test]
fn checks_by_the_load_balancer_replace_what_never_answers() {
    let mut bench = Bench::new();
    bench.template(&[]);
    let (vpc, a, c) = (bench.region().vpcs.keys().next().unwrap().clone(), bench.subnet("a"), bench.subnet("c"));
    let made = bench.elb("CreateTargetGroup", &[("Name", "tg"), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", &vpc)]);
    let target_group = leaf(&made, "TargetGroupArn").to_owned();
    let made = bench.elb("CreateLoadBalancer", &[("Name", "alb"), ("Subnets.member.1", &a), ("Subnets.member.2", &c)]);
    let balancer = leaf(&made, "LoadBalancerArn").to_owned();
    bench.elb(
        "CreateListener",
        &[
            ("LoadBalancerArn", &balancer),
            ("Protocol", "HTTP"),
            ("Port", "80"),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", &target_group),
        ],
    );
    bench.seconds(300);
    bench.create("1", &[("TargetGroupARNs.member.1", &target_group), ("HealthCheckType", "ELB")]);
    bench.seconds(1800);
    let looped = bench
        .activities()
        .iter()
        .filter(|one| one.cause.ends_with("in response to an ELB system health check failure."))
        .count();
    assert!((10..=26).contains(&looped), "nothing serves there, and 10 s of grace are no grace: {looped}");
    bench.on("UpdateAutoScalingGroup", &[("HealthCheckType", "EC2")]);
    bench.seconds(600);
    let before = bench.activities().len();
    bench.seconds(3600);
    assert_eq!(bench.activities().len(), before, "an unhealthy target is nobody's business then");
}
