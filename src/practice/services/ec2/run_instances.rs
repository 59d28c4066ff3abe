//! RunInstances: the instances that a request asks for, made.

use std::collections::BTreeMap;

use super::errors::{self, invalid_combination, invalid_value, missing};
use super::launch::{self, Launch};
use super::template_data::Flat;
use super::{Call, instance, instance_state, launch_template};
use crate::practice::services::ApiError;
use crate::practice::wire::query::Params;
use crate::practice::wire::xml::Element;
use crate::practice::world::{
    BlockDevice, Duration, Instance, InstanceState, InstanceStep, InterfaceAttachment, InterfaceKind, NetworkInterface,
    Volume, VolumeAttachment,
};

/// How many to start: as many as possible between MinCount and MaxCount.
fn count(call: &Call<'_>, launch: &Launch) -> Result<u32, ApiError> {
    let number = |name: &str| -> Result<u32, ApiError> {
        let value = call.params.int(name)?.ok_or_else(|| missing(name))?;
        u32::try_from(value).ok().filter(|value| *value > 0).ok_or_else(|| {
            invalid_value(format!("Value ({value}) for parameter {name} is invalid. It must be greater than 0."))
        })
    };
    let (least, most) = (number("MinCount")?, number("MaxCount")?);
    if least > most {
        return Err(invalid_combination("The parameter minCount cannot be greater than maxCount"));
    }
    if most > 1 && launch.network.private_ip.is_some() {
        return Err(invalid_combination("A private IP address cannot be specified for more than one instance"));
    }
    let free = u32::try_from(call.region.free_addresses(&launch.network.subnet)).unwrap_or(u32::MAX);
    if free < least {
        return Err(errors::no_address());
    }
    let spare = call.region.options().limits.network_interfaces.saturating_sub(call.region.interfaces.len());
    let spare = u32::try_from(spare).unwrap_or(u32::MAX);
    if spare < least {
        return Err(errors::limit("NetworkInterfaceLimitExceeded", "network interfaces"));
    }
    let room = instance_state::vcpus_left(call.region) / launch.kind.vcpus;
    if room < least {
        return Err(instance_state::too_many_vcpus(call.region));
    }
    instance_state::check_capacity(call.region, &launch.network.subnet.zone, launch.kind.name)?;
    Ok(most.min(free).min(spare).min(room))
}

/// RunInstances. A repetition (the same ClientToken) gives what the first request made, and is not checked against what has changed since.
pub(super) fn run(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let made = match call.repeated()? {
        Some(ids) => {
            if ids.iter().all(|id| call.region.instances.get(id).is_none_or(|one| one.state.is_ending())) {
                return Err(ApiError::new(
                    "IdempotentInstanceTerminated",
                    format!(
                        "The client token you have provided is associated with a resource that is already deleted. Please use a different client token. ({})",
                        ids.join(", ")
                    ),
                ));
            }
            ids
        }
        None => {
            let ids = match launch_template::of_request(call)? {
                Some((merged, origin)) => start_merged(call, &merged, &origin)?,
                None => start(call)?,
            };
            call.remember(ids.clone());
            ids
        }
    };
    let instances: Vec<&Instance> = made.iter().filter_map(|id| call.region.instances.get(id)).collect();
    let reservation = instances.first().map(|instance| instance.reservation.clone()).unwrap_or_default();
    Ok(call
        .answer()
        .leaf("reservationId", reservation)
        .leaf("ownerId", call.region.account())
        .list("groupSet", [])
        .list("instancesSet", instances.iter().map(|one| instance::item(call.region, one))))
}

/// Starts what the parameters of the call ask for.
fn start(call: &mut Call<'_>) -> Result<Vec<String>, ApiError> {
    let launch = launch::read(call)?;
    let count = count(call, &launch)?;
    let reservation = call.region.id("r");
    (0..count).map(|index| start_one(call, &launch, &reservation, index)).collect()
}

/// The call with parameters that a template has filled up, and the tags that its instances get besides.
pub(super) fn start_merged(
    call: &mut Call<'_>,
    merged: &Flat,
    tags: &BTreeMap<String, String>,
) -> Result<Vec<String>, ApiError> {
    let params = filled(merged);
    let inner = &mut Call { region: &mut *call.region, params: &params, ..*call };
    let ids = start(inner)?;
    refuse_unread(&params)?;
    for id in &ids {
        call.region.tags.entry(id.clone()).or_default().extend(tags.clone());
    }
    // The request's own parameters are among those that were read.
    for (name, _) in call.params.iter() {
        call.params.accept(name);
    }
    Ok(ids)
}

/// Whether a launch would do, without one.
pub(super) fn check_merged(call: &mut Call<'_>, merged: &Flat) -> Result<(), ApiError> {
    let params = filled(merged);
    let inner = &mut Call { region: &mut *call.region, params: &params, ..*call };
    let launch = launch::read(inner)?;
    count(inner, &launch)?;
    let _ = inner.client_token();
    refuse_unread(&params)
}

fn filled(merged: &Flat) -> Params {
    Params::from_pairs(merged.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

fn refuse_unread(params: &Params) -> Result<(), ApiError> {
    match params.unread().first() {
        Some(name) => Err(ApiError::not_simulated(format_args!("the parameter {name} of RunInstances"))),
        None => Ok(()),
    }
}

fn start_one(call: &mut Call<'_>, launch: &Launch, reservation: &str, index: u32) -> Result<String, ApiError> {
    let client_token = call.client_token().unwrap_or_default().to_owned();
    let id = call.region.id("i");
    let now = call.region.now();
    let interface = make_interface(call, launch, &id)?;
    let mut devices = Vec::new();
    for disk in &launch.disks {
        let volume = call.region.id("vol");
        let attachment = VolumeAttachment {
            instance: id.clone(),
            device: disk.device.clone(),
            attached_at: now,
            delete_on_termination: disk.delete_on_termination,
        };
        devices.push(BlockDevice {
            device: disk.device.clone(),
            volume: volume.clone(),
            attached_at: now,
            delete_on_termination: disk.delete_on_termination,
        });
        call.region.volumes.insert(
            volume.clone(),
            Volume {
                id: volume.clone(),
                zone: launch.network.subnet.zone.clone(),
                size: disk.size,
                kind: disk.kind.clone(),
                iops: disk.iops,
                throughput: disk.throughput,
                encrypted: disk.encrypted,
                snapshot: disk.snapshot.clone(),
                created: now,
                attachment: Some(attachment),
                modifications: Vec::new(),
            },
        );
        call.tag(&volume, launch.tags.get("volume").cloned().unwrap_or_default());
    }
    let profile = launch.profile.clone().map(|profile| profile.associated(call.region));
    let instance = Instance {
        id: id.clone(),
        reservation: reservation.to_owned(),
        launch_index: index,
        image: launch.image.id.clone(),
        instance_type: launch.kind.name.to_owned(),
        key: launch.key.clone(),
        vpc: launch.network.subnet.vpc.clone(),
        subnet: launch.network.subnet.id.clone(),
        zone: launch.network.subnet.zone.clone(),
        root_device: launch.image.root_device.clone(),
        state: InstanceState::Pending,
        turn: 0,
        checks_ok: false,
        launched: now,
        reason: None,
        transition: String::new(),
        interfaces: vec![interface],
        devices,
        client_token,
        user_data: launch.user_data.clone(),
        metadata: launch.metadata.clone(),
        detailed_monitoring: launch.detailed_monitoring,
        ebs_optimized: launch.ebs_optimized,
        disable_api_termination: launch.disable_api_termination,
        disable_api_stop: launch.disable_api_stop,
        shutdown_behavior: launch.shutdown_behavior.clone(),
        profile,
        unlimited_credits: launch.unlimited_credits,
        software: launch.image.software.clone(),
    };
    call.region.instances.insert(id.clone(), instance);
    call.region.hide_for_a_while(&id);
    call.tag(&id, launch.tags.get("instance").cloned().unwrap_or_default());
    let (lasts, step) = if call.region.volume_gib() > call.region.options().limits.volume_gib {
        (Duration::INSTANCE_FAIL, InstanceStep::NoVolumes)
    } else {
        (Duration::INSTANCE_START, InstanceStep::Running)
    };
    call.region.move_instance(&id, InstanceState::Pending, lasts, step);
    Ok(id)
}

fn make_interface(call: &mut Call<'_>, launch: &Launch, instance: &str) -> Result<String, ApiError> {
    let network = &launch.network;
    let private_ip = network
        .private_ip
        .or_else(|| call.region.first_free_address(&network.subnet))
        .ok_or_else(errors::no_address)?;
    let attachment = InterfaceAttachment {
        id: call.region.id("eni-attach"),
        instance: Some(instance.to_owned()),
        device_index: 0,
        attached_at: call.region.now(),
        delete_on_termination: network.delete_on_termination,
    };
    let interface = NetworkInterface {
        id: call.region.id("eni"),
        kind: InterfaceKind::Interface,
        vpc: network.subnet.vpc.clone(),
        subnet: network.subnet.id.clone(),
        zone: network.subnet.zone.clone(),
        description: network.description.clone(),
        private_ip,
        mac: call.region.new_mac(),
        groups: network.groups.clone(),
        source_dest_check: true,
        attachment: Some(attachment),
        wants_public_ip: network.public_ip,
        public_ip: None,
    };
    let id = interface.id.clone();
    call.region.interfaces.insert(id.clone(), interface);
    call.tag(&id, launch.tags.get("network-interface").cloned().unwrap_or_default());
    Ok(id)
}
