//! Listener of a load balancer, which forwards to one target group or redirects to another port.
//!
//! Found by its load balancer and its port; its id is its ARN. One that does something else than forward to one group has
//! no `target`; one that does something else than send to another port of the same host has no `redirect`. Where a declaration
//! has both, `redirect` is what it does: a later step has turned the forwarding into it. It goes with its load balancer, so nothing is left of it alone.

use aws_sdk_elasticloadbalancingv2::types::{
    Action, ActionTypeEnum, Certificate, Listener as LiveListener, ProtocolEnum, RedirectActionConfig,
    RedirectActionStatusCodeEnum,
};

use crate::cloud::errors::{self, Asked};
use crate::cloud::{Answered, CallError, Clients, Live, Sights, Swept, Want};
use crate::course::model::{Key, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::kind::{Env, Kind, Need, differences_of_fields, holder, needs_of_fields};
use crate::lab::world::{Amended, Desired, Difference, Observed, Sight, World};
use crate::problem::{Problem, ProblemKind};

use super::elb;
use super::support::{self, Seen, done, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("balancer", FieldType::Ref("load-balancer"), ("로드 밸런서", "load balancer")),
    Field::new("protocol", FieldType::Word(&["HTTP", "HTTPS"]), ("프로토콜", "protocol")),
    Field::new("port", FieldType::Int, ("포트", "port")),
    Field::new("target", FieldType::Ref("target-group"), ("전달 대상", "forwards to")).optional().in_place(),
    // `HTTPS 443`: by a permanent redirect (301).
    Field::new("redirect", FieldType::Text, ("리디렉션", "redirects to")).optional().in_place(),
    Field::new("certificate", FieldType::Ref("certificate"), ("인증서", "certificate"))
        .optional()
        .when_ready()
        .in_place(),
];

/// The security policy of an HTTPS listener: TLS 1.3 and 1.2. The API's own default still takes TLS 1.0.
const POLICY: &str = "ELBSecurityPolicy-TLS13-1-2-2021-06";

/// The kind.
#[derive(Debug)]
pub struct Listener;

fn actions(desired: &Desired) -> Option<Arg> {
    if let Some((protocol, port)) = desired.text("redirect").and_then(|text| text.split_once(' ')) {
        let redirect = Arg::map([
            ("Protocol", Arg::text(protocol)),
            ("Port", Arg::text(port)),
            ("StatusCode", Arg::text("HTTP_301")),
        ]);
        return Some(Arg::List(vec![Arg::map([("Type", Arg::text("redirect")), ("RedirectConfig", redirect)])]));
    }
    let group = desired.reference("target", "target-group")?;
    Some(Arg::List(vec![Arg::map([("Type", Arg::text("forward")), ("TargetGroupArn", Arg::id(&group))])]))
}

/// What an HTTPS listener says more.
/// With certificate and policy, where it speaks HTTPS.
fn secured(mut call: Call, desired: &Desired) -> Call {
    let certificate = desired.reference("certificate", "certificate");
    if let Some(certificate) = certificate.filter(|_| desired.text("protocol") == Some("HTTPS")) {
        let one = Arg::map([("CertificateArn", Arg::id(&certificate))]);
        call = call.arg("SslPolicy", Arg::text(POLICY)).arg("Certificates", Arg::List(vec![one]));
    }
    call
}

impl Kind for Listener {
    fn name(&self) -> &'static str {
        "listener"
    }

    fn title(&self) -> Text {
        Text::new("리스너", "listener")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    /// Nobody is sent to a port where nobody listens.
    fn needs(&self, desired: &Desired, env: &Env<'_>) -> Vec<Need> {
        let port = desired.text("redirect").and_then(|text| text.split_once(' ')?.1.parse::<i64>().ok());
        let other = port.and_then(|port| {
            env.desired.iter().find(|other| {
                other.key.kind == "listener"
                    && other.key.role == desired.key.role
                    && other.text("balancer") == desired.text("balancer")
                    && other.int("port") == Some(port)
            })
        });
        let other = other.map(|other| Need { key: other.key.clone(), ready: false });
        needs_of_fields(FIELDS, desired).into_iter().chain(other).collect()
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let (Some(balancer), Some(actions)) = (desired.reference("balancer", "load-balancer"), actions(desired)) else {
            return Vec::new();
        };
        let create = support::call(Service::Elbv2, "CreateListener", Effect::Create, desired)
            .arg("LoadBalancerArn", Arg::id(&balancer))
            .arg("Protocol", Arg::text(desired.text("protocol").unwrap_or_default()))
            .arg("Port", Arg::Int(desired.int("port").unwrap_or_default()));
        vec![
            secured(create, desired)
                .arg("DefaultActions", actions)
                .arg("Tags", support::tag_list(desired, env))
                .gives("Listeners[0].ListenerArn")
                .again_if(&["LoadBalancerNotFound", "TargetGroupNotFound"]),
        ]
    }

    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let mut out = differences_of_fields(FIELDS, desired, observed, env);
        // A later step may have turned the forwarding into a redirect already.
        let later = |amended: &Amended| {
            amended.fields.contains_key("redirect") && amended.fields.get("redirect") == observed.fields.get("redirect")
        };
        if desired.text("redirect").is_some() || desired.amended.iter().any(later) {
            out.retain(|difference| difference.field != "target");
        }
        // An ARN tells nobody which certificate it is.
        if let Some(names) = observed.text("certificate_names") {
            for one in out.iter_mut().filter(|one| one.field == "certificate") {
                one.found = format!("{names} ({})", one.found);
            }
        }
        out
    }

    fn change(&self, desired: &Desired, _: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        let differs = |fields: &[&str]| differences.iter().any(|one| fields.contains(&one.field.as_str()));
        let mut call = support::call(Service::Elbv2, "ModifyListener", Effect::Change, desired)
            .arg("ListenerArn", Arg::id(&desired.key));
        let args = call.args.len();
        if differs(&["certificate"]) {
            call = secured(call, desired);
        }
        if let Some(actions) = actions(desired).filter(|_| differs(&["target", "redirect"])) {
            call = call.arg("DefaultActions", actions);
        }
        if call.args.len() > args { vec![call] } else { Vec::new() }
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_by(Service::Elbv2, "DeleteListener", observed, step)
                .arg("ListenerArn", Arg::text(&observed.id))
                .done_if(&["ListenerNotFound"]),
        ]
    }

    fn goes_with(&self, observed: &Observed, live: &[&Observed]) -> Option<Key> {
        holder(observed, "balancer", "load-balancer", live)
    }

    fn rank(&self) -> u8 {
        50
    }
}

fn redirect(arg: &Arg) -> RedirectActionConfig {
    let text = |name: &str| support::member_text(arg, name);
    RedirectActionConfig::builder()
        .set_protocol(text("Protocol"))
        .set_port(text("Port"))
        .set_status_code(text("StatusCode").map(|code| RedirectActionStatusCodeEnum::from(code.as_str())))
        .build()
}

fn seen(listener: &LiveListener) -> Seen {
    let actions = listener.default_actions();
    let forwards = actions.first().filter(|action| action.r#type() == Some(&ActionTypeEnum::Forward));
    let group = forwards.and_then(|action| {
        let several = action.forward_config().map(|config| config.target_groups()).unwrap_or_default();
        match several {
            [one] => one.target_group_arn(),
            [] => action.target_group_arn(),
            _ => None,
        }
    });
    let redirect = actions.first().and_then(|action| action.redirect_config()).filter(|config| {
        // The same host and path, for good.
        let same = |part: Option<&str>, plain: &str| part.is_none_or(|part| part == plain);
        same(config.host(), "#{host}")
            && same(config.path(), "/#{path}")
            && same(config.query(), "#{query}")
            && config.status_code() == Some(&RedirectActionStatusCodeEnum::Http301)
    });
    let redirect = redirect
        .map(|config| format!("{} {}", config.protocol().unwrap_or("#{protocol}"), config.port().unwrap_or("#{port}")));
    let certificate = listener.certificates().first().and_then(|one| one.certificate_arn());
    Seen::other(listener.listener_arn(), "exists", std::collections::BTreeMap::new())
        .with("balancer", listener.load_balancer_arn())
        .with("protocol", listener.protocol().map(|protocol| protocol.as_str()))
        .with("port", listener.port().map(i64::from))
        .with("target", group)
        .with("redirect", redirect)
        .with("certificate", certificate)
        .with("action", actions.first().and_then(|action| action.r#type()).map(|kind| kind.as_str()))
}

async fn list(clients: &Clients, role: Role, balancer: &str) -> Result<Vec<Seen>, Problem> {
    let request = clients.elbv2(role).describe_listeners().load_balancer_arn(balancer);
    let answer: Result<Vec<LiveListener>, _> = request.into_paginator().items().send().try_collect().await;
    match answer {
        Ok(listeners) => Ok(listeners.iter().map(seen).collect()),
        Err(error) => {
            let asked =
                Asked { service: "elasticloadbalancing", operation: "DescribeListeners", region: clients.region(role) };
            let problem = errors::problem(asked, &error);
            if problem.kind == ProblemKind::NotFound { Ok(Vec::new()) } else { Err(problem) }
        }
    }
}

/// Adds the names of a certificate that is not the course's, as far as ACM tells them.
async fn name_certificate(clients: &Clients, role: Role, listener: Seen, world: &World) -> Seen {
    let arn = listener.fields.get("certificate").and_then(Value::as_text);
    let Some(arn) = arn.filter(|arn| world.by_id(arn).is_none()) else { return listener };
    let answer = clients.acm(role).describe_certificate().certificate_arn(arn).send().await;
    let names = answer.ok().and_then(|answer| {
        let detail = answer.certificate?;
        let names = detail.subject_alternative_names();
        let names =
            if names.is_empty() { detail.domain_name().unwrap_or_default().to_owned() } else { names.join(", ") };
        Some(names).filter(|names| !names.is_empty())
    });
    listener.with("certificate_names", names)
}

impl Live for Listener {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let mut out = Vec::new();
            for want in wants {
                let key = &want.desired.key;
                let balancer = want.desired.reference("balancer", "load-balancer").and_then(|key| world.get(&key));
                let found = match balancer {
                    Some(balancer) => list(clients, role, &balancer.id).await?,
                    None => Vec::new(),
                };
                let port = want.desired.fields.get("port");
                let one = found.into_iter().find(|one| one.fields.get("port") == port);
                let sight = match one {
                    Some(one) => {
                        let one = name_certificate(clients, role, one, world).await;
                        Sight::Found(Box::new(one.taken_for(key, clients.region(role))))
                    }
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
            let actions = || -> Result<Vec<Action>, CallError> {
                let action = |arg: &Arg| {
                    let kind = support::member_text(arg, "Type").unwrap_or_default();
                    Action::builder()
                        .r#type(ActionTypeEnum::from(kind.as_str()))
                        .set_target_group_arn(support::member_text(arg, "TargetGroupArn"))
                        .set_redirect_config(support::member(arg, "RedirectConfig").map(redirect))
                        .build()
                };
                Ok(support::structs(call, "DefaultActions").iter().map(action).collect())
            };
            let certificates = || {
                let one = |arg: &Arg| {
                    Certificate::builder().set_certificate_arn(support::member_text(arg, "CertificateArn")).build()
                };
                let all: Vec<Certificate> = support::structs(call, "Certificates").iter().map(one).collect();
                Some(all).filter(|all| !all.is_empty())
            };
            let policy = || call.text("SslPolicy").map(str::to_owned);
            match call.0.operation.as_str() {
                "CreateListener" => {
                    let request = elb
                        .create_listener()
                        .load_balancer_arn(support::text(call, "LoadBalancerArn")?)
                        .protocol(ProtocolEnum::from(support::text(call, "Protocol")?.as_str()))
                        .set_port(support::int(call, "Port"))
                        .set_ssl_policy(policy())
                        .set_certificates(certificates())
                        .set_default_actions(Some(actions()?))
                        .set_tags(elb::tags(call));
                    let answer = send!(aws_sdk_elasticloadbalancingv2, call, request);
                    Ok(support::gave(answer.listeners().first().and_then(|one| one.listener_arn())))
                }
                "ModifyListener" => {
                    let request = elb
                        .modify_listener()
                        .listener_arn(support::text(call, "ListenerArn")?)
                        .set_ssl_policy(policy())
                        .set_certificates(certificates())
                        .set_default_actions(Some(actions()?).filter(|actions| !actions.is_empty()));
                    done!(aws_sdk_elasticloadbalancingv2, call, request)
                }
                "DeleteListener" => {
                    let arn = support::text(call, "ListenerArn")?;
                    done!(aws_sdk_elasticloadbalancingv2, call, elb.delete_listener().listener_arn(arn))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, _clients: &'a Clients, _role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
