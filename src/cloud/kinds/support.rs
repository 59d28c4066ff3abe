//! What the kinds share: arguments of calls as SDK types, finding the live resource that a declaration means, tags.
//!
//! Promises: a live resource is taken for a declared one by its recorded id, else by tag `Name` (one with
//! `Project=aws-lab` before others), else by the kind's natural key; several equal candidates are never decided between.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::{Filter, ResourceType, Tag, TagSpecification};

use crate::cloud::errors::Asked;
use crate::cloud::{CallError, Clients, Sent, Task, Want};
use crate::course::model::{Fields, Key, Role, Value};
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::facts::Backend;
use crate::lab::kind::{Env, Need};
use crate::lab::world::{Desired, Health, Observed, Sight, World};
use crate::problem::Problem;

/// The value of tag `Project` on everything that awslab makes.
pub const PROJECT: &str = "aws-lab";

/// A call to EC2 for a declared resource.
pub fn ec2_call(operation: &str, effect: Effect, desired: &Desired) -> Call {
    Call::new(Service::Ec2, operation, effect, &desired.key, &desired.step, &desired.region)
}

/// A call to another service for a declared resource.
pub fn call(service: Service, operation: &str, effect: Effect, desired: &Desired) -> Call {
    Call::new(service, operation, effect, &desired.key, &desired.step, &desired.region)
}

/// A call to EC2 that deletes a live resource.
pub fn delete_call(operation: &str, observed: &Observed, step: &str) -> Call {
    delete_by(Service::Ec2, operation, observed, step)
}

/// A call to another service that deletes a live resource.
pub fn delete_by(service: Service, operation: &str, observed: &Observed, step: &str) -> Call {
    Call::new(service, operation, Effect::Delete, &observed.key, step, &observed.region)
}

/// Whether the cloud is neither AWS nor the practice cloud: moto server and the like lack some of AWS.
pub fn is_other(env: &Env<'_>) -> bool {
    matches!(env.facts.scope.backend, Backend::Endpoint(_))
}

/// The four tags of every resource.
pub fn tag_pairs(desired: &Desired, env: &Env<'_>) -> [(&'static str, String); 4] {
    [
        ("Name", desired.key.name.clone()),
        ("Project", PROJECT.to_owned()),
        ("lab:chapter", desired.chapter.to_string()),
        ("lab:run", env.facts.run.clone()),
    ]
}

/// The four tags as the plain list `Tags`, as other services than EC2 take them.
pub fn tag_list(desired: &Desired, env: &Env<'_>) -> Arg {
    let pair = |(key, value): (&str, String)| Arg::map([("Key", Arg::text(key)), ("Value", Arg::text(value))]);
    Arg::List(tag_pairs(desired, env).into_iter().map(pair).collect())
}

/// `TagSpecifications` for these resource types, with the four tags of every resource.
pub fn tags(desired: &Desired, env: &Env<'_>, types: &[&str]) -> Arg {
    let tags = tag_list(desired, env);
    let specification = |kind: &&str| Arg::map([("ResourceType", Arg::text(*kind)), ("Tags", tags.clone())]);
    Arg::List(types.iter().map(specification).collect())
}

/// The internet gateway that the course attaches to the VPC of a subnet: public addresses work only behind it.
pub fn gateway_of_subnet(subnet: &Key, env: &Env<'_>) -> Option<Need> {
    let find = |key: &Key| env.desired.iter().find(|desired| desired.key == *key);
    let vpc = find(subnet)?.text("vpc")?;
    let gateway = env.desired.iter().find(|desired| {
        desired.key.kind == "internet-gateway" && desired.key.role == subnet.role && desired.text("vpc") == Some(vpc)
    })?;
    Some(Need { key: gateway.key.clone(), ready: true })
}

/// Who asks for what, for error texts.
pub fn asked(call: &BoundCall) -> Asked<'_> {
    Asked { service: call.0.service.iam(), operation: &call.0.operation, region: &call.0.region }
}

/// Sends the request that `$builder` describes for `$call`, of EC2 or of the service whose crate is named. One attempt: the
/// SDK would send a create again after a lost answer, and make a second one. The engine looks first.
macro_rules! send {
    ($call:expr, $builder:expr) => {
        crate::cloud::kinds::support::send!(aws_sdk_ec2, $call, $builder)
    };
    ($sdk:ident, $call:expr, $builder:expr) => {
        $builder
            .customize()
            .config_override($sdk::config::Builder::new().retry_config(aws_config::retry::RetryConfig::disabled()))
            .send()
            .await
            .map_err(|error| crate::cloud::errors::call_error($crate::cloud::kinds::support::asked($call), &error))?
    };
}
pub(super) use send;

/// Sends as [`send!`] does, when the answer says nothing that is needed.
macro_rules! done {
    ($($request:tt)*) => {{
        crate::cloud::kinds::support::send!($($request)*);
        Ok(crate::cloud::Sent::default())
    }};
}
pub(super) use done;

/// Sends the reading request that `$builder` describes, to EC2 or to the service with this IAM prefix.
macro_rules! read {
    ($clients:expr, $role:expr, $operation:literal, $builder:expr) => {
        crate::cloud::kinds::support::read!("ec2", $clients, $role, $operation, $builder)
    };
    ($service:literal, $clients:expr, $role:expr, $operation:literal, $builder:expr) => {
        $builder.send().await.map_err(|error| {
            let asked = crate::cloud::errors::Asked {
                service: $service,
                operation: $operation,
                region: $clients.region($role),
            };
            crate::cloud::errors::problem(asked, &error)
        })?
    };
}
pub(in crate::cloud) use read;

/// Reads all pages of what `$builder` describes, from EC2 or from the service with this IAM prefix.
macro_rules! read_all {
    ($clients:expr, $role:expr, $operation:literal, $builder:expr) => {
        crate::cloud::kinds::support::read_all!("ec2", $clients, $role, $operation, $builder)
    };
    ($service:literal, $clients:expr, $role:expr, $operation:literal, $builder:expr) => {
        $builder.into_paginator().items().send().try_collect().await.map_err(|error| {
            let asked = crate::cloud::errors::Asked {
                service: $service,
                operation: $operation,
                region: $clients.region($role),
            };
            crate::cloud::errors::problem(asked, &error)
        })?
    };
}
pub(in crate::cloud) use read_all;

/// A fault of awslab itself, as the error of a call.
pub fn fault(detail: impl Into<String>) -> CallError {
    CallError { code: String::new(), unknown_outcome: false, problem: Problem::internal(detail) }
}

/// The error for an operation that the kind does not send.
pub fn foreign(call: &BoundCall) -> CallError {
    fault(format!("{} is no call of kind {}", call.0.operation, call.0.key.kind))
}

/// The answer with the new id.
pub fn gave(id: Option<&str>) -> Sent {
    Sent { id: id.map(str::to_owned), attrs: Vec::new() }
}

/// The role of a call's region.
pub fn role_of(clients: &Clients, call: &BoundCall) -> Result<Role, CallError> {
    clients.role(&call.0.region).ok_or_else(|| fault(format!("no client for {}", call.0.region)))
}

/// The EC2 client of a call's region.
pub fn ec2_of<'a>(clients: &'a Clients, call: &BoundCall) -> Result<&'a aws_sdk_ec2::Client, CallError> {
    Ok(clients.ec2(role_of(clients, call)?))
}

/// A number argument.
pub fn int(call: &BoundCall, name: &str) -> Option<i32> {
    match call.arg(name) {
        Some(Arg::Int(number)) => i32::try_from(*number).ok(),
        _ => None,
    }
}

/// A truth argument.
pub fn truth(call: &BoundCall, name: &str) -> Option<bool> {
    match call.arg(name) {
        Some(Arg::Bool(truth)) => Some(*truth),
        _ => None,
    }
}

/// The structures of a list argument; nothing when it is absent.
pub fn structs<'a>(call: &'a BoundCall, name: &str) -> &'a [Arg] {
    match call.arg(name) {
        Some(Arg::List(items)) => items,
        _ => &[],
    }
}

/// The ids of the resources that a list field names.
pub fn ids(desired: &Desired, field: &str, kind: &str) -> Vec<Arg> {
    let names = desired.fields.get(field).map_or(&[][..], Value::items).iter().filter_map(Value::as_text);
    let key = |name: &str| Key { kind: kind.to_owned(), name: name.to_owned(), role: desired.key.role };
    names.map(|name| Arg::id(&key(name))).collect()
}

/// What the way out of a subnet is made of, as far as the course declares it: its association with a route table, that
/// table's route to everywhere, and the gateway that it leads to. Ways to other networks are none.
pub fn way_out(subnet: &Key, env: &Env<'_>) -> Vec<Need> {
    let of_kind = |kind: &'static str| {
        env.desired.iter().filter(move |other| other.key.kind == kind && other.key.role == subnet.role)
    };
    let mut out = Vec::new();
    for association in of_kind("route-table-association").filter(|one| one.text("subnet") == Some(&subnet.name)) {
        out.push(Need { key: association.key.clone(), ready: true });
        let everywhere = |route: &&Desired| {
            route.text("table") == association.text("table") && route.text("destination") == Some("0.0.0.0/0")
        };
        for route in of_kind("route").filter(everywhere) {
            out.push(Need { key: route.key.clone(), ready: true });
            let gateway =
                of_kind("nat-gateway").find(|gateway| Some(gateway.key.name.as_str()) == route.text("target"));
            out.extend(gateway.map(|gateway| Need { key: gateway.key.clone(), ready: true }));
        }
    }
    out
}

/// A required string argument.
pub fn text(call: &BoundCall, name: &str) -> Result<String, CallError> {
    call.text(name).map(str::to_owned).ok_or_else(|| fault(format!("{} lacks {name}", call.0.operation)))
}

/// A list of strings; empty when it is absent.
pub fn texts(call: &BoundCall, name: &str) -> Vec<String> {
    match call.arg(name) {
        Some(Arg::List(items)) => items.iter().filter_map(arg_text).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}

/// The string in an argument.
pub fn arg_text(arg: &Arg) -> Option<&str> {
    arg.as_text()
}

/// The member of a structure.
pub fn member<'a>(arg: &'a Arg, name: &str) -> Option<&'a Arg> {
    match arg {
        Arg::Map(members) => members.iter().find(|(key, _)| key == name).map(|(_, value)| value),
        _ => None,
    }
}

/// The string member of a structure.
pub fn member_text(arg: &Arg, name: &str) -> Option<String> {
    member(arg, name).and_then(arg_text).map(str::to_owned)
}

/// The number member of a structure.
pub fn member_int(arg: &Arg, name: &str) -> Option<i32> {
    match member(arg, name) {
        Some(Arg::Int(number)) => i32::try_from(*number).ok(),
        _ => None,
    }
}

/// The truth of `{Value: ...}`, the shape of VPC and subnet attributes.
pub fn switch(call: &BoundCall, name: &str) -> Option<aws_sdk_ec2::types::AttributeBooleanValue> {
    match call.arg(name).and_then(|arg| member(arg, "Value")) {
        Some(Arg::Bool(truth)) => Some(aws_sdk_ec2::types::AttributeBooleanValue::builder().value(*truth).build()),
        _ => None,
    }
}

/// `TagSpecifications` as the SDK wants them.
pub fn tag_specifications(call: &BoundCall) -> Option<Vec<TagSpecification>> {
    let Some(Arg::List(specifications)) = call.arg("TagSpecifications") else { return None };
    let tag = |arg: &Arg| Tag::builder().set_key(member_text(arg, "Key")).set_value(member_text(arg, "Value")).build();
    let specification = |arg: &Arg| {
        let tags = match member(arg, "Tags") {
            Some(Arg::List(tags)) => tags.iter().map(tag).collect(),
            _ => Vec::new(),
        };
        TagSpecification::builder()
            .set_resource_type(member_text(arg, "ResourceType").map(|kind| ResourceType::from(kind.as_str())))
            .set_tags(Some(tags))
            .build()
    };
    Some(specifications.iter().map(specification).collect())
}

/// `Tags` of a CreateTags call, as the SDK wants them.
pub fn plain_tags(call: &BoundCall) -> Vec<Tag> {
    let tag = |arg: &Arg| Tag::builder().set_key(member_text(arg, "Key")).set_value(member_text(arg, "Value")).build();
    structs(call, "Tags").iter().map(tag).collect()
}

/// A filter of a Describe operation.
pub fn filter(name: &str, values: impl IntoIterator<Item = impl Into<String>>) -> Filter {
    Filter::builder().name(name).set_values(Some(values.into_iter().map(Into::into).collect())).build()
}

/// A live resource before it is known which declared one it is.
#[derive(Debug, Clone)]
pub struct Seen {
    /// AWS's id.
    pub id: String,
    /// AWS's word.
    pub state: String,
    /// How far it is.
    pub health: Health,
    /// Why it failed.
    pub reason: String,
    /// Observed fields.
    pub fields: Fields,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

impl Seen {
    /// A ready one without fields.
    pub fn new(id: Option<&str>, state: &str, tags: &[Tag]) -> Self {
        Self {
            id: id.unwrap_or_default().to_owned(),
            state: state.to_owned(),
            health: Health::Ready,
            reason: String::new(),
            fields: Fields::new(),
            tags: tag_map(tags),
        }
    }

    /// A ready one of another service than EC2, without fields.
    pub fn other(id: Option<&str>, state: &str, tags: BTreeMap<String, String>) -> Self {
        Self { tags, ..Self::new(id, state, &[]) }
    }

    /// Why it is not as it should be.
    #[must_use]
    pub fn reason(mut self, reason: impl Into<String>) -> Self {
        self.reason = reason.into();
        self
    }

    /// Says how far it is.
    #[must_use]
    pub fn health(mut self, health: Health) -> Self {
        self.health = health;
        self
    }

    /// Adds a field, unless it is unknown.
    #[must_use]
    pub fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.fields.insert(name.to_owned(), value.into());
        }
        self
    }

    /// A string field.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_text)
    }

    /// Its tag `Name`.
    pub fn name(&self) -> Option<&str> {
        self.tags.get("Name").map(String::as_str)
    }

    /// Whether it carries awslab's tag.
    pub fn is_ours(&self) -> bool {
        self.tags.get("Project").is_some_and(|project| project == PROJECT)
    }

    /// As the live one of `key`.
    pub fn taken_for(&self, key: &Key, region: &str) -> Observed {
        Observed {
            key: key.clone(),
            id: self.id.clone(),
            region: region.to_owned(),
            state: self.state.clone(),
            health: self.health,
            reason: self.reason.clone(),
            fields: self.fields.clone(),
            tags: self.tags.clone(),
        }
    }

    /// As a leftover: under its own name, else its id.
    pub fn left_over(&self, kind: &str, role: Role, region: &str) -> Observed {
        let name = self.name().unwrap_or(&self.id).to_owned();
        self.taken_for(&Key { kind: kind.to_owned(), name, role }, region)
    }
}

/// AWS's tags by key.
pub fn tag_map(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter().filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned()))).collect()
}

/// `pending` and `available` of VPCs, subnets and the like.
pub fn simple_health(state: &str) -> Health {
    match state {
        "available" | "associated" | "active" | "attached" => Health::Ready,
        "pending" | "associating" | "attaching" => Health::Pending,
        "deleting" | "disassociating" | "detaching" => Health::Deleting,
        _ => Health::Failed,
    }
}

/// Where a kind's resources are looked for when neither id nor name decides.
#[derive(Clone, Copy, Default)]
pub struct Match<'a> {
    /// Only these count by name or natural key (those in the right VPC).
    pub scope: Option<&'a dyn Fn(&Seen) -> bool>,
    /// The natural key.
    pub natural: Option<&'a dyn Fn(&Seen) -> bool>,
}

/// Which of the live resources the wanted one is. `wants` is everything that is looked for at once: what carries
/// another one's name is not taken by natural key.
pub fn pick(region: &str, wants: &[Want], want: &Want, seen: &[Seen], by: Match<'_>) -> Sight {
    let key = &want.desired.key;
    if let Some(found) = want.recorded.as_ref().and_then(|id| seen.iter().find(|seen| seen.id == *id)) {
        return Sight::Found(Box::new(found.taken_for(key, region)));
    }
    let named = |seen: &Seen| seen.name() == Some(key.name.as_str());
    let scoped = |seen: &Seen| by.scope.is_none_or(|scope| scope(seen));
    let others = |seen: &Seen| {
        seen.name().is_some_and(|name| name != key.name && wants.iter().any(|want| want.desired.key.name == name))
    };
    let natural = |seen: &Seen| by.natural.is_some_and(|natural| natural(seen)) && !others(seen);
    let tiers: [&dyn Fn(&Seen) -> bool; 4] = [
        &|seen| named(seen) && seen.is_ours() && scoped(seen),
        &|seen| named(seen) && scoped(seen),
        &|seen| natural(seen) && scoped(seen),
        &|seen| named(seen) && seen.is_ours(),
    ];
    // What is being deleted is taken only when nothing that lives answers.
    for alive in [true, false] {
        for tier in tiers {
            let found: Vec<&Seen> =
                seen.iter().filter(|seen| (seen.health != Health::Deleting) == alive && tier(seen)).collect();
            match found.as_slice() {
                [] => {}
                [one] => return Sight::Found(Box::new(one.taken_for(key, region))),
                many => return Sight::Ambiguous(many.iter().map(|seen| seen.id.clone()).collect()),
            }
        }
    }
    Sight::Absent
}

/// The id of the VPC that a wanted resource belongs in, once there is one.
pub fn vpc_of<'a>(want: &Want, world: &'a World) -> Option<&'a str> {
    id_of(want, "vpc", "vpc", world)
}

/// The id of the live resource that a reference field names.
pub fn id_of<'a>(want: &Want, field: &str, kind: &str, world: &'a World) -> Option<&'a str> {
    world.get(&want.desired.reference(field, kind)?).map(|observed| observed.id.as_str())
}

/// Live resources as their kind lists them.
pub type Listing<'a> = Task<'a, Result<Vec<Seen>, Problem>>;

/// A kind whose live resources one Describe operation lists.
pub trait Listed: Send + Sync {
    /// The filter by id: `vpc-id`.
    const BY_ID: &'static str;
    /// The filter by the VPC they are in, when there is one.
    const BY_VPC: Option<&'static str>;

    /// Those that pass the filters; what AWS makes by itself (default VPC, main route table) is not among them.
    fn list<'a>(&'a self, clients: &'a Clients, role: Role, filters: Vec<Filter>) -> Listing<'a>;

    /// Filters that keep a look at everything small.
    fn narrow(&self, wants: &[Want]) -> Vec<Filter> {
        let _ = wants;
        Vec::new()
    }
}

/// Lists what the wants can mean: by their recorded ids when all of them have one, and everything otherwise or when
/// one of them is gone.
pub async fn look<K: Listed>(kind: &K, clients: &Clients, role: Role, wants: &[Want]) -> Result<Vec<Seen>, Problem> {
    if wants.is_empty() {
        return Ok(Vec::new());
    }
    if let Some(ids) = wants.iter().map(|want| want.recorded.clone()).collect::<Option<Vec<_>>>() {
        let seen = kind.list(clients, role, vec![filter(K::BY_ID, ids)]).await?;
        if seen.len() >= wants.len() {
            return Ok(seen);
        }
    }
    kind.list(clients, role, kind.narrow(wants)).await
}

/// Everything with awslab's tag, and everything in these VPCs.
pub async fn sweep<K: Listed>(
    kind: &K,
    name: &str,
    clients: &Clients,
    role: Role,
    vpcs: &[String],
) -> Result<Vec<Observed>, Problem> {
    let mut seen = kind.list(clients, role, vec![filter("tag:Project", [PROJECT])]).await?;
    if let (Some(by_vpc), false) = (K::BY_VPC, vpcs.is_empty()) {
        for more in kind.list(clients, role, vec![filter(by_vpc, vpcs)]).await? {
            if seen.iter().all(|seen| seen.id != more.id) {
                seen.push(more);
            }
        }
    }
    Ok(seen.iter().map(|seen| seen.left_over(name, role, clients.region(role))).collect())
}

/// Everything of a kind in the region, under its own name, else its tag `Name`, else its id.
pub async fn everything<K: Listed>(
    kind: &K,
    name: &str,
    clients: &Clients,
    role: Role,
) -> Result<Vec<Observed>, Problem> {
    let seen = kind.list(clients, role, Vec::new()).await?;
    let named = |one: &Seen| {
        let mut left = one.left_over(name, role, clients.region(role));
        if let Some(own) = one.text("name") {
            own.clone_into(&mut left.key.name);
        }
        left
    };
    Ok(seen.iter().map(named).collect())
}
