//! IAM instance profile: what hands a role to an EC2 instance.
//!
//! Its id here is its name. EC2 hears of a new profile some seconds later; the calls that use one try again until then.

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::{Key, Role};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::kind::{Env, Kind};
use crate::lab::world::{Desired, Difference, Observed, Sight, World};
use crate::problem::Problem;

use super::iam_role::{PREFIX, found, tag_map, tags};
use super::support::{self, Seen, done, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[Field::new("role", FieldType::Ref("iam-role"), ("IAM 역할", "IAM role")).in_place()];

/// How a refused call says that EC2 has not heard of a profile yet.
pub(super) const UNHEARD: &[&str] = &[
    "InvalidParameterValue~Invalid IAM Instance Profile",
    "ValidationError~Invalid IAM Instance Profile",
    "InvalidIamInstanceProfileArn.NotFound",
];

/// The kind.
#[derive(Debug)]
pub struct InstanceProfile;

fn add_role(desired: &Desired, effect: Effect) -> Call {
    support::call(Service::Iam, "AddRoleToInstanceProfile", effect, desired)
        .arg("InstanceProfileName", Arg::text(&desired.key.name))
        .arg("RoleName", Arg::text(desired.text("role").unwrap_or_default()))
        // A profile holds one role: after a lost answer it is this one. Another one would be seen as a difference.
        .done_if(&["LimitExceeded~InstanceSessionsPerInstanceProfile"])
        .again_if(&["NoSuchEntity"])
}

fn remove_role(call: Call, profile: &str, role: &str) -> Call {
    call.arg("InstanceProfileName", Arg::text(profile)).arg("RoleName", Arg::text(role)).done_if(&["NoSuchEntity"])
}

impl Kind for InstanceProfile {
    fn name(&self) -> &'static str {
        "instance-profile"
    }

    fn title(&self) -> Text {
        Text::new("인스턴스 프로파일", "instance profile")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let create = support::call(Service::Iam, "CreateInstanceProfile", Effect::Create, desired)
            .arg("InstanceProfileName", Arg::text(&desired.key.name))
            .arg("Tags", support::tag_list(desired, env))
            .gives("InstanceProfile.InstanceProfileName");
        vec![create, add_role(desired, Effect::Create)]
    }

    fn change(&self, desired: &Desired, observed: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        if differences.iter().all(|difference| difference.field != "role") {
            return Vec::new();
        }
        // A profile holds one role.
        let remove = observed.text("role").map(|other| {
            let call = support::call(Service::Iam, "RemoveRoleFromInstanceProfile", Effect::Change, desired);
            remove_role(call, &observed.id, other)
        });
        remove.into_iter().chain([add_role(desired, Effect::Change)]).collect()
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        let remove = observed.text("role").map(|role| {
            let call = support::delete_by(Service::Iam, "RemoveRoleFromInstanceProfile", observed, step);
            remove_role(call, &observed.id, role)
        });
        let delete = support::delete_by(Service::Iam, "DeleteInstanceProfile", observed, step)
            .arg("InstanceProfileName", Arg::text(&observed.id))
            .done_if(&["NoSuchEntity"])
            .again_if(&["DeleteConflict"]);
        remove.into_iter().chain([delete]).collect()
    }

    fn rank(&self) -> u8 {
        15
    }
}

fn seen(profile: &aws_sdk_iam::types::InstanceProfile) -> Seen {
    Seen::other(Some(profile.instance_profile_name()), "exists", tag_map(profile.tags()))
        .with("arn", Some(profile.arn()))
        .with("role", profile.roles().first().map(|role| role.role_name()))
}

async fn look(clients: &Clients, role: Role, name: &str) -> Result<Option<Seen>, Problem> {
    let answer = clients.iam(role).get_instance_profile().instance_profile_name(name).send().await;
    let answer = found(answer, "GetInstanceProfile", clients.region(role))?;
    Ok(answer.as_ref().and_then(|answer| answer.instance_profile()).map(seen))
}

impl Live for InstanceProfile {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let mut out = Vec::new();
            for want in wants {
                let key = &want.desired.key;
                let sight = match look(clients, role, &key.name).await? {
                    Some(seen) => Sight::Found(Box::new(seen.taken_for(key, clients.region(role)))),
                    None => Sight::Absent,
                };
                out.push((key.clone(), sight));
            }
            Ok(out)
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let iam = clients.iam(support::role_of(clients, call)?);
            let name = support::text(call, "InstanceProfileName")?;
            match call.0.operation.as_str() {
                "CreateInstanceProfile" => {
                    let request = iam.create_instance_profile().instance_profile_name(name).set_tags(tags(call));
                    let answer = send!(aws_sdk_iam, call, request);
                    Ok(support::gave(answer.instance_profile().map(|profile| profile.instance_profile_name())))
                }
                "AddRoleToInstanceProfile" => {
                    let request = iam.add_role_to_instance_profile().instance_profile_name(name);
                    done!(aws_sdk_iam, call, request.role_name(support::text(call, "RoleName")?))
                }
                "RemoveRoleFromInstanceProfile" => {
                    let request = iam.remove_role_from_instance_profile().instance_profile_name(name);
                    done!(aws_sdk_iam, call, request.role_name(support::text(call, "RoleName")?))
                }
                "DeleteInstanceProfile" => {
                    done!(aws_sdk_iam, call, iam.delete_instance_profile().instance_profile_name(name))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            if role == Role::Peer {
                return Ok(Vec::new());
            }
            let request = clients.iam(role).list_instance_profiles();
            let all: Vec<aws_sdk_iam::types::InstanceProfile> =
                read_all!("iam", clients, role, "ListInstanceProfiles", request);
            let mut out = Vec::new();
            for name in all.iter().map(|one| one.instance_profile_name()).filter(|name| name.starts_with(PREFIX)) {
                // A list does not tell tags.
                let Some(seen) = look(clients, role, name).await? else { continue };
                if seen.is_ours() {
                    let key = Key { kind: "instance-profile".into(), name: name.to_owned(), role };
                    out.push(seen.taken_for(&key, clients.region(role)));
                }
            }
            Ok(out)
        })
    }
}
