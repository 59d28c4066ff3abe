//! `awslab status`: what stands, and what it costs.

use std::collections::BTreeSet;

use serde_json::json;

use crate::config::Config;
use crate::course::model::{Key, StepKind};
use crate::engine::Engine;
use crate::i18n::{Lang, Text};
use crate::lab::facts::Backend;
use crate::lab::manual;
use crate::lab::plan::Scene;
use crate::lab::quiz::score;
use crate::lab::report::{StepState, Survey};
use crate::lab::world::{Health, Observed};
use crate::problem::Problem;

use super::{cleanup, open, out};

/// Runs the command.
pub async fn run(config: &Config, json: bool) -> Result<u8, Problem> {
    let engine = open(config).await?;
    let survey = engine.survey().await?;
    let scope = &engine.facts().scope;
    let progress = engine.progress();
    let done = progress.values().filter(|state| **state == StepState::Done).count();
    let score = score(engine.course().steps(), &engine.answers());
    let backend = match &scope.backend {
        Backend::Practice => "practice",
        Backend::Aws => "aws",
        Backend::Endpoint(url) => url,
    };
    let manual = manual(&engine, &survey);
    if json {
        let resources: Vec<_> = survey
            .rows
            .iter()
            .map(|row| {
                json!({
                    "kind": row.key.kind,
                    "name": row.key.name,
                    "id": row.id,
                    "region": row.region,
                    "step": row.step,
                    "state": row.state,
                    "health": row.health,
                    "adopted": row.adopted,
                    "drift": row.differences.iter().map(|d| json!({
                        "field": d.field, "wanted": d.wanted, "found": d.found,
                    })).collect::<Vec<_>>(),
                    "cost_per_hour": row.cost_per_hour,
                    "cost_so_far": row.cost_so_far,
                })
            })
            .collect();
        out::json(&json!({
            "schema": 1,
            "backend": backend,
            "account": scope.account,
            "region": scope.home,
            "peer_region": scope.peer,
            "time": out::time(survey.at),
            "progress": { "done": done, "steps": progress.len(), "questions": score },
            "resources": resources,
            "manual": manual.iter().map(|(step, waiting)| json!({ "step": step, "held": waiting })).collect::<Vec<_>>(),
            "elsewhere": survey.elsewhere,
            "cost_per_hour": survey.cost_per_hour,
            "cost_so_far": survey.cost_so_far,
        }));
        return Ok(0);
    }
    out::line(format!("{backend} · {} · {} · {}", scope.account, scope.home, out::time(survey.at)));
    for row in &survey.rows {
        let mark = match (row.health, row.differences.is_empty()) {
            (None, _) => "✗",
            (Some(_), false) => "!",
            (Some(Health::Ready), true) => "●",
            (Some(_), true) => "◌",
        };
        let cost = if row.cost_per_hour > 0.0 { format!("{}/h", out::usd(row.cost_per_hour)) } else { String::new() };
        out::line(format!("{mark} {:<26} {:<44} {:<26} {:<12} {cost}", row.key.kind, row.key.name, row.id, row.state));
    }
    for (step, waiting) in &manual {
        out::line(format!("- {}", super::run::manual_line(&engine, step, &waiting.join(", "), config.lang)));
    }
    let standing = survey.rows.iter().filter(|row| row.health.is_some()).count();
    let (count, hour, far) = (standing, out::usd(survey.cost_per_hour), out::usd(survey.cost_so_far));
    let (steps, right, all) = (progress.len(), score.right, score.all);
    out::line(if config.lang == Lang::Ko {
        format!("진행 {done}/{steps} · 퀴즈 {right}/{all}")
    } else {
        format!("{done} of {steps} steps · quiz {right}/{all}")
    });
    out::line(if config.lang == Lang::Ko {
        format!("{count}개 · {hour}/h · 지금까지 {far}")
    } else {
        format!("{} · {hour}/h · {far} so far", crate::i18n::counted(count, "resource"))
    });
    if let Some(text) = gone(&engine, &survey) {
        out::line(text.get(config.lang));
    }
    cleanup::tell_elsewhere(&engine, &survey.elsewhere, config.lang);
    let found = not_taken_over(&engine, &survey);
    if found > 0 {
        out::line(if config.lang == Lang::Ko {
            format!(
                "! 과정의 이름으로 {found}개가 더 있지만 awslab의 장부에는 없습니다. 내가 만든 것이면 그 단계를 확인해 넘겨받게 하세요: awslab check vpc"
            )
        } else {
            format!(
                "! {found} more stand under the course's names and are not in awslab's ledger. If you made them, check their steps and they are taken over: awslab check vpc"
            )
        });
    }
    Ok(0)
}

/// What is said of things that are gone though awslab did not delete them, and what can be done. Their steps stay done: what
/// was learnt is not undone by a deletion, awslab's own neither.
fn gone(engine: &Engine, survey: &Survey) -> Option<Text> {
    let gone: Vec<&str> = survey.rows.iter().filter(|row| row.health.is_none()).map(|row| row.step.as_str()).collect();
    if gone.is_empty() {
        return None;
    }
    let course = engine.course();
    let sections = course.chapters.iter().flat_map(|chapter| &chapter.sections);
    let of_gone = sections.filter(|section| section.steps.iter().any(|step| gone.contains(&step.id.as_str())));
    let targets: Vec<&str> = of_gone.map(|section| section.id.as_str()).collect();
    let flag = if engine.practice().is_some() { "" } else { "--aws " };
    let (count, targets) = (gone.len(), targets.join(" "));
    Some(Text::new(
        format!(
            "! 없어진 것 {count}개: awslab이 지우지 않았는데 보이지 않습니다. 다시 만들려면: awslab {flag}run {targets}, 목록에서 빼려면: awslab {flag}cleanup"
        ),
        format!(
            "! {count} gone, and not by awslab. To make them again: awslab {flag}run {targets}; to take them off this list: awslab {flag}cleanup"
        ),
    ))
}

/// How much stands under the names of the course that nobody has written into the ledger.
fn not_taken_over(engine: &Engine, survey: &Survey) -> usize {
    let in_ledger: BTreeSet<&Key> = survey.rows.iter().map(|row| &row.key).collect();
    let is_free = |one: &&Observed| {
        let kind = engine.kinds().kind(&one.key.kind);
        let may = kind.is_some_and(|kind| !kind.is_lookup() && kind.adopts(one));
        may && !in_ledger.contains(&one.key) && !matches!(one.health, Health::Deleting | Health::Failed)
    };
    survey.world.found().filter(is_free).count()
}

/// The manual steps that are not noted as done in sections where something stands, each with the steps that wait for it.
fn manual(engine: &Engine, survey: &Survey) -> Vec<(String, Vec<String>)> {
    let course = engine.course();
    let section = |step: &str| course.home_of(step).map(|(_, section)| section.id.as_str());
    let begun: BTreeSet<&str> = survey.rows.iter().filter_map(|row| section(&row.step)).collect();
    let progress = engine.progress();
    let open: BTreeSet<String> = course
        .steps()
        .filter(|step| step.kind == StepKind::Manual && section(&step.id).is_some_and(|id| begun.contains(id)))
        .filter(|step| progress.get(&step.id) != Some(&StepState::Done))
        .map(|step| step.id.clone())
        .collect();
    let scene =
        Scene { course, kinds: engine.kinds(), facts: engine.facts(), desired: engine.desired(), world: &survey.world };
    let held = manual::held(&scene, &open);
    let waiting = |step: &str| -> Vec<String> {
        held.iter().filter(|held| held.waits_for == step).map(|held| held.step.clone()).collect()
    };
    let in_order = course.steps().filter(|step| open.contains(&step.id));
    in_order.map(|step| (step.id.clone(), waiting(&step.id))).collect()
}
