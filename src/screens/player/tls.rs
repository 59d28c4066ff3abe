//! The TLS player: a handshake message by message, with the time at which each is there.

use ratatui::layout::Rect;

use crate::i18n::Lang;
use crate::input::{Action, Context};
use crate::lesson::tls::{Handshake, Keys, Layer, Message, Side};
use crate::screens::{Ask, Canvas, Ctx, Offer, Screen};
use crate::view::text::{pad, pad_left};
use crate::view::theme::Role;

use super::kit::{self, Sheet};

/// The distances through which up and down go, milliseconds.
pub(super) const RTTS: [u32; 9] = [2, 10, 30, 50, 100, 150, 200, 300, 600];

/// The player.
pub struct Tls {
    handshake: Handshake,
    /// The message that is looked at; those after it have not been sent yet.
    at: usize,
    rtt: u32,
}

impl Default for Tls {
    fn default() -> Self {
        // At the end, so that the picture beside the text is whole.
        Self { handshake: Handshake::Tls12, at: Handshake::Tls12.messages().len() - 1, rtt: 150 }
    }
}

const fn key_words(keys: Keys) -> (&'static str, &'static str, Role) {
    match keys {
        Keys::Clear => ("평문", "clear", Role::Failed),
        Keys::Handshake => ("핸드셰이크 키", "handshake keys", Role::Ready),
        Keys::Early => ("예전 연결의 키", "earlier keys", Role::Waiting),
        Keys::Connection => ("연결 키", "session keys", Role::Checked),
    }
}

impl Tls {
    fn messages(&self) -> Vec<Message> {
        self.handshake.messages()
    }

    fn choose(&mut self, handshake: Handshake) {
        self.handshake = handshake;
        self.at = self.messages().len().saturating_sub(1);
    }

    fn arrow(message: &Message, room: usize) -> String {
        let name = message.name;
        let dashes = room.saturating_sub(name.len() + 4);
        match message.from {
            Side::Client => format!("{name} {}> ", "-".repeat(dashes + 1)),
            Side::Server => format!("  <{} {name}", "-".repeat(dashes)),
        }
    }

    fn rows(&self, ctx: &Ctx, sheet: &mut Sheet, room: u16) {
        let look = &ctx.look;
        let messages = self.messages();
        let wide = room >= 76;
        let mut was = None;
        for (at, message) in messages.iter().enumerate() {
            let sent = at <= self.at;
            let (ko, en, role) = key_words(message.keys);
            let moment = message.leaves * self.rtt / 2;
            // A flight's time is written once.
            let time = if was == Some((message.leaves, message.from)) { String::new() } else { format!("{moment} ms") };
            was = Some((message.leaves, message.from));
            let text = match message.layer {
                Layer::Tcp => Role::Dim,
                Layer::Tls => Role::Text,
                Layer::Http => Role::Strong,
            };
            let mut spans = if sent {
                vec![
                    look.span(Role::Dim, format!("{} ", pad_left(&time, 7))),
                    look.span(text, format!("{} ", pad(&Self::arrow(message, 26), 26))),
                    look.span(role, pad(ctx.say(ko, en), 14)),
                ]
            } else {
                vec![look.span(Role::Dim, format!("{} {}", pad_left("", 7), "."))]
            };
            if wide && sent {
                spans.push(look.span(Role::Dim, format!(" {}", ctx.say(message.what.0, message.what.1))));
            }
            sheet.row(ctx, at, at == self.at, spans);
        }
    }
}

impl Screen for Tls {
    fn context(&self) -> Context {
        Context::Player
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("player.tls").to_owned()]
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        vec![
            Offer::new(Action::PlayLeft, 57).called("앞 메시지", "message back"),
            if self.at + 1 < self.messages().len() {
                Offer::new(Action::PlayRight, 70).called("다음 메시지", "next message")
            } else {
                Offer::new(Action::PlayRight, 70).called("처음부터", "from the start")
            },
            Offer::new(Action::PlayNext, 80).called("다른 핸드셰이크", "other handshake"),
            Offer::new(Action::Up, 64).called("멀리", "farther"),
            Offer::new(Action::Down, 58).called("가까이", "nearer"),
            Offer::new(Action::PlayAgain, 50),
        ]
    }

    fn act(&mut self, action: Action, _: &Ctx) -> Vec<Ask> {
        let length = self.messages().len();
        match action {
            Action::PlayLeft => self.at = kit::moved(self.at, -1, length),
            // After the last message it begins again.
            Action::PlayRight | Action::Accept => self.at = (self.at + 1) % length.max(1),
            Action::First | Action::PlayAgain => self.at = 0,
            Action::Last => self.at = length - 1,
            Action::PlayNext => self.choose(kit::turned(&Handshake::ALL, self.handshake, 1)),
            Action::Up => self.rtt = RTTS.into_iter().find(|rtt| *rtt > self.rtt).unwrap_or(self.rtt),
            Action::Down => self.rtt = RTTS.into_iter().rev().find(|rtt| *rtt < self.rtt).unwrap_or(self.rtt),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, _: &Ctx) -> Vec<Ask> {
        self.at = row;
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        let (ko, en) = self.handshake.words();
        let rtt = self.rtt.to_string();
        let title = look.fill("player.tls-title", &[("name", ctx.say(ko, en)), ("rtt", &rtt)]);
        let tip = (
            "Tab으로 1.2와 1.3을 비교하고, k 키로 서버를 멀리 두어 보세요.",
            "Compare 1.2 with 1.3 by Tab, and put the server far away with k.",
        );
        let body = kit::page(ctx, area, canvas, &title, tip);
        let mut sheet = Sheet::default();
        let sum = self.handshake.sum();
        let ms = |trips: u32| trips * self.rtt;
        let text = match ctx.lang() {
            Lang::Ko => format!(
                "왕복: TCP {} + TLS {} · 첫 응답이 닿기까지 왕복 {}번, {} ms",
                sum.tcp,
                sum.tls,
                sum.response,
                ms(sum.response)
            ),
            Lang::En => format!(
                "Round trips: TCP {} + TLS {} · response after {}, {} ms",
                sum.tcp,
                sum.tls,
                sum.response,
                ms(sum.response)
            ),
        };
        sheet.text(ctx, Role::Accent, &text, body.width);
        let (client, server) = (ctx.say("브라우저", "browser"), ctx.say("서버", "server"));
        let sent = pad_left(ctx.say("보낸 때", "sent at"), 10);
        let heads = format!("{sent} {}{}", pad(client, 20), pad_left(server, 6));
        sheet.push(vec![look.span(Role::Strong, heads)]);
        self.rows(ctx, &mut sheet, body.width);
        let message = self.messages().get(self.at).copied();
        let mut foot = Sheet::default();
        if let Some(message) = message.filter(|_| body.width < 76) {
            foot.hung(
                ctx,
                Role::Text,
                &format!("{}: ", message.name),
                ctx.say(message.what.0, message.what.1),
                body.width,
            );
        }
        let (ko, en) = self.handshake.note();
        foot.text(ctx, Role::Quote, ctx.say(ko, en), body.width);
        let height = u16::try_from(foot.len()).unwrap_or(0).min(body.height);
        let rows = Rect { height: body.height - height, ..body };
        let used = u16::try_from(sheet.len()).unwrap_or(u16::MAX).saturating_add(1).min(rows.height);
        sheet.draw(rows, canvas);
        let y = body.y + used;
        foot.draw(Rect { y, height: body.bottom().saturating_sub(y), ..body }, canvas);
    }
}
