//! The world as a whole: time and determinism.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
use proptest::prelude::*;

use super::*;

const START: i64 = 1_790_000_000_000;
const SEOUL: &str = "ap-northeast-2";

fn bytes(world: &World) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(world, &mut out).unwrap();
    out
}

#[test]
fn a_new_account_has_a_default_vpc_in_every_region() {
    let mut world = World::new(7, "100000000001", START);
    for (name, zones) in [(SEOUL, 4), ("ap-northeast-1", 3), ("eu-west-1", 3)] {
        let region = world.region_mut(name);
        assert_eq!(region.vpcs.len(), 1);
        let vpc = region.vpcs.values().next().unwrap();
        assert!(vpc.is_default && vpc.dns_hostnames && vpc.state == Progress::Done);
        assert_eq!(region.subnets.len(), zones);
        assert!(region.gateway_of(&vpc.id).is_some());
        assert_eq!(region.security_groups.len(), 1);
        assert_eq!(region.network_acls.values().next().unwrap().associations.len(), zones);
    }
}

#[test]
fn a_world_survives_being_stored() {
    let mut world = World::new(7, "100000000001", START);
    world.region_mut(SEOUL).make_vpc("10.0.0.0/16".parse().unwrap());
    let back: World = ciborium::from_reader(bytes(&world).as_slice()).unwrap();
    assert_eq!(back, world);
}

#[test]
fn a_region_does_not_depend_on_when_it_is_first_asked_for() {
    let mut early = World::new(3, "100000000001", START);
    early.region_mut("eu-west-1");
    early.advance(START + 1_000_000);
    let mut late = World::new(3, "100000000001", START);
    late.advance(START + 1_000_000);
    late.region_mut("eu-west-1");
    assert_eq!(bytes(&early), bytes(&late));
}

#[test]
fn time_never_goes_back() {
    let mut world = World::new(3, "100000000001", START);
    world.advance(START + 5);
    world.advance(START);
    assert_eq!(world.now(), START + 5);
}

#[test]
fn eventual_consistency_hides_what_is_new_for_a_while() {
    let mut world = World::new(3, "100000000001", START);
    world.set_options(Options { consistency_ms: 1000, ..Options::default() });
    let id = world.region_mut(SEOUL).make_vpc("10.0.0.0/16".parse().unwrap());
    assert!(world.region_mut(SEOUL).is_hidden(&id));
    world.advance(START + 1000);
    assert!(!world.region_mut(SEOUL).is_hidden(&id));
}

/// Things that take time, started at once.
fn busy(seed: u64) -> World {
    let mut world = World::new(seed, "100000000001", START);
    world.set_options(Options { consistency_ms: 5000, ..Options::default() });
    for name in [SEOUL, "ap-northeast-1"] {
        let region = world.region_mut(name);
        let zone = region.zones().remove(0);
        let vpc = region.make_vpc("10.0.0.0/16".parse().unwrap());
        for third in 0..4 {
            region.make_subnet(&vpc, format!("10.0.{third}.0/24").parse().unwrap(), &zone);
        }
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn one_leap_is_the_same_as_many_steps(seed in any::<u64>(), steps in prop::collection::vec(0_i64..700_000, 0..40)) {
        let mut stepped = busy(seed);
        let mut now = START;
        for step in steps {
            now += step;
            stepped.advance(now);
        }
        let mut leapt = busy(seed);
        leapt.advance(now);
        prop_assert_eq!(bytes(&stepped), bytes(&leapt));
    }
}
