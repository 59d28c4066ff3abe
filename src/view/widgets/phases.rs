//! Live phases of a run or a cleanup: one line a resource, the newest phase of each.

use std::collections::HashMap;

use ratatui::text::{Line, Span};

use crate::course::model::Key;
use crate::lab::phase::{Phase, PhaseKind};
use crate::view::Look;
use crate::view::format::elapsed;
use crate::view::mark::{Mark, spinner};
use crate::view::theme::Role;

use super::gauge::times;
use super::list::{Column, columns, widths};

/// A resource's newest phase.
#[derive(Debug, Clone, PartialEq)]
pub struct PhaseRow {
    /// The resource.
    pub key: Key,
    /// The newest phase.
    pub last: Phase,
    /// The last API operation that was sent for it.
    pub operation: Option<String>,
    /// Its id, once one was told.
    pub id: Option<String>,
}

/// The newest phase of every resource, in the order in which they began.
pub fn fold(phases: &[Phase]) -> Vec<PhaseRow> {
    let mut rows: Vec<PhaseRow> = Vec::new();
    let mut places: HashMap<&Key, usize> = HashMap::new();
    for phase in phases {
        let at = *places.entry(&phase.key).or_insert_with(|| {
            rows.push(PhaseRow { key: phase.key.clone(), last: phase.clone(), operation: None, id: None });
            rows.len() - 1
        });
        if let Some(row) = rows.get_mut(at) {
            row.last = phase.clone();
            row.operation = phase.operation.clone().or_else(|| row.operation.take());
            row.id = phase.id.clone().or_else(|| row.id.take());
        }
    }
    rows
}

/// Whether something is still going on.
pub const fn is_going_on(kind: PhaseKind) -> bool {
    matches!(
        kind,
        PhaseKind::Calling
            | PhaseKind::Called
            | PhaseKind::Waiting
            | PhaseKind::Retrying
            | PhaseKind::Deleting
            | PhaseKind::Blocked
    )
}

/// What a phase is called.
pub fn word(kind: PhaseKind, look: &Look) -> &'static str {
    look.label(match kind {
        PhaseKind::Kept => "phase.kept",
        PhaseKind::Adopted => "phase.adopted",
        PhaseKind::Calling => "phase.calling",
        PhaseKind::Called => "phase.called",
        PhaseKind::Waiting => "phase.waiting",
        PhaseKind::Ready => "phase.ready",
        PhaseKind::Retrying => "phase.retrying",
        PhaseKind::Failed => "phase.failed",
        PhaseKind::Skipped => "phase.skipped",
        PhaseKind::Deleting => "phase.deleting",
        PhaseKind::Blocked => "phase.blocked",
        PhaseKind::Deleted => "phase.deleted",
    })
}

/// A row as a line. `now` is cloud time, so that the elapsed time runs on between phases; `tick` turns the spinner.
pub fn line(row: &PhaseRow, now: i64, tick: u64, room: usize, look: &Look) -> Line<'static> {
    let mark = Mark::of_phase(row.last.kind);
    let going = is_going_on(row.last.kind);
    let sign = if going && mark == Mark::Waiting { look.span(mark.role(), spinner(tick)) } else { look.mark(mark) };

    let mut state = Vec::new();
    let text = row.last.state.clone().unwrap_or_else(|| word(row.last.kind, look).to_owned());
    state.push(look.span(mark.role(), text));
    state.push(Span::raw(" "));
    if going {
        let since = row.last.elapsed + u64::try_from(now - row.last.time).unwrap_or(0);
        state.extend(times(since, row.last.usual, look));
    } else if row.last.elapsed >= 1000 {
        state.push(look.span(Role::Dim, elapsed(row.last.elapsed)));
    }
    let why = row.last.problem.as_ref().map(|problem| look.text(&problem.title).to_owned());
    if let Some(why) = why.or_else(|| row.last.detail.clone()) {
        state.push(look.span(Role::Dim, " · "));
        state.push(Span::raw(why));
    }

    let name = if mark == Mark::NotStarted { Role::Dim } else { Role::Text };
    let cells = vec![
        Line::from(sign),
        Line::from(look.span(name, row.key.name.clone())),
        Line::from(look.span(Role::Dim, row.operation.clone().unwrap_or_default())),
        Line::from(look.span(Role::Dim, row.id.clone().unwrap_or_default())),
        Line::from(state),
    ];
    // The names are what the learner knows; operations and ids come as there is room.
    let parts = [Column::Fixed(1), Column::Fixed(26), Column::When(27, 110), Column::When(26, 135), Column::Fill(12)];
    columns(cells, &widths(&parts, room))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;

    fn phase(name: &str, kind: PhaseKind, operation: Option<&str>, state: Option<&str>) -> Phase {
        Phase {
            time: 1_000_000,
            step: "vpc.network.nat".into(),
            key: Key::home("nat-gateway", name),
            kind,
            operation: operation.map(Into::into),
            id: None,
            state: state.map(Into::into),
            elapsed: 12_000,
            usual: 120_000,
            detail: None,
            problem: None,
        }
    }

    #[test]
    fn one_line_a_resource_in_order_of_beginning() {
        let rows = fold(&[
            phase("a", PhaseKind::Calling, Some("CreateA"), None),
            phase("b", PhaseKind::Calling, Some("CreateB"), None),
            phase("a", PhaseKind::Waiting, None, Some("pending")),
        ]);
        let told: Vec<_> = rows.iter().map(|row| (row.key.name.as_str(), row.operation.as_deref())).collect();
        assert_eq!(told, [("a", Some("CreateA")), ("b", Some("CreateB"))]);
        assert_eq!(rows.first().map(|row| row.last.kind), Some(PhaseKind::Waiting));
    }

    #[test]
    fn the_elapsed_time_runs_on() {
        let rows = fold(&[phase("my-natgateway", PhaseKind::Waiting, None, Some("pending"))]);
        let text = rows.first().map(|row| line(row, 1_060_000, 0, 78, &Look::new(Lang::Ko)).to_string());
        assert_eq!(text.as_deref(), Some("⠋  my-natgateway               pending 1:12 · 보통 2분"));
    }
}
