//! One process at a time changes a scope: a file lock, which the operating system drops with the process.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::problem::{Problem, ProblemKind};

use super::Inner;

/// Held while something changes the cloud.
#[derive(Debug)]
pub(super) struct Lock(#[expect(dead_code, reason = "dropping the file releases the lock")] File);

impl Lock {
    /// Takes the lock, or `None` when another holds it.
    pub(super) fn take(home: &Path, scope: &str) -> Result<Option<Self>, Problem> {
        let digest: String =
            Sha256::digest(scope.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect();
        let path = home.join(format!("run-{digest}.lock"));
        let refused = |error: &std::io::Error| {
            Problem::new(
                ProblemKind::Store,
                format!("{} 파일을 잠글 수 없습니다", path.display()),
                format!("{} cannot be locked", path.display()),
            )
            .because(error.to_string(), error.to_string())
            .hint("폴더의 권한을 확인해 주세요", "Check the permissions of the folder")
        };
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).open(&path).map_err(|error| refused(&error))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(refused(&error)),
        }
    }
}

impl Inner {
    /// Takes the lock for a run; single changes of this process may share it.
    pub(super) fn lock(&self) -> Result<Arc<Lock>, Problem> {
        let lock = Arc::new(Lock::take(&self.home, &self.scope)?.ok_or_else(busy)?);
        *super::guard(&self.held) = Arc::downgrade(&lock);
        Ok(lock)
    }

    /// The lock for a single change: that of the run which is under way in this process, else one of its own.
    pub(super) fn share_lock(&self) -> Result<Arc<Lock>, Problem> {
        let held = super::guard(&self.held).upgrade();
        held.map_or_else(|| self.lock(), Ok)
    }
}

/// What is shown when another process holds the lock.
pub(super) fn busy() -> Problem {
    Problem::new(
        ProblemKind::InUse,
        "다른 awslab이 지금 이 계정에서 만들거나 지우고 있습니다",
        "Another awslab is making or deleting things in this account right now",
    )
    .hint("그것이 끝난 뒤에 다시 실행해 주세요", "Run again when it has finished")
}
