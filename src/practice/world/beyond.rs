//! What a region may look at outside itself while something happens in it.
//!
//! Promises: it is read only, and everything in it is as it is at that moment: [`World::advance`] lets the events of all regions happen in the
//! order of their times. So a packet from one region finds the other as it is when it gets there, in one leap as in many small steps.
//! What depends on the time is asked of another region with the time of the one that looks: another region's own clock may stand elsewhere
//! between its last event and its next.

use std::collections::BTreeMap;

use super::{Global, Region, World};

/// What belongs to no region, and the other regions.
#[derive(Debug, Clone, Copy)]
pub struct Beyond<'a> {
    /// What belongs to no region.
    pub global: &'a Global,
    others: &'a BTreeMap<String, Region>,
}

impl<'a> Beyond<'a> {
    /// The other regions, by name.
    pub fn others(&self) -> impl Iterator<Item = &'a Region> + Clone + use<'a> {
        self.others.values()
    }

    /// A region and all others.
    pub(super) fn with<'b>(&self, region: &'b Region) -> impl Iterator<Item = &'b Region> + Clone + use<'a, 'b>
    where
        'a: 'b,
    {
        std::iter::once(region).chain(self.others())
    }
}

impl World {
    /// Lets the events that are due until a moment (ms) happen, in the order of their times; of those of one moment the ones of the region
    /// whose name comes first come first.
    pub(super) fn run_to(&mut self, to: i64) {
        loop {
            let due = |(name, region): (&String, &Region)| Some((region.next_event()?, name.clone()));
            let mut turns: Vec<(i64, String)> =
                self.regions.iter().filter_map(due).filter(|(at, _)| *at <= to).collect();
            turns.sort();
            let mut turns = turns.into_iter();
            let Some((_, name)) = turns.next() else { break };
            // It goes on until it is another region's turn.
            let until = match turns.next() {
                Some((at, other)) if other < name => at - 1,
                Some((at, _)) => at,
                None => to,
            };
            self.with_beyond(&name, |region, beyond| region.advance(until, beyond));
        }
        for region in self.regions.values_mut() {
            region.pass_time(to);
        }
    }

    /// Does something in a region that there is, which may look beyond it.
    pub fn with_beyond<T>(&mut self, name: &str, work: impl FnOnce(&mut Region, Beyond<'_>) -> T) -> Option<T> {
        let (name, mut region) = self.regions.remove_entry(name)?;
        let done = work(&mut region, Beyond { global: &self.global, others: &self.regions });
        self.regions.insert(name, region);
        Some(done)
    }
}
