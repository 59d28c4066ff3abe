//! The log of API calls that were sent to change the cloud, with the same call for the AWS CLI.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::i18n::Text;
use crate::input::{Action, Context, Edit};
use crate::lab::report::CallRecord;
use crate::view::format::latency;
use crate::view::mark::{Mark, spinner};
use crate::view::text::{nfc, truncate_middle, wrap, wrap_spans};
use crate::view::theme::Role;
use crate::view::widgets::list::{self, Column, ListState, columns, widths};
use crate::view::widgets::{pane, problem, put, put_lines, scroll};

use super::{Ask, Canvas, Ctx, Effect, News, Offer, Query, Screen, Spot};

/// How many calls are read.
const NEWEST: usize = 1000;

/// The log screen.
#[derive(Default)]
pub struct Log {
    list: ListState,
    filter: String,
    typing: bool,
    /// How far the details of the selected call are scrolled.
    details: scroll::Scroll,
}

impl Log {
    /// The calls that the filter lets through, newest first.
    fn calls<'a>(&self, ctx: &'a Ctx) -> Vec<&'a CallRecord> {
        let Some(Ok(calls)) = &ctx.calls else { return Vec::new() };
        let words: Vec<String> = self.filter.split_whitespace().map(|word| nfc(word).to_lowercase()).collect();
        if words.is_empty() {
            return calls.iter().collect();
        }
        let text = |call: &CallRecord| {
            let result = if call.error.is_empty() { "ok" } else { call.error.as_str() };
            let id = call.id.as_deref().unwrap_or_default();
            [call.operation.as_str(), call.region.as_str(), &call.key.name, &call.step, result, id]
                .join(" ")
                .to_lowercase()
        };
        calls
            .iter()
            .filter(|call| {
                let text = text(call);
                words.iter().all(|word| text.contains(word))
            })
            .collect()
    }

    fn selected<'a>(&self, ctx: &'a Ctx) -> Option<&'a CallRecord> {
        let calls = self.calls(ctx);
        calls.get(self.list.selected().min(calls.len().saturating_sub(1))).copied()
    }
}

impl Screen for Log {
    fn context(&self) -> Context {
        Context::Log
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("log.title").to_owned()]
    }

    fn offers(&self, ctx: &Ctx) -> Vec<Offer> {
        if self.typing {
            return vec![
                Offer::new(Action::Accept, 80).called("거르기 끝", "done"),
                Offer::new(Action::Back, 70).called("지우기", "clear"),
            ];
        }
        let mut offers = vec![Offer::new(Action::Filter, 60)];
        if self.selected(ctx).is_some() {
            offers.push(Offer::new(Action::CopyCall, 50));
        }
        if !self.filter.is_empty() {
            offers.push(Offer::new(Action::Back, 70).called("거르기 지우기", "clear filter"));
        }
        offers
    }

    fn opened(&mut self, _: &Ctx) -> Vec<Ask> {
        vec![Ask::Query(Query::Calls(NEWEST))]
    }

    fn told(&mut self, news: &News, _: &Ctx) -> Vec<Ask> {
        match news {
            News::Opened | News::Phase | News::Ended(_) => vec![Ask::Query(Query::Calls(NEWEST))],
            _ => Vec::new(),
        }
    }

    fn edits_text(&self) -> bool {
        self.typing
    }

    fn edit(&mut self, edit: Edit, _: &Ctx) -> Vec<Ask> {
        match edit {
            Edit::Insert(sign) => self.filter.push(sign),
            Edit::Backspace => {
                self.filter.pop();
            }
            Edit::Clear => self.filter.clear(),
        }
        self.list = ListState::default();
        Vec::new()
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        let length = self.calls(ctx).len();
        let before = self.list.selected();
        match action {
            Action::Filter => self.typing = true,
            Action::Accept => self.typing = false,
            Action::Back => {
                self.typing = false;
                self.filter.clear();
            }
            Action::Up => self.list.by(-1, length),
            Action::Down => self.list.by(1, length),
            Action::PageUp => self.list.page(-1, length),
            Action::PageDown => self.list.page(1, length),
            Action::First => self.list.select(0, length),
            Action::Last => self.list.select(usize::MAX, length),
            Action::CopyCall => {
                if let Some(call) = self.selected(ctx) {
                    let said = Text::new("AWS CLI 명령을 복사했습니다", "Copied the AWS CLI command");
                    return vec![Ask::Do(Effect::Copy(call.cli.clone())), Ask::Say(said)];
                }
            }
            _ => {}
        }
        if self.list.selected() != before {
            self.details.top();
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, ctx: &Ctx) -> Vec<Ask> {
        let length = self.calls(ctx).len();
        self.list.select(row, length);
        self.details.top();
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        let look = &ctx.look;
        let below = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        let all = match &ctx.calls {
            Some(Ok(all)) => all,
            Some(Err(why)) => {
                put_lines(canvas.buf, below, &problem::lines(why, usize::from(area.width), look));
                return;
            }
            None => {
                let text = format!(" {}", look.label("log.reading"));
                let line = Line::from(vec![look.span(Role::Waiting, spinner(ctx.frame)), Span::raw(text)]);
                put(canvas.buf, below.x, below.y, below.width, line);
                return;
            }
        };
        let calls = self.calls(ctx);
        put(canvas.buf, area.x, area.y, area.width, self.head(all, calls.len(), ctx));
        if calls.is_empty() {
            let text = look.label(if all.is_empty() { "log.none" } else { "log.no-match" });
            let lines: Vec<Line<'static>> = wrap(text, usize::from(area.width)).into_iter().map(Line::from).collect();
            put_lines(canvas.buf, Rect { y: below.y + 1, height: below.height.saturating_sub(1), ..below }, &lines);
            return;
        }
        let top =
            (below.height * 3 / 5).max(3).min(u16::try_from(calls.len() + 1).unwrap_or(u16::MAX)).min(below.height);
        self.table(&calls, Rect { height: top, ..below }, ctx, canvas);
        if let Some(call) = self.selected(ctx) {
            let place = Rect { y: below.y + top, height: below.height - top, ..below };
            let title = Line::from(vec![look.span(Role::Title, call.operation.clone())]);
            let room = pane::ruled(place, canvas.buf, title, false, look);
            let lines = details(call, usize::from(scroll::text_room(room)), ctx);
            scroll::draw(&lines, &self.details, room, canvas.buf, look);
        }
    }

    fn animates(&self, ctx: &Ctx) -> Option<u64> {
        ctx.calls.is_none().then_some(100)
    }
}

impl Log {
    /// How many calls, how many failed, and the filter.
    fn head(&self, all: &[CallRecord], shown: usize, ctx: &Ctx) -> Line<'static> {
        let look = &ctx.look;
        let (count, total) = (shown.to_string(), all.len().to_string());
        let mut spans = vec![look.span(Role::Title, look.fill("log.count", &[("n", &total)]))];
        let failed = all.iter().filter(|call| !call.error.is_empty()).count();
        if failed > 0 {
            spans.push(Span::raw("  "));
            spans.push(look.mark(Mark::Failed));
            spans.push(Span::raw(format!(" {} {failed}", Mark::Failed.word(ctx.lang()))));
        }
        if self.typing || !self.filter.is_empty() {
            let cursor = if self.typing { "▏" } else { "" };
            spans.push(look.span(Role::Dim, format!("   {} ", look.label("log.filter"))));
            spans.push(look.span(Role::Accent, format!("{}{cursor}", self.filter)));
            spans.push(look.span(Role::Dim, format!("  {}", look.fill("log.matches", &[("n", &count)]))));
        }
        Line::from(spans)
    }

    fn table(&self, calls: &[&CallRecord], area: Rect, ctx: &Ctx, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        let parts = [
            Column::Fixed(8),
            Column::Fixed(1),
            Column::Fixed(29),
            Column::Fill(12),
            Column::When(14, 90),
            Column::Fixed(7),
            Column::When(26, 110),
        ];
        let sizes = widths(&parts, usize::from(area.width.saturating_sub(4)));
        let head = |key| Line::from(look.span(Role::Dim, look.label(key)));
        let heads = vec![
            head("log.time"),
            Line::default(),
            head("log.operation"),
            head("log.resource"),
            head("log.region"),
            head("log.latency").right_aligned(),
            head("log.result"),
        ];
        put(canvas.buf, area.x + 2, area.y, area.width.saturating_sub(2), columns(heads, &sizes));
        let place = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        list::draw(calls.len(), &self.list, place, canvas.buf, look, |at, _| {
            let Some(call) = calls.get(at) else { return Line::default() };
            let (mark, result) = outcome(call);
            let taken = call.millis.map_or_else(|| "–".to_owned(), latency);
            let cells = vec![
                Line::from(look.span(Role::Dim, look.clock(call.time))),
                Line::from(look.mark(mark)),
                Line::from(Span::raw(call.operation.clone())),
                Line::from(Span::raw(truncate_middle(&call.key.name, sizes.get(3).copied().unwrap_or(0)).into_owned())),
                Line::from(look.span(Role::Dim, call.region.clone())),
                Line::from(look.span(Role::Dim, taken)).right_aligned(),
                Line::from(look.span(if mark == Mark::Failed { Role::Failed } else { Role::Dim }, result)),
            ];
            columns(cells, &sizes)
        });
        for (y, at) in (place.top()..place.bottom()).zip(self.list.offset()..calls.len()) {
            canvas.spot(Rect { y, height: 1, ..place }, Spot::Row(at));
        }
    }
}

fn outcome(call: &CallRecord) -> (Mark, String) {
    if !call.error.is_empty() {
        (Mark::Failed, call.error.clone())
    } else if call.millis.is_none() {
        (Mark::Waiting, String::new())
    } else {
        (Mark::Checked, call.id.clone().unwrap_or_default())
    }
}

fn details(call: &CallRecord, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let (mark, result) = outcome(call);
    let word = look.label(match mark {
        Mark::Failed => "log.refused",
        Mark::Waiting => "log.under-way",
        _ => "log.answered",
    });
    let mut first = vec![look.mark(mark), Span::raw(" "), look.span(mark.role(), word)];
    if !result.is_empty() {
        first.push(Span::raw(format!("  {result}")));
    }
    first.push(look.span(Role::Dim, format!("  {}:{}  {}", call.service, call.operation, call.region)));
    let mut lines = wrap_spans(&first, room, &[], &[Span::raw("  ")]);
    if let Some(step) = ctx.course.step(&call.step) {
        let text = format!("{} {} · {}", step.number, ctx.t(&step.title), call.key.name);
        lines.extend(wrap_spans(&[look.span(Role::Dim, text)], room, &[], &[]));
    }
    lines.push(Line::default());
    for line in call.cli.lines() {
        lines.extend(wrap_spans(&[look.span(Role::Code, line)], room, &[], &[Span::raw("    ")]));
    }
    lines
}
