//! Leaving in the middle of a wait, and coming back.

use awslab::i18n::Lang;

use super::learner::{Learner, Sitting, sit};

/// Enter until the NAT gateway is being made.
async fn to_the_nat_wait(learner: &Learner) {
    learner.until("Nothing is running").await;
    learner.open_step("3.1.1").await;
    let waiting =
        |screen: &str| screen.contains("3.2.5") && screen.contains("my-natgateway  ") && screen.contains("pending");
    learner.enter_until("the NAT gateway pending", waiting).await;
}

#[tokio::test(start_paused = true)]
async fn quit_in_the_middle_of_the_nat_wait_resume_finish_and_clean_up() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::En, size: (80, 24), resume: false };
    let (end, ()) = sit(sitting.clone(), async |learner| {
        to_the_nat_wait(learner).await;
        learner.press("q").await;
        learner.until("Leave now").await;
        learner.press("enter").await;
    })
    .await;
    assert_eq!(end.code, 130);
    let farewell = end.farewell.expect("something still runs");
    assert!(farewell.contains("awslab resume") && farewell.contains("awslab cleanup"), "{farewell}");

    let (end, ()) = sit(Sitting { resume: true, ..sitting }, async |learner| {
        learner.until("3.2.5").await;
        learner.enter_until("the next chapter", |screen| screen.contains(" 4.1.1 ")).await;
        learner.press("x").await;
        learner.enter_until("0 left", |screen| screen.contains("0 left")).await;
        for _ in 0..4 {
            if !learner.screen().contains("Nothing is running") {
                learner.press("esc").await;
            }
        }
        learner.until("Nothing is running").await;
        learner.press("q").await;
    })
    .await;
    assert_eq!(end.code, 0);
}

#[tokio::test(start_paused = true)]
async fn the_first_ctrl_c_stops_the_wait_and_the_second_leaves() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::En, size: (80, 24), resume: false };
    let (end, ()) = sit(sitting, async |learner| {
        to_the_nat_wait(learner).await;
        learner.press("ctrl-c").await;
        learner.until("The waiting was stopped").await;
        learner.press("ctrl-c").await;
    })
    .await;
    assert!(end.farewell.is_some_and(|text| text.contains("cleanup")));
}

#[tokio::test(start_paused = true)]
async fn one_may_read_on_while_it_waits_and_is_told_when_it_is_ready() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::En, size: (80, 24), resume: false };
    sit(sitting, async |learner| {
        to_the_nat_wait(learner).await;
        learner.press("n").await;
        learner.until(" 3.2.6 ").await;
        // The wait goes on below the next step's guide.
        learner.until("3.2.5").await;
        learner.until("ready, and every check passes").await;
        learner.press("p").await;
        learner.until("next step").await;
        learner.press("q").await;
    })
    .await;
}
