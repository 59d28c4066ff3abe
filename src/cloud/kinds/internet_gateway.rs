//! Internet gateway.
//!
//! Found by tag `Name`, else as the one attached to the course's VPC. `vpc` is the VPC it is attached to; absent when it
//! is detached, which `run` mends.

use aws_sdk_ec2::types::Filter;

use crate::cloud::{Answered, CallError, Clients, Live, Sent, Sights, Swept, Task, Want};
use crate::course::model::{Key, Role};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, Pace};
use crate::lab::report::Blocker;
use crate::lab::world::{Desired, Difference, Health, Observed, World};
use crate::problem::Problem;

use super::blockers;
use super::support::{self, Listed, Listing, Match, Seen, done, filter, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[Field::new("vpc", FieldType::Ref("vpc"), ("연결된 VPC", "attached VPC")).in_place()];

/// The kind.
#[derive(Debug)]
pub struct InternetGateway;

impl InternetGateway {
    fn attach(desired: &Desired, vpc: &Key) -> Call {
        support::ec2_call("AttachInternetGateway", Effect::Change, desired)
            .arg("InternetGatewayId", Arg::id(&desired.key))
            .arg("VpcId", Arg::id(vpc))
            .again_if(&["InvalidInternetGatewayID.NotFound", "InvalidVpcID.NotFound"])
    }

    fn detach(call: Call, gateway: Arg, vpc: &str) -> Call {
        // AWS answers DependencyViolation while the VPC has a mapped public address.
        call.arg("InternetGatewayId", gateway)
            .arg("VpcId", Arg::text(vpc))
            .done_if(&["Gateway.NotAttached", "InvalidInternetGatewayID.NotFound"])
            .again_if(&["DependencyViolation"])
    }
}

impl Kind for InternetGateway {
    fn name(&self) -> &'static str {
        "internet-gateway"
    }

    fn title(&self) -> Text {
        Text::new("인터넷 게이트웨이", "internet gateway")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let Some(vpc) = desired.reference("vpc", "vpc") else { return Vec::new() };
        let create = support::ec2_call("CreateInternetGateway", Effect::Create, desired)
            .arg("TagSpecifications", support::tags(desired, env, &["internet-gateway"]))
            .gives("InternetGateway.InternetGatewayId");
        vec![create, Self::attach(desired, &vpc)]
    }

    fn change(&self, desired: &Desired, observed: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        let Some(vpc) = desired.reference("vpc", "vpc") else { return Vec::new() };
        if differences.iter().all(|difference| difference.field != "vpc") {
            return Vec::new();
        }
        let detach = observed.text("vpc").map(|other| {
            let call = support::ec2_call("DetachInternetGateway", Effect::Change, desired);
            Self::detach(call, Arg::id(&desired.key), other)
        });
        detach.into_iter().chain([Self::attach(desired, &vpc)]).collect()
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        let detach = observed.text("vpc").map(|vpc| {
            let call = support::delete_call("DetachInternetGateway", observed, step);
            Self::detach(call, Arg::text(&observed.id), vpc)
        });
        let delete = support::delete_call("DeleteInternetGateway", observed, step)
            .arg("InternetGatewayId", Arg::text(&observed.id))
            .done_if(&["InvalidInternetGatewayID.NotFound"])
            .again_if(&["DependencyViolation"]);
        detach.into_iter().chain([delete]).collect()
    }

    /// Every public address of its VPC: NAT gateways, load balancers, associated Elastic IPs, instances with an address of their own.
    fn delete_after(&self, observed: &Observed, live: &[&Observed]) -> Vec<Key> {
        let Some(vpc) = observed.text("vpc") else { return Vec::new() };
        let in_vpc = |id: Option<&str>| {
            id.is_some_and(|id| live.iter().any(|other| other.id == id && other.text("vpc") == Some(vpc)))
        };
        live.iter()
            .filter(|other| match other.key.kind.as_str() {
                "nat-gateway" | "load-balancer" => other.text("vpc") == Some(vpc),
                "instance" => other.text("vpc") == Some(vpc) && other.text("public_ip").is_some(),
                "elastic-ip-association" => in_vpc(other.text("instance")),
                _ => false,
            })
            .map(|other| other.key.clone())
            .collect()
    }

    fn pace(&self) -> Pace {
        Pace::seconds(1, 1, 60, 1)
    }

    fn rank(&self) -> u8 {
        20
    }
}

impl Listed for InternetGateway {
    const BY_ID: &'static str = "internet-gateway-id";
    const BY_VPC: Option<&'static str> = Some("attachment.vpc-id");

    fn list<'a>(&'a self, clients: &'a Clients, role: Role, filters: Vec<Filter>) -> Listing<'a> {
        Box::pin(async move {
            let request = clients.ec2(role).describe_internet_gateways().set_filters(Some(filters));
            let gateways: Vec<aws_sdk_ec2::types::InternetGateway> =
                read_all!(clients, role, "DescribeInternetGateways", request);
            Ok(gateways.iter().map(seen).collect())
        })
    }
}

/// Attaches a gateway. A request that is repeated because the answer to the first was lost finds it attached already: that
/// is success, unless it is another gateway or another VPC that AWS means.
async fn attach(clients: &Clients, call: &BoundCall) -> Result<Sent, CallError> {
    let (gateway, vpc) = (support::text(call, "InternetGatewayId")?, support::text(call, "VpcId")?);
    let ec2 = support::ec2_of(clients, call)?;
    let request = ec2.attach_internet_gateway().internet_gateway_id(&gateway).vpc_id(&vpc);
    let refused: Result<(), CallError> = async {
        send!(call, request);
        Ok(())
    }
    .await;
    match refused {
        Ok(()) => Ok(Sent::default()),
        Err(error) if error.code == "Resource.AlreadyAssociated" => {
            let role = clients.role(&call.0.region).unwrap_or_default();
            let found = InternetGateway.list(clients, role, vec![filter("internet-gateway-id", [&gateway])]).await;
            match found {
                Ok(found) if found.iter().any(|seen| seen.text("vpc") == Some(&vpc)) => Ok(Sent::default()),
                Ok(_) => Err(error),
                // Nobody knows whether it is attached: the engine asks again.
                Err(problem) => Err(CallError { code: String::new(), unknown_outcome: true, problem }),
            }
        }
        Err(error) => Err(error),
    }
}

fn seen(gateway: &aws_sdk_ec2::types::InternetGateway) -> Seen {
    let attachment = gateway.attachments().first();
    // AWS says `available` for an attached one, a word that the SDK's enum does not have.
    let state = attachment.and_then(|attachment| attachment.state()).map_or("detached", |state| state.as_str());
    let health = match state {
        "attaching" => Health::Pending,
        _ => Health::Ready,
    };
    let vpc = attachment.filter(|_| !matches!(state, "detaching" | "detached")).and_then(|at| at.vpc_id());
    Seen::new(gateway.internet_gateway_id(), state, gateway.tags()).health(health).with("vpc", vpc)
}

impl Live for InternetGateway {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let seen = support::look(self, clients, role, wants).await?;
            Ok(wants
                .iter()
                .map(|want| {
                    let vpc = support::vpc_of(want, world);
                    let natural = |seen: &Seen| vpc.is_some() && seen.text("vpc") == vpc;
                    // A detached one belongs to no VPC: its name decides.
                    let scope = |seen: &Seen| seen.text("vpc").is_none() || seen.text("vpc") == vpc;
                    let by = Match { scope: Some(&scope), natural: Some(&natural) };
                    (want.desired.key.clone(), support::pick(clients.region(role), wants, want, &seen, by))
                })
                .collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "CreateInternetGateway" => {
                    let request =
                        ec2.create_internet_gateway().set_tag_specifications(support::tag_specifications(call));
                    let answer = send!(call, request);
                    Ok(support::gave(answer.internet_gateway().and_then(|gateway| gateway.internet_gateway_id())))
                }
                "AttachInternetGateway" => attach(clients, call).await,
                "DetachInternetGateway" => {
                    let request = ec2
                        .detach_internet_gateway()
                        .internet_gateway_id(support::text(call, "InternetGatewayId")?)
                        .vpc_id(support::text(call, "VpcId")?);
                    done!(call, request)
                }
                "DeleteInternetGateway" => {
                    let gateway = support::text(call, "InternetGatewayId")?;
                    done!(call, ec2.delete_internet_gateway().internet_gateway_id(gateway))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn strays<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(support::everything(self, "internet-gateway", clients, role))
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(support::sweep(self, "internet-gateway", clients, role, vpcs))
    }

    fn blockers<'a>(&'a self, clients: &'a Clients, observed: &'a Observed) -> Task<'a, Result<Vec<Blocker>, Problem>> {
        Box::pin(async move {
            let Some(vpc) = observed.text("vpc") else { return Ok(Vec::new()) };
            blockers::public_addresses(clients, observed.key.role, filter("vpc-id", [vpc])).await
        })
    }
}
