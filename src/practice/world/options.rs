//! Quotas, switches and durations of the simulation.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

/// What a learner or a test may set.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Options {
    /// Account quotas.
    pub limits: Limits,
    /// The longest time, in ms, for which a new resource is still unknown to other calls (eventual consistency). 0: known at once.
    pub consistency_ms: u64,
    /// Behave as an account on the Free plan: only instance types that are eligible for the Free Tier start.
    pub free_plan: bool,
    /// The account has accepted the terms of the Marketplace products that the course uses.
    pub marketplace_subscribed: bool,
    /// Where AWS has no capacity for new instances: `ap-northeast-2a` for all types, `ap-northeast-2a:t3.micro` for one.
    pub no_capacity: BTreeSet<String>,
    /// Availability zones that have failed: nothing in them is reached, nothing is launched there.
    pub zones_down: BTreeSet<String>,
}

impl Options {
    /// Whether the account is as AWS gives it: nothing is set that makes it refuse more. Accepted terms make it refuse less.
    pub fn is_usual(&self) -> bool {
        *self == Self { marketplace_subscribed: self.marketplace_subscribed, ..Self::default() }
    }
}

/// Account quotas, with AWS's defaults.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(missing_docs, reason = "each is a number of what its name says")]
pub struct Limits {
    pub vpcs: usize,
    pub subnets_per_vpc: usize,
    pub internet_gateways: usize,
    pub nat_gateways_per_zone: usize,
    pub route_tables_per_vpc: usize,
    pub routes_per_table: usize,
    pub security_groups: usize,
    pub rules_per_direction: usize,
    pub groups_per_interface: usize,
    pub network_interfaces: usize,
    pub network_acls_per_vpc: usize,
    pub entries_per_acl: usize,
    pub addresses: usize,
    pub key_pairs: usize,
    pub launch_templates: usize,
    pub outstanding_peerings: usize,
    pub connect_endpoints: usize,
    pub connect_endpoints_per_vpc: usize,
    pub peerings_per_vpc: usize,
    pub hosted_zones: usize,
    pub db_instances: usize,
    pub db_subnet_groups: usize,
    pub db_snapshots: usize,
    pub load_balancers: usize,
    pub target_groups: usize,
    pub listeners_per_balancer: usize,
    /// The default rules are not counted.
    pub rules_per_balancer: usize,
    pub targets_per_group: usize,
    pub certificates_per_balancer: usize,
    pub scaling_groups: usize,
    pub roles: usize,
    pub instance_profiles: usize,
    /// vCPUs of running on-demand standard instances.
    pub vcpus: u32,
    /// GiB of all volumes.
    pub volume_gib: u32,
}

impl Limits {
    /// All quotas by name.
    pub fn named(&self) -> BTreeMap<String, u64> {
        let all = serde_json::to_value(self).ok().and_then(|value| serde_json::from_value(value).ok());
        all.unwrap_or_default()
    }

    /// The same with another value for one quota; `None` when there is no such quota or the value is none for it.
    pub fn with(&self, name: &str, value: u64) -> Option<Self> {
        let mut all = self.named();
        *all.get_mut(name)? = value;
        serde_json::from_value(serde_json::to_value(all).ok()?).ok()
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            vpcs: 5,
            subnets_per_vpc: 200,
            internet_gateways: 5,
            nat_gateways_per_zone: 5,
            route_tables_per_vpc: 200,
            routes_per_table: 50,
            security_groups: 2500,
            rules_per_direction: 60,
            groups_per_interface: 5,
            network_interfaces: 5000,
            network_acls_per_vpc: 200,
            entries_per_acl: 20,
            addresses: 5,
            key_pairs: 5000,
            launch_templates: 5000,
            outstanding_peerings: 25,
            connect_endpoints: 5,
            connect_endpoints_per_vpc: 1,
            peerings_per_vpc: 50,
            hosted_zones: 500,
            db_instances: 40,
            db_subnet_groups: 50,
            db_snapshots: 100,
            load_balancers: 50,
            target_groups: 3000,
            listeners_per_balancer: 50,
            rules_per_balancer: 100,
            targets_per_group: 1000,
            certificates_per_balancer: 25,
            scaling_groups: 500,
            roles: 1000,
            instance_profiles: 1000,
            vcpus: 32,
            volume_gib: 51_200,
        }
    }
}

/// How long something takes: the typical time, and how much longer or shorter it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Duration {
    /// Milliseconds, typically.
    pub typical_ms: i64,
    /// Milliseconds more or less.
    pub spread_ms: i64,
}

impl Duration {
    const fn seconds(typical: i64, spread: i64) -> Self {
        Self { typical_ms: typical * 1000, spread_ms: spread * 1000 }
    }

    /// A VPC or subnet from `pending` to `available`.
    pub const NETWORK: Self = Self { typical_ms: 1000, spread_ms: 500 };
    /// A route table association from `associating` to `associated`.
    pub const ASSOCIATION: Self = Self { typical_ms: 1000, spread_ms: 500 };
    /// A NAT gateway from `pending` to `available`.
    pub const NAT_CREATE: Self = Self::seconds(120, 20);
    /// A NAT gateway from `pending` to `failed`, when it cannot work.
    pub const NAT_FAIL: Self = Self::seconds(8, 2);
    /// A NAT gateway from `deleting` to `deleted`.
    pub const NAT_DELETE: Self = Self::seconds(120, 60);
    /// An instance from `pending` to `terminated`, when AWS cannot start it.
    pub const INSTANCE_FAIL: Self = Self::seconds(8, 3);
    /// An instance from `pending` to `running`.
    pub const INSTANCE_START: Self = Self::seconds(20, 5);
    /// Status checks from `initializing` to `ok`, counted from `running`.
    pub const INSTANCE_CHECKS: Self = Self::seconds(150, 30);
    /// An instance from `stopping` to `stopped`.
    pub const INSTANCE_STOP: Self = Self::seconds(40, 10);
    /// An instance from `shutting-down` to `terminated`.
    pub const INSTANCE_TERMINATE: Self = Self::seconds(45, 10);
    /// A load balancer from `provisioning` to `active`.
    pub const BALANCER_CREATE: Self = Self::seconds(150, 30);
    /// A deleted load balancer until it is no longer listed.
    pub const BALANCER_DELETE: Self = Self::seconds(5, 4);
    /// The network interfaces of a deleted load balancer until they are gone.
    pub const BALANCER_INTERFACES: Self = Self::seconds(120, 90);
    /// An image from `pending` to `available`: the snapshots of its volumes.
    pub const IMAGE: Self = Self::seconds(240, 60);
    /// A snapshot from `pending` to `completed`.
    pub const SNAPSHOT: Self = Self::seconds(120, 40);
    /// A change of a volume until it takes effect.
    pub const VOLUME_MODIFY: Self = Self::seconds(6, 3);
    /// From then until it is over.
    pub const VOLUME_OPTIMIZE: Self = Self::seconds(300, 120);
    /// An EC2 Instance Connect Endpoint on its way in, and out.
    pub const CONNECT_ENDPOINT: Self = Self::seconds(210, 30);
    /// A peering request on its way to another region.
    pub const PEERING_REQUEST: Self = Self::seconds(4, 2);
    /// An accepted peering connection from `provisioning` to `active`.
    pub const PEERING_PROVISION: Self = Self::seconds(3, 1);
    /// A peering connection from `deleting` to `deleted`.
    pub const PEERING_DELETE: Self = Self::seconds(10, 3);
    /// How long a deleted NAT gateway or a terminated instance is still listed.
    pub const REMEMBERED: Self = Self::seconds(3600, 300);
}
