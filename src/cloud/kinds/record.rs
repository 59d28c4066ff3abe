//! DNS record in the hosted zone of the learner's domain: the CNAME that proves the domain to ACM, or an alias to a load
//! balancer.
//!
//! Its id is its natural key: `/hostedzone/Z1 app.lab.example A`. A record is made only where none is (CREATE, never UPSERT)
//! and one that points elsewhere is left alone. Records carry no tags: only what the ledger says that awslab made is deleted,
//! and a CNAME that was there already may serve another certificate, so it is used and never adopted.
//! Observed beside the declared fields: `name`, `type`, `value`, `ttl`, `alias_zone`, `alias_name`, `alias_evaluate`.

use aws_sdk_route53::types::{
    AliasTarget, Change, ChangeAction, ChangeBatch, ResourceRecord, ResourceRecordSet, RrType,
};

use crate::cloud::errors::{self, Asked};
use crate::cloud::{Answered, CallError, Clients, Live, Sights, Swept, Want};
use crate::course::model::{Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::kind::{Env, Kind, Need, Pace, readable};
use crate::lab::world::{Desired, Difference, Mend, Observed, Sight, World};
use crate::problem::{Problem, ProblemKind};

use super::hosted_zone::bare;
use super::support::{self, Seen, done};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("zone", FieldType::Ref("hosted-zone"), ("호스팅 영역", "hosted zone")),
    Field::new("type", FieldType::Word(&["A", "CNAME"]), ("유형", "type")).optional().ignored(),
    // One of these two.
    Field::new("proves", FieldType::Ref("certificate"), ("검증할 인증서", "certificate to prove")).optional(),
    Field::new("balancer", FieldType::Ref("load-balancer"), ("로드 밸런서", "load balancer")).optional().when_ready(),
];

/// How long resolvers may keep a validation record, in seconds.
const TTL: i64 = 300;

/// The kind.
#[derive(Debug)]
pub struct Record;

fn change(action: &str, set: Arg) -> Arg {
    Arg::map([("Changes", Arg::List(vec![Arg::map([("Action", Arg::text(action)), ("ResourceRecordSet", set)])]))])
}

fn values(name: Arg, ttl: i64, value: Arg) -> Arg {
    Arg::map([
        ("Name", name),
        ("Type", Arg::text("CNAME")),
        ("TTL", Arg::Int(ttl)),
        ("ResourceRecords", Arg::List(vec![Arg::map([("Value", value)])])),
    ])
}

fn alias(name: &str, zone: Arg, target: Arg, evaluate: bool) -> Arg {
    let target = [("HostedZoneId", zone), ("DNSName", target), ("EvaluateTargetHealth", Arg::Bool(evaluate))];
    Arg::map([("Name", Arg::text(name)), ("Type", Arg::text("A")), ("AliasTarget", Arg::map(target))])
}

impl Kind for Record {
    fn name(&self) -> &'static str {
        "record"
    }

    fn title(&self) -> Text {
        Text::new("DNS 레코드", "DNS record")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    /// The certificate must have been asked for, and is ready only after this record.
    fn needs(&self, desired: &Desired, _: &Env<'_>) -> Vec<Need> {
        let need = |field, kind, ready| desired.reference(field, kind).map(|key| Need { key, ready });
        [
            need("zone", "hosted-zone", false),
            need("proves", "certificate", false),
            need("balancer", "load-balancer", true),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    fn create(&self, desired: &Desired, _: &Env<'_>) -> Vec<Call> {
        let Some(zone) = desired.reference("zone", "hosted-zone") else { return Vec::new() };
        let set = if let Some(certificate) = desired.reference("proves", "certificate") {
            values(Arg::attr(&certificate, "record_name"), TTL, Arg::attr(&certificate, "record_value"))
        } else if let Some(balancer) = desired.reference("balancer", "load-balancer") {
            alias(&desired.key.name, Arg::attr(&balancer, "dns_zone"), Arg::attr(&balancer, "dns"), true)
        } else {
            return Vec::new();
        };
        vec![
            support::call(Service::Route53, "ChangeResourceRecordSets", Effect::Create, desired)
                .arg("HostedZoneId", Arg::id(&zone))
                .arg("ChangeBatch", change("CREATE", set))
                .again_if(&["PriorRequestNotComplete"]),
        ]
    }

    fn adopts(&self, observed: &Observed) -> bool {
        observed.text("type") != Some("CNAME")
    }

    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let mut out = Vec::new();
        let mut differs = |field: &str, wanted: String, found: &str| {
            out.push(Difference {
                key: desired.key.clone(),
                field: field.to_owned(),
                wanted,
                found: readable(&Value::from(found), env.world),
                mend: Mend::Replace,
            });
        };
        if let Some(key) = desired.reference("proves", "certificate") {
            let value = env.world.get(&key).and_then(|certificate| certificate.text("record_value")).map(bare);
            let found = observed.text("value").map(bare).unwrap_or_default();
            if value.as_ref().is_some_and(|value| *value != found) {
                differs("proves", key.name, &found);
            }
        }
        if let Some(key) = desired.reference("balancer", "load-balancer") {
            let found = observed.text("balancer").unwrap_or_default();
            if env.world.get(&key).is_none_or(|balancer| balancer.id != found) {
                let shown = if found.is_empty() { observed.text("alias_name").unwrap_or_default() } else { found };
                differs("balancer", key.name, shown);
            }
        }
        out
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        let text = |field: &str| observed.text(field).unwrap_or_default();
        let ttl = observed.fields.get("ttl").and_then(Value::as_int).unwrap_or(TTL);
        let set = if observed.fields.contains_key("alias_name") {
            let evaluate = observed.fields.get("alias_evaluate").and_then(Value::as_bool).unwrap_or(true);
            alias(text("name"), Arg::text(text("alias_zone")), Arg::text(text("alias_name")), evaluate)
        } else {
            values(Arg::text(text("name")), ttl, Arg::text(text("value")))
        };
        vec![
            support::delete_by(Service::Route53, "ChangeResourceRecordSets", observed, step)
                .arg("HostedZoneId", Arg::text(text("zone")))
                .arg("ChangeBatch", change("DELETE", set))
                .done_if(&["InvalidChangeBatch~not found", "NoSuchHostedZone"])
                .again_if(&["PriorRequestNotComplete"]),
        ]
    }

    fn pace(&self) -> Pace {
        Pace::seconds(2, 2, 300, 2)
    }

    fn rank(&self) -> u8 {
        50
    }
}

/// Which record is meant: its zone, name and type; nothing while that cannot be known.
fn place(want: &Want, world: &World) -> Option<(String, String, &'static str)> {
    if let Some(recorded) = &want.recorded {
        let mut parts = recorded.split(' ');
        if let (Some(zone), Some(name), Some(kind)) = (parts.next(), parts.next(), parts.next()) {
            return Some((zone.to_owned(), name.to_owned(), if kind == "CNAME" { "CNAME" } else { "A" }));
        }
    }
    let zone = world.get(&want.desired.reference("zone", "hosted-zone")?)?.id.clone();
    match want.desired.reference("proves", "certificate") {
        Some(certificate) => Some((zone, bare(world.get(&certificate)?.text("record_name")?), "CNAME")),
        None => Some((zone, bare(&want.desired.key.name), "A")),
    }
}

fn seen(zone: &str, set: &ResourceRecordSet, world: &World) -> Seen {
    let name = bare(set.name());
    let kind = set.r#type().as_str();
    let id = format!("{zone} {name} {kind}");
    let target = set.alias_target();
    let host = |alias: &AliasTarget| bare(alias.dns_name()).trim_start_matches("dualstack.").to_owned();
    let balancer = target.and_then(|alias| {
        let fits = |one: &&Observed| {
            one.key.kind == "load-balancer" && one.text("dns").is_some_and(|dns| bare(dns) == host(alias))
        };
        world.found().find(fits).map(|one| one.id.clone())
    });
    Seen::other(Some(&id), "exists", std::collections::BTreeMap::new())
        .with("zone", Some(zone))
        .with("name", Some(set.name()))
        .with("type", Some(kind))
        .with("ttl", set.ttl())
        .with("value", set.resource_records().first().map(|record| record.value()))
        .with("alias_zone", target.map(|alias| alias.hosted_zone_id()))
        .with("alias_name", target.map(|alias| alias.dns_name()))
        .with("alias_evaluate", target.map(|alias| alias.evaluate_target_health()))
        .with("balancer", balancer)
}

async fn look(clients: &Clients, role: Role, want: &Want, world: &World) -> Result<Option<Seen>, Problem> {
    let Some((zone, name, kind)) = place(want, world) else { return Ok(None) };
    let request = clients
        .route53(role)
        .list_resource_record_sets()
        .hosted_zone_id(&zone)
        .start_record_name(&name)
        .start_record_type(RrType::from(kind))
        .max_items(1);
    match request.send().await {
        Ok(answer) => {
            let fits = |set: &&ResourceRecordSet| bare(set.name()) == bare(&name) && set.r#type().as_str() == kind;
            Ok(answer.resource_record_sets().iter().find(fits).map(|set| seen(&zone, set, world)))
        }
        Err(error) => {
            let operation = "ListResourceRecordSets";
            let problem =
                errors::problem(Asked { service: "route53", operation, region: clients.region(role) }, &error);
            if problem.kind == ProblemKind::NotFound { Ok(None) } else { Err(problem) }
        }
    }
}

fn wrong(error: impl std::fmt::Display) -> CallError {
    support::fault(error.to_string())
}

/// The batch of a call as the SDK wants it.
fn batch(call: &BoundCall) -> Result<ChangeBatch, CallError> {
    let lacks = || support::fault("ChangeResourceRecordSets lacks its change");
    let Some(Arg::List(changes)) = call.arg("ChangeBatch").and_then(|batch| support::member(batch, "Changes")) else {
        return Err(lacks());
    };
    let mut batch = ChangeBatch::builder();
    for one in changes {
        let set = support::member(one, "ResourceRecordSet").ok_or_else(lacks)?;
        let text = |arg: &Arg, name: &str| support::member_text(arg, name).unwrap_or_default();
        let mut record =
            ResourceRecordSet::builder().name(text(set, "Name")).r#type(RrType::from(text(set, "Type").as_str()));
        if let Some(target) = support::member(set, "AliasTarget") {
            let evaluate = matches!(support::member(target, "EvaluateTargetHealth"), Some(Arg::Bool(true)));
            let target = AliasTarget::builder()
                .hosted_zone_id(text(target, "HostedZoneId"))
                .dns_name(text(target, "DNSName"))
                .evaluate_target_health(evaluate)
                .build()
                .map_err(wrong)?;
            record = record.alias_target(target);
        } else {
            let ttl = support::member_int(set, "TTL").map_or(TTL, i64::from);
            record = record.ttl(ttl);
            if let Some(Arg::List(values)) = support::member(set, "ResourceRecords") {
                for value in values {
                    let value = ResourceRecord::builder().value(text(value, "Value")).build().map_err(wrong)?;
                    record = record.resource_records(value);
                }
            }
        }
        let change = Change::builder()
            .action(ChangeAction::from(text(one, "Action").as_str()))
            .resource_record_set(record.build().map_err(wrong)?)
            .build()
            .map_err(wrong)?;
        batch = batch.changes(change);
    }
    batch.build().map_err(wrong)
}

impl Live for Record {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let mut out = Vec::new();
            for want in wants {
                let key = &want.desired.key;
                let sight = match look(clients, role, want, world).await? {
                    Some(seen) => Sight::Found(Box::new(seen.taken_for(key, clients.region(role)))),
                    None => Sight::Absent,
                };
                out.push((key.clone(), sight));
            }
            Ok(out)
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let route53 = clients.route53(support::role_of(clients, call)?);
            if call.0.operation != "ChangeResourceRecordSets" {
                return Err(support::foreign(call));
            }
            let zone = support::text(call, "HostedZoneId")?;
            let request = route53.change_resource_record_sets().hosted_zone_id(zone).change_batch(batch(call)?);
            done!(aws_sdk_route53, call, request)
        })
    }

    fn sweep<'a>(&'a self, _clients: &'a Clients, _role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
