//! Desired state against observed state gives calls and their order.
//!
//! Promises: pure; the calls are in an order that works when they are sent one after another, and `after` and
//! `ready` hold exactly what must come before when they are sent at once.
//! Leaves to others: sending and waiting (`engine`), evaluating conditions ([`super::check`]).

use std::collections::{BTreeMap, BTreeSet};

use crate::course::model::{Condition, Course, Key, Step};

use super::call::Arg;
use super::cost::Prices;
use super::facts::Facts;
use super::kind::{Env, Kinds, Need};
use super::report::{Held, Plan, PlannedCall, PlannedDrill};
use super::world::{Desired, Difference, Health, Mend, Observed, Sight, World};
use super::{load, manual, stage};

/// Everything that planning looks at.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    /// The course.
    pub course: &'a Course,
    /// The kinds.
    pub kinds: &'a dyn Kinds,
    /// The learner's place.
    pub facts: &'a Facts,
    /// What the whole course desires, in course order.
    pub desired: &'a [Desired],
    /// What was observed.
    pub world: &'a World,
}

impl<'a> Scene<'a> {
    /// What kinds are given.
    pub fn env(&self) -> Env<'a> {
        Env { facts: self.facts, world: self.world, desired: self.desired }
    }

    /// The desired resource with this key.
    pub fn desired(&self, key: &Key) -> Option<&'a Desired> {
        self.desired.iter().find(|desired| desired.key == *key)
    }

    /// What a desired resource needs, as its kind says.
    pub fn needs(&self, desired: &Desired) -> Vec<Need> {
        self.kinds.kind(&desired.key.kind).map(|kind| kind.needs(desired, &self.env())).unwrap_or_default()
    }
}

/// The steps that the targets cover with everything they need, in course order: every step that declares something
/// that is needed, directly or not, and every step that one of them names as needed.
pub fn closure(scene: &Scene<'_>, targets: &[String]) -> Vec<String> {
    let mut covered: BTreeSet<&str> = BTreeSet::new();
    let mut open: Vec<&str> = targets.iter().map(String::as_str).collect();
    while let Some(id) = open.pop() {
        let Some(step) = scene.course.step(id) else { continue };
        if !covered.insert(&step.id) {
            continue;
        }
        open.extend(step.needs.iter().map(String::as_str));
        let beside = step
            .amends
            .iter()
            .map(|amend| &amend.key)
            .chain(step.retires.iter().map(|retire| &retire.successor))
            .chain(step.drill.iter().flat_map(|drill| [&drill.group, &drill.policy]));
        open.extend(beside.filter_map(|key| scene.desired(key)).map(|other| other.step.as_str()));
        for declaration in &step.resources {
            let Some(desired) = scene.desired(&declaration.key) else { continue };
            for need in scene.needs(desired) {
                // What is only looked up is there without its step.
                let made = scene.kinds.kind(&need.key.kind).is_some_and(|kind| !kind.is_lookup());
                if let Some(other) = scene.desired(&need.key).filter(|_| made) {
                    open.push(&other.step);
                }
            }
        }
    }
    scene.course.steps().filter(|step| covered.contains(step.id.as_str())).map(|step| step.id.clone()).collect()
}

/// What must be called so that the targets and what they need stand. `ledger` holds the ids that awslab knows, `open` the
/// manual steps that nobody has done yet: what waits for one of them is left out.
pub fn plan(scene: &Scene<'_>, targets: &[String], ledger: &BTreeMap<Key, String>, open: &BTreeSet<String>) -> Plan {
    let all = closure(scene, targets);
    let held: Vec<Held> = manual::held(scene, open).into_iter().filter(|held| all.contains(&held.step)).collect();
    let waits = |step: &String| open.contains(step) || held.iter().any(|held| held.step == *step);
    let (left_out, steps): (Vec<String>, Vec<String>) = all.into_iter().partition(waits);
    let covered: BTreeSet<&str> = steps.iter().map(String::as_str).collect();
    let manual = left_out.into_iter().filter(|step| open.contains(step)).collect();
    let mut plan = Plan { manual, held, ..Plan::default() };
    let reached = |step: &str| covered.contains(step);
    let retires = |d: &&Desired| d.retired.as_ref().is_some_and(|(step, _)| reached(step));
    let wanted: Vec<&Desired> = scene.desired.iter().filter(|d| reached(&d.step) && !retires(d)).collect();
    let mut made: BTreeMap<Key, Made> = BTreeMap::new();
    for desired in in_order_of_need(scene, &wanted, &reached) {
        plan_one(scene, desired, ledger, &reached, &mut made, &mut plan);
    }
    for desired in scene.desired.iter().filter(retires) {
        retire(scene, desired, &made, &mut plan);
    }
    for step in scene.course.steps().filter(|step| reached(&step.id)) {
        drill(scene, step, &made, &mut plan);
    }
    plan.steps = steps;
    plan
}

/// Takes away what a reached step retires, after its successor stands and everything that it needs is as wanted.
fn retire(scene: &Scene<'_>, desired: &Desired, made: &BTreeMap<Key, Made>, plan: &mut Plan) {
    let (Some((step, successor)), Some(kind)) = (&desired.retired, scene.kinds.kind(&desired.key.kind)) else { return };
    let observed = match scene.world.sights.get(&desired.key) {
        Some(Sight::Found(observed)) => observed,
        Some(Sight::Ambiguous(ids)) => {
            plan.ambiguous.push((desired.key.clone(), ids.clone()));
            return;
        }
        Some(Sight::Absent) | None => return,
    };
    plan.leaving.push(desired.key.clone());
    if observed.health == Health::Deleting {
        return;
    }
    let mut after: BTreeSet<usize> =
        scene.needs(desired).iter().filter_map(|need| made.get(&need.key)).map(|other| other.last).collect();
    let mut ready = Vec::new();
    if let Some(other) = made.get(successor) {
        after.insert(other.last);
    }
    if made.contains_key(successor) || plan.pending.contains(successor) {
        ready.push(successor.clone());
    }
    for call in kind.delete(observed, step) {
        let at = plan.calls.len();
        plan.calls.push(PlannedCall { call, after: after.iter().copied().collect(), ready: ready.clone() });
        after = BTreeSet::from([at]);
    }
}

/// Puts load on a group, or takes it off, unless what the step waits for has happened already.
fn drill(scene: &Scene<'_>, step: &Step, made: &BTreeMap<Key, Made>, plan: &mut Plan) {
    let Some(drill) = &step.drill else { return };
    let over = step.checks.iter().all(|check| match &check.condition {
        Condition::Saw { group, policy, event } => load::saw(scene.world, group, policy, *event).happened,
        _ => true,
    });
    if over {
        return;
    }
    let Some(group) = scene.desired(&drill.group) else { return };
    // Everything else is as wanted before anybody makes trouble; one drill waits for the other's end.
    let after: Vec<usize> = (0..plan.calls.len()).collect();
    let mut ready: Vec<Key> = [&drill.group, &drill.policy]
        .into_iter()
        .filter(|key| made.contains_key(key) || plan.pending.contains(key))
        .cloned()
        .collect();
    ready.extend(plan.drills.last().map(|earlier| load::key_of_step(&earlier.step)));
    let call = match drill.minutes {
        Some(minutes) => {
            load::start(&drill.group, Arg::attr(&drill.group, "in_service"), minutes, &group.region, &step.id)
        }
        None => load::stop(&drill.group, &group.region, &step.id),
    };
    let call_at = plan.calls.len();
    plan.calls.push(PlannedCall { call, after, ready });
    plan.drills.push(PlannedDrill { call: call_at, step: step.id.clone(), drill: drill.clone() });
}

/// Where in the plan a resource's calls are.
struct Made {
    /// The call after which it exists.
    exists: usize,
    /// Its last call.
    last: usize,
}

fn plan_one(
    scene: &Scene<'_>,
    desired: &Desired,
    ledger: &BTreeMap<Key, String>,
    reached: &dyn Fn(&str) -> bool,
    made: &mut BTreeMap<Key, Made>,
    plan: &mut Plan,
) {
    let key = &desired.key;
    let Some(kind) = scene.kinds.kind(&key.kind) else { return };
    let env = scene.env();
    let declared = desired;
    let staged = stage::wanted(desired, scene.world.get(key), kind, &env, reached);
    let desired: &Desired = &staged;
    // What never came about is asked for anew.
    let over = scene.world.get(key).is_some_and(|observed| kind.is_over(observed));
    let calls = match scene.world.sights.get(key).filter(|_| !over) {
        Some(Sight::Ambiguous(ids)) => {
            plan.ambiguous.push((key.clone(), ids.clone()));
            return;
        }
        Some(Sight::Found(observed)) => {
            if kind.is_lookup() {
                plan.kept.push(key.clone());
                return;
            }
            if let Some(conflict) = dead(key, observed) {
                plan.conflicts.push(conflict);
                return;
            }
            let differences = kind.differences(desired, observed, &env);
            let (mendable, others): (Vec<_>, Vec<_>) = differences.into_iter().partition(|d| d.mend == Mend::InPlace);
            let mut calls = kind.change(desired, observed, &mendable, &env);
            // A change that only a later step asks for is that step's.
            let amenders = mendable.iter().map(|d| stage::amender(declared, &d.field, reached));
            if let Some(Some(step)) = amenders.min() {
                calls.iter_mut().for_each(|call| step.clone_into(&mut call.step));
            }
            let known = ledger.get(key).is_some_and(|id| id.is_empty() || *id == observed.id);
            let replace = others.iter().any(|d| d.mend == Mend::Replace);
            if !replace {
                if !known && kind.adopts(observed) {
                    plan.adopted.push(key.clone());
                } else if calls.is_empty() || !known {
                    plan.kept.push(key.clone());
                }
                if observed.health == Health::Pending {
                    plan.pending.push(key.clone());
                }
            }
            plan.conflicts.extend(others);
            // What cannot become as wanted in place is left alone altogether: the learner decides.
            if replace { Vec::new() } else { calls }
        }
        Some(Sight::Absent) | None if kind.is_lookup() => {
            plan.conflicts.push(Difference {
                key: key.clone(),
                field: "id".into(),
                wanted: desired.fields.values().map(ToString::to_string).collect::<Vec<_>>().join(" "),
                found: String::new(),
                mend: Mend::Replace,
            });
            return;
        }
        Some(Sight::Absent) | None if stage::is_replaced(scene, desired) => return,
        Some(Sight::Absent) | None => {
            plan.cost_per_hour += Prices::bundled().hourly(&kind.price(desired, scene.desired), &desired.region);
            kind.create(desired, &env)
        }
    };
    let needs = scene.needs(desired);
    let mut before: BTreeSet<usize> = BTreeSet::new();
    let mut ready: BTreeSet<Key> = BTreeSet::new();
    for need in &needs {
        let planned = made.get(&need.key);
        if let Some(other) = planned {
            before.insert(if need.ready { other.last } else { other.exists });
        }
        if need.ready && (planned.is_some() || plan.pending.contains(&need.key)) {
            ready.insert(need.key.clone());
        }
    }
    let mut previous: Option<usize> = None;
    let mut exists = None;
    for call in calls {
        let mut after: BTreeSet<usize> = previous.map_or_else(|| before.clone(), |at| BTreeSet::from([at]));
        let mut waits: BTreeSet<Key> = if previous.is_none() { ready.clone() } else { BTreeSet::new() };
        // An argument may name something that the kind did not list as a need: then it must at least exist; anything
        // but its id is known only once it was looked at.
        for of in call.waits_for() {
            let Some(other) = made.get(&of.key) else { continue };
            let early = scene.kinds.kind(&of.key.kind).is_some_and(|kind| kind.is_early(&of.attr));
            after.insert(if of.attr == "id" { other.exists } else { other.last });
            if of.attr != "id" && !early {
                waits.insert(of.key.clone());
            }
        }
        let at = plan.calls.len();
        if exists.is_none() && call.gives.is_some() {
            exists = Some(at);
        }
        plan.calls.push(PlannedCall { call, after: after.into_iter().collect(), ready: waits.into_iter().collect() });
        previous = Some(at);
    }
    if let Some(last) = previous {
        made.insert(key.clone(), Made { exists: exists.unwrap_or(last), last });
    }
}

/// A live resource that will not become usable.
fn dead(key: &Key, observed: &Observed) -> Option<Difference> {
    let found = match observed.health {
        Health::Failed if observed.reason.is_empty() => observed.state.clone(),
        Health::Failed => format!("{} ({})", observed.state, observed.reason),
        Health::Deleting => observed.state.clone(),
        Health::Pending | Health::Ready => return None,
    };
    Some(Difference { key: key.clone(), field: "state".into(), wanted: "ready".into(), found, mend: Mend::Replace })
}

/// Every resource after all that it needs; otherwise in course order.
fn in_order_of_need<'a>(scene: &Scene<'_>, wanted: &[&'a Desired], reached: &dyn Fn(&str) -> bool) -> Vec<&'a Desired> {
    fn visit<'a>(
        needs: &dyn Fn(&Desired) -> Vec<Need>,
        at: usize,
        wanted: &[&'a Desired],
        index: &BTreeMap<&Key, usize>,
        seen: &mut [bool],
        out: &mut Vec<&'a Desired>,
    ) {
        if std::mem::replace(&mut seen[at], true) {
            return;
        }
        for need in needs(wanted[at]) {
            if let Some(&other) = index.get(&need.key) {
                visit(needs, other, wanted, index, seen, out);
            }
        }
        out.push(wanted[at]);
    }
    let index: BTreeMap<&Key, usize> = wanted.iter().enumerate().map(|(at, d)| (&d.key, at)).collect();
    let mut seen = vec![false; wanted.len()];
    let mut out = Vec::with_capacity(wanted.len());
    // What a reached step amends may need more than what was declared first.
    let needs = |desired: &Desired| {
        let Some(kind) = scene.kinds.kind(&desired.key.kind) else { return Vec::new() };
        scene.needs(&stage::wanted(desired, scene.world.get(&desired.key), kind, &scene.env(), reached))
    };
    for at in 0..wanted.len() {
        visit(&needs, at, wanted, &index, &mut seen, &mut out);
    }
    out
}
