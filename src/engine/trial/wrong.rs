//! The course with a mistake in it: what a learner who makes the mistake builds.
//!
//! Leaves to others: building it ([`super::hand`]), reading mistakes (`course`).

use crate::course::model::{Course, Key, Mistake, Step, Wrong};

use super::hand::Hand;

/// What is built, how, and from which step on the world is another than the course's.
pub(super) struct Wronged {
    pub course: Course,
    pub hand: Hand,
    /// The first step that is built wrongly.
    pub from: String,
    /// What is deleted in the end.
    pub deleted: Option<Key>,
}

/// The course as this mistake has it.
pub(super) fn wronged(course: &Course, mistake: &Mistake) -> Wronged {
    let mut out = Wronged {
        course: course.clone(),
        hand: Hand { backwards: true, ..Hand::default() },
        from: mistake.step.clone(),
        deleted: None,
    };
    let declared_in = |key: &Key| course.declares(key).map(|(step, _)| step.id.clone());
    match &mistake.wrong {
        Wrong::With { key, fields } => {
            let amends = |step: &Step| {
                step.amends
                    .iter()
                    .any(|amend| amend.key == *key && fields.keys().any(|name| amend.fields.contains_key(name)))
            };
            // A value that the step itself changes is what the learner got wrong there.
            let amended = course.step(&mistake.step).is_some_and(amends);
            if !amended {
                out.from = declared_in(key).unwrap_or(out.from);
            }
            let from = out.from.clone();
            each_step(&mut out.course, |step| {
                if step.id != from {
                    return;
                }
                for amend in step.amends.iter_mut().filter(|amend| amended && amend.key == *key) {
                    amend.fields.extend(fields.clone());
                }
                for declaration in step.resources.iter_mut().filter(|one| !amended && one.key == *key) {
                    declaration.fields.extend(fields.clone());
                }
            });
        }
        Wrong::Without { key, fields } => {
            out.from = declared_in(key).unwrap_or(out.from);
            each_step(&mut out.course, |step| {
                for declaration in step.resources.iter_mut().filter(|one| one.key == *key) {
                    declaration.fields.retain(|name, _| !fields.contains(name));
                }
            });
        }
        Wrong::Skip { key, operations } => {
            // What the step itself changes is left out there: a plan from further back would make it so at once.
            let amends = course.step(&mistake.step).is_some_and(|step| step.amends.iter().any(|one| one.key == *key));
            if !amends {
                out.from = declared_in(key).unwrap_or(out.from);
            }
            out.hand.skip.push((key.clone(), operations.clone()));
        }
        Wrong::Typed { key, values } => {
            out.from = declared_in(key).unwrap_or(out.from);
            out.hand.typed.push((key.clone(), values.clone()));
        }
        Wrong::Missing { key } => {
            out.from = declared_in(key).unwrap_or(out.from);
            each_step(&mut out.course, |step| step.resources.retain(|one| one.key != *key));
        }
        Wrong::Extra { declaration } => each_step(&mut out.course, |step| {
            if step.id == mistake.step {
                step.resources.push(declaration.clone());
            }
        }),
        Wrong::Deleted { key } => out.deleted = Some(key.clone()),
    }
    let from = out.from.clone();
    each_step(&mut out.course, |step| {
        if step.id == from {
            step.resources.extend(mistake.beside.iter().cloned());
        }
    });
    out
}

fn each_step(course: &mut Course, mut change: impl FnMut(&mut Step)) {
    let sections = course.chapters.iter_mut().flat_map(|chapter| &mut chapter.sections);
    sections.flat_map(|section| &mut section.steps).for_each(&mut change);
}
