//! Which subnets a load balancer may stand in.

use std::collections::BTreeSet;

use super::Call;
use super::errors::{configuration, invalid};
use crate::practice::services::ApiError;
use crate::practice::world::Subnet;

/// A load balancer wants so many free addresses in each subnet.
const FREE: usize = 8;

impl Call<'_> {
    /// The subnets of the request, checked: at least two zones, one subnet a zone, one VPC, room in each. `own` are subnets in which the load
    /// balancer stands already.
    pub(super) fn subnets(&self, internet_facing: bool, own: &[String]) -> Result<Vec<Subnet>, ApiError> {
        let (plain, mapped) = (self.params.list("Subnets"), self.params.structs("SubnetMappings"));
        let ids = match (plain.is_empty(), mapped.is_empty()) {
            (true, true) => return Err(invalid("You must specify subnets")),
            (false, false) => return Err(invalid("You must specify either subnets or subnet mappings, not both")),
            (false, true) => plain,
            (true, false) => mapped.iter().map(|one| one.required("SubnetId")).collect::<Result<_, _>>()?,
        };
        let mut subnets: Vec<Subnet> = Vec::new();
        for id in ids {
            let found = self.region.subnets.get(id).filter(|_| !self.region.is_hidden(id));
            let subnet =
                found.ok_or_else(|| ApiError::new("SubnetNotFound", format!("The subnet ID '{id}' does not exist")))?;
            if subnets.iter().any(|other| other.id == subnet.id) {
                return Err(invalid(format!("The subnet '{id}' was specified more than once")));
            }
            subnets.push(subnet.clone());
        }
        self.check_zones(&subnets)?;
        let vpc = subnets.first().map(|subnet| subnet.vpc.clone()).unwrap_or_default();
        if internet_facing && self.region.gateway_of(&vpc).is_none() {
            return Err(ApiError::new("InvalidSubnet", format!("VPC {vpc} has no internet gateway")));
        }
        for subnet in subnets.iter().filter(|subnet| !own.contains(&subnet.id)) {
            if subnet.cidr.prefix_len() > 27 || self.region.free_addresses(subnet) < FREE {
                return Err(ApiError::new(
                    "InvalidSubnet",
                    format!(
                        "Not enough IP space available in {}. ELB requires at least {FREE} free IP addresses in each subnet.",
                        subnet.id
                    ),
                ));
            }
        }
        Ok(subnets)
    }

    fn check_zones(&self, subnets: &[Subnet]) -> Result<(), ApiError> {
        let vpcs: BTreeSet<&str> = subnets.iter().map(|subnet| subnet.vpc.as_str()).collect();
        let zones: BTreeSet<&str> = subnets.iter().map(|subnet| subnet.zone.as_str()).collect();
        if vpcs.len() > 1 {
            let ids: Vec<&str> = subnets.iter().map(|subnet| subnet.id.as_str()).collect();
            return Err(configuration(format!("All subnets must belong to the same VPC: '{}'", ids.join(", "))));
        }
        if zones.len() < subnets.len() {
            return Err(configuration(
                "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
            ));
        }
        if zones.len() < 2 {
            return Err(configuration("At least two subnets in two different Availability Zones must be specified"));
        }
        Ok(())
    }

    /// The security groups of the request in this VPC; none given: none.
    pub(super) fn security_groups(&self, vpc: &str) -> Result<Vec<String>, ApiError> {
        let mut groups: Vec<String> = Vec::new();
        for id in self.params.list("SecurityGroups") {
            let known = self.region.security_groups.get(id).filter(|_| !self.region.is_hidden(id));
            if known.is_none_or(|group| group.vpc != vpc) {
                return Err(ApiError::new("InvalidSecurityGroup", "One or more security groups are invalid"));
            }
            if !groups.iter().any(|other| other == id) {
                groups.push(id.to_owned());
            }
        }
        let most = self.region.options().limits.groups_per_interface;
        if groups.len() > most {
            return Err(configuration(format!("A load balancer can have at most {most} security groups")));
        }
        Ok(groups)
    }
}
