//! What the picture shows and in which state: desired resources, with what was seen of them and what is under way.

use std::collections::HashMap;

use crate::course::model::{Key, Role, Value};
use crate::lab::phase::{Phase, PhaseKind};
use crate::lab::report::{ResourceRow, Survey};
use crate::lab::world::{Desired, Observed};
use crate::view::mark::Mark;
use crate::view::widgets::phases::is_going_on;

use super::Picture;

/// Everything in the picture.
#[derive(Debug, Default)]
pub struct Network {
    /// The VPCs.
    pub vpcs: Vec<Vpc>,
    /// What lies in no VPC: key pairs.
    pub keys: Vec<Part>,
}

/// A resource with its state.
#[derive(Debug, Clone)]
pub struct Part {
    /// Which.
    pub key: Key,
    /// Its state.
    pub mark: Mark,
    /// For how long it has been waited for and what is usual, in milliseconds of cloud time.
    pub wait: Option<(u64, u64)>,
    /// Whether it belongs to the step at hand.
    pub focus: bool,
}

impl Part {
    /// Whether it is there, or what the step is about.
    pub fn counts(&self) -> bool {
        self.focus || self.mark != Mark::NotStarted
    }
}

/// A VPC.
#[derive(Debug)]
pub struct Vpc {
    /// Itself.
    pub part: Part,
    /// Its block.
    pub cidr: String,
    /// Its internet gateway.
    pub gate: Option<Part>,
    /// Its zones by name, in order.
    pub zones: Vec<String>,
    /// Its subnets in course order.
    pub subnets: Vec<Subnet>,
    /// Its route tables.
    pub tables: Vec<Part>,
    /// Its security groups, each with what it lets in.
    pub groups: Vec<(Part, Vec<String>)>,
    /// Its target groups.
    pub targets: Vec<Part>,
    /// Its peering connections.
    pub peerings: Vec<Peering>,
}

/// A peering connection, from one of its VPCs.
#[derive(Debug)]
pub struct Peering {
    /// Itself.
    pub part: Part,
    /// The VPC on the other side.
    pub to: String,
    /// Its state, while it is there and does not carry anything.
    pub state: Option<String>,
}

/// A subnet.
#[derive(Debug)]
pub struct Subnet {
    /// Itself.
    pub part: Part,
    /// Its block.
    pub cidr: String,
    /// Its zone: an index into [`Vpc::zones`].
    pub zone: usize,
    /// Where its packets leave.
    pub way: Option<Way>,
    /// What stands in it.
    pub inside: Vec<Inside>,
}

/// Where a subnet's packets for everywhere leave.
#[derive(Debug)]
pub struct Way {
    /// The route table.
    pub table: String,
    /// The target of its default route; empty when none is declared.
    pub target: String,
    /// Whether association and route stand.
    pub mark: Mark,
    /// Whether one of them belongs to the step at hand.
    pub focus: bool,
}

/// A NAT gateway, an instance, a load balancer or an Auto Scaling group. The last two are in each of their subnets.
#[derive(Debug)]
pub struct Inside {
    /// Itself.
    pub part: Part,
    /// Its private address.
    pub private: Option<String>,
    /// Its public address.
    pub public: Option<String>,
    /// Its elastic IP, when the course gives it one.
    pub address: Option<Part>,
    /// Its security groups by name.
    pub groups: Vec<String>,
    /// Whether it is in several subnets.
    pub spread: bool,
    /// How many instances an Auto Scaling group has here.
    pub count: Option<usize>,
}

struct Reader<'p, 'a> {
    picture: &'p Picture<'a>,
    rows: HashMap<&'a Key, &'a ResourceRow>,
}

/// Reads the picture's sources. With little room, what lies in the other region shows only while it is the matter.
pub fn read(picture: &Picture<'_>, roomy: bool) -> Network {
    let rows = picture.survey.map(|survey| survey.rows.iter().map(|row| (&row.key, row)).collect()).unwrap_or_default();
    let reader = Reader { picture, rows };
    let of = |kind: &'static str| picture.desired.iter().filter(move |desired| desired.key.kind == kind);
    let section = |step: &str| step.rsplit_once('.').map_or(step, |(section, _)| section).to_owned();
    let shows = |vpc: &&Desired| {
        vpc.key.role == Role::Home
            || section(&vpc.step) == section(picture.step)
            || (roomy && reader.part(&vpc.key).mark != Mark::NotStarted)
    };
    let shown: Vec<&Desired> = of("vpc").filter(shows).collect();
    Network {
        vpcs: shown.iter().map(|desired| reader.vpc(desired, &shown)).collect(),
        keys: of("key-pair").map(|desired| reader.part(&desired.key)).collect(),
    }
}

impl<'a> Reader<'_, 'a> {
    fn of<'b>(&'b self, kind: &'b str, field: &'b str, name: &'b Key) -> impl Iterator<Item = &'a Desired> + 'b {
        let all: &'a [Desired] = self.picture.desired;
        all.iter().filter(move |desired| {
            desired.key.kind == kind && desired.key.role == name.role && desired.text(field) == Some(&name.name)
        })
    }

    /// What other chapters make is drawn once it is there.
    fn is_drawn(&self, desired: &Desired) -> bool {
        let chapter = |step: &str| step.split('.').next().unwrap_or_default().to_owned();
        let here = chapter(self.picture.step);
        let own = self.picture.desired.iter().find(|other| chapter(&other.step) == here).map(|other| other.chapter);
        own.is_none_or(|own| desired.chapter == own) || self.part(&desired.key).mark != Mark::NotStarted
    }

    fn live(&self, key: &Key) -> Option<&'a Observed> {
        self.picture.survey?.world.get(key)
    }

    fn part(&self, key: &Key) -> Part {
        let (mark, wait) = self.state(key);
        let focus = self.picture.desired.iter().any(|desired| desired.key == *key && desired.step == self.picture.step);
        Part { key: key.clone(), mark, wait, focus }
    }

    /// The newer of the last look and the last phase decides.
    fn state(&self, key: &Key) -> (Mark, Option<(u64, u64)>) {
        let looked = self.picture.survey.map_or(i64::MIN, |survey: &Survey| survey.at);
        let live = self.live(key);
        let row = self.rows.get(key);
        let unlike = self.picture.survey.is_some_and(|survey| survey.unlike.contains(key));
        let drifted = unlike || row.is_some_and(|row| !row.differences.is_empty());
        let phase = (self.picture.phase)(key);
        let settled = live.is_some_and(|live| live.health == crate::lab::world::Health::Ready);
        if let Some(phase) = phase.filter(|phase| phase.time > looked || (is_going_on(phase.kind) && !settled)) {
            return match phase.kind {
                PhaseKind::Deleted => (Mark::NotStarted, None),
                PhaseKind::Skipped => (self.seen(live, row, drifted), None),
                kind => (Mark::of_phase(kind), self.wait(phase)),
            };
        }
        (self.seen(live, row, drifted), None)
    }

    fn seen(&self, live: Option<&Observed>, row: Option<&&ResourceRow>, drifted: bool) -> Mark {
        match (live, row) {
            (Some(live), _) => Mark::of_health(Some(live.health), drifted),
            // In the ledger, but not in the cloud: someone deleted it.
            (None, Some(row)) if row.health.is_none() => Mark::Drifted,
            (None, Some(row)) => Mark::of_health(row.health, drifted),
            (None, None) => Mark::NotStarted,
        }
    }

    fn wait(&self, phase: &Phase) -> Option<(u64, u64)> {
        let waited = phase.elapsed + u64::try_from(self.picture.now - phase.time).unwrap_or(0);
        is_going_on(phase.kind).then_some((waited, phase.usual))
    }

    fn vpc(&self, desired: &Desired, shown: &[&Desired]) -> Vpc {
        let key = &desired.key;
        let mut zones: Vec<String> = Vec::new();
        let subnets = self
            .of("subnet", "vpc", key)
            .map(|subnet| {
                let name = subnet.text("zone").unwrap_or_default();
                let zone = zones.iter().position(|zone| zone == name).unwrap_or_else(|| {
                    zones.push(name.to_owned());
                    zones.len() - 1
                });
                self.subnet(subnet, zone)
            })
            .collect();
        Vpc {
            part: self.part(key),
            cidr: desired.text("cidr").unwrap_or_default().to_owned(),
            gate: self.of("internet-gateway", "vpc", key).next().map(|gate| self.part(&gate.key)),
            zones,
            subnets,
            tables: self.of("route-table", "vpc", key).map(|table| self.part(&table.key)).collect(),
            groups: self
                .of("security-group", "vpc", key)
                .filter(|group| self.is_drawn(group))
                .map(|group| self.group(&group.key))
                .collect(),
            targets: self
                .of("target-group", "vpc", key)
                .filter(|targets| self.is_drawn(targets))
                .map(|targets| self.part(&targets.key))
                .collect(),
            peerings: self.peerings(key, shown),
        }
    }

    /// What has instances or nodes in several subnets, this one among them.
    fn spread<'b>(&'b self, kind: &'b str, subnet: &'b Desired) -> impl Iterator<Item = Inside> + 'b {
        let all: &'a [Desired] = self.picture.desired;
        let here = move |desired: &&Desired| {
            let subnets = desired.fields.get("subnets").map(Value::items).unwrap_or_default();
            desired.key.kind == kind
                && desired.key.role == subnet.key.role
                && subnets.iter().any(|name| name.as_text() == Some(&subnet.key.name))
                && self.is_drawn(desired)
        };
        all.iter().filter(here).map(move |desired| {
            let members = self.live(&desired.key).and_then(|live| live.fields.get("instances"));
            let zone = subnet.text("zone");
            let in_zone = |member: &&Value| member.member("zone").and_then(Value::as_text) == zone;
            Inside {
                part: self.part(&desired.key),
                private: None,
                public: None,
                address: None,
                groups: Vec::new(),
                spread: true,
                count: members.map(|members| members.items().iter().filter(in_zone).count()),
            }
        })
    }

    /// The databases of a subnet: where RDS was seen to have put them, else where their zone and subnet group will.
    fn databases<'b>(&'b self, subnet: &'b Desired) -> impl Iterator<Item = Inside> + 'b {
        let all: &'a [Desired] = self.picture.desired;
        let here = move |database: &&Desired| {
            if database.key.kind != "db-instance" || database.key.role != subnet.key.role || !self.is_drawn(database) {
                return false;
            }
            if let Some(seen) = self.live(&database.key).and_then(|live| live.text("subnet")) {
                return self.live(&subnet.key).is_some_and(|live| live.id == seen);
            }
            let group = database.reference("subnet_group", "db-subnet-group");
            let group = group.and_then(|key| all.iter().find(|other| other.key == key));
            let subnets = group.and_then(|group| group.fields.get("subnets")).map(Value::items).unwrap_or_default();
            let within = subnets.iter().any(|name| name.as_text() == Some(&subnet.key.name));
            within && subnet.text("zone") == database.text("zone")
        };
        all.iter().filter(here).map(|database| self.instance(database))
    }

    /// The connections of a VPC with another one that is in the picture.
    fn peerings(&self, vpc: &Key, shown: &[&Desired]) -> Vec<Peering> {
        let ends = |desired: &Desired| {
            let end = |field: &str, role: Role| {
                let name = desired.text(field).unwrap_or_default();
                shown.iter().map(|vpc| &vpc.key).find(|key| key.name == name && key.role == role)
            };
            let other = if desired.key.role == Role::Home { Role::Peer } else { Role::Home };
            let far = end("peer_vpc", desired.key.role).or_else(|| end("peer_vpc", other));
            end("vpc", desired.key.role).zip(far)
        };
        let all = self.picture.desired.iter().filter(|desired| desired.key.kind == "vpc-peering-connection");
        all.filter_map(|desired| {
            let (near, far) = ends(desired)?;
            let to = if near == vpc { far } else { Some(near).filter(|_| far == vpc)? };
            let mut part = self.part(&desired.key);
            let amends = |amended: &crate::lab::world::Amended| amended.step == self.picture.step;
            part.focus |= desired.amended.iter().any(amends);
            let state = self.live(&desired.key).map(|live| live.state.clone()).filter(|state| state != "active");
            Some(Peering { part, to: to.name.clone(), state })
        })
        .collect()
    }

    fn group(&self, key: &Key) -> (Part, Vec<String>) {
        let mut part = self.part(key);
        let mut lets_in = Vec::new();
        for rule in self.of("security-group-rule", "group", key) {
            let port = rule.int("port").map(|port| format!(" {port}")).unwrap_or_default();
            let protocol = rule.text("protocol").unwrap_or_default();
            let source = rule.text("source").unwrap_or_default();
            lets_in.push(format!("{protocol}{port} ← {source}"));
            let rule = self.part(&rule.key);
            part.focus |= rule.focus;
            if matches!(rule.mark, Mark::Failed | Mark::Drifted) && part.mark == Mark::Ready {
                part.mark = rule.mark;
            }
        }
        (part, lets_in)
    }

    fn subnet(&self, desired: &Desired, zone: usize) -> Subnet {
        let key = &desired.key;
        let gateways = self.of("nat-gateway", "subnet", key).map(|gateway| self.gateway(gateway));
        let instances = self.of("instance", "subnet", key).filter(|instance| self.is_drawn(instance));
        let instances = instances.map(|instance| self.instance(instance));
        Subnet {
            part: self.part(key),
            cidr: desired.text("cidr").unwrap_or_default().to_owned(),
            zone,
            way: self.way(key),
            inside: gateways
                .chain(self.spread("load-balancer", desired))
                .chain(instances)
                .chain(self.spread("auto-scaling-group", desired))
                .chain(self.databases(desired))
                .collect(),
        }
    }

    fn way(&self, subnet: &Key) -> Option<Way> {
        let association = self.of("route-table-association", "subnet", subnet).next()?;
        let wanted = association.reference("table", "route-table")?;
        let everywhere = |route: &&Desired| route.text("destination") == Some("0.0.0.0/0");
        let routes = || self.of("route", "table", &wanted);
        // A table without a way to everywhere is told by the one way that it has.
        let route = routes().find(everywhere).or_else(|| routes().next());
        let association_part = self.part(&association.key);
        let mut mark = association_part.mark;
        let mut focus = association_part.focus;
        let mut target = String::new();
        let mut table = wanted.name.clone();
        // What was seen counts more than what is wanted: a wrong way must be seen to be wrong.
        if let (Some(live), Some(survey)) = (self.live(&association.key), self.picture.survey)
            && let Some(id) = live.text("table")
        {
            table = survey.world.name_of(id).to_owned();
        }
        if let Some(route) = route {
            let part = self.part(&route.key);
            mark = worse(mark, part.mark);
            focus |= part.focus;
            target = route.text("target").unwrap_or_default().to_owned();
            if let (Some(live), Some(survey)) = (self.live(&route.key), self.picture.survey)
                && let Some(id) = live.text("target").filter(|id| !id.is_empty())
            {
                target = survey.world.name_of(id).to_owned();
            }
        }
        Some(Way { table, target, mark, focus })
    }

    fn address(&self, name: Option<&str>, role: crate::course::model::Role) -> Option<(Part, Option<String>)> {
        let key = Key { kind: "elastic-ip".into(), name: name?.to_owned(), role };
        let ip = self.live(&key).and_then(|live| live.text("public_ip")).map(str::to_owned);
        Some((self.part(&key), ip))
    }

    fn gateway(&self, desired: &Desired) -> Inside {
        let live = self.live(&desired.key);
        let (address, ip) = self.address(desired.text("address"), desired.key.role).unzip();
        Inside {
            part: self.part(&desired.key),
            private: text(live, "private_ip"),
            public: text(live, "public_ip").or(ip.flatten()),
            address,
            groups: Vec::new(),
            spread: false,
            count: None,
        }
    }

    fn instance(&self, desired: &Desired) -> Inside {
        let live = self.live(&desired.key);
        let association = self.of("elastic-ip-association", "instance", &desired.key).next();
        let (address, ip) = self.address(association.and_then(|a| a.text("address")), desired.key.role).unzip();
        let tied = association.is_some_and(|association| self.part(&association.key).mark == Mark::Ready);
        let groups = desired.fields.get("groups").map(Value::items).unwrap_or_default();
        Inside {
            part: self.part(&desired.key),
            private: text(live, "private_ip"),
            public: text(live, "public_ip").or(ip.flatten().filter(|_| tied)),
            address,
            groups: groups.iter().filter_map(Value::as_text).map(str::to_owned).collect(),
            spread: false,
            count: None,
        }
    }
}

fn text(live: Option<&Observed>, field: &str) -> Option<String> {
    live.and_then(|live| live.text(field)).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// The one that needs more attention.
fn worse(a: Mark, b: Mark) -> Mark {
    let rank = |mark: Mark| match mark {
        Mark::Failed => 6,
        Mark::Drifted => 5,
        Mark::Deleting => 4,
        Mark::Waiting => 3,
        Mark::NotStarted => 2,
        Mark::Ready => 1,
        Mark::Checked => 0,
    };
    if rank(a) >= rank(b) { a } else { b }
}
