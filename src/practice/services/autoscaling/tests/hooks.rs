//! Lifecycle hooks.

use super::*;

fn hooked(transition: &str, more: &[(&str, &str)]) -> Bench {
    let mut bench = Bench::new();
    bench.template(&[]);
    let hook = [
        ("LifecycleHookSpecificationList.member.1.LifecycleHookName", "wait"),
        ("LifecycleHookSpecificationList.member.1.LifecycleTransition", transition),
    ];
    bench.create("2", &[&hook, more].concat());
    bench
}

const LAUNCHING: &str = "autoscaling:EC2_INSTANCE_LAUNCHING";
const HEARTBEAT: (&str, &str) = ("LifecycleHookSpecificationList.member.1.HeartbeatTimeout", "60");

#[test]
fn a_launch_waits_for_its_hook() {
    let mut bench = hooked(LAUNCHING, &[]);
    bench.until(120, |bench| bench.members().first().is_some_and(|one| one.state == State::PendingWait));
    assert_eq!(bench.activities()[0].status.as_str(), "MidLifecycleAction");
    bench.seconds(1800);
    assert!(bench.serving().is_empty());
    let id = bench.members()[0].id.clone();
    let done = [("LifecycleHookName", "wait"), ("InstanceId", &id), ("LifecycleActionResult", "CONTINUE")];
    bench.on("CompleteLifecycleAction", &done);
    assert_eq!(bench.members()[0].state, State::PendingProceed);
    bench.until(10, |bench| bench.serving() == [id.clone()]);
    let again = [&[("AutoScalingGroupName", GROUP)], done.as_slice()].concat();
    let (code, message) = bench.fails("CompleteLifecycleAction", &again);
    assert_eq!(
        (code.as_str(), message),
        ("ValidationError", format!("No active Lifecycle Action found with instance ID or token {id}"))
    );
}

#[test]
fn an_abandoned_launch_ends_and_another_begins() {
    let mut bench = hooked(LAUNCHING, &[HEARTBEAT]);
    bench.until(120, |bench| bench.members().first().is_some_and(|one| one.state == State::PendingWait));
    let first = bench.members()[0].id.clone();
    bench.seconds(50);
    bench.on("RecordLifecycleActionHeartbeat", &[("LifecycleHookName", "wait"), ("InstanceId", &first)]);
    bench.seconds(30);
    assert_eq!(bench.members()[0].state, State::PendingWait, "it was given another minute");
    bench.until(60, |bench| bench.activities().iter().any(|one| one.status.as_str() == "Cancelled"));
    let cancelled = bench.activities().into_iter().find(|one| one.status.as_str() == "Cancelled").unwrap();
    assert!(cancelled.message.as_ref().unwrap().ends_with(" was abandoned: Heartbeat Timeout"), "{cancelled:?}");
    assert!(cancelled.description.starts_with(&format!("Launching a new EC2 instance: {first}.  Status Reason: Instance failed to complete user's Lifecycle Action: Lifecycle Action with token ")));
    bench.until(200, |bench| bench.members().iter().any(|one| one.id != first && one.state == State::PendingWait));
}

#[test]
fn an_end_waits_for_its_hook_but_not_when_forced() {
    let mut bench = hooked("autoscaling:EC2_INSTANCE_TERMINATING", &[HEARTBEAT]);
    bench.until(200, |bench| bench.serving().len() == 1);
    bench.on("UpdateAutoScalingGroup", &[("MinSize", "0"), ("DesiredCapacity", "0")]);
    bench.until(30, |bench| bench.members()[0].state == State::TerminatingWait);
    let held = bench.until(200, |bench| bench.members()[0].state == State::TerminatingProceed);
    assert!((59..=61).contains(&held), "{held}");
    bench.until(120, |bench| bench.group().members.is_empty());
    bench.on("SetDesiredCapacity", &[("DesiredCapacity", "1")]);
    bench.until(200, |bench| bench.serving().len() == 1);
    bench.on("DeleteAutoScalingGroup", &[("ForceDelete", "true")]);
    assert_eq!(bench.members()[0].state, State::Terminating);
    bench.until(100, |bench| bench.region().scaling.groups.is_empty());
}
