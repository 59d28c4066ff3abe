//! What the kinds of Elastic Load Balancing share: tags, which every read gives apart from what carries them.

use std::collections::BTreeMap;

use aws_sdk_elasticloadbalancingv2::types::{Tag, TargetHealthDescription};

use crate::cloud::Clients;
use crate::cloud::errors::{self, Asked};
use crate::course::model::{Key, Role};
use crate::lab::call::{Arg, BoundCall};
use crate::lab::world::Observed;
use crate::problem::{Problem, ProblemKind};

use super::support::{self, Seen, read};

/// The tags of a request.
pub(super) fn tags(call: &BoundCall) -> Option<Vec<Tag>> {
    let tag = |arg: &Arg| {
        Tag::builder().set_key(support::member_text(arg, "Key")).set_value(support::member_text(arg, "Value")).build()
    };
    Some(support::structs(call, "Tags").iter().map(tag).collect())
}

/// How many things one request for tags may name.
const AT_ONCE: usize = 20;

/// Adds the tags of these things, whose ids are ARNs.
pub(super) async fn add_tags(clients: &Clients, role: Role, seen: &mut [Seen]) -> Result<(), Problem> {
    for some in seen.chunks_mut(AT_ONCE) {
        let arns: Vec<String> = some.iter().map(|one| one.id.clone()).collect();
        let request = clients.elbv2(role).describe_tags().set_resource_arns(Some(arns));
        let answer = read!("elasticloadbalancing", clients, role, "DescribeTags", request);
        for one in some {
            let own = answer.tag_descriptions().iter().find(|tags| tags.resource_arn() == Some(&one.id));
            let pairs = own.map(|own| own.tags()).unwrap_or_default().iter();
            one.tags = pairs
                .filter_map(|tag| Some((tag.key()?.to_owned(), tag.value().unwrap_or_default().to_owned())))
                .collect::<BTreeMap<_, _>>();
        }
    }
    Ok(())
}

/// The targets of a group with their health; nothing when the group is not there.
pub(super) async fn health(
    clients: &Clients,
    role: Role,
    group: &str,
) -> Result<Vec<TargetHealthDescription>, Problem> {
    match clients.elbv2(role).describe_target_health().target_group_arn(group).send().await {
        Ok(answer) => Ok(answer.target_health_descriptions().to_vec()),
        Err(error) => {
            let asked = Asked {
                service: "elasticloadbalancing",
                operation: "DescribeTargetHealth",
                region: clients.region(role),
            };
            let problem = errors::problem(asked, &error);
            if problem.kind == ProblemKind::NotFound { Ok(Vec::new()) } else { Err(problem) }
        }
    }
}

/// Those with awslab's tag and those in these VPCs, each under its own name.
pub(super) fn leftovers(kind: &str, seen: &[Seen], vpcs: &[String], role: Role, region: &str) -> Vec<Observed> {
    let ours = |one: &&Seen| one.is_ours() || one.text("vpc").is_some_and(|vpc| vpcs.iter().any(|own| own == vpc));
    seen.iter()
        .filter(ours)
        .map(|one| {
            let name = one.text("name").unwrap_or(&one.id).to_owned();
            one.taken_for(&Key { kind: kind.to_owned(), name, role }, region)
        })
        .collect()
}
