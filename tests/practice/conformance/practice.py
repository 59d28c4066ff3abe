"""What the conformance scripts share: clients, practice time, and saying what was expected."""

import contextlib
import json
import sys

import boto3
import botocore.waiter
from botocore.config import Config
from botocore.exceptions import ClientError

HOME, PEER = "ap-northeast-2", "ap-northeast-1"

# boto3's own waiters, polled fast: practice time is what passes.
FAST = {"Delay": 1, "MaxAttempts": 20}


def client(service, region=HOME, **options):
    options.setdefault("retries", {"total_max_attempts": 1})
    return boto3.client(service, region_name=region, config=Config(**options))


def ask(order):
    print(f"control {order}", flush=True)
    return sys.stdin.readline().rstrip("\n")


def control(order):
    assert ask(order) == "done", f"the test did not obey: {order}"


def options(**values):
    """Quotas and switches of the account; what is not named stays. `limits` names all that are not at their default."""
    control("options " + json.dumps(values))


def advance(seconds):
    control(f"advance {seconds}")


@contextlib.contextmanager
def running(speed):
    control(f"run {speed}")
    try:
        yield
    finally:
        control("pause")


@contextlib.contextmanager
def error(code, status=400, says=""):
    try:
        yield
    except ClientError as caught:
        got = caught.response["Error"]["Code"], caught.response["ResponseMetadata"]["HTTPStatusCode"]
        assert got == (code, status), f"expected {(code, status)}, got {got}: {caught}"
        assert says in str(caught), f"{says!r} is not in: {caught}"
        assert caught.response["ResponseMetadata"]["RequestId"], "no request id"
    else:
        raise AssertionError(f"expected {code}, but it succeeded")


def same(got, wanted, what=""):
    assert got == wanted, f"{what}: expected {wanted!r}, got {got!r}"


def tags(kind, name):
    pairs = {"Name": name, "Project": "aws-lab", "lab:chapter": "3", "lab:run": "conformance"}
    return [{"ResourceType": kind, "Tags": [{"Key": key, "Value": value} for key, value in pairs.items()]}]


def name_of(resource):
    return {tag["Key"]: tag["Value"] for tag in resource.get("Tags", [])}.get("Name")


def filters(**values):
    """tag__Name="x" is tag:Name, association_main="true" is association.main, vpc_id="v" is vpc-id."""

    def spelled(name):
        for start in ("association_", "attachment_"):
            if name.startswith(start):
                name = name.replace("_", ".", 1)
        return name.replace("__", ":").replace("_", "-")

    return [{"Name": spelled(name), "Values": value if isinstance(value, list) else [value]} for name, value in values.items()]


class Waited:
    """How long a client has waited, in practice seconds."""

    seconds = 0


@contextlib.contextmanager
def clocked():
    """boto3's own waiters, with their own delays: what they sleep passes on the practice clock."""
    waited = Waited()

    class Clock:
        @staticmethod
        def sleep(seconds):
            waited.seconds += seconds
            advance(seconds)

    before, botocore.waiter.time = botocore.waiter.time, Clock
    try:
        yield waited
    finally:
        botocore.waiter.time = before


def waited(ec2, waiter, **arguments):
    ec2.get_waiter(waiter).wait(WaiterConfig=FAST, **arguments)
