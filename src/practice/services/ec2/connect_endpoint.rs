//! EC2 Instance Connect Endpoints. The tunnel itself is not simulated: what is, is that the door exists, takes its time and holds on to its network.

use super::Call;
use super::common::{one, time};
use super::errors::{self, limit};
use super::launch::checked_groups;
use super::page::{Choice, choose};
use super::tags;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::Region;
use crate::practice::world::connect::{ConnectEndpoint, ConnectState};

fn item(region: &Region, endpoint: &ConnectEndpoint, name: &str) -> Element {
    let zone_id = region.zones().into_iter().find(|zone| zone.name == endpoint.zone).map(|zone| zone.id);
    let arn = format!("arn:aws:ec2:{}:{}:instance-connect-endpoint/{}", region.name(), region.account(), endpoint.id);
    let texts =
        |values: Vec<&String>| values.into_iter().map(|value| Element::leaf_of("item", value)).collect::<Vec<_>>();
    Element::new(name)
        .leaf("ownerId", region.account())
        .leaf("instanceConnectEndpointId", &endpoint.id)
        .leaf("instanceConnectEndpointArn", arn)
        .leaf("state", endpoint.state.as_str())
        .leaf("stateMessage", "")
        .leaf("dnsName", &endpoint.dns_name)
        .list("networkInterfaceIdSet", texts(vec![&endpoint.interface]))
        .leaf("vpcId", &endpoint.vpc)
        .leaf("availabilityZone", &endpoint.zone)
        .leaf_opt("availabilityZoneId", zone_id)
        .leaf("createdAt", time(endpoint.created))
        .leaf("subnetId", &endpoint.subnet)
        .leaf("preserveClientIp", endpoint.preserve_client_ip)
        .list("securityGroupIdSet", texts(endpoint.groups.iter().collect()))
        .leaf("ipAddressType", "ipv4")
        .child(tags::set(region, &endpoint.id))
}

fn shown(call: &Call<'_>, id: &str) -> Option<Element> {
    call.region.connect_endpoints.get(id).map(|endpoint| item(call.region, endpoint, "instanceConnectEndpoint"))
}

/// CreateInstanceConnectEndpoint: one a VPC, five a region.
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = match call.repeated()?.and_then(|ids| ids.into_iter().next()) {
        Some(id) if call.region.connect_endpoints.contains_key(&id) => id,
        _ => make(call)?,
    };
    Ok(call.answer().child_opt(shown(call, &id)).leaf_opt("clientToken", call.client_token()))
}

fn make(call: &mut Call<'_>) -> Result<String, ApiError> {
    let params = call.params;
    let subnet = call.subnet(params.required("SubnetId")?)?.clone();
    let groups = params.list("SecurityGroupId").into_iter().map(str::to_owned).collect();
    let groups = checked_groups(call, &subnet, groups)?;
    let preserve = params.bool("PreserveClientIp")?.unwrap_or(false);
    if params.text("IpAddressType").is_some_and(|kind| kind != "ipv4") {
        return Err(ApiError::not_simulated("Instance Connect Endpoints with IPv6"));
    }
    let tags = call.tags_for("instance-connect-endpoint")?;
    let limits = &call.region.options().limits;
    let in_vpc = call.region.connect_endpoints.values().filter(|one| one.vpc == subnet.vpc).count();
    if in_vpc >= limits.connect_endpoints_per_vpc {
        return Err(limit("InstanceConnectEndpointLimitExceeded", "EC2 Instance Connect Endpoints for this VPC"));
    }
    if call.region.connect_endpoints.len() >= limits.connect_endpoints {
        return Err(limit("InstanceConnectEndpointLimitExceeded", "EC2 Instance Connect Endpoints"));
    }
    if call.region.interfaces.len() >= limits.network_interfaces {
        return Err(limit("NetworkInterfaceLimitExceeded", "network interfaces"));
    }
    let address = call.region.first_free_address(&subnet).ok_or_else(errors::no_address)?;
    let id = call.region.begin_connect_endpoint(&subnet, address, groups, preserve);
    call.tag(&id, tags);
    call.remember(vec![id.clone()]);
    Ok(id)
}

/// DeleteInstanceConnectEndpoint: takes minutes, in which its interface still holds the subnet and the groups.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("InstanceConnectEndpointId")?;
    let endpoint = call.region.connect_endpoints.get(id).filter(|_| !call.region.is_hidden(id));
    match endpoint.map(|endpoint| endpoint.state) {
        None => return Err(errors::CONNECT_ENDPOINT.not_found(id)),
        Some(ConnectState::CreateInProgress) => {
            return Err(ApiError::new(
                "InvalidState",
                format!("The EC2 Instance Connect Endpoint '{id}' is still being created."),
            ));
        }
        Some(ConnectState::CreateComplete | ConnectState::DeleteInProgress) => {}
    }
    call.region.end_connect_endpoint(id);
    Ok(call.answer().child_opt(shown(call, id)))
}

const FILTERS: &[&str] = &["instance-connect-endpoint-id", "state", "subnet-id", "vpc-id"];

/// DescribeInstanceConnectEndpoints
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let choice =
        Choice { ids: "InstanceConnectEndpointId", noun: &errors::CONNECT_ENDPOINT, filters: FILTERS, smallest: 1 };
    let page = choose(call, &choice, call.region.connect_endpoints.iter(), |_, endpoint, name| match name {
        "state" => one(endpoint.state.as_str()),
        "subnet-id" => one(&endpoint.subnet),
        "vpc-id" => one(&endpoint.vpc),
        _ => one(&endpoint.id),
    })?;
    let items = page.items.iter().map(|endpoint| item(call.region, endpoint, "item"));
    Ok(call.answer().list("instanceConnectEndpointSet", items).leaf_opt("nextToken", page.next.as_ref()))
}
