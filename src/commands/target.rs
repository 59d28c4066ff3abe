//! What a TARGET names.

use std::collections::BTreeSet;

use crate::course::model::{Course, Step, StepKind};
use crate::i18n::Text;
use crate::problem::{Problem, ProblemKind};

/// The steps that the targets name, in course order, each once. A target that names nothing is a usage error that
/// says what may have been meant.
pub fn steps(course: &Course, targets: &[String]) -> Result<Vec<String>, Problem> {
    let mut named = BTreeSet::new();
    for target in targets {
        let Some(steps) = course.target(target) else { return Err(unknown(course, target)) };
        named.extend(steps.into_iter().map(|step| step.id.as_str()));
    }
    Ok(course.steps().filter(|step| named.contains(step.id.as_str())).map(|step| step.id.clone()).collect())
}

/// What is said of steps that are only there to be read, and what to do with them instead; `None` when something can be made
/// or checked.
pub fn only_reading(course: &Course, steps: &[String]) -> Option<Text> {
    let steps: Vec<&Step> = steps.iter().filter_map(|id| course.step(id)).collect();
    if steps.iter().any(|step| step.kind != StepKind::Read) {
        return None;
    }
    let (chapter, _) = course.home_of(&steps.first()?.id)?;
    let number = chapter.number;
    let mut text = Text::new(
        format!("읽는 쪽이라 만들거나 확인할 것이 없습니다.\n읽으려면: awslab resume {number}"),
        format!("This is there to be read: nothing to make, nothing to check.\nTo read it: awslab resume {number}"),
    );
    if let Some(asks) = steps.iter().find(|step| !step.questions.is_empty()) {
        let quiz = if steps.len() > 1 { number.to_string() } else { asks.number.clone() };
        text.ko.push_str(&format!("\n문제를 풀려면: awslab quiz {quiz}"));
        text.en.push_str(&format!("\nTo answer its questions: awslab quiz {quiz}"));
    }
    Some(text)
}

fn unknown(course: &Course, target: &str) -> Problem {
    let mut problem = Problem::new(
        ProblemKind::Usage,
        format!("{target}: 그런 장, 절, 단계가 없습니다"),
        format!("There is no chapter, section or step {target}"),
    );
    let near = nearest(course, target);
    if !near.is_empty() {
        let near = near.join(", ");
        problem = problem.hint(format!("혹시 이것인가요: {near}"), format!("Did you mean: {near}"));
    }
    problem.hint("awslab list로 모두 볼 수 있습니다", "awslab list shows them all")
}

/// The ids that are most like a word: at most three.
fn nearest(course: &Course, word: &str) -> Vec<String> {
    let ids = course.chapters.iter().flat_map(|chapter| {
        let sections = chapter.sections.iter();
        std::iter::once(chapter.id.as_str()).chain(
            sections.flat_map(|s| std::iter::once(s.id.as_str()).chain(s.steps.iter().map(|step| step.id.as_str()))),
        )
    });
    let mut scored: Vec<(f64, &str)> = ids
        .map(|id| {
            // A step is often named without its chapter and section.
            let last = id.rsplit('.').next().unwrap_or(id);
            (strsim::jaro_winkler(id, word).max(strsim::jaro_winkler(last, word)), id)
        })
        .filter(|(score, _)| *score > 0.8)
        .collect();
    scored.sort_by(|a, b| b.0.total_cmp(&a.0));
    scored.truncate(3);
    scored.into_iter().map(|(_, id)| id.to_owned()).collect()
}
