"""Section 4.2 with boto3: the domain, its zone, records, a certificate by DNS."""

import uuid

from practice import HOME, advance, clocked, client, error, same

r53, domains, acm = client("route53", "us-east-1"), client("route53domains", "us-east-1"), client("acm")

# The domain is registered, and its zone is the one whose servers it names.
same([one["DomainName"] for one in domains.list_domains()["Domains"]], ["lab.example"], "domains")
servers = {one["Name"] for one in domains.get_domain_detail(DomainName="lab.example")["Nameservers"]}
with error("InvalidInput"):
    domains.get_domain_detail(DomainName="other.example")
found = r53.list_hosted_zones_by_name(DNSName="lab.example", MaxItems="1")["HostedZones"][0]
same((found["Name"], found["Config"]["PrivateZone"], found["ResourceRecordSetCount"]), ("lab.example.", False, 2), "the zone")
zone = found["Id"].removeprefix("/hostedzone/")
same(set(r53.get_hosted_zone(Id=found["Id"])["DelegationSet"]["NameServers"]), servers, "its name servers")

# A second zone of the name is another zone, and nobody asks it.
reference = str(uuid.uuid4())
made = r53.create_hosted_zone(Name="lab.example", CallerReference=reference, HostedZoneConfig={"Comment": "second"})
second = made["HostedZone"]["Id"].removeprefix("/hostedzone/")
assert made["Location"].endswith(second) and second != zone
assert set(made["DelegationSet"]["NameServers"]).isdisjoint(servers)
with error("HostedZoneAlreadyExists", 409):
    r53.create_hosted_zone(Name="lab.example", CallerReference=reference)
same(r53.get_hosted_zone_count()["HostedZoneCount"], 2, "zones")
pages = r53.get_paginator("list_hosted_zones").paginate(PaginationConfig={"PageSize": 1})
same(sorted(one["Id"] for page in pages for one in page["HostedZones"]), sorted([found["Id"], made["HostedZone"]["Id"]]), "pages")
with error("NoSuchHostedZone", 404):
    r53.get_hosted_zone(Id="Z00000000000000000000")


def change(action, name, kind="A", values=("192.0.2.1",), to=zone, **more):
    records = {"TTL": 300, "ResourceRecords": [{"Value": value} for value in values]} if values else {}
    one = {"Action": action, "ResourceRecordSet": {"Name": name, "Type": kind, **records, **more}}
    return r53.change_resource_record_sets(HostedZoneId=to, ChangeBatch={"Comment": "lab", "Changes": [one]})["ChangeInfo"]


def names(of=zone):
    pages = r53.get_paginator("list_resource_record_sets").paginate(HostedZoneId=of, PaginationConfig={"PageSize": 2})
    return [(one["Name"], one["Type"]) for page in pages for one in page["ResourceRecordSets"]]


# A change takes its time to reach the servers.
info = change("CREATE", "www.lab.example")
same(info["Status"], "PENDING", "a new change")
with clocked():
    r53.get_waiter("resource_record_sets_changed").wait(Id=info["Id"])
same(r53.get_change(Id=info["Id"])["ChangeInfo"]["Status"], "INSYNC")
with error("InvalidChangeBatch", says="[name='www.lab.example.', type='A'] but it already exists]"):
    change("CREATE", "www.lab.example")
with error("InvalidChangeBatch", says="but it was not found"):
    change("DELETE", "ftp.lab.example")
with error("InvalidChangeBatch", says="do not match the current values"):
    change("DELETE", "www.lab.example", values=["192.0.2.2"])
with error("InvalidChangeBatch", says="not permitted at apex"):
    change("CREATE", "lab.example", "CNAME", ["x.test"])
with error("InvalidChangeBatch", says="is not permitted in zone lab.example."):
    change("CREATE", "www.other.example")
with error("InvalidInput"):
    change("CREATE", "ftp.lab.example", values=[])
with error("NotSimulated"):
    change("CREATE", "ftp.lab.example", SetIdentifier="a", Weight=1)
wrong = {"HostedZoneId": "ZWKZPGTI48KDX", "DNSName": "x.ap-northeast-1.elb.amazonaws.com", "EvaluateTargetHealth": True}
with error("InvalidChangeBatch", says="does not lie within the target zone"):
    change("CREATE", "asg-ec2.lab.example", values=None, AliasTarget=wrong)
right = wrong | {"DNSName": f"dualstack.x-1.{HOME}.elb.amazonaws.com"}
change("UPSERT", "asg-ec2.lab.example", values=None, AliasTarget=right)
change("UPSERT", "*.lab.example")
same(names(), [("lab.example.", "NS"), ("lab.example.", "SOA"), ("\\052.lab.example.", "A"), ("asg-ec2.lab.example.", "A"), ("www.lab.example.", "A")])
change("DELETE", "asg-ec2.lab.example", values=None, AliasTarget=right)

# Tags.
r53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=[{"Key": "Project", "Value": "aws-lab"}])
same(r53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone)["ResourceTagSet"]["Tags"], [{"Key": "Project", "Value": "aws-lab"}])
r53.change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, RemoveTagKeys=["Project"])
same(r53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=zone)["ResourceTagSet"]["Tags"], [])

# A certificate: its record is told after a while, and is the same for the domain and its wildcard.
asked = {"DomainName": "lab.example", "SubjectAlternativeNames": ["*.lab.example"], "ValidationMethod": "DNS"}
certificate = acm.request_certificate(**asked, IdempotencyToken="once", Tags=[{"Key": "Project", "Value": "aws-lab"}])["CertificateArn"]
same(acm.request_certificate(**asked, IdempotencyToken="once", Tags=[{"Key": "Project", "Value": "aws-lab"}])["CertificateArn"], certificate)
seen = acm.describe_certificate(CertificateArn=certificate)["Certificate"]
same((seen["Status"], seen["Type"], seen["SubjectAlternativeNames"]), ("PENDING_VALIDATION", "AMAZON_ISSUED", ["lab.example", "*.lab.example"]))
assert all("ResourceRecord" not in one for one in seen["DomainValidationOptions"]), "told too early"
advance(15)
options = acm.describe_certificate(CertificateArn=certificate)["Certificate"]["DomainValidationOptions"]
record = options[0]["ResourceRecord"]
same(options[1]["ResourceRecord"], record, "one record for both names")
with error("RequestInProgressException"):
    acm.get_certificate(CertificateArn=certificate)

# In the second zone nobody sees it: never issued.
change("UPSERT", record["Name"], record["Type"], [record["Value"]], to=second)
advance(3600)
same(acm.describe_certificate(CertificateArn=certificate)["Certificate"]["Status"], "PENDING_VALIDATION", "a zone that is not delegated")
change("UPSERT", record["Name"], record["Type"], [record["Value"]])
advance(60)
with clocked():
    acm.get_waiter("certificate_validated").wait(CertificateArn=certificate)
seen = acm.describe_certificate(CertificateArn=certificate)["Certificate"]
same((seen["Status"], (seen["NotAfter"] - seen["IssuedAt"]).days), ("ISSUED", 198))
same([one["Status"] for one in acm.list_certificates(CertificateStatuses=["ISSUED"])["CertificateSummaryList"]], ["ISSUED"])
same(acm.list_tags_for_certificate(CertificateArn=certificate)["Tags"], [{"Key": "Project", "Value": "aws-lab"}])
lonely = acm.request_certificate(DomainName="nowhere.test", ValidationMethod="DNS")["CertificateArn"]
advance(73 * 3600)
same(acm.describe_certificate(CertificateArn=lonely)["Certificate"]["Status"], "VALIDATION_TIMED_OUT")
for arn in (certificate, lonely):
    acm.delete_certificate(CertificateArn=arn)
with error("ResourceNotFoundException"):
    acm.describe_certificate(CertificateArn=certificate)

# The domain goes to the second zone, which then cannot be deleted while it has records.
moved = [{"Name": name} for name in made["DelegationSet"]["NameServers"]]
domains.update_domain_nameservers(DomainName="lab.example", Nameservers=moved)
later = acm.request_certificate(DomainName="lab.example", ValidationMethod="DNS")["CertificateArn"]
with clocked():
    acm.get_waiter("certificate_validated").wait(CertificateArn=later, WaiterConfig={"MaxAttempts": 10})
with error("HostedZoneNotEmpty"):
    r53.delete_hosted_zone(Id=second)
change("DELETE", record["Name"], record["Type"], [record["Value"]], to=second)
r53.delete_hosted_zone(Id=second)
same(len(r53.list_hosted_zones()["HostedZones"]), 1)
