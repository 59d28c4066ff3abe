//! DB instances as they are described.

use super::Call;
use super::common::{arn, filters, no_instance, page, tag_list, time};
use super::{offers, subnet_group};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::Region;
use crate::practice::world::database::{Database, Pending, Status};

pub(super) fn arn_of(region: &Region, database: &Database) -> String {
    arn(region, "db", &database.identifier)
}

fn pending(pending: &Pending) -> Element {
    Element::new("PendingModifiedValues")
        .leaf_opt("DBInstanceClass", pending.class.as_ref())
        .leaf_opt("AllocatedStorage", pending.storage)
        .leaf_opt("MasterUserPassword", pending.password.as_ref().map(|_| "****"))
        .leaf_opt("BackupRetentionPeriod", pending.retention)
        .leaf_opt("MultiAZ", pending.multi_az)
        .leaf_opt("EngineVersion", pending.engine_version.as_ref())
        .leaf_opt("DBInstanceIdentifier", pending.identifier.as_ref())
        .leaf_opt("StorageType", pending.storage_type.as_ref())
}

fn secret(region: &Region, database: &Database) -> Option<Element> {
    let secret = database.secret.as_ref()?;
    let key = offers::default_key(region, "aws/secretsmanager");
    let status = if database.has_endpoint { "active" } else { "creating" };
    let element = Element::new("MasterUserSecret").leaf("SecretArn", &secret.arn).leaf("SecretStatus", status);
    Some(element.leaf("KmsKeyId", key))
}

/// The zone of a standby: the first other zone that the subnet group covers.
fn secondary_zone(region: &Region, database: &Database) -> Option<String> {
    let group = region.databases.groups.get(&database.group)?;
    let zones = group.subnets.iter().filter_map(|id| region.subnets.get(id)).map(|subnet| &subnet.zone);
    zones.filter(|zone| **zone != database.zone).min().filter(|_| database.multi_az).cloned()
}

/// A DB instance in an answer.
pub(super) fn item(region: &Region, database: &Database) -> Element {
    let endpoint = database.has_endpoint.then(|| {
        Element::new("Endpoint")
            .leaf("Address", region.database_host(&database.identifier))
            .leaf("Port", database.port)
            .leaf("HostedZoneId", "ZLA2NUCOLGUUR")
    });
    let groups = database
        .security_groups
        .iter()
        .map(|id| Element::new("VpcSecurityGroupMembership").leaf("VpcSecurityGroupId", id).leaf("Status", "active"));
    let parameters = Element::new("DBParameterGroup")
        .leaf("DBParameterGroupName", offers::parameter_group(&database.engine_version))
        .leaf("ParameterApplyStatus", "in-sync");
    let options = Element::new("OptionGroupMembership")
        .leaf("OptionGroupName", offers::option_group(&database.engine_version))
        .leaf("Status", "in-sync");
    let group = region.databases.groups.get(&database.group).map(|group| subnet_group::item(region, group));
    let gp3 = database.storage_type == "gp3";
    let restorable = database.created.filter(|_| database.retention > 0 && database.status == Status::Available);
    Element::new("DBInstance")
        .leaf("DBInstanceIdentifier", &database.identifier)
        .leaf("DBInstanceClass", &database.class)
        .leaf("Engine", offers::MYSQL)
        .leaf("DBInstanceStatus", database.status.as_str())
        .leaf_opt("AutomaticRestartTime", database.restart_at.map(time))
        .leaf("MasterUsername", &database.username)
        .leaf_opt("DBName", database.db_name.as_ref())
        .child_opt(endpoint)
        .leaf("AllocatedStorage", database.storage)
        .leaf_opt("InstanceCreateTime", database.created.map(time))
        .leaf("PreferredBackupWindow", &database.backup_window)
        .leaf("BackupRetentionPeriod", database.retention)
        .list_named("DBSecurityGroups", [])
        .list_named("VpcSecurityGroups", groups)
        .list_named("DBParameterGroups", [parameters])
        .leaf_opt("AvailabilityZone", Some(&database.zone).filter(|_| database.has_endpoint))
        .child_opt(group)
        .leaf("PreferredMaintenanceWindow", &database.maintenance_window)
        .child(pending(&database.pending))
        .leaf_opt("LatestRestorableTime", restorable.map(|at| time((region.now() - 300_000).max(at))))
        .leaf("MultiAZ", database.multi_az)
        .leaf("EngineVersion", &database.engine_version)
        .leaf("AutoMinorVersionUpgrade", database.auto_minor)
        .list_named("ReadReplicaDBInstanceIdentifiers", [])
        .leaf("LicenseModel", "general-public-license")
        .leaf_opt("Iops", gp3.then_some(3000))
        .leaf_opt("StorageThroughput", gp3.then_some(125))
        .list_named("OptionGroupMemberships", [options])
        .leaf_opt("SecondaryAvailabilityZone", secondary_zone(region, database))
        .leaf("PubliclyAccessible", database.public)
        .leaf("StorageType", &database.storage_type)
        .leaf("DbInstancePort", 0)
        .leaf("StorageEncrypted", database.encrypted)
        .leaf_opt("KmsKeyId", database.encrypted.then(|| offers::default_key(region, "aws/rds")))
        .leaf("DbiResourceId", &database.resource_id)
        .leaf("CACertificateIdentifier", "rds-ca-rsa2048-g1")
        .list_named("DomainMemberships", [])
        .leaf("CopyTagsToSnapshot", database.copy_tags)
        .leaf("MonitoringInterval", 0)
        .leaf("DBInstanceArn", arn_of(region, database))
        .leaf("IAMDatabaseAuthenticationEnabled", false)
        .leaf("DatabaseInsightsMode", "standard")
        .leaf("PerformanceInsightsEnabled", false)
        .leaf("DeletionProtection", database.deletion_protection)
        .list_named("AssociatedRoles", [])
        .child(tag_list(&database.tags))
        .leaf("CustomerOwnedIpEnabled", false)
        .leaf("NetworkType", "IPV4")
        .leaf("ActivityStreamStatus", "stopped")
        .leaf("BackupTarget", "region")
        .child_opt(secret(region, database))
        .leaf("DedicatedLogVolume", false)
        .leaf("IsStorageConfigUpgradeAvailable", false)
        .leaf("EngineLifecycleSupport", &database.lifecycle)
}

impl Call<'_> {
    /// A DB instance by its identifier, or by its ARN where AWS takes one.
    pub(super) fn database(&self, name: &str) -> Result<&Database, ApiError> {
        let arn = self.arn("db", "");
        let asked = name.strip_prefix(&arn).unwrap_or(name).to_ascii_lowercase();
        self.region.databases.instances.get(&asked).ok_or_else(|| no_instance(&asked))
    }

    /// The answer of an operation on a DB instance.
    pub(super) fn described(&self, identifier: &str) -> Element {
        let found = self.region.databases.instances.get(identifier);
        self.result().child_opt(found.map(|database| item(self.region, database)))
    }
}

/// DescribeDBInstances
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let filters = filters(call.params, &["db-cluster-id", "db-instance-id", "dbi-resource-id", "domain", "engine"])?;
    let region: &Region = call.region;
    let fits = |database: &Database| {
        filters.iter().all(|(name, values)| match *name {
            "db-instance-id" => {
                let arn = arn_of(region, database);
                values.iter().any(|value| *value == arn || value.eq_ignore_ascii_case(&database.identifier))
            }
            "dbi-resource-id" => values.contains(&database.resource_id.as_str()),
            "engine" => values.contains(&offers::MYSQL),
            // No instance is of a cluster or a domain.
            _ => false,
        })
    };
    let found: Vec<&Database> = match call.params.text("DBInstanceIdentifier") {
        Some(name) => vec![call.database(name)?],
        None => region.databases.instances.values().collect(),
    };
    let chosen = found.into_iter().filter(|one| fits(one)).map(|one| (one.identifier.clone(), one)).collect();
    let (items, next) = page(call, chosen)?;
    let items: Vec<Element> = items.into_iter().map(|database| item(call.region, database)).collect();
    Ok(call.result().list_named("DBInstances", items).leaf_opt("Marker", next))
}
