//! What is refused, and with which code.

use super::*;

/// The base request with parts replaced or added; an empty value removes a part.
fn with<'p>(base: Pairs<'p>, more: Pairs<'p>) -> Vec<(&'p str, &'p str)> {
    let mut pairs: Vec<_> =
        base.iter().copied().filter(|(name, _)| !more.iter().any(|(other, _)| other == name)).collect();
    pairs.extend(more.iter().copied().filter(|(_, value)| !value.is_empty()));
    pairs
}

#[test]
fn load_balancers() {
    let mut lab = lab();
    let [a, c] = lab.public.clone();
    let vpc = lab.vpc.clone();
    let subnet = |lab: &mut Lab, cidr: &str, zone: &str| {
        let pairs = [("VpcId", vpc.as_str()), ("CidrBlock", cidr), ("AvailabilityZone", zone)];
        lab.bench.make("CreateSubnet", &pairs, "subnetId")
    };
    let small = subnet(&mut lab, "10.1.2.0/28", "ap-northeast-2b");
    let same_zone = subnet(&mut lab, "10.1.3.0/24", "ap-northeast-2a");
    let base = [("Name", "another"), ("Subnets.member.1", a.as_str()), ("Subnets.member.2", c.as_str())];
    let other = lab.bench.make("CreateVpc", &[("CidrBlock", "10.9.0.0/16")], "vpcId");
    let strange = lab.bench.group(&other, "strange");
    let no_gateway = [("VpcId", other.as_str()), ("CidrBlock", "10.9.1.0/24"), ("AvailabilityZone", "ap-northeast-2a")];
    let dark_a = lab.bench.make("CreateSubnet", &no_gateway, "subnetId");
    let no_gateway = [("VpcId", other.as_str()), ("CidrBlock", "10.9.2.0/24"), ("AvailabilityZone", "ap-northeast-2c")];
    let dark_c = lab.bench.make("CreateSubnet", &no_gateway, "subnetId");
    let one = ("Subnets.member.1", "");
    type Case<'c> = (&'c str, Vec<(&'c str, &'c str)>);
    let cases: Vec<Case<'_>> = vec![
        ("InvalidConfigurationRequest", vec![one]),
        ("ValidationError", vec![one, ("Subnets.member.2", "")]),
        ("InvalidConfigurationRequest", vec![("Subnets.member.2", &same_zone)]),
        ("InvalidConfigurationRequest", vec![("Subnets.member.2", &dark_c)]),
        ("InvalidSubnet", vec![("Subnets.member.2", &small)]),
        ("InvalidSubnet", vec![("Subnets.member.1", &dark_a), ("Subnets.member.2", &dark_c)]),
        ("SubnetNotFound", vec![("Subnets.member.2", "subnet-0123456789abcdef0")]),
        ("InvalidSecurityGroup", vec![("SecurityGroups.member.1", "sg-0123456789abcdef0")]),
        ("InvalidSecurityGroup", vec![("SecurityGroups.member.1", &strange)]),
        ("InvalidScheme", vec![("Scheme", "public")]),
        ("ValidationError", vec![("Name", "internal-x")]),
        ("ValidationError", vec![("Name", "-x")]),
        ("ValidationError", vec![("Name", "under_score")]),
        ("ValidationError", vec![("Name", "a-name-that-is-longer-than-32-chars")]),
        ("DuplicateLoadBalancerName", vec![("Name", "my-asg-alb"), ("Scheme", "internal")]),
        ("NotSimulated", vec![("Type", "network")]),
        ("NotSimulated", vec![("IpAddressType", "dualstack")]),
        ("DuplicateTagKeys", vec![("Tags.member.1.Key", "k"), ("Tags.member.2.Key", "k")]),
    ];
    for (code, more) in cases {
        assert_eq!(lab.bench.code("CreateLoadBalancer", &with(&base, &more)), code, "{more:?}");
    }
    let dark = [("Subnets.member.1", dark_a.as_str()), ("Subnets.member.2", &dark_c), ("Scheme", "internal")];
    let made = lab.bench.ok("CreateLoadBalancer", &with(&base, &dark));
    assert!(pick(&made, "DNSName").starts_with("internal-another-"));
    let mut options = lab.bench.world.options().clone();
    options.limits.load_balancers = 2;
    lab.bench.world.set_options(options);
    assert_eq!(lab.bench.code("CreateLoadBalancer", &with(&base, &[("Name", "third")])), "TooManyLoadBalancers");
}

#[test]
fn target_groups() {
    let mut lab = lab();
    let vpc = lab.vpc.clone();
    let base = [("Name", "tg"), ("Protocol", "HTTP"), ("Port", "80"), ("VpcId", vpc.as_str())];
    type Case<'c> = (&'c str, Vec<(&'c str, &'c str)>);
    let cases: Vec<Case<'_>> = vec![
        ("ValidationError", vec![("Name", "")]),
        ("ValidationError", vec![("Port", "")]),
        ("ValidationError", vec![("Port", "70000")]),
        ("ValidationError", vec![("Protocol", "")]),
        ("ValidationError", vec![("Protocol", "SPDY")]),
        ("ValidationError", vec![("VpcId", "vpc-0123456789abcdef0")]),
        ("ValidationError", vec![("HealthCheckTimeoutSeconds", "30")]),
        ("ValidationError", vec![("HealthCheckIntervalSeconds", "4")]),
        ("ValidationError", vec![("HealthyThresholdCount", "1")]),
        ("ValidationError", vec![("HealthCheckPath", "index.html")]),
        ("ValidationError", vec![("HealthCheckPort", "0")]),
        ("ValidationError", vec![("Matcher.HttpCode", "200-199")]),
        ("ValidationError", vec![("Matcher.HttpCode", "500")]),
        ("DuplicateTargetGroupName", vec![("Name", "my-asg-ec2-tg")]),
        ("NotSimulated", vec![("TargetType", "lambda")]),
        ("NotSimulated", vec![("Protocol", "HTTPS")]),
    ];
    for (code, more) in cases {
        assert_eq!(lab.bench.code("CreateTargetGroup", &with(&base, &more)), code, "{more:?}");
    }
    let arn = lab.targets.clone();
    let modify = |key: &'static str, value: &'static str| {
        [("Attributes.member.1.Key", key), ("Attributes.member.1.Value", value)]
    };
    for (code, key, value) in [
        ("ValidationError", "deregistration_delay.timeout_seconds", "3601"),
        ("ValidationError", "stickiness.enabled", "yes"),
        ("InvalidConfigurationRequest", "nothing", "1"),
        ("NotSimulated", "slow_start.duration_seconds", "30"),
    ] {
        let mut pairs = vec![("TargetGroupArn", arn.as_str())];
        pairs.extend(modify(key, value));
        assert_eq!(lab.bench.code("ModifyTargetGroupAttributes", &pairs), code, "{key}");
    }
}

#[test]
fn targets() {
    let mut lab = lab();
    let arn = lab.targets.clone();
    let register = |lab: &mut Lab, id: &str| {
        let arn = lab.targets.clone();
        lab.bench.code("RegisterTargets", &[("TargetGroupArn", &arn), ("Targets.member.1.Id", id)])
    };
    assert_eq!(register(&mut lab, "i-0123456789abcdef0"), "InvalidTarget");
    assert_eq!(register(&mut lab, "10.1.1.4"), "ValidationError");
    let subnet = lab.bench.region().subnets.values().find(|subnet| subnet.default_for_zone).unwrap().id.clone();
    let default = lab.bench.region().subnets[&subnet].vpc.clone();
    let group = lab.bench.group(&default, "elsewhere");
    let strange = lab.bench.instance(&subnet, &group);
    lab.bench.wait(60);
    assert_eq!(register(&mut lab, &strange), "InvalidTarget");
    let server = lab.servers[0].clone();
    lab.bench.ok("StopInstances", &[("InstanceId.1", &server)]);
    assert_eq!(register(&mut lab, &server), "InvalidTarget");
    assert_eq!(lab.bench.code("RegisterTargets", &[("TargetGroupArn", &arn)]), "ValidationError");
    // What is not registered is deregistered already.
    lab.target("DeregisterTargets", 1);
    let nobody = [("TargetGroupArn", arn.as_str()), ("Targets.member.1.Id", "i-0123456789abcdef0")];
    assert_eq!(lab.bench.code("DescribeTargetHealth", &nobody), "InvalidTarget");
}

#[test]
fn listeners_and_their_actions() {
    let mut lab = lab();
    let (balancer, targets, listener) = (lab.balancer.clone(), lab.targets.clone(), lab.listener.clone());
    let base = [
        ("LoadBalancerArn", balancer.as_str()),
        ("Protocol", "HTTP"),
        ("Port", "8080"),
        ("DefaultActions.member.1.Type", "forward"),
        ("DefaultActions.member.1.TargetGroupArn", targets.as_str()),
    ];
    let kind = "DefaultActions.member.1.Type";
    let group = "DefaultActions.member.1.TargetGroupArn";
    let certificate = "arn:aws:acm:ap-northeast-2:100000000001:certificate/00000000-0000-0000-0000-000000000000";
    let no_balancer = balancer.replace("my-asg-alb", "nobody");
    let no_group = targets.replace("my-asg", "nobody");
    type Case<'c> = (&'c str, Vec<(&'c str, &'c str)>);
    let cases: Vec<Case<'_>> = vec![
        ("LoadBalancerNotFound", vec![("LoadBalancerArn", &no_balancer)]),
        ("ValidationError", vec![("LoadBalancerArn", "nonsense")]),
        ("TargetGroupNotFound", vec![(group, &no_group)]),
        (
            "DuplicateListener",
            vec![
                ("Port", "80"),
                (kind, "fixed-response"),
                (group, ""),
                ("DefaultActions.member.1.FixedResponseConfig.StatusCode", "404"),
            ],
        ),
        ("ValidationError", vec![("Protocol", "TCP")]),
        ("ValidationError", vec![("Port", "")]),
        ("ValidationError", vec![(kind, "drop"), (group, "")]),
        ("ValidationError", vec![("Protocol", "HTTPS")]),
        ("CertificateNotFound", vec![("Protocol", "HTTPS"), ("Certificates.member.1.CertificateArn", certificate)]),
        ("NotSimulated", vec![(kind, "authenticate-oidc"), (group, "")]),
        (
            "InvalidLoadBalancerAction",
            vec![(kind, "redirect"), (group, ""), ("DefaultActions.member.1.RedirectConfig.StatusCode", "HTTP_301")],
        ),
    ];
    for (code, more) in cases {
        assert_eq!(lab.bench.code("CreateListener", &with(&base, &more)), code, "{more:?}");
    }
    // A target group serves one load balancer.
    let [a, c] = lab.public.clone();
    let second = [("Name", "second"), ("Subnets.member.1", a.as_str()), ("Subnets.member.2", c.as_str())];
    let second = lab.bench.make("CreateLoadBalancer", &second, "LoadBalancerArn");
    let limit = lab.bench.code("CreateListener", &with(&base, &[("LoadBalancerArn", &second)]));
    assert_eq!(limit, "TargetGroupAssociationLimit");
    assert_eq!(lab.bench.code("ModifyListener", &[("ListenerArn", &listener), ("Port", "0")]), "ValidationError");
    let described = lab.bench.code("DescribeListeners", &[]);
    assert_eq!(described, "ValidationError");
    let mut options = lab.bench.world.options().clone();
    options.limits.listeners_per_balancer = 1;
    lab.bench.world.set_options(options);
    assert_eq!(lab.bench.code("CreateListener", &base), "TooManyListeners");
}
