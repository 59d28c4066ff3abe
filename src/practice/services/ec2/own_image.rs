//! Making and unmaking the account's own images.

use super::Call;
use super::errors::invalid_value;
use super::image::own_image;
use super::snapshot;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::image::{Disk, ImageState, OwnImage};
use crate::practice::world::{InstanceState, catalogue};

fn checked_name(call: &Call<'_>, name: &str) -> Result<(), ApiError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "()[] ./-'@_".contains(c);
    if !(3..=128).contains(&name.chars().count()) || !name.chars().all(fits) {
        return Err(ApiError::new(
            "InvalidAMIName.Malformed",
            "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'",
        ));
    }
    match call.region.images.own.values().find(|image| image.name == name) {
        Some(there) => Err(ApiError::new(
            "InvalidAMIName.Duplicate",
            format!("AMI name {name} is already in use by AMI {}", there.id),
        )),
        None => Ok(()),
    }
}

/// CreateImage: with the disks and the software as they are now. Without NoReboot the instance restarts for it.
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let instance = call.instance(params.required("InstanceId")?)?.clone();
    let name = params.required("Name")?;
    let description = params.text("Description").unwrap_or_default();
    let no_reboot = params.bool("NoReboot")?.unwrap_or(false);
    let mut tags = call.tag_specifications(&["image", "snapshot"])?;
    checked_name(call, name)?;
    if description.chars().count() > 255 {
        return Err(invalid_value("The description of an image is limited to 255 characters"));
    }
    if !matches!(instance.state, InstanceState::Running | InstanceState::Stopping | InstanceState::Stopped) {
        return Err(ApiError::new(
            "IncorrectState",
            format!(
                "Instance '{}' is not 'Running' or 'Stopped', its state is '{}'.",
                instance.id,
                instance.state.as_str()
            ),
        ));
    }
    for device in &instance.devices {
        snapshot::check_rate(call.region, &device.volume)?;
    }
    let disks = instance
        .devices
        .iter()
        .filter_map(|device| {
            let volume = call.region.volumes.get(&device.volume)?;
            Some(Disk {
                device: device.device.clone(),
                size: volume.size,
                kind: volume.kind.clone(),
                iops: volume.iops,
                throughput: volume.throughput,
                encrypted: volume.encrypted,
                snapshot: None,
                delete_on_termination: device.delete_on_termination,
            })
        })
        .collect();
    let parent = super::image::named(call.region, &instance.image).ok();
    let kind = catalogue::instance_type(&instance.instance_type);
    let image = OwnImage {
        id: String::new(),
        name: name.to_owned(),
        description: description.to_owned(),
        architecture: kind.map_or("x86_64", |kind| kind.architecture).to_owned(),
        state: ImageState::Pending,
        created: call.region.now(),
        source_instance: instance.id.clone(),
        source_image: instance.image.clone(),
        root_device: instance.root_device.clone(),
        disks,
        imds_v2: parent.is_none_or(|parent| parent.imds_v2),
        software: instance.software.clone(),
    };
    let id = call.region.begin_image(image);
    call.tag(&id, tags.remove("image").unwrap_or_default());
    let made: Vec<String> = call
        .region
        .images
        .own
        .get(&id)
        .map(|image| image.disks.iter().filter_map(|disk| disk.snapshot.clone()).collect())
        .unwrap_or_default();
    for snapshot in made {
        call.tag(&snapshot, tags.get("snapshot").cloned().unwrap_or_default());
    }
    if !no_reboot {
        call.region.restart_checks(&instance.id);
    }
    Ok(call.answer().leaf("imageId", id))
}

/// DeregisterImage: instances made from it stay; its snapshots too, unless they are to go with it.
pub(super) fn deregister(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("ImageId")?;
    let with_snapshots = call.params.bool("DeleteAssociatedSnapshots")?.unwrap_or(false);
    let image = own_image(call, id)?;
    let snapshots: Vec<String> = image.disks.iter().filter_map(|disk| disk.snapshot.clone()).collect();
    call.region.images.own.remove(id);
    call.region.forget(id);
    let mut results = Vec::new();
    for snapshot in snapshots.iter().filter(|_| with_snapshots) {
        let code = if snapshot::used_by(call.region, snapshot).is_some() {
            "skipped"
        } else if call.region.images.snapshots.remove(snapshot).is_none() {
            "client-error"
        } else {
            call.region.forget(snapshot);
            "success"
        };
        results.push(Element::item().leaf("snapshotId", snapshot).leaf("returnCode", code));
    }
    Ok(call.done().list("deleteSnapshotResultSet", results))
}
