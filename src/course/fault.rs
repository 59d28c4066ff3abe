//! Faults of course files, with the place, a caret and a mend.
//!
//! Readers and linters collect [`Fault`]s; each becomes one [`Problem`] with the source lines in its detail.

use std::ops::Range;
use std::sync::{Mutex, MutexGuard, PoisonError};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::i18n::{Lang, Text};
use crate::problem::{Problem, ProblemKind};

use super::source::{FileId, Library};

/// A value with its place.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    /// The value.
    pub value: T,
    /// Which file.
    pub file: FileId,
    /// Which bytes of it.
    pub span: Range<usize>,
}

impl<T> At<T> {
    /// A value at a place.
    pub(super) fn new(value: T, file: FileId, span: Range<usize>) -> Self {
        Self { value, file, span }
    }

    /// Another value at the same place.
    pub(super) fn with<U>(&self, value: U) -> At<U> {
        At { value, file: self.file, span: self.span.clone() }
    }

    /// A fault at this place.
    pub(super) fn fault(&self, ko: impl Into<String>, en: impl Into<String>) -> Fault {
        Fault::new(self.file, self.span.clone(), ko, en)
    }
}

/// Something wrong in a course file.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    file: FileId,
    span: Range<usize>,
    title: Text,
    label: Text,
    hints: Vec<Text>,
    also: Option<(Range<usize>, Text)>,
}

impl Fault {
    /// A fault at a place.
    pub(super) fn new(file: FileId, span: Range<usize>, ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self { file, span, title: Text::new(ko, en), label: Text::default(), hints: Vec::new(), also: None }
    }

    /// What is written beside the caret.
    #[must_use]
    pub(super) fn label(mut self, ko: impl Into<String>, en: impl Into<String>) -> Self {
        self.label = Text::new(ko, en);
        self
    }

    /// A mend.
    #[must_use]
    pub(super) fn hint(mut self, ko: impl Into<String>, en: impl Into<String>) -> Self {
        self.hints.push(Text::new(ko, en));
        self
    }

    /// The mend for a misspelt word: the nearest known one, else all of them.
    #[must_use]
    pub(super) fn known<'a>(self, word: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        match nearest(word, &known) {
            Some(near) => self.hint(format!("혹시 `{near}`인가요?"), format!("did you mean `{near}`?")),
            None if known.is_empty() => self,
            None => {
                let list = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
                self.hint(format!("쓸 수 있는 것: {list}"), format!("known: {list}"))
            }
        }
    }

    /// A second place that explains the first, when it is in the same file.
    #[must_use]
    pub(super) fn also<T>(mut self, at: &At<T>, ko: impl Into<String>, en: impl Into<String>) -> Self {
        if at.file == self.file {
            self.also = Some((at.span.clone(), Text::new(ko, en)));
        }
        self
    }

    /// What is shown.
    pub(super) fn problem(&self, library: &Library) -> Problem {
        let mut problem = Problem::new(ProblemKind::Course, &*self.title.ko, &*self.title.en);
        if let Some(file) = library.files.get(self.file) {
            let place = file.place(self.span.start);
            problem = problem.from(format!("{}:{}:{}", place.file, place.line, place.column));
            problem.detail = Text::new(
                self.snippet(&file.path, &file.text, Lang::Ko),
                self.snippet(&file.path, &file.text, Lang::En),
            );
        }
        problem.hints.clone_from(&self.hints);
        problem
    }

    fn snippet(&self, path: &str, text: &str, lang: Lang) -> String {
        let mut snippet = Snippet::source(text)
            .path(path)
            .annotation(AnnotationKind::Primary.span(inside(&self.span, text)).label(self.label.get(lang)));
        if let Some((span, label)) = &self.also {
            snippet = snippet.annotation(AnnotationKind::Context.span(inside(span, text)).label(label.get(lang)));
        }
        Renderer::plain().term_width(100).render(&[Group::with_level(Level::ERROR).element(snippet)])
    }
}

/// The most characters that are underlined; more would only show that the line is long.
const LONGEST: usize = 48;

/// The span, cut to the text and to one line (a table's span can be pages long), on character borders.
fn inside(span: &Range<usize>, text: &str) -> Range<usize> {
    let border = |mut at: usize| {
        at = at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = border(span.start);
    let line = text[start..].char_indices().take(LONGEST).find(|(_, c)| *c == '\n').map_or_else(
        || text[start..].char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| start + at),
        |(at, _)| start + at,
    );
    start..border(span.end).clamp(start, line.max(start))
}

/// Collects faults; the readers of all files share it.
#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// Notes a fault.
    pub(super) fn add(&self, fault: Fault) {
        self.all().push(fault);
    }

    fn all(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.all().is_empty()
    }

    /// All of them, in the order of files and lines.
    pub(super) fn problems(self, library: &Library) -> Vec<Problem> {
        let mut faults = self.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        faults.sort_by_key(|fault| (fault.file, fault.span.start));
        faults.iter().map(|fault| fault.problem(library)).collect()
    }
}

/// The known word that is most like a misspelt one, when one is near enough.
pub(super) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let allowed = (word.chars().count() / 3).max(1);
    known
        .iter()
        .map(|known| (strsim::osa_distance(word, known), *known))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}
