//! The program under a pseudo-terminal: every way out leaves a sane terminal, and an idle screen writes nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
#![cfg(unix)]

mod hand;
mod monitor;

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtyPair, PtySize, native_pty_system};

const PATIENCE: Duration = Duration::from_secs(60);

/// The program in a terminal of 80x24.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    /// The slave stays open: its last close would reset the modes that are looked at.
    pair: PtyPair,
    writer: Box<dyn Write + Send>,
    bytes: Receiver<Vec<u8>>,
    parser: vt100::Parser,
    seen: usize,
    home: tempfile::TempDir,
}

impl Terminal {
    fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::run(env!("CARGO_BIN_EXE_awslab"), arguments, environment)
    }

    fn run(program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::at(tempfile::tempdir().unwrap(), program, arguments, environment)
    }

    /// With state of its own that is there already.
    fn at(home: tempfile::TempDir, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.args(arguments);
        command.env("AWSLAB_HOME", home.path());
        command.env("AWSLAB_LANG", "en");
        command.env("TERM", "xterm-256color");
        for (name, value) in environment {
            command.env(name, value);
        }
        let child = pair.slave.spawn_command(command).unwrap();
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (to, bytes) = channel();
        std::thread::spawn(move || {
            let mut chunk = [0; 65536];
            while let Ok(count @ 1..) = reader.read(&mut chunk) {
                if to.send(chunk[..count].to_vec()).is_err() {
                    return;
                }
            }
        });
        let writer = pair.master.take_writer().unwrap();
        let parser = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
        Self { child, pair, writer, bytes, parser, seen: 0, home }
    }

    /// Takes in what comes for a while.
    fn read_for(&mut self, time: Duration) {
        let end = Instant::now() + time;
        loop {
            match self.bytes.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(bytes) => {
                    self.seen += bytes.len();
                    self.parser.process(&bytes);
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    fn until(&mut self, text: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.parser.screen().contents().contains(text) {
            assert!(Instant::now() < end, "never saw {text:?}:\n{}", self.parser.screen().contents());
            self.read_for(Duration::from_millis(20));
        }
    }

    fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    fn kill(&self, signal: &str) {
        let id = self.child.process_id().unwrap().to_string();
        assert!(std::process::Command::new("kill").args([signal, &id]).status().unwrap().success());
    }

    /// Waits for the end, and holds that the terminal is as it was: main screen, cursor, no mouse, cooked mode.
    fn ends_sane(&mut self) -> u32 {
        let end = Instant::now() + PATIENCE;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < end, "it does not end:\n{}", self.parser.screen().contents());
            self.read_for(Duration::from_millis(20));
        };
        self.read_for(Duration::from_millis(200));
        let screen = self.parser.screen();
        assert!(!screen.alternate_screen(), "left on the alternate screen");
        assert!(!screen.hide_cursor(), "left without a cursor");
        assert!(!screen.bracketed_paste(), "left with bracketed paste");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "left with the mouse");
        let modes = format!("{:?}", self.pair.master.get_termios().expect("a terminal has modes").local_flags);
        assert!(modes.contains("ICANON") && modes.contains("ECHO"), "left in raw mode: {modes}");
        status.exit_code()
    }
}

#[test]
fn it_starts_and_quits() {
    let mut terminal = Terminal::start(&[], &[]);
    terminal.until("Nothing is running");
    assert!(terminal.parser.screen().alternate_screen());
    terminal.press("q");
    assert_eq!(terminal.ends_sane(), 0);
}

#[test]
fn a_server_is_entered_and_left_again() {
    let home = tempfile::tempdir().unwrap();
    let built = std::process::Command::new(env!("CARGO_BIN_EXE_awslab"))
        .args(["run", "vpc.bastion", "--yes", "--speed", "2000"])
        .env("AWSLAB_HOME", home.path())
        .output()
        .unwrap();
    assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    let mut terminal = Terminal::at(home, env!("CARGO_BIN_EXE_awslab"), &["resume", "vpc.bastion.reach"], &[]);
    terminal.until("s connect");
    // The price comes with the first look, and so does the server to be entered.
    terminal.until("/h");
    terminal.press("s");
    terminal.until("[root@ip-10-1-");
    assert!(terminal.parser.screen().contents().contains("exit leaves"), "{}", terminal.parser.screen().contents());
    terminal.press("exit\n");
    terminal.until("s connect");
    terminal.press("q");
    assert_eq!(terminal.ends_sane(), 0);
}

#[test]
fn an_idle_screen_writes_nothing() {
    let mut terminal = Terminal::start(&[], &[]);
    terminal.until("Nothing is running");
    terminal.read_for(Duration::from_millis(500));
    let before = terminal.seen;
    terminal.read_for(Duration::from_secs(4));
    assert_eq!(terminal.seen, before, "bytes were written while nothing happened");
    terminal.press("q");
    terminal.ends_sane();
}

#[test]
fn sigterm_and_sighup_give_the_terminal_back() {
    for signal in ["-TERM", "-HUP"] {
        let mut terminal = Terminal::start(&[], &[]);
        terminal.until("Nothing is running");
        terminal.kill(signal);
        assert_eq!(terminal.ends_sane(), 143, "{signal}");
    }
}

#[test]
fn it_leaves_when_the_terminal_is_gone_and_nobody_sends_sighup() {
    let home = tempfile::tempdir().unwrap();
    let size = PtySize { rows: 24, cols: 80, pixel_width: 0, pixel_height: 0 };
    let PtyPair { slave, master } = native_pty_system().openpty(size).unwrap();
    // The session's leader, which gets the signal, is a shell that keeps it to itself.
    let mut command = CommandBuilder::new("sh");
    command.args(["-c", r#"trap : HUP; "$0"; echo "$?" > "$AWSLAB_HOME/code""#, env!("CARGO_BIN_EXE_awslab")]);
    for (name, value) in
        [("AWSLAB_HOME", home.path().to_str().unwrap()), ("AWSLAB_LANG", "en"), ("TERM", "xterm-256color")]
    {
        command.env(name, value);
    }
    let mut child = slave.spawn_command(command).unwrap();
    drop(slave);
    let mut reader = master.try_clone_reader().unwrap();
    let mut parser = vt100::Parser::new(24.try_into().unwrap(), 80.try_into().unwrap(), 0);
    let mut chunk = [0; 65536];
    while !parser.screen().contents().contains("Nothing is running") {
        let count = reader.read(&mut chunk).unwrap();
        assert!(count > 0, "it ended: {}", parser.screen().contents());
        parser.process(&chunk[..count]);
    }
    drop((reader, master));
    let end = Instant::now() + PATIENCE;
    while child.try_wait().unwrap().is_none() {
        assert!(Instant::now() < end, "it stays without a terminal");
        std::thread::sleep(Duration::from_millis(20));
    }
    assert_eq!(std::fs::read_to_string(home.path().join("code")).unwrap().trim(), "143");
}

/// Not a test by itself: the next one runs it under a pseudo-terminal.
#[test]
#[ignore = "run by a_panic_gives_the_terminal_back_and_is_told"]
fn takes_the_terminal_and_panics() {
    use awslab::term::{Surface, Tty, guard_against_panics};
    guard_against_panics();
    let mut tty = Tty::take().unwrap();
    tty.draw(&mut |_, _| {}).unwrap();
    // A panic elsewhere leaves the screen alone.
    assert!(std::thread::spawn(|| panic!("elsewhere")).join().is_err());
    tty.draw(&mut |area, buffer| buffer.set_string(area.x, area.y, "still here", ratatui::style::Style::new()))
        .unwrap();
    std::thread::sleep(Duration::from_millis(500));
    panic!("on purpose");
}

#[test]
fn a_panic_gives_the_terminal_back_and_is_told() {
    let this = std::env::current_exe().unwrap();
    let arguments = ["--ignored", "--exact", "--nocapture", "--test-threads=1", "pty::takes_the_terminal_and_panics"];
    let mut terminal = Terminal::run(this.to_str().unwrap(), &arguments, &[("RUST_BACKTRACE", "0")]);
    terminal.until("still here");
    let screen = terminal.parser.screen();
    assert!(screen.alternate_screen(), "a panic of another thread took the screen away");
    assert!(!screen.contents().contains("elsewhere"), "a panic of another thread was written over the screen");
    assert_eq!(terminal.ends_sane(), 101);
    let told = terminal.parser.screen().contents();
    assert!(told.contains("on purpose"), "{told}");
}

#[test]
fn ctrl_c_leaves_when_nothing_is_under_way() {
    let mut terminal = Terminal::start(&[], &[]);
    terminal.until("Nothing is running");
    terminal.press("\u{3}");
    assert_eq!(terminal.ends_sane(), 0);
}

#[test]
fn no_color_means_no_colour() {
    let mut terminal = Terminal::start(&[], &[("NO_COLOR", "1")]);
    terminal.until("Nothing is running");
    let screen = terminal.parser.screen();
    for row in 0..24 {
        for column in 0..80 {
            let cell = screen.cell(row, column).unwrap();
            assert_eq!((cell.fgcolor(), cell.bgcolor()), (vt100::Color::Default, vt100::Color::Default));
        }
    }
    terminal.press("q");
    terminal.ends_sane();
}
