//! `awslab plan`: the calls, without running them.

use serde_json::json;

use crate::config::Config;
use crate::engine::Engine;
use crate::i18n::Lang;
use crate::lab::report::Plan;
use crate::lab::{cli, script};
use crate::problem::Problem;

use super::{open, out, target};

/// Runs the command.
pub async fn run(config: &Config, targets: &[String], json: bool, as_script: bool) -> Result<u8, Problem> {
    let engine = open(config).await?;
    let steps = target::steps(engine.course(), targets)?;
    let plan = engine.plan(&steps).await?;
    if as_script {
        let survey = engine.survey().await?;
        let scene = script::Scene { kinds: engine.kinds(), desired: engine.desired(), world: &survey.world };
        out::line(script::script(&plan, &scene));
    } else if json {
        out::json(&plan_json(&plan));
    } else if let Some(text) = target::only_reading(engine.course(), &steps) {
        out::line(text.get(config.lang));
    } else {
        show(&engine, &plan, config.lang);
    }
    Ok(0)
}

fn plan_json(plan: &Plan) -> serde_json::Value {
    let calls: Vec<_> = plan
        .calls
        .iter()
        .map(|planned| {
            let call = &planned.call;
            json!({
                "step": call.step,
                "service": call.service.cli(),
                "operation": call.operation,
                "resource": call.key.name,
                "kind": call.key.kind,
                "region": call.region,
                "cli": cli::command(call),
                "iam_action": call.iam_action(),
                "after": planned.after,
            })
        })
        .collect();
    let names = |keys: &[crate::course::model::Key]| {
        keys.iter().map(|key| json!({ "kind": key.kind, "name": key.name })).collect::<Vec<_>>()
    };
    json!({
        "schema": 1,
        "steps": plan.steps,
        "calls": calls,
        "kept": names(&plan.kept),
        "adopted": names(&plan.adopted),
        "pending": names(&plan.pending),
        "conflicts": plan.conflicts.iter().map(|d| json!({
            "kind": d.key.kind, "name": d.key.name, "field": d.field, "wanted": d.wanted, "found": d.found,
        })).collect::<Vec<_>>(),
        "ambiguous": plan.ambiguous.iter().map(|(key, ids)| json!({
            "kind": key.kind, "name": key.name, "ids": ids,
        })).collect::<Vec<_>>(),
        "manual": plan.manual,
        "held": plan.held.iter().map(|held| json!({
            "step": held.step, "waits_for": held.waits_for,
        })).collect::<Vec<_>>(),
        "cost_per_hour": plan.cost_per_hour,
    })
}

/// Shows a plan to a person.
pub(super) fn show(engine: &Engine, plan: &Plan, lang: Lang) {
    let say = |ko: String, en: String| out::line(if lang == Lang::Ko { ko } else { en });
    let mut step = "";
    for planned in &plan.calls {
        let call = &planned.call;
        if call.step != step {
            step = &call.step;
            let title = engine.course().step(step).map(|s| format!("{} {}", s.number, s.title.get(lang)));
            out::line(title.unwrap_or_else(|| step.to_owned()));
        }
        out::line(format!("  + {:<32} {}", call.operation, call.key.name));
    }
    if !plan.kept.is_empty() || !plan.adopted.is_empty() {
        let (kept, adopted) = (plan.kept.len(), plan.adopted.len());
        say(
            format!("이미 있는 것 {kept}개, 직접 만든 것을 찾아 등록할 것 {adopted}개"),
            format!("{kept} stand already, {adopted} made by hand are adopted"),
        );
    }
    for (key, ids) in &plan.ambiguous {
        let ids = ids.join(", ");
        say(
            format!("! {}: 여러 개가 있습니다 ({ids})", key.name),
            format!("! {}: there are several ({ids})", key.name),
        );
    }
    for difference in &plan.conflicts {
        let name = &difference.key.name;
        let (field, found, wanted) = (&difference.field, &difference.found, &difference.wanted);
        if wanted.is_empty() {
            say(
                format!("! {name}: {field} {found} (과정에는 없습니다)"),
                format!("! {name}: {field} {found} (the course has none)"),
            );
            continue;
        }
        say(
            format!("! {name}: {field} {found} (과정: {wanted})"),
            format!("! {name}: {field} {found} (the course wants: {wanted})"),
        );
    }
    for step in &plan.manual {
        let waiting = plan.held.iter().filter(|held| held.waits_for == *step).map(|held| held.step.as_str());
        let waiting = waiting.collect::<Vec<_>>().join(", ");
        out::line(format!("- {}", super::run::manual_line(engine, step, &waiting, lang)));
    }
    let (count, cost) = (plan.calls.len(), out::usd(plan.cost_per_hour));
    say(format!("호출 {count}개, 비용 +{cost}/h"), format!("{}, cost +{cost}/h", crate::i18n::counted(count, "call")));
}
