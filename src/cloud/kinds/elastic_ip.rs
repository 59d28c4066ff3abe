//! Elastic IP address.
//!
//! Found by tag `Name`. Observed: `public_ip`, and when it is mapped `association_id`, `instance`, `network_interface`.

use aws_sdk_ec2::types::{DomainType, Filter};

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Task, Want};
use crate::course::model::Role;
use crate::course::schema::Field;
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, Priced};
use crate::lab::report::Blocker;
use crate::lab::world::{Desired, Observed, World};
use crate::problem::Problem;

use super::blockers;
use super::support::{self, Listed, Listing, Match, Seen, done, read, send};

/// The declared fields: none; the address is AWS's choice.
pub const FIELDS: &[Field] = &[];

/// The kind.
#[derive(Debug)]
pub struct ElasticIp;

/// Charged from its allocation, mapped or not.
fn price() -> Vec<Priced> {
    vec![Priced { item: "public-ipv4-hour".to_owned(), count: 1.0 }]
}

impl Kind for ElasticIp {
    fn name(&self) -> &'static str {
        "elastic-ip"
    }

    fn title(&self) -> Text {
        Text::new("탄력적 IP", "Elastic IP")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        vec![
            support::ec2_call("AllocateAddress", Effect::Create, desired)
                .arg("Domain", Arg::text("vpc"))
                .arg("TagSpecifications", support::tags(desired, env, &["elastic-ip"]))
                .gives("AllocationId"),
        ]
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_call("ReleaseAddress", observed, step)
                .arg("AllocationId", Arg::text(&observed.id))
                .done_if(&["InvalidAllocationID.NotFound"])
                // AWS answers AuthFailure while a NAT gateway that is being deleted still holds the address.
                .again_if(&["InvalidIPAddress.InUse", "AuthFailure"]),
        ]
    }

    fn price(&self, _: &Desired, _: &[Desired]) -> Vec<Priced> {
        price()
    }

    fn rank(&self) -> u8 {
        10
    }
}

impl Listed for ElasticIp {
    const BY_ID: &'static str = "allocation-id";
    const BY_VPC: Option<&'static str> = None;

    fn list<'a>(&'a self, clients: &'a Clients, role: Role, filters: Vec<Filter>) -> Listing<'a> {
        Box::pin(async move {
            let request = clients.ec2(role).describe_addresses().set_filters(Some(filters));
            let answer = read!(clients, role, "DescribeAddresses", request);
            let known = |id: Option<&str>| id.filter(|id| !id.is_empty()).map(str::to_owned);
            Ok(answer
                .addresses()
                .iter()
                .map(|address| {
                    let association = known(address.association_id());
                    let state = if association.is_some() { "associated" } else { "allocated" };
                    Seen::new(address.allocation_id(), state, address.tags())
                        .with("public_ip", known(address.public_ip()))
                        .with("association_id", association)
                        .with("instance", known(address.instance_id()))
                        .with("network_interface", known(address.network_interface_id()))
                })
                .collect())
        })
    }
}

impl Live for ElasticIp {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let seen = support::look(self, clients, role, wants).await?;
            let pick = |want| support::pick(clients.region(role), wants, want, &seen, Match::default());
            Ok(wants.iter().map(|want| (want.desired.key.clone(), pick(want))).collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "AllocateAddress" => {
                    let request = ec2
                        .allocate_address()
                        .domain(DomainType::from(support::text(call, "Domain")?.as_str()))
                        .set_tag_specifications(support::tag_specifications(call));
                    let answer = send!(call, request);
                    let mut sent = support::gave(answer.allocation_id());
                    sent.attrs.extend(answer.public_ip().map(|ip| ("public_ip".to_owned(), ip.to_owned())));
                    Ok(sent)
                }
                "ReleaseAddress" => {
                    done!(call, ec2.release_address().allocation_id(support::text(call, "AllocationId")?))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn strays<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(support::everything(self, "elastic-ip", clients, role))
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(support::sweep(self, "elastic-ip", clients, role, vpcs))
    }

    fn blockers<'a>(&'a self, clients: &'a Clients, observed: &'a Observed) -> Task<'a, Result<Vec<Blocker>, Problem>> {
        Box::pin(blockers::of_address(clients, observed.key.role, &observed.id))
    }
}
