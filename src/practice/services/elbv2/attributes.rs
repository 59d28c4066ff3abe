//! Attributes of load balancers, target groups and listeners.

use std::collections::BTreeMap;

use super::Call;
use super::errors::{configuration, invalid};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;

/// What an attribute may hold.
enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number within bounds.
    Number(i64, i64),
    /// One of these.
    Word(&'static [&'static str]),
    /// Any text.
    Text,
    /// Only its default: anything else would change what is not simulated.
    Only,
}

struct Attribute {
    name: &'static str,
    default: &'static str,
    kind: Kind,
}

const fn attribute(name: &'static str, default: &'static str, kind: Kind) -> Attribute {
    Attribute { name, default, kind }
}

const BALANCER: &[Attribute] = &[
    attribute("access_logs.s3.enabled", "false", Kind::Only),
    attribute("access_logs.s3.bucket", "", Kind::Only),
    attribute("access_logs.s3.prefix", "", Kind::Only),
    attribute("client_keep_alive.seconds", "3600", Kind::Number(60, 604_800)),
    attribute("connection_logs.s3.enabled", "false", Kind::Only),
    attribute("connection_logs.s3.bucket", "", Kind::Only),
    attribute("connection_logs.s3.prefix", "", Kind::Only),
    attribute("deletion_protection.enabled", "false", Kind::Flag),
    attribute("idle_timeout.timeout_seconds", "60", Kind::Number(1, 4000)),
    attribute("load_balancing.cross_zone.enabled", "true", Kind::Word(&["true"])),
    attribute("routing.http.desync_mitigation_mode", "defensive", Kind::Word(&["defensive", "monitor", "strictest"])),
    attribute("routing.http.drop_invalid_header_fields.enabled", "false", Kind::Flag),
    attribute("routing.http.preserve_host_header.enabled", "false", Kind::Flag),
    attribute("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false", Kind::Flag),
    attribute("routing.http.xff_client_port.enabled", "false", Kind::Flag),
    attribute("routing.http.xff_header_processing.mode", "append", Kind::Word(&["append", "preserve", "remove"])),
    attribute("routing.http2.enabled", "true", Kind::Flag),
    attribute("waf.fail_open.enabled", "false", Kind::Only),
    attribute("zonal_shift.config.enabled", "false", Kind::Only),
];

const GROUP: &[Attribute] = &[
    attribute("deregistration_delay.timeout_seconds", "300", Kind::Number(0, 3600)),
    attribute("load_balancing.algorithm.anomaly_mitigation", "off", Kind::Only),
    attribute("load_balancing.algorithm.type", "round_robin", Kind::Only),
    attribute("load_balancing.cross_zone.enabled", "use_load_balancer_configuration", Kind::Only),
    attribute("slow_start.duration_seconds", "0", Kind::Only),
    // Stickiness needs a client that sends cookies back; the clients here do not.
    attribute("stickiness.app_cookie.cookie_name", "", Kind::Text),
    attribute("stickiness.app_cookie.duration_seconds", "86400", Kind::Number(1, 604_800)),
    attribute("stickiness.enabled", "false", Kind::Flag),
    attribute("stickiness.lb_cookie.duration_seconds", "86400", Kind::Number(1, 604_800)),
    attribute("stickiness.type", "lb_cookie", Kind::Word(&["lb_cookie", "app_cookie"])),
    attribute("target_group_health.dns_failover.minimum_healthy_targets.count", "1", Kind::Only),
    attribute("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", Kind::Only),
    attribute("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1", Kind::Only),
    attribute("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off", Kind::Only),
];

const LISTENER: &[Attribute] = &[attribute("routing.http.response.server.enabled", "true", Kind::Flag)];

fn check(attribute: &Attribute, value: &str) -> Result<(), ApiError> {
    let name = attribute.name;
    let wrong = |wanted: String| Err(invalid(format!("'{name}' value '{value}' must be {wanted}")));
    match attribute.kind {
        _ if value == attribute.default => Ok(()),
        Kind::Text => Ok(()),
        Kind::Flag if ["true", "false"].contains(&value) => Ok(()),
        Kind::Flag => wrong("'true' or 'false'".to_owned()),
        Kind::Number(from, to) if value.parse::<i64>().is_ok_and(|number| (from..=to).contains(&number)) => Ok(()),
        Kind::Number(from, to) => wrong(format!("between '{from}-{to}' inclusive")),
        Kind::Word(words) if words.contains(&value) => Ok(()),
        Kind::Word(words) => wrong(format!("one of '{}'", words.join(", "))),
        Kind::Only => Err(ApiError::not_simulated(format_args!("the value {value} of the attribute {name}"))),
    }
}

fn shown(known: &[Attribute], set: &BTreeMap<String, String>) -> Vec<Element> {
    known
        .iter()
        .map(|one| {
            let value = set.get(one.name).map_or(one.default, String::as_str);
            Element::new("member").leaf("Key", one.name).leaf("Value", value)
        })
        .collect()
}

/// The attributes of the request, checked.
fn asked(call: &Call<'_>, known: &[Attribute], what: &str) -> Result<BTreeMap<String, String>, ApiError> {
    let mut found = BTreeMap::new();
    for view in call.params.structs("Attributes") {
        let key = view.required("Key")?;
        let value = view.text("Value").unwrap_or_default();
        let Some(attribute) = known.iter().find(|one| one.name == key) else {
            return Err(configuration(format!("{what} attribute key '{key}' is not recognized")));
        };
        check(attribute, value)?;
        if found.insert(key.to_owned(), value.to_owned()).is_some() {
            return Err(configuration(format!("{what} attribute key '{key}' is specified more than once")));
        }
    }
    if found.is_empty() { Err(invalid("Attributes must be specified")) } else { Ok(found) }
}

/// DescribeLoadBalancerAttributes
pub(super) fn describe_of_balancer(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let balancer = call.balancer(call.params.required("LoadBalancerArn")?)?;
    Ok(call.result().members("Attributes", shown(BALANCER, &balancer.attributes)))
}

/// ModifyLoadBalancerAttributes
pub(super) fn modify_of_balancer(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("LoadBalancerArn")?;
    let mut set = call.balancer(arn)?.attributes.clone();
    set.extend(asked(call, BALANCER, "Load balancer")?);
    let answer = call.result().members("Attributes", shown(BALANCER, &set));
    if let Some(balancer) = call.region.balancing.balancers.get_mut(arn) {
        balancer.attributes = set;
    }
    Ok(answer)
}

/// DescribeTargetGroupAttributes
pub(super) fn describe_of_group(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let group = call.group(call.params.required("TargetGroupArn")?)?;
    Ok(call.result().members("Attributes", shown(GROUP, &group.attributes)))
}

/// ModifyTargetGroupAttributes
pub(super) fn modify_of_group(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("TargetGroupArn")?;
    let mut set = call.group(arn)?.attributes.clone();
    set.extend(asked(call, GROUP, "Target group")?);
    let answer = call.result().members("Attributes", shown(GROUP, &set));
    if let Some(group) = call.region.balancing.target_groups.get_mut(arn) {
        group.attributes = set;
    }
    Ok(answer)
}

/// DescribeListenerAttributes
pub(super) fn describe_of_listener(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let listener = call.listener(call.params.required("ListenerArn")?)?;
    Ok(call.result().members("Attributes", shown(LISTENER, &listener.attributes)))
}

/// ModifyListenerAttributes
pub(super) fn modify_of_listener(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("ListenerArn")?;
    let mut set = call.listener(arn)?.attributes.clone();
    set.extend(asked(call, LISTENER, "Listener")?);
    let answer = call.result().members("Attributes", shown(LISTENER, &set));
    if let Some(listener) = call.region.balancing.listeners.get_mut(arn) {
        listener.attributes = set;
    }
    Ok(answer)
}
