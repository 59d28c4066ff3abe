//! Scheduled actions.

use jiff::Timestamp;

use super::errors::{invalid, limit};
use super::page::paginate;
use super::{Call, Outcome, time};
use crate::practice::services::ApiError;
use crate::practice::wire::query::View;
use crate::practice::wire::xml::Element;
use crate::practice::world::scaling::{Scheduled, offset_of};
use crate::scaling::schedule::Cron;

/// How many scheduled actions a group may have.
const MOST_ACTIONS: usize = 125;

fn moment(view: &View<'_>, name: &str) -> Result<Option<i64>, ApiError> {
    let Some(text) = view.text(name) else { return Ok(None) };
    let parsed: Result<Timestamp, _> = text.parse();
    parsed.map(|at| Some(at.as_millisecond())).map_err(|_| invalid(format!("{name} {text} is not a timestamp.")))
}

fn size(view: &View<'_>, name: &str) -> Result<Option<u32>, ApiError> {
    let Some(value) = view.int(name)? else { return Ok(None) };
    u32::try_from(value).map(Some).map_err(|_| invalid(format!("{name} must not be negative, but was {value}.")))
}

fn put_one(call: &mut Call<'_>, group: &str, view: &View<'_>) -> Result<(), ApiError> {
    let now = call.region.now();
    let name = view.required("ScheduledActionName")?.to_owned();
    let (region, account) = (call.region.name().to_owned(), call.region.account().to_owned());
    let id = call.region.random().uuid();
    let found = call.group()?;
    let old = found.scheduled.get(&name);
    if old.is_none() && found.scheduled.len() >= MOST_ACTIONS {
        return Err(limit("You've reached your limit of scheduled actions for this Auto Scaling group."));
    }
    let start = moment(view, "StartTime")?.or(moment(view, "Time")?);
    let end = moment(view, "EndTime")?;
    let (min, max, desired) = (size(view, "MinSize")?, size(view, "MaxSize")?, size(view, "DesiredCapacity")?);
    if min.is_none() && max.is_none() && desired.is_none() {
        return Err(invalid("At least one of DesiredCapacity, MinSize and MaxSize must be specified."));
    }
    if let (Some(min), Some(max)) = (min, max)
        && min > max
    {
        return Err(invalid("MaxSize must be greater than or equal to MinSize."));
    }
    if start.is_some_and(|start| start < now) {
        return Err(invalid("Given start time is in the past."));
    }
    if end.is_some_and(|end| end < now || start.is_some_and(|start| end < start)) {
        return Err(invalid("Given end time is in the past, or before the start time."));
    }
    let recurrence = view.text("Recurrence").filter(|text| !text.is_empty()).map(str::to_owned);
    let zone = view.text("TimeZone").map(str::to_owned);
    if recurrence.as_deref().is_some_and(|text| Cron::parse(text).is_none()) {
        return Err(invalid("Given recurrence string is not a valid cron expression."));
    }
    if offset_of(zone.as_deref()).is_none() {
        return Err(ApiError::not_simulated("time zones but UTC, Asia/Seoul, Asia/Tokyo and Asia/Singapore"));
    }
    let arn = old.map_or_else(
        || {
            format!(
                "arn:aws:autoscaling:{region}:{account}:scheduledUpdateGroupAction:{id}:autoScalingGroupName/{group}:scheduledActionName/{name}"
            )
        },
        |old| old.arn.clone(),
    );
    let turn = old.map_or(0, |old| old.turn + 1);
    let mut action = Scheduled { name, arn, next: now, start, end, recurrence, zone, min, max, desired, turn };
    let first = match (&action.recurrence, start) {
        (Some(_), Some(start)) => action.after(start - 1),
        (Some(_), None) => action.after(now),
        (None, start) => start,
    };
    action.next =
        first.ok_or_else(|| invalid("Either StartTime or a Recurrence that comes true must be specified."))?;
    let name = action.name.clone();
    call.group_mut()?.scheduled.insert(name.clone(), action);
    call.region.schedule_action(group, &name);
    Ok(())
}

/// PutScheduledUpdateGroupAction
pub(super) fn put(call: &mut Call<'_>) -> Outcome {
    let group = call.group()?.name.clone();
    let params = call.params;
    put_one(call, &group, &params.root())?;
    Ok(None)
}

fn failed(list: &str, call: &Call<'_>, failures: Vec<(String, ApiError)>) -> Element {
    let elements = failures.into_iter().map(|(name, error)| {
        Element::new("member")
            .leaf("ScheduledActionName", name)
            .leaf("ErrorCode", error.code)
            .leaf("ErrorMessage", error.message)
    });
    call.result().members(list, elements)
}

/// BatchPutScheduledUpdateGroupAction: each for itself.
pub(super) fn put_many(call: &mut Call<'_>) -> Outcome {
    let group = call.group()?.name.clone();
    let params = call.params;
    let mut failures = Vec::new();
    for view in params.structs("ScheduledUpdateGroupActions") {
        let name = view.required("ScheduledActionName")?.to_owned();
        match put_one(call, &group, &view) {
            Err(error) if error.code == crate::practice::services::NOT_SIMULATED => return Err(error),
            Err(error) => failures.push((name, error)),
            Ok(()) => {}
        }
    }
    Ok(Some(failed("FailedScheduledUpdateGroupActions", call, failures)))
}

fn delete_one(call: &mut Call<'_>, name: &str) -> Result<(), ApiError> {
    let removed = call.group_mut()?.scheduled.remove(name);
    removed.map(|_| ()).ok_or_else(|| invalid("Scheduled action name not found"))
}

/// DeleteScheduledAction
pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    let name = call.params.required("ScheduledActionName")?.to_owned();
    delete_one(call, &name)?;
    Ok(None)
}

/// BatchDeleteScheduledAction
pub(super) fn delete_many(call: &mut Call<'_>) -> Outcome {
    call.group()?;
    let mut failures = Vec::new();
    let names: Vec<String> = call.params.list("ScheduledActionNames").iter().map(|name| (*name).to_owned()).collect();
    for name in names {
        if let Err(error) = delete_one(call, &name) {
            failures.push((name, error));
        }
    }
    Ok(Some(failed("FailedScheduledActions", call, failures)))
}

/// DescribeScheduledActions
pub(super) fn describe(call: &mut Call<'_>) -> Outcome {
    let call = &*call;
    let group = call.params.text("AutoScalingGroupName");
    let names = call.params.list("ScheduledActionNames");
    let root = call.params.root();
    let (from, until) = (moment(&root, "StartTime")?, moment(&root, "EndTime")?);
    let _ = call.params.bool("IncludeManagedResources")?;
    if let Some(name) = group
        && !call.region.scaling.groups.contains_key(name)
    {
        return Err(super::errors::no_group(name));
    }
    let groups = call.region.scaling.groups.values().filter(|one| group.is_none_or(|name| one.name == name));
    let chosen = groups
        .flat_map(|group| group.scheduled.values().map(move |action| (group, action)))
        .filter(|(_, one)| names.is_empty() || names.contains(&one.name.as_str()))
        .filter(|(_, one)| from.is_none_or(|from| one.next >= from) && until.is_none_or(|until| one.next <= until))
        .map(|(group, action)| (action.arn.clone(), (group.name.as_str(), action)))
        .collect();
    let page = paginate(call, chosen, 50)?;
    let element = |(group, action): (&str, &Scheduled)| {
        Element::new("member")
            .leaf("AutoScalingGroupName", group)
            .leaf("ScheduledActionName", &action.name)
            .leaf("ScheduledActionARN", &action.arn)
            .leaf("Time", time(action.next))
            .leaf("StartTime", time(action.next))
            .leaf_opt("EndTime", action.end.map(time))
            .leaf_opt("Recurrence", action.recurrence.as_ref())
            .leaf_opt("MinSize", action.min)
            .leaf_opt("MaxSize", action.max)
            .leaf_opt("DesiredCapacity", action.desired)
            .leaf_opt("TimeZone", action.zone.as_ref())
    };
    Ok(Some(page.answer(call.result(), "ScheduledUpdateGroupActions", element)))
}
