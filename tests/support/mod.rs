//! What several tests need.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

pub mod scene;
pub mod stage;
pub mod watch;

use std::path::PathBuf;

/// The Python tools of `tests/requirements.txt`: `python`, `aws` and `moto_server` are in this folder's `bin`.
///
/// `AWSLAB_TEST_VENV`, as `tests/run` sets it, else `.venv` of the project. Without either the caller's test has nothing to
/// talk with: it says so and returns; with `CI=true` it panics, so that nothing is left out unseen.
pub fn python_tools(test: &str) -> Option<PathBuf> {
    let venv = std::env::var_os("AWSLAB_TEST_VENV")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(".venv"), PathBuf::from);
    if venv.join("bin/moto_server").exists() {
        return Some(venv);
    }
    assert!(
        std::env::var("CI").as_deref() != Ok("true"),
        "{test}: no boto3, AWS CLI and moto server in {}; run tests/run",
        venv.display()
    );
    println!("LEFT OUT: {test}: no boto3, AWS CLI and moto server in {}; run tests/run", venv.display());
    None
}
