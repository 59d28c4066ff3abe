//! `awslab practice serve|reset|clock|faults|shell`: the practice cloud for other programs and for whoever wants to break it.

use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::json;

use super::practice_faults::{self, FaultArgs};
use super::{out, practice_shell};
use crate::engine::{Setup, read_only, storage_problem};
use crate::i18n::{Lang, Text};
use crate::practice::clock::{ClockState, SPEED_RANGE};
use crate::practice::serve::Server;
use crate::practice::{Cloud, Options, StorageError, set_aside};
use crate::problem::{Problem, ProblemKind};
use crate::store::Store;

/// `awslab practice ...`
#[derive(Debug, Clone, Args)]
pub struct PracticeArgs {
    #[command(subcommand)]
    command: PracticeCommand,
}

#[derive(Debug, Clone, Subcommand)]
enum PracticeCommand {
    /// Serve the practice cloud over HTTP on loopback, for the AWS CLI and boto3
    Serve {
        /// The port; 0 takes a free one
        #[arg(long, default_value_t = 0)]
        port: u16,
    },
    /// Throw the practice world away and start with a new account
    Reset {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Show or set practice time (--speed N sets its speed)
    Clock {
        /// Jump ahead in practice time: 90s, 10m, 2h30m
        #[arg(long, value_name = "TIME", value_parser = ahead, allow_hyphen_values = true)]
        advance: Option<Duration>,
        /// Stop practice time
        #[arg(long, conflicts_with = "resume")]
        pause: bool,
        /// Let practice time run again
        #[arg(long)]
        resume: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show or set what goes wrong; what is not named stays as it is
    Faults(FaultArgs),
    /// Accept the terms of the Marketplace product that the course uses, as a person does in the AWS console
    Subscribe,
    /// Open a shell on an instance, or run one command there
    Shell {
        /// Its id (i-...) or its Name tag
        instance: String,
        /// A command; without one, lines are read from standard input
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        command: Vec<String>,
    },
}

/// How the scopes of the practice cloud begin.
const SCOPES: &str = "practice/";

/// Where the practice world is kept under `AWSLAB_HOME`.
pub fn database(home: &Path) -> PathBuf {
    home.join("practice.db")
}

impl PracticeCommand {
    /// Whether it changes the practice cloud, or lets somebody else do so.
    fn changes(&self) -> bool {
        match self {
            Self::Serve { .. } | Self::Reset { .. } | Self::Subscribe | Self::Shell { .. } => true,
            Self::Clock { advance, pause, resume, .. } => advance.is_some() || *pause || *resume,
            Self::Faults(args) => args.changes(),
        }
    }
}

/// Runs the command and gives the exit code.
pub async fn run(args: PracticeArgs, setup: &Setup, lang: Lang) -> Result<u8, Problem> {
    let home = setup.home.as_path();
    let path = database(home);
    let options = Options { speed: setup.speed, ..Options::default() };
    if setup.read_only && args.command.changes() {
        return Err(read_only());
    }
    match args.command {
        PracticeCommand::Serve { port } => return serve(open(&path, options)?, port, lang).await,
        PracticeCommand::Reset { yes } => {
            if out::confirmed(yes, lang, &whether_to_reset(home)?, false)? {
                reset(home, options, lang)?;
            }
        }
        PracticeCommand::Clock { advance, pause, resume, json } => {
            let cloud = open(&path, options)?;
            let done = match advance {
                Some(by) => cloud.advance(by),
                None => Ok(()),
            }
            .and_then(|()| if pause { cloud.pause() } else { Ok(()) })
            .and_then(|()| if resume { cloud.resume() } else { Ok(()) })
            .and_then(|()| cloud.catch_up());
            done.map_err(|error| storage_problem(&error))?;
            let state = cloud.clock();
            say(&if json { clock_json(state) } else { clock_text(state, lang) })?;
        }
        PracticeCommand::Shell { instance, command } => {
            return practice_shell::run(&open(&path, options)?, &instance, &command, lang).await;
        }
        PracticeCommand::Subscribe => {
            subscribe(&open(&path, options)?).map_err(|error| storage_problem(&error))?;
            say(if lang == Lang::Ko {
                "연습 계정이 OpenVPN Access Server의 약관에 동의하고 구독했습니다. 비용은 없습니다."
            } else {
                "The practice account has accepted the terms of OpenVPN Access Server and is subscribed. It costs nothing."
            })?;
        }
        PracticeCommand::Faults(args) => {
            let cloud = open(&path, options)?;
            practice_faults::run(args, &cloud, lang)?;
        }
    }
    Ok(0)
}

/// What accepting the terms on the Marketplace does to an account.
fn subscribe(cloud: &Cloud) -> Result<(), StorageError> {
    let mut options = cloud.look(|world| world.options().clone())?;
    options.marketplace_subscribed = true;
    cloud.edit(|world| {
        world.set_options(options);
        world.settle();
    })
}

fn open(path: &Path, options: Options) -> Result<Cloud, Problem> {
    Cloud::open(path, options).map_err(|error| storage_problem(&error))
}

/// The question before everything is thrown away, with what that is.
fn whether_to_reset(home: &Path) -> Result<Text, Problem> {
    let (resources, steps) = Store::open(home)?.kept(SCOPES)?;
    Ok(Text::new(
        format!(
            "연습 클라우드의 모든 것을 버리고 새 계정으로 시작할까요? 적어 둔 것은 리소스 {resources}개, 마친 단계 {steps}개입니다."
        ),
        format!(
            "Throw everything on the practice cloud away and start with a new account? Written down: {resources} resources, {steps} finished steps."
        ),
    ))
}

fn reset(home: &Path, options: Options, lang: Lang) -> Result<(), Problem> {
    let path = database(home);
    let aside = match Cloud::open(&path, options.clone()) {
        Ok(cloud) => {
            cloud.reset().map_err(|error| storage_problem(&error))?;
            None
        }
        Err(StorageError::Damaged { .. } | StorageError::OtherFormat { .. }) => {
            let aside = set_aside(&path).map_err(|error| {
                let detail = error.to_string();
                storage_problem(&StorageError::Unusable { path: path.clone(), detail })
            })?;
            open(&path, options)?;
            Some(aside)
        }
        Err(error) => return Err(storage_problem(&error)),
    };
    // What was made there is gone with it: no leftover, no cost, no step done.
    Store::open(home)?.forget(SCOPES)?;
    let korean = lang == Lang::Ko;
    say(if korean {
        "연습 클라우드를 새 계정으로 시작합니다."
    } else {
        "The practice cloud starts with a new account."
    })?;
    if let Some(aside) = aside {
        let before = if korean {
            "읽을 수 없던 파일은 여기에 남겨 두었습니다:"
        } else {
            "The file that could not be read is kept as"
        };
        say(&format!("{before} {}", aside.display()))?;
    }
    Ok(())
}

async fn serve(cloud: Cloud, port: u16, lang: Lang) -> Result<u8, Problem> {
    let busy = |error: std::io::Error| {
        Problem::new(
            ProblemKind::Config,
            format!("127.0.0.1:{port}에서 들을 수 없습니다"),
            format!("Cannot listen on 127.0.0.1:{port}"),
        )
        .hint("다른 --port를 주거나 --port를 빼세요", "Give another --port, or none")
        .from(error.to_string())
    };
    let server = Server::bind(cloud, port).await.map_err(busy)?;
    let address = server.address().map_err(busy)?;
    let stop = stop_signal().map_err(|error| Problem::internal(error.to_string()))?;
    say(&format!("listening on http://{address}"))?;
    let hint = match lang {
        Lang::Ko => "다른 터미널에서 이렇게 쓰세요 (키는 아무 값이나 됩니다):",
        Lang::En => "In another terminal (any keys will do):",
    };
    let setting = format!(
        "{hint}\n  export AWS_ENDPOINT_URL=http://{address} AWS_REGION=ap-northeast-2 AWS_DEFAULT_REGION=ap-northeast-2 AWS_ACCESS_KEY_ID=practice AWS_SECRET_ACCESS_KEY=practice"
    );
    // Whoever reads this may have gone; the server serves all the same.
    let _ = writeln!(std::io::stderr(), "{setting}");
    server.run(stop).await;
    Ok(0)
}

/// Resolves at Ctrl-C or SIGTERM. The handlers are in place when this returns.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler the system ends the process, which is safe too.
        let _ = tokio::signal::ctrl_c().await;
    })
}

fn clock_json(state: ClockState) -> String {
    json!({ "schema": 1, "now": time(state.now_ms), "speed": state.speed, "paused": state.paused }).to_string()
}

fn clock_text(state: ClockState, lang: Lang) -> String {
    let ClockState { now_ms, speed, paused } = state;
    let now = time(now_ms);
    match (lang, paused) {
        (Lang::Ko, false) => format!("연습 시각 {now}, 실제 시간의 {speed}배로 흐릅니다."),
        (Lang::Ko, true) => format!("연습 시각 {now}, 멈춰 있습니다 (속도 {speed}배)."),
        (Lang::En, false) => format!("Practice time {now}, running at {speed} times real time."),
        (Lang::En, true) => format!("Practice time {now}, paused (speed {speed})."),
    }
}

fn time(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| ms.to_string(), |at| at.to_string())
}

pub(super) fn say(line: &str) -> Result<(), Problem> {
    let mut out = std::io::stdout().lock();
    let written = writeln!(out, "{line}").and_then(|()| out.flush());
    // A reader that has gone away is no failure.
    written.or_else(|error| if error.kind() == ErrorKind::BrokenPipe { Ok(()) } else { Err(error) }).map_err(|error| {
        Problem::new(ProblemKind::Internal, "출력할 수 없습니다", "Cannot write the output").from(error.to_string())
    })
}

/// A length of time as a person writes it, for the command line.
///
/// # Errors
/// When it is none, or goes back.
pub(super) fn duration(text: &str) -> Result<Duration, Problem> {
    let usage = |ko: String, en: String| {
        Problem::new(ProblemKind::Usage, ko, en)
            .hint("90s, 10m, 2h30m처럼 적어 주세요", "Write it like 90s, 10m or 2h30m")
    };
    let span = text.parse::<jiff::SignedDuration>().map_err(|_| {
        usage(format!("{text}: 시간의 길이로 읽을 수 없습니다"), format!("{text} is no length of time"))
    })?;
    Duration::try_from(span)
        .map_err(|_| usage(format!("{text}: 시간은 앞으로만 갑니다"), format!("{text}: time only goes forward")))
}

/// The farthest that practice time jumps at once: everything that happens until then is worked out.
const FARTHEST: Duration = Duration::from_secs(720 * 3600);

/// How far practice time is to jump, for the command line.
///
/// # Errors
/// When it is no length of time, or too far for one jump.
fn ahead(text: &str) -> Result<Duration, Problem> {
    let by = duration(text)?;
    if by <= FARTHEST {
        return Ok(by);
    }
    Err(Problem::new(
        ProblemKind::Usage,
        format!("{text}: 한 번에 720h(30일)까지만 건너뛸 수 있습니다"),
        format!("{text}: one jump goes 720h (30 days) at most"),
    )
    .hint("더 멀리 가려면 여러 번 나누어 건너뛰세요", "To go farther, jump several times"))
}

/// The practice clock's speed, for the command line.
///
/// # Errors
/// When it is no number, or one that the clock cannot go at.
pub fn speed(text: &str) -> Result<f64, Problem> {
    let (from, to) = (SPEED_RANGE.start(), SPEED_RANGE.end());
    text.parse::<f64>().ok().filter(|speed| SPEED_RANGE.contains(speed)).ok_or_else(|| {
        Problem::new(
            ProblemKind::Usage,
            format!("--speed {text}: {from}에서 {to} 사이의 수여야 합니다"),
            format!("--speed {text}: it must be a number from {from} to {to}"),
        )
        .hint(
            "1은 실제 속도, 60이면 1초에 1분이 갑니다: --speed 60. 멈추려면: awslab practice clock --pause",
            "1 is real time, 60 a minute a second: --speed 60. To stop the clock: awslab practice clock --pause",
        )
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: PracticeArgs,
    }

    #[test]
    fn a_speed_has_bounds_and_an_example() {
        for wrong in ["0", "-1", "NaN", "abc", "1e9", ""] {
            let problem = speed(wrong).unwrap_err();
            assert_eq!(problem.kind, ProblemKind::Usage);
            assert!(problem.render(Lang::Ko).contains("--speed 60"), "{problem}");
        }
        assert_eq!(speed("3600"), Ok(3600.0));
    }

    #[test]
    fn times_are_read_as_people_write_them() {
        assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(duration("1h30m"), Ok(Duration::from_secs(5400)));
        assert_eq!(duration("500ms"), Ok(Duration::from_millis(500)));
        for wrong in ["abc", "-5m", "", "10"] {
            let problem = duration(wrong).unwrap_err();
            assert!(problem.hints[0].en.contains("2h30m") && problem.kind == ProblemKind::Usage, "{problem}");
        }
    }

    #[test]
    fn a_jump_has_an_end() {
        assert_eq!(ahead("720h"), Ok(FARTHEST));
        assert!(ahead("999999999h").unwrap_err().title.en.contains("720h"));
    }

    fn parse(words: &str) -> PracticeArgs {
        let words = ["practice"].into_iter().chain(words.split_whitespace());
        Line::try_parse_from(words).unwrap().args
    }

    #[tokio::test(start_paused = true)]
    async fn a_damaged_world_is_moved_aside_on_reset() {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(database(home.path()), "not a database at all".repeat(1000)).unwrap();
        let setup = Setup { home: home.path().to_owned(), ..Setup::default() };
        let problem = run(parse("clock"), &setup, Lang::Ko).await.unwrap_err();
        assert_eq!(problem.kind, ProblemKind::Store);
        assert_eq!(run(parse("reset --yes"), &setup, Lang::Ko).await.unwrap(), 0);
        let setup = Setup { speed: Some(60.0), ..setup };
        assert_eq!(run(parse("clock"), &setup, Lang::En).await.unwrap(), 0);
        let kept = std::fs::read_dir(home.path()).unwrap().flatten();
        assert!(kept.map(|entry| entry.file_name().into_string().unwrap()).any(|name| name.ends_with(".bad")));
    }

    #[tokio::test(start_paused = true)]
    async fn read_only_looks_and_changes_nothing() {
        let home = tempfile::tempdir().unwrap();
        let setup = Setup { home: home.path().to_owned(), read_only: true, ..Setup::default() };
        for words in
            ["reset --yes", "clock --advance 10m", "clock --pause", "faults --error 1", "faults off", "subscribe"]
        {
            let problem = run(parse(words), &setup, Lang::En).await.unwrap_err();
            assert!(problem.title.en.contains("--read-only"), "{words}: {problem}");
        }
        for words in ["clock", "clock --json", "faults", "faults --json"] {
            assert_eq!(run(parse(words), &setup, Lang::En).await.unwrap(), 0, "{words}");
        }
    }
}
