//! Route 53 by its operations.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::operation;
use crate::practice::services::{Answer, ApiError, Request};
use crate::practice::wire::query::Params;
use crate::practice::world::World;
use crate::practice::world::resolve::Outcome;

const SEOUL: &str = "ap-northeast-2";

pub(super) struct Bench {
    pub(super) world: World,
    zone: String,
}

impl Bench {
    pub(super) fn new() -> Self {
        let world = World::new(42, "100000000001", 1_790_000_000_000);
        let zone = world.global().dns.zones.keys().next().unwrap().clone();
        Self { world, zone }
    }

    fn call(&mut self, method: &str, path: &str, query: &str, body: &str) -> Result<String, ApiError> {
        let method = http::Method::from_bytes(method.as_bytes()).unwrap();
        let path = format!("/2013-04-01/{path}");
        let params = Params::parse(query).unwrap();
        let request = Request {
            operation: operation(&method, &path).expect("an operation"),
            region: "us-east-1",
            params: &params,
            json: &serde_json::Value::Null,
            path: &path,
            body,
            request_id: "r".to_owned(),
        };
        let mut world = self.world.clone();
        let answer = super::handle(&mut world, &request)?;
        assert_eq!(params.unread(), Vec::<&str>::new());
        self.world = world;
        match answer {
            Answer::Xml(body) | Answer::Created { body, .. } => Ok(body.render()),
            Answer::Json(_) => panic!("JSON"),
        }
    }

    /// Changes as (action, name, type, values); a value `alias ZONE NAME` makes an alias.
    fn change(&mut self, changes: &[(&str, &str, &str, &[&str])]) -> Result<String, ApiError> {
        let zone = self.zone.clone();
        self.change_in(&zone, changes)
    }

    fn change_in(&mut self, zone: &str, changes: &[(&str, &str, &str, &[&str])]) -> Result<String, ApiError> {
        let mut body = String::from("<ChangeResourceRecordSetsRequest><ChangeBatch><Changes>");
        for (action, name, kind, values) in changes {
            body +=
                &format!("<Change><Action>{action}</Action><ResourceRecordSet><Name>{name}</Name><Type>{kind}</Type>");
            if let [alias] = values
                && let ["alias", zone, name] = alias.split(' ').collect::<Vec<_>>().as_slice()
            {
                body += &format!(
                    "<AliasTarget><HostedZoneId>{zone}</HostedZoneId><DNSName>{name}</DNSName>\
                     <EvaluateTargetHealth>true</EvaluateTargetHealth></AliasTarget>"
                );
            } else {
                body += "<TTL>300</TTL><ResourceRecords>";
                for value in *values {
                    body +=
                        &format!("<ResourceRecord><Value>{}</Value></ResourceRecord>", value.replace('"', "&quot;"));
                }
                body += "</ResourceRecords>";
            }
            body += "</ResourceRecordSet></Change>";
        }
        body += "</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>";
        self.call("POST", &format!("hostedzone/{zone}/rrset/"), "", &body)
    }

    fn refused(&mut self, changes: &[(&str, &str, &str, &[&str])]) -> String {
        let error = self.change(changes).expect_err("a refusal");
        assert_eq!(error.code, "InvalidChangeBatch", "{error:?}");
        error.message
    }

    fn make_zone(&mut self, name: &str, reference: &str) -> Result<String, ApiError> {
        let body = format!(
            "<CreateHostedZoneRequest xmlns=\"x\"><Name>{name}</Name><CallerReference>{reference}</CallerReference>\
             <HostedZoneConfig><Comment>lab</Comment></HostedZoneConfig></CreateHostedZoneRequest>"
        );
        self.call("POST", "hostedzone", "", &body)
    }

    fn wait(&mut self, seconds: i64) {
        self.world.advance(self.world.now() + seconds * 1000);
    }

    fn addresses(&self, name: &str) -> (Outcome, String) {
        let found = self.world.resolve(SEOUL, None, name);
        let addresses: Vec<String> = found.addresses.iter().map(ToString::to_string).collect();
        (found.outcome, addresses.join(" "))
    }
}

fn pick(xml: &str, name: &str) -> String {
    let rest = xml.split_once(&format!("<{name}>")).unwrap_or_else(|| panic!("no {name} in {xml}")).1;
    rest.split_once(&format!("</{name}>")).unwrap().0.to_owned()
}

#[test]
fn a_change_reaches_the_servers_after_a_while() {
    let mut bench = Bench::new();
    let answer = bench.change(&[("CREATE", "WWW.lab.example", "A", &["192.0.2.1"])]).unwrap();
    assert_eq!(pick(&answer, "Status"), "PENDING");
    let change = pick(&answer, "Id");
    let path = change.trim_start_matches('/');
    assert_eq!(bench.addresses("www.lab.example").0, Outcome::NoName);
    bench.wait(29);
    assert_eq!(pick(&bench.call("GET", path, "", "").unwrap(), "Status"), "PENDING");
    bench.wait(22);
    assert_eq!(pick(&bench.call("GET", path, "", "").unwrap(), "Status"), "INSYNC");
    assert_eq!(bench.addresses("www.lab.example"), (Outcome::Found, "192.0.2.1".to_owned()));
    bench.change(&[("UPSERT", "www.lab.example", "A", &["192.0.2.2"])]).unwrap();
    assert_eq!(bench.addresses("www.lab.example").1, "192.0.2.1");
    bench.wait(60);
    assert_eq!(bench.addresses("www.lab.example").1, "192.0.2.2");
    assert_eq!(bench.call("GET", "change/C1", "", "").unwrap_err().code, "NoSuchChange");
}

#[test]
fn a_batch_is_whole_or_nothing_and_says_what_is_wrong() {
    let mut bench = Bench::new();
    bench
        .change(&[("CREATE", "a.lab.example.", "A", &["192.0.2.1"]), ("CREATE", "t.lab.example", "TXT", &["\"x y\""])])
        .unwrap();
    let before = bench.world.global().dns.zones.clone();
    let said = bench.refused(&[
        ("CREATE", "new.lab.example", "A", &["192.0.2.9"]),
        ("CREATE", "a.lab.example", "A", &["192.0.2.1"]),
        ("DELETE", "b.lab.example", "A", &["192.0.2.1"]),
    ]);
    assert_eq!(
        said,
        "[Tried to create resource record set [name='a.lab.example.', type='A'] but it already exists, Tried to delete resource record set \
         [name='b.lab.example.', type='A'] but it was not found]"
    );
    assert_eq!(bench.world.global().dns.zones, before);
    for (change, part) in [
        (
            ("DELETE", "a.lab.example", "A", &["192.0.2.2"] as &[&str]),
            "values provided do not match the current values",
        ),
        (("CREATE", "lab.example", "CNAME", &["x.test"]), "not permitted at apex in zone lab.example."),
        (("CREATE", "a.lab.example", "CNAME", &["x.test"]), "as it conflicts with other records"),
        (
            ("CREATE", "a.other.example", "A", &["192.0.2.2"]),
            "RRSet with DNS name a.other.example. is not permitted in zone",
        ),
        (("CREATE", "b.lab.example", "A", &["192.0.2.256"]), "Value is not a valid IPv4 address"),
        (("CREATE", "b.lab.example", "TXT", &["bare"]), "should be enclosed in quotation marks"),
        (("CREATE", "b.lab.example", "A", &["192.0.2.2", "192.0.2.2"]), "Duplicate Resource Record"),
        (
            ("CREATE", "b.lab.example", "A", &["alias ZWKZPGTI48KDX x.ap-northeast-1.elb.amazonaws.com"]),
            "does not lie within the target zone",
        ),
        (("CREATE", "b.lab.example", "A", &["alias ZNONE x.ap-northeast-2.elb.amazonaws.com"]), "target was not found"),
    ] {
        let said = bench.refused(&[change]);
        assert!(said.contains(part), "{change:?}: {said}");
    }
    let twice =
        [("UPSERT", "b.lab.example", "A", &["192.0.2.2"] as &[&str]), ("UPSERT", "b.lab.example", "A", &["192.0.2.3"])];
    assert!(bench.refused(&twice).contains("invalid set of changes for a resource record set 'A b.lab.example.'"));
    bench
        .change(&[("DELETE", "a.lab.example", "A", &["192.0.2.1"]), ("CREATE", "a.lab.example", "CNAME", &["x.test"])])
        .unwrap();
    assert!(
        bench.refused(&[("CREATE", "a.lab.example", "A", &["192.0.2.1"])]).contains("conflicting RRSet of type CNAME")
    );
}

#[test]
fn records_list_by_labels_from_the_end_in_pages() {
    let mut bench = Bench::new();
    let a: &[&str] = &["192.0.2.1"];
    bench
        .change(&[
            ("CREATE", "b.lab.example", "A", a),
            ("CREATE", "*.lab.example", "A", a),
            ("CREATE", "a.b.lab.example", "A", a),
        ])
        .unwrap();
    let path = format!("hostedzone/{}/rrset", bench.zone);
    let all = bench.call("GET", &path, "", "").unwrap();
    let names: Vec<&str> = all.split("<Name>").skip(1).map(|rest| rest.split_once('<').unwrap().0).collect();
    assert_eq!(names, ["lab.example.", "lab.example.", "\\052.lab.example.", "b.lab.example.", "a.b.lab.example."]);
    let page = bench.call("GET", &path, "maxitems=2", "").unwrap();
    assert_eq!(
        (pick(&page, "IsTruncated"), pick(&page, "NextRecordName")),
        ("true".into(), "\\052.lab.example.".into())
    );
    let next = bench.call("GET", &path, "maxitems=2&name=%5C052.lab.example.&type=A", "").unwrap();
    assert_eq!(pick(&next, "NextRecordName"), "a.b.lab.example.");
    assert_eq!(bench.call("GET", "hostedzone/Z9/rrset", "", "").unwrap_err().code, "NoSuchHostedZone");
}

#[test]
fn zones_by_name_count_comment_tags_and_end() {
    let mut bench = Bench::new();
    let made = bench.make_zone("lab.example", "one").unwrap();
    let second = pick(&made, "Id").trim_start_matches("/hostedzone/").to_owned();
    assert_ne!(second, bench.zone);
    assert_eq!(made.matches("<NameServer>").count(), 4);
    assert_eq!(bench.make_zone("other.example", "one").unwrap_err().code, "HostedZoneAlreadyExists");
    assert_eq!(bench.make_zone("bad_-.", "two").unwrap_err().code, "InvalidDomainName");
    bench.make_zone("a.test", "three").unwrap();
    let found = bench.call("GET", "hostedzonesbyname", "dnsname=lab.example&maxitems=1", "").unwrap();
    assert_eq!((pick(&found, "Name"), pick(&found, "NextDNSName")), ("lab.example.".into(), "lab.example.".into()));
    assert_eq!(pick(&bench.call("GET", "hostedzonecount", "", "").unwrap(), "HostedZoneCount"), "3");
    let page = bench.call("GET", "hostedzone", "maxitems=2", "").unwrap();
    let rest = bench.call("GET", "hostedzone", &format!("marker={}", pick(&page, "NextMarker")), "").unwrap();
    assert_eq!(page.matches("<HostedZone>").count() + rest.matches("<HostedZone>").count(), 3);
    let tags = format!("tags/hostedzone/{second}");
    let body = "<ChangeTagsForResourceRequest><AddTags><Tag><Key>k</Key><Value>v</Value></Tag></AddTags></ChangeTagsForResourceRequest>";
    bench.call("POST", &tags, "", body).unwrap();
    assert_eq!(pick(&bench.call("GET", &tags, "", "").unwrap(), "Value"), "v");

    bench.change_in(&second, &[("CREATE", "w.lab.example", "A", &["192.0.2.1"])]).unwrap();
    bench.wait(60);
    assert_eq!(bench.addresses("w.lab.example").0, Outcome::NoName, "the second zone is not delegated");
    let path = format!("hostedzone/{second}");
    assert_eq!(bench.call("DELETE", &path, "", "").unwrap_err().code, "HostedZoneNotEmpty");
    bench.change_in(&second, &[("DELETE", "w.lab.example", "A", &["192.0.2.1"])]).unwrap();
    bench.call("DELETE", &path, "", "").unwrap();
    assert_eq!(bench.call("GET", &path, "", "").unwrap_err().status, 404);
}

#[test]
fn what_is_not_simulated_is_refused() {
    let mut bench = Bench::new();
    let zone = bench.zone.clone();
    let body = "<ChangeResourceRecordSetsRequest><ChangeBatch><Changes><Change><Action>CREATE</Action><ResourceRecordSet><Name>a.lab.example\
                </Name><Type>A</Type><SetIdentifier>x</SetIdentifier><Weight>1</Weight><TTL>1</TTL><ResourceRecords><ResourceRecord><Value>\
                192.0.2.1</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></Change></Changes></ChangeBatch>\
                </ChangeResourceRecordSetsRequest>";
    let error = bench.call("POST", &format!("hostedzone/{zone}/rrset"), "", body).unwrap_err();
    assert_eq!(error.code, "NotSimulated", "{error:?}");
    assert!(error.message.contains("SetIdentifier"), "{error:?}");
    let none = [("CREATE", "a.lab.example", "A", &[] as &[&str])];
    assert_eq!(bench.change(&none).unwrap_err().code, "InvalidInput");
    assert_eq!(operation(&http::Method::GET, "/2013-04-01/healthcheck"), None);
}

#[test]
fn names_of_aws_and_of_the_internet() {
    let mut bench = Bench::new();
    let (outcome, address) = bench.addresses("checkip.amazonaws.com");
    assert!(outcome == Outcome::Found && address.starts_with("198.51.100."), "{address}");
    assert_eq!(bench.addresses("nothing.ap-northeast-2.elb.amazonaws.com").0, Outcome::NoName);
    assert_eq!(bench.addresses("no-such-host.test").0, Outcome::NoName);
    assert_eq!(bench.addresses("192.0.2.7").1, "192.0.2.7");
    let zone = bench.zone.clone();
    let alias = format!("alias {zone} www.lab.example");
    bench
        .change(&[
            ("CREATE", "www.lab.example", "A", &["192.0.2.1"]),
            ("CREATE", "w.lab.example", "CNAME", &["alias.lab.example."]),
        ])
        .unwrap();
    bench.change(&[("CREATE", "alias.lab.example", "A", &[&alias])]).unwrap();
    bench.wait(60);
    let found = bench.world.resolve(SEOUL, None, "w.lab.example");
    let chain: Vec<String> =
        found.chain.iter().map(|link| format!("{} {} {}", link.name, link.kind, link.value)).collect();
    assert_eq!(chain, ["w.lab.example. CNAME alias.lab.example.", "alias.lab.example. A 192.0.2.1"]);
    bench.change(&[("UPSERT", "w.lab.example", "CNAME", &["w.lab.example."])]).unwrap();
    bench.wait(60);
    assert_eq!(bench.addresses("w.lab.example").0, Outcome::NoName, "a loop ends");
    let region = bench.world.region_mut(SEOUL);
    let vpc = region.vpcs.keys().next().unwrap().clone();
    region.vpcs.get_mut(&vpc).unwrap().dns_support = false;
    assert_eq!(bench.world.resolve(SEOUL, Some(&vpc), "www.lab.example").outcome, Outcome::NoResolver);
}
