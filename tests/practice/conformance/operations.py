"""docs/practice.md against the practice cloud: every operation of every simulated service is asked for, and the table says of each whether it is.

`operations.py --rows` prints the operations that are simulated as rows, for whoever adds some.
"""

import pathlib
import re
import sys

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

ROOT = pathlib.Path(__file__).resolve().parents[3]

# boto3's names of the services, in the order of the document.
SERVICES = [
    "ec2", "elbv2", "autoscaling", "cloudwatch", "rds", "secretsmanager", "route53", "route53domains", "acm", "ssm", "iam", "sts", "service-quotas",
]


def client(service):
    # No parameter is checked here: what is asked for is whether there is such an operation at all.
    options = Config(parameter_validation=False, retries={"total_max_attempts": 1}, read_timeout=20)
    region = "us-east-1" if service in ("route53", "route53domains", "iam") else "ap-northeast-2"
    return boto3.client(service, region_name=region, config=options)


def places(shape):
    """Values for what stands in the path, without which there is no request; the paths of tags know one kind of resource."""
    if shape is None:
        return {}
    known = {"ResourceType": "hostedzone"}
    if shape.name == "CopySnapshotRequest":
        # boto3 signs a request of its own for it, to this region.
        return {"SourceRegion": "ap-northeast-1"}
    return {name: known.get(name, "Z1") for name, member in shape.members.items() if member.serialization.get("location") == "uri"}


def is_simulated(service, operation):
    """A request without parameters: an operation that is not simulated says so by its name before it reads any."""
    model = service.meta.service_model.operation_model(operation)
    try:
        service._make_api_call(operation, places(model.input_shape))
        return True
    except ClientError as error:
        said = error.response["Error"]
        if said["Code"] == "MissingAuthenticationToken":
            # Requests that nobody signs, such as those with a token of another identity provider.
            return False
        if said["Code"] != "NotSimulated":
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] < 500, f"{operation}: {error}"
            return True
        named = re.search(rf"simulate (the operation {operation} of |the request [A-Z]+ /|the service )", said["Message"])
        return not named


def found(name):
    service = client(name)
    simulated = []
    for operation in service.meta.service_model.operation_names:
        try:
            if is_simulated(service, operation):
                simulated.append(operation)
        except (BotoCoreError, KeyError, TypeError, ValueError) as error:
            # Such as streams and checksums: the client cannot even write it without parameters.
            print(f"{name} {operation} is not asked: {type(error).__name__}")
    return simulated


def written():
    """The operations of the document, by service, and whether each has a note on what of it is not simulated."""
    tables, service = {}, None
    for line in (ROOT / "docs/practice.md").read_text().splitlines():
        if heading := re.match(r"### .*\(`([a-z0-9-]+)`\)$", line):
            service = heading[1]
            tables[service] = []
        elif row := re.match(r"\| ((?:`\w+`(?:, )?)+) \| (.*) \|$", line):
            tables[service] += re.findall(r"`(\w+)`", row[1])
    return tables


if __name__ == "__main__":
    real = {name: found(name) for name in SERVICES}
    if "--rows" in sys.argv:
        for name, operations in real.items():
            print(f"\n{name}\n" + "\n".join(f"| `{operation}` | |" for operation in operations))
        sys.exit()
    table = written()
    assert list(table) == SERVICES, f"services of docs/practice.md: {list(table)}"
    wrong = []
    for name, operations in real.items():
        for operation in operations:
            if operation not in table[name]:
                wrong.append(f"{name} {operation} is simulated, and docs/practice.md has no row for it")
        for operation in table[name]:
            if operation not in operations:
                wrong.append(f"docs/practice.md says that {name} {operation} is simulated, and it is not")
        twice = {operation for operation in table[name] if table[name].count(operation) > 1}
        wrong += [f"docs/practice.md has {name} {operation} twice" for operation in sorted(twice)]
    assert not wrong, "\n" + "\n".join(wrong)
    print(f"{sum(map(len, real.values()))} operations of {len(real)} services")
