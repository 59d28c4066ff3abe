//! From the text of a script to its commands.

use super::syntax::{AndOr, Command, Kind, List, Part, Pipeline, Redirect, RedirectKind, Stream, Word};

/// A script. As bash reads line by line, what stands before an error still runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Script {
    pub(super) list: List,
    /// What comes after the list.
    pub error: Option<ParseError>,
}

/// Why the text cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParseError {
    /// bash would not understand it either: its words for it.
    Syntax(String),
    /// bash would understand it: what it is.
    NotSimulated(String),
}

type Parsed<T> = Result<T, ParseError>;

const RESERVED: [&str; 9] = ["then", "else", "elif", "fi", "do", "done", "esac", "}", "in"];

/// How deep commands may stand within each other.
const DEEPEST: usize = 60;

/// Reads a script.
pub fn parse(text: &str) -> Script {
    let mut parser = Parser { text: text.chars().collect(), at: 0, depth: 0 };
    let mut list = List::new();
    let error = loop {
        parser.skip_separators();
        if parser.peek().is_none() {
            break None;
        }
        match parser.and_or() {
            Ok(one) => list.push(one),
            Err(error) => break Some(error),
        }
        // Between two commands stands a separator, which and_or has taken if it is one.
        if parser.peek() == Some(')') {
            break Some(unexpected(")"));
        }
    };
    Script { list, error }
}

fn unexpected(what: &str) -> ParseError {
    ParseError::Syntax(format!("syntax error near unexpected token `{what}'"))
}

fn end_of_file() -> ParseError {
    ParseError::Syntax("syntax error: unexpected end of file".to_owned())
}

fn other(what: impl Into<String>) -> ParseError {
    ParseError::NotSimulated(what.into())
}

fn is_name(text: &str) -> bool {
    let mut chars = text.chars();
    chars.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_')
        && chars.all(|c| c.is_ascii_alphanumeric() || c == '_')
}

struct Parser {
    text: Vec<char>,
    at: usize,
    depth: usize,
}

impl Parser {
    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<char> {
        self.text.get(self.at + ahead).copied()
    }

    fn starts(&self, what: &str) -> bool {
        what.chars().enumerate().all(|(index, c)| self.peek_at(index) == Some(c))
    }

    fn take(&mut self, what: &str) -> bool {
        let found = self.starts(what);
        if found {
            self.at += what.chars().count();
        }
        found
    }

    /// Blanks, line continuations and comments, but no line ends.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => self.at += 1,
                Some('\\') if self.peek_at(1) == Some('\n') => self.at += 2,
                Some('#') => {
                    while self.peek().is_some_and(|c| c != '\n') {
                        self.at += 1;
                    }
                }
                _ => return,
            }
        }
    }

    fn skip_lines(&mut self) {
        self.skip_blanks();
        while self.peek() == Some('\n') {
            self.at += 1;
            self.skip_blanks();
        }
    }

    fn skip_separators(&mut self) {
        self.skip_lines();
        while self.peek() == Some(';') && self.peek_at(1) != Some(';') {
            self.at += 1;
            self.skip_lines();
        }
    }

    /// The bare word that stands here, not taken.
    fn bare(&self) -> String {
        self.text[self.at.min(self.text.len())..]
            .iter()
            .take_while(|c| !" \t\r\n;&|<>()\"'`$\\".contains(**c))
            .collect()
    }

    fn is_reserved_here(&self) -> bool {
        RESERVED.contains(&self.bare().as_str())
    }

    fn reserved(&mut self, word: &str) -> Parsed<()> {
        self.skip_separators();
        if self.bare() == word {
            self.at += word.len();
            return Ok(());
        }
        match self.peek() {
            None => Err(end_of_file()),
            Some(_) => Err(unexpected(&self.bare())),
        }
    }

    /// Commands up to a reserved word or a closing parenthesis.
    fn list(&mut self) -> Parsed<List> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(other("a script as deep as this"));
        }
        let mut list = List::new();
        loop {
            self.skip_separators();
            match self.peek() {
                None | Some(')') => break,
                Some(_) if self.is_reserved_here() => break,
                Some(_) => list.push(self.and_or()?),
            }
        }
        self.depth -= 1;
        if list.is_empty() {
            return Err(if self.peek().is_none() { end_of_file() } else { unexpected(&self.bare()) });
        }
        Ok(list)
    }

    fn and_or(&mut self) -> Parsed<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let and = if self.take("&&") {
                true
            } else if self.take("||") {
                false
            } else {
                break;
            };
            self.skip_lines();
            rest.push((and, self.pipeline()?));
        }
        let background = self.peek() == Some('&');
        if background {
            self.at += 1;
        } else if self.starts(";;") {
            return Err(unexpected(";;"));
        }
        Ok(AndOr { first, rest, background })
    }

    fn pipeline(&mut self) -> Parsed<Pipeline> {
        self.skip_blanks();
        let negated = self.peek() == Some('!') && self.peek_at(1).is_some_and(char::is_whitespace);
        if negated {
            self.at += 1;
        }
        let mut commands = vec![self.command()?];
        loop {
            self.skip_blanks();
            if self.peek() != Some('|') || self.peek_at(1) == Some('|') {
                break;
            }
            self.at += 1;
            if self.take("&")
                && let Some(last) = commands.last_mut()
            {
                last.redirects.push(Redirect { from: Stream::Err, kind: RedirectKind::Same(Stream::Out) });
            }
            self.skip_lines();
            commands.push(self.command()?);
        }
        Ok(Pipeline { negated, commands })
    }

    fn command(&mut self) -> Parsed<Command> {
        self.skip_blanks();
        let kind = match (self.peek(), self.bare().as_str()) {
            (None, _) => return Err(end_of_file()),
            (Some('('), _) if self.starts("((") => return Err(other("the command ((..))")),
            (Some('('), _) => {
                self.at += 1;
                let body = self.list()?;
                if !self.take(")") {
                    return Err(end_of_file());
                }
                Kind::Group { body, subshell: true }
            }
            (_, "{") => {
                self.at += 1;
                let body = self.list()?;
                self.reserved("}")?;
                Kind::Group { body, subshell: false }
            }
            (_, "if") => self.conditional()?,
            (_, "for") => self.counted()?,
            (_, word @ ("while" | "until")) => {
                let until = word == "until";
                self.at += 5;
                let condition = self.list()?;
                self.reserved("do")?;
                let body = self.list()?;
                self.reserved("done")?;
                Kind::While { until, condition, body }
            }
            (_, "[[") => self.double_bracket()?,
            (_, word @ ("case" | "select" | "function" | "time" | "coproc")) => {
                return Err(other(format!("bash's {word}")));
            }
            (_, word) if RESERVED.contains(&word) && word != "in" => return Err(unexpected(word)),
            _ => return self.simple(),
        };
        let mut redirects = Vec::new();
        self.skip_blanks();
        while let Some(redirect) = self.redirect()? {
            redirects.push(redirect);
            self.skip_blanks();
        }
        Ok(Command { kind, redirects })
    }

    fn conditional(&mut self) -> Parsed<Kind> {
        self.at += 2;
        let mut arms = Vec::new();
        loop {
            let condition = self.list()?;
            self.reserved("then")?;
            arms.push((condition, self.list()?));
            self.skip_separators();
            match self.bare().as_str() {
                "elif" => self.at += 4,
                "else" => {
                    self.at += 4;
                    let otherwise = Some(self.list()?);
                    self.reserved("fi")?;
                    return Ok(Kind::If { arms, otherwise });
                }
                _ => {
                    self.reserved("fi")?;
                    return Ok(Kind::If { arms, otherwise: None });
                }
            }
        }
    }

    fn counted(&mut self) -> Parsed<Kind> {
        self.at += 3;
        self.skip_blanks();
        if self.starts("((") {
            return Err(other("for ((..))"));
        }
        let name = self.bare();
        if !is_name(&name) {
            return Err(ParseError::Syntax(format!("`{name}': not a valid identifier")));
        }
        self.at += name.len();
        self.skip_lines();
        if self.bare() != "in" {
            return Err(other("for without in"));
        }
        self.at += 2;
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek() {
                None | Some('\n' | ';') => break,
                Some(c) if "&|<>()".contains(c) => return Err(unexpected(&c.to_string())),
                Some(_) => words.push(self.word()?),
            }
        }
        self.reserved("do")?;
        let body = self.list()?;
        self.reserved("done")?;
        Ok(Kind::For { name, words, body })
    }

    fn double_bracket(&mut self) -> Parsed<Kind> {
        self.at += 2;
        let mut words = Vec::new();
        loop {
            self.skip_blanks();
            match self.peek() {
                None => return Err(end_of_file()),
                Some(_) if self.bare() == "]]" => {
                    self.at += 2;
                    return Ok(Kind::Test(words));
                }
                Some(c @ ('&' | '|' | '(' | ')')) => return Err(other(format!("{c} within [[ ]]"))),
                // A word ends before it, so that reading one here would never go on.
                Some(';') => return Err(unexpected(";")),
                Some('\n') => self.at += 1,
                Some(c @ ('<' | '>')) => {
                    self.at += 1;
                    words.push(vec![Part::Quoted(c.to_string())]);
                }
                Some(_) => words.push(self.word()?),
            }
        }
    }

    fn simple(&mut self) -> Parsed<Command> {
        let (mut assignments, mut words, mut redirects) = (Vec::new(), Vec::new(), Vec::new());
        loop {
            self.skip_blanks();
            if let Some(redirect) = self.redirect()? {
                redirects.push(redirect);
                continue;
            }
            match self.peek() {
                None | Some('\n' | ';' | '&' | '|' | ')') => break,
                Some('(') if words.len() == 1 => return Err(other("a function of one's own")),
                Some('(') => return Err(unexpected("(")),
                Some(_) => {}
            }
            if words.is_empty()
                && let Some((name, value)) = self.assignment()?
            {
                assignments.push((name, value));
                continue;
            }
            words.push(self.word()?);
        }
        if assignments.is_empty() && words.is_empty() && redirects.is_empty() {
            return Err(match self.peek() {
                None => end_of_file(),
                Some('\n') => unexpected("newline"),
                Some(c) => unexpected(&c.to_string()),
            });
        }
        Ok(Command { kind: Kind::Simple { assignments, words }, redirects })
    }

    /// `NAME=word` at the beginning of a command.
    fn assignment(&mut self) -> Parsed<Option<(String, Word)>> {
        let bare = self.bare();
        let Some((name, _)) = bare.split_once('=') else { return Ok(None) };
        if name.ends_with('+') || name.contains('[') {
            return Err(other("+= or an array"));
        }
        if !is_name(name) {
            return Ok(None);
        }
        self.at += name.len() + 1;
        if self.peek() == Some('(') {
            return Err(other("an array"));
        }
        let blank = self.peek().is_none_or(|c| " \t\r\n;&|<>)".contains(c));
        let value = if blank { Word::new() } else { self.word()? };
        Ok(Some((name.to_owned(), value)))
    }

    fn redirect(&mut self) -> Parsed<Option<Redirect>> {
        let start = self.at;
        let from = match (self.peek(), self.peek_at(1)) {
            (Some('&'), Some('>')) => {
                self.at += 1;
                Some(Stream::Both)
            }
            (Some(digit @ '0'..='9'), Some('<' | '>')) => {
                self.at += 1;
                match digit {
                    '0' => Some(Stream::In),
                    '1' => Some(Stream::Out),
                    '2' => Some(Stream::Err),
                    _ => return Err(other(format!("file descriptor {digit}"))),
                }
            }
            _ => None,
        };
        let kind = if self.starts("<(") || self.starts(">(") {
            return Err(other("process substitution"));
        } else if self.take("<<<") {
            let mut word = self.target()?;
            word.push(Part::Quoted("\n".to_owned()));
            RedirectKind::Text(word)
        } else if self.take("<<") {
            RedirectKind::Text(self.here_document()?)
        } else if self.take("<&") {
            return Err(other("<&"));
        } else if self.take("<") {
            RedirectKind::Read(self.target()?)
        } else if self.take(">&") {
            let to = match self.bare().as_str() {
                "1" => Stream::Out,
                "2" => Stream::Err,
                _ => return Err(other(">& to anything but 1 or 2")),
            };
            self.at += 1;
            RedirectKind::Same(to)
        } else if self.take(">>") {
            RedirectKind::File { target: self.target()?, append: true }
        } else if self.take(">") {
            self.take("|");
            RedirectKind::File { target: self.target()?, append: false }
        } else {
            self.at = start;
            return Ok(None);
        };
        let natural = match kind {
            RedirectKind::Read(_) | RedirectKind::Text(_) => Stream::In,
            RedirectKind::File { .. } | RedirectKind::Same(_) => Stream::Out,
        };
        let from = from.unwrap_or(natural);
        if (natural == Stream::In) != (from == Stream::In) {
            return Err(other("a redirection like this"));
        }
        Ok(Some(Redirect { from, kind }))
    }

    fn target(&mut self) -> Parsed<Word> {
        self.skip_blanks();
        if self.starts(">(") || self.starts("<(") {
            return Err(other("process substitution"));
        }
        match self.peek() {
            None | Some('\n') => Err(unexpected("newline")),
            Some(c) if ";&|<>()".contains(c) => Err(unexpected(&c.to_string())),
            Some(_) => self.word(),
        }
    }

    /// Takes the delimiter here and the text from the lines that follow.
    fn here_document(&mut self) -> Parsed<Word> {
        let tabs = self.take("-");
        let delimiter = self.target()?;
        let mut end = String::new();
        let mut literal = false;
        for part in delimiter {
            match part {
                Part::Text(text) => end.push_str(&text),
                Part::Quoted(text) => {
                    literal = true;
                    end.push_str(&text);
                }
                _ => return Err(other("an expansion in a here-document's delimiter")),
            }
        }
        let rest = self.text[self.at..].iter().position(|c| *c == '\n');
        let Some(from) = rest.map(|offset| self.at + offset + 1) else { return Err(end_of_file()) };
        let mut body = String::new();
        let mut line_start = from;
        let to = loop {
            if line_start >= self.text.len() {
                // bash warns and takes what there is.
                break self.text.len();
            }
            let length = self.text[line_start..].iter().position(|c| *c == '\n');
            let line_end = length.map_or(self.text.len(), |length| line_start + length);
            let line: String = self.text[line_start..line_end].iter().collect();
            let line = if tabs { line.trim_start_matches('\t') } else { &line };
            let next = (line_end + 1).min(self.text.len());
            if line.trim_end_matches('\r') == end {
                break next;
            }
            body.push_str(line);
            body.push('\n');
            line_start = next;
        };
        self.text.drain(from..to);
        if literal {
            return Ok(vec![Part::Quoted(body)]);
        }
        let mut inner = Parser { text: body.chars().collect(), at: 0, depth: self.depth + 1 };
        inner.double_quoted(None)
    }

    fn word(&mut self) -> Parsed<Word> {
        let mut word = Word::new();
        let mut text = String::new();
        while let Some(c) = self.peek() {
            if " \t\r\n;&|<>()".contains(c) {
                break;
            }
            let part = match c {
                '\\' => {
                    let next = self.peek_at(1);
                    self.at = (self.at + 2).min(self.text.len());
                    match next {
                        Some('\n') => continue,
                        Some(next) => vec![Part::Quoted(next.to_string())],
                        None => {
                            text.push('\\');
                            continue;
                        }
                    }
                }
                '\'' => {
                    self.at += 1;
                    vec![Part::Quoted(self.until_quote()?)]
                }
                '"' => {
                    self.at += 1;
                    let mut inner = vec![Part::Quoted(String::new())];
                    inner.extend(self.double_quoted(Some('"'))?);
                    inner
                }
                '$' if self.peek_at(1) == Some('\'') => return Err(other("$'..'")),
                '$' | '`' => match self.expansion(false)? {
                    Some(part) => vec![part],
                    None => {
                        text.push('$');
                        continue;
                    }
                },
                _ => {
                    text.push(c);
                    self.at += 1;
                    continue;
                }
            };
            if !text.is_empty() {
                word.push(Part::Text(std::mem::take(&mut text)));
            }
            word.extend(part);
        }
        if !text.is_empty() {
            word.push(Part::Text(text));
        }
        Ok(word)
    }

    fn until_quote(&mut self) -> Parsed<String> {
        let mut text = String::new();
        while let Some(c) = self.peek() {
            self.at += 1;
            if c == '\'' {
                return Ok(text);
            }
            text.push(c);
        }
        Err(ParseError::Syntax("unexpected EOF while looking for matching `''".to_owned()))
    }

    /// What stands in double quotes up to their end; up to the end of the text for a here-document.
    fn double_quoted(&mut self, end: Option<char>) -> Parsed<Word> {
        let mut word = Word::new();
        let mut text = String::new();
        loop {
            let Some(c) = self.peek() else {
                if end.is_some() {
                    return Err(ParseError::Syntax("unexpected EOF while looking for matching `\"'".to_owned()));
                }
                break;
            };
            if Some(c) == end {
                self.at += 1;
                break;
            }
            match c {
                '\\' => {
                    let next = self.peek_at(1);
                    self.at += 2;
                    match next {
                        Some('\n') => {}
                        Some(next) if "$`\\".contains(next) || Some(next) == end => text.push(next),
                        Some(next) => text.extend(['\\', next]),
                        None => text.push('\\'),
                    }
                }
                '$' | '`' => match self.expansion(true)? {
                    Some(part) => {
                        if !text.is_empty() {
                            word.push(Part::Quoted(std::mem::take(&mut text)));
                        }
                        word.push(part);
                    }
                    None => text.push('$'),
                },
                _ => {
                    text.push(c);
                    self.at += 1;
                }
            }
        }
        if !text.is_empty() {
            word.push(Part::Quoted(text));
        }
        Ok(word)
    }

    /// What a `$` or a backquote begins; none when it is a `$` of its own, which has been taken.
    fn expansion(&mut self, quoted: bool) -> Parsed<Option<Part>> {
        if self.take("`") {
            let mut script = String::new();
            while let Some(c) = self.peek() {
                self.at += 1;
                match c {
                    '`' => return Ok(Some(Part::Command { script, quoted })),
                    '\\' if self.peek().is_some_and(|next| "$`\\".contains(next)) => {
                        script.extend(self.peek());
                        self.at += 1;
                    }
                    _ => script.push(c),
                }
            }
            return Err(ParseError::Syntax("unexpected EOF while looking for matching ``'".to_owned()));
        }
        self.at += 1;
        match self.peek() {
            Some('(') if self.starts("((") => {
                self.at += 2;
                let script = self.balanced(1)?;
                if !self.take(")") {
                    return Err(other("$( (..) )"));
                }
                Ok(Some(Part::Arithmetic(script)))
            }
            Some('(') => {
                self.at += 1;
                Ok(Some(Part::Command { script: self.balanced(1)?, quoted }))
            }
            Some('{') => {
                self.at += 1;
                self.braced(quoted).map(Some)
            }
            Some(c) if c.is_ascii_alphabetic() || c == '_' => {
                let name: String =
                    self.text[self.at..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_').collect();
                self.at += name.len();
                Ok(Some(Part::Variable { name, default: None, quoted }))
            }
            Some(c) if "?$#@*!-0123456789".contains(c) => {
                self.at += 1;
                Ok(Some(Part::Variable { name: c.to_string(), default: None, quoted }))
            }
            _ => Ok(None),
        }
    }

    /// `NAME}` or `NAME:-word}` after `${`.
    fn braced(&mut self, quoted: bool) -> Parsed<Part> {
        let name: String =
            self.text[self.at..].iter().take_while(|c| c.is_ascii_alphanumeric() || **c == '_' || **c == '?').collect();
        self.at += name.len();
        if self.take("}") && !name.is_empty() {
            return Ok(Part::Variable { name, default: None, quoted });
        }
        if (self.take(":-") || self.take("-")) && !name.is_empty() {
            let mut text = String::new();
            while let Some(c) = self.peek() {
                self.at += 1;
                if c == '}' {
                    let mut inner = Parser { text: text.chars().collect(), at: 0, depth: self.depth + 1 };
                    return Ok(Part::Variable { name, default: Some(inner.double_quoted(None)?), quoted });
                }
                text.push(c);
            }
            return Err(end_of_file());
        }
        Err(other("this form of ${..}"))
    }

    /// Text up to the parenthesis that closes, which is taken; quotes within are respected.
    fn balanced(&mut self, mut open: usize) -> Parsed<String> {
        let mut text = String::new();
        let mut quote: Option<char> = None;
        while let Some(c) = self.peek() {
            self.at += 1;
            match (quote, c) {
                (Some('\''), '\'') | (Some('"'), '"') => quote = None,
                (Some('\''), _) => {}
                (_, '\\') => {
                    text.push(c);
                    if let Some(next) = self.peek() {
                        text.push(next);
                        self.at += 1;
                    }
                    continue;
                }
                (Some(_), _) => {}
                (None, '\'' | '"') => quote = Some(c),
                (None, '(') => open += 1,
                (None, ')') => {
                    open -= 1;
                    if open == 0 {
                        return Ok(text);
                    }
                }
                (None, _) => {}
            }
            text.push(c);
        }
        Err(ParseError::Syntax("unexpected EOF while looking for matching `)'".to_owned()))
    }
}
