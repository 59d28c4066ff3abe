//! The practice world on disk: one SQLite file for all processes.
//!
//! Promises: a change is there whole or not at all, whenever the process is killed; a change by another process is noticed;
//! a full disk or a damaged file is an error that names the file and loses nothing. Leaves to others: what is stored.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::fs::{File, OpenOptions, TryLockError};
use std::hash::{BuildHasher, Hasher};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::clock::{ClockRow, wall_ms};
use super::faults::Faults;
use super::world::{Region, World};

/// The layout of the file. Another number is a file of another awslab.
const FORMAT: i64 = 2;
/// How long to wait for another process to finish its change.
const BUSY: Duration = Duration::from_secs(5);

/// Why the practice world cannot be read or kept.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// The file, or its directory, cannot be opened or written.
    #[error("cannot use {path}: {detail}")]
    Unusable {
        /// The file.
        path: PathBuf,
        /// What the system says.
        detail: String,
    },
    /// The file is damaged, or is no practice world.
    #[error("{path} is damaged: {detail}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// The file was written by another version of awslab.
    #[error("{path} was written by another version of awslab (format {found}, this one knows {known})")]
    OtherFormat {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The format of this program.
        known: i64,
    },
    /// The disk is full.
    #[error("cannot write {path}: the disk is full")]
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Another process has been changing the world for too long.
    #[error("{path} is in use by another process")]
    Busy {
        /// The file.
        path: PathBuf,
    },
}

/// A world in memory, and which stored shards it was read from. The world is stored in shards, its head and each region,
/// so that a change writes one region only.
#[derive(Debug)]
pub(super) struct Cached {
    pub world: World,
    /// By shard, the version that is stored.
    versions: BTreeMap<String, i64>,
    /// By region, the revision that is stored.
    revisions: BTreeMap<String, u64>,
}

/// The shard that holds [`Head`]; the others are named like their regions.
const HEAD: &str = "head";

impl Cached {
    /// A world that is not stored yet.
    pub fn new(world: World) -> Self {
        Self { world, versions: BTreeMap::new(), revisions: BTreeMap::new() }
    }
}

/// The open file.
#[derive(Debug)]
pub(super) struct Storage {
    connection: Connection,
    /// For messages; `:memory:` when there is no file.
    path: PathBuf,
    /// Held shared while attached.
    lock: Option<File>,
    /// SQLite's counter of other connections' changes, as of the last look.
    seen: Cell<i64>,
}

impl Storage {
    /// Opens, and creates when it is not there, the file; `None` keeps everything in memory.
    pub fn open(path: Option<&Path>) -> Result<Self, StorageError> {
        let name = path.map_or_else(|| PathBuf::from(":memory:"), Path::to_path_buf);
        let unusable = |error: std::io::Error| StorageError::Unusable { path: name.clone(), detail: error.to_string() };
        let fail = |error: rusqlite::Error| classify(&name, &error);
        let (connection, lock) = match path {
            Some(path) => {
                if let Some(directory) = path.parent() {
                    std::fs::create_dir_all(directory).map_err(unusable)?;
                }
                let lock = OpenOptions::new()
                    .create(true)
                    .truncate(false)
                    .write(true)
                    .open(path.with_extension("lock"))
                    .map_err(unusable)?;
                (Connection::open(path).map_err(fail)?, Some(lock))
            }
            None => (Connection::open_in_memory().map_err(fail)?, None),
        };
        connection.busy_timeout(BUSY).map_err(fail)?;
        connection.pragma_update(None, "journal_mode", "wal").map_err(fail)?;
        // A killed process loses nothing; after a power cut the last changes may be missing, never half there.
        connection.pragma_update(None, "synchronous", "normal").map_err(fail)?;
        let storage = Self { connection, path: name, lock, seen: Cell::new(0) };
        storage.prepare()?;
        Ok(storage)
    }

    fn prepare(&self) -> Result<(), StorageError> {
        let found: i64 = self.sql(|c| c.pragma_query_value(None, "user_version", |row| row.get(0)))?;
        if found == FORMAT {
            return Ok(());
        }
        self.transaction(|| {
            let found: i64 = self.sql(|c| c.pragma_query_value(None, "user_version", |row| row.get(0)))?;
            let tables: i64 = self.sql(|c| c.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)))?;
            match (found, tables) {
                (FORMAT, _) => Ok(()),
                (0, 0) => self.sql(|c| {
                    c.execute_batch(
                        "CREATE TABLE clock (id INTEGER PRIMARY KEY CHECK (id = 1), practice_ms INTEGER NOT NULL,
                           wall_ms INTEGER NOT NULL, speed REAL NOT NULL, paused INTEGER NOT NULL, epoch INTEGER NOT NULL);
                         CREATE TABLE faults (id INTEGER PRIMARY KEY CHECK (id = 1), body TEXT NOT NULL);
                         CREATE TABLE shard (name TEXT PRIMARY KEY, version INTEGER NOT NULL, body BLOB NOT NULL);",
                    )?;
                    c.pragma_update(None, "user_version", FORMAT)
                }),
                _ => Err(StorageError::OtherFormat { path: self.path.clone(), found, known: FORMAT }),
            }
        })
    }

    /// Joins those who keep the clock running; tells whether nobody else is there. Only within a transaction, so that two
    /// who come at once do not both find themselves alone.
    pub fn attach(&self) -> bool {
        let Some(lock) = &self.lock else { return true };
        let alone = match lock.try_lock() {
            Ok(()) => lock.unlock().is_ok(),
            Err(TryLockError::WouldBlock) => false,
            // A file system without locks: the clock works, only not shared.
            Err(TryLockError::Error(_)) => return true,
        };
        lock.lock_shared().is_err() || alone
    }

    /// Whether another process has changed anything since [`Self::mark_seen`].
    pub fn changed(&self) -> Result<bool, StorageError> {
        Ok(self.data_version()? != self.seen.get())
    }

    /// Remembers that everything stored up to now is known. Only within a transaction.
    pub fn mark_seen(&self) -> Result<(), StorageError> {
        self.seen.set(self.data_version()?);
        Ok(())
    }

    /// Runs `work` as one change: all of it is stored, or nothing when it fails.
    pub fn transaction<T, E: From<StorageError>>(&self, work: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.within(TransactionBehavior::Immediate, work)
    }

    /// Runs `work`, which only reads, on the file as it is at one moment.
    pub fn snapshot<T>(&self, work: impl FnOnce() -> Result<T, StorageError>) -> Result<T, StorageError> {
        self.within(TransactionBehavior::Deferred, work)
    }

    fn within<T, E: From<StorageError>>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let begun = Transaction::new_unchecked(&self.connection, behavior);
        let transaction = begun.map_err(|error| classify(&self.path, &error))?;
        let value = work()?;
        transaction.commit().map_err(|error| classify(&self.path, &error))?;
        Ok(value)
    }

    /// The stored clock, if there is one.
    pub fn clock(&self) -> Result<Option<ClockRow>, StorageError> {
        self.sql(|c| {
            c.prepare_cached("SELECT practice_ms, wall_ms, speed, paused, epoch FROM clock")?
                .query_row([], |row| {
                    Ok(ClockRow {
                        practice_ms: row.get(0)?,
                        wall_ms: row.get(1)?,
                        speed: row.get(2)?,
                        paused: row.get(3)?,
                        epoch: row.get(4)?,
                    })
                })
                .optional()
        })
    }

    /// Stores the clock.
    pub fn save_clock(&self, row: ClockRow) -> Result<(), StorageError> {
        self.sql(|c| {
            c.prepare_cached("INSERT OR REPLACE INTO clock VALUES (1, ?1, ?2, ?3, ?4, ?5)")?.execute(params![
                row.practice_ms,
                row.wall_ms,
                row.speed,
                row.paused,
                row.epoch
            ])
        })?;
        Ok(())
    }

    /// Stores the clock if nobody else is changing anything at the moment.
    pub fn try_save_clock(&self, row: ClockRow) -> Result<(), StorageError> {
        self.sql(|c| c.busy_timeout(Duration::ZERO))?;
        let saved = self.save_clock(row);
        self.sql(|c| c.busy_timeout(BUSY))?;
        saved
    }

    /// The stored faults.
    pub fn faults(&self) -> Result<Faults, StorageError> {
        let body: Option<String> =
            self.sql(|c| c.query_row("SELECT body FROM faults", [], |row| row.get(0)).optional())?;
        body.map_or(Ok(Faults::default()), |body| serde_json::from_str(&body).map_err(|e| self.damaged("faults", &e)))
    }

    /// Stores the faults.
    pub fn save_faults(&self, faults: &Faults) -> Result<(), StorageError> {
        let body = serde_json::to_string(faults).map_err(|error| self.damaged("faults", &error))?;
        self.sql(|c| c.execute("INSERT OR REPLACE INTO faults VALUES (1, ?1)", [body]))?;
        Ok(())
    }

    /// Reads the world, or of a cached one only what has changed. `None` when none is stored.
    pub fn load(&self, cached: Option<Cached>) -> Result<Option<Cached>, StorageError> {
        let versions: BTreeMap<String, i64> = self.sql(|c| {
            let mut statement = c.prepare_cached("SELECT name, version FROM shard")?;
            let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
            rows.collect()
        })?;
        if !versions.contains_key(HEAD) {
            return Ok(None);
        }
        let (known, mut at_hand) = match cached {
            Some(cached) if cached.versions == versions => return Ok(Some(cached)),
            Some(cached) => (cached.versions, cached.world.split().1),
            None => (BTreeMap::new(), Vec::new()),
        };
        let head = self.shard(HEAD)?;
        let (mut regions, mut revisions) = (Vec::new(), BTreeMap::new());
        for (name, version) in versions.iter().filter(|(name, _)| *name != HEAD) {
            let position = at_hand.iter().position(|region| region.name() == name);
            let region: Region = match position.filter(|_| known.get(name) == Some(version)) {
                Some(position) => at_hand.swap_remove(position),
                None => self.shard(name)?,
            };
            revisions.insert(name.clone(), region.revision());
            regions.push(region);
        }
        Ok(Some(Cached { world: World::join(head, regions), versions, revisions }))
    }

    fn shard<T: DeserializeOwned>(&self, name: &str) -> Result<T, StorageError> {
        let body: Vec<u8> = self
            .sql(|c| c.prepare_cached("SELECT body FROM shard WHERE name = ?1")?.query_row([name], |row| row.get(0)))?;
        ciborium::from_reader(body.as_slice()).map_err(|error| self.damaged(name, &error))
    }

    /// Stores what has changed of the world.
    pub fn save(&self, cached: &mut Cached) -> Result<(), StorageError> {
        let Cached { world, versions, revisions } = cached;
        for region in world.regions() {
            let revision = region.revision();
            if revisions.get(region.name()) != Some(&revision) {
                versions.insert(region.name().to_string(), self.save_shard(region.name(), region)?);
                revisions.insert(region.name().to_string(), revision);
            }
        }
        versions.insert(HEAD.to_string(), self.save_shard(HEAD, &world.head())?);
        Ok(())
    }

    /// Stores a shard and gives its version: random, so that what another process holds never looks new after a reset.
    fn save_shard(&self, name: &str, value: &impl Serialize) -> Result<i64, StorageError> {
        let mut body = Vec::new();
        ciborium::into_writer(value, &mut body).map_err(|error| self.damaged(name, &error))?;
        let version = random_seed().cast_signed();
        self.sql(|c| {
            c.prepare_cached("INSERT OR REPLACE INTO shard VALUES (?1, ?2, ?3)")?.execute(params![name, version, body])
        })?;
        Ok(version)
    }

    /// Forgets world and faults.
    pub fn clear(&self) -> Result<(), StorageError> {
        self.sql(|c| c.execute_batch("DELETE FROM shard; DELETE FROM faults;"))
    }

    fn data_version(&self) -> Result<i64, StorageError> {
        self.sql(|c| c.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0)))
    }

    fn sql<T>(&self, work: impl FnOnce(&Connection) -> rusqlite::Result<T>) -> Result<T, StorageError> {
        work(&self.connection).map_err(|error| classify(&self.path, &error))
    }

    fn damaged(&self, what: &str, error: &dyn std::fmt::Display) -> StorageError {
        StorageError::Damaged { path: self.path.clone(), detail: format!("{what}: {error}") }
    }
}

fn classify(path: &Path, error: &rusqlite::Error) -> StorageError {
    let path = path.to_path_buf();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            StorageError::Damaged { path, detail: error.to_string() }
        }
        Some(ErrorCode::DiskFull) => StorageError::Full { path },
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StorageError::Busy { path },
        Some(ErrorCode::Unknown | ErrorCode::TypeMismatch) | None => {
            StorageError::Damaged { path, detail: error.to_string() }
        }
        Some(_) => StorageError::Unusable { path, detail: error.to_string() },
    }
}

/// A number that no other call gives, here or in another process.
pub(super) fn random_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Moves a practice file that cannot be used out of the way, and tells its new name. Nothing is deleted.
pub fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    let stamp = wall_ms();
    let aside = path.with_extension(format!("db.{stamp}.bad"));
    std::fs::rename(path, &aside)?;
    for ending in ["-wal", "-shm"] {
        let beside = |path: &Path| PathBuf::from(format!("{}{ending}", path.display()));
        match std::fs::rename(beside(path), beside(&aside)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(aside)
}

#[cfg(test)]
impl Storage {
    /// Lets the disk be full from now on, or no more.
    pub fn set_full(&self, full: bool) {
        let pages = if full { 1 } else { 1 << 20 };
        // SQLite never sets the limit below what is there.
        let _ = self.connection.pragma_update_and_check(None, "max_page_count", pages, |_| Ok(()));
    }
}
