//! What was made: every row of the ledger with its live state and its price, and everything about the selected one:
//! its fields, how it differs, and what stands between it and its deletion.

use std::cell::Cell;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::course::model::{Key, Value};
use crate::input::{Action, Context};
use crate::lab::kind::readable;
use crate::lab::report::{ResourceRow, Survey, TeardownItem};
use crate::lab::world::{Difference, Mend, World};
use crate::view::format::{elapsed, fill, money, per_hour};
use crate::view::mark::{ARROW, DOT, Mark};
use crate::view::text::{line_width, truncate_middle, wrap_spans};
use crate::view::theme::Role;
use crate::view::widgets::list::{self, Column, ListState, columns, widths};
use crate::view::widgets::scroll::{self, Scroll};
use crate::view::widgets::{pane, problem, put, put_lines};

use super::{Ask, Canvas, Ctx, Effect, News, Offer, Opening, Query, Screen, Spot};

/// From this width on the details stand beside the list.
const WIDE: u16 = 150;

/// The resources screen.
#[derive(Default)]
pub struct Resources {
    list: ListState,
    /// The resource to select as soon as it is known.
    wanted: Option<Key>,
    details: Scroll,
    /// Whether the details have the keys.
    reading: bool,
    list_area: Cell<Rect>,
}

impl Resources {
    /// The screen with one resource selected.
    pub fn at(key: Key) -> Self {
        Self { wanted: Some(key), ..Self::default() }
    }

    fn rows(ctx: &Ctx) -> &[ResourceRow] {
        ctx.survey.as_ref().map_or(&[], |survey| &survey.rows)
    }

    fn selected<'a>(&self, ctx: &'a Ctx) -> Option<&'a ResourceRow> {
        let rows = Self::rows(ctx);
        rows.get(self.list.selected().min(rows.len().saturating_sub(1)))
    }

    /// Selects what was asked for.
    fn settle(&mut self, ctx: &Ctx) {
        let rows = Self::rows(ctx);
        let at = self.wanted.as_ref().and_then(|wanted| rows.iter().position(|row| row.key == *wanted));
        if let Some(at) = at {
            self.list.select(at, rows.len());
            self.wanted = None;
        }
    }

    /// The selected instance, when a shell can be opened on it.
    fn host(&self, ctx: &Ctx) -> Option<String> {
        let runs = |row: &&ResourceRow| row.key.kind == "instance" && row.state == "running";
        self.selected(ctx).filter(|_| ctx.is_practice()).filter(runs).map(|row| row.id.clone())
    }
}

impl Screen for Resources {
    fn context(&self) -> Context {
        Context::Resources
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("resources.title").to_owned()]
    }

    fn offers(&self, ctx: &Ctx) -> Vec<Offer> {
        if Self::rows(ctx).is_empty() {
            return Vec::new();
        }
        let word = if self.reading { ("목록으로", "to the list") } else { ("자세히", "details") };
        let mut offers = vec![Offer::new(Action::Accept, 80).called(word.0, word.1), Offer::new(Action::CopyId, 40)];
        if self.host(ctx).is_some() {
            offers.push(Offer::new(Action::OpenShell, 70));
        }
        if self.reading {
            // Back leaves the details first.
            offers.push(Offer::new(Action::Back, 60));
        }
        offers
    }

    fn opened(&mut self, ctx: &Ctx) -> Vec<Ask> {
        self.settle(ctx);
        vec![Ask::Query(Query::Survey), Ask::Query(Query::Teardown(Vec::new()))]
    }

    fn told(&mut self, news: &News, ctx: &Ctx) -> Vec<Ask> {
        match news {
            News::Survey => {
                self.settle(ctx);
                Vec::new()
            }
            News::Opened | News::Ended(_) => vec![Ask::Query(Query::Teardown(Vec::new()))],
            _ => Vec::new(),
        }
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        let length = Self::rows(ctx).len();
        let before = self.list.selected();
        match action {
            Action::Up if self.reading => self.details.by(-1),
            Action::Down if self.reading => self.details.by(1),
            Action::PageUp if self.reading => self.details.page(-1),
            Action::PageDown if self.reading => self.details.page(1),
            Action::First if self.reading => self.details.top(),
            Action::Last if self.reading => self.details.bottom(),
            Action::Up => self.list.by(-1, length),
            Action::Down => self.list.by(1, length),
            Action::PageUp => self.list.page(-1, length),
            Action::PageDown => self.list.page(1, length),
            Action::First => self.list.select(0, length),
            Action::Last => self.list.select(usize::MAX, length),
            Action::Accept => self.reading = !self.reading,
            Action::Back => self.reading = false,
            Action::OpenShell => {
                return self.host(ctx).map_or_else(Vec::new, |id| vec![Ask::Do(Effect::PracticeShell(id))]);
            }
            Action::CopyId => {
                if let Some(row) = self.selected(ctx) {
                    let said = fill(ctx.look.label("resources.copied"), &[("id", &row.id)]);
                    return vec![Ask::Do(Effect::Copy(row.id.clone())), Ask::Say(crate::i18n::Text::same(said))];
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
        self.reading = false;
        self.list.select(row, Self::rows(ctx).len());
        self.details.top();
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let inside = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        let look = &ctx.look;
        let Some(survey) = &ctx.survey else {
            let lines = nothing_yet(ctx, inside.width);
            put_lines(canvas.buf, Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside }, &lines);
            return;
        };
        let all = totals(survey, true, ctx);
        let all = if line_width(&all) > usize::from(inside.width) { totals(survey, false, ctx) } else { all };
        put(canvas.buf, inside.x, inside.y, inside.width, all);
        let mut body = Rect { y: inside.y + 1, height: inside.height.saturating_sub(1), ..inside };
        if let Some(why) = &ctx.survey_problem {
            let lines = problem::lines(why, usize::from(body.width), look);
            let taken = u16::try_from(lines.len()).unwrap_or(0).min(body.height / 2);
            put_lines(canvas.buf, Rect { height: taken, ..body }, &lines);
            body = Rect { y: body.y + taken, height: body.height - taken, ..body };
        }
        if survey.rows.is_empty() {
            let text = look.label("resources.none");
            let lines = wrap_spans(&[look.span(Role::Text, text)], usize::from(body.width), &[], &[]);
            put_lines(canvas.buf, Rect { y: body.y + 1, height: body.height.saturating_sub(1), ..body }, &lines);
            return;
        }
        let (left, right) = self.split(body, ctx);
        self.draw_list(&survey.rows, left, ctx, canvas);
        if let Some(row) = self.selected(ctx) {
            let title = Line::from(look.span(Role::Title, row.key.name.clone()));
            let room = if area.width >= WIDE {
                pane::pane(right, canvas.buf, title, self.reading, look)
            } else {
                pane::ruled(right, canvas.buf, title, self.reading, look)
            };
            let lines = details(row, survey, usize::from(scroll::text_room(room)), ctx);
            scroll::draw(&lines, &self.details, room, canvas.buf, look);
        }
    }

    fn animates(&self, ctx: &Ctx) -> Option<u64> {
        (ctx.survey.is_none() && matches!(ctx.opening, Opening::Opening | Opening::Ready)).then_some(100)
    }
}

impl Resources {
    /// The list's part and the details' part.
    fn split(&self, body: Rect, ctx: &Ctx) -> (Rect, Rect) {
        if body.width >= WIDE - 2 {
            let left = body.width * 3 / 5;
            let right = Rect { x: body.x + left + 1, width: body.width - left - 1, ..body };
            return (Rect { width: left, ..body }, right);
        }
        let rows = u16::try_from(Self::rows(ctx).len()).unwrap_or(u16::MAX).saturating_add(1);
        let share = if self.reading { body.height / 4 } else { body.height * 11 / 20 };
        let top = share.max(3).min(rows).min(body.height);
        (Rect { height: top, ..body }, Rect { y: body.y + top, height: body.height - top, ..body })
    }

    fn draw_list(&self, rows: &[ResourceRow], area: Rect, ctx: &Ctx, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        let parts = [
            Column::Fixed(1),
            Column::Fixed(12),
            Column::Fill(16),
            Column::When(18, 66),
            Column::When(22, 104),
            Column::When(14, 126),
            Column::Fixed(9),
            Column::When(8, 90),
        ];
        let bar = if rows.len() > usize::from(area.height.saturating_sub(1)) { 4 } else { 2 };
        let sizes = widths(&parts, usize::from(area.width.saturating_sub(bar)));
        let head = |key| Line::from(look.span(Role::Dim, look.label(key)));
        let heads = vec![
            Line::default(),
            head("resources.state"),
            head("resources.name"),
            head("resources.kind"),
            head("resources.id"),
            head("resources.region"),
            head("resources.per-hour").right_aligned(),
            head("resources.so-far").right_aligned(),
        ];
        put(canvas.buf, area.x + 2, area.y, area.width.saturating_sub(2), columns(heads, &sizes));
        let place = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        self.list_area.set(place);
        list::draw(rows.len(), &self.list, place, canvas.buf, look, |at, _| {
            rows.get(at).map(|row| columns(cells(row, &sizes, ctx), &sizes)).unwrap_or_default()
        });
        for (y, at) in (place.top()..place.bottom()).zip(self.list.offset()..rows.len()) {
            canvas.spot(Rect { y, height: 1, ..place }, Spot::Row(at));
        }
    }
}

fn nothing_yet(ctx: &Ctx, room: u16) -> Vec<Line<'static>> {
    let why = match (&ctx.opening, &ctx.survey_problem) {
        (Opening::Failed(why), _) | (_, Some(why)) => why,
        _ => {
            let text = ctx.look.label("resources.looking");
            let spinner = ctx.look.span(Role::Waiting, crate::view::mark::spinner(ctx.frame));
            return vec![Line::from(vec![spinner, Span::raw(format!(" {text}"))])];
        }
    };
    problem::lines(why, usize::from(room), &ctx.look)
}

/// The state as a word: AWS's own while all is well, ours when something needs attention.
fn state_word(row: &ResourceRow, ctx: &Ctx) -> String {
    match (Mark::of_row(row), row.health) {
        (_, None) => ctx.look.label("resources.gone").to_owned(),
        (Mark::Drifted, _) => Mark::Drifted.word(ctx.lang()).to_owned(),
        _ => row.state.clone(),
    }
}

fn cells(row: &ResourceRow, sizes: &[usize], ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let mark = Mark::of_row(row);
    let price = |usd: f64, text: String| Line::from(look.span(if usd > 0.0 { Role::Cost } else { Role::Dim }, text));
    let id_room = sizes.get(4).copied().unwrap_or(0);
    vec![
        Line::from(look.mark(mark)),
        Line::from(look.span(mark.role(), state_word(row, ctx))),
        // The selected row's look shows through what has no look of its own.
        Line::from(Span::raw(truncate_middle(&row.key.name, sizes.get(2).copied().unwrap_or(0)).into_owned())),
        Line::from(look.span(Role::Dim, ctx.kind_title(&row.key.kind))),
        Line::from(look.span(Role::Dim, truncate_middle(&row.id, id_room).into_owned())),
        Line::from(look.span(Role::Dim, row.region.clone())),
        price(row.cost_per_hour, if row.cost_per_hour > 0.0 { per_hour(row.cost_per_hour) } else { "–".into() })
            .right_aligned(),
        price(row.cost_so_far, if row.cost_so_far > 0.0 { money(row.cost_so_far) } else { "–".into() }).right_aligned(),
    ]
}

/// `리소스 14개 · $0.064/h · 지금까지 $0.012`, and how many need attention, with or without the words of their states.
fn totals(survey: &Survey, words: bool, ctx: &Ctx) -> Line<'static> {
    let look = &ctx.look;
    let dot = || look.span(Role::Dim, format!(" {DOT} "));
    let count = survey.rows.len().to_string();
    let mut spans = vec![look.span(Role::Title, look.fill("resources.count", &[("n", &count)]))];
    spans.extend([dot(), look.span(Role::Cost, per_hour(survey.cost_per_hour))]);
    spans.extend([dot(), Span::raw(look.fill("resources.total", &[("usd", &money(survey.cost_so_far))]))]);
    for mark in [Mark::Failed, Mark::Drifted, Mark::Waiting, Mark::Deleting] {
        let count = survey.rows.iter().filter(|row| Mark::of_row(row) == mark).count();
        if count > 0 {
            spans.extend([dot(), look.mark(mark)]);
            if words {
                spans.extend([Span::raw(" "), look.word(mark)]);
            }
            spans.push(Span::raw(format!(" {count}")));
        }
    }
    Line::from(spans)
}

/// A name and its value.
fn pair(name: &str, value: Vec<Span<'static>>, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let indent = 18.min(room / 3);
    let first = [ctx.look.span(Role::Dim, crate::view::text::pad(name, indent)), Span::raw(" ")];
    let rest = [Span::raw(" ".repeat(indent + 1))];
    wrap_spans(&value, room, &first, &rest)
}

fn details(row: &ResourceRow, survey: &Survey, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let mark = Mark::of_row(row);
    let mut lines = Vec::new();
    let mut add = |key: &'static str, value: Vec<Span<'static>>| lines.extend(pair(look.label(key), value, room, ctx));
    let mut state = vec![look.mark(mark), Span::raw(" "), look.word(mark)];
    if row.health.is_some() && !row.state.is_empty() {
        state.push(look.span(Role::Dim, format!(" ({})", row.state)));
    }
    add("resources.state", state);
    add("resources.kind", vec![Span::raw(ctx.kind_title(&row.key.kind))]);
    add("resources.id", vec![look.span(Role::Code, row.id.clone())]);
    add("resources.region", vec![Span::raw(row.region.clone())]);
    if let Some(step) = ctx.course.step(&row.step) {
        add("resources.step", vec![Span::raw(format!("{} {}", step.number, ctx.t(&step.title)))]);
    }
    let made = if row.adopted { "resources.adopted" } else { "resources.made" };
    let age = u64::try_from(survey.at.max(ctx.now) - row.since).unwrap_or(0);
    add(made, vec![Span::raw(look.clock(row.since)), look.span(Role::Dim, format!(" ({})", elapsed(age)))]);
    if row.cost_per_hour > 0.0 || row.cost_so_far > 0.0 {
        let text = look.fill("resources.total", &[("usd", &money(row.cost_so_far))]);
        add(
            "resources.cost",
            vec![look.span(Role::Cost, per_hour(row.cost_per_hour)), Span::raw(format!(" {DOT} {text}"))],
        );
    }
    for difference in &row.differences {
        lines.extend(differs(difference, room, ctx));
    }
    lines.extend(deletable(row, room, ctx));
    if let Some(live) = survey.world.get(&row.key) {
        lines.push(Line::default());
        if !live.reason.is_empty() {
            lines.extend(pair(look.label("resources.reason"), vec![Span::raw(live.reason.clone())], room, ctx));
        }
        let known = ctx.kinds.kind(&row.key.kind).map(|kind| kind.fields()).unwrap_or_default();
        for (name, value) in &live.fields {
            let words = known.iter().find(|field| field.name == name).map(|field| field.words);
            let word = words.map_or_else(|| seen_word(name, ctx), |(ko, en)| ctx.say(ko, en).to_owned());
            // A list of rules or routes has a line for each.
            let texts = match value {
                Value::List(items) if items.iter().any(|item| matches!(item, Value::Map(_))) => {
                    items.iter().map(|item| in_words(item, &survey.world)).collect()
                }
                value => vec![in_words(value, &survey.world)],
            };
            for (at, text) in texts.into_iter().filter(|text| !text.is_empty()).enumerate() {
                lines.extend(pair(if at == 0 { &word } else { "" }, vec![Span::raw(text)], room, ctx));
            }
        }
    }
    lines
}

/// The word of a field that no declaration has, only what is seen.
fn seen_word(name: &str, ctx: &Ctx) -> String {
    let key = match name {
        "public_ip" => "field.public-ip",
        "private_ip" => "field.private-ip",
        "vpc" => "field.vpc",
        "subnet" => "field.subnet",
        "zone" => "field.zone",
        "main_route_table" => "field.main-route-table",
        "routes" => "field.routes",
        "associations" => "field.associations",
        "ingress" => "field.ingress",
        "egress" => "field.egress",
        "acl" => "field.acl",
        "instance" => "field.instance",
        "network_interface" => "field.network-interface",
        "association_id" => "field.association",
        "http_tokens" => "field.http-tokens",
        "state" => "resources.state",
        other => return other.replace('_', " "),
    };
    ctx.look.label(key).to_owned()
}

/// A value for people; the members of a rule or a route one after the other.
fn in_words(value: &Value, world: &World) -> String {
    match value {
        Value::Map(members) => {
            let texts = members.values().map(|member| in_words(member, world)).filter(|text| !text.is_empty());
            texts.collect::<Vec<_>>().join(" · ")
        }
        value => readable(value, world),
    }
}

/// `! 대상: my-igw → my-natgateway이어야 합니다 (run이 고칩니다)`.
fn differs(difference: &Difference, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let known = ctx.kinds.kind(&difference.key.kind).map(|kind| kind.fields()).unwrap_or_default();
    let words = known.iter().find(|field| field.name == difference.field).map(|field| field.words);
    let field = words.map_or_else(|| difference.field.clone(), |(ko, en)| ctx.say(ko, en).to_owned());
    let none = || look.label("resources.nothing").to_owned();
    let shown = |text: &str| if text.is_empty() { none() } else { text.to_owned() };
    let mend = look.label(match difference.mend {
        Mend::InPlace => "resources.mend-in-place",
        Mend::Replace => "resources.mend-replace",
        Mend::ByHand => "resources.mend-by-hand",
    });
    let spans = [
        look.span(Role::Drifted, format!("{field}: ")),
        Span::raw(shown(&difference.found)),
        look.span(Role::Dim, format!(" {ARROW} ")),
        look.span(Role::Strong, shown(&difference.wanted)),
        look.span(Role::Dim, format!("  {mend}")),
    ];
    let first = [look.mark(Mark::Drifted), Span::raw(" ")];
    wrap_spans(&spans, room, &first, &[Span::raw("  ")])
}

/// What must be gone before the resource can be deleted.
fn deletable(row: &ResourceRow, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
    let look = &ctx.look;
    let Some(Ok(teardown)) = &ctx.teardown else { return Vec::new() };
    let Some(item) = teardown.items.iter().find(|item| item.row.key == row.key) else { return Vec::new() };
    let before: Vec<&TeardownItem> = item.after.iter().filter_map(|at| teardown.items.get(*at)).collect();
    let value = if before.is_empty() {
        vec![look.span(Role::Ready, look.label("resources.deletable"))]
    } else {
        let names: Vec<String> = before
            .iter()
            .map(|item| format!("{} ({})", item.row.key.name, ctx.kind_title(&item.row.key.kind)))
            .collect();
        vec![Span::raw(look.fill("resources.after", &[("names", &names.join(", "))]))]
    };
    pair(look.label("resources.delete"), value, room, ctx)
}
