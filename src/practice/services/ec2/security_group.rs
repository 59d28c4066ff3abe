//! Security groups and their rules.

use super::Call;
use super::common::{maybe, one};
use super::errors::{self, invalid_value, limit, missing};
use super::page::{Choice, choose, paginate};
use super::{filters::Filters, permission, tags};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{Region, Rule, RuleSource, SecurityGroup};

fn arn(region: &Region, kind: &str, id: &str) -> String {
    format!("arn:aws:ec2:{}:{}:{kind}/{id}", region.name(), region.account())
}

/// Protocol and ports: what rules of one element have in common.
type Kind<'r> = (&'r str, Option<(i32, i32)>);

/// Rules with the same protocol and ports in one element, as DescribeSecurityGroups shows them.
fn permissions<'r>(region: &Region, rules: impl Iterator<Item = &'r Rule>) -> Vec<Element> {
    let mut kinds: Vec<(Kind<'_>, Vec<&Rule>)> = Vec::new();
    for rule in rules {
        let kind = (rule.protocol.as_str(), rule.ports);
        match kinds.iter_mut().find(|(one, _)| *one == kind) {
            Some((_, found)) => found.push(rule),
            None => kinds.push((kind, vec![rule])),
        }
    }
    kinds
        .into_iter()
        .map(|((protocol, ports), rules)| {
            let mut lists = [Element::new("groups"), Element::new("ipRanges"), Element::new("ipv6Ranges")];
            let [groups, ipv4, ipv6] = &mut lists;
            for rule in rules {
                let (list, element) = match &rule.source {
                    RuleSource::Group(id) => {
                        (&mut *groups, Element::item().leaf("userId", region.account()).leaf("groupId", id))
                    }
                    RuleSource::Ipv4(net) => (&mut *ipv4, Element::item().leaf("cidrIp", net)),
                    RuleSource::Ipv6(net) => (&mut *ipv6, Element::item().leaf("cidrIpv6", net)),
                };
                list.push(element.leaf_opt("description", rule.description.as_ref()));
            }
            Element::item()
                .leaf("ipProtocol", protocol)
                .leaf_opt("fromPort", ports.map(|(from, _)| from))
                .leaf_opt("toPort", ports.map(|(_, to)| to))
                .children(lists)
                .list("prefixListIds", [])
        })
        .collect()
}

fn item(region: &Region, group: &SecurityGroup) -> Element {
    Element::item()
        .leaf("groupId", &group.id)
        .leaf("groupName", &group.name)
        .leaf("groupDescription", &group.description)
        .leaf("ownerId", region.account())
        .leaf("vpcId", &group.vpc)
        .leaf("securityGroupArn", arn(region, "security-group", &group.id))
        .list("ipPermissions", permissions(region, group.rules.iter().filter(|rule| !rule.egress)))
        .list("ipPermissionsEgress", permissions(region, group.rules.iter().filter(|rule| rule.egress)))
        .child(tags::set(region, &group.id))
}

fn sources(rule: &Rule) -> (Option<String>, Option<String>, Option<&str>) {
    match &rule.source {
        RuleSource::Ipv4(net) => (Some(net.to_string()), None, None),
        RuleSource::Ipv6(net) => (None, Some(net.to_string()), None),
        RuleSource::Group(id) => (None, None, Some(id)),
    }
}

fn rule_item(region: &Region, group: &SecurityGroup, rule: &Rule) -> Element {
    let (ipv4, ipv6, referenced) = sources(rule);
    let (from, to) = rule.ports.unwrap_or((-1, -1));
    let referenced = referenced.map(|id| {
        Element::new("referencedGroupInfo")
            .leaf("groupId", id)
            .leaf("userId", region.account())
            .leaf("vpcId", &group.vpc)
    });
    Element::item()
        .leaf("securityGroupRuleId", &rule.id)
        .leaf("securityGroupRuleArn", arn(region, "security-group-rule", &rule.id))
        .leaf("groupId", &group.id)
        .leaf("groupOwnerId", region.account())
        .leaf("isEgress", rule.egress)
        .leaf("ipProtocol", &rule.protocol)
        .leaf("fromPort", from)
        .leaf("toPort", to)
        .leaf_opt("cidrIpv4", ipv4)
        .leaf_opt("cidrIpv6", ipv6)
        .child_opt(referenced)
        .leaf_opt("description", rule.description.as_ref())
        .child(tags::set(region, &rule.id))
}

/// CreateSecurityGroup
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let name = params.required("GroupName")?;
    let description = params.required("GroupDescription")?;
    let tags = call.tags_for("security-group")?;
    let vpc = match params.text("VpcId") {
        Some(id) => call.vpc(id)?.id.clone(),
        None => match call.region.vpcs.values().find(|vpc| vpc.is_default) {
            Some(vpc) => vpc.id.clone(),
            None => return Err(ApiError::new("VPCIdNotSpecified", "No default VPC for this user")),
        },
    };
    for (parameter, value) in [("GroupName", name), ("GroupDescription", description)] {
        if !value.is_ascii() {
            return Err(invalid_value(format!(
                "Value ({value}) for parameter {parameter} is invalid. Character sets beyond ASCII are not supported."
            )));
        }
        let fine = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
        if value.len() > 255 || !value.chars().all(fine) {
            return Err(invalid_value(format!("Invalid value '{value}' for parameter {parameter}.")));
        }
    }
    if name.to_ascii_lowercase().starts_with("sg-") {
        return Err(invalid_value(format!(
            "Value ({name}) for parameter GroupName is invalid. Group names may not be in the format sg-*."
        )));
    }
    if name.eq_ignore_ascii_case("default") {
        return Err(invalid_value(format!("Cannot use reserved security group name: {name}")));
    }
    let same = |group: &&SecurityGroup| group.vpc == vpc && group.name.eq_ignore_ascii_case(name);
    if call.region.security_groups.values().find(same).is_some() {
        return Err(ApiError::new(
            "InvalidGroup.Duplicate",
            format!("The security group '{name}' already exists for VPC '{vpc}'"),
        ));
    }
    if call.region.security_groups.len() >= call.region.options().limits.security_groups {
        return Err(limit("SecurityGroupLimitExceeded", "security groups"));
    }
    let id = call.region.make_security_group(&vpc, name, description);
    call.region.hide_for_a_while(&id);
    call.tag(&id, tags);
    Ok(call
        .done()
        .leaf("groupId", &id)
        .leaf("securityGroupArn", call.arn("security-group", &id))
        .child(tags::set(call.region, &id)))
}

/// DeleteSecurityGroup: not the default one, not while an interface carries it or another group's rule names it.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let group = call.named_group()?.clone();
    let id = group.id;
    if group.name == "default" {
        return Err(ApiError::new(
            "CannotDelete",
            format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user"),
        ));
    }
    let carried = call.region.interfaces.values().any(|interface| interface.groups.contains(&id));
    let named = call
        .region
        .security_groups
        .values()
        .any(|other| other.id != id && other.rules.iter().any(|rule| rule.source == RuleSource::Group(id.clone())));
    if carried || named {
        return Err(ApiError::new("DependencyViolation", format!("resource {id} has a dependent object")));
    }
    call.region.security_groups.remove(&id);
    call.region.forget(&id);
    for rule in group.rules {
        call.region.forget(&rule.id);
    }
    Ok(call.done().leaf("groupId", id))
}

const FILTERS: &[&str] = &[
    "description",
    "egress.ip-permission.cidr",
    "egress.ip-permission.from-port",
    "egress.ip-permission.group-id",
    "egress.ip-permission.protocol",
    "egress.ip-permission.to-port",
    "group-id",
    "group-name",
    "ip-permission.cidr",
    "ip-permission.from-port",
    "ip-permission.group-id",
    "ip-permission.ipv6-cidr",
    "ip-permission.protocol",
    "ip-permission.to-port",
    "owner-id",
    "vpc-id",
];

fn fact(region: &Region, group: &SecurityGroup, name: &str) -> Vec<String> {
    let (egress, rest) = match name.strip_prefix("egress.") {
        Some(rest) => (true, rest),
        None => (false, name),
    };
    let of_rules = |value: &dyn Fn(&Rule) -> Option<String>| {
        group.rules.iter().filter(|rule| rule.egress == egress).filter_map(value).collect()
    };
    match rest {
        "description" => one(&group.description),
        "group-id" => one(&group.id),
        "group-name" => one(&group.name),
        "owner-id" => one(region.account()),
        "vpc-id" => one(&group.vpc),
        "ip-permission.cidr" => of_rules(&|rule| sources(rule).0),
        "ip-permission.ipv6-cidr" => of_rules(&|rule| sources(rule).1),
        "ip-permission.group-id" => of_rules(&|rule| sources(rule).2.map(str::to_owned)),
        "ip-permission.protocol" => of_rules(&|rule| Some(rule.protocol.clone())),
        "ip-permission.from-port" => of_rules(&|rule| rule.ports.map(|(from, _)| from.to_string())),
        "ip-permission.to-port" => of_rules(&|rule| rule.ports.map(|(_, to)| to.to_string())),
        _ => Vec::new(),
    }
}

/// DescribeSecurityGroups
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let names = call.params.list("GroupName");
    for name in &names {
        call.default_vpc_group(name)?;
    }
    for id in call.params.list("GroupId") {
        call.security_group(id)?;
    }
    let choice = Choice { ids: "GroupId", noun: &errors::SECURITY_GROUP, filters: FILTERS, smallest: 5 };
    let page = choose(call, &choice, call.region.security_groups.iter(), fact)?;
    let in_default = |group: &SecurityGroup| call.region.vpcs.get(&group.vpc).is_some_and(|vpc| vpc.is_default);
    let items = page
        .items
        .iter()
        .filter(|group| names.is_empty() || (in_default(group) && names.contains(&group.name.as_str())))
        .map(|group| item(call.region, group));
    Ok(call.answer().list("securityGroupInfo", items).leaf_opt("nextToken", page.next.as_ref()))
}

/// DescribeSecurityGroupRules
pub(super) fn describe_rules(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let ids = call.params.list("SecurityGroupRuleId");
    let filters = Filters::read(call.params, &["group-id", "security-group-rule-id"])?;
    let region: &Region = call.region;
    let mut rules: Vec<(&String, (&SecurityGroup, &Rule))> = region
        .security_groups
        .values()
        .filter(|group| !region.is_hidden(&group.id))
        .flat_map(|group| group.rules.iter().map(move |rule| (&rule.id, (group, rule))))
        .collect();
    if let Some(id) = ids.iter().find(|id| !rules.iter().any(|(one, _)| one == *id)) {
        return Err(errors::SECURITY_GROUP_RULE.not_found(id));
    }
    rules.retain(|(id, (group, _))| {
        (ids.is_empty() || ids.contains(&id.as_str()))
            && filters.pass(region.tags.get(*id), |name| match name {
                "group-id" => one(&group.id),
                _ => one(id),
            })
    });
    rules.sort_by_key(|(id, _)| *id);
    let choice = Choice { ids: "SecurityGroupRuleId", noun: &errors::SECURITY_GROUP_RULE, filters: &[], smallest: 5 };
    let page = paginate(call, &choice, !ids.is_empty(), rules)?;
    let items = page.items.iter().map(|(group, rule)| rule_item(region, group, rule));
    Ok(call.answer().list("securityGroupRuleSet", items).leaf_opt("nextToken", page.next.as_ref()))
}

/// AuthorizeSecurityGroupIngress, AuthorizeSecurityGroupEgress: all rules or none.
pub(super) fn authorize(call: &mut Call<'_>, egress: bool) -> Result<Element, ApiError> {
    let group = call.named_group()?.clone();
    let tags = call.tags_for("security-group-rule")?;
    let mut rules = permission::read(call, &group, egress)?;
    if rules.is_empty() {
        return Err(missing("ipPermissions"));
    }
    if let Some(known) = rules.iter().find(|rule| group.rules.iter().any(|there| there.same_traffic(rule))) {
        return Err(ApiError::new(
            "InvalidPermission.Duplicate",
            format!("the specified rule \"{}\" already exists", permission::sentence(known)),
        ));
    }
    let before = group.rules.iter().filter(|rule| rule.egress == egress).count();
    if before + rules.len() > call.region.options().limits.rules_per_direction {
        return Err(limit("RulesPerSecurityGroupLimitExceeded", "rules per security group"));
    }
    for rule in &mut rules {
        rule.id = call.region.id("sgr");
    }
    if let Some(found) = call.region.security_groups.get_mut(&group.id) {
        found.rules.extend(rules.iter().cloned());
    }
    for rule in &rules {
        call.tag(&rule.id, tags.clone());
    }
    let items = rules.iter().map(|rule| rule_item(call.region, &group, rule));
    Ok(call.done().list("securityGroupRuleSet", items))
}

/// RevokeSecurityGroupIngress, RevokeSecurityGroupEgress: by rule ids or by what the rules say.
pub(super) fn revoke(call: &mut Call<'_>, egress: bool) -> Result<Element, ApiError> {
    let group = call.named_group()?.clone();
    let ids = call.params.list("SecurityGroupRuleId");
    let mut gone: Vec<Rule> = Vec::new();
    let mut unknown: Vec<Rule> = Vec::new();
    for id in &ids {
        match group.rules.iter().find(|rule| rule.id == **id && rule.egress == egress) {
            Some(rule) => gone.push(rule.clone()),
            None => return Err(errors::SECURITY_GROUP_RULE.not_found(id)),
        }
    }
    let asked = permission::read(call, &group, egress)?;
    if ids.is_empty() && asked.is_empty() {
        return Err(missing("ipPermissions"));
    }
    for rule in asked {
        match group.rules.iter().find(|there| there.same_traffic(&rule)) {
            Some(there) => gone.push(there.clone()),
            None => unknown.push(rule),
        }
    }
    // In the default VPC AWS only tells which rules it did not find.
    let lenient = call.region.vpcs.get(&group.vpc).is_some_and(|vpc| vpc.is_default);
    if !unknown.is_empty() && !lenient {
        return Err(ApiError::new(
            "InvalidPermission.NotFound",
            "The specified rule does not exist in this security group.",
        ));
    }
    if let Some(found) = call.region.security_groups.get_mut(&group.id) {
        found.rules.retain(|rule| !gone.iter().any(|one| one.id == rule.id));
    }
    let revoked: Vec<Element> = gone.iter().map(|rule| revoked(&group.id, rule)).collect();
    for rule in &gone {
        call.region.forget(&rule.id);
    }
    Ok(call
        .done()
        .list("revokedSecurityGroupRuleSet", revoked)
        .list("unknownIpPermissionSet", permissions(call.region, unknown.iter())))
}

fn revoked(group: &str, rule: &Rule) -> Element {
    let (ipv4, ipv6, referenced) = sources(rule);
    let (from, to) = rule.ports.unwrap_or((-1, -1));
    Element::item()
        .leaf("securityGroupRuleId", &rule.id)
        .leaf("groupId", group)
        .leaf("isEgress", rule.egress)
        .leaf("ipProtocol", &rule.protocol)
        .leaf("fromPort", from)
        .leaf("toPort", to)
        .leaf_opt("cidrIpv4", ipv4)
        .leaf_opt("cidrIpv6", ipv6)
        .leaf_opt("referencedGroupId", referenced)
        .leaf_opt("description", rule.description.as_ref())
}

/// ModifySecurityGroupRules: the rule keeps its id and its kind of source.
pub(super) fn modify_rules(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let mut group = call.security_group(call.params.required("GroupId")?)?.clone();
    let updates = call.params.structs("SecurityGroupRule");
    if updates.is_empty() {
        return Err(missing("securityGroupRules"));
    }
    for update in updates {
        let id = update.required("SecurityGroupRuleId")?;
        let Some(old) = group.rules.iter().find(|rule| rule.id == id).cloned() else {
            return Err(errors::SECURITY_GROUP_RULE.not_found(id));
        };
        let mut new = permission::read_structure(call, &group, old.egress, &update.sub("SecurityGroupRule"))?;
        if std::mem::discriminant(&old.source) != std::mem::discriminant(&new.source) {
            return Err(invalid_value(format!(
                "The kind of source of the security group rule '{id}' cannot be changed"
            )));
        }
        if group.rules.iter().any(|rule| rule.id != id && rule.same_traffic(&new)) {
            return Err(ApiError::new(
                "InvalidPermission.Duplicate",
                format!("the specified rule \"{}\" already exists", permission::sentence(&new)),
            ));
        }
        new.id = id.to_owned();
        for rule in &mut group.rules {
            if rule.id == id {
                *rule = new.clone();
            }
        }
    }
    call.region.security_groups.insert(group.id.clone(), group);
    Ok(call.done())
}

/// UpdateSecurityGroupRuleDescriptionsIngress, UpdateSecurityGroupRuleDescriptionsEgress
pub(super) fn update_descriptions(call: &mut Call<'_>, egress: bool) -> Result<Element, ApiError> {
    let mut group = call.named_group()?.clone();
    let by_rule = permission::read(call, &group, egress)?;
    let by_id = call.params.structs("SecurityGroupRuleDescription");
    if by_rule.is_empty() == by_id.is_empty() {
        return Err(missing("ipPermissions"));
    }
    for wanted in by_rule {
        let Some(rule) = group.rules.iter_mut().find(|rule| rule.same_traffic(&wanted)) else {
            return Err(ApiError::new(
                "InvalidPermission.NotFound",
                "The specified rule does not exist in this security group.",
            ));
        };
        rule.description = wanted.description;
    }
    for view in by_id {
        let id = view.required("SecurityGroupRuleId")?;
        let text = view.text("Description").unwrap_or_default();
        permission::check_description(text)?;
        let Some(rule) = group.rules.iter_mut().find(|rule| rule.id == id && rule.egress == egress) else {
            return Err(errors::SECURITY_GROUP_RULE.not_found(id));
        };
        rule.description = maybe(Some(text)).pop().filter(|text| !text.is_empty());
    }
    call.region.security_groups.insert(group.id.clone(), group);
    Ok(call.done())
}
