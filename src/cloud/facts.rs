//! What is true of this learner's place in the cloud, found by asking: who am I, which zones, which address.
//!
//! Promises: reads only; a fact that is merely useful (which zones offer a type, the learner's address) is noted when it
//! cannot be found, and stops nothing.
//! Leaves to others: the id of the run (`engine`), what the facts mean (`lab::desire`).

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;
use std::time::Duration;

use aws_sdk_ec2::types::{InstanceTypeOffering, LocationType};
use aws_smithy_http_client::{Connector, tls};
use aws_smithy_runtime_api::client::http::HttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::byte_stream::ByteStream;

use crate::course::model::Role;
use crate::i18n::Text;
use crate::lab::facts::{Backend, Facts, Scope};
use crate::problem::{Problem, ProblemKind};

use super::Clients;
use super::errors::{Asked, problem};
use super::kinds::support::{filter, read, read_all};

/// Stands for the learner's address where there is no internet to ask: of the block kept for documentation.
pub const EXAMPLE_IP: &str = "203.0.113.7";

/// Where AWS tells everybody their own address.
const CHECK_IP: &str = "https://checkip.amazonaws.com/";

/// What is asked for.
#[derive(Debug, Clone, Default)]
pub struct Ask {
    /// `--my-ip`.
    pub my_ip: Option<String>,
    /// The instance types that the course launches, by region role; the roles that the course uses are its keys.
    pub types: BTreeMap<Role, BTreeSet<String>>,
    /// The id of this run.
    pub run: String,
}

/// Facts, and what the learner should know once.
#[derive(Debug, Clone)]
pub struct Found {
    /// The facts.
    pub facts: Facts,
    /// Notes.
    pub notes: Vec<Text>,
}

/// Finds the facts; everything is asked at once.
pub async fn find(clients: &Clients, backend: Backend, ask: Ask) -> Result<Found, Problem> {
    let mut notes = Vec::new();
    let zones = futures_util::future::try_join_all(ask.types.iter().map(|(role, types)| async move {
        Ok((clients.region(*role).to_owned(), zones(clients, *role, types).await?))
    }));
    let identity = identity(clients);
    let address = my_ip(&backend, ask.my_ip.as_deref());
    let (identity, zones, address) = tokio::join!(identity, zones, address);
    // Who asks comes first: with bad credentials everything else fails too.
    let (account, caller) = identity?;
    if backend == Backend::Aws && caller.ends_with(":root") {
        notes.push(Text::new(
            "루트 사용자로 로그인되어 있습니다. 실습에는 IAM 사용자나 SSO 사용자를 쓰세요.",
            "You are signed in as the root user. Use an IAM or SSO user for labs.",
        ));
    }
    let my_ip = match address? {
        Address::Known(ip) => Some(ip),
        Address::Noted(ip, note) => {
            notes.push(note);
            ip
        }
    };
    let scope = Scope {
        backend,
        account,
        home: clients.region(Role::Home).to_owned(),
        peer: clients.region(Role::Peer).to_owned(),
    };
    let facts = Facts { scope, caller, zones: zones?.into_iter().collect(), my_ip, run: ask.run };
    Ok(Found { facts, notes })
}

/// Account and ARN of the caller. Needs no permission.
pub async fn identity(clients: &Clients) -> Result<(String, String), Problem> {
    let role = Role::Home;
    let answer = clients.sts(role).get_caller_identity().send().await.map_err(|error| {
        problem(Asked { service: "sts", operation: "GetCallerIdentity", region: clients.region(role) }, &error)
    })?;
    let account = answer.account().unwrap_or_default().to_owned();
    if account.is_empty() {
        return Err(Problem::internal("GetCallerIdentity named no account"));
    }
    Ok((account, answer.arn().unwrap_or_default().to_owned()))
}

/// The zones for the course's letters `a` and `c` in a region.
async fn zones(clients: &Clients, role: Role, types: &BTreeSet<String>) -> Result<BTreeMap<String, String>, Problem> {
    let (all, offered) = tokio::join!(available_zones(clients, role), offering_zones(clients, role, types));
    // Not every cloud and every policy lets one ask what is offered where.
    let offered = offered.unwrap_or_default();
    let region = clients.region(role);
    choose_zones(region, &all?, &offered).ok_or_else(|| {
        Problem::new(
            ProblemKind::Capacity,
            format!("{region}에 실습에 쓸 가용 영역이 두 개 없습니다"),
            format!("{region} has no two Availability Zones for the lab"),
        )
        .hint("--region으로 다른 리전을 고르세요", "Choose another region with --region")
    })
}

/// `a` and `c` of the region when both are offered, else the first two that are.
fn choose_zones(region: &str, all: &[String], offered: &BTreeSet<String>) -> Option<BTreeMap<String, String>> {
    let usable: BTreeSet<&String> = all.iter().filter(|zone| offered.is_empty() || offered.contains(*zone)).collect();
    let wanted = ["a", "c"].map(|letter| format!("{region}{letter}"));
    let [a, c] = if wanted.iter().all(|zone| usable.contains(zone)) {
        wanted
    } else {
        let mut first = usable.into_iter().cloned();
        [first.next()?, first.next()?]
    };
    Some([("a".to_owned(), a), ("c".to_owned(), c)].into())
}

async fn available_zones(clients: &Clients, role: Role) -> Result<Vec<String>, Problem> {
    let request = clients.ec2(role).describe_availability_zones().filters(filter("state", ["available"]));
    let answer = read!(clients, role, "DescribeAvailabilityZones", request);
    Ok(answer
        .availability_zones()
        .iter()
        .filter(|zone| zone.zone_type().is_none_or(|kind| kind == "availability-zone"))
        .filter_map(|zone| zone.zone_name().map(str::to_owned))
        .collect())
}

/// The zones that offer every one of the types.
async fn offering_zones(clients: &Clients, role: Role, types: &BTreeSet<String>) -> Result<BTreeSet<String>, Problem> {
    if types.is_empty() {
        return Ok(BTreeSet::new());
    }
    let request = clients
        .ec2(role)
        .describe_instance_type_offerings()
        .location_type(LocationType::AvailabilityZone)
        .filters(filter("instance-type", types));
    let offers: Vec<InstanceTypeOffering> = read_all!(clients, role, "DescribeInstanceTypeOfferings", request);
    let mut by_zone: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for offer in &offers {
        if let (Some(zone), Some(kind)) = (offer.location(), offer.instance_type()) {
            by_zone.entry(zone).or_default().insert(kind.as_str());
        }
    }
    let complete = by_zone.into_iter().filter(|(_, kinds)| types.iter().all(|kind| kinds.contains(kind.as_str())));
    Ok(complete.map(|(zone, _)| zone.to_owned()).collect())
}

enum Address {
    Known(String),
    Noted(Option<String>, Text),
}

async fn my_ip(backend: &Backend, given: Option<&str>) -> Result<Address, Problem> {
    if let Some(given) = given {
        return parse_ip(given).map(Address::Known).ok_or_else(|| {
            Problem::new(
                ProblemKind::Usage,
                format!("IPv4 주소가 아닙니다: --my-ip {given}"),
                format!("--my-ip {given} is no IPv4 address"),
            )
            .hint("203.0.113.7처럼 쓰세요", "Write it like 203.0.113.7")
        });
    }
    match backend {
        Backend::Practice => Ok(Address::Known(EXAMPLE_IP.to_owned())),
        Backend::Endpoint(_) => Ok(Address::Noted(
            Some(EXAMPLE_IP.to_owned()),
            Text::new(
                format!("AWS가 아니므로 내 IP를 {EXAMPLE_IP}로 씁니다. 바꾸려면 --my-ip를 쓰세요."),
                format!("This is not AWS, so your address is taken to be {EXAMPLE_IP}. Pass --my-ip to change that."),
            ),
        )),
        Backend::Aws => Ok(match ask_my_ip().await {
            Some(ip) => Address::Known(ip),
            None => Address::Noted(
                None,
                Text::new(
                    "내 퍼블릭 IPv4 주소를 알아내지 못했습니다. --my-ip 주소로 알려 주세요.",
                    "Your public IPv4 address could not be found. Give it with --my-ip ADDRESS.",
                ),
            ),
        }),
    }
}

fn parse_ip(text: &str) -> Option<String> {
    let text = text.trim();
    text.strip_suffix("/32").unwrap_or(text).parse::<Ipv4Addr>().ok().map(|ip| ip.to_string())
}

/// The address that the internet sees, within five seconds.
async fn ask_my_ip() -> Option<String> {
    let request = HttpRequest::get(CHECK_IP).ok()?;
    let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
    let connector = Connector::builder().tls_provider(provider).build();
    let answer = tokio::time::timeout(Duration::from_secs(5), async {
        let response = connector.call(request).await.ok()?;
        let whole = ByteStream::new(response.into_body()).collect().await.ok()?;
        String::from_utf8(whole.to_vec()).ok()
    });
    parse_ip(&answer.await.ok()??)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn set(zones: &[&str]) -> BTreeSet<String> {
        zones.iter().map(|zone| (*zone).to_owned()).collect()
    }

    fn names(zones: &[&str]) -> Vec<String> {
        zones.iter().map(|zone| (*zone).to_owned()).collect()
    }

    #[test]
    fn a_and_c_when_both_offer_the_type() {
        let all = names(&["r1a", "r1b", "r1c", "r1d"]);
        let zones = choose_zones("r1", &all, &set(&["r1a", "r1c", "r1d"])).unwrap();
        assert_eq!((zones["a"].as_str(), zones["c"].as_str()), ("r1a", "r1c"));
    }

    #[test]
    fn else_the_first_two_that_do() {
        let all = names(&["r1d", "r1b", "r1a"]);
        let zones = choose_zones("r1", &all, &set(&["r1b", "r1d"])).unwrap();
        assert_eq!((zones["a"].as_str(), zones["c"].as_str()), ("r1b", "r1d"));
        assert_eq!(choose_zones("r1", &all, &set(&["r1b"])), None);
    }

    #[test]
    fn without_offers_every_zone_counts() {
        let zones = choose_zones("r1", &names(&["r1a", "r1c"]), &set(&[])).unwrap();
        assert_eq!(zones["c"], "r1c");
    }

    #[tokio::test]
    async fn a_given_address_is_checked_and_nobody_is_asked() {
        assert!(
            matches!(my_ip(&Backend::Aws, Some("198.51.100.9/32")).await, Ok(Address::Known(ip)) if ip == "198.51.100.9")
        );
        assert!(my_ip(&Backend::Aws, Some("home")).await.is_err());
        assert!(matches!(my_ip(&Backend::Practice, None).await, Ok(Address::Known(ip)) if ip == EXAMPLE_IP));
    }
}
