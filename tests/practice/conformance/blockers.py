"""What blocks what: every delete that AWS refuses while something else is there, with its code, and what opens the way."""

import json

from practice import HOME, advance, client, clocked, error, filters, same

ec2, elb, asg, rds, iam = (client(name) for name in ("ec2", "elbv2", "autoscaling", "rds", "iam"))
acm, r53 = client("acm"), client("route53", "us-east-1")
image = client("ssm").get_parameter(Name="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64")["Parameter"]["Value"]


def blocked(call, code="DependencyViolation", status=400, says="", **arguments):
    with error(code, status, says):
        call(**arguments)


# A VPC: by subnets, gateway, tables, groups, lists and peerings of one's own.
vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
other = ec2.create_vpc(CidrBlock="10.2.0.0/16")["Vpc"]["VpcId"]
advance(10)
subnets = [
    ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.{third}.0/24", AvailabilityZone=HOME + zone)["Subnet"]["SubnetId"] for third, zone in [(1, "a"), (2, "c")]
]
lonely = ec2.create_subnet(VpcId=other, CidrBlock="10.2.1.0/24")["Subnet"]["SubnetId"]
advance(10)
blocked(ec2.delete_vpc, VpcId=other)
ec2.delete_subnet(SubnetId=lonely)
table = ec2.create_route_table(VpcId=other)["RouteTable"]["RouteTableId"]
blocked(ec2.delete_vpc, VpcId=other)
ec2.delete_route_table(RouteTableId=table)
acl = ec2.create_network_acl(VpcId=other)["NetworkAcl"]["NetworkAclId"]
blocked(ec2.delete_vpc, VpcId=other)
ec2.delete_network_acl(NetworkAclId=acl)
group = ec2.create_security_group(GroupName="x", Description="d", VpcId=other)["GroupId"]
blocked(ec2.delete_vpc, VpcId=other)
ec2.delete_security_group(GroupId=group)
gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
advance(10)
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=other)
blocked(ec2.delete_vpc, VpcId=other)
blocked(ec2.delete_internet_gateway, InternetGatewayId=gateway)
ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=other)
peering = ec2.create_vpc_peering_connection(VpcId=vpc, PeerVpcId=other)["VpcPeeringConnection"]["VpcPeeringConnectionId"]
advance(10)
ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=peering)
advance(10)
blocked(ec2.delete_vpc, VpcId=other)
ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=peering)
advance(30)
ec2.delete_vpc(VpcId=other)

# What would block one too, endpoints and endpoint services, is not simulated: it is refused, so that nothing is there that does not block.
blocked(ec2.create_vpc_endpoint, "NotSimulated", VpcId=vpc, ServiceName=f"com.amazonaws.{HOME}.s3", RouteTableIds=[])
blocked(ec2.create_vpc_endpoint_service_configuration, "NotSimulated", GatewayLoadBalancerArns=[])
same(ec2.describe_network_interfaces(Filters=filters(vpc_id=vpc))["NetworkInterfaces"], [])

# A route table: by its associations, and the main one for ever.
table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
advance(10)
association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnets[0])["AssociationId"]
advance(10)
blocked(ec2.delete_route_table, RouteTableId=table)
ec2.disassociate_route_table(AssociationId=association)
ec2.delete_route_table(RouteTableId=table)
main = ec2.describe_route_tables(Filters=filters(vpc_id=vpc, association_main="true"))["RouteTables"][0]["RouteTableId"]
blocked(ec2.delete_route_table, RouteTableId=main)

# An address, an internet gateway and a subnet: by a NAT gateway, until it is really gone.
ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
ec2.create_route(RouteTableId=main, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
advance(5)
nat = ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=allocation)["NatGateway"]["NatGatewayId"]
advance(300)
blocked(ec2.release_address, "AuthFailure", AllocationId=allocation)
blocked(ec2.detach_internet_gateway, says="mapped public address", InternetGatewayId=gateway, VpcId=vpc)
blocked(ec2.delete_subnet, SubnetId=subnets[0])
ec2.delete_nat_gateway(NatGatewayId=nat)
blocked(ec2.delete_subnet, SubnetId=subnets[0])
advance(300)
ec2.release_address(AllocationId=allocation)

# A group: by an interface that has it, and by a rule that names it. Of an address: by its association.
group = ec2.create_security_group(GroupName="a", Description="d", VpcId=vpc)["GroupId"]
namer = ec2.create_security_group(GroupName="b", Description="d", VpcId=vpc)["GroupId"]
advance(10)
rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": group}]}
ec2.authorize_security_group_ingress(GroupId=namer, IpPermissions=[rule])
blocked(ec2.delete_security_group, GroupId=group)
ec2.revoke_security_group_ingress(GroupId=namer, IpPermissions=[rule])
instance = ec2.run_instances(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnets[0], SecurityGroupIds=[group])
instance = instance["Instances"][0]["InstanceId"]
advance(60)
blocked(ec2.delete_security_group, GroupId=group)
blocked(ec2.delete_subnet, SubnetId=subnets[0])
allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
association = ec2.associate_address(AllocationId=allocation, InstanceId=instance)["AssociationId"]
blocked(ec2.release_address, "InvalidIPAddress.InUse", AllocationId=allocation)
blocked(ec2.detach_internet_gateway, says="mapped public address", InternetGatewayId=gateway, VpcId=vpc)
ec2.disassociate_address(AssociationId=association)
ec2.release_address(AllocationId=allocation)

# An image's snapshot: by the image.
own = ec2.create_image(InstanceId=instance, Name="my-image")["ImageId"]
advance(600)
snapshot = ec2.describe_images(ImageIds=[own])["Images"][0]["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
blocked(ec2.delete_snapshot, "InvalidSnapshot.InUse", SnapshotId=snapshot)
ec2.deregister_image(ImageId=own)
ec2.delete_snapshot(SnapshotId=snapshot)

# A load balancer: by its protection. A target group: by a listener. A certificate: by a listener. Subnet and group: by its interfaces, which linger.
balancer = elb.create_load_balancer(Name="my-alb", Subnets=subnets, SecurityGroups=[namer])["LoadBalancers"][0]["LoadBalancerArn"]
target = elb.create_target_group(Name="my-tg", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
certificate = acm.request_certificate(DomainName="lab.example", ValidationMethod="DNS")["CertificateArn"]
advance(15)
record = acm.describe_certificate(CertificateArn=certificate)["Certificate"]["DomainValidationOptions"][0]["ResourceRecord"]
zone = r53.list_hosted_zones_by_name(DNSName="lab.example")["HostedZones"][0]["Id"]
records = {"Name": record["Name"], "Type": "CNAME", "TTL": 300, "ResourceRecords": [{"Value": record["Value"]}]}
r53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "CREATE", "ResourceRecordSet": records}]})
advance(500)
forward = [{"Type": "forward", "TargetGroupArn": target}]
secure = elb.create_listener(
    LoadBalancerArn=balancer, Protocol="HTTPS", Port=443, Certificates=[{"CertificateArn": certificate}], DefaultActions=forward
)["Listeners"][0]["ListenerArn"]
same(acm.describe_certificate(CertificateArn=certificate)["Certificate"]["InUseBy"], [balancer])
blocked(acm.delete_certificate, "ResourceInUseException", CertificateArn=certificate)
blocked(elb.delete_target_group, "ResourceInUse", TargetGroupArn=target)
elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[{"Key": "deletion_protection.enabled", "Value": "true"}])
blocked(elb.delete_load_balancer, "OperationNotPermitted", LoadBalancerArn=balancer)
elb.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=[{"Key": "deletion_protection.enabled", "Value": "false"}])
blocked(ec2.detach_internet_gateway, says="mapped public address", InternetGatewayId=gateway, VpcId=vpc)
elb.delete_listener(ListenerArn=secure)
plain = elb.create_listener(
    LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
)["Listeners"][0]["ListenerArn"]
path = [{"Field": "path-pattern", "Values": ["/a"]}]
rule = elb.create_rule(ListenerArn=plain, Priority=1, Conditions=path, Actions=forward)["Rules"][0]["RuleArn"]
blocked(elb.delete_target_group, "ResourceInUse", TargetGroupArn=target)
elb.delete_rule(RuleArn=rule)
acm.delete_certificate(CertificateArn=certificate)
elb.delete_target_group(TargetGroupArn=target)
elb.delete_load_balancer(LoadBalancerArn=balancer)
advance(15)
blocked(ec2.delete_security_group, GroupId=namer)
blocked(ec2.delete_subnet, SubnetId=subnets[1])
interface = ec2.describe_network_interfaces(Filters=filters(interface_type="load_balancer"))["NetworkInterfaces"][0]
blocked(ec2.delete_network_interface, "AuthFailure", NetworkInterfaceId=interface["NetworkInterfaceId"])
advance(300)
ec2.delete_security_group(GroupId=namer)

# A group of instances: by them, unless it is forced.
ec2.create_launch_template(LaunchTemplateName="my-lt", LaunchTemplateData={"ImageId": image, "InstanceType": "t3.micro"})
advance(10)
chosen = {"LaunchTemplateName": "my-lt", "Version": "$Latest"}
asg.create_auto_scaling_group(AutoScalingGroupName="my-asg", MinSize=1, MaxSize=1, LaunchTemplate=chosen, VPCZoneIdentifier=",".join(subnets))
while not asg.describe_scaling_activities(AutoScalingGroupName="my-asg")["Activities"]:
    advance(1)
blocked(asg.delete_auto_scaling_group, "ScalingActivityInProgress", AutoScalingGroupName="my-asg")
advance(120)
blocked(asg.delete_auto_scaling_group, "ResourceInUse", AutoScalingGroupName="my-asg")
for protection in ("prevent-force-deletion", "prevent-all-deletion"):
    asg.update_auto_scaling_group(AutoScalingGroupName="my-asg", DeletionProtection=protection)
    blocked(asg.delete_auto_scaling_group, "ResourceInUse", says=protection, AutoScalingGroupName="my-asg", ForceDelete=True)
asg.update_auto_scaling_group(AutoScalingGroupName="my-asg", DeletionProtection="none")
asg.delete_auto_scaling_group(AutoScalingGroupName="my-asg", ForceDelete=True)
ec2.delete_launch_template(LaunchTemplateName="my-lt")
advance(300)

# A database: by its state and its protection. A DB subnet group: by a database, until it is gone.
rds.create_db_subnet_group(DBSubnetGroupName="g", DBSubnetGroupDescription="d", SubnetIds=subnets)
rds.create_db_instance(
    DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="mysql", AllocatedStorage=20, MasterUsername="root", MasterUserPassword="correct-horse-7",
    DBSubnetGroupName="g", BackupRetentionPeriod=0, DeletionProtection=True, VpcSecurityGroupIds=[group],
)
gone = {"DBInstanceIdentifier": "db", "SkipFinalSnapshot": True}
blocked(rds.delete_db_instance, "InvalidParameterCombination", says="protected", **gone)
advance(900)
blocked(ec2.delete_security_group, GroupId=group)
inside = ec2.describe_network_interfaces(Filters=filters(description="RDSNetworkInterface"))["NetworkInterfaces"][0]["SubnetId"]
blocked(ec2.delete_subnet, SubnetId=inside)
rds.modify_db_instance(DBInstanceIdentifier="db", DeletionProtection=False, ApplyImmediately=True)
rds.reboot_db_instance(DBInstanceIdentifier="db")
blocked(rds.delete_db_instance, "InvalidDBInstanceState", **gone)
advance(120)
rds.delete_db_instance(**gone)
blocked(rds.delete_db_subnet_group, "InvalidDBSubnetGroupStateFault", DBSubnetGroupName="g")
with clocked():
    rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier="db")
rds.delete_db_subnet_group(DBSubnetGroupName="g")

# A hosted zone: by its records.
blocked(r53.delete_hosted_zone, "HostedZoneNotEmpty", Id=zone)
r53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [{"Action": "DELETE", "ResourceRecordSet": records}]})
r53.delete_hosted_zone(Id=zone)

# A role: by its policies and its profiles.
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(trust))
policy = {"RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"}
iam.attach_role_policy(**policy)
blocked(iam.delete_role, "DeleteConflict", 409, RoleName="r")
iam.detach_role_policy(**policy)
iam.create_instance_profile(InstanceProfileName="p")
iam.add_role_to_instance_profile(InstanceProfileName="p", RoleName="r")
blocked(iam.delete_role, "DeleteConflict", 409, RoleName="r")
blocked(iam.delete_instance_profile, "DeleteConflict", 409, InstanceProfileName="p")
iam.remove_role_from_instance_profile(InstanceProfileName="p", RoleName="r")
iam.delete_role(RoleName="r")
iam.delete_instance_profile(InstanceProfileName="p")

# A subnet and a group: by an EC2 Instance Connect Endpoint, until it is gone.
advance(300)
ec2.terminate_instances(InstanceIds=[instance])
advance(120)
endpoint = ec2.create_instance_connect_endpoint(SubnetId=subnets[1], SecurityGroupIds=[group])["InstanceConnectEndpoint"]["InstanceConnectEndpointId"]
advance(400)
blocked(ec2.delete_security_group, GroupId=group)
blocked(ec2.delete_subnet, SubnetId=subnets[1])
ec2.delete_instance_connect_endpoint(InstanceConnectEndpointId=endpoint)
blocked(ec2.delete_subnet, SubnetId=subnets[1])
advance(400)

# Nothing blocks a key pair.
ec2.create_key_pair(KeyName="k")
ec2.delete_key_pair(KeyName="k")

# And the end, in order.
for subnet in subnets:
    ec2.delete_subnet(SubnetId=subnet)
ec2.delete_security_group(GroupId=group)
ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
ec2.delete_internet_gateway(InternetGatewayId=gateway)
ec2.delete_vpc(VpcId=vpc)
