//! Volumes as they are seen, and their end.

use super::Call;
use super::common::{maybe, one, time};
use super::errors;
use super::page::{Choice, choose};
use super::snapshot::default_key;
use super::tags;
use super::volume_change::status;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{Region, Volume};

/// The whole volume, under the given element.
pub(super) fn item(region: &Region, volume: &Volume, base: Element) -> Element {
    let attachment = volume.attachment.as_ref().map(|attachment| {
        Element::item()
            .leaf("volumeId", &volume.id)
            .leaf("instanceId", &attachment.instance)
            .leaf("device", &attachment.device)
            .leaf("status", "attached")
            .leaf("attachTime", time(attachment.attached_at))
            .leaf("deleteOnTermination", attachment.delete_on_termination)
    });
    let zone_id = region.zones().into_iter().find(|zone| zone.name == volume.zone).map(|zone| zone.id);
    base.leaf("volumeId", &volume.id)
        .leaf("size", volume.size)
        .leaf("snapshotId", volume.snapshot.as_deref().unwrap_or_default())
        .leaf("availabilityZone", &volume.zone)
        .leaf_opt("availabilityZoneId", zone_id)
        .leaf("status", status(region, volume))
        .leaf("createTime", time(volume.created))
        .list("attachmentSet", attachment)
        .leaf("volumeType", &volume.kind)
        .leaf_opt("iops", (volume.iops > 0).then_some(volume.iops))
        .leaf_opt("throughput", (volume.throughput > 0).then_some(volume.throughput))
        .leaf("encrypted", volume.encrypted)
        .leaf_opt("kmsKeyId", volume.encrypted.then(|| default_key(region)))
        .leaf("multiAttachEnabled", false)
        .child(tags::set(region, &volume.id))
}

const FILTERS: &[&str] = &[
    "attachment.attach-time",
    "attachment.delete-on-termination",
    "attachment.device",
    "attachment.instance-id",
    "attachment.status",
    "availability-zone",
    "create-time",
    "encrypted",
    "multi-attach-enabled",
    "size",
    "snapshot-id",
    "status",
    "volume-id",
    "volume-type",
];

fn fact(region: &Region, volume: &Volume, name: &str) -> Vec<String> {
    let attachment = volume.attachment.as_ref();
    match name {
        "attachment.attach-time" => maybe(attachment.map(|one| time(one.attached_at))),
        "attachment.delete-on-termination" => maybe(attachment.map(|one| one.delete_on_termination)),
        "attachment.device" => maybe(attachment.map(|one| &one.device)),
        "attachment.instance-id" => maybe(attachment.map(|one| &one.instance)),
        "attachment.status" => maybe(attachment.map(|_| "attached")),
        "availability-zone" => one(&volume.zone),
        "create-time" => one(time(volume.created)),
        "encrypted" => one(volume.encrypted),
        "multi-attach-enabled" => one(false),
        "size" => one(volume.size),
        "snapshot-id" => maybe(volume.snapshot.as_ref()),
        "status" => one(status(region, volume)),
        "volume-id" => one(&volume.id),
        "volume-type" => one(&volume.kind),
        _ => Vec::new(),
    }
}

/// DescribeVolumes
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let _ = call.params.bool("IncludeManagedResources")?;
    let choice = Choice { ids: "VolumeId", noun: &errors::VOLUME, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.volumes.iter(), fact)?;
    let items = page.items.iter().map(|volume| item(call.region, volume, Element::item()));
    Ok(call.answer().list("volumeSet", items).leaf_opt("nextToken", page.next.as_ref()))
}

/// DescribeVolumeStatus: all is well, unless the volume's zone has failed.
pub(super) fn describe_status(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let _ = call.params.bool("IncludeManagedResources")?;
    const FILTERS: &[&str] = &["availability-zone", "volume-status.status"];
    let health = |region: &Region, volume: &Volume| {
        if region.zone_is_down(&volume.zone) { ("impaired", "failed") } else { ("ok", "passed") }
    };
    let choice = Choice { ids: "VolumeId", noun: &errors::VOLUME, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.volumes.iter(), |region, volume, name| match name {
        "availability-zone" => one(&volume.zone),
        _ => one(health(region, volume).0),
    })?;
    let items = page.items.iter().map(|volume| {
        let (status, enabled) = health(call.region, volume);
        let detail = |name: &str, status: &str| Element::item().leaf("name", name).leaf("status", status);
        let details = [detail("io-enabled", enabled), detail("io-performance", "not-applicable")];
        Element::item()
            .leaf("volumeId", &volume.id)
            .leaf("availabilityZone", &volume.zone)
            .child(Element::new("volumeStatus").leaf("status", status).list("details", details))
            .list("eventsSet", [])
            .list("actionsSet", [])
    });
    Ok(call.answer().list("volumeStatusSet", items).leaf_opt("nextToken", page.next.as_ref()))
}

/// DeleteVolume: not while it is attached.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("VolumeId")?;
    let volume = call.volume(id)?;
    if let Some(attachment) = &volume.attachment {
        return Err(ApiError::new(
            "VolumeInUse",
            format!("Volume {id} is currently attached to {}", attachment.instance),
        ));
    }
    call.region.volumes.remove(id);
    call.region.forget(id);
    Ok(call.done())
}
