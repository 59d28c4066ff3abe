//! Launch templates and their versions.
//!
//! Promises: a version never changes once it is made, and its number is never given again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Launch templates by id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Templates {
    /// By `lt-...`.
    pub by_id: BTreeMap<String, Template>,
}

/// A launch template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template {
    /// `lt-...`
    pub id: String,
    /// Unique in the region.
    pub name: String,
    /// ms.
    pub created: i64,
    /// The number that `$Default` means.
    pub default_version: u64,
    /// How many versions it has ever had: the newest one's number, or that of a newer one that is gone.
    pub numbered: u64,
    /// What is left of them, by number.
    pub versions: BTreeMap<u64, TemplateVersion>,
}

/// One version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateVersion {
    /// ms.
    pub created: i64,
    /// VersionDescription.
    pub description: Option<String>,
    /// LaunchTemplateData as flat request parameters: `Monitoring.Enabled` is `true`.
    pub data: BTreeMap<String, String>,
}

impl Template {
    /// The number that `$Latest` means.
    pub fn latest_version(&self) -> u64 {
        self.versions.keys().next_back().copied().unwrap_or(self.numbered)
    }

    /// The number of an existing version, from `$Latest`, `$Default` or a number.
    pub fn resolve(&self, version: &str) -> Option<u64> {
        let number = match version {
            "$Latest" => self.latest_version(),
            "$Default" => self.default_version,
            number => number.parse().ok()?,
        };
        self.versions.contains_key(&number).then_some(number)
    }

    /// Adds a version and gives its number.
    pub fn add(&mut self, version: TemplateVersion) -> u64 {
        self.numbered += 1;
        self.versions.insert(self.numbered, version);
        self.numbered
    }
}

impl Templates {
    /// The template with a name.
    pub fn named(&self, name: &str) -> Option<&Template> {
        self.by_id.values().find(|template| template.name == name)
    }
}
