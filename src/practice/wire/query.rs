//! The flat form bodies of the ec2Query and awsQuery protocols.
//!
//! `Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-0a&MaxResults=5` becomes [`Params`]; [`View`] reads below a prefix.
//! Every accessor marks what it gave as read, so that [`Params::unread`] can tell which parameters nobody looked at:
//! the practice cloud refuses those instead of ignoring them.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::percent_decode_str;

/// A parameter that cannot be read as what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParamError {
    /// It is required and not there.
    #[error("The request must contain the parameter {0}")]
    Missing(String),
    /// Its value is not of the wanted form.
    #[error("Value ({value}) for parameter {name} is invalid. {wanted}")]
    Invalid {
        /// The parameter, as on the wire.
        name: String,
        /// What came.
        value: String,
        /// What was wanted, as a sentence.
        wanted: String,
    },
}

/// A body that is no form at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the request body is not a form: {0}")]
pub struct FormError(String);

#[derive(Debug, Clone)]
struct Entry {
    value: String,
    read: Cell<bool>,
}

/// All parameters of a request.
#[derive(Debug, Clone, Default)]
pub struct Params {
    entries: BTreeMap<String, Entry>,
}

impl Params {
    /// Parses `application/x-www-form-urlencoded` text. Of a repeated name the last value counts.
    pub fn parse(body: &str) -> Result<Self, FormError> {
        let mut entries = BTreeMap::new();
        for pair in body.trim().split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            entries.insert(decode(name)?, Entry { value: decode(value)?, read: Cell::new(false) });
        }
        Ok(Self { entries })
    }

    /// Parameters from names and values, for tests and for requests made inside.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let entry = |value: V| Entry { value: value.into(), read: Cell::new(false) };
        Self { entries: pairs.into_iter().map(|(name, value)| (name.into(), entry(value))).collect() }
    }

    /// The whole request as a view.
    pub fn root(&self) -> View<'_> {
        View { params: self, prefix: String::new() }
    }

    /// The names that no accessor has given out, sorted.
    pub fn unread(&self) -> Vec<&str> {
        self.entries.iter().filter(|(_, entry)| !entry.read.get()).map(|(name, _)| name.as_str()).collect()
    }

    /// Names and values as they came, sorted by name, without marking anything as read.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.entries.iter().map(|(name, entry)| (name.as_str(), entry.value.as_str()))
    }

    /// See [`View::text`].
    pub fn text(&self, name: &str) -> Option<&str> {
        self.root().text(name)
    }

    /// See [`View::required`].
    pub fn required(&self, name: &str) -> Result<&str, ParamError> {
        self.root().required(name)
    }

    /// See [`View::int`].
    pub fn int(&self, name: &str) -> Result<Option<i64>, ParamError> {
        self.root().int(name)
    }

    /// See [`View::bool`].
    pub fn bool(&self, name: &str) -> Result<Option<bool>, ParamError> {
        self.root().bool(name)
    }

    /// See [`View::list`].
    pub fn list(&self, name: &str) -> Vec<&str> {
        self.root().list(name)
    }

    /// See [`View::structs`].
    pub fn structs(&self, name: &str) -> Vec<View<'_>> {
        self.root().structs(name)
    }

    /// See [`View::sub`].
    pub fn sub(&self, name: &str) -> View<'_> {
        self.root().sub(name)
    }

    /// See [`View::accept`].
    pub fn accept(&self, name: &str) {
        self.root().accept(name);
    }
}

/// The parameters below a prefix: a nested structure (`Ebs`) or one element of a list (`IpPermissions.1`).
#[derive(Debug, Clone)]
pub struct View<'a> {
    params: &'a Params,
    /// Empty, or ending in a dot.
    prefix: String,
}

impl<'a> View<'a> {
    /// The name of a member as on the wire, for messages: `IpPermissions.1.FromPort`.
    pub fn name_of(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    /// Whether nothing is below this prefix.
    pub fn is_empty(&self) -> bool {
        self.below().next().is_none()
    }

    /// A text, as it came.
    pub fn text(&self, name: &str) -> Option<&'a str> {
        let entry = if self.prefix.is_empty() {
            self.params.entries.get(name)
        } else {
            self.params.entries.get(&self.name_of(name))
        }?;
        entry.read.set(true);
        Some(&entry.value)
    }

    /// A text that must be there and not be empty.
    pub fn required(&self, name: &str) -> Result<&'a str, ParamError> {
        self.text(name).filter(|value| !value.is_empty()).ok_or_else(|| ParamError::Missing(self.name_of(name)))
    }

    /// A whole number.
    pub fn int(&self, name: &str) -> Result<Option<i64>, ParamError> {
        self.text(name)
            .map(|value| value.parse().map_err(|_| self.invalid(name, value, "It must be an integer.")))
            .transpose()
    }

    /// `true` or `false`, in any case.
    pub fn bool(&self, name: &str) -> Result<Option<bool>, ParamError> {
        let Some(value) = self.text(name) else { return Ok(None) };
        if value.eq_ignore_ascii_case("true") {
            Ok(Some(true))
        } else if value.eq_ignore_ascii_case("false") {
            Ok(Some(false))
        } else {
            Err(self.invalid(name, value, "It must be true or false."))
        }
    }

    /// The texts of a list, in the order of their numbers: `SubnetId.1`, `SubnetId.2`, ..., also
    /// `SubnetIds.member.1` of awsQuery.
    pub fn list(&self, name: &str) -> Vec<&'a str> {
        self.elements(name)
            .into_iter()
            .filter_map(|(element, whole)| if whole { self.text(&element) } else { None })
            .collect()
    }

    /// The structures of a list, in the order of their numbers: `Filter.1.Name`, `Filter.1.Value.1`, ...
    pub fn structs(&self, name: &str) -> Vec<View<'a>> {
        self.elements(name).into_iter().filter(|(_, whole)| !whole).map(|(element, _)| self.sub(&element)).collect()
    }

    /// A nested structure; empty when nothing of it came.
    pub fn sub(&self, name: &str) -> View<'a> {
        View { params: self.params, prefix: format!("{}{name}.", self.prefix) }
    }

    /// Marks a parameter, and everything below it, as read: for what may be given and changes nothing in a practice cloud.
    pub fn accept(&self, name: &str) {
        let full = self.name_of(name);
        for (key, entry) in self.params.entries.range(full.clone()..) {
            match key.strip_prefix(full.as_str()) {
                Some(rest) if rest.is_empty() || rest.starts_with('.') => entry.read.set(true),
                Some(_) => {}
                None => break,
            }
        }
    }

    /// The error for a member whose value is wrong; `wanted` is a sentence.
    pub fn invalid(&self, name: &str, value: &str, wanted: &str) -> ParamError {
        ParamError::Invalid { name: self.name_of(name), value: value.to_string(), wanted: wanted.to_string() }
    }

    fn below(&self) -> impl Iterator<Item = (&'a str, &'a Entry)> {
        let prefix = self.prefix.clone();
        self.params
            .entries
            .range(prefix.clone()..)
            .map_while(move |(key, entry)| key.strip_prefix(prefix.as_str()).map(|rest| (rest, entry)))
    }

    /// The numbered elements of a list as (name below this view, whether it is a plain text), by number.
    fn elements(&self, name: &str) -> Vec<(String, bool)> {
        let mut found: BTreeMap<u32, (String, bool)> = BTreeMap::new();
        let mut seen = BTreeSet::new();
        for (rest, _) in self.sub(name).below() {
            let (infix, rest) = match rest.strip_prefix("member.") {
                Some(rest) => ("member.", rest),
                None => ("", rest),
            };
            let (number, below) = match rest.split_once('.') {
                Some((number, below)) => (number, !below.is_empty()),
                None => (rest, false),
            };
            if let Ok(index) = number.parse::<u32>()
                && seen.insert((index, below))
            {
                found.insert(index, (format!("{name}.{infix}{number}"), !below));
            }
        }
        found.into_values().collect()
    }
}

fn decode(text: &str) -> Result<String, FormError> {
    let spaced = text.replace('+', " ");
    percent_decode_str(&spaced)
        .decode_utf8()
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| FormError(format!("{text:?} is not UTF-8")))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    fn parse(body: &str) -> Params {
        Params::parse(body).unwrap()
    }

    #[test]
    fn decodes_names_and_values() {
        let params = parse("A=1+2%2B3&Tag%2E1=%EC%84%9C%EC%9A%B8&Empty=&Bare\n");
        assert_eq!(params.text("A"), Some("1 2+3"));
        assert_eq!(params.text("Tag.1"), Some("서울"));
        assert_eq!(params.text("Empty"), Some(""));
        assert_eq!(params.text("Bare"), Some(""));
        assert!(params.required("Empty").is_err());
        assert!(Params::parse("a=%ff").is_err());
    }

    #[test]
    fn lists_go_by_number_not_by_text() {
        let params = parse("SubnetId.10=j&SubnetId.2=b&SubnetId.1=a&SubnetIds.1=other&SubnetId.x=no");
        assert_eq!(params.list("SubnetId"), ["a", "b", "j"]);
        assert_eq!(params.unread(), ["SubnetId.x", "SubnetIds.1"]);
        assert_eq!(parse("Names.member.2=b&Names.member.1=a").list("Names"), ["a", "b"]);
    }

    #[test]
    fn nested_structures() {
        let params = parse(
            "Filter.1.Name=vpc-id&Filter.1.Value.1=vpc-1&Filter.1.Value.2=vpc-2&Filter.2.Name=state&\
             IpPermissions.1.IpRanges.1.CidrIp=0.0.0.0/0&IpPermissions.1.FromPort=22&Ebs.Encrypted=TRUE",
        );
        let filters = params.structs("Filter");
        assert_eq!(filters.len(), 2);
        assert_eq!(filters[0].required("Name").unwrap(), "vpc-id");
        assert_eq!(filters[0].list("Value"), ["vpc-1", "vpc-2"]);
        assert_eq!(filters[1].list("Value"), Vec::<&str>::new());
        let permission = &params.structs("IpPermissions")[0];
        assert_eq!(permission.int("FromPort").unwrap(), Some(22));
        assert_eq!(permission.structs("IpRanges")[0].text("CidrIp"), Some("0.0.0.0/0"));
        assert_eq!(params.sub("Ebs").bool("Encrypted").unwrap(), Some(true));
        assert!(params.sub("Nothing").is_empty());
        assert_eq!(params.unread(), ["Filter.2.Name"]);
    }

    #[test]
    fn wrong_values_name_the_parameter() {
        let params = parse("IpPermissions.1.FromPort=ssh&DryRun=maybe");
        let error = params.structs("IpPermissions")[0].int("FromPort").unwrap_err();
        assert_eq!(
            error.to_string(),
            "Value (ssh) for parameter IpPermissions.1.FromPort is invalid. It must be an integer."
        );
        assert!(params.bool("DryRun").is_err());
        assert_eq!(params.required("VpcId").unwrap_err(), ParamError::Missing("VpcId".into()));
    }

    #[test]
    fn accept_covers_what_is_below_and_no_more() {
        let params = parse("Monitoring.Enabled=true&Monitoring=1&MonitoringX=1&Other=1");
        params.accept("Monitoring");
        assert_eq!(params.unread(), ["MonitoringX", "Other"]);
    }
}
