//! What a RunInstances request asks for, checked.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::errors::{self, invalid_combination, invalid_value, missing};
use super::image::Image;
use super::{Call, image, profile};
use crate::practice::services::ApiError;
use crate::practice::wire::query::{Params, View};
use crate::practice::world::catalogue::{self, InstanceType};
use crate::practice::world::image::{Disk, ImageState};
use crate::practice::world::{MetadataOptions, SecurityGroup, Subnet};

/// The interface to make.
pub(super) struct Network {
    pub(super) subnet: Subnet,
    pub(super) groups: Vec<String>,
    pub(super) private_ip: Option<Ipv4Addr>,
    pub(super) public_ip: bool,
    pub(super) description: String,
    pub(super) delete_on_termination: bool,
}

/// What each of the instances is to be.
pub(super) struct Launch {
    pub(super) image: Image,
    pub(super) kind: &'static InstanceType,
    pub(super) network: Network,
    pub(super) disks: Vec<Disk>,
    pub(super) key: Option<String>,
    pub(super) user_data: Option<String>,
    pub(super) metadata: MetadataOptions,
    pub(super) detailed_monitoring: bool,
    pub(super) ebs_optimized: bool,
    pub(super) disable_api_termination: bool,
    pub(super) disable_api_stop: bool,
    pub(super) shutdown_behavior: String,
    pub(super) profile: Option<profile::Profile>,
    pub(super) unlimited_credits: bool,
    pub(super) tags: BTreeMap<&'static str, BTreeMap<String, String>>,
}

/// User data: base64 of at most 16 KiB.
pub(super) fn user_data(text: &str) -> Result<String, ApiError> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let bytes = STANDARD.decode(&compact).map_err(|_| invalid_value("Invalid BASE64 encoding of user data."))?;
    if bytes.len() > 16_384 {
        return Err(invalid_value("User data is limited to 16384 bytes"));
    }
    Ok(compact)
}

/// `enabled` or `disabled`.
fn switch(view: &View<'_>, name: &str) -> Result<Option<bool>, ApiError> {
    match view.text(name) {
        None => Ok(None),
        Some("enabled") => Ok(Some(true)),
        Some("disabled") => Ok(Some(false)),
        Some(other) => Err(invalid_value(format!("Value ({other}) for parameter {} is invalid.", view.name_of(name)))),
    }
}

/// Changes metadata options as a request says.
pub(super) fn metadata(view: &View<'_>, mut options: MetadataOptions) -> Result<MetadataOptions, ApiError> {
    match view.text("HttpTokens") {
        None => {}
        Some("required") => options.tokens_required = true,
        Some("optional") => options.tokens_required = false,
        Some(other) => return Err(invalid_value(format!("Value ({other}) for parameter HttpTokens is invalid."))),
    }
    if let Some(limit) = view.int("HttpPutResponseHopLimit")? {
        options.hop_limit = u8::try_from(limit).ok().filter(|limit| (1..=64).contains(limit)).ok_or_else(|| {
            invalid_value(format!(
                "Value ({limit}) for parameter HttpPutResponseHopLimit is invalid. It must be between 1 and 64."
            ))
        })?;
    }
    options.enabled = switch(view, "HttpEndpoint")?.unwrap_or(options.enabled);
    options.tags = switch(view, "InstanceMetadataTags")?.unwrap_or(options.tags);
    if switch(view, "HttpProtocolIpv6")? == Some(true) {
        return Err(ApiError::not_simulated("the IPv6 endpoint of the metadata service"));
    }
    Ok(options)
}

/// The size of a snapshot that a volume can be made from now.
pub(super) fn snapshot_size(call: &Call<'_>, id: &str) -> Result<u32, ApiError> {
    let snapshot = call.snapshot(id)?;
    if !snapshot.completed {
        return Err(ApiError::new("IncorrectState", format!("Snapshot is in invalid state - pending ({id})")));
    }
    Ok(snapshot.size)
}

/// What a volume of a type can do, checked: IOPS and MiB/s.
pub(super) fn performance(
    kind: &str,
    size: u32,
    iops: Option<u32>,
    throughput: Option<u32>,
) -> Result<(u32, u32), ApiError> {
    if kind != "gp3" && throughput.is_some() {
        return Err(invalid_combination(format!("The parameter throughput is not supported for {kind} volumes.")));
    }
    if !["gp3", "io1", "io2"].contains(&kind) && iops.is_some() {
        return Err(invalid_combination(format!("The parameter iops is not supported for {kind} volumes.")));
    }
    match kind {
        "gp3" => {
            let (iops, throughput) = (iops.unwrap_or(3000), throughput.unwrap_or(125));
            if !(3000..=16_000).contains(&iops) || !(125..=1000).contains(&throughput) {
                return Err(invalid_value(format!(
                    "Volume iops of {iops} or throughput of {throughput} is out of range for gp3: 3000 to 16000 and 125 to 1000."
                )));
            }
            Ok((iops, throughput))
        }
        "gp2" => Ok(((size * 3).clamp(100, 16_000), 0)),
        "standard" => Ok((0, 0)),
        other => Err(ApiError::not_simulated(format_args!("volumes of type {other}"))),
    }
}

/// One block device mapping of a request, on top of the image's own for the same device.
fn disk(call: &Call<'_>, view: &View<'_>, device: &str, image: &Image) -> Result<Disk, ApiError> {
    let base = image.disks.iter().find(|disk| disk.device == device);
    let ebs = view.sub("Ebs");
    let number = |name: &str| -> Result<Option<u32>, ApiError> {
        let Some(value) = ebs.int(name)? else { return Ok(None) };
        Ok(Some(
            u32::try_from(value)
                .map_err(|_| invalid_value(format!("Value ({value}) for parameter {name} is invalid.")))?,
        ))
    };
    let of_image = base.and_then(|disk| disk.snapshot.clone());
    let asked = ebs.text("SnapshotId").map(str::to_owned).filter(|asked| Some(asked) != of_image.as_ref());
    if asked.is_some() && device == image.root_device {
        return Err(ApiError::new(
            "InvalidBlockDeviceMapping",
            format!("snapshotId cannot be modified on root device ({device})"),
        ));
    }
    let (snapshot, least) = match asked {
        Some(id) => {
            let size = snapshot_size(call, &id)?;
            (Some(id), Some(size))
        }
        None => (of_image, base.map(|disk| disk.size)),
    };
    let size = match (number("VolumeSize")?, least) {
        (Some(size), Some(least)) if size < least => {
            return Err(ApiError::new(
                "InvalidBlockDeviceMapping",
                format!(
                    "Volume of size {size}GB is smaller than snapshot '{}', expect size >= {least}GB",
                    snapshot.unwrap_or_default()
                ),
            ));
        }
        (Some(size), _) if !(1..=16_384).contains(&size) => {
            return Err(invalid_value(format!(
                "Volume of {size}GiB is too large or too small for volume type gp3; 1 to 16384 GiB is possible"
            )));
        }
        (Some(size), _) | (None, Some(size)) => size,
        (None, None) => return Err(missing("size or snapshotId")),
    };
    let kind = ebs.text("VolumeType").or(base.map(|disk| disk.kind.as_str())).unwrap_or("gp3");
    let inherited = base.filter(|disk| disk.kind == kind && kind == "gp3");
    let (iops, throughput) = performance(
        kind,
        size,
        number("Iops")?.or(inherited.map(|disk| disk.iops)),
        number("Throughput")?.or(inherited.map(|disk| disk.throughput)),
    )?;
    let encrypted_before = base.is_some_and(|disk| disk.encrypted);
    let encrypted = ebs.bool("Encrypted")?.unwrap_or(encrypted_before);
    if encrypted_before && !encrypted {
        return Err(invalid_value("Encrypted volumes cannot be created unencrypted from an encrypted snapshot."));
    }
    Ok(Disk {
        device: device.to_owned(),
        size,
        kind: kind.to_owned(),
        iops,
        throughput,
        encrypted,
        snapshot,
        delete_on_termination: ebs
            .bool("DeleteOnTermination")?
            .unwrap_or_else(|| base.is_none_or(|disk| disk.delete_on_termination)),
    })
}

/// The volumes to make: the request's and, for devices that it does not name, the image's; the root first.
fn disks(call: &Call<'_>, image: &Image) -> Result<Vec<Disk>, ApiError> {
    let mut disks: Vec<Disk> = Vec::new();
    for mapping in call.params.structs("BlockDeviceMapping") {
        let device = mapping.required("DeviceName")?;
        if disks.iter().any(|disk| disk.device == device) {
            return Err(ApiError::new(
                "InvalidBlockDeviceMapping",
                format!("The device '{device}' is used in more than one block-device mapping"),
            ));
        }
        disks.push(disk(call, &mapping, device, image)?);
    }
    for own in &image.disks {
        if !disks.iter().any(|disk| disk.device == own.device) {
            disks.push(disk(call, &Params::default().root(), &own.device, image)?);
        }
    }
    disks.sort_by_key(|disk| disk.device != image.root_device);
    Ok(disks)
}

fn instance_type(call: &Call<'_>, image: &Image) -> Result<&'static InstanceType, ApiError> {
    let Some(name) = call.params.text("InstanceType") else {
        return Err(ApiError::not_simulated("RunInstances without InstanceType"));
    };
    let Some(kind) = catalogue::instance_type(name) else {
        let offered: Vec<&str> = catalogue::instance_types().iter().map(|kind| kind.name).collect();
        return Err(invalid_value(format!(
            "Invalid value '{name}' for InstanceType. (The practice cloud offers {}.)",
            offered.join(", ")
        )));
    };
    if kind.architecture != image.architecture {
        return Err(invalid_value(format!(
            "The architecture '{}' of the specified instance type does not match the architecture '{}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.",
            kind.architecture, image.architecture
        )));
    }
    if call.region.options().free_plan && !kind.free_tier {
        return Err(invalid_combination(
            "The specified instance type is not eligible for Free Tier. For a list of Free Tier instance types, run 'describe-instance-types' with the filter 'free-tier-eligible=true'.",
        ));
    }
    Ok(kind)
}

/// The subnet of a request that names none: a default subnet where the instance type is offered.
fn default_subnet(call: &Call<'_>, kind: &InstanceType, zone: Option<&str>) -> Result<Subnet, ApiError> {
    let fits = |subnet: &&Subnet| {
        let room = || kind.is_offered_in(&subnet.zone) && call.region.has_capacity(&subnet.zone, kind.name);
        subnet.default_for_zone && zone.map_or_else(room, |zone| subnet.zone == zone)
    };
    let mut found: Vec<&Subnet> = call.region.subnets.values().filter(fits).collect();
    if found.is_empty() && zone.is_none() {
        // No zone has room: the answer is that of any of them.
        let offered = |subnet: &&Subnet| subnet.default_for_zone && kind.is_offered_in(&subnet.zone);
        found = call.region.subnets.values().filter(offered).collect();
    }
    found.sort_by(|a, b| a.zone.cmp(&b.zone));
    match (found.first(), zone) {
        (Some(subnet), _) => Ok((*subnet).clone()),
        (None, Some(zone)) if !call.region.zones().iter().any(|one| one.name == zone) => {
            Err(invalid_value(format!("Invalid availability zone: [{zone}]")))
        }
        (None, Some(zone)) => {
            Err(ApiError::new("MissingInput", format!("No default subnet for availability zone: '{zone}'.")))
        }
        (None, None) => Err(ApiError::new(
            "VPCIdNotSpecified",
            "No default VPC for this user. GroupName is only supported for EC2-Classic and default VPC.",
        )),
    }
}

fn network(call: &Call<'_>, kind: &InstanceType) -> Result<Network, ApiError> {
    let params = call.params;
    let interfaces = params.structs("NetworkInterface");
    if interfaces.len() > 1 {
        return Err(ApiError::not_simulated("instances with several network interfaces"));
    }
    let root = params.root();
    let view = interfaces.first().unwrap_or(&root);
    if !interfaces.is_empty() {
        let clash = |what: &str| {
            invalid_combination(format!(
                "Network interfaces and an instance-level {what} may not be specified on the same request"
            ))
        };
        if params.text("SubnetId").is_some() {
            return Err(clash("subnet ID"));
        }
        if !params.list("SecurityGroupId").is_empty() || !params.list("SecurityGroup").is_empty() {
            return Err(clash("security groups"));
        }
        if view.int("DeviceIndex")?.unwrap_or(-1) != 0 {
            return Err(invalid_value("The first network interface must have device index 0"));
        }
    }
    let placement = params.sub("Placement");
    if placement.text("Tenancy").is_some_and(|tenancy| tenancy != "default") {
        return Err(ApiError::not_simulated("dedicated tenancy"));
    }
    let zone = placement.text("AvailabilityZone").filter(|zone| !zone.is_empty());
    let subnet = match view.text("SubnetId") {
        Some(id) => call.subnet(id)?.clone(),
        None => default_subnet(call, kind, zone)?,
    };
    if let Some(zone) = zone
        && zone != subnet.zone
    {
        return Err(invalid_value(format!("The availability zone '{zone}' is not the one of subnet '{}'", subnet.id)));
    }
    if !kind.is_offered_in(&subnet.zone) {
        let zones = call.region.zones();
        let offered: Vec<&str> =
            zones.iter().map(|zone| zone.name.as_str()).filter(|zone| kind.is_offered_in(zone)).collect();
        return Err(ApiError::new(
            "Unsupported",
            format!(
                "Your requested instance type ({}) is not supported in your requested Availability Zone ({}). Please retry your request by not specifying an Availability Zone or choosing {}.",
                kind.name,
                subnet.zone,
                offered.join(", ")
            ),
        ));
    }
    let mut groups: Vec<String> = view.list("SecurityGroupId").iter().map(|id| (*id).to_owned()).collect();
    if interfaces.is_empty() {
        for name in params.list("SecurityGroup") {
            groups.push(call.default_vpc_group(name)?.id.clone());
        }
    }
    let groups = checked_groups(call, &subnet, groups)?;
    let public = interfaces.first().map(|view| view.bool("AssociatePublicIpAddress")).transpose()?.flatten();
    let delete = interfaces.first().map(|view| view.bool("DeleteOnTermination")).transpose()?.flatten();
    Ok(Network {
        private_ip: view.text("PrivateIpAddress").map(|ip| free_address(call, &subnet, ip)).transpose()?,
        public_ip: public.unwrap_or(subnet.map_public_ip_on_launch),
        description: interfaces.first().and_then(|view| view.text("Description")).unwrap_or_default().to_owned(),
        delete_on_termination: delete.unwrap_or(true),
        groups,
        subnet,
    })
}

/// Security groups for an interface in a subnet: all of its VPC, the default one if none is named, not too many.
pub(super) fn checked_groups(call: &Call<'_>, subnet: &Subnet, groups: Vec<String>) -> Result<Vec<String>, ApiError> {
    for id in &groups {
        if call.security_group(id)?.vpc != subnet.vpc {
            return Err(ApiError::new(
                "InvalidParameter",
                format!("Security group {id} and subnet {} belong to different networks.", subnet.id),
            ));
        }
    }
    if groups.len() > call.region.options().limits.groups_per_interface {
        return Err(errors::limit("SecurityGroupsPerInterfaceLimitExceeded", "security groups per interface"));
    }
    if !groups.is_empty() {
        return Ok(groups);
    }
    let default = |group: &&SecurityGroup| group.vpc == subnet.vpc && group.name == "default";
    Ok(call.region.security_groups.values().find(default).map(|group| group.id.clone()).into_iter().collect())
}

/// An address that a request asks for: of the subnet, and nobody's yet.
pub(super) fn free_address(call: &Call<'_>, subnet: &Subnet, text: &str) -> Result<Ipv4Addr, ApiError> {
    let ip: Ipv4Addr =
        text.parse().map_err(|_| invalid_value(format!("Invalid value '{text}' for PrivateIpAddress")))?;
    if !subnet.cidr.contains(&ip) {
        return Err(invalid_value("Address does not fall within the subnet's address range"));
    }
    if !subnet.assignable().any(|one| one == ip) {
        return Err(invalid_value(format!("Address {ip} is in subnet's reserved address range")));
    }
    if call.region.interfaces.values().any(|one| one.subnet == subnet.id && one.private_ip == ip) {
        return Err(ApiError::new("InvalidIPAddress.InUse", format!("Address {ip} is in use.")));
    }
    Ok(ip)
}

/// May the instance go on when its CPU credits are used up? T3 and T4g may if nothing is said, T2 may not.
fn credits(params: &Params, kind: &InstanceType) -> Result<bool, ApiError> {
    let asked = params.sub("CreditSpecification").text("CpuCredits");
    match asked {
        Some(_) if !kind.burstable => Err(invalid_combination(format!(
            "The credit specification is not supported for instance type '{}'.",
            kind.name
        ))),
        Some("unlimited") => Ok(true),
        Some("standard") => Ok(false),
        Some(other) => Err(invalid_value(format!("Value ({other}) for parameter CpuCredits is invalid."))),
        None => Ok(kind.burstable && kind.nitro),
    }
}

/// Can instances be launched from the image, by this account, now?
fn check_image(call: &Call<'_>, image: &Image) -> Result<(), ApiError> {
    if image.state == ImageState::Pending {
        return Err(ApiError::new(
            "InvalidAMIID.Unavailable",
            format!("The image id '[{}]' is not available: it is still pending", image.id),
        ));
    }
    match image.product_code {
        Some(code) if !call.region.options().marketplace_subscribed => Err(ApiError::new(
            "OptInRequired",
            format!(
                "In order to use this AWS Marketplace product you need to accept terms and subscribe. To do so please visit https://aws.amazon.com/marketplace/pp?sku={code}"
            ),
        )
        .status(401)),
        _ => Ok(()),
    }
}

/// Reads and checks what a request asks for.
pub(super) fn read(call: &Call<'_>) -> Result<Launch, ApiError> {
    let params = call.params;
    let image = image::named(call.region, params.text("ImageId").ok_or_else(|| missing("ImageId"))?)?;
    check_image(call, &image)?;
    let kind = instance_type(call, &image)?;
    let key = params.text("KeyName").map(str::to_owned);
    if let Some(name) = &key
        && !call.region.key_pairs.values().any(|one| one.name == *name && !call.region.is_hidden(&one.id))
    {
        return Err(errors::KEY_PAIR.not_found(name));
    }
    let behavior = params.text("InstanceInitiatedShutdownBehavior").unwrap_or("stop");
    if !["stop", "terminate"].contains(&behavior) {
        return Err(invalid_value(format!(
            "Value ({behavior}) for parameter instanceInitiatedShutdownBehavior is invalid."
        )));
    }
    // AL2023 images ask for IMDSv2 themselves.
    let hop_limit = if image.imds_v2 { 2 } else { 1 };
    let imds = MetadataOptions { tokens_required: image.imds_v2, hop_limit, enabled: true, tags: false };
    Ok(Launch {
        network: network(call, kind)?,
        disks: disks(call, &image)?,
        key,
        user_data: params.text("UserData").filter(|text| !text.is_empty()).map(user_data).transpose()?,
        metadata: metadata(&params.sub("MetadataOptions"), imds)?,
        detailed_monitoring: params.sub("Monitoring").bool("Enabled")?.unwrap_or(false),
        ebs_optimized: params.bool("EbsOptimized")?.unwrap_or(false),
        disable_api_termination: params.bool("DisableApiTermination")?.unwrap_or(false),
        disable_api_stop: params.bool("DisableApiStop")?.unwrap_or(false),
        shutdown_behavior: behavior.to_owned(),
        profile: profile::asked(call)?,
        unlimited_credits: credits(params, kind)?,
        tags: call.tag_specifications(&["instance", "volume", "network-interface"])?,
        image,
        kind,
    })
}
