//! A machine as the shell sees it: which command is whose.

use std::net::Ipv4Addr;

use super::{Machine as Live, Software, packages};
use crate::practice::shell::{Answer, Ask, Machine, NOT_FOUND, Output, Question, absolute, not_simulated};
use crate::practice::world::{Beyond, Instance, Region, catalogue};

/// A script on its machine.
pub(super) struct Bench<'a> {
    pub(super) region: &'a mut Region,
    pub(super) beyond: Beyond<'a>,
    pub(super) instance: &'a str,
    /// The script's number.
    pub(super) script: u64,
}

impl Bench<'_> {
    pub(super) fn this(&self) -> Option<&Instance> {
        self.region.instances.get(self.instance)
    }

    pub(super) fn machine(&self) -> Option<&Live> {
        self.region.hosts.machines.get(self.instance)
    }

    pub(super) fn software(&self) -> Option<&Software> {
        self.this().map(|instance| &instance.software)
    }

    pub(super) fn software_mut(&mut self) -> Option<&mut Software> {
        self.region.instances.get_mut(self.instance).map(|instance| &mut instance.software)
    }

    pub(super) fn has_package(&self, name: &str) -> bool {
        self.software().is_some_and(|software| software.packages.contains(name))
    }

    pub(super) fn vcpus(&self) -> u32 {
        self.this().and_then(|instance| catalogue::instance_type(&instance.instance_type)).map_or(1, |kind| kind.vcpus)
    }

    pub(super) fn vpc(&self) -> Option<String> {
        self.this().map(|instance| instance.vpc.clone())
    }

    /// The VPC's resolver: its base address plus two.
    pub(super) fn resolver(&self) -> Option<Ipv4Addr> {
        let vpc = self.region.vpcs.get(&self.this()?.vpc)?;
        Some(Ipv4Addr::from(u32::from(vpc.cidr.network()) + 2))
    }

    fn program(&mut self, words: &[String], question: &Question) -> Answer {
        let name = words.first().map(String::as_str).unwrap_or_default();
        if let Some(package) = packages::package_of(name)
            && !self.has_package(package)
        {
            return Answer::Done(Output::fail(NOT_FOUND, format!("bash: {name}: command not found\n")));
        }
        if let Some(answer) = self.foreground(words, question.state) {
            return answer;
        }
        let done = match name {
            "dnf" | "yum" | "microdnf" => return self.dnf(words, question.state),
            "curl" => return self.curl(words, question),
            "wget" => return self.wget(words, question),
            "ping" => return self.ping(words, question.state),
            "nc" | "ncat" => return self.netcat(words, question.state),
            "mysql" | "mariadb" | "mysqladmin" => return self.mysql(words, question.state),
            "ab" => return self.ab(words, question.state),
            "dig" | "nslookup" | "host" | "getent" => self.lookup(words),
            "systemctl" => self.systemctl(words),
            "systemd-run" => self.systemd_run(words),
            "pkill" | "killall" => self.pkill(words),
            "kill" => self.kill(words),
            "growpart" => self.grow_partition(words),
            "xfs_growfs" => self.grow_filesystem(words),
            // Every write is on the disk at once.
            "sync" => Output::default(),
            _ => match self.file_command(words, &question.directory).or_else(|| self.show(words)) {
                Some(output) => output,
                None => Output::fail(NOT_FOUND, not_simulated(name)),
            },
        };
        Answer::Done(done)
    }
}

impl Machine for Bench<'_> {
    fn now(&self) -> i64 {
        self.region.now
    }

    fn answer(&mut self, question: &Question) -> Answer {
        let at = |path: &str| absolute(&question.directory, path);
        let done = match &question.ask {
            Ask::Program(words) => return self.program(words, question),
            Ask::Background(words) => self.background(words),
            Ask::WaitForAll => return self.wait_for_all(),
            Ask::Read(path) => match self.read_file(&at(path)) {
                Ok(text) => Output::ok(text),
                Err(why) => Output::fail(1, format!("{why}\n")),
            },
            Ask::Write { path, append } => self.write_file(&at(path), &question.stdin, *append),
            Ask::Test { kind, path } => {
                Output { code: i32::from(!self.path_is(*kind, &at(path))), ..Output::default() }
            }
            Ask::Glob(pattern) if pattern.starts_with('/') => Output::ok(self.glob(pattern)),
            Ask::Glob(pattern) => {
                let found = self.glob(&at(pattern));
                let start = format!("{}/", question.directory.trim_end_matches('/'));
                Output::ok(
                    found
                        .lines()
                        .map(|path| format!("{}\n", path.strip_prefix(&start).unwrap_or(path)))
                        .collect::<String>(),
                )
            }
            Ask::Connect { host, port } => return self.connect(host, port, question.state),
        };
        Answer::Done(done)
    }

    fn abandon(&mut self, question: &Question) {
        if matches!(question.ask, Ask::Program(_)) {
            let script = self.script;
            self.region.kill_processes(self.instance, 0, |process| process.script == Some((script, true)));
        }
    }
}
