//! The question before something happens: what, where, at what price. The only screen that can change the cloud.
//!
//! On the practice cloud the answer that is already chosen is yes; anywhere else it is no.

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::course::model::Key;
use crate::i18n::Text;
use crate::input::{Action, Context};
use crate::lab::call::Call;
use crate::lab::report::{Plan, Teardown};
use crate::view::popup;
use crate::view::text::{truncate_line, wrap};
use crate::view::theme::Role;
use crate::view::widgets::pane::{Edge, boxed};
use crate::view::widgets::{choice, put, put_lines};

use super::{Ask, Canvas, Ctx, Effect, Offer, Query, Screen, Spot};

/// Comes with every effect that changes the cloud. Only this file can make one, so that no other screen can change
/// the cloud.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval(());

/// What is asked.
enum Question {
    Run(Box<Plan>),
    Cleanup(Box<Teardown>),
    Change(Box<Call>, Text),
    Adopt(String, Vec<Key>),
    Quit,
}

/// A pop-up with a yes and a no.
pub struct Confirm {
    question: Question,
    yes: bool,
}

/// The width of the box, where there is room.
const WIDTH: u16 = 70;

impl Confirm {
    /// Asks before a plan is run.
    pub fn run(plan: Plan, ctx: &Ctx) -> Self {
        Self { question: Question::Run(Box::new(plan)), yes: ctx.is_practice() }
    }

    /// Asks before a teardown.
    pub fn cleanup(teardown: Teardown, ctx: &Ctx) -> Self {
        Self { question: Question::Cleanup(Box::new(teardown)), yes: ctx.is_practice() }
    }

    /// Asks before one change outside any step; `words` says what it changes.
    pub fn change(call: Call, words: Text, ctx: &Ctx) -> Self {
        Self { question: Question::Change(Box::new(call), words), yes: ctx.is_practice() }
    }

    /// Asks before what the learner made for a step by hand is written into the ledger. The cloud is not changed.
    pub fn adopt(step: &str, keys: &[Key]) -> Self {
        Self { question: Question::Adopt(step.to_owned(), keys.to_vec()), yes: true }
    }

    /// Asks before leaving while something is under way.
    pub const fn quit(_: &Ctx) -> Self {
        Self { question: Question::Quit, yes: true }
    }

    fn answer(&self, yes: bool, ctx: &Ctx) -> Vec<Ask> {
        if !yes {
            return vec![Ask::Back];
        }
        match &self.question {
            Question::Quit => vec![Ask::Quit],
            // The ledger is ours: nothing else needs to wait for it.
            Question::Adopt(step, _) if !ctx.read_only => vec![Ask::Back, Ask::Query(Query::Check(step.clone()))],
            _ if ctx.read_only => vec![
                Ask::Back,
                Ask::Say(Text::new(
                    "--read-only로 시작해서 클라우드를 바꾸지 않습니다",
                    "Started with --read-only: the cloud is not changed",
                )),
            ],
            // A drill only waits: its load can be stopped meanwhile.
            Question::Change(call, _) if ctx.drill().is_some() => {
                vec![Ask::Back, Ask::Do(Effect::Change(call.clone(), Approval(())))]
            }
            _ if ctx.working().is_some() => vec![
                Ask::Back,
                Ask::Say(Text::new(
                    "앞의 작업이 끝난 뒤에 할 수 있습니다",
                    "Another task is under way; wait for its end",
                )),
            ],
            Question::Adopt(step, _) => vec![Ask::Back, Ask::Query(Query::Check(step.clone()))],
            Question::Run(plan) => {
                vec![Ask::Back, Ask::Do(Effect::Run(ctx.next_task, plan.clone(), Approval(())))]
            }
            Question::Change(call, _) => vec![Ask::Back, Ask::Do(Effect::Change(call.clone(), Approval(())))],
            Question::Cleanup(teardown) => {
                vec![Ask::Back, Ask::Do(Effect::Cleanup(ctx.next_task, teardown.clone(), Approval(())))]
            }
        }
    }

    /// The regions in which something changes, in the order in which they are reached.
    fn regions(&self, home: &str) -> String {
        let all: Vec<&str> = match &self.question {
            Question::Run(plan) => plan.calls.iter().map(|planned| planned.call.region.as_str()).collect(),
            Question::Cleanup(teardown) => teardown.items.iter().map(|item| item.row.region.as_str()).collect(),
            Question::Change(call, _) => vec![call.region.as_str()],
            Question::Adopt(..) | Question::Quit => Vec::new(),
        };
        let mut regions: Vec<&str> = Vec::new();
        for region in all {
            if !regions.contains(&region) {
                regions.push(region);
            }
        }
        if regions.is_empty() { home.to_owned() } else { regions.join(", ") }
    }

    fn title(&self, ctx: &Ctx) -> String {
        let practice = ctx.is_practice();
        match &self.question {
            Question::Run(_) if practice => ctx.say("연습 클라우드에서 실행합니다", "Run on the practice cloud"),
            Question::Run(_) => ctx.say("AWS에서 실행합니다", "Run on AWS"),
            Question::Cleanup(_) if practice => ctx.say("연습 클라우드에서 지웁니다", "Delete on the practice cloud"),
            Question::Cleanup(_) => ctx.say("AWS에서 지웁니다", "Delete on AWS"),
            Question::Change(..) if practice => ctx.say("연습 클라우드에서 바꿉니다", "Change on the practice cloud"),
            Question::Change(..) => ctx.say("AWS에서 바꿉니다", "Change on AWS"),
            Question::Adopt(..) => ctx.say("직접 만든 것을 장부에 적습니다", "Take over what you made"),
            Question::Quit => ctx.say("지금 나갑니다", "Leave now"),
        }
        .to_owned()
    }

    fn answers(&self, ctx: &Ctx) -> [&'static str; 2] {
        let pick = |ko, en| match ctx.lang() {
            crate::i18n::Lang::Ko => ko,
            crate::i18n::Lang::En => en,
        };
        match &self.question {
            Question::Run(_) => [pick("예, 실행합니다", "Yes, run"), pick("아니요", "No")],
            Question::Cleanup(_) => [pick("예, 지웁니다", "Yes, delete"), pick("아니요", "No")],
            Question::Change(..) => [pick("예, 바꿉니다", "Yes, change"), pick("아니요", "No")],
            Question::Adopt(..) => [pick("예, 적습니다", "Yes, take over"), pick("아니요", "No")],
            Question::Quit => [pick("예, 나갑니다", "Yes, leave"), pick("아니요, 기다립니다", "No, wait")],
        }
    }

    fn lines(&self, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
        let mut lines = Vec::new();
        let mut plain = |text: String| {
            lines.extend(wrap(&text, room).into_iter().map(|line| Line::from(ctx.look.span(Role::Text, line))));
        };
        if let (false, Some(facts)) = (matches!(self.question, Question::Quit), &ctx.facts) {
            let (account, regions) = (&facts.scope.account, self.regions(&facts.scope.home));
            plain(match ctx.lang() {
                crate::i18n::Lang::Ko => format!("계정 {account}   리전 {regions}"),
                crate::i18n::Lang::En => format!("account {account}   region {regions}"),
            });
        }
        let undo = ctx.key(Action::Cleanup);
        let now = crate::view::format::per_hour(ctx.cost_per_hour().unwrap_or(0.0));
        match &self.question {
            Question::Run(plan) => {
                let operations = tally(plan.calls.iter().map(|planned| planned.call.operation.as_str()));
                let count = plan.calls.len();
                let price = crate::view::format::per_hour(plan.cost_per_hour);
                plain(match ctx.lang() {
                    crate::i18n::Lang::Ko => format!("{count}개 호출   {operations}"),
                    crate::i18n::Lang::En => format!("{}   {operations}", crate::i18n::counted(count, "call")),
                });
                let mut spans = vec![Span::raw(ctx.say("비용 ", "cost ").to_owned())];
                spans.push(ctx.look.span(Role::Cost, format!("+{price}")));
                spans.push(Span::raw(match ctx.lang() {
                    crate::i18n::Lang::Ko => format!(" (지금 {now})   되돌리기: {undo} 정리"),
                    crate::i18n::Lang::En => format!(" (now {now})   to undo: {undo} clean up"),
                }));
                lines.push(truncate_line(Line::from(spans), room));
            }
            Question::Cleanup(teardown) => {
                let count = teardown.items.len();
                let saved = crate::view::format::per_hour(teardown.cost_per_hour);
                plain(match ctx.lang() {
                    crate::i18n::Lang::Ko => format!("리소스 {count}개를 순서대로 지우고, 끝나면 다시 둘러봅니다"),
                    crate::i18n::Lang::En => {
                        let what = crate::i18n::counted(count, "resource");
                        format!("deletes {what} in order; then everything is looked at again")
                    }
                });
                plain(match ctx.lang() {
                    crate::i18n::Lang::Ko => format!("줄어드는 비용 {saved}   되돌릴 수 없습니다"),
                    crate::i18n::Lang::En => format!("saves {saved}   this cannot be undone"),
                });
            }
            Question::Change(call, words) => {
                plain(ctx.t(words).to_owned());
                for line in crate::lab::cli::command(call).lines() {
                    plain(line.to_owned());
                }
            }
            Question::Adopt(_, keys) => {
                let names = keys.iter().map(|key| key.name.as_str()).collect::<Vec<_>>().join(", ");
                plain(names);
                plain(
                    ctx.say(
                        "클라우드에서는 아무것도 바뀌지 않습니다. awslab의 장부에만 적고, 정리할 때 함께 지웁니다.",
                        "Nothing changes in the cloud. It only goes into awslab's ledger, and cleanup will delete it too.",
                    )
                    .to_owned(),
                );
            }
            Question::Quit => {
                plain(match ctx.lang() {
                    crate::i18n::Lang::Ko => {
                        "아직 끝나지 않은 일이 있습니다. 나가면 기다리기만 멈춥니다. 만들어진 것은 그대로 \
                         있고, awslab resume으로 이어집니다."
                            .to_owned()
                    }
                    crate::i18n::Lang::En => {
                        "Something is not finished yet. Leaving only stops the waiting: what was made \
                         stays, and awslab resume goes on from there."
                            .to_owned()
                    }
                });
                plain(match ctx.lang() {
                    crate::i18n::Lang::Ko => format!("지금 비용 {now}"),
                    crate::i18n::Lang::En => format!("cost now {now}"),
                });
            }
        }
        lines
    }
}

/// Words with how often each comes: `CreateSubnet x6 · CreateVpc`.
fn tally<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut counts: Vec<(&str, usize)> = Vec::new();
    for word in words {
        match counts.iter_mut().find(|(known, _)| *known == word) {
            Some((_, count)) => *count += 1,
            None => counts.push((word, 1)),
        }
    }
    let one = |(word, count): &(&str, usize)| if *count > 1 { format!("{word} x{count}") } else { (*word).to_owned() };
    counts.iter().map(one).collect::<Vec<_>>().join(" · ")
}

impl Screen for Confirm {
    fn context(&self) -> Context {
        Context::Confirm
    }

    fn is_popup(&self) -> bool {
        true
    }

    fn offers(&self, _: &Ctx) -> Vec<Offer> {
        vec![
            Offer::new(Action::Accept, 90),
            Offer::new(Action::Switch, 70),
            Offer::new(Action::Yes, 60),
            Offer::new(Action::No, 60),
        ]
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        match action {
            Action::Accept => return self.answer(self.yes, ctx),
            Action::Yes => return self.answer(true, ctx),
            Action::No => return self.answer(false, ctx),
            Action::Switch => self.yes = !self.yes,
            _ => {}
        }
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let width = WIDTH.min(area.width);
        let lines = self.lines(usize::from(width.saturating_sub(4)), ctx);
        let height = u16::try_from(lines.len()).unwrap_or(area.height).saturating_add(4);
        let place = popup::centered(area, width, height);
        popup::dim(area, ctx.look.style(Role::Dim), canvas.buf);
        popup::clear(place, canvas.buf);
        let (edge, role) = if ctx.is_practice() || matches!(self.question, Question::Quit | Question::Adopt(..)) {
            (Edge::Single, Role::BorderFocus)
        } else {
            (Edge::Double, Role::Aws)
        };
        let title = Line::from(ctx.look.span(Role::Title, self.title(ctx)));
        let inside = boxed(place, canvas.buf, edge, title, ctx.look.style(role));
        put_lines(canvas.buf, Rect { height: inside.height.saturating_sub(1), ..inside }, &lines);

        let answers = self.answers(ctx);
        let harmless = matches!(self.question, Question::Adopt(..));
        let danger = (!ctx.is_practice() && !harmless).then_some(0);
        let line = choice::line(&answers, usize::from(!self.yes), danger, &ctx.look);
        let size = u16::try_from(choice::size(&answers)).unwrap_or(inside.width).min(inside.width);
        let x = inside.x + (inside.width - size) / 2;
        let y = inside.bottom().saturating_sub(1);
        put(canvas.buf, x, y, inside.width, line);
        for (place, action) in choice::places(&answers, x, y).into_iter().zip([Action::Yes, Action::No]) {
            canvas.spot(place, Spot::Action(action));
        }
    }
}
