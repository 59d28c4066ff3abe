//! The upper lines: the sizes and the price, how full each alarm is and what comes next, and what could not be read.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::lab::cost::Prices;
use crate::lab::watch::cause::short_alarm;
use crate::lab::watch::filling::number;
use crate::lab::watch::look;
use crate::lab::watch::snapshot::{Activity, Alarm, AlarmState, Comparison, PolicyKind};
use crate::lab::watch::{Direction, Filling, Moment};
use crate::problem::Problem;
use crate::screens::{Canvas, Ctx};
use crate::view::format::{money, per_hour, roughly};
use crate::view::mark::{ARROW, DOT, Mark};
use crate::view::text::{line_width, pad, truncate, width};
use crate::view::theme::Role;
use crate::view::widgets::{gauge, put};

/// What the head shows.
pub(super) struct Head<'a> {
    pub(super) moment: Moment<'a>,
    pub(super) paused: bool,
    pub(super) cursor: bool,
}

pub(super) fn draw(head: &Head<'_>, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
    let mut lines = vec![sizes(head, ctx, usize::from(area.width))];
    lines.extend(alarms(head, ctx, area.width));
    if let Some(why) = &ctx.watch.problem {
        lines.push(trouble(why, head, ctx, usize::from(area.width)));
    }
    for one in head.moment.history.problems.iter().take(2) {
        lines.push(trouble(&one.problem, head, ctx, usize::from(area.width)));
    }
    for (y, line) in (area.top()..area.bottom()).zip(lines) {
        put(canvas.buf, area.x, y, area.width, line);
    }
}

/// `최소 1  원하는 2  최대 3  ██████░░░  서비스 중 1  준비 중 1  $0.026/h      x30 · 요청 4개`.
fn sizes(head: &Head<'_>, ctx: &Ctx, room: usize) -> Line<'static> {
    let (look, moment) = (&ctx.look, head.moment);
    let sizes = moment.sizes();
    let mut spans = Vec::new();
    let mut pair = |label: &'static str, value: u32, role: Role| {
        spans.push(look.span(Role::Dim, format!("{} ", look.label(label))));
        spans.push(look.span(role, value.to_string()));
        spans.push(Span::raw("  "));
    };
    pair("monitor.min", sizes.min, Role::Text);
    pair("monitor.desired", sizes.desired, Role::Strong);
    pair("monitor.max", sizes.max, Role::Text);
    let bar = gauge::bar(sizes.in_service as usize, sizes.max.max(1) as usize, 9, look);
    let mut after = vec![Span::raw("  ")];
    let mut state = |mark: Mark, label: &'static str, value: u32| {
        if value > 0 || mark == Mark::Ready {
            after.push(look.mark(mark));
            after.push(Span::raw(format!(" {} {value}  ", look.label(label))));
        }
    };
    state(Mark::Ready, "monitor.in-service", sizes.in_service);
    state(Mark::Waiting, "monitor.pending", sizes.pending);
    state(Mark::Deleting, "monitor.leaving", sizes.leaving);
    let region = ctx.facts.as_ref().map_or("", |facts| facts.scope.home.as_str());
    let price = |kind: &str| Prices::bundled().item(&format!("instance-hour.{kind}"), region);
    after.push(look.span(Role::Cost, per_hour(moment.cost_per_hour(price))));

    let mut right = Vec::new();
    if ctx.watch.replay {
        right.push(look.span(Role::Waiting, look.label("monitor.replay")));
    } else if head.paused {
        right.push(look.span(Role::Waiting, look.label("monitor.paused")));
    }
    if head.cursor {
        right.push(look.span(Role::Accent, look.clock(moment.at)));
    }
    let traffic = moment.history.traffic;
    let cost = match ctx.is_practice() || ctx.watch.replay {
        true => String::new(),
        false => format!(" {}", money(traffic.cost())),
    };
    let calls = look.fill("monitor.calls", &[("n", &traffic.newest.to_string())]);
    right.push(look.span(Role::Dim, format!("{calls}{cost}")));

    let mut end: Vec<Span<'static>> = Vec::new();
    for (at, span) in right.into_iter().enumerate() {
        if at > 0 {
            end.push(look.span(Role::Dim, format!(" {DOT} ")));
        }
        end.push(span);
    }
    let end = Line::from(end);
    let tail = line_width(&end);
    // Where it is tight the bar goes first: the numbers tell the same.
    let without = Line::from([spans.clone(), after.clone()].concat());
    let with = Line::from([spans, bar, after].concat());
    let left = if line_width(&with) + tail < room { with } else { without };
    let used = line_width(&left);
    let mut line = left;
    if used + tail < room {
        line.spans.push(Span::raw(" ".repeat(room - used - tail)));
        line.spans.extend(end.spans);
    }
    line
}

/// The two alarms that matter most now, or why there are none.
fn alarms(head: &Head<'_>, ctx: &Ctx, room: u16) -> Vec<Line<'static>> {
    let (look, history) = (&ctx.look, head.moment.history);
    let fillings = head.moment.fillings();
    if fillings.is_empty() {
        let text = if history.asked.policies == 0 && !ctx.watch.replay {
            look.label("monitor.reading-policies")
        } else if history.policies.is_empty() {
            look.label("monitor.no-policies")
        } else if history.policies.iter().all(|policy| policy.alarms.is_empty()) {
            look.label("monitor.no-alarms")
        } else {
            look.label("monitor.reading-alarms")
        };
        return vec![Line::from(look.span(Role::Dim, text))];
    }
    // The two that matter most, each in its place however they fill: the one that makes the group larger above.
    let mut shown: Vec<&(&Alarm, Filling)> = fillings.iter().take(2).collect();
    shown.sort_by_key(|(_, filling)| filling.direction == Direction::In);
    let all: Vec<&Alarm> = fillings.iter().map(|(alarm, _)| *alarm).collect();
    let name = all.iter().map(|alarm| short_alarm(&alarm.name).chars().count()).max().unwrap_or(0).min(24);
    shown.into_iter().map(|(alarm, filling)| line(alarm, filling, (name, room), head, ctx)).collect()
}

/// `● OK     AlarmHigh  CPU > 70  ██▁ 2/3  다음 점도 70보다 크면 확장합니다`.
fn line(alarm: &Alarm, filling: &Filling, (name, room): (usize, u16), head: &Head<'_>, ctx: &Ctx) -> Line<'static> {
    let look = &ctx.look;
    let (mark, role) = match filling.state {
        AlarmState::Ok => (Mark::Ready, Role::Ready),
        AlarmState::Alarm => (Mark::Drifted, Role::Failed),
        AlarmState::InsufficientData => (Mark::Waiting, Role::Waiting),
    };
    let word = match filling.state {
        AlarmState::InsufficientData => look.label("monitor.no-data").to_owned(),
        state => state.word().to_owned(),
    };
    let sign = match alarm.comparison {
        Comparison::Greater => ">",
        Comparison::GreaterOrEqual => ">=",
        Comparison::Less => "<",
        Comparison::LessOrEqual => "<=",
    };
    let metric = alarm.metric.as_ref().map_or("", |metric| metric.name.trim_end_matches("Utilization"));
    let mut spans = vec![
        look.span(role, mark.sign()),
        Span::raw(" "),
        look.span(role, pad(&word, 8)),
        Span::raw(format!("{}  ", pad(short_alarm(&alarm.name), name))),
    ];
    // Where there is little room, what comes next says the bound.
    if room >= 100 {
        let bound = format!("{} {sign} {}", truncate(metric, 12), number(alarm.threshold));
        spans.extend([look.span(Role::Dim, pad(&bound, 9)), Span::raw("  ")]);
    }
    // Where there is little room, a long window is only counted.
    let pictured = filling.points.len() <= 5 || room >= 100;
    for point in filling.points.iter().filter(|_| pictured) {
        spans.push(match point {
            Some(true) => look.span(Role::Failed, "█"),
            Some(false) => look.span(Role::Ready, "▁"),
            None => look.span(Role::Dim, "·"),
        });
    }
    spans.push(look.span(Role::Strong, format!(" {}/{}", filling.breaching, filling.needed)));
    spans.push(Span::raw("  "));
    let tracks = head.moment.history.policy_of(alarm).is_some_and(|policy| policy.kind == PolicyKind::TargetTracking);
    let important = filling.weight >= 6;
    if filling.direction == Direction::Out && fails(head.moment) {
        spans.push(look.span(Role::Failed, look.label("monitor.launch-fails")));
    } else {
        spans.push(look.span(if important { Role::Accent } else { Role::Text }, ctx.t(&filling.next)));
    }
    if !tracks && let Some(policy) = head.moment.history.policy_of(alarm) {
        spans.push(look.span(Role::Dim, format!("  ({})", policy.name)));
    }
    Line::from(spans)
}

/// Whether instances are wanted and the newest launch failed: it is tried again, and until then nothing comes.
fn fails(moment: Moment<'_>) -> bool {
    let sizes = moment.sizes();
    let newest = moment.activities().iter().find(|activity| activity.launches());
    sizes.desired > sizes.in_service + sizes.pending && newest.is_some_and(Activity::failed)
}

/// A request that failed, with what to do where there is room; when AWS asked to slow down, when the next refresh comes.
fn trouble(problem: &Problem, head: &Head<'_>, ctx: &Ctx, room: usize) -> Line<'static> {
    let look = &ctx.look;
    let mut text = ctx.t(&problem.title).to_owned();
    let history = head.moment.history;
    if history.traffic.throttled > 0 {
        let pause = u64::try_from(look::pause(history)).unwrap_or(0);
        text = format!("{text} {DOT} {}", look.fill("monitor.next-in", &[("time", &roughly(look.lang, pause))]));
    }
    let mut spans = vec![look.mark(Mark::Failed), Span::raw(" "), look.span(Role::Failed, text)];
    let advice = problem.hints.first().map(|hint| format!("  {ARROW} {}", ctx.t(hint)));
    let used = spans.iter().map(|span| width(&span.content)).sum::<usize>();
    spans.extend(advice.filter(|advice| used + width(advice) <= room).map(Span::raw));
    Line::from(spans)
}
