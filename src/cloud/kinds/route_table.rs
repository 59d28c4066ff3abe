//! Route table.
//!
//! Found by tag `Name` within the course's VPC. A VPC's main table is never taken: it cannot be deleted, and every
//! subnet without an association follows it. Observed beside the declared fields: `routes` (`{destination, target,
//! state}`), `associations` (`{id, subnet, main}`).

use aws_sdk_ec2::types::{Filter, Route, RouteTable as Table};

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Task, Want};
use crate::course::model::{Fields, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, differences_of_fields, readable};
use crate::lab::report::Blocker;
use crate::lab::world::{Desired, Difference, Mend, Observed, World};
use crate::problem::Problem;

use super::blockers;
use super::support::{self, Listed, Listing, Match, PROJECT, Seen, done, filter, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[Field::new("vpc", FieldType::Ref("vpc"), ("VPC", "VPC"))];

/// The target of the route that every table has.
pub const LOCAL: &str = "local";

/// The kind.
#[derive(Debug)]
pub struct RouteTable;

impl Kind for RouteTable {
    fn name(&self) -> &'static str {
        "route-table"
    }

    fn title(&self) -> Text {
        Text::new("라우팅 테이블", "route table")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let Some(vpc) = desired.reference("vpc", "vpc") else { return Vec::new() };
        vec![
            support::ec2_call("CreateRouteTable", Effect::Create, desired)
                .arg("VpcId", Arg::id(&vpc))
                .arg("TagSpecifications", support::tags(desired, env, &["route-table"]))
                .gives("RouteTable.RouteTableId")
                .again_if(&["InvalidVpcID.NotFound"]),
        ]
    }

    /// The declared fields, and routes and associations beyond what the whole course declares.
    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let mut out = differences_of_fields(FIELDS, desired, observed, env);
        let mut beyond = |field: &str, found: String| {
            out.push(Difference {
                key: desired.key.clone(),
                field: field.to_owned(),
                wanted: String::new(),
                found,
                mend: Mend::ByHand,
            });
        };
        let declared = |kind: &str, field: &str, value: &str| {
            env.desired.iter().any(|other| {
                other.key.kind == kind
                    && other.key.role == desired.key.role
                    && (kind != "route" || other.text("table") == Some(&desired.key.name))
                    && other.text(field) == Some(value)
            })
        };
        for route in list(observed, "routes") {
            let text = |name: &str| route.member(name).and_then(Value::as_text).unwrap_or_default();
            // A gateway endpoint's route goes to a prefix list and belongs to the endpoint.
            let given = text("target") == LOCAL || text("destination").starts_with("pl-");
            if !given && !declared("route", "destination", text("destination")) {
                let target = readable(&text("target").into(), env.world);
                beyond("unexpected route", format!("{} → {target}", text("destination")));
            }
        }
        for association in list(observed, "associations") {
            let Some(subnet) = association.member("subnet").and_then(Value::as_text) else { continue };
            // A declared subnet at the wrong table is told, and mended, by its own association.
            if !declared("route-table-association", "subnet", env.world.name_of(subnet)) {
                beyond("unexpected association", readable(&subnet.into(), env.world));
            }
        }
        out
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_call("DeleteRouteTable", observed, step)
                .arg("RouteTableId", Arg::text(&observed.id))
                .done_if(&["InvalidRouteTableID.NotFound"])
                .again_if(&["DependencyViolation"]),
        ]
    }

    fn rank(&self) -> u8 {
        20
    }
}

/// The items of an observed list.
fn list<'a>(observed: &'a Observed, field: &str) -> &'a [Value] {
    observed.fields.get(field).map_or(&[], Value::items)
}

/// Whether a table is its VPC's main one.
pub fn is_main(table: &Table) -> bool {
    table.associations().iter().any(|association| association.main().unwrap_or_default())
}

/// Where a route leads: the id of its target, or `local`.
pub fn target_of(route: &Route) -> Option<&str> {
    route
        .gateway_id()
        .or(route.nat_gateway_id())
        .or(route.vpc_peering_connection_id())
        .or(route.transit_gateway_id())
        .or(route.network_interface_id())
        .or(route.instance_id())
        .filter(|id| !id.is_empty())
}

/// What a route matches: a block or a prefix list.
pub fn destination_of(route: &Route) -> Option<&str> {
    route.destination_cidr_block().or(route.destination_prefix_list_id()).or(route.destination_ipv6_cidr_block())
}

/// A route's state; an answer without one means that it works.
pub fn state_of(route: &Route) -> &str {
    route.state().map_or("active", |state| state.as_str())
}

/// All tables that pass the filters, main ones too.
pub async fn tables(clients: &Clients, role: Role, filters: Vec<Filter>) -> Result<Vec<Table>, Problem> {
    let request = clients.ec2(role).describe_route_tables().set_filters(Some(filters));
    Ok(read_all!(clients, role, "DescribeRouteTables", request))
}

/// The tables that carry awslab's tag or are in these VPCs, main ones too; for the sweeps of what is in tables.
pub async fn swept(clients: &Clients, role: Role, vpcs: &[String]) -> Result<Vec<Table>, Problem> {
    let mut found = tables(clients, role, vec![filter("tag:Project", [PROJECT])]).await?;
    if !vpcs.is_empty() {
        for table in tables(clients, role, vec![filter("vpc-id", vpcs)]).await? {
            if found.iter().all(|known| known.route_table_id() != table.route_table_id()) {
                found.push(table);
            }
        }
    }
    Ok(found)
}

fn route_value(route: &Route) -> Option<Value> {
    let fields = [
        ("destination", Value::from(destination_of(route)?)),
        ("target", target_of(route).unwrap_or_default().into()),
        ("state", state_of(route).into()),
    ];
    Some(Value::Map(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect::<Fields>()))
}

fn seen(table: &Table) -> Seen {
    let associations = table.associations().iter().filter_map(|association| {
        let mut fields = Fields::new();
        fields.insert("id".to_owned(), association.route_table_association_id()?.into());
        fields.insert("main".to_owned(), association.main().unwrap_or_default().into());
        if let Some(subnet) = association.subnet_id() {
            fields.insert("subnet".to_owned(), subnet.into());
        }
        Some(Value::Map(fields))
    });
    let mut seen = Seen::new(table.route_table_id(), "available", table.tags()).with("vpc", table.vpc_id());
    seen.fields.insert("associations".to_owned(), Value::List(associations.collect()));
    seen.fields.insert("routes".to_owned(), Value::List(table.routes().iter().filter_map(route_value).collect()));
    seen
}

impl Listed for RouteTable {
    const BY_ID: &'static str = "route-table-id";
    const BY_VPC: Option<&'static str> = Some("vpc-id");

    fn list<'a>(&'a self, clients: &'a Clients, role: Role, filters: Vec<Filter>) -> Listing<'a> {
        Box::pin(async move {
            let tables = tables(clients, role, filters).await?;
            Ok(tables.iter().filter(|table| !is_main(table)).map(seen).collect())
        })
    }
}

impl Live for RouteTable {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let seen = support::look(self, clients, role, wants).await?;
            Ok(wants
                .iter()
                .map(|want| {
                    let vpc = support::vpc_of(want, world);
                    let scope = |seen: &Seen| vpc.is_some() && seen.text("vpc") == vpc;
                    let by = Match { scope: Some(&scope), natural: None };
                    (want.desired.key.clone(), support::pick(clients.region(role), wants, want, &seen, by))
                })
                .collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "CreateRouteTable" => {
                    let request = ec2
                        .create_route_table()
                        .vpc_id(support::text(call, "VpcId")?)
                        .client_token(token)
                        .set_tag_specifications(support::tag_specifications(call));
                    let answer = send!(call, request);
                    Ok(support::gave(answer.route_table().and_then(|table| table.route_table_id())))
                }
                "DeleteRouteTable" => {
                    done!(call, ec2.delete_route_table().route_table_id(support::text(call, "RouteTableId")?))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(support::sweep(self, "route-table", clients, role, vpcs))
    }

    fn blockers<'a>(&'a self, clients: &'a Clients, observed: &'a Observed) -> Task<'a, Result<Vec<Blocker>, Problem>> {
        Box::pin(blockers::of_table(clients, observed.key.role, &observed.id))
    }
}
