//! VPC peering between two regions and within one.

use super::*;
use crate::reach::{End, Protocol};

const TOKYO: &str = "ap-northeast-1";

fn at(bench: &mut Bench, region: &'static str) {
    bench.region = region;
}

fn vpc(bench: &mut Bench, region: &'static str, cidr: &str) -> String {
    at(bench, region);
    pick(&bench.ok("CreateVpc", &[("CidrBlock", cidr)]), "vpcId")
}

fn ask(bench: &mut Bench, tokyo: &str, seoul: &str) -> String {
    at(bench, TOKYO);
    let pairs = [
        ("VpcId", tokyo),
        ("PeerVpcId", seoul),
        ("PeerRegion", SEOUL),
        ("TagSpecification.1.ResourceType", "vpc-peering-connection"),
        ("TagSpecification.1.Tag.1.Key", "Name"),
        ("TagSpecification.1.Tag.1.Value", "my-peer-tokyo-to-seoul"),
    ];
    let made = bench.ok("CreateVpcPeeringConnection", &pairs);
    assert_eq!(pick(&made, "code"), "initiating-request");
    pick(&made, "vpcPeeringConnectionId")
}

fn state(bench: &mut Bench, region: &'static str, id: &str) -> String {
    at(bench, region);
    pick(&bench.ok("DescribeVpcPeeringConnections", &[("VpcPeeringConnectionId.1", id)]), "code")
}

#[test]
fn a_connection_between_two_regions_lives() {
    let mut bench = Bench::new();
    let (seoul, tokyo) = (bench.vpc(), vpc(&mut bench, TOKYO, "192.168.10.0/24"));
    let id = ask(&mut bench, &tokyo, &seoul);
    // The other region has not heard of it yet.
    at(&mut bench, SEOUL);
    let error = bench.error("DescribeVpcPeeringConnections", &[("VpcPeeringConnectionId.1", &id)]);
    assert_eq!(error.code, "InvalidVpcPeeringConnectionID.NotFound");
    assert_eq!(bench.code("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]), error.code);
    bench.wait(7);
    assert_eq!(state(&mut bench, SEOUL, &id), "pending-acceptance");
    let shown = bench.ok("DescribeVpcPeeringConnections", &[]);
    assert!(shown.contains("expirationTime") && !shown.contains("my-peer"), "tags are a region's own: {shown}");
    bench.ok("CreateTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Name"), ("Tag.1.Value", "from-tokyo")]);
    let here =
        bench.ok("DescribeTags", &[("Filter.1.Name", "resource-type"), ("Filter.1.Value.1", "vpc-peering-connection")]);
    assert_eq!(all(&here, "value"), ["from-tokyo"]);

    at(&mut bench, TOKYO);
    let error = bench.error("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    assert_eq!(error.code, "OperationNotPermitted");
    assert!(error.message.contains("must be accepted in region ap-northeast-2"), "{}", error.message);
    // A route can be made before; it leads nowhere until the connection is active.
    let table = bench.table(&tokyo);
    let route = [
        ("RouteTableId", table.as_str()),
        ("DestinationCidrBlock", "10.1.0.0/16"),
        ("VpcPeeringConnectionId", id.as_str()),
    ];
    bench.ok("CreateRoute", &route);
    let routes = |bench: &mut Bench| {
        at(bench, TOKYO);
        all(&bench.ok("DescribeRouteTables", &[("RouteTableId.1", &table)]), "state")
    };
    assert_eq!(routes(&mut bench), ["active", "blackhole"]);
    at(&mut bench, SEOUL);
    let accepted = bench.ok("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    assert_eq!(pick(&accepted, "code"), "provisioning");
    bench.wait(5);
    assert_eq!((state(&mut bench, TOKYO, &id), state(&mut bench, SEOUL, &id)), ("active".into(), "active".into()));
    assert_eq!(routes(&mut bench), ["active", "active"]);
    at(&mut bench, SEOUL);
    assert_eq!(bench.code("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]), "InvalidStateTransition");
    at(&mut bench, TOKYO);
    assert_eq!(
        bench.code("CreateVpcPeeringConnection", &[("VpcId", &tokyo), ("PeerVpcId", &seoul), ("PeerRegion", SEOUL)]),
        "VpcPeeringConnectionAlreadyExists"
    );
    // Host names: each side in its own region, and only with DNS host names.
    let dns = |side: &'static str| [("VpcPeeringConnectionId", id.clone()), (side, "true".to_owned())];
    let try_dns = |bench: &mut Bench, side| {
        let pairs = dns(side);
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
        bench.call("ModifyVpcPeeringConnectionOptions", &pairs)
    };
    let requester = "RequesterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc";
    let error = try_dns(&mut bench, requester).unwrap_err();
    assert_eq!(error.code, "InvalidVpcPeeringConnectionState.DnsHostnamesDisabled");
    bench.ok("ModifyVpcAttribute", &[("VpcId", &tokyo), ("EnableDnsHostnames.Value", "true")]);
    try_dns(&mut bench, requester).unwrap();
    let accepter = "AccepterPeeringConnectionOptions.AllowDnsResolutionFromRemoteVpc";
    assert_eq!(try_dns(&mut bench, accepter).unwrap_err().code, "InvalidParameterCombination");

    bench.ok("DeleteRouteTable", &[("RouteTableId", &table)]);
    let table = bench.table(&tokyo);
    bench.ok("CreateRoute", &[("RouteTableId", &table), route[1], route[2]]);
    assert_eq!(bench.code("DeleteVpc", &[("VpcId", &tokyo)]), "DependencyViolation");
    bench.ok("DeleteVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    assert_eq!(state(&mut bench, SEOUL, &id), "deleting");
    bench.wait(14);
    assert_eq!((state(&mut bench, TOKYO, &id), state(&mut bench, SEOUL, &id)), ("deleted".into(), "deleted".into()));
    at(&mut bench, TOKYO);
    assert_eq!(all(&bench.ok("DescribeRouteTables", &[("RouteTableId.1", &table)]), "state"), ["active", "blackhole"]);
    bench.ok("DeleteRouteTable", &[("RouteTableId", &table)]);
    bench.ok("DeleteVpc", &[("VpcId", &tokyo)]);
    bench.wait(3 * 3600);
    assert_eq!(all(&bench.ok("DescribeVpcPeeringConnections", &[]), "code").len(), 0);
}

#[test]
fn a_packet_crosses_an_active_connection() {
    let mut bench = Bench::new();
    let (seoul, tokyo) = (bench.vpc(), vpc(&mut bench, TOKYO, "192.168.10.0/24"));
    let id = ask(&mut bench, &tokyo, &seoul);
    let host = |bench: &mut Bench, region, vpc: &str, cidr: &str, other: &str| {
        at(bench, region);
        let subnet = bench.subnet(vpc, cidr);
        let table = bench.table(vpc);
        bench.ok("AssociateRouteTable", &[("RouteTableId", &table), ("SubnetId", &subnet)]);
        bench.ok(
            "CreateRoute",
            &[("RouteTableId", &table), ("DestinationCidrBlock", other), ("VpcPeeringConnectionId", &id)],
        );
        let group = pick(
            &bench.ok("CreateSecurityGroup", &[("GroupName", "g"), ("GroupDescription", "x"), ("VpcId", vpc)]),
            "groupId",
        );
        let rule = [
            ("GroupId", group.as_str()),
            ("IpPermissions.1.IpProtocol", "icmp"),
            ("IpPermissions.1.FromPort", "-1"),
            ("IpPermissions.1.ToPort", "-1"),
            ("IpPermissions.1.IpRanges.1.CidrIp", other),
        ];
        bench.ok("AuthorizeSecurityGroupIngress", &rule);
        bench.instance(&subnet, &[("SecurityGroupId.1", &group)])
    };
    bench.wait(10);
    let one = host(&mut bench, SEOUL, &seoul, "10.1.11.0/24", "192.168.10.0/24");
    let two = host(&mut bench, TOKYO, &tokyo, "192.168.10.128/28", "10.1.0.0/16");
    bench.wait(60);
    let ping =
        |bench: &Bench| bench.world.way(End::Host(one.clone()), End::Host(two.clone()), Protocol::Icmp, 0).answered();
    assert!(!ping(&bench), "nobody has accepted");
    at(&mut bench, SEOUL);
    bench.ok("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    bench.wait(10);
    assert!(ping(&bench));
    bench.ok("DeleteVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    assert!(!ping(&bench), "a connection that is being deleted takes nothing");
}

#[test]
fn what_cannot_be_tied_fails_and_what_nobody_answers_expires() {
    let mut bench = Bench::new();
    let seoul = bench.vpc();
    let overlapping = vpc(&mut bench, TOKYO, "10.1.128.0/20");
    let id = ask(&mut bench, &overlapping, &seoul);
    bench.wait(7);
    assert_eq!(state(&mut bench, TOKYO, &id), "failed");
    at(&mut bench, TOKYO);
    assert_eq!(bench.code("DeleteVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]), "InvalidStateTransition");
    bench.ok("DeleteVpc", &[("VpcId", &overlapping)]);
    let other = vpc(&mut bench, TOKYO, "192.168.10.0/24");
    let nowhere = ask(&mut bench, &other, "vpc-0123456789abcdef0");
    bench.wait(7);
    assert_eq!(state(&mut bench, TOKYO, &nowhere), "failed");
    let id = ask(&mut bench, &other, &seoul);
    bench.wait(7);
    at(&mut bench, SEOUL);
    bench.ok("RejectVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    assert_eq!(state(&mut bench, TOKYO, &id), "rejected");
    let id = ask(&mut bench, &other, &seoul);
    assert_eq!(bench.code("DeleteVpc", &[("VpcId", &other)]), "DependencyViolation");
    bench.wait(7 * 24 * 3600 + 1);
    assert_eq!(state(&mut bench, SEOUL, &id), "expired");
    at(&mut bench, TOKYO);
    bench.ok("DeleteVpc", &[("VpcId", &other)]);
}

#[test]
fn within_one_region_it_needs_no_travel() {
    let mut bench = Bench::new();
    let (one, two) = (bench.vpc(), vpc(&mut bench, SEOUL, "10.2.0.0/16"));
    let made = bench.ok("CreateVpcPeeringConnection", &[("VpcId", &one), ("PeerVpcId", &two)]);
    let id = pick(&made, "vpcPeeringConnectionId");
    bench.wait(1);
    bench.ok("AcceptVpcPeeringConnection", &[("VpcPeeringConnectionId", &id)]);
    bench.wait(5);
    assert_eq!(state(&mut bench, SEOUL, &id), "active");
    assert_eq!(
        bench.code("CreateVpcPeeringConnection", &[("VpcId", &one), ("PeerVpcId", "vpc-0")]),
        "InvalidVpcID.NotFound"
    );
    let far = bench.ok(
        "DescribeVpcPeeringConnections",
        &[
            ("Filter.1.Name", "status-code"),
            ("Filter.1.Value.1", "active"),
            ("Filter.2.Name", "accepter-vpc-info.vpc-id"),
            ("Filter.2.Value.1", &two),
        ],
    );
    assert_eq!(all(&far, "vpcPeeringConnectionId"), [id]);
}
