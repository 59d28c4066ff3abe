//! The account's own images and snapshots, and those of the Marketplace.

use super::*;
use crate::practice::world::Options;
use crate::practice::world::host::Unit;

/// A running instance in a new network: the subnet and the instance.
fn golden(bench: &mut Bench) -> (String, String) {
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.11.0/24");
    let id = bench.instance(
        &subnet,
        &[("BlockDeviceMapping.1.DeviceName", "/dev/xvda"), ("BlockDeviceMapping.1.Ebs.VolumeSize", "12")],
    );
    bench.wait(300);
    (subnet, id)
}

fn image(bench: &mut Bench, instance: &str, name: &str, more: &[(&str, &str)]) -> String {
    let mut pairs = vec![("InstanceId", instance), ("Name", name), ("NoReboot", "true")];
    pairs.extend_from_slice(more);
    pick(&bench.ok("CreateImage", &pairs), "imageId")
}

#[test]
fn an_image_keeps_what_was_on_the_instance() {
    let mut bench = Bench::new();
    let (subnet, instance) = golden(&mut bench);
    let software = |bench: &mut Bench, active| {
        let region = bench.world.region_mut(SEOUL);
        let unit = Unit { active, enabled: true };
        region.instances.get_mut(&instance).unwrap().software.services.insert("httpd".into(), unit);
    };
    software(&mut bench, true);
    let id = image(
        &mut bench,
        &instance,
        "my-asg-ec2-ami-1210",
        &[
            ("TagSpecification.1.ResourceType", "image"),
            ("TagSpecification.1.Tag.1.Key", "Name"),
            ("TagSpecification.1.Tag.1.Value", "an image"),
            ("TagSpecification.2.ResourceType", "snapshot"),
            ("TagSpecification.2.Tag.1.Key", "Name"),
            ("TagSpecification.2.Tag.1.Value", "a snapshot"),
        ],
    );
    // What happens afterwards is not in it.
    software(&mut bench, false);
    assert!(
        bench.ok("DescribeInstanceStatus", &[("InstanceId.1", &instance)]).contains("<status>passed</status>"),
        "NoReboot leaves the instance alone"
    );
    let shown = bench.ok("DescribeImages", &[("Owner.1", "self")]);
    assert_eq!((all(&shown, "imageId"), pick(&shown, "imageState")), (vec![id.clone()], "pending".into()));
    assert_eq!((pick(&shown, "volumeSize"), pick(&shown, "sourceInstanceId")), ("12".into(), instance.clone()));
    let error = bench.try_instance(&subnet, &[("ImageId", &id)]).unwrap_err();
    assert_eq!(error.code, "InvalidAMIID.Unavailable");
    let snapshot = pick(&shown, "snapshotId");
    bench.wait(100);
    let half = bench.ok(
        "DescribeSnapshots",
        &[("Owner.1", "self"), ("Filter.1.Name", "tag:Name"), ("Filter.1.Value.1", "a snapshot")],
    );
    let progress: i64 = pick(&half, "progress").trim_end_matches('%').parse().unwrap();
    assert!(pick(&half, "status") == "pending" && (20..80).contains(&progress), "{progress}");
    bench.wait(300);
    assert_eq!(pick(&bench.ok("DescribeImages", &[("ImageId.1", &id)]), "imageState"), "available");
    assert_eq!(pick(&bench.ok("DescribeSnapshots", &[("SnapshotId.1", &snapshot)]), "progress"), "100%");

    let child = bench.instance(&subnet, &[("ImageId", &id)]);
    let made = bench.world.region(SEOUL).unwrap().instances.get(&child).unwrap().clone();
    assert_eq!(made.software.services.get("httpd"), Some(&Unit { active: true, enabled: true }));
    assert!(made.metadata.tokens_required, "an image of an AL2023 instance asks for IMDSv2 as its parent does");
    let volume =
        bench.ok("DescribeVolumes", &[("Filter.1.Name", "attachment.instance-id"), ("Filter.1.Value.1", &child)]);
    assert_eq!((pick(&volume, "size"), pick(&volume, "snapshotId")), ("12".into(), snapshot.clone()));
    let small = [
        ("ImageId", id.as_str()),
        ("BlockDeviceMapping.1.DeviceName", "/dev/xvda"),
        ("BlockDeviceMapping.1.Ebs.VolumeSize", "8"),
    ];
    assert_eq!(bench.try_instance(&subnet, &small).unwrap_err().code, "InvalidBlockDeviceMapping");

    let error = bench.error("DeleteSnapshot", &[("SnapshotId", &snapshot)]);
    assert_eq!(
        (error.code.as_str(), error.message),
        ("InvalidSnapshot.InUse", format!("The snapshot {snapshot} is currently in use by {id}"))
    );
    let gone = bench.ok("DeregisterImage", &[("ImageId", &id), ("DeleteAssociatedSnapshots", "true")]);
    assert_eq!((pick(&gone, "snapshotId"), pick(&gone, "returnCode")), (snapshot.clone(), "success".into()));
    assert_eq!(bench.code("DescribeSnapshots", &[("SnapshotId.1", &snapshot)]), "InvalidSnapshot.NotFound");
    assert_eq!(bench.try_instance(&subnet, &[("ImageId", &id)]).unwrap_err().code, "InvalidAMIID.NotFound");
    assert!(bench.ok("DescribeInstances", &[("InstanceId.1", &child)]).contains(&id), "its instances stay");
}

#[test]
fn images_that_cannot_be_made() {
    let mut bench = Bench::new();
    let (subnet, instance) = golden(&mut bench);
    let id = image(&mut bench, &instance, "golden", &[]);
    let error = bench.error("CreateImage", &[("InstanceId", &instance), ("Name", "golden")]);
    assert_eq!(
        (error.code.as_str(), error.message),
        ("InvalidAMIName.Duplicate", format!("AMI name golden is already in use by AMI {id}"))
    );
    assert_eq!(
        bench.code("CreateImage", &[("InstanceId", &instance), ("Name", "other")]),
        "SnapshotCreationPerVolumeRateExceeded"
    );
    bench.wait(20);
    assert_eq!(bench.code("CreateImage", &[("InstanceId", &instance), ("Name", "a?b")]), "InvalidAMIName.Malformed");
    bench.ok("CreateImage", &[("InstanceId", &instance), ("Name", "other")]);
    assert!(
        bench.ok("DescribeInstanceStatus", &[("InstanceId.1", &instance)]).contains("initializing"),
        "without NoReboot it restarts"
    );
    let pending = bench.instance(&subnet, &[]);
    assert_eq!(bench.code("CreateImage", &[("InstanceId", &pending), ("Name", "early")]), "IncorrectState");
    let amazon = bench.image();
    assert_eq!(bench.code("DeregisterImage", &[("ImageId", &amazon)]), "AuthFailure");
    bench.ok("ModifyImageAttribute", &[("ImageId", &id), ("Description.Value", "the golden one")]);
    assert_eq!(
        pick(&bench.ok("DescribeImageAttribute", &[("ImageId", &id), ("Attribute", "description")]), "value"),
        "the golden one"
    );
    // Deregistering alone leaves the snapshot, which then can go.
    let snapshot = pick(&bench.ok("DescribeImages", &[("ImageId.1", &id)]), "snapshotId");
    bench.ok("DeregisterImage", &[("ImageId", &id)]);
    bench.ok("DeleteSnapshot", &[("SnapshotId", &snapshot)]);
}

#[test]
fn an_image_is_unknown_for_a_while_when_the_cloud_is_eventually_consistent() {
    let mut bench = Bench::new();
    let (_, instance) = golden(&mut bench);
    bench.world.set_options(Options { consistency_ms: 5000, ..Options::default() });
    let id = image(&mut bench, &instance, "golden", &[]);
    assert_eq!(bench.code("DescribeImages", &[("ImageId.1", &id)]), "InvalidAMIID.NotFound");
    bench.wait(16);
    bench.ok("DescribeImages", &[("ImageId.1", &id)]);
}

#[test]
fn a_volume_has_snapshots() {
    let mut bench = Bench::new();
    let (_, instance) = golden(&mut bench);
    let volume = pick(&bench.ok("DescribeInstances", &[("InstanceId.1", &instance)]), "volumeId");
    let made = bench.ok("CreateSnapshot", &[("VolumeId", &volume), ("Description", "before the change")]);
    let id = pick(&made, "snapshotId");
    assert_eq!((pick(&made, "status"), pick(&made, "progress")), ("pending".into(), "0%".into()));
    bench.wait(200);
    let shown = bench.ok("DescribeSnapshots", &[("Filter.1.Name", "volume-id"), ("Filter.1.Value.1", &volume)]);
    assert_eq!((pick(&shown, "snapshotId"), pick(&shown, "status")), (id.clone(), "completed".into()));
    assert_eq!(all(&bench.ok("DescribeSnapshots", &[("Owner.1", "amazon")]), "snapshotId").len(), 0);
    bench.ok("DeleteSnapshot", &[("SnapshotId", &id)]);
    assert_eq!(bench.code("CreateSnapshot", &[("VolumeId", "vol-0")]), "InvalidVolume.NotFound");
}

#[test]
fn a_marketplace_image_wants_a_subscription() {
    let mut bench = Bench::new();
    let (subnet, _) = golden(&mut bench);
    let listed = bench.ok(
        "DescribeImages",
        &[
            ("Owner.1", "679593333241"),
            ("Filter.1.Name", "product-code"),
            ("Filter.1.Value.1", "f2ew2wrz425a1jagnifd02u5t"),
        ],
    );
    let id = pick(&listed, "imageId");
    let error = bench.try_instance(&subnet, &[("ImageId", &id)]).unwrap_err();
    assert_eq!(error.code, "OptInRequired");
    assert!(error.message.contains("https://aws.amazon.com/marketplace/pp?sku=f2ew2wrz425a1jagnifd02u5t"));
    bench.world.set_options(Options { marketplace_subscribed: true, ..Options::default() });
    let made = bench.instance(&subnet, &[("ImageId", &id)]);
    let shown = bench.ok("DescribeInstances", &[("InstanceId.1", &made)]);
    assert_eq!(
        (pick(&shown, "productCode"), pick(&shown, "rootDeviceName")),
        ("f2ew2wrz425a1jagnifd02u5t".into(), "/dev/sda1".into())
    );
    assert_eq!(pick(&shown, "httpTokens"), "optional");
}
