#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;

use super::*;
use crate::course::model::{Fields, Value};
use crate::lab::facts::{Backend, Scope};

fn facts() -> Facts {
    Facts {
        scope: Scope {
            backend: Backend::Practice,
            account: "100000000001".into(),
            home: "ap-northeast-2".into(),
            peer: "ap-northeast-1".into(),
        },
        caller: "arn:aws:iam::100000000001:user/learner".into(),
        zones: BTreeMap::new(),
        my_ip: Some("203.0.113.7".into()),
        run: "run".into(),
    }
}

/// A value from JSON, as short as a test wants it.
fn fields(json: serde_json::Value) -> Fields {
    serde_json::from_value(json).unwrap()
}

fn put(world: &mut World, kind: &str, name: &str, id: &str, state: &str, json: serde_json::Value) {
    let health = match state {
        "pending" => Health::Pending,
        "failed" => Health::Failed,
        "deleting" => Health::Deleting,
        _ => Health::Ready,
    };
    world.put(Observed {
        key: Key::home(kind, name),
        id: id.into(),
        region: "ap-northeast-2".into(),
        state: state.into(),
        health,
        reason: String::new(),
        fields: fields(json),
        tags: BTreeMap::new(),
    });
}

/// Sections 3.2 and 3.3 as the kinds observe them.
fn course() -> World {
    let mut w = World::default();
    let world = &mut w;
    let open = serde_json::json!([
        {"number": 100, "direction": "ingress", "action": "allow", "protocol": "all", "cidr": "0.0.0.0/0"},
        {"number": 32767, "direction": "ingress", "action": "deny", "protocol": "all", "cidr": "0.0.0.0/0"},
        {"number": 100, "direction": "egress", "action": "allow", "protocol": "-1", "cidr": "0.0.0.0/0"},
    ]);
    put(
        world,
        "vpc",
        "my-vpc",
        "vpc-1",
        "available",
        serde_json::json!({"cidr": "10.1.0.0/16", "main_route_table": "rtb-0"}),
    );
    let subnet = |cidr: &str| serde_json::json!({"vpc": "vpc-1", "cidr": cidr, "acl": open});
    put(world, "subnet", "my-public-subnet-a", "subnet-1", "available", subnet("10.1.1.0/24"));
    put(world, "subnet", "my-private-subnet-app-a", "subnet-2", "available", subnet("10.1.11.0/24"));
    put(world, "internet-gateway", "my-igw", "igw-1", "available", serde_json::json!({"vpc": "vpc-1"}));
    let table = |target: &str, subnet: &str| {
        serde_json::json!({"vpc": "vpc-1",
            "routes": [{"destination": "10.1.0.0/16", "target": "local", "state": "active"},
                       {"destination": "0.0.0.0/0", "target": target, "state": "active"}],
            "associations": [{"id": "rtbassoc-1", "subnet": subnet, "main": false}]})
    };
    put(world, "route-table", "my-public-route", "rtb-1", "available", table("igw-1", "subnet-1"));
    put(world, "route-table", "my-private-route", "rtb-2", "available", table("nat-1", "subnet-2"));
    put(world, "elastic-ip", "my-nat-eip", "eipalloc-1", "available", serde_json::json!({"public_ip": "3.3.3.3"}));
    put(
        world,
        "elastic-ip",
        "my-bastion-host-eip",
        "eipalloc-2",
        "available",
        serde_json::json!({"public_ip": "4.4.4.4"}),
    );
    put(
        world,
        "nat-gateway",
        "my-natgateway",
        "nat-1",
        "available",
        serde_json::json!({"subnet": "subnet-1", "vpc": "vpc-1", "address": "eipalloc-1", "private_ip": "10.1.1.50", "public_ip": "3.3.3.3"}),
    );
    let group = |source: &str| {
        serde_json::json!({"vpc": "vpc-1",
            "ingress": [{"protocol": "tcp", "from": 22, "to": 22, "source": source}],
            "egress": [{"protocol": "all", "source": "0.0.0.0/0"}]})
    };
    put(world, "security-group", "my-bastion-host-sg", "sg-1", "available", group("203.0.113.7/32"));
    put(world, "security-group", "my-private-ec2-sg", "sg-2", "available", group("sg-1"));
    put(
        world,
        "instance",
        "my-bastion-host",
        "i-1",
        "running",
        serde_json::json!({"subnet": "subnet-1", "private_ip": "10.1.1.10", "public_ip": "4.4.4.4", "groups": ["sg-1"]}),
    );
    put(
        world,
        "instance",
        "my-private-ec2",
        "i-2",
        "running",
        serde_json::json!({"subnet": "subnet-2", "private_ip": "10.1.11.20", "groups": ["sg-2"]}),
    );
    w
}

fn reach(from: &str, to: &str, port: u16) -> Reach {
    Reach { from: from.into(), to: to.into(), protocol: "tcp".into(), port, via: None, arrives: true }
}

fn change(world: &mut World, kind: &str, name: &str, edit: impl FnOnce(&mut Observed)) {
    let mut observed = world.get(&Key::home(kind, name)).unwrap().clone();
    edit(&mut observed);
    world.put(observed);
}

fn set(world: &mut World, kind: &str, name: &str, field: &str, value: serde_json::Value) {
    let value: Value = serde_json::from_value(value).unwrap();
    change(world, kind, name, |o| {
        o.fields.insert(field.into(), value);
    });
}

#[test]
fn the_courses_own_conditions_hold() {
    let (world, facts) = (course(), facts());
    assert!(judge(&world, &facts, &reach("me", "my-bastion-host", 22)).ok);
    assert!(judge(&world, &facts, &reach("my-bastion-host", "my-private-ec2", 22)).ok);
    let out = Reach { via: Some("my-nat-eip".into()), ..reach("my-private-ec2", "internet", 443) };
    let verdict = judge(&world, &facts, &out);
    assert!(verdict.ok && verdict.why.ko.contains("3.3.3.3 (my-nat-eip)"), "{verdict:?}");
    for closed in [reach("me", "my-private-ec2", 22), reach("internet", "my-bastion-host", 22)] {
        let verdict = judge(&world, &facts, &Reach { arrives: false, ..closed });
        assert!(verdict.ok && !verdict.why.en.is_empty(), "{verdict:?}");
    }
}

#[test]
fn mistakes_are_named_in_both_languages() {
    type Mistake = (&'static str, fn(&mut World), Reach, &'static [&'static str]);
    let table: Vec<Mistake> = vec![
        (
            "route missing",
            |w| set(w, "route-table", "my-private-route", "routes", serde_json::json!([])),
            reach("my-private-ec2", "internet", 443),
            &["my-private-route", "my-private-subnet-app-a"],
        ),
        (
            "association missing",
            |w| set(w, "route-table", "my-public-route", "associations", serde_json::json!([])),
            reach("me", "my-bastion-host", 22),
            &["my-public-subnet-a", "rtb-0"],
        ),
        (
            "gateway detached",
            |w| set(w, "internet-gateway", "my-igw", "vpc", serde_json::json!("")),
            reach("my-bastion-host", "internet", 443),
            &["my-igw", "my-vpc"],
        ),
        (
            "blackhole",
            |w| {
                set(
                    w,
                    "route-table",
                    "my-private-route",
                    "routes",
                    serde_json::json!([{"destination": "0.0.0.0/0", "target": "nat-1", "state": "blackhole"}]),
                );
            },
            reach("my-private-ec2", "internet", 443),
            &["my-private-route", "0.0.0.0/0", "my-natgateway"],
        ),
        (
            "rule for another address",
            |w| {
                set(
                    w,
                    "security-group",
                    "my-bastion-host-sg",
                    "ingress",
                    serde_json::json!([{"protocol": "tcp", "from": 22, "to": 22, "source": "192.0.2.1/32"}]),
                );
            },
            reach("me", "my-bastion-host", 22),
            &["my-bastion-host-sg", "192.0.2.1/32", "tcp 22"],
        ),
        (
            "Elastic IP not associated",
            |w| set(w, "instance", "my-bastion-host", "public_ip", serde_json::json!("")),
            reach("me", "my-bastion-host", 22),
            &["my-bastion-host", "10.1.1.10"],
        ),
        (
            "ACL denies",
            |w| {
                set(
                    w,
                    "subnet",
                    "my-public-subnet-a",
                    "acl",
                    serde_json::json!([{"number": 50, "direction": "ingress", "action": "deny", "protocol": "tcp",
                        "from": 22, "to": 22, "cidr": "203.0.113.0/24"}]),
                );
            },
            reach("me", "my-bastion-host", 22),
            &["my-public-subnet-a", "50"],
        ),
    ];
    for (name, mistake, reach, words) in table {
        let mut world = course();
        mistake(&mut world);
        let verdict = judge(&world, &facts(), &reach);
        assert!(!verdict.ok && !verdict.pending, "{name}: {verdict:?}");
        for word in words {
            assert!(verdict.why.ko.contains(word) && verdict.why.en.contains(word), "{name}: {word}: {verdict:?}");
        }
    }
}

#[test]
fn a_rule_too_open_is_named_when_nothing_should_come_in() {
    let mut world = course();
    set(
        &mut world,
        "security-group",
        "my-bastion-host-sg",
        "ingress",
        serde_json::json!([{"protocol": "tcp", "from": 0, "to": 65535, "source": "0.0.0.0/0"}]),
    );
    let closed = Reach { arrives: false, ..reach("internet", "my-bastion-host", 22) };
    let verdict = judge(&world, &facts(), &closed);
    assert!(!verdict.ok);
    assert!(verdict.why.ko.contains("my-bastion-host-sg") && verdict.why.ko.contains("tcp 0-65535 <- 0.0.0.0/0"));
}

#[test]
fn what_is_still_starting_is_pending_and_what_is_absent_refuses_nothing() {
    let mut world = course();
    change(&mut world, "nat-gateway", "my-natgateway", |o| {
        o.state = "pending".into();
        o.health = Health::Pending;
    });
    let verdict = judge(&world, &facts(), &reach("my-private-ec2", "internet", 443));
    assert!(!verdict.ok && verdict.pending);
    change(&mut world, "instance", "my-bastion-host", |o| o.health = Health::Deleting);
    let closed = Reach { arrives: false, ..reach("internet", "my-bastion-host", 22) };
    assert!(!judge(&world, &facts(), &closed).ok);
    change(&mut world, "instance", "my-private-ec2", |o| o.state = "stopped".into());
    let closed = Reach { arrives: false, ..reach("my-private-ec2", "internet", 22) };
    assert!(!judge(&world, &facts(), &closed).ok);
}

#[test]
fn leaving_by_another_address_is_told() {
    let out = Reach { via: Some("my-nat-eip".into()), ..reach("my-bastion-host", "internet", 443) };
    let verdict = judge(&course(), &facts(), &out);
    assert!(!verdict.ok);
    assert!(verdict.why.en.contains("4.4.4.4 (my-bastion-host-eip)") && verdict.why.en.contains("3.3.3.3"));
    let out = Reach { via: Some("nobody".into()), ..out };
    assert!(!judge(&course(), &facts(), &out).ok);
}

#[test]
fn my_address_must_be_known() {
    let facts = Facts { my_ip: None, ..facts() };
    let verdict = judge(&course(), &facts, &reach("me", "my-bastion-host", 22));
    assert!(!verdict.ok && verdict.why.en.contains("--my-ip"));
}

#[test]
fn a_way_reads_from_end_to_end() {
    let way = way(&course(), &facts(), &reach("my-private-ec2", "internet", 443));
    assert!(way.answered);
    let lines: Vec<String> = way.lines.iter().map(|line| line.text.en.clone()).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    security group my-private-ec2-sg of my-private-ec2: outbound rule [all traffic to 0.0.0.0/0] allows it
    network ACL of my-private-subnet-app-a: outbound rule 100 allows port 443
    route table my-private-route: 0.0.0.0/0 -> my-natgateway
    network ACL of my-public-subnet-a: inbound rule 100 allows port 443
    NAT gateway my-natgateway (EIP 3.3.3.3): address 10.1.11.20 -> 10.1.1.50
    network ACL of my-public-subnet-a: outbound rule 100 allows port 443
    route table my-public-route: 0.0.0.0/0 -> my-igw
    internet gateway my-igw: address 10.1.1.50 -> 3.3.3.3
    arrives at 198.51.100.80 on the internet, seen as 3.3.3.3
    internet gateway my-igw: address 3.3.3.3 -> 10.1.1.50
    network ACL of my-public-subnet-a: inbound rule 100 allows ports 1024-65535
    NAT gateway my-natgateway (EIP 3.3.3.3): address 10.1.1.50 -> 10.1.11.20
    network ACL of my-public-subnet-a: outbound rule 100 allows ports 32768-60999
    route table my-public-route: 10.1.0.0/16 -> local
    network ACL of my-private-subnet-app-a: inbound rule 100 allows ports 32768-60999
    security groups of my-private-ec2: stateful, an inbound reply needs no rule
    arrives at my-private-ec2, seen as 198.51.100.80
    ");
    let lines: Vec<String> = way.lines.iter().map(|line| line.text.ko.clone()).collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    보안 그룹 my-private-ec2-sg (my-private-ec2): 아웃바운드 규칙 [모든 트래픽 -> 0.0.0.0/0] 허용
    네트워크 ACL (my-private-subnet-app-a): 아웃바운드 규칙 100 허용, 포트 443
    라우팅 테이블 my-private-route: 0.0.0.0/0 -> my-natgateway
    네트워크 ACL (my-public-subnet-a): 인바운드 규칙 100 허용, 포트 443
    NAT 게이트웨이 my-natgateway (EIP 3.3.3.3): 주소 10.1.11.20 -> 10.1.1.50
    네트워크 ACL (my-public-subnet-a): 아웃바운드 규칙 100 허용, 포트 443
    라우팅 테이블 my-public-route: 0.0.0.0/0 -> my-igw
    인터넷 게이트웨이 my-igw: 주소 10.1.1.50 -> 3.3.3.3
    도착: 인터넷의 198.51.100.80, 보낸 주소 3.3.3.3
    인터넷 게이트웨이 my-igw: 주소 3.3.3.3 -> 10.1.1.50
    네트워크 ACL (my-public-subnet-a): 인바운드 규칙 100 허용, 포트 1024-65535
    NAT 게이트웨이 my-natgateway (EIP 3.3.3.3): 주소 10.1.1.50 -> 10.1.11.20
    네트워크 ACL (my-public-subnet-a): 아웃바운드 규칙 100 허용, 포트 32768-60999
    라우팅 테이블 my-public-route: 10.1.0.0/16 -> local
    네트워크 ACL (my-private-subnet-app-a): 인바운드 규칙 100 허용, 포트 32768-60999
    보안 그룹 (my-private-ec2): 인바운드 응답 허용, 상태 저장이므로 규칙이 필요 없음
    도착: my-private-ec2, 보낸 주소 198.51.100.80
    ");
}
