//! What AWS offers: regions, availability zones, instance types, account attributes.

use super::Call;
use super::common::one;
use super::errors::{self, invalid_value};
use super::filters::Filters;
use super::page::{Choice, paginate};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::Zone;
use crate::practice::world::catalogue::{self, InstanceType};

/// DescribeRegions: those that need no opting in.
pub(super) fn describe_regions(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let asked = call.params.list("RegionName");
    let _ = call.params.bool("AllRegions")?;
    let filters = Filters::read(call.params, &["endpoint", "opt-in-status", "region-name"])?;
    if let Some(unknown) = asked.iter().find(|name| !catalogue::REGIONS.contains(name)) {
        return Err(invalid_value(format!("Invalid region: {unknown}")));
    }
    let items = catalogue::REGIONS
        .iter()
        .map(|name| (name, format!("ec2.{name}.amazonaws.com")))
        .filter(|(name, _)| asked.is_empty() || asked.contains(name))
        .filter(|(name, endpoint)| {
            filters.pass(None, |filter| match filter {
                "endpoint" => one(endpoint),
                "opt-in-status" => one("opt-in-not-required"),
                _ => one(name),
            })
        })
        .map(|(name, endpoint)| {
            Element::item()
                .leaf("regionName", name)
                .leaf("regionEndpoint", endpoint)
                .leaf("optInStatus", "opt-in-not-required")
        });
    Ok(call.answer().list("regionInfo", items))
}

/// What a failed zone says of itself.
const DOWN: &str = "The practice cloud lets this Availability Zone fail, as it was asked to.";

/// DescribeAvailabilityZones
pub(super) fn describe_zones(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let (names, ids) = (params.list("ZoneName"), params.list("ZoneId"));
    let _ = params.bool("AllAvailabilityZones")?;
    let filters = Filters::read(
        params,
        &["group-name", "message", "opt-in-status", "region-name", "state", "zone-id", "zone-name", "zone-type"],
    )?;
    let zones = call.region.zones();
    if let Some(unknown) = names.iter().find(|name| !zones.iter().any(|zone| zone.name == **name)) {
        return Err(invalid_value(format!("Invalid availability zone: [{unknown}]")));
    }
    if let Some(unknown) = ids.iter().find(|id| !zones.iter().any(|zone| zone.id == **id)) {
        return Err(invalid_value(format!("Invalid availability zone-id: [{unknown}]")));
    }
    let region = call.region.name();
    let group = format!("{region}-zg-1");
    let down = |zone: &Zone| call.region.zone_is_down(&zone.name);
    let state = |zone: &Zone| if down(zone) { "impaired" } else { "available" };
    let items = zones
        .iter()
        .filter(|zone| names.is_empty() || names.contains(&zone.name.as_str()))
        .filter(|zone| ids.is_empty() || ids.contains(&zone.id.as_str()))
        .filter(|zone| {
            filters.pass(None, |filter| match filter {
                "group-name" => one(&group),
                "opt-in-status" => one("opt-in-not-required"),
                "region-name" => one(region),
                "message" if down(zone) => one(DOWN),
                "state" => one(state(zone)),
                "zone-id" => one(&zone.id),
                "zone-name" => one(&zone.name),
                "zone-type" => one("availability-zone"),
                _ => Vec::new(),
            })
        })
        .map(|zone| {
            Element::item()
                .leaf("zoneName", &zone.name)
                .leaf("zoneState", state(zone))
                .leaf("regionName", region)
                .list("messageSet", down(zone).then(|| Element::item().leaf("message", DOWN)))
                .leaf("zoneId", &zone.id)
                .leaf("groupName", &group)
                .leaf("networkBorderGroup", region)
                .leaf("zoneType", "availability-zone")
                .leaf("optInStatus", "opt-in-not-required")
        });
    Ok(call.answer().list("availabilityZoneInfo", items))
}

fn texts(values: &[&str]) -> Vec<Element> {
    values.iter().map(|value| Element::leaf_of("item", value)).collect()
}

fn type_item(kind: &InstanceType) -> Element {
    let processor = Element::new("processorInfo")
        .list("supportedArchitectures", texts(&[kind.architecture]))
        .leaf("manufacturer", if kind.architecture == "arm64" { "AWS" } else { "Intel" });
    let cpu = Element::new("vCpuInfo")
        .leaf("defaultVCpus", kind.vcpus)
        .leaf("defaultCores", kind.cores)
        .leaf("defaultThreadsPerCore", kind.vcpus / kind.cores);
    let network = Element::new("networkInfo")
        .leaf("networkPerformance", kind.network)
        .leaf("maximumNetworkInterfaces", kind.interfaces)
        .leaf("ipv4AddressesPerInterface", kind.addresses_per_interface)
        .leaf("ipv6AddressesPerInterface", kind.addresses_per_interface)
        .leaf("ipv6Supported", true)
        .leaf("enaSupport", if kind.nitro { "required" } else { "unsupported" })
        .leaf("efaSupported", false);
    Element::item()
        .leaf("instanceType", kind.name)
        .leaf("currentGeneration", kind.current_generation)
        .leaf("freeTierEligible", kind.free_tier)
        .list("supportedUsageClasses", texts(&["on-demand", "spot"]))
        .list("supportedRootDeviceTypes", texts(&["ebs"]))
        .list("supportedVirtualizationTypes", texts(&["hvm"]))
        .leaf("bareMetal", false)
        .leaf("hypervisor", hypervisor(kind))
        .child(processor)
        .child(cpu)
        .child(Element::new("memoryInfo").leaf("sizeInMiB", kind.memory_mib))
        .leaf("instanceStorageSupported", false)
        .child(network)
        .child(
            Element::new("ebsInfo")
                .leaf("ebsOptimizedSupport", if kind.nitro { "default" } else { "unsupported" })
                .leaf("encryptionSupport", "supported")
                .leaf("nvmeSupport", if kind.nitro { "required" } else { "unsupported" }),
        )
        .leaf("burstablePerformanceSupported", kind.burstable)
        .leaf("dedicatedHostsSupported", false)
        .leaf("autoRecoverySupported", true)
}

fn hypervisor(kind: &InstanceType) -> &'static str {
    if kind.nitro { "nitro" } else { "xen" }
}

const TYPE_FILTERS: &[&str] = &[
    "auto-recovery-supported",
    "bare-metal",
    "burstable-performance-supported",
    "current-generation",
    "free-tier-eligible",
    "hypervisor",
    "instance-storage-supported",
    "instance-type",
    "memory-info.size-in-mib",
    "processor-info.supported-architecture",
    "supported-root-device-type",
    "supported-usage-class",
    "supported-virtualization-type",
    "vcpu-info.default-cores",
    "vcpu-info.default-vcpus",
];

fn type_fact(kind: &InstanceType, name: &str) -> Vec<String> {
    match name {
        "auto-recovery-supported" => one(true),
        "bare-metal" | "instance-storage-supported" => one(false),
        "burstable-performance-supported" => one(kind.burstable),
        "current-generation" => one(kind.current_generation),
        "free-tier-eligible" => one(kind.free_tier),
        "hypervisor" => one(hypervisor(kind)),
        "instance-type" => one(kind.name),
        "memory-info.size-in-mib" => one(kind.memory_mib),
        "processor-info.supported-architecture" => one(kind.architecture),
        "supported-root-device-type" => one("ebs"),
        "supported-usage-class" => vec!["on-demand".to_owned(), "spot".to_owned()],
        "supported-virtualization-type" => one("hvm"),
        "vcpu-info.default-cores" => one(kind.cores),
        "vcpu-info.default-vcpus" => one(kind.vcpus),
        _ => Vec::new(),
    }
}

/// What has no id of its own is paged by a place that sorts like one.
fn place(text: &str) -> String {
    format!("at-{text}")
}

/// DescribeInstanceTypes
pub(super) fn describe_types(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let asked = call.params.list("InstanceType");
    let filters = Filters::read(call.params, TYPE_FILTERS)?;
    if let Some(unknown) = asked.iter().find(|name| catalogue::instance_type(name).is_none()) {
        return Err(ApiError::new(
            "InvalidInstanceType",
            format!(
                "The following supplied instance types do not exist: [{unknown}] (or the practice cloud does not offer them)"
            ),
        ));
    }
    let chosen: Vec<(String, &InstanceType)> = catalogue::instance_types()
        .iter()
        .filter(|kind| asked.is_empty() || asked.contains(&kind.name))
        .filter(|kind| filters.pass(None, |name| type_fact(kind, name)))
        .map(|kind| (place(kind.name), kind))
        .collect();
    let choice = Choice { ids: "InstanceType", noun: &errors::VPC, filters: &[], smallest: 5 };
    let chosen = chosen.iter().map(|(place, kind)| (place, *kind)).collect();
    let page = paginate(call, &choice, !asked.is_empty(), chosen)?;
    let items = page.items.into_iter().map(type_item);
    Ok(call.answer().list("instanceTypeSet", items).leaf_opt("nextToken", page.next.as_ref()))
}

/// DescribeInstanceTypeOfferings: by region, zone or zone id.
pub(super) fn describe_offerings(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let kind_of_place = call.params.text("LocationType").unwrap_or("region");
    let filters = Filters::read(call.params, &["instance-type", "location"])?;
    let zones = call.region.zones();
    let mut found = Vec::new();
    for kind in catalogue::instance_types() {
        let offered = zones.iter().filter(|zone| kind.is_offered_in(&zone.name));
        let places: Vec<String> = match kind_of_place {
            "region" => vec![call.region.name().to_owned()],
            "availability-zone" => offered.map(|zone| zone.name.clone()).collect(),
            "availability-zone-id" => offered.map(|zone| zone.id.clone()).collect(),
            other => {
                return Err(invalid_value(format!("Value ({other}) for parameter locationType is invalid.")));
            }
        };
        for location in places {
            let pass = filters.pass(None, |name| if name == "location" { one(&location) } else { one(kind.name) });
            if pass {
                found.push((place(&format!("{}-{location}", kind.name)), (kind.name, location)));
            }
        }
    }
    found.sort();
    let choice = Choice { ids: "", noun: &errors::VPC, filters: &[], smallest: 5 };
    let page = paginate(call, &choice, false, found.iter().map(|(place, item)| (place, item)).collect())?;
    let items = page.items.into_iter().map(|(kind, location)| {
        Element::item().leaf("instanceType", kind).leaf("locationType", kind_of_place).leaf("location", location)
    });
    Ok(call.answer().list("instanceTypeOfferingSet", items).leaf_opt("nextToken", page.next.as_ref()))
}

/// DescribeAccountAttributes
pub(super) fn describe_account(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let asked = call.params.list("AttributeName");
    let limits = &call.region.options().limits;
    let default_vpc = call.region.vpcs.values().find(|vpc| vpc.is_default).map_or("none", |vpc| vpc.id.as_str());
    let attributes = [
        ("default-vpc", default_vpc.to_owned()),
        ("max-elastic-ips", limits.addresses.to_string()),
        ("max-instances", "20".to_owned()),
        ("supported-platforms", "VPC".to_owned()),
        ("vpc-max-elastic-ips", limits.addresses.to_string()),
        ("vpc-max-security-groups-per-interface", limits.groups_per_interface.to_string()),
    ];
    if let Some(unknown) = asked.iter().find(|name| !attributes.iter().any(|(known, _)| known == *name)) {
        return Err(invalid_value(format!("Value ({unknown}) for parameter attributeName is invalid.")));
    }
    let items = attributes.iter().filter(|(name, _)| asked.is_empty() || asked.contains(name)).map(|(name, value)| {
        Element::item()
            .leaf("attributeName", name)
            .list("attributeValueSet", [Element::item().leaf("attributeValue", value)])
    });
    Ok(call.answer().list("accountAttributeSet", items))
}
