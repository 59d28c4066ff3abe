//! Images: Amazon's own; an account has none yet.

use super::Call;
use super::common::{malformed, one};
use super::errors;
use super::page::{Choice, choose};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::Region;
use crate::practice::world::catalogue::{self, AMAZON, Image, PARAMETERS, ROOT_DEVICE};

fn item(image: &Image) -> Element {
    let ebs = Element::new("ebs")
        .leaf("deleteOnTermination", true)
        .leaf("iops", 3000)
        .leaf("snapshotId", &image.snapshot)
        .leaf("volumeSize", image.size)
        .leaf("volumeType", "gp3")
        .leaf("throughput", 125)
        .leaf("encrypted", false);
    Element::item()
        .leaf("imageId", &image.id)
        .leaf("imageLocation", format!("amazon/{}", image.name))
        .leaf("imageState", "available")
        .leaf("imageOwnerId", AMAZON)
        .leaf("imageOwnerAlias", "amazon")
        .leaf("creationDate", image.created)
        .leaf("deprecationTime", image.deprecated)
        .leaf("isPublic", true)
        .leaf("architecture", image.architecture)
        .leaf("imageType", "machine")
        .leaf("name", &image.name)
        .leaf("description", &image.description)
        .leaf("rootDeviceType", "ebs")
        .leaf("rootDeviceName", ROOT_DEVICE)
        .list("blockDeviceMapping", [Element::item().leaf("deviceName", ROOT_DEVICE).child(ebs)])
        .leaf("virtualizationType", "hvm")
        .leaf("hypervisor", "xen")
        .leaf("enaSupport", true)
        .leaf("sriovNetSupport", "simple")
        .leaf("platformDetails", "Linux/UNIX")
        .leaf("usageOperation", "RunInstances")
        .leaf("bootMode", boot_mode(image))
        .leaf("imdsSupport", "v2.0")
        .leaf("freeTierEligible", true)
        .leaf_opt("publicSsmParameterName", image.parameters.first().map(|name| format!("{PARAMETERS}{name}")))
}

fn boot_mode(image: &Image) -> &'static str {
    if image.architecture == "arm64" { "uefi" } else { "uefi-preferred" }
}

/// The image that a request names by id, or by `resolve:ssm:<public parameter>`.
pub(super) fn named(region: &Region, asked: &str) -> Result<Image, ApiError> {
    if let Some(parameter) = asked.strip_prefix("resolve:ssm:") {
        return catalogue::image_of_parameter(region.name(), parameter).ok_or_else(|| {
            ApiError::new("InvalidParameterValue", format!("The SSM parameter {parameter} does not name an image"))
        });
    }
    if !asked.starts_with("ami-") {
        return Err(malformed("InvalidAMIID.Malformed", asked, "ami-"));
    }
    catalogue::image(region.name(), asked).ok_or_else(|| errors::IMAGE.not_found(asked))
}

const FILTERS: &[&str] = &[
    "architecture",
    "block-device-mapping.delete-on-termination",
    "block-device-mapping.device-name",
    "block-device-mapping.encrypted",
    "block-device-mapping.snapshot-id",
    "block-device-mapping.volume-size",
    "block-device-mapping.volume-type",
    "creation-date",
    "description",
    "ena-support",
    "free-tier-eligible",
    "hypervisor",
    "image-id",
    "image-type",
    "is-public",
    "name",
    "owner-alias",
    "owner-id",
    "platform",
    "product-code",
    "root-device-name",
    "root-device-type",
    "state",
    "virtualization-type",
];

fn fact(_: &Region, image: &Image, name: &str) -> Vec<String> {
    match name {
        "architecture" => one(image.architecture),
        "block-device-mapping.delete-on-termination" | "ena-support" | "free-tier-eligible" | "is-public" => one(true),
        "block-device-mapping.device-name" | "root-device-name" => one(ROOT_DEVICE),
        "block-device-mapping.encrypted" => one(false),
        "block-device-mapping.snapshot-id" => one(&image.snapshot),
        "block-device-mapping.volume-size" => one(image.size),
        "block-device-mapping.volume-type" => one("gp3"),
        "creation-date" => one(image.created),
        "description" => one(&image.description),
        "hypervisor" => one("xen"),
        "image-id" => one(&image.id),
        "image-type" => one("machine"),
        "name" => one(&image.name),
        "owner-alias" => one("amazon"),
        "owner-id" => one(AMAZON),
        "root-device-type" => one("ebs"),
        "state" => one("available"),
        "virtualization-type" => one("hvm"),
        _ => Vec::new(),
    }
}

/// DescribeImages
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let (owners, executable) = (params.list("Owner"), params.list("ExecutableBy"));
    // No image here is deprecated or disabled.
    let _ = (params.bool("IncludeDeprecated")?, params.bool("IncludeDisabled")?);
    for id in params.list("ImageId") {
        named(call.region, id)?;
    }
    let wanted = (owners.is_empty() || owners.iter().any(|owner| ["amazon", AMAZON].contains(owner)))
        && (executable.is_empty() || executable.contains(&"all"));
    let mut images = if wanted { catalogue::images(call.region.name()) } else { Vec::new() };
    images.sort_by(|a, b| a.id.cmp(&b.id));
    let choice = Choice { ids: "ImageId", noun: &errors::IMAGE, filters: FILTERS, smallest: 1 };
    let page = choose(call, &choice, images.iter().map(|image| (&image.id, image)), fact)?;
    let items = page.items.iter().map(|image| item(image));
    Ok(call.answer().list("imagesSet", items).leaf_opt("nextToken", page.next.as_ref()))
}
