//! Application Load Balancer.
//!
//! Found by its name; its id is its ARN. It is gone only when the network interfaces that it leaves behind are gone too:
//! they hold subnets, security groups and the internet gateway. Observed beside the declared fields: `name`, `dns`, `vpc`.

use aws_sdk_elasticloadbalancingv2::types::{
    IpAddressType, LoadBalancer as Balancer, LoadBalancerSchemeEnum, LoadBalancerTypeEnum,
};

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Task, Want};
use crate::course::model::{Key, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::kind::{Env, Kind, Need, Pace, Priced, needs_of_fields};
use crate::lab::report::Blocker;
use crate::lab::world::{Desired, Difference, Health, Observed, Sight, World};
use crate::problem::Problem;

use super::support::{self, Match, Seen, done, filter, read, read_all, send};
use super::{blockers, elb};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("subnets", FieldType::Refs("subnet"), ("서브넷", "subnets")).in_place().when_ready(),
    Field::new("groups", FieldType::Refs("security-group"), ("보안 그룹", "security groups")).in_place(),
    Field::new("scheme", FieldType::Word(&["internet-facing", "internal"]), ("체계", "scheme")).optional(),
];

/// A node in each zone has a public address.
const NODES: f64 = 2.0;

/// The kind.
#[derive(Debug)]
pub struct LoadBalancer;

fn scheme(desired: &Desired) -> &str {
    desired.text("scheme").unwrap_or("internet-facing")
}

impl Kind for LoadBalancer {
    fn name(&self) -> &'static str {
        "load-balancer"
    }

    fn title(&self) -> Text {
        Text::new("로드 밸런서", "load balancer")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    /// A balancer that faces the internet needs the gateway; without routes to it nobody gets there.
    fn needs(&self, desired: &Desired, env: &Env<'_>) -> Vec<Need> {
        let mut out = needs_of_fields(FIELDS, desired);
        let subnets = desired.fields.get("subnets").map_or(&[][..], Value::items).iter().filter_map(Value::as_text);
        for name in subnets.filter(|_| scheme(desired) == "internet-facing") {
            let subnet = Key { kind: "subnet".into(), name: name.to_owned(), role: desired.key.role };
            out.extend(support::gateway_of_subnet(&subnet, env));
            out.extend(support::way_out(&subnet, env));
        }
        out
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        vec![
            support::call(Service::Elbv2, "CreateLoadBalancer", Effect::Create, desired)
                .arg("Name", Arg::text(&desired.key.name))
                .arg("Type", Arg::text("application"))
                .arg("Scheme", Arg::text(scheme(desired)))
                .arg("IpAddressType", Arg::text("ipv4"))
                .arg("Subnets", Arg::List(support::ids(desired, "subnets", "subnet")))
                .arg("SecurityGroups", Arg::List(support::ids(desired, "groups", "security-group")))
                .arg("Tags", support::tag_list(desired, env))
                .gives("LoadBalancers[0].LoadBalancerArn")
                .again_if(&["SubnetNotFound", "InvalidSecurityGroup"]),
        ]
    }

    fn change(&self, desired: &Desired, _: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        let differs = |field: &str| differences.iter().any(|one| one.field == field);
        let call = |operation: &str| {
            support::call(Service::Elbv2, operation, Effect::Change, desired)
                .arg("LoadBalancerArn", Arg::id(&desired.key))
        };
        let mut out = Vec::new();
        if differs("subnets") {
            out.push(call("SetSubnets").arg("Subnets", Arg::List(support::ids(desired, "subnets", "subnet"))));
        }
        if differs("groups") {
            let groups = Arg::List(support::ids(desired, "groups", "security-group"));
            out.push(call("SetSecurityGroups").arg("SecurityGroups", groups));
        }
        out
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_by(Service::Elbv2, "DeleteLoadBalancer", observed, step)
                .arg("LoadBalancerArn", Arg::text(&observed.id))
                .done_if(&["LoadBalancerNotFound"]),
        ]
    }

    fn pace(&self) -> Pace {
        Pace::seconds(150, 5, 900, 125)
    }

    fn price(&self, _: &Desired, _: &[Desired]) -> Vec<Priced> {
        vec![
            Priced { item: "alb-hour".to_owned(), count: 1.0 },
            Priced { item: "public-ipv4-hour".to_owned(), count: NODES },
        ]
    }

    fn rank(&self) -> u8 {
        45
    }
}

fn seen(balancer: &Balancer) -> Seen {
    let state = balancer.state();
    let code = state.and_then(|state| state.code()).map_or("", |code| code.as_str());
    let health = match code {
        "active" | "active_impaired" => Health::Ready,
        "failed" => Health::Failed,
        _ => Health::Pending,
    };
    let reason = state.and_then(|state| state.reason()).unwrap_or_default();
    let subnets = balancer.availability_zones().iter().filter_map(|zone| zone.subnet_id()).map(Value::from).collect();
    let groups = balancer.security_groups().iter().map(|id| Value::from(id.as_str())).collect();
    Seen::other(balancer.load_balancer_arn(), code, std::collections::BTreeMap::new())
        .health(health)
        .reason(if health == Health::Failed { reason } else { "" })
        .with("name", balancer.load_balancer_name())
        .with("dns", balancer.dns_name())
        .with("dns_zone", balancer.canonical_hosted_zone_id())
        .with("vpc", balancer.vpc_id())
        .with("scheme", balancer.scheme().map(|scheme| scheme.as_str()))
        .with("subnets", Some(Value::List(subnets)))
        .with("groups", Some(Value::List(groups)))
}

async fn list(clients: &Clients, role: Role) -> Result<Vec<Seen>, Problem> {
    let request = clients.elbv2(role).describe_load_balancers();
    let balancers: Vec<Balancer> = read_all!("elasticloadbalancing", clients, role, "DescribeLoadBalancers", request);
    Ok(balancers.iter().map(seen).collect())
}

/// How EC2 describes the network interfaces of a balancer: `ELB app/my-asg-alb/50dc6c495c0c9188`.
fn interfaces_of(arn: &str) -> Option<String> {
    arn.split_once(":loadbalancer/").map(|(_, name)| format!("ELB {name}"))
}

/// What remains of a deleted balancer.
async fn remains(clients: &Clients, role: Role, want: &Want) -> Result<Sight, Problem> {
    let Some((arn, description)) = want.recorded.as_ref().and_then(|arn| Some((arn, interfaces_of(arn)?))) else {
        return Ok(Sight::Absent);
    };
    let request = clients.ec2(role).describe_network_interfaces().filters(filter("description", [description]));
    let answer = read!(clients, role, "DescribeNetworkInterfaces", request);
    let interfaces = answer.network_interfaces();
    if interfaces.is_empty() {
        return Ok(Sight::Absent);
    }
    let subnets = interfaces.iter().filter_map(|one| one.subnet_id()).map(Value::from).collect();
    let groups = interfaces.iter().flat_map(|one| one.groups()).filter_map(|group| group.group_id());
    let mut groups: Vec<Value> = groups.map(Value::from).collect();
    groups.sort_unstable();
    groups.dedup();
    let seen = Seen::other(Some(arn), "deleted, interfaces remain", std::collections::BTreeMap::new())
        .health(Health::Deleting)
        .with("vpc", interfaces.first().and_then(|one| one.vpc_id()))
        .with("subnets", Some(Value::List(subnets)))
        .with("groups", Some(Value::List(groups)));
    Ok(Sight::Found(Box::new(seen.taken_for(&want.desired.key, clients.region(role)))))
}

impl Live for LoadBalancer {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let mut seen = list(clients, role).await?;
            seen.retain(|one| wants.iter().any(|want| one.text("name") == Some(&want.desired.key.name)));
            elb::add_tags(clients, role, &mut seen).await?;
            let mut out = Vec::new();
            for want in wants {
                let natural = |seen: &Seen| seen.text("name") == Some(want.desired.key.name.as_str());
                let by = Match { scope: Some(&natural), natural: Some(&natural) };
                let sight = match support::pick(clients.region(role), wants, want, &seen, by) {
                    Sight::Absent => remains(clients, role, want).await?,
                    sight => sight,
                };
                out.push((want.desired.key.clone(), sight));
            }
            Ok(out)
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let elb = clients.elbv2(support::role_of(clients, call)?);
            let arn = || support::text(call, "LoadBalancerArn");
            match call.0.operation.as_str() {
                "CreateLoadBalancer" => {
                    let request = elb
                        .create_load_balancer()
                        .name(support::text(call, "Name")?)
                        .r#type(LoadBalancerTypeEnum::from(support::text(call, "Type")?.as_str()))
                        .scheme(LoadBalancerSchemeEnum::from(support::text(call, "Scheme")?.as_str()))
                        .ip_address_type(IpAddressType::from(support::text(call, "IpAddressType")?.as_str()))
                        .set_subnets(Some(support::texts(call, "Subnets")))
                        .set_security_groups(Some(support::texts(call, "SecurityGroups")))
                        .set_tags(elb::tags(call));
                    let answer = send!(aws_sdk_elasticloadbalancingv2, call, request);
                    Ok(support::gave(answer.load_balancers().first().and_then(|one| one.load_balancer_arn())))
                }
                "SetSubnets" => {
                    let request = elb.set_subnets().load_balancer_arn(arn()?);
                    let request = request.set_subnets(Some(support::texts(call, "Subnets")));
                    done!(aws_sdk_elasticloadbalancingv2, call, request)
                }
                "SetSecurityGroups" => {
                    let request = elb.set_security_groups().load_balancer_arn(arn()?);
                    let request = request.set_security_groups(Some(support::texts(call, "SecurityGroups")));
                    done!(aws_sdk_elasticloadbalancingv2, call, request)
                }
                "DeleteLoadBalancer" => {
                    done!(aws_sdk_elasticloadbalancingv2, call, elb.delete_load_balancer().load_balancer_arn(arn()?))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let mut seen = list(clients, role).await?;
            elb::add_tags(clients, role, &mut seen).await?;
            Ok(elb::leftovers("load-balancer", &seen, vpcs, role, clients.region(role)))
        })
    }

    fn blockers<'a>(&'a self, clients: &'a Clients, observed: &'a Observed) -> Task<'a, Result<Vec<Blocker>, Problem>> {
        Box::pin(async move {
            let role = observed.key.role;
            let request = clients.elbv2(role).describe_load_balancer_attributes().load_balancer_arn(&observed.id);
            let answer = read!("elasticloadbalancing", clients, role, "DescribeLoadBalancerAttributes", request);
            let protected = answer
                .attributes()
                .iter()
                .any(|one| one.key() == Some("deletion_protection.enabled") && one.value() == Some("true"));
            if protected {
                return Ok(vec![Blocker {
                    kind: "deletion-protection".to_owned(),
                    id: observed.id.clone(),
                    name: observed.key.name.clone(),
                    why: Text::new(
                        "삭제 방지가 켜져 있습니다. 콘솔의 로드 밸런서 > 속성 > 편집에서 꺼야 합니다.",
                        "Deletion protection is on. Turn it off under Load balancers > Attributes > Edit.",
                    ),
                    passes: false,
                }]);
            }
            match interfaces_of(&observed.id) {
                Some(description) => blockers::interfaces(clients, role, filter("description", [description])).await,
                None => Ok(Vec::new()),
            }
        })
    }
}
