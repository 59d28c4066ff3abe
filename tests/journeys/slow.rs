//! A cloud that takes its time: keys stay live, and leaving a wait does not undo anything.

use std::time::Duration;

use awslab::i18n::Lang;
use awslab::practice::faults::Faults;
use awslab::practice::{Cloud, Options};

use super::learner::{Sitting, sit};

#[tokio::test(start_paused = true)]
async fn keys_stay_live_while_every_answer_takes_half_a_minute() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::En, size: (80, 24), resume: false };
    sit(sitting, async |learner| {
        learner.until("Nothing is running").await;
        let cloud = Cloud::open(&home.path().join("practice.db"), Options::default()).unwrap();
        cloud.set_faults(Faults { latency_ms: 30_000, ..Faults::default() }).unwrap();
        learner.open_step("3.2.1").await;
        // The calls are being worked out, for minutes; the keys answer within a moment each.
        for (key, seen) in [
            ("tab", "[Why]"),
            ("tab", "[Calls]"),
            ("n", " 3.2.2 "),
            ("p", " 3.2.1 "),
            ("L", "[안내]"),
            ("L", "[Guide]"),
        ] {
            let before = tokio::time::Instant::now();
            learner.press(key).await;
            learner.until(seen).await;
            assert!(before.elapsed() < Duration::from_secs(1), "{key} took {:?}", before.elapsed());
        }
        learner.press("tab").await;
        learner.press("tab").await;
        learner.until("Looking at what is there").await;
        learner.press("q").await;
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_denied_call_says_what_is_missing_and_enter_tries_again() {
    let home = tempfile::tempdir().unwrap();
    let sitting = Sitting { home: home.path(), lang: Lang::En, size: (80, 24), resume: false };
    sit(sitting, async |learner| {
        learner.until("Nothing is running").await;
        let cloud = Cloud::open(&home.path().join("practice.db"), Options::default()).unwrap();
        cloud.set_faults(Faults { deny: vec!["ec2:CreateVpc".into()], ..Faults::default() }).unwrap();
        learner.open_step("3.2.1").await;
        learner.enter_until("what is missing", |screen| screen.contains("ec2:CreateVpc") && screen.contains('✗')).await;
        cloud.set_faults(Faults::default()).unwrap();
        learner.enter_until("the step done", |screen| screen.contains("✓ 3.2.1")).await;
        learner.press("q").await;
    })
    .await;
}
