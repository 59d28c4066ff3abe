//! `awslab labs`: for those who write the course.

use std::io::Write as _;
use std::path::Path;

use clap::{Args, Subcommand};

use crate::cloud::kinds;
use crate::course;
use crate::i18n::Lang;
use crate::problem::{Problem, ProblemKind};

/// Work on the course files.
#[derive(Debug, Clone, Args)]
pub struct LabsArgs {
    #[command(subcommand)]
    command: LabsCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum LabsCommand {
    /// Check the course files: ids, references, both languages, hints, texts
    Lint,
}

/// Runs it. `labs` is `--labs DIR`; without it the course inside the binary is looked at.
///
/// # Errors
/// Only when the report cannot be written; faults of the course are printed, and the exit code is 1.
pub fn run(args: &LabsArgs, labs: Option<&Path>, lang: Lang) -> Result<u8, Problem> {
    match args.command {
        LabsCommand::Lint => lint(labs, lang),
    }
}

fn lint(labs: Option<&Path>, lang: Lang) -> Result<u8, Problem> {
    let problems = course::lint(labs, kinds::registry());
    let mut out = String::new();
    for problem in &problems {
        out.push_str(&problem.render(lang));
        out.push_str("\n\n");
    }
    let count = problems.len();
    out.push_str(&match (lang, count) {
        (Lang::Ko, 0) => "문제가 없습니다.\n".to_owned(),
        (Lang::En, 0) => "No problems.\n".to_owned(),
        (Lang::Ko, _) => format!("문제 {count}개를 찾았습니다.\n"),
        (Lang::En, 1) => "1 problem.\n".to_owned(),
        (Lang::En, _) => format!("{count} problems.\n"),
    });
    match std::io::stdout().write_all(out.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            let message = error.to_string();
            Err(Problem::new(ProblemKind::Internal, "결과를 쓸 수 없습니다", "The report cannot be written")
                .because(message.clone(), message))
        }
        _ => Ok(u8::from(count > 0)),
    }
}
