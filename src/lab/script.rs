//! A whole plan as a shell script for the AWS CLI.
//!
//! Promises: the script stops at the first failure; every id that a later command needs is in a variable; a command
//! that needs something ready waits for it; what stands already is named by its id.

use std::collections::{BTreeMap, BTreeSet};

use crate::course::model::{Drill, Key};

use super::call::{Arg, Call, Of};
use super::cli::{command, password_file, variable, word};
use super::kind::Kinds;
use super::load;
use super::report::{Plan, PlannedCall};
use super::world::{Desired, Health, Mend, World};

/// What a script is made from beside the plan.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The kinds.
    pub kinds: &'a dyn Kinds,
    /// What the whole course desires.
    pub desired: &'a [Desired],
    /// What was observed.
    pub world: &'a World,
}

/// How the AWS CLI waits until a kind is ready: the service, the waiter and its option.
const WAITERS: &[(&str, &str, &str, &str)] = &[
    ("vpc", "ec2", "vpc-available", "--vpc-ids"),
    ("subnet", "ec2", "subnet-available", "--subnet-ids"),
    ("nat-gateway", "ec2", "nat-gateway-available", "--nat-gateway-ids"),
    ("instance", "ec2", "instance-running", "--instance-ids"),
    (SCRIPTED, "ec2", "instance-status-ok", "--instance-ids"),
    ("own-image", "ec2", "image-available", "--image-ids"),
    ("certificate", "acm", "certificate-validated", "--certificate-arn"),
    ("db-instance", "rds", "db-instance-available", "--db-instance-identifier"),
    ("load-balancer", "elbv2", "load-balancer-available", "--load-balancer-arns"),
];

/// How the AWS CLI tells an attribute that no answer of a create gives: the kind, the attribute, the command up to the id
/// (the name, for a lookup) and the query.
const ATTRIBUTES: &[(&str, &str, &str, &str)] = &[
    ("hosted-zone", "id", "route53 list-hosted-zones-by-name --dns-name", "HostedZones[0].Id"),
    ("certificate", "record_name", "acm describe-certificate --certificate-arn", RECORD_NAME),
    ("certificate", "record_value", "acm describe-certificate --certificate-arn", RECORD_VALUE),
    ("load-balancer", "dns", "elbv2 describe-load-balancers --load-balancer-arns", "LoadBalancers[0].DNSName"),
    ("auto-scaling-group", "id", GROUP, "AutoScalingGroups[0].AutoScalingGroupName"),
    ("auto-scaling-group", "in_service", GROUP, IN_SERVICE),
    ("load-balancer", "dns_zone", "elbv2 describe-load-balancers --load-balancer-arns", BALANCER_ZONE),
];

const RECORD_NAME: &str = "Certificate.DomainValidationOptions[0].ResourceRecord.Name";
const RECORD_VALUE: &str = "Certificate.DomainValidationOptions[0].ResourceRecord.Value";
const BALANCER_ZONE: &str = "LoadBalancers[0].CanonicalHostedZoneId";
const GROUP: &str = "autoscaling describe-auto-scaling-groups --auto-scaling-group-names";
const IN_SERVICE: &str = "AutoScalingGroups[0].Instances[?LifecycleState=='InService'] | [0].InstanceId";

/// How often a script looks whether load has moved a group, every 15 seconds: for 20 minutes.
const LOOKS: u32 = 80;

/// What must be visible where a command is sent, since its own resource was made in another region: the operation, the
/// waiter and its option.
const BEFORE: &[(&str, &str, &str)] =
    &[("AcceptVpcPeeringConnection", "vpc-peering-connection-exists", "--vpc-peering-connection-ids")];

/// An instance that runs a script first.
const SCRIPTED: &str = "instance with user data";

/// The plan as a script.
pub fn script(plan: &Plan, scene: &Scene<'_>) -> String {
    let mut out = Script { lines: Vec::new(), known: BTreeSet::new(), waited: BTreeSet::new(), scene };
    out.head(plan);
    let mut step = "";
    for (at, planned) in plan.calls.iter().enumerate() {
        if planned.call.step != step {
            step = &planned.call.step;
            out.lines.push(String::new());
            out.lines.push(format!("# {step}"));
        }
        let starts = load::seconds_of(&planned.call).is_some();
        if starts {
            out.registered(&planned.call);
        }
        out.call(planned);
        if let Some(planned_drill) = plan.drills.iter().find(|drill| starts && drill.call == at) {
            out.follow(&planned_drill.drill, &planned.call.region);
        }
    }
    // The script is over when everything works, not when it was asked for.
    let slow: BTreeMap<&Key, &PlannedCall> =
        plan.calls.iter().filter(|p| p.call.gives.is_some()).map(|p| (&p.call.key, p)).collect();
    let rest: Vec<(&Key, &str)> = slow.iter().map(|(key, p)| (*key, p.call.region.as_str())).collect();
    if rest.iter().any(|(key, _)| out.waiter(key).is_some()) {
        out.lines.push(String::new());
        for (key, region) in rest {
            out.wait(key, region);
        }
    }
    out.lines.push(String::new());
    out.lines.join("\n")
}

/// The tags by which awslab knows its own; what a learner makes by hand goes without them.
const OURS: [&str; 3] = ["Project", "lab:chapter", "lab:run"];
/// What goes with another resource and needs no tag of its own.
const ALONG: [&str; 3] = ["volume", "network-interface", "snapshot"];

/// What a step still lacks, for a learner who types it: one item a command, with the lines that must come before it. What
/// stands is named by its id, what an earlier one of these lines makes by a variable.
pub fn by_hand(plan: &Plan, step: &str, scene: &Scene<'_>) -> Vec<String> {
    let mut out = Script { lines: Vec::new(), known: BTreeSet::new(), waited: BTreeSet::new(), scene };
    let known = |of: &Of| scene.world.get(&of.key).and_then(|observed| observed.attr(&of.attr)).map(str::to_owned);
    let planned: Vec<(&PlannedCall, Call)> = plan
        .calls
        .iter()
        .filter(|planned| planned.call.step == step)
        .map(|planned| (planned, untagged(&planned.call).settled(&known)))
        .collect();
    let waited = planned.iter().flat_map(|(planned, _)| &planned.ready).map(|key| variable(&id_of(key)));
    let referred = planned.iter().flat_map(|(_, call)| call.waits_for()).map(variable);
    let later: BTreeSet<String> = waited.chain(referred).collect();
    let mut blocks = Vec::new();
    for (planned, call) in &planned {
        let region = &call.region;
        for key in &planned.ready {
            let live = scene.world.get(key);
            if live.is_none_or(|live| live.health == Health::Ready) && !out.known.contains(&variable(&id_of(key))) {
                continue;
            }
            if let (Some(live), Some((service, waiter, option))) = (live, out.waiter(key)) {
                let (region, id) = (word(region), word(&live.id));
                out.lines.push(format!("aws {service} wait {waiter} --region {region} {option} {id}"));
            } else {
                out.wait(key, region);
            }
        }
        for of in call.waits_for() {
            out.define(of, region);
        }
        out.files(call);
        let name = variable(&id_of(&call.key));
        out.lines.push(match &call.gives {
            Some(path) if later.contains(&name) => {
                let text = format!("{name}=$({} --query {} --output text)", command(call), word(path));
                out.known.insert(name);
                text
            }
            _ => command(call),
        });
        blocks.push(std::mem::take(&mut out.lines).join("\n"));
    }
    blocks
}

/// What would delete what of a step is there, is wrong and cannot be changed: commands for who made it.
pub fn unmake(plan: &Plan, step: &str, scene: &Scene<'_>) -> Vec<String> {
    let known = |of: &Of| scene.world.get(&of.key).and_then(|observed| observed.attr(&of.attr)).map(str::to_owned);
    let mine = |key: &Key| scene.desired.iter().any(|desired| desired.key == *key && desired.step == step);
    let wrong: BTreeSet<&Key> = plan
        .conflicts
        .iter()
        .filter(|conflict| conflict.mend == Mend::Replace && mine(&conflict.key))
        .map(|conflict| &conflict.key)
        .collect();
    let calls = wrong.into_iter().filter_map(|key| {
        let observed = scene.world.get(key).filter(|observed| observed.health != Health::Deleting)?;
        Some(scene.kinds.kind(&key.kind)?.delete(observed, step))
    });
    calls.flatten().map(|call| command(&call.settled(&known))).collect()
}

fn id_of(key: &Key) -> Of {
    Of { key: key.clone(), attr: "id".into() }
}

/// The call without awslab's own tags.
fn untagged(call: &Call) -> Call {
    let args = call.args.iter().filter_map(|(name, arg)| Some((name.clone(), without_ours(arg)?))).collect();
    Call { args, ..call.clone() }
}

fn without_ours(arg: &Arg) -> Option<Arg> {
    match arg {
        Arg::List(items) => {
            let rest: Vec<Arg> = items.iter().filter_map(without_ours).collect();
            (items.is_empty() || !rest.is_empty()).then_some(Arg::List(rest))
        }
        Arg::Map(members) => {
            let text = |name: &str| members.iter().find(|(key, _)| key == name).and_then(|(_, arg)| arg.as_text());
            let ours = text("Key").is_some_and(|key| OURS.contains(&key));
            if ours || text("ResourceType").is_some_and(|kind| ALONG.contains(&kind)) {
                return None;
            }
            let rest: Vec<(String, Arg)> =
                members.iter().filter_map(|(name, arg)| Some((name.clone(), without_ours(arg)?))).collect();
            // A specification of no tags specifies nothing.
            let bare = text("ResourceType").is_some() && rest.len() < 2;
            (!bare).then_some(Arg::Map(rest))
        }
        other => Some(other.clone()),
    }
}

struct Script<'a> {
    lines: Vec<String>,
    /// Variables that are set.
    known: BTreeSet<String>,
    waited: BTreeSet<Key>,
    scene: &'a Scene<'a>,
}

impl Script<'_> {
    fn head(&mut self, plan: &Plan) {
        self.lines.push("#!/usr/bin/env bash".into());
        self.lines.push(format!("# awslab: {} calls, +${:.4}/h", plan.calls.len(), plan.cost_per_hour));
        self.lines.push("set -euo pipefail".into());
        self.lines.push("export AWS_PAGER=".into());
    }

    fn call(&mut self, planned: &PlannedCall) {
        let call = &planned.call;
        for key in &planned.ready {
            self.wait(key, &call.region);
        }
        for of in call.waits_for() {
            self.define(of, &call.region);
        }
        self.files(call);
        if let Some((_, waiter, option)) = BEFORE.iter().find(|(operation, ..)| *operation == call.operation) {
            let own = variable(&Of { key: call.key.clone(), attr: "id".into() });
            let region = word(&call.region);
            self.lines.push(format!("aws ec2 wait {waiter} --region {region} {option} \"${{{own}}}\""));
        }
        let text = command(call);
        match &call.gives {
            Some(path) => {
                let name = variable(&Of { key: call.key.clone(), attr: "id".into() });
                self.lines.push(format!("{name}=$({text} --query {} --output text)", word(path)));
                self.lines.push(format!("echo \"{} ${{{name}}}\"", call.key.name.replace(['"', '$', '`', '\\'], "")));
                self.known.insert(name);
            }
            None => self.lines.push(format!("{text} > /dev/null")),
        }
    }

    /// Waits until Systems Manager knows the instances that a command is for: a new one registers a minute or two after it
    /// has begun.
    fn registered(&mut self, call: &Call) {
        for of in call.waits_for() {
            self.define(of, &call.region);
            let (region, name) = (word(&call.region), variable(of));
            self.lines.push(format!(
                "until [ \"$(aws ssm describe-instance-information --region {region} --filters \"Key=InstanceIds,Values=${{{name}}}\" --query 'length(InstanceInformationList)' --output text)\" = 1 ]; do sleep 5; done"
            ));
        }
    }

    /// Waits until load has made the policy of a group add an instance.
    fn follow(&mut self, drill: &Drill, region: &str) {
        let cause = format!("triggered policy {} changing the desired capacity", drill.policy.name);
        let query = word(&format!("length(Activities[?contains(Cause, '{cause}')])"));
        let (region, group) = (word(region), word(&drill.group.name));
        let ask = format!(
            "aws autoscaling describe-scaling-activities --region {region} --auto-scaling-group-name {group} --query {query} --output text"
        );
        self.lines.extend([
            "# The alarm needs three minutes above the target; then the policy adds an instance.".to_owned(),
            format!("for look in $(seq {LOOKS}); do"),
            format!("  [ \"$({ask})\" = 0 ] || break"),
            format!(
                "  [ \"$look\" -lt {LOOKS} ] || {{ echo \"{} has not grown under load\" >&2; exit 1; }}",
                drill.group.name
            ),
            "  sleep 15".to_owned(),
            "done".to_owned(),
        ]);
    }

    /// Makes the files that a command reads.
    fn files(&mut self, call: &Call) {
        for (_, arg) in &call.args {
            match arg {
                Arg::PublicKey(pair) => {
                    let (file, public) = (word(pair), word(&format!("{pair}.pub")));
                    self.lines.push(format!(
                        "[ -f {public} ] || (umask 077 && ssh-keygen -q -t ed25519 -N '' -C {file} -f {file})"
                    ));
                }
                Arg::Password(name) => {
                    let file = word(&password_file(name));
                    self.lines
                        .push(format!("[ -f {file} ] || (umask 077 && openssl rand -hex 16 | tr -d '\\n' > {file})"));
                }
                Arg::UserData(script) => {
                    self.lines.push("cat > user-data.sh <<'AWSLAB_USER_DATA'".into());
                    self.lines.push(script.trim_end().to_owned());
                    self.lines.push("AWSLAB_USER_DATA".into());
                }
                _ => {}
            }
        }
    }

    /// Sets the variable of something that no earlier command has given.
    fn define(&mut self, of: &Of, region: &str) {
        let name = variable(of);
        if !self.known.insert(name.clone()) {
            return;
        }
        let lookup = self.scene.kinds.kind(&of.key.kind).is_some_and(|kind| kind.is_lookup());
        let desired = self.scene.desired.iter().find(|d| d.key == of.key);
        let (parameter, product) = (desired.and_then(|d| d.text("parameter")), desired.and_then(|d| d.text("product")));
        if let (true, Some(parameter)) = (lookup, parameter) {
            self.lines.push(format!(
                "{name}=$(aws ssm get-parameter --region {} --name {} --query Parameter.Value --output text)",
                word(region),
                word(parameter)
            ));
        } else if let (true, Some(product)) = (lookup, product) {
            self.lines.push(format!(
                "{name}=$(aws ec2 describe-images --region {} --owners aws-marketplace --filters {} Name=architecture,Values=x86_64 --query 'sort_by(Images,&CreationDate)[-1].ImageId' --output text)",
                word(region),
                word(&format!("Name=product-code,Values={product}"))
            ));
        } else if let Some((_, _, ask, query)) =
            ATTRIBUTES.iter().find(|(kind, attr, ..)| *kind == of.key.kind && *attr == of.attr)
        {
            let which = if of.attr == "id" {
                word(&of.key.name)
            } else {
                let id = Of { key: of.key.clone(), attr: "id".into() };
                self.define(&id, region);
                format!("\"${{{}}}\"", variable(&id))
            };
            let ask = format!("aws {ask} {which} --region {} --query {} --output text", word(region), word(query));
            // Some of them are told only some seconds after the resource was made.
            self.lines.push(format!("until {name}=$({ask}) && [ \"${{{name}}}\" != None ]; do sleep 5; done"));
        } else if let Some(value) = self.scene.world.get(&of.key).and_then(|observed| observed.attr(&of.attr)) {
            self.lines.push(format!("{name}={}", word(value)));
        } else {
            self.lines.push(format!(
                ": \"${{{name}:?{} {}}}\"",
                of.attr,
                of.key.name.replace(['"', '$', '`', '}'], "")
            ));
        }
    }

    fn waiter(&self, key: &Key) -> Option<(&'static str, &'static str, &'static str)> {
        let scripted = self.scene.desired.iter().any(|d| d.key == *key && d.text("user_data").is_some());
        let kind = if scripted { SCRIPTED } else { &key.kind };
        let (_, service, waiter, option) = WAITERS.iter().find(|(known, ..)| *known == kind)?;
        Some((service, waiter, option))
    }

    fn wait(&mut self, key: &Key, region: &str) {
        let Some((service, waiter, option)) = self.waiter(key) else { return };
        if !self.waited.insert(key.clone()) {
            return;
        }
        let of = Of { key: key.clone(), attr: "id".into() };
        // It is waited for where it is, which may be another region than that of the command.
        let own = self.scene.desired.iter().find(|desired| desired.key == *key);
        let region = own.map_or(region, |desired| desired.region.as_str());
        self.define(&of, region);
        self.lines.push(format!(
            "aws {service} wait {waiter} --region {} {option} \"${{{}}}\"",
            word(region),
            variable(&of)
        ));
    }
}
