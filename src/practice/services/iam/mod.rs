//! AWS IAM: roles and instance profiles, as far as instances need them.
//!
//! Promises: AWS's shapes, codes and sentences for roles with managed policies, instance profiles, service-linked roles, and for who the
//! caller is. Leaves to others: what a policy allows ([`crate::practice::faults`]) and when EC2 hears of a change ([`crate::practice::world::iam`]).

mod profile;
mod role;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::xml_answer::answer;
use super::{ApiError, Request, pages, sts};
use crate::practice::wire::query::Params;
use crate::practice::wire::xml::Element;
use crate::practice::world::iam::Iam;
use crate::practice::world::{Limits, World};

const NAMESPACE: &str = "https://iam.amazonaws.com/doc/2010-05-08/";

/// One request.
struct Call<'a> {
    iam: &'a mut Iam,
    params: &'a Params,
    account: &'a str,
    limits: &'a Limits,
    now: i64,
    born: i64,
    /// What ids are made from: the seed and how often the account was changed.
    ground: String,
}

impl Call<'_> {
    /// An id as IAM makes them: `AROA` and 17 letters and digits.
    fn id(&self, prefix: &str, name: &str) -> String {
        use sha2::{Digest, Sha256};
        let digest = Sha256::digest(format!("{}/{prefix}/{name}", self.ground));
        let letters =
            digest.iter().take(17).map(|byte| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[usize::from(byte % 32)]));
        format!("{prefix}{}", letters.collect::<String>())
    }

    /// A name of at most `most` of the characters that IAM allows.
    fn name(&self, param: &str, most: usize) -> Result<String, ApiError> {
        let name = self.params.required(param).map_err(|_| {
            validation(&format!(
                "Value null at '{}' failed to satisfy constraint: Member must not be null",
                lower_first(param)
            ))
        })?;
        let good = |c: char| c.is_ascii_alphanumeric() || "+=,.@-_".contains(c);
        if !name.chars().all(good) {
            return Err(ApiError::new(
                "ValidationError",
                format!(
                    "The specified value for {} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-",
                    lower_first(param)
                ),
            ));
        }
        if name.len() > most {
            return Err(validation(&format!(
                "Value '{name}' at '{}' failed to satisfy constraint: Member must have length less than or equal to {most}",
                lower_first(param)
            )));
        }
        Ok(name.to_owned())
    }

    fn path(&self) -> Result<String, ApiError> {
        let path = self.params.text("Path").unwrap_or("/");
        if path.starts_with('/') && path.ends_with('/') {
            return Ok(path.to_owned());
        }
        Err(ApiError::new(
            "ValidationError",
            "The specified value for path is invalid. It must begin and end with / and contain only alphanumeric characters and/or / characters.",
        ))
    }

    fn tags(&self) -> Result<BTreeMap<String, String>, ApiError> {
        let mut tags = BTreeMap::new();
        for tag in self.params.structs("Tags") {
            let key = tag.required("Key")?;
            if key.starts_with("aws:") {
                return Err(ApiError::new("InvalidInput", "Tag keys may not start with aws:"));
            }
            if tags.insert(key.to_owned(), tag.text("Value").unwrap_or_default().to_owned()).is_some() {
                return Err(ApiError::new(
                    "InvalidInput",
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
                ));
            }
        }
        if tags.len() > 50 {
            return Err(
                ApiError::new("LimitExceeded", "The number of tags has reached the maximum limit of 50.").status(409)
            );
        }
        Ok(tags)
    }

    /// A page of what is listed by name, beginning after Marker, at most MaxItems long; and the end of the answer.
    fn page<'t, T>(
        &self,
        all: impl Iterator<Item = (&'t String, &'t T)>,
    ) -> Result<(Vec<&'t T>, Option<String>), ApiError> {
        let most = self.params.int("MaxItems")?.unwrap_or(100);
        let most = usize::try_from(most).ok().filter(|most| (1..=1000).contains(most)).ok_or_else(|| {
            validation(&format!(
                "Value '{most}' at 'maxItems' failed to satisfy constraint: Member must have value between 1 and 1000"
            ))
        })?;
        let after = self.params.text("Marker").map(str::to_owned);
        let rest = all.filter(|(name, _)| after.as_ref().is_none_or(|after| *name > after));
        let (items, last) = pages::cut(rest, most);
        Ok((items, last.cloned()))
    }
}

/// `IsTruncated` and `Marker`.
fn paged(element: Element, next: Option<&String>) -> Element {
    element.leaf("IsTruncated", next.is_some()).leaf_opt("Marker", next)
}

fn lower_first(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map(|first| first.to_lowercase().chain(chars).collect()).unwrap_or_default()
}

fn validation(what: &str) -> ApiError {
    ApiError::new("ValidationError", format!("1 validation error detected: {what}"))
}

fn quota(name: &str, most: usize) -> ApiError {
    ApiError::new("LimitExceeded", format!("Cannot exceed quota for {name}: {most}")).status(409)
}

fn no_such(what: impl Into<String>) -> ApiError {
    ApiError::new("NoSuchEntity", what).status(404)
}

fn conflict(what: &str) -> ApiError {
    ApiError::new("DeleteConflict", what).status(409)
}

fn exists(what: String) -> ApiError {
    ApiError::new("EntityAlreadyExists", what).status(409)
}

/// A time as IAM writes it.
fn time(ms: i64) -> String {
    jiff::Timestamp::from_second(ms.div_euclid(1000)).unwrap_or_default().to_string()
}

fn tag_list(element: Element, tags: &BTreeMap<String, String>) -> Element {
    if tags.is_empty() {
        return element;
    }
    element.members("Tags", tag_items(tags))
}

fn tag_items(tags: &BTreeMap<String, String>) -> impl Iterator<Item = Element> {
    tags.iter().map(|(key, value)| Element::new("member").leaf("Key", key).leaf("Value", value))
}

/// Answers one of its operations. On an error the world may be half changed.
pub fn handle(world: &mut World, request: &Request<'_>) -> Result<Element, ApiError> {
    let (account, now, born) = (world.account().to_owned(), world.now(), world.born());
    let ground = format!("{}/{}", world.seed(), world.global().revision());
    let limits = &world.options().limits.clone();
    let global = world.global_mut();
    let call = &mut Call { iam: &mut global.iam, params: request.params, account: &account, limits, now, born, ground };
    let result = match request.operation {
        "CreateRole" => Some(role::create(call)?),
        "GetRole" => Some(role::get(call)?),
        "ListRoles" => Some(role::list(call)?),
        "DeleteRole" => role::delete(call)?,
        "UpdateAssumeRolePolicy" => role::update_trust(call)?,
        "TagRole" => role::tag(call)?,
        "UntagRole" => role::untag(call)?,
        "ListRoleTags" => Some(role::list_tags(call)?),
        "AttachRolePolicy" => role::attach(call)?,
        "GetPolicy" => Some(role::policy(call)?),
        "DetachRolePolicy" => role::detach(call)?,
        "ListAttachedRolePolicies" => Some(role::list_attached(call)?),
        "ListRolePolicies" => Some(role::list_inline(call)?),
        "CreateServiceLinkedRole" => Some(role::create_service_linked(call)?),
        "CreateInstanceProfile" => Some(profile::create(call)?),
        "GetInstanceProfile" => Some(profile::get(call)?),
        "ListInstanceProfiles" => Some(profile::list(call)?),
        "ListInstanceProfilesForRole" => Some(profile::list_for_role(call)?),
        "AddRoleToInstanceProfile" => profile::add_role(call)?,
        "RemoveRoleFromInstanceProfile" => profile::remove_role(call)?,
        "DeleteInstanceProfile" => profile::delete(call)?,
        "TagInstanceProfile" => profile::tag(call)?,
        "UntagInstanceProfile" => profile::untag(call)?,
        "ListInstanceProfileTags" => Some(profile::list_tags(call)?),
        "GetUser" => Some(user(call)?),
        "ListAccountAliases" => {
            let _ = call.page(BTreeMap::<String, String>::new().iter())?;
            Some(
                Element::new("ListAccountAliasesResult")
                    .child(Element::new("AccountAliases"))
                    .leaf("IsTruncated", false),
            )
        }
        other => return Err(ApiError::unknown_operation("iam", other)),
    };
    if !request.operation.starts_with("Get") && !request.operation.starts_with("List") {
        global.changed();
    }
    Ok(answer(request.operation, NAMESPACE, &request.request_id, result))
}

/// GetUser: there is one, the learner.
fn user(call: &Call<'_>) -> Result<Element, ApiError> {
    if let Some(name) = call.params.text("UserName").filter(|name| *name != sts::USER) {
        return Err(no_such(format!("The user with name {name} cannot be found.")));
    }
    let user = Element::new("User")
        .leaf("Path", "/")
        .leaf("UserName", sts::USER)
        .leaf("UserId", sts::USER_ID)
        .leaf("Arn", sts::user_arn(call.account))
        .leaf("CreateDate", time(call.born));
    Ok(Element::new("GetUserResult").child(user))
}
