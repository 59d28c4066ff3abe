//! What can be ordered: versions of MySQL and classes of DB instances.

use sha2::{Digest, Sha256};

use super::Call;
use super::common::{arn, filters, invalid_combination, invalid_value, page};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::Region;

/// The one engine that is simulated.
pub(super) const MYSQL: &str = "mysql";

/// The versions of MySQL, oldest first, and whether each is what its major version alone means.
const VERSIONS: [(&str, bool); 8] = [
    ("8.0.41", false),
    ("8.0.42", false),
    ("8.0.43", false),
    ("8.0.44", true),
    ("8.4.4", false),
    ("8.4.5", false),
    ("8.4.6", false),
    ("8.4.7", true),
];

/// The version that no EngineVersion means.
const DEFAULT: &str = "8.4.7";

/// Classes, each with its processor architecture.
const CLASSES: [&str; 22] = [
    "db.t3.micro",
    "db.t3.small",
    "db.t3.medium",
    "db.t3.large",
    "db.t3.xlarge",
    "db.t3.2xlarge",
    "db.t4g.micro",
    "db.t4g.small",
    "db.t4g.medium",
    "db.t4g.large",
    "db.t4g.xlarge",
    "db.t4g.2xlarge",
    "db.m5.large",
    "db.m5.xlarge",
    "db.m6g.large",
    "db.m6g.xlarge",
    "db.m6i.large",
    "db.m7g.large",
    "db.r5.large",
    "db.r6g.large",
    "db.r6i.large",
    "db.r7g.large",
];

const STORAGE_TYPES: [&str; 4] = ["gp2", "gp3", "io1", "standard"];

/// Whether a class exists.
pub(super) fn is_class(class: &str) -> bool {
    CLASSES.contains(&class)
}

/// `8.4` of `8.4.7`.
pub(super) fn major(version: &str) -> &str {
    version.rsplit_once('.').map_or(version, |(major, _)| major)
}

/// The exact version that a request means: an exact one, a major one, or none.
pub(super) fn resolve(asked: Option<&str>) -> Result<&'static str, ApiError> {
    let Some(asked) = asked else { return Ok(DEFAULT) };
    let exact = VERSIONS.iter().find(|(version, _)| *version == asked);
    let by_major = || VERSIONS.iter().find(|(version, usual)| *usual && major(version) == asked);
    let found = exact.or_else(by_major).map(|(version, _)| *version);
    found.ok_or_else(|| invalid_combination(format!("Cannot find version {asked} for mysql")))
}

/// Whether AWS's standard support of a version is over (MySQL 8.0: since 2026-07-31), so that it runs on Extended Support only.
pub(super) fn is_past_standard_support(version: &str) -> bool {
    major(version) == "8.0"
}

/// Refuses engines other than MySQL.
pub(super) fn only_mysql(engine: &str) -> Result<(), ApiError> {
    match engine {
        MYSQL => Ok(()),
        "mariadb" | "postgres" | "aurora-mysql" | "aurora-postgresql" => {
            Err(ApiError::not_simulated(format_args!("the database engine {engine}")))
        }
        other if other.starts_with("oracle") || other.starts_with("sqlserver") || other.starts_with("db2") => {
            Err(ApiError::not_simulated(format_args!("the database engine {other}")))
        }
        other => Err(invalid_value(format!("Invalid DB engine: {other}"))),
    }
}

/// DescribeDBEngineVersions
pub(super) fn engine_versions(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    filters(params, &[])?;
    if let Some(engine) = params.text("Engine") {
        only_mysql(engine)?;
    }
    let asked = params.text("EngineVersion");
    let family = params.text("DBParameterGroupFamily");
    let default_only = params.bool("DefaultOnly")?.unwrap_or(false);
    // Of MySQL nothing is older than what is listed here.
    params.bool("IncludeAll")?;
    let chosen = VERSIONS.iter().filter(|(version, usual)| {
        let by_version = asked.is_none_or(|asked| asked == *version || asked == major(version));
        let by_default = !default_only || if asked.is_some() { *usual } else { *version == DEFAULT };
        by_version && by_default && family.is_none_or(|family| family == format!("mysql{}", major(version)))
    });
    let chosen = chosen.map(|(version, _)| ((*version).to_owned(), *version)).collect();
    let (items, next) = page(call, chosen)?;
    let items = items.into_iter().map(|version| {
        let major_of = major(version);
        let newer = VERSIONS.iter().map(|(other, _)| *other).skip_while(|other| *other != version).skip(1);
        let targets = newer.map(|target| {
            Element::new("UpgradeTarget")
                .leaf("Engine", MYSQL)
                .leaf("EngineVersion", target)
                .leaf("Description", format!("MySQL {target}"))
                .leaf("AutoUpgrade", false)
                .leaf("IsMajorVersionUpgrade", major(target) != major_of)
        });
        let log_types = ["audit", "error", "general", "slowquery"];
        Element::new("DBEngineVersion")
            .leaf("Engine", MYSQL)
            .leaf("MajorEngineVersion", major_of)
            .leaf("EngineVersion", version)
            .leaf("DBParameterGroupFamily", format!("mysql{major_of}"))
            .leaf("DBEngineDescription", "MySQL Community Edition")
            .leaf("DBEngineVersionDescription", format!("MySQL {version}"))
            .list_named("ValidUpgradeTarget", targets)
            .members("ExportableLogTypes", log_types.map(|name| Element::leaf_of("member", name)))
            .leaf("SupportsLogExportsToCloudwatchLogs", true)
            .leaf("SupportsReadReplica", true)
            .leaf("SupportsParallelQuery", false)
            .leaf("SupportsGlobalDatabases", false)
            .leaf("Status", "available")
    });
    Ok(call.result().list_named("DBEngineVersions", items).leaf_opt("Marker", next))
}

/// DescribeOrderableDBInstanceOptions
pub(super) fn orderable(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    filters(params, &[])?;
    only_mysql(params.required("Engine")?)?;
    let asked = params.text("EngineVersion");
    let class = params.text("DBInstanceClass");
    let license = params.text("LicenseModel").is_none_or(|license| license == "general-public-license");
    let in_vpc = params.bool("Vpc")?.unwrap_or(true);
    let group = params.text("AvailabilityZoneGroup").is_none_or(|group| group == call.region.name());
    let mut found = Vec::new();
    if license && in_vpc && group {
        for (version, _) in
            VERSIONS.iter().filter(|(one, _)| asked.is_none_or(|asked| asked == *one || asked == major(one)))
        {
            for one in CLASSES.iter().filter(|one| class.is_none_or(|class| class == **one)) {
                for storage in STORAGE_TYPES {
                    found.push((format!("{version} {one} {storage}"), (*version, *one, storage)));
                }
            }
        }
    }
    found.sort();
    let (items, next) = page(call, found)?;
    let zones = call.region.zones();
    let region = call.region.name();
    let items = items.into_iter().map(|(version, class, storage)| {
        let zones = zones.iter().map(|zone| Element::new("AvailabilityZone").leaf("Name", &zone.name));
        Element::new("OrderableDBInstanceOption")
            .leaf("Engine", MYSQL)
            .leaf("EngineVersion", version)
            .leaf("DBInstanceClass", class)
            .leaf("LicenseModel", "general-public-license")
            .leaf("AvailabilityZoneGroup", region)
            .list_named("AvailabilityZones", zones)
            .leaf("MultiAZCapable", true)
            .leaf("ReadReplicaCapable", true)
            .leaf("Vpc", true)
            .leaf("SupportsStorageEncryption", true)
            .leaf("StorageType", storage)
            .leaf("SupportsIops", storage == "io1" || storage == "gp3")
            .leaf("MinStorageSize", least_storage(storage))
            .leaf("MaxStorageSize", most_storage(storage))
            .leaf("SupportsStorageAutoscaling", true)
            .members("SupportedNetworkTypes", [Element::leaf_of("member", "IPV4")])
    });
    Ok(call.result().list_named("OrderableDBInstanceOptions", items).leaf_opt("Marker", next))
}

/// GiB
fn least_storage(storage_type: &str) -> u32 {
    match storage_type {
        "io1" => 100,
        "standard" => 5,
        _ => 20,
    }
}

/// GiB
fn most_storage(storage_type: &str) -> u32 {
    if storage_type == "standard" { 3072 } else { 65_536 }
}

/// AllocatedStorage and StorageType, checked.
pub(super) fn checked_storage(size: i64, storage_type: &str) -> Result<u32, ApiError> {
    if !STORAGE_TYPES.contains(&storage_type) {
        return match storage_type {
            "io2" => Err(ApiError::not_simulated("the storage type io2")),
            other => Err(invalid_value(format!("Invalid storage type: {other}"))),
        };
    }
    let fits = |size: &u32| (least_storage(storage_type)..=most_storage(storage_type)).contains(size);
    u32::try_from(size).ok().filter(fits).ok_or_else(|| {
        invalid_value(format!("Invalid storage size for engine name mysql and storage type {storage_type}: {size}"))
    })
}

/// The default parameter group of a version.
pub(super) fn parameter_group(version: &str) -> String {
    format!("default.mysql{}", major(version))
}

/// The default option group of a version.
pub(super) fn option_group(version: &str) -> String {
    format!("default:mysql-{}", major(version).replace('.', "-"))
}

/// The ARN of the key with which a service encrypts when no other is named, by the key's alias.
pub(super) fn default_key(region: &Region, alias: &str) -> String {
    let hash = Sha256::digest(arn(region, "key", alias));
    let hex: String = hash.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
    let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default();
    format!(
        "arn:aws:kms:{}:{}:key/{}-{}-{}-{}-{}",
        region.name(),
        region.account(),
        part(0, 8),
        part(8, 12),
        part(12, 16),
        part(16, 20),
        part(20, 32)
    )
}
