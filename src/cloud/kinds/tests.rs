//! What the kinds plan: calls, differences, needs; without a cloud.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};

use crate::cloud::Want;
use crate::course::model::{Key, Place, Role, Value};
use crate::course::schema::{FieldType, Schema};
use crate::lab::call::{Arg, Call};
use crate::lab::facts::{Backend, Facts, Scope};
use crate::lab::kind::{Env, Kind, Kinds};
use crate::lab::world::{Desired, Difference, Health, Mend, Observed, Sight, World};

use super::registry;
use super::support::{Match, Seen, pick};

fn text(value: &str) -> Value {
    value.into()
}

fn list(values: &[&str]) -> Value {
    Value::List(values.iter().map(|value| text(value)).collect())
}

fn map(members: &[(&str, Value)]) -> Value {
    Value::Map(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
}

fn desired(kind: &str, name: &str, fields: &[(&str, Value)]) -> Desired {
    Desired {
        key: Key::home(kind, name),
        step: "vpc.network.vpc".into(),
        chapter: 3,
        region: "ap-northeast-2".into(),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        place: Place::default(),
        amended: Vec::new(),
        retired: None,
    }
}

fn observed(kind: &str, name: &str, id: &str, fields: &[(&str, Value)]) -> Observed {
    Observed {
        key: Key::home(kind, name),
        id: id.into(),
        region: "ap-northeast-2".into(),
        state: "available".into(),
        health: Health::Ready,
        reason: String::new(),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        tags: BTreeMap::new(),
    }
}

/// A small course and its live state.
struct Scene {
    facts: Facts,
    desired: Vec<Desired>,
    world: World,
}

impl Scene {
    fn new() -> Self {
        let scope = Scope {
            backend: Backend::Practice,
            account: "100000000001".into(),
            home: "ap-northeast-2".into(),
            peer: "ap-northeast-1".into(),
        };
        let facts = Facts {
            scope,
            caller: String::new(),
            zones: BTreeMap::new(),
            my_ip: Some("203.0.113.7".into()),
            run: "run-1".into(),
        };
        let mut world = World::default();
        world.put(observed("vpc", "my-vpc", "vpc-1", &[("cidr", text("10.1.0.0/16"))]));
        world.put(observed("subnet", "public-a", "subnet-1", &[("vpc", text("vpc-1"))]));
        world.put(observed("internet-gateway", "my-igw", "igw-1", &[("vpc", text("vpc-1"))]));
        world.put(observed("nat-gateway", "my-nat", "nat-1", &[("vpc", text("vpc-1"))]));
        world.put(observed("route-table", "public", "rtb-1", &[("vpc", text("vpc-1"))]));
        world.put(observed("security-group", "bastion", "sg-1", &[("vpc", text("vpc-1"))]));
        world.put(observed("security-group", "private", "sg-2", &[("vpc", text("vpc-1"))]));
        world.put(observed("key-pair", "pair", "key-1", &[("name", text("pair"))]));
        let rule = |name: &str, group: &str, source: &str| {
            let fields =
                [("group", text(group)), ("protocol", text("tcp")), ("port", Value::Int(22)), ("source", text(source))];
            desired("security-group-rule", name, &fields)
        };
        let desired = vec![
            desired("vpc", "my-vpc", &[("cidr", text("10.1.0.0/16")), ("dns_hostnames", true.into())]),
            desired(
                "subnet",
                "public-a",
                &[("vpc", text("my-vpc")), ("cidr", text("10.1.1.0/24")), ("zone", text("z"))],
            ),
            desired("internet-gateway", "my-igw", &[("vpc", text("my-vpc"))]),
            desired("route-table", "public", &[("vpc", text("my-vpc"))]),
            desired("elastic-ip", "eip", &[]),
            desired("nat-gateway", "my-nat", &[("subnet", text("public-a")), ("address", text("eip"))]),
            desired(
                "route",
                "public 0.0.0.0/0",
                &[("table", text("public")), ("destination", text("0.0.0.0/0")), ("target", text("my-igw"))],
            ),
            desired(
                "route-table-association",
                "public public-a",
                &[("table", text("public")), ("subnet", text("public-a"))],
            ),
            desired("security-group", "bastion", &[("vpc", text("my-vpc")), ("description", text("d"))]),
            desired("security-group", "private", &[("vpc", text("my-vpc")), ("description", text("d"))]),
            rule("bastion tcp 22 my-ip", "bastion", "203.0.113.7/32"),
            rule("private tcp 22 bastion", "private", "bastion"),
            desired("key-pair", "pair", &[]),
            desired("image", "al2023", &[("parameter", text("/aws/x"))]),
            desired(
                "instance",
                "host",
                &[
                    ("image", text("al2023")),
                    ("type", text("t3.micro")),
                    ("subnet", text("public-a")),
                    ("groups", list(&["bastion"])),
                    ("key", text("pair")),
                ],
            ),
            desired("elastic-ip-association", "eip host", &[("address", text("eip")), ("instance", text("host"))]),
        ];
        Self { facts, desired, world }
    }

    fn env(&self) -> Env<'_> {
        Env { facts: &self.facts, world: &self.world, desired: &self.desired }
    }

    fn desired(&self, kind: &str, name: &str) -> &Desired {
        self.desired.iter().find(|desired| desired.key == Key::home(kind, name)).unwrap()
    }

    fn create(&self, kind: &str, name: &str) -> Vec<Call> {
        kind_of(kind).create(self.desired(kind, name), &self.env())
    }

    /// Differences, and the calls that mend those that can be mended in place.
    fn mend(&self, observed: &Observed) -> (Vec<Difference>, Vec<Call>) {
        let desired = self.desired(&observed.key.kind, &observed.key.name);
        let kind = kind_of(&observed.key.kind);
        let differences = kind.differences(desired, observed, &self.env());
        let in_place: Vec<Difference> = differences.iter().filter(|one| one.mend == Mend::InPlace).cloned().collect();
        let calls = kind.change(desired, observed, &in_place, &self.env());
        (differences, calls)
    }
}

fn kind_of(name: &str) -> &'static dyn Kind {
    registry().kind(name).unwrap()
}

fn operations(calls: &[Call]) -> Vec<&str> {
    calls.iter().map(|call| call.operation.as_str()).collect()
}

fn fields(differences: &[Difference]) -> Vec<&str> {
    differences.iter().map(|difference| difference.field.as_str()).collect()
}

fn arg<'a>(call: &'a Call, name: &str) -> Option<&'a Arg> {
    call.args.iter().find(|(known, _)| known == name).map(|(_, arg)| arg)
}

#[test]
fn kinds_are_sorted_by_rank_and_refer_only_to_kinds_that_come_before() {
    let ranks: Vec<u8> = registry().all().iter().map(|kind| kind.rank()).collect();
    assert!(ranks.is_sorted());
    for kind in registry().all() {
        for field in kind.fields() {
            let referred: &[&str] = match field.kind {
                FieldType::Ref(ref other) | FieldType::Refs(ref other) => std::slice::from_ref(other),
                FieldType::RefOf(others) => others,
                _ => &[],
            };
            for other in referred {
                let other = registry().kind(other).unwrap_or_else(|| panic!("{other} is no kind"));
                assert!(other.rank() < kind.rank(), "{} is looked up with {}", kind.name(), other.name());
            }
        }
    }
    let names: BTreeSet<&str> = Schema::kinds(registry()).into_iter().collect();
    assert_eq!(names.len(), ranks.len(), "each kind has a name of its own");
}

#[test]
fn every_create_call_that_can_carries_the_four_tags_and_says_where_the_id_is() {
    let place = Scene::new();
    for desired in &place.desired {
        let kind = kind_of(&desired.key.kind);
        let calls = kind.create(desired, &place.env());
        assert_eq!(calls.is_empty(), kind.is_lookup(), "{}", desired.key);
        let Some(first) = calls.first() else { continue };
        let linked = ["route", "route-table-association", "elastic-ip-association"].contains(&kind.name());
        assert_eq!(arg(first, "TagSpecifications").is_none(), linked, "{}", desired.key);
        assert_eq!(first.gives.is_none(), kind.name() == "route", "{}", desired.key);
        if let Some(tags) = arg(first, "TagSpecifications") {
            let shown = format!("{tags:?}");
            for part in [desired.key.name.as_str(), "aws-lab", "lab:chapter", "run-1"] {
                assert!(shown.contains(part), "{}: {part} is not in {shown}", desired.key);
            }
        }
    }
}

#[test]
fn a_vpc_gets_its_hostnames_in_a_second_request() {
    let place = Scene::new();
    assert_eq!(operations(&place.create("vpc", "my-vpc")), ["CreateVpc", "ModifyVpcAttribute"]);
    let live = observed("vpc", "my-vpc", "vpc-1", &[("cidr", text("10.2.0.0/16")), ("dns_hostnames", false.into())]);
    let (differences, calls) = place.mend(&live);
    assert_eq!(fields(&differences), ["cidr", "dns_hostnames"]);
    assert_eq!((differences[0].mend, differences[1].mend), (Mend::Replace, Mend::InPlace));
    assert_eq!((differences[0].wanted.as_str(), differences[0].found.as_str()), ("10.1.0.0/16", "10.2.0.0/16"));
    assert_eq!(operations(&calls), ["ModifyVpcAttribute"]);
}

#[test]
fn a_gateway_is_attached_and_moved() {
    let place = Scene::new();
    let detached = observed("internet-gateway", "my-igw", "igw-1", &[]);
    assert_eq!(operations(&place.mend(&detached).1), ["AttachInternetGateway"]);
    let elsewhere = observed("internet-gateway", "my-igw", "igw-1", &[("vpc", text("vpc-9"))]);
    let (differences, calls) = place.mend(&elsewhere);
    assert_eq!(differences[0].found, "vpc-9");
    assert_eq!(operations(&calls), ["DetachInternetGateway", "AttachInternetGateway"]);
    let here = observed("internet-gateway", "my-igw", "igw-1", &[("vpc", text("vpc-1"))]);
    assert_eq!(place.mend(&here), (Vec::new(), Vec::new()));
    let gone = kind_of("internet-gateway").delete(&here, "step");
    assert_eq!(operations(&gone), ["DetachInternetGateway", "DeleteInternetGateway"]);
    assert_eq!(operations(&kind_of("internet-gateway").delete(&detached, "step")), ["DeleteInternetGateway"]);
}

#[test]
fn a_gateway_goes_after_every_public_address_of_its_vpc() {
    let gateway = observed("internet-gateway", "my-igw", "igw-1", &[("vpc", text("vpc-1"))]);
    let nat = observed("nat-gateway", "nat", "nat-1", &[("vpc", text("vpc-1"))]);
    let public = observed("instance", "public", "i-1", &[("vpc", text("vpc-1")), ("public_ip", text("1.2.3.4"))]);
    let private = observed("instance", "private", "i-2", &[("vpc", text("vpc-1"))]);
    let other = observed("nat-gateway", "other", "nat-2", &[("vpc", text("vpc-2"))]);
    let mapped = observed("elastic-ip-association", "map", "eipassoc-1", &[("instance", text("i-2"))]);
    let live = [&nat, &public, &private, &other, &mapped];
    let first = kind_of("internet-gateway").delete_after(&gateway, &live);
    let names: Vec<&str> = first.iter().map(|key| key.name.as_str()).collect();
    assert_eq!(names, ["nat", "public", "map"]);
}

#[test]
fn a_route_to_the_wrong_or_a_dead_target_is_replaced() {
    let place = Scene::new();
    let route = |target: &str| {
        let fields = [("table", text("rtb-1")), ("destination", text("0.0.0.0/0")), ("target", text(target))];
        let mut route = observed("route", "public 0.0.0.0/0", "rtb-1 0.0.0.0/0", &fields);
        route.state = "active".into();
        route
    };
    assert_eq!(place.mend(&route("igw-1")), (Vec::new(), Vec::new()));
    let (differences, calls) = place.mend(&route("nat-1"));
    assert_eq!((differences[0].wanted.as_str(), differences[0].found.as_str()), ("my-igw", "my-nat (nat-1)"));
    assert_eq!(operations(&calls), ["ReplaceRoute"]);
    assert!(arg(&calls[0], "GatewayId").is_some());
    let mut dead = route("igw-1");
    dead.state = "blackhole".into();
    let (differences, calls) = place.mend(&dead);
    assert_eq!((fields(&differences), operations(&calls)), (vec!["state"], vec!["ReplaceRoute"]));
}

#[test]
fn a_route_waits_for_an_attached_gateway() {
    let place = Scene::new();
    let needs = kind_of("route").needs(place.desired("route", "public 0.0.0.0/0"), &place.env());
    let need = needs.iter().find(|need| need.key.kind == "internet-gateway").unwrap();
    assert!(need.ready);
    for (kind, name) in [("nat-gateway", "my-nat"), ("elastic-ip-association", "eip host")] {
        let needs = kind_of(kind).needs(place.desired(kind, name), &place.env());
        assert!(needs.iter().any(|need| need.key == Key::home("internet-gateway", "my-igw") && need.ready), "{kind}");
    }
}

#[test]
fn a_table_tells_what_the_course_does_not_declare() {
    let place = Scene::new();
    let route = |destination: &str, target: &str| {
        map(&[("destination", text(destination)), ("target", text(target)), ("state", text("active"))])
    };
    let association = |subnet: &str| map(&[("id", text("rtbassoc-1")), ("subnet", text(subnet))]);
    let table = |routes: Vec<Value>, associations: Vec<Value>| {
        let fields =
            [("vpc", text("vpc-1")), ("routes", Value::List(routes)), ("associations", Value::List(associations))];
        observed("route-table", "public", "rtb-1", &fields)
    };
    let clean = table(
        vec![route("10.1.0.0/16", "local"), route("0.0.0.0/0", "nat-1"), route("pl-1", "vpce-1")],
        vec![association("subnet-1")],
    );
    assert_eq!(place.mend(&clean).0, Vec::new(), "a declared route's wrong target is told by the route");
    let spoilt = table(vec![route("192.168.0.0/16", "nat-1")], vec![association("subnet-9")]);
    let (differences, calls) = place.mend(&spoilt);
    assert_eq!(fields(&differences), ["unexpected route", "unexpected association"]);
    assert_eq!(differences[0].found, "192.168.0.0/16 → my-nat (nat-1)");
    assert!(differences.iter().all(|difference| difference.mend == Mend::ByHand) && calls.is_empty());
}

#[test]
fn an_association_with_the_wrong_table_is_moved() {
    let place = Scene::new();
    let fields = [("table", text("rtb-9")), ("subnet", text("subnet-1"))];
    let live = observed("route-table-association", "public public-a", "rtbassoc-1", &fields);
    let (differences, calls) = place.mend(&live);
    assert_eq!((differences[0].wanted.as_str(), differences[0].found.as_str()), ("public", "rtb-9"));
    assert_eq!(operations(&calls), ["ReplaceRouteTableAssociation"]);
    assert_eq!(calls[0].gives.as_deref(), Some("NewAssociationId"));
}

fn rule_item(id: &str, source: &str) -> Value {
    map(&[
        ("rule_id", text(id)),
        ("protocol", text("tcp")),
        ("from", Value::Int(22)),
        ("to", Value::Int(22)),
        ("source", text(source)),
    ])
}

#[test]
fn a_group_tells_rules_that_let_in_too_much() {
    let mut place = Scene::new();
    let group = |rules: Vec<Value>| {
        observed("security-group", "bastion", "sg-1", &[("vpc", text("vpc-1")), ("ingress", Value::List(rules))])
    };
    assert_eq!(place.mend(&group(vec![rule_item("sgr-1", "203.0.113.7/32")])).0, Vec::new());
    let (differences, _) = place.mend(&group(vec![rule_item("sgr-2", "0.0.0.0/0")]));
    assert_eq!(fields(&differences), ["unexpected rule"]);
    assert_eq!(differences[0].found, "tcp 22 ← 0.0.0.0/0");
    // The same rule, once it is taken for the declared one whose address has changed, is told there.
    let old = [("group", text("sg-1")), ("source", text("198.51.100.1/32"))];
    place.world.put(observed("security-group-rule", "bastion tcp 22 my-ip", "sgr-2", &old));
    assert_eq!(place.mend(&group(vec![rule_item("sgr-2", "198.51.100.1/32")])).0, Vec::new());
}

#[test]
fn a_changed_address_is_let_in_before_the_old_one_is_shut_out() {
    let place = Scene::new();
    let fields = [
        ("group", text("sg-1")),
        ("protocol", text("tcp")),
        ("port", Value::Int(22)),
        ("source", text("198.51.100.1/32")),
    ];
    let live = observed("security-group-rule", "bastion tcp 22 my-ip", "sgr-1", &fields);
    let (differences, calls) = place.mend(&live);
    assert_eq!(fields_of_one(&differences), ("source", "203.0.113.7/32", "198.51.100.1/32"));
    assert_eq!(operations(&calls), ["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"]);
    assert!(format!("{:?}", calls[0].args).contains("lab:my-ip"));
    assert!(format!("{:?}", calls[1].args).contains("sgr-1"));
}

fn fields_of_one(differences: &[Difference]) -> (&str, &str, &str) {
    assert_eq!(differences.len(), 1);
    (&differences[0].field, &differences[0].wanted, &differences[0].found)
}

#[test]
fn a_rule_can_let_in_a_group() {
    let place = Scene::new();
    let calls = place.create("security-group-rule", "private tcp 22 bastion");
    let waits: BTreeSet<&str> = calls[0].waits_for().iter().map(|of| of.key.name.as_str()).collect();
    assert_eq!(waits, ["bastion", "private"].into());
    let shown = format!("{:?}", arg(&calls[0], "IpPermissions"));
    assert!(shown.contains("UserIdGroupPairs") && !shown.contains("IpRanges"), "{shown}");
    let fields = [("group", text("sg-2")), ("source", text("sg-1"))];
    let live = observed("security-group-rule", "private tcp 22 bastion", "sgr-3", &fields);
    assert_eq!(place.mend(&live), (Vec::new(), Vec::new()));
}

#[test]
fn an_instance_asks_for_imdsv2_an_encrypted_disk_and_tags_on_all_it_makes() {
    let place = Scene::new();
    let calls = place.create("instance", "host");
    let shown = format!("{:?}", calls[0].args);
    for part in ["HttpTokens", "required", "gp3", "Encrypted", "volume", "network-interface"] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(matches!(arg(&calls[0], "KeyName"), Some(Arg::Text(name)) if name == "pair"));
}

#[test]
fn an_instance_differs_field_by_field() {
    let place = Scene::new();
    let live = |kind: &str, group: &str, key: &str, tokens: &str, state: &str| {
        let fields = [
            ("type", text(kind)),
            ("subnet", text("subnet-1")),
            ("groups", list(&[group])),
            ("key", text(key)),
            ("http_tokens", text(tokens)),
        ];
        let mut instance = observed("instance", "host", "i-1", &fields);
        instance.state = state.into();
        instance
    };
    assert_eq!(place.mend(&live("t3.micro", "sg-1", "key-1", "required", "running")), (Vec::new(), Vec::new()));
    let (differences, calls) = place.mend(&live("t3.small", "sg-2", "other", "optional", "stopped"));
    assert_eq!(fields(&differences), ["type", "groups", "key", "http_tokens", "state"]);
    assert_eq!(operations(&calls), ["ModifyInstanceAttribute", "ModifyInstanceMetadataOptions", "StartInstances"]);
}

#[test]
fn an_address_on_the_wrong_instance_is_mapped_anew() {
    let place = Scene::new();
    let fields = [("address", text("eipalloc-1")), ("instance", text("i-9"))];
    let live = observed("elastic-ip-association", "eip host", "eipassoc-1", &fields);
    let (_, calls) = place.mend(&live);
    assert_eq!(operations(&calls), ["DisassociateAddress", "AssociateAddress"]);
    assert!(matches!(arg(&calls[1], "AllowReassociation"), Some(Arg::Bool(false))));
}

#[test]
fn a_replaced_key_is_told_and_a_hand_made_one_is_not() {
    let place = Scene::new();
    let ours = [("fingerprint", text("b")), ("local_fingerprint", text("a"))];
    let (differences, _) = place.mend(&observed("key-pair", "pair", "key-1", &ours));
    assert_eq!(fields_of_one(&differences), ("fingerprint", "a", "b"));
    assert_eq!(place.mend(&observed("key-pair", "pair", "key-1", &[("fingerprint", text("b"))])).0, Vec::new());
}

#[test]
fn every_delete_call_knows_what_done_means() {
    for kind in registry().all() {
        for call in kind.delete(&observed(kind.name(), "n", "id-1", &[("vpc", text("vpc-1"))]), "step") {
            assert!(!call.done_if.is_empty(), "{} {}", kind.name(), call.operation);
            assert!(call.waits_for().is_empty(), "nothing of the course is needed to delete");
        }
    }
}

fn seen(id: &str, name: Option<&str>, project: bool, vpc: &str) -> Seen {
    let mut seen = Seen::new(Some(id), "available", &[]).with("vpc", Some(vpc));
    seen.tags.extend(name.map(|name| ("Name".to_owned(), name.to_owned())));
    if project {
        seen.tags.insert("Project".to_owned(), "aws-lab".to_owned());
    }
    seen
}

fn find(recorded: Option<&str>, seen: &[Seen]) -> Option<String> {
    let want = |name: &str, recorded: Option<&str>| Want {
        desired: desired("subnet", name, &[]),
        recorded: recorded.map(str::to_owned),
    };
    let wants = [want("a", recorded), want("c", None)];
    let scope = |seen: &Seen| seen.text("vpc") == Some("vpc-1");
    let natural = |seen: &Seen| seen.id.contains("cidr");
    let by = Match { scope: Some(&scope), natural: Some(&natural) };
    match pick("ap-northeast-2", &wants, &wants[0], seen, by) {
        Sight::Found(found) => Some(found.id.clone()),
        Sight::Absent => None,
        Sight::Ambiguous(ids) => Some(ids.join("|")),
    }
}

#[test]
fn the_recorded_one_counts_before_all() {
    let live = [seen("s-1", Some("a"), true, "vpc-1"), seen("s-2", None, false, "vpc-9")];
    assert_eq!(find(Some("s-2"), &live).as_deref(), Some("s-2"));
    assert_eq!(find(Some("s-3"), &live).as_deref(), Some("s-1"));
}

#[test]
fn ours_counts_before_a_namesake_and_a_name_before_the_natural_key() {
    let mut live = vec![seen("s-cidr", None, false, "vpc-1")];
    assert_eq!(find(None, &live).as_deref(), Some("s-cidr"));
    live.push(seen("s-2", Some("a"), false, "vpc-1"));
    assert_eq!(find(None, &live).as_deref(), Some("s-2"));
    live.push(seen("s-3", Some("a"), true, "vpc-1"));
    assert_eq!(find(None, &live).as_deref(), Some("s-3"));
    live.push(seen("s-4", Some("a"), true, "vpc-1"));
    assert_eq!(find(None, &live).as_deref(), Some("s-3|s-4"));
}

#[test]
fn strangers_are_left_alone() {
    assert_eq!(find(None, &[seen("s-1", Some("a"), false, "vpc-9")]), None, "a namesake in another VPC");
    assert_eq!(find(None, &[seen("s-cidr", Some("c"), false, "vpc-1")]), None, "it answers to another name");
    assert_eq!(find(None, &[seen("s-1", Some("a"), true, "vpc-9")]).as_deref(), Some("s-1"), "ours, misplaced");
}

#[test]
fn what_is_being_deleted_counts_last() {
    let dying = seen("s-1", Some("a"), true, "vpc-1").health(Health::Deleting);
    let live = seen("s-2", Some("a"), false, "vpc-1");
    assert_eq!(find(None, &[dying.clone(), live]).as_deref(), Some("s-2"));
    assert_eq!(find(None, &[dying]).as_deref(), Some("s-1"));
}

#[test]
fn roles_stay_apart() {
    let mut place = Scene::new();
    let mut peer = desired("internet-gateway", "peer-igw", &[("vpc", text("my-vpc"))]);
    peer.key.role = Role::Peer;
    place.desired.insert(0, peer);
    let needs = kind_of("nat-gateway").needs(place.desired("nat-gateway", "my-nat"), &place.env());
    assert!(needs.iter().all(|need| need.key.role == Role::Home));
}

#[test]
fn a_group_costs_what_it_has_and_a_stopped_instance_its_disk() {
    let template = desired("launch-template", "my-lt", &[("type", text("t3.micro"))]);
    let group = desired("auto-scaling-group", "my-asg", &[("template", text("my-lt")), ("desired", Value::Int(1))]);
    let all = [template, group];
    let kind = registry().kind("auto-scaling-group").unwrap();
    let hours = |parts: &[crate::lab::kind::Priced]| {
        parts.iter().filter(|part| part.item.starts_with("instance-hour")).map(|part| part.count).sum::<f64>()
    };
    let member = map(&[("state", text("InService"))]);
    for count in [0, 1, 3] {
        let seen = observed(
            "auto-scaling-group",
            "my-asg",
            "my-asg",
            &[("instances", Value::List(vec![member.clone(); count]))],
        );
        assert_eq!(hours(&kind.price_live(&all[1], &all, &seen)), f64::from(u32::try_from(count).unwrap()));
    }
    let server = desired("instance", "my-ec2", &[("type", text("t3.micro")), ("disk", Value::Int(20))]);
    let mut seen = observed("instance", "my-ec2", "i-1", &[("type", text("t3.micro"))]);
    let kind = registry().kind("instance").unwrap();
    seen.state = "running".into();
    assert_eq!(hours(&kind.price_live(&server, &[], &seen)), 1.0);
    seen.state = "stopped".into();
    let stopped = kind.price_live(&server, &[], &seen);
    assert_eq!((stopped.len(), stopped[0].count), (1, 20.0));
}
