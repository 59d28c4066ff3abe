//! The practice cloud: requests per second, from the HTTP request to its answer, with the world kept in memory.
//!
//! The budgets are 2 000 describe calls a second on one core, and 100 ms until a stored world of 10 000 resources answers. Measured in release on
//! a busy machine of two cores (median): 120 000 a second with one subnet in the answer, 2 100 with 200; 84 ms to open (55 at best).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a bench")]

use awslab::practice::{Cloud, Options};
use bytes::Bytes;
use divan::Bencher;
use divan::counter::ItemsCount;

fn main() {
    divan::main();
}

fn cloud() -> Cloud {
    let options = Options { seed: Some(7), start_ms: Some(1_795_000_000_000), speed: Some(30.0) };
    Cloud::in_memory(options).unwrap()
}

fn request(service: &str, body: &str) -> http::Request<Bytes> {
    let scope =
        format!("AWS4-HMAC-SHA256 Credential=AKIDPRACTICE/20261122/ap-northeast-2/{service}/aws4_request, Signature=0");
    let body = format!("{body}&Version=2016-11-15");
    http::Request::post("http://127.0.0.1/").header("authorization", scope).body(body.into()).unwrap()
}

fn answer(cloud: &Cloud, request: &http::Request<Bytes>) -> String {
    let response = cloud.respond(request);
    assert_eq!(response.status(), 200, "{:?}", response.body());
    String::from_utf8(response.body().to_vec()).unwrap()
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

#[divan::bench]
fn get_caller_identity(bencher: Bencher<'_, '_>) {
    let cloud = cloud();
    let request = request("sts", "Action=GetCallerIdentity");
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| cloud.respond(&request));
}

#[divan::bench(args = [1, 200])]
fn describe_subnets(bencher: Bencher<'_, '_>, subnets: usize) {
    let cloud = cloud();
    let made = answer(&cloud, &request("ec2", "Action=CreateVpc&CidrBlock=10.1.0.0%2F16"));
    let vpc = between(&made, "<vpcId>", "</vpcId>").to_owned();
    for at in 0..subnets {
        let body = format!("Action=CreateSubnet&VpcId={vpc}&CidrBlock=10.1.{at}.0%2F24");
        answer(&cloud, &request("ec2", &body));
    }
    let body = format!("Action=DescribeSubnets&Filter.1.Name=vpc-id&Filter.1.Value.1={vpc}");
    let request = request("ec2", &body);
    assert_eq!(answer(&cloud, &request).matches("<subnetId>").count(), subnets);
    bencher.counter(ItemsCount::new(1_usize)).bench_local(|| cloud.respond(&request));
}

#[divan::bench]
fn create_and_delete_a_security_group(bencher: Bencher<'_, '_>) {
    let cloud = cloud();
    let made = answer(&cloud, &request("ec2", "Action=CreateVpc&CidrBlock=10.1.0.0%2F16"));
    let vpc = between(&made, "<vpcId>", "</vpcId>").to_owned();
    let create =
        request("ec2", &format!("Action=CreateSecurityGroup&GroupName=bench&GroupDescription=bench&VpcId={vpc}"));
    bencher.counter(ItemsCount::new(2_usize)).bench_local(|| {
        let made = answer(&cloud, &create);
        let group = between(&made, "<groupId>", "</groupId>");
        answer(&cloud, &request("ec2", &format!("Action=DeleteSecurityGroup&GroupId={group}")));
    });
}

/// Opening a stored world of 10 000 resources (security groups with a rule and a tag each, subnets), as a second terminal does.
#[divan::bench]
fn open_a_world_of_10_000(bencher: Bencher<'_, '_>) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("practice.db");
    let options = Options { seed: Some(7), start_ms: Some(1_795_000_000_000), speed: Some(30.0) };
    let cloud = Cloud::open(&path, options.clone()).unwrap();
    let count = cloud
        .edit(|world| {
            let region = world.region_mut("ap-northeast-2");
            let vpc = region.make_vpc("10.0.0.0/8".parse().unwrap());
            let zone = region.zones().remove(0);
            for at in 0..200_u8 {
                region.make_subnet(&vpc, format!("10.{at}.0.0/16").parse().unwrap(), &zone);
            }
            for at in 0..9_800 {
                let group = region.make_security_group(&vpc, &format!("group-{at}"), "one of many");
                region.tags.entry(group).or_default().insert("Name".into(), format!("group-{at}"));
            }
            region.changed();
            region.security_groups.len() + region.subnets.len()
        })
        .unwrap();
    assert!(count >= 10_000);
    drop(cloud);
    let describe = request("ec2", "Action=DescribeVpcs");
    bencher.bench_local(|| {
        let cloud = Cloud::open(&path, options.clone()).unwrap();
        assert_eq!(cloud.respond(&describe).status(), 200);
    });
}
