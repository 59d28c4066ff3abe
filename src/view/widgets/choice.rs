//! A question's answers in a row, one of them chosen.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::view::Look;
use crate::view::mark::POINTER;
use crate::view::text::width;
use crate::view::theme::Role;

/// The answers as a line. `danger` is the answer that costs money or deletes, if there is one.
pub fn line(answers: &[&str], chosen: usize, danger: Option<usize>, look: &Look) -> Line<'static> {
    let mut spans = Vec::new();
    for (at, answer) in answers.iter().enumerate() {
        if at > 0 {
            spans.push(Span::raw("   "));
        }
        if at == chosen {
            let role = if danger == Some(at) { Role::Danger } else { Role::Button };
            spans.push(look.span(role, format!(" {POINTER} {answer} ")));
        } else {
            spans.push(Span::raw(format!("   {answer} ")));
        }
    }
    Line::from(spans)
}

/// The width of the line.
pub fn size(answers: &[&str]) -> usize {
    answers.iter().map(|answer| width(answer) + 4).sum::<usize>() + 3 * answers.len().saturating_sub(1)
}

/// Where the answers are when the line is drawn at a place, for the mouse.
pub fn places(answers: &[&str], x: u16, y: u16) -> Vec<Rect> {
    let mut x = x;
    answers
        .iter()
        .map(|answer| {
            let size = u16::try_from(width(answer) + 4).unwrap_or(u16::MAX);
            let place = Rect::new(x, y, size, 1);
            x = x.saturating_add(size + 3);
            place
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    #[test]
    fn answers_do_not_move_when_the_choice_does() {
        let look = Look::new(Lang::Ko);
        let answers = ["아니요", "예, 실행합니다"];
        assert_eq!(line(&answers, 0, Some(1), &look).to_string(), " › 아니요       예, 실행합니다 ");
        assert_eq!(line(&answers, 1, Some(1), &look).to_string(), "   아니요     › 예, 실행합니다 ");
        assert_eq!(size(&answers), width(&line(&answers, 0, None, &look).to_string()));
        assert_eq!(places(&answers, 0, 0).last().map(|place| place.right()), Some(31));
    }
}
