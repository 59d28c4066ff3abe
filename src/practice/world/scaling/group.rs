//! What Auto Scaling keeps: groups, their instances, policies, hooks, scheduled actions and activities.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::practice::world::watch::GroupCounts;
use crate::scaling::adjust::{Adjustment, Step};
use crate::scaling::choose::Termination;
use crate::scaling::lifecycle::State;

/// Which launch template a group starts instances from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateChoice {
    /// `lt-...`
    pub id: String,
    /// Its name.
    pub name: String,
    /// `$Latest`, `$Default` or a number; none when the request named none (then the default).
    pub version: Option<String>,
}

/// A tag of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupTag {
    /// Its value.
    pub value: String,
    /// Instances get it too.
    pub propagate: bool,
}

/// What decides whether an instance is healthy, beside EC2 itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum HealthCheck {
    /// EC2 only.
    Ec2,
    /// The target groups too.
    Elb,
}

impl HealthCheck {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ec2 => "EC2",
            Self::Elb => "ELB",
        }
    }
}

/// What protects a group from deletion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DeletionProtection {
    /// Nothing.
    None,
    /// Not by force.
    PreventForce,
    /// Not at all.
    PreventAll,
}

impl DeletionProtection {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::PreventForce => "prevent-force-deletion",
            Self::PreventAll => "prevent-all-deletion",
        }
    }
}

/// An Auto Scaling group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Group {
    /// Unique in the region.
    pub name: String,
    /// Its ARN, unique for ever.
    pub arn: String,
    /// ms.
    pub created: i64,
    /// What it starts.
    pub template: TemplateChoice,
    /// MinSize.
    pub min: u32,
    /// MaxSize.
    pub max: u32,
    /// DesiredCapacity.
    pub desired: u32,
    /// DefaultCooldown, seconds.
    pub cooldown: i64,
    /// DefaultInstanceWarmup, seconds.
    pub warmup: Option<i64>,
    /// The subnets, in the order of VPCZoneIdentifier.
    pub subnets: Vec<String>,
    /// The target groups whose members its instances become (ARNs).
    pub target_groups: Vec<String>,
    /// HealthCheckType.
    pub health_check: HealthCheck,
    /// HealthCheckGracePeriod, seconds.
    pub grace: i64,
    /// TerminationPolicies.
    pub termination: Vec<Termination>,
    /// NewInstancesProtectedFromScaleIn.
    pub protect_new: bool,
    /// DeletionProtection.
    pub protection: DeletionProtection,
    /// CapacityRebalance; without spot instances it does nothing.
    pub capacity_rebalance: bool,
    /// Context.
    pub context: Option<String>,
    /// ServiceLinkedRoleARN.
    pub role: String,
    /// Suspended processes and why.
    pub suspended: BTreeMap<String, String>,
    /// The metrics it collects, every minute.
    pub metrics: BTreeSet<String>,
    /// Its tags.
    pub tags: BTreeMap<String, GroupTag>,
    /// It is being deleted.
    pub deleting: bool,
    /// Its instances by id. What has left is not here.
    pub members: BTreeMap<String, Member>,
    /// Its policies by name.
    pub policies: BTreeMap<String, ScalingPolicy>,
    /// Its lifecycle hooks by name.
    pub hooks: BTreeMap<String, Hook>,
    /// Its scheduled actions by name.
    pub scheduled: BTreeMap<String, Scheduled>,
    /// How the controller is doing.
    pub control: Control,
}

/// What the controller of a group remembers between its looks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Control {
    /// Why the desired capacity changed, as the sentence of activities that follow from it.
    pub reason: Option<String>,
    /// The alarm that changed it last, for the details of those activities.
    pub alarm: Option<String>,
    /// A look is due at this moment (ms).
    pub look: Option<i64>,
    /// How many launches in a row have failed.
    pub failures: u32,
    /// After failures: nothing is launched before (ms).
    pub retry: i64,
    /// Subnets that could not give an instance, until (ms).
    pub avoid: BTreeMap<String, i64>,
    /// A simple policy has acted: others wait until (ms).
    pub cooldown_until: i64,
    /// What it did is still going on; it cools down for so long (seconds) after that.
    pub cooling: Option<i64>,
    /// An instance more than wanted is being started, to make zones even.
    pub surplus: bool,
    /// Instances to be started for ones that were unhealthy.
    pub replacements: u32,
}

/// An instance of a group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// `i-...`
    pub id: String,
    /// Its type.
    pub instance_type: String,
    /// Its subnet.
    pub subnet: String,
    /// Its availability zone.
    pub zone: String,
    /// Where it is in its life.
    pub state: State,
    /// Healthy, as the group sees it.
    pub healthy: bool,
    /// Protected from scale-in.
    pub protected: bool,
    /// The launch template and the number of its version; none for one that was attached.
    pub template: Option<TemplateChoice>,
    /// When it was started, ms.
    pub launched: i64,
    /// When it came into service, ms.
    pub in_service: Option<i64>,
    /// The target groups it was made a member of.
    pub registered: BTreeSet<String>,
    /// The activity that is under way with it.
    pub activity: Option<String>,
    /// Counts its steps: an event that was meant for an earlier one is void.
    pub turn: u32,
    /// The event that takes it on is in the queue.
    pub due: bool,
    /// A look at its health is due.
    pub doubted: bool,
    /// The hooks it waits for, if it does.
    pub waits: Vec<Wait>,
    /// When it began to wait for hooks, ms.
    pub waiting_since: i64,
}

/// A hook that an instance waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// The hook.
    pub hook: String,
    /// LifecycleActionToken.
    pub token: String,
    /// When its time is over, ms.
    pub until: i64,
    /// How it ended, when it has: `true` for CONTINUE.
    pub result: Option<bool>,
}

/// Which end of a life a hook holds up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Transition {
    /// `autoscaling:EC2_INSTANCE_LAUNCHING`
    Launching,
    /// `autoscaling:EC2_INSTANCE_TERMINATING`
    Terminating,
}

impl Transition {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Launching, Self::Terminating];

    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Launching => "autoscaling:EC2_INSTANCE_LAUNCHING",
            Self::Terminating => "autoscaling:EC2_INSTANCE_TERMINATING",
        }
    }
}

/// A lifecycle hook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hook {
    /// Its name.
    pub name: String,
    /// When it holds up.
    pub transition: Transition,
    /// HeartbeatTimeout, seconds.
    pub heartbeat: i64,
    /// What happens when its time is over: `true` for CONTINUE.
    pub go_on: bool,
    /// NotificationMetadata.
    pub metadata: Option<String>,
}

impl Hook {
    /// The longest an instance can be held up, seconds.
    pub fn global_timeout(&self) -> i64 {
        (self.heartbeat * 100).min(48 * 3600)
    }
}

/// A scaling policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScalingPolicy {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// It acts at all.
    pub enabled: bool,
    /// What it does.
    pub rule: Rule,
}

/// What a scaling policy does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Rule {
    /// SimpleScaling
    Simple {
        /// What the number means.
        kind: Adjustment,
        /// The number.
        amount: i64,
        /// MinAdjustmentMagnitude
        magnitude: Option<u32>,
        /// Cooldown, seconds; none: the group's.
        cooldown: Option<i64>,
    },
    /// StepScaling
    Step {
        /// What the numbers mean.
        kind: Adjustment,
        /// The steps.
        steps: Vec<Step>,
        /// MinAdjustmentMagnitude
        magnitude: Option<u32>,
        /// EstimatedInstanceWarmup, seconds.
        warmup: Option<i64>,
        /// MetricAggregationType
        aggregation: String,
    },
    /// TargetTrackingScaling
    Target {
        /// `ASGAverageCPUUtilization`
        metric: String,
        /// ResourceLabel, of ALBRequestCountPerTarget.
        label: Option<String>,
        /// TargetValue.
        value: f64,
        /// DisableScaleIn.
        only_out: bool,
        /// EstimatedInstanceWarmup, seconds.
        warmup: Option<i64>,
        /// The names of the high and the low alarm (no low one with `only_out`).
        alarms: Vec<String>,
    },
}

impl Rule {
    /// PolicyType.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Simple { .. } => "SimpleScaling",
            Self::Step { .. } => "StepScaling",
            Self::Target { .. } => "TargetTrackingScaling",
        }
    }
}

/// A scheduled action.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scheduled {
    /// Its name.
    pub name: String,
    /// Its ARN.
    pub arn: String,
    /// When it is next due, ms.
    pub next: i64,
    /// StartTime, ms.
    pub start: Option<i64>,
    /// EndTime, ms.
    pub end: Option<i64>,
    /// The recurrence, if any.
    pub recurrence: Option<String>,
    /// TimeZone.
    pub zone: Option<String>,
    /// MinSize.
    pub min: Option<u32>,
    /// MaxSize.
    pub max: Option<u32>,
    /// DesiredCapacity.
    pub desired: Option<u32>,
    /// Counts its changes: an event that was meant for an earlier one is void.
    pub turn: u32,
}

/// How far an activity is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the words are AWS's own")]
pub enum ActivityStatus {
    PreInService,
    InProgress,
    WaitingForConnectionDraining,
    MidLifecycleAction,
    Successful,
    Failed,
    Cancelled,
}

impl ActivityStatus {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PreInService => "PreInService",
            Self::InProgress => "InProgress",
            Self::WaitingForConnectionDraining => "WaitingForELBConnectionDraining",
            Self::MidLifecycleAction => "MidLifecycleAction",
            Self::Successful => "Successful",
            Self::Failed => "Failed",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Nothing more will happen.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Successful | Self::Failed | Self::Cancelled)
    }
}

/// Something that a group has done or is doing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Activity {
    /// A UUID.
    pub id: String,
    /// The group's name.
    pub group: String,
    /// The group's ARN: a later group of this name is another.
    pub group_arn: String,
    /// `Launching a new EC2 instance: i-...`
    pub description: String,
    /// Why, in AWS's words.
    pub cause: String,
    /// JSON.
    pub details: String,
    /// ms.
    pub start: i64,
    /// ms.
    pub end: Option<i64>,
    /// How far it is.
    pub status: ActivityStatus,
    /// What went wrong.
    pub message: Option<String>,
    /// Per cent.
    pub progress: u8,
}

impl Group {
    /// What its metrics tell now.
    pub fn counts(&self) -> GroupCounts {
        let mut counts = GroupCounts { min: self.min, max: self.max, desired: self.desired, ..GroupCounts::default() };
        for member in self.members.values() {
            counts.total += 1;
            match member.state {
                State::Standby | State::EnteringStandby => counts.standby += 1,
                State::InService | State::Detaching | State::Detached => counts.in_service += 1,
                state if state.is_pending() => counts.pending += 1,
                _ => counts.terminating += 1,
            }
        }
        counts
    }

    /// How many of its instances count towards what it wants.
    pub fn actual(&self) -> u32 {
        u32::try_from(self.members.values().filter(|member| member.state.counts()).count()).unwrap_or(u32::MAX)
    }

    /// Whether one of its processes is suspended.
    pub fn is_suspended(&self, process: &str) -> bool {
        self.suspended.contains_key(process)
    }
}
