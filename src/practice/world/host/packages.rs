//! The packages of Amazon Linux 2023 that the practice cloud knows, and dnf.

use super::machine::Bench;
use super::{Software, Unit};
use crate::practice::shell::{Answer, Output, not_simulated};
use crate::practice::world::catalogue::Image;
use crate::practice::world::load::Traffic;
use crate::reach::{Decision, Pass};

/// What a fetch sends before anything comes: a handshake and a request, bytes.
const REQUEST: u64 = 1_500;
/// Of how many bytes that come one goes out again: a reply of 40 bytes to two packets of 1500.
const ACKNOWLEDGED: u64 = 75;

/// A package: what comes with it, the services it brings, its size.
struct Package {
    name: &'static str,
    version: &'static str,
    with: &'static [&'static str],
    services: &'static [&'static str],
    /// KiB to fetch.
    size: u64,
}

const fn package(
    name: &'static str,
    version: &'static str,
    with: &'static [&'static str],
    services: &'static [&'static str],
    size: u64,
) -> Package {
    Package { name, version, with, services, size }
}

const KNOWN: &[Package] = &[
    package("bind-utils", "9.18.33-1.amzn2023.0.1", &[], &[], 212),
    package("cronie", "1.5.7-1.amzn2023.0.2", &[], &["crond"], 115),
    package("git", "2.50.1-1.amzn2023.0.1", &[], &[], 53),
    package("htop", "3.2.1-87.amzn2023.0.3", &[], &[], 182),
    package("httpd", "2.4.65-1.amzn2023.0.1", &["httpd-tools", "mod_http2"], &["httpd"], 1_500),
    package("httpd-tools", "2.4.65-1.amzn2023.0.1", &[], &[], 82),
    package("jq", "1.7.1-49.amzn2023.0.2", &[], &[], 188),
    package("mariadb105", "10.5.29-1.amzn2023.0.1", &[], &[], 1_600),
    package("mod_http2", "2.0.27-1.amzn2023.0.3", &[], &[], 166),
    package("nginx", "1.28.0-1.amzn2023.0.2", &[], &["nginx"], 733),
    package("nmap-ncat", "7.93-1.amzn2023.0.2", &[], &[], 231),
    package("php", "8.4.10-1.amzn2023.0.1", &["php-cli", "php-fpm"], &[], 13),
    package("php-cli", "8.4.10-1.amzn2023.0.1", &[], &[], 3_900),
    package("php-fpm", "8.4.10-1.amzn2023.0.1", &[], &["php-fpm"], 2_000),
    package("php-mysqlnd", "8.4.10-1.amzn2023.0.1", &[], &[], 150),
    package("stress", "1.0.4-28.amzn2023.0.2", &[], &[], 40),
    package("stress-ng", "0.15.05-1.amzn2023.0.1", &[], &[], 2_300),
    package("tree", "1.8.0-6.amzn2023.0.2", &[], &[], 56),
    package("wget", "1.21.3-1.amzn2023.0.4", &[], &[], 779),
];

/// Other names of packages.
const OTHER_NAMES: &[(&str, &str)] = &[
    ("nc", "nmap-ncat"),
    ("nmap-ncat", "nmap-ncat"),
    ("dig", "bind-utils"),
    ("php8.4", "php"),
    ("php8.4-fpm", "php-fpm"),
    ("mysql", ""),
];

/// What every image has that can be installed or removed.
const BASE: &[&str] = &["bind-utils", "curl-minimal", "iproute", "iputils", "openssh-server"];

/// The programs that belong to packages that may be missing.
const PROGRAMS: &[(&str, &str)] = &[
    ("ab", "httpd-tools"),
    ("dig", "bind-utils"),
    ("git", "git"),
    ("host", "bind-utils"),
    ("htop", "htop"),
    ("jq", "jq"),
    ("mariadb", "mariadb105"),
    ("mysql", "mariadb105"),
    ("mysqladmin", "mariadb105"),
    ("nc", "nmap-ncat"),
    ("ncat", "nmap-ncat"),
    ("nslookup", "bind-utils"),
    ("php", "php-cli"),
    ("stress", "stress"),
    ("stress-ng", "stress-ng"),
    ("tree", "tree"),
    ("wget", "wget"),
];

/// The package that a program belongs to, if it is one that may be missing.
pub(super) fn package_of(program: &str) -> Option<&'static str> {
    PROGRAMS.iter().find(|(name, _)| *name == program).map(|(_, package)| *package)
}

/// Fills in what an image brings: on its first boot.
pub(super) fn fresh(software: &mut Software, image: Option<&Image>) {
    let on = Unit { active: false, enabled: true };
    if image.is_some_and(|image| image.product_code.is_some()) {
        software.packages.insert("openvpn-as".to_owned());
        software.services.extend([("openvpnas".to_owned(), on), ("sshd".to_owned(), on)]);
        return;
    }
    let minimal = image.is_some_and(|image| image.name.contains("minimal"));
    software
        .packages
        .extend(BASE.iter().filter(|name| !minimal || **name != "bind-utils").map(|name| (*name).to_owned()));
    software.services.insert("sshd".to_owned(), on);
    software.services.insert("chronyd".to_owned(), on);
    // The minimal image comes without the agent.
    if !minimal {
        software.packages.insert("amazon-ssm-agent".to_owned());
        software.services.insert("amazon-ssm-agent".to_owned(), on);
    }
}

/// Does something here read user data as settings instead of a script?
pub(super) fn takes_settings(software: &Software) -> bool {
    software.packages.contains("openvpn-as")
}

/// How often dnf tries to reach its mirrors, and how long each try takes, ms.
const TRIES: u32 = 4;
const TRY: i64 = 30_000;
/// States of dnf's answer: from this one on it fetches.
const FETCHING: u32 = 100;

/// What dnf is asked to do.
struct Order<'a> {
    verb: &'a str,
    names: Vec<&'a str>,
    yes: bool,
    quiet: bool,
}

fn order(words: &[String]) -> Result<Order<'_>, String> {
    let (mut rest, mut yes, mut quiet) = (Vec::new(), false, false);
    for word in words.iter().skip(1) {
        match word.as_str() {
            "-y" | "--assumeyes" => yes = true,
            "-q" | "--quiet" => quiet = true,
            "-qy" | "-yq" => (yes, quiet) = (true, true),
            option if option.starts_with('-') => return Err(format!("dnf {option}")),
            other => rest.push(other),
        }
    }
    let (verb, names) = rest.split_first().map(|(verb, names)| (*verb, names.to_vec())).unwrap_or_default();
    Ok(Order { verb, names, yes, quiet })
}

impl Bench<'_> {
    /// `dnf install`, `remove`, `update`.
    pub(super) fn dnf(&mut self, words: &[String], state: u32) -> Answer {
        let done = |output| Answer::Done(output);
        let order = match order(words) {
            Ok(order) => order,
            Err(what) => return done(Output::fail(127, not_simulated(&what))),
        };
        match order.verb {
            "install" | "update" | "upgrade" | "makecache" | "check-update" => {}
            "remove" | "erase" => return self.remove(&order, state),
            "clean" => return done(Output::ok("0 files removed\n")),
            "" => return done(Output::fail(1, "usage: dnf [options] COMMAND\n")),
            other => return done(Output::fail(127, not_simulated(&format!("dnf {other}")))),
        }
        if state >= FETCHING {
            return done(self.install(&order));
        }
        if let Some(unknown) = order.names.iter().find(|name| !is_known(name)) {
            return done(Output::fail(127, not_simulated(&format!("the package {unknown}"))));
        }
        if self.region.way_out(self.beyond.global, self.instance, 443).answered() {
            let fetch = i64::try_from(self.missing(&order.names).len()).unwrap_or_default();
            return Answer::Wait { ms: Some(4_000 + 1_500 * fetch), state: FETCHING };
        }
        if state < TRIES {
            return Answer::Wait { ms: Some(TRY), state: state + 1 };
        }
        let region = self.region.name();
        let url = format!(
            "https://al2023-repos-{region}-de612dc2.s3.dualstack.{region}.amazonaws.com/core/mirrors/2023.12.20261026/x86_64/mirror.list"
        );
        let head = if order.quiet {
            ""
        } else {
            "Amazon Linux 2023 repository                    0.0  B/s |   0  B     02:00    \n"
        };
        let message = format!(
            "{head}Errors during downloading metadata for repository 'amazonlinux':\n  - Curl error (28): Timeout was reached for {url} [Connection timed out after {TRY} milliseconds]\nError: Failed to download metadata for repo 'amazonlinux': Cannot prepare internal mirrorlist: Curl error (28): Timeout was reached for {url} [Connection timed out after {TRY} milliseconds]\n"
        );
        done(Output::fail(1, message))
    }

    /// The packages to fetch for some names.
    fn missing(&self, names: &[&str]) -> Vec<&'static Package> {
        let mut found: Vec<&'static Package> = Vec::new();
        let mut open: Vec<&str> = names.to_vec();
        while let Some(name) = open.pop() {
            let Some(package) = known(name) else { continue };
            let have = self.software().is_some_and(|software| software.packages.contains(package.name));
            if !have && !found.iter().any(|one| one.name == package.name) {
                found.push(package);
                open.extend(package.with);
            }
        }
        found.sort_by_key(|package| package.name);
        found
    }

    /// Counts what comes from the internet: at this machine, and at the NAT gateway on the way.
    pub(super) fn count_fetched(&mut self, received: u64) {
        self.region.count_traffic(self.instance, Traffic { received, ..Traffic::default() });
        let way = self.region.way_out(self.beyond.global, self.instance, 443);
        let gateway = way.packet.iter().find_map(|hop| match &hop.decision {
            Decision::Pass(Pass::Nat { gateway, .. }) => Some(gateway.clone()),
            _ => None,
        });
        if let Some(gateway) = gateway {
            self.region.record_nat(&gateway, REQUEST + received / ACKNOWLEDGED, received);
        }
    }

    fn install(&mut self, order: &Order<'_>) -> Output {
        let missing = if order.verb == "install" { self.missing(&order.names) } else { Vec::new() };
        let mut text = String::new();
        for name in order
            .names
            .iter()
            .filter(|name| known(name).is_none_or(|one| !missing.iter().any(|two| two.name == one.name)))
        {
            let name = known(name).map_or(*name, |one| one.name);
            text.push_str(&format!("Package {name} is already installed.\n"));
        }
        if missing.is_empty() {
            text.push_str("Dependencies resolved.\nNothing to do.\nComplete!\n");
            return Output::ok(if order.quiet { String::new() } else { text });
        }
        let line = "=".repeat(80);
        text.push_str(&format!("Dependencies resolved.\n{line}\n Package             Arch       Version                     Repository       Size\n{line}\nInstalling:\n"));
        for one in &missing {
            text.push_str(&format!(
                " {:<19} x86_64     {:<27} amazonlinux  {:>5} k\n",
                one.name, one.version, one.size
            ));
        }
        let total: u64 = missing.iter().map(|one| one.size).sum();
        text.push_str(&format!(
            "\nTransaction Summary\n{line}\nInstall  {} Packages\n\nTotal download size: {total} k\n",
            missing.len()
        ));
        if !order.yes {
            // Nobody can answer the question.
            return Output {
                out: format!("{text}Is this ok [y/N]: Operation aborted.\n"),
                err: String::new(),
                code: 1,
            };
        }
        text.push_str("Downloading Packages:\nRunning transaction check\nTransaction check succeeded.\nRunning transaction\n\nInstalled:\n");
        for one in &missing {
            text.push_str(&format!("  {}-{}.x86_64\n", one.name, one.version));
        }
        text.push_str("\nComplete!\n");
        self.count_fetched(total * 1024);
        if let Some(software) = self.software_mut() {
            for one in &missing {
                software.packages.insert(one.name.to_owned());
                for service in one.services {
                    software.services.entry((*service).to_owned()).or_default();
                }
            }
        }
        Output::ok(if order.quiet { String::new() } else { text })
    }

    fn remove(&mut self, order: &Order<'_>, state: u32) -> Answer {
        if state == 0 {
            return Answer::Wait { ms: Some(4_000), state: 1 };
        }
        let installed: Vec<&'static Package> = order
            .names
            .iter()
            .filter_map(|name| known(name))
            .filter(|one| self.software().is_some_and(|software| software.packages.contains(one.name)))
            .collect();
        if installed.is_empty() {
            let none: String = order.names.iter().map(|name| format!("No match for argument: {name}\n")).collect();
            return Answer::Done(Output::ok(format!(
                "{none}No packages marked for removal.\nDependencies resolved.\nNothing to do.\nComplete!\n"
            )));
        }
        if !order.yes {
            return Answer::Done(Output {
                out: "Is this ok [y/N]: Operation aborted.\n".to_owned(),
                err: String::new(),
                code: 1,
            });
        }
        for service in installed.iter().flat_map(|one| one.services) {
            self.region.stop_service(self.instance, service);
        }
        if let Some(software) = self.software_mut() {
            for one in &installed {
                software.packages.remove(one.name);
                for service in one.services {
                    software.services.remove(*service);
                }
            }
        }
        let names: String = installed.iter().map(|one| format!("  {}-{}.x86_64\n", one.name, one.version)).collect();
        Answer::Done(Output::ok(format!(
            "Dependencies resolved.\nRunning transaction\n\nRemoved:\n{names}\nComplete!\n"
        )))
    }
}

fn known(name: &str) -> Option<&'static Package> {
    let name = OTHER_NAMES.iter().find(|(other, _)| *other == name).map_or(name, |(_, package)| *package);
    KNOWN.iter().find(|package| package.name == name)
}

fn is_known(name: &str) -> bool {
    known(name).is_some() || BASE.contains(&name) || ["amazon-ssm-agent", "chrony", "curl"].contains(&name)
}
