//! An inbound rule of a security group.
//!
//! Found by group, protocol, ports and source; else, when the source has changed (the learner's address), by recorded
//! id or tag `Name`. A rule is authorised alone, so that one that exists already does not spoil the others; to change
//! a source, the new rule is authorised before the old one is revoked.

use aws_sdk_ec2::types::{Filter, IpPermission, IpRange, SecurityGroupRule as LiveRule, UserIdGroupPair};

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::{Key, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::desire::MY_IP;
use crate::lab::kind::{Env, Kind, Need, readable};
use crate::lab::world::{Desired, Difference, Mend, Observed, Sight, World};
use crate::problem::Problem;

use super::support::{self, PROJECT, Seen, done, filter, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("group", FieldType::Ref("security-group"), ("보안 그룹", "security group")),
    Field::new("protocol", FieldType::Word(&["tcp", "udp", "icmp", "all"]), ("프로토콜", "protocol")),
    Field::new("port", FieldType::Int, ("포트", "port")).optional(),
    Field::new("to_port", FieldType::Int, ("끝 포트", "end port")).optional(),
    Field::new("source", FieldType::Source, ("소스", "source")).in_place(),
];

/// What a rule lets in, in comparable form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permission {
    /// `tcp`, `udp`, `icmp`, `all` or a protocol number.
    pub protocol: String,
    /// First port; -1 where ports do not matter.
    pub from: i64,
    /// Last port; -1 where ports do not matter.
    pub to: i64,
    /// A block or a group's id; for a declared rule whose group is not there, the group's name.
    pub source: String,
}

impl Permission {
    /// What a live rule lets in.
    pub fn of(rule: &LiveRule) -> Self {
        let protocol = match rule.ip_protocol().unwrap_or("-1") {
            "-1" => "all",
            "6" => "tcp",
            "17" => "udp",
            "1" => "icmp",
            other => other,
        };
        let group = rule.referenced_group_info().and_then(|group| group.group_id());
        let source = rule.cidr_ipv4().or(group).or(rule.cidr_ipv6()).or(rule.prefix_list_id());
        Self {
            protocol: protocol.to_owned(),
            from: rule.from_port().map_or(-1, i64::from),
            to: rule.to_port().map_or(-1, i64::from),
            source: source.unwrap_or_default().to_owned(),
        }
    }

    /// What an item of a group's `ingress` lets in.
    pub fn of_value(value: &Value) -> Self {
        let text = |name: &str| value.member(name).and_then(Value::as_text).unwrap_or_default().to_owned();
        let port = |name: &str| value.member(name).and_then(Value::as_int).unwrap_or(-1);
        Self { protocol: text("protocol"), from: port("from"), to: port("to"), source: text("source") }
    }

    /// What a declared rule should let in.
    pub fn wanted(desired: &Desired, world: &World) -> Self {
        let (from, to) = ports(desired);
        let source = desired.text("source").unwrap_or_default();
        let source = match group_source(desired).and_then(|key| world.get(&key)) {
            Some(group) => group.id.clone(),
            None => source.to_owned(),
        };
        Self { protocol: desired.text("protocol").unwrap_or_default().to_owned(), from, to, source }
    }

    /// `tcp 22 ← 0.0.0.0/0`.
    pub fn readable(&self, world: &World) -> String {
        let ports = match (self.from, self.to) {
            (-1, _) => String::new(),
            (from, to) if from == to => format!(" {from}"),
            (from, to) => format!(" {from}-{to}"),
        };
        format!("{}{ports} ← {}", self.protocol, readable(&self.source.as_str().into(), world))
    }

    fn same_but_source(&self, other: &Self) -> bool {
        self.protocol == other.protocol && self.from == other.from && self.to == other.to
    }
}

/// First and last port as AWS reports them.
fn ports(desired: &Desired) -> (i64, i64) {
    let from = desired.int("port").unwrap_or(-1);
    (from, desired.int("to_port").unwrap_or(from))
}

/// The security group that a declared rule lets in, when its source is not a block.
fn group_source(desired: &Desired) -> Option<Key> {
    let source = desired.text("source")?;
    if source == MY_IP || source.contains('/') {
        return None;
    }
    desired.reference("source", "security-group")
}

/// `lab:my-ip` for the rule that follows the learner's address, the rule's name for the others.
fn description(desired: &Desired) -> String {
    if desired.key.name.ends_with(MY_IP) { format!("lab:{MY_IP}") } else { format!("lab:{}", desired.key.name) }
}

fn authorize(desired: &Desired, env: &Env<'_>, effect: Effect) -> Option<Call> {
    let group = desired.reference("group", "security-group")?;
    let protocol = match desired.text("protocol")? {
        "all" => "-1",
        other => other,
    };
    let mut permission = vec![("IpProtocol".to_owned(), Arg::text(protocol))];
    let (from, to) = ports(desired);
    // All traffic has no ports; all ICMP has -1 and -1.
    if protocol != "-1" {
        permission.push(("FromPort".to_owned(), Arg::Int(from)));
        permission.push(("ToPort".to_owned(), Arg::Int(to)));
    }
    let description = ("Description", Arg::text(description(desired)));
    permission.push(match group_source(desired) {
        Some(source) => {
            ("UserIdGroupPairs".to_owned(), Arg::List(vec![Arg::map([("GroupId", Arg::id(&source)), description])]))
        }
        None => {
            let block = Arg::text(desired.text("source")?);
            ("IpRanges".to_owned(), Arg::List(vec![Arg::map([("CidrIp", block), description])]))
        }
    });
    Some(
        support::ec2_call("AuthorizeSecurityGroupIngress", effect, desired)
            .arg("GroupId", Arg::id(&group))
            .arg("IpPermissions", Arg::List(vec![Arg::Map(permission)]))
            .arg("TagSpecifications", support::tags(desired, env, &["security-group-rule"]))
            .gives("SecurityGroupRules[0].SecurityGroupRuleId")
            .done_if(&["InvalidPermission.Duplicate"])
            .again_if(&["InvalidGroup.NotFound"]),
    )
}

fn revoke(call: Call, group: &str, rule: &str) -> Call {
    call.arg("GroupId", Arg::text(group)).arg("SecurityGroupRuleIds", Arg::List(vec![Arg::text(rule)])).done_if(&[
        "InvalidSecurityGroupRuleId.NotFound",
        "InvalidPermission.NotFound",
        "InvalidGroup.NotFound",
    ])
}

/// The kind.
#[derive(Debug)]
pub struct SecurityGroupRule;

impl Kind for SecurityGroupRule {
    fn name(&self) -> &'static str {
        "security-group-rule"
    }

    fn title(&self) -> Text {
        Text::new("인바운드 규칙", "inbound rule")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn needs(&self, desired: &Desired, _: &Env<'_>) -> Vec<Need> {
        let group = desired.reference("group", "security-group");
        group.into_iter().chain(group_source(desired)).map(|key| Need { key, ready: false }).collect()
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        authorize(desired, env, Effect::Create).into_iter().collect()
    }

    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let wanted = Permission::wanted(desired, env.world);
        let found = observed.text("source").unwrap_or_default();
        if wanted.source == found {
            return Vec::new();
        }
        vec![Difference {
            key: desired.key.clone(),
            field: "source".to_owned(),
            wanted: readable(&wanted.source.as_str().into(), env.world),
            found: readable(&found.into(), env.world),
            mend: Mend::InPlace,
        }]
    }

    fn change(&self, desired: &Desired, observed: &Observed, differences: &[Difference], env: &Env<'_>) -> Vec<Call> {
        if differences.is_empty() {
            return Vec::new();
        }
        let group = observed.text("group").unwrap_or_default();
        let old = support::ec2_call("RevokeSecurityGroupIngress", Effect::Change, desired);
        authorize(desired, env, Effect::Change).into_iter().chain([revoke(old, group, &observed.id)]).collect()
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        let call = support::delete_call("RevokeSecurityGroupIngress", observed, step);
        vec![revoke(call, observed.text("group").unwrap_or_default(), &observed.id)]
    }

    fn rank(&self) -> u8 {
        50
    }
}

/// All rules that pass the filters, outbound ones too.
pub async fn rules(clients: &Clients, role: Role, filters: Vec<Filter>) -> Result<Vec<LiveRule>, Problem> {
    let request = clients.ec2(role).describe_security_group_rules().set_filters(Some(filters));
    Ok(read_all!(clients, role, "DescribeSecurityGroupRules", request))
}

fn is_inbound(rule: &&LiveRule) -> bool {
    !rule.is_egress().unwrap_or_default()
}

fn seen(rule: &LiveRule) -> Seen {
    let permission = Permission::of(rule);
    let port = |port: i64| (port >= 0).then_some(port);
    Seen::new(rule.security_group_rule_id(), "active", rule.tags())
        .with("group", rule.group_id())
        .with("protocol", Some(permission.protocol))
        .with("port", port(permission.from))
        .with("to_port", port(permission.to))
        .with("source", Some(permission.source))
}

/// The live rule that a declared one means: the same one, else ours with another source.
fn find<'a>(want: &Want, live: &'a [LiveRule], world: &World) -> Option<&'a LiveRule> {
    let group = support::id_of(want, "group", "security-group", world)?;
    let wanted = Permission::wanted(&want.desired, world);
    let of_group = || live.iter().filter(is_inbound).filter(|rule| rule.group_id() == Some(group));
    of_group().find(|rule| Permission::of(rule) == wanted).or_else(|| {
        of_group().find(|rule| {
            let recorded = want.recorded.is_some() && rule.security_group_rule_id() == want.recorded.as_deref();
            let named = support::tag_map(rule.tags()).get("Name") == Some(&want.desired.key.name);
            (recorded || named) && Permission::of(rule).same_but_source(&wanted)
        })
    })
}

impl Live for SecurityGroupRule {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let group_of = |want: &Want| support::id_of(want, "group", "security-group", world).map(str::to_owned);
            let mut groups: Vec<String> = wants.iter().filter_map(group_of).collect();
            groups.sort();
            groups.dedup();
            let live = match groups.is_empty() {
                true => Vec::new(),
                false => rules(clients, role, vec![filter("group-id", groups)]).await?,
            };
            let sight = |want: &Want| match find(want, &live, world) {
                Some(rule) => Sight::Found(Box::new(seen(rule).taken_for(&want.desired.key, clients.region(role)))),
                None => Sight::Absent,
            };
            Ok(wants.iter().map(|want| (want.desired.key.clone(), sight(want))).collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "AuthorizeSecurityGroupIngress" => {
                    let Some(Arg::List(permissions)) = call.arg("IpPermissions") else {
                        return Err(support::fault("AuthorizeSecurityGroupIngress lacks IpPermissions"));
                    };
                    let request = ec2
                        .authorize_security_group_ingress()
                        .group_id(support::text(call, "GroupId")?)
                        .set_ip_permissions(Some(permissions.iter().map(permission).collect()))
                        .set_tag_specifications(support::tag_specifications(call));
                    let answer = send!(call, request);
                    Ok(support::gave(answer.security_group_rules().first().and_then(|r| r.security_group_rule_id())))
                }
                "RevokeSecurityGroupIngress" => {
                    let request = ec2
                        .revoke_security_group_ingress()
                        .group_id(support::text(call, "GroupId")?)
                        .set_security_group_rule_ids(Some(support::texts(call, "SecurityGroupRuleIds")));
                    done!(call, request)
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let mut live = rules(clients, role, vec![filter("tag:Project", [PROJECT])]).await?;
            if !vpcs.is_empty() {
                let request = clients.ec2(role).describe_security_groups().filters(filter("vpc-id", vpcs));
                let groups: Vec<aws_sdk_ec2::types::SecurityGroup> =
                    read_all!(clients, role, "DescribeSecurityGroups", request);
                // The default group and its rules go with the VPC.
                let own = groups.iter().filter(|group| group.group_name() != Some("default"));
                let ids: Vec<String> = own.filter_map(|group| group.group_id().map(str::to_owned)).collect();
                if !ids.is_empty() {
                    live.extend(rules(clients, role, vec![filter("group-id", ids)]).await?);
                }
            }
            let mut left: Vec<Observed> = Vec::new();
            for rule in live.iter().filter(is_inbound) {
                let seen = seen(rule);
                if left.iter().all(|known| known.id != seen.id) {
                    left.push(seen.left_over("security-group-rule", role, clients.region(role)));
                }
            }
            Ok(left)
        })
    }
}

fn permission(arg: &Arg) -> IpPermission {
    let items = |name: &str| match support::member(arg, name) {
        Some(Arg::List(items)) => items.clone(),
        _ => Vec::new(),
    };
    let range = |arg: &Arg| {
        IpRange::builder()
            .set_cidr_ip(support::member_text(arg, "CidrIp"))
            .set_description(support::member_text(arg, "Description"))
            .build()
    };
    let pair = |arg: &Arg| {
        UserIdGroupPair::builder()
            .set_group_id(support::member_text(arg, "GroupId"))
            .set_description(support::member_text(arg, "Description"))
            .build()
    };
    let (ranges, pairs) = (items("IpRanges"), items("UserIdGroupPairs"));
    IpPermission::builder()
        .set_ip_protocol(support::member_text(arg, "IpProtocol"))
        .set_from_port(support::member_int(arg, "FromPort"))
        .set_to_port(support::member_int(arg, "ToPort"))
        .set_ip_ranges((!ranges.is_empty()).then(|| ranges.iter().map(range).collect()))
        .set_user_id_group_pairs((!pairs.is_empty()).then(|| pairs.iter().map(pair).collect()))
        .build()
}
