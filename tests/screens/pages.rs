//! Every screen in both languages at both sizes.

use awslab::app::Message;
use awslab::course::model::Key;
use awslab::i18n::{Lang, Text};
use awslab::input::Action;
use awslab::lab::phase::{Phase, PhaseKind};
use awslab::lab::report::{Blocker, CleanupReport, Left, Survey};
use awslab::problem::{Problem, ProblemKind};
use awslab::screens::Effect;

use crate::support::scene::Scene;
use crate::support::stage::{self, NOW};

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

pub(super) fn stands(which: fn(&awslab::lab::world::Desired) -> bool) -> Survey {
    stage::survey(&stage::desired(&stage::course()), which)
}

/// Pictures of a scene in both languages at both sizes.
pub(super) fn pictures(name: &str, make: impl Fn(Lang) -> Scene) {
    for lang in [Lang::Ko, Lang::En] {
        for (columns, rows) in SIZES {
            let mut scene = make(lang);
            // A screen may lay itself out by the size that the last frame had.
            scene.draw(columns, rows);
            let buffer = scene.draw(columns, rows);
            insta::assert_snapshot!(format!("{name}-{}-{columns}x{rows}", lang.code()), super::picture(&buffer));
        }
    }
}

#[test]
fn resources() {
    pictures("resources", |lang| {
        let mut scene = Scene::new(lang, stands(stage::all));
        scene.act(Action::Resources);
        for _ in 0..11 {
            scene.act(Action::Down);
        }
        scene
    });
    pictures("resources-spoilt", |lang| {
        let mut scene = Scene::new(lang, stage::spoilt(&stage::desired(&stage::course())));
        scene.act(Action::Resources);
        let at = scene
            .app
            .ctx
            .survey
            .as_ref()
            .and_then(|survey| survey.rows.iter().position(|row| row.key.name == "my-private-route 0.0.0.0/0"));
        for _ in 0..at.unwrap_or(0) {
            scene.act(Action::Down);
        }
        scene
    });
    pictures("resources-none", |lang| {
        let mut scene = Scene::new(lang, stands(stage::nothing));
        scene.act(Action::Resources);
        scene
    });
}

#[test]
fn log() {
    pictures("log", |lang| {
        let mut scene = Scene::new(lang, stands(stage::all));
        scene.act(Action::Log);
        scene.act(Action::Down);
        scene
    });
    pictures("log-filter", |lang| {
        let mut scene = Scene::new(lang, stands(stage::all));
        scene.act(Action::Log);
        scene.act(Action::Filter);
        scene.type_text("subnet app");
        scene
    });
}

#[test]
fn help_palette_and_search() {
    pictures("help", |lang| {
        let mut scene = Scene::new(lang, stands(stage::network));
        scene.act(Action::Help);
        scene
    });
    pictures("palette", |lang| {
        let mut scene = Scene::new(lang, stands(stage::network));
        scene.act(Action::Palette);
        scene.type_text("nat");
        scene
    });
    pictures("search", |lang| {
        let mut scene = Scene::new(lang, stands(stage::network));
        scene.act(Action::Search);
        scene.type_text(if lang == Lang::Ko { "게이트웨이" } else { "gateway" });
        scene
    });
}

fn phase(key: &Key, kind: PhaseKind, elapsed: u64, usual: u64) -> Phase {
    Phase {
        time: NOW + 60_000,
        step: String::new(),
        key: key.clone(),
        kind,
        operation: None,
        id: None,
        state: (kind == PhaseKind::Deleting).then(|| "shutting-down".into()),
        elapsed,
        usual,
        detail: None,
        problem: None,
    }
}

/// A cleanup that was confirmed, some seconds in.
fn cleaning(lang: Lang) -> (Scene, u64) {
    let mut scene = Scene::new(lang, stands(stage::all));
    scene.act(Action::Cleanup);
    scene.act(Action::Accept);
    scene.act(Action::Accept);
    let started = scene.asked.iter().find_map(|effect| match effect {
        Effect::Cleanup(id, teardown, _) => Some((*id, teardown.clone())),
        _ => None,
    });
    let (id, teardown) = started.expect("the cleanup was confirmed");
    scene.tell(Message::Time(NOW + 65_000, 65_000));
    for (at, item) in teardown.items.iter().enumerate().take(14) {
        let key = &item.row.key;
        let mut phase = match at {
            0..=8 => phase(key, PhaseKind::Deleted, 4_000, 0),
            9 => phase(key, PhaseKind::Deleting, 55_000, 120_000),
            10 => phase(key, PhaseKind::Blocked, 12_000, 120_000),
            11 => phase(key, PhaseKind::Failed, 1_000, 0),
            _ => phase(key, PhaseKind::Calling, 0, 0),
        };
        if at == 10 {
            phase.detail = Some("my-natgateway (nat-0a1b2c3d4e5f60010)".into());
        }
        if at == 11 {
            phase.problem = Some(Problem::new(ProblemKind::Denied, "권한이 없습니다", "Not allowed"));
        }
        scene.tell(Message::Phase(id, Box::new(phase)));
    }
    (scene, id)
}

#[test]
fn cleanup() {
    pictures("cleanup-preview", |lang| {
        let mut scene = Scene::new(lang, stands(stage::all));
        scene.act(Action::Cleanup);
        scene
    });
    pictures("cleanup-confirm", |lang| {
        let mut scene = Scene::new(lang, stands(stage::all));
        scene.act(Action::Cleanup);
        scene.act(Action::Accept);
        scene
    });
    pictures("cleanup-going", |lang| cleaning(lang).0);
    pictures("cleanup-zero", |lang| {
        let (mut scene, id) = cleaning(lang);
        let deleted = scene.app.ctx.desired.iter().map(|desired| desired.key.clone()).collect();
        let regions = vec!["ap-northeast-2".to_owned(), "ap-northeast-1".to_owned()];
        scene.survey = Survey { cost_so_far: scene.survey.cost_so_far, at: NOW + 190_000, ..Survey::default() };
        let report = CleanupReport { deleted, left: Vec::new(), verified_at: NOW + 190_000, regions };
        scene.tell(Message::CleanupEnded(id, Ok(Box::new(report))));
        scene
    });
    pictures("cleanup-left", |lang| {
        let (mut scene, id) = cleaning(lang);
        let blocker = Blocker {
            kind: "network-interface".into(),
            id: "eni-0d1e2f3a4b5c60001".into(),
            name: String::new(),
            why: Text::new(
                "awslab이 만들지 않은 네트워크 인터페이스입니다",
                "a network interface that awslab did not make",
            ),
            passes: false,
        };
        let left = |kind: &str, name: &str, id: &str, blocked_by: Vec<Blocker>| Left {
            key: Key::home(kind, name),
            id: id.into(),
            region: "ap-northeast-2".into(),
            blocked_by,
            problem: Some(
                Problem::new(ProblemKind::InUse, "아직 쓰고 있어서 지울 수 없습니다", "It is still in use")
                    .hint("막는 것을 지운 뒤 다시 정리하세요", "Delete what blocks it, then clean up again")
                    .from("DependencyViolation"),
            ),
        };
        let report = CleanupReport {
            deleted: vec![Key::home("instance", "my-bastion-host")],
            left: vec![
                left("subnet", "my-public-subnet-a", "subnet-0a1b2c3d4e5f60001", vec![blocker]),
                left("vpc", "my-vpc", "vpc-0a1b2c3d4e5f60000", Vec::new()),
            ],
            verified_at: NOW + 190_000,
            regions: vec!["ap-northeast-2".to_owned()],
        };
        scene.tell(Message::CleanupEnded(id, Ok(Box::new(report))));
        scene
    });
}
