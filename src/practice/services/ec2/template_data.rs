//! LaunchTemplateData: which parameters a launch template can hold, as they come and as they are shown.
//!
//! A template keeps them flat, named as RunInstances names them, so that a launch is RunInstances with what the template says. What is not listed here
//! stays unread, and so is refused as not simulated when the template is made, not when it is used.

use std::collections::BTreeMap;

use crate::practice::services::ApiError;
use crate::practice::wire::query::{Params, View};
use crate::practice::wire::xml::Element;

/// What a member holds.
enum Form {
    Text,
    Bool,
    Number,
    /// A structure.
    Of(&'static [Member]),
    /// A list of texts; the name of an element in answers.
    Texts(&'static str),
    /// A list of structures.
    Many(&'static [Member]),
}

/// A member: its name in requests, its name in answers.
struct Member(&'static str, &'static str, Form);

const EBS: &[Member] = &[
    Member("Encrypted", "encrypted", Form::Bool),
    Member("DeleteOnTermination", "deleteOnTermination", Form::Bool),
    Member("Iops", "iops", Form::Number),
    Member("SnapshotId", "snapshotId", Form::Text),
    Member("VolumeSize", "volumeSize", Form::Number),
    Member("VolumeType", "volumeType", Form::Text),
    Member("Throughput", "throughput", Form::Number),
];

const TAG: &[Member] = &[Member("Key", "key", Form::Text), Member("Value", "value", Form::Text)];

const INTERFACE: &[Member] = &[
    Member("AssociatePublicIpAddress", "associatePublicIpAddress", Form::Bool),
    Member("DeleteOnTermination", "deleteOnTermination", Form::Bool),
    Member("Description", "description", Form::Text),
    Member("DeviceIndex", "deviceIndex", Form::Number),
    Member("SecurityGroupId", "groupSet", Form::Texts("groupId")),
    Member("PrivateIpAddress", "privateIpAddress", Form::Text),
    Member("SubnetId", "subnetId", Form::Text),
];

const METADATA: &[Member] = &[
    Member("HttpTokens", "httpTokens", Form::Text),
    Member("HttpPutResponseHopLimit", "httpPutResponseHopLimit", Form::Number),
    Member("HttpEndpoint", "httpEndpoint", Form::Text),
    Member("HttpProtocolIpv6", "httpProtocolIpv6", Form::Text),
    Member("InstanceMetadataTags", "instanceMetadataTags", Form::Text),
];

const DATA: &[Member] = &[
    Member("EbsOptimized", "ebsOptimized", Form::Bool),
    Member(
        "IamInstanceProfile",
        "iamInstanceProfile",
        Form::Of(&[Member("Arn", "arn", Form::Text), Member("Name", "name", Form::Text)]),
    ),
    Member(
        "BlockDeviceMapping",
        "blockDeviceMappingSet",
        Form::Many(&[Member("DeviceName", "deviceName", Form::Text), Member("Ebs", "ebs", Form::Of(EBS))]),
    ),
    Member("NetworkInterface", "networkInterfaceSet", Form::Many(INTERFACE)),
    Member("ImageId", "imageId", Form::Text),
    Member("InstanceType", "instanceType", Form::Text),
    Member("KeyName", "keyName", Form::Text),
    Member("Monitoring", "monitoring", Form::Of(&[Member("Enabled", "enabled", Form::Bool)])),
    Member(
        "Placement",
        "placement",
        Form::Of(&[
            Member("AvailabilityZone", "availabilityZone", Form::Text),
            Member("Tenancy", "tenancy", Form::Text),
        ]),
    ),
    Member("DisableApiTermination", "disableApiTermination", Form::Bool),
    Member("InstanceInitiatedShutdownBehavior", "instanceInitiatedShutdownBehavior", Form::Text),
    Member("UserData", "userData", Form::Text),
    Member(
        "TagSpecification",
        "tagSpecificationSet",
        Form::Many(&[Member("ResourceType", "resourceType", Form::Text), Member("Tag", "tagSet", Form::Many(TAG))]),
    ),
    Member("SecurityGroupId", "securityGroupIdSet", Form::Texts("item")),
    Member("SecurityGroup", "securityGroupSet", Form::Texts("item")),
    Member("CreditSpecification", "creditSpecification", Form::Of(&[Member("CpuCredits", "cpuCredits", Form::Text)])),
    Member("MetadataOptions", "metadataOptions", Form::Of(METADATA)),
    Member("DisableApiStop", "disableApiStop", Form::Bool),
];

/// Flat parameters by name.
pub(super) type Flat = BTreeMap<String, String>;

fn collect(view: &View<'_>, members: &[Member], prefix: &str, flat: &mut Flat) -> Result<(), ApiError> {
    for Member(name, _, form) in members {
        let full = format!("{prefix}{name}");
        match form {
            Form::Text => {
                flat.extend(view.text(name).map(|text| (full, text.to_owned())));
            }
            Form::Bool => {
                flat.extend(view.bool(name)?.map(|value| (full, value.to_string())));
            }
            Form::Number => {
                flat.extend(view.int(name)?.map(|value| (full, value.to_string())));
            }
            Form::Of(members) => collect(&view.sub(name), members, &format!("{full}."), flat)?,
            Form::Texts(_) => {
                let texts = view.list(name).into_iter().enumerate();
                flat.extend(texts.map(|(index, text)| (format!("{full}.{}", index + 1), text.to_owned())));
            }
            Form::Many(members) => {
                for (index, one) in view.structs(name).iter().enumerate() {
                    collect(one, members, &format!("{full}.{}.", index + 1), flat)?;
                }
            }
        }
    }
    Ok(())
}

fn show(view: &View<'_>, members: &[Member], mut element: Element) -> Element {
    for Member(name, shown, form) in members {
        element = match form {
            Form::Text | Form::Bool | Form::Number => element.leaf_opt(shown, view.text(name)),
            Form::Of(members) => {
                let below = view.sub(name);
                let child = (!below.is_empty()).then(|| show(&below, members, Element::new(*shown)));
                element.child_opt(child)
            }
            Form::Texts(item) => {
                let texts = view.list(name);
                let list = Element::new(*shown).children(texts.iter().map(|text| Element::leaf_of(*item, text)));
                element.child_opt((!texts.is_empty()).then_some(list))
            }
            Form::Many(members) => {
                let many = view.structs(name);
                let list = Element::new(*shown).children(many.iter().map(|one| show(one, members, Element::item())));
                element.child_opt((!many.is_empty()).then_some(list))
            }
        };
    }
    element
}

/// Reads LaunchTemplateData: numbers and booleans must be such; what they mean is looked at when they are used.
pub(super) fn read(view: &View<'_>) -> Result<Flat, ApiError> {
    let mut flat = Flat::new();
    collect(view, DATA, "", &mut flat)?;
    Ok(flat)
}

/// Shows LaunchTemplateData.
pub(super) fn element(data: &Flat) -> Element {
    let params = Params::from_pairs(data.iter().map(|(name, value)| (name.as_str(), value.as_str())));
    show(&params.root(), DATA, Element::new("launchTemplateData"))
}

fn top(name: &str) -> &str {
    name.split_once('.').map_or(name, |(top, _)| top)
}

/// `over` on top of `base`: a parameter of `over` takes the place of the whole parameter in `base`; tags are put together.
pub(super) fn merged(base: &Flat, over: &Flat) -> Flat {
    let replaced = |name: &str| over.keys().any(|other| top(other) == top(name));
    let mut out: Flat = base
        .iter()
        .filter(|(name, _)| top(name) != "TagSpecification" && !replaced(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    out.extend(
        over.iter()
            .filter(|(name, _)| top(name) != "TagSpecification")
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    let mut tags: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for flat in [base, over] {
        let params = Params::from_pairs(flat.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        for one in params.structs("TagSpecification") {
            let kind = tags.entry(one.text("ResourceType").unwrap_or_default().to_owned()).or_default();
            let pairs = one.structs("Tag");
            kind.extend(pairs.iter().map(|tag| {
                (tag.text("Key").unwrap_or_default().to_owned(), tag.text("Value").unwrap_or_default().to_owned())
            }));
        }
    }
    for (index, (kind, pairs)) in tags.into_iter().enumerate() {
        let prefix = format!("TagSpecification.{}", index + 1);
        out.insert(format!("{prefix}.ResourceType"), kind);
        for (number, (key, value)) in pairs.into_iter().enumerate() {
            out.insert(format!("{prefix}.Tag.{}.Key", number + 1), key);
            out.insert(format!("{prefix}.Tag.{}.Value", number + 1), value);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn flat(pairs: &[(&str, &str)]) -> Flat {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_comes_is_what_is_shown() {
        let data = flat(&[
            ("BlockDeviceMapping.1.DeviceName", "/dev/xvda"),
            ("BlockDeviceMapping.1.Ebs.VolumeSize", "20"),
            ("ImageId", "ami-1"),
            ("Monitoring.Enabled", "true"),
            ("SecurityGroupId.1", "sg-1"),
            ("TagSpecification.1.ResourceType", "instance"),
            ("TagSpecification.1.Tag.1.Key", "Name"),
            ("TagSpecification.1.Tag.1.Value", "node"),
        ]);
        let params = Params::from_pairs(data.iter().map(|(name, value)| (name.clone(), value.clone())));
        assert_eq!(read(&params.root()).unwrap(), data);
        assert_eq!(params.unread(), Vec::<&str>::new());
        assert_eq!(
            element(&data)
                .render()
                .split_once("?>")
                .map_or_else(|| element(&data).render(), |(_, rest)| rest.trim().to_owned()),
            "<launchTemplateData><blockDeviceMappingSet><item><deviceName>/dev/xvda</deviceName><ebs><volumeSize>20</volumeSize></ebs></item></blockDeviceMappingSet><imageId>ami-1</imageId><monitoring><enabled>true</enabled></monitoring><tagSpecificationSet><item><resourceType>instance</resourceType><tagSet><item><key>Name</key><value>node</value></item></tagSet></item></tagSpecificationSet><securityGroupIdSet><item>sg-1</item></securityGroupIdSet></launchTemplateData>"
        );
    }

    #[test]
    fn a_parameter_replaces_the_whole_parameter_and_tags_add_up() {
        let base = flat(&[
            ("IamInstanceProfile.Name", "old"),
            ("SecurityGroupId.1", "sg-1"),
            ("SecurityGroupId.2", "sg-2"),
            ("KeyName", "key"),
            ("TagSpecification.1.ResourceType", "instance"),
            ("TagSpecification.1.Tag.1.Key", "Name"),
            ("TagSpecification.1.Tag.1.Value", "template"),
            ("TagSpecification.1.Tag.2.Key", "kept"),
            ("TagSpecification.1.Tag.2.Value", "yes"),
        ]);
        let over = flat(&[
            ("IamInstanceProfile.Arn", "arn:new"),
            ("SecurityGroupId.1", "sg-3"),
            ("TagSpecification.1.ResourceType", "instance"),
            ("TagSpecification.1.Tag.1.Key", "Name"),
            ("TagSpecification.1.Tag.1.Value", "request"),
        ]);
        let out = merged(&base, &over);
        assert_eq!(out.get("IamInstanceProfile.Name"), None);
        assert_eq!(out.get("SecurityGroupId.2"), None);
        assert_eq!(out.get("KeyName").map(String::as_str), Some("key"));
        assert_eq!(out.get("TagSpecification.1.Tag.1.Value").map(String::as_str), Some("request"));
        assert_eq!(out.get("TagSpecification.1.Tag.2.Value").map(String::as_str), Some("yes"));
    }
}
