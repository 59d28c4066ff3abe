//! The top line: where am I, on which cloud, at what price.
//!
//! Promises: practice and AWS can never be mistaken for one another (a quiet green word against a reversed bar over the
//! full width); backend, account (on AWS) and price are never cut away, whatever the width.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use crate::lab::facts::Backend;
use crate::view::Look;
use crate::view::format::per_hour;
use crate::view::mark::{DOT, TRAIL};
use crate::view::text::{truncate, width};
use crate::view::theme::Role;

use super::put;

/// What the top line tells.
#[derive(Debug, Clone, PartialEq)]
pub struct Banner<'a> {
    /// The screen's place, outermost first: `3 VPC 실습`, `3.2 네트워크`, `NAT 게이트웨이 (5/8)`.
    pub trail: Vec<String>,
    /// Which cloud.
    pub backend: &'a Backend,
    /// The account; empty while it is not known.
    pub account: &'a str,
    /// The home region.
    pub region: &'a str,
    /// Practice seconds per second; 0 is a paused clock. `None` on AWS.
    pub speed: Option<f64>,
    /// Cloud time, milliseconds since the Unix epoch, when it is known.
    pub now: Option<i64>,
    /// USD an hour of everything in the ledger; `None` while it is not known.
    pub cost_per_hour: Option<f64>,
    /// Whether changes are refused.
    pub read_only: bool,
}

/// A fact at the right, and how soon it may be left out: the greatest goes first, 0 never.
struct Fact {
    text: String,
    role: Option<Role>,
    spare: u8,
}

impl Banner<'_> {
    /// The height: one line.
    pub const HEIGHT: u16 = 1;

    fn is_practice(&self) -> bool {
        *self.backend == Backend::Practice
    }

    fn facts(&self, look: &Look) -> Vec<Fact> {
        let mut facts = Vec::new();
        let mut add = |text: String, role: Option<Role>, spare: u8| {
            if !text.is_empty() {
                facts.push(Fact { text, role, spare });
            }
        };
        match self.backend {
            Backend::Practice => add(look.label("banner.practice").to_owned(), Some(Role::Practice), 0),
            Backend::Aws => add(look.label("banner.aws").to_owned(), None, 0),
            Backend::Endpoint(url) => {
                let host = url.split("://").last().unwrap_or(url).trim_end_matches('/');
                add(format!("{} {host}", look.label("banner.endpoint")), None, 0);
            }
        }
        if !self.is_practice() {
            add(self.account.to_owned(), None, 0);
        }
        if self.read_only {
            add(look.label("banner.read-only").to_owned(), None, 1);
        }
        add(self.region.to_owned(), None, 2);
        if let Some(speed) = self.speed.filter(|_| self.is_practice()) {
            let text = if speed == 0.0 { look.label("banner.paused").to_owned() } else { format!("x{speed}") };
            add(text, None, 4);
        }
        if let Some(now) = self.now {
            add(look.clock(now), None, 3);
        }
        if let Some(cost) = self.cost_per_hour {
            add(per_hour(cost), (cost > 0.0).then_some(Role::Cost), 0);
        }
        facts
    }

    /// Draws it on the first line of an area.
    pub fn draw(&self, area: Rect, buffer: &mut Buffer, look: &Look) {
        if area.is_empty() {
            return;
        }
        let base = if self.is_practice() { Style::new() } else { look.style(Role::Aws) };
        buffer.set_style(Rect { height: 1, ..area }, base);
        let room = usize::from(area.width).saturating_sub(2);

        let mut facts = self.facts(look);
        let size = |facts: &[Fact]| facts.iter().map(|f| width(&f.text) + 3).sum::<usize>().saturating_sub(3);
        let trail: usize = 6 + self.trail.iter().map(|name| width(name) + 3).sum::<usize>();
        // Spare facts give way to the trail, most spare first; but the trail is cut rather than lose the region.
        for spare in [4, 3] {
            if size(&facts) + 2 + trail > room {
                facts.retain(|fact| fact.spare != spare);
            }
        }
        for spare in [2, 1] {
            if size(&facts) + 12 > room {
                facts.retain(|fact| fact.spare != spare);
            }
        }

        let mut right: Vec<Span<'static>> = Vec::new();
        for (at, fact) in facts.iter().enumerate() {
            if at > 0 {
                right.push(Span::styled(
                    format!(" {DOT} "),
                    if self.is_practice() { look.style(Role::Dim) } else { base },
                ));
            }
            // On the bar one look holds for all.
            let style = fact.role.filter(|_| self.is_practice()).map_or(base, |role| look.style(role));
            right.push(Span::styled(fact.text.clone(), style));
        }
        let right_size = size(&facts).min(room);
        let left_room = room.saturating_sub(right_size + 2);
        let left = self.trail_line(left_room, base, look);
        put(buffer, area.x + 1, area.y, u16::try_from(left_room).unwrap_or(u16::MAX), left);
        let right_at = area.right().saturating_sub(1 + u16::try_from(right_size).unwrap_or(0)).max(area.x);
        put(buffer, right_at, area.y, area.right() - right_at, Line::from(right));
        if !self.is_practice() {
            // Once more, for the cells that wide signs cover: a text resets them.
            buffer.set_style(Rect { height: 1, ..area }, base);
        }
    }

    /// The trail; when it is too long, its middle names go first, then its first.
    fn trail_line(&self, room: usize, base: Style, look: &Look) -> Line<'static> {
        let name = if self.is_practice() { look.style(Role::Title) } else { base };
        let mut names: Vec<String> = self.trail.clone();
        let size = |names: &[String]| 6 + names.iter().map(|name| width(name) + 3).sum::<usize>();
        while names.len() > 1 && size(&names) > room {
            let spare = if names.len() > 2 { 1 } else { 0 };
            names.remove(spare);
        }
        let mut spans = vec![Span::styled("awslab", name)];
        let mut used = 6;
        for (at, text) in names.iter().enumerate() {
            let gap = if at == 0 { "  ".to_owned() } else { format!(" {TRAIL} ") };
            used += width(&gap);
            let text = truncate(text, room.saturating_sub(used)).into_owned();
            used += width(&text);
            spans.push(Span::styled(gap, if self.is_practice() { look.style(Role::Dim) } else { base }));
            spans.push(Span::styled(text, base));
        }
        Line::from(spans)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::i18n::Lang;
    use ratatui::style::Modifier;

    fn draw(banner: &Banner<'_>, room: u16) -> Buffer {
        let mut buffer = Buffer::empty(Rect::new(0, 0, room, 1));
        banner.draw(buffer.area, &mut buffer, &Look::new(Lang::Ko));
        buffer
    }

    fn text(buffer: &Buffer) -> String {
        crate::view::text::plain(buffer).remove(0)
    }

    fn banner(backend: &Backend) -> Banner<'_> {
        Banner {
            trail: vec!["3 VPC 실습".into(), "3.2 네트워크".into(), "NAT 게이트웨이 (5/8)".into()],
            backend,
            account: "123456789012",
            region: "ap-northeast-2",
            speed: Some(30.0),
            now: Some(1_795_300_000_000),
            cost_per_hour: Some(0.064),
            read_only: false,
        }
    }

    #[test]
    fn practice_is_quiet() {
        let buffer = draw(&banner(&Backend::Practice), 120);
        let line = text(&buffer);
        assert!(line.starts_with(" awslab  3 VPC 실습 › 3.2 네트워크 › NAT 게이트웨이 (5/8)"), "{line}");
        assert!(line.ends_with("PRACTICE · ap-northeast-2 · x30 · 22:26:40 · $0.064/h"), "{line}");
        assert!(!line.contains("123456789012"));
        assert!(buffer.content.iter().all(|cell| !cell.modifier.contains(Modifier::REVERSED)));
    }

    #[test]
    fn aws_is_loud_over_the_full_width() {
        let backend = Backend::Aws;
        for room in [40, 60, 80, 120, 200] {
            let buffer = draw(&banner(&backend), room);
            let line = text(&buffer);
            assert!(buffer.content.iter().all(|cell| cell.modifier.contains(Modifier::REVERSED)), "{room}");
            assert!(
                line.contains("AWS") && line.contains("123456789012") && line.contains("$0.064/h"),
                "{room}: {line}"
            );
        }
    }

    #[test]
    fn the_last_name_of_the_trail_stays_longest() {
        let line = text(&draw(&banner(&Backend::Practice), 80));
        assert!(line.contains("NAT 게이트웨이"), "{line}");
        assert!(line.contains("PRACTICE") && line.contains("$0.064/h"), "{line}");
    }
}
