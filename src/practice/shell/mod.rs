//! A small honest shell: the bash of practice instances, for user data, Run Command and the interactive shell.
//!
//! Promises: what it understands of bash (words, quotes, expansions, redirections, pipes, `&&`, `||`, `;`, `&`, `if`, `for`, `while`, `set -eux`)
//! means what it means in bash; what it does not understand it says, with code 127 as for a command that does not exist. It is pure: everything
//! outside (files, programs, the network, time) is asked of a [`Machine`].
//!
//! A script takes practice time, and the world goes on meanwhile. So a script is a [`Run`] that can be stored: its text and what the machine has
//! answered so far. To go on, the text is evaluated again from the beginning with the answers it already had, until it comes to a question that
//! is new. Nothing is done twice, because only new questions reach the machine.

mod builtin;
mod expand;
mod filters;
mod parse;
mod run;
mod syntax;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub(super) use builtin::{absolute, duration};
pub(super) use filters::matches;
pub use parse::{ParseError, Script, parse};
pub(super) use run::is_busy_loop;
pub use run::{Progress, Run};

/// The code of a command that does not exist, or that is not simulated.
pub const NOT_FOUND: i32 = 127;

/// What the machine did for a command.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Output {
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// Exit code.
    pub code: i32,
}

impl Output {
    /// Success, with an output.
    pub fn ok(out: impl Into<String>) -> Self {
        Self { out: out.into(), ..Self::default() }
    }

    /// Failure, with a message and a code.
    pub fn fail(code: i32, err: impl Into<String>) -> Self {
        Self { out: String::new(), err: err.into(), code }
    }
}

/// What the machine is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// To run a program.
    Program(Vec<String>),
    /// To run a program in the background.
    Background(Vec<String>),
    /// To wait for the programs in the background.
    WaitForAll,
    /// For a file's text.
    Read(String),
    /// To write a file, or to add to it.
    Write {
        /// Its path.
        path: String,
        /// Add to it.
        append: bool,
    },
    /// What kind of thing is at a path: code 0 if it is a file (`f`), a directory (`d`) or either (`e`).
    Test {
        /// `e`, `f` or `d`.
        kind: char,
        /// The path.
        path: String,
    },
    /// The paths that match a pattern, one a line.
    Glob(String),
    /// To connect to a TCP port.
    Connect {
        /// A name or an address.
        host: String,
        /// The port, as written.
        port: String,
    },
}

/// A question with everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// What.
    pub ask: Ask,
    /// Standard input, or what to write.
    pub stdin: String,
    /// Where: the working directory.
    pub directory: String,
    /// How often the machine has put the answer off, in a number of its own.
    pub state: u32,
}

/// The machine's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// Done.
    Done(Output),
    /// It goes on: ask again, with this state, after so many ms; none: only a signal ends it.
    Wait {
        /// Practice ms.
        ms: Option<i64>,
        /// The next state.
        state: u32,
    },
}

/// What a shell runs on.
pub trait Machine {
    /// Practice time in ms.
    fn now(&self) -> i64;
    /// Answers a question.
    fn answer(&mut self, question: &Question) -> Answer;
    /// A program that was waited for is killed.
    fn abandon(&mut self, question: &Question);
}

/// What a shell remembers between commands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Env {
    /// Variables.
    pub variables: BTreeMap<String, String>,
    /// The names of those that programs see.
    pub exported: std::collections::BTreeSet<String>,
    /// The working directory.
    pub directory: String,
    /// `$?`
    pub code: i32,
}

impl Env {
    /// That of root, in a directory.
    pub fn root(directory: &str) -> Self {
        let variables = BTreeMap::from([
            ("HOME".to_owned(), "/root".to_owned()),
            ("PATH".to_owned(), "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin".to_owned()),
            ("USER".to_owned(), "root".to_owned()),
            ("SHELL".to_owned(), "/bin/bash".to_owned()),
            ("LANG".to_owned(), "C.UTF-8".to_owned()),
        ]);
        let exported = variables.keys().cloned().collect();
        Self { variables, exported, directory: directory.to_owned(), code: 0 }
    }
}

/// The sentence for what is not simulated.
pub fn not_simulated(what: &str) -> String {
    format!("awslab practice: {what} is not simulated\n")
}
