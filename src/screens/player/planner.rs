//! The subnet planner: the course's VPC and its subnets on a map, to add, resize and move.

use ratatui::layout::Rect;
use ratatui::text::Span;

use ipnet::Ipv4Net;

use crate::i18n::Lang;
use crate::input::{Action, Context, Edit};
use crate::lesson::cidr::Block;
use crate::lesson::plan::{Cell, Plan, Row, size};
use crate::screens::{Ask, Canvas, Ctx, Offer, Screen};
use crate::view::text::pad;
use crate::view::theme::Role;

use super::kit::{self, Field, Sheet, grouped};

/// Cells of the map.
const CELLS: u32 = 256;
/// The first number of a click on the map; below it are rows.
const MAP: usize = 1000;

/// The planner.
pub struct Planner {
    plan: Plan,
    chosen: usize,
    field: Field,
    /// The plan to which one can go back.
    first: Plan,
    /// What the last change could not do.
    full: bool,
}

impl Default for Planner {
    fn default() -> Self {
        Self::of(Plan::course())
    }
}

/// The letter of a row on the map.
fn letter(row: usize) -> char {
    u8::try_from(row).ok().filter(|row| *row < 26).map_or('+', |row| char::from(b'a' + row))
}

impl Planner {
    /// A block to part.
    pub(super) fn parting(net: Ipv4Net) -> Self {
        Self::of(Plan::parting(net))
    }

    fn of(plan: Plan) -> Self {
        Self { first: plan.clone(), plan, chosen: 0, field: Field::default(), full: false }
    }

    fn resize(&mut self, by: i8) {
        if let Some(row) = self.plan.rows.get(self.chosen) {
            let prefix = row.net.prefix_len().saturating_add_signed(by).min(32);
            self.plan.resize(self.chosen, prefix);
        }
    }

    fn add(&mut self) {
        let prefix = self.plan.rows.get(self.chosen).map_or(28, |row| row.net.prefix_len());
        self.full = !self.plan.add(prefix);
        if !self.full {
            self.chosen = self.plan.rows.len() - 1;
        }
    }

    /// Takes what was typed: `name 10.1.3.0/24`, or the block alone.
    fn take(&mut self) {
        let text = self.field.text().trim().to_owned();
        let (name, block) = text.rsplit_once(' ').unwrap_or(("", &text));
        match Block::parse(block) {
            Ok(block) => {
                if let Some(row) = self.plan.rows.get_mut(self.chosen) {
                    row.net = block.net();
                    if !name.trim().is_empty() {
                        name.trim().clone_into(&mut row.name);
                    }
                }
                self.field.close();
            }
            Err(fault) => self.field.refuse(fault.within(&text, text.len() - block.len())),
        }
    }

    fn map(&self, ctx: &Ctx, sheet: &mut Sheet, room: u16) {
        let look = &ctx.look;
        let cells = self.plan.cells(CELLS);
        let width = if room >= 84 { 64 } else { 32 };
        for (line, part) in cells.chunks(width).enumerate() {
            let start = self.plan.cell_start(CELLS, line * width);
            let mut spans = vec![look.span(Role::Dim, format!(" {:<16}", start.to_string()))];
            spans.extend(part.iter().map(|cell| match cell {
                Cell::Free => look.span(Role::Dim, "."),
                Cell::One(row) if *row == self.chosen => {
                    look.span(Role::Accent, letter(*row).to_ascii_uppercase().to_string())
                }
                Cell::One(row) => look.span(Role::Ready, letter(*row).to_string()),
                Cell::Several => look.span(Role::Ready, "="),
                Cell::Clash => look.span(Role::Failed, "!"),
            }));
            sheet.push(spans);
            for at in 0..part.len() {
                let x = 17 + u16::try_from(at).unwrap_or(0);
                sheet.spot(x, 1, MAP + line * width + at);
            }
        }
        let each = grouped(self.plan.cell_size(CELLS));
        let free = grouped(self.plan.free_addresses());
        let all = grouped(size(self.plan.vpc));
        let text = match ctx.lang() {
            Lang::Ko => format!("한 칸 {each}개 · . 빈 곳 · ! 겹침 · 빈 주소 {free} / {all}"),
            Lang::En => format!("a cell is {each} · . free · ! overlap · {free} of {all} free"),
        };
        sheet.text(ctx, Role::Dim, &text, room);
    }

    fn rows(&self, ctx: &Ctx, sheet: &mut Sheet) {
        let troubles = self.plan.troubles();
        for (at, row) in self.plan.rows.iter().enumerate() {
            let wrong = troubles.iter().any(|trouble| trouble.concerns(at));
            let (mark, role) = if wrong { ("✗", Role::Failed) } else { ("✓", Role::Checked) };
            let usable = Block::new(row.net.network(), row.net.prefix_len()).usable();
            sheet.row(
                ctx,
                at,
                at == self.chosen,
                vec![
                    ctx.look.span(role, format!("{mark} ")),
                    Span::raw(format!("{} {} ", letter(at), pad(&row.name, 23))),
                    Span::raw(format!("{:<16}", row.net.to_string())),
                    ctx.look.span(Role::Dim, format!("{:>7}", grouped(usable))),
                ],
            );
        }
    }

    fn words(&self, ctx: &Ctx, sheet: &mut Sheet, room: u16) {
        let troubles = self.plan.troubles();
        for trouble in troubles.iter().take(3) {
            let text = self.plan.told(*trouble);
            sheet.hung(ctx, Role::Failed, "! ", &format!("{} ({})", ctx.t(&text), trouble.code()), room);
        }
        if self.full {
            let text = ctx.say("그 크기로 비어 있는 곳이 없습니다.", "No free place is that large.");
            sheet.text(ctx, Role::Failed, text, room);
        }
        let free = self.plan.free();
        let shown: Vec<String> = free.iter().take(4).map(ToString::to_string).collect();
        let more = free.len().saturating_sub(shown.len());
        let mut text = if shown.is_empty() { ctx.say("없음", "none").to_owned() } else { shown.join("  ") };
        if more > 0 {
            text.push_str(&match ctx.lang() {
                Lang::Ko => format!("  외 {more}곳"),
                Lang::En => format!("  and {more} more"),
            });
        }
        sheet.hung(ctx, Role::Text, ctx.say("빈 곳: ", "Free: "), &text, room);
    }
}

impl Screen for Planner {
    fn context(&self) -> Context {
        Context::Player
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("player.subnets").to_owned()]
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        if self.field.is_open() {
            return vec![
                Offer::new(Action::Accept, 90).called("넣기", "take it"),
                Offer::new(Action::Back, 80).called("그만두기", "cancel"),
            ];
        }
        vec![
            Offer::new(Action::PlayLeft, 70).called("크게", "larger"),
            Offer::new(Action::PlayRight, 70).called("작게", "smaller"),
            Offer::new(Action::PlayBefore, 68).called("앞으로", "back"),
            Offer::new(Action::PlayAfter, 68).called("뒤로", "on"),
            Offer::new(Action::PlayAdd, 59),
            Offer::new(Action::PlayRemove, 57),
            Offer::new(Action::PlayEdit, 58),
            Offer::new(Action::PlayAgain, 40),
        ]
    }

    fn edits_text(&self) -> bool {
        self.field.is_open()
    }

    fn edit(&mut self, edit: Edit, _: &Ctx) -> Vec<Ask> {
        self.field.edit(edit);
        Vec::new()
    }

    fn act(&mut self, action: Action, _: &Ctx) -> Vec<Ask> {
        let length = self.plan.rows.len();
        if self.field.is_open() {
            match action {
                Action::Accept => self.take(),
                Action::Back => self.field.close(),
                _ => {}
            }
            return Vec::new();
        }
        self.full = false;
        match action {
            Action::Up => self.chosen = kit::moved(self.chosen, -1, length),
            Action::Down => self.chosen = kit::moved(self.chosen, 1, length),
            Action::First => self.chosen = 0,
            Action::Last => self.chosen = length.saturating_sub(1),
            Action::PlayLeft => self.resize(-1),
            Action::PlayRight => self.resize(1),
            Action::PlayBefore => self.plan.shift(self.chosen, false),
            Action::PlayAfter => self.plan.shift(self.chosen, true),
            Action::PlayAdd => self.add(),
            Action::PlayRemove if self.chosen < length => {
                self.plan.rows.remove(self.chosen);
                self.chosen = kit::moved(self.chosen, 0, length - 1);
            }
            Action::PlayEdit => {
                if let Some(Row { name, net }) = self.plan.rows.get(self.chosen) {
                    self.field.open(format!("{name} {net}"));
                }
            }
            Action::PlayAgain => *self = Self::of(self.first.clone()),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, _: &Ctx) -> Vec<Ask> {
        match row.checked_sub(MAP) {
            Some(cell) => self.plan.place(self.chosen, self.plan.cell_start(CELLS, cell)),
            None => self.chosen = row,
        }
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let vpc = self.plan.vpc.to_string();
        let title = ctx.look.fill("player.subnets-title", &[("vpc", &vpc)]);
        let tip = (
            "> 키로 한 서브넷을 옆 서브넷 위로 옮겨 보세요. 지도에서 !가 되는 곳이 겹친 곳입니다.",
            "Push a subnet onto its neighbour with >: where the map turns to !, they overlap.",
        );
        let body = kit::page(ctx, area, canvas, &title, tip);
        let mut sheet = Sheet::default();
        self.map(ctx, &mut sheet, body.width);
        self.rows(ctx, &mut sheet);
        self.words(ctx, &mut sheet, body.width);
        self.field.lines(ctx, &mut sheet, body.width);
        sheet.draw(body, canvas);
    }
}
