//! Reads TOML tables with places, collecting every fault instead of stopping at the first.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::i18n::Text;

use super::fault::{At, Fault, Faults};
use super::model::Value;
use super::source::FileId;

/// A text in both languages, each with its place.
#[derive(Debug, Clone)]
pub(super) struct TextAt {
    /// Korean.
    pub ko: At<String>,
    /// English.
    pub en: At<String>,
}

impl TextAt {
    /// Without the places.
    pub(super) fn text(&self) -> Text {
        Text::new(&*self.ko.value, &*self.en.value)
    }

    /// Both languages.
    pub(super) fn both(&self) -> [&At<String>; 2] {
        [&self.ko, &self.en]
    }
}

/// A value with its place, and for a list the places of its items.
#[derive(Debug, Clone)]
pub(super) struct ValueAt {
    /// The value.
    pub at: At<Value>,
    /// The items' places, when it is a list.
    pub items: Vec<Range<usize>>,
}

/// A table being read.
#[derive(Clone)]
pub(super) struct Table<'a> {
    file: FileId,
    span: Range<usize>,
    table: &'a DeTable<'a>,
    faults: &'a Faults,
}

impl<'a> Table<'a> {
    /// The root table of a file.
    pub(super) fn root(file: FileId, parsed: &'a Spanned<DeTable<'a>>, faults: &'a Faults) -> Self {
        // The root's own span is the whole file; a missing key is best shown at its head.
        Self { file, span: 0..0, table: parsed.get_ref(), faults }
    }

    /// Where the table is.
    pub(super) fn here(&self) -> At<()> {
        At::new((), self.file, self.span.clone())
    }

    /// Where a key is.
    pub(super) fn key(&self, name: &str) -> Option<At<()>> {
        self.table.get_key_value(name).map(|(key, _)| At::new((), self.file, key.span()))
    }

    /// All keys but these, with their places.
    pub(super) fn keys_but(&self, known: &[&str]) -> impl Iterator<Item = At<String>> {
        self.table
            .keys()
            .filter(|key| !known.contains(&key.get_ref().as_ref()))
            .map(|key| At::new(key.get_ref().to_string(), self.file, key.span()))
    }

    /// Reports every key that is not one of these.
    pub(super) fn only(&self, known: &[&str]) {
        for key in self.keys_but(known) {
            self.faults.add(
                key.fault(
                    format!("`{}`라는 항목은 없습니다", key.value),
                    format!("there is no field `{}` here", key.value),
                )
                .label("모르는 항목", "unknown field")
                .known(&key.value, known.iter().copied()),
            );
        }
    }

    fn get(&self, name: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.get(name)
    }

    fn missing(&self, name: &str) {
        self.faults.add(
            self.here()
                .fault(format!("`{name}` 항목이 빠졌습니다"), format!("`{name}` is missing"))
                .label(format!("여기에 `{name}`"), format!("needs `{name}`"))
                .hint(format!("이 표에 `{name} = ...`을 더해 주세요"), format!("add `{name} = ...` to this table")),
        );
    }

    fn wrong(&self, value: &Spanned<DeValue<'_>>, name: &str, wanted: (&str, &str)) {
        let found = value.get_ref().type_str();
        self.faults.add(
            Fault::new(
                self.file,
                value.span(),
                format!("`{name}`에 쓸 수 있는 값: {}", wanted.0),
                format!("`{name}` must be {}", wanted.1),
            )
            .label(format!("지금은 TOML {found}"), format!("this is a TOML {found}")),
        );
    }

    /// A string that may be left out.
    pub(super) fn text_opt(&self, name: &str) -> Option<At<String>> {
        let value = self.get(name)?;
        match value.get_ref() {
            DeValue::String(text) => Some(At::new(text.to_string(), self.file, value.span())),
            _ => {
                self.wrong(value, name, ("문자열", "a string"));
                None
            }
        }
    }

    /// A string.
    pub(super) fn text(&self, name: &str) -> Option<At<String>> {
        if self.get(name).is_none() {
            self.missing(name);
        }
        self.text_opt(name)
    }

    /// A whole number.
    pub(super) fn int(&self, name: &str) -> Option<At<i64>> {
        let Some(value) = self.get(name) else {
            self.missing(name);
            return None;
        };
        match number(value.get_ref()) {
            Some(number) => Some(At::new(number, self.file, value.span())),
            None => {
                self.wrong(value, name, ("정수", "a whole number"));
                None
            }
        }
    }

    /// `true` or `false`, when it is given.
    pub(super) fn bool_opt(&self, name: &str) -> Option<bool> {
        let value = self.get(name)?;
        let truth = value.get_ref().as_bool();
        if truth.is_none() {
            self.wrong(value, name, ("true 또는 false", "true or false"));
        }
        truth
    }

    /// A list of strings; empty when it is left out.
    pub(super) fn texts(&self, name: &str) -> Vec<At<String>> {
        let Some(value) = self.get(name) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(value, name, ("문자열 목록", "a list of strings"));
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::String(text) => out.push(At::new(text.to_string(), self.file, item.span())),
                _ => self.wrong(item, name, ("문자열 목록", "a list of strings")),
            }
        }
        out
    }

    /// A list of whole numbers.
    pub(super) fn ints(&self, name: &str) -> Vec<At<i64>> {
        let Some(value) = self.get(name) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(value, name, ("정수 목록", "a list of whole numbers"));
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in items.iter() {
            match number(item.get_ref()) {
                Some(number) => out.push(At::new(number, self.file, item.span())),
                None => self.wrong(item, name, ("정수 목록", "a list of whole numbers")),
            }
        }
        out
    }

    /// A table, when it is given.
    pub(super) fn table(&self, name: &str) -> Option<Table<'a>> {
        let value = self.get(name)?;
        match value.get_ref() {
            DeValue::Table(table) => {
                Some(Table { file: self.file, span: self.span_of(name, value), table, faults: self.faults })
            }
            _ => {
                self.wrong(value, name, ("표", "a table"));
                None
            }
        }
    }

    /// A table made by dotted keys has no place of its own worth showing: its key's is used.
    fn span_of(&self, name: &str, value: &Spanned<DeValue<'_>>) -> Range<usize> {
        match self.key(name) {
            Some(key) => key.span,
            None => value.span(),
        }
    }

    /// A list of tables (`[[name]]`); empty when it is left out.
    pub(super) fn tables(&self, name: &str) -> Vec<Table<'a>> {
        let Some(value) = self.get(name) else { return Vec::new() };
        let DeValue::Array(items) = value.get_ref() else {
            self.wrong(value, name, ("표의 목록([[..]])", "a list of tables ([[..]])"));
            return Vec::new();
        };
        let mut out = Vec::new();
        for item in items.iter() {
            match item.get_ref() {
                DeValue::Table(table) => {
                    out.push(Table { file: self.file, span: item.span(), table, faults: self.faults });
                }
                _ => self.wrong(item, name, ("표의 목록([[..]])", "a list of tables ([[..]])")),
            }
        }
        out
    }

    /// A text in both languages.
    pub(super) fn bilingual(&self, name: &str) -> Option<TextAt> {
        if self.get(name).is_none() {
            self.missing(name);
        }
        let both = self.table(name)?;
        both.only(&["ko", "en"]);
        let (ko, en) = (both.language(name, "ko"), both.language(name, "en"));
        Some(TextAt { ko: ko?, en: en? })
    }

    /// This table itself as a text in both languages: an item of a list of texts.
    pub(super) fn itself(&self) -> Option<TextAt> {
        let (ko, en) = (self.language("right", "ko"), self.language("right", "en"));
        Some(TextAt { ko: ko?, en: en? })
    }

    fn language(&self, name: &str, lang: &str) -> Option<At<String>> {
        if self.get(lang).is_none() {
            let (ko, en) = if lang == "ko" { ("한국어", "Korean") } else { ("영어", "English") };
            self.faults.add(
                self.here()
                    .fault(format!("`{name}`에 {ko}가 없습니다"), format!("`{name}` has no {en}"))
                    .label(format!("`{name}.{lang}`이 필요합니다"), format!("needs `{name}.{lang}`"))
                    .hint(
                        format!("`{name}.{lang} = \"...\"`을 더해 주세요. 모든 글은 두 언어로 씁니다"),
                        format!("add `{name}.{lang} = \"...\"`: every text is written in both languages"),
                    ),
            );
        }
        self.text_opt(lang)
    }

    /// Any value, for the fields of a resource.
    pub(super) fn value(&self, name: &str) -> Option<ValueAt> {
        let value = self.get(name)?;
        let mut items = Vec::new();
        if let DeValue::Array(list) = value.get_ref() {
            items.extend(list.iter().map(Spanned::span));
        }
        match convert(value.get_ref()) {
            Some(converted) => Some(ValueAt { at: At::new(converted, self.file, value.span()), items }),
            None => {
                self.wrong(
                    value,
                    name,
                    ("문자열, 정수, true/false 또는 목록", "a string, whole number, true/false or list"),
                );
                None
            }
        }
    }
}

fn number(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

fn convert(value: &DeValue<'_>) -> Option<Value> {
    match value {
        DeValue::String(text) => Some(Value::Text(text.to_string())),
        DeValue::Integer(_) => number(value).map(Value::Int),
        DeValue::Boolean(truth) => Some(Value::Bool(*truth)),
        DeValue::Array(items) => {
            items.iter().map(|item| convert(item.get_ref())).collect::<Option<_>>().map(Value::List)
        }
        _ => None,
    }
}
