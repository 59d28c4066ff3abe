//! Load on the instances of an Auto Scaling group, and what came of it.
//!
//! Promises: a load always has a time limit; it runs detached, so that neither awslab nor Systems Manager is needed for its
//! end. What happened is read from the group's activities and the policy's alarms as they were observed.

use crate::course::model::{Event, Key, Value};
use crate::i18n::Text;

use super::call::{Arg, Call, Effect, Service};
use super::world::{Observed, World};

/// The kind of the calls' key: nothing that stands, but what is sent.
pub const KIND: &str = "load";
/// The unit under which the load runs on an instance.
const UNIT: &str = "lab-stress";
/// For how long Systems Manager may try to hand the command over, in seconds.
const DELIVERY: i64 = 60;

/// What the calls for a group are about.
pub fn key_of_group(group: &Key) -> Key {
    Key { kind: KIND.into(), name: group.name.clone(), role: group.role }
}

/// What is waited for at the end of a drill.
pub fn key_of_step(step: &str) -> Key {
    Key::home("drill", step)
}

fn command(text: String, key: &Key, region: &str, step: &str) -> Call {
    Call::new(Service::Ssm, "SendCommand", Effect::Change, key, step, region)
        .arg("DocumentName", Arg::text("AWS-RunShellScript"))
        .arg("Comment", Arg::text(format!("awslab load {}", key.name)))
        .arg("TimeoutSeconds", Arg::Int(DELIVERY))
        .arg(
            "Parameters",
            Arg::map([
                ("commands", Arg::List(vec![Arg::text(text)])),
                ("executionTimeout", Arg::List(vec![Arg::text("60")])),
            ]),
        )
}

/// Loads every vCPU of one instance for some minutes.
pub fn start(group: &Key, instance: Arg, minutes: u32, region: &str, step: &str) -> Call {
    let seconds = u64::from(minutes) * 60;
    let text = format!("systemd-run --unit={UNIT} --collect stress -c $(nproc) -t {seconds}");
    command(text, &key_of_group(group), region, step)
        .arg("InstanceIds", Arg::List(vec![instance]))
        .gives("Command.CommandId")
        // The agent of a new instance needs a minute or two to register.
        .again_if(&["InvalidInstanceId"])
}

/// Takes the load off every instance of a group.
pub fn stop(group: &Key, region: &str, step: &str) -> Call {
    let of_group = Arg::map([
        ("Key", Arg::text("tag:aws:autoscaling:groupName")),
        ("Values", Arg::List(vec![Arg::text(&group.name)])),
    ]);
    command(format!("systemctl stop {UNIT} || true"), &key_of_group(group), region, step)
        .arg("Targets", Arg::List(vec![of_group]))
        .gives("Command.CommandId")
}

/// For how long the load of a call runs, in seconds; `None` for one that takes it off.
pub fn seconds_of(call: &Call) -> Option<i64> {
    let (_, parameters) = call.args.iter().find(|(name, _)| name == "Parameters")?;
    let Arg::Map(members) = parameters else { return None };
    let (_, Arg::List(commands)) = members.iter().find(|(name, _)| name == "commands")? else { return None };
    let text = commands.first()?.as_text()?;
    text.rsplit_once("-t ").and_then(|(_, seconds)| seconds.trim().parse().ok())
}

/// Whether something happened, and what is there now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saw {
    /// Whether it did.
    pub happened: bool,
    /// The alarms and the instances now.
    pub now: Text,
    /// Whether there is a group and a policy with alarms at all, so that it still can.
    pub possible: bool,
}

/// Whether something happened to a group.
pub fn saw(world: &World, group: &Key, policy: &Key, event: Event) -> Saw {
    let (live, rule) = (world.get(group), world.get(policy));
    let (Some(live), Some(rule)) = (live, rule) else {
        let missing = if live.is_none() { group } else { policy };
        let now = Text::new(format!("{}: 찾을 수 없음", missing.name), format!("{} is not there", missing.name));
        return Saw { happened: false, now, possible: false };
    };
    let list =
        |observed: &Observed, field: &str| observed.fields.get(field).map(Value::items).unwrap_or_default().to_vec();
    let (alarms, activities, instances) = (list(rule, "alarms"), list(live, "activities"), list(live, "instances"));
    let text = |value: &Value, name: &str| value.member(name).and_then(Value::as_text).unwrap_or_default().to_owned();
    let alarm = |side: &str| alarms.iter().find(|alarm| text(alarm, "side") == side).map(|alarm| text(alarm, "state"));
    let steps: Vec<Stepped> = activities.iter().filter_map(|one| stepped(one, &policy.name)).collect();
    let out = steps.iter().filter(|one| one.to > one.from).max_by_key(|one| one.at);
    let back = out.and_then(|out| steps.iter().find(|one| one.to < one.from && one.at >= out.at));
    let well =
        |one: &&Value| text(one, "state") == "InService" && matches!(text(one, "target").as_str(), "" | "healthy");
    let healthy = instances.iter().filter(well).count();
    let happened = match event {
        Event::AlarmHigh => out.is_some() || alarm("high").as_deref() == Some("ALARM"),
        Event::ScaleOut => out.is_some(),
        // Afterwards one is left: where not even that is healthy, as behind no load balancer, the second never was.
        Event::SecondHealthy => out.is_some_and(|out| healthy > 1 || (out.successful && back.is_some() && healthy > 0)),
        Event::ScaleIn => back.is_some(),
    };
    let states = ["high", "low"].map(|side| alarm(side).unwrap_or_else(|| "-".to_owned()));
    let total = live.fields.get("wish").map(ToString::to_string).unwrap_or_default();
    let now = if alarms.is_empty() {
        Text::new("정책에 경보가 없음", "the policy has no alarms")
    } else {
        Text::new(
            format!("AlarmHigh {}, AlarmLow {}, 정상 인스턴스 {healthy}/{total}개", states[0], states[1]),
            format!("AlarmHigh {}, AlarmLow {}, healthy instances {healthy}/{total}", states[0], states[1]),
        )
    };
    Saw { happened, now, possible: !alarms.is_empty() }
}

/// A change of the desired capacity by a policy.
struct Stepped {
    at: i64,
    from: i64,
    to: i64,
    successful: bool,
}

/// Reads AWS's own sentence: `... triggered policy P changing the desired capacity from 1 to 2.`
fn stepped(activity: &Value, policy: &str) -> Option<Stepped> {
    let cause = activity.member("cause")?.as_text()?;
    let (_, rest) = cause.split_once(&format!("triggered policy {policy} changing the desired capacity from "))?;
    let (from, rest) = rest.split_once(" to ")?;
    let to: String = rest.chars().take_while(char::is_ascii_digit).collect();
    Some(Stepped {
        at: activity.member("at").and_then(Value::as_int).unwrap_or_default(),
        from: from.parse().ok()?,
        to: to.parse().ok()?,
        successful: activity.member("status").and_then(Value::as_text) == Some("Successful"),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;
    use crate::lab::world::Health;

    fn map(members: &[(&str, Value)]) -> Value {
        Value::Map(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    fn observed(kind: &str, name: &str, fields: &[(&str, Value)]) -> Observed {
        Observed {
            key: Key::home(kind, name),
            id: name.into(),
            region: "ap-northeast-2".into(),
            state: "exists".into(),
            health: Health::Ready,
            reason: String::new(),
            fields: fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            tags: std::collections::BTreeMap::new(),
        }
    }

    fn world(high: &str, activities: &[(i64, &str, &str)], healthy: usize) -> World {
        let activity = |(at, cause, status): &(i64, &str, &str)| {
            map(&[("at", (*at).into()), ("cause", (*cause).into()), ("status", (*status).into())])
        };
        let one = map(&[("state", "InService".into()), ("target", "healthy".into())]);
        let mut world = World::default();
        world.put(observed(
            "auto-scaling-group",
            "g",
            &[
                ("activities", Value::List(activities.iter().map(activity).collect())),
                ("instances", Value::List(vec![one; healthy])),
            ],
        ));
        let alarm = |side: &str, state: &str| map(&[("side", side.into()), ("state", state.into())]);
        world.put(observed(
            "scaling-policy",
            "p",
            &[("alarms", Value::List(vec![alarm("high", high), alarm("low", "OK")]))],
        ));
        world
    }

    fn happened(world: &World) -> Vec<bool> {
        let (group, policy) = (Key::home("auto-scaling-group", "g"), Key::home("scaling-policy", "p"));
        Event::ALL.iter().map(|(_, event)| saw(world, &group, &policy, *event).happened).collect()
    }

    const OUT: &str =
        "At 10:00 a monitor alarm A in state ALARM triggered policy p changing the desired capacity from 1 to 2.  At";
    const IN: &str =
        "At 10:20 a monitor alarm B in state ALARM triggered policy p changing the desired capacity from 2 to 1.  At";

    #[test]
    fn the_story_is_read_from_alarms_and_activities() {
        assert_eq!(happened(&world("OK", &[], 1)), [false, false, false, false]);
        assert_eq!(happened(&world("ALARM", &[], 1)), [true, false, false, false]);
        assert_eq!(happened(&world("ALARM", &[(1, OUT, "InProgress")], 1)), [true, true, false, false]);
        assert_eq!(happened(&world("ALARM", &[(1, OUT, "Successful")], 2)), [true, true, true, false]);
        // Afterwards it stays true, though one instance is left.
        assert_eq!(happened(&world("OK", &[(9, IN, "InProgress"), (1, OUT, "Successful")], 1)), [true; 4]);
        // Where the one that is left is not healthy, the second was not either.
        assert_eq!(
            happened(&world("OK", &[(9, IN, "InProgress"), (1, OUT, "Successful")], 0)),
            [true, true, false, true]
        );
        // A scale-in of an earlier story is not this one's.
        assert_eq!(
            happened(&world("OK", &[(9, OUT, "Successful"), (1, IN, "Successful")], 1)),
            [true, true, false, false]
        );
        // Another policy's work is not this one's.
        let other = OUT.replace("policy p ", "policy q ");
        assert_eq!(happened(&world("OK", &[(1, &other, "Successful")], 2)), [false; 4]);
    }

    #[test]
    fn a_load_has_a_limit_and_its_end_has_none() {
        let group = Key::home("auto-scaling-group", "g");
        let start = start(&group, Arg::text("i-1"), 15, "ap-northeast-2", "s");
        assert_eq!(seconds_of(&start), Some(900));
        assert_eq!(seconds_of(&stop(&group, "ap-northeast-2", "s")), None);
        assert_eq!(start.iam_action(), "ssm:SendCommand");
    }
}
