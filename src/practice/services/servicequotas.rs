//! Service Quotas: the limits of this account, as the world enforces them.
//!
//! Promises: the values are those by which the practice cloud refuses. Raising one by a request is not simulated: `Limits` are set by whoever
//! holds the world.

use serde_json::{Value, json};

use super::{ApiError, Request, pages};
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

/// Where the quotas of services without regions are asked for.
const GLOBAL_HOME: &str = "us-east-1";

const fn quota(service: &'static str, code: &'static str, name: &'static str, value: fn(&Limits) -> u64) -> Quota {
    Quota { service, code, name, value }
}

fn wide(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

/// The services that have quotas here, and their names.
const SERVICES: &[(&str, &str)] = &[
    ("autoscaling", "Amazon EC2 Auto Scaling"),
    ("ec2", "Amazon Elastic Compute Cloud (Amazon EC2)"),
    ("elasticloadbalancing", "Elastic Load Balancing (ELB)"),
    ("iam", "AWS Identity and Access Management (IAM)"),
    ("rds", "Amazon Relational Database Service (Amazon RDS)"),
    ("route53", "Amazon Route 53"),
    ("vpc", "Amazon Virtual Private Cloud (Amazon VPC)"),
];

/// By code within a service.
const QUOTAS: &[Quota] = &[
    quota("autoscaling", "L-CDE20ADC", "Auto Scaling groups per region", |limits| wide(limits.scaling_groups)),
    quota("ec2", "L-0263D0A3", "EC2-VPC Elastic IPs", |limits| wide(limits.addresses)),
    quota("ec2", "L-1216C47A", "Running On-Demand Standard (A, C, D, H, I, M, R, T, Z) instances", |limits| {
        u64::from(limits.vcpus)
    }),
    quota("elasticloadbalancing", "L-53DA6B97", "Application Load Balancers per Region", |limits| {
        wide(limits.load_balancers)
    }),
    quota("elasticloadbalancing", "L-7EED9B64", "Rules per Application Load Balancer", |limits| {
        wide(limits.rules_per_balancer)
    }),
    quota("elasticloadbalancing", "L-B22855CB", "Target Groups per Region", |limits| wide(limits.target_groups)),
    quota("elasticloadbalancing", "L-B6DF7632", "Listeners per Application Load Balancer", |limits| {
        wide(limits.listeners_per_balancer)
    }),
    quota("iam", "L-6E65F664", "Instance profiles per account", |limits| wide(limits.instance_profiles)),
    quota("iam", "L-FE177D64", "Roles per account", |limits| wide(limits.roles)),
    quota("rds", "L-272F1212", "Manual DB instance snapshots", |limits| wide(limits.db_snapshots)),
    quota("rds", "L-48C6BF61", "DB subnet groups", |limits| wide(limits.db_subnet_groups)),
    quota("rds", "L-7B6409FD", "DB instances", |limits| wide(limits.db_instances)),
    quota("route53", "L-4EA4796A", "Hosted zones", |limits| wide(limits.hosted_zones)),
    quota("vpc", "L-0EA8095F", "Inbound or outbound rules per security group", |limits| {
        wide(limits.rules_per_direction)
    }),
    quota("vpc", "L-2AEEBF1A", "Rules per network ACL", |limits| wide(limits.entries_per_acl)),
    quota("vpc", "L-2AFB9258", "Security groups per network interface", |limits| wide(limits.groups_per_interface)),
    quota("vpc", "L-407747CB", "Subnets per VPC", |limits| wide(limits.subnets_per_vpc)),
    quota("vpc", "L-589F43AA", "Route tables per VPC", |limits| wide(limits.route_tables_per_vpc)),
    quota("vpc", "L-7E9ECCDB", "Active VPC peering connections per VPC", |limits| wide(limits.peerings_per_vpc)),
    quota("vpc", "L-93826ACB", "Routes per route table", |limits| wide(limits.routes_per_table)),
    quota("vpc", "L-A4707A72", "Internet gateways per Region", |limits| wide(limits.internet_gateways)),
    quota("vpc", "L-B4A6D682", "Network ACLs per VPC", |limits| wide(limits.network_acls_per_vpc)),
    quota("vpc", "L-DC9F7029", "Outstanding VPC peering connection requests", |limits| {
        wide(limits.outstanding_peerings)
    }),
    quota("vpc", "L-DF5E4CA3", "Network interfaces per Region", |limits| wide(limits.network_interfaces)),
    quota("vpc", "L-E79EC296", "VPC security groups per Region", |limits| wide(limits.security_groups)),
    quota("vpc", "L-F678F1CE", "VPCs per Region", |limits| wide(limits.vpcs)),
    quota("vpc", "L-FE5A380F", "NAT gateways per Availability Zone", |limits| wide(limits.nat_gateways_per_zone)),
];

fn no_such(what: &str) -> ApiError {
    ApiError::new("NoSuchResourceException", format!("The request failed because the specified {what} does not exist."))
}

/// IAM and Route 53 have no regions: their quotas are found where they live.
fn is_global(service: &str) -> bool {
    matches!(service, "iam" | "route53")
}

fn known_service(code: &str, region: &str) -> Result<(), ApiError> {
    let known = SERVICES.iter().any(|(one, _)| *one == code) && (!is_global(code) || region == GLOBAL_HOME);
    if known { Ok(()) } else { Err(no_such(&format!("service {code}"))) }
}

fn item(world: &World, region: &str, quota: &Quota, limits: &Limits) -> Value {
    let service = SERVICES.iter().find(|(one, _)| *one == quota.service).map_or("", |(_, name)| name);
    let global = is_global(quota.service);
    let region = if global { "" } else { region };
    json!({
        "ServiceCode": quota.service,
        "ServiceName": service,
        "QuotaArn": format!("arn:aws:servicequotas:{region}:{}:{}/{}", world.account(), quota.service, quota.code),
        "QuotaCode": quota.code,
        "QuotaName": quota.name,
        "Value": (quota.value)(limits) as f64,
        "Unit": "None",
        "Adjustable": true,
        "GlobalQuota": global,
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
            known_service(service, request.region)?;
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
            known_service(service, request.region)?;
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
            let rest = QUOTAS.iter().filter(fits).map(|quota| (quota.code, item(world, request.region, quota, limits)));
            let (items, last) = pages::cut(rest, most);
            let mut answer = json!({ "Quotas": items });
            if let Some(last) = last {
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
        call_in("ap-northeast-2", world, operation, body)
    }

    fn call_in(region: &str, world: &mut World, operation: &str, body: &Value) -> Result<Value, ApiError> {
        let params = Params::default();
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
    fn quotas_without_a_region_are_in_one() {
        let mut world = World::new(1, "100000000001", 1_790_000_000_000);
        let body = json!({ "ServiceCode": "iam", "QuotaCode": "L-FE177D64" });
        assert_eq!(call(&mut world, "GetServiceQuota", &body).expect_err("elsewhere").code, "NoSuchResourceException");
        let found = call_in("us-east-1", &mut world, "GetServiceQuota", &body).unwrap();
        assert_eq!((&found["Quota"]["GlobalQuota"], &found["Quota"]["Value"]), (&json!(true), &json!(1000.0)));
        assert_eq!(found["Quota"]["QuotaArn"], "arn:aws:servicequotas::100000000001:iam/L-FE177D64");
    }

    #[test]
    fn each_code_is_there_once_and_in_order() {
        let codes: Vec<_> = QUOTAS.iter().map(|quota| (quota.service, quota.code)).collect();
        assert!(codes.is_sorted() && codes.windows(2).all(|two| two[0] != two[1]), "pages go by code: {codes:?}");
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
        assert_eq!(seen, QUOTAS.iter().filter(|quota| quota.service == "vpc").count());
    }
}
