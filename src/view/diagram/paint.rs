//! A scene on cells.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;

use crate::view::Look;
use crate::view::mark::Mark;
use crate::view::theme::Role;
use crate::view::widgets::put;

use super::scene::{Scene, Shape};

/// Paints every node in order.
pub fn paint(scene: &Scene, buffer: &mut Buffer, look: &Look) {
    for node in &scene.nodes {
        let area = node.area.intersection(buffer.area);
        if area != node.area || area.is_empty() {
            // A screen that shrank between layout and drawing.
            continue;
        }
        match &node.shape {
            Shape::Box { title, note, mark } => frame(area, title, note, *mark, buffer, look),
            Shape::Door(line, mark) => {
                let style = edge(*mark, look);
                set(buffer, area.x, area.y, "┤", style);
                put(buffer, area.x + 1, area.y, area.width - 2, line.clone());
                set(buffer, area.right() - 1, area.y, "├", style);
            }
            Shape::Text(line) => {
                put(buffer, area.x, area.y, area.width, line.clone());
            }
            Shape::Wire(mark) => {
                for y in area.top()..area.bottom() {
                    set(buffer, area.x, y, if *mark == Mark::NotStarted { "┆" } else { "│" }, edge(*mark, look));
                }
            }
        }
    }
}

/// The look of a line: quiet unless something is wrong or on its way.
fn edge(mark: Mark, look: &Look) -> Style {
    match mark {
        Mark::Ready | Mark::Checked => look.style(Role::Text),
        other => look.style(other.role()),
    }
}

fn set(buffer: &mut Buffer, x: u16, y: u16, sign: &str, style: Style) {
    if let Some(cell) = buffer.cell_mut((x, y)) {
        cell.set_symbol(sign).set_style(style);
    }
}

fn frame(area: Rect, title: &Line<'static>, note: &Line<'static>, mark: Mark, buffer: &mut Buffer, look: &Look) {
    if area.width < 2 || area.height < 2 {
        return;
    }
    let style = edge(mark, look);
    let (horizontal, vertical) = if mark == Mark::NotStarted { ("┄", "┆") } else { ("─", "│") };
    let (left, right, top, bottom) = (area.left(), area.right() - 1, area.top(), area.bottom() - 1);
    for x in left + 1..right {
        set(buffer, x, top, horizontal, style);
        set(buffer, x, bottom, horizontal, style);
    }
    for y in top + 1..bottom {
        set(buffer, left, y, vertical, style);
        set(buffer, right, y, vertical, style);
    }
    set(buffer, left, top, "┌", style);
    set(buffer, right, top, "┐", style);
    set(buffer, left, bottom, "└", style);
    set(buffer, right, bottom, "┘", style);
    for (y, line) in [(top, title), (bottom, note)] {
        if area.width > 4 && !line.spans.is_empty() {
            let mut padded = line.clone();
            padded.spans.insert(0, " ".into());
            padded.spans.push(" ".into());
            put(buffer, left + 1, y, area.width - 2, padded);
        }
    }
}
