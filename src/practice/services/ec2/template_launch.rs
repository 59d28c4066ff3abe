//! Launching from a template in another service's name: what Auto Scaling asks of EC2.

use std::collections::BTreeMap;

use super::template_data::{self, Flat};
use super::{Call, launch_template, run_instances};
use crate::practice::services::ApiError;
use crate::practice::wire::query::Params;
use crate::practice::world::template::Template;
use crate::practice::world::{Global, Region};

/// One instance to launch from a template.
#[derive(Debug, Clone, Copy)]
pub struct TemplateLaunch<'a> {
    /// `lt-...`
    pub template: &'a str,
    /// `$Latest`, `$Default` or a number.
    pub version: &'a str,
    /// The subnet; it takes the place of the one that the template names.
    pub subnet: &'a str,
    /// Tags of the instance, on top of those that the template gives; `aws:` keys are allowed.
    pub tags: &'a BTreeMap<String, String>,
    /// Repeated, it gives the same instance.
    pub client_token: &'a str,
}

impl TemplateLaunch<'_> {
    /// The parameters of RunInstances, and the tags beside those among them.
    fn parameters(&self, region: &Region) -> Result<(Flat, BTreeMap<String, String>), ApiError> {
        let template = launch_template::find(region, Some(self.template), None)?;
        let (number, data) = launch_template::data(template, Some(self.version))?;
        let mut over = Flat::from([
            ("MinCount".to_owned(), "1".to_owned()),
            ("MaxCount".to_owned(), "1".to_owned()),
            ("ClientToken".to_owned(), self.client_token.to_owned()),
        ]);
        let mut base = data.clone();
        base.retain(|name, _| name != "Placement.AvailabilityZone");
        let first = base.keys().find_map(|name| name.strip_prefix("NetworkInterface.")?.split_once('.'));
        match first.map(|(number, _)| format!("NetworkInterface.{number}.SubnetId")) {
            Some(name) => {
                base.insert(name, self.subnet.to_owned());
            }
            None => {
                over.insert("SubnetId".to_owned(), self.subnet.to_owned());
            }
        }
        let mut tags = self.tags.clone();
        tags.extend(launch_template::origin(template, number));
        Ok((template_data::merged(&base, &over), tags))
    }
}

/// Launches one instance as RunInstances would, with its errors; gives the instance's id. On an error nothing has changed.
pub fn launch_from_template(
    region: &mut Region,
    global: &Global,
    launch: &TemplateLaunch<'_>,
) -> Result<String, ApiError> {
    let (merged, tags) = launch.parameters(region)?;
    let asked = request(launch);
    let call = &mut Call { region, global, params: &asked, operation: "RunInstances", request_id: "" };
    if let Some(id) = call.repeated()?.and_then(|ids| ids.into_iter().next()) {
        return Ok(id);
    }
    run_instances::check_merged(call, &merged)?;
    let ids = run_instances::start_merged(call, &merged, &tags)?;
    call.remember(ids.clone());
    ids.into_iter().next().ok_or_else(|| ApiError::new("InternalError", "An internal error has occurred").status(500))
}

/// Would [`launch_from_template`] do? What RunInstances with DryRun says.
pub fn check_template_launch(
    region: &mut Region,
    global: &Global,
    launch: &TemplateLaunch<'_>,
) -> Result<(), ApiError> {
    let (merged, _) = launch.parameters(region)?;
    let asked = request(launch);
    let call = &mut Call { region, global, params: &asked, operation: "RunInstances", request_id: "" };
    run_instances::check_merged(call, &merged)
}

/// What a repetition of the launch must have in common with it.
fn request(launch: &TemplateLaunch<'_>) -> Params {
    Params::from_pairs([
        ("LaunchTemplate.LaunchTemplateId", launch.template),
        ("LaunchTemplate.Version", launch.version),
        ("SubnetId", launch.subnet),
        ("ClientToken", launch.client_token),
    ])
}

/// The template that an id or a name means (one of the two), with EC2's errors.
pub fn template_named<'r>(region: &'r Region, id: Option<&str>, name: Option<&str>) -> Result<&'r Template, ApiError> {
    launch_template::find(region, id, name)
}
