//! Texts: lengths, the glossary's words, names and commands that exist, tone.

use std::ops::Range;

use unicode_width::UnicodeWidthStr as _;

use crate::course::fault::Faults;
use crate::course::model::{Course, Declaration, Value};
use crate::course::source::Library;
use crate::course::tree::{Term, Tree};
use crate::i18n::Lang;

use super::{Piece, Use};

/// The cells that a line of code may take: 80 less the frame.
const CODE_WIDTH: usize = 76;

pub(super) fn check(pieces: &[Piece<'_>], tree: &Tree, course: &Course, library: &Library, faults: &Faults) {
    let names: Vec<&str> = course.steps().flat_map(|step| &step.resources).flat_map(names_of).collect();
    for piece in pieces {
        length(piece, library, faults);
        language(piece, library, faults);
        for term in &tree.terms {
            glossary(piece, term, library, faults);
        }
        if piece.lang == Lang::Ko && piece.use_.is_prose() {
            tone(piece, library, faults);
        }
        if piece.use_.is_markdown() {
            code_lines(piece, library, faults);
            links(piece, library, faults);
        }
        balanced(piece, library, faults);
        for (span, code) in code_of(&piece.at.value) {
            // What the notes call a thing is told where they are set right.
            if piece.use_ != Use::Notes {
                known_name(piece, span.clone(), code, &names, library, faults);
            }
            known_command(piece, span, code, course, library, faults);
        }
    }
}

/// A resource's name, and what its fields say that may be a name: the tag of a group's instances.
fn names_of(declared: &Declaration) -> impl Iterator<Item = &str> {
    std::iter::once(declared.key.name.as_str()).chain(declared.fields.values().filter_map(Value::as_text))
}

fn length(piece: &Piece<'_>, library: &Library, faults: &Faults) {
    let (cells, longest) = (piece.at.value.width(), piece.use_.longest());
    if piece.at.value.is_empty() && piece.use_ != Use::Guide {
        faults.add(
            piece.fault(library, 0..0, "글이 비어 있습니다", "the text is empty").hint("글을 써 주세요", "write it"),
        );
    }
    if cells > longest {
        faults.add(
            piece
                .fault(
                    library,
                    0..piece.at.value.len(),
                    format!("글이 너무 깁니다: {cells}칸"),
                    format!("the text is too long: {cells} cells"),
                )
                .label(format!("{longest}칸까지"), format!("at most {longest} cells"))
                .hint("덜 중요한 문장을 덜어 내세요", "leave out what matters less"),
        );
    }
}

fn is_hangul(c: char) -> bool {
    ('가'..='힣').contains(&c)
}

/// Korean texts have Hangul, English ones have none (outside code).
fn language(piece: &Piece<'_>, library: &Library, faults: &Faults) {
    let text = &piece.at.value;
    match piece.lang {
        Lang::Ko if piece.use_.is_prose() && !text.is_empty() && !text.chars().any(is_hangul) => faults
            .add(piece.fault(library, 0..text.len(), "한국어 글에 한글이 없습니다", "the Korean text has no Hangul")),
        Lang::En => {
            let outside = prose_of(text).find_map(|(at, part)| part.find(is_hangul).map(|inner| at + inner));
            if let Some(at) = outside {
                faults.add(
                    piece.fault(library, at..at + 3, "영어 글에 한글이 있습니다", "the English text has Hangul").hint(
                        "번역하거나, 콘솔의 말이라면 백틱으로 감싸세요",
                        "translate it, or put a console's word in backticks",
                    ),
                );
            }
        }
        Lang::Ko => {}
    }
}

fn glossary(piece: &Piece<'_>, term: &Term, library: &Library, faults: &Faults) {
    let lang = usize::from(piece.lang == Lang::En);
    for avoid in &term.avoid[lang] {
        for (at, part) in prose_of(&piece.at.value) {
            for (inner, _) in part.match_indices(avoid.value.as_str()) {
                let edge = |c: Option<char>| !c.is_some_and(|c| c.is_ascii_alphanumeric());
                let after = &part[inner + avoid.value.len()..];
                // A word of letters must stand alone; Korean words carry particles.
                if piece.lang == Lang::En && !(edge(part[..inner].chars().next_back()) && edge(after.chars().next())) {
                    continue;
                }
                let word = term.word.both()[lang];
                let span = at + inner..at + inner + avoid.value.len();
                faults.add(
                    piece
                        .fault(
                            library,
                            span,
                            format!("`{}` 대신 `{}` 용어를 씁니다", avoid.value, word.value),
                            format!("`{}` is called `{}` here", avoid.value, word.value),
                        )
                        .label("용어집에 없는 말", "not the glossary's word")
                        .hint(format!("`{}`로 고치세요", word.value), format!("write `{}`", word.value)),
                );
            }
        }
    }
}

/// 합니다체: a sentence in `다.` ends in `니다.`, one in `요.` ends in `세요.`.
fn tone(piece: &Piece<'_>, library: &Library, faults: &Faults) {
    for (at, part) in prose_of(&piece.at.value) {
        for (ending, right) in
            [("다.", "니다."), ("요.", "세요."), ("다\n", "니다\n"), ("해.", "하세요."), ("야.", "입니다.")]
        {
            for (inner, found) in part.match_indices(ending) {
                if part[..inner + found.len()].ends_with(right) {
                    continue;
                }
                let span = at + inner..at + inner + found.trim_end().len();
                faults.add(
                    piece
                        .fault(
                            library,
                            span,
                            "합니다체가 아닌 문장입니다",
                            "this sentence is not in the polite formal style",
                        )
                        .hint("`-습니다.` 또는 `-세요.`로 끝내세요", "end it with `-습니다.` or `-세요.`"),
                );
            }
        }
    }
}

fn code_lines(piece: &Piece<'_>, library: &Library, faults: &Faults) {
    let mut at = 0;
    let mut fenced = false;
    for line in piece.at.value.split_inclusive('\n') {
        let text = line.trim_end();
        if text.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if fenced && text.width() > CODE_WIDTH {
            faults.add(
                piece
                    .fault(
                        library,
                        at..at + text.len(),
                        "코드 줄이 80칸 화면에 들어가지 않습니다",
                        "a line of code does not fit 80 columns",
                    )
                    .label(format!("{}칸", text.width()), format!("{} cells", text.width()))
                    .hint(
                        format!("{CODE_WIDTH}칸 안에서 `\\`로 줄을 나누세요"),
                        format!("break it with `\\` within {CODE_WIDTH} cells"),
                    ),
            );
        }
        at += line.len();
    }
    for (at, part) in prose_of(&piece.at.value) {
        for word in part.split_whitespace().filter(|word| word.width() > CODE_WIDTH) {
            let start = at + (word.as_ptr() as usize - part.as_ptr() as usize);
            faults.add(
                piece
                    .fault(
                        library,
                        start..start + word.len(),
                        "낱말이 80칸 화면에 들어가지 않습니다",
                        "a word does not fit 80 columns",
                    )
                    .label(format!("{}칸", word.width()), format!("{} cells", word.width()))
                    .hint("줄이거나 나눠 써 주세요", "shorten it, or break it in two"),
            );
        }
    }
    if fenced {
        faults.add(
            piece
                .fault(library, 0..0, "닫히지 않은 코드 블록이 있습니다", "a code block is not closed")
                .hint("끝에 ` ``` ` 줄을 더해 주세요", "end it with a line of ` ``` `"),
        );
    }
}

/// Links lead to `https://`.
fn links(piece: &Piece<'_>, library: &Library, faults: &Faults) {
    for (at, part) in prose_of(&piece.at.value) {
        for (inner, _) in part.match_indices("](") {
            let target = &part[inner + 2..];
            let end = target.find(')').unwrap_or(target.len());
            if !target.starts_with("https://") || end == target.len() {
                let start = at + inner + 2;
                faults.add(piece.fault(
                    library,
                    start..start + end,
                    "링크는 `https://`로 시작해야 합니다",
                    "a link must begin with `https://`",
                ));
            }
        }
    }
}

/// Backticks and `**` come in pairs.
fn balanced(piece: &Piece<'_>, library: &Library, faults: &Faults) {
    let plain: String = prose_of(&piece.at.value).map(|(_, part)| part).collect();
    for mark in ["`", "**"] {
        let open = if mark == "`" { piece.at.value.matches('`').count() } else { plain.matches("**").count() };
        if open % 2 == 1 {
            faults.add(
                piece
                    .fault(
                        library,
                        0..piece.at.value.len(),
                        format!("짝이 맞지 않는 `{mark}`가 있습니다"),
                        format!("a `{mark}` has no partner"),
                    )
                    .hint(format!("`{mark}`로 닫거나 지워 주세요"), format!("close it with `{mark}`, or delete it")),
            );
        }
    }
}

/// A name of the course in backticks must be declared: `my-vpc`.
fn known_name(piece: &Piece<'_>, span: Range<usize>, code: &str, names: &[&str], library: &Library, faults: &Faults) {
    let is_name = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let whole = code.starts_with("my-") && !code.ends_with('-') && code.chars().all(is_name);
    if whole && !names.contains(&code) {
        faults.add(
            piece
                .fault(
                    library,
                    span,
                    format!("`{code}`라는 리소스는 이 과정에 없습니다"),
                    format!("the course declares nothing called `{code}`"),
                )
                .known(code, names.iter().copied()),
        );
    }
}

/// The commands that texts may name.
const COMMANDS: [&str; 17] = [
    "resume",
    "monitor",
    "list",
    "plan",
    "run",
    "check",
    "status",
    "load",
    "quiz",
    "password",
    "cleanup",
    "doctor",
    "policy",
    "practice",
    "labs",
    "completions",
    "man",
];

/// An `awslab` command in code must exist, and so must its targets.
fn known_command(
    piece: &Piece<'_>,
    span: Range<usize>,
    code: &str,
    course: &Course,
    library: &Library,
    faults: &Faults,
) {
    let mut next = span.start;
    for line in code.split_inclusive('\n') {
        let span = next..next + line.trim_end().len();
        next += line.len();
        let mut words = line.split_whitespace();
        if words.next() != Some("awslab") {
            continue;
        }
        let mut words = words.filter(|word| !word.starts_with('-'));
        let Some(command) = words.next() else { continue };
        if !COMMANDS.contains(&command) {
            faults.add(
                piece
                    .fault(
                        library,
                        span.clone(),
                        format!("`awslab {command}`라는 명령은 없습니다"),
                        format!("there is no command `awslab {command}`"),
                    )
                    .known(command, COMMANDS),
            );
        }
        if !matches!(command, "plan" | "run" | "check" | "cleanup" | "policy" | "resume" | "quiz") {
            continue;
        }
        for target in words.filter(|target| course.target(target).is_none()) {
            let ids = course.steps().map(|step| step.id.as_str());
            faults.add(
                piece
                    .fault(
                        library,
                        span.clone(),
                        format!("`{target}`라는 장, 절, 단계는 없습니다"),
                        format!("there is no chapter, section or step `{target}`"),
                    )
                    .known(target, ids),
            );
        }
    }
}

/// The parts of a text outside code, with their places. Backticks split it; a fence is three of them.
fn prose_of(text: &str) -> impl Iterator<Item = (usize, &str)> {
    parts(text).filter(|(_, _, code)| !code).map(|(at, part, _)| (at, part))
}

/// The code of a text: inline spans and fenced blocks.
fn code_of(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    parts(text).filter(|(_, _, code)| *code).map(|(at, part, _)| (at..at + part.len(), part))
}

fn parts(text: &str) -> impl Iterator<Item = (usize, &str, bool)> {
    let mut at = 0;
    let mut code = false;
    let mut out = Vec::new();
    while at < text.len() {
        let rest = &text[at..];
        let end = rest.find('`').unwrap_or(rest.len());
        out.push((at, &rest[..end], code));
        let ticks = rest[end..].bytes().take_while(|b| *b == b'`').count();
        at += end + ticks;
        if ticks > 0 {
            code = !code;
        }
    }
    out.into_iter().filter(|(_, part, _)| !part.is_empty())
}
