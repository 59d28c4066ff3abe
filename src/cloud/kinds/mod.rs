//! The registry of resource kinds: one file a kind, one line here.

pub mod elastic_ip;
pub mod elastic_ip_association;
pub mod image;
pub mod instance;
pub mod internet_gateway;
pub mod key_pair;
pub mod nat_gateway;
pub mod route;
pub mod route_table;
pub mod route_table_association;
pub mod security_group;
pub mod security_group_rule;
pub mod subnet;
pub mod vpc;

use crate::course::schema::{Field, Schema};
use crate::lab::kind::{Kind, Kinds};

use super::{Live, Lives};

/// Kinds and their declared fields.
const KINDS: &[(&str, &[Field])] = &[
    ("vpc", vpc::FIELDS),
    ("subnet", subnet::FIELDS),
    ("internet-gateway", internet_gateway::FIELDS),
    ("route-table", route_table::FIELDS),
    ("route", route::FIELDS),
    ("route-table-association", route_table_association::FIELDS),
    ("elastic-ip", elastic_ip::FIELDS),
    ("nat-gateway", nat_gateway::FIELDS),
    ("security-group", security_group::FIELDS),
    ("security-group-rule", security_group_rule::FIELDS),
    ("key-pair", key_pair::FIELDS),
    ("image", image::FIELDS),
    ("instance", instance::FIELDS),
    ("elastic-ip-association", elastic_ip_association::FIELDS),
];

/// Every kind, by rank.
static LIVE: &[&dyn Live] = &[];

/// The kinds that awslab knows.
#[derive(Debug, Clone, Copy)]
pub struct Registry;

/// The one registry.
pub fn registry() -> &'static Registry {
    &Registry
}

impl Schema for Registry {
    fn fields(&self, kind: &str) -> Option<&'static [Field]> {
        KINDS.iter().find(|(name, _)| *name == kind).map(|(_, fields)| *fields)
    }

    fn kinds(&self) -> Vec<&'static str> {
        KINDS.iter().map(|(name, _)| *name).collect()
    }
}

impl Kinds for Registry {
    fn kind(&self, name: &str) -> Option<&dyn Kind> {
        self.live(name).map(|live| live as &dyn Kind)
    }

    fn all(&self) -> Vec<&dyn Kind> {
        LIVE.iter().map(|live| *live as &dyn Kind).collect()
    }
}

impl Lives for Registry {
    fn live(&self, name: &str) -> Option<&dyn Live> {
        LIVE.iter().copied().find(|live| live.name() == name)
    }
}
