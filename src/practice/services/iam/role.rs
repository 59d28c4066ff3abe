//! Roles, their tags and their managed policies.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Call, conflict, exists, no_such, paged, quota, tag_items, tag_list, time, validation};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::iam::{MANAGED, Role};

/// Policies are written as in a URL (RFC 3986).
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Managed policies that a role may have.
const MOST_POLICIES: usize = 10;

/// The services for which an account may have a service-linked role here, and the role's name.
const LINKED: &[(&str, &str)] = &[
    ("autoscaling.amazonaws.com", "AWSServiceRoleForAutoScaling"),
    ("ec2-instance-connect.amazonaws.com", "AWSServiceRoleForEc2InstanceConnect"),
    ("elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing"),
    ("rds.amazonaws.com", "AWSServiceRoleForRDS"),
    ("ssm.amazonaws.com", "AWSServiceRoleForAmazonSSM"),
];

/// A role as IAM shows it; lists leave the tags out.
pub(super) fn item(name: &str, role: &Role, tags: bool) -> Element {
    let item = Element::new(name)
        .leaf("Path", &role.path)
        .leaf("RoleName", &role.name)
        .leaf("RoleId", &role.id)
        .leaf("Arn", &role.arn)
        .leaf("CreateDate", time(role.created))
        .leaf("AssumeRolePolicyDocument", utf8_percent_encode(&role.trust, ENCODED))
        .leaf_opt("Description", role.description.as_ref())
        .leaf("MaxSessionDuration", role.max_session);
    if tags { tag_list(item, &role.tags) } else { item }
}

fn named<'c>(call: &'c mut Call<'_>) -> Result<&'c mut Role, ApiError> {
    let name = call.name("RoleName", 64)?;
    call.iam.roles.get_mut(&name).ok_or_else(|| no_such(format!("The role with name {name} cannot be found.")))
}

/// A trust policy: JSON with statements that each say who.
fn trust(text: &str) -> Result<String, ApiError> {
    let wrong = |message: &str| ApiError::new("MalformedPolicyDocument", message);
    let policy: Value = serde_json::from_str(text).map_err(|_| wrong("This policy contains invalid Json"))?;
    let statements = match policy.get("Statement") {
        Some(Value::Array(list)) if !list.is_empty() => list.clone(),
        Some(one @ Value::Object(_)) => vec![one.clone()],
        _ => return Err(wrong("Could not parse the policy: Statement is empty!")),
    };
    for statement in &statements {
        if !matches!(statement.get("Effect").and_then(Value::as_str), Some("Allow" | "Deny")) {
            return Err(wrong("Missing required field Effect"));
        }
        if statement.get("Principal").or_else(|| statement.get("NotPrincipal")).is_none() {
            return Err(wrong("Missing required field Principal"));
        }
        if statement.get("Action").or_else(|| statement.get("NotAction")).is_none() {
            return Err(wrong("Missing required field Action"));
        }
        if statement.get("Resource").is_some() {
            return Err(wrong("Has prohibited field Resource"));
        }
    }
    Ok(text.to_owned())
}

/// CreateRole
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let name = call.name("RoleName", 64)?;
    let path = call.path()?;
    let trust = trust(call.params.required("AssumeRolePolicyDocument")?)?;
    let max_session = call.params.int("MaxSessionDuration")?.unwrap_or(3600);
    if !(3600..=43_200).contains(&max_session) {
        return Err(validation(&format!(
            "Value '{max_session}' at 'maxSessionDuration' failed to satisfy constraint: Member must have value between 3600 and 43200"
        )));
    }
    if call.iam.roles.keys().any(|one| one.eq_ignore_ascii_case(&name)) {
        return Err(exists(format!("Role with name {name} already exists.")));
    }
    if call.iam.roles.len() >= call.limits.roles {
        return Err(quota("RolesPerAccount", call.limits.roles));
    }
    let description = call.params.text("Description").map(str::to_owned);
    let role = Role {
        id: call.id("AROA", &name),
        arn: format!("arn:aws:iam::{}:role{path}{name}", call.account),
        created: call.now,
        tags: call.tags()?,
        policies: std::collections::BTreeMap::new(),
        name: name.clone(),
        path,
        trust,
        description,
        max_session,
    };
    let answer = Element::new("CreateRoleResult").child(item("Role", &role, true));
    call.iam.roles.insert(name, role);
    Ok(answer)
}

/// GetRole
pub(super) fn get(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let role = named(call)?;
    Ok(Element::new("GetRoleResult").child(item("Role", role, true).child(Element::new("RoleLastUsed"))))
}

/// ListRoles
pub(super) fn list(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let prefix = call.params.text("PathPrefix").unwrap_or("/");
    let roles = call.iam.roles.iter().filter(|(_, role)| role.path.starts_with(prefix));
    let (roles, next) = call.page(roles)?;
    let items = roles.into_iter().map(|role| item("member", role, false));
    Ok(paged(Element::new("ListRolesResult").members("Roles", items), next.as_ref()))
}

/// DeleteRole
pub(super) fn delete(call: &mut Call<'_>) -> Result<Option<Element>, ApiError> {
    let role = named(call)?;
    let (name, policies, linked) =
        (role.name.clone(), role.policies.len(), role.path.starts_with("/aws-service-role/"));
    if linked {
        let message = format!(
            "Cannot perform the operation on the protected role '{name}' - this role is only modifiable by AWS"
        );
        return Err(ApiError::new("UnmodifiableEntity", message));
    }
    if call.iam.profiles.values().any(|profile| profile.role.as_ref().is_some_and(|(role, _)| *role == name)) {
        return Err(conflict("Cannot delete entity, must remove roles from instance profile first."));
    }
    if policies > 0 {
        return Err(conflict("Cannot delete entity, must detach all policies first."));
    }
    call.iam.roles.remove(&name);
    Ok(None)
}

/// UpdateAssumeRolePolicy
pub(super) fn update_trust(call: &mut Call<'_>) -> Result<Option<Element>, ApiError> {
    let policy = trust(call.params.required("PolicyDocument")?)?;
    named(call)?.trust = policy;
    Ok(None)
}

/// TagRole
pub(super) fn tag(call: &mut Call<'_>) -> Result<Option<Element>, ApiError> {
    let tags = call.tags()?;
    named(call)?.tags.extend(tags);
    Ok(None)
}

/// UntagRole
pub(super) fn untag(call: &mut Call<'_>) -> Result<Option<Element>, ApiError> {
    let keys: Vec<String> = call.params.list("TagKeys").into_iter().map(str::to_owned).collect();
    named(call)?.tags.retain(|key, _| !keys.contains(key));
    Ok(None)
}

/// ListRoleTags
pub(super) fn list_tags(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let tags = named(call)?.tags.clone();
    let (_, next) = call.page(tags.iter())?;
    Ok(paged(Element::new("ListRoleTagsResult").members("Tags", tag_items(&tags)), next.as_ref()))
}

/// AttachRolePolicy: again is a success.
pub(super) fn attach(call: &mut Call<'_>) -> Result<Option<Element>, ApiError> {
    let arn = call.params.required("PolicyArn")?;
    let now = call.now;
    let known = arn.strip_prefix("arn:aws:iam::aws:policy/").is_some_and(|name| MANAGED.contains(&name));
    let role = named(call)?;
    if arn.starts_with("arn:aws:iam::aws:policy/") && !known {
        return Err(ApiError::not_simulated(format_args!("the managed policy {arn}")));
    }
    if !known {
        return Err(no_such(format!("Policy {arn} does not exist or is not attachable.")));
    }
    if role.policies.len() >= MOST_POLICIES && !role.policies.contains_key(arn) {
        return Err(quota("PoliciesPerRole", MOST_POLICIES));
    }
    role.policies.entry(arn.to_owned()).or_insert(now);
    Ok(None)
}

/// GetPolicy: one of AWS's managed policies; what it allows is not told.
pub(super) fn policy(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let arn = call.params.required("PolicyArn")?;
    let Some(name) = arn.strip_prefix("arn:aws:iam::aws:policy/") else {
        return Err(no_such(format!("Policy {arn} was not found.")));
    };
    if !MANAGED.contains(&name) {
        return Err(ApiError::not_simulated(format_args!("the managed policy {arn}")));
    }
    let attached = call.iam.roles.values().filter(|role| role.policies.contains_key(arn)).count();
    let policy = Element::new("Policy")
        .leaf("PolicyName", name)
        .leaf("Arn", arn)
        .leaf("Path", "/")
        .leaf("DefaultVersionId", "v1")
        .leaf("AttachmentCount", attached)
        .leaf("IsAttachable", true);
    Ok(Element::new("GetPolicyResult").child(policy))
}

/// DetachRolePolicy
pub(super) fn detach(call: &mut Call<'_>) -> Result<Option<Element>, ApiError> {
    let arn = call.params.required("PolicyArn")?;
    match named(call)?.policies.remove(arn) {
        Some(_) => Ok(None),
        None => Err(no_such(format!("Policy {arn} was not found."))),
    }
}

/// ListAttachedRolePolicies
pub(super) fn list_attached(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let prefix = call.params.text("PathPrefix").unwrap_or("/");
    // All known policies have the path /.
    let policies = if prefix == "/" { named(call)?.policies.clone() } else { std::collections::BTreeMap::new() };
    let arns: std::collections::BTreeMap<String, String> = policies.into_keys().map(|arn| (arn.clone(), arn)).collect();
    let (arns, next) = call.page(arns.iter())?;
    let items = arns.into_iter().map(|arn| {
        Element::new("member").leaf("PolicyName", arn.rsplit('/').next().unwrap_or_default()).leaf("PolicyArn", arn)
    });
    Ok(paged(Element::new("ListAttachedRolePoliciesResult").members("AttachedPolicies", items), next.as_ref()))
}

/// ListRolePolicies: inline policies cannot be made here, so there are none.
pub(super) fn list_inline(call: &mut Call<'_>) -> Result<Element, ApiError> {
    named(call)?;
    let (_, next) = call.page(std::collections::BTreeMap::<String, String>::new().iter())?;
    Ok(paged(Element::new("ListRolePoliciesResult").members("PolicyNames", []), next.as_ref()))
}

/// CreateServiceLinkedRole
pub(super) fn create_service_linked(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let service = call.params.required("AWSServiceName")?;
    let Some((_, base)) = LINKED.iter().find(|(one, _)| *one == service) else {
        return Err(ApiError::not_simulated(format_args!("a service-linked role for {service}")));
    };
    let name = match call.params.text("CustomSuffix") {
        Some(suffix) if service.starts_with("autoscaling") => format!("{base}_{suffix}"),
        Some(_) => return Err(ApiError::new("InvalidInput", format!("Custom suffix is not allowed for {service}"))),
        None => (*base).to_owned(),
    };
    if call.iam.roles.contains_key(&name) {
        let message =
            format!("Service role name {name} has been taken in this account, please try a different suffix.");
        return Err(ApiError::new("InvalidInput", message));
    }
    let path = format!("/aws-service-role/{service}/");
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" }],
    });
    let role = Role {
        id: call.id("AROA", &name),
        arn: format!("arn:aws:iam::{}:role{path}{name}", call.account),
        created: call.now,
        tags: std::collections::BTreeMap::new(),
        policies: std::collections::BTreeMap::new(),
        name: name.clone(),
        path,
        trust: trust.to_string(),
        description: call.params.text("Description").map(str::to_owned),
        max_session: 3600,
    };
    let answer = Element::new("CreateServiceLinkedRoleResult").child(item("Role", &role, false));
    call.iam.roles.insert(name, role);
    Ok(answer)
}
