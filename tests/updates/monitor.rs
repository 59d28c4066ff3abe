//! The monitor's keys, and when it asks the cloud.

use awslab::app::Message;
use awslab::lab::facts::Backend;
use awslab::lab::watch::{History, Look};
use awslab::problem::{Problem, ProblemKind};
use awslab::screens::effect::ClockOrder;
use awslab::screens::{Effect, Query};

use crate::support::watch::{self, GROUP};

use super::{opened, press};

fn asked(effects: &[Effect]) -> Option<(u64, Box<Look>)> {
    effects.iter().find_map(|effect| match effect {
        Effect::Query(number, Query::Watch(look)) => Some((*number, look.clone())),
        _ => None,
    })
}

/// The monitor with the story until the alarm, and nothing under way.
fn monitored(backend: Backend) -> awslab::app::App {
    let mut app = opened(backend);
    app.ctx.watch.history = Some(History::of(&watch::story(60, 14 * 60 + 50)));
    let effects = press(&mut app, "m");
    let (number, look) = asked(&effects).expect("an open monitor looks at once");
    assert_eq!(look.group, GROUP);
    let seen = watch::snapshot(14 * 60 + 50);
    assert_eq!(app.update(Message::Watched(number, look, Ok(Box::new(seen)))), []);
    app
}

#[test]
fn a_refresh_comes_by_practice_time_and_never_twice_at_once() {
    let mut app = monitored(Backend::Practice);
    // A quarter of a minute of practice time at x30 is half a second.
    assert_eq!(app.watches(), Some(500));
    let effects = app.update(Message::WatchAgain);
    assert!(asked(&effects).is_some());
    assert_eq!(app.watches(), None);
    assert_eq!(app.update(Message::WatchAgain), []);
    let aws = monitored(Backend::Aws);
    assert_eq!(aws.watches(), Some(15_000));
}

#[test]
fn nothing_is_asked_while_hidden_or_paused() {
    let mut app = monitored(Backend::Practice);
    press(&mut app, "p");
    assert_eq!(app.watches(), None);
    assert_eq!(app.animates(), None);
    assert_eq!(app.update(Message::WatchAgain), []);
    assert!(asked(&press(&mut app, "p")).is_some(), "going on looks at once");
    // Another page over it hides it.
    let mut app = monitored(Backend::Practice);
    press(&mut app, "l");
    assert_eq!(app.watches(), None);
}

#[test]
fn a_slow_down_doubles_the_pause() {
    let mut app = monitored(Backend::Aws);
    for expected in [30_000, 60_000, 120_000, 120_000] {
        let (number, look) = asked(&app.update(Message::WatchAgain)).unwrap();
        let slow = Problem::new(ProblemKind::Throttled, "천천히", "Slow down");
        app.update(Message::Watched(number, look, Err(slow)));
        assert_eq!(app.watches(), Some(expected));
    }
    let (number, look) = asked(&app.update(Message::WatchAgain)).unwrap();
    app.update(Message::Watched(number, look, Ok(Box::new(watch::snapshot(16 * 60)))));
    assert_eq!(app.watches(), Some(15_000));
}

#[test]
fn clock_keys_work_on_practice_only() {
    let mut app = monitored(Backend::Practice);
    for (key, speed) in [("1", 1.0), ("0", 10.0), ("6", 60.0)] {
        assert_eq!(press(&mut app, key), [Effect::Clock(ClockOrder::Speed(speed))]);
    }
    let minute = std::time::Duration::from_secs(60);
    assert_eq!(press(&mut app, "."), [Effect::Clock(ClockOrder::Advance(minute))]);
    let mut aws = monitored(Backend::Aws);
    assert_eq!(press(&mut aws, "1"), []);
}

/// The monitor at the beginning of the story, before any load.
fn quiet() -> awslab::app::App {
    let mut app = opened(Backend::Practice);
    app.ctx.watch.history = Some(History::of(&watch::story(60, 9 * 60)));
    let (number, look) = asked(&press(&mut app, "m")).unwrap();
    app.update(Message::Watched(number, look, Ok(Box::new(watch::snapshot(9 * 60)))));
    app
}

#[test]
fn load_is_started_with_a_limit_and_only_after_a_preview_and_a_yes() {
    let mut app = quiet();
    // The pop-up, ten minutes more, the preview: nothing is sent yet.
    assert_eq!(press(&mut app, "s down right right enter"), []);
    let effects = press(&mut app, "enter");
    let [Effect::Change(call, _)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!((call.iam_action().as_str(), awslab::lab::load::seconds_of(call)), ("ssm:SendCommand", Some(25 * 60)));
    assert!(awslab::lab::cli::command(call).contains(watch::FIRST), "{}", awslab::lab::cli::command(call));
    // What is said afterwards names the end, and the loads are asked for anew.
    let effects = app.update(Message::Changed(call.clone(), Ok(())));
    let ends = app.ctx.look.clock(app.ctx.now + 25 * 60_000);
    assert!(app.ctx.toast.as_ref().is_some_and(|toast| toast.en.contains(&ends)), "{:?}", app.ctx.toast);
    assert!(asked(&effects).is_some_and(|(_, look)| look.loads));
    // A no sends nothing.
    assert_eq!(press(&mut app, "s enter n"), []);
}

#[test]
fn a_load_is_stopped_also_while_its_drill_is_followed() {
    let mut app = monitored(Backend::Practice);
    // Its only instance is under load already.
    press(&mut app, "s");
    assert!(app.ctx.toast.as_ref().is_some_and(|toast| toast.en.contains("under load already")));
    let effects = press(&mut app, "t enter");
    let [Effect::Change(call, _)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(awslab::lab::load::seconds_of(call), None);
    let run = |step: &str| awslab::screens::Work {
        id: 7,
        kind: awslab::screens::WorkKind::Run,
        step: step.into(),
        steps: vec![step.into()],
        lines: Vec::new(),
        calls: 1,
        since: 0,
        cancelling: false,
        run: None,
        cleanup: None,
    };
    app.ctx.work = Some(run("asg-lab.scale-out.out"));
    assert!(matches!(press(&mut app, "t enter").as_slice(), [Effect::Change(..)]));
    // Something that makes resources is not disturbed.
    app.ctx.work = Some(run("vpc.network.vpc"));
    assert_eq!(press(&mut app, "t enter"), []);
}

#[test]
fn an_answer_of_another_group_begins_anew() {
    let mut app = monitored(Backend::Practice);
    let (number, _) = asked(&app.update(Message::WatchAgain)).unwrap();
    let other = Box::new(Look { group: "blue".into(), ..Look::default() });
    app.update(Message::Watched(number, other, Ok(Box::new(watch::snapshot(70)))));
    assert_eq!(app.ctx.watch.history.as_ref().map(|history| history.traffic.looks), Some(1));
    // An older answer changes nothing.
    let stale = Box::new(Look { group: GROUP.into(), ..Look::default() });
    app.update(Message::Watched(number - 1, stale, Ok(Box::new(watch::snapshot(80)))));
    assert_eq!(app.ctx.watch.history.as_ref().map(|history| history.name.clone()), Some("blue".into()));
}

#[test]
fn the_picture_is_saved_as_svg() {
    let mut app = monitored(Backend::Practice);
    let effects = press(&mut app, "w");
    let [Effect::Save(name, picture)] = effects.as_slice() else { panic!("{effects:?}") };
    assert!(name.starts_with("awslab-my-asg-ec2-") && name.ends_with(".svg"), "{name}");
    assert!(picture.contains("ALARM") && picture.contains("2/3") && picture.ends_with("</svg>\n"));
    assert!(quick_xml::Reader::from_str(picture).read_event().is_ok());
}

#[test]
fn a_recording_replays_to_the_same_history() {
    let story = watch::story(60, 43 * 60);
    let lines: Vec<String> = story.iter().map(|one| awslab::lab::watch::record::line(one, None)).collect();
    let text = lines.join("\n") + "\n";
    let read = awslab::lab::watch::record::read("story.jsonl", &text).unwrap();
    assert_eq!(read, story);
    assert_eq!(History::of(&read), History::of(&story));
    // A line that was cut off by a kill is left out; nonsense is refused with its line.
    let cut = text.get(..text.len() - 40).unwrap();
    assert_eq!(awslab::lab::watch::record::read("story.jsonl", cut).unwrap().len(), story.len() - 1);
    // So is one in the middle, where the recording was gone on with afterwards.
    let gone_on = format!("{cut}\n{}\n", lines[0]);
    assert_eq!(awslab::lab::watch::record::read("story.jsonl", &gone_on).unwrap().len(), story.len());
    let wrong = awslab::lab::watch::record::read("x.jsonl", &format!("{}\n{{}}\n", lines[0])).unwrap_err();
    assert_eq!(wrong.source.as_deref(), Some("x.jsonl:2"));
}

#[test]
fn six_calls_suffice_whatever_the_size() {
    for count in [1, 3, 30, 499] {
        let mut history = watch::crowd(count, 30);
        let mut now = history.at;
        for _ in 0..40 {
            now += 15_000;
            let look = Look::next(&history, now, awslab::lab::watch::Metric::NetworkIn);
            assert!(look.calls() <= 6, "{count}: {look:?}");
            assert!(look.data.len() <= 500);
            // A small group is free, a large one takes one request for all its metrics.
            assert!(count > 1 || look.data.is_empty());
            history.note(&look, now);
            let samples = look.statistics.iter().chain(&look.data).map(|ask| awslab::lab::watch::snapshot::Samples {
                key: ask.key.clone(),
                period: ask.period,
                to: now,
                points: vec![(now - 120_000, 1.0)],
            });
            let mut seen = awslab::lab::watch::Snapshot { at: now, samples: samples.collect(), ..Default::default() };
            seen.group.clone_from(&history.group);
            history.merge(&seen);
        }
        // Every series was asked for, each at most once in its period.
        let asked = history.series.len();
        let wanted = usize::try_from(count).unwrap() * 2 + 2;
        assert!(asked >= wanted.min(500), "{count}: {asked} of {wanted}");
    }
}
