//! Sending one call: intent, request, outcome; again where that helps.
//!
//! Promises: no request leaves before its intent is on disk; a request whose outcome is not known is looked up before
//! it is sent again; what can pass by itself is tried again, visibly, for a limited time.

use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::time::Instant;

use crate::cloud::{CallError, Sent};
use crate::course::model::Key;
use crate::lab::call::{BoundCall, Call, Effect};
use crate::lab::cli;
use crate::lab::cost::Prices;
use crate::lab::kind::Pace;
use crate::lab::phase::PhaseKind;
use crate::lab::world::{Health, Observed, Sight, World};
use crate::problem::{Problem, ProblemKind};
use crate::store::{Conclusion, Entry, Outcome, Sending};

use super::clock::{millis, real};
use super::hook::Moment;
use super::recover::YOUNG;
use super::tell::{Says, Teller};
use super::waits::{ambiguous, passes};
use super::{Cancel, Inner};

/// For how long what can pass by itself (a refusal, a lost answer, a failed look) is tried again, in cloud time.
const AGAIN_FOR: Duration = Duration::from_secs(180);
/// But at least this in real time: a fast practice clock must not outrun slow answers.
const AT_LEAST: Duration = Duration::from_secs(20);
/// And at least so many times. Each try is itself several requests of the SDK with pauses in between, so that few of them fill
/// the time above when many requests fail: with every second one failing, eight tries in a row do fail now and then.
const TRIES: u32 = 16;
/// Looks that must all find nothing before a resource counts as not made: it may take some seconds to be visible.
const LOOKS: u32 = 4;

/// Why a call did not happen.
pub(super) enum Unsent {
    /// It was refused, or could not be recorded.
    Failed(Box<CallError>),
    /// The learner stopped it between two attempts.
    Cancelled,
}

impl Unsent {
    fn local(problem: Problem) -> Self {
        Self::Failed(Box::new(CallError { code: String::new(), unknown_outcome: false, problem }))
    }
}

/// What is needed beside the call.
pub(super) struct Context<'a> {
    /// Whether the call makes its resource exist.
    pub(super) first: bool,
    pub(super) teller: &'a Teller,
    pub(super) cancel: &'a Cancel,
    pub(super) world: &'a World,
}

impl Inner {
    /// Sends a call until it has an outcome.
    pub(super) async fn send(&self, call: &BoundCall, context: &Context<'_>) -> Result<Sent, Unsent> {
        let Some(live) = self.kinds.live(&call.0.key.kind) else {
            return Err(Unsent::local(Problem::internal(format!("the kind {} cannot be sent", call.0.key.kind))));
        };
        if context.first && call.0.effect == Effect::Create {
            self.part_with_the_last_one(&call.0.key).map_err(Unsent::local)?;
        }
        let token = self.token(&call.0).map_err(Unsent::local)?;
        let shown = cli::command(&call.0);
        let operation = call.0.operation.as_str();
        let began = self.begin();
        let mut lost = 0;
        let mut tries = 0;
        loop {
            context.teller.tell(PhaseKind::Calling, Says { operation: Some(operation), ..Says::default() });
            let sending = Sending {
                run: &self.facts.run,
                call: &call.0,
                first: context.first,
                token: &token,
                cli: &shown,
                at: self.clock.now(),
            };
            let number = self.store.intend(&self.scope, &sending).map_err(Unsent::local)?;
            self.reached(Moment::Intended, &call.0).await;
            let started = Instant::now();
            let answer = live.send(&self.clients, call, &token).await;
            let took = Some(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
            self.reached(Moment::Answered, &call.0).await;
            let conclude = |outcome, code: &str, id: Option<&str>| {
                let made = id.map(|id| self.entry(&call.0, id));
                let end = Conclusion { outcome, code, millis: took, made: made.as_ref() };
                self.store.conclude(&self.scope, number, &end).map_err(Unsent::local)
            };
            let makes = context.first && call.0.effect == Effect::Create;
            let error = match answer {
                Ok(sent) => {
                    conclude(Outcome::Done, "", makes.then(|| sent.id.as_deref().unwrap_or_default()))?;
                    self.reached(Moment::Recorded, &call.0).await;
                    let says = Says { operation: Some(operation), id: sent.id.as_deref(), ..Says::default() };
                    context.teller.tell(PhaseKind::Called, says);
                    return Ok(sent);
                }
                Err(error) => error,
            };
            // After a lost answer, what exists already is what that request did: nobody else was asked for it.
            let ours = lost > 0 && error.problem.kind == ProblemKind::Duplicate;
            if matches_error(&call.0.done_if, &error) || (ours && !makes) {
                let id = if makes { self.find_made(&call.0.key, context.world).await.ok().flatten() } else { None };
                conclude(Outcome::Already, &error.code, makes.then(|| id.as_deref().unwrap_or_default()))?;
                self.reached(Moment::Recorded, &call.0).await;
                let says =
                    Says { operation: Some(operation), id: id.as_deref(), detail: Some(error.code), ..Says::default() };
                context.teller.tell(PhaseKind::Called, says);
                return Ok(Sent { id, attrs: Vec::new() });
            }
            if error.unknown_outcome || ours {
                lost += 1;
                let id = match makes {
                    // When nobody can tell, nothing is sent again: the intent stays open, and recovery looks later.
                    true => self.find_made(&call.0.key, context.world).await.map_err(Unsent::local)?,
                    false => None,
                };
                conclude(Outcome::LookedUp, &error.code, id.as_deref())?;
                if let Some(id) = id {
                    let says = Says { operation: Some(operation), id: Some(&id), ..Says::default() };
                    context.teller.tell(PhaseKind::Called, says);
                    return Ok(Sent { id: Some(id), attrs: Vec::new() });
                }
                if self.is_late(began, tries, AGAIN_FOR) {
                    return Err(Unsent::Failed(Box::new(error)));
                }
            } else {
                conclude(Outcome::Refused, &error.code, None)?;
                let passes = error.problem.kind == ProblemKind::Throttled || matches_error(&call.0.again_if, &error);
                if !passes || self.is_late(began, tries, AGAIN_FOR) {
                    return Err(Unsent::Failed(Box::new(error)));
                }
            }
            self.reached(Moment::Recorded, &call.0).await;
            let why = if error.code.is_empty() { error.problem.title.en.clone() } else { error.code.clone() };
            let says = Says { operation: Some(operation), detail: Some(why), ..Says::default() };
            context.teller.tell(PhaseKind::Retrying, says);
            tries += 1;
            if self.pause(backoff(tries), context.cancel).await {
                return Err(Unsent::Cancelled);
            }
        }
    }

    /// A resource that is made again was deleted behind our back: with its old token AWS would answer with the deleted
    /// one. One that was made just now may merely be invisible still; it keeps its token, so that it is not doubled.
    fn part_with_the_last_one(&self, key: &Key) -> Result<(), Problem> {
        let now = self.clock.now();
        match self.ledger()?.get(key) {
            Some(last) if now - last.since > millis(YOUNG) => self.store.leave(&self.scope, key, now),
            _ => Ok(()),
        }
    }

    /// The client token: the same for the same resource of the same run until it was deleted once.
    fn token(&self, call: &Call) -> Result<String, Problem> {
        let generation = self.store.generation(&self.scope, &call.key)?;
        let text = format!("{}/{}/{}/{}/{generation}", self.scope, self.facts.run, call.key, call.operation);
        Ok(Sha256::digest(text.as_bytes()).iter().take(16).map(|byte| format!("{byte:02x}")).collect())
    }

    /// The ledger's row for what a call makes.
    pub(super) fn entry(&self, call: &Call, id: &str) -> Entry {
        Entry {
            key: call.key.clone(),
            id: id.to_owned(),
            region: call.region.clone(),
            step: call.step.clone(),
            run: self.facts.run.clone(),
            adopted: false,
            price: self.price(&call.key, &call.region),
            since: self.clock.now(),
            spent: 0.0,
            priced: None,
            lost: None,
            gone: None,
        }
    }

    /// How long a resource of the course takes.
    pub(super) fn pace(&self, key: &Key) -> Pace {
        let Some(kind) = self.kinds.kind(&key.kind) else { return Pace::INSTANT };
        self.desired_one(key).map_or_else(|| kind.pace(), |desired| kind.pace_of(desired))
    }

    /// USD an hour for a resource of the course as it was observed.
    pub(super) fn price_live(&self, observed: &Observed) -> Option<f64> {
        let (kind, desired) = self.kinds.kind(&observed.key.kind).zip(self.desired_one(&observed.key))?;
        let parts = kind.price_live(desired, &self.desired, observed);
        Some(Prices::bundled().hourly(&parts, &observed.region))
    }

    /// USD an hour for a resource of the course, as it is declared.
    pub(super) fn price(&self, key: &Key, region: &str) -> f64 {
        let parts = self
            .kinds
            .kind(&key.kind)
            .zip(self.desired_one(key))
            .map(|(kind, desired)| kind.price(desired, &self.desired));
        Prices::bundled().hourly(&parts.unwrap_or_default(), region)
    }

    /// The id of a resource that may have been made just now; an error when it cannot be told.
    pub(super) async fn find_made(&self, key: &Key, world: &World) -> Result<Option<String>, Problem> {
        let began = self.begin();
        let (mut absent, mut failed) = (0, 0);
        loop {
            match self.look_for(key, None, world).await {
                Ok(Sight::Found(observed)) if observed.health != Health::Deleting => return Ok(Some(observed.id)),
                Ok(Sight::Ambiguous(ids)) => return Err(ambiguous(key, &ids)),
                Ok(_) => absent += 1,
                Err(problem) if !passes(&problem) || self.is_late(began, failed, AGAIN_FOR) => return Err(problem),
                Err(_) => failed += 1,
            }
            if absent >= LOOKS {
                return Ok(None);
            }
            tokio::time::sleep(real(self.clock.as_ref(), Duration::from_secs(2))).await;
        }
    }

    /// The start of what is tried again and again: cloud time and real time.
    pub(super) fn begin(&self) -> (i64, Instant) {
        (self.clock.now(), Instant::now())
    }

    /// Whether what is tried again since then has had its time: cloud time, real time and tries.
    pub(super) fn is_late(&self, began: (i64, Instant), tries: u32, limit: Duration) -> bool {
        tries >= TRIES && self.clock.now() - began.0 > millis(limit) && began.1.elapsed() > AT_LEAST
    }

    /// Sleeps for a span of cloud time; `true` when the learner stopped it.
    pub(super) async fn pause(&self, span: Duration, cancel: &Cancel) -> bool {
        let mut cancel = cancel.clone();
        tokio::select! {
            biased;
            () = stopped(&mut cancel) => true,
            () = tokio::time::sleep(real(self.clock.as_ref(), span)) => false,
        }
    }

    pub(super) async fn reached(&self, moment: Moment, call: &Call) {
        if let Some(hook) = &self.hook {
            hook.at(moment, call).await;
        }
    }
}

/// Resolves when the learner stops; never, when nobody can any more.
pub(super) async fn stopped(cancel: &mut Cancel) {
    if cancel.wait_for(|stop| *stop).await.is_err() {
        std::future::pending::<()>().await;
    }
}

fn backoff(tries: u32) -> Duration {
    Duration::from_secs(1 << tries.saturating_sub(1).min(3))
}

/// Whether an error is in a list of codes; an entry may begin with `*`, and may have a part of AWS's message after `~`.
pub(super) fn matches_error(list: &[String], error: &CallError) -> bool {
    matches_code(list, &error.code, &error.problem.detail.en)
}

fn matches_code(list: &[String], code: &str, message: &str) -> bool {
    let fits = |entry: &String| {
        let (wanted, part) = entry.split_once('~').unwrap_or((entry, ""));
        message.contains(part) && wanted.strip_prefix('*').map_or(wanted == code, |end| code.ends_with(end))
    };
    !code.is_empty() && list.iter().any(fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_match_whole_or_by_their_end() {
        let list = ["*.NotFound".to_owned(), "Gateway.NotAttached".to_owned()];
        assert!(matches_code(&list, "InvalidVpcID.NotFound", ""));
        assert!(matches_code(&list, "Gateway.NotAttached", ""));
        assert!(!matches_code(&list, "NatGatewayNotFound", ""));
        assert!(!matches_code(&list, "", ""));
        let said = ["ValidationError~Invalid IAM".to_owned()];
        assert!(matches_code(&said, "ValidationError", "... Invalid IAM Instance Profile name"));
        assert!(!matches_code(&said, "ValidationError", "Desired capacity"));
    }

    #[test]
    fn pauses_grow_to_eight_seconds() {
        let seconds: Vec<u64> = (1..7).map(|tries| backoff(tries).as_secs()).collect();
        assert_eq!(seconds, [1, 2, 4, 8, 8, 8]);
    }
}
