//! The six pillars of the Well-Architected Framework: what each asks, which measures of a small design serve it or cost it
//! something, and who is responsible for what, by service.
//!
//! Promises: the framework ranks no pillar, and nothing here does; what a set of measures comes to is counted from the
//! measures.

/// A pillar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pillar {
    /// Operational Excellence.
    Operations,
    /// Security.
    Security,
    /// Reliability.
    Reliability,
    /// Performance Efficiency.
    Performance,
    /// Cost Optimization.
    Cost,
    /// Sustainability, the sixth since December 2021.
    Sustainability,
}

impl Pillar {
    /// All six, in the framework's order.
    pub const ALL: [Self; 6] =
        [Self::Operations, Self::Security, Self::Reliability, Self::Performance, Self::Cost, Self::Sustainability];

    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Operations => "operational-excellence",
            Self::Security => "security",
            Self::Reliability => "reliability",
            Self::Performance => "performance-efficiency",
            Self::Cost => "cost-optimization",
            Self::Sustainability => "sustainability",
        }
    }

    /// In words, Korean and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Operations => ("운영 우수성", "Operational Excellence"),
            Self::Security => ("보안", "Security"),
            Self::Reliability => ("안정성", "Reliability"),
            Self::Performance => ("성능 효율성", "Performance Efficiency"),
            Self::Cost => ("비용 최적화", "Cost Optimization"),
            Self::Sustainability => ("지속 가능성", "Sustainability"),
        }
    }

    /// In four cells at most, for the head of a column; Korean and English.
    pub const fn short(self) -> (&'static str, &'static str) {
        match self {
            Self::Operations => ("운영", "Ops"),
            Self::Security => ("보안", "Sec"),
            Self::Reliability => ("안정", "Rel"),
            Self::Performance => ("성능", "Perf"),
            Self::Cost => ("비용", "Cost"),
            Self::Sustainability => ("지속", "Sust"),
        }
    }

    /// What it asks of a design, Korean and English.
    pub const fn questions(self) -> [(&'static str, &'static str); 3] {
        match self {
            Self::Operations => [
                ("바꾼 것을 작게 나눠, 되돌릴 수 있게 내보냅니까?", "Are changes small, and can they be taken back?"),
                ("지금 건강한지 무엇을 보고 압니까?", "What tells you that it is healthy now?"),
                (
                    "장애에서 배운 것이 절차와 코드에 남습니까?",
                    "Does what a failure taught end up in procedures and code?",
                ),
            ],
            Self::Security => [
                (
                    "누가 무엇을 할 수 있는지 최소 권한으로 정했습니까?",
                    "Does everybody have the least rights they need?",
                ),
                ("데이터를 옮길 때와 두었을 때 모두 암호화합니까?", "Is data encrypted on its way and at rest?"),
                (
                    "이상한 일을 알아차리고 되짚을 기록이 있습니까?",
                    "Would you notice something odd, and can you trace it?",
                ),
            ],
            Self::Reliability => [
                ("하나가 멈춰도 서비스가 이어집니까?", "Does the service go on when one part fails?"),
                ("수요가 변하면 사람 없이 늘고 줄어듭니까?", "Does it grow and shrink without a person?"),
                ("백업에서 되살리는 연습을 해 보았습니까?", "Have you practised restoring a backup?"),
            ],
            Self::Performance => [
                ("일에 맞는 종류와 크기를 쟀습니까, 짐작했습니까?", "Were kind and size measured, or guessed?"),
                ("사용자와 가까운 곳에서 답합니까?", "Is the answer given near the user?"),
                ("느려지면 어디가 막혔는지 보입니까?", "When it is slow, can you see where?"),
            ],
            Self::Cost => [
                ("누가 얼마를 쓰는지 태그로 나눠 볼 수 있습니까?", "Can spending be told apart by tags?"),
                ("쓰지 않는 것을 끄고 지웁니까?", "Is what nobody uses turned off and deleted?"),
                (
                    "꾸준한 몫은 약정으로, 튀는 몫은 온디맨드로 냅니까?",
                    "Is the steady part committed, the rest on demand?",
                ),
            ],
            Self::Sustainability => [
                ("켜 둔 리소스가 실제로 일하고 있습니까?", "Does what is on really work?"),
                ("같은 일을 더 적은 리소스로 할 수 있습니까?", "Could fewer resources do the same?"),
                (
                    "데이터를 필요한 만큼만, 필요한 동안만 둡니까?",
                    "Is only the data kept that is needed, and only as long?",
                ),
            ],
        }
    }
}

/// A measure that a design can take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Measure {
    /// Its name on the command line.
    pub id: &'static str,
    /// What it is, Korean and English.
    pub words: (&'static str, &'static str),
    /// Which pillars it serves.
    pub serves: &'static [Pillar],
    /// Which it costs something.
    pub costs: &'static [Pillar],
    /// Why, Korean and English.
    pub why: (&'static str, &'static str),
}

use Pillar::{Cost, Operations, Performance, Reliability, Security, Sustainability};

/// The measures, for a small web service: a load balancer, two EC2 instances, one database.
pub const MEASURES: [Measure; 10] = [
    Measure {
        id: "code",
        words: ("인프라를 코드로", "Everything as code"),
        serves: &[Operations, Reliability],
        costs: &[],
        why: (
            "같은 것을 몇 번이고 똑같이 만들고, 바꾼 것을 검토하고 되돌립니다.",
            "You can make the same thing again exactly, review each change and take it back.",
        ),
    },
    Measure {
        id: "golden-ami",
        words: ("불변 서버", "Immutable servers"),
        serves: &[Operations, Security, Reliability],
        costs: &[],
        why: (
            "서버를 고치지 않고 새 이미지(골든 AMI)로 갈아 끼웁니다. 어긋난 서버가 남지 않습니다.",
            "Servers are replaced from a new image (a golden AMI), never patched: none differs from the rest.",
        ),
    },
    Measure {
        id: "alarms",
        words: ("지표와 경보", "Metrics and alarms"),
        serves: &[Operations, Reliability],
        costs: &[],
        why: ("사용자보다 먼저 이상을 압니다.", "You know before the users do."),
    },
    Measure {
        id: "private",
        words: ("프라이빗 서브넷, SG", "Private subnets, SG"),
        serves: &[Security],
        costs: &[Cost],
        why: (
            "밖에서 서버에 바로 닿지 못합니다. 대신 NAT 게이트웨이 값이 듭니다.",
            "Nothing outside reaches a server. The NAT gateway costs money.",
        ),
    },
    Measure {
        id: "least-privilege",
        words: ("최소 권한", "Least privilege"),
        serves: &[Security],
        costs: &[],
        why: (
            "MFA까지 켜면 열쇠 하나를 잃어도 할 수 있는 일이 적습니다.",
            "With MFA on top, a lost key can do little.",
        ),
    },
    Measure {
        id: "multi-az",
        words: ("RDS Multi-AZ", "RDS Multi-AZ"),
        serves: &[Reliability],
        costs: &[Cost],
        why: (
            "가용 영역 하나를 잃어도 1, 2분 뒤 이어집니다. DB 값이 두 배입니다.",
            "A lost zone costs a minute or two. The database costs twice as much.",
        ),
    },
    Measure {
        id: "auto-scaling",
        words: ("Auto Scaling", "Auto Scaling"),
        serves: &[Reliability, Performance, Cost, Sustainability],
        costs: &[],
        why: (
            "수평 확장입니다. 멈춘 서버를 채우고, 바쁠 때만 늘립니다.",
            "Scaling out: failed servers are replaced, and there are many only while there is much to do.",
        ),
    },
    Measure {
        id: "cdn",
        words: ("CloudFront", "CloudFront"),
        serves: &[Performance, Security, Sustainability],
        costs: &[],
        why: (
            "가까운 곳에서 답하고, 원본의 일과 공격을 줄입니다.",
            "The answer is near, and less work and fewer attacks get to the origin.",
        ),
    },
    Measure {
        id: "cache",
        words: ("DB 복제본과 캐시", "Read replica, cache"),
        serves: &[Performance],
        costs: &[Cost, Operations],
        why: (
            "읽기 전용 복제본으로 읽기가 빨라집니다. 돈이 들고, 낡은 값을 다룰 줄 알아야 합니다.",
            "Reads get faster. It costs money, and stale values must be handled.",
        ),
    },
    Measure {
        id: "right-size",
        words: ("알맞은 크기", "Right-sizing"),
        serves: &[Performance, Cost, Sustainability],
        costs: &[],
        why: (
            "재어 보고 고릅니다. Graviton이면 같은 일을 더 적은 돈과 전기로 합니다.",
            "Measured, then chosen (Graviton, for one): the same work for less money and power.",
        ),
    },
];

/// What a set of measures comes to for one pillar: how many serve it, and how many cost it something.
pub fn count(pillar: Pillar, taken: impl Iterator<Item = &'static Measure>) -> (usize, usize) {
    taken.fold((0, 0), |(serves, costs), measure| {
        (serves + usize::from(measure.serves.contains(&pillar)), costs + usize::from(measure.costs.contains(&pillar)))
    })
}

/// Who is responsible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// AWS.
    Aws,
    /// The customer.
    You,
    /// AWS does it as the customer has set it.
    Both,
}

impl Who {
    /// In words, Korean and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Aws => ("AWS", "AWS"),
            Self::You => ("고객", "you"),
            Self::Both => ("함께", "both"),
        }
    }

    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Aws => "aws",
            Self::You => "customer",
            Self::Both => "both",
        }
    }
}

/// The services that are compared.
pub const SERVICES: [&str; 4] = ["EC2", "RDS", "S3", "Lambda"];

/// A layer of responsibility, from the building up to the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layer {
    /// Its name in JSON.
    pub id: &'static str,
    /// What it is, Korean and English.
    pub words: (&'static str, &'static str),
    /// Who, in the order of [`SERVICES`].
    pub who: [Who; 4],
    /// What is to be known, Korean and English.
    pub note: (&'static str, &'static str),
}

use Who::{Aws, Both, You};

/// The layers.
pub const LAYERS: [Layer; 8] = [
    Layer {
        id: "facilities",
        words: ("건물과 장비", "Buildings, hardware"),
        who: [Aws; 4],
        note: ("언제나 AWS입니다. 고객은 어느 리전인지만 고릅니다.", "Always AWS; you choose the Region."),
    },
    Layer {
        id: "hypervisor",
        words: ("가상화와 물리 네트워크", "Hypervisor, network"),
        who: [Aws; 4],
        note: ("고객끼리 섞이지 않게 하는 일은 AWS가 합니다.", "AWS keeps customers apart."),
    },
    Layer {
        id: "os",
        words: ("게스트 OS 패치", "Guest OS patches"),
        who: [You, Aws, Aws, Aws],
        note: (
            "EC2에서는 고객이 OS를 패치합니다. 나머지에는 고객이 패치할 OS가 없습니다.",
            "On EC2 you patch it. The others have no OS that you could patch.",
        ),
    },
    Layer {
        id: "engine",
        words: ("엔진과 런타임", "Engine, runtime"),
        who: [You, Both, Aws, Both],
        note: (
            "RDS와 Lambda는 AWS가 패치하고, 버전과 시각은 고객이 고릅니다.",
            "AWS patches RDS and Lambda; version and time are your choice.",
        ),
    },
    Layer {
        id: "network",
        words: ("네트워크 규칙과 공개", "Rules and exposure"),
        who: [You; 4],
        note: (
            "보안 그룹, 퍼블릭 여부, 버킷 정책은 언제나 고객이 정합니다.",
            "Security groups, being public, bucket policies: always yours.",
        ),
    },
    Layer {
        id: "backup",
        words: ("백업과 복구", "Backup, recovery"),
        who: [You, Both, Both, You],
        note: (
            "RDS는 보존 기간을 정하면 AWS가 백업합니다. S3는 지워지지 않게 버전을 켜는 일이 고객 몫입니다.",
            "RDS backs up as you set it. S3 keeps what is there; versions against deletion are yours to switch on.",
        ),
    },
    Layer {
        id: "encryption",
        words: ("암호화 선택", "Encryption choices"),
        who: [You, You, Both, Both],
        note: (
            "S3와 Lambda는 기본으로 암호화합니다. 어떤 키를 쓸지는 고객이 고릅니다.",
            "S3 and Lambda encrypt by default; which key is your choice.",
        ),
    },
    Layer {
        id: "data",
        words: ("데이터와 IAM 권한", "Data and IAM"),
        who: [You; 4],
        note: (
            "무엇을 담고 누가 보는지는 어느 서비스에서나 고객의 일입니다.",
            "What is stored and who sees it is always yours.",
        ),
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pillar_is_served_and_no_measure_contradicts_itself() {
        for pillar in Pillar::ALL {
            assert!(count(pillar, MEASURES.iter()).0 >= 2, "{pillar:?}");
        }
        for (at, measure) in MEASURES.iter().enumerate() {
            assert!(measure.serves.iter().all(|pillar| !measure.costs.contains(pillar)), "{}", measure.id);
            assert!(MEASURES.iter().skip(at + 1).all(|other| other.id != measure.id));
        }
        assert_eq!(count(Pillar::Cost, MEASURES.iter()), (2, 3));
        assert_eq!(count(Pillar::Cost, std::iter::empty()), (0, 0));
    }

    #[test]
    fn the_more_a_service_is_managed_the_less_is_the_customers() {
        let yours = |service: usize| LAYERS.iter().filter(|layer| layer.who.get(service) == Some(&Who::You)).count();
        assert!(yours(0) > yours(1) && yours(1) >= yours(3) && yours(3) > yours(2));
        // Data and buildings do not move with the service.
        assert!(LAYERS.iter().any(|layer| layer.who == [Who::You; 4] && layer.id == "data"));
        assert!(LAYERS.iter().any(|layer| layer.who == [Who::Aws; 4] && layer.id == "facilities"));
    }
}
