//! The instances of the moment: state, health, CPU, age, version; of the selected one its state machine and why its target
//! is as it is.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::lab::watch::history::State;
use crate::lab::watch::moment::Row;
use crate::lab::watch::reason::reason;
use crate::lab::watch::{Metric, Moment, SeriesKey};
use crate::screens::{Canvas, Ctx, Spot};
use crate::view::format::elapsed;
use crate::view::mark::{ARROW, Mark};
use crate::view::plot::sparkline;
use crate::view::text::{truncate_middle, wrap, wrap_spans};
use crate::view::theme::Role;
use crate::view::widgets::list::{self, Column, columns, widths};
use crate::view::widgets::{pane, put, put_lines};

use super::Monitor;

/// How many points a sparkline has.
const POINTS: i64 = 8;

pub(super) fn draw(
    monitor: &Monitor,
    moment: Moment<'_>,
    focused: bool,
    ctx: &Ctx,
    area: Rect,
    canvas: &mut Canvas<'_>,
) {
    let look = &ctx.look;
    let ids = moment.ids();
    let [healthy, targets] = moment.healthy();
    let mut title = vec![look.span(Role::Title, look.fill("monitor.instances", &[("n", &ids.len().to_string())]))];
    if targets > 0 {
        let text = look.fill("monitor.healthy", &[("n", &healthy.to_string()), ("all", &targets.to_string())]);
        title.push(look.span(Role::Dim, format!("  {text}")));
    }
    let inside = pane::ruled(area, canvas.buf, Line::from(title), focused, look);
    if ids.is_empty() {
        let text = if moment.sizes().desired == 0 { "monitor.none-wanted" } else { "monitor.none-yet" };
        let lines: Vec<Line<'static>> =
            wrap(look.label(text), usize::from(inside.width)).into_iter().map(Line::from).collect();
        put_lines(canvas.buf, inside, &lines);
        return;
    }
    let selected = monitor.instances.selected().min(ids.len() - 1);
    let row = ids.get(selected).and_then(|id| moment.row(id));
    // The reason of a target's state gets a second line where there is room.
    let reason = row.map(|row| target(row.state, moment, usize::from(inside.width).saturating_sub(2), ctx));
    let free = usize::from(inside.height).saturating_sub(ids.len() + 1);
    let reason: Vec<Line<'static>> = reason.into_iter().flatten().take(free.clamp(1, 2)).collect();
    let machines = u16::from(inside.height >= 6);
    let details = machines + u16::try_from(reason.len()).unwrap_or(1);
    let rows = Rect { height: inside.height.saturating_sub(details), ..inside };
    list::draw(ids.len(), &monitor.instances, rows, canvas.buf, look, |at, room| {
        ids.get(at).and_then(|id| moment.row(id)).map(|row| line(&row, moment, room, ctx)).unwrap_or_default()
    });
    for (y, at) in (rows.top()..rows.bottom()).zip(monitor.instances.offset()..ids.len()) {
        canvas.spot(Rect { y, height: 1, ..rows }, Spot::Row(at));
    }
    let lines = row.filter(|_| machines > 0).map(|row| machine(&row.state.lifecycle, ctx)).into_iter().chain(reason);
    for (y, line) in (rows.bottom()..inside.bottom()).zip(lines) {
        put(canvas.buf, inside.x + 2, y, inside.width.saturating_sub(2), line);
    }
}

fn mark(state: &State) -> Mark {
    let lifecycle = state.lifecycle.as_str();
    if lifecycle.starts_with("Terminat") || lifecycle.starts_with("Detach") {
        Mark::Deleting
    } else if state.health == "Unhealthy" || state.target == "unhealthy" {
        Mark::Failed
    } else if lifecycle.starts_with("Pending") || lifecycle.starts_with("Entering") {
        Mark::Waiting
    } else if lifecycle == "InService" {
        Mark::Ready
    } else {
        Mark::NotStarted
    }
}

/// The look of a target's state.
fn target_role(state: &str) -> Role {
    match state {
        "healthy" => Role::Ready,
        "unhealthy" => Role::Failed,
        "draining" => Role::Deleting,
        "" | "unused" => Role::Dim,
        _ => Role::Waiting,
    }
}

fn line(row: &Row<'_>, moment: Moment<'_>, room: usize, ctx: &Ctx) -> Line<'static> {
    let look = &ctx.look;
    // Everything but the id has its width; the id gets what is left, up to the whole of it.
    let rest = if room >= 72 { 62 } else { 57 };
    let parts = [
        Column::Fixed(1),
        Column::Fixed(room.saturating_sub(rest).clamp(10, 19)),
        Column::When(2, 48),
        Column::Fixed(11),
        Column::Fixed(9),
        Column::Fixed(5),
        Column::When(8, 66),
        Column::Fixed(7),
        Column::When(3, 72),
    ];
    let sizes = widths(&parts, room);
    let mark = mark(row.state);
    let id = truncate_middle(row.id, sizes.get(1).copied().unwrap_or(10).min(19)).into_owned();
    let zone: String = row.past.zone.chars().rev().take(2).collect::<Vec<_>>().into_iter().rev().collect();
    let health = if row.state.health == "Unhealthy" { " Unhealthy" } else { "" };
    let target = if row.state.target.is_empty() { "–".to_owned() } else { row.state.target.clone() };
    let cpu = row.cpu.map_or_else(|| "–".to_owned(), |cpu| format!("{cpu:.0} %"));
    let age = row.launched.map_or_else(String::new, |at| age(u64::try_from(moment.at - at).unwrap_or(0)));
    let version = if row.past.version.is_empty() { String::new() } else { format!("v{}", row.past.version) };
    columns(
        vec![
            Line::from(look.mark(mark)),
            Line::from(id),
            Line::from(look.span(Role::Dim, zone)),
            Line::from(look.span(mark.role(), format!("{}{health}", row.state.lifecycle))),
            Line::from(look.span(target_role(&row.state.target), target)),
            Line::from(cpu).right_aligned(),
            Line::from(look.span(Role::Gauge, spark(row.id, moment))),
            Line::from(look.span(Role::Dim, age)).right_aligned(),
            Line::from(look.span(Role::Dim, version)),
        ],
        &sizes,
    )
}

/// `5:50`, `17h39m`, `3d 4h`.
fn age(millis: u64) -> String {
    let minutes = millis / 60_000;
    match minutes {
        ..60 => elapsed(millis),
        60..1440 => format!("{}h{:02}m", minutes / 60, minutes % 60),
        _ => format!("{}d {}h", minutes / 1440, minutes / 60 % 24),
    }
}

/// CPU of the last minutes; a column is a point.
fn spark(id: &str, moment: Moment<'_>) -> String {
    let Some(series) = moment.history.series.get(&SeriesKey::Member(id.to_owned(), Metric::Cpu)) else {
        return String::new();
    };
    let period = i64::from(series.period) * 1000;
    let Some((newest, _)) = series.before(moment.at) else { return String::new() };
    sparkline((0..POINTS).rev().map(|back| series.get(newest - back * period)), 100.0)
}

/// The life of an instance, with where it is in brackets: `Pending → [InService] → Terminating → Terminated`.
fn machine(lifecycle: &str, ctx: &Ctx) -> Line<'static> {
    let look = &ctx.look;
    let stages = ["Pending", "InService", "Terminating", "Terminated"];
    let at = if lifecycle.starts_with("Pending") {
        0
    } else if lifecycle.starts_with("Terminating") {
        2
    } else if lifecycle.starts_with("Terminated") {
        3
    } else {
        1
    };
    let mut spans = Vec::new();
    for (stage, name) in stages.iter().enumerate() {
        if stage > 0 {
            spans.push(look.span(Role::Dim, format!(" {ARROW} ")));
        }
        if stage == at {
            // `Pending:Wait`, `Standby` and the like stand where they are in the life.
            spans.push(look.span(Role::Accent, format!("[{lifecycle}]")));
        } else {
            spans.push(look.span(Role::Dim, *name));
        }
    }
    Line::from(spans)
}

/// Why the target is as it is.
fn target(state: &State, moment: Moment<'_>, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    if state.target.is_empty() {
        let history = moment.history;
        let has_groups = history.group.as_ref().is_some_and(|group| !group.target_groups.is_empty());
        // Of the time before the first look at the targets nobody knows.
        let seen = history.healthy.iter().find(|(_, [_, all])| *all > 0).map(|(at, _)| *at);
        let text = look.label(match has_groups {
            true if history.targets.is_empty() => "monitor.target-unknown",
            true if seen.is_none_or(|seen| moment.at < seen) => "monitor.target-then",
            _ => "monitor.no-target",
        });
        return vec![Line::from(look.span(Role::Dim, text))];
    }
    let why = reason(&state.reason, &state.description);
    let mut spans = vec![
        look.span(Role::Dim, format!("{} ", look.label("monitor.target"))),
        look.span(target_role(&state.target), state.target.clone()),
    ];
    if !why.is_empty() {
        spans.push(Span::raw(format!(": {}", ctx.t(&why))));
    }
    wrap_spans(&spans, room, &[], &[Span::raw("  ")])
}
