//! Run Command: SendCommand, CancelCommand, and how commands and their invocations stand.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{instance, page};
use crate::practice::services::{ApiError, Request};
use crate::practice::wire::members::Members;
use crate::practice::world::commands::{Command, Invocation, Status};
use crate::practice::world::{Region, World};

/// The one document that is simulated.
const DOCUMENT: &str = "AWS-RunShellScript";

/// For how long after SendCommand its invocations are unknown, ms.
const UNKNOWN: i64 = 1_000;

/// A time as Run Command writes it in an invocation.
fn stamp(ms: Option<i64>) -> String {
    let moment = ms.and_then(|ms| jiff::Timestamp::from_millisecond(ms).ok());
    moment.map(|moment| moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()).unwrap_or_default()
}

fn invalid_parameters(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameters", message)
}

/// What the document's parameters say.
fn read_parameters(members: &Members<'_>, command: &mut Command) -> Result<(), ApiError> {
    let parameters = members.object("Parameters");
    let lines = parameters.texts("commands")?;
    if lines.is_empty() {
        return Err(invalid_parameters("Document requires parameter commands"));
    }
    command.lines = lines.into_iter().map(str::to_owned).collect();
    let directory = parameters.texts("workingDirectory")?.first().copied().filter(|text| !text.is_empty());
    command.working_directory = directory.map(str::to_owned);
    if let Some(text) = parameters.texts("executionTimeout")?.first() {
        let seconds = text.parse::<i64>().ok().filter(|seconds| (1..=172_800).contains(seconds));
        command.execution_timeout = seconds.ok_or_else(|| {
            invalid_parameters(format!("Parameter \"executionTimeout\" must match ([1-9][0-9]{{0,4}})|...: {text}"))
        })?;
    }
    Ok(parameters.finish()?)
}

/// The instances that targets mean, among those that are registered.
fn targeted(region: &Region, world: &World, targets: &[(String, Vec<String>)]) -> Result<Vec<String>, ApiError> {
    let mut found = Vec::new();
    for (instance, _) in instance::registered(region, world.global()) {
        let mut fits = true;
        for (key, values) in targets {
            let have = match key.strip_prefix("tag:") {
                Some(name) => region.tags.get(&instance.id).and_then(|tags| tags.get(name)).cloned(),
                None if key.eq_ignore_ascii_case("InstanceIds") => Some(instance.id.clone()),
                None => return Err(ApiError::not_simulated(format_args!("the target {key}"))),
            };
            fits &= have.is_some_and(|have| values.contains(&have));
        }
        if fits {
            found.push(instance.id.clone());
        }
    }
    Ok(found)
}

/// SendCommand
pub(super) fn send(world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    let members = Members::new(request.json);
    let document = members.required("DocumentName")?;
    if document != DOCUMENT && document != format!("arn:aws:ssm:{}::document/{DOCUMENT}", request.region) {
        if document.starts_with("AWS-") {
            return Err(ApiError::not_simulated(format_args!("the document {document}")));
        }
        return Err(ApiError::new("InvalidDocument", format!("Document with name {document} does not exist.")));
    }
    let version = members.text("DocumentVersion")?;
    if version.is_some_and(|version| !["$DEFAULT", "$LATEST", "1"].contains(&version)) {
        return Err(ApiError::new("InvalidDocumentVersion", "The document version isn't valid or doesn't exist."));
    }
    let delivery = members.int("TimeoutSeconds")?.unwrap_or(3_600);
    if !(30..=2_592_000).contains(&delivery) {
        return Err(ApiError::new(
            "ValidationException",
            format!(
                "1 validation error detected: Value '{delivery}' at 'timeoutSeconds' failed to satisfy constraint: Member must have value greater than or equal to 30"
            ),
        ));
    }
    let mut targets = Vec::new();
    for target in members.objects("Targets")? {
        targets.push((
            target.required("Key")?.to_owned(),
            target.texts("Values")?.into_iter().map(str::to_owned).collect(),
        ));
        target.finish()?;
    }
    let ids: Vec<String> = members.texts("InstanceIds")?.into_iter().map(str::to_owned).collect();
    // Commands to few instances start everywhere at once, whatever these say.
    for name in ["MaxConcurrency", "MaxErrors"] {
        members.text(name)?;
    }
    let now = world.now();
    let region = world.region_mut(request.region);
    let mut command = Command {
        id: region.random().uuid(),
        comment: members.text("Comment")?.unwrap_or_default().to_owned(),
        instance_ids: ids,
        targets,
        lines: Vec::new(),
        working_directory: None,
        execution_timeout: 3_600,
        delivery_timeout: delivery,
        requested: now,
        invocations: BTreeMap::new(),
    };
    read_parameters(&members, &mut command)?;
    members.finish()?;
    let Some(region) = world.region(request.region) else { return Err(ApiError::not_simulated("this region")) };
    let chosen = match (command.instance_ids.is_empty(), command.targets.is_empty()) {
        (false, true) => {
            let online = |id: &&String| region.ping(world.global(), id).is_some_and(|ping| ping.online);
            let live = |id: &&String| region.instances.get(*id).is_some_and(|one| !one.state.is_ending());
            let lost: Vec<&str> =
                command.instance_ids.iter().filter(|id| !(live(id) && online(id))).map(String::as_str).collect();
            if !lost.is_empty() {
                let message =
                    format!("Instances [[{}]] not in a valid state for account {}", lost.join(", "), world.account());
                return Err(ApiError::new("InvalidInstanceId", message));
            }
            command.instance_ids.clone()
        }
        (true, false) => targeted(region, world, &command.targets)?,
        _ => return Err(invalid_parameters("Either InstanceIds or Targets is to be given, and not both.")),
    };
    for id in chosen {
        let invocation = Invocation {
            status: Status::Pending,
            started: None,
            ended: None,
            code: -1,
            out: String::new(),
            err: String::new(),
        };
        command.invocations.insert(id, invocation);
    }
    let answer = json!({ "Command": shown(&command) });
    let region = world.region_mut(request.region);
    region.send_command(command);
    region.changed();
    Ok(answer)
}

/// A command as the lists show it.
fn shown(command: &Command) -> Value {
    let (status, details) = command.status().words();
    let count = |fits: fn(Status) -> bool| command.invocations.values().filter(|one| fits(one.status)).count();
    let targets: Vec<Value> =
        command.targets.iter().map(|(key, values)| json!({ "Key": key, "Values": values })).collect();
    let mut parameters =
        json!({ "commands": command.lines, "executionTimeout": [command.execution_timeout.to_string()] });
    if let Some(directory) = &command.working_directory {
        parameters["workingDirectory"] = json!([directory]);
    }
    json!({
        "CommandId": command.id,
        "DocumentName": DOCUMENT,
        "DocumentVersion": "$DEFAULT",
        "Comment": command.comment,
        "ExpiresAfter": { "$time": command.requested + (command.delivery_timeout + command.execution_timeout) * 1000 },
        "Parameters": parameters,
        "InstanceIds": command.instance_ids,
        "Targets": targets,
        "RequestedDateTime": { "$time": command.requested },
        "Status": status,
        "StatusDetails": details,
        "OutputS3Region": "",
        "OutputS3BucketName": "",
        "OutputS3KeyPrefix": "",
        "MaxConcurrency": "50",
        "MaxErrors": "0",
        "TargetCount": command.invocations.len(),
        "CompletedCount": count(Status::is_over),
        "ErrorCount": count(|status| matches!(status, Status::Failed | Status::ExecutionTimedOut)),
        "DeliveryTimedOutCount": count(|status| status == Status::DeliveryTimedOut),
        "ServiceRole": "",
        "TimeoutSeconds": command.delivery_timeout,
    })
}

fn known<'r>(region: &'r Region, id: &str) -> Result<&'r Command, ApiError> {
    if id.len() != 36 {
        return Err(ApiError::new("InvalidCommandId", "The specified command ID isn't valid."));
    }
    region.commands.sent.get(id).ok_or_else(|| {
        ApiError::new("InvalidCommandId", "The specified command ID isn't valid. Verify the ID and try again.")
    })
}

/// CancelCommand: only what is not over yet is cancelled.
pub(super) fn cancel(world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    let members = Members::new(request.json);
    let (id, only) = (members.required("CommandId")?, members.texts("InstanceIds")?);
    members.finish()?;
    let region = world.region_mut(request.region);
    known(region, id)?;
    region.cancel_command(id, &only);
    region.changed();
    Ok(json!({}))
}

/// GetCommandInvocation
pub(super) fn get(world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    let members = Members::new(request.json);
    let (id, instance) = (members.required("CommandId")?, members.required("InstanceId")?);
    let plugin = members.text("PluginName")?;
    members.finish()?;
    if plugin.is_some_and(|plugin| plugin != "aws:runShellScript") {
        return Err(ApiError::new("InvalidPluginName", "The plugin name isn't valid."));
    }
    let now = world.now();
    let region = world.region_mut(request.region);
    let none = || ApiError::new("InvocationDoesNotExist", "");
    let command = region.commands.sent.get(id).ok_or_else(none)?;
    let one = command.invocations.get(instance).ok_or_else(none)?;
    if now < command.requested + UNKNOWN {
        return Err(none());
    }
    let (status, details) = one.status.words();
    let elapsed = one.started.zip(one.ended).map(|(from, to)| to - from);
    Ok(json!({
        "CommandId": command.id,
        "InstanceId": instance,
        "Comment": command.comment,
        "DocumentName": DOCUMENT,
        "DocumentVersion": "$DEFAULT",
        "PluginName": "aws:runShellScript",
        "ResponseCode": one.code,
        "ExecutionStartDateTime": stamp(one.started),
        "ExecutionElapsedTime": elapsed.map(|ms| format!("PT{}.{:03}S", ms / 1000, ms % 1000)).unwrap_or_default(),
        "ExecutionEndDateTime": stamp(one.ended),
        "Status": status,
        "StatusDetails": details,
        "StandardOutputContent": one.out,
        "StandardOutputUrl": "",
        "StandardErrorContent": one.err,
        "StandardErrorUrl": "",
        "CloudWatchOutputConfig": { "CloudWatchLogGroupName": "", "CloudWatchOutputEnabled": false },
    }))
}

/// Filters of lists, as (key, value).
fn filters(members: &Members<'_>) -> Result<Vec<(String, String)>, ApiError> {
    let mut found = Vec::new();
    for filter in members.objects("Filters")? {
        found.push((filter.required("key")?.to_owned(), filter.required("value")?.to_owned()));
        filter.finish()?;
    }
    Ok(found)
}

fn passes(command: &Command, status: Status, filters: &[(String, String)]) -> Result<bool, ApiError> {
    for (key, value) in filters {
        let moment = || {
            let read = value
                .parse::<jiff::Timestamp>()
                .map_err(|_| ApiError::new("InvalidFilterKey", format!("{value} is not a time")))?;
            Ok::<_, ApiError>(read.as_millisecond())
        };
        let fits = match key.as_str() {
            "InvokedAfter" => command.requested >= moment()?,
            "InvokedBefore" => command.requested < moment()?,
            "Status" => status.words().0 == value,
            "DocumentName" => value == DOCUMENT,
            _ => return Err(ApiError::new("InvalidFilterKey", "The specified key isn't valid.")),
        };
        if !fits {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The commands that a list asks for, newest first.
fn chosen<'r>(region: &'r Region, members: &Members<'_>) -> Result<(Vec<&'r Command>, Option<String>), ApiError> {
    let (id, instance) = (members.text("CommandId")?, members.text("InstanceId")?.map(str::to_owned));
    let mut all: Vec<&Command> = match id {
        Some(id) => vec![known(region, id)?],
        None => region.commands.sent.values().collect(),
    };
    all.retain(|command| instance.as_ref().is_none_or(|id| command.invocations.contains_key(id)));
    all.sort_by_key(|command| (std::cmp::Reverse(command.requested), command.id.clone()));
    Ok((all, instance))
}

fn answer(name: &str, items: Vec<Value>, next: Option<String>) -> Value {
    let mut answer = json!({ name: items });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    answer
}

/// ListCommands
pub(super) fn list(world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    let members = Members::new(request.json);
    let region = world.region_mut(request.region);
    let (all, _) = chosen(region, &members)?;
    let filters = filters(&members)?;
    let (most, token) = (members.int("MaxResults")?, members.text("NextToken")?);
    members.finish()?;
    let mut found = Vec::new();
    for command in all {
        if passes(command, command.status(), &filters)? {
            found.push((command.id.clone(), shown(command)));
        }
    }
    let (items, next) = page(found, most, token, 1, 50)?;
    Ok(answer("Commands", items, next))
}

/// ListCommandInvocations
pub(super) fn list_invocations(world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    let members = Members::new(request.json);
    let region = world.region_mut(request.region);
    let (all, only) = chosen(region, &members)?;
    let filters = filters(&members)?;
    let details = members.bool("Details")?.unwrap_or(false);
    let (most, token) = (members.int("MaxResults")?, members.text("NextToken")?);
    members.finish()?;
    let mut found = Vec::new();
    for command in all {
        for (id, one) in command.invocations.iter().filter(|(id, _)| only.as_ref().is_none_or(|only| only == *id)) {
            if passes(command, one.status, &filters)? {
                found.push((format!("{}/{id}", command.id), invocation(region, command, id, one, details)));
            }
        }
    }
    let (items, next) = page(found, most, token, 1, 50)?;
    Ok(answer("CommandInvocations", items, next))
}

fn invocation(region: &Region, command: &Command, id: &str, one: &Invocation, details: bool) -> Value {
    let (status, status_details) = one.status.words();
    let name = region.tags.get(id).and_then(|tags| tags.get("Name")).cloned().unwrap_or_default();
    let mut plugins = Vec::new();
    if details {
        let mut plugin = json!({
            "Name": "aws:runShellScript",
            "Status": status,
            "StatusDetails": status_details,
            "ResponseCode": one.code,
            "Output": one.out.chars().take(2_500).collect::<String>(),
        });
        for (name, moment) in [("ResponseStartDateTime", one.started), ("ResponseFinishDateTime", one.ended)] {
            if let Some(ms) = moment {
                plugin[name] = json!({ "$time": ms });
            }
        }
        plugins.push(plugin);
    }
    json!({
        "CommandId": command.id,
        "InstanceId": id,
        "InstanceName": name,
        "Comment": command.comment,
        "DocumentName": DOCUMENT,
        "DocumentVersion": "$DEFAULT",
        "RequestedDateTime": { "$time": command.requested },
        "Status": status,
        "StatusDetails": status_details,
        "CommandPlugins": plugins,
        "ServiceRole": "",
    })
}
