//! The registration of an instance with a target group.
//!
//! It has no id of its own: here it is `GROUP-NAME INSTANCE-ID`. Ready when its health check succeeds. `reason` says why it
//! does not (the wrong path, a closed port, no listener): then it is not merely on its way.

use aws_sdk_elasticloadbalancingv2::types::{TargetDescription, TargetHealthDescription};

use crate::cloud::{Answered, Clients, Live, Sent, Sights, Swept, Want};
use crate::course::model::{Key, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::kind::{Env, Kind, Need, Pace, holder, needs_of_fields};
use crate::lab::world::{Desired, Health, Observed, Sight, World};

use super::elb;
use super::support::{self, Seen, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("target_group", FieldType::Ref("target-group"), ("대상 그룹", "target group")),
    Field::new("instance", FieldType::Ref("instance"), ("인스턴스", "instance")).when_ready(),
    // False: no listener of the course uses the group, so that `unused` is all that its target can be.
    Field::new("used", FieldType::Bool, ("사용", "used")).optional().ignored(),
];

/// The kind.
#[derive(Debug)]
pub struct Target;

impl Kind for Target {
    fn name(&self) -> &'static str {
        "target"
    }

    fn title(&self) -> Text {
        Text::new("등록된 대상", "registered target")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    /// No target of a group that no listener uses is ever healthy.
    fn needs(&self, desired: &Desired, env: &Env<'_>) -> Vec<Need> {
        let group = desired.text("target_group");
        // The first one is enough; those that later steps add are theirs.
        let listener = env.desired.iter().find(|other| {
            other.key.kind == "listener" && other.key.role == desired.key.role && other.text("target") == group
        });
        let balancers = listener.into_iter().flat_map(|listener| {
            let balancer = listener.reference("balancer", "load-balancer").map(|key| Need { key, ready: true });
            std::iter::once(Need { key: listener.key.clone(), ready: false }).chain(balancer)
        });
        needs_of_fields(FIELDS, desired).into_iter().chain(balancers).collect()
    }

    fn create(&self, desired: &Desired, _: &Env<'_>) -> Vec<Call> {
        let (group, instance) =
            (desired.reference("target_group", "target-group"), desired.reference("instance", "instance"));
        let (Some(group), Some(instance)) = (group, instance) else { return Vec::new() };
        vec![
            support::call(Service::Elbv2, "RegisterTargets", Effect::Create, desired)
                .arg("TargetGroupArn", Arg::id(&group))
                .arg("Targets", Arg::List(vec![Arg::map([("Id", Arg::id(&instance))])]))
                .again_if(&["InvalidTarget", "TargetGroupNotFound"]),
        ]
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        let text = |field: &str| Arg::text(observed.text(field).unwrap_or_default());
        vec![
            support::delete_by(Service::Elbv2, "DeregisterTargets", observed, step)
                .arg("TargetGroupArn", text("target_group"))
                .arg("Targets", Arg::List(vec![Arg::map([("Id", text("instance"))])]))
                .done_if(&["TargetGroupNotFound", "InvalidTarget"]),
        ]
    }

    fn goes_with(&self, observed: &Observed, live: &[&Observed]) -> Option<Key> {
        holder(observed, "target_group", "target-group", live)
    }

    fn pace(&self) -> Pace {
        Pace::seconds(40, 5, 600, 300)
    }

    fn rank(&self) -> u8 {
        50
    }
}

fn seen(group: &Observed, description: &TargetHealthDescription) -> Option<Seen> {
    let instance = description.target()?.id()?;
    let health = description.target_health();
    let state = health.and_then(|health| health.state()).map_or("", |state| state.as_str());
    let why = health.and_then(|health| health.reason()).map_or("", |reason| reason.as_str());
    if why == "Target.NotRegistered" {
        return None;
    }
    let said = health.and_then(|health| health.description()).unwrap_or_default();
    let how = match state {
        "healthy" => Health::Ready,
        "draining" | "unhealthy.draining" => Health::Deleting,
        _ => Health::Pending,
    };
    let reason = match (how, state) {
        (Health::Pending, "initial") | (Health::Ready | Health::Deleting | Health::Failed, _) => String::new(),
        _ if said.is_empty() => why.to_owned(),
        _ => format!("{why}: {said}"),
    };
    let id = format!("{} {instance}", group.key.name);
    Some(
        Seen::other(Some(&id), state, std::collections::BTreeMap::new())
            .health(how)
            .reason(reason)
            .with("target_group", Some(group.id.as_str()))
            .with("instance", Some(instance)),
    )
}

impl Live for Target {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let mut out = Vec::new();
            for want in wants {
                let key = &want.desired.key;
                let live =
                    |field: &str, kind: &str| want.desired.reference(field, kind).and_then(|key| world.get(&key));
                let (group, instance) = (live("target_group", "target-group"), live("instance", "instance"));
                let (Some(group), Some(instance)) = (group, instance) else {
                    out.push((key.clone(), Sight::Absent));
                    continue;
                };
                let targets = elb::health(clients, role, &group.id).await?;
                let found = targets.iter().filter_map(|target| seen(group, target));
                let own = found.into_iter().find(|one| one.text("instance") == Some(&instance.id));
                let used = want.desired.fields.get("used").and_then(Value::as_bool).unwrap_or(true);
                let sight = match own {
                    Some(own) if !used && own.state == "unused" => {
                        let own = own.health(Health::Ready).reason("");
                        Sight::Found(Box::new(own.taken_for(key, clients.region(role))))
                    }
                    Some(own) => Sight::Found(Box::new(own.taken_for(key, clients.region(role)))),
                    None => Sight::Absent,
                };
                out.push((key.clone(), sight));
            }
            Ok(out)
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let elb = clients.elbv2(support::role_of(clients, call)?);
            let group = support::text(call, "TargetGroupArn")?;
            let target = |arg: &Arg| TargetDescription::builder().set_id(support::member_text(arg, "Id")).build();
            let targets: Vec<TargetDescription> = support::structs(call, "Targets").iter().map(target).collect();
            match call.0.operation.as_str() {
                "RegisterTargets" => {
                    let request = elb.register_targets().target_group_arn(group).set_targets(Some(targets));
                    send!(aws_sdk_elasticloadbalancingv2, call, request);
                }
                "DeregisterTargets" => {
                    let request = elb.deregister_targets().target_group_arn(group).set_targets(Some(targets));
                    send!(aws_sdk_elasticloadbalancingv2, call, request);
                }
                _ => return Err(support::foreign(call)),
            }
            Ok(Sent::default())
        })
    }

    fn sweep<'a>(&'a self, _clients: &'a Clients, _role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
