//! ModifyDBInstance: what is in force at once, and what waits for the instance or for its maintenance window.

use super::Call;
use super::common::{invalid_combination, invalid_value, texts};
use super::create::{
    checked_backup_window, checked_groups, checked_maintenance_window, checked_password, free_plan, new_identifier,
    retention,
};
use super::offers;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::database::{Database, Password, Pending, Status};

/// What waits: everything that needs the server to stop or to work.
fn pending(call: &Call<'_>, database: &Database) -> Result<Pending, ApiError> {
    let params = call.params;
    let mut pending = database.pending.clone();
    if let Some(new) = params.text("NewDBInstanceIdentifier")
        && !new.eq_ignore_ascii_case(&database.identifier)
    {
        pending.identifier = Some(new_identifier(call, new)?);
    }
    if let Some(class) = params.text("DBInstanceClass") {
        if !offers::is_class(class) {
            return Err(invalid_value(format!("Invalid DB Instance class: {class}")));
        }
        pending.class = (class != database.class).then(|| class.to_owned());
    }
    let storage_type = params.text("StorageType");
    if let Some(storage_type) = storage_type {
        offers::checked_storage(i64::from(database.storage), storage_type)?;
        pending.storage_type = (storage_type != database.storage_type).then(|| storage_type.to_owned());
    }
    if let Some(storage) = params.int("AllocatedStorage")? {
        let storage = offers::checked_storage(storage, storage_type.unwrap_or(&database.storage_type))?;
        if storage < database.storage
            || (storage > database.storage && storage < database.storage + database.storage / 10)
        {
            return Err(invalid_combination(
                "Invalid storage size: storage can only be increased, by at least 10 percent.",
            ));
        }
        pending.storage = (storage > database.storage).then_some(storage);
    }
    if let Some(asked) = params.text("EngineVersion") {
        pending.engine_version = upgrade(call, database, asked)?;
    }
    if let Some(multi_az) = params.bool("MultiAZ")? {
        pending.multi_az = (multi_az != database.multi_az).then_some(multi_az);
    }
    if let Some(days) = retention(params.int("BackupRetentionPeriod")?)? {
        pending.retention = (days != database.retention).then_some(days);
    }
    Ok(pending)
}

fn upgrade(call: &Call<'_>, database: &Database, asked: &str) -> Result<Option<String>, ApiError> {
    let target = offers::resolve(Some(asked))?;
    let allowed = call.params.bool("AllowMajorVersionUpgrade")?.unwrap_or(false);
    if target == database.engine_version {
        return Ok(None);
    }
    if target < database.engine_version.as_str() {
        return Err(invalid_combination(format!("Cannot upgrade mysql from {} to {target}", database.engine_version)));
    }
    if offers::major(target) != offers::major(&database.engine_version) && !allowed {
        return Err(invalid_combination(
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.",
        ));
    }
    Ok(Some(target.to_owned()))
}

/// ModifyDBInstance
pub(super) fn modify(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let name = params.required("DBInstanceIdentifier")?;
    let database = call.database(name)?.clone();
    if !matches!(database.status, Status::Available | Status::BackingUp) {
        return Err(ApiError::new("InvalidDBInstanceState", "Database instance is not in available state."));
    }
    let soon = params.bool("ApplyImmediately")?.unwrap_or(false);
    let mut changed = database.clone();
    changed.pending = pending(call, &database)?;
    let class = changed.pending.class.as_ref().unwrap_or(&database.class);
    free_plan(call.region, class, changed.pending.retention.unwrap_or(database.retention))?;
    if !texts(params, "VpcSecurityGroupIds", "VpcSecurityGroupId").is_empty() {
        changed.security_groups = checked_groups(call, &database.vpc)?;
    }
    match params.bool("PubliclyAccessible")? {
        Some(true) if !database.public => {
            return Err(ApiError::not_simulated("making a DB instance publicly accessible with ModifyDBInstance"));
        }
        // It applies at once, whatever ApplyImmediately says.
        Some(false) => changed.public = false,
        Some(true) | None => {}
    }
    if let Some(on) = params.bool("DeletionProtection")? {
        changed.deletion_protection = on;
    }
    if let Some(on) = params.bool("CopyTagsToSnapshot")? {
        changed.copy_tags = on;
    }
    if let Some(on) = params.bool("AutoMinorVersionUpgrade")? {
        changed.auto_minor = on;
    }
    if let Some(window) = params.text("PreferredBackupWindow") {
        changed.backup_window = checked_backup_window(window)?;
    }
    if let Some(window) = params.text("PreferredMaintenanceWindow") {
        changed.maintenance_window = checked_maintenance_window(window)?;
    }
    let mut new_password = false;
    if let Some(password) = params.text("MasterUserPassword") {
        if database.secret.is_some() {
            return Err(invalid_combination(
                "You can't specify MasterUserPassword for an instance with ManageMasterUserPassword enabled.",
            ));
        }
        checked_password(password)?;
        changed.pending.password = Some(Password::new(call.region.random().bytes(), password));
        new_password = true;
    }
    // A password does not wait for the window, whatever ApplyImmediately says; what waits with it is then begun too, as on AWS.
    let begin = changed.pending != database.pending || (soon && !changed.pending.is_empty());
    let now = soon || new_password;
    changed.pending_now = now && !changed.pending.is_empty();
    let identifier = database.identifier.clone();
    if let Some(interface) = call.region.interfaces.get_mut(&changed.interface) {
        interface.groups.clone_from(&changed.security_groups);
        if !changed.public {
            interface.public_ip = None;
        }
    }
    call.region.databases.instances.insert(identifier.clone(), changed);
    if begin {
        call.region.modify_database(&identifier, now);
    }
    Ok(call.described(&identifier))
}
