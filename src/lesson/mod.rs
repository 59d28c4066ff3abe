//! What the pictures of chapters 1 and 2 work out: addresses, plans of subnets, transfers, handshakes, journeys of a URL,
//! packets, the growth of an infrastructure, names, pillars.
//!
//! Promises: pure arithmetic and small models, one file a picture; the pictures (`screens::player`) and `awslab tool` show
//! the same values, so that they cannot say different things. Text that a learner typed is read with the place of the
//! mistake ([`Fault`]). Leaves to others: drawing, printing.

pub mod cidr;
pub mod evolution;
pub mod naming;
pub mod packet;
pub mod pillars;
pub mod plan;
pub mod tls;
pub mod transfer;
pub mod url;

use std::ops::Range;

use unicode_width::UnicodeWidthStr;

use crate::i18n::Text;
use crate::problem::{Problem, ProblemKind};

/// What is wrong with something that a learner typed, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What was typed.
    pub input: String,
    /// The wrong part of it, in bytes.
    pub at: Range<usize>,
    /// What is wrong with it: a sentence.
    pub what: Text,
    /// What to write instead: a sentence. May be empty.
    pub mend: Text,
}

impl Fault {
    /// A fault at a place.
    pub fn new(input: &str, at: Range<usize>, ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self { input: input.to_owned(), at, what: Text::new(ko, en), mend: Text::default() }
    }

    /// Says what to write instead.
    #[must_use]
    pub fn mend(mut self, ko: impl Into<String>, en: impl Into<String>) -> Self {
        self.mend = Text::new(ko, en);
        self
    }

    /// The same fault inside a longer text, of which the faulty one begins at this byte.
    #[must_use]
    pub fn within(mut self, whole: &str, start: usize) -> Self {
        whole.clone_into(&mut self.input);
        self.at = self.at.start + start..self.at.end + start;
        self
    }

    /// The line under the input that points at the place: `   ^^^`.
    pub fn pointer(&self) -> String {
        let part = |range: Range<usize>| self.input.get(range).map_or(0, UnicodeWidthStr::width);
        let before = part(0..self.at.start.min(self.input.len()));
        format!("{}{}", " ".repeat(before), "^".repeat(part(self.at.clone()).max(1)))
    }

    /// As a problem of the command line.
    pub fn problem(&self) -> Problem {
        let shown = format!("{}\n  {}", self.input, self.pointer());
        let problem = Problem::new(ProblemKind::Usage, self.what.ko.clone(), self.what.en.clone());
        let problem = problem.because(shown.clone(), shown);
        if self.mend.is_empty() { problem } else { problem.hint(self.mend.ko.clone(), self.mend.en.clone()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_points_at_its_place() {
        let fault = Fault::new("10.10.1.300/26", 8..11, "큼", "too large");
        assert_eq!(fault.pointer(), "        ^^^");
        assert_eq!(fault.clone().within("웹=10.10.1.300/26", 4).pointer(), "           ^^^");
        let end = Fault::new("10.10.1.3", 9..9, "없음", "missing");
        assert_eq!(end.pointer(), "         ^");
        assert_eq!(end.problem().kind.exit_code(), 2);
    }
}
