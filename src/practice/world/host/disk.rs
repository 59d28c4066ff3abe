//! The root volume as the machine sees it: `df`, `lsblk`, `growpart`, `xfs_growfs`.
//!
//! Promises: a volume that has grown is seen at once; its partition and the file system on it grow when they are told to, or at the next boot.

use serde::{Deserialize, Serialize};

use super::machine::Bench;
use crate::practice::shell::{NOT_FOUND, Output, not_simulated};
use crate::practice::world::Region;

/// Sectors of 512 bytes, and blocks of 4 KiB, of a GiB.
const SECTORS: u64 = 2_097_152;
const BLOCKS: u64 = 262_144;
/// Where the root partition begins, in sectors, and what lies behind it.
const START: u64 = 24_576;
const TAIL: u64 = 33;

/// How far the root partition and its file system reach, GiB; zeros when a machine was switched on before that was kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Extent {
    partition: u32,
    filesystem: u32,
}

impl Region {
    /// GiB of an instance's root volume.
    fn root_gib(&self, instance: &str) -> u32 {
        let device = self.instances.get(instance).and_then(|found| found.devices.first());
        device.and_then(|device| self.volumes.get(&device.volume)).map_or(8, |volume| volume.size)
    }

    /// At a boot both grow to the volume's size.
    pub(super) fn grow_at_boot(&mut self, instance: &str) {
        let gib = self.root_gib(instance);
        if let Some(machine) = self.hosts.machines.get_mut(instance) {
            machine.extent = Extent { partition: gib, filesystem: gib };
        }
    }
}

impl Bench<'_> {
    fn extent(&self) -> Extent {
        let gib = self.region.root_gib(self.instance);
        let known = self.machine().map(|machine| machine.extent).filter(|extent| extent.filesystem > 0);
        known.unwrap_or(Extent { partition: gib, filesystem: gib })
    }

    fn set_extent(&mut self, extent: Extent) {
        if let Some(machine) = self.region.hosts.machines.get_mut(self.instance) {
            machine.extent = extent;
        }
    }

    /// `df`
    pub(super) fn disks(&self, human: bool) -> String {
        let size = u64::from(self.extent().filesystem);
        let used = 1.6;
        let percent = used / size.max(1) as f64 * 100.0;
        let (size, used) = if human {
            (format!("{size}.0G"), format!("{used}G"))
        } else {
            ((size * 1_048_576).to_string(), "1677721".to_owned())
        };
        format!("Filesystem      Size  Used Use% Mounted on\n/dev/nvme0n1p1 {size:>5} {used:>5} {percent:>3.0}% /\n")
    }

    /// `lsblk`
    pub(super) fn block_devices(&self) -> String {
        let (disk, part) = (self.region.root_gib(self.instance), self.extent().partition);
        format!(
            "NAME          MAJ:MIN RM  SIZE RO TYPE MOUNTPOINTS\nnvme0n1       259:0    0 {disk:>4}G  0 disk \n├─nvme0n1p1   259:1    0 {part:>4}G  0 part /\n├─nvme0n1p127 259:2    0    1M  0 part \n└─nvme0n1p128 259:3    0   10M  0 part /boot/efi\n"
        )
    }

    /// `growpart /dev/nvme0n1 1`
    pub(super) fn grow_partition(&mut self, words: &[String]) -> Output {
        let [_, disk, number] = words else {
            return Output::fail(1, "must supply disk and partition-number\n");
        };
        if disk != "/dev/nvme0n1" || number != "1" {
            return Output::fail(2, format!("FAILED: {disk}: does not exist\n"));
        }
        let (extent, gib) = (self.extent(), self.region.root_gib(self.instance));
        let size = |gib: u32| u64::from(gib) * SECTORS - START - TAIL;
        if gib <= extent.partition {
            let text = format!("NOCHANGE: partition 1 is size {}. it cannot be grown\n", size(extent.partition));
            return Output { out: text, err: String::new(), code: 1 };
        }
        self.set_extent(Extent { partition: gib, ..extent });
        let (old, new) = (size(extent.partition), size(gib));
        Output::ok(format!(
            "CHANGED: partition=1 start={START} old: size={old} end={} new: size={new} end={}\n",
            START + old - 1,
            START + new - 1
        ))
    }

    /// `xfs_growfs -d /`
    pub(super) fn grow_filesystem(&mut self, words: &[String]) -> Output {
        if !matches!(words, [_, place] | [_, _, place] if place == "/") || words.iter().any(|word| word == "-n") {
            return Output::fail(NOT_FOUND, not_simulated(&words.join(" ")));
        }
        let extent = self.extent();
        let blocks = |gib: u32| u64::from(gib) * BLOCKS - (START + TAIL) / 8;
        if extent.partition <= extent.filesystem {
            return Output::ok("data size unchanged, skipping\n");
        }
        self.set_extent(Extent { filesystem: extent.partition, ..extent });
        Output::ok(format!("data blocks changed from {} to {}\n", blocks(extent.filesystem), blocks(extent.partition)))
    }
}
