//! The practice cloud: a simulated AWS inside the program.
//!
//! Promises: the wire is AWS's own (requests as the SDKs, boto3 and the AWS CLI send them, answers as AWS gives them), and
//! what is not simulated says so and never pretends. Leaves to others: everything about labs; this room knows nothing of
//! `lab`, `app`, `screens`, `cloud` or `engine`, and is plugged in as an HTTP client or served on loopback.
//!
//! - [`cloud`]: the handle: who sees which world, when, and what is kept
//! - [`connector`]: the HTTP client that answers in-process; [`serve`]: the same over loopback
//! - [`console`]: a shell on an instance, line by line
//! - [`clock`], [`faults`]: practice time, and what goes wrong on request
//! - [`policy`]: the IAM policy that faults may enforce
//! - [`web`]: pages of what it serves, as the learner's own computer asks for them
//! - [`wire`]: form bodies, XML, JSON
//! - [`world`]: the simulated state, pure and deterministic
//! - [`shell`]: the bash of practice instances
//! - [`services`]: the operations of each AWS service on a world

pub mod clock;
pub mod cloud;
pub mod connector;
pub mod console;
pub mod faults;
pub mod policy;
pub mod serve;
pub mod services;
pub mod shell;
mod storage;
pub mod web;
pub mod wire;
pub mod world;

pub use cloud::{Cloud, Options};
pub use storage::{StorageError, set_aside};
