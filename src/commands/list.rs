//! `awslab list`: the course with progress.

use serde_json::json;

use crate::config::Config;
use crate::i18n::Lang;
use crate::lab::quiz::{Score, score};
use crate::lab::report::StepState;
use crate::problem::Problem;

use super::{open, out};

/// Runs the command.
pub async fn run(config: &Config, json: bool) -> Result<u8, Problem> {
    let engine = open(config).await?;
    let lang = config.lang;
    let progress = engine.progress();
    let state = |step: &str| progress.get(step).copied().unwrap_or_default();
    let answers = engine.answers();
    let course = engine.course();
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
