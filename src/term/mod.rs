//! The terminal: taking it over, giving it back, and what it is asked for beside cells.
//!
//! Promises: the terminal is given back on every way out (end, error, panic of the UI thread, signals through
//! `runtime`), and giving it back twice does no harm. A panic of another thread leaves the screen alone and goes to the
//! log. Leaves to others: what is drawn (`app`), when (`runtime`).

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::mem::ManuallyDrop;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::ThreadId;

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{
    DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste, EnableFocusChange,
    EnableMouseCapture,
};
use crossterm::terminal::{
    BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, SetTitle,
    disable_raw_mode, enable_raw_mode,
};
use crossterm::{cursor, execute, queue};
use ratatui::Terminal;
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// Whether the terminal is ours now.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// The thread that draws.
static UI_THREAD: OnceLock<ThreadId> = OnceLock::new();

/// Where frames go: the terminal, or a buffer in tests.
pub trait Surface {
    /// Draws one frame with `view`.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn draw(&mut self, view: &mut dyn FnMut(Rect, &mut Buffer)) -> io::Result<()>;

    /// Columns and rows.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn size(&self) -> io::Result<(u16, u16)>;

    /// Gives the terminal to another program for a while.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn suspend(&mut self) -> io::Result<()>;

    /// Takes it back; the next frame draws everything anew.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn resume(&mut self) -> io::Result<()>;

    /// Puts text on the learner's clipboard (OSC 52), as far as the terminal allows it.
    ///
    /// # Errors
    /// When the terminal is gone.
    fn copy(&mut self, text: &str) -> io::Result<()>;
}

/// The learner's terminal, ours until this is dropped.
pub struct Tty {
    /// Never dropped: ratatui's terminal shows the cursor then (so do we), and prints that it cannot, which panics where
    /// standard error is the very terminal that is gone.
    terminal: ManuallyDrop<Terminal<CrosstermBackend<BufWriter<Stdout>>>>,
}

impl Tty {
    /// Takes the terminal over.
    ///
    /// # Errors
    /// When standard output or input is no terminal.
    pub fn take() -> io::Result<Self> {
        if !io::stdout().is_terminal() || !io::stdin().is_terminal() {
            return Err(io::Error::other("not a terminal"));
        }
        take_over()?;
        let backend = CrosstermBackend::new(BufWriter::with_capacity(64 * 1024, io::stdout()));
        let terminal = Terminal::new(backend);
        if terminal.is_err() {
            give_back();
        }
        Ok(Self { terminal: ManuallyDrop::new(terminal?) })
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        give_back();
    }
}

impl Surface for Tty {
    fn draw(&mut self, view: &mut dyn FnMut(Rect, &mut Buffer)) -> io::Result<()> {
        // The terminal shows the frame at once, not as it trickles in.
        queue!(self.terminal.backend_mut(), BeginSynchronizedUpdate)?;
        self.terminal.draw(|frame| {
            let area = frame.area();
            view(area, frame.buffer_mut());
        })?;
        execute!(self.terminal.backend_mut(), EndSynchronizedUpdate)
    }

    fn size(&self) -> io::Result<(u16, u16)> {
        self.terminal.size().map(|size| (size.width, size.height))
    }

    fn suspend(&mut self) -> io::Result<()> {
        give_back();
        Ok(())
    }

    fn resume(&mut self) -> io::Result<()> {
        take_over()?;
        // Not `Terminal::clear`, which asks the terminal where its cursor is: the answer may never come, or come late and be
        // taken for what somebody types.
        self.terminal.backend_mut().clear()?;
        self.terminal.swap_buffers();
        Ok(())
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))
    }
}

fn take_over() -> io::Result<()> {
    enable_raw_mode()?;
    TAKEN.store(true, Ordering::SeqCst);
    execute!(
        io::stdout(),
        EnterAlternateScreen,
        SetTitle("awslab"),
        EnableMouseCapture,
        EnableBracketedPaste,
        EnableFocusChange,
        cursor::Hide
    )
}

/// Gives the terminal back. Errors are of no use here: there is nowhere left to tell them.
pub fn give_back() {
    if !TAKEN.swap(false, Ordering::SeqCst) {
        return;
    }
    let mut out = io::stdout();
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        DisableFocusChange,
        DisableBracketedPaste,
        DisableMouseCapture,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
    let _ = out.flush();
}

/// From now on a panic of this thread gives the terminal back before it is told; one of another thread, while the
/// full screen is shown, only goes to the log: writing it would ruin the screen.
pub fn guard_against_panics() {
    if UI_THREAD.set(std::thread::current().id()).is_err() {
        return;
    }
    let told_before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        let ours = UI_THREAD.get() == Some(&std::thread::current().id());
        tracing::error!("{panic}");
        if ours {
            give_back();
        }
        if ours || !TAKEN.load(Ordering::SeqCst) {
            told_before(panic);
        }
    }));
}

/// Whether the environment asks for ASCII marks: `AWSLAB_ASCII=1`, or a terminal that has no more.
pub fn wants_ascii() -> bool {
    let set = |name: &str| std::env::var(name).unwrap_or_default();
    matches!(set("AWSLAB_ASCII").as_str(), "1" | "true") || matches!(set("TERM").as_str(), "linux" | "dumb" | "vt100")
}

/// Whether the environment asks for no colour (<https://no-color.org>).
pub fn wants_no_color() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
}
