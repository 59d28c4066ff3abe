//! Pure drawing: theme, text on cells, Markdown, the diagram, and the widgets that screens are made of.
//!
//! Promises: everything is a function of what it is given ([`Look`], an area, plain values); nothing reads a clock, a
//! file or the network; only what is visible is drawn. Leaves to others: what to show (`screens`), when to draw
//! (`runtime`).

pub mod diagram;
pub mod format;
pub mod mark;
pub mod markdown;
pub mod plot;
pub mod popup;
pub mod text;
pub mod theme;
pub mod widgets;

use ratatui::style::Style;
use ratatui::text::Span;

use crate::i18n::{Lang, Text, label};

use mark::Mark;
use theme::{Role, Theme};

/// How everything is shown: the same for every widget of a frame.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Look {
    /// The looks of the roles.
    pub theme: Theme,
    /// The language.
    pub lang: Lang,
    /// The learner's zone, in seconds east of UTC, for times of day.
    pub utc_offset: i32,
}

impl Look {
    /// The built-in theme in a language, in UTC.
    pub fn new(lang: Lang) -> Self {
        Self { theme: Theme::built_in(), lang, utc_offset: 0 }
    }

    /// The look of a role.
    pub fn style(&self, role: Role) -> Style {
        self.theme.style(role)
    }

    /// A label of the screens in the chosen language.
    pub fn label(&self, key: &'static str) -> &'static str {
        label(self.lang, key)
    }

    /// A label with its slots filled.
    pub fn fill(&self, key: &'static str, values: &[(&str, &str)]) -> String {
        format::fill(self.label(key), values)
    }

    /// A bilingual text in the chosen language.
    pub fn text<'a>(&self, text: &'a Text) -> &'a str {
        text.get(self.lang)
    }

    /// A piece of text in a role's look.
    pub fn span(&self, role: Role, text: impl Into<String>) -> Span<'static> {
        Span::styled(text.into(), self.style(role))
    }

    /// A mark in its look.
    pub fn mark(&self, mark: Mark) -> Span<'static> {
        Span::styled(mark.sign(), self.style(mark.role()))
    }

    /// A mark's word in its look.
    pub fn word(&self, mark: Mark) -> Span<'static> {
        Span::styled(mark.word(self.lang), self.style(mark.role()))
    }

    /// A time of day in the learner's zone.
    pub fn clock(&self, millis: i64) -> String {
        format::clock(millis, self.utc_offset)
    }
}
