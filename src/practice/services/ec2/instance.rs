//! Instances as they are seen: DescribeInstances, DescribeInstanceStatus.

use std::collections::BTreeMap;

use super::Call;
use super::common::{malformed, maybe, one, time};
use super::errors;
use super::network_interface::{self, association, group_set, private_addresses, private_dns, public_dns};
use super::page::{Choice, choose};
use super::{image, profile, tags};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::catalogue;
use crate::practice::world::{Instance, InstanceState, MetadataOptions, NetworkInterface, Region};

/// The code and name of a state.
pub(super) fn state_element(name: &str, state: InstanceState) -> Element {
    Element::new(name).leaf("code", state.code()).leaf("name", state.as_str())
}

/// The metadata options, under the element's name.
pub(super) fn metadata_element(name: &str, metadata: &MetadataOptions) -> Element {
    let switch = |on: bool| if on { "enabled" } else { "disabled" };
    Element::new(name)
        .leaf("state", "applied")
        .leaf("httpTokens", if metadata.tokens_required { "required" } else { "optional" })
        .leaf("httpPutResponseHopLimit", metadata.hop_limit)
        .leaf("httpEndpoint", switch(metadata.enabled))
        .leaf("httpProtocolIpv6", "disabled")
        .leaf("instanceMetadataTags", switch(metadata.tags))
}

fn primary<'r>(region: &'r Region, instance: &Instance) -> Option<&'r NetworkInterface> {
    region.interfaces.get(instance.interfaces.first()?)
}

fn interface_item(region: &Region, interface: &NetworkInterface) -> Element {
    let attachment = interface.attachment.as_ref().map(|attachment| {
        Element::new("attachment")
            .leaf("attachmentId", &attachment.id)
            .leaf("deviceIndex", attachment.device_index)
            .leaf("networkCardIndex", 0)
            .leaf("status", "attached")
            .leaf("attachTime", time(attachment.attached_at))
            .leaf("deleteOnTermination", attachment.delete_on_termination)
    });
    Element::item()
        .leaf("networkInterfaceId", &interface.id)
        .leaf("subnetId", &interface.subnet)
        .leaf("vpcId", &interface.vpc)
        .leaf("description", &interface.description)
        .leaf("ownerId", region.account())
        .leaf("status", network_interface::status(interface))
        .leaf("macAddress", &interface.mac)
        .leaf("privateIpAddress", interface.private_ip)
        .leaf("privateDnsName", private_dns(region, interface.private_ip))
        .leaf("sourceDestCheck", interface.source_dest_check)
        .leaf("interfaceType", network_interface::kind(interface))
        .child(group_set(region, &interface.groups))
        .child_opt(attachment)
        .child_opt(association(region, interface, false))
        .child(private_addresses(region, interface, false))
        .list("ipv6AddressesSet", [])
}

/// The `blockDeviceMapping` of an instance.
pub(super) fn devices(instance: &Instance) -> Vec<Element> {
    instance
        .devices
        .iter()
        .map(|device| {
            let ebs = Element::new("ebs")
                .leaf("volumeId", &device.volume)
                .leaf("status", "attached")
                .leaf("attachTime", time(device.attached_at))
                .leaf("deleteOnTermination", device.delete_on_termination);
            Element::item().leaf("deviceName", &device.device).child(ebs)
        })
        .collect()
}

fn monitoring(instance: &Instance) -> &'static str {
    if instance.detailed_monitoring { "enabled" } else { "disabled" }
}

/// The whole instance.
pub(super) fn item(region: &Region, instance: &Instance) -> Element {
    let interface = primary(region, instance);
    let public = interface.and_then(|interface| region.public_address(interface));
    let public_name = public.and_then(|ip| public_dns(region, &instance.vpc, ip)).unwrap_or_default();
    let kind = catalogue::instance_type(&instance.instance_type);
    let architecture = kind.map_or("x86_64", |kind| kind.architecture);
    let reason = instance
        .reason
        .as_ref()
        .map(|(code, message)| Element::new("stateReason").leaf("code", code).leaf("message", message));
    let profile = instance.profile.as_ref().map(|profile| profile::element(&profile.arn, &profile.profile_id));
    let cpu = kind.map(|kind| {
        Element::new("cpuOptions").leaf("coreCount", kind.cores).leaf("threadsPerCore", kind.vcpus / kind.cores)
    });
    let placement = Element::new("placement")
        .leaf("availabilityZone", &instance.zone)
        .leaf_opt("availabilityZoneId", zone_id(region, instance))
        .leaf("groupName", "")
        .leaf("tenancy", "default");
    let groups = interface.map(|one| one.groups.clone()).unwrap_or_default();
    Element::item()
        .leaf("instanceId", &instance.id)
        .leaf("imageId", &instance.image)
        .child(state_element("instanceState", instance.state))
        .leaf("privateDnsName", interface.map(|one| private_dns(region, one.private_ip)).unwrap_or_default())
        .leaf("dnsName", public_name)
        .leaf("reason", &instance.transition)
        .leaf_opt("keyName", instance.key.as_ref())
        .leaf("amiLaunchIndex", instance.launch_index)
        .list("productCodes", image::product_codes(image::product_of(region, &instance.image)))
        .leaf("instanceType", &instance.instance_type)
        .leaf("launchTime", time(instance.launched))
        .child(placement)
        .child(Element::new("monitoring").leaf("state", monitoring(instance)))
        .leaf_opt("subnetId", interface.map(|one| &one.subnet))
        .leaf_opt("vpcId", interface.map(|one| &one.vpc))
        .leaf_opt("privateIpAddress", interface.map(|one| one.private_ip))
        .leaf_opt("ipAddress", public)
        .leaf_opt("sourceDestCheck", interface.map(|one| one.source_dest_check))
        .child(group_set(region, &groups))
        .child_opt(reason)
        .leaf("architecture", architecture)
        .leaf("rootDeviceType", "ebs")
        .leaf("rootDeviceName", &instance.root_device)
        .list("blockDeviceMapping", devices(instance))
        .child_opt(profile)
        .leaf("virtualizationType", "hvm")
        .leaf("clientToken", &instance.client_token)
        .child(tags::set(region, &instance.id))
        .leaf("hypervisor", "xen")
        .list(
            "networkInterfaceSet",
            instance
                .interfaces
                .iter()
                .filter_map(|id| region.interfaces.get(id))
                .map(|one| interface_item(region, one)),
        )
        .leaf("ebsOptimized", instance.ebs_optimized)
        .leaf("enaSupport", true)
        .child_opt(cpu)
        .child(Element::new("capacityReservationSpecification").leaf("capacityReservationPreference", "open"))
        .child(Element::new("hibernationOptions").leaf("configured", false))
        .child(metadata_element("metadataOptions", &instance.metadata))
        .child(Element::new("enclaveOptions").leaf("enabled", false))
        .leaf("bootMode", if architecture == "arm64" { "uefi" } else { "uefi-preferred" })
        .leaf("currentInstanceBootMode", "uefi")
        .leaf("platformDetails", "Linux/UNIX")
        .leaf("usageOperation", "RunInstances")
        .leaf("usageOperationUpdateTime", time(instance.launched))
        .child(
            Element::new("privateDnsNameOptions")
                .leaf("hostnameType", "ip-name")
                .leaf("enableResourceNameDnsARecord", false)
                .leaf("enableResourceNameDnsAAAARecord", false),
        )
        .child(Element::new("maintenanceOptions").leaf("autoRecovery", "default"))
}

fn zone_id(region: &Region, instance: &Instance) -> Option<String> {
    region.zones().into_iter().find(|zone| zone.name == instance.zone).map(|zone| zone.id)
}

/// A reservation with some of its instances.
pub(super) fn reservation(region: &Region, name: &str, id: &str, instances: &[&Instance]) -> Element {
    Element::new(name)
        .leaf("reservationId", id)
        .leaf("ownerId", region.account())
        .list("groupSet", [])
        .list("instancesSet", instances.iter().map(|instance| item(region, instance)))
}

const FILTERS: &[&str] = &[
    "architecture",
    "availability-zone",
    "availability-zone-id",
    "block-device-mapping.attach-time",
    "block-device-mapping.delete-on-termination",
    "block-device-mapping.device-name",
    "block-device-mapping.status",
    "block-device-mapping.volume-id",
    "client-token",
    "dns-name",
    "hypervisor",
    "iam-instance-profile.arn",
    "image-id",
    "instance-id",
    "instance-lifecycle",
    "instance-state-code",
    "instance-state-name",
    "instance-type",
    "instance.group-id",
    "instance.group-name",
    "ip-address",
    "key-name",
    "launch-index",
    "launch-time",
    "metadata-options.http-endpoint",
    "metadata-options.http-put-response-hop-limit",
    "metadata-options.http-tokens",
    "metadata-options.instance-metadata-tags",
    "monitoring-state",
    "network-interface.addresses.association.public-ip",
    "network-interface.addresses.private-ip-address",
    "network-interface.association.allocation-id",
    "network-interface.association.public-ip",
    "network-interface.description",
    "network-interface.group-id",
    "network-interface.group-name",
    "network-interface.network-interface-id",
    "network-interface.private-ip-address",
    "network-interface.subnet-id",
    "network-interface.vpc-id",
    "owner-id",
    "placement-group-name",
    "platform",
    "platform-details",
    "private-dns-name",
    "private-ip-address",
    "reason",
    "reservation-id",
    "root-device-name",
    "root-device-type",
    "source-dest-check",
    "spot-instance-request-id",
    "state-reason-code",
    "state-reason-message",
    "subnet-id",
    "tenancy",
    "virtualization-type",
    "vpc-id",
];

fn fact(region: &Region, instance: &Instance, name: &str) -> Vec<String> {
    let interface = primary(region, instance);
    let group_names = || -> Vec<String> {
        let ids = interface.map(|one| one.groups.clone()).unwrap_or_default();
        ids.iter().filter_map(|id| region.security_groups.get(id)).map(|group| group.name.clone()).collect()
    };
    let public = interface.and_then(|one| region.public_address(one));
    match name {
        "architecture" => maybe(catalogue::instance_type(&instance.instance_type).map(|kind| kind.architecture)),
        "availability-zone" => one(&instance.zone),
        "availability-zone-id" => maybe(zone_id(region, instance)),
        "block-device-mapping.attach-time" => instance.devices.iter().map(|one| time(one.attached_at)).collect(),
        "block-device-mapping.delete-on-termination" => {
            instance.devices.iter().map(|one| one.delete_on_termination.to_string()).collect()
        }
        "block-device-mapping.device-name" => instance.devices.iter().map(|one| one.device.clone()).collect(),
        "block-device-mapping.status" => instance.devices.iter().map(|_| "attached".to_owned()).collect(),
        "block-device-mapping.volume-id" => instance.devices.iter().map(|one| one.volume.clone()).collect(),
        "client-token" => one(&instance.client_token),
        "dns-name" => maybe(public.and_then(|ip| public_dns(region, &instance.vpc, ip))),
        "hypervisor" => one("xen"),
        "iam-instance-profile.arn" => maybe(instance.profile.as_ref().map(|profile| &profile.arn)),
        "image-id" => one(&instance.image),
        "instance-id" => one(&instance.id),
        "instance-state-code" => one(instance.state.code()),
        "instance-state-name" => one(instance.state.as_str()),
        "instance-type" => one(&instance.instance_type),
        "instance.group-id" | "network-interface.group-id" => {
            interface.map(|one| one.groups.clone()).unwrap_or_default()
        }
        "instance.group-name" | "network-interface.group-name" => group_names(),
        "ip-address"
        | "network-interface.addresses.association.public-ip"
        | "network-interface.association.public-ip" => maybe(public),
        "key-name" => maybe(instance.key.as_ref()),
        "launch-index" => one(instance.launch_index),
        "launch-time" => one(time(instance.launched)),
        "metadata-options.http-endpoint" => one(if instance.metadata.enabled { "enabled" } else { "disabled" }),
        "metadata-options.http-put-response-hop-limit" => one(instance.metadata.hop_limit),
        "metadata-options.http-tokens" => one(if instance.metadata.tokens_required { "required" } else { "optional" }),
        "metadata-options.instance-metadata-tags" => one(if instance.metadata.tags { "enabled" } else { "disabled" }),
        "monitoring-state" => one(monitoring(instance)),
        "network-interface.association.allocation-id" => {
            maybe(interface.and_then(|one| region.address_of_interface(&one.id)).map(|address| &address.id))
        }
        "network-interface.addresses.private-ip-address"
        | "network-interface.private-ip-address"
        | "private-ip-address" => maybe(interface.map(|one| one.private_ip)),
        "network-interface.description" => maybe(interface.map(|one| &one.description)),
        "network-interface.network-interface-id" => instance.interfaces.clone(),
        "network-interface.subnet-id" | "subnet-id" => maybe(interface.map(|one| &one.subnet)),
        "network-interface.vpc-id" | "vpc-id" => maybe(interface.map(|one| &one.vpc)),
        "owner-id" => one(region.account()),
        "platform-details" => one("Linux/UNIX"),
        "private-dns-name" => maybe(interface.map(|one| private_dns(region, one.private_ip))),
        "reason" => one(&instance.transition),
        "reservation-id" => one(&instance.reservation),
        "root-device-name" => one(&instance.root_device),
        "root-device-type" => one("ebs"),
        "source-dest-check" => maybe(interface.map(|one| one.source_dest_check)),
        "state-reason-code" => maybe(instance.reason.as_ref().map(|(code, _)| code)),
        "state-reason-message" => maybe(instance.reason.as_ref().map(|(_, message)| message)),
        "tenancy" => one("default"),
        "virtualization-type" => one("hvm"),
        _ => Vec::new(),
    }
}

fn check_ids(call: &Call<'_>) -> Result<(), ApiError> {
    match call.params.list("InstanceId").into_iter().find(|id| !id.starts_with("i-")) {
        Some(id) => Err(malformed("InvalidInstanceID.Malformed", id, "i-")),
        None => Ok(()),
    }
}

/// DescribeInstances: by reservation. Terminated instances stay listed for about an hour.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    check_ids(call)?;
    let _ = call.params.bool("IncludeManagedResources")?;
    let choice = Choice { ids: "InstanceId", noun: &errors::INSTANCE, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.instances.iter(), fact)?;
    let mut reservations: BTreeMap<&str, Vec<&Instance>> = BTreeMap::new();
    for instance in page.items {
        reservations.entry(&instance.reservation).or_default().push(instance);
    }
    let items = reservations.iter().map(|(id, instances)| reservation(call.region, "item", id, instances));
    Ok(call.answer().list("reservationSet", items).leaf_opt("nextToken", page.next.as_ref()))
}

/// Status checks as DescribeInstanceStatus words them: the summary and the `reachability` detail.
fn checks(region: &Region, instance: &Instance) -> (&'static str, &'static str) {
    match (instance.state, instance.checks_ok) {
        (InstanceState::Running, _) if region.zone_is_down(&instance.zone) => ("impaired", "failed"),
        (InstanceState::Running, true) => ("ok", "passed"),
        (InstanceState::Running, false) => ("initializing", "initializing"),
        _ => ("not-applicable", ""),
    }
}

const STATUS_FILTERS: &[&str] = &[
    "availability-zone",
    "availability-zone-id",
    "event.code",
    "instance-state-code",
    "instance-state-name",
    "instance-status.reachability",
    "instance-status.status",
    "system-status.reachability",
    "system-status.status",
];

fn status_fact(region: &Region, instance: &Instance, name: &str) -> Vec<String> {
    let (status, reachability) = checks(region, instance);
    match name {
        "instance-status.status" | "system-status.status" => one(status),
        "instance-status.reachability" | "system-status.reachability" => one(reachability),
        "event.code" => Vec::new(),
        other => fact(region, instance, other),
    }
}

/// DescribeInstanceStatus: running instances, or all.
pub(super) fn describe_status(call: &mut Call<'_>) -> Result<Element, ApiError> {
    check_ids(call)?;
    let _ = call.params.bool("IncludeManagedResources")?;
    let all = call.params.bool("IncludeAllInstances")?.unwrap_or(false);
    for id in call.params.list("InstanceId") {
        call.instance(id)?;
    }
    let choice = Choice { ids: "InstanceId", noun: &errors::INSTANCE, filters: STATUS_FILTERS, smallest: 5 };
    let shown = |instance: &Instance| all || instance.state == InstanceState::Running;
    let page = choose(call, &choice, call.region.instances.iter(), |region, instance, name| {
        status_fact(region, instance, name)
    })?;
    let items = page.items.iter().filter(|instance| shown(instance)).map(|instance| {
        let (status, reachability) = checks(call.region, instance);
        let summary = |name: &str| {
            let detail = Element::item().leaf("name", "reachability").leaf("status", reachability);
            let details = Element::new("details").children((!reachability.is_empty()).then_some(detail));
            Element::new(name).leaf("status", status).child(details)
        };
        Element::item()
            .leaf("instanceId", &instance.id)
            .leaf("availabilityZone", &instance.zone)
            .leaf_opt("availabilityZoneId", zone_id(call.region, instance))
            .child(state_element("instanceState", instance.state))
            .child(summary("instanceStatus"))
            .child(summary("systemStatus"))
            .child(summary("attachedEbsStatus"))
            .list("eventsSet", [])
    });
    Ok(call.answer().list("instanceStatusSet", items).leaf_opt("nextToken", page.next.as_ref()))
}
