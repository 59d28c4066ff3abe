//! The CIDR calculator: one block bit by bit, and the same block parted into subnets.

use std::net::Ipv4Addr;

use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::input::{Action, Context, Edit};
use crate::lesson::cidr::{Block, Purpose};
use crate::screens::{Ask, Canvas, Ctx, Offer, Screen};
use crate::view::theme::Role;

use super::kit::{self, Field, Sheet, grouped};
use super::planner::Planner;

/// The block of the course notes.
const START: Block = Block::new(Ipv4Addr::new(10, 10, 1, 2), 26);
/// Cells for the name of a fact.
const NAMES: usize = 15;

/// The calculator.
pub struct Calculator {
    block: Block,
    field: Field,
    /// The block parted into subnets, while that is shown.
    parted: Option<Planner>,
}

impl Default for Calculator {
    fn default() -> Self {
        Self { block: START, field: Field::default(), parted: None }
    }
}

impl Calculator {
    fn step(&mut self, above: bool) {
        if let Some(block) = self.block.neighbour(above) {
            self.block = block;
        }
    }

    fn bits(&self, ctx: &Ctx, sheet: &mut Sheet) {
        let look = &ctx.look;
        let (mut digits, mut letters) = (vec![Span::raw(" ")], vec![Span::raw(" ")]);
        let mut places = Vec::new();
        let mut x = 1;
        for (at, bit) in (0_u8..).zip(self.block.bits()) {
            if at > 0 && at.is_multiple_of(8) {
                digits.push(look.span(Role::Dim, "."));
                letters.push(look.span(Role::Dim, "."));
                x += 1;
            }
            let network = at < self.block.prefix();
            let role = if network { Role::Accent } else { Role::Text };
            digits.push(look.span(role, if bit { "1" } else { "0" }));
            letters.push(look.span(role, if network { "N" } else { "h" }));
            places.push((x, usize::from(at)));
            x += 1;
        }
        sheet.push(digits);
        for (x, bit) in &places {
            sheet.spot(*x, 1, *bit);
        }
        sheet.push(letters);
        for (x, bit) in places {
            sheet.spot(x, 1, bit);
        }
        let (network, host) = (self.block.prefix(), self.block.host_bits());
        sheet.push(vec![
            look.span(Role::Accent, format!(" N {}", ctx.say("네트워크", "network"))),
            Span::raw(format!(" {network}   ")),
            look.span(Role::Strong, format!("h {}", ctx.say("호스트", "host"))),
            Span::raw(match ctx.lang() {
                crate::i18n::Lang::Ko => format!(" {host}   주소 2^{host} = {}개", grouped(self.block.size())),
                crate::i18n::Lang::En => format!(" {host}   2^{host} = {} addresses", grouped(self.block.size())),
            }),
        ]);
    }

    fn facts(&self, ctx: &Ctx, sheet: &mut Sheet, room: u16) {
        let (block, look) = (self.block, &ctx.look);
        sheet.fact(
            ctx,
            ("서브넷 마스크", "Subnet mask"),
            NAMES,
            format!("{}  {} {}", block.mask(), ctx.say("와일드카드", "wildcard"), block.wildcard()),
        );
        sheet.fact(ctx, ("블록", "Block"), NAMES, block.net().to_string());
        sheet.fact(ctx, ("범위", "Range"), NAMES, format!("{} - {}", block.first(), block.last()));
        sheet.fact(ctx, ("일반 호스트 수", "Hosts elsewhere"), NAMES, grouped(block.classic_hosts()));
        let (ko, en) = block.realm().words();
        sheet.fact(ctx, ("대역", "Kind of range"), NAMES, ctx.say(ko, en));
        let (ko, en) = block.fit().words();
        let role = if block.usable() > 0 { Role::Checked } else { Role::Failed };
        let mark = if block.usable() > 0 { "✓ " } else { "✗ " };
        sheet.push(vec![
            look.span(Role::Dim, format!(" {} ", crate::view::text::pad("AWS", NAMES))),
            look.span(role, mark),
            look.span(role, ctx.say(ko, en)),
        ]);
        if let Some((first, last)) = block.usable_range() {
            let usable = format!("{}   {first} - {last}", grouped(block.usable()));
            sheet.fact(ctx, ("쓸 수 있는 주소", "Usable in AWS"), NAMES, usable);
            sheet.gap();
            sheet.head(ctx, ctx.say("AWS가 서브넷마다 쓰는 주소 5개", "The five that AWS keeps in every subnet"));
            for (address, purpose) in block.reserved() {
                let (ko, en) = purpose.words();
                let here = address == block.address();
                let mark = if here { ctx.say("  < 입력한 주소", "  < what was typed") } else { "" };
                sheet.push(vec![
                    Span::raw(format!("   {address:<16}")),
                    look.span(Role::Dim, ctx.say(ko, en)),
                    look.span(Role::Accent, mark),
                ]);
            }
        }
        self.verdict(ctx, sheet, room);
    }

    /// What the typed address itself is, when it is not the block's own.
    fn verdict(&self, ctx: &Ctx, sheet: &mut Sheet, room: u16) {
        let block = self.block;
        if !block.has_host_bits() {
            return;
        }
        let (address, net) = (block.address(), block.net());
        let text = match (ctx.lang(), block.purpose(address)) {
            (crate::i18n::Lang::Ko, Some(Purpose::Usable)) => {
                format!(
                    "{address} 주소에는 호스트 비트가 있습니다. 인스턴스의 주소로는 맞고, 블록으로 쓰면 EC2가 {net} 블록으로 고쳐 적습니다."
                )
            }
            (crate::i18n::Lang::En, Some(Purpose::Usable)) => {
                format!("{address} has host bits: right for an instance. As a block, EC2 writes {net} instead.")
            }
            (crate::i18n::Lang::Ko, Some(_)) => {
                format!(
                    "{address} 주소에는 호스트 비트가 있어 블록은 {net}입니다. 이 주소는 AWS가 쓰므로 인스턴스에 줄 수 없습니다."
                )
            }
            (crate::i18n::Lang::En, Some(_)) => {
                format!("{address} has host bits, so the block is {net}. AWS keeps this address: no instance gets it.")
            }
            (crate::i18n::Lang::Ko, None) => format!("{address} 주소에는 호스트 비트가 있어 블록은 {net}입니다."),
            (crate::i18n::Lang::En, None) => format!("{address} has host bits, so the block is {net}."),
        };
        sheet.text(ctx, Role::Quote, &text, room);
    }
}

impl Screen for Calculator {
    fn context(&self) -> Context {
        Context::Player
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("player.cidr").to_owned()]
    }

    fn offers(&self, ctx: &Ctx) -> Vec<Offer> {
        if self.field.is_open() {
            return vec![
                Offer::new(Action::Accept, 90).called("계산", "work out"),
                Offer::new(Action::Back, 80).called("그만두기", "cancel"),
            ];
        }
        if let Some(planner) = &self.parted {
            let mut offers = planner.offers(ctx);
            offers.push(Offer::new(Action::PlayNext, 75).called("계산기로", "calculator"));
            return offers;
        }
        vec![
            Offer::new(Action::PlayLeft, 70).called("큰 블록", "larger"),
            Offer::new(Action::PlayRight, 70).called("작은 블록", "smaller"),
            Offer::new(Action::Down, 65).called("다음 블록", "next block"),
            Offer::new(Action::PlayEdit, 80),
            Offer::new(Action::PlayNext, 75).called("나누기", "split"),
            Offer::new(Action::PlayAgain, 40),
        ]
    }

    fn edits_text(&self) -> bool {
        self.field.is_open() || self.parted.as_ref().is_some_and(Planner::edits_text)
    }

    fn edit(&mut self, edit: Edit, ctx: &Ctx) -> Vec<Ask> {
        if let Some(planner) = self.parted.as_mut().filter(|_| !self.field.is_open()) {
            return planner.edit(edit, ctx);
        }
        self.field.edit(edit);
        Vec::new()
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        if self.field.is_open() {
            match action {
                Action::Accept => match Block::parse(self.field.text().trim()) {
                    Ok(block) => {
                        self.block = block;
                        self.field.close();
                    }
                    Err(fault) => self.field.refuse(fault),
                },
                Action::Back => self.field.close(),
                _ => {}
            }
            return Vec::new();
        }
        if let Some(planner) = &mut self.parted {
            if action == Action::PlayNext && !planner.edits_text() {
                self.parted = None;
                return Vec::new();
            }
            return planner.act(action, ctx);
        }
        match action {
            Action::PlayLeft => self.block = self.block.resized(self.block.prefix().saturating_sub(1)),
            Action::PlayRight => self.block = self.block.resized(self.block.prefix() + 1),
            Action::Up => self.step(false),
            Action::Down => self.step(true),
            Action::PlayEdit => self.field.open(self.block.to_string()),
            Action::PlayNext => self.parted = Some(Planner::parting(self.block.net())),
            Action::PlayAgain => *self = Self::default(),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, ctx: &Ctx) -> Vec<Ask> {
        if let Some(planner) = &mut self.parted {
            return planner.click(row, ctx);
        }
        if let Ok(bit) = u8::try_from(row) {
            self.block = self.block.flipped(bit);
        }
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        if let Some(planner) = &mut self.parted {
            planner.view(ctx, area, canvas);
            return;
        }
        let title = ctx.look.fill("player.cidr-title", &[("block", &self.block.to_string())]);
        let tip = (
            "← →로 네트워크와 호스트의 경계를 옮겨 보세요. 주소는 e로 치거나 비트를 마우스로 눌러 바꿉니다.",
            "Move the line between network and host with ← →. Type an address with e, or click on a bit.",
        );
        let body = kit::page(ctx, area, canvas, &title, tip);
        let mut sheet = Sheet::default();
        self.field.lines(ctx, &mut sheet, body.width);
        self.bits(ctx, &mut sheet);
        if sheet.len() < 6 && body.height > 19 {
            sheet.gap();
        }
        self.facts(ctx, &mut sheet, body.width);
        sheet.draw(body, canvas);
    }
}
