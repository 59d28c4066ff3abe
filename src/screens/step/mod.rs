//! A step: its guide, the calls before they run, the picture, what happens now, and the checks.
//!
//! Enter always does the next sensible thing, so that Enter and reading alone finish a step: read on, preview the
//! calls, confirm, run, check, next step. What comes next is worked out from the model (`next::Next`), never kept.

mod hand;
mod next;
mod path;
mod progress;
mod tabs;

use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use crate::course::model::{Step, StepKind};
use crate::i18n::Text;
use crate::input::{Action, Context};
use crate::lab::report::{StepState, Way};
use crate::view::format::per_hour;
use crate::view::markdown::Page;
use crate::view::theme::Role;
use crate::view::widgets::pane::{pane, ruled};
use crate::view::widgets::scroll::{self, Scroll};
use crate::view::widgets::{put, tabs as tab_row};

use super::confirm::Confirm;
use super::domain::Domain;
use super::monitor::Monitor;
use super::quiz::QuizScreen;
use super::{Ask, Canvas, Ctx, Effect, News, Offer, Opening, Query, Screen, Spot, player, words};
use next::Next;

/// From this width on the picture stands beside the guide.
const WIDE: u16 = 112;

/// What the main pane shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Guide,
    Why,
    Calls,
    Cli,
    Console,
    Path,
    Picture,
    Progress,
}

impl Tab {
    fn name(self, ctx: &Ctx) -> &'static str {
        let (ko, en) = match self {
            Self::Guide => ("안내", "Guide"),
            Self::Why => ("왜", "Why"),
            Self::Calls => ("호출", "Calls"),
            Self::Cli => ("CLI", "CLI"),
            Self::Console => ("콘솔", "Console"),
            Self::Path => ("길", "Path"),
            Self::Picture => ("그림", "Picture"),
            Self::Progress => ("진행", "Progress"),
        };
        if ctx.lang() == crate::i18n::Lang::Ko { ko } else { en }
    }
}

/// A step's page.
pub struct StepScreen {
    id: String,
    tab: Tab,
    scrolls: [Scroll; 8],
    guide: Page,
    why: Page,
    console: Page,
    /// Whether the guide's end was seen.
    read: bool,
    /// Whether the picture was seen.
    looked: bool,
}

impl StepScreen {
    /// The page of a step.
    pub fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            tab: Tab::Guide,
            scrolls: Default::default(),
            guide: Page::default(),
            why: Page::default(),
            console: Page::default(),
            read: false,
            looked: false,
        }
    }

    fn tabs(&self, step: &Step, ctx: &Ctx) -> Vec<Tab> {
        let mut tabs = vec![Tab::Guide];
        if !step.why.is_empty() {
            tabs.push(Tab::Why);
        }
        let missing = matches!(ctx.plans.get(&step.id), Some(Ok(plan)) if !plan.calls.is_empty());
        if Self::is_built(step) || missing && next::calls(step, ctx) {
            tabs.extend([Tab::Calls, Tab::Cli]);
        }
        if path::has_way(step) {
            tabs.push(Tab::Path);
        }
        if !step.console.is_empty() {
            tabs.push(Tab::Console);
        }
        if ctx.size.0 < WIDE {
            tabs.push(Tab::Picture);
        }
        if !step.checks.is_empty() {
            tabs.push(Tab::Progress);
        }
        tabs
    }

    fn scroll(&self) -> &Scroll {
        // One for every tab, in the order of the enum.
        &self.scrolls[self.tab as usize]
    }

    fn switch(&mut self, by: isize, step: &Step, ctx: &Ctx) {
        let tabs = self.tabs(step, ctx);
        let at = tabs.iter().position(|tab| *tab == self.tab).unwrap_or(0);
        let length = isize::try_from(tabs.len()).unwrap_or(1);
        let to = (isize::try_from(at).unwrap_or(0) + by).rem_euclid(length);
        if let Some(tab) = usize::try_from(to).ok().and_then(|to| tabs.get(to)) {
            self.tab = *tab;
        }
    }

    fn next(&self, step: &Step, ctx: &Ctx) -> Next {
        let at_end = self.scroll().at_end();
        if self.watches_here(step, ctx)
            && let Some(next) = hand::next(step, ctx, self.tab == Tab::Guide && !at_end)
        {
            return next;
        }
        let read = self.read || (self.tab == Tab::Guide && at_end) || hand::is_on(step, ctx);
        let picture = self.looked || self.tab == Tab::Picture || ctx.size.0 >= WIDE;
        next::next(step, ctx, &next::Seen { read, preview: self.tab == Tab::Calls, preview_end: at_end, picture })
    }

    /// Whether Enter is about what the learner does by hand: not in the calls, and not where the last hint has offered to
    /// do it.
    fn watches_here(&self, step: &Step, ctx: &Ctx) -> bool {
        let offered = self.tab == Tab::Guide && usize::from(ctx.way(&step.id).hints) >= step.hints.len();
        hand::is_on(step, ctx) && self.tab != Tab::Calls && !offered
    }

    /// Enter.
    fn go_on(&mut self, step: &Step, ctx: &Ctx) -> Vec<Ask> {
        let next = self.next(step, ctx);
        if self.tab == Tab::Guide && self.scroll().at_end() {
            self.read = true;
        }
        match next {
            Next::ReadOn => {
                if self.tab == Tab::Guide {
                    self.scroll().page(1);
                } else {
                    self.tab = Tab::Guide;
                }
                Vec::new()
            }
            Next::PreviewOn => {
                self.scroll().page(1);
                Vec::new()
            }
            Next::Finish => {
                let mut asks = vec![Ask::Do(Effect::Note(step.id.clone(), StepState::Done))];
                asks.extend(Self::leave_for(ctx.step_after(&step.id), ctx));
                asks
            }
            Next::Leave => Self::leave_for(ctx.step_after(&step.id), ctx),
            Next::Picture => {
                (self.tab, self.looked) = (Tab::Picture, true);
                Vec::new()
            }
            Next::Questions => vec![Ask::Push(Box::new(QuizScreen::page(&step.id, ctx)))],
            Next::Plan => vec![Ask::Query(Query::Plan(step.id.clone()))],
            Next::Preview => {
                self.tab = Tab::Calls;
                self.scroll().top();
                Vec::new()
            }
            Next::Confirm => match ctx.plans.get(&step.id) {
                Some(Ok(plan)) => vec![Ask::Push(Box::new(Confirm::run(plan.clone(), ctx)))],
                _ => Vec::new(),
            },
            Next::Check => self.check(step),
            Next::Watch => self.watch(ctx),
            Next::Subscribe => vec![
                Ask::Query(Query::Subscribe(step.id.clone())),
                Ask::Say(Text::new(
                    "연습 계정이 약관에 동의하고 구독했습니다",
                    "The practice account has accepted the terms and is subscribed",
                )),
            ],
            Next::Held => {
                let manual = next::held_by(step, ctx).and_then(|id| ctx.course.step(id));
                let number = manual.map(|manual| manual.number.clone()).unwrap_or_default();
                let mut asks = vec![Ask::Say(Text::new(
                    format!("{} 단계는 직접 해야 하는 {number} 단계를 마친 뒤에 할 수 있습니다", step.number),
                    format!("Step {} can be done once you have done {number}, which only you can do", step.number),
                ))];
                asks.extend(Self::leave_for(ctx.step_after(&step.id), ctx));
                asks
            }
            Next::Look => vec![Ask::Query(Query::Hand(step.id.clone(), true))],
            Next::Adopt => match ctx.hand(&step.id) {
                Some(hand) => vec![Ask::Push(Box::new(Confirm::adopt(&step.id, &hand.adopts)))],
                None => Vec::new(),
            },
            Next::Wait => {
                let key = ctx.key(Action::NextStep);
                vec![Ask::Say(Text::new(
                    format!("기다리는 동안 {key} 키로 다음 단계를 읽어도 됩니다. 준비되면 알려 드립니다"),
                    format!("While it waits you can read on with {key}. You will be told when it is ready"),
                ))]
            }
            Next::Looking => Vec::new(),
            Next::Opening => vec![Ask::Say(Text::new("아직 연결하는 중입니다", "Still connecting"))],
        }
    }

    /// The Auto Scaling group that this step is about: that of its drill, or the one that its section makes.
    fn group<'a>(&self, ctx: &'a Ctx) -> Option<&'a str> {
        let drill = ctx.course.step(&self.id).and_then(|step| step.drill.as_ref()).map(|drill| &drill.group);
        let made = || {
            let (_, section) = ctx.course.home_of(&self.id)?;
            let mut all = section.steps.iter().flat_map(|step| &step.resources);
            all.find(|made| made.key.kind == "auto-scaling-group").map(|made| &made.key)
        };
        drill.or_else(made).map(|key| key.name.as_str())
    }

    /// Opens the monitor of this step's group.
    fn watch(&self, ctx: &Ctx) -> Vec<Ask> {
        self.group(ctx).map(|name| Ask::Push(Box::new(Monitor::of(name)))).into_iter().collect()
    }

    fn check(&mut self, step: &Step) -> Vec<Ask> {
        if path::has_way(step) {
            self.tab = Tab::Path;
        }
        vec![Ask::Query(Query::Check(step.id.clone()))]
    }

    /// Asks for the learner's domain, in a step that is only for those who have one.
    fn ask_domain(step: &Step, ctx: &Ctx) -> Vec<Ask> {
        if step.only_with.is_none() {
            return Vec::new();
        }
        if ctx.working().is_some() {
            return vec![Ask::Say(Text::new(
                "앞의 작업이 끝난 뒤에 바꿀 수 있습니다",
                "It can be changed once what is under way has ended",
            ))];
        }
        vec![Ask::Push(Box::new(Domain::new(ctx)))]
    }

    /// The learner wants to know now: a look, or the question that ends the step.
    fn look_now(&self, step: &Step, ctx: &Ctx) -> Vec<Ask> {
        match ctx.hand(&step.id).filter(|hand| hand.is_right() && !hand.adopts.is_empty()) {
            Some(hand) => vec![Ask::Push(Box::new(Confirm::adopt(&step.id, &hand.adopts)))],
            None => vec![Ask::Query(Query::Hand(step.id.clone(), true))],
        }
    }

    /// Where somebody begins who does it by hand: at the console, or where there is none at the commands.
    fn by_hand_tab(step: &Step, ctx: &Ctx) -> Tab {
        if step.console.is_empty() {
            Tab::Guide
        } else if ctx.is_practice() && Self::is_built(step) {
            Tab::Cli
        } else {
            Tab::Console
        }
    }

    /// By hand, or by awslab again.
    fn switch_hand(&mut self, step: &Step, ctx: &Ctx) -> Vec<Ask> {
        let way = ctx.way(&step.id);
        let on = !way.by_hand;
        self.tab = if on { Self::by_hand_tab(step, ctx) } else { Tab::Guide };
        self.scroll().top();
        let mut asks =
            vec![Ask::Do(Effect::Way(step.id.clone(), Way { by_hand: on, ..way })), Ask::Say(hand::switched(on, ctx))];
        if on {
            asks.push(Ask::Query(Query::Hand(step.id.clone(), true)));
        }
        asks
    }

    /// One more hint; after the last one, what it says: awslab does the step, once it is confirmed.
    fn hint(&mut self, step: &Step, ctx: &Ctx) -> Vec<Ask> {
        let way = ctx.way(&step.id);
        if usize::from(way.hints) >= step.hints.len() {
            if Self::is_built(step) {
                self.tab = Tab::Calls;
                self.scroll().top();
            }
            return Vec::new();
        }
        self.tab = Tab::Guide;
        // The newest hint is at the end; where that is, the next draw knows.
        self.scroll().by(isize::MAX / 4);
        vec![
            Ask::Do(Effect::Way(step.id.clone(), Way { hints: way.hints + 1, ..way })),
            Ask::Say(Text::new("힌트는 안내의 끝에 있습니다", "Hints are at the end of the guide")),
        ]
    }

    /// The footer's word says which hint comes next; after the last one, that awslab does it.
    fn hint_offer(step: &Step, ctx: &Ctx) -> Option<Offer> {
        const WORDS: [(&str, &str); 3] = [("힌트", "hint"), ("힌트 2/3", "hint 2/3"), ("힌트 3/3", "hint 3/3")];
        let opened = usize::from(ctx.way(&step.id).hints);
        let offer = Offer::new(Action::Hint, 45);
        if opened < step.hints.len() {
            let (ko, en) = WORDS.get(opened).copied().unwrap_or(WORDS[0]);
            return Some(offer.called(ko, en));
        }
        let left = matches!(ctx.plans.get(&step.id), Some(Ok(plan)) if !plan.calls.is_empty());
        (opened > 0 && left && Self::is_built(step)).then(|| offer.called("대신 해 주기", "do it for me"))
    }

    /// Whether awslab can do the step.
    const fn is_built(step: &Step) -> bool {
        matches!(step.kind, StepKind::Build | StepKind::Drill)
    }

    /// What leads from a step to another, or home when there is none.
    pub(super) fn leave_for(step: Option<&Step>, ctx: &Ctx) -> Vec<Ask> {
        match step {
            Some(step) => vec![Ask::Replace(Box::new(Self::new(&step.id)))],
            None => {
                let key = ctx.key(Action::Cleanup);
                vec![
                    Ask::Home,
                    Ask::Say(Text::new(
                        format!("마지막 단계까지 마쳤습니다. {key} 키를 누르면 만든 것을 정리합니다"),
                        format!("That was the last step. Press {key} to clean up what you made"),
                    )),
                ]
            }
        }
    }

    fn copy(&self, step: &Step, ctx: &Ctx) -> Vec<Ask> {
        let text = match self.tab {
            Tab::Path => path::ssh_line(step, ctx),
            Tab::Cli | Tab::Console if hand::is_on(step, ctx) => hand::script(step, ctx),
            _ => tabs::script(step, ctx),
        };
        match text {
            Some(text) => vec![
                Ask::Do(Effect::Copy(text)),
                Ask::Say(Text::new("명령을 복사했습니다", "The commands are on the clipboard")),
            ],
            None => Vec::new(),
        }
    }

    fn lines(&self, step: &Step, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
        match self.tab {
            Tab::Guide => {
                let text = tabs::guide(step, usize::from(ctx.way(&step.id).hints), ctx);
                self.guide.lines(&text, room, &ctx.look).to_vec()
            }
            Tab::Why => self.why.lines(ctx.t(&step.why), room, &ctx.look).to_vec(),
            Tab::Calls => tabs::calls(step, room, ctx),
            Tab::Cli if hand::is_on(step, ctx) => hand::cli(step, room, ctx),
            Tab::Cli => tabs::cli(step, room, ctx),
            Tab::Console if hand::is_on(step, ctx) => {
                self.console.lines(&hand::console(step, ctx), room, &ctx.look).to_vec()
            }
            Tab::Console => self.console.lines(&tabs::console(step, ctx), room, &ctx.look).to_vec(),
            Tab::Path => path::lines(step, room, ctx),
            Tab::Progress => progress::lines(step, room, ctx),
            Tab::Picture => Vec::new(),
        }
    }

    fn draw_main(&mut self, step: &Step, area: Rect, ctx: &Ctx, canvas: &mut Canvas<'_>) {
        let tabs = self.tabs(step, ctx);
        let names: Vec<&str> = tabs.iter().map(|tab| tab.name(ctx)).collect();
        let chosen = tabs.iter().position(|tab| *tab == self.tab).unwrap_or(0);
        let title = tab_row::line(&names, chosen, true, &ctx.look);
        let inside = if area.width >= WIDE / 2 && ctx.size.0 >= WIDE {
            pane(area, canvas.buf, title, true, &ctx.look)
        } else {
            let inside = ruled(area, canvas.buf, title, true, &ctx.look);
            Rect { x: inside.x + 2, width: inside.width.saturating_sub(3), ..inside }
        };
        for (at, place) in tab_row::places(&names, area.x + 2, area.y).into_iter().enumerate() {
            canvas.spot(place, Spot::Row(at));
        }
        if self.tab == Tab::Picture {
            tabs::picture(step, inside, ctx, canvas.buf);
            return;
        }
        let lines = self.lines(step, usize::from(scroll::text_room(inside)), ctx);
        scroll::draw(&lines, self.scroll(), inside, canvas.buf, &ctx.look);
    }
}

impl Screen for StepScreen {
    fn context(&self) -> Context {
        Context::Step
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        let (Some((chapter, section)), Some(step)) = (ctx.course.home_of(&self.id), ctx.course.step(&self.id)) else {
            return Vec::new();
        };
        let at = section.steps.iter().position(|other| other.id == self.id).map_or(0, |at| at + 1);
        vec![
            format!("{} {}", chapter.number, ctx.t(&chapter.title)),
            format!("{} {}", section.number, ctx.t(&section.title)),
            format!("{} ({at}/{})", ctx.t(&step.title), section.steps.len()),
        ]
    }

    fn step(&self) -> Option<&str> {
        Some(&self.id)
    }

    fn opened(&mut self, ctx: &Ctx) -> Vec<Ask> {
        let mut asks = vec![Ask::Do(Effect::Note(self.id.clone(), StepState::Started))];
        let Some(step) = ctx.course.step(&self.id) else { return asks };
        if step.left_out.is_some() && !ctx.domain_asked {
            asks.extend(Self::ask_domain(step, ctx));
        }
        self.read = ctx.state(&self.id) == StepState::Done;
        if matches!(step.kind, StepKind::Build | StepKind::Drill) {
            asks.push(Ask::Query(Query::Plan(self.id.clone())));
        }
        if hand::is_on(step, ctx) {
            self.tab = Self::by_hand_tab(step, ctx);
            asks.push(Ask::Query(Query::Hand(self.id.clone(), true)));
        }
        asks
    }

    fn offers(&self, ctx: &Ctx) -> Vec<Offer> {
        let Some(step) = ctx.course.step(&self.id) else { return Vec::new() };
        let (ko, en) = match self.next(step, ctx) {
            Next::Leave if ctx.step_after(&self.id).is_none() => ("마치기", "finish"),
            next => next.words(),
        };
        let mut offers = vec![Offer::new(Action::Accept, 90).called(ko, en)];
        if ctx.step_after(&self.id).is_some() {
            offers.push(Offer::new(Action::NextStep, 65));
        }
        if ctx.step_before(&self.id).is_some() {
            offers.push(Offer::new(Action::PreviousStep, 40));
        }
        offers.push(Offer::new(Action::NextTab, 62));
        offers.push(Offer::new(Action::PreviousTab, 0));
        if !step.why.is_empty() {
            offers.push(Offer::new(Action::Why, 42));
        }
        if step.only_with.is_some() {
            offers.push(Offer::new(Action::Domain, 58));
        }
        if hand::can(step) {
            offers.push(if hand::is_on(step, ctx) {
                Offer::new(Action::ByHand, 46).called("맡기기", "hand over")
            } else {
                Offer::new(Action::ByHand, 44).called("직접", "by hand")
            });
        }
        offers.extend(Self::hint_offer(step, ctx));
        if !step.checks.is_empty() && !ctx.is_running(&self.id) {
            // While it is watched, Enter looks at once, as this does.
            let watched = hand::watches(step, ctx).is_some() || ctx.hands.get(&step.id).is_some_and(|one| one.looking);
            offers.push(Offer::new(Action::CheckStep, if watched { 30 } else { 55 }));
        }
        if step.kind == StepKind::Try && path::has_shell(step, ctx) {
            offers.push(Offer::new(Action::Shell, 70));
        }
        if self.group(ctx).is_some() {
            offers.push(Offer::new(Action::OpenMonitor, 72).called("실시간으로 보기", "watch live"));
        }
        if !step.questions.is_empty() && ctx.opening == Opening::Ready {
            offers.push(Offer::new(Action::Questions, 72));
        }
        if step.picture.is_some() {
            offers.push(Offer::new(Action::Play, 75));
        }
        let copies = match self.tab {
            Tab::Path => path::ssh_line(step, ctx).is_some(),
            Tab::Cli | Tab::Console if hand::is_on(step, ctx) => hand::script(step, ctx).is_some(),
            Tab::Calls | Tab::Cli => tabs::script(step, ctx).is_some(),
            _ => false,
        };
        if copies {
            offers.push(Offer::new(Action::Copy, 43));
        }
        offers
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        let Some(step) = ctx.course.step(&self.id) else { return vec![Ask::Back] };
        match action {
            Action::Accept => return self.go_on(step, ctx),
            Action::NextStep => {
                return ctx.step_after(&self.id).map_or_else(Vec::new, |s| Self::leave_for(Some(s), ctx));
            }
            Action::PreviousStep => {
                return ctx.step_before(&self.id).map_or_else(Vec::new, |s| Self::leave_for(Some(s), ctx));
            }
            Action::CheckStep if hand::is_on(step, ctx) && !hand::is_over(step, ctx) => {
                return self.look_now(step, ctx);
            }
            Action::CheckStep => return self.check(step),
            Action::ByHand if hand::can(step) => return self.switch_hand(step, ctx),
            Action::Copy => return self.copy(step, ctx),
            Action::Domain => return Self::ask_domain(step, ctx),
            Action::Shell => return path::shell(step, ctx),
            Action::OpenMonitor => return self.watch(ctx),
            Action::Play => {
                self.looked = true;
                return player::open(step).map_or_else(Vec::new, |screen| vec![Ask::Push(screen)]);
            }
            // The key leads there and back.
            Action::Why if self.tab == Tab::Why => self.tab = Tab::Guide,
            Action::Why if !step.why.is_empty() => self.tab = Tab::Why,
            Action::Questions => return vec![Ask::Push(Box::new(QuizScreen::page(&step.id, ctx)))],
            Action::Hint => return self.hint(step, ctx),
            Action::NextTab => self.switch(1, step, ctx),
            Action::PreviousTab => self.switch(-1, step, ctx),
            Action::Up => self.scroll().by(-1),
            Action::Down => self.scroll().by(1),
            Action::PageUp => self.scroll().page(-1),
            Action::PageDown => self.scroll().page(1),
            Action::First => self.scroll().top(),
            Action::Last => self.scroll().bottom(),
            _ => {}
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, ctx: &Ctx) -> Vec<Ask> {
        let Some(step) = ctx.course.step(&self.id) else { return Vec::new() };
        if let Some(tab) = self.tabs(step, ctx).get(row) {
            self.tab = *tab;
        }
        Vec::new()
    }

    fn told(&mut self, news: &News, ctx: &Ctx) -> Vec<Ask> {
        let builds = ctx.course.step(&self.id).is_some_and(|step| next::calls(step, ctx));
        match news {
            // What was planned before is no longer what is missing.
            News::Opened | News::Ended(_) if builds => vec![Ask::Query(Query::Plan(self.id.clone()))],
            News::Check(step) if builds && *step == self.id => vec![Ask::Query(Query::Plan(self.id.clone()))],
            News::Hand(step) if *step == self.id => {
                // There is nothing to take over: what was done is only checked.
                let checked = matches!(ctx.checks.get(step), Some(Ok(report)) if report.ok());
                let right = ctx.hand(step).is_some_and(crate::lab::hand::Hand::is_done);
                if right && !checked { vec![Ask::Query(Query::Check(step.clone()))] } else { Vec::new() }
            }
            // While it is made, the picture is what one wants to see.
            News::Phase if self.tab == Tab::Calls && ctx.is_running(&self.id) => {
                self.tab = if ctx.size.0 < WIDE { Tab::Picture } else { Tab::Guide };
                Vec::new()
            }
            _ => Vec::new(),
        }
    }

    fn watches(&self, ctx: &Ctx) -> Option<u64> {
        hand::watches(ctx.course.step(&self.id)?, ctx)
    }

    fn look(&mut self, ctx: &Ctx) -> Vec<Ask> {
        let Some(step) = ctx.course.step(&self.id).filter(|step| hand::is_on(step, ctx)) else { return Vec::new() };
        let thorough = ctx.hands.get(&step.id).is_none_or(|watch| watch.pace.is_thorough());
        vec![Ask::Query(Query::Hand(step.id.clone(), thorough))]
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let Some(step) = ctx.course.step(&self.id) else { return };
        let look = &ctx.look;
        if !self.tabs(step, ctx).contains(&self.tab) {
            self.tab = Tab::Guide;
        }
        // The step's own line: what it is, how far it is, what it costs.
        let (mark, word) = words::step_mark(ctx, &step.id);
        let mut head = vec![
            Span::raw(" "),
            look.mark(mark),
            look.span(Role::Title, format!(" {} {}", step.number, ctx.t(&step.title))),
            Span::raw("   "),
            look.span(mark.role(), word),
        ];
        let cost = words::step_cost(ctx, &step.id);
        if cost > 0.0 {
            head.push(look.span(Role::Cost, format!("   {}", per_hour(cost))));
        }
        if let Some(text) = words::questions(ctx, [step]) {
            head.push(look.span(Role::Dim, format!("   {text}")));
        }
        put(canvas.buf, area.x, area.y, area.width, Line::from(head));
        let area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };

        let below = if self.tab == Tab::Progress {
            Vec::new()
        } else {
            progress::pane(step, area, self.tab == Tab::Picture, ctx)
        };
        let height = if below.is_empty() { 0 } else { u16::try_from(below.len()).unwrap_or(area.height) + 1 };
        let [main, bottom] = Layout::vertical([Constraint::Fill(1), Constraint::Length(height)]).areas(area);
        if ctx.size.0 >= WIDE {
            let [left, right] = Layout::horizontal([Constraint::Percentage(52), Constraint::Fill(1)]).areas(main);
            self.draw_main(step, left, ctx, canvas);
            // The VPC's own box frames the picture: no box inside a box.
            let inside = Rect { x: right.x + 1, width: right.width.saturating_sub(1), ..right };
            tabs::picture(step, inside, ctx, canvas.buf);
        } else {
            self.draw_main(step, main, ctx, canvas);
        }
        if !below.is_empty() {
            let title = Line::from(look.span(Role::Title, progress::title(step, ctx)));
            let inside = ruled(bottom, canvas.buf, title, false, look);
            let inside = Rect { x: inside.x + 2, width: inside.width.saturating_sub(3), ..inside };
            crate::view::widgets::put_lines(canvas.buf, inside, &below);
        }
    }
}
