//! Pages of Describe operations: MaxRecords and NextToken.

use super::Call;
use super::errors::invalid;
use crate::practice::services::{ApiError, pages};
use crate::practice::wire::xml::Element;

/// A page and the token of the next.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

impl<T> Page<T> {
    /// As a result's list, with the token.
    pub(super) fn answer(self, result: Element, list: &str, element: impl Fn(T) -> Element) -> Element {
        result.members(list, self.items.into_iter().map(element)).leaf_opt("NextToken", self.next)
    }
}

/// Cuts a page out of what was chosen, in the order it has; keys tell the items apart. A token holds the last key that was given.
pub(super) fn paginate<T>(call: &Call<'_>, chosen: Vec<(String, T)>, usual: usize) -> Result<Page<T>, ApiError> {
    let size = match call.params.int("MaxRecords")? {
        None => usual,
        Some(asked) => usize::try_from(asked)
            .ok()
            .filter(|size| (1..=100).contains(size))
            .ok_or_else(|| invalid(format!("The number of records must be between 1 and 100, but was {asked}.")))?,
    };
    let after = call.params.text("NextToken").filter(|token| !token.is_empty());
    let after = after.map(|token| pages::key(token).ok_or_else(wrong)).transpose()?;
    let begin = match after {
        None => 0,
        Some(after) => chosen.iter().position(|(key, _)| *key == after).map(|at| at + 1).ok_or_else(wrong)?,
    };
    let (items, last) = pages::cut(chosen.into_iter().skip(begin), size);
    Ok(Page { items, next: last.map(|key| pages::token(&key)) })
}

fn wrong() -> ApiError {
    ApiError::new("InvalidNextToken", "The NextToken value is not valid.")
}
