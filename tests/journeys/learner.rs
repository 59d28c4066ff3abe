//! A learner at a terminal: presses keys and reads the screen.

use std::cell::{Cell, RefCell};
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use awslab::app::{App, Start};
use awslab::cloud::kinds::registry;
use awslab::course::model::Course;
use awslab::course::quiz::{Answer, Question};
use awslab::engine::Setup;
use awslab::i18n::Lang;
use awslab::input::{Key, Keymap};
use awslab::lab::facts::Backend;
use awslab::runtime::{End, Keyboard, Loop, Performer, Signal, Signals};
use awslab::store::Store;
use awslab::term::Surface;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures_util::StreamExt;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use tokio::sync::{Notify, mpsc};
use unicode_width::UnicodeWidthStr;

/// How long (virtual time) a learner waits for something before giving up: longer than any wait on the practice cloud.
const PATIENCE: Duration = Duration::from_secs(120);

/// A terminal that keeps its last frame.
#[derive(Clone)]
pub struct Frames {
    buffer: Rc<RefCell<Buffer>>,
    size: Rc<Cell<(u16, u16)>>,
    pub drawn: Rc<Cell<usize>>,
    copied: Rc<RefCell<Vec<String>>>,
    changed: Rc<Notify>,
}

impl Surface for Frames {
    fn draw(&mut self, view: &mut dyn FnMut(Rect, &mut Buffer)) -> io::Result<()> {
        let (width, height) = self.size.get();
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        view(area, &mut buffer);
        *self.buffer.borrow_mut() = buffer;
        self.drawn.set(self.drawn.get() + 1);
        self.changed.notify_waiters();
        Ok(())
    }

    fn size(&self) -> io::Result<(u16, u16)> {
        Ok(self.size.get())
    }

    fn suspend(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn resume(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.copied.borrow_mut().push(text.to_owned());
        Ok(())
    }
}

/// The hands and eyes.
pub struct Learner {
    pub frames: Frames,
    course: Arc<Course>,
    home: PathBuf,
    lang: Lang,
    events: mpsc::UnboundedSender<io::Result<Event>>,
    signals: mpsc::UnboundedSender<Signal>,
}

/// How a learner starts.
#[derive(Clone)]
pub struct Sitting<'a> {
    pub home: &'a Path,
    pub lang: Lang,
    pub size: (u16, u16),
    pub resume: bool,
}

/// The course in the binary.
pub fn course() -> Arc<Course> {
    Arc::new(awslab::course::load(None, registry()).expect("the course in the binary loads"))
}

/// Runs the full screen until the walk has quit it. A walk that ends without quitting is a fault of the walk.
pub async fn sit<F, T>(sitting: Sitting<'_>, walk: F) -> (End, T)
where
    F: AsyncFnOnce(&Learner) -> T,
{
    let course = course();
    let (app, effects) = App::new(Start {
        course: Arc::clone(&course),
        kinds: registry(),
        backend: Backend::Practice,
        lang: sitting.lang,
        keymap: Keymap::built_in().unwrap(),
        color: true,
        ascii: false,
        read_only: false,
        resume: sitting.resume.then_some(None),
        monitor: None,
    });
    let setup = Setup { home: sitting.home.to_owned(), ..Setup::default() };
    let (performer, messages) = Performer::new(setup, Arc::clone(&course), false);
    let (events, incoming) = mpsc::unbounded_channel();
    let mut incoming = Some(incoming);
    let keyboard = Keyboard::new(move || {
        let from = incoming.take().expect("the keyboard is opened once");
        futures_util::stream::unfold(from, |mut from| async move { Some((from.recv().await?, from)) }).boxed_local()
    });
    let (signals, received) = Signals::by_hand();
    let frames = Frames {
        buffer: Rc::new(RefCell::new(Buffer::empty(Rect::new(0, 0, 80, 24)))),
        size: Rc::new(Cell::new(sitting.size)),
        drawn: Rc::new(Cell::new(0)),
        copied: Rc::default(),
        changed: Rc::default(),
    };
    let (home, lang) = (sitting.home.to_owned(), sitting.lang);
    let learner = Learner { frames: frames.clone(), course, home, lang, events, signals };
    learner.resize(sitting.size.0, sitting.size.1);
    let mut surface = frames;
    let full_screen = Loop::new(app, performer, messages, keyboard, received, &mut surface).run(effects);
    tokio::join!(full_screen, walk(&learner))
}

impl Learner {
    /// Presses a key, as keymaps write it, and lets the screen answer.
    pub async fn press(&self, key: &str) {
        let key = Key::parse(key).unwrap_or_else(|| panic!("no key {key}"));
        let code = match key.code {
            awslab::input::Code::Char(sign) => KeyCode::Char(sign),
            awslab::input::Code::Enter => KeyCode::Enter,
            awslab::input::Code::Esc => KeyCode::Esc,
            awslab::input::Code::Tab => KeyCode::Tab,
            awslab::input::Code::Backspace => KeyCode::Backspace,
            other => panic!("the learner has no key {other:?}"),
        };
        let modifiers = if key.ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
        self.type_in(code, modifiers).await;
    }

    /// Types a sign as it comes from an input method.
    pub async fn type_sign(&self, sign: char) {
        self.type_in(KeyCode::Char(sign), KeyModifiers::NONE).await;
    }

    async fn type_in(&self, code: KeyCode, modifiers: KeyModifiers) {
        self.events.send(Ok(Event::Key(KeyEvent::new(code, modifiers)))).expect("the full screen runs");
        self.settle().await;
    }

    /// Changes the terminal's size.
    pub fn resize(&self, columns: u16, rows: u16) {
        self.frames.size.set((columns, rows));
        self.events.send(Ok(Event::Resize(columns, rows))).expect("the full screen runs");
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        self.signals.send(signal).expect("the full screen runs");
    }

    /// Lets some frames pass.
    pub async fn settle(&self) {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }

    /// The screen as text.
    pub fn screen(&self) -> String {
        let buffer = self.frames.buffer.borrow();
        let mut out = String::new();
        for y in buffer.area.top()..buffer.area.bottom() {
            let mut x = buffer.area.left();
            let mut line = String::new();
            while x < buffer.area.right() {
                let symbol = buffer[(x, y)].symbol();
                line.push_str(symbol);
                x += u16::try_from(symbol.width().max(1)).unwrap();
            }
            out.push_str(line.trim_end());
            out.push('\n');
        }
        out
    }

    /// The footer.
    pub fn footer(&self) -> String {
        self.screen().lines().last().unwrap_or_default().to_owned()
    }

    /// Waits until the screen shows something; panics with the screen when it never does.
    pub async fn until(&self, text: &str) {
        self.until_that(text, |screen| screen.contains(text)).await;
    }

    /// Waits until the screen is as wanted.
    pub async fn until_that(&self, what: &str, seen: impl Fn(&str) -> bool) {
        let waited = async {
            loop {
                let change = self.frames.changed.notified();
                if seen(&self.screen()) {
                    return;
                }
                change.await;
            }
        };
        if tokio::time::timeout(PATIENCE, waited).await.is_err() {
            panic!("never saw {what:?}:\n{}", self.screen());
        }
    }

    /// Opens a step by its number.
    pub async fn open_step(&self, number: &str) {
        self.type_sign(':').await;
        for sign in number.chars() {
            self.type_sign(sign).await;
        }
        self.press("enter").await;
        self.until(&format!(" {number} ")).await;
    }

    /// The question on the screen, when one is being asked.
    pub fn question(&self) -> Option<&Question> {
        let bare = |text: &str| text.chars().filter(|sign| !sign.is_whitespace() && *sign != '`').collect::<String>();
        let (footer, screen) = (self.footer(), bare(&self.screen()));
        let asked = footer.contains("Enter 답하기") || footer.contains("Enter answer");
        let questions = || self.course.steps().flat_map(|step| &step.questions);
        asked.then(|| questions().find(|question| screen.contains(&bare(question.ask.get(self.lang)))))?
    }

    /// Answers a question with these options, by places in the course file, as the screen has shuffled them.
    pub async fn choose(&self, question: &Question, options: &[usize]) {
        let seed = Store::open(&self.home).unwrap().quiz_seed().unwrap();
        let order = question.order(seed);
        for option in options {
            let place = order.iter().position(|at| at == option).expect("an option of the question");
            self.press(&(place + 1).to_string()).await;
        }
        self.press("enter").await;
    }

    /// Answers a question right, as somebody who has read the page.
    pub async fn answer(&self, question: &Question) {
        if let Answer::Type { right, .. } = &question.kind {
            for sign in right.to_string().chars() {
                self.type_sign(sign).await;
            }
            return self.press("enter").await;
        }
        let choices = question.choices().iter().enumerate();
        let right: Vec<usize> = choices.filter(|(_, choice)| choice.why.is_none()).map(|(at, _)| at).collect();
        self.choose(question, &right).await;
    }

    /// Presses Enter and answers what is asked, waiting while there is something to wait for, until the screen is as
    /// wanted.
    pub async fn enter_until(&self, what: &str, seen: impl Fn(&str) -> bool) {
        let mut presses = 0;
        while !seen(&self.screen()) {
            presses += 1;
            assert!(presses < 1500, "Enter alone never led to {what:?}:\n{}", self.screen());
            let footer = self.footer();
            if footer.contains("기다리는 중") || footer.contains("waiting") {
                tokio::time::sleep(Duration::from_secs(1)).await;
            } else if let Some(question) = self.question() {
                self.answer(question).await;
            } else {
                self.press("enter").await;
            }
        }
    }
}

/// What the home screen says when every step of the course is done.
pub fn all_done(lang: Lang) -> String {
    let steps = course().steps().count();
    match lang {
        Lang::Ko => format!("진행 {steps}/{steps}"),
        Lang::En => format!("{steps} of {steps} steps"),
    }
}
