//! `awslab check --watch`: follows what a learner does by hand until all of it is right, then takes it over.
//!
//! Promises: one line a change, nothing while nothing changes; the cloud is not changed; it ends with 0 when every condition
//! holds and the ledger knows what was made, with 130 when it is interrupted.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::config::Config;
use crate::course::model::{Step, StepKind};
use crate::engine::Engine;
use crate::i18n::Lang;
use crate::lab::facts::Backend;
use crate::lab::hand::{Hand, Pace, Stage};
use crate::problem::{Problem, ProblemKind};

use super::{open, out, problem_json, target};

/// Runs the command.
pub async fn run(config: &Config, targets: &[String], json: bool) -> Result<u8, Problem> {
    let engine = open(config).await?;
    let named = target::steps(engine.course(), targets)?;
    let course = engine.course().clone();
    let watched = |step: &&Step| step.kind != StepKind::Read && !step.checks.is_empty() && named.contains(&step.id);
    let steps: Vec<&Step> = course.steps().filter(watched).collect();
    let mut teller = Teller { engine: &engine, lang: config.lang, json, said: BTreeMap::new() };
    let mut pace = Pace::new(engine.facts().scope.backend == Backend::Practice);
    loop {
        match look(&engine, &steps, pace.is_thorough()).await {
            Ok(hands) => {
                let news = hands.iter().zip(&steps).fold(false, |news, (hand, step)| teller.tell(step, hand) | news);
                pace.looked(news);
                if hands.iter().all(Hand::is_right) {
                    return take_over(&engine, &teller, &hands).await;
                }
            }
            Err(problem)
                if matches!(problem.kind, ProblemKind::Throttled | ProblemKind::Network | ProblemKind::Timeout) =>
            {
                pace.refused();
                teller.trouble(&problem);
            }
            Err(problem) => return Err(problem),
        }
        tokio::select! {
            () = tokio::time::sleep(pace.pause()) => {}
            _ = tokio::signal::ctrl_c() => return Ok(130),
        }
    }
}

async fn look(engine: &Engine, steps: &[&Step], thorough: bool) -> Result<Vec<Hand>, Problem> {
    let mut hands = Vec::new();
    for step in steps {
        hands.push(engine.hand(&step.id, thorough).await?);
    }
    Ok(hands)
}

/// Writes what was made by hand into the ledger.
async fn take_over(engine: &Engine, teller: &Teller<'_>, hands: &[Hand]) -> Result<u8, Problem> {
    let steps: Vec<String> = hands.iter().map(|hand| hand.step.clone()).collect();
    let report = engine.check(&steps).await?;
    let names: Vec<&str> = hands.iter().flat_map(|hand| &hand.adopts).map(|key| key.name.as_str()).collect();
    if teller.json {
        out::json(&json!({ "schema": 1, "ok": report.ok(), "time": out::time(engine.now()), "adopted": names }));
    } else {
        if !names.is_empty() {
            out::line(match teller.lang {
                Lang::Ko => format!("✓ 직접 만든 것을 장부에 적었습니다: {}", names.join(", ")),
                Lang::En => format!("✓ What you made is in the ledger now: {}", names.join(", ")),
            });
        }
        out::line(match teller.lang {
            Lang::Ko => "✓ 모두 맞습니다.",
            Lang::En => "✓ All is right.",
        });
    }
    Ok(u8::from(!report.ok()))
}

/// Says what has changed since it was last said.
struct Teller<'a> {
    engine: &'a Engine,
    lang: Lang,
    json: bool,
    /// By step and condition (or remark), what was said.
    said: BTreeMap<(String, String), String>,
}

impl Teller<'_> {
    /// Whether it is news, and from now on not any more.
    fn is_news(&mut self, step: &str, of: &str, said: &str) -> bool {
        self.said.insert((step.to_owned(), of.to_owned()), said.to_owned()).as_deref() != Some(said)
    }

    fn line(&self, step: &Step, fields: Value, text: &str) {
        if self.json {
            let mut line = json!({ "schema": 1, "time": out::time(self.engine.now()), "step": step.id });
            if let (Some(line), Value::Object(fields)) = (line.as_object_mut(), fields) {
                line.extend(fields);
            }
            out::json(&line);
        } else {
            out::line(format!("{} {text}", step.number));
        }
    }

    /// Tells a look; whether there was anything new.
    fn tell(&mut self, step: &Step, hand: &Hand) -> bool {
        let mut news = false;
        let first: Vec<&str> = hand.first.iter().map(|(key, _)| key.name.as_str()).collect();
        if (!first.is_empty() || self.said.contains_key(&(step.id.clone(), "first".to_owned())))
            && self.is_news(&step.id, "first", &first.join(", "))
        {
            news = true;
            let names = first.join(", ");
            let text = match self.lang {
                Lang::Ko => format!("! 먼저 있어야 할 것: {names}"),
                Lang::En => format!("! must be there first: {names}"),
            };
            if !first.is_empty() {
                self.line(step, json!({ "first": first }), &text);
            }
        }
        for remark in &hand.remarks {
            let text = remark.get(self.lang);
            if self.is_news(&step.id, text, "") {
                news = true;
                self.line(step, json!({ "remark": text }), &format!("! {text}"));
            }
        }
        for one in &hand.conditions {
            // Why it does not hold is told once something is there.
            let speaks = matches!(one.stage, Stage::Wrong | Stage::Coming);
            let detail = if speaks { one.result.detail.get(self.lang) } else { "" };
            if self.is_news(&step.id, &one.result.id, &format!("{} {detail}", one.stage.word())) {
                news = true;
                let title = one.result.title.get(self.lang);
                let mark = match one.stage {
                    Stage::Wrong => "✗",
                    Stage::Coming => "◌",
                    Stage::Waiting => "·",
                    Stage::Right => "✓",
                };
                let mut text = format!("{mark} {title}");
                for line in detail.lines() {
                    text.push_str(&format!("\n      {line}"));
                }
                let fields = json!({
                    "condition": one.result.id, "state": one.stage.word(), "title": title, "detail": detail,
                });
                self.line(step, fields, &text);
            }
        }
        news
    }

    /// Tells why a look failed; the next one comes later.
    fn trouble(&mut self, problem: &Problem) {
        if self.json {
            out::json(&json!({ "schema": 1, "problem": problem_json(problem, self.lang) }));
        } else {
            out::line(format!("! {}", problem.title.get(self.lang)));
        }
    }
}
