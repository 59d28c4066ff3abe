//! Load on the instances of a group: commands that Systems Manager runs. Nothing that stands, so nothing that a course file
//! declares and nothing that cleanup looks for; here because its calls are sent as every other.

use aws_sdk_ssm::types::Target;

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::Role;
use crate::course::schema::Field;
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call};
use crate::lab::kind::{Env, Kind};
use crate::lab::load::KIND;
use crate::lab::world::{Desired, Observed, Sight, World};

use super::support::{self, send};

/// The kind.
#[derive(Debug)]
pub struct Load;

impl Kind for Load {
    fn name(&self) -> &'static str {
        KIND
    }

    fn title(&self) -> Text {
        Text::new("부하", "load")
    }

    fn fields(&self) -> &'static [Field] {
        &[]
    }

    fn is_lookup(&self) -> bool {
        true
    }

    fn create(&self, _: &Desired, _: &Env<'_>) -> Vec<Call> {
        Vec::new()
    }

    fn delete(&self, _: &Observed, _: &str) -> Vec<Call> {
        Vec::new()
    }

    fn rank(&self) -> u8 {
        80
    }
}

fn texts(arg: Option<&Arg>) -> Vec<String> {
    match arg {
        Some(Arg::List(items)) => items.iter().filter_map(Arg::as_text).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

impl Live for Load {
    fn observe<'a>(&'a self, _clients: &'a Clients, _role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move { Ok(wants.iter().map(|want| (want.desired.key.clone(), Sight::Absent)).collect()) })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            if call.0.operation != "SendCommand" {
                return Err(support::foreign(call));
            }
            let ssm = clients.ssm(support::role_of(clients, call)?);
            let mut request = ssm
                .send_command()
                .document_name(support::text(call, "DocumentName")?)
                .set_comment(call.text("Comment").map(str::to_owned))
                .set_timeout_seconds(support::int(call, "TimeoutSeconds"));
            if let Some(Arg::Map(members)) = call.arg("Parameters") {
                for (name, values) in members {
                    request = request.parameters(name, texts(Some(values)));
                }
            }
            let instances = texts(call.arg("InstanceIds"));
            if instances.is_empty() {
                let target = |arg: &Arg| {
                    Target::builder()
                        .set_key(support::member_text(arg, "Key"))
                        .set_values(Some(texts(support::member(arg, "Values"))))
                        .build()
                };
                request = request.set_targets(Some(support::structs(call, "Targets").iter().map(target).collect()));
            } else {
                request = request.set_instance_ids(Some(instances));
            }
            let answer = send!(aws_sdk_ssm, call, request);
            Ok(support::gave(answer.command().and_then(|command| command.command_id())))
        })
    }

    fn sweep<'a>(&'a self, _clients: &'a Clients, _role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
