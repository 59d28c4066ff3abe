//! The course: the model of `labs/`, its loader and its linter.
//!
//! Promises: a [`model::Course`] that was loaded is complete (every reference resolves, every field is
//! known, both languages are there), or an error that names file, line, column and a mend.
//! Leaves to others: what a resource kind means (the loader sees kinds through [`schema::Schema`]).
//!
//! The stages, one file each: `source` (where files come from) -> `table`, `prose` (TOML and Markdown with places)
//! -> `tree`, `questions` (the files as read), `mistakes` (what learners do wrong, read only for tests and the linter)
//! -> `resolve`, `fields` (the model, `quiz`) and `lint` (what authors must keep beyond that) -> `tailor` (the course for
//! one learner).
//! Faults of every stage are `fault`'s.

mod fault;
mod fields;
mod lint;
mod mistakes;
pub mod model;
mod prose;
mod questions;
pub mod quiz;
mod resolve;
pub mod schema;
mod source;
mod table;
mod tailor;
mod tree;

use std::path::Path;

use crate::problem::{Problem, ProblemKind};

use fault::Faults;
use model::{Course, Mistake};
use schema::Schema;
use source::Library;

/// The course in `labs`, or the one inside the binary.
///
/// # Errors
/// Every fault of its files, in the order of files and lines. [`summary`] makes one problem of them.
pub fn load(labs: Option<&Path>, schema: &dyn Schema) -> Result<Course, Vec<Problem>> {
    let library = labs.map_or_else(|| Ok(Library::embedded()), Library::read)?;
    load_library(&library, schema)
}

fn load_library(library: &Library, schema: &dyn Schema) -> Result<Course, Vec<Problem>> {
    let faults = Faults::default();
    let course = tree::read(library, &faults).map(|tree| resolve::resolve(&tree, library, schema, &faults));
    match course {
        Some(course) if faults.is_empty() => Ok(course),
        _ => Err(faults.problems(library)),
    }
}

/// The course with its seeded mistakes, for those who test it; [`load`] leaves them unread.
///
/// # Errors
/// As [`load`].
pub fn load_with_mistakes(labs: Option<&Path>, schema: &dyn Schema) -> Result<(Course, Vec<Mistake>), Vec<Problem>> {
    let library = labs.map_or_else(|| Ok(Library::embedded()), Library::read)?;
    let faults = Faults::default();
    let read = tree::read(&library, &faults).map(|tree| {
        (resolve::resolve(&tree, &library, schema, &faults), mistakes::read(&tree, &library, schema, &faults))
    });
    match read {
        Some(read) if faults.is_empty() => Ok(read),
        _ => Err(faults.problems(&library)),
    }
}

/// Every fault of the course in `labs`, or of the one inside the binary: the loader's and the linter's.
pub fn lint(labs: Option<&Path>, schema: &dyn Schema) -> Vec<Problem> {
    match labs.map_or_else(|| Ok(Library::embedded()), Library::read) {
        Ok(library) => lint_library(&library, schema),
        Err(problems) => problems,
    }
}

fn lint_library(library: &Library, schema: &dyn Schema) -> Vec<Problem> {
    let faults = Faults::default();
    if let Some(tree) = tree::read(library, &faults) {
        let course = resolve::resolve(&tree, library, schema, &faults);
        lint::lint(&tree, &course, library, &faults);
        mistakes::read(&tree, library, schema, &faults);
    }
    faults.problems(library)
}

/// One problem that tells all of these.
pub fn summary(problems: &[Problem]) -> Problem {
    match problems {
        [one] => one.clone(),
        many => {
            let all = |lang| many.iter().map(|problem| problem.render(lang)).collect::<Vec<_>>().join("\n\n");
            let count = many.len();
            Problem::new(
                ProblemKind::Course,
                format!("강의 파일에서 문제 {count}개를 찾았습니다"),
                format!("The course files have {count} problems"),
            )
            .because(all(crate::i18n::Lang::Ko), all(crate::i18n::Lang::En))
        }
    }
}

#[cfg(test)]
mod tests;
