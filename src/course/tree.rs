//! The course files as read: every value with its place, nothing resolved yet.
//!
//! [`super::resolve`] turns a tree into a [`super::model::Course`]; [`super::lint`] looks at its texts.

use super::fault::{At, Faults};
use super::model::{ChapterKind, Event, Picture, Reach, Requirement, Role, StepKind};
use super::prose::{self, Page};
use super::questions::{self, Asked};
use super::source::{FileId, Folder, Library, number_of};
use super::table::{Table, TextAt, ValueAt};

/// A page that a check asks for.
#[derive(Debug)]
pub(super) struct Http {
    pub balancer: At<String>,
    pub tls: bool,
    pub port: u16,
    pub path: String,
    pub status: u16,
    pub location: Option<String>,
    pub host: Option<String>,
}

/// A whole course.
#[derive(Debug)]
pub(super) struct Tree {
    pub title: TextAt,
    pub terms: Vec<Term>,
    pub chapters: Vec<Chapter>,
}

/// A word of the glossary.
#[derive(Debug)]
pub(super) struct Term {
    pub id: At<String>,
    pub word: TextAt,
    pub meaning: TextAt,
    /// Words that must not be used for it, Korean and English.
    pub avoid: [Vec<At<String>>; 2],
}

/// A chapter.
#[derive(Debug)]
pub(super) struct Chapter {
    /// The folder's name.
    pub folder: String,
    pub id: At<String>,
    pub number: u32,
    pub kind: ChapterKind,
    pub sections: Vec<Section>,
    /// Korean and English pages.
    pub pages: [Vec<Page>; 2],
    /// Where a missing page would be: the heads of both files.
    pub guides: [FileId; 2],
}

/// A section.
#[derive(Debug)]
pub(super) struct Section {
    pub id: At<String>,
    pub steps: Vec<Step>,
}

/// A step.
#[derive(Debug)]
pub(super) struct Step {
    pub only_with: Option<Requirement>,
    pub id: At<String>,
    pub kind: StepKind,
    pub picture: Option<Picture>,
    pub needs: Vec<At<String>>,
    pub resources: Vec<Resource>,
    pub amends: Vec<Amend>,
    pub retires: Vec<Retire>,
    pub drill: Option<Drill>,
    pub checks: Vec<Check>,
    pub questions: Vec<Asked>,
}

/// What a step changes of an earlier one's resource.
#[derive(Debug)]
pub(super) struct Amend {
    /// `kind name`.
    pub of: At<String>,
    pub fields: Vec<(At<String>, ValueAt)>,
}

/// What a step takes away.
#[derive(Debug)]
pub(super) struct Retire {
    /// `kind name`.
    pub of: At<String>,
    /// `kind name`.
    pub successor: At<String>,
}

/// What load a step puts where.
#[derive(Debug)]
pub(super) struct Drill {
    pub group: At<String>,
    pub policy: At<String>,
    /// `None` takes the load off.
    pub minutes: Option<u32>,
}

/// A declared resource.
#[derive(Debug)]
pub(super) struct Resource {
    pub only_with: Option<Requirement>,
    pub here: At<()>,
    pub kind: At<String>,
    pub name: At<String>,
    pub role: Role,
    pub fields: Vec<(At<String>, ValueAt)>,
}

/// A named condition.
#[derive(Debug)]
pub(super) struct Check {
    pub only_with: Option<Requirement>,
    pub id: At<String>,
    pub title: TextAt,
    pub failure: TextAt,
    pub mend: TextAt,
    pub condition: At<Condition>,
}

/// What a named condition looks at, by the names written in the file.
#[derive(Debug)]
pub(super) enum Condition {
    Exists(Vec<At<String>>),
    Ready(Vec<At<String>>),
    Match { of: Vec<At<String>>, fields: Vec<At<String>> },
    Only(Vec<At<String>>),
    Reach { from: At<String>, to: At<String>, via: Option<At<String>>, reach: Reach },
    Gone(Vec<At<String>>),
    Http(Http),
    Subscribed(At<String>),
    Answers { host: At<String>, ports: Vec<u16> },
    Saw { group: At<String>, policy: At<String>, event: Event },
}

/// Reads all files; every fault is collected, and what can be read is returned.
pub(super) fn read(library: &Library, faults: &Faults) -> Option<Tree> {
    let title = with_table(library, library.course, faults, |table| {
        table.only(&["title"]);
        table.bilingual("title")
    });
    let terms = with_table(library, library.glossary, faults, |table| {
        table.only(&["term"]);
        Some(table.tables("term").iter().filter_map(read_term).collect::<Vec<_>>())
    });
    let chapters = read_chapters(library, faults);
    Some(Tree { title: title??, terms: terms??, chapters })
}

pub(super) fn with_table<T>(
    library: &Library,
    file: FileId,
    faults: &Faults,
    read: impl FnOnce(&Table<'_>) -> T,
) -> Option<T> {
    let text = &library.files.get(file)?.text;
    let (parsed, errors) = toml::de::DeTable::parse_recoverable(text);
    let broken = !errors.is_empty();
    for error in errors {
        let message = error.message().to_owned();
        let at = At::new((), file, error.span().unwrap_or(0..0));
        faults.add(
            at.fault("TOML 문법에 맞지 않습니다", "this is not TOML")
                .label(message.clone(), message)
                .hint("따옴표, 괄호, `=`를 확인해 주세요", "check quotes, brackets and `=`"),
        );
    }
    // What follows from a broken file would only repeat its fault.
    if broken { None } else { Some(read(&Table::root(file, &parsed, faults))) }
}

/// Reads every chapter on a thread of its own: the first screen waits for all of them.
fn read_chapters(library: &Library, faults: &Faults) -> Vec<Chapter> {
    std::thread::scope(|scope| {
        let readers: Vec<_> =
            library.folders.iter().map(|folder| scope.spawn(|| read_chapter(library, folder, faults))).collect();
        readers
            .into_iter()
            .filter_map(|reader| reader.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
            .collect()
    })
}

fn read_term(table: &Table<'_>) -> Option<Term> {
    table.only(&["id", "word", "meaning", "avoid"]);
    let (id, word, meaning) = (table.text("id"), table.bilingual("word"), table.bilingual("meaning"));
    let avoid = table.table("avoid").map(|avoid| {
        avoid.only(&["ko", "en"]);
        [avoid.texts("ko"), avoid.texts("en")]
    });
    Some(Term { id: id?, word: word?, meaning: meaning?, avoid: avoid.unwrap_or_default() })
}

fn read_chapter(library: &Library, folder: &Folder, faults: &Faults) -> Option<Chapter> {
    let pages = folder.guides.map(|file| {
        let text = library.files.get(file).map_or("", |file| file.text.as_ref());
        prose::read(file, text, faults)
    });
    with_table(library, folder.chapter, faults, |table| {
        table.only(&["id", "number", "kind", "section"]);
        let id = table.text("id");
        let number = table.int("number");
        let kind = word(table, faults, "kind", &[("concept", ChapterKind::Concept), ("lab", ChapterKind::Lab)]);
        let sections = table.tables("section").iter().filter_map(|section| read_section(section, faults)).collect();
        let number = number?;
        let named = number_of(&folder.name);
        if named.map(i64::from) != Some(number.value) {
            let (name, number_text) = (&folder.name, number.value);
            faults.add(
                number
                    .fault(
                        format!("폴더 이름 `{name}`과 장 번호 {number_text}가 다릅니다"),
                        format!("the folder `{name}` does not have the chapter's number {number_text}"),
                    )
                    .hint(
                        "폴더 이름은 `03-vpc`처럼 두 자리 번호로 시작합니다",
                        "a folder's name begins with the number in two digits: `03-vpc`",
                    ),
            );
        }
        let number = u32::try_from(number.value).ok()?;
        Some(Chapter {
            folder: folder.name.clone(),
            id: id?,
            number,
            kind: kind?,
            sections,
            pages,
            guides: folder.guides,
        })
    })?
}

fn read_section(table: &Table<'_>, faults: &Faults) -> Option<Section> {
    table.only(&["id", "step"]);
    let id = table.text("id");
    let steps = table.tables("step").iter().filter_map(|step| read_step(step, faults)).collect();
    Some(Section { id: id?, steps })
}

fn read_step(table: &Table<'_>, faults: &Faults) -> Option<Step> {
    table.only(&[
        "id",
        "kind",
        "needs",
        "only_with",
        "picture",
        "resource",
        "amend",
        "retire",
        "drill",
        "check",
        "question",
    ]);
    let id = table.text("id");
    let kinds = [
        ("read", StepKind::Read),
        ("build", StepKind::Build),
        ("try", StepKind::Try),
        ("manual", StepKind::Manual),
        ("drill", StepKind::Drill),
    ];
    let kind = word(table, faults, "kind", &kinds);
    let picture = table.key("picture").and_then(|_| word(table, faults, "picture", &Picture::ALL));
    let resources = table.tables("resource").iter().filter_map(|resource| read_resource(resource, faults)).collect();
    let checks = table.tables("check").iter().filter_map(|check| read_check(check, faults)).collect();
    let amends = table.tables("amend").iter().filter_map(read_amend).collect();
    let retires = table.tables("retire").iter().filter_map(read_retire).collect();
    let drill = table.table("drill").and_then(|drill| read_drill(&drill, faults));
    if kind == Some(StepKind::Drill) && table.key("drill").is_none() {
        faults.add(
            table.here().fault("drill 단계에 `drill` 항목이 없습니다", "a drill step needs a field `drill`").hint(
                "`drill = { group = .., policy = .., load = \"start\", minutes = 15 }`을 더해 주세요",
                "add `drill = { group = .., policy = .., load = \"start\", minutes = 15 }`",
            ),
        );
    }
    let needs = table.texts("needs");
    let questions = questions::read(table, faults);
    let only_with = read_only_with(table, faults);
    Some(Step { only_with, id: id?, kind: kind?, needs, picture, resources, amends, retires, drill, checks, questions })
}

/// What the learner needs for a step, a resource or a check.
pub(super) fn read_only_with(table: &Table<'_>, faults: &Faults) -> Option<Requirement> {
    table.key("only_with").and_then(|_| word(table, faults, "only_with", &Requirement::ALL))
}

fn read_amend(table: &Table<'_>) -> Option<Amend> {
    let of = table.text("resource");
    let fields = table.keys_but(&["resource"]).filter_map(|key| table.value(&key.value).map(|value| (key, value)));
    let fields = fields.collect();
    Some(Amend { of: of?, fields })
}

fn read_retire(table: &Table<'_>) -> Option<Retire> {
    table.only(&["resource", "successor"]);
    let (of, successor) = (table.text("resource"), table.text("successor"));
    Some(Retire { of: of?, successor: successor? })
}

/// The longest that a load may run, in minutes: nobody forgets it for ever.
const LONGEST: i64 = 60;

fn read_drill(table: &Table<'_>, faults: &Faults) -> Option<Drill> {
    table.only(&["group", "policy", "load", "minutes"]);
    let (group, policy) = (table.text("group"), table.text("policy"));
    let starts = word(table, faults, "load", &[("start", true), ("stop", false)])?;
    let minutes = if starts {
        let minutes = table.int("minutes")?;
        if !(1..=LONGEST).contains(&minutes.value) {
            faults.add(minutes.fault(
                format!("부하는 1분에서 {LONGEST}분까지입니다"),
                format!("a load runs for 1 to {LONGEST} minutes"),
            ));
            return None;
        }
        u32::try_from(minutes.value).ok()
    } else {
        None
    };
    Some(Drill { group: group?, policy: policy?, minutes })
}

pub(super) fn read_resource(table: &Table<'_>, faults: &Faults) -> Option<Resource> {
    let (kind, name) = (table.text("kind"), table.text("name"));
    let role = match table.key("region") {
        Some(_) => word(table, faults, "region", &[("home", Role::Home), ("peer", Role::Peer)])?,
        None => Role::Home,
    };
    let fields = table
        .keys_but(&["kind", "name", "region", "only_with"])
        .filter_map(|key| {
            let value = table.value(&key.value)?;
            Some((key, value))
        })
        .collect();
    let only_with = read_only_with(table, faults);
    Some(Resource { only_with, here: table.here(), kind: kind?, name: name?, role, fields })
}

/// The keys that say what a check looks at.
const CONDITIONS: [&str; 10] =
    ["exists", "ready", "match", "only", "reach", "gone", "saw", "http", "subscribed", "answers"];

fn read_check(table: &Table<'_>, faults: &Faults) -> Option<Check> {
    table.only(&[&["id", "only_with", "title", "failure", "mend"][..], &CONDITIONS].concat());
    let id = table.text("id");
    let (title, failure, mend) = (table.bilingual("title"), table.bilingual("failure"), table.bilingual("mend"));
    let mut given = CONDITIONS.iter().filter_map(|name| table.key(name).map(|key| (*name, key)));
    let Some((name, key)) = given.next() else {
        faults.add(
            table
                .here()
                .fault("이 확인은 무엇을 보는지 쓰지 않았습니다", "this check does not say what it looks at")
                .hint(
                    format!("{} 가운데 하나를 써 주세요", CONDITIONS.map(|word| format!("`{word}`")).join(", ")),
                    format!("give one of {}", CONDITIONS.map(|word| format!("`{word}`")).join(", ")),
                ),
        );
        return None;
    };
    if let Some((second, at)) = given.next() {
        faults.add(
            at.fault(
                format!("확인 하나에 `{name}`와 `{second}`를 함께 쓸 수 없습니다"),
                format!("one check cannot have both `{name}` and `{second}`"),
            )
            .also(&key, "먼저 쓴 조건", "the first one")
            .hint("확인을 둘로 나눠 주세요", "make two checks of it"),
        );
        return None;
    }
    let some = |names: Vec<At<String>>| {
        if names.is_empty() {
            faults.add(
                key.fault("이 확인은 아무 리소스도 보지 않습니다", "this check looks at no resource")
                    .label("늘 통과합니다", "it would always pass")
                    .hint("`종류 이름`을 하나 이상 써 주세요", "name at least one resource as `kind name`"),
            );
            return None;
        }
        Some(names)
    };
    let condition = match name {
        "exists" => some(table.texts(name)).map(Condition::Exists),
        "ready" => some(table.texts(name)).map(Condition::Ready),
        "only" => some(table.texts(name)).map(Condition::Only),
        "gone" => some(table.texts(name)).map(Condition::Gone),
        "saw" => table.table(name).and_then(|inner| {
            inner.only(&["group", "policy", "event"]);
            let (group, policy) = (inner.text("group"), inner.text("policy"));
            let event = word(&inner, faults, "event", &Event::ALL);
            Some(Condition::Saw { group: group?, policy: policy?, event: event? })
        }),
        "match" => table.table(name).and_then(|inner| {
            inner.only(&["of", "fields"]);
            some(inner.texts("of")).map(|of| Condition::Match { of, fields: inner.texts("fields") })
        }),
        "subscribed" => table.text(name).map(Condition::Subscribed),
        "answers" => table.table(name).and_then(|inner| read_answers(&inner, faults)),
        "http" => table.table(name).and_then(|inner| read_http(&inner, faults)),
        _ => table.table(name).and_then(|inner| read_reach(&inner, faults)),
    };
    let only_with = read_only_with(table, faults);
    Some(Check { only_with, id: id?, title: title?, failure: failure?, mend: mend?, condition: key.with(condition?) })
}

fn read_reach(table: &Table<'_>, faults: &Faults) -> Option<Condition> {
    table.only(&["from", "to", "protocol", "port", "via", "arrives"]);
    let (from, to, via) = (table.text("from"), table.text("to"), table.text_opt("via"));
    let protocol = word(table, faults, "protocol", &[("tcp", "tcp"), ("udp", "udp"), ("icmp", "icmp")])?;
    let port = if protocol == "icmp" { 0 } else { read_port(table, faults)? };
    let (from, to) = (from?, to?);
    let reach = Reach {
        from: from.value.clone(),
        to: to.value.clone(),
        protocol: protocol.to_owned(),
        port,
        via: via.as_ref().map(|via| via.value.clone()),
        arrives: table.bool_opt("arrives").unwrap_or(true),
    };
    Some(Condition::Reach { from, to, via, reach })
}

fn read_port(table: &Table<'_>, faults: &Faults) -> Option<u16> {
    let port = table.int("port")?;
    let number = u16::try_from(port.value).ok().filter(|number| *number > 0);
    if number.is_none() {
        faults.add(
            port.fault("포트는 1에서 65535까지입니다", "a port is 1 to 65535")
                .hint("예: `port = 443`", "such as `port = 443`"),
        );
    }
    number
}

fn read_answers(table: &Table<'_>, faults: &Faults) -> Option<Condition> {
    table.only(&["host", "ports"]);
    let (host, ports) = (table.text("host"), table.ints("ports"));
    let numbers: Vec<u16> =
        ports.iter().filter_map(|port| u16::try_from(port.value).ok().filter(|number| *number > 0)).collect();
    for port in ports.iter().filter(|port| !(1..=65_535).contains(&port.value)) {
        faults.add(
            port.fault("포트는 1에서 65535까지입니다", "a port is 1 to 65535")
                .hint("예: `port = 443`", "such as `port = 443`"),
        );
    }
    if ports.is_empty() {
        faults.add(
            table
                .here()
                .fault("`ports`에 포트를 하나 이상 써 주세요", "give at least one port in `ports`")
                .hint("예: `ports = [443]`", "such as `ports = [443]`"),
        );
        return None;
    }
    Some(Condition::Answers { host: host?, ports: numbers })
}

fn read_http(table: &Table<'_>, faults: &Faults) -> Option<Condition> {
    table.only(&["balancer", "scheme", "port", "path", "status", "location", "host"]);
    let (balancer, path, status) = (table.text("balancer"), table.text("path"), table.int("status"));
    let tls = match table.key("scheme") {
        Some(_) => word(table, faults, "scheme", &[("http", false), ("https", true)])?,
        None => false,
    };
    let port = match table.key("port") {
        Some(_) => read_port(table, faults)?,
        None if tls => 443,
        None => 80,
    };
    let (balancer, path, status) = (balancer?, path?, status?);
    if !path.value.starts_with('/') {
        faults.add(
            path.fault("경로는 `/`로 시작합니다", "a path begins with `/`")
                .hint("예: `path = \"/\"`", "such as `path = \"/\"`"),
        );
        return None;
    }
    let Some(number) = u16::try_from(status.value).ok().filter(|number| (100..600).contains(number)) else {
        faults.add(
            status
                .fault("HTTP 상태는 100에서 599까지입니다", "an HTTP status is 100 to 599")
                .hint("예: `status = 200`", "such as `status = 200`"),
        );
        return None;
    };
    let location = table.text_opt("location");
    if let Some(location) = location.as_ref().filter(|_| !(300..400).contains(&number)) {
        faults.add(
            location
                .fault("`location`은 리디렉션에만 있습니다", "only a redirect has a `location`")
                .hint("`status = 301`로 쓰거나 이 항목을 지우세요", "write `status = 301`, or delete this"),
        );
        return None;
    }
    let location = location.map(|location| location.value);
    let host = table.text_opt("host");
    if let Some(host) = host.as_ref().filter(|host| !host.value.contains('.') || host.value.contains(['/', ':'])) {
        faults.add(
            host.fault("`host`는 도메인의 이름입니다", "`host` is a name of a domain")
                .hint("예: `host = \"app.{domain}\"`", "such as `host = \"app.{domain}\"`"),
        );
        return None;
    }
    let host = host.map(|host| host.value);
    Some(Condition::Http(Http { balancer, tls, port, path: path.value, status: number, location, host }))
}

pub(super) fn word<T: Copy>(table: &Table<'_>, faults: &Faults, name: &str, words: &[(&str, T)]) -> Option<T> {
    let text = table.text(name)?;
    let found = words.iter().find(|(word, _)| *word == text.value).map(|(_, value)| *value);
    if found.is_none() {
        faults.add(
            text.fault(
                format!("`{name}`에 쓸 수 없는 값입니다: `{}`", text.value),
                format!("`{}` is not a known `{name}`", text.value),
            )
            .known(&text.value, words.iter().map(|(word, _)| *word)),
        );
    }
    found
}
