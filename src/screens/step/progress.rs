//! What happens below the guide: the phases of the run, and the conditions.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::course::model::{Key, Step};
use crate::i18n::Lang;
use crate::lab::phase::PhaseKind;
use crate::problem::Problem;
use crate::screens::{Ctx, WorkKind, words};
use crate::view::mark::{Mark, spinner};
use crate::view::text::wrap_spans;
use crate::view::theme::Role;
use crate::view::widgets::gauge::times;
use crate::view::widgets::phases::PhaseRow;
use crate::view::widgets::{checks, phases, problem};

use super::hand;

/// The title of the pane.
pub(super) fn title(step: &Step, ctx: &Ctx) -> String {
    if hand::is_on(step, ctx) && !ctx.is_running(&step.id) {
        return hand::title(step, ctx);
    }
    let conditions = ctx.conditions(&step.id);
    if ctx.is_running(&step.id) || conditions.is_empty() {
        return ctx.say("진행", "Progress").to_owned();
    }
    let (held, all) = (conditions.iter().filter(|one| one.ok).count(), conditions.len());
    match ctx.lang() {
        Lang::Ko => format!("확인 {held}/{all}"),
        Lang::En => format!("Checks {held}/{all}"),
    }
}

/// Everything there is to tell, the most urgent first.
pub(super) fn lines(step: &Step, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let mut lines = other_work(step, ctx);
    lines.extend(on_its_way(step, room, ctx));
    let work = ctx.work.as_ref().filter(|work| work.kind == WorkKind::Run && work.step == step.id);
    let conditions = ctx.conditions(&step.id);
    let settled = work.is_none_or(|work| work.ended());
    if settled && hand::is_on(step, ctx) {
        lines.extend(hand::lines(step, room, ctx));
        return lines;
    }
    if let Some(report) = work.and_then(|work| work.run.as_ref()) {
        for (names, failure) in grouped(&report.failed) {
            lines.extend(wrap_spans(&[ctx.look.span(Role::Failed, names)], room, &[], &[]));
            lines.extend(problem::lines(failure, room, &ctx.look));
        }
        if report.cancelled {
            lines.push(Line::from(ctx.look.span(
                Role::Drifted,
                ctx.say(
                    "기다리기를 멈췄습니다. 만들어진 것은 그대로 있고, Enter로 이어집니다",
                    "The waiting was stopped. What was made stays; Enter goes on",
                ),
            )));
        }
    }
    for found in [ctx.checks.get(&step.id).and_then(|result| result.as_ref().err()), plan_problem(step, ctx)] {
        lines.extend(found.into_iter().flat_map(|found| problem::lines(found, room, &ctx.look)));
    }
    if settled && !conditions.is_empty() {
        // What does not hold comes first: that is what there is to do.
        let (held, failed): (Vec<_>, Vec<_>) = conditions.iter().cloned().partition(|one| one.ok);
        lines.extend(checks::results(&failed, room, &ctx.look));
        lines.extend(checks::results(&held, room, &ctx.look));
    }
    if let Some(work) = work {
        // What stood already and was left alone is only counted: the eye is to find what was made.
        let kept = |row: &Option<PhaseRow>| row.as_ref().is_some_and(|row| row.last.kind == PhaseKind::Kept);
        for (key, row) in work.lines.iter().filter(|(_, row)| !kept(row)) {
            lines.push(match row {
                Some(row) => phases::line(row, ctx.now, ctx.frame, room, &ctx.look),
                None => Line::from(vec![
                    ctx.look.mark(Mark::NotStarted),
                    Span::raw("  "),
                    ctx.look.span(Role::Dim, key.name.clone()),
                ]),
            });
        }
        let count = work.lines.iter().filter(|(_, row)| kept(row)).count();
        if count > 0 {
            let text = match ctx.lang() {
                Lang::Ko => format!("그대로 둔 것 {count}개"),
                Lang::En => format!("left as they are: {count}"),
            };
            lines.push(Line::from(vec![ctx.look.mark(Mark::Ready), Span::raw("  "), ctx.look.span(Role::Dim, text)]));
        }
    }
    if conditions.is_empty() && work.is_none() {
        lines.extend(checks::waiting(&step.checks, room, &ctx.look));
    }
    lines
}

/// What failed for the same reason, said once.
fn grouped(failed: &[(Key, Problem)]) -> Vec<(String, &Problem)> {
    let mut groups: Vec<(String, &Problem)> = Vec::new();
    for (key, problem) in failed {
        let same = |of: &Problem| of.title == problem.title && of.detail == problem.detail;
        match groups.iter_mut().find(|(_, of)| same(of)) {
            Some((names, _)) => *names = format!("{names}, {}", key.name),
            None => groups.push((key.name.clone(), problem)),
        }
    }
    groups
}

fn plan_problem<'a>(step: &Step, ctx: &'a Ctx) -> Option<&'a Problem> {
    ctx.plans.get(&step.id).and_then(|plan| plan.as_ref().err())
}

/// A line for a run of another step that is still waited for.
fn other_work(step: &Step, ctx: &Ctx) -> Vec<Line<'static>> {
    let Some((kind, work, phase)) = words::waiting_for(ctx).filter(|(_, work, _)| work.step != step.id) else {
        return Vec::new();
    };
    let look = &ctx.look;
    let title = match (kind, ctx.course.step(&work.step)) {
        (WorkKind::Run, Some(other)) => format!("{} {}", other.number, ctx.t(&other.title)),
        _ => ctx.say("정리하는 중", "cleaning up").to_owned(),
    };
    let mut spans = vec![look.span(Role::Waiting, spinner(ctx.frame)), Span::raw("  "), look.span(Role::Dim, title)];
    if let Some(phase) = phase {
        let waited = phase.elapsed + u64::try_from(ctx.now - phase.time).unwrap_or(0);
        spans.push(Span::raw(format!("  {}  ", phase.key.name)));
        spans.extend(times(waited, phase.usual, look));
    }
    vec![Line::from(spans)]
}

/// A line for what is on its way for many minutes; in its own step with the word that nobody has to wait.
fn on_its_way(step: &Step, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let Some((key, state, waited)) = ctx.on_its_way() else { return Vec::new() };
    let look = &ctx.look;
    let usual = ctx.kinds.kind(&key.kind).map_or(0, |kind| kind.pace().usual.as_millis());
    let mut spans = vec![look.span(Role::Waiting, spinner(ctx.frame)), Span::raw(format!("  {}  {state}  ", key.name))];
    spans.extend(times(waited, u64::try_from(usual).unwrap_or(0), look));
    let mut lines = vec![Line::from(spans)];
    if ctx.only_waits(&step.id) {
        let text = ctx.say(
            "기다리지 않아도 됩니다. Enter로 다음 단계로 가세요. 준비되면 알려 드립니다",
            "You need not wait: Enter goes on to the next step. You will be told when it is ready",
        );
        lines.extend(wrap_spans(&[look.span(Role::Accent, text)], room, &[], &[]));
    }
    lines
}

/// The lines that fit below the guide: while it runs, those around what is going on.
pub(super) fn pane(step: &Step, area: Rect, picture: bool, ctx: &Ctx) -> Vec<Line<'static>> {
    let room = usize::from(area.width.saturating_sub(3));
    let mut lines = lines(step, room, ctx);
    let begun = hand::is_on(step, ctx)
        || ctx.work.as_ref().is_some_and(|work| work.step == step.id)
        || !ctx.conditions(&step.id).is_empty();
    // Reading wants the room while nothing happens.
    // The picture needs 16 lines to be complete; what goes on is told in it too.
    let share = if picture && ctx.is_running(&step.id) {
        area.height.saturating_sub(18).min(area.height / 3)
    } else {
        area.height * 9 / 20
    };
    let most = usize::from(if begun { share } else { area.height / 6 }).max(2);
    if lines.len() <= most {
        return lines;
    }
    let mut skip = 0;
    if let Some(work) = ctx.work.as_ref().filter(|_| ctx.is_running(&step.id)) {
        let head = lines.len().saturating_sub(work.lines.len());
        let going =
            work.lines.iter().position(|(_, row)| row.as_ref().is_none_or(|row| phases::is_going_on(row.last.kind)));
        skip = going.map_or(0, |at| (head + at).saturating_sub(1)).min(lines.len() - most);
    }
    lines.drain(..skip);
    let more = lines.len() - most + 1;
    lines.truncate(most);
    if more > 1 {
        let key = ctx.key(crate::input::Action::NextTab);
        let text = match ctx.lang() {
            Lang::Ko => format!("… {more}줄 더 ({key}: 진행)"),
            Lang::En => format!("… {more} more ({key}: Progress)"),
        };
        lines.pop();
        lines.push(Line::from(ctx.look.span(Role::Dim, text)));
    }
    lines
}
