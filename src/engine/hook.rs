//! A place for tests to stop the engine in the middle of a call, as a kill would.

use std::future::Future;
use std::pin::Pin;

use crate::lab::call::Call;

/// Where in the life of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// The intent is on disk; nothing was sent.
    Intended,
    /// The cloud has answered; nothing of that is on disk.
    Answered,
    /// The outcome is on disk.
    Recorded,
}

/// Is awaited at every moment of every call.
pub trait Hook: Send + Sync {
    /// Returns when the engine may go on; a kill is a future that never does, and an engine that is dropped.
    fn at<'a>(&'a self, moment: Moment, call: &'a Call) -> Pin<Box<dyn Future<Output = ()> + Send + 'a>>;
}
