//! The one event loop of the full screen, and the one place where effects are performed.
//!
//! Promises: everything waits in one `select!`; after it wakes, what has come in is drained, and then the screen is
//! drawn if it changed, at most every 33 ms; while nothing happens, nothing is written and nothing runs. Nothing that
//! takes time happens on the UI thread. Leaves to others: what a message changes (`app`), the terminal (`term`).

mod farewell;
mod input;
mod perform;
mod run;
mod signal;

use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;

pub use input::{Keyboard, Source};
pub use perform::Performer;
pub use run::{End, Loop};
pub use signal::{Signal, Signals};

use crate::app::{App, Monitoring, Start};
use crate::cloud::kinds::registry;
use crate::course::model::Course;
use crate::engine::{Setup, Target};
use crate::i18n::Lang;
use crate::input::Keymap;
use crate::lab::facts::Backend;
use crate::lab::watch::{History, Snapshot};
use crate::problem::{Problem, ProblemKind};
use crate::term::{Surface, Tty, guard_against_panics, wants_ascii};

/// What the full screen is started with.
pub struct Options {
    /// The global options.
    pub setup: Setup,
    /// The course.
    pub course: Arc<Course>,
    /// The language, and whether the learner named it (else the one of the last session is taken).
    pub lang: (Lang, bool),
    /// Whether colours are wanted.
    pub color: bool,
    /// The learner's own keymap, when there is one.
    pub keymap: Option<PathBuf>,
    /// `awslab monitor`: straight to the monitor.
    pub watch: Option<Watch>,
    /// `awslab resume [CHAPTER]`: straight to the first unfinished step.
    pub resume: Option<Option<String>>,
}

/// What the monitor begins with.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// The group; chosen on the screen when it is not named.
    pub group: Option<String>,
    /// Where every refresh is appended to.
    pub record: Option<PathBuf>,
    /// A recording to be shown instead of the cloud.
    pub replay: Option<Vec<Snapshot>>,
}

/// Shows the full screen until the learner leaves. Call it on the main thread, outside any async runtime. Returns the
/// exit code.
///
/// # Errors
/// When there is no terminal, or the keymap is wrong.
pub fn start(options: Options) -> Result<u8, Problem> {
    let keymap = keymap(options.keymap.as_deref())?;
    let backend = match (&options.setup.target, std::env::var("AWS_ENDPOINT_URL")) {
        (Target::Practice, _) => Backend::Practice,
        (Target::Aws, Ok(url)) if !url.is_empty() => Backend::Endpoint(url),
        (Target::Aws, _) => Backend::Aws,
    };
    let (mut app, effects) = App::new(Start {
        course: Arc::clone(&options.course),
        kinds: registry(),
        backend,
        lang: options.lang.0,
        keymap,
        color: options.color,
        ascii: wants_ascii(),
        read_only: options.setup.read_only,
        resume: options.resume,
        monitor: options
            .watch
            .as_ref()
            .map(|watch| Monitoring { group: watch.group.clone(), replay: watch.replay.as_deref().map(History::of) }),
    });
    guard_against_panics();
    let no_terminal = |error: std::io::Error| {
        Problem::new(ProblemKind::Usage, "전체 화면에는 터미널이 필요합니다", "The full screen needs a terminal")
            .because(error.to_string(), error.to_string())
            .hint(
                "터미널 없이는 awslab list, plan, run, check, cleanup을 쓰세요",
                "Without a terminal use awslab list, plan, run, check, cleanup",
            )
    };
    let mut tty = Tty::take().map_err(no_terminal)?;
    app.ctx.size = tty.size().map_err(no_terminal)?;
    // The first frame needs nothing of what follows: clients, database, even the async runtime.
    tty.draw(&mut |area, buffer| app.view(area, buffer)).map_err(no_terminal)?;

    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Problem::internal(error.to_string()))?;
    let lang = (!options.lang.1).then_some(());
    let end = runtime.block_on(async {
        let (mut performer, messages) = Performer::new(options.setup, options.course, lang.is_some());
        performer.record(options.watch.and_then(|watch| watch.record));
        let signals = Signals::of_process().map_err(|error| Problem::internal(error.to_string()))?;
        let keyboard = Keyboard::of_terminal();
        Ok::<End, Problem>(Loop::new(app, performer, messages, keyboard, signals, &mut tty).run(effects).await)
    });
    drop(tty);
    // What is still under way on other threads must not hold the program: every moment is safe to stop at.
    runtime.shutdown_timeout(std::time::Duration::from_millis(200));
    let end = end?;
    if let Some(text) = &end.farewell {
        // The terminal may be gone; `println!` would panic then.
        let _ = writeln!(std::io::stdout(), "{text}");
    }
    Ok(end.code)
}

fn keymap(user: Option<&std::path::Path>) -> Result<Keymap, Problem> {
    let text = match user.map(|path| (path, std::fs::read_to_string(path))) {
        None => None,
        Some((_, Err(error))) if error.kind() == std::io::ErrorKind::NotFound => None,
        Some((path, Err(error))) => {
            return Err(Problem::new(
                ProblemKind::Config,
                "키 설정 파일을 읽을 수 없습니다",
                "The keymap file cannot be read",
            )
            .because(error.to_string(), error.to_string())
            .from(path.display().to_string()));
        }
        Some((path, Ok(text))) => Some((path.display().to_string(), text)),
    };
    Keymap::with_user(text.as_ref().map(|(name, text)| (name.as_str(), text.as_str())))
}
