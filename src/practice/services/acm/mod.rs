//! AWS Certificate Manager: public certificates with DNS validation (JSON 1.1).
//!
//! Promises: a certificate's state and records as ACM tells them, blockers of its deletion included. Leaves validation and its time to
//! [`crate::practice::world::certificate`]. Not simulated: validation by e-mail, imported and private certificates, a certificate's text.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::{ApiError, Request};
use crate::practice::wire::members::Members;
use crate::practice::world::certificate::{Certificate, Name, Status};
use crate::practice::world::{Region, Token, World};

/// Names of one certificate, at most.
const MOST_NAMES: usize = 10;
/// Tags of one certificate, at most.
const MOST_TAGS: usize = 50;
/// How long an idempotency token is remembered, ms.
const REMEMBERED: i64 = 3_600_000;
/// The key algorithms that are simulated.
const KEYS: [&str; 3] = ["RSA_2048", "EC_prime256v1", "EC_secp384r1"];

/// Answers one of its operations. On an error the world may be half changed.
pub fn handle(world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    let region = world.region_mut(request.region);
    let members = Members::new(request.json);
    let answer = match request.operation {
        "RequestCertificate" => self::request(region, request, &members)?,
        "DescribeCertificate" => json!({ "Certificate": detail(region, find(region, &members)?) }),
        "ListCertificates" => list(region, &members)?,
        "GetCertificate" => get(find(region, &members)?)?,
        "DeleteCertificate" => delete(region, &members)?,
        "AddTagsToCertificate" => change_tags(region, &members, true)?,
        "RemoveTagsFromCertificate" => change_tags(region, &members, false)?,
        "ListTagsForCertificate" => {
            let tags = &find(region, &members)?.tags;
            json!({ "Tags": tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect::<Vec<_>>() })
        }
        other => return Err(ApiError::unknown_operation("acm", other)),
    };
    members.finish()?;
    if !["Describe", "List", "Get"].iter().any(|prefix| request.operation.starts_with(prefix)) {
        region.changed();
    }
    Ok(answer)
}

fn invalid(message: impl Into<String>) -> ApiError {
    ApiError::new("ValidationException", message)
}

/// The certificate a request names.
fn find<'r>(region: &'r Region, members: &Members<'_>) -> Result<&'r Certificate, ApiError> {
    let arn = members.required("CertificateArn")?;
    let own = format!("arn:aws:acm:{}:{}:certificate/", region.name(), region.account());
    if !arn.starts_with("arn:aws:acm:") {
        return Err(ApiError::new("InvalidArnException", format!("Invalid ARN: {arn}")));
    }
    let known = region.certificates.by_arn.get(arn).filter(|_| arn.starts_with(&own) && !region.is_hidden(arn));
    known.ok_or_else(|| {
        let message = format!("Could not find certificate {arn} in account {}.", region.account());
        ApiError::new("ResourceNotFoundException", message)
    })
}

/// A domain name, checked, in lower case.
fn checked_name(member: &str, name: &str) -> Result<String, ApiError> {
    let rest = name.strip_prefix("*.").unwrap_or(name);
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let labels: Vec<&str> = rest.split('.').collect();
    if name.len() <= 253 && labels.len() >= 2 && labels.into_iter().all(label) {
        return Ok(name.to_ascii_lowercase());
    }
    Err(invalid(format!(
        "1 validation error detected: Value '{name}' at '{member}' failed to satisfy constraint: Member must satisfy regular expression pattern: \
         ^(\\*\\.)?(((?!-)[A-Za-z0-9-]{{0,62}}[A-Za-z0-9])\\.)+((?!-)[A-Za-z0-9-]{{1,62}}[A-Za-z0-9])$"
    )))
}

fn read_tags(members: &Members<'_>) -> Result<Vec<(String, Option<String>)>, ApiError> {
    let mut tags = Vec::new();
    for tag in members.objects("Tags")? {
        let key = tag.required("Key")?.to_owned();
        if key.starts_with("aws:") {
            return Err(ApiError::new("InvalidTagException", "A tag key must not begin with aws:"));
        }
        tags.push((key, tag.text("Value")?.map(str::to_owned)));
        tag.finish()?;
    }
    Ok(tags)
}

/// RequestCertificate. The same token and request within an hour give the same certificate.
fn request(region: &mut Region, request: &Request<'_>, members: &Members<'_>) -> Result<Value, ApiError> {
    let domain = checked_name("domainName", members.required("DomainName")?)?;
    match members.text("ValidationMethod")? {
        Some("DNS") => {}
        Some(other @ ("EMAIL" | "HTTP")) => return Err(ApiError::not_simulated(format_args!("validation by {other}"))),
        None => return Err(ApiError::not_simulated("validation by EMAIL (the default without ValidationMethod)")),
        Some(other) => {
            return Err(invalid(format!(
                "1 validation error detected: Value '{other}' at 'validationMethod' failed to satisfy constraint: Member must satisfy enum \
                 value set: [EMAIL, DNS, HTTP]"
            )));
        }
    }
    let mut names = vec![domain];
    for name in members.texts("SubjectAlternativeNames")? {
        let name = checked_name("subjectAlternativeNames", name)?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if names.len() > MOST_NAMES {
        let message = format!("Error: Limit exceeded: a certificate can have at most {MOST_NAMES} domain names");
        return Err(ApiError::new("LimitExceededException", message));
    }
    for option in members.objects("DomainValidationOptions")? {
        let (of, by) = (option.required("DomainName")?, option.required("ValidationDomain")?);
        if of != by && !of.ends_with(&format!(".{by}")) {
            let message = format!("{by} is not a superdomain of {of}");
            return Err(ApiError::new("InvalidDomainValidationOptionsException", message));
        }
        option.finish()?;
    }
    let key = members.text("KeyAlgorithm")?.unwrap_or("RSA_2048");
    if !KEYS.contains(&key) {
        return Err(ApiError::not_simulated(format_args!("the key algorithm {key}")));
    }
    let options = members.object("Options");
    let logged = options.text("CertificateTransparencyLoggingPreference")? != Some("DISABLED");
    if options.text("Export")? == Some("ENABLED") {
        return Err(ApiError::not_simulated("exportable certificates"));
    }
    options.finish()?;
    let tags: BTreeMap<String, String> =
        read_tags(members)?.into_iter().map(|(key, value)| (key, value.unwrap_or_default())).collect();
    if tags.len() > MOST_TAGS {
        return Err(ApiError::new("TooManyTagsException", "A certificate can have at most 50 tags."));
    }
    let Some(token) = members.text("IdempotencyToken")? else {
        return Ok(json!({ "CertificateArn": region.request_certificate(&names, key, logged, tags) }));
    };
    if !(1..=32).contains(&token.len()) || !token.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
        return Err(invalid(format!(
            "1 validation error detected: Value '{token}' at 'idempotencyToken' failed to satisfy constraint: Member must satisfy regular \
             expression pattern: \\w+"
        )));
    }
    let place = ("RequestCertificate".to_owned(), token.to_owned());
    let whole = request.json.to_string();
    let known = region.tokens.get(&place).filter(|token| token.request == whole).and_then(|token| token.made.first());
    let recent = known
        .and_then(|arn| region.certificates.by_arn.get(arn))
        .filter(|certificate| certificate.created + REMEMBERED > region.now());
    if let Some(certificate) = recent {
        return Ok(json!({ "CertificateArn": certificate.arn }));
    }
    let arn = region.request_certificate(&names, key, logged, tags);
    region.tokens.insert(place, Token { request: whole, made: vec![arn.clone()] });
    Ok(json!({ "CertificateArn": arn }))
}

/// `RSA-2048`, as answers spell `RSA_2048`.
fn spelled(key: &str) -> String {
    key.replace('_', "-")
}

fn domain_validation(region: &Region, certificate: &Certificate, name: &Name) -> Value {
    let status = match certificate.status {
        _ if name.validated => "SUCCESS",
        Status::PendingValidation | Status::Issued => "PENDING_VALIDATION",
        Status::ValidationTimedOut | Status::Failed => "FAILED",
    };
    let mut answer = json!({
        "DomainName": name.name,
        "ValidationDomain": name.name,
        "ValidationStatus": status,
        "ValidationMethod": "DNS",
    });
    if region.now() >= certificate.records_at {
        let (record, value) = name.record(region.account());
        answer["ResourceRecord"] = json!({ "Name": record, "Type": "CNAME", "Value": value });
    }
    answer
}

fn names(certificate: &Certificate) -> Vec<&str> {
    certificate.names.iter().map(|name| name.name.as_str()).collect()
}

/// A certificate as DescribeCertificate tells it.
fn detail(region: &Region, certificate: &Certificate) -> Value {
    let first = certificate.names.first().map(|name| name.name.as_str()).unwrap_or_default();
    let users = region.listeners_with_certificate(&certificate.arn);
    let rsa = certificate.key_algorithm.starts_with("RSA");
    let mut answer = json!({
        "CertificateArn": certificate.arn,
        "DomainName": first,
        "SubjectAlternativeNames": names(certificate),
        "DomainValidationOptions":
            certificate.names.iter().map(|name| domain_validation(region, certificate, name)).collect::<Vec<_>>(),
        "Subject": format!("CN={first}"),
        "Issuer": "Amazon",
        "CreatedAt": { "$time": certificate.created },
        "Status": certificate.status.as_str(),
        "KeyAlgorithm": spelled(&certificate.key_algorithm),
        "SignatureAlgorithm": if rsa { "SHA256WITHRSA" } else { "SHA256WITHECDSA" },
        "InUseBy": users,
        "Type": "AMAZON_ISSUED",
        "KeyUsages": [],
        "ExtendedKeyUsages": [],
        "RenewalEligibility": eligibility(region, certificate),
        "Options": {
            "CertificateTransparencyLoggingPreference": if certificate.logged { "ENABLED" } else { "DISABLED" },
            "Export": "DISABLED",
        },
    });
    if let (Some(issued), Some(end)) = (certificate.issued, certificate.not_after()) {
        answer["Serial"] = json!(certificate.serial);
        answer["IssuedAt"] = json!({ "$time": issued });
        answer["NotBefore"] = json!({ "$time": issued - issued.rem_euclid(86_400_000) });
        answer["NotAfter"] = json!({ "$time": end });
        answer["KeyUsages"] = json!([{ "Name": "DIGITAL_SIGNATURE" }, { "Name": "KEY_ENCIPHERMENT" }]);
        answer["ExtendedKeyUsages"] = json!([{ "Name": "TLS_WEB_SERVER_AUTHENTICATION", "OID": "1.3.6.1.5.5.7.3.1" }]);
    }
    if let Some(reason) = &certificate.failure {
        answer["FailureReason"] = json!(reason);
    }
    answer
}

fn eligibility(region: &Region, certificate: &Certificate) -> &'static str {
    let used = !region.listeners_with_certificate(&certificate.arn).is_empty();
    if certificate.status == Status::Issued && used { "ELIGIBLE" } else { "INELIGIBLE" }
}

fn summary(region: &Region, certificate: &Certificate) -> Value {
    let first = certificate.names.first().map(|name| name.name.as_str()).unwrap_or_default();
    let used = !region.listeners_with_certificate(&certificate.arn).is_empty();
    let mut answer = json!({
        "CertificateArn": certificate.arn,
        "DomainName": first,
        "SubjectAlternativeNameSummaries": names(certificate),
        "HasAdditionalSubjectAlternativeNames": false,
        "Status": certificate.status.as_str(),
        "Type": "AMAZON_ISSUED",
        "KeyAlgorithm": spelled(&certificate.key_algorithm),
        "InUse": used,
        "RenewalEligibility": eligibility(region, certificate),
        "CreatedAt": { "$time": certificate.created },
    });
    if let (Some(issued), Some(end)) = (certificate.issued, certificate.not_after()) {
        answer["IssuedAt"] = json!({ "$time": issued });
        answer["NotBefore"] = json!({ "$time": issued - issued.rem_euclid(86_400_000) });
        answer["NotAfter"] = json!({ "$time": end });
    }
    answer
}

/// ListCertificates. Without Includes.keyTypes it lists those with RSA keys of 1024 and 2048 bits only, as ACM does.
fn list(region: &Region, members: &Members<'_>) -> Result<Value, ApiError> {
    let statuses: BTreeSet<&str> = members.texts("CertificateStatuses")?.into_iter().collect();
    let includes = members.object("Includes");
    let keys = includes.texts("keyTypes")?;
    includes.finish()?;
    let limit = match members.int("MaxItems")? {
        None => 1000,
        Some(asked) => usize::try_from(asked).ok().filter(|asked| (1..=1000).contains(asked)).ok_or_else(|| {
            invalid(format!("1 validation error detected: Value '{asked}' at 'maxItems' failed to satisfy constraint"))
        })?,
    };
    let (sort, order) = (members.text("SortBy")?, members.text("SortOrder")?);
    if sort.is_some() != order.is_some() {
        return Err(invalid("SortBy and SortOrder must be specified together."));
    }
    let listed = |certificate: &&Certificate| {
        let key = certificate.key_algorithm.as_str();
        let by_key = if keys.is_empty() { matches!(key, "RSA_2048" | "RSA_1024") } else { keys.contains(&key) };
        let by_status = statuses.is_empty() || statuses.contains(certificate.status.as_str());
        by_key && by_status && !region.is_hidden(&certificate.arn)
    };
    let mut found: Vec<&Certificate> = region.certificates.by_arn.values().filter(listed).collect();
    found.sort_by_key(|certificate| (certificate.created, certificate.arn.as_str()));
    if order == Some("DESCENDING") {
        found.reverse();
    }
    let token = members.text("NextToken")?;
    let start = match token {
        None => 0,
        Some(token) => {
            let place = found.iter().position(|certificate| certificate.arn.ends_with(token));
            place.ok_or_else(|| invalid("The NextToken is not valid."))? + 1
        }
    };
    let page: Vec<&Certificate> = found.iter().skip(start).take(limit).copied().collect();
    let more = found.len() > start + page.len();
    let mut answer =
        json!({ "CertificateSummaryList": page.iter().map(|one| summary(region, one)).collect::<Vec<_>>() });
    if let Some(last) = page.last().filter(|_| more) {
        answer["NextToken"] = json!(last.arn.rsplit('/').next());
    }
    Ok(answer)
}

/// GetCertificate
fn get(certificate: &Certificate) -> Result<Value, ApiError> {
    match certificate.status {
        Status::Issued => Err(ApiError::not_simulated("the text of a certificate (GetCertificate)")),
        _ => {
            let message = format!("Certificate request is in progress for {}.", certificate.arn);
            Err(ApiError::new("RequestInProgressException", message))
        }
    }
}

/// DeleteCertificate
fn delete(region: &mut Region, members: &Members<'_>) -> Result<Value, ApiError> {
    let arn = find(region, members)?.arn.clone();
    if !region.listeners_with_certificate(&arn).is_empty() {
        let message = format!("Certificate {arn} in account {} is in use.", region.account());
        return Err(ApiError::new("ResourceInUseException", message));
    }
    region.certificates.by_arn.remove(&arn);
    region.forget(&arn);
    Ok(json!({}))
}

/// AddTagsToCertificate, RemoveTagsFromCertificate (a tag with a value goes only if it has that value).
fn change_tags(region: &mut Region, members: &Members<'_>, add: bool) -> Result<Value, ApiError> {
    let arn = find(region, members)?.arn.clone();
    let asked = read_tags(members)?;
    let Some(certificate) = region.certificates.by_arn.get_mut(&arn) else { return Ok(json!({})) };
    for (key, value) in asked {
        if add {
            certificate.tags.insert(key, value.unwrap_or_default());
        } else if certificate.tags.get(&key).is_some_and(|own| value.is_none_or(|value| value == *own)) {
            certificate.tags.remove(&key);
        }
    }
    if certificate.tags.len() > MOST_TAGS {
        return Err(ApiError::new("TooManyTagsException", "A certificate can have at most 50 tags."));
    }
    Ok(json!({}))
}
