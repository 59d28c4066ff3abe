//! Target group of an Application Load Balancer.
//!
//! Found by its name. Its id is its ARN. Observed beside the declared fields: `name`.

use aws_sdk_elasticloadbalancingv2::types::{
    Matcher, ProtocolEnum, TargetGroup as Group, TargetGroupAttribute, TargetTypeEnum,
};

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::Role;
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::kind::{Env, Kind, Pace};
use crate::lab::world::{Desired, Difference, Observed, World};
use crate::problem::Problem;

use super::elb;
use super::support::{self, Match, Seen, done, read, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("vpc", FieldType::Ref("vpc"), ("VPC", "VPC")),
    Field::new("protocol", FieldType::Word(&["HTTP"]), ("프로토콜", "protocol")),
    Field::new("port", FieldType::Int, ("포트", "port")),
    Field::new("health_path", FieldType::Text, ("상태 검사 경로", "health check path")).in_place(),
    Field::new("health_port", FieldType::Text, ("상태 검사 포트", "health check port")).optional().in_place(),
    Field::new("matcher", FieldType::Text, ("상태 검사 성공 코드", "success codes")).optional().in_place(),
    Field::new("deregistration_delay", FieldType::Int, ("등록 취소 지연(초)", "deregistration delay (s)"))
        .optional()
        .in_place(),
];

/// The attribute behind `deregistration_delay`.
const DELAY: &str = "deregistration_delay.timeout_seconds";

/// The kind.
#[derive(Debug)]
pub struct TargetGroup;

fn delay(desired: &Desired, effect: Effect) -> Option<Call> {
    let seconds = desired.int("deregistration_delay")?;
    let attribute = Arg::map([("Key", Arg::text(DELAY)), ("Value", Arg::text(seconds.to_string()))]);
    Some(
        support::call(Service::Elbv2, "ModifyTargetGroupAttributes", effect, desired)
            .arg("TargetGroupArn", Arg::id(&desired.key))
            .arg("Attributes", Arg::List(vec![attribute])),
    )
}

/// What both making and changing a health check say.
fn checks(mut call: Call, desired: &Desired) -> Call {
    if let Some(path) = desired.text("health_path") {
        call = call.arg("HealthCheckPath", Arg::text(path));
    }
    if let Some(port) = desired.text("health_port") {
        call = call.arg("HealthCheckPort", Arg::text(port));
    }
    if let Some(codes) = desired.text("matcher") {
        call = call.arg("Matcher", Arg::map([("HttpCode", Arg::text(codes))]));
    }
    call
}

impl Kind for TargetGroup {
    fn name(&self) -> &'static str {
        "target-group"
    }

    fn title(&self) -> Text {
        Text::new("대상 그룹", "target group")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let Some(vpc) = desired.reference("vpc", "vpc") else { return Vec::new() };
        let create = support::call(Service::Elbv2, "CreateTargetGroup", Effect::Create, desired)
            .arg("Name", Arg::text(&desired.key.name))
            .arg("Protocol", Arg::text(desired.text("protocol").unwrap_or_default()))
            .arg("Port", Arg::Int(desired.int("port").unwrap_or_default()))
            .arg("VpcId", Arg::id(&vpc))
            .arg("TargetType", Arg::text("instance"));
        let create = checks(create, desired)
            .arg("Tags", support::tag_list(desired, env))
            .gives("TargetGroups[0].TargetGroupArn")
            .again_if(&["InvalidVpcID.NotFound"]);
        std::iter::once(create).chain(delay(desired, Effect::Create)).collect()
    }

    fn change(&self, desired: &Desired, _: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        let differs = |fields: &[&str]| differences.iter().any(|one| fields.contains(&one.field.as_str()));
        let mut out = Vec::new();
        if differs(&["health_path", "health_port", "matcher"]) {
            let call = support::call(Service::Elbv2, "ModifyTargetGroup", Effect::Change, desired)
                .arg("TargetGroupArn", Arg::id(&desired.key));
            out.push(checks(call, desired));
        }
        if differs(&["deregistration_delay"]) {
            out.extend(delay(desired, Effect::Change));
        }
        out
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_by(Service::Elbv2, "DeleteTargetGroup", observed, step)
                .arg("TargetGroupArn", Arg::text(&observed.id))
                .done_if(&["TargetGroupNotFound"])
                .again_if(&["ResourceInUse"]),
        ]
    }

    fn pace(&self) -> Pace {
        Pace::seconds(1, 2, 120, 5)
    }

    fn rank(&self) -> u8 {
        30
    }
}

fn seen(group: &Group) -> Seen {
    Seen::other(group.target_group_arn(), "exists", std::collections::BTreeMap::new())
        .with("name", group.target_group_name())
        .with("vpc", group.vpc_id())
        .with("protocol", group.protocol().map(|protocol| protocol.as_str()))
        .with("port", group.port().map(i64::from))
        .with("health_path", group.health_check_path())
        .with("health_port", group.health_check_port())
        .with("matcher", group.matcher().and_then(|matcher| matcher.http_code()))
}

async fn list(clients: &Clients, role: Role) -> Result<Vec<Seen>, Problem> {
    let request = clients.elbv2(role).describe_target_groups();
    let groups: Vec<Group> = read_all!("elasticloadbalancing", clients, role, "DescribeTargetGroups", request);
    Ok(groups.iter().map(seen).collect())
}

async fn add_attributes(clients: &Clients, role: Role, seen: &mut Seen) -> Result<(), Problem> {
    let request = clients.elbv2(role).describe_target_group_attributes().target_group_arn(&seen.id);
    let answer = read!("elasticloadbalancing", clients, role, "DescribeTargetGroupAttributes", request);
    let delay = answer.attributes().iter().find(|attribute| attribute.key() == Some(DELAY));
    let seconds = delay.and_then(|attribute| attribute.value()?.parse::<i64>().ok());
    if let Some(seconds) = seconds {
        seen.fields.insert("deregistration_delay".to_owned(), seconds.into());
    }
    Ok(())
}

impl Live for TargetGroup {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            // Asking by name fails altogether when one of the names is not there.
            let mut seen = list(clients, role).await?;
            seen.retain(|one| wants.iter().any(|want| one.text("name") == Some(&want.desired.key.name)));
            elb::add_tags(clients, role, &mut seen).await?;
            for one in &mut seen {
                add_attributes(clients, role, one).await?;
            }
            let sight = |want: &Want| {
                let natural = |seen: &Seen| seen.text("name") == Some(want.desired.key.name.as_str());
                let by = Match { scope: Some(&natural), natural: Some(&natural) };
                support::pick(clients.region(role), wants, want, &seen, by)
            };
            Ok(wants.iter().map(|want| (want.desired.key.clone(), sight(want))).collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let elb = clients.elbv2(support::role_of(clients, call)?);
            let own = |name: &str| call.text(name).map(str::to_owned);
            let matcher = call.arg("Matcher").and_then(|matcher| support::member_text(matcher, "HttpCode"));
            let matcher = matcher.map(|codes| Matcher::builder().http_code(codes).build());
            match call.0.operation.as_str() {
                "CreateTargetGroup" => {
                    let request = elb
                        .create_target_group()
                        .name(support::text(call, "Name")?)
                        .protocol(ProtocolEnum::from(support::text(call, "Protocol")?.as_str()))
                        .set_port(support::int(call, "Port"))
                        .vpc_id(support::text(call, "VpcId")?)
                        .target_type(TargetTypeEnum::from(support::text(call, "TargetType")?.as_str()))
                        .set_health_check_path(own("HealthCheckPath"))
                        .set_health_check_port(own("HealthCheckPort"))
                        .set_matcher(matcher)
                        .set_tags(elb::tags(call));
                    let answer = send!(aws_sdk_elasticloadbalancingv2, call, request);
                    Ok(support::gave(answer.target_groups().first().and_then(|group| group.target_group_arn())))
                }
                "ModifyTargetGroup" => {
                    let request = elb
                        .modify_target_group()
                        .target_group_arn(support::text(call, "TargetGroupArn")?)
                        .set_health_check_path(own("HealthCheckPath"))
                        .set_health_check_port(own("HealthCheckPort"))
                        .set_matcher(matcher);
                    done!(aws_sdk_elasticloadbalancingv2, call, request)
                }
                "ModifyTargetGroupAttributes" => {
                    let attribute = |arg: &Arg| {
                        TargetGroupAttribute::builder()
                            .set_key(support::member_text(arg, "Key"))
                            .set_value(support::member_text(arg, "Value"))
                            .build()
                    };
                    let attributes = support::structs(call, "Attributes").iter().map(attribute).collect();
                    let request = elb
                        .modify_target_group_attributes()
                        .target_group_arn(support::text(call, "TargetGroupArn")?)
                        .set_attributes(Some(attributes));
                    done!(aws_sdk_elasticloadbalancingv2, call, request)
                }
                "DeleteTargetGroup" => {
                    let arn = support::text(call, "TargetGroupArn")?;
                    done!(aws_sdk_elasticloadbalancingv2, call, elb.delete_target_group().target_group_arn(arn))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let mut seen = list(clients, role).await?;
            elb::add_tags(clients, role, &mut seen).await?;
            Ok(elb::leftovers("target-group", &seen, vpcs, role, clients.region(role)))
        })
    }
}
