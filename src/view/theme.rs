//! Roles of the screen and their looks, read from `assets/theme.toml`.
//!
//! Promises: only the 16 ANSI colours and modifiers; a theme without colour that keeps the modifiers.
//! Leaves to others: which role a thing has (widgets and screens), and whether colour is wanted (`cli`).

use std::collections::BTreeMap;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;

use crate::problem::{Problem, ProblemKind};

const BUILT_IN: &str = include_str!("../../assets/theme.toml");

macro_rules! roles {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// What a piece of the screen is, as far as its look goes.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Role { $($(#[$doc])* $variant),+ }

        impl Role {
            /// Every role.
            pub const ALL: &'static [Role] = &[$(Role::$variant),+];

            /// Its name in `assets/theme.toml`.
            pub const fn name(self) -> &'static str {
                match self { $(Role::$variant => $name),+ }
            }
        }
    };
}

roles! {
    /// Running text.
    Text = "text",
    /// What the eye may skip.
    Dim = "dim",
    /// Emphasis inside text.
    Strong = "strong",
    /// Titles of screens and panes.
    Title = "title",
    /// The one accent.
    Accent = "accent",
    /// The selected row.
    Selection = "selection",
    /// Lines around panes.
    Border = "border",
    /// Lines around the pane that has the keys.
    BorderFocus = "border-focus",
    /// A key in the footer.
    Key = "key",
    /// What the key does.
    KeyWord = "key-word",
    /// The word PRACTICE.
    Practice = "practice",
    /// The bar that says AWS.
    Aws = "aws",
    /// Money.
    Cost = "cost",
    /// Mark and word of a thing that has not begun.
    NotStarted = "not-started",
    /// Mark and word of a thing on its way.
    Waiting = "waiting",
    /// Mark and word of a usable thing.
    Ready = "ready",
    /// Mark and word of a passed check.
    Checked = "checked",
    /// Mark and word of a failure.
    Failed = "failed",
    /// Mark and word of a thing that is not as declared.
    Drifted = "drifted",
    /// Mark and word of a thing being deleted.
    Deleting = "deleting",
    /// Headings in guides.
    Heading = "heading",
    /// Code spans and blocks, ids, commands.
    Code = "code",
    /// Block quotes: the mistakes people make.
    Quote = "quote",
    /// Links.
    Link = "link",
    /// The letters that matched a search.
    Match = "match",
    /// The full part of a progress bar.
    Gauge = "gauge",
    /// The rest of it.
    GaugeRest = "gauge-rest",
    /// The chosen answer of a question.
    Button = "button",
    /// The chosen answer when it costs money or deletes.
    Danger = "danger",
}

/// The look of every role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Theme {
    styles: Vec<Style>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    roles: BTreeMap<String, Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    fg: Option<String>,
    bg: Option<String>,
    #[serde(default)]
    add: Vec<String>,
}

impl Default for Theme {
    fn default() -> Self {
        Self::built_in()
    }
}

impl Theme {
    /// The theme in the binary.
    pub fn built_in() -> Self {
        // A test holds that the file parses; a terminal without a theme is still readable.
        Self::parse(BUILT_IN).unwrap_or_else(|_| Self { styles: vec![Style::new(); Role::ALL.len()] })
    }

    /// The theme in the binary with its colours taken away and its modifiers kept.
    pub fn without_color() -> Self {
        let mut theme = Self::built_in();
        for style in &mut theme.styles {
            style.fg = None;
            style.bg = None;
        }
        theme
    }

    /// Reads a theme. Every role must be there, and nothing else.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let wrong = |what: String| {
            Problem::new(ProblemKind::Config, "테마 파일이 잘못되었습니다", "The theme file is wrong")
                .because(what.clone(), what)
                .from("assets/theme.toml")
        };
        let file: File = toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
        if let Some(name) = file.roles.keys().find(|name| !Role::ALL.iter().any(|role| role.name() == *name)) {
            return Err(wrong(format!("unknown role `{name}`")));
        }
        let mut styles = Vec::with_capacity(Role::ALL.len());
        for role in Role::ALL {
            let entry = file.roles.get(role.name()).ok_or_else(|| wrong(format!("no role `{}`", role.name())))?;
            let mut style = Style::new();
            if let Some(name) = &entry.fg {
                style = style.fg(color(name).ok_or_else(|| wrong(format!("`{name}` is not an ANSI colour")))?);
            }
            if let Some(name) = &entry.bg {
                style = style.bg(color(name).ok_or_else(|| wrong(format!("`{name}` is not an ANSI colour")))?);
            }
            for name in &entry.add {
                style = style.add_modifier(modifier(name).ok_or_else(|| wrong(format!("no modifier `{name}`")))?);
            }
            styles.push(style);
        }
        Ok(Self { styles })
    }

    /// The look of a role.
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

fn color(name: &str) -> Option<Color> {
    Some(match name {
        "black" => Color::Black,
        "red" => Color::Red,
        "green" => Color::Green,
        "yellow" => Color::Yellow,
        "blue" => Color::Blue,
        "magenta" => Color::Magenta,
        "cyan" => Color::Cyan,
        "white" => Color::Gray,
        "bright-black" => Color::DarkGray,
        "bright-red" => Color::LightRed,
        "bright-green" => Color::LightGreen,
        "bright-yellow" => Color::LightYellow,
        "bright-blue" => Color::LightBlue,
        "bright-magenta" => Color::LightMagenta,
        "bright-cyan" => Color::LightCyan,
        "bright-white" => Color::White,
        _ => return None,
    })
}

fn modifier(name: &str) -> Option<Modifier> {
    Some(match name {
        "bold" => Modifier::BOLD,
        "dim" => Modifier::DIM,
        "italic" => Modifier::ITALIC,
        "underline" => Modifier::UNDERLINED,
        "reverse" => Modifier::REVERSED,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn the_built_in_theme_has_every_role() {
        let theme = Theme::parse(BUILT_IN).unwrap();
        assert_eq!(theme.styles.len(), Role::ALL.len());
        assert_eq!(theme.style(Role::Practice).fg, Some(Color::Green));
    }

    #[test]
    fn without_colour_the_modifiers_remain() {
        let theme = Theme::without_color();
        for role in Role::ALL {
            assert_eq!((theme.style(*role).fg, theme.style(*role).bg), (None, None), "{role:?}");
        }
        assert!(theme.style(Role::Aws).add_modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn a_wrong_theme_says_what_is_wrong() {
        let missing = Theme::parse("[roles]\ntext = {}").unwrap_err();
        assert!(missing.detail.en.contains("no role"), "{}", missing.detail.en);
        let unknown = Theme::parse(&format!("{BUILT_IN}\nsparkle = {{}}")).unwrap_err();
        assert!(unknown.detail.en.contains("sparkle"), "{}", unknown.detail.en);
        let rgb = Theme::parse(&BUILT_IN.replace("\"green\"", "\"#00ff00\"")).unwrap_err();
        assert!(rgb.detail.en.contains("ANSI"), "{}", rgb.detail.en);
    }
}
