"""Section 4.4 with boto3: a DB subnet group and a MySQL instance, and what blocks what."""

import json

from practice import HOME, advance, clocked, client, error, filters, same

ec2, rds, secrets = client("ec2"), client("rds"), client("secretsmanager")
NAME = "my-alchemine-app-rds"

vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
advance(10)
subnets = [
    ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=HOME + zone)["Subnet"]["SubnetId"]
    for cidr, zone in [("10.1.21.0/24", "a"), ("10.1.22.0/24", "c"), ("10.1.23.0/24", "a")]
]
group = ec2.create_security_group(GroupName="my-app-rds-sg", Description="db", VpcId=vpc)["GroupId"]
advance(10)

describe = {"DBSubnetGroupName": "My-Alchemine-App-SBG", "DBSubnetGroupDescription": "lab"}
with error("DBSubnetGroupDoesNotCoverEnoughAZs"):
    rds.create_db_subnet_group(**describe, SubnetIds=[subnets[0], subnets[2]])
with error("InvalidSubnet"):
    rds.create_db_subnet_group(**describe, SubnetIds=[subnets[0], "subnet-00000000000000000"])
made = rds.create_db_subnet_group(**describe, SubnetIds=subnets[:2], Tags=[{"Key": "Name", "Value": "x"}])["DBSubnetGroup"]
same((made["DBSubnetGroupName"], made["SubnetGroupStatus"], made["VpcId"]), ("my-alchemine-app-sbg", "Complete", vpc))
same(sorted(one["SubnetIdentifier"] for one in made["Subnets"]), sorted(subnets[:2]))
same(rds.list_tags_for_resource(ResourceName=made["DBSubnetGroupArn"])["TagList"], [{"Key": "Name", "Value": "x"}])
with error("DBSubnetGroupAlreadyExists"):
    rds.create_db_subnet_group(**describe, SubnetIds=subnets[:2])

# What can be ordered.
version = rds.describe_db_engine_versions(Engine="mysql", EngineVersion="8.4", DefaultOnly=True)["DBEngineVersions"]
same([one["MajorEngineVersion"] for one in version], ["8.4"])
pages = rds.get_paginator("describe_orderable_db_instance_options").paginate(Engine="mysql", DBInstanceClass="db.t3.micro", MaxRecords=20)
offers = [one for page in pages for one in page["OrderableDBInstanceOptions"]]
assert any(one["EngineVersion"] == version[0]["EngineVersion"] and one["StorageType"] == "gp3" for one in offers)
same(len({(one["EngineVersion"], one["StorageType"]) for one in offers}), len(offers), "no offer twice over the pages")

asked = {
    "DBInstanceIdentifier": NAME,
    "DBInstanceClass": "db.t3.micro",
    "Engine": "mysql",
    "EngineVersion": "8.4",
    "AllocatedStorage": 20,
    "StorageType": "gp3",
    "MasterUsername": "root",
    "MasterUserPassword": "correct-horse-7",
    "DBSubnetGroupName": "my-alchemine-app-sbg",
    "VpcSecurityGroupIds": [group],
    "AvailabilityZone": HOME + "a",
    "MultiAZ": False,
    "PubliclyAccessible": False,
    "BackupRetentionPeriod": 0,
    "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
    "StorageEncrypted": True,
    "DeletionProtection": True,
    "Tags": [{"Key": "Project", "Value": "aws-lab"}],
}
with error("InvalidParameterValue", says="MasterUserPassword"):
    rds.create_db_instance(**asked | {"MasterUserPassword": "a/b@c d 1"})
with error("InvalidParameterCombination", says="Extended Support"):
    rds.create_db_instance(**asked | {"EngineVersion": "8.0"})
with error("DBSubnetGroupNotFoundFault", 404):
    rds.create_db_instance(**asked | {"DBSubnetGroupName": "nothing"})
with error("InvalidVPCNetworkStateFault"):
    rds.create_db_instance(**asked | {"AvailabilityZone": HOME + "b"})
with error("NotSimulated"):
    rds.create_db_instance(**asked | {"Engine": "postgres"})
database = rds.create_db_instance(**asked)["DBInstance"]
same((database["DBInstanceStatus"], "Endpoint" in database), ("creating", False))
assert "correct-horse" not in str(database)
with error("DBInstanceAlreadyExists"):
    rds.create_db_instance(**asked)
with error("InvalidDBInstanceState"):
    rds.modify_db_instance(DBInstanceIdentifier=NAME, DeletionProtection=False)
with clocked() as waited:
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier=NAME)
assert 240 <= waited.seconds <= 900, waited.seconds
database = rds.describe_db_instances(Filters=[{"Name": "db-instance-id", "Values": [NAME]}])["DBInstances"][0]
same((database["Endpoint"]["Port"], database["TagList"], database["StorageEncrypted"]), (3306, asked["Tags"], True))
assert database["Endpoint"]["Address"].startswith(NAME + "."), database["Endpoint"]

# Its interface holds subnet and group.
eni = ec2.describe_network_interfaces(Filters=filters(description="RDSNetworkInterface"))["NetworkInterfaces"][0]
same((eni["RequesterManaged"], eni["Status"], eni["Groups"][0]["GroupId"]), (True, "in-use", group))
with error("DependencyViolation"):
    ec2.delete_security_group(GroupId=group)
with error("DependencyViolation"):
    ec2.delete_subnet(SubnetId=eni["SubnetId"])
with error("InvalidDBSubnetGroupStateFault"):
    rds.delete_db_subnet_group(DBSubnetGroupName="my-alchemine-app-sbg")

# Changes.
other = ec2.create_security_group(GroupName="other", Description="db", VpcId=vpc)["GroupId"]
advance(10)
changed = rds.modify_db_instance(DBInstanceIdentifier=NAME, VpcSecurityGroupIds=[other], MasterUserPassword="another-one-8", ApplyImmediately=True)
same(changed["DBInstance"]["PendingModifiedValues"], {"MasterUserPassword": "****"})
advance(30)
same(rds.describe_db_instances(DBInstanceIdentifier=NAME)["DBInstances"][0]["DBInstanceStatus"], "resetting-master-credentials")
advance(60)
ec2.delete_security_group(GroupId=group)
snapshot = rds.create_db_snapshot(DBSnapshotIdentifier="before", DBInstanceIdentifier=NAME)["DBSnapshot"]
same(snapshot["Status"], "creating")
with clocked():
    rds.get_waiter("db_snapshot_available").wait(DBSnapshotIdentifier="before")
    rds.get_waiter("db_snapshot_completed").wait(DBSnapshotIdentifier="before")
rds.delete_db_snapshot(DBSnapshotIdentifier="before")
with clocked():
    rds.get_waiter("db_snapshot_deleted").wait(DBSnapshotIdentifier="before")

# Stop, start, delete.
rds.stop_db_instance(DBInstanceIdentifier=NAME)
with error("InvalidDBInstanceState"):
    rds.start_db_instance(DBInstanceIdentifier=NAME)
advance(400)
same(rds.start_db_instance(DBInstanceIdentifier=NAME)["DBInstance"]["DBInstanceStatus"], "starting")
with clocked():
    rds.get_waiter("db_instance_available").wait(DBInstanceIdentifier=NAME)
same(rds.reboot_db_instance(DBInstanceIdentifier=NAME)["DBInstance"]["DBInstanceStatus"], "rebooting")
advance(120)
with error("InvalidParameterCombination", says="FinalDBSnapshotIdentifier is required"):
    rds.delete_db_instance(DBInstanceIdentifier=NAME)
with error("InvalidParameterCombination", says="Cannot delete protected DB Instance"):
    rds.delete_db_instance(DBInstanceIdentifier=NAME, SkipFinalSnapshot=True)
rds.modify_db_instance(DBInstanceIdentifier=NAME, DeletionProtection=False, ApplyImmediately=True)
rds.delete_db_instance(DBInstanceIdentifier=NAME, SkipFinalSnapshot=True, DeleteAutomatedBackups=True)
with clocked() as waited:
    rds.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier=NAME)
assert 150 <= waited.seconds <= 600, waited.seconds
with error("DBInstanceNotFound", 404):
    rds.describe_db_instances(DBInstanceIdentifier=NAME)
rds.delete_db_subnet_group(DBSubnetGroupName="my-alchemine-app-sbg")
advance(130)
for subnet in subnets:
    ec2.delete_subnet(SubnetId=subnet)
ec2.delete_security_group(GroupId=other)

# A password that RDS keeps in Secrets Manager; no subnet group: the default VPC.
managed = {key: asked[key] for key in ("DBInstanceIdentifier", "DBInstanceClass", "Engine", "AllocatedStorage", "MasterUsername")}
database = rds.create_db_instance(**managed, ManageMasterUserPassword=True, PubliclyAccessible=False)["DBInstance"]
same((database["MasterUserSecret"]["SecretStatus"], database["DBSubnetGroup"]["DBSubnetGroupName"]), ("creating", "default"))
value = json.loads(secrets.get_secret_value(SecretId=database["MasterUserSecret"]["SecretArn"])["SecretString"])
same((value["username"], len(value["password"])), ("root", 28))
same(secrets.list_secrets()["SecretList"][0]["OwningService"], "rds")
advance(900)
rds.delete_db_instance(DBInstanceIdentifier=NAME, FinalDBSnapshotIdentifier="last")
advance(900)
same([one["DBSnapshotIdentifier"] for one in rds.describe_db_snapshots(SnapshotType="manual")["DBSnapshots"]], ["last"])
with error("ResourceNotFoundException"):
    secrets.describe_secret(SecretId=database["MasterUserSecret"]["SecretArn"])
