//! IAM role that an AWS service takes on, with AWS managed policies attached.
//!
//! IAM is one for all regions; a role is known by its name. Its id here is that name. What somebody attached beyond the
//! declared policies is detached when the role is deleted, and no difference before. moto server has none of AWS's managed
//! policies unless it is told to: there `unknown` lists the declared ones that do not exist, and they are not missed.

use aws_sdk_iam::types::Tag;

use crate::cloud::errors::{self, Asked};
use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::{Key, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::kind::{Env, Kind};
use crate::lab::world::{Desired, Difference, Mend, Observed, Sight, World};
use crate::problem::{Problem, ProblemKind};

use super::support::{self, Seen, done, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("service", FieldType::Text, ("신뢰하는 서비스", "trusted service")).optional(),
    Field::new("policies", FieldType::Texts, ("권한 정책", "permission policies")).in_place(),
];

/// The service that a role is for when a declaration does not say.
const SERVICE: &str = "ec2.amazonaws.com";

/// How the names of the course's roles and profiles begin: only those are looked through for leftovers.
pub(super) const PREFIX: &str = "my-lab-";

/// The kind.
#[derive(Debug)]
pub struct IamRole;

fn service(desired: &Desired) -> &str {
    desired.text("service").unwrap_or(SERVICE)
}

fn policies(desired: &Desired) -> Vec<&str> {
    desired.fields.get("policies").map_or(&[][..], Value::items).iter().filter_map(Value::as_text).collect()
}

fn policy_arn(name: &str) -> String {
    format!("arn:aws:iam::aws:policy/{name}")
}

fn attach(desired: &Desired, effect: Effect, policy: &str, env: &Env<'_>) -> Call {
    let call = support::call(Service::Iam, "AttachRolePolicy", effect, desired)
        .arg("RoleName", Arg::text(&desired.key.name))
        .arg("PolicyArn", Arg::text(policy_arn(policy)))
        .again_if(&["NoSuchEntity~role"]);
    if support::is_other(env) { call.done_if(&["NoSuchEntity~is not attachable"]) } else { call }
}

/// The declared policies that are not attached and could be.
fn missing<'a>(desired: &'a Desired, observed: &Observed, env: &Env<'_>) -> Vec<&'a str> {
    let listed = |field: &str, policy: &str| {
        observed.fields.get(field).is_some_and(|list| list.items().contains(&Value::from(policy)))
    };
    let excused = |policy: &str| support::is_other(env) && listed("unknown", policy);
    policies(desired).into_iter().filter(|policy| !listed("policies", policy) && !excused(policy)).collect()
}

impl Kind for IamRole {
    fn name(&self) -> &'static str {
        "iam-role"
    }

    fn title(&self) -> Text {
        Text::new("IAM 역할", "IAM role")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let trust = serde_json::json!({
            "Version": "2012-10-17",
            "Statement": [{
                "Effect": "Allow",
                "Principal": { "Service": service(desired) },
                "Action": "sts:AssumeRole",
            }],
        });
        let create = support::call(Service::Iam, "CreateRole", Effect::Create, desired)
            .arg("RoleName", Arg::text(&desired.key.name))
            .arg("AssumeRolePolicyDocument", Arg::text(trust.to_string()))
            .arg("Tags", support::tag_list(desired, env))
            .gives("Role.RoleName");
        let attach = policies(desired).into_iter().map(|policy| attach(desired, Effect::Create, policy, env));
        std::iter::once(create).chain(attach).collect()
    }

    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let mut out = Vec::new();
        let mut differs = |field: &str, wanted: String, found: String, mend| {
            out.push(Difference { key: desired.key.clone(), field: field.to_owned(), wanted, found, mend });
        };
        let trusted = observed.text("service").unwrap_or_default();
        if trusted != service(desired) {
            differs("service", service(desired).to_owned(), trusted.to_owned(), Mend::Replace);
        }
        if !missing(desired, observed, env).is_empty() {
            let found = observed.fields.get("policies").map(ToString::to_string).unwrap_or_default();
            differs("policies", policies(desired).join(", "), found, Mend::InPlace);
        }
        out
    }

    fn change(&self, desired: &Desired, observed: &Observed, differences: &[Difference], env: &Env<'_>) -> Vec<Call> {
        if differences.iter().all(|difference| difference.field != "policies") {
            return Vec::new();
        }
        missing(desired, observed, env).into_iter().map(|policy| attach(desired, Effect::Change, policy, env)).collect()
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        let arns = observed.fields.get("policy_arns").map_or(&[][..], Value::items).iter().filter_map(Value::as_text);
        let detach = arns.map(|arn| {
            support::delete_by(Service::Iam, "DetachRolePolicy", observed, step)
                .arg("RoleName", Arg::text(&observed.id))
                .arg("PolicyArn", Arg::text(arn))
                .done_if(&["NoSuchEntity"])
        });
        let delete = support::delete_by(Service::Iam, "DeleteRole", observed, step)
            .arg("RoleName", Arg::text(&observed.id))
            .done_if(&["NoSuchEntity"])
            .again_if(&["DeleteConflict"]);
        detach.chain([delete]).collect()
    }

    fn rank(&self) -> u8 {
        10
    }
}

/// The service that a trust policy names; the document comes percent-encoded.
fn trusted(document: &str) -> String {
    let text = percent_decoded(document);
    let parsed: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
    // One statement may stand without a list.
    let statements = match &parsed["Statement"] {
        serde_json::Value::Array(statements) => statements.as_slice(),
        one => std::slice::from_ref(one),
    };
    let services = statements.iter().map(|one| &one["Principal"]["Service"]);
    let names: Vec<&str> = services
        .flat_map(|service| match service {
            serde_json::Value::String(name) => vec![name.as_str()],
            serde_json::Value::Array(names) => names.iter().filter_map(serde_json::Value::as_str).collect(),
            _ => Vec::new(),
        })
        .collect();
    names.join(", ")
}

fn percent_decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let code =
            (byte == b'%').then(|| text.get(at + 1..at + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok())).flatten();
        out.push(code.unwrap_or(byte));
        at += if code.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The tags of IAM by key.
pub(super) fn tag_map(tags: &[Tag]) -> std::collections::BTreeMap<String, String> {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

/// The tags of a request.
pub(super) fn tags(call: &BoundCall) -> Option<Vec<Tag>> {
    let tag = |arg: &Arg| {
        let (key, value) = (support::member_text(arg, "Key")?, support::member_text(arg, "Value")?);
        Tag::builder().key(key).value(value).build().ok()
    };
    Some(support::structs(call, "Tags").iter().filter_map(tag).collect())
}

/// What a read of one thing answers; nothing when there is no such thing.
pub(super) fn found<T, E>(
    answer: Result<T, aws_sdk_iam::error::SdkError<E>>,
    operation: &'static str,
    region: &str,
) -> Result<Option<T>, Problem>
where
    E: aws_sdk_iam::error::ProvideErrorMetadata + std::error::Error + 'static,
{
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error) => {
            let problem = errors::problem(Asked { service: "iam", operation, region }, &error);
            if problem.kind == ProblemKind::NotFound { Ok(None) } else { Err(problem) }
        }
    }
}

async fn look(clients: &Clients, role: Role, name: &str) -> Result<Option<Seen>, Problem> {
    let iam = clients.iam(role);
    let answer = iam.get_role().role_name(name).send().await;
    let Some(answer) = found(answer, "GetRole", clients.region(role))? else { return Ok(None) };
    let Some(live) = answer.role() else { return Ok(None) };
    let request = iam.list_attached_role_policies().role_name(name);
    let attached: Result<Vec<aws_sdk_iam::types::AttachedPolicy>, _> =
        request.into_paginator().items().send().try_collect().await;
    let Some(attached) = found(attached, "ListAttachedRolePolicies", clients.region(role))? else { return Ok(None) };
    let names = attached.iter().filter_map(|policy| policy.policy_name()).map(Value::from).collect();
    let arns = attached.iter().filter_map(|policy| policy.policy_arn()).map(Value::from).collect();
    let seen = Seen::other(Some(live.role_name()), "exists", tag_map(live.tags()))
        .with("service", live.assume_role_policy_document().map(trusted))
        .with("arn", Some(live.arn()))
        .with("policies", Some(Value::List(names)))
        .with("policy_arns", Some(Value::List(arns)));
    Ok(Some(seen))
}

/// Which of the declared policies that are not attached do not exist at all.
async fn unknown(clients: &Clients, role: Role, desired: &Desired, seen: &Seen) -> Result<Vec<Value>, Problem> {
    let attached = seen.fields.get("policies").map_or(&[][..], Value::items);
    let mut out = Vec::new();
    for policy in policies(desired).into_iter().filter(|policy| !attached.contains(&Value::from(*policy))) {
        let answer = clients.iam(role).get_policy().policy_arn(policy_arn(policy)).send().await;
        if found(answer, "GetPolicy", clients.region(role))?.is_none() {
            out.push(policy.into());
        }
    }
    Ok(out)
}

impl Live for IamRole {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let mut out = Vec::new();
            for want in wants {
                let key = &want.desired.key;
                let sight = match look(clients, role, &key.name).await? {
                    Some(mut seen) => {
                        let unknown = unknown(clients, role, &want.desired, &seen).await?;
                        seen.fields.insert("unknown".to_owned(), Value::List(unknown));
                        Sight::Found(Box::new(seen.taken_for(key, clients.region(role))))
                    }
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
            let name = support::text(call, "RoleName")?;
            match call.0.operation.as_str() {
                "CreateRole" => {
                    let request = iam
                        .create_role()
                        .role_name(name)
                        .assume_role_policy_document(support::text(call, "AssumeRolePolicyDocument")?)
                        .set_tags(tags(call));
                    let answer = send!(aws_sdk_iam, call, request);
                    Ok(support::gave(answer.role().map(|role| role.role_name())))
                }
                "AttachRolePolicy" => {
                    let request = iam.attach_role_policy().role_name(name);
                    done!(aws_sdk_iam, call, request.policy_arn(support::text(call, "PolicyArn")?))
                }
                "DetachRolePolicy" => {
                    let request = iam.detach_role_policy().role_name(name);
                    done!(aws_sdk_iam, call, request.policy_arn(support::text(call, "PolicyArn")?))
                }
                "DeleteRole" => {
                    done!(aws_sdk_iam, call, iam.delete_role().role_name(name))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            // One IAM serves both regions.
            if role == Role::Peer {
                return Ok(Vec::new());
            }
            let roles: Vec<aws_sdk_iam::types::Role> =
                read_all!("iam", clients, role, "ListRoles", clients.iam(role).list_roles());
            let mut out = Vec::new();
            for name in roles.iter().map(|one| one.role_name()).filter(|name| name.starts_with(PREFIX)) {
                let Some(seen) = look(clients, role, name).await? else { continue };
                if seen.is_ours() {
                    let key = Key { kind: "iam-role".into(), name: name.to_owned(), role };
                    out.push(seen.taken_for(&key, clients.region(role)));
                }
            }
            Ok(out)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trust_policy_names_its_service() {
        let document =
            "%7B%22Statement%22%3A%5B%7B%22Principal%22%3A%7B%22Service%22%3A%22ec2.amazonaws.com%22%7D%7D%5D%7D";
        assert_eq!(trusted(document), "ec2.amazonaws.com");
        assert_eq!(trusted(r#"{"Statement":[{"Principal":{"Service":["a","b"]}}]}"#), "a, b");
        assert_eq!(trusted(r#"{"Statement":{"Principal":{"Service":"a"}}}"#), "a");
        assert_eq!(trusted("100%"), "");
    }
}
