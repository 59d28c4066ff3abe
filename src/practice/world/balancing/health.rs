//! The health of targets.
//!
//! A health check comes every `interval` to each target, at moments that its registration fixes. What a check would find ([`Probe`]) changes
//! only when something in the world changes, and then [`Region::settle_targets`] looks. Since every check between two changes finds the same,
//! the moment of the next change of state is known at once: the n-th check after the probe turned, n being the threshold; one event waits for it.
//!
//! Every node of the load balancer that is up checks every target (cross-zone is always on). A target that one of them does not reach has
//! failed.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use serde::{Deserialize, Serialize};

use super::{Action, Due, HealthCheck, LoadBalancer, TargetGroup};
use crate::practice::world::host::HttpAnswer;
use crate::practice::world::{Event, Global, InstanceState, Region, watch};
use crate::reach::{End, Network, Packet, Peer, Protocol, trace};

/// A registered target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Target {
    /// Its state.
    pub health: Health,
    /// Counts what makes a waiting event void.
    pub turn: u32,
    /// When its health checks began, ms; none: they have not.
    checked_since: Option<i64>,
    /// What a check finds now.
    probe: Option<Probe>,
    /// When the probe became this one, ms.
    probe_since: i64,
    /// When checks began to pass, or to fail, ms.
    outcome_since: i64,
}

impl Target {
    fn new(now: i64) -> Self {
        Self {
            health: Health::Unused(Unused::NotInUse),
            turn: 0,
            checked_since: None,
            probe: None,
            probe_since: now,
            outcome_since: now,
        }
    }
}

/// The state of a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Health {
    /// It gets neither traffic nor checks.
    Unused(Unused),
    /// The first checks have not decided.
    Initial,
    /// It gets traffic.
    Healthy,
    /// Checks fail, like this.
    Unhealthy(Probe),
    /// It was deregistered and is kept until this moment, ms.
    Draining(i64),
}

/// Why a target is unused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Unused {
    /// No listener forwards to its group.
    NotInUse,
    /// The load balancer has no node in its zone.
    ZoneNotEnabled,
    /// The instance is stopped.
    Stopped,
    /// The instance is terminated.
    Terminated,
}

/// What a health check finds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Probe {
    /// A status code that counts as success.
    Success,
    /// Another status code.
    Code(u16),
    /// The connection is refused.
    Refused,
    /// No answer.
    Timeout,
}

/// The state of a target as AWS tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TargetHealth {
    /// `initial`, `healthy`, `unhealthy`, `unused`, `draining`.
    pub state: &'static str,
    /// `Target.Timeout`; none when healthy.
    pub reason: Option<&'static str>,
    /// A sentence; none when healthy.
    pub description: Option<String>,
}

impl TargetHealth {
    fn because(state: &'static str, reason: &'static str, description: &str) -> Self {
        Self { state, reason: Some(reason), description: Some(description.to_owned()) }
    }

    /// What is said of a target that is not registered.
    pub fn not_registered() -> Self {
        Self::because("unused", "Target.NotRegistered", "Target is not registered to the target group")
    }
}

/// Why an instance cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RegisterError {
    /// No such target group.
    NoGroup,
    /// No such instance.
    NoInstance,
    /// It is in another VPC.
    OtherVpc,
    /// It does not run.
    NotRunning,
    /// The group is full.
    TooMany,
}

/// Whether a status code is among those of a matcher: `200`, `200,301`, `200-299`.
pub fn matches_code(matcher: &str, status: u16) -> bool {
    matcher.split(',').any(|part| match part.split_once('-') {
        Some((from, to)) => match (from.parse::<u16>(), to.parse::<u16>()) {
            (Ok(from), Ok(to)) => (from..=to).contains(&status),
            _ => false,
        },
        None => part.parse() == Ok(status),
    })
}

/// What an event, or a request, tells a target about itself.
enum Look {
    /// Its instance is gone.
    Gone,
    /// It is not in use.
    Unused(Unused),
    /// Its load balancer is not active yet.
    Waiting,
    /// A check would find this.
    Probe(Probe),
}

/// Where a target is found: group ARN, then instance and port.
type Place = (String, (String, u16));

/// How connections to targets of one kind end: the way is the same for all whose subnet, groups, port and state are the same, unless
/// a rule or route names a block within the subnet (then the address counts too).
type Kind = (String, Vec<String>, u16, bool, Option<Ipv4Addr>);

#[derive(Clone, Copy)]
enum Way {
    Open,
    Silent,
}

impl Region {
    /// Registers an instance with a target group, on the group's port unless another is given. Once more changes nothing, but ends draining.
    pub fn register_target(&mut self, group: &str, instance: &str, port: Option<u16>) -> Result<(), RegisterError> {
        let most = self.options.limits.targets_per_group;
        let found = self.balancing.target_groups.get_mut(group).ok_or(RegisterError::NoGroup)?;
        let at = self.instances.get(instance).ok_or(RegisterError::NoInstance)?;
        if at.vpc != found.vpc {
            return Err(RegisterError::OtherVpc);
        }
        if at.state != InstanceState::Running {
            return Err(RegisterError::NotRunning);
        }
        let key = (instance.to_owned(), port.unwrap_or(found.port));
        if found.targets.len() >= most && !found.targets.contains_key(&key) {
            return Err(RegisterError::TooMany);
        }
        let turn = match found.targets.get(&key) {
            Some(known) if !matches!(known.health, Health::Draining(_)) => return Ok(()),
            Some(draining) => draining.turn + 1,
            None => 0,
        };
        found.targets.insert(key, Target { turn, ..Target::new(self.now) });
        self.stir();
        Ok(())
    }

    /// Deregisters an instance (on one port, or on all of them). A target in use drains for the group's deregistration delay, another one
    /// goes at once. Gives the moment (ms) at which draining is over, when one drains. Not registered: nothing happens.
    pub fn deregister_target(&mut self, group: &str, instance: &str, port: Option<u16>) -> Option<i64> {
        let now = self.now;
        let mut until = None;
        let found = self.balancing.target_groups.get_mut(group)?;
        let delay = found.deregistration_delay_ms();
        let keys: Vec<(String, u16)> = found
            .targets
            .keys()
            .filter(|(id, at)| id == instance && port.is_none_or(|port| port == *at))
            .cloned()
            .collect();
        for key in keys {
            let found = self.balancing.target_groups.get_mut(group)?;
            let Some(target) = found.targets.get_mut(&key) else { continue };
            match target.health {
                Health::Draining(end) => {
                    until = until.max(Some(end));
                    continue;
                }
                Health::Initial | Health::Healthy | Health::Unhealthy(_) if delay > 0 => {
                    target.health = Health::Draining(now + delay);
                    until = until.max(Some(now + delay));
                    target.turn += 1;
                    let due = Due::Drained { group: group.to_owned(), turn: target.turn, target: key };
                    self.schedule_at(now + delay, Event::Balancing(due));
                }
                _ => {
                    found.targets.remove(&key);
                }
            }
            self.stir();
        }
        until
    }

    /// Whether a target group exists.
    pub fn has_target_group(&self, group: &str) -> bool {
        self.balancing.target_groups.contains_key(group)
    }

    /// The state of an instance in a target group (on the group's own port, else on the first it was registered with); none: not registered,
    /// or no longer.
    pub fn target_health(&self, group: &str, instance: &str) -> Option<TargetHealth> {
        let group = self.balancing.target_groups.get(group)?;
        let own = group.targets.get_key_value(&(instance.to_owned(), group.port));
        let (key, target) = own.or_else(|| group.targets.iter().find(|((id, _), _)| id == instance))?;
        Some(self.health_of(group, key, target))
    }

    /// The state of a target as AWS tells it.
    pub fn health_of(&self, group: &TargetGroup, key: &(String, u16), target: &Target) -> TargetHealth {
        let because = TargetHealth::because;
        match &target.health {
            Health::Unused(Unused::NotInUse) => because(
                "unused",
                "Target.NotInUse",
                "Target group is not configured to receive traffic from the load balancer",
            ),
            Health::Unused(Unused::ZoneNotEnabled) => because(
                "unused",
                "Target.NotInUse",
                "Target is in an Availability Zone that is not enabled for the load balancer",
            ),
            Health::Unused(Unused::Stopped) => {
                because("unused", "Target.InvalidState", "Target is in the stopped state")
            }
            Health::Unused(Unused::Terminated) => {
                because("unused", "Target.InvalidState", "Target is in the terminated state")
            }
            Health::Initial => {
                let first = target.checked_since.map(|since| since + first_check(&group.check, key));
                if first.is_some_and(|first| first <= self.now) {
                    because("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
                } else {
                    because("initial", "Elb.RegistrationInProgress", "Target registration is in progress")
                }
            }
            Health::Healthy => TargetHealth { state: "healthy", reason: None, description: None },
            Health::Unhealthy(Probe::Timeout) => because("unhealthy", "Target.Timeout", "Request timed out"),
            Health::Unhealthy(Probe::Code(code)) => because(
                "unhealthy",
                "Target.ResponseCodeMismatch",
                &format!("Health checks failed with these codes: [{code}]"),
            ),
            Health::Unhealthy(Probe::Refused | Probe::Success) => {
                because("unhealthy", "Target.FailedHealthChecks", "Health checks failed")
            }
            Health::Draining(_) => {
                because("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
            }
        }
    }

    /// After a group's health check was changed: the moments of its checks, and what is to come of them, are new.
    pub fn restart_health_checks(&mut self, group: &str) {
        let now = self.now;
        let Some(found) = self.balancing.target_groups.get_mut(group) else { return };
        for target in found.targets.values_mut() {
            if target.checked_since.is_some() && !matches!(target.health, Health::Draining(_)) {
                target.checked_since = Some(now);
                target.outcome_since = now;
                target.probe_since = now;
                target.turn += 1;
            }
        }
        let keys: Vec<(String, u16)> = found.targets.keys().cloned().collect();
        for key in keys {
            self.plan_target(&(group.to_owned(), key));
        }
        self.stir();
    }

    /// Looks again at every target, after something has changed.
    pub(in crate::practice::world) fn settle_targets(&mut self, global: &Global) {
        let nothing = |group: &TargetGroup| group.targets.is_empty() && group.recorded.is_none();
        if self.balancing.target_groups.values().all(nothing) {
            return;
        }
        if !std::mem::take(&mut self.balancing.only_health) {
            for (place, look) in self.look_at_targets(global) {
                self.tell_target(&place, look);
            }
        }
        self.record_targets();
    }

    /// Writes down how many targets are healthy, for the metrics.
    fn record_targets(&mut self) {
        let used = self.used_groups();
        let mut facts = Vec::new();
        for group in self.balancing.target_groups.values() {
            let label = used.get(group.arn.as_str()).filter(|_| !group.targets.is_empty()).map(|one| one.label());
            if let Some(old) = group.recorded.as_deref().filter(|old| Some(*old) != label) {
                facts.push((group.arn.clone(), old.to_owned(), group.label().to_owned(), None));
            }
            if let Some(label) = label {
                let mut count = watch::Health::default();
                for target in group.targets.values() {
                    match target.health {
                        Health::Healthy => count.healthy += 1,
                        Health::Unhealthy(_) => count.unhealthy += 1,
                        _ => {}
                    }
                }
                facts.push((group.arn.clone(), label.to_owned(), group.label().to_owned(), Some(count)));
            }
        }
        for (arn, balancer, group, count) in facts {
            self.record_health(&balancer, &group, count);
            if let Some(found) = self.balancing.target_groups.get_mut(&arn) {
                found.recorded = count.map(|_| balancer);
            }
        }
    }

    /// The load balancer of each target group that a listener names.
    fn used_groups(&self) -> BTreeMap<&str, &LoadBalancer> {
        let mut used: BTreeMap<&str, &LoadBalancer> = BTreeMap::new();
        for listener in self.balancing.listeners.values() {
            let Some(balancer) = self.balancing.balancers.get(&listener.balancer) else { continue };
            for group in listener.actions().flat_map(Action::groups) {
                used.insert(group, balancer);
            }
        }
        used
    }

    fn look_at_targets(&self, global: &Global) -> Vec<(Place, Look)> {
        let balancing = &self.balancing;
        let used = self.used_groups();
        let mut checkers: BTreeMap<&str, Checker<'_>> = BTreeMap::new();
        let mut looks = Vec::new();
        for group in balancing.target_groups.values() {
            let balancer = used.get(group.arn.as_str()).copied();
            for ((id, port), target) in &group.targets {
                let look = match (self.state_of_target(id, balancer), balancer) {
                    (Some(look), _) => look,
                    (None, Some(balancer)) => {
                        let checker =
                            checkers.entry(&balancer.arn).or_insert_with(|| Checker::new(self, global, balancer));
                        Look::Probe(checker.probe(&group.check, id, *port))
                    }
                    (None, None) => Look::Unused(Unused::NotInUse),
                };
                if target.would_change(&look) {
                    looks.push(((group.arn.clone(), (id.clone(), *port)), look));
                }
            }
        }
        looks
    }

    /// What there is to say of a target without checking it.
    fn state_of_target(&self, instance: &str, balancer: Option<&LoadBalancer>) -> Option<Look> {
        let Some(instance) = self.instances.get(instance) else { return Some(Look::Gone) };
        match instance.state {
            InstanceState::Terminated => return Some(Look::Gone),
            InstanceState::ShuttingDown => return Some(Look::Unused(Unused::Terminated)),
            InstanceState::Stopping | InstanceState::Stopped => return Some(Look::Unused(Unused::Stopped)),
            InstanceState::Pending | InstanceState::Running => {}
        }
        let Some(balancer) = balancer else { return Some(Look::Unused(Unused::NotInUse)) };
        if !balancer.nodes.iter().any(|node| node.zone == instance.zone) {
            return Some(Look::Unused(Unused::ZoneNotEnabled));
        }
        (!balancer.active).then_some(Look::Waiting)
    }

    fn tell_target(&mut self, place: &Place, look: Look) {
        let now = self.now;
        let Some(group) = self.balancing.target_groups.get_mut(&place.0) else { return };
        let Some(target) = group.targets.get_mut(&place.1) else { return };
        let probe = match look {
            Look::Gone => {
                group.targets.remove(&place.1);
                self.stir();
                return;
            }
            Look::Unused(why) => {
                *target = Target { health: Health::Unused(why), turn: target.turn + 1, ..Target::new(now) };
                self.stir();
                return;
            }
            Look::Waiting => {
                *target = Target { health: Health::Initial, turn: target.turn + 1, ..Target::new(now) };
                self.stir();
                return;
            }
            Look::Probe(probe) => probe,
        };
        let changed = matches!(target.health, Health::Unused(_));
        if changed {
            target.health = Health::Initial;
        }
        if target.checked_since.is_none() {
            target.checked_since = Some(now);
        }
        let success = |probe: Option<Probe>| probe == Some(Probe::Success);
        if target.probe.is_none() || success(target.probe) != success(Some(probe)) {
            target.outcome_since = now;
        }
        target.probe = Some(probe);
        target.probe_since = now;
        target.turn += 1;
        self.plan_target(place);
        if changed {
            self.stir();
        }
    }

    /// Puts the event into the queue that will change the target's state, if what checks find now will.
    fn plan_target(&mut self, place: &Place) {
        let Some(group) = self.balancing.target_groups.get_mut(&place.0) else { return };
        let check = &group.check;
        let Some(target) = group.targets.get_mut(&place.1) else { return };
        let (Some(began), Some(probe)) = (target.checked_since, target.probe) else { return };
        let (since, checks) = match (&target.health, probe) {
            (Health::Unused(_) | Health::Draining(_), _) | (Health::Healthy, Probe::Success) => return,
            (Health::Unhealthy(known), _) if *known == probe => return,
            // A new target is taken after its first success.
            (Health::Initial, Probe::Success) => (target.outcome_since, 1),
            (Health::Unhealthy(_), Probe::Success) => (target.outcome_since, check.healthy),
            (Health::Initial | Health::Healthy, _) => (target.outcome_since, check.unhealthy),
            // Unhealthy it stays; the reason is that of the newest check.
            (Health::Unhealthy(_), _) => (target.probe_since, 1),
        };
        let interval = check.interval.max(1) * 1000;
        let first = began + first_check(check, &place.1);
        // The first check after `since`, and so many more.
        let passed = if since < first { 0 } else { (since - first) / interval + 1 };
        let waits = if probe == Probe::Timeout { check.timeout * 1000 } else { 0 };
        let at = first + (passed + checks - 1) * interval + waits;
        let due = Due::Checked { group: place.0.clone(), target: place.1.clone(), turn: target.turn };
        self.schedule_at(at.max(self.now), Event::Balancing(due));
    }

    pub(super) fn target_checked(&mut self, group: &str, key: &(String, u16), turn: u32) {
        let found = self.balancing.target_groups.get_mut(group).and_then(|group| group.targets.get_mut(key));
        let Some(target) = found.filter(|target| target.turn == turn) else { return };
        match target.probe {
            Some(Probe::Success) => target.health = Health::Healthy,
            Some(failed) => target.health = Health::Unhealthy(failed),
            None => {}
        }
    }

    pub(super) fn target_drained(&mut self, group: &str, key: &(String, u16), turn: u32) {
        let Some(found) = self.balancing.target_groups.get_mut(group) else { return };
        if found.targets.get(key).is_some_and(|target| target.turn == turn) {
            found.targets.remove(key);
        }
    }
}

impl Target {
    fn would_change(&self, look: &Look) -> bool {
        match (look, &self.health) {
            (Look::Gone, _) => true,
            (_, Health::Draining(_)) => false,
            (Look::Unused(why), health) => *health != Health::Unused(*why),
            (Look::Waiting, health) => *health != Health::Initial || self.checked_since.is_some(),
            (Look::Probe(probe), _) => self.probe != Some(*probe),
        }
    }
}

/// How long after the beginning of its checks a target gets the first one, ms: somewhere in the first interval, different for each.
fn first_check(check: &HealthCheck, (instance, port): &(String, u16)) -> i64 {
    // FNV-1a.
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ u64::from(*port);
    for byte in instance.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    let room = u64::try_from(check.interval * 1000 - 2000).unwrap_or_default().max(1);
    2000 + i64::try_from((hash >> 16) % room).unwrap_or_default()
}

/// The nodes of one load balancer, looking at targets.
struct Checker<'r> {
    region: &'r Region,
    network: Network,
    /// Blocks that rules and routes name and that are smaller than the subnet they lie in.
    narrow: Vec<Ipv4Net>,
    nodes: Vec<&'r str>,
    known: BTreeMap<Kind, Way>,
}

impl<'r> Checker<'r> {
    fn new(region: &'r Region, global: &Global, balancer: &'r LoadBalancer) -> Self {
        let mut network = region.network_of_vpc(global, &balancer.vpc);
        for instance in region.instances.keys() {
            // Whether something listens is asked of the machine itself, so that ways are the same for all machines of a kind.
            if let Some(host) = network.hosts.get_mut(instance) {
                host.listens = None;
            }
        }
        let narrow = narrow_blocks(&network);
        // Nodes of a zone that is down check nothing.
        let up = |id: &&str| network.hosts.get(*id).is_some_and(|host| host.state == "running");
        let nodes = balancer.nodes.iter().map(|node| node.interface.as_str()).filter(up).collect();
        Self { region, network, narrow, nodes, known: BTreeMap::new() }
    }

    fn probe(&mut self, check: &HealthCheck, instance: &str, port: u16) -> Probe {
        let port = check.port.unwrap_or(port);
        match self.way(instance, port) {
            Way::Silent => Probe::Timeout,
            Way::Open => match self.region.http_answer(instance, port, path_of(&check.path)) {
                HttpAnswer::Refused => Probe::Refused,
                HttpAnswer::Answer { status, .. } if matches_code(&check.matcher, status) => Probe::Success,
                HttpAnswer::Answer { status, .. } => Probe::Code(status),
            },
        }
    }

    fn way(&mut self, instance: &str, port: u16) -> Way {
        let Some(host) = self.network.hosts.get(instance) else { return Way::Silent };
        let address = Some(host.private_ip).filter(|ip| self.narrow.iter().any(|block| block.contains(ip)));
        let kind = (host.subnet.clone(), host.groups.clone(), port, host.state == "running", address);
        if let Some(way) = self.known.get(&kind) {
            return *way;
        }
        let reached = !self.nodes.is_empty()
            && self.nodes.iter().all(|node| {
                let packet = Packet {
                    from: End::Host((*node).to_owned()),
                    to: End::Host(instance.to_owned()),
                    protocol: Protocol::Tcp,
                    port,
                };
                trace(&self.network, &packet).answered()
            });
        let way = if reached { Way::Open } else { Way::Silent };
        self.known.insert(kind, way);
        way
    }
}

/// A path without its query.
fn path_of(path: &str) -> &str {
    path.split_once('?').map_or(path, |(path, _)| path)
}

fn narrow_blocks(network: &Network) -> Vec<Ipv4Net> {
    let groups = network.groups.values().flat_map(|group| group.ingress.iter().chain(&group.egress));
    let of_groups = groups.filter_map(|rule| match &rule.peer {
        Peer::Cidr(cidr) => Some(*cidr),
        Peer::Group(_) => None,
    });
    let of_acls = network.acls.values().flat_map(|acl| acl.ingress.iter().chain(&acl.egress)).map(|rule| rule.cidr);
    let of_routes = network.tables.values().flat_map(|table| &table.routes).map(|route| route.destination);
    let inside =
        |block: &Ipv4Net| network.subnets.values().any(|subnet| subnet.cidr.contains(block) && subnet.cidr != *block);
    of_groups.chain(of_acls).chain(of_routes).filter(inside).collect()
}
