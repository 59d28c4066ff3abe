//! What must be deleted, in an order that can work.
//!
//! Promises: pure; every item comes after all that refers to it; `after` never forms a circle.
//! Leaves to others: deleting, waiting until it is gone, and looking again (`engine`).

use std::collections::{BTreeMap, BTreeSet};

use crate::course::model::{Key, Value};
use crate::course::schema::FieldType;

use super::kind::Env;
use super::plan::Scene;
use super::report::{ResourceRow, Teardown, TeardownItem};
use super::world::{Health, Observed, World};

/// What is live, with its row.
#[derive(Debug, Clone)]
pub struct Standing {
    /// Its row.
    pub row: ResourceRow,
    /// The live resource.
    pub observed: Observed,
}

/// The deletion of what the targets declare (everything, when they are empty) and of whatever depends on it.
pub fn teardown(scene: &Scene<'_>, standing: &[Standing], targets: &[String]) -> Teardown {
    let (mut before, beside) = edges(scene, standing);
    let chosen = choose(standing, &before, targets);
    let along = along(scene, standing, &chosen);
    for (&at, &holder) in &along {
        before[holder].remove(&at);
        before[at].insert(holder);
        // What it needs only to work (a target its listener) it does not hold up: it goes when its holder does.
        for &other in &beside[at] {
            before[other].remove(&at);
        }
    }
    let order = order(&chosen, &before);
    let place: BTreeMap<usize, usize> = order.iter().enumerate().map(|(at, &item)| (item, at)).collect();
    let items: Vec<TeardownItem> = order
        .iter()
        .enumerate()
        .map(|(at, &item)| {
            let Standing { row, observed } = &standing[item];
            // What is being deleted already, or goes with something else, is only waited for.
            let goes = observed.health == Health::Deleting || along.contains_key(&item);
            let kind = scene.kinds.kind(&row.key.kind).filter(|_| !goes);
            let calls = kind.map(|kind| kind.delete(observed, &row.step)).unwrap_or_default();
            // A circle cannot come from AWS's own rules; should observed state ever hold one, the later edge gives way.
            let after =
                before[item].iter().filter_map(|other| place.get(other)).filter(|&&b| b < at).copied().collect();
            TeardownItem { row: row.clone(), calls, after }
        })
        .collect();
    let cost_per_hour = items.iter().map(|item| item.row.cost_per_hour).sum();
    Teardown { items, everything: targets.is_empty(), cost_per_hour }
}

/// For each standing resource, those that must be gone before it: what refers to it, what the course lets need it,
/// and what its kind names. And for each, what it needs without referring to it.
fn edges(scene: &Scene<'_>, standing: &[Standing]) -> (Vec<BTreeSet<usize>>, Vec<BTreeSet<usize>>) {
    let by_key: BTreeMap<&Key, usize> = standing.iter().enumerate().map(|(at, s)| (&s.row.key, at)).collect();
    let by_id: BTreeMap<&str, usize> =
        standing.iter().enumerate().map(|(at, s)| (s.observed.id.as_str(), at)).collect();
    let live: Vec<&Observed> = standing.iter().map(|s| &s.observed).collect();
    let mut world = World::default();
    for observed in &live {
        world.put((*observed).clone());
    }
    let env = Env { facts: scene.facts, world: &world, desired: scene.desired };
    let mut before = vec![BTreeSet::new(); standing.len()];
    let mut beside = vec![BTreeSet::new(); standing.len()];
    for (at, Standing { observed, .. }) in standing.iter().enumerate() {
        let Some(kind) = scene.kinds.kind(&observed.key.kind) else { continue };
        let mut refers: BTreeSet<usize> = BTreeSet::new();
        for field in kind.fields() {
            let is_reference =
                matches!(field.kind, FieldType::Ref(_) | FieldType::RefOf(_) | FieldType::Refs(_) | FieldType::Source);
            let Some(value) = observed.fields.get(field.name).filter(|_| is_reference) else { continue };
            let ids: Vec<&str> = match value {
                Value::List(items) => items.iter().filter_map(Value::as_text).collect(),
                value => value.as_text().into_iter().collect(),
            };
            refers.extend(ids.iter().filter_map(|id| by_id.get(id)));
        }
        if let Some(desired) = scene.desired(&observed.key) {
            let needs: BTreeSet<usize> =
                kind.needs(desired, &env).iter().filter_map(|need| by_key.get(&need.key)).copied().collect();
            beside[at] = needs.difference(&refers).copied().collect();
            refers.extend(needs);
        }
        for other in refers {
            if other != at {
                before[other].insert(at);
            }
        }
        let first = kind.delete_after(observed, &live);
        before[at].extend(first.iter().filter_map(|key| by_key.get(key)).filter(|&&other| other != at));
    }
    (before, beside)
}

/// The targets' resources, and transitively everything that must be gone before one of them.
fn choose(standing: &[Standing], before: &[BTreeSet<usize>], targets: &[String]) -> BTreeSet<usize> {
    let mut open: Vec<usize> =
        (0..standing.len()).filter(|&at| targets.is_empty() || targets.contains(&standing[at].row.step)).collect();
    let mut chosen = BTreeSet::new();
    while let Some(at) = open.pop() {
        if chosen.insert(at) {
            open.extend(&before[at]);
        }
    }
    chosen
}

/// What needs no call, because something that is deleted too takes it along.
fn along(scene: &Scene<'_>, standing: &[Standing], chosen: &BTreeSet<usize>) -> BTreeMap<usize, usize> {
    let live: Vec<&Observed> = standing.iter().map(|one| &one.observed).collect();
    let holder = |at: usize| {
        let observed = &standing[at].observed;
        let key = scene.kinds.kind(&observed.key.kind)?.goes_with(observed, &live)?;
        let holder = standing.iter().position(|other| other.observed.key == key)?;
        (holder != at && chosen.contains(&holder)).then_some((at, holder))
    };
    chosen.iter().filter_map(|&at| holder(at)).collect()
}

/// Everything after what must be gone before it; otherwise the latest of the course first.
fn order(chosen: &BTreeSet<usize>, before: &[BTreeSet<usize>]) -> Vec<usize> {
    fn visit(
        at: usize,
        chosen: &BTreeSet<usize>,
        before: &[BTreeSet<usize>],
        seen: &mut BTreeSet<usize>,
        out: &mut Vec<usize>,
    ) {
        if !seen.insert(at) {
            return;
        }
        for &other in before[at].iter().rev().filter(|other| chosen.contains(other)) {
            visit(other, chosen, before, seen, out);
        }
        out.push(at);
    }
    let mut seen = BTreeSet::new();
    let mut out = Vec::with_capacity(chosen.len());
    for &at in chosen.iter().rev() {
        visit(at, chosen, before, &mut seen, &mut out);
    }
    out
}
