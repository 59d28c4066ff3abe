//! Auto Scaling by its operations, and by what happens after them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod errors;
mod faults;
mod hooks;
mod instances;
mod story;

use std::collections::BTreeMap;

use crate::practice::services::{ApiError, autoscaling, ec2, elbv2, testing};
use crate::practice::world::scaling::{Activity, Group, Member};
use crate::practice::world::{Region, World};
use crate::scaling::lifecycle::State;

const START: i64 = 1_790_000_000_000;
const SEOUL: &str = "ap-northeast-2";
const GROUP: &str = "my-asg-ec2";
const POLICY: &str = "my-asg-ec2-cpu70";

/// A world and a way to call it.
#[derive(Clone)]
struct Bench {
    world: World,
}

/// The first text of an element in an answer.
fn leaf<'a>(answer: &'a str, name: &str) -> &'a str {
    let open = format!("<{name}>");
    let begin = answer.find(&open).unwrap_or_else(|| panic!("no {name} in {answer}")) + open.len();
    answer[begin..].split_once('<').unwrap().0
}

impl Bench {
    fn new() -> Self {
        Self { world: World::new(42, "100000000001", START) }
    }

    /// Calls an operation with `Name=value` parameters; an error changes nothing, as in the practice cloud.
    fn call(&mut self, service: &str, operation: &str, pairs: &[(&str, &str)]) -> Result<String, ApiError> {
        let handle = match service {
            "ec2" => ec2::handle,
            "elbv2" => elbv2::handle,
            _ => autoscaling::handle,
        };
        testing::call(&mut self.world, handle, (SEOUL, operation), pairs)
    }

    fn ec2(&mut self, operation: &str, pairs: &[(&str, &str)]) -> String {
        self.call("ec2", operation, pairs).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    fn elb(&mut self, operation: &str, pairs: &[(&str, &str)]) -> String {
        self.call("elbv2", operation, pairs).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    fn ok(&mut self, operation: &str, pairs: &[(&str, &str)]) -> String {
        self.call("autoscaling", operation, pairs).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    /// An operation on the group.
    fn on(&mut self, operation: &str, pairs: &[(&str, &str)]) -> String {
        self.ok(operation, &[&[("AutoScalingGroupName", GROUP)], pairs].concat())
    }

    /// Its error: code and message.
    fn fails(&mut self, operation: &str, pairs: &[(&str, &str)]) -> (String, String) {
        match self.call("autoscaling", operation, pairs) {
            Err(error) => (error.code, error.message),
            Ok(answer) => panic!("{operation} succeeded: {answer}"),
        }
    }

    fn seconds(&mut self, seconds: i64) {
        self.world.advance(self.world.now() + seconds * 1000);
    }

    fn region(&self) -> &Region {
        self.world.region(SEOUL).unwrap()
    }

    fn group(&self) -> &Group {
        &self.region().scaling.groups[GROUP]
    }

    fn members(&self) -> Vec<&Member> {
        self.group().members.values().collect()
    }

    /// The ids of the instances in service, the oldest first.
    fn serving(&self) -> Vec<String> {
        let mut found: Vec<&Member> =
            self.group().members.values().filter(|member| member.state == State::InService).collect();
        found.sort_by_key(|member| (member.launched, member.id.clone()));
        found.iter().map(|member| member.id.clone()).collect()
    }

    /// The newest first.
    fn activities(&self) -> Vec<&Activity> {
        self.region().scaling.activities.iter().rev().collect()
    }

    /// The default subnet of a zone: `a`.
    fn subnet(&self, letter: &str) -> String {
        let zone = format!("{SEOUL}{letter}");
        self.region().subnets.values().find(|one| one.zone == zone).unwrap().id.clone()
    }

    fn image(&mut self) -> String {
        let answer = self.ec2(
            "DescribeImages",
            &[("Owner.1", "amazon"), ("Filter.1.Name", "architecture"), ("Filter.1.Value.1", "x86_64")],
        );
        leaf(&answer, "imageId").to_owned()
    }

    /// A launch template of two vCPUs with detailed monitoring.
    fn template(&mut self, more: &[(&str, &str)]) {
        let image = self.image();
        let data = [
            ("LaunchTemplateName", "my-asg-lt"),
            ("LaunchTemplateData.ImageId", image.as_str()),
            ("LaunchTemplateData.InstanceType", "t3.micro"),
            ("LaunchTemplateData.Monitoring.Enabled", "true"),
        ];
        self.ec2("CreateLaunchTemplate", &[&data, more].concat());
    }

    /// The course's group over two zones: one instance, at most `max`.
    fn create(&mut self, max: &str, more: &[(&str, &str)]) {
        let subnets = format!("{},{}", self.subnet("a"), self.subnet("c"));
        let group = [
            ("LaunchTemplate.LaunchTemplateName", "my-asg-lt"),
            ("LaunchTemplate.Version", "$Latest"),
            ("MinSize", "1"),
            ("MaxSize", max),
            ("VPCZoneIdentifier", subnets.as_str()),
            ("HealthCheckGracePeriod", "10"),
            ("Tags.member.1.Key", "Name"),
            ("Tags.member.1.Value", "my-asg-ec2-node"),
            ("Tags.member.1.PropagateAtLaunch", "true"),
            ("Tags.member.2.Key", "Secret"),
            ("Tags.member.2.Value", "group only"),
            ("Tags.member.2.PropagateAtLaunch", "false"),
        ];
        self.on("CreateAutoScalingGroup", &[&group, more].concat());
    }

    /// Template, group and its first instance in service.
    fn grown(max: &str) -> Self {
        let mut bench = Self::new();
        bench.template(&[]);
        bench.create(max, &[]);
        bench.seconds(120);
        assert_eq!(bench.serving().len(), 1);
        bench
    }

    fn track(&mut self) -> String {
        self.on(
            "PutScalingPolicy",
            &[
                ("PolicyName", POLICY),
                ("PolicyType", "TargetTrackingScaling"),
                ("EstimatedInstanceWarmup", "10"),
                (
                    "TargetTrackingConfiguration.PredefinedMetricSpecification.PredefinedMetricType",
                    "ASGAverageCPUUtilization",
                ),
                ("TargetTrackingConfiguration.TargetValue", "70.0"),
            ],
        )
    }

    fn load(&mut self, instance: &str, cores: f64) {
        self.world.region_mut(SEOUL).start_load(instance, "lab-stress", cores, None);
    }

    fn unload(&mut self, instance: &str) {
        assert!(self.world.region_mut(SEOUL).stop_load(instance, "lab-stress"));
    }

    /// The seconds until something holds, looked at each second.
    fn until(&mut self, most: i64, mut holds: impl FnMut(&Self) -> bool) -> i64 {
        for second in 0..=most {
            if holds(self) {
                return second;
            }
            self.seconds(1);
        }
        panic!("not within {most} s: {:#?}", self.activities().first());
    }

    fn tags_of(&self, id: &str) -> BTreeMap<String, String> {
        self.region().tags.get(id).cloned().unwrap_or_default()
    }
}
