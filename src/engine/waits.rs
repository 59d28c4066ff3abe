//! The poll loop: who is waited for, when to look next, and what a look tells.
//!
//! All that wait for one kind in one region share a look.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::time::Instant;

use crate::cloud::Want;
use crate::course::model::{Key, Role};
use crate::lab::kind::Pace;
use crate::lab::phase::PhaseKind;
use crate::lab::world::{Health, Observed, Sight};
use crate::problem::{Problem, ProblemKind};

use super::clock::{Clock, millis, real};
use super::tell::{Says, Teller};

/// For how long a resource that was just made may be invisible, in cloud time.
const UNSEEN_FOR: Duration = Duration::from_secs(120);
/// A wait is given up only after this in real time too: a fast practice clock must not outrun slow answers.
const AT_LEAST: Duration = Duration::from_secs(20);
/// And only after so many looks, of which some may have failed: one look is up to five requests, each with the SDK's tries and
/// pauses, so that few looks fill the time above when many requests fail.
const LOOKS: u32 = 16;
/// How often a wait is told, in real time.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// One resource that is waited for.
pub(super) struct Wait {
    pub(super) want: Want,
    pub(super) teller: Teller,
    pub(super) pace: Pace,
    /// What is told while it lasts: `Waiting` or `Deleting`.
    pub(super) phase: PhaseKind,
    /// Cloud time.
    since: i64,
    began: Instant,
    state: String,
    next: Instant,
    tell: Instant,
    looking: bool,
    /// How many looks there were.
    looks: u32,
}

/// What a look says of one wait.
pub(super) enum Turn {
    /// Not yet.
    Stay,
    /// It is ready, or, when its end was waited for, gone.
    Over(Option<Box<Observed>>),
    /// It never will be.
    Failed(Problem),
}

/// Everything that is waited for.
#[derive(Default)]
pub(super) struct Waits {
    all: BTreeMap<Key, Wait>,
}

impl Waits {
    pub(super) fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether a resource is waited for.
    pub(super) fn holds(&self, key: &Key) -> bool {
        self.all.contains_key(key)
    }

    /// Whether all that is waited for was seen on its way, and usually takes many minutes more.
    pub(super) fn are_long(&self) -> bool {
        let long = |wait: &Wait| wait.phase == PhaseKind::Waiting && wait.pace.is_long() && !wait.state.is_empty();
        !self.all.is_empty() && self.all.values().all(long)
    }

    /// Waits for nothing any more; what was waited for.
    pub(super) fn take(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.all).into_keys().collect()
    }

    pub(super) fn clear(&mut self) {
        self.all.clear();
    }

    pub(super) fn begin(&mut self, want: Want, teller: Teller, pace: Pace, phase: PhaseKind, now: i64) {
        let at = Instant::now();
        let key = want.desired.key.clone();
        let wait = Wait {
            want,
            teller,
            pace,
            phase,
            since: now,
            began: at,
            state: String::new(),
            next: at,
            tell: at,
            looking: false,
            looks: 0,
        };
        self.all.insert(key, wait);
    }

    /// The looks that are due now: everything of the same kind and region goes with it. While one is under way the
    /// others wait for the next, so that what is made together is looked at together.
    pub(super) fn due(&mut self) -> Vec<(String, Role, Vec<Want>)> {
        let now = Instant::now();
        let mut groups: BTreeMap<(String, Role), Vec<Want>> = BTreeMap::new();
        let busy = self.busy();
        for (key, wait) in &self.all {
            if wait.next <= now && !busy.contains(&(key.kind.as_str(), key.role)) {
                groups.entry((key.kind.clone(), key.role)).or_default();
            }
        }
        for (key, wait) in &mut self.all {
            if let Some(wants) = groups.get_mut(&(key.kind.clone(), key.role)).filter(|_| !wait.looking) {
                wait.looking = true;
                wants.push(wait.want.clone());
            }
        }
        groups.into_iter().map(|((kind, role), wants)| (kind, role, wants)).collect()
    }

    /// The kinds and regions that are being looked at.
    fn busy(&self) -> BTreeSet<(&str, Role)> {
        self.all.iter().filter(|(_, wait)| wait.looking).map(|(key, _)| (key.kind.as_str(), key.role)).collect()
    }

    /// When something is to be done next.
    pub(super) fn wake(&self) -> Option<Instant> {
        let busy = self.busy();
        let at = |(key, wait): (&Key, &Wait)| {
            if busy.contains(&(key.kind.as_str(), key.role)) { wait.tell } else { wait.next.min(wait.tell) }
        };
        self.all.iter().map(at).min()
    }

    /// Tells the waits that were silent for a while.
    pub(super) fn tell(&mut self) {
        let now = Instant::now();
        for wait in self.all.values_mut().filter(|wait| wait.tell <= now) {
            wait.tell = now + TELL_EVERY;
            if !wait.state.is_empty() {
                wait.say();
            }
        }
    }

    /// Takes in what a look for a resource's readiness found.
    pub(super) fn readiness(&mut self, clock: &dyn Clock, key: &Key, seen: Result<&Sight, &Problem>) -> Option<Turn> {
        let wait = self.all.get_mut(key)?;
        let turn = match seen {
            Ok(Sight::Found(observed)) => match observed.health {
                Health::Ready => Turn::Over(Some(observed.clone())),
                Health::Failed | Health::Deleting => Turn::Failed(went_bad(key, observed)),
                Health::Pending => {
                    wait.saw(observed);
                    wait.later(clock)
                }
            },
            Ok(Sight::Ambiguous(ids)) => Turn::Failed(ambiguous(key, ids)),
            Ok(Sight::Absent) if clock.now() - wait.since > millis(UNSEEN_FOR) && wait.began.elapsed() > AT_LEAST => {
                Turn::Failed(vanished(key))
            }
            Ok(Sight::Absent) => wait.later(clock),
            Err(problem) if passes(problem) => wait.later(clock),
            Err(problem) => Turn::Failed(problem.clone()),
        };
        Some(self.turned(key, turn))
    }

    /// Takes in what a look for a resource's end found.
    pub(super) fn end(&mut self, clock: &dyn Clock, key: &Key, seen: Result<&Sight, &Problem>) -> Option<Turn> {
        let wait = self.all.get_mut(key)?;
        let turn = match seen {
            Ok(Sight::Absent) => Turn::Over(None),
            // A namesake is not what was deleted.
            Ok(Sight::Found(observed)) if wait.want.recorded.as_ref().is_some_and(|id| *id != observed.id) => {
                Turn::Over(None)
            }
            Ok(Sight::Found(observed)) => {
                wait.saw(observed);
                wait.later(clock)
            }
            Ok(Sight::Ambiguous(ids)) if wait.want.recorded.as_ref().is_some_and(|id| !ids.contains(id)) => {
                Turn::Over(None)
            }
            Ok(Sight::Ambiguous(_)) => wait.later(clock),
            Err(problem) if passes(problem) => wait.later(clock),
            Err(problem) => Turn::Failed(problem.clone()),
        };
        Some(self.turned(key, turn))
    }

    fn turned(&mut self, key: &Key, turn: Turn) -> Turn {
        if !matches!(turn, Turn::Stay) {
            self.all.remove(key);
        }
        turn
    }
}

impl Wait {
    fn saw(&mut self, observed: &Observed) {
        self.want.recorded = Some(observed.id.clone());
        if self.state != observed.state {
            self.state.clone_from(&observed.state);
            self.tell = Instant::now() + TELL_EVERY;
            self.say();
        }
    }

    fn say(&self) {
        let says = Says { id: self.want.recorded.as_deref(), state: Some(&self.state), ..Says::default() };
        self.teller.tell(self.phase, says);
    }

    fn later(&mut self, clock: &dyn Clock) -> Turn {
        self.looking = false;
        self.looks += 1;
        self.next = Instant::now() + real(clock, self.pace.poll);
        let over = clock.now() - self.since > millis(self.pace.deadline) && self.began.elapsed() > AT_LEAST;
        if over && self.looks >= LOOKS {
            return Turn::Failed(late(&self.want.desired.key, &self.state, self.pace.deadline));
        }
        Turn::Stay
    }
}

/// Whether a failed look says nothing about the resource.
pub(super) fn passes(problem: &Problem) -> bool {
    matches!(problem.kind, ProblemKind::Network | ProblemKind::Throttled | ProblemKind::NotFound | ProblemKind::Timeout)
}

pub(super) fn went_bad(key: &Key, observed: &Observed) -> Problem {
    Problem::new(
        ProblemKind::ResourceFailed,
        format!("{}: {} 상태가 되었습니다", key.name, observed.state),
        format!("{} went to the state {}", key.name, observed.state),
    )
    .because(observed.reason.clone(), observed.reason.clone())
    .hint("정리(cleanup)로 지운 뒤 이 단계를 다시 실행해 주세요", "Delete it with cleanup, then run the step again")
    .from(observed.id.clone())
}

pub(super) fn ambiguous(key: &Key, ids: &[String]) -> Problem {
    let ids = ids.join(", ");
    Problem::new(
        ProblemKind::Duplicate,
        format!("{} 이름의 {} 리소스가 여러 개 있습니다", key.name, key.kind),
        format!("There are several {} named {}", key.kind, key.name),
    )
    .because(format!("찾은 것: {ids}"), format!("Found: {ids}"))
    .hint(
        "awslab은 임의로 고르지 않습니다. 하나만 남기거나 나머지의 이름을 바꾼 뒤 다시 실행해 주세요",
        "awslab never picks one by itself: keep one, or rename the others, then run again",
    )
}

fn vanished(key: &Key) -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        format!("{}: 만들었지만 보이지 않습니다", key.name),
        format!("{} was made, but cannot be seen", key.name),
    )
    .hint("다시 실행하면 다시 찾아봅니다", "Run again: it is looked for anew")
}

fn late(key: &Key, state: &str, deadline: Duration) -> Problem {
    let minutes = deadline.as_secs().div_ceil(60);
    Problem::new(
        ProblemKind::Timeout,
        format!("{}: {minutes}분 안에 끝나지 않았습니다", key.name),
        format!("{} did not finish within {minutes} min", key.name),
    )
    .because(format!("마지막 상태: {state}"), format!("Its last state: {state}"))
    .hint("다시 실행하면 이어서 기다립니다", "Run again: it goes on waiting")
}
