//! What screens are made of. Every widget is a plain value with a `draw`, or a function that gives lines.

pub mod banner;
pub mod checks;
pub mod choice;
pub mod footer;
pub mod gauge;
pub mod list;
pub mod pane;
pub mod phases;
pub mod problem;
pub mod scroll;
pub mod tabs;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

/// Draws a line at a place, cut with `…` to the room it has. Returns the cells used.
pub fn put(buffer: &mut Buffer, x: u16, y: u16, room: u16, line: Line<'static>) -> u16 {
    let area = buffer.area;
    if y < area.top() || y >= area.bottom() || x >= area.right() {
        return 0;
    }
    let room = room.min(area.right() - x);
    let line = super::text::truncate_line(line, usize::from(room));
    let (end, _) = buffer.set_line(x, y, &line, room);
    end - x
}

/// Draws lines from the top of an area; what does not fit is left out.
pub fn put_lines(buffer: &mut Buffer, area: Rect, lines: &[Line<'static>]) {
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        put(buffer, area.x, y, area.width, line.clone());
    }
}
