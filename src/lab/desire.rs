//! The course's declarations as desired state for this learner: zone letters become zone names, `my-ip` and
//! `anywhere` become blocks, region roles become regions.
//!
//! A `my-ip` that is not known stays as it is; [`lacks_my_ip`] finds the calls that cannot be sent because of it.

use crate::course::model::{Course, Fields, Key, Value};
use crate::course::schema::FieldType;

use super::call::{Arg, Call};
use super::facts::Facts;
use super::kind::Kinds;
use super::world::{Amended, Desired};

/// The word of the course files for the learner's own address.
pub const MY_IP: &str = "my-ip";
/// The word of the course files for everybody.
pub const ANYWHERE: &str = "anywhere";

/// Every resource that the course declares, in course order.
pub fn desire(course: &Course, facts: &Facts, kinds: &dyn Kinds) -> Vec<Desired> {
    let mut out = Vec::new();
    for chapter in &course.chapters {
        for step in chapter.sections.iter().flat_map(|section| &section.steps) {
            for declaration in &step.resources {
                let region = facts.scope.region(declaration.key.role).to_owned();
                let fields = meant(&declaration.key, &declaration.fields, facts, kinds);
                out.push(Desired {
                    key: declaration.key.clone(),
                    step: step.id.clone(),
                    chapter: chapter.number,
                    region,
                    fields,
                    place: declaration.place.clone(),
                    amended: Vec::new(),
                    retired: None,
                });
            }
        }
    }
    for step in course.steps() {
        for amend in &step.amends {
            let fields = meant(&amend.key, &amend.fields, facts, kinds);
            if let Some(one) = out.iter_mut().find(|one| one.key == amend.key) {
                one.amended.push(Amended { step: step.id.clone(), fields });
            }
        }
        for retire in &step.retires {
            if let Some(one) = out.iter_mut().find(|one| one.key == retire.key) {
                one.retired = Some((step.id.clone(), retire.successor.clone()));
            }
        }
    }
    out
}

/// Declared fields for this learner.
fn meant(key: &Key, fields: &Fields, facts: &Facts, kinds: &dyn Kinds) -> Fields {
    let mut fields = fields.clone();
    let region = facts.scope.region(key.role);
    for field in kinds.kind(&key.kind).map(|kind| kind.fields()).unwrap_or_default() {
        let Some(Value::Text(text)) = fields.get_mut(field.name) else { continue };
        if let Some(meant) = meaning(field.kind, text, facts, region) {
            *text = meant;
        }
    }
    fields
}

fn meaning(kind: FieldType, text: &str, facts: &Facts, region: &str) -> Option<String> {
    match kind {
        FieldType::Zone => facts.zones.get(region)?.get(text).cloned(),
        FieldType::Source if text == ANYWHERE => Some("0.0.0.0/0".to_owned()),
        FieldType::Source if text == MY_IP => facts.my_ip.as_ref().map(|ip| format!("{ip}/32")),
        _ => None,
    }
}

/// Whether a call still says `my-ip`, because the learner's address is not known.
pub fn lacks_my_ip(call: &Call) -> bool {
    fn holds(arg: &Arg) -> bool {
        match arg {
            Arg::Text(text) => text == MY_IP,
            Arg::List(items) => items.iter().any(holds),
            Arg::Map(members) => members.iter().any(|(_, member)| holds(member)),
            _ => false,
        }
    }
    call.args.iter().any(|(_, arg)| holds(arg))
}
