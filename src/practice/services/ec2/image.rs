//! Images: Amazon's and the Marketplace's, and the account's own.

use super::Call;
use super::common::{malformed, maybe, one, time};
use super::errors::{self, invalid_value, missing};
use super::page::{Choice, choose};
use super::tags;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::Region;
use crate::practice::world::catalogue::{self, PARAMETERS};
use crate::practice::world::host::Software;
use crate::practice::world::image::{Disk, ImageState, OwnImage};

/// An image, whoever owns it.
pub(super) struct Image {
    pub(super) id: String,
    pub(super) architecture: String,
    pub(super) disks: Vec<Disk>,
    pub(super) root_device: String,
    pub(super) software: Software,
    /// Instances from it have to be subscribed to.
    pub(super) product_code: Option<&'static str>,
    pub(super) state: ImageState,
    pub(super) imds_v2: bool,
    name: String,
    description: String,
    owner: String,
    /// `amazon`, `aws-marketplace`.
    alias: Option<&'static str>,
    created: String,
    deprecated: Option<&'static str>,
    source: Option<(String, String)>,
    free_tier: bool,
    parameter: Option<&'static str>,
}

impl Image {
    fn public(image: catalogue::Image) -> Self {
        let disk = Disk {
            device: image.root_device.to_owned(),
            size: image.size,
            kind: image.volume_kind.to_owned(),
            iops: if image.volume_kind == "gp3" { 3000 } else { 100 },
            throughput: if image.volume_kind == "gp3" { 125 } else { 0 },
            encrypted: false,
            snapshot: Some(image.snapshot),
            delete_on_termination: true,
        };
        Self {
            id: image.id,
            architecture: image.architecture.to_owned(),
            disks: vec![disk],
            root_device: image.root_device.to_owned(),
            software: Software::default(),
            product_code: image.product_code,
            state: ImageState::Available,
            imds_v2: image.imds_v2,
            name: image.name,
            description: image.description,
            owner: image.owner.to_owned(),
            alias: Some(image.alias),
            created: image.created.to_owned(),
            deprecated: image.deprecated,
            source: None,
            free_tier: image.product_code.is_none(),
            parameter: image.parameters.first().copied(),
        }
    }

    fn own(region: &Region, image: &OwnImage) -> Self {
        Self {
            id: image.id.clone(),
            architecture: image.architecture.clone(),
            disks: image.disks.clone(),
            root_device: image.root_device.clone(),
            software: image.software.clone(),
            product_code: None,
            state: image.state,
            imds_v2: image.imds_v2,
            name: image.name.clone(),
            description: image.description.clone(),
            owner: region.account().to_owned(),
            alias: None,
            created: time(image.created),
            deprecated: None,
            source: Some((image.source_instance.clone(), image.source_image.clone())),
            free_tier: true,
            parameter: None,
        }
    }

    fn is_public(&self) -> bool {
        self.alias.is_some()
    }

    fn boot_mode(&self) -> &'static str {
        match (self.architecture.as_str(), self.product_code) {
            ("arm64", _) => "uefi",
            (_, Some(_)) => "legacy-bios",
            _ => "uefi-preferred",
        }
    }

    fn location(&self) -> String {
        format!("{}/{}", self.alias.unwrap_or(&self.owner), self.name)
    }
}

/// The code of a product of the Marketplace.
pub(super) fn product_codes(code: Option<&str>) -> Vec<Element> {
    code.map(|code| Element::item().leaf("productCode", code).leaf("type", "marketplace")).into_iter().collect()
}

fn mapping(disk: &Disk) -> Element {
    let ebs = Element::new("ebs")
        .leaf("deleteOnTermination", disk.delete_on_termination)
        .leaf_opt("iops", (disk.iops > 0 && disk.kind == "gp3").then_some(disk.iops))
        .leaf_opt("snapshotId", disk.snapshot.as_ref())
        .leaf("volumeSize", disk.size)
        .leaf("volumeType", &disk.kind)
        .leaf_opt("throughput", (disk.throughput > 0).then_some(disk.throughput))
        .leaf("encrypted", disk.encrypted);
    Element::item().leaf("deviceName", &disk.device).child(ebs)
}

fn item(region: &Region, image: &Image) -> Element {
    let codes = product_codes(image.product_code);
    let codes = (!codes.is_empty()).then(|| Element::new("productCodes").children(codes));
    Element::item()
        .leaf("imageId", &image.id)
        .leaf("imageLocation", image.location())
        .leaf("imageState", image.state.as_str())
        .leaf("imageOwnerId", &image.owner)
        .leaf_opt("imageOwnerAlias", image.alias)
        .leaf("creationDate", &image.created)
        .leaf_opt("deprecationTime", image.deprecated)
        .leaf("isPublic", image.is_public())
        .child_opt(codes)
        .leaf("architecture", &image.architecture)
        .leaf("imageType", "machine")
        .leaf("name", &image.name)
        .leaf_opt("description", (!image.description.is_empty()).then_some(&image.description))
        .leaf("rootDeviceType", "ebs")
        .leaf("rootDeviceName", &image.root_device)
        .list("blockDeviceMapping", image.disks.iter().map(mapping))
        .leaf("virtualizationType", "hvm")
        .leaf("hypervisor", "xen")
        .leaf("enaSupport", true)
        .leaf("sriovNetSupport", "simple")
        .leaf("platformDetails", "Linux/UNIX")
        .leaf("usageOperation", "RunInstances")
        .leaf("bootMode", image.boot_mode())
        .leaf_opt("imdsSupport", image.imds_v2.then_some("v2.0"))
        .leaf_opt("sourceInstanceId", image.source.as_ref().map(|(instance, _)| instance))
        .leaf_opt("sourceImageId", image.source.as_ref().map(|(_, image)| image))
        .leaf_opt("sourceImageRegion", image.source.as_ref().map(|_| region.name()))
        .leaf("freeTierEligible", image.free_tier)
        .leaf_opt("publicSsmParameterName", image.parameter.map(|name| format!("{PARAMETERS}{name}")))
        .child(tags::set(region, &image.id))
}

/// The image that a request names by id, or by `resolve:ssm:<public parameter>`.
pub(super) fn named(region: &Region, asked: &str) -> Result<Image, ApiError> {
    if let Some(parameter) = asked.strip_prefix("resolve:ssm:") {
        return catalogue::image_of_parameter(region.name(), parameter).map(Image::public).ok_or_else(|| {
            ApiError::new("InvalidParameterValue", format!("The SSM parameter {parameter} does not name an image"))
        });
    }
    if !asked.starts_with("ami-") {
        return Err(malformed("InvalidAMIID.Malformed", asked, "ami-"));
    }
    if let Some(own) = region.images.own.get(asked).filter(|_| !region.is_hidden(asked)) {
        return Ok(Image::own(region, own));
    }
    catalogue::image(region.name(), asked).map(Image::public).ok_or_else(|| errors::IMAGE.not_found(asked))
}

/// The Marketplace product that an instance's image belongs to.
pub(super) fn product_of(region: &Region, image: &str) -> Option<&'static str> {
    catalogue::image(region.name(), image)?.product_code
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
    "product-code.type",
    "root-device-name",
    "root-device-type",
    "source-image-id",
    "source-image-region",
    "source-instance-id",
    "state",
    "virtualization-type",
];

fn fact(region: &Region, image: &Image, name: &str) -> Vec<String> {
    let disks = |value: &dyn Fn(&Disk) -> Option<String>| image.disks.iter().filter_map(value).collect();
    match name {
        "architecture" => one(&image.architecture),
        "ena-support" => one(true),
        "block-device-mapping.delete-on-termination" => disks(&|disk| Some(disk.delete_on_termination.to_string())),
        "block-device-mapping.device-name" => disks(&|disk| Some(disk.device.clone())),
        "block-device-mapping.encrypted" => disks(&|disk| Some(disk.encrypted.to_string())),
        "block-device-mapping.snapshot-id" => disks(&|disk| disk.snapshot.clone()),
        "block-device-mapping.volume-size" => disks(&|disk| Some(disk.size.to_string())),
        "block-device-mapping.volume-type" => disks(&|disk| Some(disk.kind.clone())),
        "creation-date" => one(&image.created),
        "description" => one(&image.description),
        "free-tier-eligible" => one(image.free_tier),
        "hypervisor" => one("xen"),
        "image-id" => one(&image.id),
        "image-type" => one("machine"),
        "is-public" => one(image.is_public()),
        "name" => one(&image.name),
        "owner-alias" => maybe(image.alias),
        "owner-id" => one(&image.owner),
        "product-code" => maybe(image.product_code),
        "product-code.type" => maybe(image.product_code.map(|_| "marketplace")),
        "root-device-name" => one(&image.root_device),
        "root-device-type" => one("ebs"),
        "source-image-id" => maybe(image.source.as_ref().map(|(_, image)| image)),
        "source-image-region" => maybe(image.source.as_ref().map(|_| region.name())),
        "source-instance-id" => maybe(image.source.as_ref().map(|(instance, _)| instance)),
        "state" => one(image.state.as_str()),
        "virtualization-type" => one("hvm"),
        _ => Vec::new(),
    }
}

/// DescribeImages: the public ones and the account's own.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let (owners, executable) = (params.list("Owner"), params.list("ExecutableBy"));
    // No image here is deprecated or disabled.
    let _ = (params.bool("IncludeDeprecated")?, params.bool("IncludeDisabled")?);
    for id in params.list("ImageId") {
        named(call.region, id)?;
    }
    let region = &*call.region;
    let owned = |image: &Image| {
        owners.is_empty()
            || owners.iter().any(|owner| {
                *owner == image.owner
                    || image.alias == Some(owner)
                    || (*owner == "self" && image.owner == region.account())
            })
    };
    let may = |image: &Image| executable.is_empty() || (image.is_public() && executable.contains(&"all"));
    let public = catalogue::images(region.name()).into_iter().map(Image::public);
    let own = region.images.own.values().map(|image| Image::own(region, image));
    let mut images: Vec<Image> = public.chain(own).filter(|image| owned(image) && may(image)).collect();
    images.sort_by(|a, b| a.id.cmp(&b.id));
    let choice = Choice { ids: "ImageId", noun: &errors::IMAGE, filters: FILTERS, smallest: 1 };
    let page = choose(call, &choice, images.iter().map(|image| (&image.id, image)), fact)?;
    let items = page.items.iter().map(|image| item(call.region, image));
    Ok(call.answer().list("imagesSet", items).leaf_opt("nextToken", page.next.as_ref()))
}

/// The own image that a request may change; somebody else's is not to be touched.
pub(super) fn own_image<'c>(call: &'c Call<'_>, id: &str) -> Result<&'c OwnImage, ApiError> {
    named(call.region, id)?;
    call.region.images.own.get(id).ok_or_else(|| ApiError::new("AuthFailure", format!("Not authorized for image:{id}")))
}

/// DescribeImageAttribute
pub(super) fn describe_attribute(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("ImageId")?;
    let attribute = call.params.required("Attribute")?;
    own_image(call, id)?;
    let image = named(call.region, id)?;
    let value = |text: Option<&str>| Element::new(attribute).leaf_opt("value", text);
    let shown = match attribute {
        "description" => value((!image.description.is_empty()).then_some(image.description.as_str())),
        "launchPermission" => Element::new("launchPermission"),
        "productCodes" => Element::new("productCodes"),
        "blockDeviceMapping" => Element::new("blockDeviceMapping").children(image.disks.iter().map(mapping)),
        "sriovNetSupport" => value(Some("simple")),
        "bootMode" => value(Some(image.boot_mode())),
        "imdsSupport" => value(image.imds_v2.then_some("v2.0")),
        "deregistrationProtection" => value(Some("disabled")),
        "kernel" | "ramdisk" | "tpmSupport" | "uefiData" | "lastLaunchedTime" => {
            return Err(ApiError::not_simulated(format_args!("the image attribute {attribute}")));
        }
        other => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter attribute is invalid. Unknown attribute."
            )));
        }
    };
    Ok(call.answer().leaf("imageId", id).child(shown))
}

/// ModifyImageAttribute: the description, and that instances use IMDSv2.
pub(super) fn modify_attribute(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let id = params.required("ImageId")?;
    own_image(call, id)?;
    let attribute = params.text("Attribute");
    let old_form = |name: &str| attribute.filter(|asked| *asked == name).and_then(|_| params.text("Value"));
    let description = params.sub("Description").text("Value").or_else(|| old_form("description"));
    let imds = params.sub("ImdsSupport").text("Value").or_else(|| old_form("imdsSupport"));
    if let Some(other) = imds.filter(|value| *value != "v2.0") {
        return Err(invalid_value(format!("Value ({other}) for parameter imdsSupport is invalid.")));
    }
    if description.is_none() && imds.is_none() {
        return match (attribute, params.unread().first()) {
            (Some(name), _) => Err(ApiError::not_simulated(format_args!("changing the image attribute {name}"))),
            (None, Some(name)) => {
                Err(ApiError::not_simulated(format_args!("the parameter {name} of ModifyImageAttribute")))
            }
            (None, None) => Err(missing("Attribute")),
        };
    }
    if let Some(image) = call.region.images.own.get_mut(id) {
        image.imds_v2 |= imds.is_some();
        if let Some(text) = description {
            text.clone_into(&mut image.description);
        }
    }
    Ok(call.done())
}
