//! The course's declarations as desired state for this learner: zone letters become zone names, `my-ip` and
//! `anywhere` become blocks, region roles become regions.
//!
//! A `my-ip` that is not known stays as it is; [`lacks_my_ip`] finds the calls that cannot be sent because of it.

use crate::course::model::{Course, Value};
use crate::course::schema::FieldType;

use super::call::{Arg, Call};
use super::facts::Facts;
use super::kind::Kinds;
use super::world::Desired;

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
                let mut fields = declaration.fields.clone();
                if let Some(kind) = kinds.kind(&declaration.key.kind) {
                    for field in kind.fields() {
                        let Some(Value::Text(text)) = fields.get_mut(field.name) else { continue };
                        if let Some(meant) = meaning(field.kind, text, facts, &region) {
                            *text = meant;
                        }
                    }
                }
                out.push(Desired {
                    key: declaration.key.clone(),
                    step: step.id.clone(),
                    chapter: chapter.number,
                    region,
                    fields,
                    place: declaration.place.clone(),
                });
            }
        }
    }
    out
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
