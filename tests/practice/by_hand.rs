//! The commands that the screen shows for a step that is done by hand, run as they stand by the AWS CLI against
//! `practice serve`: each step of the labs turns right, and everything is adopted and deleted.

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use awslab::course::model::StepKind;
use awslab::engine::{Engine, Setup};
use awslab::practice::serve::Server;
use tokio::process::Command;
use tokio::sync::{mpsc, watch};

use crate::support::python_tools;

/// How often a step is looked at and continued: what an answer gives (an address, a state) may be needed by the next command.
const ROUNDS: usize = 5;

async fn type_in(lines: &str, venv: &Path, folder: &Path, endpoint: &str) {
    let child = Command::new("bash")
        .args(["-euo", "pipefail", "-c", lines])
        .current_dir(folder)
        .env_clear()
        .env("PATH", format!("{}/bin:/usr/bin:/bin", venv.display()))
        .env("HOME", folder)
        .env("LANG", "C.UTF-8")
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_PAGER", "")
        .env("AWS_ACCESS_KEY_ID", "practice")
        .env("AWS_SECRET_ACCESS_KEY", "practice")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .output();
    let done = tokio::time::timeout(Duration::from_secs(300), child).await.expect("the commands hang").unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{lines}\n{said}");
}

/// Does every building step of a chapter by hand.
async fn chapters(ids: &[&str]) {
    let Some(venv) = python_tools("by_hand") else { return };
    let home = tempfile::tempdir().unwrap();
    let typing = tempfile::tempdir().unwrap();
    let course = Arc::new(awslab::course::load(None, awslab::cloud::kinds::registry()).unwrap());
    let setup = Setup { home: home.path().to_owned(), ..Setup::default() };
    let engine = Engine::open(setup, Arc::clone(&course)).await.unwrap();
    // What only a person can do, in a browser.
    engine.subscribe().unwrap();
    let server = Server::bind(engine.practice().unwrap().clone(), 0).await.unwrap();
    let endpoint = format!("http://{}", server.address().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));

    let steps = course.chapters.iter().filter(|chapter| ids.contains(&chapter.id.as_str()));
    let steps = steps.flat_map(|chapter| &chapter.sections).flat_map(|section| &section.steps);
    for step in steps.filter(|step| step.kind == StepKind::Build) {
        let mut rounds = 0;
        let mut hand = engine.hand(&step.id, true).await.unwrap();
        while !hand.is_right() {
            rounds += 1;
            assert!(rounds <= ROUNDS, "{} does not turn right: {hand:#?}", step.id);
            assert!(hand.first.is_empty(), "{}: {:?}", step.id, hand.first);
            if !hand.lines.is_empty() {
                type_in(&hand.lines.join("\n"), &venv, typing.path(), &endpoint).await;
            }
            engine.advance(Duration::from_secs(600)).unwrap();
            hand = engine.hand(&step.id, true).await.unwrap();
        }
        assert!(hand.lines.is_empty(), "{}: {:?}", step.id, hand.lines);
        let report = engine.check(std::slice::from_ref(&step.id)).await.unwrap();
        assert!(report.ok(), "{}: {report:#?}", step.id);
        assert!(engine.hand(&step.id, false).await.unwrap().is_done(), "{}", step.id);
    }

    let survey = engine.survey().await.unwrap();
    assert!(!survey.rows.is_empty() && survey.rows.iter().all(|row| row.adopted), "{:#?}", survey.rows);
    assert!(engine.calls(100).unwrap().is_empty(), "awslab itself has changed nothing");

    // Cleanup deletes what was made by hand like everything else.
    let teardown = engine.teardown(&[]).await.unwrap();
    assert!(teardown.items.iter().all(|item| item.row.adopted));
    let (_keep, cancel) = watch::channel(false);
    let (sink, _phases) = mpsc::unbounded_channel();
    engine.set_speed(3600.0).unwrap();
    let report = engine.cleanup(teardown, cancel, sink).await.unwrap();
    assert!(report.left.is_empty(), "{:#?}", report.left);
    stop.send(()).unwrap();
    serving.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_building_step_can_be_typed_as_it_is_shown() {
    chapters(&["vpc", "asg-lab"]).await;
}

/// Whatever the guide leaves open is chosen otherwise than awslab would (docs/by-hand.md lists it), by other means and in
/// another order: every step of the three lab chapters passes, and there is nothing that `run` would still do.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_may_be_chosen_otherwise_raises_no_false_alarm() {
    let Some(venv) = python_tools("otherwise") else { return };
    let home = tempfile::tempdir().unwrap();
    let course = Arc::new(awslab::course::load(None, awslab::cloud::kinds::registry()).unwrap());
    let setup = Setup { home: home.path().to_owned(), ..Setup::default() };
    let engine = Engine::open(setup, Arc::clone(&course)).await.unwrap();
    engine.subscribe().unwrap();
    engine.set_speed(3600.0).unwrap();
    let server = Server::bind(engine.practice().unwrap().clone(), 0).await.unwrap();
    let endpoint = format!("http://{}", server.address().unwrap());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.run(async {
        let _ = stopped.await;
    }));
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let built = Command::new(venv.join("bin/python"))
        .arg("-B")
        .arg(root.join("tests/practice/by_hand/otherwise.py"))
        .arg(root.join("assets/user-data"))
        .env_clear()
        .env("PATH", format!("{}/bin:/usr/bin:/bin", venv.display()))
        .env("HOME", home.path())
        .env("AWS_ENDPOINT_URL", &endpoint)
        .env("AWS_ACCESS_KEY_ID", "practice")
        .env("AWS_SECRET_ACCESS_KEY", "practice")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let built = tokio::time::timeout(Duration::from_secs(300), built).await.expect("it hangs").unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    stop.send(()).unwrap();
    serving.await.unwrap();

    engine.practice().unwrap().pause().unwrap();
    let labs = ["vpc", "service", "asg-lab"];
    let steps = course.chapters.iter().filter(|chapter| labs.contains(&chapter.id.as_str()));
    let steps = steps.flat_map(|chapter| &chapter.sections).flat_map(|section| &section.steps);
    // A drill is followed, not built.
    let steps = steps.filter(|step| !matches!(step.kind, StepKind::Read | StepKind::Drill));
    let steps: Vec<String> = steps.map(|step| step.id.clone()).collect();
    assert!(steps.len() > 30, "{steps:?}");
    let report = engine.check(&steps).await.unwrap();
    let wrong: Vec<_> = report.conditions.iter().filter(|one| !one.ok || one.skipped).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let plan = engine.plan(&steps).await.unwrap();
    let left: Vec<_> = plan.calls.iter().map(|one| format!("{} {}", one.call.operation, one.call.key)).collect();
    assert!(left.is_empty() && plan.conflicts.is_empty(), "{left:#?} {:#?}", plan.conflicts);

    let rows = engine.survey().await.unwrap().rows;
    assert!(rows.len() > 80 && rows.iter().all(|row| row.adopted), "{}: {rows:#?}", rows.len());
    assert!(engine.calls(100).unwrap().is_empty(), "awslab itself has changed nothing");
    engine.practice().unwrap().resume().unwrap();
    let teardown = engine.teardown(&[]).await.unwrap();
    let (_keep, cancel) = watch::channel(false);
    let (sink, _phases) = mpsc::unbounded_channel();
    let report = engine.cleanup(teardown, cancel, sink).await.unwrap();
    assert!(report.left.is_empty(), "{:#?}", report.left);
}
