//! The command line and the environment, put together: what a command is run with.

use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::Global;
use crate::cloud::kinds;
use crate::course::{self, model::Course};
use crate::engine::{Setup, Target};
use crate::i18n::Lang;
use crate::paths;
use crate::problem::Problem;

/// What a command is run with.
#[derive(Debug, Clone)]
pub struct Config {
    /// `AWSLAB_HOME`.
    pub home: PathBuf,
    /// The language.
    pub lang: Lang,
    /// Whether the learner named the language, by `--lang` or `AWSLAB_LANG`.
    pub lang_named: bool,
    /// Whether colours are wanted.
    pub color: bool,
    /// What a session is opened with.
    pub setup: Setup,
}

impl Config {
    /// Reads the environment.
    pub fn new(global: &Global) -> Result<Self, Problem> {
        let home = paths::home()?;
        let named = global.lang.map(Lang::from).or_else(|| environment("AWSLAB_LANG").and_then(|lang| by_name(&lang)));
        let setup = Setup {
            target: if global.aws { Target::Aws } else { Target::Practice },
            profile: global.profile.clone(),
            region: global.region.clone(),
            peer: global.peer_region.clone(),
            speed: global.speed,
            my_ip: global.my_ip.map(|ip| ip.to_string()),
            domain: global.domain.clone(),
            read_only: global.read_only,
            home: home.clone(),
            labs: global.labs.clone(),
            cloud: None,
        };
        let color = !global.no_color && environment("NO_COLOR").is_none();
        Ok(Self { home, lang: named.unwrap_or_else(locale), lang_named: named.is_some(), color, setup })
    }

    /// The course of `--labs`, or the one inside the program.
    pub fn course(&self) -> Result<Arc<Course>, Problem> {
        course::load(self.setup.labs.as_deref(), kinds::registry())
            .map(Arc::new)
            .map_err(|problems| course::summary(&problems))
    }
}

/// The language of the locale, for what is said before the command line is understood.
pub fn locale() -> Lang {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(environment)
        .and_then(|locale| by_name(&locale))
        .unwrap_or(Lang::En)
}

fn by_name(name: &str) -> Option<Lang> {
    let name = name.to_ascii_lowercase();
    if name.starts_with("ko") {
        Some(Lang::Ko)
    } else if name.starts_with("en") {
        Some(Lang::En)
    } else {
        None
    }
}

fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}
