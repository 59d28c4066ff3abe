//! Lines that are longer than the room: where we are in them, and the sign that there is more.

use std::cell::Cell;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::view::Look;
use crate::view::mark::THUMB;
use crate::view::theme::Role;

use super::put_lines;

/// Where a page is scrolled to. The end is known when it is drawn, so the offset settles there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scroll {
    offset: Cell<usize>,
    room: Cell<usize>,
    length: Cell<usize>,
}

impl Scroll {
    /// Moves by some lines; negative is up.
    pub fn by(&self, lines: isize) {
        self.offset.set(self.offset.get().saturating_add_signed(lines).min(self.last()));
    }

    /// Moves by a page, keeping one line in sight.
    pub fn page(&self, pages: isize) {
        let step = isize::try_from(self.room.get().saturating_sub(1).max(1)).unwrap_or(1);
        self.by(step * pages);
    }

    /// To the first line.
    pub fn top(&self) {
        self.offset.set(0);
    }

    /// To the last line.
    pub fn bottom(&self) {
        self.offset.set(self.last());
    }

    /// The first line in sight.
    pub fn offset(&self) -> usize {
        self.offset.get()
    }

    /// Whether the last line was in sight when it was last drawn.
    pub fn at_end(&self) -> bool {
        self.offset.get() >= self.last()
    }

    fn last(&self) -> usize {
        self.length.get().saturating_sub(self.room.get())
    }

    /// Notes how long the page is and how much of it there is room for, as a draw does.
    pub fn settle(&self, length: usize, room: usize) {
        self.length.set(length);
        self.room.set(room);
        self.offset.set(self.offset.get().min(self.last()));
    }
}

/// Draws the lines in sight, and the indicator in the last column when there are more. The caller leaves that column
/// free (see [`text_room`]).
pub fn draw(lines: &[Line<'static>], scroll: &Scroll, area: Rect, buffer: &mut Buffer, look: &Look) {
    scroll.settle(lines.len(), usize::from(area.height));
    let seen = lines.get(scroll.offset()..).unwrap_or_default();
    let room = Rect { width: text_room(area), ..area };
    put_lines(buffer, room, seen);
    indicator(lines.len(), scroll.offset(), area, buffer, look);
}

/// The width for text in an area that may scroll.
pub const fn text_room(area: Rect) -> u16 {
    area.width.saturating_sub(2)
}

/// The thumb of a scroll bar in the last column of an area; nothing when all is in sight.
pub fn indicator(length: usize, offset: usize, area: Rect, buffer: &mut Buffer, look: &Look) {
    let room = usize::from(area.height);
    if area.is_empty() || length <= room {
        return;
    }
    let size = (room * room / length).clamp(1, room);
    let free = room - size;
    let last = length - room;
    // The ends are reached only at the ends.
    let at = match offset {
        0 => 0,
        offset if offset >= last => free,
        offset => {
            (offset * free / last).clamp(usize::from(free > 1), free.saturating_sub(1).max(usize::from(free > 1)))
        }
    };
    let x = area.right() - 1;
    for y in at..at + size {
        let y = area.y + u16::try_from(y).unwrap_or(0);
        if let Some(cell) = buffer.cell_mut((x, y)) {
            cell.set_symbol(THUMB).set_style(look.style(Role::Dim));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::view::text::plain;

    fn picture(scroll: &Scroll, count: usize) -> Vec<String> {
        let lines: Vec<Line<'static>> = (0..count).map(|at| Line::raw(at.to_string())).collect();
        let mut buffer = Buffer::empty(Rect::new(0, 0, 6, 3));
        draw(&lines, scroll, buffer.area, &mut buffer, &Look::new(Lang::Ko));
        plain(&buffer)
    }

    #[test]
    fn a_page_scrolls_to_its_end_and_no_further() {
        let scroll = Scroll::default();
        assert_eq!(picture(&scroll, 9), ["0    ┃", "1", "2"]);
        scroll.by(1);
        assert_eq!(picture(&scroll, 9), ["1", "2    ┃", "3"]);
        scroll.page(100);
        assert_eq!(picture(&scroll, 9), ["6", "7", "8    ┃"]);
        assert!(scroll.at_end());
        scroll.by(-1);
        assert!(!scroll.at_end());
        assert_eq!(picture(&scroll, 2), ["0", "1", ""]);
    }
}
