//! `awslab cleanup`: delete what was made, in order, and look again. Without a target and without a region that is everything
//! that awslab knows of in this account, in whatever regions.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::config::Config;
use crate::engine::{Engine, Setup, leftover};
use crate::i18n::{Lang, Text};
use crate::lab::report::{CleanupReport, Elsewhere, Left, Teardown, TeardownItem};
use crate::lab::story::{Story, stories, told};
use crate::problem::Problem;

use super::{Consent, open, out, problem_json, run, target};

/// What is taken down together: a session and what it deletes.
struct Part {
    engine: Engine,
    teardown: Teardown,
}

/// Runs the command.
pub async fn run(
    config: &Config,
    targets: &[String],
    consent: &Consent,
    dry_run: bool,
    json: bool,
) -> Result<u8, Problem> {
    let lang = config.lang;
    let engine = open(config).await?;
    let steps = target::steps(engine.course(), targets)?;
    let parts = parts(config, &engine, &steps).await?;
    let items = items(&parts);
    if dry_run {
        if json {
            out::json(&json!({
                "schema": 1,
                "dry_run": true,
                "deleted": [],
                "would_delete": items.iter().map(|item| json!({
                    "kind": item.row.key.kind, "name": item.row.key.name, "id": item.row.id,
                    "region": item.row.region, "after": item.after,
                })).collect::<Vec<_>>(),
                "left": [],
                "elsewhere": elsewhere(&engine, &parts)?,
            }));
        } else {
            show(&items, lang);
            tell_elsewhere(&engine, &elsewhere(&engine, &parts)?, lang);
        }
        return Ok(0);
    }
    if !json {
        show(&items, lang);
    }
    if !items.is_empty() {
        let (count, account) = (items.len(), &engine.facts().scope.account);
        let question = Text::new(
            format!("{account} 계정에서 {count}개를 지울까요?"),
            format!("Delete {} in {account}?", crate::i18n::counted(count, "resource")),
        );
        if !out::agreed(&engine, consent, lang, &question)? {
            return Ok(0);
        }
    }
    let since = engine.now();
    let (report, cancelled) = take_down(&parts, &steps, lang, json).await?;
    let survey = engine.survey().await?;
    let mut cost = (survey.cost_per_hour, survey.cost_so_far);
    for part in parts.iter().filter(|part| part.engine.facts().scope != engine.facts().scope) {
        let there = part.engine.survey().await?;
        cost = (cost.0 + there.cost_per_hour, cost.1 + there.cost_so_far);
    }
    let stories = stories(engine.course(), &survey.history, &engine.ways(), since);
    let elsewhere = engine.elsewhere()?;
    if json {
        out::json(&json!({
            "schema": 1,
            "deleted": report.deleted.iter().map(|key| json!({ "kind": key.kind, "name": key.name })).collect::<Vec<_>>(),
            "left": report.left.iter().map(|left| left_json(left, lang)).collect::<Vec<_>>(),
            "elsewhere": elsewhere,
            "verified_at": out::time(report.verified_at),
            "regions": report.regions,
            "cost_per_hour": cost.0,
            "cost_so_far": cost.1,
            "report": stories.iter().map(|story| story_json(story, engine.now())).collect::<Vec<_>>(),
        }));
    }
    if !json {
        for story in &stories {
            tell(&engine, story, lang);
        }
    }
    if cancelled {
        run::interrupted(&engine, lang, json).await;
        return Ok(130);
    }
    if !report.left.is_empty() {
        if !json {
            for left in &report.left {
                out::line(left_line(left, lang));
            }
            tell_elsewhere(&engine, &elsewhere, lang);
        }
        return Err(leftover(&report))
            .or_else(|problem| if json { Ok(problem.kind.exit_code()) } else { Err(problem) });
    }
    if !json {
        let (at, cost, far) = (out::time(report.verified_at), out::usd(cost.0), out::usd(cost.1));
        let regions = report.regions.join(", ");
        let rest = survey.rows.iter().filter(|row| row.health.is_some()).count();
        out::line(match (lang, targets.is_empty()) {
            (Lang::Ko, true) => {
                format!("남은 것 0개 · {cost}/h · 지금까지 {far} · {regions}에서 {at}에 다시 확인했습니다")
            }
            (Lang::En, true) => format!("0 left · {cost}/h · {far} so far · looked again in {regions} at {at}"),
            (Lang::Ko, false) => {
                format!("고른 것 가운데 남은 것 0개 · 그 밖에 {rest}개 · {cost}/h · {at}에 다시 확인했습니다")
            }
            (Lang::En, false) => {
                format!("0 left of what was named · {rest} others stand · {cost}/h · looked again at {at}")
            }
        });
        tell_elsewhere(&engine, &elsewhere, lang);
    }
    Ok(0)
}

/// The sessions that are cleaned up, this one last, so that its fresh look comes after everything. Who asks for everything and
/// names no region means whatever stands in this account, also what was made with other regions.
async fn parts(config: &Config, engine: &Engine, steps: &[String]) -> Result<Vec<Part>, Problem> {
    let mut parts = Vec::new();
    if steps.is_empty() && config.setup.region.is_none() && config.setup.peer.is_none() {
        for place in engine.elsewhere()? {
            let setup =
                Setup { region: Some(place.home), peer: Some(place.peer), domain: None, ..config.setup.clone() };
            let engine = Engine::open(setup, config.course()?).await?;
            let teardown = engine.teardown(&[]).await?;
            parts.push(Part { engine, teardown });
        }
    }
    parts.push(Part { engine: engine.clone(), teardown: engine.teardown(steps).await? });
    Ok(parts)
}

/// What is deleted, each once: two sessions may share a region.
fn items(parts: &[Part]) -> Vec<&TeardownItem> {
    let mut seen = BTreeSet::new();
    let items = parts.iter().flat_map(|part| &part.teardown.items);
    items.filter(|item| seen.insert((item.row.region.as_str(), item.row.id.as_str()))).collect()
}

/// What stands where none of these sessions looks.
fn elsewhere(engine: &Engine, parts: &[Part]) -> Result<Vec<Elsewhere>, Problem> {
    let mut found = engine.elsewhere()?;
    let covered = |place: &Elsewhere| {
        parts.iter().map(|part| &part.engine.facts().scope).any(|s| s.home == place.home && s.peer == place.peer)
    };
    found.retain(|place| !covered(place));
    Ok(found)
}

/// What stands where nobody of this session looks, a line each.
pub(super) fn tell_elsewhere(engine: &Engine, places: &[Elsewhere], lang: Lang) {
    let backend = &engine.facts().scope.backend;
    for place in places {
        let cost = format!("{}/h", out::usd(place.cost_per_hour));
        out::line(format!("! {}", place.text(backend, &cost).get(lang)));
    }
}

/// Deletes part after part, and gives one report of all, and whether the learner stopped it.
async fn take_down(parts: &[Part], steps: &[String], lang: Lang, json: bool) -> Result<(CleanupReport, bool), Problem> {
    let mut whole = CleanupReport::default();
    for (at, part) in parts.iter().enumerate() {
        // What an earlier part has taken along is no work any more.
        let teardown = if at == 0 { part.teardown.clone() } else { part.engine.teardown(steps).await? };
        // In JSON the one object at the end is all that is printed.
        let (heard, stopped) = tokio::sync::watch::channel(false);
        let report = run::follow(lang, false, async |cancel, sink| {
            let sink = if json { tokio::sync::mpsc::unbounded_channel().0 } else { sink };
            let result = part.engine.cleanup(teardown, cancel.clone(), sink).await;
            let _ = heard.send(*cancel.borrow());
            result
        })
        .await?;
        whole.deleted.extend(report.deleted);
        whole.left.extend(report.left);
        whole.verified_at = report.verified_at;
        for region in report.regions {
            if !whole.regions.contains(&region) {
                whole.regions.push(region);
            }
        }
        if *stopped.borrow() {
            return Ok((whole, true));
        }
    }
    if parts.len() > 1 && !whole.left.is_empty() {
        // What held something of one part may have gone with a later one.
        let mut still = BTreeSet::new();
        for part in parts {
            still.extend(part.engine.teardown(&[]).await?.items.into_iter().map(|item| item.row.id));
        }
        whole.left.retain(|left| still.contains(&left.id));
    }
    Ok((whole, false))
}

/// What was built in a chapter.
fn tell(engine: &Engine, story: &Story, lang: Lang) {
    let Some(chapter) = engine.course().chapter(&story.chapter) else { return };
    let facts = told(story, engine.now(), lang).join(" · ");
    out::line(format!("{} {}: {facts}", chapter.number, chapter.title.get(lang)));
    let title = |kind: &str| engine.kinds().kind(kind).map_or_else(|| Text::same(kind), |kind| kind.title());
    let kinds = story.kinds.iter().map(|(kind, count)| format!("{} {count}", title(kind).get(lang)));
    out::line(format!("  {}", kinds.collect::<Vec<_>>().join(", ")));
}

fn story_json(story: &Story, now: i64) -> Value {
    json!({
        "chapter": story.chapter,
        "resources": story.count(),
        "kinds": story.kinds.iter().cloned().collect::<std::collections::BTreeMap<String, usize>>(),
        "by_hand": story.by_hand,
        "hints": story.hints,
        "seconds": story.millis(now) / 1000,
        "cost": story.cost,
    })
}

fn show(items: &[&TeardownItem], lang: Lang) {
    let several = items.iter().map(|item| item.row.region.as_str()).collect::<BTreeSet<_>>().len() > 1;
    for item in items {
        let adopted = match (item.row.adopted, lang) {
            (false, _) => "",
            (true, Lang::Ko) => "  (직접 만든 것)",
            (true, Lang::En) => "  (made by hand)",
        };
        let region = if several { format!("{:<16}", item.row.region) } else { String::new() };
        out::line(format!("  - {region}{:<26} {:<44} {}{adopted}", item.row.key.kind, item.row.key.name, item.row.id));
    }
    let (count, cost) = (items.len(), out::usd(items.iter().map(|item| item.row.cost_per_hour).sum()));
    out::line(if lang == Lang::Ko {
        format!("지울 것 {count}개 (지금 {cost}/h)")
    } else {
        format!("{count} to delete (now {cost}/h)")
    });
}

fn left_json(left: &Left, lang: Lang) -> Value {
    json!({
        "kind": left.key.kind,
        "name": left.key.name,
        "id": left.id,
        "region": left.region,
        "blocked_by": left.blocked_by.iter().map(|blocker| json!({
            "kind": blocker.kind, "id": blocker.id, "name": blocker.name,
            "why": blocker.why.get(lang), "passes": blocker.passes,
        })).collect::<Vec<_>>(),
        "problem": left.problem.as_ref().map(|problem| problem_json(problem, lang)),
    })
}

fn left_line(left: &Left, lang: Lang) -> String {
    let mut line = format!("✗ {:<26} {:<44} {}", left.key.kind, left.key.name, left.id);
    for blocker in &left.blocked_by {
        line.push_str(&format!("\n    ← {} {} {}: {}", blocker.kind, blocker.name, blocker.id, blocker.why.get(lang)));
    }
    if let Some(problem) = &left.problem {
        line.push_str(&format!("\n    {}", problem.title.get(lang)));
    }
    line
}
