//! The question for the learner's domain. An empty answer means that there is none; either way it is asked once.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::input::{Action, Context, Edit};
use crate::view::popup;
use crate::view::text::wrap;
use crate::view::theme::Role;
use crate::view::widgets::pane::{Edge, boxed};
use crate::view::widgets::{put, put_lines};

use super::{Ask, Canvas, Ctx, Effect, Offer, Screen};

/// What is kept for no domain.
const NONE: &str = "none";
/// The width of the box, where there is room.
const WIDTH: u16 = 70;

/// A pop-up with a line to type in.
#[derive(Default)]
pub struct Domain {
    text: String,
}

impl Domain {
    /// Begins with the domain that is kept.
    pub fn new(ctx: &Ctx) -> Self {
        Self { text: ctx.domain.clone().unwrap_or_default() }
    }
}

impl Screen for Domain {
    fn context(&self) -> Context {
        Context::Palette
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn edits_text(&self) -> bool {
        true
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        let (ko, en) =
            if self.text.trim().is_empty() { ("도메인 없이", "without one") } else { ("씁니다", "use it") };
        vec![Offer::new(Action::Accept, 80).called(ko, en), Offer::new(Action::Back, 70).called("닫기", "close")]
    }

    fn edit(&mut self, edit: Edit, _: &Ctx) -> Vec<Ask> {
        match edit {
            Edit::Insert(sign) => self.text.push(sign),
            Edit::Backspace => {
                self.text.pop();
            }
            Edit::Clear => self.text.clear(),
        }
        Vec::new()
    }

    fn act(&mut self, action: Action, _: &Ctx) -> Vec<Ask> {
        match action {
            Action::Accept => {
                let name = self.text.trim();
                let name = if name.is_empty() { NONE } else { name };
                vec![Ask::Back, Ask::Do(Effect::Domain(name.to_owned()))]
            }
            Action::Back => vec![Ask::Back],
            _ => Vec::new(),
        }
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        let width = WIDTH.min(area.width);
        let text = ctx.say(
            "Route 53에 호스팅 영역이 있는 내 도메인을 적어 주세요. 이 클라우드와 계정에서는 한 번만 묻습니다. 없으면 비워 두고 Enter를 누르세요. 4.2절과 HTTPS만 빼고 모두 할 수 있습니다.",
            "Type your own domain, the one that has a hosted zone in Route 53. For this cloud and account you are asked once. If you have none, leave it empty and press Enter: all but section 4.2 and HTTPS works without one.",
        );
        let lines = wrap(text, usize::from(width.saturating_sub(4)));
        let height = u16::try_from(lines.len()).unwrap_or(area.height).saturating_add(4);
        let place = popup::centered(area, width, height);
        popup::dim(area, look.style(Role::Dim), canvas.buf);
        popup::clear(place, canvas.buf);
        let title = Line::from(look.span(Role::Title, ctx.say("내 도메인", "Your domain").to_owned()));
        let inside = boxed(place, canvas.buf, Edge::Single, title, look.style(Role::BorderFocus));
        let lines: Vec<Line<'static>> = lines.into_iter().map(|line| Line::from(look.span(Role::Text, line))).collect();
        put_lines(canvas.buf, Rect { height: inside.height.saturating_sub(1), ..inside }, &lines);
        let typed = if self.text.is_empty() {
            look.span(Role::Dim, "example.com".to_owned())
        } else {
            Span::raw(format!("{}▏", self.text))
        };
        let y = inside.bottom().saturating_sub(1);
        put(canvas.buf, inside.x, y, inside.width, Line::from(vec![look.span(Role::Accent, "> ".to_owned()), typed]));
    }
}
