//! What the learner presses, turned into named actions.
//!
//! Promises: one catalogue of actions ([`action::ACTIONS`]) from which keymap, footer, help, palette and docs are made;
//! command keys work under a Hangul keyboard; a keymap with a conflict is rejected with file and line.
//! Leaves to others: reading the terminal (`term`), what an action does (`app`, `screens`).

pub mod action;
pub mod hangul;
pub mod key;
pub mod keymap;

pub use action::{Action, Context};
pub use key::{Code, Key};
pub use keymap::Keymap;

/// A change of a line of text that a screen edits (palette, search).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// Adds a sign.
    Insert(char),
    /// Takes the last sign away.
    Backspace,
    /// Empties the line.
    Clear,
}

/// Something that the learner did, after the terminal's own words are taken off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Input {
    /// A key press.
    Key(Key),
    /// A click with the first button, in cells from the top left.
    Click(u16, u16),
    /// The wheel over a cell: column, row, lines (negative is up).
    Wheel(u16, u16, i16),
    /// Pasted text.
    Paste(String),
    /// The terminal has a new size: columns, rows.
    Resize(u16, u16),
    /// The terminal window got or lost the keyboard.
    Focus(bool),
}
