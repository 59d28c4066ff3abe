//! Making, changing and deleting load balancers, listeners and rules.

use super::*;

#[test]
fn a_load_balancer_is_provisioned_and_shows_its_interfaces() {
    let mut lab = network();
    lab.make_balancer();
    let arn = lab.balancer.clone();
    let shown = lab.bench.ok("DescribeLoadBalancers", &[("Names.member.1", "my-asg-alb")]);
    assert_eq!(pick(&shown, "Code"), "provisioning");
    assert_eq!(pick(&shown, "CanonicalHostedZoneId"), "ZWKZPGTI48KDX");
    let dns = pick(&shown, "DNSName");
    assert!(dns.starts_with("my-asg-alb-") && dns.ends_with(".ap-northeast-2.elb.amazonaws.com"), "{dns}");
    assert_eq!(all(&shown, "ZoneName"), ["ap-northeast-2a", "ap-northeast-2c"]);
    lab.bench.wait(200);
    let shown = lab.bench.ok("DescribeLoadBalancers", &[("LoadBalancerArns.member.1", &arn)]);
    assert_eq!(pick(&shown, "Code"), "active");

    let label = arn.split_once("loadbalancer/").unwrap().1.to_owned();
    let description = format!("ELB {label}");
    let filter = [("Filter.1.Name", "description"), ("Filter.1.Value.1", description.as_str())];
    let shown = lab.bench.ok("DescribeNetworkInterfaces", &filter);
    assert_eq!(all(&shown, "networkInterfaceId").len(), 2);
    assert_eq!(pick(&shown, "interfaceType"), "load_balancer");
    assert_eq!(pick(&shown, "requesterManaged"), "true");
    assert_eq!(pick(&shown, "requesterId"), "amazon-elb");
    assert_eq!(pick(&shown, "ipOwnerId"), "amazon-elb");
    assert_eq!(lab.bench.region().balancer_addresses(&dns).unwrap().len(), 2);

    // What it holds: its subnets, its security group, the gateway; its interfaces nobody can delete.
    let (gateway, vpc, outer) = (lab.gateway.clone(), lab.vpc.clone(), lab.outer.clone());
    let subnet = lab.public[0].clone();
    let eni = pick(&shown, "networkInterfaceId");
    let detach = [("InternetGatewayId", gateway.as_str()), ("VpcId", vpc.as_str())];
    let free_group = |lab: &mut Lab| {
        let (inner, outer) = (lab.inner.clone(), lab.outer.clone());
        lab.bench.rule("RevokeSecurityGroupIngress", &inner, "80", &outer);
    };
    free_group(&mut lab);
    let blocked = |lab: &mut Lab| {
        assert_eq!(lab.bench.code("DeleteSubnet", &[("SubnetId", &subnet)]), "DependencyViolation");
        assert_eq!(lab.bench.code("DeleteSecurityGroup", &[("GroupId", &outer)]), "DependencyViolation");
        assert_eq!(lab.bench.code("DetachInternetGateway", &detach), "DependencyViolation");
        assert_eq!(lab.bench.code("DeleteNetworkInterface", &[("NetworkInterfaceId", &eni)]), "AuthFailure");
    };
    blocked(&mut lab);
    lab.bench.ok("DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]);
    blocked(&mut lab);
    lab.bench.wait(20);
    let gone = lab.bench.code("DescribeLoadBalancers", &[("LoadBalancerArns.member.1", &arn)]);
    assert_eq!(gone, "LoadBalancerNotFound");
    blocked(&mut lab);
    lab.bench.wait(300);
    lab.bench.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
    lab.bench.ok("DeleteSecurityGroup", &[("GroupId", &outer)]);
    lab.bench.ok("DetachInternetGateway", &detach);
    lab.bench.ok("DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]);
}

#[test]
fn creates_with_identical_settings_give_the_same_again() {
    let mut lab = lab();
    let (balancer, targets, listener) = (lab.balancer.clone(), lab.targets.clone(), lab.listener.clone());
    lab.make_balancer();
    lab.make_targets(&[]);
    lab.listen();
    assert_eq!((&balancer, &targets, &listener), (&lab.balancer, &lab.targets, &lab.listener));
    assert_eq!(all(&lab.bench.ok("DescribeLoadBalancers", &[]), "LoadBalancerArn").len(), 1);
}

#[test]
fn a_target_group_goes_only_when_nothing_names_it() {
    let mut lab = lab();
    let (targets, balancer) = (lab.targets.clone(), lab.balancer.clone());
    let delete = [("TargetGroupArn", targets.as_str())];
    assert_eq!(lab.bench.code("DeleteTargetGroup", &delete), "ResourceInUse");
    let shown = lab.bench.ok("DescribeTargetGroups", &[("LoadBalancerArn", &balancer)]);
    assert_eq!(all(&shown, "TargetGroupArn"), std::slice::from_ref(&targets));
    assert!(shown.contains(&format!("<LoadBalancerArns><member>{balancer}</member></LoadBalancerArns>")));
    lab.bench.ok("DeleteLoadBalancer", &[("LoadBalancerArn", &balancer)]);
    assert_eq!(
        lab.bench.code("DescribeListeners", &[("ListenerArns.member.1", &lab.listener.clone())]),
        "ListenerNotFound"
    );
    lab.bench.ok("DeleteTargetGroup", &delete);
    lab.bench.ok("DeleteTargetGroup", &delete);
    assert_eq!(lab.bench.code("DescribeTargetGroups", &[("Names.member.1", "my-asg-ec2-tg")]), "TargetGroupNotFound");
}

#[test]
fn deletion_protection_protects() {
    let mut lab = lab();
    let arn = lab.balancer.clone();
    let set = |value: &'static str| {
        [("Attributes.member.1.Key", "deletion_protection.enabled"), ("Attributes.member.1.Value", value)]
    };
    let modify = |lab: &mut Lab, value| {
        let arn = lab.balancer.clone();
        let mut pairs = vec![("LoadBalancerArn", arn.as_str())];
        pairs.extend(set(value));
        lab.bench.ok("ModifyLoadBalancerAttributes", &pairs)
    };
    assert!(modify(&mut lab, "true").contains("<Key>deletion_protection.enabled</Key><Value>true</Value>"));
    assert_eq!(lab.bench.code("DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]), "OperationNotPermitted");
    modify(&mut lab, "false");
    let shown = lab.bench.ok("DescribeLoadBalancerAttributes", &[("LoadBalancerArn", &arn)]);
    assert!(shown.contains("<Key>idle_timeout.timeout_seconds</Key><Value>60</Value>"));
    lab.bench.ok("DeleteLoadBalancer", &[("LoadBalancerArn", &arn)]);
}

#[test]
fn rules_go_by_priority_and_can_change_places() {
    let mut lab = lab();
    let listener = lab.listener.clone();
    let mut rule = |priority: &str, path: &str| {
        let pairs = [
            ("ListenerArn", listener.as_str()),
            ("Priority", priority),
            ("Conditions.member.1.Field", "path-pattern"),
            ("Conditions.member.1.PathPatternConfig.Values.member.1", path),
            ("Actions.member.1.Type", "fixed-response"),
            ("Actions.member.1.FixedResponseConfig.StatusCode", "404"),
        ];
        lab.bench.call("CreateRule", &pairs).map(|answer| pick(&answer, "RuleArn"))
    };
    let one = rule("10", "/a/*").unwrap();
    let two = rule("20", "/b/*").unwrap();
    assert_eq!(rule("20", "/c/*").unwrap_err().code, "PriorityInUse");
    let swap = [
        ("RulePriorities.member.1.RuleArn", one.as_str()),
        ("RulePriorities.member.1.Priority", "20"),
        ("RulePriorities.member.2.RuleArn", two.as_str()),
        ("RulePriorities.member.2.Priority", "10"),
    ];
    lab.bench.ok("SetRulePriorities", &swap);
    let shown = lab.bench.ok("DescribeRules", &[("ListenerArn", &listener)]);
    assert_eq!(all(&shown, "Priority"), ["10", "20", "default"]);
    assert_eq!(all(&shown, "RuleArn")[..2], [two.clone(), one.clone()]);
    let default = all(&shown, "RuleArn")[2].clone();
    assert_eq!(lab.bench.code("DeleteRule", &[("RuleArn", &default)]), "OperationNotPermitted");
    let host = [
        ("RuleArn", one.as_str()),
        ("Conditions.member.1.Field", "host-header"),
        ("Conditions.member.1.Values.member.1", "*.lab.example"),
    ];
    let changed = lab.bench.ok("ModifyRule", &host);
    assert!(changed.contains("<Field>host-header</Field><Values><member>*.lab.example</member></Values>"));
    assert!(changed.contains("fixed-response"), "what was not named stays");
    lab.bench.ok("DeleteRule", &[("RuleArn", &one)]);
    assert_eq!(lab.bench.code("DescribeRules", &[("RuleArns.member.1", &one)]), "RuleNotFound");
}

#[test]
fn tags_of_all_kinds() {
    let mut lab = lab();
    for arn in [lab.balancer.clone(), lab.targets.clone(), lab.listener.clone()] {
        let add =
            [("ResourceArns.member.1", arn.as_str()), ("Tags.member.1.Key", "Name"), ("Tags.member.1.Value", "x")];
        lab.bench.ok("AddTags", &add);
        let shown = lab.bench.ok("DescribeTags", &[("ResourceArns.member.1", &arn)]);
        assert!(shown.contains("<Key>Name</Key><Value>x</Value>"));
        lab.bench.ok("RemoveTags", &[("ResourceArns.member.1", &arn), ("TagKeys.member.1", "Name")]);
        assert!(!lab.bench.ok("DescribeTags", &[("ResourceArns.member.1", &arn)]).contains("<Key>"));
    }
}

#[test]
fn pages_hold_together() {
    let mut bench = Bench::new();
    let vpc = bench.region().vpcs.keys().next().unwrap().clone();
    for n in 0..5 {
        let name = format!("tg-{n}");
        bench.ok("CreateTargetGroup", &[("Name", &name), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", &vpc)]);
    }
    let mut names = Vec::new();
    let mut marker = String::new();
    loop {
        let mut pairs = vec![("PageSize", "2")];
        if !marker.is_empty() {
            pairs.push(("Marker", &marker));
        }
        let shown = bench.ok("DescribeTargetGroups", &pairs);
        names.extend(all(&shown, "TargetGroupName"));
        match all(&shown, "NextMarker").pop() {
            Some(next) => marker = next,
            None => break,
        }
    }
    assert_eq!(names, ["tg-0", "tg-1", "tg-2", "tg-3", "tg-4"]);
}

#[test]
fn what_has_no_resources_is_described_too() {
    let mut bench = Bench::new();
    assert!(bench.ok("DescribeAccountLimits", &[]).contains("<Name>target-groups</Name><Max>3000</Max>"));
    let shown = bench.ok("DescribeSSLPolicies", &[("Names.member.1", "ELBSecurityPolicy-TLS13-1-2-2021-06")]);
    assert_eq!(all(&shown, "Name")[0], "TLS_AES_128_GCM_SHA256");
    assert_eq!(bench.code("DescribeSSLPolicies", &[("Names.member.1", "x")]), "SSLPolicyNotFound");
}
