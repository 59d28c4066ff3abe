//! The pop-up in which the sizes of a group are changed; the change itself goes through the confirm screen.

use std::cell::Cell;

use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::i18n::Text;
use crate::input::{Action, Context};
use crate::lab::cost::Prices;
use crate::lab::watch::edit::{Resize, Size};
use crate::lab::watch::snapshot::Group;
use crate::screens::confirm::Confirm;
use crate::screens::{Ask, Canvas, Ctx, Offer, Screen, Spot};
use crate::view::popup;
use crate::view::text::{pad, pad_left};
use crate::view::theme::Role;
use crate::view::widgets::pane::{Edge, boxed};
use crate::view::widgets::{put, put_lines};

/// The pop-up.
pub struct Edit {
    group: Group,
    sizes: Resize,
    chosen: usize,
    rows: Cell<Rect>,
}

impl Edit {
    /// The sizes of a group as they are now.
    pub fn new(group: &Group) -> Self {
        Self { group: group.clone(), sizes: Resize::of(group), chosen: 1, rows: Cell::new(Rect::ZERO) }
    }

    fn size(&self) -> Size {
        Size::ALL.get(self.chosen).copied().unwrap_or(Size::Desired)
    }
}

impl Screen for Edit {
    fn context(&self) -> Context {
        Context::Monitor
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        vec![
            Offer::new(Action::Up, 70),
            Offer::new(Action::Down, 70),
            Offer::new(Action::ZoomOut, 80).called("줄이기", "less"),
            Offer::new(Action::ZoomIn, 80).called("늘리기", "more"),
            Offer::new(Action::Earlier, 0),
            Offer::new(Action::Later, 0),
            Offer::new(Action::Accept, 90).called("미리보기", "preview"),
            Offer::new(Action::Back, 60).called("취소", "cancel"),
        ]
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        match action {
            Action::Up => self.chosen = self.chosen.saturating_sub(1),
            Action::Down => self.chosen = (self.chosen + 1).min(Size::ALL.len() - 1),
            Action::ZoomIn | Action::Later => self.sizes = self.sizes.by(self.size(), 1),
            Action::ZoomOut | Action::Earlier => self.sizes = self.sizes.by(self.size(), -1),
            Action::Back => return vec![Ask::Back],
            Action::Accept => {
                let region = ctx.facts.as_ref().map_or("", |facts| facts.scope.home.as_str());
                let Some(call) = self.sizes.call(&self.group, region) else {
                    return vec![Ask::Say(Text::new("바뀐 것이 없습니다", "Nothing has changed"))];
                };
                let price = |kind: &str| Prices::bundled().item(&format!("instance-hour.{kind}"), region);
                let confirm = Confirm::change(call, self.sizes.words(&self.group, price), ctx);
                return vec![Ask::Replace(Box::new(confirm))];
            }
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, _: &Ctx) -> Vec<Ask> {
        self.chosen = row.min(Size::ALL.len() - 1);
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        let place = popup::centered(area, 50, 7);
        popup::dim(area, look.style(Role::Dim), canvas.buf);
        popup::clear(place, canvas.buf);
        let title = Line::from(look.span(Role::Title, look.fill("monitor.edit", &[("name", &self.group.name)])));
        let style: Style = look.style(Role::BorderFocus);
        let inside = boxed(place, canvas.buf, Edge::Single, title, style);
        self.rows.set(inside);
        let before = Resize::of(&self.group);
        for ((at, size), y) in Size::ALL.into_iter().enumerate().zip(inside.top()..) {
            let label = look.label(match size {
                Size::Min => "monitor.min",
                Size::Desired => "monitor.desired",
                Size::Max => "monitor.max",
            });
            let (here, from, to) = (at == self.chosen, before.get(size), self.sizes.get(size));
            let role = if here { Role::Selection } else { Role::Text };
            let mut spans = vec![
                look.span(role, if here { "› " } else { "  " }),
                look.span(role, pad(label, 12)),
                look.span(role, pad_left(&to.to_string(), 5)),
            ];
            if here {
                spans.push(look.span(Role::Dim, "   ← →"));
            }
            if from != to {
                spans.push(Span::raw(format!("   {from} → {to}")));
            }
            put(canvas.buf, inside.x, y, inside.width, Line::from(spans));
            canvas.spot(Rect { y, height: 1, ..inside }, Spot::Row(at));
        }
        let hint = Line::from(look.span(Role::Dim, look.label("monitor.edit-hint")));
        put_lines(canvas.buf, Rect { y: inside.y + 4, height: 1, ..inside }, &[hint]);
    }
}
