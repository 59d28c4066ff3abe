//! Certificates and their validation by DNS.
//!
//! Promises: a certificate is issued some minutes after the right CNAME of every one of its names is in a zone that the world asks, and never
//! otherwise; after 72 hours its request has timed out. A CAA record that names other authorities makes it fail. Leaves requests and sentences
//! to `services::acm`, zones to [`super::dns`]. Not simulated: renewal, expiry.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::dns::{Data, Dns, Found, normal};
use super::{Duration, Event, Global, Region};

/// Certificates and their validation.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificates {
    /// By ARN.
    pub by_arn: BTreeMap<String, Certificate>,
}

/// What DescribeCertificate calls Status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the states are AWS's own")]
pub enum Status {
    PendingValidation,
    Issued,
    ValidationTimedOut,
    Failed,
}

impl Status {
    /// AWS's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PendingValidation => "PENDING_VALIDATION",
            Self::Issued => "ISSUED",
            Self::ValidationTimedOut => "VALIDATION_TIMED_OUT",
            Self::Failed => "FAILED",
        }
    }
}

/// A certificate of Amazon's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Certificate {
    pub arn: String,
    /// All names, the first of which is DomainName.
    pub names: Vec<Name>,
    /// `RSA_2048`
    pub key_algorithm: String,
    /// CertificateTransparencyLoggingPreference
    pub logged: bool,
    pub status: Status,
    /// FailureReason
    pub failure: Option<String>,
    pub created: i64,
    pub issued: Option<i64>,
    pub serial: String,
    /// From when the records are told.
    pub records_at: i64,
    /// How long validation takes once the servers answer with a record, ms: with the change's own time about four minutes.
    delay: i64,
    pub tags: BTreeMap<String, String>,
}

/// One of a certificate's names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// `*.lab.example`
    pub name: String,
    /// Whether the name is validated.
    pub validated: bool,
    /// When the record was first seen.
    seen: Option<i64>,
}

/// How long a request waits for its records, ms.
const PATIENCE: i64 = 72 * 3_600_000;

/// How long a certificate is valid, ms.
const VALIDITY: i64 = 198 * 86_400_000;

/// The authorities of CAA records that let Amazon issue.
const AMAZON: [&str; 4] = ["amazon.com", "amazontrust.com", "awstrust.com", "amazonaws.com"];

impl Duration {
    /// How often a request looks for its records.
    const LOOK: Self = Self { typical_ms: 30_000, spread_ms: 0 };
}

impl Name {
    /// A name that is not validated.
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), validated: false, seen: None }
    }

    /// The domain whose owner answers for it: without `*.`.
    pub fn domain(&self) -> &str {
        self.name.strip_prefix("*.").unwrap_or(&self.name)
    }

    /// The CNAME's name and value that prove it: the same for a domain and its wildcard, and for every certificate of the account.
    pub fn record(&self, account: &str) -> (String, String) {
        let domain = self.domain();
        let hash = Sha256::digest(format!("acm {account} {domain}"));
        let hex: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        let (left, right) = hex.split_at(32);
        let zone: String = hash.iter().take(10).map(|byte| char::from(b'a' + byte % 26)).collect();
        (format!("_{left}.{domain}."), format!("_{right}.{zone}.acm-validations.aws."))
    }

    /// Whether the record is there.
    fn is_proven(&self, dns: &Dns, account: &str, now: i64) -> bool {
        let (name, value) = self.record(account);
        match dns.ask(&name, "CNAME", now) {
            Found::Data { data: Data::Values { values, .. }, .. } => values.first().is_some_and(|v| normal(v) == value),
            _ => false,
        }
    }

    /// Whether the CAA records closest to the name let Amazon issue.
    fn is_allowed(&self, dns: &Dns, now: i64) -> bool {
        let mut domain = self.domain();
        loop {
            if let Found::Data { kind: "CAA", data: Data::Values { values, .. }, .. } = dns.ask(domain, "CAA", now) {
                let of = |tag: &str| -> Vec<&str> {
                    let parts = values.iter().filter_map(|value| value.split_once(' ')?.1.split_once(' '));
                    parts.filter(|(name, _)| *name == tag).map(|(_, text)| text.trim_matches('"')).collect()
                };
                let wild = of("issuewild");
                let issuers = if self.name.starts_with("*.") && !wild.is_empty() { wild } else { of("issue") };
                return issuers.is_empty() || issuers.iter().any(|issuer| AMAZON.contains(issuer));
            }
            match domain.split_once('.') {
                Some((_, above)) => domain = above,
                None => return true,
            }
        }
    }
}

impl Certificate {
    /// NotAfter, once issued.
    pub fn not_after(&self) -> Option<i64> {
        Some(self.issued? + VALIDITY)
    }
}

impl Certificates {
    /// Whether a certificate is issued, so that a listener can have it.
    pub fn usable(&self, arn: &str) -> bool {
        self.by_arn.get(arn).is_some_and(|certificate| certificate.status == Status::Issued)
    }
}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {
    /// The certificate with this ARN looks for its records.
    Look(String),
}

impl Region {
    /// Requests a certificate for names, of which there is at least one; gives its ARN.
    pub fn request_certificate(
        &mut self,
        names: &[String],
        key_algorithm: &str,
        logged: bool,
        tags: BTreeMap<String, String>,
    ) -> String {
        let id = self.random.uuid();
        let arn = format!("arn:aws:acm:{}:{}:certificate/{id}", self.name(), self.account());
        let mut vary = |from: i64, to: u64| from + i64::try_from(self.random.below(to)).unwrap_or_default();
        let (records_at, delay) = (self.now + vary(2000, 10_000), vary(170_000, 40_000));
        let serial: Vec<String> = self.random.bytes().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let certificate = Certificate {
            arn: arn.clone(),
            names: names.iter().map(|name| Name::new(name)).collect(),
            key_algorithm: key_algorithm.to_owned(),
            logged,
            status: Status::PendingValidation,
            failure: None,
            created: self.now,
            issued: None,
            serial: serial.join(":"),
            records_at,
            delay,
            tags,
        };
        self.certificates.by_arn.insert(arn.clone(), certificate);
        self.hide_for_a_while(&arn);
        self.schedule(Duration::LOOK, Event::Certificate(Due::Look(arn.clone())));
        arn
    }

    pub(super) fn certificate_due(&mut self, global: &Global, due: Due) {
        let Due::Look(arn) = due;
        let (now, account) = (self.now, self.account().to_owned());
        let Some(certificate) = self.certificates.by_arn.get_mut(&arn) else { return };
        if certificate.status != Status::PendingValidation {
            return;
        }
        let delay = certificate.delay;
        for name in certificate.names.iter_mut().filter(|name| !name.validated) {
            let seen = name.is_proven(&global.dns, &account, now).then(|| name.seen.unwrap_or(now));
            name.seen = seen;
            if seen.is_none_or(|seen| now < seen + delay) {
                continue;
            }
            if name.is_allowed(&global.dns, now) {
                name.validated = true;
            } else {
                certificate.status = Status::Failed;
                certificate.failure = Some("CAA_ERROR".to_owned());
                return;
            }
        }
        if certificate.names.iter().all(|name| name.validated) {
            certificate.status = Status::Issued;
            certificate.issued = Some(now);
        } else if now >= certificate.created + PATIENCE {
            certificate.status = Status::ValidationTimedOut;
        } else {
            self.schedule(Duration::LOOK, Event::Certificate(Due::Look(arn)));
        }
    }
}
