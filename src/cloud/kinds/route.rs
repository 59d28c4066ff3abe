//! A route of a route table.
//!
//! AWS gives routes no id: it is `rtb-0a1b 0.0.0.0/0`. Found by table and destination. A route to the wrong target, or to
//! one that is gone (`blackhole`), is mended by ReplaceRoute.

use aws_sdk_ec2::types::Route as LiveRoute;

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::{Key, Role};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, Need, across, readable};
use crate::lab::world::{Desired, Difference, Mend, Observed, Sight, World};

use super::route_table::{self, LOCAL};
use super::support::{self, Seen, done, filter, send};
use super::vpc_peering_connection;

/// The kinds that a route can lead to, with the member of CreateRoute that names one.
const TARGETS: &[(&str, &str)] = &[
    ("internet-gateway", "GatewayId"),
    ("nat-gateway", "NatGatewayId"),
    (vpc_peering_connection::KIND, "VpcPeeringConnectionId"),
];

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("table", FieldType::Ref("route-table"), ("라우팅 테이블", "route table")),
    Field::new("destination", FieldType::Cidr, ("대상", "destination")),
    Field::new(
        "target",
        FieldType::RefOf(&["internet-gateway", "nat-gateway", vpc_peering_connection::KIND]),
        ("타깃", "target"),
    )
    .in_place()
    .across(),
];

/// The kind.
#[derive(Debug)]
pub struct Route;

/// The resource that a route leads to, and the member that names it.
fn target(desired: &Desired, env: &Env<'_>) -> Option<(Key, &'static str)> {
    TARGETS.iter().find_map(|(kind, member)| {
        // Only a peering connection is seen in both regions.
        let key = match *kind {
            vpc_peering_connection::KIND => across(desired, "target", kind, env)?,
            kind => desired.reference("target", kind)?,
        };
        env.desired.iter().any(|other| other.key == key).then_some((key, *member))
    })
}

fn call(operation: &str, effect: Effect, desired: &Desired, env: &Env<'_>) -> Option<Call> {
    let table = desired.reference("table", "route-table")?;
    let (target, member) = target(desired, env)?;
    Some(
        support::ec2_call(operation, effect, desired)
            .arg("RouteTableId", Arg::id(&table))
            .arg("DestinationCidrBlock", Arg::text(desired.text("destination")?))
            .arg(member, Arg::id(&target))
            .again_if(&[
                "InvalidRouteTableID.NotFound",
                "InvalidGatewayID.NotFound",
                "InvalidInternetGatewayID.NotFound",
                "NatGatewayNotFound",
                "InvalidNatGatewayID.NotFound",
                "InvalidVpcPeeringConnectionID.NotFound",
            ]),
    )
}

impl Kind for Route {
    fn name(&self) -> &'static str {
        "route"
    }

    fn title(&self) -> Text {
        Text::new("경로", "route")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    /// An internet gateway must be attached, and a peering connection visible, before a route can lead to it; a NAT gateway
    /// may still be pending.
    fn needs(&self, desired: &Desired, env: &Env<'_>) -> Vec<Need> {
        let table = desired.reference("table", "route-table").map(|key| Need { key, ready: false });
        let target = target(desired, env).map(|(key, _)| Need { ready: key.kind != "nat-gateway", key });
        table.into_iter().chain(target).collect()
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        call("CreateRoute", Effect::Create, desired, env).into_iter().collect()
    }

    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let found = observed.text("target").unwrap_or_default();
        let wanted = target(desired, env).map(|(key, _)| key);
        let live = wanted.as_ref().and_then(|key| env.world.get(key)).map(|observed| observed.id.as_str());
        let difference = |field: &str, wanted: &str, found: String| Difference {
            key: desired.key.clone(),
            field: field.to_owned(),
            wanted: wanted.to_owned(),
            found,
            mend: Mend::InPlace,
        };
        let mut out = Vec::new();
        if live != Some(found) {
            let found = readable(&found.into(), env.world);
            out.push(difference("target", desired.text("target").unwrap_or_default(), found));
        }
        if observed.state != "active" {
            out.push(difference("state", "active", observed.state.clone()));
        }
        out
    }

    fn change(&self, desired: &Desired, _: &Observed, differences: &[Difference], env: &Env<'_>) -> Vec<Call> {
        if differences.is_empty() {
            return Vec::new();
        }
        call("ReplaceRoute", Effect::Change, desired, env).into_iter().collect()
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_call("DeleteRoute", observed, step)
                .arg("RouteTableId", Arg::text(observed.text("table").unwrap_or_default()))
                .arg("DestinationCidrBlock", Arg::text(observed.text("destination").unwrap_or_default()))
                .done_if(&["InvalidRoute.NotFound", "InvalidRouteTableID.NotFound"]),
        ]
    }

    fn rank(&self) -> u8 {
        50
    }
}

fn seen(table: &str, route: &LiveRoute) -> Option<Seen> {
    let destination = route_table::destination_of(route)?;
    let target = route_table::target_of(route).filter(|target| *target != LOCAL)?;
    Some(
        // A blackhole is no failure of the route: it works again once its target does.
        Seen::new(Some(&format!("{table} {destination}")), route_table::state_of(route), &[])
            .with("table", Some(table))
            .with("destination", Some(destination))
            .with("target", Some(target)),
    )
}

impl Live for Route {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let table_of = |want: &Want| support::id_of(want, "table", "route-table", world).map(str::to_owned);
            let mut ids: Vec<String> = wants.iter().filter_map(table_of).collect();
            ids.sort();
            ids.dedup();
            let tables = match ids.is_empty() {
                true => Vec::new(),
                false => route_table::tables(clients, role, vec![filter("route-table-id", ids)]).await?,
            };
            let sight = |want: &Want| {
                let table_id = table_of(want)?;
                let table = tables.iter().find(|table| table.route_table_id() == Some(&table_id))?;
                let wanted = want.desired.text("destination");
                let route = table.routes().iter().find(|route| route_table::destination_of(route) == wanted)?;
                let found = seen(&table_id, route)?.taken_for(&want.desired.key, clients.region(role));
                Some(Sight::Found(Box::new(found)))
            };
            Ok(wants.iter().map(|want| (want.desired.key.clone(), sight(want).unwrap_or(Sight::Absent))).collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            let table = support::text(call, "RouteTableId")?;
            let destination = support::text(call, "DestinationCidrBlock")?;
            let gateway = call.text("GatewayId").map(str::to_owned);
            let nat = call.text("NatGatewayId").map(str::to_owned);
            let peering = call.text("VpcPeeringConnectionId").map(str::to_owned);
            let sent = support::gave(Some(&format!("{table} {destination}")));
            match call.0.operation.as_str() {
                "CreateRoute" => {
                    let request = ec2
                        .create_route()
                        .route_table_id(table)
                        .destination_cidr_block(destination)
                        .set_gateway_id(gateway)
                        .set_nat_gateway_id(nat)
                        .set_vpc_peering_connection_id(peering);
                    send!(call, request);
                    Ok(sent)
                }
                "ReplaceRoute" => {
                    let request = ec2
                        .replace_route()
                        .route_table_id(table)
                        .destination_cidr_block(destination)
                        .set_gateway_id(gateway)
                        .set_nat_gateway_id(nat)
                        .set_vpc_peering_connection_id(peering);
                    send!(call, request);
                    Ok(sent)
                }
                "DeleteRoute" => {
                    done!(call, ec2.delete_route().route_table_id(table).destination_cidr_block(destination))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let region = clients.region(role);
            let mut out = Vec::new();
            for table in route_table::swept(clients, role, vpcs).await? {
                let Some(id) = table.route_table_id().filter(|_| !route_table::is_main(&table)) else { continue };
                let tags = support::tag_map(table.tags());
                let called = tags.get("Name").map_or(id, String::as_str);
                for mut seen in table.routes().iter().filter_map(|route| seen(id, route)) {
                    // It has no tags of its own; it is ours when its table is.
                    seen.tags.clone_from(&tags);
                    let destination = seen.text("destination").unwrap_or_default();
                    // A prefix list's route goes with its endpoint.
                    if !destination.starts_with("pl-") {
                        let key = Key { kind: "route".into(), name: format!("{called} {destination}"), role };
                        out.push(seen.taken_for(&key, region));
                    }
                }
            }
            Ok(out)
        })
    }
}
