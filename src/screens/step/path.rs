//! Trying what stands: the way of a packet, hop by hop, and the shell on the private host.

use ratatui::text::{Line, Span};

use crate::course::model::{Condition, Step, StepKind};
use crate::i18n::Lang;
use crate::lab::access::{self, Ssh};
use crate::lab::reach::{self, Leg};
use crate::problem::Problem;
use crate::screens::{Ask, Ctx, Effect};
use crate::view::mark::{ARROW, Mark};
use crate::view::text::wrap_spans;
use crate::view::theme::Role;

/// Whether a step tries a way that can be shown.
pub(super) fn has_way(step: &Step) -> bool {
    step.kind == StepKind::Try && step.checks.iter().any(|check| matches!(check.condition, Condition::Reach(_)))
}

/// The ways of a step's checks, hop by hop, as computed from what was observed.
pub(super) fn lines(step: &Step, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let (Some(survey), Some(facts)) = (&ctx.survey, &ctx.facts) else {
        let text = ctx.say("아직 둘러보지 않았습니다.", "Nothing was looked at yet.");
        return vec![Line::from(look.span(Role::Dim, text))];
    };
    let mut lines = Vec::new();
    for check in &step.checks {
        let Condition::Reach(reach) = &check.condition else { continue };
        let way = reach::way(&survey.world, facts, reach);
        let holds = way.answered == reach.arrives;
        let mark = if way.lines.is_empty() {
            Mark::NotStarted
        } else if holds {
            Mark::Checked
        } else {
            Mark::Failed
        };
        let head = [look.mark(mark), Span::raw(" ")];
        let title = look.span(Role::Strong, ctx.t(&check.title).to_owned());
        lines.extend(wrap_spans(&[title], room, &head, &[Span::raw("  ")]));
        if way.lines.is_empty() {
            let text =
                ctx.say("보내는 쪽이나 받는 쪽이 아직 없습니다.", "The source or the destination is not there yet.");
            lines.push(Line::from(vec![Span::raw("  "), look.span(Role::Dim, text)]));
        }
        let mut leg = None;
        for hop in &way.lines {
            if leg != Some(hop.leg) {
                leg = Some(hop.leg);
                let word = match hop.leg {
                    Leg::Packet => ctx.say("가는 길", "there"),
                    Leg::Reply => ctx.say("오는 길", "back"),
                };
                let ends = format!("{word}  {} {ARROW} {}", hop.from, hop.to);
                lines.push(Line::from(vec![Span::raw("  "), look.span(Role::Dim, ends)]));
            }
            let mark = if hop.passes { Mark::Ready } else { Mark::Failed };
            let first = [Span::raw("    "), look.mark(mark), Span::raw(" ")];
            let text = Span::raw(ctx.t(&hop.text).to_owned());
            lines.extend(wrap_spans(&[text], room, &first, &[Span::raw("      ")]));
        }
        lines.push(Line::default());
    }
    if let Some(command) = ssh_line(step, ctx) {
        let key = ctx.key(crate::input::Action::Shell);
        let word = match (ctx.is_practice(), ctx.lang()) {
            (true, Lang::Ko) => format!("{key} 키를 누르면 연습용 셸이 열립니다. AWS에서는 이 명령으로 들어갑니다:"),
            (true, Lang::En) => format!("{key} opens a practice shell. On AWS this command gets you in:"),
            (false, Lang::Ko) => format!("{key} 키를 누르면 이 명령으로 들어갑니다:"),
            (false, Lang::En) => format!("{key} opens a shell with this command:"),
        };
        lines.push(Line::from(look.span(Role::Dim, word)));
        lines.extend(wrap_spans(&[look.span(Role::Code, command)], room, &[Span::raw("  ")], &[Span::raw("    ")]));
    }
    lines
}

/// The command that opens a shell behind the bastion; `None` when the step leads to no host.
fn command(step: &Step, ctx: &Ctx) -> Option<Result<Ssh, Problem>> {
    let access = access::of_step(step)?;
    let world = &ctx.survey.as_ref()?.world;
    Some(access::ssh(world, &access, &ctx.keys))
}

/// The id of the private host that a step leads to, while it runs.
fn private_host(step: &Step, ctx: &Ctx) -> Option<String> {
    let target = access::of_step(step)?.target;
    let rows = &ctx.survey.as_ref()?.rows;
    rows.iter()
        .find(|row| row.key.kind == "instance" && row.key.name == target && row.state == "running")
        .map(|row| row.id.clone())
}

/// Whether a shell can be opened.
pub(super) fn has_shell(step: &Step, ctx: &Ctx) -> bool {
    if ctx.is_practice() { private_host(step, ctx).is_some() } else { ssh_line(step, ctx).is_some() }
}

/// The command as a line for a terminal; `None` while a host is not there.
pub(super) fn ssh_line(step: &Step, ctx: &Ctx) -> Option<String> {
    command(step, ctx)?.ok().map(|ssh| ssh.line())
}

/// Opens a shell on the private host.
pub(super) fn shell(step: &Step, ctx: &Ctx) -> Vec<Ask> {
    if ctx.is_practice() {
        return private_host(step, ctx).map_or_else(Vec::new, |id| vec![Ask::Do(Effect::PracticeShell(id))]);
    }
    match command(step, ctx) {
        Some(Ok(ssh)) => vec![Ask::Do(Effect::Shell(ssh.words()))],
        Some(Err(problem)) => vec![Ask::Say(problem.title)],
        None => Vec::new(),
    }
}
