//! Reads the questions of a step from `chapter.toml`, with places, and makes [`Question`]s of them.

use super::fault::{At, Faults};
use super::model::StepKind;
use super::quiz::{Answer, Choice, Form, MOST_OPTIONS, Question};
use super::source::Library;
use super::table::{Table, TextAt};
use super::tree::word;

/// A question as read.
#[derive(Debug)]
pub(super) struct Asked {
    pub id: At<String>,
    pub ask: TextAt,
    pub because: TextAt,
    pub kind: At<How>,
    /// Options that are right.
    pub right: Vec<TextAt>,
    /// Options, or typed answers, that are wrong.
    pub wrong: Vec<Wrong>,
    /// What is to be typed.
    pub typed: Option<Typed>,
}

/// How a question is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    One,
    Many,
    Type,
}

/// A wrong answer.
#[derive(Debug)]
pub(super) struct Wrong {
    /// An option.
    pub text: Option<TextAt>,
    /// A typed answer.
    pub answer: Option<At<String>>,
    pub why: TextAt,
}

/// What is to be typed.
#[derive(Debug)]
pub(super) struct Typed {
    pub form: Form,
    pub answer: At<String>,
    pub otherwise: TextAt,
}

/// The questions of a step.
pub(super) fn read(step: &Table<'_>, faults: &Faults) -> Vec<Asked> {
    step.tables("question").iter().filter_map(|table| read_question(table, faults)).collect()
}

fn read_question(table: &Table<'_>, faults: &Faults) -> Option<Asked> {
    let id = table.text("id");
    let key = table.key("kind");
    let how = word(table, faults, "kind", &[("one", How::One), ("many", How::Many), ("type", How::Type)]);
    let (ask, because) = (table.bilingual("ask"), table.bilingual("because"));
    let how = how?;
    let typed = if how == How::Type {
        table.only(&["id", "kind", "ask", "because", "form", "answer", "otherwise", "wrong"]);
        let form = word(table, faults, "form", &Form::ALL);
        let (answer, otherwise) = (table.text("answer"), table.bilingual("otherwise"));
        Some(Typed { form: form?, answer: answer?, otherwise: otherwise? })
    } else {
        table.only(&["id", "kind", "ask", "because", "right", "wrong"]);
        None
    };
    let (rights, wrongs) = (table.tables("right"), table.tables("wrong"));
    let right = rights.iter().filter_map(|option| {
        option.only(&["ko", "en"]);
        option.itself()
    });
    let wrong = wrongs.iter().filter_map(|wrong| {
        let typed = how == How::Type;
        wrong.only(if typed { &["answer", "why"] } else { &["text", "why"] });
        let text = if typed { None } else { Some(wrong.bilingual("text")?) };
        let answer = if typed { Some(wrong.text("answer")?) } else { None };
        Some(Wrong { text, answer, why: wrong.bilingual("why")? })
    });
    let (right, wrong) = (right.collect(), wrong.collect());
    Some(Asked { id: id?, ask: ask?, because: because?, kind: key?.with(how), right, wrong, typed })
}

/// The questions of a step, as far as they make sense.
pub(super) fn build(
    step: &At<String>,
    kind: StepKind,
    asked: &[Asked],
    library: &Library,
    faults: &Faults,
) -> Vec<Question> {
    if let Some(first) = asked.first().filter(|_| kind != StepKind::Read) {
        faults.add(
            first
                .id
                .fault("문제는 읽기 단계에만 둘 수 있습니다", "only a step to read can have questions")
                .also(step, "이 단계", "this step")
                .hint("문제를 `kind = \"read\"`인 단계로 옮기세요", "move it to a step with `kind = \"read\"`"),
        );
    }
    asked.iter().filter_map(|asked| question(step, asked, library, faults)).collect()
}

fn question(step: &At<String>, asked: &Asked, library: &Library, faults: &Faults) -> Option<Question> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if asked.id.value.is_empty() || !asked.id.value.chars().all(plain) {
        faults.add(asked.id.fault(
            format!("문제의 id `{}`는 영어 소문자, 숫자, `-`로 씁니다", asked.id.value),
            format!("a question's id is written with a-z, 0-9 and `-`, not `{}`", asked.id.value),
        ));
    }
    let kind = match asked.kind.value {
        How::Type => typed(asked, faults)?,
        How::One => Answer::One(choices(asked, faults)?),
        How::Many => Answer::Many(choices(asked, faults)?),
    };
    let place = library.files.get(asked.id.file).map(|file| file.place(asked.id.span.start)).unwrap_or_default();
    let id = format!("{}.{}", step.value, asked.id.value);
    Some(Question { id, ask: asked.ask.text(), because: asked.because.text(), kind, place })
}

fn choices(asked: &Asked, faults: &Faults) -> Option<Vec<Choice>> {
    let (right, wrong) = (asked.right.len(), asked.wrong.len());
    let fault = |ko: String, en: String, hint: (&str, &str)| {
        faults.add(asked.kind.fault(ko, en).also(&asked.id, "이 문제", "this question").hint(hint.0, hint.1));
    };
    match asked.kind.value {
        How::One if right != 1 => {
            fault(
                format!("`one` 문제에는 맞는 보기가 하나여야 합니다. 지금은 {right}개입니다"),
                format!("a question of kind `one` has exactly one right option; here are {right}"),
                ("맞는 것이 여럿이면 `kind = \"many\"`로 하세요", "make it `kind = \"many\"` when several are right"),
            );
            return None;
        }
        How::Many if right < 2 => {
            fault(
                format!("`many` 문제에는 맞는 보기가 둘 이상이어야 합니다. 지금은 {right}개입니다"),
                format!("a question of kind `many` has two or more right options; here are {right}"),
                ("맞는 것이 하나면 `kind = \"one\"`으로 하세요", "make it `kind = \"one\"` when only one is right"),
            );
            return None;
        }
        _ => {}
    }
    let least = if asked.kind.value == How::One { 2 } else { 1 };
    if wrong < least || right + wrong > MOST_OPTIONS {
        fault(
            format!("보기의 수가 맞지 않습니다: 맞는 것 {right}개, 틀린 것 {wrong}개"),
            format!("the number of options does not fit: {right} right, {wrong} wrong"),
            (
                "틀린 보기는 둘(`many`는 하나) 이상, 모두 합해 여섯까지입니다",
                "two or more wrong ones (`many`: one or more), and six in all at most",
            ),
        );
        return None;
    }
    let texts: Vec<&TextAt> = asked.right.iter().chain(asked.wrong.iter().filter_map(|w| w.text.as_ref())).collect();
    for lang in 0..2 {
        for (at, text) in texts.iter().enumerate() {
            let text = text.both()[lang];
            let twin = texts.iter().take(at).map(|other| other.both()[lang]).find(|other| other.value == text.value);
            if let Some(twin) = twin {
                faults.add(
                    text.fault("같은 보기가 두 번 있습니다", "the same option is there twice")
                        .label("두 번째", "the second one")
                        .also(twin, "첫 번째", "the first one")
                        .hint("하나를 다른 보기로 바꿔 주세요", "make one of them another option"),
                );
            }
        }
    }
    let right = asked.right.iter().map(|text| Choice { text: text.text(), why: None });
    let wrong = asked
        .wrong
        .iter()
        .filter_map(|wrong| Some(Choice { text: wrong.text.as_ref()?.text(), why: Some(wrong.why.text()) }));
    Some(right.chain(wrong).collect())
}

fn typed(asked: &Asked, faults: &Faults) -> Option<Answer> {
    let typed = asked.typed.as_ref()?;
    let read = |at: &At<String>| {
        let reply = typed.form.read(&at.value);
        if reply.is_none() {
            let example = typed.form.example();
            faults.add(
                at.fault(
                    format!("이 문제의 답으로 읽을 수 없습니다: `{}`", at.value),
                    format!("`{}` cannot be read as an answer to this question", at.value),
                )
                .hint(format!("예: `{example}`"), format!("such as `{example}`")),
            );
        }
        reply
    };
    let right = read(&typed.answer)?;
    let mut wrong = Vec::new();
    for named in &asked.wrong {
        let answer = named.answer.as_ref()?;
        let reply = read(answer)?;
        if reply == right {
            faults.add(
                answer
                    .fault("맞는 답을 틀린 답으로도 적었습니다", "the right answer is given as a wrong one too")
                    .also(&typed.answer, "맞는 답", "the right answer")
                    .hint("틀린 답으로는 다른 값을 적어 주세요", "give another value as the wrong one"),
            );
        } else if wrong.iter().any(|(known, _)| *known == reply) {
            faults.add(
                answer
                    .fault("같은 틀린 답이 두 번 있습니다", "the same wrong answer is there twice")
                    .hint("하나를 지워 주세요", "delete one of them"),
            );
        }
        wrong.push((reply, named.why.text()));
    }
    if wrong.is_empty() {
        faults.add(
            asked
                .kind
                .fault("이름을 붙인 틀린 답이 없습니다", "no wrong answer is named")
                .also(&asked.id, "이 문제", "this question")
                .hint(
                    "사람들이 자주 쓰는 틀린 답을 `[[section.step.question.wrong]]`으로 하나 이상 적어 주세요",
                    "name at least one that people give, as `[[section.step.question.wrong]]`",
                ),
        );
    }
    Some(Answer::Type { form: typed.form, right, wrong, otherwise: typed.otherwise.text() })
}
