//! A step that is done by hand, as it is watched: what is not there yet waits, what is wrong is named, nothing is decided
//! between candidates, and looking changes nothing.

use aws_sdk_ec2::types::{AttributeBooleanValue, ResourceType};
use awslab::lab::hand::{Hand, Stage};

use super::{Lab, name};

const VPC: &str = "vpc.network.vpc";

async fn vpc(lab: &Lab, cidr: &str, called: Option<&str>) -> String {
    let request = lab.ec2.create_vpc().cidr_block(cidr);
    let request = match called {
        Some(called) => request.tag_specifications(name(ResourceType::Vpc, called)),
        None => request,
    };
    request.send().await.unwrap().vpc.unwrap().vpc_id.unwrap()
}

async fn hostnames(lab: &Lab, vpc: &str) {
    let on = AttributeBooleanValue::builder().value(true).build();
    lab.ec2.modify_vpc_attribute().vpc_id(vpc).enable_dns_hostnames(on).send().await.unwrap();
}

fn stages(hand: &Hand) -> Vec<(&str, Stage)> {
    hand.conditions.iter().map(|one| (one.result.id.as_str(), one.stage)).collect()
}

fn said(hand: &Hand, stage: Stage) -> String {
    let of = hand.conditions.iter().filter(|one| one.stage == stage);
    of.map(|one| format!("{}\n{}\n", one.result.detail.ko, one.result.detail.en)).collect()
}

#[tokio::test(start_paused = true)]
async fn a_step_goes_from_waiting_by_wrong_to_right_and_is_adopted_only_when_asked() {
    let lab = Lab::new().await;
    let hand = lab.engine.hand(VPC, true).await.unwrap();
    assert!(hand.conditions.iter().all(|one| one.stage == Stage::Waiting), "{:?}", stages(&hand));
    assert!(hand.lines[0].contains("aws ec2 create-vpc") && hand.lines[0].contains("10.1.0.0/16"), "{:?}", hand.lines);
    assert!(!hand.lines.join("\n").contains("lab:run"), "a learner need not type our tags: {:?}", hand.lines);
    assert_eq!(hand.values[0].key.name, "my-vpc");
    assert!(hand.remarks.is_empty() && hand.first.is_empty() && hand.adopts.is_empty());

    // The wrong range is told with what was found and what is wanted.
    let wrong = vpc(&lab, "10.2.0.0/16", Some("my-vpc")).await;
    let hand = lab.engine.hand(VPC, true).await.unwrap();
    assert!(hand.is_wrong(), "{:?}", stages(&hand));
    let text = said(&hand, Stage::Wrong);
    assert!(text.contains("10.2.0.0/16") && text.contains("10.1.0.0/16") && text.contains(&wrong), "{text}");
    lab.ec2.delete_vpc().vpc_id(wrong).send().await.unwrap();

    // Half done: it is there, and what is missing is one command with its id.
    let made = vpc(&lab, "10.1.0.0/16", Some("my-vpc")).await;
    let hand = lab.engine.hand(VPC, true).await.unwrap();
    assert!(!hand.is_right());
    assert_eq!(hand.lines.len(), 1, "{:?}", hand.lines);
    assert!(hand.lines[0].contains("modify-vpc-attribute") && hand.lines[0].contains(&made), "{:?}", hand.lines);

    // What is still on its way is neither right nor wrong.
    hostnames(&lab, &made).await;
    let hand = lab.engine.hand(VPC, false).await.unwrap();
    assert_eq!(hand.conditions[0].stage, Stage::Coming, "{:?}", stages(&hand));
    lab.later(60);
    let hand = lab.engine.hand(VPC, false).await.unwrap();
    assert!(hand.is_right() && !hand.is_done(), "{:?}", stages(&hand));
    assert_eq!(hand.adopts.len(), 1);
    assert!(hand.lines.is_empty() && hand.values.is_empty());
    // Looking has written nothing down.
    assert!(lab.engine.survey().await.unwrap().rows.is_empty());

    assert!(lab.engine.check(&[VPC.to_owned()]).await.unwrap().ok());
    let hand = lab.engine.hand(VPC, false).await.unwrap();
    assert!(hand.is_done() && hand.adopted.len() == 1);
    assert!(lab.engine.survey().await.unwrap().rows[0].adopted);
    assert!(lab.engine.traffic().iter().all(|call| !call.mutates()));
}

#[tokio::test(start_paused = true)]
async fn several_of_a_name_are_all_named_and_none_is_taken() {
    let lab = Lab::new().await;
    let (one, other) = (vpc(&lab, "10.1.0.0/16", Some("my-vpc")).await, vpc(&lab, "10.1.0.0/16", Some("my-vpc")).await);
    let hand = lab.engine.hand(VPC, true).await.unwrap();
    assert!(hand.is_wrong() && hand.adopts.is_empty(), "{:?}", stages(&hand));
    let text = said(&hand, Stage::Wrong);
    assert!(text.contains(&one) && text.contains(&other), "{text}");
    // A step that builds on it says so too.
    let hand = lab.engine.hand("vpc.network.gateway", true).await.unwrap();
    let text: String = hand.remarks.iter().map(|text| text.en.as_str()).collect();
    assert!(text.contains(&one) && text.contains(&other), "{text}");
}

#[tokio::test(start_paused = true)]
async fn another_name_and_no_name_are_told_with_the_name_that_is_wanted() {
    let lab = Lab::new().await;
    let named = vpc(&lab, "10.1.0.0/16", Some("myvpc")).await;
    let nameless = vpc(&lab, "10.1.0.0/16", None).await;
    let unlike = vpc(&lab, "10.9.0.0/16", Some("production")).await;
    let hand = lab.engine.hand(VPC, true).await.unwrap();
    let text: String = hand.remarks.iter().map(|text| format!("{}\n{}\n", text.ko, text.en)).collect();
    assert!(text.contains(&named) && text.contains("`myvpc`") && text.contains("`my-vpc`"), "{text}");
    assert!(text.contains(&nameless), "{text}");
    assert!(!text.contains(&unlike), "another network is nobody's business: {text}");
    assert!(hand.adopts.is_empty() && !hand.is_wrong());
    // A look that is to be cheap does not search.
    assert!(lab.engine.hand(VPC, false).await.unwrap().remarks.is_empty());
}

#[tokio::test(start_paused = true)]
async fn the_gateway_of_the_default_vpc_is_nobody_s_slip() {
    let lab = Lab::built_to(&["vpc.network.vpc"]).await;
    assert!(!lab.ec2.describe_internet_gateways().send().await.unwrap().internet_gateways().is_empty());
    let hand = lab.engine.hand("vpc.network.gateway", true).await.unwrap();
    assert!(hand.remarks.is_empty(), "{:?}", hand.remarks);
    // A learner's own without a name is told.
    let made = lab.ec2.create_internet_gateway().send().await.unwrap().internet_gateway.unwrap();
    let hand = lab.engine.hand("vpc.network.gateway", true).await.unwrap();
    let text: String = hand.remarks.iter().map(|text| text.en.as_str()).collect();
    assert!(text.contains(made.internet_gateway_id().unwrap()) && text.contains("`my-igw`"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_rule_is_known_by_what_it_says_and_asked_for_no_name() {
    let lab = Lab::built_to(&["vpc.network.vpc"]).await;
    let vpc = lab.id("vpc", "my-vpc").await;
    let request = lab.ec2.create_security_group().group_name("my-bastion-host-sg").description("x").vpc_id(vpc);
    let group = request.send().await.unwrap().group_id.unwrap();
    let open = aws_sdk_ec2::types::IpRange::builder().cidr_ip("0.0.0.0/0").build();
    let rule = aws_sdk_ec2::types::IpPermission::builder().ip_protocol("tcp").from_port(22).to_port(22);
    let request =
        lab.ec2.authorize_security_group_ingress().group_id(group).ip_permissions(rule.ip_ranges(open).build());
    request.send().await.unwrap();
    let hand = lab.engine.hand("vpc.bastion.groups", true).await.unwrap();
    assert!(hand.remarks.is_empty(), "{:?}", hand.remarks);
    let text = said(&hand, Stage::Wrong);
    assert!(text.contains("0.0.0.0/0"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_changed_is_shown_with_the_command_that_deletes_it() {
    let lab = Lab::new().await;
    let wrong = vpc(&lab, "10.2.0.0/16", Some("my-vpc")).await;
    let hand = lab.engine.hand(VPC, true).await.unwrap();
    assert_eq!(hand.unmakes, [format!("aws ec2 delete-vpc --region ap-northeast-2 --vpc-id {wrong}")]);
    assert!(hand.lines.is_empty(), "another one of the name would only be a second: {:?}", hand.lines);
    // What can be changed need not go.
    lab.ec2.delete_vpc().vpc_id(wrong).send().await.unwrap();
    vpc(&lab, "10.1.0.0/16", Some("my-vpc")).await;
    let hand = lab.engine.hand(VPC, true).await.unwrap();
    assert!(hand.is_wrong() || !hand.lines.is_empty());
    assert!(hand.unmakes.is_empty(), "{:?}", hand.unmakes);
}

#[tokio::test(start_paused = true)]
async fn a_security_group_of_another_name_must_be_made_again() {
    let lab = Lab::built_to(&["vpc.network.vpc"]).await;
    let id = lab.id("vpc", "my-vpc").await;
    let made =
        lab.ec2.create_security_group().group_name("bastion-sg").description("x").vpc_id(&id).send().await.unwrap();
    let hand = lab.engine.hand("vpc.bastion.groups", true).await.unwrap();
    let text: String = hand.remarks.iter().map(|text| text.en.as_str()).collect();
    assert!(text.contains(made.group_id().unwrap()) && text.contains("cannot be changed"), "{text}");
    assert!(!text.contains("`default`"), "the VPC's own group is no candidate: {text}");
}

#[tokio::test(start_paused = true)]
async fn the_wrong_region_is_told() {
    let lab = Lab::new().await;
    let tokyo = lab.ec2_in("ap-northeast-1");
    let request = tokyo.create_vpc().cidr_block("10.1.0.0/16").tag_specifications(name(ResourceType::Vpc, "my-vpc"));
    let id = request.send().await.unwrap().vpc.unwrap().vpc_id.unwrap();
    let hand = lab.engine.hand(VPC, true).await.unwrap();
    let text: String = hand.remarks.iter().map(|text| format!("{}\n{}\n", text.ko, text.en)).collect();
    assert!(text.contains(&id) && text.contains("ap-northeast-1") && text.contains("ap-northeast-2"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn what_must_be_there_first_is_told_with_its_step() {
    let lab = Lab::new().await;
    let hand = lab.engine.hand("vpc.network.subnets", true).await.unwrap();
    assert_eq!(
        hand.first.iter().map(|(key, step)| (key.name.as_str(), step.as_str())).collect::<Vec<_>>(),
        [("my-vpc", VPC)]
    );
    assert!(hand.conditions.iter().all(|one| one.stage == Stage::Waiting), "{:?}", stages(&hand));
}

#[tokio::test(start_paused = true)]
async fn a_watcher_asks_for_little() {
    let lab = Lab::built_to(&["vpc.network.nat"]).await;
    let asked = async |step: &str, thorough| {
        let before = lab.engine.traffic().len();
        lab.engine.hand(step, thorough).await.unwrap();
        lab.engine.traffic().len() - before
    };
    let (small, large) = (asked(VPC, false).await, asked("vpc.network.nat", false).await);
    assert!(small <= 5, "{small} requests for a VPC");
    assert!(large <= 12, "{large} requests for a NAT gateway");
}
