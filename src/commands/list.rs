//! `awslab list`: the course with progress.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use crate::config::Config;
use crate::engine::Target;
use crate::i18n::Lang;
use crate::lab::quiz::{Answers, Score, score};
use crate::lab::report::StepState;
use crate::practice::world::dns::PRACTICE_DOMAIN;
use crate::problem::Problem;

use super::{open, out};

/// Runs the command.
pub async fn run(config: &Config, json: bool) -> Result<u8, Problem> {
    let lang = config.lang;
    let (course, progress, answers) = match open(config).await {
        Ok(engine) => (Arc::clone(engine.course()), engine.progress(), engine.answers()),
        // The course itself needs no cloud. Scripts are not told that nothing was done when nobody knows.
        Err(problem) if !json && problem.kind.exit_code() == 1 => {
            let course = config.course()?;
            eprintln!("awslab: {}\n", problem.render(lang));
            eprintln!(
                "{}",
                if lang == Lang::Ko {
                    "어디까지 했는지는 지금 알 수 없습니다."
                } else {
                    "How far you are cannot be told now."
                }
            );
            let domain = (config.setup.target == Target::Practice).then_some(PRACTICE_DOMAIN);
            (Arc::new(course.tailored(domain)), BTreeMap::new(), Answers::default())
        }
        Err(problem) => return Err(problem),
    };
    let state = |step: &str| progress.get(step).copied().unwrap_or_default();
    if json {
        let chapters: Vec<_> = course
            .chapters
            .iter()
            .map(|chapter| {
                let sections: Vec<_> = chapter
                    .sections
                    .iter()
                    .map(|section| {
                        let steps: Vec<_> = section
                            .steps
                            .iter()
                            .map(|step| {
                                let mut shown = json!({
                                    "id": step.id,
                                    "number": step.number,
                                    "title": step.title.get(lang),
                                    "state": state(&step.id),
                                });
                                if !step.questions.is_empty() {
                                    shown["questions"] = json!(score([step], &answers));
                                }
                                shown
                            })
                            .collect();
                        json!({
                            "id": section.id,
                            "number": section.number,
                            "title": section.title.get(lang),
                            "steps": steps,
                        })
                    })
                    .collect();
                json!({
                    "id": chapter.id,
                    "number": chapter.number,
                    "title": chapter.title.get(lang),
                    "sections": sections,
                })
            })
            .collect();
        out::json(&json!({ "schema": 1, "chapters": chapters }));
        return Ok(0);
    }
    for chapter in &course.chapters {
        out::line(format!("{} {}  ({})", chapter.number, chapter.title.get(lang), chapter.id));
        for section in &chapter.sections {
            out::line(format!("  {} {}  ({})", section.number, section.title.get(lang), section.id));
            for step in &section.steps {
                let quiz = match score([step], &answers) {
                    Score { all: 0, .. } => String::new(),
                    Score { right, all, .. } if lang == Lang::Ko => format!("  퀴즈 {right}/{all}"),
                    Score { right, all, .. } => format!("  quiz {right}/{all}"),
                };
                out::line(format!(
                    "    {} {:<7} {}  ({}){quiz}",
                    mark(state(&step.id)),
                    step.number,
                    step.title.get(lang),
                    step.id
                ));
            }
        }
    }
    Ok(0)
}

const fn mark(state: StepState) -> &'static str {
    match state {
        StepState::NotStarted => "·",
        StepState::Started => "◌",
        StepState::Done => "✓",
        StepState::Failed => "✗",
    }
}
