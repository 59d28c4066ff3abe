//! The lifecycle player: one instance of a group, taken from state to state by the learner.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::i18n::Lang;
use crate::input::{Action, Context};
use crate::scaling::lifecycle::State;
use crate::screens::{Ask, Canvas, Ctx, Offer, Screen, Spot};
use crate::view::text::wrap_spans;
use crate::view::theme::Role;
use crate::view::widgets::put_lines;

use super::kit;

/// The player.
pub struct Life {
    /// Every state so far; the last is where it is.
    past: Vec<State>,
    /// Which of the next states is chosen.
    chosen: usize,
    /// Whether the group has lifecycle hooks.
    hooks: bool,
}

impl Default for Life {
    fn default() -> Self {
        Self { past: vec![State::Pending], chosen: 0, hooks: true }
    }
}

impl Life {
    fn state(&self) -> State {
        self.past.last().copied().unwrap_or(State::Pending)
    }

    /// The states that may follow: with hooks the instance stops on the way, without it does not.
    fn next(&self) -> Vec<State> {
        let now = self.state();
        let waits = |state: &State| matches!(state, State::PendingWait | State::TerminatingWait);
        let skips = |state: &State| {
            (now == State::Pending && *state == State::InService)
                || (now == State::Terminating && *state == State::Terminated)
        };
        let fits = |state: &&State| if self.hooks { !skips(state) } else { !waits(state) };
        now.next().iter().filter(fits).copied().collect()
    }

    fn step(&mut self) {
        let next = self.next();
        if let Some(state) = next.get(self.chosen.min(next.len().saturating_sub(1))) {
            self.past.push(*state);
            self.chosen = 0;
        }
    }
}

/// What a state means for the learner.
const fn words(state: State) -> (&'static str, &'static str) {
    match state {
        State::Pending => ("켜지고 있습니다. 아직 요청을 받지 않습니다.", "It starts. It gets no requests yet."),
        State::PendingWait => (
            "후크가 멈춰 세웠습니다. CompleteLifecycleAction을 기다리며, 길어야 1시간입니다.",
            "The hook has stopped it. It waits for CompleteLifecycleAction, an hour at most.",
        ),
        State::PendingProceed => ("후크가 끝났습니다. 곧 일합니다.", "The hook is done. It is about to serve."),
        State::InService => (
            "일합니다. 대상 그룹에 있고, 평균 CPU에 들어가고, 고장 나면 바꿔 넣습니다.",
            "It serves: in the target group, in the average CPU, and replaced when it breaks.",
        ),
        State::Terminating => {
            ("그룹에서 빠집니다. 대상 그룹에서 하던 요청을 마칩니다.", "It leaves. It finishes the requests under way.")
        }
        State::TerminatingWait => (
            "끝나기 전에 후크가 멈춰 세웠습니다. 기록을 남겨 둘 때입니다.",
            "The hook has stopped it before its end: the time to save logs.",
        ),
        State::TerminatingProceed => ("후크가 끝났습니다. 곧 종료합니다.", "The hook is done. It is about to end."),
        State::Terminated => ("사라졌습니다. 돈도 더 들지 않습니다.", "It is gone, and costs nothing more."),
        State::EnteringStandby => ("대상 그룹에서 빠지고 있습니다.", "It is being taken off the target group."),
        State::Standby => (
            "그룹에 있지만 요청을 받지 않습니다. 고장 나도 바꿔 넣지 않고, 돈은 듭니다.",
            "In the group, but without requests. It is not replaced, and it still costs.",
        ),
        State::Detaching => ("그룹을 떠나고 있습니다.", "It is leaving the group."),
        State::Detached => (
            "그룹을 떠나 혼자 삽니다. 직접 끝낼 때까지 돈이 듭니다.",
            "It left the group and lives on. It costs until you end it yourself.",
        ),
    }
}

impl Screen for Life {
    fn context(&self) -> Context {
        Context::Player
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        vec![ctx.look.label("player.lifecycle").to_owned()]
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        let mut offers = Vec::new();
        let next = self.next();
        if !next.is_empty() {
            offers.push(Offer::new(Action::Accept, 90).called("다음 상태로", "go on"));
        }
        if next.len() > 1 {
            offers.push(Offer::new(Action::Down, 60).called("다른 길", "another way"));
        }
        let (ko, en) = if self.hooks { ("후크 끄기", "hooks off") } else { ("후크 켜기", "hooks on") };
        offers.push(Offer::new(Action::PlayNext, 70).called(ko, en));
        offers.push(Offer::new(Action::PlayLeft, 40).called("한 걸음 뒤로", "one back"));
        offers.push(Offer::new(Action::PlayAgain, 50));
        offers
    }

    fn act(&mut self, action: Action, _: &Ctx) -> Vec<Ask> {
        let count = self.next().len().max(1);
        match action {
            Action::Accept | Action::PlayRight => self.step(),
            Action::PlayLeft if self.past.len() > 1 => {
                self.past.pop();
                self.chosen = 0;
            }
            Action::Up => self.chosen = (self.chosen + count - 1) % count,
            Action::Down => self.chosen = (self.chosen + 1) % count,
            Action::PlayNext => {
                self.hooks = !self.hooks;
                self.chosen = 0;
            }
            Action::PlayAgain => *self = Self { hooks: self.hooks, ..Self::default() },
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, _: &Ctx) -> Vec<Ask> {
        self.chosen = row;
        self.step();
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let look = &ctx.look;
        let now = self.state();
        let say = |pair: (&'static str, &'static str)| ctx.say(pair.0, pair.1);
        let room = usize::from(area.width.saturating_sub(2));
        let title = match (ctx.lang(), self.hooks) {
            (Lang::Ko, true) => "그룹의 서버 한 대 (수명 주기 후크 있음)",
            (Lang::Ko, false) => "그룹의 서버 한 대 (수명 주기 후크 없음)",
            (Lang::En, true) => "One server of a group, with lifecycle hooks",
            (Lang::En, false) => "One server of a group, without lifecycle hooks",
        };
        let tip = (
            "후크를 끄고(Tab) 같은 길을 다시 가 보세요. 어느 상태가 빠지나요?",
            "Go the same way again without hooks (Tab). Which states are left out?",
        );
        let area = kit::page(ctx, area, canvas, title, tip);
        let mut lines: Vec<Line<'static>> = Vec::new();
        lines.push(Line::default());
        let mut spans = vec![Span::raw(" ")];
        for (at, state) in self.past.iter().enumerate() {
            if at > 0 {
                spans.push(look.span(Role::Dim, " > "));
            }
            let role = if at + 1 == self.past.len() { Role::Selection } else { Role::Dim };
            spans.push(look.span(role, state.as_str()));
        }
        lines.extend(wrap_spans(&spans, room, &[], &[Span::raw(" ")]));
        lines.push(Line::default());
        let meaning = [Span::raw(say(words(now)))];
        lines.extend(wrap_spans(&meaning, room, &[Span::raw(" ")], &[Span::raw(" ")]));
        let (counts, role) = if now.counts() {
            (ctx.say("원하는 수에 들어갑니다", "counts towards the desired number"), Role::Ready)
        } else {
            (ctx.say("원하는 수에 들어가지 않습니다", "does not count towards the desired number"), Role::Dim)
        };
        lines.push(Line::from(vec![Span::raw(" "), look.span(role, counts)]));
        lines.push(Line::default());
        let next = self.next();
        if next.is_empty() {
            lines.push(Line::from(look.span(Role::Strong, ctx.say(" 여기가 끝입니다.", " This is the end."))));
        } else {
            lines.push(Line::from(look.span(Role::Strong, ctx.say(" 다음은", " What may follow"))));
        }
        for (at, state) in next.iter().enumerate() {
            let role = if at == self.chosen { Role::Selection } else { Role::Text };
            let mark = if at == self.chosen { " > " } else { "   " };
            let head =
                [look.span(Role::Accent, mark), look.span(role, format!("{:<20}", state.as_str())), Span::raw(" ")];
            let meaning = [look.span(Role::Dim, say(words(*state)))];
            let told = wrap_spans(&meaning, usize::from(area.width), &head, &[Span::raw(" ".repeat(24))]);
            for line in told {
                let y = area.y + u16::try_from(lines.len()).unwrap_or(0);
                if y < area.bottom() {
                    canvas.spot(Rect { x: area.x, y, width: area.width, height: 1 }, Spot::Row(at));
                }
                lines.push(line);
            }
        }
        put_lines(canvas.buf, area, &lines);
        let end = area.y + u16::try_from(lines.len()).unwrap_or(0) + 1;
        if end < area.bottom() && ctx.size.1 > 30 {
            let all = [look.span(Role::Dim, State::ALL.map(State::as_str).join("  "))];
            let all = wrap_spans(&all, room, &[Span::raw(" ")], &[Span::raw(" ")]);
            put_lines(canvas.buf, Rect { y: end, height: area.bottom() - end, ..area }, &all);
        }
    }
}
