//! The course map: chapters with their progress, where to go on, what is running and what it would cost.

use ratatui::layout::Rect;

use crate::input::{Action, Context};
use crate::view::widgets::list::ListState;

use super::{Ask, Canvas, Ctx, Offer, Screen};

/// The home screen.
#[derive(Default)]
pub struct Home {
    list: ListState,
}

impl Screen for Home {
    fn context(&self) -> Context {
        Context::Home
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        vec![Offer::new(Action::Accept, 90).called("열기", "open")]
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        let length = ctx.course.chapters.len();
        match action {
            Action::Up => self.list.by(-1, length),
            Action::Down => self.list.by(1, length),
            _ => {}
        }
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        crate::view::widgets::list::draw(
            ctx.course.chapters.len(),
            &self.list,
            area,
            canvas.buf,
            &ctx.look,
            |at, _| {
                ctx.course.chapters.get(at).map_or_else(Default::default, |chapter| {
                    ratatui::text::Line::from(ctx.t(&chapter.title).to_owned())
                })
            },
        );
    }
}
