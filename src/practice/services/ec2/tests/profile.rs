//! Instance profiles on instances: IAM makes them, EC2 hears of them a while later.

use super::*;
use crate::practice::services::iam;

fn make_profile(bench: &mut Bench, name: &str) {
    let params = Params::from_pairs([("InstanceProfileName", name)]);
    let request = Request {
        operation: "CreateInstanceProfile",
        region: "us-east-1",
        params: &params,
        path: "/",
        body: "",
        json: &serde_json::Value::Null,
        request_id: String::new(),
    };
    iam::handle(&mut bench.world, &request).unwrap();
}

#[test]
fn a_profile_at_launch_and_later() {
    let mut bench = Bench::new();
    let vpc = bench.vpc();
    let subnet = bench.subnet(&vpc, "10.1.11.0/24");
    make_profile(&mut bench, "my-lab-ssm-profile");
    let by_name = [("IamInstanceProfile.Name", "my-lab-ssm-profile")];
    let error = bench.try_instance(&subnet, &by_name).unwrap_err();
    assert_eq!(
        (error.code.as_str(), error.message.as_str()),
        (
            "InvalidParameterValue",
            "Value (my-lab-ssm-profile) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
        ),
        "EC2 has not heard of it yet"
    );
    bench.wait(60);
    let id = bench.instance(&subnet, &by_name);
    let shown = bench.ok("DescribeInstances", &[("InstanceId.1", &id)]);
    let arn = "arn:aws:iam::100000000001:instance-profile/my-lab-ssm-profile";
    assert_eq!(pick(&shown, "arn"), arn);
    let by_arn =
        bench.ok("DescribeInstances", &[("Filter.1.Name", "iam-instance-profile.arn"), ("Filter.1.Value.1", arn)]);
    assert_eq!(all(&by_arn, "instanceId"), [id.as_str()]);
    bench.instance(&subnet, &[("IamInstanceProfile.Arn", arn)]);
    for (name, value) in
        [("IamInstanceProfile.Name", "nobody"), ("IamInstanceProfile.Arn", "arn:aws:iam::1:instance-profile/x")]
    {
        assert_eq!(bench.try_instance(&subnet, &[(name, value)]).unwrap_err().code, "InvalidParameterValue");
    }

    let bare = bench.instance(&subnet, &[]);
    let associate = [("InstanceId", bare.as_str()), by_name[0]];
    assert_eq!(bench.code("AssociateIamInstanceProfile", &associate), "IncorrectInstanceState", "it is pending");
    bench.wait(60);
    let made = bench.ok("AssociateIamInstanceProfile", &associate);
    assert_eq!((pick(&made, "state"), pick(&made, "arn")), ("associating".into(), arn.into()));
    assert_eq!(bench.code("AssociateIamInstanceProfile", &associate), "IncorrectState");
    let filter = [("Filter.1.Name", "instance-id"), ("Filter.1.Value.1", bare.as_str())];
    let listed = bench.ok("DescribeIamInstanceProfileAssociations", &filter);
    let association = pick(&listed, "associationId");
    assert_eq!(pick(&listed, "state"), "associated");

    make_profile(&mut bench, "other");
    bench.wait(60);
    let replace = [("AssociationId", association.as_str()), ("IamInstanceProfile.Name", "other")];
    let new = pick(&bench.ok("ReplaceIamInstanceProfileAssociation", &replace), "associationId");
    assert_ne!(new, association);
    assert!(pick(&bench.ok("DescribeIamInstanceProfileAssociations", &filter), "arn").ends_with("/other"));
    bench.ok("DisassociateIamInstanceProfile", &[("AssociationId", &new)]);
    assert_eq!(bench.code("DisassociateIamInstanceProfile", &[("AssociationId", &new)]), "NoSuchAssociation");
    assert_eq!(all(&bench.ok("DescribeIamInstanceProfileAssociations", &filter), "arn").len(), 0);
    assert!(!bench.ok("DescribeInstances", &[("InstanceId.1", &bare)]).contains("iamInstanceProfile"));
}
