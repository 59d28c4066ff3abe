//! Smithy RPC v2 CBOR: an object in, an object out; errors carry `__type`.
//!
//! Values are JSON values. A time, which CBOR marks with tag 1, is `{"$time": milliseconds}` in an answer, and
//! seconds with a fraction in a request.

use ciborium::value::{Integer, Value as Cbor};
use serde_json::{Map, Value, json};

/// The content type.
pub const CONTENT_TYPE: &str = "application/cbor";

/// The body of a request as an object; an empty body is an empty object.
pub fn parse(body: &[u8]) -> Result<Value, String> {
    if body.is_empty() {
        return Ok(json!({}));
    }
    let value: Cbor = ciborium::from_reader(body).map_err(|error| format!("the request body is not CBOR: {error}"))?;
    match to_json(value)? {
        value @ Value::Object(_) => Ok(value),
        _ => Err("the request body is not a CBOR map".to_owned()),
    }
}

fn to_json(value: Cbor) -> Result<Value, String> {
    Ok(match value {
        Cbor::Integer(number) => i64::try_from(number).map_err(|_| "a number is out of range".to_owned())?.into(),
        Cbor::Float(number) => json!(number),
        Cbor::Text(text) => text.into(),
        Cbor::Bool(value) => value.into(),
        Cbor::Null => Value::Null,
        Cbor::Tag(_, inner) => to_json(*inner)?,
        Cbor::Array(items) => Value::Array(items.into_iter().map(to_json).collect::<Result<_, _>>()?),
        Cbor::Map(members) => {
            let mut map = Map::new();
            for (name, value) in members {
                let name = name.into_text().map_err(|_| "a member's name is not a text".to_owned())?;
                map.insert(name, to_json(value)?);
            }
            Value::Object(map)
        }
        other => return Err(format!("{other:?} is not expected in a request")),
    })
}

/// The body of an answer.
pub fn render(value: &Value) -> Vec<u8> {
    let mut body = Vec::new();
    // Writing to memory cannot fail.
    let _ = ciborium::into_writer(&to_cbor(value), &mut body);
    body
}

fn to_cbor(value: &Value) -> Cbor {
    match value {
        Value::Null => Cbor::Null,
        Value::Bool(value) => Cbor::Bool(*value),
        Value::Number(number) => match number.as_i64() {
            Some(number) => Cbor::Integer(Integer::from(number)),
            None => Cbor::Float(number.as_f64().unwrap_or_default()),
        },
        Value::String(text) => Cbor::Text(text.clone()),
        Value::Array(items) => Cbor::Array(items.iter().map(to_cbor).collect()),
        Value::Object(members) => match members.get("$time").and_then(Value::as_i64) {
            Some(ms) => Cbor::Tag(1, Box::new(Cbor::Float(ms as f64 / 1000.0))),
            None => Cbor::Map(members.iter().map(|(name, value)| (Cbor::Text(name.clone()), to_cbor(value))).collect()),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn there_and_back() {
        let value = json!({"Name": "a", "List": [1, 2.5, true, null], "Map": {"x": -3}});
        assert_eq!(parse(&render(&value)).unwrap(), value);
        assert_eq!(parse(b"").unwrap(), json!({}));
        assert!(parse(&render(&json!([1]))).is_err());
        assert!(parse(b"\xff").is_err());
    }

    #[test]
    fn times_are_tagged() {
        assert_eq!(parse(&render(&json!({"At": {"$time": 1500}}))).unwrap(), json!({"At": 1.5}));
        assert!(render(&json!({"$time": 0})).starts_with(&[0xc1]));
    }
}
