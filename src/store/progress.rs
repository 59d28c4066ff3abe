//! Progress through the course, and settings.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use crate::lab::report::{StepState, Way};
use crate::problem::Problem;

use super::Store;

const fn word(state: StepState) -> &'static str {
    match state {
        StepState::NotStarted => "not-started",
        StepState::Started => "started",
        StepState::Done => "done",
        StepState::Failed => "failed",
    }
}

fn state(word: &str) -> StepState {
    match word {
        "started" => StepState::Started,
        "done" => StepState::Done,
        "failed" => StepState::Failed,
        _ => StepState::NotStarted,
    }
}

impl Store {
    /// The noted state of steps, by step id.
    pub fn progress(&self, scope: &str) -> Result<BTreeMap<String, StepState>, Problem> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT step, state FROM progress WHERE scope = ?1")?
                .query_map([scope], |row| Ok((row.get(0)?, state(&row.get::<_, String>(1)?))))?
                .collect()
        })
    }

    /// Notes the state of a step.
    pub fn note(&self, scope: &str, step: &str, state: StepState) -> Result<(), Problem> {
        self.with(|connection| {
            connection.execute(
                "INSERT INTO progress (scope, step, state) VALUES (?1, ?2, ?3)
                 ON CONFLICT (scope, step) DO UPDATE SET state = excluded.state",
                params![scope, step, word(state)],
            )?;
            Ok(())
        })
    }

    /// How the learner does steps, by step id.
    pub fn ways(&self, scope: &str) -> Result<BTreeMap<String, Way>, Problem> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT step, by_hand, hints FROM way WHERE scope = ?1")?
                .query_map([scope], |row| Ok((row.get(0)?, Way { by_hand: row.get(1)?, hints: row.get(2)? })))?
                .collect()
        })
    }

    /// Keeps how the learner does a step.
    pub fn set_way(&self, scope: &str, step: &str, way: Way) -> Result<(), Problem> {
        self.with(|connection| {
            connection.execute(
                "INSERT INTO way (scope, step, by_hand, hints) VALUES (?1, ?2, ?3, ?4)
                 ON CONFLICT (scope, step) DO UPDATE SET by_hand = excluded.by_hand, hints = excluded.hints",
                params![scope, step, way.by_hand, way.hints],
            )?;
            Ok(())
        })
    }

    /// A setting, such as `lang`.
    pub fn setting(&self, name: &str) -> Result<Option<String>, Problem> {
        self.with(|connection| {
            connection.query_row("SELECT value FROM setting WHERE name = ?1", [name], |row| row.get(0)).optional()
        })
    }

    /// Keeps a setting.
    pub fn set_setting(&self, name: &str, value: &str) -> Result<(), Problem> {
        self.with(|connection| {
            connection.execute(
                "INSERT INTO setting (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                params![name, value],
            )?;
            Ok(())
        })
    }
}
