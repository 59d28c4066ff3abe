//! A step that is done by hand: waiting, half right, a wrong value, several candidates, right, adopted.

use awslab::course::model::{Key, Value};
use awslab::i18n::Lang;
use awslab::input::Action;
use awslab::lab::report::Survey;
use awslab::lab::world::{Desired, Health, Observed, Sight};

use super::pages::{pictures, stands};
use crate::support::scene::Scene;
use crate::support::stage;

/// The step for subnets: six of them, so that some can be there.
const SUBNETS: &str = "3.2.2";

/// A scene at a step, done by hand; `tabs` further than where one begins on practice, which is the commands.
fn by_hand(lang: Lang, number: &str, survey: Survey, tabs: usize) -> Scene {
    let mut scene = Scene::new(lang, survey);
    scene.by_hand = true;
    scene.open_step(number);
    scene.draw(80, 24);
    scene.act(Action::ByHand);
    for _ in 0..tabs {
        scene.act(Action::NextTab);
    }
    // What was said gives way to the keys.
    scene.act(Action::Down);
    scene.act(Action::Up);
    scene
}

fn before_subnets(one: &Desired) -> bool {
    one.key.kind == "vpc" && one.key.name == "my-vpc"
}

fn half_of_the_subnets(one: &Desired) -> bool {
    before_subnets(one) || (one.key.kind == "subnet" && one.key.name.starts_with("my-public"))
}

fn all_subnets(one: &Desired) -> bool {
    before_subnets(one) || (one.key.kind == "subnet" && one.key.name.starts_with("my-p"))
}

#[test]
fn waiting() {
    pictures("hand-cli", |lang| by_hand(lang, SUBNETS, stands(before_subnets), 0));
    pictures("hand-waiting", |lang| by_hand(lang, SUBNETS, stands(before_subnets), 1));
}

#[test]
fn half_right() {
    pictures("hand-half", |lang| by_hand(lang, SUBNETS, stands(half_of_the_subnets), 0));
}

#[test]
fn a_wrong_value() {
    pictures("hand-wrong", |lang| {
        let mut survey = stands(all_subnets);
        let key = Key::home("subnet", "my-public-subnet-a");
        let mut live = survey.world.get(&key).cloned().unwrap();
        live.fields.insert("cidr".into(), Value::from("10.1.100.0/24"));
        survey.world.put(live);
        by_hand(lang, SUBNETS, survey, 0)
    });
}

#[test]
fn the_console_of_practice_is_told_of() {
    pictures("hand-console", |lang| by_hand(lang, "3.2.1", stands(stage::nothing), 1));
}

#[test]
fn several_candidates() {
    pictures("hand-several", |lang| {
        let mut survey = stands(stage::nothing);
        let ids = vec!["vpc-0a1b2c3d4e5f60001".to_owned(), "vpc-0a1b2c3d4e5f60002".to_owned()];
        survey.world.sights.insert(Key::home("vpc", "my-vpc"), Sight::Ambiguous(ids));
        by_hand(lang, "3.2.1", survey, 0)
    });
}

#[test]
fn another_name() {
    pictures("hand-name", |lang| {
        let mut scene = Scene::new(lang, stands(stage::nothing));
        scene.by_hand = true;
        scene.strays = vec![Observed {
            key: Key::home("vpc", "myvpc"),
            id: "vpc-0a1b2c3d4e5f60009".into(),
            region: "ap-northeast-2".into(),
            state: "available".into(),
            health: Health::Ready,
            reason: String::new(),
            fields: [("cidr".to_owned(), Value::from("10.1.0.0/16"))].into(),
            tags: [("Name".to_owned(), "myvpc".to_owned())].into(),
        }];
        scene.open_step("3.2.1");
        scene.draw(80, 24);
        scene.act(Action::ByHand);
        scene.act(Action::Down);
        scene.act(Action::Up);
        scene
    });
}

#[test]
fn right_and_adopted() {
    pictures("hand-right", |lang| by_hand(lang, SUBNETS, stands(all_subnets), 0));
    pictures("hand-asked", |lang| {
        let mut scene = by_hand(lang, SUBNETS, stands(all_subnets), 0);
        scene.act(Action::Accept);
        scene
    });
    pictures("hand-adopted", |lang| {
        let mut survey = stands(all_subnets);
        for row in &mut survey.rows {
            row.adopted = true;
        }
        by_hand(lang, SUBNETS, survey, 0)
    });
}

#[test]
fn what_must_be_there_first() {
    pictures("hand-first", |lang| by_hand(lang, SUBNETS, stands(stage::nothing), 0));
}

#[test]
fn why() {
    pictures("step-why", |lang| {
        let mut scene = Scene::new(lang, stands(stage::before_nat));
        scene.open_step("3.2.5");
        scene.draw(80, 24);
        scene.act(Action::Why);
        scene
    });
}
