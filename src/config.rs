//! The command line and the environment, put together: what a command is run with.

use std::path::PathBuf;
use std::sync::Arc;

use crate::cli::Global;
use crate::cloud::kinds;
use crate::course::{self, model::Course};
use crate::engine::{Setup, Target};
use crate::i18n::Lang;
use crate::paths;
use crate::problem::{Problem, ProblemKind};

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
        if global.read_only && global.speed.is_some() {
            return Err(speed_is_a_change());
        }
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
        // Said before the screen is taken, or anything is opened.
        setup.regions()?;
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

/// The practice clock keeps its speed, for every process.
fn speed_is_a_change() -> Problem {
    Problem::new(
        ProblemKind::Usage,
        "--speed는 연습 시계를 바꾸므로 --read-only와 함께 쓸 수 없습니다",
        "--speed changes the practice clock, so it cannot go with --read-only",
    )
    .hint("둘 가운데 하나를 빼 주세요", "Leave one of them out")
}

/// The language that a command line names, as far as it can be read, else that of the environment: for what is said of one
/// that cannot be understood.
pub fn said(words: impl Iterator<Item = String>) -> Lang {
    let mut words = words;
    let mut named = None;
    while let Some(word) = words.next() {
        if word == "--lang" {
            named = words.next();
        } else if let Some(lang) = word.strip_prefix("--lang=") {
            named = Some(lang.to_owned());
        }
    }
    named.or_else(|| environment("AWSLAB_LANG")).and_then(|lang| by_name(&lang)).unwrap_or_else(locale)
}

/// The language of the locale, for what is said before the command line is understood.
fn locale() -> Lang {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_of_a_line_that_cannot_be_understood() {
        let of = |line: &str| said(line.split_whitespace().map(str::to_owned));
        assert_eq!(of("awslab --speed abc --lang ko status"), Lang::Ko);
        assert_eq!(of("awslab --lang=en --sped"), Lang::En);
    }
}
