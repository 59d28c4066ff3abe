//! A step that the learner does by hand: the console's values, the commands to copy, and what the watcher sees.

use std::fmt::Write;

use ratatui::text::{Line, Span};

use crate::course::model::{Step, StepKind};
use crate::i18n::{Lang, Text};
use crate::lab::hand::{Hand, Stage, Watched};
use crate::lab::report::{Plan, StepState};
use crate::problem::ProblemKind;
use crate::screens::{Ctx, Opening};
use crate::view::mark::{Mark, spinner};
use crate::view::markdown::sentence;
use crate::view::text::wrap_spans;
use crate::view::theme::Role;
use crate::view::widgets::problem;

use super::next::Next;

/// Whether the step can be done by hand at all.
pub(super) fn can(step: &Step) -> bool {
    step.kind != StepKind::Read && !step.checks.is_empty()
}

/// Whether the learner does it by hand.
pub(super) fn is_on(step: &Step, ctx: &Ctx) -> bool {
    can(step) && ctx.way(&step.id).by_hand
}

/// Whether it is done, and in the ledger.
pub(super) fn is_over(step: &Step, ctx: &Ctx) -> bool {
    let checked = matches!(ctx.checks.get(&step.id), Some(Ok(report)) if report.ok());
    (checked || ctx.state(&step.id) == StepState::Done) && ctx.hand(&step.id).is_some_and(Hand::is_done)
}

/// How long after the last look the next one is due, in milliseconds; `None` when nothing is to be watched.
pub(super) fn watches(step: &Step, ctx: &Ctx) -> Option<u64> {
    if !is_on(step, ctx) || ctx.opening != Opening::Ready || ctx.is_running(&step.id) || is_over(step, ctx) {
        return None;
    }
    match ctx.hands.get(&step.id) {
        Some(watch) if watch.looking => None,
        Some(watch) => u64::try_from(watch.pace.pause().as_millis()).ok(),
        None => Some(0),
    }
}

/// What Enter does, as long as nothing else is on the screen. `None`: what it does without by-hand.
pub(super) fn next(step: &Step, ctx: &Ctx, read_on: bool) -> Option<Next> {
    if ctx.is_running(&step.id) {
        return Some(Next::Wait);
    }
    if ctx.opening != Opening::Ready {
        return Some(Next::Opening);
    }
    if read_on {
        return Some(Next::ReadOn);
    }
    let Some(hand) = ctx.hand(&step.id) else { return Some(Next::Look) };
    if is_over(step, ctx) {
        return Some(Next::Leave);
    }
    if hand.is_right() {
        return Some(if hand.adopts.is_empty() { Next::Check } else { Next::Adopt });
    }
    let can = |plan: &Plan| !plan.calls.is_empty() && plan.conflicts.is_empty() && plan.ambiguous.is_empty();
    let mends = matches!(ctx.plans.get(&step.id), Some(Ok(plan)) if can(plan));
    // What is there and wrong can be mended by awslab too, as the texts of the checks say.
    if hand.is_wrong() && mends { None } else { Some(Next::Look) }
}

/// The title of the pane: how much is right, and when it was looked at.
pub(super) fn title(step: &Step, ctx: &Ctx) -> String {
    let watching = watches(step, ctx).is_some() || ctx.hands.get(&step.id).is_some_and(|watch| watch.looking);
    let word = if watching { ctx.say("지켜보는 중", "Watching") } else { ctx.say("직접 하기", "By hand") };
    let Some(hand) = ctx.hand(&step.id) else { return word.to_owned() };
    let (held, all, time) = (hand.held(), hand.conditions.len(), ctx.look.clock(hand.at));
    match ctx.lang() {
        Lang::Ko => format!("{word} {held}/{all}  {time}에 봄"),
        Lang::En => format!("{word} {held}/{all}  looked at {time}"),
    }
}

/// What the watcher sees, the most urgent first.
pub(super) fn lines(step: &Step, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let mut lines = Vec::new();
    let watch = ctx.hands.get(&step.id);
    if let Some(failure) = watch.and_then(|watch| watch.problem.as_ref()) {
        lines.extend(problem::lines(failure, room, look));
        if failure.kind == ProblemKind::Throttled {
            let pause = watch.map_or(0, |watch| watch.pace.pause().as_secs());
            lines.push(Line::from(look.span(
                Role::Dim,
                match ctx.lang() {
                    Lang::Ko => format!("천천히 봅니다. 다음은 {pause}초 뒤입니다."),
                    Lang::En => format!("Slowing down: the next look is in {pause} s."),
                },
            )));
        }
    }
    let Some(hand) = ctx.hand(&step.id) else {
        lines.push(Line::from(vec![
            look.span(Role::Waiting, spinner(ctx.frame)),
            Span::raw(" "),
            look.span(Role::Dim, ctx.say("무엇이 있는지 살펴보는 중", "Looking at what is there")),
        ]));
        return lines;
    };
    let mut say = |mark: Mark, role: Role, text: &str| {
        let first = [look.mark(mark), Span::raw(" ")];
        lines.extend(wrap_spans(&sentence(text, role, look), room, &first, &[Span::raw("  ")]));
    };
    if is_over(step, ctx) {
        say(Mark::Checked, Role::Checked, &over(hand, ctx));
    } else if hand.is_right() && !hand.adopts.is_empty() {
        say(
            Mark::Checked,
            Role::Checked,
            ctx.say(
                "모두 맞습니다. `Enter`를 누르면 awslab이 장부에 적고 단계를 마칩니다.",
                "All is right. `Enter` writes it into awslab's ledger and finishes the step.",
            ),
        );
    }
    if let Some(text) = first(hand, ctx) {
        say(Mark::Drifted, Role::Text, &text);
    }
    // What is wrong comes before what may only be called otherwise.
    for one in hand.conditions.iter().filter(|one| one.stage == Stage::Wrong) {
        lines.extend(condition(one, room, ctx));
    }
    for remark in &hand.remarks {
        let text = sentence(ctx.t(remark), Role::Text, look);
        lines.extend(wrap_spans(&text, room, &[look.mark(Mark::Drifted), Span::raw(" ")], &[Span::raw("  ")]));
    }
    let mut conditions: Vec<&Watched> = hand.conditions.iter().filter(|one| one.stage != Stage::Wrong).collect();
    // A stable sort: within a stage the course's order stays.
    conditions.sort_by_key(|one| one.stage);
    for one in conditions {
        lines.extend(condition(one, room, ctx));
    }
    lines
}

/// A condition as it is watched. Why it does not hold is told once something is there.
fn condition(one: &Watched, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let (mark, role) = match one.stage {
        Stage::Wrong => (Mark::Failed, Role::Text),
        Stage::Coming => (Mark::Waiting, Role::Text),
        Stage::Waiting => (Mark::NotStarted, Role::Dim),
        Stage::Right => (Mark::Checked, Role::Text),
    };
    let first = [look.mark(mark), Span::raw(" ")];
    let title = sentence(ctx.t(&one.result.title), role, look);
    let mut lines = wrap_spans(&title, room, &first, &[Span::raw("  ")]);
    let indent = [Span::raw("    ")];
    if matches!(one.stage, Stage::Wrong | Stage::Coming) {
        for part in ctx.t(&one.result.detail).lines() {
            lines.extend(wrap_spans(&sentence(part, Role::Dim, look), room, &indent, &indent));
        }
    }
    lines
}

/// What must be made before this step.
fn first(hand: &Hand, ctx: &Ctx) -> Option<String> {
    let (_, step) = hand.first.first()?;
    let number = ctx.course.step(step).map(|step| step.number.clone()).unwrap_or_default();
    let names = hand.first.iter().take(3).map(|(key, _)| format!("`{}`", key.name)).collect::<Vec<_>>().join(", ");
    let more = hand.first.len().saturating_sub(3);
    let more = match (more, ctx.lang()) {
        (0, _) => String::new(),
        (more, Lang::Ko) => format!(" 외 {more}개"),
        (more, Lang::En) => format!(" and {more} more"),
    };
    Some(match ctx.lang() {
        Lang::Ko => format!("이 단계보다 먼저 있어야 할 것이 없습니다: {names}{more}. {number} 단계부터 하세요."),
        Lang::En => format!("This step builds on what is not there yet: {names}{more}. Begin with step {number}."),
    })
}

fn over(hand: &Hand, ctx: &Ctx) -> String {
    let count = hand.adopted.len();
    match (count, ctx.lang()) {
        (0, Lang::Ko) => "다 맞습니다. 이 단계를 마쳤습니다.".to_owned(),
        (0, Lang::En) => "All is right. This step is done.".to_owned(),
        (_, Lang::Ko) => format!("직접 만든 {count}개를 장부에 적었습니다. 정리할 때 함께 지웁니다."),
        (1, Lang::En) => "What you made is in the ledger. Cleanup will delete it with the rest.".to_owned(),
        (_, Lang::En) => {
            format!("The {count} that you made are in the ledger. Cleanup will delete them with the rest.")
        }
    }
}

/// The way through the console, with the values of what is still missing.
pub(super) fn console(step: &Step, ctx: &Ctx) -> String {
    let mut text = String::new();
    if ctx.is_practice() {
        text.push_str(ctx.say(
            "> 연습 클라우드에는 콘솔 화면이 없습니다. 여기서는 **CLI** 탭의 명령으로 하고, AWS에서는 이렇게 합니다.\n\n",
            "> The practice cloud has no console: type the commands of the tab **CLI**. On AWS it goes like this.\n\n",
        ));
    }
    text.push_str(ctx.t(&step.console));
    let values = ctx.hand(&step.id).map_or(&[][..], |hand| &hand.values);
    if values.is_empty() {
        return text;
    }
    let region = ctx.facts.as_ref().map(|facts| &facts.scope);
    let _ = write!(text, "\n\n### {}\n", ctx.say("넣을 값", "The values"));
    for one in values {
        let place = region.map(|scope| scope.region(one.key.role).to_owned()).unwrap_or_default();
        let _ = write!(text, "\n- {} **{}** ({place})", ctx.t(&one.kind), one.key.name);
        for (word, value) in &one.fields {
            let value = match value.as_str() {
                "true" => ctx.say("켜기", "on"),
                "false" => ctx.say("끄기", "off"),
                other => other,
            };
            let _ = write!(text, "\n  - {}: `{value}`", ctx.t(word));
        }
    }
    text
}

/// What is still to be typed, with how to get a terminal for it.
pub(super) fn cli(step: &Step, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let Some(hand) = ctx.hand(&step.id) else { return lines(step, room, ctx) };
    let mut out = Vec::new();
    let dim = |text: &str| wrap_spans(&sentence(text, Role::Dim, look), room, &[], &[]);
    let code = |text: &str, first: &str| {
        wrap_spans(
            &[look.span(Role::Code, text)],
            room,
            &[look.span(Role::Dim, first.to_owned())],
            &[Span::raw("    ")],
        )
    };
    if hand.lines.is_empty() && hand.unmakes.is_empty() {
        let text = if hand.is_right() {
            ctx.say("남은 명령이 없습니다.", "No command is left.")
        } else {
            ctx.say("지금 칠 명령이 없습니다. 아래를 보세요.", "There is no command for now; see below.")
        };
        out.extend(dim(text));
        return out;
    }
    if let Some(text) = first(hand, ctx) {
        out.extend(wrap_spans(
            &sentence(&text, Role::Text, look),
            room,
            &[look.mark(Mark::Drifted), Span::raw(" ")],
            &[Span::raw("  ")],
        ));
        out.push(Line::default());
    }
    if !ctx.terminal.is_empty() {
        out.extend(dim(if ctx.is_practice() {
            ctx.say(
                "터미널을 두 개 더 여세요. 하나에서 첫 줄을 켜 두고, AWS CLI가 있는 다른 하나에서 나머지를 칩니다.",
                "Open two more terminals. Leave the first line running in one, and type the rest in the other, with the AWS CLI.",
            )
        } else {
            ctx.say("다른 터미널에서 먼저 이렇게 합니다.", "In another terminal, first:")
        }));
        for line in &ctx.terminal {
            out.extend(code(line, "  "));
        }
        out.push(Line::default());
    }
    if !hand.unmakes.is_empty() {
        out.extend(dim(ctx.say(
            "바꿀 수 없는 값이 틀려서 지우고 다시 만들어야 합니다. 내가 만든 것이 맞는지 보고 지우세요.",
            "What is wrong cannot be changed: delete it and make it again. Be sure first that it is yours.",
        )));
        for line in &hand.unmakes {
            out.extend(code(line, "    "));
        }
        out.push(Line::default());
    }
    if hand.lines.is_empty() {
        return out;
    }
    for (at, block) in hand.lines.iter().enumerate() {
        let number = format!("{:>2}  ", at + 1);
        for (line_at, line) in folded(block, ctx).iter().enumerate() {
            out.extend(code(line, if line_at == 0 { &number } else { "    " }));
        }
    }
    let key = ctx.key(crate::input::Action::Copy);
    out.push(Line::default());
    out.extend(dim(&match ctx.lang() {
        Lang::Ko => format!("{key} 키로 번호가 붙은 명령을 모두 복사합니다. 하나씩 쳐도 됩니다."),
        Lang::En => format!("{key} copies all numbered commands. You may also type them one by one."),
    }));
    out
}

/// A block of lines with the inside of a long file left out: it is copied whole.
fn folded(block: &str, ctx: &Ctx) -> Vec<String> {
    let mut out = Vec::new();
    let mut inside: Option<usize> = None;
    for line in block.lines() {
        match inside {
            None => {
                out.push(line.to_owned());
                if line.ends_with("<<'AWSLAB_USER_DATA'") {
                    inside = Some(0);
                }
            }
            Some(count) if line == "AWSLAB_USER_DATA" => {
                out.push(match ctx.lang() {
                    Lang::Ko => format!("  … {count}줄 (복사하면 모두 들어갑니다)"),
                    Lang::En => format!("  … {count} lines (copied whole)"),
                });
                out.push(line.to_owned());
                inside = None;
            }
            Some(count) => inside = Some(count + 1),
        }
    }
    out
}

/// The commands as they are copied.
pub(super) fn script(step: &Step, ctx: &Ctx) -> Option<String> {
    let lines = &ctx.hand(&step.id)?.lines;
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// What is said when the learner begins or ends.
pub(super) fn switched(on: bool, ctx: &Ctx) -> Text {
    let key = ctx.key(crate::input::Action::ByHand);
    if on {
        Text::new(
            format!("직접 해 보세요. awslab은 지켜보며 확인만 합니다. {key} 키로 되돌립니다"),
            format!("It is yours. awslab only watches and checks; {key} goes back"),
        )
    } else {
        Text::new("다시 awslab이 합니다", "awslab does it again")
    }
}
