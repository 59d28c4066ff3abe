//! Describe operations: ids that must exist, filters, pages.

use super::Call;
use super::errors::{Noun, invalid_combination, invalid_value};
use super::filters::Filters;
use crate::practice::services::{ApiError, pages};
use crate::practice::world::Region;

/// How a Describe operation chooses.
pub(super) struct Choice<'c> {
    /// The list of ids: `VpcId`.
    pub(super) ids: &'c str,
    /// The words for an id that does not exist.
    pub(super) noun: &'c Noun,
    /// The filters it knows.
    pub(super) filters: &'c [&'c str],
    /// The smallest MaxResults.
    pub(super) smallest: usize,
}

/// The chosen ids, in order, and where the next page begins.
pub(super) struct Page<T> {
    /// The chosen ones.
    pub(super) items: Vec<T>,
    /// NextToken.
    pub(super) next: Option<String>,
}

/// Chooses among `all` (sorted by id) by ids, filters and page. `fact` gives a resource's values for a filter's name.
pub(super) fn choose<'r, T>(
    call: &'r Call<'_>,
    choice: &Choice<'_>,
    all: impl Iterator<Item = (&'r String, &'r T)>,
    fact: impl Fn(&'r Region, &'r T, &str) -> Vec<String>,
) -> Result<Page<&'r T>, ApiError> {
    let region: &Region = call.region;
    let ids = call.params.list(choice.ids);
    let filters = Filters::read(call.params, choice.filters)?;
    let known: Vec<(&String, &T)> = all.filter(|(id, _)| !region.is_hidden(id)).collect();
    if let Some(id) = ids.iter().find(|id| !known.iter().any(|(one, _)| one == *id)) {
        return Err(choice.noun.not_found(id));
    }
    let chosen = known
        .into_iter()
        .filter(|(id, _)| ids.is_empty() || ids.contains(&id.as_str()))
        .filter(|(id, one)| filters.pass(region.tags.get(*id), |name| fact(region, one, name)))
        .collect();
    paginate(call, choice, !ids.is_empty(), chosen)
}

/// Cuts a page out of what was chosen, by MaxResults and NextToken. A token holds the last id that was given, so that what goes or comes meanwhile
/// moves nothing.
pub(super) fn paginate<T>(
    call: &Call<'_>,
    choice: &Choice<'_>,
    by_id: bool,
    chosen: Vec<(&String, T)>,
) -> Result<Page<T>, ApiError> {
    let limit = call.params.int("MaxResults")?;
    let token = call.params.text("NextToken").filter(|token| !token.is_empty());
    if limit.is_some() && by_id {
        let list = choice.ids;
        return Err(invalid_combination(format!("The parameter {list} cannot be used with the parameter maxResults")));
    }
    let limit = match limit {
        None => usize::MAX,
        Some(asked) => match usize::try_from(asked) {
            Ok(asked) if (choice.smallest..=1000).contains(&asked) => asked,
            _ => {
                return Err(invalid_value(format!(
                    "Value ( {asked} ) for parameter maxResults is invalid. Expecting a value between {} and 1000.",
                    choice.smallest
                )));
            }
        },
    };
    let wrong = || ApiError::new("InvalidNextToken", "The token provided in the NextToken parameter is not valid");
    let read = |token| pages::key(token).filter(|id| id.contains('-')).ok_or_else(wrong);
    let after = token.map(read).transpose()?;
    let rest = chosen.into_iter().filter(|(id, _)| after.as_ref().is_none_or(|after| *id > after));
    let (items, last) = pages::cut(rest, limit);
    Ok(Page { items, next: last.map(|id| pages::token(id)) })
}
