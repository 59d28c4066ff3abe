//! Performs effects: each becomes a task on the engine whose answer comes back as a message.
//!
//! Promises: never blocks the UI thread; a task that panics answers with a problem, so that no screen waits for ever.

use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{mpsc, watch};

use crate::app::{Message, Session};
use crate::course::model::Course;
use crate::engine::{Engine, Setup};
use crate::i18n::{Lang, Text};
use crate::lab::report::RunReport;
use crate::lab::watch::record;
use crate::problem::{Problem, ProblemKind};
use crate::screens::ctx::Clock;
use crate::screens::effect::{ClockOrder, TaskId};
use crate::screens::{Effect, Query};
use crate::store::Load;

const LANGUAGE: &str = "language";
const LAST_STEP: &str = "last-step";

/// Performs effects.
pub struct Performer {
    setup: Setup,
    course: Arc<Course>,
    keeps_language: bool,
    engine: Arc<Mutex<Option<Engine>>>,
    to: mpsc::UnboundedSender<Message>,
    cancel: Option<(TaskId, watch::Sender<bool>)>,
    record: Option<Arc<PathBuf>>,
}

impl Performer {
    /// A performer, and where its answers come. `keeps_language` is whether the language of the last session is taken.
    pub fn new(setup: Setup, course: Arc<Course>, keeps_language: bool) -> (Self, mpsc::UnboundedReceiver<Message>) {
        let (to, from) = mpsc::unbounded_channel();
        let engine = Arc::new(Mutex::new(None));
        (Self { setup, course, keeps_language, engine, to, cancel: None, record: None }, from)
    }

    /// Appends every refresh of the monitor to a file from now on.
    pub fn record(&mut self, file: Option<PathBuf>) {
        self.record = file.map(Arc::new);
    }

    /// Sends a message to the app.
    pub fn send(&self, message: Message) {
        // The loop has ended when nobody listens.
        let _ = self.to.send(message);
    }

    /// Cloud time, milliseconds since the Unix epoch; 0 before the engine is open.
    pub fn now(&self) -> i64 {
        self.engine().map_or(0, |engine| engine.now())
    }

    /// The engine, once it is open.
    fn engine(&self) -> Option<Engine> {
        guard(&self.engine).clone()
    }

    /// The loads that still run.
    pub fn loads(&self) -> Vec<Load> {
        self.engine().and_then(|engine| engine.loads().ok()).unwrap_or_default()
    }

    /// Starts what is to be done.
    pub fn perform(&mut self, effect: Effect) {
        if effect == Effect::Open {
            return self.open();
        }
        let Some(engine) = self.engine() else { return };
        match effect {
            Effect::Query(number, query) => self.query(engine, number, query),
            Effect::Run(id, plan, _) => {
                let (stop, stopped) = watch::channel(false);
                self.cancel = Some((id, stop));
                let (sink, told) = self.phases(id);
                self.spawn(
                    async move {
                        let report = engine.run_and_go_on(*plan, stopped, sink).await;
                        told.await;
                        Message::RunEnded(id, Box::new(report))
                    },
                    move |problem| {
                        let key = crate::course::model::Key::home("awslab", "awslab");
                        let report = RunReport { failed: vec![(key, problem)], ..RunReport::default() };
                        Message::RunEnded(id, Box::new(report))
                    },
                );
            }
            Effect::Cleanup(id, teardown, _) => {
                let (stop, stopped) = watch::channel(false);
                self.cancel = Some((id, stop));
                let (sink, told) = self.phases(id);
                self.spawn(
                    async move {
                        let result = engine.cleanup(*teardown, stopped, sink).await;
                        told.await;
                        Message::CleanupEnded(id, result.map(Box::new))
                    },
                    move |problem| Message::CleanupEnded(id, Err(problem)),
                );
            }
            Effect::Cancel(id) => {
                if let Some((_, stop)) = self.cancel.as_ref().filter(|(of, _)| *of == id) {
                    // Nobody listens any more when the task has just ended.
                    let _ = stop.send(true);
                }
            }
            Effect::Note(step, state) => self.keep(engine, move |engine| engine.note_progress(&step, state)),
            Effect::Answer(question, right) => {
                self.keep(engine, move |engine| engine.note_answer(&question, right));
            }
            Effect::Way(step, way) => self.keep(engine, move |engine| engine.set_way(&step, way)),
            Effect::LastStep(step) => self.keep(engine, move |engine| engine.set_setting(LAST_STEP, &step)),
            Effect::Domain(name) => match engine.set_domain(&name) {
                Ok(()) => {
                    // What the command line said has been said.
                    self.setup.domain = None;
                    self.open();
                }
                Err(problem) => self.send(Message::Failed(problem)),
            },
            Effect::Language(lang) => self.keep(engine, move |engine| engine.set_setting(LANGUAGE, lang.code())),
            Effect::Clock(order) => {
                let to = self.to.clone();
                self.keep(engine, move |engine| {
                    match order {
                        ClockOrder::Speed(speed) => engine.set_speed(speed)?,
                        ClockOrder::Advance(by) => engine.advance(by)?,
                    }
                    if let Some(speed) = engine.speed() {
                        let _ = to.send(Message::Clock(Clock { speed }));
                    }
                    Ok(())
                });
            }
            Effect::Change(call, _) => {
                let asked = call.clone();
                self.spawn(
                    async move {
                        let result = engine.change((*call).clone()).await;
                        Message::Changed(call, result)
                    },
                    move |problem| Message::Changed(asked, Err(problem)),
                );
            }
            Effect::Save(name, content) => {
                let to = self.to.clone();
                tokio::task::spawn_blocking(move || {
                    let _ = to.send(match save(&name, &content) {
                        Ok(path) => {
                            Message::Saved(Text::new(format!("저장했습니다: {path}"), format!("Saved: {path}")))
                        }
                        Err(problem) => Message::Failed(problem),
                    });
                });
            }
            // These are the loop's own.
            Effect::Open | Effect::Copy(_) | Effect::Shell(_) | Effect::PracticeShell(_) | Effect::Quit => {}
        }
    }

    fn open(&self) {
        let (setup, course, slot) = (self.setup.clone(), Arc::clone(&self.course), Arc::clone(&self.engine));
        let keeps_language = self.keeps_language;
        self.spawn(
            async move {
                let engine = match Engine::open(setup, course).await {
                    Ok(engine) => engine,
                    Err(problem) => return Message::Opened(Err(problem)),
                };
                let language = engine.setting(LANGUAGE).filter(|_| keeps_language);
                let now = engine.now();
                *guard(&slot) = Some(engine.clone());
                Message::Opened(Ok(Box::new(Session {
                    course: Arc::clone(engine.course()),
                    domain: engine.domain().map(str::to_owned),
                    domain_asked: engine.domain_asked(),
                    facts: engine.facts().clone(),
                    desired: engine.desired().to_vec(),
                    keys: engine.keys().to_owned(),
                    terminal: engine.terminal().to_vec(),
                    notes: engine.notes().to_vec(),
                    progress: engine.progress(),
                    answers: engine.answers(),
                    quiz_seed: engine.quiz_seed(),
                    ways: engine.ways(),
                    last_step: engine.setting(LAST_STEP),
                    clock: engine.speed().map(|speed| Clock { speed }),
                    now,
                    lang: language.and_then(|code| [Lang::Ko, Lang::En].into_iter().find(|lang| lang.code() == code)),
                    utc_offset: utc_offset(now),
                })))
            },
            |problem| Message::Opened(Err(problem)),
        );
    }

    fn query(&self, engine: Engine, number: u64, query: Query) {
        match query {
            Query::Survey => self
                .spawn(async move { Message::Survey(number, engine.survey().await.map(Box::new)) }, move |problem| {
                    Message::Survey(number, Err(problem))
                }),
            Query::Plan(step) => {
                let name = step.clone();
                self.spawn(
                    async move {
                        let plan = engine.plan(std::slice::from_ref(&step)).await.map(Box::new);
                        Message::Plan(number, step, plan)
                    },
                    move |problem| Message::Plan(number, name, Err(problem)),
                );
            }
            Query::Check(step) => {
                let name = step.clone();
                self.spawn(
                    async move {
                        let report = engine.check(std::slice::from_ref(&step)).await;
                        Message::Check(number, step, report)
                    },
                    move |problem| Message::Check(number, name, Err(problem)),
                );
            }
            Query::Subscribe(step) => {
                let name = step.clone();
                self.spawn(
                    async move {
                        let report = match engine.subscribe() {
                            Ok(()) => engine.check(std::slice::from_ref(&step)).await,
                            Err(problem) => Err(problem),
                        };
                        Message::Check(number, step, report)
                    },
                    move |problem| Message::Check(number, name, Err(problem)),
                );
            }
            Query::Hand(step, thorough) => {
                let name = step.clone();
                self.spawn(
                    async move {
                        let seen = engine.hand(&step, thorough).await.map(Box::new);
                        Message::Hand(number, step, seen)
                    },
                    move |problem| Message::Hand(number, name, Err(problem)),
                );
            }
            Query::Teardown(steps) => self.spawn(
                async move { Message::Teardown(number, engine.teardown(&steps).await.map(Box::new)) },
                move |problem| Message::Teardown(number, Err(problem)),
            ),
            Query::Groups => self
                .spawn(async move { Message::Groups(number, engine.groups().await) }, move |problem| {
                    Message::Groups(number, Err(problem))
                }),
            Query::Watch(look) => {
                let asked = look.clone();
                let (record, to) = (self.record.clone(), self.to.clone());
                self.spawn(
                    async move {
                        let seen = engine.watch(&look).await.map(Box::new);
                        if let (Some(path), Ok(snapshot)) = (record, &seen)
                            && let Err(problem) = append(&path, &record::line(snapshot, None))
                        {
                            let _ = to.send(Message::Failed(problem));
                        }
                        Message::Watched(number, look, seen)
                    },
                    move |problem| Message::Watched(number, asked, Err(problem)),
                );
            }
            Query::Calls(limit) => {
                self.spawn(async move { Message::Calls(number, engine.calls(limit)) }, move |problem| {
                    Message::Calls(number, Err(problem))
                });
            }
        }
    }

    /// Where a task tells its phases, and a future that is ready once all that were told have been sent on: the end
    /// of a task must not overtake its last phase.
    fn phases(&self, id: TaskId) -> (crate::engine::Sink, impl Future<Output = ()> + Send + 'static) {
        let (sink, mut phases) = mpsc::unbounded_channel();
        let to = self.to.clone();
        let forward = tokio::spawn(async move {
            while let Some(phase) = phases.recv().await {
                if to.send(Message::Phase(id, Box::new(phase))).is_err() {
                    return;
                }
            }
        });
        let told = async move {
            // The sink is dropped with the task; the limit only guards against one that is kept.
            let _ = tokio::time::timeout(std::time::Duration::from_secs(1), forward).await;
        };
        (sink, told)
    }

    /// Runs a task; its message, or the one for its panic, goes to the app.
    fn spawn(
        &self,
        task: impl Future<Output = Message> + Send + 'static,
        panicked: impl FnOnce(Problem) -> Message + Send + 'static,
    ) {
        let to = self.to.clone();
        tokio::spawn(async move {
            let message = match tokio::spawn(task).await {
                Ok(message) => message,
                Err(error) => panicked(Problem::internal(error.to_string())),
            };
            let _ = to.send(message);
        });
    }

    /// Keeps something small; only a failure is told.
    fn keep(&self, engine: Engine, work: impl FnOnce(&Engine) -> Result<(), Problem> + Send + 'static) {
        let to = self.to.clone();
        tokio::spawn(async move {
            if let Err(problem) = work(&engine) {
                let _ = to.send(Message::Failed(problem));
            }
        });
    }

    /// Runs a program in the terminal and waits for its end.
    pub(super) async fn shell(command: &[String]) -> Result<(), Problem> {
        let Some((program, arguments)) = command.split_first() else { return Ok(()) };
        match tokio::process::Command::new(program).args(arguments).status().await {
            Ok(_) => Ok(()),
            Err(error) => Err(super::run::cannot_run(program, &error)),
        }
    }
}

/// A panic elsewhere leaves nothing half-done behind this lock.
fn guard(slot: &Mutex<Option<Engine>>) -> MutexGuard<'_, Option<Engine>> {
    slot.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Appends a line to a recording.
fn append(path: &Path, line: &str) -> Result<(), Problem> {
    use std::io::Write;
    crate::paths::append_lines(path)
        .and_then(|mut file| writeln!(file, "{line}"))
        .map_err(|error| unsaved(path, &error))
}

fn unsaved(path: &Path, error: &std::io::Error) -> Problem {
    Problem::new(
        ProblemKind::Store,
        format!("저장할 수 없습니다: {} ({error})", path.display()),
        format!("Cannot save {}: {error}", path.display()),
    )
}

/// Writes a file into the working directory; one that is there already is left alone. Gives its path.
fn save(name: &str, content: &str) -> Result<String, Problem> {
    use std::io::Write;
    let path = std::env::current_dir().unwrap_or_default().join(name);
    std::fs::File::create_new(&path)
        .and_then(|mut file| file.write_all(content.as_bytes()))
        .map(|()| path.display().to_string())
        .map_err(|error| unsaved(&path, &error))
}

/// The offset of the learner's zone, in seconds east of UTC.
fn utc_offset(millis: i64) -> i32 {
    let zone = jiff::tz::TimeZone::system();
    jiff::Timestamp::from_millisecond(millis).map_or(0, |now| zone.to_offset(now).seconds())
}
