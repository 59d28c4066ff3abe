//! The practice cloud: requests per second, from the HTTP request to its answer, with the world kept in memory.

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
