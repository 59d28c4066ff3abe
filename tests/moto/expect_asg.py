"""Fails unless the course's sections 6.3 to 6.7 stand as boto3 sees them."""

import sys

import boto3

REGION = "ap-northeast-2"


def same(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: found {found!r}, wanted {wanted!r}")


def client(name):
    return boto3.client(name, region_name=REGION)


def main():
    ec2, elb, scaling, iam = (client(name) for name in ("ec2", "elbv2", "autoscaling", "iam"))
    profile = iam.get_instance_profile(InstanceProfileName="my-lab-ssm-profile")["InstanceProfile"]
    same("role of the profile", [role["RoleName"] for role in profile["Roles"]], ["my-lab-ssm-role"])
    images = ec2.describe_images(Owners=["self"], Filters=[{"Name": "name", "Values": ["my-asg-ec2-ami-1210"]}])["Images"]
    same("images", len(images), 1)
    version = ec2.describe_launch_template_versions(LaunchTemplateName="my-asg-lt", Versions=["$Latest"])
    data = version["LaunchTemplateVersions"][0]["LaunchTemplateData"]
    same("image of the template", data["ImageId"], images[0]["ImageId"])
    same("monitoring of the template", data["Monitoring"]["Enabled"], True)
    same("type of the template", data["InstanceType"], "t3.micro")
    group = elb.describe_target_groups(Names=["my-asg-ec2-tg"])["TargetGroups"][0]
    same("health check path", group["HealthCheckPath"], "/ec2meta-webpage/index.php")
    attributes = elb.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])["Attributes"]
    delays = [one["Value"] for one in attributes if one["Key"] == "deregistration_delay.timeout_seconds"]
    same("deregistration delay", delays, ["10"])
    balancer = elb.describe_load_balancers(Names=["my-asg-alb"])["LoadBalancers"][0]
    same("zones of the load balancer", len(balancer["AvailabilityZones"]), 2)
    listeners = elb.describe_listeners(LoadBalancerArn=balancer["LoadBalancerArn"])["Listeners"]
    same("listeners", [(one["Port"], one["DefaultActions"][0]["TargetGroupArn"]) for one in listeners], [(80, group["TargetGroupArn"])])
    found = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=["my-asg-ec2"])["AutoScalingGroups"]
    same("groups", len(found), 1)
    same("sizes", [found[0][name] for name in ("MinSize", "MaxSize", "DesiredCapacity")], [1, 3, 1])
    same("target groups of the group", found[0]["TargetGroupARNs"], [group["TargetGroupArn"]])
    same("version of the template", found[0]["LaunchTemplate"]["Version"], "$Latest")
    policies = scaling.describe_policies(AutoScalingGroupName="my-asg-ec2")["ScalingPolicies"]
    same("policies", [(one["PolicyName"], one["TargetTrackingConfiguration"]["TargetValue"]) for one in policies], [("my-asg-ec2-cpu70", 70.0)])
    # The golden instance is not among the targets; the group's own is.
    targets = elb.describe_target_health(TargetGroupArn=group["TargetGroupArn"])["TargetHealthDescriptions"]
    own = {instance["InstanceId"] for instance in found[0]["Instances"]}
    same("targets", {target["Target"]["Id"] for target in targets}, own)


main()
