//! The URL player: the stages between Enter in a browser and the page, each cache with a switch.

use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::i18n::Lang;
use crate::input::{Action, Context};
use crate::lesson::url::{Journey, Known, Step};
use crate::screens::{Ask, Canvas, Ctx, Offer, Screen};
use crate::view::text::{pad, pad_left};
use crate::view::theme::Role;

use super::kit::{self, Sheet};
use super::tls::RTTS;

/// From this width on, every stage says what happened; below, the chosen one does.
const NOTED: u16 = 72;

/// The player.
pub struct Url {
    journey: Journey,
    chosen: usize,
}

impl Default for Url {
    fn default() -> Self {
        // The first stage has no switch.
        Self { journey: Journey::default(), chosen: 1 }
    }
}

impl Url {
    /// The switches in the order of the stages.
    fn switch(&mut self) {
        if let Some((known, on)) = self.journey.steps().get(self.chosen).and_then(|step| step.known) {
            self.journey.set(known, !on);
        }
    }

    /// The next stage with a switch, up or down.
    fn go(&mut self, by: isize) {
        let steps = self.journey.steps();
        let mut at = self.chosen;
        loop {
            let next = kit::moved(at, by, steps.len());
            if next == at {
                return;
            }
            at = next;
            if steps.get(at).is_some_and(|step| step.known.is_some()) {
                self.chosen = at;
                return;
            }
        }
    }

    /// `notes`: whether there is room to say what happened.
    fn row(&self, ctx: &Ctx, sheet: &mut Sheet, at: usize, step: &Step, notes: bool) {
        let look = &ctx.look;
        let (ko, en) = step.stage.words();
        let switch = match step.known {
            Some((_, true)) => ctx.say("[켬]", "[on] "),
            Some((_, false)) => ctx.say("[끔]", "[off]"),
            None => "",
        };
        let role = if step.reached { Role::Text } else { Role::Dim };
        let number = |count: u32| if count == 0 { "-".to_owned() } else { count.to_string() };
        let said = step.said();
        let mut spans = vec![
            look.span(role, format!("{} ", pad(ctx.say(ko, en), 22))),
            look.span(if step.known.is_some_and(|(_, on)| on) { Role::Ready } else { Role::Dim }, pad(switch, 6)),
            look.span(role, pad_left(&number(step.trips), 4)),
            look.span(role, format!("{}  ", pad_left(&number(step.ms), 6))),
        ];
        if notes {
            spans.push(look.span(Role::Dim, ctx.say(said.0, said.1)));
        }
        if step.known.is_some() {
            sheet.row(ctx, at, at == self.chosen, spans);
        } else {
            let mut line = vec![Span::raw("   ")];
            line.extend(spans);
            sheet.push(line);
        }
    }
}

impl Screen for Url {
    fn context(&self) -> Context {
        Context::Player
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("player.url").to_owned()]
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        vec![
            Offer::new(Action::Down, 66).called("고르기", "choose"),
            Offer::new(Action::Accept, 90).called("켜고 끄기", "on/off"),
            Offer::new(Action::PlayLeft, 70).called("서버 가까이", "server nearer"),
            Offer::new(Action::PlayRight, 70).called("멀리", "farther"),
            Offer::new(Action::PlayNext, 55).called("다시 방문", "later visit"),
            Offer::new(Action::PlayAgain, 50).called("첫 방문", "first visit"),
        ]
    }

    fn act(&mut self, action: Action, _: &Ctx) -> Vec<Ask> {
        let rtt = self.journey.rtt;
        match action {
            Action::Up => self.go(-1),
            Action::Down => self.go(1),
            // The space bar, which turns pages elsewhere, marks here.
            Action::Accept | Action::PageDown => self.switch(),
            Action::PlayLeft => {
                self.journey.rtt = RTTS.into_iter().rev().find(|other| *other < rtt).unwrap_or(rtt);
            }
            Action::PlayRight => self.journey.rtt = RTTS.into_iter().find(|other| *other > rtt).unwrap_or(rtt),
            // Everything but the page and the connection: what a later visit to the site is like.
            Action::PlayNext => {
                for known in Known::ALL.into_iter().filter(|one| !matches!(one, Known::Page | Known::Connection)) {
                    self.journey.set(known, true);
                }
            }
            Action::PlayAgain => self.journey = Journey::at(rtt),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, _: &Ctx) -> Vec<Ask> {
        self.chosen = row;
        self.switch();
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        let rtt = self.journey.rtt.to_string();
        let title = look.fill("player.url-title", &[("rtt", &rtt)]);
        let tip = (
            "캐시를 하나씩 켜 보세요. DNS 캐시는 이름 찾기만, HTTP 캐시는 모두를 없앱니다.",
            "Switch the caches on one by one: a DNS cache saves the name, the HTTP cache everything.",
        );
        let body = kit::page(ctx, area, canvas, &title, tip);
        let mut sheet = Sheet::default();
        let heads = format!(
            "   {} {}{}{}",
            pad(ctx.say("단계", "stage"), 22),
            pad(ctx.say("상태", "known"), 6),
            pad_left(ctx.say("왕복", "RTT"), 4),
            pad_left("ms", 6)
        );
        sheet.push(vec![look.span(Role::Dim, heads)]);
        let notes = body.width >= NOTED;
        let steps = self.journey.steps();
        for (at, step) in steps.iter().enumerate() {
            self.row(ctx, &mut sheet, at, step, notes);
        }
        let (trips, ms) = self.journey.sum();
        let text = match ctx.lang() {
            Lang::Ko => format!("페이지까지 왕복 {trips}번, {ms} ms"),
            Lang::En => format!("The page is there after {trips} round trips, {ms} ms"),
        };
        sheet.text(ctx, Role::Accent, &text, body.width);
        if let Some(step) = steps.get(self.chosen).filter(|_| !notes) {
            let ((ko, en), said) = (step.stage.words(), step.said());
            sheet.hung(ctx, Role::Dim, &format!("{}: ", ctx.say(ko, en)), ctx.say(said.0, said.1), body.width);
        }
        sheet.draw(body, canvas);
    }
}
