//! Markdown to styled, wrapped lines.
//!
//! Promises: headings, paragraphs, lists, code, emphasis, quotes, links, tables and rules look right at any width from 20
//! cells; a [`Page`] renders once per text, width and look. Leaves to others: scrolling.

use std::cell::RefCell;
use std::rc::Rc;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::Look;
use super::mark::BULLET;
use super::text::{line_width, nfc, truncate_line, width, wrap_spans};
use super::theme::Role;

/// A page that remembers how it was last rendered, so that an unchanged page costs nothing per frame.
#[derive(Debug, Default)]
pub struct Page {
    last: RefCell<Option<Rendered>>,
}

#[derive(Debug)]
struct Rendered {
    source: String,
    room: usize,
    look: Look,
    lines: Rc<Vec<Line<'static>>>,
}

impl Page {
    /// The lines of a text at a width.
    pub fn lines(&self, source: &str, room: usize, look: &Look) -> Rc<Vec<Line<'static>>> {
        let mut last = self.last.borrow_mut();
        if let Some(page) = last.as_ref().filter(|p| p.room == room && p.source == source && p.look == *look) {
            return Rc::clone(&page.lines);
        }
        let lines = Rc::new(render(source, room, look));
        *last = Some(Rendered { source: source.to_owned(), room, look: look.clone(), lines: Rc::clone(&lines) });
        lines
    }
}

/// Renders a text at a width.
pub fn render(source: &str, room: usize, look: &Look) -> Vec<Line<'static>> {
    let source = nfc(source);
    let mut out = Renderer {
        look,
        room: room.max(20),
        lines: Vec::new(),
        inline: Vec::new(),
        styles: vec![look.style(Role::Text)],
        prefixes: Vec::new(),
        lists: Vec::new(),
        link: None,
        code: None,
        table: None,
        gap: false,
    };
    for event in Parser::new_ext(&source, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
        out.event(event);
    }
    out.flush();
    out.lines
}

/// A sentence with code spans, and no other Markdown: for failure texts and hints. A lone backquote stays as it is.
pub fn sentence(text: &str, role: Role, look: &Look) -> Vec<Span<'static>> {
    let base = look.style(role);
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return vec![Span::styled(text.to_owned(), base)];
    }
    let style = |at: usize| if at.is_multiple_of(2) { base } else { base.patch(look.style(Role::Code)) };
    let spans = parts.iter().enumerate().filter(|(_, part)| !part.is_empty());
    spans.map(|(at, part)| Span::styled((*part).to_owned(), style(at))).collect()
}

/// What begins the lines of an open block: once `first`, then `rest`.
struct Prefix {
    first: Option<Span<'static>>,
    rest: Span<'static>,
}

struct Table {
    rows: Vec<Vec<Vec<Span<'static>>>>,
    head: bool,
}

struct Renderer<'a> {
    look: &'a Look,
    room: usize,
    lines: Vec<Line<'static>>,
    inline: Vec<Span<'static>>,
    styles: Vec<Style>,
    prefixes: Vec<Prefix>,
    lists: Vec<Option<u64>>,
    link: Option<(String, usize)>,
    code: Option<String>,
    table: Option<Table>,
    gap: bool,
}

impl Renderer<'_> {
    fn style(&self) -> Style {
        self.styles.last().copied().unwrap_or_default()
    }

    fn push_style(&mut self, change: Style) {
        self.styles.push(self.style().patch(change));
    }

    fn pop_style(&mut self) {
        if self.styles.len() > 1 {
            self.styles.pop();
        }
    }

    fn say(&mut self, text: &str) {
        let style = self.style();
        self.inline.push(Span::styled(text.to_owned(), style));
    }

    fn rest_prefix(&self) -> Vec<Span<'static>> {
        self.prefixes.iter().map(|prefix| prefix.rest.clone()).collect()
    }

    fn first_prefix(&mut self) -> Vec<Span<'static>> {
        self.prefixes.iter_mut().map(|prefix| prefix.first.take().unwrap_or_else(|| prefix.rest.clone())).collect()
    }

    /// An empty line before the next block, when one is due.
    fn space(&mut self) {
        if std::mem::take(&mut self.gap) && !self.lines.is_empty() {
            // A bar of a quote goes on through the gap; indents need not.
            let bars: Vec<_> = self.rest_prefix().into_iter().collect();
            let blank = bars.iter().all(|span| span.content.trim().is_empty());
            self.lines.push(if blank { Line::default() } else { Line::from(bars) });
        }
    }

    /// Ends a run of inline text.
    fn flush(&mut self) {
        let spans = std::mem::take(&mut self.inline);
        if spans.is_empty() {
            return;
        }
        self.space();
        let first = self.first_prefix();
        let rest = self.rest_prefix();
        // A hard break is a newline inside the run.
        let mut parts: Vec<Vec<Span<'static>>> = vec![Vec::new()];
        for span in spans {
            if span.content == "\n" {
                parts.push(Vec::new());
            } else if let Some(part) = parts.last_mut() {
                part.push(span);
            }
        }
        for (at, part) in parts.iter().enumerate() {
            let begin = if at == 0 { &first } else { &rest };
            self.lines.extend(wrap_spans(part, self.room, begin, &rest));
        }
    }

    fn event(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => match &mut self.code {
                Some(code) => code.push_str(&text),
                None => self.say(&text),
            },
            Event::Code(text) => {
                let style = self.style().patch(self.look.style(Role::Code));
                self.inline.push(Span::styled(text.to_string(), style));
            }
            Event::SoftBreak => self.say(" "),
            Event::HardBreak => self.inline.push(Span::raw("\n")),
            Event::Rule => {
                self.flush();
                self.gap = true;
                self.space();
                let rule = super::mark::LINE.repeat(self.room.min(40));
                self.lines.push(Line::from(self.look.span(Role::Border, rule)));
                self.gap = true;
            }
            Event::Html(text) | Event::InlineHtml(text) => self.say(text.trim_end()),
            _ => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Paragraph => self.flush(),
            Tag::Heading { .. } => {
                self.flush();
                self.gap = true;
                self.push_style(self.look.style(Role::Heading));
            }
            Tag::BlockQuote(_) => {
                self.flush();
                self.space();
                let bar = Span::styled("│ ", self.look.style(Role::Quote));
                self.prefixes.push(Prefix { first: None, rest: bar });
            }
            Tag::CodeBlock(_) => {
                self.flush();
                self.code = Some(String::new());
            }
            Tag::List(start) => {
                self.flush();
                self.lists.push(start);
            }
            Tag::Item => {
                self.flush();
                let mark = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let mark = format!("{number}. ");
                        *number += 1;
                        mark
                    }
                    _ => format!("{BULLET} "),
                };
                let rest = Span::raw(" ".repeat(width(&mark)));
                self.prefixes.push(Prefix { first: Some(self.look.span(Role::Accent, mark)), rest });
            }
            Tag::Emphasis => self.push_style(Style::new().add_modifier(Modifier::ITALIC)),
            Tag::Strong => self.push_style(self.look.style(Role::Strong)),
            Tag::Strikethrough => self.push_style(Style::new().add_modifier(Modifier::CROSSED_OUT)),
            Tag::Link { dest_url, .. } => {
                self.link = Some((dest_url.to_string(), self.inline.len()));
                self.push_style(self.look.style(Role::Link));
            }
            Tag::Table(_) => {
                self.flush();
                self.table = Some(Table { rows: Vec::new(), head: false });
            }
            Tag::TableHead => {
                if let Some(table) = &mut self.table {
                    table.head = true;
                    table.rows.push(Vec::new());
                }
                self.push_style(self.look.style(Role::Strong));
            }
            Tag::TableRow => {
                if let Some(table) = &mut self.table {
                    table.rows.push(Vec::new());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => {
                self.flush();
                self.gap = true;
            }
            TagEnd::Heading(_) => {
                self.flush();
                self.pop_style();
                self.gap = false;
            }
            TagEnd::BlockQuote(_) => {
                self.flush();
                self.prefixes.pop();
                self.gap = true;
            }
            TagEnd::CodeBlock => self.code_block(),
            TagEnd::List(_) => {
                self.lists.pop();
                // An inner list does not open a gap inside its outer item.
                self.gap = self.lists.is_empty();
            }
            TagEnd::Item => {
                self.flush();
                self.prefixes.pop();
            }
            TagEnd::Emphasis | TagEnd::Strong | TagEnd::Strikethrough => self.pop_style(),
            TagEnd::Link => {
                self.pop_style();
                if let Some((url, from)) = self.link.take() {
                    let shown: String = self.inline.iter().skip(from).map(|span| span.content.as_ref()).collect();
                    if shown != url {
                        let dim = self.look.style(Role::Dim);
                        self.inline.push(Span::styled(format!(" ({url})"), dim));
                    }
                }
            }
            TagEnd::TableCell => {
                let cell = std::mem::take(&mut self.inline);
                if let Some(row) = self.table.as_mut().and_then(|table| table.rows.last_mut()) {
                    row.push(cell);
                }
            }
            TagEnd::TableHead => self.pop_style(),
            TagEnd::Table => {
                if let Some(table) = self.table.take() {
                    self.draw_table(&table);
                }
            }
            _ => {}
        }
    }

    fn code_block(&mut self) {
        let Some(code) = self.code.take() else { return };
        self.space();
        let style = self.look.style(Role::Code);
        for line in code.trim_end_matches('\n').split('\n') {
            let mut first = self.first_prefix();
            let mut rest = self.rest_prefix();
            first.push(Span::raw("  "));
            rest.push(Span::raw("    "));
            // Leading spaces matter in code, and wrapping would drop them.
            let lead = line.len() - line.trim_start().len();
            first.push(Span::raw(" ".repeat(lead)));
            self.lines.extend(wrap_spans(&[Span::styled(line.trim_start(), style)], self.room, &first, &rest));
        }
        self.gap = true;
    }

    fn draw_table(&mut self, table: &Table) {
        self.space();
        let columns = table.rows.iter().map(Vec::len).max().unwrap_or(0);
        let natural = |column: usize| {
            let cells = table.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.iter().map(|span| width(&span.content)).sum::<usize>()).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..columns).map(natural).collect();
        let indent: usize = self.rest_prefix().iter().map(|span| width(&span.content)).sum();
        let room = self.room.saturating_sub(indent + 2 * columns.saturating_sub(1));
        while widths.iter().sum::<usize>() > room {
            // The widest column gives way, down to what a word needs.
            let Some(widest) = widths.iter_mut().max() else { break };
            if *widest <= 6 {
                break;
            }
            *widest -= 1;
        }
        for (at, row) in table.rows.iter().enumerate() {
            let cells: Vec<Vec<Line<'static>>> =
                row.iter().zip(&widths).map(|(cell, room)| wrap_spans(cell, (*room).max(2), &[], &[])).collect();
            for line in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
                let mut spans = self.rest_prefix();
                for (column, (cell, room)) in cells.iter().zip(&widths).enumerate() {
                    let text = cell.get(line).cloned().unwrap_or_default();
                    let rest = if column + 1 < columns { room.saturating_sub(line_width(&text)) + 2 } else { 0 };
                    spans.extend(text.spans);
                    spans.push(Span::raw(" ".repeat(rest)));
                }
                self.lines.push(truncate_line(Line::from(spans), self.room));
            }
            if at == 0 && table.head {
                let rule = widths.iter().map(|room| super::mark::LINE.repeat(*room)).collect::<Vec<_>>().join("  ");
                let mut spans = self.rest_prefix();
                spans.push(self.look.span(Role::Border, rule));
                self.lines.push(truncate_line(Line::from(spans), self.room));
            }
        }
        self.gap = true;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;
    use crate::i18n::Lang;
    use crate::view::text;

    fn plain(source: &str, room: usize) -> Vec<String> {
        render(source, room, &Look::new(Lang::Ko)).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn paragraphs_and_headings() {
        let lines = plain("# 서브넷\n\n하나의 VPC를 여러\n조각으로 나눕니다.\n\n끝.", 22);
        assert_eq!(lines, ["서브넷", "하나의 VPC를 여러", "조각으로 나눕니다.", "", "끝."]);
    }

    #[test]
    fn lists_hang_and_nest() {
        let lines = plain("앞\n\n- 퍼블릭 서브넷은 밖과 통합니다\n  - 안쪽\n- 둘\n\n1. 하나\n2. 둘", 22);
        assert_eq!(
            lines,
            ["앞", "", "• 퍼블릭 서브넷은 밖과", "  통합니다", "  • 안쪽", "• 둘", "", "1. 하나", "2. 둘"]
        );
    }

    #[test]
    fn code_keeps_its_spaces() {
        let lines = plain("```sh\naws ec2 \\\n  describe-vpcs\n```\n뒤", 30);
        assert_eq!(lines, ["  aws ec2 \\", "    describe-vpcs", "", "뒤"]);
    }

    #[test]
    fn quotes_have_a_bar() {
        assert_eq!(
            plain("> 자주 하는 실수: 사설 서브넷에 만듭니다", 20),
            ["│ 자주 하는 실수:", "│ 사설 서브넷에", "│ 만듭니다"]
        );
    }

    #[test]
    fn tables_align_wide_signs() {
        let lines = plain("| 이름 | CIDR |\n|---|---|\n| my-vpc | 10.1.0.0/16 |\n| 서브넷 | 10.1.1.0/24 |", 40);
        assert_eq!(lines, ["이름    CIDR", "──────  ───────────", "my-vpc  10.1.0.0/16", "서브넷  10.1.1.0/24"]);
    }

    #[test]
    fn nothing_is_wider_than_the_page() {
        let source = "| a | b |\n|---|---|\n| 아주 긴 설명이 들어 있는 칸입니다 정말로 | `aws ec2 create-nat-gateway --subnet-id` |\n\n> - `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa`";
        for room in 20..60 {
            for line in plain(source, room) {
                assert!(text::width(&line) <= room, "{room}: {line}");
            }
        }
    }

    #[test]
    fn sentences_have_code_spans() {
        let look = Look::new(Lang::Ko);
        let spans = sentence("`my-igw`로 바꾸세요", Role::Text, &look);
        assert_eq!(spans.iter().map(|span| span.content.as_ref()).collect::<Vec<_>>(), ["my-igw", "로 바꾸세요"]);
        assert_eq!(spans.first().map(|span| span.style), Some(look.style(Role::Code)));
        assert_eq!(Line::from(sentence("a ` b", Role::Text, &look)).to_string(), "a ` b");
    }

    #[test]
    fn a_page_renders_once_per_width() {
        let page = Page::default();
        let look = Look::new(Lang::Ko);
        let first = page.lines("글", 30, &look);
        assert!(Rc::ptr_eq(&first, &page.lines("글", 30, &look)));
        assert!(!Rc::ptr_eq(&first, &page.lines("글", 31, &look)));
        assert!(!Rc::ptr_eq(&first, &page.lines("글", 30, &Look::new(Lang::En))));
    }
}
