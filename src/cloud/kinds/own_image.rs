//! Machine image that the course makes of an instance, with its snapshots.
//!
//! Found by its name among the account's own images. Observed beside the declared fields: `snapshots`, the ids of what it
//! costs; they are deleted after it. A snapshot whose image is gone is a leftover of this kind, under its own id.

use aws_sdk_ec2::types::{Filter, Image};

use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::{Role, Value};
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{Arg, BoundCall, Call, Effect};
use crate::lab::kind::{Env, Kind, Pace, Priced, readable};
use crate::lab::world::{Desired, Difference, Health, Mend, Observed, World};

use super::support::{self, Listed, Listing, Match, PROJECT, Seen, done, filter, read_all, send};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    // Compared as far as it can be seen: see `differences`.
    Field::new("instance", FieldType::Ref("instance"), ("인스턴스", "instance")).ignored().when_ready(),
    Field::new("no_reboot", FieldType::Bool, ("재부팅 안 함", "no reboot")).optional().ignored(),
    Field::new("description", FieldType::Text, ("설명", "description")).optional().ignored(),
];

/// What an AL2023 root volume with a web server holds: snapshots are billed by used blocks, in GiB.
const USED: f64 = 2.0;

/// The kind.
#[derive(Debug)]
pub struct OwnImage;

impl Kind for OwnImage {
    fn name(&self) -> &'static str {
        "own-image"
    }

    fn title(&self) -> Text {
        Text::new("내 AMI", "own machine image")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call> {
        let Some(instance) = desired.reference("instance", "instance") else { return Vec::new() };
        let no_reboot = desired.fields.get("no_reboot").and_then(Value::as_bool).unwrap_or(true);
        let mut call = support::ec2_call("CreateImage", Effect::Create, desired)
            .arg("InstanceId", Arg::id(&instance))
            .arg("Name", Arg::text(&desired.key.name))
            .arg("NoReboot", Arg::Bool(no_reboot));
        if let Some(description) = desired.text("description") {
            call = call.arg("Description", Arg::text(description));
        }
        // moto server takes no tags for the snapshots of an image.
        let tagged: &[&str] = if support::is_other(env) { &["image"] } else { &["image", "snapshot"] };
        vec![call.arg("TagSpecifications", support::tags(desired, env, tagged)).gives("ImageId").again_if(&[
            "InvalidInstanceID.NotFound",
            "IncorrectState",
            "SnapshotCreationPerVolumeRateExceeded",
        ])]
    }

    /// Not every cloud tells what an image was made of, and the instance may be gone since.
    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        let golden = desired.reference("instance", "instance").and_then(|key| env.world.get(&key));
        let (Some(golden), Some(source)) = (golden, observed.text("instance")) else { return Vec::new() };
        if golden.id == source {
            return Vec::new();
        }
        vec![Difference {
            key: desired.key.clone(),
            field: "instance".to_owned(),
            wanted: golden.key.name.clone(),
            found: readable(&source.into(), env.world),
            mend: Mend::Replace,
        }]
    }

    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call> {
        let snapshot = |id: &str| {
            support::delete_call("DeleteSnapshot", observed, step)
                .arg("SnapshotId", Arg::text(id))
                .done_if(&["InvalidSnapshot.NotFound"])
                .again_if(&["InvalidSnapshot.InUse"])
        };
        if observed.id.starts_with("snap-") {
            return vec![snapshot(&observed.id)];
        }
        let deregister = support::delete_call("DeregisterImage", observed, step)
            .arg("ImageId", Arg::text(&observed.id))
            .done_if(&["InvalidAMIID.NotFound", "InvalidAMIID.Unavailable"]);
        let snapshots = observed.fields.get("snapshots").map_or(&[][..], Value::items);
        std::iter::once(deregister).chain(snapshots.iter().filter_map(Value::as_text).map(snapshot)).collect()
    }

    fn pace(&self) -> Pace {
        Pace::seconds(240, 10, 1800, 5)
    }

    fn price(&self, _: &Desired, _: &[Desired]) -> Vec<Priced> {
        vec![Priced { item: "snapshot-gb-month".to_owned(), count: USED }]
    }

    fn rank(&self) -> u8 {
        45
    }
}

fn seen(image: &Image) -> Option<Seen> {
    let state = image.state().map_or("", |state| state.as_str());
    let health = match state {
        "available" => Health::Ready,
        "pending" | "transient" => Health::Pending,
        "deregistered" => return None,
        _ => Health::Failed,
    };
    let snapshots = image.block_device_mappings().iter().filter_map(|disk| disk.ebs()?.snapshot_id());
    let snapshots = snapshots.map(Value::from).collect();
    let reason = image.state_reason().and_then(|reason| reason.message()).unwrap_or_default();
    Some(
        Seen::new(image.image_id(), state, image.tags())
            .health(health)
            .reason(if health == Health::Failed { reason } else { "" })
            .with("name", image.name())
            .with("instance", image.source_instance_id())
            .with("snapshots", Some(Value::List(snapshots))),
    )
}

impl Listed for OwnImage {
    const BY_ID: &'static str = "image-id";
    const BY_VPC: Option<&'static str> = None;

    fn list<'a>(&'a self, clients: &'a Clients, role: Role, filters: Vec<Filter>) -> Listing<'a> {
        Box::pin(async move {
            let request = clients.ec2(role).describe_images().owners("self").set_filters(Some(filters));
            let images: Vec<Image> = read_all!(clients, role, "DescribeImages", request);
            Ok(images.iter().filter_map(seen).collect())
        })
    }

    fn narrow(&self, wants: &[Want]) -> Vec<Filter> {
        vec![filter("name", wants.iter().map(|want| want.desired.key.name.as_str()))]
    }
}

impl Live for OwnImage {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let seen = support::look(self, clients, role, wants).await?;
            let sight = |want: &Want| {
                let natural = |seen: &Seen| seen.text("name") == Some(want.desired.key.name.as_str());
                // Its own name says more than a tag that somebody set.
                let by = Match { scope: Some(&natural), natural: Some(&natural) };
                support::pick(clients.region(role), wants, want, &seen, by)
            };
            Ok(wants.iter().map(|want| (want.desired.key.clone(), sight(want))).collect())
        })
    }

    fn send<'a>(&'a self, clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move {
            let ec2 = support::ec2_of(clients, call)?;
            match call.0.operation.as_str() {
                "CreateImage" => {
                    let request = ec2
                        .create_image()
                        .instance_id(support::text(call, "InstanceId")?)
                        .name(support::text(call, "Name")?)
                        .set_description(call.text("Description").map(str::to_owned))
                        .no_reboot(matches!(call.arg("NoReboot"), Some(Arg::Bool(true))))
                        .set_tag_specifications(support::tag_specifications(call));
                    Ok(support::gave(send!(call, request).image_id()))
                }
                "DeregisterImage" => {
                    done!(call, ec2.deregister_image().image_id(support::text(call, "ImageId")?))
                }
                "DeleteSnapshot" => {
                    done!(call, ec2.delete_snapshot().snapshot_id(support::text(call, "SnapshotId")?))
                }
                _ => Err(support::foreign(call)),
            }
        })
    }

    fn strays<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(support::everything(self, "own-image", clients, role))
    }

    fn sweep<'a>(&'a self, clients: &'a Clients, role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async move {
            let images = self.list(clients, role, vec![filter("tag:Project", [PROJECT])]).await?;
            let request =
                clients.ec2(role).describe_snapshots().owner_ids("self").filters(filter("tag:Project", [PROJECT]));
            let snapshots: Vec<aws_sdk_ec2::types::Snapshot> = read_all!(clients, role, "DescribeSnapshots", request);
            let held = |id: &str| {
                images.iter().any(|image| {
                    image.fields.get("snapshots").is_some_and(|list| list.items().contains(&Value::from(id)))
                })
            };
            let orphans = snapshots
                .iter()
                .filter(|snapshot| snapshot.snapshot_id().is_some_and(|id| !held(id)))
                .map(|snapshot| Seen::new(snapshot.snapshot_id(), "completed", snapshot.tags()));
            let region = clients.region(role);
            Ok(images.iter().cloned().chain(orphans).map(|one| one.left_over("own-image", role, region)).collect())
        })
    }
}
