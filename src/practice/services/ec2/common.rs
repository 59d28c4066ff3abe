//! Reading and writing what many operations share: looked-up resources, CIDR blocks, times, booleans.

use ipnet::Ipv4Net;
use jiff::Timestamp;
use sha2::{Digest, Sha256};

use super::Call;
use super::errors::{self, Noun, invalid_value};
use crate::practice::services::ApiError;
use crate::practice::wire::query::View;
use crate::practice::world::image::Snapshot;
use crate::practice::world::{
    Address, Instance, InternetGateway, NetworkAcl, NetworkInterface, RouteTable, SecurityGroup, Subnet, Token, Volume,
    Vpc,
};

impl Call<'_> {
    fn known<'m, T>(
        &self,
        map: &'m std::collections::BTreeMap<String, T>,
        id: &str,
        noun: &Noun,
    ) -> Result<&'m T, ApiError> {
        map.get(id).filter(|_| !self.region.is_hidden(id)).ok_or_else(|| noun.not_found(id))
    }

    pub(super) fn vpc(&self, id: &str) -> Result<&Vpc, ApiError> {
        self.known(&self.region.vpcs, id, &errors::VPC)
    }

    pub(super) fn subnet(&self, id: &str) -> Result<&Subnet, ApiError> {
        self.known(&self.region.subnets, id, &errors::SUBNET)
    }

    pub(super) fn internet_gateway(&self, id: &str) -> Result<&InternetGateway, ApiError> {
        self.known(&self.region.internet_gateways, id, &errors::INTERNET_GATEWAY)
    }

    pub(super) fn route_table(&self, id: &str) -> Result<&RouteTable, ApiError> {
        self.known(&self.region.route_tables, id, &errors::ROUTE_TABLE)
    }

    pub(super) fn network_acl(&self, id: &str) -> Result<&NetworkAcl, ApiError> {
        self.known(&self.region.network_acls, id, &errors::NETWORK_ACL)
    }

    pub(super) fn address(&self, allocation: &str) -> Result<&Address, ApiError> {
        self.known(&self.region.addresses, allocation, &errors::ALLOCATION)
    }

    pub(super) fn security_group(&self, id: &str) -> Result<&SecurityGroup, ApiError> {
        if !id.starts_with("sg-") {
            return Err(malformed("InvalidGroupId.Malformed", id, "sg-"));
        }
        self.known(&self.region.security_groups, id, &errors::SECURITY_GROUP)
    }

    pub(super) fn instance(&self, id: &str) -> Result<&Instance, ApiError> {
        if !id.starts_with("i-") {
            return Err(malformed("InvalidInstanceID.Malformed", id, "i-"));
        }
        self.known(&self.region.instances, id, &errors::INSTANCE)
    }

    pub(super) fn interface(&self, id: &str) -> Result<&NetworkInterface, ApiError> {
        self.known(&self.region.interfaces, id, &errors::NETWORK_INTERFACE)
    }

    pub(super) fn volume(&self, id: &str) -> Result<&Volume, ApiError> {
        self.known(&self.region.volumes, id, &errors::VOLUME)
    }

    pub(super) fn snapshot(&self, id: &str) -> Result<&Snapshot, ApiError> {
        self.known(&self.region.images.snapshots, id, &errors::SNAPSHOT)
    }

    /// The request's ClientToken.
    pub(super) fn client_token(&self) -> Option<&str> {
        self.params.text("ClientToken").filter(|token| !token.is_empty())
    }

    /// What an earlier request with the same ClientToken made; an error if that was another request.
    pub(super) fn repeated(&self) -> Result<Option<Vec<String>>, ApiError> {
        let Some(token) = self.client_token() else { return Ok(None) };
        if token.len() > 64 || !token.is_ascii() {
            return Err(invalid_value(format!(
                "Invalid value '{token}' for clientToken. It must be at most 64 ASCII characters."
            )));
        }
        let Some(known) = self.region.tokens.get(&(self.operation.to_owned(), token.to_owned())) else {
            return Ok(None);
        };
        if known.request != self.fingerprint() {
            return Err(ApiError::new(
                "IdempotentParameterMismatch",
                format!("The provided clientToken '{token}' was used in an earlier request with different parameters."),
            ));
        }
        // The first request had the same parameters, and all of them were understood.
        for (name, _) in self.params.iter() {
            self.params.accept(name);
        }
        Ok(Some(known.made.clone()))
    }

    /// Remembers what this request made under its ClientToken.
    pub(super) fn remember(&mut self, made: Vec<String>) {
        if let Some(token) = self.client_token() {
            let key = (self.operation.to_owned(), token.to_owned());
            let request = self.fingerprint();
            self.region.tokens.insert(key, Token { request, made });
        }
    }

    /// A digest of everything in the request that a repetition must have in common with it.
    fn fingerprint(&self) -> String {
        let mut digest = Sha256::new();
        for (name, value) in self.params.iter() {
            if !["Action", "ClientToken", "DryRun", "Version"].contains(&name) {
                digest.update(format!("{}:{name}={}:{value}", name.len(), value.len()));
            }
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The ARN of a resource of this region and account.
    pub(super) fn arn(&self, kind: &str, id: &str) -> String {
        format!("arn:aws:ec2:{}:{}:{kind}/{id}", self.region.name(), self.region.account())
    }
}

/// An id that cannot be one: `Invalid id: "foo" (expecting "i-...")`.
pub(super) fn malformed(code: &str, id: &str, prefix: &str) -> ApiError {
    ApiError::new(code, format!("Invalid id: \"{id}\" (expecting \"{prefix}...\")"))
}

/// A CIDR block, brought to its canonical form (10.1.0.5/16 becomes 10.1.0.0/16). `parameter` is AWS's name in the error.
pub(super) fn cidr(text: &str, parameter: &str) -> Result<Ipv4Net, ApiError> {
    text.parse::<Ipv4Net>().map(|net| net.trunc()).map_err(|_| {
        invalid_value(format!("Value ({text}) for parameter {parameter} is invalid. This is not a valid CIDR block."))
    })
}

/// A moment as AWS writes it: `2026-11-22T12:00:00.000Z`.
pub(super) fn time(ms: i64) -> String {
    Timestamp::from_millisecond(ms).map(|moment| format!("{moment:.3}")).unwrap_or_default()
}

/// `{Name}.Value` as a boolean: how attributes are written.
pub(super) fn boolean_attribute(view: &View<'_>, name: &str) -> Result<Option<bool>, ApiError> {
    Ok(view.sub(name).bool("Value")?)
}

/// One value of a filter.
pub(super) fn one(value: impl std::fmt::Display) -> Vec<String> {
    vec![value.to_string()]
}

/// The value of a filter, if there is one.
pub(super) fn maybe(value: Option<impl std::fmt::Display>) -> Vec<String> {
    value.map(|value| value.to_string()).into_iter().collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn times_and_blocks_are_written_as_aws_does() {
        assert_eq!(time(1_790_000_000_000), "2026-09-21T14:13:20.000Z");
        assert_eq!(time(1_790_000_000_042), "2026-09-21T14:13:20.042Z");
        assert_eq!(cidr("10.1.0.5/16", "cidrBlock").unwrap().to_string(), "10.1.0.0/16");
        assert_eq!(
            cidr("10.1.0.0", "cidrBlock").unwrap_err().message,
            "Value (10.1.0.0) for parameter cidrBlock is invalid. This is not a valid CIDR block."
        );
    }
}
