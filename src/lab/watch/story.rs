//! How far the story of a drill is, by what the monitor has seen: the alarm, the scale-out, the further instance, the
//! scale-in. The engine judges the drill itself by the same events, from the group and its policy.

use crate::course::model::Event;

use super::cause::{By, changes};
use super::filling::{Direction, direction};
use super::history::History;
use super::snapshot::AlarmState;

/// Whether an event has happened since a time.
pub fn happened(history: &History, event: Event, since: i64) -> bool {
    let resized = |larger: bool| {
        let all = history.activities.iter().flat_map(|activity| changes(&activity.cause));
        all.filter(|change| {
            change.at >= since && matches!(change.by, By::Alarm(_)) && (change.to > change.from) == larger
        })
        .map(|change| change.at)
        .max()
    };
    match event {
        Event::AlarmHigh => history.alarms.iter().any(|alarm| {
            direction(alarm, history.policy_of(alarm)) == Direction::Out
                && history
                    .turns
                    .iter()
                    .any(|turn| turn.alarm == alarm.name && turn.state == AlarmState::Alarm && turn.at >= since)
        }),
        Event::ScaleOut => resized(true).is_some(),
        Event::SecondHealthy => resized(true).is_some_and(|out| {
            let targets = history.group.as_ref().is_some_and(|group| !group.target_groups.is_empty());
            match targets {
                true => history.healthy.iter().any(|(at, [healthy, _])| *at >= out && *healthy > 1),
                false => history.sizes.iter().any(|(at, sizes)| *at >= out && sizes.in_service > 1),
            }
        }),
        Event::ScaleIn => resized(false).is_some(),
    }
}
