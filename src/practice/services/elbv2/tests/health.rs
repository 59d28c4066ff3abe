//! The state of a target, each from its real cause.

use super::*;

#[test]
fn a_new_target_is_healthy_after_its_first_success() {
    let mut lab = lab();
    lab.target("RegisterTargets", 0);
    assert_eq!(lab.health(0).0, "initial");
    assert_eq!(lab.health(0).1, "Elb.RegistrationInProgress");
    lab.bench.wait(31);
    assert_eq!(lab.health(0), ("healthy".into(), String::new(), String::new()));
}

#[test]
fn a_group_without_a_listener_is_not_in_use() {
    let mut lab = network();
    lab.make_targets(&[]);
    lab.target("RegisterTargets", 0);
    lab.bench.wait(300);
    let says = "Target group is not configured to receive traffic from the load balancer";
    assert_eq!(lab.health(0), ("unused".into(), "Target.NotInUse".into(), says.into()));
    let says = "Target is not registered to the target group";
    assert_eq!(lab.health(1), ("unused".into(), "Target.NotRegistered".into(), says.into()));
    // The load balancer's provisioning keeps it initial; then it is checked.
    lab.make_balancer();
    lab.listen();
    assert_eq!(lab.health(0).1, "Elb.RegistrationInProgress");
    lab.bench.wait(100);
    assert_eq!(lab.state(0), "initial");
    lab.bench.wait(120);
    assert_eq!(lab.state(0), "healthy");
    let listener = lab.listener.clone();
    lab.bench.ok("DeleteListener", &[("ListenerArn", &listener)]);
    assert_eq!(lab.health(0).1, "Target.NotInUse");
}

#[test]
fn a_security_group_that_does_not_let_the_load_balancer_in_is_a_timeout() {
    let mut lab = lab();
    let (inner, outer) = (lab.inner.clone(), lab.outer.clone());
    lab.target("RegisterTargets", 0);
    lab.bench.wait(31);
    assert_eq!(lab.state(0), "healthy");
    lab.bench.rule("RevokeSecurityGroupIngress", &inner, "80", &outer);
    lab.bench.wait(30);
    assert_eq!(lab.state(0), "healthy", "one failure is not enough");
    lab.bench.wait(36);
    assert_eq!(lab.health(0), ("unhealthy".into(), "Target.Timeout".into(), "Request timed out".into()));
    // Back again: five successes.
    lab.bench.rule("AuthorizeSecurityGroupIngress", &inner, "80", &outer);
    lab.bench.wait(4 * 30);
    assert_eq!(lab.state(0), "unhealthy");
    lab.bench.wait(31);
    assert_eq!(lab.state(0), "healthy");
}

#[test]
fn a_short_interruption_makes_nothing_unhealthy() {
    let mut lab = lab();
    let server = lab.servers[0].clone();
    lab.target("RegisterTargets", 0);
    lab.bench.wait(31);
    for _ in 0..5 {
        lab.bench.serve(&server, false, &[]);
        lab.bench.wait(29);
        lab.bench.serve(&server, true, &[]);
        lab.bench.wait(31);
        assert_eq!(lab.state(0), "healthy");
    }
}

#[test]
fn a_missing_page_a_stopped_server_and_another_matcher() {
    let mut lab = lab();
    let (server, arn) = (lab.servers[0].clone(), lab.targets.clone());
    let region = lab.bench.region();
    region.instances.get_mut(&server).unwrap().software.files.clear();
    region.changed();
    lab.target("RegisterTargets", 0);
    lab.bench.wait(65);
    let says = "Health checks failed with these codes: [404]";
    assert_eq!(lab.health(0), ("unhealthy".into(), "Target.ResponseCodeMismatch".into(), says.into()));
    lab.bench.serve(&server, false, &[]);
    lab.bench.wait(31);
    assert_eq!(lab.health(0), ("unhealthy".into(), "Target.FailedHealthChecks".into(), "Health checks failed".into()));
    lab.bench.serve(&server, true, &[]);
    lab.bench.ok("ModifyTargetGroup", &[("TargetGroupArn", &arn), ("Matcher.HttpCode", "200-299,404")]);
    lab.bench.wait(5 * 30 + 1);
    assert_eq!(lab.state(0), "healthy");
    lab.bench.ok("ModifyTargetGroup", &[("TargetGroupArn", &arn), ("HealthCheckPort", "8080")]);
    lab.bench.wait(66);
    assert_eq!(lab.health(0).1, "Target.Timeout", "the security group knows nothing of 8080");
}

#[test]
fn a_network_acl_without_the_ports_of_replies_is_a_timeout() {
    let mut lab = lab();
    lab.target("RegisterTargets", 0);
    lab.bench.wait(31);
    let acl = lab.bench.ok("DescribeNetworkAcls", &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", &lab.vpc)]);
    let acl = pick(&acl, "networkAclId");
    let deny = [
        ("NetworkAclId", acl.as_str()),
        ("RuleNumber", "50"),
        ("Egress", "true"),
        ("RuleAction", "deny"),
        ("Protocol", "6"),
        ("CidrBlock", "10.1.1.64/26"),
        ("PortRange.From", "1024"),
        ("PortRange.To", "32767"),
    ];
    lab.bench.ok("CreateNetworkAclEntry", &deny);
    lab.bench.wait(66);
    assert_eq!(lab.health(0).1, "Target.Timeout", "one node of two is not answered");
}

#[test]
fn a_stopped_instance_is_in_an_invalid_state_and_a_terminated_one_is_forgotten() {
    let mut lab = lab();
    let server = lab.servers[0].clone();
    lab.target("RegisterTargets", 0);
    lab.target("RegisterTargets", 1);
    lab.bench.wait(31);
    lab.bench.ok("StopInstances", &[("InstanceId.1", &server)]);
    lab.bench.wait(60);
    let says = "Target is in the stopped state";
    assert_eq!(lab.health(0), ("unused".into(), "Target.InvalidState".into(), says.into()));
    lab.bench.ok("StartInstances", &[("InstanceId.1", &server)]);
    lab.bench.wait(60);
    lab.bench.serve(&server, true, &[]);
    lab.bench.wait(300);
    assert_eq!(lab.state(0), "healthy");
    lab.bench.ok("TerminateInstances", &[("InstanceId.1", &server)]);
    assert_eq!(lab.health(0).1, "Target.InvalidState");
    lab.bench.wait(60);
    let arn = lab.targets.clone();
    let shown = lab.bench.ok("DescribeTargetHealth", &[("TargetGroupArn", &arn)]);
    assert_eq!(all(&shown, "Id"), std::slice::from_ref(&lab.servers[1]));
}

#[test]
fn a_target_outside_the_load_balancers_zones_is_not_in_use() {
    let mut lab = network();
    lab.make_targets(&[]);
    let b = lab.bench.make(
        "CreateSubnet",
        &[("VpcId", &lab.vpc), ("CidrBlock", "10.1.1.128/26"), ("AvailabilityZone", "ap-northeast-2b")],
        "subnetId",
    );
    let [a, c] = lab.public.clone();
    lab.public = [a.clone(), b.clone()];
    lab.make_balancer();
    lab.listen();
    lab.bench.wait(200);
    lab.target("RegisterTargets", 1);
    let says = "Target is in an Availability Zone that is not enabled for the load balancer";
    assert_eq!(lab.health(1), ("unused".into(), "Target.NotInUse".into(), says.into()));
    let balancer = lab.balancer.clone();
    let pairs = [("LoadBalancerArn", balancer.as_str()), ("Subnets.member.1", &a), ("Subnets.member.2", &c)];
    lab.bench.ok("SetSubnets", &pairs);
    lab.bench.wait(31);
    assert_eq!(lab.state(1), "healthy");
    assert_eq!(lab.bench.code("DeleteSubnet", &[("SubnetId", &b)]), "DependencyViolation", "the node lingers");
    lab.bench.wait(300);
    lab.bench.ok("DeleteSubnet", &[("SubnetId", &b)]);
}

#[test]
fn a_deregistered_target_drains() {
    let mut lab = lab();
    let arn = lab.targets.clone();
    let delay = [
        ("TargetGroupArn", arn.as_str()),
        ("Attributes.member.1.Key", "deregistration_delay.timeout_seconds"),
        ("Attributes.member.1.Value", "10"),
    ];
    lab.bench.ok("ModifyTargetGroupAttributes", &delay);
    lab.target("RegisterTargets", 0);
    lab.bench.wait(31);
    lab.target("DeregisterTargets", 0);
    let says = "Target deregistration is in progress";
    assert_eq!(lab.health(0), ("draining".into(), "Target.DeregistrationInProgress".into(), says.into()));
    lab.bench.wait(9);
    assert_eq!(lab.state(0), "draining");
    lab.bench.wait(2);
    assert_eq!(lab.health(0).1, "Target.NotRegistered");
    // Registered again while it drains: it stays, and the old end does not touch it.
    lab.target("RegisterTargets", 0);
    lab.bench.wait(31);
    lab.target("DeregisterTargets", 0);
    lab.target("RegisterTargets", 0);
    assert_eq!(lab.state(0), "initial");
    lab.bench.wait(60);
    assert_eq!(lab.state(0), "healthy");
}

#[test]
fn healthy_hosts_are_counted_for_the_metrics() {
    use crate::practice::world::watch;
    let mut lab = lab();
    let seen = |lab: &mut Lab| -> Option<watch::Health> {
        let (balancer, group) = (lab.balancer.clone(), lab.targets.clone());
        let region = lab.bench.region();
        let balancer = region.balancing.balancers[&balancer].label().to_owned();
        let group = region.balancing.target_groups[&group].label().to_owned();
        region.recorded_health(&balancer, &group)
    };
    assert_eq!(seen(&mut lab), None);
    lab.target("RegisterTargets", 0);
    lab.target("RegisterTargets", 1);
    assert_eq!(seen(&mut lab), Some(watch::Health { healthy: 0, unhealthy: 0 }));
    lab.bench.wait(31);
    assert_eq!(seen(&mut lab), Some(watch::Health { healthy: 2, unhealthy: 0 }));
    let server = lab.servers[1].clone();
    lab.bench.serve(&server, false, &[]);
    lab.bench.wait(66);
    assert_eq!(seen(&mut lab), Some(watch::Health { healthy: 1, unhealthy: 1 }));
    let listener = lab.listener.clone();
    lab.bench.ok("DeleteListener", &[("ListenerArn", &listener)]);
    assert_eq!(seen(&mut lab), None);
}

#[test]
fn one_leap_is_the_same_as_many_steps() {
    let run = |steps: &[i64]| {
        let mut lab = lab();
        lab.target("RegisterTargets", 0);
        lab.target("RegisterTargets", 1);
        let server = lab.servers[0].clone();
        lab.bench.serve(&server, false, &[]);
        lab.target("DeregisterTargets", 1);
        lab.bench.ok("StopInstances", &[("InstanceId.1", &server)]);
        let balancer = lab.balancer.clone();
        for step in steps {
            lab.bench.world.advance(lab.bench.world.now() + step);
        }
        lab.bench.ok("DeleteLoadBalancer", &[("LoadBalancerArn", &balancer)]);
        for step in steps {
            lab.bench.world.advance(lab.bench.world.now() + step);
        }
        let mut bytes = Vec::new();
        ciborium::into_writer(&lab.bench.world, &mut bytes).unwrap();
        bytes
    };
    let small: Vec<i64> = (0..500).map(|at| 100 + 37 * (at % 30)).collect();
    let leap = small.iter().sum();
    assert_eq!(run(&small), run(&[leap]));
}

#[test]
fn a_thousand_targets_cost_little() {
    let mut lab = network();
    lab.make_targets(&[]);
    lab.make_balancer();
    lab.listen();
    let (arn, server) = (lab.targets.clone(), lab.servers[0].clone());
    let template = lab.bench.region().instances[&server].clone();
    let interface = lab.bench.region().interfaces[&template.interfaces[0]].clone();
    for n in 0..999_u32 {
        let region = lab.bench.region();
        let mut instance = template.clone();
        instance.id = format!("i-{n:017x}");
        let mut eni = interface.clone();
        eni.id = format!("eni-{n:017x}");
        eni.private_ip = std::net::Ipv4Addr::from(0x0a01_2000 + n);
        eni.attachment.as_mut().unwrap().instance = Some(instance.id.clone());
        instance.interfaces = vec![eni.id.clone()];
        region.interfaces.insert(eni.id.clone(), eni);
        region.instances.insert(instance.id.clone(), instance.clone());
        region.register_target(&arn, &instance.id, None).unwrap();
    }
    lab.bench.wait(300);
    let shown = lab.bench.ok("DescribeTargetHealth", &[("TargetGroupArn", &arn)]);
    assert_eq!(all(&shown, "State").iter().filter(|state| *state == "healthy").count(), 999);
    assert_eq!(lab.bench.region().register_target(&arn, &server, None), Ok(()));
    let again = lab.servers[1].clone();
    let full = [("TargetGroupArn", arn.as_str()), ("Targets.member.1.Id", &again)];
    assert_eq!(lab.bench.code("RegisterTargets", &full), "TooManyTargets");
    // Nothing happens while nothing changes.
    let revision = lab.bench.world.revision();
    lab.bench.wait(30);
    assert!(lab.bench.world.revision() - revision < 50, "no event a check");
}
