//! Named conditions against the live state.
//!
//! Promises: every difference of a step's resources is caught by some condition: what no named one covers is listed
//! by an implicit last one ([`REST`]). Texts come filled, in both languages.
//! Leaves to others: the way of a packet and what a page answered ([`Probes`], given by the caller), adopting and
//! progress (`engine`).

use std::collections::BTreeSet;

use crate::course::model::{Check, Condition, Http, Key, Reach, Step};
use crate::i18n::Text;

use super::facts::Backend;
use super::manual::{self, Asked};
use super::plan::Scene;
use super::report::{CheckReport, ConditionResult};
use super::web;
use super::world::{Difference, Health, Mend, Observed, Sight};
use super::{load, stage};

/// The id of the implicit last condition of a step that declares something.
pub const REST: &str = "as-declared";

/// How a packet fared.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it fared as the condition wants.
    pub ok: bool,
    /// Whether that may still change by itself (an instance is starting).
    pub pending: bool,
    /// Whether the network decided; `false` when an end of the way is not there, so that nothing can be said of it.
    pub decided: bool,
    /// What decided it.
    pub why: Text,
}

/// Computes the way of a packet.
pub type Judge<'a> = &'a dyn Fn(&Reach) -> Verdict;

/// What conditions need beside the observed world.
#[derive(Clone, Copy)]
pub struct Probes<'a> {
    /// The way of a packet.
    pub reach: Judge<'a>,
    /// What came of asking for pages, ports and products. What is not in it was not asked for.
    pub asked: &'a Asked,
}

/// Evaluates all conditions of these steps, in course order.
pub fn check(scene: &Scene<'_>, steps: &[String], probes: Probes<'_>) -> CheckReport {
    let mut report = CheckReport::default();
    for step in scene.course.steps().filter(|step| steps.contains(&step.id)) {
        let mut seen = Seen::default();
        for check in &step.checks {
            report.conditions.push(named(scene, step, check, probes, &mut seen));
        }
        if !step.resources.is_empty() || !step.amends.is_empty() {
            report.conditions.push(rest(scene, step, &seen));
        }
    }
    report
}

/// The differences of one resource from what the course wants, a dead or dying state among them. Nothing when it is
/// not there: absence is not a difference of a field.
pub fn drift(scene: &Scene<'_>, key: &Key) -> Vec<Difference> {
    let own = scene.desired(key).map(|desired| desired.step.clone()).unwrap_or_default();
    drift_at(scene, key, &own)
}

/// The same, as a step wants it that may come after the one that declares the resource.
fn drift_at(scene: &Scene<'_>, key: &Key, step: &str) -> Vec<Difference> {
    let (Some(desired), Some(observed), Some(kind)) =
        (scene.desired(key), scene.world.get(key), scene.kinds.kind(&key.kind))
    else {
        return Vec::new();
    };
    let mut out = Vec::new();
    if matches!(observed.health, Health::Failed | Health::Deleting) {
        out.push(Difference {
            key: key.clone(),
            field: "state".into(),
            wanted: "ready".into(),
            found: state_of(observed),
            mend: Mend::Replace,
        });
    }
    if !kind.is_lookup() {
        let reached = |other: &str| stage::is_reached(scene, other, step);
        let wanted = stage::wanted(desired, Some(observed), kind, &scene.env(), &reached);
        out.extend(kind.differences(&wanted, observed, &scene.env()));
    }
    out
}

/// What failed conditions have told already.
#[derive(Default)]
struct Seen {
    differences: Vec<Difference>,
    /// Resources that were said to be missing, ambiguous, or not ready.
    missing: BTreeSet<Key>,
    unready: BTreeSet<Key>,
}

/// One thing that is wrong, and what to do about it (which may be empty).
struct Wrong {
    text: Text,
    mend: Text,
    pending: bool,
}

impl Wrong {
    /// What says by itself what to do.
    fn plain(text: Text, pending: bool) -> Self {
        Self { text, mend: Text::default(), pending }
    }
}

fn named(scene: &Scene<'_>, step: &Step, check: &Check, probes: Probes<'_>, seen: &mut Seen) -> ConditionResult {
    let mut wrong: Vec<Wrong> = Vec::new();
    let (mut note, mut skipped) = (Text::default(), false);
    let mut differences = Vec::new();
    match &check.condition {
        Condition::Exists(keys) => {
            for key in keys {
                match sight(scene, key) {
                    Looked::There(_) | Looked::Replaced => {}
                    Looked::Ambiguous(text) => {
                        seen.missing.insert(key.clone());
                        wrong.push(Wrong::plain(text, false));
                    }
                    Looked::Missing => {
                        seen.missing.insert(key.clone());
                        wrong.push(said(check, &[("name", Text::same(&key.name))], false));
                    }
                }
            }
        }
        Condition::Ready(keys) => {
            for key in keys {
                let (id, found, pending) = match sight(scene, key) {
                    Looked::Replaced => continue,
                    // A route whose target is gone is there, and works again with it; it is not ready all the same.
                    Looked::There(observed) if observed.health == Health::Ready && !is_lame(scene, key, &step.id) => {
                        continue;
                    }
                    Looked::There(observed) => {
                        seen.unready.insert(key.clone());
                        // What says why it is not ready is more than on its way.
                        let coming = observed.health == Health::Pending && observed.reason.is_empty();
                        (observed.id.clone(), state_of(observed), coming)
                    }
                    Looked::Ambiguous(text) => {
                        seen.missing.insert(key.clone());
                        wrong.push(Wrong::plain(text, false));
                        continue;
                    }
                    Looked::Missing => {
                        seen.missing.insert(key.clone());
                        (String::new(), String::new(), false)
                    }
                };
                let found = if found.is_empty() { nothing() } else { Text::same(found) };
                let slots = [("name", Text::same(&key.name)), ("id", Text::same(id)), ("found", found)];
                wrong.push(said(check, &slots, pending));
            }
        }
        Condition::Match { keys, fields } => {
            for key in keys {
                let Some(observed) = there(scene, key, seen, &mut wrong) else { continue };
                for difference in drift_at(scene, key, &step.id) {
                    let expected = fields.is_empty() || fields.contains(&difference.field);
                    // A dead state is the matter of `ready`.
                    let dead = difference.field == "state" && difference.mend == Mend::Replace;
                    if !expected || is_beyond(&difference) || dead {
                        continue;
                    }
                    wrong.push(said(check, &slots_of(scene, observed, &difference), false));
                    differences.push(difference);
                }
            }
        }
        Condition::Only(keys) => {
            for key in keys {
                let Some(observed) = there(scene, key, seen, &mut wrong) else { continue };
                for difference in drift_at(scene, key, &step.id).into_iter().filter(is_beyond) {
                    wrong.push(said(check, &slots_of(scene, observed, &difference), false));
                    differences.push(difference);
                }
            }
        }
        Condition::Gone(keys) => {
            for key in keys {
                if let Some(observed) = scene.world.get(key) {
                    let slots = [
                        ("name", Text::same(&key.name)),
                        ("id", Text::same(&observed.id)),
                        ("found", Text::same(state_of(observed))),
                    ];
                    wrong.push(said(check, &slots, observed.health == Health::Deleting));
                } else if let Some((_, successor)) = scene.desired(key).and_then(|desired| desired.retired.as_ref()) {
                    // It is not gone before anything took its place.
                    there(scene, successor, seen, &mut wrong);
                }
            }
        }
        Condition::Saw { group, policy, event } => {
            let saw = load::saw(scene.world, group, policy, *event);
            if !saw.happened {
                wrong.push(said(check, &[("found", saw.now)], false));
            }
        }
        Condition::Http(page) => {
            let Some(balancer) = there(scene, &page.balancer, seen, &mut wrong) else {
                return result(step, &check.id, check.title.clone(), wrong, differences);
            };
            let asked = web::address(page, balancer);
            let wanted = redirected(scene, &step.id, page);
            let verdict = web::judge(scene.world, scene.facts, &wanted, probes.asked.visits.get(page));
            if verdict.ok {
                (note, skipped) = (verdict.why, !verdict.decided);
            } else {
                let slots = [("url", Text::same(asked)), ("found", verdict.why)];
                wrong.push(said(check, &slots, verdict.pending));
            }
        }
        Condition::Subscribed(image) => {
            let Some(image) = there(scene, image, seen, &mut wrong) else {
                return result(step, &check.id, check.title.clone(), wrong, differences);
            };
            if let Some((found, url)) = manual::unsubscribed(image, probes.asked.subscriptions.get(&image.key)) {
                let slots = [("name", Text::same(&image.key.name)), ("url", Text::same(url)), ("found", found)];
                // Nobody has to go to AWS for the practice cloud.
                let mend = Text::new(
                    "연습 클라우드에서는 이 단계에서 `Enter`로 동의하거나 `awslab practice subscribe`를 실행하세요.",
                    "On the practice cloud press `Enter` in this step to accept the terms, or run `awslab practice subscribe`.",
                );
                let practice = Check { mend, ..check.clone() };
                let of_practice = scene.facts.scope.backend == Backend::Practice;
                wrong.push(said(if of_practice { &practice } else { check }, &slots, false));
            }
        }
        Condition::Answers { host, ports } => {
            let Some(host) = there(scene, host, seen, &mut wrong) else {
                return result(step, &check.id, check.title.clone(), wrong, differences);
            };
            if manual::cannot_look(host, ports, probes.asked) {
                skipped = true;
                note = Text::new(
                    "확인하지 않았습니다. 이 엔드포인트의 주소는 열어 볼 수 없습니다.",
                    "Not looked at: addresses of this endpoint cannot be visited.",
                );
            } else if let Some(found) = manual::silent(host, ports, probes.asked) {
                let url = door(host, ports.first().copied().unwrap_or(443)).unwrap_or_default();
                let slots = [("name", Text::same(&host.key.name)), ("url", Text::same(url)), ("found", found)];
                // A server that was just started begins to answer by itself.
                wrong.push(said(check, &slots, host.health == Health::Pending));
            }
        }
        Condition::Reach(reach) => {
            let verdict = (probes.reach)(reach);
            if !verdict.ok && verdict.decided {
                wrong.push(said(check, &[("found", verdict.why)], verdict.pending));
            } else if !verdict.ok {
                wrong.push(Wrong::plain(verdict.why, verdict.pending));
            }
        }
    }
    seen.differences.extend(differences.iter().cloned());
    let mut result = result(step, &check.id, check.title.clone(), wrong, differences);
    if result.ok {
        (result.detail, result.skipped) = (note, skipped);
    }
    result
}

/// Where a port of an instance is asked, when it has a public address: `https://3.35.1.2:943/`.
pub fn door(host: &Observed, port: u16) -> Option<String> {
    let address = host.text("public_ip")?;
    Some(if port == 443 { format!("https://{address}/") } else { format!("https://{address}:{port}/") })
}

/// The page as it answers once a later step has turned the forwarding of its port into a redirect, when that is what is live.
fn redirected(scene: &Scene<'_>, step: &str, page: &Http) -> Http {
    let later = scene.desired.iter().filter(|one| {
        one.key.kind == "listener"
            && one.text("balancer") == Some(&page.balancer.name)
            && one.int("port") == Some(i64::from(page.port))
    });
    let redirects =
        later.flat_map(|one| one.amended.iter().map(move |amended| (one, amended))).any(|(one, amended)| {
            let redirect = amended.fields.get("redirect");
            let live = scene.world.get(&one.key).and_then(|live| live.fields.get("redirect"));
            redirect.is_some() && live == redirect && !stage::is_reached(scene, &amended.step, step)
        });
    if redirects { Http { status: 301, location: None, ..page.clone() } } else { page.clone() }
}

/// What no named condition has told: the step is never green while something differs.
fn rest(scene: &Scene<'_>, step: &Step, seen: &Seen) -> ConditionResult {
    let mut wrong = Vec::new();
    let mut differences = Vec::new();
    let amended =
        |key: &Key, field: &str| step.amends.iter().any(|amend| amend.key == *key && amend.fields.contains_key(field));
    let declared = |key: &Key| step.resources.iter().any(|declaration| declaration.key == *key);
    let keys = step.resources.iter().map(|declaration| &declaration.key);
    for key in keys.chain(step.amends.iter().map(|amend| &amend.key)) {
        let title = kind_title(scene, key);
        let observed = match sight(scene, key) {
            Looked::Replaced => continue,
            Looked::There(observed) => observed,
            Looked::Missing if seen.missing.contains(key) => continue,
            Looked::Ambiguous(_) if seen.missing.contains(key) => continue,
            Looked::Ambiguous(text) => {
                wrong.push(Wrong::plain(text, false));
                continue;
            }
            Looked::Missing => {
                wrong.push(Wrong::plain(missing(&title, key), false));
                continue;
            }
        };
        if observed.health == Health::Pending && declared(key) && !seen.unready.contains(key) {
            let text = Text::new(
                format!("{} {}: 아직 준비 중입니다 ({})", title.ko, key.name, observed.state),
                format!("{} {} is not ready yet ({})", title.en, key.name, observed.state),
            );
            wrong.push(Wrong::plain(text, true));
        }
        // Of what it only amends, the rest is another step's matter.
        let own = |difference: &Difference| declared(key) || amended(key, &difference.field);
        for difference in drift_at(scene, key, &step.id).into_iter().filter(own) {
            let told =
                seen.differences.contains(&difference) || (difference.field == "state" && seen.unready.contains(key));
            if !told {
                wrong.push(Wrong::plain(plainly(scene, &title, &difference, &step.id), false));
                differences.push(difference);
            }
        }
    }
    let title = Text::new("그 밖의 모든 것이 실습 과정과 같습니다", "Everything else is as the course wants it");
    result(step, REST, title, wrong, differences)
}

fn result(step: &Step, id: &str, title: Text, wrong: Vec<Wrong>, differences: Vec<Difference>) -> ConditionResult {
    let ok = wrong.is_empty();
    // What mends several things is said once, after the last of them.
    let last = |at: usize| wrong.get(at + 1).is_none_or(|next| wrong.get(at).is_none_or(|one| one.mend != next.mend));
    let join = |pick: &dyn Fn(&Text) -> &str| {
        let told = wrong.iter().enumerate().map(|(at, one)| {
            let parts = [pick(&one.text), if last(at) { pick(&one.mend) } else { "" }];
            parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
        });
        told.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n")
    };
    ConditionResult {
        step: step.id.clone(),
        id: id.to_owned(),
        ok,
        pending: !ok && wrong.iter().all(|one| one.pending),
        skipped: false,
        title,
        detail: Text::new(join(&|text| &text.ko), join(&|text| &text.en)),
        differences,
    }
}

enum Looked<'a> {
    There(&'a Observed),
    /// A later step has retired it, and something else does its work.
    Replaced,
    Missing,
    Ambiguous(Text),
}

fn sight<'a>(scene: &Scene<'a>, key: &Key) -> Looked<'a> {
    match scene.world.sights.get(key) {
        Some(Sight::Found(observed)) if observed.health != Health::Deleting => Looked::There(observed),
        Some(Sight::Ambiguous(ids)) => {
            let title = kind_title(scene, key);
            let ids = ids.join(", ");
            Looked::Ambiguous(Text::new(
                format!("{} {}: 같은 이름이 여러 개 있습니다 ({ids}). 하나만 남겨 주세요", title.ko, key.name),
                format!("There are several {} named {} ({ids}). Keep one of them", title.en, key.name),
            ))
        }
        _ if scene.desired(key).is_some_and(|desired| stage::is_replaced(scene, desired)) => Looked::Replaced,
        _ => Looked::Missing,
    }
}

/// The live resource; when there is none, that is what is wrong.
fn there<'a>(scene: &Scene<'a>, key: &Key, seen: &mut Seen, wrong: &mut Vec<Wrong>) -> Option<&'a Observed> {
    let text = match sight(scene, key) {
        Looked::There(observed) => return Some(observed),
        Looked::Replaced => return None,
        Looked::Ambiguous(text) => text,
        Looked::Missing => missing(&kind_title(scene, key), key),
    };
    seen.missing.insert(key.clone());
    wrong.push(Wrong::plain(text, false));
    None
}

fn missing(title: &Text, key: &Key) -> Text {
    Text::new(format!("{} {}: 찾을 수 없습니다", title.ko, key.name), format!("{} {} is not there", title.en, key.name))
}

fn plainly(scene: &Scene<'_>, title: &Text, difference: &Difference, step: &str) -> Text {
    let field = field_words(scene, difference);
    let (found, wanted) = (or_nothing(&difference.found), or_nothing(&difference.wanted));
    let name = &difference.key.name;
    if is_beyond(difference) {
        return Text::new(
            format!("{} {name}: {} {}", title.ko, field.ko, found.ko),
            format!("{} {name}: {} {}", title.en, field.en, found.en),
        );
    }
    let (then_ko, then_en) = later(scene, difference, step);
    Text::new(
        format!("{} {name}: {} 값이 {}입니다. 과정에서는 {}입니다{then_ko}", title.ko, field.ko, found.ko, wanted.ko),
        format!("{} {name}: {} is {}, the course wants {}{then_en}", title.en, field.en, found.en, wanted.en),
    )
}

/// What a later step makes of the field: whoever has gone ahead of the course must know which value is meant when.
fn later(scene: &Scene<'_>, difference: &Difference, step: &str) -> (String, String) {
    let amended = scene.desired(&difference.key).into_iter().flat_map(|desired| &desired.amended);
    let later = amended.filter(|one| !stage::is_reached(scene, &one.step, step));
    let mut told = later.filter_map(|one| {
        let value = one.fields.get(&difference.field)?;
        let number = scene.course.step(&one.step).map(|step| step.number.as_str())?;
        Some((format!(", {number}부터는 {value}입니다"), format!(", and {value} from {number} on")))
    });
    told.next_back().unwrap_or_default()
}

/// Whether its state is another than the wanted one, although nothing has failed.
fn is_lame(scene: &Scene<'_>, key: &Key, step: &str) -> bool {
    drift_at(scene, key, step).iter().any(|difference| difference.field == "state")
}

/// Whether something is there that the course does not declare.
fn is_beyond(difference: &Difference) -> bool {
    difference.mend == Mend::ByHand
}

fn state_of(observed: &Observed) -> String {
    if observed.reason.is_empty() {
        observed.state.clone()
    } else {
        format!("{} ({})", observed.state, observed.reason)
    }
}

fn nothing() -> Text {
    Text::new("없음", "nothing")
}

fn or_nothing(text: &str) -> Text {
    if text.is_empty() { nothing() } else { Text::same(text) }
}

fn kind_title(scene: &Scene<'_>, key: &Key) -> Text {
    scene.kinds.kind(&key.kind).map_or_else(|| Text::same(&key.kind), |kind| kind.title())
}

/// A field in the reader's words.
pub fn field_words(scene: &Scene<'_>, difference: &Difference) -> Text {
    let declared = scene
        .kinds
        .kind(&difference.key.kind)
        .and_then(|kind| kind.fields().iter().find(|field| field.name == difference.field));
    if let Some(field) = declared {
        return Text::new(field.words.0, field.words.1);
    }
    match difference.field.as_str() {
        "state" => Text::new("상태", "state"),
        "unexpected rule" => Text::new("과정에 없는 규칙", "unexpected rule"),
        "unexpected route" => Text::new("과정에 없는 경로", "unexpected route"),
        "unexpected association" => Text::new("과정에 없는 연결", "unexpected association"),
        other => Text::same(other),
    }
}

fn slots_of(scene: &Scene<'_>, observed: &Observed, difference: &Difference) -> [(&'static str, Text); 5] {
    [
        ("name", Text::same(&difference.key.name)),
        ("id", Text::same(&observed.id)),
        ("field", field_words(scene, difference)),
        ("found", or_nothing(&difference.found)),
        ("wanted", or_nothing(&difference.wanted)),
    ]
}

/// The condition's own failure and mend texts, filled.
fn said(check: &Check, slots: &[(&str, Text)], pending: bool) -> Wrong {
    let fill = |text: &Text| {
        let mut out = text.clone();
        for (name, value) in slots {
            let slot = format!("{{{name}}}");
            out.ko = out.ko.replace(&slot, &value.ko);
            out.en = out.en.replace(&slot, &value.en);
        }
        out
    };
    Wrong { text: fill(&check.failure), mend: fill(&check.mend), pending }
}
