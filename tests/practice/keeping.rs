//! What is kept: across handles, threads, processes and kills; and that the same calls give the same world.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use awslab::practice::{Cloud, Options};

use super::{create_vpc, first, fixed, send, vpcs};

/// The whole world as bytes.
fn bytes(cloud: &Cloud) -> Vec<u8> {
    let mut out = Vec::new();
    cloud.look(|world| ciborium::into_writer(world, &mut out)).unwrap().unwrap();
    out
}

#[test]
fn a_change_by_one_handle_is_seen_by_the_other() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("practice.db");
    let one = Cloud::open(&path, fixed()).unwrap();
    let two = Cloud::open(&path, Options::default()).unwrap();
    one.pause().unwrap();
    let vpc = create_vpc(&one, "10.1.0.0/16");
    assert_eq!(vpcs(&two), 1);
    let (status, body) = send(&two, "ec2", "CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.1.1.0/24")]);
    assert_eq!(status, 200, "{body}");
    let (_, body) = send(&one, "ec2", "DeleteVpc", &[("VpcId", &vpc)]);
    assert!(body.contains("DependencyViolation"), "{body}");
    assert_eq!(bytes(&one), bytes(&two));
    drop((one, two));
    let three = Cloud::open(&path, Options::default()).unwrap();
    assert_eq!(vpcs(&three), 1);
    three.reset().unwrap();
    assert_eq!(vpcs(&three), 0);
}

#[test]
fn two_handles_and_many_threads_lose_no_change() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("practice.db");
    let clouds = [Cloud::open(&path, fixed()).unwrap(), Cloud::open(&path, Options::default()).unwrap()];
    std::thread::scope(|scope| {
        for thread in 0..6 {
            let cloud = clouds[thread % 2].clone();
            scope.spawn(move || {
                for _ in 0..10 {
                    let (status, body) = send(&cloud, "ec2", "CreateInternetGateway", &[]);
                    // Five is the quota of a new account, as many as there are VPCs.
                    assert!(status == 200 || body.contains("LimitExceeded"), "{body}");
                    let (status, body) = send(&cloud, "ec2", "DescribeInternetGateways", &[]);
                    assert_eq!(status, 200, "{body}");
                    let id = first(&body, "internetGatewayId");
                    assert!(id.starts_with("igw-"));
                }
            });
        }
    });
    assert_eq!(bytes(&clouds[0]).len(), bytes(&clouds[1]).len());
    let count = |cloud: &Cloud| cloud.look(|w| w.region("ap-northeast-2").unwrap().internet_gateways.len()).unwrap();
    assert_eq!(count(&clouds[0]), count(&clouds[1]));
    assert!(count(&clouds[0]) >= 5, "{}", count(&clouds[0]));
}

#[tokio::test(start_paused = true)]
async fn the_same_calls_give_the_same_world_byte_for_byte() {
    async fn walk(cloud: &Cloud, looks: u32) -> Vec<u8> {
        let vpc = create_vpc(cloud, "10.1.0.0/16");
        for step in 0..looks {
            tokio::time::advance(Duration::from_secs(60) / looks).await;
            // Looking, and looking often, changes nothing.
            assert!(vpcs(cloud) <= 1, "{step}");
        }
        let (_, body) = send(cloud, "ec2", "CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.1.1.0/24")]);
        let subnet = first(&body, "subnetId");
        let (status, _) = send(cloud, "ec2", "CreateVpc", &[("CidrBlock", "10.2.0.0/33")]);
        assert_eq!(status, 400);
        let dry = send(cloud, "ec2", "DeleteSubnet", &[("SubnetId", &subnet), ("DryRun", "true")]);
        assert!(dry.0 == 412 && dry.1.contains("DryRunOperation"), "{dry:?}");
        cloud.advance(Duration::from_secs(3600)).unwrap();
        // So that nothing moves until it is opened again.
        cloud.pause().unwrap();
        bytes(cloud)
    }
    let home = tempfile::tempdir().unwrap();
    let in_memory = walk(&Cloud::in_memory(fixed()).unwrap(), 1).await;
    let path = home.path().join("practice.db");
    let on_disk = walk(&Cloud::open(&path, fixed()).unwrap(), 30).await;
    assert!(in_memory == on_disk, "one leap and thirty looks end in different worlds");
    assert!(in_memory == bytes(&Cloud::open(&path, Options::default()).unwrap()));
    let other = walk(&Cloud::in_memory(Options { seed: Some(8), ..fixed() }).unwrap(), 1).await;
    assert!(in_memory != other);
}

#[tokio::test(start_paused = true)]
async fn what_was_seen_to_have_happened_stays_so_after_a_kill() {
    let state = |cloud: &Cloud, vpc: &str| first(&send(cloud, "ec2", "DescribeVpcs", &[("VpcId.1", vpc)]).1, "state");
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("practice.db");
    let one = Cloud::open(&path, fixed()).unwrap();
    let vpc = create_vpc(&one, "10.1.0.0/16");
    tokio::time::advance(Duration::from_secs(2)).await;
    assert_eq!(state(&one, &vpc), "available");
    let seen = one.now();
    // As a kill: nothing is stored at the end.
    std::mem::forget(one);
    let two = Cloud::open(&path, Options::default()).unwrap();
    assert!(two.now() >= seen, "{} {seen}", two.now());
    assert_eq!(state(&two, &vpc), "available");
}

/// The child of the next test: makes tags without end and tells each one it has been answered.
#[test]
#[ignore = "runs as a child process of a_killed_process_loses_nothing_it_was_answered"]
fn child_that_changes_until_it_is_killed() {
    let Ok(path) = std::env::var("AWSLAB_TEST_PRACTICE_DB") else { return };
    let cloud = Cloud::open(path.as_ref(), Options::default()).unwrap();
    let vpc = create_vpc(&cloud, "10.1.0.0/16");
    for number in 0.. {
        let value = number.to_string();
        let tag = [("ResourceId.1", vpc.as_str()), ("Tag.1.Key", "count"), ("Tag.1.Value", &value)];
        let (status, body) = send(&cloud, "ec2", "CreateTags", &tag);
        assert_eq!(status, 200, "{body}");
        println!("\nanswered {value}");
    }
}

#[test]
fn a_killed_process_loses_nothing_it_was_answered() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("practice.db");
    drop(Cloud::open(&path, fixed()).unwrap());
    for round in 1..=3_usize {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "--nocapture", "practice::keeping::child_that_changes_until_it_is_killed"])
            .env("AWSLAB_TEST_PRACTICE_DB", &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut answered =
            lines.map_while(Result::ok).filter_map(|line| line.strip_prefix("answered ")?.parse::<u64>().ok());
        let enough = 20 * round as u64;
        let told = answered.by_ref().find(|number| *number >= enough).unwrap();
        child.kill().unwrap();
        let last = answered.last().unwrap_or(told);
        child.wait().unwrap();
        let cloud = Cloud::open(&path, Options::default()).unwrap();
        assert_eq!(vpcs(&cloud), round);
        let (_, tags) = send(&cloud, "ec2", "DescribeTags", &[]);
        let newest = tags.split("<value>").skip(1).filter_map(|rest| rest.split('<').next()?.parse::<u64>().ok()).max();
        assert!(newest >= Some(last), "answered {last}, kept {newest:?}");
        // The clock goes on from what was stored; nobody else is attached any more.
        assert!(cloud.now() >= 1_795_000_000_000);
    }
}
