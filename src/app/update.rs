//! What each message changes.

use std::sync::Arc;

use crate::app::{App, Asked, Message, Session};
use crate::course::model::Key;
use crate::i18n::Text;
use crate::lab::call::Call;
use crate::lab::hand::{Hand, Pace};
use crate::lab::load;
use crate::lab::phase::Phase;
use crate::lab::quiz;
use crate::lab::report::{StepState, Survey};
use crate::lab::watch::{History, Look, Snapshot};
use crate::lab::world::Health;
use crate::problem::{Problem, ProblemKind};
use crate::screens::ctx::{HandWatch, Opening, Work};
use crate::screens::effect::TaskId;
use crate::screens::monitor::Monitor;
use crate::screens::{Ask, Effect, News, Query, WorkKind};

impl App {
    /// Takes a message in and says what is to be done.
    pub fn update(&mut self, message: Message) -> Vec<Effect> {
        let mut effects = Vec::new();
        match message {
            Message::Input(input) => self.input(input, &mut effects),
            Message::Opened(result) => self.opened(result, &mut effects),
            Message::Survey(number, result) => {
                if self.answered(&Query::Survey, number, &mut effects) {
                    match result {
                        Ok(survey) => {
                            self.ctx.survey_problem = None;
                            let over = self.waits_over(&survey);
                            self.ctx.survey = Some(*survey);
                            self.tell_over(&over, &mut effects);
                        }
                        Err(problem) => self.ctx.survey_problem = Some(problem),
                    }
                    self.tell(&News::Survey, &mut effects);
                }
            }
            Message::Plan(number, step, result) => {
                if self.answered(&Query::Plan(step.clone()), number, &mut effects) {
                    self.ctx.plans.insert(step.clone(), result.map(|plan| *plan));
                    self.tell(&News::Plan(step), &mut effects);
                }
            }
            Message::Check(number, step, result) => {
                if self.answered(&Query::Check(step.clone()), number, &mut effects) {
                    self.checked(step, result, &mut effects);
                }
            }
            Message::Hand(number, step, result) => {
                if self.answered(&Query::Hand(step.clone(), false), number, &mut effects) {
                    if self.watched_hand(&step, result.map(|hand| *hand)) {
                        // What was planned and drawn before is no longer true.
                        if self.ctx.plans.contains_key(&step) {
                            self.query(Query::Plan(step.clone()), &mut effects);
                        }
                        self.query(Query::Survey, &mut effects);
                    }
                    self.tell(&News::Hand(step), &mut effects);
                }
            }
            Message::Teardown(number, result) => {
                if self.answered(&Query::Teardown(Vec::new()), number, &mut effects) {
                    self.ctx.teardown = Some(result.map(|teardown| *teardown));
                    self.tell(&News::Teardown, &mut effects);
                }
            }
            Message::Calls(number, result) => {
                if self.answered(&Query::Calls(0), number, &mut effects) {
                    self.ctx.calls = Some(result);
                    self.tell(&News::Calls, &mut effects);
                }
            }
            Message::Groups(number, result) => {
                if self.answered(&Query::Groups, number, &mut effects) {
                    self.ctx.watch.looking = false;
                    self.ctx.watch.groups = Some(result);
                    self.tell(&News::Watched, &mut effects);
                }
            }
            Message::Watched(number, look, result) => {
                if self.answered(&Query::Watch(Box::default()), number, &mut effects) {
                    self.watched(&look, result);
                    self.tell(&News::Watched, &mut effects);
                }
            }
            Message::Phase(task, phase) => self.phase(task, *phase, &mut effects),
            Message::RunEnded(task, report) => {
                if let Some(work) = self.current(task) {
                    work.run = Some(*report);
                    self.ended(task, &mut effects);
                }
            }
            Message::CleanupEnded(task, result) => {
                if let Some(work) = self.current(task) {
                    work.cleanup = Some(result.map(|report| *report));
                    // What was checked and planned before is no longer true.
                    self.ctx.checks.clear();
                    self.ctx.plans.clear();
                    self.ctx.hands.clear();
                    self.ctx.teardown = None;
                    self.ended(task, &mut effects);
                }
            }
            Message::Clock(clock) => self.ctx.clock = Some(clock),
            Message::Changed(call, result) => self.changed(&call, result, &mut effects),
            Message::Saved(text) => self.ctx.toast = Some(text),
            Message::Failed(problem) => self.ctx.toast = Some(problem.title),
            Message::ShellEnded(result) => {
                if let Err(problem) = result {
                    self.ctx.toast = Some(problem.title);
                }
                self.tell(&News::ShellEnded, &mut effects);
            }
            Message::Time(now, frame) => {
                self.ctx.now = now;
                self.ctx.frame = frame;
                self.age_toast();
            }
            // A look that is under way is as good as the one that the timer wants.
            Message::LookAgain if self.ctx.asking.contains(&Query::Survey) => {}
            Message::LookAgain => self.query(Query::Survey, &mut effects),
            Message::WatchAgain => {
                let asks = self.stack.page_mut().look(&self.ctx);
                self.answer(asks, &mut effects);
            }
            Message::Terminate => self.leave(&mut effects),
        }
        effects
    }

    /// What took many minutes, was on its way at the last look, and is ready now. A run that waits for it tells it itself.
    fn waits_over(&self, new: &Survey) -> Vec<(Key, String)> {
        let Some(old) = self.ctx.survey.as_ref().filter(|_| self.ctx.working().is_none()) else { return Vec::new() };
        let now = |key: &Key| new.rows.iter().find(|row| row.key == *key).and_then(|row| row.health);
        let over = old.rows.iter().filter(|row| {
            self.ctx.takes_long(&row.key)
                && row.health == Some(Health::Pending)
                && matches!(now(&row.key), Some(Health::Ready | Health::Failed))
        });
        over.map(|row| (row.key.clone(), row.step.clone())).collect()
    }

    /// Says that it is ready (or never will be), and checks its steps.
    fn tell_over(&mut self, over: &[(Key, String)], effects: &mut Vec<Effect>) {
        for (key, step) in over {
            let ready = self.ctx.survey.as_ref().is_some_and(|survey| {
                survey.rows.iter().any(|row| row.key == *key && row.health == Some(Health::Ready))
            });
            let name = &key.name;
            self.ctx.toast = Some(if ready {
                Text::new(format!("{name}: 준비되었습니다"), format!("{name} is ready"))
            } else {
                Text::new(format!("{name}: 만들지 못했습니다"), format!("{name} could not be made"))
            });
            self.query(Query::Check(step.clone()), effects);
        }
    }

    fn opened(&mut self, result: Result<Box<Session>, Problem>, effects: &mut Vec<Effect>) {
        match result {
            Ok(session) => {
                let Session {
                    course,
                    domain,
                    domain_asked,
                    facts,
                    desired,
                    keys,
                    terminal,
                    notes,
                    progress,
                    answers,
                    quiz_seed,
                    ways,
                    last_step,
                    clock,
                    now,
                    lang,
                    utc_offset,
                } = *session;
                self.ctx.course = course;
                self.ctx.domain = domain;
                self.ctx.domain_asked = domain_asked;
                // Another domain is another course: what was planned and checked before is no longer true.
                self.ctx.plans.clear();
                self.ctx.checks.clear();
                self.ctx.keys = keys;
                self.ctx.terminal = terminal;
                self.ctx.toast = notes.into_iter().next();
                self.ctx.backend = facts.scope.backend.clone();
                self.ctx.facts = Some(facts);
                self.ctx.desired = desired;
                self.ctx.progress = progress;
                self.ctx.answers = answers;
                self.ctx.quiz_seed = quiz_seed;
                self.ctx.ways = ways;
                self.ctx.last_step = last_step;
                self.ctx.clock = clock;
                self.ctx.now = now;
                self.ctx.look.utc_offset = utc_offset;
                self.ctx.look.lang = lang.unwrap_or(self.ctx.look.lang);
                self.ctx.opening = Opening::Ready;
                // Looks of the session before count no more.
                self.queries.values_mut().for_each(Asked::forget);
                self.ctx.asking.clear();
                self.ctx.watch.looking = false;
                self.query(Query::Survey, effects);
                self.tell(&News::Opened, effects);
                if let Some(chapter) = self.resume.take() {
                    self.resume(chapter.as_deref(), effects);
                }
            }
            Err(problem) => {
                self.ctx.opening = Opening::Failed(problem);
                self.tell(&News::Opened, effects);
            }
        }
    }

    fn watched(&mut self, look: &Look, result: Result<Box<Snapshot>, Problem>) {
        let watch = &mut self.ctx.watch;
        watch.looking = false;
        match result {
            Ok(snapshot) => {
                watch.problem = None;
                // Another group's past is not this one's.
                let history = match watch.history.take() {
                    Some(history) if history.name == look.group => watch.history.insert(history),
                    _ => watch.history.insert(History::new(&look.group)),
                };
                history.note(look, snapshot.at);
                history.merge(&snapshot);
            }
            Err(problem) => {
                if let Some(history) = watch.history.as_mut().filter(|_| problem.kind == ProblemKind::Throttled) {
                    history.slow_down();
                }
                watch.problem = Some(problem);
            }
        }
    }

    /// A single change was sent.
    fn changed(&mut self, call: &Call, result: Result<(), Problem>, effects: &mut Vec<Effect>) {
        self.ctx.toast = Some(match result {
            Err(problem) => problem.title,
            Ok(()) if call.key.kind == load::KIND => {
                // What runs is asked for anew at once.
                if let Some(history) = &mut self.ctx.watch.history {
                    history.asked.loads = 0;
                }
                match load::seconds_of(call) {
                    Some(seconds) => {
                        let ends = self.ctx.look.clock(self.ctx.now + seconds * 1000);
                        Text::new(
                            format!("부하를 시작했습니다. {ends}에 저절로 끝납니다"),
                            format!("The load runs. It ends by itself at {ends}"),
                        )
                    }
                    None => Text::new("부하를 멈췄습니다", "The load is off"),
                }
            }
            Ok(()) => Text::new("바꿨습니다", "Changed"),
        });
        // What it changed is looked at at once.
        let asks = self.stack.page_mut().look(&self.ctx);
        self.answer(asks, effects);
        self.query(Query::Survey, effects);
    }

    /// Takes a look in; whether something has changed since the one before.
    fn watched_hand(&mut self, step: &str, result: Result<Hand, Problem>) -> bool {
        let watch = self.hand_watch(step);
        watch.looking = false;
        match result {
            Ok(mut hand) => {
                // Only some looks search for what went astray; what they found is said until the next one.
                if !watch.pace.is_thorough()
                    && let Some(before) = watch.seen.as_ref().filter(|before| before.values == hand.values)
                {
                    hand.remarks.clone_from(&before.remarks);
                }
                let news = watch.seen.as_ref().is_none_or(|before| !before.is_same(&hand));
                let changed = news && watch.seen.is_some();
                watch.pace.looked(news);
                watch.problem = None;
                watch.seen = Some(hand);
                changed
            }
            Err(problem) => {
                watch.pace.refused();
                watch.problem = Some(problem);
                false
            }
        }
    }

    fn hand_watch(&mut self, step: &str) -> &mut HandWatch {
        let pace = Pace::new(self.ctx.is_practice());
        let fresh = || HandWatch { seen: None, problem: None, looking: false, pace };
        self.ctx.hands.entry(step.to_owned()).or_insert_with(fresh)
    }

    fn checked(
        &mut self,
        step: String,
        result: Result<crate::lab::report::CheckReport, Problem>,
        effects: &mut Vec<Effect>,
    ) {
        if let Ok(report) = &result {
            let state = match report.ok() {
                true => Some(StepState::Done),
                // What has not become ready yet has not failed.
                false if report.conditions.iter().any(|one| one.pending) => None,
                false => Some(StepState::Failed),
            };
            if let Some(state) = state {
                self.note(&step, state, effects);
            }
        }
        let elsewhere = self.stack.page().step() != Some(&step);
        let ran = self.ctx.work.as_ref().is_some_and(|work| work.run.is_some() && work.step == step);
        if let (true, true, Ok(report)) = (elsewhere, ran, &result) {
            if report.ok() {
                self.say_of(&step, "준비되었고 확인이 모두 통과했습니다", "ready, and every check passes");
            } else {
                self.say_of(&step, "만들었지만 통과하지 못한 확인이 있습니다", "made, but a check does not pass");
            }
        }
        self.ctx.checks.insert(step.clone(), result);
        // A check adopts what the learner made by hand.
        self.query(Query::Survey, effects);
        self.tell(&News::Check(step), effects);
    }

    fn phase(&mut self, task: TaskId, phase: Phase, effects: &mut Vec<Effect>) {
        // The newest task's last words may come after its end.
        let Some(work) = self.ctx.work.as_mut().filter(|work| work.id == task) else { return };
        let drilled = phase.key == load::key_of_step(&work.step) && work.phase(&phase.key).is_none();
        work.take(phase);
        let step = work.step.clone();
        self.tell(&News::Phase, effects);
        // The load is there: what it does is best seen on one time axis. Whoever looks at something else is left alone.
        let group =
            self.ctx.course.step(&step).and_then(|step| step.drill.as_ref()).map(|drill| drill.group.name.clone());
        if let Some(group) = group.filter(|_| drilled && self.stack.top().step() == Some(&step)) {
            self.answer(vec![Ask::Push(Box::new(Monitor::of(&group)))], effects);
        }
    }

    fn ended(&mut self, task: TaskId, effects: &mut Vec<Effect>) {
        if self.quitting {
            return;
        }
        self.query(Query::Survey, effects);
        let run = self.ctx.work.as_ref().and_then(|work| Some((work.run.as_ref()?, work)));
        if let Some((report, work)) = run {
            // What was made is checked at once; what failed or was left is not yet worth a check.
            let (steps, step, done) = (work.steps.clone(), work.step.clone(), report.done);
            if done {
                for step in steps {
                    self.query(Query::Check(step), effects);
                }
            } else if self.stack.page().step() != Some(&step) {
                self.say_of(&step, "끝나지 않았습니다", "did not finish");
            }
        }
        self.tell(&News::Ended(task), effects);
    }

    /// Says a sentence about a step that is not shown.
    fn say_of(&mut self, step: &str, ko: &str, en: &str) {
        if let Some(step) = self.ctx.course.step(step) {
            let (number, title) = (&step.number, &step.title);
            let text = Text::new(format!("{number} {}: {ko}", title.ko), format!("{number} {}: {en}", title.en));
            self.ctx.toast = Some(text);
        }
    }

    /// The task with this number, unless it is an older one or has ended.
    fn current(&mut self, task: TaskId) -> Option<&mut Work> {
        self.ctx.work.as_mut().filter(|work| work.id == task && !work.ended())
    }

    /// Keeps a step's progress, here and outside. Opening a step again does not undo that it is done.
    pub(super) fn note(&mut self, step: &str, state: StepState, effects: &mut Vec<Effect>) {
        let was = self.ctx.state(step);
        if state == StepState::Started && self.ctx.last_step.as_deref() != Some(step) {
            self.ctx.last_step = Some(step.to_owned());
            effects.push(Effect::LastStep(step.to_owned()));
        }
        if was == state || (state == StepState::Started && was != StepState::NotStarted) {
            return;
        }
        self.ctx.progress.insert(step.to_owned(), state);
        effects.push(Effect::Note(step.to_owned(), state));
    }

    /// Whether an answer is to the newest look of its sort, which then is no longer waited for. Where another look waits
    /// for this one, it begins now, and only its answer counts.
    fn answered(&mut self, topic: &Query, number: u64, effects: &mut Vec<Effect>) -> bool {
        let Some(asked) = self.queries.get_mut(topic).filter(|asked| asked.under_way && asked.number == number) else {
            return false;
        };
        asked.under_way = false;
        match asked.next.take() {
            Some(next) => {
                self.query(next, effects);
                false
            }
            None => {
                self.ctx.asking.remove(topic);
                true
            }
        }
    }

    /// Looks at something, at most one look of a sort at a time: while one is under way, the newest of the others waits
    /// for its end.
    pub(super) fn query(&mut self, query: Query, effects: &mut Vec<Effect>) {
        if self.ctx.opening != Opening::Ready {
            return;
        }
        if matches!(query, Query::Watch(_) | Query::Groups) {
            self.ctx.watch.looking = true;
        }
        if let Query::Hand(step, _) = &query {
            self.hand_watch(step).looking = true;
        }
        let topic = query.topic();
        self.ctx.asking.insert(topic.clone());
        let asked = self.queries.entry(topic).or_default();
        if asked.under_way {
            asked.next = Some(match asked.next.take() {
                Some(waiting) => query.after(waiting),
                None => query,
            });
            return;
        }
        asked.number += 1;
        asked.under_way = true;
        effects.push(Effect::Query(asked.number, query));
    }

    /// Adds an effect, with what it changes in the model at once.
    pub(super) fn ask(&mut self, effect: Effect, effects: &mut Vec<Effect>) {
        match &effect {
            Effect::Open => self.ctx.opening = Opening::Opening,
            Effect::Domain(_) => self.ctx.domain_asked = true,
            Effect::Note(step, state) => {
                let (step, state) = (step.clone(), *state);
                return self.note(&step, state, effects);
            }
            Effect::Answer(question, right) => {
                let (question, right) = (question.clone(), *right);
                quiz::note(&mut self.ctx.answers, &question, right);
                effects.push(effect);
                return self.passed(&question, effects);
            }
            Effect::Way(step, way) => {
                self.ctx.ways.insert(step.clone(), *way);
            }
            Effect::Run(id, plan, _) => {
                let mut lines: Vec<_> = Vec::new();
                for key in plan.calls.iter().map(|planned| &planned.call.key).chain(&plan.pending) {
                    if !lines.iter().any(|(known, _)| known == key) {
                        lines.push((key.clone(), None));
                    }
                }
                let calls = plan.calls.len();
                self.start(Work { steps: plan.steps.clone(), lines, calls, ..self.fresh(*id, WorkKind::Run) });
            }
            Effect::Cleanup(id, teardown, _) => {
                let lines = teardown.items.iter().map(|item| (item.row.key.clone(), None)).collect();
                let calls = teardown.items.iter().map(|item| item.calls.len()).sum();
                self.start(Work { lines, calls, ..self.fresh(*id, WorkKind::Cleanup) });
            }
            Effect::Cancel(id) => {
                if let Some(work) = self.current(*id) {
                    work.cancelling = true;
                }
            }
            Effect::Query(..)
            | Effect::Language(_)
            | Effect::LastStep(_)
            | Effect::Clock(_)
            | Effect::Copy(_)
            | Effect::Save(..)
            | Effect::Change(..)
            | Effect::Shell(_)
            | Effect::PracticeShell(_)
            | Effect::Quit => {}
        }
        effects.push(effect);
    }

    /// A page whose questions are all answered right is done.
    fn passed(&mut self, question: &str, effects: &mut Vec<Effect>) {
        let course = Arc::clone(&self.ctx.course);
        let step = course.question(question).and_then(|question| course.step(question.step()));
        if let Some(step) = step.filter(|step| quiz::is_passed(step, &self.ctx.answers)) {
            self.note(&step.id, StepState::Done, effects);
        }
    }

    fn fresh(&self, id: TaskId, kind: WorkKind) -> Work {
        Work {
            id,
            kind,
            step: String::new(),
            steps: Vec::new(),
            lines: Vec::new(),
            calls: 0,
            since: self.ctx.now,
            cancelling: false,
            run: None,
            cleanup: None,
        }
    }

    fn start(&mut self, mut work: Work) {
        // A run is for the last step of its plan: what that needs comes before it.
        work.step = work.steps.last().cloned().unwrap_or_default();
        self.ctx.next_task = work.id + 1;
        self.ctx.work = Some(work);
    }

    pub(super) fn leave(&mut self, effects: &mut Vec<Effect>) {
        self.quitting = true;
        effects.push(Effect::Quit);
    }
}
