//! Instance profiles and the role in each.

use super::{Call, conflict, exists, no_such, paged, quota, role, tag_items, tag_list, time};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::iam::{Iam, Profile};

fn item(name: &str, iam: &Iam, profile: &Profile, tags: bool) -> Element {
    let roles = profile.role.iter().filter_map(|(name, _)| iam.roles.get(name));
    let item = Element::new(name)
        .leaf("Path", &profile.path)
        .leaf("InstanceProfileName", &profile.name)
        .leaf("InstanceProfileId", &profile.id)
        .leaf("Arn", &profile.arn)
        .leaf("CreateDate", time(profile.created))
        .members("Roles", roles.map(|one| role::item("member", one, false)));
    if tags { tag_list(item, &profile.tags) } else { item }
}

/// The profile that a request names.
fn named(call: &Call<'_>) -> Result<String, ApiError> {
    let name = call.name("InstanceProfileName", 128)?;
    if call.iam.profiles.contains_key(&name) {
        return Ok(name);
    }
    Err(no_such(format!("Instance Profile {name} cannot be found.")))
}

fn named_mut<'c>(call: &'c mut Call<'_>) -> Result<&'c mut Profile, ApiError> {
    let name = named(call)?;
    call.iam.profiles.get_mut(&name).ok_or_else(|| no_such(format!("Instance Profile {name} cannot be found.")))
}

/// CreateInstanceProfile
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let name = call.name("InstanceProfileName", 128)?;
    let path = call.path()?;
    if call.iam.profiles.keys().any(|one| one.eq_ignore_ascii_case(&name)) {
        return Err(exists(format!("Instance Profile {name} already exists.")));
    }
    if call.iam.profiles.len() >= call.limits.instance_profiles {
        return Err(quota("InstanceProfilesPerAccount", call.limits.instance_profiles));
    }
    let profile = Profile {
        id: call.id("AIPA", &name),
        arn: format!("arn:aws:iam::{}:instance-profile{path}{name}", call.account),
        created: call.now,
        tags: call.tags()?,
        role: None,
        name: name.clone(),
        path,
    };
    let answer = Element::new("CreateInstanceProfileResult").child(item("InstanceProfile", call.iam, &profile, true));
    call.iam.profiles.insert(name, profile);
    Ok(answer)
}

/// GetInstanceProfile
pub(super) fn get(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let name = named(call)?;
    let found = call.iam.profiles.get(&name).map(|profile| item("InstanceProfile", call.iam, profile, true));
    Ok(Element::new("GetInstanceProfileResult").child_opt(found))
}

/// ListInstanceProfiles
pub(super) fn list(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let prefix = call.params.text("PathPrefix").unwrap_or("/");
    let profiles = call.iam.profiles.iter().filter(|(_, profile)| profile.path.starts_with(prefix));
    let (profiles, next) = call.page(profiles)?;
    let items = profiles.into_iter().map(|profile| item("member", call.iam, profile, false));
    Ok(paged(Element::new("ListInstanceProfilesResult").members("InstanceProfiles", items), next.as_ref()))
}

/// ListInstanceProfilesForRole
pub(super) fn list_for_role(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let role = role_named(call)?;
    let holds = |profile: &Profile| profile.role.as_ref().is_some_and(|(name, _)| *name == role);
    let (profiles, next) = call.page(call.iam.profiles.iter().filter(|(_, profile)| holds(profile)))?;
    let items = profiles.into_iter().map(|profile| item("member", call.iam, profile, false));
    Ok(paged(Element::new("ListInstanceProfilesForRoleResult").members("InstanceProfiles", items), next.as_ref()))
}

/// The role that a request names.
fn role_named(call: &Call<'_>) -> Result<String, ApiError> {
    let name = call.name("RoleName", 64)?;
    if call.iam.roles.contains_key(&name) {
        return Ok(name);
    }
    Err(no_such(format!("The role with name {name} cannot be found.")))
}

/// AddRoleToInstanceProfile
pub(super) fn add_role(call: &mut Call<'_>) -> Result<Option<Element>, ApiError> {
    let now = call.now;
    named(call)?;
    let role = role_named(call)?;
    let profile = named_mut(call)?;
    if profile.role.is_some() {
        return Err(quota("InstanceSessionsPerInstanceProfile", 1));
    }
    profile.role = Some((role, now));
    Ok(None)
}

/// RemoveRoleFromInstanceProfile
pub(super) fn remove_role(call: &mut Call<'_>) -> Result<Option<Element>, ApiError> {
    let role = role_named(call)?;
    let profile = named_mut(call)?;
    if profile.role.as_ref().is_none_or(|(name, _)| *name != role) {
        let message = format!("Instance Profile {} does not contain role {role}.", profile.name);
        return Err(no_such(message));
    }
    profile.role = None;
    Ok(None)
}

/// DeleteInstanceProfile
pub(super) fn delete(call: &mut Call<'_>) -> Result<Option<Element>, ApiError> {
    let profile = named_mut(call)?;
    if profile.role.is_some() {
        return Err(conflict("Cannot delete entity, must remove roles from instance profile first."));
    }
    let name = profile.name.clone();
    call.iam.profiles.remove(&name);
    Ok(None)
}

/// TagInstanceProfile
pub(super) fn tag(call: &mut Call<'_>) -> Result<Option<Element>, ApiError> {
    let tags = call.tags()?;
    named_mut(call)?.tags.extend(tags);
    Ok(None)
}

/// UntagInstanceProfile
pub(super) fn untag(call: &mut Call<'_>) -> Result<Option<Element>, ApiError> {
    let keys: Vec<String> = call.params.list("TagKeys").into_iter().map(str::to_owned).collect();
    named_mut(call)?.tags.retain(|key, _| !keys.contains(key));
    Ok(None)
}

/// ListInstanceProfileTags
pub(super) fn list_tags(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let tags = named_mut(call)?.tags.clone();
    let (_, next) = call.page(tags.iter())?;
    Ok(paged(Element::new("ListInstanceProfileTagsResult").members("Tags", tag_items(&tags)), next.as_ref()))
}
