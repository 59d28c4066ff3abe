//! What is inside an instance: packages, services, files and the log of its first boot.
//!
//! Promises: an instance serves a port only when something that was installed and started serves it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Region;

/// The software of an instance, or of an image.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Software {
    /// Installed packages.
    pub packages: BTreeSet<String>,
    /// Services by name.
    pub services: BTreeMap<String, Unit>,
    /// Files that matter, by path.
    pub files: BTreeMap<String, String>,
    /// `/var/log/cloud-init-output.log`.
    pub log: String,
}

/// A systemd service.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unit {
    /// Runs now.
    pub active: bool,
    /// Starts with the machine.
    pub enabled: bool,
}

/// Where Apache finds its pages.
pub const WEB_ROOT: &str = "/var/www/html";

/// What a TCP port says to an HTTP request that has reached the machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpAnswer {
    /// Nothing listens there.
    Refused,
    /// A status and a body.
    Answer {
        /// 200, 404, 500.
        status: u16,
        /// The page.
        body: String,
    },
}

/// What is due by itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Due {}

impl Region {
    /// What an instance answers to `GET path` on a port. Whether the request can reach it is another question.
    pub fn http_answer(&self, instance: &str, port: u16, path: &str) -> HttpAnswer {
        let Some(software) = self.instances.get(instance).map(|found| &found.software) else {
            return HttpAnswer::Refused;
        };
        if port != 80 || !software.services.get("httpd").is_some_and(|unit| unit.active) {
            return HttpAnswer::Refused;
        }
        let file = format!("{WEB_ROOT}{path}");
        let names: &[&str] = if path.ends_with('/') { &["index.php", "index.html"] } else { &[""] };
        match names.iter().find_map(|name| software.files.get(&format!("{file}{name}"))) {
            Some(body) => HttpAnswer::Answer { status: 200, body: body.clone() },
            None if path == "/" => HttpAnswer::Answer { status: 403, body: "Forbidden".to_owned() },
            None => HttpAnswer::Answer { status: 404, body: "Not Found".to_owned() },
        }
    }

    pub(super) fn host_due(&mut self, _global: &super::Global, due: Due) {
        match due {}
    }
}
