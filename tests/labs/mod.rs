//! The author's kit: chapters are tried, new ones begin green, schemas fit the files, and commands in texts can be run.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod commands;
mod kit;
mod schema;
