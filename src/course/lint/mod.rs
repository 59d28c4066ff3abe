//! What authors must keep beyond what the loader needs: texts that read well, fit, and say true things.
//!
//! `letters` looks at characters, `words` at texts (glossary, names, commands, tone, lengths), `steps` at what a step
//! must have and at both languages' shapes, `questions` at what a page asks.

mod letters;
mod questions;
mod steps;
mod words;

use std::ops::Range;

use crate::i18n::Lang;

use super::fault::{At, Fault, Faults};
use super::model::Course;
use super::source::Library;
use super::tree::Tree;

/// What a text is for; decides how long it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Use {
    /// A chapter's, section's or step's title.
    Title,
    /// The text of a step's or chapter's page.
    Guide,
    /// The way through the console.
    Console,
    /// A hint.
    Hint,
    /// Why these values and no others.
    Why,
    /// Where the notes differ.
    Notes,
    /// What must hold.
    Condition,
    /// What is said when it does not hold, and how to mend it.
    Failure,
    /// What a question asks.
    Ask,
    /// An option of a question.
    Choice,
    /// Why an answer is right or wrong.
    Reason,
    /// A word of the glossary.
    Word,
    /// Its meaning.
    Meaning,
}

impl Use {
    /// The most cells that the text may take in either language.
    const fn longest(self) -> usize {
        match self {
            Self::Title | Self::Word => 34,
            Self::Guide => 3200,
            Self::Console => 700,
            Self::Why => 2400,
            Self::Hint => 420,
            Self::Notes => 230,
            Self::Condition => 72,
            Self::Failure => 230,
            Self::Meaning => 150,
            Self::Ask => 280,
            Self::Choice => 140,
            Self::Reason => 300,
        }
    }

    /// Whether it is Markdown.
    const fn is_markdown(self) -> bool {
        matches!(self, Self::Guide | Self::Console | Self::Hint | Self::Why | Self::Notes)
    }

    /// Whether it is made of sentences.
    const fn is_prose(self) -> bool {
        !matches!(self, Self::Title | Self::Word | Self::Choice)
    }
}

/// A text for learners.
struct Piece<'a> {
    lang: Lang,
    use_: Use,
    at: &'a At<String>,
}

impl Piece<'_> {
    /// A fault at some bytes of the text.
    fn fault(&self, library: &Library, part: Range<usize>, ko: impl Into<String>, en: impl Into<String>) -> Fault {
        let source = library.files.get(self.at.file).and_then(|file| file.text.get(self.at.span.clone()));
        // In Markdown the text is the source; in TOML it has quotes around it, and may have escapes.
        let quote = source.and_then(|source| source.find(self.at.value.as_str()));
        let span = match quote {
            Some(offset) => self.at.span.start + offset + part.start..self.at.span.start + offset + part.end,
            None => self.at.span.clone(),
        };
        Fault::new(self.at.file, span, ko, en)
    }
}

/// Notes every fault.
pub(super) fn lint(tree: &Tree, course: &Course, library: &Library, faults: &Faults) {
    for (id, file) in library.files.iter().enumerate() {
        letters::check(id, &file.text, faults);
    }
    let pieces = pieces(tree);
    words::check(&pieces, tree, course, library, faults);
    steps::check(tree, faults);
    questions::check(tree, faults);
}

fn pieces(tree: &Tree) -> Vec<Piece<'_>> {
    let mut out = Vec::new();
    for (at, lang) in [(0, Lang::Ko), (1, Lang::En)] {
        let mut add = |use_: Use, at| out.push(Piece { lang, use_, at });
        add(Use::Title, tree.title.both()[at]);
        for term in &tree.terms {
            add(Use::Word, term.word.both()[at]);
            add(Use::Meaning, term.meaning.both()[at]);
        }
        for chapter in &tree.chapters {
            for page in &chapter.pages[at] {
                add(Use::Title, &page.title);
                add(Use::Guide, &page.guide);
                page.console.iter().for_each(|part| add(Use::Console, part));
                page.hints.iter().for_each(|part| add(Use::Hint, part));
                page.why.iter().for_each(|part| add(Use::Why, part));
                page.notes.iter().for_each(|part| add(Use::Notes, part));
            }
            let steps = || chapter.sections.iter().flat_map(|section| &section.steps);
            for asked in steps().flat_map(|step| &step.questions) {
                questions::texts(asked).for_each(|(use_, text)| add(use_, text.both()[at]));
            }
            for check in chapter.sections.iter().flat_map(|section| &section.steps).flat_map(|step| &step.checks) {
                add(Use::Condition, check.title.both()[at]);
                add(Use::Failure, check.failure.both()[at]);
                add(Use::Failure, check.mend.both()[at]);
            }
        }
    }
    out
}
