//! Named conditions and their results.

use ratatui::text::{Line, Span};

use crate::course::model::Check;
use crate::lab::report::ConditionResult;
use crate::view::Look;
use crate::view::mark::Mark;
use crate::view::markdown::sentence;
use crate::view::text::wrap_spans;
use crate::view::theme::Role;

/// Results as lines: mark and title; below one that does not hold, why and what to do; below another, what was seen.
pub fn results(conditions: &[ConditionResult], room: usize, look: &Look) -> Vec<Line<'static>> {
    conditions.iter().flat_map(|condition| result(condition, room, look)).collect()
}

fn result(condition: &ConditionResult, room: usize, look: &Look) -> Vec<Line<'static>> {
    let mark = Mark::of_condition(condition);
    let first = [look.mark(mark), Span::raw(" ")];
    let rest = [Span::raw("  ")];
    let title = look.text(&condition.title);
    let mut lines = wrap_spans(&sentence(title, Role::Text, look), room, &first, &rest);
    let detail = look.text(&condition.detail);
    if !detail.is_empty() {
        let indent = [Span::raw("    ")];
        for part in detail.lines() {
            let role = if condition.ok || condition.pending { Role::Dim } else { Role::Text };
            lines.extend(wrap_spans(&sentence(part, role, look), room, &indent, &indent));
        }
    }
    lines
}

/// Conditions that were not looked at yet.
pub fn waiting(checks: &[Check], room: usize, look: &Look) -> Vec<Line<'static>> {
    let first = [look.mark(Mark::NotStarted), Span::raw(" ")];
    let rest = [Span::raw("  ")];
    checks
        .iter()
        .flat_map(|check| wrap_spans(&sentence(look.text(&check.title), Role::Dim, look), room, &first, &rest))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::{Lang, Text};

    #[test]
    fn a_failure_says_why_below_its_title() {
        let condition = ConditionResult {
            step: "vpc.network.routes".into(),
            id: "public-to-igw".into(),
            ok: false,
            pending: false,
            skipped: false,
            title: Text::new("my-public-route가 인터넷 게이트웨이로 나갑니다", "out"),
            detail: Text::new("0.0.0.0/0 경로가 없습니다.\nmy-igw로 추가하세요.", "no"),
            differences: Vec::new(),
        };
        let lines: Vec<String> =
            results(&[condition], 30, &Look::new(Lang::Ko)).iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "✗ my-public-route가 인터넷",
                "  게이트웨이로 나갑니다",
                "    0.0.0.0/0 경로가 없습니다.",
                "    my-igw로 추가하세요."
            ]
        );
    }
}
