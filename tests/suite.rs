//! Every integration test, in one binary: the SDK makes each link step cost seconds.

mod engine;
mod journeys;
mod mistakes;
mod moto;
mod docs;
mod practice;
mod pty;
mod screens;
mod support;
mod updates;
