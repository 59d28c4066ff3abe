//! The association of a subnet with a route table.
//!
//! A subnet has at most one: it is found by the subnet, whatever table it leads to. One with the wrong table is moved by
//! ReplaceRouteTableAssociation, which gives a new id.

use aws_sdk_ec2::types::{RouteTable as Table, RouteTableAssociation as LiveAssociation};

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::{Key, Role};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, Pace};
use crate::lab::world::{Desired, Difference, Observed, Sight, World};

use super::route_table;
use super::support::{self, Seen, done, filter, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("table", FieldType::Ref("route-table"), ("라우팅 테이블", "route table")).in_place(),
    Field::new("subnet", FieldType::Ref("subnet"), ("서브넷", "subnet")),
];

/// The kind.
#[derive(Debug)]
pub struct RouteTableAssociation;

impl Kind for RouteTableAssociation {
    fn name(&self) -> &'static str {
        "route-table-association"
    }

    fn title(&self) -> Text {
        Text::new("라우팅 테이블 연결", "route table association")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, _: &Env<'_>) -> Vec<Call> {
        let (Some(table), Some(subnet)) =
            (desired.reference("table", "route-table"), desired.reference("subnet", "subnet"))
        else {
            return Vec::new();
        };
        vec![
            support::ec2_call("AssociateRouteTable", Effect::Create, desired)
                .arg("RouteTableId", Arg::id(&table))
                .arg("SubnetId", Arg::id(&subnet))
                .gives("AssociationId")
                .again_if(&["InvalidRouteTableID.NotFound", "InvalidSubnetID.NotFound"]),
        ]
    }

    fn change(&self, desired: &Desired, observed: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        match desired.reference("table", "route-table") {
            Some(table) if differences.iter().any(|difference| difference.field == "table") => vec![
                support::ec2_call("ReplaceRouteTableAssociation", Effect::Change, desired)
                    .arg("AssociationId", Arg::text(&observed.id))
                    .arg("RouteTableId", Arg::id(&table))
                    .gives("NewAssociationId")
                    .again_if(&["InvalidRouteTableID.NotFound"]),
            ],
            _ => Vec::new(),
        }
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_call("DisassociateRouteTable", observed, step)
                .arg("AssociationId", Arg::text(&observed.id))
                .done_if(&["InvalidAssociationID.NotFound"]),
        ]
    }

    fn pace(&self) -> Pace {
        Pace::seconds(2, 1, 60, 1)
    }

    fn rank(&self) -> u8 {
        50
    }
}

fn seen(table: &Table, association: &LiveAssociation) -> Option<Seen> {
    let state = association.association_state().and_then(|state| state.state()).map_or("associated", |s| s.as_str());
    if state == "disassociated" {
        return None;
    }
    Some(
        Seen::new(association.route_table_association_id(), state, &[])
            .health(support::simple_health(state))
            .with("table", association.route_table_id().or(table.route_table_id()))
            .with("subnet", Some(association.subnet_id()?)),
    )
}

/// The VPC of the subnet that an association is for.
fn vpc_of_subnet<'a>(want: &Want, world: &'a World) -> Option<&'a str> {
    world.get(&want.desired.reference("subnet", "subnet")?)?.text("vpc")
}

fn all(tables: &[Table]) -> impl Iterator<Item = Seen> {
    tables.iter().flat_map(|table| table.associations().iter().filter_map(|association| seen(table, association)))
}

impl Live for RouteTableAssociation {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let subnet_of = |want: &Want| support::id_of(want, "subnet", "subnet", world).map(str::to_owned);
            // By VPC, not by subnet: moto does not match several subnets of which a table has only some.
            let mut vpcs: Vec<&str> = wants.iter().filter_map(|want| vpc_of_subnet(want, world)).collect();
            vpcs.sort_unstable();
            vpcs.dedup();
            let tables = match vpcs.is_empty() {
                true => Vec::new(),
                false => route_table::tables(clients, role, vec![filter("vpc-id", vpcs)]).await?,
            };
            let seen: Vec<Seen> = all(&tables).collect();
            let sight = |want: &Want| {
                let subnet = subnet_of(want)?;
                let found = seen.iter().find(|seen| seen.text("subnet") == Some(&subnet))?;
                Some(Sight::Found(Box::new(found.taken_for(&want.desired.key, clients.region(role)))))
            };
            Ok(wants.iter().map(|want| (want.desired.key.clone(), sight(want).unwrap_or(Sight::Absent))).collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "AssociateRouteTable" => {
                    let request = ec2
                        .associate_route_table()
                        .route_table_id(support::text(call, "RouteTableId")?)
                        .subnet_id(support::text(call, "SubnetId")?);
                    Ok(support::gave(send!(call, request).association_id()))
                }
                "ReplaceRouteTableAssociation" => {
                    let request = ec2
                        .replace_route_table_association()
                        .association_id(support::text(call, "AssociationId")?)
                        .route_table_id(support::text(call, "RouteTableId")?);
                    Ok(support::gave(send!(call, request).new_association_id()))
                }
                "DisassociateRouteTable" => {
                    let association = support::text(call, "AssociationId")?;
                    done!(call, ec2.disassociate_route_table().association_id(association))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let region = clients.region(role);
            let mut left = Vec::new();
            for table in route_table::swept(clients, role, vpcs).await? {
                let tags = support::tag_map(table.tags());
                let called = tags.get("Name").map(String::as_str).or(table.route_table_id()).unwrap_or_default();
                for mut seen in all(std::slice::from_ref(&table)) {
                    let name = format!("{called} {}", seen.text("subnet").unwrap_or_default());
                    let key = Key { kind: "route-table-association".into(), name, role };
                    // It has no tags of its own; it is ours when its table is.
                    seen.tags.clone_from(&tags);
                    left.push(seen.taken_for(&key, region));
                }
            }
            Ok(left)
        })
    }
}
