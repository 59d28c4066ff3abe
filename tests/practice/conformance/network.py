"""Section 3.2 with boto3: the network, its states, its waiters, filters and pages, and taking it down in order."""

from practice import HOME, advance, client, error, filters, name_of, running, same, tags, waited

ec2, sts = client("ec2"), client("sts")

same(sts.get_caller_identity()["Account"], "100000000001", "account")
zones = [zone["ZoneName"] for zone in ec2.describe_availability_zones()["AvailabilityZones"]]
assert HOME + "a" in zones and HOME + "c" in zones, zones

# The VPC passes through pending.
vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=tags("vpc", "my-vpc"))["Vpc"]
same(vpc["State"], "pending", "a new VPC")
vpc = vpc["VpcId"]
with running(60):
    waited(ec2, "vpc_exists", VpcIds=[vpc])
    waited(ec2, "vpc_available", VpcIds=[vpc])
seen = ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]
same((seen["State"], seen["CidrBlock"], seen["IsDefault"], name_of(seen)), ("available", "10.1.0.0/16", False, "my-vpc"))
same(seen["OwnerId"], "100000000001", "owner")

for attribute, before in [("EnableDnsSupport", True), ("EnableDnsHostnames", False)]:
    name = attribute[0].lower() + attribute[1:]
    same(ec2.describe_vpc_attribute(VpcId=vpc, Attribute=name)[attribute]["Value"], before, name)
ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
same(ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")["EnableDnsHostnames"]["Value"], True)

# What comes with a VPC.
main = ec2.describe_route_tables(Filters=filters(vpc_id=vpc, association_main="true"))["RouteTables"]
same([len(main), main[0]["Routes"][0]["GatewayId"], main[0]["Routes"][0]["DestinationCidrBlock"]], [1, "local", "10.1.0.0/16"])
groups = ec2.describe_security_groups(Filters=filters(vpc_id=vpc))["SecurityGroups"]
same([group["GroupName"] for group in groups], ["default"], "groups of a new VPC")
acls = ec2.describe_network_acls(Filters=filters(vpc_id=vpc))["NetworkAcls"]
same([len(acls), acls[0]["IsDefault"], len(acls[0]["Entries"])], [1, True, 4], "network ACL")

# Six subnets.
plan = {
    "my-public-subnet-a": ("10.1.1.0/26", "a"),
    "my-public-subnet-c": ("10.1.1.64/26", "c"),
    "my-app-subnet-a": ("10.1.11.0/26", "a"),
    "my-app-subnet-c": ("10.1.11.64/26", "c"),
    "my-db-subnet-a": ("10.1.21.0/26", "a"),
    "my-db-subnet-c": ("10.1.21.64/26", "c"),
}
subnets = {}
for name, (cidr, zone) in plan.items():
    made = ec2.create_subnet(
        VpcId=vpc, CidrBlock=cidr, AvailabilityZone=HOME + zone, TagSpecifications=tags("subnet", name)
    )["Subnet"]
    subnets[name] = made["SubnetId"]
    same(made["AvailableIpAddressCount"], 59, "five of 64 addresses are AWS's")
with running(60):
    waited(ec2, "subnet_available", SubnetIds=list(subnets.values()))
ec2.modify_subnet_attribute(SubnetId=subnets["my-public-subnet-a"], MapPublicIpOnLaunch={"Value": True})
same(
    [subnet["SubnetId"] for subnet in ec2.describe_subnets(Filters=filters(vpc_id=vpc, map_public_ip_on_launch="true"))["Subnets"]],
    [subnets["my-public-subnet-a"]],
)

# Pages and filters.
pages = list(ec2.get_paginator("describe_subnets").paginate(Filters=filters(vpc_id=vpc), PaginationConfig={"PageSize": 5}))
same([len(page["Subnets"]) for page in pages], [5, 1], "pages of five")
same({subnet["SubnetId"] for page in pages for subnet in page["Subnets"]}, set(subnets.values()), "nothing twice")
found = ec2.describe_subnets(Filters=filters(tag__Name="my-app-*", availability_zone=HOME + "a"))["Subnets"]
same([name_of(subnet) for subnet in found], ["my-app-subnet-a"], "filters are all needed")
found = ec2.describe_subnets(Filters=filters(tag__Name=["my-app-subnet-a", "my-db-subnet-a"]))["Subnets"]
same(len(found), 2, "one of the values is enough")

# Internet gateway, tables, routes, associations.
igw = ec2.create_internet_gateway(TagSpecifications=tags("internet-gateway", "my-igw"))["InternetGateway"]
same(igw["Attachments"], [], "a new gateway")
igw = igw["InternetGatewayId"]
waited(ec2, "internet_gateway_exists", InternetGatewayIds=[igw])
ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
same(ec2.describe_internet_gateways(Filters=filters(attachment_vpc_id=vpc))["InternetGateways"][0]["Attachments"][0]["State"], "available")
with error("Resource.AlreadyAssociated"):
    ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)


def table(name, token):
    made = ec2.create_route_table(VpcId=vpc, ClientToken=token, TagSpecifications=tags("route-table", name))["RouteTable"]
    return made["RouteTableId"]


public, private = table("my-public-route", "t1"), table("my-private-route", "t2")
same(table("my-public-route", "t1"), public, "the same token gives the same table")
ec2.create_route(RouteTableId=public, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
associations = [
    ec2.associate_route_table(RouteTableId=public if "public" in name else private, SubnetId=subnet)["AssociationId"]
    for name, subnet in subnets.items()
]
moved = ec2.replace_route_table_association(AssociationId=associations[0], RouteTableId=private)["NewAssociationId"]
associations[0] = ec2.replace_route_table_association(AssociationId=moved, RouteTableId=public)["NewAssociationId"]

# The NAT gateway passes through pending; its address is in use.
address = ec2.allocate_address(Domain="vpc", TagSpecifications=tags("elastic-ip", "my-nat-eip"))
allocation = address["AllocationId"]


def make_nat():
    return ec2.create_nat_gateway(
        SubnetId=subnets["my-public-subnet-a"],
        AllocationId=allocation,
        ClientToken="nat-1",
        TagSpecifications=tags("natgateway", "my-natgateway"),
    )["NatGateway"]


nat = make_nat()
same(nat["State"], "pending", "a new NAT gateway")
nat = nat["NatGatewayId"]
same(make_nat()["NatGatewayId"], nat, "the same token gives the same NAT gateway")
advance(10)
same(ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"], "pending", "after ten seconds")
ec2.create_route(RouteTableId=private, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
with error("RouteAlreadyExists"):
    ec2.create_route(RouteTableId=private, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
with running(600):
    waited(ec2, "nat_gateway_available", NatGatewayIds=[nat])
seen = ec2.describe_nat_gateways(Filter=filters(vpc_id=vpc, state="available"))["NatGateways"][0]
same(seen["NatGatewayAddresses"][0]["PublicIp"], address["PublicIp"], "its public address")
assert seen["NatGatewayAddresses"][0]["PrivateIp"].startswith("10.1.1."), seen
routes = ec2.describe_route_tables(RouteTableIds=[private])["RouteTables"][0]["Routes"]
same([(r["DestinationCidrBlock"], r["State"]) for r in routes], [("10.1.0.0/16", "active"), ("0.0.0.0/0", "active")])

# Dry runs change nothing.
with error("DryRunOperation", 412):
    ec2.create_vpc(CidrBlock="10.9.0.0/16", DryRun=True)
with error("DryRunOperation", 412):
    ec2.delete_nat_gateway(NatGatewayId=nat, DryRun=True)
same(ec2.describe_vpcs(Filters=filters(cidr="10.9.0.0/16"))["Vpcs"], [], "after a dry run")
same(ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"], "available", "after a dry run")

# Down again: in the wrong order it is refused, with AWS's own words.
with error("DependencyViolation", says=f"The vpc '{vpc}' has dependencies and cannot be deleted."):
    ec2.delete_vpc(VpcId=vpc)
with error("DependencyViolation"):
    ec2.detach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
with error("DependencyViolation"):
    ec2.delete_subnet(SubnetId=subnets["my-public-subnet-a"])
with error("DependencyViolation"):
    ec2.delete_route_table(RouteTableId=public)
ec2.delete_nat_gateway(NatGatewayId=nat)
same(ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"], "deleting", "right after the deletion")
with running(600):
    waited(ec2, "nat_gateway_deleted", NatGatewayIds=[nat])
routes = ec2.describe_route_tables(RouteTableIds=[private])["RouteTables"][0]["Routes"]
same([r["State"] for r in routes if r.get("NatGatewayId")], ["blackhole"], "the route to a deleted NAT gateway")
ec2.release_address(AllocationId=allocation)
with error("InvalidAllocationID.NotFound"):
    ec2.release_address(AllocationId=allocation)
for association in associations:
    ec2.disassociate_route_table(AssociationId=association)
ec2.delete_route(RouteTableId=public, DestinationCidrBlock="0.0.0.0/0")
for one in (public, private):
    ec2.delete_route_table(RouteTableId=one)
for subnet in subnets.values():
    ec2.delete_subnet(SubnetId=subnet)
ec2.detach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
ec2.delete_internet_gateway(InternetGatewayId=igw)
ec2.delete_vpc(VpcId=vpc)
with error("InvalidVpcID.NotFound"):
    ec2.describe_vpcs(VpcIds=[vpc])
same(ec2.describe_tags(Filters=filters(key="Project", resource_type="vpc"))["Tags"], [], "tags of deleted resources")
