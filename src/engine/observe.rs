//! Looking at the cloud: one request for each kind and region, by rank, at once where ranks allow.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use crate::cloud::Want;
use crate::course::model::{Fields, Key, Place, Role};
use crate::lab::world::{Desired, Sight, World};
use crate::problem::Problem;
use crate::store::Entry;

use super::Inner;

/// What is looked for, by rank, then by kind and region role.
type Groups = BTreeMap<u8, BTreeMap<(String, Role), Vec<Want>>>;

impl Inner {
    /// The live rows of the ledger, by key.
    pub(super) fn ledger(&self) -> Result<BTreeMap<Key, Entry>, Problem> {
        let entries = self.store.ledger(&self.scope)?;
        Ok(entries.into_iter().filter(|entry| entry.gone.is_none()).map(|entry| (entry.key.clone(), entry)).collect())
    }

    /// A resource as the course desires it, or as much as the ledger knows of one that the course has dropped.
    pub(super) fn wanted(&self, key: &Key, entry: Option<&Entry>) -> Desired {
        self.desired_one(key).cloned().unwrap_or_else(|| Desired {
            key: key.clone(),
            step: entry.map(|entry| entry.step.clone()).unwrap_or_default(),
            chapter: 0,
            region: self.facts.scope.region(key.role).to_owned(),
            fields: Fields::new(),
            place: Place::default(),
            amended: Vec::new(),
            retired: None,
        })
    }

    pub(super) fn desired_one(&self, key: &Key) -> Option<&Desired> {
        self.desired.iter().find(|desired| desired.key == *key)
    }

    /// Looks for everything that the course desires and everything in the ledger.
    pub(super) async fn observe_all(&self) -> Result<World, Problem> {
        let ledger = self.ledger()?;
        let keys = self.desired.iter().map(|desired| &desired.key).chain(ledger.keys()).cloned().collect();
        self.observe(&keys).await
    }

    /// Looks for these, of the course or of the ledger.
    pub(super) async fn observe(&self, keys: &BTreeSet<Key>) -> Result<World, Problem> {
        let ledger = self.ledger()?;
        let mut groups = Groups::new();
        for key in keys {
            let Some(kind) = self.kinds.kind(&key.kind) else { continue };
            let entry = ledger.get(key);
            let recorded = entry.map(|entry| entry.id.clone()).filter(|id| !id.is_empty());
            let want = Want { desired: self.wanted(key, entry), recorded };
            groups.entry(kind.rank()).or_default().entry((key.kind.clone(), key.role)).or_default().push(want);
        }
        let mut world = World::default();
        for rank in groups.into_values() {
            let looks = rank.iter().map(|((kind, role), wants)| self.look(kind, *role, wants, &world));
            let found = try_join_all(looks).await?;
            world.sights.extend(found.into_iter().flatten());
        }
        Ok(world)
    }

    /// Looks for resources of one kind in one region. What the kind says nothing of is absent.
    pub(super) async fn look(
        &self,
        kind: &str,
        role: Role,
        wants: &[Want],
        world: &World,
    ) -> Result<Vec<(Key, Sight)>, Problem> {
        let Some(live) = self.kinds.live(kind) else {
            return Err(Problem::internal(format!("the kind {kind} cannot be observed")));
        };
        let mut found: BTreeMap<Key, Sight> =
            wants.iter().map(|want| (want.desired.key.clone(), Sight::Absent)).collect();
        found.extend(live.observe(&self.clients, role, wants, world).await?);
        Ok(found.into_iter().collect())
    }

    /// Looks for one resource.
    pub(super) async fn look_for(&self, key: &Key, id: Option<&str>, world: &World) -> Result<Sight, Problem> {
        let want = Want { desired: self.wanted(key, None), recorded: id.map(str::to_owned) };
        let found = self.look(&key.kind, key.role, std::slice::from_ref(&want), world).await?;
        Ok(found.into_iter().find(|(k, _)| k == key).map_or(Sight::Absent, |(_, sight)| sight))
    }
}
