//! The policy player: the learner draws a load, five policies answer it side by side.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::input::{Action, Context};
use crate::scaling::play::{Group, Minute, Way, play};
use crate::screens::{Ask, Canvas, Ctx, Offer, Screen, Spot};
use crate::view::text::wrap_spans;
use crate::view::theme::Role;
use crate::view::widgets::{put, put_lines};

use super::kit;

/// Columns of the curve; each is [`EACH`] minutes.
const COLUMNS: usize = 40;
const EACH: usize = 3;
/// Cells for what a policy came to.
const SUM: u16 = 23;
/// The highest load, per cent of one server.
const MOST: f64 = 400.0;
const BARS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// What the scheduled policy was told beforehand: from minute 30 on three, from minute 90 on one.
const SCHEDULE: [(usize, u32); 2] = [(30, 3), (90, 1)];

/// The example curves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Example {
    Rush,
    Slope,
    Spike,
    Waves,
}

impl Example {
    const ALL: [Self; 4] = [Self::Rush, Self::Slope, Self::Spike, Self::Waves];

    fn curve(self) -> Vec<f64> {
        (0..COLUMNS)
            .map(|at| match self {
                Self::Rush if (12..26).contains(&at) => 220.0,
                Self::Rush => 40.0,
                Self::Slope => 20.0 + 280.0 * ramp(at),
                Self::Spike if (18..20).contains(&at) => 360.0,
                Self::Spike => 50.0,
                Self::Waves if at / 7 % 2 == 0 => 40.0,
                Self::Waves => 160.0,
            })
            .collect()
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Rush => ("점심시간", "a rush"),
            Self::Slope => ("천천히 오르내림", "a slow rise and fall"),
            Self::Spike => ("갑자기 잠깐", "a short spike"),
            Self::Waves => ("오르락내리락", "up and down"),
        }
    }
}

/// 0 to 1 to 0 over the columns.
fn ramp(at: usize) -> f64 {
    let half = COLUMNS / 2;
    let far = if at < half { at } else { COLUMNS - at };
    far as f64 / half as f64
}

/// The player.
pub struct Policies {
    example: Example,
    curve: Vec<f64>,
    cursor: usize,
}

impl Default for Policies {
    fn default() -> Self {
        Self { example: Example::Rush, curve: Example::Rush.curve(), cursor: 12 }
    }
}

impl Policies {
    fn answer(&self, way: Way) -> Vec<Minute> {
        let minutes = |curve: &[f64]| -> Vec<f64> { curve.iter().flat_map(|load| [*load; EACH]).collect() };
        play(way, &minutes(&self.curve), &minutes(&self.example.curve()), &SCHEDULE, &Group::default())
    }

    fn raise(&mut self, by: f64) {
        if let Some(load) = self.curve.get_mut(self.cursor) {
            *load = (*load + by).clamp(0.0, MOST);
        }
    }

    fn start(&mut self, example: Example) {
        self.example = example;
        self.curve = example.curve();
    }
}

fn way_words(way: Way) -> (&'static str, &'static str) {
    match way {
        Way::Simple => ("단순", "simple"),
        Way::Step => ("단계", "step"),
        Way::Target => ("대상 추적", "target tracking"),
        Way::Scheduled => ("예약", "scheduled"),
        Way::Predictive => ("예측", "predictive"),
    }
}

/// A bar of a share from 0 to 1; anything above nothing shows.
fn bar(share: f64) -> char {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 8")]
    let eighths = (share.clamp(0.0, 1.0) * 8.0).ceil() as usize;
    BARS.get(eighths).copied().unwrap_or(' ')
}

impl Screen for Policies {
    fn context(&self) -> Context {
        Context::Player
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("player.policies").to_owned()]
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        vec![
            Offer::new(Action::PlayLeft, 60),
            Offer::new(Action::PlayRight, 60),
            Offer::new(Action::Up, 70).called("부하 올리기", "more load"),
            Offer::new(Action::Down, 70).called("부하 내리기", "less load"),
            Offer::new(Action::PlayNext, 80),
            Offer::new(Action::PlayAgain, 50),
        ]
    }

    fn act(&mut self, action: Action, _: &Ctx) -> Vec<Ask> {
        match action {
            Action::PlayLeft => self.cursor = self.cursor.saturating_sub(1),
            Action::PlayRight => self.cursor = (self.cursor + 1).min(COLUMNS - 1),
            Action::First => self.cursor = 0,
            Action::Last => self.cursor = COLUMNS - 1,
            Action::Up => self.raise(20.0),
            Action::Down => self.raise(-20.0),
            Action::PlayNext => {
                let at = Example::ALL.iter().position(|one| *one == self.example).unwrap_or(0);
                self.start(Example::ALL[(at + 1) % Example::ALL.len()]);
            }
            Action::PlayAgain => self.start(self.example),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, _: &Ctx) -> Vec<Ask> {
        self.cursor = row.min(COLUMNS - 1);
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        let width = 17_u16;
        let x = area.x + width;
        let say = |pair: (&'static str, &'static str)| ctx.say(pair.0, pair.1);
        let title = format!(
            "{}: {} ({})",
            ctx.say("부하", "Load"),
            say(self.example.words()),
            ctx.say("한 칸에 3분", "a column is 3 min")
        );
        let tip = (
            "← →로 시각을 옮기고 k로 부하를 올려, 어느 정책이 따라잡는지 보세요.",
            "Move with ← →, raise the load with k, and see which policies keep up.",
        );
        let area = kit::page(ctx, area, canvas, &title, tip);
        let mut y = area.y;
        let load = self.curve.get(self.cursor).copied().unwrap_or_default();
        let minute = self.cursor * EACH;
        // The curve, two rows high for each server's worth.
        let rows = if area.height >= 19 { 8 } else { 4 };
        for row in (0..rows).rev() {
            let floor = MOST * f64::from(row) / f64::from(rows);
            let label = format!("{:>14}% ", floor + MOST / f64::from(rows));
            put(canvas.buf, area.x, y, width, Line::from(look.span(Role::Dim, label)));
            let cells = self.curve.iter().enumerate().map(|(at, load)| {
                let share = (load - floor) / (MOST / f64::from(rows));
                let role = if at == self.cursor { Role::Accent } else { Role::Text };
                look.span(role, bar(share).to_string())
            });
            put(canvas.buf, x, y, area.right().saturating_sub(x), Line::from(cells.collect::<Vec<Span<'static>>>()));
            for at in 0..COLUMNS {
                let column = x + u16::try_from(at).unwrap_or(0);
                if column < area.right() {
                    canvas.spot(Rect { x: column, y, width: 1, height: 1 }, Spot::Row(at));
                }
            }
            y += 1;
        }
        let under = format!("{}^", " ".repeat(self.cursor));
        put(canvas.buf, x, y, area.right().saturating_sub(x), Line::from(look.span(Role::Accent, under)));
        let here = match ctx.lang() {
            crate::i18n::Lang::Ko => format!(" {minute}분: {load:.0}%"),
            crate::i18n::Lang::En => format!(" min {minute}: {load:.0} %"),
        };
        put(canvas.buf, area.x, y, width, Line::from(look.span(Role::Accent, here)));
        y += 2;
        let (ko, en) = (" 서버 수 (!: 부하가 넘침)", " Servers (!: more load than they carry)");
        put(canvas.buf, area.x, y, area.width, Line::from(look.span(Role::Title, ctx.say(ko, en))));
        let after = x + u16::try_from(COLUMNS).unwrap_or(0);
        // All of it or nothing: a narrow pane shows the counts alone.
        let sums = area.right() >= after + SUM;
        if sums {
            let head = ctx.say("   넘친 때  서버 시간", "     over  server hours");
            put(canvas.buf, after, y, SUM, Line::from(look.span(Role::Dim, head)));
        }
        y += 1;
        for way in Way::ALL {
            let minutes = self.answer(way);
            let lost = minutes.iter().filter(|minute| minute.overloaded).count();
            let used: u32 = minutes.iter().map(|minute| minute.serving).sum();
            let mut spans = Vec::with_capacity(COLUMNS + 1);
            for part in minutes.chunks(EACH) {
                let serving = part.iter().map(|minute| minute.serving).max().unwrap_or(0);
                let over = part.iter().any(|minute| minute.overloaded);
                let digit = char::from_digit(serving.min(9), 10).unwrap_or('+');
                spans.push(if over { look.span(Role::Failed, "!") } else { look.span(Role::Ready, digit.to_string()) });
            }
            put(
                canvas.buf,
                area.x,
                y,
                width,
                Line::from(vec![Span::raw(" "), look.span(Role::Strong, say(way_words(way)))]),
            );
            put(canvas.buf, x, y, area.right().saturating_sub(x), Line::from(spans));
            let sum = match ctx.lang() {
                crate::i18n::Lang::Ko => format!("   {lost:>5}분  {:>9.1}", f64::from(used) / 60.0),
                crate::i18n::Lang::En => format!(" {lost:>4} min  {:>12.1}", f64::from(used) / 60.0),
            };
            let role = if lost == 0 { Role::Checked } else { Role::Dim };
            if sums {
                put(canvas.buf, after, y, SUM, Line::from(look.span(role, sum)));
            }
            y += 1;
        }
        y += 1;
        let here = self.cursor * EACH;
        let target = self.answer(Way::Target);
        if let Some(minute) = target.get(here) {
            let text = match ctx.lang() {
                crate::i18n::Lang::Ko => format!(
                    "대상 추적: 이때 CPU {:.0}%, 서버 {}대, 원하는 수 {}. 늘리는 데 3분, 켜는 데 2분, 줄이는 데 15분이 걸립니다.",
                    minute.cpu, minute.serving, minute.wanted
                ),
                crate::i18n::Lang::En => format!(
                    "Target tracking: CPU {:.0} %, {} serving, {} wanted. 3 min to decide, 2 to start, 15 to shrink.",
                    minute.cpu, minute.serving, minute.wanted
                ),
            };
            let room = usize::from(area.width.saturating_sub(1));
            let lines = wrap_spans(&[look.span(Role::Dim, text)], room, &[Span::raw(" ")], &[Span::raw(" ")]);
            put_lines(canvas.buf, Rect { y, height: area.bottom().saturating_sub(y), ..area }, &lines);
        }
    }
}
