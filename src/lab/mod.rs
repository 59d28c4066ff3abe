//! Planning, without touching the cloud: desired state against observed state gives calls, their order,
//! the named conditions, the cost and the order of teardown.
//!
//! Promises: everything here is pure; the same input gives the same plan.
//! Leaves to others: talking to the cloud (`cloud`), running and waiting (`engine`), remembering (`store`).

pub mod access;
pub mod call;
pub mod check;
pub mod cli;
pub mod cost;
pub mod desire;
pub mod facts;
pub mod hand;
pub mod kind;
pub mod load;
pub mod manual;
pub mod phase;
pub mod plan;
pub mod policy;
pub mod quiz;
pub mod reach;
pub mod report;
pub mod script;
pub mod stage;
pub mod story;
pub mod teardown;
pub mod traffic;
pub mod watch;
pub mod web;
pub mod world;
