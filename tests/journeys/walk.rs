//! The whole course, in the full screen.

use awslab::i18n::Lang;
use awslab::runtime::Signal;

use super::learner::{Sitting, all_done, sit};

/// From the first frame to every step done, with no key but Enter and the answers to questions; then everything is
/// deleted.
async fn enter_alone(lang: Lang) {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang, size: (80, 24), resume: false };
    let done = all_done(lang);
    let (nothing, left) = match lang {
        Lang::Ko => ("지금 켜져 있는 것이 없습니다", "남은 것 0개"),
        Lang::En => ("Nothing is running", "0 left"),
    };
    let (end, ()) = sit(sitting, async |learner| {
        learner.until(nothing).await;
        learner.enter_until(&done, |screen| screen.contains(&done)).await;
        learner.press("x").await;
        learner.enter_until(left, |screen| screen.contains(left)).await;
        learner.press("esc").await;
        learner.until(nothing).await;
        learner.press("q").await;
    })
    .await;
    assert_eq!(end.code, 0);
    assert_eq!(end.farewell, None, "nothing is left, so there is nothing to say");
}

#[tokio::test(start_paused = true)]
async fn enter_and_reading_alone_finish_the_chapter_in_korean() {
    enter_alone(Lang::Ko).await;
}

#[tokio::test(start_paused = true)]
async fn enter_and_reading_alone_finish_the_chapter_in_english() {
    enter_alone(Lang::En).await;
}

#[tokio::test(start_paused = true)]
async fn hangul_keys_are_command_keys() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::Ko, size: (80, 24), resume: false };
    sit(sitting, async |learner| {
        learner.until("지금 켜져 있는 것이 없습니다").await;
        learner.press("enter").await;
        learner.until("1.1.1").await;
        // n and p, typed with a Hangul keyboard.
        learner.type_sign('ㅜ').await;
        learner.until(" 1.2.1 ").await;
        learner.type_sign('ㅔ').await;
        learner.until(" 1.1.1 ").await;
        // An input method hands over a syllable for n and k.
        learner.type_sign('ㅜ').await;
        learner.until(" 1.2.1 ").await;
        learner.type_sign('ㅂ').await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn whoever_reads_on_and_goes_back_finds_the_page_selected_in_its_chapter() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::En, size: (80, 24), resume: false };
    sit(sitting, async |learner| {
        learner.until("Nothing is running").await;
        learner.press("enter").await;
        learner.until(" 1.1.1 ").await;
        let selected = |number: &'static str| {
            move |screen: &str| screen.lines().any(|line| line.contains('›') && line.contains(number))
        };
        learner.press("n").await;
        learner.until(" 1.2.1 ").await;
        learner.press("esc").await;
        learner.until_that("1.2.1 selected", selected("1.2.1")).await;
        // Into the next chapter.
        learner.press("enter").await;
        learner.until(" 1.2.1 ").await;
        learner.press("n").await;
        learner.press("n").await;
        learner.until(" 2.1.1 ").await;
        learner.press("esc").await;
        learner.until_that("2.1.1 selected", selected("2.1.1")).await;
        learner.press("q").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn the_language_changes_at_once_and_stays() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::Ko, size: (80, 24), resume: false };
    sit(sitting, async |learner| {
        learner.until("지금 켜져 있는 것이 없습니다").await;
        learner.press("L").await;
        learner.until("Nothing is running").await;
        learner.press("q").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_window_of_any_size_is_calm() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::En, size: (80, 24), resume: false };
    sit(sitting, async |learner| {
        learner.until("Nothing is running").await;
        learner.open_step("3.1.1").await;
        for (columns, rows) in [(79, 24), (80, 23), (20, 5), (1, 1), (3, 40), (200, 2)] {
            learner.resize(columns, rows);
            learner.settle().await;
        }
        learner.resize(60, 20);
        learner.until("60x20").await;
        assert!(learner.screen().contains("80x24"), "{}", learner.screen());
        // Wide: the picture is beside the guide.
        learner.resize(160, 50);
        learner.until("my-igw").await;
        let screen = learner.screen();
        assert!(screen.contains("[Guide]") && screen.contains("ap-northeast-2a"), "{screen}");
        learner.resize(80, 24);
        learner.until_that("a small screen", |screen| !screen.contains("ap-northeast-2a")).await;
        learner.press("q").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn an_idle_screen_is_not_drawn_again() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::En, size: (80, 24), resume: false };
    sit(sitting, async |learner| {
        learner.until("Nothing is running").await;
        learner.settle().await;
        let before = learner.frames.drawn.get();
        tokio::time::sleep(std::time::Duration::from_secs(3600)).await;
        assert_eq!(learner.frames.drawn.get(), before);
        learner.signal(Signal::Terminate);
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn sigterm_leaves_at_once() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::En, size: (80, 24), resume: false };
    let (end, ()) = sit(sitting, async |learner| {
        learner.until("Nothing is running").await;
        learner.signal(Signal::Terminate);
    })
    .await;
    assert_eq!(end.code, 143);
}
