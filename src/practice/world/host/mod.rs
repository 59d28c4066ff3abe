//! What is inside an instance: packages, services, files, the log of its first boot, and what runs on it.
//!
//! Promises: an instance serves a port only when something that was installed and started serves it; a script does what the world allows at
//! the moment it does it (no way to the internet: no packages). [`Software`] is on the disk: it goes into images and survives a stop.
//! What runs (processes, scripts, the agent of Systems Manager) is in [`Hosts`], and ends with the power.
//! Leaves to others: the shell's language ([`crate::practice::shell`]), the way of packets ([`super::reachability`]), names ([`super::resolve`]).

mod agent;
mod disk;
mod fetch;
mod files;
mod life;
mod machine;
mod names;
mod packages;
mod process;
mod services;
mod show;
#[cfg(test)]
pub(crate) mod tests;
mod web;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use agent::{Agent, Ping};
pub use life::{Finished, Purpose, ShellView};
pub use web::{HttpAnswer, WEB_ROOT};

use crate::practice::shell::Run;

/// The software of an instance, or of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Software {
    /// Installed packages. Empty before the first boot of one of Amazon's images.
    pub packages: BTreeSet<String>,
    /// Services by name.
    pub services: BTreeMap<String, Unit>,
    /// Files that matter, by path.
    pub files: BTreeMap<String, String>,
    /// Directories that were made.
    #[serde(default)]
    pub directories: BTreeSet<String>,
    /// `/var/log/cloud-init-output.log`.
    pub log: String,
    /// The instance for which cloud-init has run the user data.
    #[serde(default)]
    pub initialised: String,
}

/// A systemd service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Runs now.
    pub active: bool,
    /// Starts with the machine.
    pub enabled: bool,
}

/// The machines of a region that are on, and the scripts that run on them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hosts {
    machines: BTreeMap<String, Machine>,
    scripts: BTreeMap<u64, Script>,
    /// Scripts begun so far.
    begun: u64,
}

/// A machine that is on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Machine {
    /// Counts how often it was switched on: events of an earlier time are void.
    boot: u32,
    /// When it was switched on, ms.
    on_since: i64,
    /// Its services are up.
    is_up: bool,
    next_pid: u32,
    processes: BTreeMap<u32, Process>,
    /// The ports of running services, as they were configured when they started.
    ports: BTreeMap<String, BTreeSet<u16>>,
    /// When services started, ms.
    started: BTreeMap<String, i64>,
    agent: Agent,
    #[serde(default)]
    extent: disk::Extent,
}

/// A program that goes on for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Process {
    /// `stress`
    name: String,
    /// `stress -c 2 -t 900`
    command: String,
    /// The transient service that it is.
    unit: Option<String>,
    since: i64,
    /// When it ends by itself, ms.
    until: Option<i64>,
    /// The load that it is, by its name.
    load: Option<String>,
    cores: u32,
    /// The script that it belongs to, and whether that waits for it.
    script: Option<(u64, bool)>,
}

/// A script that runs on a machine, or has run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Script {
    instance: String,
    purpose: Purpose,
    run: Run,
    began: i64,
    /// Counts its wakings: an event for an earlier one is void.
    turn: u32,
    /// What it has printed so far.
    printed: String,
    finished: Option<Finished>,
}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {
    /// The machine's services come up.
    Up {
        /// The instance.
        instance: String,
        /// Which time it was switched on.
        boot: u32,
    },
    /// A script goes on.
    Script {
        /// Its number.
        id: u64,
        /// Its turn when the event was made.
        turn: u32,
    },
    /// The script's result is forgotten.
    Forget(u64),
    /// The agent of Systems Manager tries to register.
    Agent {
        /// The instance.
        instance: String,
        /// Which time it was switched on.
        boot: u32,
    },
    /// Of a command of Systems Manager.
    Command(super::commands::Due),
}

impl Due {
    /// Changes nothing that another rule looks at.
    pub(super) fn is_quiet(&self) -> bool {
        matches!(self, Self::Agent { .. } | Self::Forget(_))
    }
}
