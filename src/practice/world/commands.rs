//! Commands sent to instances by Systems Manager, and their results.
//!
//! Promises: a command waits until the agent of its instance fetches it, runs there as root, and ends by itself, by its time limits or by
//! being cancelled. Leaves to others: the agents and what scripts do ([`super::host`]), requests and answers ([`crate::practice::services`]).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::host::Purpose;
use super::{Beyond, Event, Region};
use crate::practice::shell::{Env, Output, Run};

/// How much of each output is kept, in characters.
const KEPT: usize = 24_000;

/// How long an agent takes to fetch a command, ms.
const FETCH: i64 = 1_500;
/// When a command that could not be delivered is tried again, ms.
const AGAIN: i64 = 5_000;

/// Commands by id, and what Systems Manager knows of instances.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Commands {
    /// When each instance's agent first registered, ms.
    pub(super) registered: BTreeMap<String, i64>,
    /// When an agent was last heard of before its machine was switched off, ms.
    pub(super) seen: BTreeMap<String, i64>,
    /// Instances whose agents are about to notice that they have got rights.
    pub(super) noticing: BTreeSet<String>,
    /// Commands by id.
    pub sent: BTreeMap<String, Command>,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Command {
    pub id: String,
    pub comment: String,
    pub instance_ids: Vec<String>,
    /// Keys and values.
    pub targets: Vec<(String, Vec<String>)>,
    pub lines: Vec<String>,
    pub working_directory: Option<String>,
    /// Seconds.
    pub execution_timeout: i64,
    /// Seconds.
    pub delivery_timeout: i64,
    pub requested: i64,
    /// By instance.
    pub invocations: BTreeMap<String, Invocation>,
}

/// How an invocation stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the states are AWS's own")]
pub enum Status {
    Pending,
    InProgress,
    Success,
    Failed,
    DeliveryTimedOut,
    ExecutionTimedOut,
    Cancelled,
}

impl Status {
    /// Status and StatusDetails.
    pub fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Pending => ("Pending", "Pending"),
            Self::InProgress => ("InProgress", "InProgress"),
            Self::Success => ("Success", "Success"),
            Self::Failed => ("Failed", "Failed"),
            Self::DeliveryTimedOut => ("TimedOut", "DeliveryTimedOut"),
            Self::ExecutionTimedOut => ("TimedOut", "ExecutionTimedOut"),
            Self::Cancelled => ("Cancelled", "Cancelled"),
        }
    }

    /// It will not change any more.
    pub fn is_over(self) -> bool {
        !matches!(self, Self::Pending | Self::InProgress)
    }
}

/// A command on one instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Invocation {
    pub status: Status,
    pub started: Option<i64>,
    pub ended: Option<i64>,
    /// -1 as long as there is none.
    pub code: i32,
    pub out: String,
    pub err: String,
}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {
    /// An agent fetches the command.
    Deliver(String, String),
    /// It has not been fetched in time.
    DeliveryOver(String, String),
    /// It has not ended in time.
    ExecutionOver(String, String),
}

impl Command {
    /// How the whole stands: as long as one goes on, it goes on; then the worst counts.
    pub fn status(&self) -> Status {
        let all = || self.invocations.values().map(|one| one.status);
        let has = |wanted: Status| all().any(|one| one == wanted);
        if all().all(|one| one == Status::Pending) {
            return if self.invocations.is_empty() { Status::Success } else { Status::Pending };
        }
        if !all().all(Status::is_over) {
            return Status::InProgress;
        }
        let order = [Status::Failed, Status::ExecutionTimedOut, Status::DeliveryTimedOut, Status::Cancelled];
        order.into_iter().find(|one| has(*one)).unwrap_or(Status::Success)
    }
}

impl Region {
    /// Sends a command to the instances that it has invocations for.
    pub fn send_command(&mut self, command: Command) {
        let id = command.id.clone();
        for instance in command.invocations.keys() {
            let wait = FETCH + i64::try_from(self.random.below(1_000)).unwrap_or_default();
            self.schedule_at(self.now + wait, event(Due::Deliver(id.clone(), instance.clone())));
            let over = self.now + command.delivery_timeout * 1000;
            self.schedule_at(over, event(Due::DeliveryOver(id.clone(), instance.clone())));
        }
        self.commands.sent.insert(id, command);
    }

    /// Cancels a command where it is not over yet.
    pub fn cancel_command(&mut self, id: &str, only: &[&str]) {
        let instances: Vec<String> =
            self.commands.sent.get(id).map(|one| one.invocations.keys().cloned().collect()).unwrap_or_default();
        for instance in instances.iter().filter(|one| only.is_empty() || only.contains(&one.as_str())) {
            self.end_invocation(id, instance, Status::Cancelled, None);
            self.kill_command(id, instance, 137);
        }
    }

    fn invocation(&mut self, id: &str, instance: &str) -> Option<&mut Invocation> {
        self.commands.sent.get_mut(id)?.invocations.get_mut(instance)
    }

    /// Ends an invocation, unless it is over already.
    fn end_invocation(&mut self, id: &str, instance: &str, status: Status, output: Option<Output>) {
        let now = self.now;
        let Some(one) = self.invocation(id, instance).filter(|one| !one.status.is_over()) else { return };
        one.status = status;
        one.ended = Some(now);
        if let Some(output) = output {
            one.code = output.code;
            one.out = first(&output.out);
            one.err = first(&output.err);
        }
    }

    pub(super) fn command_due(&mut self, beyond: Beyond<'_>, due: Due) {
        match due {
            Due::Deliver(id, instance) => self.deliver_command(beyond, &id, &instance),
            Due::DeliveryOver(id, instance) => {
                if self.invocation(&id, &instance).is_some_and(|one| one.status == Status::Pending) {
                    self.end_invocation(&id, &instance, Status::DeliveryTimedOut, None);
                }
            }
            Due::ExecutionOver(id, instance) => {
                self.end_invocation(&id, &instance, Status::ExecutionTimedOut, None);
                self.kill_command(&id, &instance, 137);
            }
        }
    }

    fn deliver_command(&mut self, beyond: Beyond<'_>, id: &str, instance: &str) {
        if self.invocation(id, instance).is_none_or(|one| one.status != Status::Pending) {
            return;
        }
        if !self.ping(beyond.global, instance).is_some_and(|ping| ping.online) {
            self.schedule_at(self.now + AGAIN, event(Due::Deliver(id.to_owned(), instance.to_owned())));
            return;
        }
        let Some(command) = self.commands.sent.get(id) else { return };
        let (limit, script) = (command.execution_timeout, command.lines.join("\n"));
        let directory = command.working_directory.clone().unwrap_or_else(|| "/usr/bin".to_owned());
        let now = self.now;
        if let Some(one) = self.invocation(id, instance) {
            (one.status, one.started) = (Status::InProgress, Some(now));
        }
        self.schedule_at(now + limit * 1000, event(Due::ExecutionOver(id.to_owned(), instance.to_owned())));
        self.begin(beyond, instance, Run::new(script, Env::root(&directory)), Purpose::Command(id.to_owned()));
    }

    /// The script of a command has ended.
    pub(super) fn command_ended(&mut self, id: &str, instance: &str, mut output: Output) {
        let status = if output.code == 0 { Status::Success } else { Status::Failed };
        if output.code != 0 {
            output.err.push_str(&format!("failed to run commands: exit status {}", output.code));
        }
        self.end_invocation(id, instance, status, Some(output));
    }
}

fn event(due: Due) -> Event {
    Event::Host(super::host::Due::Command(due))
}

fn first(text: &str) -> String {
    text.chars().take(KEPT).collect()
}
