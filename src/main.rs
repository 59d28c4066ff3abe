//! awslab: parse, set up, dispatch; nothing else.

use std::process::ExitCode;

use awslab::cli::Cli;
use awslab::config::{Config, locale};
use awslab::{commands, logging, paths};
use clap::Parser;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let config = match Config::new(&cli.global) {
        Ok(config) => config,
        Err(problem) => return commands::failed(&problem, locale()),
    };
    let _log = logging::start(&paths::logs(&config.home));
    commands::dispatch(cli, config)
}
