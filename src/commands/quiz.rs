//! `awslab quiz`: the questions of pages on plain input and output, for a screen reader or a pipe.

use std::collections::BTreeSet;
use std::io::{BufRead, Write};

use crate::config::Config;
use crate::course::model::{Course, Step};
use crate::course::quiz::{Answer, Question, Verdict};
use crate::engine::{Engine, StepState};
use crate::i18n::Lang;
use crate::lab::quiz::{Answers, Sitting, is_passed, note, of_page, score};
use crate::problem::{Problem, ProblemKind};

use super::{open, out, target};

/// Runs the command: 0 when every question of the pages is answered right, 1 when some are not.
pub async fn run(config: &Config, targets: &[String]) -> Result<u8, Problem> {
    let engine = open(config).await?;
    let course = engine.course();
    let pages: Vec<&Step> = if targets.is_empty() {
        course.steps().collect()
    } else {
        target::steps(course, targets)?.iter().filter_map(|id| course.step(id)).collect()
    };
    let pages: Vec<&Step> = pages.into_iter().filter(|step| !step.questions.is_empty()).collect();
    if pages.is_empty() {
        return Err(Problem::new(ProblemKind::Usage, "여기에는 문제가 없습니다", "There are no questions here")
            .hint("문제는 1, 2, 5장에 있습니다", "Chapters 1, 2 and 5 have questions"));
    }
    let mut asked = Asked { engine: &engine, answers: engine.answers(), seed: engine.quiz_seed(), lang: config.lang };
    // Without targets, what is open; what is named is asked in any case.
    let whole = |page: &&&Step| !targets.is_empty() || !is_passed(page, &asked.answers);
    let questions: Vec<String> = pages.iter().filter(whole).flat_map(|page| of_page(page, &asked.answers)).collect();
    asked.sit(course, Sitting::new(questions))?;
    let score = score(pages.iter().copied(), &asked.answers);
    let (right, all) = (score.right, score.all);
    out::line(match config.lang {
        Lang::Ko => format!("퀴즈 {right}/{all}"),
        Lang::En => format!("quiz {right}/{all}"),
    });
    Ok(u8::from(right < all))
}

/// Somebody being asked.
struct Asked<'a> {
    engine: &'a Engine,
    answers: Answers,
    seed: u64,
    lang: Lang,
}

impl Asked<'_> {
    const fn say<'t>(&self, ko: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Ko => ko,
            Lang::En => en,
        }
    }

    /// Asks until nothing is missed any more, or the input ends.
    fn sit(&mut self, course: &Course, mut sitting: Sitting) -> Result<(), Problem> {
        loop {
            let mut page = "";
            while let Some(question) = sitting.question().and_then(|id| course.question(id)) {
                if let Some(step) = course.step(question.step()).filter(|step| step.id != page) {
                    page = &step.id;
                    out::line(format!("{} {}", step.number, step.title.get(self.lang)));
                    out::line("");
                }
                let Some(verdict) = self.ask(question, sitting.place())? else { return Ok(()) };
                self.tell(question, &verdict, sitting.repeats());
                sitting.answered(verdict.right);
                self.engine.note_answer(&question.id, verdict.right)?;
                note(&mut self.answers, &question.id, verdict.right);
                if let Some(step) = course.step(question.step()).filter(|step| is_passed(step, &self.answers)) {
                    self.engine.note_progress(&step.id, StepState::Done)?;
                }
                sitting.advance();
            }
            if !sitting.again() {
                return Ok(());
            }
            out::line(self.say("틀린 문제를 다시 묻습니다", "What was missed is asked again"));
            out::line("");
        }
    }

    /// Asks until there is an answer that can be read; `None` when the input ends.
    fn ask(&self, question: &Question, (at, all): (usize, usize)) -> Result<Option<Verdict>, Problem> {
        let order = question.order(self.seed);
        out::line(format!("{at}/{all}  {}", question.ask.get(self.lang)));
        for (place, choice) in order.iter().filter_map(|at| question.choices().get(*at)).enumerate() {
            out::line(format!("  {}. {}", place + 1, choice.text.get(self.lang)));
        }
        let example = match &question.kind {
            Answer::One(_) => "2",
            Answer::Many(_) => "1 3",
            Answer::Type { form, .. } => form.example(),
        };
        loop {
            let prompt = match (&question.kind, self.lang) {
                (Answer::One(_), Lang::Ko) => "번호".to_owned(),
                (Answer::One(_), Lang::En) => "Number".to_owned(),
                (Answer::Many(_), Lang::Ko) => format!("맞는 번호 모두 (예: {example})"),
                (Answer::Many(_), Lang::En) => format!("All that are right (such as {example})"),
                (Answer::Type { .. }, Lang::Ko) => format!("답 (예: {example})"),
                (Answer::Type { .. }, Lang::En) => format!("Answer (such as {example})"),
            };
            let Some(line) = read_line(&prompt)? else { return Ok(None) };
            let verdict = match &question.kind {
                Answer::Type { .. } => question.judge_typed(&line),
                _ => numbers(&line, &order).map(|chosen| question.judge(&chosen)),
            };
            if verdict.is_some() {
                return Ok(verdict);
            }
            out::line(match self.lang {
                Lang::Ko => format!("이렇게는 읽을 수 없습니다. {example} 같은 꼴로 써 주세요"),
                Lang::En => format!("That cannot be read. Write it like {example}"),
            });
        }
    }

    fn tell(&self, question: &Question, verdict: &Verdict, repeats: bool) {
        out::line(if verdict.right {
            self.say("맞았습니다.", "Right.")
        } else {
            self.say("아닙니다.", "Not quite.")
        });
        for why in &verdict.whys {
            out::line(why.get(self.lang));
        }
        if verdict.missing > 0 && matches!(question.kind, Answer::Many(_)) {
            let count = verdict.missing;
            out::line(match self.lang {
                Lang::Ko => format!("빠진 것이 {count}개 있습니다."),
                Lang::En => format!("Missing: {count}."),
            });
        }
        if verdict.right || repeats {
            out::line(question.because.get(self.lang));
        }
        out::line("");
    }
}

/// The options that numbers name: places in the question. `None` when a word is no number of an option.
fn numbers(line: &str, order: &[usize]) -> Option<BTreeSet<usize>> {
    let words = line.split(|sign: char| sign == ',' || sign.is_whitespace()).filter(|word| !word.is_empty());
    let chosen: BTreeSet<usize> =
        words.map(|word| order.get(word.parse::<usize>().ok()?.checked_sub(1)?).copied()).collect::<Option<_>>()?;
    (!chosen.is_empty()).then_some(chosen)
}

/// A line of the input; `None` at its end.
fn read_line(prompt: &str) -> Result<Option<String>, Problem> {
    let mut out = std::io::stdout().lock();
    // A reader that has gone away is no failure.
    let _ = write!(out, "{prompt}: ");
    let _ = out.flush();
    let mut line = String::new();
    let read = std::io::stdin().lock().read_line(&mut line).map_err(|error| Problem::internal(error.to_string()))?;
    if read == 0 {
        let _ = writeln!(out);
        return Ok(None);
    }
    Ok(Some(line.trim().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_name_options_in_the_order_shown() {
        let order = [2, 0, 1];
        assert_eq!(numbers("1", &order), Some([2].into()));
        assert_eq!(numbers("2, 3", &order), Some([0, 1].into()));
        assert_eq!(numbers(" 3  1 ", &order), Some([1, 2].into()));
        for wrong in ["", "0", "4", "one", "1 x"] {
            assert_eq!(numbers(wrong, &order), None, "{wrong:?}");
        }
    }
}
