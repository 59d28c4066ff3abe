//! The network of a world that was built by requests, as a learner builds it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use super::*;
use crate::practice::services::{ec2, testing};
use crate::practice::world::catalogue;
use crate::reach::{Leg, Stop};

const SEOUL: &str = "ap-northeast-2";

struct Lab {
    world: World,
}

impl Lab {
    fn ok(&mut self, operation: &str, pairs: &[(&str, &str)]) -> String {
        let called = testing::call(&mut self.world, ec2::handle, (SEOUL, operation), pairs);
        called.unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    fn make(&mut self, operation: &str, pairs: &[(&str, &str)], id: &str) -> String {
        testing::pick(&self.ok(operation, pairs), id)
    }

    fn wait(&mut self, seconds: i64) {
        self.world.advance(self.world.now() + seconds * 1000);
    }

    fn allow(&mut self, group: &str, port: &str, source: &str) {
        let (name, of) =
            if source.starts_with("sg-") { ("Groups.1.GroupId", source) } else { ("IpRanges.1.CidrIp", source) };
        let peer = format!("IpPermissions.1.{name}");
        let pairs = [
            ("GroupId", group),
            ("IpPermissions.1.IpProtocol", "tcp"),
            ("IpPermissions.1.FromPort", port),
            ("IpPermissions.1.ToPort", port),
            (peer.as_str(), of),
        ];
        self.ok("AuthorizeSecurityGroupIngress", &pairs);
    }

    fn instance(&mut self, subnet: &str, group: &str) -> String {
        let image = catalogue::images(SEOUL).remove(0).id;
        let pairs = [
            ("ImageId", image.as_str()),
            ("InstanceType", "t3.micro"),
            ("MinCount", "1"),
            ("MaxCount", "1"),
            ("SubnetId", subnet),
            ("SecurityGroupId.1", group),
        ];
        self.make("RunInstances", &pairs, "instanceId")
    }
}

/// The course's network: a public subnet with a bastion, a private one with an instance; its table leads nowhere yet.
struct Course {
    lab: Lab,
    vpc: String,
    public: String,
    private: String,
    private_table: String,
    bastion: String,
    app: String,
}

fn course() -> Course {
    let mut lab = Lab { world: World::new(42, "100000000001", 1_790_000_000_000) };
    let vpc = lab.make("CreateVpc", &[("CidrBlock", "10.1.0.0/16")], "vpcId");
    let zone = ("AvailabilityZone", "ap-northeast-2a");
    let public = lab.make("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.1.1.0/24"), zone], "subnetId");
    let private = lab.make("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.1.11.0/24"), zone], "subnetId");
    let gateway = lab.make("CreateInternetGateway", &[], "internetGatewayId");
    lab.ok("AttachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]);
    let everywhere = ("DestinationCidrBlock", "0.0.0.0/0");
    let table = lab.make("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
    lab.ok("CreateRoute", &[("RouteTableId", &table), everywhere, ("GatewayId", &gateway)]);
    lab.ok("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", &public)]);
    let private_table = lab.make("CreateRouteTable", &[("VpcId", &vpc)], "routeTableId");
    lab.ok("AssociateRouteTable", &[("RouteTableId", &private_table), ("SubnetId", &private)]);
    let mut group = |name: &str| {
        lab.make("CreateSecurityGroup", &[("GroupName", name), ("GroupDescription", name), ("VpcId", &vpc)], "groupId")
    };
    let (outer, inner) = (group("bastion"), group("private"));
    lab.allow(&outer, "22", "203.0.113.7/32");
    lab.allow(&inner, "22", &outer);
    lab.ok("ModifySubnetAttribute", &[("SubnetId", &public), ("MapPublicIpOnLaunch.Value", "true")]);
    let (bastion, app) = (lab.instance(&public, &outer), lab.instance(&private, &inner));
    lab.wait(60);
    Course { lab, vpc, public, private, private_table, bastion, app }
}

fn me() -> End {
    End::Outside("203.0.113.7".parse().unwrap())
}

impl Course {
    fn way(&self, from: End, to: &str, port: u16) -> Trace {
        let to = End::Host(to.to_owned());
        let way = self.lab.world.way(from.clone(), to.clone(), Protocol::Tcp, port);
        let seen = |region: &mut Region, beyond: Beyond<'_>| beyond.way(region, from, to, Protocol::Tcp, port);
        assert_eq!(Some(&way), self.lab.world.clone().with_beyond(SEOUL, seen).as_ref());
        way
    }

    fn out(&self, from: &str) -> Trace {
        self.lab.world.region(SEOUL).unwrap().way_out(self.lab.world.global(), from, 443)
    }
}

#[test]
fn groups_and_public_addresses_decide() {
    let c = course();
    assert!(c.way(me(), &c.bastion, 22).answered());
    assert!(matches!(c.way(me(), &c.bastion, 80).stopped(), Some((Leg::Packet, Stop::Group { .. }))));
    assert!(c.way(End::Host(c.bastion.clone()), &c.app, 22).answered());
    assert!(matches!(c.way(me(), &c.app, 22).stopped(), Some((_, Stop::NoPublicAddress { .. }))));
    let stranger = End::Outside("203.0.113.8".parse().unwrap());
    assert!(!c.way(stranger, &c.bastion, 22).arrives());
}

#[test]
fn a_private_subnet_reaches_the_internet_through_an_available_nat_gateway_only() {
    let mut c = course();
    assert!(c.out(&c.bastion).answered());
    assert!(matches!(c.out(&c.app).stopped(), Some((_, Stop::NoRoute { .. }))));
    let address = c.lab.make("AllocateAddress", &[], "allocationId");
    let public = c.public.clone();
    let nat = c.lab.make("CreateNatGateway", &[("SubnetId", &public), ("AllocationId", &address)], "natGatewayId");
    let table = c.private_table.clone();
    let route = [("RouteTableId", table.as_str()), ("DestinationCidrBlock", "0.0.0.0/0"), ("NatGatewayId", &nat)];
    c.lab.ok("CreateRoute", &route);
    assert!(matches!(c.out(&c.app).stopped(), Some((_, Stop::NatNotAvailable { .. }))));
    c.lab.wait(200);
    let out = c.out(&c.app);
    assert!(out.answered());
    let shown = c.lab.ok("DescribeNatGateways", &[]);
    assert!(shown.contains(&format!("<publicIp>{}</publicIp>", out.seen_as().unwrap())));
    c.lab.ok("DeleteNatGateway", &[("NatGatewayId", &nat)]);
    assert!(matches!(c.out(&c.app).stopped(), Some((_, Stop::Blackhole { .. }))));
}

#[test]
fn a_network_acl_needs_a_rule_for_replies() {
    let mut c = course();
    let vpc = c.vpc.clone();
    let acl = c.lab.make("CreateNetworkAcl", &[("VpcId", &vpc)], "networkAclId");
    let shown = c
        .lab
        .ok("DescribeNetworkAcls", &[("Filter.1.Name", "association.subnet-id"), ("Filter.1.Value.1", &c.private)]);
    let association = shown.split("<networkAclAssociationId>").skip(1).map(|rest| rest.split_once('<').unwrap().0);
    let subnets = shown.split("<subnetId>").skip(1).map(|rest| rest.split_once('<').unwrap().0);
    let (association, _) = association.zip(subnets).find(|(_, subnet)| *subnet == c.private).unwrap();
    c.lab.ok("ReplaceNetworkAclAssociation", &[("AssociationId", association), ("NetworkAclId", &acl)]);
    let from = End::Host(c.bastion.clone());
    assert!(matches!(c.way(from.clone(), &c.app, 22).stopped(), Some((Leg::Packet, Stop::Acl { rule: None, .. }))));
    let mut entry = |egress: &str, from: &str, to: &str| {
        let pairs = [
            ("NetworkAclId", acl.as_str()),
            ("RuleNumber", "100"),
            ("Egress", egress),
            ("RuleAction", "allow"),
            ("Protocol", "6"),
            ("CidrBlock", "0.0.0.0/0"),
            ("PortRange.From", from),
            ("PortRange.To", to),
        ];
        c.lab.ok("CreateNetworkAclEntry", &pairs);
    };
    entry("false", "22", "22");
    entry("true", "22", "22");
    assert!(matches!(c.way(from.clone(), &c.app, 22).stopped(), Some((Leg::Reply, Stop::Acl { .. }))));
    let egress = ("Egress", "true");
    c.lab.ok("DeleteNetworkAclEntry", &[("NetworkAclId", &acl), ("RuleNumber", "100"), egress]);
    let open = [
        ("NetworkAclId", acl.as_str()),
        ("RuleNumber", "110"),
        egress,
        ("RuleAction", "allow"),
        ("Protocol", "6"),
        ("CidrBlock", "0.0.0.0/0"),
        ("PortRange.From", "1024"),
        ("PortRange.To", "65535"),
    ];
    c.lab.ok("CreateNetworkAclEntry", &open);
    assert!(c.way(from, &c.app, 22).answered());
}

#[test]
fn a_stopped_instance_is_down_and_gone_ones_are_nobody() {
    let mut c = course();
    let app = c.app.clone();
    let from = End::Host(c.bastion.clone());
    c.lab.ok("StopInstances", &[("InstanceId.1", &app)]);
    c.lab.wait(60);
    let down = Stop::HostDown { host: app.clone(), state: "stopped".to_owned() };
    assert_eq!(c.way(from.clone(), &app, 22).stopped(), Some((Leg::Packet, &down)));
    c.lab.ok("TerminateInstances", &[("InstanceId.1", &app)]);
    c.lab.wait(60);
    assert!(matches!(c.way(from, &app, 22).stopped(), Some((_, Stop::NoHost { .. }))));
}
