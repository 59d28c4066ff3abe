//! The naming picker: a resource and its name; can it be renamed?

use ratatui::layout::Rect;
use ratatui::text::Span;

use crate::i18n::Lang;
use crate::input::{Action, Context};
use crate::lesson::naming::{Named, RESOURCES, Renaming};
use crate::screens::{Ask, Canvas, Ctx, Offer, Screen};
use crate::view::text::pad;
use crate::view::theme::Role;

use super::kit::{self, Sheet};

/// The picker.
#[derive(Default)]
pub struct Naming {
    at: usize,
    chosen: usize,
    /// What was answered of each resource, first guesses only.
    answers: Vec<(usize, Renaming)>,
    /// Whether the answer to this one is shown.
    shown: Option<Renaming>,
}

impl Naming {
    fn resource(&self) -> Option<&'static Named> {
        RESOURCES.get(self.at)
    }

    fn guess(&mut self, choice: usize) {
        let Some(guess) = Renaming::ALL.get(choice).copied() else { return };
        self.chosen = choice;
        self.shown = Some(guess);
        if !self.answers.iter().any(|(at, _)| *at == self.at) {
            self.answers.push((self.at, guess));
        }
    }

    fn go(&mut self, by: isize) {
        let at = kit::moved(self.at, by, RESOURCES.len());
        if at != self.at {
            *self = Self { at, answers: std::mem::take(&mut self.answers), ..Self::default() };
        }
    }

    fn accept(&mut self) {
        if self.shown.is_some() && self.at + 1 < RESOURCES.len() {
            self.go(1);
        } else {
            self.guess(self.chosen);
        }
    }

    fn right(&self) -> usize {
        let is_right = |(at, guess): &&(usize, Renaming)| RESOURCES.get(*at).is_some_and(|one| one.renaming == *guess);
        self.answers.iter().filter(is_right).count()
    }

    /// What was found out so far, by kind of name.
    fn sorted(&self, ctx: &Ctx, sheet: &mut Sheet, room: u16) {
        for renaming in Renaming::ALL {
            let known = RESOURCES
                .iter()
                .enumerate()
                .filter(|(at, one)| one.renaming == renaming && self.answers.iter().any(|(answered, _)| answered == at))
                .map(|(_, one)| ctx.say(one.kind.0, one.kind.1))
                .collect::<Vec<_>>();
            let head = match renaming {
                Renaming::Tag => ctx.say("태그      ", "tag       "),
                Renaming::Modify => ctx.say("수정 가능 ", "modifiable "),
                Renaming::Never => ctx.say("바꿀 수 없음 ", "for ever  "),
            };
            let text = if known.is_empty() { "-".to_owned() } else { known.join(", ") };
            sheet.hung(ctx, Role::Dim, &pad(head, 14), &text, room);
        }
    }
}

impl Screen for Naming {
    fn context(&self) -> Context {
        Context::Player
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("player.naming").to_owned()]
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        let accept = Offer::new(Action::Accept, 90);
        let last = self.at + 1 >= RESOURCES.len();
        let accept = if self.shown.is_some() && !last {
            accept.called("다음", "next")
        } else {
            accept.called("대답", "answer")
        };
        let mut offers = vec![accept, Offer::new(Action::Up, 66), Offer::new(Action::Down, 66)];
        if self.at > 0 {
            offers.push(Offer::new(Action::PlayLeft, 60).called("앞 리소스", "one back"));
        }
        if !last {
            offers.push(Offer::new(Action::PlayRight, 60).called("건너뛰기", "skip"));
        }
        offers.push(Offer::new(Action::PlayAgain, 50));
        offers
    }

    fn act(&mut self, action: Action, _: &Ctx) -> Vec<Ask> {
        match action {
            Action::Up => self.chosen = kit::moved(self.chosen, -1, Renaming::ALL.len()),
            Action::Down => self.chosen = kit::moved(self.chosen, 1, Renaming::ALL.len()),
            Action::PlayLeft => self.go(-1),
            Action::PlayRight => self.go(1),
            Action::Accept => self.accept(),
            Action::PlayAgain => *self = Self::default(),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, _: &Ctx) -> Vec<Ask> {
        self.guess(row);
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let Some(resource) = self.resource() else { return };
        let look = &ctx.look;
        let title = ctx.say("이 이름을 바꿀 수 있을까요?", "Can this be renamed?");
        let tip = (
            "답을 고르기 전에, 이 이름이 ARN이나 주소에 들어 있는지 생각해 보세요.",
            "Before you answer: is the name part of an ARN or of an address?",
        );
        let body = kit::page(ctx, area, canvas, title, tip);
        let mut sheet = Sheet::default();
        let (number, all, right, answered) = (self.at + 1, RESOURCES.len(), self.right(), self.answers.len());
        let score = match ctx.lang() {
            Lang::Ko => format!("{number}/{all}   맞힌 것 {right}/{answered}"),
            Lang::En => format!("{number} of {all}   right {right} of {answered}"),
        };
        sheet.text(ctx, Role::Dim, &score, body.width);
        sheet.gap();
        sheet.push(vec![
            Span::raw(" "),
            look.span(Role::Strong, ctx.say(resource.kind.0, resource.kind.1)),
            Span::raw("   "),
            look.span(Role::Code, resource.example),
        ]);
        sheet.gap();
        for (at, renaming) in Renaming::ALL.into_iter().enumerate() {
            let (ko, en) = renaming.words();
            let (mark, role) = match self.shown {
                Some(_) if renaming == resource.renaming => ("✓ ", Role::Checked),
                Some(guess) if guess == renaming => ("✗ ", Role::Failed),
                _ => ("  ", if at == self.chosen { Role::Selection } else { Role::Text }),
            };
            sheet.row(ctx, at, at == self.chosen, vec![look.span(role, format!("{mark}{}", ctx.say(ko, en)))]);
        }
        sheet.gap();
        if self.shown.is_some() {
            sheet.text(ctx, Role::Quote, ctx.say(resource.why.0, resource.why.1), body.width);
            sheet.gap();
        }
        self.sorted(ctx, &mut sheet, body.width);
        sheet.draw(body, canvas);
    }
}
