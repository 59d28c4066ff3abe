//! Every integration test, in one binary: the SDK makes each link step cost seconds.

mod engine;
mod practice;
mod screens;
mod support;
