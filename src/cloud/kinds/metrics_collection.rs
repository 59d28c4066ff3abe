//! The collection of a group's own metrics: how many instances it wants, has in service, launches, terminates.
//!
//! It has the group's name, and the id `NAME metrics`. When some of the course's metrics are off, all of them are switched on.

use std::collections::BTreeMap;

use crate::cloud::{Answered, Clients, Live, Sent, Sights, Swept, Want};
use crate::course::model::{Key, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::kind::{Env, Kind, differences_of_fields, holder};
use crate::lab::world::{Desired, Difference, Mend, Observed, Sight, World};

use super::auto_scaling_group::named;
use super::support::{self, Seen, send};

/// The declared fields.
pub const FIELDS: &[Field] =
    &[Field::new("group", FieldType::Ref("auto-scaling-group"), ("Auto Scaling 그룹", "Auto Scaling group"))];

/// What the course and the monitor read; AWS collects more.
const METRICS: &[&str] = &[
    "GroupMinSize",
    "GroupMaxSize",
    "GroupDesiredCapacity",
    "GroupInServiceInstances",
    "GroupPendingInstances",
    "GroupStandbyInstances",
    "GroupTerminatingInstances",
    "GroupTotalInstances",
];

/// The kind.
#[derive(Debug)]
pub struct MetricsCollection;

fn enable(desired: &Desired, effect: Effect) -> Call {
    support::call(Service::Autoscaling, "EnableMetricsCollection", effect, desired)
        .arg("AutoScalingGroupName", Arg::text(desired.text("group").unwrap_or_default()))
        .arg("Granularity", Arg::text("1Minute"))
        .arg("Metrics", Arg::List(METRICS.iter().copied().map(Arg::text).collect()))
}

impl Kind for MetricsCollection {
    fn name(&self) -> &'static str {
        "metrics-collection"
    }

    fn title(&self) -> Text {
        Text::new("그룹 지표 수집", "group metrics collection")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, _: &Env<'_>) -> Vec<Call> {
        vec![enable(desired, Effect::Create)]
    }

    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let mut out = differences_of_fields(FIELDS, desired, observed, env);
        let on = observed.fields.get("metrics").map_or(&[][..], Value::items);
        let off: Vec<&str> = METRICS.iter().copied().filter(|metric| !on.contains(&Value::from(*metric))).collect();
        if !off.is_empty() {
            out.push(Difference {
                key: desired.key.clone(),
                field: "metrics".to_owned(),
                wanted: off.join(", "),
                found: String::new(),
                mend: Mend::InPlace,
            });
        }
        out
    }

    fn change(&self, desired: &Desired, _: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        if differences.is_empty() { Vec::new() } else { vec![enable(desired, Effect::Change)] }
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_by(Service::Autoscaling, "DisableMetricsCollection", observed, step)
                .arg("AutoScalingGroupName", Arg::text(observed.text("group").unwrap_or_default()))
                .done_if(&["ValidationError~not found"])
                .again_if(&["ResourceContention"]),
        ]
    }

    fn goes_with(&self, observed: &Observed, live: &[&Observed]) -> Option<Key> {
        holder(observed, "group", "auto-scaling-group", live)
    }

    fn rank(&self) -> u8 {
        70
    }
}

impl Live for MetricsCollection {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let group_of = |want: &Want| {
                let key = want.desired.reference("group", "auto-scaling-group")?;
                world.get(&key).map(|group| group.id.clone())
            };
            let names: Vec<String> = wants.iter().filter_map(group_of).collect();
            let groups = if names.is_empty() { Vec::new() } else { named(clients, role, names).await? };
            let sight = |want: &Want| {
                let name = group_of(want)?;
                let group = groups.iter().find(|group| group.auto_scaling_group_name() == Some(&name))?;
                let on: Vec<Value> =
                    group.enabled_metrics().iter().filter_map(|metric| metric.metric()).map(Value::from).collect();
                if on.is_empty() {
                    return None;
                }
                let seen = Seen::other(Some(&format!("{name} metrics")), "enabled", BTreeMap::new())
                    .with("group", Some(name))
                    .with("metrics", Some(Value::List(on)));
                Some(Sight::Found(Box::new(seen.taken_for(&want.desired.key, clients.region(role)))))
            };
            Ok(wants.iter().map(|want| (want.desired.key.clone(), sight(want).unwrap_or(Sight::Absent))).collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let autoscaling = clients.autoscaling(support::role_of(clients, call)?);
            let group = support::text(call, "AutoScalingGroupName")?;
            match call.0.operation.as_str() {
                "EnableMetricsCollection" => {
                    let request = autoscaling.enable_metrics_collection().auto_scaling_group_name(group);
                    let granularity = support::text(call, "Granularity")?;
                    let request = request.set_metrics(Some(support::texts(call, "Metrics")));
                    send!(aws_sdk_autoscaling, call, request.granularity(granularity));
                }
                "DisableMetricsCollection" => {
                    let request = autoscaling.disable_metrics_collection().auto_scaling_group_name(group);
                    send!(aws_sdk_autoscaling, call, request);
                }
                _ => return Err(support::foreign(call)),
            }
            Ok(Sent::default())
        })
    }

    /// It goes with its group.
    fn sweep<'a>(&'a self, _clients: &'a Clients, _role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
