//! The monitor at the moments of the story of 6.8, and where something is missing.

use awslab::app::Message;
use awslab::i18n::Lang;
use awslab::input::Action;
use awslab::lab::facts::Backend;
use awslab::lab::watch::snapshot::{Activity, GroupLine, Snapshot, Trouble};
use awslab::lab::watch::{History, Look};
use awslab::problem::{Problem, ProblemKind};

use crate::support::scene::Scene;
use crate::support::stage;
use crate::support::watch::{self, FIRST, GROUP};

use super::pages::{pictures, stands};

/// The monitor, opened some seconds into the story and watched until others.
fn watched(lang: Lang, from: i64, to: i64, change: impl Fn(&mut Snapshot)) -> Scene {
    let mut snapshots = watch::story(from, to);
    snapshots.iter_mut().for_each(change);
    watching(Backend::Practice, lang, &snapshots)
}

fn watching(backend: Backend, lang: Lang, snapshots: &[Snapshot]) -> Scene {
    let mut scene = Scene::on(backend, lang, stands(stage::nothing));
    let mut history = History::new(GROUP);
    let (last, before) = snapshots.split_last().expect("at least one");
    for snapshot in before {
        history.merge(snapshot);
    }
    history.note(&watch::look(), last.at);
    scene.app.ctx.watch.history = Some(history);
    scene.seen = Some(Ok(last.clone()));
    scene.act(Action::OpenMonitor);
    scene
}

/// A moment in both languages at both sizes, and in a very wide terminal.
fn moment(name: &str, from: i64, to: i64) {
    pictures(name, |lang| watched(lang, from, to, |_| {}));
    let mut scene = watched(Lang::Ko, from, to, |_| {});
    scene.draw(160, 50);
    insta::assert_snapshot!(format!("{name}-ko-160x50"), super::picture(&scene.draw(160, 50)));
}

#[test]
fn before_any_data() {
    moment("monitor-before-data", 75, 130);
}

#[test]
fn two_of_three_points() {
    moment("monitor-two-of-three", 60, 14 * 60);
}

#[test]
fn alarm() {
    moment("monitor-alarm", 60, 14 * 60 + 50);
}

#[test]
fn launching() {
    moment("monitor-launching", 60, 15 * 60 + 45);
}

#[test]
fn initial_target() {
    pictures("monitor-initial-target", |lang| {
        let mut scene = watched(lang, 60, 16 * 60 + 30, |_| {});
        scene.act(Action::Down);
        scene
    });
}

#[test]
fn healthy() {
    moment("monitor-healthy", 60, 21 * 60);
}

#[test]
fn scale_in() {
    pictures("monitor-scale-in", |lang| {
        let mut scene = watched(lang, 60, 43 * 60 + 10, |_| {});
        scene.act(Action::ZoomOut);
        scene.act(Action::Down);
        scene
    });
}

#[test]
fn a_failed_launch_is_in_the_open() {
    pictures("monitor-failed-launch", |lang| {
        let mut scene = watched(lang, 60, 16 * 60, |snapshot| {
            let at = snapshot.at;
            for activity in
                snapshot.activities.iter_mut().flatten().filter(|one| one.description.contains(watch::SECOND))
            {
                fail(activity, at);
            }
            if let Some(group) = &mut snapshot.group {
                group.instances.retain(|member| member.id == FIRST);
            }
        });
        scene.act(Action::NextPane);
        scene
    });
}

fn fail(activity: &mut Activity, at: i64) {
    activity.description = "Launching a new EC2 instance".into();
    activity.status = "Failed".into();
    activity.message = "You have requested more vCPU capacity than your current vCPU limit of 5 allows for the instance bucket that the specified instance type belongs to. Launching EC2 instance failed.".into();
    activity.end = Some(at);
}

fn throttled() -> Problem {
    Problem::new(ProblemKind::Throttled, "AWS가 요청을 천천히 보내라고 합니다", "AWS asks to slow down")
}

#[test]
fn throttling_is_seen_with_the_next_try() {
    pictures("monitor-throttled", |lang| {
        let mut snapshots = watch::story(60, 14 * 60);
        for snapshot in snapshots.iter_mut().rev().take(2) {
            snapshot.alarms = None;
            snapshot.problems = vec![Trouble { action: "cloudwatch:DescribeAlarms".into(), problem: throttled() }];
        }
        watching(Backend::Aws, lang, &snapshots)
    });
}

fn denied(action: &str) -> Problem {
    Problem::new(
        ProblemKind::Denied,
        format!("{action} 권한이 없습니다"),
        format!("You are not allowed to do {action}"),
    )
    .hint(
        format!("IAM 사용자나 역할에 {action} 작업을 허용하세요"),
        format!("Allow {action} for your IAM user or role"),
    )
    .from("AccessDenied")
}

#[test]
fn a_missing_permission_is_named() {
    pictures("monitor-no-permission", |lang| {
        let mut scene = Scene::on(Backend::Aws, lang, stands(stage::nothing));
        scene.app.ctx.watch.history = Some(History::new(GROUP));
        scene.seen = Some(Err(denied("autoscaling:DescribeAutoScalingGroups")));
        scene.act(Action::OpenMonitor);
        scene
    });
    pictures("monitor-one-permission-missing", |lang| {
        let mut snapshots = watch::story(60, 14 * 60);
        for snapshot in &mut snapshots {
            snapshot.targets.clear();
            let action = "elasticloadbalancing:DescribeTargetHealth";
            snapshot.problems = vec![Trouble { action: action.into(), problem: denied(action) }];
        }
        watching(Backend::Aws, lang, &snapshots)
    });
}

/// As on moto server: policies without alarms, and no metrics at all. Nothing is waited for in silence.
#[test]
fn a_cloud_without_metrics_says_so() {
    let missing = Problem::new(ProblemKind::NotSimulated, "없는 작업입니다", "Not simulated: GetMetricStatistics");
    for (lang, alarms, metrics) in [
        (Lang::Ko, "정책에 경보가 없습니다", "이 클라우드에는 지표가 없습니다"),
        (Lang::En, "The policies have no alarms", "This cloud has no metrics"),
    ] {
        let mut snapshots = watch::story(60, 4 * 60);
        for snapshot in &mut snapshots {
            snapshot.samples.clear();
            snapshot.alarms = Some(Vec::new());
            snapshot.policies.iter_mut().flatten().for_each(|policy| policy.alarms.clear());
            let action = "cloudwatch:GetMetricStatistics".into();
            snapshot.problems = vec![Trouble { action, problem: missing.clone() }];
        }
        let endpoint = Backend::Endpoint("http://127.0.0.1:5000".into());
        let picture = super::picture(&watching(endpoint, lang, &snapshots).draw(80, 24));
        assert!(picture.contains(alarms) && picture.contains(metrics), "{picture}");
    }
}

#[test]
fn the_cursor_shows_a_moment_of_the_past() {
    pictures("monitor-cursor", |lang| {
        let mut scene = watched(lang, 60, 21 * 60, |_| {});
        scene.draw(120, 40);
        for _ in 0..24 {
            scene.act(Action::Earlier);
        }
        scene
    });
}

#[test]
fn what_comes_next_is_never_cut_and_the_clock_is_always_in_sight() {
    for lang in [Lang::Ko, Lang::En] {
        for seconds in (75..44 * 60).step_by(45) {
            let mut scene = watched(lang, 60, seconds, |_| {});
            let picture = super::picture(&scene.draw(80, 24));
            let mut lines = picture.lines();
            for line in lines.by_ref().skip(2).take(2) {
                assert!(!line.contains('…'), "{seconds}: {line}");
            }
            assert!(picture.contains("1 x1 0 x10 6 x60 . +1"), "{seconds}\n{picture}");
        }
    }
}

/// The step of the drill, its load on its way.
fn drilling(lang: Lang) -> Scene {
    let mut scene = watched(lang, 60, 10 * 60, |_| {});
    scene.act(Action::Back);
    scene.open_step("6.8.1");
    scene.app.ctx.work = Some(drill());
    scene
}

fn drill() -> awslab::screens::Work {
    let step = "asg-lab.scale-out.out".to_owned();
    awslab::screens::Work {
        id: 7,
        kind: awslab::screens::WorkKind::Run,
        steps: vec![step.clone()],
        step,
        lines: Vec::new(),
        calls: 1,
        since: watch::START + 11 * watch::MINUTE - 5_000,
        cancelling: false,
        run: None,
        cleanup: None,
    }
}

fn follows(scene: &mut Scene) {
    let phase = awslab::lab::phase::Phase {
        time: scene.app.ctx.now,
        step: "asg-lab.scale-out.out".into(),
        key: awslab::lab::load::key_of_step("asg-lab.scale-out.out"),
        kind: awslab::lab::phase::PhaseKind::Waiting,
        operation: None,
        id: None,
        state: None,
        elapsed: 0,
        usual: 0,
        problem: None,
        detail: None,
    };
    scene.tell(Message::Phase(7, Box::new(phase)));
}

#[test]
fn a_drill_opens_the_monitor_and_tells_how_far_it_is() {
    pictures("monitor-drill", |lang| {
        let mut scene = drilling(lang);
        follows(&mut scene);
        scene.seen = Some(Ok(watch::snapshot(16 * 60 + 30)));
        scene.tell(Message::WatchAgain);
        scene
    });
    pictures("monitor-drill-done", |lang| {
        let mut scene = drilling(lang);
        follows(&mut scene);
        scene.seen = Some(Ok(watch::snapshot(18 * 60)));
        scene.tell(Message::WatchAgain);
        let report = awslab::lab::report::RunReport { done: true, ..Default::default() };
        scene.tell(Message::RunEnded(7, Box::new(report)));
        // The sentence at the bottom gives way to the keys.
        scene.act(Action::Down);
        scene
    });
}

#[test]
fn the_monitor_is_a_key_away_and_never_in_the_way() {
    let shown = |scene: &mut Scene| super::picture(&scene.draw(80, 24)).contains("clock 1 x1");
    // From the step, by its key, also while it is followed by Enter.
    let mut scene = drilling(Lang::En);
    scene.app.ctx.work = None;
    assert!(!shown(&mut scene));
    scene.act(Action::OpenMonitor);
    assert!(shown(&mut scene));
    // Somebody who reads something else is not taken away from it.
    let mut scene = drilling(Lang::En);
    scene.act(Action::Log);
    follows(&mut scene);
    assert!(!shown(&mut scene));
    // It opens once: who goes back stays there, and Enter opens it again.
    let mut scene = drilling(Lang::En);
    follows(&mut scene);
    assert!(shown(&mut scene));
    scene.tell(Message::Input(awslab::input::Input::Key(awslab::input::Key::parse("esc").expect("a key"))));
    follows(&mut scene);
    assert!(!shown(&mut scene));
    scene.act(Action::Accept);
    assert!(shown(&mut scene));
}

#[test]
fn what_the_polling_costs_is_shown_on_aws_and_only_there() {
    for (backend, shown) in [(Backend::Aws, true), (Backend::Practice, false)] {
        let mut snapshots = watch::story(60, 9 * 60);
        // 30 times 100 metrics of GetMetricData, at 0.01 USD a thousand.
        for snapshot in snapshots.iter_mut().skip(1).take(30) {
            snapshot.calls[0] =
                awslab::lab::watch::snapshot::CallMade { operation: "GetMetricData".into(), metrics: 100 };
        }
        let mut scene = watching(backend, Lang::En, &snapshots);
        let picture = super::picture(&scene.draw(80, 24));
        assert_eq!(picture.contains("4 calls $0.030"), shown, "{picture}");
    }
}

#[test]
fn load_is_asked_for() {
    pictures("monitor-load", |lang| {
        let mut scene = watched(lang, 60, 9 * 60, |_| {});
        scene.act(Action::StartLoad);
        scene
    });
    pictures("monitor-load-confirm", |lang| {
        let mut scene = watched(lang, 60, 9 * 60, |_| {});
        scene.act(Action::StartLoad);
        scene.act(Action::Accept);
        scene
    });
}

#[test]
fn groups_to_choose_from_and_none() {
    pictures("monitor-choose", |lang| {
        let mut scene = Scene::new(lang, stands(stage::nothing));
        let line =
            |name: &str, instances| GroupLine { name: name.into(), sizes: [1, 2, 3], instances, status: String::new() };
        scene.groups = vec![line("blue", 2), line(GROUP, 1)];
        scene.act(Action::OpenMonitor);
        scene.act(Action::Down);
        scene
    });
    pictures("monitor-no-groups", |lang| {
        let mut scene = Scene::new(lang, stands(stage::nothing));
        scene.act(Action::OpenMonitor);
        scene
    });
}

/// A group that was deleted while it was watched.
#[test]
fn a_deleted_group_says_so() {
    pictures("monitor-gone", |lang| {
        let mut snapshots = watch::story(60, 10 * 60);
        let at = snapshots.last().map_or(0, |last| last.at) + 15_000;
        snapshots.push(Snapshot { at, missing: true, ..Snapshot::default() });
        watching(Backend::Practice, lang, &snapshots)
    });
}

#[test]
fn wide_and_with_a_thousand_instances() {
    let mut scene = Scene::new(Lang::En, stands(stage::nothing));
    scene.app.ctx.watch.history = Some(watch::crowd(1_000, 60));
    scene.seen = None;
    scene.act(Action::OpenMonitor);
    let buffer = scene.draw(200, 60);
    insta::assert_snapshot!("monitor-crowd-en-200x60", super::picture(&buffer));
    assert!(
        matches!(scene.asked.last(), Some(awslab::screens::Effect::Query(_, awslab::screens::Query::Watch(look))) if calls(look) <= 6)
    );
}

fn calls(look: &Look) -> usize {
    look.calls()
}
