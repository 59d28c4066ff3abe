//! Programs that go on for a while: stress and other burdens, in the foreground, the background or as a transient service.

use super::machine::Bench;
use super::{Process, packages};
use crate::practice::shell::{Answer, Output, duration, is_busy_loop, not_simulated};
use crate::practice::world::Region;

/// A program that keeps processors busy, or only waits.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Program {
    name: String,
    cores: u32,
    /// The share of each that it wants.
    share: f64,
    /// ms; none: until it is killed.
    ms: Option<i64>,
}

/// Why there is no such program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoProgram {
    /// It is none of those that go on.
    Other,
    /// What about it is not simulated.
    NotSimulated(String),
    /// It says what is wrong.
    Wrong(String),
}

/// The program that some words are, if it is one that goes on.
pub(super) fn program(words: &[String], vcpus: u32) -> Result<Program, NoProgram> {
    let Some((name, arguments)) = words.split_first() else { return Err(NoProgram::Other) };
    let plain = |cores, ms| Ok(Program { name: name.clone(), cores, share: 1.0, ms });
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match (name.rsplit('/').next().unwrap_or_default(), words.as_slice()) {
        ("nohup" | "setsid" | "sudo" | "nice", [_, ..]) => program(arguments, vcpus),
        ("timeout", [time, _, ..]) => {
            let limit = duration(time).ok_or_else(|| NoProgram::NotSimulated(format!("timeout {time}")))?;
            let inner = program(&arguments[1..], vcpus)?;
            Ok(Program { ms: Some(inner.ms.map_or(limit, |ms| ms.min(limit))), ..inner })
        }
        ("sleep", ["infinity"]) => plain(0, None),
        ("sleep", [time]) => match duration(time) {
            Some(ms) => plain(0, Some(ms)),
            None => Err(NoProgram::Wrong(format!(
                "sleep: invalid time interval ‘{time}’\nTry 'sleep --help' for more information.\n"
            ))),
        },
        ("sh" | "bash", ["-c", script]) if is_busy_loop(script) => plain(1, None),
        ("yes", []) => plain(1, None),
        ("md5sum" | "sha256sum", ["/dev/zero" | "/dev/urandom"]) => plain(1, None),
        ("dd", words) if words.contains(&"of=/dev/null") && words.iter().all(|word| !word.starts_with("count")) => {
            plain(1, None)
        }
        ("stress", words) => stress("stress", words, vcpus),
        ("stress-ng", words) => stress("stress-ng", words, vcpus),
        _ => Err(NoProgram::Other),
    }
}

fn stress(name: &str, words: &[&str], vcpus: u32) -> Result<Program, NoProgram> {
    let ng = name == "stress-ng";
    let (mut cores, mut ms, mut share) = (None, None, 1.0);
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let (option, mut given) = match word.split_once('=') {
            Some((option, value)) if option.starts_with("--") => (option, Some(value)),
            _ => match (word.get(..2), word.get(2..)) {
                (Some(short @ ("-c" | "-t")), Some(value)) if !value.is_empty() => (short, Some(value)),
                _ => (*word, None),
            },
        };
        let mut value = || given.take().or_else(|| rest.next().copied()).unwrap_or_default();
        match option {
            "-c" | "--cpu" => {
                let text = value();
                let number: u32 = text
                    .parse()
                    .map_err(|_| NoProgram::Wrong(format!("{name}: FAIL: [1] (243) not a number: {text}\n")))?;
                cores = Some(if ng && number == 0 { vcpus } else { number });
            }
            "-t" | "--timeout" => {
                let text = value();
                ms = Some(
                    duration(text)
                        .ok_or_else(|| NoProgram::Wrong(format!("{name}: FAIL: [1] (243) not a number: {text}\n")))?,
                );
            }
            "-l" | "--cpu-load" if ng => {
                let percent: f64 =
                    value().parse().map_err(|_| NoProgram::NotSimulated("this --cpu-load".to_owned()))?;
                share = (percent / 100.0).clamp(0.0, 1.0);
            }
            "-q" | "--quiet" | "-v" | "--verbose" => {}
            other => return Err(NoProgram::NotSimulated(format!("{name} {other}"))),
        }
    }
    match cores {
        Some(cores) if cores > 0 => Ok(Program {
            name: name.to_owned(),
            cores,
            share,
            ms: ms.filter(|ms| *ms > 0).or(if ng { Some(86_400_000) } else { None }),
        }),
        _ if ng => Err(NoProgram::Wrong("stress-ng: error: [1] No stress workers invoked\n".to_owned())),
        _ => Err(NoProgram::NotSimulated(format!("{name} without -c"))),
    }
}

impl Region {
    /// The processes of an instance that run now.
    pub(super) fn processes(&self, instance: &str) -> impl Iterator<Item = (u32, &Process)> {
        let now = self.now;
        let machine = self.hosts.machines.get(instance);
        let all = machine.into_iter().flat_map(|machine| &machine.processes);
        all.filter(move |(_, process)| process.until.is_none_or(|until| until > now))
            .map(|(pid, process)| (*pid, process))
    }

    /// The process of a transient service.
    pub(super) fn unit_process(&self, instance: &str, unit: &str) -> Option<(u32, &Process)> {
        self.processes(instance).find(|(_, process)| process.unit.as_deref() == Some(unit))
    }

    /// Kills processes; scripts that wait for one go on with the code (0: they are ending anyway). How many it were.
    pub(super) fn kill_processes(&mut self, instance: &str, code: i32, which: impl Fn(&Process) -> bool) -> usize {
        let found: Vec<(u32, Process)> = self
            .processes(instance)
            .filter(|(_, process)| which(process))
            .map(|(pid, one)| (pid, one.clone()))
            .collect();
        for (pid, process) in &found {
            if let Some(machine) = self.hosts.machines.get_mut(instance) {
                machine.processes.remove(pid);
            }
            if let Some(load) = &process.load {
                self.stop_load(instance, load);
            }
            if let Some((script, true)) = process.script
                && code != 0
            {
                self.signal_script(script, code);
            }
        }
        found.len()
    }

    fn start_process(
        &mut self,
        instance: &str,
        program: &Program,
        command: String,
        unit: Option<String>,
        script: Option<(u64, bool)>,
    ) -> Option<u32> {
        let now = self.now;
        let machine = self.hosts.machines.get_mut(instance)?;
        machine.processes.retain(|_, process| process.until.is_none_or(|until| until > now));
        machine.next_pid += 7;
        let pid = machine.next_pid;
        let until = program.ms.map(|ms| now + ms);
        let load = (program.cores > 0).then(|| unit.clone().unwrap_or_else(|| format!("{}-{pid}", program.name)));
        let process = Process {
            name: program.name.clone(),
            command,
            unit,
            since: now,
            until,
            load: load.clone(),
            cores: program.cores,
            script,
        };
        machine.processes.insert(pid, process);
        if let Some(load) = load {
            self.start_load(instance, &load, f64::from(program.cores) * program.share, until);
        }
        Some(pid)
    }
}

fn seconds(ms: i64) -> i64 {
    ms / 1000
}

fn begins(program: &Program, pid: u32) -> String {
    match program.name.as_str() {
        "stress" => format!("stress: info: [{pid}] dispatching hogs: {} cpu, 0 io, 0 vm, 0 hdd\n", program.cores),
        "stress-ng" => {
            let run = program
                .ms
                .map(|ms| format!("stress-ng: info:  [{pid}] setting to a {} secs run per stressor\n", seconds(ms)));
            format!("{}stress-ng: info:  [{pid}] dispatching hogs: {} cpu\n", run.unwrap_or_default(), program.cores)
        }
        _ => String::new(),
    }
}

fn ends(program: &Program, pid: u32) -> String {
    let ran = program.ms.map(seconds).unwrap_or_default();
    match program.name.as_str() {
        "stress" => format!("stress: info: [{pid}] successful run completed in {ran}s\n"),
        "stress-ng" => format!("stress-ng: info:  [{pid}] successful run completed in {ran}.00 secs\n"),
        _ => String::new(),
    }
}

impl Bench<'_> {
    /// Whether the program that the words run is there; its error if not.
    fn is_installed(&self, words: &[String]) -> Result<(), String> {
        let wrappers = ["nohup", "setsid", "sudo", "nice", "timeout"];
        let inner = words.iter().find(|word| !wrappers.contains(&word.as_str()) && duration(word).is_none());
        let name = inner.map(String::as_str).unwrap_or_default();
        let missing = packages::package_of(name).filter(|package| !self.has_package(package));
        missing.map_or(Ok(()), |_| Err(name.to_owned()))
    }

    /// A program in the foreground: its script waits for it.
    pub(super) fn foreground(&mut self, words: &[String], state: u32) -> Option<Answer> {
        let program = match program(words, self.vcpus()) {
            Ok(program) => program,
            Err(NoProgram::Other) => return None,
            Err(NoProgram::NotSimulated(what)) => return Some(Answer::Done(Output::fail(127, not_simulated(&what)))),
            Err(NoProgram::Wrong(message)) => return Some(Answer::Done(Output::fail(1, message))),
        };
        if state > 0 {
            let out = format!("{}{}", begins(&program, state), ends(&program, state));
            return Some(Answer::Done(Output::ok(out)));
        }
        let script = Some((self.script, true));
        let pid = self.region.start_process(self.instance, &program, words.join(" "), None, script)?;
        Some(Answer::Wait { ms: program.ms, state: pid })
    }

    /// `PROGRAM &`
    pub(super) fn background(&mut self, words: &[String]) -> Output {
        if let Err(name) = self.is_installed(words) {
            return Output { err: format!("bash: {name}: command not found\n"), ..Output::default() };
        }
        match program(words, self.vcpus()) {
            Ok(program) => {
                let script = Some((self.script, false));
                self.region.start_process(self.instance, &program, words.join(" "), None, script);
                Output::default()
            }
            Err(NoProgram::NotSimulated(what)) => Output { err: not_simulated(&what), ..Output::default() },
            Err(NoProgram::Wrong(err)) => Output { err, ..Output::default() },
            Err(NoProgram::Other) => {
                Output::fail(127, not_simulated(&format!("{} in the background", words.join(" "))))
            }
        }
    }

    /// `wait`: until what the script began in the background has ended.
    pub(super) fn wait_for_all(&self) -> Answer {
        let mine = self.region.processes(self.instance).filter(|(_, one)| one.script == Some((self.script, false)));
        let mut longest = Some(self.region.now);
        for (_, process) in mine {
            longest = longest.zip(process.until).map(|(one, other)| one.max(other));
        }
        match longest {
            Some(until) if until <= self.region.now => Answer::Done(Output::default()),
            until => Answer::Wait { ms: until.map(|until| until - self.region.now), state: 1 },
        }
    }

    /// `systemd-run --unit=NAME --collect PROGRAM`
    pub(super) fn systemd_run(&mut self, words: &[String]) -> Output {
        let mut rest = &words[1..];
        let mut unit = None;
        while let Some((first, more)) = rest.split_first() {
            match first.as_str() {
                "--collect" | "-G" | "--quiet" | "-q" | "--no-block" => rest = more,
                "--unit" | "-u" => {
                    unit = more.first().cloned();
                    rest = more.get(1..).unwrap_or_default();
                }
                option if option.starts_with("--unit=") => {
                    unit = Some(option["--unit=".len()..].to_owned());
                    rest = more;
                }
                option if option.starts_with('-') => {
                    return Output::fail(127, not_simulated(&format!("systemd-run {option}")));
                }
                _ => break,
            }
        }
        let Some(name) = rest.first() else {
            return Output::fail(1, "Command line to execute required.\n");
        };
        if let Err(missing) = self.is_installed(rest) {
            let name = if missing == *name { name } else { &missing };
            return Output::fail(1, format!("Failed to find executable {name}: No such file or directory\n"));
        }
        let unit = unit.unwrap_or_else(|| format!("run-u{}", self.script));
        let unit = unit.strip_suffix(".service").unwrap_or(&unit).to_owned();
        if self.region.unit_process(self.instance, &unit).is_some()
            || self.region.service(self.instance, &unit).is_some()
        {
            return Output::fail(
                1,
                format!(
                    "Failed to start transient service unit: Unit {unit}.service was already loaded or has a fragment file.\n"
                ),
            );
        }
        match program(rest, self.vcpus()) {
            Ok(program) => {
                self.region.start_process(self.instance, &program, rest.join(" "), Some(unit.clone()), None);
                Output { err: format!("Running as unit: {unit}.service\n"), ..Output::default() }
            }
            // The service fails, which systemd-run does not tell.
            Err(NoProgram::Wrong(_)) => {
                Output { err: format!("Running as unit: {unit}.service\n"), ..Output::default() }
            }
            Err(NoProgram::NotSimulated(what)) => Output::fail(127, not_simulated(&what)),
            Err(NoProgram::Other) => Output::fail(127, not_simulated(&format!("{} as a service", rest.join(" ")))),
        }
    }

    /// `pkill NAME`, `killall NAME`
    pub(super) fn pkill(&mut self, words: &[String]) -> Output {
        let (mut names, mut full) = (Vec::new(), false);
        for word in &words[1..] {
            match word.as_str() {
                "-f" => full = true,
                "-9" | "-KILL" | "-TERM" | "-15" | "-x" | "-INT" => {}
                option if option.starts_with('-') => {
                    return Output::fail(127, not_simulated(&format!("{} {option}", words[0])));
                }
                name => names.push(name.to_owned()),
            }
        }
        let Some(name) = names.first().cloned() else {
            return Output::fail(2, format!("{}: no process selection criteria\n", words[0]));
        };
        let exact = words[0] == "killall";
        let fits = |process: &Process| {
            if full {
                process.command.contains(&name)
            } else if exact {
                process.name == name
            } else {
                process.name.contains(&name)
            }
        };
        let killed = self.region.kill_processes(self.instance, 143, fits);
        let services: Vec<&str> =
            ["httpd", "nginx", "php-fpm"].into_iter().filter(|service| *service == name).collect();
        let mut stopped = 0;
        for service in services {
            if self.region.service(self.instance, service).is_some_and(|unit| unit.active) {
                self.region.stop_service(self.instance, service);
                stopped += 1;
            }
        }
        match (killed + stopped, exact) {
            (0, true) => Output::fail(1, format!("{name}: no process found\n")),
            (0, false) => Output { code: 1, ..Output::default() },
            _ => Output::default(),
        }
    }

    /// `kill PID..`
    pub(super) fn kill(&mut self, words: &[String]) -> Output {
        let mut output = Output::default();
        for word in words.iter().skip(1).filter(|word| !word.starts_with('-')) {
            let process = word
                .parse::<u32>()
                .ok()
                .and_then(|pid| self.region.processes(self.instance).find(|(one, _)| *one == pid));
            let Some(command) = process.map(|(_, one)| (one.command.clone(), one.since)) else {
                output.err.push_str(&format!("bash: kill: ({word}) - No such process\n"));
                output.code = 1;
                continue;
            };
            self.region.kill_processes(self.instance, 143, |one| (&one.command, one.since) == (&command.0, command.1));
        }
        output
    }
}
