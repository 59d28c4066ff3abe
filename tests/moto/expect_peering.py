"""Fails unless sections 3.4 and 3.5 stand as far as nobody has to subscribe: the VPN's group, Tokyo, and the peering in both regions."""

import sys

import boto3

SEOUL = boto3.client("ec2", region_name="ap-northeast-2")
TOKYO = boto3.client("ec2", region_name="ap-northeast-1")
NAME = "my-peer-tokyo-to-seoul"
SUBNETS = {
    "my-tokyo-subnet-public1-ap-northeast-1a": ("192.168.10.0/28", "a", "my-tokyo-rtb-public"),
    "my-tokyo-subnet-public2-ap-northeast-1c": ("192.168.10.16/28", "c", "my-tokyo-rtb-public"),
    "my-tokyo-subnet-private1-ap-northeast-1a": ("192.168.10.128/28", "a", "my-tokyo-rtb-private1-ap-northeast-1a"),
    "my-tokyo-subnet-private2-ap-northeast-1c": ("192.168.10.144/28", "c", "my-tokyo-rtb-private2-ap-northeast-1c"),
}


def same(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: found {found!r}, wanted {wanted!r}")


def name(thing):
    return next((tag["Value"] for tag in thing.get("Tags", []) if tag["Key"] == "Name"), None)


def one(what, things, wanted):
    found = [thing for thing in things if name(thing) == wanted]
    same(f"number of {what} {wanted}", len(found), 1)
    return found[0]


def routes(ec2, table):
    (table,) = ec2.describe_route_tables(Filters=[{"Name": "tag:Name", "Values": [table]}])["RouteTables"]
    return table, {route["DestinationCidrBlock"]: route for route in table["Routes"]}


vpc = one("VPC", TOKYO.describe_vpcs()["Vpcs"], "my-tokyo-vpc")
same("range in Tokyo", vpc["CidrBlock"], "192.168.10.0/24")
seoul = one("VPC", SEOUL.describe_vpcs()["Vpcs"], "my-vpc")

subnets = TOKYO.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
same("subnets in Tokyo", sorted(map(name, subnets)), sorted(SUBNETS))
for called, (cidr, letter, table) in SUBNETS.items():
    subnet = one("subnet", subnets, called)
    same(called, (subnet["CidrBlock"], subnet["AvailabilityZone"]), (cidr, f"ap-northeast-1{letter}"))
    found, _ = routes(TOKYO, table)
    if subnet["SubnetId"] not in [association.get("SubnetId") for association in found["Associations"]]:
        sys.exit(f"{called} does not follow {table}")

seen = [region.describe_vpc_peering_connections()["VpcPeeringConnections"] for region in (SEOUL, TOKYO)]
peerings = [one("peering", [live for live in all_ if live["Status"]["Code"] != "deleted"], NAME) for all_ in seen]
same("the connection", peerings[0]["VpcPeeringConnectionId"], peerings[1]["VpcPeeringConnectionId"])
for peering in peerings:
    same("status", peering["Status"]["Code"], "active")
    same("requester", peering["RequesterVpcInfo"]["VpcId"], vpc["VpcId"])
    same("accepter", peering["AccepterVpcInfo"]["VpcId"], seoul["VpcId"])

for ec2, table, block in [
    (SEOUL, "my-private-route", "192.168.10.0/24"),
    (TOKYO, "my-tokyo-rtb-private1-ap-northeast-1a", "10.1.0.0/16"),
]:
    _, ways = routes(ec2, table)
    same(f"{table} {block}", ways[block].get("VpcPeeringConnectionId"), peerings[0]["VpcPeeringConnectionId"])

groups = TOKYO.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["my-tokyo-private-sg"]}])
(rule,) = groups["SecurityGroups"][0]["IpPermissions"]
same("ping", (rule["IpProtocol"], rule["IpRanges"][0]["CidrIp"]), ("icmp", "10.1.0.0/16"))
reservations = TOKYO.describe_instances()["Reservations"]
host = one("instance", [one_ for held in reservations for one_ in held["Instances"]], "my-tokyo-private-ec2")
same("key of the host", host.get("KeyName"), None)
same("public address of the host", host.get("PublicIpAddress"), None)
same("subnet of the host", host["SubnetId"], one("subnet", subnets, "my-tokyo-subnet-private1-ap-northeast-1a")["SubnetId"])

groups = SEOUL.describe_security_groups(Filters=[{"Name": "group-name", "Values": ["my-openvpn-sg"]}])
rules = groups["SecurityGroups"][0]["IpPermissions"]
found = sorted((rule["IpProtocol"], rule["FromPort"], rule["IpRanges"][0]["CidrIp"]) for rule in rules)
me = "203.0.113.7/32"
same("the VPN's rules", found, [("tcp", 22, me), ("tcp", 443, me), ("tcp", 943, me), ("udp", 1194, me)])
standing = [one_ for held in SEOUL.describe_instances()["Reservations"] for one_ in held["Instances"]]
same("nobody has subscribed", [one_ for one_ in standing if name(one_) == "my-openvpn-ec2"], [])
