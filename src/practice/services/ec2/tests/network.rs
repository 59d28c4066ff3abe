//! VPCs, subnets, internet gateways, route tables.

use super::*;

#[test]
fn a_vpc_comes_with_its_own_table_group_and_acl_and_becomes_available() {
    let mut bench = Bench::new();
    let answer = bench.ok("CreateVpc", &[("CidrBlock", "10.1.0.5/16")]);
    let id = pick(&answer, "vpcId");
    assert_eq!((pick(&answer, "state"), pick(&answer, "cidrBlock")), ("pending".into(), "10.1.0.0/16".into()));
    bench.wait(2);
    let answer = bench.ok("DescribeVpcs", &[("VpcId.1", &id)]);
    assert_eq!((pick(&answer, "state"), pick(&answer, "isDefault")), ("available".into(), "false".into()));
    let of_vpc = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", id.as_str())];
    let table = bench.ok("DescribeRouteTables", &of_vpc);
    assert_eq!((pick(&table, "main"), pick(&table, "gatewayId")), ("true".into(), "local".into()));
    assert_eq!(all(&bench.ok("DescribeVpcs", &[]), "vpcId").len(), 2, "the default VPC is there as well");
    bench.ok("DeleteVpc", &[("VpcId", &id)]);
    assert_eq!(bench.code("DescribeVpcs", &[("VpcId.1", &id)]), "InvalidVpcID.NotFound");
    assert_eq!(all(&bench.ok("DescribeRouteTables", &of_vpc), "routeTableId").len(), 0);
}

#[test]
fn vpc_ranges_and_quota() {
    let mut bench = Bench::new();
    for block in ["10.0.0.0/8", "10.0.0.0/29"] {
        let error = bench.error("CreateVpc", &[("CidrBlock", block)]);
        assert_eq!(error.code, "InvalidVpc.Range");
        assert_eq!(error.message, format!("The CIDR '{block}' is invalid."));
    }
    assert_eq!(bench.code("CreateVpc", &[("CidrBlock", "ten")]), "InvalidParameterValue");
    assert_eq!(bench.code("CreateVpc", &[]), "MissingParameter");
    for _ in 0..4 {
        bench.vpc();
    }
    let error = bench.error("CreateVpc", &[("CidrBlock", "10.1.0.0/16")]);
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        ("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
    );
}

#[test]
fn vpc_dns_attributes_go_one_by_one() {
    let mut bench = Bench::new();
    let id = bench.vpc();
    let attribute = |bench: &mut Bench, name: &str| {
        pick(&bench.ok("DescribeVpcAttribute", &[("VpcId", &id), ("Attribute", name)]), "value")
    };
    assert_eq!(attribute(&mut bench, "enableDnsSupport"), "true");
    assert_eq!(attribute(&mut bench, "enableDnsHostnames"), "false");
    bench.ok("ModifyVpcAttribute", &[("VpcId", &id), ("EnableDnsHostnames.Value", "true")]);
    assert_eq!(attribute(&mut bench, "enableDnsHostnames"), "true");
    let both = [("VpcId", id.as_str()), ("EnableDnsHostnames.Value", "true"), ("EnableDnsSupport.Value", "true")];
    assert_eq!(bench.code("ModifyVpcAttribute", &both), "InvalidParameterCombination");
    let off = [("VpcId", id.as_str()), ("EnableDnsSupport.Value", "false")];
    assert_eq!(bench.code("ModifyVpcAttribute", &off), "InvalidParameterValue");
}

#[test]
fn every_kind_of_thing_in_a_vpc_blocks_its_deletion() {
    let mut bench = Bench::new();
    let id = bench.vpc();
    let blocked = |bench: &mut Bench| {
        let error = bench.error("DeleteVpc", &[("VpcId", &id)]);
        assert_eq!(error.code, "DependencyViolation");
        assert_eq!(error.message, format!("The vpc '{id}' has dependencies and cannot be deleted."));
    };
    let subnet = bench.subnet(&id, "10.1.1.0/24");
    blocked(&mut bench);
    bench.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
    let gateway = bench.attached_gateway(&id);
    blocked(&mut bench);
    let ids = [("InternetGatewayId", gateway.as_str()), ("VpcId", id.as_str())];
    bench.ok("DetachInternetGateway", &ids);
    assert_eq!(bench.code("DetachInternetGateway", &ids), "Gateway.NotAttached");
    let table = bench.table(&id);
    blocked(&mut bench);
    bench.ok("DeleteRouteTable", &[("RouteTableId", &table)]);
    bench.ok("DeleteVpc", &[("VpcId", &id)]);
}

#[test]
fn subnets_have_addresses_zones_and_no_overlap() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let answer = bench
        .ok("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", "10.1.1.0/24"), ("AvailabilityZone", "ap-northeast-2c")]);
    assert_eq!(pick(&answer, "availableIpAddressCount"), "251");
    assert_eq!(pick(&answer, "availabilityZoneId"), "apne2-az3");
    assert_eq!(pick(&answer, "mapPublicIpOnLaunch"), "false");
    let id = pick(&answer, "subnetId");
    for (block, code) in [
        ("10.1.1.0/24", "InvalidSubnet.Conflict"),
        ("10.1.0.0/20", "InvalidSubnet.Conflict"),
        ("10.2.0.0/24", "InvalidSubnet.Range"),
        ("10.1.9.0/29", "InvalidSubnet.Range"),
    ] {
        assert_eq!(bench.code("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", block)]), code, "{block}");
    }
    let error = bench.error(
        "CreateSubnet",
        &[("VpcId", &vpc), ("CidrBlock", "10.1.2.0/24"), ("AvailabilityZone", "ap-northeast-2z")],
    );
    assert_eq!(error.code, "InvalidParameterValue");
    assert!(error.message.contains("ap-northeast-2a, ap-northeast-2b, ap-northeast-2c, ap-northeast-2d"));
    bench.ok("ModifySubnetAttribute", &[("SubnetId", &id), ("MapPublicIpOnLaunch.Value", "true")]);
    let filters = [
        ("Filter.1.Name", "vpc-id"),
        ("Filter.1.Value.1", vpc.as_str()),
        ("Filter.2.Name", "cidr-block"),
        ("Filter.2.Value.1", "10.1.1.*"),
    ];
    let answer = bench.ok("DescribeSubnets", &filters);
    assert_eq!((all(&answer, "subnetId"), pick(&answer, "mapPublicIpOnLaunch")), (vec![id], "true".into()));
    assert_eq!(
        bench.code("ModifySubnetAttribute", &[("SubnetId", "subnet-x"), ("MapPublicIpOnLaunch.Value", "true")]),
        "InvalidSubnetID.NotFound"
    );
    assert_eq!(
        bench.code("ModifySubnetAttribute", &[("SubnetId", "subnet-x"), ("EnableDns64.Value", "true")]),
        "NotSimulated"
    );
}

#[test]
fn one_gateway_a_vpc_and_one_vpc_a_gateway() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let gateway = bench.attached_gateway(&vpc);
    let answer =
        bench.ok("DescribeInternetGateways", &[("Filter.1.Name", "attachment.vpc-id"), ("Filter.1.Value.1", &vpc)]);
    assert_eq!(
        (all(&answer, "internetGatewayId"), pick(&answer, "state")),
        (vec![gateway.clone()], "available".into())
    );
    let ids = [("InternetGatewayId", gateway.as_str()), ("VpcId", vpc.as_str())];
    assert_eq!(bench.code("AttachInternetGateway", &ids), "Resource.AlreadyAssociated");
    let other = pick(&bench.ok("CreateInternetGateway", &[]), "internetGatewayId");
    let second = [("InternetGatewayId", other.as_str()), ("VpcId", vpc.as_str())];
    assert_eq!(bench.code("AttachInternetGateway", &second), "InvalidParameterValue");
    let error = bench.error("DeleteInternetGateway", &[("InternetGatewayId", &gateway)]);
    assert_eq!(error.message, format!("The internetGateway '{gateway}' has dependencies and cannot be deleted."));
    bench.ok("DeleteInternetGateway", &[("InternetGatewayId", &other)]);
    for _ in 0..3 {
        bench.ok("CreateInternetGateway", &[]);
    }
    assert_eq!(bench.code("CreateInternetGateway", &[]), "InternetGatewayLimitExceeded");
}

#[test]
fn routes() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let table = bench.table(&vpc);
    let loose = pick(&bench.ok("CreateInternetGateway", &[]), "internetGatewayId");
    let route =
        |gateway: &'static str| [("RouteTableId", ""), ("DestinationCidrBlock", "0.0.0.0/0"), ("GatewayId", gateway)];
    let with = |gateway: &str, bench: &mut Bench, operation: &str| {
        let mut pairs = route("").to_vec();
        pairs[0].1 = table.as_str();
        let gateway = gateway.to_owned();
        let pairs: Vec<(&str, &str)> = pairs
            .into_iter()
            .map(|(name, value)| (name, if name == "GatewayId" { gateway.as_str() } else { value }))
            .collect();
        bench.call(operation, &pairs)
    };
    assert_eq!(
        with(&loose, &mut bench, "CreateRoute").unwrap_err().message,
        format!("route table {table} and network gateway {loose} belong to different networks")
    );
    assert_eq!(with("igw-nowhere", &mut bench, "CreateRoute").unwrap_err().code, "InvalidGatewayID.NotFound");
    let gateway = bench.attached_gateway(&vpc);
    assert_eq!(with(&gateway, &mut bench, "ReplaceRoute").unwrap_err().code, "InvalidParameterValue");
    // The same route once more is a success that changes nothing; another target for it is refused.
    for _ in 0..2 {
        with(&gateway, &mut bench, "CreateRoute").unwrap();
        let seen = bench.ok("DescribeRouteTables", &[("RouteTableId.1", &table)]);
        assert_eq!(all(&seen, "destinationCidrBlock").len(), 2, "{seen}");
    }
    let both =
        [("RouteTableId", table.as_str()), ("DestinationCidrBlock", "10.1.0.0/16"), ("GatewayId", gateway.as_str())];
    assert_eq!(bench.code("CreateRoute", &both), "RouteAlreadyExists");
    with(&gateway, &mut bench, "ReplaceRoute").unwrap();
    let filters = [
        ("Filter.1.Name", "route.gateway-id"),
        ("Filter.1.Value.1", gateway.as_str()),
        ("Filter.2.Name", "vpc-id"),
        ("Filter.2.Value.1", vpc.as_str()),
    ];
    let answer = bench.ok("DescribeRouteTables", &filters);
    assert_eq!(all(&answer, "destinationCidrBlock"), ["10.1.0.0/16", "0.0.0.0/0"]);
    assert_eq!(all(&answer, "state"), ["active", "active"]);
    assert_eq!(all(&answer, "origin"), ["CreateRouteTable", "CreateRoute"]);
    bench.ok("DetachInternetGateway", &[("InternetGatewayId", &gateway), ("VpcId", &vpc)]);
    assert_eq!(all(&bench.ok("DescribeRouteTables", &[("RouteTableId.1", &table)]), "state"), ["active", "blackhole"]);
    let gone = [("RouteTableId", table.as_str()), ("DestinationCidrBlock", "0.0.0.0/0")];
    bench.ok("DeleteRoute", &gone);
    assert_eq!(bench.code("DeleteRoute", &gone), "InvalidRoute.NotFound");
    assert_eq!(
        bench.code("DeleteRoute", &[("RouteTableId", &table), ("DestinationCidrBlock", "10.1.0.0/16")]),
        "InvalidParameterValue"
    );
    assert_eq!(
        bench.code(
            "CreateRoute",
            &[("RouteTableId", &table), ("DestinationCidrBlock", "1.0.0.0/8"), ("TransitGatewayId", "tgw-1")]
        ),
        "NotSimulated"
    );
}

#[test]
fn associations() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.1.0/24");
    let (one, two) = (bench.table(&vpc), bench.table(&vpc));
    let answer = bench.ok("AssociateRouteTable", &[("RouteTableId", &one), ("SubnetId", &subnet)]);
    assert_eq!(pick(&answer, "state"), "associating");
    let association = pick(&answer, "associationId");
    bench.wait(2);
    let again = bench.ok("AssociateRouteTable", &[("RouteTableId", &one), ("SubnetId", &subnet)]);
    assert_eq!((pick(&again, "associationId"), pick(&again, "state")), (association.clone(), "associated".into()));
    assert_eq!(
        bench.code("AssociateRouteTable", &[("RouteTableId", &two), ("SubnetId", &subnet)]),
        "Resource.AlreadyAssociated"
    );
    let error = bench.error("DeleteRouteTable", &[("RouteTableId", &one)]);
    assert_eq!(
        (error.code.as_str(), error.message),
        ("DependencyViolation", format!("The routeTable '{one}' has dependencies and cannot be deleted."))
    );
    let answer = bench.ok("ReplaceRouteTableAssociation", &[("AssociationId", &association), ("RouteTableId", &two)]);
    let new = pick(&answer, "newAssociationId");
    assert_ne!(new, association);
    bench.ok("DeleteRouteTable", &[("RouteTableId", &one)]);
    let found =
        bench.ok("DescribeRouteTables", &[("Filter.1.Name", "association.subnet-id"), ("Filter.1.Value.1", &subnet)]);
    assert_eq!(pick(&found, "routeTableId"), two);
    bench.ok("DisassociateRouteTable", &[("AssociationId", &new)]);
    assert_eq!(bench.code("DisassociateRouteTable", &[("AssociationId", &new)]), "InvalidAssociationID.NotFound");
    let main = bench.ok(
        "DescribeRouteTables",
        &[
            ("Filter.1.Name", "association.main"),
            ("Filter.1.Value.1", "true"),
            ("Filter.2.Name", "vpc-id"),
            ("Filter.2.Value.1", &vpc),
        ],
    );
    let (main_table, main_association) = (pick(&main, "routeTableId"), pick(&main, "routeTableAssociationId"));
    assert_eq!(bench.code("DeleteRouteTable", &[("RouteTableId", &main_table)]), "DependencyViolation");
    assert_eq!(bench.code("DisassociateRouteTable", &[("AssociationId", &main_association)]), "InvalidParameterValue");
}

#[test]
fn a_client_token_makes_a_repetition_harmless() {
    let mut bench = Bench::new();
    let (vpc, other) = (bench.vpc(), bench.vpc());
    let request = [("VpcId", vpc.as_str()), ("ClientToken", "t-1")];
    let first = pick(&bench.ok("CreateRouteTable", &request), "routeTableId");
    assert_eq!(pick(&bench.ok("CreateRouteTable", &request), "routeTableId"), first);
    assert_eq!(
        bench.code("CreateRouteTable", &[("VpcId", &other), ("ClientToken", "t-1")]),
        "IdempotentParameterMismatch"
    );
}

#[test]
fn pages_go_on_where_the_last_ended_whatever_happened_between() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let mut made: Vec<String> = (0..12).map(|n| bench.subnet(&vpc, &format!("10.1.{n}.0/24"))).collect();
    made.sort();
    let filter = [("Filter.1.Name", "vpc-id"), ("Filter.1.Value.1", vpc.as_str()), ("MaxResults", "5")];
    let first = bench.ok("DescribeSubnets", &filter);
    assert_eq!(all(&first, "subnetId"), made[..5]);
    bench.ok("DeleteSubnet", &[("SubnetId", &made[0])]);
    let token = pick(&first, "nextToken");
    let mut next = filter.to_vec();
    next.push(("NextToken", &token));
    let second = bench.ok("DescribeSubnets", &next);
    assert_eq!(all(&second, "subnetId"), made[5..10]);
    let token = pick(&second, "nextToken");
    let mut next = filter.to_vec();
    next.push(("NextToken", &token));
    let third = bench.ok("DescribeSubnets", &next);
    assert_eq!(all(&third, "subnetId"), made[10..]);
    assert!(!third.contains("nextToken"));
    assert_eq!(bench.code("DescribeSubnets", &[("MaxResults", "4")]), "InvalidParameterValue");
    assert_eq!(bench.code("DescribeSubnets", &[("NextToken", "zz")]), "InvalidNextToken");
    assert_eq!(
        bench.code("DescribeSubnets", &[("MaxResults", "5"), ("SubnetId.1", &made[1])]),
        "InvalidParameterCombination"
    );
}

#[test]
fn what_is_not_simulated_says_so() {
    let mut bench = Bench::new();
    let error = bench.error("CreateFleet", &[]);
    assert_eq!(error.code, "NotSimulated");
    assert!(error.message.contains("CreateFleet"));
    assert_eq!(
        bench.code("DescribeVpcs", &[("Filter.1.Name", "colour"), ("Filter.1.Value.1", "red")]),
        "InvalidParameterValue"
    );
}

#[test]
fn a_new_resource_can_be_unknown_for_a_while() {
    let mut bench = Bench::new();
    bench.world.set_options(crate::practice::world::Options { consistency_ms: 60_000, ..Default::default() });
    let ids: Vec<String> = (0..4).map(|_| bench.vpc()).collect();
    let hidden = ids.iter().filter(|id| bench.call("DescribeVpcs", &[("VpcId.1", id)]).is_err()).count();
    assert!(hidden > 0);
    bench.wait(60);
    assert_eq!(all(&bench.ok("DescribeVpcs", &[]), "vpcId").len(), 5);
}
