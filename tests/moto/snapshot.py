"""Prints everything of the lab's kinds that stands in both regions, as sorted JSON, without what every account has."""

import json
import sys

import boto3


def listed(region):
    ec2 = boto3.client("ec2", region_name=region)
    live = {"Name": "instance-state-name", "Values": ["pending", "running", "stopping", "stopped", "shutting-down"]}
    reservations = ec2.describe_instances(Filters=[live])["Reservations"]
    nats = ec2.describe_nat_gateways()["NatGateways"]
    vpcs = ec2.describe_vpcs()["Vpcs"]
    standing = {vpc["VpcId"] for vpc in vpcs}

    def in_vpcs(things):
        # moto forgets to remove a deleted VPC's network ACL and the interfaces of terminated instances; nobody can.
        return [thing for thing in things if thing["VpcId"] in standing]

    elb = boto3.client("elbv2", region_name=region)
    scaling = boto3.client("autoscaling", region_name=region)
    iam = boto3.client("iam", region_name=region)
    rds = boto3.client("rds", region_name=region)
    route53 = boto3.client("route53", region_name=region)
    zones = [zone["Id"] for zone in route53.list_hosted_zones()["HostedZones"]]
    return {
        "balancers": elb.describe_load_balancers()["LoadBalancers"],
        "target groups": elb.describe_target_groups()["TargetGroups"],
        "scaling groups": scaling.describe_auto_scaling_groups()["AutoScalingGroups"],
        "templates": ec2.describe_launch_templates()["LaunchTemplates"],
        "own images": ec2.describe_images(Owners=["self"])["Images"],
        "roles": iam.list_roles()["Roles"],
        "profiles": iam.list_instance_profiles()["InstanceProfiles"],
        "databases": rds.describe_db_instances()["DBInstances"],
        "database subnets": rds.describe_db_subnet_groups()["DBSubnetGroups"],
        "certificates": boto3.client("acm", region_name=region).list_certificates()["CertificateSummaryList"],
        "records": {zone: route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"] for zone in zones},
        "vpcs": vpcs,
        "subnets": ec2.describe_subnets()["Subnets"],
        "gateways": ec2.describe_internet_gateways()["InternetGateways"],
        "tables": ec2.describe_route_tables()["RouteTables"],
        "addresses": ec2.describe_addresses()["Addresses"],
        "peerings": [
            peering
            for peering in ec2.describe_vpc_peering_connections()["VpcPeeringConnections"]
            if peering["Status"]["Code"] != "deleted"
        ],
        "nats": [nat for nat in nats if nat["State"] != "deleted"],
        "groups": ec2.describe_security_groups()["SecurityGroups"],
        "rules": ec2.describe_security_group_rules()["SecurityGroupRules"],
        "acls": in_vpcs(ec2.describe_network_acls()["NetworkAcls"]),
        "keys": ec2.describe_key_pairs()["KeyPairs"],
        "instances": [instance for one in reservations for instance in one["Instances"]],
        "volumes": ec2.describe_volumes()["Volumes"],
        "interfaces": in_vpcs(ec2.describe_network_interfaces()["NetworkInterfaces"]),
    }


def main():
    everything = {region: listed(region) for region in ("ap-northeast-2", "ap-northeast-1")}
    json.dump(everything, sys.stdout, sort_keys=True, default=str, indent=1)


main()
