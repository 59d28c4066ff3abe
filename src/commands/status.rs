//! `awslab status`: what stands, and what it costs.

use serde_json::json;

use crate::config::Config;
use crate::i18n::Lang;
use crate::lab::facts::Backend;
use crate::problem::Problem;

use super::{open, out};

/// Runs the command.
pub async fn run(config: &Config, json: bool) -> Result<u8, Problem> {
    let engine = open(config).await?;
    let survey = engine.survey().await?;
    let scope = &engine.facts().scope;
    let backend = match &scope.backend {
        Backend::Practice => "practice",
        Backend::Aws => "aws",
        Backend::Endpoint(url) => url,
    };
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
            "resources": resources,
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
            (Some(crate::lab::world::Health::Ready), true) => "●",
            (Some(_), true) => "◌",
        };
        let cost = if row.cost_per_hour > 0.0 { format!("{}/h", out::usd(row.cost_per_hour)) } else { String::new() };
        out::line(format!("{mark} {:<26} {:<44} {:<26} {:<12} {cost}", row.key.kind, row.key.name, row.id, row.state));
    }
    let (count, hour, far) = (survey.rows.len(), out::usd(survey.cost_per_hour), out::usd(survey.cost_so_far));
    out::line(if config.lang == Lang::Ko {
        format!("{count}개 · {hour}/h · 지금까지 {far}")
    } else {
        format!("{count} resources · {hour}/h · {far} so far")
    });
    Ok(0)
}
