//! Route tables, their routes and their associations with subnets.

use ipnet::Ipv4Net;

use super::Call;
use super::common::{cidr, maybe, one};
use super::errors::{self, has_dependencies, invalid_combination, invalid_value, limit, missing};
use super::page::{Choice, choose};
use super::{peering, tags};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{
    Duration, Event, Global, Progress, Region, Route, RouteTable, RouteTableAssociation, Target,
};

fn association_state(association: &RouteTableAssociation) -> &'static str {
    match association.state {
        Progress::Pending => "associating",
        Progress::Done => "associated",
    }
}

fn route_state(region: &Region, global: &Global, route: &Route) -> &'static str {
    if region.route_is_active(global, route) { "active" } else { "blackhole" }
}

fn origin(route: &Route) -> &'static str {
    if route.target == Target::Local { "CreateRouteTable" } else { "CreateRoute" }
}

fn gateway_id(route: &Route) -> Option<&str> {
    match &route.target {
        Target::Local => Some("local"),
        Target::InternetGateway(id) => Some(id),
        _ => None,
    }
}

fn nat_id(route: &Route) -> Option<&str> {
    if let Target::NatGateway(id) = &route.target { Some(id) } else { None }
}

fn interface_id(route: &Route) -> Option<&str> {
    if let Target::NetworkInterface(id) = &route.target { Some(id) } else { None }
}

fn peering_id(route: &Route) -> Option<&str> {
    if let Target::Peering(id) = &route.target { Some(id) } else { None }
}

fn instance_id<'r>(region: &'r Region, route: &Route) -> Option<&'r str> {
    let interface = region.interfaces.get(interface_id(route)?)?;
    interface.attachment.as_ref()?.instance.as_deref()
}

fn route_item(region: &Region, global: &Global, route: &Route) -> Element {
    let instance = instance_id(region, route);
    Element::item()
        .leaf("destinationCidrBlock", route.destination)
        .leaf_opt("gatewayId", gateway_id(route))
        .leaf_opt("instanceId", instance)
        .leaf_opt("instanceOwnerId", instance.map(|_| region.account()))
        .leaf_opt("natGatewayId", nat_id(route))
        .leaf_opt("networkInterfaceId", interface_id(route))
        .leaf_opt("vpcPeeringConnectionId", peering_id(route))
        .leaf("state", route_state(region, global, route))
        .leaf("origin", origin(route))
}

fn item(region: &Region, global: &Global, table: &RouteTable) -> Element {
    let associations = table.associations.iter().map(|association| {
        Element::item()
            .leaf("routeTableAssociationId", &association.id)
            .leaf("routeTableId", &table.id)
            .leaf_opt("subnetId", association.subnet.as_ref())
            .leaf("main", association.subnet.is_none())
            .child(Element::new("associationState").leaf("state", association_state(association)))
    });
    Element::new("routeTable")
        .leaf("routeTableId", &table.id)
        .leaf("vpcId", &table.vpc)
        .leaf("ownerId", region.account())
        .list("routeSet", table.routes.iter().map(|route| route_item(region, global, route)))
        .list("associationSet", associations)
        .list("propagatingVgwSet", [])
        .child(tags::set(region, &table.id))
}

/// CreateRouteTable
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let vpc_id = call.params.required("VpcId")?;
    let tags = call.tags_for("route-table")?;
    let vpc = call.vpc(vpc_id)?;
    let block = vpc.cidr;
    let id = match call.repeated()?.and_then(|ids| ids.into_iter().next()) {
        Some(id) if call.region.route_tables.contains_key(&id) => id,
        _ => {
            let siblings = call.region.route_tables.values().filter(|table| table.vpc == vpc_id).count();
            if siblings >= call.region.options().limits.route_tables_per_vpc {
                return Err(limit("RouteTableLimitExceeded", "route tables"));
            }
            let id = call.region.make_route_table(vpc_id, block);
            call.region.hide_for_a_while(&id);
            call.tag(&id, tags);
            call.remember(vec![id.clone()]);
            id
        }
    };
    let made = call.region.route_tables.get(&id).map(|table| item(call.region, call.global, table));
    Ok(call.answer().child_opt(made).leaf_opt("clientToken", call.client_token()))
}

/// DeleteRouteTable: not the main one, not while a subnet uses it.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("RouteTableId")?;
    if !call.route_table(id)?.associations.is_empty() {
        return Err(has_dependencies("routeTable", id));
    }
    call.region.route_tables.remove(id);
    call.region.forget(id);
    Ok(call.done())
}

const FILTERS: &[&str] = &[
    "association.gateway-id",
    "association.main",
    "association.route-table-association-id",
    "association.route-table-id",
    "association.subnet-id",
    "owner-id",
    "route-table-id",
    "route.destination-cidr-block",
    "route.destination-ipv6-cidr-block",
    "route.destination-prefix-list-id",
    "route.egress-only-internet-gateway-id",
    "route.gateway-id",
    "route.instance-id",
    "route.nat-gateway-id",
    "route.transit-gateway-id",
    "route.origin",
    "route.state",
    "route.vpc-peering-connection-id",
    "vpc-id",
];

fn fact(region: &Region, global: &Global, table: &RouteTable, name: &str) -> Vec<String> {
    let routes = |value: &dyn Fn(&Route) -> Option<String>| table.routes.iter().filter_map(value).collect();
    match name {
        "association.main" => one(table.is_main()),
        "association.route-table-association-id" => table.associations.iter().map(|one| one.id.clone()).collect(),
        "association.route-table-id" if !table.associations.is_empty() => one(&table.id),
        "association.subnet-id" => table.associations.iter().filter_map(|one| one.subnet.clone()).collect(),
        "owner-id" => one(region.account()),
        "route-table-id" => one(&table.id),
        "route.destination-cidr-block" => routes(&|route| Some(route.destination.to_string())),
        "route.gateway-id" => routes(&|route| gateway_id(route).map(str::to_owned)),
        "route.instance-id" => routes(&|route| instance_id(region, route).map(str::to_owned)),
        "route.nat-gateway-id" => routes(&|route| nat_id(route).map(str::to_owned)),
        "route.vpc-peering-connection-id" => routes(&|route| peering_id(route).map(str::to_owned)),
        "route.origin" => routes(&|route| Some(origin(route).to_owned())),
        "route.state" => routes(&|route| Some(route_state(region, global, route).to_owned())),
        "vpc-id" => one(&table.vpc),
        _ => maybe(None::<String>),
    }
}

/// DescribeRouteTables
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let choice = Choice { ids: "RouteTableId", noun: &errors::ROUTE_TABLE, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.route_tables.iter(), |region, table, name| {
        fact(region, call.global, table, name)
    })?;
    let items = page.items.iter().map(|table| item(call.region, call.global, table));
    Ok(call.answer().list("routeTableSet", items).leaf_opt("nextToken", page.next.as_ref()))
}

fn destination(call: &Call<'_>) -> Result<Ipv4Net, ApiError> {
    let text = call.params.text("DestinationCidrBlock").ok_or_else(|| missing("destinationCidrBlock"))?;
    cidr(text, "destinationCidrBlock")
}

/// The one target that a request names, checked against the table's VPC.
fn target(call: &Call<'_>, table: &RouteTable) -> Result<Target, ApiError> {
    let params = call.params;
    let named: Vec<(&str, &str)> =
        ["GatewayId", "NatGatewayId", "NetworkInterfaceId", "InstanceId", "VpcPeeringConnectionId"]
            .into_iter()
            .filter_map(|name| params.text(name).map(|id| (name, id)))
            .collect();
    let [(name, id)] = *named.as_slice() else {
        if named.is_empty() {
            // A kind of target that is not simulated (a transit gateway, ...) must not pass as a missing one.
            if let Some(other) = params.unread().into_iter().find(|name| name.ends_with("Id") || name.ends_with("Arn"))
            {
                return Err(ApiError::not_simulated(format_args!("the route target {other}")));
            }
            return Err(missing("gatewayId"));
        }
        return Err(invalid_combination("Only one of the route's targets may be specified"));
    };
    let belongs = |vpc: Option<&str>, what: &str| {
        if vpc == Some(table.vpc.as_str()) {
            Ok(())
        } else {
            Err(invalid_value(format!("route table {} and {what} {id} belong to different networks", table.id)))
        }
    };
    match name {
        "GatewayId" if id == "local" => Ok(Target::Local),
        "GatewayId" => {
            let gateway = call.internet_gateway(id).map_err(|_| {
                ApiError::new("InvalidGatewayID.NotFound", format!("The gateway ID '{id}' does not exist"))
            })?;
            belongs(gateway.vpc.as_deref(), "network gateway")?;
            Ok(Target::InternetGateway(id.to_owned()))
        }
        "NatGatewayId" => {
            let missing =
                || ApiError::new("InvalidNatGatewayID.NotFound", format!("The natGateway ID '{id}' does not exist"));
            let nat = call.region.nat_gateways.get(id).filter(|nat| nat.is_live()).ok_or_else(missing)?;
            belongs(Some(&nat.vpc), "nat gateway")?;
            Ok(Target::NatGateway(id.to_owned()))
        }
        "VpcPeeringConnectionId" => {
            let peering = peering::known(call.region, call.global, id)?;
            if !peering.state(call.region.now()).is_live() {
                return Err(errors::PEERING.not_found(id));
            }
            let ours = peering.joins(call.region.name(), &table.vpc);
            belongs(ours.then_some(table.vpc.as_str()), "peering connection")?;
            Ok(Target::Peering(id.to_owned()))
        }
        "InstanceId" => {
            let instance = call.instance(id)?;
            belongs(Some(&instance.vpc), "instance")?;
            match instance.interfaces.as_slice() {
                [only] => Ok(Target::NetworkInterface(only.clone())),
                _ => Err(ApiError::new(
                    "InvalidInstanceID",
                    format!(
                        "There are multiple interfaces attached to instance '{id}'. Please specify an interface ID for the operation instead."
                    ),
                )),
            }
        }
        _ => {
            let interface = call.interface(id)?;
            belongs(Some(&interface.vpc), "interface")?;
            Ok(Target::NetworkInterface(id.to_owned()))
        }
    }
}

/// CreateRoute
pub(super) fn create_route(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("RouteTableId")?;
    let destination = destination(call)?;
    let table = call.route_table(id)?;
    let target = target(call, table)?;
    if let Some(there) = table.routes.iter().find(|route| route.destination == destination) {
        // AWS takes the repetition of a route that is there as a success, and refuses another target for its destination.
        if there.target == target && target != Target::Local {
            return Ok(call.done());
        }
        return Err(ApiError::new(
            "RouteAlreadyExists",
            format!("The route identified by {destination} already exists."),
        ));
    }
    if target == Target::Local {
        return Err(invalid_value("The gateway ID 'local' can only be the target of the local route"));
    }
    if table.routes.len() >= call.region.options().limits.routes_per_table {
        return Err(limit("RouteLimitExceeded", "routes"));
    }
    if let Some(table) = call.region.route_tables.get_mut(id) {
        table.routes.push(Route { destination, target });
    }
    Ok(call.done())
}

/// ReplaceRoute
pub(super) fn replace_route(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("RouteTableId")?;
    let destination = destination(call)?;
    let table = call.route_table(id)?;
    let target = target(call, table)?;
    let Some(place) = table.routes.iter().position(|route| route.destination == destination) else {
        return Err(invalid_value(format!(
            "There is no route defined for '{destination}' in the route table. Use CreateRoute instead."
        )));
    };
    if let Some(route) = call.region.route_tables.get_mut(id).and_then(|table| table.routes.get_mut(place)) {
        if (route.target == Target::Local) != (target == Target::Local) {
            return Err(ApiError::not_simulated("another target for the local route"));
        }
        route.target = target;
    }
    Ok(call.done())
}

/// DeleteRoute
pub(super) fn delete_route(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("RouteTableId")?;
    let destination = destination(call)?;
    let Some(route) = call.route_table(id)?.routes.iter().find(|route| route.destination == destination) else {
        return Err(ApiError::new(
            "InvalidRoute.NotFound",
            format!("no route with destination-cidr-block {destination} in route table {id}"),
        ));
    };
    if route.target == Target::Local {
        return Err(invalid_value(format!("cannot remove local route {destination} in route table {id}")));
    }
    if let Some(table) = call.region.route_tables.get_mut(id) {
        table.routes.retain(|route| route.destination != destination);
    }
    Ok(call.done())
}

fn associated(call: &mut Call<'_>, table: &str, subnet: Option<String>) -> RouteTableAssociation {
    let association = RouteTableAssociation { id: call.region.id("rtbassoc"), subnet, state: Progress::Pending };
    if let Some(found) = call.region.route_tables.get_mut(table) {
        found.associations.push(association.clone());
    }
    let event = Event::Associated { table: table.to_owned(), association: association.id.clone() };
    call.region.schedule(Duration::ASSOCIATION, event);
    association
}

fn state_element(association: &RouteTableAssociation) -> Element {
    Element::new("associationState").leaf("state", association_state(association))
}

/// AssociateRouteTable
pub(super) fn associate(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("RouteTableId")?;
    let subnet_id = call.params.required("SubnetId")?;
    let table = call.route_table(id)?;
    let subnet = call.subnet(subnet_id)?;
    if table.vpc != subnet.vpc {
        return Err(invalid_value(format!("Route table {id} and subnet {subnet_id} belong to different networks")));
    }
    let uses =
        |table: &RouteTable| table.associations.iter().find(|one| one.subnet.as_deref() == Some(subnet_id)).cloned();
    if let Some(there) = uses(table) {
        return Ok(call.answer().leaf("associationId", &there.id).child(state_element(&there)));
    }
    if call.region.route_tables.values().any(|table| uses(table).is_some()) {
        return Err(ApiError::new(
            "Resource.AlreadyAssociated",
            format!("the specified association for route table {id} conflicts with an existing association"),
        ));
    }
    let association = associated(call, id, Some(subnet_id.to_owned()));
    Ok(call.answer().leaf("associationId", &association.id).child(state_element(&association)))
}

fn find_association(call: &Call<'_>) -> Result<(String, RouteTableAssociation), ApiError> {
    let id = call.params.required("AssociationId")?;
    call.region
        .route_tables
        .values()
        .find_map(|table| table.associations.iter().find(|one| one.id == id).map(|one| (table.id.clone(), one.clone())))
        .ok_or_else(|| errors::ASSOCIATION.not_found(id))
}

fn drop_association(call: &mut Call<'_>, table: &str, association: &str) {
    if let Some(table) = call.region.route_tables.get_mut(table) {
        table.associations.retain(|one| one.id != association);
    }
}

/// ReplaceRouteTableAssociation: also how a VPC gets another main table.
pub(super) fn replace_association(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let new_table = call.params.required("RouteTableId")?;
    let (old_table, old) = find_association(call)?;
    let from = call.route_table(&old_table)?;
    let to = call.route_table(new_table)?;
    if from.vpc != to.vpc {
        return Err(invalid_value(format!("Route tables {old_table} and {new_table} belong to different networks")));
    }
    drop_association(call, &old_table, &old.id);
    let association = associated(call, new_table, old.subnet);
    Ok(call.answer().leaf("newAssociationId", &association.id).child(state_element(&association)))
}

/// DisassociateRouteTable
pub(super) fn disassociate(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let (table, association) = find_association(call)?;
    if association.subnet.is_none() {
        return Err(invalid_value(format!("cannot disassociate the main route table association {}", association.id)));
    }
    drop_association(call, &table, &association.id);
    Ok(call.done())
}
