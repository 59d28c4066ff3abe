//! The journal: an intent before each call, an outcome after it. It is also the log of API calls.

use rusqlite::{Row, params};

use crate::course::model::Key;
use crate::lab::call::{Call, Effect};
use crate::lab::report::CallRecord;
use crate::problem::Problem;

use super::ledger::{self, Entry};
use super::{Store, ledger::key_of};

/// A call that was about to be sent and whose outcome is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Its number in the journal.
    pub number: i64,
    /// The resource.
    pub key: Key,
    /// The step.
    pub step: String,
    /// The run.
    pub run: String,
    /// The API operation.
    pub operation: String,
    /// What it does.
    pub effect: Effect,
    /// Whether it is the call that makes its resource exist.
    pub first: bool,
    /// When it was to be sent: cloud time, milliseconds since the Unix epoch.
    pub sent: i64,
}

/// A call that is about to be sent.
#[derive(Debug, Clone, Copy)]
pub struct Sending<'a> {
    /// The run.
    pub run: &'a str,
    /// The call.
    pub call: &'a Call,
    /// Whether it makes its resource exist.
    pub first: bool,
    /// Its client token.
    pub token: &'a str,
    /// The call for people; it holds no secret.
    pub cli: &'a str,
    /// Cloud time, milliseconds since the Unix epoch.
    pub at: i64,
}

/// The end of a call.
#[derive(Debug, Clone, Copy)]
pub struct Conclusion<'a> {
    /// What became of it.
    pub outcome: Outcome,
    /// AWS's error code; empty when there is none.
    pub code: &'a str,
    /// How long the answer took, in real milliseconds.
    pub millis: Option<u64>,
    /// The resource that it made.
    pub made: Option<&'a Entry>,
}

/// What became of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// AWS did it.
    Done,
    /// AWS said that it was done already.
    Already,
    /// AWS refused it.
    Refused,
    /// No answer came; what it did was looked up afterwards.
    LookedUp,
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Already => "already",
            Self::Refused => "refused",
            Self::LookedUp => "looked-up",
        }
    }
}

const fn effect_word(effect: Effect) -> &'static str {
    match effect {
        Effect::Create => "create",
        Effect::Change => "change",
        Effect::Delete => "delete",
    }
}

fn intent_of(row: &Row<'_>) -> rusqlite::Result<Intent> {
    let effect: String = row.get("effect")?;
    Ok(Intent {
        number: row.get("number")?,
        key: key_of(row)?,
        step: row.get("step")?,
        run: row.get("run")?,
        operation: row.get("operation")?,
        effect: match effect.as_str() {
            "create" => Effect::Create,
            "delete" => Effect::Delete,
            _ => Effect::Change,
        },
        first: row.get("first")?,
        sent: row.get("sent")?,
    })
}

fn record_of(row: &Row<'_>) -> rusqlite::Result<CallRecord> {
    let outcome: Option<String> = row.get("outcome")?;
    let code: Option<String> = row.get("code")?;
    Ok(CallRecord {
        number: row.get("number")?,
        time: row.get("sent")?,
        step: row.get("step")?,
        key: key_of(row)?,
        service: row.get("service")?,
        operation: row.get("operation")?,
        region: row.get("region")?,
        cli: row.get("cli")?,
        millis: row.get::<_, Option<i64>>("millis")?.and_then(|millis| u64::try_from(millis).ok()),
        error: match outcome.as_deref() {
            Some("done") => String::new(),
            Some(word) => code.filter(|code| !code.is_empty()).unwrap_or_else(|| word.to_owned()),
            None => String::new(),
        },
        id: row.get::<_, Option<String>>("id")?.filter(|id| !id.is_empty()),
    })
}

impl Store {
    /// Commits the intent to send a call, and gives its number.
    pub fn intend(&self, scope: &str, sending: &Sending<'_>) -> Result<i64, Problem> {
        let Sending { run, call, first, token, cli, at } = *sending;
        self.with(|connection| {
            connection.execute(
                "INSERT INTO journal (scope, run, step, kind, name, role, service, operation, region, effect, first, token, cli, sent)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
                params![
                    scope,
                    run,
                    call.step,
                    call.key.kind,
                    call.key.name,
                    ledger::role_word(call.key.role),
                    call.service.iam(),
                    call.operation,
                    call.region,
                    effect_word(call.effect),
                    first,
                    token,
                    cli,
                    at
                ],
            )?;
            Ok(connection.last_insert_rowid())
        })
    }

    /// Commits what became of a call and, with it, the resource that it made.
    pub fn conclude(&self, scope: &str, number: i64, end: &Conclusion<'_>) -> Result<(), Problem> {
        let Conclusion { outcome, code, millis, made } = *end;
        self.with(|connection| {
            let change = connection.transaction()?;
            change.execute(
                "UPDATE journal SET outcome = ?2, code = ?3, millis = ?4, id = ?5 WHERE number = ?1",
                params![
                    number,
                    outcome.word(),
                    code,
                    millis.and_then(|millis| i64::try_from(millis).ok()),
                    made.map(|entry| entry.id.as_str())
                ],
            )?;
            if let Some(entry) = made {
                ledger::put(&change, scope, entry)?;
            }
            change.commit()
        })
    }

    /// Every call whose outcome is not known, oldest first.
    pub fn open_intents(&self, scope: &str) -> Result<Vec<Intent>, Problem> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT * FROM journal WHERE scope = ?1 AND outcome IS NULL ORDER BY number")?
                .query_map([scope], intent_of)?
                .collect()
        })
    }

    /// The latest calls, newest first.
    pub fn calls(&self, scope: &str, limit: usize) -> Result<Vec<CallRecord>, Problem> {
        self.with(|connection| {
            connection
                .prepare_cached("SELECT * FROM journal WHERE scope = ?1 ORDER BY number DESC LIMIT ?2")?
                .query_map(params![scope, i64::try_from(limit).unwrap_or(i64::MAX)], record_of)?
                .collect()
        })
    }
}
