//! DeleteAutoScalingGroup.

use super::errors::{in_progress, in_use, no_group};
use super::{Call, Outcome};
use crate::practice::world::scaling::DeletionProtection;

/// DeleteAutoScalingGroup: again for one that is already going is a success.
pub(super) fn delete(call: &mut Call<'_>) -> Outcome {
    let name = call.group_name()?;
    let force = call.params.bool("ForceDelete")?.unwrap_or(false);
    let group = call.region.scaling.groups.get(&name).ok_or_else(|| no_group(&name))?;
    if group.deleting {
        return Ok(None);
    }
    let guarded = match group.protection {
        DeletionProtection::None => false,
        DeletionProtection::PreventForce => force,
        DeletionProtection::PreventAll => true,
    };
    if guarded {
        return Err(in_use(format!(
            "You cannot delete the AutoScalingGroup {name}: its deletion protection is {}. Set DeletionProtection to none and try again.",
            group.protection.as_str()
        )));
    }
    if !force {
        if call.region.open_activities(&name).next().is_some() {
            return Err(in_progress(
                "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.",
            ));
        }
        if !group.members.is_empty() {
            return Err(in_use(
                "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.",
            ));
        }
        call.region.forget_group(&name);
        return Ok(None);
    }
    call.region.delete_group(&name);
    Ok(None)
}
