//! Account limits and the security policies of HTTPS listeners.

use super::Call;
use super::page::paginate;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;

/// DescribeAccountLimits: those that application load balancers have.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let limits = &call.region.options().limits;
    let all = [
        ("application-load-balancers", limits.load_balancers),
        ("certificates-per-application-load-balancer", limits.certificates_per_balancer),
        ("condition-values-per-alb-rule", 5),
        ("listeners-per-application-load-balancer", limits.listeners_per_balancer),
        ("rules-per-application-load-balancer", limits.rules_per_balancer),
        ("target-groups", limits.target_groups),
        ("target-groups-per-action-on-application-load-balancer", 5),
        ("targets-per-target-group", limits.targets_per_group),
    ];
    let item = |name: &str, max: usize| Element::new("member").leaf("Name", name).leaf("Max", max);
    let page = paginate(call, all.iter().map(|(name, max)| ((*name).to_owned(), item(name, *max))).collect())?;
    Ok(call.result().members("Limits", page.items).leaf_opt("NextMarker", page.next))
}

/// A security policy: its name, its protocols, its ciphers in order.
struct Policy {
    name: &'static str,
    protocols: &'static [&'static str],
    ciphers: &'static [&'static [&'static str]],
}

const TLS13: &[&str] = &["TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"];
const ECDHE_GCM: &[&str] = &[
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
];
const ECDHE_SHA2: &[&str] = &[
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA384",
];
const RSA_SHA2: &[&str] = &["AES128-GCM-SHA256", "AES128-SHA256", "AES256-GCM-SHA384", "AES256-SHA256"];
const OLD: &[&str] = &[
    "ECDHE-ECDSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-ECDSA-AES128-SHA256",
    "ECDHE-RSA-AES128-SHA256",
    "ECDHE-ECDSA-AES128-SHA",
    "ECDHE-RSA-AES128-SHA",
    "ECDHE-ECDSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-ECDSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-AES256-SHA",
    "ECDHE-ECDSA-AES256-SHA",
    "AES128-GCM-SHA256",
    "AES128-SHA256",
    "AES128-SHA",
    "AES256-GCM-SHA384",
    "AES256-SHA256",
    "AES256-SHA",
];

const POLICIES: &[Policy] = &[
    Policy { name: "ELBSecurityPolicy-2016-08", protocols: &["TLSv1", "TLSv1.1", "TLSv1.2"], ciphers: &[OLD] },
    Policy { name: "ELBSecurityPolicy-TLS-1-2-2017-01", protocols: &["TLSv1.2"], ciphers: &[ECDHE_SHA2, RSA_SHA2] },
    Policy {
        name: "ELBSecurityPolicy-TLS13-1-2-2021-06",
        protocols: &["TLSv1.2", "TLSv1.3"],
        ciphers: &[TLS13, ECDHE_SHA2],
    },
    Policy {
        name: "ELBSecurityPolicy-TLS13-1-2-Res-2021-06",
        protocols: &["TLSv1.2", "TLSv1.3"],
        ciphers: &[TLS13, ECDHE_GCM],
    },
    Policy { name: "ELBSecurityPolicy-TLS13-1-3-2021-06", protocols: &["TLSv1.3"], ciphers: &[TLS13] },
];

/// Refuses a policy that is not there. AWS has more than are simulated.
pub(super) fn check_policy(name: &str) -> Result<(), ApiError> {
    if POLICIES.iter().any(|policy| policy.name == name) {
        Ok(())
    } else if name.starts_with("ELBSecurityPolicy-") {
        Err(ApiError::not_simulated(format_args!("the security policy {name}")))
    } else {
        Err(ApiError::new("SSLPolicyNotFound", format!("SSL policy '{name}' not found")))
    }
}

/// DescribeSSLPolicies
pub(super) fn describe_policies(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let names = call.params.list("Names");
    for name in &names {
        check_policy(name)?;
    }
    let of_alb = call.params.text("LoadBalancerType").is_none_or(|kind| kind == "application");
    let item = |policy: &Policy| {
        let ciphers = (1_u32..).zip(policy.ciphers.iter().copied().flatten());
        let ciphers = ciphers.map(|(place, name)| Element::new("member").leaf("Name", name).leaf("Priority", place));
        Element::new("member")
            .members("SslProtocols", policy.protocols.iter().map(|name| Element::leaf_of("member", name)))
            .members("Ciphers", ciphers)
            .leaf("Name", policy.name)
            .members(
                "SupportedLoadBalancerTypes",
                ["application", "network"].map(|kind| Element::leaf_of("member", kind)),
            )
    };
    let wanted = |policy: &&Policy| of_alb && (names.is_empty() || names.contains(&policy.name));
    let all = POLICIES.iter().filter(wanted).map(|policy| (policy.name.to_owned(), item(policy))).collect();
    let page = paginate(call, all)?;
    Ok(call.result().members("SslPolicies", page.items).leaf_opt("NextMarker", page.next))
}
