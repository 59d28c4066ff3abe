//! The picture over time: the chosen metric with its bounds, and under it, on the same axis, lanes of what happened.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::lab::watch::filling::number;
use crate::lab::watch::lanes::{self, Event, Sort, Track};
use crate::lab::watch::series::Series;
use crate::lab::watch::{Direction, History, Metric, Moment, SeriesKey};
use crate::problem::ProblemKind;
use crate::screens::Ctx;
use crate::view::format::roughly;
use crate::view::mark::DOT;
use crate::view::plot::{Dots, Lane, TimeAxis, dashes, nice};
use crate::view::text::{pad, pad_left, width};
use crate::view::theme::Role;
use crate::view::widgets::{pane, put};

/// The room for labels at the left.
const GUTTER: u16 = 8;
/// Up to so many instances have a line each; more are drawn as the band between the lowest and the highest.
const LINES: usize = 12;

/// The lanes as last worked out. They stay while neither what was seen nor the window changes, as when a cursor moves.
#[derive(Default)]
pub(super) struct Lanes {
    name: String,
    /// Refreshes of the history, and the edges of the window.
    of: (u64, i64, i64),
    tracks: Vec<Track>,
}

impl Lanes {
    /// The lanes of a history between two times.
    pub(super) fn of(&mut self, history: &History, from: i64, to: i64) -> &[Track] {
        let of = (history.traffic.looks, from, to);
        if self.name != history.name || self.of != of {
            self.name.clone_from(&history.name);
            self.of = of;
            self.tracks = lanes::tracks(history, from, to);
        }
        &self.tracks
    }
}

/// What is drawn.
pub(super) struct Chart<'a> {
    pub(super) moment: Moment<'a>,
    pub(super) tracks: &'a [Track],
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) metric: Metric,
    pub(super) cursor: Option<i64>,
    pub(super) follows: bool,
}

/// The words of a metric.
fn name(metric: Metric, ctx: &Ctx) -> &'static str {
    ctx.look.label(match metric {
        Metric::Cpu => "monitor.cpu",
        Metric::NetworkIn => "monitor.network-in",
        Metric::NetworkOut => "monitor.network-out",
        Metric::Requests => "monitor.requests",
        Metric::ResponseTime => "monitor.response-time",
        Metric::HealthyHosts => "monitor.healthy-hosts",
    })
}

/// A value of the scale: `100`, `1.2M`, `0.25`.
fn scale(value: f64) -> String {
    match value {
        big if big >= 1e9 => format!("{}G", number(big / 1e9)),
        big if big >= 1e6 => format!("{}M", number(big / 1e6)),
        big if big >= 1e4 => format!("{}k", number(big / 1e3)),
        other => number(other),
    }
}

impl Chart<'_> {
    /// Draws it all. Gives the axis and the area under it that can be clicked.
    pub(super) fn draw(&self, ctx: &Ctx, area: Rect, buffer: &mut Buffer) -> Option<(TimeAxis, Rect)> {
        let inside = pane::ruled(area, buffer, self.title(ctx), false, &ctx.look);
        if inside.width < GUTTER + 20 || inside.height < 4 {
            return None;
        }
        let tracks = self.tracks;
        // The plot keeps three lines at least; the lanes give way from the last.
        let shown = tracks.len().min(usize::from(inside.height.saturating_sub(4)));
        let under = u16::try_from(shown).unwrap_or(0) + 1;
        let plot = Rect { x: inside.x + GUTTER, width: inside.width - GUTTER, height: inside.height - under, ..inside };
        let axis = TimeAxis { from: self.from, to: self.to, columns: plot.width };
        self.plot(axis, plot, ctx, buffer);
        for (y, track) in (plot.bottom()..).zip(tracks.iter().take(shown)) {
            let label = pad(ctx.t(&track.name), usize::from(GUTTER) - 1);
            put(buffer, inside.x, y, GUTTER, Line::from(ctx.look.span(Role::Dim, label)));
            lane(track, ctx).draw(axis, Rect { y, height: 1, ..plot }, buffer);
        }
        let ground = Rect { y: inside.bottom() - 1, height: 1, ..plot };
        axis.draw(ground, buffer, &ctx.look);
        self.draw_cursor(axis, Rect { height: inside.height - 1, ..plot }, ground, ctx, buffer);
        Some((axis, Rect { height: inside.height, ..plot }))
    }

    /// `CPU % · 1분마다 한 점 · 최근 30분 · 따라가는 중`, and what the lines mean.
    fn title(&self, ctx: &Ctx) -> Line<'static> {
        let look = &ctx.look;
        let history = self.moment.history;
        let period = history.series.get(&SeriesKey::Group(self.metric)).map_or(60, |series| series.period);
        let every = look.fill("monitor.every", &[("time", &roughly(look.lang, u64::from(period) * 1000))]);
        let span = roughly(look.lang, u64::try_from(self.to - self.from).unwrap_or(0));
        let mut parts = vec![every, look.fill("monitor.span", &[("time", &span)])];
        if !self.follows {
            parts.push(look.label("monitor.stays").to_owned());
        }
        let mut spans = vec![look.span(Role::Title, name(self.metric, ctx))];
        for part in parts {
            spans.push(look.span(Role::Dim, format!(" {DOT} {part}")));
        }
        if let Some(until) = self.moment.loads().map(|load| load.until).max() {
            let until = look.clock(until);
            let until = until.get(..5).unwrap_or_default();
            spans.push(look.span(Role::Failed, format!("  {}", look.fill("monitor.load-until", &[("time", until)]))));
        }
        spans.push(Span::raw("  "));
        spans.push(look.span(Role::Accent, format!("── {}", look.label("monitor.group"))));
        if !self.metric.of_balancer() {
            let several = self.members().len() > LINES && self.metric == Metric::Cpu;
            let text = look.label(if several { "monitor.band" } else { "monitor.each" });
            spans.push(look.span(Role::Dim, format!("  ·· {text}")));
        }
        Line::from(spans)
    }

    fn members(&self) -> Vec<&Series> {
        let all = &self.moment.history.series;
        let mine = all.iter().filter(|(key, _)| matches!(key, SeriesKey::Member(_, metric) if *metric == self.metric));
        mine.map(|(_, series)| series).filter(|series| series.end() > self.from && series.start() < self.to).collect()
    }

    fn plot(&self, axis: TimeAxis, area: Rect, ctx: &Ctx, buffer: &mut Buffer) {
        let look = &ctx.look;
        let history = self.moment.history;
        let group = history.series.get(&SeriesKey::Group(self.metric));
        let members = self.members();
        let banded = self.metric == Metric::Cpu && members.len() > LINES;
        let members: Vec<&Series> = match banded {
            true => vec![&history.band.low, &history.band.high],
            false => members.into_iter().take(LINES).collect(),
        };
        let reach = |series: &Series| (self.from - i64::from(series.period) * 2000, self.to);
        let points = |series: &Series| {
            let (from, to) = reach(series);
            series.points(from, to).collect::<Vec<_>>()
        };
        let group = group.map(|series| (points(series), i64::from(series.period) * 1500));
        let members: Vec<_> = members.into_iter().map(|s| (points(s), i64::from(s.period) * 1500)).collect();
        let highest = group.iter().chain(&members).flat_map(|(points, _)| points).map(|(_, value)| *value);
        let top = match self.metric {
            Metric::Cpu => 100.0,
            Metric::HealthyHosts => nice(f64::from(highest.fold(1.0, f32::max))),
            _ => nice(f64::from(highest.fold(0.0, f32::max))),
        };
        let mut dots = Dots::new(area, top);
        let mut label = |y: u16, text: &str, role: Role| {
            let text = format!("{}┤", pad_left(text, usize::from(GUTTER) - 1));
            put(buffer, area.x - GUTTER, y, GUTTER, Line::from(look.span(role, text)));
        };
        label(area.bottom() - 1, "0", Role::Dim);
        label(area.y, &scale(top), Role::Dim);
        let bounds: Vec<(u16, f64, Direction)> =
            self.bounds().into_iter().map(|(at, way)| (dots.line_of(at), at, way)).collect();
        for (y, at, _) in &bounds {
            label(*y, &number(*at), Role::Waiting);
        }
        for (y, ..) in &bounds {
            dashes(buffer, area, *y, look.style(Role::Dim));
        }
        for (points, gap) in &members {
            dots.line(axis, points.iter().copied(), *gap, look.style(Role::Dim));
        }
        if let Some((points, gap)) = &group {
            dots.line(axis, points.iter().copied(), *gap, look.style(Role::Accent));
        }
        dots.draw(buffer, ctx.ascii);
        for (y, _, way) in &bounds {
            let text = look.label(if *way == Direction::Out { "monitor.out-above" } else { "monitor.in-below" });
            let x = free(buffer, area, *y, u16::try_from(width(text)).unwrap_or(0));
            put(buffer, x, *y, area.right() - x, Line::from(look.span(Role::Waiting, text)));
        }
        let empty = group.iter().chain(&members).all(|(points, _)| points.is_empty());
        if empty {
            let unknown = history.problems.iter().any(|trouble| {
                trouble.problem.kind == ProblemKind::NotSimulated && trouble.action.starts_with("cloudwatch:GetMetric")
            });
            let text = look.label(match (unknown, self.metric.of_balancer()) {
                (true, _) => "monitor.no-metrics",
                (false, true) => "monitor.no-traffic",
                (false, false) => "monitor.no-points",
            });
            let free = |y: &u16| bounds.iter().all(|(bound, ..)| bound != y);
            let y = (area.top()..area.bottom()).rev().skip(1).find(free).unwrap_or(area.y);
            put(buffer, area.x + 1, y, area.width - 2, Line::from(look.span(Role::Waiting, text)));
        }
    }

    /// The bounds of the alarms on the metric that is drawn.
    fn bounds(&self) -> Vec<(f64, Direction)> {
        let history = self.moment.history;
        let mine = SeriesKey::Group(self.metric);
        let alarms = history.alarms.iter().filter(|alarm| history.key_of(alarm).as_ref() == Some(&mine));
        alarms.map(|alarm| (alarm.threshold, self.moment.filling(alarm).direction)).collect()
    }

    fn draw_cursor(&self, axis: TimeAxis, area: Rect, ground: Rect, ctx: &Ctx, buffer: &mut Buffer) {
        let Some((at, column)) = self.cursor.and_then(|at| Some((at, axis.column(at)?))) else { return };
        for y in area.top()..area.bottom() {
            let Some(cell) = buffer.cell_mut((area.x + column, y)) else { continue };
            if matches!(cell.symbol(), " " | "┄" | "─" | "·" | "━") {
                cell.set_symbol("│").set_style(ctx.look.style(Role::Accent));
            } else {
                cell.set_style(ctx.look.style(Role::Button));
            }
        }
        let label = ctx.look.clock(at);
        let size = u16::try_from(label.len()).unwrap_or(8);
        let x = (ground.x + column).saturating_sub(size / 2).clamp(ground.x, ground.right().saturating_sub(size));
        // A label of the axis that would be cut by it goes as a whole.
        for step in [-1_i32, 1] {
            let mut at = i32::from(if step < 0 { x } else { x + size - 1 });
            loop {
                let place = u16::try_from(at).ok().filter(|at| (ground.left()..ground.right()).contains(at));
                let Some(cell) = place.and_then(|at| buffer.cell_mut((at, ground.y))) else { break };
                let inside = (i32::from(x)..i32::from(x + size)).contains(&at);
                if !inside && cell.symbol() == " " {
                    break;
                }
                cell.set_symbol(" ");
                at += step;
            }
        }
        buffer.set_string(x, ground.y, label, ctx.look.style(Role::Button));
    }
}

/// Where on a dashed line a word of so many cells hides nothing of the plot: at its left, else at its right or in its
/// middle.
fn free(buffer: &Buffer, area: Rect, y: u16, size: u16) -> u16 {
    let left = area.x + 1;
    let right = area.right().saturating_sub(size + 1).max(left);
    let middle = (area.x + area.width.saturating_sub(size) / 2).max(left);
    let bare = |x: &u16| (*x..*x + size).all(|x| buffer.cell((x, y)).is_some_and(|cell| cell.symbol() == "┄"));
    [left, right, middle].into_iter().find(bare).unwrap_or(left)
}

fn style(sort: Sort, ctx: &Ctx) -> Style {
    ctx.look.style(match sort {
        Sort::Quiet => Role::Dim,
        Sort::Plain => Role::Text,
        Sort::Good => Role::Ready,
        Sort::Wait => Role::Waiting,
        Sort::Bad => Role::Failed,
        Sort::Leave => Role::Deleting,
    })
}

fn lane(track: &Track, ctx: &Ctx) -> Lane {
    let mark = |event: &Event| (event.at, ctx.t(&event.word).to_owned(), style(event.sort, ctx));
    Lane {
        runs: track.runs.iter().map(|(from, to, sign, sort)| (*from, *to, *sign, style(*sort, ctx))).collect(),
        marks: track.events.iter().map(mark).collect(),
    }
}
