//! Network ACLs, and network interfaces of one's own.

use super::*;

#[test]
fn every_subnet_has_the_default_acl_until_it_is_replaced() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.1.0/24");
    let of_subnet = [("Filter.1.Name", "association.subnet-id"), ("Filter.1.Value.1", subnet.as_str())];
    let shown = bench.ok("DescribeNetworkAcls", &of_subnet);
    assert_eq!(pick(&shown, "default"), "true");
    assert_eq!(all(&shown, "ruleNumber"), ["100", "32767", "100", "32767"]);
    assert_eq!(all(&shown, "egress"), ["true", "true", "false", "false"]);
    assert_eq!(all(&shown, "ruleAction"), ["allow", "deny", "allow", "deny"]);
    let (default, association) = (pick(&shown, "networkAclId"), pick(&shown, "networkAclAssociationId"));

    let own = pick(&bench.ok("CreateNetworkAcl", &[("VpcId", &vpc)]), "networkAclId");
    assert_eq!(bench.code("DeleteVpc", &[("VpcId", &vpc)]), "DependencyViolation");
    let entry = [
        ("NetworkAclId", own.as_str()),
        ("RuleNumber", "90"),
        ("Protocol", "6"),
        ("RuleAction", "allow"),
        ("Egress", "false"),
        ("CidrBlock", "0.0.0.0/0"),
        ("PortRange.From", "22"),
        ("PortRange.To", "22"),
    ];
    assert_eq!(bench.code("ReplaceNetworkAclEntry", &entry), "InvalidNetworkAclEntry.NotFound");
    bench.ok("CreateNetworkAclEntry", &entry);
    assert_eq!(bench.code("CreateNetworkAclEntry", &entry), "NetworkAclEntryAlreadyExists");
    bench.ok("ReplaceNetworkAclEntry", &entry);
    let new = bench.ok("ReplaceNetworkAclAssociation", &[("AssociationId", &association), ("NetworkAclId", &own)]);
    assert_eq!(pick(&bench.ok("DescribeNetworkAcls", &of_subnet), "networkAclId"), own);
    let error = bench.error("DeleteNetworkAcl", &[("NetworkAclId", &own)]);
    assert_eq!(error.message, format!("The networkAcl '{own}' has dependencies and cannot be deleted."));
    assert_eq!(bench.code("DeleteNetworkAcl", &[("NetworkAclId", &default)]), "InvalidParameterValue");
    let back = pick(&new, "newAssociationId");
    bench.ok("ReplaceNetworkAclAssociation", &[("AssociationId", &back), ("NetworkAclId", &default)]);
    let place = [("NetworkAclId", own.as_str()), ("RuleNumber", "90"), ("Egress", "false")];
    bench.ok("DeleteNetworkAclEntry", &place);
    assert_eq!(bench.code("DeleteNetworkAclEntry", &place), "InvalidNetworkAclEntry.NotFound");
    bench.ok("DeleteNetworkAcl", &[("NetworkAclId", &own)]);
    bench.ok("DeleteSubnet", &[("SubnetId", &subnet)]);
    bench.ok("DeleteVpc", &[("VpcId", &vpc)]);
}

#[test]
fn an_interface_of_ones_own_blocks_what_it_uses() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.1.0/24");
    let group = [("GroupName", "g"), ("GroupDescription", "x"), ("VpcId", vpc.as_str())];
    let group = pick(&bench.ok("CreateSecurityGroup", &group), "groupId");
    let pairs =
        [("SubnetId", subnet.as_str()), ("SecurityGroupId.1", group.as_str()), ("PrivateIpAddress", "10.1.1.9")];
    let id = pick(&bench.ok("CreateNetworkInterface", &pairs), "networkInterfaceId");
    assert_eq!(pick(&bench.ok("DescribeNetworkInterfaces", &[("NetworkInterfaceId.1", &id)]), "status"), "available");
    assert_eq!(bench.code("DeleteSubnet", &[("SubnetId", &subnet)]), "DependencyViolation");
    assert_eq!(bench.code("DeleteSecurityGroup", &[("GroupId", &group)]), "DependencyViolation");
    bench.ok("DeleteNetworkInterface", &[("NetworkInterfaceId", &id)]);
    bench.ok("DeleteSecurityGroup", &[("GroupId", &group)]);
    let instance = bench.instance(&subnet, &[]);
    let shown = bench.ok(
        "DescribeNetworkInterfaces",
        &[("Filter.1.Name", "attachment.instance-id"), ("Filter.1.Value.1", &instance)],
    );
    let id = pick(&shown, "networkInterfaceId");
    assert_eq!(bench.code("DeleteNetworkInterface", &[("NetworkInterfaceId", &id)]), "InvalidParameterValue");
}
