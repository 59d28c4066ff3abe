//! What is done to single instances of groups.

use super::describe::activity_element;
use super::errors::{constraint, invalid, no_instance, not_of_group};
use super::{Call, Outcome};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::InstanceState;
use crate::practice::world::scaling::Group;
use crate::scaling::lifecycle::State;

/// The most instances that one request may name.
const MOST_INSTANCES: usize = 20;

fn group_of<'r>(call: &'r Call<'_>, id: &str) -> Result<&'r Group, ApiError> {
    let found = call.region.scaling.groups.values().find(|group| group.members.contains_key(id));
    found.ok_or_else(|| no_instance(id))
}

fn activities(call: &Call<'_>, ids: &[String]) -> Vec<Element> {
    let all = call.region.scaling.activities.iter();
    all.filter(|one| ids.contains(&one.id)).map(|one| activity_element("member", one, false)).collect()
}

fn fewer(call: &Call<'_>) -> Result<bool, ApiError> {
    let word = call.params.bool("ShouldDecrementDesiredCapacity")?;
    word.ok_or_else(|| invalid("The request must contain the parameter ShouldDecrementDesiredCapacity"))
}

/// TerminateInstanceInAutoScalingGroup
pub(super) fn terminate(call: &mut Call<'_>) -> Outcome {
    let id = call.params.required("InstanceId")?.to_owned();
    let fewer = fewer(call)?;
    let group = group_of(call, &id)?;
    if fewer && group.desired <= group.min {
        return Err(invalid(format!(
            "Currently, desiredSize equals minSize ({}). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.",
            group.min
        )));
    }
    let name = group.name.clone();
    let activity = call.region.end_by_request(&name, &id, fewer);
    let found = call.region.scaling.activities.iter().find(|one| Some(&one.id) == activity.as_ref());
    Ok(Some(call.result().child_opt(found.map(|one| activity_element("Activity", one, false)))))
}

/// The instances that a request names, all of its group.
fn named(call: &Call<'_>) -> Result<(String, Vec<String>), ApiError> {
    let group = call.group()?;
    let ids = call.params.list("InstanceIds");
    if ids.is_empty() {
        return Err(invalid("At least one instance ID must be specified."));
    }
    if ids.len() > MOST_INSTANCES {
        return Err(invalid(format!("At most {MOST_INSTANCES} instance IDs can be specified.")));
    }
    if let Some(id) = ids.iter().find(|id| !group.members.contains_key(**id)) {
        return Err(not_of_group(id, &group.name));
    }
    Ok((group.name.clone(), ids.iter().map(|id| (*id).to_owned()).collect()))
}

fn check_min(call: &Call<'_>, ids: &[String], verb: &str) -> Result<(), ApiError> {
    let group = call.group()?;
    let counted = ids.iter().filter_map(|id| group.members.get(id)).filter(|member| member.state.counts()).count();
    let left = usize::try_from(group.desired).unwrap_or(usize::MAX).saturating_sub(counted);
    if left < usize::try_from(group.min).unwrap_or(usize::MAX) {
        return Err(invalid(format!(
            "AutoScalingGroup {} has min-size={}, max-size={}, and desired-size={}. To {verb} {counted} more instance(s), please update the AutoScalingGroup sizes appropriately.",
            group.name, group.min, group.max, group.desired
        )));
    }
    Ok(())
}

fn set_aside(call: &mut Call<'_>, leave: bool) -> Outcome {
    let (name, ids) = named(call)?;
    let fewer = fewer(call)?;
    let allowed = |state: State| if leave { state.may_become(State::Detaching) } else { state == State::InService };
    let group = call.group()?;
    let wrong = ids.iter().filter_map(|id| group.members.get(id)).find(|member| !allowed(member.state));
    if let Some(member) = wrong {
        let wanted = if leave { "InService or Standby" } else { "InService" };
        return Err(invalid(format!("The instance {} is not in {wanted}.", member.id)));
    }
    if fewer {
        check_min(call, &ids, if leave { "detach" } else { "put into standby" })?;
    }
    let made: Vec<String> =
        ids.iter().filter_map(|id| call.region.set_aside_by_request(&name, id, leave, fewer)).collect();
    Ok(Some(call.result().members("Activities", activities(call, &made))))
}

/// EnterStandby
pub(super) fn enter_standby(call: &mut Call<'_>) -> Outcome {
    set_aside(call, false)
}

/// DetachInstances
pub(super) fn detach(call: &mut Call<'_>) -> Outcome {
    set_aside(call, true)
}

/// ExitStandby
pub(super) fn exit_standby(call: &mut Call<'_>) -> Outcome {
    let (name, ids) = named(call)?;
    let group = call.group()?;
    if let Some(id) = ids.iter().find(|id| group.members.get(*id).is_some_and(|one| one.state != State::Standby)) {
        return Err(invalid(format!("The instance {id} is not in Standby.")));
    }
    check_max(group, ids.len(), "return")?;
    let made: Vec<String> = ids.iter().filter_map(|id| call.region.bring_back_by_request(&name, id)).collect();
    Ok(Some(call.result().members("Activities", activities(call, &made))))
}

fn check_max(group: &Group, more: usize, verb: &str) -> Result<(), ApiError> {
    let actual = usize::try_from(group.actual()).unwrap_or(usize::MAX);
    if actual.saturating_add(more) > usize::try_from(group.max).unwrap_or(usize::MAX) {
        return Err(invalid(format!(
            "AutoScalingGroup {} has min-size={}, max-size={}, and desired-size={}. To {verb} {more} more instance(s), please update the AutoScalingGroup sizes appropriately.",
            group.name, group.min, group.max, group.desired
        )));
    }
    Ok(())
}

/// AttachInstances
pub(super) fn attach(call: &mut Call<'_>) -> Outcome {
    let group = call.group()?;
    let (name, ids) = (group.name.clone(), call.params.list("InstanceIds"));
    if ids.is_empty() {
        return Err(invalid("At least one instance ID must be specified."));
    }
    let zones: Vec<&str> =
        group.subnets.iter().filter_map(|id| call.region.subnets.get(id)).map(|one| one.zone.as_str()).collect();
    for id in &ids {
        let instance =
            call.region.instances.get(*id).ok_or_else(|| invalid(format!("Invalid Instance ID(s): [{id}]")))?;
        if instance.state != InstanceState::Running {
            return Err(invalid(format!("Instance {id} is not in correct state.")));
        }
        if let Ok(other) = group_of(call, id) {
            return Err(invalid(format!("Instance {id} is already part of AutoScalingGroup:{}", other.name)));
        }
        if !zones.contains(&instance.zone.as_str()) {
            return Err(invalid(format!(
                "The availability zones of the specified instance {id} and the Auto Scaling group do not match"
            )));
        }
    }
    check_max(group, ids.len(), "attach")?;
    for id in ids {
        call.region.attach_by_request(&name, id);
    }
    Ok(None)
}

/// SetInstanceHealth
pub(super) fn set_health(call: &mut Call<'_>) -> Outcome {
    let id = call.params.required("InstanceId")?.to_owned();
    let healthy = match call.params.required("HealthStatus")? {
        "Healthy" => true,
        "Unhealthy" => false,
        other => return Err(invalid(format!("Valid instance health states are: [Healthy, Unhealthy], not {other}."))),
    };
    let respect = call.params.bool("ShouldRespectGracePeriod")?.unwrap_or(true);
    let now = call.region.now();
    let group = group_of(call, &id)?;
    let (name, grace) = (group.name.clone(), group.grace * 1000);
    let member = call.region.scaling.groups.get_mut(&name).and_then(|group| group.members.get_mut(&id));
    if let Some(member) = member {
        let young = member.in_service.is_none_or(|since| now < since + grace);
        if healthy || !(respect && young) {
            member.healthy = healthy;
        }
    }
    Ok(None)
}

/// SetInstanceProtection
pub(super) fn set_protection(call: &mut Call<'_>) -> Outcome {
    let (name, ids) = named(call)?;
    let protected = call.params.bool("ProtectedFromScaleIn")?;
    let protected = protected.ok_or_else(|| constraint("null", "protectedFromScaleIn", "Member must not be null"))?;
    if let Some(group) = call.region.scaling.groups.get_mut(&name) {
        for id in ids {
            if let Some(member) = group.members.get_mut(&id) {
                member.protected = protected;
            }
        }
    }
    Ok(Some(call.result()))
}
