//! The screens: one file a screen, with its state, what it does on an action, and how it looks.
//!
//! Promises: pure (no tokio, no AWS, no files, no clock reads): a screen reads [`Ctx`], asks for things with [`Ask`],
//! and draws itself into an area. Leaves to others: the stack of screens and the model (`app`), doing what is asked
//! (`runtime`).
//!
//! To add a screen: one new file with a type that implements [`Screen`], and a line in [`for_action`] (or a push from
//! another screen) that opens it. Its keys are actions of `input::action`.

pub mod chapter;
pub mod cleanup;
pub mod confirm;
pub mod ctx;
pub mod domain;
pub mod effect;
pub mod frame;
pub mod help;
pub mod home;
pub mod log;
pub mod monitor;
pub mod palette;
pub mod player;
pub mod quiz;
pub mod resources;
pub mod search;
pub mod step;
pub mod words;

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

pub use ctx::{Ctx, Opening, Work, WorkKind};
pub use effect::{Effect, News, Query};

use crate::i18n::Text;
use crate::input::{Action, Context, Edit};

/// A screen, or a pop-up over one.
pub trait Screen {
    /// Which keys are its own.
    fn context(&self) -> Context;

    /// Where the learner is, for the top line: `["3 VPC", "3.2 Network"]`. Empty on the home screen.
    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        let _ = ctx;
        Vec::new()
    }

    /// The step that is shown, when it is one.
    fn step(&self) -> Option<&str> {
        None
    }

    /// A step was opened above this screen in place of another: whoever comes back wants to find it selected.
    fn follow(&mut self, step: &str, ctx: &Ctx) {
        let _ = (step, ctx);
    }

    /// What can be done now, for footer and help. Actions that are not offered here or by the app do nothing.
    fn offers(&self, ctx: &Ctx) -> Vec<Offer>;

    /// A named action of this screen, or a moving one ([`Action::Up`], ...).
    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask>;

    /// Whether letters are text here and not keys.
    fn edits_text(&self) -> bool {
        false
    }

    /// A change of the text; only when [`Screen::edits_text`].
    fn edit(&mut self, edit: Edit, ctx: &Ctx) -> Vec<Ask> {
        let _ = (edit, ctx);
        Vec::new()
    }

    /// A click on something that was registered with [`Canvas::spot`] as [`Spot::Row`].
    fn click(&mut self, row: usize, ctx: &Ctx) -> Vec<Ask> {
        let _ = (row, ctx);
        Vec::new()
    }

    /// The wheel, in lines; negative is up.
    fn wheel(&mut self, lines: i16, ctx: &Ctx) -> Vec<Ask> {
        let action = if lines < 0 { Action::Up } else { Action::Down };
        (0..lines.unsigned_abs()).flat_map(|_| self.act(action, ctx)).collect()
    }

    /// The screen was just opened: what it needs to show something.
    fn opened(&mut self, ctx: &Ctx) -> Vec<Ask> {
        let _ = ctx;
        Vec::new()
    }

    /// Something in [`Ctx`] has changed. Every screen of the stack is told, also those below.
    fn told(&mut self, news: &News, ctx: &Ctx) -> Vec<Ask> {
        let _ = (news, ctx);
        Vec::new()
    }

    /// Draws into `area` of the canvas (between the top line and the footer). It may remember its layout (how far one
    /// can scroll), nothing else.
    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>);

    /// The time of what is shown, for the top line, when the screen has one of its own.
    fn time(&self, ctx: &Ctx) -> Option<i64> {
        let _ = ctx;
        None
    }

    /// How long after its last look it looks at the cloud again, in milliseconds. `None`: it does not.
    fn watches(&self, ctx: &Ctx) -> Option<u64> {
        let _ = ctx;
        None
    }

    /// It is time to look again.
    fn look(&mut self, ctx: &Ctx) -> Vec<Ask> {
        let _ = ctx;
        Vec::new()
    }

    /// Whether it is a pop-up: the screen below is drawn first.
    fn is_popup(&self) -> bool {
        false
    }

    /// How often it wants to be drawn while nothing happens, in milliseconds. `None`: never.
    fn animates(&self, ctx: &Ctx) -> Option<u64> {
        let _ = ctx;
        None
    }
}

/// An action that can be done now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub action: Action,
    /// The footer's word, when another than the catalogue's tells more here.
    pub word: Option<(&'static str, &'static str)>,
    /// Higher ones stay when the footer is narrow. 0 is never in the footer, only in the help.
    pub priority: u8,
}

impl Offer {
    /// An action with the catalogue's word.
    pub const fn new(action: Action, priority: u8) -> Self {
        Self { action, word: None, priority }
    }

    /// With another word, Korean and English.
    #[must_use]
    pub const fn called(mut self, ko: &'static str, en: &'static str) -> Self {
        self.word = Some((ko, en));
        self
    }
}

/// What a screen asks of the app.
pub enum Ask {
    /// Open a screen over this one.
    Push(Box<dyn Screen>),
    /// Open a screen in place of this one.
    Replace(Box<dyn Screen>),
    /// Close this screen.
    Back,
    /// Close this screen, and do the action on the one below (the palette).
    BackAnd(Action),
    /// Close everything above the home screen.
    Home,
    /// Look at something.
    Query(Query),
    /// Do something outside.
    Do(Effect),
    /// Say a sentence at the bottom until the next key.
    Say(Text),
    /// Leave the program.
    Quit,
}

impl std::fmt::Debug for Ask {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Push(screen) => write!(f, "Push({:?})", screen.context()),
            Self::Replace(screen) => write!(f, "Replace({:?})", screen.context()),
            Self::Back => f.write_str("Back"),
            Self::BackAnd(action) => write!(f, "BackAnd({action:?})"),
            Self::Home => f.write_str("Home"),
            Self::Query(query) => write!(f, "Query({query:?})"),
            Self::Do(effect) => write!(f, "Do({effect:?})"),
            Self::Say(text) => write!(f, "Say({:?})", text.en),
            Self::Quit => f.write_str("Quit"),
        }
    }
}

/// What a place on the screen does when it is clicked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spot {
    /// The same as the action's key.
    Action(Action),
    /// [`Screen::click`] with this number.
    Row(usize),
}

/// Where a screen draws, and where it says what can be clicked.
pub struct Canvas<'a> {
    /// The cells.
    pub buf: &'a mut Buffer,
    spots: &'a mut Vec<(Rect, Spot)>,
}

impl<'a> Canvas<'a> {
    /// A canvas over a buffer.
    pub const fn new(buf: &'a mut Buffer, spots: &'a mut Vec<(Rect, Spot)>) -> Self {
        Self { buf, spots }
    }

    /// Makes an area clickable. Later ones lie over earlier ones.
    pub fn spot(&mut self, area: Rect, spot: Spot) {
        self.spots.push((area, spot));
    }

    /// Makes everything drawn so far unclickable (before a pop-up is drawn).
    pub fn cover(&mut self) {
        self.spots.clear();
    }
}

/// What lies at a cell.
pub fn spot_at(spots: &[(Rect, Spot)], column: u16, row: u16) -> Option<Spot> {
    spots.iter().rev().find(|(area, _)| area.contains(Position::new(column, row))).map(|(_, spot)| *spot)
}

/// The screens that lead to a step, from the home screen: its chapter, then the step.
pub fn way_to_step(step: &str, ctx: &Ctx) -> Vec<Box<dyn Screen>> {
    let mut way: Vec<Box<dyn Screen>> = Vec::new();
    if let Some((chapter, _)) = ctx.course.home_of(step) {
        way.push(Box::new(chapter::ChapterScreen::at(&chapter.id, step, ctx)));
        way.push(Box::new(step::StepScreen::new(step)));
    }
    way
}

/// The screen that an action opens from anywhere. One line a screen. `here` is what can be done on the screen below.
pub fn for_action(action: Action, here: &[Offer]) -> Option<Box<dyn Screen>> {
    Some(match action {
        Action::Resources => Box::new(resources::Resources::default()),
        Action::Cleanup => Box::new(cleanup::Cleanup::everything()),
        Action::Log => Box::new(log::Log::default()),
        Action::OpenMonitor => Box::new(monitor::Monitor::default()),
        Action::Search => Box::new(search::Search::default()),
        Action::Palette => Box::new(palette::Palette::new(here.to_vec())),
        Action::Help => Box::new(help::Help::new(here.to_vec())),
        _ => return None,
    })
}
