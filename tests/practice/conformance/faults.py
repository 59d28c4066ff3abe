"""Faults as boto3 meets them."""

import json
import time

from botocore.exceptions import ConnectionClosedError, ReadTimeoutError

from practice import client, control, error, filters, same


def faults(**values):
    control("faults " + json.dumps(values))


ec2, sts, ssm = client("ec2"), client("sts"), client("ssm")

faults(throttle=1.0)
with error("RequestLimitExceeded", 503):
    ec2.describe_vpcs()
with error("Throttling"):
    sts.get_caller_identity()
with error("ThrottlingException"):
    ssm.get_parameter(Name="x")

# Half of the requests throttled: boto3's own retries get through.
faults(throttle=0.5)
patient = client("ec2", retries={"mode": "standard", "total_max_attempts": 20})
for _ in range(3):
    patient.describe_vpcs()

faults(error=1.0)
with error("InternalError", 500):
    ec2.create_vpc(CidrBlock="10.1.0.0/16")

faults(deny=["ec2:CreateVpc"])
with error("UnauthorizedOperation", 403, says="is not authorized to perform: ec2:CreateVpc"):
    ec2.create_vpc(CidrBlock="10.1.0.0/16")
with error("UnauthorizedOperation", 403):
    ec2.create_vpc(CidrBlock="10.1.0.0/16", DryRun=True)
ec2.describe_vpcs()

faults(deny=["ec2:CreateTags"])
with error("UnauthorizedOperation", 403, says="ec2:CreateTags"):
    tag = {"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "x"}]}
    ec2.create_vpc(CidrBlock="10.1.0.0/16", TagSpecifications=[tag])

faults(expired=True)
with error("RequestExpired"):
    ec2.describe_vpcs()
with error("ExpiredToken", 403):
    sts.get_caller_identity()
with error("ExpiredTokenException"):
    ssm.get_parameter(Name="x")

faults()
same(ec2.describe_vpcs(Filters=filters(is_default="false"))["Vpcs"], [], "nothing of all this was made")

# A lost answer: the VPC is there all the same.
faults(lose=1.0)
try:
    ec2.create_vpc(CidrBlock="10.1.0.0/16")
    raise AssertionError("the answer was not lost")
except ConnectionClosedError:
    pass
faults()
same(len(ec2.describe_vpcs(Filters=filters(cidr="10.1.0.0/16"))["Vpcs"]), 1, "made, though not answered")

faults(latency_ms=700)
begin = time.monotonic()
ec2.describe_vpcs()
assert time.monotonic() - begin >= 0.7
try:
    client("ec2", read_timeout=0.2).describe_vpcs()
    raise AssertionError("the read time-out did not come")
except ReadTimeoutError:
    pass
