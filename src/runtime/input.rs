//! Where terminal events come from: the terminal, or a test.

use std::io;
use std::pin::Pin;
use std::task::Poll;

use crossterm::event::{Event, EventStream, MouseButton, MouseEventKind};
use futures_util::{Stream, StreamExt};

use crate::input::{Input, Key};

/// A stream of terminal events.
pub type Source = Pin<Box<dyn Stream<Item = io::Result<Event>>>>;

/// Terminal events, with a way to stop reading while another program has the terminal.
pub struct Keyboard {
    open: Box<dyn FnMut() -> Source>,
    source: Option<Source>,
}

impl Keyboard {
    /// The terminal of this process.
    pub fn of_terminal() -> Self {
        Self::new(|| Box::pin(EventStream::new()))
    }

    /// Events from somewhere; `open` is called at first and after each pause.
    pub fn new(open: impl FnMut() -> Source + 'static) -> Self {
        Self { open: Box::new(open), source: None }
    }

    /// Stops reading.
    pub fn pause(&mut self) {
        self.source = None;
    }

    fn source(&mut self) -> &mut Source {
        self.source.get_or_insert_with(&mut self.open)
    }

    /// The next event; `None` when the stream has ended.
    pub async fn next(&mut self) -> Option<io::Result<Event>> {
        self.source().next().await
    }

    /// An event that is there already. Polled with the waker of the loop: crossterm's stream keeps the waker of the
    /// first poll that finds nothing, and another one would be woken in vain.
    pub async fn ready(&mut self) -> Option<io::Result<Event>> {
        let source = self.source();
        std::future::poll_fn(|cx| match source.as_mut().poll_next(cx) {
            Poll::Ready(event) => Poll::Ready(event),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }
}

/// What an event means; several keys when an input method hands over a whole syllable. `text` is whether a text field
/// has the keys.
pub fn inputs(event: Event, text: bool) -> Vec<Input> {
    match event {
        Event::Key(key) => Key::of_event(key, text).into_iter().map(Input::Key).collect(),
        Event::Mouse(mouse) => match mouse.kind {
            MouseEventKind::Down(MouseButton::Left) => vec![Input::Click(mouse.column, mouse.row)],
            MouseEventKind::ScrollUp => vec![Input::Wheel(mouse.column, mouse.row, -3)],
            MouseEventKind::ScrollDown => vec![Input::Wheel(mouse.column, mouse.row, 3)],
            _ => Vec::new(),
        },
        Event::Paste(text) => vec![Input::Paste(text)],
        Event::Resize(columns, rows) => vec![Input::Resize(columns, rows)],
        Event::FocusGained => vec![Input::Focus(true)],
        Event::FocusLost => vec![Input::Focus(false)],
    }
}
