//! Languages, bilingual text, and the labels of the screens.
//!
//! [`Text`] carries both languages of a sentence; [`label`] looks a screen's label up in
//! `assets/ui.ko.toml` and `assets/ui.en.toml`. Everything is NFC.

use std::collections::HashMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

/// The languages learners read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Korean (합니다체).
    #[default]
    Ko,
    /// English.
    En,
}

impl Lang {
    /// The other one.
    #[must_use]
    pub const fn other(self) -> Self {
        match self {
            Self::Ko => Self::En,
            Self::En => Self::Ko,
        }
    }

    /// `ko` or `en`.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ko => "ko",
            Self::En => "en",
        }
    }
}

/// A number and an English word, which has an `s` unless there is one of it: `1 call`, `2 calls`.
pub fn counted(count: usize, one: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {one}s") }
}

/// The same sentence in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Korean.
    pub ko: String,
    /// English.
    pub en: String,
}

impl Text {
    /// Both languages.
    pub fn new(ko: impl Into<String>, en: impl Into<String>) -> Self {
        Self { ko: ko.into(), en: en.into() }
    }

    /// A text that is the same in both languages (a name, an identifier).
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { ko: text.clone(), en: text }
    }

    /// The sentence in one language.
    pub fn get(&self, lang: Lang) -> &str {
        match lang {
            Lang::Ko => &self.ko,
            Lang::En => &self.en,
        }
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.ko.is_empty() && self.en.is_empty()
    }

    /// Both languages with `{name}` replaced by its value.
    #[must_use]
    pub fn fill(&self, values: &[(&str, &str)]) -> Self {
        let mut out = self.clone();
        for (name, value) in values {
            let slot = format!("{{{name}}}");
            out.ko = out.ko.replace(&slot, value);
            out.en = out.en.replace(&slot, value);
        }
        out
    }
}

const KO: &str = include_str!("../assets/ui.ko.toml");
const EN: &str = include_str!("../assets/ui.en.toml");

type Labels = HashMap<String, String>;

/// A label of the screens: `label(lang, "home.continue")`. Keys are written out in the source, never put together, so
/// that a test can hold every one of them against both files; an unknown key shows as itself.
pub fn label(lang: Lang, key: &'static str) -> &'static str {
    static LABELS: [OnceLock<Labels>; 2] = [OnceLock::new(), OnceLock::new()];
    let (slot, file) = match lang {
        Lang::Ko => (&LABELS[0], KO),
        Lang::En => (&LABELS[1], EN),
    };
    slot.get_or_init(|| parse(file).unwrap_or_default()).get(key).map_or(key, String::as_str)
}

/// Two levels: `[home]` and `continue = "..."` give `home.continue`.
fn parse(file: &str) -> Result<Labels, toml::de::Error> {
    let sections: HashMap<String, HashMap<String, String>> = toml::from_str(file)?;
    let entries = sections
        .into_iter()
        .flat_map(|(section, labels)| labels.into_iter().map(move |(name, text)| (format!("{section}.{name}"), text)));
    Ok(entries.collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use std::collections::BTreeSet;
    use std::path::Path;

    use unicode_normalization::is_nfc;

    use super::*;

    /// The `{slot}`s of a label.
    fn slots(text: &str) -> BTreeSet<&str> {
        text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(slot, _)| slot).collect()
    }

    #[test]
    fn both_languages_have_the_same_labels_and_slots() {
        let (ko, en) = (parse(KO).unwrap(), parse(EN).unwrap());
        let keys = |labels: &Labels| labels.keys().cloned().collect::<BTreeSet<_>>();
        assert_eq!(keys(&ko), keys(&en));
        for (key, text) in &ko {
            assert_eq!(slots(text), slots(&en[key]), "{key}");
            assert!(is_nfc(text), "{key}");
            assert!(!text.trim().is_empty() && !en[key].trim().is_empty(), "{key}");
        }
    }

    /// Every string of the sources that looks like a label's key.
    fn used(dir: &Path, sections: &BTreeSet<String>, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(dir).unwrap() {
            let path = entry.unwrap().path();
            // The catalogue of actions has ids of the same shape; they are no labels.
            if path.ends_with("src/input") {
                continue;
            }
            if path.is_dir() {
                used(&path, sections, found);
            } else if path.extension().is_some_and(|ext| ext == "rs") {
                let source = std::fs::read_to_string(&path).unwrap();
                // Odd pieces between quotation marks are string literals (or the gaps between them: harmless).
                for literal in source.split('"') {
                    let key = literal.split_once('.').filter(|(section, name)| {
                        sections.contains(*section)
                            && !name.is_empty()
                            && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
                    });
                    if key.is_some() {
                        found.insert(literal.to_owned());
                    }
                }
            }
        }
    }

    #[test]
    fn every_label_that_is_used_exists_and_every_label_is_used() {
        let labels = parse(KO).unwrap();
        let sections = labels.keys().filter_map(|key| key.split_once('.')).map(|(section, _)| section.to_owned());
        let mut found = BTreeSet::new();
        used(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &sections.collect(), &mut found);
        let missing: Vec<_> = found.iter().filter(|key| !labels.contains_key(*key)).collect();
        assert!(missing.is_empty(), "labels that do not exist: {missing:?}");
        let idle: Vec<_> = labels.keys().filter(|key| !found.contains(*key)).collect();
        assert!(idle.is_empty(), "labels that nobody shows: {idle:?}");
    }
}
