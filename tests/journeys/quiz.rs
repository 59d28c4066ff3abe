//! Questions: missed, told why, asked again, kept between sessions, and asked again by chapter.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use awslab::course::quiz::{Answer, Question};
use awslab::i18n::Lang;
use awslab::store::Store;

use super::learner::{Learner, Sitting, course, sit};

/// Enter until the first question of a page.
async fn to_the_questions(learner: &Learner, step: &str) {
    learner.until("Nothing is running").await;
    learner.open_step(step).await;
    learner.press("z").await;
    learner.until("Question 1 of ").await;
}

/// Answers the question on the screen wrong: one option that is not right, or a number that nobody wants.
async fn miss(learner: &Learner) {
    let question = learner.question().expect("a question is asked");
    match question.choices().iter().position(|choice| choice.why.is_some()) {
        Some(wrong) => learner.choose(question, &[wrong]).await,
        None => {
            for sign in "987654321".chars() {
                learner.type_sign(sign).await;
            }
            learner.press("enter").await;
        }
    }
    learner.until("Not quite").await;
    learner.press("enter").await;
}

#[tokio::test(start_paused = true)]
async fn what_is_missed_is_asked_again_and_kept_for_the_next_session() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::En, size: (80, 24), resume: false };
    sit(sitting.clone(), async |learner| {
        to_the_questions(learner, "5.1.1").await;
        // The first is missed, the rest is not.
        miss(learner).await;
        learner.enter_until("the summary", |screen| screen.contains("3 of 4 right")).await;
        learner.press("enter").await;
        learner.until("once more").await;
        // Missed again: now the answer is told.
        let question = learner.question().expect("the one that was missed").id.clone();
        miss(learner).await;
        learner.until("0 of 1 right").await;
        assert_eq!(question, "autoscaling.what.group.missing");
        learner.press("esc").await;
        learner.until("quiz 3/4").await;
        assert!(!learner.screen().contains("done"), "{}", learner.screen());
        learner.press("q").await;
    })
    .await;

    sit(sitting, async |learner| {
        learner.until("Nothing is running").await;
        learner.until("quiz 3/16").await;
        learner.open_step("5.1.1").await;
        learner.press("esc").await;
        learner.until("z asks the question that you missed once more").await;
        learner.press("z").await;
        learner.until("Question 1 of 1").await;
        let question = learner.question().expect("what was missed");
        learner.answer(question).await;
        learner.until("Right").await;
        learner.press("enter").await;
        learner.until("Nothing missed is left").await;
        learner.press("enter").await;
        // The page is done, and nothing is offered to be repeated.
        learner.until("quiz 4/4").await;
        let screen = learner.screen();
        assert!(!screen.contains("missed") && screen.contains("1/1"), "{screen}");
        learner.press("q").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn typed_answers_are_text_even_under_a_hangul_keyboard() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::En, size: (80, 24), resume: false };
    sit(sitting, async |learner| {
        to_the_questions(learner, "2.1.1").await;
        // Letters are text here, not keys; what cannot be read is not yet an answer.
        for sign in ['q', 'ㅂ', '1', '0'] {
            learner.type_sign(sign).await;
        }
        learner.until("qㅂ10").await;
        learner.press("enter").await;
        learner.until("cannot be read").await;
        for _ in 0..4 {
            learner.press("backspace").await;
        }
        for sign in "10.1.11.64 /26".chars() {
            learner.type_sign(sign).await;
        }
        learner.press("enter").await;
        learner.until("Right").await;
        // Now letters are keys again.
        learner.press("q").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_hangul_keyboard_opens_the_questions() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::Ko, size: (80, 24), resume: false };
    sit(sitting, async |learner| {
        learner.until("지금 켜져 있는 것이 없습니다").await;
        learner.open_step("5.4.1").await;
        learner.type_sign('ㅋ').await;
        learner.until("문제 1/4").await;
        // j and k, typed with a Hangul keyboard, move the choice.
        learner.type_sign('ㅓ').await;
        learner.until("> 2").await;
        learner.type_sign('ㅏ').await;
        learner.until("> 1").await;
        learner.press("q").await;
    })
    .await;
}

/// `awslab quiz 5.1.1` with this on its input.
fn plain(home: &Path, lines: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_awslab"))
        .args(["quiz", "5.1.1", "--lang", "en"])
        .env_clear()
        .env("AWSLAB_HOME", home)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(lines.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// The line that answers a question right.
fn line(question: &Question, seed: u64) -> String {
    if let Answer::Type { right, .. } = &question.kind {
        return right.to_string();
    }
    let order = question.order(seed);
    let places = order.iter().enumerate().filter(|(_, at)| question.choices()[**at].why.is_none());
    places.map(|(place, _)| (place + 1).to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_same_questions_are_asked_on_plain_input() {
    let home = tempfile::tempdir().unwrap();
    let seed = Store::open(home.path()).unwrap().quiz_seed().unwrap();
    let course = course();
    let step = course.step("autoscaling.what.group").expect("5.1.1");
    let right: Vec<String> = step.questions.iter().map(|question| line(question, seed)).collect();
    // What cannot be read is asked again, what is wrong is told why, and the end of the input ends it.
    let output = plain(home.path(), "many\n3\n");
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("cannot be read") && told.contains("does not fill up to the maximum"), "{told}");
    assert!(told.trim_end().ends_with("quiz 0/4"), "{told}");
    // The rest right, the first missed once more: told, and asked again until it is right.
    let mut lines = vec!["3".to_owned()];
    lines.extend(right.iter().skip(1).cloned());
    lines.extend(["0".to_owned(), right[0].clone()]);
    let output = plain(home.path(), &(lines.join("\n") + "\n"));
    let told = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}");
    assert_eq!(told.matches("What was missed is asked again").count(), 2, "{told}");
    assert!(told.contains("3 are left and 4 are desired") && told.trim_end().ends_with("quiz 4/4"), "{told}");
    // The page is done, for every other command too.
    let list = Command::new(env!("CARGO_BIN_EXE_awslab"))
        .args(["list", "--json"])
        .env_clear()
        .env("AWSLAB_HOME", home.path())
        .output()
        .unwrap();
    let list: serde_json::Value = serde_json::from_slice(&list.stdout).unwrap();
    let chapters = list["chapters"].as_array().unwrap();
    let chapter = chapters.iter().find(|chapter| chapter["id"] == "autoscaling").unwrap();
    let page = &chapter["sections"][0]["steps"][0];
    assert_eq!(page["state"], "done", "{page}");
    assert_eq!(page["questions"], serde_json::json!({ "right": 4, "missed": 0, "all": 4 }));
}
