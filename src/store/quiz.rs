//! How questions were answered. Answers are the learner's, not a cloud's: they have no scope.

use rusqlite::params;

use crate::lab::quiz::{Answered, Answers};
use crate::problem::Problem;

use super::Store;

/// The setting that keeps the seed.
const SEED: &str = "quiz-seed";

impl Store {
    /// How every question was answered, by question id.
    pub fn answers(&self) -> Result<Answers, Problem> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT question, tries, right FROM answer")?
                .query_map([], |row| Ok((row.get(0)?, Answered { tries: row.get(1)?, right: row.get(2)? })))?
                .collect()
        })
    }

    /// Notes an answer.
    pub fn note_answer(&self, question: &str, right: bool) -> Result<(), Problem> {
        self.with(|connection| {
            connection.execute(
                "INSERT INTO answer (question, tries, right) VALUES (?1, 1, ?2)
                 ON CONFLICT (question) DO UPDATE SET tries = tries + 1, right = excluded.right",
                params![question, right],
            )?;
            Ok(())
        })
    }

    /// By what the options of questions are shuffled: drawn once, then the same for ever.
    pub fn quiz_seed(&self) -> Result<u64, Problem> {
        self.with(|connection| {
            connection.execute(
                "INSERT INTO setting (name, value) VALUES (?1, CAST(abs(random() / 2) AS TEXT)) ON CONFLICT (name) DO NOTHING",
                [SEED],
            )?;
            let seed: String =
                connection.query_row("SELECT value FROM setting WHERE name = ?1", [SEED], |row| row.get(0))?;
            // A value that somebody else wrote is as good as any.
            Ok(seed.parse().unwrap_or(0))
        })
    }
}
