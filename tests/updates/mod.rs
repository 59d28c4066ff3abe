//! `App::update` as tables: messages in, effects out, nothing else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod monitor;

use std::sync::Arc;

use awslab::app::{App, Message, Session, Start};
use awslab::cloud::kinds::registry;
use awslab::course::model::Key as Resource;
use awslab::i18n::{Lang, Text};
use awslab::input::{Input, Key, Keymap};
use awslab::lab::call::{Call, Effect as Change, Service};
use awslab::lab::facts::Backend;
use awslab::lab::phase::{Phase, PhaseKind};
use awslab::lab::report::{CheckReport, ConditionResult, Plan, PlannedCall, RunReport, StepState, Survey};
use awslab::problem::Problem;
use awslab::screens::ctx::Clock;
use awslab::screens::effect::ClockOrder;
use awslab::screens::{Effect, Query};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use crate::support::stage;

const STEP: &str = "vpc.network.vpc";

fn app(backend: Backend) -> App {
    let (app, effects) = App::new(Start {
        course: Arc::new(stage::course()),
        kinds: registry(),
        backend,
        lang: Lang::En,
        keymap: Keymap::built_in().unwrap(),
        color: true,
        ascii: false,
        read_only: false,
        resume: None,
        monitor: None,
    });
    assert_eq!(effects, [Effect::Open]);
    app
}

fn session(backend: Backend) -> Session {
    Session {
        course: Arc::new(stage::course()),
        domain: None,
        domain_asked: true,
        facts: stage::facts(backend.clone()),
        desired: Vec::new(),
        keys: "/nowhere".into(),
        notes: Vec::new(),
        progress: Default::default(),
        answers: Default::default(),
        quiz_seed: 0,
        ways: Default::default(),
        terminal: Vec::new(),
        last_step: None,
        clock: (backend == Backend::Practice).then_some(Clock { speed: 30.0 }),
        now: stage::NOW,
        lang: None,
        utc_offset: 0,
    }
}

fn opened(backend: Backend) -> App {
    let mut app = app(backend.clone());
    let effects = app.update(Message::Opened(Ok(Box::new(session(backend)))));
    assert_eq!(effects, [Effect::Query(1, Query::Survey)]);
    app
}

fn press(app: &mut App, keys: &str) -> Vec<Effect> {
    keys.split(' ').flat_map(|key| app.update(Message::Input(Input::Key(Key::parse(key).unwrap())))).collect()
}

fn screen(app: &mut App) -> String {
    let area = Rect::new(0, 0, 80, 24);
    let mut buffer = Buffer::empty(area);
    app.view(area, &mut buffer);
    buffer.content.chunks(80).map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>() + "\n").collect()
}

fn plan() -> Plan {
    let key = Resource::home("vpc", "my-vpc");
    let call = Call::new(Service::Ec2, "CreateVpc", Change::Create, &key, STEP, "ap-northeast-2");
    let calls = vec![PlannedCall { call, after: Vec::new(), ready: Vec::new() }];
    Plan { steps: vec![STEP.into()], calls, ..Plan::default() }
}

/// On the step, its guide read, the plan there, the calls in sight, and the question asked.
fn at_the_question(backend: Backend) -> App {
    let mut app = opened(backend);
    // Down to the chapter's second section, its first step.
    press(&mut app, ": 3 . 2 . 1 enter");
    app.update(Message::Plan(1, STEP.into(), Ok(Box::new(plan()))));
    for _ in 0..20 {
        let seen = screen(&mut app);
        if seen.contains("account") {
            return app;
        }
        press(&mut app, "enter");
    }
    panic!("the question never came:\n{}", screen(&mut app));
}

#[test]
fn what_is_done_by_hand_makes_the_old_plan_and_the_old_picture_stale() {
    use awslab::lab::hand::{Hand, Stage, Watched};
    let mut app = opened(Backend::Practice);
    // The first look is over: a second one is not put off until then.
    app.update(Message::Survey(1, Ok(Box::default())));
    press(&mut app, ": 3 . 2 . 1 enter");
    app.update(Message::Plan(1, STEP.into(), Ok(Box::new(plan()))));
    let asked = |effects: &[Effect]| {
        effects.iter().find_map(|effect| match effect {
            Effect::Query(number, Query::Hand(..)) => Some(*number),
            _ => None,
        })
    };
    let number = asked(&press(&mut app, "d")).expect("a look");
    let hand = |stage| Hand {
        step: STEP.into(),
        conditions: vec![Watched { stage, result: check(stage == Stage::Right, false).conditions[0].clone() }],
        ..Hand::default()
    };
    let plans = |effects: &[Effect]| effects.iter().any(|one| matches!(one, Effect::Query(_, Query::Plan(_))));
    let surveys = |effects: &[Effect]| effects.iter().any(|one| matches!(one, Effect::Query(_, Query::Survey)));
    let first = app.update(Message::Hand(number, STEP.into(), Ok(Box::new(hand(Stage::Waiting)))));
    assert!(!plans(&first) && !surveys(&first), "nothing has changed: {first:?}");
    let number = asked(&press(&mut app, "enter")).expect("another look");
    let same = app.update(Message::Hand(number, STEP.into(), Ok(Box::new(hand(Stage::Waiting)))));
    assert!(!plans(&same) && !surveys(&same), "nothing has changed: {same:?}");
    let number = asked(&press(&mut app, "enter")).expect("another look");
    let wrong = app.update(Message::Hand(number, STEP.into(), Ok(Box::new(hand(Stage::Wrong)))));
    assert!(plans(&wrong) && surveys(&wrong), "{wrong:?}");
}

fn run_of(effects: &[Effect]) -> Option<u64> {
    effects.iter().find_map(|effect| match effect {
        Effect::Run(id, ..) => Some(*id),
        _ => None,
    })
}

#[test]
fn on_practice_enter_says_yes_and_on_aws_enter_says_no() {
    let mut app = at_the_question(Backend::Practice);
    assert_eq!(run_of(&press(&mut app, "enter")), Some(1));
    for backend in [Backend::Aws, Backend::Endpoint("http://127.0.0.1:5000".into())] {
        let mut app = at_the_question(backend.clone());
        assert!(screen(&mut app).contains("Run on AWS"));
        assert_eq!(run_of(&press(&mut app, "enter")), None, "{backend:?}");
        let mut app = at_the_question(backend.clone());
        assert_eq!(run_of(&press(&mut app, "y")), Some(1), "{backend:?}");
        let mut app = at_the_question(backend);
        assert_eq!(run_of(&press(&mut app, "tab enter")), Some(1));
    }
}

#[test]
fn no_and_esc_change_nothing() {
    for key in ["n", "esc", "tab enter"] {
        let mut app = at_the_question(Backend::Practice);
        assert_eq!(run_of(&press(&mut app, key)), None, "{key}");
        assert!(app.ctx.work.is_none());
    }
}

#[test]
fn read_only_never_runs() {
    let mut app = at_the_question(Backend::Practice);
    app.ctx.read_only = true;
    assert_eq!(run_of(&press(&mut app, "enter")), None);
    assert!(screen(&mut app).contains("--read-only"));
}

fn running() -> App {
    let mut app = at_the_question(Backend::Practice);
    assert_eq!(run_of(&press(&mut app, "enter")), Some(1));
    app
}

fn phase(kind: PhaseKind) -> Box<Phase> {
    Box::new(Phase {
        time: stage::NOW,
        step: STEP.into(),
        key: Resource::home("vpc", "my-vpc"),
        kind,
        operation: Some("CreateVpc".into()),
        id: None,
        state: None,
        elapsed: 0,
        usual: 0,
        detail: None,
        problem: None,
    })
}

#[test]
fn phases_and_ends_of_an_older_task_are_dropped() {
    let mut app = running();
    let key = Resource::home("vpc", "my-vpc");
    app.update(Message::Phase(7, phase(PhaseKind::Ready)));
    assert_eq!(app.ctx.work.as_ref().unwrap().phase(&key), None);
    assert_eq!(app.update(Message::RunEnded(7, Box::default())), []);
    assert!(app.ctx.working().is_some());
    app.update(Message::Phase(1, phase(PhaseKind::Waiting)));
    assert_eq!(app.ctx.work.as_ref().unwrap().phase(&key).unwrap().kind, PhaseKind::Waiting);
}

#[test]
fn what_a_run_has_made_costs_before_the_next_survey() {
    let mut app = running();
    app.ctx.desired = stage::desired(&app.ctx.course);
    app.ctx.survey = Some(Survey { at: stage::NOW - 1, cost_per_hour: 0.005, ..Survey::default() });
    let nat = |kind, id: Option<&str>| {
        let key = Resource::home("nat-gateway", "my-natgateway");
        Box::new(Phase { key, id: id.map(Into::into), ..*phase(kind) })
    };
    app.update(Message::Phase(1, nat(PhaseKind::Calling, None)));
    assert_eq!(app.ctx.standing(), Some((0, 0.005)));
    app.update(Message::Phase(1, nat(PhaseKind::Waiting, Some("nat-1"))));
    let (count, cost) = app.ctx.standing().unwrap();
    assert_eq!(count, 1);
    assert!((cost - 0.064).abs() < 1e-9, "{cost}");
    // A survey that was taken later knows better.
    app.ctx.survey = Some(Survey { at: stage::NOW, ..Survey::default() });
    assert_eq!(app.ctx.standing(), Some((0, 0.0)));
}

#[test]
fn a_finished_run_is_surveyed_and_checked_at_once_and_a_failed_one_is_not_checked() {
    for (done, checks) in [(true, true), (false, false)] {
        let mut app = running();
        app.update(Message::Survey(1, surveyed(0.0)));
        let report = RunReport { done, ..RunReport::default() };
        let effects = app.update(Message::RunEnded(1, Box::new(report)));
        assert!(effects.iter().any(|effect| matches!(effect, Effect::Query(_, Query::Survey))));
        let check = Query::Check(STEP.into());
        assert_eq!(effects.iter().any(|effect| matches!(effect, Effect::Query(_, of) if *of == check)), checks);
    }
}

fn check(ok: bool, pending: bool) -> CheckReport {
    let text = Text::same("x");
    let (step, id) = (STEP.to_owned(), "there".to_owned());
    let condition = ConditionResult {
        step,
        id,
        ok,
        pending,
        skipped: false,
        title: text.clone(),
        detail: text,
        differences: Vec::new(),
    };
    CheckReport { conditions: vec![condition] }
}

#[test]
fn a_check_decides_the_progress() {
    for (ok, pending, state) in [
        (true, false, Some(StepState::Done)),
        (false, false, Some(StepState::Failed)),
        // Not yet is not failed.
        (false, true, None),
    ] {
        let mut app = opened(Backend::Practice);
        press(&mut app, ": 3 . 2 . 1 enter c");
        let effects = app.update(Message::Check(1, STEP.into(), Ok(check(ok, pending))));
        let noted = effects.iter().find_map(|effect| match effect {
            Effect::Note(step, state) if step == STEP => Some(*state),
            _ => None,
        });
        assert_eq!(noted, state, "ok {ok}, pending {pending}");
    }
}

#[test]
fn opening_a_done_step_again_does_not_undo_it() {
    let mut app = opened(Backend::Practice);
    app.ctx.progress.insert(STEP.into(), StepState::Done);
    let effects = press(&mut app, ": 3 . 2 . 1 enter");
    assert!(!effects.iter().any(|effect| matches!(effect, Effect::Note(..))), "{effects:?}");
    assert!(effects.contains(&Effect::LastStep(STEP.into())), "{effects:?}");
}

fn surveyed(cost_per_hour: f64) -> Result<Box<Survey>, Problem> {
    Ok(Box::new(Survey { cost_per_hour, ..Survey::default() }))
}

#[test]
fn of_surveys_only_the_newest_counts() {
    let mut app = running();
    // The run's end wants to see what was made; a survey of before is still under way.
    let ended = app.update(Message::RunEnded(1, Box::default()));
    assert!(!ended.iter().any(|effect| matches!(effect, Effect::Query(_, Query::Survey))), "{ended:?}");
    assert_eq!(app.update(Message::Survey(1, surveyed(9.0))), [Effect::Query(2, Query::Survey)]);
    assert_eq!(app.ctx.survey, None);
    app.update(Message::Survey(2, surveyed(0.5)));
    assert_eq!(app.ctx.cost_per_hour(), Some(0.5));
    // An answer that comes twice, or to what nobody asked, changes nothing.
    app.update(Message::Survey(2, surveyed(9.0)));
    app.update(Message::Survey(7, surveyed(9.0)));
    assert_eq!(app.ctx.cost_per_hour(), Some(0.5));
}

#[test]
fn a_survey_under_way_is_enough_for_the_timer() {
    let mut app = opened(Backend::Practice);
    assert_eq!(app.update(Message::LookAgain), []);
    app.update(Message::Survey(1, surveyed(0.5)));
    assert_eq!(app.ctx.cost_per_hour(), Some(0.5));
    assert_eq!(app.update(Message::LookAgain), [Effect::Query(2, Query::Survey)]);
}

#[test]
fn keys_faster_than_the_cloud_pile_up_nothing() {
    let checks = |effects: &[Effect]| -> Vec<u64> {
        let number = |effect: &Effect| match effect {
            Effect::Query(number, Query::Check(step)) if step == STEP => Some(*number),
            _ => None,
        };
        effects.iter().filter_map(number).collect()
    };
    let mut app = opened(Backend::Practice);
    press(&mut app, ": 3 . 2 . 1 enter");
    assert_eq!(checks(&press(&mut app, "c c c c c c")), [1]);
    // The other five are one more look, whose answer is the one that counts.
    let first = app.update(Message::Check(1, STEP.into(), Ok(check(false, false))));
    assert_eq!(checks(&first), [2]);
    assert!(!app.ctx.checks.contains_key(STEP));
    let second = app.update(Message::Check(2, STEP.into(), Ok(check(true, false))));
    assert!(checks(&second).is_empty());
    assert!(app.ctx.checks.get(STEP).unwrap().as_ref().unwrap().ok());
    assert_eq!(checks(&press(&mut app, "c")), [3]);
}

#[test]
fn enter_waits_for_the_check_that_it_began() {
    let mut app = opened(Backend::Practice);
    // A step that only tries what stands: Enter checks it.
    press(&mut app, ": 6 . 2 . 1 enter");
    let begun = |effects: &[Effect]| {
        effects.iter().filter(|effect| matches!(effect, Effect::Query(_, Query::Check(_)))).count()
    };
    let mut count = 0;
    for _ in 0..20 {
        screen(&mut app);
        count += begun(&press(&mut app, "enter"));
    }
    assert_eq!(count, 1);
}

#[test]
fn what_is_found_wanting_where_nothing_is_built_can_be_made() {
    let step = "asg-lab.vpc.ready";
    let mut app = opened(Backend::Practice);
    press(&mut app, ": 6 . 2 . 1 enter");
    for _ in 0..4 {
        screen(&mut app);
        press(&mut app, "enter");
    }
    let effects = app.update(Message::Check(1, step.into(), Ok(check(false, false))));
    assert!(effects.contains(&Effect::Query(1, Query::Plan(step.into()))), "{effects:?}");
    app.update(Message::Plan(1, step.into(), Ok(Box::new(plan()))));
    assert!(screen(&mut app).contains("Enter preview calls"), "{}", screen(&mut app));
    // The calls, the question, and on practice Enter says yes.
    let runs = (0..4).find_map(|_| {
        let effects = press(&mut app, "enter");
        screen(&mut app);
        run_of(&effects)
    });
    assert_eq!(runs, Some(1), "{}", screen(&mut app));
}

#[test]
fn answers_of_a_session_before_count_no_more() {
    let mut app = opened(Backend::Practice);
    press(&mut app, ": 3 . 2 . 1 enter c c");
    let before = session(Backend::Practice);
    assert_eq!(app.update(Message::Opened(Ok(Box::new(before)))).first(), Some(&Effect::Query(2, Query::Survey)));
    app.update(Message::Survey(1, surveyed(9.0)));
    app.update(Message::Check(1, STEP.into(), Ok(check(true, false))));
    assert_eq!(app.ctx.survey, None);
    assert!(!app.ctx.checks.contains_key(STEP));
}

#[test]
fn the_first_ctrl_c_cancels_and_the_second_leaves() {
    let mut app = running();
    assert_eq!(press(&mut app, "ctrl-c"), [Effect::Cancel(1)]);
    assert!(!app.is_quitting());
    assert_eq!(press(&mut app, "ctrl-c"), [Effect::Quit]);
    assert!(app.is_quitting());
}

#[test]
fn leaving_while_something_is_under_way_is_asked_first() {
    let mut app = running();
    assert_eq!(press(&mut app, "q"), []);
    assert!(screen(&mut app).contains("Leave now"));
    press(&mut app, "n");
    assert!(!app.is_quitting());
    press(&mut app, "q enter");
    assert!(app.is_quitting());
}

#[test]
fn stop_waiting_is_offered_only_while_it_waits() {
    let mut app = opened(Backend::Practice);
    assert_eq!(press(&mut app, "S"), []);
    let mut app = running();
    assert_eq!(press(&mut app, "S"), [Effect::Cancel(1)]);
}

#[test]
fn the_practice_clock_is_turned_by_keys_and_aws_has_none() {
    let mut app = opened(Backend::Practice);
    assert_eq!(press(&mut app, "]"), [Effect::Clock(ClockOrder::Speed(60.0))]);
    assert_eq!(press(&mut app, "["), [Effect::Clock(ClockOrder::Speed(10.0))]);
    assert_eq!(press(&mut app, "."), [Effect::Clock(ClockOrder::Advance(std::time::Duration::from_secs(60)))]);
    let mut app = opened(Backend::Aws);
    assert_eq!(press(&mut app, "] [ ."), []);
}

#[test]
fn an_engine_that_does_not_open_is_told_and_can_be_tried_again() {
    let mut app = app(Backend::Aws);
    app.update(Message::Opened(Err(Problem::internal("no credentials here"))));
    assert!(screen(&mut app).contains("no credentials here"));
    assert_eq!(press(&mut app, "enter"), [Effect::Open]);
}

#[test]
fn practice_and_aws_cannot_be_mistaken() {
    let mut practice = opened(Backend::Practice);
    let first = |app: &mut App| screen(app).lines().next().unwrap_or_default().to_owned();
    assert!(first(&mut practice).contains("PRACTICE"));
    let mut aws = opened(Backend::Aws);
    let line = first(&mut aws);
    assert!(line.contains("AWS") && line.contains("123456789012") && !line.contains("PRACTICE"), "{line}");
    let area = Rect::new(0, 0, 80, 24);
    let mut buffer = Buffer::empty(area);
    aws.view(area, &mut buffer);
    let reversed = |x| buffer[(x, 0)].modifier.contains(ratatui::style::Modifier::REVERSED);
    assert!((0..80).all(reversed), "the bar covers the full width");
}

#[test]
fn the_mouse_does_what_the_keys_do() {
    let mut app = opened(Backend::Practice);
    let seen = screen(&mut app);
    let row = seen.lines().position(|line| line.contains("1.2")).unwrap();
    let click = |app: &mut App, x, y| app.update(Message::Input(Input::Click(x, y)));
    click(&mut app, 10, u16::try_from(row).unwrap());
    screen(&mut app);
    click(&mut app, 10, u16::try_from(row).unwrap());
    assert!(screen(&mut app).contains("1.2.1"));
    // A key of the footer can be clicked.
    let seen = screen(&mut app);
    let footer = seen.lines().last().unwrap();
    let column = footer.find("Esc").unwrap();
    click(&mut app, u16::try_from(column).unwrap(), 23);
    assert!(screen(&mut app).contains("Start"));
}

#[test]
fn nothing_panics_whatever_the_size_and_the_keys() {
    let keys = [
        "enter", "tab", "j", "k", "G", "g", "n", "p", "h", "c", "x", "esc", "r", "l", "/", "a", "esc", ":", "esc", "?",
        "esc", "L",
    ];
    let mut app = opened(Backend::Practice);
    for (at, key) in keys.iter().cycle().take(400).enumerate() {
        press(&mut app, key);
        let width = u16::try_from(at * 37 % 170).unwrap();
        let height = u16::try_from(at * 23 % 60).unwrap();
        let area = Rect::new(0, 0, width, height);
        app.update(Message::Input(Input::Resize(width, height)));
        app.view(area, &mut Buffer::empty(area));
    }
}

#[test]
fn a_sentence_at_the_bottom_makes_room_for_the_keys_again() {
    let mut app = app(Backend::Practice);
    let said = |text: &str| Message::Saved(Text::new("저장했습니다", text));
    let at = |app: &mut App, millis: u64| {
        app.update(Message::Time(stage::NOW, millis));
        app.ctx.toast.is_some()
    };
    assert_eq!(app.animates().filter(|millis| *millis > 200), None);
    app.update(said("Saved"));
    assert!(app.animates().is_some(), "somebody must look when it is over");
    assert!(at(&mut app, 1_000) && at(&mut app, 8_900));
    // Another one has its own time, and so has the same one when it is said again after a key.
    app.update(said("Saved again"));
    assert!(at(&mut app, 9_100) && at(&mut app, 17_000));
    app.update(Message::Input(Input::Key(Key::parse("down").unwrap())));
    app.update(said("Saved again"));
    assert!(at(&mut app, 17_200) && at(&mut app, 25_100));
    assert!(!at(&mut app, 25_200));
}
