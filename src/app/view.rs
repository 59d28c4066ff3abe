//! The whole frame: top line, screen, footer.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};

use crate::app::App;
use crate::screens::{Canvas, frame};
use crate::view::mark;

/// The smallest terminal that everything fits into.
pub const SMALLEST: (u16, u16) = (80, 24);

impl App {
    /// Draws everything.
    pub fn view(&mut self, area: Rect, buf: &mut Buffer) {
        self.spots.clear();
        let mut canvas = Canvas::new(buf, &mut self.spots);
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            frame::too_small(&self.ctx, SMALLEST, area, canvas.buf);
        } else {
            let [top, body, bottom] =
                Layout::vertical([Constraint::Length(1), Constraint::Fill(1), Constraint::Length(1)]).areas(area);
            let page = self.stack.page();
            frame::top_line(&self.ctx, &page.trail(&self.ctx), page.time(&self.ctx), top, canvas.buf);
            for screen in self.stack.visible_mut() {
                if screen.is_popup() {
                    canvas.cover();
                }
                screen.view(&self.ctx, body, &mut canvas);
            }
            let offers = Self::offers(self);
            let mut canvas = Canvas::new(buf, &mut self.spots);
            frame::footer(&self.ctx, &offers, bottom, &mut canvas);
        }
        if self.ctx.ascii {
            mark::to_ascii(buf);
        }
    }
}
