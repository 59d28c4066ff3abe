//! The commands of the command line, one file each.
//!
//! Promises: exit codes 0 done, 1 a check or a call failed, 2 usage, 3 leftovers, 130 interrupted; what is asked for
//! goes to standard output, problems to standard error; without a terminal nothing prompts.
//! Leaves to others: doing it (`engine`).

pub mod check;
pub mod check_watch;
pub mod cleanup;
pub mod completions;
pub mod doctor;
pub mod labs;
pub mod list;
pub mod load;
pub mod man;
pub mod monitor;
mod out;
pub mod password;
pub mod plan;
pub mod policy;
pub mod practice;
mod practice_faults;
mod practice_shell;
pub mod quiz;
pub mod run;
pub mod status;
pub mod target;
pub mod tool;

use std::process::ExitCode;
use std::sync::Arc;

use clap::CommandFactory;
use serde_json::{Value, json};

use crate::cli::{Cli, Command};
use crate::config::{Config, said};
use crate::engine::Engine;
use crate::i18n::Lang;
use crate::paths;
use crate::problem::Problem;
use crate::runtime;

/// Runs what the command line says.
pub fn dispatch(cli: Cli, config: Config) -> ExitCode {
    let lang = config.lang;
    let wants_json = cli.command.as_ref().is_some_and(prints_json);
    let result = match cli.command {
        None => full_screen(config, None, None),
        Some(Command::Resume { chapter }) => full_screen(config, Some(chapter), None),
        Some(Command::Monitor(args)) if args.wants_screen() => {
            args.screen().and_then(|watch| full_screen(config, None, Some(watch)))
        }
        Some(command) => headless(command, config),
    };
    match result {
        Ok(code) => ExitCode::from(code),
        Err(problem) => {
            if wants_json {
                out::json(&json!({ "schema": 1, "problem": problem_json(&problem, lang) }));
            }
            failed(&problem, lang)
        }
    }
}

/// Says a problem on standard error, and gives its exit code.
pub fn failed(problem: &Problem, lang: Lang) -> ExitCode {
    tracing::error!(kind = ?problem.kind, title = problem.title.en, source = problem.source, "failed");
    eprintln!("awslab: {}", problem.render(lang));
    ExitCode::from(problem.kind.exit_code())
}

/// Says why a command line cannot be understood, or the help that it asks for, and gives the exit code.
pub fn misread(error: &clap::Error) -> ExitCode {
    // What a value must be is said by whoever reads it, in the learner's language.
    let source = std::error::Error::source(error).and_then(|source| source.downcast_ref::<Problem>());
    if let Some(problem) = source {
        return failed(problem, said(std::env::args()));
    }
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

fn headless(command: Command, config: Config) -> Result<u8, Problem> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Problem::internal(error.to_string()))?;
    let code = runtime.block_on(async {
        match command {
            Command::Monitor(args) => monitor::run(&config, &args).await,
            Command::List { json } => list::run(&config, json).await,
            Command::Plan { target, json, cli } => plan::run(&config, &target, json, cli).await,
            Command::Run { target, yes, account, json } => {
                run::run(&config, &target, &Consent { yes, account }, json).await
            }
            Command::Check { target, watch: true, json } => check_watch::run(&config, &target, json).await,
            Command::Check { target, json, .. } => check::run(&config, &target, json).await,
            Command::Status { json } => status::run(&config, json).await,
            Command::Cleanup { target, yes, dry_run, account, json } => {
                cleanup::run(&config, &target, &Consent { yes, account }, dry_run, json).await
            }
            Command::Load { what } => load::run(&config, &what).await,
            Command::Quiz { target } => quiz::run(&config, &target).await,
            Command::Password { database } => password::run(&config, &database).await,
            Command::Policy { target } => policy::run(&config, &target).await,
            Command::Labs(args) => labs::run(&args, &config).await,
            Command::Practice(args) => practice::run(args, &config.setup, config.lang).await,
            Command::Doctor(args) => doctor::run(&args, config.setup.clone(), config.course()?, config.lang).await,
            Command::Completions(args) => completions::run(&args, Cli::command()),
            Command::Man(args) => man::run(&args, Cli::command()),
            Command::Tool(args) => tool::run(&args, config.lang),
            Command::Resume { chapter } => Err(Problem::internal(format!("resume {chapter:?} is not headless"))),
        }
    });
    // A request that hangs must not hold the program.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    code
}

/// Must stay outside any async runtime: the first frame is drawn before there is one.
fn full_screen(config: Config, resume: Option<Option<String>>, watch: Option<runtime::Watch>) -> Result<u8, Problem> {
    if let Some(Some(chapter)) = &resume {
        target::steps(config.course()?.as_ref(), std::slice::from_ref(chapter))?;
    }
    runtime::start(runtime::Options {
        course: config.course()?,
        lang: (config.lang, config.lang_named),
        color: config.color,
        keymap: Some(paths::keymap(&config.home)),
        resume,
        watch,
        setup: config.setup,
    })
}

const fn prints_json(command: &Command) -> bool {
    match command {
        Command::Tool(args) => args.json(),
        Command::Load { what: load::LoadCommand::Status { json } }
        | Command::List { json }
        | Command::Plan { json, .. }
        | Command::Run { json, .. }
        | Command::Check { json, .. }
        | Command::Status { json }
        | Command::Cleanup { json, .. } => *json,
        _ => false,
    }
}

/// What the learner has agreed to beforehand.
pub struct Consent {
    /// `--yes`.
    pub yes: bool,
    /// `--account`.
    pub account: Option<String>,
}

/// Opens a session, and says what should be known once.
async fn open(config: &Config) -> Result<Engine, Problem> {
    let course = config.course()?;
    let engine = Engine::open(config.setup.clone(), Arc::clone(&course)).await?;
    for note in engine.notes() {
        eprintln!("awslab: {}", note.get(config.lang));
    }
    Ok(engine)
}

/// A problem in JSON.
fn problem_json(problem: &Problem, lang: Lang) -> Value {
    json!({
        "kind": problem.kind,
        "title": problem.title.get(lang),
        "detail": problem.detail.get(lang),
        "hints": problem.hints.iter().map(|hint| hint.get(lang)).collect::<Vec<_>>(),
        "source": problem.source,
    })
}
