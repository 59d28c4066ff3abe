//! What others put into the course's way when it is taken down: it is left alone, and named.

use aws_sdk_ec2::types::{InstanceType, IpPermission, ResourceType, UserIdGroupPair};
use awslab::lab::report::{CleanupReport, Left};

use super::{Lab, name};

fn left<'a>(report: &'a CleanupReport, kind: &str, name: &str) -> &'a Left {
    let found = report.left.iter().find(|left| left.key.kind == kind && left.key.name == name);
    found.unwrap_or_else(|| panic!("{kind} {name} is not among {:#?}", report.left))
}

/// VPCs, subnets and addresses that stand, by id.
async fn standing(lab: &Lab) -> Vec<String> {
    let vpcs = lab.ec2.describe_vpcs().send().await.unwrap();
    let subnets = lab.ec2.describe_subnets().send().await.unwrap();
    let addresses = lab.ec2.describe_addresses().send().await.unwrap();
    let ids = vpcs.vpcs().iter().map(|vpc| vpc.vpc_id()).chain(subnets.subnets().iter().map(|one| one.subnet_id()));
    let ids = ids.chain(addresses.addresses().iter().map(|address| address.allocation_id()));
    ids.flatten().map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn everything_goes_and_only_that() {
    let lab = Lab::new().await;
    let mine = lab.ec2.create_vpc().cidr_block("172.20.0.0/16").send().await.unwrap().vpc.unwrap();
    let before = standing(&lab).await;
    assert!(before.iter().any(|id| Some(id.as_str()) == mine.vpc_id()));
    lab.run().await;
    let report = lab.cleanup().await;
    assert!(report.left.is_empty(), "{:#?}", report.left);
    assert_eq!(standing(&lab).await, before);
}

#[tokio::test(start_paused = true)]
async fn an_instance_of_others_holds_its_subnet_and_is_named() {
    let lab = Lab::built_to(&["vpc.network.subnets"]).await;
    let subnet = lab.id("subnet", "my-private-subnet-db-a").await;
    let image = lab.id("image", "al2023").await;
    let run = lab.ec2.run_instances().image_id(image).instance_type(InstanceType::T3Micro).min_count(1).max_count(1);
    let run = run.subnet_id(&subnet).tag_specifications(name(ResourceType::Instance, "somebody-else"));
    let instance = run.send().await.unwrap().instances()[0].instance_id().unwrap().to_owned();
    lab.later(60);

    let report = lab.cleanup().await;
    let held = left(&report, "subnet", "my-private-subnet-db-a");
    assert!(held.blocked_by[0].why.ko.contains(&instance), "{:?}", held.blocked_by);
    assert!(held.blocked_by[0].why.en.contains(&instance), "{:?}", held.blocked_by);
    left(&report, "vpc", "my-vpc");
    assert!(report.deleted.iter().any(|key| key.name == "my-private-subnet-db-c"), "the others are gone");

    lab.ec2.terminate_instances().instance_ids(instance).send().await.unwrap();
    lab.later(300);
    let report = lab.cleanup().await;
    assert!(report.left.is_empty(), "{:#?}", report.left);
}

#[tokio::test(start_paused = true)]
async fn a_group_that_names_ours_holds_it_and_is_named() {
    let lab = Lab::built_to(&["vpc.bastion.groups"]).await;
    let (vpc, ours) = (lab.id("vpc", "my-vpc").await, lab.id("security-group", "my-bastion-host-sg").await);
    let other = lab.ec2.create_security_group().group_name("theirs").description("d").vpc_id(vpc);
    let other = other.send().await.unwrap().group_id().unwrap().to_owned();
    let pair = UserIdGroupPair::builder().group_id(&ours).build();
    let permission =
        IpPermission::builder().ip_protocol("tcp").from_port(80).to_port(80).user_id_group_pairs(pair).build();
    lab.ec2.authorize_security_group_ingress().group_id(&other).ip_permissions(permission).send().await.unwrap();

    let report = lab.cleanup().await;
    let held = left(&report, "security-group", "my-bastion-host-sg");
    assert!(held.blocked_by.iter().any(|blocker| blocker.why.en.contains("theirs")), "{:?}", held.blocked_by);
    let vpc = left(&report, "vpc", "my-vpc");
    assert!(!vpc.blocked_by.is_empty());

    lab.ec2.delete_security_group().group_id(other).send().await.unwrap();
    let report = lab.cleanup().await;
    assert!(report.left.is_empty(), "{:#?}", report.left);
}

#[tokio::test(start_paused = true)]
async fn a_subnet_of_the_learners_own_is_let_go_of_and_named() {
    let lab = Lab::built_to(&["vpc.network.tables"]).await;
    // The learner adds a subnet of their own and associates it with one of our tables.
    let (vpc, table) = (lab.id("vpc", "my-vpc").await, lab.id("route-table", "my-private-route").await);
    let subnet = lab.ec2.create_subnet().vpc_id(vpc).cidr_block("10.1.77.0/24").send().await.unwrap().subnet.unwrap();
    let subnet = subnet.subnet_id.unwrap();
    lab.ec2.associate_route_table().route_table_id(table).subnet_id(&subnet).send().await.unwrap();

    let report = lab.cleanup().await;
    // The association went with its table; the subnet is the learner's own.
    assert!(report.deleted.iter().any(|key| key.name == "my-private-route"), "{:?}", report.deleted);
    let vpc = left(&report, "vpc", "my-vpc");
    assert!(vpc.blocked_by.iter().any(|blocker| blocker.id == subnet), "{:?}", vpc.blocked_by);

    lab.ec2.delete_subnet().subnet_id(subnet).send().await.unwrap();
    assert!(lab.cleanup().await.left.is_empty());
}
