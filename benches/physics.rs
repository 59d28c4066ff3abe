//! The physics of scaling: a day of an Auto Scaling group of up to 100 instances with target tracking, under a load that rises and falls.
//!
//! The budget is a second for the day. What is timed is the world alone: its events, metrics, alarms, policies, launches and ends.
//! Measured in release on a busy machine of two cores: 0.22 s at best, 0.25 s in the median; 2.6 ms for a day of the group's points.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a bench")]

use awslab::practice::world::World;
use awslab::practice::world::watch::{Metric, Statistic};
use awslab::practice::{Cloud, Options};
use bytes::Bytes;
use divan::Bencher;

const SEOUL: &str = "ap-northeast-2";
const GROUP: &str = "my-asg-ec2";
const MINUTE: i64 = 60_000;
const DAY: i64 = 1440 * MINUTE;
/// How often the load is spread anew over the instances that there are.
const SPREAD: i64 = 10 * MINUTE;

fn main() {
    divan::main();
}

fn ask(cloud: &Cloud, service: &str, version: &str, body: &str) -> String {
    let scope =
        format!("AWS4-HMAC-SHA256 Credential=AKIDPRACTICE/20261122/{SEOUL}/{service}/aws4_request, Signature=0");
    let body = format!("{body}&Version={version}");
    let request = http::Request::post("http://127.0.0.1/").header("authorization", scope).body(body.into()).unwrap();
    let response: http::Response<Bytes> = cloud.respond(&request);
    let text = String::from_utf8(response.body().to_vec()).unwrap();
    assert_eq!(response.status(), 200, "{text}");
    text
}

fn after<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    text.split_once(start).unwrap().1.split_once(end).unwrap().0
}

/// A world with a group of 100 instances in service, and its policy.
fn ready() -> World {
    let cloud =
        Cloud::in_memory(Options { seed: Some(7), start_ms: Some(1_795_000_020_000), speed: Some(1.0) }).unwrap();
    cloud.pause().unwrap();
    cloud
        .edit(|world| {
            let mut options = world.options().clone();
            options.limits.vcpus = 1000;
            world.set_options(options);
        })
        .unwrap();
    let ec2 = |body: &str| ask(&cloud, "ec2", "2016-11-15", body);
    let scaling = |body: &str| ask(&cloud, "autoscaling", "2011-01-01", body);
    let images = ec2("Action=DescribeImages&Owner.1=amazon&Filter.1.Name=architecture&Filter.1.Value.1=x86_64");
    let image = after(&images, "<imageId>", "</imageId>");
    let subnets = ec2("Action=DescribeSubnets");
    let subnets: Vec<&str> =
        subnets.split("<subnetId>").skip(1).map(|rest| rest.split_once('<').unwrap().0).take(2).collect();
    ec2(&format!(
        "Action=CreateLaunchTemplate&LaunchTemplateName=my-asg-lt&LaunchTemplateData.ImageId={image}\
         &LaunchTemplateData.InstanceType=t3.micro&LaunchTemplateData.Monitoring.Enabled=true"
    ));
    scaling(&format!(
        "Action=CreateAutoScalingGroup&AutoScalingGroupName={GROUP}&LaunchTemplate.LaunchTemplateName=my-asg-lt\
         &MinSize=10&MaxSize=100&DesiredCapacity=100&VPCZoneIdentifier={}",
        subnets.join("%2C")
    ));
    scaling(&format!(
        "Action=PutScalingPolicy&AutoScalingGroupName={GROUP}&PolicyName=cpu70&PolicyType=TargetTrackingScaling\
         &EstimatedInstanceWarmup=60&TargetTrackingConfiguration.TargetValue=70\
         &TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType=ASGAverageCPUUtilization"
    ));
    cloud.advance(std::time::Duration::from_secs(600)).unwrap();
    let world = cloud.look(World::clone).unwrap();
    assert_eq!(in_service(&world).len(), 100);
    world
}

fn in_service(world: &World) -> Vec<String> {
    let group = &world.region(SEOUL).unwrap().scaling.groups[GROUP];
    let there = |id: &&String| world.region(SEOUL).unwrap().instances.contains_key(*id);
    group.members.values().map(|member| &member.id).filter(there).cloned().collect()
}

/// Spreads the load of a moment of the day over the group: most at noon, when 90 instances would be at the target.
fn spread(world: &mut World, start: i64) {
    let part = (world.now() - start) as f64 / DAY as f64;
    let whole = 63.0 * 2.0 * (0.5 - 0.5 * (part * std::f64::consts::TAU).cos()).powi(2) + 6.0;
    let ids = in_service(world);
    let each = whole / ids.len() as f64;
    let region = world.region_mut(SEOUL);
    for id in &ids {
        region.start_load(id, "wave", each, None);
    }
}

/// A day of it: the least and the most instances that were wanted.
fn day(world: &mut World) -> (u32, u32) {
    let start = world.now();
    let (mut least, mut most) = (u32::MAX, 0);
    while world.now() < start + DAY {
        spread(world, start);
        world.advance(world.now() + SPREAD);
        let desired = world.region(SEOUL).unwrap().scaling.groups[GROUP].desired;
        (least, most) = (least.min(desired), most.max(desired));
    }
    (least, most)
}

#[divan::bench(sample_count = 5, sample_size = 1)]
fn a_day_of_a_group_of_100(bencher: Bencher<'_, '_>) {
    let world = ready();
    bencher.with_inputs(|| world.clone()).bench_local_refs(|world| {
        let (least, most) = day(world);
        assert!(least < 30 && most > 70, "it did not follow the load: {least} to {most}");
    });
}

#[divan::bench]
fn a_minute_of_a_groups_average(bencher: Bencher<'_, '_>) {
    let mut world = ready();
    let start = world.now();
    spread(&mut world, start);
    world.advance(start + 5 * MINUTE);
    let metric = Metric::new("AWS/EC2", "CPUUtilization", &[("AutoScalingGroupName", GROUP)]);
    let region = world.region(SEOUL).unwrap();
    let minute = (start + MINUTE).div_euclid(MINUTE) * MINUTE;
    assert!(region.statistic(&metric, Statistic::Average, minute, MINUTE).is_some());
    bencher.bench_local(|| region.statistic(&metric, Statistic::Average, minute, MINUTE));
}

/// What a monitor asks for: a day by the minute.
#[divan::bench(sample_count = 10, sample_size = 1)]
fn a_day_of_points_of_a_group(bencher: Bencher<'_, '_>) {
    let mut world = ready();
    let start = world.now();
    day(&mut world);
    let metric = Metric::new("AWS/EC2", "CPUUtilization", &[("AutoScalingGroupName", GROUP)]);
    let region = world.region(SEOUL).unwrap();
    bencher.bench_local(|| {
        let points = region.datapoints(&metric, start, start + DAY, MINUTE, false);
        assert!(points.len() > 1400);
    });
}
