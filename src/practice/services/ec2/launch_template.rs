//! Launch templates: made, numbered, described, deleted; and what a launch takes from one.

use std::collections::BTreeMap;

use super::Call;
use super::common::{maybe, one, time};
use super::errors::{self, invalid_combination, invalid_value, limit};
use super::filters::Filters;
use super::page::{Choice, choose, paginate};
use super::template_data::{self, Flat};
use super::{image, tags};
use crate::practice::services::{ApiError, sts};
use crate::practice::wire::xml::Element;
use crate::practice::world::template::{Template, TemplateVersion};
use crate::practice::world::{Instance, Region};

/// How many versions a template may have.
const MOST_VERSIONS: usize = 10_000;

fn no_name(name: &str) -> ApiError {
    ApiError::new(
        "InvalidLaunchTemplateName.NotFoundException",
        format!("The specified launch template, with template name {name}, does not exist."),
    )
}

fn no_version(template: &Template, version: &str) -> ApiError {
    ApiError::new(
        "InvalidLaunchTemplateId.VersionNotFound",
        format!("Could not find the specified version {version} for the launch template with ID {}.", template.id),
    )
}

/// The template that an id or a name means (one of the two).
pub(super) fn find<'r>(region: &'r Region, id: Option<&str>, name: Option<&str>) -> Result<&'r Template, ApiError> {
    let found = match (id, name) {
        (Some(_), Some(_)) => {
            return Err(invalid_combination(
                "Specify either the launch template ID or the launch template name, not both.",
            ));
        }
        (None, None) => {
            return Err(ApiError::new(
                "MissingParameter",
                "Either a launch template ID or a launch template name must be specified in the request.",
            ));
        }
        (Some(id), None) if !id.starts_with("lt-") => {
            return Err(ApiError::new(
                "InvalidLaunchTemplateId.Malformed",
                format!("The specified launch template ID, {id}, is malformed."),
            ));
        }
        (Some(id), None) => region.templates.by_id.get(id).ok_or_else(|| errors::LAUNCH_TEMPLATE.not_found(id))?,
        (None, Some(name)) => region.templates.named(name).ok_or_else(|| no_name(name))?,
    };
    if region.is_hidden(&found.id) {
        return Err(name.map_or_else(|| errors::LAUNCH_TEMPLATE.not_found(&found.id), no_name));
    }
    Ok(found)
}

fn asked<'c>(call: &'c Call<'_>) -> Result<&'c Template, ApiError> {
    let (id, name) = (call.params.text("LaunchTemplateId"), call.params.text("LaunchTemplateName"));
    find(call.region, id, name)
}

/// What a version says, by template and version (`$Default` if none is named), with the version's number.
pub(super) fn data<'r>(template: &'r Template, version: Option<&str>) -> Result<(u64, &'r Flat), ApiError> {
    let version = version.filter(|version| !version.is_empty()).unwrap_or("$Default");
    let number = template.resolve(version).ok_or_else(|| no_version(template, version))?;
    let found = template.versions.get(&number).ok_or_else(|| no_version(template, version))?;
    Ok((number, &found.data))
}

/// The parameters of a launch from a template, and the tags that its instances get besides.
type FromTemplate = (Flat, BTreeMap<String, String>);

/// What a RunInstances request takes from the template it names, as flat parameters, and the tags that say so.
pub(super) fn of_request(call: &Call<'_>) -> Result<Option<FromTemplate>, ApiError> {
    let named = call.params.sub("LaunchTemplate");
    if named.is_empty() {
        return Ok(None);
    }
    let template = find(call.region, named.text("LaunchTemplateId"), named.text("LaunchTemplateName"))?;
    let (number, base) = data(template, named.text("Version"))?;
    let over: Flat = call
        .params
        .iter()
        .filter(|(name, _)| !name.starts_with("LaunchTemplate.") && !["Action", "DryRun", "Version"].contains(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    Ok(Some((template_data::merged(base, &over), origin(template, number))))
}

/// The tags that every instance launched from a template has.
pub(super) fn origin(template: &Template, number: u64) -> BTreeMap<String, String> {
    BTreeMap::from([
        ("aws:ec2launchtemplate:id".to_owned(), template.id.clone()),
        ("aws:ec2launchtemplate:version".to_owned(), number.to_string()),
    ])
}

fn item(region: &Region, template: &Template, name: &str) -> Element {
    Element::new(name)
        .leaf("launchTemplateId", &template.id)
        .leaf("launchTemplateName", &template.name)
        .leaf("createTime", time(template.created))
        .leaf("createdBy", sts::user_arn(region.account()))
        .leaf("defaultVersionNumber", template.default_version)
        .leaf("latestVersionNumber", template.latest_version())
        .child(tags::set(region, &template.id))
}

fn version_item(region: &Region, template: &Template, number: u64, name: &str, resolve: bool) -> Option<Element> {
    let version = template.versions.get(&number)?;
    let mut data = version.data.clone();
    if resolve
        && let Some(id) = data.get_mut("ImageId")
        && let Ok(image) = image::named(region, id)
    {
        *id = image.id;
    }
    Some(
        Element::new(name)
            .leaf("launchTemplateId", &template.id)
            .leaf("launchTemplateName", &template.name)
            .leaf("versionNumber", number)
            .leaf_opt("versionDescription", version.description.as_ref())
            .leaf("createTime", time(version.created))
            .leaf("createdBy", sts::user_arn(region.account()))
            .leaf("defaultVersion", number == template.default_version)
            .child(template_data::element(&data)),
    )
}

/// LaunchTemplateData and the description, as a request gives them.
fn new_version(call: &Call<'_>) -> Result<TemplateVersion, ApiError> {
    let description = call.params.text("VersionDescription").map(str::to_owned);
    if description.as_ref().is_some_and(|text| text.chars().count() > 255) {
        return Err(invalid_value("The version description is limited to 255 characters"));
    }
    let data = template_data::read(&call.params.sub("LaunchTemplateData"))?;
    Ok(TemplateVersion { created: call.region.now(), description, data })
}

fn checked_name(name: &str) -> Result<(), ApiError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "()./_-".contains(c);
    if (3..=128).contains(&name.len()) && name.chars().all(fits) {
        return Ok(());
    }
    Err(ApiError::new(
        "InvalidLaunchTemplateName.MalformedException",
        format!(
            "Launch template name '{name}' is malformed. It must be between 3 and 128 characters and may only contain letters, numbers, and the following characters: - ( ) . / _"
        ),
    ))
}

/// CreateLaunchTemplate: with its version 1. What the data say is not checked until a launch.
pub(super) fn create(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let name = call.params.required("LaunchTemplateName")?;
    checked_name(name)?;
    let tags = call.tags_for("launch-template")?;
    let version = new_version(call)?;
    if version.data.is_empty() {
        return Err(ApiError::new("MissingParameter", "The request must contain the parameter LaunchTemplateData"));
    }
    let id = match call.repeated()?.and_then(|ids| ids.into_iter().next()) {
        Some(id) if call.region.templates.by_id.contains_key(&id) => id,
        _ => {
            if call.region.templates.named(name).is_some() {
                return Err(ApiError::new(
                    "InvalidLaunchTemplateName.AlreadyExistsException",
                    "Launch template name already in use.",
                ));
            }
            if call.region.templates.by_id.len() >= call.region.options().limits.launch_templates {
                return Err(limit("MaxTemplateLimitExceeded", "launch templates"));
            }
            let id = call.region.id("lt");
            let mut template = Template {
                id: id.clone(),
                name: name.to_owned(),
                created: call.region.now(),
                default_version: 1,
                numbered: 0,
                versions: BTreeMap::new(),
            };
            template.add(version);
            call.region.templates.by_id.insert(id.clone(), template);
            call.region.hide_for_a_while(&id);
            call.tag(&id, tags);
            call.remember(vec![id.clone()]);
            id
        }
    };
    let made = call.region.templates.by_id.get(&id).map(|template| item(call.region, template, "launchTemplate"));
    Ok(call.answer().child_opt(made))
}

/// CreateLaunchTemplateVersion: new data, or those of SourceVersion with new ones on top.
pub(super) fn create_version(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let template = asked(call)?.clone();
    let resolve = call.params.bool("ResolveAlias")?.unwrap_or(false);
    let mut version = new_version(call)?;
    if let Some(source) = call.params.text("SourceVersion") {
        version.data = template_data::merged(data(&template, Some(source))?.1, &version.data);
    }
    let made = match call.repeated()?.and_then(|made| made.into_iter().next()) {
        Some(number) => number.parse().unwrap_or_default(),
        None => {
            if version.data.is_empty() {
                return Err(ApiError::new(
                    "MissingParameter",
                    "The request must contain the parameter LaunchTemplateData",
                ));
            }
            if template.versions.len() >= MOST_VERSIONS {
                return Err(limit("VersionLimitExceeded", "launch template versions"));
            }
            let found = call.region.templates.by_id.get_mut(&template.id);
            let number = found.map(|found| found.add(version)).unwrap_or_default();
            call.remember(vec![number.to_string()]);
            number
        }
    };
    let region = &*call.region;
    let shown = region
        .templates
        .by_id
        .get(&template.id)
        .and_then(|template| version_item(region, template, made, "launchTemplateVersion", resolve));
    Ok(call.answer().child_opt(shown))
}

/// ModifyLaunchTemplate: another default version.
pub(super) fn modify(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let template = asked(call)?;
    let _ = call.client_token();
    let version = call.params.required("SetDefaultVersion")?;
    let number = template.resolve(version).ok_or_else(|| no_version(template, version))?;
    let id = template.id.clone();
    if let Some(found) = call.region.templates.by_id.get_mut(&id) {
        found.default_version = number;
    }
    let shown = call.region.templates.by_id.get(&id).map(|found| item(call.region, found, "launchTemplate"));
    Ok(call.answer().child_opt(shown))
}

/// DeleteLaunchTemplate: with all its versions; nothing blocks it.
pub(super) fn delete(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let template = asked(call)?;
    let (id, shown) = (template.id.clone(), item(call.region, template, "launchTemplate"));
    call.region.templates.by_id.remove(&id);
    call.region.forget(&id);
    Ok(call.answer().child(shown))
}

/// DeleteLaunchTemplateVersions: each for itself; the default one stays.
pub(super) fn delete_versions(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let template = asked(call)?.clone();
    let versions = call.params.list("LaunchTemplateVersion");
    if versions.is_empty() {
        return Err(errors::missing("LaunchTemplateVersion"));
    }
    let base = |number: &str| {
        Element::item()
            .leaf("launchTemplateId", &template.id)
            .leaf("launchTemplateName", &template.name)
            .leaf("versionNumber", number)
    };
    let (mut gone, mut kept) = (Vec::new(), Vec::new());
    for version in versions {
        let number: u64 = version.parse().map_err(|_| {
            invalid_value(format!("Value ({version}) for parameter versions is invalid. It must be a version number."))
        })?;
        let refused = if number == template.default_version {
            Some(("unexpectedError", "The default version of a launch template cannot be deleted.".to_owned()))
        } else if template.versions.contains_key(&number) {
            None
        } else {
            Some(("launchTemplateVersionDoesNotExist", no_version(&template, version).message))
        };
        match refused {
            Some((code, message)) => kept
                .push(base(version).child(Element::new("responseError").leaf("code", code).leaf("message", message))),
            None => {
                if let Some(found) = call.region.templates.by_id.get_mut(&template.id) {
                    found.versions.remove(&number);
                }
                gone.push(base(version));
            }
        }
    }
    Ok(call
        .answer()
        .list("successfullyDeletedLaunchTemplateVersionSet", gone)
        .list("unsuccessfullyDeletedLaunchTemplateVersionSet", kept))
}

/// DescribeLaunchTemplates
pub(super) fn describe(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let names = call.params.list("LaunchTemplateName");
    let _ = call.params.bool("IncludeManagedResources")?;
    for name in &names {
        find(call.region, None, Some(name))?;
    }
    let choice = Choice {
        ids: "LaunchTemplateId",
        noun: &errors::LAUNCH_TEMPLATE,
        filters: &["create-time", "launch-template-name"],
        smallest: 1,
    };
    let page = choose(call, &choice, call.region.templates.by_id.iter(), |_, template, filter| match filter {
        "create-time" => one(time(template.created)),
        _ => one(&template.name),
    })?;
    let items = page
        .items
        .iter()
        .filter(|template| names.is_empty() || names.contains(&template.name.as_str()))
        .map(|template| item(call.region, template, "item"));
    Ok(call.answer().list("launchTemplates", items).leaf_opt("nextToken", page.next.as_ref()))
}

const VERSION_FILTERS: &[(&str, &str)] = &[
    ("ebs-optimized", "EbsOptimized"),
    ("http-endpoint", "MetadataOptions.HttpEndpoint"),
    ("http-tokens", "MetadataOptions.HttpTokens"),
    ("iam-instance-profile", "IamInstanceProfile.Arn"),
    ("image-id", "ImageId"),
    ("instance-type", "InstanceType"),
];

/// The versions of one template that a request names.
fn versions_of(call: &Call<'_>, template: &Template) -> Result<Vec<u64>, ApiError> {
    let asked = call.params.list("LaunchTemplateVersion");
    let bound = |name: &str| -> Result<Option<u64>, ApiError> {
        Ok(call.params.int(name)?.and_then(|number| u64::try_from(number).ok()))
    };
    let (least, most) = (bound("MinVersion")?, bound("MaxVersion")?);
    if asked.is_empty() {
        let fits = |number: &u64| least.is_none_or(|least| *number >= least) && most.is_none_or(|most| *number <= most);
        return Ok(template.versions.keys().copied().filter(fits).collect());
    }
    let mut numbers = Vec::new();
    for version in asked {
        let number = template.resolve(version).ok_or_else(|| no_version(template, version))?;
        if !numbers.contains(&number) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

/// DescribeLaunchTemplateVersions: of one template, or the latest or default ones of all; the newest first.
pub(super) fn describe_versions(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let params = call.params;
    let resolve = params.bool("ResolveAlias")?.unwrap_or(false);
    let _ = params.bool("IncludeManagedResources")?;
    let names: Vec<&str> =
        VERSION_FILTERS.iter().map(|(name, _)| *name).chain(["create-time", "is-default-version"]).collect();
    let filters = Filters::read(params, &names)?;
    let region = &*call.region;
    let one_template = params.text("LaunchTemplateId").is_some() || params.text("LaunchTemplateName").is_some();
    let templates: Vec<&Template> = if one_template {
        vec![asked(call)?]
    } else {
        if params.list("LaunchTemplateVersion").iter().any(|version| !["$Latest", "$Default"].contains(version))
            || params.list("LaunchTemplateVersion").is_empty()
        {
            return Err(ApiError::new(
                "MissingParameter",
                "Either a launch template ID or a launch template name must be specified in the request.",
            ));
        }
        region.templates.by_id.values().filter(|template| !region.is_hidden(&template.id)).collect()
    };
    let mut found = Vec::new();
    for template in templates {
        for number in versions_of(call, template)? {
            let Some(version) = template.versions.get(&number) else { continue };
            let pass = filters.pass(None, |filter| match filter {
                "create-time" => one(time(version.created)),
                "is-default-version" => one(number == template.default_version),
                other => maybe(
                    VERSION_FILTERS
                        .iter()
                        .find(|(name, _)| *name == other)
                        .and_then(|(_, data)| version.data.get(*data)),
                ),
            });
            if pass {
                found.push((format!("{}-{:020}", template.id, u64::MAX - number), (template, number)));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    let choice = Choice { ids: "", noun: &errors::LAUNCH_TEMPLATE, filters: &[], smallest: 1 };
    let page = paginate(call, &choice, false, found.iter().map(|(place, item)| (place, *item)).collect())?;
    let items =
        page.items.into_iter().filter_map(|(template, number)| version_item(region, template, number, "item", resolve));
    Ok(call.answer().list("launchTemplateVersionSet", items).leaf_opt("nextToken", page.next.as_ref()))
}

/// The data with which a template would launch an instance like this one.
fn data_of(region: &Region, instance: &Instance) -> Flat {
    let mut data = Flat::new();
    let mut put = |name: String, value: String| {
        data.insert(name, value);
    };
    put("EbsOptimized".into(), instance.ebs_optimized.to_string());
    put("ImageId".into(), instance.image.clone());
    put("InstanceType".into(), instance.instance_type.clone());
    put("Monitoring.Enabled".into(), instance.detailed_monitoring.to_string());
    put("Placement.AvailabilityZone".into(), instance.zone.clone());
    put("Placement.Tenancy".into(), "default".into());
    put("DisableApiTermination".into(), instance.disable_api_termination.to_string());
    put("DisableApiStop".into(), instance.disable_api_stop.to_string());
    put("InstanceInitiatedShutdownBehavior".into(), instance.shutdown_behavior.clone());
    let switch = |on: bool| if on { "enabled" } else { "disabled" }.to_owned();
    let tokens = if instance.metadata.tokens_required { "required" } else { "optional" };
    put("MetadataOptions.HttpTokens".into(), tokens.into());
    put("MetadataOptions.HttpPutResponseHopLimit".into(), instance.metadata.hop_limit.to_string());
    put("MetadataOptions.HttpEndpoint".into(), switch(instance.metadata.enabled));
    put("MetadataOptions.InstanceMetadataTags".into(), switch(instance.metadata.tags));
    if let Some(key) = &instance.key {
        put("KeyName".into(), key.clone());
    }
    if let Some(user_data) = &instance.user_data {
        put("UserData".into(), user_data.clone());
    }
    if let Some(profile) = &instance.profile {
        put("IamInstanceProfile.Arn".into(), profile.arn.clone());
    }
    for (index, device) in instance.devices.iter().enumerate() {
        let prefix = format!("BlockDeviceMapping.{}", index + 1);
        put(format!("{prefix}.DeviceName"), device.device.clone());
        let Some(volume) = region.volumes.get(&device.volume) else { continue };
        put(format!("{prefix}.Ebs.DeleteOnTermination"), device.delete_on_termination.to_string());
        put(format!("{prefix}.Ebs.Encrypted"), volume.encrypted.to_string());
        put(format!("{prefix}.Ebs.VolumeSize"), volume.size.to_string());
        put(format!("{prefix}.Ebs.VolumeType"), volume.kind.clone());
    }
    for (index, interface) in instance.interfaces.iter().filter_map(|id| region.interfaces.get(id)).enumerate() {
        let prefix = format!("NetworkInterface.{}", index + 1);
        put(format!("{prefix}.DeviceIndex"), index.to_string());
        put(format!("{prefix}.SubnetId"), interface.subnet.clone());
        put(format!("{prefix}.Description"), interface.description.clone());
        let delete = interface.attachment.as_ref().is_none_or(|attachment| attachment.delete_on_termination);
        put(format!("{prefix}.DeleteOnTermination"), delete.to_string());
        for (number, group) in interface.groups.iter().enumerate() {
            put(format!("{prefix}.SecurityGroupId.{}", number + 1), group.clone());
        }
    }
    let tags = region.tags.get(&instance.id).into_iter().flatten().filter(|(key, _)| !key.starts_with("aws:"));
    for (index, (key, value)) in tags.enumerate() {
        put("TagSpecification.1.ResourceType".into(), "instance".into());
        put(format!("TagSpecification.1.Tag.{}.Key", index + 1), key.clone());
        put(format!("TagSpecification.1.Tag.{}.Value", index + 1), value.clone());
    }
    data
}

/// GetLaunchTemplateData
pub(super) fn get_data(call: &mut Call<'_>) -> Result<Element, ApiError> {
    let instance = call.instance(call.params.required("InstanceId")?)?;
    Ok(call.answer().child(template_data::element(&data_of(call.region, instance))))
}
