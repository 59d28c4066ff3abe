"""The rest of EC2 with boto3: images, snapshots, templates, volumes, interfaces and peering between regions."""

from practice import HOME, PEER, advance, client, error, filters, name_of, running, same, tags, waited

ec2, tokyo, ssm = client("ec2"), client("ec2", PEER), client("ssm")
PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
amazon = ssm.get_parameter(Name=PARAMETER)["Parameter"]["Value"]

vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
advance(10)
subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.1.11.0/24", AvailabilityZone=HOME + "a")["Subnet"]["SubnetId"]
advance(10)
golden = ec2.run_instances(
    ImageId=amazon, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnet, TagSpecifications=tags("instance", "my-asg-ec2")
)["Instances"][0]["InstanceId"]
with running(60):
    waited(ec2, "instance_status_ok", InstanceIds=[golden])

# An image, with its snapshot.
made = ec2.create_image(
    InstanceId=golden,
    Name="my-asg-ec2-ami-1210",
    NoReboot=True,
    TagSpecifications=tags("image", "an image") + tags("snapshot", "a snapshot"),
)["ImageId"]
same(ec2.describe_images(ImageIds=[made])["Images"][0]["State"], "pending")
with error("InvalidAMIName.Duplicate", says=made):
    ec2.create_image(InstanceId=golden, Name="my-asg-ec2-ami-1210", NoReboot=True)
with error("InvalidAMIID.Unavailable"):
    ec2.run_instances(ImageId=made, InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnet)
snapshot = ec2.describe_snapshots(OwnerIds=["self"], Filters=filters(tag__Name="a snapshot"))["Snapshots"][0]
same((snapshot["State"], snapshot["VolumeSize"]), ("pending", 8))
with running(60):
    waited(ec2, "image_exists", ImageIds=[made])
    waited(ec2, "image_available", ImageIds=[made])
    waited(ec2, "snapshot_completed", SnapshotIds=[snapshot["SnapshotId"]])
image = ec2.describe_images(Owners=["self"], Filters=filters(name="my-asg-*"))["Images"][0]
same((image["ImageId"], image["Public"], name_of(image), image["SourceInstanceId"]), (made, False, "an image", golden))
same(image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"], snapshot["SnapshotId"])
with error("InvalidSnapshot.InUse"):
    ec2.delete_snapshot(SnapshotId=snapshot["SnapshotId"])

# The Marketplace.
listed = ec2.describe_images(Owners=["679593333241"], Filters=filters(product_code="f2ew2wrz425a1jagnifd02u5t"))["Images"][0]
same(listed["ProductCodes"][0]["ProductCodeType"], "marketplace")
with error("OptInRequired", 401, says="marketplace/pp?sku="):
    ec2.run_instances(ImageId=listed["ImageId"], InstanceType="t3.micro", MinCount=1, MaxCount=1, SubnetId=subnet)

# A template and its versions; what is launched from it.
data = {
    "ImageId": made,
    "InstanceType": "t3.micro",
    "Monitoring": {"Enabled": True},
    "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "InstanceMetadataTags": "enabled"},
    "TagSpecifications": [{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "my-asg-ec2-node"}]}],
}
template = ec2.create_launch_template(
    LaunchTemplateName="my-asg-lt", LaunchTemplateData=data, TagSpecifications=tags("launch-template", "my-asg-lt")
)["LaunchTemplate"]
same((template["LatestVersionNumber"], name_of(template)), (1, "my-asg-lt"))
with error("InvalidLaunchTemplateName.AlreadyExistsException"):
    ec2.create_launch_template(LaunchTemplateName="my-asg-lt", LaunchTemplateData=data)
second = ec2.create_launch_template_version(
    LaunchTemplateName="my-asg-lt", SourceVersion="1", LaunchTemplateData={"InstanceType": "t3.small"}
)["LaunchTemplateVersion"]
same((second["VersionNumber"], second["LaunchTemplateData"]["ImageId"]), (2, made))
seen = ec2.describe_launch_template_versions(LaunchTemplateName="my-asg-lt", Versions=["1"])["LaunchTemplateVersions"][0]
same(seen["LaunchTemplateData"] | {"MetadataOptions": None}, data | {"MetadataOptions": None}, "a version keeps what it was made of")
pages = ec2.get_paginator("describe_launch_template_versions").paginate(
    LaunchTemplateName="my-asg-lt", PaginationConfig={"PageSize": 1}
)
same([one["VersionNumber"] for page in pages for one in page["LaunchTemplateVersions"]], [2, 1])
launch = {"LaunchTemplateName": "my-asg-lt", "Version": "$Latest"}
node = ec2.run_instances(LaunchTemplate=launch, MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"][0]
same((node["InstanceType"], node["ImageId"], name_of(node)), ("t3.small", made, "my-asg-ec2-node"))
same(node["Monitoring"]["State"], "enabled")
origin = {tag["Key"]: tag["Value"] for tag in node["Tags"]}
same(origin["aws:ec2launchtemplate:version"], "2")
with error("InvalidParameterValue", says="aws:"):
    ec2.delete_tags(Resources=[node["InstanceId"]], Tags=[{"Key": "aws:ec2launchtemplate:version"}])
with error("InvalidParameterValue", says="Invalid IAM Instance Profile name"):
    ec2.run_instances(
        LaunchTemplate=launch, MinCount=1, MaxCount=1, SubnetId=subnet, IamInstanceProfile={"Name": "nobody"}
    )
same(len(ec2.describe_launch_templates(Filters=filters(tag__Project="aws-lab"))["LaunchTemplates"]), 1)
with error("NotSimulated"):
    ec2.create_launch_template(LaunchTemplateName="kernel", LaunchTemplateData={"KernelId": "aki-1", "ImageId": made})

# A volume of its own.
volume = ec2.create_volume(AvailabilityZone=HOME + "a", Size=10, VolumeType="gp3")["VolumeId"]
with running(60):
    waited(ec2, "volume_available", VolumeIds=[volume])
    waited(ec2, "instance_running", InstanceIds=[node["InstanceId"]])
ec2.attach_volume(VolumeId=volume, InstanceId=node["InstanceId"], Device="/dev/sdf")
waited(ec2, "volume_in_use", VolumeIds=[volume])
with error("VolumeInUse"):
    ec2.delete_volume(VolumeId=volume)
ec2.detach_volume(VolumeId=volume)
ec2.delete_volume(VolumeId=volume)
waited(ec2, "volume_deleted", VolumeIds=[volume])
same(ec2.describe_volume_status()["VolumeStatuses"][0]["VolumeStatus"]["Status"], "ok")

# A second interface.
eni = ec2.create_network_interface(SubnetId=subnet)["NetworkInterface"]["NetworkInterfaceId"]
waited(ec2, "network_interface_available", NetworkInterfaceIds=[eni])
attached = ec2.attach_network_interface(NetworkInterfaceId=eni, InstanceId=node["InstanceId"], DeviceIndex=1)["AttachmentId"]
ec2.modify_network_interface_attribute(NetworkInterfaceId=eni, SourceDestCheck={"Value": False})
check = ec2.describe_network_interface_attribute(NetworkInterfaceId=eni, Attribute="sourceDestCheck")
same(check["SourceDestCheck"]["Value"], False)
ec2.detach_network_interface(AttachmentId=attached)
ec2.delete_network_interface(NetworkInterfaceId=eni)

# Peering between the regions.
far = tokyo.create_vpc(CidrBlock="192.168.10.0/24")["Vpc"]["VpcId"]
advance(10)
peering = tokyo.create_vpc_peering_connection(
    VpcId=far, PeerVpcId=vpc, PeerRegion=HOME, TagSpecifications=tags("vpc-peering-connection", "my-peer-tokyo-to-seoul")
)["VpcPeeringConnection"]
same((peering["Status"]["Code"], name_of(peering)), ("initiating-request", "my-peer-tokyo-to-seoul"))
pcx = peering["VpcPeeringConnectionId"]
with error("InvalidVpcPeeringConnectionID.NotFound"):
    ec2.describe_vpc_peering_connections(VpcPeeringConnectionIds=[pcx])
with running(2):
    waited(ec2, "vpc_peering_connection_exists", VpcPeeringConnectionIds=[pcx])
with error("OperationNotPermitted", says="must be accepted in region ap-northeast-2"):
    tokyo.accept_vpc_peering_connection(VpcPeeringConnectionId=pcx)
ec2.create_tags(Resources=[pcx], Tags=[{"Key": "Name", "Value": "from tokyo"}])
ec2.accept_vpc_peering_connection(VpcPeeringConnectionId=pcx)
table = tokyo.create_route_table(VpcId=far)["RouteTable"]["RouteTableId"]
tokyo.create_route(RouteTableId=table, DestinationCidrBlock="10.1.0.0/16", VpcPeeringConnectionId=pcx)
advance(10)
for side, name in ((ec2, "from tokyo"), (tokyo, "my-peer-tokyo-to-seoul")):
    found = side.describe_vpc_peering_connections(Filters=filters(status_code="active"))["VpcPeeringConnections"][0]
    same((found["VpcPeeringConnectionId"], name_of(found)), (pcx, name), "tags are a region's own")
    same(found["AccepterVpcInfo"]["CidrBlock"], "10.1.0.0/16")
with error("VpcPeeringConnectionAlreadyExists"):
    tokyo.create_vpc_peering_connection(VpcId=far, PeerVpcId=vpc, PeerRegion=HOME)
route = tokyo.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"][1]
same((route["VpcPeeringConnectionId"], route["State"]), (pcx, "active"))
ec2.delete_vpc_peering_connection(VpcPeeringConnectionId=pcx)
with running(5):
    waited(tokyo, "vpc_peering_connection_deleted", VpcPeeringConnectionIds=[pcx])
    waited(ec2, "vpc_peering_connection_deleted", VpcPeeringConnectionIds=[pcx])
route = tokyo.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"][1]
same(route["State"], "blackhole")

# The end: nothing of it blocks anything.
ec2.delete_launch_template(LaunchTemplateName="my-asg-lt")
ec2.terminate_instances(InstanceIds=[golden, node["InstanceId"]])
with running(30):
    waited(ec2, "instance_terminated", InstanceIds=[golden, node["InstanceId"]])
gone = ec2.deregister_image(ImageId=made, DeleteAssociatedSnapshots=True)["DeleteSnapshotResults"]
same(gone, [{"SnapshotId": snapshot["SnapshotId"], "ReturnCode": "success"}])
with error("InvalidAMIID.NotFound"):
    ec2.describe_images(ImageIds=[made])
ec2.delete_subnet(SubnetId=subnet)
ec2.delete_vpc(VpcId=vpc)
same((ec2.describe_volumes()["Volumes"], ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]), ([], []))
