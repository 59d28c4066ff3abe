//! The course: the model of `labs/`, its loader and its linter.
//!
//! Promises: a [`model::Course`] that was loaded is complete (every reference resolves, every field is
//! known, both languages are there), or an error that names file, line, column and a mend.
//! Leaves to others: what a resource kind means (the loader sees kinds through [`schema::Schema`]).

pub mod model;
pub mod schema;
