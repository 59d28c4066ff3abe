//! A list or table with a selected row. Only the rows in sight are made, so its cost does not grow with its length.

use std::cell::Cell;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::view::Look;
use crate::view::mark::POINTER;
use crate::view::text::{line_width, truncate_line};
use crate::view::theme::Role;

use super::put;
use super::scroll::indicator;

/// Which row is selected, and which is the first in sight.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListState {
    selected: usize,
    offset: Cell<usize>,
    room: Cell<usize>,
}

impl ListState {
    /// The selected row.
    pub const fn selected(&self) -> usize {
        self.selected
    }

    /// The first row in sight when it was last drawn.
    pub fn offset(&self) -> usize {
        self.offset.get()
    }

    /// Selects a row; beyond the end, the last one.
    pub fn select(&mut self, row: usize, length: usize) {
        self.selected = row.min(length.saturating_sub(1));
    }

    /// Moves the selection by some rows; negative is up.
    pub fn by(&mut self, rows: isize, length: usize) {
        self.select(self.selected.saturating_add_signed(rows), length);
    }

    /// Moves the selection by a page.
    pub fn page(&mut self, pages: isize, length: usize) {
        let step = isize::try_from(self.room.get().saturating_sub(1).max(1)).unwrap_or(1);
        self.by(step * pages, length);
    }

    /// Keeps the selected row in sight, with one neighbour where there is one.
    fn settle(&self, length: usize, room: usize) -> usize {
        self.room.set(room);
        let selected = self.selected.min(length.saturating_sub(1));
        let margin = usize::from(room > 2);
        let lowest = (selected + margin + 1).saturating_sub(room);
        let highest = selected.saturating_sub(margin);
        let last = length.saturating_sub(room);
        let offset = self.offset.get().clamp(lowest.min(highest), highest).min(last);
        self.offset.set(offset);
        offset
    }

    /// The row at a place of the screen, when the list was last drawn in this area.
    pub fn hit(&self, area: Rect, x: u16, y: u16, length: usize) -> Option<usize> {
        let inside = area.contains(ratatui::layout::Position { x, y });
        let row = self.offset.get() + usize::from(y.checked_sub(area.y)?);
        (inside && row < length).then_some(row)
    }
}

/// Draws the rows in sight. `row` gives the line of an index in the given room; the first two cells of a row are the
/// pointer's.
pub fn draw(
    length: usize,
    state: &ListState,
    area: Rect,
    buffer: &mut Buffer,
    look: &Look,
    row: impl Fn(usize, usize) -> Line<'static>,
) {
    if area.width < 4 || area.height == 0 {
        return;
    }
    let offset = state.settle(length, usize::from(area.height));
    let bar = if length > usize::from(area.height) { 2 } else { 0 };
    let room = area.width - 2 - bar;
    for (y, at) in (area.top()..area.bottom()).zip(offset..length) {
        if at == state.selected.min(length - 1) {
            buffer.set_style(Rect::new(area.x, y, area.width - bar, 1), look.style(Role::Selection));
            put(buffer, area.x, y, 2, Line::from(look.span(Role::Selection, POINTER)));
        }
        put(buffer, area.x + 2, y, room, row(at, usize::from(room)));
    }
    indicator(length, offset, area, buffer, look);
}

/// How wide a column is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// This many cells.
    Fixed(usize),
    /// A share of what is left, but at least this many cells.
    Fill(usize),
    /// This many cells, but only on a table of at least so many.
    When(usize, usize),
}

/// The widths of columns in a room, two cells between them. A column without room is 0 wide and left out.
pub fn widths(columns: &[Column], room: usize) -> Vec<usize> {
    let mut out: Vec<usize> = columns
        .iter()
        .map(|column| match *column {
            Column::Fixed(cells) => cells,
            Column::Fill(least) => least,
            Column::When(cells, from) => {
                if room >= from {
                    cells
                } else {
                    0
                }
            }
        })
        .collect();
    let gaps = 2 * out.iter().filter(|cells| **cells > 0).count().saturating_sub(1);
    let mut left = room.saturating_sub(out.iter().sum::<usize>() + gaps);
    let mut fills = columns.iter().filter(|column| matches!(column, Column::Fill(_))).count();
    for (column, cells) in columns.iter().zip(&mut out) {
        if matches!(column, Column::Fill(_)) && fills > 0 {
            let share = left / fills;
            *cells += share;
            left -= share;
            fills -= 1;
        }
    }
    // Too narrow for all: the widest give way, so that the last columns are not cut off.
    let size = |out: &[usize]| out.iter().sum::<usize>() + gaps;
    while size(&out) > room {
        match out.iter_mut().max() {
            Some(widest) if *widest > 1 => *widest -= 1,
            _ => break,
        }
    }
    out
}

/// Cells set out in columns; what is too long is cut with `…`. Columns of width 0 are left out.
pub fn columns(cells: Vec<Line<'static>>, widths: &[usize]) -> Line<'static> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    let mut gap = 0;
    for (cell, cells) in cells.into_iter().zip(widths) {
        if *cells == 0 {
            continue;
        }
        if gap > 0 {
            spans.push(Span::raw(" ".repeat(gap)));
        }
        let right = cell.alignment == Some(ratatui::layout::Alignment::Right);
        let cell = truncate_line(cell, *cells);
        let rest = cells - line_width(&cell).min(*cells);
        if right && rest > 0 {
            spans.push(Span::raw(" ".repeat(rest)));
        }
        spans.extend(cell.spans);
        gap = 2 + if right { 0 } else { rest };
    }
    Line::from(spans)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::view::text::plain;

    #[test]
    fn only_rows_in_sight_are_made() {
        let made = Cell::new(0);
        let mut state = ListState::default();
        state.select(500, 1000);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 5));
        draw(1000, &state, buffer.area, &mut buffer, &Look::new(Lang::Ko), |at, _| {
            made.set(made.get() + 1);
            Line::raw(format!("row {at}"))
        });
        assert_eq!(made.get(), 5);
        assert_eq!(plain(&buffer), ["  row 497", "  row 498  ┃", "  row 499", "› row 500", "  row 501"]);
    }

    #[test]
    fn the_selection_moves_the_list_only_at_its_edges() {
        let mut state = ListState::default();
        let settle = |state: &ListState| state.settle(10, 4);
        assert_eq!(settle(&state), 0);
        state.by(2, 10);
        assert_eq!(settle(&state), 0);
        state.by(1, 10);
        assert_eq!(settle(&state), 1);
        state.by(-1, 10);
        assert_eq!(settle(&state), 1);
        state.by(100, 10);
        assert_eq!((state.selected(), settle(&state)), (9, 6));
        state.by(-100, 10);
        assert_eq!((state.selected(), settle(&state)), (0, 0));
    }

    #[test]
    fn columns_fill_the_room() {
        let columns_of = [Column::Fixed(3), Column::Fill(4), Column::When(5, 30), Column::Fill(4)];
        assert_eq!(widths(&columns_of, 20), [3, 6, 0, 7]);
        assert_eq!(widths(&columns_of, 40), [3, 13, 5, 13]);
        assert_eq!(widths(&[Column::Fixed(20), Column::Fill(10), Column::Fixed(3)], 17), [5, 5, 3]);
        let cells = vec![Line::raw("가나다"), Line::raw("b"), Line::raw("hidden"), Line::raw("d").right_aligned()];
        assert_eq!(columns(cells, &[3, 4, 0, 3]).to_string(), "가…  b       d");
    }

    #[test]
    fn the_mouse_finds_rows() {
        let mut state = ListState::default();
        state.select(9, 10);
        let area = Rect::new(2, 3, 20, 4);
        state.settle(10, 4);
        assert_eq!(state.hit(area, 5, 3, 10), Some(6));
        assert_eq!(state.hit(area, 5, 7, 10), None);
        assert_eq!(state.hit(area, 1, 3, 10), None);
    }
}
