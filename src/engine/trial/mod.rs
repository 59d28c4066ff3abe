//! Trials of a chapter, for those who write courses: everything that a learner could meet, on practice clouds of its own.
//!
//! Promises: a chapter starts unsolved, is solved by its calls, stays solved, and cleans to zero; a correct build by hand,
//! with other ids and in another order, raises no alarm; each seeded mistake is told by exactly the checks that it names,
//! in both languages, and is mended by running the step or only by the learner, as it says.
//! Leaves to others: reading course files (`course`), showing findings and how pages look (`commands`).

mod hand;
mod wrong;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use crate::cloud::kinds;
use crate::course::model::{Chapter, ChapterKind, Course, Mistake, Place, Step, StepKind};
use crate::i18n::Text;
use crate::lab::kind::Kinds as _;
use crate::lab::report::{CheckReport, ConditionResult, Plan, RunReport};
use crate::practice;
use crate::problem::Problem;

use self::hand::{Hand, Undone};

use super::{Engine, Setup, domain};

/// How fast the practice clock runs while calls are waited for.
const SPEED: f64 = 1_000.0;
/// How long somebody who has built by hand takes before they check: a new name is known everywhere by then.
const LATER: Duration = Duration::from_secs(120);
/// How many mistakes are made at once.
const AT_ONCE: usize = 4;

/// What a trial found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What was tried: `asg-lab: starts unsolved`, or a mistake's id.
    pub title: Text,
    /// Whether it is as it should be.
    pub ok: bool,
    /// What is not, and how to mend it; lines.
    pub detail: Text,
    /// Where in the course files.
    pub place: Option<Place>,
}

/// What is tried of a course.
pub struct Trial {
    /// For a learner with the domain that everybody has on practice.
    course: Arc<Course>,
    /// As it is written, for learners who have none.
    without: Arc<Course>,
    mistakes: Vec<Mistake>,
    scratch: PathBuf,
    homes: AtomicUsize,
}

/// A world in which everything before a step is built.
struct Before {
    step: String,
    cloud: practice::Cloud,
}

impl Trial {
    /// A trial of a course. `scratch` is an empty folder for the state of its sessions; whoever made it removes it.
    pub fn new(course: Arc<Course>, mistakes: &[Mistake], scratch: &Path) -> Arc<Self> {
        let domain = practice::world::dns::PRACTICE_DOMAIN;
        let mistakes = mistakes.iter().map(|mistake| mistake.tailored(domain)).collect();
        let without = Arc::clone(&course);
        let course = Arc::new(course.tailored(Some(domain)));
        Arc::new(Self { course, without, mistakes, scratch: scratch.to_owned(), homes: AtomicUsize::new(0) })
    }

    /// The whole of a lab chapter; each finding is told as it comes. Nothing for a chapter of concepts.
    ///
    /// # Errors
    /// When a session cannot be opened, or the practice cloud fails.
    pub async fn chapter(self: &Arc<Self>, id: &str, mut tell: impl FnMut(Finding)) -> Result<(), Problem> {
        let Some(chapter) = self.course.chapter(id).filter(|chapter| chapter.kind == ChapterKind::Lab) else {
            return Ok(());
        };
        self.unsolved(chapter, &mut tell).await?;
        self.solved(chapter, None, &mut tell).await?;
        let differs = |step: &Step| {
            step.only_with.is_some()
                || step.resources.iter().any(|one| one.only_with.is_some())
                || step.checks.iter().any(|check| check.only_with.is_some())
        };
        if chapter.sections.iter().flat_map(|section| &section.steps).any(differs) {
            self.solved(chapter, Some(domain::NONE), &mut tell).await?;
        }
        self.mistakes(chapter, &mut tell).await
    }

    /// A correct build by hand, and every seeded mistake.
    ///
    /// # Errors
    /// As [`Self::chapter`].
    pub async fn mistakes(self: &Arc<Self>, chapter: &Chapter, tell: &mut impl FnMut(Finding)) -> Result<(), Problem> {
        let (before, finding) = self.by_hand(chapter).await?;
        tell(finding);
        let before = Arc::new(before);
        let own = format!("{}.", chapter.id);
        let mut todo: Vec<Mistake> =
            self.mistakes.iter().filter(|mistake| mistake.step.starts_with(&own)).cloned().collect();
        todo.reverse();
        let mut running = JoinSet::new();
        loop {
            while running.len() < AT_ONCE
                && let Some(mistake) = todo.pop()
            {
                let (trial, before) = (Arc::clone(self), Arc::clone(&before));
                running.spawn(async move {
                    match trial.mistake(&mistake, &before).await {
                        Ok(finding) => finding,
                        Err(problem) => of_mistake(
                            &mistake,
                            vec![Text::new(
                                format!("{} {}", problem.title.ko, problem.detail.ko),
                                format!("{} {}", problem.title.en, problem.detail.en),
                            )],
                        ),
                    }
                });
            }
            match running.join_next().await {
                None => return Ok(()),
                Some(Ok(finding)) => tell(finding),
                Some(Err(error)) => return Err(Problem::internal(error.to_string())),
            }
        }
    }

    /// A session of its own with a practice cloud.
    async fn engine(&self, cloud: &practice::Cloud, course: Arc<Course>) -> Result<Engine, Problem> {
        self.session(cloud, course, None).await
    }

    async fn session(
        &self,
        cloud: &practice::Cloud,
        course: Arc<Course>,
        domain: Option<&str>,
    ) -> Result<Engine, Problem> {
        let home = self.scratch.join(self.homes.fetch_add(1, Ordering::Relaxed).to_string());
        let domain = domain.map(str::to_owned);
        Engine::open(Setup { home, cloud: Some(cloud.clone()), domain, ..Setup::default() }, course).await
    }

    fn cloud(seed: u64) -> Result<practice::Cloud, Problem> {
        let options = practice::Options { seed: Some(seed), speed: Some(SPEED), ..practice::Options::default() };
        let cloud = practice::Cloud::in_memory(options).map_err(|error| super::storage_problem(&error))?;
        // A person has subscribed to what a person must: the steps behind it are tried too.
        let subscribed = cloud.edit(|world| {
            let mut options = world.options().clone();
            options.marketplace_subscribed = true;
            world.set_options(options);
        });
        subscribed.map_err(|error| super::storage_problem(&error))?;
        Ok(cloud)
    }

    /// The steps of a chapter that are not only for people.
    fn steps(chapter: &Chapter) -> Vec<String> {
        let steps = chapter.sections.iter().flat_map(|section| &section.steps);
        steps.filter(|step| step.kind != StepKind::Manual).map(|step| step.id.clone()).collect()
    }

    /// Those of them that are built or tried, but not followed through time.
    fn built(&self, steps: &[String]) -> Vec<String> {
        let fits = |id: &&String| {
            self.course.step(id).is_some_and(|step| matches!(step.kind, StepKind::Build | StepKind::Try))
        };
        steps.iter().filter(fits).cloned().collect()
    }

    /// Whether a step makes nothing, but finds what the account has already.
    fn only_looks(&self, id: &str) -> bool {
        let found = |kind: &str| kinds::registry().kind(kind).is_some_and(|kind| kind.is_lookup());
        self.course
            .step(id)
            .is_some_and(|step| !step.resources.is_empty() && step.resources.iter().all(|one| found(&one.key.kind)))
    }

    async fn unsolved(&self, chapter: &Chapter, tell: &mut impl FnMut(Finding)) -> Result<(), Problem> {
        let cloud = Self::cloud(1)?;
        let engine = self.engine(&cloud, Arc::clone(&self.course)).await?;
        let steps = Self::steps(chapter);
        let report = engine.check(&steps).await?;
        let done: Vec<&String> = steps
            .iter()
            .filter(|id| {
                let mut of_step = report.conditions.iter().filter(|condition| condition.step == **id).peekable();
                !self.only_looks(id)
                    && of_step.peek().is_some()
                    && of_step.all(|condition| condition.ok && !condition.skipped)
            })
            .collect();
        let lines = done.iter().map(|id| {
            Text::new(
                format!(
                    "{id}: 아무것도 만들지 않았는데 확인이 모두 통과합니다. 무엇이 있어야 하는지 보는 확인을 더하세요."
                ),
                format!(
                    "{id}: all its checks hold before anything was made. Add one that looks for what must be there."
                ),
            )
        });
        tell(finding(chapter, ("풀지 않은 상태로 시작합니다", "starts unsolved"), lines));
        Ok(())
    }

    /// Builds the chapter, checks it and takes it down: with a domain, or with what is said instead of one.
    async fn solved(
        &self,
        chapter: &Chapter,
        domain: Option<&str>,
        tell: &mut impl FnMut(Finding),
    ) -> Result<(), Problem> {
        let cloud = Self::cloud(2)?;
        let course = if domain.is_some() { &self.without } else { &self.course };
        let engine = self.session(&cloud, Arc::clone(course), domain).await?;
        let mut steps = Self::steps(chapter);
        if domain.is_some() {
            // What is followed through time has nothing to do with a domain.
            steps = self.built(&steps);
            steps.retain(|id| engine.course().step(id).is_some_and(|step| step.left_out.is_none()));
        }
        let report = run(&engine, engine.plan(&steps).await?).await;
        let mut wrong: Vec<Text> = undone(&report);
        if report.done {
            wrong.extend(told(&engine.check(&steps).await?, &BTreeSet::new()));
        }
        let again = engine.plan(&steps).await?;
        for planned in again.calls.iter().filter(|_| report.done) {
            let (key, operation) = (&planned.call.key, &planned.call.operation);
            wrong.push(Text::new(
                format!("두 번째 실행에서 {key}에 {operation} 호출이 또 필요합니다."),
                format!("A second run needs {operation} for {key} again."),
            ));
        }
        let titles = match domain {
            None => (
                ("호출만으로 풀립니다", "is solved by its calls"),
                ("정리하면 아무것도 남지 않습니다", "cleans to zero"),
            ),
            Some(_) => (
                ("도메인 없이도 호출만으로 풀립니다", "is solved by its calls without a domain"),
                ("도메인 없이도 정리하면 아무것도 남지 않습니다", "cleans to zero without a domain"),
            ),
        };
        tell(finding(chapter, titles.0, wrong));

        let teardown = engine.teardown(&[]).await?;
        let (_keep, cancel) = watch::channel(false);
        let (sink, _phases) = mpsc::unbounded_channel();
        let cleaned = engine.cleanup(teardown, cancel, sink).await?;
        let left = cleaned.left.iter().map(|left| {
            let blocked = left.blocked_by.iter().map(|one| one.id.as_str()).collect::<Vec<_>>().join(", ");
            Text::new(
                format!("{} ({})이 남았습니다. 막는 것: {blocked}", left.key, left.id),
                format!("{} ({}) is left; held by: {blocked}", left.key, left.id),
            )
        });
        tell(finding(chapter, titles.1, left));
        Ok(())
    }

    /// Builds the chapter by hand, step by step, and keeps the world before each.
    async fn by_hand(&self, chapter: &Chapter) -> Result<(Vec<Before>, Finding), Problem> {
        let cloud = Self::cloud(3)?;
        cloud.pause().map_err(|error| super::storage_problem(&error))?;
        let engine = self.engine(&cloud, Arc::clone(&self.course)).await?;
        let own = self.built(&Self::steps(chapter));
        let all = self.built(&engine.plan(&own).await?.steps);
        let first: Vec<String> = all.iter().filter(|id| !own.contains(id)).cloned().collect();
        let hand = Hand { backwards: true, ..Hand::default() };
        let mut undone: Undone = engine.by_hand(&first, &hand).await?;
        let mut before = Vec::new();
        for step in &own {
            before.push(Before { step: step.clone(), cloud: fork(&cloud)? });
            undone.extend(engine.by_hand(std::slice::from_ref(step), &hand).await?);
        }
        before.push(Before { step: String::new(), cloud: fork(&cloud)? });
        let mut wrong: Vec<Text> = undone.iter().map(|(key, why)| Text::same(format!("{key}: {why}"))).collect();
        cloud.advance(LATER).map_err(|error| super::storage_problem(&error))?;
        // Somebody who has never seen this cloud looks at it.
        let other = self.engine(&cloud, Arc::clone(&self.course)).await?;
        wrong.extend(told(&other.check(&all).await?, &BTreeSet::new()));
        let finding = finding(
            chapter,
            ("손으로 다른 순서로 맞게 만들면 아무 지적도 없습니다", "a correct build by hand raises no alarm"),
            wrong,
        );
        Ok((before, finding))
    }

    async fn mistake(&self, mistake: &Mistake, before: &[Before]) -> Result<Finding, Problem> {
        let mut wrong: Vec<Text> = Vec::new();
        let wronged = wrong::wronged(&self.course, mistake);
        let found = before.iter().position(|one| one.step == wronged.from);
        let until = before.iter().position(|one| one.step == mistake.step);
        let (Some(from), Some(until)) = (found, until) else {
            let why = Text::new(
                "이 단계는 만들거나 해 보는 단계가 아니어서 실수를 넣을 수 없습니다.",
                "This step is neither built nor tried, so that no mistake can be made in it.",
            );
            return Ok(of_mistake(mistake, vec![why]));
        };
        let cloud = fork(&before[from].cloud)?;
        let steps: Vec<String> = before[from..=until].iter().map(|one| one.step.clone()).collect();
        let person = self.engine(&cloud, Arc::new(wronged.course)).await?;
        let mut undone = person.by_hand(&steps, &wronged.hand).await?;
        if let Some(key) = &wronged.deleted {
            undone.extend(person.delete_by_hand(key).await?);
        }
        cloud.advance(LATER).map_err(|error| super::storage_problem(&error))?;

        let engine = self.engine(&cloud, Arc::clone(&self.course)).await?;
        let upto: Vec<String> = before[..=until].iter().map(|one| one.step.clone()).collect();
        let all = self.built(&engine.plan(&upto).await?.steps);
        let report = engine.check(&all).await?;
        let caught = report.conditions.iter().find(|one| one.step == mistake.step && one.id == mistake.check);
        match caught {
            Some(caught) if !caught.ok => wrong.extend(unsaid(mistake, caught)),
            _ => {
                let told = undone.iter().map(|(key, why)| format!("{key}: {why}")).collect::<Vec<_>>().join("; ");
                wrong.push(Text::new(
                    format!("확인 `{}`이 이 실수를 찾지 못합니다. {told}", mistake.check),
                    format!("The check `{}` does not catch it. {told}", mistake.check),
                ));
            }
        }
        let mut expected: BTreeSet<(&str, &str)> =
            mistake.also.iter().map(|(step, check)| (step.as_str(), check.as_str())).collect();
        for (step, check) in &expected {
            let fails = |one: &&ConditionResult| one.step == *step && one.id == *check && !one.ok;
            if !report.conditions.iter().any(|one| fails(&one)) {
                wrong.push(Text::new(
                    format!("`also`의 `{step}/{check}`은 실패하지 않습니다. 지우세요."),
                    format!("`{step}/{check}` of `also` does not fail. Delete it there."),
                ));
            }
        }
        expected.insert((mistake.step.as_str(), mistake.check.as_str()));
        let mut rest = report.clone();
        rest.conditions.retain(|one| !follows(mistake, one));
        wrong.extend(told(&rest, &expected));
        if wrong.is_empty() {
            wrong.extend(self.mend(mistake, &engine, &cloud, &upto, &all).await?);
        }
        Ok(of_mistake(mistake, wrong))
    }

    /// Whether running the step mends it, as the mistake says.
    async fn mend(
        &self,
        mistake: &Mistake,
        engine: &Engine,
        cloud: &practice::Cloud,
        upto: &[String],
        all: &[String],
    ) -> Result<Option<Text>, Problem> {
        let plan = engine.plan(upto).await?;
        let refused = !plan.conflicts.is_empty() || !plan.ambiguous.is_empty();
        if refused {
            // Nothing is run: the plan itself says what it leaves to the learner.
            let which = plan.conflicts.iter().map(|one| one.key.to_string()).collect::<Vec<_>>().join(", ");
            return Ok((!mistake.by_hand).then(|| {
                Text::new(
                    format!("`run`은 {which} 리소스를 고치지 못하고 학습자에게 맡깁니다. `mend = \"hand\"`로 쓰세요."),
                    format!("`run` leaves {which} to the learner. Write `mend = \"hand\"`."),
                )
            }));
        }
        cloud.set_speed(SPEED).and_then(|()| cloud.resume()).map_err(|error| super::storage_problem(&error))?;
        let report = run(engine, plan).await;
        let after = engine.check(all).await?;
        let mended = report.done && after.ok();
        Ok(match (mended, mistake.by_hand) {
            (true, false) | (false, true) => None,
            (true, true) => Some(Text::new(
                "`run`이 이 실수를 고칩니다. `mend = \"hand\"`를 지우세요.",
                "`run` mends this. Delete `mend = \"hand\"`.",
            )),
            (false, false) => {
                let mut left = undone(&report);
                left.extend(told(&after, &BTreeSet::new()));
                let (ko, en): (Vec<_>, Vec<_>) = left.into_iter().map(|text| (text.ko, text.en)).unzip();
                Some(Text::new(
                    format!("`run`이 이 실수를 고치지 못합니다: {}", ko.join(" ")),
                    format!("`run` does not mend it: {}", en.join(" ")),
                ))
            }
        })
    }
}

fn fork(cloud: &practice::Cloud) -> Result<practice::Cloud, Problem> {
    cloud.fork().map_err(|error| super::storage_problem(&error))
}

async fn run(engine: &Engine, plan: Plan) -> RunReport {
    let (_keep, cancel) = watch::channel(false);
    let (sink, _phases) = mpsc::unbounded_channel();
    engine.run(plan, cancel, sink).await
}

/// What a run did not do.
fn undone(report: &RunReport) -> Vec<Text> {
    let failed = report.failed.iter().map(|(key, problem)| {
        Text::new(
            format!("{key}: {} {}", problem.title.ko, problem.detail.ko),
            format!("{key}: {} {}", problem.title.en, problem.detail.en),
        )
    });
    let skipped = report.skipped.iter().map(|key| Text::new(format!("{key}: 건너뜀"), format!("{key}: skipped")));
    failed.chain(skipped).collect()
}

/// Whether a condition says only that what the mistake is about is not there: it has nothing of its own
/// to look at, and that is no false alarm.
fn follows(mistake: &Mistake, one: &ConditionResult) -> bool {
    let Some(key) = mistake.wrong.key() else { return false };
    let lacking = format!("{} is not there", key.name);
    !one.detail.en.is_empty() && one.detail.en.lines().all(|line| line.ends_with(&lacking))
}

/// Every condition that fails and is not expected to.
fn told(report: &CheckReport, expected: &BTreeSet<(&str, &str)>) -> Vec<Text> {
    let surprising =
        report.conditions.iter().filter(|one| !one.ok && !expected.contains(&(one.step.as_str(), one.id.as_str())));
    surprising
        .map(|one| {
            let (step, id) = (&one.step, &one.id);
            Text::new(format!("{step}/{id}: {}", one.detail.ko), format!("{step}/{id}: {}", one.detail.en))
        })
        .collect()
}

/// What the text of the check should say and does not.
fn unsaid(mistake: &Mistake, caught: &ConditionResult) -> Vec<Text> {
    let mut out = Vec::new();
    for (language, said) in [(("한국어", "Korean"), &caught.detail.ko), (("영어", "English"), &caught.detail.en)] {
        for word in mistake.says.iter().filter(|word| !said.contains(*word)) {
            out.push(Text::new(
                format!("{} 글이 `{word}`을 말하지 않습니다: {said}", language.0),
                format!("The {} text does not say `{word}`: {said}", language.1),
            ));
        }
    }
    if caught.pending {
        out.push(Text::new(
            format!("확인이 아직 기다리라고 말합니다: {}", caught.detail.ko),
            format!("The check still asks to wait: {}", caught.detail.en),
        ));
    }
    out
}

fn finding(chapter: &Chapter, title: (&str, &str), wrong: impl IntoIterator<Item = Text>) -> Finding {
    let (ko, en): (Vec<_>, Vec<_>) = wrong.into_iter().map(|text| (text.ko, text.en)).unzip();
    let (number, id) = (chapter.number, &chapter.id);
    Finding {
        title: Text::new(format!("{number} {id}: {}", title.0), format!("{number} {id}: {}", title.1)),
        ok: en.is_empty(),
        detail: Text::new(ko.join("\n"), en.join("\n")),
        place: None,
    }
}

fn of_mistake(mistake: &Mistake, wrong: Vec<Text>) -> Finding {
    let (ko, en): (Vec<_>, Vec<_>) = wrong.into_iter().map(|text| (text.ko, text.en)).unzip();
    let (step, id) = (&mistake.step, &mistake.id);
    Finding {
        title: Text::new(format!("{step}: 실수 {id}"), format!("{step}: mistake {id}")),
        ok: en.is_empty(),
        detail: Text::new(ko.join("\n"), en.join("\n")),
        place: Some(mistake.place.clone()),
    }
}
