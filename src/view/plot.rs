//! Plots over a time axis: lines of braille dots, dashed bounds, the axis, and lanes of marks below it.
//!
//! Promises: gaps stay gaps; a time has one column, the same in the plot, on the axis and in every lane; nothing is told by
//! colour alone (each line has its word, each mark its sign); the cost grows with the cells and the points in sight.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::Look;
use super::text::width;
use super::theme::Role;

/// A span of time over some columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeAxis {
    /// The left edge, milliseconds since the Unix epoch.
    pub from: i64,
    /// The right edge.
    pub to: i64,
    /// How many cells.
    pub columns: u16,
}

/// Steps between labels of the axis, seconds.
const STEPS: [i64; 14] = [10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400];

impl TimeAxis {
    fn span(&self) -> i64 {
        (self.to - self.from).max(1)
    }

    /// The column of a time; `None` outside.
    pub fn column(&self, at: i64) -> Option<u16> {
        (self.from <= at && at <= self.to).then(|| self.clamped(at))
    }

    /// The column of a time, at the edge when it is outside.
    pub fn clamped(&self, at: i64) -> u16 {
        let last = i64::from(self.columns.max(1)) - 1;
        let column = (at - self.from).saturating_mul(i64::from(self.columns)) / self.span();
        u16::try_from(column.clamp(0, last)).unwrap_or(0)
    }

    /// The time in the middle of a column.
    pub fn time(&self, column: u16) -> i64 {
        self.from + (i64::from(column) * 2 + 1) * self.span() / (i64::from(self.columns.max(1)) * 2)
    }

    /// How long one column is.
    pub fn step(&self) -> i64 {
        (self.span() / i64::from(self.columns.max(1))).max(1)
    }

    #[expect(clippy::cast_precision_loss, reason = "dots of a screen")]
    fn dot(&self, at: i64) -> f64 {
        (at - self.from) as f64 * f64::from(self.columns) * 2.0 / self.span() as f64
    }

    /// Times to be labelled, far enough from one another; `offset` is the learner's zone in seconds east of UTC.
    fn ticks(&self, offset: i32, cells: u16) -> Vec<i64> {
        let room = i64::from((self.columns / cells.max(1)).max(1));
        let least = self.span() / 1000 / room;
        let step = STEPS.into_iter().find(|step| *step >= least).unwrap_or(86_400) * 1000;
        let offset = i64::from(offset) * 1000;
        let first = (self.from + offset).div_euclid(step) * step + step - offset;
        (0..).map(|n| first + n * step).take_while(|at| *at <= self.to).collect()
    }

    /// Draws the labels of the axis on a line. Seconds are shown only where the labels need them.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer, look: &Look) {
        let ticks = self.ticks(look.utc_offset, 9);
        let seconds = self.span() < 10 * 60_000;
        let mut free = area.x;
        for at in ticks {
            let label = look.clock(at);
            let label = if seconds { label.as_str() } else { label.get(..5).unwrap_or(&label) };
            let Some(column) = self.column(at) else { continue };
            let size = u16::try_from(label.len()).unwrap_or(5);
            let x = (area.x + column).saturating_sub(size / 2).max(area.x);
            if x < free || x + size > area.right() {
                continue;
            }
            buffer.set_string(x, area.y, label, look.style(Role::Dim));
            free = x + size + 1;
        }
    }
}

/// Cells of braille dots: two across, four down.
pub struct Dots {
    area: Rect,
    bits: Vec<u8>,
    styles: Vec<Style>,
    top: f64,
}

/// Braille dots by row and column.
const BITS: [[u8; 2]; 4] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]];

impl Dots {
    /// An empty plot over an area, whose upper edge has the value `top` and whose lower edge 0.
    pub fn new(area: Rect, top: f64) -> Self {
        let cells = usize::from(area.width) * usize::from(area.height);
        Self { area, bits: vec![0; cells], styles: vec![Style::new(); cells], top: if top > 0.0 { top } else { 1.0 } }
    }

    fn height(&self) -> u16 {
        self.area.height * 4
    }

    /// The row of dots of a value.
    fn row(&self, value: f64) -> u16 {
        let rows = f64::from(self.height().max(1) - 1);
        let row = ((1.0 - value / self.top) * rows).round().clamp(0.0, rows);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the plot")]
        let row = row as u16;
        row
    }

    fn set(&mut self, x: u16, y: u16, style: Style) {
        let (column, row) = (x / 2, y / 4);
        if column >= self.area.width || row >= self.area.height {
            return;
        }
        let cell = usize::from(row) * usize::from(self.area.width) + usize::from(column);
        if let (Some(bits), Some(of)) = (self.bits.get_mut(cell), self.styles.get_mut(cell)) {
            *bits |= BITS[usize::from(y % 4)][usize::from(x % 2)];
            *of = style;
        }
    }

    /// Draws a line through points in order of time. Points further apart than `gap` (milliseconds) are not joined.
    pub fn line(&mut self, axis: TimeAxis, points: impl Iterator<Item = (i64, f32)>, gap: i64, style: Style) {
        let width = f64::from(self.area.width) * 2.0;
        let mut last: Option<(i64, f64, u16)> = None;
        for (at, value) in points {
            let (x, y) = (axis.dot(at), self.row(f64::from(value)));
            let from = last.filter(|(before, ..)| at - before <= gap).map_or((x, y), |(_, x, y)| (x, y));
            last = Some((at, x, y));
            if x < 0.0 || from.0 >= width {
                continue;
            }
            self.segment(from, (x, y), style);
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the plot")]
    fn segment(&mut self, from: (f64, u16), to: (f64, u16), style: Style) {
        let width = f64::from(self.area.width) * 2.0 - 1.0;
        let (first, last) = (from.0.floor().clamp(0.0, width) as u16, to.0.floor().clamp(0.0, width) as u16);
        let rise = f64::from(to.1) - f64::from(from.1);
        let run = (to.0 - from.0).max(1e-9);
        let mut before = None;
        for x in first..=last {
            let share = ((f64::from(x) - from.0) / run).clamp(0.0, 1.0);
            let share = if x == last { 1.0 } else { share };
            let y = (f64::from(from.1) + rise * share).round().max(0.0) as u16;
            let start = before.unwrap_or(if x == first && first < last { y } else { from.1 });
            let (low, high) = if start <= y { (start, y) } else { (y, start) };
            // A steep piece is a column of dots, so that the line does not tear.
            let low = if before.is_some() && start < y { low + 1 } else { low };
            let high = if before.is_some() && start > y { high - 1 } else { high };
            for row in low..=high.max(low) {
                self.set(x, row, style);
            }
            before = Some(y);
        }
    }

    /// The line of the screen on which a value lies.
    pub fn line_of(&self, value: f64) -> u16 {
        self.area.y + self.row(value) / 4
    }

    /// Puts the dots on the screen; cells without dots stay as they are.
    pub fn draw(&self, buffer: &mut Buffer, ascii: bool) {
        let cells = self.bits.iter().zip(&self.styles).enumerate().filter(|(_, (bits, _))| **bits != 0);
        for (at, (bits, style)) in cells {
            let (Ok(column), Ok(row)) = (
                u16::try_from(at % usize::from(self.area.width.max(1))),
                u16::try_from(at / usize::from(self.area.width.max(1))),
            ) else {
                continue;
            };
            let Some(cell) = buffer.cell_mut((self.area.x + column, self.area.y + row)) else { continue };
            if ascii {
                let (upper, lower) = (bits & 0x1b != 0, bits & 0xe4 != 0);
                cell.set_symbol(match (upper, lower) {
                    (true, true) => ":",
                    (true, false) => "'",
                    _ => ".",
                });
            } else {
                cell.set_char(char::from_u32(0x2800 + u32::from(*bits)).unwrap_or(' '));
            }
            cell.set_style(*style);
        }
    }
}

/// A dashed line at a height, under the dots.
pub fn dashes(buffer: &mut Buffer, area: Rect, y: u16, style: Style) {
    if y < area.top() || y >= area.bottom() {
        return;
    }
    for x in area.left()..area.right() {
        if let Some(cell) = buffer.cell_mut((x, y)) {
            cell.set_symbol("┄").set_style(style);
        }
    }
}

/// A row of marks over the time axis.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Lane {
    /// What holds for a while: from, to, the sign that fills it, its look.
    pub runs: Vec<(i64, i64, &'static str, Style)>,
    /// What happens at a time: a word, whose first sign must suffice where there is no room.
    pub marks: Vec<(i64, String, Style)>,
}

impl Lane {
    /// Draws it on the first line of an area.
    pub fn draw(&self, axis: TimeAxis, area: Rect, buffer: &mut Buffer) {
        for (from, to, sign, style) in &self.runs {
            if *to < axis.from || *from > axis.to {
                continue;
            }
            for column in axis.clamped(*from)..=axis.clamped(*to) {
                if let Some(cell) = buffer.cell_mut((area.x + column, area.y)) {
                    cell.set_symbol(sign).set_style(*style);
                }
            }
        }
        let mut marks: Vec<(u16, &str, Style)> = Vec::new();
        for (at, word, style) in &self.marks {
            let Some(column) = axis.column(*at) else { continue };
            // Of several in one column the last tells how it ended.
            if marks.last().is_some_and(|(known, ..)| *known == column) {
                marks.pop();
            }
            marks.push((column, word, *style));
        }
        // The newest mark keeps its whole word when there is room to its left.
        let mut next = axis.columns + 1;
        for (place, (column, word, style)) in marks.iter().enumerate().rev() {
            let size = u16::try_from(width(word)).unwrap_or(u16::MAX);
            let start = if place + 1 == marks.len() && column + size > axis.columns {
                let before = place.checked_sub(1).and_then(|at| marks.get(at)).map_or(0, |(column, ..)| column + 2);
                axis.columns.saturating_sub(size).max(before).min(*column)
            } else {
                *column
            };
            let room = next.saturating_sub(start + 1);
            // A sign is worth its cell; the first digit of a count that is cut says nothing.
            if room == 0 && word.starts_with(|sign: char| sign.is_ascii_digit()) {
                continue;
            }
            let room = room.max(1);
            let text = if size <= room { (*word).into() } else { first_word(word, room) };
            buffer.set_string(area.x + start, area.y, &text, *style);
            next = start;
        }
    }
}

/// As much of a word as there is room for, at least its first sign.
fn first_word(word: &str, room: u16) -> String {
    let room = usize::from(room);
    match word.split_once([' ', '/']) {
        Some((first, _)) if width(first) <= room => first.to_owned(),
        _ => word.chars().next().map(String::from).unwrap_or_default(),
    }
}

/// A few values as a small bar each: `▁▂▃▄▅▆▇█`; a hole is a space.
pub fn sparkline(values: impl Iterator<Item = Option<f32>>, top: f32) -> String {
    const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    values
        .map(|value| {
            let Some(value) = value else { return ' ' };
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to eight bars")]
            let at = (value / top.max(f32::MIN_POSITIVE) * 7.99).clamp(0.0, 7.0) as usize;
            BARS.get(at).copied().unwrap_or(' ')
        })
        .collect()
}

/// A round number at or above a value, for the upper end of a scale.
pub fn nice(value: f64) -> f64 {
    if value <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|top| *top >= value * 0.999).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::view::text::plain;

    const MINUTE: i64 = 60_000;

    fn axis(columns: u16, minutes: i64) -> TimeAxis {
        TimeAxis { from: 0, to: minutes * MINUTE, columns }
    }

    #[test]
    fn a_gap_is_not_bridged() {
        let area = Rect::new(0, 0, 10, 2);
        let mut buffer = Buffer::empty(area);
        let mut dots = Dots::new(area, 100.0);
        let points = [(0, 100.0), (MINUTE, 100.0), (2 * MINUTE, 100.0), (8 * MINUTE, 0.0), (9 * MINUTE, 0.0)];
        dots.line(axis(10, 10), points.into_iter(), MINUTE * 3 / 2, Style::new());
        dots.draw(&mut buffer, false);
        assert_eq!(plain(&buffer), ["⠉⠉⠁", "        ⣀⡀"]);
        let mut buffer = Buffer::empty(area);
        dots.draw(&mut buffer, true);
        assert_eq!(plain(&buffer), ["'''", "        .."]);
    }

    #[test]
    fn a_steep_line_does_not_tear() {
        let area = Rect::new(0, 0, 2, 3);
        let mut dots = Dots::new(area, 100.0);
        dots.line(axis(2, 2), [(0, 0.0), (MINUTE, 100.0)].into_iter(), MINUTE, Style::new());
        // Twelve rows of dots: one in each, over three columns.
        let rows: Vec<u32> =
            (0..3).map(|row| dots.bits.iter().skip(row * 2).take(2).map(|b| b.count_ones()).sum()).collect();
        assert!(rows.iter().all(|count| *count >= 4), "{rows:?}");
    }

    #[test]
    fn marks_keep_their_sign_where_words_do_not_fit_and_counts_make_room() {
        let area = Rect::new(0, 0, 20, 1);
        let mut buffer = Buffer::empty(area);
        let mark = |minute: i64, word: &str| (minute * MINUTE, word.to_owned(), Style::new());
        let lane = Lane {
            runs: vec![(0, 20 * MINUTE, "·", Style::new())],
            marks: vec![mark(2, "OK"), mark(6, "1/3"), mark(7, "2/3"), mark(8, "ALARM"), mark(19, "OK")],
        };
        lane.draw(axis(20, 20), area, &mut buffer);
        assert_eq!(plain(&buffer), ["··OK··1·ALARM·····OK"]);
    }

    #[test]
    fn the_axis_labels_round_times() {
        let area = Rect::new(0, 0, 40, 1);
        let mut buffer = Buffer::empty(area);
        axis(40, 20).draw(area, &mut buffer, &Look::new(Lang::Ko));
        assert_eq!(plain(&buffer), ["        00:05     00:10     00:15"]);
    }

    #[test]
    fn scales_end_at_round_numbers() {
        assert!((nice(3.2) - 5.0).abs() < 1e-9);
        assert!((nice(100.0) - 100.0).abs() < 1e-9);
        assert!((nice(0.012) - 0.02).abs() < 1e-9);
        assert_eq!(sparkline([Some(0.0), None, Some(50.0), Some(100.0)].into_iter(), 100.0), "▁ ▄█");
    }
}
