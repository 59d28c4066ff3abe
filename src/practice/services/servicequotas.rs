//! Service Quotas: the limits of this account, as the world enforces them.
//!
//! Promises: the values are those by which the practice cloud refuses. Raising one by a request is not simulated: `Limits` are set by whoever
//! holds the world.

use serde_json::{Value, json};

use super::{ApiError, Request};
use crate::practice::wire::members::Members;
use crate::practice::world::World;
use crate::practice::world::{Limits, Options};

/// A quota: its service, code, name, and where its value is.
struct Quota {
    service: &'static str,
    code: &'static str,
    name: &'static str,
    value: fn(&Limits) -> u64,
}

const fn quota(service: &'static str, code: &'static str, name: &'static str, value: fn(&Limits) -> u64) -> Quota {
    Quota { service, code, name, value }
}

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// The services that have quotas here, and their names.
const SERVICES: &[(&str, &str)] =
    &[("ec2", "Amazon Elastic Compute Cloud (Amazon EC2)"), ("vpc", "Amazon Virtual Private Cloud (Amazon VPC)")];

const QUOTAS: &[Quota] = &[
    quota("ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", |limits| wide(limits.addresses)),
    quota("ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", |limits| {
        u64::from(limits.vcpus)
    }),
    quota("vpc", "L-0EA8095F", "Inbound or outbound rules per security group", |limits| {
        wide(limits.rules_per_direction)
    }),
    quota("vpc", "L-2AEEBF1A", "Rules per network ACL", |limits| wide(limits.entries_per_acl)),
    quota("vpc", "L-2AFB9258", "Security groups per network interface", |limits| wide(limits.groups_per_interface)),
    quota("vpc", "L-407747CB", "Subnets per VPC", |limits| wide(limits.subnets_per_vpc)),
    quota("vpc", "L-589F43AA", "Route tables per VPC", |limits| wide(limits.route_tables_per_vpc)),
    quota("vpc", "L-93826ACB", "Routes per route table", |limits| wide(limits.routes_per_table)),
    quota("vpc", "L-A4707A72", "Internet gateways per Region", |limits| wide(limits.internet_gateways)),
    quota("vpc", "L-B4A6D682", "Network ACLs per VPC", |limits| wide(limits.network_acls_per_vpc)),
    quota("vpc", "L-DF5E4CA3", "Network interfaces per Region", |limits| wide(limits.network_interfaces)),
    quota("vpc", "L-E79EC296", "VPC security groups per Region", |limits| wide(limits.security_groups)),
    quota("vpc", "L-F678F1CE", "VPCs per Region", |limits| wide(limits.vpcs)),
    quota("vpc", "L-FE5A380F", "NAT gateways per Availability Zone", |limits| wide(limits.nat_gateways_per_zone)),
];

fn no_such(what: &str) -> ApiError {
    ApiError::new("NoSuchResourceException", format!("The request failed because the specified {what} does not exist."))
}

fn service_name(code: &str) -> Result<&'static str, ApiError> {
    let found = SERVICES.iter().find(|(one, _)| *one == code).map(|(_, name)| *name);
    found.ok_or_else(|| no_such(&format!("service {code}")))
}

fn item(world: &World, region: &str, quota: &Quota, limits: &Limits) -> Value {
    let service = SERVICES.iter().find(|(one, _)| *one == quota.service).map_or("", |(_, name)| name);
    json!({
        "ServiceCode": quota.service,
        "ServiceName": service,
        "QuotaArn": format!("arn:aws:servicequotas:{region}:{}:{}/{}", world.account(), quota.service, quota.code),
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": (quota.value)(limits) as f64,
        "Unit": "None",
        "Adjustable": true,
        "GlobalQuota": false,
        "QuotaAppliedAtLevel": "ACCOUNT",
    })
}

/// Answers one of its operations. On an error the world may be half changed.
pub fn handle(world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    let members = Members::new(request.json);
    let defaults = Options::default().limits;
    let applied = &world.options().limits;
    match request.operation {
        "GetServiceQuota" | "GetAWSDefaultServiceQuota" => {
            let (service, code) = (members.required("ServiceCode")?, members.required("QuotaCode")?);
            members.finish()?;
            service_name(service)?;
            let found = QUOTAS.iter().find(|quota| quota.service == service && quota.code == code);
            let quota = found.ok_or_else(|| no_such(&format!("quota {code}")))?;
            let limits = if request.operation == "GetServiceQuota" { applied } else { &defaults };
            Ok(json!({ "Quota": item(world, request.region, quota, limits) }))
        }
        "ListServiceQuotas" | "ListAWSDefaultServiceQuotas" => {
            let service = members.required("ServiceCode")?;
            let most = members.int("MaxResults")?.unwrap_or(100);
            let token = members.text("NextToken")?;
            let code = members.text("QuotaCode")?;
            members.finish()?;
            service_name(service)?;
            let most = usize::try_from(most)
                .ok()
                .filter(|most| (1..=100).contains(most))
                .ok_or_else(|| ApiError::new("IllegalArgumentException", "MaxResults must be between 1 and 100."))?;
            let limits = if request.operation == "ListServiceQuotas" { applied } else { &defaults };
            let fits = |quota: &&Quota| {
                quota.service == service
                    && code.is_none_or(|code| code == quota.code)
                    && token.is_none_or(|token| quota.code > token)
            };
            let mut rest = QUOTAS.iter().filter(fits).peekable();
            let (mut items, mut last) = (Vec::new(), "");
            while items.len() < most {
                let Some(quota) = rest.next() else { break };
                last = quota.code;
                items.push(item(world, request.region, quota, limits));
            }
            let mut answer = json!({ "Quotas": items });
            if rest.peek().is_some() {
                answer["NextToken"] = last.into();
            }
            Ok(answer)
        }
        "ListServices" => {
            members.finish()?;
            let all: Vec<Value> =
                SERVICES.iter().map(|(code, name)| json!({ "ServiceCode": code, "ServiceName": name })).collect();
            Ok(json!({ "Services": all }))
        }
        other => Err(ApiError::unknown_operation("servicequotas", other)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]
    use super::*;
    use crate::practice::wire::query::Params;

    fn call(world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let params = Params::default();
        let region = "ap-northeast-2";
        handle(
            world,
            &Request { operation, region, params: &params, json: body, path: "/", body: "", request_id: "id".into() },
        )
    }

    #[test]
    fn values_are_those_that_the_world_enforces() {
        let mut world = World::new(1, "100000000001", 1_790_000_000_000);
        let mut options = world.options().clone();
        options.limits.addresses = 2;
        world.set_options(options);
        let body = json!({ "ServiceCode": "ec2", "QuotaCode": "L-0263D0A3" });
        assert_eq!(call(&mut world, "GetServiceQuota", &body).unwrap()["Quota"]["Value"], 2.0);
        assert_eq!(call(&mut world, "GetAWSDefaultServiceQuota", &body).unwrap()["Quota"]["Value"], 5.0);
        let wrong = json!({ "ServiceCode": "ec2", "QuotaCode": "L-0" });
        assert_eq!(call(&mut world, "GetServiceQuota", &wrong).expect_err("no such").code, "NoSuchResourceException");
    }

    #[test]
    fn lists_come_in_pages() {
        let mut world = World::new(1, "100000000001", 1_790_000_000_000);
        let (mut seen, mut token) = (0, Value::Null);
        loop {
            let body = json!({ "ServiceCode": "vpc", "MaxResults": 5, "NextToken": token });
            let answer = call(&mut world, "ListServiceQuotas", &body).unwrap();
            seen += answer["Quotas"].as_array().unwrap().len();
            match answer.get("NextToken") {
                Some(next) => token = next.clone(),
                None => break,
            }
        }
        assert_eq!(seen, 12);
    }
}
