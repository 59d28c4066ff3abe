//! The members of a JSON or CBOR request, read one by one, so that what nobody read can be refused.

use std::cell::RefCell;
use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// Why a member cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MemberError {
    /// A required member is not there.
    #[error("1 validation error detected: Value at '{0}' failed to satisfy constraint: Member must not be null")]
    Missing(String),
    /// A member is of another type.
    #[error("{name} is not {wanted}")]
    Type {
        /// Its name.
        name: String,
        /// `a string`
        wanted: &'static str,
    },
    /// Nobody read it: it is not simulated.
    #[error("the parameter {0}")]
    Unread(String),
}

/// An object of a request.
#[derive(Debug)]
pub struct Members<'a> {
    path: String,
    map: Option<&'a Map<String, Value>>,
    read: RefCell<BTreeSet<&'a str>>,
}

impl<'a> Members<'a> {
    /// The whole request.
    pub fn new(value: &'a Value) -> Self {
        Self::within(String::new(), value)
    }

    fn within(path: String, value: &'a Value) -> Self {
        Self { path, map: value.as_object(), read: RefCell::default() }
    }

    fn full(&self, name: &str) -> String {
        if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) }
    }

    /// A member, if it is there and not null.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        let (key, value) = self.map?.get_key_value(name)?;
        self.read.borrow_mut().insert(key.as_str());
        (!value.is_null()).then_some(value)
    }

    fn typed<T>(
        &self,
        name: &str,
        wanted: &'static str,
        take: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, MemberError> {
        let wrong = || MemberError::Type { name: self.full(name), wanted };
        self.get(name).map(|value| take(value).ok_or_else(wrong)).transpose()
    }

    /// A string.
    pub fn text(&self, name: &str) -> Result<Option<&'a str>, MemberError> {
        self.typed(name, "a string", Value::as_str)
    }

    /// A string that must be there.
    pub fn required(&self, name: &str) -> Result<&'a str, MemberError> {
        self.text(name)?.ok_or_else(|| MemberError::Missing(self.full(name)))
    }

    /// A whole number.
    pub fn int(&self, name: &str) -> Result<Option<i64>, MemberError> {
        self.typed(name, "a whole number", Value::as_i64)
    }

    /// A number.
    pub fn number(&self, name: &str) -> Result<Option<f64>, MemberError> {
        self.typed(name, "a number", Value::as_f64)
    }

    /// A truth value.
    pub fn bool(&self, name: &str) -> Result<Option<bool>, MemberError> {
        self.typed(name, "true or false", Value::as_bool)
    }

    /// A list of strings; empty when it is not there.
    pub fn texts(&self, name: &str) -> Result<Vec<&'a str>, MemberError> {
        let texts = |value: &'a Value| value.as_array()?.iter().map(Value::as_str).collect();
        Ok(self.typed(name, "a list of strings", texts)?.unwrap_or_default())
    }

    /// A list of objects; empty when it is not there. Each is to be [finished](Self::finish).
    pub fn objects(&self, name: &str) -> Result<Vec<Members<'a>>, MemberError> {
        let items = self.typed(name, "a list of objects", Value::as_array)?;
        let numbered = items.into_iter().flatten().enumerate();
        Ok(numbered.map(|(index, item)| Self::within(format!("{}[{index}]", self.full(name)), item)).collect())
    }

    /// An object; an empty one when it is not there. It is to be [finished](Self::finish).
    pub fn object(&self, name: &str) -> Members<'a> {
        let path = self.full(name);
        match self.get(name) {
            Some(value) => Self::within(path, value),
            None => Self { path, map: None, read: RefCell::default() },
        }
    }

    /// Whether it has any member.
    pub fn is_empty(&self) -> bool {
        self.map.is_none_or(Map::is_empty)
    }

    /// Refuses members that nobody read.
    pub fn finish(&self) -> Result<(), MemberError> {
        let read = self.read.borrow();
        let mut names = self.map.into_iter().flatten().map(|(name, _)| name);
        match names.find(|name| !read.contains(name.as_str())) {
            Some(name) => Err(MemberError::Unread(self.full(name))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use serde_json::json;

    #[test]
    fn members_by_type_and_what_nobody_read() {
        let value = json!({"Name": "a", "Count": 3, "Tags": [{"Key": "k", "X": 1}], "None": null});
        let members = Members::new(&value);
        assert_eq!(members.required("Name"), Ok("a"));
        assert_eq!(members.required("None"), Err(MemberError::Missing("None".into())));
        assert!(members.text("Count").is_err());
        assert_eq!(members.finish(), Err(MemberError::Unread("Tags".into())));
        let tags = members.objects("Tags").unwrap();
        assert_eq!(tags[0].text("Key"), Ok(Some("k")));
        assert_eq!(tags[0].finish(), Err(MemberError::Unread("Tags[0].X".into())));
        assert_eq!(members.int("Count"), Ok(Some(3)));
        assert_eq!(members.finish(), Ok(()));
    }
}
