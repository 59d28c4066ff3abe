//! The model of `awslab monitor`: what was seen of an Auto Scaling group, on one time axis.
//!
//! A [`Look`] says which requests the next refresh makes; its answer is a [`Snapshot`]; snapshots are merged into a
//! [`History`]; and [`History::moment`] tells what held at a time, now or in the past. Recording keeps the snapshots,
//! so that replaying them gives the same history.
//!
//! Promises: pure; at most [`MOST_CALLS`] requests a refresh; a part that could not be read keeps its last known value
//! and says why. Leaves to others: sending the requests (`cloud::watch`), when (`runtime`, `commands`), drawing
//! (`screens::monitor`).

pub mod cause;
pub mod edit;
pub mod filling;
pub mod history;
pub mod lanes;
pub mod load;
pub mod look;
pub mod moment;
pub mod reason;
pub mod record;
pub mod series;
pub mod snapshot;
pub mod story;
pub mod svg;

pub use filling::{Direction, Filling};
pub use history::History;
pub use look::{Look, MOST_CALLS};
pub use moment::Moment;
pub use series::{Metric, SeriesKey};
pub use snapshot::Snapshot;
