//! What the pictures are drawn with: a page with a title and something to try, a sheet of lines of which some can be
//! clicked, a field to type into.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::input::{Edit, hangul};
use crate::lesson::Fault;
use crate::screens::{Canvas, Ctx, Spot};
use crate::view::mark::POINTER;
use crate::view::text::{pad, width, wrap_spans};
use crate::view::theme::Role;
use crate::view::widgets::{put, put_lines};

/// Korean and English.
pub(super) type Pair<'a> = (&'a str, &'a str);

/// Draws a picture's title and, at its foot, what to try. Gives the room between.
pub(super) fn page(ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>, title: &str, tip: Pair<'_>) -> Rect {
    let look = &ctx.look;
    put(canvas.buf, area.x + 1, area.y, area.width.saturating_sub(1), Line::from(look.span(Role::Title, title)));
    let word = ctx.say("해 보기: ", "Try: ");
    let indent = " ".repeat(width(word) + 1);
    let first = [Span::raw(" "), look.span(Role::Accent, word)];
    let text = [look.span(Role::Dim, ctx.say(tip.0, tip.1))];
    let lines = wrap_spans(&text, usize::from(area.width.saturating_sub(1)), &first, &[Span::raw(indent)]);
    let height = u16::try_from(lines.len()).unwrap_or(0).min(area.height.saturating_sub(1));
    let foot = Rect { y: area.bottom() - height, height, ..area };
    put_lines(canvas.buf, foot, &lines);
    Rect { y: area.y + 1, height: area.height.saturating_sub(1 + height), ..area }
}

/// Lines from the top, with places that can be clicked. Scrolls so that the chosen line is in sight.
#[derive(Default)]
pub(super) struct Sheet {
    lines: Vec<Line<'static>>,
    spots: Vec<(usize, u16, u16, Spot)>,
    chosen: Option<usize>,
}

impl Sheet {
    /// A line.
    pub(super) fn push(&mut self, spans: Vec<Span<'static>>) {
        self.lines.push(Line::from(spans));
    }

    /// An empty line.
    pub(super) fn gap(&mut self) {
        self.lines.push(Line::default());
    }

    /// A text, wrapped, one cell in.
    pub(super) fn text(&mut self, ctx: &Ctx, role: Role, text: &str, room: u16) {
        self.hung(ctx, role, "", text, room);
    }

    /// A text, wrapped, after a beginning under which nothing is written.
    pub(super) fn hung(&mut self, ctx: &Ctx, role: Role, head: &str, text: &str, room: u16) {
        let first = [Span::raw(format!(" {head}"))];
        let rest = [Span::raw(" ".repeat(width(head) + 1))];
        let text = [ctx.look.span(role, text)];
        self.lines.extend(wrap_spans(&text, usize::from(room.saturating_sub(1)), &first, &rest));
    }

    /// A heading.
    pub(super) fn head(&mut self, ctx: &Ctx, text: impl Into<String>) {
        self.push(vec![Span::raw(" "), ctx.look.span(Role::Strong, text)]);
    }

    /// A name and its value.
    pub(super) fn fact(&mut self, ctx: &Ctx, name: Pair<'_>, cells: usize, value: impl Into<String>) {
        let name = pad(ctx.say(name.0, name.1), cells);
        self.push(vec![ctx.look.span(Role::Dim, format!(" {name} ")), Span::raw(value.into())]);
    }

    /// A row that can be chosen and clicked: three cells of pointer, then the rest.
    pub(super) fn row(&mut self, ctx: &Ctx, row: usize, chosen: bool, mut spans: Vec<Span<'static>>) {
        let mark = if chosen { format!(" {POINTER} ") } else { "   ".to_owned() };
        spans.insert(0, ctx.look.span(Role::Accent, mark));
        self.lines.push(Line::from(spans));
        self.spots.push((self.lines.len() - 1, 0, u16::MAX, Spot::Row(row)));
        if chosen {
            self.choose();
        }
    }

    /// Makes a part of the last line clickable: its first cell and how many.
    pub(super) fn spot(&mut self, from: u16, cells: u16, row: usize) {
        let at = self.lines.len().saturating_sub(1);
        self.spots.push((at, from, cells, Spot::Row(row)));
    }

    /// The last line is the one that must be in sight.
    pub(super) const fn choose(&mut self) {
        self.chosen = Some(self.lines.len().saturating_sub(1));
    }

    /// How many lines there are.
    pub(super) const fn len(&self) -> usize {
        self.lines.len()
    }

    /// Draws what is in sight.
    pub(super) fn draw(self, area: Rect, canvas: &mut Canvas<'_>) {
        let height = usize::from(area.height);
        let chosen = self.chosen.unwrap_or(0);
        let last = self.lines.len().saturating_sub(height);
        let from = (chosen + 2).saturating_sub(height).min(last);
        for (line, x, cells, spot) in self.spots {
            if (from..from + height).contains(&line) {
                let y = area.y + u16::try_from(line - from).unwrap_or(0);
                let x = area.x.saturating_add(x);
                let width = cells.min(area.right().saturating_sub(x));
                canvas.spot(Rect { x, y, width, height: 1 }, spot);
            }
        }
        put_lines(canvas.buf, area, self.lines.get(from..).unwrap_or_default());
    }
}

/// A line to type into. It takes letters, digits and signs of the keyboard; under a Hangul keyboard the letters of the
/// keys, for nothing that is typed here is Korean.
#[derive(Default)]
pub(super) struct Field {
    text: Option<String>,
    fault: Option<Fault>,
}

impl Field {
    /// Begins with a text.
    pub(super) fn open(&mut self, text: impl Into<String>) {
        self.text = Some(text.into());
        self.fault = None;
    }

    /// Ends without a result.
    pub(super) fn close(&mut self) {
        *self = Self::default();
    }

    /// Whether it is being typed into.
    pub(super) const fn is_open(&self) -> bool {
        self.text.is_some()
    }

    /// What stands in it.
    pub(super) fn text(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }

    /// Keeps it open and shows what is wrong with it.
    pub(super) fn refuse(&mut self, fault: Fault) {
        self.fault = Some(fault);
    }

    /// A change of the text.
    pub(super) fn edit(&mut self, edit: Edit) {
        let Some(text) = &mut self.text else { return };
        self.fault = None;
        match edit {
            Edit::Insert(sign) => match hangul::letters(sign) {
                Some(letters) => text.push_str(&letters),
                None => text.push(sign),
            },
            Edit::Backspace => {
                text.pop();
            }
            Edit::Clear => text.clear(),
        }
    }

    /// The lines of it: the text with a cursor, and what is wrong with it.
    pub(super) fn lines(&self, ctx: &Ctx, sheet: &mut Sheet, room: u16) {
        let Some(text) = &self.text else { return };
        let look = &ctx.look;
        sheet.push(vec![look.span(Role::Accent, " > "), look.span(Role::Strong, format!("{text}▏"))]);
        sheet.choose();
        if let Some(fault) = &self.fault {
            sheet.push(vec![Span::raw("   "), look.span(Role::Failed, fault.pointer())]);
            sheet.hung(ctx, Role::Failed, "  ", ctx.t(&fault.what), room);
            if !fault.mend.is_empty() {
                sheet.hung(ctx, Role::Text, "  ", ctx.t(&fault.mend), room);
            }
        }
    }
}

/// The entry of a list that follows or precedes another, around its ends.
pub(super) fn turned<T: Copy + PartialEq>(all: &[T], now: T, by: isize) -> T {
    let at = all.iter().position(|one| *one == now).unwrap_or(0);
    let length = isize::try_from(all.len()).unwrap_or(1).max(1);
    let to = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(length);
    usize::try_from(to).ok().and_then(|to| all.get(to)).copied().unwrap_or(now)
}

/// A number with its thousands apart: `65 531`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A row number kept inside a list.
pub(super) fn moved(at: usize, by: isize, length: usize) -> usize {
    at.saturating_add_signed(by).min(length.saturating_sub(1))
}
