//! The frame of a pane: one box, a title in its upper line, and room inside.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use crate::view::Look;
use crate::view::mark::LINE;
use crate::view::text::line_width;
use crate::view::theme::Role;

use super::put;

/// The sort of line around a pane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edge {
    /// `┌─┐`
    Single,
    /// `╔═╗`: a question about AWS.
    Double,
}

impl Edge {
    const fn signs(self) -> [&'static str; 6] {
        match self {
            Self::Single => ["┌", "┐", "└", "┘", "─", "│"],
            Self::Double => ["╔", "╗", "╚", "╝", "═", "║"],
        }
    }
}

/// Draws a box with a title, and returns the room inside, one cell in from its sides.
pub fn boxed(area: Rect, buffer: &mut Buffer, edge: Edge, title: Line<'static>, style: Style) -> Rect {
    let area = area.intersection(buffer.area);
    if area.width < 4 || area.height < 2 {
        return Rect { width: 0, height: 0, ..area };
    }
    let [top_left, top_right, bottom_left, bottom_right, horizontal, vertical] = edge.signs();
    let (left, right, top, bottom) = (area.left(), area.right() - 1, area.top(), area.bottom() - 1);
    let mut set = |x: u16, y: u16, sign: &str| {
        buffer[(x, y)].set_symbol(sign).set_style(style);
    };
    for x in left + 1..right {
        set(x, top, horizontal);
        set(x, bottom, horizontal);
    }
    for y in top + 1..bottom {
        set(left, y, vertical);
        set(right, y, vertical);
    }
    set(left, top, top_left);
    set(right, top, top_right);
    set(left, bottom, bottom_left);
    set(right, bottom, bottom_right);
    heading(area.x + 1, top, area.width - 2, buffer, title);
    Rect::new(left + 2, top + 1, area.width - 4, area.height - 2)
}

/// A pane of the screen: a box whose line tells whether it has the keys.
pub fn pane(area: Rect, buffer: &mut Buffer, title: Line<'static>, focused: bool, look: &Look) -> Rect {
    let role = if focused { Role::BorderFocus } else { Role::Border };
    boxed(area, buffer, Edge::Single, title, look.style(role))
}

/// A title on a line that runs over the whole width, without a box: `── 진행 ─────`. For narrow screens. Returns the
/// room below.
pub fn ruled(area: Rect, buffer: &mut Buffer, title: Line<'static>, focused: bool, look: &Look) -> Rect {
    let area = area.intersection(buffer.area);
    if area.is_empty() {
        return area;
    }
    let role = if focused { Role::BorderFocus } else { Role::Border };
    for x in area.left()..area.right() {
        buffer[(x, area.y)].set_symbol(LINE).set_style(look.style(role));
    }
    heading(area.x + 1, area.y, area.width.saturating_sub(2), buffer, title);
    Rect { y: area.y + 1, height: area.height - 1, ..area }
}

/// A title inside a line, with a space on either side.
fn heading(x: u16, y: u16, room: u16, buffer: &mut Buffer, title: Line<'static>) {
    if room < 4 || line_width(&title) == 0 {
        return;
    }
    put(buffer, x, y, 1, Line::raw(" "));
    let used = put(buffer, x + 1, y, room - 2, title);
    put(buffer, x + 1 + used, y, 1, Line::raw(" "));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::view::text::plain;

    #[test]
    fn a_box_holds_its_title() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 14, 3));
        let inside = pane(buffer.area, &mut buffer, Line::raw("안내"), true, &Look::new(Lang::Ko));
        assert_eq!(plain(&buffer), ["┌ 안내 ──────┐", "│            │", "└────────────┘"]);
        assert_eq!(inside, Rect::new(2, 1, 10, 1));
    }

    #[test]
    fn a_long_title_is_cut() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 2));
        ruled(buffer.area, &mut buffer, Line::raw("기다리는 동안"), false, &Look::new(Lang::Ko));
        assert_eq!(plain(&buffer), ["─ 기다리… ──", ""]);
    }

    #[test]
    fn too_small_a_box_is_nothing() {
        let mut buffer = Buffer::empty(Rect::new(0, 0, 3, 1));
        let inside = pane(buffer.area, &mut buffer, Line::raw("x"), true, &Look::new(Lang::Ko));
        assert!(inside.is_empty());
        assert_eq!(plain(&buffer), [""]);
    }
}
