//! The questions of a page, or what was missed of a chapter: asked one after the other, and what is missed asked again.
//!
//! A choice is moved to with the arrows or its digit and answered with Enter, a typed answer is a line of text. The first
//! miss is told why it is wrong, the second also shows what is right.

use std::collections::BTreeSet;

use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::course::quiz::{Answer, Question, Verdict};
use crate::i18n::{Lang, Text};
use crate::input::{Action, Context, Edit};
use crate::lab::quiz::{Sitting, missed, of_page};
use crate::view::mark::Mark;
use crate::view::markdown::sentence;
use crate::view::text::{truncate, wrap_spans};
use crate::view::theme::Role;
use crate::view::widgets::scroll::{self, Scroll};

use super::step::StepScreen;
use super::{Ask, Canvas, Ctx, Effect, Offer, Screen, Spot};

/// The widest that a question is set.
const WIDEST: u16 = 100;
/// The longest typed answer.
const LONGEST: usize = 40;

/// The keys of the options, in their order on the screen.
const PICKS: [Action; 6] = [Action::Pick1, Action::Pick2, Action::Pick3, Action::Pick4, Action::Pick5, Action::Pick6];

/// Whose questions are asked.
enum Of {
    /// A step's.
    Page(String),
    /// What was missed in a chapter.
    Chapter(String),
}

/// Questions.
pub struct QuizScreen {
    of: Of,
    sitting: Sitting,
    /// Which option is chosen, by its place on the screen.
    cursor: usize,
    /// What is marked, by places in the question.
    marked: BTreeSet<usize>,
    typed: String,
    /// Whether the keys go into the line of text.
    typing: bool,
    /// What was typed could not be read as an answer.
    unreadable: bool,
    /// What was said of the answer; `None` while it is awaited.
    told: Option<Verdict>,
    scroll: Scroll,
}

impl QuizScreen {
    /// The questions of a page that are open, or all of them once it is passed.
    pub fn page(step: &str, ctx: &Ctx) -> Self {
        let questions = ctx.course.step(step).map(|step| of_page(step, &ctx.answers)).unwrap_or_default();
        Self::new(Of::Page(step.to_owned()), questions, ctx)
    }

    /// What was missed in a chapter.
    pub fn missed(chapter: &str, ctx: &Ctx) -> Self {
        let questions = ctx.course.chapter(chapter).map(|chapter| missed(chapter, &ctx.answers)).unwrap_or_default();
        Self::new(Of::Chapter(chapter.to_owned()), questions, ctx)
    }

    fn new(of: Of, questions: Vec<String>, ctx: &Ctx) -> Self {
        let mut screen = Self {
            of,
            sitting: Sitting::new(questions),
            cursor: 0,
            marked: BTreeSet::new(),
            typed: String::new(),
            typing: false,
            unreadable: false,
            told: None,
            scroll: Scroll::default(),
        };
        screen.fresh(ctx);
        screen
    }

    fn question<'a>(&self, ctx: &'a Ctx) -> Option<&'a Question> {
        ctx.course.question(self.sitting.question()?)
    }

    /// Forgets what was chosen for the question before.
    fn fresh(&mut self, ctx: &Ctx) {
        self.typing = self.question(ctx).is_some_and(|question| matches!(question.kind, Answer::Type { .. }));
        self.cursor = 0;
        self.marked.clear();
        self.typed.clear();
        self.unreadable = false;
        self.told = None;
        self.scroll.top();
    }

    fn mark(&mut self, place: usize, question: &Question, ctx: &Ctx) {
        let order = question.order(ctx.quiz_seed);
        let Some(option) = order.get(place).filter(|_| self.told.is_none()) else { return };
        self.cursor = place;
        if matches!(question.kind, Answer::Many(_)) && !self.marked.remove(option) {
            self.marked.insert(*option);
        }
    }

    /// Enter.
    fn go_on(&mut self, ctx: &Ctx) -> Vec<Ask> {
        let Some(question) = self.question(ctx) else { return self.after_the_round(ctx) };
        if self.told.is_some() {
            self.sitting.advance();
            self.fresh(ctx);
            return Vec::new();
        }
        let verdict = match &question.kind {
            Answer::One(_) => {
                self.marked = question.order(ctx.quiz_seed).get(self.cursor).copied().into_iter().collect();
                Some(question.judge(&self.marked))
            }
            Answer::Many(_) if self.marked.is_empty() => {
                return vec![Ask::Say(Text::new(
                    "먼저 Tab이나 스페이스로 맞는 것을 모두 표시하세요",
                    "First mark everything that is right, with Tab or the space bar",
                ))];
            }
            Answer::Many(_) => Some(question.judge(&self.marked)),
            Answer::Type { .. } => question.judge_typed(&self.typed),
        };
        let Some(verdict) = verdict else {
            self.unreadable = true;
            return Vec::new();
        };
        let right = verdict.right;
        self.sitting.answered(right);
        self.told = Some(verdict);
        self.typing = false;
        vec![Ask::Do(Effect::Answer(question.id.clone(), right))]
    }

    fn after_the_round(&mut self, ctx: &Ctx) -> Vec<Ask> {
        if self.sitting.again() {
            self.fresh(ctx);
            return Vec::new();
        }
        let mut asks = vec![Ask::Back];
        if let Of::Page(step) = &self.of {
            asks.extend(StepScreen::leave_for(ctx.step_after(step), ctx));
        }
        asks
    }

    /// The question, its options, and what is said of the answer; with the lines where the options are.
    fn lines(&self, question: &Question, room: usize, ctx: &Ctx) -> (Vec<Line<'static>>, Vec<(usize, usize)>) {
        let look = &ctx.look;
        let (at, all) = self.sitting.place();
        let mut head = vec![look.span(
            Role::Title,
            match ctx.lang() {
                Lang::Ko => format!("문제 {at}/{all}"),
                Lang::En => format!("Question {at} of {all}"),
            },
        )];
        if self.sitting.repeats() {
            head.push(look.span(Role::Dim, ctx.say("   다시 풀기", "   once more")));
        }
        let mut lines = vec![Line::from(head), Line::default()];
        lines.extend(wrap_spans(&sentence(ctx.t(&question.ask), Role::Strong, look), room, &[], &[]));
        let mut places = Vec::new();
        match &question.kind {
            Answer::One(_) | Answer::Many(_) => {
                if matches!(question.kind, Answer::Many(_)) {
                    lines.push(Line::from(look.span(
                        Role::Dim,
                        ctx.say("맞는 것을 모두 표시하고 Enter로 답하세요", "Mark all that are right, then Enter"),
                    )));
                }
                lines.push(Line::default());
                for place in 0..question.choices().len() {
                    let before = lines.len();
                    lines.extend(self.option(place, question, room, ctx));
                    places.push((before, lines.len()));
                }
            }
            Answer::Type { form, .. } => {
                lines.push(Line::default());
                let caret = if self.told.is_none() { "▏" } else { "" };
                lines.push(Line::from(vec![
                    look.span(Role::Accent, ctx.say("답  ", "Answer  ")),
                    look.span(Role::Strong, format!("{}{caret}", self.typed)),
                ]));
                if self.unreadable || self.typed.is_empty() {
                    let (role, example) = (if self.unreadable { Role::Failed } else { Role::Dim }, form.example());
                    let text = match (ctx.lang(), self.unreadable) {
                        (Lang::Ko, true) => format!("이렇게는 읽을 수 없습니다. {example} 같은 꼴로 써 주세요"),
                        (Lang::Ko, false) => format!("{example} 같은 꼴로 쓰고 Enter를 누르세요"),
                        (Lang::En, true) => format!("That cannot be read. Write it like {example}"),
                        (Lang::En, false) => format!("Write it like {example}, then Enter"),
                    };
                    lines.push(Line::from(look.span(role, text)));
                }
            }
        }
        if let Some(verdict) = &self.told {
            lines.push(Line::default());
            lines.extend(self.verdict(verdict, question, room, ctx));
        }
        (lines, places)
    }

    fn option(&self, place: usize, question: &Question, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
        let look = &ctx.look;
        let order = question.order(ctx.quiz_seed);
        let Some((at, choice)) = order.get(place).and_then(|at| Some((at, question.choices().get(*at)?))) else {
            return Vec::new();
        };
        let chosen = self.marked.contains(at);
        let here = self.told.is_none() && self.cursor == place;
        let mark = match (&self.told, chosen) {
            (Some(_), true) if choice.why.is_none() => look.mark(Mark::Checked),
            (Some(_), true) => look.mark(Mark::Failed),
            (Some(_), false) if choice.why.is_none() && self.reveals() => look.mark(Mark::Checked),
            _ => look.span(Role::Accent, if here { ">" } else { " " }),
        };
        let mut first = vec![mark, look.span(Role::Dim, format!(" {}  ", place + 1))];
        let mut rest = "     ".to_owned();
        if matches!(question.kind, Answer::Many(_)) {
            first.push(look.span(Role::Accent, if chosen { "[x] " } else { "[ ] " }));
            rest.push_str("    ");
        }
        let role = if here { Role::Selection } else { Role::Text };
        wrap_spans(&sentence(ctx.t(&choice.text), role, look), room, &first, &[Span::raw(rest)])
    }

    /// Whether the right answer is shown after a miss: when the question was missed before.
    const fn reveals(&self) -> bool {
        self.sitting.repeats()
    }

    fn verdict(&self, verdict: &Verdict, question: &Question, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
        let look = &ctx.look;
        let mut lines = Vec::new();
        let mut say = |mark: Option<Mark>, role: Role, text: &str| {
            let first = mark.map_or_else(|| vec![Span::raw("  ")], |mark| vec![look.mark(mark), Span::raw(" ")]);
            lines.extend(wrap_spans(&sentence(text, role, look), room, &first, &[Span::raw("  ")]));
        };
        if verdict.right {
            say(Some(Mark::Checked), Role::Ready, ctx.say("맞았습니다", "Right"));
            say(None, Role::Text, ctx.t(&question.because));
            return lines;
        }
        say(Some(Mark::Failed), Role::Failed, ctx.say("아닙니다", "Not quite"));
        if matches!(question.kind, Answer::Many(_)) {
            // In the order on the screen, by the options' numbers.
            for (place, at) in question.order(ctx.quiz_seed).into_iter().enumerate() {
                let why =
                    question.choices().get(at).filter(|_| self.marked.contains(&at)).and_then(|one| one.why.as_ref());
                if let Some(why) = why {
                    say(None, Role::Text, &format!("{}: {}", place + 1, ctx.t(why)));
                }
            }
        } else {
            for why in &verdict.whys {
                say(None, Role::Text, ctx.t(why));
            }
        }
        if verdict.missing > 0 && matches!(question.kind, Answer::Many(_)) {
            let count = verdict.missing;
            say(
                None,
                Role::Text,
                &match ctx.lang() {
                    Lang::Ko => format!("빠진 것이 {count}개 있습니다"),
                    Lang::En if count == 1 => "One that is right is missing".to_owned(),
                    Lang::En => format!("{count} that are right are missing"),
                },
            );
        }
        if self.reveals() {
            if let Answer::Type { right, .. } = &question.kind {
                let text = match ctx.lang() {
                    Lang::Ko => format!("맞는 답은 `{right}`입니다"),
                    Lang::En => format!("The answer is `{right}`"),
                };
                say(Some(Mark::Checked), Role::Text, &text);
            }
            say(None, Role::Dim, ctx.t(&question.because));
        } else {
            say(None, Role::Dim, ctx.say("끝에서 한 번 더 묻습니다", "It is asked once more at the end"));
        }
        lines
    }

    /// What is said after a round.
    fn summary(&self, room: usize, ctx: &Ctx) -> Vec<Line<'static>> {
        let look = &ctx.look;
        let (right, all) = self.sitting.tally();
        let title = match ctx.lang() {
            Lang::Ko if right == all && self.sitting.repeats() => "틀렸던 문제를 모두 맞혔습니다".to_owned(),
            Lang::Ko if right == all => format!("{all}문제를 모두 맞혔습니다"),
            Lang::Ko => format!("{all}문제 중 {right}문제를 맞혔습니다"),
            Lang::En if all == 1 && right == 1 => "That is right now".to_owned(),
            Lang::En if right == all => format!("All {all} right"),
            Lang::En => format!("{right} of {all} right"),
        };
        let mut lines = vec![Line::from(look.span(Role::Title, title)), Line::default()];
        for (id, answer) in self.sitting.round() {
            let Some(question) = ctx.course.question(id) else { continue };
            let mark = if answer == Some(true) { Mark::Checked } else { Mark::Failed };
            let ask = ctx.t(&question.ask).replace('`', "");
            let ask = truncate(&ask, room.saturating_sub(2)).into_owned();
            lines.push(Line::from(vec![look.mark(mark), Span::raw(" "), look.span(Role::Text, ask)]));
        }
        lines.push(Line::default());
        let page_done;
        let text = match (&self.of, right == all) {
            (_, false) => ctx.say(
                "틀린 문제만 다시 묻습니다. 지금 Esc로 나가도 틀린 문제는 남아 있어, 다음에 다시 풀 수 있습니다",
                "What was missed is asked again. If you leave with Esc now, it is kept and you can come back to it",
            ),
            (Of::Page(step), true) => {
                let all = ctx.course.step(step).map_or(0, |step| step.questions.len());
                page_done = match ctx.lang() {
                    Lang::Ko => format!("이 쪽을 마쳤습니다. {all}문제를 모두 풀었습니다"),
                    Lang::En => format!("This page is done: all {all} questions"),
                };
                page_done.as_str()
            }
            (Of::Chapter(_), true) => ctx.say("틀린 문제가 더는 없습니다", "Nothing missed is left"),
        };
        lines.extend(wrap_spans(&[look.span(Role::Dim, text)], room, &[], &[]));
        lines
    }
}

impl Screen for QuizScreen {
    fn context(&self) -> Context {
        Context::Quiz
    }

    fn trail(&self, ctx: &Ctx) -> Vec<String> {
        let word = ctx.say("퀴즈", "Quiz").to_owned();
        match &self.of {
            Of::Page(step) => ctx.course.home_of(step).map_or_else(Vec::new, |(chapter, section)| {
                vec![
                    format!("{} {}", chapter.number, ctx.t(&chapter.title)),
                    format!("{} {}", section.number, ctx.t(&section.title)),
                    word,
                ]
            }),
            Of::Chapter(id) => ctx.course.chapter(id).map_or_else(Vec::new, |chapter| {
                vec![
                    format!("{} {}", chapter.number, ctx.t(&chapter.title)),
                    ctx.say("틀린 문제", "What I missed").to_owned(),
                ]
            }),
        }
    }

    fn offers(&self, ctx: &Ctx) -> Vec<Offer> {
        let accept = Offer::new(Action::Accept, 90);
        let Some(question) = self.question(ctx) else {
            let (right, all) = self.sitting.tally();
            let (ko, en) = match &self.of {
                _ if right < all => ("틀린 문제 다시 풀기", "ask again"),
                Of::Page(step) if ctx.step_after(step).is_some() => ("다음 단계", "next step"),
                Of::Page(_) => ("마치기", "finish"),
                Of::Chapter(_) => ("마치기", "done"),
            };
            return vec![accept.called(ko, en)];
        };
        if self.told.is_some() {
            return vec![accept.called("다음", "go on")];
        }
        let mut offers = vec![accept.called("답하기", "answer")];
        if let Answer::Type { .. } = question.kind {
            offers.push(Offer::new(Action::Back, 60));
            return offers;
        }
        if matches!(question.kind, Answer::Many(_)) {
            offers.push(Offer::new(Action::Mark, 80));
        }
        offers.push(Offer::new(Action::Down, 70).called("고르기", "choose"));
        offers.extend(PICKS.iter().take(question.choices().len()).map(|pick| Offer::new(*pick, 0)));
        offers
    }

    fn edits_text(&self) -> bool {
        self.typing
    }

    fn edit(&mut self, edit: Edit, _: &Ctx) -> Vec<Ask> {
        self.unreadable = false;
        match edit {
            Edit::Insert(sign) if self.typed.chars().count() < LONGEST => self.typed.push(sign),
            Edit::Insert(_) => {}
            Edit::Backspace => {
                self.typed.pop();
            }
            Edit::Clear => self.typed.clear(),
        }
        Vec::new()
    }

    fn act(&mut self, action: Action, ctx: &Ctx) -> Vec<Ask> {
        if action == Action::Accept {
            return self.go_on(ctx);
        }
        let Some(question) = self.question(ctx).filter(|_| self.told.is_none()) else {
            match action {
                Action::Up => self.scroll.by(-1),
                Action::Down => self.scroll.by(1),
                Action::PageUp => self.scroll.page(-1),
                Action::PageDown => self.scroll.page(1),
                _ => {}
            }
            return Vec::new();
        };
        let count = question.choices().len().max(1);
        match action {
            Action::Back => return vec![Ask::Back],
            Action::Up => self.cursor = (self.cursor + count - 1) % count,
            Action::Down => self.cursor = (self.cursor + 1) % count,
            Action::First => self.cursor = 0,
            Action::Last => self.cursor = count - 1,
            // The space bar, which turns pages elsewhere, marks here.
            Action::Mark | Action::PageDown => self.mark(self.cursor, question, ctx),
            pick => {
                if let Some(place) = PICKS.iter().position(|known| *known == pick) {
                    self.mark(place, question, ctx);
                }
            }
        }
        Vec::new()
    }

    fn click(&mut self, row: usize, ctx: &Ctx) -> Vec<Ask> {
        let Some(question) = self.question(ctx).filter(|_| self.told.is_none()) else { return Vec::new() };
        if self.cursor == row && matches!(question.kind, Answer::One(_)) {
            return self.go_on(ctx);
        }
        self.mark(row, question, ctx);
        Vec::new()
    }

    fn view(&mut self, ctx: &Ctx, area: Rect, canvas: &mut Canvas<'_>) {
        let area = Rect {
            x: area.x + 2,
            y: area.y + 1,
            width: area.width.saturating_sub(4).min(WIDEST),
            height: area.height.saturating_sub(1),
        };
        let room = usize::from(scroll::text_room(area));
        let (lines, places) = match self.question(ctx) {
            Some(question) => self.lines(question, room, ctx),
            None => (self.summary(room, ctx), Vec::new()),
        };
        scroll::draw(&lines, &self.scroll, area, canvas.buf, &ctx.look);
        let offset = self.scroll.offset();
        for (at, (from, to)) in places.into_iter().enumerate() {
            for line in from.max(offset)..to.min(offset + usize::from(area.height)) {
                let y = area.y + u16::try_from(line - offset).unwrap_or(0);
                canvas.spot(Rect { y, height: 1, ..area }, Spot::Row(at));
            }
        }
    }
}
