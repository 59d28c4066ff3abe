//! Auto Scaling group.
//!
//! Found by its name, which is its id here. It is gone only when the instances that it launched are terminated. `desired` is
//! what it begins with: from then on the group's policies decide, so it is not compared.
//!
//! Observed beside the declared fields: `instances`, a list of `{id, zone, state, health, target, version}` (`target` is
//! the health of its registration, empty without a target group); `in_service`, the id of one that is in service; `wish`, the
//! desired capacity; `metrics`, those that are collected; `activities`, the newest ones, of `{at, status, description,
//! cause, message}` with `at` in milliseconds since the Unix epoch.

use std::collections::BTreeMap;

use aws_sdk_autoscaling::types::{
    Activity, AutoScalingGroup as Group, Instance as Member, LaunchTemplateSpecification, LifecycleState, Tag,
};

use crate::cloud::{Answered, Clients, Live, Sent, Sights, Swept, Want};
use crate::course::model::{Key, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::kind::{Env, Kind, Need, Pace, Priced, differences_of_fields, needs_of_fields};
use crate::lab::world::{Desired, Difference, Health, Mend, Observed, Sight, World};
use crate::problem::Problem;

use super::elb;
use super::support::{self, PROJECT, Seen, filter, read, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("template", FieldType::Ref("launch-template"), ("시작 템플릿", "launch template")).in_place(),
    Field::new("subnets", FieldType::Refs("subnet"), ("서브넷", "subnets")).in_place().when_ready(),
    Field::new("target_groups", FieldType::Refs("target-group"), ("대상 그룹", "target groups")).optional().in_place(),
    Field::new("min", FieldType::Int, ("최소 용량", "minimum capacity")).in_place(),
    Field::new("max", FieldType::Int, ("최대 용량", "maximum capacity")).in_place(),
    Field::new("desired", FieldType::Int, ("원하는 용량", "desired capacity")).optional().ignored(),
    Field::new("health_check", FieldType::Word(&["EC2", "ELB"]), ("상태 확인 유형", "health check type"))
        .optional()
        .in_place(),
    Field::new("grace", FieldType::Int, ("상태 확인 유예 기간(초)", "health check grace period (s)"))
        .optional()
        .in_place(),
    Field::new("node_name", FieldType::Text, ("인스턴스 이름 태그", "Name tag of its instances")).optional().in_place(),
];

/// How many activities are kept.
const ACTIVITIES: usize = 40;

/// The kind.
#[derive(Debug)]
pub struct AutoScalingGroup;

fn template(desired: &Desired) -> Option<Arg> {
    let template = desired.reference("template", "launch-template")?;
    Some(Arg::map([("LaunchTemplateId", Arg::id(&template)), ("Version", Arg::text("$Latest"))]))
}

fn subnets(desired: &Desired) -> Arg {
    Arg::Joined(support::ids(desired, "subnets", "subnet"))
}

/// The group's tags; its instances get them too, so that nobody takes them for the learner's own.
fn tags(desired: &Desired, env: &Env<'_>) -> Arg {
    let node = desired.text("node_name");
    let tag = |(key, value): (&str, String)| {
        let value = if key == "Name" { node.map_or(value, str::to_owned) } else { value };
        Arg::map([("Key", Arg::text(key)), ("Value", Arg::text(value)), ("PropagateAtLaunch", Arg::Bool(true))])
    };
    Arg::List(support::tag_pairs(desired, env).into_iter().map(tag).collect())
}

fn call(operation: &str, effect: Effect, desired: &Desired) -> Call {
    support::call(Service::Autoscaling, operation, effect, desired)
        .arg("AutoScalingGroupName", Arg::text(&desired.key.name))
}

/// What passes by itself when a group is made or changed.
const AGAIN: &[&str] = &[
    "ResourceContention",
    "ScalingActivityInProgress",
    "ServiceLinkedRoleFailure",
    "ValidationError~Invalid IAM Instance Profile",
    "ValidationError~The specified launch template",
];

impl Kind for AutoScalingGroup {
    fn name(&self) -> &'static str {
        "auto-scaling-group"
    }

    fn title(&self) -> Text {
        Text::new("Auto Scaling 그룹", "Auto Scaling group")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    /// Its instances need a way out: Systems Manager reaches them only so.
    fn needs(&self, desired: &Desired, env: &Env<'_>) -> Vec<Need> {
        let mut out = needs_of_fields(FIELDS, desired);
        let names = desired.fields.get("subnets").map_or(&[][..], Value::items).iter().filter_map(Value::as_text);
        for name in names {
            let subnet = Key { kind: "subnet".into(), name: name.to_owned(), role: desired.key.role };
            out.extend(support::way_out(&subnet, env));
        }
        out
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let Some(template) = template(desired) else { return Vec::new() };
        let (min, max) = (desired.int("min").unwrap_or_default(), desired.int("max").unwrap_or_default());
        let mut create = call("CreateAutoScalingGroup", Effect::Create, desired)
            .arg("LaunchTemplate", template)
            .arg("MinSize", Arg::Int(min))
            .arg("MaxSize", Arg::Int(max))
            .arg("DesiredCapacity", Arg::Int(desired.int("desired").unwrap_or(min)))
            .arg("VPCZoneIdentifier", subnets(desired));
        let groups = support::ids(desired, "target_groups", "target-group");
        if !groups.is_empty() {
            create = create.arg("TargetGroupARNs", Arg::List(groups));
        }
        create = create.arg("HealthCheckType", Arg::text(desired.text("health_check").unwrap_or("EC2")));
        if let Some(grace) = desired.int("grace") {
            create = create.arg("HealthCheckGracePeriod", Arg::Int(grace));
        }
        vec![create.arg("Tags", tags(desired, env)).again_if(AGAIN)]
    }

    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let mut out = differences_of_fields(FIELDS, desired, observed, env);
        // A group that is pinned to a version does not follow the template.
        if let Some(version) = observed.text("version").filter(|version| *version != "$Latest") {
            out.push(Difference {
                key: desired.key.clone(),
                field: "version".to_owned(),
                wanted: "$Latest".to_owned(),
                found: version.to_owned(),
                mend: Mend::InPlace,
            });
        }
        out
    }

    fn change(&self, desired: &Desired, observed: &Observed, differences: &[Difference], env: &Env<'_>) -> Vec<Call> {
        let differs = |fields: &[&str]| differences.iter().any(|one| fields.contains(&one.field.as_str()));
        let mut out = Vec::new();
        if differs(&["template", "version", "subnets", "min", "max", "health_check", "grace"]) {
            let mut update = call("UpdateAutoScalingGroup", Effect::Change, desired).again_if(AGAIN);
            if let Some(template) = template(desired).filter(|_| differs(&["template", "version"])) {
                update = update.arg("LaunchTemplate", template);
            }
            for (field, name) in [("min", "MinSize"), ("max", "MaxSize")] {
                if let Some(number) = desired.int(field).filter(|_| differs(&[field])) {
                    update = update.arg(name, Arg::Int(number));
                }
            }
            if differs(&["subnets"]) {
                update = update.arg("VPCZoneIdentifier", subnets(desired));
            }
            if let Some(kind) = desired.text("health_check").filter(|_| differs(&["health_check"])) {
                update = update.arg("HealthCheckType", Arg::text(kind));
            }
            if let Some(grace) = desired.int("grace").filter(|_| differs(&["grace"])) {
                update = update.arg("HealthCheckGracePeriod", Arg::Int(grace));
            }
            out.push(update);
        }
        if differs(&["target_groups"]) {
            out.extend(target_groups(desired, observed));
        }
        if differs(&["node_name"]) {
            let tag = Arg::map([
                ("ResourceId", Arg::text(&desired.key.name)),
                ("ResourceType", Arg::text("auto-scaling-group")),
                ("Key", Arg::text("Name")),
                ("Value", Arg::text(desired.text("node_name").unwrap_or(&desired.key.name))),
                ("PropagateAtLaunch", Arg::Bool(true)),
            ]);
            out.push(
                support::call(Service::Autoscaling, "CreateOrUpdateTags", Effect::Change, desired)
                    .arg("Tags", Arg::List(vec![tag])),
            );
        }
        let _ = env;
        out
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_by(Service::Autoscaling, "DeleteAutoScalingGroup", observed, step)
                .arg("AutoScalingGroupName", Arg::text(&observed.id))
                .arg("ForceDelete", Arg::Bool(true))
                .done_if(&["ValidationError~not found"])
                .again_if(&["ResourceInUse", "ScalingActivityInProgress", "ResourceContention"]),
        ]
    }

    fn pace(&self) -> Pace {
        Pace::seconds(60, 5, 900, 90)
    }

    /// The instances that it begins with.
    fn price(&self, desired: &Desired, all: &[Desired]) -> Vec<Priced> {
        #[expect(clippy::cast_precision_loss, reason = "a group of a course has few instances")]
        let count = desired.int("desired").or(desired.int("min")).unwrap_or_default() as f64;
        servers(desired, all, count)
    }

    /// The instances that it has.
    fn price_live(&self, desired: &Desired, all: &[Desired], observed: &Observed) -> Vec<Priced> {
        #[expect(clippy::cast_precision_loss, reason = "a group has at most some thousand instances")]
        let count = observed.fields.get("instances").map_or(0, |members| members.items().len()) as f64;
        servers(desired, all, count)
    }

    fn rank(&self) -> u8 {
        60
    }
}

/// What so many instances cost, as the group's template has them.
fn servers(desired: &Desired, all: &[Desired], count: f64) -> Vec<Priced> {
    let template = desired.reference("template", "launch-template");
    let Some(template) = template.and_then(|key| all.iter().find(|other| other.key == key)) else {
        return Vec::new();
    };
    let monitoring = template.fields.get("monitoring").and_then(Value::as_bool).unwrap_or(false);
    let mut out = vec![
        Priced { item: format!("instance-hour.{}", template.text("type").unwrap_or_default()), count },
        Priced { item: "gp3-gb-month".to_owned(), count: 8.0 * count },
    ];
    if monitoring {
        out.push(Priced { item: "detailed-monitoring-month".to_owned(), count });
    }
    out
}

/// Attaches the target groups that are missing and detaches what the course does not have.
fn target_groups(desired: &Desired, observed: &Observed) -> Vec<Call> {
    let live = observed.fields.get("target_groups").map_or(&[][..], Value::items).to_vec();
    let one = |operation: &str, arns: Vec<Arg>| {
        call(operation, Effect::Change, desired).arg("TargetGroupARNs", Arg::List(arns)).again_if(AGAIN)
    };
    let mut out = Vec::new();
    if !live.is_empty() {
        let arns = live.iter().filter_map(Value::as_text).map(Arg::text).collect();
        out.push(one("DetachLoadBalancerTargetGroups", arns));
    }
    out.push(one("AttachLoadBalancerTargetGroups", support::ids(desired, "target_groups", "target-group")));
    out
}

fn of_map(members: &[(&str, Option<Value>)]) -> Value {
    let known = members.iter().filter_map(|(name, value)| Some(((*name).to_owned(), value.clone()?)));
    Value::Map(known.collect())
}

fn member_value(member: &Member, targets: &BTreeMap<String, String>) -> Value {
    let id = member.instance_id().unwrap_or_default();
    of_map(&[
        ("id", Some(id.into())),
        ("zone", member.availability_zone().map(Value::from)),
        ("state", member.lifecycle_state().map(|state| state.as_str().into())),
        ("health", member.health_status().map(Value::from)),
        ("target", Some(targets.get(id).map_or("", String::as_str).into())),
        ("version", member.launch_template().and_then(|template| template.version()).map(Value::from)),
    ])
}

fn activity_value(activity: &Activity) -> Value {
    let at = activity.start_time().and_then(|at| at.to_millis().ok());
    of_map(&[
        ("at", at.map(Value::from)),
        ("status", activity.status_code().map(|code| code.as_str().into())),
        ("description", activity.description().map(Value::from)),
        ("cause", activity.cause().map(Value::from)),
        ("message", activity.status_message().map(Value::from)),
    ])
}

fn seen(group: &Group, activities: &[Activity], targets: &BTreeMap<String, String>) -> Seen {
    let tags: BTreeMap<String, String> = group
        .tags()
        .iter()
        .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
        .collect();
    let in_service = |member: &&Member| member.lifecycle_state() == Some(&LifecycleState::InService);
    let serving = group.instances().iter().filter(in_service).count();
    let wish = group.desired_capacity().unwrap_or_default();
    let deleting = group.status().is_some_and(|status| status.starts_with("Delete"));
    let health = match usize::try_from(wish) {
        _ if deleting => Health::Deleting,
        Ok(wish) if serving < wish => Health::Pending,
        _ => Health::Ready,
    };
    let failed = activities
        .first()
        .filter(|newest| newest.status_code().is_some_and(|code| code.as_str() == "Failed"))
        .and_then(|newest| newest.status_message());
    // What waits for an answer to a lifecycle hook does not come by itself.
    let hooked = group.instances().iter().find_map(|member| {
        let state = member.lifecycle_state()?;
        let waits = matches!(state, LifecycleState::PendingWait | LifecycleState::TerminatingWait);
        waits.then(|| format!("{} {} (lifecycle hook)", member.instance_id().unwrap_or_default(), state.as_str()))
    });
    let reason = failed.map(str::to_owned).or(hooked).filter(|_| health == Health::Pending).unwrap_or_default();
    let state =
        if deleting { group.status().unwrap_or_default().to_owned() } else { format!("{serving}/{wish} InService") };
    let list = |texts: Vec<&str>| Some(Value::List(texts.into_iter().map(Value::from).collect()));
    let zones = group.vpc_zone_identifier().unwrap_or_default().split(',').map(str::trim).filter(|id| !id.is_empty());
    let node = tags.get("Name").map(String::as_str);
    let specification = group.launch_template();
    let first = group.instances().iter().find(in_service).and_then(|member| member.instance_id());
    Seen::other(group.auto_scaling_group_name(), &state, tags.clone())
        .health(health)
        .reason(reason)
        .with("template", specification.and_then(|template| template.launch_template_id()))
        .with("version", specification.and_then(|template| template.version()))
        .with("subnets", list(zones.collect()))
        .with("target_groups", list(group.target_group_arns().iter().map(String::as_str).collect()))
        .with("min", group.min_size().map(i64::from))
        .with("max", group.max_size().map(i64::from))
        .with("wish", Some(i64::from(wish)))
        .with("health_check", group.health_check_type())
        .with("grace", group.health_check_grace_period().map(i64::from))
        .with("node_name", node)
        .with("arn", group.auto_scaling_group_arn())
        .with("in_service", first)
        .with("metrics", list(group.enabled_metrics().iter().filter_map(|metric| metric.metric()).collect()))
        .with("instances", Some(Value::List(group.instances().iter().map(|one| member_value(one, targets)).collect())))
        .with("activities", Some(Value::List(activities.iter().map(activity_value).collect())))
}

/// The groups with these names.
pub(super) async fn named(clients: &Clients, role: Role, names: Vec<String>) -> Result<Vec<Group>, Problem> {
    let request = clients.autoscaling(role).describe_auto_scaling_groups().set_auto_scaling_group_names(Some(names));
    Ok(read_all!("autoscaling", clients, role, "DescribeAutoScalingGroups", request))
}

/// Every group of the region, as observed; for commands that work on any group.
pub async fn all(clients: &Clients, role: Role) -> Result<Vec<Observed>, Problem> {
    let request = clients.autoscaling(role).describe_auto_scaling_groups();
    let groups: Vec<Group> = read_all!("autoscaling", clients, role, "DescribeAutoScalingGroups", request);
    Ok(groups.iter().map(|group| left_over(&seen(group, &[], &BTreeMap::new()), role, clients.region(role))).collect())
}

fn left_over(seen: &Seen, role: Role, region: &str) -> Observed {
    let key = Key { kind: "auto-scaling-group".into(), name: seen.id.clone(), role };
    seen.taken_for(&key, region)
}

async fn activities(clients: &Clients, role: Role, group: &str) -> Result<Vec<Activity>, Problem> {
    let request = clients.autoscaling(role).describe_scaling_activities().auto_scaling_group_name(group);
    let answer = read!("autoscaling", clients, role, "DescribeScalingActivities", request);
    Ok(answer.activities().iter().take(ACTIVITIES).cloned().collect())
}

/// The health of a group's registrations, by instance: the worst of its target groups'.
async fn targets(clients: &Clients, role: Role, group: &Group) -> Result<BTreeMap<String, String>, Problem> {
    let mut out: BTreeMap<String, String> = BTreeMap::new();
    for arn in group.target_group_arns() {
        for target in elb::health(clients, role, arn).await? {
            let state = target.target_health().and_then(|health| health.state()).map_or("", |state| state.as_str());
            let Some(id) = target.target().and_then(|target| target.id()) else { continue };
            let known = out.entry(id.to_owned()).or_insert_with(|| state.to_owned());
            if state != "healthy" {
                state.clone_into(known);
            }
        }
    }
    Ok(out)
}

/// The instances that a deleted group leaves behind until they are terminated.
async fn remains(clients: &Clients, role: Role, want: &Want) -> Result<Sight, Problem> {
    let Some(name) = &want.recorded else { return Ok(Sight::Absent) };
    let request = clients
        .ec2(role)
        .describe_instances()
        .filters(filter("tag:aws:autoscaling:groupName", [name]))
        .filters(filter("instance-state-name", ["pending", "running", "shutting-down", "stopping", "stopped"]));
    let answer = read!(clients, role, "DescribeInstances", request);
    let live: Vec<_> = answer.reservations().iter().flat_map(|reservation| reservation.instances()).collect();
    if live.is_empty() {
        return Ok(Sight::Absent);
    }
    let subnets = live.iter().filter_map(|one| one.subnet_id()).map(Value::from).collect();
    let state = format!("deleted, {} terminating", live.len());
    let seen = Seen::other(Some(name), &state, BTreeMap::new())
        .health(Health::Deleting)
        .with("subnets", Some(Value::List(subnets)));
    Ok(Sight::Found(Box::new(seen.taken_for(&want.desired.key, clients.region(role)))))
}

impl Live for AutoScalingGroup {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let names = wants.iter().map(|want| want.desired.key.name.clone()).collect();
            let groups = named(clients, role, names).await?;
            let mut out = Vec::new();
            for want in wants {
                let key = &want.desired.key;
                let group = groups.iter().find(|group| group.auto_scaling_group_name() == Some(&key.name));
                let sight = match group {
                    Some(group) => {
                        let activities = activities(clients, role, &key.name).await?;
                        let targets = targets(clients, role, group).await?;
                        let seen = seen(group, &activities, &targets);
                        Sight::Found(Box::new(seen.taken_for(key, clients.region(role))))
                    }
                    None => remains(clients, role, want).await?,
                };
                out.push((key.clone(), sight));
            }
            Ok(out)
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let autoscaling = clients.autoscaling(support::role_of(clients, call)?);
            let name = || support::text(call, "AutoScalingGroupName");
            let own = |name: &str| call.text(name).map(str::to_owned);
            let template = call.arg("LaunchTemplate").map(|arg| {
                LaunchTemplateSpecification::builder()
                    .set_launch_template_id(support::member_text(arg, "LaunchTemplateId"))
                    .set_version(support::member_text(arg, "Version"))
                    .build()
            });
            match call.0.operation.as_str() {
                "CreateAutoScalingGroup" => {
                    let request = autoscaling
                        .create_auto_scaling_group()
                        .auto_scaling_group_name(name()?)
                        .set_launch_template(template)
                        .set_min_size(support::int(call, "MinSize"))
                        .set_max_size(support::int(call, "MaxSize"))
                        .set_desired_capacity(support::int(call, "DesiredCapacity"))
                        .set_vpc_zone_identifier(own("VPCZoneIdentifier"))
                        .set_target_group_arns(
                            call.arg("TargetGroupARNs").map(|_| support::texts(call, "TargetGroupARNs")),
                        )
                        .set_health_check_type(own("HealthCheckType"))
                        .set_health_check_grace_period(support::int(call, "HealthCheckGracePeriod"))
                        .set_tags(Some(request_tags(call)));
                    send!(aws_sdk_autoscaling, call, request);
                    return Ok(support::gave(Some(&name()?)));
                }
                "UpdateAutoScalingGroup" => {
                    let request = autoscaling
                        .update_auto_scaling_group()
                        .auto_scaling_group_name(name()?)
                        .set_launch_template(template)
                        .set_min_size(support::int(call, "MinSize"))
                        .set_max_size(support::int(call, "MaxSize"))
                        .set_desired_capacity(support::int(call, "DesiredCapacity"))
                        .set_vpc_zone_identifier(own("VPCZoneIdentifier"))
                        .set_health_check_type(own("HealthCheckType"))
                        .set_health_check_grace_period(support::int(call, "HealthCheckGracePeriod"));
                    send!(aws_sdk_autoscaling, call, request);
                }
                "AttachLoadBalancerTargetGroups" => {
                    let arns = Some(support::texts(call, "TargetGroupARNs"));
                    let request = autoscaling.attach_load_balancer_target_groups().auto_scaling_group_name(name()?);
                    send!(aws_sdk_autoscaling, call, request.set_target_group_arns(arns));
                }
                "DetachLoadBalancerTargetGroups" => {
                    let arns = Some(support::texts(call, "TargetGroupARNs"));
                    let request = autoscaling.detach_load_balancer_target_groups().auto_scaling_group_name(name()?);
                    send!(aws_sdk_autoscaling, call, request.set_target_group_arns(arns));
                }
                "CreateOrUpdateTags" => {
                    let request = autoscaling.create_or_update_tags().set_tags(Some(request_tags(call)));
                    send!(aws_sdk_autoscaling, call, request);
                }
                "DeleteAutoScalingGroup" => {
                    let force = matches!(call.arg("ForceDelete"), Some(Arg::Bool(true)));
                    let request = autoscaling.delete_auto_scaling_group().auto_scaling_group_name(name()?);
                    send!(aws_sdk_autoscaling, call, request.force_delete(force));
                }
                _ => return Err(support::foreign(call)),
            }
            Ok(Sent::default())
        })
    }

    fn strays<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(all(clients, role))
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let found = all(clients, role).await?;
            Ok(found.into_iter().filter(|one| one.tags.get("Project").is_some_and(|tag| tag == PROJECT)).collect())
        })
    }
}

fn request_tags(call: &BoundCall) -> Vec<Tag> {
    let group = call.text("AutoScalingGroupName").map(str::to_owned);
    let tag = |arg: &Arg| {
        let own = support::member_text(arg, "ResourceId").or_else(|| group.clone());
        let propagate = matches!(support::member(arg, "PropagateAtLaunch"), Some(Arg::Bool(true)));
        Tag::builder()
            .set_resource_id(own)
            .resource_type("auto-scaling-group")
            .set_key(support::member_text(arg, "Key"))
            .set_value(support::member_text(arg, "Value"))
            .propagate_at_launch(propagate)
            .build()
    };
    support::structs(call, "Tags").iter().map(tag).collect()
}
