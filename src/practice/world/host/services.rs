//! Services: what starting one does, and systemctl.

use std::collections::BTreeSet;

use super::machine::Bench;
use crate::practice::shell::{Output, not_simulated};
use crate::practice::world::{Event, Region};

/// What a service does: its words in `systemctl status`.
fn description(service: &str) -> &'static str {
    match service {
        "amazon-ssm-agent" => "amazon-ssm-agent",
        "chronyd" => "NTP client/server",
        "crond" => "Command Scheduler",
        "httpd" => "The Apache HTTP Server",
        "nginx" => "The nginx HTTP and reverse proxy server",
        "openvpnas" => "OpenVPN Access Server",
        "php-fpm" => "The PHP FastCGI Process Manager",
        "sshd" => "OpenSSH server daemon",
        _ => "",
    }
}

/// Why a service does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NotStarted {
    /// It is not installed.
    NotFound,
    /// Another service has its port.
    PortTaken(u16),
}

impl Region {
    /// The ports that a service would listen on, as its files say now.
    fn ports_of(&self, instance: &str, service: &str) -> BTreeSet<u16> {
        match service {
            "sshd" => [22].into(),
            "nginx" => [80].into(),
            "openvpnas" => [443, 943].into(),
            "httpd" => {
                let files = self.instances.get(instance).map(|found| &found.software.files);
                let more = files.into_iter().flatten().filter(|(path, _)| {
                    path.strip_prefix("/etc/httpd/conf.d/").is_some_and(|name| name.ends_with(".conf"))
                });
                let lines = more.flat_map(|(_, text)| text.lines());
                let listens = lines.filter_map(|line| line.trim().strip_prefix("Listen "));
                let ports = listens.filter_map(|place| place.trim().rsplit(':').next()?.parse().ok());
                ports.chain([80]).collect()
            }
            _ => BTreeSet::new(),
        }
    }

    /// Starts a service and what it pulls in; again is a success.
    pub(super) fn start_service(&mut self, instance: &str, name: &str) -> Result<(), NotStarted> {
        let unit = self.service(instance, name).ok_or(NotStarted::NotFound)?;
        if unit.active {
            return Ok(());
        }
        let ports = self.ports_of(instance, name);
        if let Some(taken) = ports.intersection(&self.listening(instance)).next() {
            return Err(NotStarted::PortTaken(*taken));
        }
        let now = self.now;
        if let Some(found) = self.instances.get_mut(instance).and_then(|found| found.software.services.get_mut(name)) {
            found.active = true;
        }
        if let Some(machine) = self.hosts.machines.get_mut(instance) {
            machine.ports.insert(name.to_owned(), ports);
            machine.started.insert(name.to_owned(), now);
        }
        // Amazon's httpd wants php-fpm when that is installed.
        if name == "httpd" && self.service(instance, "php-fpm").is_some() {
            let _ = self.start_service(instance, "php-fpm");
        }
        if name == "amazon-ssm-agent" {
            let boot = self.hosts.machines.get(instance).filter(|machine| machine.is_up).map(|machine| machine.boot);
            if let Some(boot) = boot {
                self.schedule_at(now + 5_000, Event::Host(super::Due::Agent { instance: instance.to_owned(), boot }));
            }
        }
        Ok(())
    }

    /// Stops a service; one that does not run stays as it is.
    pub(super) fn stop_service(&mut self, instance: &str, name: &str) {
        if let Some(found) = self.instances.get_mut(instance).and_then(|found| found.software.services.get_mut(name)) {
            found.active = false;
        }
        if let Some(machine) = self.hosts.machines.get_mut(instance) {
            machine.ports.remove(name);
            machine.started.remove(name);
        }
    }

    /// The services of a machine that run now, each with the ports that it was configured for when it started.
    pub(super) fn serving(&self, instance: &str) -> Vec<(&str, BTreeSet<u16>)> {
        let Some(found) = self.instances.get(instance) else { return Vec::new() };
        let configured = self.hosts.machines.get(instance).map(|machine| &machine.ports);
        let active = found.software.services.iter().filter(|(_, unit)| unit.active);
        let ports = |name: &String| {
            configured.and_then(|ports| ports.get(name)).cloned().unwrap_or_else(|| self.ports_of(instance, name))
        };
        active.map(|(name, _)| (name.as_str(), ports(name))).collect()
    }

    /// The TCP ports that the machine's software listens on now.
    pub fn listening(&self, instance: &str) -> BTreeSet<u16> {
        self.serving(instance).into_iter().flat_map(|(_, ports)| ports).collect()
    }
}

impl Bench<'_> {
    /// `systemctl VERB [--now] UNIT..`
    pub(super) fn systemctl(&mut self, words: &[String]) -> Output {
        let (mut now, mut quiet, mut rest) = (false, false, Vec::new());
        for word in words.iter().skip(1) {
            match word.as_str() {
                "--now" => now = true,
                "-q" | "--quiet" => quiet = true,
                "--no-pager" | "-l" | "--full" => {}
                option if option.starts_with('-') => {
                    return Output::fail(127, not_simulated(&format!("systemctl {option}")));
                }
                other => rest.push(other.strip_suffix(".service").unwrap_or(other).to_owned()),
            }
        }
        let Some((verb, units)) = rest.split_first() else {
            return Output::fail(127, not_simulated("systemctl without a verb"));
        };
        let verb = verb.as_str();
        match verb {
            "daemon-reload" | "reset-failed" => return Output::default(),
            "start" | "stop" | "restart" | "reload" | "try-restart" | "enable" | "disable" | "status" | "is-active"
            | "is-enabled" => {}
            other => return Output::fail(127, not_simulated(&format!("systemctl {other}"))),
        }
        if units.is_empty() {
            return Output::fail(1, "Too few arguments.\n");
        }
        let mut output = Output::default();
        for unit in units {
            let one = self.systemctl_one(verb, unit, now);
            output.out.push_str(if quiet { "" } else { &one.out });
            output.err.push_str(&one.err);
            output.code = if one.code == 0 { output.code } else { one.code };
        }
        output
    }

    fn systemctl_one(&mut self, verb: &str, unit: &str, now: bool) -> Output {
        if self.region.unit_process(self.instance, unit).is_some() {
            return self.transient(verb, unit);
        }
        let Some(state) = self.region.service(self.instance, unit) else {
            return match verb {
                "is-active" => Output { out: "inactive\n".to_owned(), err: String::new(), code: 4 },
                "is-enabled" => Output::fail(
                    1,
                    format!("Failed to get unit file state for {unit}.service: No such file or directory\n"),
                ),
                "enable" => {
                    Output::fail(1, format!("Failed to enable unit: Unit file {unit}.service does not exist.\n"))
                }
                "disable" => {
                    Output::fail(1, format!("Failed to disable unit: Unit file {unit}.service does not exist.\n"))
                }
                "status" => Output::fail(4, format!("Unit {unit}.service could not be found.\n")),
                "stop" => Output::fail(5, format!("Failed to stop {unit}.service: Unit {unit}.service not loaded.\n")),
                _ => Output::fail(5, format!("Failed to {verb} {unit}.service: Unit {unit}.service not found.\n")),
            };
        };
        match verb {
            "is-active" if state.active => Output::ok("active\n"),
            "is-active" => Output { out: "inactive\n".to_owned(), err: String::new(), code: 3 },
            "is-enabled" if state.enabled => Output::ok("enabled\n"),
            "is-enabled" => Output { out: "disabled\n".to_owned(), err: String::new(), code: 1 },
            "status" => self.status(unit),
            "start" => self.start(unit),
            "stop" => {
                self.region.stop_service(self.instance, unit);
                Output::default()
            }
            "reload" if !state.active => Output::fail(1, format!("{unit}.service is not active, cannot reload.\n")),
            "try-restart" if !state.active => Output::default(),
            "restart" | "reload" | "try-restart" => {
                self.region.stop_service(self.instance, unit);
                self.start(unit)
            }
            _ => self.enable(unit, verb == "enable", now),
        }
    }

    fn start(&mut self, unit: &str) -> Output {
        match self.region.start_service(self.instance, unit) {
            Ok(()) => Output::default(),
            Err(NotStarted::NotFound) => {
                Output::fail(5, format!("Failed to start {unit}.service: Unit {unit}.service not found.\n"))
            }
            Err(NotStarted::PortTaken(_)) => Output::fail(
                1,
                format!(
                    "Job for {unit}.service failed because the control process exited with error code.\nSee \"systemctl status {unit}.service\" and \"journalctl -xeu {unit}.service\" for details.\n"
                ),
            ),
        }
    }

    fn enable(&mut self, unit: &str, on: bool, now: bool) -> Output {
        let mut was = on;
        if let Some(found) = self.software_mut().and_then(|software| software.services.get_mut(unit)) {
            was = found.enabled;
            found.enabled = on;
        }
        let link = format!("/etc/systemd/system/multi-user.target.wants/{unit}.service");
        let mut output = match (was, on) {
            (false, true) => Output {
                err: format!("Created symlink {link} → /usr/lib/systemd/system/{unit}.service.\n"),
                ..Output::default()
            },
            (true, false) => Output { err: format!("Removed \"{link}\".\n"), ..Output::default() },
            _ => Output::default(),
        };
        if now && on {
            let started = self.start(unit);
            output.err.push_str(&started.err);
            output.code = started.code;
        } else if now {
            self.region.stop_service(self.instance, unit);
        }
        output
    }

    fn status(&self, unit: &str) -> Output {
        let Some(state) = self.region.service(self.instance, unit) else { return Output::default() };
        let enabled = if state.enabled { "enabled" } else { "disabled" };
        let mut text = format!(
            "{} {unit}.service - {}\n     Loaded: loaded (/usr/lib/systemd/system/{unit}.service; {enabled}; preset: disabled)\n",
            if state.active { "●" } else { "○" },
            description(unit)
        );
        let started = self.machine().and_then(|machine| machine.started.get(unit).copied());
        match started.filter(|_| state.active) {
            Some(since) => {
                let stamp =
                    jiff::Timestamp::from_millisecond(since).unwrap_or_default().strftime("%a %Y-%m-%d %H:%M:%S UTC");
                text.push_str(&format!(
                    "     Active: active (running) since {stamp}; {} ago\n",
                    super::show::span(self.region.now - since)
                ));
                Output::ok(text)
            }
            None => {
                text.push_str("     Active: inactive (dead)\n");
                Output { out: text, err: String::new(), code: 3 }
            }
        }
    }

    /// A transient service, made by systemd-run.
    fn transient(&mut self, verb: &str, unit: &str) -> Output {
        let process = self.region.unit_process(self.instance, unit);
        let (pid, command, since) = process.map(|(pid, one)| (pid, one.command.clone(), one.since)).unwrap_or_default();
        match verb {
            "is-active" => Output::ok("active\n"),
            "is-enabled" => Output { out: "transient\n".to_owned(), err: String::new(), code: 0 },
            "stop" => {
                self.region.kill_processes(self.instance, 143, |process| process.unit.as_deref() == Some(unit));
                Output::default()
            }
            "start" => Output::default(),
            "status" => {
                let stamp =
                    jiff::Timestamp::from_millisecond(since).unwrap_or_default().strftime("%a %Y-%m-%d %H:%M:%S UTC");
                Output::ok(format!(
                    "● {unit}.service - {command}\n     Loaded: loaded (/run/systemd/transient/{unit}.service; transient)\n  Transient: yes\n     Active: active (running) since {stamp}; {} ago\n   Main PID: {pid}\n",
                    super::show::span(self.region.now - since)
                ))
            }
            _ => Output::fail(127, not_simulated(&format!("systemctl {verb} of a transient service"))),
        }
    }
}
