//! The AWS JSON 1.0/1.1 protocols: an object in, an object out; errors carry `__type`.

use serde_json::{Value, json};

/// The content type of JSON 1.1.
pub const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The body of a request as an object; an empty body is an empty object.
pub fn parse(body: &[u8]) -> Result<Value, String> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(json!({}));
    }
    match serde_json::from_slice(body) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(_) => Err("the request body is not a JSON object".to_string()),
        Err(error) => Err(format!("the request body is not JSON: {error}")),
    }
}

/// The text of an answer. A time (`{"$time": ms}`, as in CBOR's answers) becomes seconds with a fraction.
pub fn render(value: &Value) -> String {
    with_times(value).to_string()
}

fn with_times(value: &Value) -> Value {
    match value {
        Value::Object(map) => match (map.len(), map.get("$time").and_then(Value::as_i64)) {
            (1, Some(ms)) => json!(ms as f64 / 1000.0),
            _ => map.iter().map(|(name, one)| (name.clone(), with_times(one))).collect(),
        },
        Value::Array(items) => items.iter().map(with_times).collect(),
        other => other.clone(),
    }
}

/// The body of an error.
pub fn error(code: &str, message: &str) -> Value {
    json!({ "__type": code, "message": message, "Message": message })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds() {
        let answer = json!({"a": [{"at": {"$time": 1500}}], "b": {"$time": "x"}});
        assert_eq!(render(&answer), r#"{"a":[{"at":1.5}],"b":{"$time":"x"}}"#);
    }

    #[test]
    fn only_objects() {
        assert_eq!(parse(b" "), Ok(json!({})));
        assert_eq!(parse(br#"{"Name":"a"}"#), Ok(json!({"Name": "a"})));
        assert!(parse(b"[]").is_err());
        assert!(parse(b"{").is_err());
    }
}
