//! Instances and their volumes.

use serde::{Deserialize, Serialize};

use super::host::Software;

/// The state of an instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the states are AWS's own")]
pub enum InstanceState {
    Pending,
    Running,
    ShuttingDown,
    Terminated,
    Stopping,
    Stopped,
}

impl InstanceState {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::ShuttingDown => "shutting-down",
            Self::Terminated => "terminated",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
        }
    }

    /// AWS's number for it.
    pub fn code(self) -> i64 {
        match self {
            Self::Pending => 0,
            Self::Running => 16,
            Self::ShuttingDown => 32,
            Self::Terminated => 48,
            Self::Stopping => 64,
            Self::Stopped => 80,
        }
    }

    /// On its way to the end, or there.
    pub fn is_ending(self) -> bool {
        matches!(self, Self::ShuttingDown | Self::Terminated)
    }
}

/// How the instance's metadata service answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetadataOptions {
    /// IMDSv2 only.
    pub tokens_required: bool,
    /// 1 to 64.
    pub hop_limit: u8,
    /// Answers at all.
    pub enabled: bool,
    /// Tags are shown.
    pub tags: bool,
}

/// A volume as the instance sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct BlockDevice {
    pub device: String,
    pub volume: String,
    pub attached_at: i64,
    pub delete_on_termination: bool,
}

/// The tie between an instance and its instance profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct ProfileAssociation {
    /// `iip-assoc-...`
    pub id: String,
    /// Of the instance profile.
    pub arn: String,
    /// Of the instance profile: `AIPA...`
    pub profile_id: String,
    pub associated_at: i64,
}

/// Why an instance is stopped or terminated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ending {
    /// By a request, of the account or of Auto Scaling in its name.
    User,
    /// By a shutdown inside the instance.
    Inside,
    /// AWS could not start it: StateReason's code and its message.
    Failed(&'static str, &'static str),
}

/// An instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Instance {
    pub id: String,
    pub reservation: String,
    pub launch_index: u32,
    pub image: String,
    pub instance_type: String,
    pub key: Option<String>,
    pub vpc: String,
    pub subnet: String,
    pub zone: String,
    /// `/dev/xvda`
    pub root_device: String,
    pub state: InstanceState,
    /// Counts the changes of state: an event that was meant for an earlier one is void.
    pub turn: u32,
    /// Status checks have passed since it last came up.
    pub checks_ok: bool,
    pub launched: i64,
    /// StateReason code and message.
    pub reason: Option<(String, String)>,
    /// StateTransitionReason.
    pub transition: String,
    /// Ids of network interfaces, by device index.
    pub interfaces: Vec<String>,
    pub devices: Vec<BlockDevice>,
    pub client_token: String,
    pub user_data: Option<String>,
    pub metadata: MetadataOptions,
    pub detailed_monitoring: bool,
    pub ebs_optimized: bool,
    pub disable_api_termination: bool,
    pub disable_api_stop: bool,
    /// `stop` or `terminate`.
    pub shutdown_behavior: String,
    pub profile: Option<ProfileAssociation>,
    /// A burstable type that may go on at full speed when its CPU credits are used up.
    pub unlimited_credits: bool,
    /// What runs on it.
    pub software: Software,
}

/// The tie between a volume and its instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct VolumeAttachment {
    pub instance: String,
    pub device: String,
    pub attached_at: i64,
    pub delete_on_termination: bool,
}

/// An EBS volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Volume {
    pub id: String,
    pub zone: String,
    /// GiB.
    pub size: u32,
    pub kind: String,
    pub iops: u32,
    /// MiB/s.
    pub throughput: u32,
    pub encrypted: bool,
    pub snapshot: Option<String>,
    pub created: i64,
    pub attachment: Option<VolumeAttachment>,
    /// Changes of it, the last one last.
    #[serde(default)]
    pub modifications: Vec<super::Modification>,
}
