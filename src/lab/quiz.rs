//! How a learner stands with the questions of the pages: what was answered, what is asked now, what is asked again.
//!
//! Promises: a page is passed once every question of it was answered right and none was missed since; what was missed is
//! asked again, in the same sitting and later by chapter. Leaves to others: what is right (`course::quiz`), keeping it
//! (`store`), showing it (`screens`, `commands`).

use std::collections::BTreeMap;

use serde::Serialize;

use crate::course::model::{Chapter, Step};
use crate::course::quiz::Question;

/// How a question was answered so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Answered {
    /// How often.
    pub tries: u32,
    /// Whether the last answer was right.
    pub right: bool,
}

/// What was answered so far, by question id.
pub type Answers = BTreeMap<String, Answered>;

/// How many questions there are and how they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Score {
    /// Answered right, the last time.
    pub right: usize,
    /// Answered wrong, the last time.
    pub missed: usize,
    /// All.
    pub all: usize,
}

/// How these steps' questions stand.
pub fn score<'a>(steps: impl IntoIterator<Item = &'a Step>, answers: &Answers) -> Score {
    let mut score = Score::default();
    for question in steps.into_iter().flat_map(|step| &step.questions) {
        score.all += 1;
        match answers.get(&question.id) {
            Some(answered) if answered.right => score.right += 1,
            Some(_) => score.missed += 1,
            None => {}
        }
    }
    score
}

/// Whether every question of a step is answered right. A step without questions has nothing to pass.
pub fn is_passed(step: &Step, answers: &Answers) -> bool {
    let right = |question: &Question| answers.get(&question.id).is_some_and(|answered| answered.right);
    step.questions.iter().all(right)
}

/// The questions that a page asks now: those that are not answered right, or all of them once they are.
pub fn of_page(step: &Step, answers: &Answers) -> Vec<String> {
    let whole = is_passed(step, answers);
    let open = |question: &&Question| whole || !answers.get(&question.id).is_some_and(|answered| answered.right);
    step.questions.iter().filter(open).map(|question| question.id.clone()).collect()
}

/// The questions of a chapter that were missed and not answered right since.
pub fn missed(chapter: &Chapter, answers: &Answers) -> Vec<String> {
    let steps = chapter.sections.iter().flat_map(|section| &section.steps);
    let missed = |question: &&Question| answers.get(&question.id).is_some_and(|answered| !answered.right);
    steps.flat_map(|step| &step.questions).filter(missed).map(|question| question.id.clone()).collect()
}

/// Notes an answer.
pub fn note(answers: &mut Answers, question: &str, right: bool) {
    let answered = answers.entry(question.to_owned()).or_default();
    answered.tries = answered.tries.saturating_add(1);
    answered.right = right;
}

/// Questions being asked, one after the other, in rounds: what is missed in a round makes the next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitting {
    round: Vec<(String, Option<bool>)>,
    at: usize,
    repeats: usize,
}

impl Sitting {
    /// Asks these questions.
    pub fn new(questions: Vec<String>) -> Self {
        Self { round: questions.into_iter().map(|id| (id, None)).collect(), at: 0, repeats: 0 }
    }

    /// The question that is asked; `None` when the round is over.
    pub fn question(&self) -> Option<&str> {
        self.round.get(self.at).map(|(id, _)| id.as_str())
    }

    /// Which question of the round it is, from 1, and how many the round has.
    pub fn place(&self) -> (usize, usize) {
        (self.at + 1, self.round.len())
    }

    /// Whether these questions were missed in the round before.
    pub const fn repeats(&self) -> bool {
        self.repeats > 0
    }

    /// The question that is asked was answered. Only the first answer of a round counts.
    pub fn answered(&mut self, right: bool) {
        if let Some((_, answer @ None)) = self.round.get_mut(self.at) {
            *answer = Some(right);
        }
    }

    /// Goes on to the next question.
    pub fn advance(&mut self) {
        self.at = (self.at + 1).min(self.round.len());
    }

    /// The questions of the round with their answers; `None` for those that are still to come.
    pub fn round(&self) -> impl Iterator<Item = (&str, Option<bool>)> {
        self.round.iter().map(|(id, right)| (id.as_str(), *right))
    }

    /// How many questions of the round were answered right, and how many it has.
    pub fn tally(&self) -> (usize, usize) {
        (self.round.iter().filter(|(_, right)| *right == Some(true)).count(), self.round.len())
    }

    /// Begins a round with what was missed in this one. `false`, and nothing happens, when nothing was.
    pub fn again(&mut self) -> bool {
        let missed: Vec<_> =
            self.round.iter().filter(|(_, right)| *right == Some(false)).map(|(id, _)| (id.clone(), None)).collect();
        if missed.is_empty() {
            return false;
        }
        *self = Self { round: missed, at: 0, repeats: self.repeats + 1 };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_in_a_round_makes_the_next_one() {
        let mut sitting = Sitting::new(vec!["a".into(), "b".into(), "c".into()]);
        for right in [true, false, false] {
            sitting.answered(right);
            sitting.advance();
        }
        assert_eq!((sitting.question(), sitting.tally(), sitting.repeats()), (None, (1, 3), false));
        assert!(sitting.again());
        assert_eq!((sitting.question(), sitting.place(), sitting.repeats()), (Some("b"), (1, 2), true));
        sitting.answered(true);
        // A second thought does not change the answer.
        sitting.answered(false);
        sitting.advance();
        sitting.answered(false);
        sitting.advance();
        assert!(sitting.again());
        assert_eq!(sitting.round().collect::<Vec<_>>(), [("c", None)]);
        sitting.answered(true);
        sitting.advance();
        assert!(!sitting.again());
        assert_eq!(sitting.question(), None);
    }

    #[test]
    fn the_last_answer_counts() {
        let mut answers = Answers::new();
        note(&mut answers, "a", true);
        note(&mut answers, "a", false);
        assert_eq!(answers.get("a"), Some(&Answered { tries: 2, right: false }));
        note(&mut answers, "a", true);
        assert_eq!(answers.get("a"), Some(&Answered { tries: 3, right: true }));
    }
}
