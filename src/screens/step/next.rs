//! What Enter does next in a step, worked out from the model.

use crate::course::model::{Condition, Step, StepKind};
use crate::lab::quiz::is_passed;
use crate::lab::report::StepState;
use crate::screens::{Ctx, Opening, Query};

/// What the learner has seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seen {
    /// The guide to its end.
    pub read: bool,
    /// The calls are in sight.
    pub preview: bool,
    /// Their end is in sight.
    pub preview_end: bool,
    /// The picture is in sight, or was.
    pub picture: bool,
}

/// What Enter does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Next {
    /// A page further in the guide.
    ReadOn,
    /// A page further in the calls.
    PreviewOn,
    /// Mark a reading step done, and go to the next step.
    Finish,
    /// Go to the next step.
    Leave,
    /// Show the page's picture, which is not in sight, before its questions.
    Picture,
    /// Ask the questions of the page.
    Questions,
    /// Work out the calls (again).
    Plan,
    /// Show the calls.
    Preview,
    /// Ask before they are run.
    Confirm,
    /// Evaluate the conditions.
    Check,
    /// Nothing: what is there is being looked at.
    Looking,
    /// See live what the load does.
    Watch,
    /// Accept the terms of a Marketplace product, on the practice cloud.
    Subscribe,
    /// It waits for a step that only a person can do: go on.
    Held,
    /// By hand: look at what is there now.
    Look,
    /// By hand: ask, then write what the learner made into the ledger.
    Adopt,
    /// Nothing: it is under way.
    Wait,
    /// Nothing: the engine is not there yet.
    Opening,
}

impl Next {
    /// The footer's word, Korean and English.
    pub(super) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::ReadOn => ("계속 읽기", "read on"),
            Self::PreviewOn => ("더 보기", "more"),
            Self::Finish => ("읽었습니다", "done, next"),
            Self::Leave => ("다음 단계", "next step"),
            Self::Picture => ("그림 보기", "see the picture"),
            Self::Questions => ("퀴즈 풀기", "quiz"),
            Self::Plan => ("호출 알아보기", "work out calls"),
            Self::Preview => ("미리 보기", "preview calls"),
            Self::Confirm => ("실행", "run"),
            Self::Check => ("확인", "check"),
            Self::Looking => ("클라우드를 확인하는 중", "looking at the cloud"),
            Self::Watch => ("실시간으로 보기", "watch it live"),
            Self::Subscribe => ("동의하고 구독", "accept, subscribe"),
            Self::Held => ("다음 단계", "next step"),
            Self::Look => ("지금 보기", "look now"),
            Self::Adopt => ("장부에 적기", "take over"),
            Self::Wait | Self::Opening => ("기다리는 중", "waiting"),
        }
    }
}

/// What Enter does in this step now.
pub(super) fn next(step: &Step, ctx: &Ctx, seen: &Seen) -> Next {
    if ctx.is_running(&step.id) {
        return if step.drill.is_some() { Next::Watch } else { Next::Wait };
    }
    let all_hold = matches!(ctx.checks.get(&step.id), Some(Ok(report)) if report.ok());
    // What takes many minutes goes on without anybody watching.
    if all_hold || ctx.only_waits(&step.id) {
        return Next::Leave;
    }
    if !seen.read && !seen.preview {
        return Next::ReadOn;
    }
    if step.kind == StepKind::Read {
        if !is_passed(step, &ctx.answers) {
            return match ctx.opening {
                Opening::Ready if step.picture.is_some() && !seen.picture => Next::Picture,
                Opening::Ready => Next::Questions,
                _ => Next::Opening,
            };
        }
        return if ctx.state(&step.id) == StepState::Done { Next::Leave } else { Next::Finish };
    }
    if ctx.opening != Opening::Ready {
        return Next::Opening;
    }
    if calls(step, ctx) && held_by(step, ctx).is_some() {
        return Next::Held;
    }
    // What was planned before the look that is under way may be done by now; and one look at a time is enough.
    if ctx.asking.contains(&Query::Plan(step.id.clone())) || ctx.asking.contains(&Query::Check(step.id.clone())) {
        return Next::Looking;
    }
    if ctx.is_practice() && step.kind == StepKind::Manual && asks_for_subscription(step) {
        return Next::Subscribe;
    }
    if !calls(step, ctx) {
        return Next::Check;
    }
    match ctx.plans.get(&step.id) {
        None | Some(Err(_)) => Next::Plan,
        // Nothing to call and nothing to wait for: it stands, or only a person can mend it. The check says which.
        Some(Ok(plan)) if plan.calls.is_empty() && plan.pending.is_empty() && plan.leaving.is_empty() => Next::Check,
        Some(Ok(_)) if !seen.preview => Next::Preview,
        Some(Ok(_)) if !seen.preview_end => Next::PreviewOn,
        Some(Ok(_)) => Next::Confirm,
    }
}

/// Whether awslab has calls for the step: always where something is built; where something is tried, once it was found
/// wanting.
pub(super) fn calls(step: &Step, ctx: &Ctx) -> bool {
    match step.kind {
        StepKind::Build | StepKind::Drill => true,
        StepKind::Try => matches!(ctx.checks.get(&step.id), Some(Ok(report)) if !report.ok()),
        StepKind::Read | StepKind::Manual => false,
    }
}

/// The step that only a person can do and that this one waits for, as its plan says.
pub(super) fn held_by<'a>(step: &Step, ctx: &'a Ctx) -> Option<&'a str> {
    let Some(Ok(plan)) = ctx.plans.get(&step.id) else { return None };
    plan.held.iter().find(|held| held.step == step.id).map(|held| held.waits_for.as_str())
}

fn asks_for_subscription(step: &Step) -> bool {
    step.checks.iter().any(|check| matches!(check.condition, Condition::Subscribed(_)))
}
