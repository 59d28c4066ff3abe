//! RDS by its operations.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use crate::practice::services::{ApiError, ec2, testing};
use crate::practice::world::{Options, World};

const START: i64 = 1_790_000_000_000;
const SEOUL: &str = "ap-northeast-2";
const DB: &str = "my-alchemine-app-rds";

struct Bench {
    world: World,
    subnets: Vec<String>,
    group: String,
}

fn pick(xml: &str, name: &str) -> Option<String> {
    let rest = xml.split_once(&format!("<{name}>"))?.1;
    Some(rest.split_once(&format!("</{name}>"))?.0.to_owned())
}

impl Bench {
    /// A VPC with a subnet in a and in c, a DB subnet group of both, and a security group.
    fn new() -> Self {
        let world = World::new(42, "100000000001", START);
        let mut bench = Self { world, subnets: Vec::new(), group: String::new() };
        let vpc = pick(&bench.ok("CreateVpc", &[("CidrBlock", "10.1.0.0/16")]), "vpcId").unwrap();
        for (cidr, zone) in [("10.1.21.0/24", "ap-northeast-2a"), ("10.1.22.0/24", "ap-northeast-2c")] {
            let answer = bench.ok("CreateSubnet", &[("VpcId", &vpc), ("CidrBlock", cidr), ("AvailabilityZone", zone)]);
            bench.subnets.push(pick(&answer, "subnetId").unwrap());
        }
        let pairs = [("GroupName", "my-app-rds-sg"), ("GroupDescription", "d"), ("VpcId", vpc.as_str())];
        bench.group = pick(&bench.ok("CreateSecurityGroup", &pairs), "groupId").unwrap();
        bench.subnet_group("My-Group", &[0, 1]).unwrap();
        bench
    }

    fn call(&mut self, operation: &str, pairs: &[(&str, &str)]) -> Result<String, ApiError> {
        let handle =
            if operation.contains("DB") || operation.ends_with("Resource") { super::handle } else { ec2::handle };
        testing::call(&mut self.world, handle, (SEOUL, operation), pairs)
    }

    fn ok(&mut self, operation: &str, pairs: &[(&str, &str)]) -> String {
        self.call(operation, pairs).unwrap_or_else(|error| panic!("{operation}: {error:?}"))
    }

    fn code(&mut self, operation: &str, pairs: &[(&str, &str)]) -> String {
        self.call(operation, pairs).expect_err(operation).code
    }

    fn subnet_group(&mut self, name: &str, which: &[usize]) -> Result<String, ApiError> {
        let ids: Vec<(String, String)> = (1..)
            .zip(which)
            .map(|(number, index)| (format!("SubnetIds.SubnetIdentifier.{number}"), self.subnets[*index].clone()))
            .collect();
        let mut pairs = vec![("DBSubnetGroupName", name), ("DBSubnetGroupDescription", "lab")];
        pairs.extend(ids.iter().map(|(name, id)| (name.as_str(), id.as_str())));
        self.call("CreateDBSubnetGroup", &pairs)
    }

    /// The course's database; `more` adds to the request or replaces parts of it (an empty value leaves one out).
    fn create(&mut self, more: &[(&str, &str)]) -> Result<String, ApiError> {
        let group = self.group.clone();
        let base = [
            ("DBInstanceIdentifier", DB),
            ("DBInstanceClass", "db.t3.micro"),
            ("Engine", "mysql"),
            ("EngineVersion", "8.4"),
            ("AllocatedStorage", "20"),
            ("StorageType", "gp3"),
            ("MasterUsername", "root"),
            ("MasterUserPassword", "correct-horse-7"),
            ("DBSubnetGroupName", "my-group"),
            ("VpcSecurityGroupIds.VpcSecurityGroupId.1", group.as_str()),
            ("AvailabilityZone", "ap-northeast-2a"),
            ("MultiAZ", "false"),
            ("PubliclyAccessible", "false"),
            ("BackupRetentionPeriod", "0"),
            ("EngineLifecycleSupport", "open-source-rds-extended-support-disabled"),
        ];
        let mut pairs: Vec<(&str, &str)> =
            base.into_iter().filter(|(name, _)| !more.iter().any(|(other, _)| other == name)).collect();
        pairs.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        self.call("CreateDBInstance", &pairs)
    }

    fn refused(&mut self, more: &[(&str, &str)]) -> String {
        self.create(more).expect_err("a refusal").code
    }

    fn status(&mut self) -> String {
        pick(&self.ok("DescribeDBInstances", &[("DBInstanceIdentifier", DB)]), "DBInstanceStatus").unwrap()
    }

    fn wait(&mut self, seconds: i64) {
        self.world.advance(self.world.now() + seconds * 1000);
    }

    /// The states it goes through in this time, looked at every second.
    fn states(&mut self, seconds: i64) -> Vec<String> {
        let mut seen: Vec<String> = Vec::new();
        for _ in 0..seconds {
            let state = match self.call("DescribeDBInstances", &[("DBInstanceIdentifier", DB)]) {
                Ok(answer) => pick(&answer, "DBInstanceStatus").unwrap(),
                Err(error) => error.code,
            };
            if seen.last() != Some(&state) {
                seen.push(state);
            }
            self.wait(1);
        }
        seen
    }

    fn modify(&mut self, more: &[(&str, &str)]) -> Result<String, ApiError> {
        let mut pairs = vec![("DBInstanceIdentifier", DB)];
        pairs.extend_from_slice(more);
        self.call("ModifyDBInstance", &pairs)
    }
}

#[test]
fn a_subnet_group_covers_two_zones_and_is_held_by_its_database() {
    let mut bench = Bench::new();
    assert_eq!(bench.subnet_group("one", &[0]).unwrap_err().code, "DBSubnetGroupDoesNotCoverEnoughAZs");
    assert_eq!(bench.subnet_group("MY-group", &[0, 1]).unwrap_err().code, "DBSubnetGroupAlreadyExists");
    assert_eq!(bench.subnet_group("Default", &[0, 1]).unwrap_err().code, "InvalidParameterValue");
    let described = bench.ok("DescribeDBSubnetGroups", &[("DBSubnetGroupName", "MY-GROUP")]);
    assert_eq!(pick(&described, "DBSubnetGroupName").as_deref(), Some("my-group"));
    assert_eq!(described.matches("<SubnetIdentifier>").count(), 2);
    bench.create(&[]).unwrap();
    assert_eq!(
        bench.code("DeleteDBSubnetGroup", &[("DBSubnetGroupName", "my-group")]),
        "InvalidDBSubnetGroupStateFault"
    );
    bench.wait(500);
    bench.ok("DeleteDBInstance", &[("DBInstanceIdentifier", DB), ("SkipFinalSnapshot", "true")]);
    assert_eq!(
        bench.code("DeleteDBSubnetGroup", &[("DBSubnetGroupName", "my-group")]),
        "InvalidDBSubnetGroupStateFault"
    );
    bench.wait(400);
    bench.ok("DeleteDBSubnetGroup", &[("DBSubnetGroupName", "my-group")]);
    assert_eq!(
        bench.code("DescribeDBSubnetGroups", &[("DBSubnetGroupName", "my-group")]),
        "DBSubnetGroupNotFoundFault"
    );
}

#[test]
fn a_database_comes_up_and_goes() {
    let mut bench = Bench::new();
    let answer = bench.create(&[("BackupRetentionPeriod", "1")]).unwrap();
    assert_eq!(pick(&answer, "DBInstanceStatus").as_deref(), Some("creating"));
    assert_eq!(pick(&answer, "EngineVersion").as_deref(), Some("8.4.7"));
    assert!(!answer.contains("<Endpoint>") && !answer.contains("correct-horse"));
    assert_eq!(bench.states(560), ["creating", "backing-up", "available"]);
    let answer = bench.ok("DescribeDBInstances", &[]);
    let host = pick(&answer, "Address").unwrap();
    assert!(
        host.starts_with("my-alchemine-app-rds.c") && host.ends_with(".ap-northeast-2.rds.amazonaws.com"),
        "{host}"
    );
    let arn = pick(&answer, "DBInstanceArn").unwrap();
    bench.ok("AddTagsToResource", &[("ResourceName", &arn), ("Tags.Tag.1.Key", "Name"), ("Tags.Tag.1.Value", "x")]);
    assert!(bench.ok("ListTagsForResource", &[("ResourceName", &arn)]).contains("<Key>Name</Key><Value>x</Value>"));
    bench.ok("RemoveTagsFromResource", &[("ResourceName", &arn), ("TagKeys.member.1", "Name")]);
    assert!(!bench.ok("ListTagsForResource", &[("ResourceName", &arn)]).contains("<Key>"));

    let delete = [("DBInstanceIdentifier", DB), ("SkipFinalSnapshot", "true"), ("DeleteAutomatedBackups", "true")];
    bench.ok("DeleteDBInstance", &delete);
    assert_eq!(bench.code("DeleteDBInstance", &delete), "InvalidDBInstanceState");
    assert_eq!(bench.states(400), ["deleting", "DBInstanceNotFound"]);
    assert_eq!(bench.code("DeleteDBInstance", &delete), "DBInstanceNotFound");
}

#[test]
fn its_interface_blocks_subnet_and_group_until_a_while_after_its_end() {
    let mut bench = Bench::new();
    bench.create(&[]).unwrap();
    let (subnet, group) = (bench.subnets[0].clone(), bench.group.clone());
    let subnet = [("SubnetId", subnet.as_str())];
    let group = [("GroupId", group.as_str())];
    let interfaces = bench.ok("DescribeNetworkInterfaces", &[]);
    for text in ["RDSNetworkInterface", "<requesterManaged>true", "<instanceOwnerId>amazon-rds", "<status>in-use"] {
        assert!(interfaces.contains(text), "{text} in {interfaces}");
    }
    let eni = pick(&interfaces, "networkInterfaceId").unwrap();
    assert_eq!(bench.code("DeleteNetworkInterface", &[("NetworkInterfaceId", &eni)]), "AuthFailure");
    assert_eq!(bench.code("DeleteSubnet", &subnet), "DependencyViolation");
    assert_eq!(bench.code("DeleteSecurityGroup", &group), "DependencyViolation");
    bench.wait(600);
    bench.ok("DeleteDBInstance", &[("DBInstanceIdentifier", DB), ("SkipFinalSnapshot", "true")]);
    while bench.call("DescribeDBInstances", &[("DBInstanceIdentifier", DB)]).is_ok() {
        bench.wait(5);
    }
    assert_eq!(bench.code("DeleteSubnet", &subnet), "DependencyViolation");
    bench.wait(130);
    bench.ok("DeleteSubnet", &subnet);
    bench.ok("DeleteSecurityGroup", &group);
}

#[test]
fn refusals_of_a_new_database() {
    let mut bench = Bench::new();
    for (more, code) in [
        (("MasterUserPassword", ""), "InvalidParameterValue"),
        (("MasterUserPassword", "short"), "InvalidParameterValue"),
        (("MasterUserPassword", "with space 1"), "InvalidParameterValue"),
        (("MasterUserPassword", "with/slash"), "InvalidParameterValue"),
        (("ManageMasterUserPassword", "true"), "InvalidParameterCombination"),
        (("MasterUsername", "rdsadmin"), "InvalidParameterValue"),
        (("DBInstanceClass", "db.t2.micro"), "InvalidParameterValue"),
        (("EngineVersion", "5.7"), "InvalidParameterCombination"),
        (("EngineVersion", "8.0"), "InvalidParameterCombination"),
        (("Engine", "nosql"), "InvalidParameterValue"),
        (("Engine", "postgres"), "NotSimulated"),
        (("AllocatedStorage", "5"), "InvalidParameterValue"),
        (("AllocatedStorage", ""), "InvalidParameterValue"),
        (("Iops", "3000"), "InvalidParameterCombination"),
        (("DBSubnetGroupName", "nothing"), "DBSubnetGroupNotFoundFault"),
        (("AvailabilityZone", "ap-northeast-2b"), "InvalidVPCNetworkStateFault"),
        (("AvailabilityZone", "eu-west-1a"), "InvalidVPCNetworkStateFault"),
        (("MultiAZ", "true"), "InvalidParameterCombination"),
        (("PubliclyAccessible", "true"), "InvalidVPCNetworkStateFault"),
        (("VpcSecurityGroupIds.VpcSecurityGroupId.1", "sg-0123"), "InvalidParameterValue"),
        (("BackupRetentionPeriod", "36"), "InvalidParameterValue"),
        (("DBInstanceIdentifier", "1db"), "InvalidParameterValue"),
        (("EnablePerformanceInsights", "true"), "NotSimulated"),
        (("DBClusterIdentifier", "c"), "NotSimulated"),
    ] {
        assert_eq!(bench.refused(&[more]), code, "{more:?}");
    }
    let default =
        bench.ok("DescribeSecurityGroups", &[("Filter.1.Name", "group-name"), ("Filter.1.Value.1", "default")]);
    for id in default.split("<groupId>").skip(1).map(|rest| rest.split_once('<').unwrap().0) {
        let vpc = &bench.world.region_mut(SEOUL).security_groups[id].vpc.clone();
        if bench.world.region_mut(SEOUL).vpcs[vpc].is_default {
            let groups = [("VpcSecurityGroupIds.VpcSecurityGroupId.1", id)];
            assert_eq!(bench.refused(&groups), "InvalidParameterCombination");
        }
    }
    bench.create(&[("EngineVersion", "8.0"), ("EngineLifecycleSupport", "")]).unwrap();
    assert_eq!(bench.refused(&[]), "DBInstanceAlreadyExists");
}

#[test]
fn the_free_plan_allows_small_and_few() {
    let mut bench = Bench::new();
    bench.world.set_options(Options { free_plan: true, ..Options::default() });
    assert_eq!(bench.refused(&[("DBInstanceClass", "db.t3.small")]), "FreeTierRestrictionError");
    assert_eq!(bench.refused(&[("BackupRetentionPeriod", "2")]), "FreeTierRestrictionError");
    bench.create(&[("DBInstanceIdentifier", "a")]).unwrap();
    bench.create(&[("DBInstanceIdentifier", "b")]).unwrap();
    assert_eq!(bench.refused(&[]), "FreeTierRestrictionError");
}

#[test]
fn rules_of_deletion() {
    let mut bench = Bench::new();
    bench.create(&[("DeletionProtection", "true")]).unwrap();
    let id = ("DBInstanceIdentifier", DB);
    let skip = ("SkipFinalSnapshot", "true");
    bench.ok("DescribeDBInstances", &[id]);
    assert_eq!(bench.code("DeleteDBInstance", &[id]), "InvalidParameterCombination");
    assert_eq!(bench.code("DeleteDBInstance", &[id, skip]), "InvalidParameterCombination");
    assert_eq!(bench.modify(&[("DeletionProtection", "false")]).unwrap_err().code, "InvalidDBInstanceState");
    bench.wait(500);
    bench.modify(&[("DeletionProtection", "false"), ("ApplyImmediately", "true")]).unwrap();
    assert_eq!(bench.status(), "available");
    let both = [id, skip, ("FinalDBSnapshotIdentifier", "last")];
    assert_eq!(bench.code("DeleteDBInstance", &both), "InvalidParameterCombination");
    bench.ok("DeleteDBInstance", &[id, ("FinalDBSnapshotIdentifier", "last")]);
    bench.wait(400);
    let snapshots = bench.ok("DescribeDBSnapshots", &[("DBInstanceIdentifier", DB)]);
    assert!(snapshots.contains("<DBSnapshotIdentifier>last<") && snapshots.contains("<Status>available<"));
    bench.ok("DeleteDBSnapshot", &[("DBSnapshotIdentifier", "last")]);
    assert_eq!(bench.code("DescribeDBSnapshots", &[("DBSnapshotIdentifier", "last")]), "DBSnapshotNotFound");
}

#[test]
fn while_it_is_created_it_cannot_be_deleted() {
    let mut bench = Bench::new();
    bench.create(&[]).unwrap();
    let delete = [("DBInstanceIdentifier", DB), ("SkipFinalSnapshot", "true")];
    assert_eq!(bench.code("DeleteDBInstance", &delete), "InvalidDBInstanceState");
}

#[test]
fn modifications_begin_soon_or_in_the_window() {
    let mut bench = Bench::new();
    bench.create(&[("PreferredMaintenanceWindow", "sun:17:00-sun:17:30")]).unwrap();
    bench.wait(500);
    let answer = bench.modify(&[("DBInstanceClass", "db.t3.small")]).unwrap();
    assert!(answer.contains("<PendingModifiedValues><DBInstanceClass>db.t3.small<"), "{answer}");
    assert_eq!(bench.states(100), ["available"]);
    bench.modify(&[("DBInstanceClass", "db.t3.small"), ("ApplyImmediately", "true")]).unwrap();
    assert_eq!(bench.states(500), ["available", "modifying", "available"]);
    let answer = bench.ok("DescribeDBInstances", &[]);
    assert!(
        answer.contains("<DBInstanceClass>db.t3.small<") && answer.contains("<PendingModifiedValues/>"),
        "{answer}"
    );
    bench.modify(&[("AllocatedStorage", "40")]).unwrap();
    bench.wait(7 * 86_400 + 1000);
    assert!(bench.ok("DescribeDBInstances", &[]).contains("<AllocatedStorage>40<"));
    assert_eq!(bench.modify(&[("AllocatedStorage", "30")]).unwrap_err().code, "InvalidParameterCombination");
    assert_eq!(bench.modify(&[("EngineVersion", "8.0")]).unwrap_err().code, "InvalidParameterCombination");
}

#[test]
fn a_new_name_keeps_the_resource() {
    let mut bench = Bench::new();
    bench.create(&[]).unwrap();
    bench.wait(500);
    let before = bench.ok("DescribeDBInstances", &[]);
    bench.modify(&[("NewDBInstanceIdentifier", "new-name"), ("ApplyImmediately", "true")]).unwrap();
    assert_eq!(bench.states(200), ["available", "renaming", "DBInstanceNotFound"]);
    let after = bench.ok("DescribeDBInstances", &[("DBInstanceIdentifier", "new-name")]);
    assert_eq!(pick(&before, "DbiResourceId"), pick(&after, "DbiResourceId"));
    assert!(pick(&after, "Address").unwrap().starts_with("new-name.c"));
}

#[test]
fn user_and_password_open_it_while_it_listens() {
    let mut bench = Bench::new();
    bench.create(&[]).unwrap();
    let interface = bench.world.region_mut(SEOUL).interfaces.keys().next().unwrap().clone();
    assert!(bench.world.region_mut(SEOUL).database_of(&interface).is_none(), "still creating");
    bench.wait(500);
    let accepts = |bench: &mut Bench, password: &str| {
        bench.world.region_mut(SEOUL).database_of(&interface).map(|database| database.accepts("root", password))
    };
    assert_eq!(accepts(&mut bench, "correct-horse-7"), Some(true));
    assert_eq!(accepts(&mut bench, "wrong"), Some(false));
    assert!(bench.world.region_mut(SEOUL).database_of("eni-0").is_none());
    let answer = bench.modify(&[("MasterUserPassword", "another-one-8")]).unwrap();
    assert!(answer.contains("****") && !answer.contains("another-one"));
    assert_eq!(bench.states(100), ["available", "resetting-master-credentials", "available"]);
    assert_eq!(accepts(&mut bench, "another-one-8"), Some(true));
    assert_eq!(accepts(&mut bench, "correct-horse-7"), Some(false));
    bench.ok("StopDBInstance", &[("DBInstanceIdentifier", DB)]);
    assert_eq!(bench.states(400), ["stopping", "stopped"]);
    assert_eq!(accepts(&mut bench, "another-one-8"), None);
    let mut kept = Vec::new();
    ciborium::into_writer(&bench.world, &mut kept).unwrap();
    assert!(!kept.windows(11).any(|part| part == b"another-one"));
}

#[test]
fn a_stopped_one_starts_by_itself_after_seven_days() {
    let mut bench = Bench::new();
    bench.create(&[]).unwrap();
    bench.wait(500);
    bench.ok("RebootDBInstance", &[("DBInstanceIdentifier", DB)]);
    assert_eq!(bench.states(80), ["rebooting", "available"]);
    bench.ok("StopDBInstance", &[("DBInstanceIdentifier", DB)]);
    assert_eq!(bench.code("StartDBInstance", &[("DBInstanceIdentifier", DB)]), "InvalidDBInstanceState");
    bench.wait(400);
    assert_eq!(bench.status(), "stopped");
    bench.wait(7 * 86_400 - 700);
    assert_eq!(bench.status(), "stopped");
    bench.wait(1100);
    assert_eq!(bench.status(), "available");
}

#[test]
fn a_managed_password_is_in_a_secret() {
    let mut bench = Bench::new();
    let answer = bench.create(&[("MasterUserPassword", ""), ("ManageMasterUserPassword", "true")]).unwrap();
    assert_eq!(pick(&answer, "SecretStatus").as_deref(), Some("creating"));
    assert!(pick(&answer, "SecretArn").unwrap().contains(":secret:rds!db-"));
    bench.wait(500);
    let region = bench.world.region_mut(SEOUL);
    let database = &region.databases.instances[DB];
    let password = database.secret.as_ref().unwrap().password();
    assert_eq!(password.len(), 28);
    assert!(database.accepts("root", &password));
    assert_eq!(
        bench.modify(&[("MasterUserPassword", "own-password")]).unwrap_err().code,
        "InvalidParameterCombination"
    );
}

#[test]
fn offers_filters_and_pages() {
    let mut bench = Bench::new();
    let versions = [("Engine", "mysql"), ("EngineVersion", "8.4"), ("DefaultOnly", "true")];
    let answer = bench.ok("DescribeDBEngineVersions", &versions);
    assert_eq!(answer.matches("<DBEngineVersion>").count(), 1);
    assert!(answer.contains("<EngineVersion>8.4.7<"));
    let options = [("Engine", "mysql"), ("DBInstanceClass", "db.t3.micro"), ("EngineVersion", "8.4.7")];
    assert_eq!(bench.ok("DescribeOrderableDBInstanceOptions", &options).matches("<StorageType>gp3<").count(), 1);
    let first = bench.ok("DescribeOrderableDBInstanceOptions", &[("Engine", "mysql"), ("MaxRecords", "20")]);
    assert_eq!(first.matches("<OrderableDBInstanceOption>").count(), 20);
    let marker = pick(&first, "Marker").unwrap();
    let next = bench.ok("DescribeOrderableDBInstanceOptions", &[("Engine", "mysql"), ("Marker", &marker)]);
    assert_eq!(next.matches("<OrderableDBInstanceOption>").count(), 100);
    assert!(!next.contains(&pick(&first, "OrderableDBInstanceOption").unwrap()));
    for name in ["a", "b", "c"] {
        bench.create(&[("DBInstanceIdentifier", name)]).unwrap();
    }
    let filter =
        |value: &'static str| [("Filters.Filter.1.Name", "db-instance-id"), ("Filters.Filter.1.Values.Value.1", value)];
    let count = |answer: &str| answer.matches("<DBInstance>").count();
    assert_eq!(count(&bench.ok("DescribeDBInstances", &filter("b"))), 1);
    assert_eq!(count(&bench.ok("DescribeDBInstances", &filter("x"))), 0);
    assert_eq!(count(&bench.ok("DescribeDBInstances", &[])), 3);
    assert_eq!(bench.code("DescribeDBInstances", &[("MaxRecords", "5")]), "InvalidParameterValue");
    assert_eq!(bench.code("DescribeDBInstances", &[("DBInstanceIdentifier", "x")]), "DBInstanceNotFound");
}

#[test]
fn one_leap_is_the_same_as_small_steps() {
    let busy = || {
        let mut bench = Bench::new();
        bench.create(&[("BackupRetentionPeriod", "1")]).unwrap();
        bench.create(&[("DBInstanceIdentifier", "second")]).unwrap();
        bench.wait(700);
        bench.modify(&[("DBInstanceClass", "db.t3.small"), ("ApplyImmediately", "true")]).unwrap();
        bench.ok("DeleteDBInstance", &[("DBInstanceIdentifier", "second"), ("SkipFinalSnapshot", "true")]);
        bench
    };
    let (mut leapt, mut stepped) = (busy(), busy());
    leapt.wait(1000);
    for _ in 0..1000 {
        stepped.wait(1);
    }
    assert_eq!(leapt.world, stepped.world);
}
