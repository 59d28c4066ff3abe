//! What keeps the processors of instances busy, as it was at every moment: the ground of CPUUtilization.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Region;

/// The load of every instance, by its id. Kept after an instance's end for as long as its metrics are.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Loads {
    traces: BTreeMap<String, Trace>,
}

/// The loads of one instance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trace {
    loads: Vec<Load>,
}

/// Something that keeps processors busy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Load {
    /// What it is called: `lab-stress`, `boot`.
    pub name: String,
    /// How many processors it would use if it could.
    pub cores: f64,
    /// ms.
    pub from: i64,
    /// ms; none: until it is stopped.
    pub until: Option<i64>,
}

impl Region {
    /// Begins a load now. A load of the same name that still runs is ended first.
    pub fn start_load(&mut self, instance: &str, name: &str, cores: f64, until: Option<i64>) {
        self.stop_load(instance, name);
        let load = Load { name: name.to_owned(), cores, from: self.now, until };
        self.loads.traces.entry(instance.to_owned()).or_default().loads.push(load);
    }

    /// Ends a load now; `false` when none of this name runs.
    pub fn stop_load(&mut self, instance: &str, name: &str) -> bool {
        let now = self.now;
        let mut found = false;
        for load in self.loads.traces.get_mut(instance).into_iter().flat_map(|trace| &mut trace.loads) {
            if load.name == name && load.until.is_none_or(|until| until > now) {
                load.until = Some(now);
                found = true;
            }
        }
        found
    }

    /// The loads that run now on an instance.
    pub fn running_loads(&self, instance: &str) -> impl Iterator<Item = &Load> {
        let now = self.now;
        let loads = self.loads.traces.get(instance).into_iter().flat_map(|trace| &trace.loads);
        loads.filter(move |load| load.from <= now && load.until.is_none_or(|until| until > now))
    }
}
