//! ACM by its operations.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use serde_json::{Value, json};

use crate::practice::services::{ApiError, testing};
use crate::practice::world::World;
use crate::practice::world::dns::{Data, RecordSet, normal, sort_key};

const SEOUL: &str = "ap-northeast-2";

struct Bench {
    world: World,
}

impl Bench {
    fn new() -> Self {
        Self { world: World::new(42, "100000000001", 1_790_000_000_000) }
    }

    fn call(&mut self, operation: &str, json: &Value) -> Result<Value, ApiError> {
        testing::call_json(&mut self.world, super::handle, (SEOUL, operation), json)
    }

    fn request(&mut self, names: &[&str], more: Value) -> String {
        let mut body =
            json!({"DomainName": names[0], "SubjectAlternativeNames": names[1..], "ValidationMethod": "DNS"});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.call("RequestCertificate", &body).unwrap()["CertificateArn"].as_str().unwrap().to_owned()
    }

    fn describe(&mut self, arn: &str) -> Value {
        self.call("DescribeCertificate", &json!({"CertificateArn": arn})).unwrap()["Certificate"].clone()
    }

    fn status(&mut self, arn: &str) -> String {
        self.describe(arn)["Status"].as_str().unwrap().to_owned()
    }

    /// Puts a record into a zone, the practice domain's own if none is named; its servers say so at once.
    fn put(&mut self, zone: Option<&str>, name: &str, kind: &str, value: &str) {
        let now = self.world.now();
        let dns = &mut self.world.global_mut().dns;
        let own = dns.authority("lab.example", now).unwrap().id.clone();
        let data = Data::Values { ttl: 300, values: vec![value.to_owned()] };
        let set = RecordSet { name: normal(name), kind: kind.to_owned(), data, since: now, before: None };
        let zone = dns.zones.get_mut(zone.unwrap_or(&own)).unwrap();
        zone.records.insert((sort_key(&normal(name)), kind.to_owned()), set);
    }

    fn wait(&mut self, seconds: i64) {
        self.world.advance(self.world.now() + seconds * 1000);
    }

    fn record(&mut self, arn: &str, index: usize) -> (String, String) {
        let record = &self.describe(arn)["DomainValidationOptions"][index]["ResourceRecord"];
        (record["Name"].as_str().unwrap().to_owned(), record["Value"].as_str().unwrap().to_owned())
    }
}

#[test]
fn issued_some_minutes_after_the_record_is_there() {
    let mut bench = Bench::new();
    let arn = bench.request(&["lab.example", "*.lab.example"], json!({}));
    assert!(bench.describe(&arn)["DomainValidationOptions"][0].get("ResourceRecord").is_none(), "not told yet");
    bench.wait(12);
    let (name, value) = bench.record(&arn, 0);
    assert_eq!(bench.record(&arn, 1), (name.clone(), value.clone()), "a domain and its wildcard share one");
    bench.wait(1000);
    assert_eq!(bench.status(&arn), "PENDING_VALIDATION");
    bench.put(None, &name, "CNAME", &value);
    bench.wait(165);
    assert_eq!(bench.status(&arn), "PENDING_VALIDATION");
    bench.wait(130);
    let detail = bench.describe(&arn);
    assert_eq!((detail["Status"].as_str(), detail["KeyAlgorithm"].as_str()), (Some("ISSUED"), Some("RSA-2048")));
    assert_eq!(detail["DomainValidationOptions"][1]["ValidationStatus"], "SUCCESS");
    let days =
        (detail["NotAfter"]["$time"].as_i64().unwrap() - detail["IssuedAt"]["$time"].as_i64().unwrap()) / 86_400_000;
    assert_eq!(days, 198);
    assert!(bench.world.region_mut(SEOUL).certificates.usable(&arn));
}

#[test]
fn never_issued_from_a_zone_that_is_not_delegated_and_timed_out_after_three_days() {
    let mut bench = Bench::new();
    let arn = bench.request(&["lab.example"], json!({}));
    bench.wait(15);
    let (name, value) = bench.record(&arn, 0);
    let second = bench.world.global_mut().dns.make_zone("lab.example", "r", 0);
    bench.put(Some(&second), &name, "CNAME", &value);
    bench.wait(71 * 3600);
    assert_eq!(bench.status(&arn), "PENDING_VALIDATION");
    bench.wait(3700);
    let detail = bench.describe(&arn);
    assert_eq!(detail["Status"], "VALIDATION_TIMED_OUT");
    assert_eq!(detail["DomainValidationOptions"][0]["ValidationStatus"], "FAILED");
}

#[test]
fn a_wrong_value_or_one_name_missing_is_not_enough() {
    let mut bench = Bench::new();
    let arn = bench.request(&["lab.example", "other.lab.example"], json!({}));
    bench.wait(15);
    let ((first, value), (second, other)) = (bench.record(&arn, 0), bench.record(&arn, 1));
    assert_ne!(first, second);
    bench.put(None, &first, "CNAME", &value);
    bench.put(None, &second, "CNAME", "_wrong.acm-validations.aws.");
    bench.wait(1000);
    let detail = bench.describe(&arn);
    assert_eq!(detail["DomainValidationOptions"][0]["ValidationStatus"], "SUCCESS");
    assert_eq!(detail["DomainValidationOptions"][1]["ValidationStatus"], "PENDING_VALIDATION");
    assert_eq!(detail["Status"], "PENDING_VALIDATION");
    bench.put(None, &second, "CNAME", other.trim_end_matches('.'));
    bench.wait(400);
    assert_eq!(bench.status(&arn), "ISSUED");
}

#[test]
fn caa_records_decide() {
    let mut bench = Bench::new();
    bench.put(None, "lab.example", "CAA", "0 issue \"other-ca.test\"");
    let arn = bench.request(&["www.lab.example"], json!({}));
    bench.wait(15);
    let (name, value) = bench.record(&arn, 0);
    bench.put(None, &name, "CNAME", &value);
    bench.wait(400);
    let detail = bench.describe(&arn);
    assert_eq!((&detail["Status"], &detail["FailureReason"]), (&json!("FAILED"), &json!("CAA_ERROR")));
    bench.put(None, "lab.example", "CAA", "0 issue \"amazon.com\"");
    let arn = bench.request(&["www.lab.example"], json!({}));
    bench.wait(400);
    assert_eq!(bench.status(&arn), "ISSUED", "the record of the same name is there already");
}

#[test]
fn tokens_lists_tags_and_refusals() {
    let mut bench = Bench::new();
    let token = json!({"IdempotencyToken": "abc"});
    let first = bench.request(&["lab.example"], token.clone());
    assert_eq!(bench.request(&["lab.example"], token.clone()), first);
    assert_ne!(bench.request(&["lab.example"], json!({"IdempotencyToken": "abd"})), first);
    bench.wait(3601);
    assert_ne!(bench.request(&["lab.example"], token), first);
    bench.request(&["lab.example"], json!({"KeyAlgorithm": "EC_prime256v1"}));
    let list = |bench: &mut Bench, body: Value| bench.call("ListCertificates", &body).unwrap();
    assert_eq!(list(&mut bench, json!({}))["CertificateSummaryList"].as_array().unwrap().len(), 3);
    let pending = json!({"CertificateStatuses": ["PENDING_VALIDATION"], "Includes": {"keyTypes": ["EC_prime256v1"]}});
    assert_eq!(list(&mut bench, pending)["CertificateSummaryList"].as_array().unwrap().len(), 1);
    let page = list(&mut bench, json!({"MaxItems": 2}));
    let rest = list(&mut bench, json!({"MaxItems": 2, "NextToken": page["NextToken"]}));
    assert_eq!(rest["CertificateSummaryList"].as_array().unwrap().len(), 1);
    assert!(rest.get("NextToken").is_none());
    let tags = json!({"CertificateArn": first, "Tags": [{"Key": "a", "Value": "b"}]});
    bench.call("AddTagsToCertificate", &tags).unwrap();
    let arn = json!({"CertificateArn": first});
    assert_eq!(bench.call("ListTagsForCertificate", &arn).unwrap()["Tags"][0]["Value"], "b");
    bench.call("RemoveTagsFromCertificate", &tags).unwrap();
    assert_eq!(bench.call("ListTagsForCertificate", &arn).unwrap()["Tags"], json!([]));
    assert_eq!(bench.call("GetCertificate", &arn).unwrap_err().code, "RequestInProgressException");
    bench.call("DeleteCertificate", &arn).unwrap();
    assert_eq!(bench.call("DescribeCertificate", &arn).unwrap_err().code, "ResourceNotFoundException");
    for (body, code) in [
        (json!({"DomainName": "lab.example"}), "NotSimulated"),
        (json!({"DomainName": "lab", "ValidationMethod": "DNS"}), "ValidationException"),
        (
            json!({"DomainName": "lab.example", "ValidationMethod": "DNS", "IdempotencyToken": "a b"}),
            "ValidationException",
        ),
        (
            json!({"DomainName": "lab.example", "ValidationMethod": "DNS", "CertificateAuthorityArn": "x"}),
            "NotSimulated",
        ),
    ] {
        assert_eq!(bench.call("RequestCertificate", &body).unwrap_err().code, code, "{body}");
    }
}

#[test]
fn one_leap_is_the_same_as_small_steps() {
    let busy = || {
        let mut bench = Bench::new();
        let arn = bench.request(&["lab.example"], json!({}));
        bench.wait(15);
        let (name, value) = bench.record(&arn, 0);
        bench.put(None, &name, "CNAME", &value);
        bench.request(&["x.lab.example"], json!({}));
        bench
    };
    let (mut leapt, mut stepped) = (busy(), busy());
    leapt.wait(600);
    for _ in 0..600 {
        stepped.wait(1);
    }
    assert_eq!(leapt.world, stepped.world);
}
