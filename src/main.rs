//! awslab: parse, set up, dispatch; nothing else.

use std::process::ExitCode;

use awslab::cli::Cli;
use awslab::config::{Config, said};
use awslab::{commands, logging, paths};

fn main() -> ExitCode {
    let cli = match Cli::of_this_process() {
        Ok(cli) => cli,
        Err(error) => return commands::misread(&error),
    };
    let config = match Config::new(&cli.global) {
        Ok(config) => config,
        Err(problem) => return commands::failed(&problem, said(std::env::args())),
    };
    let _log = logging::start(&paths::logs(&config.home));
    commands::dispatch(cli, config)
}
