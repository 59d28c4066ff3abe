//! Peering made by hand, from either side, and what goes wrong with it, in both regions.

use aws_sdk_ec2::types::{ResourceType, Tag};
use awslab::course::model::{Key, Role};
use awslab::lab::world::Health;

use super::{Lab, name};

const NAME: &str = "my-peer-tokyo-to-seoul";
const TWO_VPCS: [&str; 3] = ["vpc.network.associations", "vpc.bastion.private", "vpc.peering.instance"];
const PEERING: [&str; 4] = ["vpc.peering.request", "vpc.peering.accept", "vpc.peering.routes", "vpc.peering.ping"];

fn peer(kind: &str, name: &str) -> Key {
    Key { kind: kind.into(), name: name.into(), role: Role::Peer }
}

/// Both VPCs with their hosts, not joined yet.
async fn apart() -> (Lab, String, String) {
    let mut lab = Lab::built_to(&TWO_VPCS).await;
    lab.look_at(&PEERING);
    let (seoul, tokyo) = (lab.id("vpc", "my-vpc").await, lab.id_of(peer("vpc", "my-tokyo-vpc")).await);
    (lab, seoul, tokyo)
}

#[tokio::test(start_paused = true)]
async fn a_peering_that_seoul_asked_for_and_tokyo_accepted_is_as_good() {
    let (mut lab, seoul, tokyo) = apart().await;
    let request =
        lab.ec2.create_vpc_peering_connection().vpc_id(&seoul).peer_vpc_id(&tokyo).peer_region("ap-northeast-1");
    let made = request.send().await.unwrap().vpc_peering_connection.unwrap();
    let id = made.vpc_peering_connection_id.unwrap();
    lab.later(30);
    lab.told(&["pending-acceptance", NAME]).await;
    lab.tokyo.accept_vpc_peering_connection().vpc_peering_connection_id(&id).send().await.unwrap();
    lab.later(30);
    // Tags belong to one region.
    let tag = Tag::builder().key("Name").value(NAME).build();
    lab.ec2.create_tags().resources(&id).tags(tag.clone()).send().await.unwrap();
    lab.look_at(&PEERING[..2]);
    lab.told(&[NAME]).await;
    lab.tokyo.create_tags().resources(&id).tags(tag).send().await.unwrap();
    lab.fits().await;
    let survey = lab.engine.survey().await.unwrap();
    let row = survey.rows.iter().find(|row| row.key.name == NAME).unwrap();
    assert!(row.adopted && row.id == id, "{row:#?}");

    lab.look_at(&PEERING);
    lab.mended().await;
    let cleaned = lab.cleanup().await;
    assert!(cleaned.left.is_empty(), "{:#?}", cleaned.left);
    for region in [&lab.ec2, &lab.tokyo] {
        let seen = region.describe_vpc_peering_connections().send().await.unwrap();
        let states = seen.vpc_peering_connections().iter().map(|one| one.status().unwrap().code().unwrap().as_str());
        assert!(states.into_iter().all(|state| state == "deleted"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_open_request_of_the_other_side_is_accepted_where_it_has_to_be() {
    let (lab, seoul, tokyo) = apart().await;
    let request =
        lab.ec2.create_vpc_peering_connection().vpc_id(&seoul).peer_vpc_id(&tokyo).peer_region("ap-northeast-1");
    request.send().await.unwrap();
    lab.later(30);
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn what_was_rejected_is_asked_for_again() {
    let (lab, seoul, tokyo) = apart().await;
    let request =
        lab.tokyo.create_vpc_peering_connection().vpc_id(&tokyo).peer_vpc_id(&seoul).peer_region("ap-northeast-2");
    let made = request.send().await.unwrap().vpc_peering_connection.unwrap();
    lab.later(30);
    let id = made.vpc_peering_connection_id.unwrap();
    lab.ec2.reject_vpc_peering_connection().vpc_peering_connection_id(&id).send().await.unwrap();
    lab.told(&["rejected", NAME]).await;
    lab.mended().await;
    let cleaned = lab.cleanup().await;
    assert!(cleaned.left.is_empty(), "{:#?}", cleaned.left);
}

#[tokio::test(start_paused = true)]
async fn overlapping_ranges_fail_and_leave_nothing_behind() {
    let mut lab = Lab::built_to(&["vpc.network.vpc"]).await;
    let seoul = lab.id("vpc", "my-vpc").await;
    let made = lab.tokyo.create_vpc().cidr_block("10.1.0.0/16");
    let made = made.tag_specifications(name(ResourceType::Vpc, "my-tokyo-vpc")).send().await.unwrap();
    let tokyo = made.vpc.unwrap().vpc_id.unwrap();
    let request =
        lab.tokyo.create_vpc_peering_connection().vpc_id(&tokyo).peer_vpc_id(&seoul).peer_region("ap-northeast-2");
    request.send().await.unwrap();
    lab.later(60);
    lab.look_at(&["vpc.peering.request"]);
    // The state and AWS's own reason, and the mend.
    lab.told(&["failed", "overlapping CIDR", NAME]).await;
    lab.look_at(&["vpc.peering.vpc"]);
    lab.told(&["10.1.0.0/16", "192.168.10.0/24"]).await;
    // A failed request cannot be deleted and is not left either: it goes by itself.
    lab.tokyo.delete_vpc().vpc_id(&tokyo).send().await.unwrap();
    let cleaned = lab.cleanup().await;
    assert!(cleaned.left.is_empty(), "{:#?}", cleaned.left);
}

#[tokio::test(start_paused = true)]
async fn one_half_of_the_way_is_told_apart_from_the_other() {
    let mut lab = Lab::built_to(&PEERING).await;
    let far = lab.id_of(peer("route-table", "my-tokyo-rtb-private1-ap-northeast-1a")).await;
    lab.tokyo.delete_route().route_table_id(&far).destination_cidr_block("10.1.0.0/16").send().await.unwrap();
    lab.look_at(&["vpc.peering.ping"]);
    lab.told(&["my-tokyo-rtb-private1-ap-northeast-1a"]).await;
    lab.look_at(&PEERING);
    lab.mended().await;
    // Deleted in the other region: a black hole on both sides, and one connection fewer.
    let id = lab.id_of(peer("vpc-peering-connection", NAME)).await;
    lab.ec2.delete_vpc_peering_connection().vpc_peering_connection_id(&id).send().await.unwrap();
    lab.later(60);
    lab.told(&["blackhole"]).await;
    lab.mended().await;
    let survey = lab.engine.survey().await.unwrap();
    let live = survey.world.get(&peer("vpc-peering-connection", NAME)).unwrap();
    assert!(live.id != id && live.health == Health::Ready, "{live:#?}");
}
