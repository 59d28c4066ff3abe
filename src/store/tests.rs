#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;
use crate::course::model::Key;
use crate::lab::call::{Call, Effect, Service};
use crate::lab::facts::Backend;
use crate::lab::report::{StepState, Way};

const SCOPE: &str = "practice/1/r/p";

fn entry(name: &str, id: &str, since: i64) -> Entry {
    Entry {
        key: Key::home("vpc", name),
        id: id.into(),
        region: "r".into(),
        step: "s".into(),
        run: "run".into(),
        adopted: false,
        price: 0.5,
        since,
        spent: 0.0,
        priced: None,
        lost: None,
        gone: None,
    }
}

#[test]
fn an_intent_stays_open_until_it_is_concluded_and_the_resource_enters_with_it() {
    let home = tempfile::tempdir().unwrap();
    let key = Key::home("vpc", "my-vpc");
    let call = Call::new(Service::Ec2, "CreateVpc", Effect::Create, &key, "s", "r");
    let number = {
        let store = Store::open(home.path()).unwrap();
        let sending =
            Sending { run: "run", call: &call, first: true, token: "token", cli: "aws ec2 create-vpc", at: 5 };
        store.intend(SCOPE, &sending).unwrap()
    };
    // Another process, after a kill.
    let store = Store::open(home.path()).unwrap();
    let open = store.open_intents(SCOPE).unwrap();
    assert_eq!(open.len(), 1);
    assert_eq!((open[0].number, open[0].effect, open[0].first), (number, Effect::Create, true));
    assert!(store.open_intents("other").unwrap().is_empty());
    assert_eq!(store.current_run(SCOPE).unwrap().as_deref(), Some("run"));

    let made = entry("my-vpc", "vpc-1", 6);
    store
        .conclude(SCOPE, number, &Conclusion { outcome: Outcome::Done, code: "", millis: Some(7), made: Some(&made) })
        .unwrap();
    assert!(store.open_intents(SCOPE).unwrap().is_empty());
    assert_eq!(store.ledger(SCOPE).unwrap(), [entry("my-vpc", "vpc-1", 6)]);
    let calls = store.calls(SCOPE, 10).unwrap();
    assert_eq!((calls[0].id.as_deref(), calls[0].millis, calls[0].error.as_str()), (Some("vpc-1"), Some(7), ""));
}

#[test]
fn a_deleted_row_stays_for_its_cost_and_bumps_the_generation() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let key = Key::home("vpc", "my-vpc");
    store.enter(SCOPE, &entry("my-vpc", "", 1)).unwrap();
    store.enter(SCOPE, &entry("my-vpc", "vpc-1", 2)).unwrap();
    store.enter(SCOPE, &entry("my-vpc", "", 3)).unwrap();
    assert_eq!(store.ledger(SCOPE).unwrap(), [entry("my-vpc", "vpc-1", 1)]);
    assert_eq!(store.generation(SCOPE, &key).unwrap(), 0);
    store.lost(SCOPE, &key, Some(8)).unwrap();
    store.leave(SCOPE, &key, 9).unwrap();
    assert_eq!(store.generation(SCOPE, &key).unwrap(), 1);
    store.enter(SCOPE, &entry("my-vpc", "vpc-2", 10)).unwrap();
    let rows = store.ledger(SCOPE).unwrap();
    assert_eq!(
        rows.iter().map(|row| (row.id.as_str(), row.gone)).collect::<Vec<_>>(),
        [("vpc-1", Some(8)), ("vpc-2", None)]
    );
}

#[test]
fn what_stands_with_other_regions_is_known_and_goes_with_the_region_they_share() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    let (here, there) = ("practice/1/ap-northeast-2/ap-northeast-1", "practice/1/us-east-1/ap-northeast-1");
    let at = |name: &str, id: &str, region: &str| Entry { region: region.into(), ..entry(name, id, 1) };
    store.enter(there, &at("my-vpc", "vpc-1", "us-east-1")).unwrap();
    store.enter(there, &at("their-vpc", "vpc-2", "ap-northeast-1")).unwrap();
    // Another account's, and what is known here as well, is not elsewhere.
    store.enter("practice/2/us-east-1/ap-northeast-1", &at("my-vpc", "vpc-9", "us-east-1")).unwrap();
    store.enter(here, &at("their-vpc", "vpc-2", "ap-northeast-1")).unwrap();
    let found = store.elsewhere(here).unwrap();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].home.as_str(), found[0].peer.as_str(), found[0].count), ("us-east-1", "ap-northeast-1", 1));
    assert_eq!(found[0].regions, ["us-east-1"]);
    assert_eq!(found[0].cleanup(&Backend::Practice), "awslab --region us-east-1 cleanup");
    assert_eq!(store.elsewhere(there).unwrap(), [], "what stands here is known there");

    store.leave_elsewhere(here, "ap-northeast-1", "vpc-2", 5).unwrap();
    store.leave_elsewhere(here, "ap-northeast-2", "vpc-1", 5).unwrap();
    let gone: Vec<bool> = store.ledger(there).unwrap().iter().map(|row| row.gone.is_some()).collect();
    assert_eq!(gone, [false, true], "the same id in another region is another resource");
    assert_eq!(store.generation(there, &Key::home("vpc", "their-vpc")).unwrap(), 1);
}

#[test]
fn a_price_that_changes_keeps_what_was_spent_until_another_resource_comes() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    store.enter(SCOPE, &entry("my-vpc", "vpc-1", 1)).unwrap();
    let dearer = Entry { price: 2.0, spent: 0.25, priced: Some(7), ..entry("my-vpc", "vpc-1", 1) };
    store.reprice(SCOPE, &dearer).unwrap();
    // Noted again, as every run does.
    store.enter(SCOPE, &entry("my-vpc", "vpc-1", 8)).unwrap();
    assert_eq!(store.ledger(SCOPE).unwrap(), [dearer]);
    store.enter(SCOPE, &entry("my-vpc", "vpc-2", 9)).unwrap();
    assert_eq!(store.ledger(SCOPE).unwrap(), [entry("my-vpc", "vpc-2", 9)]);
}

#[test]
fn progress_and_settings_are_kept() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    store.note(SCOPE, "a", StepState::Started).unwrap();
    store.note(SCOPE, "a", StepState::Done).unwrap();
    store.set_setting("lang", "en").unwrap();
    store.set_way(SCOPE, "a", Way { by_hand: true, hints: 1 }).unwrap();
    store.set_way(SCOPE, "a", Way { by_hand: true, hints: 2 }).unwrap();
    assert_eq!(store.ways(SCOPE).unwrap()["a"], Way { by_hand: true, hints: 2 });
    assert!(store.ways("aws/1").unwrap().is_empty());
    let again = Store::open(home.path()).unwrap();
    assert_eq!(again.progress(SCOPE).unwrap().get("a"), Some(&StepState::Done));
    assert_eq!(again.setting("lang").unwrap().as_deref(), Some("en"));
    assert_eq!(again.setting("none").unwrap(), None);
}

#[test]
fn a_damaged_file_is_named_with_what_to_do() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("awslab.db"), b"this is not a database, but long enough to look at").unwrap();
    let problem = Store::open(home.path()).unwrap_err();
    assert_eq!(problem.kind, ProblemKind::Store);
    assert!(problem.title.en.contains("awslab.db is damaged"), "{problem}");
    assert!(problem.hints[0].en.contains("mv "), "{problem}");
}

#[test]
fn a_folder_that_cannot_be_made_and_a_newer_file_are_named() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    std::fs::write(&file, b"").unwrap();
    assert!(Store::open(&file.join("sub")).unwrap_err().hints[0].en.contains("AWSLAB_HOME"));

    Store::open(home.path()).unwrap().with(|c| c.pragma_update(None, "user_version", 99)).unwrap();
    let problem = Store::open(home.path()).unwrap_err();
    assert!(problem.title.en.contains("newer awslab"), "{problem}");
}

#[test]
fn a_full_disk_is_named() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    store
        .with(|c| {
            let pages: i64 = c.pragma_query_value(None, "page_count", |r| r.get(0))?;
            c.pragma_update(None, "max_page_count", pages)
        })
        .unwrap();
    let big = "x".repeat(100_000);
    let problem = store.set_setting("big", &big).unwrap_err();
    assert!(problem.title.en.contains("disk is full"), "{problem}");
    assert!(problem.title.en.contains("awslab.db"));
}

#[test]
fn many_processes_write_at_once() {
    let home = tempfile::tempdir().unwrap();
    let threads: Vec<_> = (0..8)
        .map(|at| {
            let path = home.path().to_owned();
            std::thread::spawn(move || {
                let store = Store::open(&path).unwrap();
                for n in 0..10 {
                    store.enter(SCOPE, &entry(&format!("vpc-{at}-{n}"), "id", n)).unwrap();
                }
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(Store::open(home.path()).unwrap().ledger(SCOPE).unwrap().len(), 80);
}

#[test]
fn a_cloud_that_was_thrown_away_is_forgotten_and_no_other() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    for scope in [SCOPE, "aws/1/r/p"] {
        store.enter(scope, &entry("my-vpc", "vpc-1", 1)).unwrap();
        store.note(scope, "vpc.network.vpc", StepState::Done).unwrap();
    }
    store.forget("practice/").unwrap();
    assert!(store.ledger(SCOPE).unwrap().is_empty() && store.progress(SCOPE).unwrap().is_empty());
    assert_eq!(store.ledger("aws/1/r/p").unwrap().len(), 1);
    assert_eq!(store.progress("aws/1/r/p").unwrap().len(), 1);
}

#[test]
fn answers_are_counted_and_outlive_a_cloud() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    store.note_answer("a.b.c.d", false).unwrap();
    store.note_answer("a.b.c.d", true).unwrap();
    store.note_answer("a.b.c.e", false).unwrap();
    store.forget("practice/").unwrap();
    let answers = Store::open(home.path()).unwrap().answers().unwrap();
    assert_eq!((answers["a.b.c.d"].tries, answers["a.b.c.d"].right), (2, true));
    assert_eq!((answers["a.b.c.e"].tries, answers["a.b.c.e"].right), (1, false));
}

#[test]
fn the_seed_is_drawn_once() {
    let home = tempfile::tempdir().unwrap();
    let seed = Store::open(home.path()).unwrap().quiz_seed().unwrap();
    assert_eq!(Store::open(home.path()).unwrap().quiz_seed().unwrap(), seed);
    let other = tempfile::tempdir().unwrap();
    assert_ne!(Store::open(other.path()).unwrap().quiz_seed().unwrap(), seed);
}

#[test]
fn a_file_of_any_older_format_opens_with_what_it_held() {
    for format in 1..super::schema::FORMATS {
        let home = tempfile::tempdir().unwrap();
        super::schema::make_older(&home.path().join("awslab.db"), format).unwrap();
        let store = Store::open(home.path()).unwrap();
        assert_eq!(store.progress(SCOPE).unwrap().get("vpc.network.vpc"), Some(&StepState::Done), "format {format}");
        store.note_answer("a.b.c.d", true).unwrap();
        assert_eq!(store.answers().unwrap().len(), 1);
        assert!(store.loads(SCOPE, 0).unwrap().is_empty());
    }
}
