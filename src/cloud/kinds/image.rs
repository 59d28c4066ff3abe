//! Machine image, looked up by a public SSM parameter, or by the product code of the Marketplace. Never made, never deleted,
//! in no ledger's cleanup.
//!
//! The newest image of a product counts. Whether the account has subscribed to the product is asked only where a condition
//! asks for it ([`subscription`]): by a launch that is only a question (`DryRun`), unless an instance of it stands.

use aws_sdk_ec2::error::ProvideErrorMetadata as _;
use aws_sdk_ec2::types::{InstanceType, ResourceType, Tag, TagSpecification};

use crate::cloud::errors::{self, Asked};
use crate::cloud::{Answered, Clients, Live, Sights, Swept, Want};
use crate::course::model::Role;
use crate::course::schema::{Field, FieldType};
use crate::i18n::Text;
use crate::lab::call::{BoundCall, Call};
use crate::lab::kind::{Env, Kind};
use crate::lab::manual::Subscription;
use crate::lab::world::{Desired, Observed, Sight, World};
use crate::problem::{Problem, ProblemKind};

use super::support::{self, PROJECT, Seen, filter, read};

/// The declared fields.
pub const FIELDS: &[Field] = &[
    Field::new("parameter", FieldType::Text, ("SSM 파라미터", "SSM parameter")).optional(),
    Field::new("product", FieldType::Text, ("Marketplace 제품 코드", "Marketplace product code")).optional(),
];

/// Whose images those of the Marketplace are.
const MARKETPLACE: &str = "aws-marketplace";

/// The kind.
#[derive(Debug)]
pub struct Image;

impl Kind for Image {
    fn name(&self) -> &'static str {
        "image"
    }

    fn title(&self) -> Text {
        Text::new("AMI", "machine image")
    }

    fn fields(&self) -> &'static [Field] {
        FIELDS
    }

    fn is_lookup(&self) -> bool {
        true
    }

    fn create(&self, _: &Desired, _: &Env<'_>) -> Vec<Call> {
        Vec::new()
    }

    fn delete(&self, _: &Observed, _: &str) -> Vec<Call> {
        Vec::new()
    }

    fn rank(&self) -> u8 {
        10
    }
}

async fn image_of(clients: &Clients, role: Role, parameter: &str) -> Result<Option<String>, Problem> {
    match clients.ssm(role).get_parameter().name(parameter).send().await {
        Ok(answer) => Ok(answer.parameter().and_then(|parameter| parameter.value()).map(str::to_owned)),
        Err(error) => {
            let asked = Asked { service: "ssm", operation: "GetParameter", region: clients.region(role) };
            let problem = errors::problem(asked, &error);
            if problem.kind == ProblemKind::NotFound { Ok(None) } else { Err(problem) }
        }
    }
}

/// The newest x86 image of a product: its id and its root device.
async fn image_of_product(
    clients: &Clients,
    role: Role,
    product: &str,
) -> Result<Option<(String, Option<String>)>, Problem> {
    let request = clients
        .ec2(role)
        .describe_images()
        .owners(MARKETPLACE)
        .filters(filter("product-code", [product]))
        .filters(filter("architecture", ["x86_64"]));
    let answer = read!(clients, role, "DescribeImages", request);
    let newest = answer.images().iter().max_by_key(|image| image.creation_date().unwrap_or_default().to_owned());
    Ok(newest.and_then(|image| {
        // An endpoint that does not know the filter answers with all of its images.
        let is_it = image.product_codes().iter().any(|code| code.product_code_id() == Some(product));
        Some((image.image_id().filter(|_| is_it)?.to_owned(), image.root_device_name().map(str::to_owned)))
    }))
}

/// Whether the account has subscribed to the product of an image: RunInstances is asked whether it would launch it.
pub async fn subscription(clients: &Clients, image: &Observed, world: &World) -> Subscription {
    let launched = |other: &Observed| other.key.kind == "instance" && other.text("image") == Some(&image.id);
    if world.found().any(launched) {
        return Subscription::Yes;
    }
    // The least policy lets nothing be launched without awslab's tag.
    let tag = Tag::builder().key("Project").value(PROJECT).build();
    let ours = [ResourceType::Instance, ResourceType::Volume, ResourceType::NetworkInterface]
        .map(|kind| TagSpecification::builder().resource_type(kind).tags(tag.clone()).build())
        .to_vec();
    // An account without a default VPC wants to know where.
    let subnet = world.found().find(|other| other.key.kind == "subnet" && other.key.role == image.key.role);
    let request = clients
        .ec2(image.key.role)
        .run_instances()
        .image_id(&image.id)
        .instance_type(InstanceType::T3Micro)
        .min_count(1)
        .max_count(1)
        .set_subnet_id(subnet.map(|subnet| subnet.id.clone()))
        .set_tag_specifications(Some(ours))
        .dry_run(true);
    let Err(error) = request.send().await else {
        return Subscription::Unknown("RunInstances ignored DryRun".to_owned());
    };
    let message = error.message().unwrap_or_default().to_owned();
    match error.code() {
        Some("DryRunOperation") => Subscription::Yes,
        Some("OptInRequired") => {
            let link = message.split_whitespace().find(|word| word.starts_with("https://"));
            Subscription::No(link.map(|link| link.trim_end_matches('.').to_owned()))
        }
        code => {
            let said = [code.unwrap_or_default(), &message].into_iter().filter(|part| !part.is_empty());
            Subscription::Unknown(said.collect::<Vec<_>>().join(": "))
        }
    }
}

impl Live for Image {
    fn observe<'a>(&'a self, clients: &'a Clients, role: Role, wants: &'a [Want], _world: &'a World) -> Sights<'a> {
        Box::pin(async move {
            let mut out = Vec::new();
            for want in wants {
                let seen = match (want.desired.text("parameter"), want.desired.text("product")) {
                    (Some(parameter), _) => image_of(clients, role, parameter)
                        .await?
                        .map(|id| Seen::new(Some(&id), "available", &[]).with("parameter", Some(parameter))),
                    (None, Some(product)) => image_of_product(clients, role, product).await?.map(|(id, device)| {
                        Seen::new(Some(&id), "available", &[])
                            .with("product", Some(product))
                            .with("root_device", device)
                    }),
                    (None, None) => None,
                };
                let region = clients.region(role);
                let sight = seen.map(|seen| Sight::Found(Box::new(seen.taken_for(&want.desired.key, region))));
                out.push((want.desired.key.clone(), sight.unwrap_or(Sight::Absent)));
            }
            Ok(out)
        })
    }

    fn send<'a>(&'a self, _clients: &'a Clients, call: &'a BoundCall, _token: &'a str) -> Answered<'a> {
        Box::pin(async move { Err(support::foreign(call)) })
    }

    fn sweep<'a>(&'a self, _clients: &'a Clients, _role: Role, _vpcs: &'a [String]) -> Swept<'a> {
        Box::pin(async { Ok(Vec::new()) })
    }
}
