//! StartInstances, StopInstances, RebootInstances, TerminateInstances.

use super::Call;
use super::errors::missing;
use super::instance::state_element;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::catalogue;
use crate::practice::world::{Duration, Ending, Instance, InstanceState, InstanceStep, Region};

fn vcpus_of(instance: &Instance) -> u32 {
    catalogue::instance_type(&instance.instance_type).map_or(0, |kind| kind.vcpus)
}

/// How many vCPUs the account may still start.
pub(super) fn vcpus_left(region: &Region) -> u32 {
    let busy = |instance: &&Instance| matches!(instance.state, InstanceState::Pending | InstanceState::Running);
    let used: u32 = region.instances.values().filter(busy).map(vcpus_of).sum();
    region.options().limits.vcpus.saturating_sub(used)
}

/// The quota error of RunInstances and StartInstances.
pub(super) fn too_many_vcpus(region: &Region) -> ApiError {
    ApiError::new(
        "VcpuLimitExceeded",
        format!(
            "You have requested more vCPU capacity than your current vCPU limit of {} allows for the instance bucket that the specified instance type belongs to. Please visit http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.",
            region.options().limits.vcpus
        ),
    )
}

/// Has AWS room for the instance in this zone?
pub(super) fn check_capacity(region: &Region, zone: &str, instance_type: &str) -> Result<(), ApiError> {
    if region.has_capacity(zone, instance_type) {
        return Ok(());
    }
    let offered = |name: &str| {
        region.has_capacity(name, instance_type)
            && catalogue::instance_type(instance_type).is_some_and(|kind| kind.is_offered_in(name))
    };
    let others: Vec<String> = region.zones().into_iter().map(|one| one.name).filter(|name| offered(name)).collect();
    let advice = match others.is_empty() {
        true => String::new(),
        false => format!(
            " You can currently get {instance_type} capacity by not specifying an Availability Zone in your request or choosing {}.",
            others.join(", ")
        ),
    };
    Err(ApiError::new(
        "InsufficientInstanceCapacity",
        format!(
            "We currently do not have sufficient {instance_type} capacity in the Availability Zone you requested ({zone}). Our system will be working on provisioning additional capacity.{advice}"
        ),
    )
    .status(500))
}

/// The instances that a request names, all of which must exist.
fn named(call: &Call<'_>) -> Result<Vec<Instance>, ApiError> {
    let ids = call.params.list("InstanceId");
    if ids.is_empty() {
        return Err(missing("InstanceId"));
    }
    ids.into_iter().map(|id| call.instance(id).cloned()).collect()
}

fn not_in_state(id: &str, verb: &str) -> ApiError {
    ApiError::new(
        "IncorrectInstanceState",
        format!("The instance '{id}' is not in a state from which it can be {verb}."),
    )
}

/// The answer: each instance's state before and now.
fn changes(call: &Call<'_>, before: &[Instance]) -> Element {
    let items = before.iter().map(|instance| {
        let now = call.region.instances.get(&instance.id).map_or(instance.state, |found| found.state);
        Element::item()
            .leaf("instanceId", &instance.id)
            .child(state_element("currentState", now))
            .child(state_element("previousState", instance.state))
    });
    call.answer().list("instancesSet", items)
}

/// StartInstances
pub(super) fn start(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let before = named(call)?;
    for instance in &before {
        match instance.state {
            InstanceState::Pending | InstanceState::Running => continue,
            InstanceState::Stopped => {}
            _ => return Err(not_in_state(&instance.id, "started")),
        }
        check_capacity(call.region, &instance.zone, &instance.instance_type)?;
        if vcpus_left(call.region) < vcpus_of(instance) {
            return Err(too_many_vcpus(call.region));
        }
        let now = call.region.now();
        if let Some(found) = call.region.instances.get_mut(&instance.id) {
            found.reason = None;
            found.transition = String::new();
            found.launched = now;
        }
        call.region.move_instance(
            &instance.id,
            InstanceState::Pending,
            Duration::INSTANCE_START,
            InstanceStep::Running,
        );
    }
    Ok(changes(call, &before))
}

/// StopInstances
pub(super) fn stop(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let before = named(call)?;
    if call.params.bool("Hibernate")?.unwrap_or(false) {
        return Err(ApiError::new(
            "UnsupportedHibernationConfiguration",
            "Instance is not configured to use hibernation: its hibernation option was not set at launch.",
        ));
    }
    let _ = (call.params.bool("Force")?, call.params.bool("SkipOsShutdown")?);
    for instance in &before {
        match instance.state {
            InstanceState::Stopping | InstanceState::Stopped => continue,
            InstanceState::Running => {}
            _ => return Err(not_in_state(&instance.id, "stopped")),
        }
        if instance.disable_api_stop {
            return Err(ApiError::new(
                "OperationNotPermitted",
                format!(
                    "The instance '{}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again.",
                    instance.id
                ),
            ));
        }
        call.region.stop_instance(&instance.id, &Ending::User);
    }
    Ok(changes(call, &before))
}

/// TerminateInstances: again for one that is already going is a success.
pub(super) fn terminate(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let before = named(call)?;
    let _ = (call.params.bool("Force")?, call.params.bool("SkipOsShutdown")?);
    for instance in &before {
        if instance.state.is_ending() {
            continue;
        }
        if instance.disable_api_termination {
            return Err(ApiError::new(
                "OperationNotPermitted",
                format!(
                    "The instance '{}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again.",
                    instance.id
                ),
            ));
        }
        call.region.terminate(&instance.id, &Ending::User);
    }
    Ok(changes(call, &before))
}

/// RebootInstances
pub(super) fn reboot(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let instances = named(call)?;
    for instance in &instances {
        if instance.state != InstanceState::Running {
            return Err(not_in_state(&instance.id, "rebooted"));
        }
        call.region.restart_checks(&instance.id);
    }
    Ok(call.done())
}
