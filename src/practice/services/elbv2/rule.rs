//! Rules of listeners.

use std::collections::BTreeSet;

use super::errors::{invalid, rules_not_found};
use super::page::paginate;
use super::{Call, action, condition};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::balancing::{Action, Condition, Listener, Rule};

fn item(arn: &str, priority: Option<u32>, conditions: &[Condition], action: &Action) -> Element {
    let priority_text = priority.map_or_else(|| "default".to_owned(), |priority| priority.to_string());
    Element::new("member")
        .leaf("RuleArn", arn)
        .leaf("Priority", priority_text)
        .members("Conditions", conditions.iter().map(condition::item))
        .members("Actions", [action::item(action)])
        .leaf("IsDefault", priority.is_none())
}

/// All rules of a listener by priority, the default one last, each with the place that sorts it.
fn items(listener: &Listener) -> Vec<(String, String, Element)> {
    let default = item(&listener.default_rule, None, &[], &listener.default);
    let rules = listener.rules.iter().map(|(priority, rule)| {
        let shown = item(&rule.arn, Some(*priority), &rule.conditions, &rule.action);
        (format!("{priority:05}"), rule.arn.clone(), shown)
    });
    rules.chain([("default".to_owned(), listener.default_rule.clone(), default)]).collect()
}

fn priority(value: i64) -> Result<u32, ApiError> {
    u32::try_from(value)
        .ok()
        .filter(|value| (1..=50_000).contains(value))
        .ok_or_else(|| invalid(format!("Priority '{value}' must be between 1 and 50000 inclusive")))
}

fn in_use(priority: u32) -> ApiError {
    ApiError::new("PriorityInUse", format!("Priority '{priority}' is currently in use"))
}

/// CreateRule
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let listener = call.listener(call.params.required("ListenerArn")?)?.clone();
    let asked = call.params.int("Priority")?.ok_or_else(|| invalid("A priority must be specified"))?;
    let priority = priority(asked)?;
    let tags = call.tags()?;
    let conditions = call.conditions()?.ok_or_else(|| invalid("A condition must be specified"))?;
    let action = call.action("Actions", &listener.balancer, (listener.tls.is_some(), listener.port))?;
    let action = action.ok_or_else(|| invalid("An action must be specified"))?;
    if listener.rules.contains_key(&priority) {
        return Err(in_use(priority));
    }
    let all = call.region.balancing.listeners.values().filter(|one| one.balancer == listener.balancer);
    if all.map(|one| one.rules.len()).sum::<usize>() >= call.region.options().limits.rules_per_balancer {
        return Err(ApiError::new("TooManyRules", "The maximum number of rules has been reached"));
    }
    let arn = format!("{}/{}", listener.arn.replacen(":listener/", ":listener-rule/", 1), call.region.balancing_id());
    let made = item(&arn, Some(priority), &conditions, &action);
    if let Some(listener) = call.region.balancing.listeners.get_mut(&listener.arn) {
        listener.rules.insert(priority, Rule { arn: arn.clone(), conditions, action });
    }
    call.tag(&arn, tags);
    Ok(call.result().members("Rules", [made]))
}

fn not_default(arn: &str, priority: Option<u32>, verb: &str) -> Result<u32, ApiError> {
    priority.ok_or_else(|| ApiError::new("OperationNotPermitted", format!("Default rule '{arn}' cannot be {verb}")))
}

/// ModifyRule
pub(super) fn modify(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("RuleArn")?;
    let (listener, priority) = call.rule(arn)?;
    let (listener, priority) = (listener.clone(), not_default(arn, priority, "modified")?);
    let conditions = call.conditions()?;
    let action = call.action("Actions", &listener.balancer, (listener.tls.is_some(), listener.port))?;
    if conditions.is_none() && action.is_none() {
        return Err(invalid("Either conditions or actions must be specified"));
    }
    let found = call.region.balancing.listeners.get_mut(&listener.arn);
    let rule = found.and_then(|listener| listener.rules.get_mut(&priority)).ok_or_else(rules_not_found)?;
    rule.conditions = conditions.unwrap_or_else(|| rule.conditions.clone());
    rule.action = action.unwrap_or_else(|| rule.action.clone());
    let changed = item(arn, Some(priority), &rule.conditions, &rule.action);
    Ok(call.result().members("Rules", [changed]))
}

/// DeleteRule
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("RuleArn")?;
    let (listener, priority) = call.rule(arn)?;
    let (listener, priority) = (listener.arn.clone(), not_default(arn, priority, "deleted")?);
    if let Some(listener) = call.region.balancing.listeners.get_mut(&listener) {
        listener.rules.remove(&priority);
    }
    call.region.forget(arn);
    Ok(call.result())
}

/// SetRulePriorities: all at once, so that two rules can change places.
pub(super) fn set_priorities(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let mut moves = Vec::new();
    let mut seen = BTreeSet::new();
    for view in call.params.structs("RulePriorities") {
        let arn = view.required("RuleArn")?;
        let asked = view.int("Priority")?.ok_or_else(|| invalid("A priority must be specified"))?;
        let wanted = priority(asked)?;
        let (listener, now) = call.rule(arn)?;
        let now = not_default(arn, now, "modified")?;
        if !seen.insert((listener.arn.clone(), wanted)) {
            return Err(invalid(format!("Priority '{wanted}' was provided multiple times")));
        }
        moves.push((listener.arn.clone(), now, wanted));
    }
    if moves.is_empty() {
        return Err(invalid("A rule priority must be specified"));
    }
    let mut taken = Vec::new();
    for (listener, now, wanted) in moves {
        let found = call.region.balancing.listeners.get_mut(&listener);
        let rule = found.and_then(|listener| listener.rules.remove(&now)).ok_or_else(rules_not_found)?;
        taken.push((listener, wanted, rule));
    }
    let mut shown = Vec::new();
    for (listener, wanted, rule) in taken {
        let Some(listener) = call.region.balancing.listeners.get_mut(&listener) else { continue };
        shown.push(item(&rule.arn, Some(wanted), &rule.conditions, &rule.action));
        if listener.rules.insert(wanted, rule).is_some() {
            return Err(in_use(wanted));
        }
    }
    Ok(call.result().members("Rules", shown))
}

/// DescribeRules: of a listener, or by ARN.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arns = call.params.list("RuleArns");
    let listener = call.params.text("ListenerArn").filter(|arn| !arn.is_empty());
    let chosen: Vec<(String, Element)> = match (listener, arns.is_empty()) {
        (None, true) => return Err(invalid("You must specify either listener rule ARNs or a listener ARN")),
        (Some(_), false) => return Err(invalid("You can't specify both rule ARNs and a listener ARN")),
        (Some(listener), true) => {
            items(call.listener(listener)?).into_iter().map(|(place, _, shown)| (place, shown)).collect()
        }
        (None, false) => {
            let mut found = Vec::new();
            for arn in arns {
                let of = items(call.rule(arn)?.0).into_iter().filter(|(_, one, _)| one == arn);
                found.extend(of.map(|(_, one, shown)| (one, shown)));
            }
            found
        }
    };
    let page = paginate(call, chosen)?;
    Ok(call.result().members("Rules", page.items).leaf_opt("NextMarker", page.next))
}
