//! From the words of a script to the words of a command: variables, `$(..)`, `$((..))`, braces, splitting, patterns.

use super::run::{Flow, Shell, Stop};
use super::syntax::{Part, Word};
use super::{Ask, not_simulated};

impl Shell<'_> {
    /// Words after all expansions: each may become several, or none.
    pub(super) fn words(&mut self, words: &[Word]) -> Flow<Vec<String>> {
        let mut all = Vec::new();
        for word in words {
            for braced in braces(word) {
                self.split(&braced, &mut all)?;
            }
        }
        Ok(all)
    }

    /// A word as one text, as in assignments and redirections.
    pub(super) fn joined(&mut self, word: &Word) -> Flow<String> {
        self.value(word).map(|(text, _)| text)
    }

    /// A word as one text, and the code of the last `$(..)` in it.
    pub(super) fn value(&mut self, word: &Word) -> Flow<(String, Option<i32>)> {
        let (mut text, mut last) = (String::new(), None);
        for (index, part) in word.iter().enumerate() {
            match part {
                Part::Text(plain) if index == 0 => text.push_str(&self.home(plain)),
                Part::Text(plain) | Part::Quoted(plain) => text.push_str(plain),
                Part::Variable { name, default, .. } => text.push_str(&self.variable(name, default.as_ref())?),
                Part::Command { script, .. } => {
                    let (code, out) = self.substitute(script)?;
                    last = Some(code);
                    text.push_str(&out);
                }
                Part::Arithmetic(expression) => text.push_str(&self.arithmetic(expression)?),
            }
        }
        Ok((text, last))
    }

    fn split(&mut self, word: &Word, all: &mut Vec<String>) -> Flow<()> {
        // The fields that the word becomes; `pattern` holds the same with its quoted signs escaped.
        let mut fields: Vec<Field> = Vec::new();
        let mut open = false;
        for (index, part) in word.iter().enumerate() {
            let (text, quoted) = match part {
                Part::Text(plain) => {
                    let plain = if index == 0 { self.home(plain) } else { plain.clone() };
                    add(&mut fields, &mut open, &plain, false);
                    continue;
                }
                Part::Quoted(text) => (text.clone(), true),
                Part::Variable { name, default, quoted } => (self.variable(name, default.as_ref())?, *quoted),
                Part::Command { script, quoted } => (self.substitute(script)?.1, *quoted),
                Part::Arithmetic(expression) => (self.arithmetic(expression)?, true),
            };
            if quoted {
                add(&mut fields, &mut open, &text, true);
                continue;
            }
            // Unquoted expansions are split at blanks.
            let blank = |c: char| " \t\n".contains(c);
            if text.starts_with(blank) {
                open = false;
            }
            let mut pieces = text.split(blank).filter(|piece| !piece.is_empty()).peekable();
            while let Some(piece) = pieces.next() {
                add(&mut fields, &mut open, piece, false);
                if pieces.peek().is_some() {
                    open = false;
                }
            }
            if text.ends_with(blank) {
                open = false;
            }
        }
        for field in fields {
            if !field.is_pattern {
                all.push(field.text);
                continue;
            }
            let found = self.ask(Ask::Glob(field.text.clone()), "")?;
            if found.out.is_empty() { all.push(field.text) } else { all.extend(found.out.lines().map(str::to_owned)) }
        }
        Ok(())
    }

    /// `~` and `~/..` at the beginning of a word.
    fn home(&self, text: &str) -> String {
        match text.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => {
                format!("{}{rest}", self.env.variables.get("HOME").map_or("/root", String::as_str))
            }
            _ => text.to_owned(),
        }
    }

    fn variable(&mut self, name: &str, default: Option<&Word>) -> Flow<String> {
        let value = match name {
            "?" => Some(self.env.code.to_string()),
            "#" => Some("0".to_owned()),
            "@" | "*" => Some(String::new()),
            "0" => Some("bash".to_owned()),
            "PWD" => Some(self.env.directory.clone()),
            "$" | "!" | "-" | "RANDOM" | "SECONDS" => {
                self.sink.err(&not_simulated(&format!("the variable ${name}")));
                return Err(Stop::Exit(super::NOT_FOUND));
            }
            _ => self.env.variables.get(name).cloned(),
        };
        match (value, default) {
            (Some(value), None) => Ok(value),
            (Some(value), Some(_)) if !value.is_empty() => Ok(value),
            (_, Some(default)) => self.joined(default),
            (None, None) if self.options.refuse_unset => {
                self.sink.err(&format!("bash: {name}: unbound variable\n"));
                Err(Stop::Exit(1))
            }
            (None, None) => Ok(String::new()),
        }
    }

    fn substitute(&mut self, script: &str) -> Flow<(i32, String)> {
        let (code, mut out) = self.captured(|shell| shell.nested(script, ""))?;
        out.truncate(out.trim_end_matches('\n').len());
        Ok((code, out))
    }

    fn arithmetic(&mut self, expression: &str) -> Flow<String> {
        let number = |name: &str| self.env.variables.get(name).and_then(|value| value.trim().parse().ok()).unwrap_or(0);
        match Sum::new(expression).whole(&number) {
            Some(value) => Ok(value.to_string()),
            None => {
                self.sink.err(&not_simulated(&format!("the arithmetic $(({expression}))")));
                Err(Stop::Exit(super::NOT_FOUND))
            }
        }
    }
}

struct Field {
    text: String,
    is_pattern: bool,
}

/// Adds to the field that is open, or opens one.
fn add(fields: &mut Vec<Field>, open: &mut bool, text: &str, quoted: bool) {
    let is_pattern = !quoted && text.contains(['*', '?']);
    match fields.last_mut().filter(|_| *open) {
        Some(field) => {
            field.text.push_str(text);
            field.is_pattern |= is_pattern;
        }
        None if quoted || !text.is_empty() => fields.push(Field { text: text.to_owned(), is_pattern }),
        None => return,
    }
    *open = true;
}

/// `a{b,c}` and `{1..3}`, when the braces are plain text.
fn braces(word: &Word) -> Vec<Word> {
    for (index, part) in word.iter().enumerate() {
        let Part::Text(text) = part else { continue };
        let Some((before, rest)) = text.split_once('{') else { continue };
        let Some((inside, after)) = rest.split_once('}') else { continue };
        if inside.contains('{') {
            continue;
        }
        let choices: Vec<String> = match inside.split_once("..") {
            Some((from, to)) => match (from.parse::<i64>(), to.parse::<i64>()) {
                (Ok(from), Ok(to)) if from.abs_diff(to) <= 10_000 => {
                    let up = (from.min(to)..=from.max(to)).map(|number| number.to_string());
                    if from <= to { up.collect() } else { up.rev().collect() }
                }
                _ => continue,
            },
            None if inside.contains(',') => inside.split(',').map(str::to_owned).collect(),
            None => continue,
        };
        let put = |choice: String| {
            let mut word = word.clone();
            word.splice(index..=index, [Part::Text(format!("{before}{choice}{after}"))]);
            word
        };
        return choices.into_iter().map(put).flat_map(|word| braces(&word)).collect();
    }
    vec![word.clone()]
}

/// Whole-number arithmetic with + - * / % and parentheses.
struct Sum<'a> {
    rest: &'a str,
}

impl<'a> Sum<'a> {
    fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    fn whole(mut self, number: &dyn Fn(&str) -> i64) -> Option<i64> {
        let value = self.sum(number, 0)?;
        self.rest.trim().is_empty().then_some(value)
    }

    fn sign(&mut self, signs: &str) -> Option<char> {
        self.rest = self.rest.trim_start();
        let sign = self.rest.chars().next().filter(|c| signs.contains(*c))?;
        self.rest = &self.rest[1..];
        Some(sign)
    }

    fn sum(&mut self, number: &dyn Fn(&str) -> i64, depth: usize) -> Option<i64> {
        let mut value = self.product(number, depth)?;
        while let Some(sign) = self.sign("+-") {
            let next = self.product(number, depth)?;
            value = if sign == '+' { value.checked_add(next) } else { value.checked_sub(next) }?;
        }
        Some(value)
    }

    fn product(&mut self, number: &dyn Fn(&str) -> i64, depth: usize) -> Option<i64> {
        let mut value = self.atom(number, depth)?;
        while let Some(sign) = self.sign("*/%") {
            let next = self.atom(number, depth)?;
            value = match sign {
                '*' => value.checked_mul(next),
                '/' => value.checked_div(next),
                _ => value.checked_rem(next),
            }?;
        }
        Some(value)
    }

    fn atom(&mut self, number: &dyn Fn(&str) -> i64, depth: usize) -> Option<i64> {
        if depth > 50 {
            return None;
        }
        if self.sign("-").is_some() {
            return self.atom(number, depth + 1)?.checked_neg();
        }
        if self.sign("(").is_some() {
            let value = self.sum(number, depth + 1)?;
            self.sign(")")?;
            return Some(value);
        }
        let _ = self.sign("$");
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        match word.chars().next()? {
            c if c.is_ascii_digit() => word.parse().ok(),
            _ => Some(number(word)),
        }
    }
}
