//! Search in the course's own text: titles, guides, console ways, resources, checks, and the glossary. Enter goes to the
//! step.

use std::cell::RefCell;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::course::model::{Step, Term};
use crate::i18n::Lang;
use crate::input::{Action, Context, Edit};
use crate::view::text::{nfc, truncate, wrap_spans};
use crate::view::theme::Role;
use crate::view::widgets::list::{self, ListState};
use crate::view::widgets::{pane, put, put_lines};

use super::{Ask, Canvas, Ctx, Offer, Screen, Spot, way_to_step};

/// The search.
#[derive(Default)]
pub struct Search {
    text: String,
    list: ListState,
    found: RefCell<Option<(String, Lang, Vec<Hit>)>>,
}

/// Where something was found.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Hit {
    place: Place,
    /// The line of text in which it was found.
    line: String,
    /// How good a place it is; smaller is better.
    rank: u8,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    /// A step by id.
    Step(String),
    /// A word of the glossary by id.
    Term(String),
}

/// The words that were asked for, as they are compared.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace().map(|word| nfc(word).to_lowercase()).collect()
}

fn holds(text: &str, words: &[String]) -> bool {
    let text = nfc(text).to_lowercase();
    words.iter().all(|word| text.contains(word))
}

/// A line of Markdown without its signs, for a list.
fn bare(line: &str) -> String {
    line.trim().trim_start_matches(['#', '>', '-', '*', ' ']).replace(['`', '*'], "")
}

/// The best place in a step.
fn in_step(step: &Step, words: &[String], lang: Lang) -> Option<Hit> {
    let hit = |line: &str, rank: u8| Hit { place: Place::Step(step.id.clone()), line: bare(line), rank };
    let title = format!("{} {}", step.number, step.title.get(lang));
    if holds(&title, words) {
        let first = step.guide.get(lang).lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        return Some(hit(first, 0));
    }
    if let Some(found) = step.resources.iter().find(|found| holds(&found.key.to_string(), words)) {
        return Some(hit(&found.key.to_string(), 1));
    }
    let checks = step.checks.iter().map(|check| check.title.get(lang));
    let texts = [&step.guide, &step.console, &step.why, &step.correction].map(|text| text.get(lang));
    let lines = texts.into_iter().flat_map(str::lines).chain(checks);
    let mut rank = 2;
    let mut best: Option<Hit> = None;
    for line in lines {
        if holds(line, words) {
            best = Some(hit(line, rank));
            break;
        }
    }
    // Words that stand in different lines of one step.
    if best.is_none() {
        rank = 3;
        let whole = texts.join("\n");
        if holds(&whole, words) {
            let line = whole.lines().find(|line| words.iter().any(|word| holds(line, std::slice::from_ref(word))));
            best = line.map(|line| hit(line, rank));
        }
    }
    best
}

fn in_term(term: &Term, words: &[String], lang: Lang) -> Option<Hit> {
    let word = term.word.get(lang);
    let other = term.word.get(lang.other());
    let rank = if holds(word, words) || holds(other, words) || holds(&term.id, words) { 0 } else { 2 };
    let found = rank == 0 || holds(term.meaning.get(lang), words);
    found.then(|| Hit { place: Place::Term(term.id.clone()), line: term.meaning.get(lang).to_owned(), rank })
}

impl Search {
    fn found(&self, ctx: &Ctx) -> Vec<Hit> {
        let mut found = self.found.borrow_mut();
        if let Some((_, _, hits)) = found.as_ref().filter(|(text, lang, _)| *text == self.text && *lang == ctx.lang()) {
            return hits.clone();
        }
        let words = words(&self.text);
        let mut hits = Vec::new();
        if !words.is_empty() {
            hits.extend(ctx.course.steps().filter_map(|step| in_step(step, &words, ctx.lang())));
            hits.extend(ctx.course.glossary.iter().filter_map(|term| in_term(term, &words, ctx.lang())));
            hits.sort_by_key(|hit| hit.rank);
        }
        *found = Some((self.text.clone(), ctx.lang(), hits.clone()));
        hits
    }

    /// The step to go to: the hit's own, or the first that uses the glossary's word.
    fn step<'a>(hit: &Hit, ctx: &'a Ctx) -> Option<&'a Step> {
        match &hit.place {
            Place::Step(id) => ctx.course.step(id),
            Place::Term(id) => {
                let term = ctx.course.glossary.iter().find(|term| term.id == *id)?;
                let words = [nfc(term.word.get(ctx.lang())).to_lowercase()];
                ctx.course
                    .steps()
                    .find(|step| holds(step.title.get(ctx.lang()), &words) || holds(step.guide.get(ctx.lang()), &words))
            }
        }
    }

    fn pick(&self, at: usize, ctx: &Ctx) -> Vec<Ask> {
        let found = self.found(ctx);
        let Some(step) = found.get(at).and_then(|hit| Self::step(hit, ctx)) else { return Vec::new() };
        std::iter::once(Ask::Home).chain(way_to_step(&step.id, ctx).into_iter().map(Ask::Push)).collect()
    }
}

/// A text with the words that were asked for marked.
fn marked(text: &str, words: &[String], ctx: &Ctx) -> Vec<Span<'static>> {
    let lower = text.to_lowercase();
    let mut spans = Vec::new();
    let mut from = 0;
    while let Some((at, length)) = words
        .iter()
        .filter_map(|word| lower.get(from..)?.find(word.as_str()).map(|at| (from + at, word.len())))
        .min_by_key(|(at, length)| (*at, std::cmp::Reverse(*length)))
        .filter(|(_, length)| *length > 0)
    {
        // Lower case may have other lengths than the text itself; then nothing is marked rather than the wrong letters.
        let (Some(before), Some(found)) = (text.get(from..at), text.get(at..at + length)) else { break };
        spans.push(Span::raw(before.to_owned()));
        spans.push(ctx.look.span(Role::Match, found));
        from = at + length;
    }
    spans.push(Span::raw(text.get(from..).unwrap_or_default().to_owned()));
    spans
}

impl Screen for Search {
    fn context(&self) -> Context {
        Context::Search
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("search.title").to_owned()]
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        vec![
            Offer::new(Action::Accept, 80).called("단계로 가기", "go to the step"),
            Offer::new(Action::Back, 70).called("닫기", "close"),
        ]
    }

    fn edits_text(&self) -> bool {
        true
    }

    fn edit(&mut self, edit: Edit, _: &Ctx) -> Vec<Ask> {
        match edit {
            Edit::Insert(sign) => self.text.push(sign),
            Edit::Backspace if self.text.is_empty() => return vec![Ask::Back],
            Edit::Backspace => {
                self.text.pop();
            }
            Edit::Clear => self.text.clear(),
        }
        self.list = ListState::default();
        Vec::new()
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        let length = self.found(ctx).len();
        match action {
            Action::Accept => return self.pick(self.list.selected(), ctx),
            Action::Back => return vec![Ask::Back],
            Action::Up => self.list.by(-1, length),
            Action::Down => self.list.by(1, length),
            Action::PageUp => self.list.page(-1, length),
            Action::PageDown => self.list.page(1, length),
            Action::First => self.list.select(0, length),
            Action::Last => self.list.select(usize::MAX, length),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, ctx: &Ctx) -> Vec<Ask> {
        let length = self.found(ctx).len();
        self.list.select(row, length);
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        let look = &ctx.look;
        let typed = if self.text.is_empty() {
            look.span(Role::Dim, look.label("search.prompt"))
        } else {
            Span::raw(format!("{}▏", self.text))
        };
        put(canvas.buf, area.x, area.y, area.width, Line::from(vec![look.span(Role::Accent, "/ "), typed]));
        let body = Rect { y: area.y + 2, height: area.height.saturating_sub(2), ..area };
        let found = self.found(ctx);
        if found.is_empty() {
            if !self.text.trim().is_empty() {
                put(
                    canvas.buf,
                    body.x,
                    body.y,
                    body.width,
                    Line::from(look.span(Role::Dim, look.label("search.none"))),
                );
            }
            return;
        }
        let words = words(&self.text);
        let preview = (body.height / 3).min(7);
        let rows = Rect { height: body.height - preview, ..body };
        list::draw(found.len(), &self.list, rows, canvas.buf, look, |at, room| {
            let Some(hit) = found.get(at) else { return Line::default() };
            let (head, line) = shown(hit, ctx);
            let head = truncate(&head, room / 2).into_owned();
            let mut spans = marked(&head, &words, ctx);
            spans.push(Span::raw("  "));
            spans.extend(marked(&line, &words, ctx).into_iter().map(|span| {
                if span.style == ratatui::style::Style::new() { span.style(look.style(Role::Dim)) } else { span }
            }));
            Line::from(spans)
        });
        for (y, at) in (rows.top()..rows.bottom()).zip(self.list.offset()..found.len()) {
            canvas.spot(Rect { y, height: 1, ..rows }, Spot::Row(at));
        }
        let below = Rect { y: rows.bottom(), height: preview, ..body };
        if let Some(hit) = found.get(self.list.selected().min(found.len() - 1)) {
            let title = Line::from(look.span(Role::Title, shown(hit, ctx).0));
            let room = pane::ruled(below, canvas.buf, title, false, look);
            let lines = wrap_spans(&marked(&hit.line, &words, ctx), usize::from(room.width), &[], &[]);
            put_lines(canvas.buf, room, &lines);
        }
    }
}

/// A hit's heading and its line.
fn shown(hit: &Hit, ctx: &Ctx) -> (String, String) {
    let head = match &hit.place {
        Place::Step(id) => {
            ctx.course.step(id).map_or_else(|| id.clone(), |step| format!("{} {}", step.number, ctx.t(&step.title)))
        }
        Place::Term(id) => {
            let term = ctx.course.glossary.iter().find(|term| term.id == *id);
            let word = term.map_or(id.as_str(), |term| ctx.t(&term.word));
            format!("{}: {word}", ctx.look.label("search.glossary"))
        }
    };
    (head, hit.line.clone())
}
