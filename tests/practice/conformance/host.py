"""IAM, Run Command and Service Quotas as boto3 uses them: a profile, an instance with user data, commands with boto3's own waiter."""

import base64
import json

from practice import FAST, advance, client, error, filters, same, waited

ec2, iam, ssm, quotas = client("ec2"), client("iam", "us-east-1"), client("ssm"), client("service-quotas")

same(quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-0263D0A3")["Quota"]["Value"], 5.0, "Elastic IPs")
codes = [quota["QuotaCode"] for page in quotas.get_paginator("list_service_quotas").paginate(ServiceCode="vpc", PaginationConfig={"PageSize": 5}) for quota in page["Quotas"]]
assert "L-F678F1CE" in codes, codes
with error("NoSuchResourceException"):
    quotas.get_service_quota(ServiceCode="ec2", QuotaCode="L-00000000")

# IAM: a role for Systems Manager in a profile.
trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
core = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
role = iam.create_role(RoleName="my-lab-ssm-role", AssumeRolePolicyDocument=json.dumps(trust), Tags=[{"Key": "Project", "Value": "aws-lab"}])["Role"]
same(iam.get_role(RoleName="my-lab-ssm-role")["Role"]["AssumeRolePolicyDocument"], trust, "the trust policy, decoded by boto3")
with error("EntityAlreadyExists", 409):
    iam.create_role(RoleName="my-lab-ssm-role", AssumeRolePolicyDocument=json.dumps(trust))
with error("NoSuchEntity", 404):
    iam.attach_role_policy(RoleName="nobody", PolicyArn=core)
iam.attach_role_policy(RoleName="my-lab-ssm-role", PolicyArn=core)
same(iam.list_attached_role_policies(RoleName="my-lab-ssm-role")["AttachedPolicies"], [{"PolicyName": "AmazonSSMManagedInstanceCore", "PolicyArn": core}])
iam.create_instance_profile(InstanceProfileName="my-lab-ssm-profile")
iam.add_role_to_instance_profile(InstanceProfileName="my-lab-ssm-profile", RoleName="my-lab-ssm-role")
iam.get_waiter("instance_profile_exists").wait(InstanceProfileName="my-lab-ssm-profile", WaiterConfig=FAST)
same(iam.get_instance_profile(InstanceProfileName="my-lab-ssm-profile")["InstanceProfile"]["Roles"][0]["Arn"], role["Arn"])

# An instance in the default VPC: EC2 hears of the profile some seconds later.
image = ssm.get_parameter(Name="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64")["Parameter"]["Value"]
data = "#!/bin/bash\nset -e\ndnf install -y httpd stress\necho hello > /var/www/html/index.html\nsystemctl enable --now httpd\n"
launch = dict(ImageId=image, InstanceType="t3.micro", MinCount=1, MaxCount=1, UserData=data, IamInstanceProfile={"Name": "my-lab-ssm-profile"})
with error("InvalidParameterValue", says="Invalid IAM Instance Profile name"):
    ec2.run_instances(**launch)
advance(15)
instance = ec2.run_instances(**launch)["Instances"][0]["InstanceId"]
same(base64.b64decode(ec2.describe_instance_attribute(InstanceId=instance, Attribute="userData")["UserData"]["Value"]).decode(), data)
with error("InvalidInstanceId"):
    ssm.send_command(InstanceIds=[instance], DocumentName="AWS-RunShellScript", Parameters={"commands": ["true"]})
advance(120)
found = ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [instance]}])["InstanceInformationList"]
same([(one["InstanceId"], one["PingStatus"], one["PlatformName"]) for one in found], [(instance, "Online", "Amazon Linux")])


def run(*lines, seconds=10, **more):
    command = ssm.send_command(InstanceIds=[instance], DocumentName="AWS-RunShellScript", Parameters={"commands": list(lines)}, **more)["Command"]
    with error("InvocationDoesNotExist"):
        ssm.get_command_invocation(CommandId=command["CommandId"], InstanceId=instance)
    advance(seconds)
    return command["CommandId"]


def outcome(command):
    got = ssm.get_command_invocation(CommandId=command, InstanceId=instance)
    return got["StatusDetails"], got["ResponseCode"], got["StandardOutputContent"]


command = run("curl -s -o /dev/null -w '%{http_code}' http://localhost/", "curl -s localhost")
ssm.get_waiter("command_executed").wait(CommandId=command, InstanceId=instance, WaiterConfig=FAST)
same(outcome(command), ("Success", 0, "200hello\n"), "the page that user data made")
same(outcome(run("tail -1 /var/log/cloud-init-output.log | cut -d' ' -f1", "exit 7")), ("Failed", 7, "Cloud-init\n"))
same(outcome(run("vim /etc/hosts"))[:2], ("Failed", 127), "what is not simulated says so")
same(outcome(run("systemd-run --unit=lab-stress --collect stress -c $(nproc) -t 900")), ("Success", 0, ""))
same(outcome(run("systemctl is-active lab-stress; nproc")), ("Success", 0, "active\n2\n"))
same(outcome(run("systemctl stop lab-stress; systemctl is-active lab-stress || true")), ("Success", 0, "inactive\n"))
long = run("sleep 500")
same(outcome(long)[0], "InProgress")
ssm.cancel_command(CommandId=long)
same(outcome(long)[0], "Cancelled")
commands = [one for page in ssm.get_paginator("list_commands").paginate(PaginationConfig={"PageSize": 3}) for one in page["Commands"]]
same(len(commands), 7, "all commands, in pages")
same(commands[0]["CommandId"], long, "newest first")
plugins = ssm.list_command_invocations(CommandId=command, Details=True)["CommandInvocations"][0]["CommandPlugins"]
same((plugins[0]["Name"], plugins[0]["ResponseCode"]), ("aws:runShellScript", 0))
with error("NotSimulated"):
    ssm.start_session(Target=instance)

# Away with it all, in the order that IAM wants.
with error("DeleteConflict", 409):
    iam.delete_role(RoleName="my-lab-ssm-role")
with error("DeleteConflict", 409):
    iam.delete_instance_profile(InstanceProfileName="my-lab-ssm-profile")
iam.remove_role_from_instance_profile(InstanceProfileName="my-lab-ssm-profile", RoleName="my-lab-ssm-role")
iam.delete_instance_profile(InstanceProfileName="my-lab-ssm-profile")
iam.detach_role_policy(RoleName="my-lab-ssm-role", PolicyArn=core)
iam.delete_role(RoleName="my-lab-ssm-role")
same(iam.list_roles(PathPrefix="/")["Roles"], [])
ec2.terminate_instances(InstanceIds=[instance])
advance(90)
waited(ec2, "instance_terminated", InstanceIds=[instance])
same(ssm.describe_instance_information()["InstanceInformationList"], [], "a terminated instance is known no more")
same(ec2.describe_instances(Filters=filters(instance_state_name="running"))["Reservations"], [])
