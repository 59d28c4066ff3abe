//! The agent of Systems Manager on a machine: when it registers, and whether it still answers.
//!
//! It registers when the instance has a profile whose role allows it and when port 443 of the endpoints is reached; as on AWS it tries
//! again by itself for a while when the network is not there yet. Whether a registered agent is online is a question for this moment.

use serde::{Deserialize, Serialize};

use super::Due;
use crate::practice::world::{Event, Global, InstanceState, Region};

/// How long the agent waits until it tries again, ms.
const AGAIN: i64 = 30_000;
/// By then an agent has tried to register after its machine was switched on, ms.
const TRIED: i64 = 90_000;
/// How often a registered agent says that it is there, ms.
const PING: i64 = 300_000;

/// An agent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agent {
    /// When it registered since the machine was switched on, ms.
    pub registered: Option<i64>,
}

/// What Systems Manager knows of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ping {
    /// It answers.
    pub online: bool,
    /// When it last did, ms.
    pub last: i64,
    /// When it was first registered, ms.
    pub registered: i64,
}

impl Region {
    fn agent_is_allowed(&self, global: &Global, instance: &str) -> bool {
        let profile = self.instances.get(instance).and_then(|found| found.profile.as_ref());
        profile.is_some_and(|profile| global.iam.agent_is_allowed(&profile.arn, self.now))
    }

    /// Can the agent of an instance talk to Systems Manager now?
    fn agent_connects(&self, global: &Global, instance: &str) -> bool {
        let running = self.instances.get(instance).is_some_and(|found| found.state == InstanceState::Running);
        running
            && self.service(instance, "amazon-ssm-agent").is_some_and(|unit| unit.active)
            && self.agent_is_allowed(global, instance)
            && self.way_out(global, instance, 443).answered()
    }

    pub(super) fn try_to_register(&mut self, global: &Global, instance: &str) {
        let Some(machine) = self.hosts.machines.get(instance) else { return };
        if machine.agent.registered.is_some() {
            return;
        }
        let boot = machine.boot;
        if self.agent_connects(global, instance) {
            let now = self.now;
            if let Some(machine) = self.hosts.machines.get_mut(instance) {
                machine.agent.registered = Some(now);
            }
            self.commands.registered.entry(instance.to_owned()).or_insert(now);
        } else if self.agent_is_allowed(global, instance) {
            self.schedule_at(self.now + AGAIN, Event::Host(Due::Agent { instance: instance.to_owned(), boot }));
        }
        // Without rights it waits until somebody gives it some: see `look_at_agents`.
    }

    /// After a request: agents that have been given their rights meanwhile notice it within some minutes.
    pub(in crate::practice::world) fn look_at_agents(&mut self) {
        let now = self.now;
        let waiting = |machine: &super::Machine| machine.agent.registered.is_none() && machine.on_since + TRIED < now;
        let ids: Vec<(String, u32)> = self
            .hosts
            .machines
            .iter()
            .filter(|(id, machine)| {
                waiting(machine)
                    && !self.commands.noticing.contains(*id)
                    && self.instances.get(*id).is_some_and(|one| one.profile.is_some())
            })
            .map(|(id, machine)| (id.clone(), machine.boot))
            .collect();
        for (id, boot) in ids {
            self.commands.noticing.insert(id.clone());
            for minutes in [1, 2, 3, 5, 10, 20, 30] {
                self.schedule_at(self.now + minutes * 60_000, Event::Host(Due::Agent { instance: id.clone(), boot }));
            }
        }
    }

    /// What Systems Manager knows of an instance; none when its agent has never registered.
    pub fn ping(&self, global: &Global, instance: &str) -> Option<Ping> {
        let first = *self.commands.registered.get(instance)?;
        let since = self.hosts.machines.get(instance).and_then(|machine| machine.agent.registered);
        let online = since.is_some() && self.agent_connects(global, instance);
        let seen = self.commands.seen.get(instance).copied().unwrap_or(first);
        Some(Ping { online, last: since.map_or(seen, |since| self.last_ping(since)), registered: first })
    }

    fn last_ping(&self, since: i64) -> i64 {
        since + (self.now - since).max(0) / PING * PING
    }

    /// The machine goes off: notes when its agent was last heard of.
    pub(super) fn note_last_ping(&mut self, instance: &str) {
        let since = self.hosts.machines.get(instance).and_then(|machine| machine.agent.registered);
        if let Some(since) = since {
            let last = self.last_ping(since);
            self.commands.seen.insert(instance.to_owned(), last);
            self.commands.noticing.remove(instance);
        }
    }
}
