"""Load balancing with boto3: its waiters, health with its reasons, rules, pages, tags, mistakes, and taking it down."""

import base64

from practice import HOME, advance, client, error, filters, running, same, waited

ec2, elb = client("ec2"), client("elbv2")

# Two zones, two subnets with a way to the internet.
vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
table = ec2.describe_route_tables(Filters=filters(vpc_id=vpc))["RouteTables"][0]["RouteTableId"]
ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
subnets = []
for cidr, zone in [("10.1.1.0/26", "a"), ("10.1.1.64/26", "c")]:
    made = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=HOME + zone)["Subnet"]["SubnetId"]
    ec2.modify_subnet_attribute(SubnetId=made, MapPublicIpOnLaunch={"Value": True})
    subnets.append(made)


def group(name):
    return ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]


outer, inner = group("my-asg-alb-sg"), group("my-asg-ec2-sg")
HTTP = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80}
ec2.authorize_security_group_ingress(GroupId=outer, IpPermissions=[{**HTTP, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
from_outer = [{**HTTP, "UserIdGroupPairs": [{"GroupId": outer}]}]

image = ec2.describe_images(Owners=["amazon"], Filters=[{"Name": "name", "Values": ["al2023-ami-2023*x86_64"]}])["Images"][0]["ImageId"]
SCRIPT = "#!/bin/bash\ndnf install -y httpd\necho ok > /var/www/html/index.html\nsystemctl enable --now httpd\n"


def instance(subnet, script=""):
    started = ec2.run_instances(
        ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnet, SecurityGroupIds=[inner], UserData=script
    )
    return started["Instances"][0]["InstanceId"]


web, bare = instance(subnets[0], SCRIPT), instance(subnets[1])
with running(120):
    waited(ec2, "instance_running", InstanceIds=[web, bare])

# A target group; the same again is the same one.
make = dict(Name="my-asg-ec2-tg", Protocol="HTTP", Port=80, VpcId=vpc, HealthCheckPath="/", Tags=[{"Key": "Project", "Value": "aws-lab"}])
made = elb.create_target_group(**make)["TargetGroups"][0]
targets = made["TargetGroupArn"]
same(elb.create_target_group(**make)["TargetGroups"][0]["TargetGroupArn"], targets, "again")
same((made["HealthCheckPort"], made["Matcher"], made["HealthyThresholdCount"], made["TargetType"]), ("traffic-port", {"HttpCode": "200"}, 5, "instance"))
with error("DuplicateTargetGroupName"):
    elb.create_target_group(**{**make, "Port": 8080})
elb.modify_target_group_attributes(
    TargetGroupArn=targets, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "10"}]
)
shown = {one["Key"]: one["Value"] for one in elb.describe_target_group_attributes(TargetGroupArn=targets)["Attributes"]}
same((shown["deregistration_delay.timeout_seconds"], shown["stickiness.enabled"]), ("10", "false"))
elb.register_targets(TargetGroupArn=targets, Targets=[{"Id": web}, {"Id": bare}])


def health(instance):
    found = elb.describe_target_health(TargetGroupArn=targets, Targets=[{"Id": instance}])["TargetHealthDescriptions"][0]["TargetHealth"]
    return found["State"], found.get("Reason")


same(health(web), ("unused", "Target.NotInUse"), "without a listener")

# A load balancer wants two zones; boto3's own waiters see it come.
with error("InvalidConfigurationRequest", says="At least two subnets in two different Availability Zones"):
    elb.create_load_balancer(Name="my-asg-alb", Subnets=subnets[:1], SecurityGroups=[outer])
made = elb.create_load_balancer(Name="my-asg-alb", Subnets=subnets, SecurityGroups=[outer])["LoadBalancers"][0]
balancer = made["LoadBalancerArn"]
same((made["State"]["Code"], made["CanonicalHostedZoneId"], made["Scheme"]), ("provisioning", "ZWKZPGTI48KDX", "internet-facing"))
same(elb.create_load_balancer(Name="my-asg-alb", Subnets=subnets, SecurityGroups=[outer])["LoadBalancers"][0]["LoadBalancerArn"], balancer)
forward = [{"Type": "forward", "TargetGroupArn": targets}]
listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=forward)["Listeners"][0]["ListenerArn"]
same(health(web), ("initial", "Elb.RegistrationInProgress"), "while it is provisioned")
with running(120):
    waited(elb, "load_balancer_exists", LoadBalancerArns=[balancer])
    waited(elb, "load_balancer_available", LoadBalancerArns=[balancer])

# Nobody let the load balancer in: no answer. Then one serves a page, and the other refuses.
advance(90)
same(health(web), ("unhealthy", "Target.Timeout"))
ec2.authorize_security_group_ingress(GroupId=inner, IpPermissions=from_outer)
with running(120):
    waited(elb, "target_in_service", TargetGroupArn=targets, Targets=[{"Id": web}])
same(health(bare), ("unhealthy", "Target.FailedHealthChecks"))
elb.modify_target_group(TargetGroupArn=targets, HealthCheckPath="/nothing")
advance(70)
found = elb.describe_target_health(TargetGroupArn=targets, Targets=[{"Id": web}])["TargetHealthDescriptions"][0]["TargetHealth"]
same(found["Reason"], "Target.ResponseCodeMismatch")
same(found["Description"], "Health checks failed with these codes: [404]")

# Rules.
rule = elb.create_rule(
    ListenerArn=listener,
    Priority=5,
    Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/old/*"]}}],
    Actions=[{"Type": "redirect", "RedirectConfig": {"Path": "/new", "StatusCode": "HTTP_301"}}],
)["Rules"][0]
same((rule["Priority"], rule["IsDefault"], rule["Conditions"][0]["Values"]), ("5", False, ["/old/*"]))
same(rule["Actions"][0]["RedirectConfig"]["Host"], "#{host}")
same([one["Priority"] for one in elb.describe_rules(ListenerArn=listener)["Rules"]], ["5", "default"])
with error("PriorityInUse"):
    elb.create_rule(ListenerArn=listener, Priority=5, Conditions=[{"Field": "path-pattern", "Values": ["/x"]}], Actions=forward)
elb.set_rule_priorities(RulePriorities=[{"RuleArn": rule["RuleArn"], "Priority": 7}])
elb.delete_rule(RuleArn=rule["RuleArn"])

# Pages and tags.
for number in range(3):
    elb.create_target_group(Name=f"page-{number}", Protocol="HTTP", Port=80, VpcId=vpc)
names = [one["TargetGroupName"] for page in elb.get_paginator("describe_target_groups").paginate(PaginationConfig={"PageSize": 2}) for one in page["TargetGroups"]]
same(names, ["my-asg-ec2-tg", "page-0", "page-1", "page-2"])
elb.add_tags(ResourceArns=[balancer], Tags=[{"Key": "Name", "Value": "my-asg-alb"}])
described = elb.describe_tags(ResourceArns=[balancer, targets])["TagDescriptions"]
same([one["Tags"] for one in described], [[{"Key": "Name", "Value": "my-asg-alb"}], [{"Key": "Project", "Value": "aws-lab"}]])
elb.remove_tags(ResourceArns=[balancer], TagKeys=["Name"])
assert elb.describe_account_limits()["Limits"] and elb.describe_ssl_policies(Names=["ELBSecurityPolicy-2016-08"])["SslPolicies"][0]["Ciphers"]

# What it holds.
enis = ec2.describe_network_interfaces(Filters=filters(description="ELB app/my-asg-alb/*"))["NetworkInterfaces"]
same([one["RequesterId"] for one in enis], ["amazon-elb", "amazon-elb"])
with error("ResourceInUse"):
    elb.delete_target_group(TargetGroupArn=targets)
with error("NotSimulated"):
    elb.create_load_balancer(Name="net", Type="network", Subnets=subnets)

# Draining, then gone; and everything else goes too.
elb.deregister_targets(TargetGroupArn=targets, Targets=[{"Id": web}])
same(health(web), ("draining", "Target.DeregistrationInProgress"))
with running(60):
    waited(elb, "target_deregistered", TargetGroupArn=targets, Targets=[{"Id": web}])
elb.delete_load_balancer(LoadBalancerArn=balancer)
with running(60):
    waited(elb, "load_balancers_deleted", LoadBalancerArns=[balancer])
with error("DependencyViolation"):
    ec2.delete_subnet(SubnetId=subnets[0])
for arn in [one["TargetGroupArn"] for one in elb.describe_target_groups()["TargetGroups"]]:
    elb.delete_target_group(TargetGroupArn=arn)
ec2.terminate_instances(InstanceIds=[web, bare])
advance(300)
same(ec2.describe_network_interfaces(Filters=filters(vpc_id=vpc))["NetworkInterfaces"], [], "interfaces left")
ec2.delete_security_group(GroupId=inner)
ec2.delete_security_group(GroupId=outer)
ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
for subnet in subnets:
    ec2.delete_subnet(SubnetId=subnet)
ec2.delete_vpc(VpcId=vpc)
