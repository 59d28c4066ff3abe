//! EC2 instance.
//!
//! Found by tag `Name` among those that are not terminated, in the course's VPC. Observed beside the declared fields:
//! `private_ip`, `public_ip`, `vpc`, `zone`, `http_tokens`. `key` is the id of the key pair when that is known, else its
//! name. `checks` is the worse of its status checks, when it was asked for; `profile_association` the id by which its profile
//! can be replaced. What differs beyond the declared fields: `http_tokens` (IMDSv2 must be required) and `state` (stopped).

use aws_sdk_ec2::types::{
    BlockDeviceMapping, EbsBlockDevice, Filter, HttpTokensState, IamInstanceProfileSpecification,
    Instance as LiveInstance, InstanceMetadataEndpointState, InstanceMetadataOptionsRequest, InstanceMetadataTagsState,
    InstanceType, Reservation, RunInstancesMonitoringEnabled, VolumeType,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Task, Want};
use crate::course::model::{Fields, Key, Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, Need, Pace, Priced, differences_of_fields, needs_of_fields};
use crate::lab::report::Blocker;
use crate::lab::world::{Desired, Difference, Health, Mend, Observed, World};
use crate::problem::Problem;

use super::instance_profile::UNHEARD;
use super::support::{self, Listed, Listing, Match, Seen, done, filter, read, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    // A newer image of the same line is not drift.
    Field::new("image", FieldType::Ref("image"), ("AMI", "AMI")).ignored(),
    Field::new("type", FieldType::Text, ("인스턴스 유형", "instance type")),
    Field::new("subnet", FieldType::Ref("subnet"), ("서브넷", "subnet")).when_ready(),
    Field::new("groups", FieldType::Refs("security-group"), ("보안 그룹", "security groups")).in_place(),
    Field::new("key", FieldType::Ref("key-pair"), ("키 페어", "key pair")).optional(),
    Field::new("disk", FieldType::Int, ("루트 볼륨(GiB)", "root volume (GiB)")).optional().ignored(),
    Field::new("profile", FieldType::Ref("instance-profile"), ("IAM 인스턴스 프로파일", "IAM instance profile"))
        .optional()
        .in_place(),
    Field::new("monitoring", FieldType::Bool, ("세부 모니터링", "detailed monitoring")).optional().in_place(),
    Field::new("user_data", FieldType::Word(USER_DATA_NAMES), ("사용자 데이터", "user data")).optional().ignored(),
];

/// The scripts of `assets/user-data` that a declaration may name.
const USER_DATA_NAMES: &[&str] = &["asg-web", "app-web"];

/// Their texts, by name.
const USER_DATA: &[(&str, &str)] = &[
    ("asg-web", include_str!("../../../assets/user-data/asg-web.sh")),
    ("app-web", include_str!("../../../assets/user-data/app-web.sh")),
];

/// The root volume when a declaration says nothing: what the AL2023 images have, in GiB.
const DISK: i64 = 8;

/// The kind.
#[derive(Debug)]
pub struct Instance;

fn group_ids(desired: &Desired) -> Arg {
    Arg::List(support::ids(desired, "groups", "security-group"))
}

/// Whether a declaration or an observation has detailed monitoring on.
fn monitored(fields: &Fields) -> bool {
    fields.get("monitoring").and_then(Value::as_bool).unwrap_or(false)
}

fn profile(name: &str) -> Arg {
    Arg::map([("Name", Arg::text(name))])
}

fn price(kind: &str, disk: i64, monitored: bool) -> Vec<Priced> {
    #[expect(clippy::cast_precision_loss, reason = "a disk has few GiB")]
    let gib = disk as f64;
    let mut parts = vec![
        Priced { item: format!("instance-hour.{kind}"), count: 1.0 },
        Priced { item: "gp3-gb-month".to_owned(), count: gib },
    ];
    if monitored {
        parts.push(Priced { item: "detailed-monitoring-month".to_owned(), count: 1.0 });
    }
    parts
}

impl Kind for Instance {
    fn name(&self) -> &'static str {
        "instance"
    }

    fn title(&self) -> Text {
        Text::new("EC2 인스턴스", "EC2 instance")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    /// A script that installs packages needs a way to the internet before the instance starts.
    fn needs(&self, desired: &Desired, env: &Env<'_>) -> Vec<Need> {
        let subnet = desired.reference("subnet", "subnet").filter(|_| desired.text("user_data").is_some());
        let way = subnet.map(|subnet| support::way_out(&subnet, env)).unwrap_or_default();
        needs_of_fields(FIELDS, desired).into_iter().chain(way).collect()
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let (Some(image), Some(subnet)) = (desired.reference("image", "image"), desired.reference("subnet", "subnet"))
        else {
            return Vec::new();
        };
        // Amazon Linux has its root volume there; the course's image of the Marketplace is an Ubuntu.
        let ubuntu = env.desired.iter().any(|other| other.key == image && other.text("product").is_some());
        let disk = Arg::map([
            ("DeviceName", Arg::text(if ubuntu { "/dev/sda1" } else { "/dev/xvda" })),
            (
                "Ebs",
                Arg::map([
                    ("VolumeSize", Arg::Int(desired.int("disk").unwrap_or(DISK))),
                    ("VolumeType", Arg::text("gp3")),
                    ("Encrypted", Arg::Bool(true)),
                    ("DeleteOnTermination", Arg::Bool(true)),
                ]),
            ),
        ]);
        let metadata = Arg::map([
            ("HttpTokens", Arg::text("required")),
            ("HttpEndpoint", Arg::text("enabled")),
            ("HttpPutResponseHopLimit", Arg::Int(2)),
            ("InstanceMetadataTags", Arg::text("enabled")),
        ]);
        let mut call = support::ec2_call("RunInstances", Effect::Create, desired)
            .arg("ImageId", Arg::id(&image))
            .arg("InstanceType", Arg::text(desired.text("type").unwrap_or_default()))
            .arg("MinCount", Arg::Int(1))
            .arg("MaxCount", Arg::Int(1))
            .arg("SubnetId", Arg::id(&subnet))
            .arg("SecurityGroupIds", group_ids(desired));
        if let Some(key) = desired.text("key") {
            call = call.arg("KeyName", Arg::text(key));
        }
        if let Some(name) = desired.text("profile") {
            call = call.arg("IamInstanceProfile", profile(name));
        }
        call = call.arg("BlockDeviceMappings", Arg::List(vec![disk])).arg("MetadataOptions", metadata);
        if monitored(&desired.fields) {
            call = call.arg("Monitoring", Arg::map([("Enabled", Arg::Bool(true))]));
        }
        let script = desired.text("user_data").and_then(|name| USER_DATA.iter().find(|(known, _)| *known == name));
        if let Some((_, script)) = script {
            call = call.arg("UserData", Arg::UserData((*script).to_owned()));
        }
        vec![
            call.arg("TagSpecifications", support::tags(desired, env, &["instance", "volume", "network-interface"]))
                .gives("Instances[0].InstanceId")
                .again_if(&[
                    "InvalidSubnetID.NotFound",
                    "InvalidGroup.NotFound",
                    "InvalidKeyPair.NotFound",
                    "InvalidAMIID.NotFound",
                ])
                .again_if(UNHEARD),
        ]
    }

    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let mut out = differences_of_fields(FIELDS, desired, observed, env);
        let mut differs = |field: &str, wanted: &str, found: &str| {
            out.push(Difference {
                key: desired.key.clone(),
                field: field.to_owned(),
                wanted: wanted.to_owned(),
                found: found.to_owned(),
                mend: Mend::InPlace,
            });
        };
        if let Some(found) = observed.text("http_tokens").filter(|tokens| *tokens != "required") {
            differs("http_tokens", "required", found);
        }
        if matches!(observed.state.as_str(), "stopping" | "stopped") {
            differs("state", "running", &observed.state);
        }
        out
    }

    fn change(&self, desired: &Desired, observed: &Observed, differences: &[Difference], _: &Env<'_>) -> Vec<Call> {
        let id = Arg::id(&desired.key);
        let call = |difference: &Difference| match difference.field.as_str() {
            "groups" => Some(
                support::ec2_call("ModifyInstanceAttribute", Effect::Change, desired)
                    .arg("InstanceId", id.clone())
                    .arg("Groups", group_ids(desired)),
            ),
            "profile" => desired.text("profile").map(|name| match observed.text("profile_association") {
                Some(association) => support::ec2_call("ReplaceIamInstanceProfileAssociation", Effect::Change, desired)
                    .arg("AssociationId", Arg::text(association))
                    .arg("IamInstanceProfile", profile(name))
                    .again_if(UNHEARD),
                None => support::ec2_call("AssociateIamInstanceProfile", Effect::Change, desired)
                    .arg("InstanceId", id.clone())
                    .arg("IamInstanceProfile", profile(name))
                    .again_if(UNHEARD),
            }),
            "monitoring" => {
                let operation = if monitored(&desired.fields) { "MonitorInstances" } else { "UnmonitorInstances" };
                let call = support::ec2_call(operation, Effect::Change, desired);
                Some(call.arg("InstanceIds", Arg::List(vec![id.clone()])))
            }
            "http_tokens" => Some(
                support::ec2_call("ModifyInstanceMetadataOptions", Effect::Change, desired)
                    .arg("InstanceId", id.clone())
                    .arg("HttpTokens", Arg::text("required"))
                    .arg("HttpPutResponseHopLimit", Arg::Int(2)),
            ),
            "state" => Some(
                support::ec2_call("StartInstances", Effect::Change, desired)
                    .arg("InstanceIds", Arg::List(vec![id.clone()]))
                    .again_if(&["IncorrectInstanceState"]),
            ),
            _ => None,
        };
        differences.iter().filter_map(call).collect()
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        vec![
            support::delete_call("TerminateInstances", observed, step)
                .arg("InstanceIds", Arg::List(vec![Arg::text(&observed.id)]))
                .done_if(&["InvalidInstanceID.NotFound"]),
        ]
    }

    fn pace(&self) -> Pace {
        Pace::seconds(20, 2, 300, 45)
    }

    /// With a script it is ready only after both status checks: two or three minutes, at times five.
    fn pace_of(&self, desired: &Desired) -> Pace {
        if desired.text("user_data").is_some() { Pace::seconds(150, 5, 900, 45) } else { self.pace() }
    }

    fn price(&self, desired: &Desired, _: &[Desired]) -> Vec<Priced> {
        price(desired.text("type").unwrap_or_default(), desired.int("disk").unwrap_or(DISK), monitored(&desired.fields))
    }

    fn price_live(&self, desired: &Desired, _: &[Desired], observed: &Observed) -> Vec<Priced> {
        let disk = desired.int("disk").unwrap_or(DISK);
        let mut parts = price(observed.text("type").unwrap_or_default(), disk, monitored(&observed.fields));
        // A stopped instance costs its disk only.
        if !matches!(observed.state.as_str(), "pending" | "running") {
            parts.remove(0);
        }
        parts
    }

    fn rank(&self) -> u8 {
        40
    }
}

/// States of instances that are there. A terminated one is listed for an hour and is not.
const THERE: [&str; 5] = ["pending", "running", "stopping", "stopped", "shutting-down"];

fn seen(instance: &LiveInstance) -> Option<Seen> {
    // The instances of an Auto Scaling group can share a name with one of the course.
    if instance.tags().iter().any(|tag| tag.key() == Some("aws:autoscaling:groupName")) {
        return None;
    }
    let state = instance.state().and_then(|state| state.name()).map_or("", |name| name.as_str());
    let health = match state {
        "running" => Health::Ready,
        "shutting-down" => Health::Deleting,
        // A stopped one is on its way too, once it is started again: see `differences`.
        _ => Health::Pending,
    };
    let known = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let profile = instance.iam_instance_profile().and_then(|profile| profile.arn()?.rsplit('/').next());
    let monitoring = instance.monitoring().and_then(|monitoring| monitoring.state());
    let monitoring = monitoring.is_some_and(|state| matches!(state.as_str(), "enabled" | "pending"));
    let tokens = instance.metadata_options().and_then(|options| options.http_tokens());
    let groups = instance.security_groups().iter().filter_map(|group| group.group_id()).map(Value::from).collect();
    let mut seen = Seen::new(instance.instance_id(), state, instance.tags())
        .health(health)
        .with("private_ip", known(instance.private_ip_address()))
        .with("public_ip", known(instance.public_ip_address()))
        .with("subnet", known(instance.subnet_id()))
        .with("vpc", known(instance.vpc_id()))
        .with("key", known(instance.key_name()))
        .with("type", instance.instance_type().map(|kind| kind.as_str()))
        .with("image", known(instance.image_id()))
        .with("zone", instance.placement().and_then(|placement| placement.availability_zone()))
        .with("profile", known(profile))
        .with("monitoring", Some(monitoring))
        .with("http_tokens", tokens.map(|tokens| tokens.as_str()));
    seen.fields.insert("groups".to_owned(), Value::List(groups));
    Some(seen)
}

impl Listed for Instance {
    const BY_ID: &'static str = "instance-id";
    const BY_VPC: Option<&'static str> = Some("vpc-id");

    fn list<'a>(&'a self, clients: &'a Clients, role: Role, filters: Vec<Filter>) -> Listing<'a> {
        Box::pin(async move {
            let request = clients
                .ec2(role)
                .describe_instances()
                .set_filters(Some(filters))
                .filters(filter("instance-state-name", THERE));
            let reservations: Vec<Reservation> = read_all!(clients, role, "DescribeInstances", request);
            Ok(reservations.iter().flat_map(|reservation| reservation.instances()).filter_map(seen).collect())
        })
    }

    fn narrow(&self, wants: &[Want]) -> Vec<Filter> {
        vec![filter("tag:Name", wants.iter().map(|want| want.desired.key.name.as_str()))]
    }
}

impl Live for Instance {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let mut seen = support::look(self, clients, role, wants).await?;
            for seen in &mut seen {
                let pair = seen.text("key").and_then(|name| {
                    let key = Key { kind: "key-pair".into(), name: name.to_owned(), role };
                    world.get(&key).map(|pair| pair.id.clone())
                });
                if let Some(id) = pair {
                    seen.fields.insert("key".to_owned(), id.into());
                }
            }
            add_checks(clients, role, wants, &mut seen).await?;
            add_associations(clients, role, &mut seen).await?;
            let sight = |want: &Want| {
                let subnet = want.desired.reference("subnet", "subnet").and_then(|key| world.get(&key));
                let vpc = subnet.and_then(|subnet| subnet.text("vpc"));
                let scope = |seen: &Seen| vpc.is_none() || seen.text("vpc") == vpc;
                let by = Match { scope: Some(&scope), natural: None };
                support::pick(clients.region(role), wants, want, &seen, by)
            };
            Ok(wants.iter().map(|want| (want.desired.key.clone(), sight(want))).collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "RunInstances" => {
                    let request = ec2
                        .run_instances()
                        .image_id(support::text(call, "ImageId")?)
                        .instance_type(InstanceType::from(support::text(call, "InstanceType")?.as_str()))
                        .min_count(1)
                        .max_count(1)
                        .subnet_id(support::text(call, "SubnetId")?)
                        .set_security_group_ids(Some(support::texts(call, "SecurityGroupIds")))
                        .set_key_name(call.text("KeyName").map(str::to_owned))
                        .set_block_device_mappings(disks(call))
                        .set_metadata_options(call.arg("MetadataOptions").map(metadata_options))
                        .set_iam_instance_profile(call.arg("IamInstanceProfile").map(profile_of))
                        .set_monitoring(call.arg("Monitoring").and_then(monitoring_of))
                        .set_user_data(call.text("UserData").map(|script| STANDARD.encode(script)))
                        .client_token(token)
                        .set_tag_specifications(support::tag_specifications(call));
                    let answer = send!(call, request);
                    Ok(support::gave(answer.instances().first().and_then(|instance| instance.instance_id())))
                }
                "ModifyInstanceAttribute" => {
                    let request = ec2
                        .modify_instance_attribute()
                        .instance_id(support::text(call, "InstanceId")?)
                        .set_groups(Some(support::texts(call, "Groups")));
                    done!(call, request)
                }
                "AssociateIamInstanceProfile" => {
                    let request = ec2
                        .associate_iam_instance_profile()
                        .instance_id(support::text(call, "InstanceId")?)
                        .set_iam_instance_profile(call.arg("IamInstanceProfile").map(profile_of));
                    done!(call, request)
                }
                "ReplaceIamInstanceProfileAssociation" => {
                    let request = ec2
                        .replace_iam_instance_profile_association()
                        .association_id(support::text(call, "AssociationId")?)
                        .set_iam_instance_profile(call.arg("IamInstanceProfile").map(profile_of));
                    done!(call, request)
                }
                "MonitorInstances" => {
                    let ids = support::texts(call, "InstanceIds");
                    done!(call, ec2.monitor_instances().set_instance_ids(Some(ids)))
                }
                "UnmonitorInstances" => {
                    let ids = support::texts(call, "InstanceIds");
                    done!(call, ec2.unmonitor_instances().set_instance_ids(Some(ids)))
                }
                "ModifyInstanceMetadataOptions" => {
                    let request = ec2
                        .modify_instance_metadata_options()
                        .instance_id(support::text(call, "InstanceId")?)
                        .http_tokens(HttpTokensState::from(support::text(call, "HttpTokens")?.as_str()))
                        .http_put_response_hop_limit(2);
                    done!(call, request)
                }
                "StartInstances" => {
                    let ids = support::texts(call, "InstanceIds");
                    done!(call, ec2.start_instances().set_instance_ids(Some(ids)))
                }
                "TerminateInstances" => {
                    let ids = support::texts(call, "InstanceIds");
                    done!(call, ec2.terminate_instances().set_instance_ids(Some(ids)))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(support::sweep(self, "instance", clients, role, vpcs))
    }

    fn blockers<'a>(&'a self, clients: &'a Clients, observed: &'a Observed) -> Task<'a, Result<Vec<Blocker>, Problem>> {
        Box::pin(async move {
            let role = observed.key.role;
            let request = clients
                .ec2(role)
                .describe_instance_attribute()
                .instance_id(&observed.id)
                .attribute(aws_sdk_ec2::types::InstanceAttributeName::DisableApiTermination);
            let answer = read!(clients, role, "DescribeInstanceAttribute", request);
            if answer.disable_api_termination().and_then(|value| value.value()) != Some(true) {
                return Ok(Vec::new());
            }
            Ok(vec![Blocker {
                kind: "termination-protection".to_owned(),
                id: observed.id.clone(),
                name: observed.key.name.clone(),
                why: Text::new(
                    "종료 방지가 켜져 있습니다. 콘솔의 작업 > 인스턴스 설정 > 종료 방지 변경에서 꺼야 합니다.",
                    "Termination protection is on. Turn it off in Actions > Instance settings > Change termination protection.",
                ),
                passes: false,
            }])
        })
    }
}

/// What a script installs is there when both status checks are passed, some minutes after the start: until then an instance
/// with one is on its way.
async fn add_checks(clients: &Clients, role: Role, wants: &[Want], seen: &mut [Seen]) -> Result<(), Problem> {
    let scripted = |one: &Seen| {
        wants.iter().any(|want| {
            let meant = want.recorded.as_deref() == Some(&one.id) || one.name() == Some(&want.desired.key.name);
            meant && want.desired.text("user_data").is_some()
        })
    };
    let ids: Vec<String> =
        seen.iter().filter(|one| one.health == Health::Ready && scripted(one)).map(|one| one.id.clone()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let request = clients.ec2(role).describe_instance_status().set_instance_ids(Some(ids.clone()));
    let answer = read!(clients, role, "DescribeInstanceStatus", request);
    for one in seen.iter_mut().filter(|one| ids.contains(&one.id)) {
        let status = answer.instance_statuses().iter().find(|status| status.instance_id() == Some(&one.id));
        let checks = status.map(|status| {
            [status.instance_status(), status.system_status()]
                .map(|summary| summary.and_then(|summary| summary.status()).map_or("", |status| status.as_str()))
        });
        // A cloud that tells nothing of an instance that it calls running has no checks to wait for.
        let Some(checks) = checks else { continue };
        let word = checks.into_iter().find(|word| *word != "ok").unwrap_or("ok");
        one.fields.insert("checks".to_owned(), word.into());
        if word != "ok" {
            one.health = Health::Pending;
        }
    }
    Ok(())
}

/// A profile can be replaced only by the id of its association.
async fn add_associations(clients: &Clients, role: Role, seen: &mut [Seen]) -> Result<(), Problem> {
    let ids: Vec<String> = seen.iter().filter(|one| one.text("profile").is_some()).map(|one| one.id.clone()).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let request = clients.ec2(role).describe_iam_instance_profile_associations().filters(filter("instance-id", ids));
    let answer = read!(clients, role, "DescribeIamInstanceProfileAssociations", request);
    for association in answer.iam_instance_profile_associations() {
        let one = seen.iter_mut().find(|one| association.instance_id() == Some(&one.id));
        if let (Some(one), Some(id)) = (one, association.association_id()) {
            one.fields.insert("profile_association".to_owned(), id.into());
        }
    }
    Ok(())
}

fn profile_of(arg: &Arg) -> IamInstanceProfileSpecification {
    IamInstanceProfileSpecification::builder().set_name(support::member_text(arg, "Name")).build()
}

fn monitoring_of(arg: &Arg) -> Option<RunInstancesMonitoringEnabled> {
    truth(arg, "Enabled").map(|on| RunInstancesMonitoringEnabled::builder().enabled(on).build())
}

fn truth(arg: &Arg, name: &str) -> Option<bool> {
    match support::member(arg, name) {
        Some(Arg::Bool(truth)) => Some(*truth),
        _ => None,
    }
}

fn disks(call: &BoundCall) -> Option<Vec<BlockDeviceMapping>> {
    let Some(Arg::List(disks)) = call.arg("BlockDeviceMappings") else { return None };
    let disk = |arg: &Arg| {
        let ebs = support::member(arg, "Ebs").map(|ebs| {
            EbsBlockDevice::builder()
                .set_volume_size(support::member_int(ebs, "VolumeSize"))
                .set_volume_type(support::member_text(ebs, "VolumeType").map(|kind| VolumeType::from(kind.as_str())))
                .set_encrypted(truth(ebs, "Encrypted"))
                .set_delete_on_termination(truth(ebs, "DeleteOnTermination"))
                .build()
        });
        BlockDeviceMapping::builder().set_device_name(support::member_text(arg, "DeviceName")).set_ebs(ebs).build()
    };
    Some(disks.iter().map(disk).collect())
}

fn metadata_options(arg: &Arg) -> InstanceMetadataOptionsRequest {
    let text = |name: &str| support::member_text(arg, name);
    InstanceMetadataOptionsRequest::builder()
        .set_http_tokens(text("HttpTokens").map(|word| HttpTokensState::from(word.as_str())))
        .set_http_endpoint(text("HttpEndpoint").map(|word| InstanceMetadataEndpointState::from(word.as_str())))
        .set_instance_metadata_tags(
            text("InstanceMetadataTags").map(|word| InstanceMetadataTagsState::from(word.as_str())),
        )
        .set_http_put_response_hop_limit(support::member_int(arg, "HttpPutResponseHopLimit"))
        .build()
}
