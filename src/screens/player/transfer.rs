//! The transfer calculator: size, bandwidth, distance, window; and the time that it takes.

use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::i18n::Lang;
use crate::input::{Action, Context, Edit};
use crate::lesson::transfer::{
    Limit, Transfer, binary, bits, decimal, parse_connections, parse_rate, parse_rtt, parse_size, rate, time,
};
use crate::screens::{Ask, Canvas, Ctx, Offer, Screen};
use crate::view::text::pad;
use crate::view::theme::Role;

use super::kit::{self, Field, Sheet};

/// Cells for the name of a fact.
const NAMES: usize = 18;

const SIZES: [f64; 10] = [1e6, 10e6, 100e6, 700e6, 1e9, 5e9, 10e9, 100e9, 1e12, 10e12];
const RATES: [f64; 9] = [1e6, 10e6, 50e6, 100e6, 500e6, 1e9, 5e9, 10e9, 25e9];
const RTTS: [f64; 8] = [0.0, 1.0, 10.0, 35.0, 100.0, 150.0, 200.0, 300.0];
const WINDOWS: [Option<f64>; 6] =
    [Some(65_536.0), Some(262_144.0), Some(1_048_576.0), Some(4_194_304.0), Some(16_777_216.0), None];
const CONNECTIONS: [u32; 6] = [1, 2, 4, 8, 16, 32];

/// What can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Input {
    Size,
    Rate,
    Rtt,
    Window,
    Connections,
}

impl Input {
    const ALL: [Self; 5] = [Self::Size, Self::Rate, Self::Rtt, Self::Window, Self::Connections];

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Size => ("크기", "Size"),
            Self::Rate => ("대역폭", "Bandwidth"),
            Self::Rtt => ("왕복 시간", "Round trip"),
            Self::Window => ("TCP 윈도", "TCP window"),
            Self::Connections => ("동시 연결", "Connections"),
        }
    }
}

/// The calculator.
#[derive(Default)]
pub struct Calculator {
    transfer: Transfer,
    chosen: usize,
    field: Field,
}

/// The neighbour of a value in an ascending list, whether it is in the list or not.
fn beside(all: &[f64], now: f64, up: bool) -> f64 {
    let found = if up {
        all.iter().find(|one| **one > now * (1.0 + 1e-9))
    } else {
        all.iter().rev().find(|one| **one < now * (1.0 - 1e-9))
    };
    found.copied().unwrap_or(now)
}

impl Calculator {
    fn input(&self) -> Input {
        Input::ALL.get(self.chosen).copied().unwrap_or(Input::Size)
    }

    fn turn(&mut self, up: bool) {
        let transfer = &mut self.transfer;
        let by = if up { 1 } else { -1 };
        match self.chosen {
            0 => transfer.bytes = beside(&SIZES, transfer.bytes, up),
            1 => transfer.bandwidth = beside(&RATES, transfer.bandwidth, up),
            2 => transfer.rtt = beside(&RTTS, transfer.rtt, up),
            3 => {
                let at = WINDOWS.iter().position(|one| *one == transfer.window).unwrap_or(WINDOWS.len() - 1);
                transfer.window = WINDOWS.get(kit::moved(at, by, WINDOWS.len())).copied().flatten();
            }
            _ => {
                let at = CONNECTIONS.iter().position(|one| *one == transfer.connections).unwrap_or(0);
                transfer.connections = CONNECTIONS.get(kit::moved(at, by, CONNECTIONS.len())).copied().unwrap_or(1);
            }
        }
    }

    fn shown(&self, input: Input, lang: Lang) -> String {
        let transfer = &self.transfer;
        match (input, lang) {
            (Input::Size, _) => decimal(transfer.bytes),
            (Input::Rate, _) => rate(transfer.bandwidth),
            (Input::Rtt, _) => format!("{} ms", transfer.rtt),
            (Input::Window, Lang::Ko) => transfer.window.map_or_else(|| "제한 없음".to_owned(), binary),
            (Input::Window, Lang::En) => transfer.window.map_or_else(|| "without limit".to_owned(), binary),
            (Input::Connections, Lang::Ko) => format!("{}개", transfer.connections),
            (Input::Connections, Lang::En) => transfer.connections.to_string(),
        }
    }

    fn take(&mut self) {
        let text = self.field.text().trim().to_owned();
        let result = match self.input() {
            Input::Size => parse_size(&text).map(|bytes| self.transfer.bytes = bytes),
            Input::Rate => parse_rate(&text).map(|bits| self.transfer.bandwidth = bits),
            Input::Window => parse_size(&text).map(|bytes| self.transfer.window = Some(bytes)),
            Input::Rtt => parse_rtt(&text).map(|ms| self.transfer.rtt = ms),
            Input::Connections => parse_connections(&text).map(|count| self.transfer.connections = count),
        };
        match result {
            Ok(()) => self.field.close(),
            Err(fault) => self.field.refuse(fault),
        }
    }

    fn outcome(&self, ctx: &Ctx, sheet: &mut Sheet, room: u16) {
        let (transfer, look) = (&self.transfer, &ctx.look);
        let say = |pair: (String, String)| if ctx.lang() == Lang::Ko { pair.0 } else { pair.1 };
        let took = say(time(transfer.seconds()));
        sheet.push(vec![
            look.span(Role::Strong, format!(" {} ", pad(ctx.say("걸리는 시간", "Time"), NAMES))),
            look.span(Role::Accent, took),
        ]);
        let (mark, ko, en) = match transfer.limit() {
            Limit::Bandwidth => ("✓", "회선을 가득 씁니다", "the line is full"),
            Limit::Window => ("✗", "윈도가 막습니다", "the window holds it back"),
        };
        let role = if transfer.limit() == Limit::Bandwidth { Role::Ready } else { Role::Failed };
        sheet.push(vec![
            look.span(Role::Dim, format!(" {} ", pad(ctx.say("실제 속도", "Reached"), NAMES))),
            Span::raw(format!("{}  ", rate(transfer.rate()))),
            look.span(role, format!("{mark} {}", ctx.say(ko, en))),
        ]);
        let units = format!("{} = {} = {}", decimal(transfer.bytes), binary(transfer.bytes), bits(transfer.bytes));
        sheet.fact(ctx, ("같은 크기", "The same size"), NAMES, units);
        let line = format!("{} = {}/s", rate(transfer.bandwidth), decimal(transfer.bandwidth / 8.0));
        sheet.fact(ctx, ("같은 대역폭", "The same bandwidth"), NAMES, line);
        sheet.fact(ctx, ("회선을 채우는 윈도", "Window that fills"), NAMES, binary(transfer.needed_window()));
        sheet.gap();
        let (wrong, right) =
            (say(time(transfer.naive_seconds())), say(time(transfer.bytes * 8.0 / transfer.bandwidth)));
        let text = match ctx.lang() {
            Lang::Ko => format!("바이트를 비트로 착각하면 {wrong} 걸린다고 기대합니다. 8을 곱하면 {right} 걸립니다."),
            Lang::En => format!("Whoever takes bytes for bits expects {wrong}. Times 8 it is {right}."),
        };
        sheet.text(ctx, Role::Quote, &text, room);
        if transfer.limit() == Limit::Window {
            let text = ctx.say(
                "윈도는 확인 응답이 오기 전에 보낼 수 있는 양입니다: 속도 = 윈도 / 왕복 시간.",
                "A window is what may be sent before an answer comes back: speed = window / round trip.",
            );
            sheet.text(ctx, Role::Dim, text, room);
        }
    }
}

impl Screen for Calculator {
    fn context(&self) -> Context {
        Context::Player
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("player.transfer").to_owned()]
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        if self.field.is_open() {
            return vec![
                Offer::new(Action::Accept, 90).called("계산", "work out"),
                Offer::new(Action::Back, 80).called("그만두기", "cancel"),
            ];
        }
        vec![
            Offer::new(Action::Up, 66),
            Offer::new(Action::Down, 66),
            Offer::new(Action::PlayLeft, 70).called("줄이기", "less"),
            Offer::new(Action::PlayRight, 70).called("늘리기", "more"),
            Offer::new(Action::PlayEdit, 80),
            Offer::new(Action::PlayAgain, 50),
        ]
    }

    fn edits_text(&self) -> bool {
        self.field.is_open()
    }

    fn edit(&mut self, edit: Edit, _: &Ctx) -> Vec<Ask> {
        self.field.edit(edit);
        Vec::new()
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        if self.field.is_open() {
            match action {
                Action::Accept => self.take(),
                Action::Back => self.field.close(),
                _ => {}
            }
            return Vec::new();
        }
        match action {
            Action::Up => self.chosen = kit::moved(self.chosen, -1, Input::ALL.len()),
            Action::Down => self.chosen = kit::moved(self.chosen, 1, Input::ALL.len()),
            Action::PlayLeft => self.turn(false),
            Action::PlayRight => self.turn(true),
            Action::PlayEdit => {
                let text = match self.input() {
                    // A window without limit and a count have nothing to begin with.
                    Input::Window if self.transfer.window.is_none() => String::new(),
                    Input::Connections => self.transfer.connections.to_string(),
                    input => self.shown(input, ctx.lang()),
                };
                self.field.open(text);
            }
            Action::PlayAgain => *self = Self::default(),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, _: &Ctx) -> Vec<Ask> {
        // The second click on a row does what → does.
        if self.chosen == row {
            self.turn(true);
        }
        self.chosen = row;
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        let title = ctx.say("전송 시간 계산기", "How long a transfer takes");
        let tip = (
            "TCP 윈도를 64 KiB로 줄이고 왕복 시간을 바꿔 보세요. 대역폭은 그대로입니다.",
            "Make the TCP window 64 KiB and change the round trip. The bandwidth stays the same.",
        );
        let body = kit::page(ctx, area, canvas, title, tip);
        let mut sheet = Sheet::default();
        for (at, input) in Input::ALL.into_iter().enumerate() {
            let (ko, en) = input.words();
            let chosen = at == self.chosen;
            let role = if chosen { Role::Selection } else { Role::Text };
            let value = self.shown(input, ctx.lang());
            let spans = vec![
                look.span(role, format!("{} ", pad(ctx.say(ko, en), NAMES - 2))),
                Span::raw(if chosen { format!("< {value} >") } else { format!("  {value}") }),
            ];
            sheet.row(ctx, at, chosen, spans);
        }
        self.field.lines(ctx, &mut sheet, body.width);
        sheet.gap();
        self.outcome(ctx, &mut sheet, body.width);
        sheet.draw(body, canvas);
    }
}
