//! Tags at creation and later.

use super::*;

#[test]
fn tags_are_given_at_creation_found_by_filters_and_listed() {
    let mut bench = Bench::new();
    let id = pick(
        &bench.ok(
            "CreateVpc",
            &[
                ("CidrBlock", "10.1.0.0/16"),
                ("TagSpecification.1.ResourceType", "vpc"),
                ("TagSpecification.1.Tag.1.Key", "Name"),
                ("TagSpecification.1.Tag.1.Value", "my-vpc"),
                ("TagSpecification.1.Tag.2.Key", "Project"),
                ("TagSpecification.1.Tag.2.Value", "aws-lab"),
            ],
        ),
        "vpcId",
    );
    for filter in [("tag:Name", "my-v?c"), ("tag-key", "Project")] {
        let found = bench.ok("DescribeVpcs", &[("Filter.1.Name", filter.0), ("Filter.1.Value.1", filter.1)]);
        assert_eq!(all(&found, "vpcId"), std::slice::from_ref(&id));
    }
    let subnet = bench.subnet(&id, "10.1.1.0/24");
    bench.ok(
        "CreateTags",
        &[("ResourceId.1", &id), ("ResourceId.2", &subnet), ("Tag.1.Key", "Project"), ("Tag.1.Value", "other")],
    );
    let listed = bench.ok("DescribeTags", &[("Filter.1.Name", "key"), ("Filter.1.Value.1", "Project")]);
    assert_eq!(all(&listed, "value"), ["other", "other"]);
    assert_eq!(all(&listed, "resourceType").len(), 2);
    bench.ok("DeleteTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Project"), ("Tag.1.Value", "no")]);
    assert_eq!(all(&bench.ok("DescribeVpcs", &[("VpcId.1", &id)]), "key"), ["Name", "Project"]);
    bench.ok("DeleteTags", &[("ResourceId.1", &id), ("Tag.1.Key", "Project")]);
    assert_eq!(all(&bench.ok("DescribeVpcs", &[("VpcId.1", &id)]), "key"), ["Name"]);
}

#[test]
fn wrong_tags_are_refused() {
    let mut bench = Bench::new();
    let wrong = |kind: &'static str, key: &'static str| {
        [
            ("CidrBlock", "10.1.0.0/16"),
            ("TagSpecification.1.ResourceType", kind),
            ("TagSpecification.1.Tag.1.Key", key),
            ("TagSpecification.1.Tag.1.Value", "x"),
        ]
    };
    let error = bench.error("CreateVpc", &wrong("instance", "Name"));
    assert_eq!(error.message, "'instance' is not a valid taggable resource type for this operation.");
    assert_eq!(bench.code("CreateVpc", &wrong("vpc", "aws:name")), "InvalidParameterValue");
    assert_eq!(bench.code("CreateTags", &[("ResourceId.1", "vpc-1"), ("Tag.1.Key", "a")]), "InvalidVpcID.NotFound");
    assert_eq!(bench.code("CreateTags", &[("ResourceId.1", "foo"), ("Tag.1.Key", "a")]), "InvalidID");
}
