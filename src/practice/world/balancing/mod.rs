//! Application load balancers, target groups, listeners with their rules, and the health of targets.
//!
//! Promises: a target is healthy, or not, for the reason that the world gives (the way of the packet from the load balancer's nodes, what the
//! machine answers), at the moment at which a health check would find out. Nothing is stored per check: a target keeps since when checks pass
//! or fail, and one event is due when that will change its state.
//! Leaves to others: requests and errors (`services::elbv2`), the way of a packet ([`super::reachability`]), what machines answer
//! ([`super::host`]).

mod health;
mod nodes;
mod request;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Region;

pub use health::{Health, Probe, RegisterError, Target, TargetHealth, Unused, matches_code};
pub use request::{Delivered, WebAnswer, WebRequest};

/// Load balancers, target groups, listeners. Maps go by ARN.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balancing {
    /// Load balancers.
    pub balancers: BTreeMap<String, LoadBalancer>,
    /// Target groups.
    pub target_groups: BTreeMap<String, TargetGroup>,
    /// Listeners.
    pub listeners: BTreeMap<String, Listener>,
    /// Only the state of a target has changed since the last look: what checks find is still the same.
    pub(super) only_health: bool,
}

/// An application load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadBalancer {
    /// `arn:aws:elasticloadbalancing:ap-northeast-2:100000000001:loadbalancer/app/my-alb/50dc6c495c0c9188`
    pub arn: String,
    /// Unique in the region.
    pub name: String,
    /// `my-alb-1234567890.ap-northeast-2.elb.amazonaws.com`
    pub dns_name: String,
    /// Its nodes have public addresses.
    pub internet_facing: bool,
    /// Its VPC.
    pub vpc: String,
    /// One a subnet.
    pub nodes: Vec<Node>,
    /// Ids of security groups.
    pub groups: Vec<String>,
    /// When it was made, ms.
    pub created: i64,
    /// `active`; until then `provisioning`.
    pub active: bool,
    /// It was deleted and is still listed for a moment.
    pub deleted: bool,
    /// Attributes that were set, by name.
    pub attributes: BTreeMap<String, String>,
    /// How many requests were sent to it by name: DNS answers with its nodes in turn.
    pub turns: u64,
}

impl LoadBalancer {
    /// `app/my-alb/50dc6c495c0c9188`, as metrics and network interfaces call it.
    pub fn label(&self) -> &str {
        self.arn.split_once(":loadbalancer/").map(|(_, label)| label).unwrap_or_default()
    }
}

/// A node of a load balancer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Node {
    /// `ap-northeast-2a`
    pub zone: String,
    /// The subnet.
    pub subnet: String,
    /// Its network interface.
    pub interface: String,
}

/// A target group of instances over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// `arn:aws:elasticloadbalancing:ap-northeast-2:100000000001:targetgroup/my-tg/73e2d6bc24d8a067`
    pub arn: String,
    /// Unique in the region.
    pub name: String,
    /// Where targets get traffic that were registered without a port.
    pub port: u16,
    /// Its VPC.
    pub vpc: String,
    /// How targets are checked.
    pub check: HealthCheck,
    /// Attributes that were set, by name.
    pub attributes: BTreeMap<String, String>,
    /// Targets by instance id and port.
    pub targets: BTreeMap<(String, u16), Target>,
    /// How many requests it has got, for round robin.
    pub turns: u64,
    /// The load balancer under whose name the health of its targets was recorded last.
    pub recorded: Option<String>,
}

impl TargetGroup {
    /// `targetgroup/my-tg/73e2d6bc24d8a067`, as metrics call it.
    pub fn label(&self) -> &str {
        self.arn.rsplit(':').next().unwrap_or_default()
    }

    /// How long a deregistered target is `draining`, ms.
    pub fn deregistration_delay_ms(&self) -> i64 {
        let asked = self.attributes.get("deregistration_delay.timeout_seconds");
        asked.and_then(|text| text.parse::<i64>().ok()).unwrap_or(300) * 1000
    }
}

/// How the targets of a group are checked, over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// None: the port that the target gets traffic on.
    pub port: Option<u16>,
    /// `/`
    pub path: String,
    /// Seconds from check to check.
    pub interval: i64,
    /// Seconds until a check without an answer has failed.
    pub timeout: i64,
    /// How many checks in a row make an unhealthy target healthy.
    pub healthy: i64,
    /// How many failed checks in a row make a target unhealthy.
    pub unhealthy: i64,
    /// Which status codes are a success: `200`, `200,301`, `200-299`.
    pub matcher: String,
}

/// A listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listener {
    /// `arn:aws:elasticloadbalancing:ap-northeast-2:100000000001:listener/app/my-alb/50dc6c495c0c9188/f2f7dc8efc522ab2`
    pub arn: String,
    /// The load balancer's ARN.
    pub balancer: String,
    /// 1 to 65535.
    pub port: u16,
    /// HTTPS; none: HTTP.
    pub tls: Option<Tls>,
    /// What becomes of a request that no rule takes.
    pub default: Action,
    /// The ARN of the default rule.
    pub default_rule: String,
    /// By priority.
    pub rules: BTreeMap<u32, Rule>,
    /// Attributes that were set, by name.
    pub attributes: BTreeMap<String, String>,
}

impl Listener {
    /// All its actions: those of its rules by priority, the default one last.
    pub fn actions(&self) -> impl Iterator<Item = &Action> {
        self.rules.values().map(|rule| &rule.action).chain([&self.default])
    }
}

/// What an HTTPS listener has more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tls {
    /// The security policy's name.
    pub policy: String,
    /// The ARN of the default certificate.
    pub certificate: String,
    /// ARNs of further certificates.
    pub more: Vec<String>,
}

/// A rule of a listener.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// `arn:aws:elasticloadbalancing:ap-northeast-2:100000000001:listener-rule/app/my-alb/50dc6c495c0c9188/f2f7dc8efc522ab2/9683b2d02a6cabee`
    pub arn: String,
    /// All of them must hold.
    pub conditions: Vec<Condition>,
    /// What becomes of a request for which they do.
    pub action: Action,
}

/// A condition of a rule: one of the patterns matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    /// The Host header, in any case; `*` and `?` are wildcards.
    Host(Vec<String>),
    /// The path, case-sensitive; `*` and `?` are wildcards.
    Path(Vec<String>),
}

/// What becomes of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Action {
    /// It goes to a target of one of these groups.
    Forward {
        /// Target group ARNs and their weights.
        groups: Vec<(String, u32)>,
        /// Group stickiness: how many seconds, when it is on.
        sticky: Option<i64>,
    },
    /// The client is sent elsewhere.
    Redirect(Redirect),
    /// The load balancer answers by itself.
    Fixed {
        /// `200`, `404`, `503`.
        status: u16,
        /// `text/plain`
        content_type: Option<String>,
        /// The page.
        body: Option<String>,
    },
}

impl Action {
    /// The target groups that it forwards to.
    pub fn groups(&self) -> impl Iterator<Item = &str> {
        let groups = match self {
            Self::Forward { groups, .. } => groups.as_slice(),
            Self::Redirect(_) | Self::Fixed { .. } => &[],
        };
        groups.iter().map(|(arn, _)| arn.as_str())
    }
}

/// Where a client is sent; each part may hold `#{protocol}`, `#{host}`, `#{port}`, `#{path}`, `#{query}` as AWS allows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Redirect {
    pub protocol: String,
    pub port: String,
    pub host: String,
    pub path: String,
    pub query: String,
    /// 301; otherwise 302.
    pub permanent: bool,
}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {
    /// The load balancer becomes active.
    Active(String),
    /// The deleted load balancer is no longer listed.
    Gone(String),
    /// These interfaces of a load balancer go at last.
    Released(Vec<String>),
    /// So many health checks in a row have gone as they do now that the target's state changes, if it is still in that turn.
    Checked {
        /// The target group.
        group: String,
        /// The target.
        target: (String, u16),
        /// [`Target::turn`] when the event was made.
        turn: u32,
    },
    /// The deregistration delay is over, if the target is still in that turn.
    Drained {
        /// The target group.
        group: String,
        /// The target.
        target: (String, u16),
        /// [`Target::turn`] when the event was made.
        turn: u32,
    },
}

impl Region {
    pub(super) fn balancing_due(&mut self, _global: &super::Global, due: Due) {
        match due {
            Due::Active(arn) => {
                if let Some(balancer) = self.balancing.balancers.get_mut(&arn) {
                    balancer.active = true;
                }
            }
            Due::Gone(arn) => {
                self.balancing.balancers.remove(&arn);
                self.forget(&arn);
            }
            Due::Released(interfaces) => {
                for interface in interfaces {
                    self.remove_interface(&interface);
                }
            }
            Due::Checked { group, target, turn } => {
                self.balancing.only_health = !self.stirred;
                self.target_checked(&group, &target, turn);
                self.stir();
            }
            Due::Drained { group, target, turn } => self.target_drained(&group, &target, turn),
        }
    }

    /// 16 hex digits, as they end the ARNs of load balancing.
    pub fn balancing_id(&mut self) -> String {
        format!("{:016x}", self.random.draw())
    }

    /// The load balancer that uses a target group: its ARN.
    pub fn balancer_of_group(&self, group: &str) -> Option<&str> {
        let uses = |listener: &&Listener| listener.actions().flat_map(Action::groups).any(|arn| arn == group);
        self.balancing.listeners.values().find(uses).map(|listener| listener.balancer.as_str())
    }

    /// The load balancers with a listener that has this certificate: their ARNs.
    pub fn listeners_with_certificate(&self, arn: &str) -> Vec<String> {
        let has = |tls: &Tls| tls.certificate == arn || tls.more.iter().any(|one| one == arn);
        let listeners = self.balancing.listeners.values().filter(|listener| listener.tls.as_ref().is_some_and(has));
        let mut found: Vec<String> = listeners.map(|listener| listener.balancer.clone()).collect();
        found.sort();
        found.dedup();
        found
    }
}
