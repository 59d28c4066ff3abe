//! What questions must have beyond what the loader needs: enough of them, the same code in both languages, and room on a
//! screen of 80x24 for the worst answer.

use unicode_width::UnicodeWidthStr as _;

use crate::course::fault::{At, Faults};
use crate::course::model::{ChapterKind, StepKind};
use crate::course::questions::{Asked, How};
use crate::course::table::TextAt;
use crate::course::tree::Tree;

use super::Use;

/// The fewest questions of a concept page.
const FEWEST: usize = 3;
/// Cells of a line of a question on the smallest screen.
const ROOM: usize = 70;
/// Lines between the top line and the footer of the smallest screen.
const LINES: usize = 22;
/// Lines that a question needs besides its texts: head, gaps, verdict, a sentence about how to answer.
const FRAME: usize = 8;

/// Notes every fault.
pub(super) fn check(tree: &Tree, faults: &Faults) {
    for chapter in &tree.chapters {
        for step in chapter.sections.iter().flat_map(|section| &section.steps) {
            let count = step.questions.len();
            if chapter.kind == ChapterKind::Concept && step.kind == StepKind::Read && count < FEWEST {
                faults.add(
                    step.id
                        .fault(
                            format!("이 쪽에는 문제가 {FEWEST}개 이상 있어야 합니다. 지금은 {count}개입니다"),
                            format!("a concept page has {FEWEST} or more questions; here are {count}"),
                        )
                        .hint("`[[section.step.question]]`을 더해 주세요", "add a `[[section.step.question]]`"),
                );
            }
            for asked in &step.questions {
                for (_, text) in texts(asked) {
                    same_code(text, faults);
                }
                fits(asked, faults);
            }
        }
    }
}

/// Every text of a question, and what it is for.
pub(super) fn texts(asked: &Asked) -> impl Iterator<Item = (Use, &TextAt)> {
    let otherwise = asked.typed.as_ref().map(|typed| (Use::Reason, &typed.otherwise));
    let whys = asked.wrong.iter().map(|wrong| (Use::Reason, &wrong.why));
    let options = options(asked).map(|text| (Use::Choice, text));
    [(Use::Ask, &asked.ask), (Use::Reason, &asked.because)].into_iter().chain(otherwise).chain(options).chain(whys)
}

/// The options of a question.
fn options(asked: &Asked) -> impl Iterator<Item = &TextAt> {
    asked.right.iter().chain(asked.wrong.iter().filter_map(|wrong| wrong.text.as_ref()))
}

/// Names, addresses and commands are the same in both languages.
fn same_code(text: &TextAt, faults: &Faults) {
    let code = |at: &At<String>| {
        let mut spans: Vec<String> = at.value.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        spans.sort_unstable();
        spans.dedup();
        spans
    };
    let (ko, en) = (code(&text.ko), code(&text.en));
    let only = |here: &[String], there: &[String]| here.iter().find(|span| !there.contains(span)).cloned();
    if let Some(span) = only(&en, &ko).or_else(|| only(&ko, &en)) {
        faults.add(
            text.en
                .fault(format!("`{span}`이 한 언어에만 있습니다"), format!("only one of the languages has `{span}`"))
                .hint(
                    "이름, 주소, 명령은 두 언어에서 같아야 합니다",
                    "names, addresses and commands are the same in both",
                ),
        );
    }
}

/// The lines that a text takes, broken at spaces.
fn lines(text: &str) -> usize {
    let (mut lines, mut used) = (1, 0);
    for word in text.split_whitespace() {
        let cells = word.width();
        if used > 0 && used + 1 + cells > ROOM {
            lines += 1;
            used = 0;
        }
        used += cells + usize::from(used > 0);
    }
    lines
}

fn fits(asked: &Asked, faults: &Faults) {
    for lang in 0..2 {
        let count = |text: &TextAt| lines(&text.both()[lang].value);
        let whys = asked.wrong.iter().map(|wrong| count(&wrong.why));
        let whys = if asked.kind.value == How::Many { whys.sum() } else { whys.max().unwrap_or(0) };
        let otherwise = asked.typed.as_ref().map_or(0, |typed| count(&typed.otherwise));
        let options: usize = options(asked).map(count).sum();
        let all = FRAME + count(&asked.ask) + options + whys.max(otherwise) + count(&asked.because);
        if all > LINES {
            let name = ["한국어", "영어"][lang];
            let over = all - LINES;
            faults.add(
                asked
                    .id
                    .fault(
                        format!("{name} 문제가 설명까지 80x24 화면에 들어가지 않습니다: {over}줄이 넘칩니다"),
                        format!("with its explanations the question does not fit 80x24: {over} lines too many"),
                    )
                    .hint("글을 줄이거나 문제를 나누세요", "shorten its texts, or make two questions of it"),
            );
        }
    }
}
