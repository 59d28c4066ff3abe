//! SQLite: the ledger of resources, the journal of calls, progress, answers to questions, and settings.
//!
//! Promises: what a method has returned from is on disk; several processes may use the file at once (WAL, a busy
//! time-out); a file that is corrupt, read-only, too new or on a full disk gives a [`Problem`] with its path and what
//! to do. Nothing secret is ever written: calls hold names and ids only.
//! Leaves to others: what the rows mean (`engine`), the practice world (its own file).

mod journal;
mod ledger;
mod load;
mod progress;
mod quiz;
mod schema;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::Connection;

use crate::problem::{Problem, ProblemKind};

pub use journal::{Conclusion, Intent, Outcome, Sending};
pub use ledger::Entry;
pub use load::Load;

/// The state of awslab. Cheap to clone; every clone shares one connection.
#[derive(Clone)]
pub struct Store {
    connection: Arc<Mutex<Connection>>,
    path: Arc<PathBuf>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Store").field(&self.path).finish()
    }
}

impl Store {
    /// Opens `home/awslab.db`, making it (and the folder) when it is not there.
    pub fn open(home: &Path) -> Result<Self, Problem> {
        std::fs::create_dir_all(home).map_err(|error| {
            Problem::new(
                ProblemKind::Store,
                format!("{} 폴더를 만들 수 없습니다", home.display()),
                format!("The folder {} cannot be made", home.display()),
            )
            .because(error.to_string(), error.to_string())
            .hint("AWSLAB_HOME에 쓸 수 있는 폴더를 지정해 주세요", "Set AWSLAB_HOME to a folder that you can write to")
        })?;
        let path = home.join("awslab.db");
        let connection = schema::open(&path).map_err(|error| problem(&path, &error))?;
        Ok(Self { connection: Arc::new(Mutex::new(connection)), path: Arc::new(path) })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Forgets ledger, journal and progress of every scope whose id begins like this (`practice/`): for a cloud that has
    /// been thrown away with all that was in it. Settings stay, and so does what the learner has answered.
    pub fn forget(&self, scopes: &str) -> Result<(), Problem> {
        self.with(|connection| {
            let change = connection.transaction()?;
            for table in ["ledger", "journal", "generation", "progress", "load", "way"] {
                let sql = format!("DELETE FROM {table} WHERE substr(scope, 1, length(?1)) = ?1");
                change.execute(&sql, [scopes])?;
            }
            change.commit()
        })
    }

    /// How many resources stand and how many steps are done in the scopes that begin like this, as far as is written down.
    pub fn kept(&self, scopes: &str) -> Result<(usize, usize), Problem> {
        self.with(|connection| {
            let count = |sql: &str| -> rusqlite::Result<usize> {
                let found: i64 = connection.query_row(sql, [scopes], |row| row.get(0))?;
                Ok(usize::try_from(found).unwrap_or(0))
            };
            Ok((
                count("SELECT count(*) FROM ledger WHERE gone IS NULL AND lost IS NULL AND substr(scope, 1, length(?1)) = ?1")?,
                count("SELECT count(*) FROM progress WHERE state = 'done' AND substr(scope, 1, length(?1)) = ?1")?,
            ))
        })
    }

    fn lock(&self) -> MutexGuard<'_, Connection> {
        // A panic elsewhere cannot leave a half-done change: every change is one transaction.
        self.connection.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(&self, work: impl FnOnce(&mut Connection) -> rusqlite::Result<T>) -> Result<T, Problem> {
        work(&mut self.lock()).map_err(|error| problem(&self.path, &error))
    }
}

/// What is shown when SQLite refuses.
fn problem(path: &Path, error: &rusqlite::Error) -> Problem {
    use rusqlite::ErrorCode;
    let shown = path.display();
    let source = format!("{shown}: {error}");
    let new = |ko: String, en: String| Problem::new(ProblemKind::Store, ko, en).from(source.clone());
    if let rusqlite::Error::InvalidParameterName(version) = error
        && let Some(version) = version.strip_prefix(schema::TOO_NEW)
    {
        return new(
            format!("{shown} 파일은 더 새로운 awslab이 만들었습니다"),
            format!("{shown} was written by a newer awslab"),
        )
        .because(format!("파일의 형식 번호는 {version}입니다"), format!("Its format is number {version}"))
        .hint("awslab을 최신 버전으로 바꿔 주세요", "Update awslab")
        .hint("또는 AWSLAB_HOME에 다른 폴더를 지정해 주세요", "Or set AWSLAB_HOME to another folder");
    }
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => new(
            format!("디스크가 가득 차서 {shown} 파일에 쓸 수 없습니다"),
            format!("The disk is full: {shown} cannot be written"),
        )
        .hint("공간을 비우고 다시 실행해 주세요. 기록된 것은 그대로 있습니다", "Free some space and run again; what was recorded is intact"),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied | ErrorCode::SystemIoFailure) => new(
            format!("{shown} 파일에 쓸 수 없습니다"),
            format!("{shown} cannot be written"),
        )
        .hint(
            "파일과 폴더의 권한을 확인하거나, AWSLAB_HOME에 쓸 수 있는 폴더를 지정해 주세요",
            "Check the permissions of the file and its folder, or set AWSLAB_HOME to a folder that you can write to",
        ),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => new(
            format!("{shown} 파일이 손상되었습니다"),
            format!("{shown} is damaged"),
        )
        .hint(
            format!("파일을 다른 곳으로 옮기고 다시 실행해 주세요 (mv '{shown}' '{shown}.bad'). 만든 리소스는 태그 Project=aws-lab으로 다시 찾습니다"),
            format!("Move the file away and run again (mv '{shown}' '{shown}.bad'); resources are found again by their tag Project=aws-lab"),
        ),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => new(
            format!("다른 프로세스가 {shown} 파일을 오래 붙잡고 있습니다"),
            format!("Another process holds {shown} for too long"),
        )
        .hint("다른 awslab이 멈춰 있지 않은지 확인해 주세요", "See whether another awslab hangs"),
        _ => new(
            format!("{shown} 파일을 읽거나 쓸 수 없습니다"),
            format!("{shown} cannot be read or written"),
        )
        .because(error.to_string(), error.to_string()),
    }
}

#[cfg(test)]
mod tests;
