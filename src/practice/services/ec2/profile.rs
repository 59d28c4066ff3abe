//! Instance profiles on instances: given at launch, associated, replaced and taken away later.

use super::Call;
use super::common::{one, time};
use super::errors::{self, invalid_combination, invalid_value, missing};
use super::page::{Choice, choose};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{Instance, InstanceState, ProfileAssociation, Region};

/// An instance profile that EC2 knows.
#[derive(Debug, Clone)]
pub(super) struct Profile {
    arn: String,
    id: String,
}

impl Profile {
    /// Its association with an instance, from now on.
    pub(super) fn associated(self, region: &mut Region) -> ProfileAssociation {
        let id = region.id("iip-assoc");
        ProfileAssociation { id, arn: self.arn, profile_id: self.id, associated_at: region.now() }
    }
}

/// The `IamInstanceProfile` of a request, which EC2 must have heard of from IAM.
pub(super) fn asked(call: &Call<'_>) -> Result<Option<Profile>, ApiError> {
    let view = call.params.sub("IamInstanceProfile");
    let present = |name: &str| view.text(name).filter(|text| !text.is_empty());
    let (name, arn) = (present("Name"), present("Arn"));
    let (short, word, shown) = match (name, arn) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            return Err(invalid_combination(
                "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'",
            ));
        }
        (Some(name), None) => (name, "name", name),
        (None, Some(arn)) => (arn.rsplit('/').next().unwrap_or_default(), "ARN", arn),
    };
    let found = call.global.iam.profile_for_ec2(short, call.region.now());
    match found {
        Some((known, id)) if arn.is_none_or(|arn| arn == known) => Ok(Some(Profile { arn: known, id })),
        _ => {
            let parameter = if word == "ARN" { "iamInstanceProfile.arn" } else { "iamInstanceProfile.name" };
            Err(invalid_value(format!(
                "Value ({shown}) for parameter {parameter} is invalid. Invalid IAM Instance Profile {word}"
            )))
        }
    }
}

/// The `iamInstanceProfile` of an instance.
pub(super) fn element(arn: &str, id: &str) -> Element {
    Element::new("iamInstanceProfile").leaf("arn", arn).leaf("id", id)
}

fn association(name: &str, instance: &str, one: &ProfileAssociation, state: &str) -> Element {
    Element::new(name)
        .leaf("associationId", &one.id)
        .leaf("instanceId", instance)
        .child(element(&one.arn, &one.profile_id))
        .leaf("state", state)
        .leaf("timestamp", time(one.associated_at))
}

const ITEM: &str = "iamInstanceProfileAssociation";

fn required(call: &Call<'_>) -> Result<Profile, ApiError> {
    asked(call)?.ok_or_else(|| missing("IamInstanceProfile"))
}

/// AssociateIamInstanceProfile: to an instance that has none and runs or is stopped.
pub(super) fn associate(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("InstanceId")?;
    let profile = required(call)?;
    let instance = call.instance(id)?;
    if !matches!(instance.state, InstanceState::Running | InstanceState::Stopped | InstanceState::Stopping) {
        return Err(ApiError::new(
            "IncorrectInstanceState",
            format!("The instance '{id}' is not in the 'running' or 'stopped' states."),
        ));
    }
    if instance.profile.is_some() {
        return Err(ApiError::new("IncorrectState", format!("There is an existing association for instance {id}")));
    }
    let made = profile.associated(call.region);
    let shown = association(ITEM, id, &made, "associating");
    if let Some(instance) = call.region.instances.get_mut(id) {
        instance.profile = Some(made);
    }
    Ok(call.answer().child(shown))
}

/// The instance that an association belongs to.
fn holder(call: &Call<'_>) -> Result<(String, ProfileAssociation), ApiError> {
    let id = call.params.required("AssociationId")?;
    let has = |instance: &Instance| instance.profile.as_ref().filter(|one| one.id == id).cloned();
    call.region
        .instances
        .values()
        .find_map(|instance| has(instance).map(|one| (instance.id.clone(), one)))
        .ok_or_else(|| errors::PROFILE_ASSOCIATION.not_found(id))
}

/// ReplaceIamInstanceProfileAssociation
pub(super) fn replace(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let profile = required(call)?;
    let (id, _) = holder(call)?;
    let made = profile.associated(call.region);
    let shown = association(ITEM, &id, &made, "associating");
    if let Some(instance) = call.region.instances.get_mut(&id) {
        instance.profile = Some(made);
    }
    Ok(call.answer().child(shown))
}

/// DisassociateIamInstanceProfile
pub(super) fn disassociate(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let (id, gone) = holder(call)?;
    if let Some(instance) = call.region.instances.get_mut(&id) {
        instance.profile = None;
    }
    Ok(call.answer().child(association(ITEM, &id, &gone, "disassociating")))
}

/// DescribeIamInstanceProfileAssociations
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let held: Vec<(String, (String, ProfileAssociation))> = call
        .region
        .instances
        .values()
        .filter(|instance| !instance.state.is_ending())
        .filter_map(|instance| instance.profile.clone().map(|one| (one.id.clone(), (instance.id.clone(), one))))
        .collect();
    let mut held = held;
    held.sort_by(|a, b| a.0.cmp(&b.0));
    let choice = Choice {
        ids: "AssociationId",
        noun: &errors::PROFILE_ASSOCIATION,
        filters: &["instance-id", "state"],
        smallest: 5,
    };
    let page = choose(call, &choice, held.iter().map(|(id, held)| (id, held)), |_, held, name| match name {
        "instance-id" => one(&held.0),
        _ => one("associated"),
    })?;
    let items = page.items.iter().map(|(instance, one)| association("item", instance, one, "associated"));
    Ok(call.answer().list("iamInstanceProfileAssociationSet", items).leaf_opt("nextToken", page.next.as_ref()))
}
