//! AWS's error codes and sentences that more than one operation uses.

use crate::practice::services::ApiError;

/// A kind of resource, with its words in "not found" errors.
pub(super) struct Noun {
    /// `InvalidVpcID.NotFound`
    pub(super) code: &'static str,
    /// The sentence about one id, `{}` standing for it.
    pub(super) one: &'static str,
}

pub(super) const VPC: Noun = Noun { code: "InvalidVpcID.NotFound", one: "The vpc ID '{}' does not exist" };
pub(super) const SUBNET: Noun = Noun { code: "InvalidSubnetID.NotFound", one: "The subnet ID '{}' does not exist" };
pub(super) const INTERNET_GATEWAY: Noun =
    Noun { code: "InvalidInternetGatewayID.NotFound", one: "The internetGateway ID '{}' does not exist" };
pub(super) const ROUTE_TABLE: Noun =
    Noun { code: "InvalidRouteTableID.NotFound", one: "The routeTable ID '{}' does not exist" };
pub(super) const ASSOCIATION: Noun =
    Noun { code: "InvalidAssociationID.NotFound", one: "The association ID '{}' does not exist" };
pub(super) const ALLOCATION: Noun =
    Noun { code: "InvalidAllocationID.NotFound", one: "The allocation ID '{}' does not exist" };
pub(super) const NAT_GATEWAY: Noun = Noun { code: "NatGatewayNotFound", one: "The Nat Gateway {} was not found" };
pub(super) const SECURITY_GROUP: Noun =
    Noun { code: "InvalidGroup.NotFound", one: "The security group '{}' does not exist" };
pub(super) const SECURITY_GROUP_RULE: Noun =
    Noun { code: "InvalidSecurityGroupRuleId.NotFound", one: "The security group rule ID '{}' does not exist" };
pub(super) const KEY_PAIR: Noun = Noun { code: "InvalidKeyPair.NotFound", one: "The key pair '{}' does not exist" };
pub(super) const IMAGE: Noun = Noun { code: "InvalidAMIID.NotFound", one: "The image id '[{}]' does not exist" };
pub(super) const INSTANCE: Noun =
    Noun { code: "InvalidInstanceID.NotFound", one: "The instance ID '{}' does not exist" };
pub(super) const LAUNCH_TEMPLATE: Noun = Noun {
    code: "InvalidLaunchTemplateId.NotFound",
    one: "The specified launch template, with template ID {}, does not exist.",
};
pub(super) const PROFILE_ASSOCIATION: Noun =
    Noun { code: "NoSuchAssociation", one: "An IAM instance profile association with the ID '{}' does not exist." };
pub(super) const PEERING: Noun =
    Noun { code: "InvalidVpcPeeringConnectionID.NotFound", one: "The vpcPeeringConnection ID '{}' does not exist" };
pub(super) const CONNECT_ENDPOINT: Noun = Noun {
    code: "InvalidInstanceConnectEndpointId.NotFound",
    one: "The EC2 Instance Connect Endpoint '{}' does not exist",
};
pub(super) const SNAPSHOT: Noun = Noun { code: "InvalidSnapshot.NotFound", one: "The snapshot '{}' does not exist." };
pub(super) const VOLUME: Noun = Noun { code: "InvalidVolume.NotFound", one: "The volume '{}' does not exist." };
pub(super) const VOLUME_MODIFICATION: Noun =
    Noun { code: "InvalidVolumeModification.NotFound", one: "Modification for volume '{}' does not exist." };
pub(super) const NETWORK_INTERFACE: Noun =
    Noun { code: "InvalidNetworkInterfaceID.NotFound", one: "The networkInterface ID '{}' does not exist" };
pub(super) const NETWORK_ACL: Noun =
    Noun { code: "InvalidNetworkAclID.NotFound", one: "The networkAcl ID '{}' does not exist" };

impl Noun {
    /// The error for an id that is not there.
    pub(super) fn not_found(&self, id: &str) -> ApiError {
        ApiError::new(self.code, self.one.replace("{}", id))
    }
}

/// Something else still needs the resource: "The vpc 'vpc-1' has dependencies and cannot be deleted."
pub(super) fn has_dependencies(what: &str, id: &str) -> ApiError {
    ApiError::new("DependencyViolation", format!("The {what} '{id}' has dependencies and cannot be deleted."))
}

/// A quota is used up: "The maximum number of VPCs has been reached."
pub(super) fn limit(code: &str, what: &str) -> ApiError {
    ApiError::new(code, format!("The maximum number of {what} has been reached."))
}

/// A subnet has given all its addresses.
pub(super) fn no_address() -> ApiError {
    ApiError::new(
        "InsufficientFreeAddressesInSubnet",
        "The specified subnet does not have enough free addresses to satisfy the request.",
    )
}

/// A value that AWS does not accept.
pub(super) fn invalid_value(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterValue", message)
}

/// Parameters that do not go together.
pub(super) fn invalid_combination(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidParameterCombination", message)
}

/// A required parameter that did not come.
pub(super) fn missing(parameter: &str) -> ApiError {
    ApiError::new("MissingParameter", format!("The request must contain the parameter {parameter}"))
}
