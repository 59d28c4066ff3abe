//! Builds on a practice cloud as a person would: another order, no awslab tags, no ledger, no journal.
//!
//! Promises: the same calls as a plan's, one after another; practice time goes on only by as much as is waited for; what is
//! refused or never gets ready is told and stays as it is. Leaves to others: what is built ([`super`]).

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::cloud::Sent;
use crate::course::model::Key;
use crate::engine::clock::millis;
use crate::engine::{Engine, Inner, storage_problem};
use crate::lab::call::{Arg, BoundCall, Call, Of};
use crate::lab::report::Plan;
use crate::lab::world::{Health, Sight, World};
use crate::problem::{Problem, ProblemKind};

/// The longest that anything is waited for, in practice time.
const PATIENCE: Duration = Duration::from_secs(900);
/// How far practice time goes on between two looks: as far as the next event, within these.
const STEP_MS: std::ops::RangeInclusive<i64> = 2_000..=30_000;
/// How often a refusal that passes by itself is tried again.
const TRIES: u32 = 60;
/// The tags that awslab gives and a person does not.
const OUR_TAGS: [&str; 3] = ["Project", "lab:chapter", "lab:run"];

/// How a person builds.
#[derive(Debug, Clone, Default)]
pub(super) struct Hand {
    /// Of what can be made next, the last one is made first.
    pub backwards: bool,
    /// Calls that are left out: of which resource, and which operations.
    pub skip: Vec<(Key, Vec<String>)>,
    /// Parameters that are typed with another text: of which resource, which, and what.
    pub typed: Vec<(Key, Vec<(String, String)>)>,
}

/// What did not come about, and why.
pub(super) type Undone = Vec<(Key, String)>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Done,
    Not,
}

struct Builder<'a> {
    inner: &'a Inner,
    hand: &'a Hand,
    plan: Plan,
    world: World,
    states: Vec<State>,
    told: BTreeMap<Key, Sent>,
    ready: BTreeSet<Key>,
    bad: BTreeSet<Key>,
    /// Until when each is waited for.
    waits: BTreeMap<Key, i64>,
    undone: Undone,
}

impl Engine {
    /// Builds these steps by hand.
    pub(super) async fn by_hand(&self, steps: &[String], hand: &Hand) -> Result<Undone, Problem> {
        let inner = &self.inner;
        let world = inner.observe_all().await?;
        // Whoever builds by hand has done what only a person can do.
        let plan = inner.plan_on(&world, steps, &BTreeSet::new())?;
        let mut builder = Builder {
            inner,
            hand,
            states: vec![State::Waiting; plan.calls.len()],
            told: BTreeMap::new(),
            ready: BTreeSet::new(),
            bad: BTreeSet::new(),
            waits: BTreeMap::new(),
            undone: Vec::new(),
            plan,
            world,
        };
        builder.go().await?;
        Ok(builder.undone)
    }

    /// Deletes one resource by hand, as far as AWS lets one, and waits until it is gone.
    pub(super) async fn delete_by_hand(&self, key: &Key) -> Result<Undone, Problem> {
        let inner = &self.inner;
        let mut world = inner.observe_all().await?;
        let (Some(observed), Some(kind)) = (world.get(key).cloned(), inner.kinds.kind(&key.kind)) else {
            return Ok(vec![(key.clone(), "it is not there".to_owned())]);
        };
        for (at, call) in kind.delete(&observed, "").into_iter().enumerate() {
            let bound = call.bind(&|of| world.get(&of.key).and_then(|live| live.attr(&of.attr)).map(str::to_owned));
            let Ok(bound) = bound else { continue };
            if let Err(why) = inner.attempt(&bound, at).await? {
                return Ok(vec![(key.clone(), why)]);
            }
        }
        let until = inner.clock.now() + millis(PATIENCE);
        while inner.clock.now() < until {
            match inner.look_for(key, Some(&observed.id), &world).await? {
                Sight::Found(live) if live.id == observed.id && live.health == Health::Deleting => world.put(*live),
                Sight::Found(live) if live.id == observed.id => world.put(*live),
                _ => return Ok(Vec::new()),
            }
            inner.let_time_pass()?;
        }
        Ok(vec![(key.clone(), "it is not gone".to_owned())])
    }
}

impl Builder<'_> {
    async fn go(&mut self) -> Result<(), Problem> {
        let now = self.inner.clock.now();
        for key in &self.plan.pending {
            self.waits.insert(key.clone(), now + millis(PATIENCE));
        }
        for conflict in &self.plan.conflicts {
            self.undone.push((conflict.key.clone(), format!("{}: {}", conflict.field, conflict.found)));
        }
        loop {
            self.give_up_what_cannot();
            let next = self.next();
            if let Some((at, call)) = next {
                self.make(at, &call).await?;
            } else if self.waits.is_empty() {
                break;
            } else if !self.look().await? {
                self.inner.let_time_pass()?;
            }
        }
        Ok(())
    }

    /// Calls that need something that did not come about are not made either.
    fn give_up_what_cannot(&mut self) {
        loop {
            let hopeless = self.plan.calls.iter().enumerate().position(|(at, planned)| {
                self.states[at] == State::Waiting
                    && (self.bad.contains(&planned.call.key)
                        || planned.after.iter().any(|other| self.states[*other] == State::Not)
                        || planned.ready.iter().any(|key| self.bad.contains(key)))
            });
            let Some(at) = hopeless else { return };
            self.states[at] = State::Not;
            let key = self.plan.calls[at].call.key.clone();
            if self.bad.insert(key.clone()) {
                self.undone.push((key, "what it needs is not there".to_owned()));
            }
        }
    }

    /// The next call that can be sent.
    fn next(&self) -> Option<(usize, BoundCall)> {
        let mut able = self.plan.calls.iter().enumerate().filter_map(|(at, planned)| {
            let may = self.states[at] == State::Waiting
                && planned.after.iter().all(|other| self.states[*other] == State::Done)
                && planned.ready.iter().all(|key| self.ready.contains(key));
            let bound = if may { planned.call.bind(&|of| self.known(of)).ok() } else { None };
            Some((at, bound?))
        });
        if self.hand.backwards { able.next_back() } else { able.next() }
    }

    fn known(&self, of: &Of) -> Option<String> {
        if let Some(value) = self.world.get(&of.key).and_then(|live| live.attr(&of.attr)) {
            return Some(value.to_owned());
        }
        let sent = self.told.get(&of.key)?;
        if of.attr == "id" {
            return sent.id.clone();
        }
        sent.attrs.iter().find(|(name, _)| *name == of.attr).map(|(_, value)| value.clone())
    }

    async fn make(&mut self, at: usize, call: &BoundCall) -> Result<(), Problem> {
        let key = call.0.key.clone();
        let skipped =
            self.hand.skip.iter().any(|(of, operations)| *of == key && operations.contains(&call.0.operation));
        if !skipped {
            let mut call = call.clone();
            for (_, values) in self.hand.typed.iter().filter(|(of, _)| *of == key) {
                for (name, arg) in &mut call.0.args {
                    values.iter().for_each(|typed| mistype(name, arg, typed));
                }
            }
            match self.inner.attempt(&call, at).await? {
                Ok(sent) => {
                    let told = self.told.entry(key.clone()).or_default();
                    told.id = sent.id.or(told.id.take());
                    told.attrs.extend(sent.attrs);
                }
                Err(why) => {
                    self.states[at] = State::Not;
                    self.bad.insert(key.clone());
                    self.undone.push((key, why));
                    return Ok(());
                }
            }
        }
        self.states[at] = State::Done;
        let over = self
            .plan
            .calls
            .iter()
            .enumerate()
            .all(|(other, planned)| planned.call.key != key || self.states[other] == State::Done);
        if over {
            let deadline = self.inner.kinds.kind(&key.kind).map_or(PATIENCE, |kind| kind.pace().deadline.min(PATIENCE));
            self.waits.insert(key, self.inner.clock.now() + millis(deadline));
        }
        Ok(())
    }

    /// Looks at everything that is waited for; tells whether any wait is over.
    async fn look(&mut self) -> Result<bool, Problem> {
        let before = self.waits.len();
        for (key, until) in self.waits.clone() {
            let id = self.told.get(&key).and_then(|sent| sent.id.clone());
            let id = id.or_else(|| self.world.get(&key).map(|live| live.id.clone()));
            let sight = self.inner.look_for(&key, id.as_deref(), &self.world).await?;
            let leaving = self.plan.leaving.contains(&key);
            let over = match sight {
                Sight::Found(live) => {
                    let health = live.health;
                    let why = format!("{} {}", live.state, live.reason);
                    self.world.put(*live);
                    match health {
                        Health::Ready if !leaving => Some(Ok(())),
                        Health::Failed => Some(Err(why)),
                        _ if self.inner.clock.now() > until => Some(Err(why)),
                        _ => None,
                    }
                }
                Sight::Absent if leaving => Some(Ok(())),
                Sight::Ambiguous(ids) => Some(Err(format!("several: {}", ids.join(", ")))),
                Sight::Absent if self.inner.clock.now() > until => Some(Err("it is not there".to_owned())),
                Sight::Absent => None,
            };
            match over {
                Some(Ok(())) => {
                    self.waits.remove(&key);
                    self.ready.insert(key);
                }
                Some(Err(why)) => {
                    self.waits.remove(&key);
                    self.bad.insert(key.clone());
                    self.undone.push((key, why));
                }
                None => {}
            }
        }
        Ok(self.waits.len() < before)
    }
}

impl Inner {
    /// Sends one call as a person's; the inner error is why it was refused.
    async fn attempt(&self, call: &BoundCall, at: usize) -> Result<Result<Sent, String>, Problem> {
        let Some(live) = self.kinds.live(&call.0.key.kind) else {
            return Err(Problem::internal(format!("the kind {} cannot be sent", call.0.key.kind)));
        };
        let call = BoundCall(untagged(&call.0));
        // Letters and digits only: some services take nothing else.
        let run: String = self.facts.run.chars().filter(char::is_ascii_alphanumeric).collect();
        let token = format!("{run}x{at}x{:x}", self.clock.now());
        for _ in 0..TRIES {
            let error = match live.send(&self.clients, &call, &token).await {
                Ok(sent) => return Ok(Ok(sent)),
                Err(error) => error,
            };
            let told = |codes: &[String]| {
                codes.iter().any(|one| match one.split_once('~') {
                    Some((code, part)) => code == error.code && error.problem.detail.en.contains(part),
                    None => *one == error.code,
                })
            };
            if told(&call.0.done_if) {
                return Ok(Ok(Sent::default()));
            }
            if error.problem.kind != ProblemKind::Throttled && !told(&call.0.again_if) {
                return Ok(Err(format!("{} {}: {}", call.0.operation, error.code, error.problem.detail.en)));
            }
            self.let_time_pass()?;
        }
        Ok(Err(format!("{}: refused again and again", call.0.operation)))
    }

    /// Practice time goes on to the next event.
    fn let_time_pass(&self) -> Result<(), Problem> {
        let Some(cloud) = &self.practice else {
            return Err(Problem::internal("only the practice cloud is built by hand"));
        };
        let now = cloud.now();
        let next = cloud.look(|world| world.next_event()).map_err(|error| storage_problem(&error))?;
        let by = next.map_or(*STEP_MS.end(), |at| at - now).clamp(*STEP_MS.start(), *STEP_MS.end());
        let by = Duration::from_millis(u64::try_from(by).unwrap_or_default());
        cloud.advance(by).map_err(|error| storage_problem(&error))
    }
}

/// Puts the typed text in the place of every parameter of that name.
fn mistype(name: &str, arg: &mut Arg, typed: &(String, String)) {
    if *name == typed.0 && arg.as_text().is_some() {
        *arg = Arg::text(&typed.1);
        return;
    }
    match arg {
        Arg::List(items) => items.iter_mut().for_each(|item| mistype("", item, typed)),
        Arg::Map(members) => members.iter_mut().for_each(|(name, member)| mistype(name, member, typed)),
        _ => {}
    }
}

/// A call without the tags that only awslab gives; a rule of a group has no name either.
fn untagged(call: &Call) -> Call {
    let mut call = call.clone();
    let nameless = matches!(call.key.kind.as_str(), "security-group-rule" | "security-group");
    for (_, arg) in &mut call.args {
        strip(arg, nameless);
    }
    // A specification of no tags at all is refused.
    call.args.retain(|(name, arg)| !matches!((name.as_str(), arg), ("Tags" | "TagSpecifications", Arg::List(items)) if items.is_empty()));
    call
}

fn strip(arg: &mut Arg, nameless: bool) {
    let key_of = |arg: &Arg| match arg {
        Arg::Map(members) => {
            members.iter().find(|(name, _)| name == "Key").and_then(|(_, key)| key.as_text().map(str::to_owned))
        }
        _ => None,
    };
    let empty = |arg: &Arg| match arg {
        Arg::Map(members) => {
            members.iter().any(|(name, tags)| name == "Tags" && matches!(tags, Arg::List(tags) if tags.is_empty()))
        }
        _ => false,
    };
    match arg {
        Arg::List(items) => {
            items.retain(|item| {
                key_of(item).is_none_or(|key| !(OUR_TAGS.contains(&key.as_str()) || nameless && key == "Name"))
            });
            items.iter_mut().for_each(|item| strip(item, nameless));
            items.retain(|item| !empty(item));
        }
        Arg::Map(members) => members.iter_mut().for_each(|(_, member)| strip(member, nameless)),
        _ => {}
    }
}
