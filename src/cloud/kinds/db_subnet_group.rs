//! DB subnet group: the subnets that RDS may put a database into.
//!
//! Found by its name, which is its id. Observed beside the declared fields: `vpc`, `arn`.

use aws_sdk_rds::types::{DbSubnetGroup as Group, Tag};

use crate::cloud::errors::{self, Asked};
use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::{Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::kind::{Env, Kind};
use crate::lab::world::{Desired, Difference, Health, Observed, Sight, World};
use crate::problem::{Problem, ProblemKind};

use super::support::{self, Seen, done, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("subnets", FieldType::Refs("subnet"), ("서브넷", "subnets")).when_ready().in_place(),
    Field::new("description", FieldType::Text, ("설명", "description")).ignored(),
];

/// The kind.
#[derive(Debug)]
pub struct DbSubnetGroup;

/// The tags of a request to RDS.
pub(super) fn tags(call: &BoundCall) -> Option<Vec<Tag>> {
    let tag = |arg: &Arg| {
        Tag::builder().set_key(support::member_text(arg, "Key")).set_value(support::member_text(arg, "Value")).build()
    };
    Some(support::structs(call, "Tags").iter().map(tag).collect())
}

/// RDS's tags by key.
pub(super) fn tag_map(tags: &[Tag]) -> std::collections::BTreeMap<String, String> {
    tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))).collect()
}

impl Kind for DbSubnetGroup {
    fn name(&self) -> &'static str {
        "db-subnet-group"
    }

    fn title(&self) -> Text {
        Text::new("DB 서브넷 그룹", "DB subnet group")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        vec![
            support::call(Service::Rds, "CreateDBSubnetGroup", Effect::Create, desired)
                .arg("DBSubnetGroupName", Arg::text(&desired.key.name))
                .arg("DBSubnetGroupDescription", Arg::text(desired.text("description").unwrap_or_default()))
                .arg("SubnetIds", Arg::List(support::ids(desired, "subnets", "subnet")))
                .arg("Tags", support::tag_list(desired, env))
                .gives("DBSubnetGroup.DBSubnetGroupName")
                .again_if(&["InvalidSubnet"]),
        ]
    }

    fn change(&self, desired: &Desired, _: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        if differences.iter().all(|difference| difference.field != "subnets") {
            return Vec::new();
        }
        vec![
            support::call(Service::Rds, "ModifyDBSubnetGroup", Effect::Change, desired)
                .arg("DBSubnetGroupName", Arg::id(&desired.key))
                .arg("SubnetIds", Arg::List(support::ids(desired, "subnets", "subnet"))),
        ]
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_by(Service::Rds, "DeleteDBSubnetGroup", observed, step)
                .arg("DBSubnetGroupName", Arg::text(&observed.id))
                .done_if(&["DBSubnetGroupNotFoundFault"])
                .again_if(&["InvalidDBSubnetGroupStateFault"]),
        ]
    }

    fn rank(&self) -> u8 {
        30
    }
}

fn seen(group: &Group) -> Seen {
    let subnets = group.subnets().iter().filter_map(|one| one.subnet_identifier()).map(Value::from).collect();
    let status = group.subnet_group_status().unwrap_or("Complete");
    Seen::other(group.db_subnet_group_name(), status, std::collections::BTreeMap::new())
        .health(if status == "Complete" { Health::Ready } else { Health::Failed })
        .with("vpc", group.vpc_id())
        .with("arn", group.db_subnet_group_arn())
        .with("subnets", Some(Value::List(subnets)))
}

/// Adds the tags, which RDS tells apart from the group.
async fn add_tags(clients: &Clients, role: Role, seen: &mut Seen) -> Result<(), Problem> {
    let Some(arn) = seen.text("arn").map(str::to_owned) else { return Ok(()) };
    match clients.rds(role).list_tags_for_resource().resource_name(arn).send().await {
        Ok(answer) => seen.tags = tag_map(answer.tag_list()),
        Err(error) => {
            let asked = Asked { service: "rds", operation: "ListTagsForResource", region: clients.region(role) };
            let problem = errors::problem(asked, &error);
            if problem.kind != ProblemKind::NotFound {
                return Err(problem);
            }
        }
    }
    Ok(())
}

async fn list(clients: &Clients, role: Role) -> Result<Vec<Seen>, Problem> {
    let request = clients.rds(role).describe_db_subnet_groups();
    let groups: Vec<Group> = read_all!("rds", clients, role, "DescribeDBSubnetGroups", request);
    Ok(groups.iter().map(seen).collect())
}

impl Live for DbSubnetGroup {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let all = list(clients, role).await?;
            let mut out = Vec::new();
            for want in wants {
                let key = &want.desired.key;
                // The name is unique in a region, and RDS keeps it in lower case.
                let found = all.iter().find(|seen| seen.id.eq_ignore_ascii_case(&key.name)).cloned();
                let sight = match found {
                    Some(mut seen) => {
                        add_tags(clients, role, &mut seen).await?;
                        Sight::Found(Box::new(seen.taken_for(key, clients.region(role))))
                    }
                    None => Sight::Absent,
                };
                out.push((key.clone(), sight));
            }
            Ok(out)
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let rds = clients.rds(support::role_of(clients, call)?);
            let name = support::text(call, "DBSubnetGroupName")?;
            match call.0.operation.as_str() {
                "CreateDBSubnetGroup" => {
                    let request = rds
                        .create_db_subnet_group()
                        .db_subnet_group_name(name)
                        .db_subnet_group_description(support::text(call, "DBSubnetGroupDescription")?)
                        .set_subnet_ids(Some(support::texts(call, "SubnetIds")))
                        .set_tags(tags(call));
                    let answer = send!(aws_sdk_rds, call, request);
                    Ok(support::gave(answer.db_subnet_group().and_then(|group| group.db_subnet_group_name())))
                }
                "ModifyDBSubnetGroup" => {
                    let request = rds
                        .modify_db_subnet_group()
                        .db_subnet_group_name(name)
                        .set_subnet_ids(Some(support::texts(call, "SubnetIds")));
                    done!(aws_sdk_rds, call, request)
                }
                "DeleteDBSubnetGroup" => {
                    done!(aws_sdk_rds, call, rds.delete_db_subnet_group().db_subnet_group_name(name))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let mut all = list(clients, role).await?;
            let mut out = Vec::new();
            for seen in &mut all {
                add_tags(clients, role, seen).await?;
                if seen.is_ours() || seen.text("vpc").is_some_and(|vpc| vpcs.iter().any(|own| own == vpc)) {
                    out.push(seen.left_over("db-subnet-group", role, clients.region(role)));
                }
            }
            Ok(out)
        })
    }
}
