"""The AWS CLI against the practice cloud: what a learner would type."""

import json
import subprocess

from practice import HOME, control, running, same

PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
TAGS = "Tags=[{Key=Name,Value=%s},{Key=Project,Value=aws-lab}]"


def aws(*words, fails=None):
    ran = subprocess.run(["aws", *words], capture_output=True, text=True)
    if fails:
        assert ran.returncode != 0 and fails in ran.stderr, f"aws {words}: expected {fails}, got {ran.stderr or ran.stdout}"
        return None
    assert ran.returncode == 0, f"aws {words}: {ran.stderr}"
    return json.loads(ran.stdout) if ran.stdout.strip() else None


same(aws("sts", "get-caller-identity")["Account"], "100000000001")
vpc = aws(
    "ec2", "create-vpc", "--cidr-block", "10.1.0.0/16", "--tag-specifications", "ResourceType=vpc," + TAGS % "my-vpc"
)["Vpc"]
same(vpc["State"], "pending")
vpc = vpc["VpcId"]
with running(1000):
    aws("ec2", "wait", "vpc-available", "--vpc-ids", vpc)
subnet = aws(
    "ec2", "create-subnet", "--vpc-id", vpc, "--cidr-block", "10.1.1.0/26", "--availability-zone", HOME + "a",
    "--query", "Subnet.SubnetId",
)
igw = aws("ec2", "create-internet-gateway", "--query", "InternetGateway.InternetGatewayId")
control("advance 10")
aws("ec2", "attach-internet-gateway", "--internet-gateway-id", igw, "--vpc-id", vpc)
allocation = aws("ec2", "allocate-address", "--domain", "vpc", "--query", "AllocationId")
control("advance 10")
nat = aws(
    "ec2", "create-nat-gateway", "--subnet-id", subnet, "--allocation-id", allocation, "--query", "NatGateway.NatGatewayId"
)
image = aws("ssm", "get-parameter", "--name", PARAMETER, "--query", "Parameter.Value")
group = aws("ec2", "create-security-group", "--group-name", "my-sg", "--description", "mine", "--vpc-id", vpc, "--query", "GroupId")
control("advance 10")
aws("ec2", "authorize-security-group-ingress", "--group-id", group, "--protocol", "tcp", "--port", "22", "--cidr", "203.0.113.7/32")
instance = aws(
    "ec2", "run-instances", "--image-id", image, "--instance-type", "t3.micro", "--subnet-id", subnet,
    "--security-group-ids", group, "--metadata-options", "HttpTokens=required", "--client-token", "one",
    "--tag-specifications", "ResourceType=instance," + TAGS % "my-bastion-host", "--query", "Instances[0].InstanceId",
)
with running(2000):
    aws("ec2", "wait", "instance-running", "--instance-ids", instance)
    aws("ec2", "wait", "nat-gateway-available", "--nat-gateway-ids", nat)
found = aws(
    "ec2", "describe-instances", "--filters", "Name=tag:Name,Values=my-bastion-*", "Name=instance-state-name,Values=running",
    "--query", "Reservations[].Instances[].InstanceId",
)
same(found, [instance])
aws("ec2", "delete-vpc", "--vpc-id", vpc, fails="(DependencyViolation) when calling the DeleteVpc operation")
aws("ec2", "delete-vpc", "--vpc-id", vpc, "--dry-run", fails="DependencyViolation")
aws("ec2", "terminate-instances", "--instance-ids", instance, "--dry-run", fails="(DryRunOperation)")
aws("ec2", "terminate-instances", "--instance-ids", instance)
aws("ec2", "delete-nat-gateway", "--nat-gateway-id", nat)
# Not so fast that a slow start of the CLI outlasts the hour for which a terminated instance is known.
with running(300):
    aws("ec2", "wait", "instance-terminated", "--instance-ids", instance)
    aws("ec2", "wait", "nat-gateway-deleted", "--nat-gateway-ids", nat)
aws("ec2", "release-address", "--allocation-id", allocation)
aws("ec2", "delete-security-group", "--group-id", group)
aws("ec2", "delete-subnet", "--subnet-id", subnet)
aws("ec2", "detach-internet-gateway", "--internet-gateway-id", igw, "--vpc-id", vpc)
aws("ec2", "delete-internet-gateway", "--internet-gateway-id", igw)
aws("ec2", "delete-vpc", "--vpc-id", vpc)
aws("ec2", "describe-vpcs", "--vpc-ids", vpc, fails="(InvalidVpcID.NotFound)")
aws("s3", "ls", fails="NotSimulated")
# In the words of every protocol: queries, JSON by target, JSON by paths.
aws("sns", "list-topics", fails="NotSimulated")
aws("dynamodb", "list-tables", fails="NotSimulated")
aws("lambda", "list-functions", fails="NotSimulated")
