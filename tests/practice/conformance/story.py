"""Chapters 3, 4 and 6 built by a script that knows nothing of awslab: load, CPU, alarm, scale-out, scale-in."""

import datetime
import json

import boto3

from practice import HOME, PEER, control, error, running, same

REGION = HOME
ec2 = boto3.client("ec2", region_name=REGION)
tokyo = boto3.client("ec2", region_name=PEER)
elb = boto3.client("elbv2")
asg = boto3.client("autoscaling")
cw = boto3.client("cloudwatch")
ssm = boto3.client("ssm")
iam = boto3.client("iam")
rds = boto3.client("rds")
r53 = boto3.client("route53")
acm = boto3.client("acm")
AMI = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"

PAGE = r"""<?php
function imds(string $m, string $path, array $h): string {
  $c = stream_context_create(['http' => ['method' => $m, 'header' => $h, 'timeout' => 1, 'ignore_errors' => true]]);
  $r = @file_get_contents("http://169.254.169.254$path", false, $c);
  return $r === false ? '' : $r;
}
$t = imds('PUT', '/latest/api/token', ['X-aws-ec2-metadata-token-ttl-seconds: 60', 'Content-Length: 0']);
$h = ["X-aws-ec2-metadata-token: $t"];
$m = [];
foreach (['instance-id','ami-id','instance-type','local-ipv4','placement/availability-zone'] as $k)
  $m[$k] = imds('GET', "/latest/meta-data/$k", $h);
http_response_code($m['instance-id'] === '' ? 500 : 200);
header('Cache-Control: no-store');
foreach ($m as $k => $v) echo htmlspecialchars("$k: $v") . "<br>\n";
"""
USER_DATA = (
    "#!/bin/bash\nset -euxo pipefail\n"
    "for i in 1 2 3 4 5; do dnf install -y httpd php php-fpm stress && break; sleep 15; done\n"
    "mkdir -p /var/www/html/ec2meta-webpage\n"
    "cat >/var/www/html/ec2meta-webpage/index.php <<'PHP'\n" + PAGE + "PHP\n"
    "echo ok >/var/www/html/index.html\n"
)
APP_DATA = USER_DATA + "echo 'Listen 8080' >/etc/httpd/conf.d/lab8080.conf\nsystemctl enable --now php-fpm httpd\n"
ASG_DATA = USER_DATA + "systemctl enable --now php-fpm httpd\n"


def tags(kind, name):
    return [{"ResourceType": kind, "Tags": [{"Key": "Name", "Value": name}, {"Key": "Project", "Value": "aws-lab"}]}]


def refused(code, call, **arguments):
    with error(code):
        call(**arguments)


def until(what, holds, minutes):
    """Advances practice time in steps of 15 seconds until it holds; the seconds that it took."""
    for seconds in range(0, minutes * 60, 15):
        if holds():
            return seconds
        control("advance 15")
    raise AssertionError(f"{what}: not within {minutes} minutes")


# Chapter 3: the network, and one instance in Tokyo to talk to.
vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=tags("vpc", "my-vpc"))["Vpc"]["VpcId"]
control("advance 5")
ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
subnet = {}
for name, cidr, zone in [
    ("public-a", "10.1.1.0/24", "a"), ("public-c", "10.1.2.0/24", "c"), ("app-a", "10.1.11.0/24", "a"),
    ("app-c", "10.1.12.0/24", "c"), ("db-a", "10.1.21.0/24", "a"), ("db-c", "10.1.22.0/24", "c"),
]:
    made = ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=REGION + zone, TagSpecifications=tags("subnet", name))
    subnet[name] = made["Subnet"]["SubnetId"]
igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
public, private = (ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"] for _ in range(2))
eip = ec2.allocate_address(Domain="vpc")
nat = ec2.create_nat_gateway(SubnetId=subnet["public-a"], AllocationId=eip["AllocationId"])["NatGateway"]["NatGatewayId"]
ec2.create_route(RouteTableId=public, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
ec2.create_route(RouteTableId=private, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
for name, id in subnet.items():
    ec2.associate_route_table(RouteTableId=public if name.startswith("public") else private, SubnetId=id)
with running(2000):
    ec2.get_waiter("nat_gateway_available").wait(NatGatewayIds=[nat], WaiterConfig={"Delay": 1})


def group(name, *rules):
    made = ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
    for protocol, port, source in rules:
        rule = {"IpProtocol": protocol, "FromPort": port, "ToPort": port}
        rule |= {"UserIdGroupPairs": [{"GroupId": source}]} if source.startswith("sg-") else {"IpRanges": [{"CidrIp": source}]}
        ec2.authorize_security_group_ingress(GroupId=made, IpPermissions=[rule])
    return made


bastion_sg = group("my-bastion-host-sg", ("tcp", 22, "203.0.113.7/32"))
private_sg = group("my-private-ec2-sg", ("tcp", 22, bastion_sg))
ec2.create_key_pair(KeyName="my-ec2-keypair", KeyType="ed25519")
ami = ssm.get_parameter(Name=AMI)["Parameter"]["Value"]
iam.create_role(
    RoleName="my-lab-ssm-role",
    AssumeRolePolicyDocument=json.dumps({
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }),
)
iam.attach_role_policy(RoleName="my-lab-ssm-role", PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
iam.create_instance_profile(InstanceProfileName="my-lab-ssm-profile")
iam.add_role_to_instance_profile(InstanceProfileName="my-lab-ssm-profile", RoleName="my-lab-ssm-role")
control("advance 60")
PROFILE = {"Name": "my-lab-ssm-profile"}


def launch(name, where, groups, **more):
    made = ec2.run_instances(
        ImageId=ami, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnet[where], SecurityGroupIds=groups,
        KeyName="my-ec2-keypair", TagSpecifications=tags("instance", name), **more,
    )
    return made["Instances"][0]["InstanceId"]


private_ec2 = launch("my-private-ec2", "app-a", [private_sg], IamInstanceProfile=PROFILE)

peer_vpc = tokyo.create_vpc(CidrBlock="192.168.10.0/24")["Vpc"]["VpcId"]
control("advance 5")
peer_subnet = tokyo.create_subnet(VpcId=peer_vpc, CidrBlock="192.168.10.128/28", AvailabilityZone=PEER + "a")["Subnet"]["SubnetId"]
peer_table = tokyo.create_route_table(VpcId=peer_vpc)["RouteTable"]["RouteTableId"]
tokyo.associate_route_table(RouteTableId=peer_table, SubnetId=peer_subnet)
peer_sg = tokyo.create_security_group(GroupName="my-tokyo-private-sg", Description="ping", VpcId=peer_vpc)["GroupId"]
tokyo.authorize_security_group_ingress(GroupId=peer_sg, IpPermissions=[{
    "IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "10.1.0.0/16"}],
}])
tokyo_ami = boto3.client("ssm", region_name=PEER).get_parameter(Name=AMI)["Parameter"]["Value"]
tokyo_ec2 = tokyo.run_instances(
    ImageId=tokyo_ami, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=peer_subnet, SecurityGroupIds=[peer_sg],
)["Instances"][0]
pcx = tokyo.create_vpc_peering_connection(VpcId=peer_vpc, PeerVpcId=vpc, PeerRegion=REGION)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
control("advance 30")
ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=pcx)
control("advance 30")
ec2.create_route(RouteTableId=private, DestinationCidrBlock="192.168.10.0/24", VpcPeeringConnectionId=pcx)
tokyo.create_route(RouteTableId=peer_table, DestinationCidrBlock="10.1.0.0/16", VpcPeeringConnectionId=pcx)
same(ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[pcx])["VpcPeeringConnections"][0]["Status"]["Code"], "active")


def online(*ids):
    found = ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": list(ids)}])["InstanceInformationList"]
    return len([one for one in found if one["PingStatus"] == "Online"]) == len(ids)


def shell(instance, *commands, ok=True):
    sent = ssm.send_command(InstanceIds=[instance], DocumentName="AWS-RunShellScript", Parameters={"commands": list(commands)})
    command = sent["Command"]["CommandId"]
    for _ in range(80):
        control("advance 3")
        ran = ssm.get_command_invocation(CommandId=command, InstanceId=instance)
        if ran["Status"] not in ("Pending", "InProgress", "Delayed"):
            break
    assert (ran["Status"] == "Success") == ok, ran
    return ran["StandardOutputContent"]


until("the agent comes online", lambda: online(private_ec2), 5)
same(shell(private_ec2, "curl -s https://checkip.amazonaws.com").strip(), eip["PublicIp"])
address = tokyo_ec2["PrivateIpAddress"]
assert " 0% packet loss" in shell(private_ec2, f"ping -c 3 {address}")

# What the peering needs on either side: without a route or the rule for ICMP nothing comes back.
LOST = f"ping -c 3 -W 1 {address}"
back = {"RouteTableId": peer_table, "DestinationCidrBlock": "10.1.0.0/16"}
tokyo.delete_route(**back)
assert " 100% packet loss" in shell(private_ec2, LOST, ok=False)
tokyo.create_route(VpcPeeringConnectionId=pcx, **back)
there = {"RouteTableId": private, "DestinationCidrBlock": "192.168.10.0/24"}
ec2.delete_route(**there)
assert " 100% packet loss" in shell(private_ec2, LOST, ok=False)
ec2.create_route(VpcPeeringConnectionId=pcx, **there)
icmp = [{"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "10.1.0.0/16"}]}]
tokyo.revoke_security_group_ingress(GroupId=peer_sg, IpPermissions=icmp)
assert " 100% packet loss" in shell(private_ec2, LOST, ok=False)
tokyo.authorize_security_group_ingress(GroupId=peer_sg, IpPermissions=icmp)
out = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
ec2.revoke_security_group_egress(GroupId=private_sg, IpPermissions=out)
ec2.authorize_security_group_egress(GroupId=private_sg, IpPermissions=[{"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
assert " 100% packet loss" in shell(private_ec2, LOST, ok=False)
ec2.authorize_security_group_egress(GroupId=private_sg, IpPermissions=out)
assert " 0% packet loss" in shell(private_ec2, LOST)

# Chapter 4: name, certificate, database, application, load balancer with HTTPS.
zone = r53.list_hosted_zones_by_name(DNSName="lab.example.")["HostedZones"][0]
same(zone["Name"], "lab.example.")
cert = acm.request_certificate(
    DomainName="lab.example", SubjectAlternativeNames=["*.lab.example"], ValidationMethod="DNS", IdempotencyToken="story",
)["CertificateArn"]
control("advance 30")
options = acm.describe_certificate(CertificateArn=cert)["Certificate"]["DomainValidationOptions"]
records = {(o["ResourceRecord"]["Name"], o["ResourceRecord"]["Value"]) for o in options}
same(len(options), 2)
same(len(records), 1)
[(record, value)] = records
r53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {
    "Name": record, "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": value}],
}}]})

app_alb_sg = group("my-app-alb-sg", ("tcp", 80, "0.0.0.0/0"), ("tcp", 443, "0.0.0.0/0"))
app_ec2_sg = group("my-app-ec2-sg", ("tcp", 80, app_alb_sg), ("tcp", 8080, app_alb_sg))
app_rds_sg = group("my-app-rds-sg", ("tcp", 3306, app_alb_sg))
rds.create_db_subnet_group(
    DBSubnetGroupName="my-alchemine-app-sbg", DBSubnetGroupDescription="lab", SubnetIds=[subnet["db-a"], subnet["db-c"]],
)
rds.create_db_instance(
    DBInstanceIdentifier="my-alchemine-app-rds", Engine="mysql", EngineVersion="8.4", DBInstanceClass="db.t3.micro",
    AllocatedStorage=20, StorageType="gp3", MasterUsername="root", MasterUserPassword="not-a-secret-1",
    DBSubnetGroupName="my-alchemine-app-sbg", VpcSecurityGroupIds=[app_rds_sg], AvailabilityZone=REGION + "a",
    MultiAZ=False, PubliclyAccessible=False, BackupRetentionPeriod=0,
    EngineLifecycleSupport="open-source-rds-extended-support-disabled",
)
app = launch(
    "my-alchemine-app-ec2", "app-a", [app_ec2_sg], UserData=APP_DATA, IamInstanceProfile=PROFILE,
    BlockDeviceMappings=[{"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 20, "VolumeType": "gp3"}}],
)
with running(2000):
    ec2.get_waiter("instance_running").wait(InstanceIds=[app], WaiterConfig={"Delay": 1})


def target_group(name, port, path):
    return elb.create_target_group(
        Name=name, Protocol="HTTP", Port=port, VpcId=vpc, TargetType="instance", HealthCheckPath=path,
    )["TargetGroups"][0]["TargetGroupArn"]


def balancer(name, sg):
    return elb.create_load_balancer(
        Name=name, Subnets=[subnet["public-a"], subnet["public-c"]], SecurityGroups=[sg], Scheme="internet-facing",
    )["LoadBalancers"][0]


def health(tg):
    found = elb.describe_target_health(TargetGroupArn=tg)["TargetHealthDescriptions"]
    return {one["Target"]["Id"]: (one["TargetHealth"]["State"], one["TargetHealth"].get("Reason")) for one in found}


tg80, tg8080 = target_group("my-alchemine-app-tg-80", 80, "/"), target_group("my-alchemine-app-tg-8080", 8080, "/")
for tg in (tg80, tg8080):
    elb.register_targets(TargetGroupArn=tg, Targets=[{"Id": app}])
app_alb = balancer("my-alchemine-app-alb", app_alb_sg)
until("the certificate is issued", lambda: acm.describe_certificate(CertificateArn=cert)["Certificate"]["Status"] == "ISSUED", 40)
http = elb.create_listener(
    LoadBalancerArn=app_alb["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": tg80}],
)["Listeners"][0]["ListenerArn"]
elb.create_listener(
    LoadBalancerArn=app_alb["LoadBalancerArn"], Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": cert}],
    SslPolicy="ELBSecurityPolicy-TLS13-1-2-2021-06", DefaultActions=[{"Type": "forward", "TargetGroupArn": tg80}],
)
elb.modify_listener(ListenerArn=http, DefaultActions=[{"Type": "redirect", "RedirectConfig": {
    "Protocol": "HTTPS", "Port": "443", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}", "StatusCode": "HTTP_301",
}}])
with running(2000):
    elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[app_alb["LoadBalancerArn"]], WaiterConfig={"Delay": 1})
until("the application is healthy", lambda: health(tg80)[app][0] == "healthy", 10)
same(health(tg8080)[app], ("unused", "Target.NotInUse"))
r53.change_resource_record_sets(HostedZoneId=zone["Id"], ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": {
    "Name": "app.lab.example", "Type": "A", "AliasTarget": {
        "HostedZoneId": app_alb["CanonicalHostedZoneId"], "DNSName": app_alb["DNSName"], "EvaluateTargetHealth": False,
    },
}}]})
control("advance 90")
with running(2000):
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier="my-alchemine-app-rds", WaiterConfig={"Delay": 1})
endpoint = rds.describe_db_instances(DBInstanceIdentifier="my-alchemine-app-rds")["DBInstances"][0]["Endpoint"]["Address"]
until("the agent of the application", lambda: online(app), 5)
probe = f"timeout 3 bash -c '</dev/tcp/{endpoint}/3306'"
# The notes let the load balancer's group in, which never talks to a database.
shell(app, probe, ok=False)
ec2.authorize_security_group_ingress(GroupId=app_rds_sg, IpPermissions=[
    {"IpProtocol": "tcp", "FromPort": 3306, "ToPort": 3306, "UserIdGroupPairs": [{"GroupId": app_ec2_sg}]},
])
shell(app, probe)
assert "301" in shell(private_ec2, "curl -sI http://app.lab.example/")
same(shell(private_ec2, "curl -s https://app.lab.example/").strip(), "ok")

# Chapter 6: golden image, template, load balancer, group, policy.
alb_sg = group("my-asg-alb-sg", ("tcp", 80, "0.0.0.0/0"))
ec2_sg = group("my-asg-ec2-sg", ("tcp", 80, alb_sg))
golden = launch("my-asg-ec2", "app-a", [ec2_sg], UserData=ASG_DATA, IamInstanceProfile=PROFILE)
until("the agent of the golden instance", lambda: online(golden), 8)
CODE = "curl -s -o /dev/null -w '%{http_code}' http://localhost/ec2meta-webpage/index.php || true"
until("the page of the golden instance", lambda: shell(golden, CODE).strip() == "200", 8)
image = ec2.create_image(InstanceId=golden, Name="my-asg-ec2-ami-1210", NoReboot=True)["ImageId"]
with running(2000):
    ec2.get_waiter("image_available").wait(ImageIds=[image], WaiterConfig={"Delay": 1})
template = ec2.create_launch_template(LaunchTemplateName="my-asg-lt", LaunchTemplateData={
    "ImageId": image, "InstanceType": "t3.micro", "KeyName": "my-ec2-keypair", "SecurityGroupIds": [ec2_sg],
    "IamInstanceProfile": PROFILE, "Monitoring": {"Enabled": True},
    "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "InstanceMetadataTags": "enabled"},
})["LaunchTemplate"]["LaunchTemplateId"]
tg = target_group("my-asg-ec2-tg", 80, "/ec2meta-webpage/index.php")
alb = balancer("my-asg-alb", alb_sg)
elb.create_listener(
    LoadBalancerArn=alb["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": tg}],
)
elb.register_targets(TargetGroupArn=tg, Targets=[{"Id": golden}])
with running(2000):
    elb.get_waiter("load_balancer_available").wait(LoadBalancerArns=[alb["LoadBalancerArn"]], WaiterConfig={"Delay": 1})
    elb.get_waiter("target_in_service").wait(TargetGroupArn=tg, WaiterConfig={"Delay": 1})
PAGE_URL = f"http://{alb['DNSName']}/ec2meta-webpage/index.php"
assert f"instance-id: {golden}" in shell(private_ec2, f"curl -s {PAGE_URL}")

NAME = "my-asg-ec2"
asg.create_auto_scaling_group(
    AutoScalingGroupName=NAME, LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"}, MinSize=1, MaxSize=1,
    DesiredCapacity=1, VPCZoneIdentifier=f"{subnet['app-a']},{subnet['app-c']}", TargetGroupARNs=[tg],
    HealthCheckType="EC2", HealthCheckGracePeriod=10,
    Tags=[{"Key": "Name", "Value": "my-asg-ec2-node", "PropagateAtLaunch": True}],
)


def seen():
    return asg.describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])["AutoScalingGroups"][0]


def serving():
    return [one["InstanceId"] for one in seen()["Instances"] if one["LifecycleState"] == "InService"]


until("the first instance of the group", lambda: len(serving()) == 1, 5)
[first] = serving()
asg.update_auto_scaling_group(AutoScalingGroupName=NAME, MaxSize=3)
put = asg.put_scaling_policy(
    AutoScalingGroupName=NAME, PolicyName="my-asg-ec2-cpu70", PolicyType="TargetTrackingScaling", EstimatedInstanceWarmup=10,
    TargetTrackingConfiguration={
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 70.0,
    },
)
asg.enable_metrics_collection(AutoScalingGroupName=NAME, Granularity="1Minute")
high, low = sorted(alarm["AlarmName"] for alarm in put["Alarms"])
assert high.startswith(f"TargetTracking-{NAME}-AlarmHigh-") and low.startswith(f"TargetTracking-{NAME}-AlarmLow-")
elb.modify_target_group_attributes(TargetGroupArn=tg, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "10"}])
elb.deregister_targets(TargetGroupArn=tg, Targets=[{"Id": golden}])
until("the golden instance has drained", lambda: golden not in health(tg), 2)
until("the first instance is healthy", lambda: health(tg)[first][0] == "healthy", 5)


def alarm(name):
    return cw.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]


same((alarm(high)["Threshold"], alarm(high)["EvaluationPeriods"], alarm(high)["Period"]), (70.0, 3, 60))
same((alarm(low)["Threshold"], alarm(low)["EvaluationPeriods"]), (49.0, 15))
until("the high alarm sees that all is well", lambda: alarm(high)["StateValue"] == "OK", 10)


def now():
    # A clock that runs in practice time.
    return datetime.datetime.fromtimestamp(int(shell(private_ec2, "date +%s")), datetime.timezone.utc)


def cpu(dimension, value, since):
    points = cw.get_metric_data(
        MetricDataQueries=[{"Id": "cpu", "MetricStat": {
            "Metric": {"Namespace": "AWS/EC2", "MetricName": "CPUUtilization", "Dimensions": [{"Name": dimension, "Value": value}]},
            "Period": 60, "Stat": "Average",
        }}],
        StartTime=since, EndTime=now() + datetime.timedelta(minutes=1), ScanBy="TimestampAscending",
    )["MetricDataResults"][0]
    return list(zip(points["Timestamps"], points["Values"]))


def desired():
    return seen()["DesiredCapacity"]


# What does not scale: all processors of the golden instance, and one worker on two processors.
shell(golden, "systemd-run --unit=lab-stress --collect stress -c $(nproc) -t 600")
shell(first, "systemd-run --unit=lab-half --collect stress -c 1 -t 600")
for _ in range(12):
    control("advance 60")
    same(desired(), 1)
    same(alarm(high)["StateValue"], "OK")
half = [value for _, value in cpu("AutoScalingGroupName", NAME, now() - datetime.timedelta(minutes=9))][:5]
assert all(45 < value < 60 for value in half), half
burnt = cpu("InstanceId", golden, now() - datetime.timedelta(minutes=15))
assert max(value for _, value in burnt) > 95, burnt
control("advance 300")

# What does.
started = now()
shell(first, "systemd-run --unit=lab-stress --collect stress -c $(nproc) -t 900")
took = until("the high alarm goes off", lambda: alarm(high)["StateValue"] == "ALARM", 8)
assert 150 <= took <= 420, took
over = [value for _, value in cpu("AutoScalingGroupName", NAME, started) if value > 70]
assert len(over) >= 3, over
until("the group wants two", lambda: desired() == 2, 2)
until("the second instance serves", lambda: len(serving()) == 2, 4)
[second] = [one for one in serving() if one != first]
until("the second instance is healthy", lambda: health(tg)[second][0] == "healthy", 3)
zones = {one["AvailabilityZone"] for one in seen()["Instances"]}
same(zones, {REGION + "a", REGION + "c"})
answers = {shell(private_ec2, f"curl -s {PAGE_URL}").split("<br>")[0] for _ in range(4)}
same(answers, {f"instance-id: {first}", f"instance-id: {second}"})
out = [one for one in asg.describe_scaling_activities(AutoScalingGroupName=NAME)["Activities"] if "changing the desired capacity from 1 to 2" in one["Cause"]]
same(len(out), 1)
assert f"a monitor alarm {high} in state ALARM triggered policy my-asg-ec2-cpu70" in out[0]["Cause"], out[0]["Cause"]
assert "an instance was started in response to a difference between desired and actual capacity, increasing the capacity from 1 to 2." in out[0]["Cause"]
same(out[0]["Description"], f"Launching a new EC2 instance: {second}")
until("the group's activity is over", lambda: asg.describe_scaling_activities(AutoScalingGroupName=NAME)["Activities"][0]["StatusCode"] == "Successful", 3)

# The load of both is about 50: no third one, and nobody leaves.
for _ in range(5):
    control("advance 60")
    same(desired(), 2)

# The load ends; fifteen low points later one of them goes.
shell(first, "systemctl stop lab-stress")
took = until("the low alarm goes off", lambda: alarm(low)["StateValue"] == "ALARM", 25)
assert 13 * 60 <= took <= 20 * 60, took
until("the group wants one", lambda: desired() == 1, 3)
until("the other one is gone", lambda: len(seen()["Instances"]) == 1, 5)
last = [one for one in asg.describe_scaling_activities(AutoScalingGroupName=NAME)["Activities"] if one["Description"].startswith("Terminating")]
same(len(last), 1)
assert f"a monitor alarm {low} in state ALARM triggered policy my-asg-ec2-cpu70 changing the desired capacity from 2 to 1." in last[0]["Cause"]
assert "an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from 2 to 1." in last[0]["Cause"]
assert "was selected for termination." in last[0]["Cause"]
history = cw.describe_alarm_history(AlarmName=high, HistoryItemType="StateUpdate")["AlarmHistoryItems"]
assert any("from OK to ALARM" in item["HistorySummary"] for item in history), history

# An instance that is ended by hand is replaced.
[left] = serving()
ec2.terminate_instances(InstanceIds=[left])
until("a new instance serves", lambda: [one for one in serving() if one != left], 6)
refused("ResourceInUse", asg.delete_auto_scaling_group, AutoScalingGroupName=NAME)

# What the private servers fetched has gone through the NAT gateway, and is counted: more has come back than went out.
def through_nat(name):
    points = cw.get_metric_statistics(
        Namespace="AWS/NATGateway", MetricName=name, Dimensions=[{"Name": "NatGatewayId", "Value": nat}],
        StartTime=now() - datetime.timedelta(days=2), EndTime=now(), Period=3600, Statistics=["Sum"],
    )["Datapoints"]
    return sum(point["Sum"] for point in points)


out, back = through_nat("BytesOutToDestination"), through_nat("BytesInFromDestination")
assert 0 < out < back, (out, back)
same((through_nat("BytesInFromSource"), through_nat("BytesOutToSource"), through_nat("ErrorPortAllocation")), (out, back, 0))

# And down again, to nothing.
asg.delete_auto_scaling_group(AutoScalingGroupName=NAME, ForceDelete=True)
until("the group is gone", lambda: not asg.describe_auto_scaling_groups(AutoScalingGroupNames=[NAME])["AutoScalingGroups"], 6)
same(cw.describe_alarms(AlarmNames=[high, low])["MetricAlarms"], [])
for one in (alb, app_alb):
    elb.delete_load_balancer(LoadBalancerArn=one["LoadBalancerArn"])
refused("DependencyViolation", ec2.delete_security_group, GroupId=alb_sg)
rds.delete_db_instance(DBInstanceIdentifier="my-alchemine-app-rds", SkipFinalSnapshot=True)
ec2.terminate_instances(InstanceIds=[app, golden, private_ec2])
tokyo.terminate_instances(InstanceIds=[tokyo_ec2["InstanceId"]])
ec2.delete_nat_gateway(NatGatewayId=nat)
ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=pcx)
control("advance 900")
for one in (tg, tg80, tg8080):
    elb.delete_target_group(TargetGroupArn=one)
ec2.release_address(AllocationId=eip["AllocationId"])
rds.delete_db_subnet_group(DBSubnetGroupName="my-alchemine-app-sbg")
acm.delete_certificate(CertificateArn=cert)
ec2.delete_launch_template(LaunchTemplateId=template)
ec2.deregister_image(ImageId=image, DeleteAssociatedSnapshots=True)
same(ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"], [])
for one in (app_rds_sg, app_ec2_sg, app_alb_sg, ec2_sg, alb_sg, private_sg, bastion_sg):
    ec2.delete_security_group(GroupId=one)
for id in subnet.values():
    ec2.delete_subnet(SubnetId=id)
for table in (public, private):
    ec2.delete_route_table(RouteTableId=table)
ec2.detach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
ec2.delete_internet_gateway(InternetGatewayId=igw)
ec2.delete_vpc(VpcId=vpc)
tokyo.delete_security_group(GroupId=peer_sg)
tokyo.delete_subnet(SubnetId=peer_subnet)
tokyo.delete_route_table(RouteTableId=peer_table)
tokyo.delete_vpc(VpcId=peer_vpc)
same(ec2.describe_volumes()["Volumes"], [])
same(ec2.describe_network_interfaces()["NetworkInterfaces"], [])
