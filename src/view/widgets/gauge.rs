//! A progress bar, and the words of a wait.

use ratatui::text::{Line, Span};

use crate::view::Look;
use crate::view::format::{elapsed, roughly};
use crate::view::mark::{FULL, REST, spinner};
use crate::view::theme::Role;

/// A bar of `room` cells. Begun is never empty, and unfinished is never full.
pub fn bar(done: usize, total: usize, room: usize, look: &Look) -> Vec<Span<'static>> {
    let full = (done * room).checked_div(total).map_or(0, |full| full.clamp(usize::from(done > 0), room));
    let full = if done < total && full == room { room.saturating_sub(1) } else { full.min(room) };
    vec![look.span(Role::Gauge, FULL.repeat(full)), look.span(Role::GaugeRest, REST.repeat(room - full))]
}

/// `⠹ 1:12 · 보통 2분`: a spinner, the time since the wait began and what is usual. `tick` is any running time in
/// milliseconds.
pub fn wait(waited: u64, usual: u64, tick: u64, look: &Look) -> Line<'static> {
    let mut spans = vec![look.span(Role::Waiting, spinner(tick)), Span::raw(" ")];
    spans.extend(times(waited, usual, look));
    Line::from(spans)
}

/// `1:12 · 보통 2분`, without the spinner.
pub fn times(waited: u64, usual: u64, look: &Look) -> Vec<Span<'static>> {
    let mut spans = vec![look.span(Role::Waiting, elapsed(waited))];
    // Less than a few seconds is not worth a word.
    if usual >= 5000 {
        let word = look.fill("wait.usual", &[("time", &roughly(look.lang, usual))]);
        spans.push(look.span(Role::Dim, format!(" · {word}")));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    fn text(done: usize, total: usize) -> String {
        Line::from(bar(done, total, 5, &Look::new(Lang::Ko))).to_string()
    }

    #[test]
    fn begun_is_never_empty_and_unfinished_is_never_full() {
        assert_eq!(text(0, 100), "░░░░░");
        assert_eq!(text(1, 100), "█░░░░");
        assert_eq!(text(99, 100), "████░");
        assert_eq!(text(100, 100), "█████");
        assert_eq!(text(0, 0), "░░░░░");
    }

    #[test]
    fn a_wait_tells_what_is_usual() {
        let look = Look::new(Lang::Ko);
        assert_eq!(wait(72_000, 120_000, 0, &look).to_string(), "⠋ 1:12 · 보통 2분");
        assert_eq!(wait(400, 1000, 100, &look).to_string(), "⠙ 0:00");
    }
}
