//! Amazon RDS: DB subnet groups, MySQL instances, snapshots, and what can be ordered.
//!
//! Promises: an operation checks everything AWS checks before it changes anything that is simulated here, and answers in the shapes of API version
//! 2014-10-31. A password never appears in an answer. Leaves time to [`crate::practice::world::database`].
//! Not simulated: other engines than MySQL, clusters, replicas, parameter and option groups other than the default ones, restoring.

mod common;
mod create;
mod instance;
mod life;
mod modify;
mod offers;
mod snapshot;
mod subnet_group;
mod tags;
#[cfg(test)]
mod tests;

use super::{ApiError, Request, xml_answer};
use crate::practice::wire::query::Params;
use crate::practice::wire::xml::Element;
use crate::practice::world::{Region, World};

/// The XML namespace of its answers.
const NAMESPACE: &str = "http://rds.amazonaws.com/doc/2014-10-31/";

/// One request: its parameters and the region it works on.
struct Call<'a> {
    region: &'a mut Region,
    params: &'a Params,
    operation: &'a str,
}

/// Answers one of its operations. On an error the world may be half changed.
pub fn handle(world: &mut World, request: &Request<'_>) -> Result<Element, ApiError> {
    let region = world.region_mut(request.region);
    let call = &mut Call { region, params: request.params, operation: request.operation };
    let result = match request.operation {
        "CreateDBSubnetGroup" => Some(subnet_group::create(call)?),
        "ModifyDBSubnetGroup" => Some(subnet_group::modify(call)?),
        "DeleteDBSubnetGroup" => {
            subnet_group::delete(call)?;
            None
        }
        "DescribeDBSubnetGroups" => Some(subnet_group::describe(call)?),
        "CreateDBInstance" => Some(create::create(call)?),
        "DescribeDBInstances" => Some(instance::describe(call)?),
        "ModifyDBInstance" => Some(modify::modify(call)?),
        "RebootDBInstance" => Some(life::reboot(call)?),
        "StopDBInstance" => Some(life::stop(call)?),
        "StartDBInstance" => Some(life::start(call)?),
        "DeleteDBInstance" => Some(life::delete(call)?),
        "CreateDBSnapshot" => Some(snapshot::create(call)?),
        "DescribeDBSnapshots" => Some(snapshot::describe(call)?),
        "DeleteDBSnapshot" => Some(snapshot::delete(call)?),
        "DescribeDBEngineVersions" => Some(offers::engine_versions(call)?),
        "DescribeOrderableDBInstanceOptions" => Some(offers::orderable(call)?),
        "AddTagsToResource" => {
            tags::add(call)?;
            None
        }
        "RemoveTagsFromResource" => {
            tags::remove(call)?;
            None
        }
        "ListTagsForResource" => Some(tags::list(call)?),
        other => return Err(ApiError::unknown_operation("rds", other)),
    };
    if !request.operation.starts_with("Describe") && !request.operation.starts_with("List") {
        call.region.changed();
    }
    Ok(xml_answer::answer(request.operation, NAMESPACE, &request.request_id, result))
}
