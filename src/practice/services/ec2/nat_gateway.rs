//! NAT gateways (zonal).

use super::Call;
use super::common::{one, time};
use super::errors::{self, invalid_combination, invalid_value, missing};
use super::page::{Choice, choose};
use super::tags;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{
    Association, Duration, Event, InterfaceAttachment, InterfaceKind, NatGateway, NatState, NetworkInterface, Region,
    Subnet,
};

fn item(region: &Region, nat: &NatGateway) -> Element {
    let failure = nat.failure.as_ref().filter(|_| nat.state == NatState::Failed || nat.state == NatState::Deleted);
    // Until it is available, AWS tells no more of the address than what was asked for.
    let settled = nat.state != NatState::Pending;
    let address = Element::item()
        .leaf_opt("allocationId", nat.allocation.as_ref())
        .leaf_opt("associationId", nat.association.as_ref().filter(|_| settled))
        .leaf_opt("networkInterfaceId", nat.interface.as_ref().filter(|_| settled))
        .leaf_opt("privateIp", nat.private_ip.filter(|_| settled))
        .leaf_opt("publicIp", nat.public_ip.filter(|_| settled))
        .leaf("isPrimary", true)
        .leaf(
            "status",
            match nat.state {
                NatState::Pending => "associating",
                NatState::Available => "succeeded",
                NatState::Failed => "failed",
                NatState::Deleting | NatState::Deleted => "disassociating",
            },
        );
    Element::new("natGateway")
        .leaf("natGatewayId", &nat.id)
        .leaf("vpcId", &nat.vpc)
        .leaf("subnetId", &nat.subnet)
        .leaf("state", nat.state.as_str())
        .leaf("connectivityType", if nat.public { "public" } else { "private" })
        .leaf("availabilityMode", "zonal")
        .leaf("createTime", time(nat.created))
        .leaf_opt("deleteTime", nat.deleted.map(time))
        .leaf_opt("failureCode", failure.map(|(code, _)| code))
        .leaf_opt("failureMessage", failure.map(|(_, message)| message))
        .list("natGatewayAddressSet", [address])
        .child(tags::set(region, &nat.id))
}

/// Why a NAT gateway here will fail. AWS finds these out while it is `pending`, not in the request.
fn failure(region: &Region, subnet: &Subnet, allocation: Option<&str>) -> Option<(String, String)> {
    let held = allocation.and_then(|id| region.addresses.get(id)).filter(|address| address.association.is_some());
    let (code, message) = if allocation.is_some() && region.gateway_of(&subnet.vpc).is_none() {
        ("Gateway.NotAttached", format!("Network {} has no Internet gateway attached", subnet.vpc))
    } else if let Some(address) = held {
        ("Resource.AlreadyAssociated", format!("Elastic IP address {} is already associated", address.id))
    } else if region.free_addresses(subnet) == 0 {
        (
            "InsufficientFreeAddressesInSubnet",
            "Subnet has insufficient free addresses to create this NAT gateway".to_owned(),
        )
    } else {
        return None;
    };
    Some((code.to_owned(), message))
}

/// CreateNatGateway
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = match call.repeated()?.and_then(|ids| ids.into_iter().next()) {
        Some(id) if call.region.nat_gateways.contains_key(&id) => id,
        _ => check_and_make(call)?,
    };
    let made = call.region.nat_gateways.get(&id).map(|nat| item(call.region, nat));
    Ok(call.answer().child_opt(made).leaf_opt("clientToken", call.client_token()))
}

fn check_and_make(call: &mut Call<'_>) -> Result<String, ApiError> {
    let params = call.params;
    if params.text("AvailabilityMode").is_some_and(|mode| mode != "zonal") {
        return Err(ApiError::not_simulated("regional NAT gateways"));
    }
    let subnet_id = params.required("SubnetId")?;
    let allocation = params.text("AllocationId").filter(|id| !id.is_empty());
    let public = match params.text("ConnectivityType").unwrap_or("public") {
        "public" => true,
        "private" => false,
        other => return Err(invalid_value(format!("Value ({other}) for parameter connectivityType is invalid."))),
    };
    match (public, allocation) {
        (true, None) => return Err(missing("allocationId")),
        (false, Some(_)) => {
            return Err(invalid_combination("The parameter AllocationId cannot be used with a private NAT gateway"));
        }
        _ => {}
    }
    let tags = call.tags_for("natgateway")?;
    let subnet = call.subnet(subnet_id)?.clone();
    if let Some(id) = allocation {
        call.address(id)?;
    }
    let limit = call.region.options().limits.nat_gateways_per_zone;
    let here = call.region.nat_gateways.values().filter(|nat| nat.zone == subnet.zone && nat.is_live()).count();
    if here >= limit {
        return Err(ApiError::new(
            "NatGatewayLimitExceeded",
            format!("Performing this operation would exceed the limit of {limit} NAT gateways"),
        ));
    }
    let id = make(call, &subnet, public, allocation);
    call.tag(&id, tags);
    call.remember(vec![id.clone()]);
    Ok(id)
}

fn make(call: &mut Call<'_>, subnet: &Subnet, public: bool, allocation: Option<&str>) -> String {
    let region = &mut *call.region;
    let id = region.id("nat");
    let failure = failure(region, subnet, allocation);
    let mut nat = NatGateway {
        id: id.clone(),
        vpc: subnet.vpc.clone(),
        subnet: subnet.id.clone(),
        zone: subnet.zone.clone(),
        state: NatState::Pending,
        public,
        allocation: allocation.map(str::to_owned),
        association: None,
        interface: None,
        private_ip: None,
        public_ip: None,
        created: region.now(),
        deleted: None,
        failure,
    };
    let private_ip = region.first_free_address(subnet).filter(|_| nat.failure.is_none());
    if let Some(private_ip) = private_ip {
        let attachment = InterfaceAttachment {
            id: region.id("ela-attach"),
            instance: None,
            device_index: 1,
            attached_at: region.now(),
            delete_on_termination: false,
        };
        let interface = NetworkInterface {
            id: region.id("eni"),
            kind: InterfaceKind::NatGateway,
            vpc: subnet.vpc.clone(),
            subnet: subnet.id.clone(),
            zone: subnet.zone.clone(),
            description: format!("Interface for NAT Gateway {id}"),
            private_ip,
            mac: region.new_mac(),
            groups: Vec::new(),
            source_dest_check: false,
            attachment: Some(attachment),
            wants_public_ip: false,
            public_ip: None,
        };
        nat.private_ip = Some(private_ip);
        nat.interface = Some(interface.id.clone());
        let association = Association { id: region.id("eipassoc"), interface: interface.id.clone(), private_ip };
        if let Some(address) = allocation.and_then(|allocation| region.addresses.get_mut(allocation)) {
            nat.association = Some(association.id.clone());
            nat.public_ip = Some(address.public_ip);
            address.association = Some(association);
        }
        region.interfaces.insert(interface.id.clone(), interface);
    }
    let duration = if nat.failure.is_some() { Duration::NAT_FAIL } else { Duration::NAT_CREATE };
    region.nat_gateways.insert(id.clone(), nat);
    region.hide_for_a_while(&id);
    region.schedule(duration, Event::NatReady(id.clone()));
    id
}

/// DeleteNatGateway: takes its time; address, interface and subnet are free only at its end.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("NatGatewayId")?;
    let hidden = call.region.is_hidden(id);
    let region = &mut *call.region;
    let nat = region.nat_gateways.get_mut(id).filter(|nat| !hidden && nat.state != NatState::Deleted);
    let nat = nat.ok_or_else(|| errors::NAT_GATEWAY.not_found(id))?;
    if nat.state != NatState::Deleting {
        nat.state = NatState::Deleting;
        region.schedule(Duration::NAT_DELETE, Event::NatDeleted(id.to_owned()));
    }
    Ok(call.answer().leaf("natGatewayId", id))
}

const FILTERS: &[&str] = &["nat-gateway-id", "state", "subnet-id", "vpc-id"];

fn fact(_: &Region, nat: &NatGateway, name: &str) -> Vec<String> {
    match name {
        "nat-gateway-id" => one(&nat.id),
        "state" => one(nat.state.as_str()),
        "subnet-id" => one(&nat.subnet),
        "vpc-id" => one(&nat.vpc),
        _ => Vec::new(),
    }
}

/// DescribeNatGateways
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let choice = Choice { ids: "NatGatewayId", noun: &errors::NAT_GATEWAY, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.nat_gateways.iter(), fact)?;
    let items = page.items.iter().map(|nat| item(call.region, nat));
    Ok(call.answer().list("natGatewaySet", items).leaf_opt("nextToken", page.next.as_ref()))
}
