//! Public certificate of AWS Certificate Manager, validated by DNS.
//!
//! Found by its names; its id is its ARN. It is ready when it is issued. Observed beside the declared fields, as soon as ACM
//! tells them and so before it is ready: `record_name` and `record_value`, the CNAME by which the domain is proven (the same
//! for a domain and its wildcard).

use aws_sdk_acm::types::{CertificateDetail, CertificateStatus, Tag, ValidationMethod};

use crate::cloud::errors::{self, Asked};
use crate::cloud::{Answered, Clients, Live, Sights, Swept, Task, Want};
use crate::course::model::{Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect, Service};
use crate::lab::kind::{Env, Kind, Pace};
use crate::lab::report::Blocker;
use crate::lab::world::{Desired, Health, Observed, World};
use crate::problem::{Problem, ProblemKind};

use super::hosted_zone::bare;
use super::support::{self, Match, Seen, done, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("domain", FieldType::Text, ("도메인", "domain")),
    Field::new("names", FieldType::Texts, ("다른 이름", "further names")),
];

/// The kind.
#[derive(Debug)]
pub struct Certificate;

impl Kind for Certificate {
    fn name(&self) -> &'static str {
        "certificate"
    }

    fn title(&self) -> Text {
        Text::new("인증서", "certificate")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let names = desired.fields.get("names").map(Value::items).unwrap_or_default();
        let names = names.iter().filter_map(Value::as_text).map(Arg::text).collect();
        vec![
            support::call(Service::Acm, "RequestCertificate", Effect::Create, desired)
                .arg("DomainName", Arg::text(desired.text("domain").unwrap_or_default()))
                .arg("SubjectAlternativeNames", Arg::List(names))
                .arg("ValidationMethod", Arg::text("DNS"))
                .arg("Tags", support::tag_list(desired, env))
                .gives("CertificateArn"),
        ]
    }

    fn is_early(&self, attr: &str) -> bool {
        matches!(attr, "record_name" | "record_value")
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_by(Service::Acm, "DeleteCertificate", observed, step)
                .arg("CertificateArn", Arg::text(&observed.id))
                .done_if(&["ResourceNotFoundException"])
                .again_if(&["ResourceInUseException"]),
        ]
    }

    fn pace(&self) -> Pace {
        Pace::seconds(300, 10, 3_600, 5)
    }

    fn rank(&self) -> u8 {
        10
    }
}

fn seen(detail: &CertificateDetail) -> Seen {
    let status = detail.status().map_or("", CertificateStatus::as_str);
    let health = match status {
        "ISSUED" => Health::Ready,
        "PENDING_VALIDATION" => Health::Pending,
        _ => Health::Failed,
    };
    let domain = bare(detail.domain_name().unwrap_or_default());
    let others = detail.subject_alternative_names().iter().map(|name| bare(name)).filter(|name| *name != domain);
    let mut others: Vec<Value> = others.map(Value::from).collect();
    others.sort_unstable();
    let record = detail.domain_validation_options().iter().find_map(|option| option.resource_record());
    let reason = detail.failure_reason().map_or("", |reason| reason.as_str());
    Seen::other(detail.certificate_arn(), status, std::collections::BTreeMap::new())
        .health(health)
        .reason(reason)
        .with("domain", Some(domain))
        .with("names", Some(Value::List(others)))
        .with("record_name", record.map(|record| record.name()))
        .with("record_value", record.map(|record| record.value()))
        .with("used_by", Some(Value::List(detail.in_use_by().iter().map(|arn| Value::from(arn.as_str())).collect())))
}

/// A certificate with its tags; nothing when it is not there.
async fn look(clients: &Clients, role: Role, arn: &str) -> Result<Option<Seen>, Problem> {
    let asked = |operation| Asked { service: "acm", operation, region: clients.region(role) };
    let gone = |problem: Problem| if problem.kind == ProblemKind::NotFound { Ok(None) } else { Err(problem) };
    let acm = clients.acm(role);
    let answer = match acm.describe_certificate().certificate_arn(arn).send().await {
        Ok(answer) => answer,
        Err(error) => return gone(errors::problem(asked("DescribeCertificate"), &error)),
    };
    let Some(mut seen) = answer.certificate().map(seen) else { return Ok(None) };
    match acm.list_tags_for_certificate().certificate_arn(arn).send().await {
        Ok(answer) => {
            let pair = |tag: &Tag| (tag.key().to_owned(), tag.value().unwrap_or_default().to_owned());
            seen.tags = answer.tags().iter().map(pair).collect();
        }
        Err(error) => return gone(errors::problem(asked("ListTagsForCertificate"), &error)),
    }
    Ok(Some(seen))
}

/// The certificates that can be those of these domains, or all.
async fn list(clients: &Clients, role: Role, domains: Option<&[&str]>) -> Result<Vec<Seen>, Problem> {
    let request = clients.acm(role).list_certificates();
    let all: Vec<aws_sdk_acm::types::CertificateSummary> = read_all!("acm", clients, role, "ListCertificates", request);
    let mut out = Vec::new();
    for one in &all {
        let domain = bare(one.domain_name().unwrap_or_default());
        let fits = domains.is_none_or(|domains| domains.contains(&domain.as_str()));
        if let (true, Some(arn)) = (fits, one.certificate_arn()) {
            out.extend(look(clients, role, arn).await?);
        }
    }
    Ok(out)
}

impl Live for Certificate {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let mut out = Vec::new();
            for want in wants {
                let key = &want.desired.key;
                // One that was just requested may not be listed yet.
                let recorded = match &want.recorded {
                    Some(arn) => look(clients, role, arn).await?,
                    None => None,
                };
                let domain = want.desired.text("domain").unwrap_or(&key.name);
                let seen = match recorded {
                    Some(seen) => vec![seen],
                    None => list(clients, role, Some(&[domain])).await?,
                };
                let names = want.desired.fields.get("names");
                // One that failed or ran out never comes back, and many may be lying about.
                let natural = |seen: &Seen| {
                    seen.health != Health::Failed
                        && seen.text("domain") == Some(domain)
                        && (names.is_none() || seen.fields.get("names") == names)
                };
                let alive = |seen: &Seen| seen.health != Health::Failed;
                let by = Match { scope: Some(&alive), natural: Some(&natural) };
                out.push((key.clone(), support::pick(clients.region(role), wants, want, &seen, by)));
            }
            Ok(out)
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let acm = clients.acm(support::role_of(clients, call)?);
            match call.0.operation.as_str() {
                "RequestCertificate" => {
                    let tag = |arg: &Arg| {
                        let key = support::member_text(arg, "Key").unwrap_or_default();
                        Tag::builder().key(key).set_value(support::member_text(arg, "Value")).build().ok()
                    };
                    let request = acm
                        .request_certificate()
                        .domain_name(support::text(call, "DomainName")?)
                        .set_subject_alternative_names(Some(support::texts(call, "SubjectAlternativeNames")))
                        .validation_method(ValidationMethod::from(support::text(call, "ValidationMethod")?.as_str()))
                        .idempotency_token(token)
                        .set_tags(Some(support::structs(call, "Tags").iter().filter_map(tag).collect()));
                    Ok(support::gave(send!(aws_sdk_acm, call, request).certificate_arn()))
                }
                "DeleteCertificate" => {
                    let arn = support::text(call, "CertificateArn")?;
                    done!(aws_sdk_acm, call, acm.delete_certificate().certificate_arn(arn))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let seen = list(clients, role, None).await?;
            let ours = seen.iter().filter(|one| one.is_ours());
            Ok(ours.map(|one| one.left_over("certificate", role, clients.region(role))).collect())
        })
    }

    fn blockers<'a>(&'a self, clients: &'a Clients, observed: &'a Observed) -> Task<'a, Result<Vec<Blocker>, Problem>> {
        Box::pin(async move {
            let seen = look(clients, observed.key.role, &observed.id).await?;
            let users = seen.iter().flat_map(|seen| seen.fields.get("used_by").map(Value::items).unwrap_or_default());
            let blocker = |arn: &str| Blocker {
                kind: "listener".to_owned(),
                id: arn.to_owned(),
                name: arn.to_owned(),
                why: Text::new(
                    "아직 이 인증서를 쓰고 있습니다. 리스너를 지운 뒤에도 몇 분 동안 남아 있을 수 있습니다.",
                    "It still uses the certificate; for some minutes also after its listener was deleted.",
                ),
                passes: true,
            };
            Ok(users.filter_map(Value::as_text).map(blocker).collect())
        })
    }
}
