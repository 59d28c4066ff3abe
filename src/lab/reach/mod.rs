//! The way of a packet between the course's resources, in words.
//!
//! Promises: the same computation for a named condition and for the picture of the way ([`way`]); every stop is told
//! with the rule, route or state that decided and with its mend, in both languages.
//! Leaves to others: the computation itself ([`crate::reach`]), observing (`cloud`).

mod network;
mod text;

#[cfg(test)]
mod tests;

use std::net::Ipv4Addr;

use crate::course::model::{Key, Reach, Role, Value};
use crate::i18n::Text;
use crate::reach::{Decision, Direction, End, Host, Network, Packet, Pass, PortRange, Protocol, Stop, Trace, trace};

use super::check::Verdict;
use super::facts::Facts;
use super::world::{Health, Observed, World};

pub use crate::reach::Leg;
pub use network::network;
pub use text::{hop_text, mend_text, stop_text};

/// An address of the internet that is nobody's (TEST-NET-2): stands for "anywhere" and for a web server.
const SOMEWHERE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 80);

/// Stands for the public address of a load balancer's node.
const NODE: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 81);

/// One line of a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The packet or its reply.
    pub leg: Leg,
    /// Whether it goes on from here.
    pub passes: bool,
    /// The source address here.
    pub from: Ipv4Addr,
    /// The destination address here.
    pub to: Ipv4Addr,
    /// What was decided.
    pub text: Text,
}

/// A way with everything that is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// Whether the packet arrived and its reply came back.
    pub answered: bool,
    /// The address that the destination saw.
    pub seen_as: Option<Ipv4Addr>,
    /// Hop by hop. Empty when an end of the way does not exist.
    pub lines: Vec<Line>,
    /// Against what the condition wants.
    pub verdict: Verdict,
}

/// Judges a named condition; for [`crate::lab::check::check`].
pub fn judge(world: &World, facts: &Facts, reach: &Reach) -> Verdict {
    way(world, facts, reach).verdict
}

/// Computes a way and says what happens on it.
pub fn way(world: &World, facts: &Facts, reach: &Reach) -> Way {
    let lost = |why: Text, pending: bool| Way {
        answered: false,
        seen_as: None,
        lines: Vec::new(),
        verdict: Verdict { ok: false, pending, decided: false, why: sentence(&why) },
    };
    let Some(protocol) = Protocol::parse(&reach.protocol) else {
        let word = &reach.protocol;
        return lost(Text::new(format!("알 수 없는 프로토콜 {word}"), format!("unknown protocol {word}")), false);
    };
    let (from, to) = match (end(world, facts, &reach.from), end(world, facts, &reach.to)) {
        (Ok(from), Ok(to)) => (from, to),
        (Err(why), _) | (_, Err(why)) => return lost(why, false),
    };
    let net = network(world);
    let trace = trace(&net, &Packet { from, to, protocol, port: reach.port });
    let mut verdict = verdict(world, &net, reach, &trace);
    verdict.why = sentence(&verdict.why);
    let lines = trace
        .hops()
        .map(|(leg, hop)| Line {
            leg,
            passes: matches!(hop.decision, Decision::Pass(_)),
            from: hop.from,
            to: hop.to,
            text: hop_text(world, &net, hop),
        })
        .collect();
    Way { answered: trace.answered(), seen_as: trace.seen_as(), lines, verdict }
}

/// As a sentence of its own: it stands between the sentences of a condition's texts.
fn sentence(text: &Text) -> Text {
    let mut letters = text.en.chars();
    let head = letters.next().map(|c| c.to_ascii_uppercase());
    Text::new(format!("{}.", text.ko), format!("{}{}.", head.map(String::from).unwrap_or_default(), letters.as_str()))
}

/// An end of the way: `me`, `internet`, or an instance of the course.
fn end(world: &World, facts: &Facts, name: &str) -> Result<End, Text> {
    match name {
        "me" => facts.my_ip.as_deref().and_then(|ip| ip.parse().ok()).map(End::Outside).ok_or_else(|| {
            Text::new(
                "내 퍼블릭 IP 주소를 알 수 없습니다. --my-ip 옵션으로 알려 주세요",
                "your public IP address is not known; give it with --my-ip",
            )
        }),
        "internet" => Ok(End::Outside(SOMEWHERE)),
        _ => match instance(world, name) {
            Some(observed) => Ok(End::Host(observed.id.clone())),
            None => Err(Text::new(
                format!("{name} 인스턴스가 없습니다. 그 인스턴스를 만드는 단계를 먼저 마치세요"),
                format!("there is no instance {name}; finish the step that makes it first"),
            )),
        },
    }
}

/// A live instance or database by its course name, in either region.
fn instance<'a>(world: &'a World, name: &str) -> Option<&'a Observed> {
    [Role::Home, Role::Peer]
        .into_iter()
        .flat_map(|role| ["instance", "db-instance"].map(|kind| (kind, role)))
        .find_map(|(kind, role)| world.get(&Key { kind: kind.into(), name: name.to_owned(), role }))
        .filter(|observed| observed.health != Health::Deleting)
}

fn verdict(world: &World, net: &Network, reach: &Reach, trace: &Trace) -> Verdict {
    let stopped = trace.stopped();
    let pending = stopped.is_some_and(|(_, stop)| passes_by_itself(world, stop));
    let told = |leg: Leg, stop: &Stop| {
        let (what, mend) = (stop_text(world, net, stop), mend_text(world, stop));
        let reply = leg == Leg::Reply;
        Text::new(
            format!("{}{}. {}", if reply { "응답이 돌아오지 못합니다: " } else { "" }, what.ko, mend.ko),
            format!("{}{}. {}", if reply { "the reply does not get back: " } else { "" }, what.en, mend.en),
        )
    };
    match (reach.arrives, stopped) {
        (true, Some((leg, stop))) => Verdict { ok: false, pending, decided: true, why: told(leg, stop) },
        (true, None) => leaves_by(world, reach, trace),
        // A host that is not there refuses nothing: only a decision of the network counts.
        (false, Some((_, stop @ (Stop::HostDown { .. } | Stop::NoHost { .. } | Stop::Refused { .. })))) => {
            Verdict { ok: false, pending, decided: false, why: stop_text(world, net, stop) }
        }
        (false, Some((_, stop))) => {
            Verdict { ok: true, pending: false, decided: true, why: stop_text(world, net, stop) }
        }
        (false, None) => Verdict { ok: false, pending: false, decided: true, why: let_in(world, trace) },
    }
}

/// What stops a packet from the learner's computer to a load balancer, and the mend: sentences without full stops.
/// Nothing when nothing that was observed does.
pub fn to_balancer(world: &World, facts: &Facts, balancer: &Observed, port: u16) -> Option<(Text, Text)> {
    let from = end(world, facts, "me").ok()?;
    let net = network(world);
    let texts = |field: &str| {
        let items = balancer.fields.get(field).map(Value::items).unwrap_or_default();
        items.iter().filter_map(Value::as_text).map(str::to_owned).collect::<Vec<String>>()
    };
    texts("subnets").into_iter().find_map(|subnet| {
        let mut net = net.clone();
        let private_ip = net.subnets.get(&subnet)?.cidr.hosts().last()?;
        let node = Host {
            subnet,
            private_ip,
            public_ip: Some(NODE),
            groups: texts("groups"),
            state: "running".to_owned(),
            listens: None,
            ephemeral: PortRange::LINUX,
        };
        net.hosts.insert(balancer.id.clone(), node);
        let to = End::Host(balancer.id.clone());
        let trace = trace(&net, &Packet { from: from.clone(), to, protocol: Protocol::Tcp, port });
        let (_, stop) = trace.stopped()?;
        Some((stop_text(world, &net, stop), mend_text(world, stop)))
    })
}

/// It arrived; when the condition names an elastic IP, that must be the address that was seen.
fn leaves_by(world: &World, reach: &Reach, trace: &Trace) -> Verdict {
    let seen = trace.seen_as().map(|ip| ip.to_string()).unwrap_or_default();
    let Some(name) = &reach.via else {
        let why = Text::new(format!("{seen} 주소로 도착했습니다"), format!("it arrives as {seen}"));
        return Verdict { ok: true, pending: false, decided: true, why };
    };
    let address = world.get(&Key::home("elastic-ip", name)).and_then(|eip| eip.text("public_ip"));
    let owner = world.found().find(|o| o.key.kind == "elastic-ip" && o.text("public_ip") == Some(seen.as_str()));
    let seen = match owner {
        Some(owner) => format!("{seen} ({})", owner.key.name),
        None => seen,
    };
    match address {
        Some(address) if trace.seen_as().is_some_and(|ip| ip.to_string() == address) => {
            let why = Text::new(
                format!("{seen} 주소로 나가서 응답을 받았습니다"),
                format!("it leaves as {seen} and is answered"),
            );
            Verdict { ok: true, pending: false, decided: true, why }
        }
        Some(address) => Verdict {
            ok: false,
            pending: false,
            decided: true,
            why: Text::new(
                format!("{seen} 주소로 나갑니다. {name} ({address}) 주소로 나가야 합니다"),
                format!("it leaves as {seen}, and should leave as {name} ({address})"),
            ),
        },
        None => Verdict {
            ok: false,
            pending: false,
            decided: true,
            why: Text::new(format!("{name} 탄력적 IP가 없습니다"), format!("there is no Elastic IP {name}")),
        },
    }
}

/// It should have been stopped: the last rule that could have.
fn let_in(world: &World, trace: &Trace) -> Text {
    let rule = trace.packet.iter().rev().find_map(|hop| match &hop.decision {
        Decision::Pass(Pass::Group { direction: Direction::In, group, rule, .. }) => Some((group, rule)),
        _ => None,
    });
    match rule {
        Some((group, rule)) => {
            let (group, rule) = (world.name_of(group), text::rule_text(world, rule));
            Text::new(
                format!(
                    "{group} 보안 그룹의 인바운드 규칙 [{}] 때문에 들어갑니다. 그 규칙을 지우거나 좁히세요",
                    rule.ko
                ),
                format!(
                    "it gets in by the inbound rule [{}] of security group {group}; remove or narrow that rule",
                    rule.en
                ),
            )
        }
        None => Text::new("도착합니다. 막는 규칙이 없습니다", "it arrives; nothing stops it"),
    }
}

/// Whether waiting is enough: the host is starting, the NAT gateway is being made.
fn passes_by_itself(world: &World, stop: &Stop) -> bool {
    let id = match stop {
        Stop::HostDown { host, .. } => host,
        Stop::NatNotAvailable { gateway, .. } => gateway,
        // An open request is for somebody to accept; the rest of its way it goes by itself.
        Stop::PeeringNotActive { peering } => {
            return world.by_id(peering).is_some_and(|observed| observed.state == "provisioning");
        }
        _ => return false,
    };
    world.by_id(id).is_some_and(|observed| observed.health == Health::Pending)
}
