//! DB subnet groups.

use std::collections::BTreeSet;

use super::Call;
use super::common::{arn, filters, invalid_value, no_group, page, read_tags, texts};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::Region;
use crate::practice::world::database::SubnetGroup;

/// The group that RDS makes by itself in the default VPC.
const DEFAULT: &str = "default";

pub(super) fn item(region: &Region, group: &SubnetGroup) -> Element {
    let subnets = group.subnets.iter().filter_map(|id| region.subnets.get(id)).map(|subnet| {
        Element::new("Subnet")
            .leaf("SubnetIdentifier", &subnet.id)
            .child(Element::new("SubnetAvailabilityZone").leaf("Name", &subnet.zone))
            .child(Element::new("SubnetOutpost"))
            .leaf("SubnetStatus", "Active")
    });
    Element::new("DBSubnetGroup")
        .leaf("DBSubnetGroupName", &group.name)
        .leaf("DBSubnetGroupDescription", &group.description)
        .leaf("VpcId", &group.vpc)
        .leaf("SubnetGroupStatus", "Complete")
        .list_named("Subnets", subnets)
        .leaf("DBSubnetGroupArn", arn(region, "subgrp", &group.name))
        .members("SupportedNetworkTypes", [Element::leaf_of("member", "IPV4")])
}

/// The subnets of a request, checked: they exist, in one VPC, in two zones at least.
fn checked_subnets(call: &Call<'_>) -> Result<(String, Vec<String>), ApiError> {
    let asked: BTreeSet<&str> = texts(call.params, "SubnetIds", "SubnetIdentifier").into_iter().collect();
    if asked.is_empty() {
        return Err(invalid_value("The parameter SubnetIds must be provided and must not be blank."));
    }
    let region: &Region = call.region;
    let known = |id: &str| region.subnets.get(id).filter(|_| !region.is_hidden(id));
    let unknown: Vec<&str> = asked.iter().copied().filter(|id| known(id).is_none()).collect();
    if !unknown.is_empty() {
        let message = format!("Some input subnets in :[{}] are invalid.", unknown.join(", "));
        return Err(ApiError::new("InvalidSubnet", message));
    }
    let subnets: Vec<_> = asked.iter().filter_map(|id| known(id)).collect();
    let vpcs: BTreeSet<&str> = subnets.iter().map(|subnet| subnet.vpc.as_str()).collect();
    let zones: BTreeSet<&str> = subnets.iter().map(|subnet| subnet.zone.as_str()).collect();
    if vpcs.len() > 1 {
        return Err(ApiError::new(
            "InvalidSubnet",
            format!(
                "The specified subnets are not in the same VPC: {}",
                vpcs.into_iter().collect::<Vec<_>>().join(", ")
            ),
        ));
    }
    if zones.len() < 2 {
        let zones = zones.into_iter().collect::<Vec<_>>().join(", ");
        return Err(ApiError::new(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            format!(
                "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: {zones}. Add subnets to cover \
                 at least 2 AZs."
            ),
        ));
    }
    if subnets.len() > 20 {
        return Err(ApiError::new("DBSubnetQuotaExceededFault", "A DB subnet group can have at most 20 subnets."));
    }
    let vpc = vpcs.into_iter().next().unwrap_or_default().to_owned();
    Ok((vpc, asked.into_iter().map(str::to_owned).collect()))
}

/// CreateDBSubnetGroup
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let asked = call.params.required("DBSubnetGroupName")?;
    let good = asked.len() <= 255 && asked.chars().all(|c| c.is_ascii_alphanumeric() || " ._-".contains(c));
    let name = asked.to_ascii_lowercase();
    if !good || name == DEFAULT {
        return Err(invalid_value(
            "The parameter DBSubnetGroupName is not a valid identifier. It must contain only letters, numbers, periods, underscores, spaces, \
             or hyphens, must have at most 255 characters, and must not be \"Default\".",
        ));
    }
    let description = call.params.required("DBSubnetGroupDescription")?.to_owned();
    let (vpc, subnets) = checked_subnets(call)?;
    let tags = read_tags(call.params)?;
    let groups = &call.region.databases.groups;
    if groups.contains_key(&name) {
        let message = format!("The DB subnet group '{name}' already exists.");
        return Err(ApiError::new("DBSubnetGroupAlreadyExists", message));
    }
    if groups.len() >= call.region.options().limits.db_subnet_groups {
        return Err(ApiError::new(
            "DBSubnetGroupQuotaExceeded",
            "Cannot create more than the allowed DB subnet groups",
        ));
    }
    let group = SubnetGroup { name: name.clone(), description, vpc, subnets };
    let answer = item(call.region, &group);
    call.region.databases.groups.insert(name.clone(), group);
    if !tags.is_empty() {
        let arn = call.arn("subgrp", &name);
        call.region.tags.insert(arn, tags);
    }
    Ok(call.result().child(answer))
}

/// ModifyDBSubnetGroup: a subnet that a database is in stays.
pub(super) fn modify(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let name = call.params.required("DBSubnetGroupName")?.to_ascii_lowercase();
    let group = call.region.databases.groups.get(&name).ok_or_else(|| no_group(&name))?;
    let (vpc, subnets) = checked_subnets(call)?;
    if vpc != group.vpc {
        return Err(ApiError::new("InvalidSubnet", format!("The new subnets are not in the same VPC {}", group.vpc)));
    }
    let in_use = call.region.databases.instances.values().filter(|database| database.group == name).find_map(|one| {
        let interface = call.region.interfaces.get(&one.interface)?;
        (!subnets.contains(&interface.subnet)).then(|| interface.subnet.clone())
    });
    if let Some(subnet) = in_use {
        return Err(ApiError::new("SubnetAlreadyInUse", format!("The subnet {subnet} is currently in use.")));
    }
    let description = call.params.text("DBSubnetGroupDescription").map(str::to_owned);
    let mut group = group.clone();
    group.subnets = subnets;
    group.description = description.unwrap_or(group.description);
    let answer = item(call.region, &group);
    call.region.databases.groups.insert(name, group);
    Ok(call.result().child(answer))
}

/// DeleteDBSubnetGroup
pub(super) fn delete(call: &mut Call<'_>) -> Result<(), ApiError> {
    let name = call.params.required("DBSubnetGroupName")?.to_ascii_lowercase();
    if name == DEFAULT {
        return Err(ApiError::new("InvalidDBSubnetGroupStateFault", "The default DB subnet group cannot be deleted."));
    }
    if !call.region.databases.groups.contains_key(&name) {
        return Err(no_group(&name));
    }
    if let Some(database) = call.region.databases.instances.values().find(|database| database.group == name) {
        let message = format!(
            "Cannot delete the subnet group '{name}' because at least one database instance: {} is still using it.",
            database.identifier
        );
        return Err(ApiError::new("InvalidDBSubnetGroupStateFault", message));
    }
    call.region.databases.groups.remove(&name);
    let arn = call.arn("subgrp", &name);
    call.region.forget(&arn);
    Ok(())
}

/// DescribeDBSubnetGroups
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    filters(call.params, &[])?;
    let groups = &call.region.databases.groups;
    let found: Vec<(String, &SubnetGroup)> = match call.params.text("DBSubnetGroupName") {
        Some(name) => {
            let name = name.to_ascii_lowercase();
            vec![(name.clone(), groups.get(&name).ok_or_else(|| no_group(&name))?)]
        }
        None => groups.iter().map(|(name, group)| (name.clone(), group)).collect(),
    };
    let (items, next) = page(call, found)?;
    let items: Vec<Element> = items.into_iter().map(|group| item(call.region, group)).collect();
    Ok(call.result().list_named("DBSubnetGroups", items).leaf_opt("Marker", next))
}

/// The group of the default VPC, made on first use; none when there is no default VPC.
pub(super) fn default_group(region: &mut Region) -> Option<SubnetGroup> {
    if let Some(group) = region.databases.groups.get(DEFAULT) {
        return Some(group.clone());
    }
    let vpc = region.vpcs.values().find(|vpc| vpc.is_default)?.id.clone();
    let subnets = region.subnets.values().filter(|subnet| subnet.vpc == vpc).map(|subnet| subnet.id.clone()).collect();
    let group = SubnetGroup { name: DEFAULT.to_owned(), description: DEFAULT.to_owned(), vpc, subnets };
    region.databases.groups.insert(DEFAULT.to_owned(), group.clone());
    Some(group)
}
