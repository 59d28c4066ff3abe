//! Planning: reading the course, desired state, the plan of chapter 3, the way of a packet.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, reason = "a bench")]

use std::collections::{BTreeMap, BTreeSet};

use awslab::cloud::kinds;
use awslab::course::model::Course;
use awslab::lab::desire::desire;
use awslab::lab::facts::{Backend, Facts, Scope};
use awslab::lab::plan::{Scene, plan};
use awslab::lab::world::World;
use awslab::reach::{End, Host, Network, Packet, PortRange, Protocol, Subnet, Vpc, trace};
use divan::Bencher;

fn main() {
    divan::main();
}

fn facts() -> Facts {
    let region = "ap-northeast-2";
    let zones = ["a", "c"].map(|letter| (letter.to_owned(), format!("{region}{letter}")));
    Facts {
        scope: Scope {
            backend: Backend::Practice,
            account: "100000000001".into(),
            home: region.into(),
            peer: "ap-northeast-1".into(),
        },
        caller: "arn:aws:iam::100000000001:user/learner".into(),
        zones: BTreeMap::from([(region.to_owned(), BTreeMap::from(zones))]),
        my_ip: Some("203.0.113.7".into()),
        run: "bench".into(),
    }
}

fn course() -> Course {
    awslab::course::load(None, kinds::registry()).unwrap()
}

#[divan::bench]
fn load_the_course() -> Course {
    course()
}

#[divan::bench]
fn desired_state(bencher: Bencher<'_, '_>) {
    let (course, facts) = (course(), facts());
    bencher.bench_local(|| desire(&course, &facts, kinds::registry()));
}

#[divan::bench]
fn plan_chapter_3_from_nothing(bencher: Bencher<'_, '_>) {
    let (course, facts, world) = (course(), facts(), World::default());
    let desired = desire(&course, &facts, kinds::registry());
    let steps: Vec<String> = course.steps().map(|step| step.id.clone()).collect();
    let scene = Scene { course: &course, kinds: kinds::registry(), facts: &facts, world: &world, desired: &desired };
    assert!(plan(&scene, &steps, &BTreeMap::new(), &BTreeSet::new()).calls.len() > 20);
    bencher.bench_local(|| plan(&scene, &steps, &BTreeMap::new(), &BTreeSet::new()));
}

/// The way of a packet in a VPC with so many hosts.
#[divan::bench(args = [10, 1_000])]
fn trace_a_packet(bencher: Bencher<'_, '_>, hosts: u32) {
    let mut network = Network::default();
    network.vpcs.insert("vpc".into(), Vpc { cidrs: vec!["10.0.0.0/8".parse().unwrap()], main_table: None });
    let subnet = |cidr: &str| Subnet { vpc: "vpc".into(), cidr: cidr.parse().unwrap(), table: None, acl: None };
    network.subnets.insert("one".into(), subnet("10.1.0.0/16"));
    network.subnets.insert("two".into(), subnet("10.2.0.0/16"));
    for at in 0..hosts {
        let host = |net: u32| Host {
            subnet: if net == 1 { "one" } else { "two" }.into(),
            private_ip: ((10 << 24) | (net << 16) | at).into(),
            public_ip: None,
            groups: Vec::new(),
            state: "running".into(),
            listens: None,
            ephemeral: PortRange::LINUX,
        };
        network.hosts.insert(format!("one-{at}"), host(1));
        network.hosts.insert(format!("two-{at}"), host(2));
    }
    let packet =
        Packet { from: End::Host("one-0".into()), to: End::Host("two-1".into()), protocol: Protocol::Tcp, port: 22 };
    bencher.bench_local(|| trace(&network, &packet));
}
