//! The monitor: an Auto Scaling group live, with everything on one time axis.
//!
//! It refreshes itself while it is the page that is shown ([`Screen::watches`]); paused, replayed or covered it asks for
//! nothing. With a cursor, every pane shows the moment under it; without one, now.

mod activities;
mod chart;
mod edit;
mod head;
mod instances;
mod load;
mod story;

use std::cell::Cell;

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::i18n::Text;
use crate::input::{Action, Context};
use crate::lab::watch::look::{self, Look};
use crate::lab::watch::snapshot::{Activity, GroupLine};
use crate::lab::watch::{History, Metric, Moment, svg};
use crate::view::mark::spinner;
use crate::view::text::{width, wrap};
use crate::view::theme::Role;
use crate::view::widgets::list::{self, Column, ListState, columns, widths};
use crate::view::widgets::{problem, put, put_lines};

use super::effect::{ClockOrder, TaskId};
use super::{Ask, Canvas, Ctx, Effect, News, Offer, Opening, Query, Screen, Spot, Work};

/// From this width on instances and activities stand side by side.
const WIDE: u16 = 110;
/// The spans that can be shown, in minutes.
const SPANS: [i64; 9] = [10, 20, 30, 60, 120, 180, 360, 720, 1440];
/// The span at first.
const FIRST_SPAN: usize = 2;
/// The shortest real time between two refreshes.
const LEAST: i64 = 500;
/// Clicks on activities and on columns of the chart are told apart from rows of instances by these.
const ACTIVITY: usize = 1_000_000;
const COLUMN: usize = 2_000_000;

/// What has the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Pane {
    #[default]
    Instances,
    Activities,
}

/// The monitor screen.
pub struct Monitor {
    /// The group to watch; `None` until it is known or chosen.
    group: Option<String>,
    /// Whether the list of groups is shown.
    choosing: bool,
    groups: ListState,
    span: usize,
    /// The right edge of the picture; `None` follows the present.
    edge: Option<i64>,
    cursor: Option<i64>,
    paused: bool,
    metric: Metric,
    pane: Pane,
    instances: ListState,
    activities: ListState,
    /// The drill that is followed, by the number of its run.
    drill: Option<TaskId>,
    /// Time of a column as last drawn.
    axis: Cell<(i64, i64)>,
    lanes: chart::Lanes,
}

impl Default for Monitor {
    fn default() -> Self {
        Self {
            group: None,
            choosing: false,
            groups: ListState::default(),
            span: FIRST_SPAN,
            edge: None,
            cursor: None,
            paused: false,
            metric: Metric::Cpu,
            pane: Pane::default(),
            instances: ListState::default(),
            activities: ListState::default(),
            drill: None,
            axis: Cell::new((0, 1)),
            lanes: chart::Lanes::default(),
        }
    }
}

impl Monitor {
    /// The monitor of a group.
    pub fn of(group: &str) -> Self {
        Self { group: Some(group.to_owned()), ..Self::default() }
    }

    /// The history of the group that is shown.
    fn history<'a>(&self, ctx: &'a Ctx) -> Option<&'a History> {
        let history = ctx.watch.history.as_ref()?;
        (ctx.watch.replay || self.group.as_deref() == Some(&history.name)).then_some(history)
    }

    fn moment<'a>(&self, ctx: &'a Ctx) -> Option<Moment<'a>> {
        Some(self.history(ctx).filter(|history| !history.is_empty())?.moment(self.cursor))
    }

    fn groups(ctx: &Ctx) -> &[GroupLine] {
        match &ctx.watch.groups {
            Some(Ok(groups)) => groups,
            _ => &[],
        }
    }

    /// The left and the right edge of the picture.
    fn window(&self, history: &History) -> (i64, i64) {
        let span = SPANS.get(self.span).copied().unwrap_or(30) * 60_000;
        let to = self.edge.unwrap_or(history.at);
        (to - span, to)
    }

    /// Keeps the cursor inside the picture.
    fn reach(&mut self, history: &History) {
        let Some(cursor) = self.cursor else { return };
        let (from, to) = self.window(history);
        if cursor < from {
            self.edge = Some(to - (from - cursor));
        } else if cursor > to {
            self.edge = Some(cursor);
        }
    }

    fn move_cursor(&mut self, columns: i64, ctx: &Ctx) {
        let Some(history) = self.history(ctx).filter(|history| !history.is_empty()) else { return };
        let (from, to) = self.axis.get();
        let step = (to - from).max(1);
        let at = self.cursor.unwrap_or(history.at) + columns * step;
        if at >= history.at {
            self.cursor = None;
            self.edge = None;
        } else {
            self.cursor = Some(at);
            self.reach(history);
        }
    }

    fn zoom(&mut self, by: isize, ctx: &Ctx) {
        let Some(history) = self.history(ctx) else { return };
        let (from, to) = self.window(history);
        self.span = self.span.saturating_add_signed(by).min(SPANS.len() - 1);
        // The picture keeps its middle, or the cursor's place in it; following, it keeps its right edge.
        if self.edge.is_some() || self.cursor.is_some() {
            let kept = self.cursor.unwrap_or(i64::midpoint(from, to));
            let (new_from, new_to) = self.window(history);
            let share = (kept - from).saturating_mul(new_to - new_from) / (to - from).max(1);
            let edge = kept - share + (new_to - new_from);
            self.edge = Some(edge).filter(|edge| *edge < history.at);
        }
    }

    fn pan(&mut self, by: i64, ctx: &Ctx) {
        let Some(history) = self.history(ctx) else { return };
        let (from, to) = self.window(history);
        let edge = to + by * (to - from) / 4;
        self.edge = Some(edge).filter(|edge| *edge < history.at);
        if let Some(cursor) = self.cursor {
            let (from, to) = self.window(history);
            self.cursor = Some(cursor.clamp(from, to)).filter(|cursor| *cursor < history.at);
        }
    }

    fn choose(&mut self, name: String) -> Vec<Ask> {
        *self = Self { group: Some(name), span: self.span, metric: self.metric, ..Self::default() };
        Vec::new()
    }

    fn count(&self, ctx: &Ctx) -> usize {
        match self.pane {
            Pane::Instances => self.moment(ctx).map_or(0, |moment| moment.count()),
            Pane::Activities => self.moment(ctx).map_or(0, |moment| moment.activities().len()),
        }
    }

    fn list(&mut self) -> &mut ListState {
        match self.pane {
            Pane::Instances => &mut self.instances,
            Pane::Activities => &mut self.activities,
        }
    }

    fn walk(&mut self, action: Action, length: usize, choosing: bool) {
        let list = if choosing { &mut self.groups } else { self.list() };
        match action {
            Action::Up => list.by(-1, length),
            Action::Down => list.by(1, length),
            Action::PageUp => list.page(-1, length),
            Action::PageDown => list.page(1, length),
            Action::First => list.select(0, length),
            Action::Last => list.select(length, length),
            _ => {}
        }
    }

    /// The run of the drill that was being followed when the monitor was opened.
    fn followed<'a>(&self, ctx: &'a Ctx) -> Option<&'a Work> {
        ctx.work.as_ref().filter(|work| Some(work.id) == self.drill)
    }

    /// The next thing to ask the cloud.
    fn next(&self, ctx: &Ctx) -> Vec<Ask> {
        if self.paused || ctx.watch.replay || ctx.watch.looking || ctx.opening != Opening::Ready {
            return Vec::new();
        }
        match &self.group {
            None => vec![Ask::Query(Query::Groups)],
            Some(_) if self.choosing => vec![Ask::Query(Query::Groups)],
            Some(name) => {
                let fresh;
                let history = match self.history(ctx) {
                    Some(history) => history,
                    None => {
                        fresh = History::new(name);
                        &fresh
                    }
                };
                vec![Ask::Query(Query::Watch(Box::new(Look::next(history, ctx.now, self.metric))))]
            }
        }
    }
}

impl Screen for Monitor {
    fn context(&self) -> Context {
        Context::Monitor
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        let name = self.history(ctx).map(|history| history.name.clone()).or_else(|| self.group.clone());
        vec![name.unwrap_or_else(|| ctx.look.label("monitor.title").to_owned())]
    }

    fn time(&self, ctx: &Ctx) -> Option<i64> {
        self.moment(ctx).map(|moment| moment.at)
    }

    fn offers(&self, ctx: &Ctx) -> Vec<Offer> {
        if self.choosing || self.group.is_none() && !ctx.watch.replay {
            let some = !Self::groups(ctx).is_empty();
            let mut offers: Vec<Offer> = some.then_some(Offer::new(Action::Accept, 80)).into_iter().collect();
            if self.group.is_some() {
                offers.push(Offer::new(Action::Back, 60));
            }
            return offers;
        }
        // Where nothing is shown, nothing can be moved or changed; another group can be chosen.
        if self.moment(ctx).is_none_or(|moment| moment.history.missing) && !ctx.watch.replay {
            return vec![Offer::new(Action::PickGroup, 60)];
        }
        // What Enter does follows the step that is being worked on.
        let enter = self.followed(ctx).map(|work| match work.ended() {
            true => Offer::new(Action::Accept, 90).called("이어서", "go on"),
            false => Offer::new(Action::Accept, 90).called("기다리는 중", "waiting"),
        });
        let mut offers: Vec<Offer> = enter.into_iter().collect();
        offers.extend([
            Offer::new(Action::Earlier, 62).called("커서", "cursor"),
            Offer::new(Action::Later, 0),
            Offer::new(Action::ZoomIn, 44),
            Offer::new(Action::ZoomOut, 43),
            Offer::new(Action::PanBack, 0),
            Offer::new(Action::PanOn, 0),
            Offer::new(Action::NextPane, 58),
            Offer::new(Action::PreviousPane, 0),
            Offer::new(Action::PickMetric, 48),
        ]);
        if self.cursor.is_some() || self.edge.is_some() {
            offers.push(Offer::new(Action::Follow, 66));
        }
        if !ctx.watch.replay {
            let pause = Offer::new(Action::Pause, 46);
            offers.push(if self.paused { pause.called("다시 시작", "go on") } else { pause });
            offers.push(Offer::new(Action::EditSizes, 52));
            let loaded = self.moment(ctx).is_some_and(|moment| moment.loads().next().is_some());
            let (start, stop) = if loaded { (0, 64) } else { (56, 0) };
            offers.push(Offer::new(Action::StartLoad, start));
            offers.push(Offer::new(Action::StopLoad, stop));
            offers.push(Offer::new(Action::PickGroup, 16));
        } else {
            offers.push(Offer::new(Action::Back, 60).called("나가기", "leave"));
        }
        offers.push(Offer::new(Action::SavePicture, 14));
        if ctx.clock.is_some() && !ctx.watch.replay {
            offers.extend([
                Offer::new(Action::RealTime, 41),
                Offer::new(Action::TenTimes, 41),
                Offer::new(Action::SixtyTimes, 41),
                Offer::new(Action::Skip, 40),
            ]);
        }
        offers
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        let choosing = self.choosing || self.group.is_none() && !ctx.watch.replay;
        if choosing {
            let groups = Self::groups(ctx);
            if action == Action::Back {
                self.choosing = false;
            } else if action == Action::Accept {
                let chosen = groups.get(self.groups.selected()).map(|group| group.name.clone());
                if let Some(name) = chosen {
                    self.choose(name);
                    return self.next(ctx);
                }
            } else {
                self.walk(action, groups.len(), true);
            }
            return Vec::new();
        }
        match action {
            Action::Earlier => self.move_cursor(-1, ctx),
            Action::Later => self.move_cursor(1, ctx),
            Action::ZoomIn => self.zoom(-1, ctx),
            Action::ZoomOut => self.zoom(1, ctx),
            Action::PanBack => self.pan(-1, ctx),
            Action::PanOn => self.pan(1, ctx),
            Action::Back => return vec![Ask::Quit],
            Action::Accept => {
                return self
                    .followed(ctx)
                    .map(|work| match work.ended() {
                        true => Ask::Back,
                        false => Ask::Say(Text::new(
                            "이 단계가 끝나기를 기다립니다. 부하가 하는 일은 시간 축에서 보세요",
                            "This step is not over yet: see on the time axis what the load does",
                        )),
                    })
                    .into_iter()
                    .collect();
            }
            Action::EditSizes => {
                let group =
                    self.history(ctx).filter(|history| !history.missing).and_then(|history| history.group.as_ref());
                return group.map(|group| Ask::Push(Box::new(edit::Edit::new(group)))).into_iter().collect();
            }
            Action::StartLoad | Action::StopLoad => {
                // What can be loaded is what is there now, whatever the cursor shows.
                let Some(history) = self.history(ctx).filter(|history| !history.missing && history.group.is_some())
                else {
                    return Vec::new();
                };
                let moment = history.moment(None);
                if action == Action::StopLoad {
                    return load::stop(moment, ctx);
                }
                let ids = moment.ids();
                return load::start(moment, ids.get(self.instances.selected()).copied(), ctx);
            }
            Action::Follow => (self.cursor, self.edge) = (None, None),
            Action::Pause => {
                self.paused = !self.paused;
                return self.next(ctx);
            }
            Action::PickMetric => {
                self.metric = self.metric.next();
                return self.next(ctx);
            }
            Action::NextPane | Action::PreviousPane => {
                self.pane = if self.pane == Pane::Instances { Pane::Activities } else { Pane::Instances };
            }
            Action::PickGroup => {
                self.choosing = true;
                return self.next(ctx);
            }
            Action::SavePicture => {
                if let Some(history) = self.history(ctx).filter(|history| !history.is_empty()) {
                    let (from, to) = self.window(history);
                    let picture = svg::Picture { from, to, lang: ctx.lang(), utc_offset: ctx.look.utc_offset };
                    let time = ctx.look.clock(history.at).replace(':', "");
                    let name = format!("awslab-{}-{time}.svg", history.name.replace(['/', '\\'], "_"));
                    return vec![Ask::Do(Effect::Save(name, svg::draw(history, picture)))];
                }
            }
            Action::RealTime => return vec![Ask::Do(Effect::Clock(ClockOrder::Speed(1.0)))],
            Action::TenTimes => return vec![Ask::Do(Effect::Clock(ClockOrder::Speed(10.0)))],
            Action::SixtyTimes => return vec![Ask::Do(Effect::Clock(ClockOrder::Speed(60.0)))],
            _ => {
                let length = self.count(ctx);
                self.walk(action, length, false);
            }
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, ctx: &Ctx) -> Vec<Ask> {
        if self.choosing || self.group.is_none() && !ctx.watch.replay {
            let groups = Self::groups(ctx);
            if self.groups.selected() == row {
                return self.act(Action::Accept, ctx);
            }
            self.groups.select(row, groups.len());
        } else if let Some(column) = row.checked_sub(COLUMN) {
            if let Some(history) = self.history(ctx) {
                let (from, _) = self.window(history);
                let (left, right) = self.axis.get();
                let at = from + i64::try_from(column).unwrap_or(0) * (right - left) + (right - left) / 2;
                self.cursor = Some(at).filter(|at| *at < history.at);
            }
        } else if let Some(row) = row.checked_sub(ACTIVITY) {
            self.pane = Pane::Activities;
            let length = self.count(ctx);
            self.activities.select(row, length);
        } else {
            self.pane = Pane::Instances;
            let length = self.count(ctx);
            self.instances.select(row, length);
        }
        Vec::new()
    }

    fn opened(&mut self, ctx: &Ctx) -> Vec<Ask> {
        self.drill = ctx.drill().and(ctx.working()).map(|work| work.id);
        // What was watched before is watched again.
        if self.group.is_none() {
            self.group = ctx.watch.history.as_ref().map(|history| history.name.clone());
        }
        self.next(ctx)
    }

    fn told(&mut self, news: &News, ctx: &Ctx) -> Vec<Ask> {
        match news {
            News::Opened => self.next(ctx),
            // A single group needs no choice.
            News::Watched if self.group.is_none() && !ctx.watch.replay => match Self::groups(ctx) {
                [only] => {
                    self.group = Some(only.name.clone());
                    self.next(ctx)
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn watches(&self, ctx: &Ctx) -> Option<u64> {
        if self.paused || ctx.watch.replay || ctx.watch.looking || ctx.opening != Opening::Ready {
            return None;
        }
        let pause = self.history(ctx).map_or(look::EVERY, look::pause);
        let real = match ctx.clock {
            Some(clock) if clock.speed > 0.0 => {
                #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "some seconds")]
                let real = (pause as f64 / clock.speed) as i64;
                real.max(LEAST)
            }
            _ => pause.max(LEAST),
        };
        u64::try_from(real).ok()
    }

    fn look(&mut self, ctx: &Ctx) -> Vec<Ask> {
        self.next(ctx)
    }

    fn animates(&self, ctx: &Ctx) -> Option<u64> {
        let waiting = ctx.watch.looking && self.moment(ctx).is_none();
        waiting.then_some(100)
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let area = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        if self.choosing || self.group.is_none() && !ctx.watch.replay {
            return self.view_groups(ctx, area, canvas);
        }
        let Some(moment) = self.moment(ctx) else { return self.view_waiting(ctx, area, canvas) };
        if moment.history.missing {
            return view_missing(moment.history, ctx, area, canvas);
        }
        let alarms = u16::try_from(moment.history.alarms.len().clamp(1, 2)).unwrap_or(1);
        let troubles = u16::try_from(moment.history.problems.len().min(2)).unwrap_or(0);
        let story = self.followed(ctx).and_then(|work| story::line(work, moment, ctx));
        let told = u16::from(story.is_some());
        let top = 1 + alarms + troubles + u16::from(ctx.watch.problem.is_some());
        // A failure brings AWS's sentence and what to do.
        let failing = if moment.activities().iter().take(3).any(Activity::failed) { 8 } else { 0 };
        let rows = moment.count().max(moment.activities().len().min(8) + failing) + 4;
        let lower = u16::try_from(rows).unwrap_or(u16::MAX).min(area.height * 3 / 8).max(7);
        let [first, upper, middle, bottom] = Layout::vertical([
            Constraint::Length(told),
            Constraint::Length(top),
            Constraint::Fill(1),
            Constraint::Length(lower),
        ])
        .areas(area);
        if let Some(line) = story {
            put(canvas.buf, first.x, first.y, first.width, line);
        }
        head::draw(&head::Head { moment, paused: self.paused, cursor: self.cursor.is_some() }, ctx, upper, canvas);
        self.view_chart(moment, ctx, middle, canvas);
        if area.width >= WIDE {
            let [left, _, right] = Layout::horizontal([
                Constraint::Length(70.max(bottom.width * 3 / 5)),
                Constraint::Length(1),
                Constraint::Fill(1),
            ])
            .areas(bottom);
            instances::draw(self, moment, self.pane == Pane::Instances, ctx, left, canvas);
            activities::draw(self, moment, self.pane == Pane::Activities, ctx, right, canvas);
            clock(ctx, left, canvas);
            return;
        }
        if self.pane == Pane::Instances {
            instances::draw(self, moment, true, ctx, bottom, canvas);
        } else {
            activities::draw(self, moment, true, ctx, bottom, canvas);
        }
        clock(ctx, bottom, canvas);
    }
}

/// The keys of the practice clock, at the right end of a pane's title: they are always in sight.
fn clock(ctx: &Ctx, pane: Rect, canvas: &mut Canvas<'_>) {
    let Some(clock) = ctx.clock.filter(|_| !ctx.watch.replay) else { return };
    let look = &ctx.look;
    let skip = look.label("monitor.skip").to_owned();
    let keys = [
        (Action::RealTime, "x1".to_owned(), 1.0),
        (Action::TenTimes, "x10".to_owned(), 10.0),
        (Action::SixtyTimes, "x60".to_owned(), 60.0),
        (Action::Skip, skip, 0.0),
    ];
    let mut spans = vec![Span::raw(" "), look.span(Role::Dim, look.label("monitor.clock"))];
    let mut places = Vec::new();
    let mut at = spans.iter().map(|span| width(&span.content)).sum::<usize>();
    for (action, word, speed) in keys {
        let now = (clock.speed - speed).abs() < 0.01;
        let parts = [
            Span::raw(" "),
            look.span(Role::Key, ctx.key(action)),
            look.span(if now { Role::Practice } else { Role::Dim }, format!(" {word}")),
        ];
        let size = parts.iter().map(|span| width(&span.content)).sum::<usize>();
        places.push((action, at, size));
        at += size;
        spans.extend(parts);
    }
    spans.push(Span::raw(" "));
    let size = u16::try_from(at + 1).unwrap_or(u16::MAX);
    let Some(x) = (pane.right() - 1).checked_sub(size).filter(|x| *x > pane.x) else { return };
    put(canvas.buf, x, pane.y, size, Line::from(spans));
    for (action, at, size) in places {
        let (at, size) = (u16::try_from(at).unwrap_or(0), u16::try_from(size).unwrap_or(0));
        canvas.spot(Rect { x: x + at, y: pane.y, width: size, height: 1 }, Spot::Action(action));
    }
}

impl Monitor {
    fn view_chart(&mut self, moment: Moment<'_>, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let (from, to) = self.window(moment.history);
        let tracks = self.lanes.of(moment.history, from, to);
        let (metric, cursor, follows) = (self.metric, self.cursor, self.edge.is_none());
        let chart = chart::Chart { moment, tracks, from, to, metric, cursor, follows };
        let Some((axis, place)) = chart.draw(ctx, area, canvas.buf) else { return };
        self.axis.set((0, axis.step()));
        for column in 0..place.width {
            canvas.spot(Rect { x: place.x + column, width: 1, ..place }, Spot::Row(COLUMN + usize::from(column)));
        }
    }

    fn view_groups(&self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        let text = |canvas: &mut Canvas<'_>, text: &str| {
            let lines: Vec<Line<'static>> = wrap(text, usize::from(body.width)).into_iter().map(Line::from).collect();
            put_lines(canvas.buf, body, &lines);
        };
        match (&ctx.watch.groups, &ctx.opening) {
            (_, Opening::Failed(why)) | (Some(Err(why)), _) => {
                put_lines(canvas.buf, body, &problem::lines(why, usize::from(body.width), look));
            }
            (None, _) => waiting(ctx, look.label("monitor.listing"), body, canvas),
            (Some(Ok(groups)), _) if groups.is_empty() => text(canvas, look.label("monitor.no-groups")),
            (Some(Ok(groups)), _) => {
                let title = look.span(Role::Title, look.fill("monitor.choose", &[("n", &groups.len().to_string())]));
                put(canvas.buf, body.x, body.y, body.width, Line::from(title));
                let place = Rect { y: body.y + 2, height: body.height.saturating_sub(2), ..body };
                list::draw(groups.len(), &self.groups, place, canvas.buf, look, |at, room| {
                    let Some(group) = groups.get(at) else { return Line::default() };
                    let sizes = widths(&[Column::Fill(20), Column::Fixed(24), Column::Fixed(14)], room);
                    let [min, desired, max] = group.sizes;
                    let counts = look.fill("monitor.instances-n", &[("n", &group.instances.to_string())]);
                    columns(
                        vec![
                            Line::from(group.name.clone()),
                            Line::from(format!("min {min}  desired {desired}  max {max}")),
                            Line::from(if group.status.is_empty() { counts } else { group.status.clone() }),
                        ],
                        &sizes,
                    )
                });
                for (y, at) in (place.top()..place.bottom()).zip(self.groups.offset()..groups.len()) {
                    canvas.spot(Rect { y, height: 1, ..place }, Spot::Row(at));
                }
            }
        }
    }

    fn view_waiting(&self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let body = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        let why = match &ctx.opening {
            Opening::Failed(why) => Some(why),
            _ => ctx.watch.problem.as_ref(),
        };
        match why {
            Some(why) => put_lines(canvas.buf, body, &problem::lines(why, usize::from(body.width), &ctx.look)),
            None => {
                let name = self.group.as_deref().unwrap_or_default();
                waiting(ctx, &ctx.look.fill("monitor.looking", &[("name", name)]), body, canvas);
            }
        }
    }
}

fn waiting(ctx: &Ctx, text: &str, area: Rect, canvas: &mut Canvas<'_>) {
    let line = Line::from(vec![ctx.look.span(Role::Waiting, spinner(ctx.frame)), Span::raw(format!(" {text}"))]);
    put(canvas.buf, area.x, area.y, area.width, line);
}

fn view_missing(history: &History, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
    let known = history.group.is_some();
    let key = if known { "monitor.gone" } else { "monitor.missing" };
    let text = ctx.look.fill(key, &[("name", &history.name), ("key", &ctx.key(Action::PickGroup))]);
    let lines: Vec<Line<'static>> = wrap(&text, usize::from(area.width)).into_iter().map(Line::from).collect();
    put_lines(canvas.buf, Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area }, &lines);
}
