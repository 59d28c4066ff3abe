//! A course and what was seen of it at some stages, without a cloud: fixtures for screens and benches.

use awslab::cloud::kinds::registry;
use awslab::course::model::{Course, Key, Value};
use awslab::lab::desire::desire;
use awslab::lab::facts::{Backend, Facts, Scope};
use awslab::lab::phase::{Phase, PhaseKind};
use awslab::lab::report::{ResourceRow, Survey};
use awslab::lab::world::{Desired, Difference, Health, Mend, Observed};

/// Cloud time of every fixture: 2026-11-22 05:03:20 UTC.
pub const NOW: i64 = 1_795_323_800_000;

/// The course in the binary.
pub fn course() -> Course {
    awslab::course::load(None, registry()).expect("the course in the binary loads").tailored(Some("lab.example"))
}

/// A learner in Seoul.
pub fn facts(backend: Backend) -> Facts {
    let zones = [("a", "ap-northeast-2a"), ("c", "ap-northeast-2c")];
    let zones = zones.map(|(letter, zone)| (letter.to_owned(), zone.to_owned())).into();
    let account = if backend == Backend::Practice { "100000000001" } else { "123456789012" };
    Facts {
        scope: Scope { backend, account: account.into(), home: "ap-northeast-2".into(), peer: "ap-northeast-1".into() },
        caller: format!("arn:aws:iam::{account}:user/learner"),
        zones: [("ap-northeast-2".to_owned(), zones)].into(),
        my_ip: Some("203.0.113.7".into()),
        run: "fixture".into(),
    }
}

/// Chapter 3's desired state for a learner in Seoul.
pub fn desired(course: &Course) -> Vec<Desired> {
    let all = desire(course, &facts(Backend::Practice), registry());
    // The scenes are those of chapter 3.
    all.into_iter().filter(|one| one.step.starts_with("vpc.")).collect()
}

/// The id that a resource of the fixtures has.
pub fn id(key: &Key, at: usize) -> String {
    let prefix = match key.kind.as_str() {
        "internet-gateway" => "igw",
        "route-table" => "rtb",
        "route-table-association" => "rtbassoc",
        "elastic-ip" => "eipalloc",
        "elastic-ip-association" => "eipassoc",
        "nat-gateway" => "nat",
        "security-group" => "sg",
        "security-group-rule" => "sgr",
        "key-pair" => "key",
        "image" => "ami",
        "instance" => "i",
        other => other,
    };
    format!("{prefix}-0a1b2c3d4e5f6{at:04x}")
}

fn price(kind: &str) -> f64 {
    match kind {
        "nat-gateway" => 0.059,
        "elastic-ip" => 0.005,
        "instance" => 0.013,
        _ => 0.0,
    }
}

fn ready_word(kind: &str) -> &'static str {
    match kind {
        "instance" => "running",
        "route" => "active",
        "route-table-association" => "associated",
        "elastic-ip" | "elastic-ip-association" => "allocated",
        _ => "available",
    }
}

/// A world in which everything of the steps for which `stands` holds is ready.
pub fn survey(desired: &[Desired], stands: impl Fn(&Desired) -> bool) -> Survey {
    let mut survey = Survey { at: NOW, ..Survey::default() };
    let ids: Vec<(&Key, String)> = desired.iter().enumerate().map(|(at, d)| (&d.key, id(&d.key, at))).collect();
    let id_of = |kinds: &[&str], name: &str| {
        ids.iter().find(|(key, _)| kinds.contains(&key.kind.as_str()) && key.name == name).map(|(_, id)| id.clone())
    };
    for (at, one) in desired.iter().enumerate().filter(|(_, one)| stands(one)) {
        let mut fields = one.fields.clone();
        for (name, value) in &mut fields {
            let kinds: &[&str] = match name.as_str() {
                "vpc" => &["vpc"],
                "subnet" => &["subnet"],
                "table" => &["route-table"],
                "target" => &["internet-gateway", "nat-gateway"],
                "address" => &["elastic-ip"],
                "group" => &["security-group"],
                "instance" => &["instance"],
                _ => continue,
            };
            if let Some(id) = value.as_text().and_then(|name| id_of(kinds, name)) {
                *value = Value::from(id);
            }
        }
        let host = at % 200 + 20;
        match one.key.kind.as_str() {
            "elastic-ip" => {
                fields.insert("public_ip".into(), Value::from(format!("3.35.100.{host}")));
            }
            "nat-gateway" => {
                fields.insert("private_ip".into(), Value::from(format!("10.1.1.{host}")));
                fields.insert("public_ip".into(), Value::from("3.35.100.34"));
            }
            "instance" => {
                let net = if one.text("subnet") == Some("my-public-subnet-a") { "10.1.1" } else { "10.1.11" };
                fields.insert("private_ip".into(), Value::from(format!("{net}.{host}")));
            }
            _ => {}
        }
        let observed = Observed {
            key: one.key.clone(),
            id: id(&one.key, at),
            region: one.region.clone(),
            state: ready_word(&one.key.kind).into(),
            health: Health::Ready,
            reason: String::new(),
            fields,
            tags: [("Name".to_owned(), one.key.name.clone()), ("Project".to_owned(), "aws-lab".to_owned())].into(),
        };
        if one.key.kind != "image" {
            let hour = price(&one.key.kind);
            survey.cost_per_hour += hour;
            survey.cost_so_far += hour * 1.5;
            survey.rows.push(ResourceRow {
                key: one.key.clone(),
                id: observed.id.clone(),
                region: one.region.clone(),
                step: one.step.clone(),
                state: observed.state.clone(),
                health: Some(Health::Ready),
                adopted: false,
                differences: Vec::new(),
                cost_per_hour: hour,
                cost_so_far: hour * 1.5,
                since: NOW - 5_400_000,
            });
        }
        survey.world.put(observed);
    }
    survey
}

/// Nothing yet.
pub fn nothing(_: &Desired) -> bool {
    false
}

/// Everything of 3.2 before the NAT gateway, and its elastic IP.
pub fn before_nat(one: &Desired) -> bool {
    let steps = ["vpc.network.vpc", "vpc.network.subnets", "vpc.network.gateway", "vpc.network.tables"];
    steps.contains(&one.step.as_str()) || one.key.name == "my-natgateway-eip"
}

/// The whole of 3.2.
pub fn network(one: &Desired) -> bool {
    one.step.starts_with("vpc.network")
}

/// Everything.
pub fn all(_: &Desired) -> bool {
    true
}

/// The NAT gateway's wait, 72 seconds in.
pub fn nat_waiting() -> Phase {
    Phase {
        time: NOW + 1,
        step: "vpc.network.nat".into(),
        key: Key::home("nat-gateway", "my-natgateway"),
        kind: PhaseKind::Waiting,
        operation: Some("CreateNatGateway".into()),
        id: Some("nat-0a1b2c3d4e5f60010".into()),
        state: Some("pending".into()),
        elapsed: 72_000,
        usual: 120_000,
        detail: None,
        problem: None,
    }
}

/// Everything, with a route that leads to the wrong place, a subnet deleted behind our back, an instance that failed and
/// one that is being deleted.
pub fn spoilt(desired: &[Desired]) -> Survey {
    let mut survey = survey(desired, |one| one.key.name != "my-private-subnet-db-c");
    let igw = survey.world.get(&Key::home("internet-gateway", "my-igw")).map(|igw| igw.id.clone()).unwrap_or_default();
    let route = Key::home("route", "my-private-route 0.0.0.0/0");
    if let Some(mut live) = survey.world.get(&route).cloned() {
        live.fields.insert("target".into(), Value::from(igw.clone()));
        survey.world.put(live);
    }
    for (name, health) in [("my-bastion-host", Health::Failed), ("my-private-ec2", Health::Deleting)] {
        let key = Key::home("instance", name);
        if let Some(mut live) = survey.world.get(&key).cloned() {
            live.health = health;
            live.state = if health == Health::Failed { "terminated" } else { "shutting-down" }.into();
            survey.world.put(live);
        }
    }
    for row in &mut survey.rows {
        match row.key.name.as_str() {
            "my-private-route 0.0.0.0/0" => row.differences.push(Difference {
                key: route.clone(),
                field: "target".into(),
                wanted: "my-natgateway".into(),
                found: format!("my-igw ({igw})"),
                mend: Mend::InPlace,
            }),
            "my-bastion-host" => {
                row.health = Some(Health::Failed);
                row.state = "terminated".into();
            }
            "my-private-ec2" => {
                row.health = Some(Health::Deleting);
                row.state = "shutting-down".into();
            }
            _ => {}
        }
    }
    let lost = desired.iter().find(|one| one.key.name == "my-private-subnet-db-c");
    survey.rows.extend(lost.map(|one| ResourceRow {
        key: one.key.clone(),
        id: "subnet-0a1b2c3d4e5f60007".into(),
        region: one.region.clone(),
        step: one.step.clone(),
        state: "gone".into(),
        health: None,
        adopted: false,
        differences: Vec::new(),
        cost_per_hour: 0.0,
        cost_so_far: 0.0,
        since: NOW - 5_400_000,
    }));
    survey
}
