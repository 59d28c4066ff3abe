//! From power on to power off: boot, first boot with user data, and scripts on their way.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use super::disk::Extent;
use super::machine::Bench;
use super::{Agent, Due, Machine, Script, Unit, packages};
use crate::practice::shell::{Env, Output, Progress, Run};
use crate::practice::world::{Beyond, Duration, Event, InstanceState, Region, catalogue};

/// From power on until the services are up.
const BOOT: Duration = Duration { typical_ms: 9_000, spread_ms: 2_000 };
/// From then until the agent of Systems Manager tries to register.
const AGENT: Duration = Duration { typical_ms: 50_000, spread_ms: 10_000 };
/// How long the result of a script is kept, ms.
const KEPT: i64 = 3_600_000;

/// What a script runs for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Purpose {
    /// The first boot.
    UserData {
        /// What the log held before the script.
        log: String,
    },
    /// A command of Systems Manager, by its id.
    Command(String),
    /// Somebody's shell.
    Shell,
}

/// How a script ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finished {
    /// What it printed, and its code.
    pub output: Output,
    /// When, ms.
    pub at: i64,
    /// What its shell remembers.
    pub env: Env,
}

/// A look at a script.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShellView {
    /// Everything that it has printed so far.
    pub printed: String,
    /// When it began, ms.
    pub began: i64,
    /// How it ended, if it has.
    pub finished: Option<Finished>,
}

impl Region {
    /// Notes that the state of an instance has changed: switches its machine on or off.
    pub(in crate::practice::world) fn note_machine(&mut self, id: &str) {
        let running = self.instances.get(id).is_some_and(|instance| instance.state == InstanceState::Running);
        let on = self.hosts.machines.contains_key(id);
        match (running, on) {
            (true, false) => self.switch_on(id),
            (false, true) => self.switch_off(id),
            _ => {}
        }
    }

    /// Notes that an instance reboots.
    pub(in crate::practice::world) fn note_machine_reboot(&mut self, id: &str) {
        if self.hosts.machines.contains_key(id) {
            self.switch_off(id);
            self.switch_on(id);
        }
    }

    fn switch_on(&mut self, id: &str) {
        let boot = u32::try_from(self.sequence % 1_000_000_000).unwrap_or_default();
        let machine = Machine {
            boot,
            on_since: self.now,
            is_up: false,
            next_pid: 1_800,
            processes: BTreeMap::new(),
            ports: BTreeMap::new(),
            started: BTreeMap::new(),
            agent: Agent::default(),
            extent: Extent::default(),
        };
        self.hosts.machines.insert(id.to_owned(), machine);
        self.grow_at_boot(id);
        self.schedule(BOOT, Event::Host(Due::Up { instance: id.to_owned(), boot }));
    }

    /// Everything that runs ends; the disk stays.
    fn switch_off(&mut self, id: &str) {
        self.note_last_ping(id);
        self.hosts.machines.remove(id);
        if let Some(instance) = self.instances.get_mut(id) {
            for unit in instance.software.services.values_mut() {
                unit.active = false;
            }
        }
        let cut: Vec<u64> = self
            .hosts
            .scripts
            .iter()
            .filter(|(_, one)| one.instance == id && one.finished.is_none())
            .map(|(id, _)| *id)
            .collect();
        for script in cut {
            // A command is never heard of again: its time runs out.
            if matches!(self.hosts.scripts.get(&script).map(|one| &one.purpose), Some(Purpose::Command(_))) {
                self.hosts.scripts.remove(&script);
                continue;
            }
            self.end_script(script, Output { code: 137, ..Output::default() }, Env::root("/root"));
        }
    }

    pub(in crate::practice::world) fn host_due(&mut self, beyond: Beyond<'_>, due: Due) {
        match due {
            Due::Up { instance, boot } => {
                if self.is_boot(&instance, boot) {
                    self.come_up(beyond, &instance);
                }
            }
            Due::Script { id, turn } => {
                if self.hosts.scripts.get(&id).is_some_and(|script| script.turn == turn && script.finished.is_none()) {
                    self.run_script(beyond, id);
                }
            }
            Due::Forget(id) => {
                self.hosts.scripts.remove(&id);
            }
            Due::Agent { instance, boot } => {
                if self.is_boot(&instance, boot) {
                    self.try_to_register(beyond.global, &instance);
                }
            }
            Due::Command(due) => self.command_due(beyond, due),
        }
    }

    fn is_boot(&self, instance: &str, boot: u32) -> bool {
        self.hosts.machines.get(instance).is_some_and(|machine| machine.boot == boot)
    }

    fn come_up(&mut self, beyond: Beyond<'_>, id: &str) {
        let product = self.instances.get(id).map(|instance| instance.image.clone());
        let image = product.and_then(|image| catalogue::image(self.name(), &image));
        let Some(instance) = self.instances.get_mut(id) else { return };
        let software = &mut instance.software;
        if software.packages.is_empty() {
            packages::fresh(software, image.as_ref());
        }
        for unit in software.services.values_mut() {
            unit.active = false;
        }
        let enabled: Vec<String> =
            software.services.iter().filter(|(_, unit)| unit.enabled).map(|(name, _)| name.clone()).collect();
        if let Some(machine) = self.hosts.machines.get_mut(id) {
            machine.is_up = true;
        }
        for name in enabled {
            // One that cannot start stays down, as at a real boot.
            let _ = self.start_service(id, &name);
        }
        let boot = self.hosts.machines.get(id).map_or(0, |machine| machine.boot);
        self.schedule(AGENT, Event::Host(Due::Agent { instance: id.to_owned(), boot }));
        self.first_boot(beyond, id);
    }

    /// cloud-init: runs the user data once for an instance id.
    fn first_boot(&mut self, beyond: Beyond<'_>, id: &str) {
        let now = self.now;
        let Some(instance) = self.instances.get_mut(id) else { return };
        if instance.software.initialised == id {
            return;
        }
        id.clone_into(&mut instance.software.initialised);
        let stamp = jiff::Timestamp::from_millisecond(now).unwrap_or_default().strftime("%a, %d %b %Y %H:%M:%S +0000");
        let mut log = format!("Cloud-init v. 22.2.2 running 'modules:final' at {stamp}. Up 9.41 seconds.\n");
        let data = instance.user_data.as_ref().and_then(|data| STANDARD.decode(data).ok()).unwrap_or_default();
        let text = String::from_utf8_lossy(&data).replace("\r\n", "\n");
        let first = text.lines().next().unwrap_or_default();
        let shell =
            first.strip_prefix("#!").map(str::trim).map(|path| path.split(' ').next().unwrap_or_default().to_owned());
        let is_bash = shell
            .as_deref()
            .is_some_and(|path| ["/bin/bash", "/bin/sh", "/usr/bin/bash", "/usr/bin/env"].contains(&path));
        if text.is_empty() {
            log.push_str(&end_of_log(now, true));
        } else if is_bash {
            instance.software.log.clone_from(&log);
            let options: String = first
                .split(' ')
                .skip(1)
                .filter(|word| word.starts_with('-'))
                .map(|word| format!("set {word}\n"))
                .collect();
            let env = Env::root("/");
            self.begin(beyond, id, Run::new(format!("{options}{text}"), env), Purpose::UserData { log });
            return;
        } else if shell.is_some() {
            log.push_str(&crate::practice::shell::not_simulated(&format!("user data for {first}")));
        } else if first.starts_with("#cloud-config") || first.starts_with("Content-Type:") {
            log.push_str(&crate::practice::shell::not_simulated("user data other than a shell script"));
        } else if !packages::takes_settings(&instance.software) {
            log.push_str("__init__.py[WARNING]: Unhandled non-multipart (text/x-not-multipart) userdata: 'b'...'\n");
        }
        instance.software.log = log;
    }

    /// Begins a script on a machine now; its number.
    pub(in crate::practice::world) fn begin(
        &mut self,
        beyond: Beyond<'_>,
        instance: &str,
        run: Run,
        purpose: Purpose,
    ) -> u64 {
        self.hosts.begun += 1;
        let id = self.hosts.begun;
        let script = Script {
            instance: instance.to_owned(),
            purpose,
            run,
            began: self.now,
            turn: 0,
            printed: String::new(),
            finished: None,
        };
        self.hosts.scripts.insert(id, script);
        self.run_script(beyond, id);
        id
    }

    fn run_script(&mut self, beyond: Beyond<'_>, id: u64) {
        let Some(mut script) = self.hosts.scripts.remove(&id) else { return };
        let instance = script.instance.clone();
        let mut bench = Bench { region: self, beyond, instance: &instance, script: id };
        let progress = script.run.go_on(&mut bench);
        script.turn += 1;
        let turn = script.turn;
        match progress {
            Progress::Waiting { until, printed } => {
                script.printed = printed;
                self.tell_log(&script, None);
                self.hosts.scripts.insert(id, script);
                if let Some(until) = until {
                    self.schedule_at(until.max(self.now + 1), Event::Host(Due::Script { id, turn }));
                }
            }
            Progress::Done { output, printed, env } => {
                script.printed = printed;
                self.hosts.scripts.insert(id, script);
                self.end_script(id, output, env);
            }
        }
    }

    fn end_script(&mut self, id: u64, output: Output, env: Env) {
        let now = self.now;
        let Some(script) = self.hosts.scripts.get_mut(&id) else { return };
        script.finished = Some(Finished { output: output.clone(), at: now, env });
        let script = script.clone();
        match &script.purpose {
            Purpose::UserData { .. } => {
                self.tell_log(&script, Some(output.code));
                self.hosts.scripts.remove(&id);
            }
            Purpose::Command(command) => {
                self.command_ended(command, &script.instance, output);
                self.hosts.scripts.remove(&id);
            }
            Purpose::Shell => self.schedule_at(now + KEPT, Event::Host(Due::Forget(id))),
        }
    }

    /// Writes what user data has printed so far into the log.
    fn tell_log(&mut self, script: &Script, code: Option<i32>) {
        let Purpose::UserData { log } = &script.purpose else { return };
        let now = self.now;
        if let Some(instance) = self.instances.get_mut(&script.instance) {
            let end = code.map(|code| end_of_log(now, code == 0)).unwrap_or_default();
            instance.software.log = format!("{log}{}{end}", script.printed);
        }
    }

    /// Ends what a script waits for with a code.
    pub(super) fn signal_script(&mut self, id: u64, code: i32) {
        let now = self.now;
        let Some(script) = self.hosts.scripts.get_mut(&id) else { return };
        script.run.signal(code, now);
        script.turn += 1;
        let turn = script.turn;
        self.schedule_at(now, Event::Host(Due::Script { id, turn }));
    }

    /// Ends a script at once (Ctrl-C, or the time of a command is over).
    pub(in crate::practice::world) fn kill_script(&mut self, id: u64, code: i32) {
        let Some(script) = self.hosts.scripts.get(&id).filter(|script| script.finished.is_none()) else { return };
        let instance = script.instance.clone();
        self.kill_processes(&instance, 0, |process| process.script == Some((id, true)));
        let printed = self.hosts.scripts.get(&id).map(|script| script.printed.clone()).unwrap_or_default();
        self.end_script(id, Output { out: printed, err: String::new(), code }, Env::root("/root"));
    }

    /// Ends the script of a command on an instance, if it still runs.
    pub(in crate::practice::world) fn kill_command(&mut self, command: &str, instance: &str, code: i32) {
        let found =
            self.hosts.scripts.iter().find(|(_, script)| {
                script.instance == instance && script.purpose == Purpose::Command(command.to_owned())
            });
        if let Some(id) = found.map(|(id, _)| *id) {
            self.kill_script(id, code);
        }
    }

    /// Begins a line of somebody's shell on a machine; none when the machine is not up.
    pub fn begin_shell(&mut self, beyond: Beyond<'_>, instance: &str, line: &str, env: Env) -> Option<u64> {
        let up = self.hosts.machines.get(instance).is_some_and(|machine| machine.is_up);
        up.then(|| self.begin(beyond, instance, Run::new(line, env), Purpose::Shell))
    }

    /// How a line of a shell stands.
    pub fn shell_view(&self, id: u64) -> Option<ShellView> {
        let script = self.hosts.scripts.get(&id).filter(|script| script.purpose == Purpose::Shell)?;
        Some(ShellView { printed: script.printed.clone(), began: script.began, finished: script.finished.clone() })
    }

    /// Ctrl-C on a line of a shell.
    pub fn interrupt_shell(&mut self, id: u64) {
        if self.hosts.scripts.get(&id).is_some_and(|script| script.purpose == Purpose::Shell) {
            self.kill_script(id, 130);
        }
    }

    /// The state of a service of an instance: none when it is not installed.
    pub fn service(&self, instance: &str, name: &str) -> Option<Unit> {
        self.instances.get(instance)?.software.services.get(name).copied()
    }
}

fn end_of_log(now: i64, well: bool) -> String {
    let moment = jiff::Timestamp::from_millisecond(now).unwrap_or_default();
    let stamp = moment.strftime("%a, %d %b %Y %H:%M:%S +0000");
    let failed = if well {
        String::new()
    } else {
        format!(
            "{} - cc_scripts_user.py[WARNING]: Failed to run module scripts-user (scripts in /var/lib/cloud/instance/scripts)\n",
            moment.strftime("%Y-%m-%d %H:%M:%S,000")
        )
    };
    format!("{failed}Cloud-init v. 22.2.2 finished at {stamp}. Datasource DataSourceEc2.\n")
}
