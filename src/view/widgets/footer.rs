//! The bottom line: the keys that work now.
//!
//! Promises: keys are left out by priority, never cut in half; the order on screen is the order given.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::view::Look;
use crate::view::text::width;
use crate::view::theme::Role;

use super::put;

/// A key and what it does now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The key as people call it: `Enter`, `j/k`, `?`.
    pub key: String,
    /// What it does, in a word or two.
    pub word: String,
    /// Which goes first when there is no room: the smallest.
    pub priority: u8,
}

impl Hint {
    /// A hint.
    pub fn new(key: impl Into<String>, word: impl Into<String>, priority: u8) -> Self {
        Self { key: key.into(), word: word.into(), priority }
    }

    fn width(&self) -> usize {
        width(&self.key) + 1 + width(&self.word)
    }
}

/// The hints that fit, with the places where they are drawn (for the mouse): index into `hints` and area.
pub fn places(hints: &[Hint], area: Rect) -> Vec<(usize, Rect)> {
    let room = usize::from(area.width).saturating_sub(2);
    let mut kept: Vec<usize> = (0..hints.len()).collect();
    let size = |kept: &[usize]| {
        kept.iter().filter_map(|at| hints.get(*at)).map(|hint| hint.width() + 2).sum::<usize>().saturating_sub(2)
    };
    while size(&kept) > room {
        // Of equals the last goes first.
        let Some(least) = kept.iter().rev().min_by_key(|at| hints.get(**at).map_or(0, |h| h.priority)).copied() else {
            break;
        };
        kept.retain(|at| *at != least);
    }
    let mut x = area.x.saturating_add(1);
    let mut out = Vec::with_capacity(kept.len());
    for at in kept {
        let size = hints.get(at).map_or(0, Hint::width);
        let size = u16::try_from(size).unwrap_or(u16::MAX);
        out.push((at, Rect::new(x, area.y, size, 1)));
        x = x.saturating_add(size + 2);
    }
    out
}

/// Draws the hints on the first line of an area.
pub fn draw(hints: &[Hint], area: Rect, buffer: &mut Buffer, look: &Look) {
    if area.is_empty() {
        return;
    }
    for (at, place) in places(hints, area) {
        let Some(hint) = hints.get(at) else { continue };
        let line = Line::from(vec![
            look.span(Role::Key, hint.key.clone()),
            Span::raw(" "),
            look.span(Role::KeyWord, hint.word.clone()),
        ]);
        put(buffer, place.x, place.y, place.width, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::view::text::plain;

    #[test]
    fn keys_go_by_priority_and_keep_their_order() {
        let hints = [
            Hint::new("Enter", "열기", 9),
            Hint::new("m", "모니터", 1),
            Hint::new("?", "도움말", 5),
            Hint::new("q", "나가기", 8),
        ];
        let line = |room| {
            let mut buffer = Buffer::empty(Rect::new(0, 0, room, 1));
            draw(&hints, buffer.area, &mut buffer, &Look::new(Lang::Ko));
            plain(&buffer).remove(0)
        };
        assert_eq!(line(60), " Enter 열기  m 모니터  ? 도움말  q 나가기");
        assert_eq!(line(34), " Enter 열기  ? 도움말  q 나가기");
        assert_eq!(line(23), " Enter 열기  q 나가기");
        assert_eq!(line(8), "");
    }
}
