//! Network interfaces: those of instances and services, and those that a request makes for itself.

use std::net::Ipv4Addr;

use super::Call;
use super::common::{maybe, one, time};
use super::errors;
use super::launch::{checked_groups, free_address};
use super::page::{Choice, choose};
use super::tags;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{InterfaceKind, NetworkInterface, Region};

/// The host name of a private address: `ip-10-1-11-5.ap-northeast-2.compute.internal`.
pub(super) fn private_dns(region: &Region, ip: Ipv4Addr) -> String {
    let dashed = ip.to_string().replace('.', "-");
    match region.name() {
        "us-east-1" => format!("ip-{dashed}.ec2.internal"),
        name => format!("ip-{dashed}.{name}.compute.internal"),
    }
}

/// The host name of a public address, for VPCs with DNS host names: `ec2-198-18-0-1.ap-northeast-2.compute.amazonaws.com`.
pub(super) fn public_dns(region: &Region, vpc: &str, ip: Ipv4Addr) -> Option<String> {
    if !region.vpcs.get(vpc).is_some_and(|vpc| vpc.dns_hostnames) {
        return None;
    }
    let dashed = ip.to_string().replace('.', "-");
    Some(match region.name() {
        "us-east-1" => format!("ec2-{dashed}.compute-1.amazonaws.com"),
        name => format!("ec2-{dashed}.{name}.compute.amazonaws.com"),
    })
}

/// The public side of an interface, in the short form (inside instances) or with the Elastic IP's ids.
pub(super) fn association(region: &Region, interface: &NetworkInterface, with_ids: bool) -> Option<Element> {
    let public = region.public_address(interface)?;
    let address = region.address_of_interface(&interface.id);
    let owner = if address.is_some() { region.account() } else { public_owner(interface) };
    let dns = public_dns(region, &interface.vpc, public).unwrap_or_default();
    let base = Element::new("association").leaf("publicIp", public).leaf("publicDnsName", dns).leaf("ipOwnerId", owner);
    Some(match address.filter(|_| with_ids) {
        Some(address) => base
            .leaf("allocationId", &address.id)
            .leaf_opt("associationId", address.association.as_ref().map(|one| &one.id)),
        None => base,
    })
}

/// Whose a public address is that is no Elastic IP of the account.
fn public_owner(interface: &NetworkInterface) -> &'static str {
    if interface.kind == InterfaceKind::LoadBalancer { "amazon-elb" } else { "amazon" }
}

/// The `groupSet` of security groups.
pub(super) fn group_set(region: &Region, groups: &[String]) -> Element {
    Element::new("groupSet").children(groups.iter().map(|id| {
        let name = region.security_groups.get(id).map(|group| group.name.as_str()).unwrap_or_default();
        Element::item().leaf("groupId", id).leaf("groupName", name)
    }))
}

/// The `privateIpAddressesSet`: the one private address.
pub(super) fn private_addresses(region: &Region, interface: &NetworkInterface, with_ids: bool) -> Element {
    let address = Element::item()
        .leaf("privateIpAddress", interface.private_ip)
        .leaf("privateDnsName", private_dns(region, interface.private_ip))
        .leaf("primary", true)
        .child_opt(association(region, interface, with_ids));
    Element::new("privateIpAddressesSet").child(address)
}

pub(super) fn kind(interface: &NetworkInterface) -> &'static str {
    match interface.kind {
        InterfaceKind::Interface | InterfaceKind::Database => "interface",
        InterfaceKind::NatGateway => "nat_gateway",
        InterfaceKind::LoadBalancer => "load_balancer",
        InterfaceKind::ConnectEndpoint => "ec2_instance_connect_endpoint",
    }
}

pub(super) fn status(interface: &NetworkInterface) -> &'static str {
    if interface.attachment.is_some() { "in-use" } else { "available" }
}

fn instance_of(interface: &NetworkInterface) -> Option<&String> {
    interface.attachment.as_ref()?.instance.as_ref()
}

/// Does a service manage it?
pub(super) fn is_managed(interface: &NetworkInterface) -> bool {
    interface.kind != InterfaceKind::Interface
}

/// Who asked for the interface: the account, or the account of the service that manages it.
fn requester(region: &Region, interface: &NetworkInterface) -> String {
    match interface.kind {
        InterfaceKind::Interface => region.account().to_owned(),
        InterfaceKind::NatGateway => "amazon-nat-gateway".to_owned(),
        InterfaceKind::LoadBalancer => "amazon-elb".to_owned(),
        InterfaceKind::Database => "amazon-rds".to_owned(),
        InterfaceKind::ConnectEndpoint => "amazon-ec2-instance-connect-endpoint".to_owned(),
    }
}

/// The owner of the machine that an interface is attached to.
fn holder<'r>(region: &'r Region, interface: &NetworkInterface) -> &'r str {
    match interface.kind {
        _ if instance_of(interface).is_some() => region.account(),
        InterfaceKind::LoadBalancer => "amazon-elb",
        InterfaceKind::Database => "amazon-rds",
        _ => "amazon-aws",
    }
}

fn item(region: &Region, interface: &NetworkInterface) -> Element {
    let attachment = interface.attachment.as_ref().map(|attachment| {
        Element::new("attachment")
            .leaf("attachmentId", &attachment.id)
            .leaf_opt("instanceId", attachment.instance.as_ref())
            .leaf("instanceOwnerId", holder(region, interface))
            .leaf("deviceIndex", attachment.device_index)
            .leaf("networkCardIndex", 0)
            .leaf("status", "attached")
            .leaf("attachTime", time(attachment.attached_at))
            .leaf("deleteOnTermination", attachment.delete_on_termination)
    });
    let zone_id = region.zones().into_iter().find(|zone| zone.name == interface.zone).map(|zone| zone.id);
    Element::new("networkInterface")
        .leaf("networkInterfaceId", &interface.id)
        .leaf("subnetId", &interface.subnet)
        .leaf("vpcId", &interface.vpc)
        .leaf("availabilityZone", &interface.zone)
        .leaf_opt("availabilityZoneId", zone_id)
        .leaf("description", &interface.description)
        .leaf("ownerId", region.account())
        .leaf("requesterId", requester(region, interface))
        .leaf("requesterManaged", is_managed(interface))
        .leaf("status", status(interface))
        .leaf("macAddress", &interface.mac)
        .leaf("privateIpAddress", interface.private_ip)
        .leaf("privateDnsName", private_dns(region, interface.private_ip))
        .leaf("sourceDestCheck", interface.source_dest_check)
        .leaf("interfaceType", kind(interface))
        .child(group_set(region, &interface.groups))
        .child_opt(attachment)
        .child_opt(association(region, interface, true))
        .child(private_addresses(region, interface, true))
        .list("ipv6AddressesSet", [])
        .child(tags::set(region, &interface.id))
}

const FILTERS: &[&str] = &[
    "addresses.association.public-ip",
    "addresses.private-ip-address",
    "addresses.primary",
    "association.allocation-id",
    "association.association-id",
    "association.ip-owner-id",
    "association.public-ip",
    "attachment.attachment-id",
    "attachment.delete-on-termination",
    "attachment.device-index",
    "attachment.instance-id",
    "attachment.instance-owner-id",
    "attachment.status",
    "availability-zone",
    "description",
    "group-id",
    "group-name",
    "interface-type",
    "mac-address",
    "network-interface-id",
    "owner-id",
    "private-dns-name",
    "private-ip-address",
    "requester-id",
    "requester-managed",
    "source-dest-check",
    "status",
    "subnet-id",
    "vpc-id",
];

fn fact(region: &Region, interface: &NetworkInterface, name: &str) -> Vec<String> {
    let attachment = interface.attachment.as_ref();
    let address = region.address_of_interface(&interface.id);
    match name {
        "addresses.association.public-ip" | "association.public-ip" => maybe(region.public_address(interface)),
        "addresses.private-ip-address" | "private-ip-address" => one(interface.private_ip),
        "addresses.primary" => one(true),
        "association.allocation-id" => maybe(address.map(|one| &one.id)),
        "association.association-id" => maybe(address.and_then(|one| one.association.as_ref()).map(|one| &one.id)),
        "association.ip-owner-id" => {
            let owner = address.map_or(public_owner(interface), |_| region.account());
            maybe(region.public_address(interface).map(|_| owner))
        }
        "attachment.attachment-id" => maybe(attachment.map(|one| &one.id)),
        "attachment.delete-on-termination" => maybe(attachment.map(|one| one.delete_on_termination)),
        "attachment.device-index" => maybe(attachment.map(|one| one.device_index)),
        "attachment.instance-id" => maybe(instance_of(interface)),
        "attachment.instance-owner-id" => maybe(attachment.map(|_| holder(region, interface))),
        "attachment.status" => maybe(attachment.map(|_| "attached")),
        "availability-zone" => one(&interface.zone),
        "description" => one(&interface.description),
        "group-id" => interface.groups.clone(),
        "group-name" => interface
            .groups
            .iter()
            .filter_map(|id| region.security_groups.get(id))
            .map(|group| group.name.clone())
            .collect(),
        "interface-type" => one(kind(interface)),
        "mac-address" => one(&interface.mac),
        "network-interface-id" => one(&interface.id),
        "owner-id" => one(region.account()),
        "private-dns-name" => one(private_dns(region, interface.private_ip)),
        "requester-id" => one(requester(region, interface)),
        "requester-managed" => one(is_managed(interface)),
        "source-dest-check" => one(interface.source_dest_check),
        "status" => one(status(interface)),
        "subnet-id" => one(&interface.subnet),
        "vpc-id" => one(&interface.vpc),
        _ => Vec::new(),
    }
}

/// CreateNetworkInterface: one that no instance has yet.
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = match call.repeated()?.and_then(|ids| ids.into_iter().next()) {
        Some(id) if call.region.interfaces.contains_key(&id) => id,
        _ => make(call)?,
    };
    let made = call.region.interfaces.get(&id).map(|interface| item(call.region, interface));
    Ok(call.answer().child_opt(made).leaf_opt("clientToken", call.client_token()))
}

fn make(call: &mut Call<'_>) -> Result<String, ApiError> {
    let params = call.params;
    let subnet = call.subnet(params.required("SubnetId")?)?.clone();
    let groups = params.list("SecurityGroupId").into_iter().map(str::to_owned).collect();
    let groups = checked_groups(call, &subnet, groups)?;
    let asked = params.text("PrivateIpAddress").map(|ip| free_address(call, &subnet, ip)).transpose()?;
    let tags = call.tags_for("network-interface")?;
    if call.region.interfaces.len() >= call.region.options().limits.network_interfaces {
        return Err(errors::limit("NetworkInterfaceLimitExceeded", "network interfaces"));
    }
    let private_ip = asked.or_else(|| call.region.first_free_address(&subnet)).ok_or_else(errors::no_address)?;
    let interface = NetworkInterface {
        id: call.region.id("eni"),
        kind: InterfaceKind::Interface,
        vpc: subnet.vpc,
        subnet: subnet.id,
        zone: subnet.zone,
        description: params.text("Description").unwrap_or_default().to_owned(),
        private_ip,
        mac: call.region.new_mac(),
        groups,
        source_dest_check: true,
        attachment: None,
        wants_public_ip: false,
        public_ip: None,
    };
    let id = interface.id.clone();
    call.region.interfaces.insert(id.clone(), interface);
    call.region.hide_for_a_while(&id);
    call.tag(&id, tags);
    call.remember(vec![id.clone()]);
    Ok(id)
}

/// DeleteNetworkInterface: not one that is attached, and not a service's.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("NetworkInterfaceId")?;
    let interface = call.interface(id)?;
    if is_managed(interface) {
        return Err(ApiError::new("AuthFailure", "You do not have permission to access the specified resource."));
    }
    if interface.attachment.is_some() {
        return Err(ApiError::new("InvalidParameterValue", format!("Network interface '{id}' is currently in use.")));
    }
    call.region.remove_interface(id);
    Ok(call.done())
}

/// DescribeNetworkInterfaces
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let choice = Choice { ids: "NetworkInterfaceId", noun: &errors::NETWORK_INTERFACE, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.interfaces.iter(), fact)?;
    let items = page.items.iter().map(|interface| item(call.region, interface));
    Ok(call.answer().list("networkInterfaceSet", items).leaf_opt("nextToken", page.next.as_ref()))
}
