//! The time line as a picture for a report: CPU with its bounds, and the lanes with every event written out.

use std::fmt::Write as _;

use crate::i18n::{Lang, Text};

use super::filling::number;
use super::history::History;
use super::lanes::{self, Sort};
use super::series::{MINUTE, Metric, Series, SeriesKey};

/// Size and margins, in pixels.
const WIDTH: f64 = 1200.0;
const LEFT: f64 = 80.0;
const RIGHT: f64 = 30.0;
const TOP: f64 = 60.0;
const PLOT: f64 = 280.0;
const LANE: f64 = 34.0;
/// The most instances that get a line of their own.
const LINES: usize = 12;

/// What to draw.
#[derive(Debug, Clone, Copy)]
pub struct Picture {
    /// The left edge, milliseconds since the Unix epoch.
    pub from: i64,
    /// The right edge.
    pub to: i64,
    /// The language.
    pub lang: Lang,
    /// The learner's zone, in seconds east of UTC.
    pub utc_offset: i32,
}

impl Picture {
    /// Everything that a history has seen, at least half an hour.
    pub fn whole(history: &History, lang: Lang, utc_offset: i32) -> Self {
        let group = history.series.get(&SeriesKey::Group(Metric::Cpu));
        let points = group.filter(|series| !series.is_empty()).map_or(history.since, Series::start);
        let events = history.activities.last().map_or(history.since, |activity| activity.start);
        let begin = points.min(events).max(history.at - super::series::KEPT);
        let from = begin.min(history.at - 30 * MINUTE) - MINUTE;
        Self { from, to: history.at + MINUTE, lang, utc_offset }
    }

    #[expect(clippy::cast_precision_loss, reason = "pixels")]
    fn x(&self, at: i64) -> f64 {
        let share = (at - self.from) as f64 / (self.to - self.from).max(1) as f64;
        LEFT + share.clamp(0.0, 1.0) * (WIDTH - LEFT - RIGHT)
    }

    fn shows(&self, at: i64) -> bool {
        self.from <= at && at <= self.to
    }

    fn clock(&self, at: i64) -> String {
        let seconds = (at.div_euclid(1000) + i64::from(self.utc_offset)).rem_euclid(86_400);
        format!("{:02}:{:02}", seconds / 3600, seconds / 60 % 60)
    }
}

fn y(value: f64) -> f64 {
    TOP + (1.0 - value.clamp(0.0, 100.0) / 100.0) * PLOT
}

fn color(sort: Sort) -> &'static str {
    match sort {
        Sort::Quiet => "#8a8f98",
        Sort::Plain => "#2b2f36",
        Sort::Good => "#1a7f37",
        Sort::Wait => "#9a6700",
        Sort::Bad => "#cf222e",
        Sort::Leave => "#8250df",
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A text element.
fn text(out: &mut String, x: f64, y: f64, fill: &str, anchor: &str, content: &str) {
    let content = escape(content);
    let _ = writeln!(out, r#"<text x="{x:.1}" y="{y:.1}" fill="{fill}" text-anchor="{anchor}">{content}</text>"#);
}

/// Draws the picture.
pub fn draw(history: &History, picture: Picture) -> String {
    let tracks = lanes::tracks(history, picture.from, picture.to);
    let bottom = TOP + PLOT + 30.0;
    #[expect(clippy::cast_precision_loss, reason = "a handful of lanes")]
    let height = bottom + LANE * tracks.len() as f64 + 20.0;
    let mut out = String::new();
    let _ = writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH:.0} {height:.0}" width="{WIDTH:.0}" height="{height:.0}" font-family="ui-monospace, monospace" font-size="12">"#
    );
    let _ = writeln!(out, r##"<rect width="100%" height="100%" fill="#ffffff"/>"##);
    let title = match picture.lang {
        Lang::Ko => format!("{} · 평균 CPU (%)", history.name),
        Lang::En => format!("{} · average CPU (%)", history.name),
    };
    let _ = writeln!(
        out,
        r##"<text x="{LEFT}" y="30" fill="#2b2f36" font-size="16" font-weight="bold">{}</text>"##,
        escape(&title)
    );
    axes(&mut out, picture);
    bounds(&mut out, history, picture);
    let members = history.series.iter().filter(|(key, _)| matches!(key, SeriesKey::Member(_, Metric::Cpu)));
    for (key, series) in members.take(LINES) {
        let SeriesKey::Member(id, _) = key else { continue };
        line(&mut out, series, picture, "#8a8f98", 1.0, id);
    }
    if let Some(series) = history.series.get(&SeriesKey::Group(Metric::Cpu)) {
        line(&mut out, series, picture, "#0969da", 2.5, &history.name);
    }
    let mut lane = bottom;
    for track in &tracks {
        text(&mut out, LEFT - 10.0, lane + 14.0, "#57606a", "end", track.name.get(picture.lang));
        for (from, to, sign, sort) in &track.runs {
            if sign.trim().is_empty() || *to < picture.from || *from > picture.to {
                continue;
            }
            let (x, end) = (picture.x(*from), picture.x(*to));
            let thick = if *sign == "━" { 8.0 } else { 3.0 };
            let (top, width, fill) = (lane + 18.0 - thick / 2.0, (end - x).max(1.0), color(*sort));
            let _ = writeln!(
                out,
                r#"<rect x="{x:.1}" y="{top:.1}" width="{width:.1}" height="{thick}" fill="{fill}" fill-opacity="0.45"/>"#
            );
        }
        for event in track.events.iter().filter(|event| picture.shows(event.at)) {
            let (x, word, fill) = (picture.x(event.at), event.word.get(picture.lang), color(event.sort));
            let time = picture.clock(event.at);
            let _ = writeln!(
                out,
                r#"<g><title>{} {time}</title><line x1="{x:.1}" x2="{x:.1}" y1="{:.1}" y2="{:.1}" stroke="{fill}"/>"#,
                escape(word),
                lane + 10.0,
                lane + 24.0
            );
            text(&mut out, x + 2.0, lane + 10.0, fill, "start", word);
            out.push_str("</g>\n");
        }
        lane += LANE;
    }
    out.push_str("</svg>\n");
    out
}

fn axes(out: &mut String, picture: Picture) {
    for value in [0.0, 25.0, 50.0, 75.0, 100.0] {
        let at = y(value);
        let right = WIDTH - RIGHT;
        let _ = writeln!(out, r##"<line x1="{LEFT}" x2="{right}" y1="{at:.1}" y2="{at:.1}" stroke="#e6e8eb"/>"##);
        text(out, LEFT - 10.0, at + 4.0, "#57606a", "end", &number(value));
    }
    let least = (picture.to - picture.from) / 12;
    let steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360];
    let step = steps.into_iter().map(|minutes| minutes * MINUTE).find(|step| *step >= least).unwrap_or(720 * MINUTE);
    let offset = i64::from(picture.utc_offset) * 1000;
    let mut at = (picture.from + offset).div_euclid(step) * step + step - offset;
    while at <= picture.to {
        let (x, bottom) = (picture.x(at), TOP + PLOT);
        let _ = writeln!(out, r##"<line x1="{x:.1}" x2="{x:.1}" y1="{TOP}" y2="{bottom:.1}" stroke="#f0f1f3"/>"##);
        text(out, x, bottom + 18.0, "#57606a", "middle", &picture.clock(at));
        at += step;
    }
}

fn bounds(out: &mut String, history: &History, picture: Picture) {
    let mine = SeriesKey::Group(Metric::Cpu);
    for alarm in history.alarms.iter().filter(|alarm| history.key_of(alarm).as_ref() == Some(&mine)) {
        let (at, right) = (y(alarm.threshold), WIDTH - RIGHT);
        let _ = writeln!(
            out,
            r##"<line x1="{LEFT}" x2="{right}" y1="{at:.1}" y2="{at:.1}" stroke="#9a6700" stroke-dasharray="6 4"/>"##
        );
        let out_text = Text::new("확장", "scale-out");
        let in_text = Text::new("축소", "scale-in");
        let out_of = super::filling::direction(alarm, history.policy_of(alarm)) == super::Direction::Out;
        let word = if out_of { out_text } else { in_text };
        let label = format!("{} {}", word.get(picture.lang), number(alarm.threshold));
        text(out, right - 4.0, at - 4.0, "#9a6700", "end", &label);
    }
}

/// A line through the points of a series; holes are left open.
fn line(out: &mut String, series: &Series, picture: Picture, stroke: &str, width: f64, name: &str) {
    let gap = i64::from(series.period) * 1500;
    let mut path = String::new();
    let mut last = None;
    for (at, value) in series.points(picture.from, picture.to) {
        let joined = last.is_some_and(|before| at - before <= gap);
        let _ = write!(path, "{}{:.1} {:.1}", if joined { "L" } else { "M" }, picture.x(at), y(f64::from(value)));
        last = Some(at);
    }
    if !path.is_empty() {
        let name = escape(name);
        let _ = writeln!(
            out,
            r#"<path d="{path}" fill="none" stroke="{stroke}" stroke-width="{width}" stroke-linecap="round"><title>{name}</title></path>"#
        );
    }
}
