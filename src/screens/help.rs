//! The keys: first those that do something here and now, then all of them by screen.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::input::action::ACTIONS;
use crate::input::{Action, Context};
use crate::view::text::{pad, wrap_spans};
use crate::view::theme::Role;
use crate::view::widgets::scroll::{self, Scroll};

use super::{Ask, Canvas, Ctx, Offer, Screen};

/// The help screen.
pub struct Help {
    /// What can be done on the screen below.
    here: Vec<Offer>,
    scroll: Scroll,
}

/// The width of the column of keys.
const KEYS: usize = 20;

impl Help {
    /// The help for a screen on which these can be done.
    pub fn new(here: Vec<Offer>) -> Self {
        Self { here, scroll: Scroll::default() }
    }
}

impl Screen for Help {
    fn context(&self) -> Context {
        Context::Help
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("help.title").to_owned()]
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        Vec::new()
    }

    fn act(&mut self, action: Action, _: &Ctx) -> Vec<Ask> {
        match action {
            Action::Up => self.scroll.by(-1),
            Action::Down => self.scroll.by(1),
            Action::PageUp => self.scroll.page(-1),
            Action::PageDown => self.scroll.page(1),
            Action::First => self.scroll.top(),
            Action::Last => self.scroll.bottom(),
            _ => {}
        }
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        let room = usize::from(scroll::text_room(area));
        let mut lines = vec![heading(ctx.look.label("help.here"), ctx)];
        let mut here: Vec<&Offer> = self.here.iter().collect();
        here.sort_by_key(|offer| std::cmp::Reverse(offer.priority));
        for offer in here {
            lines.extend(key_line(offer.action, room, ctx));
        }
        for (context, name) in sections(ctx) {
            lines.push(Line::default());
            lines.push(heading(name, ctx));
            for spec in ACTIONS.iter().filter(|spec| spec.context == context) {
                lines.extend(key_line(spec.action, room, ctx));
            }
        }
        lines.push(Line::default());
        lines.extend(wrap_spans(&[ctx.look.span(Role::Dim, ctx.look.label("help.hangul"))], room, &[], &[]));
        scroll::draw(&lines, &self.scroll, area, canvas.buf, &ctx.look);
    }
}

fn heading(text: &str, ctx: &Ctx) -> Line<'static> {
    Line::from(ctx.look.span(Role::Heading, text))
}

/// The screens that have keys of their own, everywhere first.
fn sections(ctx: &Ctx) -> Vec<(Context, &'static str)> {
    let name = |context: Context| {
        ctx.look.label(match context {
            Context::Global => "help.everywhere",
            Context::Home => "help.home",
            Context::Chapter => "help.chapter",
            Context::Step => "help.step",
            Context::Confirm => "help.confirm",
            Context::Resources => "resources.title",
            Context::Cleanup => "cleanup.title",
            Context::Log => "log.title",
            Context::Help => "help.title",
            Context::Palette => "palette.title",
            Context::Search => "search.title",
            Context::Player => "player.title",
            Context::Quiz => "quiz.title",
            Context::Monitor => "monitor.title",
        })
    };
    Context::ALL
        .iter()
        .map(|(context, _)| *context)
        .filter(|context| ACTIONS.iter().any(|spec| spec.context == *context))
        .map(|context| (context, name(context)))
        .collect()
}

/// `Enter        고른 것을 열거나, 지금 할 일을 합니다`.
fn key_line(action: Action, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let keys: Vec<String> = ctx.keymap.keys(action).map(|key| key.to_string()).collect();
    let keys = if keys.is_empty() { ctx.look.label("help.no-key").to_owned() } else { keys.join(" ") };
    let first = [Span::raw("  "), ctx.look.span(Role::Key, pad(&keys, KEYS)), Span::raw(" ")];
    let rest = [Span::raw(" ".repeat(KEYS + 3))];
    wrap_spans(&[ctx.look.span(Role::Text, action.spec().words(ctx.lang()))], room, &first, &rest)
}
