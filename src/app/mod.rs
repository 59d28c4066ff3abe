//! The application: the model, the stack of screens, and the one pure function that changes them.
//!
//! Promises: [`App::update`] is pure: a [`Message`] in, [`Effect`]s out; no tokio, no AWS, no files, no clock reads.
//! Results of things that are asked for again and again are latest-wins, and at most one of a sort is asked for at a
//! time, so that keys pressed faster than the cloud answers pile up nothing; phases of a run carry its number, and those of
//! an older one are dropped. Leaves to others: performing effects and the event loop (`runtime`).

pub mod message;
mod routing;
mod stack;
mod update;
mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;

pub use message::{Message, Session};
pub use stack::ScreenStack;

use crate::course::model::Course;
use crate::i18n::{Lang, Text};
use crate::input::Keymap;
use crate::lab::facts::Backend;
use crate::lab::kind::Kinds;
use crate::lab::quiz::Answers;
use crate::lab::watch::History;
use crate::screens::ctx::Watch;
use crate::screens::home::Home;
use crate::screens::monitor::Monitor;
use crate::screens::{Ctx, Effect, Opening, Query, Spot};
use crate::view::Look;
use crate::view::theme::Theme;

use ratatui::layout::Rect;

/// What an [`App`] starts with.
pub struct Start {
    /// The course.
    pub course: Arc<Course>,
    /// The resource kinds.
    pub kinds: &'static dyn Kinds,
    /// Which cloud.
    pub backend: Backend,
    /// The language.
    pub lang: Lang,
    /// The keys.
    pub keymap: Keymap,
    /// Whether colours are wanted.
    pub color: bool,
    /// Whether marks and lines are to be ASCII.
    pub ascii: bool,
    /// `--read-only`.
    pub read_only: bool,
    /// Open the first unfinished step (of this chapter) as soon as progress is known.
    pub resume: Option<Option<String>>,
    /// Open the monitor at once.
    pub monitor: Option<Monitoring>,
}

/// What the monitor begins with.
#[derive(Debug, Clone, Default)]
pub struct Monitoring {
    /// The group; chosen on the screen when it is not named.
    pub group: Option<String>,
    /// A recording to be shown instead of the cloud.
    pub replay: Option<History>,
}

/// The whole full screen.
pub struct App {
    /// What screens read.
    pub ctx: Ctx,
    stack: ScreenStack,
    spots: Vec<(Rect, Spot)>,
    resume: Option<Option<String>>,
    queries: BTreeMap<Query, Asked>,
    /// The sentence at the bottom and since when it has been there, in running milliseconds.
    told: Option<(Text, u64)>,
    quitting: bool,
}

/// Looks of one sort.
#[derive(Debug, Default)]
struct Asked {
    /// The number of the newest that was begun.
    number: u64,
    /// Whether its answer has not come yet.
    under_way: bool,
    /// What is looked at after that.
    next: Option<Query>,
}

impl Asked {
    /// No answer is waited for any more.
    fn forget(&mut self) {
        self.under_way = false;
        self.next = None;
    }
}

/// How long a sentence stays in the place of the keys, in milliseconds.
const TOAST: u64 = 8_000;

impl App {
    /// An app with the home screen, and the effects it starts with.
    pub fn new(start: Start) -> (Self, Vec<Effect>) {
        let theme = if start.color { Theme::built_in() } else { Theme::without_color() };
        let mut ctx = Ctx {
            course: start.course,
            look: Look { theme, lang: start.lang, utc_offset: 0 },
            backend: start.backend,
            read_only: start.read_only,
            opening: Opening::Opening,
            facts: None,
            domain: None,
            domain_asked: true,
            desired: Vec::new(),
            kinds: start.kinds,
            keys: PathBuf::new(),
            survey: None,
            survey_problem: None,
            progress: BTreeMap::new(),
            answers: Answers::new(),
            quiz_seed: 0,
            ways: BTreeMap::new(),
            hands: BTreeMap::new(),
            terminal: Vec::new(),
            last_step: None,
            plans: BTreeMap::new(),
            checks: BTreeMap::new(),
            teardown: None,
            calls: None,
            watch: Watch::default(),
            asking: BTreeSet::new(),
            work: None,
            next_task: 1,
            clock: None,
            now: 0,
            frame: 0,
            ascii: start.ascii,
            keymap: start.keymap,
            size: (80, 24),
            toast: None,
        };
        let mut stack = ScreenStack::new(Box::new(Home::default()));
        let replays = start.monitor.as_ref().is_some_and(|monitor| monitor.replay.is_some());
        if let Some(monitor) = start.monitor {
            stack.push(Box::new(monitor.group.as_deref().map_or_else(Monitor::default, Monitor::of)));
            if let Some(history) = monitor.replay {
                // A recording needs no cloud.
                ctx.opening = Opening::Ready;
                ctx.now = history.at;
                ctx.watch.history = Some(history);
                ctx.watch.replay = true;
            }
        }
        let app = Self {
            ctx,
            stack,
            spots: Vec::new(),
            resume: start.resume,
            queries: BTreeMap::new(),
            told: None,
            quitting: false,
        };
        (app, if replays { Vec::new() } else { vec![Effect::Open] })
    }

    /// Whether the program is to end.
    pub const fn is_quitting(&self) -> bool {
        self.quitting
    }

    /// Lets the sentence at the bottom go when it has been there long enough.
    fn age_toast(&mut self) {
        let frame = self.ctx.frame;
        self.told = match (self.told.take(), &self.ctx.toast) {
            (Some((told, since)), Some(toast)) if told == *toast => Some((told, since)),
            (_, toast) => toast.clone().map(|toast| (toast, frame)),
        };
        if self.told.as_ref().is_some_and(|(_, since)| frame.saturating_sub(*since) >= TOAST) {
            self.hush();
        }
    }

    /// Takes the sentence at the bottom away.
    fn hush(&mut self) {
        self.ctx.toast = None;
        self.told = None;
    }

    /// Whether a text field has the keys.
    pub fn edits_text(&self) -> bool {
        self.stack.top().edits_text()
    }

    /// How often to draw while nothing happens, in milliseconds; `None` when the screen stands still.
    pub fn animates(&self) -> Option<u64> {
        // A spinner and a moving clock are shown only while something is waited for.
        let waiting = self.ctx.working().is_some() || self.ctx.opening == Opening::Opening;
        let own = self.stack.top().animates(&self.ctx);
        // The sentence at the bottom makes room for the keys again.
        let own = if self.ctx.toast.is_some() { Some(own.unwrap_or(TOAST).min(TOAST)) } else { own };
        if waiting { Some(own.unwrap_or(200).min(200)) } else { own }
    }

    /// How often to look at the cloud while nothing is asked, in milliseconds; `None` when nothing there is changing.
    pub fn looks_again(&self) -> Option<u64> {
        use crate::lab::world::Health;
        let changing = self.ctx.survey.as_ref().is_some_and(|survey| {
            survey.rows.iter().any(|row| matches!(row.health, Some(Health::Pending | Health::Deleting)))
        });
        // What takes many minutes is not looked at every few seconds; practice minutes are short.
        let hurry = self.ctx.is_practice()
            || self.ctx.survey.as_ref().is_some_and(|survey| {
                let changes = |health| matches!(health, Some(Health::Pending | Health::Deleting));
                survey.rows.iter().any(|row| changes(row.health) && !self.ctx.takes_long(&row.key))
            });
        (changing && self.ctx.opening == Opening::Ready).then_some(if hurry { 3_000 } else { 20_000 })
    }

    /// How long after its last look the screen that is shown looks again, in milliseconds; `None` when it does not. A
    /// screen that is covered by another page looks at nothing.
    pub fn watches(&self) -> Option<u64> {
        self.stack.page().watches(&self.ctx)
    }
}
