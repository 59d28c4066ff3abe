//! `awslab man`: manual pages from the same definitions as `--help`.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, Command};
use clap_mangen::Man;

use crate::problem::{Problem, ProblemKind};

/// `awslab man`
#[derive(Debug, Clone, Args)]
pub struct ManArgs {
    /// Write one page a command into this folder, instead of the first page to standard output
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

/// Prints or writes the pages. `command` is the whole command line.
///
/// # Errors
/// When they cannot be written.
pub fn run(args: &ManArgs, command: Command) -> Result<u8, Problem> {
    let Some(dir) = &args.dir else {
        let mut page = Vec::new();
        Man::new(command).render(&mut page).map_err(|error| Problem::internal(error.to_string()))?;
        std::io::stdout().write_all(&page).map_err(|error| Problem::internal(error.to_string()))?;
        return Ok(0);
    };
    std::fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(command, dir)).map_err(|error| {
        let (path, why) = (dir.display(), error.to_string());
        Problem::new(
            ProblemKind::Usage,
            format!("{path} 폴더에 매뉴얼을 쓸 수 없습니다"),
            format!("The manual pages cannot be written to {path}"),
        )
        .because(why.clone(), why)
        .hint("쓸 수 있는 폴더를 --dir로 고르세요", "Choose a folder that can be written, with --dir")
    })?;
    Ok(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use super::*;

    #[test]
    fn there_is_a_page_for_every_command() {
        let dir = tempfile::tempdir().unwrap();
        let pages = dir.path().join("man1");
        let command = Command::new("awslab").about("labs").subcommand(Command::new("plan").about("the calls"));
        run(&ManArgs { dir: Some(pages.clone()) }, command.clone()).unwrap();
        assert!(std::fs::read_to_string(pages.join("awslab-plan.1")).unwrap().contains("the calls"));
        assert!(pages.join("awslab.1").exists());
        let problem = run(&ManArgs { dir: Some(pages.join("awslab.1")) }, command).unwrap_err();
        assert_eq!(problem.kind.exit_code(), 2);
    }
}
