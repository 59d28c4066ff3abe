//! NAT gateway (public, zonal).
//!
//! Found by tag `Name` within the course's VPC. Deleted ones, which AWS lists for an hour, are not there; a failed one
//! is there only for who knows its id. Observed beside the declared fields: `public_ip`, `private_ip`, `vpc`.

use aws_sdk_ec2::types::{ConnectivityType, Filter, NatGateway as Gateway};

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::Role;
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, Need, Pace, Priced, needs_of_fields};
use crate::lab::world::{Desired, Health, Observed, World};

use super::support::{self, Listed, Listing, Match, Seen, done, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("subnet", FieldType::Ref("subnet"), ("서브넷", "subnet")).when_ready(),
    Field::new("address", FieldType::Ref("elastic-ip"), ("탄력적 IP", "Elastic IP")),
];

/// The kind.
#[derive(Debug)]
pub struct NatGateway;

fn price() -> Vec<Priced> {
    vec![Priced { item: "nat-gateway-hour".to_owned(), count: 1.0 }]
}

impl Kind for NatGateway {
    fn name(&self) -> &'static str {
        "nat-gateway"
    }

    fn title(&self) -> Text {
        Text::new("NAT 게이트웨이", "NAT gateway")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    /// Without an attached internet gateway AWS accepts the request and lets the NAT gateway fail afterwards.
    fn needs(&self, desired: &Desired, env: &Env<'_>) -> Vec<Need> {
        let gateway = desired.reference("subnet", "subnet").and_then(|subnet| support::gateway_of_subnet(&subnet, env));
        needs_of_fields(FIELDS, desired).into_iter().chain(gateway).collect()
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let (Some(subnet), Some(address)) =
            (desired.reference("subnet", "subnet"), desired.reference("address", "elastic-ip"))
        else {
            return Vec::new();
        };
        vec![
            support::ec2_call("CreateNatGateway", Effect::Create, desired)
                .arg("SubnetId", Arg::id(&subnet))
                .arg("AllocationId", Arg::id(&address))
                .arg("ConnectivityType", Arg::text("public"))
                .arg("TagSpecifications", support::tags(desired, env, &["natgateway"]))
                .gives("NatGateway.NatGatewayId")
                .again_if(&["InvalidSubnetID.NotFound", "InvalidAllocationID.NotFound"]),
        ]
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_call("DeleteNatGateway", observed, step)
                .arg("NatGatewayId", Arg::text(&observed.id))
                .done_if(&["NatGatewayNotFound", "InvalidNatGatewayID.NotFound"]),
        ]
    }

    fn pace(&self) -> Pace {
        Pace::seconds(120, 5, 600, 120)
    }

    fn price(&self, _: &Desired, _: &[Desired]) -> Vec<Priced> {
        price()
    }

    fn price_live(&self, _: &Desired, _: &[Desired], observed: &Observed) -> Vec<Priced> {
        if observed.health == Health::Failed { Vec::new() } else { price() }
    }

    fn rank(&self) -> u8 {
        30
    }
}

fn seen(gateway: &Gateway) -> Option<Seen> {
    let state = gateway.state().map_or("", |state| state.as_str());
    if state == "deleted" {
        return None;
    }
    let address = gateway.nat_gateway_addresses().first();
    let mut seen = Seen::new(gateway.nat_gateway_id(), state, gateway.tags())
        .health(support::simple_health(state))
        .with("vpc", gateway.vpc_id())
        .with("subnet", gateway.subnet_id())
        .with("address", address.and_then(|address| address.allocation_id()))
        .with("public_ip", address.and_then(|address| address.public_ip()))
        .with("private_ip", address.and_then(|address| address.private_ip()));
    let reason = [gateway.failure_code(), gateway.failure_message()];
    seen.reason = reason.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join(": ");
    Some(seen)
}

impl Listed for NatGateway {
    const BY_ID: &'static str = "nat-gateway-id";
    const BY_VPC: Option<&'static str> = Some("vpc-id");

    fn list<'a>(&'a self, clients: &'a Clients, role: Role, filters: Vec<Filter>) -> Listing<'a> {
        Box::pin(async move {
            // This operation's parameter is `Filter`, not `Filters`.
            let request = clients.ec2(role).describe_nat_gateways().set_filter(Some(filters));
            let gateways: Vec<Gateway> = read_all!(clients, role, "DescribeNatGateways", request);
            Ok(gateways.iter().filter_map(seen).collect())
        })
    }
}

impl Live for NatGateway {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let all = support::look(self, clients, role, wants).await?;
            let sight = |want: &Want| {
                // One that failed makes way for the next attempt, unless it is the one that was asked about.
                let seen: Vec<Seen> = all
                    .iter()
                    .filter(|seen| seen.health != Health::Failed || want.recorded.as_ref() == Some(&seen.id))
                    .cloned()
                    .collect();
                let subnet = want.desired.reference("subnet", "subnet").and_then(|key| world.get(&key));
                let vpc = subnet.and_then(|subnet| subnet.text("vpc"));
                let scope = |seen: &Seen| vpc.is_none() || seen.text("vpc") == vpc;
                let by = Match { scope: Some(&scope), natural: None };
                support::pick(clients.region(role), wants, want, &seen, by)
            };
            Ok(wants.iter().map(|want| (want.desired.key.clone(), sight(want))).collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "CreateNatGateway" => {
                    let request = ec2
                        .create_nat_gateway()
                        .subnet_id(support::text(call, "SubnetId")?)
                        .allocation_id(support::text(call, "AllocationId")?)
                        .connectivity_type(ConnectivityType::from(support::text(call, "ConnectivityType")?.as_str()))
                        .client_token(token)
                        .set_tag_specifications(support::tag_specifications(call));
                    let answer = send!(call, request);
                    Ok(support::gave(answer.nat_gateway().and_then(|gateway| gateway.nat_gateway_id())))
                }
                "DeleteNatGateway" => {
                    done!(call, ec2.delete_nat_gateway().nat_gateway_id(support::text(call, "NatGatewayId")?))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let mut left = support::sweep(self, "nat-gateway", clients, role, vpcs).await?;
            // AWS removes failed ones by itself within the hour; they hold nothing and cost nothing.
            left.retain(|gateway| gateway.health != Health::Failed);
            Ok(left)
        })
    }
}
