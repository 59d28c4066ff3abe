//! The course for one learner: with their domain, or without one.
//!
//! Promises: what carries `only_with` a thing that the learner does not have is not in the course any more, and neither is any
//! check of it; what is left out is named where it was ([`Step::without`], [`Step::left_out`]); `{domain}` stands nowhere any
//! more. Plan, checks, status and cleanup follow from the course, so that they agree.
//! Leaves to others: what the learner has (`engine`).

use super::model::{
    Amend, Check, Condition, Course, Declaration, Fields, Key, Mistake, Requirement, Retire, Step, StepKind, Value,
    Wrong,
};
use crate::i18n::Text;

/// What stands for the learner's domain in the course files.
const SLOT: &str = "{domain}";
/// What a text says of the domain of a learner who has none.
const ANYBODYS: &str = "example.com";

impl Course {
    /// The course for a learner with this domain.
    #[must_use]
    pub fn tailored(&self, domain: Option<&str>) -> Self {
        let mut course = self.clone();
        let has = |need: Option<Requirement>| need.is_none_or(|Requirement::Domain| domain.is_some());
        let name = domain.unwrap_or(ANYBODYS);
        for step in course.chapters.iter_mut().flat_map(|c| &mut c.sections).flat_map(|s| &mut s.steps) {
            leave_out(step, &has);
            fill_step(step, name);
        }
        course
    }
}

impl Mistake {
    /// The mistake as a learner with this domain makes it.
    #[must_use]
    pub fn tailored(&self, domain: &str) -> Self {
        let mut mistake = self.clone();
        mistake.says.iter_mut().for_each(|text| fill(text, domain));
        for declaration in &mut mistake.beside {
            fill_declaration(declaration, domain);
        }
        match &mut mistake.wrong {
            Wrong::With { key, fields } => {
                fill(&mut key.name, domain);
                fill_fields(fields, domain);
            }
            Wrong::Typed { key, values } => {
                fill(&mut key.name, domain);
                values.iter_mut().for_each(|(_, value)| fill(value, domain));
            }
            Wrong::Without { key, .. } | Wrong::Skip { key, .. } | Wrong::Missing { key } | Wrong::Deleted { key } => {
                fill(&mut key.name, domain);
            }
            Wrong::Extra { declaration } => fill_declaration(declaration, domain),
        }
        mistake
    }
}

/// Takes out of a step what the learner cannot do.
fn leave_out(step: &mut Step, has: &dyn Fn(Option<Requirement>) -> bool) {
    if !has(step.only_with) {
        step.left_out = step.only_with;
        step.without = step.resources.drain(..).map(|declaration| declaration.key).collect();
        step.amends.clear();
        step.retires.clear();
        step.checks.clear();
        step.drill = None;
        // All that is left of it is its page.
        step.kind = StepKind::Read;
        return;
    }
    let (kept, left): (Vec<Declaration>, Vec<Declaration>) =
        step.resources.drain(..).partition(|declaration| has(declaration.only_with));
    step.resources = kept;
    step.without = left.into_iter().map(|declaration| declaration.key).collect();
    let without = &step.without;
    step.checks.retain(|check| has(check.only_with) && !looks_at(&check.condition, without));
}

/// Whether a condition is about one of these resources.
fn looks_at(condition: &Condition, keys: &[Key]) -> bool {
    match condition {
        Condition::Exists(of) | Condition::Ready(of) | Condition::Only(of) | Condition::Gone(of) => {
            of.iter().any(|key| keys.contains(key))
        }
        Condition::Match { keys: of, .. } => of.iter().any(|key| keys.contains(key)),
        Condition::Http(page) => keys.contains(&page.balancer),
        _ => false,
    }
}

fn fill(text: &mut String, domain: &str) {
    if text.contains(SLOT) {
        *text = text.replace(SLOT, domain);
    }
}

fn fill_text(text: &mut Text, domain: &str) {
    fill(&mut text.ko, domain);
    fill(&mut text.en, domain);
}

fn fill_value(value: &mut Value, domain: &str) {
    match value {
        Value::Text(text) => fill(text, domain),
        Value::List(items) => items.iter_mut().for_each(|item| fill_value(item, domain)),
        Value::Map(members) => members.values_mut().for_each(|member| fill_value(member, domain)),
        Value::Bool(_) | Value::Int(_) => {}
    }
}

fn fill_fields(fields: &mut Fields, domain: &str) {
    fields.values_mut().for_each(|value| fill_value(value, domain));
}

fn fill_declaration(declaration: &mut Declaration, domain: &str) {
    fill(&mut declaration.key.name, domain);
    fill_fields(&mut declaration.fields, domain);
}

fn fill_keys(keys: &mut [Key], domain: &str) {
    keys.iter_mut().for_each(|key| fill(&mut key.name, domain));
}

fn fill_step(step: &mut Step, domain: &str) {
    for text in [&mut step.title, &mut step.guide, &mut step.console, &mut step.why, &mut step.correction] {
        fill_text(text, domain);
    }
    step.hints.iter_mut().for_each(|hint| fill_text(hint, domain));
    step.resources.iter_mut().for_each(|declaration| fill_declaration(declaration, domain));
    for Amend { key, fields } in &mut step.amends {
        fill(&mut key.name, domain);
        fill_fields(fields, domain);
    }
    for Retire { key, successor } in &mut step.retires {
        fill(&mut key.name, domain);
        fill(&mut successor.name, domain);
    }
    fill_keys(&mut step.without, domain);
    step.checks.iter_mut().for_each(|check| fill_check(check, domain));
}

fn fill_check(check: &mut Check, domain: &str) {
    for text in [&mut check.title, &mut check.failure, &mut check.mend] {
        fill_text(text, domain);
    }
    match &mut check.condition {
        Condition::Exists(keys) | Condition::Ready(keys) | Condition::Only(keys) | Condition::Gone(keys) => {
            fill_keys(keys, domain);
        }
        Condition::Match { keys, .. } => fill_keys(keys, domain),
        Condition::Http(page) => {
            for text in page.host.iter_mut().chain(&mut page.location) {
                fill(text, domain);
            }
        }
        _ => {}
    }
}
