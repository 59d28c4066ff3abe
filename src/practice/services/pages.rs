//! Pages of lists: what the services have in common.
//!
//! Promises: a page ends with the key of the last item that was given, so that what comes or goes meanwhile moves nothing. Leaves to each service:
//! how many items a page may have, what its token is called, and what it says of a wrong one.

/// At most `size` of the items, and the key of the last of them when there are more.
pub(super) fn cut<K, T>(rest: impl IntoIterator<Item = (K, T)>, size: usize) -> (Vec<T>, Option<K>) {
    let mut rest = rest.into_iter();
    let (mut items, mut last) = (Vec::new(), None);
    for (key, item) in rest.by_ref().take(size) {
        last = Some(key);
        items.push(item);
    }
    let next = rest.next().and(last);
    (items, next)
}

/// A key as a token that says nothing to whoever gets it.
pub(super) fn token(key: &str) -> String {
    key.bytes().map(|byte| format!("{byte:02x}")).collect()
}

/// The key in a token; none when it is not one.
pub(super) fn key(token: &str) -> Option<String> {
    let pairs = token.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> = pairs
        .map(|pair| match std::str::from_utf8(pair) {
            Ok(pair) if pair.len() == 2 && pair.bytes().all(|one| one.is_ascii_hexdigit()) => {
                u8::from_str_radix(pair, 16).ok()
            }
            _ => None,
        })
        .collect();
    String::from_utf8(bytes?).ok().filter(|key| !key.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_ends_with_the_key_of_its_last_item() {
        let all = || [("a", 1), ("b", 2), ("c", 3)];
        assert_eq!(cut(all(), 2), (vec![1, 2], Some("b")));
        assert_eq!(cut(all(), 3), (vec![1, 2, 3], None));
        assert_eq!(cut(all(), 9), (vec![1, 2, 3], None));
    }

    #[test]
    fn a_token_is_a_key_or_it_is_wrong() {
        for name in ["i-0123456789abcdef0", "이름", "a"] {
            assert_eq!(key(&token(name)).as_deref(), Some(name));
        }
        for wrong in ["", "6", "zz", "+1", "ff", "이름"] {
            assert_eq!(key(wrong), None, "{wrong}");
        }
    }
}
