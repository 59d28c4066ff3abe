//! Registering targets, and their health.

use super::Call;
use super::errors::{groups_not_found, invalid};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::balancing::{RegisterError, TargetHealth};

/// A target of the request: the instance, and the port if one is given.
type Asked = (String, Option<u16>);

fn asked(call: &Call<'_>) -> Result<Vec<Asked>, ApiError> {
    let mut targets = Vec::new();
    for view in call.params.structs("Targets") {
        let id = view.required("Id")?;
        if !id.starts_with("i-") {
            return Err(invalid(format!("Instance ID '{id}' is not valid")));
        }
        let port = match view.int("Port")? {
            None => None,
            Some(port) => Some(
                u16::try_from(port)
                    .ok()
                    .filter(|port| *port > 0)
                    .ok_or_else(|| invalid(format!("Port '{port}' must be between 1 and 65535 inclusive")))?,
            ),
        };
        targets.push((id.to_owned(), port));
    }
    Ok(targets)
}

fn invalid_target(message: String) -> ApiError {
    ApiError::new("InvalidTarget", message)
}

/// RegisterTargets
pub(super) fn register(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("TargetGroupArn")?;
    let vpc = call.group(arn)?.vpc.clone();
    let targets = asked(call)?;
    if targets.is_empty() {
        return Err(invalid("At least one target must be specified"));
    }
    for (id, port) in targets {
        call.region.register_target(arn, &id, port).map_err(|error| match error {
            RegisterError::NoGroup => groups_not_found(),
            RegisterError::NoInstance => invalid_target(format!("The following targets are not found: '{id}'")),
            RegisterError::OtherVpc => {
                invalid_target(format!("The following targets are not in the target group VPC '{vpc}': '{id}'"))
            }
            RegisterError::NotRunning => invalid_target(format!(
                "The following targets are not in a running state and cannot be registered: '{id}'"
            )),
            RegisterError::TooMany => {
                ApiError::new("TooManyTargets", "The maximum number of targets of a target group has been reached")
            }
        })?;
    }
    Ok(call.result())
}

/// DeregisterTargets: what is not registered is a success.
pub(super) fn deregister(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("TargetGroupArn")?;
    call.group(arn)?;
    let targets = asked(call)?;
    if targets.is_empty() {
        return Err(invalid("At least one target must be specified"));
    }
    for (id, port) in targets {
        call.region.deregister_target(arn, &id, port);
    }
    Ok(call.result())
}

/// DescribeTargetHealth: of all targets, or of those asked for (also of one that is not registered).
pub(super) fn describe_health(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let group = call.group(call.params.required("TargetGroupArn")?)?;
    let targets = asked(call)?;
    let included = call.params.list("Include");
    if let Some(wrong) = included.iter().find(|one| !["AnomalyDetection", "All"].contains(one)) {
        return Err(invalid(format!("'{wrong}' must be one of 'AnomalyDetection, All'")));
    }
    let one = |id: &str, port: u16, health: &TargetHealth| {
        let target = Element::new("Target").leaf("Id", id).leaf("Port", port);
        let state = Element::new("TargetHealth")
            .leaf("State", health.state)
            .leaf_opt("Reason", health.reason)
            .leaf_opt("Description", health.description.as_ref());
        let anomaly = || Element::new("AnomalyDetection").leaf("Result", "normal").leaf("MitigationInEffect", "no");
        Element::new("member")
            .child(target)
            .leaf("HealthCheckPort", group.check.port.unwrap_or(port))
            .child(state)
            .child_opt((!included.is_empty()).then(anomaly))
    };
    let mut items = Vec::new();
    if targets.is_empty() {
        for (key, target) in &group.targets {
            items.push(one(&key.0, key.1, &call.region.health_of(group, key, target)));
        }
    }
    for (id, port) in &targets {
        let known: Vec<_> = group
            .targets
            .iter()
            .filter(|((other, at), _)| other == id && port.is_none_or(|port| port == *at))
            .collect();
        for (key, target) in &known {
            items.push(one(&key.0, key.1, &call.region.health_of(group, key, target)));
        }
        if known.is_empty() {
            if !call.region.instances.contains_key(id) {
                return Err(invalid_target(format!("The following targets are not found: '{id}'")));
            }
            items.push(one(id, port.unwrap_or(group.port), &TargetHealth::not_registered()));
        }
    }
    Ok(call.result().members("TargetHealthDescriptions", items))
}
