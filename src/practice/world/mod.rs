//! The world of the practice cloud: what exists, in which state, and what will happen when.
//!
//! Promises: pure (no clock, no I/O), seeded and deterministic (the same calls at the same times give the same bytes), serde-serialisable.
//! It is a discrete-event simulation: a change that takes time is an event in a queue, and [`World::advance`] applies due events in order, so
//! one leap and many small steps end in the same world. Regions share nothing but the account, the seed and the clock; what goes from one to
//! another (a packet through a peering connection) is looked up there by [`Beyond`].
//!
//! It knows AWS's resources and their life, and leaves requests, error codes and the wire to `services`.

pub mod balancing;
mod beyond;
pub mod catalogue;
pub mod certificate;
pub mod commands;
mod compute;
pub mod connect;
pub mod database;
pub mod dns;
mod event;
mod global;
pub mod host;
pub mod iam;
pub mod image;
mod interface;
pub mod load;
mod make;
mod network;
mod options;
pub mod peering;
mod random;
pub mod reachability;
mod region;
pub mod resolve;
pub mod scaling;
mod security;
pub mod template;
#[cfg(test)]
mod tests;
pub mod visit;
mod volume;
pub mod watch;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use beyond::Beyond;
pub use compute::{
    BlockDevice, Ending, Instance, InstanceState, MetadataOptions, ProfileAssociation, Volume, VolumeAttachment,
};
pub use event::{Event, InstanceStep};
pub use global::Global;
pub use interface::{Address, Association, InterfaceAttachment, InterfaceKind, NatGateway, NatState, NetworkInterface};
pub use network::{
    AclAssociation, AclEntry, InternetGateway, NetworkAcl, Progress, Route, RouteTable, RouteTableAssociation, Subnet,
    Target, Vpc,
};
pub use options::{Duration, Limits, Options};
pub use random::Random;
pub use region::{Region, Token, Zone};
pub use security::{KeyPair, Rule, RuleSource, SecurityGroup};
pub use volume::{Modification, VolumeShape};

/// Everything that exists in the practice cloud, and its clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct World {
    seed: u64,
    account: String,
    born: i64,
    now: i64,
    options: Options,
    global: Global,
    regions: BTreeMap<String, Region>,
}

/// A world without its regions; together with them it is the whole world, so that a holder can keep each apart.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    seed: u64,
    account: String,
    born: i64,
    now: i64,
    options: Options,
    global: Global,
}

impl World {
    /// Puts a world together again. Regions that were kept at an earlier time catch up.
    pub fn join(head: Head, regions: impl IntoIterator<Item = Region>) -> Self {
        let Head { seed, account, born, now, options, global } = head;
        let regions = regions.into_iter().map(|region| (region.name().to_owned(), region)).collect();
        let mut world = Self { seed, account, born, now, options, global, regions };
        world.run_to(now);
        world
    }

    /// Takes a world apart.
    pub fn split(self) -> (Head, Vec<Region>) {
        (self.head(), self.regions.into_values().collect())
    }

    /// Everything but the regions.
    pub fn head(&self) -> Head {
        let Self { seed, account, born, now, options, global, .. } = self;
        Head {
            seed: *seed,
            account: account.clone(),
            born: *born,
            now: *now,
            options: options.clone(),
            global: global.clone(),
        }
    }

    /// A new account at `now_ms` (milliseconds since the epoch): every region has its default VPC, nothing else.
    pub fn new(seed: u64, account: &str, now_ms: i64) -> Self {
        let mut world = Self {
            seed,
            account: account.to_owned(),
            born: now_ms,
            now: now_ms,
            options: Options::default(),
            global: Global { dns: dns::Dns::new(seed, now_ms), ..Global::default() },
            regions: BTreeMap::new(),
        };
        for name in ["ap-northeast-1", "ap-northeast-2"] {
            world.region_mut(name);
        }
        world
    }

    /// The seed it was made with.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The account's 12 digits.
    pub fn account(&self) -> &str {
        &self.account
    }

    /// When the account was made, milliseconds since the epoch.
    pub fn born(&self) -> i64 {
        self.born
    }

    /// The world's time, milliseconds since the epoch.
    pub fn now(&self) -> i64 {
        self.now
    }

    /// Quotas and switches.
    pub fn options(&self) -> &Options {
        &self.options
    }

    /// Changes quotas and switches for every region.
    pub fn set_options(&mut self, options: Options) {
        for region in self.regions.values_mut() {
            region.options = options.clone();
            region.record_zones();
            region.changed();
        }
        self.options = options;
    }

    /// Lets time pass until `to_ms`, applying due events in order. Time never goes back: an earlier moment changes nothing.
    pub fn advance(&mut self, to_ms: i64) {
        if to_ms <= self.now {
            return;
        }
        self.now = to_ms;
        self.run_to(to_ms);
    }

    /// When the next event is due, if any: until then the world stays as it is.
    pub fn next_event(&self) -> Option<i64> {
        self.regions.values().filter_map(Region::next_event).min()
    }

    /// How often the world has changed (by requests and by events); a holder saves when it differs from what it saved.
    pub fn revision(&self) -> u64 {
        self.global.revision() + self.regions.values().map(Region::revision).sum::<u64>()
    }

    /// The regions that have been touched so far.
    pub fn regions(&self) -> impl Iterator<Item = &Region> + Clone {
        self.regions.values()
    }

    /// A region, if it has been touched.
    pub fn region(&self, name: &str) -> Option<&Region> {
        self.regions.get(name)
    }

    /// A region, made on first use. Its contents depend on the seed and its name, not on when it is first asked for.
    pub fn region_mut(&mut self, name: &str) -> &mut Region {
        self.parts(name).0
    }

    /// What belongs to no region.
    pub fn global(&self) -> &Global {
        &self.global
    }

    /// What belongs to no region, to change it: call [`Global::changed`] too.
    pub fn global_mut(&mut self) -> &mut Global {
        &mut self.global
    }

    /// After a request: lets the rules that look at others' state look.
    pub fn settle(&mut self) {
        for region in self.regions.values_mut() {
            region.settle(&self.global);
            region.look_at_agents();
        }
    }

    /// A region, made on first use, beside what belongs to no region.
    pub fn parts(&mut self, name: &str) -> (&mut Region, &mut Global) {
        let (seed, account, born, now, options) = (self.seed, &self.account, self.born, self.now, &self.options);
        let global = &mut self.global;
        let region = self.regions.entry(name.to_owned()).or_insert_with(|| {
            let mut region = Region::new(seed, account, name, born, options.clone());
            region.pass_time(now);
            region.record_zones();
            region
        });
        (region, global)
    }
}
