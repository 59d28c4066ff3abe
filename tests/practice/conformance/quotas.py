"""Every quota of the account: at it the next one is refused with AWS's code, one higher it is made; and Service Quotas tells what holds."""

import json

from practice import HOME, advance, ask, client, error, options, same

ec2, elb, asg, rds, iam, acm = (client(name) for name in ("ec2", "elbv2", "autoscaling", "rds", "iam", "acm"))
r53, quotas = client("route53", "us-east-1"), client("service-quotas")
image = client("ssm").get_parameter(Name="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64")["Parameter"]["Value"]
met = set()


def full(name, count, code, call, status=400, **arguments):
    """There are `count` already: one more is refused as long as the quota is `count`."""
    options(limits={name: count})
    with error(code, status):
        call(**arguments)
    options(limits={name: count + 1})
    made = call(**arguments)
    options(limits={})
    met.add(name)
    return made


def here(call, list_, **arguments):
    return len(call(**arguments)[list_])


# Networks. The default VPC counts, and so do the main table and the default lists and groups.
vpc = full("vpcs", here(ec2.describe_vpcs, "Vpcs"), "VpcLimitExceeded", ec2.create_vpc, CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
other = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
third = ec2.create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"]
advance(10)
where = dict(VpcId=vpc, CidrBlock="10.1.1.0/24", AvailabilityZone=HOME + "a")
subnet = full("subnets_per_vpc", 0, "SubnetLimitExceeded", ec2.create_subnet, **where)["Subnet"]["SubnetId"]
second = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.2.0/24", AvailabilityZone=HOME + "c")["Subnet"]["SubnetId"]
gateway = full("internet_gateways", 1, "InternetGatewayLimitExceeded", ec2.create_internet_gateway)["InternetGateway"]["InternetGatewayId"]
advance(10)
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
table = full("route_tables_per_vpc", 1, "RouteTableLimitExceeded", ec2.create_route_table, VpcId=vpc)["RouteTable"]["RouteTableId"]
full("routes_per_table", 1, "RouteLimitExceeded", ec2.create_route, RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
for one in (subnet, second):
    ec2.associate_route_table(RouteTableId=table, SubnetId=one)
acl = full("network_acls_per_vpc", 1, "NetworkAclLimitExceeded", ec2.create_network_acl, VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
rule = dict(NetworkAclId=acl, RuleNumber=100, Protocol="-1", RuleAction="allow", Egress=False, CidrBlock="0.0.0.0/0")
full("entries_per_acl", 0, "NetworkAclEntryLimitExceeded", ec2.create_network_acl_entry, **rule)
groups = here(ec2.describe_security_groups, "SecurityGroups")
group = full("security_groups", groups, "SecurityGroupLimitExceeded", ec2.create_security_group, GroupName="a", Description="d", VpcId=vpc)["GroupId"]
more = ec2.create_security_group(GroupName="b", Description="d", VpcId=vpc)["GroupId"]
http = [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
full("rules_per_direction", 0, "RulesPerSecurityGroupLimitExceeded", ec2.authorize_security_group_ingress, GroupId=group, IpPermissions=http)
both = dict(SubnetId=subnet, Groups=[group, more])
full("groups_per_interface", 1, "SecurityGroupsPerInterfaceLimitExceeded", ec2.create_network_interface, **both)
full("network_interfaces", 1, "NetworkInterfaceLimitExceeded", ec2.create_network_interface, SubnetId=subnet)
allocation = full("addresses", 0, "AddressLimitExceeded", ec2.allocate_address, Domain="vpc")["AllocationId"]
advance(5)
full("nat_gateways_per_zone", 0, "NatGatewayLimitExceeded", ec2.create_nat_gateway, SubnetId=subnet, AllocationId=allocation)

# Peering: requests that nobody has answered, and connections of a VPC.
asked = dict(VpcId=vpc, PeerVpcId=other)
peering = full("outstanding_peerings", 0, "OutstandingVpcPeeringConnectionLimitExceeded", ec2.create_vpc_peering_connection, **asked)
peering = peering["VpcPeeringConnection"]["VpcPeeringConnectionId"]
advance(5)
full("peerings_per_vpc", 0, "ActiveVpcPeeringConnectionPerVpcLimitExceeded", ec2.accept_vpc_peering_connection, VpcPeeringConnectionId=peering)

# EC2 Instance Connect.
endpoint = full("connect_endpoints_per_vpc", 0, "InstanceConnectEndpointLimitExceeded", ec2.create_instance_connect_endpoint, SubnetId=subnet)
assert endpoint["InstanceConnectEndpoint"]["State"] == "create-in-progress"
elsewhere = ec2.create_subnet(VpcId=third, CidrBlock="10.3.1.0/24")["Subnet"]["SubnetId"]
advance(10)
full("connect_endpoints", 1, "InstanceConnectEndpointLimitExceeded", ec2.create_instance_connect_endpoint, SubnetId=elsewhere)

# Machines. A t3.micro has two vCPUs.
full("key_pairs", 0, "KeyPairLimitExceeded", ec2.create_key_pair, KeyName="k")
data = {"ImageId": image, "InstanceType": "t3.micro"}
full("launch_templates", 0, "MaxTemplateLimitExceeded", ec2.create_launch_template, LaunchTemplateName="my-lt", LaunchTemplateData=data)
run = dict(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[group])
instance = full("vcpus", 1, "VcpuLimitExceeded", ec2.run_instances, **run)["Instances"][0]["InstanceId"]
advance(60)
gib = sum(volume["Size"] for volume in ec2.describe_volumes()["Volumes"])
full("volume_gib", gib, "VolumeLimitExceeded", ec2.create_volume, AvailabilityZone=HOME + "a", Size=1)

# Load balancing.
balancer = full("load_balancers", 0, "TooManyLoadBalancers", elb.create_load_balancer, Name="my-alb", Subnets=[subnet, second], SecurityGroups=[group])
balancer = balancer["LoadBalancers"][0]["LoadBalancerArn"]
targets = full("target_groups", 0, "TooManyTargetGroups", elb.create_target_group, Name="my-tg", Protocol="HTTP", Port=80, VpcId=vpc)
targets = targets["TargetGroups"][0]["TargetGroupArn"]
full("targets_per_group", 0, "TooManyTargets", elb.register_targets, TargetGroupArn=targets, Targets=[{"Id": instance}])
forward = [{"Type": "forward", "TargetGroupArn": targets}]
listener = full("listeners_per_balancer", 0, "TooManyListeners", elb.create_listener, LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)
listener = listener["Listeners"][0]["ListenerArn"]
path = [{"Field": "path-pattern", "Values": ["/a"]}]
full("rules_per_balancer", 0, "TooManyRules", elb.create_rule, ListenerArn=listener, Priority=1, Conditions=path, Actions=forward)


def certificate(name):
    arn = acm.request_certificate(DomainName=name, ValidationMethod="DNS")["CertificateArn"]
    advance(15)
    record = acm.describe_certificate(CertificateArn=arn)["Certificate"]["DomainValidationOptions"][0]["ResourceRecord"]
    records = {"Name": record["Name"], "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": record["Value"]}]}
    r53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": records}]})
    return arn


zone = r53.list_hosted_zones_by_name(DNSName="lab.example")["HostedZones"][0]["Id"]
first, extra = certificate("lab.example"), certificate("www.lab.example")
advance(1200)
secure = elb.create_listener(
    LoadBalancerArn=balancer, Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": first}], DefaultActions=forward
)["Listeners"][0]["ListenerArn"]
added = dict(ListenerArn=secure, Certificates=[{"CertificateArn": extra}])
full("certificates_per_balancer", 0, "TooManyCertificates", elb.add_listener_certificates, **added)

# Auto Scaling, databases, names, roles.
made = dict(
    AutoScalingGroupName="my-asg", MinSize=0, MaxSize=1, VPCZoneIdentifier=subnet, LaunchTemplate={"LaunchTemplateName": "my-lt", "Version": "$Latest"}
)
full("scaling_groups", 0, "LimitExceeded", asg.create_auto_scaling_group, **made)
described = dict(DBSubnetGroupName="g", DBSubnetGroupDescription="d", SubnetIds=[subnet, second])
full("db_subnet_groups", 0, "DBSubnetGroupQuotaExceeded", rds.create_db_subnet_group, **described)
database = dict(
    DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="mysql", AllocatedStorage=20, MasterUsername="root",
    MasterUserPassword="correct-horse-7", DBSubnetGroupName="g", BackupRetentionPeriod=0,
)
full("db_instances", 0, "InstanceQuotaExceeded", rds.create_db_instance, **database)
advance(900)
full("db_snapshots", 0, "SnapshotQuotaExceeded", rds.create_db_snapshot, DBSnapshotIdentifier="s", DBInstanceIdentifier="db")
full("hosted_zones", 1, "TooManyHostedZones", r53.create_hosted_zone, Name="other.example", CallerReference="once")
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
roles = here(iam.list_roles, "Roles")
full("roles", roles, "LimitExceeded", iam.create_role, 409, RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))
full("instance_profiles", 0, "LimitExceeded", iam.create_instance_profile, 409, InstanceProfileName="p")

# That were all of them.
defaults = json.loads(ask("quotas"))
same(met, set(defaults))

# Service Quotas: what holds, and what would hold without a change; of the services of the course.
CODES = {
    ("autoscaling", "L-CDE20ADC"): "scaling_groups",
    ("ec2", "L-0263D0A3"): "addresses",
    ("ec2", "L-1216C47A"): "vcpus",
    ("elasticloadbalancing", "L-53DA6B97"): "load_balancers",
    ("elasticloadbalancing", "L-7EED9B64"): "rules_per_balancer",
    ("elasticloadbalancing", "L-B22855CB"): "target_groups",
    ("elasticloadbalancing", "L-B6DF7632"): "listeners_per_balancer",
    ("iam", "L-6E65F664"): "instance_profiles",
    ("iam", "L-FE177D64"): "roles",
    ("rds", "L-272F1212"): "db_snapshots",
    ("rds", "L-48C6BF61"): "db_subnet_groups",
    ("rds", "L-7B6409FD"): "db_instances",
    ("route53", "L-4EA4796A"): "hosted_zones",
    ("vpc", "L-0EA8095F"): "rules_per_direction",
    ("vpc", "L-2AEEBF1A"): "entries_per_acl",
    ("vpc", "L-2AFB9258"): "groups_per_interface",
    ("vpc", "L-407747CB"): "subnets_per_vpc",
    ("vpc", "L-589F43AA"): "route_tables_per_vpc",
    ("vpc", "L-7E9ECCDB"): "peerings_per_vpc",
    ("vpc", "L-93826ACB"): "routes_per_table",
    ("vpc", "L-A4707A72"): "internet_gateways",
    ("vpc", "L-B4A6D682"): "network_acls_per_vpc",
    ("vpc", "L-DC9F7029"): "outstanding_peerings",
    ("vpc", "L-DF5E4CA3"): "network_interfaces",
    ("vpc", "L-E79EC296"): "security_groups",
    ("vpc", "L-F678F1CE"): "vpcs",
    ("vpc", "L-FE5A380F"): "nat_gateways_per_zone",
}
options(limits={name: value + 7 for name, value in defaults.items()})
home = {True: client("service-quotas", "us-east-1"), False: quotas}
services = [one["ServiceCode"] for one in quotas.list_services()["Services"]]
listed = {}
for service in services:
    at = home[service in ("iam", "route53")]
    pages = at.get_paginator("list_service_quotas").paginate(ServiceCode=service, PaginationConfig={"PageSize": 2})
    listed |= {(service, one["QuotaCode"]): one["Value"] for page in pages for one in page["Quotas"]}
same(listed, {code: defaults[name] + 7 for code, name in CODES.items()})
for (service, code), name in CODES.items():
    at = home[service in ("iam", "route53")]
    same(at.get_aws_default_service_quota(ServiceCode=service, QuotaCode=code)["Quota"]["Value"], defaults[name], name)
with error("NoSuchResourceException"):
    quotas.get_service_quota(ServiceCode="iam", QuotaCode="L-FE177D64")
