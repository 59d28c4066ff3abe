//! Mistakes in section 3.2.

use aws_sdk_ec2::types::{AttributeBooleanValue, ResourceType};

use super::{Lab, name};

/// Deletes my-private-subnet-db-c and makes another one of that name.
async fn another_subnet(lab: &Lab, cidr: &str, zone: &str) {
    let vpc = lab.id("vpc", "my-vpc").await;
    let subnet = lab.id("subnet", "my-private-subnet-db-c").await;
    lab.ec2.delete_subnet().subnet_id(subnet).send().await.unwrap();
    lab.ec2
        .create_subnet()
        .vpc_id(vpc)
        .cidr_block(cidr)
        .availability_zone(zone)
        .tag_specifications(name(ResourceType::Subnet, "my-private-subnet-db-c"))
        .send()
        .await
        .unwrap();
    lab.later(10);
}

#[tokio::test(start_paused = true)]
async fn wrong_cidr() {
    let lab = Lab::built_to(&["vpc.network.subnets"]).await;
    another_subnet(&lab, "10.1.99.0/24", "ap-northeast-2c").await;
    lab.told(&["my-private-subnet-db-c", "10.1.99.0/24", "10.1.22.0/24"]).await;
    // Only the learner can decide to delete it.
    assert_eq!(lab.plan().await.conflicts.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn wrong_zone() {
    let lab = Lab::built_to(&["vpc.network.subnets"]).await;
    another_subnet(&lab, "10.1.22.0/24", "ap-northeast-2a").await;
    lab.told(&["my-private-subnet-db-c", "ap-northeast-2a", "ap-northeast-2c"]).await;
}

#[tokio::test(start_paused = true)]
async fn deleted_subnet() {
    let lab = Lab::built().await;
    let subnet = lab.id("subnet", "my-private-subnet-db-c").await;
    lab.ec2.delete_subnet().subnet_id(subnet).send().await.unwrap();
    lab.told(&["my-private-subnet-db-c"]).await;
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn names_without_dns_hostnames() {
    let lab = Lab::built_to(&["vpc.network.vpc"]).await;
    let off = AttributeBooleanValue::builder().value(false).build();
    let vpc = lab.id("vpc", "my-vpc").await;
    lab.ec2.modify_vpc_attribute().vpc_id(vpc).enable_dns_hostnames(off).send().await.unwrap();
    lab.told(&["my-vpc", "DNS"]).await;
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn detached_gateway() {
    // AWS lets go of a gateway only while the VPC has no public address.
    let lab = Lab::built_to(&["vpc.network.gateway"]).await;
    let (gateway, vpc) = (lab.id("internet-gateway", "my-igw").await, lab.id("vpc", "my-vpc").await);
    lab.ec2.detach_internet_gateway().internet_gateway_id(gateway).vpc_id(vpc).send().await.unwrap();
    lab.told(&["my-igw", "my-vpc"]).await;
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn missing_route() {
    let lab = Lab::built().await;
    let table = lab.id("route-table", "my-private-route").await;
    lab.ec2.delete_route().route_table_id(table).destination_cidr_block("0.0.0.0/0").send().await.unwrap();
    lab.told(&["my-private-route", "0.0.0.0/0"]).await;
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn route_to_the_wrong_gateway() {
    let lab = Lab::built().await;
    let table = lab.id("route-table", "my-private-route").await;
    let gateway = lab.id("internet-gateway", "my-igw").await;
    let replace = lab.ec2.replace_route().route_table_id(table).destination_cidr_block("0.0.0.0/0");
    replace.gateway_id(&gateway).send().await.unwrap();
    lab.told(&["my-private-route 0.0.0.0/0", "my-igw", &gateway, "my-natgateway"]).await;
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn a_route_too_many() {
    let lab = Lab::built().await;
    let table = lab.id("route-table", "my-private-route").await;
    let nat = lab.id("nat-gateway", "my-natgateway").await;
    let create = lab.ec2.create_route().route_table_id(table).destination_cidr_block("198.51.100.0/24");
    create.nat_gateway_id(nat).send().await.unwrap();
    lab.told(&["my-private-route", "198.51.100.0/24"]).await;
}

#[tokio::test(start_paused = true)]
async fn nat_in_a_private_subnet() {
    let lab = Lab::built_to(&["vpc.network.nat"]).await;
    let old = lab.id("nat-gateway", "my-natgateway").await;
    let address = lab.id("elastic-ip", "my-natgateway-eip").await;
    let subnet = lab.id("subnet", "my-private-subnet-app-a").await;
    lab.ec2.delete_nat_gateway().nat_gateway_id(old).send().await.unwrap();
    lab.later(600);
    lab.ec2
        .create_nat_gateway()
        .subnet_id(subnet)
        .allocation_id(address)
        .tag_specifications(name(ResourceType::Natgateway, "my-natgateway"))
        .send()
        .await
        .unwrap();
    lab.later(600);
    lab.told(&["my-natgateway", "my-private-subnet-app-a", "my-public-subnet-a"]).await;
}

#[tokio::test(start_paused = true)]
async fn deleted_nat() {
    let lab = Lab::built().await;
    let nat = lab.id("nat-gateway", "my-natgateway").await;
    lab.ec2.delete_nat_gateway().nat_gateway_id(&nat).send().await.unwrap();
    lab.later(600);
    lab.told(&["my-natgateway", "my-private-route 0.0.0.0/0", &nat]).await;
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn missing_association() {
    let lab = Lab::built().await;
    let association = lab.id("route-table-association", "my-public-route my-public-subnet-a").await;
    lab.ec2.disassociate_route_table().association_id(association).send().await.unwrap();
    lab.told(&["my-public-route my-public-subnet-a"]).await;
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn association_with_the_wrong_table() {
    let lab = Lab::built().await;
    let association = lab.id("route-table-association", "my-public-route my-public-subnet-a").await;
    let table = lab.id("route-table", "my-private-route").await;
    let replace = lab.ec2.replace_route_table_association().association_id(association).route_table_id(&table);
    replace.send().await.unwrap();
    lab.told(&["my-public-route my-public-subnet-a", "my-private-route", &table]).await;
    lab.mended().await;
}
