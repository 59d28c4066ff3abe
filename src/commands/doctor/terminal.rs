//! The terminal, for `awslab doctor`: size, colour, UTF-8, and how wide it draws Korean.

use std::io::{IsTerminal, Write};

use crossterm::{cursor, terminal};

use super::{Finding, State};
use crate::i18n::Text;

/// The smallest size at which every screen is whole.
const SMALLEST: (u16, u16) = (80, 24);

/// What was measured.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Terminal {
    /// Whether both input and output are a terminal.
    tty: bool,
    /// Columns and rows.
    size: Option<(u16, u16)>,
    /// `TERM`.
    term: String,
    /// Whether `NO_COLOR` is set.
    no_color: bool,
    /// `LC_ALL`, `LC_CTYPE` or `LANG`, the first that is set.
    locale: String,
    /// How many cells the cursor moves for a Hangul syllable and for an arrow; `None` when the terminal does not answer.
    cells: Option<(u16, u16)>,
}

/// Looks at the terminal. It is left as it was.
pub(super) fn measure() -> Terminal {
    let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let tty = std::io::stdin().is_terminal() && std::io::stdout().is_terminal();
    Terminal {
        tty,
        size: tty.then(|| terminal::size().ok()).flatten(),
        term: variable("TERM").unwrap_or_default(),
        no_color: variable("NO_COLOR").is_some(),
        locale: ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(variable).unwrap_or_default(),
        cells: if tty { cells() } else { None },
    }
}

/// Writes a Hangul syllable and an arrow and asks where the cursor went each time.
fn cells() -> Option<(u16, u16)> {
    terminal::enable_raw_mode().ok()?;
    let width = |text: &str| -> Option<u16> {
        let mut out = std::io::stdout();
        write!(out, "\r{text}").ok()?;
        out.flush().ok()?;
        let (column, _) = cursor::position().ok()?;
        write!(out, "\r\x1b[K").ok()?;
        out.flush().ok()?;
        Some(column)
    };
    let found = width("가").zip(width("→"));
    terminal::disable_raw_mode().ok()?;
    found
}

/// What is to be said of it.
pub(super) fn findings(terminal: &Terminal) -> Vec<Finding> {
    if !terminal.tty {
        let finding =
            Finding::new("terminal", ("터미널", "terminal"), Text::new("터미널이 아닙니다", "this is not a terminal"));
        return vec![
            finding.but(State::Warn, ("전체 화면은 터미널에서만 열립니다", "The full screen opens only in a terminal")),
        ];
    }
    let mut found = vec![size(terminal), colour(terminal), utf8(terminal)];
    found.extend(korean(terminal));
    found
}

fn size(terminal: &Terminal) -> Finding {
    let title = ("터미널 크기", "terminal size");
    let Some((columns, rows)) = terminal.size else {
        return Finding::new("size", title, Text::new("알 수 없습니다", "not known"))
            .but(State::Warn, ("다른 터미널 프로그램에서 열어 보세요", "Try another terminal program"));
    };
    let finding = Finding::new("size", title, Text::same(format!("{columns}x{rows}")));
    if columns < SMALLEST.0 || rows < SMALLEST.1 {
        return finding.but(State::Warn, ("창을 80x24보다 크게 키우세요", "Make the window at least 80x24"));
    }
    finding
}

fn colour(terminal: &Terminal) -> Finding {
    let detail = match (terminal.no_color, terminal.term.as_str()) {
        (true, _) => Text::new("NO_COLOR 설정에 따라 쓰지 않습니다", "off, because NO_COLOR is set"),
        (false, "" | "dumb") => {
            let hint = ("TERM 환경 변수를 확인하세요", "Look at the environment variable TERM");
            let term = format!("TERM={}", terminal.term);
            return Finding::new("colour", ("색", "colour"), Text::same(term)).but(State::Warn, hint);
        }
        (false, term) => Text::new(format!("16색 ({term})"), format!("16 colours ({term})")),
    };
    Finding::new("colour", ("색", "colour"), detail)
}

fn utf8(terminal: &Terminal) -> Finding {
    let finding = Finding::new("utf-8", ("문자", "characters"), Text::same(&terminal.locale));
    let name = terminal.locale.to_ascii_lowercase();
    // macOS and Windows terminals speak UTF-8 without saying so in the locale.
    let silent = name.is_empty() && !cfg!(target_os = "linux");
    if name.contains("utf-8") || name.contains("utf8") || silent {
        return finding;
    }
    finding.but(State::Warn, ("LANG=ko_KR.UTF-8이나 C.UTF-8로 여세요", "Use a UTF-8 locale such as LANG=C.UTF-8"))
}

fn korean(terminal: &Terminal) -> Vec<Finding> {
    let title = ("한글 폭", "Korean width");
    let Some((hangul, arrow)) = terminal.cells else {
        return vec![
            Finding::new("korean", title, Text::new("터미널이 답하지 않습니다", "the terminal does not answer")).but(
                State::Warn,
                ("한글이 어긋나 보이면 다른 터미널을 쓰세요", "If Korean looks displaced, use another terminal"),
            ),
        ];
    };
    let mut found = vec![Finding::new("korean", title, Text::new(format!("{hangul}칸"), format!("{hangul} cells")))];
    if hangul != 2 {
        found = vec![found.remove(0).but(
            State::Bad,
            (
                "로캘과 글꼴을 확인하세요. 한글은 두 칸이어야 합니다",
                "Look at locale and font: Hangul should take two cells",
            ),
        )];
    }
    if arrow != 1 {
        let detail = Text::new(format!("기호가 {arrow}칸입니다"), format!("signs take {arrow} cells"));
        found.push(Finding::new("ambiguous", ("기호 폭", "sign width"), detail).but(
            State::Warn,
            (
                "터미널 설정에서 '모호한 너비 문자'를 좁게 바꾸세요",
                "In the terminal's settings, let ambiguous-width characters be narrow",
            ),
        ));
    }
    found
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    fn good() -> Terminal {
        Terminal {
            tty: true,
            size: Some((80, 24)),
            term: "xterm-256color".into(),
            no_color: false,
            locale: "ko_KR.UTF-8".into(),
            cells: Some((2, 1)),
        }
    }

    fn worst(terminal: &Terminal) -> Vec<(&'static str, State)> {
        findings(terminal).iter().filter(|f| f.state != State::Good).map(|f| (f.id, f.state)).collect()
    }

    #[test]
    fn a_good_terminal_needs_no_hint() {
        assert_eq!(worst(&good()), []);
        assert_eq!(worst(&Terminal { no_color: true, ..good() }), []);
    }

    #[test]
    fn every_flaw_is_told() {
        for (terminal, id, state) in [
            (Terminal { tty: false, ..good() }, "terminal", State::Warn),
            (Terminal { size: Some((79, 24)), ..good() }, "size", State::Warn),
            (Terminal { size: Some((80, 23)), ..good() }, "size", State::Warn),
            (Terminal { term: "dumb".into(), ..good() }, "colour", State::Warn),
            (Terminal { locale: "POSIX".into(), ..good() }, "utf-8", State::Warn),
            (Terminal { cells: Some((1, 1)), ..good() }, "korean", State::Bad),
            (Terminal { cells: Some((2, 2)), ..good() }, "ambiguous", State::Warn),
            (Terminal { cells: None, ..good() }, "korean", State::Warn),
        ] {
            assert_eq!(worst(&terminal), [(id, state)], "{terminal:?}");
        }
    }
}
