//! `awslab completions SHELL`: what a shell needs to complete `awslab`'s words.

use std::io::Write;

use clap::{Args, Command};
use clap_complete::Shell;

use crate::problem::Problem;

/// `awslab completions`
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Prints the script. `command` is the whole command line.
///
/// # Errors
/// When it cannot be written.
pub fn run(args: &CompletionsArgs, mut command: Command) -> Result<u8, Problem> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut command, "awslab", &mut script);
    match std::io::stdout().write_all(&script) {
        // A reader that has gone away is no failure.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(Problem::internal(error.to_string())),
        _ => Ok(0),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn every_shell_gets_a_script_that_knows_the_commands() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish, Shell::PowerShell, Shell::Elvish] {
            let mut script = Vec::new();
            let mut command = Command::new("awslab").subcommand(Command::new("cleanup"));
            clap_complete::generate(shell, &mut command, "awslab", &mut script);
            assert!(String::from_utf8(script).unwrap().contains("cleanup"), "{shell}");
        }
    }
}
