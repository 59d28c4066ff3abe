//! The walk through chapter 3, screen by screen.

use awslab::app::Message;
use awslab::i18n::Lang;
use awslab::input::Action;
use awslab::lab::facts::Backend;
use awslab::lab::phase::{Phase, PhaseKind};
use awslab::lab::report::RunReport;
use awslab::screens::Effect;
use ratatui::layout::Rect;

use super::pages::{pictures, stands};
use crate::support::scene::Scene;
use crate::support::stage::{self, NOW};

#[test]
fn home() {
    pictures("home-new", |lang| Scene::new(lang, stands(stage::nothing)));
    pictures("home-midway", |lang| Scene::new(lang, stands(stage::before_nat)));
    pictures("home-aws", |lang| Scene::on(Backend::Aws, lang, stands(stage::network)));
    pictures("chapter", |lang| {
        let mut scene = Scene::new(lang, stands(stage::before_nat));
        scene.act(Action::Accept);
        scene
    });
}

#[test]
fn step_tabs() {
    for (tab, presses) in [("guide", 0), ("calls", 2), ("cli", 3), ("console", 4), ("picture", 5)] {
        pictures(&format!("step-{tab}"), move |lang| {
            let mut scene = Scene::new(lang, stands(stage::before_nat));
            scene.open_step("3.2.5");
            scene.draw(80, 24);
            for _ in 0..presses {
                scene.act(Action::NextTab);
            }
            scene
        });
    }
    pictures("step-read", |lang| {
        let mut scene = Scene::new(lang, stands(stage::nothing));
        scene.open_step("3.1.1");
        scene
    });
    pictures("step-hints", |lang| {
        let mut scene = Scene::new(lang, stands(stage::before_nat));
        scene.open_step("3.2.5");
        scene.draw(80, 24);
        for _ in 0..3 {
            scene.act(Action::Hint);
        }
        // The hint's own sentence gives way to the keys.
        scene.act(Action::Down);
        scene
    });
}

/// A scene at the question whether the calls of step 3.2.5 are to be sent.
fn asked(lang: Lang, backend: Backend) -> Scene {
    let mut scene = Scene::on(backend, lang, stands(stage::before_nat));
    scene.open_step("3.2.5");
    for _ in 0..8 {
        scene.draw(80, 24);
        if scene.app.offers().iter().any(|offer| offer.action == Action::Yes) {
            break;
        }
        scene.act(Action::Accept);
    }
    scene
}

#[test]
fn confirm() {
    pictures("confirm-practice", |lang| asked(lang, Backend::Practice));
    pictures("confirm-aws", |lang| asked(lang, Backend::Aws));
}

/// The run of step 3.2.5, waiting.
fn running(lang: Lang) -> (Scene, u64) {
    let mut scene = asked(lang, Backend::Practice);
    scene.act(Action::Yes);
    let id = scene.asked.iter().find_map(|effect| match effect {
        Effect::Run(id, ..) => Some(*id),
        _ => None,
    });
    let id = id.expect("the run was confirmed");
    scene.tell(Message::Time(NOW + 2000, 72_300));
    scene.tell(Message::Phase(id, Box::new(stage::nat_waiting())));
    (scene, id)
}

#[test]
fn live() {
    pictures("live-waiting", |lang| running(lang).0);
    pictures("live-ready", |lang| {
        let (mut scene, id) = running(lang);
        scene.survey = stands(|one| stage::before_nat(one) || one.key.name == "my-natgateway");
        let ready =
            Phase { kind: PhaseKind::Ready, state: Some("available".into()), elapsed: 121_000, ..stage::nat_waiting() };
        scene.tell(Message::Phase(id, Box::new(ready)));
        scene.tell(Message::RunEnded(id, Box::new(RunReport { done: true, ..RunReport::default() })));
        scene.act(Action::CheckStep);
        scene
    });
    pictures("check-failed", |lang| {
        let mut scene = Scene::new(lang, stage::spoilt(&stage::desired(&stage::course())));
        scene.open_step("3.2.6");
        scene.act(Action::CheckStep);
        scene
    });
}

#[test]
fn small_terminals() {
    for (columns, rows) in [(79, 24), (40, 10), (12, 4), (1, 1)] {
        let mut scene = Scene::new(Lang::Ko, stands(stage::nothing));
        let buffer = scene.draw(columns, rows);
        insta::assert_snapshot!(format!("small-{columns}x{rows}"), super::picture(&buffer));
    }
}

/// Every screen in the ASCII set: same places, no sign that some terminals draw two cells wide.
#[test]
fn ascii_screens_have_straight_columns() {
    use unicode_width::UnicodeWidthStr;
    for action in [None, Some(Action::Resources), Some(Action::Cleanup), Some(Action::Log), Some(Action::Help)] {
        let mut scene = Scene::new(Lang::Ko, stage::spoilt(&stage::desired(&stage::course())));
        if let Some(action) = action {
            scene.act(action);
        } else {
            scene.open_step("3.2.5");
        }
        let unicode = scene.draw(120, 40);
        scene.app.ctx.ascii = true;
        let ascii = scene.draw(120, 40);
        for (a, b) in unicode.content.iter().zip(&ascii.content) {
            assert_eq!(a.symbol().width(), b.symbol().width(), "{action:?}");
            assert_eq!(b.symbol().width(), b.symbol().width_cjk(), "{action:?}: {:?}", b.symbol());
            assert!(b.symbol() != "?" || a.symbol() == "?", "{action:?}: no ASCII for {:?}", a.symbol());
        }
    }
}

/// Without colour nothing is told by colour, and the marks are still there.
#[test]
fn no_colour_is_left_without_colour() {
    use ratatui::style::Color;
    let mut scene = Scene::new(Lang::Ko, stage::spoilt(&stage::desired(&stage::course())));
    scene.app.ctx.look.theme = awslab::view::theme::Theme::without_color();
    scene.act(Action::Resources);
    let buffer = scene.draw(80, 24);
    assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
}

/// Growing and shrinking never panics, on any screen.
#[test]
fn any_size_can_be_drawn() {
    for action in [
        None,
        Some(Action::Resources),
        Some(Action::Cleanup),
        Some(Action::Log),
        Some(Action::Search),
        Some(Action::Palette),
        Some(Action::Help),
    ] {
        let mut scene = Scene::new(Lang::Ko, stage::spoilt(&stage::desired(&stage::course())));
        match action {
            Some(action) => scene.act(action),
            None => scene.open_step("3.2.5"),
        }
        for (columns, rows) in
            [(200, 60), (80, 24), (81, 25), (300, 24), (80, 100), (1, 1), (3, 2), (80, 23), (120, 40)]
        {
            let buffer = scene.draw(columns, rows);
            assert_eq!(buffer.area, Rect::new(0, 0, columns, rows));
        }
    }
}
