//! DescribeInstanceAttribute, ModifyInstanceAttribute, ModifyInstanceMetadataOptions, MonitorInstances.

use super::common::boolean_attribute;
use super::errors::{invalid_combination, invalid_value, missing};
use super::instance::{devices, metadata_element};
use super::launch::{checked_groups, metadata, user_data};
use super::network_interface::group_set;
use super::{Call, image};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::catalogue;
use crate::practice::world::{Instance, InstanceState};

/// DescribeInstanceAttribute: one attribute a request.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let instance = call.instance(call.params.required("InstanceId")?)?;
    let attribute = call.params.required("Attribute")?;
    let interface = instance.interfaces.first().and_then(|id| call.region.interfaces.get(id));
    let value = |value: String| Element::new(attribute).leaf("value", value);
    let shown = match attribute {
        "instanceType" => value(instance.instance_type.clone()),
        "userData" => Element::new(attribute).leaf_opt("value", instance.user_data.as_ref()),
        "disableApiTermination" => value(instance.disable_api_termination.to_string()),
        "disableApiStop" => value(instance.disable_api_stop.to_string()),
        "instanceInitiatedShutdownBehavior" => value(instance.shutdown_behavior.clone()),
        "rootDeviceName" => value(instance.root_device.clone()),
        "sourceDestCheck" => value(interface.is_none_or(|one| one.source_dest_check).to_string()),
        "ebsOptimized" => value(instance.ebs_optimized.to_string()),
        "enaSupport" => value("true".to_owned()),
        "groupSet" => group_set(call.region, interface.map(|one| one.groups.as_slice()).unwrap_or_default()),
        "productCodes" => {
            Element::new("productCodes").children(image::product_codes(image::product_of(call.region, &instance.image)))
        }
        "blockDeviceMapping" => Element::new("blockDeviceMapping").children(devices(instance)),
        "kernel" | "ramdisk" | "sriovNetSupport" | "enclaveOptions" => {
            return Err(ApiError::not_simulated(format_args!("the instance attribute {attribute}")));
        }
        other => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter attribute is invalid. Unknown attribute."
            )));
        }
    };
    Ok(call.answer().leaf("instanceId", &instance.id).child(shown))
}

/// One change of an instance.
enum Change {
    Groups(Vec<String>),
    SourceDestCheck(bool),
    DisableApiTermination(bool),
    DisableApiStop(bool),
    EbsOptimized(bool),
    InstanceType(&'static str),
    UserData(Option<String>),
    ShutdownBehavior(String),
    /// Devices, and whether each goes with the instance.
    Devices(Vec<(String, bool)>),
}

fn type_change(name: &str) -> Result<Change, ApiError> {
    catalogue::instance_type(name)
        .map(|kind| Change::InstanceType(kind.name))
        .ok_or_else(|| invalid_value(format!("Invalid value '{name}' for InstanceType.")))
}

fn user_data_change(text: &str) -> Result<Change, ApiError> {
    if text.is_empty() { Ok(Change::UserData(None)) } else { Ok(Change::UserData(Some(user_data(text)?))) }
}

fn behavior_change(text: &str) -> Result<Change, ApiError> {
    if ["stop", "terminate"].contains(&text) {
        Ok(Change::ShutdownBehavior(text.to_owned()))
    } else {
        Err(invalid_value(format!("Value ({text}) for parameter instanceInitiatedShutdownBehavior is invalid.")))
    }
}

fn boolean(text: &str) -> Result<bool, ApiError> {
    text.to_ascii_lowercase()
        .parse()
        .map_err(|_| invalid_value(format!("Value ({text}) for parameter value is invalid. It must be true or false.")))
}

/// What a request changes: by its own parameters, or by Attribute and Value.
fn read(call: &Call<'_>, instance: &Instance) -> Result<Vec<Change>, ApiError> {
    let params = call.params;
    let root = params.root();
    let mut changes = Vec::new();
    let groups = params.list("GroupId");
    if !groups.is_empty() {
        let subnet = call.subnet(&instance.subnet)?.clone();
        let groups = groups.into_iter().map(str::to_owned).collect();
        changes.push(Change::Groups(checked_groups(call, &subnet, groups)?));
    }
    let attribute = params.text("Attribute");
    let old_form = attribute.map(|name| (name, params.text("Value").unwrap_or_default()));
    let boolean_of = |name: &str, attribute: &str| match old_form {
        Some((asked, value)) if asked == attribute => boolean(value).map(Some),
        _ => boolean_attribute(&root, name),
    };
    let text_of = |name: &str, attribute: &str| match old_form {
        Some((asked, value)) if asked == attribute => Some(value),
        _ => params.sub(name).text("Value"),
    };
    changes.extend(boolean_of("SourceDestCheck", "sourceDestCheck")?.map(Change::SourceDestCheck));
    changes.extend(boolean_of("DisableApiTermination", "disableApiTermination")?.map(Change::DisableApiTermination));
    changes.extend(boolean_of("DisableApiStop", "disableApiStop")?.map(Change::DisableApiStop));
    changes.extend(boolean_of("EbsOptimized", "ebsOptimized")?.map(Change::EbsOptimized));
    changes.extend(text_of("InstanceType", "instanceType").map(type_change).transpose()?);
    changes.extend(text_of("UserData", "userData").map(user_data_change).transpose()?);
    changes.extend(
        text_of("InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior")
            .map(behavior_change)
            .transpose()?,
    );
    let mut devices = Vec::new();
    for mapping in params.structs("BlockDeviceMapping") {
        let device = mapping.required("DeviceName")?;
        if !instance.devices.iter().any(|one| one.device == device) {
            return Err(ApiError::new(
                "InvalidInstanceAttributeValue",
                format!("No device is currently mapped at {device}"),
            ));
        }
        if let Some(goes) = mapping.sub("Ebs").bool("DeleteOnTermination")? {
            devices.push((device.to_owned(), goes));
        }
    }
    if !devices.is_empty() {
        changes.push(Change::Devices(devices));
    }
    Ok(changes)
}

/// ModifyInstanceAttribute: one attribute a request; some only while the instance is stopped.
pub(super) fn modify(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let instance = call.instance(call.params.required("InstanceId")?)?.clone();
    let mut changes = read(call, &instance)?;
    let Some(change) = changes.pop() else {
        return match (call.params.text("Attribute"), call.params.unread().first()) {
            (Some(name), _) => Err(ApiError::not_simulated(format_args!("changing the instance attribute {name}"))),
            (None, Some(name)) => {
                Err(ApiError::not_simulated(format_args!("the parameter {name} of ModifyInstanceAttribute")))
            }
            (None, None) => Err(missing("Attribute")),
        };
    };
    if !changes.is_empty() {
        return Err(invalid_combination("Fields for multiple attribute types specified"));
    }
    let needs_stop = matches!(change, Change::InstanceType(_) | Change::UserData(_) | Change::EbsOptimized(_));
    if needs_stop && instance.state != InstanceState::Stopped {
        return Err(ApiError::new(
            "IncorrectInstanceState",
            format!("The instance '{}' is not in the 'stopped' state.", instance.id),
        ));
    }
    let region = &mut *call.region;
    let interface = instance.interfaces.first().and_then(|id| region.interfaces.get_mut(id));
    let Some(found) = region.instances.get_mut(&instance.id) else {
        return Ok(call.done());
    };
    match (change, interface) {
        (Change::Groups(groups), Some(interface)) => interface.groups = groups,
        (Change::SourceDestCheck(check), Some(interface)) => interface.source_dest_check = check,
        (Change::Groups(_) | Change::SourceDestCheck(_), None) => {
            return Err(ApiError::new(
                "IncorrectInstanceState",
                format!("The instance '{}' has no network interface.", instance.id),
            ));
        }
        (Change::DisableApiTermination(on), _) => found.disable_api_termination = on,
        (Change::DisableApiStop(on), _) => found.disable_api_stop = on,
        (Change::EbsOptimized(on), _) => found.ebs_optimized = on,
        (Change::InstanceType(name), _) => name.clone_into(&mut found.instance_type),
        (Change::UserData(data), _) => found.user_data = data,
        (Change::Devices(devices), _) => {
            for (name, goes) in devices {
                let Some(device) = found.devices.iter_mut().find(|one| one.device == name) else { continue };
                device.delete_on_termination = goes;
                let volume = region.volumes.get_mut(&device.volume).and_then(|volume| volume.attachment.as_mut());
                if let Some(attachment) = volume {
                    attachment.delete_on_termination = goes;
                }
            }
        }
        (Change::ShutdownBehavior(behavior), _) => found.shutdown_behavior = behavior,
    }
    Ok(call.done())
}

/// ModifyInstanceMetadataOptions
pub(super) fn modify_metadata(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("InstanceId")?;
    let options = metadata(&call.params.root(), call.instance(id)?.metadata.clone())?;
    if let Some(instance) = call.region.instances.get_mut(id) {
        instance.metadata = options.clone();
    }
    Ok(call.answer().leaf("instanceId", id).child(metadata_element("instanceMetadataOptions", &options)))
}

/// MonitorInstances, UnmonitorInstances
pub(super) fn monitor(call: &mut Call<'_>, detailed: bool) -> Result<Element, ApiError> {
    let ids = call.params.list("InstanceId");
    if ids.is_empty() {
        return Err(missing("InstanceId"));
    }
    for id in &ids {
        call.instance(id)?;
        if let Some(instance) = call.region.instances.get_mut(*id) {
            instance.detailed_monitoring = detailed;
        }
        call.region.note_monitoring(id);
    }
    let state = if detailed { "enabled" } else { "disabled" };
    let items = ids
        .iter()
        .map(|id| Element::item().leaf("instanceId", id).child(Element::new("monitoring").leaf("state", state)));
    Ok(call.answer().list("instancesSet", items))
}
