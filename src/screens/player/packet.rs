//! The packet player: the rules of a network ACL and a security group, and what they do to a packet and its reply.

use ratatui::layout::Rect;

use crate::i18n::Lang;
use crate::input::{Action, Context, Edit};
use crate::lesson::packet::{CLIENT, Example, List, Play, Trip, anywhere, host};
use crate::reach::{Leg, Peer, PortRange, Protocol};
use crate::screens::{Ask, Canvas, Ctx, Offer, Screen};
use crate::view::text::{pad, width};
use crate::view::theme::Role;

use super::kit::{self, Field, Sheet};

/// The ports through which the arrows go.
const PORTS: [Option<PortRange>; 7] = [
    Some(PortRange::one(22)),
    Some(PortRange::one(80)),
    Some(PortRange::one(443)),
    Some(PortRange::one(8080)),
    Some(PortRange::LINUX),
    Some(PortRange::ANY_EPHEMERAL),
    None,
];
/// Cells for the name of a list.
const NAMES: usize = 15;
/// Cells for what a rule decided: ` ✗ packet`.
const MARK: usize = 9;
/// The fewest lines that the rules keep when the way is long.
const LEAST: u16 = 6;

/// The player.
pub struct Packets {
    play: Play,
    example: Example,
    chosen: usize,
    field: Field,
}

impl Default for Packets {
    fn default() -> Self {
        Self { play: Example::NoWayBack.play(), example: Example::NoWayBack, chosen: 2, field: Field::default() }
    }
}

const fn list_words(list: List) -> (&'static str, &'static str) {
    match list {
        List::AclIn => ("NACL 인바운드", "NACL inbound"),
        List::AclOut => ("NACL 아웃바운드", "NACL outbound"),
        List::GroupIn => ("SG 인바운드", "SG inbound"),
        List::GroupOut => ("SG 아웃바운드", "SG outbound"),
    }
}

/// What to try with an example.
const fn tip(example: Example) -> (&'static str, &'static str) {
    match example {
        Example::NoWayBack => (
            "NACL 아웃바운드의 포트를 →로 1024-65535까지 바꿔 응답이 돌아오게 하세요.",
            "Turn the port of the outbound NACL rule to 1024-65535 with →: the reply comes back.",
        ),
        Example::NewGroup => (
            "SG 인바운드에서 a 키로 규칙을 더하세요. 응답을 위한 규칙은 필요 없습니다.",
            "Add a rule to SG inbound with a. The reply needs no rule of its own.",
        ),
        Example::Right => (
            "SG 아웃바운드 규칙을 d 키로 빼도 응답은 나갑니다. NACL에서 빼면 어떻게 될까요?",
            "Take the SG outbound rule away with d: the reply still leaves. And in the NACL?",
        ),
        Example::DenyFirst => (
            "90번 규칙을 e 키로 110번으로 바꿔 보세요. 작은 번호가 먼저 결정합니다.",
            "Make rule 90 a rule 110 with e. The lowest number that matches decides.",
        ),
        Example::Outbound => (
            "web이 먼저 걸었는데도 NACL은 응답을 막습니다. 인바운드에 1024-65535를 열어 보세요.",
            "Web itself began, yet the NACL stops the answer. Open 1024-65535 inbound.",
        ),
    }
}

impl Packets {
    /// Every row: its list, and the rule's number in it. `None` is the last, which denies the rest.
    fn rows(&self) -> Vec<(List, Option<usize>)> {
        let rows = |list: List| (0..self.play.length(list)).map(Some).chain([None]).map(move |rule| (list, rule));
        List::ALL.into_iter().flat_map(rows).collect()
    }

    fn at(&self) -> (List, Option<usize>) {
        self.rows().get(self.chosen).copied().unwrap_or((List::AclIn, None))
    }

    fn start(&mut self, example: Example) {
        *self = Self { play: example.play(), example, ..Self::default() };
    }

    /// Enter: an ACL's rule turns from allow to deny; a group's takes another source.
    fn switch(&mut self) {
        let (list, Some(at)) = self.at() else { return };
        if let Some(rule) = self.play.acl_rules(list).and_then(|rules| rules.get_mut(at)) {
            rule.allow = !rule.allow;
        } else if let Some(rule) = self.play.group_rules(list).and_then(|rules| rules.get_mut(at)) {
            let vpc = ipnet::Ipv4Net::new_assert(std::net::Ipv4Addr::new(10, 1, 0, 0), 16);
            let all = [anywhere(), host(CLIENT), vpc];
            rule.peer = match &rule.peer {
                Peer::Cidr(now) => Peer::Cidr(kit::turned(&all, *now, 1)),
                Peer::Group(_) => Peer::Cidr(anywhere()),
            };
        }
    }

    fn turn_ports(&mut self, by: isize) {
        let (list, Some(at)) = self.at() else { return };
        let (protocol, ports) = match list.is_acl() {
            true => match self.play.acl_rules(list).and_then(|rules| rules.get_mut(at)) {
                Some(rule) => (&mut rule.protocol, &mut rule.ports),
                None => return,
            },
            false => match self.play.group_rules(list).and_then(|rules| rules.get_mut(at)) {
                Some(rule) => (&mut rule.protocol, &mut rule.ports),
                None => return,
            },
        };
        *ports = kit::turned(&PORTS, *ports, by);
        *protocol = ports.map(|_| Protocol::Tcp);
    }

    fn open_field(&mut self) {
        let (list, rule) = self.at();
        let text = rule.and_then(|at| self.play.written(list, at)).unwrap_or_default();
        self.field.open(text);
    }

    fn take(&mut self) {
        let (list, rule) = self.at();
        let text = self.field.text().trim().to_owned();
        match self.play.put(list, rule, &text) {
            Ok(()) => self.field.close(),
            Err(fault) => self.field.refuse(fault),
        }
    }

    fn rules(&self, ctx: &Ctx, room: u16) -> Sheet {
        let look = &ctx.look;
        let decided = self.play.decided();
        // Beside the text of a step the marks move closer to the rules.
        let cells = usize::from(room).saturating_sub(3 + NAMES + 1 + MARK).min(41);
        let mut sheet = Sheet::default();
        let mut last = None;
        for (at, (list, rule)) in self.rows().into_iter().enumerate() {
            let (ko, en) = list_words(list);
            let name = if last == Some(list) { "" } else { ctx.say(ko, en) };
            last = Some(list);
            let text = match rule.and_then(|rule| self.play.written(list, rule)) {
                Some(text) => text,
                None if list.is_acl() => ctx.say("* 나머지 모두 거부", "* deny the rest").to_owned(),
                None => ctx.say("그 밖은 들이지 않음", "nothing else").to_owned(),
            };
            let text = match (rule, list) {
                (None, List::GroupOut) => ctx.say("그 밖은 내보내지 않음", "nothing else").to_owned(),
                _ => text,
            };
            let mut spans = vec![
                look.span(Role::Strong, format!("{} ", pad(name, NAMES))),
                look.span(if rule.is_none() { Role::Dim } else { Role::Text }, pad(&text, cells)),
            ];
            for one in decided.iter().filter(|one| (one.list, one.rule) == (list, rule)) {
                let (mark, role) = if one.passes { ("✓", Role::Ready) } else { ("✗", Role::Failed) };
                let leg = match one.leg {
                    Leg::Packet => ctx.say("요청", "packet"),
                    Leg::Reply => ctx.say("응답", "reply"),
                };
                spans.push(look.span(role, format!(" {mark} {leg}")));
            }
            sheet.row(ctx, at, at == self.chosen, spans);
        }
        sheet
    }

    fn way(&self, ctx: &Ctx, room: u16) -> Sheet {
        let mut sheet = Sheet::default();
        let look = &ctx.look;
        let (trip, trace) = (self.play.trip.words(), self.play.trace());
        let (mark, role, word) = if trace.answered() {
            ("✓", Role::Checked, ctx.say("응답까지 왔습니다", "answered"))
        } else if trace.arrives() {
            ("✗", Role::Failed, ctx.say("닿았지만 응답이 못 돌아옵니다", "arrives, but the reply is lost"))
        } else {
            ("✗", Role::Failed, ctx.say("닿지 못합니다", "does not arrive"))
        };
        let (trip, verdict) = (format!("{}   ", ctx.say(trip.0, trip.1)), format!("{mark} {word}"));
        if width(&trip) + width(&verdict) < usize::from(room) {
            sheet.push(vec![look.span(Role::Strong, format!(" {trip}")), look.span(role, verdict)]);
        } else {
            sheet.head(ctx, trip);
            sheet.text(ctx, role, &verdict, room);
        }
        let mut last = None;
        for told in self.play.told() {
            let head = if last == Some(told.leg) {
                "     "
            } else {
                match (told.leg, ctx.lang()) {
                    (Leg::Packet, Lang::Ko) => "요청 ",
                    (Leg::Reply, Lang::Ko) => "응답 ",
                    (Leg::Packet, Lang::En) => "sent ",
                    (Leg::Reply, Lang::En) => "back ",
                }
            };
            last = Some(told.leg);
            let (mark, role) = if told.passes { ("✓", Role::Text) } else { ("✗", Role::Failed) };
            sheet.hung(ctx, role, &format!("{head}{mark} "), ctx.t(&told.text), room);
        }
        if let Some(mend) = self.play.mend() {
            sheet.hung(ctx, Role::Quote, ctx.say("고치기: ", "Mend: "), ctx.t(&mend), room);
        }
        sheet
    }
}

impl Screen for Packets {
    fn context(&self) -> Context {
        Context::Player
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("player.packet").to_owned()]
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        if self.field.is_open() {
            return vec![
                Offer::new(Action::Accept, 90).called("넣기", "take it"),
                Offer::new(Action::Back, 80).called("그만두기", "cancel"),
            ];
        }
        let mut offers = Vec::new();
        let (list, rule) = self.at();
        if rule.is_some() {
            let offer = Offer::new(Action::Accept, 90);
            offers.push(if list.is_acl() {
                offer.called("허용/거부", "allow/deny")
            } else {
                offer.called("상대", "source")
            });
            offers.push(Offer::new(Action::PlayLeft, 0).called("앞 포트", "port before"));
            offers.push(Offer::new(Action::PlayRight, 70).called("포트", "port"));
            offers.push(Offer::new(Action::PlayRemove, 58));
        }
        offers.extend([
            Offer::new(Action::PlayAdd, 59),
            Offer::new(Action::PlayEdit, 56),
            Offer::new(Action::PlaySwitch, 80).called("다른 패킷", "packet"),
            Offer::new(Action::PlayNext, 78).called("다른 예", "example"),
            Offer::new(Action::PlayAgain, 30),
        ]);
        offers
    }

    fn edits_text(&self) -> bool {
        self.field.is_open()
    }

    fn edit(&mut self, edit: Edit, _: &Ctx) -> Vec<Ask> {
        self.field.edit(edit);
        Vec::new()
    }

    fn act(&mut self, action: Action, _: &Ctx) -> Vec<Ask> {
        if self.field.is_open() {
            match action {
                Action::Accept => self.take(),
                Action::Back => self.field.close(),
                _ => {}
            }
            return Vec::new();
        }
        let (list, rule) = self.at();
        match action {
            Action::Up => self.chosen = kit::moved(self.chosen, -1, self.rows().len()),
            Action::Down => self.chosen = kit::moved(self.chosen, 1, self.rows().len()),
            Action::First => self.chosen = 0,
            Action::Last => self.chosen = self.rows().len() - 1,
            Action::Accept => self.switch(),
            Action::PlayLeft => self.turn_ports(-1),
            Action::PlayRight => self.turn_ports(1),
            Action::PlayAdd => {
                self.play.add(list);
                let added = (list, Some(self.play.length(list) - 1));
                self.chosen = self.rows().iter().position(|row| *row == added).unwrap_or(0);
            }
            Action::PlayRemove => {
                if let Some(at) = rule {
                    self.play.remove(list, at);
                }
            }
            Action::PlayEdit => self.open_field(),
            Action::PlaySwitch => self.play.trip = kit::turned(&Trip::ALL, self.play.trip, 1),
            Action::PlayNext => self.start(kit::turned(&Example::ALL, self.example, 1)),
            Action::PlayAgain => self.start(self.example),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, _: &Ctx) -> Vec<Ask> {
        // A click chooses; on the chosen row it does what Enter does.
        if self.chosen == row {
            self.switch();
        }
        self.chosen = row;
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let (ko, en) = self.example.words();
        let title = ctx.look.fill("player.packet-title", &[("example", ctx.say(ko, en))]);
        let body = kit::page(ctx, area, canvas, &title, tip(self.example));
        let way = self.way(ctx, body.width);
        let mut rules = self.rules(ctx, body.width);
        self.field.lines(ctx, &mut rules, body.width);
        // The way stays in sight as far as it can; the rules scroll.
        let wanted = u16::try_from(rules.len()).unwrap_or(u16::MAX);
        let left = body.height.saturating_sub(u16::try_from(way.len()).unwrap_or(u16::MAX));
        let height = wanted.min(left.max(LEAST)).min(body.height);
        let gap = u16::from(left > wanted);
        rules.draw(Rect { height, ..body }, canvas);
        let y = body.y + height + gap;
        way.draw(Rect { y, height: body.bottom().saturating_sub(y), ..body }, canvas);
    }
}
