//! What requests are refused for, pages, tags, policies and lists.

use super::*;

#[test]
fn wrong_groups_are_refused_in_aws_words() {
    let mut bench = Bench::new();
    bench.template(&[]);
    let subnet = bench.subnet("a");
    let base = |more: &[(&'static str, &'static str)]| {
        let mut pairs = vec![("AutoScalingGroupName", GROUP), ("LaunchTemplate.LaunchTemplateName", "my-asg-lt")];
        pairs.extend_from_slice(more);
        pairs
    };
    let mut message = |more: &[(&'static str, &'static str)]| {
        let pairs = base(more);
        let mut pairs: Vec<(&str, &str)> = pairs;
        if !pairs.iter().any(|(name, _)| *name == "VPCZoneIdentifier") {
            pairs.push(("VPCZoneIdentifier", &subnet));
        }
        let (code, message) = bench.fails("CreateAutoScalingGroup", &pairs);
        assert_eq!(code, "ValidationError", "{message}");
        message
    };
    assert_eq!(
        message(&[("MinSize", "2"), ("MaxSize", "1")]),
        "Max bound, 1, must be greater than or equal to min bound, 2"
    );
    assert_eq!(
        message(&[("MinSize", "1"), ("MaxSize", "1"), ("DesiredCapacity", "2")]),
        "Desired capacity:2 must be between the specified min size:1 and max size:1"
    );
    assert_eq!(
        message(&[("MinSize", "1"), ("MaxSize", "1"), ("VPCZoneIdentifier", "subnet-none")]),
        "The subnet ID 'subnet-none' does not exist"
    );
    assert_eq!(
        message(&[("MinSize", "1"), ("MaxSize", "1"), ("VPCZoneIdentifier", "")]),
        "At least one Availability Zone or VPC Subnet is required."
    );
    assert!(
        message(&[("MinSize", "1"), ("MaxSize", "1"), ("LaunchTemplate.Version", "9")])
            .starts_with("You must use a valid fully-formed launch template. ")
    );
    assert!(message(&[("MinSize", "1"), ("MaxSize", "1"), ("HealthCheckType", "PING")]).contains("PING"));
}

#[test]
fn a_template_that_cannot_start_anything_is_refused_but_a_quota_is_not() {
    let mut bench = Bench::new();
    bench.template(&[("LaunchTemplateData.KeyName", "no-such-key")]);
    let subnet = bench.subnet("a");
    let pairs = [
        ("AutoScalingGroupName", GROUP),
        ("LaunchTemplate.LaunchTemplateName", "my-asg-lt"),
        ("MinSize", "1"),
        ("MaxSize", "1"),
        ("VPCZoneIdentifier", subnet.as_str()),
    ];
    let (_, message) = bench.fails("CreateAutoScalingGroup", &pairs);
    assert_eq!(message, "You must use a valid fully-formed launch template. The key pair 'no-such-key' does not exist");
    let mut bench = Bench::new();
    bench.template(&[]);
    let mut options = bench.world.options().clone();
    options.limits.vcpus = 1;
    bench.world.set_options(options);
    bench.create("1", &[]);
}

#[test]
fn names_sizes_and_protection() {
    let mut bench = Bench::grown("3");
    let (code, message) = bench.fails("CreateAutoScalingGroup", &[("AutoScalingGroupName", GROUP)]);
    assert_eq!(code, "AlreadyExists");
    assert_eq!(
        message,
        format!("AutoScalingGroup by this name already exists - A group with the name {GROUP} already exists")
    );
    let named = |more: (&'static str, &'static str)| [("AutoScalingGroupName", GROUP), more];
    let (_, message) = bench.fails("SetDesiredCapacity", &named(("DesiredCapacity", "9")));
    assert_eq!(message, "New SetDesiredCapacity value 9 is above max value 3 for the AutoScalingGroup.");
    let (_, message) = bench.fails("SetDesiredCapacity", &named(("DesiredCapacity", "0")));
    assert_eq!(message, "New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup.");
    let (_, message) = bench.fails("UpdateAutoScalingGroup", &[("AutoScalingGroupName", "none")]);
    assert_eq!(message, "AutoScalingGroup name not found - AutoScalingGroup 'none' not found");
    assert_eq!(bench.fails("CreateAutoScalingGroup", &[("AutoScalingGroupName", "a:b")]).0, "ValidationError");
    bench.on("UpdateAutoScalingGroup", &[("DeletionProtection", "prevent-force-deletion")]);
    let forced = [("AutoScalingGroupName", GROUP), ("ForceDelete", "true")];
    assert_eq!(bench.fails("DeleteAutoScalingGroup", &forced).0, "ResourceInUse");
    bench.on("UpdateAutoScalingGroup", &[("DeletionProtection", "none")]);
    bench.ok("DeleteAutoScalingGroup", &forced);
    bench.ok("DeleteAutoScalingGroup", &forced);
    assert_eq!(bench.fails("SetDesiredCapacity", &named(("DesiredCapacity", "1"))).0, "ScalingActivityInProgress");
}

#[test]
fn bounds_move_what_is_wanted() {
    let mut bench = Bench::grown("3");
    bench.on("UpdateAutoScalingGroup", &[("MinSize", "2")]);
    assert_eq!(bench.group().desired, 2);
    bench.until(200, |bench| bench.serving().len() == 2);
    let cause = &bench.activities()[0].cause;
    assert!(cause.contains("a user request update of AutoScalingGroup constraints to min: 2, max: 3, desired: 2 changing the desired capacity from 1 to 2."), "{cause}");
    bench.on("UpdateAutoScalingGroup", &[("MinSize", "0"), ("MaxSize", "1")]);
    assert_eq!(bench.group().desired, 1);
}

#[test]
fn policies_own_their_alarms() {
    let mut bench = Bench::grown("3");
    let made = bench.track();
    let again = bench.track();
    assert_eq!(made, again, "the same policy again keeps ARN and alarms");
    let alarms: Vec<(String, f64, usize)> = bench
        .region()
        .watch
        .alarms
        .values()
        .map(|alarm| (alarm.spec.name.clone(), alarm.spec.rule.threshold, alarm.spec.rule.periods))
        .collect();
    assert_eq!(alarms.len(), 2);
    let prefix = format!("TargetTracking-{GROUP}-AlarmHigh-");
    assert!(alarms[0].0.starts_with(&prefix) && alarms[0].0.len() == prefix.len() + 36, "{alarms:?}");
    assert!((alarms[0].1 - 70.0).abs() < 1e-9 && alarms[0].2 == 3);
    assert!((alarms[1].1 - 49.0).abs() < 1e-9 && alarms[1].2 == 15);
    let shown = bench.on("DescribePolicies", &[]);
    assert_eq!(leaf(&shown, "TargetValue"), "70.0");
    assert_eq!(leaf(&shown, "PolicyType"), "TargetTrackingScaling");
    assert_eq!(shown.matches("<AlarmName>").count(), 2);
    let (code, _) = bench.fails("ExecutePolicy", &[("AutoScalingGroupName", GROUP), ("PolicyName", POLICY)]);
    assert_eq!(code, "ValidationError");
    bench.on("DeletePolicy", &[("PolicyName", POLICY)]);
    assert!(bench.region().watch.alarms.is_empty());
    let (_, message) = bench.fails("PutScalingPolicy", &[("AutoScalingGroupName", "none"), ("PolicyName", "p")]);
    assert_eq!(message, "Group none not found");
}

#[test]
fn tags_pages_and_lists() {
    let mut bench = Bench::grown("3");
    bench.on("SetDesiredCapacity", &[("DesiredCapacity", "3")]);
    bench.seconds(200);
    let first = bench.ok("DescribeAutoScalingInstances", &[("MaxRecords", "2")]);
    assert_eq!(first.matches("<InstanceId>").count(), 2);
    let token = leaf(&first, "NextToken").to_owned();
    let second = bench.ok("DescribeAutoScalingInstances", &[("MaxRecords", "2"), ("NextToken", &token)]);
    assert_eq!(second.matches("<InstanceId>").count(), 1);
    assert!(!second.contains("NextToken"));
    assert_eq!(bench.fails("DescribeAutoScalingInstances", &[("NextToken", "zz")]).0, "InvalidNextToken");
    bench.ok(
        "CreateOrUpdateTags",
        &[
            ("Tags.member.1.ResourceId", GROUP),
            ("Tags.member.1.ResourceType", "auto-scaling-group"),
            ("Tags.member.1.Key", "Project"),
            ("Tags.member.1.Value", "aws-lab"),
            ("Tags.member.1.PropagateAtLaunch", "true"),
        ],
    );
    let found = bench.ok(
        "DescribeTags",
        &[("Filters.member.1.Name", "propagate-at-launch"), ("Filters.member.1.Values.member.1", "true")],
    );
    assert_eq!(found.matches("<Key>").count(), 2);
    bench.ok("DeleteTags", &[("Tags.member.1.ResourceId", GROUP), ("Tags.member.1.Key", "Project")]);
    assert!(!bench.group().tags.contains_key("Project"));
    bench.on("EnableMetricsCollection", &[("Granularity", "1Minute")]);
    let shown = bench.ok("DescribeAutoScalingGroups", &[]);
    assert!(shown.contains("<Metric>GroupInServiceInstances</Metric>"));
    bench.on("DisableMetricsCollection", &[]);
    assert!(!bench.ok("DescribeAutoScalingGroups", &[]).contains("<Metric>"));
    for (operation, word) in [
        ("DescribeAccountLimits", "MaxNumberOfAutoScalingGroups"),
        ("DescribeAdjustmentTypes", "ExactCapacity"),
        ("DescribeLifecycleHookTypes", "autoscaling:EC2_INSTANCE_TERMINATING"),
        ("DescribeMetricCollectionTypes", "1Minute"),
        ("DescribeScalingProcessTypes", "AZRebalance"),
        ("DescribeTerminationPolicyTypes", "OldestInstance"),
    ] {
        assert!(bench.ok(operation, &[]).contains(word), "{operation}");
    }
    assert_eq!(bench.fails("StartInstanceRefresh", &[("AutoScalingGroupName", GROUP)]).0, "NotSimulated");
}
