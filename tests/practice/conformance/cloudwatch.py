"""CloudWatch with boto3 and the AWS CLI: points, lists, alarms, their history, and what is refused."""

import json
import subprocess
from datetime import timedelta

from practice import FAST, advance, client, error, same

ec2, ssm, cloudwatch = client("ec2"), client("ssm"), client("cloudwatch")
PARAMETER = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
image = ssm.get_parameter(Name=PARAMETER)["Parameter"]["Value"]
detailed, basic = (
    ec2.run_instances(
        ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, Monitoring={"Enabled": by_minute}
    )["Instances"][0]
    for by_minute in (True, False)
)
started = detailed["LaunchTime"].replace(second=0, microsecond=0)


def metric(instance, name="CPUUtilization"):
    dimensions = [{"Name": "InstanceId", "Value": instance["InstanceId"]}]
    return {"Namespace": "AWS/EC2", "MetricName": name, "Dimensions": dimensions}


def query(id, instance, name="CPUUtilization", stat="Average"):
    return {"Id": id, "MetricStat": {"Metric": metric(instance, name), "Period": 60, "Stat": stat}}


def span(minutes=60):
    return {"StartTime": started, "EndTime": started + timedelta(minutes=minutes)}


def points(*queries, **more):
    pages = cloudwatch.get_paginator("get_metric_data").paginate(
        MetricDataQueries=list(queries), ScanBy="TimestampAscending", **span(), **more
    )
    found = {}
    for page in pages:
        for result in page["MetricDataResults"]:
            found.setdefault(result["Id"], []).extend(zip(result["Timestamps"], result["Values"]))
    return found


# A machine that has just started has no metrics, and none that is misspelt ever has; neither is an error.
same(cloudwatch.list_metrics(Namespace="AWS/EC2")["Metrics"], [])
answer = cloudwatch.get_metric_data(MetricDataQueries=[query("q", detailed)], **span())["MetricDataResults"][0]
same((answer["StatusCode"], answer["Timestamps"], answer["Values"], answer["Label"]), ("Complete", [], [], "CPUUtilization"))

alarm = metric(detailed) | {
    "AlarmName": "quiet", "AlarmDescription": "idle", "Statistic": "Average", "Period": 60, "EvaluationPeriods": 3,
    "Threshold": 50.0, "ComparisonOperator": "LessThanThreshold", "Tags": [{"Key": "Project", "Value": "aws-lab"}],
}
cloudwatch.put_metric_alarm(**alarm)
cloudwatch.put_metric_alarm(**alarm | {"AlarmName": "busy", "ComparisonOperator": "GreaterThanThreshold", "DatapointsToAlarm": 2})
cloudwatch.get_waiter("alarm_exists").wait(AlarmNames=["quiet", "busy"], WaiterConfig=FAST)
seen = cloudwatch.describe_alarms(AlarmNames=["quiet"])["MetricAlarms"][0]
same((seen["StateValue"], seen["StateReason"]), ("INSUFFICIENT_DATA", "Unchecked: Initial alarm creation"))
same((seen["Threshold"], seen["TreatMissingData"], seen["ActionsEnabled"]), (50.0, "missing", True))
assert "DatapointsToAlarm" not in seen, "it was not given"

advance(20 * 60)
both = points(query("one", detailed), query("five", basic), {"Id": "sum", "Expression": "SUM(METRICS())"})
steps = {id: {(b[0] - a[0]).seconds for a, b in zip(found, found[1:])} for id, found in both.items()}
same(steps["one"], {60}, "detailed monitoring")
same(steps["five"], {300}, "basic monitoring, although 60 s were asked for")
assert all(0 <= value <= 60 for _, value in both["one"] + both["five"]), both
assert both["five"][0][0].minute % 5 == 0, "the start of the five minutes"
same(dict(points(query("one", detailed), MaxDatapoints=4)), {"one": both["one"]}, "page by page")

statistics = cloudwatch.get_metric_statistics(
    **metric(detailed), **span(20), Period=300, Statistics=["Average", "SampleCount", "Maximum"], Unit="Percent"
)
same((statistics["Label"], statistics["Datapoints"][1]["SampleCount"]), ("CPUUtilization", 5.0))
same(statistics["Datapoints"][1]["Unit"], "Percent")
extended = cloudwatch.get_metric_statistics(**metric(detailed), **span(20), Period=300, ExtendedStatistics=["p90"])
assert extended["Datapoints"][1]["ExtendedStatistics"]["p90"] > 0
same(
    cloudwatch.get_metric_statistics(**metric(detailed), **span(), Period=60, Statistics=["Sum"], Unit="Bytes")["Datapoints"], []
)

names = [
    one["MetricName"]
    for page in cloudwatch.get_paginator("list_metrics").paginate(Dimensions=[{"Name": "InstanceId", "Value": basic["InstanceId"]}])
    for one in page["Metrics"]
]
assert {"CPUUtilization", "NetworkIn", "NetworkOut", "StatusCheckFailed", "CPUCreditBalance"} <= set(names), names
recent = cloudwatch.list_metrics(MetricName="CPUUtilization", RecentlyActive="PT3H")["Metrics"]
same(len(recent), 2)

# Three quiet points, and the alarm is on; two of three busy ones there never were.
states = {one["AlarmName"]: one for one in cloudwatch.describe_alarms()["MetricAlarms"]}
same({name: one["StateValue"] for name, one in states.items()}, {"quiet": "ALARM", "busy": "OK"})
reason = states["quiet"]["StateReason"]
assert reason.startswith("Threshold Crossed: 3 datapoints [") and reason.endswith("were less than the threshold (50.0)."), reason
data = json.loads(states["quiet"]["StateReasonData"])
same((data["version"], data["period"], data["statistic"], len(data["recentDatapoints"])), ("1.0", 60, "Average", 3))
same(states["busy"]["DatapointsToAlarm"], 2)
history = [
    item
    for page in cloudwatch.get_paginator("describe_alarm_history").paginate(AlarmName="quiet", PaginationConfig={"PageSize": 1})
    for item in page["AlarmHistoryItems"]
]
assert history[0]["Timestamp"] > history[-1]["Timestamp"], "newest first"
same(history[-1]["HistorySummary"], 'Alarm "quiet" created')
same(json.loads(history[0]["HistoryData"])["newState"]["stateValue"], "ALARM")
same([one["AlarmName"] for one in cloudwatch.describe_alarms_for_metric(**metric(detailed))["MetricAlarms"]], ["busy", "quiet"])
pages = list(cloudwatch.get_paginator("describe_alarms").paginate(PaginationConfig={"PageSize": 1}))
same([len(page["MetricAlarms"]) for page in pages], [1, 1])

arn = states["quiet"]["AlarmArn"]
cloudwatch.tag_resource(ResourceARN=arn, Tags=[{"Key": "k", "Value": "v"}])
cloudwatch.untag_resource(ResourceARN=arn, TagKeys=["Project"])
same(cloudwatch.list_tags_for_resource(ResourceARN=arn)["Tags"], [{"Key": "k", "Value": "v"}])
cloudwatch.disable_alarm_actions(AlarmNames=["quiet"])
same(cloudwatch.describe_alarms(AlarmNames=["quiet"])["MetricAlarms"][0]["ActionsEnabled"], False)
cloudwatch.enable_alarm_actions(AlarmNames=["quiet"])
cloudwatch.set_alarm_state(AlarmName="quiet", StateValue="OK", StateReason="by hand")
same(cloudwatch.describe_alarms(StateValue="OK", AlarmNamePrefix="q")["MetricAlarms"][0]["StateReason"], "by hand")
advance(61)
same(cloudwatch.describe_alarms(AlarmNames=["quiet"])["MetricAlarms"][0]["StateValue"], "ALARM", "looked again")

# Mistakes, by the codes that AWS has always used.
statistic = metric(detailed) | {"Period": 60, "Statistics": ["Average"]}
with error("InvalidParameterValue"):
    cloudwatch.get_metric_statistics(**span(), **statistic | {"Period": 90})
with error("InvalidParameterCombination", says="1,440"):
    cloudwatch.get_metric_statistics(**span(2000), **statistic)
with error("ValidationError"):
    cloudwatch.get_metric_data(MetricDataQueries=[query("q", detailed)], StartTime=started, EndTime=started)
with error("InvalidNextToken"):
    cloudwatch.describe_alarms(NextToken="nonsense")
with error("ResourceNotFound", 404):
    cloudwatch.set_alarm_state(AlarmName="none", StateValue="OK", StateReason="")
try:
    cloudwatch.list_tags_for_resource(ResourceARN=arn + "-not")
except cloudwatch.exceptions.ResourceNotFoundException as caught:
    same(caught.response["Error"]["Code"], "ResourceNotFoundException")
else:
    raise AssertionError("an alarm that is not there has tags")
try:
    cloudwatch.get_metric_statistics(**span(), **statistic | {"Period": 90})
except cloudwatch.exceptions.InvalidParameterValueException as caught:
    assert "multiple of 60" in str(caught)
with error("NotSimulated"):
    cloudwatch.put_metric_alarm(**alarm | {"AlarmActions": ["arn:aws:sns:ap-northeast-2:100000000001:topic"]})
with error("NotSimulated"):
    cloudwatch.put_metric_data(Namespace="Mine", MetricData=[{"MetricName": "x", "Value": 1.0}])


# What a learner would type.
def aws(*words):
    ran = subprocess.run(["aws", "cloudwatch", *words, "--output", "json"], capture_output=True, text=True)
    assert ran.returncode == 0, f"aws cloudwatch {words}: {ran.stderr}"
    return json.loads(ran.stdout) if ran.stdout.strip() else None


times = ["--start-time", started.isoformat(), "--end-time", (started + timedelta(minutes=20)).isoformat()]
shown = aws(
    "get-metric-statistics", "--namespace", "AWS/EC2", "--metric-name", "CPUUtilization", "--period", "60",
    "--statistics", "Average", "--dimensions", f"Name=InstanceId,Value={detailed['InstanceId']}", *times,
)
same(sorted(one["Average"] for one in shown["Datapoints"]), sorted(value for at, value in both["one"] if at < started + timedelta(minutes=20)))
shown = aws("get-metric-data", "--metric-data-queries", json.dumps([query("q", basic)]), *times)
same(shown["MetricDataResults"][0]["StatusCode"], "Complete")
same(aws("describe-alarms", "--alarm-names", "quiet")["MetricAlarms"][0]["AlarmArn"], arn)
same(aws("describe-alarm-history", "--alarm-name", "quiet", "--history-item-type", "StateUpdate")["AlarmHistoryItems"][-1]["HistorySummary"][:14], "Alarm updated ")
aws("wait", "alarm-exists", "--alarm-names", "quiet")
aws("delete-alarms", "--alarm-names", "quiet", "busy")
same(cloudwatch.describe_alarms()["MetricAlarms"], [])
