//! A small network in which a network ACL and a security group can be edited, and the packets that go through it.
//!
//! Promises: what happens to a packet is worked out by [`crate::reach`], the same computation as in the practice cloud and in
//! checks; rules are read from one line of text each. Leaves to others: the words for a hop (`lab::reach`).

use std::net::Ipv4Addr;
use std::ops::Range;

use ipnet::Ipv4Net;

use crate::i18n::Text;
use crate::lab::reach::{hop_text, mend_text};
use crate::lab::world::World;
use crate::reach::{
    Acl, AclRule, Decision, Direction, End, Hop, Host, InternetGateway, Leg, Network, Packet, Pass, Peer, PortRange,
    Protocol, Route, RouteTable, Rule, SecurityGroup, Stop, Subnet, Target, Trace, Vpc, trace,
};

use super::Fault;
use super::cidr::Block;

/// The network ACL that is edited.
pub const ACL: &str = "my-nacl";
/// The security group that is edited.
pub const GROUP: &str = "web-sg";
/// The learner's computer.
pub const CLIENT: Ipv4Addr = Ipv4Addr::new(198, 51, 100, 7);
/// A server on the internet from which the web server fetches packages.
pub const MIRROR: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 200);
/// The web server's Elastic IP.
pub const WEB: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 80);

/// A packet that can be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trip {
    /// The learner's computer asks the web server, by HTTP.
    Http,
    /// The same by HTTPS.
    Https,
    /// The learner's computer opens SSH.
    Ssh,
    /// The web server fetches packages from the internet.
    Update,
    /// The web server asks the application in another subnet.
    App,
}

impl Trip {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Http, Self::Https, Self::Ssh, Self::Update, Self::App];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
            Self::Ssh => "ssh",
            Self::Update => "update",
            Self::App => "app",
        }
    }

    /// By its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|trip| trip.name() == name)
    }

    /// In words, Korean and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Http => ("내 컴퓨터 > web 80번 포트", "my computer > web, port 80"),
            Self::Https => ("내 컴퓨터 > web 443번 포트", "my computer > web, port 443"),
            Self::Ssh => ("내 컴퓨터 > web 22번 포트", "my computer > web, port 22"),
            Self::Update => ("web > 인터넷 443번 포트 (패키지)", "web > internet, port 443 (packages)"),
            Self::App => ("web > app 8080번 포트 (다른 서브넷)", "web > app, port 8080 (another subnet)"),
        }
    }

    fn packet(self) -> Packet {
        let host = |name: &str| End::Host(name.to_owned());
        let (from, to, port) = match self {
            Self::Http => (End::Outside(CLIENT), host("web"), 80),
            Self::Https => (End::Outside(CLIENT), host("web"), 443),
            Self::Ssh => (End::Outside(CLIENT), host("web"), 22),
            Self::Update => (host("web"), End::Outside(MIRROR), 443),
            Self::App => (host("web"), host("app"), 8080),
        };
        Packet { from, to, protocol: Protocol::Tcp, port }
    }
}

/// The four lists of rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum List {
    /// The network ACL, into the subnet.
    AclIn,
    /// The network ACL, out of the subnet.
    AclOut,
    /// The security group, into the instance.
    GroupIn,
    /// The security group, out of the instance.
    GroupOut,
}

impl List {
    /// All of them, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::AclIn, Self::AclOut, Self::GroupIn, Self::GroupOut];

    /// Whether it is one of the network ACL's.
    pub const fn is_acl(self) -> bool {
        matches!(self, Self::AclIn | Self::AclOut)
    }
}

/// The rules that can be edited, and the packet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Play {
    /// The network ACL of the web server's subnet.
    pub acl: Acl,
    /// The web server's security group.
    pub group: SecurityGroup,
    /// What is sent.
    pub trip: Trip,
}

/// Settings to begin with, each with something to learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Example {
    /// The ACL lets port 80 out instead of the ephemeral ports.
    NoWayBack,
    /// A new security group lets nothing in.
    NewGroup,
    /// Everything as it should be.
    Right,
    /// A lower number denies what a higher one allows.
    DenyFirst,
    /// The server itself asks: the group lets the answer in by itself, the ACL does not.
    Outbound,
}

impl Example {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::NoWayBack, Self::NewGroup, Self::Right, Self::DenyFirst, Self::Outbound];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoWayBack => "no-way-back",
            Self::NewGroup => "new-group",
            Self::Right => "right",
            Self::DenyFirst => "deny-first",
            Self::Outbound => "outbound",
        }
    }

    /// By its name.
    pub fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|example| example.name() == name)
    }

    /// In words, Korean and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NoWayBack => ("응답이 못 나가는 NACL", "an ACL without a way back"),
            Self::NewGroup => ("새 보안 그룹", "a new security group"),
            Self::Right => ("제대로 된 규칙", "rules as they should be"),
            Self::DenyFirst => ("작은 번호의 거부", "a deny with a lower number"),
            Self::Outbound => ("안에서 시작한 연결", "a connection from inside"),
        }
    }

    /// The rules and the packet.
    pub fn play(self) -> Play {
        let acl = |number, allow, ports: Option<PortRange>, cidr| AclRule {
            number,
            allow,
            protocol: ports.map(|_| Protocol::Tcp),
            ports,
            cidr,
        };
        let port = |port| Some(PortRange::one(port));
        let rule = |ports: Option<PortRange>| Rule {
            protocol: ports.map(|_| Protocol::Tcp),
            ports,
            peer: Peer::Cidr(anywhere()),
        };
        let ephemeral = Some(PortRange::ANY_EPHEMERAL);
        let web = SecurityGroup { ingress: vec![rule(port(80))], egress: vec![rule(None)] };
        let open = |ports| vec![acl(100, true, ports, anywhere())];
        let play = |ingress, egress, group, trip| Play { acl: Acl { ingress, egress }, group, trip };
        match self {
            Self::NoWayBack => play(open(port(80)), open(port(80)), web, Trip::Http),
            Self::NewGroup => {
                let group = SecurityGroup { ingress: Vec::new(), egress: vec![rule(None)] };
                play(open(None), open(None), group, Trip::Http)
            }
            Self::Right => play(open(port(80)), open(ephemeral), web, Trip::Http),
            Self::DenyFirst => {
                let mut ingress = open(port(80));
                ingress.insert(0, acl(90, false, port(80), host(CLIENT)));
                play(ingress, open(ephemeral), web, Trip::Http)
            }
            Self::Outbound => play(open(port(80)), open(None), web, Trip::Update),
        }
    }
}

/// `0.0.0.0/0`.
pub const fn anywhere() -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::UNSPECIFIED, 0)
}

/// One address as a block.
pub const fn host(address: Ipv4Addr) -> Ipv4Net {
    Ipv4Net::new_assert(address, 32)
}

/// A rule that decided about the packet or its reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decided {
    /// Of which list.
    pub list: List,
    /// Which rule of it; `None` is the last, which denies the rest.
    pub rule: Option<usize>,
    /// About which of the two.
    pub leg: Leg,
    /// Whether it let it through.
    pub passes: bool,
}

/// One hop in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The packet or its reply.
    pub leg: Leg,
    /// Whether it goes on.
    pub passes: bool,
    /// What was decided.
    pub text: Text,
}

impl Play {
    /// The network with these rules.
    pub fn network(&self) -> Network {
        let mut net = Network::default();
        let block = |a, b, c, d, prefix| Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix);
        let vpc = "my-vpc".to_owned();
        let route = |target| Route { destination: anywhere(), target, blackhole: false };
        let gateway = Target::InternetGateway("my-igw".to_owned());
        let subnet =
            |cidr, table: &str, acl| Subnet { vpc: "my-vpc".to_owned(), cidr, table: Some(table.to_owned()), acl };
        let host = |subnet: &str, private_ip, public_ip, group: &str| Host {
            subnet: subnet.to_owned(),
            private_ip,
            public_ip,
            groups: vec![group.to_owned()],
            state: "running".to_owned(),
            listens: None,
            ephemeral: PortRange::LINUX,
        };
        net.vpcs.insert(vpc.clone(), Vpc { cidrs: vec![block(10, 1, 0, 0, 16)], main_table: None });
        net.internet_gateways.insert("my-igw".to_owned(), InternetGateway { vpc: Some(vpc.clone()) });
        net.tables.insert("my-public-route".to_owned(), RouteTable { vpc: vpc.clone(), routes: vec![route(gateway)] });
        net.tables.insert("my-private-route".to_owned(), RouteTable { vpc, routes: Vec::new() });
        let public = subnet(block(10, 1, 1, 0, 24), "my-public-route", Some(ACL.to_owned()));
        net.subnets.insert("my-public-subnet-a".to_owned(), public);
        let private = subnet(block(10, 1, 11, 0, 24), "my-private-route", None);
        net.subnets.insert("my-private-subnet-app-a".to_owned(), private);
        net.acls.insert(ACL.to_owned(), self.acl.clone());
        net.groups.insert(GROUP.to_owned(), self.group.clone());
        let all = Rule { protocol: None, ports: None, peer: Peer::Cidr(anywhere()) };
        let app = Rule {
            protocol: Some(Protocol::Tcp),
            ports: Some(PortRange::one(8080)),
            peer: Peer::Group(GROUP.to_owned()),
        };
        net.groups.insert("app-sg".to_owned(), SecurityGroup { ingress: vec![app], egress: vec![all] });
        let web = host("my-public-subnet-a", Ipv4Addr::new(10, 1, 1, 10), Some(WEB), GROUP);
        net.hosts.insert("web".to_owned(), web);
        let app = host("my-private-subnet-app-a", Ipv4Addr::new(10, 1, 11, 10), None, "app-sg");
        net.hosts.insert("app".to_owned(), app);
        net
    }

    /// What happens to the packet and its reply.
    pub fn trace(&self) -> Trace {
        trace(&self.network(), &self.trip.packet())
    }

    /// The hops in words, in order.
    pub fn told(&self) -> Vec<Told> {
        let (world, net) = (World::default(), self.network());
        self.trace()
            .hops()
            .map(|(leg, hop)| Told {
                leg,
                passes: matches!(hop.decision, Decision::Pass(_)),
                text: hop_text(&world, &net, hop),
            })
            .collect()
    }

    /// How to mend what stopped it.
    pub fn mend(&self) -> Option<Text> {
        self.trace().stopped().map(|(_, stop)| mend_text(&World::default(), stop))
    }

    /// The rules of the lists that decided.
    pub fn decided(&self) -> Vec<Decided> {
        self.trace().hops().filter_map(|(leg, hop)| self.decision(leg, hop)).collect()
    }

    fn decision(&self, leg: Leg, hop: &Hop) -> Option<Decided> {
        let acl = |direction, number: Option<u16>, passes| {
            let (list, rules) = match direction {
                Direction::In => (List::AclIn, &self.acl.ingress),
                Direction::Out => (List::AclOut, &self.acl.egress),
            };
            let rule = number.and_then(|number| rules.iter().position(|rule| rule.number == number));
            Decided { list, rule, leg, passes }
        };
        let group = |direction, rule: Option<&Rule>| {
            let (list, rules) = match direction {
                Direction::In => (List::GroupIn, &self.group.ingress),
                Direction::Out => (List::GroupOut, &self.group.egress),
            };
            let at = rule.and_then(|rule| rules.iter().position(|other| other == rule));
            Decided { list, rule: at, leg, passes: rule.is_some() }
        };
        match &hop.decision {
            Decision::Pass(Pass::Acl { direction, acl: Some(id), rule, .. }) if id == ACL => {
                Some(acl(*direction, Some(*rule), true))
            }
            Decision::Stop(Stop::Acl { direction, acl: id, rule, .. }) if id == ACL => {
                Some(acl(*direction, *rule, false))
            }
            Decision::Pass(Pass::Group { direction, group: id, rule, .. }) if id == GROUP => {
                Some(group(*direction, Some(rule)))
            }
            Decision::Stop(Stop::Group { direction, host, .. }) if host == "web" => Some(group(*direction, None)),
            _ => None,
        }
    }

    /// How many rules a list has, without the last that denies the rest.
    pub fn length(&self, list: List) -> usize {
        match list {
            List::AclIn => self.acl.ingress.len(),
            List::AclOut => self.acl.egress.len(),
            List::GroupIn => self.group.ingress.len(),
            List::GroupOut => self.group.egress.len(),
        }
    }

    /// The rules of an ACL's direction; `None` for the group's.
    pub const fn acl_rules(&mut self, list: List) -> Option<&mut Vec<AclRule>> {
        match list {
            List::AclIn => Some(&mut self.acl.ingress),
            List::AclOut => Some(&mut self.acl.egress),
            List::GroupIn | List::GroupOut => None,
        }
    }

    /// The rules of the group's direction; `None` for the ACL's.
    pub const fn group_rules(&mut self, list: List) -> Option<&mut Vec<Rule>> {
        match list {
            List::GroupIn => Some(&mut self.group.ingress),
            List::GroupOut => Some(&mut self.group.egress),
            List::AclIn | List::AclOut => None,
        }
    }

    /// A rule as it is written.
    pub fn written(&self, list: List, at: usize) -> Option<String> {
        match list {
            List::AclIn => self.acl.ingress.get(at).map(write_acl),
            List::AclOut => self.acl.egress.get(at).map(write_acl),
            List::GroupIn => self.group.ingress.get(at).map(write_rule),
            List::GroupOut => self.group.egress.get(at).map(write_rule),
        }
    }

    /// Puts a rule that was typed in the place of another, or adds it. ACL rules stay in the order of their numbers.
    ///
    /// # Errors
    /// It cannot be read, or another rule has its number.
    pub fn put(&mut self, list: List, at: Option<usize>, text: &str) -> Result<(), Fault> {
        if let Some(rules) = self.acl_rules(list) {
            let rule = parse_acl(text)?;
            let taken = rules.iter().enumerate().any(|(other, known)| Some(other) != at && known.number == rule.number);
            if taken {
                let number = rule.number.to_string();
                return Err(Fault::new(
                    text,
                    0..number.len(),
                    format!("규칙 {number}번이 이미 있습니다"),
                    format!("There is a rule {number} already"),
                )
                .mend("다른 번호를 쓰세요. 작은 번호부터 봅니다", "Use another number; lower ones are asked first"));
            }
            match at.and_then(|at| rules.get_mut(at)) {
                Some(slot) => *slot = rule,
                None => rules.push(rule),
            }
            rules.sort_by_key(|rule| rule.number);
        } else if let Some(rules) = self.group_rules(list) {
            let rule = parse_rule(text)?;
            match at.and_then(|at| rules.get_mut(at)) {
                Some(slot) => *slot = rule,
                None => rules.push(rule),
            }
        }
        Ok(())
    }

    /// Adds a rule that does something: the packet's port from anywhere; for an ACL with the next free number.
    pub fn add(&mut self, list: List) {
        let port = self.trip.packet().port;
        let ports = Some(PortRange::one(port));
        if let Some(rules) = self.acl_rules(list) {
            let number = rules.iter().map(|rule| rule.number).max().unwrap_or(0) / 10 * 10
                + if rules.is_empty() { 100 } else { 10 };
            rules.push(AclRule { number, allow: true, protocol: Some(Protocol::Tcp), ports, cidr: anywhere() });
        } else if let Some(rules) = self.group_rules(list) {
            rules.push(Rule { protocol: Some(Protocol::Tcp), ports, peer: Peer::Cidr(anywhere()) });
        }
    }

    /// Takes a rule away.
    pub fn remove(&mut self, list: List, at: usize) {
        if at >= self.length(list) {
            return;
        }
        if let Some(rules) = self.acl_rules(list) {
            rules.remove(at);
        } else if let Some(rules) = self.group_rules(list) {
            rules.remove(at);
        }
    }
}

/// A rule of an ACL as it is written: `100 allow tcp 80 0.0.0.0/0`.
pub fn write_acl(rule: &AclRule) -> String {
    let verdict = if rule.allow { "allow" } else { "deny" };
    format!("{} {verdict} {} {}", rule.number, traffic(rule.protocol, rule.ports), rule.cidr)
}

/// A rule of a security group as it is written: `tcp 80 0.0.0.0/0`.
pub fn write_rule(rule: &Rule) -> String {
    let peer = match &rule.peer {
        Peer::Cidr(cidr) => cidr.to_string(),
        Peer::Group(group) => group.clone(),
    };
    format!("{} {peer}", traffic(rule.protocol, rule.ports))
}

fn traffic(protocol: Option<Protocol>, ports: Option<PortRange>) -> String {
    let protocol = protocol.map_or("all", Protocol::word);
    ports.map_or_else(|| format!("{protocol} all"), |ports| format!("{protocol} {ports}"))
}

/// The words of a line with their places.
fn words(text: &str) -> Vec<(Range<usize>, &str)> {
    let mut out = Vec::new();
    let mut from = 0;
    for word in text.split(' ') {
        let at = from..from + word.len();
        from = at.end + 1;
        if !word.is_empty() {
            out.push((at, word));
        }
    }
    out
}

/// Reads `100 allow tcp 80 0.0.0.0/0`.
///
/// # Errors
/// The place of the mistake.
pub fn parse_acl(text: &str) -> Result<AclRule, Fault> {
    let found = words(text);
    let missing = || {
        Fault::new(text, text.len()..text.len(), "규칙이 다 쓰이지 않았습니다", "The rule is not complete")
            .mend("이렇게 씁니다: 100 allow tcp 80 0.0.0.0/0", "Write it like this: 100 allow tcp 80 0.0.0.0/0")
    };
    let [number, verdict, protocol, ports, cidr] = found.as_slice() else {
        return Err(match found.get(5) {
            Some((at, _)) => Fault::new(text, at.clone(), "남는 낱말입니다", "This word is too many")
                .mend("이렇게 씁니다: 100 allow tcp 80 0.0.0.0/0", "Write it like this: 100 allow tcp 80 0.0.0.0/0"),
            None => missing(),
        });
    };
    let allow = match verdict.1 {
        "allow" => true,
        "deny" => false,
        _ => {
            return Err(Fault::new(text, verdict.0.clone(), "allow나 deny가 와야 합니다", "Here comes allow or deny"));
        }
    };
    let number = match number.1.parse::<u16>() {
        Ok(number @ 1..=32_766) => number,
        _ => {
            return Err(Fault::new(text, number.0.clone(), "규칙 번호가 아닙니다", "This is not a rule number")
                .mend("1부터 32766까지입니다", "It is 1 to 32766"));
        }
    };
    let (protocol, ports) = parse_traffic(text, protocol, ports)?;
    Ok(AclRule { number, allow, protocol, ports, cidr: parse_cidr(text, cidr)? })
}

/// Reads `tcp 80 0.0.0.0/0` or `tcp 8080 web-sg`.
///
/// # Errors
/// The place of the mistake.
pub fn parse_rule(text: &str) -> Result<Rule, Fault> {
    let found = words(text);
    let example = ("이렇게 씁니다: tcp 80 0.0.0.0/0", "Write it like this: tcp 80 0.0.0.0/0");
    if let Some((at, word)) = found.first()
        && (word.parse::<u16>().is_ok() || ["allow", "deny"].contains(word))
    {
        return Err(Fault::new(
            text,
            at.clone(),
            "보안 그룹의 규칙에는 번호도 거부도 없습니다. 허용만 있습니다",
            "Rules of a security group have neither numbers nor deny: they only allow",
        )
        .mend(example.0, example.1));
    }
    let [protocol, ports, peer] = found.as_slice() else {
        let (at, ko, en) = match found.get(3) {
            Some((at, _)) => (at.clone(), "남는 낱말입니다", "This word is too many"),
            None => (text.len()..text.len(), "규칙이 다 쓰이지 않았습니다", "The rule is not complete"),
        };
        return Err(Fault::new(text, at, ko, en).mend(example.0, example.1));
    };
    let (protocol, ports) = parse_traffic(text, protocol, ports)?;
    let is_group = peer.1.starts_with(|sign: char| sign.is_ascii_alphabetic());
    let peer = if is_group {
        if ![GROUP, "app-sg"].contains(&peer.1) {
            return Err(Fault::new(
                text,
                peer.0.clone(),
                "그런 보안 그룹은 없습니다",
                "There is no such security group",
            )
            .mend(format!("{GROUP}나 app-sg를 쓰세요"), format!("Use {GROUP} or app-sg")));
        }
        Peer::Group(peer.1.to_owned())
    } else {
        Peer::Cidr(parse_cidr(text, peer)?)
    };
    Ok(Rule { protocol, ports, peer })
}

type Word<'a> = (Range<usize>, &'a str);

fn parse_traffic(
    text: &str,
    protocol: &Word<'_>,
    ports: &Word<'_>,
) -> Result<(Option<Protocol>, Option<PortRange>), Fault> {
    let known = match protocol.1 {
        "all" => None,
        word => Some(Protocol::parse(word).ok_or_else(|| {
            Fault::new(
                text,
                protocol.0.clone(),
                format!("`{word}` 프로토콜은 모릅니다"),
                format!("No protocol `{word}`"),
            )
            .mend("tcp, udp, icmp, all 중 하나입니다", "It is tcp, udp, icmp or all")
        })?),
    };
    if ports.1 == "all" {
        return Ok((known, None));
    }
    if !matches!(known, Some(Protocol::Tcp | Protocol::Udp)) {
        return Err(Fault::new(text, ports.0.clone(), "포트는 tcp와 udp에만 있습니다", "Only tcp and udp have ports")
            .mend("all로 쓰세요", "Write all"));
    }
    let (from, to) = ports.1.split_once('-').unwrap_or((ports.1, ports.1));
    match (from.parse::<u16>(), to.parse::<u16>()) {
        (Ok(from), Ok(to)) if from <= to => Ok((known, Some(PortRange { from, to }))),
        _ => Err(Fault::new(text, ports.0.clone(), "포트가 아닙니다", "This is not a port")
            .mend("0부터 65535까지입니다: 80, 1024-65535, all", "It is 0 to 65535: 80, 1024-65535, all")),
    }
}

fn parse_cidr(text: &str, word: &Word<'_>) -> Result<Ipv4Net, Fault> {
    Block::parse(word.1).map(Block::net).map_err(|fault| fault.within(text, word.0.start))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn stop(play: &Play) -> Option<(List, Option<usize>, Leg)> {
        play.decided().into_iter().find(|decided| !decided.passes).map(|d| (d.list, d.rule, d.leg))
    }

    #[test]
    fn each_example_shows_its_lesson() {
        let play = Example::NoWayBack.play();
        assert!(play.trace().arrives() && !play.trace().answered());
        assert_eq!(stop(&play), Some((List::AclOut, None, Leg::Reply)));
        assert_eq!(stop(&Example::NewGroup.play()), Some((List::GroupIn, None, Leg::Packet)));
        assert!(Example::Right.play().trace().answered());
        assert_eq!(stop(&Example::DenyFirst.play()), Some((List::AclIn, Some(0), Leg::Packet)));
        assert_eq!(stop(&Example::Outbound.play()), Some((List::AclIn, None, Leg::Reply)));
        assert!(Example::NoWayBack.play().mend().unwrap().en.contains("stateless"));
    }

    #[test]
    fn the_group_needs_no_rule_for_a_reply_and_the_acl_does() {
        let mut play = Example::Right.play();
        play.group.egress.clear();
        assert!(play.trace().answered(), "stateful");
        play.put(List::AclOut, Some(0), "100 allow tcp 32768-60999 0.0.0.0/0").unwrap();
        assert!(!play.trace().answered(), "a client may use any port from 1024 on");
        play.put(List::AclOut, Some(0), "100 allow all all 0.0.0.0/0").unwrap();
        assert!(play.trace().answered());
    }

    #[test]
    fn every_trip_can_be_opened() {
        for trip in Trip::ALL {
            let mut play = Play { trip, ..Example::Right.play() };
            play.put(List::AclIn, Some(0), "100 allow all all 0.0.0.0/0").unwrap();
            play.put(List::AclOut, Some(0), "100 allow all all 0.0.0.0/0").unwrap();
            play.put(List::GroupIn, Some(0), "all all 0.0.0.0/0").unwrap();
            assert!(play.trace().answered(), "{trip:?}: {:?}", play.trace());
            assert_eq!(Trip::by_name(trip.name()), Some(trip));
        }
    }

    #[test]
    fn mistakes_in_rules_are_told_with_their_place() {
        for (text, marked) in [
            ("100 allow tcp 80", ""),
            ("0 allow tcp 80 0.0.0.0/0", "0"),
            ("100 alow tcp 80 0.0.0.0/0", "alow"),
            ("100 allow tpc 80 0.0.0.0/0", "tpc"),
            ("100 allow tcp 80000 0.0.0.0/0", "80000"),
            ("100 allow tcp 90-80 0.0.0.0/0", "90-80"),
            ("100 allow icmp 80 0.0.0.0/0", "80"),
            ("100 allow tcp 80 10.0.0.300/8", "300"),
            ("100 allow tcp 80 0.0.0.0/0 now", "now"),
        ] {
            let fault = parse_acl(text).unwrap_err();
            assert_eq!(fault.input.get(fault.at.clone()), Some(marked), "{text}");
        }
        for (text, marked) in [("100 tcp 80 0.0.0.0/0", "100"), ("tcp 80 db-sg", "db-sg"), ("tcp 80", "")] {
            let fault = parse_rule(text).unwrap_err();
            assert_eq!(fault.input.get(fault.at.clone()), Some(marked), "{text}");
        }
        let mut play = Example::Right.play();
        assert!(play.put(List::AclIn, None, "100 deny tcp 22 0.0.0.0/0").is_err(), "the number is taken");
        play.put(List::AclIn, None, "50 deny tcp 22 0.0.0.0/0").unwrap();
        assert_eq!(play.acl.ingress[0].number, 50);
    }

    proptest! {
        #[test]
        fn rules_are_read_as_they_are_written(
            number in 1u16..=32_766, allow: bool, from: u16, more in 0u16..500, bits: u32, prefix in 0u8..=32, udp: bool,
        ) {
            let ports = PortRange { from, to: from.saturating_add(more) };
            let protocol = Some(if udp { Protocol::Udp } else { Protocol::Tcp });
            let cidr = Ipv4Net::new_assert(Ipv4Addr::from_bits(bits), prefix).trunc();
            let rule = AclRule { number, allow, protocol, ports: Some(ports), cidr };
            prop_assert_eq!(parse_acl(&write_acl(&rule)), Ok(rule));
            let rule = Rule { protocol, ports: None, peer: Peer::Cidr(cidr) };
            prop_assert_eq!(parse_rule(&write_rule(&rule)), Ok(rule));
        }
    }
}
