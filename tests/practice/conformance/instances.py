"""Section 3.3 with boto3: groups, key, image, instances and an elastic address."""

import base64
import subprocess
import tempfile

from practice import HOME, PEER, advance, client, error, filters, name_of, running, same, tags, waited

ec2, ssm = client("ec2"), client("ssm")
PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"

vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=tags("vpc", "my-vpc"))["Vpc"]["VpcId"]
with running(60):
    waited(ec2, "vpc_available", VpcIds=[vpc])
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/26", AvailabilityZone=HOME + "a")["Subnet"]["SubnetId"]
igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
advance(10)
ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)

# The image: the parameter names it, DescribeImages shows it.
image = ssm.get_parameter(Name=PARAMETER)["Parameter"]["Value"]
seen = ec2.describe_images(ImageIds=[image])["Images"][0]
same((seen["State"], seen["RootDeviceName"], seen["Architecture"]), ("available", "/dev/xvda", "x86_64"))
same(seen["ImdsSupport"], "v2.0", "AL2023 wants IMDSv2")
assert client("ssm", PEER).get_parameter(Name=PARAMETER)["Parameter"]["Value"] != image
with error("ParameterNotFound"):
    ssm.get_parameter(Name="/aws/service/ami-amazon-linux-latest/nothing")

# Groups and rules.
bastion = ec2.create_security_group(
    GroupName="my-bastion-host-sg", Description="bastion", VpcId=vpc, TagSpecifications=tags("security-group", "my-bastion-host-sg")
)["GroupId"]
private = ec2.create_security_group(GroupName="my-private-ec2-sg", Description="private", VpcId=vpc)["GroupId"]
advance(10)
waited(ec2, "security_group_exists", GroupIds=[bastion, private])
ssh = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22}
mine = ssh | {"IpRanges": [{"CidrIp": "203.0.113.7/32", "Description": "lab:my-ip"}]}
rule = ec2.authorize_security_group_ingress(
    GroupId=bastion, IpPermissions=[mine], TagSpecifications=tags("security-group-rule", "ssh from me")
)["SecurityGroupRules"][0]
same((rule["CidrIpv4"], rule["FromPort"], rule["IsEgress"], rule["Description"]), ("203.0.113.7/32", 22, False, "lab:my-ip"))
ec2.authorize_security_group_ingress(GroupId=private, IpPermissions=[ssh | {"UserIdGroupPairs": [{"GroupId": bastion}]}])
with error("InvalidPermission.Duplicate"):
    ec2.authorize_security_group_ingress(GroupId=bastion, IpPermissions=[mine])
with error("InvalidGroup.Duplicate"):
    ec2.create_security_group(GroupName="My-Bastion-Host-SG", Description="case does not matter", VpcId=vpc)
rules = ec2.describe_security_group_rules(Filters=filters(group_id=bastion))["SecurityGroupRules"]
same(sorted(one["IsEgress"] for one in rules), [False, True], "the rule and the egress that every group has")
group = ec2.describe_security_groups(GroupIds=[private])["SecurityGroups"][0]
same(group["IpPermissions"][0]["UserIdGroupPairs"][0]["GroupId"], bastion, "a rule from a group")
with error("DependencyViolation"):
    ec2.delete_security_group(GroupId=bastion)

# The key.
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", f"{folder}/key"], check=True)
    public = open(f"{folder}/key.pub", "rb").read()
    listed = subprocess.run(["ssh-keygen", "-l", "-f", f"{folder}/key.pub"], check=True, capture_output=True, text=True)
key = ec2.import_key_pair(KeyName="my-ec2-keypair", PublicKeyMaterial=public, TagSpecifications=tags("key-pair", "my-ec2-keypair"))
same(key["KeyFingerprint"].rstrip("="), listed.stdout.split()[1].removeprefix("SHA256:"), "fingerprint of an imported ed25519 key")
with error("InvalidKeyPair.Duplicate"):
    ec2.import_key_pair(KeyName="my-ec2-keypair", PublicKeyMaterial=public)
waited(ec2, "key_pair_exists", KeyNames=["my-ec2-keypair"])
same(ec2.describe_key_pairs(Filters=filters(tag__Name="my-ec2-keypair"))["KeyPairs"][0]["KeyType"], "ed25519")

# The instance passes through pending; a token makes a repetition harmless.
script = "#!/bin/bash\necho '안녕하세요'\n"


def launch(**other):
    return ec2.run_instances(
        **{
            "ImageId": image,
            "InstanceType": "t3.micro",
            "MinCount": 1,
            "MaxCount": 1,
            "KeyName": "my-ec2-keypair",
            "SubnetId": subnet,
            "SecurityGroupIds": [bastion],
            "UserData": script,
            "ClientToken": "bastion-1",
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 8, "VolumeType": "gp3", "DeleteOnTermination": True, "Encrypted": True}}
            ],
            "MetadataOptions": {"HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 2, "InstanceMetadataTags": "enabled"},
            "TagSpecifications": tags("instance", "my-bastion-host") + tags("volume", "my-bastion-host") + tags("network-interface", "my-bastion-host"),
        }
        | other
    )


with error("DryRunOperation", 412):
    launch(DryRun=True)
made = launch()["Instances"][0]
instance = made["InstanceId"]
same((made["State"]["Name"], made["State"]["Code"]), ("pending", 0), "a new instance")
same(launch()["Instances"][0]["InstanceId"], instance, "the same token gives the same instance")
with error("IdempotentParameterMismatch"):
    launch(InstanceType="t3.small")
advance(3)
same(ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["State"]["Name"], "pending", "after 3 s")
address = ec2.allocate_address(Domain="vpc", TagSpecifications=tags("elastic-ip", "my-bastion-host-eip"))
with running(60):
    waited(ec2, "instance_exists", InstanceIds=[instance])
    waited(ec2, "instance_running", InstanceIds=[instance])
seen = ec2.describe_instances(Filters=filters(tag__Name="my-bastion-host", instance_state_name="running"))["Reservations"][0]["Instances"][0]
same((seen["InstanceId"], seen["State"]["Code"], seen["ImageId"], seen["KeyName"]), (instance, 16, image, "my-ec2-keypair"))
same(seen["MetadataOptions"]["HttpTokens"], "required", "IMDSv2")
assert seen["PrivateIpAddress"].startswith("10.1.1."), seen
assert "PublicIpAddress" not in seen, "the subnet gives no public address"
same([group["GroupId"] for group in seen["SecurityGroups"]], [bastion])
data = ec2.describe_instance_attribute(InstanceId=instance, Attribute="userData")["UserData"]["Value"]
same(base64.b64decode(data).decode(), script, "user data")
status = ec2.describe_instance_status(InstanceIds=[instance])["InstanceStatuses"][0]
same(status["InstanceStatus"]["Status"], "initializing", "status checks of an instance that has just started")
with running(600):
    waited(ec2, "instance_status_ok", InstanceIds=[instance])
volume = ec2.describe_volumes(Filters=filters(attachment_instance_id=instance))["Volumes"][0]
same((volume["Size"], volume["VolumeType"], volume["Encrypted"], volume["State"]), (8, "gp3", True, "in-use"))

# The elastic address.
association = ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=instance, AllowReassociation=False)["AssociationId"]
same(ec2.describe_addresses(AllocationIds=[address["AllocationId"]])["Addresses"][0]["InstanceId"], instance)
same(ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]["PublicIpAddress"], address["PublicIp"])
with error("InvalidIPAddress.InUse"):
    ec2.release_address(AllocationId=address["AllocationId"])
ec2.disassociate_address(AssociationId=association)
ec2.release_address(AllocationId=address["AllocationId"])

# Stop and start, then the end: what is in use is refused until it is gone.
ec2.stop_instances(InstanceIds=[instance])
with running(600):
    waited(ec2, "instance_stopped", InstanceIds=[instance])
ec2.start_instances(InstanceIds=[instance])
with running(600):
    waited(ec2, "instance_running", InstanceIds=[instance])
with error("DependencyViolation"):
    ec2.delete_security_group(GroupId=bastion)
with error("DependencyViolation"):
    ec2.delete_subnet(SubnetId=subnet)
change = ec2.terminate_instances(InstanceIds=[instance])["TerminatingInstances"][0]
same((change["PreviousState"]["Name"], change["CurrentState"]["Name"]), ("running", "shutting-down"))
with error("DependencyViolation"):
    ec2.delete_subnet(SubnetId=subnet)
with running(600):
    waited(ec2, "instance_terminated", InstanceIds=[instance])
same(ec2.terminate_instances(InstanceIds=[instance])["TerminatingInstances"][0]["CurrentState"]["Name"], "terminated", "again")
with error("IdempotentInstanceTerminated"):
    launch()
same(ec2.describe_volumes(Filters=filters(attachment_instance_id=instance))["Volumes"], [], "the root volume went with it")
ec2.revoke_security_group_ingress(GroupId=bastion, SecurityGroupRuleIds=[rule["SecurityGroupRuleId"]])
for group in (private, bastion):
    ec2.delete_security_group(GroupId=group)
ec2.delete_key_pair(KeyName="my-ec2-keypair")
ec2.delete_key_pair(KeyName="my-ec2-keypair")
ec2.detach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
ec2.delete_internet_gateway(InternetGatewayId=igw)
ec2.delete_subnet(SubnetId=subnet)
ec2.delete_vpc(VpcId=vpc)
left = [name_of(one) for one in ec2.describe_vpcs(Filters=filters(is_default="false"))["Vpcs"]]
same(left, [], "left over")
