//! The pictures of chapter 5 that a learner operates.

use awslab::input::Action;
use awslab::screens::player::open;

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
