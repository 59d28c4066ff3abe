//! Capacity, a failed zone, quotas that kill a launch.

use super::*;
use crate::practice::world::Options;
use crate::reach::{End, Protocol};

fn subnet_in(bench: &mut Bench, vpc: &str, cidr: &str, zone: &str) -> String {
    let pairs = [("VpcId", vpc), ("CidrBlock", cidr), ("AvailabilityZone", zone)];
    pick(&bench.ok("CreateSubnet", &pairs), "subnetId")
}

fn set(bench: &mut Bench, change: impl FnOnce(&mut Options)) {
    let mut options = bench.world.options().clone();
    change(&mut options);
    bench.world.set_options(options);
}

#[test]
fn no_capacity_is_said_where_it_is_missing() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let a = subnet_in(&mut bench, &vpc, "10.1.11.0/24", "ap-northeast-2a");
    let c = subnet_in(&mut bench, &vpc, "10.1.12.0/24", "ap-northeast-2c");
    let stopped = bench.instance(&a, &[]);
    bench.wait(60);
    bench.ok("StopInstances", &[("InstanceId.1", &stopped)]);
    bench.wait(60);
    set(&mut bench, |options| {
        options.no_capacity.insert("ap-northeast-2a:t3.micro".to_owned());
    });
    let error = bench.try_instance(&a, &[]).unwrap_err();
    assert_eq!((error.code.as_str(), error.status), ("InsufficientInstanceCapacity", 500));
    assert!(
        error.message.contains("sufficient t3.micro capacity in the Availability Zone you requested (ap-northeast-2a)")
            && error.message.contains("choosing ap-northeast-2b, ap-northeast-2c, ap-northeast-2d"),
        "{}",
        error.message
    );
    assert_eq!(bench.code("StartInstances", &[("InstanceId.1", &stopped)]), "InsufficientInstanceCapacity");
    bench.instance(&a, &[("InstanceType", "t3.small")]);
    bench.instance(&c, &[]);
    // Who names no zone gets one that has room.
    let image = bench.image();
    let free = [("ImageId", image.as_str()), ("InstanceType", "t3.micro"), ("MinCount", "1"), ("MaxCount", "1")];
    assert_ne!(pick(&bench.ok("RunInstances", &free), "availabilityZone"), "ap-northeast-2a");
    set(&mut bench, |options| options.no_capacity.clear());
    bench.ok("StartInstances", &[("InstanceId.1", &stopped)]);
}

#[test]
fn a_failed_zone_is_impaired_unreachable_and_takes_no_launch() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let a = subnet_in(&mut bench, &vpc, "10.1.11.0/24", "ap-northeast-2a");
    let c = subnet_in(&mut bench, &vpc, "10.1.12.0/24", "ap-northeast-2c");
    let group = pick(
        &bench.ok("DescribeSecurityGroups", &[("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", &vpc)]),
        "groupId",
    );
    let one = bench.instance(&a, &[("SecurityGroupId.1", &group)]);
    let two = bench.instance(&c, &[("SecurityGroupId.1", &group)]);
    bench.wait(300);
    let reaches =
        |bench: &Bench| bench.world.way(End::Host(two.clone()), End::Host(one.clone()), Protocol::Icmp, 0).answered();
    assert!(reaches(&bench));
    set(&mut bench, |options| {
        options.zones_down.insert("ap-northeast-2a".to_owned());
    });
    assert!(!reaches(&bench));
    let impaired = bench
        .ok("DescribeInstanceStatus", &[("Filter.1.Name", "instance-status.status"), ("Filter.1.Value.1", "impaired")]);
    assert_eq!(all(&impaired, "instanceId"), [one.as_str()]);
    assert!(impaired.contains("<name>reachability</name><status>failed</status>"));
    assert_eq!(bench.try_instance(&a, &[]).unwrap_err().code, "InsufficientInstanceCapacity");
    bench.instance(&c, &[]);
    let zones = bench.ok("DescribeAvailabilityZones", &[("Filter.1.Name", "state"), ("Filter.1.Value.1", "impaired")]);
    assert_eq!(all(&zones, "zoneName"), ["ap-northeast-2a"]);
    set(&mut bench, |options| options.zones_down.clear());
    assert!(reaches(&bench));
}

#[test]
fn an_instance_without_room_for_its_volumes_ends_at_once() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.11.0/24");
    set(&mut bench, |options| options.limits.volume_gib = 20);
    let disk = [("BlockDeviceMapping.1.DeviceName", "/dev/xvda"), ("BlockDeviceMapping.1.Ebs.VolumeSize", "16")];
    let good = bench.instance(&subnet, &disk);
    let bad = bench.instance(&subnet, &[]);
    let state = |bench: &mut Bench, id: &str| {
        let shown = bench.ok("DescribeInstances", &[("InstanceId.1", id)]);
        (pick(shown.split_once("<instanceState>").unwrap().1, "name"), shown)
    };
    assert_eq!(state(&mut bench, &bad).0, "pending");
    bench.wait(40);
    assert_eq!(state(&mut bench, &good).0, "running");
    let (now, shown) = state(&mut bench, &bad);
    assert_eq!(now, "terminated");
    let reason = shown.split_once("<stateReason>").unwrap().1;
    assert_eq!(pick(reason, "code"), "Client.VolumeLimitExceeded");
    assert_eq!(pick(reason, "message"), "Client.VolumeLimitExceeded: Volume limit exceeded");
    assert_eq!(all(&bench.ok("DescribeVolumes", &[]), "size"), ["16"]);
}

#[test]
fn every_quota_has_a_name_and_can_be_set() {
    let limits = Options::default().limits;
    for name in limits.named().into_keys() {
        assert_eq!(limits.with(&name, 3).unwrap().named().get(&name), Some(&3), "{name}");
    }
    assert_eq!(limits.with("nothing", 3), None);
}
