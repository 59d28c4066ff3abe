//! `awslab labs`: for those who write courses.
//!
//! Leaves to others: reading and linting (`course`), trying chapters (`engine::trial`).

mod new;
mod schema;
mod test;

use clap::{Args, Subcommand};

use crate::cloud::kinds;
use crate::config::Config;
use crate::course;
use crate::i18n::Lang;
use crate::problem::{Problem, ProblemKind};

pub use schema::{SchemaFile, document};

use super::out;

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
    /// Try chapters on practice clouds: unsolved, solved by their calls, every seeded mistake told, down to zero, pages that fit
    Test {
        /// Chapters by id or number [default: all]
        #[arg(value_name = "CHAPTER")]
        chapters: Vec<String>,
    },
    /// Begin a chapter: a folder that lints clean and whose tests pass, in --labs DIR [default: labs]
    New {
        /// The chapter's id: a word of a-z, 0-9 and -
        name: String,
    },
    /// Print the JSON schema of a course file, for editors
    Schema {
        /// Which file
        #[arg(value_enum)]
        file: SchemaFile,
    },
}

/// Runs it. `--labs DIR` are the files; without it the course inside the binary is looked at.
///
/// # Errors
/// When the command itself cannot be done; faults of the course are printed, and the exit code is 1.
pub async fn run(args: &LabsArgs, config: &Config) -> Result<u8, Problem> {
    let labs = config.setup.labs.as_deref();
    match &args.command {
        LabsCommand::Lint => Ok(u8::from(lint(labs, config.lang) > 0)),
        LabsCommand::Test { chapters } => test::run(chapters, labs, config.lang).await,
        LabsCommand::New { name } => new::run(name, labs, config.lang),
        LabsCommand::Schema { file } => {
            out::line(serde_json::to_string_pretty(&document(*file)).unwrap_or_default());
            Ok(0)
        }
    }
}

/// Prints every fault, and tells how many there are.
fn lint(labs: Option<&std::path::Path>, lang: Lang) -> usize {
    let problems = course::lint(labs, kinds::registry());
    for problem in &problems {
        out::line(problem.render(lang));
        out::line("");
    }
    let count = problems.len();
    out::line(match (lang, count) {
        (Lang::Ko, 0) => "문제가 없습니다.".to_owned(),
        (Lang::En, 0) => "No problems.".to_owned(),
        (Lang::Ko, _) => format!("문제 {count}개를 찾았습니다."),
        (Lang::En, 1) => "1 problem.".to_owned(),
        (Lang::En, _) => format!("{count} problems."),
    });
    count
}

/// A file or folder that cannot be read or written.
fn unusable(path: &std::path::Path, error: &std::io::Error) -> Problem {
    let (path, why) = (path.display(), error.to_string());
    Problem::new(ProblemKind::Store, format!("{path}: 쓸 수 없습니다"), format!("{path} cannot be written"))
        .because(why.clone(), why)
}
