//! The practice cloud from outside: real SDK clients, several handles on one file, faults, boto3 and the AWS CLI.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod by_hand;
mod cloud;
mod command;
mod conformance;
mod keeping;
mod sdk;
mod watch;

use awslab::practice::{Cloud, Options};
use bytes::Bytes;

/// Options under which two runs are the same.
pub fn fixed() -> Options {
    Options { seed: Some(7), start_ms: Some(1_795_000_000_000), speed: Some(30.0) }
}

/// A request as an SDK signs it (the practice cloud looks at the scope only).
pub fn request(service: &str, operation: &str, params: &[(&str, &str)]) -> http::Request<Bytes> {
    let scope =
        format!("AWS4-HMAC-SHA256 Credential=AKIDPRACTICE/20261122/ap-northeast-2/{service}/aws4_request, Signature=0");
    let encode =
        |text: &str| percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string();
    let mut body = format!("Action={operation}&Version=2016-11-15");
    for (name, value) in params {
        body.push_str(&format!("&{}={}", encode(name), encode(value)));
    }
    http::Request::post("http://127.0.0.1/").header("authorization", scope).body(body.into()).unwrap()
}

/// Sends it and gives status and body.
pub fn send(cloud: &Cloud, service: &str, operation: &str, params: &[(&str, &str)]) -> (u16, String) {
    let response = cloud.respond(&request(service, operation, params));
    (response.status().as_u16(), String::from_utf8(response.body().to_vec()).unwrap())
}

/// The text of the first element with this name.
pub fn first(xml: &str, name: &str) -> String {
    let (_, rest) = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no <{name}> in {xml}"));
    rest.split_once("</").unwrap().0.to_string()
}

/// Makes a VPC and gives its id.
pub fn create_vpc(cloud: &Cloud, cidr: &str) -> String {
    let (status, body) = send(cloud, "ec2", "CreateVpc", &[("CidrBlock", cidr)]);
    assert_eq!(status, 200, "{body}");
    first(&body, "vpcId")
}

/// How many VPCs there are, the default one not counted.
pub fn vpcs(cloud: &Cloud) -> usize {
    let (status, body) =
        send(cloud, "ec2", "DescribeVpcs", &[("Filter.1.Name", "is-default"), ("Filter.1.Value.1", "false")]);
    assert_eq!(status, 200, "{body}");
    body.matches("<vpcId>").count()
}
