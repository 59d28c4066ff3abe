//! Lifecycle hooks, and what is said of the instances that they hold up.

use std::collections::BTreeMap;

use super::errors::{constraint, invalid, limit};
use super::{Call, Outcome};
use crate::practice::services::ApiError;
use crate::practice::wire::query::View;
use crate::practice::wire::xml::Element;
use crate::practice::world::scaling::{Hook, Transition};

/// How many hooks a group may have.
const MOST_HOOKS: usize = 50;

fn read(view: &View<'_>, old: Option<&Hook>) -> Result<Hook, ApiError> {
    let name = view.required("LifecycleHookName")?;
    if view.text("NotificationTargetARN").is_some_and(|arn| !arn.is_empty()) || view.text("RoleARN").is_some() {
        return Err(ApiError::not_simulated("notifications of lifecycle hooks"));
    }
    let transition = match view.text("LifecycleTransition") {
        Some(word) => Transition::ALL.into_iter().find(|one| one.as_str() == word).ok_or_else(|| {
            invalid(format!(
                "LifecycleTransition {word} is not valid. Valid values are: [autoscaling:EC2_INSTANCE_LAUNCHING, autoscaling:EC2_INSTANCE_TERMINATING]"
            ))
        })?,
        None => old
            .map(|old| old.transition)
            .ok_or_else(|| invalid("LifecycleTransition is required when a lifecycle hook is created."))?,
    };
    let heartbeat = view.int("HeartbeatTimeout")?.or(old.map(|old| old.heartbeat)).unwrap_or(3600);
    if !(30..=7200).contains(&heartbeat) {
        return Err(invalid(format!("HeartbeatTimeout must be between 30 and 7200 seconds, but was {heartbeat}.")));
    }
    let go_on = match view.text("DefaultResult") {
        Some(word) => result(word, "defaultResult")?,
        None => old.is_some_and(|old| old.go_on),
    };
    let metadata = view.text("NotificationMetadata").map(str::to_owned);
    Ok(Hook {
        name: name.to_owned(),
        transition,
        heartbeat,
        go_on,
        metadata: metadata.or_else(|| old.and_then(|old| old.metadata.clone())),
    })
}

fn result(word: &str, member: &str) -> Result<bool, ApiError> {
    match word {
        "CONTINUE" => Ok(true),
        "ABANDON" => Ok(false),
        other => Err(constraint(other, member, "Member must satisfy enum value set: [CONTINUE, ABANDON]")),
    }
}

/// LifecycleHookSpecificationList of CreateAutoScalingGroup.
pub(super) fn of_new_group(call: &Call<'_>) -> Result<BTreeMap<String, Hook>, ApiError> {
    let mut hooks = BTreeMap::new();
    for view in call.params.structs("LifecycleHookSpecificationList") {
        let hook = read(&view, None)?;
        hooks.insert(hook.name.clone(), hook);
    }
    Ok(hooks)
}

/// PutLifecycleHook
pub(super) fn put(call: &mut Call<'_>) -> Outcome {
    let group = call.group()?;
    let root = call.params.root();
    let old = group.hooks.get(root.required("LifecycleHookName")?);
    if old.is_none() && group.hooks.len() >= MOST_HOOKS {
        return Err(limit("You've reached your limit of lifecycle hooks for this Auto Scaling group."));
    }
    let hook = read(&root, old)?;
    call.group_mut()?.hooks.insert(hook.name.clone(), hook);
    Ok(Some(call.result()))
}

fn no_hook(name: &str, group: &str) -> ApiError {
    invalid(format!("No Lifecycle Hook found with name: {name} in group: {group}"))
}

/// DeleteLifecycleHook: instances that it holds up go on.
pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    let name = call.params.required("LifecycleHookName")?.to_owned();
    let group = call.group_mut()?;
    let (group_name, known) = (group.name.clone(), group.hooks.remove(&name).is_some());
    if !known {
        return Err(no_hook(&name, &group_name));
    }
    let holds = |one: &&crate::practice::world::scaling::Member| one.waits.iter().any(|wait| wait.hook == name);
    let held: Vec<String> = group.members.values().filter(holds).map(|one| one.id.clone()).collect();
    for id in held {
        call.region.complete_hook(&group_name, &id, &name, true, "");
    }
    Ok(Some(call.result()))
}

/// DescribeLifecycleHooks
pub(super) fn describe(call: &mut Call<'_>) -> Outcome {
    let group = call.group()?;
    let names = call.params.list("LifecycleHookNames");
    if let Some(name) = names.iter().find(|name| !group.hooks.contains_key(**name)) {
        return Err(no_hook(name, &group.name));
    }
    let chosen = group.hooks.values().filter(|hook| names.is_empty() || names.contains(&hook.name.as_str()));
    let elements = chosen.map(|hook| {
        Element::new("member")
            .leaf("LifecycleHookName", &hook.name)
            .leaf("AutoScalingGroupName", &group.name)
            .leaf("LifecycleTransition", hook.transition.as_str())
            .leaf_opt("NotificationMetadata", hook.metadata.as_ref())
            .leaf("HeartbeatTimeout", hook.heartbeat)
            .leaf("GlobalTimeout", hook.global_timeout())
            .leaf("DefaultResult", if hook.go_on { "CONTINUE" } else { "ABANDON" })
    });
    Ok(Some(call.result().members("LifecycleHooks", elements)))
}

/// The instance that a request means, by id or by token: group, instance, hook.
fn held(call: &Call<'_>) -> Result<(String, String, String), ApiError> {
    let (hook, token) = (call.params.required("LifecycleHookName")?, call.params.text("LifecycleActionToken"));
    let id = call.params.text("InstanceId");
    let group = call.group()?;
    if !group.hooks.contains_key(hook) {
        return Err(no_hook(hook, &group.name));
    }
    let Some(what) = token.or(id) else {
        return Err(invalid("Either LifecycleActionToken or InstanceId must be specified."));
    };
    let found = group.members.values().find(|member| {
        id.is_none_or(|id| member.id == id)
            && member
                .waits
                .iter()
                .any(|wait| wait.hook == hook && wait.result.is_none() && token.is_none_or(|token| wait.token == token))
    });
    let found =
        found.ok_or_else(|| invalid(format!("No active Lifecycle Action found with instance ID or token {what}")))?;
    Ok((group.name.clone(), found.id.clone(), hook.to_owned()))
}

/// CompleteLifecycleAction
pub(super) fn complete(call: &mut Call<'_>) -> Outcome {
    let go_on = result(call.params.required("LifecycleActionResult")?, "lifecycleActionResult")?;
    let (group, id, hook) = held(call)?;
    let how = "Lifecycle Action Completed with ABANDON Result";
    call.region.complete_hook(&group, &id, &hook, go_on, how);
    Ok(Some(call.result()))
}

/// RecordLifecycleActionHeartbeat
pub(super) fn heartbeat(call: &mut Call<'_>) -> Outcome {
    let (group, id, hook) = held(call)?;
    call.region.heartbeat(&group, &id, &hook);
    Ok(Some(call.result()))
}
