//! awslab: a full-screen terminal guide through AWS labs, with a practice cloud inside.
//!
//! The map of the house (see `docs/architecture.md` for who may import whom):
//!
//! - [`course`]: the model of `labs/`, its loader and linter
//! - [`lab`]: pure planning: desired and observed state, calls, checks, teardown
//! - [`reach`]: the way of a packet, pure
//! - [`lesson`]: what the pictures of chapters 1 and 2 work out, pure
//! - [`scaling`]: the rules of Auto Scaling and of alarms, pure
//! - [`cloud`]: the only place that names the AWS SDK
//! - [`practice`]: the simulated AWS
//! - [`store`]: SQLite: ledger, journal, progress
//! - [`engine`]: runs plans: concurrency, waiting, journal, recovery, cleanup
//! - [`app`], [`screens`], [`view`], [`input`]: the full screen, pure
//! - [`runtime`], [`term`]: the event loop and the terminal
//! - [`commands`], [`cli`]: the command line

pub mod app;
pub mod cli;
pub mod cloud;
pub mod commands;
pub mod config;
pub mod course;
pub mod engine;
pub mod i18n;
pub mod input;
pub mod lab;
pub mod lesson;
pub mod logging;
pub mod paths;
pub mod practice;
pub mod problem;
pub mod reach;
pub mod runtime;
pub mod scaling;
pub mod screens;
pub mod store;
pub mod term;
pub mod view;
