//! A [`Problem`] on the screen: what happened, why, what to do next.

use ratatui::text::{Line, Span};

use crate::problem::Problem;
use crate::view::Look;
use crate::view::mark::{ARROW, Mark};
use crate::view::markdown::sentence;
use crate::view::text::wrap_spans;
use crate::view::theme::Role;

/// The problem as wrapped lines.
pub fn lines(problem: &Problem, room: usize, look: &Look) -> Vec<Line<'static>> {
    let first = [look.mark(Mark::Failed), Span::raw(" ")];
    let rest = [Span::raw("  ")];
    let mut lines = wrap_spans(&sentence(look.text(&problem.title), Role::Failed, look), room, &first, &rest);
    if !problem.detail.is_empty() {
        for part in look.text(&problem.detail).lines() {
            lines.extend(wrap_spans(&sentence(part, Role::Text, look), room, &rest, &rest));
        }
    }
    for hint in &problem.hints {
        let first = [Span::raw("  "), look.span(Role::Accent, ARROW), Span::raw(" ")];
        let rest = [Span::raw("    ")];
        lines.extend(wrap_spans(&sentence(look.text(hint), Role::Text, look), room, &first, &rest));
    }
    if let Some(source) = &problem.source {
        lines.extend(wrap_spans(&[look.span(Role::Dim, source.as_str())], room, &rest, &rest));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::problem::ProblemKind;

    #[test]
    fn what_why_and_what_next() {
        let problem = Problem::new(ProblemKind::InUse, "지울 수 없습니다", "It cannot be deleted")
            .because("서브넷이 남아 있습니다", "A subnet remains")
            .hint("서브넷부터 지우세요", "Delete the subnet first")
            .from("DependencyViolation");
        let text: Vec<String> = lines(&problem, 40, &Look::new(Lang::Ko)).iter().map(ToString::to_string).collect();
        assert_eq!(
            text,
            ["✗ 지울 수 없습니다", "  서브넷이 남아 있습니다", "  → 서브넷부터 지우세요", "  DependencyViolation"]
        );
    }
}
