//! Every integration test, in one binary: the SDK makes each link step cost seconds.

mod docs;
mod engine;
mod journeys;
mod labs;
mod mistakes;
mod moto;
mod practice;
mod pty;
mod screens;
mod support;
mod tools;
mod updates;
