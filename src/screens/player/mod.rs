//! Pictures of concept pages that a learner can operate. One file a picture; a line in [`open`].
//!
//! Promises: what they show is worked out by the same rules as in the practice cloud (`scaling`).

mod lifecycle;
mod policies;

use crate::course::model::{Picture, Step};

use super::Screen;

/// The picture of a step, when it has one to operate.
pub fn open(step: &Step) -> Option<Box<dyn Screen>> {
    Some(match step.picture? {
        Picture::Policies => Box::new(policies::Policies::default()),
        Picture::Lifecycle => Box::new(lifecycle::Life::default()),
    })
}
