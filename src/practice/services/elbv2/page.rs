//! Pages of Describe operations: PageSize and Marker.

use super::Call;
use super::errors::invalid;
use crate::practice::services::ApiError;

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
    let after = call.params.text("Marker").filter(|marker| !marker.is_empty()).map(read).transpose()?;
    chosen.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut rest = chosen.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)).peekable();
    let mut items = Vec::new();
    let mut last = String::new();
    while items.len() < size {
        let Some((key, item)) = rest.next() else { break };
        last = key;
        items.push(item);
    }
    let next = rest.peek().map(|_| last.bytes().map(|byte| format!("{byte:02x}")).collect());
    Ok(Page { items, next })
}

fn read(marker: &str) -> Result<String, ApiError> {
    let wrong = || invalid("The marker is not valid");
    if !marker.is_ascii() || !marker.len().is_multiple_of(2) {
        return Err(wrong());
    }
    let bytes: Option<Vec<u8>> = marker
        .as_bytes()
        .chunks(2)
        .map(|pair| std::str::from_utf8(pair).ok().and_then(|pair| u8::from_str_radix(pair, 16).ok()))
        .collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok()).ok_or_else(wrong)
}
