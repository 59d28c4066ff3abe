//! The contents of the tabs: guide, calls, CLI, picture.

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::course::model::Step;
use crate::i18n::Lang;
use crate::input::Action;
use crate::lab::call::{Arg, Call};
use crate::lab::report::Plan;
use crate::screens::{Ctx, Opening};
use crate::view::diagram::Picture;
use crate::view::format::per_hour;
use crate::view::mark::{Mark, spinner};
use crate::view::markdown::sentence;
use crate::view::text::{width, wrap_spans};
use crate::view::theme::Role;
use crate::view::widgets::problem;

/// The guide with what the notes got wrong and the open hints, as Markdown.
pub(super) fn guide(step: &Step, hints: usize, ctx: &Ctx) -> String {
    let mut text = String::new();
    if step.left_out.is_some() {
        let key = ctx.key(Action::Domain);
        let _ = match ctx.lang() {
            Lang::Ko => write!(
                text,
                "> **도메인이 없어 이 단계는 뺍니다.** 읽고 지나가도 됩니다. 도메인이 있다면 `{key}`를 눌러 알려 주세요.\n\n"
            ),
            Lang::En => write!(
                text,
                "> **Left out, because you have no domain.** You may read it and go on. If you have one, press `{key}`.\n\n"
            ),
        };
    }
    text.push_str(ctx.t(&step.guide));
    if !step.correction.is_empty() {
        let word = ctx.say("바탕이 된 강의 노트와 다른 점", "Where this differs from the lecture notes");
        // Writing to a string does not fail.
        let _ = write!(text, "\n\n> **{word}:** {}", ctx.t(&step.correction).trim());
    }
    for (at, hint) in step.hints.iter().take(hints).enumerate() {
        let word = ctx.say("힌트", "Hint");
        let _ = write!(text, "\n\n### {word} {}/{}\n\n{}", at + 1, step.hints.len(), ctx.t(hint));
    }
    text
}

/// What one may do oneself: the key for it.
pub(super) fn yourself(step: &Step, ctx: &Ctx) -> Option<String> {
    let key = ctx.key(Action::ByHand);
    super::hand::can(step).then(|| match ctx.lang() {
        Lang::Ko => format!("`{key}` 키를 누르면 직접 합니다. 넣을 값을 모두 보여 주고, awslab은 지켜보며 확인합니다."),
        Lang::En => format!("Press `{key}` to do it yourself: you see every value, and awslab watches and checks."),
    })
}

/// The way through the console, as Markdown.
pub(super) fn console(step: &Step, ctx: &Ctx) -> String {
    let own = yourself(step, ctx).map(|text| format!("\n\n{text}")).unwrap_or_default();
    format!("{}{own}", ctx.t(&step.console).trim_end())
}

fn plan<'a>(step: &Step, ctx: &'a Ctx) -> Option<&'a Plan> {
    ctx.plans.get(&step.id)?.as_ref().ok()
}

/// What is shown while there is no plan.
fn without_plan(step: &Step, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    match (ctx.plans.get(&step.id), &ctx.opening) {
        (Some(Err(failure)), _) | (_, Opening::Failed(failure)) => problem::lines(failure, room, &ctx.look),
        _ => vec![Line::from(vec![
            ctx.look.span(Role::Waiting, spinner(ctx.frame)),
            Span::raw(" "),
            ctx.look.span(Role::Dim, ctx.say("무엇이 있는지 살펴보는 중", "Looking at what is there")),
        ])],
    }
}

/// From more calls of other steps than this on, those are named only.
const MANY: usize = 6;
/// How many of the resources that a plan leaves alone are named.
const NAMED: usize = 9;

/// The calls that Enter will send, with their arguments, and what will be left alone.
pub(super) fn calls(step: &Step, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let Some(plan) = plan(step, ctx) else { return without_plan(step, room, ctx) };
    let look = &ctx.look;
    let mut lines = Vec::new();
    let dim = |text: String| look.span(Role::Dim, text);
    let count = plan.calls.len();
    let price = per_hour(plan.cost_per_hour);
    let head = match ctx.lang() {
        Lang::Ko if count == 0 => "보낼 호출이 없습니다. 이미 있는 것으로 충분합니다.".to_owned(),
        Lang::En if count == 0 => "No call is needed: what is there is enough.".to_owned(),
        Lang::Ko => format!("Enter를 누르고 확인하면 이 {count}개 호출을 보냅니다. 비용 +{price}"),
        Lang::En if count == 1 => format!("Enter, and a yes, sends this call. Cost +{price}"),
        Lang::En => format!("Enter, and a yes, sends these {count} calls. Cost +{price}"),
    };
    lines.extend(wrap_spans(&[look.span(Role::Strong, head)], room, &[], &[]));
    // What the step only needs is told by its names when it is much: reading on must not become a chore.
    let foreign = plan.calls.iter().filter(|planned| planned.call.step != step.id).count();
    let short = |call: &Call| foreign > MANY && call.step != step.id;
    let mut before = false;
    for (at, planned) in plan.calls.iter().enumerate() {
        let call = &planned.call;
        if !(before && short(call)) {
            lines.push(Line::default());
        }
        before = short(call);
        let mut spans = vec![
            dim(format!("{:>2}  ", at + 1)),
            look.span(Role::Code, call.operation.clone()),
            Span::raw(format!("  {}", call.key.name)),
        ];
        if ctx.facts.as_ref().is_some_and(|facts| facts.scope.home != call.region) {
            spans.push(dim(format!("  {}", call.region)));
        }
        if call.step != step.id {
            let other = ctx.course.step(&call.step).map(|other| other.number.clone()).unwrap_or_default();
            let full = match ctx.lang() {
                Lang::Ko => format!("  ({other}에서)"),
                Lang::En => format!("  (of {other})"),
            };
            let used: usize = spans.iter().map(Span::width).sum();
            spans.push(dim(if used + width(&full) <= room { full } else { format!("  {other}") }));
        }
        // The action is the operation's name in most services: where there is no room for it, a call of this step says
        // it on a line of its own, and one of another step does not.
        let action = call.iam_action();
        let used: usize = spans.iter().map(Span::width).sum();
        let fits = used + 2 + width(&action) <= room;
        if fits {
            spans.push(dim(format!("  {action}")));
        }
        lines.push(crate::view::text::truncate_line(Line::from(spans), room));
        if !fits && !short(call) {
            lines.push(Line::from(vec![Span::raw("      "), dim(action)]));
        }
        for (name, arg) in call.args.iter().filter(|_| !short(call)) {
            let indent = [Span::raw("      ")];
            let rest = [Span::raw("        ")];
            lines.extend(wrap_spans(&[dim(format!("{name} = ")), Span::raw(shown(arg))], room, &indent, &rest));
        }
    }
    if foreign > MANY {
        let text = ctx.say(
            "다른 단계의 호출은 이름만 보입니다. 인자까지는 CLI 탭에 있습니다.",
            "Calls of other steps are named only; the tab CLI has their arguments too.",
        );
        lines.push(Line::default());
        lines.extend(wrap_spans(&[dim(text.to_owned())], room, &[], &[]));
    }
    let mut note = |mark: Mark, text: String| {
        lines.push(Line::default());
        lines.extend(wrap_spans(&[Span::raw(text)], room, &[look.mark(mark), Span::raw(" ")], &[Span::raw("  ")]));
    };
    for difference in &plan.conflicts {
        let (name, field) = (&difference.key.name, &difference.field);
        let (found, wanted) = (&difference.found, &difference.wanted);
        note(
            Mark::Drifted,
            match ctx.lang() {
                Lang::Ko => {
                    format!("{name}의 {field}: {found} (과정은 {wanted}). 호출로 고칠 수 없으니 직접 고쳐야 합니다.")
                }
                Lang::En => {
                    format!(
                        "{name} {field}: {found} (the course has {wanted}). No call can change that: fix it by hand."
                    )
                }
            },
        );
    }
    for (key, ids) in &plan.ambiguous {
        let ids = ids.join(", ");
        note(
            Mark::Drifted,
            match ctx.lang() {
                Lang::Ko => format!("같은 이름이 여럿입니다: {} ({ids}). 하나만 남기세요.", key.name),
                Lang::En => format!("Several are called {}: {ids}. Keep only one.", key.name),
            },
        );
    }
    let names = |keys: &[crate::course::model::Key]| {
        let shown = keys.iter().take(NAMED).map(|key| key.name.as_str()).collect::<Vec<_>>().join(", ");
        match (keys.len().saturating_sub(NAMED), ctx.lang()) {
            (0, _) => shown,
            (more, Lang::Ko) => format!("{shown} 외 {more}개"),
            (more, Lang::En) => format!("{shown} and {more} more"),
        }
    };
    for (mark, keys, ko, en) in [
        (Mark::Waiting, &plan.pending, "준비되기를 기다립니다", "Waited for"),
        (Mark::Ready, &plan.kept, "그대로 둡니다", "Left as they are"),
        (Mark::Ready, &plan.adopted, "직접 만든 것을 이어받습니다", "Made by you, and taken over"),
    ] {
        if !keys.is_empty() {
            note(mark, format!("{}: {}", ctx.say(ko, en), names(keys)));
        }
    }
    lines
}

/// An argument for people: an id that does not exist yet is named by its resource.
fn shown(arg: &Arg) -> String {
    match arg {
        Arg::Text(text) => text.clone(),
        Arg::Int(number) => number.to_string(),
        Arg::Bool(truth) => truth.to_string(),
        Arg::List(items) => items.iter().map(shown).collect::<Vec<_>>().join(", "),
        Arg::Joined(items) => items.iter().map(shown).collect::<Vec<_>>().join(","),
        Arg::Map(members) => {
            // A tag, as people write it.
            if let [(key, name), (value, text)] = members.as_slice()
                && (key.as_str(), value.as_str()) == ("Key", "Value")
            {
                return format!("{}={}", shown(name), shown(text));
            }
            let one = |(name, arg): &(String, Arg)| match arg {
                Arg::List(_) => format!("{name}=[{}]", shown(arg)),
                _ => format!("{name}={}", shown(arg)),
            };
            format!("{{{}}}", members.iter().map(one).collect::<Vec<_>>().join(" "))
        }
        Arg::Of(of) if of.attr == "id" => format!("<{}>", of.key.name),
        Arg::Of(of) => format!("<{} {}>", of.key.name, of.attr),
        Arg::UserData(script) => {
            let first = script.lines().next().unwrap_or_default();
            format!("{first} … ({} B)", script.len())
        }
        Arg::PublicKey(name) => format!("<public key of {name}>"),
        Arg::Password(name) => format!("<generated password of {name}>"),
    }
}

/// The same calls for the AWS CLI.
pub(super) fn cli(step: &Step, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let Some(plan) = plan(step, ctx) else { return without_plan(step, room, ctx) };
    let look = &ctx.look;
    if plan.calls.is_empty() {
        let text = ctx.say("보낼 호출이 없습니다.", "No call is needed.");
        return vec![Line::from(look.span(Role::Dim, text))];
    }
    let mut lines = Vec::new();
    for planned in &plan.calls {
        let command = crate::lab::cli::command(&planned.call);
        for (at, part) in command.lines().enumerate() {
            let first = [Span::raw(if at == 0 { "" } else { "  " })];
            let rest = [Span::raw("    ")];
            lines.extend(wrap_spans(&[look.span(Role::Code, part)], room, &first, &rest));
        }
        lines.push(Line::default());
    }
    let key = ctx.key(crate::input::Action::Copy);
    let text = match ctx.lang() {
        Lang::Ko => format!("{key} 키로 복사합니다. 스크립트로는: awslab plan {} --cli", step.id),
        Lang::En => format!("{key} copies them. As a script: awslab plan {} --cli", step.id),
    };
    lines.push(Line::from(look.span(Role::Dim, text)));
    if let Some(text) = yourself(step, ctx) {
        lines.push(Line::default());
        lines.extend(wrap_spans(&sentence(&text, Role::Dim, look), room, &[], &[]));
    }
    lines
}

/// The commands as they are copied; `None` when there are none.
pub(super) fn script(step: &Step, ctx: &Ctx) -> Option<String> {
    let plan = plan(step, ctx).filter(|plan| !plan.calls.is_empty())?;
    Some(plan.calls.iter().map(|planned| crate::lab::cli::command(&planned.call)).collect::<Vec<_>>().join("\n"))
}

/// The living picture, with the step's resources standing out.
pub(super) fn picture(step: &Step, area: Rect, ctx: &Ctx, buf: &mut Buffer) {
    if let Some(mut screen) = super::player::open(step) {
        screen.view(ctx, area, &mut super::Canvas::new(buf, &mut Vec::new()));
        return;
    }
    let phase = |key: &crate::course::model::Key| ctx.work.as_ref().and_then(|work| work.phase(key));
    Picture {
        desired: &ctx.desired,
        survey: ctx.survey.as_ref(),
        phase: &phase,
        step: &step.id,
        now: ctx.now,
        tick: ctx.frame,
    }
    .draw(area, buf, &ctx.look);
}
