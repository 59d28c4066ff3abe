//! What happens by itself, and when.

use serde::{Deserialize, Serialize};

use super::options::Duration;
use super::{Beyond, Ending, Global, InstanceState, NatState, Progress, Region};

/// Something that is due at a time. An event finds out for itself whether it still applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The id becomes known to other calls.
    Visible(String),
    /// The VPC becomes available.
    VpcAvailable(String),
    /// The subnet becomes available.
    SubnetAvailable(String),
    /// The association with this id of this route table is in force.
    Associated {
        /// The route table.
        table: String,
        /// The association.
        association: String,
    },
    /// The NAT gateway becomes available, or fails.
    NatReady(String),
    /// The NAT gateway is gone.
    NatDeleted(String),
    /// The NAT gateway is no longer listed.
    NatForgotten(String),
    /// An instance goes on to its next state, if it is still in that turn.
    Instance {
        /// The instance.
        id: String,
        /// [`super::Instance::turn`] when the event was made.
        turn: u32,
        /// What happens.
        step: InstanceStep,
    },
    /// Of an image or snapshot.
    Image(super::image::Due),
    /// Of a load balancer or a target.
    Balancing(super::balancing::Due),
    /// Of an Auto Scaling group.
    Scaling(super::scaling::Due),
    /// Of an alarm.
    Watch(super::watch::Due),
    /// Of a database.
    Database(super::database::Due),
    /// Of a certificate.
    Certificate(super::certificate::Due),
    /// The Instance Connect Endpoint with this id goes on.
    ConnectEndpoint(String),
    /// The change of the volume with this id takes effect.
    VolumeModified(String),
    /// Inside an instance.
    Host(super::host::Due),
}

impl Event {
    /// Changes nothing that another rule looks at, unless it says so by [`Region::stir`].
    fn is_quiet(&self) -> bool {
        match self {
            Self::Watch(_) | Self::Visible(_) | Self::Balancing(super::balancing::Due::Checked { .. }) => true,
            Self::Host(due) => due.is_quiet(),
            _ => false,
        }
    }
}

/// The steps of an instance's life that take time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum InstanceStep {
    /// `pending` to `terminated`: there is no room for its volumes in the account's quota.
    NoVolumes,
    /// `pending` to `running`.
    Running,
    /// Status checks from `initializing` to `ok`.
    ChecksOk,
    /// `stopping` to `stopped`.
    Stopped,
    /// `shutting-down` to `terminated`.
    Terminated,
    /// No longer listed.
    Forgotten,
}

impl Region {
    /// Puts an event into the queue, `duration` from now with its seeded variation.
    pub fn schedule(&mut self, duration: Duration, event: Event) {
        let at = self.moment(duration);
        self.schedule_at(at, event);
    }

    /// The moment (ms) that is `duration` from now, with its seeded variation.
    pub fn moment(&mut self, duration: Duration) -> i64 {
        let spread = u64::try_from(duration.spread_ms).unwrap_or_default();
        let vary = i64::try_from(self.random.below(2 * spread + 1)).unwrap_or_default() - duration.spread_ms;
        self.now + duration.typical_ms + vary
    }

    /// Puts an event into the queue for a moment (ms).
    pub fn schedule_at(&mut self, at: i64, event: Event) {
        self.sequence += 1;
        self.queue.insert((at, self.sequence), event);
    }

    /// Makes a new id known to other calls only after a while, if the world is to be eventually consistent.
    pub fn hide_for_a_while(&mut self, id: &str) {
        self.hide_for_up_to(id, self.options.consistency_ms);
    }

    /// As [`Self::hide_for_a_while`], for at most so many ms.
    pub(super) fn hide_for_up_to(&mut self, id: &str, limit: u64) {
        if limit > 0 {
            let wait = i64::try_from(self.random.below(limit + 1)).unwrap_or_default();
            self.hidden.insert(id.to_owned());
            self.schedule_at(self.now + wait, Event::Visible(id.to_owned()));
        }
    }

    pub(super) fn next_event(&self) -> Option<i64> {
        self.queue.first_key_value().map(|((at, _), _)| *at)
    }

    /// Something has changed that others look at: they will look before anything else happens.
    pub fn stir(&mut self) {
        self.stirred = true;
    }

    /// Lets the rules that look at others' state look, when something has changed.
    pub(super) fn settle(&mut self, global: &Global) {
        while std::mem::take(&mut self.stirred) {
            self.settle_targets(global);
            self.settle_groups(global);
        }
    }

    /// Lets the events that are due until a moment happen.
    pub(super) fn advance(&mut self, to: i64, beyond: Beyond<'_>) {
        while let Some(entry) = self.queue.first_entry() {
            let (at, _) = *entry.key();
            if at > to {
                break;
            }
            let event = entry.remove();
            self.now = at;
            self.stirred |= !event.is_quiet();
            self.apply(event, beyond);
            self.settle(beyond.global);
            self.revision += 1;
        }
        self.pass_time(to);
    }

    /// Its clock shows a moment before which nothing is due.
    pub(super) fn pass_time(&mut self, to: i64) {
        self.now = self.now.max(to);
    }

    fn apply(&mut self, event: Event, beyond: Beyond<'_>) {
        let global = beyond.global;
        match event {
            Event::Visible(id) => {
                self.hidden.remove(&id);
            }
            Event::VpcAvailable(id) => {
                if let Some(vpc) = self.vpcs.get_mut(&id) {
                    vpc.state = Progress::Done;
                }
            }
            Event::SubnetAvailable(id) => {
                if let Some(subnet) = self.subnets.get_mut(&id) {
                    subnet.state = Progress::Done;
                }
            }
            Event::Associated { table, association } => {
                let found = self.route_tables.get_mut(&table);
                if let Some(one) = found.and_then(|table| table.associations.iter_mut().find(|a| a.id == association)) {
                    one.state = Progress::Done;
                }
            }
            Event::NatReady(id) => self.nat_ready(&id),
            Event::NatDeleted(id) => self.nat_deleted(&id),
            Event::NatForgotten(id) => {
                self.nat_gateways.remove(&id);
                self.forget(&id);
            }
            Event::Instance { id, turn, step } => {
                if self.instances.get(&id).is_some_and(|instance| instance.turn == turn) {
                    self.instance_step(&id, step);
                }
            }
            Event::Image(due) => self.image_due(global, due),
            Event::Balancing(due) => self.balancing_due(global, due),
            Event::Scaling(due) => self.scaling_due(global, due),
            Event::Watch(due) => self.watch_due(global, due),
            Event::Database(due) => self.database_due(global, due),
            Event::Certificate(due) => self.certificate_due(global, due),
            Event::ConnectEndpoint(id) => self.connect_endpoint_due(&id),
            Event::VolumeModified(id) => self.volume_modified(&id),
            Event::Host(due) => self.host_due(beyond, due),
        }
    }

    fn nat_ready(&mut self, id: &str) {
        let Some(nat) = self.nat_gateways.get_mut(id) else { return };
        if nat.state != NatState::Pending {
            return;
        }
        if nat.failure.is_none() {
            nat.state = NatState::Available;
            return;
        }
        nat.state = NatState::Failed;
        nat.deleted = Some(self.now);
        self.schedule(Duration::REMEMBERED, Event::NatForgotten(id.to_owned()));
    }

    fn nat_deleted(&mut self, id: &str) {
        let Some(nat) = self.nat_gateways.get_mut(id) else { return };
        nat.state = NatState::Deleted;
        nat.deleted = Some(self.now);
        if let Some(interface) = nat.interface.clone() {
            self.remove_interface(&interface);
        }
        self.schedule(Duration::REMEMBERED, Event::NatForgotten(id.to_owned()));
    }

    /// Puts an instance into a new state and the event that will take it on into the queue.
    pub fn move_instance(&mut self, id: &str, state: InstanceState, duration: Duration, step: InstanceStep) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        instance.state = state;
        instance.checks_ok = false;
        instance.turn += 1;
        let turn = instance.turn;
        self.schedule(duration, Event::Instance { id: id.to_owned(), turn, step });
        self.note_power(id);
        self.note_machine(id);
    }

    /// Stops a running instance; any other stays as it is.
    pub fn stop_instance(&mut self, id: &str, reason: &Ending) {
        if self.instances.get(id).is_some_and(|instance| instance.state == InstanceState::Running) {
            self.note_ending(id, reason);
            self.move_instance(id, InstanceState::Stopping, Duration::INSTANCE_STOP, InstanceStep::Stopped);
        }
    }

    /// Terminates an instance; one that is already going stays as it is. Protection is the caller's to look at.
    pub fn terminate(&mut self, id: &str, reason: &Ending) {
        if self.instances.get(id).is_some_and(|instance| !instance.state.is_ending()) {
            self.note_ending(id, reason);
            let lasts = Duration::INSTANCE_TERMINATE;
            self.move_instance(id, InstanceState::ShuttingDown, lasts, InstanceStep::Terminated);
        }
    }

    fn note_ending(&mut self, id: &str, reason: &Ending) {
        let moment = jiff::Timestamp::from_millisecond(self.now).unwrap_or_default();
        let Some(instance) = self.instances.get_mut(id) else { return };
        let (code, message) = match *reason {
            Ending::User => ("Client.UserInitiatedShutdown", "User initiated shutdown"),
            Ending::Inside => ("Client.InstanceInitiatedShutdown", "Instance initiated shutdown"),
            Ending::Failed(code, message) => (code, message),
        };
        instance.reason = Some((code.to_owned(), format!("{code}: {message}")));
        instance.transition = match reason {
            Ending::User => format!("User initiated ({} GMT)", moment.strftime("%Y-%m-%d %H:%M:%S")),
            Ending::Inside | Ending::Failed(..) => String::new(),
        };
    }

    /// Reboots: the state stays, the status checks begin again.
    pub fn restart_checks(&mut self, id: &str) {
        if self.instances.get(id).is_some_and(|instance| instance.state == InstanceState::Running) {
            self.move_instance(id, InstanceState::Running, Duration::INSTANCE_CHECKS, InstanceStep::ChecksOk);
            self.note_reboot(id);
            self.note_machine_reboot(id);
        }
    }

    fn instance_step(&mut self, id: &str, step: InstanceStep) {
        match step {
            InstanceStep::NoVolumes => {
                self.note_ending(id, &Ending::Failed("Client.VolumeLimitExceeded", "Volume limit exceeded"));
                self.instance_step(id, InstanceStep::Terminated);
            }
            InstanceStep::Running => {
                self.give_public_addresses(id);
                self.move_instance(id, InstanceState::Running, Duration::INSTANCE_CHECKS, InstanceStep::ChecksOk);
            }
            InstanceStep::ChecksOk => {
                if let Some(instance) = self.instances.get_mut(id) {
                    instance.checks_ok = true;
                }
            }
            InstanceStep::Stopped => {
                self.take_public_addresses(id);
                if let Some(instance) = self.instances.get_mut(id) {
                    instance.state = InstanceState::Stopped;
                }
            }
            InstanceStep::Terminated => {
                self.dismantle(id);
                self.move_instance(id, InstanceState::Terminated, Duration::REMEMBERED, InstanceStep::Forgotten);
            }
            InstanceStep::Forgotten => {
                self.instances.remove(id);
                self.forget(id);
            }
        }
    }

    /// Removes what a terminated instance held.
    fn dismantle(&mut self, id: &str) {
        let Some(instance) = self.instances.get_mut(id) else { return };
        let (interfaces, devices) = (std::mem::take(&mut instance.interfaces), std::mem::take(&mut instance.devices));
        for interface in interfaces {
            let keep = self
                .interfaces
                .get(&interface)
                .and_then(|found| found.attachment.as_ref())
                .is_some_and(|attachment| !attachment.delete_on_termination);
            if keep {
                if let Some(found) = self.interfaces.get_mut(&interface) {
                    found.attachment = None;
                    found.public_ip = None;
                }
            } else {
                self.remove_interface(&interface);
            }
        }
        for device in devices {
            if device.delete_on_termination {
                self.volumes.remove(&device.volume);
                self.forget(&device.volume);
            } else if let Some(volume) = self.volumes.get_mut(&device.volume) {
                volume.attachment = None;
            }
        }
    }
}
