//! Metric math as far as it is simulated: `SUM`, `AVG`, `MIN` or `MAX` of `METRICS()` or of a list of ids.

use std::collections::BTreeMap;

use crate::practice::services::ApiError;

/// Times (ms) and values, oldest first.
pub(super) type Series = Vec<(i64, f64)>;

/// The value of an expression over the series of the queries before it.
pub(super) fn value(text: &str, metrics: &[&str], found: &BTreeMap<&str, Series>) -> Result<Series, ApiError> {
    let refuse = || ApiError::not_simulated(format_args!("the expression {text}"));
    let bare: String = text.chars().filter(|one| !one.is_whitespace()).collect();
    let (function, rest) = bare.split_once('(').ok_or_else(refuse)?;
    let inner = rest.strip_suffix(')').ok_or_else(refuse)?;
    let ids: Vec<&str> = match inner {
        "METRICS()" => metrics.to_vec(),
        list => {
            let list = list.strip_prefix('[').and_then(|list| list.strip_suffix(']')).ok_or_else(refuse)?;
            list.split(',').collect()
        }
    };
    // By time: how many have a point, and the sum, least and most of them.
    let mut moments: BTreeMap<i64, (f64, f64, f64, f64)> = BTreeMap::new();
    for id in ids {
        for (at, value) in found.get(id).ok_or_else(refuse)? {
            let entry = moments.entry(*at).or_insert((0.0, 0.0, *value, *value));
            *entry = (entry.0 + 1.0, entry.1 + value, entry.2.min(*value), entry.3.max(*value));
        }
    }
    let pick = match function.to_ascii_uppercase().as_str() {
        "SUM" => |(_, sum, ..): &(f64, f64, f64, f64)| *sum,
        "AVG" => |(count, sum, ..): &(f64, f64, f64, f64)| sum / count,
        "MIN" => |(_, _, least, _): &(f64, f64, f64, f64)| *least,
        "MAX" => |(.., most): &(f64, f64, f64, f64)| *most,
        _ => return Err(refuse()),
    };
    Ok(moments.iter().map(|(at, all)| (*at, pick(all))).collect())
}
