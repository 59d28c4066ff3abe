//! A request through a load balancer: the client's way to a node, the listener's rules, a target, its answer.

use std::net::Ipv4Addr;

use super::{Action, Condition, Health, Listener, Redirect, Rule};
use crate::practice::world::host::HttpAnswer;
use crate::practice::world::load::Traffic;
use crate::practice::world::watch::Handled;
use crate::practice::world::{Global, Region};
use crate::reach::{End, Packet, Protocol, Trace, trace};

/// How long a small page takes its machine: seconds of one processor.
const PAGE_SECONDS: f64 = 0.01;
/// Bytes of a request, or of an answer without its page.
const HEADERS: u64 = 400;

/// An answer, and the target group whose turn it was.
struct Handling {
    answer: WebAnswer,
    group: Option<String>,
}

/// An HTTP request (GET) as a client sends it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebRequest<'a> {
    /// The port it connects to.
    pub port: u16,
    /// HTTPS.
    pub tls: bool,
    /// The Host header without a port.
    pub host: &'a str,
    /// `/index.php`, without the query.
    pub path: &'a str,
    /// What follows `?`; empty when there is none.
    pub query: &'a str,
}

/// What the client gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebAnswer {
    /// 200, 301, 404, 502, 503, 504.
    pub status: u16,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// `text/html`
    pub content_type: String,
    /// The page.
    pub body: String,
    /// The instance that answered; none: the load balancer itself.
    pub target: Option<String>,
}

/// What becomes of a request to a load balancer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivered {
    /// No node is reached, or none listens on the port: the way says why ([`Trace::refused`], or silence).
    Lost(Box<Trace>),
    /// HTTPS on a port that speaks HTTP.
    NoTls,
    /// An answer.
    Answer(WebAnswer),
}

impl Region {
    /// Sends a request to a load balancer by its DNS name: to one of its nodes, in turn. None: no load balancer has the name.
    pub fn request_by_name(
        &mut self,
        global: &Global,
        from: &End,
        dns_name: &str,
        request: &WebRequest<'_>,
    ) -> Option<Delivered> {
        let addresses = self.balancer_addresses(dns_name)?;
        let arn = self.balancer_named(dns_name)?.arn.clone();
        let balancer = self.balancing.balancers.get_mut(&arn)?;
        let turn = usize::try_from(balancer.turns).unwrap_or_default();
        balancer.turns += 1;
        let address = *addresses.get(turn % addresses.len().max(1))?;
        self.request_through(global, from, address, request)
    }

    /// Sends a request to the node of a load balancer that has this address. None: no node that the sender can name so has it.
    pub fn request_through(
        &mut self,
        global: &Global,
        from: &End,
        address: Ipv4Addr,
        request: &WebRequest<'_>,
    ) -> Option<Delivered> {
        let vpc = match from {
            End::Host(id) => self.instances.get(id).map(|instance| instance.vpc.clone()),
            End::Outside(_) | End::Address(_) => None,
        };
        let (arn, node) = self.balancer_at(address, vpc.as_deref())?;
        let (arn, node) = (arn.to_owned(), node.to_owned());
        let packet =
            Packet { from: from.clone(), to: End::Address(address), protocol: Protocol::Tcp, port: request.port };
        let way = trace(&self.network(global), &packet);
        if !way.answered() {
            return Some(Delivered::Lost(Box::new(way)));
        }
        let listener =
            self.balancing.listeners.values().find(|one| one.balancer == arn && one.port == request.port)?.clone();
        let answer = match (&listener.tls, request.tls) {
            (None, true) => return Some(Delivered::NoTls),
            (Some(_), false) => {
                Handling { answer: own(400, "The plain HTTP request was sent to HTTPS port"), group: None }
            }
            _ => self.answer(global, &node, &listener, request),
        };
        Some(Delivered::Answer(self.note_request(&arn, answer)))
    }

    /// Writes down for the metrics what became of a request, and what it cost the machine that answered.
    fn note_request(&mut self, balancer: &str, Handling { answer, group }: Handling) -> WebAnswer {
        let label = self.balancing.balancers.get(balancer).map(|one| one.label().to_owned()).unwrap_or_default();
        let group = group.and_then(|arn| self.balancing.target_groups.get(&arn)).map(|one| one.label().to_owned());
        let sent = u64::try_from(answer.body.len()).unwrap_or_default() + HEADERS;
        self.record_request(&Handled {
            balancer: &label,
            target_group: group.as_deref(),
            status: answer.status,
            by_target: answer.target.is_some(),
            connection_error: answer.target.is_none() && matches!(answer.status, 502 | 504),
            seconds: PAGE_SECONDS,
            bytes: HEADERS + sent,
        });
        if let Some(instance) = &answer.target {
            self.count_traffic(instance, Traffic { cpu: PAGE_SECONDS, received: HEADERS, sent });
        }
        answer
    }

    fn answer(&mut self, global: &Global, node: &str, listener: &Listener, request: &WebRequest<'_>) -> Handling {
        let mut group = None;
        let answer = match listener
            .rules
            .values()
            .find(|rule| takes(rule, request))
            .map_or(&listener.default, |rule| &rule.action)
        {
            Action::Fixed { status, content_type, body } => WebAnswer {
                status: *status,
                location: None,
                content_type: content_type.clone().unwrap_or_else(|| "text/plain".to_owned()),
                body: body.clone().unwrap_or_default(),
                target: None,
            },
            Action::Redirect(redirect) => {
                let (status, phrase) = if redirect.permanent { (301, "Moved Permanently") } else { (302, "Found") };
                WebAnswer { location: Some(location(redirect, listener, request)), ..own(status, phrase) }
            }
            Action::Forward { groups, .. } => match self.choose(groups) {
                Some((arn, (instance, port))) => {
                    group = Some(arn);
                    self.ask(global, node, &instance, port, request.path)
                }
                None => own(503, "Service Temporarily Unavailable"),
            },
        };
        Handling { answer, group }
    }

    /// The target whose turn it is: among the healthy ones; if there are none among all that could be (the load balancer fails open).
    fn choose(&mut self, groups: &[(String, u32)]) -> Option<(String, (String, u16))> {
        let total: u64 = groups.iter().map(|(_, weight)| u64::from(*weight)).sum();
        if total == 0 {
            return None;
        }
        let sent: u64 =
            groups.iter().filter_map(|(arn, _)| self.balancing.target_groups.get(arn)).map(|group| group.turns).sum();
        let mut left = sent % total;
        let (arn, _) = groups.iter().find(|(_, weight)| {
            let here = left < u64::from(*weight);
            left = left.saturating_sub(u64::from(*weight));
            here
        })?;
        let group = self.balancing.target_groups.get_mut(arn)?;
        let turn = usize::try_from(group.turns).unwrap_or_default();
        group.turns += 1;
        let with = |fits: fn(&Health) -> bool| -> Vec<&(String, u16)> {
            group.targets.iter().filter(|(_, target)| fits(&target.health)).map(|(key, _)| key).collect()
        };
        let mut able = with(|health| *health == Health::Healthy);
        if able.is_empty() {
            able = with(|health| matches!(health, Health::Initial | Health::Unhealthy(_)));
        }
        able.get(turn % able.len().max(1)).map(|key| (arn.clone(), (*key).clone()))
    }

    fn ask(&self, global: &Global, node: &str, instance: &str, port: u16, path: &str) -> WebAnswer {
        let (from, to) = (End::Host(node.to_owned()), End::Host(instance.to_owned()));
        let vpc = self.instances.get(instance).map(|found| found.vpc.as_str()).unwrap_or_default();
        let way = trace(&self.network_of_vpc(global, vpc), &Packet { from, to, protocol: Protocol::Tcp, port });
        if way.refused() {
            return own(502, "Bad Gateway");
        }
        if !way.answered() {
            return own(504, "Gateway Time-out");
        }
        match self.http_answer(instance, port, path) {
            HttpAnswer::Refused => own(502, "Bad Gateway"),
            HttpAnswer::Answer { status, body } => WebAnswer {
                status,
                location: None,
                content_type: "text/html; charset=UTF-8".to_owned(),
                body,
                target: Some(instance.to_owned()),
            },
        }
    }
}

/// A page of the load balancer's own.
fn own(status: u16, phrase: &str) -> WebAnswer {
    let title = format!("{status} {phrase}");
    let body = format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    );
    WebAnswer { status, location: None, content_type: "text/html".to_owned(), body, target: None }
}

fn takes(rule: &Rule, request: &WebRequest<'_>) -> bool {
    rule.conditions.iter().all(|condition| match condition {
        Condition::Host(patterns) => {
            let host = request.host.to_ascii_lowercase();
            patterns.iter().any(|pattern| matches(pattern.to_ascii_lowercase().as_bytes(), host.as_bytes()))
        }
        Condition::Path(patterns) => {
            patterns.iter().any(|pattern| matches(pattern.as_bytes(), request.path.as_bytes()))
        }
    })
}

/// `*` is any number of characters, `?` exactly one.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut in_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_text < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, in_text));
                at += 1;
            }
            Some(c) if *c == b'?' || Some(c) == text.get(in_text) => {
                at += 1;
                in_text += 1;
            }
            _ => match star {
                // The last star takes one character more.
                Some((back, taken)) => {
                    star = Some((back, taken + 1));
                    at = back + 1;
                    in_text = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern.iter().skip(at).all(|c| *c == b'*')
}

fn location(redirect: &Redirect, listener: &Listener, request: &WebRequest<'_>) -> String {
    let own = if listener.tls.is_some() { "HTTPS" } else { "HTTP" };
    let fill = |text: &str| {
        text.replace("#{protocol}", own)
            .replace("#{host}", request.host)
            .replace("#{port}", &request.port.to_string())
            .replace("#{path}", request.path.trim_start_matches('/'))
            .replace("#{query}", request.query)
    };
    let protocol = fill(&redirect.protocol).to_ascii_lowercase();
    let query = fill(&redirect.query);
    let mark = if query.is_empty() { "" } else { "?" };
    format!("{protocol}://{}:{}{}{mark}{query}", fill(&redirect.host), fill(&redirect.port), fill(&redirect.path))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards() {
        for (pattern, text, fits) in [
            ("/img/*", "/img/a/b.png", true),
            ("/img/*", "/img", false),
            ("*.example.com", "a.b.example.com", true),
            ("*.example.com", "example.com", false),
            ("/a?c", "/abc", true),
            ("/a?c", "/ac", false),
            ("*", "", true),
            ("/*/x*y", "/1/xaxby", true),
            ("/*/x*y", "/1/xaxbz", false),
        ] {
            assert_eq!(matches(pattern.as_bytes(), text.as_bytes()), fits, "{pattern} {text}");
        }
    }
}
