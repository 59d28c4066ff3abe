//! What happened, as lanes over time: load, alarms, sizes, targets. The screen and the SVG draw the same lanes.

use crate::i18n::Text;

use super::cause::short_alarm;
use super::filling::{Direction, Seen, breaches, delay, direction};
use super::history::History;
use super::snapshot::{Alarm, AlarmState};

/// How a thing is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    /// What the eye may skip.
    Quiet,
    /// Neither good nor bad.
    Plain,
    /// As it should be.
    Good,
    /// On its way.
    Wait,
    /// Not as it should be.
    Bad,
    /// Going.
    Leave,
}

/// Something at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: i64,
    /// A word or two; its first sign tells the most.
    pub word: Text,
    /// How to take it.
    pub sort: Sort,
}

/// A lane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Track {
    /// What it is about.
    pub name: Text,
    /// What held for a while: from, to, the sign that stands for it, how to take it.
    pub runs: Vec<(i64, i64, &'static str, Sort)>,
    /// What happened, in order of time.
    pub events: Vec<Event>,
}

/// The lanes of a history between two times, the most telling first.
pub fn tracks(history: &History, from: i64, to: i64) -> Vec<Track> {
    let to = to.min(history.at);
    let mut tracks = vec![load(history, to)];
    // The alarm that makes the group larger stands above the one that makes it smaller.
    let mut alarms: Vec<&Alarm> = history.alarms.iter().collect();
    alarms.sort_by_key(|alarm| direction(alarm, history.policy_of(alarm)) == Direction::In);
    tracks.extend(alarms.into_iter().take(2).map(|one| alarm(history, one, from, to)));
    tracks.push(sizes(history, to));
    tracks.push(targets(history, to));
    tracks
}

fn event(at: i64, word: impl Into<String>, sort: Sort) -> Event {
    Event { at, word: Text::same(word), sort }
}

fn load(history: &History, to: i64) -> Track {
    let mut track = Track { name: Text::new("부하", "load"), runs: Vec::new(), events: Vec::new() };
    // Run Command tells of every instance; those of other groups are not this one's.
    for load in history.loads.iter().filter(|load| history.members.contains_key(&load.instance)) {
        let end = if load.running { to } else { load.until };
        track.runs.push((load.from, end, "━", Sort::Bad));
        track.events.push(Event { at: load.from, word: Text::new("▲ 시작", "▲ start"), sort: Sort::Bad });
        if !load.running {
            track.events.push(Event { at: load.until, word: Text::new("▼ 끝", "▼ end"), sort: Sort::Plain });
        }
    }
    track.events.sort_by_key(|event| event.at);
    track
}

fn alarm(history: &History, alarm: &Alarm, from: i64, to: i64) -> Track {
    let name = match direction(alarm, history.policy_of(alarm)) {
        Direction::Out if short_alarm(&alarm.name) == "AlarmHigh" => Text::new("경보 ↑", "alarm ↑"),
        Direction::In if short_alarm(&alarm.name) == "AlarmLow" => Text::new("경보 ↓", "alarm ↓"),
        _ => Text::same(alarm.name.chars().take(7).collect::<String>()),
    };
    let mut track = Track { name, runs: Vec::new(), events: Vec::new() };
    let turns: Vec<(i64, AlarmState)> =
        history.turns.iter().filter(|turn| turn.alarm == alarm.name).map(|turn| (turn.at, turn.state)).collect();
    for (place, (at, state)) in turns.iter().enumerate() {
        let end = turns.get(place + 1).map_or(to, |(end, _)| *end);
        let (sign, sort) = match state {
            AlarmState::Ok => ("·", Sort::Good),
            AlarmState::Alarm => ("━", Sort::Bad),
            AlarmState::InsufficientData => (" ", Sort::Quiet),
        };
        track.runs.push((*at, end, sign, sort));
        track.events.push(match state {
            AlarmState::Ok => event(*at, "OK", Sort::Good),
            AlarmState::Alarm => event(*at, "ALARM", Sort::Bad),
            AlarmState::InsufficientData => {
                Event { at: *at, word: Text::new("? 데이터 부족", "? no data"), sort: Sort::Quiet }
            }
        });
    }
    // Points that fill it, while it is not in ALARM: each when it could be seen.
    if let Some(series) = history.series_of(alarm) {
        let late = delay(series.period);
        let mut turned = turns.iter().peekable();
        let mut state = AlarmState::default();
        // How many breached at the point before; worked out only where it is wanted, as most points fill nothing.
        let mut before = Some(0);
        let mut last: Option<(i64, AlarmState)> = None;
        for (point, value) in series.points(from - late, to - late) {
            let at = point + late;
            while let Some((_, to)) = turned.next_if(|(turn, _)| *turn <= at) {
                state = *to;
            }
            if state == AlarmState::Alarm {
                (before, last) = (Some(0), None);
                continue;
            }
            if breaches(alarm, f64::from(value)) {
                let was = before
                    .or_else(|| last.map(|(at, state)| Seen::at(alarm, Some(series), state, at).breaching()))
                    .unwrap_or(0);
                let seen = Seen::at(alarm, Some(series), state, at);
                let (breaching, needed) = (seen.breaching(), seen.needed());
                let every = if needed > 5 { 5 } else { 1 };
                if breaching > was && breaching.is_multiple_of(every) && breaching < needed {
                    track.events.push(event(at, format!("{breaching}/{needed}"), Sort::Wait));
                }
                before = Some(breaching);
            } else {
                before = None;
            }
            last = Some((at, state));
        }
    }
    track.events.sort_by_key(|event| event.at);
    track
}

/// The desired capacity and the instances in service; failed launches too.
fn sizes(history: &History, to: i64) -> Track {
    let mut track = Track { name: Text::new("크기", "size"), runs: Vec::new(), events: Vec::new() };
    let mut before: Option<(u32, u32)> = None;
    for (place, (at, sizes)) in history.sizes.iter().enumerate() {
        let end = history.sizes.get(place + 1).map_or(to, |(end, _)| *end);
        let settled = sizes.desired == sizes.in_service;
        track.runs.push((*at, end, "─", if settled { Sort::Good } else { Sort::Wait }));
        let (desired, in_service) = before.unwrap_or((0, 0));
        if sizes.desired > desired {
            track.events.push(event(*at, format!("↑{desired}→{}", sizes.desired), Sort::Wait));
        } else if sizes.desired < desired {
            track.events.push(event(*at, format!("↓{desired}→{}", sizes.desired), Sort::Leave));
        } else if sizes.in_service != in_service && settled {
            track.events.push(event(*at, format!("●{}", sizes.in_service), Sort::Good));
        }
        before = Some((sizes.desired, sizes.in_service));
    }
    for activity in history.activities.iter().filter(|activity| activity.failed()) {
        let word = if activity.launches() {
            Text::new("✗ 시작 실패", "✗ launch failed")
        } else {
            Text::new("✗ 실패", "✗ failed")
        };
        track.events.push(Event { at: activity.start, word, sort: Sort::Bad });
    }
    track.events.sort_by_key(|event| event.at);
    track
}

/// Healthy targets of all.
fn targets(history: &History, to: i64) -> Track {
    let mut track = Track { name: Text::new("대상", "targets"), runs: Vec::new(), events: Vec::new() };
    let mut before = [0, 0];
    for (place, (at, counts)) in history.healthy.iter().enumerate() {
        let end = history.healthy.get(place + 1).map_or(to, |(end, _)| *end);
        let [healthy, all] = *counts;
        if all > 0 {
            let sort = if healthy == all { Sort::Good } else { Sort::Wait };
            track.runs.push((*at, end, "─", sort));
            if *counts != before {
                let sign = if healthy == all { "●" } else { "◌" };
                track.events.push(event(*at, format!("{sign} {healthy}/{all}"), sort));
            }
        }
        before = *counts;
    }
    track
}
