//! The seeded generator of the world: ids, addresses and small variations of durations.
//!
//! SplitMix64, written out because the world stores the generator's state: a saved world goes on exactly as the unsaved one would.

use serde::{Deserialize, Serialize};

/// A deterministic generator whose whole state is one number.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Random(u64);

impl Random {
    /// A generator for one purpose: the same seed and purpose always give the same sequence.
    pub fn new(seed: u64, purpose: &str) -> Self {
        // FNV-1a over the purpose, so that regions do not share a sequence.
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for byte in purpose.bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Self(seed ^ hash)
    }

    /// The next 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number in `0..bound` (0 when `bound` is 0).
    pub fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 { 0 } else { self.draw() % bound }
    }

    /// 32 bytes, for keys.
    pub fn bytes(&mut self) -> [u8; 32] {
        let mut out = [0; 32];
        for chunk in out.chunks_mut(8) {
            chunk.copy_from_slice(&self.draw().to_le_bytes());
        }
        out
    }

    /// A random UUID (version 4).
    pub fn uuid(&mut self) -> String {
        let (high, low) = (self.draw(), self.draw());
        format!(
            "{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}",
            high >> 32,
            (high >> 16) & 0xffff,
            high & 0xfff,
            0x8000 | ((low >> 48) & 0x3fff),
            low & 0xffff_ffff_ffff
        )
    }

    /// An AWS id: the prefix and 17 hex digits, the first of which is 0 as on AWS (`vpc-0a1b...`).
    pub fn id(&mut self, prefix: &str) -> String {
        format!("{prefix}-0{:016x}", self.draw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uuids_are_of_version_4() {
        let id = Random::new(1, "ap-northeast-2").uuid();
        let lengths: Vec<usize> = id.split('-').map(str::len).collect();
        assert_eq!(lengths, [8, 4, 4, 4, 12], "{id}");
        assert_eq!(id.as_bytes().get(14), Some(&b'4'));
        assert!(id.as_bytes().get(19).is_some_and(|byte| b"89ab".contains(byte)), "{id}");
    }

    #[test]
    fn ids_have_the_shape_of_aws_and_depend_on_seed_and_purpose() {
        let id = Random::new(1, "ap-northeast-2").id("vpc");
        assert_eq!(id.len(), "vpc-".len() + 17);
        assert!(id[4..].chars().all(|c| c.is_ascii_hexdigit()));
        assert_eq!(id, Random::new(1, "ap-northeast-2").id("vpc"));
        assert_ne!(id, Random::new(2, "ap-northeast-2").id("vpc"));
        assert_ne!(id, Random::new(1, "ap-northeast-1").id("vpc"));
    }
}
