//! Volumes on their own: made, attached, detached.

use super::Call;
use super::common::time;
use super::errors::{invalid_combination, invalid_value, missing};
use super::launch::{performance, snapshot_size};
use super::volume::item;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{BlockDevice, InstanceState, Region, Volume, VolumeAttachment};

/// ms until a new volume can be attached.
const CREATING_MS: i64 = 3000;

/// The state of a volume: a new one takes a moment.
pub(super) fn status(region: &Region, volume: &Volume) -> &'static str {
    if volume.attachment.is_some() {
        "in-use"
    } else if region.now() < volume.created + CREATING_MS {
        "creating"
    } else {
        "available"
    }
}

/// The zone that a request names by name or id.
fn zone(call: &Call<'_>) -> Result<String, ApiError> {
    let (name, id) = (call.params.text("AvailabilityZone"), call.params.text("AvailabilityZoneId"));
    if name.is_some() && id.is_some() {
        return Err(invalid_combination("Only one of AvailabilityZone and AvailabilityZoneId may be specified"));
    }
    let asked = name.or(id).ok_or_else(|| missing("availabilityZone"))?;
    let zones = call.region.zones();
    let found = zones.into_iter().find(|zone| Some(zone.name.as_str()) == name || Some(zone.id.as_str()) == id);
    found
        .map(|zone| zone.name)
        .ok_or_else(|| ApiError::new("InvalidZone.NotFound", format!("The zone '{asked}' does not exist.")))
}

/// CreateVolume: empty, or from an own snapshot.
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = match call.repeated()?.and_then(|ids| ids.into_iter().next()) {
        Some(id) if call.region.volumes.contains_key(&id) => id,
        _ => make(call)?,
    };
    let made = call.region.volumes.get(&id).map(|volume| item(call.region, volume, call.answer()));
    Ok(made.unwrap_or_else(|| call.answer()))
}

/// Refuses what would be more than the quota of all volumes.
pub(super) fn too_much(region: &Region, kind: &str, gib: u32) -> Result<(), ApiError> {
    let most = region.options().limits.volume_gib;
    if region.volume_gib().saturating_add(gib) <= most {
        return Ok(());
    }
    Err(ApiError::new(
        "VolumeLimitExceeded",
        format!(
            "You have exceeded your maximum {kind} storage limit of {most} GiB in this region. Please contact AWS Support to request an Elastic Block Store service limit increase."
        ),
    ))
}

fn make(call: &mut Call<'_>) -> Result<String, ApiError> {
    let params = call.params;
    let zone = zone(call)?;
    let number = |name: &str| -> Result<Option<u32>, ApiError> {
        let Some(value) = params.int(name)? else { return Ok(None) };
        let wrong = || invalid_value(format!("Value ({value}) for parameter {name} is invalid."));
        Ok(Some(u32::try_from(value).map_err(|_| wrong())?))
    };
    let snapshot = params.text("SnapshotId").filter(|id| !id.is_empty());
    let least = snapshot.map(|id| snapshot_size(call, id)).transpose()?;
    let size = match (number("Size")?, least) {
        (Some(size), Some(least)) if size < least => {
            return Err(invalid_value(format!(
                "The size of a volume can not be smaller than the size of the snapshot it is made from ({least} GiB)."
            )));
        }
        (Some(size), _) | (None, Some(size)) => size,
        (None, None) => {
            return Err(ApiError::new("MissingParameter", "The request must contain the parameter size/snapshot"));
        }
    };
    if !(1..=16_384).contains(&size) {
        return Err(invalid_value(format!(
            "Volume of {size}GiB is too small or too large; 1 to 16384 GiB is possible"
        )));
    }
    let kind = params.text("VolumeType").unwrap_or("gp2");
    let (iops, throughput) = performance(kind, size, number("Iops")?, number("Throughput")?)?;
    if params.bool("MultiAttachEnabled")?.unwrap_or(false) {
        return Err(ApiError::not_simulated("volumes attached to several instances"));
    }
    let encrypted_before =
        snapshot.and_then(|id| call.region.images.snapshots.get(id)).is_some_and(|one| one.encrypted);
    let encrypted = params.bool("Encrypted")?.unwrap_or(false) || encrypted_before;
    let tags = call.tags_for("volume")?;
    if call.region.zone_is_down(&zone) {
        return Err(ApiError::new(
            "InsufficientVolumeCapacity",
            format!("There is not enough capacity to fulfill your EBS volume provision request in {zone}."),
        )
        .status(500));
    }
    too_much(call.region, kind, size)?;
    let volume = Volume {
        id: call.region.id("vol"),
        zone,
        size,
        kind: kind.to_owned(),
        iops,
        throughput,
        encrypted,
        snapshot: snapshot.map(str::to_owned),
        created: call.region.now(),
        attachment: None,
        modifications: Vec::new(),
    };
    let id = volume.id.clone();
    call.region.volumes.insert(id.clone(), volume);
    call.region.hide_for_a_while(&id);
    call.tag(&id, tags);
    call.remember(vec![id.clone()]);
    Ok(id)
}

fn attachment_answer(call: &Call<'_>, volume: &str, attachment: &VolumeAttachment, status: &str) -> Element {
    call.answer()
        .leaf("volumeId", volume)
        .leaf("instanceId", &attachment.instance)
        .leaf("device", &attachment.device)
        .leaf("status", status)
        .leaf("attachTime", time(attachment.attached_at))
        .leaf("deleteOnTermination", attachment.delete_on_termination)
}

/// AttachVolume: to a running or stopped instance of the same zone, as a device that is free.
pub(super) fn attach(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let id = params.required("VolumeId")?;
    let device = params.required("Device")?;
    let volume = call.volume(id)?.clone();
    let instance = call.instance(params.required("InstanceId")?)?.clone();
    match status(call.region, &volume) {
        "in-use" => {
            return Err(ApiError::new("VolumeInUse", format!("{id} is already attached to an instance")));
        }
        "creating" => return Err(ApiError::new("IncorrectState", format!("{id} is not 'available'."))),
        _ => {}
    }
    if !matches!(instance.state, InstanceState::Running | InstanceState::Stopped) {
        return Err(ApiError::new(
            "IncorrectState",
            format!("Instance '{}' is not 'running' or 'stopped'.", instance.id),
        ));
    }
    if instance.zone != volume.zone {
        return Err(ApiError::new(
            "InvalidVolume.ZoneMismatch",
            format!("The volume '{id}' is not in the same availability zone as instance '{}'", instance.id),
        ));
    }
    if !device.starts_with("/dev/") && !device.starts_with("xvd") {
        return Err(invalid_value(format!(
            "Value ({device}) for parameter device is invalid. {device} is not a valid EBS device name."
        )));
    }
    if instance.devices.iter().any(|one| one.device == device) {
        return Err(invalid_value(format!(
            "Invalid value '{device}' for unixDevice. Attachment point {device} is already in use"
        )));
    }
    let now = call.region.now();
    let attachment = VolumeAttachment {
        instance: instance.id.clone(),
        device: device.to_owned(),
        attached_at: now,
        delete_on_termination: false,
    };
    let seen = BlockDevice {
        device: device.to_owned(),
        volume: id.to_owned(),
        attached_at: now,
        delete_on_termination: false,
    };
    if let Some(found) = call.region.instances.get_mut(&instance.id) {
        found.devices.push(seen);
    }
    let answer = attachment_answer(call, id, &attachment, "attaching");
    if let Some(found) = call.region.volumes.get_mut(id) {
        found.attachment = Some(attachment);
    }
    Ok(answer)
}

/// DetachVolume: not the root volume of an instance that runs.
pub(super) fn detach(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let id = params.required("VolumeId")?;
    let volume = call.volume(id)?;
    let _ = params.bool("Force")?;
    let Some(attachment) = volume.attachment.clone() else {
        return Err(ApiError::new("IncorrectState", format!("Volume '{id}' is in the 'available' state.")));
    };
    let other = |name: &str, have: &str| params.text(name).is_some_and(|asked| asked != have);
    if other("InstanceId", &attachment.instance) || other("Device", &attachment.device) {
        return Err(ApiError::new(
            "InvalidAttachment.NotFound",
            format!("The volume '{id}' is not attached to the instance as this device."),
        ));
    }
    let instance = call.instance(&attachment.instance)?;
    if instance.root_device == attachment.device && instance.state != InstanceState::Stopped {
        return Err(ApiError::new(
            "IncorrectState",
            format!("Unable to detach root volume '{id}' from instance '{}'", attachment.instance),
        ));
    }
    if let Some(found) = call.region.instances.get_mut(&attachment.instance) {
        found.devices.retain(|device| device.volume != id);
    }
    if let Some(found) = call.region.volumes.get_mut(id) {
        found.attachment = None;
    }
    Ok(attachment_answer(call, id, &attachment, "detaching"))
}
