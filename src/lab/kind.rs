//! A resource kind, as far as planning needs it.
//!
//! One file in `cloud/kinds/` implements this and `cloud`'s live half for one kind, and one line in its registry
//! makes it known. Everything here is pure.

use std::time::Duration;

use crate::course::model::{Key, Role, Value};
use crate::course::schema::{Field, FieldType, Mutability};
use crate::i18n::Text;

use super::call::Call;
use super::facts::Facts;
use super::world::{Desired, Difference, Mend, Observed, World};

/// What planning knows beside the resource at hand.
pub struct Env<'a> {
    /// The learner's place.
    pub facts: &'a Facts,
    /// What was observed.
    pub world: &'a World,
    /// Every resource that the course desires, in course order (not only those of the targets).
    pub desired: &'a [Desired],
}

/// How long a kind takes, in cloud time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Usual time until it is ready, shown beside the elapsed time.
    pub usual: Duration,
    /// How often to look.
    pub poll: Duration,
    /// When to give up.
    pub deadline: Duration,
    /// Usual time until a deleted one is gone.
    pub gone: Duration,
}

impl Pace {
    /// For resources that are there at once.
    pub const INSTANT: Self = Self::seconds(1, 1, 60, 1);

    /// From this usual time on a wait does not hold a learner: they go on, and are told when it is over.
    pub const LONG: Duration = Duration::from_secs(300);

    /// Whether a learner goes on while it lasts.
    pub fn is_long(&self) -> bool {
        self.usual >= Self::LONG
    }

    /// From whole seconds: usual, poll, deadline, gone.
    pub const fn seconds(usual: u64, poll: u64, deadline: u64, gone: u64) -> Self {
        Self {
            usual: Duration::from_secs(usual),
            poll: Duration::from_secs(poll),
            deadline: Duration::from_secs(deadline),
            gone: Duration::from_secs(gone),
        }
    }
}

/// Another resource that must be there first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Need {
    /// Which.
    pub key: Key,
    /// Whether it must be ready, or may merely exist.
    pub ready: bool,
}

/// A priced part of a resource: an item of `assets/prices.toml` and how many of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Priced {
    /// `nat-gateway-hour`, `public-ipv4-hour`, `instance-hour.t3.micro`, `gp3-gb-month`.
    pub item: String,
    /// How many (8.0 for 8 GiB).
    pub count: f64,
}

/// A resource kind.
pub trait Kind: Send + Sync {
    /// Its name in the course files: `nat-gateway`.
    fn name(&self) -> &'static str;

    /// What people call it, for screens: `NAT 게이트웨이` / `NAT gateway`.
    fn title(&self) -> Text;

    /// The fields a declaration may have.
    fn fields(&self) -> &'static [Field];

    /// Whether it is only looked up, never made or deleted (an image).
    fn is_lookup(&self) -> bool {
        false
    }

    /// Resources that must be there before this one is made. The default follows the reference fields.
    fn needs(&self, desired: &Desired, env: &Env<'_>) -> Vec<Need> {
        let _ = env;
        needs_of_fields(self.fields(), desired)
    }

    /// The calls that make it, in order.
    fn create(&self, desired: &Desired, env: &Env<'_>) -> Vec<Call>;

    /// The fields that differ. The default compares every declared field with the observed one of the same name,
    /// resolving references through [`Env::world`].
    fn differences(&self, desired: &Desired, observed: &Observed, env: &Env<'_>) -> Vec<Difference> {
        differences_of_fields(self.fields(), desired, observed, env)
    }

    /// The calls that mend the differences that can be mended in place, in order.
    fn change(&self, desired: &Desired, observed: &Observed, differences: &[Difference], env: &Env<'_>) -> Vec<Call> {
        let _ = (desired, observed, differences, env);
        Vec::new()
    }

    /// The calls that delete it, in order. `observed` is the live resource; nothing of the course is needed.
    fn delete(&self, observed: &Observed, step: &str) -> Vec<Call>;

    /// What must be gone before it can be deleted, beyond what refers to it (an internet gateway waits for every
    /// public address of its VPC). `live` is everything that cleanup knows.
    fn delete_after(&self, observed: &Observed, live: &[&Observed]) -> Vec<Key> {
        let _ = (observed, live);
        Vec::new()
    }

    /// What takes it along when that is deleted (a listener goes with its load balancer): together with it, it needs no
    /// call of its own.
    fn goes_with(&self, observed: &Observed, live: &[&Observed]) -> Option<Key> {
        let _ = (observed, live);
        None
    }

    /// Whether an attribute is told before the resource is ready (the record by which a certificate is validated): what
    /// needs it waits for the attribute only.
    fn is_early(&self, attr: &str) -> bool {
        let _ = attr;
        false
    }

    /// Whether one that was found and not made by awslab may go into the ledger, so that cleanup deletes it. What may serve
    /// others too is used as it is.
    fn adopts(&self, observed: &Observed) -> bool {
        let _ = observed;
        true
    }

    /// For a lookup: what to do when there is none.
    fn absent(&self) -> Option<Text> {
        None
    }

    /// Whether it never came about and goes by itself (a peering request that was refused): it cannot be deleted, and it
    /// does not stand in the way of a new one.
    fn is_over(&self, observed: &Observed) -> bool {
        let _ = observed;
        false
    }

    /// How long it takes.
    fn pace(&self) -> Pace {
        Pace::INSTANT
    }

    /// How long this one takes, where that depends on what is wanted of it.
    fn pace_of(&self, _: &Desired) -> Pace {
        self.pace()
    }

    /// What it costs while it exists. `all` is everything that the course desires: what a group launches is priced by its
    /// template.
    fn price(&self, desired: &Desired, all: &[Desired]) -> Vec<Priced> {
        let _ = (desired, all);
        Vec::new()
    }

    /// What it costs as it was observed, when that can differ: a group grows, an instance is stopped.
    fn price_live(&self, desired: &Desired, all: &[Desired], observed: &Observed) -> Vec<Priced> {
        let _ = observed;
        self.price(desired, all)
    }

    /// The order in which kinds are observed: a kind is looked up after every kind that its lookup needs.
    fn rank(&self) -> u8;
}

/// The live resource of a kind that a reference field of another one holds the id of; for [`Kind::goes_with`].
pub fn holder(observed: &Observed, field: &str, kind: &str, live: &[&Observed]) -> Option<Key> {
    let id = observed.text(field)?;
    live.iter().find(|other| other.key.kind == kind && other.id == id).map(|other| other.key.clone())
}

/// The kinds there are.
pub trait Kinds: Send + Sync {
    /// The kind with this name.
    fn kind(&self, name: &str) -> Option<&dyn Kind>;
    /// All of them, by rank.
    fn all(&self) -> Vec<&dyn Kind>;
}

/// The resources that a field refers to.
pub fn references(field: &Field, desired: &Desired) -> Vec<Key> {
    let Some(value) = desired.fields.get(field.name) else { return Vec::new() };
    let key = |kind: &str, name: &str| Key { kind: kind.to_owned(), name: name.to_owned(), role: desired.key.role };
    match field.kind {
        FieldType::Ref(kind) => value.as_text().map(|name| key(kind, name)).into_iter().collect(),
        FieldType::Refs(kind) => value.items().iter().filter_map(Value::as_text).map(|name| key(kind, name)).collect(),
        _ => Vec::new(),
    }
}

/// The resource that a reference field names which may live in the other region: one of the same region is meant first.
pub fn across(desired: &Desired, field: &str, kind: &str, env: &Env<'_>) -> Option<Key> {
    let own = desired.reference(field, kind)?;
    let role = if own.role == Role::Home { Role::Peer } else { Role::Home };
    let far = Key { role, ..own.clone() };
    let declared = |key: &Key| env.desired.iter().any(|other| other.key == *key);
    [own, far].into_iter().find(|key| declared(key))
}

/// The resources that the declared reference fields name.
pub fn needs_of_fields(fields: &[Field], desired: &Desired) -> Vec<Need> {
    fields
        .iter()
        .flat_map(|field| references(field, desired).into_iter().map(|key| Need { key, ready: field.ready }))
        .collect()
}

/// The declared fields that are not as observed; see [`Kind::differences`].
pub fn differences_of_fields(
    fields: &[Field],
    desired: &Desired,
    observed: &Observed,
    env: &Env<'_>,
) -> Vec<Difference> {
    let mut out = Vec::new();
    for field in fields.iter().filter(|field| field.mutability != Mutability::Ignored) {
        let Some(wanted) = desired.fields.get(field.name) else { continue };
        let found = observed.fields.get(field.name);
        let keys = references(field, desired);
        let same = if keys.is_empty() {
            found == Some(wanted)
        } else {
            let mut ids: Vec<&str> = keys.iter().filter_map(|key| env.world.get(key)).map(|o| o.id.as_str()).collect();
            let mut live: Vec<&str> = match found {
                Some(Value::List(items)) => items.iter().filter_map(Value::as_text).collect(),
                Some(value) => value.as_text().into_iter().collect(),
                None => Vec::new(),
            };
            ids.sort_unstable();
            live.sort_unstable();
            ids.len() == keys.len() && ids == live
        };
        if !same {
            out.push(Difference {
                key: desired.key.clone(),
                field: field.name.to_owned(),
                wanted: wanted.to_string(),
                found: found.map(|value| readable(value, env.world)).unwrap_or_default(),
                mend: if field.mutability == Mutability::InPlace { Mend::InPlace } else { Mend::Replace },
            });
        }
    }
    out
}

/// A value for people: ids of known resources become `my-vpc (vpc-0a1b)`.
pub fn readable(value: &Value, world: &World) -> String {
    match value {
        Value::Text(text) => match world.by_id(text) {
            Some(observed) => format!("{} ({text})", observed.key.name),
            None => text.clone(),
        },
        Value::List(items) => items.iter().map(|item| readable(item, world)).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
