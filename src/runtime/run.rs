//! The loop.

use std::time::Duration;

use crossterm::event::Event;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::app::{App, Message};
use crate::i18n::Lang;
use crate::input::{Action, Input};
use crate::problem::Problem;
use crate::screens::Effect;
use crate::term::Surface;

use super::farewell::farewell;
use super::input::{Keyboard, inputs};
use super::perform::Performer;
use super::signal::{Signal, Signals};

/// The shortest time between two frames.
const FRAME: Duration = Duration::from_millis(33);
/// How long a run that was told to stop may take to write down where it is.
const GRACE: Duration = Duration::from_millis(500);
/// How many events are taken in before the screen is drawn, so that a flood cannot hold the screen.
const DRAIN: usize = 256;

/// How the full screen ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The exit code.
    pub code: u8,
    /// What is printed once the terminal is given back: what still runs, what it costs, how to remove it.
    pub farewell: Option<String>,
}

/// Everything that the loop waits for and writes to.
pub struct Loop<'a, S> {
    app: App,
    performer: Performer,
    messages: mpsc::UnboundedReceiver<Message>,
    keyboard: Keyboard,
    signals: Signals,
    surface: &'a mut S,
    started: Instant,
    drawn: Option<Instant>,
    looked: Instant,
    watched: Instant,
    dirty: bool,
    code: u8,
    broken: bool,
}

enum Woken {
    Signal(Signal),
    Event(Option<std::io::Result<Event>>),
    Message(Option<Message>),
    Deadline,
}

impl<'a, S: Surface> Loop<'a, S> {
    /// A loop that has not begun.
    pub fn new(
        app: App,
        performer: Performer,
        messages: mpsc::UnboundedReceiver<Message>,
        keyboard: Keyboard,
        signals: Signals,
        surface: &'a mut S,
    ) -> Self {
        let now = Instant::now();
        Self {
            app,
            performer,
            messages,
            keyboard,
            signals,
            surface,
            started: now,
            drawn: None,
            looked: now,
            watched: now,
            dirty: true,
            code: 0,
            broken: false,
        }
    }

    /// Runs until the learner leaves.
    pub async fn run(mut self, effects: Vec<Effect>) -> End {
        self.perform(effects).await;
        while !self.app.is_quitting() && !self.broken {
            self.draw_if_due();
            let deadline = self.deadline();
            let woken = tokio::select! {
                biased;
                Some(signal) = self.signals.next() => Woken::Signal(signal),
                event = self.keyboard.next() => Woken::Event(event),
                message = self.messages.recv() => Woken::Message(message),
                () = sleep_until(deadline.unwrap_or_else(Instant::now)), if deadline.is_some() => Woken::Deadline,
            };
            self.time();
            match woken {
                Woken::Signal(Signal::Interrupt) => {
                    let mut effects = Vec::new();
                    self.app.act(Action::Interrupt, &mut effects);
                    self.dirty = true;
                    self.perform(effects).await;
                }
                Woken::Signal(Signal::Terminate) => {
                    self.code = 143;
                    self.update(Message::Terminate).await;
                }
                Woken::Event(event) => self.event(event).await,
                Woken::Message(Some(message)) => self.update(message).await,
                Woken::Message(None) => self.broken = true,
                Woken::Deadline => self.deadline_passed().await,
            }
            self.drain().await;
        }
        self.end().await
    }

    /// Takes in what is there already.
    async fn drain(&mut self) {
        for _ in 0..DRAIN {
            if self.app.is_quitting() || self.broken {
                return;
            }
            if let Some(event) = self.keyboard.ready().await {
                self.event(Some(event)).await;
            } else if let Ok(message) = self.messages.try_recv() {
                self.update(message).await;
            } else {
                return;
            }
        }
    }

    async fn event(&mut self, event: Option<std::io::Result<Event>>) {
        // Without a terminal there is nobody to talk to.
        let Some(Ok(event)) = event else {
            self.broken = true;
            return;
        };
        for input in inputs(event, self.app.edits_text()) {
            // A focus event alone changes nothing that is seen.
            self.dirty |= !matches!(input, Input::Focus(_));
            let effects = self.app.update(Message::Input(input));
            self.perform(effects).await;
        }
    }

    async fn update(&mut self, message: Message) {
        self.dirty = true;
        let effects = self.app.update(message);
        self.perform(effects).await;
    }

    /// Tells the app what time it is.
    fn time(&mut self) {
        let frame = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        // Reading time asks for nothing.
        self.app.update(Message::Time(self.performer.now(), frame));
    }

    async fn perform(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Quit => {}
                Effect::Copy(text) => self.broken |= self.surface.copy(&text).is_err(),
                Effect::Shell(command) => self.shell(&command).await,
                Effect::PracticeShell(instance) => self.shell(&practice_shell(&instance, self.app.ctx.lang())).await,
                other => self.performer.perform(other),
            }
        }
    }

    /// Runs a program in the terminal, with the full screen out of its way.
    async fn shell(&mut self, command: &[String]) {
        self.keyboard.pause();
        if self.surface.suspend().is_err() {
            self.broken = true;
            return;
        }
        let result = Performer::shell(command).await;
        self.broken |= self.surface.resume().is_err();
        self.dirty = true;
        self.drawn = None;
        self.performer.send(Message::ShellEnded(result));
    }

    fn draw_if_due(&mut self) {
        let due = self.drawn.is_none_or(|drawn| drawn.elapsed() >= FRAME);
        if !(self.dirty && due) {
            return;
        }
        let app = &mut self.app;
        if self.surface.draw(&mut |area, buffer| app.view(area, buffer)).is_err() {
            self.broken = true;
        }
        self.dirty = false;
        self.drawn = Some(Instant::now());
    }

    /// When to wake up although nothing happens; `None` when there is no reason to.
    fn deadline(&self) -> Option<Instant> {
        let drawn = self.drawn.unwrap_or(self.started);
        let frame = self.dirty.then(|| drawn + FRAME);
        let animation = self.app.animates().map(|millis| drawn + Duration::from_millis(millis));
        let look = self.app.looks_again().map(|millis| self.looked + Duration::from_millis(millis));
        let watch = self.app.watches().map(|millis| self.watched + Duration::from_millis(millis));
        [frame, animation, look, watch].into_iter().flatten().min()
    }

    async fn deadline_passed(&mut self) {
        let now = Instant::now();
        if self.app.looks_again().is_some_and(|millis| now >= self.looked + Duration::from_millis(millis)) {
            self.looked = now;
            let effects = self.app.update(Message::LookAgain);
            self.perform(effects).await;
        }
        if self.app.watches().is_some_and(|millis| now >= self.watched + Duration::from_millis(millis)) {
            self.watched = now;
            let effects = self.app.update(Message::WatchAgain);
            self.perform(effects).await;
        }
        let drawn = self.drawn.unwrap_or(self.started);
        self.dirty |= self.app.animates().is_some_and(|millis| now >= drawn + Duration::from_millis(millis));
    }

    async fn end(mut self) -> End {
        // A run is told to stop, so that it can write down where it is. It may be killed all the same.
        if let Some(id) = self.app.ctx.working().map(|work| work.id) {
            self.performer.perform(Effect::Cancel(id));
            let app = &mut self.app;
            let messages = &mut self.messages;
            let told = async {
                while app.ctx.working().is_some() {
                    let Some(message) = messages.recv().await else { return };
                    app.update(message);
                }
            };
            let _ = tokio::time::timeout(GRACE, told).await;
            if self.code == 0 {
                self.code = 130;
            }
        }
        End { code: self.code, farewell: farewell(&self.app.ctx, &self.performer.loads()) }
    }
}

/// This program as a shell on an instance of the practice cloud.
fn practice_shell(instance: &str, lang: Lang) -> Vec<String> {
    let program = std::env::current_exe().map_or_else(|_| "awslab".to_owned(), |path| path.display().to_string());
    [program.as_str(), "--lang", lang.code(), "practice", "shell", instance].map(str::to_owned).to_vec()
}

/// Why a program could not be run.
pub(super) fn cannot_run(program: &str, error: &std::io::Error) -> Problem {
    Problem::new(
        crate::problem::ProblemKind::Config,
        format!("실행할 수 없는 프로그램입니다: {program} ({error})"),
        format!("{program} cannot be run: {error}"),
    )
}
