//! Commands that show how the machine is: `hostname`, `ip`, `uptime`, `top`, `ps`, `free`, `date`.

use super::machine::Bench;
use crate::practice::shell::{Output, not_simulated};
use crate::practice::world::catalogue;

/// `5min`, `1h 20min`, `40s` as systemd says it.
pub(super) fn span(ms: i64) -> String {
    let seconds = ms / 1000;
    match (seconds / 3600, seconds / 60 % 60, seconds % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}min {seconds}s"),
        (hours, minutes, _) => format!("{hours}h {minutes}min"),
    }
}

impl Bench<'_> {
    /// A command that only shows; none when it is no such command.
    pub(super) fn show(&mut self, words: &[String]) -> Option<Output> {
        let arguments: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        let name = words.first()?.as_str();
        let refuse = || Output::fail(127, not_simulated(&words.join(" ")));
        let text = match (name, arguments.as_slice()) {
            ("hostname", [] | ["-f"]) => format!("{}\n", self.region.host_name(self.this()?)),
            ("hostname", ["-I" | "-i"]) => format!("{} \n", self.region.private_address(self.this()?)),
            ("whoami", []) => "root\n".to_owned(),
            ("id", []) => "uid=0(root) gid=0(root) groups=0(root)\n".to_owned(),
            ("id", ["-u"]) => "0\n".to_owned(),
            ("nproc", []) => format!("{}\n", self.vcpus()),
            ("uname", []) => "Linux\n".to_owned(),
            ("uname", ["-r"]) => "6.18.1-18.101.amzn2023.x86_64\n".to_owned(),
            ("uname", ["-m"]) => format!("{}\n", self.architecture()),
            ("uname", ["-n"]) => format!("{}\n", self.region.host_name(self.this()?)),
            ("ip", ["a" | "addr" | "address"] | ["addr" | "a", "show"]) => self.addresses()?,
            ("ip", ["r" | "route"] | ["route", "show"]) => self.routes()?,
            ("uptime", []) => self.uptime(),
            ("top", arguments)
                if arguments.iter().any(|word| word.starts_with("-b"))
                    && arguments.iter().any(|word| word.contains('n') || *word == "1") =>
            {
                self.top()
            }
            ("ps", [] | ["aux" | "-ef" | "-e" | "ax" | "-aux"]) => self.ps(),
            ("pgrep", [.., pattern]) => {
                let found: String = self
                    .region
                    .processes(self.instance)
                    .filter(|(_, one)| one.command.contains(pattern))
                    .map(|(pid, _)| format!("{pid}\n"))
                    .collect();
                let code = i32::from(found.is_empty());
                return Some(Output { out: found, err: String::new(), code });
            }
            ("free", [] | ["-m" | "-h" | "-k"]) => self.free(arguments.first().copied()),
            ("df", [] | ["-h" | "-k"] | ["-h", "/"] | ["/"]) => self.disks(arguments.contains(&"-h")),
            ("lsblk", []) => self.block_devices(),
            ("date", arguments) => return Some(self.date(arguments)),
            ("rpm", ["-q", packages @ ..]) => return Some(self.rpm(packages)),
            ("which" | "type", [program]) => return Some(self.which(program)),
            ("ss" | "netstat", [options]) if options.starts_with('-') && options.contains('l') => self.sockets(),
            ("httpd" | "apachectl", ["-t" | "configtest"]) if self.has_package("httpd") => {
                return Some(Output { err: "Syntax OK\n".to_owned(), ..Output::default() });
            }
            ("httpd", ["-v"]) if self.has_package("httpd") => {
                "Server version: Apache/2.4.65 (Amazon Linux)\n".to_owned()
            }
            ("php", ["-v" | "--version"]) => "PHP 8.4.10 (cli)\n".to_owned(),
            (
                "journalctl" | "logger" | "vmstat" | "iostat" | "mpstat" | "lscpu" | "lsblk" | "traceroute"
                | "tracepath",
                _,
            ) => return Some(refuse()),
            (
                "hostname" | "nproc" | "id" | "uname" | "ip" | "uptime" | "top" | "ps" | "free" | "df" | "ss" | "php",
                _,
            ) => return Some(refuse()),
            _ => return None,
        };
        Some(Output::ok(text))
    }

    fn architecture(&self) -> &'static str {
        let kind = self.this().and_then(|instance| catalogue::instance_type(&instance.instance_type));
        if kind.is_some_and(|kind| kind.architecture == "arm64") { "aarch64" } else { "x86_64" }
    }

    fn addresses(&self) -> Option<String> {
        let instance = self.this()?;
        let mut text = "1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000\n    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00\n    inet 127.0.0.1/8 scope host lo\n       valid_lft forever preferred_lft forever\n".to_owned();
        for (index, interface) in instance.interfaces.iter().filter_map(|id| self.region.interfaces.get(id)).enumerate()
        {
            let subnet = self.region.subnets.get(&interface.subnet)?;
            text.push_str(&format!(
                "{}: ens{}: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 9001 qdisc mq state UP group default qlen 1000\n    link/ether {} brd ff:ff:ff:ff:ff:ff\n    inet {}/{} metric 512 brd {} scope global dynamic ens{}\n",
                index + 2,
                index + 5,
                interface.mac,
                interface.private_ip,
                subnet.cidr.prefix_len(),
                subnet.cidr.broadcast(),
                index + 5
            ));
        }
        Some(text)
    }

    fn routes(&self) -> Option<String> {
        let interface = self.this()?.interfaces.first().and_then(|id| self.region.interfaces.get(id))?;
        let subnet = self.region.subnets.get(&interface.subnet)?;
        let gateway = std::net::Ipv4Addr::from(u32::from(subnet.cidr.network()) + 1);
        let own = interface.private_ip;
        Some(format!(
            "default via {gateway} dev ens5 proto dhcp src {own} metric 512 \n{} dev ens5 proto kernel scope link src {own} metric 512 \n",
            subnet.cidr.trunc()
        ))
    }

    /// How many processors were wanted on average over the last minutes, weighted as the kernel does (newer counts more).
    fn load_average(&self, minutes: f64) -> f64 {
        let (now, mut sum) = (self.region.now, 0.0);
        for load in self.region.trace(self.instance).iter().flat_map(|trace| trace.loads()) {
            // The weight of a time from a to b ago (in minutes): exp(-a/m) - exp(-b/m).
            let ago = |at: i64| ((now - at).max(0) as f64) / 60_000.0;
            let end = ago(load.until.unwrap_or(now).min(now));
            let begin = ago(load.from);
            sum += load.cores * ((-end / minutes).exp() - (-begin / minutes).exp()).max(0.0);
        }
        sum
    }

    fn averages(&self) -> String {
        format!("{:.2}, {:.2}, {:.2}", self.load_average(1.0), self.load_average(5.0), self.load_average(15.0))
    }

    fn uptime(&self) -> String {
        let now = jiff::Timestamp::from_millisecond(self.region.now).unwrap_or_default();
        let up = self.region.now - self.machine().map_or(self.region.now, |machine| machine.on_since);
        let minutes = up / 60_000;
        let up = match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
            (0, 0, minutes) => format!("{minutes} min"),
            (0, hours, minutes) => format!("{hours:>2}:{minutes:02}"),
            (days, hours, minutes) => format!("{days} days, {hours:>2}:{minutes:02}"),
        };
        format!(" {} up {up},  0 users,  load average: {}\n", now.strftime("%H:%M:%S"), self.averages())
    }

    fn top(&self) -> String {
        let busy = self.region.busy_now(self.instance) * 100.0;
        let processes: Vec<_> = self.region.processes(self.instance).collect();
        let workers: u32 = processes.iter().map(|(_, one)| one.cores.max(1)).sum();
        let mut text = format!(
            "top -{}Tasks: {:>3} total, {:>3} running, {:>3} sleeping,   0 stopped,   0 zombie\n%Cpu(s): {busy:>4.1} us,  0.0 sy,  0.0 ni, {:>4.1} id,  0.0 wa,  0.0 hi,  0.0 si,  0.0 st\n",
            self.uptime().trim_end().to_owned() + "\n",
            104 + workers,
            workers.max(1),
            103,
            (100.0 - busy).max(0.0)
        );
        text.push_str("\n    PID USER      PR  NI  S  %CPU COMMAND\n");
        let wanted: f64 = self.region.running_loads(self.instance).map(|load| load.cores).sum();
        let share = if wanted > 0.0 { (f64::from(self.vcpus()) * busy / wanted).min(100.0) } else { 0.0 };
        for (pid, process) in processes {
            for worker in 0..process.cores {
                text.push_str(&format!("{:>7} root      20   0  R {share:>5.1} {}\n", pid + worker + 1, process.name));
            }
        }
        text
    }

    fn ps(&self) -> String {
        let mut text = "    PID COMMAND\n      1 /usr/lib/systemd/systemd\n".to_owned();
        let machine = self.machine();
        for (index, service) in machine.into_iter().flat_map(|machine| machine.started.keys()).enumerate() {
            text.push_str(&format!("{:>7} {service}\n", 1500 + index * 12));
        }
        for (pid, process) in self.region.processes(self.instance) {
            text.push_str(&format!("{pid:>7} {}\n", process.command));
            for worker in 0..process.cores {
                text.push_str(&format!("{:>7} {}\n", pid + worker + 1, process.command));
            }
        }
        text
    }

    fn free(&self, unit: Option<&str>) -> String {
        let kind = self.this().and_then(|instance| catalogue::instance_type(&instance.instance_type));
        let total = u64::from(kind.map_or(1024, |kind| kind.memory_mib)) * 1024 * 93 / 100;
        let used = 160 * 1024;
        let (scale, letter) = match unit {
            Some("-m") => (1024, ""),
            Some("-h") => (1024, "Mi"),
            _ => (1, ""),
        };
        let show = |number: u64| format!("{}{letter}", number / scale);
        format!(
            "               total        used        free\nMem:    {:>12}{:>12}{:>12}\nSwap:   {:>12}{:>12}{:>12}\n",
            show(total),
            show(used),
            show(total.saturating_sub(used)),
            show(0),
            show(0),
            show(0)
        )
    }

    fn date(&self, arguments: &[&str]) -> Output {
        let now = jiff::Timestamp::from_millisecond(self.region.now).unwrap_or_default();
        let form = arguments.iter().filter(|word| **word != "-u").copied().collect::<Vec<_>>();
        let form = match form.as_slice() {
            [] => "%a %b %e %H:%M:%S UTC %Y",
            ["-Iseconds" | "--iso-8601=seconds"] => "%Y-%m-%dT%H:%M:%S+00:00",
            [one]
                if one.starts_with('+')
                    && one.split('%').skip(1).all(|part| part.starts_with(|c| "aAbBdeFHIjmMsSTuYZyp".contains(c))) =>
            {
                &one[1..]
            }
            _ => return Output::fail(127, not_simulated(&format!("date {}", arguments.join(" ")))),
        };
        Output::ok(format!("{}\n", now.strftime(&form.replace("%Z", "UTC"))))
    }

    fn rpm(&self, packages: &[&str]) -> Output {
        let mut output = Output::default();
        for name in packages {
            if self.has_package(name) {
                output.out.push_str(&format!("{name}\n"));
            } else {
                output.out.push_str(&format!("package {name} is not installed\n"));
                output.code += 1;
            }
        }
        output
    }

    fn which(&self, program: &str) -> Output {
        let always = ["bash", "curl", "ping", "systemctl", "dnf", "ip", "cat", "grep"].contains(&program);
        let found = super::packages::package_of(program).map_or(always, |package| self.has_package(package));
        if found {
            return Output::ok(format!("/usr/bin/{program}\n"));
        }
        Output::fail(
            1,
            format!("/usr/bin/which: no {program} in (/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin)\n"),
        )
    }

    fn sockets(&self) -> String {
        let mut text = "State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n".to_owned();
        for (service, ports) in self.machine().into_iter().flat_map(|machine| &machine.ports) {
            for port in ports {
                text.push_str(&format!(
                    "LISTEN 0      128          0.0.0.0:{port:<5}      0.0.0.0:*     users:((\"{service}\"))\n"
                ));
            }
        }
        text
    }
}
