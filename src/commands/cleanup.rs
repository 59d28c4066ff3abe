//! `awslab cleanup`: delete what was made, in order, and look again.

use serde_json::{Value, json};

use crate::config::Config;
use crate::engine::{Engine, leftover};
use crate::i18n::{Lang, Text};
use crate::lab::report::{Left, Teardown};
use crate::lab::story::{Story, stories, told};
use crate::problem::Problem;

use super::{Consent, open, out, problem_json, run, target};

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
    let teardown = engine.teardown(&steps).await?;
    if dry_run {
        if json {
            out::json(&json!({
                "schema": 1,
                "dry_run": true,
                "deleted": [],
                "would_delete": teardown.items.iter().map(|item| json!({
                    "kind": item.row.key.kind, "name": item.row.key.name, "id": item.row.id,
                    "region": item.row.region, "after": item.after,
                })).collect::<Vec<_>>(),
                "left": [],
            }));
        } else {
            show(&teardown, lang);
        }
        return Ok(0);
    }
    if !json {
        show(&teardown, lang);
    }
    if !teardown.items.is_empty() {
        let (count, account) = (teardown.items.len(), &engine.facts().scope.account);
        let question = Text::new(
            format!("{account} 계정에서 {count}개를 지울까요?"),
            format!("Delete {count} resources in {account}?"),
        );
        if !out::agreed(&engine, consent, lang, &question)? {
            return Ok(0);
        }
    }
    let everything = teardown.everything;
    let since = engine.now();
    // In JSON the one object at the end is all that is printed.
    let (heard, stopped) = tokio::sync::watch::channel(false);
    let report = run::follow(lang, false, async |cancel, sink| {
        let sink = if json { tokio::sync::mpsc::unbounded_channel().0 } else { sink };
        let result = engine.cleanup(teardown, cancel.clone(), sink).await;
        let _ = heard.send(*cancel.borrow());
        result
    })
    .await?;
    let cancelled = *stopped.borrow();
    let survey = engine.survey().await?;
    let stories = stories(engine.course(), &survey.history, &engine.ways(), since);
    if json {
        out::json(&json!({
            "schema": 1,
            "deleted": report.deleted.iter().map(|key| json!({ "kind": key.kind, "name": key.name })).collect::<Vec<_>>(),
            "left": report.left.iter().map(|left| left_json(left, lang)).collect::<Vec<_>>(),
            "verified_at": out::time(report.verified_at),
            "regions": report.regions,
            "cost_per_hour": survey.cost_per_hour,
            "cost_so_far": survey.cost_so_far,
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
        }
        return Err(leftover(&report))
            .or_else(|problem| if json { Ok(problem.kind.exit_code()) } else { Err(problem) });
    }
    if !json {
        let (at, cost, far) =
            (out::time(report.verified_at), out::usd(survey.cost_per_hour), out::usd(survey.cost_so_far));
        let regions = report.regions.join(", ");
        let rest = survey.rows.len();
        out::line(match (lang, everything) {
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
    }
    Ok(0)
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

fn show(teardown: &Teardown, lang: Lang) {
    for item in &teardown.items {
        let adopted = match (item.row.adopted, lang) {
            (false, _) => "",
            (true, Lang::Ko) => "  (직접 만든 것)",
            (true, Lang::En) => "  (made by hand)",
        };
        out::line(format!("  - {:<26} {:<44} {}{adopted}", item.row.key.kind, item.row.key.name, item.row.id));
    }
    let (count, cost) = (teardown.items.len(), out::usd(teardown.cost_per_hour));
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
