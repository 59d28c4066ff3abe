//! Which key does what: the built-in keymap and the learner's own on top of it.
//!
//! The file has one table a context, with the keys of each action: `[step]`, `next = ["n"]` (the action
//! `step.next`), `[global]`, `help = ["?"]`. The learner's file replaces the keys of the actions that it names.
//! Promises: a key that would mean two things at once, an unknown action and an unknown key are rejected, with file
//! and line.

use std::collections::BTreeMap;

use toml::Spanned;

use crate::problem::{Problem, ProblemKind};

use super::action::{ACTIONS, Action, Context};
use super::key::Key;

const BUILT_IN: &str = include_str!("../../assets/keymap.toml");
const BUILT_IN_NAME: &str = "assets/keymap.toml";

type Keys = Spanned<Vec<Spanned<String>>>;
type File = BTreeMap<Spanned<String>, BTreeMap<Spanned<String>, Keys>>;

/// Keys and what they do.
#[derive(Debug, Clone, Default)]
pub struct Keymap {
    bound: Vec<Bound>,
}

#[derive(Debug, Clone)]
struct Bound {
    key: Key,
    action: Action,
    place: String,
}

impl Keymap {
    /// The built-in keymap.
    pub fn built_in() -> Result<Self, Problem> {
        Self::with_user(None)
    }

    /// The built-in keymap with the learner's file (its name and text) on top.
    pub fn with_user(user: Option<(&str, &str)>) -> Result<Self, Problem> {
        let mut map = Self::default();
        map.read(BUILT_IN_NAME, BUILT_IN)?;
        if let Some((name, text)) = user {
            map.read(name, text)?;
        }
        map.reject_conflicts()?;
        Ok(map)
    }

    fn read(&mut self, name: &str, text: &str) -> Result<(), Problem> {
        let line = |at: usize| text.get(..at).unwrap_or(text).matches('\n').count() + 1;
        let wrong = |at: usize, ko: String, en: String| {
            Problem::new(ProblemKind::Config, "키 설정 파일이 잘못되었습니다", "The keymap file is wrong")
                .because(ko, en)
                .from(format!("{name}:{}", line(at)))
        };
        let file: File = toml::from_str(text).map_err(|error| {
            let at = error.span().map_or(0, |span| span.start);
            wrong(at, error.message().to_owned(), error.message().to_owned())
        })?;
        for (context, entries) in &file {
            let at = context.span().start;
            let known = Context::ALL.iter().find(|(_, known)| known == context.get_ref());
            let Some((of, context)) = known.copied() else {
                let context = context.get_ref();
                return Err(wrong(
                    at,
                    format!("`{context}`라는 화면은 없습니다"),
                    format!("there is no screen `{context}`"),
                ));
            };
            for (entry, keys) in entries {
                let at = entry.span().start;
                let entry = entry.get_ref();
                let id = if of == Context::Global { entry.clone() } else { format!("{context}.{entry}") };
                let Some(action) = Action::by_id(&id).filter(|action| action.spec().context == of) else {
                    return Err(wrong(at, format!("`{id}`라는 동작은 없습니다"), format!("there is no action `{id}`")));
                };
                self.bound.retain(|bound| bound.action != action);
                for key in keys.get_ref() {
                    let at = key.span().start;
                    let Some(parsed) = Key::parse(key.get_ref()) else {
                        let key = key.get_ref();
                        return Err(wrong(
                            at,
                            format!("`{key}`라는 키는 없습니다"),
                            format!("there is no key `{key}`"),
                        ));
                    };
                    self.bound.push(Bound { key: parsed, action, place: format!("{name}:{}", line(at)) });
                }
            }
        }
        Ok(())
    }

    /// Two actions may share a key only when their screens are never shown at once.
    fn reject_conflicts(&self) -> Result<(), Problem> {
        for (at, bound) in self.bound.iter().enumerate() {
            let of = bound.action.spec();
            let other = self.bound.iter().take(at).find(|other| {
                let context = other.action.spec().context;
                other.key == bound.key
                    && (context == of.context || context == Context::Global || of.context == Context::Global)
            });
            if let Some(other) = other {
                let (key, a, b) = (bound.key, other.action.spec().id, of.id);
                return Err(Problem::new(ProblemKind::Config, "한 키에 두 동작이 있습니다", "One key has two actions")
                    .because(
                        format!("`{key}` 키가 `{a}`({})와 `{b}`에 함께 쓰였습니다", other.place),
                        format!("the key `{key}` is given to `{a}` ({}) and to `{b}`", other.place),
                    )
                    .hint("둘 중 하나에 다른 키를 주세요", "Give one of them another key")
                    .from(bound.place.clone()));
            }
        }
        Ok(())
    }

    /// What a key does on a screen.
    pub fn action(&self, context: Context, key: Key) -> Option<Action> {
        let found = self.bound.iter().find(|bound| {
            let of = bound.action.spec().context;
            bound.key == key && (of == context || of == Context::Global)
        });
        found.map(|bound| bound.action)
    }

    /// The keys of an action, first the one that is shown.
    pub fn keys(&self, action: Action) -> impl Iterator<Item = Key> {
        self.bound.iter().filter(move |bound| bound.action == action).map(|bound| bound.key)
    }

    /// The key that is shown for an action.
    pub fn shown(&self, action: Action) -> Option<Key> {
        self.keys(action).next()
    }

    /// The actions that have no key.
    pub fn without_key(&self) -> impl Iterator<Item = Action> {
        ACTIONS.iter().map(|spec| spec.action).filter(|action| self.shown(*action).is_none())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    #[test]
    fn the_built_in_keymap_is_sound_and_complete() {
        let map = Keymap::built_in().unwrap();
        assert_eq!(map.without_key().collect::<Vec<_>>(), vec![]);
        assert_eq!(map.action(Context::Step, Key::char('j')), Some(Action::Down));
        assert_eq!(map.action(Context::Step, Key::char('n')), Some(Action::NextStep));
        assert_eq!(map.action(Context::Confirm, Key::char('n')), Some(Action::No));
        assert_eq!(map.action(Context::Home, Key::char('n')), None);
    }

    #[test]
    fn the_learners_keys_replace_the_built_in_ones() {
        let map = Keymap::with_user(Some(("keys.toml", "[step]\nnext = [\"N\"]\n"))).unwrap();
        assert_eq!(map.action(Context::Step, Key::char('N')), Some(Action::NextStep));
        assert_eq!(map.action(Context::Step, Key::char('n')), None);
    }

    #[test]
    fn conflicts_and_unknown_words_are_rejected_with_their_place() {
        for (text, place, says) in [
            ("[step]\nnext = [\"N\"]\nhint = [\"N\"]\n", "keys.toml:", "`N`"),
            ("[step]\n\nnext = [\"q\"]\n", "keys.toml:3", "`quit`"),
            ("[global]\nhelp = [\"?\", \"nonsense\"]\n", "keys.toml:2", "nonsense"),
            ("[global]\nfly = [\"f\"]\n", "keys.toml:2", "fly"),
            ("\n[moon]\nfly = [\"f\"]\n", "keys.toml:2", "moon"),
            ("[global]\nhelp = 3\n", "keys.toml:2", ""),
        ] {
            let problem = Keymap::with_user(Some(("keys.toml", text))).unwrap_err();
            assert!(problem.source.as_deref().unwrap_or_default().starts_with(place), "{text}: {problem:?}");
            assert!(problem.detail.en.contains(says), "{text}: {problem:?}");
        }
    }
}
