//! Target groups.

use std::collections::BTreeMap;

use super::Call;
use super::errors::{balancers_not_found, groups_not_found, invalid};
use super::load_balancer::check_name;
use super::page::paginate;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::Region;
use crate::practice::world::balancing::{HealthCheck, TargetGroup};

fn item(region: &Region, group: &TargetGroup) -> Element {
    let check = &group.check;
    let balancers = region.balancer_of_group(&group.arn).map(|arn| Element::leaf_of("member", arn));
    Element::new("member")
        .leaf("TargetGroupArn", &group.arn)
        .leaf("TargetGroupName", &group.name)
        .leaf("Protocol", "HTTP")
        .leaf("Port", group.port)
        .leaf("VpcId", &group.vpc)
        .leaf("HealthCheckProtocol", "HTTP")
        .leaf("HealthCheckPort", check_port(check))
        .leaf("HealthCheckEnabled", true)
        .leaf("HealthCheckIntervalSeconds", check.interval)
        .leaf("HealthCheckTimeoutSeconds", check.timeout)
        .leaf("HealthyThresholdCount", check.healthy)
        .leaf("UnhealthyThresholdCount", check.unhealthy)
        .leaf("HealthCheckPath", &check.path)
        .child(Element::new("Matcher").leaf("HttpCode", &check.matcher))
        .members("LoadBalancerArns", balancers)
        .leaf("TargetType", "instance")
        .leaf("ProtocolVersion", "HTTP1")
        .leaf("IpAddressType", "ipv4")
}

/// `traffic-port`, or a number.
fn check_port(check: &HealthCheck) -> String {
    check.port.map_or_else(|| "traffic-port".to_owned(), |port| port.to_string())
}

/// A number of the request within bounds.
fn within(call: &Call<'_>, name: &str, what: &str, from: i64, to: i64) -> Result<Option<i64>, ApiError> {
    let Some(value) = call.params.int(name)? else { return Ok(None) };
    if (from..=to).contains(&value) {
        return Ok(Some(value));
    }
    Err(invalid(format!("{what} '{value}' must be between {from} and {to} inclusive")))
}

/// Only instances over HTTP are simulated.
fn only_http(call: &Call<'_>, name: &str, what: &str) -> Result<bool, ApiError> {
    match call.params.text(name) {
        None => Ok(false),
        Some("HTTP") => Ok(true),
        Some(other @ ("HTTPS" | "TCP" | "TLS" | "UDP" | "TCP_UDP" | "GENEVE" | "QUIC" | "TCP_QUIC")) => {
            Err(ApiError::not_simulated(format_args!("the {what} protocol {other}")))
        }
        Some(other) => Err(invalid(format!(
            "1 validation error detected: Value '{other}' at 'protocol' failed to satisfy constraint: Member must satisfy enum value set: [HTTP, HTTPS, TCP, TLS, UDP, TCP_UDP, GENEVE]"
        ))),
    }
}

/// Changes a health check as a request says.
fn read_check(call: &Call<'_>, mut check: HealthCheck) -> Result<HealthCheck, ApiError> {
    only_http(call, "HealthCheckProtocol", "health check")?;
    if call.params.bool("HealthCheckEnabled")? == Some(false) {
        return Err(invalid("Health check enabled must be true for target groups with target type 'instance'"));
    }
    match call.params.text("HealthCheckPort") {
        None => {}
        Some("traffic-port") => check.port = None,
        Some(text) => match text.parse::<u16>() {
            Ok(port) if port > 0 => check.port = Some(port),
            _ => {
                return Err(invalid(format!(
                    "Health check port '{text}' must be 'traffic-port' or in the range 1-65535 inclusive"
                )));
            }
        },
    }
    if let Some(path) = call.params.text("HealthCheckPath") {
        if !path.starts_with('/') || path.len() > 1024 || !path.is_ascii() || path.contains(char::is_whitespace) {
            return Err(invalid(format!(
                "Health check path '{path}' must begin with a '/' character, and can contain ASCII printable characters without spaces only"
            )));
        }
        path.clone_into(&mut check.path);
    }
    let seconds = |name, what, from, to, now: i64| -> Result<i64, ApiError> {
        Ok(within(call, name, what, from, to)?.unwrap_or(now))
    };
    check.interval = seconds("HealthCheckIntervalSeconds", "Health check interval", 5, 300, check.interval)?;
    check.timeout = seconds("HealthCheckTimeoutSeconds", "Health check timeout", 2, 120, check.timeout)?;
    check.healthy = seconds("HealthyThresholdCount", "Healthy threshold count", 2, 10, check.healthy)?;
    check.unhealthy = seconds("UnhealthyThresholdCount", "Unhealthy threshold count", 2, 10, check.unhealthy)?;
    if check.timeout >= check.interval {
        return Err(invalid(format!(
            "Health check timeout '{}' must be smaller than the interval '{}'",
            check.timeout, check.interval
        )));
    }
    if let Some(codes) = call.params.sub("Matcher").text("HttpCode") {
        check_codes(codes)?;
        codes.clone_into(&mut check.matcher);
    }
    Ok(check)
}

/// `200`, `200,202`, `200-299`, all of them within 200 to 499.
fn check_codes(codes: &str) -> Result<(), ApiError> {
    let wrong = || {
        invalid(format!(
            "Health check matcher HTTP code '{codes}' must be a single value, multiple values or a range of values"
        ))
    };
    for part in codes.split(',') {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        for code in [from, to] {
            let code: u16 = code.parse().map_err(|_| wrong())?;
            if !(200..=499).contains(&code) {
                return Err(invalid(format!(
                    "Health check matcher HTTP code '{codes}' must be within '200-499' inclusive"
                )));
            }
        }
        if from > to {
            return Err(wrong());
        }
    }
    Ok(())
}

/// CreateTargetGroup
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let name = params.required("Name")?;
    check_name("Target group", name)?;
    match params.text("TargetType").unwrap_or("instance") {
        "instance" => {}
        other @ ("ip" | "lambda" | "alb") => {
            return Err(ApiError::not_simulated(format_args!("targets of type {other}")));
        }
        other => return Err(invalid(format!("Target type '{other}' must be one of 'instance, ip, lambda, alb'"))),
    }
    if !only_http(call, "Protocol", "target")? {
        return Err(invalid("A protocol must be specified"));
    }
    match params.text("ProtocolVersion").unwrap_or("HTTP1") {
        "HTTP1" => {}
        other => return Err(ApiError::not_simulated(format_args!("the protocol version {other}"))),
    }
    match params.text("IpAddressType").unwrap_or("ipv4") {
        "ipv4" => {}
        other => return Err(ApiError::not_simulated(format_args!("targets of the IP address type {other}"))),
    }
    let port = within(call, "Port", "Port", 1, 65535)?.and_then(|port| u16::try_from(port).ok());
    let port = port.ok_or_else(|| invalid("A port must be specified"))?;
    let vpc = params.text("VpcId").filter(|id| !id.is_empty()).ok_or_else(|| invalid("A VPC ID must be specified"))?;
    if !call.region.vpcs.contains_key(vpc) || call.region.is_hidden(vpc) {
        return Err(invalid(format!("The VPC ID '{vpc}' is not found")));
    }
    let tags = call.tags()?;
    let plain = HealthCheck {
        port: None,
        path: "/".to_owned(),
        interval: 30,
        timeout: 5,
        healthy: 5,
        unhealthy: 2,
        matcher: "200".to_owned(),
    };
    let check = read_check(call, plain)?;
    if let Some(known) = call.region.balancing.target_groups.values().find(|one| one.name == name) {
        if known.port != port || known.vpc != vpc || known.check != check {
            return Err(ApiError::new(
                "DuplicateTargetGroupName",
                format!("A target group with the same name '{name}' exists, but with different settings"),
            ));
        }
        return Ok(call.result().members("TargetGroups", [item(call.region, known)]));
    }
    if call.region.balancing.target_groups.len() >= call.region.options().limits.target_groups {
        return Err(ApiError::new("TooManyTargetGroups", "The maximum number of target groups has been reached"));
    }
    let arn = format!("{}targetgroup/{name}/{}", call.arn_prefix(), call.region.balancing_id());
    let group = TargetGroup {
        arn: arn.clone(),
        name: name.to_owned(),
        port,
        vpc: vpc.to_owned(),
        check,
        attributes: BTreeMap::new(),
        targets: BTreeMap::new(),
        turns: 0,
        recorded: None,
    };
    let made = item(call.region, &group);
    call.region.balancing.target_groups.insert(arn.clone(), group);
    call.region.hide_for_a_while(&arn);
    call.tag(&arn, tags);
    Ok(call.result().members("TargetGroups", [made]))
}

/// ModifyTargetGroup: the health check.
pub(super) fn modify(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("TargetGroupArn")?;
    let known = call.group(arn)?.check.clone();
    let check = read_check(call, known.clone())?;
    if check != known {
        if let Some(group) = call.region.balancing.target_groups.get_mut(arn) {
            group.check = check;
        }
        call.region.restart_health_checks(arn);
    }
    let changed = item(call.region, call.group(arn)?);
    Ok(call.result().members("TargetGroups", [changed]))
}

/// DeleteTargetGroup: not while a listener or rule names it; one that does not exist is a success.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("TargetGroupArn")?;
    match call.group(arn) {
        Ok(_) if call.region.balancer_of_group(arn).is_some() => Err(ApiError::new(
            "ResourceInUse",
            format!("Target group '{arn}' is currently in use by a listener or a rule"),
        )),
        Ok(_) => {
            call.region.balancing.target_groups.remove(arn);
            call.region.forget(arn);
            Ok(call.result())
        }
        Err(error) if error.code == "TargetGroupNotFound" => Ok(call.result()),
        Err(error) => Err(error),
    }
}

/// DescribeTargetGroups: all, or by load balancer, ARNs or names.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let region: &Region = call.region;
    let (arns, names) = (call.params.list("TargetGroupArns"), call.params.list("Names"));
    let balancer = call.params.text("LoadBalancerArn").filter(|arn| !arn.is_empty());
    let ways = usize::from(!arns.is_empty()) + usize::from(!names.is_empty()) + usize::from(balancer.is_some());
    if ways > 1 {
        return Err(invalid(
            "You can specify a load balancer ARN, target group ARNs or target group names, one of them only",
        ));
    }
    if let Some(arn) = balancer {
        call.balancer(arn).map_err(|_| balancers_not_found(arn))?;
    }
    let known: Vec<&TargetGroup> =
        region.balancing.target_groups.values().filter(|one| !region.is_hidden(&one.arn)).collect();
    let has_arn = |arn: &&str| known.iter().any(|one| one.arn == *arn);
    let has_name = |name: &&str| known.iter().any(|one| one.name == *name);
    if !arns.iter().all(has_arn) || !names.iter().all(has_name) {
        return Err(groups_not_found());
    }
    let wanted = |one: &&TargetGroup| match balancer {
        Some(arn) => region.balancer_of_group(&one.arn) == Some(arn),
        None => ways == 0 || arns.contains(&one.arn.as_str()) || names.contains(&one.name.as_str()),
    };
    let chosen = known.iter().copied().filter(wanted).map(|one| (one.arn.clone(), one)).collect();
    let page = paginate(call, chosen)?;
    let items = page.items.into_iter().map(|one| item(region, one));
    Ok(call.result().members("TargetGroups", items).leaf_opt("NextMarker", page.next))
}
