//! The pictures of the concept pages as they stand beside the text of a step, without colour, and in the ASCII set.

use std::collections::HashMap;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use unicode_width::UnicodeWidthStr;

use awslab::course::model::Picture;
use awslab::i18n::Lang;
use awslab::input::Action;
use awslab::view::text::plain;
use awslab::view::theme::Theme;

use super::pages::stands;
use super::players::{operating, pictured};
use crate::support::scene::Scene;
use crate::support::stage;

/// What a learner may press in a picture, in an order that leads through many of its states.
const PRESSED: [Action; 20] = [
    Action::Accept,
    Action::Down,
    Action::Accept,
    Action::PlayRight,
    Action::PlayRight,
    Action::Down,
    Action::Accept,
    Action::PlayAdd,
    Action::PlayAfter,
    Action::PlayLeft,
    Action::PlaySwitch,
    Action::PlayNext,
    Action::Accept,
    Action::Down,
    Action::PlayRight,
    Action::PlayRemove,
    Action::PlayNext,
    Action::Up,
    Action::Last,
    Action::Accept,
];

/// A part of a drawn screen.
fn part(buffer: &Buffer, area: Rect) -> Buffer {
    let mut out = Buffer::empty(Rect::new(0, 0, area.width, area.height));
    for y in 0..area.height {
        for x in 0..area.width {
            out[(x, y)] = buffer[(area.x + x, area.y + y)].clone();
        }
    }
    out
}

/// Beside the text there is less room than on the picture's own screen, and nothing in it may be cut.
#[test]
fn beside_the_text_of_a_step() {
    for (name, picture) in Picture::ALL {
        for lang in [Lang::Ko, Lang::En] {
            let mut scene = Scene::new(lang, stands(stage::nothing));
            scene.app.ctx.course = pictured(&scene, picture);
            scene.open_step("5.3.1");
            scene.draw(120, 40);
            let buffer = scene.draw(120, 40);
            let pane = part(&buffer, Rect::new(62, 2, 58, 37));
            let drawn = super::picture(&pane);
            assert!(!drawn.contains('…'), "{name} is cut:\n{drawn}");
            insta::assert_snapshot!(format!("pane-{name}-{}", lang.code()), drawn);
        }
    }
}

/// Where the picture is a tab, a learner who only presses Enter sees it before the questions.
#[test]
fn enter_shows_the_picture_before_the_questions() {
    let seen = |scene: &mut Scene| plain(&scene.draw(80, 24)).join("\n");
    let mut scene = Scene::new(Lang::En, stands(stage::nothing));
    scene.open_step("2.1.1");
    let mut presses = 0;
    while !seen(&mut scene).contains("Enter see the picture") {
        scene.act(Action::Accept);
        presses += 1;
        assert!(presses < 12, "{}", seen(&mut scene));
    }
    scene.act(Action::Accept);
    let picture = seen(&mut scene);
    assert!(picture.contains("[Picture]") && picture.contains("255.255.255.192"), "{picture}");
    scene.act(Action::Accept);
    assert!(seen(&mut scene).contains("Question 1 of 4"), "{}", seen(&mut scene));
}

/// Two states of a picture that differ in colour differ in signs or weight as well.
#[test]
fn nothing_is_told_by_colour_alone() {
    for (name, picture) in Picture::ALL {
        let mut scene = operating(Lang::En, picture);
        let colour = scene.app.ctx.look.theme.clone();
        let mut told: HashMap<String, String> = HashMap::new();
        for at in 0..=PRESSED.len() {
            if let Some(action) = at.checked_sub(1).and_then(|at| PRESSED.get(at)) {
                scene.act(*action);
            }
            scene.app.ctx.look.theme = colour.clone();
            let shown = super::picture(&scene.draw(80, 24));
            scene.app.ctx.look.theme = Theme::without_color();
            let bare = super::picture(&scene.draw(80, 24));
            assert!(
                !["green", "red", "yellow", "cyan"].iter().any(|word| bare.contains(&format!(" {word}"))),
                "{name}"
            );
            if let Some(before) = told.insert(bare, shown.clone()) {
                assert_eq!(before, shown, "{name}: only colour tells these two apart (press {at})");
            }
        }
        assert!(told.len() > 4, "{name}: the keys lead through too few states");
    }
}

/// In the ASCII set every sign has a word of its own, and the columns stay where they were.
#[test]
fn in_ascii() {
    for (name, picture) in Picture::ALL {
        for lang in [Lang::Ko, Lang::En] {
            let mut scene = operating(lang, picture);
            for action in PRESSED {
                scene.act(action);
                scene.app.ctx.ascii = false;
                let signs = scene.draw(80, 24);
                scene.app.ctx.ascii = true;
                let ascii = scene.draw(80, 24);
                for (a, b) in signs.content.iter().zip(&ascii.content) {
                    let (was, is) = (a.symbol(), b.symbol());
                    assert_eq!(was.width(), is.width(), "{name} after {action:?}: {was:?} became {is:?}");
                    assert_eq!(
                        is.width(),
                        is.width_cjk(),
                        "{name} after {action:?}: {is:?} is two cells wide somewhere"
                    );
                    assert!(is != "?" || was == "?", "{name} after {action:?}: no ASCII for {was:?}");
                }
            }
        }
    }
}
