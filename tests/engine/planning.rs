//! Plans, scripts, policies and teardowns of the real course.

use std::collections::{BTreeMap, BTreeSet};

use awslab::course::model::Key;
use awslab::lab::facts::{Backend, Facts, Scope};
use awslab::lab::plan::{self, Scene, closure};
use awslab::lab::report::Plan;
use awslab::lab::world::{Desired, World};
use awslab::lab::{desire, policy, script};

use super::*;

struct Desk {
    course: Arc<Course>,
    facts: Facts,
    desired: Vec<Desired>,
    world: World,
}

fn desk() -> Desk {
    let course = course();
    let zones = |region: &str| {
        let zone = |letter: &str| (letter.to_owned(), format!("{region}{letter}"));
        (region.to_owned(), BTreeMap::from([zone("a"), zone("c")]))
    };
    let facts = Facts {
        scope: Scope {
            backend: Backend::Practice,
            account: "100000000001".into(),
            home: "ap-northeast-2".into(),
            peer: "ap-northeast-1".into(),
        },
        caller: "arn:aws:iam::100000000001:user/learner".into(),
        zones: BTreeMap::from([zones("ap-northeast-2"), zones("ap-northeast-1")]),
        my_ip: Some("203.0.113.7".into()),
        run: "r1".into(),
    };
    let desired = desire::desire(&course, &facts, registry());
    Desk { course, facts, desired, world: World::default() }
}

impl Desk {
    fn scene(&self) -> Scene<'_> {
        Scene {
            course: &self.course,
            kinds: registry(),
            facts: &self.facts,
            desired: &self.desired,
            world: &self.world,
        }
    }

    fn plan(&self, target: &str) -> Plan {
        let steps: Vec<String> = self.course.target(target).unwrap().into_iter().map(|step| step.id.clone()).collect();
        plan::plan(&self.scene(), &steps, &BTreeMap::new(), &BTreeSet::new())
    }
}

/// A server's software comes through the NAT gateway; another region's network is none of its business.
#[test]
fn chapter_6_needs_no_peering() {
    let plan = desk().plan("asg-lab.group");
    assert!(plan.calls.iter().any(|planned| planned.call.operation == "CreateNatGateway"));
    let far: Vec<&str> = plan
        .calls
        .iter()
        .map(|planned| planned.call.step.as_str())
        .filter(|step| step.starts_with("vpc.peering"))
        .collect();
    assert_eq!(far, Vec::<&str>::new());
}

#[test]
fn declarations_become_what_this_learner_wants() {
    let desk = desk();
    let one = |kind: &str, name: &str| desk.desired.iter().find(|d| d.key == Key::home(kind, name)).unwrap();
    assert_eq!(one("subnet", "my-public-subnet-c").text("zone"), Some("ap-northeast-2c"));
    assert_eq!(one("security-group-rule", "my-bastion-host-sg tcp 22 my-ip").text("source"), Some("203.0.113.7/32"));
    assert_eq!(one("vpc", "my-vpc").region, "ap-northeast-2");
    assert_eq!(one("vpc", "my-vpc").chapter, 3);
}

#[test]
fn a_plan_covers_what_is_needed_and_no_more() {
    let desk = desk();
    let steps = |target: &str| closure(&desk.scene(), &[target.to_owned()]);
    assert_eq!(steps("vpc.network.vpc"), ["vpc.network.vpc"]);
    assert_eq!(
        steps("vpc.network.nat"),
        ["vpc.network.vpc", "vpc.network.subnets", "vpc.network.gateway", "vpc.network.nat"]
    );
    let bastion = steps("vpc.bastion.address");
    for needed in ["vpc.bastion.groups", "vpc.bastion.key", "vpc.bastion.bastion", "vpc.network.gateway"] {
        assert!(bastion.contains(&needed.to_owned()), "{needed} in {bastion:?}");
    }
}

#[test]
fn calls_come_after_what_they_need() {
    let desk = desk();
    let plan = desk.plan("vpc");
    let mut made: BTreeSet<&Key> = BTreeSet::new();
    for (at, planned) in plan.calls.iter().enumerate() {
        assert!(planned.after.iter().all(|&before| before < at), "call {at} comes before what it needs");
        for of in planned.call.waits_for() {
            let lookup = of.key.kind == "image";
            assert!(
                lookup || of.key == planned.call.key || made.contains(&of.key),
                "{} needs {}",
                planned.call.key,
                of.key
            );
        }
        made.insert(&planned.call.key);
    }
    let of = |name: &str, operation: &str| {
        plan.calls.iter().find(|p| p.call.key.name == name && p.call.operation == operation).unwrap()
    };
    let nat = of("my-natgateway", "CreateNatGateway");
    assert!(nat.ready.contains(&Key::home("internet-gateway", "my-igw")), "the gateway is attached first");
    let address = of("my-bastion-host-eip my-bastion-host", "AssociateAddress");
    assert!(address.ready.contains(&Key::home("instance", "my-bastion-host")), "the instance runs first");
    assert!((plan.cost_per_hour - 0.131).abs() < 0.001, "{}", plan.cost_per_hour);
    assert_eq!(plan, desk.plan("vpc"), "the same input gives the same plan");
}

#[test]
fn independent_calls_do_not_wait_for_one_another() {
    let desk = desk();
    let plan = desk.plan("vpc.network");
    let vpc = plan.calls.iter().position(|p| p.call.operation == "CreateVpc").unwrap();
    for planned in plan.calls.iter().filter(|p| p.call.operation == "CreateSubnet") {
        assert_eq!(planned.after, [vpc], "a subnet waits for the VPC alone");
    }
}

/// Every variable of a script is set in an earlier line, or in the same one.
fn assert_sets_its_variables(text: &str) {
    let mut set = BTreeSet::new();
    for line in text.lines() {
        let line = line.strip_prefix("until ").unwrap_or(line);
        for used in line.split("${").skip(1) {
            let name = used.split(['}', ':']).next().unwrap().to_owned();
            assert!(set.contains(&name) || line.starts_with(&format!("{name}=")), "{name} is not set: {line}");
        }
        if let Some((name, _)) = line
            .split_once('=')
            .filter(|(name, _)| name.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'))
        {
            set.insert(name.to_owned());
        }
    }
    assert!(std::process::Command::new("bash").args(["-n", "-c", text]).status().unwrap().success());
}

#[test]
fn a_script_sets_every_variable_before_it_is_used() {
    let desk = desk();
    let scene = script::Scene { kinds: registry(), desired: &desk.desired, world: &desk.world };
    let text = script::script(&desk.plan("vpc"), &scene);
    assert_sets_its_variables(&text);
    assert!(text.contains("aws ec2 wait instance-running"));
    assert!(text.contains("ssh-keygen"));
    assert!(text.contains("CidrIp=203.0.113.7/32"));
}

#[test]
fn a_script_puts_load_on_what_it_finds_and_waits_for_what_comes_of_it() {
    let desk = desk();
    let scene = script::Scene { kinds: registry(), desired: &desk.desired, world: &desk.world };
    for chapter in ["service", "asg-lab"] {
        let text = script::script(&desk.plan(chapter), &scene);
        assert_sets_its_variables(&text);
        for line in text.lines().filter(|line| line.contains(" --tags ")) {
            let tags = line.split_once(" --tags ").unwrap().1;
            assert!(!(tags.contains("{\"Key\"") && tags.contains(" Key=")), "JSON beside shorthand: {line}");
        }
    }
    let text = script::script(&desk.plan("asg-lab"), &scene);
    let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("no {part}"));
    let order = [
        at("AUTO_SCALING_GROUP_MY_ASG_EC2_IN_SERVICE=$("),
        at("aws ssm describe-instance-information"),
        at("stress -c"),
        at("triggered policy my-asg-ec2-cpu70"),
        at("systemctl stop lab-stress"),
    ];
    assert!(order.is_sorted(), "{order:?}");
}

#[test]
fn a_policy_holds_every_action_of_its_steps_and_no_more() {
    let desk = desk();
    let place = policy::Place { course: &desk.course, kinds: registry(), facts: &desk.facts, desired: &desk.desired };
    let text = policy::policy(&place, &["vpc.network.vpc".to_owned()]).to_string();
    for needed in ["ec2:CreateVpc", "ec2:ModifyVpcAttribute", "ec2:DeleteVpc", "ec2:Describe*", "ec2:CreateTags"] {
        assert!(text.contains(needed), "{needed} in {text}");
    }
    for other in ["RunInstances", "CreateSubnet", "ssm:", "\"ec2:*\""] {
        assert!(!text.contains(other), "{other} in {text}");
    }
    let whole = policy::policy(&place, &desk.course.steps().map(|step| step.id.clone()).collect::<Vec<_>>());
    let whole = whole.to_string();
    for planned in desk.plan("vpc").calls {
        assert!(whole.contains(&format!("\"{}\"", planned.call.iam_action())), "{}", planned.call.iam_action());
    }
    for needed in [
        "ec2:DetachInternetGateway",
        "ec2:ReleaseAddress",
        "ec2:TerminateInstances",
        "ec2:ReplaceRoute",
        "ssm:GetParameter",
    ] {
        assert!(whole.contains(needed), "{needed}");
    }
    assert!(whole.len() < 6144, "a managed policy holds 6144 characters: {}", whole.len());
}
