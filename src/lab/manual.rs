//! Steps that only a person can do: what was found out about them, and which other steps wait for them.
//!
//! Promises: pure; a step waits for a manual one that it needs, directly or not, as long as the conditions of that one do
//! not hold; nothing else waits. Leaves to others: asking ([`Asked`] is what came of it), running the rest (`engine`).

use std::collections::{BTreeMap, BTreeSet};

use crate::course::model::{Condition, Key, Step, StepKind};
use crate::i18n::Text;

use super::plan::{Scene, closure};
use super::report::{CheckReport, Held};
use super::web::{Visit, Visits};
use super::world::{Health, Observed};

/// Where the terms of a Marketplace product are accepted.
const TERMS: &str = "https://aws.amazon.com/marketplace/pp?sku=";

/// Whether the account has subscribed to a product of the Marketplace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subscription {
    /// Instances can be launched from its image.
    Yes,
    /// Nobody has accepted the terms yet; where that is done, as AWS says.
    No(Option<String>),
    /// It could not be found out, and why, in AWS's words.
    Unknown(String),
}

/// What was asked for the sake of conditions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked {
    /// Pages of load balancers.
    pub visits: Visits,
    /// TCP ports of instances, by the instance and the port.
    pub doors: BTreeMap<(Key, u16), Visit>,
    /// Marketplace products, by their images.
    pub subscriptions: BTreeMap<Key, Subscription>,
}

/// Where the terms of an image's product are accepted.
pub fn terms(image: &Observed) -> String {
    format!("{TERMS}{}", image.text("product").unwrap_or_default())
}

/// Why the account is not subscribed, and where to do it; `None` when it is.
pub fn unsubscribed(image: &Observed, asked: Option<&Subscription>) -> Option<(Text, String)> {
    let usual = terms(image);
    match asked {
        Some(Subscription::Yes) => None,
        Some(Subscription::No(link)) => Some((
            Text::new("아직 구독하지 않았습니다 (OptInRequired)", "not subscribed yet (OptInRequired)"),
            link.clone().unwrap_or(usual),
        )),
        Some(Subscription::Unknown(why)) => {
            Some((Text::new(format!("알 수 없습니다: {why}"), format!("cannot be told: {why}")), usual))
        }
        None => Some((Text::new("알아보지 않았습니다", "nobody has asked"), usual)),
    }
}

/// Which of the ports do not answer, and why; `None` when all do.
pub fn silent(host: &Observed, ports: &[u16], asked: &Asked) -> Option<Text> {
    let wrong: Vec<Text> = ports
        .iter()
        .filter_map(|port| {
            let (ko, en) = match asked.doors.get(&(host.key.clone(), *port)) {
                // A certificate that nobody vouches for is an answer all the same.
                Some(Visit::Answer { .. } | Visit::Tls(_)) => return None,
                Some(Visit::Refused) => ("연결이 거부됩니다".to_owned(), "the connection is refused".to_owned()),
                Some(Visit::Broken(why)) => {
                    (format!("연결이 끊어집니다: {why}"), format!("the connection breaks: {why}"))
                }
                _ => ("답이 없습니다".to_owned(), "no answer".to_owned()),
            };
            Some(Text::new(format!("{port}번 포트: {ko}"), format!("port {port}: {en}")))
        })
        .collect();
    let join = |pick: fn(&Text) -> &str| wrong.iter().map(pick).collect::<Vec<_>>().join(", ");
    (!wrong.is_empty()).then(|| Text::new(join(|text| &text.ko), join(|text| &text.en)))
}

/// Whether nobody can look at the ports of an instance from here: an endpoint whose addresses lead nowhere.
pub fn cannot_look(host: &Observed, ports: &[u16], asked: &Asked) -> bool {
    host.health == Health::Ready
        && ports.iter().all(|port| asked.doors.get(&(host.key.clone(), *port)) == Some(&Visit::NotLooked))
}

/// The manual steps among these and what they need.
pub fn manual_steps(scene: &Scene<'_>, targets: &[String]) -> Vec<String> {
    let covered = closure(scene, targets);
    let manual = scene.course.steps().filter(|step| step.kind == StepKind::Manual && covered.contains(&step.id));
    manual.map(|step| step.id.clone()).collect()
}

/// The steps that cannot be done before an open manual step is, in course order, each with that step.
pub fn held(scene: &Scene<'_>, open: &BTreeSet<String>) -> Vec<Held> {
    let mut out: Vec<Held> = Vec::new();
    if open.is_empty() {
        return out;
    }
    for step in scene.course.steps().filter(|step| !open.contains(&step.id)) {
        let needed = |id: &str| {
            open.get(id).cloned().or_else(|| out.iter().find(|one| one.step == id).map(|one| one.waits_for.clone()))
        };
        let named = step.needs.iter().find_map(|id| needed(id));
        if let Some(waits_for) = named.or_else(|| needed_by_resources(scene, step, &needed)) {
            out.push(Held { step: step.id.clone(), waits_for });
        }
    }
    out
}

fn needed_by_resources(scene: &Scene<'_>, step: &Step, needed: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let of_key = |key: &Key| scene.desired(key).and_then(|other| needed(&other.step));
    let amended = step.amends.iter().find_map(|amend| of_key(&amend.key));
    amended.or_else(|| {
        step.resources.iter().find_map(|declaration| {
            let desired = scene.desired(&declaration.key)?;
            scene.needs(desired).iter().find_map(|need| of_key(&need.key))
        })
    })
}

/// The manual steps of a report whose conditions do not all hold.
pub fn open(report: &CheckReport, manual: &[String]) -> BTreeSet<String> {
    let holds = |step: &str| report.conditions.iter().filter(|one| one.step == step).all(|one| one.ok && !one.skipped);
    manual.iter().filter(|step| !holds(step)).cloned().collect()
}

/// Takes what waits for a person out of a report: such conditions are skipped, and say what they wait for. `alone` is a
/// manual step that was asked for by itself: it is judged.
pub fn set_aside(
    scene: &Scene<'_>,
    report: &mut CheckReport,
    open: &BTreeSet<String>,
    held: &[Held],
    alone: Option<&str>,
) {
    for one in &mut report.conditions {
        let waits_for = held.iter().find(|held| held.step == one.step).map(|held| held.waits_for.as_str());
        let by_person = open.contains(&one.step) && alone != Some(one.step.as_str());
        if let Some(manual) = waits_for {
            one.detail = waits(scene, manual);
        } else if !by_person || one.ok {
            continue;
        }
        one.ok = true;
        one.skipped = true;
        one.pending = false;
        one.differences.clear();
    }
}

/// That something waits for a manual step, as a sentence.
pub fn waits(scene: &Scene<'_>, manual: &str) -> Text {
    let Some(step) = scene.course.step(manual) else { return Text::default() };
    Text::new(
        format!("직접 해야 하는 {} {} 단계를 기다립니다.", step.number, step.title.ko),
        format!("Waits for {} {}, which only a person can do.", step.number, step.title.en),
    )
}

/// The images whose products, and the instances whose ports, the conditions of some steps ask about.
pub fn questions<'a>(scene: &Scene<'a>, steps: &[String]) -> (Vec<&'a Key>, Vec<(&'a Key, u16)>) {
    let (mut images, mut doors) = (Vec::new(), Vec::new());
    for check in scene.course.steps().filter(|step| steps.contains(&step.id)).flat_map(|step| &step.checks) {
        match &check.condition {
            Condition::Subscribed(image) => images.push(image),
            Condition::Answers { host, ports } => doors.extend(ports.iter().map(|port| (host, *port))),
            _ => {}
        }
    }
    (images, doors)
}
