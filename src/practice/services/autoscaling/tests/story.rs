//! The course's stress test (load, CPU, alarm, one more, none more, one fewer), and what does not set it off.

use super::*;
use crate::practice::world::InstanceState;
use crate::scaling::alarm;

fn alarm_state(bench: &Bench, what: &str) -> alarm::State {
    bench.region().watch.alarms.values().find(|alarm| alarm.spec.name.contains(what)).unwrap().state
}

#[test]
fn one_loaded_instance_becomes_two_and_not_three_and_then_one_again() {
    let mut bench = Bench::grown("3");
    let answer = bench.track();
    assert_eq!(answer.matches("<AlarmARN>").count(), 2, "{answer}");
    bench.seconds(1200);
    assert_eq!(bench.group().desired, 1);
    assert_eq!(alarm_state(&bench, "AlarmLow"), alarm::State::Alarm, "low at the smallest size is usual");

    let first = bench.serving()[0].clone();
    bench.load(&first, 2.0);
    let alarmed = bench.until(600, |bench| alarm_state(bench, "AlarmHigh") == alarm::State::Alarm);
    assert!((200..=400).contains(&alarmed), "AlarmHigh after {alarmed} s");
    assert_eq!(bench.group().desired, 2, "the policy acts with the alarm");
    let served = bench.until(200, |bench| bench.serving().len() == 2);
    assert!((30..=100).contains(&served), "in service after {served} s more");
    let zones: Vec<&str> = bench.members().iter().map(|member| member.zone.as_str()).collect();
    assert_ne!(zones[0], zones[1]);

    let newest = bench.activities()[0].clone();
    let name = bench.region().watch.alarms.keys().find(|name| name.contains("AlarmHigh")).unwrap().clone();
    assert!(
        newest.cause.contains(&format!("Z a monitor alarm {name} in state ALARM triggered policy {POLICY} changing the desired capacity from 1 to 2.  At ")),
        "{}",
        newest.cause
    );
    assert!(newest.cause.ends_with("Z an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 1 to 2."), "{}", newest.cause);
    assert!(newest.details.contains("\"InvokingAlarms\":[{\"AlarmArn\":"), "{}", newest.details);
    assert!(newest.details.contains("\"Availability Zone\":\"ap-northeast-2"), "{}", newest.details);
    serde_json::from_str::<serde_json::Value>(&newest.details).unwrap();

    // One loaded and one idle: about 50, neither above 70 nor below 49.
    for _ in 0..40 {
        bench.seconds(60);
        assert_eq!(bench.group().desired, 2, "at {}", bench.world.now());
    }
    assert_eq!(alarm_state(&bench, "AlarmHigh"), alarm::State::Ok);

    bench.unload(&first);
    let fewer = bench.until(1800, |bench| bench.group().desired == 1);
    assert!((900..=1260).contains(&fewer), "scale-in after {fewer} s");
    bench.until(120, |bench| bench.group().members.len() == 1);
    let newest = bench.activities()[0];
    assert!(newest.description.starts_with("Terminating EC2 instance: i-"));
    assert!(
        newest.cause.contains("-AlarmLow-") && newest.cause.contains("changing the desired capacity from 2 to 1.  At ")
    );
    assert!(
        newest.cause.contains("shrinking the capacity from 2 to 1.  At ")
            && newest.cause.ends_with(" was selected for termination.")
    );
    bench.seconds(3600);
    assert_eq!(bench.group().desired, 1);
}

#[test]
fn two_loaded_instances_become_three() {
    let mut bench = Bench::grown("3");
    bench.track();
    bench.on("SetDesiredCapacity", &[("DesiredCapacity", "2")]);
    bench.until(200, |bench| bench.serving().len() == 2);
    for id in bench.serving() {
        bench.load(&id, 2.0);
    }
    bench.until(600, |bench| bench.group().desired == 3);
}

#[test]
fn load_elsewhere_and_half_a_load_do_nothing() {
    let mut bench = Bench::grown("3");
    bench.track();
    let (image, subnet) = (bench.image(), bench.subnet("a"));
    let answer = bench.ec2(
        "RunInstances",
        &[
            ("ImageId", &image),
            ("InstanceType", "t3.micro"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", &subnet),
        ],
    );
    let golden = leaf(&answer, "instanceId").to_owned();
    bench.seconds(120);
    bench.load(&golden, 2.0);
    let first = bench.serving()[0].clone();
    bench.load(&first, 1.0);
    bench.seconds(3600);
    assert_eq!((bench.group().desired, bench.group().members.len()), (1, 1));
    assert_eq!(alarm_state(&bench, "AlarmHigh"), alarm::State::Ok);
}

/// Everything that a session might do, in steps of so many seconds.
fn course(step: i64) -> World {
    let mut bench = Bench::grown("3");
    bench.track();
    let wait = |bench: &mut Bench, seconds: i64| {
        for _ in 0..seconds / step {
            bench.seconds(step);
        }
    };
    wait(&mut bench, 600);
    let first = bench.serving()[0].clone();
    bench.load(&first, 2.0);
    wait(&mut bench, 1200);
    bench.ec2("TerminateInstances", &[("InstanceId.1", &first)]);
    wait(&mut bench, 3600);
    bench.on("UpdateAutoScalingGroup", &[("MinSize", "3")]);
    wait(&mut bench, 600);
    bench.on("DeleteAutoScalingGroup", &[("ForceDelete", "true")]);
    wait(&mut bench, 600);
    bench.world
}

#[test]
fn one_leap_and_many_small_steps_end_in_the_same_world() {
    let leap = course(600);
    assert!(leap.region(SEOUL).unwrap().scaling.groups.is_empty());
    assert_eq!(leap, course(600), "the same seed and calls give the same world");
    let steps = course(5);
    assert_eq!(leap, steps);
    let bytes = |world: &World| {
        let mut out = Vec::new();
        ciborium::into_writer(world, &mut out).unwrap();
        out
    };
    assert_eq!(bytes(&leap), bytes(&steps), "as it is kept");
}

#[test]
fn forced_deletion_takes_alarms_and_instances_with_it() {
    let mut bench = Bench::grown("3");
    bench.track();
    let id = bench.serving()[0].clone();
    let (code, _) = bench.fails("DeleteAutoScalingGroup", &[("AutoScalingGroupName", GROUP)]);
    assert_eq!(code, "ResourceInUse");
    bench.on("DeleteAutoScalingGroup", &[("ForceDelete", "true")]);
    let shown = bench.ok("DescribeAutoScalingGroups", &[]);
    assert_eq!(leaf(&shown, "Status"), "Delete in progress");
    let gone = bench.until(240, |bench| bench.region().scaling.groups.is_empty());
    assert!(gone >= 40, "{gone}");
    assert_eq!(bench.region().instances[&id].state, InstanceState::Terminated);
    assert!(bench.region().watch.alarms.is_empty());
    let kept = bench.on("DescribeScalingActivities", &[("IncludeDeletedGroups", "true")]);
    assert!(kept.contains("a user request force deleted AutoScalingGroup changing the desired capacity from 1 to 0."));
    assert!(kept.contains("<AutoScalingGroupState>Deleted</AutoScalingGroupState>"));
}
