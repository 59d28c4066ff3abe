//! From what was pressed to the screen that answers it.

use std::time::Duration;

use crate::app::App;
use crate::course::model::Step;
use crate::i18n::Text;
use crate::input::{Action, Code, Context, Edit, Input, Key};
use crate::screens::ctx::Opening;
use crate::screens::effect::ClockOrder;
use crate::screens::{Ask, Effect, News, Offer, Screen, Spot, confirm, for_action, spot_at};

/// The slowest and the fastest practice clock, practice seconds per second.
const SPEEDS: [f64; 7] = [1.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];

impl App {
    pub(super) fn input(&mut self, input: Input, effects: &mut Vec<Effect>) {
        match input {
            Input::Key(key) => self.key(key, effects),
            Input::Click(column, row) => match spot_at(&self.spots, column, row) {
                Some(Spot::Action(action)) => {
                    self.hush();
                    self.act(action, effects);
                }
                Some(Spot::Row(row)) => {
                    self.hush();
                    let asks = self.stack.top_mut().click(row, &self.ctx);
                    self.answer(asks, effects);
                }
                None => {}
            },
            Input::Wheel(_, _, lines) => {
                let asks = self.stack.top_mut().wheel(lines, &self.ctx);
                self.answer(asks, effects);
            }
            Input::Paste(text) => {
                if self.stack.top().edits_text() {
                    for sign in text.chars().filter(|sign| !sign.is_control()) {
                        let asks = self.stack.top_mut().edit(Edit::Insert(sign), &self.ctx);
                        self.answer(asks, effects);
                    }
                }
            }
            Input::Resize(columns, rows) => self.ctx.size = (columns, rows),
            Input::Focus(_) => {}
        }
    }

    fn key(&mut self, key: Key, effects: &mut Vec<Effect>) {
        self.hush();
        if self.stack.top().edits_text() && !key.alt {
            let edit = match (key.code, key.ctrl) {
                // As in a shell.
                (Code::Char('u'), true) => Some(Edit::Clear),
                (_, true) => None,
                (Code::Char(sign), _) => Some(Edit::Insert(sign)),
                (Code::Backspace, _) => Some(Edit::Backspace),
                (Code::Delete, _) => Some(Edit::Clear),
                _ => None,
            };
            if let Some(edit) = edit {
                let asks = self.stack.top_mut().edit(edit, &self.ctx);
                return self.answer(asks, effects);
            }
        }
        if let Some(action) = self.ctx.keymap.action(self.stack.top().context(), key) {
            self.act(action, effects);
        }
    }

    /// Does a named action.
    pub fn act(&mut self, action: Action, effects: &mut Vec<Effect>) {
        match action {
            Action::Interrupt => return self.interrupt(effects),
            Action::Language => {
                self.ctx.look.lang = self.ctx.look.lang.other();
                effects.push(Effect::Language(self.ctx.look.lang));
                return;
            }
            Action::Slower | Action::Faster => return self.turn_clock(action == Action::Faster, effects),
            Action::Skip => {
                if self.ctx.clock.is_some() {
                    effects.push(Effect::Clock(ClockOrder::Advance(Duration::from_secs(60))));
                    self.ctx.toast =
                        Some(Text::new("연습 시계를 1분 앞으로 돌렸습니다", "The practice clock is one minute on"));
                }
                return;
            }
            Action::StopWaiting => {
                if let Some(id) = self.ctx.working().map(|work| work.id) {
                    self.ask(Effect::Cancel(id), effects);
                }
                return;
            }
            _ => {}
        }
        let own = self.stack.top().offers(&self.ctx).iter().any(|offer| offer.action == action);
        let moves = matches!(
            action,
            Action::Up | Action::Down | Action::PageUp | Action::PageDown | Action::First | Action::Last
        );
        if own || moves {
            let asks = self.stack.top_mut().act(action, &self.ctx);
            return self.answer(asks, effects);
        }
        match action {
            Action::Back if self.stack.depth() > 0 => self.answer(vec![Ask::Back], effects),
            // Leaving a pop-up is not leaving the program.
            Action::Quit if self.stack.top().is_popup() => self.answer(vec![Ask::Back], effects),
            Action::Quit => self.answer(vec![Ask::Quit], effects),
            // A pop-up is answered before anything else is opened.
            _ if self.stack.top().is_popup() => {}
            _ => {
                let here = self.offers();
                // A screen that is open already is not opened again.
                let open = self.stack.top().context();
                if let Some(screen) = for_action(action, &here).filter(|screen| screen.context() != open) {
                    self.push(screen, effects);
                }
            }
        }
    }

    fn interrupt(&mut self, effects: &mut Vec<Effect>) {
        let running = self.ctx.working().filter(|work| !work.cancelling).map(|work| work.id);
        match running {
            Some(id) => {
                self.ask(Effect::Cancel(id), effects);
                self.ctx.toast = Some(Text::new(
                    "멈추는 중입니다. 만들어진 것은 그대로 있습니다. 한 번 더 누르면 나갑니다",
                    "Stopping. What was made stays. Press again to leave",
                ));
            }
            None => self.leave(effects),
        }
    }

    fn turn_clock(&mut self, faster: bool, effects: &mut Vec<Effect>) {
        let Some(clock) = self.ctx.clock else { return };
        let next = if faster {
            SPEEDS.iter().copied().find(|speed| *speed > clock.speed)
        } else {
            SPEEDS.iter().rev().copied().find(|speed| *speed < clock.speed)
        };
        if let Some(speed) = next {
            effects.push(Effect::Clock(ClockOrder::Speed(speed)));
        }
    }

    /// Does what a screen asked for.
    pub(super) fn answer(&mut self, asks: Vec<Ask>, effects: &mut Vec<Effect>) {
        for ask in asks {
            match ask {
                Ask::Push(screen) => self.push(screen, effects),
                Ask::Replace(screen) => {
                    self.stack.pop();
                    if let Some(step) = screen.step() {
                        self.stack.top_mut().follow(step, &self.ctx);
                    }
                    self.push(screen, effects);
                }
                Ask::Back => self.stack.pop(),
                Ask::BackAnd(action) => {
                    self.stack.pop();
                    self.act(action, effects);
                }
                Ask::Home => self.stack.clear(),
                Ask::Query(query) => self.query(query, effects),
                Ask::Do(effect) => self.ask(effect, effects),
                Ask::Say(text) => self.ctx.toast = Some(text),
                Ask::Quit if self.ctx.working().is_some() && self.stack.top().context() != Context::Confirm => {
                    self.push(Box::new(confirm::Confirm::quit(&self.ctx)), effects);
                }
                Ask::Quit => self.leave(effects),
            }
        }
    }

    fn push(&mut self, screen: Box<dyn Screen>, effects: &mut Vec<Effect>) {
        self.stack.push(screen);
        // A new screen asks for what it shows.
        let asks = self.stack.top_mut().opened(&self.ctx);
        self.answer(asks, effects);
    }

    /// Tells every screen what has changed.
    pub(super) fn tell(&mut self, news: &News, effects: &mut Vec<Effect>) {
        let ctx = &self.ctx;
        let asks: Vec<Ask> = self.stack.iter_mut().flat_map(|screen| screen.told(news, ctx)).collect();
        self.answer(asks, effects);
    }

    /// Opens the first unfinished step, of a chapter, section or step, or of the whole course.
    pub(super) fn resume(&mut self, chapter: Option<&str>, effects: &mut Vec<Effect>) {
        if let Some(step) = self.ctx.resume_step(chapter).map(|step: &Step| step.id.clone()) {
            self.stack.clear();
            for screen in crate::screens::way_to_step(&step, &self.ctx) {
                self.push(screen, effects);
            }
        } else if self.ctx.opening == Opening::Ready {
            self.ctx.toast = Some(Text::new("모든 단계를 마쳤습니다", "Every step is done"));
        }
    }

    /// What can be done now: the screen's own offers, then the app's.
    pub fn offers(&self) -> Vec<Offer> {
        let top = self.stack.top();
        let mut offers = top.offers(&self.ctx);
        let mut add = |offer: Offer| {
            if !offers.iter().any(|known| known.action == offer.action) {
                offers.push(offer);
            }
        };
        if self.ctx.working().is_some_and(|work| !work.cancelling) {
            add(Offer::new(Action::StopWaiting, 35));
        }
        if self.stack.depth() > 0 {
            add(Offer::new(Action::Back, 60));
        }
        if !top.is_popup() && !top.edits_text() {
            for (action, priority) in [
                (Action::Resources, 30),
                (Action::Cleanup, 25),
                (Action::OpenMonitor, 14),
                (Action::Log, 15),
                (Action::Search, 10),
                (Action::Palette, 20),
                (Action::Help, 50),
            ] {
                // A screen that is open already is not opened again.
                if for_action(action, &[]).is_some_and(|screen| screen.context() != top.context()) {
                    add(Offer::new(action, priority));
                }
            }
            if self.ctx.clock.is_some() {
                for action in [Action::Slower, Action::Faster, Action::Skip] {
                    add(Offer::new(action, if self.ctx.working().is_some() { 28 } else { 0 }));
                }
            }
            add(Offer::new(Action::Language, 12));
            add(Offer::new(Action::Quit, if self.stack.depth() == 0 { 55 } else { 5 }));
        }
        offers
    }
}
