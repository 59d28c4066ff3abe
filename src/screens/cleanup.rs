//! Taking everything down again: what will be deleted and in which order, the live progress with blockers named, and the
//! plain last sentence that says what is left.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::course::model::Key;
use crate::i18n::Text;
use crate::input::{Action, Context};
use crate::lab::phase::PhaseKind;
use crate::lab::report::{CleanupReport, Left, Teardown, TeardownItem};
use crate::lab::story::{stories, told};
use crate::problem::Problem;
use crate::view::format::{elapsed, fill, per_hour};
use crate::view::mark::{ARROW, DOT, Mark, spinner};
use crate::view::text::{truncate_middle, wrap_spans};
use crate::view::theme::Role;
use crate::view::widgets::gauge;
use crate::view::widgets::list::{self, Column, ListState, columns, widths};
use crate::view::widgets::phases::{PhaseRow, is_going_on, word};
use crate::view::widgets::scroll::{self, Scroll};
use crate::view::widgets::{problem, put, put_lines};

use super::confirm::Confirm;
use super::effect::TaskId;
use super::words;
use super::{Ask, Canvas, Ctx, News, Offer, Opening, Query, Screen, Work, WorkKind};

/// The cleanup screen.
#[derive(Default)]
pub struct Cleanup {
    /// The steps to clean up; empty is everything.
    steps: Vec<String>,
    /// What they are called; empty for everything.
    name: Text,
    list: ListState,
    page: Scroll,
    /// The cleanup that this screen started or found under way.
    task: Option<TaskId>,
    /// Whether the learner has moved in the list, so that it no longer follows what goes on.
    moved: bool,
}

/// What the screen shows.
enum Stage<'a> {
    /// The plan is being made.
    Planning,
    /// It could not be made.
    NoPlan(&'a Problem),
    /// What will be deleted.
    Preview(&'a Teardown),
    /// Under way.
    Going(&'a Work),
    /// The end.
    Ended(&'a Work, Result<&'a CleanupReport, &'a Problem>),
}

impl Cleanup {
    /// Cleans up everything.
    pub fn everything() -> Self {
        Self::default()
    }

    /// Cleans up some steps, and whatever depends on them. `name` is what they are called.
    pub fn of(steps: Vec<String>, name: Text) -> Self {
        Self { steps, name, ..Self::default() }
    }

    fn stage<'a>(&self, ctx: &'a Ctx) -> Stage<'a> {
        let work = ctx.work.as_ref().filter(|work| work.kind == WorkKind::Cleanup);
        if let Some(work) = work {
            match &work.cleanup {
                Some(end) if self.task == Some(work.id) => return Stage::Ended(work, end.as_ref()),
                None if !work.ended() => return Stage::Going(work),
                _ => {}
            }
        }
        match (&ctx.teardown, &ctx.opening) {
            (_, Opening::Failed(why)) => Stage::NoPlan(why),
            (Some(Ok(teardown)), _) => Stage::Preview(teardown),
            (Some(Err(why)), _) => Stage::NoPlan(why),
            (None, _) => Stage::Planning,
        }
    }

    fn plan(&self) -> Vec<Ask> {
        vec![Ask::Query(Query::Survey), Ask::Query(Query::Teardown(self.steps.clone()))]
    }

    fn length(&self, ctx: &Ctx) -> usize {
        match self.stage(ctx) {
            Stage::Preview(teardown) => teardown.items.len(),
            Stage::Going(work) => work.lines.len(),
            _ => 0,
        }
    }
}

impl Screen for Cleanup {
    fn context(&self) -> Context {
        Context::Cleanup
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        let mut trail = vec![ctx.look.label("cleanup.title").to_owned()];
        if !self.name.is_empty() {
            trail.push(ctx.t(&self.name).to_owned());
        }
        trail
    }

    fn offers(&self, ctx: &Ctx) -> Vec<Offer> {
        match self.stage(ctx) {
            Stage::Preview(teardown) if teardown.items.is_empty() => {
                vec![Offer::new(Action::Accept, 80).called("다시 둘러보기", "look again")]
            }
            Stage::Preview(_) => vec![Offer::new(Action::Accept, 80).called("지우기", "delete")],
            Stage::NoPlan(_) => vec![Offer::new(Action::Accept, 80).called("다시 시도", "try again")],
            Stage::Ended(_, Ok(report)) if report.left.is_empty() => {
                vec![Offer::new(Action::Accept, 80).called("처음으로", "home")]
            }
            Stage::Ended(..) => vec![Offer::new(Action::Accept, 80).called("다시 지우기", "delete again")],
            Stage::Planning | Stage::Going(_) => Vec::new(),
        }
    }

    fn opened(&mut self, ctx: &Ctx) -> Vec<Ask> {
        self.task = ctx.working().filter(|work| work.kind == WorkKind::Cleanup).map(|work| work.id);
        if self.task.is_some() { Vec::new() } else { self.plan() }
    }

    fn told(&mut self, news: &News, ctx: &Ctx) -> Vec<Ask> {
        let work = ctx.work.as_ref().filter(|work| work.kind == WorkKind::Cleanup);
        match news {
            News::Opened => return self.plan(),
            News::Phase => self.task = work.filter(|work| !work.ended()).map(|work| work.id).or(self.task),
            News::Ended(id) => self.task = work.map(|work| work.id).filter(|of| of == id).or(self.task),
            _ => {}
        }
        Vec::new()
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        let length = self.length(ctx);
        let reading = matches!(self.stage(ctx), Stage::Ended(..) | Stage::NoPlan(_));
        match action {
            Action::Accept => match self.stage(ctx) {
                // With nothing to delete there is nothing to agree to; but what is gone leaves the list.
                Stage::Preview(teardown) if teardown.items.is_empty() && !gone(ctx) => return self.plan(),
                Stage::Preview(teardown) => {
                    return vec![Ask::Push(Box::new(Confirm::cleanup(teardown.clone(), ctx)))];
                }
                Stage::Ended(_, Ok(report)) if report.left.is_empty() => return vec![Ask::Home],
                Stage::Ended(..) | Stage::NoPlan(_) => {
                    *self = Self::of(self.steps.clone(), self.name.clone());
                    return self.plan();
                }
                Stage::Planning | Stage::Going(_) => {}
            },
            Action::Up if reading => self.page.by(-1),
            Action::Down if reading => self.page.by(1),
            Action::PageUp if reading => self.page.page(-1),
            Action::PageDown if reading => self.page.page(1),
            Action::First if reading => self.page.top(),
            Action::Last if reading => self.page.bottom(),
            Action::Up => self.list.by(-1, length),
            Action::Down => self.list.by(1, length),
            Action::PageUp => self.list.page(-1, length),
            Action::PageDown => self.list.page(1, length),
            Action::First => self.list.select(0, length),
            Action::Last => self.list.select(usize::MAX, length),
            _ => return Vec::new(),
        }
        self.moved = true;
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        let room = usize::from(scroll::text_room(area));
        let look = &ctx.look;
        match self.stage(ctx) {
            Stage::Planning => {
                let text = look.label("cleanup.planning");
                let line =
                    Line::from(vec![look.span(Role::Waiting, spinner(ctx.frame)), Span::raw(format!(" {text}"))]);
                put(canvas.buf, area.x, area.y + 1, area.width, line);
            }
            Stage::NoPlan(why) => {
                scroll::draw(&problem::lines(why, room, look), &self.page, area, canvas.buf, look);
            }
            Stage::Preview(teardown) => self.preview(teardown, area, ctx, canvas),
            Stage::Going(work) => {
                if !self.moved {
                    // Follow the first that is under way.
                    let going = |row: &Option<PhaseRow>| row.as_ref().is_some_and(|row| is_going_on(row.last.kind));
                    if let Some(at) = work.lines.iter().position(|(_, row)| going(row)) {
                        self.list.select(at, work.lines.len());
                    }
                }
                self.going(work, area, ctx, canvas);
            }
            Stage::Ended(work, Ok(report)) => {
                let lines = end(work, report, room, ctx);
                let area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
                scroll::draw(&lines, &self.page, area, canvas.buf, look);
            }
            Stage::Ended(_, Err(why)) => {
                let area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
                scroll::draw(&problem::lines(why, room, look), &self.page, area, canvas.buf, look);
            }
        }
    }

    fn animates(&self, ctx: &Ctx) -> Option<u64> {
        matches!(self.stage(ctx), Stage::Planning | Stage::Going(_)).then_some(100)
    }
}

impl Cleanup {
    /// A line above the list, the list, an empty line and a line below it.
    fn parts(area: Rect) -> [Rect; 3] {
        let list = Rect { y: area.y + 2, height: area.height.saturating_sub(4), ..area };
        [Rect { height: 1, ..area }, list, Rect { y: area.bottom().saturating_sub(1), height: 1, ..area }]
    }

    fn preview(&self, teardown: &Teardown, area: Rect, ctx: &Ctx, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        if teardown.items.is_empty() {
            let text = look.label("cleanup.nothing");
            let mut lines = wrap_spans(&[Span::raw(text)], usize::from(area.width), &[], &[]);
            lines.extend(words::elsewhere(ctx, usize::from(area.width)));
            put_lines(canvas.buf, Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }, &lines);
            return;
        }
        let [top, list, bottom] = Self::parts(area);
        let count = teardown.items.len().to_string();
        let intro = vec![
            look.span(Role::Title, look.fill("cleanup.count", &[("n", &count)])),
            look.span(Role::Dim, format!("  {}", look.label("cleanup.in-order"))),
        ];
        put(canvas.buf, top.x, top.y, top.width, Line::from(intro));
        let parts = [Column::Fixed(3), Column::Fill(16), Column::Fixed(18), Column::Fixed(9), Column::When(30, 92)];
        let sizes = widths(&parts, usize::from(list.width.saturating_sub(4)));
        list::draw(teardown.items.len(), &self.list, list, canvas.buf, look, |at, _| {
            let Some(item) = teardown.items.get(at) else { return Line::default() };
            let price = if item.row.cost_per_hour > 0.0 { per_hour(item.row.cost_per_hour) } else { "–".into() };
            let role = if item.row.cost_per_hour > 0.0 { Role::Cost } else { Role::Dim };
            let after = item.after.last().and_then(|at| teardown.items.get(*at));
            let after = after.map(|item| look.fill("cleanup.after", &[("name", &item.row.key.name)]));
            let cells = vec![
                Line::from(look.span(Role::Dim, (at + 1).to_string())).right_aligned(),
                Line::from(Span::raw(
                    truncate_middle(&item.row.key.name, sizes.get(1).copied().unwrap_or(0)).into_owned(),
                )),
                Line::from(look.span(Role::Dim, kind_of(item, ctx))),
                Line::from(look.span(role, price)).right_aligned(),
                Line::from(look.span(Role::Dim, after.unwrap_or_default())),
            ];
            columns(cells, &sizes)
        });
        let mut cost = vec![
            Span::raw(format!("{} ", look.label("cleanup.cost"))),
            look.span(Role::Cost, per_hour(teardown.cost_per_hour)),
            Span::raw(format!(" {ARROW} ")),
            look.span(Role::Ready, per_hour(0.0)),
        ];
        let by_hand = teardown.items.iter().filter(|item| item.row.adopted).count();
        if by_hand > 0 {
            let text = look.fill("cleanup.by-hand", &[("n", &by_hand.to_string())]);
            cost.push(look.span(Role::Dim, format!("   * {text}")));
        }
        put(canvas.buf, bottom.x, bottom.y, bottom.width, Line::from(cost));
    }

    fn going(&self, work: &Work, area: Rect, ctx: &Ctx, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        let [top, list, bottom] = Self::parts(area);
        let is_gone = |row: &Option<PhaseRow>| row.as_ref().is_some_and(|row| row.last.kind == PhaseKind::Deleted);
        let done = work.lines.iter().filter(|(_, row)| is_gone(row)).count();
        let total = work.lines.len();
        let title = if work.cancelling { "cleanup.stopping" } else { "cleanup.going" };
        let since = u64::try_from(ctx.now - work.since).unwrap_or(0);
        let intro = vec![
            look.span(Role::Waiting, spinner(ctx.frame)),
            Span::raw(" "),
            look.span(Role::Title, look.label(title)),
            look.span(Role::Dim, format!(" {DOT} {}", elapsed(since))),
        ];
        put(canvas.buf, top.x, top.y, top.width, Line::from(intro));

        let parts = [Column::Fixed(1), Column::Fill(14), Column::When(18, 92), Column::Fill(24)];
        let sizes = widths(&parts, usize::from(list.width.saturating_sub(4)));
        list::draw(total, &self.list, list, canvas.buf, look, |at, _| {
            let Some((key, row)) = work.lines.get(at) else { return Line::default() };
            let mark = row.as_ref().map_or(Mark::NotStarted, |row| Mark::of_phase(row.last.kind));
            let name = truncate_middle(&key.name, sizes.get(1).copied().unwrap_or(0)).into_owned();
            let name = if mark == Mark::NotStarted { look.span(Role::Dim, name) } else { Span::raw(name) };
            let waits = mark == Mark::Waiting;
            let sign = if waits { look.span(mark.role(), spinner(ctx.frame)) } else { look.mark(mark) };
            let cells = vec![
                Line::from(sign),
                Line::from(name),
                Line::from(look.span(Role::Dim, ctx.kind_title(&key.kind))),
                Line::from(status(key, row.as_ref(), work, ctx)),
            ];
            columns(cells, &sizes)
        });

        let mut foot = gauge::bar(done, total, 20.min(usize::from(bottom.width) / 4), look);
        foot.push(Span::raw(format!(" {done} / {total}")));
        if let Some(left) = cost_left(work, ctx) {
            foot.push(Span::raw(format!("   {} ", look.label("cleanup.cost-left"))));
            foot.push(look.span(Role::Cost, per_hour(left)));
            foot.push(Span::raw(format!(" {ARROW} ")));
            foot.push(look.span(Role::Ready, per_hour(0.0)));
        }
        put(canvas.buf, bottom.x, bottom.y, bottom.width, Line::from(foot));
    }
}

/// Whether the ledger has something that is not there any more.
fn gone(ctx: &Ctx) -> bool {
    ctx.survey.iter().flat_map(|survey| &survey.rows).any(|row| row.health.is_none())
}

/// The kind of a resource, and whether the learner made it.
fn kind_of(item: &TeardownItem, ctx: &Ctx) -> String {
    let title = ctx.kind_title(&item.row.key.kind);
    if item.row.adopted { format!("* {title}") } else { title }
}

/// What the resources that are not gone yet cost.
fn cost_left(work: &Work, ctx: &Ctx) -> Option<f64> {
    let rows = &ctx.survey.as_ref()?.rows;
    let stands = |key: &Key| work.phase(key).is_none_or(|phase| phase.kind != PhaseKind::Deleted);
    let keys = work.lines.iter().map(|(key, _)| key).filter(|key| stands(key));
    Some(keys.filter_map(|key| rows.iter().find(|row| row.key == *key)).map(|row| row.cost_per_hour).sum())
}

/// What is happening to a resource.
fn status(key: &Key, row: Option<&PhaseRow>, work: &Work, ctx: &Ctx) -> Vec<Span<'static>> {
    let look = &ctx.look;
    let Some(PhaseRow { last, .. }) = row else {
        let text = behind(key, work, ctx).map(|name| look.fill("cleanup.after", &[("name", &name)]));
        return vec![look.span(Role::Dim, text.unwrap_or_else(|| look.label("cleanup.soon").to_owned()))];
    };
    let mark = Mark::of_phase(last.kind);
    let waited = last.elapsed + u64::try_from(ctx.now - last.time).unwrap_or(0);
    match last.kind {
        PhaseKind::Deleted => vec![
            look.span(mark.role(), word(last.kind, look)),
            look.span(Role::Dim, format!(" {}", elapsed(last.elapsed))),
        ],
        PhaseKind::Blocked => {
            let blocker = last.detail.clone().unwrap_or_default();
            let mut spans = vec![look.span(Role::Drifted, look.fill("cleanup.blocked", &[("name", &blocker)]))];
            spans.push(Span::raw(" "));
            spans.extend(gauge::times(waited, last.usual, look));
            spans
        }
        PhaseKind::Failed => {
            let why = last.problem.as_ref().map(|why| ctx.t(&why.title).to_owned());
            vec![look.span(Role::Failed, why.unwrap_or_else(|| word(last.kind, look).to_owned()))]
        }
        kind => {
            let state = last.state.clone().unwrap_or_else(|| word(kind, look).to_owned());
            let mut spans = vec![look.span(mark.role(), state)];
            if is_going_on(kind) {
                spans.push(Span::raw(" "));
                spans.extend(gauge::times(waited, last.usual, look));
            }
            if let Some(detail) = &last.detail {
                spans.push(look.span(Role::Dim, format!(" {DOT} {detail}")));
            }
            spans
        }
    }
}

/// The resource that must be gone before this one, when one still stands.
fn behind(key: &Key, work: &Work, ctx: &Ctx) -> Option<String> {
    let Some(Ok(teardown)) = &ctx.teardown else { return None };
    let item = teardown.items.iter().find(|item| item.row.key == *key)?;
    let stands = |key: &Key| work.phase(key).is_none_or(|phase| phase.kind != PhaseKind::Deleted);
    let mut before = item.after.iter().rev().filter_map(|at| teardown.items.get(*at));
    before.find(|item| stands(&item.row.key)).map(|item| item.row.key.name.clone())
}

/// `두 리전에서`, `서울(ap-northeast-2)에서`: where was looked again.
fn regions(report: &CleanupReport, ctx: &Ctx) -> String {
    match report.regions.as_slice() {
        [one] => one.clone(),
        [_, _] => ctx.look.label("cleanup.both-regions").to_owned(),
        more => fill(ctx.look.label("cleanup.regions"), &[("n", &more.len().to_string())]),
    }
}

/// The last screen.
fn end(work: &Work, report: &CleanupReport, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let place = regions(report, ctx);
    let time = look.clock(report.verified_at);
    let count = report.left.len().to_string();
    let zero = report.left.is_empty();
    let cost = if zero { 0.0 } else { cost_of_left(&report.left, ctx) };
    let values = [("n", count.as_str()), ("cost", &per_hour(cost)), ("place", &place), ("time", &time)];
    let sentence = look.fill("cleanup.left", &values);
    let mark = if zero { Mark::Checked } else { Mark::Failed };
    let first = [look.mark(mark), Span::raw(" ")];
    let mut lines = wrap_spans(&[look.span(mark.role(), sentence)], room, &first, &[Span::raw("  ")]);
    lines.push(Line::default());
    let deleted = report.deleted.len().to_string();
    let took = elapsed(u64::try_from(report.verified_at - work.since).unwrap_or(0));
    let mut facts = look.fill("cleanup.deleted", &[("n", &deleted), ("time", &took)]);
    if let Some(survey) = &ctx.survey {
        facts.push_str(&format!(" {DOT} "));
        facts.push_str(&look.fill("cleanup.spent", &[("usd", &crate::view::format::money(survey.cost_so_far))]));
    }
    lines.extend(wrap_spans(&[Span::raw(facts)], room, &[Span::raw("  ")], &[Span::raw("  ")]));
    if report.regions.len() > 1 {
        let names = report.regions.join(", ");
        lines.push(Line::from(look.span(Role::Dim, format!("  {names}"))));
    }
    for left in &report.left {
        lines.push(Line::default());
        lines.extend(remains(left, room, ctx));
    }
    let elsewhere = words::elsewhere(ctx, room);
    if !elsewhere.is_empty() {
        lines.push(Line::default());
        lines.extend(elsewhere);
    }
    lines.extend(built(work.since, room, ctx));
    lines
}

/// What was built in each chapter of which something was deleted.
fn built(since: i64, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let history = ctx.survey.as_ref().map_or(&[][..], |survey| &survey.history);
    let stories = stories(&ctx.course, history, &ctx.ways, since);
    if stories.is_empty() {
        return Vec::new();
    }
    let mut lines =
        vec![Line::default(), Line::from(look.span(Role::Title, format!("  {}", look.label("cleanup.built"))))];
    for story in &stories {
        let Some(chapter) = ctx.course.chapter(&story.chapter) else { continue };
        let head = look.span(Role::Strong, format!("{} {}", chapter.number, ctx.t(&chapter.title)));
        let facts = told(story, ctx.now, ctx.lang()).join(&format!(" {DOT} "));
        let indent = [Span::raw("  ")];
        lines.extend(wrap_spans(&[head, Span::raw(format!("   {facts}"))], room, &indent, &[Span::raw("    ")]));
        let kinds = story.kinds.iter().map(|(kind, count)| format!("{} {count}", ctx.kind_title(kind)));
        let kinds = look.span(Role::Dim, kinds.collect::<Vec<_>>().join(", "));
        lines.extend(wrap_spans(&[kinds], room, &[Span::raw("    ")], &[Span::raw("    ")]));
    }
    lines
}

fn cost_of_left(left: &[Left], ctx: &Ctx) -> f64 {
    let rows = ctx.survey.as_ref().map_or(&[][..], |survey| &survey.rows);
    left.iter().filter_map(|left| rows.iter().find(|row| row.key == left.key)).map(|row| row.cost_per_hour).sum()
}

/// What is left, and why.
fn remains(left: &Left, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let rest = [Span::raw("    ")];
    let title = [
        look.span(Role::Strong, left.key.name.clone()),
        look.span(Role::Dim, format!("  {}  {}  {}", ctx.kind_title(&left.key.kind), left.id, left.region)),
    ];
    let mut lines = wrap_spans(&title, room, &[Span::raw("  "), look.mark(Mark::Failed), Span::raw(" ")], &rest);
    for blocker in &left.blocked_by {
        let name =
            if blocker.name.is_empty() { blocker.id.clone() } else { format!("{} ({})", blocker.name, blocker.id) };
        let text = look.fill("cleanup.blocked", &[("name", &name)]);
        let passes = if blocker.passes { look.label("cleanup.passes") } else { look.label("cleanup.act") };
        let spans = [
            look.span(Role::Drifted, text),
            Span::raw(format!(": {}", ctx.t(&blocker.why))),
            look.span(Role::Dim, format!(" {passes}")),
        ];
        lines.extend(wrap_spans(&spans, room, &rest, &rest));
    }
    if let Some(why) = &left.problem {
        for line in problem::lines(why, room.saturating_sub(4), look) {
            let mut line = line;
            line.spans.insert(0, Span::raw("    "));
            lines.push(line);
        }
    }
    lines
}
