//! Pages of Describe operations: PageSize and Marker.

use super::Call;
use super::errors::invalid;
use crate::practice::services::{ApiError, pages};

/// A page and the marker of the next.
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

/// Cuts a page out of what was chosen, in the order of its keys. A marker holds the last key that was given.
pub(super) fn paginate<T>(call: &Call<'_>, mut chosen: Vec<(String, T)>) -> Result<Page<T>, ApiError> {
    let size = match call.params.int("PageSize")? {
        None => 400,
        Some(asked) => usize::try_from(asked).ok().filter(|size| (1..=400).contains(size)).ok_or_else(|| {
            invalid(format!(
                "1 validation error detected: Value '{asked}' at 'pageSize' failed to satisfy constraint: Member must have value between 1 and 400"
            ))
        })?,
    };
    let marker = call.params.text("Marker").filter(|marker| !marker.is_empty());
    let wrong = || invalid("The marker is not valid");
    let after = marker.map(|marker| pages::key(marker).ok_or_else(wrong)).transpose()?;
    chosen.sort_by(|(one, _), (other, _)| one.cmp(other));
    let rest = chosen.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after));
    let (items, last) = pages::cut(rest, size);
    Ok(Page { items, next: last.map(|key| pages::token(&key)) })
}
