//! Snapshots of volumes.

use super::Call;
use super::common::{one, time};
use super::errors;
use super::page::{Choice, choose};
use super::tags;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::image::Snapshot;
use crate::practice::world::{Duration, Region};

/// ms between two snapshots of the same volume.
const RATE_MS: i64 = 15_000;

/// How ElasticBlockStore names a snapshot's and a volume's key.
pub(super) fn default_key(region: &Region) -> String {
    format!("arn:aws:kms:{}:{}:alias/aws/ebs", region.name(), region.account())
}

fn status(snapshot: &Snapshot) -> &'static str {
    if snapshot.completed { "completed" } else { "pending" }
}

fn fields(region: &Region, snapshot: &Snapshot, base: Element) -> Element {
    base.leaf("snapshotId", &snapshot.id)
        .leaf("volumeId", &snapshot.volume)
        .leaf("status", status(snapshot))
        .leaf("startTime", time(snapshot.started))
        .leaf_opt("completionTime", snapshot.completed.then(|| time(snapshot.ends)))
        .leaf("progress", format!("{}%", snapshot.progress(region.now())))
        .leaf("ownerId", region.account())
        .leaf("volumeSize", snapshot.size)
        .leaf("description", &snapshot.description)
        .leaf("encrypted", snapshot.encrypted)
        .leaf_opt("kmsKeyId", snapshot.encrypted.then(|| default_key(region)))
        .leaf("storageTier", "standard")
        .child(tags::set(region, &snapshot.id))
}

/// Too soon after the last snapshot of the same volume?
pub(super) fn check_rate(region: &Region, volume: &str) -> Result<(), ApiError> {
    let recent = |one: &Snapshot| one.volume == volume && region.now() - one.started < RATE_MS;
    if region.images.snapshots.values().any(recent) {
        return Err(ApiError::new(
            "SnapshotCreationPerVolumeRateExceeded",
            "The maximum per volume CreateSnapshot request rate has been exceeded. Use an increasing or variable sleep interval between requests.",
        ));
    }
    Ok(())
}

/// The own image that still needs a snapshot.
pub(super) fn used_by<'r>(region: &'r Region, snapshot: &str) -> Option<&'r str> {
    region
        .images
        .own
        .values()
        .find(|image| image.disks.iter().any(|disk| disk.snapshot.as_deref() == Some(snapshot)))
        .map(|image| image.id.as_str())
}

/// CreateSnapshot
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let volume = call.params.required("VolumeId")?;
    let description = call.params.text("Description").unwrap_or_default();
    let tags = call.tags_for("snapshot")?;
    call.volume(volume)?;
    check_rate(call.region, volume)?;
    let made = call.region.begin_volume_snapshot(volume, description, Duration::SNAPSHOT);
    let Some(id) = made else { return Err(errors::VOLUME.not_found(volume)) };
    call.tag(&id, tags);
    let shown = call.answer();
    Ok(match call.region.images.snapshots.get(&id) {
        Some(snapshot) => fields(call.region, snapshot, shown),
        None => shown,
    })
}

/// DeleteSnapshot: not while an image needs it.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("SnapshotId")?;
    call.snapshot(id)?;
    if let Some(image) = used_by(call.region, id) {
        return Err(ApiError::new(
            "InvalidSnapshot.InUse",
            format!("The snapshot {id} is currently in use by {image}"),
        ));
    }
    call.region.images.snapshots.remove(id);
    call.region.forget(id);
    Ok(call.done())
}

const FILTERS: &[&str] = &[
    "description",
    "encrypted",
    "owner-alias",
    "owner-id",
    "progress",
    "snapshot-id",
    "start-time",
    "status",
    "storage-tier",
    "volume-id",
    "volume-size",
];

fn fact(region: &Region, snapshot: &Snapshot, name: &str) -> Vec<String> {
    match name {
        "description" => one(&snapshot.description),
        "encrypted" => one(snapshot.encrypted),
        "owner-id" => one(region.account()),
        "progress" => one(format!("{}%", snapshot.progress(region.now()))),
        "snapshot-id" => one(&snapshot.id),
        "start-time" => one(time(snapshot.started)),
        "status" => one(status(snapshot)),
        "storage-tier" => one("standard"),
        "volume-id" => one(&snapshot.volume),
        "volume-size" => one(snapshot.size),
        _ => Vec::new(),
    }
}

/// DescribeSnapshots: the account's own; nobody else shares any with it.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let (owners, restorable) = (params.list("Owner"), params.list("RestorableBy"));
    let account = call.region.account().to_owned();
    let wanted = |names: &[&str]| names.is_empty() || names.iter().any(|name| *name == "self" || *name == account);
    let shown = wanted(&owners) && wanted(&restorable);
    let choice = Choice { ids: "SnapshotId", noun: &errors::SNAPSHOT, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.images.snapshots.iter(), fact)?;
    let items = page.items.iter().filter(|_| shown).map(|snapshot| fields(call.region, snapshot, Element::item()));
    Ok(call.answer().list("snapshotSet", items).leaf_opt("nextToken", page.next.as_ref()))
}
