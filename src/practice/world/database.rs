//! DB subnet groups, DB instances and their snapshots.
//!
//! Promises: a password is kept as a salted hash only (one that the service manages itself is derived from its secret's salt when it is
//! asked for); an instance listens on its port only while a MySQL server would. Leaves parameters and sentences to `services::rds`, and the way
//! to the port to the reachability of the network.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::event::Event;
use super::interface::{InterfaceAttachment, InterfaceKind, NetworkInterface};
use super::watch::DatabaseFacts;
use super::{Duration, Region};

/// DB subnet groups, DB instances and their snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Databases {
    /// By name.
    pub groups: BTreeMap<String, SubnetGroup>,
    /// By identifier.
    pub instances: BTreeMap<String, Database>,
    /// By identifier.
    pub snapshots: BTreeMap<String, Snapshot>,
}

/// A DB subnet group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct SubnetGroup {
    pub name: String,
    pub description: String,
    pub vpc: String,
    /// Ids.
    pub subnets: Vec<String>,
}

/// What DescribeDBInstances calls DBInstanceStatus.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the states are AWS's own")]
pub enum Status {
    Creating,
    BackingUp,
    Available,
    Modifying,
    Upgrading,
    Renaming,
    ResettingCredentials,
    Rebooting,
    Stopping,
    Stopped,
    Starting,
    Deleting,
}

impl Status {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Creating => "creating",
            Self::BackingUp => "backing-up",
            Self::Available => "available",
            Self::Modifying => "modifying",
            Self::Upgrading => "upgrading",
            Self::Renaming => "renaming",
            Self::ResettingCredentials => "resetting-master-credentials",
            Self::Rebooting => "rebooting",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Starting => "starting",
            Self::Deleting => "deleting",
        }
    }

    /// Whether a server takes connections in this state.
    pub fn listens(self) -> bool {
        matches!(self, Self::BackingUp | Self::Available | Self::Modifying | Self::ResettingCredentials)
    }
}

/// A password as a salted hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Password {
    salt: [u8; 32],
    hash: [u8; 32],
}

/// How often a password is hashed, so that guessing from a world's file is slow.
const ROUNDS: u32 = 2000;

impl Password {
    /// Hashes it with a fresh salt.
    pub fn new(salt: [u8; 32], text: &str) -> Self {
        Self { salt, hash: Self::digest(&salt, text) }
    }

    /// Is it this one?
    pub fn is(&self, text: &str) -> bool {
        Self::digest(&self.salt, text) == self.hash
    }

    fn digest(salt: &[u8; 32], text: &str) -> [u8; 32] {
        let mut hash: [u8; 32] = Sha256::new().chain_update(salt).chain_update(text).finalize().into();
        for _ in 1..ROUNDS {
            hash = Sha256::new().chain_update(salt).chain_update(hash).finalize().into();
        }
        hash
    }
}

/// The secret in which Secrets Manager keeps a password that RDS manages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Secret {
    pub arn: String,
    /// `rds!db-<uuid>`
    pub name: String,
    pub version: String,
    pub created: i64,
    salt: [u8; 32],
}

impl Secret {
    /// A new secret of a DB instance in this region.
    pub fn new(region: &mut Region) -> Self {
        let name = format!("rds!db-{}", region.random.uuid());
        let salt = region.random.bytes();
        let tail = letters(&salt, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 6);
        let arn = format!("arn:aws:secretsmanager:{}:{}:secret:{name}-{tail}", region.name(), region.account());
        Self { arn, name, version: region.random.uuid(), created: region.now, salt }
    }

    /// The password it holds: made from the salt each time it is asked for.
    pub fn password(&self) -> String {
        let seed: [u8; 32] = Sha256::new().chain_update(self.salt).chain_update(&self.version).finalize().into();
        letters(&seed, b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,-.:<=>?[]^_{|}~", 28)
    }
}

/// What a modification will change.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Pending {
    pub identifier: Option<String>,
    pub class: Option<String>,
    pub storage: Option<u32>,
    pub storage_type: Option<String>,
    pub engine_version: Option<String>,
    pub multi_az: Option<bool>,
    pub retention: Option<u32>,
    pub password: Option<Password>,
}

impl Pending {
    /// Whether nothing is pending.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A DB instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Database {
    pub identifier: String,
    /// `db-` and 26 letters and digits: stays when the identifier changes.
    pub resource_id: String,
    pub class: String,
    pub engine_version: String,
    pub storage: u32,
    pub storage_type: String,
    pub username: String,
    pub password: Password,
    pub secret: Option<Secret>,
    pub db_name: Option<String>,
    pub port: u16,
    pub group: String,
    pub vpc: String,
    pub zone: String,
    pub multi_az: bool,
    /// Ids of security groups.
    pub security_groups: Vec<String>,
    pub interface: String,
    pub public: bool,
    pub retention: u32,
    pub backup_window: String,
    pub maintenance_window: String,
    pub auto_minor: bool,
    pub encrypted: bool,
    pub copy_tags: bool,
    pub deletion_protection: bool,
    /// EngineLifecycleSupport
    pub lifecycle: String,
    pub status: Status,
    /// Known to clients from shortly before it becomes available.
    pub has_endpoint: bool,
    /// When it first became available.
    pub created: Option<i64>,
    /// When a stopped one starts again by itself.
    pub restart_at: Option<i64>,
    pub pending: Pending,
    /// Whether what is pending is under way and does not wait for the maintenance window.
    pub pending_now: bool,
    /// Counts the turns of its life, so that an event of an older turn is void.
    pub turn: u32,
    pub tags: BTreeMap<String, String>,
}

impl Database {
    /// Whether user and password open a session.
    pub fn accepts(&self, user: &str, password: &str) -> bool {
        user == self.username && self.password.is(password)
    }
}

/// A DB snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Snapshot {
    pub identifier: String,
    pub of: Database,
    pub started: i64,
    pub done: bool,
    pub automated: bool,
    pub tags: BTreeMap<String, String>,
}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {
    /// A DB instance goes on, if it is still in that turn.
    Instance {
        /// [`Database::resource_id`]
        id: String,
        /// [`Database::turn`] when the event was made.
        turn: u32,
        /// What happens.
        step: Step,
    },
    /// A modification begins, now or in the maintenance window, if the instance is free for it.
    Modify {
        /// [`Database::resource_id`]
        id: String,
    },
    /// The snapshot with this identifier, begun at this time, is done.
    Snapshot {
        /// Its identifier.
        id: String,
        /// [`Snapshot::started`]
        started: i64,
    },
    /// The interface of an instance that is gone goes too.
    InterfaceGone(String),
}

/// The steps of a DB instance's life that take time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    /// Its endpoint becomes known.
    Endpoint,
    /// The server is there: backing up first, or available.
    Created,
    /// Available (again).
    Available,
    /// What was pending is in force.
    Modified,
    /// `stopping` to `stopped`.
    Stopped,
    /// A stopped one starts again after 7 days.
    Restart,
    /// Gone.
    Gone,
}

impl Duration {
    /// A DB instance until its endpoint is known, and from there until its server is there: 360 s together.
    const DB_ENDPOINT: Self = Self { typical_ms: 320_000, spread_ms: 50_000 };
    const DB_FINISH: Self = Self { typical_ms: 40_000, spread_ms: 10_000 };
    const DB_BACKUP: Self = Self { typical_ms: 80_000, spread_ms: 20_000 };
    const DB_DELETE: Self = Self { typical_ms: 270_000, spread_ms: 60_000 };
    const DB_INTERFACE: Self = Self { typical_ms: 90_000, spread_ms: 30_000 };
    const DB_SNAPSHOT: Self = Self { typical_ms: 120_000, spread_ms: 40_000 };
    /// From the request until the instance says that it is being modified.
    const DB_NOTICE: Self = Self { typical_ms: 15_000, spread_ms: 5000 };
    const DB_PASSWORD: Self = Self { typical_ms: 30_000, spread_ms: 10_000 };
    const DB_RENAME: Self = Self { typical_ms: 90_000, spread_ms: 20_000 };
    const DB_MODIFY: Self = Self { typical_ms: 300_000, spread_ms: 60_000 };
    const DB_UPGRADE: Self = Self { typical_ms: 540_000, spread_ms: 90_000 };
    const DB_REBOOT: Self = Self { typical_ms: 45_000, spread_ms: 10_000 };
    const DB_STOP: Self = Self { typical_ms: 240_000, spread_ms: 60_000 };
    const DB_START: Self = Self { typical_ms: 300_000, spread_ms: 60_000 };
    const DB_STOPPED_AT_MOST: Self = Self { typical_ms: 7 * 86_400_000, spread_ms: 0 };
}

impl Region {
    /// The DB instance that has a network interface, while its server listens.
    pub fn database_of(&self, interface: &str) -> Option<&Database> {
        let mut instances = self.databases.instances.values().filter(|database| database.status.listens());
        instances.find(|database| database.interface == interface)
    }

    /// The host name of a DB instance: `my-db.c1a2b3c4d5e6.ap-northeast-2.rds.amazonaws.com`.
    pub fn database_host(&self, identifier: &str) -> String {
        let seed: [u8; 32] = Sha256::digest(format!("rds {} {}", self.account(), self.name())).into();
        let key = letters(&seed, b"abcdefghijklmnopqrstuvwxyz0123456789", 11);
        format!("{identifier}.c{key}.{}.rds.amazonaws.com", self.name())
    }

    /// Puts a network interface of a DB instance into a subnet that has a free address.
    pub fn make_database_interface(
        &mut self,
        subnet: &str,
        groups: Vec<String>,
        public: bool,
    ) -> Option<&NetworkInterface> {
        let subnet = self.subnets.get(subnet)?.clone();
        let private_ip = self.first_free_address(&subnet)?;
        let attachment = InterfaceAttachment {
            id: self.id("eni-attach"),
            instance: None,
            device_index: 1,
            attached_at: self.now,
            delete_on_termination: false,
        };
        let public_ip = public.then(|| self.new_public_address());
        let interface = NetworkInterface {
            id: self.id("eni"),
            kind: InterfaceKind::Database,
            vpc: subnet.vpc,
            subnet: subnet.id,
            zone: subnet.zone,
            description: "RDSNetworkInterface".to_owned(),
            private_ip,
            mac: self.new_mac(),
            groups,
            source_dest_check: true,
            attachment: Some(attachment),
            wants_public_ip: false,
            public_ip,
        };
        let id = interface.id.clone();
        Some(self.interfaces.entry(id).or_insert(interface))
    }

    /// Adds a DB instance that has just begun to be created.
    pub fn begin_database(&mut self, database: Database) {
        let id = database.identifier.clone();
        self.databases.instances.insert(id.clone(), database);
        self.go_on(&id, Status::Creating, Duration::DB_ENDPOINT, Step::Endpoint);
    }

    /// Begins to restart the server.
    pub fn reboot_database(&mut self, identifier: &str) {
        self.go_on(identifier, Status::Rebooting, Duration::DB_REBOOT, Step::Available);
    }

    /// Begins to stop it.
    pub fn stop_database(&mut self, identifier: &str) {
        self.go_on(identifier, Status::Stopping, Duration::DB_STOP, Step::Stopped);
    }

    /// Begins to start a stopped one.
    pub fn start_database(&mut self, identifier: &str) {
        if let Some(database) = self.databases.instances.get_mut(identifier) {
            database.restart_at = None;
        }
        self.go_on(identifier, Status::Starting, Duration::DB_START, Step::Available);
    }

    /// Begins to delete it.
    pub fn delete_database(&mut self, identifier: &str) {
        self.go_on(identifier, Status::Deleting, Duration::DB_DELETE, Step::Gone);
    }

    /// What is pending begins: soon, or in the next maintenance window.
    pub fn modify_database(&mut self, identifier: &str, soon: bool) {
        let Some(database) = self.databases.instances.get(identifier) else { return };
        let event = Event::Database(Due::Modify { id: database.resource_id.clone() });
        if soon {
            self.schedule(Duration::DB_NOTICE, event);
        } else {
            let at = next_window(&database.maintenance_window, self.now);
            self.schedule_at(at, event);
        }
    }

    /// Begins a snapshot of a DB instance as it is now.
    pub fn begin_snapshot(&mut self, identifier: &str, of: Database, tags: BTreeMap<String, String>) {
        let started = self.now;
        let id = identifier.to_owned();
        let snapshot = Snapshot { identifier: id.clone(), of, started, done: false, automated: false, tags };
        self.databases.snapshots.insert(id.clone(), snapshot);
        self.schedule(Duration::DB_SNAPSHOT, Event::Database(Due::Snapshot { id, started }));
    }

    /// A new state now, and what follows on it.
    fn go_on(&mut self, identifier: &str, status: Status, after: Duration, step: Step) {
        let Some(database) = self.databases.instances.get_mut(identifier) else { return };
        database.status = status;
        database.turn += 1;
        let due = Due::Instance { id: database.resource_id.clone(), turn: database.turn, step };
        self.schedule(after, Event::Database(due));
        self.record_databases();
    }

    pub(super) fn database_due(&mut self, _global: &super::Global, due: Due) {
        match due {
            Due::Instance { id, turn, step } => {
                let found = self.databases.instances.values().find(|one| one.resource_id == id && one.turn == turn);
                if let Some(identifier) = found.map(|one| one.identifier.clone()) {
                    self.database_step(&identifier, step);
                }
            }
            Due::Modify { id } => {
                let found = self.databases.instances.values().find(|one| one.resource_id == id);
                if let Some(identifier) = found.map(|one| one.identifier.clone()) {
                    self.begin_modification(&identifier);
                }
            }
            Due::Snapshot { id, started } => {
                let found = self.databases.snapshots.get_mut(&id).filter(|snapshot| snapshot.started == started);
                if let Some(snapshot) = found {
                    snapshot.done = true;
                }
            }
            Due::InterfaceGone(id) => self.remove_interface(&id),
        }
        self.record_databases();
    }

    /// Tells the metrics which servers are there.
    fn record_databases(&mut self) {
        let facts: Vec<_> = self
            .databases
            .instances
            .values()
            .map(|one| {
                let serves = one.status.listens().then_some(DatabaseFacts { allocated: one.storage, connections: 0 });
                (one.identifier.clone(), serves)
            })
            .collect();
        for (id, facts) in facts {
            self.record_database(&id, facts);
        }
    }

    fn database_step(&mut self, identifier: &str, step: Step) {
        let now = self.now;
        let Some(database) = self.databases.instances.get_mut(identifier) else { return };
        match step {
            Step::Endpoint => {
                database.has_endpoint = true;
                self.go_on(identifier, Status::Creating, Duration::DB_FINISH, Step::Created);
            }
            Step::Created => {
                database.created = Some(now);
                if database.retention > 0 {
                    self.go_on(identifier, Status::BackingUp, Duration::DB_BACKUP, Step::Available);
                } else {
                    database.status = Status::Available;
                }
            }
            Step::Available => {
                database.status = Status::Available;
                if database.pending_now && !database.pending.is_empty() {
                    self.modify_database(identifier, true);
                }
            }
            Step::Modified => self.finish_modification(identifier),
            Step::Stopped => {
                database.restart_at = Some(now + Duration::DB_STOPPED_AT_MOST.typical_ms);
                self.go_on(identifier, Status::Stopped, Duration::DB_STOPPED_AT_MOST, Step::Restart);
            }
            Step::Restart => self.start_database(identifier),
            Step::Gone => {
                let interface = database.interface.clone();
                self.databases.instances.remove(identifier);
                self.record_database(identifier, None);
                self.schedule(Duration::DB_INTERFACE, Event::Database(Due::InterfaceGone(interface)));
            }
        }
    }

    /// What is pending gets under way, when the instance is free for it. If it is not, it does as soon as it is available again.
    fn begin_modification(&mut self, identifier: &str) {
        let Some(database) = self.databases.instances.get_mut(identifier) else { return };
        database.pending_now = true;
        if database.status != Status::Available || database.pending.is_empty() {
            return;
        }
        let Pending { identifier: name, engine_version, class, storage, storage_type, multi_az, .. } =
            &database.pending;
        let heavy = class.is_some() || storage.is_some() || storage_type.is_some() || multi_az.is_some();
        let (status, duration) = if engine_version.is_some() {
            (Status::Upgrading, Duration::DB_UPGRADE)
        } else if heavy || database.pending.retention.is_some() {
            (Status::Modifying, Duration::DB_MODIFY)
        } else if name.is_some() {
            (Status::Renaming, Duration::DB_RENAME)
        } else {
            (Status::ResettingCredentials, Duration::DB_PASSWORD)
        };
        self.go_on(identifier, status, duration, Step::Modified);
    }

    fn finish_modification(&mut self, identifier: &str) {
        let Some(mut database) = self.databases.instances.remove(identifier) else { return };
        let pending = std::mem::take(&mut database.pending);
        database.pending_now = false;
        database.status = Status::Available;
        if let Some(class) = pending.class {
            database.class = class;
        }
        if let Some(storage) = pending.storage {
            database.storage = storage;
        }
        if let Some(storage_type) = pending.storage_type {
            database.storage_type = storage_type;
        }
        if let Some(version) = pending.engine_version {
            database.engine_version = version;
        }
        if let Some(multi_az) = pending.multi_az {
            database.multi_az = multi_az;
        }
        if let Some(password) = pending.password {
            database.password = password;
        }
        let first_backup = database.retention == 0 && pending.retention.is_some_and(|days| days > 0);
        if let Some(retention) = pending.retention {
            database.retention = retention;
        }
        if let Some(new) = pending.identifier {
            self.record_database(identifier, None);
            database.identifier = new;
        }
        let identifier = database.identifier.clone();
        self.databases.instances.insert(identifier.clone(), database);
        if first_backup {
            self.go_on(&identifier, Status::BackingUp, Duration::DB_BACKUP, Step::Available);
        }
    }
}

/// `count` letters of an alphabet, from 32 bytes.
fn letters(seed: &[u8; 32], alphabet: &[u8], count: usize) -> String {
    let pick = |byte: u8| alphabet.get(usize::from(byte) % alphabet.len().max(1)).copied().map(char::from);
    seed.iter().take(count).filter_map(|byte| pick(*byte)).collect()
}

const MINUTE: i64 = 60_000;
const WEEK: i64 = 7 * 24 * 60 * MINUTE;

/// The days as AWS writes them in windows, from the first day of the epoch on, which was a Thursday.
const DAYS: [&str; 7] = ["thu", "fri", "sat", "sun", "mon", "tue", "wed"];

/// The minute of the week (from Thursday 00:00 UTC) of `sun:17:30`.
pub fn minute_of_week(text: &str) -> Option<i64> {
    let (day, time) = text.split_once(':')?;
    let day = DAYS.iter().position(|name| *name == day)?;
    Some(i64::try_from(day).ok()? * 24 * 60 + minute_of_day(time)?)
}

/// The minute of the day of `17:30`.
pub fn minute_of_day(text: &str) -> Option<i64> {
    let (hour, minute) = text.split_once(':').filter(|(hour, minute)| hour.len() == 2 && minute.len() == 2)?;
    let (hour, minute): (u8, u8) = (hour.parse().ok()?, minute.parse().ok()?);
    (hour < 24 && minute < 60).then_some(i64::from(hour) * 60 + i64::from(minute))
}

/// When the window `sun:17:30-sun:18:00` next begins after `now` (ms).
fn next_window(window: &str, now: i64) -> i64 {
    let start = window.split_once('-').and_then(|(start, _)| minute_of_week(start)).unwrap_or_default() * MINUTE;
    let this_week = now - now.rem_euclid(WEEK) + start;
    if this_week > now { this_week } else { this_week + WEEK }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn a_password_is_known_again_and_not_kept() {
        let password = Password::new([7; 32], "correct horse");
        assert!(password.is("correct horse") && !password.is("correct hors"));
        let mut kept = Vec::new();
        ciborium::into_writer(&password, &mut kept).unwrap();
        assert!(!kept.windows(7).any(|part| part == b"correct"));
        assert_ne!(password, Password::new([8; 32], "correct horse"));
    }

    #[test]
    fn the_next_maintenance_window() {
        // Thursday 1970-01-01 12:00 UTC.
        let noon = 12 * 60 * MINUTE;
        assert_eq!(next_window("thu:12:30-thu:13:00", noon), noon + 30 * MINUTE);
        assert_eq!(next_window("thu:12:00-thu:12:30", noon), noon + WEEK);
        assert_eq!(next_window("sun:00:00-sun:00:30", noon), 3 * 24 * 60 * MINUTE);
        assert_eq!(minute_of_week("mon:24:00"), None);
    }
}
