//! What a course is, once its files are read: chapters, sections, steps, declared resources, named checks.
//!
//! These types hold no behaviour of AWS; a declared field is only a value with a place in a file.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::i18n::Text;

use super::quiz::Question;

/// Which of the course's two regions a resource lives in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Seoul, unless `--region` says otherwise.
    #[default]
    Home,
    /// Tokyo, unless `--peer-region` says otherwise.
    Peer,
}

/// The identity of a resource in the course: its kind, its exact name and its region role.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Key {
    /// The kind's name, as in the course files: `nat-gateway`.
    pub kind: String,
    /// The exact course name: `my-natgateway`.
    pub name: String,
    /// The region role.
    pub role: Role,
}

impl Key {
    /// A key in the home region.
    pub fn home(kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind: kind.into(), name: name.into(), role: Role::Home }
    }
}

impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.kind, self.name)
    }
}

/// A value of a declared or an observed field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A string; for a reference field of a declaration, the name of the other resource.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A small table, such as one rule.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// The string, when it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, when it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The truth value, when it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(truth) => Some(*truth),
            _ => None,
        }
    }

    /// The items, when it is a list; nothing otherwise.
    pub fn items(&self) -> &[Value] {
        match self {
            Self::List(items) => items,
            _ => &[],
        }
    }

    /// The member of a table.
    pub fn member(&self, name: &str) -> Option<&Value> {
        match self {
            Self::Map(map) => map.get(name),
            _ => None,
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Int(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::List(items) => {
                for (at, item) in items.iter().enumerate() {
                    if at > 0 {
                        f.write_str(", ")?;
                    }
                    write!(f, "{item}")?;
                }
                Ok(())
            }
            Self::Map(map) => {
                for (at, (name, value)) in map.iter().enumerate() {
                    if at > 0 {
                        f.write_str(" ")?;
                    }
                    write!(f, "{name}={value}")?;
                }
                Ok(())
            }
        }
    }
}

/// The fields of a resource, by name.
pub type Fields = BTreeMap<String, Value>;

/// A place in a course file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Place {
    /// The file, relative to `labs/`.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// A whole course.
#[derive(Debug, Clone, Default)]
pub struct Course {
    /// The course's title.
    pub title: Text,
    /// Its chapters, in the order of their numbers. Only those that exist.
    pub chapters: Vec<Chapter>,
    /// Words that are explained once and used everywhere.
    pub glossary: Vec<Term>,
}

/// A word of the glossary.
#[derive(Debug, Clone)]
pub struct Term {
    /// The identifier: `nat-gateway`.
    pub id: String,
    /// The word in both languages.
    pub word: Text,
    /// One or two sentences.
    pub meaning: Text,
}

/// What a chapter consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChapterKind {
    /// Pages, pictures and quizzes.
    Concept,
    /// Steps that build something.
    Lab,
}

/// A chapter.
#[derive(Debug, Clone)]
pub struct Chapter {
    /// `vpc`.
    pub id: String,
    /// 3.
    pub number: u32,
    /// Its title.
    pub title: Text,
    /// One or two sentences for the chapter's page.
    pub summary: Text,
    /// Concept or lab.
    pub kind: ChapterKind,
    /// Its sections.
    pub sections: Vec<Section>,
}

/// A section of a chapter.
#[derive(Debug, Clone)]
pub struct Section {
    /// `vpc.network`.
    pub id: String,
    /// `3.2`.
    pub number: String,
    /// Its title.
    pub title: Text,
    /// Its steps.
    pub steps: Vec<Step>,
}

/// What a learner does in a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StepKind {
    /// Read it, and look at the picture.
    Read,
    /// Build the declared resources.
    Build,
    /// Use what stands (connect, ping) and prove that it works.
    Try,
    /// Only a person can do it.
    Manual,
    /// Put load on a group, or take it off, and watch what happens.
    Drill,
}

/// What a learner may have or not have, and what some steps are only for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requirement {
    /// A registered domain with its hosted zone.
    Domain,
}

impl Requirement {
    /// Every requirement with its name in `chapter.toml`.
    pub const ALL: [(&'static str, Self); 1] = [("domain", Self::Domain)];
}

/// A step.
#[derive(Debug, Clone)]
pub struct Step {
    /// `vpc.network.nat`.
    pub id: String,
    /// `3.2.5`.
    pub number: String,
    /// Its title.
    pub title: Text,
    /// What the learner does.
    pub kind: StepKind,
    /// What and why, with the mistake people make. Markdown.
    pub guide: Text,
    /// The way through the AWS console. Markdown; a hint, never required.
    pub console: Text,
    /// Three hints, each more open than the one before; the last does the step.
    pub hints: Vec<Text>,
    /// The resources that the step makes, in the file's order.
    pub resources: Vec<Declaration>,
    /// What it changes of resources that earlier steps declare, from here on.
    pub amends: Vec<Amend>,
    /// What it takes away of what earlier steps declare.
    pub retires: Vec<Retire>,
    /// What load it puts where, when it is a drill.
    pub drill: Option<Drill>,
    /// Its named conditions.
    pub checks: Vec<Check>,
    /// Steps that must be done before, beyond what references imply.
    pub needs: Vec<String>,
    /// The picture that the learner can operate, when it has one.
    pub picture: Option<Picture>,
    /// For each value that could have been chosen otherwise: what else, when, and what it would cost or break. A
    /// Markdown list. May be empty.
    pub why: Text,
    /// What is asked at the end of the page.
    pub questions: Vec<Question>,
    /// Where the notes differ from the truth, in one line. May be empty.
    pub correction: Text,
    /// What the learner needs for it.
    pub only_with: Option<Requirement>,
    /// Why the whole step is left out for this learner; see [`Course::tailored`].
    pub left_out: Option<Requirement>,
    /// The resources that are left out for this learner.
    pub without: Vec<Key>,
    /// Where the step is declared.
    pub place: Place,
}

/// A picture that a learner can operate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// Five scaling policies answer one load.
    Policies,
    /// The life of an instance in a group.
    Lifecycle,
    /// A block of addresses, bit by bit.
    Cidr,
    /// Subnets planned in a VPC.
    Subnets,
    /// A packet through a network ACL and a security group.
    Packet,
    /// What happens after a URL is typed.
    Url,
    /// A TLS handshake, message by message.
    Tls,
    /// An infrastructure that grows.
    Evolution,
    /// How long a transfer takes.
    Transfer,
    /// Which names can be changed.
    Naming,
    /// The six pillars.
    Pillars,
}

impl Picture {
    /// Every picture with its name in `chapter.toml`.
    pub const ALL: [(&'static str, Self); 11] = [
        ("policy-player", Self::Policies),
        ("lifecycle-player", Self::Lifecycle),
        ("cidr-calculator", Self::Cidr),
        ("subnet-planner", Self::Subnets),
        ("packet-player", Self::Packet),
        ("url-player", Self::Url),
        ("tls-player", Self::Tls),
        ("evolution-player", Self::Evolution),
        ("transfer-calculator", Self::Transfer),
        ("naming-picker", Self::Naming),
        ("pillar-explorer", Self::Pillars),
    ];
}

/// A resource that a step declares.
#[derive(Debug, Clone)]
pub struct Declaration {
    /// Kind, name and role.
    pub key: Key,
    /// Its fields as written. A reference is the name of the other resource.
    pub fields: Fields,
    /// What the learner needs for it.
    pub only_with: Option<Requirement>,
    /// Where it is declared.
    pub place: Place,
}

/// Fields of an earlier step's resource that are others from this step on.
#[derive(Debug, Clone)]
pub struct Amend {
    /// The resource.
    pub key: Key,
    /// The fields, as written.
    pub fields: Fields,
}

/// An earlier step's resource that this step takes away.
#[derive(Debug, Clone)]
pub struct Retire {
    /// The resource.
    pub key: Key,
    /// What does its work from here on: once it stands, nobody misses the retired one.
    pub successor: Key,
}

/// Load that a step puts on a group, or takes off it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drill {
    /// The Auto Scaling group.
    pub group: Key,
    /// Its policy, whose alarms are watched.
    pub policy: Key,
    /// For how many minutes the load runs at most; `None` takes it off.
    pub minutes: Option<u32>,
}

/// What may have happened to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The policy's high alarm went off.
    AlarmHigh,
    /// The policy raised the desired capacity.
    ScaleOut,
    /// After that a further instance is in service and healthy.
    SecondHealthy,
    /// The policy lowered the desired capacity again.
    ScaleIn,
}

impl Event {
    /// Every event with its name in `chapter.toml`.
    pub const ALL: [(&'static str, Self); 4] = [
        ("alarm-high", Self::AlarmHigh),
        ("scale-out", Self::ScaleOut),
        ("second-healthy", Self::SecondHealthy),
        ("scale-in", Self::ScaleIn),
    ];
}

/// A named condition of a step.
#[derive(Debug, Clone)]
pub struct Check {
    /// Unique within the step: `nat-in-public-subnet`.
    pub id: String,
    /// What must hold, as a statement.
    pub title: Text,
    /// What is looked at.
    pub condition: Condition,
    /// What is said when it does not hold. Slots: `{name}`, `{field}`, `{found}`, `{wanted}`, `{id}`, as far as
    /// [`Condition::slots`] has them.
    pub failure: Text,
    /// How to mend it. Same slots.
    pub mend: Text,
    /// What the learner needs for it.
    pub only_with: Option<Requirement>,
    /// Where it is declared.
    pub place: Place,
}

/// What a named condition looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// The resources exist.
    Exists(Vec<Key>),
    /// The resources exist and are in their ready state.
    Ready(Vec<Key>),
    /// The named fields of the resources are as declared.
    Match {
        /// The resources.
        keys: Vec<Key>,
        /// Their fields; empty means all that are declared.
        fields: Vec<String>,
    },
    /// The resource has nothing beyond what the course declares (rules of a group, routes of a table).
    Only(Vec<Key>),
    /// A packet gets there and its reply comes back.
    Reach(Reach),
    /// Asking a load balancer for a page, from the learner's own computer, gives the wanted answer.
    Http(Http),
    /// The account may launch from this image of the Marketplace: a person has accepted the terms of its product.
    Subscribed(Key),
    /// These TCP ports of an instance with a public address answer HTTPS, from the learner's computer.
    Answers {
        /// The instance.
        host: Key,
        /// The ports.
        ports: Vec<u16>,
    },
    /// The resources, which the step retires, are not there any more, and their successors are.
    Gone(Vec<Key>),
    /// Something happened to a group, now or earlier.
    Saw {
        /// The Auto Scaling group.
        group: Key,
        /// The policy that did it.
        policy: Key,
        /// What happened.
        event: Event,
    },
}

impl Condition {
    /// The slots that a failure or mend text may use, and what fills them. With several resources, the texts are
    /// said once for each that is wrong.
    ///
    /// - `exists`: `{name}` is the missing resource.
    /// - `ready`: `{name}`, `{id}`; `{found}` is its state (AWS's word; empty when it is missing).
    /// - `match`: `{name}`, `{id}`, `{field}` in the reader's words, `{found}`, `{wanted}`.
    /// - `only`: `{name}`, `{id}`; `{found}` is what is there beyond the course.
    /// - `gone`: `{name}`, `{id}`; `{found}` is its state.
    /// - `saw`: `{found}` is what is there now (alarms, instances).
    /// - `http`: `{url}` is what was asked for; `{found}` is what came of it, why, and the mend.
    /// - `subscribed`: `{name}`; `{url}` is where the terms are accepted, `{found}` why it is not known to be done.
    /// - `answers`: `{name}`, `{url}` of the first port; `{found}` is which ports do not answer, and how.
    /// - `reach`: `{found}` is what decided the packet's fate (the rule, the missing route), in the reader's words.
    pub const fn slots(&self) -> &'static [&'static str] {
        match self {
            Self::Exists(_) => &["name"],
            Self::Ready(_) => &["name", "id", "found"],
            Self::Match { .. } => &["name", "id", "field", "found", "wanted"],
            Self::Only(_) => &["name", "id", "found"],
            Self::Gone(_) => &["name", "id", "found"],
            Self::Http(_) => &["url", "found"],
            Self::Subscribed(_) => &["name", "url", "found"],
            Self::Answers { .. } => &["name", "url", "found"],
            Self::Reach(_) | Self::Saw { .. } => &["found"],
        }
    }
}

/// A packet whose way is computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// `me` (the learner's address), `internet`, or the name of an instance.
    pub from: String,
    /// `internet` or the name of an instance.
    pub to: String,
    /// `tcp`, `udp` or `icmp`.
    pub protocol: String,
    /// The destination port; 0 for icmp.
    pub port: u16,
    /// The name of the elastic IP that the packet must leave by, when that is the point.
    pub via: Option<String>,
    /// Whether it must arrive (`true`) or must be stopped (`false`).
    pub arrives: bool,
}

/// What a learner could do wrong by hand, and which check must tell.
#[derive(Debug, Clone)]
pub struct Mistake {
    /// Unique within the chapter: `nat-in-private-subnet`.
    pub id: String,
    /// The step whose check catches it.
    pub step: String,
    /// The check's id; `as-declared` is the implicit last one.
    pub check: String,
    /// In what the world differs from the course.
    pub wrong: Wrong,
    /// What the check's text must contain in both languages: the wrong value, the wanted one.
    pub says: Vec<String>,
    /// Whether only the learner can mend it; otherwise running the step does.
    pub by_hand: bool,
    /// Further checks that fail with it, by step and id.
    pub also: Vec<(String, String)>,
    /// Only somebody who has this can make it.
    pub only_with: Option<Requirement>,
    /// What else was made for it: a second certificate, which a listener shows.
    pub beside: Vec<Declaration>,
    /// Where it is written.
    pub place: Place,
}

/// In what a world with a mistake differs from the course.
#[derive(Debug, Clone)]
pub enum Wrong {
    /// A resource has other values.
    With {
        /// The resource.
        key: Key,
        /// The other values, as in the course files.
        fields: Fields,
    },
    /// A resource lacks fields.
    Without {
        /// The resource.
        key: Key,
        /// The fields' names.
        fields: Vec<String>,
    },
    /// Calls by which a resource is made are left out: a gateway that was not attached.
    Skip {
        /// The resource.
        key: Key,
        /// The operations: `AttachInternetGateway`.
        operations: Vec<String>,
    },
    /// Values of the calls by which a resource is made were typed wrongly.
    Typed {
        /// The resource.
        key: Key,
        /// The parameters as the service calls them, and the text that was typed: `Value`.
        values: Vec<(String, String)>,
    },
    /// A resource was not made.
    Missing {
        /// The resource.
        key: Key,
    },
    /// Something was made that the course does not declare: an open rule, a further route.
    Extra {
        /// What.
        declaration: Declaration,
    },
    /// A resource was made, and deleted after everything else of the step.
    Deleted {
        /// The resource.
        key: Key,
    },
}

/// A page that is asked for, and what the answer must be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Http {
    /// The load balancer, which is asked by its own DNS name unless there is a `host`.
    pub balancer: Key,
    /// HTTPS.
    pub tls: bool,
    /// The port.
    pub port: u16,
    /// `/index.php`, with a query when there is one.
    pub path: String,
    /// The status of the answer.
    pub status: u16,
    /// Where a redirect must lead; `{host}` stands for the name that was asked.
    pub location: Option<String>,
    /// The name that is asked instead of the load balancer's own: one of the learner's domain.
    pub host: Option<String>,
}

impl Wrong {
    /// The resource of the course that it is about.
    pub fn key(&self) -> Option<&Key> {
        match self {
            Self::With { key, .. }
            | Self::Without { key, .. }
            | Self::Skip { key, .. }
            | Self::Typed { key, .. }
            | Self::Missing { key }
            | Self::Deleted { key } => Some(key),
            Self::Extra { .. } => None,
        }
    }
}

impl Course {
    /// All steps in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.chapters.iter().flat_map(|chapter| &chapter.sections).flat_map(|section| &section.steps)
    }

    /// A step by its full id.
    pub fn step(&self, id: &str) -> Option<&Step> {
        self.steps().find(|step| step.id == id)
    }

    /// A chapter by id.
    pub fn chapter(&self, id: &str) -> Option<&Chapter> {
        self.chapters.iter().find(|chapter| chapter.id == id)
    }

    /// The chapter and section that a step belongs to.
    pub fn home_of(&self, step: &str) -> Option<(&Chapter, &Section)> {
        self.chapters.iter().find_map(|chapter| {
            let section = chapter.sections.iter().find(|section| section.steps.iter().any(|s| s.id == step))?;
            Some((chapter, section))
        })
    }

    /// A question by its full id.
    pub fn question(&self, id: &str) -> Option<&Question> {
        self.steps().flat_map(|step| &step.questions).find(|question| question.id == id)
    }

    /// The step that declares a resource.
    pub fn declares(&self, key: &Key) -> Option<(&Step, &Declaration)> {
        self.steps().find_map(|step| step.resources.iter().find(|r| r.key == *key).map(|r| (step, r)))
    }

    /// The steps that a TARGET names: a chapter (`vpc`, `3`), a section (`vpc.network`, `3.2`) or a step
    /// (`vpc.network.nat`, `3.2.5`). `None` when nothing has that name.
    pub fn target(&self, target: &str) -> Option<Vec<&Step>> {
        let mut found = Vec::new();
        for chapter in &self.chapters {
            let whole = chapter.id == target || chapter.number.to_string() == target;
            for section in &chapter.sections {
                let part = whole || section.id == target || section.number == target;
                found.extend(section.steps.iter().filter(|s| part || s.id == target || s.number == target));
            }
        }
        (!found.is_empty()).then_some(found)
    }
}
