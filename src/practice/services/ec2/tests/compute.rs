//! Instances, images, volumes and what AWS offers.

use super::*;

fn state(bench: &mut Bench, id: &str) -> String {
    let shown = bench.ok("DescribeInstances", &[("InstanceId.1", id)]);
    pick(shown.split_once("<instanceState>").expect("a state").1, "name")
}

fn checks(bench: &mut Bench, id: &str) -> Vec<String> {
    all(&bench.ok("DescribeInstanceStatus", &[("InstanceId.1", id)]), "status")
}

#[test]
fn an_instance_lives() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.11.0/24");
    let id = bench.instance(
        &subnet,
        &[
            ("BlockDeviceMapping.1.DeviceName", "/dev/xvda"),
            ("BlockDeviceMapping.1.Ebs.VolumeSize", "20"),
            ("BlockDeviceMapping.1.Ebs.Encrypted", "true"),
        ],
    );
    assert_eq!(state(&mut bench, &id), "pending");
    assert_eq!(checks(&mut bench, &id).len(), 0, "only running instances have a status");
    bench.wait(30);
    assert_eq!(state(&mut bench, &id), "running");
    assert!(checks(&mut bench, &id).contains(&"initializing".to_owned()));
    bench.wait(200);
    let status = checks(&mut bench, &id);
    assert!(status.contains(&"ok".to_owned()) && !status.contains(&"initializing".to_owned()));
    let shown =
        bench.ok("DescribeInstances", &[("Filter.1.Name", "instance-state-name"), ("Filter.1.Value.1", "running")]);
    assert_eq!(pick(&shown, "privateIpAddress"), "10.1.11.4");
    assert_eq!(pick(&shown, "privateDnsName"), "ip-10-1-11-4.ap-northeast-2.compute.internal");
    assert_eq!(pick(&shown, "httpTokens"), "required");
    assert!(!shown.contains("<ipAddress>"));
    let volume = bench.ok("DescribeVolumes", &[("Filter.1.Name", "attachment.instance-id"), ("Filter.1.Value.1", &id)]);
    assert_eq!(
        (pick(&volume, "size"), pick(&volume, "volumeType"), pick(&volume, "encrypted")),
        ("20".into(), "gp3".into(), "true".into())
    );

    let answer = bench.ok("StopInstances", &[("InstanceId.1", &id)]);
    assert_eq!(all(&answer, "name"), ["stopping", "running"]);
    assert_eq!(bench.code("StartInstances", &[("InstanceId.1", &id)]), "IncorrectInstanceState");
    bench.wait(60);
    assert_eq!(state(&mut bench, &id), "stopped");
    bench.ok("ModifyInstanceAttribute", &[("InstanceId", &id), ("InstanceType.Value", "t3.small")]);
    bench.ok("StartInstances", &[("InstanceId.1", &id)]);
    bench.wait(30);
    assert_eq!(state(&mut bench, &id), "running");
    assert_eq!(
        bench.code("ModifyInstanceAttribute", &[("InstanceId", &id), ("InstanceType.Value", "t3.micro")]),
        "IncorrectInstanceState"
    );
    bench.ok("RebootInstances", &[("InstanceId.1", &id)]);
    assert!(checks(&mut bench, &id).contains(&"initializing".to_owned()));

    assert_eq!(bench.code("DeleteSubnet", &[("SubnetId", &subnet)]), "DependencyViolation");
    bench.ok("TerminateInstances", &[("InstanceId.1", &id)]);
    assert_eq!(state(&mut bench, &id), "shutting-down");
    assert_eq!(bench.code("DeleteSubnet", &[("SubnetId", &subnet)]), "DependencyViolation");
    bench.wait(60);
    assert_eq!(state(&mut bench, &id), "terminated");
    bench.ok("TerminateInstances", &[("InstanceId.1", &id)]);
    assert_eq!(all(&bench.ok("DescribeVolumes", &[]), "volumeId").len(), 0);
    assert!(!bench.ok("DescribeInstances", &[("InstanceId.1", &id)]).contains("<subnetId>"));
    bench.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
    bench.wait(2 * 3600);
    assert_eq!(bench.code("DescribeInstances", &[("InstanceId.1", &id)]), "InvalidInstanceID.NotFound");
}

#[test]
fn a_group_on_an_instance_cannot_go() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.11.0/24");
    let make = |bench: &mut Bench, name: &str, vpc: &str| {
        pick(
            &bench.ok("CreateSecurityGroup", &[("GroupName", name), ("GroupDescription", "x"), ("VpcId", vpc)]),
            "groupId",
        )
    };
    let (one, two) = (make(&mut bench, "one", &vpc), make(&mut bench, "two", &vpc));
    let id = bench.instance(&subnet, &[("SecurityGroupId.1", &one)]);
    let error = bench.error("DeleteSecurityGroup", &[("GroupId", &one)]);
    assert_eq!(
        (error.code.as_str(), error.message),
        ("DependencyViolation", format!("resource {one} has a dependent object"))
    );
    bench.ok("ModifyInstanceAttribute", &[("InstanceId", &id), ("GroupId.1", &two)]);
    bench.ok("DeleteSecurityGroup", &[("GroupId", &one)]);
    let other = bench.vpc();
    let far = make(&mut bench, "far", &other);
    let error = bench.try_instance(&subnet, &[("SecurityGroupId.1", &far)]).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message),
        ("InvalidParameter", format!("Security group {far} and subnet {subnet} belong to different networks."))
    );
}

#[test]
fn a_client_token_starts_an_instance_once() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.11.0/24");
    let token = [("ClientToken", "run-1"), ("PrivateIpAddress", "10.1.11.77")];
    let id = bench.instance(&subnet, &token);
    assert_eq!(bench.instance(&subnet, &token), id);
    let error =
        bench.try_instance(&subnet, &[("ClientToken", "run-1"), ("PrivateIpAddress", "10.1.11.78")]).unwrap_err();
    assert_eq!(error.code, "IdempotentParameterMismatch");
    bench.ok("TerminateInstances", &[("InstanceId.1", &id)]);
    assert_eq!(bench.try_instance(&subnet, &token).unwrap_err().code, "IdempotentInstanceTerminated");
}

#[test]
fn quotas_and_offers() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.11.0/28");
    let mut options = bench.world.options().clone();
    options.limits.vcpus = 5;
    options.free_plan = true;
    bench.world.set_options(options);
    bench.instance(&subnet, &[]);
    bench.instance(&subnet, &[]);
    let error = bench.try_instance(&subnet, &[]).unwrap_err();
    assert_eq!(error.code, "VcpuLimitExceeded");
    assert!(
        error.message.starts_with("You have requested more vCPU capacity than your current vCPU limit of 5 allows")
    );
    let error = bench.try_instance(&subnet, &[("InstanceType", "t2.micro")]).unwrap_err();
    assert_eq!(error.code, "InvalidParameterCombination");
    bench.world.set_options(Default::default());
    for _ in 0..9 {
        bench.instance(&subnet, &[]);
    }
    let error = bench.try_instance(&subnet, &[]).unwrap_err();
    assert_eq!(error.code, "InsufficientFreeAddressesInSubnet");
    let zone_b = pick(
        &bench.ok(
            "CreateSubnet",
            &[("VpcId", &vpc), ("CidrBlock", "10.1.12.0/24"), ("AvailabilityZone", "ap-northeast-2b")],
        ),
        "subnetId",
    );
    assert_eq!(bench.try_instance(&zone_b, &[("InstanceType", "t2.micro")]).unwrap_err().code, "Unsupported");
    assert_eq!(
        bench.try_instance(&zone_b, &[("InstanceType", "t4g.micro")]).unwrap_err().code,
        "InvalidParameterValue"
    );
}

#[test]
fn wrong_launches_are_refused() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.11.0/24");
    for (name, value, code) in [
        ("KeyName", "nobody", "InvalidKeyPair.NotFound"),
        ("ImageId", "ami-0", "InvalidAMIID.NotFound"),
        ("ImageId", "linux", "InvalidAMIID.Malformed"),
        ("SecurityGroupId.1", "sg-0", "InvalidGroup.NotFound"),
        ("SubnetId", "subnet-0", "InvalidSubnetID.NotFound"),
        ("UserData", "%%%", "InvalidParameterValue"),
        ("PrivateIpAddress", "10.1.11.2", "InvalidParameterValue"),
        ("PrivateIpAddress", "10.9.0.9", "InvalidParameterValue"),
        ("MetadataOptions.HttpTokens", "maybe", "InvalidParameterValue"),
        ("NetworkInterface.1.DeviceIndex", "0", "InvalidParameterCombination"),
    ] {
        assert_eq!(bench.try_instance(&subnet, &[(name, value)]).unwrap_err().code, code, "{name}={value}");
    }
    let small = [("BlockDeviceMapping.1.DeviceName", "/dev/xvda"), ("BlockDeviceMapping.1.Ebs.VolumeSize", "4")];
    assert_eq!(bench.try_instance(&subnet, &small).unwrap_err().code, "InvalidBlockDeviceMapping");
    bench.instance(&subnet, &[("PrivateIpAddress", "10.1.11.50")]);
    assert_eq!(
        bench.try_instance(&subnet, &[("PrivateIpAddress", "10.1.11.50")]).unwrap_err().code,
        "InvalidIPAddress.InUse"
    );
}

#[test]
fn protection_attributes_and_metadata_options() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.11.0/24");
    let id = bench.instance(&subnet, &[("DisableApiTermination", "true"), ("UserData", "IyEvYmluL3No")]);
    let error = bench.error("TerminateInstances", &[("InstanceId.1", &id)]);
    assert_eq!(error.code, "OperationNotPermitted");
    let shown = bench.ok("DescribeInstanceAttribute", &[("InstanceId", &id), ("Attribute", "userData")]);
    assert_eq!(pick(&shown, "value"), "IyEvYmluL3No");
    bench.ok("ModifyInstanceAttribute", &[("InstanceId", &id), ("SourceDestCheck.Value", "false")]);
    bench.ok(
        "ModifyInstanceAttribute",
        &[("InstanceId", &id), ("Attribute", "disableApiTermination"), ("Value", "false")],
    );
    assert_eq!(pick(&bench.ok("DescribeInstances", &[("InstanceId.1", &id)]), "sourceDestCheck"), "false");
    let answer = bench.ok("ModifyInstanceMetadataOptions", &[("InstanceId", &id), ("HttpTokens", "optional")]);
    assert_eq!(pick(&answer, "httpTokens"), "optional");
    bench.ok("TerminateInstances", &[("InstanceId.1", &id)]);
    assert_eq!(bench.code("TerminateInstances", &[("InstanceId.1", "web")]), "InvalidInstanceID.Malformed");
}

#[test]
fn the_interface_form_gives_a_public_address_and_names() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    bench.ok("ModifyVpcAttribute", &[("VpcId", &vpc), ("EnableDnsHostnames.Value", "true")]);
    let subnet = bench.subnet(&vpc, "10.1.1.0/24");
    let group = pick(
        &bench.ok("DescribeSecurityGroups", &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", &vpc)]),
        "groupId",
    );
    let image = bench.image();
    let answer = bench.ok(
        "RunInstances",
        &[
            ("ImageId", &image),
            ("InstanceType", "t3.micro"),
            ("MinCount", "2"),
            ("MaxCount", "2"),
            ("NetworkInterface.1.DeviceIndex", "0"),
            ("NetworkInterface.1.SubnetId", &subnet),
            ("NetworkInterface.1.SecurityGroupId.1", &group),
            ("NetworkInterface.1.AssociatePublicIpAddress", "true"),
            ("TagSpecification.1.ResourceType", "volume"),
            ("TagSpecification.1.Tag.1.Key", "Name"),
            ("TagSpecification.1.Tag.1.Value", "disk"),
        ],
    );
    let ids = all(&answer, "instanceId");
    assert_eq!(ids.len(), 2);
    bench.wait(30);
    let shown = bench.ok("DescribeInstances", &[("InstanceId.1", &ids[0]), ("InstanceId.2", &ids[1])]);
    assert_eq!(all(&shown, "reservationId").len(), 1);
    let public = pick(&shown, "ipAddress");
    assert_eq!(
        pick(&shown, "dnsName"),
        format!("ec2-{}.ap-northeast-2.compute.amazonaws.com", public.replace('.', "-"))
    );
    assert_eq!(
        all(&bench.ok("DescribeVolumes", &[("Filter.1.Name", "tag:Name"), ("Filter.1.Value.1", "disk")]), "size").len(),
        2
    );
    bench.ok("StopInstances", &[("InstanceId.1", &ids[0])]);
    bench.wait(60);
    assert!(!bench.ok("DescribeInstances", &[("InstanceId.1", &ids[0])]).contains("<ipAddress>"));
}

#[test]
fn images_types_regions_and_zones() {
    let mut bench = Bench::new();
    let images = bench.ok(
        "DescribeImages",
        &[
            ("Owner.1", "amazon"),
            ("Filter.1.Name", "name"),
            ("Filter.1.Value.1", "al2023-ami-2023.*-kernel-6.1-x86_64"),
        ],
    );
    assert_eq!(all(&images, "imageId").len(), 1);
    assert_eq!(pick(&images, "imdsSupport"), "v2.0");
    assert_eq!(all(&bench.ok("DescribeImages", &[("Owner.1", "self")]), "imageId").len(), 0);
    let free =
        bench.ok("DescribeInstanceTypes", &[("Filter.1.Name", "free-tier-eligible"), ("Filter.1.Value.1", "true")]);
    assert!(free.contains("<instanceType>t3.micro</instanceType>") && !free.contains("t2.micro"));
    let offers = bench.ok(
        "DescribeInstanceTypeOfferings",
        &[("LocationType", "availability-zone"), ("Filter.1.Name", "instance-type"), ("Filter.1.Value.1", "t2.micro")],
    );
    assert_eq!(all(&offers, "location"), ["ap-northeast-2a", "ap-northeast-2c"]);
    assert_eq!(
        all(&bench.ok("DescribeAvailabilityZones", &[]), "zoneId"),
        ["apne2-az1", "apne2-az2", "apne2-az3", "apne2-az4"]
    );
    assert!(bench.ok("DescribeRegions", &[]).contains("ec2.ap-northeast-1.amazonaws.com"));
    assert!(bench.ok("DescribeAccountAttributes", &[("AttributeName.1", "default-vpc")]).contains("vpc-"));
}
