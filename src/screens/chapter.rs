//! A chapter: its sections and steps, each with its state.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::course::model::{Chapter, Section, Step};
use crate::i18n::Lang;
use crate::input::{Action, Context};
use crate::lab::quiz;
use crate::view::text::{pad, wrap};
use crate::view::theme::Role;
use crate::view::widgets::gauge::bar;
use crate::view::widgets::list::{self, Column, ListState};
use crate::view::widgets::{put, put_lines};

use super::home::spots;
use super::quiz::QuizScreen;
use super::step::StepScreen;
use super::{Ask, Canvas, Ctx, Offer, Screen, words};

/// A chapter's page.
pub struct ChapterScreen {
    id: String,
    list: ListState,
}

/// A row: a section's heading or a step.
enum Row<'a> {
    Section(&'a Section),
    Step(&'a Step),
}

fn rows(chapter: &Chapter) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    for section in &chapter.sections {
        rows.push(Row::Section(section));
        rows.extend(section.steps.iter().map(Row::Step));
    }
    rows
}

impl ChapterScreen {
    /// The page with its first step selected.
    pub fn new(id: &str) -> Self {
        let mut list = ListState::default();
        // Row 0 is a heading.
        list.select(1, 2);
        Self { id: id.to_owned(), list }
    }

    /// The page with a step selected.
    pub fn at(id: &str, step: &str, ctx: &Ctx) -> Self {
        let mut screen = Self::new(id);
        if let Some(chapter) = ctx.course.chapter(id) {
            let rows = rows(chapter);
            let at = rows.iter().position(|row| matches!(row, Row::Step(of) if of.id == step));
            screen.list.select(at.unwrap_or(1), rows.len());
        }
        screen
    }

    /// Moves the selection, over headings too, and leaves it on a step.
    fn go(&mut self, by: isize, chapter: &Chapter) {
        let rows = rows(chapter);
        let before = self.list.selected();
        self.list.by(by, rows.len());
        let step = if by < 0 { -1 } else { 1 };
        while matches!(rows.get(self.list.selected()), Some(Row::Section(_))) {
            let at = self.list.selected();
            self.list.by(step, rows.len());
            if self.list.selected() == at {
                // Nothing but a heading that way.
                self.list.select(before.max(1), rows.len());
                return;
            }
        }
    }

    /// How many questions of the chapter were missed and not answered right since.
    fn missed(&self, ctx: &Ctx) -> usize {
        ctx.course.chapter(&self.id).map_or(0, |chapter| quiz::missed(chapter, &ctx.answers).len())
    }

    fn open(&self, chapter: &Chapter) -> Vec<Ask> {
        match rows(chapter).get(self.list.selected()) {
            Some(Row::Step(step)) => vec![Ask::Push(Box::new(StepScreen::new(&step.id)))],
            _ => Vec::new(),
        }
    }

    fn row(row: &Row<'_>, room: usize, ctx: &Ctx) -> Line<'static> {
        let look = &ctx.look;
        match row {
            Row::Section(section) => {
                let (done, all) = words::done(ctx, section.steps.iter());
                let title = format!("{} {}", section.number, ctx.t(&section.title));
                let mut spans = vec![look.span(Role::Heading, pad(&title, 34.min(room / 2))), Span::raw("  ")];
                spans.extend(bar(done, all, 10, look));
                spans.push(look.span(Role::Dim, format!("  {done}/{all}")));
                Line::from(spans)
            }
            Row::Step(step) => {
                let (mark, word) = words::step_mark(ctx, &step.id);
                let cost = words::step_cost(ctx, &step.id);
                let price = if cost > 0.0 { crate::view::format::per_hour(cost) } else { String::new() };
                let last = words::questions(ctx, [*step])
                    .map_or_else(|| look.span(Role::Cost, price), |text| look.span(Role::Dim, text));
                let cells = vec![
                    Line::from(look.mark(mark)),
                    Line::from(look.span(Role::Dim, step.number.clone())),
                    Line::from(Span::raw(ctx.t(&step.title).to_owned())),
                    Line::from(look.span(Role::Dim, words::kind_word(ctx, step.kind))),
                    Line::from(look.span(mark.role(), word)),
                    Line::from(last).right_aligned(),
                ];
                let parts = [
                    Column::Fixed(1),
                    Column::Fixed(6),
                    Column::Fill(16),
                    Column::When(9, 60),
                    Column::Fixed(13),
                    Column::Fixed(9),
                ];
                list::columns(cells, &list::widths(&parts, room))
            }
        }
    }
}

impl Screen for ChapterScreen {
    fn context(&self) -> Context {
        Context::Chapter
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        let chapter = ctx.course.chapter(&self.id);
        chapter.map(|chapter| format!("{} {}", chapter.number, ctx.t(&chapter.title))).into_iter().collect()
    }

    fn follow(&mut self, step: &str, ctx: &Ctx) {
        // Reading on may have led into another chapter.
        if let Some((chapter, _)) = ctx.course.home_of(step) {
            *self = Self::at(&chapter.id, step, ctx);
        }
    }

    fn offers(&self, ctx: &Ctx) -> Vec<Offer> {
        let mut offers = vec![Offer::new(Action::Accept, 90).called("열기", "open")];
        if self.missed(ctx) > 0 {
            offers.push(Offer::new(Action::Review, 80));
        }
        offers
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        let Some(chapter) = ctx.course.chapter(&self.id) else { return vec![Ask::Back] };
        let length = isize::try_from(rows(chapter).len()).unwrap_or(isize::MAX);
        match action {
            Action::Accept => return self.open(chapter),
            Action::Review => return vec![Ask::Push(Box::new(QuizScreen::missed(&self.id, ctx)))],
            Action::Up => self.go(-1, chapter),
            Action::Down => self.go(1, chapter),
            Action::PageUp => self.go(-8, chapter),
            Action::PageDown => self.go(8, chapter),
            Action::First => self.go(-length, chapter),
            Action::Last => self.go(length, chapter),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, ctx: &Ctx) -> Vec<Ask> {
        let Some(chapter) = ctx.course.chapter(&self.id) else { return Vec::new() };
        let rows = rows(chapter);
        if self.list.selected() == row {
            return self.open(chapter);
        }
        if let Some(Row::Step(_)) = rows.get(row) {
            self.list.select(row, rows.len());
        }
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let Some(chapter) = ctx.course.chapter(&self.id) else { return };
        let area = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
        let look = &ctx.look;
        let title = format!("{}  {}", chapter.number, ctx.t(&chapter.title));
        put(canvas.buf, area.x, area.y + 1, area.width, Line::from(look.span(Role::Title, title)));
        let mut summary: Vec<Line<'static>> = wrap(ctx.t(&chapter.summary), usize::from(area.width).min(100))
            .into_iter()
            .map(|line| Line::from(look.span(Role::Dim, line)))
            .collect();
        let missed = self.missed(ctx);
        if missed > 0 {
            let key = ctx.key(Action::Review);
            let text = match ctx.lang() {
                Lang::Ko => format!("틀린 문제 {missed}개를 {key} 키로 다시 풀 수 있습니다"),
                Lang::En if missed == 1 => format!("{key} asks the question that you missed once more"),
                Lang::En => format!("{key} asks the {missed} questions that you missed once more"),
            };
            summary.push(Line::from(look.span(Role::Accent, text)));
        }
        let height = u16::try_from(summary.len()).unwrap_or(u16::MAX).min(area.height / 3);
        put_lines(canvas.buf, Rect { y: area.y + 2, height, ..area }, &summary);
        let top = area.y + 3 + height;
        let place = Rect { y: top, height: area.bottom().saturating_sub(top), ..area };
        let rows = rows(chapter);
        list::draw(rows.len(), &self.list, place, canvas.buf, look, |at, room| {
            rows.get(at).map_or_else(Line::default, |row| Self::row(row, room, ctx))
        });
        spots(&self.list, rows.len(), place, canvas);
    }
}
