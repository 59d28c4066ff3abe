//! Run Command from sending to its end.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use serde_json::json;

use super::*;
use crate::practice::services::testing;
use crate::practice::world::host::tests::{Bench, make_profile};

const SEOUL: &str = "ap-northeast-2";

fn ssm(bench: &mut Bench, operation: &str, body: &Value) -> Result<Value, ApiError> {
    testing::call_json(&mut bench.world, handle, (SEOUL, operation), body)
}

fn code(bench: &mut Bench, operation: &str, body: &Value) -> String {
    ssm(bench, operation, body).expect_err("an error").code
}

/// A machine whose agent is online.
fn online() -> (Bench, String) {
    let mut bench = Bench::new();
    make_profile(&mut bench);
    bench.open_nat();
    bench.wait(200);
    let id = bench.instance("", &[("IamInstanceProfile.Name", "my-lab-ssm-profile")]);
    bench.wait(100);
    (bench, id)
}

fn send(bench: &mut Bench, id: &str, lines: &[&str], more: Value) -> String {
    let mut body =
        json!({ "DocumentName": "AWS-RunShellScript", "InstanceIds": [id], "Parameters": { "commands": lines } });
    for (name, value) in more.as_object().into_iter().flatten() {
        if name == "executionTimeout" { body["Parameters"][name] = value.clone() } else { body[name] = value.clone() }
    }
    ssm(bench, "SendCommand", &body).unwrap()["Command"]["CommandId"].as_str().unwrap().to_owned()
}

fn state(bench: &mut Bench, command: &str, id: &str) -> (String, String, i64) {
    let got = ssm(bench, "GetCommandInvocation", &json!({ "CommandId": command, "InstanceId": id })).unwrap();
    let text = |name: &str| got[name].as_str().unwrap().to_owned();
    (text("StatusDetails"), text("StandardOutputContent"), got["ResponseCode"].as_i64().unwrap())
}

#[test]
fn a_command_from_sending_to_its_end() {
    let (mut bench, id) = online();
    let list = ssm(
        &mut bench,
        "DescribeInstanceInformation",
        &json!({ "Filters": [{ "Key": "InstanceIds", "Values": [id] }] }),
    )
    .unwrap();
    assert_eq!(list["InstanceInformationList"][0]["PingStatus"], "Online");
    let command = send(&mut bench, &id, &["hostname", "sleep 20", "echo done"], json!({}));
    let asked = json!({ "CommandId": command, "InstanceId": id });
    assert_eq!(code(&mut bench, "GetCommandInvocation", &asked), "InvocationDoesNotExist");
    bench.wait(1);
    assert_eq!(state(&mut bench, &command, &id), ("Pending".into(), String::new(), -1));
    bench.wait(4);
    assert_eq!(state(&mut bench, &command, &id).0, "InProgress");
    bench.wait(20);
    let (status, out, response) = state(&mut bench, &command, &id);
    assert_eq!((status.as_str(), response), ("Success", 0));
    assert!(out.starts_with("ip-10-1-11-") && out.ends_with("internal\ndone\n"), "{out}");
    let commands = ssm(&mut bench, "ListCommands", &json!({ "CommandId": command })).unwrap();
    assert_eq!(
        (&commands["Commands"][0]["Status"], &commands["Commands"][0]["CompletedCount"]),
        (&json!("Success"), &json!(1))
    );
    let all = ssm(&mut bench, "ListCommandInvocations", &json!({ "InstanceId": id, "Details": true })).unwrap();
    assert_eq!(all["CommandInvocations"][0]["CommandPlugins"][0]["ResponseCode"], 0);
}

#[test]
fn commands_fail_run_out_of_time_and_are_cancelled() {
    let (mut bench, id) = online();
    let failing = send(&mut bench, &id, &["echo out; nosuch; exit 3"], json!({}));
    let long = send(&mut bench, &id, &["sleep 900"], json!({ "executionTimeout": ["30"] }));
    let cancelled = send(&mut bench, &id, &["sleep 900"], json!({}));
    bench.wait(10);
    assert_eq!(state(&mut bench, &failing, &id), ("Failed".into(), "out\n".into(), 3));
    ssm(&mut bench, "CancelCommand", &json!({ "CommandId": cancelled })).unwrap();
    assert_eq!(state(&mut bench, &cancelled, &id).0, "Cancelled");
    assert_eq!(state(&mut bench, &long, &id).0, "InProgress");
    bench.wait(30);
    assert_eq!(state(&mut bench, &long, &id).0, "ExecutionTimedOut");
    let group = bench.ec2("DescribeSecurityGroups", &[("Filter.1.Name", "group-name"), ("Filter.1.Value.1", "web")]);
    let group = group.split("<groupId>").nth(1).unwrap().split('<').next().unwrap().to_owned();
    let late = send(&mut bench, &id, &["echo late"], json!({ "TimeoutSeconds": 30 }));
    bench.ec2(
        "RevokeSecurityGroupEgress",
        &[
            ("GroupId", &group),
            ("IpPermissions.1.IpProtocol", "-1"),
            ("IpPermissions.1.IpRanges.1.CidrIp", "0.0.0.0/0"),
        ],
    );
    bench.wait(40);
    assert_eq!(state(&mut bench, &late, &id).0, "DeliveryTimedOut");
    let body =
        json!({ "DocumentName": "AWS-RunShellScript", "InstanceIds": [id], "Parameters": { "commands": ["echo"] } });
    assert_eq!(code(&mut bench, "SendCommand", &body), "InvalidInstanceId", "it is offline now");
    let list = ssm(&mut bench, "DescribeInstanceInformation", &json!({})).unwrap();
    assert_eq!(list["InstanceInformationList"][0]["PingStatus"], "ConnectionLost");
}

#[test]
fn what_is_wrong_with_a_request() {
    let (mut bench, id) = online();
    let body = |document: &str, ids: Value| json!({ "DocumentName": document, "InstanceIds": ids, "Parameters": { "commands": ["echo"] } });
    for (wanted, wrong) in [
        ("InvalidInstanceId", body("AWS-RunShellScript", json!(["i-00000000000000000"]))),
        ("InvalidDocument", body("Mine", json!([id]))),
        ("NotSimulated", body("AWS-RunPowerShellScript", json!([id]))),
        ("InvalidParameters", json!({ "DocumentName": "AWS-RunShellScript", "InstanceIds": [id], "Parameters": {} })),
        (
            "NotSimulated",
            json!({ "DocumentName": "AWS-RunShellScript", "InstanceIds": [id], "Parameters": { "commands": ["a"] }, "OutputS3BucketName": "b" }),
        ),
    ] {
        assert_eq!(code(&mut bench, "SendCommand", &wrong), wanted, "{wrong}");
    }
    assert_eq!(code(&mut bench, "ListCommands", &json!({ "CommandId": "x" })), "InvalidCommandId");
    assert_eq!(code(&mut bench, "StartSession", &json!({ "Target": id })), "NotSimulated");
}

#[test]
fn targets_by_tag() {
    let (mut bench, id) = online();
    bench.ec2("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "role"), ("Tag.1.Value", "web")]);
    let body = |value: &str| json!({ "DocumentName": "AWS-RunShellScript", "Targets": [{ "Key": "tag:role", "Values": [value] }], "Parameters": { "commands": ["echo hi"] } });
    let sent = ssm(&mut bench, "SendCommand", &body("web")).unwrap();
    assert_eq!(sent["Command"]["TargetCount"], 1);
    bench.wait(10);
    let command = sent["Command"]["CommandId"].as_str().unwrap();
    assert_eq!(state(&mut bench, command, &id).1, "hi\n");
    assert_eq!(ssm(&mut bench, "SendCommand", &body("db")).unwrap()["Command"]["TargetCount"], 0);
}
