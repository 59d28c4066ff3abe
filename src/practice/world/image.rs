//! The account's own images and snapshots.
//!
//! Promises: a snapshot is whole at a moment that is known when it is begun; an image is available once all its snapshots are. An image keeps what
//! was installed on its instance at the moment it was taken.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::host::Software;
use super::options::Duration;
use super::{Event, Region};

/// A volume to make at a launch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Disk {
    pub device: String,
    /// GiB.
    pub size: u32,
    pub kind: String,
    pub iops: u32,
    /// MiB/s.
    pub throughput: u32,
    pub encrypted: bool,
    pub snapshot: Option<String>,
    pub delete_on_termination: bool,
}

/// The state of an own image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ImageState {
    /// Its snapshots are being taken.
    Pending,
    /// Instances can be launched from it.
    Available,
}

impl ImageState {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Available => "available",
        }
    }
}

/// An image made from an instance.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct OwnImage {
    pub id: String,
    pub name: String,
    pub description: String,
    pub architecture: String,
    pub state: ImageState,
    pub created: i64,
    pub source_instance: String,
    pub source_image: String,
    pub root_device: String,
    pub disks: Vec<Disk>,
    /// It asks for IMDSv2 itself, as its parent did.
    pub imds_v2: bool,
    /// What was on the instance.
    pub software: Software,
}

/// A snapshot of a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Snapshot {
    pub id: String,
    pub volume: String,
    /// GiB of the volume.
    pub size: u32,
    pub encrypted: bool,
    pub description: String,
    pub started: i64,
    /// When it is whole.
    pub ends: i64,
    pub completed: bool,
}

impl Snapshot {
    /// How much of it is there, in percent.
    pub fn progress(&self, now: i64) -> i64 {
        if self.completed {
            return 100;
        }
        let whole = (self.ends - self.started).max(1);
        ((now - self.started) * 100 / whole).clamp(0, 99)
    }
}

/// The account's own images and snapshots.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Images {
    /// By `ami-...`.
    pub own: BTreeMap<String, OwnImage>,
    /// By `snap-...`.
    pub snapshots: BTreeMap<String, Snapshot>,
}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {
    /// The snapshot is whole.
    Snapshot(String),
    /// The image can be used.
    Image(String),
}

impl Region {
    /// Begins a snapshot of a volume; `None` when there is no such volume.
    pub fn begin_volume_snapshot(&mut self, volume: &str, description: &str, lasts: Duration) -> Option<String> {
        let (size, encrypted) = self.volumes.get(volume).map(|volume| (volume.size, volume.encrypted))?;
        let id = self.id("snap");
        let ends = self.moment(lasts);
        let snapshot = Snapshot {
            id: id.clone(),
            volume: volume.to_owned(),
            size,
            encrypted,
            description: description.to_owned(),
            started: self.now,
            ends,
            completed: false,
        };
        self.images.snapshots.insert(id.clone(), snapshot);
        self.hide_for_a_while(&id);
        self.schedule_at(ends, Event::Image(Due::Snapshot(id.clone())));
        Some(id)
    }

    /// Begins an image of an instance's disks as they are now; `None` when there is no such instance.
    pub fn begin_image(&mut self, mut image: OwnImage) -> String {
        let id = self.id("ami");
        image.id.clone_from(&id);
        let mut whole = self.now;
        let attached = self.instances.get(&image.source_instance).map(|one| one.devices.clone()).unwrap_or_default();
        for disk in &mut image.disks {
            let Some(device) = attached.iter().find(|device| device.device == disk.device) else { continue };
            let text = format!("Created by CreateImage({}) for {id}", image.source_instance);
            disk.snapshot = self.begin_volume_snapshot(&device.volume, &text, Duration::IMAGE);
            let ends = disk.snapshot.as_ref().and_then(|id| self.images.snapshots.get(id)).map(|one| one.ends);
            whole = whole.max(ends.unwrap_or(whole));
        }
        self.images.own.insert(id.clone(), image);
        // Images take longer than anything else to become known.
        self.hide_for_up_to(&id, self.options.consistency_ms.saturating_mul(3));
        self.schedule_at(whole + 2000, Event::Image(Due::Image(id.clone())));
        id
    }

    pub(super) fn image_due(&mut self, _global: &super::Global, due: Due) {
        match due {
            Due::Snapshot(id) => {
                if let Some(snapshot) = self.images.snapshots.get_mut(&id) {
                    snapshot.completed = true;
                }
            }
            Due::Image(id) => {
                if let Some(image) = self.images.own.get_mut(&id) {
                    image.state = ImageState::Available;
                }
            }
        }
    }
}
