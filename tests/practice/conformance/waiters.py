"""Every waiter of boto3 for the simulated services, unchanged: its own delays and attempts, which pass on the practice clock.

The ones that are not simulated are listed with what they wait for: a waiter that is new in boto3 makes this script fail until it is either used or
listed.
"""

import json
import subprocess
import tempfile

import botocore.exceptions

from practice import HOME, PEER, advance, client, clocked, same

SERVICES = ["acm", "autoscaling", "cloudwatch", "ec2", "elbv2", "iam", "rds", "route53", "route53domains", "secretsmanager", "service-quotas", "ssm", "sts"]

NOT_SIMULATED = {
    "acm": ["acme_domain_validation_deleted", "acme_domain_validation_validated", "acme_endpoint_active", "acme_endpoint_deleted"],
    "cloudwatch": ["alarm_mute_rule_exists", "composite_alarm_exists", "log_alarm_exists"],
    "ec2": [
        "bundle_task_complete", "conversion_task_cancelled", "conversion_task_completed", "conversion_task_deleted", "customer_gateway_available",
        "export_task_cancelled", "export_task_completed", "image_usage_report_available", "password_data_available", "secondary_network_create_complete",
        "secondary_network_delete_complete", "secondary_subnet_create_complete", "secondary_subnet_delete_complete",
        "security_group_vpc_association_associated", "security_group_vpc_association_disassociated", "snapshot_imported",
        "spot_instance_request_fulfilled", "store_image_task_complete", "vpn_connection_available", "vpn_connection_deleted",
    ],
    "iam": ["policy_exists", "user_exists"],
    "rds": [
        "db_cluster_available", "db_cluster_deleted", "db_cluster_snapshot_available", "db_cluster_snapshot_deleted", "tenant_database_available",
        "tenant_database_deleted",
    ],
}

clients = {name: client(name, "us-east-1" if name in ("iam", "route53", "route53domains") else HOME) for name in SERVICES}
used = {name: {} for name in SERVICES}


def wait(service, waiter, **arguments):
    with clocked() as waited:
        clients[service].get_waiter(waiter).wait(**arguments)
    used[service][waiter] = waited.seconds
    return waited.seconds


def fails(service, waiter, **arguments):
    try:
        with clocked():
            clients[service].get_waiter(waiter).wait(**arguments)
    except botocore.exceptions.WaiterError:
        return
    raise AssertionError(f"{waiter} did not fail")


ec2, elb, rds, iam = clients["ec2"], clients["elbv2"], clients["rds"], clients["iam"]

# A network.
vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
wait("ec2", "vpc_exists", VpcIds=[vpc])
wait("ec2", "vpc_available", VpcIds=[vpc])
subnets = [
    ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{third}.0/24", AvailabilityZone=HOME + zone)["Subnet"]["SubnetId"] for third, zone in [(1, "a"), (2, "c")]
]
wait("ec2", "subnet_available", SubnetIds=subnets)
gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
wait("ec2", "internet_gateway_exists", InternetGatewayIds=[gateway])
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
table = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["RouteTables"][0]["RouteTableId"]
ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
group = ec2.create_security_group(GroupName="open", Description="d", VpcId=vpc)["GroupId"]
wait("ec2", "security_group_exists", GroupIds=[group])
ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
interface = ec2.create_network_interface(SubnetId=subnets[0])["NetworkInterface"]["NetworkInterfaceId"]
wait("ec2", "network_interface_available", NetworkInterfaceIds=[interface])
fails("ec2", "network_interface_available", NetworkInterfaceIds=["eni-00000000000000000"])
allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
advance(5)
nat = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=allocation)["NatGateway"]["NatGatewayId"]
assert 60 <= wait("ec2", "nat_gateway_available", NatGatewayIds=[nat]) <= 240
ec2.delete_nat_gateway(NatGatewayId=nat)
assert 40 <= wait("ec2", "nat_gateway_deleted", NatGatewayIds=[nat]) <= 300
fails("ec2", "nat_gateway_available", NatGatewayIds=[nat])
other = client("ec2", PEER).create_vpc(CidrBlock="192.168.10.0/24")["Vpc"]["VpcId"]
advance(5)
peering = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other, PeerRegion=PEER)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
wait("ec2", "vpc_peering_connection_exists", VpcPeeringConnectionIds=[peering])
advance(10)
ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=peering)
wait("ec2", "vpc_peering_connection_deleted", VpcPeeringConnectionIds=[peering])

# Machines, with a role that lets Systems Manager in.
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
iam.create_role(RoleName="my-lab-ssm-role", AssumeRolePolicyDocument=json.dumps(trust))
wait("iam", "role_exists", RoleName="my-lab-ssm-role")
iam.attach_role_policy(RoleName="my-lab-ssm-role", PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")
iam.create_instance_profile(InstanceProfileName="my-lab-ssm-profile")
wait("iam", "instance_profile_exists", InstanceProfileName="my-lab-ssm-profile")
iam.add_role_to_instance_profile(InstanceProfileName="my-lab-ssm-profile", RoleName="my-lab-ssm-role")
advance(60)
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", f"{folder}/key"], check=True)
    ec2.import_key_pair(KeyName="my-key", PublicKeyMaterial=open(f"{folder}/key.pub", "rb").read())
wait("ec2", "key_pair_exists", KeyNames=["my-key"])
parameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
image = clients["ssm"].get_parameter(Name=parameter)["Parameter"]["Value"]
instance = ec2.run_instances(
    ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, KeyName="my-key", IamInstanceProfile={"Name": "my-lab-ssm-profile"},
    UserData="#!/bin/bash\ndnf install -y httpd\nsystemctl enable --now httpd\n",
    NetworkInterfaces=[{"DeviceIndex": 0, "SubnetId": subnets[0], "Groups": [group], "AssociatePublicIpAddress": True}],
)["Instances"][0]["InstanceId"]
wait("ec2", "instance_exists", InstanceIds=[instance])
wait("ec2", "instance_running", InstanceIds=[instance])
assert 90 <= wait("ec2", "instance_status_ok", InstanceIds=[instance]) <= 300
wait("ec2", "system_status_ok", InstanceIds=[instance])

# Volumes, snapshots, images.
volume = ec2.create_volume(AvailabilityZone=HOME + "a", Size=8, VolumeType="gp3")["VolumeId"]
wait("ec2", "volume_available", VolumeIds=[volume])
ec2.attach_volume(VolumeId=volume, InstanceId=instance, Device="/dev/sdf")
wait("ec2", "volume_in_use", VolumeIds=[volume])
ec2.detach_volume(VolumeId=volume)
wait("ec2", "volume_available", VolumeIds=[volume])
snapshot = ec2.create_snapshot(VolumeId=volume)["SnapshotId"]
wait("ec2", "snapshot_completed", SnapshotIds=[snapshot])
ec2.delete_volume(VolumeId=volume)
wait("ec2", "volume_deleted", VolumeIds=[volume])
own = ec2.create_image(InstanceId=instance, Name="my-image", NoReboot=True)["ImageId"]
wait("ec2", "image_exists", ImageIds=[own])
assert 60 <= wait("ec2", "image_available", ImageIds=[own]) <= 600

# A load balancer and its target.
balancer = elb.create_load_balancer(Name="my-alb", Subnets=subnets, SecurityGroups=[group])["LoadBalancers"][0]["LoadBalancerArn"]
wait("elbv2", "load_balancer_exists", LoadBalancerArns=[balancer])
assert 90 <= wait("elbv2", "load_balancer_available", LoadBalancerArns=[balancer]) <= 300
target = elb.create_target_group(Name="my-tg", Protocol="HTTP", Port=80, VpcId=vpc, Matcher={"HttpCode": "200-499"})["TargetGroups"][0]["TargetGroupArn"]
elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": target}])
elb.modify_target_group_attributes(TargetGroupArn=target, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "60"}])
elb.register_targets(TargetGroupArn=target, Targets=[{"Id": instance}])
wait("elbv2", "target_in_service", TargetGroupArn=target)
elb.deregister_targets(TargetGroupArn=target, Targets=[{"Id": instance}])
wait("elbv2", "target_deregistered", TargetGroupArn=target, Targets=[{"Id": instance}])
elb.delete_load_balancer(LoadBalancerArn=balancer)
wait("elbv2", "load_balancers_deleted", LoadBalancerArns=[balancer])

# A command.
sent = clients["ssm"].send_command(InstanceIds=[instance], DocumentName="AWS-RunShellScript", Parameters={"commands": ["hostname"]})["Command"]["CommandId"]
wait("ssm", "command_executed", CommandId=sent, InstanceId=instance)

# The end of a machine.
ec2.stop_instances(InstanceIds=[instance])
wait("ec2", "instance_stopped", InstanceIds=[instance])
fails("ec2", "instance_terminated", InstanceIds=[instance], WaiterConfig={"MaxAttempts": 2})
ec2.terminate_instances(InstanceIds=[instance])
wait("ec2", "instance_terminated", InstanceIds=[instance])
fails("ec2", "instance_running", InstanceIds=[instance])

# A database, its snapshot and its end.
rds.create_db_subnet_group(DBSubnetGroupName="g", DBSubnetGroupDescription="d", SubnetIds=subnets)
rds.create_db_instance(
    DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="mysql", AllocatedStorage=20, MasterUsername="root", MasterUserPassword="correct-horse-7",
    DBSubnetGroupName="g", BackupRetentionPeriod=1,
)
assert 240 <= wait("rds", "db_instance_available", DBInstanceIdentifier="db") <= 900
rds.create_db_snapshot(DBSnapshotIdentifier="s", DBInstanceIdentifier="db")
wait("rds", "db_snapshot_available", DBSnapshotIdentifier="s")
wait("rds", "db_snapshot_completed", DBSnapshotIdentifier="s")
rds.delete_db_snapshot(DBSnapshotIdentifier="s")
wait("rds", "db_snapshot_deleted", DBSnapshotIdentifier="s")
rds.delete_db_instance(DBInstanceIdentifier="db", SkipFinalSnapshot=True)
assert 150 <= wait("rds", "db_instance_deleted", DBInstanceIdentifier="db") <= 600

# A record, and a certificate by it. The certificate's waiter gives up after five minutes: the record comes first, as the course does it.
r53, acm = clients["route53"], clients["acm"]
certificate = acm.request_certificate(DomainName="lab.example", ValidationMethod="DNS")["CertificateArn"]
advance(15)
record = acm.describe_certificate(CertificateArn=certificate)["Certificate"]["DomainValidationOptions"][0]["ResourceRecord"]
zone = r53.list_hosted_zones_by_name(DNSName="lab.example")["HostedZones"][0]["Id"]
records = {"Name": record["Name"], "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": record["Value"]}]}
change = r53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": records}]})
wait("route53", "resource_record_sets_changed", Id=change["ChangeInfo"]["Id"])
assert 120 <= wait("acm", "certificate_validated", CertificateArn=certificate) <= 300

# An alarm.
clients["cloudwatch"].put_metric_alarm(
    AlarmName="a", Namespace="AWS/EC2", MetricName="CPUUtilization", Statistic="Average", Period=60, EvaluationPeriods=3, Threshold=70.0,
    ComparisonOperator="GreaterThanThreshold", Dimensions=[{"Name": "InstanceId", "Value": instance}],
)
wait("cloudwatch", "alarm_exists", AlarmNames=["a"])

for name in SERVICES:
    known = set(used[name]) | set(NOT_SIMULATED.get(name, []))
    same(sorted(set(clients[name].waiter_names) - known), [], f"waiters of {name} that nobody looked at")
    same(sorted(known - set(clients[name].waiter_names)), [], f"waiters that {name} does not have")
print({name: waits for name, waits in used.items() if waits})
