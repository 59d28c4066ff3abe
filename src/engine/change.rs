//! A single change that was confirmed, outside any step: it goes through lock, journal and retries as every other.

use tokio::sync::{mpsc, watch};

use crate::lab::call::Call;
use crate::lab::load;
use crate::lab::world::World;
use crate::problem::Problem;

use super::Inner;
use super::send::{Context, Unsent};
use super::tell::Teller;

impl Inner {
    /// Sends one call whose arguments are all known.
    pub(super) async fn change(&self, call: &Call) -> Result<(), Problem> {
        if self.read_only {
            return Err(super::read_only());
        }
        // A drill that is being followed holds the lock; stopping its load must not wait for its end.
        let _lock = self.share_lock()?;
        let bound =
            call.bind(&|_| None).map_err(|of| Problem::internal(format!("{} of {} is not known", of.attr, of.key)))?;
        // Its phases are of no step that a screen shows, and nobody stops a single request.
        let (sink, _phases) = mpsc::unbounded_channel();
        let (_stop, cancel) = watch::channel(false);
        let teller = Teller::new(&sink, &self.clock, &call.key, &call.step, 0);
        let world = World::default();
        let context = Context { first: false, teller: &teller, cancel: &cancel, world: &world };
        match self.send(&bound, &context).await {
            Ok(sent) => {
                self.forget_seen();
                if call.key.kind == load::KIND {
                    self.note_load(&bound.0, sent.id)?;
                }
                Ok(())
            }
            Err(Unsent::Failed(error)) => Err(error.problem),
            Err(Unsent::Cancelled) => Ok(()),
        }
    }
}
