//! Launch, replacement, targets, standby, detaching, choice of what ends, schedules, simple and step policies.

use super::*;

#[test]
fn the_first_launch_is_told_as_aws_tells_it() {
    let mut bench = Bench::new();
    bench.template(&[]);
    bench.create("1", &[]);
    assert!(bench.members().is_empty(), "nothing happens at once");
    let begun = bench.until(20, |bench| !bench.members().is_empty());
    assert!((3..=15).contains(&begun), "{begun}");
    assert_eq!(bench.activities()[0].status.as_str(), "PreInService");
    let served = bench.until(120, |bench| bench.serving().len() == 1);
    assert!((25..=90).contains(&served), "{served}");
    let activity = bench.activities()[0].clone();
    let id = bench.serving()[0].clone();
    assert_eq!(activity.description, format!("Launching a new EC2 instance: {id}"));
    let moments: Vec<&str> =
        activity.cause.split("At ").filter_map(|part| part.split_once(' ')).map(|(at, _)| at).collect();
    assert_eq!(
        activity.cause,
        format!(
            "At {} a user request created an AutoScalingGroup changing the desired capacity from 0 to 1.  At {} an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 0 to 1.",
            moments[0], moments[1]
        )
    );
    assert_eq!((activity.status.as_str(), activity.progress), ("Successful", 100));
    let tags = bench.tags_of(&id);
    assert_eq!(tags.get("aws:autoscaling:groupName").map(String::as_str), Some(GROUP));
    assert_eq!(tags.get("Name").map(String::as_str), Some("my-asg-ec2-node"));
    assert!(!tags.contains_key("Secret"));
    let shown = bench.ok(
        "DescribeAutoScalingGroups",
        &[("Filters.member.1.Name", "tag:Name"), ("Filters.member.1.Values.member.1", "my-asg-ec2-node")],
    );
    assert_eq!(leaf(&shown, "LifecycleState"), "InService");
    assert!(bench.ok("DescribeAutoScalingInstances", &[]).contains("<HealthStatus>HEALTHY</HealthStatus>"));
}

#[test]
fn terminated_or_stopped_by_hand_is_replaced() {
    for operation in ["TerminateInstances", "StopInstances"] {
        let mut bench = Bench::grown("3");
        let old = bench.serving()[0].clone();
        bench.ec2(operation, &[("InstanceId.1", &old)]);
        let after = bench.until(200, |bench| bench.serving().first().is_some_and(|id| *id != old));
        assert!((45..=130).contains(&after), "{operation}: {after}");
        let causes: Vec<&str> = bench.activities().iter().map(|one| one.cause.as_str()).collect();
        assert!(
            causes[0]
                .ends_with("an instance was launched in response to an unhealthy instance needing to be replaced."),
            "{causes:?}"
        );
        assert!(causes[1].ends_with("an instance was taken out of service in response to an EC2 health check indicating it has been terminated or stopped."), "{causes:?}");
        bench.seconds(120);
        assert_eq!(bench.group().members.len(), 1);
    }
}

#[test]
fn set_unhealthy_by_hand_is_replaced_unless_suspended() {
    let mut bench = Bench::grown("3");
    let old = bench.serving()[0].clone();
    bench.on("SuspendProcesses", &[("ScalingProcesses.member.1", "ReplaceUnhealthy")]);
    bench.ok("SetInstanceHealth", &[("InstanceId", &old), ("HealthStatus", "Unhealthy")]);
    bench.seconds(600);
    assert_eq!(bench.serving(), std::slice::from_ref(&old));
    bench.on("ResumeProcesses", &[]);
    bench.until(200, |bench| bench.serving().first().is_some_and(|id| *id != old));
    assert!(bench.activities().iter().any(|one| one.cause.ends_with("in response to a user health-check.")));
}

#[test]
fn instances_spread_over_zones_and_the_crowded_zone_shrinks() {
    let mut bench = Bench::grown("5");
    bench.on("SetDesiredCapacity", &[("DesiredCapacity", "5")]);
    bench.until(200, |bench| bench.serving().len() == 5);
    let count = |bench: &Bench, zone: &str| bench.members().iter().filter(|one| one.zone.ends_with(zone)).count();
    assert_eq!((count(&bench, "2a"), count(&bench, "2c")), (3, 2));
    for activity in bench.activities().iter().take(4) {
        assert!(
            activity.cause.contains(
                "a user request explicitly set group desired capacity changing the desired capacity from 1 to 5."
            ),
            "{}",
            activity.cause
        );
    }
    bench.on("UpdateAutoScalingGroup", &[("TerminationPolicies.member.1", "OldestInstance")]);
    let oldest = bench
        .members()
        .into_iter()
        .filter(|one| one.zone.ends_with("2a"))
        .min_by_key(|one| one.launched)
        .unwrap()
        .id
        .clone();
    bench.on("SetDesiredCapacity", &[("DesiredCapacity", "4")]);
    bench.until(200, |bench| bench.group().members.len() == 4);
    assert!(!bench.group().members.contains_key(&oldest));
    assert_eq!((count(&bench, "2a"), count(&bench, "2c")), (2, 2));
}

#[test]
fn a_new_zone_is_filled_before_the_old_one_is_emptied() {
    let mut bench = Bench::grown("3");
    let only = bench.group().subnets[0].clone();
    bench.on("UpdateAutoScalingGroup", &[("VPCZoneIdentifier", &only)]);
    bench.on("SetDesiredCapacity", &[("DesiredCapacity", "3")]);
    bench.until(200, |bench| bench.serving().len() == 3);
    let both = format!("{},{}", bench.subnet("a"), bench.subnet("c"));
    bench.on("UpdateAutoScalingGroup", &[("VPCZoneIdentifier", &both)]);
    let mut most = 0;
    bench.until(600, |bench| {
        most = most.max(bench.group().members.len());
        bench.serving().len() == 3
            && bench.members().iter().any(|one| one.zone.ends_with("2c"))
            && bench.group().members.len() == 3
    });
    assert_eq!(most, 4);
    assert!(bench.activities().iter().any(|one| one.cause.contains("instances were launched to balance instances in zones ap-northeast-2c with other zones resulting in more than desired number of instances in the group.")));
    let before = bench.activities().len();
    bench.seconds(3600);
    assert_eq!(bench.activities().len(), before, "even zones are left alone");
}

#[test]
fn protected_instances_are_not_scaled_in() {
    let mut bench = Bench::grown("3");
    let id = bench.serving()[0].clone();
    bench.on("SetInstanceProtection", &[("InstanceIds.member.1", &id), ("ProtectedFromScaleIn", "true")]);
    bench.on("UpdateAutoScalingGroup", &[("MinSize", "0"), ("DesiredCapacity", "0")]);
    bench.seconds(1200);
    assert_eq!(bench.serving(), std::slice::from_ref(&id));
    let told: Vec<&str> = bench
        .activities()
        .iter()
        .map(|one| one.description.as_str())
        .filter(|text| text.starts_with("Could not scale"))
        .collect();
    assert_eq!(
        told,
        ["Could not scale to desired capacity because all remaining instances are protected from scale-in."]
    );
    bench.on("SetInstanceProtection", &[("InstanceIds.member.1", &id), ("ProtectedFromScaleIn", "false")]);
    bench.until(200, |bench| bench.group().members.is_empty());
}

fn target_group(bench: &mut Bench) -> String {
    let vpc = bench.region().vpcs.keys().next().unwrap().clone();
    let answer = bench
        .elb("CreateTargetGroup", &[("Name", "my-asg-ec2-tg"), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", &vpc)]);
    leaf(&answer, "TargetGroupArn").to_owned()
}

#[test]
fn instances_become_targets_and_cease_to_be() {
    let mut bench = Bench::grown("3");
    let arn = target_group(&mut bench);
    bench.on("AttachLoadBalancerTargetGroups", &[("TargetGroupARNs.member.1", &arn)]);
    let id = bench.serving()[0].clone();
    assert!(bench.region().target_health(&arn, &id).is_some());
    bench.on("SetDesiredCapacity", &[("DesiredCapacity", "2")]);
    bench.until(200, |bench| bench.serving().len() == 2);
    assert!(bench.serving().iter().all(|id| bench.region().target_health(&arn, id).is_some()));
    bench.on("DetachLoadBalancerTargetGroups", &[("TargetGroupARNs.member.1", &arn)]);
    assert!(bench.region().target_health(&arn, &id).is_none(), "unused targets do not drain");
    bench.elb("DeleteTargetGroup", &[("TargetGroupArn", &arn)]);
    let (code, message) = bench.fails(
        "AttachLoadBalancerTargetGroups",
        &[("AutoScalingGroupName", GROUP), ("TargetGroupARNs.member.1", &arn)],
    );
    assert_eq!(
        (code.as_str(), message.as_str()),
        ("ValidationError", "Provided Target Groups may not be valid. Please ensure they exist and try again.")
    );
}

#[test]
fn standby_and_back_detach_and_attach() {
    let mut bench = Bench::grown("3");
    let id = bench.serving()[0].clone();
    bench.on("UpdateAutoScalingGroup", &[("MinSize", "0")]);
    let answer = bench.on("EnterStandby", &[("InstanceIds.member.1", &id), ("ShouldDecrementDesiredCapacity", "true")]);
    assert!(leaf(&answer, "Cause").ends_with(&format!(
        "Z instance {id} was moved to standby in response to a user request, shrinking the capacity from 1 to 0."
    )));
    bench.seconds(30);
    assert_eq!(bench.group().members[&id].state, State::Standby);
    bench.seconds(600);
    assert_eq!((bench.group().desired, bench.group().members.len()), (0, 1));
    bench.on("ExitStandby", &[("InstanceIds.member.1", &id)]);
    bench.until(60, |bench| bench.serving() == std::slice::from_ref(&id));
    assert_eq!(bench.group().desired, 1);
    bench.on("DetachInstances", &[("InstanceIds.member.1", &id), ("ShouldDecrementDesiredCapacity", "false")]);
    bench.until(200, |bench| bench.serving().len() == 1);
    assert_ne!(bench.serving(), std::slice::from_ref(&id));
    assert!(!bench.tags_of(&id).contains_key("aws:autoscaling:groupName"));
    bench.on("AttachInstances", &[("InstanceIds.member.1", &id)]);
    bench.until(60, |bench| bench.serving().contains(&id));
    assert_eq!(bench.group().desired, 2);
    bench.ok("TerminateInstanceInAutoScalingGroup", &[("InstanceId", &id), ("ShouldDecrementDesiredCapacity", "true")]);
    bench.until(120, |bench| !bench.group().members.contains_key(&id));
    assert_eq!((bench.group().desired, bench.serving().len()), (1, 1));
}

#[test]
fn scheduled_actions_come_and_come_again() {
    let mut bench = Bench::grown("3");
    let at = |ms: i64| jiff::Timestamp::from_millisecond(ms).unwrap().to_string();
    let soon = at(bench.world.now() + 300_000);
    bench.on(
        "PutScheduledUpdateGroupAction",
        &[("ScheduledActionName", "once"), ("StartTime", &soon), ("DesiredCapacity", "2")],
    );
    bench.on(
        "PutScheduledUpdateGroupAction",
        &[
            ("ScheduledActionName", "daily"),
            ("Recurrence", "0 9 * * *"),
            ("TimeZone", "Asia/Seoul"),
            ("MinSize", "0"),
            ("DesiredCapacity", "0"),
        ],
    );
    bench.seconds(299);
    assert_eq!(bench.group().desired, 1);
    bench.until(2, |bench| bench.group().desired == 2);
    bench.until(200, |bench| bench.serving().len() == 2);
    assert!(
        bench.activities()[0]
            .cause
            .contains("the scheduled action once executed. Setting desired capacity from 1 to 2.  At "),
        "{}",
        bench.activities()[0].cause
    );
    assert_eq!(bench.group().scheduled.len(), 1, "what has been done once is gone");
    bench.seconds(24 * 3600);
    assert_eq!((bench.group().min, bench.group().desired, bench.group().members.len()), (0, 0, 0));
    assert!(bench.group().scheduled["daily"].next > bench.world.now());
}

#[test]
fn simple_policies_cool_down_and_step_policies_step() {
    let mut bench = Bench::grown("9");
    let add = [("PolicyName", "one-more"), ("AdjustmentType", "ChangeInCapacity"), ("ScalingAdjustment", "1")];
    bench.on("PutScalingPolicy", &add);
    let execute = [("AutoScalingGroupName", GROUP), ("PolicyName", "one-more"), ("HonorCooldown", "true")];
    bench.ok("ExecutePolicy", &execute);
    assert_eq!(bench.group().desired, 2);
    bench.seconds(120);
    assert_eq!(bench.fails("ExecutePolicy", &execute).0, "ScalingActivityInProgress");
    // 300 s of cooldown after the launch was done.
    bench.seconds(180);
    assert_eq!(bench.fails("ExecutePolicy", &execute).0, "ScalingActivityInProgress");
    bench.seconds(120);
    bench.ok("ExecutePolicy", &execute);
    assert_eq!(bench.group().desired, 3);
    bench.seconds(600);
    let steps = [
        ("PolicyName", "steps"),
        ("PolicyType", "StepScaling"),
        ("AdjustmentType", "PercentChangeInCapacity"),
        ("MinAdjustmentMagnitude", "2"),
        ("StepAdjustments.member.1.MetricIntervalLowerBound", "0"),
        ("StepAdjustments.member.1.MetricIntervalUpperBound", "10"),
        ("StepAdjustments.member.1.ScalingAdjustment", "10"),
        ("StepAdjustments.member.2.MetricIntervalLowerBound", "10"),
        ("StepAdjustments.member.2.ScalingAdjustment", "100"),
    ];
    bench.on("PutScalingPolicy", &steps);
    let step = |value| [("PolicyName", "steps"), ("MetricValue", value), ("BreachThreshold", "70")];
    bench.on("ExecutePolicy", &step("75"));
    assert_eq!(bench.group().desired, 5, "10 per cent of 3, but at least 2");
    bench.seconds(120);
    // The two new ones warm up (300 s), so this breach is the same one, unless it is of a higher step.
    bench.on("ExecutePolicy", &step("75"));
    assert_eq!(bench.group().desired, 5);
    bench.on("ExecutePolicy", &step("95"));
    assert_eq!(bench.group().desired, 6, "100 per cent of the 3 warm ones");
}

#[test]
fn a_target_in_use_drains_before_its_instance_ends() {
    let mut bench = Bench::grown("3");
    let arn = target_group(&mut bench);
    let (a, c) = (bench.subnet("a"), bench.subnet("c"));
    let made = bench.elb("CreateLoadBalancer", &[("Name", "alb"), ("Subnets.member.1", &a), ("Subnets.member.2", &c)]);
    let balancer = leaf(&made, "LoadBalancerArn").to_owned();
    bench.elb(
        "CreateListener",
        &[
            ("LoadBalancerArn", &balancer),
            ("Protocol", "HTTP"),
            ("Port", "80"),
            ("DefaultActions.member.1.Type", "forward"),
            ("DefaultActions.member.1.TargetGroupArn", &arn),
        ],
    );
    bench.elb(
        "ModifyTargetGroupAttributes",
        &[
            ("TargetGroupArn", &arn),
            ("Attributes.member.1.Key", "deregistration_delay.timeout_seconds"),
            ("Attributes.member.1.Value", "40"),
        ],
    );
    bench.on("AttachLoadBalancerTargetGroups", &[("TargetGroupARNs.member.1", &arn)]);
    bench.seconds(600);
    let id = bench.serving()[0].clone();
    bench.on("UpdateAutoScalingGroup", &[("MinSize", "0"), ("DesiredCapacity", "0")]);
    bench.until(20, |bench| bench.members()[0].state == State::Terminating);
    assert_eq!(bench.activities()[0].status.as_str(), "WaitingForELBConnectionDraining");
    assert_eq!(bench.region().target_health(&arn, &id).unwrap().state, "draining");
    assert_eq!(bench.region().instances[&id].state.as_str(), "running", "it serves what it has begun");
    let ending = bench.until(60, |bench| bench.region().instances[&id].state.is_ending());
    assert!((39..=41).contains(&ending), "{ending}");
    bench.until(90, |bench| bench.group().members.is_empty());
    assert_eq!(bench.activities()[0].status.as_str(), "Successful");
}
