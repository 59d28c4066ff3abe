//! Room for something over the screen.
//!
//! Promises: no half of a wide sign remains at an edge. ratatui's `Clear` resets the cells inside only, so a Hangul
//! syllable that begins just left of the pop-up would keep its right half, and everything after it would shift.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_width::UnicodeWidthStr;

/// Empties an area, and whatever it cuts in half.
pub fn clear(area: Rect, buffer: &mut Buffer) {
    let area = area.intersection(buffer.area);
    for y in area.top()..area.bottom() {
        if let Some(x) = area.left().checked_sub(1).filter(|_| area.left() > buffer.area.left()) {
            let cell = &mut buffer[(x, y)];
            if cell.symbol().width() > 1 {
                cell.set_symbol(" ");
            }
        }
        for x in area.left()..area.right() {
            buffer[(x, y)].reset();
        }
    }
}

/// An area of this size (or less, where there is less room) in the middle of another.
pub fn centered(area: Rect, width: u16, height: u16) -> Rect {
    let width = width.min(area.width);
    let height = height.min(area.height);
    Rect::new(area.x + (area.width - width) / 2, area.y + (area.height - height) / 2, width, height)
}

/// Dims everything that is drawn so far, so that the eye goes to what comes on top.
pub fn dim(area: Rect, style: Style, buffer: &mut Buffer) {
    buffer.set_style(area, style);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_signs_cut_by_an_edge_go() {
        let mut buffer = Buffer::with_lines(["가나다라마", "a가나다라b"]);
        clear(Rect::new(3, 0, 4, 2), &mut buffer);
        // 나 began at 2 and lost its right half at 3; 라 began at 6 and lost its left half.
        let row: Vec<&str> = (0..10).map(|x| buffer[(x, 0)].symbol()).collect();
        assert_eq!(row[0], "가");
        assert_eq!(&row[2..8], [" ", " ", " ", " ", " ", " "]);
        assert_eq!(row[8], "마");
        let row: Vec<&str> = (0..10).map(|x| buffer[(x, 1)].symbol()).collect();
        assert_eq!(row[1], "가");
        assert_eq!(&row[3..7], [" ", " ", " ", " "]);
        assert_eq!(row[7], "라");
    }

    #[test]
    fn the_middle_is_the_middle_and_never_outside() {
        let area = Rect::new(0, 0, 80, 24);
        assert_eq!(centered(area, 40, 10), Rect::new(20, 7, 40, 10));
        assert_eq!(centered(area, 200, 100), area);
    }

    #[test]
    fn an_area_outside_the_screen_is_nothing() {
        let mut buffer = Buffer::with_lines(["가나"]);
        clear(Rect::new(10, 10, 4, 4), &mut buffer);
        assert_eq!(buffer, Buffer::with_lines(["가나"]));
    }
}
