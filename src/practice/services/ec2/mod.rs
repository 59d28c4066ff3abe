//! Amazon EC2 (and VPC): requests on one region of the world, with AWS's own answers, error codes and sentences.
//!
//! Promises: an operation checks everything AWS checks before it changes anything that is simulated here, and answers in the shapes of API version
//! 2016-11-15. Leaves to others: refusing parameters that nobody read and dry runs ([`super::Incoming::run`]), and time ([`crate::practice::world`]).
//! One file a kind of resource; [`handle`] is the list of what is simulated.

mod address;
mod common;
mod connect_endpoint;
mod credits;
mod errors;
mod filters;
mod gateway;
mod image;
mod instance;
mod instance_attribute;
mod instance_state;
mod interface_change;
mod key_pair;
mod launch;
mod launch_template;
mod nat_gateway;
mod network_acl;
mod network_interface;
mod own_image;
mod page;
mod peering;
mod permission;
mod profile;
mod route_table;
mod run_instances;
mod security_group;
mod snapshot;
mod subnet;
mod tags;
mod template_data;
mod template_launch;
#[cfg(test)]
mod tests;
mod volume;
mod volume_change;
mod volume_modify;
mod vpc;
mod zones;

use super::{ApiError, Request};
use crate::practice::wire::query::Params;
use crate::practice::wire::xml::Element;
use crate::practice::world::{Global, Region, World};

pub use template_launch::{TemplateLaunch, check_template_launch, launch_from_template, template_named};

/// The XML namespace of EC2's answers.
pub const NAMESPACE: &str = "http://ec2.amazonaws.com/doc/2016-11-15/";

/// One request: its parameters and the region it works on.
struct Call<'a> {
    region: &'a mut Region,
    global: &'a Global,
    params: &'a Params,
    operation: &'a str,
    request_id: &'a str,
}

impl Call<'_> {
    /// The answer's root, with the request's id.
    fn answer(&self) -> Element {
        Element::new(format!("{}Response", self.operation))
            .attribute("xmlns", NAMESPACE)
            .leaf("requestId", self.request_id)
    }

    /// The answer of an operation that only succeeds.
    fn done(&self) -> Element {
        self.answer().leaf("return", true)
    }
}

/// Answers an EC2 operation. On an error the world may be half changed.
pub fn handle(world: &mut World, request: &Request<'_>) -> Result<Element, ApiError> {
    if let "CreateVpcPeeringConnection"
    | "AcceptVpcPeeringConnection"
    | "RejectVpcPeeringConnection"
    | "DeleteVpcPeeringConnection"
    | "ModifyVpcPeeringConnectionOptions" = request.operation
    {
        return peering::handle(world, request);
    }
    let (region, global) = world.parts(request.region);
    let call = &mut Call {
        region,
        global,
        params: request.params,
        operation: request.operation,
        request_id: &request.request_id,
    };
    let answer = match request.operation {
        "CreateVpc" => vpc::create(call),
        "DeleteVpc" => vpc::delete(call),
        "DescribeVpcs" => vpc::describe(call),
        "ModifyVpcAttribute" => vpc::modify_attribute(call),
        "DescribeVpcAttribute" => vpc::describe_attribute(call),
        "CreateSubnet" => subnet::create(call),
        "DeleteSubnet" => subnet::delete(call),
        "DescribeSubnets" => subnet::describe(call),
        "ModifySubnetAttribute" => subnet::modify_attribute(call),
        "CreateInternetGateway" => gateway::create(call),
        "DeleteInternetGateway" => gateway::delete(call),
        "AttachInternetGateway" => gateway::attach(call),
        "DetachInternetGateway" => gateway::detach(call),
        "DescribeInternetGateways" => gateway::describe(call),
        "CreateRouteTable" => route_table::create(call),
        "DeleteRouteTable" => route_table::delete(call),
        "DescribeRouteTables" => route_table::describe(call),
        "CreateRoute" => route_table::create_route(call),
        "ReplaceRoute" => route_table::replace_route(call),
        "DeleteRoute" => route_table::delete_route(call),
        "AssociateRouteTable" => route_table::associate(call),
        "ReplaceRouteTableAssociation" => route_table::replace_association(call),
        "DisassociateRouteTable" => route_table::disassociate(call),
        "AllocateAddress" => address::allocate(call),
        "ReleaseAddress" => address::release(call),
        "AssociateAddress" => address::associate(call),
        "DisassociateAddress" => address::disassociate(call),
        "DescribeAddresses" => address::describe(call),
        "CreateNatGateway" => nat_gateway::create(call),
        "DeleteNatGateway" => nat_gateway::delete(call),
        "DescribeNatGateways" => nat_gateway::describe(call),
        "CreateNetworkInterface" => network_interface::create(call),
        "DeleteNetworkInterface" => network_interface::delete(call),
        "DescribeNetworkInterfaces" => network_interface::describe(call),
        "CreateNetworkAcl" => network_acl::create(call),
        "DeleteNetworkAcl" => network_acl::delete(call),
        "DescribeNetworkAcls" => network_acl::describe(call),
        "CreateNetworkAclEntry" => network_acl::put_entry(call, false),
        "ReplaceNetworkAclEntry" => network_acl::put_entry(call, true),
        "DeleteNetworkAclEntry" => network_acl::delete_entry(call),
        "ReplaceNetworkAclAssociation" => network_acl::replace_association(call),
        "CreateSecurityGroup" => security_group::create(call),
        "DeleteSecurityGroup" => security_group::delete(call),
        "DescribeSecurityGroups" => security_group::describe(call),
        "DescribeSecurityGroupRules" => security_group::describe_rules(call),
        "AuthorizeSecurityGroupIngress" => security_group::authorize(call, false),
        "AuthorizeSecurityGroupEgress" => security_group::authorize(call, true),
        "RevokeSecurityGroupIngress" => security_group::revoke(call, false),
        "RevokeSecurityGroupEgress" => security_group::revoke(call, true),
        "ModifySecurityGroupRules" => security_group::modify_rules(call),
        "UpdateSecurityGroupRuleDescriptionsIngress" => security_group::update_descriptions(call, false),
        "UpdateSecurityGroupRuleDescriptionsEgress" => security_group::update_descriptions(call, true),
        "ImportKeyPair" => key_pair::import(call),
        "CreateKeyPair" => key_pair::create(call),
        "DeleteKeyPair" => key_pair::delete(call),
        "DescribeKeyPairs" => key_pair::describe(call),
        "DescribeImages" => image::describe(call),
        "DescribeImageAttribute" => image::describe_attribute(call),
        "ModifyImageAttribute" => image::modify_attribute(call),
        "CreateImage" => own_image::create(call),
        "DeregisterImage" => own_image::deregister(call),
        "CreateSnapshot" => snapshot::create(call),
        "DeleteSnapshot" => snapshot::delete(call),
        "DescribeSnapshots" => snapshot::describe(call),
        "RunInstances" => run_instances::run(call),
        "DescribeInstances" => instance::describe(call),
        "DescribeInstanceStatus" => instance::describe_status(call),
        "StartInstances" => instance_state::start(call),
        "StopInstances" => instance_state::stop(call),
        "RebootInstances" => instance_state::reboot(call),
        "TerminateInstances" => instance_state::terminate(call),
        "DescribeInstanceAttribute" => instance_attribute::describe(call),
        "ModifyInstanceAttribute" => instance_attribute::modify(call),
        "ModifyInstanceMetadataOptions" => instance_attribute::modify_metadata(call),
        "MonitorInstances" => instance_attribute::monitor(call, true),
        "UnmonitorInstances" => instance_attribute::monitor(call, false),
        "CreateLaunchTemplate" => launch_template::create(call),
        "CreateLaunchTemplateVersion" => launch_template::create_version(call),
        "ModifyLaunchTemplate" => launch_template::modify(call),
        "DeleteLaunchTemplate" => launch_template::delete(call),
        "DeleteLaunchTemplateVersions" => launch_template::delete_versions(call),
        "DescribeLaunchTemplates" => launch_template::describe(call),
        "DescribeLaunchTemplateVersions" => launch_template::describe_versions(call),
        "GetLaunchTemplateData" => launch_template::get_data(call),
        "AssociateIamInstanceProfile" => profile::associate(call),
        "DisassociateIamInstanceProfile" => profile::disassociate(call),
        "ReplaceIamInstanceProfileAssociation" => profile::replace(call),
        "DescribeIamInstanceProfileAssociations" => profile::describe(call),
        "CreateInstanceConnectEndpoint" => connect_endpoint::create(call),
        "DeleteInstanceConnectEndpoint" => connect_endpoint::delete(call),
        "DescribeInstanceConnectEndpoints" => connect_endpoint::describe(call),
        "DescribeVpcPeeringConnections" => peering::describe(call),
        "DescribeVolumes" => volume::describe(call),
        "DescribeVolumeStatus" => volume::describe_status(call),
        "CreateVolume" => volume_change::create(call),
        "AttachVolume" => volume_change::attach(call),
        "DetachVolume" => volume_change::detach(call),
        "ModifyVolume" => volume_modify::modify(call),
        "DescribeVolumesModifications" => volume_modify::describe(call),
        "AttachNetworkInterface" => interface_change::attach(call),
        "DetachNetworkInterface" => interface_change::detach(call),
        "ModifyNetworkInterfaceAttribute" => interface_change::modify(call),
        "DescribeNetworkInterfaceAttribute" => interface_change::describe(call),
        "GetConsoleOutput" => credits::console(call),
        "DescribeInstanceCreditSpecifications" => credits::describe(call),
        "ModifyInstanceCreditSpecification" => credits::modify(call),
        "DeleteVolume" => volume::delete(call),
        "DescribeRegions" => zones::describe_regions(call),
        "DescribeAvailabilityZones" => zones::describe_zones(call),
        "DescribeInstanceTypes" => zones::describe_types(call),
        "DescribeInstanceTypeOfferings" => zones::describe_offerings(call),
        "DescribeAccountAttributes" => zones::describe_account(call),
        "CreateTags" => tags::create(call),
        "DeleteTags" => tags::delete(call),
        "DescribeTags" => tags::describe(call),
        other => Err(ApiError::unknown_operation("ec2", other)),
    }?;
    if !request.operation.starts_with("Describe") && !request.operation.starts_with("Get") {
        call.region.changed();
    }
    Ok(answer)
}
