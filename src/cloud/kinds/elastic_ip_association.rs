//! The association of an Elastic IP address with an instance.
//!
//! An address has at most one: it is found by the address, whatever it is mapped to. One with the wrong instance is
//! mended by mapping it anew; AWS would move it silently, so every request says that it must not.

use aws_sdk_ec2::types::Address;

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::{Key, Role};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, Need, needs_of_fields};
use crate::lab::world::{Desired, Difference, Observed, Sight, World};

use super::support::{self, PROJECT, Seen, done, filter, read, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("address", FieldType::Ref("elastic-ip"), ("탄력적 IP", "Elastic IP")),
    Field::new("instance", FieldType::Ref("instance"), ("인스턴스", "instance")).in_place().when_ready(),
];

/// The kind.
#[derive(Debug)]
pub struct ElasticIpAssociation;

fn associate(desired: &Desired, effect: Effect) -> Option<Call> {
    let address = desired.reference("address", "elastic-ip")?;
    let instance = desired.reference("instance", "instance")?;
    Some(
        support::ec2_call("AssociateAddress", effect, desired)
            .arg("AllocationId", Arg::id(&address))
            .arg("InstanceId", Arg::id(&instance))
            .arg("AllowReassociation", Arg::Bool(false))
            .gives("AssociationId")
            .again_if(&[
                "InvalidAllocationID.NotFound",
                "InvalidInstanceID.NotFound",
                "InvalidInstanceID",
                "IncorrectInstanceState",
            ]),
    )
}

fn disassociate(call: Call, association: &str) -> Call {
    call.arg("AssociationId", Arg::text(association)).done_if(&["InvalidAssociationID.NotFound"])
}

impl Kind for ElasticIpAssociation {
    fn name(&self) -> &'static str {
        "elastic-ip-association"
    }

    fn title(&self) -> Text {
        Text::new("탄력적 IP 연결", "Elastic IP association")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    /// AWS refuses to map an address into a VPC without an internet gateway.
    fn needs(&self, desired: &Desired, env: &Env<'_>) -> Vec<Need> {
        let instance = desired.reference("instance", "instance");
        let subnet = instance
            .and_then(|key| env.desired.iter().find(|other| other.key == key))
            .and_then(|instance| instance.reference("subnet", "subnet"));
        let gateway = subnet.and_then(|subnet| support::gateway_of_subnet(&subnet, env));
        needs_of_fields(FIELDS, desired).into_iter().chain(gateway).collect()
    }

    fn create(&self, desired: &Desired, _: &Env<'_>) -> Vec<Call> {
        associate(desired, Effect::Create).into_iter().collect()
    }

    fn change(&self, desired: &Desired, observed: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        if differences.iter().all(|difference| difference.field != "instance") {
            return Vec::new();
        }
        let off = support::ec2_call("DisassociateAddress", Effect::Change, desired);
        std::iter::once(disassociate(off, &observed.id)).chain(associate(desired, Effect::Change)).collect()
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![disassociate(support::delete_call("DisassociateAddress", observed, step), &observed.id)]
    }

    fn rank(&self) -> u8 {
        50
    }
}

/// An address that is mapped to something; `instance` is absent when that is no instance.
fn seen(address: &Address) -> Option<Seen> {
    let id = address.association_id().filter(|id| !id.is_empty())?;
    Some(
        Seen::new(Some(id), "associated", &[])
            .with("address", address.allocation_id())
            .with("instance", address.instance_id().filter(|id| !id.is_empty()))
            .with("public_ip", address.public_ip()),
    )
}

impl Live for ElasticIpAssociation {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let address_of = |want: &Want| support::id_of(want, "address", "elastic-ip", world).map(str::to_owned);
            let ids: Vec<String> = wants.iter().filter_map(address_of).collect();
            if ids.is_empty() {
                return Ok(wants.iter().map(|want| (want.desired.key.clone(), Sight::Absent)).collect());
            }
            let request = clients.ec2(role).describe_addresses().filters(filter("allocation-id", ids));
            let answer = read!(clients, role, "DescribeAddresses", request);
            let sight = |want: &Want| {
                let id = address_of(want)?;
                let address = answer.addresses().iter().find(|address| address.allocation_id() == Some(&id))?;
                let found = seen(address)?.taken_for(&want.desired.key, clients.region(role));
                Some(Sight::Found(Box::new(found)))
            };
            Ok(wants.iter().map(|want| (want.desired.key.clone(), sight(want).unwrap_or(Sight::Absent))).collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "AssociateAddress" => {
                    let request = ec2
                        .associate_address()
                        .allocation_id(support::text(call, "AllocationId")?)
                        .instance_id(support::text(call, "InstanceId")?)
                        .allow_reassociation(false);
                    Ok(support::gave(send!(call, request).association_id()))
                }
                "DisassociateAddress" => {
                    let association = support::text(call, "AssociationId")?;
                    done!(call, ec2.disassociate_address().association_id(association))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let request = clients.ec2(role).describe_addresses().filters(filter("tag:Project", [PROJECT]));
            let answer = read!(clients, role, "DescribeAddresses", request);
            // What is mapped to a NAT gateway goes with that; only instances are mapped by associations of their own.
            let left = answer.addresses().iter().filter_map(|address| {
                let mut seen = seen(address)?;
                let instance = seen.text("instance")?;
                let tags = support::tag_map(address.tags());
                let name = format!("{} {instance}", tags.get("Name").map_or(seen.id.as_str(), String::as_str));
                // It has no tags of its own; it is ours because its address is.
                seen.tags = tags;
                let key = Key { kind: "elastic-ip-association".into(), name, role };
                Some(seen.taken_for(&key, clients.region(role)))
            });
            Ok(left.collect())
        })
    }
}
