//! Commands that ask for names: `dig`, `nslookup`, `host`, `getent hosts`.

use super::machine::Bench;
use crate::practice::shell::{Output, not_simulated};
use crate::practice::world::resolve::{Outcome, Resolution};

impl Bench<'_> {
    fn resolved(&self, name: &str) -> Resolution {
        self.beyond.resolve(self.region, self.vpc().as_deref(), name)
    }

    pub(super) fn lookup(&self, words: &[String]) -> Output {
        let arguments: Vec<&str> = words.iter().skip(1).map(String::as_str).collect();
        match (words.first().map(String::as_str).unwrap_or_default(), arguments.as_slice()) {
            ("getent", ["hosts" | "ahostsv4", name]) => match self.address_of(name) {
                Some(address) => Output::ok(format!("{address:<15} {name}\n")),
                None => Output { code: 2, ..Output::default() },
            },
            ("nslookup", [name]) => self.nslookup(name),
            ("host", [name]) => self.host(name),
            ("dig", arguments) => self.dig(arguments),
            _ => Output::fail(127, not_simulated(&words.join(" "))),
        }
    }

    fn dig(&self, arguments: &[&str]) -> Output {
        let (mut short, mut name) = (false, None);
        for word in arguments {
            match *word {
                "+short" => short = true,
                "+noall" | "+answer" | "A" | "a" => {}
                other if other.starts_with(['+', '-', '@']) || other.chars().all(|c| c.is_ascii_uppercase()) => {
                    return Output::fail(127, not_simulated(&format!("dig {other}")));
                }
                other => name = Some(other.trim_end_matches('.')),
            }
        }
        let Some(name) = name else { return Output::fail(127, not_simulated("dig without a name")) };
        let found = self.resolved(name);
        if found.outcome == Outcome::NoResolver {
            return Output {
                out: ";; communications error to resolver: timed out\n;; no servers could be reached\n".to_owned(),
                err: String::new(),
                code: 9,
            };
        }
        if short {
            return Output::ok(found.chain.iter().map(|link| format!("{}\n", link.value)).collect::<String>());
        }
        let status = if found.outcome == Outcome::NoName { "NXDOMAIN" } else { "NOERROR" };
        let lines: String = found
            .chain
            .iter()
            .map(|link| format!("{}\t\t60\tIN\t{}\t{}\n", link.name, link.kind, link.value))
            .collect();
        let answer = if lines.is_empty() { String::new() } else { format!("\n;; ANSWER SECTION:\n{lines}") };
        let server = self.resolver().map(|address| address.to_string()).unwrap_or_default();
        Output::ok(format!(
            "; <<>> DiG 9.18.33 <<>> {name}\n;; ->>HEADER<<- opcode: QUERY, status: {status}\n;; flags: qr rd ra; QUERY: 1, ANSWER: {}, AUTHORITY: 0, ADDITIONAL: 1\n\n;; QUESTION SECTION:\n;{name}.\t\tIN\tA\n{answer}\n;; SERVER: {server}#53({server}) (UDP)\n",
            found.chain.len()
        ))
    }

    fn nslookup(&self, name: &str) -> Output {
        let server = self.resolver().map(|address| address.to_string()).unwrap_or_default();
        let head = format!("Server:\t\t{server}\nAddress:\t{server}#53\n\n");
        let found = self.resolved(&self.qualified(name));
        match found.outcome {
            Outcome::Found => {
                let lines = found.addresses.iter().map(|address| format!("Name:\t{name}\nAddress: {address}\n"));
                Output::ok(format!("{head}Non-authoritative answer:\n{}\n", lines.collect::<String>()))
            }
            Outcome::NoResolver => Output {
                out: ";; connection timed out; no servers could be reached\n\n".to_owned(),
                err: String::new(),
                code: 1,
            },
            Outcome::NoData => {
                Output { out: format!("{head}*** Can't find {name}: No answer\n\n"), err: String::new(), code: 1 }
            }
            Outcome::NoName => {
                Output { out: format!("{head}** server can't find {name}: NXDOMAIN\n\n"), err: String::new(), code: 1 }
            }
        }
    }

    fn host(&self, name: &str) -> Output {
        let found = self.resolved(&self.qualified(name));
        match found.outcome {
            Outcome::Found => Output::ok(
                found.addresses.iter().map(|address| format!("{name} has address {address}\n")).collect::<String>(),
            ),
            Outcome::NoData => Output::ok(String::new()),
            Outcome::NoName => {
                Output { out: format!("Host {name} not found: 3(NXDOMAIN)\n"), err: String::new(), code: 1 }
            }
            Outcome::NoResolver => Output {
                out: ";; connection timed out; no servers could be reached\n".to_owned(),
                err: String::new(),
                code: 1,
            },
        }
    }
}
