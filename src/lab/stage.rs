//! Which of a resource's stages is meant, when later steps amend or retire it.
//!
//! Promises: what a reached step amends is wanted; what only a later step amends is accepted where it is live, so that no
//! earlier step complains of it, and nothing is ever changed back. What is retired is not missed once its successor stands.

use std::borrow::Cow;

use super::kind::{Env, Kind};
use super::plan::Scene;
use super::world::{Desired, Health, Observed};

/// The resource as it is wanted once these steps are reached, given what is live.
pub fn wanted<'a>(
    desired: &'a Desired,
    observed: Option<&Observed>,
    kind: &dyn Kind,
    env: &Env<'_>,
    reached: &dyn Fn(&str) -> bool,
) -> Cow<'a, Desired> {
    if desired.amended.is_empty() {
        return Cow::Borrowed(desired);
    }
    let mut out = desired.clone();
    for amended in desired.amended.iter().filter(|amended| reached(&amended.step)) {
        out.fields.extend(amended.fields.clone());
    }
    let Some(observed) = observed else { return Cow::Owned(out) };
    let differs = |wanted: &Desired, field: &str| {
        kind.differences(wanted, observed, env).iter().any(|difference| difference.field == field)
    };
    for amended in desired.amended.iter().filter(|amended| !reached(&amended.step)) {
        for (field, value) in &amended.fields {
            if out.fields.contains_key(field) && differs(&out, field) {
                let mut later = out.clone();
                later.fields.insert(field.clone(), value.clone());
                if !differs(&later, field) {
                    out = later;
                }
            }
        }
    }
    Cow::Owned(out)
}

/// The reached step that wants this field as it is: what a change of it belongs to.
pub fn amender<'a>(desired: &'a Desired, field: &str, reached: &dyn Fn(&str) -> bool) -> Option<&'a str> {
    let of_field = |amended: &&super::world::Amended| reached(&amended.step) && amended.fields.contains_key(field);
    desired.amended.iter().rev().find(of_field).map(|amended| amended.step.as_str())
}

/// Whether the resource is retired and its successor does its work.
pub fn is_replaced(scene: &Scene<'_>, desired: &Desired) -> bool {
    let successor = desired.retired.as_ref().and_then(|(_, successor)| scene.world.get(successor));
    successor.is_some_and(|live| !matches!(live.health, Health::Deleting | Health::Failed))
}

/// Whether a step comes at or before another one in the course.
pub fn is_reached(scene: &Scene<'_>, step: &str, at: &str) -> bool {
    let place = |id: &str| scene.course.steps().position(|step| step.id == id);
    place(step) <= place(at)
}
