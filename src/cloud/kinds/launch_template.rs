//! EC2 launch template.
//!
//! Found by its name. A version cannot be changed: what differs is mended by a new version with everything in it, and
//! groups follow `$Latest`. Observed are the fields of the latest version, and `version`.

use aws_sdk_ec2::types::{
    Filter, InstanceType, LaunchTemplate as Template, LaunchTemplateHttpTokensState,
    LaunchTemplateIamInstanceProfileSpecificationRequest, LaunchTemplateInstanceMetadataOptionsRequest,
    LaunchTemplateInstanceMetadataTagsState, LaunchTemplateTagSpecificationRequest, LaunchTemplateVersion,
    LaunchTemplatesMonitoringRequest, RequestLaunchTemplateData, ResourceType, ResponseLaunchTemplateData, Tag,
};

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::{Key, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, differences_of_fields};
use crate::lab::world::{Desired, Difference, Mend, Observed, World};

use super::instance_profile::UNHEARD;
use super::support::{self, Listed, Listing, Match, PROJECT, Seen, done, filter, read, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("image", FieldType::Ref("own-image"), ("AMI", "AMI")).in_place().when_ready(),
    Field::new("type", FieldType::Text, ("인스턴스 유형", "instance type")).in_place(),
    Field::new("groups", FieldType::Refs("security-group"), ("보안 그룹", "security groups")).in_place(),
    Field::new("key", FieldType::Ref("key-pair"), ("키 페어", "key pair")).optional().in_place(),
    Field::new("profile", FieldType::Ref("instance-profile"), ("인스턴스 프로파일", "instance profile"))
        .optional()
        .in_place(),
    Field::new("monitoring", FieldType::Bool, ("세부 모니터링", "detailed monitoring")).optional().in_place(),
];

/// The kind.
#[derive(Debug)]
pub struct LaunchTemplate;

/// `LaunchTemplateData` as declared.
fn data(desired: &Desired, env: &Env<'_>) -> Arg {
    let image = desired.reference("image", "own-image").map(|key| Arg::id(&key));
    let mut members = vec![
        ("ImageId".to_owned(), image.unwrap_or_else(|| Arg::text(""))),
        ("InstanceType".to_owned(), Arg::text(desired.text("type").unwrap_or_default())),
        ("SecurityGroupIds".to_owned(), Arg::List(support::ids(desired, "groups", "security-group"))),
    ];
    if let Some(key) = desired.text("key") {
        members.push(("KeyName".to_owned(), Arg::text(key)));
    }
    if let Some(profile) = desired.text("profile") {
        members.push(("IamInstanceProfile".to_owned(), Arg::map([("Name", Arg::text(profile))])));
    }
    if let Some(monitoring) = desired.fields.get("monitoring").and_then(Value::as_bool) {
        members.push(("Monitoring".to_owned(), Arg::map([("Enabled", Arg::Bool(monitoring))])));
    }
    let metadata = Arg::map([
        ("HttpTokens", Arg::text("required")),
        ("HttpPutResponseHopLimit", Arg::Int(2)),
        ("InstanceMetadataTags", Arg::text("enabled")),
    ]);
    members.push(("MetadataOptions".to_owned(), metadata));
    // A group tags its instances itself; their disks would have no tags.
    members.push(("TagSpecifications".to_owned(), support::tags(desired, env, &["volume"])));
    Arg::Map(members)
}

impl Kind for LaunchTemplate {
    fn name(&self) -> &'static str {
        "launch-template"
    }

    fn title(&self) -> Text {
        Text::new("시작 템플릿", "launch template")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        vec![
            support::ec2_call("CreateLaunchTemplate", Effect::Create, desired)
                .arg("LaunchTemplateName", Arg::text(&desired.key.name))
                .arg("LaunchTemplateData", data(desired, env))
                .arg("TagSpecifications", support::tags(desired, env, &["launch-template"]))
                .gives("LaunchTemplate.LaunchTemplateId")
                .again_if(&["InvalidAMIID.NotFound"])
                .again_if(UNHEARD),
        ]
    }

    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let mut out = differences_of_fields(FIELDS, desired, observed, env);
        if let Some(found) = observed.text("http_tokens").filter(|tokens| *tokens != "required") {
            out.push(Difference {
                key: desired.key.clone(),
                field: "http_tokens".to_owned(),
                wanted: "required".to_owned(),
                found: found.to_owned(),
                mend: Mend::InPlace,
            });
        }
        out
    }

    fn change(&self, desired: &Desired, _: &Observed, differences: &[Difference], env: &Env<'_>) -> Vec<Call> {
        if differences.is_empty() {
            return Vec::new();
        }
        vec![
            support::ec2_call("CreateLaunchTemplateVersion", Effect::Change, desired)
                .arg("LaunchTemplateId", Arg::id(&desired.key))
                .arg("LaunchTemplateData", data(desired, env))
                .again_if(&["InvalidAMIID.NotFound", "InvalidLaunchTemplateId.NotFound"])
                .again_if(UNHEARD),
        ]
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_call("DeleteLaunchTemplate", observed, step)
                .arg("LaunchTemplateId", Arg::text(&observed.id))
                .done_if(&["InvalidLaunchTemplateId.NotFound"]),
        ]
    }

    fn rank(&self) -> u8 {
        50
    }
}

fn seen(template: &Template) -> Seen {
    Seen::new(template.launch_template_id(), "exists", template.tags())
        .with("name", template.launch_template_name())
        .with("version", template.latest_version_number())
}

/// Adds what the latest version says.
fn add_version(seen: &mut Seen, version: &LaunchTemplateVersion) {
    let Some(data) = version.launch_template_data() else { return };
    let mut put = |name: &str, value: Option<Value>| {
        if let Some(value) = value {
            seen.fields.insert(name.to_owned(), value);
        }
    };
    let known = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(Value::from);
    put("image", known(data.image_id()));
    put("type", data.instance_type().map(|kind| kind.as_str().into()));
    put("groups", Some(Value::List(groups(data))));
    put("key", known(data.key_name()));
    let profile = data.iam_instance_profile();
    let name = profile.and_then(|profile| profile.name().or_else(|| profile.arn()?.rsplit('/').next()));
    put("profile", known(name));
    let monitoring = data.monitoring().and_then(|monitoring| monitoring.enabled()).unwrap_or(false);
    put("monitoring", Some(monitoring.into()));
    let tokens = data.metadata_options().and_then(|options| options.http_tokens());
    put("http_tokens", tokens.map(|tokens| tokens.as_str().into()));
    put("user_data", Some(data.user_data().is_some_and(|script| !script.is_empty()).into()));
}

/// The security groups, wherever a template has them.
fn groups(data: &ResponseLaunchTemplateData) -> Vec<Value> {
    let direct = data.security_group_ids().iter();
    let of_interfaces = data.network_interfaces().iter().flat_map(|interface| interface.groups());
    direct.chain(of_interfaces).map(|id| Value::from(id.as_str())).collect()
}

impl Listed for LaunchTemplate {
    const BY_ID: &'static str = "launch-template-name";
    const BY_VPC: Option<&'static str> = None;

    fn list<'a>(&'a self, clients: &'a Clients, role: Role, filters: Vec<Filter>) -> Listing<'a> {
        Box::pin(async move {
            let request = clients.ec2(role).describe_launch_templates().set_filters(Some(filters));
            let templates: Vec<Template> = read_all!(clients, role, "DescribeLaunchTemplates", request);
            Ok(templates.iter().map(seen).collect())
        })
    }
}

impl Live for LaunchTemplate {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let names = wants.iter().map(|want| want.desired.key.name.as_str());
            let mut seen = self.list(clients, role, vec![filter("launch-template-name", names)]).await?;
            for one in &mut seen {
                let request = clients
                    .ec2(role)
                    .describe_launch_template_versions()
                    .launch_template_id(&one.id)
                    .versions("$Latest");
                let answer = read!(clients, role, "DescribeLaunchTemplateVersions", request);
                if let Some(version) = answer.launch_template_versions().first() {
                    add_version(one, version);
                }
                // A reference is an id: the key pair's, when it is the course's.
                let pair = one.text("key").map(|name| Key { kind: "key-pair".into(), name: name.to_owned(), role });
                if let Some(pair) = pair.and_then(|key| world.get(&key)) {
                    one.fields.insert("key".to_owned(), pair.id.as_str().into());
                }
            }
            let sight = |want: &Want| {
                let natural = |seen: &Seen| seen.text("name") == Some(want.desired.key.name.as_str());
                let by = Match { scope: Some(&natural), natural: Some(&natural) };
                support::pick(clients.region(role), wants, want, &seen, by)
            };
            Ok(wants.iter().map(|want| (want.desired.key.clone(), sight(want))).collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "CreateLaunchTemplate" => {
                    let request = ec2
                        .create_launch_template()
                        .launch_template_name(support::text(call, "LaunchTemplateName")?)
                        .set_launch_template_data(call.arg("LaunchTemplateData").map(request_data))
                        .client_token(token)
                        .set_tag_specifications(support::tag_specifications(call));
                    let answer = send!(call, request);
                    Ok(support::gave(answer.launch_template().and_then(|template| template.launch_template_id())))
                }
                "CreateLaunchTemplateVersion" => {
                    // No token: the same template may need the same change again one day.
                    let request = ec2
                        .create_launch_template_version()
                        .launch_template_id(support::text(call, "LaunchTemplateId")?)
                        .set_launch_template_data(call.arg("LaunchTemplateData").map(request_data));
                    done!(call, request)
                }
                "DeleteLaunchTemplate" => {
                    let id = support::text(call, "LaunchTemplateId")?;
                    done!(call, ec2.delete_launch_template().launch_template_id(id))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn strays<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(support::everything(self, "launch-template", clients, role))
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let seen = self.list(clients, role, vec![filter("tag:Project", [PROJECT])]).await?;
            let region = clients.region(role);
            Ok(seen.iter().map(|one| one.left_over("launch-template", role, region)).collect())
        })
    }
}

fn request_data(data: &Arg) -> RequestLaunchTemplateData {
    let groups = match support::member(data, "SecurityGroupIds") {
        Some(Arg::List(items)) => items.iter().filter_map(Arg::as_text).map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    let profile = support::member(data, "IamInstanceProfile").map(|profile| {
        LaunchTemplateIamInstanceProfileSpecificationRequest::builder()
            .set_name(support::member_text(profile, "Name"))
            .build()
    });
    let monitoring = support::member(data, "Monitoring").map(|monitoring| {
        let on = matches!(support::member(monitoring, "Enabled"), Some(Arg::Bool(true)));
        LaunchTemplatesMonitoringRequest::builder().enabled(on).build()
    });
    let metadata = support::member(data, "MetadataOptions").map(|options| {
        let text = |name: &str| support::member_text(options, name);
        LaunchTemplateInstanceMetadataOptionsRequest::builder()
            .set_http_tokens(text("HttpTokens").map(|word| LaunchTemplateHttpTokensState::from(word.as_str())))
            .set_http_put_response_hop_limit(support::member_int(options, "HttpPutResponseHopLimit"))
            .set_instance_metadata_tags(
                text("InstanceMetadataTags").map(|word| LaunchTemplateInstanceMetadataTagsState::from(word.as_str())),
            )
            .build()
    });
    RequestLaunchTemplateData::builder()
        .set_image_id(support::member_text(data, "ImageId"))
        .set_instance_type(support::member_text(data, "InstanceType").map(|kind| InstanceType::from(kind.as_str())))
        .set_key_name(support::member_text(data, "KeyName"))
        .set_security_group_ids(Some(groups))
        .set_iam_instance_profile(profile)
        .set_monitoring(monitoring)
        .set_metadata_options(metadata)
        .set_tag_specifications(Some(tag_specifications(data)))
        .build()
}

fn tag_specifications(data: &Arg) -> Vec<LaunchTemplateTagSpecificationRequest> {
    let Some(Arg::List(specifications)) = support::member(data, "TagSpecifications") else { return Vec::new() };
    let tag = |arg: &Arg| {
        Tag::builder().set_key(support::member_text(arg, "Key")).set_value(support::member_text(arg, "Value")).build()
    };
    let one = |arg: &Arg| {
        let tags = match support::member(arg, "Tags") {
            Some(Arg::List(tags)) => tags.iter().map(tag).collect(),
            _ => Vec::new(),
        };
        LaunchTemplateTagSpecificationRequest::builder()
            .set_resource_type(support::member_text(arg, "ResourceType").map(|kind| ResourceType::from(kind.as_str())))
            .set_tags(Some(tags))
            .build()
    };
    specifications.iter().map(one).collect()
}
