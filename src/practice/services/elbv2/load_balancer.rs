//! Load balancers.

use std::collections::{BTreeMap, BTreeSet};

use super::errors::{balancers_not_found, invalid};
use super::page::paginate;
use super::{Call, time};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::Region;
use crate::practice::world::balancing::{LoadBalancer, Node};

/// The hosted zone to which alias records of a region's application load balancers point.
fn hosted_zone(region: &str) -> Result<&'static str, ApiError> {
    match region {
        "ap-northeast-2" => Ok("ZWKZPGTI48KDX"),
        "ap-northeast-1" => Ok("Z14GRHDCWA56QT"),
        other => Err(ApiError::not_simulated(format_args!("load balancers of the region {other}"))),
    }
}

fn item(region: &Region, balancer: &LoadBalancer) -> Result<Element, ApiError> {
    let state = Element::new("State").leaf("Code", if balancer.active { "active" } else { "provisioning" });
    let groups = balancer.groups.iter().map(|id| Element::leaf_of("member", id));
    Ok(Element::new("member")
        .leaf("LoadBalancerArn", &balancer.arn)
        .leaf("DNSName", &balancer.dns_name)
        .leaf("CanonicalHostedZoneId", hosted_zone(region.name())?)
        .leaf("CreatedTime", time(balancer.created))
        .leaf("LoadBalancerName", &balancer.name)
        .leaf("Scheme", scheme(balancer.internet_facing))
        .leaf("VpcId", &balancer.vpc)
        .child(state)
        .leaf("Type", "application")
        .child(zones(&balancer.nodes))
        .members("SecurityGroups", groups)
        .leaf("IpAddressType", "ipv4"))
}

fn scheme(internet_facing: bool) -> &'static str {
    if internet_facing { "internet-facing" } else { "internal" }
}

fn zones(nodes: &[Node]) -> Element {
    let one = |node: &Node| {
        Element::new("member")
            .leaf("ZoneName", &node.zone)
            .leaf("SubnetId", &node.subnet)
            .members("LoadBalancerAddresses", [])
    };
    let mut sorted: Vec<&Node> = nodes.iter().collect();
    sorted.sort_by(|one, other| one.zone.cmp(&other.zone));
    Element::new("AvailabilityZones").children(sorted.into_iter().map(one))
}

/// Letters, digits and single hyphens, at most 32; the same rule for target groups.
pub(super) fn check_name(what: &str, name: &str) -> Result<(), ApiError> {
    if name.len() > 32 {
        return Err(invalid(format!("{what} name '{name}' cannot be longer than '32' characters")));
    }
    if !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') {
        return Err(invalid(format!(
            "{what} name '{name}' can only contain characters that are alphanumeric characters or hyphens(-)"
        )));
    }
    if name.starts_with('-') || name.ends_with('-') {
        return Err(invalid(format!("{what} name '{name}' cannot begin or end with '-'")));
    }
    Ok(())
}

/// CreateLoadBalancer
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    hosted_zone(call.region.name())?;
    let name = params.required("Name")?;
    check_name("Load balancer", name)?;
    if name.starts_with("internal-") {
        return Err(invalid(format!("Load balancer name '{name}' cannot begin with 'internal-'")));
    }
    match params.text("Type").unwrap_or("application") {
        "application" => {}
        other @ ("network" | "gateway") => {
            return Err(ApiError::not_simulated(format_args!("load balancers of type {other}")));
        }
        other => {
            return Err(invalid(format!(
                "Load balancer type '{other}' must be one of 'application, network, gateway'"
            )));
        }
    }
    check_ip_address_type(params.text("IpAddressType").unwrap_or("ipv4"))?;
    let internet_facing = match params.text("Scheme").unwrap_or("internet-facing") {
        "internet-facing" => true,
        "internal" => false,
        other => return Err(ApiError::new("InvalidScheme", format!("The scheme '{other}' is not valid"))),
    };
    let tags = call.tags()?;
    let subnets = call.subnets(internet_facing, &[])?;
    let vpc = subnets.first().map(|subnet| subnet.vpc.clone()).unwrap_or_default();
    let mut groups = call.security_groups(&vpc)?;
    if groups.is_empty() {
        let default = call.region.security_groups.values().find(|group| group.vpc == vpc && group.name == "default");
        groups.extend(default.map(|group| group.id.clone()));
    }
    if let Some(known) = call.region.balancing.balancers.values().find(|one| one.name == name) {
        let same_subnets = known.nodes.iter().map(|node| &node.subnet).collect::<BTreeSet<_>>()
            == subnets.iter().map(|subnet| &subnet.id).collect::<BTreeSet<_>>();
        let same_groups = known.groups.iter().collect::<BTreeSet<_>>() == groups.iter().collect::<BTreeSet<_>>();
        if known.deleted || known.internet_facing != internet_facing || !same_subnets || !same_groups {
            return Err(ApiError::new(
                "DuplicateLoadBalancerName",
                format!("A load balancer with the same name '{name}' exists, but with different settings"),
            ));
        }
        return Ok(call.result().members("LoadBalancers", [item(call.region, known)?]));
    }
    let limit = call.region.options().limits.load_balancers;
    if call.region.balancing.balancers.len() >= limit {
        return Err(ApiError::new("TooManyLoadBalancers", "The maximum number of load balancers has been reached"));
    }
    let arn = format!("{}loadbalancer/app/{name}/{}", call.arn_prefix(), call.region.balancing_id());
    let number = 100_000_000 + call.region.random().below(2_000_000_000);
    let prefix = if internet_facing { "" } else { "internal-" };
    let balancer = LoadBalancer {
        arn: arn.clone(),
        name: name.to_owned(),
        dns_name: format!("{prefix}{name}-{number}.{}.elb.amazonaws.com", call.region.name()),
        internet_facing,
        vpc,
        nodes: Vec::new(),
        groups,
        created: call.region.now(),
        active: false,
        deleted: false,
        attributes: BTreeMap::new(),
        turns: 0,
    };
    call.region.add_balancer(balancer, &subnets);
    call.region.hide_for_a_while(&arn);
    call.tag(&arn, tags);
    let made = call.region.balancing.balancers.get(&arn).map(|one| item(call.region, one)).transpose()?;
    Ok(call.result().members("LoadBalancers", made))
}

fn check_ip_address_type(asked: &str) -> Result<(), ApiError> {
    match asked {
        "ipv4" => Ok(()),
        "dualstack" | "dualstack-without-public-ipv4" => {
            Err(ApiError::not_simulated(format_args!("the IP address type {asked}")))
        }
        other => Err(invalid(format!("IP address type '{other}' must be one of 'ipv4, dualstack'"))),
    }
}

/// DeleteLoadBalancer: with its listeners; one that does not exist is a success.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("LoadBalancerArn")?;
    match call.balancer(arn) {
        Ok(balancer) => {
            if balancer.attributes.get("deletion_protection.enabled").is_some_and(|value| value == "true") {
                return Err(ApiError::new(
                    "OperationNotPermitted",
                    format!("Load balancer '{arn}' cannot be deleted because deletion protection is enabled"),
                ));
            }
            call.region.delete_balancer(arn);
        }
        Err(error) if error.code == "LoadBalancerNotFound" => {}
        Err(error) => return Err(error),
    }
    Ok(call.result())
}

/// DescribeLoadBalancers
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let region: &Region = call.region;
    let (arns, names) = (call.params.list("LoadBalancerArns"), call.params.list("Names"));
    if !arns.is_empty() && !names.is_empty() {
        return Err(invalid("You can specify load balancer names or load balancer ARNs, not both"));
    }
    let known: Vec<&LoadBalancer> =
        region.balancing.balancers.values().filter(|one| !region.is_hidden(&one.arn)).collect();
    for (asked, by_name) in [(&arns, false), (&names, true)] {
        let has = |asked: &str| known.iter().any(|one| asked == if by_name { &one.name } else { &one.arn });
        if let Some(missing) = asked.iter().find(|asked| !has(asked)) {
            return Err(balancers_not_found(missing));
        }
    }
    let wanted = |one: &&LoadBalancer| {
        (arns.is_empty() && names.is_empty()) || arns.contains(&one.arn.as_str()) || names.contains(&one.name.as_str())
    };
    let chosen = known.into_iter().filter(wanted).map(|one| (one.arn.clone(), one)).collect();
    let page = paginate(call, chosen)?;
    let items = page.items.into_iter().map(|one| item(region, one)).collect::<Result<Vec<_>, _>>()?;
    Ok(call.result().members("LoadBalancers", items).leaf_opt("NextMarker", page.next))
}

/// SetSubnets: nodes come in new subnets and go from the others.
pub(super) fn set_subnets(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("LoadBalancerArn")?;
    check_ip_address_type(call.params.text("IpAddressType").unwrap_or("ipv4"))?;
    let balancer = call.balancer(arn)?;
    let own: Vec<String> = balancer.nodes.iter().map(|node| node.subnet.clone()).collect();
    let vpc = balancer.vpc.clone();
    let subnets = call.subnets(balancer.internet_facing, &own)?;
    if let Some(other) = subnets.iter().find(|subnet| subnet.vpc != vpc) {
        return Err(super::errors::configuration(format!(
            "The subnet '{}' is not in the VPC of the load balancer '{vpc}'",
            other.id
        )));
    }
    let kept: Vec<String> = subnets.iter().map(|subnet| subnet.id.clone()).collect();
    call.region.keep_nodes(arn, &kept);
    for subnet in subnets.iter().filter(|subnet| !own.contains(&subnet.id)) {
        call.region.add_node(arn, subnet);
    }
    let zones = zones(&call.balancer(arn)?.nodes);
    Ok(call.result().child(zones).leaf("IpAddressType", "ipv4"))
}

/// SetSecurityGroups
pub(super) fn set_groups(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("LoadBalancerArn")?;
    let vpc = call.balancer(arn)?.vpc.clone();
    let groups = call.security_groups(&vpc)?;
    if groups.is_empty() {
        return Err(invalid("A security group must be specified"));
    }
    let region = &mut *call.region;
    if let Some(balancer) = region.balancing.balancers.get_mut(arn) {
        balancer.groups.clone_from(&groups);
        for node in &balancer.nodes {
            if let Some(interface) = region.interfaces.get_mut(&node.interface) {
                interface.groups.clone_from(&groups);
            }
        }
    }
    let ids = groups.iter().map(|id| Element::leaf_of("member", id));
    Ok(call.result().members("SecurityGroupIds", ids))
}

/// SetIpAddressType
pub(super) fn set_ip_address_type(call: &mut Call<'_>) -> Result<Element, ApiError> {
    call.balancer(call.params.required("LoadBalancerArn")?)?;
    check_ip_address_type(call.params.required("IpAddressType")?)?;
    Ok(call.result().leaf("IpAddressType", "ipv4"))
}
