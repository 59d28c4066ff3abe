//! Commands that go over the network: `curl`, `wget`, `ping`, `nc`, `mysql`, `ab`, and `/dev/tcp`.

use std::net::Ipv4Addr;

use super::machine::Bench;
use super::web::HttpAnswer;
use crate::practice::shell::{Answer, Output, Question, not_simulated};
use crate::practice::world::Region;
use crate::practice::world::balancing::{Delivered, WebRequest};
use crate::practice::world::resolve::{Outcome, is_internet};
use crate::reach::{End, Protocol, Trace};

/// How long the kernel tries to connect, ms.
const CONNECT: i64 = 134_000;

/// The address of instance metadata.
const METADATA: Ipv4Addr = Ipv4Addr::new(169, 254, 169, 254);

/// What a small page over TLS brings: certificates, headers and some letters, bytes.
const PAGE_BYTES: u64 = 6_000;

/// How much longer a packet and its answer take beyond the region (to the peer region, to the internet), ms.
const FAR: f64 = 31.0;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Peer {
    address: Ipv4Addr,
    /// The instance, or the network interface of a service; none: the internet, or instance metadata.
    host: Option<String>,
    /// The address that it sees as ours.
    seen: Option<Ipv4Addr>,
}

/// How an attempt to connect ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Reached {
    /// Connected; with whom.
    Open(Peer),
    /// Nothing listens there.
    Refused,
    /// Silence.
    Silence,
    /// There is no such name.
    NoName,
}

/// What a web server said.
struct Page {
    status: u16,
    location: Option<String>,
    body: String,
}

/// An address of a page, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Url {
    tls: bool,
    host: String,
    port: u16,
    path: String,
    query: String,
}

impl Url {
    fn parse(text: &str) -> Option<Self> {
        let (tls, rest) = match text.split_once("://") {
            Some(("http", rest)) => (false, rest),
            Some(("https", rest)) => (true, rest),
            Some(_) => return None,
            None => (false, text),
        };
        let (place, path) = rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at));
        let (host, port) = match place.rsplit_once(':') {
            Some((host, port)) => (host, port.parse().ok()?),
            None => (place, if tls { 443 } else { 80 }),
        };
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = if path.is_empty() { "/" } else { path };
        (!host.is_empty()).then(|| Self {
            tls,
            host: host.to_owned(),
            port,
            path: path.to_owned(),
            query: query.to_owned(),
        })
    }
}

/// What `curl` is asked.
#[derive(Debug, Clone, Default)]
struct Curl {
    url: String,
    silent: bool,
    show_error: bool,
    fail: bool,
    follow: bool,
    include: bool,
    head: bool,
    output: Option<String>,
    write: Option<String>,
    method: Option<String>,
    headers: Vec<String>,
    limit: Option<i64>,
    connect_limit: Option<i64>,
}

fn seconds(text: &str) -> Option<i64> {
    crate::practice::shell::duration(text)
}

fn curl_options(words: &[String]) -> Result<Curl, String> {
    let mut asked = Curl::default();
    let mut rest = words.iter().skip(1);
    while let Some(word) = rest.next() {
        let unknown = || Err(format!("curl {word}"));
        let mut value = || rest.next().cloned().unwrap_or_default();
        match word.as_str() {
            "--silent" => asked.silent = true,
            "--fail" => asked.fail = true,
            "--location" => asked.follow = true,
            "-o" | "--output" => asked.output = Some(value()),
            "-w" | "--write-out" => asked.write = Some(value()),
            "-X" | "--request" => asked.method = Some(value()),
            "-H" | "--header" => asked.headers.push(value()),
            "-m" | "--max-time" => asked.limit = seconds(&value()),
            "--connect-timeout" => asked.connect_limit = seconds(&value()),
            long if long.starts_with("--") => return unknown(),
            short if short.starts_with('-') && short.len() > 1 => {
                for (index, letter) in short.char_indices().skip(1) {
                    match letter {
                        's' => asked.silent = true,
                        'S' => asked.show_error = true,
                        'f' => asked.fail = true,
                        'L' => asked.follow = true,
                        'i' => asked.include = true,
                        'I' => asked.head = true,
                        'k' | '4' => {}
                        'o' | 'w' | 'X' | 'H' | 'm' => {
                            let glued = &short[index + 1..];
                            let text = if glued.is_empty() { value() } else { glued.to_owned() };
                            match letter {
                                'o' => asked.output = Some(text),
                                'w' => asked.write = Some(text),
                                'X' => asked.method = Some(text),
                                'H' => asked.headers.push(text),
                                _ => asked.limit = seconds(&text),
                            }
                            break;
                        }
                        _ => return unknown(),
                    }
                }
            }
            url if asked.url.is_empty() => url.clone_into(&mut asked.url),
            _ => return Err("curl with several addresses".to_owned()),
        }
    }
    Ok(asked)
}

impl Bench<'_> {
    /// The address that a name or an address stands for.
    pub(super) fn address_of(&self, host: &str) -> Option<Ipv4Addr> {
        if let Ok(address) = host.parse() {
            return Some(address);
        }
        if host == "localhost" {
            return Some(Ipv4Addr::LOCALHOST);
        }
        let found = self.beyond.resolve(self.region, self.vpc().as_deref(), &self.qualified(host));
        found.addresses.first().copied().filter(|_| found.outcome == Outcome::Found)
    }

    /// A name without a dot is looked for in the VPC's own domain.
    pub(super) fn qualified(&self, host: &str) -> String {
        match self.this().map(|instance| self.region.host_name(instance)) {
            Some(own) if !host.contains('.') => {
                format!("{host}.{}", own.split_once('.').map_or("", |(_, domain)| domain))
            }
            _ => host.to_owned(),
        }
    }

    fn is_self(&self, address: Ipv4Addr) -> bool {
        let own = self.this().map(|instance| self.region.private_address(instance));
        address.is_loopback() || own == Some(address)
    }

    fn way(&self, address: Ipv4Addr, protocol: Protocol, port: u16) -> Trace {
        let from = End::Host(self.instance.to_owned());
        let to = if is_internet(address) { End::Outside(address) } else { End::Address(address) };
        self.beyond.way(self.region, from, to, protocol, port)
    }

    /// Tries to connect to a TCP port.
    pub(super) fn reach(&self, host: &str, port: u16) -> Reached {
        let Some(address) = self.address_of(host) else { return Reached::NoName };
        if self.is_self(address) {
            let listens = self.region.listening(self.instance).contains(&port);
            let own = Peer { address, host: Some(self.instance.to_owned()), seen: Some(address) };
            return if listens { Reached::Open(own) } else { Reached::Refused };
        }
        if address == METADATA {
            return if port == 80 { Reached::Open(Peer { address, host: None, seen: None }) } else { Reached::Refused };
        }
        let way = self.way(address, Protocol::Tcp, port);
        if way.answered() {
            return Reached::Open(Peer { address, host: way.host().map(str::to_owned), seen: way.seen_as() });
        }
        if way.refused() { Reached::Refused } else { Reached::Silence }
    }

    /// The region in which somebody is, by the id by which the network knows them.
    fn home_of(&self, host: &str) -> Option<&Region> {
        let has = |region: &&Region| region.instances.contains_key(host) || region.interfaces.contains_key(host);
        std::iter::once(&*self.region).chain(self.beyond.others()).find(has)
    }

    fn is_of_this_region(&self, host: &str) -> bool {
        self.home_of(host).is_some_and(|region| region.name() == self.region.name())
    }

    /// `/dev/tcp/HOST/PORT`
    pub(super) fn connect(&self, host: &str, port: &str, state: u32) -> Answer {
        let Ok(port) = port.parse::<u16>() else { return Answer::Done(Output::fail(1, "invalid port")) };
        let done = match self.reach(host, port) {
            Reached::Open(_) => Output::default(),
            Reached::Refused => Output::fail(1, "Connection refused"),
            Reached::Silence if state == 0 => return Answer::Wait { ms: Some(CONNECT), state: 1 },
            Reached::Silence => Output::fail(1, "Connection timed out"),
            Reached::NoName => Output::fail(1, "Name or service not known"),
        };
        Answer::Done(done)
    }

    /// Asks a web server, once the connection is there. The error is what is not simulated.
    fn page(&mut self, url: &Url, peer: &Peer, asked: &Curl) -> Result<Page, String> {
        let address = peer.address;
        let plain = |answer: HttpAnswer| match answer {
            HttpAnswer::Answer { status, body } => Ok(Page { status, location: None, body }),
            HttpAnswer::Refused => Err("this connection".to_owned()),
        };
        if address == METADATA {
            return Ok(self.metadata_service(url, asked));
        }
        let Some(host) = &peer.host else {
            if url.host.trim_end_matches('.') == "checkip.amazonaws.com" {
                let body = peer.seen.map(|address| format!("{address}\n")).unwrap_or_default();
                self.count_fetched(PAGE_BYTES);
                return Ok(Page { status: 200, location: None, body });
            }
            return Err(format!("the page of {} (a connection to it works)", url.host));
        };
        if let Some(home) = self.home_of(host).filter(|home| home.instances.contains_key(host)) {
            return plain(home.http_answer(host, url.port, &url.path));
        }
        if !self.is_of_this_region(host) {
            return Err(format!("what {address} in another region says on port {}", url.port));
        }
        let from = End::Host(self.instance.to_owned());
        let request = WebRequest { port: url.port, tls: url.tls, host: &url.host, path: &url.path, query: &url.query };
        match self.region.request_through(self.beyond.global, &from, address, &request) {
            Some(Delivered::Answer(answer)) => {
                Ok(Page { status: answer.status, location: answer.location, body: answer.body })
            }
            Some(_) => Err("TLS to a port that speaks HTTP".to_owned()),
            None => Err(format!("what {address} says on port {}", url.port)),
        }
    }

    fn metadata_service(&self, url: &Url, asked: &Curl) -> Page {
        let page = |status, body: &str| Page { status, location: None, body: body.to_owned() };
        let error = |status: u16, title: &str| {
            page(
                status,
                &format!(
                    "<?xml version=\"1.0\" encoding=\"iso-8859-1\"?>\n<html><head><title>{status} - {title}</title></head></html>\n"
                ),
            )
        };
        let Some(instance) = self.this() else { return error(404, "Not Found") };
        let header = |name: &str| {
            let lines = asked.headers.iter().filter_map(|line| line.split_once(':'));
            lines
                .into_iter()
                .find(|(one, _)| one.trim().eq_ignore_ascii_case(name))
                .map(|(_, value)| value.trim().to_owned())
        };
        if !instance.metadata.enabled {
            return error(403, "Forbidden");
        }
        if url.path == "/latest/api/token" {
            let ttl = header("X-aws-ec2-metadata-token-ttl-seconds").and_then(|text| text.parse::<i64>().ok());
            return match (asked.method.as_deref(), ttl.filter(|ttl| (1..=21_600).contains(ttl))) {
                (Some("PUT"), Some(ttl)) => page(200, &token(self.instance, self.region.now + ttl * 1000)),
                (Some("PUT"), None) => error(400, "Bad Request"),
                _ => error(405, "Not Allowed"),
            };
        }
        match header("X-aws-ec2-metadata-token") {
            Some(given)
                if valid_until(&given)
                    .is_none_or(|until| until < self.region.now || token(self.instance, until) != given) =>
            {
                return error(401, "Unauthorized");
            }
            None if instance.metadata.tokens_required => return error(401, "Unauthorized"),
            _ => {}
        }
        let value = match url.path.trim_end_matches('/') {
            "/latest/meta-data" => Some("ami-id\nami-launch-index\nhostname\niam/\ninstance-id\ninstance-type\nlocal-hostname\nlocal-ipv4\nmac\nplacement/\nreservation-id\nsecurity-groups".to_owned()),
            "/latest/meta-data/placement" => Some("availability-zone\navailability-zone-id\nregion".to_owned()),
            "/latest/meta-data/iam/security-credentials" => {
                let arn = instance.profile.as_ref().map(|profile| profile.arn.as_str()).unwrap_or_default();
                self.beyond.global.iam.role_of_instance(arn, self.region.now).map(|role| role.name.clone())
            }
            "/latest/user-data" => instance.user_data.as_ref().and_then(|data| {
                use base64::Engine as _;
                let bytes = base64::engine::general_purpose::STANDARD.decode(data).ok()?;
                String::from_utf8(bytes).ok()
            }),
            path => path.strip_prefix("/latest/meta-data/").and_then(|key| self.region.metadata(instance, key)),
        };
        value.map_or_else(|| error(404, "Not Found"), |value| page(200, &value))
    }

    /// `curl`
    pub(super) fn curl(&mut self, words: &[String], question: &Question) -> Answer {
        match curl_options(words) {
            Ok(asked) => self.fetch(&asked, question),
            Err(what) => Answer::Done(Output::fail(127, not_simulated(&what))),
        }
    }

    fn fetch(&mut self, asked: &Curl, question: &Question) -> Answer {
        let failed = |code: i32, message: String| {
            let err =
                if asked.silent && !asked.show_error { String::new() } else { format!("curl: ({code}) {message}\n") };
            let out = asked.write.as_ref().map(|form| written(form, 0, 0, None)).unwrap_or_default();
            Answer::Done(Output { out, err, code })
        };
        let Some(mut url) = Url::parse(&asked.url) else {
            return if asked.url.is_empty() {
                failed(2, "no URL specified".to_owned())
            } else {
                failed(1, "Protocol not supported".to_owned())
            };
        };
        for _ in 0..10 {
            let peer = match self.reach(&url.host, url.port) {
                Reached::Open(peer) => peer,
                Reached::NoName => return failed(6, format!("Could not resolve host: {}", url.host)),
                Reached::Refused => {
                    return failed(
                        7,
                        format!(
                            "Failed to connect to {} port {} after 1 ms: Could not connect to server",
                            url.host, url.port
                        ),
                    );
                }
                Reached::Silence => {
                    let limit = asked.limit.into_iter().chain(asked.connect_limit).min();
                    let wait = limit.unwrap_or(CONNECT).min(CONNECT);
                    if question.state == 0 {
                        return Answer::Wait { ms: Some(wait), state: 1 };
                    }
                    return failed(
                        28,
                        format!(
                            "Failed to connect to {} port {} after {wait} ms: Timeout was reached",
                            url.host, url.port
                        ),
                    );
                }
            };
            let page = match self.page(&url, &peer, asked) {
                Ok(page) => page,
                Err(what) => return Answer::Done(Output::fail(127, not_simulated(&what))),
            };
            match &page.location {
                Some(location) if asked.follow => {
                    let Some(next) = Url::parse(location) else { return failed(1, format!("cannot go to {location}")) };
                    url = next;
                }
                _ => return Answer::Done(self.deliver(asked, &page, peer.address, &question.directory)),
            }
        }
        failed(47, "Maximum (10) redirects followed".to_owned())
    }

    fn deliver(&mut self, asked: &Curl, page: &Page, address: Ipv4Addr, directory: &str) -> Output {
        if asked.fail && page.status >= 400 {
            let err = if asked.silent && !asked.show_error {
                String::new()
            } else {
                format!("curl: (22) The requested URL returned error: {}\n", page.status)
            };
            let out = asked.write.as_ref().map(|form| written(form, page.status, 0, Some(address))).unwrap_or_default();
            return Output { out, err, code: 22 };
        }
        let mut text = String::new();
        if asked.include || asked.head {
            text.push_str(&format!("HTTP/1.1 {} {}\r\n", page.status, phrase(page.status)));
            if let Some(location) = &page.location {
                text.push_str(&format!("Location: {location}\r\n"));
            }
            text.push_str(&format!("Content-Length: {}\r\n\r\n", page.body.len()));
        }
        if !asked.head {
            text.push_str(&page.body);
        }
        let mut output = Output::default();
        match asked.output.as_deref() {
            Some("/dev/null") => {}
            Some("-") | None => output.out = text,
            Some(path) => {
                let path = crate::practice::shell::absolute(directory, path);
                let kept = self.write_file(&path, &text, false);
                if kept.code != 0 {
                    return Output::fail(23, format!("curl: (23) client returned ERROR on write: {}", kept.err));
                }
            }
        }
        if let Some(form) = &asked.write {
            output.out.push_str(&written(form, page.status, page.body.len(), Some(address)));
        }
        output
    }

    /// `wget -qO- URL`, `wget -O FILE URL`
    pub(super) fn wget(&mut self, words: &[String], question: &Question) -> Answer {
        let mut asked = Curl { silent: true, follow: true, fail: true, ..Curl::default() };
        let mut rest = words.iter().skip(1);
        while let Some(word) = rest.next() {
            match word.as_str() {
                "-q" | "-nv" => {}
                "-qO-" | "-O-" => asked.output = Some("-".to_owned()),
                "-O" | "-qO" => asked.output = rest.next().cloned(),
                "-T" | "--timeout" => asked.limit = rest.next().and_then(|text| seconds(text)),
                option if option.starts_with('-') => {
                    return Answer::Done(Output::fail(127, not_simulated(&format!("wget {option}"))));
                }
                url => url.clone_into(&mut asked.url),
            }
        }
        if asked.output.is_none() {
            let name =
                asked.url.rsplit('/').next().filter(|name| !name.is_empty() && asked.url.matches('/').count() > 2);
            asked.output = Some(name.unwrap_or("index.html").to_owned());
        }
        self.fetch(&asked, question)
    }

    /// `ping -c N HOST`
    pub(super) fn ping(&mut self, words: &[String], state: u32) -> Answer {
        let done = |output| Answer::Done(output);
        let (mut count, mut wait, mut host) = (None, None, None);
        let mut rest = words.iter().skip(1);
        while let Some(word) = rest.next() {
            match word.as_str() {
                "-c" => count = rest.next().and_then(|text| text.parse::<u32>().ok()),
                "-W" => wait = rest.next().and_then(|text| text.parse::<i64>().ok()),
                short if short.starts_with("-c") => count = short[2..].parse().ok(),
                short if short.starts_with("-W") => wait = short[2..].parse().ok(),
                "-4" | "-n" => {}
                option if option.starts_with('-') => {
                    return done(Output::fail(127, not_simulated(&format!("ping {option}"))));
                }
                name => host = Some(name.to_owned()),
            }
        }
        let Some(host) = host else {
            return done(Output::fail(1, "ping: usage error: Destination address required\n"));
        };
        let Some(count) = count.filter(|count| (1..=1000).contains(count)) else {
            return done(Output::fail(127, not_simulated("ping without -c N")));
        };
        let Some(address) = self.address_of(&host) else {
            return done(Output::fail(2, format!("ping: {host}: Name or service not known\n")));
        };
        let way = (!self.is_self(address)).then(|| self.way(address, Protocol::Icmp, 0));
        let answers = way.as_ref().is_none_or(Trace::answered);
        if state == 0 {
            let last = if answers { 0 } else { wait.unwrap_or(10) };
            return Answer::Wait { ms: Some((i64::from(count) - 1 + last) * 1000), state: 1 };
        }
        let mut text = format!("PING {host} ({address}) 56(84) bytes of data.\n");
        // A number that depends only on who asks whom.
        let far = way.is_some_and(|way| way.host().is_none_or(|host| !self.is_of_this_region(host)));
        let base = 0.3 + f64::from(address.octets()[3] % 40) / 50.0 + if far { FAR } else { 0.0 };
        let mut last = 0.0;
        for number in (1..=count).filter(|_| answers) {
            last = base + f64::from(number % 7) / 100.0;
            text.push_str(&format!("64 bytes from {address}: icmp_seq={number} ttl=127 time={last:.3} ms\n"));
        }
        let (received, loss) = if answers { (count, 0) } else { (0, 100) };
        text.push_str(&format!("\n--- {host} ping statistics ---\n{count} packets transmitted, {received} received, {loss}% packet loss, time {}ms\n", (count - 1) * 1000));
        if answers {
            text.push_str(&format!("rtt min/avg/max/mdev = {base:.3}/{:.3}/{last:.3}/0.020 ms\n", (base + last) / 2.0));
        }
        done(Output { out: text, err: String::new(), code: i32::from(!answers) })
    }

    /// `nc -zv HOST PORT`
    pub(super) fn netcat(&mut self, words: &[String], state: u32) -> Answer {
        let (mut wait, mut zero, mut places) = (None, false, Vec::new());
        let mut rest = words.iter().skip(1);
        while let Some(word) = rest.next() {
            match word.as_str() {
                "-w" => wait = rest.next().and_then(|text| seconds(text)),
                "-z" | "-vz" | "-zv" => zero = true,
                "-v" | "-4" | "-n" => {}
                option if option.starts_with("-w") => wait = seconds(&option[2..]),
                option if option.starts_with('-') => {
                    return Answer::Done(Output::fail(127, not_simulated(&format!("nc {option}"))));
                }
                place => places.push(place),
            }
        }
        let [host, port] = places.as_slice() else {
            return Answer::Done(Output::fail(127, not_simulated("nc without a host and a port")));
        };
        let (Ok(port), true) = (port.parse::<u16>(), zero) else {
            return Answer::Done(Output::fail(127, not_simulated("nc without -z")));
        };
        let head = "Ncat: Version 7.93 ( https://nmap.org/ncat )\n";
        let done = match self.reach(host, port) {
            Reached::Open(peer) => Output {
                err: format!(
                    "{head}Ncat: Connected to {}:{port}.\nNcat: 0 bytes sent, 0 bytes received in 0.01 seconds.\n",
                    peer.address
                ),
                ..Output::default()
            },
            Reached::Refused => Output::fail(1, format!("{head}Ncat: Connection refused.\n")),
            Reached::Silence if state == 0 => return Answer::Wait { ms: Some(wait.unwrap_or(10_000)), state: 1 },
            Reached::Silence => Output::fail(1, format!("{head}Ncat: TIMEOUT.\n")),
            Reached::NoName => Output::fail(
                2,
                format!("Ncat: Could not resolve hostname \"{host}\": Name or service not known. QUITTING.\n"),
            ),
        };
        Answer::Done(done)
    }

    /// `mysql -h HOST -u USER -pPASSWORD -e QUERY`, `mysqladmin .. ping`
    pub(super) fn mysql(&mut self, words: &[String], state: u32) -> Answer {
        let admin = words.first().is_some_and(|name| name == "mysqladmin");
        let (mut host, mut user, mut password, mut query, mut port, mut limit, mut verb) =
            ("localhost".to_owned(), "root".to_owned(), None, None, 3306_u16, 10_000, None);
        let mut rest = words.iter().skip(1);
        while let Some(word) = rest.next() {
            let mut value = |start: &str| {
                if word == start {
                    rest.next().cloned()
                } else {
                    word.strip_prefix(start).map(|text| text.trim_start_matches('=').to_owned())
                }
            };
            match word.as_str() {
                "--ssl" | "--skip-ssl" | "-N" | "-s" | "--silent" => {}
                _ if word.starts_with("--connect-timeout") || word.starts_with("--connect_timeout") => {
                    limit = value("--connect-timeout")
                        .or_else(|| word.split_once('=').map(|(_, text)| text.to_owned()))
                        .and_then(|text| seconds(&text))
                        .unwrap_or(limit);
                }
                _ if word.starts_with("--host") => host = value("--host").unwrap_or_default(),
                _ if word.starts_with("--user") => user = value("--user").unwrap_or_default(),
                _ if word.starts_with("--password") => password = value("--password"),
                _ if word.starts_with("--") => {
                    return Answer::Done(Output::fail(127, not_simulated(&format!("{} {word}", words[0]))));
                }
                _ if word.starts_with("-h") => host = value("-h").unwrap_or_default(),
                _ if word.starts_with("-u") => user = value("-u").unwrap_or_default(),
                _ if word.starts_with("-P") => port = value("-P").and_then(|text| text.parse().ok()).unwrap_or(port),
                // The password follows without a blank.
                _ if word.starts_with("-p") && word.len() > 2 => password = Some(word[2..].to_owned()),
                _ if word.starts_with("-e") => query = value("-e"),
                _ if word.starts_with('-') => {
                    return Answer::Done(Output::fail(127, not_simulated(&format!("{} {word}", words[0]))));
                }
                other => verb = Some(other.to_owned()),
            }
        }
        let prefix = if admin {
            "mysqladmin: connect to server at '".to_owned() + &host + "' failed\nerror: '"
        } else {
            "ERROR ".to_owned()
        };
        let fail = |code: &str, text: String| {
            let message = if admin { format!("{prefix}{text}'\n") } else { format!("{prefix}{code}: {text}\n") };
            Answer::Done(Output::fail(1, message))
        };
        let peer = match self.reach(&host, port) {
            Reached::Open(peer) => peer,
            Reached::NoName => return fail("2005 (HY000)", format!("Unknown MySQL server host '{host}' (-2)")),
            Reached::Refused if host == "localhost" => {
                return fail(
                    "2002 (HY000)",
                    "Can't connect to local MySQL server through socket '/var/lib/mysql/mysql.sock' (2)".to_owned(),
                );
            }
            Reached::Refused => {
                return fail("2002 (HY000)", format!("Can't connect to MySQL server on '{host}' (111)"));
            }
            Reached::Silence if state == 0 => return Answer::Wait { ms: Some(limit), state: 1 },
            Reached::Silence => {
                return fail("2002 (HY000)", format!("Can't connect to MySQL server on '{host}' (110)"));
            }
        };
        let found = peer.host.as_ref().and_then(|host| self.home_of(host)?.database_of(host));
        let Some(database) = found else {
            return fail("2013 (HY000)", "Lost connection to MySQL server at 'handshake: reading initial communication packet', system error: 11".to_owned());
        };
        let accepted = password.as_ref().is_some_and(|password| database.accepts(&user, password));
        if admin {
            return match verb.as_deref() {
                // It answers even those whom it does not let in.
                Some("ping") => Answer::Done(Output::ok("mysqld is alive\n")),
                _ => Answer::Done(Output::fail(127, not_simulated("mysqladmin without ping"))),
            };
        }
        if !accepted {
            let own = peer.seen.map(|address| address.to_string()).unwrap_or_default();
            let with = if password.is_some() { "YES" } else { "NO" };
            return fail("1045 (28000)", format!("Access denied for user '{user}'@'{own}' (using password: {with})"));
        }
        let Some(query) = query else { return Answer::Done(Output::fail(127, not_simulated("mysql without -e"))) };
        let plain = query.trim().trim_end_matches(';').to_ascii_lowercase();
        let text = match plain.as_str() {
            "select 1" => "1\n1\n".to_owned(),
            "select version()" => format!("version()\n{}\n", database.engine_version),
            "status" | "select now()" => {
                return Answer::Done(Output::fail(127, not_simulated(&format!("the query {query}"))));
            }
            "show databases" => "Database\ninformation_schema\nmysql\nperformance_schema\nsys\n".to_owned(),
            _ => return Answer::Done(Output::fail(127, not_simulated(&format!("the query {query}")))),
        };
        Answer::Done(Output::ok(text))
    }

    /// `ab -n N -c C URL`: a few real requests show who answers and how; the rest is work for them.
    pub(super) fn ab(&mut self, words: &[String], state: u32) -> Answer {
        let (mut number, mut at_once, mut address) = (1_u32, 1_u32, None);
        let mut rest = words.iter().skip(1);
        while let Some(word) = rest.next() {
            match word.as_str() {
                "-n" => number = rest.next().and_then(|text| text.parse().ok()).unwrap_or(1),
                "-c" => at_once = rest.next().and_then(|text| text.parse().ok()).unwrap_or(1),
                "-k" | "-q" => {}
                option if option.starts_with('-') => {
                    return Answer::Done(Output::fail(127, not_simulated(&format!("ab {option}"))));
                }
                url => address = Url::parse(url),
            }
        }
        let Some(url) = address else { return Answer::Done(Output::fail(1, "ab: invalid URL\n")) };
        let peer = match self.reach(&url.host, url.port) {
            Reached::Open(peer) => peer,
            Reached::NoName => {
                return Answer::Done(Output::fail(
                    1,
                    format!("apr_sockaddr_info_get() for {}: Name or service not known (670002)\n", url.host),
                ));
            }
            Reached::Refused => {
                return Answer::Done(Output::fail(111, "apr_socket_recv: Connection refused (111)\n"));
            }
            Reached::Silence if state == 0 => return Answer::Wait { ms: Some(30_000), state: 1 },
            Reached::Silence => {
                return Answer::Done(Output::fail(70, "apr_pollset_poll: The timeout specified has expired (70007)\n"));
            }
        };
        let from = End::Host(self.instance.to_owned());
        let request = WebRequest { port: url.port, tls: url.tls, host: &url.host, path: &url.path, query: &url.query };
        let Some(host) = peer.host.filter(|host| self.is_of_this_region(host)) else {
            return Answer::Done(Output::fail(127, not_simulated(&format!("ab on {}", url.host))));
        };
        let mut servers: Vec<String> = Vec::new();
        let (mut good, mut bytes) = (0_u32, 0_usize);
        let probes = number.min(12);
        for _ in 0..probes {
            let (status, body, server) =
                match self.region.request_through(self.beyond.global, &from, peer.address, &request) {
                    Some(Delivered::Answer(answer)) => (answer.status, answer.body, answer.target),
                    Some(_) => return Answer::Done(Output::fail(127, not_simulated("ab with TLS"))),
                    None => match self.region.http_answer(&host, url.port, &url.path) {
                        HttpAnswer::Answer { status, body } => (status, body, Some(host.clone())),
                        HttpAnswer::Refused => {
                            return Answer::Done(Output::fail(127, not_simulated(&format!("ab on {}", url.host))));
                        }
                    },
                };
            good += u32::from(status < 300);
            bytes = body.len();
            if let Some(server) = server.filter(|server| !servers.contains(server)) {
                servers.push(server);
            }
        }
        // A page costs a server 4 ms of one processor.
        let cores = |bench: &Self, server: &str| {
            let kind = bench
                .region
                .instances
                .get(server)
                .and_then(|one| crate::practice::world::catalogue::instance_type(&one.instance_type));
            kind.map_or(1, |kind| kind.vcpus)
        };
        let able: u32 = servers.iter().map(|server| cores(self, server)).sum();
        let working = at_once.min(able).max(1);
        let took = (i64::from(number) * 4 / i64::from(working)).max(1);
        if state == 0 {
            let until = Some(self.region.now + took);
            for server in &servers {
                let share = f64::from(working) * f64::from(cores(self, server)) / f64::from(able.max(1));
                self.region.start_load(server, "web", share, until);
            }
            return Answer::Wait { ms: Some(took), state: 2 };
        }
        let failed = if good == probes { 0 } else { number / probes * (probes - good) };
        let seconds = took as f64 / 1000.0;
        Answer::Done(Output::ok(format!(
            "Server Hostname:        {}\nServer Port:            {}\n\nDocument Path:          {}\nDocument Length:        {bytes} bytes\n\nConcurrency Level:      {at_once}\nTime taken for tests:   {seconds:.3} seconds\nComplete requests:      {number}\nFailed requests:        0\nNon-2xx responses:      {failed}\nRequests per second:    {:.2} [#/sec] (mean)\n",
            url.host,
            url.port,
            url.path,
            f64::from(number) / seconds
        )))
    }
}

/// A token of IMDSv2: it says itself until when it is good.
fn token(instance: &str, until: i64) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(format!("{instance}/{until}"));
    let mark: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    format!("AQAEA{until:016x}{mark}==")
}

fn valid_until(token: &str) -> Option<i64> {
    i64::from_str_radix(token.strip_prefix("AQAEA")?.get(..16)?, 16).ok()
}

/// What `-w FORMAT` writes.
fn written(form: &str, status: u16, size: usize, address: Option<Ipv4Addr>) -> String {
    let address = address.map(|address| address.to_string()).unwrap_or_default();
    form.replace("\\n", "\n")
        .replace("%{http_code}", &format!("{status:03}"))
        .replace("%{response_code}", &format!("{status:03}"))
        .replace("%{size_download}", &size.to_string())
        .replace("%{remote_ip}", &address)
}

fn phrase(status: u16) -> &'static str {
    http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Url;

    #[test]
    fn addresses_of_pages() {
        let parts = |text: &str| {
            let scheme = |url: &Url| if url.tls { "https" } else { "http" };
            Url::parse(text).map(|url| (format!("{}://{}:{}{}", scheme(&url), url.host, url.port, url.path), url.query))
        };
        assert_eq!(parts("localhost"), Some(("http://localhost:80/".into(), String::new())));
        assert_eq!(parts("http://a.b:8080/c/d?e=f"), Some(("http://a.b:8080/c/d".into(), "e=f".into())));
        assert_eq!(parts("https://a?x"), Some(("https://a:443/".into(), "x".into())));
        assert_eq!(parts("ftp://a"), None);
        assert_eq!(parts("http://:80/"), None);
    }
}
