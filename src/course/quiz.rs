//! Questions about a page: what is asked, what is right, and what is said of every wrong answer.
//!
//! Promises: the order of the options depends on the question and a seed and on nothing else; a typed answer means the
//! same however it is spaced (`10.10.1.0/26` and ` 10.10.1.0 /26`), and what cannot be read as an answer is no answer.
//! Leaves to others: which questions are asked again (`lab::quiz`).

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use ipnet::Ipv4Net;
use unicode_normalization::UnicodeNormalization as _;

use crate::i18n::Text;

use super::model::Place;

/// The most options that a question may have: each has a digit as its key.
pub const MOST_OPTIONS: usize = 6;

/// A question.
#[derive(Debug, Clone, PartialEq)]
pub struct Question {
    /// The step's id and a word: `network.cidr.notation.usable`.
    pub id: String,
    /// What is asked. Sentences with code spans.
    pub ask: Text,
    /// Why the right answer is right; said when it was given, and when the learner missed it twice.
    pub because: Text,
    /// How it is answered.
    pub kind: Answer,
    /// Where it is declared.
    pub place: Place,
}

/// How a question is answered.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// One option is right.
    One(Vec<Choice>),
    /// All right options, and no other.
    Many(Vec<Choice>),
    /// Something is typed.
    Type {
        /// What is typed.
        form: Form,
        /// The right answer.
        right: Reply,
        /// Wrong answers that have a reason of their own.
        wrong: Vec<(Reply, Text)>,
        /// What is said of any other wrong answer: how to find the right one.
        otherwise: Text,
    },
}

/// An option.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// What it says.
    pub text: Text,
    /// Why it is wrong; `None` when it is right.
    pub why: Option<Text>,
}

/// What a typed answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A whole number; thousands may be separated.
    Number,
    /// A block of addresses: `10.1.0.0/16`.
    Cidr,
    /// An address: `10.1.0.2`.
    Address,
}

impl Form {
    /// Every form with its name in `chapter.toml`.
    pub const ALL: [(&'static str, Self); 3] =
        [("number", Self::Number), ("cidr", Self::Cidr), ("address", Self::Address)];

    /// Something of this form that is hardly ever the answer.
    pub const fn example(self) -> &'static str {
        match self {
            Self::Number => "1024",
            Self::Cidr => "192.0.2.0/24",
            Self::Address => "192.0.2.1",
        }
    }

    /// What was typed, or `None` when it is nothing of this form. Spaces do not count, full-width signs are taken as
    /// plain ones, a short unit may follow a number (`11개`, `300 ms`), and a block may have its mask in place of its
    /// length.
    pub fn read(self, typed: &str) -> Option<Reply> {
        let plain: String = typed.nfkc().filter(|sign| !sign.is_whitespace()).collect();
        Some(match self {
            Self::Number => {
                let digits: String = plain.chars().filter(|sign| !matches!(sign, ',' | '_')).collect();
                let end = digits.find(|sign: char| sign.is_alphabetic()).unwrap_or(digits.len());
                let (number, unit) = digits.split_at(end);
                if unit.chars().count() > 4 || !unit.chars().all(char::is_alphabetic) {
                    return None;
                }
                Reply::Number(number.parse().ok()?)
            }
            Self::Cidr => Reply::Cidr(plain.parse().ok().or_else(|| {
                let (address, mask) = plain.split_once('/')?;
                Ipv4Net::with_netmask(address.parse().ok()?, mask.parse().ok()?).ok()
            })?),
            Self::Address => Reply::Address(plain.parse().ok()?),
        })
    }
}

/// A typed answer, as it is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reply {
    /// A number.
    Number(i64),
    /// A block; its host bits count.
    Cidr(Ipv4Net),
    /// An address.
    Address(Ipv4Addr),
}

impl std::fmt::Display for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Cidr(block) => write!(f, "{block}"),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

/// What is said of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it is right.
    pub right: bool,
    /// Why it is not, one text a mistake; empty when it is right.
    pub whys: Vec<Text>,
    /// How many right options were not chosen.
    pub missing: usize,
}

impl Question {
    /// The options, in the file's order; none when the answer is typed.
    pub fn choices(&self) -> &[Choice] {
        match &self.kind {
            Answer::One(choices) | Answer::Many(choices) => choices,
            Answer::Type { .. } => &[],
        }
    }

    /// The id of the step that it belongs to.
    pub fn step(&self) -> &str {
        self.id.rsplit_once('.').map_or(self.id.as_str(), |(step, _)| step)
    }

    /// The order in which the options are shown: places in [`Question::choices`], the same for the same seed.
    pub fn order(&self, seed: u64) -> Vec<usize> {
        // FNV-1a of the id, so that two questions with as many options are not shuffled alike.
        let id = self
            .id
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        let mut state = seed ^ id;
        let mut order: Vec<usize> = (0..self.choices().len()).collect();
        for at in (1..order.len()).rev() {
            // SplitMix64.
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            mixed ^= mixed >> 31;
            let below = u64::try_from(at + 1).unwrap_or(1);
            order.swap(at, usize::try_from(mixed % below).unwrap_or(0));
        }
        order
    }

    /// What is said of these options (places in [`Question::choices`]).
    pub fn judge(&self, chosen: &BTreeSet<usize>) -> Verdict {
        let all = || self.choices().iter().enumerate();
        let whys: Vec<Text> =
            all().filter(|(at, _)| chosen.contains(at)).filter_map(|(_, choice)| choice.why.clone()).collect();
        let missing = all().filter(|(at, choice)| choice.why.is_none() && !chosen.contains(at)).count();
        Verdict { right: whys.is_empty() && missing == 0, whys, missing }
    }

    /// What is said of a typed answer; `None` when it cannot be read as one, or when nothing is to be typed.
    pub fn judge_typed(&self, typed: &str) -> Option<Verdict> {
        let Answer::Type { form, right, wrong, otherwise } = &self.kind else { return None };
        let reply = form.read(typed)?;
        if reply == *right {
            return Some(Verdict { right: true, whys: Vec::new(), missing: 0 });
        }
        let named = wrong.iter().find(|(known, _)| *known == reply).map(|(_, why)| why);
        Some(Verdict { right: false, whys: vec![named.unwrap_or(otherwise).clone()], missing: 0 })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]
    use super::*;

    fn question(id: &str, kind: Answer) -> Question {
        Question { id: id.into(), ask: Text::same("?"), because: Text::same("!"), kind, place: Place::default() }
    }

    fn options(right: &[bool]) -> Vec<Choice> {
        let why = |at: usize| Text::same(format!("why {at}"));
        let choice = |(at, right): (usize, &bool)| Choice {
            text: Text::same(format!("option {at}")),
            why: (!right).then(|| why(at)),
        };
        right.iter().enumerate().map(choice).collect()
    }

    #[test]
    fn what_is_typed_counts_however_it_is_spaced() {
        for (form, typed, read) in [
            (Form::Cidr, "10.10.1.0/26", Some("10.10.1.0/26")),
            (Form::Cidr, " 10.10.1.0 /26 ", Some("10.10.1.0/26")),
            (Form::Cidr, "10.10.1.0/255.255.255.192", Some("10.10.1.0/26")),
            (Form::Cidr, "１０.10.1.0／26", Some("10.10.1.0/26")),
            // Host bits are part of the answer: that is what is asked.
            (Form::Cidr, "10.10.1.2/26", Some("10.10.1.2/26")),
            (Form::Cidr, "10.10.1.0", None),
            (Form::Cidr, "10.10.1.0/33", None),
            (Form::Cidr, "10.10.1.0/255.0.255.0", None),
            (Form::Cidr, "", None),
            (Form::Number, "65,536", Some("65536")),
            (Form::Number, " 59 ", Some("59")),
            (Form::Number, "-5", Some("-5")),
            (Form::Number, "five", None),
            (Form::Number, "5.5", None),
            (Form::Address, "10.1.0.2 ", Some("10.1.0.2")),
            (Form::Address, "10.1.0.2/16", None),
            (Form::Address, "10.1.0.256", None),
        ] {
            assert_eq!(form.read(typed).map(|reply| reply.to_string()).as_deref(), read, "{typed:?}");
        }
    }

    #[test]
    fn every_example_is_of_its_form() {
        for (name, form) in Form::ALL {
            assert!(form.read(form.example()).is_some(), "{name}");
        }
    }

    #[test]
    fn the_order_is_stable_for_a_seed_and_every_order_occurs() {
        let one = question("a.b.c.d", Answer::One(options(&[true, false, false, false])));
        let other = question("a.b.c.e", Answer::One(options(&[true, false, false, false])));
        let mut orders = BTreeSet::new();
        let mut alike = 0;
        for seed in 0..600 {
            let order = one.order(seed);
            assert_eq!(order, one.order(seed));
            assert_eq!(order.iter().copied().collect::<BTreeSet<_>>(), (0..4).collect());
            alike += usize::from(order == other.order(seed));
            orders.insert(order);
        }
        assert_eq!(orders.len(), 24);
        assert!(alike < 100, "two questions are shuffled alike {alike} times of 600");
    }

    #[test]
    fn one_wrong_option_is_told_why() {
        let question = question("a.b.c.d", Answer::One(options(&[false, true, false])));
        assert!(question.judge(&[1].into()).right);
        let verdict = question.judge(&[2].into());
        assert_eq!((verdict.right, verdict.whys), (false, vec![Text::same("why 2")]));
        assert!(!question.judge(&BTreeSet::new()).right);
    }

    #[test]
    fn of_many_all_and_no_other_are_right() {
        let question = question("a.b.c.d", Answer::Many(options(&[true, false, true, false])));
        assert!(question.judge(&[0, 2].into()).right);
        let verdict = question.judge(&[0].into());
        assert_eq!((verdict.right, verdict.whys.len(), verdict.missing), (false, 0, 1));
        let verdict = question.judge(&[0, 1, 2].into());
        assert_eq!((verdict.right, verdict.whys.len(), verdict.missing), (false, 1, 0));
        let verdict = question.judge(&[1, 3].into());
        assert_eq!((verdict.whys.len(), verdict.missing), (2, 2));
    }

    #[test]
    fn a_named_wrong_answer_has_its_own_reason() {
        let read = |text| Form::Number.read(text).unwrap();
        let kind = Answer::Type {
            form: Form::Number,
            right: read("59"),
            wrong: vec![(read("62"), Text::same("the five of AWS"))],
            otherwise: Text::same("count the host bits"),
        };
        let question = question("a.b.c.d", kind);
        assert!(question.judge_typed("59").unwrap().right);
        assert_eq!(question.judge_typed("62").unwrap().whys, [Text::same("the five of AWS")]);
        assert_eq!(question.judge_typed("64").unwrap().whys, [Text::same("count the host bits")]);
        assert_eq!(question.judge_typed("many"), None);
        assert!(question.judge_typed("59개").unwrap().right && question.judge_typed("59 hosts").is_none());
        assert_eq!((question.judge_typed("59.5"), question.judge_typed("5x9")), (None, None));
        assert_eq!(question.step(), "a.b.c");
    }
}
