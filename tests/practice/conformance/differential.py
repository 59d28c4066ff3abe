"""The same requests to moto and to the practice cloud: what both claim must be the same, but where moto is known to be another than AWS.

Answers are compared field by field, ids by their order of appearance. `MOTO` lists the fields in which the two differ, and why; each of them must
really differ. At the end stand the cases of which it is known that moto does not do what AWS does: each must come out so on both.
"""

import contextlib
import itertools
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import uuid

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from practice import HOME, advance, same

# An OpenSSH public key that nobody has the private half of.
KEY = b"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJrL1lhsW0C2bqkHh1Wc6v3pX4jYb1n3mYc9dQ0hR5xX lab"


class Cloud:
    """One of the two, and its clock."""

    def __init__(self, name, endpoint=None):
        self.name, self.endpoint = name, endpoint

    def client(self, service, region=HOME):
        options = Config(region_name=region, retries={"total_max_attempts": 1})
        return boto3.client(service, region_name=region, endpoint_url=self.endpoint, config=options)

    def advance(self, seconds):
        if self.name == "practice":
            advance(seconds)


@contextlib.contextmanager
def moto():
    with socket.socket() as free, tempfile.TemporaryDirectory() as folder:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
        # Amazon's own policies are there only if it is told so.
        environment = os.environ | {"MOTO_IAM_LOAD_MANAGED_POLICIES": "true"}
        server = subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            for _ in range(600):
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port)):
                    break
                assert server.poll() is None, "moto server has ended"
                time.sleep(0.1)
            yield Cloud("moto", f"http://127.0.0.1:{port}")
        finally:
            server.terminate()
            server.wait()


def code(call, **arguments):
    """The error code of a call, or `ok`."""
    try:
        call(**arguments)
        return "ok"
    except ClientError as error:
        return error.response["Error"]["Code"]


IDS = re.compile(r"\b((?:vpc-cidr-assoc|eni-attach|vpc|subnet|igw|rtb|rtbassoc|eipalloc|eipassoc|nat|sg|sgr|key|i|vol|eni|ami|snap|lt|acl|dopt|r)-[0-9a-f]{8,17})\b")
ACCOUNTS = re.compile(r"\b\d{12}\b")
TAILS = re.compile(r"/[0-9a-f]{16}\b")
UUIDS = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")


class Names:
    """Ids by their kind and the order in which they appear."""

    def __init__(self):
        self.known, self.count = {}, {}

    def of(self, found):
        text = found[0]
        if text not in self.known:
            kind = text.rpartition("-")[0]
            self.count[kind] = self.count.get(kind, 0) + 1
            self.known[text] = f"<{kind} {self.count[kind]}>"
        return self.known[text]

    def normal(self, value):
        if isinstance(value, dict):
            return {name: self.normal(one) for name, one in value.items()}
        if isinstance(value, list):
            return [self.normal(one) for one in value]
        if isinstance(value, str):
            value = TAILS.sub("/<tail>", value)
            return UUIDS.sub("<uuid>", ACCOUNTS.sub("<account>", IDS.sub(self.of, value)))
        return value


# What depends on the moment, on chance or on the account, and is nobody's claim.
NOBODYS = {
    "ResponseMetadata", "AllocationTime", "AttachTime", "CallerReference", "CreateTime", "CreatedAt", "CreatedBy", "DbiResourceId", "InstanceCreateTime", "LaunchTime", "MacAddress", "PreferredBackupWindow",
    "PreferredMaintenanceWindow", "PrivateDnsName", "PrivateIp", "PrivateIpAddress", "PublicDnsName", "PublicIp", "RequestId", "ReservationId", "SubmittedAt", "UsageOperationUpdateTime",
}


def differences(one, other, path=""):
    """The paths at which two claims differ. What only one of them says is no difference; an empty list says as little as none."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in sorted((one.keys() & other.keys()) - NOBODYS):
            yield from differences(one[name], other[name], f"{path}.{name}")
    elif isinstance(one, list) and isinstance(other, list):
        if len(one) != len(other):
            yield f"{path}.length", len(one), len(other)
        else:
            # Texts and the subnets of a group come in no order.
            if all(isinstance(item, str) or isinstance(item, dict) and "SubnetIdentifier" in item for item in one + other):
                one, other = (sorted(items, key=lambda item: item if isinstance(item, str) else item["SubnetIdentifier"]) for items in (one, other))
            for index, (a, b) in enumerate(zip(one, other)):
                yield from differences(a, b, f"{path}[{index}]")
    elif one != other and not (one in ([], "", None) and other in ([], "", None)):
        yield path, one, other


def script(cloud):
    """The requests. Each is yielded with its name and its answer; a refusal is its code."""
    ec2, r53, rds, elb, iam = (cloud.client(name) for name in ("ec2", "route53", "rds", "elbv2", "iam"))

    def by_cidr(subnets):
        return sorted(subnets, key=lambda one: one["CidrBlock"])

    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "my-vpc"}]}])
    yield "CreateVpc", vpc
    vpc = vpc["Vpc"]["VpcId"]
    cloud.advance(10)
    yield "DescribeVpcs", ec2.describe_vpcs(VpcIds=[vpc])
    yield "ModifyVpcAttribute", ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    yield "DescribeVpcAttribute", ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
    made = {}
    for name, cidr, zone in [("public", "10.1.1.0/26", "a"), ("private", "10.1.11.0/24", "a"), ("db-a", "10.1.21.0/24", "a"), ("db-c", "10.1.22.0/24", "c")]:
        answer = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=HOME + zone)
        yield f"CreateSubnet {name}", answer
        made[name] = answer["Subnet"]["SubnetId"]
        cloud.advance(10)
    yield "CreateSubnet twice", code(ec2.create_subnet, VpcId=vpc, CidrBlock="10.1.1.0/26")
    yield "CreateSubnet outside", code(ec2.create_subnet, VpcId=vpc, CidrBlock="10.2.1.0/24")
    mine = [{"Name": "vpc-id", "Values": [vpc]}]
    yield "DescribeSubnets", by_cidr(ec2.describe_subnets(Filters=mine)["Subnets"])
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    cloud.advance(10)
    yield "AttachInternetGateway", ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    yield "DescribeInternetGateways", ec2.describe_internet_gateways(InternetGatewayIds=[gateway])
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    cloud.advance(10)
    yield "CreateRoute", ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    yield "CreateRoute twice", code(ec2.create_route, RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    associated = ec2.associate_route_table(RouteTableId=table, SubnetId=made["public"])["AssociationId"]
    cloud.advance(10)
    yield "DescribeRouteTables", ec2.describe_route_tables(RouteTableIds=[table])
    yield "DeleteRouteTable in use", code(ec2.delete_route_table, RouteTableId=table)
    yield "DescribeNetworkAcls", [acl["IsDefault"] for acl in ec2.describe_network_acls(Filters=mine)["NetworkAcls"]]

    group = ec2.create_security_group(GroupName="my-bastion-host-sg", Description="bastion", VpcId=vpc)["GroupId"]
    other = ec2.create_security_group(GroupName="my-private-ec2-sg", Description="private", VpcId=vpc)["GroupId"]
    cloud.advance(10)
    ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
    rule = ssh | {"IpRanges": [{"CidrIp": "203.0.113.7/32", "Description": "lab:my-ip"}]}
    yield "AuthorizeSecurityGroupIngress", ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])
    yield "AuthorizeSecurityGroupIngress twice", code(ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=[rule])
    pair = ssh | {"UserIdGroupPairs": [{"GroupId": group}]}
    yield "AuthorizeSecurityGroupIngress from a group", ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[pair])
    yield "DescribeSecurityGroups", ec2.describe_security_groups(GroupIds=[group])
    yield "CreateSecurityGroup twice", code(ec2.create_security_group, GroupName="my-bastion-host-sg", Description="x", VpcId=vpc)
    yield "RevokeSecurityGroupIngress", code(ec2.revoke_security_group_ingress, GroupId=other, IpPermissions=[pair])
    yield "DeleteSecurityGroup", code(ec2.delete_security_group, GroupId=other)
    yield "DescribeSecurityGroups gone", code(ec2.describe_security_groups, GroupIds=[other])
    yield "ImportKeyPair twice", [code(ec2.import_key_pair, KeyName="k", PublicKeyMaterial=KEY) for _ in range(2)]
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    cloud.advance(10)
    yield "DescribeAddresses", ec2.describe_addresses(AllocationIds=[address])
    yield "ReleaseAddress", [code(ec2.release_address, AllocationId=address) for _ in range(2)]
    parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    image = cloud.client("ssm").get_parameter(Name=parameter)["Parameter"]
    yield "GetParameter", {"Name": image["Name"], "Type": image["Type"]}
    ran = ec2.run_instances(
        ImageId=image["Value"], InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=made["private"], SecurityGroupIds=[group], KeyName="k",
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "my-asg-ec2"}]}],
    )["Instances"][0]
    cloud.advance(300)
    instance = ran["InstanceId"]
    seen = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    yield "DescribeInstances", seen
    yield "DescribeInstanceStatus", ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"][0]["InstanceStatus"]["Status"]
    yield "DeleteKeyPair", code(ec2.delete_key_pair, KeyName="k")
    yield "StopInstances", ec2.stop_instances(InstanceIds=[instance])["StoppingInstances"][0]["PreviousState"]
    cloud.advance(100)
    yield "DescribeInstances stopped", ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["State"]["Name"]
    yield "TerminateInstances", code(ec2.terminate_instances, InstanceIds=[instance])
    cloud.advance(100)
    yield "DescribeInstances terminated", ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["State"]["Name"]
    yield "unknown ids", [
        code(ec2.describe_vpcs, VpcIds=["vpc-00000000000000000"]),
        code(ec2.describe_subnets, SubnetIds=["subnet-00000000000000000"]),
        code(ec2.describe_instances, InstanceIds=["i-00000000000000000"]),
        code(ec2.describe_images, ImageIds=["ami-00000000000000000"]),
        code(ec2.describe_volumes, VolumeIds=["vol-00000000000000000"]),
        code(ec2.describe_internet_gateways, InternetGatewayIds=["igw-00000000000000000"]),
        code(ec2.describe_route_tables, RouteTableIds=["rtb-00000000000000000"]),
        code(ec2.describe_network_interfaces, NetworkInterfaceIds=["eni-00000000000000000"]),
    ]
    yield "DeleteVpc in use", code(ec2.delete_vpc, VpcId=vpc)

    template = {"ImageId": image["Value"], "InstanceType": "t3.micro"}
    yield "CreateLaunchTemplate", ec2.create_launch_template(LaunchTemplateName="my-asg-lt", LaunchTemplateData=template)
    cloud.advance(10)
    yield "CreateLaunchTemplate twice", code(ec2.create_launch_template, LaunchTemplateName="my-asg-lt", LaunchTemplateData=template)
    versions = ec2.create_launch_template_version(LaunchTemplateName="my-asg-lt", SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"})
    yield "CreateLaunchTemplateVersion", versions["LaunchTemplateVersion"]["VersionNumber"]
    yield "DescribeLaunchTemplates", ec2.describe_launch_templates(LaunchTemplateNames=["my-asg-lt"])
    described = ec2.describe_launch_template_versions(LaunchTemplateName="my-asg-lt", Versions=["2"])["LaunchTemplateVersions"]
    yield "DescribeLaunchTemplateVersions", described

    target = elb.create_target_group(Name="tg", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="instance", HealthCheckPath="/index.html")
    yield "CreateTargetGroup", target
    target = target["TargetGroups"][0]["TargetGroupArn"]
    attributes = elb.modify_target_group_attributes(
        TargetGroupArn=target, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "60"}]
    )["Attributes"]
    yield "ModifyTargetGroupAttributes", {one["Key"]: one["Value"] for one in attributes}
    yield "DescribeTargetGroups unknown", code(elb.describe_target_groups, Names=["nothing"])
    yield "DeleteTargetGroup", code(elb.delete_target_group, TargetGroupArn=target)

    subnets = {"DBSubnetGroupName": "my-sbg", "DBSubnetGroupDescription": "lab", "SubnetIds": [made["db-a"], made["db-c"]]}
    yield "CreateDBSubnetGroup", rds.create_db_subnet_group(**subnets)
    yield "CreateDBSubnetGroup twice", code(rds.create_db_subnet_group, **subnets)
    asked = {
        "DBInstanceIdentifier": "my-db", "DBInstanceClass": "db.t3.micro", "Engine": "mysql", "AllocatedStorage": 20, "StorageType": "gp3", "MasterUsername": "root",
        "MasterUserPassword": "correct-horse-7", "DBSubnetGroupName": "my-sbg", "VpcSecurityGroupIds": [group], "BackupRetentionPeriod": 0,
        "EngineVersion": "8.4.7", "AvailabilityZone": HOME + "a", "Tags": [{"Key": "Project", "Value": "aws-lab"}],
    }
    rds.create_db_instance(**asked)
    yield "CreateDBInstance twice", code(rds.create_db_instance, **asked)
    cloud.advance(900)
    yield "DescribeDBInstances", rds.describe_db_instances(DBInstanceIdentifier="my-db")["DBInstances"][0]
    yield "unknown databases", [
        code(rds.describe_db_instances, DBInstanceIdentifier="nothing"),
        code(rds.delete_db_instance, DBInstanceIdentifier="nothing", SkipFinalSnapshot=True),
        code(rds.describe_db_subnet_groups, DBSubnetGroupName="nothing"),
    ]
    rds.delete_db_instance(DBInstanceIdentifier="my-db", SkipFinalSnapshot=True)
    cloud.advance(900)
    yield "DescribeDBInstances gone", code(rds.describe_db_instances, DBInstanceIdentifier="my-db")
    yield "DeleteDBSubnetGroup", code(rds.delete_db_subnet_group, DBSubnetGroupName="my-sbg")

    zone = r53.create_hosted_zone(Name="diff.example", CallerReference=str(uuid.uuid4()))
    yield "CreateHostedZone", {"Name": zone["HostedZone"]["Name"], "Config": zone["HostedZone"]["Config"]}
    zone = zone["HostedZone"]["Id"]

    def change(action, name="www.diff.example", value="192.0.2.1"):
        records = {"Name": name, "Type": "A", "TTL": 300, "ResourceRecords": [{"Value": value}]}
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": records}]}
        return code(r53.change_resource_record_sets, HostedZoneId=zone, ChangeBatch=batch)

    yield "ChangeResourceRecordSets", [change("CREATE"), change("CREATE"), change("DELETE", "x.diff.example"), change("UPSERT", value="192.0.2.2")]
    yield "ListResourceRecordSets", [one for one in r53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"] if one["Type"] == "A"]
    yield "DeleteHostedZone", [code(r53.delete_hosted_zone, Id=zone), change("DELETE", value="192.0.2.2"), code(r53.delete_hosted_zone, Id=zone)]
    yield "GetHostedZone gone", code(r53.get_hosted_zone, Id=zone)

    trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
    role = iam.create_role(RoleName="my-lab-ssm-role", AssumeRolePolicyDocument=trust)["Role"]
    yield "CreateRole", {name: role[name] for name in ("Path", "RoleName", "Arn", "AssumeRolePolicyDocument")}
    policy = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
    yield "AttachRolePolicy", code(iam.attach_role_policy, RoleName="my-lab-ssm-role", PolicyArn=policy)
    yield "ListAttachedRolePolicies", iam.list_attached_role_policies(RoleName="my-lab-ssm-role")["AttachedPolicies"]
    yield "DeleteRole in use", code(iam.delete_role, RoleName="my-lab-ssm-role")
    yield "CreateInstanceProfile", [code(iam.create_instance_profile, InstanceProfileName="p") for _ in range(2)]
    yield "AddRoleToInstanceProfile", code(iam.add_role_to_instance_profile, InstanceProfileName="p", RoleName="my-lab-ssm-role")
    yield "DeleteInstanceProfile in use", code(iam.delete_instance_profile, InstanceProfileName="p")
    yield "GetRole unknown", code(iam.get_role, RoleName="nothing")

    yield "teardown", [
        code(ec2.disassociate_route_table, AssociationId=associated),
        code(ec2.delete_route_table, RouteTableId=table),
        code(ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc),
        code(ec2.delete_internet_gateway, InternetGatewayId=gateway),
    ]


def network(cloud, ec2, cidr):
    """A VPC with a subnet in each of two zones, and an internet gateway."""
    vpc = ec2.create_vpc(CidrBlock=cidr)["Vpc"]["VpcId"]
    cloud.advance(10)
    first = cidr.removesuffix(".0.0/16")
    zones = [("1", "a"), ("2", "c")]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"{first}.{third}.0/24", AvailabilityZone=HOME + zone)["Subnet"]["SubnetId"] for third, zone in zones
    ]
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    cloud.advance(10)
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    return vpc, subnets, gateway


def image_of(cloud):
    return cloud.client("ssm").get_parameter(Name="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64")["Parameter"]["Value"]


def cases(cloud):
    """Where moto is known not to do what AWS does, each with what the cloud claims."""
    ec2, r53, rds, elb, asg, watch = (cloud.client(name) for name in ("ec2", "route53", "rds", "elbv2", "autoscaling", "cloudwatch"))
    image = image_of(cloud)
    vpc, subnets, gateway = network(cloud, ec2, "10.20.0.0/16")
    run = {"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "SubnetId": subnets[0]}

    # Client tokens.
    ran = [ec2.run_instances(**run, ClientToken="token-1")["Instances"][0]["InstanceId"] for _ in range(2)]
    yield "RunInstances with a token that was used: the same instance", ran[0] == ran[1]
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    cloud.advance(10)
    nat = {"SubnetId": subnets[0], "AllocationId": allocation, "ClientToken": "token-2"}
    made = ec2.create_nat_gateway(**nat)["NatGateway"]
    yield "CreateNatGateway with a token that was used", code(ec2.create_nat_gateway, **nat)

    # Nothing is there at once.
    yield "a new NAT gateway", made["State"]
    cloud.advance(300)
    own = ec2.create_image(InstanceId=ran[0], Name="my-image")["ImageId"]
    cloud.advance(15)
    yield "a new image", ec2.describe_images(ImageIds=[own])["Images"][0]["State"]
    yield "CreateImage of a name that is taken", code(ec2.create_image, InstanceId=ran[0], Name="my-image")

    # What is in use stays.
    yield "ReleaseAddress of a NAT gateway's", code(ec2.release_address, AllocationId=allocation)
    yield "DetachInternetGateway with a NAT gateway", code(ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=vpc)
    yield "DeleteSubnet with an instance", code(ec2.delete_subnet, SubnetId=subnets[0])
    group = ec2.create_security_group(GroupName="my-sg", Description="d", VpcId=vpc)["GroupId"]
    yield "CreateSecurityGroup of a name that differs by case", code(ec2.create_security_group, GroupName="MY-sg", Description="d", VpcId=vpc)
    user = ec2.create_security_group(GroupName="user", Description="d", VpcId=vpc)["GroupId"]
    cloud.advance(10)
    pair = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": group}]}
    ec2.authorize_security_group_ingress(GroupId=user, IpPermissions=[pair])
    yield "DeleteSecurityGroup that a rule names", code(ec2.delete_security_group, GroupId=group)
    ec2.run_instances(**run | {"SubnetId": subnets[1]}, SecurityGroupIds=[user])
    yield "DeleteSecurityGroup that an instance has", code(ec2.delete_security_group, GroupId=user)

    # Load balancing.
    vpc, subnets, _ = network(cloud, ec2, "10.21.0.0/16")
    yield "CreateLoadBalancer with one subnet", code(elb.create_load_balancer, Name="one", Subnets=subnets[:1])
    balancer = elb.create_load_balancer(Name="my-alb", Subnets=subnets)["LoadBalancers"][0]
    yield "the hosted zone of a load balancer", balancer["CanonicalHostedZoneId"]
    target = {"Name": "my-tg", "Protocol": "HTTP", "Port": 80, "VpcId": vpc}
    arn = elb.create_target_group(**target)["TargetGroups"][0]["TargetGroupArn"]
    yield "CreateTargetGroup repeated", code(elb.create_target_group, **target)
    instance = ec2.run_instances(**run | {"SubnetId": subnets[0]})["Instances"][0]["InstanceId"]
    cloud.advance(60)
    elb.register_targets(TargetGroupArn=arn, Targets=[{"Id": instance}])
    yield "a target of a group that no listener uses", elb.describe_target_health(TargetGroupArn=arn)["TargetHealthDescriptions"][0]["TargetHealth"]["State"]

    # Auto Scaling.
    ec2.create_launch_template(LaunchTemplateName="my-lt", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro"})
    cloud.advance(10)
    asked = {
        "AutoScalingGroupName": "my-asg", "MinSize": 1, "MaxSize": 4, "DesiredCapacity": 1, "VPCZoneIdentifier": ",".join(subnets),
        "LaunchTemplate": {"LaunchTemplateName": "my-lt", "Version": "$Latest"},
    }
    asg.create_auto_scaling_group(**asked)
    yield "CreateAutoScalingGroup of a name that is taken", code(asg.create_auto_scaling_group, **asked)
    cloud.advance(200)
    track = {"PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 70.0}
    policy = asg.put_scaling_policy(
        AutoScalingGroupName="my-asg", PolicyName="cpu", PolicyType="TargetTrackingScaling", TargetTrackingConfiguration=track
    )
    yield "alarms of a target tracking policy", len(policy.get("Alarms", []))
    yield "alarms that CloudWatch shows", len(watch.describe_alarms(AlarmNamePrefix="TargetTracking-my-asg")["MetricAlarms"])
    yield "activities of a group with an instance", len(asg.describe_scaling_activities(AutoScalingGroupName="my-asg")["Activities"])
    yield "DeleteAutoScalingGroup with an instance", code(asg.delete_auto_scaling_group, AutoScalingGroupName="my-asg")

    # Databases.
    names = {"DBSubnetGroupName": "g", "DBSubnetGroupDescription": "d"}
    yield "CreateDBSubnetGroup in one zone", code(rds.create_db_subnet_group, **names, SubnetIds=subnets[:1])
    names["DBSubnetGroupName"] = "my-group"
    rds.create_db_subnet_group(**names, SubnetIds=subnets)
    database = rds.create_db_instance(
        DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="mysql", AllocatedStorage=20, MasterUsername="root",
        MasterUserPassword="correct-horse-7", DBSubnetGroupName="my-group", BackupRetentionPeriod=0,
    )["DBInstance"]
    yield "a new database", rds.describe_db_instances(DBInstanceIdentifier="db")["DBInstances"][0]["DBInstanceStatus"]
    cloud.advance(900)
    yield "DeleteDBInstance without a word on the final snapshot", code(rds.delete_db_instance, DBInstanceIdentifier="db")
    code(rds.delete_db_instance, DBInstanceIdentifier="db", SkipFinalSnapshot=True)
    yield "DeleteDBSubnetGroup while its database is being deleted", code(rds.delete_db_subnet_group, DBSubnetGroupName="my-group")

    # Names.
    zone = {"Name": "case.example", "CallerReference": str(uuid.uuid4())}
    r53.create_hosted_zone(**zone)
    yield "CreateHostedZone with a reference that was used", code(r53.create_hosted_zone, **zone)

    # Peering of VPCs whose addresses overlap.
    overlap = ec2.create_vpc(CidrBlock="10.21.0.0/16")["Vpc"]["VpcId"]
    cloud.advance(10)
    peering = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=overlap)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
    cloud.advance(10)
    seen = ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[peering])["VpcPeeringConnections"]
    yield "peering of overlapping VPCs", seen[0]["Status"]["Code"]


# What AWS does and the practice cloud must, and what moto does instead.
KNOWN = {
    "RunInstances with a token that was used: the same instance": (True, False),
    "CreateNatGateway with a token that was used": ("ok", "Resource.AlreadyAssociated"),
    "a new NAT gateway": ("pending", "available"),
    "a new image": ("pending", "available"),
    "CreateImage of a name that is taken": ("InvalidAMIName.Duplicate", "ok"),
    "ReleaseAddress of a NAT gateway's": ("AuthFailure", "ok"),
    "DetachInternetGateway with a NAT gateway": ("DependencyViolation", "ok"),
    "DeleteSubnet with an instance": ("DependencyViolation", "ok"),
    "CreateSecurityGroup of a name that differs by case": ("InvalidGroup.Duplicate", "ok"),
    "DeleteSecurityGroup that a rule names": ("DependencyViolation", "ok"),
    "DeleteSecurityGroup that an instance has": ("DependencyViolation", "ok"),
    "CreateLoadBalancer with one subnet": ("InvalidConfigurationRequest", "ok"),
    "the hosted zone of a load balancer": ("ZWKZPGTI48KDX", "Z2P70J7EXAMPLE"),
    "CreateTargetGroup repeated": ("ok", "DuplicateTargetGroupName"),
    "a target of a group that no listener uses": ("unused", "healthy"),
    "CreateAutoScalingGroup of a name that is taken": ("AlreadyExists", "ok"),
    "alarms of a target tracking policy": (2, 0),
    "alarms that CloudWatch shows": (2, 0),
    "activities of a group with an instance": (1, 0),
    "DeleteAutoScalingGroup with an instance": ("ResourceInUse", "ok"),
    "CreateDBSubnetGroup in one zone": ("DBSubnetGroupDoesNotCoverEnoughAZs", "ok"),
    "a new database": ("creating", "available"),
    "DeleteDBInstance without a word on the final snapshot": ("InvalidParameterCombination", "ok"),
    "DeleteDBSubnetGroup while its database is being deleted": ("InvalidDBSubnetGroupStateFault", "ok"),
    "CreateHostedZone with a reference that was used": ("HostedZoneAlreadyExists", "ok"),
    "peering of overlapping VPCs": ("failed", "pending-acceptance"),
}

# Fields in which moto is known to differ, and why. Paths are patterns.
MOTO = {
    r"(CreateVpc\.Vpc|DescribeVpcs\.Vpcs\[0\])\.DhcpOptionsId": "moto has no DHCP options of its own",
    r"Create(Vpc\.Vpc|Subnet [a-z-]+\.Subnet)\.State": "with moto they are available at once",
    r"CreateRoute twice": "the same route to the same target is done already on AWS",
    r"DescribeInstances\.BlockDeviceMappings\[0\]\.DeviceName": "moto's Amazon Linux 2023 has another root device",
    r"DescribeInstances\.MetadataOptions\.Http(PutResponseHopLimit|Tokens)": "moto's Amazon Linux 2023 does not ask for IMDSv2",
    r"DescribeInstances\.NetworkInterfaces\[0\]\.Attachment\.DeleteOnTermination": "a primary interface goes with its instance",
    r"DescribeInstances\.NetworkInterfaces\[0\]\.Description": "the primary interface of an instance has no description",
    r"CreateDBSubnetGroup twice": "moto replaces the first",
    r"DescribeDBInstances\.CACertificateIdentifier": "moto has its own word for the default",
    r"DescribeDBInstances\.DbInstancePort": "0 on AWS, but in clusters",
    r"DescribeDBInstances\.Endpoint\.Address": "the account's part of the host name",
    r"ChangeResourceRecordSets\[1\]": "moto has its own code for a record that exists",
}


def compare(practice, other):
    names = Names(), Names()
    used, wrong, count = set(), [], 0
    for (label, ours), (theirs_label, theirs) in itertools.zip_longest(script(practice), script(other)):
        same(label, theirs_label)
        count += 1
        for path, mine, its in differences(names[0].normal(ours), names[1].normal(theirs), label):
            known = [pattern for pattern in MOTO if re.fullmatch(pattern, path)]
            used.update(known)
            if not known:
                wrong.append(f"{path}: practice {mine!r}, moto {its!r}")
    wrong += [f"{pattern} is listed as a difference, and is none" for pattern in MOTO if pattern not in used]
    for (label, ours), (_, theirs) in itertools.zip_longest(cases(practice), cases(other)):
        count += 1
        if KNOWN.get(label) != (ours, theirs):
            wrong.append(f"{label}: practice {ours!r}, moto {theirs!r}, known: {KNOWN.get(label)}")
    assert not wrong, "\n" + "\n".join(wrong)
    print(f"{count} answers compared")


if __name__ == "__main__":
    with moto() as other:
        compare(Cloud("practice"), other)
