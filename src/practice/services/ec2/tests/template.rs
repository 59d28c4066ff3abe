//! Launch templates and what is launched from them.

use std::collections::BTreeMap;

use super::*;
use crate::practice::services::ec2::{TemplateLaunch, check_template_launch, launch_from_template};

fn tag(xml: &str, key: &str) -> Option<String> {
    xml.split(&format!("<key>{key}</key><value>")).nth(1)?.split_once("</value>").map(|(text, _)| text.to_owned())
}

/// A template for t3.micro with two tags, and its id.
fn template(bench: &mut Bench, more: &[(&str, &str)]) -> String {
    let image = bench.image();
    let mut pairs = vec![
        ("LaunchTemplateName", "my-asg-lt"),
        ("LaunchTemplateData.ImageId", image.as_str()),
        ("LaunchTemplateData.InstanceType", "t3.micro"),
        ("LaunchTemplateData.Monitoring.Enabled", "true"),
        ("LaunchTemplateData.TagSpecification.1.ResourceType", "instance"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Key", "Name"),
        ("LaunchTemplateData.TagSpecification.1.Tag.1.Value", "from-template"),
    ];
    pairs.extend_from_slice(more);
    pick(&bench.ok("CreateLaunchTemplate", &pairs), "launchTemplateId")
}

#[test]
fn versions_are_numbered_once_and_never_change() {
    let mut bench = Bench::new();
    let id = template(&mut bench, &[("TagSpecification.1.ResourceType", "launch-template")]);
    assert_eq!(
        bench.code(
            "CreateLaunchTemplate",
            &[("LaunchTemplateName", "my-asg-lt"), ("LaunchTemplateData.KeyName", "nobody")]
        ),
        "InvalidLaunchTemplateName.AlreadyExistsException"
    );
    let made = bench.ok(
        "CreateLaunchTemplateVersion",
        &[("LaunchTemplateId", &id), ("SourceVersion", "1"), ("LaunchTemplateData.InstanceType", "t3.small")],
    );
    assert_eq!((pick(&made, "versionNumber"), pick(&made, "instanceType")), ("2".into(), "t3.small".into()));
    assert_eq!(pick(&made, "imageId"), bench.image(), "the source's other parameters stay");
    let shown = bench.ok("DescribeLaunchTemplates", &[("LaunchTemplateName.1", "my-asg-lt")]);
    assert_eq!((pick(&shown, "defaultVersionNumber"), pick(&shown, "latestVersionNumber")), ("1".into(), "2".into()));
    let all_versions = bench.ok("DescribeLaunchTemplateVersions", &[("LaunchTemplateId", &id)]);
    assert_eq!(all(&all_versions, "versionNumber"), ["2", "1"]);
    assert_eq!(all(&all_versions, "instanceType"), ["t3.small", "t3.micro"]);
    for (version, number) in [("$Latest", "2"), ("$Default", "1"), ("2", "2")] {
        let shown = bench.ok(
            "DescribeLaunchTemplateVersions",
            &[("LaunchTemplateName", "my-asg-lt"), ("LaunchTemplateVersion.1", version)],
        );
        assert_eq!(all(&shown, "versionNumber"), [number]);
    }
    // The default one stays, the other's number is not given again.
    let gone = bench.ok(
        "DeleteLaunchTemplateVersions",
        &[
            ("LaunchTemplateId", &id),
            ("LaunchTemplateVersion.1", "1"),
            ("LaunchTemplateVersion.2", "2"),
            ("LaunchTemplateVersion.3", "7"),
        ],
    );
    let (good, bad) = gone.split_once("unsuccessfullyDeleted").unwrap();
    assert_eq!(all(good, "versionNumber"), ["2"]);
    assert_eq!(all(bad, "code"), ["unexpectedError", "launchTemplateVersionDoesNotExist"]);
    let again =
        bench.ok("CreateLaunchTemplateVersion", &[("LaunchTemplateId", &id), ("LaunchTemplateData.KeyName", "x")]);
    assert_eq!(pick(&again, "versionNumber"), "3");
    let modified = bench.ok("ModifyLaunchTemplate", &[("LaunchTemplateId", &id), ("SetDefaultVersion", "3")]);
    assert_eq!(pick(&modified, "defaultVersionNumber"), "3");
    assert_eq!(
        bench.code("ModifyLaunchTemplate", &[("LaunchTemplateId", &id), ("SetDefaultVersion", "2")]),
        "InvalidLaunchTemplateId.VersionNotFound"
    );
    bench.ok("DeleteLaunchTemplate", &[("LaunchTemplateName", "my-asg-lt")]);
    let error = bench.error("DescribeLaunchTemplateVersions", &[("LaunchTemplateId", &id)]);
    assert_eq!(error.code, "InvalidLaunchTemplateId.NotFound");
    let error = bench.error("DescribeLaunchTemplates", &[("LaunchTemplateName.1", "my-asg-lt")]);
    assert_eq!(error.code, "InvalidLaunchTemplateName.NotFoundException");
}

#[test]
fn what_a_template_cannot_hold_is_refused_when_it_is_made() {
    let mut bench = Bench::new();
    let params = Params::from_pairs([
        ("LaunchTemplateName", "my-asg-lt"),
        ("LaunchTemplateData.KernelId", "aki-1"),
        ("LaunchTemplateData.KeyName", "x"),
    ]);
    let request = Request {
        operation: "CreateLaunchTemplate",
        region: SEOUL,
        params: &params,
        path: "/",
        body: "",
        json: &serde_json::Value::Null,
        request_id: String::new(),
    };
    handle(&mut bench.world, &request).unwrap();
    assert_eq!(params.unread(), ["LaunchTemplateData.KernelId"]);
    assert_eq!(
        bench.code("CreateLaunchTemplate", &[("LaunchTemplateName", "a b"), ("LaunchTemplateData.KeyName", "x")]),
        "InvalidLaunchTemplateName.MalformedException"
    );
    assert_eq!(bench.code("CreateLaunchTemplate", &[("LaunchTemplateName", "empty")]), "MissingParameter");
}

#[test]
fn an_instance_is_launched_from_a_template_and_the_request_wins() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.11.0/24");
    let id = template(&mut bench, &[("LaunchTemplateData.MetadataOptions.InstanceMetadataTags", "enabled")]);
    let run = |version: &'static str| {
        vec![
            ("LaunchTemplate.LaunchTemplateId", id.clone()),
            ("LaunchTemplate.Version", version.to_owned()),
            ("MinCount", "1".to_owned()),
            ("MaxCount", "1".to_owned()),
            ("SubnetId", subnet.clone()),
            ("InstanceType", "t3.small".to_owned()),
            ("TagSpecification.1.ResourceType", "instance".to_owned()),
            ("TagSpecification.1.Tag.1.Key", "lab".to_owned()),
            ("TagSpecification.1.Tag.1.Value", "x".to_owned()),
        ]
    };
    let pairs = run("1");
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let made = bench.ok("RunInstances", &pairs);
    assert_eq!(
        (pick(&made, "instanceType"), pick(&made, "instanceMetadataTags")),
        ("t3.small".into(), "enabled".into())
    );
    assert!(made.contains("<monitoring><state>enabled</state></monitoring>"), "{made}");
    assert_eq!(tag(&made, "Name").as_deref(), Some("from-template"));
    assert_eq!(tag(&made, "lab").as_deref(), Some("x"));
    assert_eq!(tag(&made, "aws:ec2launchtemplate:version").as_deref(), Some("1"));
    let pairs = run("4");
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    assert_eq!(bench.code("RunInstances", &pairs), "InvalidLaunchTemplateId.VersionNotFound");
    let instance = pick(&made, "instanceId");
    let data = bench.ok("GetLaunchTemplateData", &[("InstanceId", &instance)]);
    assert_eq!((pick(&data, "instanceType"), pick(&data, "subnetId")), ("t3.small".into(), subnet));
}

#[test]
fn another_service_launches_with_ec2s_own_errors() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let (subnet, other) = (bench.subnet(&vpc, "10.1.11.0/24"), bench.subnet(&vpc, "10.1.12.0/24"));
    let group = pick(
        &bench.ok("CreateSecurityGroup", &[("GroupName", "g"), ("GroupDescription", "x"), ("VpcId", &vpc)]),
        "groupId",
    );
    let id = template(
        &mut bench,
        &[
            ("LaunchTemplateData.NetworkInterface.1.DeviceIndex", "0"),
            ("LaunchTemplateData.NetworkInterface.1.SubnetId", &other),
            ("LaunchTemplateData.NetworkInterface.1.SecurityGroupId.1", &group),
        ],
    );
    let tags = BTreeMap::from([
        ("Name".to_owned(), "node".to_owned()),
        ("aws:autoscaling:groupName".to_owned(), "my-asg-ec2".to_owned()),
    ]);
    let launch =
        TemplateLaunch { template: &id, version: "$Latest", subnet: &subnet, tags: &tags, client_token: "t-1" };
    let (region, global) = bench.world.parts(SEOUL);
    let before = region.clone();
    check_template_launch(region, global, &launch).unwrap();
    assert_eq!(*region, before, "looking changes nothing");
    let instance = launch_from_template(region, global, &launch).unwrap();
    assert_eq!(launch_from_template(region, global, &launch).unwrap(), instance, "the token launches once");
    let made = region.instances.get(&instance).unwrap();
    assert_eq!(made.subnet, subnet, "the group's subnet takes the template's place");
    let interface = region.interfaces.get(&made.interfaces[0]).unwrap();
    assert_eq!(interface.groups, [group.as_str()]);
    let given = region.tags.get(&instance).unwrap();
    assert_eq!(given.get("Name").map(String::as_str), Some("node"));
    assert_eq!(given.get("aws:autoscaling:groupName").map(String::as_str), Some("my-asg-ec2"));
    assert_eq!(given.get("aws:ec2launchtemplate:id"), Some(&id));
    // A deleted security group, a used-up quota, an unknown version: EC2's sentences, and nothing changes.
    let mut options = bench.world.options().clone();
    options.limits.vcpus = 2;
    bench.world.set_options(options);
    let (region, global) = bench.world.parts(SEOUL);
    let before = region.clone();
    let second = TemplateLaunch { client_token: "t-2", ..launch };
    let error = launch_from_template(region, global, &second).unwrap_err();
    assert_eq!(error.code, "VcpuLimitExceeded");
    let error = launch_from_template(region, global, &TemplateLaunch { version: "9", ..second }).unwrap_err();
    assert_eq!(error.code, "InvalidLaunchTemplateId.VersionNotFound");
    region.security_groups.remove(&group);
    let error = check_template_launch(region, global, &second).unwrap_err();
    assert_eq!(error.message, format!("The security group '{group}' does not exist"));
    let mut after = region.clone();
    after.security_groups.clone_from(&before.security_groups);
    assert_eq!(after, before);
}
