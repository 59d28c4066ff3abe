//! Elastic IPs and NAT gateways.

use super::*;

fn allocate(bench: &mut Bench) -> String {
    pick(&bench.ok("AllocateAddress", &[("Domain", "vpc")]), "allocationId")
}

fn nat(bench: &mut Bench, subnet: &str, address: &str) -> String {
    pick(&bench.ok("CreateNatGateway", &[("SubnetId", subnet), ("AllocationId", address)]), "natGatewayId")
}

fn state(bench: &mut Bench, nat: &str) -> String {
    pick(&bench.ok("DescribeNatGateways", &[("NatGatewayId.1", nat)]), "state")
}

#[test]
fn addresses_come_and_go_within_the_quota() {
    let mut bench = Bench::new();
    let first = allocate(&mut bench);
    let answer = bench.ok("DescribeAddresses", &[("AllocationId.1", &first)]);
    assert!(pick(&answer, "publicIp").starts_with("198.18."));
    assert!(!answer.contains("associationId"));
    for _ in 0..4 {
        allocate(&mut bench);
    }
    let error = bench.error("AllocateAddress", &[]);
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("AddressLimitExceeded", "The maximum number of addresses has been reached.")
    );
    bench.ok("ReleaseAddress", &[("AllocationId", &first)]);
    assert_eq!(bench.code("ReleaseAddress", &[("AllocationId", &first)]), "InvalidAllocationID.NotFound");
}

#[test]
fn a_nat_gateway_lives_and_blocks_what_it_needs_until_it_is_gone() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let gateway = bench.attached_gateway(&vpc);
    let subnet = bench.subnet(&vpc, "10.1.1.0/24");
    let address = allocate(&mut bench);
    let id = nat(&mut bench, &subnet, &address);
    assert_eq!(state(&mut bench, &id), "pending");
    let table = bench.table(&vpc);
    let route =
        [("RouteTableId", table.as_str()), ("DestinationCidrBlock", "0.0.0.0/0"), ("NatGatewayId", id.as_str())];
    bench.ok("CreateRoute", &route);
    bench.wait(90);
    assert_eq!(state(&mut bench, &id), "pending");
    bench.wait(60);
    let answer = bench.ok(
        "DescribeNatGateways",
        &[
            ("Filter.1.Name", "vpc-id"),
            ("Filter.1.Value.1", &vpc),
            ("Filter.2.Name", "state"),
            ("Filter.2.Value.1", "available"),
        ],
    );
    assert_eq!(pick(&answer, "natGatewayId"), id);
    assert_eq!(pick(&answer, "privateIp"), "10.1.1.4");
    let free = bench.ok("DescribeSubnets", &[("SubnetId.1", &subnet)]);
    assert_eq!(pick(&free, "availableIpAddressCount"), "250");
    let interface =
        bench.ok("DescribeNetworkInterfaces", &[("Filter.1.Name", "subnet-id"), ("Filter.1.Value.1", &subnet)]);
    assert_eq!(pick(&interface, "interfaceType"), "nat_gateway");
    assert_eq!(pick(&interface, "requesterManaged"), "true");
    assert_eq!(pick(&interface, "description"), format!("Interface for NAT Gateway {id}"));
    assert_eq!(pick(&interface, "allocationId"), address);

    let blocked = |bench: &mut Bench| {
        assert_eq!(bench.code("ReleaseAddress", &[("AllocationId", &address)]), "AuthFailure");
        let error = bench.error("DeleteSubnet", &[("SubnetId", &subnet)]);
        assert_eq!(error.message, format!("The subnet '{subnet}' has dependencies and cannot be deleted."));
        let error = bench.error("DetachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]);
        assert_eq!(error.code, "DependencyViolation");
        assert_eq!(
            error.message,
            format!(
                "Network {vpc} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
            )
        );
    };
    blocked(&mut bench);
    bench.ok("DeleteNatGateway", &[("NatGatewayId", &id)]);
    assert_eq!(state(&mut bench, &id), "deleting");
    blocked(&mut bench);
    assert!(bench.ok("DescribeRouteTables", &[("RouteTableId.1", &table)]).contains("<state>blackhole</state>"));
    bench.wait(200);
    assert_eq!(state(&mut bench, &id), "deleted");
    assert_eq!(bench.code("DeleteNatGateway", &[("NatGatewayId", &id)]), "NatGatewayNotFound");
    bench.ok("ReleaseAddress", &[("AllocationId", &address)]);
    bench.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
    bench.ok("DetachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]);
    assert_eq!(bench.code("ReplaceRoute", &route), "InvalidNatGatewayID.NotFound");
    bench.wait(2 * 3600);
    assert_eq!(bench.code("DescribeNatGateways", &[("NatGatewayId.1", &id)]), "NatGatewayNotFound");
    assert!(
        bench.ok("DescribeRouteTables", &[("RouteTableId.1", &table)]).contains("<state>blackhole</state>"),
        "the route stays"
    );
}

#[test]
fn a_nat_gateway_that_cannot_work_fails_later_and_says_why() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.1.0/24");
    let address = allocate(&mut bench);
    let id = nat(&mut bench, &subnet, &address);
    assert_eq!(state(&mut bench, &id), "pending");
    bench.wait(15);
    let answer = bench.ok("DescribeNatGateways", &[("NatGatewayId.1", &id)]);
    assert_eq!(pick(&answer, "state"), "failed");
    assert_eq!(pick(&answer, "failureCode"), "Gateway.NotAttached");
    assert_eq!(pick(&answer, "failureMessage"), format!("Network {vpc} has no Internet gateway attached"));
    bench.attached_gateway(&vpc);
    nat(&mut bench, &subnet, &address);
    let second = nat(&mut bench, &subnet, &address);
    bench.wait(15);
    let answer = bench.ok("DescribeNatGateways", &[("NatGatewayId.1", &second)]);
    assert_eq!(pick(&answer, "failureCode"), "Resource.AlreadyAssociated");
    assert_eq!(bench.code("CreateNatGateway", &[("SubnetId", &subnet)]), "MissingParameter");
    assert_eq!(
        bench.code("CreateNatGateway", &[("SubnetId", &subnet), ("AllocationId", "eipalloc-0")]),
        "InvalidAllocationID.NotFound"
    );
}

#[test]
fn nat_gateways_are_idempotent_by_token_and_limited_by_zone() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    bench.attached_gateway(&vpc);
    let subnet = bench.subnet(&vpc, "10.1.1.0/24");
    let address = allocate(&mut bench);
    let request = [("SubnetId", subnet.as_str()), ("AllocationId", address.as_str()), ("ClientToken", "abc")];
    let first = pick(&bench.ok("CreateNatGateway", &request), "natGatewayId");
    assert_eq!(pick(&bench.ok("CreateNatGateway", &request), "natGatewayId"), first);
    let other = [("SubnetId", subnet.as_str()), ("ConnectivityType", "private"), ("ClientToken", "abc")];
    assert_eq!(bench.code("CreateNatGateway", &other), "IdempotentParameterMismatch");
    for _ in 0..4 {
        bench.ok("CreateNatGateway", &[("SubnetId", &subnet), ("ConnectivityType", "private")]);
    }
    let error = bench.error("CreateNatGateway", &[("SubnetId", &subnet), ("ConnectivityType", "private")]);
    assert_eq!(error.code, "NatGatewayLimitExceeded");
    assert_eq!(error.message, "Performing this operation would exceed the limit of 5 NAT gateways");
}

#[test]
fn an_elastic_ip_takes_the_place_of_the_lent_address_and_gives_it_back() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.1.0/24");
    bench.ok("ModifySubnetAttribute", &[("SubnetId", &subnet), ("MapPublicIpOnLaunch.Value", "true")]);
    let instance = bench.instance(&subnet, &[]);
    let address = allocate(&mut bench);
    let pair = [("AllocationId", address.as_str()), ("InstanceId", instance.as_str())];
    assert_eq!(bench.code("AssociateAddress", &pair), "InvalidInstanceID", "it is still pending");
    bench.wait(30);
    assert_eq!(bench.code("AssociateAddress", &pair), "Gateway.NotAttached");
    bench.attached_gateway(&vpc);
    let shown = |bench: &mut Bench| pick(&bench.ok("DescribeInstances", &[("InstanceId.1", &instance)]), "ipAddress");
    let lent = shown(&mut bench);
    let association = pick(&bench.ok("AssociateAddress", &pair), "associationId");
    assert_eq!(pick(&bench.ok("AssociateAddress", &pair), "associationId"), association, "a repetition is harmless");
    let elastic = pick(
        &bench.ok("DescribeAddresses", &[("Filter.1.Name", "instance-id"), ("Filter.1.Value.1", &instance)]),
        "publicIp",
    );
    assert_eq!(shown(&mut bench), elastic);
    assert_ne!(lent, elastic);
    let error = bench.error("ReleaseAddress", &[("AllocationId", &address)]);
    assert_eq!(
        (error.code.as_str(), error.message),
        ("InvalidIPAddress.InUse", format!("Address {elastic} is in use."))
    );
    let second = allocate(&mut bench);
    let no_move =
        [("AllocationId", second.as_str()), ("InstanceId", instance.as_str()), ("AllowReassociation", "false")];
    assert_eq!(bench.code("AssociateAddress", &no_move), "Resource.AlreadyAssociated");
    bench.ok("DisassociateAddress", &[("AssociationId", &association)]);
    assert_eq!(bench.code("DisassociateAddress", &[("AssociationId", &association)]), "InvalidAssociationID.NotFound");
    assert_ne!(shown(&mut bench), elastic);
    bench.ok("ReleaseAddress", &[("AllocationId", &address)]);
}
