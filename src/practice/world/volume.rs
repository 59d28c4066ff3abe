//! Volumes that are changed while they are in use: size, type, performance.
//!
//! Promises: a change is asked for (`modifying`), takes effect some seconds later (`optimizing`: the volume has its new size) and is over some
//! minutes after that (`completed`). Leaves to others: what may be asked for ([`crate::practice::services`]), and the file system on it
//! ([`super::host`]), which does not grow with its volume.

use serde::{Deserialize, Serialize};

use super::{Duration, Event, Region, Volume};

/// What can be changed of a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct VolumeShape {
    /// GiB.
    pub size: u32,
    pub kind: String,
    pub iops: u32,
    /// MiB/s.
    pub throughput: u32,
}

/// A change of a volume.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Modification {
    /// What the volume was.
    pub from: VolumeShape,
    /// What it becomes.
    pub to: VolumeShape,
    /// When it was asked for, ms.
    pub started: i64,
    /// When it takes effect, ms.
    pub applied: i64,
    /// When it is over, ms.
    pub completed: i64,
}

impl Modification {
    /// AWS's word for how it stands at a moment (ms).
    pub fn state(&self, now: i64) -> &'static str {
        if now < self.applied {
            "modifying"
        } else if now < self.completed {
            "optimizing"
        } else {
            "completed"
        }
    }

    /// How far it has come at a moment (ms), in percent.
    pub fn progress(&self, now: i64) -> i64 {
        let whole = (self.completed - self.applied).max(1);
        ((now - self.applied).clamp(0, whole)) * 100 / whole
    }
}

impl Volume {
    /// What it is now.
    pub fn shape(&self) -> VolumeShape {
        VolumeShape { size: self.size, kind: self.kind.clone(), iops: self.iops, throughput: self.throughput }
    }
}

impl Region {
    /// Begins to change a volume.
    pub fn modify_volume(&mut self, id: &str, to: VolumeShape) {
        let started = self.now;
        let applied = self.moment(Duration::VOLUME_MODIFY);
        let completed = applied + self.moment(Duration::VOLUME_OPTIMIZE) - started;
        let Some(volume) = self.volumes.get_mut(id) else { return };
        let from = volume.shape();
        volume.modifications.push(Modification { from, to, started, applied, completed });
        self.schedule_at(applied, Event::VolumeModified(id.to_owned()));
    }

    pub(super) fn volume_modified(&mut self, id: &str) {
        let Some(volume) = self.volumes.get_mut(id) else { return };
        let Some(VolumeShape { size, kind, iops, throughput }) = volume.modifications.last().map(|one| one.to.clone())
        else {
            return;
        };
        (volume.size, volume.kind, volume.iops, volume.throughput) = (size, kind, iops, throughput);
    }
}
