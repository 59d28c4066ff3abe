//! The line that tells how far a drill of the course is while the monitor shows what it does.

use ratatui::text::{Line, Span};

use crate::course::model::{Condition, Event};
use crate::input::Action;
use crate::lab::watch::Moment;
use crate::lab::watch::story::happened;
use crate::screens::{Ctx, Work};
use crate::view::mark::{Mark, spinner};
use crate::view::theme::Role;

/// `⠋ 6.8.1  ✓ 부하  ✓ 경보  · 확장  · 둘째 서버 정상`; nothing when it is another group's.
pub(super) fn line(work: &Work, moment: Moment<'_>, ctx: &Ctx) -> Option<Line<'static>> {
    let step = ctx.course.step(&work.step)?;
    let drill = step.drill.as_ref().filter(|drill| drill.group.name == moment.history.name)?;
    let look = &ctx.look;
    let ended = work.run.as_ref();
    let sign = match ended {
        None => look.span(Role::Waiting, spinner(ctx.frame)),
        Some(report) if report.done => look.mark(Mark::Checked),
        Some(_) => look.mark(Mark::Failed),
    };
    let mut spans = vec![sign, look.span(Role::Title, format!(" {}", step.number))];
    if drill.minutes.is_none() {
        // Stopping the load is the first thing that happens.
        spans.extend([
            Span::raw("  "),
            look.mark(Mark::Checked),
            Span::raw(format!(" {}", look.label("story.stopped"))),
        ]);
    } else {
        spans.extend([
            Span::raw("  "),
            look.mark(Mark::Checked),
            Span::raw(format!(" {}", look.label("story.started"))),
        ]);
    }
    for check in &step.checks {
        let Condition::Saw { event, .. } = &check.condition else { continue };
        let happened = ended.is_some_and(|report| report.done) || happened(moment.history, *event, work.since);
        let word = look.label(match event {
            Event::AlarmHigh => "story.alarm",
            Event::ScaleOut => "story.out",
            Event::SecondHealthy => "story.healthy",
            Event::ScaleIn => "story.in",
        });
        let (mark, role) = if happened { (Mark::Checked, Role::Text) } else { (Mark::NotStarted, Role::Dim) };
        spans.extend([Span::raw("  "), look.mark(mark), Span::raw(" "), look.span(role, word)]);
    }
    if let Some(report) = ended {
        let key = ctx.key(Action::Accept);
        let text = if report.done { "story.done" } else { "story.over" };
        spans.extend([Span::raw("   "), look.span(Role::Accent, look.fill(text, &[("key", &key)]))]);
    }
    Some(Line::from(spans))
}
