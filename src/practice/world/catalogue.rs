//! What AWS offers and an account does not own: images, instance types, regions. Fixed, the same in every world.

use sha2::{Digest, Sha256};

/// A public image: Amazon Linux 2023, or a product of the AWS Marketplace.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct Image {
    pub id: String,
    pub name: String,
    pub description: String,
    /// `x86_64` or `arm64`.
    pub architecture: &'static str,
    pub snapshot: String,
    /// GiB of the root volume.
    pub size: u32,
    /// ISO 8601.
    pub created: &'static str,
    pub deprecated: Option<&'static str>,
    pub owner: &'static str,
    /// `amazon` or `aws-marketplace`.
    pub alias: &'static str,
    /// A product of the Marketplace, which has to be subscribed to.
    pub product_code: Option<&'static str>,
    pub root_device: &'static str,
    /// Of the root volume.
    pub volume_kind: &'static str,
    /// It asks for IMDSv2 itself.
    pub imds_v2: bool,
    /// The SSM parameters that name it, shortened of [`PARAMETERS`].
    pub parameters: &'static [&'static str],
}

/// Where the SSM parameters of Amazon Linux live.
pub const PARAMETERS: &str = "/aws/service/ami-amazon-linux-latest/";

/// The account that owns Amazon's images.
pub const AMAZON: &str = "137112412989";

/// The account that sells on the AWS Marketplace.
pub const MARKETPLACE: &str = "679593333241";

/// The root device of Amazon's images.
pub const ROOT_DEVICE: &str = "/dev/xvda";

struct Line {
    name: &'static str,
    minimal: bool,
    kernel: &'static str,
    architecture: &'static str,
    parameters: &'static [&'static str],
}

const CREATED: &str = "2026-10-27T01:12:31.000Z";
const DEPRECATED: &str = "2027-01-25T01:12:00.000Z";

const LINES: &[Line] = &[
    Line {
        name: "al2023-ami-2023.12.20261026.0-kernel-6.18-x86_64",
        minimal: false,
        kernel: "6.18",
        architecture: "x86_64",
        parameters: &["al2023-ami-kernel-default-x86_64", "al2023-ami-kernel-6.18-x86_64"],
    },
    Line {
        name: "al2023-ami-2023.12.20261026.0-kernel-6.12-x86_64",
        minimal: false,
        kernel: "6.12",
        architecture: "x86_64",
        parameters: &["al2023-ami-kernel-6.12-x86_64"],
    },
    Line {
        name: "al2023-ami-2023.12.20261026.0-kernel-6.1-x86_64",
        minimal: false,
        kernel: "6.1",
        architecture: "x86_64",
        parameters: &["al2023-ami-kernel-6.1-x86_64"],
    },
    Line {
        name: "al2023-ami-2023.12.20261026.0-kernel-6.18-arm64",
        minimal: false,
        kernel: "6.18",
        architecture: "arm64",
        parameters: &["al2023-ami-kernel-default-arm64", "al2023-ami-kernel-6.18-arm64"],
    },
    Line {
        name: "al2023-ami-2023.12.20261026.0-kernel-6.1-arm64",
        minimal: false,
        kernel: "6.1",
        architecture: "arm64",
        parameters: &["al2023-ami-kernel-6.1-arm64"],
    },
    Line {
        name: "al2023-ami-minimal-2023.12.20261026.0-kernel-6.18-x86_64",
        minimal: true,
        kernel: "6.18",
        architecture: "x86_64",
        parameters: &["al2023-ami-minimal-kernel-default-x86_64", "al2023-ami-minimal-kernel-6.18-x86_64"],
    },
];

/// An id that depends only on what it names.
fn fixed_id(prefix: &str, region: &str, name: &str) -> String {
    let digest = Sha256::digest(format!("{prefix}/{region}/{name}"));
    let hex: String = digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    format!("{prefix}-0{hex}")
}

/// The images of a region.
pub fn images(region: &str) -> Vec<Image> {
    let amazon = LINES.iter().map(|line| Image {
        id: fixed_id("ami", region, line.name),
        name: line.name.to_owned(),
        description: format!(
            "Amazon Linux 2023 {}AMI 2023.12.20261026.0 {} HVM kernel-{}",
            if line.minimal { "Minimal " } else { "" },
            line.architecture,
            line.kernel
        ),
        architecture: line.architecture,
        snapshot: fixed_id("snap", region, line.name),
        size: if line.minimal { 2 } else { 8 },
        created: CREATED,
        deprecated: Some(DEPRECATED),
        owner: AMAZON,
        alias: "amazon",
        product_code: None,
        root_device: ROOT_DEVICE,
        volume_kind: "gp3",
        imds_v2: true,
        parameters: line.parameters,
    });
    amazon.chain([openvpn(region)]).collect()
}

/// OpenVPN Access Server, own licence, as the Marketplace offers it.
fn openvpn(region: &str) -> Image {
    let name = "OpenVPN Access Server Community Image-fe8020db-5343-4c43-9e65-5ed4a825c931";
    Image {
        id: fixed_id("ami", region, name),
        name: name.to_owned(),
        description: "OpenVPN Access Server Community Image for Ubuntu 24.04 LTS".to_owned(),
        architecture: "x86_64",
        snapshot: fixed_id("snap", region, name),
        size: 8,
        created: "2026-09-15T14:02:47.000Z",
        deprecated: None,
        owner: MARKETPLACE,
        alias: "aws-marketplace",
        product_code: Some("f2ew2wrz425a1jagnifd02u5t"),
        root_device: "/dev/sda1",
        volume_kind: "gp2",
        imds_v2: false,
        parameters: &[],
    }
}

/// The image with this id.
pub fn image(region: &str, id: &str) -> Option<Image> {
    images(region).into_iter().find(|image| image.id == id)
}

/// The image that a public SSM parameter names: `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64`.
pub fn image_of_parameter(region: &str, parameter: &str) -> Option<Image> {
    let short = parameter.strip_prefix(PARAMETERS)?;
    images(region).into_iter().find(|image| image.parameters.contains(&short))
}

/// The full names of all public parameters, sorted.
pub fn parameters() -> Vec<String> {
    let mut names: Vec<String> =
        LINES.iter().flat_map(|line| line.parameters).map(|name| format!("{PARAMETERS}{name}")).collect();
    names.sort();
    names
}

/// An instance type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the fields are AWS's own")]
pub struct InstanceType {
    pub name: &'static str,
    pub vcpus: u32,
    pub cores: u32,
    pub memory_mib: u32,
    pub architecture: &'static str,
    pub free_tier: bool,
    pub current_generation: bool,
    pub nitro: bool,
    pub interfaces: u32,
    pub addresses_per_interface: u32,
    pub burstable: bool,
    pub network: &'static str,
}

const fn nitro(name: &'static str, vcpus: u32, cores: u32, memory_mib: u32) -> InstanceType {
    InstanceType {
        name,
        vcpus,
        cores,
        memory_mib,
        architecture: "x86_64",
        free_tier: false,
        current_generation: true,
        nitro: true,
        interfaces: 2,
        addresses_per_interface: 2,
        burstable: true,
        network: "Up to 5 Gigabit",
    }
}

const fn free(one: InstanceType) -> InstanceType {
    InstanceType { free_tier: true, ..one }
}

const fn arm(one: InstanceType) -> InstanceType {
    InstanceType { architecture: "arm64", ..one }
}

const fn xen(one: InstanceType) -> InstanceType {
    InstanceType { nitro: false, network: "Low to Moderate", ..one }
}

const fn steady(one: InstanceType) -> InstanceType {
    InstanceType { burstable: false, network: "Up to 12.5 Gigabit", interfaces: 3, addresses_per_interface: 10, ..one }
}

const TYPES: &[InstanceType] = &[
    steady(free(nitro("c7i-flex.large", 2, 1, 4096))),
    steady(nitro("m5.large", 2, 1, 8192)),
    steady(free(nitro("m7i-flex.large", 2, 1, 8192))),
    xen(nitro("t2.micro", 1, 1, 1024)),
    xen(nitro("t2.nano", 1, 1, 512)),
    xen(nitro("t2.small", 1, 1, 2048)),
    nitro("t3.large", 2, 1, 8192),
    nitro("t3.medium", 2, 1, 4096),
    free(nitro("t3.micro", 2, 1, 1024)),
    nitro("t3.nano", 2, 1, 512),
    free(nitro("t3.small", 2, 1, 2048)),
    arm(nitro("t4g.medium", 2, 2, 4096)),
    arm(free(nitro("t4g.micro", 2, 2, 1024))),
    arm(nitro("t4g.nano", 2, 2, 512)),
    arm(free(nitro("t4g.small", 2, 2, 2048))),
];

/// All instance types that the practice cloud offers, sorted by name.
pub fn instance_types() -> &'static [InstanceType] {
    TYPES
}

/// The instance type with this name.
pub fn instance_type(name: &str) -> Option<&'static InstanceType> {
    TYPES.iter().find(|one| one.name == name)
}

impl InstanceType {
    /// Is it offered in this availability zone (`ap-northeast-2a`)? In Seoul the t2 family exists in a and c only.
    pub fn is_offered_in(&self, zone: &str) -> bool {
        !(self.name.starts_with("t2.") && zone.starts_with("ap-northeast-2") && !zone.ends_with(['a', 'c']))
    }
}

/// The letters of the availability zones that an account sees in a region, each with the number in the zone's id.
pub fn zone_letters(region: &str) -> &'static [(char, u8)] {
    match region {
        "ap-northeast-2" => &[('a', 1), ('b', 2), ('c', 3), ('d', 4)],
        "ap-northeast-1" => &[('a', 4), ('c', 1), ('d', 2)],
        _ => &[('a', 1), ('b', 2), ('c', 3)],
    }
}

/// Is it the name of an availability zone: `ap-northeast-2a`?
pub fn is_zone(name: &str) -> bool {
    REGIONS.iter().any(|region| {
        name.strip_prefix(region)
            .is_some_and(|rest| zone_letters(region).iter().any(|(letter, _)| *rest == letter.to_string()))
    })
}

/// The regions that an account sees without opting in.
pub const REGIONS: &[&str] = &[
    "ap-northeast-1",
    "ap-northeast-2",
    "ap-northeast-3",
    "ap-south-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "ca-central-1",
    "eu-central-1",
    "eu-north-1",
    "eu-west-1",
    "eu-west-2",
    "eu-west-3",
    "sa-east-1",
    "us-east-1",
    "us-east-2",
    "us-west-1",
    "us-west-2",
];

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn parameters_name_images_that_exist_and_differ_by_region() {
        for name in parameters() {
            let seoul = image_of_parameter("ap-northeast-2", &name).unwrap();
            assert_eq!(image("ap-northeast-2", &seoul.id), Some(seoul.clone()));
            assert_ne!(image_of_parameter("ap-northeast-1", &name).unwrap().id, seoul.id);
        }
        assert_eq!(image_of_parameter("ap-northeast-2", "/aws/service/none"), None);
    }

    #[test]
    fn t2_is_not_everywhere_in_seoul() {
        let t2 = instance_type("t2.micro").unwrap();
        assert!(t2.is_offered_in("ap-northeast-2a") && !t2.is_offered_in("ap-northeast-2b"));
        assert!(instance_type("t3.micro").unwrap().is_offered_in("ap-northeast-2b"));
    }
}
