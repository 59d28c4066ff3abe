//! What several screens say in the same words: a step's state, what is running, what it costs.

use ratatui::text::{Line, Span};

use crate::course::model::{Step, StepKind};
use crate::lab::cost::Prices;
use crate::lab::quiz;
use crate::lab::report::{ResourceRow, StepState};
use crate::view::format::per_hour;
use crate::view::mark::Mark;
use crate::view::text::wrap_spans;
use crate::view::theme::Role;

use super::{Ctx, WorkKind};

/// The mark of a step and its word.
pub fn step_mark(ctx: &Ctx, step: &str) -> (Mark, &'static str) {
    let pick = |ko, en| if ctx.lang() == crate::i18n::Lang::Ko { ko } else { en };
    if ctx.is_running(step) {
        return (Mark::Waiting, pick("만드는 중", "under way"));
    }
    if ctx.state(step) == StepState::Done && rows_of(ctx, step).any(|row| Mark::of_row(row) == Mark::Drifted) {
        return (Mark::Drifted, pick("달라짐", "drifted"));
    }
    match ctx.state(step) {
        StepState::NotStarted => (Mark::NotStarted, pick("시작 전", "not started")),
        StepState::Started => (Mark::Ready, pick("하는 중", "begun")),
        StepState::Done => (Mark::Checked, pick("마침", "done")),
        StepState::Failed => (Mark::Failed, pick("확인 실패", "check failed")),
    }
}

/// The ledger's rows of a step.
pub fn rows_of<'a>(ctx: &'a Ctx, step: &'a str) -> impl Iterator<Item = &'a ResourceRow> {
    ctx.survey.iter().flat_map(|survey| &survey.rows).filter(move |row| row.step == step)
}

/// How many of these steps are done, and how many there are.
pub fn done<'a>(ctx: &Ctx, steps: impl Iterator<Item = &'a Step>) -> (usize, usize) {
    steps.fold((0, 0), |(done, all), step| (done + usize::from(ctx.state(&step.id) == StepState::Done), all + 1))
}

/// How the questions of these steps stand: `퀴즈 2/4`. `None` when there are none.
pub fn questions<'a>(ctx: &Ctx, steps: impl IntoIterator<Item = &'a Step>) -> Option<String> {
    let score = quiz::score(steps, &ctx.answers);
    let (right, all) = (score.right, score.all);
    (all > 0).then(|| format!("{} {right}/{all}", ctx.say("퀴즈", "quiz")))
}

/// What is there now, by kind: `VPC 1 · 서브넷 6`. What costs comes first, and of the rest only as many kinds as are soon read.
/// Empty when nothing is there.
pub fn running(ctx: &Ctx) -> String {
    const MOST: usize = 4;
    let mut counts: Vec<(String, usize, bool)> = Vec::new();
    let mut add = |kind: &str, more: usize, costs: bool| {
        let title = ctx.kind_title(kind);
        match counts.iter_mut().find(|(known, ..)| *known == title) {
            Some((_, count, any)) => {
                *count += more;
                *any |= costs;
            }
            None if more > 0 => counts.push((title, more, costs)),
            None => {}
        }
    };
    let Some(survey) = &ctx.survey else { return String::new() };
    for row in survey.rows.iter().filter(|row| row.health.is_some()) {
        let lookup = ctx.kinds.kind(&row.key.kind).is_some_and(|kind| kind.is_lookup());
        if lookup {
            continue;
        }
        add(&row.key.kind, 1, row.cost_per_hour > 0.0);
        // What a group has launched runs and costs like any other, though no row of the ledger names it.
        let group = Some(&row.key).filter(|key| key.kind == "auto-scaling-group");
        let members = group.and_then(|key| survey.world.get(key)?.fields.get("instances"));
        add("instance", members.map_or(0, |members| members.items().len()), true);
    }
    // A stable sort: among what costs, and among the rest, the course's order stays.
    counts.sort_by_key(|(.., costs)| !costs);
    let costing = counts.iter().filter(|(.., costs)| *costs).count();
    let shown = if counts.len() <= MOST + 1 { counts.len() } else { costing.max(MOST) };
    let more: usize = counts.iter().skip(shown).map(|(_, count, _)| count).sum();
    let mut parts: Vec<String> =
        counts.iter().take(shown).map(|(title, count, _)| format!("{title} {count}")).collect();
    if more > 0 {
        parts.push(if ctx.lang() == crate::i18n::Lang::Ko {
            format!("그 밖에 {more}개")
        } else {
            format!("{more} more")
        });
    }
    parts.join(" · ")
}

/// What stands where this session does not look, each with the command that takes it down. Empty when nothing does.
pub fn elsewhere(ctx: &Ctx, room: usize) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let places = ctx.survey.iter().flat_map(|survey| &survey.elsewhere);
    let lines = places.flat_map(|place| {
        let text = place.text(&ctx.backend, &per_hour(place.cost_per_hour));
        let first = [look.mark(Mark::Drifted), Span::raw(" ")];
        wrap_spans(&[look.span(Role::Drifted, ctx.t(&text).to_owned())], room, &first, &[Span::raw("  ")])
    });
    lines.collect()
}

/// What a step's resources cost, USD an hour.
pub fn step_cost(ctx: &Ctx, step: &str) -> f64 {
    let parts = ctx.desired.iter().filter(|desired| desired.step == step);
    parts
        .filter_map(|desired| Some((ctx.kinds.kind(&desired.key.kind)?, desired)))
        .map(|(kind, desired)| Prices::bundled().hourly(&kind.price(desired, &ctx.desired), &desired.region))
        .sum()
}

/// What a learner does in a step, in a word.
pub fn kind_word(ctx: &Ctx, kind: StepKind) -> &'static str {
    let pick = |ko, en| if ctx.lang() == crate::i18n::Lang::Ko { ko } else { en };
    match kind {
        StepKind::Read => pick("읽기", "read"),
        StepKind::Build => pick("만들기", "build"),
        StepKind::Try => pick("해 보기", "try"),
        StepKind::Manual => pick("직접 하기", "by hand"),
        StepKind::Drill => pick("부하 실험", "drill"),
    }
}

/// What the task that is under way waits for, in a line: `my-natgateway pending`. `None` when nothing is under way.
pub fn waiting_for(ctx: &Ctx) -> Option<(WorkKind, &super::ctx::Work, Option<&crate::lab::phase::Phase>)> {
    let work = ctx.working()?;
    let going =
        |row: &&crate::view::widgets::phases::PhaseRow| crate::view::widgets::phases::is_going_on(row.last.kind);
    let row = work.lines.iter().filter_map(|(_, row)| row.as_ref()).filter(going).max_by_key(|row| row.last.usual);
    Some((work.kind, work, row.map(|row| &row.last)))
}
