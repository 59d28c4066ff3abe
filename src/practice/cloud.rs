//! The practice cloud as one handle: the world, its clock and its faults, shared by threads and by processes.
//!
//! Promises: a request is one change of the stored world, whole or not at all; every process sees the same world; practice
//! time passes lazily, before each request, so that only changes are written. Leaves to others: how requests come
//! ([`super::connector`] in-process, [`super::serve`] over HTTP), what operations do ([`super::services`]), pages that
//! are asked for instead of operations ([`super::web`]).

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::clock::{Clock, ClockRow, ClockState, DEFAULT_SPEED, wall_ms};
use super::faults::Faults;
use super::services::{Answer, ApiError, Incoming, sts};
use super::storage::{Cached, Storage, StorageError, random_seed};
use super::web::{self, Asked, Broken};
use super::world::{Random, World};

/// The account of the practice cloud.
pub const ACCOUNT: &str = "100000000001";

/// The header of a refusal that somebody asked for with `awslab practice faults`, or that may come of how the account was
/// set there. AWS has none like it.
pub const ON_REQUEST: &str = "x-awslab-on-request";

/// How often the clock is stored while there are only reads, in real time: what a killed process may lose of practice time.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// How far behind the clock a stored world may be before catching up is worth a change, in practice time.
const BEHIND_MS: i64 = 3 * 3_600_000;

/// How to open a practice cloud.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The seed of a new world; `None` takes a random one. A stored world keeps its own.
    pub seed: Option<u64>,
    /// The practice time of a new world, ms since 1970; `None` takes the wall clock.
    pub start_ms: Option<i64>,
    /// Practice seconds per real second, from now on; `None` keeps the stored speed (30 at first).
    pub speed: Option<f64>,
}

/// What becomes of a request on its way.
#[derive(Debug)]
pub struct Exchange {
    /// How long the answer takes, in real time.
    pub wait: Duration,
    /// The answer, or why there is none.
    pub response: Result<http::Response<Bytes>, Broken>,
}

/// A handle on the practice cloud; clones share it. While one exists, its process is attached and the clock runs.
#[derive(Clone)]
pub struct Cloud {
    state: Arc<Mutex<State>>,
    /// Apart from the rest, so that a screen can show the time while a request waits for the file.
    clock: SharedClock,
}

impl fmt::Debug for Cloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cloud")
    }
}

struct State {
    storage: Storage,
    options: Options,
    clock: SharedClock,
    faults: Faults,
    /// Empty until it is needed, and after a change that failed.
    world: Option<Cached>,
    /// For request ids and for which requests the faults hit; not part of the world.
    random: Random,
    clock_saved: Instant,
    /// The clock is to be stored with the next read; another process was writing, or the disk was full.
    clock_due: bool,
}

impl Cloud {
    /// Opens the world in a file (made when it is not there) and attaches to it.
    pub fn open(path: &Path, options: Options) -> Result<Self, StorageError> {
        Self::with(Storage::open(Some(path))?, options)
    }

    /// A world that nobody else sees and that ends with its last handle.
    pub fn in_memory(options: Options) -> Result<Self, StorageError> {
        Self::with(Storage::open(None)?, options)
    }

    fn with(storage: Storage, options: Options) -> Result<Self, StorageError> {
        let (clock, faults, world) = storage.transaction(|| {
            let alone = storage.attach();
            let mut clock = match storage.clock()? {
                Some(row) => Clock::from_row(row, alone),
                None => Clock::from_row(new_clock(&options), true),
            };
            if let Some(speed) = options.speed {
                clock.set_speed(speed);
            }
            storage.save_clock(clock.row())?;
            let world = match storage.load(None)? {
                Some(world) => world,
                None => {
                    let mut world = new_world(&options, &mut clock);
                    storage.save(&mut world)?;
                    world
                }
            };
            storage.mark_seen()?;
            Ok::<_, StorageError>((clock, storage.faults()?, world))
        })?;
        let clock = SharedClock(Arc::new(Mutex::new(clock)));
        let state = State {
            storage,
            options,
            clock: clock.clone(),
            faults,
            world: Some(world),
            random: Random::new(random_seed(), "requests"),
            clock_saved: Instant::now(),
            clock_due: false,
        };
        Ok(Self { state: Arc::new(Mutex::new(state)), clock })
    }

    /// Another cloud in memory that begins as this one is now, with its clock paused: what happens in one does not happen in
    /// the other.
    pub fn fork(&self) -> Result<Self, StorageError> {
        let world = self.look(World::clone)?;
        let fork = Self::in_memory(Options { start_ms: Some(world.now()), ..Options::default() })?;
        fork.pause()?;
        fork.edit(|other| *other = world)?;
        Ok(fork)
    }

    /// Answers a request, with the latency and the losses of the faults told but not acted out.
    pub fn exchange(&self, request: &http::Request<Bytes>) -> Exchange {
        self.state().exchange(request)
    }

    /// Answers a request as if the network were perfect.
    pub fn respond(&self, request: &http::Request<Bytes>) -> http::Response<Bytes> {
        self.state().respond(request).0
    }

    /// Practice time, ms since 1970.
    pub fn now(&self) -> i64 {
        self.clock().now_ms
    }

    /// What the clock shows. Never waits for a request or another process.
    pub fn clock(&self) -> ClockState {
        if let Ok(state) = self.state.try_lock() {
            // When the file cannot be read the clock of this process goes on; the next request tells what is wrong.
            let _ = state.refresh_clock();
        }
        self.clock.with(|clock| clock.state())
    }

    /// Sets the speed, within [`super::clock::SPEED_RANGE`], for all processes.
    pub fn set_speed(&self, speed: f64) -> Result<(), StorageError> {
        self.state().change_clock(|clock| clock.set_speed(speed))
    }

    /// Stops practice time for all processes.
    pub fn pause(&self) -> Result<(), StorageError> {
        self.state().change_clock(|clock| clock.set_paused(true))
    }

    /// Lets practice time run again.
    pub fn resume(&self) -> Result<(), StorageError> {
        self.state().change_clock(|clock| clock.set_paused(false))
    }

    /// Jumps ahead in practice time; what is due until then happens.
    pub fn advance(&self, by: Duration) -> Result<(), StorageError> {
        self.state().change_clock(|clock| clock.advance(by))
    }

    /// Throws everything away and starts with a new account; the faults go too, the speed stays.
    pub fn reset(&self) -> Result<(), StorageError> {
        self.state().reset()
    }

    /// What goes wrong at the moment.
    pub fn faults(&self) -> Result<Faults, StorageError> {
        let mut state = self.state();
        state.refresh()?;
        Ok(state.faults.clone())
    }

    /// Sets what goes wrong, for all processes.
    pub fn set_faults(&self, faults: Faults) -> Result<(), StorageError> {
        let mut state = self.state();
        state.storage.transaction(|| state.storage.save_faults(&faults))?;
        state.faults = faults;
        Ok(())
    }

    /// Lets everything happen that is due by now, and keeps that. Far behind it may take long, once; a look by itself keeps
    /// nothing.
    pub fn catch_up(&self) -> Result<(), StorageError> {
        let behind = {
            let mut state = self.state();
            state.refresh()?;
            let now = state.clock.with(Clock::now);
            now - state.world()?.now()
        };
        if behind > BEHIND_MS { self.edit(|_| ()) } else { Ok(()) }
    }

    /// Looks at the world as it is now.
    pub fn look<T>(&self, look: impl FnOnce(&World) -> T) -> Result<T, StorageError> {
        let mut state = self.state();
        state.refresh()?;
        let now = state.clock.with(Clock::now);
        let world = state.world()?;
        world.advance(now);
        Ok(look(world))
    }

    /// Changes the world by hand (quotas, say): one stored change.
    pub fn edit<T>(&self, edit: impl FnOnce(&mut World) -> T) -> Result<T, StorageError> {
        self.state().change(|world| Ok(edit(world)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic in a change leaves no world in memory, so nothing half done can be seen.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The clock, held for no longer than a look at it.
#[derive(Clone)]
struct SharedClock(Arc<Mutex<Clock>>);

impl SharedClock {
    fn with<T>(&self, work: impl FnOnce(&mut Clock) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn exchange(&mut self, request: &http::Request<Bytes>) -> Exchange {
        if let Some(asked) = Asked::of(request) {
            let response = match self.change(|world| Ok::<_, StorageError>(asked.send(world))) {
                Ok(response) => response,
                Err(error) => Ok(web::failed(&error.to_string())),
            };
            return Exchange { wait: self.faults.latency(), response };
        }
        let (response, reached) = self.respond(request);
        let lost = reached && self.draw() < self.faults.lose;
        Exchange { wait: self.faults.latency(), response: if lost { Err(Broken::Lost) } else { Ok(response) } }
    }

    /// The answer, and whether the request came as far as the operation.
    fn respond(&mut self, request: &http::Request<Bytes>) -> (http::Response<Bytes>, bool) {
        let incoming = match Incoming::parse(request, self.request_id()) {
            Ok(incoming) => incoming,
            Err(response) => return (response, false),
        };
        if let Err(error) = self.refresh() {
            return (incoming.response(&Err(error.into())), false);
        }
        let draw = [self.draw(), self.draw()];
        let user = sts::user_arn(ACCOUNT);
        if let Some(error) = self.faults.refusal(&incoming.service, &user, &incoming.actions(), draw) {
            return (by_request(incoming.response(&Err(error))), false);
        }
        let outcome = if incoming.is_read() { self.read(&incoming) } else { self.change(|world| incoming.run(world)) };
        let response = incoming.response(&outcome);
        let spoilt = outcome.is_err() && self.world().is_ok_and(|world| !world.options().is_usual());
        (if spoilt { by_request(response) } else { response }, true)
    }

    fn read(&mut self, incoming: &Incoming) -> Result<Answer, ApiError> {
        let now = self.clock.with(Clock::now);
        let world = self.world()?;
        let before = world.revision();
        world.advance(now);
        let happened = world.revision() != before;
        let outcome = incoming.run(world);
        // What has been seen to have happened must not be undone by a kill, so the time is kept.
        self.clock_due |= happened || self.clock_saved.elapsed() > HEARTBEAT;
        if self.clock_due && self.storage.try_save_clock(self.clock.with(Clock::row)).is_ok() {
            (self.clock_due, self.clock_saved) = (false, Instant::now());
        }
        outcome
    }

    /// Does one change: read what others did, let time pass, change, store. When anything fails, nothing has happened.
    fn change<T, E: From<StorageError>>(&mut self, work: impl FnOnce(&mut World) -> Result<T, E>) -> Result<T, E> {
        let Self { storage, options, clock, faults, world, clock_saved, .. } = self;
        // Out of the state while it is half changed: an error or a panic leaves none, and the next request reads it again.
        let cached = world.take();
        let (value, changed) = storage.transaction(|| {
            if storage.changed()? {
                read_settings(storage, clock, faults)?;
            }
            let mut cached = match storage.load(cached)? {
                Some(cached) => cached,
                None => clock.with(|clock| new_world(options, clock)),
            };
            storage.mark_seen()?;
            cached.world.advance(clock.with(Clock::now));
            let value = work(&mut cached.world)?;
            storage.save(&mut cached)?;
            storage.save_clock(clock.with(Clock::row))?;
            Ok::<_, E>((value, cached))
        })?;
        *world = Some(changed);
        *clock_saved = Instant::now();
        Ok(value)
    }

    fn change_clock(&mut self, work: impl FnOnce(&mut Clock)) -> Result<(), StorageError> {
        let Self { storage, clock, .. } = self;
        let mut changed = clock.with(|clock| clock.clone());
        storage.transaction(|| {
            if storage.changed()?
                && let Some(row) = storage.clock()?
            {
                changed.take_over(row);
            }
            work(&mut changed);
            storage.save_clock(changed.row())
        })?;
        clock.with(|clock| *clock = changed);
        Ok(())
    }

    /// Takes over the clock only: cheap, and nothing else is taken as seen.
    fn refresh_clock(&self) -> Result<(), StorageError> {
        if self.storage.changed()?
            && let Some(row) = self.storage.clock()?
        {
            self.clock.with(|clock| clock.take_over(row));
        }
        Ok(())
    }

    fn reset(&mut self) -> Result<(), StorageError> {
        let Self { storage, options, clock, .. } = self;
        let (fresh, world) = storage.transaction(|| {
            let mut clock = clock.with(|clock| clock.clone());
            if let Some(row) = storage.clock()? {
                clock.take_over(row);
            }
            clock.reset(options.start_ms.unwrap_or_else(wall_ms));
            let mut world = new_world(options, &mut clock);
            storage.clear()?;
            storage.save(&mut world)?;
            storage.save_clock(clock.row())?;
            storage.mark_seen()?;
            Ok::<_, StorageError>((clock, world))
        })?;
        self.clock.with(|clock| *clock = fresh);
        (self.world, self.faults) = (Some(world), Faults::default());
        Ok(())
    }

    /// Takes over what other processes have changed.
    fn refresh(&mut self) -> Result<(), StorageError> {
        if self.storage.changed()? {
            let Self { storage, clock, faults, world, .. } = self;
            let cached = world.take();
            *world = storage.snapshot(|| {
                read_settings(storage, clock, faults)?;
                let read = storage.load(cached)?;
                storage.mark_seen()?;
                Ok(read)
            })?;
        }
        Ok(())
    }

    /// The world in memory, read again when a failed change has left none.
    fn world(&mut self) -> Result<&mut World, StorageError> {
        let cached = match self.world.take() {
            Some(cached) => cached,
            None => match self.storage.load(None)? {
                Some(cached) => cached,
                None => self.clock.with(|clock| new_world(&self.options, clock)),
            },
        };
        Ok(&mut self.world.insert(cached).world)
    }

    /// A number from 0 up to 1.
    fn draw(&mut self) -> f64 {
        // 53 bits are what a float holds.
        (self.random.draw() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn request_id(&mut self) -> String {
        let (a, b) = (self.random.draw(), self.random.draw());
        format!(
            "{:08x}-{:04x}-4{:03x}-8{:03x}-{:012x}",
            a >> 32,
            a >> 16 & 0xffff,
            a & 0xfff,
            b >> 52,
            b & 0xffff_ffff_ffff
        )
    }
}

impl Drop for State {
    fn drop(&mut self) {
        // Nothing can be told from here; the last stored time stands. Nor may what another process has set be undone.
        if self.refresh_clock().is_ok() {
            let _ = self.storage.try_save_clock(self.clock.with(Clock::row));
        }
    }
}

/// Marks a refusal; see [`ON_REQUEST`].
fn by_request(mut response: http::Response<Bytes>) -> http::Response<Bytes> {
    response.headers_mut().insert(ON_REQUEST, http::HeaderValue::from_static("practice"));
    response
}

fn read_settings(storage: &Storage, clock: &SharedClock, faults: &mut Faults) -> Result<(), StorageError> {
    if let Some(row) = storage.clock()? {
        clock.with(|clock| clock.take_over(row));
    }
    *faults = storage.faults()?;
    Ok(())
}

fn new_clock(options: &Options) -> ClockRow {
    let now = wall_ms();
    let practice_ms = options.start_ms.unwrap_or(now);
    ClockRow { practice_ms, wall_ms: now, speed: DEFAULT_SPEED, paused: false, epoch: 0 }
}

fn new_world(options: &Options, clock: &mut Clock) -> Cached {
    Cached::new(World::new(options.seed.unwrap_or_else(random_seed), ACCOUNT, clock.now()))
}

impl From<StorageError> for ApiError {
    fn from(error: StorageError) -> Self {
        // 507 so that no SDK tries again: trying again does not mend a disk.
        Self::new(
            "PracticeStorageError",
            format!("The practice cloud could not keep its world, nothing was changed: {error}"),
        )
        .status(507)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn send(cloud: &Cloud, body: &str) -> (u16, String) {
        let scope = "AWS4-HMAC-SHA256 Credential=K/20261122/ap-northeast-2/ec2/aws4_request";
        let request =
            http::Request::post("/").header("authorization", scope).body(Bytes::from(body.to_string())).unwrap();
        let response = cloud.respond(&request);
        (response.status().as_u16(), String::from_utf8_lossy(response.body()).into_owned())
    }

    #[test]
    fn a_full_disk_is_told_and_loses_nothing() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("practice.db");
        let cloud = Cloud::open(&path, Options { seed: Some(1), ..Options::default() }).unwrap();
        cloud.pause().unwrap();
        let (_, body) = send(&cloud, "Action=CreateVpc&CidrBlock=10.1.0.0%2F16");
        let vpc = body.split_once("<vpcId>").unwrap().1.split_once('<').unwrap().0;
        // Every tag is new and long, so that the file has to grow.
        let tag = |key: u32| format!("Action=CreateTags&ResourceId.1={vpc}&Tag.1.Key={key}&Tag.1.Value={key:0>200}");
        let before = cloud.look(Clone::clone).unwrap();
        cloud.state().storage.set_full(true);
        let mut refused = None;
        for key in 0..45 {
            let (status, body) = send(&cloud, &tag(key));
            if status != 200 {
                refused = Some((status, body));
                break;
            }
        }
        let (status, body) = refused.unwrap();
        assert_eq!(status, 507);
        assert!(body.contains("PracticeStorageError") && body.contains("the disk is full"), "{body}");
        // What was there is there, here and after a new start; what was refused is not.
        let now = cloud.look(Clone::clone).unwrap();
        assert!(send(&cloud, "Action=DescribeVpcs").1.contains("10.1.0.0/16"));
        let region = |world: &World| world.region("ap-northeast-2").unwrap().vpcs.clone();
        assert_eq!(region(&now), region(&before));
        cloud.state().storage.set_full(false);
        assert_eq!(send(&cloud, &tag(49)).0, 200);
        let then = cloud.look(Clone::clone).unwrap();
        drop(cloud);
        assert_eq!(Cloud::open(&path, Options::default()).unwrap().look(Clone::clone).unwrap(), then);
    }

    #[test]
    fn what_was_asked_to_go_wrong_says_so() {
        let cloud = Cloud::in_memory(Options { seed: Some(1), ..Options::default() }).unwrap();
        let marked = |operation: &str| {
            let scope = "AWS4-HMAC-SHA256 Credential=K/20261122/ap-northeast-2/ec2/aws4_request";
            let body = Bytes::from(format!("Action={operation}"));
            let request = http::Request::post("/").header("authorization", scope).body(body).unwrap();
            cloud.respond(&request).headers().contains_key(ON_REQUEST)
        };
        let (good, refused) = ("DescribeVpcs", "CreateVpc&CidrBlock=10.0.0.0%2F33");
        assert!(!marked(good) && !marked(refused));
        cloud.set_faults(Faults { deny: vec!["ec2:DescribeVpcs".into()], ..Faults::default() }).unwrap();
        assert!(marked(good) && !marked(refused));
        cloud.set_faults(Faults::default()).unwrap();
        cloud
            .edit(|world| {
                let options = world.options().clone();
                world.set_options(crate::practice::world::Options { free_plan: true, ..options });
            })
            .unwrap();
        assert!(!marked(good) && marked(refused));
    }

    #[tokio::test(start_paused = true)]
    async fn what_has_happened_is_kept_once_it_was_caught_up_with() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("practice.db");
        let cloud = Cloud::open(&path, Options { seed: Some(1), ..Options::default() }).unwrap();
        cloud.pause().unwrap();
        let stored = || Storage::open(Some(&path)).unwrap().load(None).unwrap().unwrap().world.now();
        cloud.advance(Duration::from_secs(3600)).unwrap();
        cloud.catch_up().unwrap();
        assert!(cloud.now() > stored(), "a little is not worth a change");
        cloud.advance(Duration::from_secs(24 * 3600)).unwrap();
        cloud.catch_up().unwrap();
        assert_eq!(cloud.now(), stored());
    }

    #[tokio::test(start_paused = true)]
    async fn who_leaves_last_does_not_undo_what_others_have_set() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("practice.db");
        let idle = Cloud::open(&path, Options::default()).unwrap();
        let other = Cloud::open(&path, Options { speed: Some(600.0), ..Options::default() }).unwrap();
        other.advance(Duration::from_secs(7_200)).unwrap();
        let then = other.now();
        drop(other);
        drop(idle);
        let clock = Cloud::open(&path, Options::default()).unwrap().clock();
        assert!(clock.now_ms >= then, "{} before {then}", clock.now_ms);
        assert_eq!(clock.speed, 600.0);
    }

    #[test]
    fn the_time_can_be_seen_while_a_request_waits() {
        let cloud = Cloud::in_memory(Options { seed: Some(1), start_ms: Some(5), ..Options::default() }).unwrap();
        let request = cloud.state();
        assert!(cloud.now() >= 5);
        drop(request);
    }

    #[test]
    fn a_panic_in_a_change_leaves_the_world_as_it_was() {
        let cloud = Cloud::in_memory(Options { seed: Some(1), ..Options::default() }).unwrap();
        cloud.pause().unwrap();
        let before = cloud.look(Clone::clone).unwrap();
        let broken = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            cloud.edit(|world| {
                world.region_mut("ap-northeast-2").vpcs.clear();
                assert_eq!(1, 2, "on purpose");
            })
        }));
        assert!(broken.is_err());
        assert_eq!(cloud.look(Clone::clone).unwrap(), before);
    }
}
