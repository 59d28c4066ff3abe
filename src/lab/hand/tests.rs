#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use super::Pace;

#[test]
fn a_quiet_cloud_is_asked_less_often_and_a_refusing_one_much_less() {
    let mut pace = Pace::new(false);
    let first = pace.pause();
    for _ in 0..15 {
        pace.looked(false);
    }
    assert_eq!(pace.pause(), first * 2);
    for _ in 0..100 {
        pace.looked(false);
    }
    assert_eq!(pace.pause(), first * 3);
    pace.looked(true);
    assert_eq!(pace.pause(), first);
    pace.refused();
    pace.refused();
    assert_eq!(pace.pause(), first * 4);
    for _ in 0..40 {
        pace.refused();
    }
    assert_eq!(pace.pause(), Duration::from_secs(120));
    pace.looked(true);
    assert!(pace.pause() <= Duration::from_secs(120));
}

#[test]
fn the_practice_cloud_is_watched_closely_all_the_time() {
    let mut pace = Pace::new(true);
    for _ in 0..1000 {
        pace.looked(false);
    }
    assert_eq!(pace.pause(), Duration::from_secs(1));
}
