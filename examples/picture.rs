//! Makes a picture of the real program: runs it in a pseudo-terminal, types keys, and draws the screen as SVG.
//!
//! ```text
//! cargo run --example picture -- PROGRAM OUT.svg COLUMNSxROWS [ENV=VALUE]... -- [ARGUMENT]... -- [KEYS]...
//! ```
//!
//! KEYS are typed one after the other, each when the screen has been still for a while. `<enter>`, `<esc>`, `<tab>`,
//! `<down>` and `<up>` stand for themselves; `<wait TEXT>` waits until the text is on the screen.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a tool for authors")]

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::num::NonZeroU16;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

/// A screen that has not changed for so long is drawn completely.
const STILL: Duration = Duration::from_millis(700);
/// No text takes longer.
const PATIENCE: Duration = Duration::from_secs(30);
/// A cell in SVG units.
const CELL: (f64, f64) = (8.4, 18.0);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let parts: Vec<&[String]> = arguments.split(|word| word == "--").collect();
    let ([program, out, size, environment @ ..], [program_arguments, keys]) = (parts[0], &parts[1..]) else {
        panic!("usage: picture PROGRAM OUT.svg COLUMNSxROWS [ENV=VALUE]... -- [ARGUMENT]... -- [KEYS]...");
    };
    let (columns, rows) = size.split_once('x').expect("COLUMNSxROWS");
    let (columns, rows): (NonZeroU16, NonZeroU16) = (columns.parse().expect("columns"), rows.parse().expect("rows"));
    let size = PtySize { cols: columns.get(), rows: rows.get(), pixel_width: 0, pixel_height: 0 };

    let pair = native_pty_system().openpty(size).expect("a pseudo-terminal");
    let mut command = CommandBuilder::new(program);
    command.env_clear();
    command.env("PATH", std::env::var("PATH").unwrap_or_default());
    command.env("TERM", "xterm-256color");
    for pair in environment {
        let (name, value) = pair.split_once('=').expect("ENV=VALUE");
        command.env(name, value);
    }
    command.args(program_arguments.iter());
    let mut child = pair.slave.spawn_command(command).expect("the program starts");
    drop(pair.slave);
    let mut writer = pair.master.take_writer().expect("a writer");
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let (send, receive) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 65_536];
        while let Ok(count @ 1..) = reader.read(&mut buffer) {
            if send.send(buffer[..count].to_vec()).is_err() {
                break;
            }
        }
    });

    let mut screen = Screen { parser: vt100::Parser::new(rows, columns, 0), receive };
    screen.settle();
    for key in keys.iter() {
        if let Some(text) = key.strip_prefix("<wait ").and_then(|rest| rest.strip_suffix('>')) {
            screen.wait_for(text);
            continue;
        }
        let typed = match key.as_str() {
            "<enter>" => "\r",
            "<esc>" => "\x1b",
            "<tab>" => "\t",
            "<down>" => "\x1b[B",
            "<up>" => "\x1b[A",
            other => other,
        };
        writer.write_all(typed.as_bytes()).expect("the program reads");
        screen.settle();
    }
    std::fs::write(out, svg(screen.parser.screen())).expect("the picture is written");
    child.kill().expect("the program ends");
    child.wait().expect("the program ends");
}

struct Screen {
    parser: vt100::Parser,
    receive: Receiver<Vec<u8>>,
}

impl Screen {
    /// Reads until nothing has come for a while, or for much longer when something always moves.
    fn settle(&mut self) {
        let begin = Instant::now();
        while begin.elapsed() < STILL * 4 {
            match self.receive.recv_timeout(STILL) {
                Ok(bytes) => self.parser.process(&bytes),
                Err(_) => return,
            }
        }
    }

    fn wait_for(&mut self, text: &str) {
        let begin = Instant::now();
        while !self.parser.screen().contents().contains(text) {
            let left = PATIENCE.checked_sub(begin.elapsed());
            let shown = || self.parser.screen().contents();
            let left = left.unwrap_or_else(|| panic!("{text:?} did not come; the screen shows:\n{}", shown()));
            match self.receive.recv_timeout(left) {
                Ok(bytes) => self.parser.process(&bytes),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => panic!("the program ended; the screen shows:\n{}", shown()),
            }
        }
        self.settle();
    }
}

/// The 16 ANSI colours of a dark terminal.
const ANSI: [&str; 16] = [
    "#1d2021", "#e06c60", "#8fbf6a", "#d7a84f", "#6f9fd8", "#b88ac9", "#62b3a8", "#c9c5b8", "#7c7a72", "#f08a7e",
    "#a9d684", "#ecc46e", "#8fb9ea", "#cfa6dd", "#80cfc4", "#f2efe6",
];
const FOREGROUND: &str = "#d8d4c8";
const BACKGROUND: &str = "#1d2021";

fn colour(colour: vt100::Color, default: &str) -> String {
    match colour {
        vt100::Color::Default => default.to_owned(),
        vt100::Color::Idx(at) if at < 16 => ANSI[usize::from(at)].to_owned(),
        vt100::Color::Idx(at) if at >= 232 => {
            let grey = 8 + (u32::from(at) - 232) * 10;
            format!("#{grey:02x}{grey:02x}{grey:02x}")
        }
        vt100::Color::Idx(at) => {
            let step = |n: u32| if n == 0 { 0 } else { 55 + n * 40 };
            let n = u32::from(at) - 16;
            format!("#{:02x}{:02x}{:02x}", step(n / 36), step(n / 6 % 6), step(n % 6))
        }
        vt100::Color::Rgb(r, g, b) => format!("#{r:02x}{g:02x}{b:02x}"),
    }
}

/// Cells of one look that stand side by side.
struct Run {
    column: u16,
    cells: u16,
    wide: bool,
    look: String,
    text: String,
}

/// The screen as SVG: a rectangle for every cell with a background, and runs of glyphs stretched to their cells.
fn svg(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (u16::from(rows), u16::from(columns));
    let (width, height) = (f64::from(columns) * CELL.0 + 24.0, f64::from(rows) * CELL.1 + 24.0);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.0} {height:.0}\" width=\"{width:.0}\" \
         height=\"{height:.0}\" font-family=\"ui-monospace, 'D2Coding', 'Noto Sans Mono CJK KR', 'DejaVu Sans Mono', \
         monospace\" font-size=\"14\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..rows {
        let y = 12.0 + f64::from(row) * CELL.1;
        let mut runs: Vec<Run> = Vec::new();
        for column in 0..columns {
            let Some(cell) = screen.cell(row, column).filter(|cell| !cell.is_wide_continuation()) else { continue };
            let (mut front, mut back) = (colour(cell.fgcolor(), FOREGROUND), colour(cell.bgcolor(), BACKGROUND));
            if cell.inverse() {
                std::mem::swap(&mut front, &mut back);
            }
            let cells = if cell.is_wide() { 2 } else { 1 };
            if back != BACKGROUND {
                let (x, w) = (12.0 + f64::from(column) * CELL.0, CELL.0 * f64::from(cells) + 0.3);
                let h = CELL.1 + 0.3;
                let _ = writeln!(
                    out,
                    "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" fill=\"{back}\"/>"
                );
            }
            let text = cell.contents();
            if text.trim().is_empty() {
                continue;
            }
            let mut look = format!("fill=\"{front}\"");
            for (set, attribute) in [
                (cell.bold(), " font-weight=\"bold\""),
                (cell.dim(), " opacity=\"0.6\""),
                (cell.underline(), " text-decoration=\"underline\""),
            ] {
                if set {
                    look.push_str(attribute);
                }
            }
            let text = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
            match runs.last_mut() {
                Some(run) if run.look == look && run.wide == cell.is_wide() && run.column + run.cells == column => {
                    run.text.push_str(&text);
                    run.cells += cells;
                }
                _ => runs.push(Run { column, cells, wide: cell.is_wide(), look, text }),
            }
        }
        let base = y + CELL.1 * 0.75;
        for Run { column, cells, look, text, .. } in runs {
            let (x, length) = (12.0 + f64::from(column) * CELL.0, f64::from(cells) * CELL.0);
            let _ = writeln!(
                out,
                "<text x=\"{x:.1}\" y=\"{base:.1}\" textLength=\"{length:.1}\" lengthAdjust=\"spacingAndGlyphs\" {look}>{text}</text>"
            );
        }
    }
    out.push_str("</svg>\n");
    out
}
