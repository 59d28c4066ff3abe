//! The filters of Describe operations: exact names, `*` and `?` in values, `tag:KEY` and `tag-key`.

use std::collections::BTreeMap;

use super::errors::invalid_value;
use crate::practice::services::ApiError;
use crate::practice::wire::query::Params;

/// The filters of a request: a resource must satisfy all, each by any of its values.
#[derive(Debug, Default)]
pub(super) struct Filters<'a>(Vec<(&'a str, Vec<&'a str>)>);

impl<'a> Filters<'a> {
    /// Reads `Filter.N`; `names` are those that the operation knows beside the tag filters.
    pub(super) fn read(params: &'a Params, names: &[&str]) -> Result<Self, ApiError> {
        let mut filters = Vec::new();
        for filter in params.structs("Filter") {
            let name = filter.required("Name")?;
            let values = filter.list("Value");
            let is_tag = name.starts_with("tag:") || name == "tag-key" || name == "tag-value";
            if !is_tag && !names.contains(&name) {
                return Err(invalid_value(format!(
                    "The filter '{name}' is invalid (or the practice cloud does not simulate it)"
                )));
            }
            if values.is_empty() {
                return Err(invalid_value(format!("The filter '{name}' must have at least one value")));
            }
            filters.push((name, values));
        }
        Ok(Self(filters))
    }

    /// Does a resource pass? `fact` gives its values for a filter's name.
    pub(super) fn pass(&self, tags: Option<&BTreeMap<String, String>>, fact: impl Fn(&str) -> Vec<String>) -> bool {
        self.0.iter().all(|(name, wanted)| {
            let values: Vec<String> = if let Some(key) = name.strip_prefix("tag:") {
                tags.and_then(|tags| tags.get(key)).cloned().into_iter().collect()
            } else if *name == "tag-key" {
                tags.map(|tags| tags.keys().cloned().collect()).unwrap_or_default()
            } else if *name == "tag-value" {
                tags.map(|tags| tags.values().cloned().collect()).unwrap_or_default()
            } else {
                fact(name)
            };
            values.iter().any(|value| wanted.iter().any(|pattern| matches(pattern, value)))
        })
    }
}

/// Does the text match a pattern in which `*` is any text, `?` any character, and a backslash takes their meaning away?
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    #[derive(Clone, Copy)]
    enum Piece {
        Any,
        One,
        Exactly(char),
    }
    let mut pieces = Vec::new();
    let mut chars = pattern.chars();
    while let Some(next) = chars.next() {
        pieces.push(match next {
            '*' => Piece::Any,
            '?' => Piece::One,
            '\\' => Piece::Exactly(chars.next().unwrap_or('\\')),
            other => Piece::Exactly(other),
        });
    }
    let text: Vec<char> = text.chars().collect();
    // Where to go back to: the last `*` and how much of the text it has taken.
    let (mut p, mut t, mut back) = (0, 0, None);
    while t < text.len() {
        match pieces.get(p) {
            Some(Piece::Any) => {
                back = Some((p, t));
                p += 1;
                continue;
            }
            Some(Piece::One) => {
                p += 1;
                t += 1;
                continue;
            }
            Some(Piece::Exactly(c)) if text.get(t) == Some(c) => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        let Some((star, taken)) = back else { return false };
        back = Some((star, taken + 1));
        p = star + 1;
        t = taken + 1;
    }
    pieces.get(p..).unwrap_or_default().iter().all(|piece| matches!(piece, Piece::Any))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards() {
        for (pattern, text, want) in [
            ("my-vpc", "my-vpc", true),
            ("my-vpc", "my-vpc-2", false),
            ("my-*", "my-vpc", true),
            ("*", "", true),
            ("?", "", false),
            ("my-???", "my-vpc", true),
            ("*-vpc*", "my-vpc", true),
            ("a*b*c", "aXbYbZc", true),
            ("a*b*c", "aXbYbZ", false),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("서?", "서울", true),
        ] {
            assert_eq!(matches(pattern, text), want, "{pattern} {text}");
        }
    }
}
