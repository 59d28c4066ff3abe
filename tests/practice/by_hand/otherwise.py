"""Chapters 3, 4 and 6 built by boto3 as somebody would who has the guide and their own habits: another order, no tags of
awslab's, and whatever the guide leaves open chosen otherwise than awslab would (docs/by-hand.md lists it).

Argument: the folder of the user data. The environment says where the cloud is; its clock runs fast.
"""

import json
import sys
import time
from pathlib import Path

import boto3

SEOUL, TOKYO = "ap-northeast-2", "ap-northeast-1"
ASSETS = Path(sys.argv[1])
ME = "203.0.113.7/32"


def client(service, region=SEOUL):
    return boto3.client(service, region_name=region)


ec2, tokyo, elb, rds = client("ec2"), client("ec2", TOKYO), client("elbv2"), client("rds")
iam, acm, dns, ssm, asg = client("iam"), client("acm"), client("route53"), client("ssm"), client("autoscaling")


def until(what, look):
    for _ in range(2000):
        found = look()
        if found:
            return found
        time.sleep(0.02)
    raise SystemExit(f"never: {what}")


def named(kind, name, **more):
    """The tag Name, and one of the learner's own."""
    tags = [{"Key": "owner", "Value": "me"}, {"Key": "Name", "Value": name}]
    return [{"ResourceType": kind, "Tags": tags + [{"Key": key, "Value": value} for key, value in more.items()]}]


def running(where, *ids):
    def look():
        found = [one for r in where.describe_instances(InstanceIds=list(ids))["Reservations"] for one in r["Instances"]]
        return all(one["State"]["Name"] == "running" for one in found)

    until(f"{ids} running", look)


# What belongs to nothing, first.
images = {
    where: client("ssm", where).get_parameter(
        Name="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
    )["Parameter"]["Value"]
    for where in (SEOUL, TOKYO)
}
# Another type of key.
ec2.create_key_pair(KeyName="my-ec2-keypair", KeyType="rsa")
addresses = {}
for name in ("my-openvpn-eip", "my-natgateway-eip", "my-bastion-host-eip"):
    addresses[name] = ec2.allocate_address(TagSpecifications=named("elastic-ip", name))["AllocationId"]

trust = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"Service": ["ec2.amazonaws.com"]}},
}
for role, profile in (("my-lab-ssm-role", "my-lab-ssm-profile"), ("my-lab-session-role", "my-lab-session-profile")):
    # The profile before its role, and the role under a description and with a second policy.
    iam.create_instance_profile(InstanceProfileName=profile)
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(trust), Description="mine")
    iam.attach_role_policy(RoleName=role, PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
    iam.add_role_to_instance_profile(InstanceProfileName=profile, RoleName=role)

# The certificate, with its names in the other order.
certificate = acm.request_certificate(
    DomainName="lab.example", SubjectAlternativeNames=["*.lab.example", "lab.example"], ValidationMethod="DNS"
)["CertificateArn"]
proof = until(
    "the certificate's record",
    lambda: acm.describe_certificate(CertificateArn=certificate)["Certificate"]
    .get("DomainValidationOptions", [{}])[0]
    .get("ResourceRecord"),
)
zone = dns.list_hosted_zones_by_name(DNSName="lab.example")["HostedZones"][0]["Id"]


def record(change):
    dns.change_resource_record_sets(
        HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": change}]}
    )


# Another time to live.
record({"Name": proof["Name"], "Type": "CNAME", "TTL": 60, "ResourceRecords": [{"Value": proof["Value"]}]})

# Tokyo before Seoul.


def network(where, name, cidr):
    vpc = where.create_vpc(CidrBlock=cidr, TagSpecifications=named("vpc", name, stage="test"))["Vpc"]["VpcId"]
    where.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    return vpc


def table(where, vpc, name, *subnets):
    made = where.create_route_table(VpcId=vpc, TagSpecifications=named("route-table", name))
    made = made["RouteTable"]["RouteTableId"]
    for subnet in subnets:
        where.associate_route_table(RouteTableId=made, SubnetId=subnet)
    return made


def gateway(where, vpc, name):
    made = where.create_internet_gateway(TagSpecifications=named("internet-gateway", name))
    made = made["InternetGateway"]["InternetGatewayId"]
    where.attach_internet_gateway(InternetGatewayId=made, VpcId=vpc)
    return made


def group(where, vpc, name, rules):
    """A group without tags: its own name is enough. Its rules in one request, with descriptions of the learner's."""
    made = where.create_security_group(GroupName=name, Description="made by me", VpcId=vpc)["GroupId"]
    permissions = []
    for protocol, port, source in rules:
        rule = {"IpProtocol": protocol, "FromPort": port, "ToPort": port}
        if source.startswith("sg-"):
            rule["UserIdGroupPairs"] = [{"GroupId": source}]
        else:
            rule["IpRanges"] = [{"CidrIp": source, "Description": "mine"}]
        permissions.append(rule)
    where.authorize_security_group_ingress(GroupId=made, IpPermissions=permissions)
    return made


def launch(where, region, name, subnet, sg, **more):
    """Another hop limit, no volume of our choosing, no tags but the name."""
    asked = {"ImageId": images[region], "InstanceType": "t3.micro", "KeyName": "my-ec2-keypair"} | more
    answer = where.run_instances(
        MinCount=1,
        MaxCount=1,
        SubnetId=subnet,
        SecurityGroupIds=[sg],
        MetadataOptions={"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
        TagSpecifications=named("instance", name),
        **{key: value for key, value in asked.items() if value is not None},
    )
    return answer["Instances"][0]["InstanceId"]


def subnets_of(where, region, vpc, blocks):
    """Subnets are known by their blocks: these have no name."""
    made = {}
    for name, block, letter in blocks:
        answer = where.create_subnet(VpcId=vpc, CidrBlock=block, AvailabilityZone=f"{region}{letter}")
        made[name] = answer["Subnet"]["SubnetId"]
    return made


far = network(tokyo, "my-tokyo-vpc", "192.168.10.0/24")
blocks = (
    ("private2", "192.168.10.144/28", "c"),
    ("private1", "192.168.10.128/28", "a"),
    ("public2", "192.168.10.16/28", "c"),
    ("public1", "192.168.10.0/28", "a"),
)
far_subnets = subnets_of(tokyo, TOKYO, far, blocks)
# A name of the learner's does no harm either.
tokyo.create_tags(Resources=[far_subnets["public1"]], Tags=[{"Key": "Name", "Value": "tokyo-front"}])
far_private1 = table(tokyo, far, "my-tokyo-rtb-private1-ap-northeast-1a", far_subnets["private1"])
table(tokyo, far, "my-tokyo-rtb-private2-ap-northeast-1c", far_subnets["private2"])
far_public = table(tokyo, far, "my-tokyo-rtb-public", far_subnets["public2"], far_subnets["public1"])
tokyo.create_route(
    RouteTableId=far_public, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway(tokyo, far, "my-tokyo-igw")
)
far_group = group(tokyo, far, "my-tokyo-private-sg", [("icmp", -1, "10.1.0.0/16")])
far_server = launch(tokyo, TOKYO, "my-tokyo-private-ec2", far_subnets["private1"], far_group, KeyName=None)

# Seoul, from the last subnet to the first.
vpc = network(ec2, "my-vpc", "10.1.0.0/16")
blocks = (
    ("db-c", "10.1.22.0/24", "c"),
    ("db-a", "10.1.21.0/24", "a"),
    ("app-c", "10.1.12.0/24", "c"),
    ("app-a", "10.1.11.0/24", "a"),
    ("public-c", "10.1.2.0/24", "c"),
    ("public-a", "10.1.1.0/24", "a"),
)
subnets = subnets_of(ec2, SEOUL, vpc, blocks)
ec2.create_tags(Resources=[subnets["app-a"]], Tags=[{"Key": "Name", "Value": "apps in a"}])
private = table(ec2, vpc, "my-private-route", *(subnets[name] for name in ("db-c", "app-c", "db-a", "app-a")))
public = table(ec2, vpc, "my-public-route", subnets["public-c"], subnets["public-a"])
ec2.create_route(RouteTableId=public, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway(ec2, vpc, "my-igw"))
nat = ec2.create_nat_gateway(
    SubnetId=subnets["public-a"],
    AllocationId=addresses["my-natgateway-eip"],
    TagSpecifications=named("natgateway", "my-natgateway"),
)["NatGateway"]["NatGatewayId"]

# Seoul asks, and Tokyo accepts: the other way round.
peering = ec2.create_vpc_peering_connection(
    VpcId=vpc,
    PeerVpcId=far,
    PeerRegion=TOKYO,
    TagSpecifications=named("vpc-peering-connection", "my-peer-tokyo-to-seoul"),
)["VpcPeeringConnection"]["VpcPeeringConnectionId"]


def status(where):
    found = where.describe_vpc_peering_connections(VpcPeeringConnectionIds=[peering])["VpcPeeringConnections"]
    return found[0]["Status"]["Code"] if found else ""


def arrived():
    seen = tokyo.describe_vpc_peering_connections()["VpcPeeringConnections"]
    return any(one["VpcPeeringConnectionId"] == peering for one in seen) and status(tokyo) == "pending-acceptance"


until("the request in Tokyo", arrived)
tokyo.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
tokyo.create_tags(Resources=[peering], Tags=[{"Key": "Name", "Value": "my-peer-tokyo-to-seoul"}])
until("the peering", lambda: status(ec2) == "active" and status(tokyo) == "active")
tokyo.create_route(
    RouteTableId=far_private1, DestinationCidrBlock="10.1.0.0/16", VpcPeeringConnectionId=peering
)
ec2.create_route(RouteTableId=private, DestinationCidrBlock="192.168.10.0/24", VpcPeeringConnectionId=peering)

# All groups of all chapters, the innermost last.
vpn_sg = group(
    ec2, vpc, "my-openvpn-sg", [("udp", 1194, ME), ("tcp", 943, ME), ("tcp", 443, ME), ("tcp", 22, ME)]
)
bastion_sg = group(ec2, vpc, "my-bastion-host-sg", [("tcp", 22, ME)])
private_sg = group(ec2, vpc, "my-private-ec2-sg", [("tcp", 22, vpn_sg), ("tcp", 22, bastion_sg)])
anywhere = "0.0.0.0/0"
app_alb_sg = group(ec2, vpc, "my-app-alb-sg", [("tcp", 443, anywhere), ("tcp", 80, anywhere)])
app_sg = group(
    ec2,
    vpc,
    "my-app-ec2-sg",
    [("tcp", 8080, vpn_sg), ("tcp", 3000, vpn_sg), ("tcp", 22, vpn_sg), ("tcp", 8080, app_alb_sg), ("tcp", 80, app_alb_sg)],
)
db_sg = group(ec2, vpc, "my-app-rds-sg", [("tcp", 3306, vpn_sg), ("tcp", 3306, app_sg)])
asg_alb_sg = group(ec2, vpc, "my-asg-alb-sg", [("tcp", 80, anywhere)])
asg_sg = group(
    ec2, vpc, "my-asg-ec2-sg", [("tcp", 80, vpn_sg), ("tcp", 22, vpn_sg), ("tcp", 80, asg_alb_sg)]
)

# The database, which takes longest: another password, another window, another description.
rds.create_db_subnet_group(
    DBSubnetGroupName="my-alchemine-app-sbg",
    DBSubnetGroupDescription="mine",
    SubnetIds=[subnets["db-c"], subnets["db-a"]],
)
rds.create_db_instance(
    DBInstanceIdentifier="my-alchemine-app-rds",
    Engine="mysql",
    EngineVersion="8.4",
    EngineLifecycleSupport="open-source-rds-extended-support-disabled",
    DBInstanceClass="db.t3.micro",
    AllocatedStorage=20,
    StorageType="gp3",
    MasterUsername="root",
    MasterUserPassword="a-password-of-mine",
    DBSubnetGroupName="my-alchemine-app-sbg",
    VpcSecurityGroupIds=[db_sg],
    AvailabilityZone=f"{SEOUL}a",
    MultiAZ=False,
    PubliclyAccessible=False,
    BackupRetentionPeriod=0,
)

until(
    "the NAT gateway",
    lambda: ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"] == "available",
)
ec2.create_route(RouteTableId=private, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)

# The servers: that of the VPN first.
product = "f2ew2wrz425a1jagnifd02u5t"
vpn_image = ec2.describe_images(
    Owners=["aws-marketplace"], Filters=[{"Name": "product-code", "Values": [product]}]
)["Images"]
vpn_image = max(vpn_image, key=lambda image: image["CreationDate"])["ImageId"]
vpn = launch(ec2, SEOUL, "my-openvpn-ec2", subnets["public-a"], vpn_sg, ImageId=vpn_image)
# With its role from the beginning.
inner = launch(
    ec2,
    SEOUL,
    "my-private-ec2",
    subnets["app-a"],
    private_sg,
    IamInstanceProfile={"Name": "my-lab-session-profile"},
)
bastion = launch(ec2, SEOUL, "my-bastion-host", subnets["public-a"], bastion_sg)
app = launch(
    ec2,
    SEOUL,
    "my-alchemine-app-ec2",
    subnets["app-a"],
    app_sg,
    UserData=(ASSETS / "app-web.sh").read_text(),
    BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20}}],
)
golden = launch(
    ec2,
    SEOUL,
    "my-asg-ec2",
    subnets["app-a"],
    asg_sg,
    UserData=(ASSETS / "asg-web.sh").read_text(),
    IamInstanceProfile={"Name": "my-lab-ssm-profile"},
)
running(ec2, vpn, inner, bastion, app, golden)
running(tokyo, far_server)
ec2.associate_address(AllocationId=addresses["my-openvpn-eip"], InstanceId=vpn)
ec2.associate_address(AllocationId=addresses["my-bastion-host-eip"], InstanceId=bastion)


def fit(instance):
    found = ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"]
    return found and found[0]["InstanceStatus"]["Status"] == "ok" and found[0]["SystemStatus"]["Status"] == "ok"


def ready(what, arns):
    def look():
        found = elb.describe_load_balancers(LoadBalancerArns=arns)["LoadBalancers"]
        return found if all(one["State"]["Code"] == "active" for one in found) else None

    return until(what, look)


def target_group(name, port, path, **more):
    """Other intervals and thresholds than the defaults that awslab leaves."""
    return elb.create_target_group(
        Name=name,
        Protocol="HTTP",
        Port=port,
        VpcId=vpc,
        HealthCheckPath=path,
        HealthCheckIntervalSeconds=10,
        HealthCheckTimeoutSeconds=4,
        HealthyThresholdCount=2,
        **more,
    )["TargetGroups"][0]["TargetGroupArn"]


def balancer(name, sg):
    made = elb.create_load_balancer(
        Name=name, Subnets=[subnets["public-c"], subnets["public-a"]], SecurityGroups=[sg], Type="application"
    )
    return made["LoadBalancers"][0]["LoadBalancerArn"]


def alias(name, balancer):
    target = {
        "HostedZoneId": balancer["CanonicalHostedZoneId"],
        # As the console writes it.
        "DNSName": f"dualstack.{balancer['DNSName']}",
        "EvaluateTargetHealth": True,
    }
    record({"Name": name, "Type": "A", "AliasTarget": target})


app_alb, asg_alb = balancer("my-alchemine-app-alb", app_alb_sg), balancer("my-asg-alb", asg_alb_sg)
app_8080 = target_group("my-alchemine-app-tg-8080", 8080, "/", HealthCheckPort="8080")
app_80 = target_group("my-alchemine-app-tg-80", 80, "/", HealthCheckPort="80")
asg_80 = target_group("my-asg-ec2-tg", 80, "/ec2meta-webpage/index.php")
elb.modify_target_group_attributes(
    TargetGroupArn=asg_80, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "10"}]
)
for target in (app_80, app_8080):
    elb.register_targets(TargetGroupArn=target, Targets=[{"Id": app}])
until(
    "the certificate",
    lambda: acm.describe_certificate(CertificateArn=certificate)["Certificate"]["Status"] == "ISSUED",
)
# HTTPS first, and port 80 redirects from the beginning.
elb.create_listener(
    LoadBalancerArn=app_alb,
    Protocol="HTTPS",
    Port=443,
    Certificates=[{"CertificateArn": certificate}],
    DefaultActions=[{"Type": "forward", "TargetGroupArn": app_80}],
)
elb.create_listener(
    LoadBalancerArn=app_alb,
    Protocol="HTTP",
    Port=80,
    DefaultActions=[
        {"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "Port": "443", "StatusCode": "HTTP_301"}}
    ],
)
elb.create_listener(
    LoadBalancerArn=asg_alb,
    Protocol="HTTP",
    Port=80,
    DefaultActions=[{"Type": "forward", "TargetGroupArn": asg_80}],
)
by_name = {one["LoadBalancerName"]: one for one in ready("the load balancers", [app_alb, asg_alb])}
alias("app.lab.example", by_name["my-alchemine-app-alb"])
alias("asg-ec2.lab.example", by_name["my-asg-alb"])

# The golden image, stopped for it, under another description.
until("the golden instance", lambda: fit(golden))
image = ec2.create_image(InstanceId=golden, Name="my-asg-ec2-ami-1210", Description="mine")["ImageId"]
until("the image", lambda: ec2.describe_images(ImageIds=[image])["Images"][0]["State"] == "available")
template = {
    "ImageId": image,
    "InstanceType": "t3.micro",
    "SecurityGroupIds": [asg_sg],
    "KeyName": "my-ec2-keypair",
    "IamInstanceProfile": {"Name": "my-lab-ssm-profile"},
    "Monitoring": {"Enabled": True},
    "MetadataOptions": {"HttpTokens": "required"},
}
# A first version that was wrong, and a second one.
wrong = template | {"InstanceType": "t3.small"}
ec2.create_launch_template(LaunchTemplateName="my-asg-lt", LaunchTemplateData=wrong)
ec2.create_launch_template_version(LaunchTemplateName="my-asg-lt", LaunchTemplateData=template)
# By the template's name instead of its id, with its subnets the other way round, and for three from the beginning.
asg.create_auto_scaling_group(
    AutoScalingGroupName="my-asg-ec2",
    LaunchTemplate={"LaunchTemplateName": "my-asg-lt", "Version": "$Latest"},
    MinSize=1,
    MaxSize=3,
    VPCZoneIdentifier=f"{subnets['app-c']},{subnets['app-a']}",
    TargetGroupARNs=[asg_80],
    HealthCheckType="EC2",
    HealthCheckGracePeriod=10,
    Tags=[{"Key": "Name", "Value": "my-asg-ec2-node", "PropagateAtLaunch": True}],
)
asg.put_scaling_policy(
    AutoScalingGroupName="my-asg-ec2",
    PolicyName="my-asg-ec2-cpu70",
    PolicyType="TargetTrackingScaling",
    EstimatedInstanceWarmup=10,
    TargetTrackingConfiguration={
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"},
        "TargetValue": 70.0,
    },
)
asg.enable_metrics_collection(AutoScalingGroupName="my-asg-ec2", Granularity="1Minute")


def healthy(target):
    found = elb.describe_target_health(TargetGroupArn=target)["TargetHealthDescriptions"]
    return found and all(one["TargetHealth"]["State"] == "healthy" for one in found)


until("the app server healthy", lambda: healthy(app_80))
until("the group healthy", lambda: healthy(asg_80))
until(
    "the database",
    lambda: rds.describe_db_instances()["DBInstances"][0]["DBInstanceStatus"] == "available",
)
