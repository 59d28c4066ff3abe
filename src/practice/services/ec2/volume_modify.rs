//! ModifyVolume and DescribeVolumesModifications.

use std::collections::BTreeMap;

use super::Call;
use super::common::{maybe, one, time};
use super::errors::{self, invalid_value};
use super::launch::performance;
use super::page::{Choice, choose};
use super::volume_change::{status, too_much};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{Modification, Region, VolumeShape};

/// How often a volume may be changed within [`WINDOW_MS`].
const MOST: usize = 4;
const WINDOW_MS: i64 = 24 * 3_600_000;

fn item(region: &Region, id: &str, change: &Modification, base: Element) -> Element {
    let now = region.now();
    let (from, to) = (&change.from, &change.to);
    base.leaf("volumeId", id)
        .leaf("modificationState", change.state(now))
        .leaf("targetSize", to.size)
        .leaf_opt("targetIops", (to.iops > 0).then_some(to.iops))
        .leaf("targetVolumeType", &to.kind)
        .leaf_opt("targetThroughput", (to.throughput > 0).then_some(to.throughput))
        .leaf("targetMultiAttachEnabled", false)
        .leaf("originalSize", from.size)
        .leaf_opt("originalIops", (from.iops > 0).then_some(from.iops))
        .leaf("originalVolumeType", &from.kind)
        .leaf_opt("originalThroughput", (from.throughput > 0).then_some(from.throughput))
        .leaf("originalMultiAttachEnabled", false)
        .leaf("progress", change.progress(now))
        .leaf("startTime", time(change.started))
        .leaf_opt("endTime", (now >= change.completed).then(|| time(change.completed)))
}

/// ModifyVolume: larger, of another type, faster; once the last change is over, and four times in 24 hours.
pub(super) fn modify(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let id = params.required("VolumeId")?;
    let volume = call.volume(id)?;
    let number = |name: &str| -> Result<Option<u32>, ApiError> {
        let Some(value) = params.int(name)? else { return Ok(None) };
        let wrong = || invalid_value(format!("Value ({value}) for parameter {name} is invalid."));
        Ok(Some(u32::try_from(value).map_err(|_| wrong())?))
    };
    let (size, kind) = (number("Size")?, params.text("VolumeType").filter(|kind| !kind.is_empty()));
    let (iops, throughput) = (number("Iops")?, number("Throughput")?);
    if params.bool("MultiAttachEnabled")?.unwrap_or(false) {
        return Err(ApiError::not_simulated("volumes attached to several instances"));
    }
    if size.is_none() && kind.is_none() && iops.is_none() && throughput.is_none() {
        return Err(ApiError::new(
            "MissingParameter",
            "The request must contain at least one of the parameters size, volumeType, iops and throughput",
        ));
    }
    let now = call.region.now();
    if status(call.region, volume) == "creating" {
        return Err(ApiError::new("IncorrectState", format!("{id} is not 'available' or 'in-use'.")));
    }
    if let Some(last) = volume.modifications.last().filter(|last| now < last.completed) {
        let state = last.state(now).to_ascii_uppercase();
        return Err(ApiError::new(
            "IncorrectModificationState",
            format!("Volume {id} cannot be modified in modification state {state}"),
        ));
    }
    let recent: Vec<i64> =
        volume.modifications.iter().map(|one| one.started).filter(|started| now - started < WINDOW_MS).collect();
    if let (true, Some(first)) = (recent.len() >= MOST, recent.first()) {
        let again = time(first + WINDOW_MS);
        return Err(ApiError::new(
            "VolumeModificationRateExceeded",
            format!(
                "You've reached the maximum modification rate per volume limit. The next modification is possible at {again}."
            ),
        ));
    }
    let before = volume.shape();
    let kind = kind.unwrap_or(&before.kind).to_owned();
    let size = size.unwrap_or(before.size);
    if size < before.size {
        return Err(invalid_value("New size cannot be smaller than existing size"));
    }
    // What is not said stays as long as the type does.
    let stays =
        |asked: Option<u32>, have: u32| asked.or_else(|| (kind == "gp3" && kind == before.kind).then_some(have));
    let (iops, throughput) = (stays(iops, before.iops), stays(throughput, before.throughput));
    let (iops, throughput) = performance(&kind, size, iops, throughput)?;
    too_much(call.region, &kind, size - before.size)?;
    call.region.modify_volume(id, VolumeShape { size, kind, iops, throughput });
    let change = call.region.volumes.get(id).and_then(|volume| volume.modifications.last());
    let shown = change.map(|change| item(call.region, id, change, Element::new("volumeModification")));
    Ok(shown.map_or_else(|| call.answer(), |shown| call.answer().child(shown)))
}

const FILTERS: &[&str] = &[
    "modification-state",
    "original-iops",
    "original-size",
    "original-volume-type",
    "start-time",
    "target-iops",
    "target-size",
    "target-volume-type",
    "volume-id",
];

fn fact(region: &Region, (id, change): &(String, Modification), name: &str) -> Vec<String> {
    let (from, to) = (&change.from, &change.to);
    match name {
        "modification-state" => one(change.state(region.now())),
        "original-iops" => maybe((from.iops > 0).then_some(from.iops)),
        "original-size" => one(from.size),
        "original-volume-type" => one(&from.kind),
        "start-time" => one(time(change.started)),
        "target-iops" => maybe((to.iops > 0).then_some(to.iops)),
        "target-size" => one(to.size),
        "target-volume-type" => one(&to.kind),
        "volume-id" => one(id),
        _ => Vec::new(),
    }
}

/// DescribeVolumesModifications: the last change of each volume that was ever changed.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let _ = call.params.bool("IncludeManagedResources")?;
    let last = |id: &String| Some((id.clone(), call.region.volumes.get(id)?.modifications.last()?.clone()));
    let all: BTreeMap<String, (String, Modification)> =
        call.region.volumes.keys().filter_map(|id| Some((id.clone(), last(id)?))).collect();
    let choice = Choice { ids: "VolumeId", noun: &errors::VOLUME_MODIFICATION, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, all.iter(), fact)?;
    let items = page.items.iter().map(|(id, change)| item(call.region, id, change, Element::item()));
    Ok(call.answer().list("volumeModificationSet", items).leaf_opt("nextToken", page.next.as_ref()))
}
