//! DescribeInstanceInformation: the instances whose agents have registered.

use serde_json::{Value, json};

use super::page;
use crate::practice::services::{ApiError, Request};
use crate::practice::wire::members::Members;
use crate::practice::world::host::Ping;
use crate::practice::world::{Global, Instance, Region, World};

/// The status of an agent.
fn status(ping: Ping) -> &'static str {
    if ping.online { "Online" } else { "ConnectionLost" }
}

fn item(region: &Region, instance: &Instance, ping: Ping) -> Value {
    let interface = instance.interfaces.first().and_then(|id| region.interfaces.get(id));
    let address = interface.map(|interface| interface.private_ip.to_string()).unwrap_or_default();
    json!({
        "InstanceId": instance.id,
        "PingStatus": status(ping),
        "LastPingDateTime": { "$time": ping.last },
        "AgentVersion": "3.3.3050.0",
        "IsLatestVersion": true,
        "PlatformType": "Linux",
        "PlatformName": "Amazon Linux",
        "PlatformVersion": "2023",
        "ResourceType": "EC2Instance",
        "IPAddress": address,
        "ComputerName": format!("ip-{}.{}.compute.internal", address.replace('.', "-"), region.name()),
        "SourceId": instance.id,
        "SourceType": "AWS::EC2::Instance",
    })
}

/// The values that a filter compares.
fn values(region: &Region, instance: &Instance, ping: Ping, key: &str) -> Result<Vec<String>, ApiError> {
    let one = |text: &str| Ok(vec![text.to_owned()]);
    match key {
        "InstanceIds" => one(&instance.id),
        "PingStatus" => one(status(ping)),
        "PlatformTypes" => one("Linux"),
        "ResourceType" => one("EC2Instance"),
        "AgentVersion" => one("3.3.3050.0"),
        "tag-key" => Ok(region.tags.get(&instance.id).into_iter().flat_map(|tags| tags.keys().cloned()).collect()),
        _ => match key.strip_prefix("tag:") {
            Some(name) => {
                Ok(region.tags.get(&instance.id).and_then(|tags| tags.get(name)).cloned().into_iter().collect())
            }
            None => Err(ApiError::new("InvalidFilterKey", format!("The specified key is not valid: {key}"))),
        },
    }
}

/// The instances that Systems Manager knows, with their agents.
pub(super) fn registered<'r>(region: &'r Region, global: &Global) -> Vec<(&'r Instance, Ping)> {
    let live = region.instances.values().filter(|instance| !instance.state.is_ending());
    live.filter_map(|instance| Some((instance, region.ping(global, &instance.id)?))).collect()
}

/// DescribeInstanceInformation
pub(super) fn describe(world: &mut World, request: &Request<'_>) -> Result<Value, ApiError> {
    let members = Members::new(request.json);
    let mut filters: Vec<(String, Vec<String>)> = Vec::new();
    for filter in members.objects("Filters")? {
        filters.push((
            filter.required("Key")?.to_owned(),
            filter.texts("Values")?.into_iter().map(str::to_owned).collect(),
        ));
        filter.finish()?;
    }
    for filter in members.objects("InstanceInformationFilterList")? {
        filters.push((
            filter.required("key")?.to_owned(),
            filter.texts("valueSet")?.into_iter().map(str::to_owned).collect(),
        ));
        filter.finish()?;
    }
    let (most, token) = (members.int("MaxResults")?, members.text("NextToken")?);
    members.finish()?;
    world.region_mut(request.region);
    let Some(region) = world.region(request.region) else { return Ok(json!({ "InstanceInformationList": [] })) };
    let mut found = Vec::new();
    for (instance, ping) in registered(region, world.global()) {
        let mut fits = true;
        for (key, wanted) in &filters {
            let have = values(region, instance, ping, key)?;
            fits &= have.iter().any(|one| wanted.contains(one));
        }
        if fits {
            found.push((instance.id.clone(), item(region, instance, ping)));
        }
    }
    let (items, next) = page(found, most, token, 5, 50)?;
    let mut answer = json!({ "InstanceInformationList": items });
    if let Some(next) = next {
        answer["NextToken"] = next.into();
    }
    Ok(answer)
}
