//! Looking at a step that the learner does by hand: what it is about and nothing else, and without changing anything.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join_all;

use crate::cloud::Want;
use crate::course::model::{Condition, Key, Role, Step};
use crate::lab::hand::{self, Hand, Known, other, subjects};
use crate::lab::plan::{closure, plan};
use crate::lab::world::{Observed, Sight, World};
use crate::problem::Problem;

use super::Inner;

impl Inner {
    /// Looks at a step. `thorough` also searches for what has another name or is in the other region.
    pub(super) async fn hand(&self, step: &str, thorough: bool) -> Result<Hand, Problem> {
        let Some(step) = self.course.step(step) else {
            return Err(Problem::internal(format!("there is no step {step}")));
        };
        let world = self.look_at(step).await?;
        let scene = self.scene(&world);
        let entries = self.ledger()?;
        let ids = entries.iter().map(|(key, entry)| (key.clone(), entry.id.clone())).collect();
        let plan = plan(&scene, std::slice::from_ref(&step.id), &ids, &BTreeSet::new());
        let report = self.judge(&world, std::slice::from_ref(&step.id)).await;
        let missing: Vec<&Key> = step
            .resources
            .iter()
            .map(|one| &one.key)
            .filter(|key| matches!(world.sights.get(key), None | Some(Sight::Absent)))
            .filter(|key| self.kinds.kind(&key.kind).is_some_and(|kind| !kind.is_lookup()))
            .collect();
        let (strays, elsewhere) = if thorough && !missing.is_empty() {
            (self.other_names(&missing, &world).await?, self.other_region(&missing).await?)
        } else {
            (Vec::new(), Vec::new())
        };
        let ledger: BTreeMap<Key, (String, bool)> =
            entries.into_iter().map(|(key, entry)| (key, (entry.id, entry.adopted))).collect();
        let known = Known { report: &report, plan: &plan, strays: &strays, elsewhere: &elsewhere, ledger: &ledger };
        Ok(hand::hand(&scene, step, &known, self.clock.now()))
    }

    /// What the step is about: its own resources, what they need, and for a packet's way the whole network.
    async fn look_at(&self, step: &Step) -> Result<World, Problem> {
        if step.checks.iter().any(|check| {
            matches!(check.condition, Condition::Reach(_) | Condition::Http(_) | Condition::Answers { .. })
        }) {
            return self.observe_all().await;
        }
        let empty = World::default();
        let steps: BTreeSet<String> =
            closure(&self.scene(&empty), std::slice::from_ref(&step.id)).into_iter().collect();
        let mut keys: BTreeSet<Key> =
            self.desired.iter().filter(|desired| steps.contains(&desired.step)).map(|one| one.key.clone()).collect();
        keys.extend(subjects(step));
        // A lookup belongs to a step that need not be covered.
        let scene = self.scene(&empty);
        let needed: Vec<Key> = self
            .desired
            .iter()
            .filter(|desired| keys.contains(&desired.key))
            .flat_map(|desired| scene.needs(desired))
            .map(|need| need.key)
            .collect();
        keys.extend(needed);
        self.observe(&keys).await
    }

    async fn other_names(&self, missing: &[&Key], world: &World) -> Result<Vec<Observed>, Problem> {
        let vpcs = |role: Role| -> Vec<String> {
            world
                .found()
                .filter(|one| one.key.kind == "vpc" && one.key.role == role)
                .map(|one| one.id.clone())
                .collect()
        };
        let kinds: BTreeSet<(&str, Role)> = missing.iter().map(|key| (key.kind.as_str(), key.role)).collect();
        let looks = kinds.into_iter().filter_map(|(kind, role)| Some((self.kinds.live(kind)?, role))).map(
            async |(live, role)| {
                let vpcs = vpcs(role);
                live.strays(&self.clients, role, &vpcs).await
            },
        );
        Ok(try_join_all(looks).await?.into_iter().flatten().collect())
    }

    /// The missing ones by their names in the course's other region.
    async fn other_region(&self, missing: &[&Key]) -> Result<Vec<Observed>, Problem> {
        if self.facts.scope.region(Role::Home) == self.facts.scope.region(Role::Peer) {
            return Ok(Vec::new());
        }
        let mut groups: BTreeMap<(&str, Role), Vec<Want>> = BTreeMap::new();
        for key in missing {
            let mut desired = self.wanted(key, None);
            let role = other(key.role);
            desired.key.role = role;
            self.facts.scope.region(role).clone_into(&mut desired.region);
            // The course may have one of that name there too.
            if self.desired_one(&desired.key).is_none() {
                groups.entry((&key.kind, role)).or_default().push(Want { desired, recorded: None });
            }
        }
        let empty = World::default();
        let looks = groups.iter().map(|((kind, role), wants)| self.look(kind, *role, wants, &empty));
        let found = try_join_all(looks).await?;
        let there = found.into_iter().flatten().filter_map(|(_, sight)| match sight {
            Sight::Found(observed) => Some(*observed),
            _ => None,
        });
        // What belongs to no region is in both.
        Ok(there.filter(|one| !GLOBAL.contains(&one.key.kind.as_str())).collect())
    }
}

/// Kinds that belong to no region.
const GLOBAL: [&str; 4] = ["iam-role", "instance-profile", "hosted-zone", "record"];
