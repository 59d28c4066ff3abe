//! The registry of resource kinds: one file a kind, one line here.

pub mod auto_scaling_group;
pub mod blockers;
pub mod certificate;
pub mod db_instance;
pub mod db_subnet_group;
pub mod elastic_ip;
pub mod elastic_ip_association;
mod elb;
pub mod hosted_zone;
pub mod iam_role;
pub mod image;
pub mod instance;
pub mod instance_profile;
pub mod internet_gateway;
pub mod key_pair;
pub mod launch_template;
pub mod listener;
pub mod load;
pub mod load_balancer;
pub mod metrics_collection;
pub mod nat_gateway;
pub mod own_image;
pub mod record;
pub mod route;
pub mod route_table;
pub mod route_table_association;
pub mod scaling_policy;
mod secret_file;
pub mod security_group;
pub mod security_group_rule;
pub mod subnet;
pub mod support;
pub mod target;
pub mod target_group;
pub mod vpc;
pub mod vpc_peering_connection;

use crate::course::schema::{Field, Schema};
use crate::lab::kind::{Kind, Kinds};

use super::{Live, Lives};

/// Every kind, by rank: a kind comes after all that its lookup needs.
static KINDS: &[&dyn Live] = &[
    &vpc::Vpc,
    &elastic_ip::ElasticIp,
    &key_pair::KeyPair,
    &image::Image,
    &iam_role::IamRole,
    &hosted_zone::HostedZone,
    &certificate::Certificate,
    &instance_profile::InstanceProfile,
    &subnet::Subnet,
    &internet_gateway::InternetGateway,
    &route_table::RouteTable,
    &security_group::SecurityGroup,
    &vpc_peering_connection::VpcPeeringConnection,
    &nat_gateway::NatGateway,
    &target_group::TargetGroup,
    &db_subnet_group::DbSubnetGroup,
    &instance::Instance,
    &db_instance::DbInstance,
    &own_image::OwnImage,
    &load_balancer::LoadBalancer,
    &route::Route,
    &route_table_association::RouteTableAssociation,
    &security_group_rule::SecurityGroupRule,
    &elastic_ip_association::ElasticIpAssociation,
    &listener::Listener,
    &target::Target,
    &record::Record,
    &launch_template::LaunchTemplate,
    &auto_scaling_group::AutoScalingGroup,
    &scaling_policy::ScalingPolicy,
    &metrics_collection::MetricsCollection,
    &load::Load,
];

/// The kinds that awslab knows.
#[derive(Debug, Clone, Copy)]
pub struct Registry;

/// The one registry.
pub fn registry() -> &'static Registry {
    &Registry
}

impl Kinds for Registry {
    fn kind(&self, name: &str) -> Option<&dyn Kind> {
        self.live(name).map(|kind| kind as &dyn Kind)
    }

    fn all(&self) -> Vec<&dyn Kind> {
        KINDS.iter().map(|kind| *kind as &dyn Kind).collect()
    }
}

impl Schema for Registry {
    fn fields(&self, kind: &str) -> Option<&'static [Field]> {
        self.live(kind).map(|kind| kind.fields())
    }

    fn kinds(&self) -> Vec<&'static str> {
        KINDS.iter().map(|kind| kind.name()).collect()
    }
}

impl Lives for Registry {
    fn live(&self, name: &str) -> Option<&dyn Live> {
        KINDS.iter().copied().find(|live| live.name() == name)
    }
}

#[cfg(test)]
mod tests;
