//! State marks and the other single signs of the screen, in Unicode and in ASCII.
//!
//! Promises: every sign is one cell wide; no two marks look the same without colour; [`to_ascii`] turns a whole drawn
//! screen into one that a terminal or font which draws ambiguous signs two cells wide shows in straight columns.

use crate::i18n::{Lang, label};
use crate::lab::phase::PhaseKind;
use crate::lab::report::{ConditionResult, ResourceRow};
use crate::lab::world::Health;

use ratatui::buffer::Buffer;
use unicode_width::UnicodeWidthStr;

use super::theme::Role;

/// The state of anything, as far as a mark can tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Mark {
    /// Nothing yet.
    NotStarted,
    /// On its way.
    Waiting,
    /// Running, available, usable.
    Ready,
    /// Checked, finished.
    Checked,
    /// Failed.
    Failed,
    /// Not as declared.
    Drifted,
    /// Being deleted.
    Deleting,
}

impl Mark {
    /// Every mark.
    pub const ALL: [Self; 7] =
        [Self::NotStarted, Self::Waiting, Self::Ready, Self::Checked, Self::Failed, Self::Drifted, Self::Deleting];

    /// Its sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::NotStarted => "·",
            Self::Waiting => "◌",
            Self::Ready => "●",
            Self::Checked => "✓",
            Self::Failed => "✗",
            Self::Drifted => "!",
            Self::Deleting => "⌫",
        }
    }

    /// Its look.
    pub const fn role(self) -> Role {
        match self {
            Self::NotStarted => Role::NotStarted,
            Self::Waiting => Role::Waiting,
            Self::Ready => Role::Ready,
            Self::Checked => Role::Checked,
            Self::Failed => Role::Failed,
            Self::Drifted => Role::Drifted,
            Self::Deleting => Role::Deleting,
        }
    }

    /// Its word.
    pub fn word(self, lang: Lang) -> &'static str {
        label(
            lang,
            match self {
                Self::NotStarted => "mark.not-started",
                Self::Waiting => "mark.waiting",
                Self::Ready => "mark.ready",
                Self::Checked => "mark.checked",
                Self::Failed => "mark.failed",
                Self::Drifted => "mark.drifted",
                Self::Deleting => "mark.deleting",
            },
        )
    }

    /// The mark of a resource's health. `drifted` is whether it differs from its declaration.
    pub const fn of_health(health: Option<Health>, drifted: bool) -> Self {
        match health {
            None => Self::NotStarted,
            Some(Health::Failed) => Self::Failed,
            Some(Health::Deleting) => Self::Deleting,
            Some(_) if drifted => Self::Drifted,
            Some(Health::Pending) => Self::Waiting,
            Some(Health::Ready) => Self::Ready,
        }
    }

    /// The mark of a row of the ledger. One that is gone behind our back has drifted.
    pub fn of_row(row: &ResourceRow) -> Self {
        match row.health {
            None => Self::Drifted,
            health => Self::of_health(health, !row.differences.is_empty()),
        }
    }

    /// The mark of a phase.
    pub const fn of_phase(kind: PhaseKind) -> Self {
        match kind {
            PhaseKind::Skipped => Self::NotStarted,
            PhaseKind::Calling | PhaseKind::Called | PhaseKind::Waiting | PhaseKind::Retrying | PhaseKind::Blocked => {
                Self::Waiting
            }
            PhaseKind::Kept | PhaseKind::Adopted | PhaseKind::Ready => Self::Ready,
            PhaseKind::Deleted => Self::Checked,
            PhaseKind::Failed => Self::Failed,
            PhaseKind::Deleting => Self::Deleting,
        }
    }

    /// The mark of a named condition.
    pub const fn of_condition(result: &ConditionResult) -> Self {
        match (result.ok, result.pending) {
            (true, _) if result.skipped => Self::NotStarted,
            (true, _) => Self::Checked,
            (false, true) => Self::Waiting,
            (false, false) => Self::Failed,
        }
    }
}

/// Frames of the spinner.
const SPINNER: [&str; 10] = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];

/// The spinner's frame at a time in milliseconds; ten frames a second.
pub fn spinner(millis: u64) -> &'static str {
    usize::try_from(millis / 100 % 10).ok().and_then(|at| SPINNER.get(at)).copied().unwrap_or(" ")
}

/// Between parts of a line.
pub const DOT: &str = "·";
/// Between the names of a trail.
pub const TRAIL: &str = "›";
/// "leads to".
pub const ARROW: &str = "→";
/// Before the selected row.
pub const POINTER: &str = "›";
/// Item of a list in running text.
pub const BULLET: &str = "•";
/// A horizontal line.
pub const LINE: &str = "─";
/// The full part of a bar.
pub const FULL: &str = "█";
/// The empty part of a bar.
pub const REST: &str = "░";
/// The thumb of a scroll indicator.
pub const THUMB: &str = "┃";

/// What stands for a sign in ASCII.
const ASCII: &[(&str, &str)] = &[
    ("·", "."),
    ("◌", "o"),
    ("●", "*"),
    ("✓", "v"),
    ("✗", "x"),
    ("⌫", "<"),
    ("›", ">"),
    ("‹", "<"),
    ("→", ">"),
    ("←", "<"),
    ("↑", "^"),
    ("↓", "v"),
    ("⇄", "="),
    ("•", "-"),
    ("…", "~"),
    ("–", "-"),
    ("—", "-"),
    ("“", "\""),
    ("”", "\""),
    ("‘", "'"),
    ("’", "'"),
    ("×", "x"),
    ("█", "#"),
    ("░", "."),
    ("┃", "#"),
    ("─", "-"),
    ("━", "="),
    ("═", "="),
    ("┄", "."),
    ("┆", ":"),
    ("│", "|"),
    ("║", "|"),
    ("▏", "|"),
    ("▲", "^"),
    ("▼", "v"),
    ("▶", ">"),
    ("◀", "<"),
    ("▁", "_"),
    ("▂", "_"),
    ("▃", "-"),
    ("▄", "-"),
    ("▅", "="),
    ("▆", "="),
    ("▇", "#"),
    ("○", "o"),
];

/// Turns every sign of a drawn screen that some terminals draw two cells wide, or not at all, into ASCII. Text that is
/// wide everywhere (Hangul) stays.
pub fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        let symbol = cell.symbol();
        if symbol.is_ascii() {
            continue;
        }
        if let Some((_, ascii)) = ASCII.iter().find(|(sign, _)| *sign == symbol) {
            cell.set_symbol(ascii);
        } else if symbol.chars().all(|sign| ('\u{2500}'..='\u{257f}').contains(&sign)) {
            cell.set_symbol("+");
        } else if let Some(at) = SPINNER.iter().position(|frame| *frame == symbol) {
            cell.set_symbol(["|", "/", "-", "\\"].get(at % 4).copied().unwrap_or("|"));
        } else if symbol.width() == 1 && symbol.width_cjk() == 2 {
            cell.set_symbol("?");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::layout::Rect;
    use ratatui::style::Style;

    #[test]
    fn every_sign_is_one_cell_wide() {
        let signs = ASCII.iter().flat_map(|(sign, ascii)| [*sign, *ascii]).chain(SPINNER);
        for sign in signs.chain(Mark::ALL.map(Mark::sign)) {
            assert_eq!((sign.width(), sign.chars().count()), (1, 1), "{sign:?}");
        }
        assert!(ASCII.iter().all(|(_, ascii)| ascii.is_ascii()));
    }

    #[test]
    fn marks_differ_without_colour() {
        let area = Rect::new(0, 0, 7, 1);
        let mut buffer = Buffer::empty(area);
        for (at, mark) in (0u16..).zip(Mark::ALL) {
            buffer.set_string(at, 0, mark.sign(), Style::new());
        }
        let distinct = |buffer: &Buffer| {
            let mut signs: Vec<_> = buffer.content.iter().map(|cell| cell.symbol().to_owned()).collect();
            signs.sort();
            signs.dedup();
            signs.len()
        };
        assert_eq!(distinct(&buffer), 7);
        to_ascii(&mut buffer);
        assert_eq!(distinct(&buffer), 7);
    }

    #[test]
    fn ascii_keeps_hangul_and_columns() {
        let mut buffer = Buffer::with_lines(["┌ 서브넷 ─┐", "│● 실행 →│"]);
        to_ascii(&mut buffer);
        assert_eq!(buffer, Buffer::with_lines(["+ 서브넷 -+", "|* 실행 >|"]));
    }
}
