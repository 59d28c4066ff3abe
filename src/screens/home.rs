//! The course map: where to go on, chapters with their progress, what is running and what a month of it would cost.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::course::model::{Chapter, Section, Step};
use crate::i18n::{Lang, Text};
use crate::input::{Action, Context};
use crate::view::format::{money, per_hour};
use crate::view::mark::spinner;
use crate::view::text::{pad, width, wrap_spans};
use crate::view::theme::Role;
use crate::view::widgets::gauge::{bar, times};
use crate::view::widgets::list::{self, ListState};
use crate::view::widgets::{problem, put, put_lines};

use super::chapter::ChapterScreen;
use super::{Ask, Canvas, Ctx, Effect, Offer, Opening, Screen, Spot, way_to_step, words};

/// The home screen.
#[derive(Default)]
pub struct Home {
    list: ListState,
}

/// Lines of the screen that the map cannot have: top line, title, what is running, footer.
const AROUND_MAP: usize = 11;

/// A row of the map.
enum Row<'a> {
    Continue(&'a Step),
    Chapter(&'a Chapter),
    Section(&'a Section),
}

fn rows(ctx: &Ctx) -> Vec<Row<'_>> {
    let mut rows = Vec::new();
    let resume = ctx.resume_step(None);
    rows.extend(resume.map(Row::Continue));
    let current = resume.and_then(|step| ctx.course.home_of(&step.id)).map(|(chapter, _)| chapter);
    // They are left out where the whole map would no longer be in sight.
    let room = usize::from(ctx.size.1).saturating_sub(AROUND_MAP);
    let current = current.filter(|chapter| 1 + ctx.course.chapters.len() + chapter.sections.len() <= room);
    for chapter in &ctx.course.chapters {
        rows.push(Row::Chapter(chapter));
        // The sections of the chapter where the learner is; all of them while the course is one chapter.
        if current.is_some_and(|current| current.id == chapter.id) || ctx.course.chapters.len() == 1 {
            rows.extend(chapter.sections.iter().map(Row::Section));
        }
    }
    rows
}

impl Home {
    fn open(&self, ctx: &Ctx) -> Vec<Ask> {
        if let Opening::Failed(_) = ctx.opening {
            return vec![Ask::Do(Effect::Open)];
        }
        let rows = rows(ctx);
        match rows.get(self.list.selected()) {
            Some(Row::Continue(step)) => continue_with(&step.id, ctx),
            Some(Row::Chapter(chapter)) => vec![Ask::Push(Box::new(ChapterScreen::new(&chapter.id)))],
            Some(Row::Section(section)) => {
                let first = section.steps.first();
                first.map_or_else(Vec::new, |step| {
                    let chapter = ctx.course.home_of(&step.id).map(|(chapter, _)| chapter.id.as_str());
                    let screen = ChapterScreen::at(chapter.unwrap_or_default(), &step.id, ctx);
                    vec![Ask::Push(Box::new(screen))]
                })
            }
            None => Vec::new(),
        }
    }

    fn row(row: &Row<'_>, room: usize, ctx: &Ctx) -> Line<'static> {
        let look = &ctx.look;
        match row {
            Row::Continue(step) => {
                let begun = ctx.progress.values().any(|state| *state != Default::default());
                let word = if begun { ctx.say("이어서", "Continue") } else { ctx.say("시작", "Start") };
                Line::from(vec![
                    look.span(Role::Accent, format!("{word}  ")),
                    look.span(Role::Strong, format!("{} {}", step.number, ctx.t(&step.title))),
                ])
            }
            Row::Chapter(chapter) => {
                let steps = || chapter.sections.iter().flat_map(|section| &section.steps);
                let title = format!("{}  {}", chapter.number, ctx.t(&chapter.title));
                let mut line = Self::progress(&title, words::done(ctx, steps()), Role::Strong, room, ctx);
                if let Some(text) = words::questions(ctx, steps()) {
                    line.push_span(look.span(Role::Dim, format!("   {text}")));
                }
                line
            }
            Row::Section(section) => {
                let title = format!("   {} {}", section.number, ctx.t(&section.title));
                Self::progress(&title, words::done(ctx, section.steps.iter()), Role::Text, room, ctx)
            }
        }
    }

    fn progress(title: &str, (done, all): (usize, usize), role: Role, room: usize, ctx: &Ctx) -> Line<'static> {
        let look = &ctx.look;
        let name = 30.min(room / 2);
        let mut spans = vec![look.span(role, pad(title, name)), Span::raw("  ")];
        spans.extend(bar(done, all, 20.min(room / 4), look));
        spans.push(Span::raw(pad(&format!("  {done}/{all}"), 8)));
        let finished = all > 0 && done == all;
        spans.push(if finished { look.mark(crate::view::mark::Mark::Checked) } else { Span::raw(" ") });
        Line::from(spans)
    }

    /// The lines at the bottom: what is under way, what is there, what it costs.
    fn summary(ctx: &Ctx, room: usize) -> Vec<Line<'static>> {
        let look = &ctx.look;
        match &ctx.opening {
            Opening::Opening => {
                let text = if ctx.is_practice() {
                    ctx.say("연습 클라우드를 여는 중", "Opening the practice cloud")
                } else {
                    ctx.say("AWS 계정을 확인하는 중", "Asking AWS who you are")
                };
                return vec![Line::from(vec![
                    look.span(Role::Waiting, spinner(ctx.frame)),
                    Span::raw(" "),
                    look.span(Role::Dim, text),
                ])];
            }
            Opening::Failed(problem) => return problem::lines(problem, room, look),
            Opening::Ready => {}
        }
        let mut lines = Vec::new();
        if let Some((_, work, phase)) = words::waiting_for(ctx) {
            let step = ctx.course.step(&work.step);
            let title = step.map_or_else(
                || ctx.say("정리하는 중", "cleaning up").to_owned(),
                |step| format!("{} {}", step.number, ctx.t(&step.title)),
            );
            let mut spans = vec![look.span(Role::Waiting, spinner(ctx.frame)), Span::raw(format!(" {title}"))];
            if let Some(phase) = phase {
                let waited = phase.elapsed + u64::try_from(ctx.now - phase.time).unwrap_or(0);
                spans.push(look.span(Role::Dim, format!("  {} ", phase.key.name)));
                spans.extend(times(waited, phase.usual, look));
            }
            lines.push(Line::from(spans));
        }
        if let Some(problem) = &ctx.survey_problem {
            lines.extend(problem::lines(problem, room, look));
        }
        if let Some(survey) = &ctx.survey {
            let running = words::running(ctx);
            if running.is_empty() {
                let text = if survey.elsewhere.is_empty() {
                    ctx.say("지금 켜져 있는 것이 없습니다", "Nothing is running")
                } else {
                    ctx.say("이 리전에는 켜져 있는 것이 없습니다", "Nothing is running in these regions")
                };
                lines.push(Line::from(look.span(Role::Dim, text)));
            } else {
                let word = ctx.say("지금 켜져 있는 것  ", "Running now  ");
                let indent = [Span::raw(" ".repeat(width(word)))];
                lines.extend(wrap_spans(&[Span::raw(running)], room, &[look.span(Role::Dim, word)], &indent));
                let cost = ctx.cost_per_hour().unwrap_or(survey.cost_per_hour);
                let month = money(cost * 24.0 * 30.0);
                let so_far = money(survey.cost_so_far);
                let hour = per_hour(cost);
                let text = match ctx.lang() {
                    Lang::Ko => format!("{hour} · 지금까지 {so_far} · 30일 그대로 두면 약 {month}"),
                    Lang::En => format!("{hour} · so far {so_far} · left on for 30 days about {month}"),
                };
                lines.push(Line::from(look.span(Role::Cost, text)));
                if ctx.is_practice() {
                    let free = ctx.say(
                        "연습이라 실제로는 무료입니다. AWS에서라면 이만큼 듭니다",
                        "Practice is free: this is what it would cost on AWS",
                    );
                    lines.push(Line::from(look.span(Role::Dim, free)));
                }
            }
            lines.extend(words::elsewhere(ctx, room));
        }
        lines
    }
}

/// Opens a step with its chapter below it.
pub fn continue_with(step: &str, ctx: &Ctx) -> Vec<Ask> {
    way_to_step(step, ctx).into_iter().map(Ask::Push).collect()
}

impl Screen for Home {
    fn context(&self) -> Context {
        Context::Home
    }

    fn offers(&self, ctx: &Ctx) -> Vec<Offer> {
        let accept = Offer::new(Action::Accept, 90);
        if let Opening::Failed(_) = ctx.opening {
            return vec![accept.called("다시 시도", "try again")];
        }
        let mut offers = vec![match rows(ctx).get(self.list.selected()) {
            Some(Row::Continue(_)) => accept.called("이어하기", "go on"),
            _ => accept.called("열기", "open"),
        }];
        if ctx.resume_step(None).is_some() && self.list.selected() > 0 {
            offers.push(Offer::new(Action::Continue, 70));
        }
        offers
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        let length = rows(ctx).len();
        match action {
            Action::Accept => return self.open(ctx),
            Action::Continue => {
                return match ctx.resume_step(None) {
                    Some(step) => continue_with(&step.id, ctx),
                    None => vec![Ask::Say(Text::new("모든 단계를 마쳤습니다", "Every step is done"))],
                };
            }
            Action::Up => self.list.by(-1, length),
            Action::Down => self.list.by(1, length),
            Action::PageUp => self.list.page(-1, length),
            Action::PageDown => self.list.page(1, length),
            Action::First => self.list.select(0, length),
            Action::Last => self.list.select(length, length),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, ctx: &Ctx) -> Vec<Ask> {
        let length = rows(ctx).len();
        if self.list.selected() == row {
            return self.open(ctx);
        }
        self.list.select(row, length);
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let area = Rect { x: area.x + 2, width: area.width.saturating_sub(4), ..area };
        let room = usize::from(area.width);
        let look = &ctx.look;
        put(canvas.buf, area.x, area.y + 1, area.width, Line::from(look.span(Role::Title, ctx.t(&ctx.course.title))));
        let (done, all) = words::done(ctx, ctx.course.steps());
        let count = match ctx.lang() {
            Lang::Ko => format!("진행 {done}/{all}"),
            Lang::En => format!("{done} of {all} steps"),
        };
        let size = u16::try_from(width(&count)).unwrap_or(0);
        put(canvas.buf, area.right().saturating_sub(size), area.y + 1, size, Line::from(look.span(Role::Dim, count)));

        let summary = Self::summary(ctx, room);
        let height = u16::try_from(summary.len()).unwrap_or(u16::MAX).min(area.height / 2);
        let bottom = Rect { y: area.bottom().saturating_sub(height + 1), height, ..area };
        put_lines(canvas.buf, bottom, &summary);

        let map = Rect { y: area.y + 3, height: bottom.y.saturating_sub(area.y + 4), ..area };
        let rows = rows(ctx);
        list::draw(rows.len(), &self.list, map, canvas.buf, look, |at, room| {
            rows.get(at).map_or_else(Line::default, |row| Self::row(row, room, ctx))
        });
        spots(&self.list, rows.len(), map, canvas);
    }
}

/// Makes the rows of a list clickable.
pub fn spots(state: &ListState, length: usize, area: Rect, canvas: &mut Canvas<'_>) {
    for (y, row) in (area.top()..area.bottom()).zip(state.offset()..length) {
        canvas.spot(Rect::new(area.x, y, area.width, 1), Spot::Row(row));
    }
}
