//! What an instance says on its console, and whether it may go on when its CPU credits are used up.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Call;
use super::common::{one, time};
use super::errors::{self, invalid_value, missing};
use super::page::{Choice, choose};
use crate::practice::services::ApiError;
use crate::practice::wire::xml::Element;
use crate::practice::world::{Instance, catalogue};

/// The most that the console keeps, in bytes.
const CONSOLE: usize = 64 * 1024;

/// GetConsoleOutput: what the first boot wrote.
pub(super) fn console(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let instance = call.instance(call.params.required("InstanceId")?)?;
    let _ = call.params.bool("Latest")?;
    let log = instance.software.log.as_bytes();
    let last = log.get(log.len().saturating_sub(CONSOLE)..).unwrap_or_default();
    let output = (!last.is_empty()).then(|| STANDARD.encode(last));
    Ok(call
        .answer()
        .leaf("instanceId", &instance.id)
        .leaf("timestamp", time(call.region.now()))
        .leaf_opt("output", output))
}

fn word(instance: &Instance) -> &'static str {
    if instance.unlimited_credits { "unlimited" } else { "standard" }
}

/// DescribeInstanceCreditSpecifications: of burstable instances; without ids, of those that are unlimited.
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let named = !call.params.list("InstanceId").is_empty();
    let burstable = |one: &Instance| catalogue::instance_type(&one.instance_type).is_some_and(|kind| kind.burstable);
    let choice = Choice { ids: "InstanceId", noun: &errors::INSTANCE, filters: &["instance-id"], smallest: 5 };
    let all = call.region.instances.iter().filter(|(_, one)| named || (burstable(one) && one.unlimited_credits));
    let page = choose(call, &choice, all, |_, instance, _| one(&instance.id))?;
    let items = page
        .items
        .iter()
        .map(|instance| Element::item().leaf("instanceId", &instance.id).leaf("cpuCredits", word(instance)));
    Ok(call.answer().list("instanceCreditSpecificationSet", items).leaf_opt("nextToken", page.next.as_ref()))
}

/// ModifyInstanceCreditSpecification: each instance for itself.
pub(super) fn modify(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let asked = call.params.structs("InstanceCreditSpecification");
    let _ = call.client_token();
    if asked.is_empty() {
        return Err(missing("InstanceCreditSpecification"));
    }
    let (mut good, mut bad) = (Vec::new(), Vec::new());
    for view in asked {
        let id = view.required("InstanceId")?;
        let unlimited = match view.text("CpuCredits").unwrap_or("standard") {
            "unlimited" => true,
            "standard" => false,
            other => return Err(invalid_value(format!("Value ({other}) for parameter CpuCredits is invalid."))),
        };
        let refused = match call.instance(id) {
            Err(error) => Some(("InvalidInstanceID.NotFound", error.message)),
            Ok(one) if !catalogue::instance_type(&one.instance_type).is_some_and(|kind| kind.burstable) => Some((
                "InstanceCreditSpecification.NotSupported",
                format!("The instance type '{}' does not have CPU credits.", one.instance_type),
            )),
            Ok(_) => None,
        };
        let shown = Element::item().leaf("instanceId", id);
        match refused {
            Some((code, message)) => {
                bad.push(shown.child(Element::new("error").leaf("code", code).leaf("message", message)));
            }
            None => {
                if let Some(found) = call.region.instances.get_mut(id) {
                    found.unlimited_credits = unlimited;
                }
                good.push(shown);
            }
        }
    }
    Ok(call
        .answer()
        .list("successfulInstanceCreditSpecificationSet", good)
        .list("unsuccessfulInstanceCreditSpecificationSet", bad))
}
