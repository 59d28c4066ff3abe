//! Everything by name: what can be done here, every step, every resource. Fuzzy, in both languages.

use std::cell::RefCell;

use nucleo_matcher::pattern::{AtomKind, CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::course::model::Key;
use crate::i18n::Lang;
use crate::input::{Action, Context, Edit};
use crate::view::popup;
use crate::view::text::{line_width, nfc, truncate_line};
use crate::view::theme::Role;
use crate::view::widgets::list::{self, ListState};
use crate::view::widgets::pane::{Edge, boxed};
use crate::view::widgets::put;

use super::resources::Resources;
use super::{Ask, Canvas, Ctx, Offer, Screen, Spot, way_to_step};

/// The palette.
pub struct Palette {
    /// What can be done on the screen below.
    here: Vec<Offer>,
    text: String,
    list: ListState,
    found: RefCell<Option<Found>>,
}

/// What was found for a text in a language.
struct Found {
    text: String,
    lang: Lang,
    of: usize,
    items: Vec<(Item, Vec<u32>)>,
}

/// Something that can be picked.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Item {
    Action(Action),
    Step(String),
    Resource(Key),
}

impl Palette {
    /// The palette over a screen on which these can be done.
    pub fn new(here: Vec<Offer>) -> Self {
        Self { here, text: String::new(), list: ListState::default(), found: RefCell::default() }
    }

    fn items(&self, ctx: &Ctx) -> Vec<Item> {
        // Moving about needs no palette, and the palette is open already.
        let idle = [Action::Palette, Action::Accept, Action::Up, Action::Down];
        let actions = self.here.iter().map(|offer| offer.action).filter(|action| !idle.contains(action));
        let steps = ctx.course.steps().map(|step| Item::Step(step.id.clone()));
        let rows = ctx.survey.as_ref().map_or(&[][..], |survey| &survey.rows);
        let resources = rows.iter().map(|row| Item::Resource(row.key.clone()));
        actions.map(Item::Action).chain(steps).chain(resources).collect()
    }

    /// The items that fit the text, best first, with the letters that match.
    fn found(&self, ctx: &Ctx) -> Vec<(Item, Vec<u32>)> {
        let rows = ctx.survey.as_ref().map_or(0, |survey| survey.rows.len());
        let mut found = self.found.borrow_mut();
        if let Some(found) = found.as_ref().filter(|f| f.text == self.text && f.lang == ctx.lang() && f.of == rows) {
            return found.items.clone();
        }
        let items = rank(self.items(ctx), &self.text, ctx);
        *found = Some(Found { text: self.text.clone(), lang: ctx.lang(), of: rows, items: items.clone() });
        items
    }

    fn pick(&self, at: usize, ctx: &Ctx) -> Vec<Ask> {
        match self.found(ctx).get(at) {
            Some((Item::Action(action), _)) => vec![Ask::BackAnd(*action)],
            Some((Item::Step(step), _)) => {
                std::iter::once(Ask::Home).chain(way_to_step(step, ctx).into_iter().map(Ask::Push)).collect()
            }
            Some((Item::Resource(key), _)) => vec![Ask::Replace(Box::new(Resources::at(key.clone())))],
            None => Vec::new(),
        }
    }
}

/// The items that match, best first; of equals the one that came first.
fn rank(items: Vec<Item>, text: &str, ctx: &Ctx) -> Vec<(Item, Vec<u32>)> {
    let text = nfc(text.trim());
    if text.is_empty() {
        return items.into_iter().map(|item| (item, Vec::new())).collect();
    }
    let pattern = Pattern::parse(&text, CaseMatching::Ignore, Normalization::Smart);
    // Ids and the other language must hold the words as they are: fuzzy letters of long ids fit nearly everything.
    let strict = Pattern::new(&text, CaseMatching::Ignore, Normalization::Smart, AtomKind::Substring);
    let mut matcher = Matcher::new(Config::DEFAULT);
    let mut letters = Vec::new();
    let mut scored: Vec<(u32, Item, Vec<u32>)> = Vec::new();
    for item in items {
        let mut at = Vec::new();
        let name = item.name(ctx, ctx.lang());
        let own = pattern.indices(Utf32Str::new(&name, &mut letters), &mut matcher, &mut at);
        // They count a little less than what is shown.
        let other = item.also(ctx);
        let other = strict.score(Utf32Str::new(&other, &mut letters), &mut matcher);
        let score = own.into_iter().chain(other.map(|score| score.saturating_sub(1))).max();
        if let Some(score) = score {
            at.sort_unstable();
            at.dedup();
            scored.push((score, item, if own.is_some() { at } else { Vec::new() }));
        }
    }
    scored.sort_by_key(|(score, ..)| std::cmp::Reverse(*score));
    scored.into_iter().map(|(_, item, at)| (item, at)).collect()
}

impl Item {
    /// What is shown and searched.
    fn name(&self, ctx: &Ctx, lang: Lang) -> String {
        match self {
            Self::Action(action) => action.spec().words(lang).to_owned(),
            Self::Step(id) => {
                let step = ctx.course.step(id);
                step.map_or_else(|| id.clone(), |step| format!("{} {}", step.number, step.title.get(lang)))
            }
            Self::Resource(key) => key.name.clone(),
        }
    }

    /// What is searched beside that.
    fn also(&self, ctx: &Ctx) -> String {
        match self {
            Self::Action(action) => {
                let spec = action.spec();
                format!("{} {} {} {}", spec.id, spec.short.0, spec.short.1, self.name(ctx, ctx.lang().other()))
            }
            Self::Step(id) => format!("{id} {}", self.name(ctx, ctx.lang().other())),
            Self::Resource(key) => {
                let rows = ctx.survey.as_ref().map_or(&[][..], |survey| &survey.rows);
                let id = rows.iter().find(|row| row.key == *key).map_or("", |row| row.id.as_str());
                format!("{} {id}", ctx.kind_title(&key.kind))
            }
        }
    }

    /// What stands at the right: the key, or what it is.
    fn aside(&self, ctx: &Ctx) -> Span<'static> {
        let look = &ctx.look;
        match self {
            Self::Action(action) => {
                let key = ctx.keymap.shown(*action).map(|key| key.to_string()).unwrap_or_default();
                look.span(Role::Key, key)
            }
            Self::Step(_) => look.span(Role::Dim, look.label("palette.step")),
            Self::Resource(key) => look.span(Role::Dim, ctx.kind_title(&key.kind)),
        }
    }
}

/// A text with some of its letters marked. `at` counts letters as the matcher does: graphemes' first characters.
fn marked(text: &str, at: &[u32], ctx: &Ctx) -> Vec<Span<'static>> {
    let mut spans: Vec<Span<'static>> = Vec::new();
    for (place, sign) in (0u32..).zip(text.chars()) {
        let style =
            if at.binary_search(&place).is_ok() { ctx.look.style(Role::Match) } else { ratatui::style::Style::new() };
        match spans.last_mut() {
            Some(last) if last.style == style => last.content.to_mut().push(sign),
            _ => spans.push(Span::styled(sign.to_string(), style)),
        }
    }
    spans
}

impl Screen for Palette {
    fn context(&self) -> Context {
        Context::Palette
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        vec![Offer::new(Action::Accept, 80), Offer::new(Action::Back, 70).called("닫기", "close")]
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn edits_text(&self) -> bool {
        true
    }

    fn edit(&mut self, edit: Edit, _: &Ctx) -> Vec<Ask> {
        match edit {
            Edit::Insert(sign) => self.text.push(sign),
            // An empty line closes the palette, as in an editor.
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
        self.pick(row, ctx)
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        let found = self.found(ctx);
        let width = area.width.saturating_sub(4).min(76);
        let height = area.height.saturating_sub(2).min(18);
        let place = Rect { y: area.y + 1, ..popup::centered(area, width, height) };
        popup::clear(place, canvas.buf);
        let title = Line::from(look.span(Role::Title, look.label("palette.title")));
        let room = boxed(place, canvas.buf, Edge::Single, title, look.style(Role::BorderFocus));
        if room.height < 3 {
            return;
        }
        let typed = if self.text.is_empty() {
            look.span(Role::Dim, look.label("palette.prompt"))
        } else {
            Span::raw(format!("{}▏", self.text))
        };
        put(canvas.buf, room.x, room.y, room.width, Line::from(vec![look.span(Role::Accent, ": "), typed]));
        let rows = Rect { y: room.y + 2, height: room.height - 2, ..room };
        if found.is_empty() {
            let none = Line::from(look.span(Role::Dim, look.label("palette.none")));
            put(canvas.buf, rows.x + 2, rows.y, rows.width.saturating_sub(2), none);
            return;
        }
        list::draw(found.len(), &self.list, rows, canvas.buf, look, |at, room| {
            let Some((item, letters)) = found.get(at) else { return Line::default() };
            let aside = item.aside(ctx);
            let aside_width = crate::view::text::width(&aside.content);
            let name = Line::from(marked(&item.name(ctx, ctx.lang()), letters, ctx));
            let mut line = truncate_line(name, room.saturating_sub(aside_width + 2));
            let gap = room.saturating_sub(line_width(&line) + aside_width);
            line.spans.push(Span::raw(" ".repeat(gap)));
            line.spans.push(aside);
            line
        });
        for (y, at) in (rows.top()..rows.bottom()).zip(self.list.offset()..found.len()) {
            canvas.spot(Rect { y, height: 1, ..rows }, Spot::Row(at));
        }
    }
}
