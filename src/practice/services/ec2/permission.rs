//! The rules of a security group as requests write them: IpPermissions, the older flat form, and rule structures.

use super::Call;
use super::errors::{invalid_value, missing};
use crate::practice::services::ApiError;
use crate::practice::wire::query::View;
use crate::practice::world::{Rule, RuleSource, SecurityGroup};

/// A group's name or id in a request.
impl Call<'_> {
    /// The security group that a request names by GroupId, or by GroupName in the default VPC.
    pub(super) fn named_group(&self) -> Result<&SecurityGroup, ApiError> {
        match (self.params.text("GroupId"), self.params.text("GroupName")) {
            (Some(id), _) => self.security_group(id),
            (None, Some(name)) => self.default_vpc_group(name),
            (None, None) => Err(missing("groupId")),
        }
    }

    /// The security group with a name in the default VPC.
    pub(super) fn default_vpc_group(&self, name: &str) -> Result<&SecurityGroup, ApiError> {
        let vpc = self.region.vpcs.values().find(|vpc| vpc.is_default);
        vpc.and_then(|vpc| self.region.security_groups.values().find(|group| group.vpc == vpc.id && group.name == name))
            .ok_or_else(|| {
                ApiError::new(
                    "InvalidGroup.NotFound",
                    format!("The security group '{name}' does not exist in default VPC"),
                )
            })
    }
}

/// `6` becomes `tcp`, and so on; what has no name stays a number.
fn protocol(text: &str) -> Result<String, ApiError> {
    let lower = text.to_ascii_lowercase();
    Ok(match lower.as_str() {
        "tcp" | "6" => "tcp".to_owned(),
        "udp" | "17" => "udp".to_owned(),
        "icmp" | "1" => "icmp".to_owned(),
        "icmpv6" | "58" => "icmpv6".to_owned(),
        "-1" | "all" => "-1".to_owned(),
        other if other.parse::<u8>().is_ok() => other.to_owned(),
        _ => return Err(invalid_value(format!("Invalid value '{text}' for IP protocol. Unknown protocol."))),
    })
}

/// Protocol and ports of a structure that has IpProtocol, FromPort and ToPort.
fn traffic(view: &View<'_>) -> Result<(String, Option<(i32, i32)>), ApiError> {
    let protocol = protocol(view.required("IpProtocol")?)?;
    let (from, to) = (view.int("FromPort")?, view.int("ToPort")?);
    let wrong = || {
        invalid_value(format!(
            "Invalid TCP/UDP port range ({}:{})",
            from.map(|port| port.to_string()).unwrap_or_default(),
            to.map(|port| port.to_string()).unwrap_or_default()
        ))
    };
    let number = |value: i64| i32::try_from(value).map_err(|_| wrong());
    let ports = match protocol.as_str() {
        "tcp" | "udp" => {
            let (Some(from), Some(to)) = (from, to) else {
                return Err(invalid_value(
                    "Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.",
                ));
            };
            if !(0..=65535).contains(&from) || !(0..=65535).contains(&to) || from > to {
                return Err(wrong());
            }
            Some((number(from)?, number(to)?))
        }
        "icmp" | "icmpv6" => {
            let (from, to) = (from.unwrap_or(-1), to.unwrap_or(-1));
            if !(-1..=255).contains(&from) || !(-1..=255).contains(&to) {
                return Err(invalid_value(format!("ICMP type ({from}) or code ({to}) is invalid")));
            }
            Some((number(from)?, number(to)?))
        }
        _ => None,
    };
    Ok((protocol, ports))
}

fn ipv4(text: &str) -> Result<RuleSource, ApiError> {
    text.parse::<ipnet::Ipv4Net>()
        .map(|net| RuleSource::Ipv4(net.trunc()))
        .map_err(|_| invalid_value(format!("CIDR block {text} is malformed")))
}

fn ipv6(text: &str) -> Result<RuleSource, ApiError> {
    text.parse::<ipnet::Ipv6Net>()
        .map(|net| RuleSource::Ipv6(net.trunc()))
        .map_err(|_| invalid_value(format!("CIDR block {text} is malformed")))
}

fn description(view: &View<'_>) -> Result<Option<String>, ApiError> {
    let Some(text) = view.text("Description") else { return Ok(None) };
    check_description(text)?;
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// Rule descriptions: at most 255 of AWS's characters.
pub(super) fn check_description(text: &str) -> Result<(), ApiError> {
    let fine = |c: char| c.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(c);
    if text.chars().count() > 255 || !text.chars().all(fine) {
        return Err(invalid_value(format!(
            "Invalid rule description. Valid descriptions are strings less than 256 characters from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{{}}!$* (got: {text})"
        )));
    }
    Ok(())
}

/// A group in a rule: it must exist in the same VPC.
fn group_source(call: &Call<'_>, group: &SecurityGroup, id: &str) -> Result<RuleSource, ApiError> {
    if call.security_group(id)?.vpc != group.vpc {
        return Err(ApiError::new(
            "InvalidGroup.NotFound",
            "You have specified two resources that belong to different networks.",
        ));
    }
    Ok(RuleSource::Group(id.to_owned()))
}

/// The rules that a request writes down for a group, without ids: IpPermissions, or the flat form.
pub(super) fn read(call: &Call<'_>, group: &SecurityGroup, egress: bool) -> Result<Vec<Rule>, ApiError> {
    let params = call.params;
    let mut rules = Vec::new();
    let mut add = |traffic: &(String, Option<(i32, i32)>), source, description| {
        let (protocol, ports) = traffic.clone();
        rules.push(Rule { id: String::new(), egress, protocol, ports, source, description });
    };
    for permission in params.structs("IpPermissions") {
        let traffic = traffic(&permission)?;
        if !permission.structs("PrefixListIds").is_empty() {
            return Err(ApiError::not_simulated("prefix lists in security group rules"));
        }
        for range in permission.structs("IpRanges") {
            add(&traffic, ipv4(range.required("CidrIp")?)?, description(&range)?);
        }
        for range in permission.structs("Ipv6Ranges") {
            add(&traffic, ipv6(range.required("CidrIpv6")?)?, description(&range)?);
        }
        for pair in permission.structs("Groups") {
            if pair.text("UserId").is_some_and(|user| user != call.region.account()) {
                return Err(ApiError::not_simulated("security groups of other accounts"));
            }
            let _ = (pair.text("VpcId"), pair.text("PeeringStatus"));
            let id = match (pair.text("GroupId"), pair.text("GroupName")) {
                (Some(id), _) => id.to_owned(),
                (None, Some(name)) => call.default_vpc_group(name)?.id.clone(),
                (None, None) => return Err(missing("groupId")),
            };
            add(&traffic, group_source(call, group, &id)?, description(&pair)?);
        }
    }
    let root = params.root();
    if params.text("IpProtocol").is_some() {
        let traffic = traffic(&root)?;
        if let Some(name) = params.text("SourceSecurityGroupName") {
            let _ = params.text("SourceSecurityGroupOwnerId");
            let id = call.default_vpc_group(name)?.id.clone();
            add(&traffic, group_source(call, group, &id)?, None);
        }
        if let Some(cidr) = params.text("CidrIp") {
            add(&traffic, ipv4(cidr)?, None);
        }
    }
    for (index, rule) in rules.iter().enumerate() {
        if rules.iter().take(index).any(|earlier| earlier.same_traffic(rule)) {
            return Err(invalid_value("The same permission must not appear multiple times"));
        }
    }
    Ok(rules)
}

/// A rule as ModifySecurityGroupRules writes it.
pub(super) fn read_structure(
    call: &Call<'_>,
    group: &SecurityGroup,
    egress: bool,
    view: &View<'_>,
) -> Result<Rule, ApiError> {
    let (protocol, ports) = traffic(view)?;
    let source = match (view.text("CidrIpv4"), view.text("CidrIpv6"), view.text("ReferencedGroupId")) {
        (Some(cidr), None, None) => ipv4(cidr)?,
        (None, Some(cidr), None) => ipv6(cidr)?,
        (None, None, Some(id)) => group_source(call, group, id)?,
        (None, None, None) => return Err(missing("cidrIpv4")),
        _ => return Err(invalid_value("Only one source or destination may be specified for a security group rule")),
    };
    Ok(Rule { id: String::new(), egress, protocol, ports, source, description: description(view)? })
}

/// The rule in AWS's sentence about duplicates: `peer: 203.0.113.7/32, TCP, from port: 22, to port: 22, ALLOW`.
pub(super) fn sentence(rule: &Rule) -> String {
    let peer = match &rule.source {
        RuleSource::Ipv4(net) => net.to_string(),
        RuleSource::Ipv6(net) => net.to_string(),
        RuleSource::Group(id) => id.clone(),
    };
    let what = if rule.protocol == "-1" { "ALL".to_owned() } else { rule.protocol.to_uppercase() };
    let ports = match (rule.protocol.as_str(), rule.ports) {
        ("icmp" | "icmpv6", Some((kind, code))) => format!(", type: {kind}, code: {code}"),
        (_, Some((from, to))) => format!(", from port: {from}, to port: {to}"),
        (_, None) => String::new(),
    };
    format!("peer: {peer}, {what}{ports}, ALLOW")
}
