//! What a step must have, and that both languages have the same shape.

use crate::course::fault::{At, Faults};
use crate::course::model::{StepKind, Value};
use crate::course::prose::Page;
use crate::course::tree::{Check, Condition, Resource, Step, Tree};

/// The words that begin the paragraph about the mistake that people make.
const MISTAKE: [&str; 2] = ["**자주 하는 실수:**", "**A common mistake:**"];

pub(super) fn check(tree: &Tree, faults: &Faults) {
    for chapter in &tree.chapters {
        for step in chapter.sections.iter().flat_map(|section| &section.steps) {
            let find = |lang: usize| chapter.pages[lang].iter().find(|page| page.id.value == step.id.value);
            if let (Some(ko), Some(en)) = (find(0), find(1)) {
                complete(step, [ko, en], faults);
                same_shape(ko, en, faults);
                [ko, en].into_iter().filter_map(|page| page.why.as_ref()).for_each(|why| reasons(why, faults));
            }
            for resource in &step.resources {
                link_name(resource, faults);
            }
            for check in &step.checks {
                slots(check, faults);
            }
        }
    }
}

fn complete(step: &Step, pages: [&Page; 2], faults: &Faults) {
    for page in pages.iter().filter(|page| page.guide.value.is_empty()) {
        faults.add(
            page.id
                .fault("안내가 비어 있습니다", "the guide is empty")
                .hint("제목 아래에 글을 써 주세요", "write a text below the title"),
        );
    }
    if step.kind == StepKind::Read {
        return;
    }
    if step.checks.is_empty() {
        faults.add(
            step.id
                .fault("이 단계에는 확인이 없습니다", "this step has no check")
                .hint("`[[section.step.check]]`를 하나 이상 더해 주세요", "add at least one `[[section.step.check]]`"),
        );
    }
    let makes = !(step.resources.is_empty() && step.amends.is_empty() && step.retires.is_empty());
    if step.kind == StepKind::Build && !makes {
        faults.add(step.id.fault("build 단계가 아무것도 만들지 않습니다", "a build step declares no resource").hint(
            "`[[section.step.resource]]`를 더하거나 `kind = \"try\"`로 쓰세요",
            "add a `[[section.step.resource]]`, or write `kind = \"try\"`",
        ));
    }
    for (page, mistake) in pages.into_iter().zip(MISTAKE) {
        if page.console.is_none() {
            faults.add(
                page.id
                    .fault("콘솔에서 하는 방법이 없습니다", "the way through the console is missing")
                    .hint("`## console`을 더해 주세요", "add a `## console`"),
            );
        }
        if page.why.is_none() && (makes || step.kind == StepKind::Drill) {
            faults.add(
                page.id.fault("왜 이 값인지 알려 주지 않습니다", "the page does not tell why these values").hint(
                    "`## why`를 더하고, 다르게 고를 수 있는 값마다 `- **값**: 이유`를 한 줄씩 쓰세요",
                    "add a `## why` with a line `- **value**: reason` for each value that could be another",
                ),
            );
        }
        let hints = page.hints.len();
        if hints != 3 {
            faults.add(
                page.id
                    .fault(
                        format!("힌트는 3개여야 합니다. 지금은 {hints}개입니다"),
                        format!("a step has 3 hints; here are {hints}"),
                    )
                    .hint("마지막 힌트는 단계를 대신 해 줍니다", "the last hint does the step"),
            );
        }
        if !page.guide.value.contains(mistake) {
            faults.add(
                page.guide
                    .fault("자주 하는 실수를 알려 주지 않습니다", "the guide does not tell the mistake people make")
                    .hint(
                        format!("`{mistake}`로 시작하는 문단을 더해 주세요"),
                        format!("add a paragraph that begins with `{mistake}`"),
                    ),
            );
        }
        let Some(last) = page.hints.get(2) else { continue };
        if !last.value.contains(&format!("awslab run {}", step.id.value))
            && !last.value.contains(&format!("awslab check {}", step.id.value))
        {
            faults.add(
                last.fault(
                    "마지막 힌트에 이 단계를 해 주는 명령이 없습니다",
                    "the last hint has no command that does the step",
                )
                .hint(
                    format!("`awslab run {}`을 적어 주세요", step.id.value),
                    format!("give `awslab run {}`", step.id.value),
                ),
            );
        }
    }
}

/// `## why` is a list, and each item begins with the value that it is about: `- **10.1.0.0/16**: ...`.
fn reasons(why: &At<String>, faults: &Faults) {
    let items = || why.value.lines().filter(|line| !line.is_empty() && !line.starts_with("  "));
    let about = |line: &str| {
        let rest = line.strip_prefix("- **")?;
        let (value, reason) = rest.split_once("**:")?;
        (!value.trim().is_empty() && !reason.trim().is_empty()).then_some(())
    };
    if let Some(line) = items().find(|line| about(line).is_none()) {
        let shown: String = line.chars().take(40).collect();
        faults.add(
            why.fault(
                format!("`## why`의 항목이 값으로 시작하지 않습니다: {shown}"),
                format!("an item of `## why` does not begin with its value: {shown}"),
            )
            .hint("`- **값**: 이유`처럼 한 줄에 하나씩 쓰세요", "write one a line, like `- **value**: reason`"),
        );
    }
}

/// Both languages have the same headings, list items and code blocks.
fn same_shape(ko: &Page, en: &Page, faults: &Faults) {
    let parts = |page: &Page| -> Vec<At<String>> {
        std::iter::once(&page.guide)
            .chain(&page.console)
            .chain(&page.hints)
            .chain(&page.why)
            .chain(&page.notes)
            .cloned()
            .collect()
    };
    for (ko, en) in parts(ko).iter().zip(&parts(en)) {
        for (what, count) in SHAPES {
            let (in_ko, in_en) = (count(&ko.value), count(&en.value));
            if in_ko != in_en {
                faults.add(
                    en.fault(
                        format!("두 언어의 {} 수가 다릅니다: 한국어 {in_ko}, 영어 {in_en}", what.0),
                        format!("the languages differ in their {}: {in_ko} in Korean, {in_en} in English", what.1),
                    )
                    .hint("두 글의 구성을 똑같이 맞춰 주세요", "give both the same structure"),
                );
            }
        }
    }
}

type Count = fn(&str) -> usize;

const SHAPES: [((&str, &str), Count); 5] = [
    (("소제목", "headings"), |text| text.lines().filter(|line| line.starts_with("### ")).count()),
    (("목록 항목", "list items"), |text| text.lines().filter(|line| line.trim_start().starts_with("- ")).count()),
    (("번호 항목", "numbered items"), |text| {
        text.lines().filter(|line| line.split_once(". ").is_some_and(|(n, _)| n.parse::<u8>().is_ok())).count()
    }),
    (("코드 블록", "code blocks"), |text| text.lines().filter(|line| line.starts_with("```")).count() / 2),
    (("문단", "paragraphs"), |text| text.split("\n\n").count()),
];

/// A name of several words is made of the names that its fields refer to: `my-public-route 0.0.0.0/0`.
fn link_name(resource: &Resource, faults: &Faults) {
    if !resource.name.value.contains(' ') {
        return;
    }
    let values: Vec<String> = resource
        .fields
        .iter()
        .flat_map(|(_, value)| match &value.at.value {
            Value::List(items) => items.iter().map(ToString::to_string).collect(),
            one => vec![one.to_string()],
        })
        .collect();
    for word in resource.name.value.split(' ').filter(|word| !values.iter().any(|value| value == word)) {
        faults.add(
            resource
                .name
                .fault(
                    format!("이름의 `{word}`가 어느 항목의 값도 아닙니다"),
                    format!("`{word}` in the name is not the value of any field"),
                )
                .known(word, values.iter().map(String::as_str)),
        );
    }
}

/// Failure texts name what is wrong, and use no slot that is never filled.
fn slots(check: &Check, faults: &Faults) {
    let (known, needed): (&[&str], &[&str]) = match &check.condition.value {
        Condition::Exists(_) => (&["name"], &["name"]),
        Condition::Ready(_) => (&["name", "id", "found"], &["name", "found"]),
        Condition::Match { .. } => (&["name", "id", "field", "found", "wanted"], &["name", "found", "wanted"]),
        Condition::Only(_) => (&["name", "id", "found"], &["name", "found"]),
        Condition::Gone(_) => (&["name", "id", "found"], &["name", "found"]),
        Condition::Http(_) => (&["url", "found"], &["found"]),
        Condition::Subscribed(_) | Condition::Answers { .. } => (&["name", "url", "found"], &["found"]),
        Condition::Reach { .. } | Condition::Saw { .. } => (&["found"], &["found"]),
    };
    for text in check.title.both() {
        unknown(text, &[], faults);
    }
    for (failure, mend) in check.failure.both().into_iter().zip(check.mend.both()) {
        unknown(failure, known, faults);
        unknown(mend, known, faults);
        for slot in needed {
            let braced = format!("{{{slot}}}");
            if !failure.value.contains(&braced) {
                faults.add(
                    failure
                        .fault(
                            format!("실패를 알리는 글이 `{braced}`를 말하지 않습니다"),
                            format!("the failure text does not say `{braced}`"),
                        )
                        .hint("무엇이 어떻게 틀렸는지 알 수 있어야 합니다", "it must tell what is wrong, and how"),
                );
            }
        }
    }
}

fn unknown(text: &At<String>, known: &[&str], faults: &Faults) {
    for slot in text.value.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(slot, _)| slot) {
        if !known.contains(&slot) {
            faults.add(
                text.fault(
                    format!("`{{{slot}}}` 자리는 채워지지 않습니다"),
                    format!("the slot `{{{slot}}}` is never filled here"),
                )
                .known(slot, known.iter().copied()),
            );
        }
    }
}
