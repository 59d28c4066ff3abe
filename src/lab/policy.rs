//! The least IAM policy that some steps need: to make, mend, observe and delete their resources, and nothing else.
//!
//! Promises: every action comes from a call that a kind makes, so that the policy and the calls cannot drift apart;
//! what can be bound to awslab's tag `Project=aws-lab` is. Leaves to others: printing it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::course::model::{Course, Key, Value as Field};
use crate::course::schema::Mutability;

use super::call::{Arg, Call, Effect};
use super::facts::Facts;
use super::kind::{Env, Kinds};
use super::plan::{Scene, closure};
use super::world::{Desired, Difference, Health, Mend, Observed, World};

/// What a policy is made from.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    /// The course.
    pub course: &'a Course,
    /// The kinds.
    pub kinds: &'a dyn Kinds,
    /// The learner's place.
    pub facts: &'a Facts,
    /// What the whole course desires.
    pub desired: &'a [Desired],
}

/// Which resources an action of EC2 touches beside the one that it makes: without its tag condition.
const BESIDE: &[(&str, &[&str])] = &[
    ("CreateSubnet", &["vpc"]),
    ("CreateRouteTable", &["vpc"]),
    ("CreateSecurityGroup", &["vpc"]),
    ("CreateNatGateway", &["subnet", "elastic-ip"]),
    ("CreateVpcPeeringConnection", &["vpc"]),
    ("RunInstances", &["subnet", "security-group", "key-pair", "image"]),
];

/// What is done in the other region to a connection that has no tags there yet: bound to its type instead.
const UNTAGGED: &[(&str, &[&str])] = &[
    ("ec2:AcceptVpcPeeringConnection", &["vpc", "vpc-peering-connection"]),
    ("ec2:CreateTags", &["vpc-peering-connection"]),
];

/// The policy document for some steps and everything that they need.
pub fn policy(place: &Place<'_>, targets: &[String]) -> Value {
    let nothing = World::default();
    let scene =
        Scene { course: place.course, kinds: place.kinds, facts: place.facts, desired: place.desired, world: &nothing };
    let steps = closure(&scene, targets);
    let mut makes: BTreeSet<(String, Vec<String>)> = BTreeSet::new();
    let mut touches: BTreeSet<String> = BTreeSet::new();
    let mut looks_up = false;
    for desired in place.desired.iter().filter(|desired| steps.contains(&desired.step)) {
        let Some(kind) = place.kinds.kind(&desired.key.kind) else { continue };
        looks_up |= kind.is_lookup();
        let env = Env { facts: place.facts, world: &nothing, desired: place.desired };
        let is_lookup = |key: &Key| place.kinds.kind(&key.kind).is_some_and(|kind| kind.is_lookup());
        looks_up |= kind.needs(desired, &env).iter().any(|need| is_lookup(&need.key));
        let likely = likely(desired);
        let differences: Vec<Difference> = kind
            .fields()
            .iter()
            .filter(|field| field.mutability == Mutability::InPlace)
            .map(|field| difference(desired, field.name))
            .chain(["http_tokens", "state"].map(|field| difference(desired, field)))
            .collect();
        let mut calls = kind.create(desired, &env);
        calls.extend(kind.change(desired, &likely, &differences, &env));
        calls.extend(kind.delete(&likely, &desired.step));
        for call in calls {
            match tagged(&call) {
                types if call.effect == Effect::Create && !types.is_empty() => {
                    makes.insert((call.iam_action(), types));
                }
                _ => {
                    touches.insert(call.iam_action());
                }
            }
        }
    }
    let drills = |step: &&crate::course::model::Step| steps.contains(&step.id) && step.drill.is_some();
    if place.course.steps().any(|step| drills(&step)) {
        touches.insert("ssm:SendCommand".to_owned());
    }
    let regions: BTreeSet<&str> = [place.facts.scope.home.as_str(), place.facts.scope.peer.as_str()].into();
    json!({ "Version": "2012-10-17", "Statement": statements(place, &regions, &makes, &touches, looks_up) })
}

fn statements(
    place: &Place<'_>,
    regions: &BTreeSet<&str>,
    makes: &BTreeSet<(String, Vec<String>)>,
    touches: &BTreeSet<String>,
    looks_up: bool,
) -> Vec<Value> {
    let account = &place.facts.scope.account;
    let arn = |kind: &str| match kind {
        "image" => "arn:aws:ec2:*::image/*".to_owned(),
        kind => format!("arn:aws:ec2:*:{account}:{kind}/*"),
    };
    let untagged = |action: &str| UNTAGGED.iter().find(|(known, _)| *known == action).map(|(_, on)| *on);
    let (ec2, others): (BTreeSet<&String>, BTreeSet<&String>) =
        touches.iter().partition(|action| action.starts_with("ec2:"));
    let (answers, ec2): (BTreeSet<&String>, BTreeSet<&String>) =
        ec2.into_iter().partition(|action| untagged(action).is_some());
    let mut looks = BTreeSet::from(["ec2:Describe*".to_owned(), "sts:GetCallerIdentity".to_owned()]);
    for action in &others {
        let service = action.split(':').next().unwrap_or_default();
        match service {
            "iam" => looks.extend(["iam:Get*".to_owned(), "iam:List*".to_owned()]),
            "acm" => looks.extend(["acm:Describe*".to_owned(), "acm:List*".to_owned()]),
            "rds" => looks.extend(["rds:Describe*".to_owned(), "rds:ListTagsForResource".to_owned()]),
            "route53" => looks.extend(["route53:Get*".to_owned(), "route53:List*".to_owned()]),
            "autoscaling" => looks.extend(["autoscaling:Describe*".to_owned(), "cloudwatch:DescribeAlarms".to_owned()]),
            service => {
                looks.insert(format!("{service}:Describe*"));
            }
        }
    }
    let in_regions = json!({ "aws:RequestedRegion": regions });
    let mut out = vec![json!({
        "Sid": "Look",
        "Effect": "Allow",
        "Action": looks,
        "Resource": "*",
    })];
    if looks_up {
        out.push(json!({
            "Sid": "LookUpImages",
            "Effect": "Allow",
            "Action": ["ssm:GetParameter"],
            "Resource": "arn:aws:ssm:*::parameter/aws/service/*",
        }));
    }
    if !makes.is_empty() {
        let actions: BTreeSet<&str> = makes.iter().map(|(action, _)| action.as_str()).collect();
        let names: BTreeSet<&str> = actions.iter().filter_map(|action| action.split(':').nth(1)).collect();
        let made: BTreeSet<String> = makes.iter().flat_map(|(_, types)| types).map(|kind| arn(kind)).collect();
        out.push(json!({
            "Sid": "MakeTagged",
            "Effect": "Allow",
            "Action": actions,
            "Resource": made,
            "Condition": {
                "StringEquals": { "aws:RequestTag/Project": "aws-lab", "aws:RequestedRegion": regions },
            },
        }));
        let beside = |name: &str| BESIDE.iter().find(|(operation, _)| *operation == name).map_or(&[][..], |(_, on)| on);
        let on: BTreeSet<String> = names.iter().flat_map(|name| beside(name)).map(|kind| arn(kind)).collect();
        let makers: BTreeSet<String> =
            names.iter().filter(|name| !beside(name).is_empty()).map(|name| format!("ec2:{name}")).collect();
        if !on.is_empty() {
            out.push(json!({
                "Sid": "MakeIn",
                "Effect": "Allow",
                "Action": makers,
                "Resource": on,
                "Condition": { "StringEquals": in_regions },
            }));
        }
        out.push(json!({
            "Sid": "TagWhatIsMade",
            "Effect": "Allow",
            "Action": ["ec2:CreateTags"],
            "Resource": format!("arn:aws:ec2:*:{account}:*/*"),
            "Condition": { "StringEquals": { "ec2:CreateAction": names } },
        }));
    }
    if !others.is_empty() {
        // Other services than EC2 have no common form of ARN; roles are bound by their names.
        let (roles, rest): (BTreeSet<&&String>, BTreeSet<&&String>) =
            others.iter().partition(|action| action.starts_with("iam:"));
        if !rest.is_empty() {
            out.push(json!({
                "Sid": "OtherServices",
                "Effect": "Allow",
                "Action": rest,
                "Resource": "*",
                "Condition": { "StringEquals": in_regions },
            }));
        }
        if !roles.is_empty() {
            let named = |kind: &str| format!("arn:aws:iam::{account}:{kind}/my-lab-*");
            let mut actions: BTreeSet<&str> = roles.iter().map(|action| action.as_str()).collect();
            actions.extend(["iam:PassRole", "iam:TagInstanceProfile", "iam:TagRole"]);
            out.push(json!({
                "Sid": "LabRoles",
                "Effect": "Allow",
                "Action": actions,
                "Resource": [named("role"), named("instance-profile")],
            }));
        }
    }
    if !answers.is_empty() {
        let on: BTreeSet<String> =
            answers.iter().filter_map(|action| untagged(action)).flatten().map(|kind| arn(kind)).collect();
        out.push(json!({
            "Sid": "AnswerPeering",
            "Effect": "Allow",
            "Action": answers,
            "Resource": on,
            "Condition": { "StringEquals": in_regions },
        }));
    }
    if !ec2.is_empty() {
        out.push(json!({
            "Sid": "TouchOwn",
            "Effect": "Allow",
            "Action": ec2,
            "Resource": format!("arn:aws:ec2:*:{account}:*/*"),
            "Condition": {
                "StringEquals": { "aws:ResourceTag/Project": "aws-lab", "aws:RequestedRegion": regions },
            },
        }));
    }
    out
}

/// The types that a call tags: `natgateway`, `instance`.
fn tagged(call: &Call) -> Vec<String> {
    let Some((_, Arg::List(specifications))) = call.args.iter().find(|(name, _)| name == "TagSpecifications") else {
        return Vec::new();
    };
    let of = |specification: &Arg| match specification {
        Arg::Map(members) => members.iter().find_map(|(name, arg)| match arg {
            Arg::Text(text) if name == "ResourceType" => Some(text.clone()),
            _ => None,
        }),
        _ => None,
    };
    specifications.iter().filter_map(of).collect()
}

/// A live resource as it would look, to ask its kind how it is mended and deleted.
fn likely(desired: &Desired) -> Observed {
    let mut fields = desired.fields.clone();
    for field in fields.values_mut() {
        if let Field::Text(text) = field {
            *text = format!("id-of-{text}");
        }
    }
    Observed {
        key: desired.key.clone(),
        id: "id".into(),
        region: desired.region.clone(),
        state: "available".into(),
        health: Health::Ready,
        reason: String::new(),
        fields,
        tags: [("Project".to_owned(), "aws-lab".to_owned())].into(),
    }
}

fn difference(desired: &Desired, field: &str) -> Difference {
    Difference {
        key: desired.key.clone(),
        field: field.to_owned(),
        wanted: String::new(),
        found: String::new(),
        mend: Mend::InPlace,
    }
}
