//! The report of what was built.

use awslab::course::model::Key;
use awslab::lab::report::{Built, Way};
use awslab::lab::story::stories;

fn built(kind: &str, name: &str, since: i64, gone: Option<i64>) -> Built {
    let key = Key::home(kind, name);
    Built { key, step: "vpc.network.vpc".into(), adopted: name == "b", since, gone, cost: 0.5 }
}

#[test]
fn the_last_time_is_told_and_the_earlier_ones_are_not() {
    let course = awslab::course::load(None, awslab::cloud::kinds::registry()).unwrap();
    let history = [
        built("vpc", "old", 10, Some(20)),
        built("vpc", "a", 100, Some(400)),
        built("subnet", "b", 110, Some(300)),
        built("subnet", "c", 120, Some(310)),
    ];
    let ways = [("vpc.network.vpc".to_owned(), Way { by_hand: true, hints: 2 })].into();
    let told = stories(&course, &history, &ways, 250);
    assert_eq!(told.len(), 1);
    let story = &told[0];
    assert_eq!(story.chapter, "vpc");
    assert_eq!(story.kinds, [("vpc".to_owned(), 1), ("subnet".to_owned(), 2)]);
    assert_eq!((story.count(), story.by_hand, story.hints, story.to), (3, 1, 2, Some(400)));
    assert_eq!(story.millis(0), 300);
    assert!((story.cost - 1.5).abs() < 1e-9);
    assert!(stories(&course, &history, &ways, 500).is_empty(), "nothing has gone since");
    // While something stands, it is still going on.
    let standing = [built("vpc", "a", 100, Some(400)), built("subnet", "b", 110, None)];
    assert_eq!(stories(&course, &standing, &ways, 250)[0].millis(1_100), 1_000);
}
