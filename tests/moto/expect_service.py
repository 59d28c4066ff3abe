"""Makes a hosted zone (argument `zone`) or deletes it again (`forget`), or fails unless chapter 4 stands as boto3 sees it (`with` or `without` a domain)."""

import sys

import boto3

REGION = "ap-northeast-2"
DOMAIN = "lab.example"


def same(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: found {found!r}, wanted {wanted!r}")


def client(name):
    return boto3.client(name, region_name=REGION)


def records():
    route53 = client("route53")
    zone = route53.list_hosted_zones_by_name(DNSName=DOMAIN)["HostedZones"][0]["Id"]
    return route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]


def database():
    rds, ec2 = client("rds"), client("ec2")
    found = rds.describe_db_instances()["DBInstances"]
    same("databases", [one["DBInstanceIdentifier"] for one in found], ["my-alchemine-app-rds"])
    one = found[0]
    same("engine", (one["Engine"], one["EngineVersion"].startswith("8.4")), ("mysql", True))
    same("class and size", (one["DBInstanceClass"], one["AllocatedStorage"], one["StorageType"]), ("db.t3.micro", 20, "gp3"))
    same("public, Multi-AZ, backups", (one["PubliclyAccessible"], one["MultiAZ"], one["BackupRetentionPeriod"]), (False, False, 0))
    same("protected", one["DeletionProtection"], False)
    groups = ec2.describe_security_groups(GroupIds=[group["VpcSecurityGroupId"] for group in one["VpcSecurityGroups"]])
    same("group of the database", [group["GroupName"] for group in groups["SecurityGroups"]], ["my-app-rds-sg"])
    rules = groups["SecurityGroups"][0]["IpPermissions"]
    sources = {pair["GroupId"] for rule in rules if rule["FromPort"] == 3306 for pair in rule["UserIdGroupPairs"]}
    names = {group["GroupName"] for group in ec2.describe_security_groups(GroupIds=sorted(sources))["SecurityGroups"]}
    same("3306 from my-app-ec2-sg", "my-app-ec2-sg" in names and "my-app-alb-sg" not in names, True)
    subnets = {one["SubnetIdentifier"] for one in one["DBSubnetGroup"]["Subnets"]}
    named = ec2.describe_subnets(SubnetIds=sorted(subnets))["Subnets"]
    same("subnets", sorted(one["CidrBlock"] for one in named), ["10.1.21.0/24", "10.1.22.0/24"])


def balancer(domain):
    elb = client("elbv2")
    one = elb.describe_load_balancers(Names=["my-alchemine-app-alb"])["LoadBalancers"][0]
    same("zones of the load balancer", len(one["AvailabilityZones"]), 2)
    listeners = {each["Port"]: each for each in elb.describe_listeners(LoadBalancerArn=one["LoadBalancerArn"])["Listeners"]}
    web = elb.describe_target_groups(Names=["my-alchemine-app-tg-80"])["TargetGroups"][0]["TargetGroupArn"]
    same("listeners", sorted(listeners), [80, 443] if domain else [80])
    action = listeners[80]["DefaultActions"][0]
    if not domain:
        same("listener 80", (action["Type"], action["TargetGroupArn"]), ("forward", web))
        return
    redirect = action["RedirectConfig"]
    same("listener 80", (redirect["Protocol"], redirect["Port"], redirect["StatusCode"]), ("HTTPS", "443", "HTTP_301"))
    same("listener 443", listeners[443]["DefaultActions"][0]["TargetGroupArn"], web)
    arn = listeners[443]["Certificates"][0]["CertificateArn"]
    certificate = client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    same("names", sorted(certificate["SubjectAlternativeNames"]), ["*.lab.example", "lab.example"])
    aliases = {record["Name"]: record["AliasTarget"]["DNSName"] for record in records() if "AliasTarget" in record}
    same("alias", aliases["app.lab.example."].rstrip("."), one["DNSName"])
    same("validation", sum(record["Type"] == "CNAME" for record in records()), 1)


def main():
    if sys.argv[1] == "zone":
        client("route53").create_hosted_zone(Name=DOMAIN, CallerReference="lab")
        return
    if sys.argv[1] == "forget":
        route53 = client("route53")
        route53.delete_hosted_zone(Id=route53.list_hosted_zones_by_name(DNSName=DOMAIN)["HostedZones"][0]["Id"])
        return
    database()
    balancer(sys.argv[1] == "with")


main()
