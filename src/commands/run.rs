//! `awslab run`: the steps without the full screen.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use crate::config::Config;
use crate::course::model::{Key, StepKind};
use crate::engine::{Cancel, Engine};
use crate::i18n::{Lang, Text};
use crate::lab::phase::{Phase, PhaseKind};
use crate::lab::report::{Plan, RunReport};
use crate::problem::Problem;

use super::{Consent, check, open, out, plan, problem_json, target};

/// Between two lines about the same wait, in milliseconds of cloud time; every phase is told in JSON.
const SAY_EVERY: u64 = 30_000;

/// Runs the command.
pub async fn run(config: &Config, targets: &[String], consent: &Consent, json: bool) -> Result<u8, Problem> {
    let lang = config.lang;
    let engine = open(config).await?;
    let steps = target::steps(engine.course(), targets)?;
    if let Some(text) = target::only_reading(engine.course(), &steps).filter(|_| !json) {
        out::line(text.get(lang));
        return Ok(0);
    }
    let planned = engine.plan(&steps).await?;
    if !json {
        plan::show(&engine, &planned, lang);
    }
    let changes = !planned.calls.is_empty() || !planned.adopted.is_empty();
    if changes && !out::agreed(&engine, consent, lang, &question(&engine, &planned))? {
        return Ok(0);
    }
    let (manual, held) = (planned.manual.clone(), planned.held.clone());
    let covered = planned.steps.clone();
    let report = follow(lang, json, async |cancel, sink| engine.run(planned, cancel, sink).await).await;
    for step in &manual {
        let waiting: Vec<&str> = held.iter().filter(|h| h.waits_for == *step).map(|h| h.step.as_str()).collect();
        say_manual(&engine, step, &waiting, lang, json);
    }
    for step in &covered {
        say_without(&engine, step, lang, json);
    }
    if report.cancelled {
        interrupted(&engine, lang, json).await;
        return Ok(130);
    }
    if !report.done {
        if !json {
            summary(&report, lang);
        }
        return Ok(1);
    }
    finish(&engine, &steps, lang, json).await
}

/// The conditions of what was run, so that `0` means that it works.
async fn finish(engine: &Engine, steps: &[String], lang: Lang, json: bool) -> Result<u8, Problem> {
    let checked: Vec<String> = steps
        .iter()
        .filter(|id| {
            engine
                .course()
                .step(id)
                .is_some_and(|s| matches!(s.kind, StepKind::Build | StepKind::Try | StepKind::Drill))
        })
        .cloned()
        .collect();
    let report = engine.check(&checked).await?;
    if json {
        for condition in report.conditions.iter().filter(|condition| !condition.ok) {
            out::json(&json!({
                "schema": 1,
                "time": out::time(engine.now()),
                "step": condition.step,
                "resource": condition.id,
                "phase": "failed",
                "problem": {
                    "kind": "check-failed",
                    "title": condition.title.get(lang),
                    "detail": condition.detail.get(lang),
                },
            }));
        }
    } else {
        check::show(engine, &report, lang);
        if let Some(text) = check::failed_line(&report, lang) {
            out::line(text);
        }
    }
    Ok(u8::from(!report.ok()))
}

fn question(engine: &Engine, plan: &Plan) -> Text {
    let scope = &engine.facts().scope;
    let (calls, cost) = (plan.calls.len(), out::usd(plan.cost_per_hour));
    Text::new(
        format!("{} {}에서 호출 {calls}개를 실행할까요? (+{cost}/h)", scope.account, scope.home),
        format!("Run {} in {} {}? (+{cost}/h)", crate::i18n::counted(calls, "call"), scope.account, scope.home),
    )
}

/// Does something while its phases are printed and Ctrl-C is heard: the first stops waiting, the second leaves.
pub(super) async fn follow<T>(
    lang: Lang,
    json: bool,
    work: impl AsyncFnOnce(Cancel, mpsc::UnboundedSender<Phase>) -> T,
) -> T {
    let (stop, cancel) = watch::channel(false);
    let (sink, mut phases) = mpsc::unbounded_channel();
    let signals = tokio::spawn(async move {
        let mut count = 0;
        while tokio::signal::ctrl_c().await.is_ok() {
            count += 1;
            if count > 1 {
                std::process::exit(130);
            }
            let _ = stop.send(true);
        }
    });
    let printer = async {
        let mut said: BTreeMap<Key, (PhaseKind, Option<String>, u64)> = BTreeMap::new();
        while let Some(phase) = phases.recv().await {
            if json {
                out::json(&phase_json(&phase, lang));
            } else if is_news(&mut said, &phase) {
                out::line(phase_line(&phase, lang));
            }
        }
    };
    let (result, ()) = tokio::join!(work(cancel, sink), printer);
    signals.abort();
    result
}

/// A wait is said again only when its state changes, or after a while.
fn is_news(said: &mut BTreeMap<Key, (PhaseKind, Option<String>, u64)>, phase: &Phase) -> bool {
    let news = match said.get(&phase.key) {
        Some((kind, state, at)) if *kind == phase.kind && *state == phase.state => {
            let waits = matches!(kind, PhaseKind::Waiting | PhaseKind::Deleting | PhaseKind::Blocked);
            !waits || phase.elapsed >= at + SAY_EVERY
        }
        _ => true,
    };
    if news {
        said.insert(phase.key.clone(), (phase.kind, phase.state.clone(), phase.elapsed));
    }
    news
}

fn phase_json(phase: &Phase, lang: Lang) -> Value {
    let mut line = json!({
        "schema": 1,
        "time": out::time(phase.time),
        "step": phase.step,
        "resource": phase.key.name,
        "kind": phase.key.kind,
        "phase": phase.kind,
    });
    let mut put = |name: &str, value: Option<Value>| {
        if let (Some(value), Some(line)) = (value, line.as_object_mut()) {
            line.insert(name.to_owned(), value);
        }
    };
    put("operation", phase.operation.clone().map(Value::from));
    put("id", phase.id.clone().map(Value::from));
    put("state", phase.state.clone().map(Value::from));
    put("detail", phase.detail.clone().map(Value::from));
    put("elapsed_ms", Some(phase.elapsed.into()));
    put("problem", phase.problem.as_ref().map(|problem| problem_json(problem, lang)));
    line
}

fn phase_line(phase: &Phase, lang: Lang) -> String {
    let (mark, ko, en) = match phase.kind {
        PhaseKind::Kept => ("✓", "그대로 있음", "stands"),
        PhaseKind::Adopted => ("✓", "찾아서 등록함", "adopted"),
        PhaseKind::Calling => ("→", "호출", "calling"),
        PhaseKind::Called => ("←", "응답", "answered"),
        PhaseKind::Waiting => ("◌", "대기", "waiting"),
        PhaseKind::Ready => ("●", "준비됨", "ready"),
        PhaseKind::Retrying => ("↻", "다시 시도", "retrying"),
        PhaseKind::Failed => ("✗", "실패", "failed"),
        PhaseKind::Skipped => ("-", "건너뜀", "skipped"),
        PhaseKind::Deleting => ("⌫", "삭제 중", "deleting"),
        PhaseKind::Blocked => ("!", "막혀 있음", "blocked by"),
        PhaseKind::Deleted => ("✓", "삭제됨", "deleted"),
    };
    let word = if lang == Lang::Ko { ko } else { en };
    let mut line = format!("{mark} {:<44} {word}", phase.key.name);
    let parts = [phase.operation.as_deref(), phase.id.as_deref(), phase.state.as_deref(), phase.detail.as_deref()];
    for part in parts.into_iter().flatten() {
        line.push(' ');
        line.push_str(part);
    }
    if phase.usual > 0 && matches!(phase.kind, PhaseKind::Waiting | PhaseKind::Deleting | PhaseKind::Blocked) {
        let usual = if lang == Lang::Ko { "보통" } else { "usually" };
        line.push_str(&format!("  {} / {usual} {}", clock(phase.elapsed), clock(phase.usual)));
    }
    if let Some(problem) = &phase.problem {
        line.push_str("\n  ");
        line.push_str(&problem.render(lang).replace('\n', "\n  "));
    }
    line
}

fn clock(ms: u64) -> String {
    let seconds = ms / 1000;
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn summary(report: &RunReport, lang: Lang) {
    let (failed, skipped) = (report.failed.len(), report.skipped.len());
    out::line(if lang == Lang::Ko {
        format!("실패 {failed}개, 건너뜀 {skipped}개. 고친 뒤 다시 실행하면 이어서 합니다")
    } else {
        format!("{failed} failed, {skipped} skipped. Fix it and run again: it goes on from here")
    });
}

fn say_manual(engine: &Engine, step: &str, waiting: &[&str], lang: Lang, json: bool) {
    let dependents = waiting.join(", ");
    if json {
        out::json(&json!({
            "schema": 1, "time": out::time(engine.now()), "step": step, "resource": step, "phase": "skipped",
            "detail": dependents,
        }));
    } else {
        out::line(format!("- {}", manual_line(engine, step, &dependents, lang)));
    }
}

/// What is said of a manual step that nobody has done: that it is left out, and what with it.
pub(super) fn manual_line(engine: &Engine, step: &str, dependents: &str, lang: Lang) -> String {
    let title = engine.course().step(step).map(|known| format!(" ({} {})", known.number, known.title.get(lang)));
    let title = title.unwrap_or_default();
    match (lang, dependents.is_empty()) {
        (Lang::Ko, true) => format!("{step}{title}: 직접 해야 하는 단계라 건너뜁니다"),
        (Lang::Ko, false) => {
            format!("{step}{title}: 직접 해야 하는 단계라 건너뜁니다. 이 단계를 기다리는 단계: {dependents}")
        }
        (Lang::En, true) => format!("{step}{title}: only a person can do it; skipped"),
        (Lang::En, false) => format!("{step}{title}: only a person can do it; skipped. Waiting for it: {dependents}"),
    }
}

/// Says what of a step is left out for this learner, and how it can be had.
fn say_without(engine: &Engine, step: &str, lang: Lang, json: bool) {
    let Some(step) = engine.course().step(step).filter(|step| !step.without.is_empty()) else { return };
    let names: Vec<&str> = step.without.iter().map(|key| key.name.as_str()).collect();
    let names = names.join(", ");
    if json {
        out::json(&json!({
            "schema": 1, "time": out::time(engine.now()), "step": step.id, "resource": step.id, "phase": "skipped",
            "detail": format!("no domain: {names}"),
        }));
    } else if lang == Lang::Ko {
        out::line(format!("- {}: 도메인이 없어 뺍니다 ({names}). 있다면 --domain 이름으로 알려 주세요", step.id));
    } else {
        out::line(format!("- {}: left out without a domain ({names}). If you have one, pass --domain NAME", step.id));
    }
}

/// After Ctrl-C: what still stands, what it costs, and how to remove it.
pub(super) async fn interrupted(engine: &Engine, lang: Lang, json: bool) {
    let Ok(survey) = engine.survey().await else { return };
    let count = survey.rows.iter().filter(|row| row.health.is_some()).count();
    let cost = out::usd(survey.cost_per_hour);
    let flag = if engine.practice().is_some() { "" } else { "--aws " };
    let text = if lang == Lang::Ko {
        format!("멈췄습니다. 리소스 {count}개가 남아 있고 {cost}/h가 듭니다. 지우려면: awslab {flag}cleanup")
    } else {
        format!("Stopped. {count} resources stand and cost {cost}/h. To remove them: awslab {flag}cleanup")
    };
    for text in std::iter::once(text).chain(super::load::running(engine, lang)) {
        if json {
            eprintln!("awslab: {text}");
        } else {
            out::line(text);
        }
    }
}
