//! Subnets.

use ipnet::Ipv4Net;

use super::Call;
use super::common::{boolean_attribute, cidr, one};
use super::errors::{self, has_dependencies, invalid_combination, invalid_value, limit, missing};
use super::page::{Choice, choose};
use super::tags;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{Progress, Region, Subnet, Zone};

fn state(subnet: &Subnet) -> &'static str {
    match subnet.state {
        Progress::Pending => "pending",
        Progress::Done => "available",
    }
}

fn arn(region: &Region, subnet: &Subnet) -> String {
    format!("arn:aws:ec2:{}:{}:subnet/{}", region.name(), region.account(), subnet.id)
}

fn item(region: &Region, subnet: &Subnet) -> Element {
    let options = Element::new("privateDnsNameOptionsOnLaunch")
        .leaf("hostnameType", "ip-name")
        .leaf("enableResourceNameDnsARecord", false)
        .leaf("enableResourceNameDnsAAAARecord", false);
    Element::new("subnet")
        .leaf("subnetId", &subnet.id)
        .leaf("subnetArn", arn(region, subnet))
        .leaf("state", state(subnet))
        .leaf("ownerId", region.account())
        .leaf("vpcId", &subnet.vpc)
        .leaf("cidrBlock", subnet.cidr)
        .list("ipv6CidrBlockAssociationSet", [])
        .leaf("availableIpAddressCount", region.free_addresses(subnet))
        .leaf("availabilityZone", &subnet.zone)
        .leaf("availabilityZoneId", &subnet.zone_id)
        .leaf("defaultForAz", subnet.default_for_zone)
        .leaf("mapPublicIpOnLaunch", subnet.map_public_ip_on_launch)
        .leaf("mapCustomerOwnedIpOnLaunch", false)
        .leaf("assignIpv6AddressOnCreation", false)
        .leaf("enableDns64", false)
        .leaf("ipv6Native", false)
        .child(options)
        .child(tags::set(region, &subnet.id))
}

/// The zone that a request asks for, by name or id.
fn zone(call: &Call<'_>) -> Result<Option<Zone>, ApiError> {
    let zones = call.region.zones();
    let (name, id) = (call.params.text("AvailabilityZone"), call.params.text("AvailabilityZoneId"));
    if name.is_some() && id.is_some() {
        return Err(invalid_combination("Only one of AvailabilityZone and AvailabilityZoneId may be specified"));
    }
    let Some(asked) = name.or(id) else { return Ok(None) };
    if let Some(found) = zones.iter().find(|zone| Some(zone.name.as_str()) == name || Some(zone.id.as_str()) == id) {
        return Ok(Some(found.clone()));
    }
    let names: Vec<&str> = zones.iter().map(|zone| zone.name.as_str()).collect();
    Err(invalid_value(format!(
        "Value ({asked}) for parameter availabilityZone is invalid. Subnets can currently only be created in the following availability zones: {}.",
        names.join(", ")
    )))
}

fn overlap(a: &Ipv4Net, b: &Ipv4Net) -> bool {
    a.contains(b) || b.contains(a)
}

/// CreateSubnet. Without a zone AWS chooses one: here the one with the fewest subnets of the VPC.
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let vpc_id = call.params.required("VpcId")?;
    let block = cidr(call.params.text("CidrBlock").ok_or_else(|| missing("cidrBlock"))?, "cidrBlock")?;
    let zone = zone(call)?;
    let tags = call.tags_for("subnet")?;
    let vpc = call.vpc(vpc_id)?;
    if !(16..=28).contains(&block.prefix_len()) || !vpc.cidr.contains(&block) {
        return Err(ApiError::new("InvalidSubnet.Range", format!("The CIDR '{block}' is invalid.")));
    }
    let siblings = || call.region.subnets.values().filter(|subnet| subnet.vpc == vpc_id);
    if siblings().any(|subnet| overlap(&subnet.cidr, &block)) {
        return Err(ApiError::new(
            "InvalidSubnet.Conflict",
            format!("The CIDR '{block}' conflicts with another subnet"),
        ));
    }
    if siblings().count() >= call.region.options().limits.subnets_per_vpc {
        return Err(limit("SubnetLimitExceeded", "subnets"));
    }
    let chosen = zone.or_else(|| {
        call.region.zones().into_iter().min_by_key(|zone| siblings().filter(|subnet| subnet.zone == zone.name).count())
    });
    let Some(zone) = chosen else {
        return Err(invalid_value("The region has no availability zone"));
    };
    let id = call.region.make_subnet(vpc_id, block, &zone);
    call.tag(&id, tags);
    let made = call.region.subnets.get(&id).map(|subnet| item(call.region, subnet));
    Ok(call.answer().child_opt(made))
}

/// DeleteSubnet: any network interface in it blocks it; its associations go with it.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("SubnetId")?;
    call.subnet(id)?;
    let region = &mut *call.region;
    let nat = region.nat_gateways.values().any(|nat| nat.subnet == id && nat.is_live());
    if nat || region.interfaces.values().any(|interface| interface.subnet == id) {
        return Err(has_dependencies("subnet", id));
    }
    region.subnets.remove(id);
    region.forget(id);
    for table in region.route_tables.values_mut() {
        table.associations.retain(|association| association.subnet.as_deref() != Some(id));
    }
    for acl in region.network_acls.values_mut() {
        acl.associations.retain(|association| association.subnet != id);
    }
    Ok(call.done())
}

const FILTERS: &[&str] = &[
    "availability-zone",
    "availabilityZone",
    "availability-zone-id",
    "availabilityZoneId",
    "available-ip-address-count",
    "cidr",
    "cidr-block",
    "cidrBlock",
    "default-for-az",
    "defaultForAz",
    "enable-dns64",
    "ipv6-cidr-block-association.ipv6-cidr-block",
    "ipv6-native",
    "map-public-ip-on-launch",
    "owner-id",
    "private-dns-name-options-on-launch.hostname-type",
    "state",
    "subnet-arn",
    "subnet-id",
    "vpc-id",
];

fn fact(region: &Region, subnet: &Subnet, name: &str) -> Vec<String> {
    match name {
        "availability-zone" | "availabilityZone" => one(&subnet.zone),
        "availability-zone-id" | "availabilityZoneId" => one(&subnet.zone_id),
        "available-ip-address-count" => one(region.free_addresses(subnet)),
        "cidr" | "cidr-block" | "cidrBlock" => one(subnet.cidr),
        "default-for-az" | "defaultForAz" => one(subnet.default_for_zone),
        "enable-dns64" | "ipv6-native" => one(false),
        "map-public-ip-on-launch" => one(subnet.map_public_ip_on_launch),
        "owner-id" => one(region.account()),
        "private-dns-name-options-on-launch.hostname-type" => one("ip-name"),
        "state" => one(state(subnet)),
        "subnet-arn" => one(arn(region, subnet)),
        "subnet-id" => one(&subnet.id),
        "vpc-id" => one(&subnet.vpc),
        _ => Vec::new(),
    }
}

/// DescribeSubnets
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let choice = Choice { ids: "SubnetId", noun: &errors::SUBNET, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.subnets.iter(), fact)?;
    let items = page.items.iter().map(|subnet| item(call.region, subnet));
    Ok(call.answer().list("subnetSet", items).leaf_opt("nextToken", page.next.as_ref()))
}

/// ModifySubnetAttribute: MapPublicIpOnLaunch.
pub(super) fn modify_attribute(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("SubnetId")?;
    let Some(map) = boolean_attribute(&call.params.root(), "MapPublicIpOnLaunch")? else {
        return match call.params.unread().first() {
            Some(name) => Err(ApiError::not_simulated(format_args!("the parameter {name} of ModifySubnetAttribute"))),
            None => Err(missing("Attribute")),
        };
    };
    call.subnet(id)?;
    if let Some(subnet) = call.region.subnets.get_mut(id) {
        subnet.map_public_ip_on_launch = map;
    }
    Ok(call.done())
}
