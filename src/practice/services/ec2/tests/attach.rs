//! Volumes and network interfaces that come and go, what an instance says of itself.

use super::*;

/// A running instance in zone a of a new network: vpc, subnet, instance.
fn running(bench: &mut Bench) -> (String, String, String) {
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.11.0/24");
    let id = bench.instance(&subnet, &[]);
    bench.wait(60);
    (vpc, subnet, id)
}

fn volume(bench: &mut Bench, more: &[(&str, &str)]) -> String {
    let mut pairs = vec![("AvailabilityZone", "ap-northeast-2a")];
    pairs.extend_from_slice(more);
    pick(&bench.ok("CreateVolume", &pairs), "volumeId")
}

#[test]
fn a_volume_of_its_own_comes_and_goes() {
    let mut bench = Bench::new();
    let (_, _, instance) = running(&mut bench);
    let id = volume(&mut bench, &[("Size", "10"), ("VolumeType", "gp3"), ("Encrypted", "true")]);
    let attach = [("VolumeId", id.as_str()), ("InstanceId", instance.as_str()), ("Device", "/dev/sdf")];
    assert_eq!(bench.code("AttachVolume", &attach), "IncorrectState", "it is still being made");
    bench.wait(5);
    assert_eq!(pick(&bench.ok("DescribeVolumes", &[("VolumeId.1", &id)]), "status"), "available");
    assert_eq!(pick(&bench.ok("AttachVolume", &attach), "status"), "attaching");
    let shown = bench.ok("DescribeVolumes", &[("VolumeId.1", &id)]);
    assert_eq!((pick(&shown, "status"), pick(&shown, "device")), ("in-use".into(), "/dev/sdf".into()));
    assert!(bench.ok("DescribeInstances", &[("InstanceId.1", &instance)]).contains("/dev/sdf"));
    assert_eq!(bench.code("AttachVolume", &attach), "VolumeInUse");
    let error = bench.error("DeleteVolume", &[("VolumeId", &id)]);
    assert_eq!(
        (error.code.as_str(), error.message),
        ("VolumeInUse", format!("Volume {id} is currently attached to {instance}"))
    );
    let second = volume(&mut bench, &[("Size", "1")]);
    assert_eq!(pick(&bench.ok("DescribeVolumes", &[("VolumeId.1", &second)]), "volumeType"), "gp2");
    bench.wait(5);
    let taken = [("VolumeId", second.as_str()), attach[1], attach[2]];
    assert_eq!(bench.code("AttachVolume", &taken), "InvalidParameterValue");
    let far = pick(&bench.ok("CreateVolume", &[("AvailabilityZoneId", "apne2-az3"), ("Size", "1")]), "volumeId");
    bench.wait(5);
    let far = [("VolumeId", far.as_str()), attach[1], ("Device", "/dev/sdg")];
    assert_eq!(bench.code("AttachVolume", &far), "InvalidVolume.ZoneMismatch");
    // A snapshot of it makes another one.
    let snapshot = pick(&bench.ok("CreateSnapshot", &[("VolumeId", &id)]), "snapshotId");
    let zone = ("AvailabilityZone", "ap-northeast-2a");
    assert_eq!(bench.code("CreateVolume", &[zone, ("SnapshotId", &snapshot)]), "IncorrectState");
    bench.wait(200);
    let copy = volume(&mut bench, &[("SnapshotId", &snapshot)]);
    let shown = bench.ok("DescribeVolumes", &[("VolumeId.1", &copy)]);
    assert_eq!((pick(&shown, "size"), pick(&shown, "encrypted")), ("10".into(), "true".into()));
    // The root volume stays; the other goes, and stays when its instance ends.
    let root = pick(&bench.ok("DescribeInstances", &[("InstanceId.1", &instance)]), "volumeId");
    assert_eq!(bench.code("DetachVolume", &[("VolumeId", &root)]), "IncorrectState");
    bench.ok(
        "ModifyInstanceAttribute",
        &[
            ("InstanceId", &instance),
            ("BlockDeviceMapping.1.DeviceName", "/dev/sdf"),
            ("BlockDeviceMapping.1.Ebs.DeleteOnTermination", "false"),
        ],
    );
    bench.ok("DetachVolume", &[("VolumeId", &id), attach[1]]);
    assert_eq!(bench.code("DetachVolume", &[("VolumeId", &id)]), "IncorrectState");
    bench.ok("AttachVolume", &attach);
    bench.ok("TerminateInstances", &[("InstanceId.1", &instance)]);
    bench.wait(90);
    assert_eq!(pick(&bench.ok("DescribeVolumes", &[("VolumeId.1", &id)]), "status"), "available");
    assert_eq!(bench.code("DescribeVolumes", &[("VolumeId.1", &root)]), "InvalidVolume.NotFound");
    bench.ok("DeleteVolume", &[("VolumeId", &id)]);
    assert_eq!(bench.code("CreateVolume", &[zone]), "MissingParameter");
    assert_eq!(bench.code("CreateVolume", &[("AvailabilityZone", "mars-1a"), ("Size", "1")]), "InvalidZone.NotFound");
    assert_eq!(
        bench.code("CreateVolume", &[zone, ("Size", "1"), ("VolumeType", "gp2"), ("Throughput", "200")]),
        "InvalidParameterCombination"
    );
}

#[test]
fn a_volume_grows_while_it_is_in_use() {
    let mut bench = Bench::new();
    let (_, _, instance) = running(&mut bench);
    let id = pick(&bench.ok("DescribeInstances", &[("InstanceId.1", &instance)]), "volumeId");
    let volume = ("VolumeId", id.as_str());
    let none = bench.error("DescribeVolumesModifications", &[("VolumeId.1", &id)]);
    assert_eq!(
        (none.code.as_str(), none.message),
        ("InvalidVolumeModification.NotFound", format!("Modification for volume '{id}' does not exist."))
    );
    assert_eq!(bench.code("ModifyVolume", &[volume]), "MissingParameter");
    let smaller = bench.error("ModifyVolume", &[volume, ("Size", "7")]);
    assert_eq!(smaller.message, "New size cannot be smaller than existing size");
    let asked = bench.ok("ModifyVolume", &[volume, ("Size", "20"), ("Iops", "4000")]);
    let of = |xml: &str, names: [&str; 4]| names.map(|name| pick(xml, name));
    let names = ["modificationState", "originalSize", "targetSize", "targetIops"];
    assert_eq!(of(&asked, names), ["modifying", "8", "20", "4000"]);
    assert_eq!(pick(&bench.ok("DescribeVolumes", &[("VolumeId.1", &id)]), "size"), "8", "not yet");
    bench.wait(10);
    let seen = bench.ok("DescribeVolumesModifications", &[("VolumeId.1", &id)]);
    assert_eq!(of(&seen, names), ["optimizing", "8", "20", "4000"]);
    let seen = bench.ok("DescribeVolumes", &[("VolumeId.1", &id)]);
    assert_eq!(of(&seen, ["size", "iops", "throughput", "status"]), ["20", "4000", "125", "in-use"]);
    let again = bench.error("ModifyVolume", &[volume, ("Size", "21")]);
    assert_eq!(
        (again.code.as_str(), again.message),
        ("IncorrectModificationState", format!("Volume {id} cannot be modified in modification state OPTIMIZING"))
    );
    bench.wait(450);
    let seen = bench.ok(
        "DescribeVolumesModifications",
        &[("Filter.1.Name", "modification-state"), ("Filter.1.Value.1", "completed")],
    );
    assert_eq!((pick(&seen, "volumeId"), pick(&seen, "progress")), (id.clone(), "100".into()));
    // Four times in 24 hours. Another type brings its own performance.
    for size in ["21", "22"] {
        bench.ok("ModifyVolume", &[volume, ("Size", size)]);
        bench.wait(450);
    }
    let asked = bench.ok("ModifyVolume", &[volume, ("VolumeType", "gp2")]);
    assert_eq!(
        of(&asked, ["targetVolumeType", "targetIops", "targetSize", "originalIops"]),
        ["gp2", "100", "22", "4000"]
    );
    bench.wait(450);
    assert_eq!(bench.code("ModifyVolume", &[volume, ("Size", "23")]), "VolumeModificationRateExceeded");
    bench.wait(24 * 3600);
    bench.ok("ModifyVolume", &[volume, ("Size", "23")]);
}

#[test]
fn a_second_interface_comes_and_goes() {
    let mut bench = Bench::new();
    let (vpc, subnet, instance) = running(&mut bench);
    let make = |bench: &mut Bench, subnet: &str| {
        pick(&bench.ok("CreateNetworkInterface", &[("SubnetId", subnet)]), "networkInterfaceId")
    };
    let id = make(&mut bench, &subnet);
    let attach = [("NetworkInterfaceId", id.as_str()), ("InstanceId", instance.as_str()), ("DeviceIndex", "1")];
    let attachment = pick(&bench.ok("AttachNetworkInterface", &attach), "attachmentId");
    assert_eq!(bench.code("AttachNetworkInterface", &attach), "InvalidNetworkInterface.InUse");
    let shown = bench.ok("DescribeInstances", &[("InstanceId.1", &instance)]);
    assert_eq!(all(&shown, "deviceIndex"), ["0", "1"]);
    assert_eq!(bench.code("DeleteNetworkInterface", &[("NetworkInterfaceId", &id)]), "InvalidParameterValue");
    assert_eq!(bench.code("DeleteSubnet", &[("SubnetId", &subnet)]), "DependencyViolation");
    let third = make(&mut bench, &subnet);
    let same = [("NetworkInterfaceId", third.as_str()), attach[1], ("DeviceIndex", "1")];
    assert_eq!(bench.code("AttachNetworkInterface", &same), "InvalidParameterValue");
    let more = [("NetworkInterfaceId", third.as_str()), attach[1], ("DeviceIndex", "2")];
    assert_eq!(bench.code("AttachNetworkInterface", &more), "AttachmentLimitExceeded");
    let pairs = [("VpcId", vpc.as_str()), ("CidrBlock", "10.1.12.0/24"), ("AvailabilityZone", "ap-northeast-2c")];
    let elsewhere = pick(&bench.ok("CreateSubnet", &pairs), "subnetId");
    let far = make(&mut bench, &elsewhere);
    let far = [("NetworkInterfaceId", far.as_str()), attach[1], ("DeviceIndex", "1")];
    assert_eq!(bench.code("AttachNetworkInterface", &far), "InvalidParameterCombination");

    let group = pick(
        &bench.ok("CreateSecurityGroup", &[("GroupName", "g"), ("GroupDescription", "x"), ("VpcId", &vpc)]),
        "groupId",
    );
    let change = |bench: &mut Bench, name, value: &str| {
        bench.ok("ModifyNetworkInterfaceAttribute", &[("NetworkInterfaceId", &id), (name, value)])
    };
    change(&mut bench, "SecurityGroupId.1", &group);
    change(&mut bench, "SourceDestCheck.Value", "false");
    change(&mut bench, "Description.Value", "a second one");
    let shown = bench.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &id)]);
    assert_eq!(
        (pick(&shown, "groupId"), pick(&shown, "sourceDestCheck"), pick(&shown, "description")),
        (group.clone(), "false".into(), "a second one".into())
    );
    assert_eq!(bench.code("DeleteSecurityGroup", &[("GroupId", &group)]), "DependencyViolation");
    let asked = [("NetworkInterfaceId", id.as_str()), ("Attribute", "groupSet")];
    assert_eq!(pick(&bench.ok("DescribeNetworkInterfaceAttribute", &asked), "groupId"), group);
    assert_eq!(
        bench.code(
            "ModifyNetworkInterfaceAttribute",
            &[("NetworkInterfaceId", &id), ("Description.Value", "x"), ("SourceDestCheck.Value", "true")]
        ),
        "InvalidParameterCombination"
    );
    let first = bench.world.region(SEOUL).unwrap().instances.get(&instance).unwrap().interfaces[0].clone();
    let first = bench.world.region(SEOUL).unwrap().interfaces.get(&first).unwrap().attachment.clone().unwrap().id;
    assert_eq!(bench.code("DetachNetworkInterface", &[("AttachmentId", &first)]), "OperationNotPermitted");
    bench.ok("DetachNetworkInterface", &[("AttachmentId", &attachment), ("Force", "true")]);
    assert_eq!(bench.code("DetachNetworkInterface", &[("AttachmentId", &attachment)]), "InvalidAttachmentID.NotFound");
    bench.ok("AttachNetworkInterface", &attach);
    bench.ok("TerminateInstances", &[("InstanceId.1", &instance)]);
    bench.wait(90);
    let left = bench.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &id)]);
    assert_eq!(pick(&left, "status"), "available", "it was not to go with the instance");
    bench.ok("DeleteNetworkInterface", &[("NetworkInterfaceId", &id)]);
}

#[test]
fn a_connect_endpoint_holds_its_network_until_it_is_gone() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.11.0/24");
    let group = pick(
        &bench.ok("CreateSecurityGroup", &[("GroupName", "g"), ("GroupDescription", "x"), ("VpcId", &vpc)]),
        "groupId",
    );
    let asked = [("SubnetId", subnet.as_str()), ("SecurityGroupId.1", group.as_str()), ("ClientToken", "once")];
    let made = bench.ok("CreateInstanceConnectEndpoint", &asked);
    let id = pick(&made, "instanceConnectEndpointId");
    assert_eq!(pick(&made, "state"), "create-in-progress");
    assert_eq!(pick(&bench.ok("CreateInstanceConnectEndpoint", &asked), "instanceConnectEndpointId"), id);
    assert_eq!(
        bench.code("CreateInstanceConnectEndpoint", &[("SubnetId", &subnet)]),
        "InstanceConnectEndpointLimitExceeded"
    );
    bench.wait(250);
    let shown =
        bench.ok("DescribeInstanceConnectEndpoints", &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", &vpc)]);
    assert_eq!(
        (pick(&shown, "instanceConnectEndpointId"), pick(&shown, "state")),
        (id.clone(), "create-complete".into())
    );
    let held = bench.ok("DescribeNetworkInterfaces", &[("Filter.1.Name", "subnet-id"), ("Filter.1.Value.1", &subnet)]);
    assert_eq!(
        (pick(&held, "interfaceType"), pick(&held, "requesterManaged")),
        ("ec2_instance_connect_endpoint".into(), "true".into())
    );
    let gone = bench.ok("DeleteInstanceConnectEndpoint", &[("InstanceConnectEndpointId", &id)]);
    assert_eq!(pick(&gone, "state"), "delete-in-progress");
    assert_eq!(bench.code("DeleteSubnet", &[("SubnetId", &subnet)]), "DependencyViolation");
    assert_eq!(bench.code("DeleteSecurityGroup", &[("GroupId", &group)]), "DependencyViolation");
    bench.wait(250);
    assert_eq!(
        bench.code("DeleteInstanceConnectEndpoint", &[("InstanceConnectEndpointId", &id)]),
        "InvalidInstanceConnectEndpointId.NotFound"
    );
    bench.ok("DeleteSecurityGroup", &[("GroupId", &group)]);
    bench.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
}

#[test]
fn credits_and_the_console() {
    let mut bench = Bench::new();
    let (_, subnet, instance) = running(&mut bench);
    let region = bench.world.region_mut(SEOUL);
    region.instances.get_mut(&instance).unwrap().software.log = "Cloud-init finished\n".into();
    let output = pick(&bench.ok("GetConsoleOutput", &[("InstanceId", &instance)]), "output");
    assert_eq!(output, "Q2xvdWQtaW5pdCBmaW5pc2hlZAo=");
    let old = bench.instance(&subnet, &[("InstanceType", "t2.micro")]);
    let steady = bench.instance(&subnet, &[("InstanceType", "m5.large")]);
    let shown =
        bench.ok("DescribeInstanceCreditSpecifications", &[("InstanceId.1", &instance), ("InstanceId.2", &old)]);
    let mut words = all(&shown, "cpuCredits");
    words.sort();
    assert_eq!(words, ["standard", "unlimited"]);
    assert_eq!(all(&bench.ok("DescribeInstanceCreditSpecifications", &[]), "instanceId"), [instance.as_str()]);
    let answer = bench.ok(
        "ModifyInstanceCreditSpecification",
        &[
            ("InstanceCreditSpecification.1.InstanceId", &instance),
            ("InstanceCreditSpecification.1.CpuCredits", "standard"),
            ("InstanceCreditSpecification.2.InstanceId", &steady),
            ("InstanceCreditSpecification.2.CpuCredits", "unlimited"),
        ],
    );
    assert_eq!(pick(&answer, "code"), "InstanceCreditSpecification.NotSupported");
    let shown = bench.ok("DescribeInstanceCreditSpecifications", &[("InstanceId.1", &instance)]);
    assert_eq!(pick(&shown, "cpuCredits"), "standard");
    assert_eq!(
        bench
            .try_instance(&subnet, &[("InstanceType", "m5.large"), ("CreditSpecification.CpuCredits", "standard")])
            .unwrap_err()
            .code,
        "InvalidParameterCombination"
    );
}
