//! What a script consists of.

/// A word: its parts are put together after expansion.
pub(super) type Word = Vec<Part>;

/// A part of a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Part {
    /// Text without quotes.
    Text(String),
    /// Text in quotes: not split, no pattern.
    Quoted(String),
    /// `$NAME`, `${NAME}`, `${NAME:-word}`.
    Variable { name: String, default: Option<Word>, quoted: bool },
    /// `$(..)`
    Command { script: String, quoted: bool },
    /// `$((..))`
    Arithmetic(String),
}

/// `> file` and the like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Redirect {
    pub(super) from: Stream,
    pub(super) kind: RedirectKind,
}

/// What is redirected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stream {
    In,
    Out,
    Err,
    Both,
}

/// Where to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RedirectKind {
    File {
        target: Word,
        append: bool,
    },
    /// `2>&1`, `>&2`
    Same(Stream),
    /// `< file`
    Read(Word),
    /// A here-document or `<<<`, as text to expand.
    Text(Word),
}

/// A command with what belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    pub(super) kind: Kind,
    pub(super) redirects: Vec<Redirect>,
}

/// The kinds of commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
    Simple {
        assignments: Vec<(String, Word)>,
        words: Vec<Word>,
    },
    If {
        arms: Vec<(List, List)>,
        otherwise: Option<List>,
    },
    For {
        name: String,
        words: Vec<Word>,
        body: List,
    },
    While {
        until: bool,
        condition: List,
        body: List,
    },
    Group {
        body: List,
        subshell: bool,
    },
    /// `[[ .. ]]`, whose words are not split.
    Test(Vec<Word>),
}

/// `a | b`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Pipeline {
    pub(super) negated: bool,
    pub(super) commands: Vec<Command>,
}

/// `a && b || c`, perhaps in the background.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AndOr {
    pub(super) first: Pipeline,
    /// `true` is `&&`.
    pub(super) rest: Vec<(bool, Pipeline)>,
    pub(super) background: bool,
}

/// Commands one after the other.
pub(super) type List = Vec<AndOr>;
