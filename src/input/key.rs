//! Keys, as keymaps write them and footers show them.

use std::fmt;

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::hangul;

/// Which key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A key that types a sign; upper case is written upper case.
    Char(char),
    /// Enter.
    Enter,
    /// Esc.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Home.
    Home,
    /// End.
    End,
    /// F1 to F12.
    F(u8),
}

/// A key press.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// Which key.
    pub code: Code,
    /// With Ctrl.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
}

const NAMED: &[(&str, Code, &str)] = &[
    ("enter", Code::Enter, "Enter"),
    ("esc", Code::Esc, "Esc"),
    ("tab", Code::Tab, "Tab"),
    ("shift-tab", Code::BackTab, "S-Tab"),
    ("backspace", Code::Backspace, "Backspace"),
    ("delete", Code::Delete, "Del"),
    ("up", Code::Up, "↑"),
    ("down", Code::Down, "↓"),
    ("left", Code::Left, "←"),
    ("right", Code::Right, "→"),
    ("pageup", Code::PageUp, "PgUp"),
    ("pagedown", Code::PageDown, "PgDn"),
    ("home", Code::Home, "Home"),
    ("end", Code::End, "End"),
    ("space", Code::Char(' '), "Space"),
];

impl Key {
    /// A key without Ctrl and Alt.
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    /// A key that types a sign.
    pub const fn char(sign: char) -> Self {
        Self::plain(Code::Char(sign))
    }

    /// As keymaps write it: `j`, `G`, `enter`, `ctrl-c`, `alt-x`, `space`, `f1`. `None` when nothing is called so.
    pub fn parse(text: &str) -> Option<Self> {
        let mut rest = text;
        let (mut ctrl, mut alt) = (false, false);
        loop {
            if let Some(after) = rest.strip_prefix("ctrl-").filter(|after| !after.is_empty()) {
                (ctrl, rest) = (true, after);
            } else if let Some(after) = rest.strip_prefix("alt-").filter(|after| !after.is_empty()) {
                (alt, rest) = (true, after);
            } else {
                break;
            }
        }
        let mut signs = rest.chars();
        let code = match (signs.next(), signs.next()) {
            (Some(sign), None) => Code::Char(sign),
            _ => match NAMED.iter().find(|(name, ..)| *name == rest) {
                Some((_, code, _)) => *code,
                None => Code::F(rest.strip_prefix('f')?.parse().ok().filter(|number| (1..=12).contains(number))?),
            },
        };
        Some(Self { code, ctrl, alt })
    }

    /// What a terminal event stands for: none for releases and bare modifiers, several when an input method hands over
    /// a whole syllable. `text` is whether the sign itself is wanted (a field is being edited): then Hangul stays.
    pub fn of_event(event: KeyEvent, text: bool) -> Vec<Self> {
        if event.kind == KeyEventKind::Release {
            return Vec::new();
        }
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let alt = event.modifiers.contains(KeyModifiers::ALT);
        let key = |code| Self { code, ctrl, alt };
        let code = match event.code {
            KeyCode::Char(sign) => {
                if let Some(letters) = hangul::letters(sign).filter(|_| !text || ctrl || alt) {
                    return letters.chars().map(|letter| key(Code::Char(letter))).collect();
                }
                // Some terminals send Ctrl with the upper-case letter.
                Code::Char(if ctrl { sign.to_ascii_lowercase() } else { sign })
            }
            KeyCode::Enter => Code::Enter,
            KeyCode::Esc => Code::Esc,
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => Code::BackTab,
            KeyCode::Tab => Code::Tab,
            KeyCode::BackTab => Code::BackTab,
            KeyCode::Backspace => Code::Backspace,
            KeyCode::Delete => Code::Delete,
            KeyCode::Up => Code::Up,
            KeyCode::Down => Code::Down,
            KeyCode::Left => Code::Left,
            KeyCode::Right => Code::Right,
            KeyCode::PageUp => Code::PageUp,
            KeyCode::PageDown => Code::PageDown,
            KeyCode::Home => Code::Home,
            KeyCode::End => Code::End,
            KeyCode::F(number) => Code::F(number),
            _ => return Vec::new(),
        };
        vec![key(code)]
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        match self.code {
            Code::F(number) => write!(f, "F{number}"),
            code => match NAMED.iter().find(|(_, known, _)| *known == code) {
                Some((.., shown)) => f.write_str(shown),
                None => match code {
                    Code::Char(sign) => write!(f, "{sign}"),
                    _ => Ok(()),
                },
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(code: KeyCode, modifiers: KeyModifiers) -> KeyEvent {
        KeyEvent::new(code, modifiers)
    }

    #[test]
    fn keys_are_written_and_read() {
        for (text, shown) in [
            ("j", "j"),
            ("G", "G"),
            ("enter", "Enter"),
            ("ctrl-c", "Ctrl-c"),
            ("alt-x", "Alt-x"),
            ("space", "Space"),
            ("f1", "F1"),
            ("shift-tab", "S-Tab"),
            ("-", "-"),
            ("[", "["),
        ] {
            assert_eq!(Key::parse(text).map(|key| key.to_string()).as_deref(), Some(shown), "{text}");
        }
        for wrong in ["", "enterr", "f13", "f0", "ctrl-", "jj"] {
            assert_eq!(Key::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn hangul_is_a_command_key_but_stays_text() {
        let press = event(KeyCode::Char('ㅓ'), KeyModifiers::NONE);
        assert_eq!(Key::of_event(press, false), vec![Key::char('j')]);
        assert_eq!(Key::of_event(press, true), vec![Key::char('ㅓ')]);
        let syllable = event(KeyCode::Char('가'), KeyModifiers::NONE);
        assert_eq!(Key::of_event(syllable, false), vec![Key::char('r'), Key::char('k')]);
        let control = event(KeyCode::Char('ㅊ'), KeyModifiers::CONTROL);
        assert_eq!(Key::of_event(control, true).first().map(ToString::to_string).as_deref(), Some("Ctrl-c"));
    }

    #[test]
    fn releases_are_not_presses() {
        let mut press = event(KeyCode::Char('j'), KeyModifiers::NONE);
        press.kind = KeyEventKind::Release;
        assert_eq!(Key::of_event(press, false), vec![]);
    }
}
