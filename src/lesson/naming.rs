//! Which names of AWS can be changed: a name that is a tag, a name of the resource itself, and the few of these that can
//! be modified.
//!
//! Promises: what is said of a resource is what its API offers. The tag `Name` can be changed at any time everywhere; here
//! the question is the name by which the console and the API know the resource.

/// Whether a name can be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Renaming {
    /// It is the tag `Name`: at any time, and nothing notices.
    Tag,
    /// It is the resource's own name, and an API modifies it.
    Modify,
    /// It is the resource's own name, for ever.
    Never,
}

impl Renaming {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tag, Self::Modify, Self::Never];

    /// In words, Korean and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Tag => ("Name 태그입니다: 언제든 바꿀 수 있습니다", "it is the Name tag: change it at any time"),
            Self::Modify => ("자체 이름이지만 고칠 수 있습니다", "its own name, but it can be modified"),
            Self::Never => ("자체 이름이라 다시 만들어야 합니다", "its own name: make it again to rename"),
        }
    }

    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Tag => "tag",
            Self::Modify => "modify",
            Self::Never => "never",
        }
    }
}

/// A resource and its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named {
    /// What it is, Korean and English.
    pub kind: (&'static str, &'static str),
    /// A name of the course.
    pub example: &'static str,
    /// Whether it can be changed.
    pub renaming: Renaming,
    /// Why, or how; Korean and English.
    pub why: (&'static str, &'static str),
}

const fn named(
    kind: (&'static str, &'static str),
    example: &'static str,
    renaming: Renaming,
    ko: &'static str,
    en: &'static str,
) -> Named {
    Named { kind, example, renaming, why: (ko, en) }
}

/// The resources that are asked about; those of the course first.
pub const RESOURCES: [Named; 24] = [
    named(
        ("VPC", "VPC"),
        "my-vpc",
        Renaming::Tag,
        "VPC의 이름은 Name 태그입니다. 진짜 식별자는 vpc-로 시작하는 ID입니다.",
        "A VPC's name is its Name tag. What identifies it is the id, vpc-...",
    ),
    named(
        ("보안 그룹", "Security group"),
        "my-bastion-host-sg",
        Renaming::Never,
        "그룹 이름과 설명은 만든 뒤에 바꿀 수 없습니다. Name 태그는 따로 있고, 그것은 바꿀 수 있습니다.",
        "Group name and description stay as they were made. A Name tag can be added, and that can change.",
    ),
    named(
        ("서브넷", "Subnet"),
        "my-public-subnet-a",
        Renaming::Tag,
        "서브넷의 이름은 Name 태그입니다. 바꿀 수 없는 것은 CIDR입니다.",
        "A subnet's name is its Name tag. What cannot change is its CIDR.",
    ),
    named(
        ("RDS DB 인스턴스", "RDS DB instance"),
        "my-alchemine-app-rds",
        Renaming::Modify,
        "ModifyDBInstance의 NewDBInstanceIdentifier로 바꿉니다. 엔드포인트 주소도 함께 바뀌고 DB가 다시 시작됩니다.",
        "ModifyDBInstance with NewDBInstanceIdentifier. The endpoint changes with it, and the instance reboots.",
    ),
    named(
        ("EC2 인스턴스", "EC2 instance"),
        "my-bastion-host",
        Renaming::Tag,
        "인스턴스의 이름은 Name 태그입니다. 같은 이름이 둘 있어도 AWS는 막지 않습니다.",
        "An instance's name is its Name tag. AWS does not mind two with the same one.",
    ),
    named(
        ("로드 밸런서 (ALB)", "Load balancer (ALB)"),
        "my-asg-alb",
        Renaming::Never,
        "이름이 ARN과 DNS 이름에 들어 있습니다. 새로 만들어 DNS 레코드를 옮깁니다.",
        "The name is part of its ARN and DNS name. Make a new one and move the DNS record.",
    ),
    named(
        ("인터넷 게이트웨이", "Internet gateway"),
        "my-igw",
        Renaming::Tag,
        "이름은 Name 태그입니다.",
        "Its name is the Name tag.",
    ),
    named(
        ("키 페어", "Key pair"),
        "my-ec2-keypair",
        Renaming::Never,
        "이름을 바꾸는 API가 없습니다. 다른 이름으로 다시 가져옵니다.",
        "No API renames it. Import the key again under another name.",
    ),
    named(
        ("대상 그룹", "Target group"),
        "my-asg-ec2-tg",
        Renaming::Never,
        "이름이 ARN에 들어 있습니다. 새로 만들어 리스너가 가리키게 합니다.",
        "The name is part of its ARN. Make a new one and point the listener at it.",
    ),
    named(
        ("라우팅 테이블", "Route table"),
        "my-public-route",
        Renaming::Tag,
        "이름은 Name 태그입니다.",
        "Its name is the Name tag.",
    ),
    named(
        ("Auto Scaling 그룹", "Auto Scaling group"),
        "my-asg-ec2",
        Renaming::Never,
        "UpdateAutoScalingGroup의 이름은 어느 그룹인지 고르는 값일 뿐입니다.",
        "In UpdateAutoScalingGroup the name only says which group is meant.",
    ),
    named(
        ("시작 템플릿", "Launch template"),
        "my-asg-lt",
        Renaming::Never,
        "바뀌는 것은 버전입니다. 이름은 만든 그대로입니다.",
        "What changes is its version. The name stays as it was made.",
    ),
    named(
        ("NAT 게이트웨이", "NAT gateway"),
        "my-natgateway",
        Renaming::Tag,
        "이름은 Name 태그입니다.",
        "Its name is the Name tag.",
    ),
    named(
        ("IAM 역할", "IAM role"),
        "my-lab-ssm-role",
        Renaming::Never,
        "역할은 이름을 바꿀 수 없습니다. 정책을 옮겨 다시 만듭니다.",
        "A role cannot be renamed: make it again with its policies.",
    ),
    named(
        ("IAM 사용자", "IAM user"),
        "student",
        Renaming::Modify,
        "UpdateUser의 NewUserName으로 바꿉니다. 역할과 다릅니다. ARN을 적어 둔 정책은 함께 고쳐야 합니다.",
        "UpdateUser with NewUserName, unlike a role. Policies that name its ARN must follow.",
    ),
    named(
        ("S3 버킷", "S3 bucket"),
        "my-alchemine-static",
        Renaming::Never,
        "이름이 세계에서 하나뿐인 주소입니다. 새 버킷을 만들어 객체를 복사합니다.",
        "The name is an address, unique in the world. Make a new bucket and copy the objects.",
    ),
    named(
        ("탄력적 IP", "Elastic IP"),
        "my-natgateway-eip",
        Renaming::Tag,
        "이름은 Name 태그입니다.",
        "Its name is the Name tag.",
    ),
    named(
        ("DB 서브넷 그룹", "DB subnet group"),
        "my-alchemine-app-sbg",
        Renaming::Never,
        "ModifyDBSubnetGroup은 설명과 서브넷만 바꿉니다.",
        "ModifyDBSubnetGroup changes its description and subnets only.",
    ),
    named(
        ("AMI", "AMI"),
        "my-asg-ec2-ami-1210",
        Renaming::Never,
        "이미지 이름은 그대로이고 설명만 고칠 수 있습니다. Name 태그는 따로 붙입니다.",
        "The image's name stays; only its description can be modified. A Name tag is a thing of its own.",
    ),
    named(
        ("피어링 연결", "Peering connection"),
        "my-peer-tokyo-to-seoul",
        Renaming::Tag,
        "Name 태그라서 리전마다 따로 붙입니다. 그래서 서울에서도 이름을 한 번 더 짓습니다.",
        "A Name tag, kept per Region: so it is named once more in Seoul.",
    ),
    named(
        ("ElastiCache 클러스터", "ElastiCache cluster"),
        "my-cache",
        Renaming::Never,
        "클러스터 ID는 바꿀 수 없습니다. 백업에서 새 ID로 다시 만듭니다.",
        "A cluster's id cannot change: restore a backup under a new one.",
    ),
    named(
        ("Aurora DB 클러스터", "Aurora DB cluster"),
        "my-cluster",
        Renaming::Modify,
        "ModifyDBCluster의 NewDBClusterIdentifier로 바꿉니다. 엔드포인트도 바뀝니다.",
        "ModifyDBCluster with NewDBClusterIdentifier. Its endpoints change with it.",
    ),
    named(
        ("Lambda 함수", "Lambda function"),
        "my-function",
        Renaming::Never,
        "이름이 ARN에 들어 있습니다. 새 이름으로 다시 만듭니다.",
        "The name is part of its ARN: make it again under a new one.",
    ),
    named(
        ("EBS 볼륨", "EBS volume"),
        "my-bastion-root",
        Renaming::Tag,
        "이름은 Name 태그입니다.",
        "Its name is the Name tag.",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: &str) -> Option<Renaming> {
        RESOURCES.iter().find(|one| one.kind.1.starts_with(kind)).map(|one| one.renaming)
    }

    #[test]
    fn the_names_of_the_fact_sheet() {
        for kind in [
            "Load balancer",
            "Target group",
            "Auto Scaling",
            "Launch template",
            "Security group",
            "Key pair",
            "IAM role",
            "ElastiCache",
            "S3",
        ] {
            assert_eq!(of(kind), Some(Renaming::Never), "{kind}");
        }
        assert_eq!(of("RDS"), Some(Renaming::Modify));
        for kind in ["VPC", "Subnet", "EC2", "Route table", "Peering"] {
            assert_eq!(of(kind), Some(Renaming::Tag), "{kind}");
        }
    }

    #[test]
    fn every_answer_comes_up_and_no_resource_twice() {
        for renaming in Renaming::ALL {
            assert!(RESOURCES.iter().filter(|one| one.renaming == renaming).count() >= 3);
        }
        for (at, one) in RESOURCES.iter().enumerate() {
            assert!(RESOURCES.iter().skip(at + 1).all(|other| other.kind != one.kind), "{:?}", one.kind);
            // Whoever says that it can be modified says how.
            assert_eq!(one.renaming == Renaming::Modify, one.why.1.contains(" with New"), "{:?}", one.kind);
        }
    }
}
