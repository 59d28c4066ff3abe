//! The tables, and how an older file becomes a newer one.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

/// How the error for a file of a newer awslab begins.
pub(super) const TOO_NEW: &str = "awslab format ";

/// One entry a format; the file's `user_version` is how many of them it has.
const MIGRATIONS: &[&str] = &[
    "
    CREATE TABLE ledger (
        row INTEGER PRIMARY KEY,
        scope TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
        id TEXT NOT NULL, region TEXT NOT NULL, step TEXT NOT NULL, run TEXT NOT NULL,
        adopted INTEGER NOT NULL, price REAL NOT NULL,
        since INTEGER NOT NULL, lost INTEGER, gone INTEGER
    ) STRICT;
    CREATE UNIQUE INDEX ledger_live ON ledger (scope, kind, name, role) WHERE gone IS NULL;
    CREATE TABLE journal (
        number INTEGER PRIMARY KEY,
        scope TEXT NOT NULL, run TEXT NOT NULL, step TEXT NOT NULL,
        kind TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL,
        service TEXT NOT NULL, operation TEXT NOT NULL, region TEXT NOT NULL, effect TEXT NOT NULL,
        first INTEGER NOT NULL, token TEXT NOT NULL, cli TEXT NOT NULL, sent INTEGER NOT NULL,
        outcome TEXT, code TEXT, id TEXT, millis INTEGER
    ) STRICT;
    CREATE INDEX journal_open ON journal (scope) WHERE outcome IS NULL;
    CREATE TABLE generation (
        scope TEXT NOT NULL, kind TEXT NOT NULL, name TEXT NOT NULL, role TEXT NOT NULL, number INTEGER NOT NULL,
        PRIMARY KEY (scope, kind, name, role)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE progress (
        scope TEXT NOT NULL, step TEXT NOT NULL, state TEXT NOT NULL,
        PRIMARY KEY (scope, step)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
",
    "
    CREATE TABLE load (
        scope TEXT NOT NULL, name TEXT NOT NULL, instance TEXT NOT NULL, region TEXT NOT NULL, command TEXT NOT NULL,
        started INTEGER NOT NULL, ends INTEGER NOT NULL
    ) STRICT;
",
    "
    CREATE TABLE answer (
        question TEXT PRIMARY KEY, tries INTEGER NOT NULL, right INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
",
    "
    CREATE TABLE way (
        scope TEXT NOT NULL, step TEXT NOT NULL, by_hand INTEGER NOT NULL, hints INTEGER NOT NULL,
        PRIMARY KEY (scope, step)
    ) STRICT, WITHOUT ROWID;
",
    "
    ALTER TABLE ledger ADD COLUMN spent REAL NOT NULL DEFAULT 0;
    ALTER TABLE ledger ADD COLUMN priced INTEGER;
",
];

pub(super) fn open(path: &Path) -> rusqlite::Result<Connection> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(Duration::from_secs(10))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    let newest = i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX);
    let version =
        |connection: &Connection| connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0));
    if version(&connection)? != newest {
        let change = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Another process may have done it while this one waited for the lock.
        let now = version(&change)?;
        if now > newest {
            return Err(rusqlite::Error::InvalidParameterName(format!("{TOO_NEW}{now}")));
        }
        for migration in MIGRATIONS.iter().skip(usize::try_from(now).unwrap_or(0)) {
            change.execute_batch(migration)?;
        }
        change.pragma_update(None, "user_version", newest)?;
        change.commit()?;
    }
    Ok(connection)
}

/// How many formats there have been.
#[cfg(test)]
pub(super) const FORMATS: usize = MIGRATIONS.len();

/// A file as an older awslab left it, with one step done on the practice cloud.
#[cfg(test)]
pub(super) fn make_older(path: &Path, format: usize) -> rusqlite::Result<()> {
    let connection = Connection::open(path)?;
    for migration in MIGRATIONS.iter().take(format) {
        connection.execute_batch(migration)?;
    }
    connection.execute("INSERT INTO progress VALUES ('practice/1/r/p', 'vpc.network.vpc', 'done')", [])?;
    connection.pragma_update(None, "user_version", i64::try_from(format).unwrap_or(0))
}
