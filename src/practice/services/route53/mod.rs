//! Amazon Route 53: public hosted zones, their records, changes and tags, in the REST-XML of API version 2013-04-01.
//!
//! Promises: a batch of changes is done as a whole or not at all, with AWS's sentences for what is wrong in it.
//! Not simulated: private zones, routing policies other than the simple one, health checks, DNSSEC, reusable delegation sets.

mod record;
#[cfg(test)]
mod tests;
mod zone;

use super::{Answer, ApiError, Request};
use crate::practice::wire::query::Params;
use crate::practice::wire::xml::Element;
use crate::practice::wire::xml_in::Node;
use crate::practice::world::World;
use crate::practice::world::dns::Dns;

/// The XML namespace of its answers.
const NAMESPACE: &str = "https://route53.amazonaws.com/doc/2013-04-01/";

/// The operation that a method and a path (`/2013-04-01/hostedzone/Z1/rrset`) mean.
pub fn operation(method: &http::Method, path: &str) -> Option<&'static str> {
    Some(match (method.as_str(), segments(path).as_slice()) {
        ("POST", ["hostedzone"]) => "CreateHostedZone",
        ("GET", ["hostedzone"]) => "ListHostedZones",
        ("GET", ["hostedzonesbyname"]) => "ListHostedZonesByName",
        ("GET", ["hostedzonecount"]) => "GetHostedZoneCount",
        ("GET", ["hostedzone", _]) => "GetHostedZone",
        ("POST", ["hostedzone", _]) => "UpdateHostedZoneComment",
        ("DELETE", ["hostedzone", _]) => "DeleteHostedZone",
        ("GET", ["hostedzone", _, "rrset"]) => "ListResourceRecordSets",
        ("POST", ["hostedzone", _, "rrset"]) => "ChangeResourceRecordSets",
        ("GET", ["change", _]) => "GetChange",
        ("GET", ["tags", _, _]) => "ListTagsForResource",
        ("POST", ["tags", _, _]) => "ChangeTagsForResource",
        _ => return None,
    })
}

/// What follows on the API's version in a path.
fn segments(path: &str) -> Vec<&str> {
    let rest = path.strip_prefix("/2013-04-01/").unwrap_or_default();
    rest.split('/').filter(|part| !part.is_empty()).collect()
}

/// One request: its parameters, and the account's zones.
struct Call<'a> {
    dns: &'a mut Dns,
    now: i64,
    params: &'a Params,
    operation: &'a str,
    path: Vec<&'a str>,
    body: Node,
}

impl Call<'_> {
    /// The answer's root.
    fn answer(&self) -> Element {
        Element::new(format!("{}Response", self.operation)).attribute("xmlns", NAMESPACE)
    }

    /// The id in the path: `Z1` of `/hostedzone/Z1`.
    fn id(&self) -> &str {
        self.path.get(1).copied().unwrap_or_default()
    }

    /// `maxitems`, at most `most`.
    fn max_items(&self, most: usize) -> Result<usize, ApiError> {
        let Some(asked) = self.params.text("maxitems") else { return Ok(most) };
        let limit = asked.parse::<usize>().ok().filter(|limit| *limit > 0);
        limit.map(|limit| limit.min(most)).ok_or_else(|| invalid_input(format!("Invalid value for maxitems: {asked}")))
    }
}

fn invalid_input(message: impl Into<String>) -> ApiError {
    ApiError::new("InvalidInput", message)
}

/// Answers one of its operations. On an error the world may be half changed.
pub fn handle(world: &mut World, request: &Request<'_>) -> Result<Answer, ApiError> {
    let body = if request.body.trim().is_empty() {
        Node::default()
    } else {
        Node::parse(request.body).map_err(|error| ApiError::new("MalformedInput", error))?
    };
    let now = world.now();
    let limit = world.options().limits.hosted_zones;
    let global = world.global_mut();
    let call = &mut Call {
        dns: &mut global.dns,
        now,
        params: request.params,
        operation: request.operation,
        path: segments(request.path),
        body,
    };
    let answer = match request.operation {
        "CreateHostedZone" => zone::create(call, limit)?,
        "GetHostedZone" => Answer::Xml(zone::get(call)?),
        "UpdateHostedZoneComment" => Answer::Xml(zone::update_comment(call)?),
        "DeleteHostedZone" => Answer::Xml(zone::delete(call)?),
        "ListHostedZones" => Answer::Xml(zone::list(call)?),
        "ListHostedZonesByName" => Answer::Xml(zone::list_by_name(call)?),
        "GetHostedZoneCount" => Answer::Xml(zone::count(call)),
        "GetChange" => Answer::Xml(zone::get_change(call)?),
        "ListTagsForResource" => Answer::Xml(zone::list_tags(call)?),
        "ChangeTagsForResource" => Answer::Xml(zone::change_tags(call)?),
        "ListResourceRecordSets" => Answer::Xml(record::list(call)?),
        "ChangeResourceRecordSets" => Answer::Xml(record::change(call)?),
        other => return Err(ApiError::unknown_operation("route53", other)),
    };
    if let Some(name) = call.body.unread() {
        return Err(ApiError::not_simulated(format_args!("the parameter {name} of {}", request.operation)));
    }
    if !request.operation.starts_with("Get") && !request.operation.starts_with("List") {
        global.changed();
    }
    Ok(answer)
}
