//! The screens that are open, the home screen at the bottom.

use crate::screens::Screen;

/// A stack that is never empty.
pub struct ScreenStack {
    bottom: Box<dyn Screen>,
    above: Vec<Box<dyn Screen>>,
}

impl ScreenStack {
    /// A stack with only the home screen.
    pub const fn new(bottom: Box<dyn Screen>) -> Self {
        Self { bottom, above: Vec::new() }
    }

    /// The screen that has the keys.
    pub fn top(&self) -> &dyn Screen {
        self.above.last().unwrap_or(&self.bottom).as_ref()
    }

    /// The screen that has the keys.
    pub fn top_mut(&mut self) -> &mut dyn Screen {
        self.above.last_mut().unwrap_or(&mut self.bottom).as_mut()
    }

    /// The topmost screen that is not a pop-up.
    pub fn page(&self) -> &dyn Screen {
        self.above.iter().rev().find(|screen| !screen.is_popup()).unwrap_or(&self.bottom).as_ref()
    }

    /// The topmost screen that is not a pop-up.
    pub fn page_mut(&mut self) -> &mut dyn Screen {
        self.above.iter_mut().rev().find(|screen| !screen.is_popup()).unwrap_or(&mut self.bottom).as_mut()
    }

    /// Opens a screen.
    pub fn push(&mut self, screen: Box<dyn Screen>) {
        self.above.push(screen);
    }

    /// Opens a screen in place of the top one; the home screen stays.
    pub fn replace(&mut self, screen: Box<dyn Screen>) {
        self.above.pop();
        self.above.push(screen);
    }

    /// Closes the top screen. Nothing happens on the home screen.
    pub fn pop(&mut self) {
        self.above.pop();
    }

    /// Closes everything above the home screen.
    pub fn clear(&mut self) {
        self.above.clear();
    }

    /// How many screens are open above the home screen.
    pub const fn depth(&self) -> usize {
        self.above.len()
    }

    /// All screens, from the bottom.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Box<dyn Screen>> {
        std::iter::once(&mut self.bottom).chain(&mut self.above)
    }

    /// What is seen: the topmost page and the pop-ups over it, from the bottom.
    pub fn visible_mut(&mut self) -> impl Iterator<Item = &mut Box<dyn Screen>> {
        let from = self.above.iter().rposition(|screen| !screen.is_popup());
        let bottom = from.is_none().then_some(&mut self.bottom);
        bottom.into_iter().chain(self.above.iter_mut().skip(from.unwrap_or(0)))
    }
}
