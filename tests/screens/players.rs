//! The pictures that a learner operates.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use awslab::course::model::{Course, Picture};
use awslab::i18n::Lang;
use awslab::input::Action;
use awslab::screens::player::open;
use awslab::view::text::plain;

use awslab::app::Message;
use awslab::input::{Code, Input, Key};

use super::pages::{pictures, stands};
use crate::support::scene::Scene;
use crate::support::stage;

#[test]
fn players() {
    pictures("step-concept", |lang| {
        let mut scene = Scene::new(lang, stands(stage::nothing));
        scene.open_step("5.3.1");
        scene
    });
    pictures("player-policies", |lang| {
        let mut scene = Scene::new(lang, stands(stage::nothing));
        scene.open_step("5.3.1");
        scene.act(Action::Play);
        // The slow rise, with more load at its beginning.
        scene.act(Action::PlayNext);
        (0..5).for_each(|_| scene.act(Action::Up));
        scene
    });
    pictures("player-lifecycle", |lang| {
        let mut scene = Scene::new(lang, stands(stage::nothing));
        scene.open_step("5.4.1");
        scene.act(Action::Play);
        (0..3).for_each(|_| scene.act(Action::Accept));
        scene.act(Action::Down);
        scene
    });
}

#[test]
fn every_picture_of_the_course_opens() {
    let course = stage::course();
    let pictured: Vec<_> = course.steps().filter(|step| step.picture.is_some()).collect();
    assert!(pictured.len() >= 2);
    assert!(pictured.iter().all(|step| open(step).is_some()));
}

/// A picture, opened from a page as a learner opens it. The page is one of chapter 5 with another picture, so that these
/// tests do not hang on the numbers of chapters 1 and 2.
pub(super) fn operating(lang: Lang, picture: Picture) -> Scene {
    let mut scene = Scene::new(lang, stands(stage::nothing));
    scene.app.ctx.course = pictured(&scene, picture);
    scene.open_step("5.3.1");
    scene.act(Action::Play);
    scene
}

/// The course of a scene, with this picture on that page.
pub(super) fn pictured(scene: &Scene, picture: Picture) -> Arc<Course> {
    let mut course = (*scene.app.ctx.course).clone();
    let steps = course.chapters.iter_mut().flat_map(|chapter| &mut chapter.sections).flat_map(|one| &mut one.steps);
    for step in steps.filter(|step| step.number == "5.3.1") {
        step.picture = Some(picture);
    }
    Arc::new(course)
}

/// What is on the screen, at 80x24.
fn seen(scene: &mut Scene) -> String {
    plain(&scene.draw(80, 24)).join("\n")
}

/// Clicks on the first cell of a text that is on the screen.
fn click(scene: &mut Scene, text: &str, within: u16) {
    let lines = plain(&scene.draw(80, 24));
    let (row, line) = lines.iter().enumerate().find(|(_, line)| line.contains(text)).unwrap();
    let before = line.split(text).next().unwrap();
    let column = u16::try_from(awslab::view::text::width(before)).unwrap() + within;
    scene.tell(Message::Input(Input::Click(column, u16::try_from(row).unwrap())));
}

/// Presses keys of a Hangul keyboard, as the terminal tells them.
fn hangul(scene: &mut Scene, signs: &str) {
    for sign in signs.chars() {
        for key in Key::of_event(KeyEvent::new(KeyCode::Char(sign), KeyModifiers::NONE), false) {
            scene.tell(Message::Input(Input::Key(key)));
        }
    }
}

#[test]
fn cidr_calculator() {
    pictures("player-cidr", |lang| operating(lang, Picture::Cidr));
    let mut scene = operating(Lang::En, Picture::Cidr);
    assert!(seen(&mut scene).contains("255.255.255.192"));
    scene.act(Action::PlayRight);
    assert!(seen(&mut scene).contains("10.10.1.2/27"), "the arrow makes the block smaller");
    // A bit of the address is turned over by a click: the fourth of the last octet.
    click(&mut scene, "00001010.00001010", 27 + 3);
    assert!(seen(&mut scene).contains("10.10.1.18/27"), "{}", seen(&mut scene));
    hangul(&mut scene, "ㄷ");
    assert!(seen(&mut scene).contains("> 10.10.1.18/27"), "e opens the field under a Hangul keyboard");
    // Ctrl-U empties the line, as in a shell.
    scene.tell(Message::Input(Input::Key(Key { code: Code::Char('u'), ctrl: true, alt: false })));
    scene.type_text("10.10.1.300/26");
    scene.act(Action::Accept);
    let wrong = seen(&mut scene);
    assert!(wrong.contains("^^^") && wrong.contains("255"), "{wrong}");
    pictures("player-cidr-wrong", |lang| {
        let mut scene = operating(lang, Picture::Cidr);
        scene.act(Action::PlayEdit);
        (0..2).for_each(|_| scene.press(Code::Backspace));
        scene.type_text("33");
        scene.act(Action::Accept);
        scene
    });
    pictures("player-cidr-split", |lang| {
        let mut scene = operating(lang, Picture::Cidr);
        scene.act(Action::PlayNext);
        scene
    });
}

#[test]
fn subnet_planner() {
    pictures("player-subnets", |lang| operating(lang, Picture::Subnets));
    pictures("player-subnets-overlap", |lang| {
        let mut scene = operating(lang, Picture::Subnets);
        scene.act(Action::PlayAfter);
        scene.act(Action::PlayAdd);
        scene.act(Action::PlayLeft);
        scene
    });
    let mut scene = operating(Lang::En, Picture::Subnets);
    scene.act(Action::PlayAfter);
    let clash = seen(&mut scene);
    assert!(clash.contains("InvalidSubnet.Conflict") && clash.contains("10.1.2.0 - 10.1.2.255"), "{clash}");
    scene.act(Action::PlayBefore);
    assert!(!seen(&mut scene).contains("InvalidSubnet"));
    // A Hangul keyboard types the keys' letters.
    scene.act(Action::PlayEdit);
    (0..40).for_each(|_| scene.press(Code::Backspace));
    scene.type_text("ㅈㄷㅠ 10.2.0.0/24");
    scene.act(Action::Accept);
    let outside = seen(&mut scene);
    assert!(outside.contains("web") && outside.contains("outside the VPC"), "{outside}");
}

#[test]
fn packet_player() {
    pictures("player-packet", |lang| operating(lang, Picture::Packet));
    let mut scene = operating(Lang::En, Picture::Packet);
    assert!(seen(&mut scene).contains("the reply is lost"));
    // The outbound rule of the ACL is chosen; its port goes on to the ephemeral ones.
    (0..4).for_each(|_| scene.act(Action::PlayRight));
    let open = seen(&mut scene);
    assert!(open.contains("1024-65535") && open.contains("answered"), "{open}");
    scene.act(Action::Accept);
    assert!(seen(&mut scene).contains("100 deny tcp"), "{}", seen(&mut scene));
    pictures("player-packet-open", |lang| {
        let mut scene = operating(lang, Picture::Packet);
        (0..4).for_each(|_| scene.act(Action::PlayRight));
        scene
    });
    pictures("player-packet-denied", |lang| {
        let mut scene = operating(lang, Picture::Packet);
        (0..3).for_each(|_| scene.act(Action::PlayNext));
        scene.act(Action::PlayAdd);
        scene
    });
    scene.act(Action::PlayEdit);
    (0..60).for_each(|_| scene.press(Code::Backspace));
    scene.type_text("100 allow tcp 70000 0.0.0.0/0");
    scene.act(Action::Accept);
    let wrong = seen(&mut scene);
    assert!(wrong.contains("^^^^^") && wrong.contains("65535"), "{wrong}");
}

#[test]
fn url_player() {
    pictures("player-url", |lang| operating(lang, Picture::Url));
    let mut scene = operating(Lang::En, Picture::Url);
    assert!(seen(&mut scene).contains("after 7 round trips, 420 ms"));
    click(&mut scene, "Browser's DNS cache", 0);
    let known = seen(&mut scene);
    assert!(known.contains("after 3 round trips, 320 ms"), "{known}");
    scene.act(Action::PlayRight);
    assert!(seen(&mut scene).contains("470 ms"), "{}", seen(&mut scene));
    pictures("player-url-cached", |lang| {
        let mut scene = operating(lang, Picture::Url);
        scene.act(Action::PlayNext);
        (0..2).for_each(|_| scene.act(Action::Down));
        scene.act(Action::Accept);
        scene
    });
}

#[test]
fn tls_player() {
    pictures("player-tls", |lang| operating(lang, Picture::Tls));
    let mut scene = operating(Lang::En, Picture::Tls);
    assert!(seen(&mut scene).contains("response after 4, 600 ms"));
    scene.act(Action::PlayNext);
    assert!(seen(&mut scene).contains("response after 3, 450 ms"));
    scene.act(Action::PlayAgain);
    assert!(!seen(&mut scene).contains("ClientHello"), "nothing but SYN was sent");
    (0..3).for_each(|_| scene.act(Action::PlayRight));
    let begun = seen(&mut scene);
    assert!(begun.contains("ClientHello") && !begun.contains("ServerHello"), "{begun}");
    pictures("player-tls13", |lang| {
        let mut scene = operating(lang, Picture::Tls);
        scene.act(Action::PlayNext);
        scene
    });
    pictures("player-tls-0rtt", |lang| {
        let mut scene = operating(lang, Picture::Tls);
        (0..4).for_each(|_| scene.act(Action::PlayNext));
        scene
    });
}

#[test]
fn evolution_player() {
    pictures("player-evolution", |lang| operating(lang, Picture::Evolution));
    let mut scene = operating(Lang::En, Picture::Evolution);
    scene.act(Action::Accept);
    let dead = seen(&mut scene);
    assert!(dead.contains("stops") && dead.contains("last backup"), "{dead}");
    pictures("player-evolution-multi-az", |lang| {
        let mut scene = operating(lang, Picture::Evolution);
        (0..3).for_each(|_| scene.act(Action::PlayRight));
        (0..2).for_each(|_| scene.act(Action::Down));
        scene.act(Action::Accept);
        scene
    });
    pictures("player-evolution-zone", |lang| {
        let mut scene = operating(lang, Picture::Evolution);
        (0..9).for_each(|_| scene.act(Action::PlayRight));
        (0..7).for_each(|_| scene.act(Action::Down));
        scene.act(Action::Accept);
        scene
    });
    pictures("player-evolution-global", |lang| {
        let mut scene = operating(lang, Picture::Evolution);
        (0..10).for_each(|_| scene.act(Action::PlayRight));
        scene.act(Action::Last);
        scene.act(Action::Accept);
        scene
    });
}

#[test]
fn transfer_calculator() {
    pictures("player-transfer", |lang| operating(lang, Picture::Transfer));
    let mut scene = operating(Lang::En, Picture::Transfer);
    scene.act(Action::PlayEdit);
    (0..10).for_each(|_| scene.press(Code::Backspace));
    scene.type_text("10gb");
    scene.act(Action::Accept);
    assert!(seen(&mut scene).contains("bits or bytes"), "{}", seen(&mut scene));
    scene.act(Action::Back);
    pictures("player-transfer-window", |lang| {
        let mut scene = operating(lang, Picture::Transfer);
        (0..3).for_each(|_| scene.act(Action::Down));
        (0..5).for_each(|_| scene.act(Action::PlayLeft));
        scene
    });
}

#[test]
fn naming_picker() {
    pictures("player-naming", |lang| operating(lang, Picture::Naming));
    pictures("player-naming-answered", |lang| {
        let mut scene = operating(lang, Picture::Naming);
        // The VPC right, the security group wrong.
        (0..3).for_each(|_| scene.act(Action::Accept));
        scene
    });
    let mut scene = operating(Lang::En, Picture::Naming);
    click(&mut scene, "make it again", 0);
    let wrong = seen(&mut scene);
    assert!(wrong.contains("right 0 of 1") && wrong.contains("Name tag"), "{wrong}");
}

#[test]
fn pillar_explorer() {
    pictures("player-pillars", |lang| operating(lang, Picture::Pillars));
    pictures("player-pillars-questions", |lang| {
        let mut scene = operating(lang, Picture::Pillars);
        scene.act(Action::PlayNext);
        scene
    });
    pictures("player-pillars-responsibility", |lang| {
        let mut scene = operating(lang, Picture::Pillars);
        (0..2).for_each(|_| scene.act(Action::PlayNext));
        (0..5).for_each(|_| scene.act(Action::Down));
        scene
    });
    let mut scene = operating(Lang::En, Picture::Pillars);
    // Immutable servers, Auto Scaling: all six.
    for measure in ["Immutable servers", "Auto Scaling"] {
        click(&mut scene, measure, 0);
    }
    assert!(seen(&mut scene).contains("All six pillars"), "{}", seen(&mut scene));
}

/// Whatever is pressed, a picture is drawn, says how to leave, and is left.
#[test]
fn every_picture_can_be_seen_and_left() {
    for (name, picture) in Picture::ALL {
        for lang in [Lang::Ko, Lang::En] {
            let mut scene = operating(lang, picture);
            for (columns, rows) in [(80, 24), (100, 30), (200, 60)] {
                let lines = plain(&scene.draw(columns, rows));
                assert!(lines.iter().any(|line| line.contains("Esc")), "{name} at {columns}x{rows} says how to leave");
            }
            // Down and up by a Hangul keyboard, then every key that there is.
            hangul(&mut scene, "ㅓㅏ");
            for action in [
                Action::PlayLeft,
                Action::PlayRight,
                Action::PlayNext,
                Action::PlayAdd,
                Action::PlayRemove,
                Action::PlayBefore,
                Action::PlayAfter,
                Action::PlaySwitch,
                Action::Last,
                Action::Accept,
                Action::First,
                Action::PlayAgain,
            ] {
                scene.act(action);
                scene.draw(80, 24);
            }
            scene.act(Action::Back);
            let page = seen(&mut scene);
            assert!(page.contains("5.3.1"), "{name}: {page}");
        }
    }
}
