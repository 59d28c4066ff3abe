"""What learners do wrong, and what AWS answers."""

from practice import PEER, advance, client, error, filters, options, same

ec2 = client("ec2")
vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
advance(10)

with error("InvalidVpc.Range"):
    ec2.create_vpc(CidrBlock="10.1.0.0/8")
with error("InvalidParameterValue"):
    ec2.create_vpc(CidrBlock="10.1.0.0")
with error("InvalidVpcID.NotFound", says="The vpc ID 'vpc-00000000000000000' does not exist"):
    ec2.create_subnet(VpcId="vpc-00000000000000000", CidrBlock="10.1.1.0/24")
with error("InvalidSubnet.Range"):
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.2.1.0/24")
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")["Subnet"]["SubnetId"]
with error("InvalidSubnet.Conflict"):
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.128/25")
advance(10)
with error("InvalidSubnetID.NotFound"):
    ec2.describe_subnets(SubnetIds=["subnet-00000000000000000"])
with error("InvalidParameterValue"):
    ec2.describe_subnets(Filters=filters(no_such_filter="x"))

# Another region is another world.
with error("InvalidVpcID.NotFound"):
    client("ec2", PEER).describe_vpcs(VpcIds=[vpc])

# Tables, routes, gateways.
table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
advance(10)
with error("InvalidParameterValue"):
    # Not attached to the table's VPC.
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
with error("Gateway.NotAttached"):
    ec2.detach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
with error("InvalidRoute.NotFound"):
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock="10.7.0.0/16")
ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
other = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
advance(10)
with error("Resource.AlreadyAssociated"):
    ec2.associate_route_table(RouteTableId=other, SubnetId=subnet)
with error("DependencyViolation"):
    ec2.delete_internet_gateway(InternetGatewayId=igw)

# A NAT gateway without an internet gateway fails, and says so.
lonely = ec2.create_vpc(CidrBlock="10.3.0.0/16")["Vpc"]["VpcId"]
advance(10)
inside = ec2.create_subnet(VpcId=lonely, CidrBlock="10.3.1.0/24")["Subnet"]["SubnetId"]
allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
advance(10)
nat = ec2.create_nat_gateway(SubnetId=inside, AllocationId=allocation)["NatGateway"]["NatGatewayId"]
advance(300)
seen = ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]
same((seen["State"], seen["FailureCode"]), ("failed", "Gateway.NotAttached"), "NAT without an internet gateway")

# Instances.
image = client("ssm").get_parameter(Name="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.1-x86_64")["Parameter"]["Value"]
base = {"ImageId": image, "InstanceType": "t3.micro", "MinCount": 1, "MaxCount": 1, "SubnetId": subnet}
with error("InvalidAMIID.NotFound"):
    ec2.run_instances(**base | {"ImageId": "ami-00000000000000000"})
with error("InvalidKeyPair.NotFound", says="The key pair 'nobody' does not exist"):
    ec2.run_instances(**base, KeyName="nobody")
with error("InvalidGroup.NotFound"):
    ec2.run_instances(**base, SecurityGroupIds=["sg-00000000000000000"])
with error("InvalidParameterValue"):
    ec2.run_instances(**base | {"InstanceType": "t9.enormous"})
with error("InvalidInstanceID.NotFound"):
    ec2.terminate_instances(InstanceIds=["i-00000000000000000"])
with error("InvalidGroup.NotFound"):
    ec2.delete_security_group(GroupId="sg-00000000000000000")
default = ec2.describe_security_groups(Filters=filters(vpc_id=vpc, group_name="default"))["SecurityGroups"][0]["GroupId"]
with error("CannotDelete"):
    ec2.delete_security_group(GroupId=default)

# What is new may be unknown for a while.
options(consistency_ms=5000)
new = ec2.run_instances(**base)["Instances"][0]["InstanceId"]
with error("InvalidInstanceID.NotFound", says=f"The instance ID '{new}' does not exist"):
    ec2.describe_instances(InstanceIds=[new])
same(ec2.describe_instances(Filters=filters(instance_state_name=["pending", "running"]))["Reservations"], [], "not listed either")
advance(60)
same(ec2.describe_instances(InstanceIds=[new])["Reservations"][0]["Instances"][0]["State"]["Name"], "running")
own = ec2.create_image(InstanceId=new, Name="new")["ImageId"]
with error("InvalidAMIID.NotFound"):
    ec2.describe_images(ImageIds=[own])
advance(20)
same(ec2.describe_images(ImageIds=[own])["Images"][0]["State"], "pending")
options(consistency_ms=0)
ec2.terminate_instances(InstanceIds=[new])

# An account on the Free plan.
options(free_plan=True)
with error("InvalidParameterCombination", says="The specified instance type is not eligible for Free Tier."):
    ec2.run_instances(**base | {"InstanceType": "t2.micro"})
eligible = ec2.describe_instance_types(Filters=filters(free_tier_eligible="true"))["InstanceTypes"]
assert "t3.micro" in [one["InstanceType"] for one in eligible] and "t2.micro" not in [one["InstanceType"] for one in eligible]
database = dict(DBInstanceIdentifier="db", DBInstanceClass="db.t3.micro", Engine="mysql", AllocatedStorage=20, MasterUsername="root", MasterUserPassword="correct-horse-7")
with error("FreeTierRestrictionError"):
    client("rds").create_db_instance(**database, BackupRetentionPeriod=2)
options(free_plan=False)

# The quota of elastic addresses: five.
for _ in range(4):
    ec2.allocate_address(Domain="vpc")
with error("AddressLimitExceeded"):
    ec2.allocate_address(Domain="vpc")

# What is not simulated says so, and changes nothing.
with error("NotSimulated", says="the operation DescribeFleets of ec2"):
    ec2.describe_fleets()
with error("NotSimulated", says="CreateVpc"):
    ec2.create_vpc(CidrBlock="10.8.0.0/16", AmazonProvidedIpv6CidrBlock=True)
same(ec2.describe_vpcs(Filters=filters(cidr="10.8.0.0/16"))["Vpcs"], [])
with error("NotSimulated", says="the service s3"):
    client("s3").list_buckets()
with error("NotSimulated", says="the service dynamodb"):
    client("dynamodb").list_tables()
with error("NotSimulated", says="the service sqs"):
    client("sqs").list_queues()
