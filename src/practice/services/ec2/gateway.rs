//! Internet gateways.

use super::Call;
use super::common::{maybe, one};
use super::errors::{self, has_dependencies, invalid_value, limit};
use super::page::{Choice, choose};
use super::tags;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{InternetGateway, Region};

fn item(region: &Region, gateway: &InternetGateway) -> Element {
    // AWS says `available` here, which is not among the states that its own model lists.
    let attachments = gateway.vpc.iter().map(|vpc| Element::item().leaf("vpcId", vpc).leaf("state", "available"));
    Element::new("internetGateway")
        .leaf("internetGatewayId", &gateway.id)
        .leaf("ownerId", region.account())
        .list("attachmentSet", attachments)
        .child(tags::set(region, &gateway.id))
}

/// CreateInternetGateway
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let tags = call.tags_for("internet-gateway")?;
    if call.region.internet_gateways.len() >= call.region.options().limits.internet_gateways {
        return Err(limit("InternetGatewayLimitExceeded", "internet gateways"));
    }
    let id = call.region.id("igw");
    let gateway = InternetGateway { id: id.clone(), vpc: None };
    call.region.internet_gateways.insert(id.clone(), gateway.clone());
    call.region.hide_for_a_while(&id);
    call.tag(&id, tags);
    Ok(call.answer().child(item(call.region, &gateway)))
}

/// DeleteInternetGateway
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("InternetGatewayId")?;
    if call.internet_gateway(id)?.vpc.is_some() {
        return Err(has_dependencies("internetGateway", id));
    }
    call.region.internet_gateways.remove(id);
    call.region.forget(id);
    Ok(call.done())
}

/// AttachInternetGateway: one gateway a VPC, one VPC a gateway.
pub(super) fn attach(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("InternetGatewayId")?;
    let vpc = call.params.required("VpcId")?;
    let gateway = call.internet_gateway(id)?;
    call.vpc(vpc)?;
    if let Some(at) = &gateway.vpc {
        return Err(ApiError::new(
            "Resource.AlreadyAssociated",
            format!("resource {id} is already attached to network {at}"),
        ));
    }
    if call.region.gateway_of(vpc).is_some() {
        return Err(invalid_value(format!("Network {vpc} already has an internet gateway attached")));
    }
    if let Some(gateway) = call.region.internet_gateways.get_mut(id) {
        gateway.vpc = Some(vpc.to_owned());
    }
    Ok(call.done())
}

/// DetachInternetGateway: blocked while anything in the VPC has a public address.
pub(super) fn detach(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("InternetGatewayId")?;
    let vpc = call.params.required("VpcId")?;
    let gateway = call.internet_gateway(id)?;
    call.vpc(vpc)?;
    if gateway.vpc.as_deref() != Some(vpc) {
        return Err(ApiError::new("Gateway.NotAttached", format!("resource {id} is not attached to network {vpc}")));
    }
    let region = &mut *call.region;
    let mapped = region.interfaces.values().any(|one| one.vpc == vpc && region.public_address(one).is_some());
    if mapped {
        return Err(ApiError::new(
            "DependencyViolation",
            format!(
                "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
            ),
        ));
    }
    if let Some(gateway) = region.internet_gateways.get_mut(id) {
        gateway.vpc = None;
    }
    Ok(call.done())
}

const FILTERS: &[&str] = &["attachment.state", "attachment.vpc-id", "internet-gateway-id", "owner-id"];

fn fact(region: &Region, gateway: &InternetGateway, name: &str) -> Vec<String> {
    match name {
        "attachment.state" => maybe(gateway.vpc.as_ref().map(|_| "available")),
        "attachment.vpc-id" => maybe(gateway.vpc.as_ref()),
        "internet-gateway-id" => one(&gateway.id),
        "owner-id" => one(region.account()),
        _ => Vec::new(),
    }
}

/// DescribeInternetGateways
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let choice = Choice { ids: "InternetGatewayId", noun: &errors::INTERNET_GATEWAY, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.internet_gateways.iter(), fact)?;
    let items = page.items.iter().map(|gateway| item(call.region, gateway));
    Ok(call.answer().list("internetGatewaySet", items).leaf_opt("nextToken", page.next.as_ref()))
}
