//! Machine image, looked up by a public SSM parameter. Never made, never deleted, in no ledger's cleanup.

use crate::cloud::errors::{self, Asked};
use crate::cloud::{CallError, Clients, Live, Sent, Task, Want};
use crate::course::model::{Key, Role};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{BoundCall, Call};
use crate::lab::kind::{Env, Kind};
use crate::lab::world::{Desired, Observed, Sight, World};
use crate::problem::{Problem, ProblemKind};

use super::support::{self, Seen};

/// The declared fields.
pub const FIELDS: &[Field] = &[Field::new("parameter", FieldType::Text, ("SSM 파라미터", "SSM parameter"))];

/// The kind.
#[derive(Debug)]
pub struct Image;

impl Kind for Image {
    fn name(&self) -> &'static str {
        "image"
    }

    fn title(&self) -> Text {
        Text::new("AMI", "machine image")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
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
        10
    }
}

async fn image_of(clients: &Clients, role: Role, parameter: &str) -> Result<Option<String>, Problem> {
    match clients.ssm(role).get_parameter().name(parameter).send().await {
        Ok(answer) => Ok(answer.parameter().and_then(|parameter| parameter.value()).map(str::to_owned)),
        Err(error) => {
            let asked = Asked { service: "ssm", operation: "GetParameter", region: clients.region(role) };
            let problem = errors::problem(asked, &error);
            if problem.kind == ProblemKind::NotFound { Ok(None) } else { Err(problem) }
        }
    }
}

impl Live for Image {
    fn observe<'a>(
        &'a self,
        clients: &'a Clients,
        role: Role,
        wants: &'a [Want],
        _world: &'a World,
    ) -> Task<'a, Result<Vec<(Key, Sight)>, Problem>> {
        Box::pin(async move {
            let mut out = Vec::new();
            for want in wants {
                let parameter = want.desired.text("parameter").unwrap_or_default();
                let sight = match image_of(clients, role, parameter).await? {
                    Some(id) => {
                        let seen = Seen::new(Some(&id), "available", &[]).with("parameter", Some(parameter));
                        Sight::Found(Box::new(seen.taken_for(&want.desired.key, clients.region(role))))
                    }
                    None => Sight::Absent,
                };
                out.push((want.desired.key.clone(), sight));
            }
            Ok(out)
        })
    }

    fn send<'a>(
        &'a self,
        _clients: &'a Clients,
        call: &'a BoundCall,
        _token: &'a str,
    ) -> Task<'a, Result<Sent, CallError>> {
        Box::pin(async move { Err(support::foreign(call)) })
    }

    fn sweep<'a>(
        &'a self,
        _clients: &'a Clients,
        _role: Role,
        _vpcs: &'a [String],
    ) -> Task<'a, Result<Vec<Observed>, Problem>> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
