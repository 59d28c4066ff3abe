//! The hosted zone of the learner's domain: looked up, never made, never deleted, in no ledger.
//!
//! Registering a domain makes its zone; a second one of the same name is not asked by anybody, so that a certificate would
//! wait for ever. Found by its name among the public zones. Several are told, and none is chosen.

use aws_sdk_route53::types::HostedZone as LiveZone;

use crate::cloud::errors::{self, Asked};
use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::Role;
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{BoundCall, Call};
use crate::lab::kind::{Env, Kind};
use crate::lab::world::{Desired, Observed, Sight, World};
use crate::problem::Problem;

use super::support::{self, Seen};

/// The declared fields.
pub const FIELDS: &[Field] = &[Field::new("domain", FieldType::Text, ("도메인", "domain"))];

/// How many zones one look asks for: those of one name come first.
const AT_ONCE: i32 = 20;

/// The kind.
#[derive(Debug)]
pub struct HostedZone;

/// A name as Route 53 writes it, without its last dot.
pub(super) fn bare(name: &str) -> String {
    name.trim_end_matches('.').to_ascii_lowercase()
}

impl Kind for HostedZone {
    fn name(&self) -> &'static str {
        "hosted-zone"
    }

    fn title(&self) -> Text {
        Text::new("호스팅 영역", "hosted zone")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn is_lookup(&self) -> bool {
        true
    }

    fn absent(&self) -> Option<Text> {
        Some(Text::new(
            "도메인을 Route 53에 등록하면 호스팅 영역이 함께 생깁니다. 다른 곳에서 산 도메인이라면 퍼블릭 호스팅 영역을 만들고 이름 서버를 옮겨 주세요. 도메인 없이 하려면 awslab run --domain none으로 실행해 주세요",
            "Registering a domain in Route 53 makes its hosted zone. For a domain bought elsewhere, make a public hosted zone and move its name servers. To go on without a domain, run with --domain none",
        ))
    }

    fn create(&self, _: &Desired, _: &Env<'_>) -> Vec<Call> {
        Vec::new()
    }

    fn delete(&self, _: &Observed, _: &str) -> Vec<Call> {
        Vec::new()
    }

    fn rank(&self) -> u8 {
        10
    }
}

/// The public zones of a name.
async fn zones(clients: &Clients, role: Role, domain: &str) -> Result<Vec<LiveZone>, Problem> {
    let request = clients.route53(role).list_hosted_zones_by_name().dns_name(domain).max_items(AT_ONCE);
    let answer = request.send().await.map_err(|error| {
        let asked = Asked { service: "route53", operation: "ListHostedZonesByName", region: clients.region(role) };
        errors::problem(asked, &error)
    })?;
    let fits = |zone: &&LiveZone| {
        bare(zone.name()) == bare(domain) && !zone.config().is_some_and(|config| config.private_zone())
    };
    Ok(answer.hosted_zones().iter().filter(fits).cloned().collect())
}

impl Live for HostedZone {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let mut out = Vec::new();
            for want in wants {
                let key = &want.desired.key;
                let domain = want.desired.text("domain").unwrap_or(&key.name);
                let found = zones(clients, role, domain).await?;
                let sight = match found.as_slice() {
                    [] => Sight::Absent,
                    [zone] => {
                        let seen = Seen::other(Some(zone.id()), "exists", std::collections::BTreeMap::new())
                            .with("domain", Some(bare(zone.name())));
                        Sight::Found(Box::new(seen.taken_for(key, clients.region(role))))
                    }
                    several => Sight::Ambiguous(several.iter().map(|zone| zone.id().to_owned()).collect()),
                };
                out.push((key.clone(), sight));
            }
            Ok(out)
        })
    }

    fn send<'a>(&'a self, _clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move { Err(support::foreign(call)) })
    }

    fn sweep<'a>(&'a self, _clients: &'a Clients, _role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
