//! `awslab check`: named conditions against what is there.

use serde_json::json;

use crate::config::Config;
use crate::course::model::StepKind;
use crate::engine::Engine;
use crate::i18n::Lang;
use crate::lab::report::CheckReport;
use crate::problem::Problem;

use super::{open, out, target};

/// Runs the command.
pub async fn run(config: &Config, targets: &[String], json: bool) -> Result<u8, Problem> {
    let engine = open(config).await?;
    let steps = target::steps(engine.course(), targets)?;
    let report = engine.check(&steps).await?;
    if json {
        let conditions: Vec<_> = report
            .conditions
            .iter()
            .map(|condition| {
                json!({
                    "step": condition.step,
                    "id": condition.id,
                    "ok": condition.ok,
                    "pending": condition.pending,
                    "skipped": condition.skipped,
                    "title": condition.title.get(config.lang),
                    "detail": condition.detail.get(config.lang),
                })
            })
            .collect();
        out::json(&json!({ "schema": 1, "ok": report.ok(), "conditions": conditions }));
    } else if let Some(text) = target::only_reading(engine.course(), &steps) {
        out::line(text.get(config.lang));
    } else {
        show(&engine, &report, config.lang);
        if let Some(text) = failed_line(&report, config.lang).filter(|_| steps.len() > 1) {
            out::line(text);
        }
    }
    Ok(u8::from(!report.ok()))
}

/// The last line where something does not hold: how much, of which steps, and how to look at it again.
pub(super) fn failed_line(report: &CheckReport, lang: Lang) -> Option<String> {
    let failed: Vec<&str> = report.conditions.iter().filter(|one| !one.ok).map(|one| one.step.as_str()).collect();
    let mut steps = failed.clone();
    steps.dedup();
    let (count, steps) = (failed.len(), steps.join(" "));
    let checks = if count == 1 { "check" } else { "checks" };
    (count > 0).then(|| match lang {
        Lang::Ko => format!("확인 {count}개가 맞지 않습니다. 다시 보려면: awslab check {steps}"),
        Lang::En => format!("{count} {checks} failed. To look again: awslab check {steps}"),
    })
}

/// Shows conditions to a person.
pub(super) fn show(engine: &Engine, report: &CheckReport, lang: Lang) {
    let mut step = "";
    for condition in &report.conditions {
        if condition.step != step {
            step = &condition.step;
            let known = engine.course().step(step).filter(|s| s.kind != StepKind::Read);
            out::line(known.map_or_else(|| step.to_owned(), |s| format!("{} {}", s.number, s.title.get(lang))));
        }
        let mark = match (condition.ok, condition.pending) {
            (true, _) if condition.skipped => "-",
            (true, _) => "✓",
            (false, true) => "◌",
            (false, false) => "✗",
        };
        out::line(format!("  {mark} {}", condition.title.get(lang)));
        for detail in condition.detail.get(lang).lines() {
            out::line(format!("      {detail}"));
        }
        // The course speaks of the full screen's key.
        if !condition.ok && condition.detail.get(lang).contains("Enter") {
            let number = engine.course().step(step).map_or(step, |known| known.number.as_str());
            out::line(match lang {
                Lang::Ko => format!("      → 여기서는 Enter 대신: awslab run {number}"),
                Lang::En => format!("      → here, in place of Enter: awslab run {number}"),
            });
        }
    }
}
