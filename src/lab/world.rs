//! Desired and observed state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::course::model::{Fields, Key, Place, Value};

/// A resource as the course wants it, with `my-ip`, zones and the like replaced by what they are for this learner.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// Kind, name and role.
    pub key: Key,
    /// The step that declares it.
    pub step: String,
    /// The chapter's number, for the tag `lab:chapter`.
    pub chapter: u32,
    /// The region it belongs in.
    pub region: String,
    /// Its fields. A reference is the *name* of the other resource; see [`Desired::reference`].
    pub fields: Fields,
    /// Where it is declared.
    pub place: Place,
    /// What later steps change of it, in course order. See [`super::stage`].
    pub amended: Vec<Amended>,
    /// The step that takes it away, and what does its work from then on.
    pub retired: Option<(String, Key)>,
}

/// What a later step changes of a resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amended {
    /// The step.
    pub step: String,
    /// The fields and their new values.
    pub fields: Fields,
}

impl Desired {
    /// A string field.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_text)
    }

    /// A number field.
    pub fn int(&self, field: &str) -> Option<i64> {
        self.fields.get(field).and_then(Value::as_int)
    }

    /// The key of the resource that a reference field of the given kind names. References stay within a region role.
    pub fn reference(&self, field: &str, kind: &str) -> Option<Key> {
        let name = self.text(field)?;
        Some(Key { kind: kind.to_owned(), name: name.to_owned(), role: self.key.role })
    }
}

/// How far a live resource is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// On its way; wait.
    Pending,
    /// Usable.
    Ready,
    /// It will not become usable; see [`Observed::reason`].
    Failed,
    /// Being deleted.
    Deleting,
}

/// A live resource as the cloud shows it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Observed {
    /// The course resource that it is taken for.
    pub key: Key,
    /// AWS's id; for a thing without one, its natural key (`rtb-0a1b 0.0.0.0/0`).
    pub id: String,
    /// Where it is.
    pub region: String,
    /// AWS's own word for its state: `pending`, `available`, `running`.
    pub state: String,
    /// How far it is.
    pub health: Health,
    /// Why it failed, in AWS's words. May be empty.
    pub reason: String,
    /// Fields as observed. The names of declared fields are those of the kind's schema; references hold *ids*.
    /// Kinds add more that checks and pictures need (`public_ip`, `routes`, `ingress`): see each kind's file.
    pub fields: Fields,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
}

impl Observed {
    /// A string field.
    pub fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(Value::as_text)
    }

    /// An attribute by name, as [`crate::lab::call::Of`] asks for it: `id`, or a string field.
    pub fn attr(&self, attr: &str) -> Option<&str> {
        if attr == "id" { Some(&self.id) } else { self.text(attr) }
    }

    /// Whether it carries the tag that awslab puts on everything it makes.
    pub fn is_tagged_ours(&self) -> bool {
        self.tags.get("Project").is_some_and(|project| project == "aws-lab")
    }
}

/// What looking for one desired resource found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Sight {
    /// It is there. (Boxed: it is much the largest.)
    Found(Box<Observed>),
    /// It is not.
    Absent,
    /// Several live resources answer to the name; awslab never picks one silently.
    Ambiguous(Vec<String>),
}

/// Everything that was looked for, and what was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct World {
    /// By key.
    pub sights: BTreeMap<Key, Sight>,
}

impl World {
    /// The live resource, when exactly one was found.
    pub fn get(&self, key: &Key) -> Option<&Observed> {
        match self.sights.get(key)? {
            Sight::Found(observed) => Some(observed),
            _ => None,
        }
    }

    /// The live resource with this AWS id.
    pub fn by_id(&self, id: &str) -> Option<&Observed> {
        self.found().find(|observed| observed.id == id)
    }

    /// Every live resource found.
    pub fn found(&self) -> impl Iterator<Item = &Observed> {
        self.sights.values().filter_map(|sight| match sight {
            Sight::Found(observed) => Some(observed.as_ref()),
            _ => None,
        })
    }

    /// Notes a live resource.
    pub fn put(&mut self, observed: Observed) {
        self.sights.insert(observed.key.clone(), Sight::Found(Box::new(observed)));
    }

    /// The course name of a live resource, for texts: `my-vpc`, or the id itself when it is none of ours.
    pub fn name_of<'a>(&'a self, id: &'a str) -> &'a str {
        self.by_id(id).map_or(id, |observed| observed.key.name.as_str())
    }
}

/// A field that is not as the course wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The resource.
    pub key: Key,
    /// The field, or an aspect the kind names (`unexpected rule`).
    pub field: String,
    /// What the course wants, readable: names, not ids. Empty when something is there that should not be.
    pub wanted: String,
    /// What is there, readable; for an id of a known resource its name too. Empty when something is missing.
    pub found: String,
    /// How it can be mended.
    pub mend: Mend,
}

/// How a difference can be mended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mend {
    /// `run` changes it in place.
    InPlace,
    /// It must be deleted and made again; awslab does not do that by itself.
    Replace,
    /// Something that the course did not make: the learner decides.
    ByHand,
}
