//! Drills: following what load does to a group, and loads that a learner starts and stops by hand.
//!
//! Promises: a load is in the store with its end before anybody hears that it runs; it is put on an instance of the group that
//! is in service; where the cloud makes no alarms, a drill says so and puts no load on anything.

use std::sync::Arc;
use std::time::Duration;

use crate::cloud::kinds::auto_scaling_group;
use crate::course::model::{Condition, Key, Role};
use crate::lab::call::{Arg, Call};
use crate::lab::load::{self, Saw};
use crate::lab::phase::PhaseKind;
use crate::lab::report::{Plan, PlannedCall, PlannedDrill};
use crate::lab::world::{Observed, Sight, World};
use crate::problem::{Problem, ProblemKind};
use crate::store::Load;

use super::clock::millis;
use super::tell::{Says, Teller};
use super::waits::passes;
use super::{Cancel, Engine, Inner};

/// How often a group is looked at, in cloud time.
const LOOK: Duration = Duration::from_secs(15);
/// For how long a drill is followed, in cloud time: a scale-in takes 15 to 25 minutes.
const PATIENCE: Duration = Duration::from_secs(2_700);

/// What is asked of [`Engine::load_plan`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoadAction {
    /// Load one instance for so many minutes.
    Start(u32),
    /// Take the load off.
    Stop,
}

/// What is said where a policy has no alarms.
pub(super) fn no_physics() -> Problem {
    Problem::new(
        ProblemKind::NotSimulated,
        "이 클라우드는 조정 정책의 경보를 만들지 않습니다",
        "This cloud makes no alarms for a scaling policy",
    )
    .because(
        "부하를 주어도 지표도 경보도 바뀌지 않으므로, 부하를 주지 않고 멈췄습니다",
        "Load would move neither metrics nor alarms here, so none was put on anything",
    )
    .hint(
        "이 단계는 연습 클라우드(--practice)나 AWS에서 해 보세요",
        "Do this step on the practice cloud (--practice) or on AWS",
    )
}

impl Inner {
    /// Looks at the group until the step's conditions hold.
    pub(super) async fn follow_drill(
        &self,
        planned: &PlannedDrill,
        world: Arc<World>,
        teller: &Teller,
        cancel: Cancel,
    ) -> Result<(), Problem> {
        let mut world = world.as_ref().clone();
        let began = self.clock.now();
        loop {
            for key in [&planned.drill.group, &planned.drill.policy] {
                match self.look_for(key, world.get(key).map(|live| live.id.clone()).as_deref(), &world).await {
                    Ok(Sight::Found(live)) => world.put(*live),
                    Ok(_) => {}
                    Err(problem) if passes(&problem) => {}
                    Err(problem) => return Err(problem),
                }
            }
            let seen = self.seen_of(&planned.step, &world);
            if seen.iter().all(|saw| saw.happened) {
                return Ok(());
            }
            let state = seen.iter().find(|saw| !saw.happened).map(|saw| saw.now.en.clone());
            teller.tell(PhaseKind::Waiting, Says { state: state.as_deref(), ..Says::default() });
            if self.clock.now() - began > millis(PATIENCE) {
                return Err(Problem::new(
                    ProblemKind::Timeout,
                    "그룹이 제시간에 움직이지 않았습니다",
                    "The group did not move in time",
                )
                .because(state.clone().unwrap_or_default(), state.unwrap_or_default())
                .hint("awslab monitor로 지표와 경보를 보세요", "Look at metrics and alarms with awslab monitor"));
            }
            if self.pause(LOOK, &cancel).await {
                // Whoever stops waiting gets no failure: the group goes on by itself.
                return Err(Problem::new(ProblemKind::Timeout, "기다리기를 멈췄습니다", "Stopped waiting"));
            }
        }
    }

    /// Notes in the store that a load runs, or that it was taken off, by the call that did it and Systems Manager's id of
    /// the command.
    pub(super) fn note_load(&self, call: &Call, command: Option<String>) -> Result<(), Problem> {
        let now = self.clock.now();
        let Some(seconds) = load::seconds_of(call) else {
            return self.store.load_stopped(&self.scope, &call.key.name, now);
        };
        let ids = call.args.iter().find(|(name, _)| name == "InstanceIds").map(|(_, ids)| ids);
        let instance = match ids {
            Some(Arg::List(ids)) => ids.iter().filter_map(Arg::as_text).collect::<Vec<_>>().join(", "),
            _ => String::new(),
        };
        let load = Load {
            group: call.key.name.clone(),
            instance,
            region: call.region.clone(),
            command: command.unwrap_or_default(),
            started: now,
            ends: now + seconds * 1000,
        };
        self.store.load_started(&self.scope, &load)
    }

    fn seen_of(&self, step: &str, world: &World) -> Vec<Saw> {
        let checks = self.course.step(step).map(|step| step.checks.as_slice()).unwrap_or_default();
        let saw = |condition: &Condition| match condition {
            Condition::Saw { group, policy, event } => Some(load::saw(world, group, policy, *event)),
            _ => None,
        };
        checks.iter().filter_map(|check| saw(&check.condition)).collect()
    }
}

impl Engine {
    /// Every Auto Scaling group of the home region, the course's first.
    pub async fn live_groups(&self) -> Result<Vec<Observed>, Problem> {
        let mut found = auto_scaling_group::all(&self.inner.clients, Role::Home).await?;
        found.sort_by_key(|group| !group.is_tagged_ours());
        Ok(found)
    }

    /// The one call that starts or stops a load on a group: to be shown, confirmed and given to [`Engine::run`]. Without a
    /// name the only group, or the only one of the course, is meant.
    pub async fn load_plan(&self, group: Option<&str>, action: LoadAction) -> Result<Plan, Problem> {
        let groups = self.live_groups().await?;
        let group = choose(&groups, group, &self.facts().scope.home)?;
        let call = match action {
            LoadAction::Start(minutes) => {
                let Some(instance) = group.text("in_service") else { return Err(nothing_in_service(&group.key)) };
                // The unit that makes the load runs once on an instance.
                if let Some(load) = self.loads()?.iter().find(|l| l.group == group.id && l.instance == instance) {
                    return Err(under_load(load));
                }
                load::start(&group.key, Arg::text(instance), minutes, &group.region, "")
            }
            LoadAction::Stop => load::stop(&group.key, &group.region, ""),
        };
        Ok(Plan { calls: vec![PlannedCall { call, after: Vec::new(), ready: Vec::new() }], ..Plan::default() })
    }

    /// The loads that still run, as far as awslab knows, the newest last.
    pub fn loads(&self) -> Result<Vec<Load>, Problem> {
        self.inner.store.loads(&self.inner.scope, self.now())
    }
}

fn choose<'a>(groups: &'a [Observed], name: Option<&str>, region: &str) -> Result<&'a Observed, Problem> {
    let names = groups.iter().map(|group| group.id.as_str()).collect::<Vec<_>>().join(", ");
    let ours: Vec<&Observed> = groups.iter().filter(|group| group.is_tagged_ours()).collect();
    let found = match name {
        Some(name) => groups.iter().find(|group| group.id == name),
        None => match (groups, ours.as_slice()) {
            ([one], _) => Some(one),
            (_, [one]) => Some(*one),
            _ => None,
        },
    };
    found.ok_or_else(|| {
        let new = |ko: String, en: String| Problem::new(ProblemKind::NotFound, ko, en);
        let problem = match name {
            _ if groups.is_empty() => {
                return new(
                    format!("{region}에 Auto Scaling 그룹이 없습니다"),
                    format!("There is no Auto Scaling group in {region}"),
                )
                .hint("6장이 하나 만듭니다: awslab run asg-lab", "Chapter 6 makes one: awslab run asg-lab");
            }
            Some(name) => new(
                format!("{name}: {region}에 그런 Auto Scaling 그룹이 없습니다"),
                format!("There is no Auto Scaling group {name} in {region}"),
            ),
            None => new(
                format!("{region}에 Auto Scaling 그룹이 여러 개 있습니다"),
                format!("There are several Auto Scaling groups in {region}"),
            ),
        };
        problem.hint(format!("이 가운데 하나를 적어 주세요: {names}"), format!("Name one of these: {names}"))
    })
}

fn under_load(load: &Load) -> Problem {
    let ends = jiff::Timestamp::from_millisecond(load.ends).map(|at| at.strftime("%H:%M:%S UTC").to_string());
    let (instance, ends, group) = (&load.instance, ends.unwrap_or_default(), &load.group);
    Problem::new(
        ProblemKind::InUse,
        format!("{instance}에는 이미 부하가 돌고 있습니다. {ends}에 끝납니다"),
        format!("Load runs on {instance} already, until {ends}"),
    )
    .hint(format!("먼저 멈추려면: awslab load stop {group}"), format!("To take it off first: awslab load stop {group}"))
}

fn nothing_in_service(group: &Key) -> Problem {
    Problem::new(
        ProblemKind::NotFound,
        format!("{} 그룹에 InService 인스턴스가 없습니다", group.name),
        format!("No instance of {} is in service", group.name),
    )
    .hint("awslab monitor로 활동 기록을 보세요", "Look at its activities with awslab monitor")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::lab::world::Health;

    fn group(name: &str, ours: bool) -> Observed {
        Observed {
            key: Key::home("auto-scaling-group", name),
            id: name.into(),
            region: "ap-northeast-2".into(),
            state: String::new(),
            health: Health::Ready,
            reason: String::new(),
            fields: std::collections::BTreeMap::new(),
            tags: ours.then(|| ("Project".to_owned(), "aws-lab".to_owned())).into_iter().collect(),
        }
    }

    #[test]
    fn a_group_is_never_picked_silently_among_several() {
        let (own, other, third) = (group("own", true), group("other", false), group("third", false));
        let choose = |groups: &[Observed], name| super::choose(groups, name, "ap-northeast-2").cloned();
        assert_eq!(choose(std::slice::from_ref(&other), None).unwrap().id, "other");
        assert_eq!(choose(&[other.clone(), own.clone()], None).unwrap().id, "own");
        let several = choose(&[other.clone(), third.clone()], None).unwrap_err();
        assert!(several.title.en.contains("several") && several.hints[0].en.contains("other, third"), "{several}");
        assert_eq!(choose(&[other, third], Some("third")).unwrap().id, "third");
        let nobody = choose(&[own], Some("nobody")).unwrap_err();
        assert!(nobody.title.en.contains("nobody in ap-northeast-2") && nobody.hints[0].ko.contains("own"), "{nobody}");
        assert!(choose(&[], Some("nobody")).unwrap_err().hints[0].en.contains("awslab run asg-lab"));
    }
}
