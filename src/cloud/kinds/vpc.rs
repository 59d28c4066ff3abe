//! VPC.
//!
//! Found by tag `Name`; the default VPC is never taken for the course's. Observed beside the declared fields:
//! `main_route_table`. DNS attributes are looked at only when they are declared.

use aws_sdk_ec2::types::{Filter, VpcAttributeName};
use futures_util::future::try_join_all;

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Task, Want};
use crate::course::model::{Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, Pace};
use crate::lab::report::Blocker;
use crate::lab::world::{Desired, Difference, Observed, Sight, World};
use crate::problem::Problem;

use super::blockers;
use super::support::{self, Listed, Listing, Match, Seen, done, filter, read, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("cidr", FieldType::Cidr, ("IPv4 CIDR", "IPv4 CIDR")),
    Field::new("dns_support", FieldType::Bool, ("DNS 확인", "DNS resolution")).optional().in_place(),
    Field::new("dns_hostnames", FieldType::Bool, ("DNS 호스트 이름", "DNS hostnames")).optional().in_place(),
];

/// Declared field and the member of ModifyVpcAttribute that sets it. One request sets one attribute.
const ATTRIBUTES: [(&str, &str); 2] = [("dns_support", "EnableDnsSupport"), ("dns_hostnames", "EnableDnsHostnames")];

/// The kind.
#[derive(Debug)]
pub struct Vpc;

impl Vpc {
    fn set(desired: &Desired, member: &str, truth: bool) -> Call {
        support::ec2_call("ModifyVpcAttribute", Effect::Change, desired)
            .arg("VpcId", Arg::id(&desired.key))
            .arg(member, Arg::map([("Value", Arg::Bool(truth))]))
            .again_if(&["InvalidVpcID.NotFound"])
    }
}

impl Kind for Vpc {
    fn name(&self) -> &'static str {
        "vpc"
    }

    fn title(&self) -> Text {
        Text::same("VPC")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let create = support::ec2_call("CreateVpc", Effect::Create, desired)
            .arg("CidrBlock", Arg::text(desired.text("cidr").unwrap_or_default()))
            .arg("TagSpecifications", support::tags(desired, env, &["vpc"]))
            .gives("Vpc.VpcId");
        // A VPC that the API makes starts with DNS resolution on and DNS hostnames off.
        let settings = ATTRIBUTES.iter().filter_map(|(field, member)| {
            let truth = desired.fields.get(*field)?.as_bool()?;
            (truth != (*field == "dns_support")).then(|| Self::set(desired, member, truth))
        });
        std::iter::once(create).chain(settings).collect()
    }

    fn change(&self, desired: &Desired, _: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        let wanted = |(field, member): &(&str, &str)| {
            differences.iter().find(|difference| difference.field == *field)?;
            Some(Self::set(desired, member, desired.fields.get(*field)?.as_bool()?))
        };
        ATTRIBUTES.iter().filter_map(wanted).collect()
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_call("DeleteVpc", observed, step)
                .arg("VpcId", Arg::text(&observed.id))
                .done_if(&["InvalidVpcID.NotFound"])
                .again_if(&["DependencyViolation"]),
        ]
    }

    fn pace(&self) -> Pace {
        Pace::seconds(2, 1, 60, 2)
    }

    fn rank(&self) -> u8 {
        10
    }
}

impl Listed for Vpc {
    const BY_ID: &'static str = "vpc-id";
    const BY_VPC: Option<&'static str> = Some("vpc-id");

    fn list<'a>(&'a self, clients: &'a Clients, role: Role, filters: Vec<Filter>) -> Listing<'a> {
        Box::pin(async move {
            let ec2 = clients.ec2(role);
            let vpcs: Vec<_> = read_all!(clients, role, "DescribeVpcs", ec2.describe_vpcs().set_filters(Some(filters)));
            Ok(vpcs
                .iter()
                .filter(|vpc| !vpc.is_default().unwrap_or_default())
                .map(|vpc| {
                    let state = vpc.state().map_or("", |state| state.as_str());
                    Seen::new(vpc.vpc_id(), state, vpc.tags())
                        .health(support::simple_health(state))
                        .with("cidr", vpc.cidr_block())
                })
                .collect())
        })
    }
}

impl Live for Vpc {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let seen = support::look(self, clients, role, wants).await?;
            let mut out = Vec::new();
            for want in wants {
                let mut sight = support::pick(clients.region(role), wants, want, &seen, Match::default());
                if let Sight::Found(vpc) = &mut sight {
                    let declared = ATTRIBUTES.iter().filter(|(field, _)| want.desired.fields.contains_key(*field));
                    let id = vpc.id.clone();
                    let attributes = try_join_all(declared.map(|(field, _)| attribute(clients, role, &id, field)));
                    let (attributes, main) = tokio::try_join!(attributes, main_route_table(clients, role, &id))?;
                    vpc.fields.extend(attributes.into_iter().flatten());
                    vpc.fields.extend(main.map(|main| ("main_route_table".to_owned(), main.into())));
                }
                out.push((want.desired.key.clone(), sight));
            }
            Ok(out)
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "CreateVpc" => {
                    let request = ec2
                        .create_vpc()
                        .cidr_block(support::text(call, "CidrBlock")?)
                        .set_tag_specifications(support::tag_specifications(call));
                    let answer = send!(call, request);
                    Ok(support::gave(answer.vpc().and_then(|vpc| vpc.vpc_id())))
                }
                "ModifyVpcAttribute" => {
                    let request = ec2
                        .modify_vpc_attribute()
                        .vpc_id(support::text(call, "VpcId")?)
                        .set_enable_dns_support(support::switch(call, "EnableDnsSupport"))
                        .set_enable_dns_hostnames(support::switch(call, "EnableDnsHostnames"));
                    done!(call, request)
                }
                "DeleteVpc" => {
                    done!(call, ec2.delete_vpc().vpc_id(support::text(call, "VpcId")?))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn strays<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(support::everything(self, "vpc", clients, role))
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(support::sweep(self, "vpc", clients, role, vpcs))
    }

    fn blockers<'a>(&'a self, clients: &'a Clients, observed: &'a Observed) -> Task<'a, Result<Vec<Blocker>, Problem>> {
        Box::pin(blockers::of_vpc(clients, observed.key.role, &observed.id))
    }
}

/// A DNS attribute as a field; nothing when AWS does not say.
async fn attribute(clients: &Clients, role: Role, vpc: &str, field: &str) -> Result<Option<(String, Value)>, Problem> {
    let name = match field {
        "dns_support" => VpcAttributeName::EnableDnsSupport,
        _ => VpcAttributeName::EnableDnsHostnames,
    };
    let request = clients.ec2(role).describe_vpc_attribute().vpc_id(vpc).attribute(name.clone());
    let answer = read!(clients, role, "DescribeVpcAttribute", request);
    let value = match name {
        VpcAttributeName::EnableDnsSupport => answer.enable_dns_support(),
        _ => answer.enable_dns_hostnames(),
    };
    Ok(value.and_then(|value| value.value()).map(|truth| (field.to_owned(), truth.into())))
}

async fn main_route_table(clients: &Clients, role: Role, vpc: &str) -> Result<Option<String>, Problem> {
    let request = clients
        .ec2(role)
        .describe_route_tables()
        .filters(filter("vpc-id", [vpc]))
        .filters(filter("association.main", ["true"]));
    let tables: Vec<aws_sdk_ec2::types::RouteTable> = read_all!(clients, role, "DescribeRouteTables", request);
    Ok(tables.first().and_then(|table| table.route_table_id()).map(str::to_owned))
}
