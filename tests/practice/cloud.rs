//! The handle: what is kept, who sees it, when it is, and what a broken disk does.

use std::time::Duration;

use awslab::practice::faults::Faults;
use awslab::practice::{Cloud, Options, StorageError, set_aside};

use super::{fixed, send};

#[test]
fn tells_what_it_does_not_simulate() {
    let cloud = Cloud::in_memory(fixed()).unwrap();
    for (service, operation) in [("ec2", "CreateFleet"), ("sts", "AssumeRole"), ("lambda", "Invoke")] {
        let (status, body) = send(&cloud, service, operation, &[]);
        assert_eq!(status, 400, "{body}");
        assert!(body.contains("<Code>NotSimulated</Code>"), "{body}");
    }
    let (_, body) = send(&cloud, "sts", "GetCallerIdentity", &[("Nonsense", "1")]);
    assert!(body.contains("the parameter Nonsense of GetCallerIdentity"), "{body}");
    let unsigned = http::Request::post("http://127.0.0.1/").body("Action=DescribeVpcs".into()).unwrap();
    assert_eq!(cloud.respond(&unsigned).status(), 403);
}

#[tokio::test(start_paused = true)]
async fn two_handles_on_one_file_share_clock_and_faults() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("practice.db");
    let one = Cloud::open(&path, fixed()).unwrap();
    let two = Cloud::open(&path, Options::default()).unwrap();
    assert_eq!(two.clock().speed, 30.0);
    one.advance(Duration::from_secs(600)).unwrap();
    assert!(two.now() >= 1_795_000_600_000);
    two.pause().unwrap();
    two.set_speed(60.0).unwrap();
    let state = one.clock();
    assert!(state.paused);
    assert_eq!(state.speed, 60.0);
    assert_eq!(state.now_ms, two.now());
    let faults = Faults { throttle: 1.0, ..Faults::default() };
    one.set_faults(faults.clone()).unwrap();
    assert_eq!(two.faults().unwrap(), faults);
    two.reset().unwrap();
    assert!(one.faults().unwrap().is_off());
    assert!(!one.clock().paused);
}

#[tokio::test(start_paused = true)]
async fn practice_time_stands_while_nobody_is_attached() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("practice.db");
    let one = Cloud::open(&path, fixed()).unwrap();
    tokio::time::advance(Duration::from_secs(10)).await;
    let then = one.now();
    assert_eq!(then, 1_795_000_300_000);
    drop(one);
    tokio::time::advance(Duration::from_secs(1000)).await;
    let again = Cloud::open(&path, fixed()).unwrap();
    assert_eq!(again.now(), then);
    tokio::time::advance(Duration::from_secs(1)).await;
    assert_eq!(again.now(), then + 30_000);
}

#[test]
fn a_damaged_file_is_told_and_kept() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("practice.db");
    std::fs::write(&path, "this is no database, it is a letter to my sister".repeat(100)).unwrap();
    let error = Cloud::open(&path, fixed()).unwrap_err();
    assert!(matches!(error, StorageError::Damaged { .. }), "{error}");
    assert!(std::fs::read_to_string(&path).unwrap().starts_with("this is no database"));
    let aside = set_aside(&path).unwrap();
    assert!(std::fs::read_to_string(aside).unwrap().starts_with("this is no database"));
    Cloud::open(&path, fixed()).unwrap();
}

#[test]
fn a_file_of_another_version_is_told() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("practice.db");
    drop(Cloud::open(&path, fixed()).unwrap());
    rusqlite::Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = Cloud::open(&path, fixed()).unwrap_err();
    assert!(matches!(error, StorageError::OtherFormat { found: 99, .. }), "{error}");
}
