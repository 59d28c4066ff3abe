//! The pop-up in which load is put on an instance of the group, with a time limit; sending it goes through the confirm
//! screen. Taking it off needs no choice, so it is asked at once.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::course::model::Key;
use crate::i18n::Text;
use crate::input::{Action, Context};
use crate::lab::call::Arg;
use crate::lab::load;
use crate::lab::watch::Moment;
use crate::screens::confirm::Confirm;
use crate::screens::{Ask, Canvas, Ctx, Offer, Screen, Spot};
use crate::view::popup;
use crate::view::text::{pad, wrap};
use crate::view::theme::Role;
use crate::view::widgets::pane::{Edge, boxed};
use crate::view::widgets::{put, put_lines};

/// For how long at first, in minutes: three points above the bound, the launch, and some time to look.
const MINUTES: u32 = 15;
/// How long it may be, in minutes.
const LONGEST: u32 = 60;
/// What a key adds, in minutes.
const STEP: u32 = 5;

/// The pop-up.
pub struct Start {
    group: Key,
    /// Those that can be loaded: in service, and not under load.
    instances: Vec<String>,
    instance: usize,
    minutes: u32,
    /// Whether the minutes are chosen, and not the instance.
    at_minutes: bool,
}

/// The group as the calls name it.
fn key(moment: Moment<'_>) -> Key {
    Key::home("auto-scaling-group", &moment.history.name)
}

fn region(ctx: &Ctx) -> &str {
    ctx.facts.as_ref().map_or("", |facts| facts.scope.home.as_str())
}

/// Asks which instance is loaded for how long, beginning with the selected one; says why when none can be.
pub(super) fn start(moment: Moment<'_>, selected: Option<&str>, ctx: &Ctx) -> Vec<Ask> {
    let loaded = |id: &str| moment.loads().any(|load| load.instance == id);
    let in_service = |id: &&str| moment.row(id).is_some_and(|row| row.state.lifecycle == "InService");
    let serving: Vec<&str> = moment.ids().into_iter().filter(in_service).collect();
    let instances: Vec<String> = serving.iter().filter(|id| !loaded(id)).map(|id| (*id).to_owned()).collect();
    if instances.is_empty() {
        let stop = ctx.key(Action::StopLoad);
        return vec![Ask::Say(if serving.is_empty() {
            Text::new("서비스 중인 인스턴스가 없습니다", "No instance is in service")
        } else {
            Text::new(
                format!("모든 인스턴스에 이미 부하가 있습니다. {stop} 키로 멈춥니다"),
                format!("Every instance is under load already. {stop} stops it"),
            )
        })];
    }
    let instance = instances.iter().position(|id| Some(id.as_str()) == selected).unwrap_or(0);
    vec![Ask::Push(Box::new(Start { group: key(moment), instances, instance, minutes: MINUTES, at_minutes: false }))]
}

/// Asks whether the load is taken off.
pub(super) fn stop(moment: Moment<'_>, ctx: &Ctx) -> Vec<Ask> {
    let call = load::stop(&key(moment), region(ctx), "");
    let name = &moment.history.name;
    let words = Text::new(format!("{name}의 부하를 모두 멈춥니다"), format!("Takes the load off {name}"));
    vec![Ask::Push(Box::new(Confirm::change(call, words, ctx)))]
}

impl Start {
    fn id(&self) -> &str {
        self.instances.get(self.instance).map_or("", String::as_str)
    }

    fn change(&mut self, more: bool) {
        if self.at_minutes {
            self.minutes = if more { self.minutes + STEP } else { self.minutes.saturating_sub(STEP) };
            self.minutes = self.minutes.clamp(STEP, LONGEST);
        } else {
            let last = self.instances.len() - 1;
            self.instance = if more { (self.instance + 1).min(last) } else { self.instance.saturating_sub(1) };
        }
    }
}

impl Screen for Start {
    fn context(&self) -> Context {
        Context::Monitor
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        vec![
            Offer::new(Action::Up, 70),
            Offer::new(Action::Down, 70),
            Offer::new(Action::Earlier, 80).called("앞", "previous"),
            Offer::new(Action::Later, 80).called("뒤", "next"),
            Offer::new(Action::ZoomOut, 0),
            Offer::new(Action::ZoomIn, 0),
            Offer::new(Action::Accept, 90).called("미리보기", "preview"),
            Offer::new(Action::Back, 60).called("취소", "cancel"),
        ]
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        match action {
            Action::Up => self.at_minutes = false,
            Action::Down => self.at_minutes = true,
            Action::Later | Action::ZoomIn => self.change(true),
            Action::Earlier | Action::ZoomOut => self.change(false),
            Action::Back => return vec![Ask::Back],
            Action::Accept => {
                let (id, minutes) = (self.id(), self.minutes);
                let call = load::start(&self.group, Arg::text(id), minutes, region(ctx), "");
                let words = Text::new(
                    format!("{id}에 최대 {minutes}분 동안 부하를 줍니다"),
                    format!("Puts load on {id} for at most {minutes} min"),
                );
                return vec![Ask::Replace(Box::new(Confirm::change(call, words, ctx)))];
            }
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, _: &Ctx) -> Vec<Ask> {
        self.at_minutes = row == 1;
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        let place = popup::centered(area, 58, 8);
        popup::dim(area, look.style(Role::Dim), canvas.buf);
        popup::clear(place, canvas.buf);
        let title = Line::from(look.span(Role::Title, look.fill("monitor.load", &[("name", &self.group.name)])));
        let inside = boxed(place, canvas.buf, Edge::Single, title, look.style(Role::BorderFocus));
        let several = if self.instances.len() > 1 {
            format!("   {}/{}", self.instance + 1, self.instances.len())
        } else {
            String::new()
        };
        let minutes = look.fill("time.minutes", &[("n", &self.minutes.to_string())]);
        let rows = [
            (look.label("monitor.load-instance"), self.id().to_owned(), several),
            (look.label("monitor.load-limit"), minutes, String::new()),
        ];
        for ((at, (label, value, more)), y) in rows.into_iter().enumerate().zip(inside.top()..) {
            let here = (at == 1) == self.at_minutes;
            let role = if here { Role::Selection } else { Role::Text };
            let mut spans = vec![
                look.span(role, if here { "› " } else { "  " }),
                look.span(role, pad(label, 12)),
                look.span(role, value),
                look.span(Role::Dim, more),
            ];
            if here {
                spans.push(look.span(Role::Dim, "   ← →"));
            }
            put(canvas.buf, inside.x, y, inside.width, Line::from(spans));
            canvas.spot(Rect { y, height: 1, ..inside }, Spot::Row(at));
        }
        let limit = look.fill("time.minutes", &[("n", &self.minutes.to_string())]);
        let text = look.fill("monitor.load-hint", &[("time", &limit)]);
        let lines: Vec<Line<'static>> = wrap(&text, usize::from(inside.width))
            .into_iter()
            .map(|line| Line::from(Span::styled(line, look.style(Role::Dim))))
            .collect();
        put_lines(canvas.buf, Rect { y: inside.y + 3, height: inside.height.saturating_sub(3), ..inside }, &lines);
    }
}
