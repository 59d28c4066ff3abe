//! Languages, bilingual text, and the labels of the screens.
//!
//! [`Text`] carries both languages of a sentence; [`label`] looks a screen's label up in
//! `assets/ui.ko.toml` and `assets/ui.en.toml`. Everything is NFC.

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
