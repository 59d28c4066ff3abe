//! Programs that only look at text: `cat`, `head`, `tail`, `grep`, `wc`, `sort`, `uniq`, `cut`, `tr`, `seq`. Pure.

/// A filter with its options read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Filter {
    kind: Kind,
    pub(super) files: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Kind {
    Cat,
    Head(usize),
    /// The last lines; `true`: from this line on.
    Tail(usize, bool),
    Grep {
        pattern: String,
        invert: bool,
        fold: bool,
        count: bool,
        quiet: bool,
    },
    Count {
        lines: bool,
        words: bool,
        bytes: bool,
    },
    Sort {
        numeric: bool,
        reverse: bool,
        unique: bool,
    },
    Unique {
        count: bool,
    },
    Cut {
        delimiter: char,
        fields: Vec<usize>,
    },
    Translate {
        from: Vec<char>,
        to: Vec<char>,
        delete: bool,
    },
    Sequence(Vec<String>),
}

/// Is a program with this name one of them?
pub(super) fn is_filter(name: &str) -> bool {
    ["cat", "head", "tail", "grep", "egrep", "wc", "sort", "uniq", "cut", "tr", "seq"].contains(&name)
}

/// Does a text match a pattern of `*` and `?`?
pub(in crate::practice) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                back = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match back {
                Some((star, from)) => {
                    back = Some((star, from + 1));
                    (p, t) = (star + 1, from + 1);
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

impl Filter {
    /// Reads the options; the error is the one that is not simulated.
    pub(super) fn parse(name: &str, arguments: &[String]) -> Result<Self, String> {
        let mut files = Vec::new();
        let mut options: Vec<(String, Option<String>)> = Vec::new();
        let with_value: &[&str] = match name {
            "head" | "tail" => &["-n", "-c"],
            "cut" => &["-d", "-f"],
            "grep" | "egrep" => &["-e", "-m", "-A", "-B", "-C"],
            _ => &[],
        };
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            if !word.starts_with('-') || word == "-" || (name == "seq") {
                files.push(word.clone());
            } else if with_value.contains(&word.as_str()) {
                options.push((word.clone(), words.next().cloned()));
            } else if let Some(option) = with_value.iter().find(|option| word.starts_with(*option)) {
                options.push(((*option).to_owned(), Some(word[option.len()..].to_owned())));
            } else if matches!(name, "head" | "tail") && word[1..].parse::<usize>().is_ok() {
                options.push(("-n".to_owned(), Some(word[1..].to_owned())));
            } else {
                options.extend(word[1..].chars().map(|letter| (format!("-{letter}"), None)));
            }
        }
        let only = |known: &[&str]| match options.iter().find(|(option, _)| !known.contains(&option.as_str())) {
            Some((option, _)) => Err(option.clone()),
            None => Ok(()),
        };
        let has = |wanted: &str| options.iter().any(|(option, _)| option == wanted);
        let value =
            |wanted: &str| options.iter().find(|(option, _)| option == wanted).and_then(|(_, value)| value.clone());
        let kind = match name {
            "cat" => {
                only(&[])?;
                Kind::Cat
            }
            "head" | "tail" => {
                only(&["-n"])?;
                let lines = value("-n").unwrap_or_else(|| "10".to_owned());
                let from = lines.starts_with('+');
                let number = lines.trim_start_matches('+').parse().map_err(|_| format!("-n {lines}"))?;
                if name == "head" { Kind::Head(number) } else { Kind::Tail(number, from) }
            }
            "grep" | "egrep" => {
                only(&["-v", "-i", "-c", "-q", "-e", "-E", "-F", "-o"])?;
                let pattern = match value("-e") {
                    Some(pattern) => pattern,
                    None if files.is_empty() => return Err("without a pattern".to_owned()),
                    None => files.remove(0),
                };
                let plain = pattern.trim_start_matches('^').trim_end_matches('$');
                if has("-o")
                    || (!has("-F") && plain.contains(['[', ']', '(', ')', '*', '+', '?', '|', '{', '\\', '^', '$']))
                {
                    return Err(format!("with the pattern {pattern}"));
                }
                Kind::Grep { pattern, invert: has("-v"), fold: has("-i"), count: has("-c"), quiet: has("-q") }
            }
            "wc" => {
                only(&["-l", "-w", "-c"])?;
                let all = options.is_empty();
                Kind::Count { lines: all || has("-l"), words: all || has("-w"), bytes: all || has("-c") }
            }
            "sort" => {
                only(&["-n", "-r", "-u"])?;
                Kind::Sort { numeric: has("-n"), reverse: has("-r"), unique: has("-u") }
            }
            "uniq" => {
                only(&["-c"])?;
                Kind::Unique { count: has("-c") }
            }
            "cut" => {
                only(&["-d", "-f"])?;
                let fields = value("-f").ok_or("without -f")?;
                let fields: Result<Vec<usize>, _> = fields.split(',').map(str::parse).collect();
                let delimiter = value("-d").and_then(|text| text.chars().next()).unwrap_or('\t');
                Kind::Cut { delimiter, fields: fields.map_err(|_| "with a range of fields".to_owned())? }
            }
            "tr" => {
                only(&["-d"])?;
                let sets: Vec<Vec<char>> = files.drain(..).map(|set| expand_set(&set)).collect();
                match (has("-d"), sets.as_slice()) {
                    (true, [from]) => Kind::Translate { from: from.clone(), to: Vec::new(), delete: true },
                    (false, [from, to]) => Kind::Translate { from: from.clone(), to: to.clone(), delete: false },
                    _ => return Err("with these arguments".to_owned()),
                }
            }
            _ => Kind::Sequence(std::mem::take(&mut files)),
        };
        Ok(Self { kind, files })
    }

    /// The output and the code for inputs with their names.
    pub(super) fn apply(&self, inputs: &[(String, String)]) -> (String, i32) {
        let named = inputs.len() > 1;
        let mut out = String::new();
        let mut line = |text: &str| {
            out.push_str(text);
            out.push('\n');
        };
        match &self.kind {
            Kind::Cat => return (inputs.iter().map(|(_, text)| text.as_str()).collect(), 0),
            Kind::Head(number) => {
                for (name, text) in inputs {
                    if named {
                        line(&format!("==> {name} <=="));
                    }
                    text.lines().take(*number).for_each(&mut line);
                }
            }
            Kind::Tail(number, from) => {
                for (name, text) in inputs {
                    if named {
                        line(&format!("==> {name} <=="));
                    }
                    let all = text.lines().count();
                    let skip = if *from { number.saturating_sub(1) } else { all.saturating_sub(*number) };
                    text.lines().skip(skip).for_each(&mut line);
                }
            }
            Kind::Grep { pattern, invert, fold, count, quiet } => {
                let mut any = false;
                for (name, text) in inputs {
                    let found: Vec<&str> =
                        text.lines().filter(|line| has_pattern(line, pattern, *fold) != *invert).collect();
                    any |= !found.is_empty();
                    let prefix = if named { format!("{name}:") } else { String::new() };
                    match (quiet, count) {
                        (true, _) => {}
                        (_, true) => line(&format!("{prefix}{}", found.len())),
                        _ => found.iter().for_each(|one| line(&format!("{prefix}{one}"))),
                    }
                }
                return (out, i32::from(!any));
            }
            Kind::Count { lines, words, bytes } => {
                for (name, text) in inputs {
                    let counts = [
                        (*lines, text.matches('\n').count()),
                        (*words, text.split_whitespace().count()),
                        (*bytes, text.len()),
                    ];
                    let shown: Vec<String> =
                        counts.iter().filter(|(wanted, _)| *wanted).map(|(_, number)| number.to_string()).collect();
                    let wide = shown.len() > 1;
                    let shown = if wide {
                        shown.iter().map(|number| format!("{number:>7}")).collect::<String>()
                    } else {
                        shown.concat()
                    };
                    line(format!("{shown} {name}").trim_end());
                }
            }
            Kind::Sort { numeric, reverse, unique } => {
                let mut all: Vec<&str> = inputs.iter().flat_map(|(_, text)| text.lines()).collect();
                all.sort();
                if *numeric {
                    all.sort_by_key(|text| leading_number(text));
                }
                if *unique {
                    all.dedup();
                }
                if *reverse {
                    all.reverse();
                }
                all.into_iter().for_each(&mut line);
            }
            Kind::Unique { count } => {
                let mut groups: Vec<(usize, &str)> = Vec::new();
                for text in inputs.iter().flat_map(|(_, text)| text.lines()) {
                    match groups.last_mut() {
                        Some((number, last)) if *last == text => *number += 1,
                        _ => groups.push((1, text)),
                    }
                }
                for (number, text) in groups {
                    line(&if *count { format!("{number:>7} {text}") } else { text.to_owned() });
                }
            }
            Kind::Cut { delimiter, fields } => {
                for text in inputs.iter().flat_map(|(_, text)| text.lines()) {
                    if !text.contains(*delimiter) {
                        line(text);
                        continue;
                    }
                    let parts: Vec<&str> = text.split(*delimiter).collect();
                    let chosen: Vec<&str> =
                        fields.iter().filter_map(|field| parts.get(field.checked_sub(1)?).copied()).collect();
                    line(&chosen.join(&delimiter.to_string()));
                }
            }
            Kind::Translate { from, to, delete } => {
                let change = |c: char| match from.iter().position(|one| *one == c) {
                    Some(_) if *delete => None,
                    Some(at) => to.get(at).or(to.last()).copied(),
                    None => Some(c),
                };
                return (inputs.iter().flat_map(|(_, text)| text.chars()).filter_map(change).collect(), 0);
            }
            Kind::Sequence(words) => {
                let numbers: Option<Vec<i64>> = words.iter().map(|word| word.parse().ok()).collect();
                let (first, step, last) = match numbers.as_deref() {
                    Some([last]) => (1, 1, *last),
                    Some([first, last]) => (*first, 1, *last),
                    Some([first, step, last]) if *step > 0 => (*first, *step, *last),
                    _ => return (String::new(), 1),
                };
                let mut number = first;
                while number <= last && (number - first) / step < 100_000 {
                    line(&number.to_string());
                    number += step;
                }
            }
        }
        (out, 0)
    }
}

fn has_pattern(line: &str, pattern: &str, fold: bool) -> bool {
    let (line, pattern) =
        if fold { (line.to_lowercase(), pattern.to_lowercase()) } else { (line.into(), pattern.into()) };
    let middle = pattern.trim_start_matches('^').trim_end_matches('$');
    // A dot is any one sign.
    let middle: Vec<char> = middle.chars().collect();
    let signs: Vec<char> = line.chars().collect();
    let at = |from: usize| {
        signs.len() >= from + middle.len() && middle.iter().zip(&signs[from..]).all(|(p, c)| p == c || *p == '.')
    };
    let last = signs.len().saturating_sub(middle.len());
    match (pattern.starts_with('^'), pattern.ends_with('$')) {
        (true, true) => signs.len() == middle.len() && at(0),
        (true, false) => at(0),
        (false, true) => signs.len() >= middle.len() && at(last),
        (false, false) => (0..=last).any(at),
    }
}

fn leading_number(text: &str) -> i64 {
    let text = text.trim_start();
    let end = text
        .char_indices()
        .find(|(at, c)| !(c.is_ascii_digit() || (*at == 0 && *c == '-')))
        .map_or(text.len(), |(at, _)| at);
    text[..end].parse().unwrap_or(0)
}

/// `a-z` is its letters.
fn expand_set(set: &str) -> Vec<char> {
    let set = set.replace("\\n", "\n").replace("\\t", "\t");
    let signs: Vec<char> = set.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while at < signs.len() {
        match (signs.get(at + 1), signs.get(at + 2)) {
            (Some('-'), Some(to)) if signs[at] <= *to => {
                out.extend(signs[at]..=*to);
                at += 3;
            }
            _ => {
                out.push(signs[at]);
                at += 1;
            }
        }
    }
    out
}
