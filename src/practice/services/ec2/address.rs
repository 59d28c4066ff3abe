//! Elastic IPs.

use std::net::Ipv4Addr;

use super::Call;
use super::common::{maybe, one};
use super::errors::{self, invalid_combination, invalid_value, limit, missing};
use super::page::{Choice, choose};
use super::tags;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{Address, Association, InstanceState, InterfaceKind, NetworkInterface, Region};

fn interface_of<'r>(region: &'r Region, address: &Address) -> Option<&'r NetworkInterface> {
    region.interfaces.get(&address.association.as_ref()?.interface)
}

fn instance_of<'r>(region: &'r Region, address: &Address) -> Option<&'r str> {
    interface_of(region, address)?.attachment.as_ref()?.instance.as_deref()
}

fn item(region: &Region, address: &Address) -> Element {
    let association = address.association.as_ref();
    let interface = interface_of(region, address);
    Element::item()
        .leaf("publicIp", address.public_ip)
        .leaf("allocationId", &address.id)
        .leaf("domain", "vpc")
        .leaf_opt("associationId", association.map(|one| &one.id))
        .leaf_opt("instanceId", instance_of(region, address))
        .leaf_opt("networkInterfaceId", association.map(|one| &one.interface))
        .leaf_opt("networkInterfaceOwnerId", association.map(|_| region.account()))
        .leaf_opt("privateIpAddress", association.map(|one| one.private_ip))
        .leaf_opt("subnetId", interface.map(|one| &one.subnet))
        .leaf("publicIpv4Pool", "amazon")
        .leaf("networkBorderGroup", region.name())
        .child(tags::set(region, &address.id))
}

fn not_yours() -> ApiError {
    ApiError::new("AuthFailure", "You do not have permission to access the specified resource.")
}

/// Does a service (a NAT gateway) hold the address?
fn is_service_held(region: &Region, address: &Address) -> bool {
    interface_of(region, address).is_some_and(|interface| interface.kind != InterfaceKind::Interface)
}

/// AllocateAddress
pub(super) fn allocate(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    if let Some(domain) = params.text("Domain")
        && domain != "vpc"
    {
        return Err(invalid_value(format!("Value ({domain}) for parameter domain is invalid. Expected vpc.")));
    }
    if params.text("PublicIpv4Pool").is_some_and(|pool| pool != "amazon") {
        return Err(ApiError::not_simulated("address pools of one's own"));
    }
    if let Some(group) = params.text("NetworkBorderGroup")
        && group != call.region.name()
    {
        return Err(invalid_value(format!("Value ({group}) for parameter networkBorderGroup is invalid.")));
    }
    let tags = call.tags_for("elastic-ip")?;
    if call.region.addresses.len() >= call.region.options().limits.addresses {
        return Err(limit("AddressLimitExceeded", "addresses"));
    }
    let id = call.region.id("eipalloc");
    let public_ip = call.region.new_public_address();
    call.region.addresses.insert(id.clone(), Address { id: id.clone(), public_ip, association: None });
    call.region.hide_for_a_while(&id);
    call.tag(&id, tags);
    Ok(call
        .answer()
        .leaf("publicIp", public_ip)
        .leaf("allocationId", &id)
        .leaf("domain", "vpc")
        .leaf("publicIpv4Pool", "amazon")
        .leaf("networkBorderGroup", call.region.name()))
}

/// ReleaseAddress: not while it is associated; one that a NAT gateway holds is not the caller's to release.
pub(super) fn release(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let _ = params.text("NetworkBorderGroup");
    let Some(id) = params.text("AllocationId") else {
        return Err(match params.text("PublicIp") {
            Some(_) => invalid_value("You must specify an allocation id when releasing a VPC elastic IP address"),
            None => missing("allocationId"),
        });
    };
    let address = call.address(id)?;
    if is_service_held(call.region, address) {
        return Err(not_yours());
    }
    if address.association.is_some() {
        return Err(ApiError::new("InvalidIPAddress.InUse", format!("Address {} is in use.", address.public_ip)));
    }
    call.region.addresses.remove(id);
    call.region.forget(id);
    Ok(call.done())
}

/// The address that a request names by AllocationId or PublicIp.
fn named(call: &Call<'_>) -> Result<Address, ApiError> {
    match (call.params.text("AllocationId"), call.params.text("PublicIp")) {
        (Some(_), Some(_)) => {
            Err(invalid_combination("You may specify public IP or allocation id, but not both in the same call"))
        }
        (Some(id), None) => call.address(id).cloned(),
        (None, Some(ip)) => by_public_ip(call.region, ip).cloned(),
        (None, None) => Err(missing("allocationId")),
    }
}

fn by_public_ip<'r>(region: &'r Region, ip: &str) -> Result<&'r Address, ApiError> {
    region
        .addresses
        .values()
        .find(|address| address.public_ip.to_string() == ip)
        .ok_or_else(|| ApiError::new("InvalidAddress.NotFound", format!("Address '{ip}' not found.")))
}

/// The interface that an AssociateAddress request names, directly or by its instance.
fn wanted_interface<'c>(call: &'c Call<'_>) -> Result<&'c NetworkInterface, ApiError> {
    match (call.params.text("InstanceId"), call.params.text("NetworkInterfaceId")) {
        (Some(_), Some(_)) => Err(invalid_combination(
            "You may specify instance ID or network interface ID, but not both in the same call",
        )),
        (None, None) => {
            Err(ApiError::new("MissingParameter", "Either 'InstanceId' or 'NetworkInterfaceId' must be specified"))
        }
        (None, Some(id)) => call.interface(id),
        (Some(id), None) => {
            let instance = call.instance(id)?;
            if !matches!(instance.state, InstanceState::Running | InstanceState::Stopped | InstanceState::Stopping) {
                let state = instance.state.as_str();
                return Err(ApiError::new(
                    "InvalidInstanceID",
                    format!("The {state} instance '{id}' is not in a valid state for this operation."),
                ));
            }
            let first = instance.interfaces.first().map(String::as_str).unwrap_or_default();
            call.interface(first)
        }
    }
}

fn already(what: &str, association: &str) -> ApiError {
    ApiError::new(
        "Resource.AlreadyAssociated",
        format!("resource {what} is already associated with associate-id {association}"),
    )
}

/// AssociateAddress: needs an internet gateway; takes the place of the public address that AWS lent.
pub(super) fn associate(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let address = named(call)?;
    let interface = wanted_interface(call)?.clone();
    let reassociate = call.params.bool("AllowReassociation")?.unwrap_or(true);
    if let Some(ip) = call.params.text("PrivateIpAddress")
        && ip.parse::<Ipv4Addr>().ok() != Some(interface.private_ip)
    {
        return Err(invalid_value(format!("Invalid value '{ip}' for privateIpAddress")));
    }
    if call.region.gateway_of(&interface.vpc).is_none() {
        return Err(ApiError::new(
            "Gateway.NotAttached",
            format!("Network {} is not attached to any internet gateway", interface.vpc),
        ));
    }
    if interface.kind != InterfaceKind::Interface || is_service_held(call.region, &address) {
        return Err(not_yours());
    }
    if let Some(there) = &address.association {
        if there.interface == interface.id {
            return Ok(call.done().leaf("associationId", &there.id));
        }
        if !reassociate {
            return Err(already(&address.id, &there.id));
        }
    }
    if let Some(other) = call.region.address_of_interface(&interface.id).and_then(|one| one.association.clone()) {
        if !reassociate {
            return Err(already(&interface.id, &other.id));
        }
        for one in call.region.addresses.values_mut() {
            one.association.take_if(|association| association.id == other.id);
        }
    }
    let left = address.association.as_ref().map(|association| association.interface.clone());
    let id = call.region.id("eipassoc");
    let association = Association { id: id.clone(), interface: interface.id.clone(), private_ip: interface.private_ip };
    if let Some(one) = call.region.addresses.get_mut(&address.id) {
        one.association = Some(association);
    }
    if let Some(one) = call.region.interfaces.get_mut(&interface.id) {
        one.public_ip = None;
    }
    if let Some(left) = left {
        lend_again(call.region, &left);
    }
    Ok(call.done().leaf("associationId", id))
}

/// An interface that lost its Elastic IP gets a lent public address again, if it had one before.
fn lend_again(region: &mut Region, interface: &str) {
    let instance = region.interfaces.get(interface).and_then(|one| one.attachment.as_ref()?.instance.clone());
    if let Some(instance) = instance
        && region.instances.get(&instance).is_some_and(|one| one.state == InstanceState::Running)
    {
        region.give_public_addresses(&instance);
    }
}

/// DisassociateAddress
pub(super) fn disassociate(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let address = match (params.text("AssociationId"), params.text("PublicIp")) {
        (Some(id), _) => call
            .region
            .addresses
            .values()
            .find(|address| address.association.as_ref().is_some_and(|association| association.id == id))
            .ok_or_else(|| errors::ASSOCIATION.not_found(id))?,
        (None, Some(ip)) => by_public_ip(call.region, ip)?,
        (None, None) => return Err(missing("associationId")),
    };
    if is_service_held(call.region, address) {
        return Err(not_yours());
    }
    let id = address.id.clone();
    let association = call.region.addresses.get_mut(&id).and_then(|address| address.association.take());
    if let Some(association) = association {
        lend_again(call.region, &association.interface);
    }
    Ok(call.done())
}

const FILTERS: &[&str] = &[
    "allocation-id",
    "association-id",
    "domain",
    "instance-id",
    "network-border-group",
    "network-interface-id",
    "network-interface-owner-id",
    "private-ip-address",
    "public-ip",
];

fn fact(region: &Region, address: &Address, name: &str) -> Vec<String> {
    let association = address.association.as_ref();
    match name {
        "allocation-id" => one(&address.id),
        "association-id" => maybe(association.map(|one| &one.id)),
        "domain" => one("vpc"),
        "instance-id" => maybe(instance_of(region, address)),
        "network-border-group" => one(region.name()),
        "network-interface-id" => maybe(association.map(|one| &one.interface)),
        "network-interface-owner-id" => maybe(association.map(|_| region.account())),
        "private-ip-address" => maybe(association.map(|one| one.private_ip)),
        "public-ip" => one(address.public_ip),
        _ => Vec::new(),
    }
}

/// DescribeAddresses
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let ips = call.params.list("PublicIp");
    for ip in &ips {
        by_public_ip(call.region, ip)?;
    }
    let choice = Choice { ids: "AllocationId", noun: &errors::ALLOCATION, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.addresses.iter(), fact)?;
    let items = page
        .items
        .iter()
        .filter(|address| ips.is_empty() || ips.contains(&address.public_ip.to_string().as_str()))
        .map(|address| item(call.region, address));
    Ok(call.answer().list("addressesSet", items))
}
