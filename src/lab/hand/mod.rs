//! A step that the learner does by hand: what has appeared, what is right, what is wrong, and the lines that do the rest.
//!
//! Promises: pure; nothing is decided between candidates (they are named); what is merely not there yet is waiting, not
//! wrong. Leaves to others: looking (`engine`), how often ([`Pace`] says it, the caller keeps it), adopting.

mod pace;
mod remark;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use crate::course::model::{Condition, Key, Step, Value};
use crate::course::schema::FieldType;
use crate::i18n::Text;

use super::check::REST;
use super::plan::Scene;
use super::report::{CheckReport, ConditionResult, Plan};
use super::script;
use super::world::{Health, Observed, Sight, World};

pub use pace::Pace;
pub use remark::other;

/// How far a condition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stage {
    /// Something is there, and it is not as it should be.
    Wrong,
    /// It is there and on its way.
    Coming,
    /// Nothing to judge yet.
    Waiting,
    /// It holds.
    Right,
}

impl Stage {
    /// Its word in JSON.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Wrong => "wrong",
            Self::Coming => "coming",
            Self::Waiting => "waiting",
            Self::Right => "right",
        }
    }
}

/// A condition, as far as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// How far.
    pub stage: Stage,
    /// What the check says.
    pub result: ConditionResult,
}

/// What was seen of a step that is done by hand.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Hand {
    /// The step.
    pub step: String,
    /// When: cloud time, milliseconds since the Unix epoch.
    pub at: i64,
    /// Its conditions, in the order of the course.
    pub conditions: Vec<Watched>,
    /// What must be there first and is not, with the step that declares it.
    pub first: Vec<(Key, String)>,
    /// What else the learner should know: another name, another region, several of a name.
    pub remarks: Vec<Text>,
    /// What would go into the ledger.
    pub adopts: Vec<Key>,
    /// What of the step the learner made by hand and the ledger has.
    pub adopted: Vec<Key>,
    /// What is still to be done, as commands of the AWS CLI; see [`script::by_hand`].
    pub lines: Vec<String>,
    /// What would delete what is wrong and cannot be changed, as commands; see [`script::unmake`].
    pub unmakes: Vec<String>,
    /// What is still to be made, for the console: each with its values.
    pub values: Vec<Values>,
}

/// A resource with the values that it is made with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// The resource.
    pub key: Key,
    /// What people call its kind.
    pub kind: Text,
    /// Fields in the reader's words, with their values; what refers to something live says its id too.
    pub fields: Vec<(Text, String)>,
}

impl Hand {
    /// Whether every condition holds.
    pub fn is_right(&self) -> bool {
        self.conditions.iter().all(|one| one.stage == Stage::Right)
    }

    /// Whether there is nothing more to do: all is right, and the ledger knows it.
    pub fn is_done(&self) -> bool {
        self.is_right() && self.adopts.is_empty()
    }

    /// Whether something is wrong that is there.
    pub fn is_wrong(&self) -> bool {
        self.conditions.iter().any(|one| one.stage == Stage::Wrong)
    }

    /// How many conditions hold.
    pub fn held(&self) -> usize {
        self.conditions.iter().filter(|one| one.stage == Stage::Right).count()
    }

    /// Whether another look says the same, whenever it was taken.
    pub fn is_same(&self, other: &Self) -> bool {
        Self { at: 0, ..self.clone() } == Self { at: 0, ..other.clone() }
    }
}

/// What is known of the cloud and of the ledger when a step is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The check of the step.
    pub report: &'a CheckReport,
    /// What is missing.
    pub plan: &'a Plan,
    /// What was found beside the course: live resources of the step's kinds.
    pub strays: &'a [Observed],
    /// What was found under its name in the course's other region.
    pub elsewhere: &'a [Observed],
    /// The ids of the ledger, and whether each was made by hand.
    pub ledger: &'a BTreeMap<Key, (String, bool)>,
}

/// What there is to say of a step.
pub fn hand(scene: &Scene<'_>, step: &Step, known: &Known<'_>, at: i64) -> Hand {
    let conditions = known.report.conditions.iter().filter(|result| result.step == step.id);
    let mut conditions: Vec<Watched> = conditions.map(|result| watched(scene.world, step, result)).collect();
    // The implicit last condition has nothing to say of what is not there: that is not yet right.
    let unmade = !step.resources.is_empty() && step.resources.iter().all(|one| is_absent(scene.world, &one.key));
    if unmade && conditions.iter().any(|one| one.stage != Stage::Right) {
        conditions.iter_mut().filter(|one| one.result.id == REST).for_each(|one| one.stage = Stage::Waiting);
    }
    let mut remarks = remark::several(scene, step, known.plan);
    remarks.extend(remark::elsewhere(scene, known.elsewhere));
    remarks.extend(remark::strays(scene, step, known.strays));
    let script = script::Scene { kinds: scene.kinds, desired: scene.desired, world: scene.world };
    let known_by_hand = |key: &&Key| known.ledger.get(key).is_some_and(|(_, by_hand)| *by_hand);
    Hand {
        step: step.id.clone(),
        at,
        conditions,
        first: first(scene, step, known.plan),
        remarks,
        adopts: adopts(scene, step, known),
        adopted: step.resources.iter().map(|one| &one.key).filter(known_by_hand).cloned().collect(),
        lines: script::by_hand(known.plan, &step.id, &script),
        unmakes: script::unmake(known.plan, &step.id, &script),
        values: values(scene, step),
    }
}

/// The resources that the conditions of a step speak of.
pub fn subjects(step: &Step) -> Vec<Key> {
    let mut keys: Vec<Key> = step.resources.iter().map(|one| one.key.clone()).collect();
    keys.extend(step.amends.iter().map(|one| one.key.clone()));
    keys.extend(step.retires.iter().flat_map(|one| [one.key.clone(), one.successor.clone()]));
    keys.extend(step.drill.iter().flat_map(|drill| [drill.group.clone(), drill.policy.clone()]));
    keys.extend(step.checks.iter().flat_map(|check| of_condition(&check.condition)));
    keys.sort();
    keys.dedup();
    keys
}

fn of_condition(condition: &Condition) -> Vec<Key> {
    match condition {
        Condition::Exists(keys) | Condition::Ready(keys) | Condition::Only(keys) | Condition::Gone(keys) => {
            keys.clone()
        }
        Condition::Match { keys, .. } => keys.clone(),
        Condition::Saw { group, policy, .. } => vec![group.clone(), policy.clone()],
        Condition::Reach(_) | Condition::Http(_) | Condition::Answers { .. } | Condition::Subscribed(_) => Vec::new(),
    }
}

fn watched(world: &World, step: &Step, result: &ConditionResult) -> Watched {
    let check = step.checks.iter().find(|check| check.id == result.id).map(|check| &check.condition);
    let stage = if result.ok {
        Stage::Right
    } else if !result.differences.is_empty() {
        Stage::Wrong
    } else {
        match check {
            // What happens by itself, or is to go, is waited for.
            Some(Condition::Saw { .. } | Condition::Gone(_) | Condition::Subscribed(_)) => Stage::Waiting,
            _ => stage_of(world, step, check, result),
        }
    };
    Watched { stage, result: result.clone() }
}

fn is_absent(world: &World, key: &Key) -> bool {
    matches!(world.sights.get(key), None | Some(Sight::Absent))
}

/// Of a condition that fails without a field that differs: is it missing, on its way, or wrong?
fn stage_of(world: &World, step: &Step, check: Option<&Condition>, result: &ConditionResult) -> Stage {
    let own = check.map(of_condition).unwrap_or_default();
    let keys = if own.is_empty() { subjects(step) } else { own };
    let sights = || keys.iter().map(|key| world.sights.get(key));
    let live = |sight: Option<&Sight>| matches!(sight, Some(Sight::Found(one)) if one.health != Health::Deleting);
    let failed = |sight: Option<&Sight>| match sight {
        Some(Sight::Ambiguous(_)) => true,
        Some(Sight::Found(one)) => one.health == Health::Failed || !one.reason.is_empty(),
        _ => false,
    };
    // The implicit last condition speaks of everything; what is missing there is not there yet.
    if result.id != REST && sights().any(failed) {
        Stage::Wrong
    } else if result.pending
        || sights().any(|sight| matches!(sight, Some(Sight::Found(one)) if one.health == Health::Pending))
    {
        Stage::Coming
    } else if sights().all(live) {
        Stage::Wrong
    } else {
        Stage::Waiting
    }
}

/// What other steps declare, this one needs, and is not there.
fn first(scene: &Scene<'_>, step: &Step, plan: &Plan) -> Vec<(Key, String)> {
    let mut out: Vec<(Key, String)> = Vec::new();
    for planned in &plan.calls {
        let key = &planned.call.key;
        let Some(desired) = scene.desired(key) else { continue };
        let absent = matches!(scene.world.sights.get(key), None | Some(Sight::Absent));
        if absent && desired.step != step.id && out.iter().all(|(known, _)| known != key) {
            out.push((key.clone(), desired.step.clone()));
        }
    }
    out
}

/// What of the step is there, usable and not in the ledger.
fn adopts(scene: &Scene<'_>, step: &Step, known: &Known<'_>) -> Vec<Key> {
    let free = |key: &&Key| {
        let Some(observed) = scene.world.get(key) else { return false };
        let kind = scene.kinds.kind(&key.kind);
        let may = kind.is_some_and(|kind| !kind.is_lookup() && kind.adopts(observed));
        let dead = matches!(observed.health, Health::Failed | Health::Deleting);
        may && !dead && known.ledger.get(key).is_none_or(|(id, _)| *id != observed.id)
    };
    step.resources.iter().map(|one| &one.key).filter(free).cloned().collect()
}

/// The values of what the step still lacks.
fn values(scene: &Scene<'_>, step: &Step) -> Vec<Values> {
    let missing = |key: &&Key| matches!(scene.world.sights.get(key), None | Some(Sight::Absent));
    let keys = step.resources.iter().map(|one| &one.key).filter(missing);
    keys.filter_map(|key| {
        let kind = scene.kinds.kind(&key.kind).filter(|kind| !kind.is_lookup())?;
        let desired = scene.desired(key)?;
        let fields = kind.fields().iter().filter_map(|field| {
            let value = desired.fields.get(field.name)?;
            let refers = match field.kind {
                FieldType::Ref(kind) | FieldType::Refs(kind) => Some(vec![kind]),
                FieldType::RefOf(kinds) => Some(kinds.to_vec()),
                FieldType::Source => Some(vec!["security-group"]),
                _ => None,
            };
            let one = |value: &Value| match (&refers, value.as_text()) {
                (Some(kinds), Some(name)) => with_id(scene.world, kinds, name, key),
                _ => value.to_string(),
            };
            let text = match value {
                Value::List(items) => items.iter().map(one).collect::<Vec<_>>().join(", "),
                other => one(other),
            };
            Some((Text::new(field.words.0, field.words.1), text))
        });
        Some(Values { key: key.clone(), kind: kind.title(), fields: fields.collect() })
    })
    .collect()
}

/// `my-vpc (vpc-0abc)`.
fn with_id(world: &World, kinds: &[&str], name: &str, of: &Key) -> String {
    let find = |kind: &&str| world.get(&Key { kind: (*kind).to_owned(), name: name.to_owned(), role: of.role });
    match kinds.iter().find_map(find) {
        Some(live) if live.id != name => format!("{name} ({})", live.id),
        _ => name.to_owned(),
    }
}
