//! Mistakes in section 3.3.

use aws_sdk_ec2::primitives::Blob;
use aws_sdk_ec2::types::{HttpTokensState, InstanceType, IpPermission, IpRange, ResourceType};
use awslab::lab::report::CheckReport;

use super::{Lab, name};

fn ssh_from(cidr: &str) -> IpPermission {
    let range = IpRange::builder().cidr_ip(cidr).build();
    IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22).ip_ranges(range).build()
}

#[tokio::test(start_paused = true)]
async fn rule_too_open() {
    let lab = Lab::built().await;
    let group = lab.id("security-group", "my-bastion-host-sg").await;
    let open = lab.ec2.authorize_security_group_ingress().group_id(group).ip_permissions(ssh_from("0.0.0.0/0"));
    open.send().await.unwrap();
    lab.told(&["my-bastion-host-sg", "tcp 22", "0.0.0.0/0"]).await;
}

#[tokio::test(start_paused = true)]
async fn rule_opened_instead_of_the_learners_address() {
    let lab = Lab::built().await;
    let group = lab.id("security-group", "my-bastion-host-sg").await;
    let rule = lab.id("security-group-rule", "my-bastion-host-sg tcp 22 my-ip").await;
    lab.ec2.revoke_security_group_ingress().group_id(&group).security_group_rule_ids(rule).send().await.unwrap();
    let open = lab.ec2.authorize_security_group_ingress().group_id(group).ip_permissions(ssh_from("0.0.0.0/0"));
    open.send().await.unwrap();
    lab.told(&["my-bastion-host-sg", "my-bastion-host-sg tcp 22 my-ip", "0.0.0.0/0"]).await;
}

#[tokio::test(start_paused = true)]
async fn an_address_that_has_changed() {
    let lab = Lab::built().await.moved("198.51.100.20").await;
    lab.told(&["my-bastion-host-sg tcp 22 my-ip", "203.0.113.7/32", "198.51.100.20/32"]).await;
    lab.mended().await;
    let group = lab.id("security-group", "my-bastion-host-sg").await;
    let answer = lab.ec2.describe_security_groups().group_ids(group).send().await.unwrap();
    let permissions = answer.security_groups()[0].ip_permissions();
    let sources: Vec<&str> = permissions.iter().flat_map(|one| one.ip_ranges()).filter_map(|r| r.cidr_ip()).collect();
    assert_eq!(sources, ["198.51.100.20/32"]);
}

#[tokio::test(start_paused = true)]
async fn missing_rule() {
    let lab = Lab::built().await;
    let group = lab.id("security-group", "my-private-ec2-sg").await;
    let rule = lab.id("security-group-rule", "my-private-ec2-sg tcp 22 my-bastion-host-sg").await;
    let revoke = lab.ec2.revoke_security_group_ingress().group_id(group).security_group_rule_ids(rule);
    revoke.send().await.unwrap();
    lab.told(&["my-private-ec2-sg tcp 22 my-bastion-host-sg"]).await;
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn address_not_associated() {
    let lab = Lab::built().await;
    let association = lab.id("elastic-ip-association", "my-bastion-host-eip my-bastion-host").await;
    lab.ec2.disassociate_address().association_id(association).send().await.unwrap();
    lab.told(&["my-bastion-host-eip my-bastion-host"]).await;
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn address_on_the_wrong_instance() {
    let lab = Lab::built().await;
    let address = lab.id("elastic-ip", "my-bastion-host-eip").await;
    let other = lab.id("instance", "my-private-ec2").await;
    let moved = lab.ec2.associate_address().allocation_id(address).instance_id(other).allow_reassociation(true);
    moved.send().await.unwrap();
    lab.told(&["my-bastion-host-eip my-bastion-host", "my-private-ec2"]).await;
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn wrong_instance_type() {
    let lab = Lab::built().await;
    let old = lab.id("instance", "my-private-ec2").await;
    let (image, subnet) = (lab.id("image", "al2023").await, lab.id("subnet", "my-private-subnet-app-a").await);
    let group = lab.id("security-group", "my-private-ec2-sg").await;
    lab.ec2.terminate_instances().instance_ids(old).send().await.unwrap();
    lab.later(600);
    lab.ec2
        .run_instances()
        .image_id(image)
        .instance_type(InstanceType::T3Small)
        .min_count(1)
        .max_count(1)
        .key_name("my-ec2-keypair")
        .subnet_id(subnet)
        .security_group_ids(group)
        .tag_specifications(name(ResourceType::Instance, "my-private-ec2"))
        .send()
        .await
        .unwrap();
    lab.later(600);
    lab.told(&["my-private-ec2", "t3.small", "t3.micro"]).await;
}

#[tokio::test(start_paused = true)]
async fn wrong_group() {
    let lab = Lab::built().await;
    let instance = lab.id("instance", "my-private-ec2").await;
    let group = lab.id("security-group", "my-bastion-host-sg").await;
    lab.ec2.modify_instance_attribute().instance_id(instance).groups(&group).send().await.unwrap();
    lab.told(&["my-private-ec2", "my-bastion-host-sg", &group, "my-private-ec2-sg"]).await;
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn imds_version_1_allowed() {
    let lab = Lab::built().await;
    let instance = lab.id("instance", "my-bastion-host").await;
    let change = lab.ec2.modify_instance_metadata_options().instance_id(instance);
    change.http_tokens(HttpTokensState::Optional).send().await.unwrap();
    lab.told(&["my-bastion-host", "optional", "required"]).await;
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn stopped_instance() {
    let lab = Lab::built().await;
    let instance = lab.id("instance", "my-private-ec2").await;
    lab.ec2.stop_instances().instance_ids(instance).send().await.unwrap();
    lab.later(600);
    lab.told(&["my-private-ec2", "stopped"]).await;
    lab.mended().await;
}

#[tokio::test(start_paused = true)]
async fn key_replaced() {
    let lab = Lab::built().await;
    lab.ec2.delete_key_pair().key_name("my-ec2-keypair").send().await.unwrap();
    let other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ7ycwp/bk0PUxWYHmxNPbrOAFA6BFKMfOAg6dKqOnYY other";
    let import = lab.ec2.import_key_pair().key_name("my-ec2-keypair").public_key_material(Blob::new(other));
    import.send().await.unwrap();
    lab.told(&["my-ec2-keypair", "fingerprint"]).await;
    let said: CheckReport = lab.check().await;
    assert!(said.conditions.iter().all(|one| !one.detail.en.contains("PRIVATE KEY")));
}
