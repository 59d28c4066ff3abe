//! Time and chance: steps and leaps, the same calls twice.

use proptest::prelude::*;

use super::*;
use crate::practice::world::Options;

fn bytes(world: &World) -> Vec<u8> {
    let mut out = Vec::new();
    ciborium::into_writer(world, &mut out).unwrap();
    out
}

/// The course's network and hosts, begun at once in both regions, some of it on its way out again.
fn busy(seed: u64) -> World {
    let mut bench = Bench { world: World::new(seed, "100000000001", START), region: SEOUL };
    // Everything below refers to what it just made: ids must be known at once.
    for region in [SEOUL, "ap-northeast-1"] {
        bench.region = region;
        let vpc = bench.vpc();
        bench.attached_gateway(&vpc);
        let (public, private) = (bench.subnet(&vpc, "10.1.1.0/24"), bench.subnet(&vpc, "10.1.11.0/24"));
        bench.ok("ModifySubnetAttribute", &[("SubnetId", &public), ("MapPublicIpOnLaunch.Value", "true")]);
        let address = pick(&bench.ok("AllocateAddress", &[]), "allocationId");
        let nat =
            pick(&bench.ok("CreateNatGateway", &[("SubnetId", &public), ("AllocationId", &address)]), "natGatewayId");
        let other =
            pick(&bench.ok("CreateNatGateway", &[("SubnetId", &public), ("AllocationId", &address)]), "natGatewayId");
        let table = bench.table(&vpc);
        bench.ok(
            "CreateRoute",
            &[("RouteTableId", &table), ("DestinationCidrBlock", "0.0.0.0/0"), ("NatGatewayId", &nat)],
        );
        bench.ok("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", &private)]);
        let hosts: Vec<String> =
            [&public, &public, &private].iter().map(|subnet| bench.instance(subnet, &[])).collect();
        bench.ok("TerminateInstances", &[("InstanceId.1", &hosts[2])]);
        bench.ok(
            "CreateLaunchTemplate",
            &[("LaunchTemplateName", "my-asg-lt"), ("LaunchTemplateData.InstanceType", "t3.micro")],
        );
        bench.wait(40);
        bench.ok("CreateImage", &[("InstanceId", &hosts[0]), ("Name", "golden")]);
        bench.ok("StopInstances", &[("InstanceId.1", &hosts[1])]);
        bench.ok("DeleteNatGateway", &[("NatGatewayId", &other)]);
        bench.world.set_options(Options { consistency_ms: 4000, ..Options::default() });
        bench.vpc();
        bench.world.set_options(Options::default());
    }
    let vpc = |world: &World, region: &str| {
        let region = world.region(region).unwrap();
        region.vpcs.values().find(|one| !one.is_default && !region.is_hidden(&one.id)).unwrap().id.clone()
    };
    let (seoul, tokyo) = (vpc(&bench.world, SEOUL), vpc(&bench.world, "ap-northeast-1"));
    bench.ok("CreateVpcPeeringConnection", &[("VpcId", &tokyo), ("PeerVpcId", &seoul), ("PeerRegion", SEOUL)]);
    bench.world
}

#[test]
fn the_same_calls_make_the_same_bytes() {
    let (mut one, mut two) = (busy(11), busy(11));
    assert_eq!(bytes(&one), bytes(&two));
    one.advance(START + 9_000_000);
    two.advance(START + 9_000_000);
    assert_eq!(bytes(&one), bytes(&two));
    assert_ne!(bytes(&one), bytes(&busy(12)));
}

#[test]
fn after_hours_only_what_lasts_is_left() {
    let mut world = busy(5);
    world.advance(START + 3 * 3_600_000);
    let region = world.region(SEOUL).unwrap();
    assert_eq!(region.instances.len(), 2, "the terminated one is forgotten");
    assert_eq!(region.nat_gateways.len(), 1, "the deleted one is forgotten");
    assert_eq!(region.volumes.len(), 2);
    assert_eq!(world.next_event(), None);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn one_leap_is_the_same_as_many_steps(
        seed in any::<u64>(),
        steps in prop::collection::vec(prop_oneof![0_i64..5_000, 0_i64..60_000, 0_i64..2_000_000], 0..40),
    ) {
        let world = busy(seed);
        let mut now = world.now();
        let mut stepped = world.clone();
        for step in steps {
            now += step;
            stepped.advance(now);
        }
        let mut leapt = world;
        leapt.advance(now);
        prop_assert_eq!(bytes(&stepped), bytes(&leapt));
    }
}
