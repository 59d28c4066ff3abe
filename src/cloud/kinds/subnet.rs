//! Subnet.
//!
//! Found by tag `Name`, else by VPC and CIDR block. `zone` is the whole name of the Availability Zone. Observed beside
//! the declared fields: `vpc`, `acl` (the entries of its network ACL, as `{number, direction, action, protocol, from, to,
//! cidr}`).

use aws_sdk_ec2::types::{Filter, NetworkAcl, NetworkAclEntry};

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Task, Want};
use crate::course::model::{Fields, Key, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, Pace};
use crate::lab::report::Blocker;
use crate::lab::world::{Desired, Difference, Observed, Sight, World};
use crate::problem::Problem;

use super::blockers;
use super::support::{self, Listed, Listing, Match, Seen, done, filter, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("vpc", FieldType::Ref("vpc"), ("VPC", "VPC")),
    Field::new("cidr", FieldType::Cidr, ("IPv4 CIDR", "IPv4 CIDR")),
    Field::new("zone", FieldType::Zone, ("가용 영역", "Availability Zone")),
    Field::new("public_ip_on_launch", FieldType::Bool, ("퍼블릭 IPv4 자동 할당", "auto-assign public IPv4"))
        .optional()
        .in_place(),
];

/// The kind.
#[derive(Debug)]
pub struct Subnet;

impl Subnet {
    fn set_public(desired: &Desired, truth: bool) -> Call {
        support::ec2_call("ModifySubnetAttribute", Effect::Change, desired)
            .arg("SubnetId", Arg::id(&desired.key))
            .arg("MapPublicIpOnLaunch", Arg::map([("Value", Arg::Bool(truth))]))
            .again_if(&["InvalidSubnetID.NotFound"])
    }
}

impl Kind for Subnet {
    fn name(&self) -> &'static str {
        "subnet"
    }

    fn title(&self) -> Text {
        Text::new("서브넷", "subnet")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let Some(vpc) = desired.reference("vpc", "vpc") else { return Vec::new() };
        let create = support::ec2_call("CreateSubnet", Effect::Create, desired)
            .arg("VpcId", Arg::id(&vpc))
            .arg("CidrBlock", Arg::text(desired.text("cidr").unwrap_or_default()))
            .arg("AvailabilityZone", Arg::text(desired.text("zone").unwrap_or_default()))
            .arg("TagSpecifications", support::tags(desired, env, &["subnet"]))
            .gives("Subnet.SubnetId")
            .again_if(&["InvalidVpcID.NotFound"]);
        let public = desired.fields.get("public_ip_on_launch").and_then(Value::as_bool) == Some(true);
        std::iter::once(create).chain(public.then(|| Self::set_public(desired, true))).collect()
    }

    fn change(&self, desired: &Desired, _: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        let wanted = desired.fields.get("public_ip_on_launch").and_then(Value::as_bool);
        match wanted {
            Some(truth) if differences.iter().any(|difference| difference.field == "public_ip_on_launch") => {
                vec![Self::set_public(desired, truth)]
            }
            _ => Vec::new(),
        }
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_call("DeleteSubnet", observed, step)
                .arg("SubnetId", Arg::text(&observed.id))
                .done_if(&["InvalidSubnetID.NotFound"])
                .again_if(&["DependencyViolation"]),
        ]
    }

    fn pace(&self) -> Pace {
        Pace::seconds(2, 1, 60, 2)
    }

    fn rank(&self) -> u8 {
        20
    }
}

impl Listed for Subnet {
    const BY_ID: &'static str = "subnet-id";
    const BY_VPC: Option<&'static str> = Some("vpc-id");

    fn list<'a>(&'a self, clients: &'a Clients, role: Role, filters: Vec<Filter>) -> Listing<'a> {
        Box::pin(async move {
            let request = clients.ec2(role).describe_subnets().set_filters(Some(filters));
            let subnets: Vec<_> = read_all!(clients, role, "DescribeSubnets", request);
            Ok(subnets
                .iter()
                .filter(|subnet| !subnet.default_for_az().unwrap_or_default())
                .map(|subnet| {
                    let state = subnet.state().map_or("", |state| state.as_str());
                    Seen::new(subnet.subnet_id(), state, subnet.tags())
                        .health(support::simple_health(state))
                        .with("vpc", subnet.vpc_id())
                        .with("cidr", subnet.cidr_block())
                        .with("zone", subnet.availability_zone())
                        .with("public_ip_on_launch", subnet.map_public_ip_on_launch())
                })
                .collect())
        })
    }
}

impl Live for Subnet {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let seen = support::look(self, clients, role, wants).await?;
            let mut out: Vec<(Key, Sight)> = wants
                .iter()
                .map(|want| {
                    let vpc = support::vpc_of(want, world);
                    let scope = |seen: &Seen| vpc.is_some() && seen.text("vpc") == vpc;
                    let natural = |seen: &Seen| seen.text("cidr") == want.desired.text("cidr");
                    let by = Match { scope: Some(&scope), natural: Some(&natural) };
                    (want.desired.key.clone(), support::pick(clients.region(role), wants, want, &seen, by))
                })
                .collect();
            add_acls(clients, role, &mut out).await?;
            Ok(out)
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "CreateSubnet" => {
                    let request = ec2
                        .create_subnet()
                        .vpc_id(support::text(call, "VpcId")?)
                        .cidr_block(support::text(call, "CidrBlock")?)
                        .availability_zone(support::text(call, "AvailabilityZone")?)
                        .set_tag_specifications(support::tag_specifications(call));
                    let answer = send!(call, request);
                    Ok(support::gave(answer.subnet().and_then(|subnet| subnet.subnet_id())))
                }
                "ModifySubnetAttribute" => {
                    let request = ec2
                        .modify_subnet_attribute()
                        .subnet_id(support::text(call, "SubnetId")?)
                        .set_map_public_ip_on_launch(support::switch(call, "MapPublicIpOnLaunch"));
                    done!(call, request)
                }
                "DeleteSubnet" => {
                    done!(call, ec2.delete_subnet().subnet_id(support::text(call, "SubnetId")?))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(support::sweep(self, "subnet", clients, role, vpcs))
    }

    fn blockers<'a>(&'a self, clients: &'a Clients, observed: &'a Observed) -> Task<'a, Result<Vec<Blocker>, Problem>> {
        Box::pin(blockers::interfaces(clients, observed.key.role, filter("subnet-id", [&observed.id])))
    }
}

/// Adds `acl` to every subnet that was found, with one request for all.
async fn add_acls(clients: &Clients, role: Role, sights: &mut [(Key, Sight)]) -> Result<(), Problem> {
    let mut vpcs: Vec<String> = sights
        .iter()
        .filter_map(|(_, sight)| match sight {
            Sight::Found(subnet) => subnet.text("vpc").map(str::to_owned),
            _ => None,
        })
        .collect();
    vpcs.sort();
    vpcs.dedup();
    if vpcs.is_empty() {
        return Ok(());
    }
    // By VPC, not by subnet: moto does not match several subnets of which an ACL has only some.
    let request = clients.ec2(role).describe_network_acls().filters(filter("vpc-id", vpcs));
    let acls: Vec<NetworkAcl> = read_all!(clients, role, "DescribeNetworkAcls", request);
    for (_, sight) in sights {
        let Sight::Found(subnet) = sight else { continue };
        let of_subnet = |acl: &&NetworkAcl| {
            acl.associations().iter().any(|association| association.subnet_id() == Some(subnet.id.as_str()))
        };
        if let Some(acl) = acls.iter().find(of_subnet) {
            let entries = acl.entries().iter().filter_map(acl_entry).collect();
            subnet.fields.insert("acl".to_owned(), Value::List(entries));
        }
    }
    Ok(())
}

/// An IPv4 entry of a network ACL. Protocol numbers become words; ports are absent where they do not matter.
fn acl_entry(entry: &NetworkAclEntry) -> Option<Value> {
    let mut fields = Fields::new();
    let mut put = |name: &str, value: Value| fields.insert(name.to_owned(), value);
    put("number", i64::from(entry.rule_number()?).into());
    put("direction", if entry.egress()? { "egress" } else { "ingress" }.into());
    put("action", entry.rule_action()?.as_str().into());
    put("cidr", entry.cidr_block()?.into());
    let protocol = match entry.protocol().unwrap_or("-1") {
        "-1" => "all",
        "6" => "tcp",
        "17" => "udp",
        "1" => "icmp",
        other => other,
    };
    put("protocol", protocol.into());
    if let Some(ports) = entry.port_range() {
        put("from", i64::from(ports.from()?).into());
        put("to", i64::from(ports.to()?).into());
    }
    Some(Value::Map(fields))
}
