//! Pictures of screens, with their styles, as a person would see them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod diagram;
mod hand;
mod monitor;
mod pages;
mod pictures;
mod players;
mod quiz;
mod walk;

use std::fmt::Write as _;

use ratatui::buffer::{Buffer, Cell};
use ratatui::style::{Color, Modifier};
use unicode_width::UnicodeWidthStr;

/// A drawn screen as text: the cells, then the runs of style of each line that has any.
pub fn picture(buffer: &Buffer) -> String {
    let lines = awslab::view::text::plain(buffer);
    let mut out = String::new();
    for line in &lines {
        let _ = writeln!(out, "{line}");
    }
    out.push_str("-- styles\n");
    for y in buffer.area.top()..buffer.area.bottom() {
        let mut runs: Vec<(u16, u16, String)> = Vec::new();
        let mut covered: u16 = 0;
        for x in buffer.area.left()..buffer.area.right() {
            let cell = &buffer[(x, y)];
            if covered > 0 {
                // The right half of a wide sign is drawn with its left half.
                covered -= 1;
                if let Some((_, end, _)) = runs.last_mut() {
                    *end = x;
                }
                continue;
            }
            covered = u16::try_from(cell.symbol().width()).unwrap_or(1).saturating_sub(1);
            let style = name(cell);
            match runs.last_mut() {
                Some((_, end, same)) if *same == style => *end = x,
                _ => runs.push((x, x, style)),
            }
        }
        let told: Vec<String> = runs
            .iter()
            .filter(|(_, _, style)| !style.is_empty())
            .map(
                |(from, to, style)| if from == to { format!("{from} {style}") } else { format!("{from}-{to} {style}") },
            )
            .collect();
        if !told.is_empty() {
            let _ = writeln!(out, "{y:>2}: {}", told.join(", "));
        }
    }
    out
}

fn name(cell: &Cell) -> String {
    let mut parts = Vec::new();
    let color = |color: Color| color.to_string().to_lowercase();
    if cell.fg != Color::Reset {
        parts.push(color(cell.fg));
    }
    if cell.bg != Color::Reset {
        parts.push(format!("on {}", color(cell.bg)));
    }
    for (modifier, word) in [
        (Modifier::BOLD, "bold"),
        (Modifier::DIM, "dim"),
        (Modifier::ITALIC, "italic"),
        (Modifier::UNDERLINED, "underline"),
        (Modifier::REVERSED, "reverse"),
        (Modifier::CROSSED_OUT, "struck"),
    ] {
        if cell.modifier.contains(modifier) {
            parts.push(word.to_owned());
        }
    }
    parts.join("+")
}
