//! The only thing shown when something fails: what happened, why, and what to do next.
//!
//! Every room turns its own errors into a [`Problem`]; nothing else reaches a screen, a command's
//! output or the exit code. Texts are bilingual, so that the language can change while a problem is shown.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::i18n::{Lang, Text};

/// What sort of failure it is. Picks the heading and the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ProblemKind {
    /// The command line or a target cannot be understood.
    Usage,
    /// A file of `labs/` is wrong.
    Course,
    /// A configuration file, keymap or environment variable is wrong.
    Config,
    /// No credentials, or they have expired, or the clock is wrong.
    Credentials,
    /// The identity may not do this.
    Denied,
    /// The account is not ready for the service (verification, subscription).
    AccountNotReady,
    /// The Free plan refuses it.
    FreePlan,
    /// A service quota is reached.
    Quota,
    /// AWS has no capacity for it here.
    Capacity,
    /// AWS asked to slow down, for longer than was worth waiting.
    Throttled,
    /// It exists already, and is not what the course needs.
    Duplicate,
    /// It cannot be deleted yet: something uses it.
    InUse,
    /// It is not there.
    NotFound,
    /// AWS refused a parameter.
    BadInput,
    /// The cloud could not be reached.
    Network,
    /// It did not become ready in its time.
    Timeout,
    /// The resource itself went to a failed state.
    ResourceFailed,
    /// A named condition does not hold.
    CheckFailed,
    /// The local state (SQLite, files) cannot be read or written.
    Store,
    /// The practice cloud does not simulate it.
    NotSimulated,
    /// Something remains after cleanup.
    Leftover,
    /// The learner stopped it.
    Interrupted,
    /// A fault of awslab itself.
    Internal,
}

impl ProblemKind {
    /// The process exit code: 1 failed, 2 usage, 3 leftovers, 130 interrupted.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Usage | Self::Course | Self::Config => 2,
            Self::Leftover => 3,
            Self::Interrupted => 130,
            _ => 1,
        }
    }
}

/// A failure that a learner can act on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// What sort of failure.
    pub kind: ProblemKind,
    /// One line: what happened.
    pub title: Text,
    /// Why, in a sentence or two. May be empty.
    pub detail: Text,
    /// What to do next, most useful first.
    pub hints: Vec<Text>,
    /// Where it comes from: an AWS error code with its request id, a file with line, a path.
    pub source: Option<String>,
}

impl Problem {
    /// A problem with a title only; add to it with the `with_*` methods.
    pub fn new(kind: ProblemKind, ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self { kind, title: Text::new(ko, en), detail: Text::default(), hints: Vec::new(), source: None }
    }

    /// Says why.
    #[must_use]
    pub fn because(mut self, ko: impl Into<String>, en: impl Into<String>) -> Self {
        self.detail = Text::new(ko, en);
        self
    }

    /// Adds a next step.
    #[must_use]
    pub fn hint(mut self, ko: impl Into<String>, en: impl Into<String>) -> Self {
        self.hints.push(Text::new(ko, en));
        self
    }

    /// Names the origin (error code, file and line).
    #[must_use]
    pub fn from(mut self, source: impl Into<String>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// A fault of awslab itself.
    pub fn internal(detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self::new(ProblemKind::Internal, "awslab 내부 오류입니다", "This is a fault of awslab itself")
            .because(detail.clone(), detail)
            .hint("로그 파일과 함께 알려 주세요", "Please report it with the log file")
    }

    /// The whole problem as plain text, for a terminal without the full screen.
    pub fn render(&self, lang: Lang) -> String {
        let mut out = self.title.get(lang).to_string();
        if !self.detail.is_empty() {
            out.push_str("\n  ");
            out.push_str(self.detail.get(lang));
        }
        for hint in &self.hints {
            out.push_str("\n  → ");
            out.push_str(hint.get(lang));
        }
        if let Some(source) = &self.source {
            out.push_str("\n  (");
            out.push_str(source);
            out.push(')');
        }
        out
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Lang::En))
    }
}

impl std::error::Error for Problem {}
