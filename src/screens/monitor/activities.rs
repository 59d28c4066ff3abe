//! The scaling activities up to the moment, newest first. A failure is in the open, with AWS's sentence and what to do.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::lab::watch::Moment;
use crate::lab::watch::cause::{advice, short};
use crate::lab::watch::snapshot::Activity;
use crate::screens::{Canvas, Ctx, Spot};
use crate::view::mark::{ARROW, Mark};
use crate::view::text::{truncate_middle, wrap, wrap_spans};
use crate::view::theme::Role;
use crate::view::widgets::{pane, put, put_lines};

use super::{ACTIVITY, Monitor};

/// An activity with how often it came in a row: a group that cannot launch tries again and again.
struct Run<'a> {
    at: usize,
    activity: &'a Activity,
    times: usize,
}

pub(super) fn draw(
    monitor: &Monitor,
    moment: Moment<'_>,
    focused: bool,
    ctx: &Ctx,
    area: Rect,
    canvas: &mut Canvas<'_>,
) {
    let look = &ctx.look;
    let title = Line::from(look.span(Role::Title, look.label("monitor.activities")));
    let inside = pane::ruled(area, canvas.buf, title, focused, look);
    let all = moment.activities();
    if all.is_empty() {
        let text = look.label("monitor.no-activities");
        let lines: Vec<Line<'static>> = wrap(text, usize::from(inside.width)).into_iter().map(Line::from).collect();
        put_lines(canvas.buf, inside, &lines);
        return;
    }
    let selected = monitor.activities.selected().min(all.len() - 1);
    // The newest failure is always open; another activity is when it is selected.
    let failure = all.iter().position(Activity::failed).filter(|at| *at < 3);
    let first = if focused { selected.saturating_sub(1) } else { 0 };
    let mut y = inside.y;
    let room = usize::from(inside.width.saturating_sub(2));
    let mut at = first;
    while let (Some(activity), true) = (all.get(at), y < inside.bottom()) {
        let run = Run { at, activity, times: same(all.get(at..).unwrap_or_default()) };
        let here = focused && (run.at..run.at + run.times).contains(&selected);
        let opened = here || failure.is_some_and(|failure| (run.at..run.at + run.times).contains(&failure));
        canvas.spot(Rect { y, height: 1, ..inside }, Spot::Row(ACTIVITY + at));
        for line in lines(&run, opened, here, room, ctx) {
            if y >= inside.bottom() {
                break;
            }
            put(canvas.buf, inside.x, y, inside.width, line);
            y += 1;
        }
        at += run.times;
    }
}

/// How many activities from the first on are the same failure.
fn same(all: &[Activity]) -> usize {
    let Some(first) = all.first().filter(|first| first.failed()) else { return 1 };
    all.iter().take_while(|one| one.failed() && one.message == first.message).count().max(1)
}

fn mark(activity: &Activity) -> Mark {
    match activity.status.as_str() {
        "Successful" => Mark::Checked,
        "Failed" => Mark::Failed,
        "Cancelled" => Mark::NotStarted,
        _ if activity.terminates() => Mark::Deleting,
        _ => Mark::Waiting,
    }
}

fn lines(run: &Run<'_>, opened: bool, here: bool, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let (look, activity) = (&ctx.look, run.activity);
    let mark = mark(activity);
    let verb = if activity.launches() {
        look.label("monitor.launching").to_owned()
    } else if activity.terminates() {
        look.label("monitor.terminating").to_owned()
    } else {
        activity.description.clone()
    };
    let id = activity.instance().map(|id| format!(" {}", truncate_middle(id, 12))).unwrap_or_default();
    let times = if run.times > 1 { format!(" x{}", run.times) } else { String::new() };
    let pointer = if here { look.span(Role::Selection, "› ") } else { Span::raw("  ") };
    let text = if here { Role::Selection } else { Role::Text };
    let mut first = vec![
        pointer,
        look.span(Role::Dim, look.clock(activity.start)),
        Span::raw(" "),
        look.mark(mark),
        look.span(text, format!(" {verb}{id}{times}")),
    ];
    let why = short(activity);
    if !why.is_empty() {
        first.push(look.span(Role::Dim, format!("  {}", ctx.t(&why))));
    }
    // Its mark tells how it went; the word comes after why it happened, and a success needs none.
    if mark != Mark::Checked {
        first.push(look.span(mark.role(), format!("  {}", activity.status)));
    }
    let mut lines = vec![Line::from(first)];
    if !opened {
        return lines;
    }
    let indent = [Span::raw("    ")];
    if !activity.message.is_empty() {
        let role = if activity.failed() { Role::Failed } else { Role::Text };
        lines.extend(wrap_spans(&[look.span(role, activity.message.clone())], room, &indent, &indent));
    }
    if activity.failed()
        && let Some(text) = advice(&activity.message)
    {
        let arrow = [Span::raw("    "), look.span(Role::Accent, ARROW), Span::raw(" ")];
        lines.extend(wrap_spans(&[Span::raw(ctx.t(&text).to_owned())], room, &arrow, &[Span::raw("      ")]));
    }
    if here && !activity.cause.is_empty() {
        lines.extend(wrap_spans(&[look.span(Role::Dim, activity.cause.clone())], room, &indent, &indent));
    }
    lines
}
