"""Auto Scaling by boto3: groups, instances, policies, hooks, schedules, tags, metrics, pages and errors."""

import datetime
import json

from practice import client, control, error, filters, same

ec2, asg, cw, elb = client("ec2"), client("autoscaling"), client("cloudwatch"), client("elbv2")
NAME = "my-asg-ec2"
INVALID = "ValidationError"


def until(what, holds, minutes):
    """Advances practice time in steps of 5 seconds until it holds; the seconds that it took."""
    for seconds in range(0, minutes * 60, 5):
        if holds():
            return seconds
        control("advance 5")
    raise AssertionError(f"{what}: not within {minutes} minutes")


def group(name=NAME):
    found = asg.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
    return found[0] if found else None


def states():
    return sorted(one["LifecycleState"] for one in group()["Instances"])


def serving():
    return [one["InstanceId"] for one in group()["Instances"] if one["LifecycleState"] == "InService"]


def activities(**more):
    return asg.describe_scaling_activities(AutoScalingGroupName=NAME, **more)["Activities"]


images = ec2.describe_images(Owners=["amazon"], Filters=filters(architecture="x86_64"))["Images"]
vpc = ec2.describe_vpcs(Filters=filters(is_default="true"))["Vpcs"][0]["VpcId"]
subnets = {
    one["AvailabilityZone"][-1]: one["SubnetId"]
    for one in ec2.describe_subnets(Filters=filters(vpc_id=vpc))["Subnets"]
}
template = ec2.create_launch_template(
    LaunchTemplateName="my-asg-lt",
    LaunchTemplateData={"ImageId": images[0]["ImageId"], "InstanceType": "t3.micro", "Monitoring": {"Enabled": True}},
)["LaunchTemplate"]["LaunchTemplateId"]
tg = elb.create_target_group(Name="my-asg-ec2-tg", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
ASKED = dict(
    AutoScalingGroupName=NAME, LaunchTemplate={"LaunchTemplateId": template, "Version": "$Latest"}, MinSize=1, MaxSize=1,
    DesiredCapacity=1, VPCZoneIdentifier=f"{subnets['a']},{subnets['c']}", TargetGroupARNs=[tg], HealthCheckType="EC2",
    HealthCheckGracePeriod=10,
    Tags=[{"Key": "Name", "Value": "my-asg-ec2-node", "PropagateAtLaunch": True}, {"Key": "Project", "Value": "aws-lab", "PropagateAtLaunch": True}],
)

# Refused before anything is made.
with error(INVALID, says="Desired capacity:2 must be between the specified min size:1 and max size:1"):
    asg.create_auto_scaling_group(**ASKED | {"DesiredCapacity": 2})
with error(INVALID, says="You must use a valid fully-formed launch template."):
    asg.create_auto_scaling_group(**ASKED | {"LaunchTemplate": {"LaunchTemplateName": "nobody"}})
with error(INVALID, says="The subnet ID 'subnet-1' does not exist"):
    asg.create_auto_scaling_group(**ASKED | {"VPCZoneIdentifier": "subnet-1"})
with error("NotSimulated"):
    asg.create_auto_scaling_group(**ASKED | {"MaxInstanceLifetime": 86400})
same(group(), None)

asg.create_auto_scaling_group(**ASKED)
with error("AlreadyExists"):
    asg.create_auto_scaling_group(**ASKED)
made = group()
same((made["MinSize"], made["MaxSize"], made["DesiredCapacity"], made["DefaultCooldown"]), (1, 1, 1, 300))
same(made["LaunchTemplate"], {"LaunchTemplateId": template, "LaunchTemplateName": "my-asg-lt", "Version": "$Latest"})
same(made["AvailabilityZones"], ["ap-northeast-2a", "ap-northeast-2c"])
same((made["TargetGroupARNs"], made["TerminationPolicies"], made["HealthCheckGracePeriod"]), ([tg], ["Default"], 10))
assert isinstance(made["CreatedTime"], datetime.datetime) and "Status" not in made and made["EnabledMetrics"] == []
until("the first activity", lambda: activities() != [], 1)
same(states(), ["Pending"])
until("the first instance serves", lambda: serving() != [], 2)
[first] = serving()
[activity] = activities()
same((activity["StatusCode"], activity["Progress"]), ("Successful", 100))
same(activity["Description"], f"Launching a new EC2 instance: {first}")
assert "a user request created an AutoScalingGroup changing the desired capacity from 0 to 1.  At " in activity["Cause"]
same(sorted(json.loads(activity["Details"])), ["Availability Zone", "Subnet ID"])
same(activities(ActivityIds=[activity["ActivityId"]]), [activity])
instance = ec2.describe_instances(Filters=filters(**{"tag__aws:autoscaling:groupName": NAME}))["Reservations"][0]["Instances"][0]
same(instance["InstanceId"], first)
same({tag["Key"]: tag["Value"] for tag in instance["Tags"]}["Name"], "my-asg-ec2-node")
[shown] = asg.describe_auto_scaling_instances(InstanceIds=[first])["AutoScalingInstances"]
same((shown["HealthStatus"], shown["LifecycleState"], shown["LaunchTemplate"]["Version"]), ("HEALTHY", "InService", "1"))
same([one["Target"]["Id"] for one in elb.describe_target_health(TargetGroupArn=tg)["TargetHealthDescriptions"]], [first])
same(asg.describe_load_balancer_target_groups(AutoScalingGroupName=NAME)["LoadBalancerTargetGroups"][0]["LoadBalancerTargetGroupARN"], tg)
same(asg.describe_traffic_sources(AutoScalingGroupName=NAME)["TrafficSources"][0]["Type"], "elbv2")

# Sizes.
with error(INVALID, says="New SetDesiredCapacity value 3 is above max value 1 for the AutoScalingGroup."):
    asg.set_desired_capacity(AutoScalingGroupName=NAME, DesiredCapacity=3)
asg.update_auto_scaling_group(AutoScalingGroupName=NAME, MaxSize=3)
asg.set_desired_capacity(AutoScalingGroupName=NAME, DesiredCapacity=3, HonorCooldown=False)
until("three serve", lambda: len(serving()) == 3, 3)
pages = asg.get_paginator("describe_auto_scaling_instances").paginate(PaginationConfig={"PageSize": 2})
same([len(page["AutoScalingInstances"]) for page in pages], [2, 1])
pages = asg.get_paginator("describe_scaling_activities").paginate(AutoScalingGroupName=NAME, PaginationConfig={"PageSize": 1})
starts = [one["StartTime"] for page in pages for one in page["Activities"]]
same((len(starts), starts), (3, sorted(starts, reverse=True)), "the newest first")

# A policy and its alarms.
TRACK = dict(
    AutoScalingGroupName=NAME, PolicyName="cpu70", PolicyType="TargetTrackingScaling", EstimatedInstanceWarmup=10,
    TargetTrackingConfiguration={
        "PredefinedMetricSpecification": {"PredefinedMetricType": "ASGAverageCPUUtilization"}, "TargetValue": 70.0, "DisableScaleIn": False,
    },
)
put = asg.put_scaling_policy(**TRACK)
same(asg.put_scaling_policy(**TRACK)["Alarms"], put["Alarms"])
alarms = {one["AlarmName"]: one for one in cw.describe_alarms()["MetricAlarms"]}
same(sorted(alarms), sorted(one["AlarmName"] for one in put["Alarms"]))
for name, alarm in alarms.items():
    same(alarm["AlarmActions"], [put["PolicyARN"]])
    same(alarm["AlarmDescription"], f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {put['PolicyARN']}.")
    same(alarm["Threshold"], 70.0 if "AlarmHigh" in name else 49.0)
[policy] = asg.describe_policies(AutoScalingGroupName=NAME, PolicyTypes=["TargetTrackingScaling"])["ScalingPolicies"]
same((policy["TargetTrackingConfiguration"], policy["Enabled"]), (TRACK["TargetTrackingConfiguration"], True))
same(policy["Alarms"], put["Alarms"])
asg.put_scaling_policy(**TRACK | {"TargetTrackingConfiguration": TRACK["TargetTrackingConfiguration"] | {"DisableScaleIn": True}})
same(len(cw.describe_alarms()["MetricAlarms"]), 1)
asg.delete_policy(AutoScalingGroupName=NAME, PolicyName="cpu70")
same(cw.describe_alarms()["MetricAlarms"], [])
with error(INVALID):
    asg.delete_policy(AutoScalingGroupName=NAME, PolicyName="cpu70")

# A step policy behind an alarm of one's own.
step = asg.put_scaling_policy(
    AutoScalingGroupName=NAME, PolicyName="fewer", PolicyType="StepScaling", AdjustmentType="ChangeInCapacity",
    EstimatedInstanceWarmup=10, StepAdjustments=[{"MetricIntervalUpperBound": 0.0, "ScalingAdjustment": -1}],
)["PolicyARN"]
cw.put_metric_alarm(
    AlarmName="idle", Namespace="AWS/EC2", MetricName="CPUUtilization", Dimensions=[{"Name": "AutoScalingGroupName", "Value": NAME}],
    Statistic="Average", Period=60, EvaluationPeriods=2, Threshold=30.0, ComparisonOperator="LessThanThreshold", AlarmActions=[step],
)
until("the alarm's policy takes one away", lambda: group()["DesiredCapacity"] == 2, 10)
same(asg.describe_policies(PolicyNames=[step])["ScalingPolicies"][0]["Alarms"][0]["AlarmName"], "idle")
cw.delete_alarms(AlarmNames=["idle"])
until("two are left", lambda: len(group()["Instances"]) == 2, 8)
assert "a monitor alarm idle in state ALARM triggered policy fewer changing the desired capacity from 3 to 2." in activities()[0]["Cause"]

# Single instances.
one, other = sorted(serving())
asg.update_auto_scaling_group(AutoScalingGroupName=NAME, MinSize=0)
moved = asg.enter_standby(AutoScalingGroupName=NAME, InstanceIds=[one], ShouldDecrementDesiredCapacity=True)["Activities"]
same(moved[0]["Description"], f"Moving EC2 instance to Standby: {one}")
until("in standby", lambda: states() == ["InService", "Standby"], 8)
with error(INVALID, says=f"The instance {other} is not in Standby."):
    asg.exit_standby(AutoScalingGroupName=NAME, InstanceIds=[other])
asg.exit_standby(AutoScalingGroupName=NAME, InstanceIds=[one])
until("back in service", lambda: len(serving()) == 2, 2)
with error(INVALID, says="is not part of Auto Scaling group"):
    asg.detach_instances(AutoScalingGroupName=NAME, InstanceIds=["i-1"], ShouldDecrementDesiredCapacity=True)
asg.detach_instances(AutoScalingGroupName=NAME, InstanceIds=[one], ShouldDecrementDesiredCapacity=True)
until("detached", lambda: len(group()["Instances"]) == 1, 8)
same(ec2.describe_instances(InstanceIds=[one])["Reservations"][0]["Instances"][0]["State"]["Name"], "running")
asg.attach_instances(AutoScalingGroupName=NAME, InstanceIds=[one])
until("attached", lambda: len(serving()) == 2, 2)
asg.set_instance_protection(AutoScalingGroupName=NAME, InstanceIds=[one], ProtectedFromScaleIn=True)
ended = asg.terminate_instance_in_auto_scaling_group(InstanceId=other, ShouldDecrementDesiredCapacity=True)["Activity"]
assert f"instance {other} was taken out of service in response to a user request" in ended["Cause"], ended
until("ended", lambda: len(group()["Instances"]) == 1, 8)
same(group()["DesiredCapacity"], 1)
with error(INVALID, says="No managed instance found for instance ID: i-1"):
    asg.set_instance_health(InstanceId="i-1", HealthStatus="Unhealthy")
ec2.terminate_instances(InstanceIds=[one])
took = until("what was terminated by hand is replaced", lambda: serving() not in ([], [one]), 4)
assert 45 <= took <= 150, took

# Hooks.
HOOK = "wait"
asg.put_lifecycle_hook(
    AutoScalingGroupName=NAME, LifecycleHookName=HOOK, LifecycleTransition="autoscaling:EC2_INSTANCE_LAUNCHING", HeartbeatTimeout=120,
)
[hook] = asg.describe_lifecycle_hooks(AutoScalingGroupName=NAME)["LifecycleHooks"]
same((hook["GlobalTimeout"], hook["DefaultResult"]), (12000, "ABANDON"))
asg.set_desired_capacity(AutoScalingGroupName=NAME, DesiredCapacity=2)
until("the hook holds it", lambda: "Pending:Wait" in states(), 3)
held = next(one["InstanceId"] for one in group()["Instances"] if one["LifecycleState"] == "Pending:Wait")
asg.record_lifecycle_action_heartbeat(AutoScalingGroupName=NAME, LifecycleHookName=HOOK, InstanceId=held)
asg.complete_lifecycle_action(AutoScalingGroupName=NAME, LifecycleHookName=HOOK, InstanceId=held, LifecycleActionResult="CONTINUE")
until("it goes on", lambda: held in serving(), 1)
asg.delete_lifecycle_hook(AutoScalingGroupName=NAME, LifecycleHookName=HOOK)

# Processes, metrics, schedules, tags, lists.
asg.suspend_processes(AutoScalingGroupName=NAME, ScalingProcesses=["Launch", "AZRebalance"])
same([one["ProcessName"] for one in group()["SuspendedProcesses"]], ["AZRebalance", "Launch"])
asg.set_desired_capacity(AutoScalingGroupName=NAME, DesiredCapacity=3)
control("advance 300")
same(len(group()["Instances"]), 2)
asg.resume_processes(AutoScalingGroupName=NAME)
until("launches go on", lambda: len(serving()) == 3, 3)
asg.enable_metrics_collection(AutoScalingGroupName=NAME, Granularity="1Minute")
same({one["Granularity"] for one in group()["EnabledMetrics"]}, {"1Minute"})
control("advance 300")
names = {one["MetricName"] for one in cw.list_metrics(Namespace="AWS/AutoScaling")["Metrics"]}
assert {"GroupDesiredCapacity", "GroupInServiceInstances", "GroupTotalInstances"} <= names, names
asg.disable_metrics_collection(AutoScalingGroupName=NAME)
same(group()["EnabledMetrics"], [])
asg.put_scheduled_update_group_action(AutoScalingGroupName=NAME, ScheduledActionName="nightly", Recurrence="0 0 * * *", TimeZone="Asia/Seoul", DesiredCapacity=1)
[action] = asg.describe_scheduled_actions(AutoScalingGroupName=NAME)["ScheduledUpdateGroupActions"]
same((action["Recurrence"], action["StartTime"].astimezone(datetime.timezone.utc).hour, action["DesiredCapacity"]), ("0 0 * * *", 15, 1))
with error(INVALID):
    asg.put_scheduled_update_group_action(AutoScalingGroupName=NAME, ScheduledActionName="bad", Recurrence="often", DesiredCapacity=1)
failed = asg.batch_delete_scheduled_action(AutoScalingGroupName=NAME, ScheduledActionNames=["nightly", "none"])["FailedScheduledActions"]
same([one["ScheduledActionName"] for one in failed], ["none"])
tag = {"ResourceId": NAME, "ResourceType": "auto-scaling-group", "Key": "lab:chapter", "Value": "6", "PropagateAtLaunch": False}
asg.create_or_update_tags(Tags=[tag])
same(asg.describe_tags(Filters=[{"Name": "key", "Values": ["lab:chapter"]}])["Tags"], [tag])
same([one["AutoScalingGroupName"] for one in asg.describe_auto_scaling_groups(Filters=filters(tag__Project="aws-lab"))["AutoScalingGroups"]], [NAME])
same(asg.describe_auto_scaling_groups(Filters=filters(tag__Project="other"))["AutoScalingGroups"], [])
asg.delete_tags(Tags=[tag])
same(asg.describe_tags(Filters=[{"Name": "key", "Values": ["lab:chapter"]}])["Tags"], [])
assert "Default" in asg.describe_termination_policy_types()["TerminationPolicyTypes"]
same(asg.describe_account_limits()["NumberOfAutoScalingGroups"], 1)
same(asg.describe_metric_collection_types()["Granularities"], [{"Granularity": "1Minute"}])
with error("NotSimulated"):
    asg.start_instance_refresh(AutoScalingGroupName=NAME)

# A template that can no longer start anything: told in the activities only.
ec2.create_key_pair(KeyName="my-ec2-keypair")
ec2.create_launch_template_version(LaunchTemplateName="my-asg-lt", SourceVersion="1", LaunchTemplateData={"KeyName": "my-ec2-keypair"})
ec2.delete_key_pair(KeyName="my-ec2-keypair")
asg.update_auto_scaling_group(AutoScalingGroupName=NAME, MaxSize=4, DesiredCapacity=4)
until("the launch fails", lambda: activities()[0]["StatusCode"] == "Failed", 1)
same(activities()[0]["StatusMessage"], "The key pair 'my-ec2-keypair' does not exist. Launching EC2 instance failed.")
same(activities()[0]["Description"], f"Launching a new EC2 instance.  Status Reason: {activities()[0]['StatusMessage']}")

# The end.
with error("ResourceInUse"):
    asg.delete_auto_scaling_group(AutoScalingGroupName=NAME)
asg.update_auto_scaling_group(AutoScalingGroupName=NAME, DeletionProtection="prevent-all-deletion")
with error("ResourceInUse"):
    asg.delete_auto_scaling_group(AutoScalingGroupName=NAME, ForceDelete=True)
asg.update_auto_scaling_group(AutoScalingGroupName=NAME, DeletionProtection="none")
asg.delete_auto_scaling_group(AutoScalingGroupName=NAME, ForceDelete=True)
same(group()["Status"], "Delete in progress")
until("the group is gone", lambda: group() is None, 5)
left = ec2.describe_instances(Filters=filters(**{"tag__aws:autoscaling:groupName": NAME}))["Reservations"]
same({one["State"]["Name"] for each in left for one in each["Instances"]}, {"terminated"})
with error(INVALID, says="not found"):
    asg.delete_auto_scaling_group(AutoScalingGroupName=NAME)
same(activities(IncludeDeletedGroups=True)[0]["AutoScalingGroupState"], "Deleted")
elb.delete_target_group(TargetGroupArn=tg)
