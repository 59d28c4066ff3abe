//! The evolution player: eleven stages of an infrastructure, and what fails at each when a part is killed.

use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::input::{Action, Context};
use crate::lesson::evolution::{Deed, Part, Place, Stage, Tier, Victim, stages};
use crate::screens::{Ask, Canvas, Ctx, Offer, Screen};
use crate::view::text::{pad, width};
use crate::view::theme::Role;

use super::kit::{self, Sheet};

/// Cells of a zone's column.
const ZONE: usize = 26;
/// The same, as areas count.
const ZONE_CELLS: u16 = 26;

/// The player.
pub struct Evolution {
    stages: Vec<Stage>,
    at: usize,
    chosen: usize,
    killed: Vec<Victim>,
}

impl Default for Evolution {
    fn default() -> Self {
        Self { stages: stages(), at: 0, chosen: 0, killed: Vec::new() }
    }
}

impl Evolution {
    fn stage(&self) -> Option<&Stage> {
        self.stages.get(self.at)
    }

    fn victims(&self) -> Vec<Victim> {
        self.stage().map(Stage::victims).unwrap_or_default()
    }

    fn go(&mut self, by: isize) {
        let chosen = self.victims().get(self.chosen).copied();
        self.at = kit::moved(self.at, by, self.stages.len());
        // What is dead stays dead where it still stands, so that stages can be compared.
        let victims = self.victims();
        self.killed.retain(|victim| victims.contains(victim));
        self.chosen = chosen.and_then(|one| victims.iter().position(|other| *other == one)).unwrap_or(0);
    }

    fn kill(&mut self) {
        let Some(victim) = self.victims().get(self.chosen).copied() else { return };
        if self.killed.contains(&victim) {
            self.killed.retain(|other| *other != victim);
        } else {
            self.killed.push(victim);
        }
    }

    fn is_dead(&self, part: &Part) -> bool {
        self.killed.iter().any(|victim| Stage::dies(*victim, part))
    }

    /// A part as the diagram shows it, in exactly so many cells.
    fn cell(&self, ctx: &Ctx, part: &Part, cells: usize) -> Vec<Span<'static>> {
        let look = &ctx.look;
        let chosen = self.victims().get(self.chosen) == Some(&Victim::Part(part.id));
        let dead = self.is_dead(part);
        let new = self.stage().is_some_and(|stage| stage.is_new(part));
        let (mark, role) = if dead { ("✗", Role::Failed) } else { ("●", Role::Ready) };
        let pointer = if chosen { "›" } else { " " };
        let fresh = if new && !dead { ctx.say(" 새로", " new") } else { "" };
        let name = format!("{}{fresh}", ctx.say(part.words.0, part.words.1));
        let text = if chosen {
            Role::Selection
        } else if dead {
            Role::Dim
        } else {
            Role::Text
        };
        vec![
            look.span(Role::Accent, pointer),
            look.span(role, format!("{mark} ")),
            look.span(text, pad(&name, cells.saturating_sub(3))),
        ]
    }

    /// One line of the diagram: what stands in zone a, in zone c, and outside the zones.
    fn line(&self, ctx: &Ctx, sheet: &mut Sheet, parts: [Option<&Part>; 2]) {
        let look = &ctx.look;
        let mut spans = vec![look.span(Role::Border, " │")];
        for part in parts {
            match part {
                Some(part) => spans.extend(self.cell(ctx, part, ZONE)),
                None => spans.push(Span::raw(" ".repeat(ZONE))),
            }
            spans.push(look.span(Role::Border, "│"));
        }
        sheet.push(spans);
        for (column, part) in [2_u16, 3 + ZONE_CELLS].into_iter().zip(parts) {
            if let Some(part) = part {
                self.clickable(sheet, column, part);
            }
        }
    }

    fn clickable(&self, sheet: &mut Sheet, column: u16, part: &Part) {
        if let Some(at) = self.victims().iter().position(|victim| *victim == Victim::Part(part.id)) {
            sheet.spot(column, ZONE_CELLS, at);
            if at == self.chosen {
                sheet.choose();
            }
        }
    }

    fn alone(&self, ctx: &Ctx, sheet: &mut Sheet, part: &Part) {
        let mut spans = vec![Span::raw("  ")];
        spans.extend(self.cell(ctx, part, ZONE + 4));
        sheet.push(spans);
        self.clickable(sheet, 2, part);
    }

    fn diagram(&self, ctx: &Ctx, stage: &Stage, sheet: &mut Sheet) {
        let look = &ctx.look;
        let at = |tier: Tier, place: Place| {
            stage.parts.iter().filter(move |part| part.tier == tier && part.place == place).collect::<Vec<_>>()
        };
        for part in stage.parts.iter().filter(|part| part.place == Place::Edge) {
            self.alone(ctx, sheet, part);
        }
        let mut heads = vec![look.span(Role::Border, " ┌")];
        let mut places = Vec::new();
        for (zone, column) in [('a', 2_u16), ('c', 3 + ZONE_CELLS)] {
            let victim = Victim::Zone(zone);
            let row = self.victims().iter().position(|other| *other == victim);
            let chosen = row == Some(self.chosen);
            let dead = self.killed.contains(&victim) || self.killed.contains(&Victim::Region);
            let mark = if dead { "✗ " } else { "" };
            let pointer = if chosen { "›" } else { "─" };
            let name = format!("{pointer} {mark}ap-northeast-2{zone} ");
            let rest = "─".repeat(ZONE.saturating_sub(width(&name)));
            let role = if dead {
                Role::Failed
            } else if chosen {
                Role::Selection
            } else {
                Role::Border
            };
            heads.push(look.span(role, name));
            heads.push(look.span(Role::Border, rest));
            heads.push(look.span(Role::Border, if zone == 'a' { "┬" } else { "┐" }));
            places.push((column, row, chosen));
        }
        sheet.push(heads);
        for (column, row, chosen) in places {
            if let Some(row) = row {
                sheet.spot(column, ZONE_CELLS, row);
            }
            if chosen {
                sheet.choose();
            }
        }
        for tier in Tier::ALL {
            let (left, right) = (at(tier, Place::Zone('a')), at(tier, Place::Zone('c')));
            for row in 0..left.len().max(right.len()) {
                self.line(ctx, sheet, [left.get(row).copied(), right.get(row).copied()]);
            }
        }
        let rule = "─".repeat(ZONE);
        sheet.push(vec![look.span(Role::Border, format!(" └{rule}┴{rule}┘"))]);
        for part in stage.parts.iter().filter(|part| matches!(part.place, Place::Region | Place::Other)) {
            self.alone(ctx, sheet, part);
        }
        let row = self.victims().iter().position(|victim| *victim == Victim::Region);
        let (chosen, dead) = (row == Some(self.chosen), self.killed.contains(&Victim::Region));
        let mark = if dead { "✗ " } else { "● " };
        let role = if dead {
            Role::Failed
        } else if chosen {
            Role::Selection
        } else {
            Role::Dim
        };
        let name = ctx.say("서울 리전 전체", "the whole Seoul region");
        let pointer = if chosen { "  ›" } else { "   " };
        sheet.push(vec![look.span(Role::Accent, pointer), look.span(role, format!("{mark}{name}"))]);
        if let Some(row) = row {
            sheet.spot(2, 30, row);
        }
        if chosen {
            sheet.choose();
        }
    }

    fn effects(&self, ctx: &Ctx, stage: &Stage, room: u16) -> Sheet {
        let mut sheet = Sheet::default();
        for deed in Deed::ALL {
            let effect = stage.effect(deed, &self.killed);
            let (ko, en) = deed.words();
            let head = pad(ctx.say(ko, en), 8);
            let (mark, role) = match effect {
                effect if effect.is_fine() => ("✓", Role::Ready),
                effect if effect.heals() => ("!", Role::Waiting),
                _ => ("✗", Role::Failed),
            };
            sheet.hung(ctx, role, &format!("{mark} {head}"), &effect.told(ctx.lang()), room);
        }
        if stage.loses_data(&self.killed) {
            let text = ctx.say(
                "데이터의 모든 사본이 사라졌습니다. 마지막 백업 뒤의 데이터를 잃습니다.",
                "Every copy of the data is gone: what is newer than the last backup is lost.",
            );
            sheet.text(ctx, Role::Failed, text, room);
        }
        sheet
    }
}

impl Screen for Evolution {
    fn context(&self) -> Context {
        Context::Player
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("player.evolution").to_owned()]
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        let dead = self.victims().get(self.chosen).is_some_and(|victim| self.killed.contains(victim));
        let kill = Offer::new(Action::Accept, 90);
        let mut offers = Vec::new();
        if self.at > 0 {
            offers.push(Offer::new(Action::PlayLeft, 70).called("앞 단계", "stage back"));
        }
        if self.at + 1 < self.stages.len() {
            offers.push(Offer::new(Action::PlayRight, 80).called("다음 단계", "next stage"));
        }
        offers.extend([
            Offer::new(Action::Up, 45).called("위", "up"),
            Offer::new(Action::Down, 66).called("고르기", "choose"),
            if dead { kill.called("되살리기", "revive") } else { kill.called("고장 내기", "kill") },
            Offer::new(Action::PlayAgain, 50).called("모두 살리기", "revive all"),
        ]);
        offers
    }

    fn act(&mut self, action: Action, _: &Ctx) -> Vec<Ask> {
        let length = self.victims().len();
        match action {
            Action::PlayLeft => self.go(-1),
            Action::PlayRight => self.go(1),
            Action::Up => self.chosen = kit::moved(self.chosen, -1, length),
            Action::Down => self.chosen = kit::moved(self.chosen, 1, length),
            Action::First => self.chosen = 0,
            Action::Last => self.chosen = length.saturating_sub(1),
            Action::Accept => self.kill(),
            Action::PlayAgain => self.killed.clear(),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, _: &Ctx) -> Vec<Ask> {
        self.chosen = row;
        self.kill();
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let Some(stage) = self.stage() else { return };
        let number = stage.number.to_string();
        let title = ctx
            .look
            .fill("player.evolution-title", &[("number", &number), ("name", ctx.say(stage.words.0, stage.words.1))]);
        let tip = (
            "하나를 고장 내고(Enter) →로 넘어가며, 어느 단계부터 견디는지 보세요.",
            "Kill a part (Enter), then go on with →: from which stage on does it survive?",
        );
        let body = kit::page(ctx, area, canvas, &title, tip);
        let mut sheet = Sheet::default();
        sheet.text(ctx, Role::Dim, ctx.say(stage.why.0, stage.why.1), body.width);
        self.diagram(ctx, stage, &mut sheet);
        let effects = self.effects(ctx, stage, body.width);
        let height = u16::try_from(effects.len()).unwrap_or(0).min(body.height);
        let wanted = u16::try_from(sheet.len()).unwrap_or(u16::MAX);
        let rows = (body.height - height).min(wanted);
        let gap = u16::from(body.height - height > wanted);
        sheet.draw(Rect { height: rows, ..body }, canvas);
        let y = body.y + rows + gap;
        effects.draw(Rect { y, height: body.bottom().saturating_sub(y), ..body }, canvas);
    }
}
