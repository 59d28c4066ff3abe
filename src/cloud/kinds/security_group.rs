//! Security group.
//!
//! Found by its group name within the course's VPC (the console shows that as its name), or by tag `Name`. Observed beside
//! the declared fields: `ingress` and `egress`, lists of `{rule_id, protocol, from, to, source, description}`, where
//! `source` is a block or a group's id.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, SecurityGroup as Group, SecurityGroupRule as LiveRule};

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Task, Want};
use crate::course::model::{Fields, Key, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, differences_of_fields};
use crate::lab::report::Blocker;
use crate::lab::world::{Desired, Difference, Mend, Observed, Sight, World};
use crate::problem::Problem;

use super::support::{self, Listed, Listing, Match, Seen, done, filter, read_all, send};
use super::{blockers, security_group_rule as rules};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("vpc", FieldType::Ref("vpc"), ("VPC", "VPC")),
    // Immutable on AWS and free text: someone who builds by hand may word it as they like.
    Field::new("description", FieldType::Text, ("설명", "description")).ignored(),
];

/// The kind.
#[derive(Debug)]
pub struct SecurityGroup;

impl Kind for SecurityGroup {
    fn name(&self) -> &'static str {
        "security-group"
    }

    fn title(&self) -> Text {
        Text::new("보안 그룹", "security group")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let Some(vpc) = desired.reference("vpc", "vpc") else { return Vec::new() };
        vec![
            support::ec2_call("CreateSecurityGroup", Effect::Create, desired)
                .arg("GroupName", Arg::text(&desired.key.name))
                .arg("Description", Arg::text(desired.text("description").unwrap_or_default()))
                .arg("VpcId", Arg::id(&vpc))
                .arg("TagSpecifications", support::tags(desired, env, &["security-group"]))
                .gives("GroupId")
                .again_if(&["InvalidVpcID.NotFound"]),
        ]
    }

    /// The declared fields, and inbound rules beyond what the whole course declares for the group.
    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let mut out = differences_of_fields(FIELDS, desired, observed, env);
        let declared: Vec<rules::Permission> = env
            .desired
            .iter()
            .filter(|other| {
                other.key.kind == "security-group-rule"
                    && other.key.role == desired.key.role
                    && other.text("group") == Some(&desired.key.name)
            })
            .map(|rule| rules::Permission::wanted(rule, env.world))
            .collect();
        let ingress = observed.fields.get("ingress").map_or(&[][..], Value::items);
        for rule in ingress {
            let permission = rules::Permission::of_value(rule);
            // A rule that is taken for a declared one (an address that has changed) is told by that one.
            let taken = rule.member("rule_id").and_then(Value::as_text).is_some_and(|id| env.world.by_id(id).is_some());
            if !taken && !declared.contains(&permission) {
                out.push(Difference {
                    key: desired.key.clone(),
                    field: "unexpected rule".to_owned(),
                    wanted: String::new(),
                    found: permission.readable(env.world),
                    mend: Mend::ByHand,
                });
            }
        }
        out
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_call("DeleteSecurityGroup", observed, step)
                .arg("GroupId", Arg::text(&observed.id))
                .done_if(&["InvalidGroup.NotFound"])
                .again_if(&["DependencyViolation"]),
        ]
    }

    fn rank(&self) -> u8 {
        20
    }
}

impl Listed for SecurityGroup {
    const BY_ID: &'static str = "group-id";
    const BY_VPC: Option<&'static str> = Some("vpc-id");

    fn list<'a>(&'a self, clients: &'a Clients, role: Role, filters: Vec<Filter>) -> Listing<'a> {
        Box::pin(async move {
            let request = clients.ec2(role).describe_security_groups().set_filters(Some(filters));
            let groups: Vec<Group> = read_all!(clients, role, "DescribeSecurityGroups", request);
            Ok(groups
                .iter()
                .filter(|group| group.group_name() != Some("default"))
                .map(|group| {
                    Seen::new(group.group_id(), "available", group.tags())
                        .with("vpc", group.vpc_id())
                        .with("name", group.group_name())
                        .with("description", group.description())
                })
                .collect())
        })
    }
}

impl Live for SecurityGroup {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let seen = support::look(self, clients, role, wants).await?;
            let sight = |want: &Want| {
                let vpc = support::vpc_of(want, world);
                let scope = |seen: &Seen| vpc.is_some() && seen.text("vpc") == vpc;
                let natural = |seen: &Seen| {
                    seen.text("name").is_some_and(|name| name.eq_ignore_ascii_case(&want.desired.key.name))
                };
                let by = Match { scope: Some(&scope), natural: Some(&natural) };
                support::pick(clients.region(role), wants, want, &seen, by)
            };
            let mut out: Vec<(Key, Sight)> = wants.iter().map(|want| (want.desired.key.clone(), sight(want))).collect();
            add_rules(clients, role, &mut out).await?;
            Ok(out)
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "CreateSecurityGroup" => {
                    let request = ec2
                        .create_security_group()
                        .group_name(support::text(call, "GroupName")?)
                        .description(support::text(call, "Description")?)
                        .vpc_id(support::text(call, "VpcId")?)
                        .set_tag_specifications(support::tag_specifications(call));
                    Ok(support::gave(send!(call, request).group_id()))
                }
                "DeleteSecurityGroup" => {
                    done!(call, ec2.delete_security_group().group_id(support::text(call, "GroupId")?))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let mut left = support::sweep(self, "security-group", clients, role, vpcs).await?;
            for group in &mut left {
                // A group's own name is what the course calls it by.
                if let Some(name) = group.text("name").map(str::to_owned) {
                    group.key.name = name;
                }
            }
            Ok(left)
        })
    }

    fn blockers<'a>(&'a self, clients: &'a Clients, observed: &'a Observed) -> Task<'a, Result<Vec<Blocker>, Problem>> {
        Box::pin(async move {
            let role = observed.key.role;
            let mut out = blockers::interfaces(clients, role, filter("group-id", [&observed.id])).await?;
            out.extend(blockers::referring_groups(clients, role, &observed.id).await?);
            Ok(out)
        })
    }
}

/// Adds `ingress` and `egress` to every group that was found, with one request for all.
async fn add_rules(clients: &Clients, role: Role, sights: &mut [(Key, Sight)]) -> Result<(), Problem> {
    let ids: Vec<String> = sights
        .iter()
        .filter_map(|(_, sight)| match sight {
            Sight::Found(group) => Some(group.id.clone()),
            _ => None,
        })
        .collect();
    if ids.is_empty() {
        return Ok(());
    }
    let mut by_group: BTreeMap<String, (Vec<Value>, Vec<Value>)> = BTreeMap::new();
    for rule in rules::rules(clients, role, vec![filter("group-id", ids)]).await? {
        let Some(group) = rule.group_id() else { continue };
        let (ingress, egress) = by_group.entry(group.to_owned()).or_default();
        let side = if rule.is_egress().unwrap_or_default() { egress } else { ingress };
        side.push(rule_value(&rule));
    }
    for (_, sight) in sights {
        let Sight::Found(group) = sight else { continue };
        let (ingress, egress) = by_group.remove(&group.id).unwrap_or_default();
        group.fields.insert("ingress".to_owned(), Value::List(ingress));
        group.fields.insert("egress".to_owned(), Value::List(egress));
    }
    Ok(())
}

fn rule_value(rule: &LiveRule) -> Value {
    let permission = rules::Permission::of(rule);
    let mut fields = Fields::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("rule_id", rule.security_group_rule_id().unwrap_or_default().into());
    put("protocol", permission.protocol.into());
    put("from", permission.from.into());
    put("to", permission.to.into());
    put("source", permission.source.into());
    put("description", rule.description().unwrap_or_default().into());
    Value::Map(fields)
}
