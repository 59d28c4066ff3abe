//! What is around every screen: the top line, the footer, and the message of a terminal that is too small.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::input::{Action, Key};
use crate::view::text::{width, wrap};
use crate::view::theme::Role;
use crate::view::widgets::banner::Banner;
use crate::view::widgets::footer::{self, Hint};
use crate::view::widgets::{put, put_lines};

use super::{Canvas, Ctx, Offer, Spot};

/// The top line. The clock is shown while it is being watched, so that an idle screen stands still; a screen with a time
/// of its own (`time`) shows that.
pub fn top_line(ctx: &Ctx, trail: &[String], time: Option<i64>, area: Rect, buf: &mut Buffer) {
    let facts = ctx.facts.as_ref();
    Banner {
        trail: trail.to_vec(),
        backend: &ctx.backend,
        account: facts.map_or("", |facts| facts.scope.account.as_str()),
        region: facts.map_or("", |facts| facts.scope.home.as_str()),
        speed: ctx.clock.map(|clock| clock.speed),
        now: time.or_else(|| ctx.working().is_some().then_some(ctx.now)),
        cost_per_hour: ctx.cost_per_hour(),
        read_only: ctx.read_only,
    }
    .draw(area, buf, &ctx.look);
}

/// The key of an action as the footer shows it.
fn shown(ctx: &Ctx, action: Action) -> Option<Key> {
    ctx.keymap.shown(action)
}

/// The bottom line: the sentence of the moment if there is one, else the keys that work now.
pub fn footer(ctx: &Ctx, offers: &[Offer], area: Rect, canvas: &mut Canvas<'_>) {
    if let Some(toast) = &ctx.toast {
        let line = Line::from(ctx.look.span(Role::Accent, ctx.t(toast)));
        put(canvas.buf, area.x + 1, area.y, area.width.saturating_sub(2), line);
        return;
    }
    let mut hints = Vec::new();
    let mut actions = Vec::new();
    for offer in offers.iter().filter(|offer| offer.priority > 0) {
        let Some(key) = shown(ctx, offer.action) else { continue };
        let word = match offer.word {
            Some((ko, en)) => ctx.say(ko, en),
            None => offer.action.spec().short(ctx.lang()),
        };
        hints.push(Hint::new(key.to_string(), word, offer.priority));
        actions.push(offer.action);
    }
    for (at, place) in footer::places(&hints, area) {
        if let Some(action) = actions.get(at) {
            canvas.spot(place, Spot::Action(*action));
        }
    }
    footer::draw(&hints, area, canvas.buf, &ctx.look);
}

/// What a terminal that is too small shows: what is needed, and that nothing is lost.
pub fn too_small(ctx: &Ctx, needed: (u16, u16), area: Rect, buf: &mut Buffer) {
    let (columns, rows) = needed;
    let (have_columns, have_rows) = (area.width, area.height);
    let text = match ctx.lang() {
        // Where three sentences have no room, the one that helps.
        crate::i18n::Lang::Ko if have_columns < 30 || have_rows < 7 => format!("{columns}x{rows} 필요"),
        crate::i18n::Lang::En if have_columns < 30 || have_rows < 7 => format!("{columns}x{rows} needed"),
        crate::i18n::Lang::Ko => format!(
            "창을 {columns}x{rows} 이상으로 키워 주세요.\n지금은 {have_columns}x{have_rows}입니다.\n하던 일은 그대로 이어집니다."
        ),
        crate::i18n::Lang::En => format!(
            "Please make the window {columns}x{rows} or larger.\nIt is {have_columns}x{have_rows} now.\nWhat is under way goes on."
        ),
    };
    let room = usize::from(area.width.saturating_sub(2)).max(1);
    let lines = wrap(&text, room);
    let widest = lines.iter().map(|line| width(line)).max().unwrap_or(0);
    let left = u16::try_from(usize::from(area.width).saturating_sub(widest) / 2).unwrap_or(0);
    let height = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let top = area.height.saturating_sub(height) / 2;
    let place = Rect {
        x: area.x + left,
        y: area.y + top,
        width: area.width.saturating_sub(left),
        height: area.height.saturating_sub(top),
    };
    let lines: Vec<Line<'static>> = lines.into_iter().map(|line| Line::from(ctx.look.span(Role::Text, line))).collect();
    put_lines(buf, place, &lines);
}
