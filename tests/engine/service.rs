//! The whole of chapter 4: with a domain, without one, with a kill while the database is made, going on meanwhile.

use awslab::course::model::Key;
use awslab::lab::phase::PhaseKind;
use awslab::lab::report::{RunReport, StepState};
use awslab::lab::world::Health;

use super::*;

const DATABASE: &str = "my-alchemine-app-rds";

async fn open_with(home: &Path, domain: &str) -> Engine {
    let setup = Setup { home: home.to_owned(), domain: Some(domain.to_owned()), ..Setup::default() };
    Engine::open(setup, course()).await.unwrap()
}

fn failed(report: &RunReport) -> Vec<String> {
    report.failed.iter().map(|(key, problem)| format!("{key}: {problem}")).collect()
}

async fn assert_green(engine: &Engine, targets: &[&str]) {
    let report = engine.check(&steps(engine, targets)).await.unwrap();
    let wrong: Vec<_> =
        report.conditions.iter().filter(|c| !c.ok).map(|c| format!("{}/{}: {}", c.step, c.id, c.detail.en)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Every file of a folder that holds these bytes.
fn files_with(folder: &Path, needle: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
            } else if std::fs::read(&path).unwrap().windows(needle.len()).any(|part| part == needle.as_bytes()) {
                found.push(path.file_name().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    found
}

#[tokio::test(start_paused = true)]
async fn chapter_four_stands_stays_and_goes() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    let (report, phases) = run(&engine, &["service"]).await;
    assert!(report.done, "{:#?}", failed(&report));
    assert!(report.under_way.is_empty(), "without a screen everything is waited for");
    let waited = |kind: &str| phases.iter().any(|p| p.kind == PhaseKind::Waiting && p.key.kind == kind);
    assert!(waited("db-instance") && waited("certificate"));
    assert_green(&engine, &["service"]).await;
    assert_eq!(engine.progress()["service.resources.https"], StepState::Done);
    let survey = engine.survey().await.unwrap();
    let live = |kind: &str, name: &str| survey.world.get(&Key::home(kind, name)).unwrap().clone();
    assert_eq!(live("certificate", "lab.example").state, "ISSUED");
    assert_eq!(live("listener", "my-alchemine-app-alb 80").text("redirect"), Some("HTTPS 443"));
    assert_eq!(live("target", "my-alchemine-app-tg-8080 my-alchemine-app-ec2").health, Health::Ready);
    assert!(survey.rows.iter().all(|row| row.key.kind != "hosted-zone"), "a zone is nobody's to delete");

    // The password is in its own file and nowhere else.
    let file = engine.keys().join(format!("{DATABASE}.password"));
    let password = std::fs::read_to_string(&file).unwrap();
    assert_eq!(files_with(home.path(), &password), [format!("{DATABASE}.password")]);

    // The second run changes nothing, also in a new session.
    drop(engine);
    let engine = open(home.path()).await;
    let (report, phases) = run(&engine, &["service"]).await;
    assert!(report.done, "{:#?}", failed(&report));
    let other: Vec<_> = phases.iter().filter(|phase| phase.kind != PhaseKind::Kept).collect();
    assert!(other.is_empty(), "{other:#?}");
    let changed: Vec<_> = engine.traffic().into_iter().filter(|call| call.mutates()).collect();
    assert!(changed.is_empty(), "{changed:#?}");

    let (_, cleanup, phases) = clean(&engine, &[]).await;
    assert!(cleanup.left.is_empty(), "{:#?}", cleanup.left);
    assert!(phases.iter().all(|p| p.kind != PhaseKind::Failed), "{phases:#?}");
    assert!(!file.exists(), "a password of nothing is not kept");
    let survey = engine.survey().await.unwrap();
    let left: Vec<String> = survey.world.found().map(|found| found.key.to_string()).collect();
    assert!(left.iter().all(|key| key.starts_with("image ") || key == "hosted-zone lab.example"), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn without_a_domain_the_chapter_ends_over_http() {
    let home = tempfile::tempdir().unwrap();
    let engine = open_with(home.path(), "none").await;
    assert_eq!(engine.domain(), None);
    let left_out: Vec<&str> =
        engine.course().steps().filter(|step| step.left_out.is_some()).map(|step| step.id.as_str()).collect();
    assert_eq!(
        left_out,
        ["service.dns.zone", "service.dns.certificate", "service.resources.https", "asg-lab.alb.record"]
    );
    let (report, _) = run(&engine, &["service"]).await;
    assert!(report.done, "{:#?}", failed(&report));
    assert_green(&engine, &["service"]).await;
    let survey = engine.survey().await.unwrap();
    let dns = |key: &Key| matches!(key.kind.as_str(), "certificate" | "record" | "hosted-zone");
    assert!(survey.rows.iter().all(|row| !dns(&row.key)));
    let listener = survey.world.get(&Key::home("listener", "my-alchemine-app-alb 80")).unwrap();
    assert_eq!(listener.text("redirect"), None);
    // It is kept, and can be told later.
    drop(engine);
    assert_eq!(open(home.path()).await.domain(), None);
    let engine = open_with(home.path(), "Lab.Example.").await;
    assert_eq!(engine.domain(), Some("lab.example"));
    let (report, _) = run(&engine, &["service"]).await;
    assert!(report.done, "{:#?}", failed(&report));
    assert_green(&engine, &["service"]).await;
    // And taken back: what was made with it is still cleaned up.
    drop(engine);
    let engine = open_with(home.path(), "none").await;
    let (_, cleanup, _) = clean(&engine, &[]).await;
    assert!(cleanup.left.is_empty(), "{:#?}", cleanup.left);
    let engine = open_with(home.path(), "lab.example").await;
    let survey = engine.survey().await.unwrap();
    assert!(survey.world.found().all(|found| found.key.kind != "record" && found.key.kind != "certificate"));
}

#[tokio::test(start_paused = true)]
async fn a_wait_of_many_minutes_holds_nobody() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    let go_on = async |engine: &Engine, target: &str| {
        let plan = engine.plan(&steps(engine, &[target])).await.unwrap();
        let wires = wires();
        engine.run_and_go_on(plan, wires.cancel, wires.sink).await
    };
    let report = go_on(&engine, "service.resources.database").await;
    assert!(report.done, "{:#?}", failed(&report));
    assert_eq!(report.under_way, [Key::home("db-instance", DATABASE)]);
    let state = engine.survey().await.unwrap().world.get(&Key::home("db-instance", DATABASE)).unwrap().health;
    assert_eq!(state, Health::Pending);
    // Its check says that it waits, not that it failed.
    let checked = engine.check(&steps(&engine, &["service.resources.database"])).await.unwrap();
    assert!(checked.conditions.iter().all(|one| one.ok || one.pending), "{:#?}", checked.conditions);
    assert_eq!(engine.progress()["service.resources.database"], StepState::Started);

    // Another step runs meanwhile, and the process may be killed: nothing is made twice.
    let report = go_on(&engine, "service.resources.target-groups").await;
    assert!(report.done && report.under_way.is_empty(), "{report:#?}");
    drop(engine);
    let engine = open(home.path()).await;
    let plan = engine.plan(&steps(&engine, &["service.resources.database"])).await.unwrap();
    assert!(plan.calls.is_empty(), "{:#?}", plan.calls);
    assert_eq!(plan.pending, [Key::home("db-instance", DATABASE)]);
    // Who asks for it without a screen waits to the end.
    let (report, _) = run(&engine, &["service.resources.database"]).await;
    assert!(report.done, "{:#?}", failed(&report));
    assert_green(&engine, &["service.resources.database"]).await;
}

#[tokio::test(start_paused = true)]
async fn a_record_that_was_there_is_used_or_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let engine = open(home.path()).await;
    let (report, _) = run(&engine, &["service.dns"]).await;
    assert!(report.done, "{:#?}", failed(&report));
    // As if somebody else had written the validation record: another ledger finds it.
    engine.store().forget("practice/").unwrap();
    drop(engine);
    let engine = open(home.path()).await;
    let (report, phases) = run(&engine, &["service.dns"]).await;
    assert!(report.done, "{:#?}", failed(&report));
    let record = Key::home("record", "lab.example CNAME");
    assert!(phases.iter().any(|phase| phase.key == record && phase.kind == PhaseKind::Kept));
    let (_, cleanup, _) = clean(&engine, &[]).await;
    assert!(cleanup.left.is_empty(), "{:#?}", cleanup.left);
    assert!(!cleanup.deleted.contains(&record), "a record that awslab did not make stays");
}
