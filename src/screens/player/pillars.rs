//! The pillar explorer: measures and the pillars that they serve, what each pillar asks, and who is responsible for what.

use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::i18n::Lang;
use crate::input::{Action, Context};
use crate::lesson::pillars::{LAYERS, MEASURES, Pillar, SERVICES, Who, count};
use crate::screens::{Ask, Canvas, Ctx, Offer, Screen};
use crate::view::text::pad;
use crate::view::theme::Role;

use super::kit::{self, Sheet};

/// Cells for the name of a layer.
const NAMES: usize = 25;
/// Cells for the name of a measure: the table fits beside the text of a step.
const MEASURE: usize = 20;
/// Cells of a pillar's column.
const COLUMN: usize = 5;
/// Cells of a service's column.
const SERVICE: usize = 7;

/// A cell of a pillar's column; nothing follows the last.
fn cell(text: &str, pillar: Pillar) -> String {
    if Pillar::ALL.last() == Some(&pillar) { text.to_owned() } else { pad(text, COLUMN) }
}

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Measures,
    Questions,
    Responsibility,
}

impl Side {
    const ALL: [Self; 3] = [Self::Measures, Self::Questions, Self::Responsibility];
}

/// The explorer.
pub struct Pillars {
    side: Side,
    /// Which measures are taken.
    taken: [bool; MEASURES.len()],
    chosen: usize,
}

impl Default for Pillars {
    fn default() -> Self {
        Self { side: Side::Measures, taken: [false; MEASURES.len()], chosen: 0 }
    }
}

impl Pillars {
    const fn length(&self) -> usize {
        match self.side {
            Side::Measures => MEASURES.len(),
            Side::Questions => Pillar::ALL.len(),
            Side::Responsibility => LAYERS.len(),
        }
    }

    fn switch(&mut self) {
        if self.side == Side::Measures
            && let Some(taken) = self.taken.get_mut(self.chosen)
        {
            *taken = !*taken;
        }
    }

    fn measures(&self, ctx: &Ctx, sheet: &mut Sheet, room: u16) {
        let look = &ctx.look;
        let mut heads = vec![Span::raw(" ".repeat(3 + 4 + MEASURE))];
        heads.extend(Pillar::ALL.map(|pillar| {
            let (ko, en) = pillar.short();
            look.span(Role::Strong, cell(ctx.say(ko, en), pillar))
        }));
        sheet.push(heads);
        for (at, measure) in MEASURES.iter().enumerate() {
            let taken = self.taken.get(at).copied().unwrap_or_default();
            let tick = if taken { "[x] " } else { "[ ] " };
            let mut spans = vec![
                look.span(if taken { Role::Checked } else { Role::Dim }, tick),
                Span::raw(pad(ctx.say(measure.words.0, measure.words.1), MEASURE)),
            ];
            spans.extend(Pillar::ALL.map(|pillar| {
                let (sign, role) = if measure.serves.contains(&pillar) {
                    ("+", if taken { Role::Ready } else { Role::Text })
                } else if measure.costs.contains(&pillar) {
                    ("-", if taken { Role::Failed } else { Role::Text })
                } else {
                    (".", Role::Dim)
                };
                look.span(role, cell(sign, pillar))
            }));
            sheet.row(ctx, at, at == self.chosen, spans);
        }
        let taken = || MEASURES.iter().zip(self.taken).filter(|(_, taken)| *taken).map(|(measure, _)| measure);
        let mut sums =
            vec![look.span(Role::Strong, format!("   {}", pad(ctx.say("고른 것의 합", "What you took"), MEASURE + 4)))];
        sums.extend(Pillar::ALL.map(|pillar| {
            let (serves, costs) = count(pillar, taken());
            let role = if serves == 0 { Role::Failed } else { Role::Ready };
            let text = if costs == 0 { format!("+{serves}") } else { format!("+{serves}-{costs}") };
            look.span(role, cell(&text, pillar))
        }));
        sheet.push(sums);
        sheet.gap();
        if let Some(measure) = MEASURES.get(self.chosen) {
            sheet.text(ctx, Role::Text, ctx.say(measure.why.0, measure.why.1), room);
        }
        let bare: Vec<&str> = Pillar::ALL
            .into_iter()
            .filter(|pillar| count(*pillar, taken()).0 == 0)
            .map(|pillar| ctx.say(pillar.words().0, pillar.words().1))
            .collect();
        if bare.is_empty() {
            let text = ctx.say("✓ 여섯 기둥을 모두 돌보고 있습니다.", "✓ All six pillars are looked after.");
            sheet.text(ctx, Role::Checked, text, room);
        } else {
            let text = bare.join(", ");
            sheet.hung(ctx, Role::Quote, ctx.say("아직 비어 있음: ", "Nothing yet for: "), &text, room);
        }
    }

    fn questions(&self, ctx: &Ctx, sheet: &mut Sheet, room: u16) {
        let look = &ctx.look;
        for (at, pillar) in Pillar::ALL.into_iter().enumerate() {
            let (ko, en) = pillar.words();
            let serving = MEASURES.iter().filter(|measure| measure.serves.contains(&pillar)).count();
            let chosen = at == self.chosen;
            let role = if chosen { Role::Selection } else { Role::Text };
            let note = match ctx.lang() {
                Lang::Ko => format!("조치 {serving}개"),
                Lang::En => format!("{serving} measures"),
            };
            let spans = vec![look.span(role, pad(ctx.say(ko, en), NAMES)), look.span(Role::Dim, note)];
            sheet.row(ctx, at, chosen, spans);
        }
        sheet.gap();
        if let Some(pillar) = Pillar::ALL.get(self.chosen) {
            let (ko, en) = pillar.words();
            sheet.head(ctx, ctx.say(ko, en));
            for (ko, en) in pillar.questions() {
                sheet.hung(ctx, Role::Text, "? ", ctx.say(ko, en), room);
            }
            let serving = MEASURES.iter().filter(|measure| measure.serves.contains(pillar));
            let names: Vec<&str> = serving.map(|one| ctx.say(one.words.0, one.words.1)).collect();
            sheet.hung(ctx, Role::Dim, "+ ", &names.join(", "), room);
        }
    }

    fn responsibility(&self, ctx: &Ctx, sheet: &mut Sheet, room: u16) {
        let look = &ctx.look;
        let mut heads = vec![Span::raw(" ".repeat(3 + NAMES))];
        heads.extend(SERVICES.map(|service| look.span(Role::Strong, pad(service, SERVICE))));
        sheet.push(heads);
        // From the data, which is nearest to the customer, down to the building.
        for (at, layer) in LAYERS.iter().rev().enumerate() {
            let mut spans = vec![Span::raw(pad(ctx.say(layer.words.0, layer.words.1), NAMES))];
            spans.extend(layer.who.map(|who| {
                let role = match who {
                    Who::Aws => Role::Dim,
                    Who::You => Role::Strong,
                    Who::Both => Role::Accent,
                };
                look.span(role, pad(ctx.say(who.words().0, who.words().1), SERVICE))
            }));
            sheet.row(ctx, at, at == self.chosen, spans);
        }
        sheet.gap();
        if let Some(layer) = LAYERS.iter().rev().nth(self.chosen) {
            sheet.text(ctx, Role::Text, ctx.say(layer.note.0, layer.note.1), room);
        }
    }
}

impl Screen for Pillars {
    fn context(&self) -> Context {
        Context::Player
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("player.pillars").to_owned()]
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        let mut offers = vec![Offer::new(Action::Up, 66), Offer::new(Action::Down, 66)];
        if self.side == Side::Measures {
            offers.push(Offer::new(Action::Accept, 90).called("고르고 빼기", "take or drop"));
        }
        let next = Offer::new(Action::PlayNext, 80);
        offers.push(match self.side {
            Side::Measures => next.called("기둥의 질문", "questions"),
            Side::Questions => next.called("책임 나누기", "responsibility"),
            Side::Responsibility => next.called("조치", "measures"),
        });
        offers.push(Offer::new(Action::PlayAgain, 50));
        offers
    }

    fn act(&mut self, action: Action, _: &Ctx) -> Vec<Ask> {
        let length = self.length();
        match action {
            Action::Up => self.chosen = kit::moved(self.chosen, -1, length),
            Action::Down => self.chosen = kit::moved(self.chosen, 1, length),
            Action::First => self.chosen = 0,
            Action::Last => self.chosen = length - 1,
            // The space bar, which turns pages elsewhere, marks here.
            Action::Accept | Action::PageDown => self.switch(),
            Action::PlayNext => {
                self.side = kit::turned(&Side::ALL, self.side, 1);
                self.chosen = 0;
            }
            Action::PlayAgain => *self = Self { side: self.side, ..Self::default() },
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
        let (title, tip) = match self.side {
            Side::Measures => (
                ctx.say("작은 웹 서비스: ALB, EC2 두 대, RDS", "A small web service: ALB, two EC2, RDS"),
                (
                    "가장 적은 조치로 여섯 기둥을 모두 채워 보세요. -는 대가입니다.",
                    "Look after all six pillars with as few measures as you can. A - is the price.",
                ),
            ),
            Side::Questions => (
                ctx.say("여섯 기둥이 묻는 것", "What the six pillars ask"),
                (
                    "지금 만드는 서비스에 질문을 하나씩 던져 보세요.",
                    "Ask each question of a service that you are building.",
                ),
            ),
            Side::Responsibility => (
                ctx.say("공동 책임: 누가 무엇을", "Shared responsibility: who does what"),
                (
                    "EC2에서 Lambda로 갈수록 고객의 몫이 어떻게 줄어드는지 보세요.",
                    "See how your part shrinks from EC2 to Lambda.",
                ),
            ),
        };
        let body = kit::page(ctx, area, canvas, title, tip);
        let mut sheet = Sheet::default();
        match self.side {
            Side::Measures => self.measures(ctx, &mut sheet, body.width),
            Side::Questions => self.questions(ctx, &mut sheet, body.width),
            Side::Responsibility => self.responsibility(ctx, &mut sheet, body.width),
        }
        sheet.draw(body, canvas);
    }
}
