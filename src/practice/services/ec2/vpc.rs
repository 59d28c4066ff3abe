//! VPCs.

use super::Call;
use super::common::{boolean_attribute, cidr, one};
use super::errors::{self, has_dependencies, invalid_combination, invalid_value, limit, missing};
use super::page::{Choice, choose};
use super::{peering, tags};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{Progress, Region, Vpc};

fn state(vpc: &Vpc) -> &'static str {
    match vpc.state {
        Progress::Pending => "pending",
        Progress::Done => "available",
    }
}

fn item(region: &Region, vpc: &Vpc) -> Element {
    let association = Element::item()
        .leaf("associationId", &vpc.cidr_association)
        .leaf("cidrBlock", vpc.cidr)
        .child(Element::new("cidrBlockState").leaf("state", "associated"));
    Element::new("vpc")
        .leaf("vpcId", &vpc.id)
        .leaf("ownerId", region.account())
        .leaf("state", state(vpc))
        .leaf("cidrBlock", vpc.cidr)
        .list("cidrBlockAssociationSet", [association])
        .list("ipv6CidrBlockAssociationSet", [])
        .leaf("dhcpOptionsId", &region.dhcp_options)
        .leaf("instanceTenancy", "default")
        .leaf("isDefault", vpc.is_default)
        .child(tags::set(region, &vpc.id))
}

/// CreateVpc
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let block = cidr(params.text("CidrBlock").ok_or_else(|| missing("cidrBlock"))?, "cidrBlock")?;
    if let Some(tenancy) = params.text("InstanceTenancy")
        && tenancy != "default"
    {
        return Err(ApiError::not_simulated(format_args!("the instance tenancy {tenancy}")));
    }
    if params.bool("AmazonProvidedIpv6CidrBlock")? == Some(true) {
        return Err(ApiError::not_simulated("IPv6 blocks of a VPC"));
    }
    let tags = call.tags_for("vpc")?;
    if !(16..=28).contains(&block.prefix_len()) {
        return Err(ApiError::new("InvalidVpc.Range", format!("The CIDR '{block}' is invalid.")));
    }
    if call.region.vpcs.len() >= call.region.options().limits.vpcs {
        return Err(limit("VpcLimitExceeded", "VPCs"));
    }
    let id = call.region.make_vpc(block);
    call.tag(&id, tags);
    let made = call.region.vpcs.get(&id).map(|vpc| item(call.region, vpc));
    Ok(call.answer().child_opt(made))
}

/// DeleteVpc: what AWS made along with it goes with it, anything else blocks it.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("VpcId")?;
    call.vpc(id)?;
    let peered = peering::live(call.region, call.global, id).next().is_some();
    let region = &mut *call.region;
    let blocked = peered
        || region.subnets.values().any(|one| one.vpc == id)
        || region.gateway_of(id).is_some()
        || region.interfaces.values().any(|one| one.vpc == id)
        || region.route_tables.values().any(|one| one.vpc == id && !one.is_main())
        || region.network_acls.values().any(|one| one.vpc == id && !one.is_default)
        || region.security_groups.values().any(|one| one.vpc == id && one.name != "default");
    if blocked {
        return Err(has_dependencies("vpc", id));
    }
    let mut gone = vec![id.to_owned()];
    gone.extend(region.route_tables.values().filter(|one| one.vpc == id).map(|one| one.id.clone()));
    gone.extend(region.network_acls.values().filter(|one| one.vpc == id).map(|one| one.id.clone()));
    for group in region.security_groups.values().filter(|one| one.vpc == id) {
        gone.push(group.id.clone());
        gone.extend(group.rules.iter().map(|rule| rule.id.clone()));
    }
    for one in gone {
        region.vpcs.remove(&one);
        region.route_tables.remove(&one);
        region.network_acls.remove(&one);
        region.security_groups.remove(&one);
        region.forget(&one);
    }
    Ok(call.done())
}

const FILTERS: &[&str] = &[
    "cidr",
    "cidr-block",
    "cidrBlock",
    "cidr-block-association.cidr-block",
    "cidr-block-association.association-id",
    "cidr-block-association.state",
    "dhcp-options-id",
    "dhcpOptionsId",
    "is-default",
    "isDefault",
    "ipv6-cidr-block-association.ipv6-cidr-block",
    "owner-id",
    "state",
    "vpc-id",
];

fn fact(region: &Region, vpc: &Vpc, name: &str) -> Vec<String> {
    match name {
        "cidr" | "cidr-block" | "cidrBlock" | "cidr-block-association.cidr-block" => one(vpc.cidr),
        "cidr-block-association.association-id" => one(&vpc.cidr_association),
        "cidr-block-association.state" => one("associated"),
        "dhcp-options-id" | "dhcpOptionsId" => one(&region.dhcp_options),
        "is-default" | "isDefault" => one(vpc.is_default),
        "owner-id" => one(region.account()),
        "state" => one(state(vpc)),
        "vpc-id" => one(&vpc.id),
        _ => Vec::new(),
    }
}

/// DescribeVpcs
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let choice = Choice { ids: "VpcId", noun: &errors::VPC, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.vpcs.iter(), fact)?;
    let items = page.items.iter().map(|vpc| item(call.region, vpc));
    Ok(call.answer().list("vpcSet", items).leaf_opt("nextToken", page.next.as_ref()))
}

/// ModifyVpcAttribute: one attribute a request, host names only with DNS support.
pub(super) fn modify_attribute(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("VpcId")?;
    let root = call.params.root();
    let support = boolean_attribute(&root, "EnableDnsSupport")?;
    let hostnames = boolean_attribute(&root, "EnableDnsHostnames")?;
    let vpc = call.vpc(id)?;
    match (support, hostnames) {
        (Some(_), Some(_)) => {
            return Err(invalid_combination("Only one attribute can be modified at a time"));
        }
        (None, None) => return Err(missing("Attribute")),
        (_, Some(true)) if !vpc.dns_support => {
            return Err(invalid_value("Can not enable DNS hostnames while DNS support is disabled"));
        }
        (Some(false), _) if vpc.dns_hostnames => {
            return Err(invalid_value("Can not disable DNS support while DNS hostnames are enabled"));
        }
        _ => {}
    }
    if let Some(vpc) = call.region.vpcs.get_mut(id) {
        vpc.dns_support = support.unwrap_or(vpc.dns_support);
        vpc.dns_hostnames = hostnames.unwrap_or(vpc.dns_hostnames);
    }
    Ok(call.done())
}

/// DescribeVpcAttribute
pub(super) fn describe_attribute(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("VpcId")?;
    let attribute = call.params.required("Attribute")?;
    let vpc = call.vpc(id)?;
    let value = match attribute {
        "enableDnsSupport" => vpc.dns_support,
        "enableDnsHostnames" => vpc.dns_hostnames,
        "enableNetworkAddressUsageMetrics" => false,
        other => {
            return Err(invalid_value(format!(
                "Value ({other}) for parameter attribute is invalid. Unknown attribute."
            )));
        }
    };
    Ok(call.answer().leaf("vpcId", id).child(Element::new(attribute).leaf("value", value)))
}
