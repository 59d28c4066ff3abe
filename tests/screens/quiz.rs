//! The concept pages, and their questions in every state.

use awslab::app::Message;
use awslab::course::model::ChapterKind;
use awslab::course::quiz::{Answer, Question};
use awslab::i18n::Lang;
use awslab::input::{Action, Code, Input, Key};
use awslab::lab::report::StepState;
use awslab::view::text::plain;

use super::pages::{pictures, stands};
use crate::support::scene::Scene;
use crate::support::stage;

/// The last line of the smallest screen that is not the footer's.
const LAST: usize = 22;

fn scene(lang: Lang) -> Scene {
    Scene::new(lang, stands(stage::nothing))
}

/// The questions of a step are open.
fn at(lang: Lang, step: &str) -> Scene {
    let mut scene = scene(lang);
    scene.open_step(step);
    scene.act(Action::Questions);
    scene
}

fn press(scene: &mut Scene, code: Code) {
    scene.tell(Message::Input(Input::Key(Key::plain(code))));
}

fn question(id: &str) -> Question {
    stage::course().question(id).expect("a question of the course").clone()
}

/// Marks (or moves to) options by their places in the file; scenes shuffle with the seed 0.
fn choose(scene: &mut Scene, question: &Question, options: &[usize]) {
    let order = question.order(0);
    for option in options {
        let place = order.iter().position(|at| at == option).expect("an option");
        press(scene, Code::Char(char::from_digit(u32::try_from(place + 1).unwrap(), 10).unwrap()));
    }
}

/// Answers the question that is asked: right, or as wrong as can be.
fn answer(scene: &mut Scene, question: &Question, right: bool) {
    match &question.kind {
        Answer::Type { right: reply, wrong, .. } => {
            let reply = if right { reply } else { &wrong[0].0 };
            scene.type_text(&reply.to_string());
        }
        Answer::One(choices) | Answer::Many(choices) => {
            let fits = |at: &usize| choices[*at].why.is_none() == right;
            let many = matches!(question.kind, Answer::Many(_));
            let options: Vec<usize> = (0..choices.len()).filter(fits).collect();
            choose(scene, question, if many { &options } else { &options[..1] });
        }
    }
    press(scene, Code::Enter);
}

/// Answers every question of a page but these, and stands at the end of the round.
fn all_but(scene: &mut Scene, step: &str, missed: &[&str]) {
    let questions = stage::course().step(step).expect("a step").questions.clone();
    for question in &questions {
        let right = !missed.iter().any(|id| question.id.ends_with(&format!(".{id}")));
        answer(scene, question, right);
        press(scene, Code::Enter);
    }
}

const KINDS: &str = "autoscaling.policies.kinds";

#[test]
fn questions() {
    pictures("quiz-one", |lang| {
        let mut scene = at(lang, "5.3.1");
        scene.act(Action::Down);
        scene
    });
    pictures("quiz-many", |lang| {
        let mut scene = at(lang, "5.1.1");
        let step = "autoscaling.what.group";
        for id in ["missing", "no-policy"] {
            answer(&mut scene, &question(&format!("{step}.{id}")), true);
            press(&mut scene, Code::Enter);
        }
        choose(&mut scene, &question(&format!("{step}.outside")), &[0, 2]);
        scene
    });
    pictures("quiz-typed", |lang| {
        let mut scene = at(lang, "2.1.1");
        scene.type_text(" 10.1.11.64 /2");
        scene
    });
    pictures("quiz-unreadable", |lang| {
        let mut scene = at(lang, "2.1.1");
        scene.type_text("/26");
        press(&mut scene, Code::Enter);
        scene
    });
    pictures("quiz-right", |lang| {
        let mut scene = at(lang, "5.3.1");
        answer(&mut scene, &question(&format!("{KINDS}.morning")), true);
        scene
    });
    pictures("quiz-wrong", |lang| {
        let mut scene = at(lang, "5.3.1");
        answer(&mut scene, &question(&format!("{KINDS}.morning")), false);
        scene
    });
    pictures("quiz-many-wrong", |lang| {
        let mut scene = at(lang, "1.1.1");
        let step = "architecture.pillars.six";
        answer(&mut scene, &question(&format!("{step}.trade-off")), true);
        press(&mut scene, Code::Enter);
        let many = question(&format!("{step}.who-patches"));
        choose(&mut scene, &many, &[0, 2]);
        press(&mut scene, Code::Enter);
        scene
    });
    pictures("quiz-typed-wrong", |lang| {
        let mut scene = at(lang, "2.1.1");
        scene.type_text("10.1.11.0/26");
        press(&mut scene, Code::Enter);
        scene
    });
}

#[test]
fn rounds() {
    pictures("quiz-summary-missed", |lang| {
        let mut scene = at(lang, "5.3.1");
        all_but(&mut scene, KINDS, &["arithmetic", "grace"]);
        scene
    });
    pictures("quiz-again", |lang| {
        let mut scene = at(lang, "5.3.1");
        all_but(&mut scene, KINDS, &["arithmetic", "grace"]);
        press(&mut scene, Code::Enter);
        answer(&mut scene, &question(&format!("{KINDS}.arithmetic")), false);
        scene
    });
    pictures("quiz-again-one", |lang| {
        let mut scene = at(lang, "5.3.1");
        all_but(&mut scene, KINDS, &["grace"]);
        press(&mut scene, Code::Enter);
        answer(&mut scene, &question(&format!("{KINDS}.grace")), false);
        scene
    });
    pictures("quiz-summary-right", |lang| {
        let mut scene = at(lang, "5.3.1");
        all_but(&mut scene, KINDS, &[]);
        scene
    });
    pictures("chapter-missed", |lang| {
        let mut scene = at(lang, "5.3.1");
        all_but(&mut scene, KINDS, &["arithmetic", "grace"]);
        press(&mut scene, Code::Esc);
        press(&mut scene, Code::Esc);
        scene
    });
    pictures("quiz-review", |lang| {
        let mut scene = at(lang, "5.3.1");
        all_but(&mut scene, KINDS, &["grace"]);
        press(&mut scene, Code::Esc);
        press(&mut scene, Code::Esc);
        scene.act(Action::Review);
        scene
    });
    pictures("home-concepts", |lang| {
        let mut scene = at(lang, "1.1.1");
        all_but(&mut scene, "architecture.pillars.six", &["immutable"]);
        press(&mut scene, Code::Enter);
        answer(&mut scene, &question("architecture.pillars.six.immutable"), true);
        press(&mut scene, Code::Enter);
        for _ in 0..3 {
            press(&mut scene, Code::Esc);
        }
        scene
    });
}

#[test]
fn a_page_is_done_once_every_question_was_answered_right() {
    let state = |scene: &Scene| scene.app.ctx.state(KINDS);
    let mut scene = at(Lang::En, "5.3.1");
    all_but(&mut scene, KINDS, &["grace"]);
    assert_eq!(state(&scene), StepState::Started);
    press(&mut scene, Code::Enter);
    answer(&mut scene, &question(&format!("{KINDS}.grace")), true);
    assert_eq!(state(&scene), StepState::Done);
    // Missing one later does not undo it, but it is asked again.
    let mut scene = at(Lang::En, "5.3.1");
    all_but(&mut scene, KINDS, &[]);
    press(&mut scene, Code::Enter);
    scene.open_step("5.3.1");
    scene.act(Action::Questions);
    answer(&mut scene, &question(&format!("{KINDS}.morning")), false);
    assert_eq!(state(&scene), StepState::Done);
    let chapter = stage::course().chapter("autoscaling").expect("chapter 5").clone();
    assert_eq!(awslab::lab::quiz::missed(&chapter, &scene.app.ctx.answers), [format!("{KINDS}.morning")]);
}

#[test]
fn the_mouse_marks_and_answers() {
    let question = question(&format!("{KINDS}.morning"));
    let click = |scene: &mut Scene, text: &str| {
        let lines = plain(&scene.draw(80, 24));
        let row = lines.iter().position(|line| line.contains(text)).expect("the option is on the screen");
        scene.tell(Message::Input(Input::Click(12, u16::try_from(row).unwrap())));
    };
    let mut scene = at(Lang::En, "5.3.1");
    let right = question.choices()[0].text.en.clone();
    let wrong = question.choices()[1].text.en.clone();
    // The first click moves there, the second answers.
    for text in [&wrong, &right, &right] {
        click(&mut scene, text);
    }
    assert!(scene.app.ctx.answers.get(&question.id).is_some_and(|answered| answered.right && answered.tries == 1));
}

#[test]
fn the_space_bar_marks() {
    let mut scene = at(Lang::En, "5.2.1");
    let step = "autoscaling.template.golden";
    for id in ["new-version", "repository-down"] {
        answer(&mut scene, &question(&format!("{step}.{id}")), true);
        press(&mut scene, Code::Enter);
    }
    let marks = |scene: &mut Scene| plain(&scene.draw(80, 24)).iter().filter(|line| line.contains("[x]")).count();
    press(&mut scene, Code::Char(' '));
    press(&mut scene, Code::Char('j'));
    press(&mut scene, Code::Char(' '));
    assert_eq!(marks(&mut scene), 2);
    press(&mut scene, Code::Tab);
    assert_eq!(marks(&mut scene), 1);
}

/// Every question of the course is wholly in sight on the smallest screen, also after the worst answer twice.
#[test]
fn every_question_fits_the_smallest_screen() {
    let course = stage::course();
    for lang in [Lang::Ko, Lang::En] {
        for step in course.steps().filter(|step| !step.questions.is_empty()) {
            let mut scene = at(lang, &step.number);
            for round in 0..2 {
                for question in &step.questions {
                    answer(&mut scene, question, false);
                    let lines = plain(&scene.draw(80, 24));
                    let bar = lines.iter().any(|line| line.ends_with('┃'));
                    assert!(!bar, "{} ({lang:?}, round {round}) scrolls:\n{}", question.id, lines.join("\n"));
                    assert!(!lines[LAST].contains('…'), "{}", question.id);
                    press(&mut scene, Code::Enter);
                }
                press(&mut scene, Code::Enter);
            }
        }
    }
}

/// Every concept page on the smallest screen, screen by screen.
#[test]
fn concept_pages() {
    let course = stage::course();
    for chapter in course.chapters.iter().filter(|chapter| chapter.kind == ChapterKind::Concept) {
        for step in chapter.sections.iter().flat_map(|section| &section.steps) {
            for lang in [Lang::Ko, Lang::En] {
                let mut scene = scene(lang);
                scene.open_step(&step.number);
                let mut screens: Vec<String> = Vec::new();
                loop {
                    let lines = plain(&scene.draw(80, 24)).join("\n");
                    if screens.last() == Some(&lines) {
                        break;
                    }
                    screens.push(lines);
                    scene.act(Action::PageDown);
                }
                assert!(screens.len() <= 3, "{} has {} screens", step.id, screens.len());
                let name = format!("page-{}-{}", step.number, lang.code());
                insta::assert_snapshot!(name, screens.join(&format!("\n{}\n", "=".repeat(80))));
            }
        }
    }
}
