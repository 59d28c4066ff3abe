//! Text on a grid of cells: normal form, width, wrapping, cutting, padding.
//!
//! Promises: widths are counted in cells as the terminal counts them (a Hangul syllable is two); nothing is cut
//! through a grapheme; what is cut ends in `…`; Korean words stay whole (lines break at spaces, and only a word longer
//! than a whole line is broken between graphemes).

use std::borrow::Cow;

use ratatui::buffer::Buffer;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_normalization::{UnicodeNormalization, is_nfc};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// The text in normal form C. Decomposed Hangul (as macOS file names have it) renders broken otherwise.
pub fn nfc(text: &str) -> Cow<'_, str> {
    if is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// The width in cells.
pub fn width(text: &str) -> usize {
    if text.is_ascii() { text.len() } else { text.graphemes(true).map(UnicodeWidthStr::width).sum() }
}

/// The width of a styled line in cells.
pub fn line_width(line: &Line<'_>) -> usize {
    line.spans.iter().map(|span| width(&span.content)).sum()
}

/// The longest start of the text that fits, and its width.
fn fitting(text: &str, room: usize) -> (&str, usize) {
    let mut used = 0;
    for (at, grapheme) in text.grapheme_indices(true) {
        let next = used + grapheme.width();
        if next > room {
            return (text.get(..at).unwrap_or_default(), used);
        }
        used = next;
    }
    (text, used)
}

/// The text cut to a width in cells, with `…` when something was cut.
pub fn truncate(text: &str, room: usize) -> Cow<'_, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    if room == 0 {
        return Cow::Borrowed("");
    }
    let (start, _) = fitting(text, room - 1);
    Cow::Owned(format!("{}…", start.trim_end()))
}

/// The text cut in the middle, keeping its end: for ids and paths, of which the end tells most.
pub fn truncate_middle(text: &str, room: usize) -> Cow<'_, str> {
    if width(text) <= room {
        return Cow::Borrowed(text);
    }
    if room < 5 {
        return truncate(text, room);
    }
    let (start, used) = fitting(text, (room - 1) / 2);
    let left = room - 1 - used;
    let mut end = String::new();
    let mut taken = 0;
    for grapheme in text.graphemes(true).rev() {
        taken += grapheme.width();
        if taken > left {
            break;
        }
        end.insert_str(0, grapheme);
    }
    Cow::Owned(format!("{start}…{end}"))
}

/// The text in exactly this many cells: cut, or filled with spaces on the right.
pub fn pad(text: &str, cells: usize) -> String {
    let mut out = truncate(text, cells).into_owned();
    out.extend(std::iter::repeat_n(' ', cells.saturating_sub(width(&out))));
    out
}

/// The text in exactly this many cells: cut, or filled with spaces on the left.
pub fn pad_left(text: &str, cells: usize) -> String {
    let cut = truncate(text, cells);
    let mut out: String = std::iter::repeat_n(' ', cells.saturating_sub(width(&cut))).collect();
    out.push_str(&cut);
    out
}

/// A styled line cut to a width in cells, with `…` in the style of what was cut.
pub fn truncate_line(line: Line<'static>, room: usize) -> Line<'static> {
    if line_width(&line) <= room {
        return line;
    }
    let mut out = Line { spans: Vec::with_capacity(line.spans.len()), ..line.clone() };
    let mut used = 0;
    for span in line.spans {
        let size = width(&span.content);
        if used + size < room {
            used += size;
            out.spans.push(span);
            continue;
        }
        // At least one cell is wanted for the sign of the cut.
        let (start, _) = fitting(&span.content, room.saturating_sub(used + 1));
        out.spans.push(Span::styled(format!("{start}…"), span.style));
        break;
    }
    out
}

/// Plain text wrapped to a width. Empty lines of the text stay.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut out = Vec::new();
    for line in text.lines() {
        let wrapped = wrap_spans(&[Span::raw(line)], room, &[], &[]);
        out.extend(wrapped.into_iter().map(|line| line.spans.iter().map(|span| span.content.as_ref()).collect()));
    }
    out
}

/// A word or the space between words, with its pieces' styles.
struct Piece {
    space: bool,
    width: usize,
    parts: Vec<(String, Style)>,
}

fn pieces(spans: &[Span<'_>]) -> Vec<Piece> {
    let mut out: Vec<Piece> = Vec::new();
    for span in spans {
        for part in runs(&span.content) {
            let space = part.starts_with(' ');
            let size = width(part);
            match out.last_mut() {
                Some(last) if last.space == space => {
                    last.width += size;
                    last.parts.push((part.to_owned(), span.style));
                }
                _ => out.push(Piece { space, width: size, parts: vec![(part.to_owned(), span.style)] }),
            }
        }
    }
    out
}

/// Runs of spaces and runs of other signs, in turn.
fn runs(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut was = None;
    for (at, sign) in text.char_indices() {
        let space = sign == ' ';
        if was.is_some_and(|was| was != space) {
            out.push(text.get(start..at).unwrap_or_default());
            start = at;
        }
        was = Some(space);
    }
    out.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    out
}

struct Wrapper<'a> {
    room: usize,
    rest: &'a [Span<'static>],
    lines: Vec<Line<'static>>,
    line: Vec<Span<'static>>,
    used: usize,
    indent: usize,
}

impl Wrapper<'_> {
    fn push(&mut self, text: &str, style: Style) {
        self.used += width(text);
        match self.line.last_mut() {
            // The indent is left alone, so that its style does not spread.
            Some(last) if last.style == style && self.used > self.indent && !last.content.is_empty() => {
                last.content.to_mut().push_str(text);
            }
            _ => self.line.push(Span::styled(text.to_owned(), style)),
        }
    }

    fn end_line(&mut self) {
        let mut line = std::mem::take(&mut self.line);
        while line.len() > 1 && line.last().is_some_and(|last| last.content.trim_end().is_empty()) {
            line.pop();
        }
        if let Some(last) = line.last_mut() {
            let kept = last.content.trim_end().len();
            last.content.to_mut().truncate(kept);
        }
        self.lines.push(Line::from(line));
        self.line = self.rest.to_vec();
        self.used = self.rest.iter().map(|span| width(&span.content)).sum();
        self.indent = self.used;
    }

    fn is_fresh(&self) -> bool {
        self.used == self.indent
    }
}

/// Styled text wrapped to a width. `first` begins the first line and `rest` every further one. A word may change its
/// style inside (`` `my-vpc`를 ``) and still stays whole.
pub fn wrap_spans(
    spans: &[Span<'_>],
    room: usize,
    first: &[Span<'static>],
    rest: &[Span<'static>],
) -> Vec<Line<'static>> {
    let indent = first.iter().map(|span| width(&span.content)).sum();
    let mut out = Wrapper { room: room.max(2), rest, lines: Vec::new(), line: first.to_vec(), used: indent, indent };
    let mut gap: Option<Piece> = None;
    for piece in pieces(spans) {
        if piece.space {
            gap = Some(piece);
            continue;
        }
        let space = gap.take();
        let before = space.as_ref().map_or(0, |space| space.width);
        let longest = out.room.saturating_sub(out.rest.iter().map(|span| width(&span.content)).sum());
        let fits = out.used + before + piece.width <= out.room;
        // A word that no line can hold starts where it is, when there is some room left; else on its own line.
        let split = piece.width > longest && out.used + before + 8 <= out.room;
        if !fits && !split && !out.is_fresh() {
            out.end_line();
        } else if let Some(space) = space.filter(|_| out.lines.is_empty() || !out.is_fresh()) {
            for (text, style) in &space.parts {
                out.push(text, *style);
            }
        }
        for (text, style) in &piece.parts {
            let mut left = text.as_str();
            while !left.is_empty() {
                let (mut start, _) = fitting(left, out.room.saturating_sub(out.used));
                if start.is_empty() {
                    if !out.is_fresh() {
                        out.end_line();
                        continue;
                    }
                    // Not even one grapheme fits: take it all the same, or this would never end.
                    start = left.graphemes(true).next().unwrap_or(left);
                }
                out.push(start, *style);
                left = left.get(start.len()..).unwrap_or_default();
            }
        }
    }
    if !out.is_fresh() || out.lines.is_empty() {
        out.end_line();
    }
    out.lines
}

/// A drawn screen as plain text, a line each, without the cells that wide signs cover and without spaces at the end.
pub fn plain(buffer: &Buffer) -> Vec<String> {
    let area = buffer.area;
    (area.top()..area.bottom())
        .map(|y| {
            let mut line = String::new();
            let mut skip = 0;
            for x in area.left()..area.right() {
                let symbol = buffer.cell((x, y)).map_or(" ", |cell| cell.symbol());
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                line.push_str(symbol);
                skip = width(symbol).saturating_sub(1);
            }
            line.truncate(line.trim_end().len());
            line
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;
    use proptest::prelude::*;
    use ratatui::style::Stylize;

    #[test]
    fn hangul_is_two_cells() {
        assert_eq!(width("가a·"), 4);
        assert_eq!(width("e\u{301}"), 1);
    }

    #[test]
    fn decomposed_hangul_is_composed() {
        assert_eq!(nfc("\u{1112}\u{1161}\u{11ab}"), "한");
        assert!(matches!(nfc("한"), Cow::Borrowed(_)));
    }

    #[test]
    fn cutting_says_so_and_never_halves_a_syllable() {
        assert_eq!(truncate("서브넷", 6), "서브넷");
        assert_eq!(truncate("서브넷", 5), "서브…");
        assert_eq!(truncate("서브넷", 4), "서…");
        assert_eq!(truncate("서브넷", 1), "…");
        assert_eq!(truncate("서브넷", 0), "");
        assert_eq!(truncate_middle("nat-0a1b2c3d4e5f", 9), "nat-…4e5f");
        assert_eq!(pad("서브넷", 5), "서브…");
        assert_eq!(pad("서", 4), "서  ");
        assert_eq!(pad_left("$1", 4), "  $1");
    }

    #[test]
    fn korean_breaks_at_spaces() {
        assert_eq!(
            wrap("사설 서브넷의 서버는 공인 IP가 없습니다.", 14),
            ["사설 서브넷의", "서버는 공인", "IP가 없습니다."]
        );
    }

    #[test]
    fn long_words_break_between_graphemes() {
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("가나다라", 5), ["가나", "다라"]);
    }

    #[test]
    fn a_word_with_two_styles_stays_whole() {
        let spans = [Span::raw("새로 "), Span::raw("my-vpc").bold(), Span::raw("를 만듭니다")];
        let lines = wrap_spans(&spans, 12, &[], &[]);
        let texts: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["새로", "my-vpc를", "만듭니다"]);
    }

    #[test]
    fn indents_hang() {
        let lines = wrap_spans(&[Span::raw("one two three")], 9, &[Span::raw("- ")], &[Span::raw("  ")]);
        let texts: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert_eq!(texts, ["- one two", "  three"]);
    }

    #[test]
    fn a_styled_line_is_cut_with_a_sign() {
        let line = Line::from(vec![Span::raw("ab"), Span::raw("서브넷").bold()]);
        assert_eq!(truncate_line(line.clone(), 8).to_string(), "ab서브넷");
        assert_eq!(truncate_line(line.clone(), 6).to_string(), "ab서…");
        assert_eq!(truncate_line(line, 2).to_string(), "a…");
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_is_too_wide(text in "[a-z가-힣 ]{0,80}", room in 2usize..30) {
            let lines = wrap(&text, room);
            for line in &lines {
                prop_assert!(width(line) <= room, "{line:?}");
            }
            let kept: String = lines.concat().chars().filter(|c| *c != ' ').collect();
            let wanted: String = text.chars().filter(|c| *c != ' ').collect();
            prop_assert_eq!(kept, wanted);
        }

        #[test]
        fn padded_text_has_its_width(text in "[a-z가-힣 ]{0,40}", room in 0usize..30) {
            prop_assert_eq!(width(&pad(&text, room)), room);
            prop_assert_eq!(width(&pad_left(&text, room)), room);
            prop_assert!(width(&truncate_middle(&text, room)) <= room);
        }
    }
}
