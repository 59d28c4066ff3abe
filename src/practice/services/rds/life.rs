//! RebootDBInstance, StopDBInstance, StartDBInstance, DeleteDBInstance.

use super::Call;
use super::common::{invalid_combination, invalid_value};
use super::snapshot;
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::database::Status;

fn wrong_state(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidDBInstanceState", message)
}

/// The identifier of the DB instance a request means, if it is in a state.
fn in_state(call: &Call<'_>, wanted: Status) -> Result<String, ApiError> {
    let database = call.database(call.params.required("DBInstanceIdentifier")?)?;
    if database.status != wanted {
        return Err(wrong_state(format!("Instance {} is not in {} state.", database.identifier, wanted.as_str())));
    }
    Ok(database.identifier.clone())
}

/// RebootDBInstance
pub(super) fn reboot(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let name = in_state(call, Status::Available)?;
    let failover = call.params.bool("ForceFailover")?.unwrap_or(false);
    if failover && !call.region.databases.instances.get(&name).is_some_and(|database| database.multi_az) {
        return Err(invalid_combination(
            "Force failover cannot be specified since the instance is not configured for Multi-AZ.",
        ));
    }
    if failover {
        return Err(ApiError::not_simulated("the fail-over of RebootDBInstance"));
    }
    call.region.reboot_database(&name);
    Ok(call.described(&name))
}

/// StopDBInstance
pub(super) fn stop(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let name = in_state(call, Status::Available)?;
    if let Some(id) = call.params.text("DBSnapshotIdentifier") {
        snapshot::begin(call, &name, id)?;
    }
    call.region.stop_database(&name);
    Ok(call.described(&name))
}

/// StartDBInstance
pub(super) fn start(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let name = in_state(call, Status::Stopped)?;
    call.region.start_database(&name);
    Ok(call.described(&name))
}

/// DeleteDBInstance
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let database = call.database(params.required("DBInstanceIdentifier")?)?;
    let name = database.identifier.clone();
    let (status, protected, retention) = (database.status, database.deletion_protection, database.retention);
    let skip = params.bool("SkipFinalSnapshot")?.unwrap_or(false);
    let last = params.text("FinalDBSnapshotIdentifier").filter(|id| !id.is_empty());
    let all_backups = params.bool("DeleteAutomatedBackups")?.unwrap_or(true);
    match (skip, last) {
        (false, None) => {
            return Err(invalid_combination(
                "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
            ));
        }
        (true, Some(_)) => {
            return Err(invalid_combination(
                "FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is true.",
            ));
        }
        _ => {}
    }
    if !all_backups && retention > 0 {
        return Err(ApiError::not_simulated("automated backups that stay (DeleteAutomatedBackups=false)"));
    }
    if protected {
        return Err(invalid_combination(
            "Cannot delete protected DB Instance, please disable deletion protection and try again.",
        ));
    }
    match status {
        Status::Deleting => return Err(wrong_state(format!("Instance {name} is already being deleted."))),
        Status::Available | Status::Stopped => {}
        other => {
            let message = format!("Instance {name} is currently {} - try again later.", other.as_str());
            return Err(wrong_state(message));
        }
    }
    if let Some(id) = last {
        if status == Status::Stopped {
            return Err(invalid_value("Cannot create a final snapshot of a stopped DB instance: start it first."));
        }
        snapshot::begin(call, &name, id)?;
    }
    call.region.delete_database(&name);
    Ok(call.described(&name))
}
