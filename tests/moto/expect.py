"""Fails unless exactly the course's sections 3.2 (and 3.3 with the argument `bastion`) stand: names, fields, links, rules."""

import sys

import boto3

REGION = "ap-northeast-2"
MY_IP = "203.0.113.7/32"
SUBNETS = {
    "my-public-subnet-a": ("10.1.1.0/24", "a", "my-public-route"),
    "my-public-subnet-c": ("10.1.2.0/24", "c", "my-public-route"),
    "my-private-subnet-app-a": ("10.1.11.0/24", "a", "my-private-route"),
    "my-private-subnet-app-c": ("10.1.12.0/24", "c", "my-private-route"),
    "my-private-subnet-db-a": ("10.1.21.0/24", "a", "my-private-route"),
    "my-private-subnet-db-c": ("10.1.22.0/24", "c", "my-private-route"),
}

ec2 = boto3.client("ec2", region_name=REGION)


def same(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: found {found!r}, wanted {wanted!r}")


def tags(thing):
    return {tag["Key"]: tag["Value"] for tag in thing.get("Tags", [])}


def named(what, things, names):
    """The things by Name; each carries the four tags, and there are no others."""
    by_name = {}
    for thing in things:
        found = tags(thing)
        same(f"{what} {found.get('Name')}: tag Project", found.get("Project"), "aws-lab")
        same(f"{what} {found['Name']}: tag lab:chapter", found.get("lab:chapter"), "3")
        if not found.get("lab:run"):
            sys.exit(f"{what} {found['Name']}: no tag lab:run")
        if found["Name"] in by_name:
            sys.exit(f"two {what} named {found['Name']}")
        by_name[found["Name"]] = thing
    same(f"names of {what}", sorted(by_name), sorted(names))
    return by_name


def network():
    vpcs = [vpc for vpc in ec2.describe_vpcs()["Vpcs"] if not vpc["IsDefault"]]
    vpc = named("VPCs", vpcs, ["my-vpc"])["my-vpc"]
    same("CIDR of my-vpc", vpc["CidrBlock"], "10.1.0.0/16")
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        answer = ec2.describe_vpc_attribute(VpcId=vpc["VpcId"], Attribute=attribute)
        same(attribute, answer[attribute[0].upper() + attribute[1:]]["Value"], True)
    within = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]

    subnets = named("subnets", ec2.describe_subnets(Filters=within)["Subnets"], SUBNETS)
    for name, (cidr, letter, _) in SUBNETS.items():
        same(f"CIDR of {name}", subnets[name]["CidrBlock"], cidr)
        same(f"zone of {name}", subnets[name]["AvailabilityZone"], REGION + letter)

    attached = [{"Name": "attachment.vpc-id", "Values": [vpc["VpcId"]]}]
    gateways = ec2.describe_internet_gateways(Filters=attached)["InternetGateways"]
    gateway = named("internet gateways", gateways, ["my-igw"])["my-igw"]

    nats = [nat for nat in ec2.describe_nat_gateways(Filters=within)["NatGateways"] if nat["State"] != "deleted"]
    nat = named("NAT gateways", nats, ["my-natgateway"])["my-natgateway"]
    same("state of my-natgateway", nat["State"], "available")
    same("subnet of my-natgateway", nat["SubnetId"], subnets["my-public-subnet-a"]["SubnetId"])
    allocation = nat["NatGatewayAddresses"][0]["AllocationId"]
    address = ec2.describe_addresses(AllocationIds=[allocation])["Addresses"][0]
    same("Elastic IP of my-natgateway", tags(address).get("Name"), "my-natgateway-eip")

    tables = ec2.describe_route_tables(Filters=within)["RouteTables"]
    tables = [table for table in tables if not any(a.get("Main") for a in table["Associations"])]
    tables = named("route tables", tables, ["my-public-route", "my-private-route"])
    targets = {"my-public-route": gateway["InternetGatewayId"], "my-private-route": nat["NatGatewayId"]}
    for name, table in tables.items():
        routes = {
            route["DestinationCidrBlock"]: route.get("GatewayId") or route.get("NatGatewayId")
            for route in table["Routes"]
        }
        same(f"routes of {name}", routes, {"10.1.0.0/16": "local", "0.0.0.0/0": targets[name]})
        wanted = sorted(subnets[subnet]["SubnetId"] for subnet, of in SUBNETS.items() if of[2] == name)
        same(f"associations of {name}", sorted(a["SubnetId"] for a in table["Associations"]), wanted)
    return vpc, subnets


def bastion(vpc, subnets):
    within = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
    names = ["my-bastion-host-sg", "my-private-ec2-sg"]
    groups = ec2.describe_security_groups(Filters=within)["SecurityGroups"]
    groups = named("security groups", [group for group in groups if group["GroupName"] != "default"], names)
    ids = {name: group["GroupId"] for name, group in groups.items()}
    same("group names", sorted(group["GroupName"] for group in groups.values()), sorted(names))
    of_groups = [{"Name": "group-id", "Values": list(ids.values())}]
    rules = ec2.describe_security_group_rules(Filters=of_groups)["SecurityGroupRules"]
    inbound = [rule for rule in rules if not rule["IsEgress"]]
    named("inbound rules", inbound, ["my-bastion-host-sg tcp 22 my-ip", "my-private-ec2-sg tcp 22 my-bastion-host-sg"])
    found = sorted(
        (rule["GroupId"], rule["IpProtocol"], rule["FromPort"], rule["ToPort"],
         rule.get("CidrIpv4") or rule["ReferencedGroupInfo"]["GroupId"])
        for rule in inbound
    )
    wanted = sorted([
        (ids["my-bastion-host-sg"], "tcp", 22, 22, MY_IP),
        (ids["my-private-ec2-sg"], "tcp", 22, 22, ids["my-bastion-host-sg"]),
    ])
    same("inbound rules", found, wanted)

    named("key pairs", ec2.describe_key_pairs()["KeyPairs"], ["my-ec2-keypair"])

    live = [{"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped"]}]
    reservations = ec2.describe_instances(Filters=live)["Reservations"]
    instances = [instance for one in reservations for instance in one["Instances"]]
    instances = named("instances", instances, ["my-bastion-host", "my-private-ec2"])
    places = {
        "my-bastion-host": ("my-public-subnet-a", "my-bastion-host-sg"),
        "my-private-ec2": ("my-private-subnet-app-a", "my-private-ec2-sg"),
    }
    for name, (subnet, group) in places.items():
        instance = instances[name]
        same(f"state of {name}", instance["State"]["Name"], "running")
        same(f"type of {name}", instance["InstanceType"], "t3.micro")
        same(f"subnet of {name}", instance["SubnetId"], subnets[subnet]["SubnetId"])
        same(f"groups of {name}", [one["GroupId"] for one in instance["SecurityGroups"]], [ids[group]])
        same(f"key of {name}", instance["KeyName"], "my-ec2-keypair")
        same(f"IMDS of {name}", instance["MetadataOptions"]["HttpTokens"], "required")
        same(f"hop limit of {name}", instance["MetadataOptions"]["HttpPutResponseHopLimit"], 2)
        volumes = [mapping["Ebs"]["VolumeId"] for mapping in instance["BlockDeviceMappings"]]
        for volume in ec2.describe_volumes(VolumeIds=volumes)["Volumes"]:
            same(f"disk of {name}", (volume["VolumeType"], volume["Encrypted"], volume["Size"]), ("gp3", True, 8))

    addresses = named("Elastic IPs", ec2.describe_addresses()["Addresses"], ["my-natgateway-eip", "my-bastion-host-eip"])
    address = addresses["my-bastion-host-eip"]
    same("instance of my-bastion-host-eip", address.get("InstanceId"), instances["my-bastion-host"]["InstanceId"])


vpc, subnets = network()
if "bastion" in sys.argv:
    bastion(vpc, subnets)
print("as the course says")
