//! Drawing: the step screen, the picture of the architecture, a list of 1 000 resources. Budgets: design.md §7 (a changed
//! screen within 2 ms of its key, at the median).

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a bench")]
#![allow(dead_code, reason = "the fixtures serve the tests too")]

/// The fixtures of the tests.
#[path = "../tests/support"]
mod support {
    pub mod scene;
    pub mod stage;
    pub mod watch;
}

use awslab::course::model::Key;
use awslab::i18n::Lang;
use awslab::input::Action;
use awslab::lab::report::Survey;
use awslab::view::Look;
use awslab::view::diagram::Picture;
use awslab::view::markdown;
use divan::{Bencher, black_box};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use support::scene::Scene;
use support::stage;

fn main() {
    divan::main();
}

/// Everything of the course, and copies of it until there are so many rows.
fn survey(rows: usize) -> Survey {
    let desired = stage::desired(&stage::course());
    let mut survey = stage::survey(&desired, stage::all);
    let some = survey.rows.clone();
    while survey.rows.len() < rows {
        let at = survey.rows.len();
        let mut row = some[at % some.len()].clone();
        row.key.name = format!("{}-{at}", row.key.name);
        survey.rows.push(row);
    }
    survey
}

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

fn frame(bencher: Bencher<'_, '_>, mut scene: Scene, (columns, rows): (u16, u16)) {
    scene.draw(columns, rows);
    let area = Rect::new(0, 0, columns, rows);
    bencher.bench_local(|| {
        let mut buffer = Buffer::empty(area);
        scene.app.view(area, &mut buffer);
        black_box(buffer);
    });
}

#[divan::bench(args = SIZES)]
fn home(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    frame(bencher, Scene::new(Lang::Ko, survey(29)), size);
}

#[divan::bench(args = SIZES)]
fn step(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let mut scene = Scene::new(Lang::Ko, survey(29));
    scene.open_step("3.2.5");
    frame(bencher, scene, size);
}

#[divan::bench(args = SIZES)]
fn resources_1000(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let mut scene = Scene::new(Lang::Ko, survey(1000));
    scene.act(Action::Resources);
    frame(bencher, scene, size);
}

/// The monitor of 1 000 instances with 24 hours of points, all of them in sight. Budget: 2 ms at 200x60.
#[divan::bench(args = SIZES)]
fn monitor_1000_instances_24_hours(bencher: Bencher<'_, '_>, size: (u16, u16)) {
    let mut scene = Scene::new(Lang::Ko, survey(29));
    scene.app.ctx.watch.history = Some(support::watch::crowd(1_000, 24 * 60));
    scene.act(Action::OpenMonitor);
    for _ in 0..9 {
        scene.act(Action::ZoomOut);
    }
    frame(bencher, scene, size);
}

/// A key and the frame after it, in a list of 1 000.
#[divan::bench]
fn resources_1000_key_and_frame(bencher: Bencher<'_, '_>) {
    let mut scene = Scene::new(Lang::Ko, survey(1000));
    scene.act(Action::Resources);
    let mut down = true;
    bencher.bench_local(|| {
        scene.act(if down { Action::Down } else { Action::Up });
        down = !down;
        black_box(scene.draw(120, 40));
    });
}

#[divan::bench(args = [(78, 16), (58, 24), (150, 50)])]
fn picture(bencher: Bencher<'_, '_>, (columns, rows): (u16, u16)) {
    let desired = stage::desired(&stage::course());
    let survey = stage::survey(&desired, stage::all);
    let look = Look::new(Lang::Ko);
    let area = Rect::new(0, 0, columns, rows);
    let phase = |_: &Key| None;
    bencher.bench_local(|| {
        let mut buffer = Buffer::empty(area);
        let picture = Picture {
            desired: &desired,
            survey: Some(&survey),
            phase: &phase,
            step: "vpc.network.nat",
            now: stage::NOW,
            tick: 0,
        };
        picture.draw(area, &mut buffer, &look);
        black_box(buffer);
    });
}

/// A guide rendered anew, as after a resize or a change of language.
#[divan::bench]
fn guide(bencher: Bencher<'_, '_>) {
    let course = stage::course();
    let text = course.step("vpc.network.nat").map(|step| step.guide.ko.clone()).unwrap_or_default();
    let look = Look::new(Lang::Ko);
    bencher.bench_local(|| black_box(markdown::render(black_box(&text), 76, &look)));
}

/// A letter in the palette, with 1 000 resources to look through.
#[divan::bench]
fn palette_letter(bencher: Bencher<'_, '_>) {
    let mut scene = Scene::new(Lang::Ko, survey(1000));
    scene.act(Action::Palette);
    bencher.bench_local(|| {
        scene.type_text("n");
        black_box(scene.draw(80, 24));
        scene.act(Action::Back);
        scene.act(Action::Palette);
    });
}
