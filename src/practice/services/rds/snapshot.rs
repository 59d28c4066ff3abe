//! DB snapshots, made by hand.

use super::Call;
use super::common::{arn, checked_identifier, filters, identifier, no_snapshot, page, read_tags, tag_list, time};
use super::offers;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::Region;
use crate::practice::world::database::{Snapshot, Status};

fn item(region: &Region, snapshot: &Snapshot) -> Element {
    let of = &snapshot.of;
    Element::new("DBSnapshot")
        .leaf("DBSnapshotIdentifier", &snapshot.identifier)
        .leaf("DBInstanceIdentifier", &of.identifier)
        .leaf("SnapshotCreateTime", time(snapshot.started))
        .leaf("Engine", offers::MYSQL)
        .leaf("AllocatedStorage", of.storage)
        .leaf("Status", if snapshot.done { "available" } else { "creating" })
        .leaf("Port", of.port)
        .leaf("AvailabilityZone", &of.zone)
        .leaf("VpcId", &of.vpc)
        .leaf_opt("InstanceCreateTime", of.created.map(time))
        .leaf("MasterUsername", &of.username)
        .leaf("EngineVersion", &of.engine_version)
        .leaf("LicenseModel", "general-public-license")
        .leaf("SnapshotType", "manual")
        .leaf("OptionGroupName", offers::option_group(&of.engine_version))
        .leaf("PercentProgress", if snapshot.done { 100 } else { 0 })
        .leaf("StorageType", &of.storage_type)
        .leaf("Encrypted", of.encrypted)
        .leaf_opt("KmsKeyId", of.encrypted.then(|| offers::default_key(region, "aws/rds")))
        .leaf("DBSnapshotArn", arn(region, "snapshot", &snapshot.identifier))
        .leaf("IAMDatabaseAuthenticationEnabled", false)
        .leaf("DbiResourceId", &of.resource_id)
        .child(tag_list(&snapshot.tags))
        .leaf("OriginalSnapshotCreateTime", time(snapshot.started))
        .leaf("SnapshotTarget", "region")
}

/// Begins a snapshot of a DB instance; it carries the instance's tags if the instance says so.
pub(super) fn begin(call: &mut Call<'_>, database: &str, id: &str) -> Result<(), ApiError> {
    let id = checked_identifier("DBSnapshotIdentifier", id)?;
    if call.region.databases.snapshots.contains_key(&id) {
        let message = format!("Cannot create the snapshot because a snapshot with the identifier {id} already exists.");
        return Err(ApiError::new("DBSnapshotAlreadyExists", message));
    }
    let most = call.region.options().limits.db_snapshots;
    if call.region.databases.snapshots.len() >= most {
        return Err(ApiError::new("SnapshotQuotaExceeded", format!("Cannot create more than {most} manual snapshots")));
    }
    let Some(of) = call.region.databases.instances.get(database).cloned() else { return Ok(()) };
    let mut tags = if of.copy_tags { of.tags.clone() } else { std::collections::BTreeMap::new() };
    if call.operation == "CreateDBSnapshot" {
        tags.extend(read_tags(call.params)?);
    }
    call.region.begin_snapshot(&id, of, tags);
    Ok(())
}

/// CreateDBSnapshot
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let database = call.database(call.params.required("DBInstanceIdentifier")?)?;
    let (name, status) = (database.identifier.clone(), database.status);
    if status != Status::Available && status != Status::Stopped {
        let message = format!(
            "Cannot create a snapshot because the database instance {name} is not currently in the available state."
        );
        return Err(ApiError::new("InvalidDBInstanceState", message));
    }
    let id = identifier(call.params, "DBSnapshotIdentifier")?;
    begin(call, &name, &id)?;
    let made = call.region.databases.snapshots.get(&id).map(|snapshot| item(call.region, snapshot));
    Ok(call.result().child_opt(made))
}

/// DescribeDBSnapshots
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let filters = filters(params, &["db-instance-id", "db-snapshot-id", "dbi-resource-id", "engine", "snapshot-type"])?;
    let asked = params.text("DBSnapshotIdentifier").map(str::to_ascii_lowercase);
    let of = params.text("DBInstanceIdentifier").map(str::to_ascii_lowercase);
    let resource = params.text("DbiResourceId");
    let manual = params.text("SnapshotType").is_none_or(|kind| kind == "manual");
    let (shared, public) = (params.bool("IncludeShared")?, params.bool("IncludePublic")?);
    if shared == Some(true) || public == Some(true) {
        return Err(ApiError::not_simulated("shared and public DB snapshots"));
    }
    let snapshots = &call.region.databases.snapshots;
    if let Some(id) = asked.as_ref().filter(|id| !snapshots.contains_key(*id)) {
        return Err(no_snapshot(id));
    }
    let fits = |snapshot: &Snapshot| {
        let by_filter = filters.iter().all(|(name, values)| match *name {
            "db-instance-id" => values.iter().any(|value| {
                value.eq_ignore_ascii_case(&snapshot.of.identifier)
                    || *value == arn(call.region, "db", &snapshot.of.identifier)
            }),
            "db-snapshot-id" => values.contains(&snapshot.identifier.as_str()),
            "dbi-resource-id" => values.contains(&snapshot.of.resource_id.as_str()),
            "engine" => values.contains(&offers::MYSQL),
            _ => values.contains(&"manual"),
        });
        by_filter
            && manual
            && asked.as_ref().is_none_or(|id| *id == snapshot.identifier)
            && of.as_ref().is_none_or(|of| *of == snapshot.of.identifier)
            && resource.is_none_or(|resource| resource == snapshot.of.resource_id)
    };
    let chosen = snapshots.values().filter(|one| fits(one)).map(|one| (one.identifier.clone(), one)).collect();
    let (items, next) = page(call, chosen)?;
    let items: Vec<Element> = items.into_iter().map(|snapshot| item(call.region, snapshot)).collect();
    Ok(call.result().list_named("DBSnapshots", items).leaf_opt("Marker", next))
}

/// DeleteDBSnapshot
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let id = call.params.required("DBSnapshotIdentifier")?.to_ascii_lowercase();
    let snapshot = call.region.databases.snapshots.get(&id).ok_or_else(|| no_snapshot(&id))?;
    if !snapshot.done {
        let message =
            format!("Cannot delete the snapshot because it is not currently in the available or failed state: {id}");
        return Err(ApiError::new("InvalidDBSnapshotState", message));
    }
    let answer = item(call.region, snapshot);
    call.region.databases.snapshots.remove(&id);
    Ok(call.result().child(answer))
}
