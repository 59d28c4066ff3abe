//! What a learner builds by hand, in an order of their own and with no tags but `Name`, is found, fits and is adopted.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, DomainType, HttpTokensState, InstanceMetadataOptionsRequest, InstanceType, IpPermission,
    IpRange, KeyType, ResourceType, UserIdGroupPair,
};

use super::{Lab, name};

const SUBNETS: [(&str, &str, &str); 6] = [
    ("my-private-subnet-db-c", "10.1.22.0/24", "c"),
    ("my-private-subnet-db-a", "10.1.21.0/24", "a"),
    ("my-private-subnet-app-c", "10.1.12.0/24", "c"),
    ("my-private-subnet-app-a", "10.1.11.0/24", "a"),
    ("my-public-subnet-c", "10.1.2.0/24", "c"),
    ("my-public-subnet-a", "10.1.1.0/24", "a"),
];

async fn address(lab: &Lab, called: &str) -> String {
    let request = lab.ec2.allocate_address().domain(DomainType::Vpc);
    let answer = request.tag_specifications(name(ResourceType::ElasticIp, called)).send().await.unwrap();
    answer.allocation_id().unwrap().to_owned()
}

async fn group(lab: &Lab, vpc: &str, called: &str) -> String {
    let request = lab.ec2.create_security_group().group_name(called).description("by hand").vpc_id(vpc);
    request.send().await.unwrap().group_id().unwrap().to_owned()
}

async fn instance(lab: &Lab, called: &str, image: &str, subnet: &str, group: &str) -> String {
    let metadata = InstanceMetadataOptionsRequest::builder().http_tokens(HttpTokensState::Required).build();
    let answer = lab
        .ec2
        .run_instances()
        .image_id(image)
        .instance_type(InstanceType::T3Micro)
        .min_count(1)
        .max_count(1)
        .key_name("my-ec2-keypair")
        .subnet_id(subnet)
        .security_group_ids(group)
        .metadata_options(metadata)
        .tag_specifications(name(ResourceType::Instance, called))
        .send()
        .await
        .unwrap();
    answer.instances()[0].instance_id().unwrap().to_owned()
}

#[tokio::test(start_paused = true)]
async fn a_correct_build_in_another_order_raises_no_false_alarm() {
    let lab = Lab::new().await;
    let ec2 = &lab.ec2;

    // The gateway, the addresses and the key before the VPC.
    let gateway = ec2.create_internet_gateway().tag_specifications(name(ResourceType::InternetGateway, "my-igw"));
    let gateway = gateway.send().await.unwrap().internet_gateway.unwrap().internet_gateway_id.unwrap();
    let bastion_address = address(&lab, "my-bastion-host-eip").await;
    let nat_address = address(&lab, "my-natgateway-eip").await;
    ec2.create_key_pair().key_name("my-ec2-keypair").key_type(KeyType::Ed25519).send().await.unwrap();

    let vpc = ec2.create_vpc().cidr_block("10.1.0.0/16").tag_specifications(name(ResourceType::Vpc, "my-vpc"));
    let vpc = vpc.send().await.unwrap().vpc.unwrap().vpc_id.unwrap();
    let on = AttributeBooleanValue::builder().value(true).build();
    ec2.modify_vpc_attribute().vpc_id(&vpc).enable_dns_hostnames(on).send().await.unwrap();

    // Groups are known by their own name; they carry no tag.
    let private_group = group(&lab, &vpc, "my-private-ec2-sg").await;
    let bastion_group = group(&lab, &vpc, "my-bastion-host-sg").await;
    let ssh = IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22);
    let from_bastion = UserIdGroupPair::builder().group_id(&bastion_group).build();
    let rule = ec2.authorize_security_group_ingress().group_id(&private_group);
    rule.ip_permissions(ssh.clone().user_id_group_pairs(from_bastion).build()).send().await.unwrap();
    let me = IpRange::builder().cidr_ip("203.0.113.7/32").build();
    let rule = ec2.authorize_security_group_ingress().group_id(&bastion_group);
    rule.ip_permissions(ssh.ip_ranges(me).build()).send().await.unwrap();

    let mut subnets = std::collections::BTreeMap::new();
    for (called, cidr, letter) in SUBNETS {
        let request = ec2.create_subnet().vpc_id(&vpc).cidr_block(cidr);
        let request = request.availability_zone(format!("ap-northeast-2{letter}"));
        // One is left without a name: its block tells which it is.
        let request = match called {
            "my-private-subnet-db-c" => request,
            _ => request.tag_specifications(name(ResourceType::Subnet, called)),
        };
        let subnet = request.send().await.unwrap().subnet.unwrap().subnet_id.unwrap();
        subnets.insert(called, subnet);
    }

    for (table, target) in [("my-private-route", None), ("my-public-route", Some(&gateway))] {
        let made = ec2.create_route_table().vpc_id(&vpc).tag_specifications(name(ResourceType::RouteTable, table));
        let id = made.send().await.unwrap().route_table.unwrap().route_table_id.unwrap();
        for (called, subnet) in &subnets {
            if called.starts_with("my-public") == target.is_some() {
                ec2.associate_route_table().route_table_id(&id).subnet_id(subnet).send().await.unwrap();
            }
        }
        if let Some(gateway) = target {
            ec2.attach_internet_gateway().internet_gateway_id(gateway).vpc_id(&vpc).send().await.unwrap();
            let route = ec2.create_route().route_table_id(&id).destination_cidr_block("0.0.0.0/0");
            route.gateway_id(gateway).send().await.unwrap();
        }
    }

    let image = lab.id("image", "al2023").await;
    let private = instance(&lab, "my-private-ec2", &image, &subnets["my-private-subnet-app-a"], &private_group).await;
    let bastion = instance(&lab, "my-bastion-host", &image, &subnets["my-public-subnet-a"], &bastion_group).await;
    lab.later(120);
    ec2.associate_address().allocation_id(bastion_address).instance_id(&bastion).send().await.unwrap();

    let nat = ec2.create_nat_gateway().subnet_id(&subnets["my-public-subnet-a"]).allocation_id(nat_address);
    let nat = nat.tag_specifications(name(ResourceType::Natgateway, "my-natgateway")).send().await.unwrap();
    let nat = nat.nat_gateway.unwrap().nat_gateway_id.unwrap();
    let table = lab.id("route-table", "my-private-route").await;
    let route = ec2.create_route().route_table_id(table).destination_cidr_block("0.0.0.0/0").nat_gateway_id(nat);
    route.send().await.unwrap();
    lab.later(300);

    lab.fits().await;

    // It is in the ledger now, as adopted; awslab has changed nothing.
    let rows = lab.engine.survey().await.unwrap().rows;
    assert!(rows.iter().all(|row| row.adopted), "{rows:#?}");
    assert!(rows.iter().any(|row| row.id == private));
    assert!(lab.engine.calls(100).unwrap().is_empty());
    assert!(lab.engine.traffic().iter().all(|call| !call.mutates()));
}

#[tokio::test(start_paused = true)]
async fn two_of_a_name_are_told_and_none_is_picked() {
    let lab = Lab::new().await;
    for cidr in ["10.1.0.0/16", "10.1.0.0/16"] {
        let vpc = lab.ec2.create_vpc().cidr_block(cidr).tag_specifications(name(ResourceType::Vpc, "my-vpc"));
        vpc.send().await.unwrap();
    }
    let plan = lab.plan().await;
    assert_eq!(plan.ambiguous.len(), 1);
    assert_eq!(plan.ambiguous[0].1.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn what_others_made_is_left_alone() {
    let lab = Lab::new().await;
    let stranger = lab.ec2.create_vpc().cidr_block("10.1.0.0/16").send().await.unwrap().vpc.unwrap();
    lab.run().await;
    let ours = lab.id("vpc", "my-vpc").await;
    assert_ne!(stranger.vpc_id(), Some(ours.as_str()));
}
