//! How an infrastructure grows, in eleven stages, and what fails at each when a part is killed.
//!
//! Promises: a stage is a set of parts and, for each thing that users do, an expression of what it needs; what a death
//! does is worked out from these ([`Stage::effect`]), not written down case by case. Durations are those that AWS names as
//! typical. Load is not simulated here (that is chapter 5's policy player); only what stands and what fails.

use crate::i18n::Lang;

/// Where a part stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// In the edge locations, near the users.
    Edge,
    /// In one availability zone of Seoul: `a` or `c`.
    Zone(char),
    /// Over all zones of Seoul, by itself.
    Region,
    /// In the second region.
    Other,
}

/// What a part is, for its row in the diagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// CloudFront.
    Edge,
    /// The load balancer.
    Entry,
    /// EC2 instances.
    Web,
    /// The cache in front of the database.
    Cache,
    /// Databases.
    Data,
    /// S3.
    Static,
}

impl Tier {
    /// All of them, from the users inwards.
    pub const ALL: [Self; 6] = [Self::Edge, Self::Entry, Self::Web, Self::Cache, Self::Data, Self::Static];
}

/// Something that can fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Its name, the same in every stage.
    pub id: &'static str,
    /// What it is, Korean and English.
    pub words: (&'static str, &'static str),
    /// Its row.
    pub tier: Tier,
    /// Where it stands.
    pub place: Place,
}

/// What somebody who uses the service does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    /// Sees an image.
    Image,
    /// Opens a page.
    Page,
    /// Places an order: something is written.
    Order,
}

impl Deed {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Image, Self::Page, Self::Order];

    /// In words, Korean and English.
    pub const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Image => ("이미지", "images"),
            Self::Page => ("페이지", "pages"),
            Self::Order => ("주문", "orders"),
        }
    }

    /// Its name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Page => "page",
            Self::Order => "order",
        }
    }
}

/// A time span in seconds.
pub type Span = (u32, u32);

/// The zones as an expression asks for them: not parts, but what parts are launched in.
const ZONES: [&str; 2] = ["@a", "@c"];

/// A load balancer node's or a target's failure is seen by health checks.
const HEALTH_CHECK: Span = (10, 60);
/// RDS Multi-AZ fails over.
const FAILOVER: Span = (60, 120);
/// Auto Scaling launches another instance, and it begins to serve.
const RELAUNCH: Span = (120, 300);
/// Route 53 sees a region's failure, and resolvers forget the old answer.
const DNS_FAILOVER: Span = (60, 180);

/// What something needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// This part.
    Part(&'static str),
    /// All of these.
    All(Vec<Need>),
    /// One of these, and nobody looks whether it lives: each gets its share of requests, also the dead.
    Blind(Vec<Need>),
    /// One of these; the dead are left out once health checks have seen it. `heals`: lost ones are replaced in that time,
    /// as long as one of the zones stands.
    Checked {
        /// The members.
        of: Vec<Need>,
        /// Whether lost members are replaced, and in what time.
        heals: Option<Span>,
    },
    /// The first, else the second after a time.
    Standby {
        /// Who does it now.
        first: Box<Need>,
        /// Who can take over.
        second: Box<Need>,
        /// In what time.
        within: Span,
    },
    /// The first, else the second after a person has decided so.
    Manual {
        /// Who does it now.
        first: Box<Need>,
        /// Who can be made to do it.
        second: Box<Need>,
    },
    /// Copies in the first; what is in no copy comes from the second.
    Copies {
        /// Where the copies are.
        cache: Box<Need>,
        /// Where they come from.
        origin: Box<Need>,
    },
}

/// What happened to a need: now, after everything automatic is done, and whether a person must do something.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Effect {
    /// The share of requests that is served at once, 0 to 1.
    pub now: f64,
    /// The share after the automatic repairs.
    pub then: f64,
    /// How long these take; `None` when there are none.
    pub within: Option<Span>,
    /// Whether spare strength is gone: the next death hurts more, or the rest carries more load.
    pub thin: bool,
    /// Whether only a person brings it back to what it was.
    pub person: bool,
    /// Whether only what is in a cache is served.
    pub stale: bool,
}

impl Effect {
    const FINE: Self = Self { now: 1.0, then: 1.0, within: None, thin: false, person: false, stale: false };
    const DEAD: Self = Self { now: 0.0, then: 0.0, within: None, thin: false, person: true, stale: false };

    /// Whether nothing at all is noticed or weakened.
    pub fn is_fine(&self) -> bool {
        *self == Self::FINE
    }

    /// What happened to a deed, in words.
    pub fn told(&self, lang: Lang) -> String {
        let percent = |share: f64| format!("{:.0}%", share * 100.0);
        if self.is_fine() {
            return match lang {
                Lang::Ko => "그대로 됩니다".to_owned(),
                Lang::En => "works as before".to_owned(),
            };
        }
        let mut out = match (lang, self.now) {
            (Lang::Ko, now) if now >= 1.0 => "계속 됩니다".to_owned(),
            (Lang::En, now) if now >= 1.0 => "goes on".to_owned(),
            (Lang::Ko, _) if self.stale => "캐시에 있는 것만 됩니다".to_owned(),
            (Lang::En, _) if self.stale => "only what is cached".to_owned(),
            (Lang::Ko, now) if now <= 0.0 => "멈춥니다".to_owned(),
            (Lang::En, now) if now <= 0.0 => "stops".to_owned(),
            (Lang::Ko, now) => format!("요청의 {}만 됩니다", percent(now)),
            (Lang::En, now) => format!("{} of the requests", percent(now)),
        };
        if let Some(span) = self.within.filter(|_| self.then > self.now) {
            let (span, then) = (span_words(span, lang), percent(self.then));
            out.push_str(&match lang {
                Lang::Ko => format!(". {span} 안에 저절로 {then}까지 돌아옵니다"),
                Lang::En => format!("; back to {then} by itself within {span}"),
            });
        }
        if self.person {
            out.push_str(match (lang, self.then >= 1.0) {
                (Lang::Ko, true) => ". 잃은 것은 사람이 채워야 합니다",
                (Lang::En, true) => "; a person must replace what was lost",
                (Lang::Ko, false) => ". 사람이 고쳐야 합니다",
                (Lang::En, false) => "; a person must mend it",
            });
        } else if self.thin {
            out.push_str(match lang {
                Lang::Ko => ". 예비가 줄었습니다",
                Lang::En => "; with less in reserve",
            });
        }
        out
    }

    /// Whether it ends well without a person.
    pub fn heals(&self) -> bool {
        self.then >= 1.0 && !self.person
    }
}

/// A span of seconds in words.
fn span_words((from, to): (u32, u32), lang: Lang) -> String {
    let minutes = from.is_multiple_of(60) && to.is_multiple_of(60);
    let (from, to) = if minutes { (from / 60, to / 60) } else { (from, to) };
    match (lang, minutes) {
        (Lang::Ko, true) => format!("{from}-{to}분"),
        (Lang::Ko, false) => format!("{from}-{to}초"),
        (Lang::En, true) => format!("{from}-{to} min"),
        (Lang::En, false) => format!("{from}-{to} s"),
    }
}

/// The longer of two spans.
fn longer(one: Option<Span>, other: Option<Span>) -> Option<Span> {
    match (one, other) {
        (Some(one), Some(other)) => Some((one.0.max(other.0), one.1.max(other.1))),
        (one, other) => one.or(other),
    }
}

impl Need {
    /// What the death of some parts does to it.
    pub fn effect(&self, dead: &dyn Fn(&str) -> bool) -> Effect {
        match self {
            Self::Part(id) if dead(id) => Effect::DEAD,
            Self::Part(_) => Effect::FINE,
            Self::All(needs) => needs.iter().map(|need| need.effect(dead)).fold(Effect::FINE, |sum, one| Effect {
                now: sum.now * one.now,
                then: sum.then * one.then,
                within: longer(sum.within, one.within),
                thin: sum.thin || one.thin,
                person: sum.person || one.person,
                stale: sum.stale || one.stale,
            }),
            Self::Blind(needs) => Self::blind(needs, dead),
            Self::Checked { of, heals } => Self::checked(of, *heals, dead),
            Self::Standby { first, second, within } => {
                let (first, second) = (first.effect(dead), second.effect(dead));
                match (first.is_fine(), second.is_fine()) {
                    (true, true) => Effect::FINE,
                    // The service makes itself a new standby.
                    (true, false) => Effect { thin: true, ..Effect::FINE },
                    (false, _) if second.then > first.then => Effect {
                        now: first.now,
                        within: longer(Some(*within), second.within),
                        thin: true,
                        person: second.person,
                        ..second
                    },
                    // Both come back: whichever is sooner.
                    (false, true) if first.within.is_some_and(|span| span.1 > within.1) => {
                        Effect { within: Some(*within), ..first }
                    }
                    (false, _) => first,
                }
            }
            Self::Manual { first, second } => {
                let (first, second) = (first.effect(dead), second.effect(dead));
                match (first.is_fine(), second.is_fine()) {
                    (true, true) => Effect::FINE,
                    (true, false) => Effect { thin: true, ..first },
                    (false, _) => Effect { person: first.person || first.then < 1.0, ..first },
                }
            }
            Self::Copies { cache, origin } => {
                let (cache, origin) = (cache.effect(dead), origin.effect(dead));
                if cache.now <= 0.0 {
                    return Effect { person: true, ..cache };
                }
                if origin.now < 1.0 { Effect { stale: true, ..origin } } else { origin }
            }
        }
    }

    /// Nobody looks: the share of the living is served, until a person takes the dead out of DNS.
    fn blind(needs: &[Self], dead: &dyn Fn(&str) -> bool) -> Effect {
        let effects: Vec<Effect> = needs.iter().map(|need| need.effect(dead)).collect();
        if effects.iter().all(Effect::is_fine) {
            return Effect::FINE;
        }
        let count = effects.len().max(1) as f64;
        let mean = |of: fn(&Effect) -> f64| effects.iter().map(of).sum::<f64>() / count;
        let within = effects.iter().fold(None, |sum, one| longer(sum, one.within));
        Effect { now: mean(|e| e.now), then: mean(|e| e.then), within, thin: true, person: true, stale: false }
    }

    fn checked(needs: &[Self], heals: Option<Span>, dead: &dyn Fn(&str) -> bool) -> Effect {
        let effects: Vec<Effect> = needs.iter().map(|need| need.effect(dead)).collect();
        if effects.iter().all(Effect::is_fine) {
            return Effect::FINE;
        }
        let count = effects.len().max(1) as f64;
        let now = effects.iter().map(|one| one.now).sum::<f64>() / count;
        let lost = effects.iter().any(|one| one.then < 1.0 || one.person);
        let spans = effects.iter().map(|one| one.within);
        let members = std::iter::once(Some(HEALTH_CHECK)).chain(spans).reduce(longer).flatten();
        let standing = ZONES.iter().filter(|zone| !dead(zone)).count();
        let heals = heals.filter(|_| standing > 0);
        let stale = false;
        let living = effects.iter().any(|one| one.then >= 1.0);
        if let Some(span) = heals.filter(|_| lost) {
            // While somebody lives, all requests go there as soon as the dead are left out.
            let within = if living { members } else { longer(members, Some(span)) };
            return Effect { now, then: 1.0, within, thin: standing < ZONES.len(), person: false, stale };
        }
        if living {
            return Effect { now, then: 1.0, within: members, thin: true, person: lost, stale };
        }
        Effect { now, ..Effect::DEAD }
    }

    /// Every part that is named in it.
    pub fn parts(&self) -> Vec<&'static str> {
        match self {
            Self::Part(id) => vec![id],
            Self::All(needs) | Self::Blind(needs) | Self::Checked { of: needs, .. } => {
                needs.iter().flat_map(Self::parts).collect()
            }
            Self::Standby { first, second, .. } | Self::Manual { first, second } => {
                first.parts().into_iter().chain(second.parts()).collect()
            }
            Self::Copies { cache, origin } => cache.parts().into_iter().chain(origin.parts()).collect(),
        }
    }
}

/// What can be killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    /// One part.
    Part(&'static str),
    /// An availability zone of Seoul.
    Zone(char),
    /// Seoul.
    Region,
}

/// A stage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    /// 1 to 11.
    pub number: usize,
    /// Its name, Korean and English.
    pub words: (&'static str, &'static str),
    /// Why one goes there, Korean and English.
    pub why: (&'static str, &'static str),
    /// What stands.
    pub parts: Vec<Part>,
    needs: [(Deed, Need); 3],
    /// Where copies of the data are: when all of them are gone at once, the newest data is lost.
    data: Vec<&'static str>,
}

impl Stage {
    /// Whether a victim takes a part with it.
    pub fn dies(victim: Victim, part: &Part) -> bool {
        match victim {
            Victim::Part(id) => part.id == id,
            Victim::Zone(zone) => part.place == Place::Zone(zone),
            Victim::Region => matches!(part.place, Place::Zone(_) | Place::Region),
        }
    }

    /// Everything that can be killed here.
    pub fn victims(&self) -> Vec<Victim> {
        let parts = self.parts.iter().map(|part| Victim::Part(part.id));
        parts.chain([Victim::Zone('a'), Victim::Zone('c'), Victim::Region]).collect()
    }

    /// What the death of some victims does to a deed.
    pub fn effect(&self, deed: Deed, victims: &[Victim]) -> Effect {
        let dead = |id: &str| {
            if let Some(zone) = id.strip_prefix('@') {
                let of = |victim: &Victim| matches!(victim, Victim::Zone(gone) if zone.starts_with(*gone));
                return victims.iter().any(|victim| of(victim) || *victim == Victim::Region);
            }
            let part = self.parts.iter().find(|part| part.id == id);
            part.is_none_or(|part| victims.iter().any(|victim| Self::dies(*victim, part)))
        };
        let need = self.needs.iter().find(|(of, _)| *of == deed);
        need.map_or(Effect::FINE, |(_, need)| need.effect(&dead))
    }

    /// Whether data is lost that is in no backup: every copy died at once.
    pub fn loses_data(&self, victims: &[Victim]) -> bool {
        !self.data.is_empty()
            && self.data.iter().all(|id| {
                let part = self.parts.iter().find(|part| part.id == *id);
                part.is_some_and(|part| victims.iter().any(|victim| Self::dies(*victim, part)))
            })
    }

    /// The parts that the stage before did not have.
    pub fn is_new(&self, part: &Part) -> bool {
        let before = self.number.checked_sub(2).and_then(|at| stages().into_iter().nth(at));
        before.is_some_and(|before| !before.parts.iter().any(|other| other.id == part.id))
    }

    /// A victim in words, Korean and English.
    pub fn called(&self, victim: Victim) -> (String, String) {
        match victim {
            Victim::Part(id) => {
                let words = self.parts.iter().find(|part| part.id == id).map_or(("", ""), |part| part.words);
                (words.0.to_owned(), words.1.to_owned())
            }
            Victim::Zone(zone) => {
                (format!("가용 영역 ap-northeast-2{zone}"), format!("availability zone ap-northeast-2{zone}"))
            }
            Victim::Region => ("서울 리전 전체".to_owned(), "the whole Seoul region".to_owned()),
        }
    }
}

/// A victim's name on the command line: `web-a`, `zone-a`, `region`.
pub fn victim_name(victim: Victim) -> String {
    match victim {
        Victim::Part(id) => id.to_owned(),
        Victim::Zone(zone) => format!("zone-{zone}"),
        Victim::Region => "region".to_owned(),
    }
}

/// Every part of every stage.
const PARTS: [Part; 14] = [
    Part { id: "cdn", words: ("CloudFront", "CloudFront"), tier: Tier::Edge, place: Place::Edge },
    Part { id: "elb-a", words: ("ELB 노드 a", "ELB node a"), tier: Tier::Entry, place: Place::Zone('a') },
    Part { id: "elb-c", words: ("ELB 노드 c", "ELB node c"), tier: Tier::Entry, place: Place::Zone('c') },
    Part { id: "all-in-one", words: ("EC2 (앱+DB)", "EC2 (app+DB)"), tier: Tier::Web, place: Place::Zone('a') },
    Part { id: "web-a", words: ("EC2 앱 a", "EC2 app a"), tier: Tier::Web, place: Place::Zone('a') },
    Part { id: "web-c", words: ("EC2 앱 c", "EC2 app c"), tier: Tier::Web, place: Place::Zone('c') },
    Part { id: "cache", words: ("ElastiCache", "ElastiCache"), tier: Tier::Cache, place: Place::Zone('a') },
    Part { id: "db", words: ("RDS 단일", "RDS single"), tier: Tier::Data, place: Place::Zone('a') },
    Part { id: "db-primary", words: ("RDS 주 DB", "RDS primary"), tier: Tier::Data, place: Place::Zone('a') },
    Part { id: "db-standby", words: ("RDS 대기 DB", "RDS standby"), tier: Tier::Data, place: Place::Zone('c') },
    Part {
        id: "db-replica", words: ("읽기 전용 복제본", "read replica"), tier: Tier::Data, place: Place::Zone('c')
    },
    Part { id: "s3", words: ("S3 버킷", "S3 bucket"), tier: Tier::Static, place: Place::Region },
    Part {
        id: "tokyo",
        words: ("도쿄의 앱 (ELB+EC2)", "app in Tokyo (ELB+EC2)"),
        tier: Tier::Web,
        place: Place::Other,
    },
    Part {
        id: "tokyo-data",
        words: ("도쿄의 S3와 DB 복제본", "S3, DB replica in Tokyo"),
        tier: Tier::Data,
        place: Place::Other,
    },
];

fn part(id: &'static str) -> Need {
    Need::Part(id)
}

fn boxed(need: Need) -> Box<Need> {
    Box::new(need)
}

/// The web tier behind a load balancer.
fn balanced(heals: Option<Span>) -> Need {
    Need::All(vec![
        // A node that fails is taken out of the load balancer's DNS name and replaced.
        Need::Checked { of: vec![part("elb-a"), part("elb-c")], heals: Some(RELAUNCH) },
        Need::Checked { of: vec![part("web-a"), part("web-c")], heals },
    ])
}

fn multi_az() -> Need {
    Need::Standby { first: boxed(part("db-primary")), second: boxed(part("db-standby")), within: FAILOVER }
}

/// Reading: from the cache, the replica, else from the database itself.
fn reads() -> Need {
    Need::Checked { of: vec![part("cache"), part("db-replica"), multi_az()], heals: None }
}

fn make(
    number: usize,
    words: (&'static str, &'static str),
    why: (&'static str, &'static str),
    data: &[&'static str],
    [image, page, order]: [Need; 3],
) -> Stage {
    let named: Vec<&str> = [&image, &page, &order].into_iter().flat_map(Need::parts).collect();
    let parts = PARTS.into_iter().filter(|part| named.contains(&part.id)).collect();
    let needs = [(Deed::Image, image), (Deed::Page, page), (Deed::Order, order)];
    Stage { number, words, why, parts, needs, data: data.to_vec() }
}

/// The eleven stages.
pub fn stages() -> Vec<Stage> {
    let mut stages = alone();
    stages.extend(balanced_stages());
    stages.extend(delivered());
    stages
}

/// Stages 1 to 4: without a load balancer.
fn alone() -> Vec<Stage> {
    let single = part("all-in-one");
    // The second instance runs the application only: the database is in one place.
    let two = Need::All(vec![Need::Blind(vec![part("all-in-one"), part("web-c")]), part("all-in-one")]);
    let pair = || Need::Blind(vec![part("web-a"), part("web-c")]);
    let with = |db: Need| Need::All(vec![pair(), db]);
    vec![
        make(
            1,
            ("EC2 한 대", "One EC2"),
            (
                "가장 쉬운 시작입니다. 모든 것이 한 대에 달려 있습니다.",
                "The easiest way to begin. Everything depends on one machine.",
            ),
            &["all-in-one"],
            [single.clone(), single.clone(), single],
        ),
        make(
            2,
            ("EC2 두 대", "Two EC2"),
            (
                "앱은 둘이지만 DB는 첫 서버 안에 있습니다. 손님은 DNS가 둘에 나눕니다.",
                "The app runs twice, the database in the first only. DNS shares the visitors.",
            ),
            &["all-in-one"],
            [Need::Blind(vec![part("all-in-one"), part("web-c")]), two.clone(), two],
        ),
        make(
            3,
            ("RDS 단일", "RDS single"),
            (
                "DB를 RDS로 옮깁니다. 백업과 패치는 AWS가 합니다.",
                "The database moves to RDS: AWS backs it up and patches it.",
            ),
            &["db"],
            [pair(), with(part("db")), with(part("db"))],
        ),
        make(
            4,
            ("RDS Multi-AZ", "RDS Multi-AZ"),
            ("다른 가용 영역에 동기 복제된 대기 DB를 둡니다.", "A standby in another zone, copied synchronously."),
            &["db-primary", "db-standby"],
            [pair(), with(multi_az()), with(multi_az())],
        ),
    ]
}

/// Stages 5 to 8: behind a load balancer.
fn balanced_stages() -> Vec<Stage> {
    let copies = ["db-primary", "db-standby"];
    let replicas = ["db-primary", "db-standby", "db-replica"];
    let simple = |heals: Option<Span>| Need::All(vec![balanced(heals), multi_az()]);
    let scaled = || balanced(Some(RELAUNCH));
    let read = || Need::All(vec![scaled(), reads()]);
    let write = || Need::All(vec![scaled(), multi_az()]);
    vec![
        make(
            5,
            ("ELB", "ELB"),
            (
                "상태 검사로 멈춘 서버를 빼고, EC2는 프라이빗 서브넷에 숨깁니다.",
                "Health checks leave failed servers out, and EC2 moves into private subnets.",
            ),
            &copies,
            [balanced(None), simple(None), simple(None)],
        ),
        make(
            6,
            ("Auto Scaling", "Auto Scaling"),
            (
                "멈춘 서버를 새로 띄우고, 부하에 따라 수를 바꿉니다.",
                "Lost servers are replaced, and their number follows the load.",
            ),
            &copies,
            [scaled(), write(), write()],
        ),
        make(
            7,
            ("DB 확장", "DB scaling"),
            (
                "서버가 늘면 DB가 막힙니다. 읽기를 복제본과 캐시로 나눕니다.",
                "More servers press the database: reads go to a replica and a cache.",
            ),
            &replicas,
            [scaled(), read(), write()],
        ),
        make(
            8,
            ("정적 파일은 S3", "Static files in S3"),
            (
                "이미지는 EC2를 거치지 않습니다. EC2의 일이 줄어듭니다.",
                "Images no longer pass through EC2, which has less to do.",
            ),
            &replicas,
            [part("s3"), read(), write()],
        ),
    ]
}

/// Stages 9 to 11: near the users.
fn delivered() -> Vec<Stage> {
    let replicas = ["db-primary", "db-standby", "db-replica"];
    let scaled = || balanced(Some(RELAUNCH));
    let read = || Need::All(vec![scaled(), reads()]);
    let write = || Need::All(vec![scaled(), multi_az()]);
    let copied = |origin: Need| Need::Copies { cache: boxed(part("cdn")), origin: boxed(origin) };
    let abroad = || Need::All(vec![part("tokyo"), part("tokyo-data")]);
    let either = |home: Need| Need::Standby { first: boxed(home), second: boxed(abroad()), within: DNS_FAILOVER };
    vec![
        make(
            9,
            ("CloudFront (정적)", "CloudFront (static)"),
            ("이미지의 복사본이 사용자 가까이에 있습니다.", "Copies of the images are near the users."),
            &replicas,
            [copied(part("s3")), read(), write()],
        ),
        make(
            10,
            ("CloudFront (전부)", "CloudFront (all)"),
            (
                "페이지도 CloudFront로 갑니다. 캐시하지 않아도 TLS와 연결이 가까이서 끝납니다.",
                "Pages too: even uncached, TLS and connections end near the users.",
            ),
            &replicas,
            [copied(part("s3")), copied(read()), Need::All(vec![part("cdn"), write()])],
        ),
        make(
            11,
            ("글로벌", "Global"),
            (
                "두 번째 리전이 읽기를 이어받습니다. 쓰기를 옮기는 결정은 사람이 합니다.",
                "A second region takes over reading; moving the writes is a person's decision.",
            ),
            &["db-primary", "db-standby", "db-replica", "tokyo-data"],
            [
                copied(either(part("s3"))),
                copied(either(read())),
                Need::All(vec![part("cdn"), Need::Manual { first: boxed(write()), second: boxed(abroad()) }]),
            ],
        ),
    ]
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

    use proptest::prelude::*;

    use super::*;

    fn effect(stage: usize, deed: Deed, victim: Victim) -> Effect {
        stages()[stage - 1].effect(deed, &[victim])
    }

    #[test]
    fn there_are_eleven_stages_and_nothing_dead_is_fine() {
        let stages = stages();
        assert_eq!(stages.iter().map(|stage| stage.number).collect::<Vec<_>>(), (1..=11).collect::<Vec<_>>());
        for stage in &stages {
            for deed in Deed::ALL {
                assert!(stage.effect(deed, &[]).is_fine(), "{} {deed:?}", stage.number);
            }
            let every: Vec<Victim> = stage.parts.iter().map(|part| Victim::Part(part.id)).collect();
            assert!(stage.effect(Deed::Order, &every).now <= 0.0 && stage.loses_data(&every));
        }
    }

    #[test]
    fn two_instances_are_not_enough_while_the_database_is_in_one() {
        assert!(effect(2, Deed::Page, Victim::Part("all-in-one")).now <= 0.0);
        let other = effect(2, Deed::Page, Victim::Part("web-c"));
        assert!((other.now - 0.5).abs() < 1e-9 && other.person, "half of the requests go to the dead one");
    }

    #[test]
    fn a_database_alone_waits_for_a_person_and_a_standby_takes_over() {
        let single = effect(3, Deed::Order, Victim::Part("db"));
        assert!(single.then <= 0.0 && single.person);
        assert!(stages()[2].loses_data(&[Victim::Part("db")]));
        let multi = effect(4, Deed::Order, Victim::Part("db-primary"));
        assert!(multi.now <= 0.0 && multi.heals() && multi.within == Some(FAILOVER) && multi.thin);
        assert!(!stages()[3].loses_data(&[Victim::Zone('a')]));
        assert!(effect(4, Deed::Order, Victim::Part("db-standby")).now >= 1.0);
    }

    #[test]
    fn a_balancer_leaves_the_dead_out_and_auto_scaling_replaces_them() {
        let balanced = effect(5, Deed::Image, Victim::Part("web-a"));
        assert!(balanced.then >= 1.0 && balanced.person && balanced.thin);
        let scaled = effect(6, Deed::Image, Victim::Part("web-a"));
        assert!(scaled.heals() && !scaled.thin);
        assert!(effect(6, Deed::Order, Victim::Zone('a')).heals());
    }

    #[test]
    fn each_kind_of_serving_outlives_what_it_should() {
        // Reads survive the replica; writes do not need it.
        assert!(effect(7, Deed::Page, Victim::Part("db-replica")).then >= 1.0);
        assert!(effect(7, Deed::Order, Victim::Part("db-replica")).is_fine());
        // S3 is not in a zone.
        assert!(effect(8, Deed::Image, Victim::Zone('a')).is_fine());
        let copies = effect(9, Deed::Image, Victim::Part("s3"));
        assert!(copies.stale, "what the edge has");
        assert!(!effect(9, Deed::Page, Victim::Part("s3")).stale);
        // A region's end.
        assert!(effect(10, Deed::Order, Victim::Region).then <= 0.0);
        assert!(effect(11, Deed::Page, Victim::Region).then >= 1.0);
        let order = effect(11, Deed::Order, Victim::Region);
        assert!(order.then <= 0.0 && order.person && !stages()[10].loses_data(&[Victim::Region]));
    }

    proptest! {
        /// More deaths never serve more.
        #[test]
        fn deaths_only_hurt(stage in 0usize..11, picks in prop::collection::vec(0usize..20, 1..4)) {
            let stage = stages().remove(stage);
            let all = stage.victims();
            let victims: Vec<Victim> = picks.iter().map(|pick| all[pick % all.len()]).collect();
            for deed in Deed::ALL {
                let (few, many) = (stage.effect(deed, &victims[1..]), stage.effect(deed, &victims));
                prop_assert!(many.now <= few.now + 1e-9, "{deed:?} {victims:?}");
                prop_assert!(many.then <= few.then + 1e-9, "{deed:?} {victims:?}");
                prop_assert!(many.then + 1e-9 >= many.now, "{deed:?} {victims:?}: {many:?}");
            }
        }
    }
}
