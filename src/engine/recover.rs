//! After a kill: every call whose outcome is not known is looked up.
//!
//! Promises: afterwards, what such a call made is in the ledger; what it deleted has left it; an intent whose
//! resource cannot be told (several answer to its name) stays open until it can.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use crate::course::model::Key;
use crate::lab::call::Effect;
use crate::lab::world::{Health, Sight, World};
use crate::problem::Problem;
use crate::store::{Conclusion, Entry, Intent, Outcome};

use super::Inner;
use super::clock::{millis, real};
use super::lock::Lock;

/// For how long after a call its effect may still be invisible, in cloud time.
pub(super) const YOUNG: Duration = Duration::from_secs(120);
/// Looks for the effect of a young call.
const LOOKS: u32 = 5;

impl Inner {
    /// Resolves all open intents. When another process is at work they are its own, and are left to it.
    pub(super) async fn recover(&self) -> Result<(), Problem> {
        if self.store.open_intents(&self.scope)?.is_empty() {
            return Ok(());
        }
        let Some(_lock) = Lock::take(&self.home, &self.scope)? else { return Ok(()) };
        let mut open = self.store.open_intents(&self.scope)?;
        tracing::info!(count = open.len(), "resolving calls of an interrupted run");
        for look in 0..LOOKS {
            if look > 0 {
                tokio::time::sleep(real(self.clock.as_ref(), Duration::from_secs(2))).await;
            }
            let world = self.observe_all().await?;
            let last = look + 1 == LOOKS;
            let mut rest = Vec::new();
            for intent in open {
                if !self.resolve(&intent, &world, last)? {
                    rest.push(intent);
                }
            }
            open = rest;
            if open.is_empty() {
                break;
            }
        }
        self.forget_seen();
        Ok(())
    }

    /// Whether the intent is resolved.
    fn resolve(&self, intent: &Intent, world: &World, last: bool) -> Result<bool, Problem> {
        let sight = world.sights.get(&intent.key).unwrap_or(&Sight::Absent);
        let makes = intent.first && intent.effect == Effect::Create;
        let young = self.clock.now() - intent.sent < millis(YOUNG);
        let end = |made: Option<&Entry>| {
            let end = Conclusion { outcome: Outcome::LookedUp, code: "", millis: None, made };
            self.store.conclude(&self.scope, intent.number, &end)
        };
        match sight {
            Sight::Found(observed) if makes && observed.health != Health::Deleting => {
                let entry = Entry {
                    key: intent.key.clone(),
                    id: observed.id.clone(),
                    region: observed.region.clone(),
                    step: intent.step.clone(),
                    run: intent.run.clone(),
                    adopted: false,
                    price: self.price(&intent.key, &observed.region),
                    since: intent.sent,
                    spent: 0.0,
                    priced: None,
                    lost: None,
                    gone: None,
                };
                tracing::info!(resource = %intent.key, id = observed.id, "found after an interrupted run");
                end(Some(&entry))?;
            }
            Sight::Absent if makes && young && !last => return Ok(false),
            Sight::Ambiguous(_) if makes => return Ok(false),
            Sight::Absent if intent.effect == Effect::Delete => {
                end(None)?;
                self.store.leave(&self.scope, &intent.key, self.clock.now())?;
            }
            // A change is compared by the next plan; a resource that is still there is deleted by the next cleanup.
            _ => end(None)?,
        }
        Ok(true)
    }

    /// Notes which rows of the ledger are not there any more, and which are there again.
    pub(super) fn note_lost(&self, ledger: &BTreeMap<Key, Entry>, world: &World) -> Result<(), Problem> {
        let now = self.clock.now();
        let absent: BTreeSet<&Key> =
            ledger.keys().filter(|key| matches!(world.sights.get(key), Some(Sight::Absent))).collect();
        for (key, entry) in ledger {
            match (absent.contains(key), entry.lost) {
                (true, None) if now - entry.since > millis(YOUNG) => self.store.lost(&self.scope, key, Some(now))?,
                (false, Some(_)) => self.store.lost(&self.scope, key, None)?,
                _ => {}
            }
        }
        Ok(())
    }
}
