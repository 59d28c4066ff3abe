//! Network interfaces on the move: attached to instances, detached, changed.

use super::Call;
use super::common::{boolean_attribute, time};
use super::errors::{invalid_combination, invalid_value, missing};
use super::launch::checked_groups;
use super::network_interface::{group_set, is_managed, status};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{InstanceState, InterfaceAttachment, NetworkInterface, Region, catalogue};

/// AttachNetworkInterface: a free one, to an instance of its VPC and zone, at a device index that is free.
pub(super) fn attach(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let id = params.required("NetworkInterfaceId")?;
    let interface = call.interface(id)?.clone();
    let instance = call.instance(params.required("InstanceId")?)?.clone();
    let index = params.int("DeviceIndex")?.ok_or_else(|| missing("deviceIndex"))?;
    let index = u32::try_from(index)
        .map_err(|_| invalid_value(format!("Value ({index}) for parameter deviceIndex is invalid.")))?;
    if params.int("NetworkCardIndex")?.unwrap_or(0) != 0 {
        return Err(invalid_value(format!("The instance type {} has one network card only.", instance.instance_type)));
    }
    if interface.attachment.is_some() {
        return Err(ApiError::new("InvalidNetworkInterface.InUse", format!("Interface: [{id}] in use.")));
    }
    if !matches!(instance.state, InstanceState::Running | InstanceState::Stopped) {
        return Err(ApiError::new(
            "IncorrectState",
            format!("Instance '{}' is not 'running' or 'stopped'.", instance.id),
        ));
    }
    if interface.zone != instance.zone || interface.vpc != instance.vpc {
        return Err(invalid_combination(
            "You may not attach a network interface to an instance if they are not in the same availability zone and VPC",
        ));
    }
    let indices: Vec<u32> = attached(call.region, &instance.interfaces).map(|one| one.device_index).collect();
    if indices.contains(&index) {
        return Err(invalid_value(format!(
            "Instance '{}' already has an interface attached at device index '{index}'.",
            instance.id
        )));
    }
    let most = catalogue::instance_type(&instance.instance_type).map_or(2, |kind| kind.interfaces);
    if indices.len() >= usize::try_from(most).unwrap_or(usize::MAX) {
        return Err(ApiError::new(
            "AttachmentLimitExceeded",
            format!("Interface count {} exceeds the limit for {}", indices.len() + 1, instance.instance_type),
        ));
    }
    let attachment = InterfaceAttachment {
        id: call.region.id("eni-attach"),
        instance: Some(instance.id.clone()),
        device_index: index,
        attached_at: call.region.now(),
        delete_on_termination: false,
    };
    let shown = attachment.id.clone();
    if let Some(found) = call.region.interfaces.get_mut(id) {
        found.attachment = Some(attachment);
    }
    let mut interfaces = instance.interfaces;
    interfaces.push(id.to_owned());
    interfaces.sort_by_key(|id| {
        call.region.interfaces.get(id).and_then(|one| one.attachment.as_ref()).map(|one| one.device_index)
    });
    if let Some(found) = call.region.instances.get_mut(&instance.id) {
        found.interfaces = interfaces;
    }
    Ok(call.answer().leaf("attachmentId", shown).leaf("networkCardIndex", 0))
}

fn attached<'r>(region: &'r Region, ids: &'r [String]) -> impl Iterator<Item = &'r InterfaceAttachment> {
    ids.iter().filter_map(|id| region.interfaces.get(id)?.attachment.as_ref())
}

/// DetachNetworkInterface: not the first one, not a service's.
pub(super) fn detach(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("AttachmentId")?;
    let _ = call.params.bool("Force")?;
    let has = |one: &&NetworkInterface| one.attachment.as_ref().is_some_and(|attachment| attachment.id == id);
    let Some(interface) = call.region.interfaces.values().find(has).cloned() else {
        return Err(ApiError::new("InvalidAttachmentID.NotFound", format!("The attachment '{id}' does not exist.")));
    };
    let attachment = interface.attachment.clone();
    let Some((instance, index)) = attachment.and_then(|one| Some((one.instance?, one.device_index))) else {
        return Err(ApiError::new(
            "OperationNotPermitted",
            format!("You are not allowed to manage '{id}' attachments."),
        ));
    };
    if index == 0 {
        return Err(ApiError::new(
            "OperationNotPermitted",
            "The network interface at device index 0 and networkCard index 0 cannot be detached.",
        ));
    }
    if let Some(found) = call.region.instances.get_mut(&instance) {
        found.interfaces.retain(|one| *one != interface.id);
    }
    if let Some(found) = call.region.interfaces.get_mut(&interface.id) {
        found.attachment = None;
        found.public_ip = None;
    }
    Ok(call.done())
}

/// ModifyNetworkInterfaceAttribute: one attribute a request.
pub(super) fn modify(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let id = params.required("NetworkInterfaceId")?;
    let interface = call.interface(id)?.clone();
    if is_managed(&interface) {
        return Err(ApiError::new("AuthFailure", "You do not have permission to access the specified resource."));
    }
    let description = params.sub("Description").text("Value").map(str::to_owned);
    let check = boolean_attribute(&params.root(), "SourceDestCheck")?;
    let groups: Vec<String> = params.list("SecurityGroupId").into_iter().map(str::to_owned).collect();
    let attachment = params.sub("Attachment");
    let (asked, keep) = (attachment.text("AttachmentId"), attachment.bool("DeleteOnTermination")?);
    let given = [description.is_some(), check.is_some(), !groups.is_empty(), asked.is_some()];
    match given.iter().filter(|given| **given).count() {
        0 => return Err(missing("Attribute")),
        1 => {}
        _ => return Err(invalid_combination("Fields for multiple attribute types specified")),
    }
    if let Some(asked) = asked
        && interface.attachment.as_ref().is_none_or(|one| one.id != asked)
    {
        return Err(ApiError::new("InvalidAttachmentID.NotFound", format!("The attachment '{asked}' does not exist.")));
    }
    let groups = if groups.is_empty() {
        interface.groups
    } else {
        let subnet = call.subnet(&interface.subnet)?.clone();
        checked_groups(call, &subnet, groups)?
    };
    if let Some(found) = call.region.interfaces.get_mut(id) {
        found.groups = groups;
        found.source_dest_check = check.unwrap_or(found.source_dest_check);
        found.description = description.unwrap_or_else(|| found.description.clone());
        if let (Some(attachment), Some(delete)) = (&mut found.attachment, keep) {
            attachment.delete_on_termination = delete;
        }
    }
    Ok(call.done())
}

/// DescribeNetworkInterfaceAttribute: one attribute a request.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("NetworkInterfaceId")?;
    let interface = call.interface(id)?;
    let attribute = call.params.text("Attribute").ok_or_else(|| missing("attribute"))?;
    let shown = match attribute {
        "description" => Element::new("description").leaf("value", &interface.description),
        "sourceDestCheck" => Element::new("sourceDestCheck").leaf("value", interface.source_dest_check),
        "groupSet" => group_set(call.region, &interface.groups),
        "attachment" => match &interface.attachment {
            Some(one) => Element::new("attachment")
                .leaf("attachmentId", &one.id)
                .leaf_opt("instanceId", one.instance.as_ref())
                .leaf("deviceIndex", one.device_index)
                .leaf("networkCardIndex", 0)
                .leaf("status", if status(interface) == "in-use" { "attached" } else { "detached" })
                .leaf("attachTime", time(one.attached_at))
                .leaf("deleteOnTermination", one.delete_on_termination),
            None => Element::new("attachment"),
        },
        other => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter attribute is invalid. Unknown attribute."
            )));
        }
    };
    Ok(call.answer().leaf("networkInterfaceId", id).child(shown))
}
